/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* [n=N] [rounds=N] [talks=N]: keeps N children that send back what they are sent, talks to one
 * after the other and to all at once, and ends them, in turn by the end of their input and by a
 * shutdown of the service. */

#include "soak.h"

#include <signal.h>

typedef struct
{
  GMainLoop      *loop;      /* (owned) */
  ProcessService *service;   /* (owned) */
  GPtrArray      *processes; /* (owned) */
  GRand          *rand;      /* (owned) */
  guint           n;
  guint           n_awaited; /* lines, or ends */
  gboolean        shut_down; /* that is how they end */
  SoakTimes       starts, echoes;
  gint64          all_started, all_echoed, all_ended;
  SoakState       before, full; /* of the first round: later ones use the memory again */
} Alive;

static void
count_down (Alive *self)
{
  soak_check (self->n_awaited > 0);
  if (--self->n_awaited == 0)
    g_main_loop_quit (self->loop);
}

static void
output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
           ProcessStream stream, Alive *self)
{
  soak_check (g_str_equal (line, "here"));
  count_down (self);
}

static void
exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
           gint64 duration, const GError *error, Alive *self)
{
  if (self->shut_down)
    {
      soak_check (process_managed_process_get_term_signal (process) == SIGTERM);
      soak_check (process_managed_process_get_exit_reason (process) == PROCESS_EXIT_REASON_KILLED);
    }
  else
    {
      soak_stop_at (error);
      soak_check (exit_code == 0);
    }
  count_down (self);
}

static void
start_all (Alive *self)
{
  const char *args[] = { "out", "here\\n", "copy", NULL };
  gint64 began = g_get_monotonic_time ();

  self->service = process_service_new ();
  g_signal_connect (self->service, "output", G_CALLBACK (output_cb), self);
  g_signal_connect (self->service, "exited", G_CALLBACK (exited_cb), self);
  self->processes = g_ptr_array_new_with_free_func (g_object_unref);
  if (self->full.n_fds == 0)
    self->before = soak_look ();
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 called = g_get_monotonic_time ();

      g_ptr_array_add (self->processes, process_service_start (self->service, soak_get_child (),
                                                               args, NULL, &error));
      soak_stop_at (error);
      soak_times_add (&self->starts, g_get_monotonic_time () - called);
    }
  self->n_awaited = self->n;
  g_main_loop_run (self->loop);
  self->all_started = g_get_monotonic_time () - began;
  if (self->full.n_fds == 0)
    self->full = soak_look ();
  soak_check (process_service_get_n_running (self->service) == self->n);
}

static void
send (ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  process_managed_process_send_input (process, "here\n", &error);
  soak_stop_at (error);
}

static void
talk (Alive *self, guint n)
{
  gint64 began;

  for (guint i = 0; i < n; i++)
    {
      gint64 sent = g_get_monotonic_time ();
      gint64 time;

      self->n_awaited = 1;
      send (self->processes->pdata[g_rand_int_range (self->rand, 0, (gint32) self->n)]);
      g_main_loop_run (self->loop);
      time = g_get_monotonic_time () - sent;
      soak_times_add (&self->echoes, time);
      soak_count (time);
    }

  began = g_get_monotonic_time ();
  self->n_awaited = self->n;
  for (guint i = 0; i < self->n; i++)
    send (self->processes->pdata[i]);
  g_main_loop_run (self->loop);
  self->all_echoed = g_get_monotonic_time () - began;
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error);
  soak_stop_at (error);
  count_down (user_data);
}

static void
close_input (ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  process_managed_process_close_stdin (process, &error);
  soak_stop_at (error);
}

static void
end_all (Alive *self)
{
  gint64 began = g_get_monotonic_time ();

  self->n_awaited = self->n + self->shut_down;
  if (self->shut_down)
    process_service_shutdown_async (self->service, 60 * G_TIME_SPAN_SECOND, NULL, shut_down_cb,
                                    self);
  for (guint i = 0; i < self->n && !self->shut_down; i++)
    close_input (self->processes->pdata[i]);
  g_main_loop_run (self->loop);
  self->all_ended = g_get_monotonic_time () - began;
  soak_check (process_service_get_n_running (self->service) == 0);
  g_clear_pointer (&self->processes, g_ptr_array_unref);
  g_clear_object (&self->service);
}

static void
tell (Alive *self)
{
  double n = self->n;

  soak_tell_int ("children", self->n);
  soak_tell_times ("start_call", &self->starts);
  soak_tell_times ("echo", &self->echoes);
  soak_tell ("all_started_s", (double) self->all_started * 1e-6);
  soak_tell ("all_echoed_s", (double) self->all_echoed * 1e-6);
  soak_tell ("all_ended_s", (double) self->all_ended * 1e-6);
  soak_tell ("rss_kib_per_child", (double) (self->full.rss_kib - self->before.rss_kib) / n);
  soak_tell ("heap_kib_per_child",
             (double) (self->full.heap_bytes - self->before.heap_bytes) / 1024 / n);
  soak_tell ("descriptors_per_child", (double) (self->full.n_fds - self->before.n_fds) / n);
}

void
soak_run (void)
{
  Alive *self = g_new0 (Alive, 1);
  guint n_rounds = (guint) settings_get_int ("rounds", 3);

  self->n = (guint) settings_get_int ("n", 200);
  soak_need_fds (self->n * 5 + 200);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->rand = g_rand_new_with_seed (1);
  for (guint i = 0; i < n_rounds; i++)
    {
      self->shut_down = i % 2 == 0;
      start_all (self);
      talk (self, (guint) settings_get_int ("talks", 500));
      soak_sample (self->n);
      if (i == n_rounds - 1)
        tell (self);
      end_all (self);
      soak_sample (0);
      if (i == 0)
        soak_mark ();
    }
  g_main_loop_unref (self->loop);
  g_rand_free (self->rand);
  g_free (self);
}
