/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* [n=N] [mark=N] [inflight=N] [lines=N]: starts N children through one service, some at a time,
 * each of which prints some lines and ends. After the first of them, up to the mark, nothing may
 * grow. */

#include "soak.h"

#define SAMPLES 200

typedef struct
{
  GMainLoop      *loop;    /* (owned) */
  ProcessService *service; /* (owned) */
  char           *n_lines; /* (owned), of each child */
  guint           lines;   /* of all children, that came */
  guint           n_started;
  guint           n_ended;
  guint           n_wanted;
} Short;

static void short_start (Short *self);

static void
lines_cb (ProcessManagedProcess *process, const char * const *lines, ProcessStream stream,
          Short *self)
{
  self->lines += g_strv_length ((char **) lines);
}

static void
exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration, const GError *error,
           Short *self)
{
  gint64 *began = g_object_get_data (G_OBJECT (process), "began");

  soak_stop_at (error);
  soak_check (exit_code == 0);
  soak_count (g_get_monotonic_time () - *began);
  self->n_ended++;
  if (self->n_started < self->n_wanted)
    short_start (self);
  else if (self->n_ended == self->n_wanted)
    g_main_loop_quit (self->loop);
}

static void
short_start (Short *self)
{
  const char *args[] = { "lines", self->n_lines, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;
  gint64 began = g_get_monotonic_time ();

  process = process_service_start (self->service, soak_get_child (), args, NULL, &error);
  soak_stop_at (error);
  self->n_started++;
  g_object_set_data_full (G_OBJECT (process), "began", g_memdup2 (&began, sizeof began), g_free);
  g_signal_connect (process, "lines", G_CALLBACK (lines_cb), self);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
}

/* Until so many have ended, and none is running. */
static void
short_go_on (Short *self, guint n_wanted, guint n_in_flight)
{
  self->n_wanted = n_wanted;
  while (self->n_started < MIN (self->n_ended + n_in_flight, n_wanted))
    short_start (self);
  if (self->n_ended < n_wanted)
    g_main_loop_run (self->loop);
  soak_check (process_service_get_n_running (self->service) == 0);
  soak_sample (0);
}

void
soak_run (void)
{
  guint n = (guint) settings_get_int ("n", 1000);
  guint mark = (guint) settings_get_int ("mark", MIN (1000, n / 4));
  guint n_in_flight = (guint) settings_get_int ("inflight", 8);
  guint step = MAX ((n - mark) / SAMPLES, 1);
  Short self = { 0 };

  self.loop = g_main_loop_new (NULL, FALSE);
  self.service = process_service_new ();
  process_service_set_max_history (self.service, 10);
  self.n_lines = g_strdup (settings_get_string ("lines", "3"));
  short_go_on (&self, mark, n_in_flight);
  soak_mark ();
  while (self.n_ended < n)
    short_go_on (&self, MIN (self.n_ended + step, n), n_in_flight);
  soak_check (self.lines == n * (guint) atoi (self.n_lines));
  soak_check (process_service_get_n_items (self.service) == 10);
  soak_tell_int ("children", n);
  soak_tell_int ("lines", self.lines);
  g_object_unref (self.service);
  g_main_loop_unref (self.loop);
  g_free (self.n_lines);
}
