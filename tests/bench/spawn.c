/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

typedef struct
{
  ProcessService    *service;
  ProcessRunOptions *options;
  char              *ballast; /* (owned), what a fork would have to copy */
  gint64             n;
  gint64             n_started;
  gint64             n_ended;
  gint64             n_passed;
  double             in_call;
} Spawn;

static void
spawn_one (Spawn *self)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  double before = bench_get_time ();

  process = process_service_start_with_options (self->service, self->options, NULL, &error);
  self->in_call += bench_get_time () - before;
  self->n_started++;
  bench_stop_at (error);
}

static void
spawned_exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                   gint64 duration, const GError *error, gpointer user_data)
{
  Spawn *self = user_data;

  self->n_ended++;
  self->n_passed += exit_code == 0 && error == NULL;
  if (self->n_started < self->n)
    spawn_one (self);
  else if (self->n_ended == self->n)
    g_main_loop_quit (bench_loop);
}

static ProcessRunOptions *
create_spawn_options (void)
{
  ProcessRunOptions *options = process_run_options_new ("/bin/true", NULL);

  process_run_options_set_kill_group (options, settings_get_int ("group", 1) != 0);
  process_run_options_set_cwd (options, settings_get_int ("cwd", 1) != 0 ? "/" : NULL);
  process_run_options_set_timeout (options, settings_get_int ("timeout", 0) * G_TIME_SPAN_SECOND);
  process_run_options_set_die_with_parent (options, settings_get_int ("die", 0) != 0);
  process_run_options_set_disable_capture (options, settings_get_int ("capture", 1) == 0);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  if (settings_get_int ("pipes", 0) == 0)
    {
      process_run_options_set_stdout_path (options, "/dev/null");
      process_run_options_set_stderr_path (options, "/dev/null");
    }
  return options;
}

/* A heap of this size, every page of it in use. */
static char *
create_ballast (void)
{
  gsize size = (gsize) settings_get_int ("ballast_mib", 0) << 20;
  char *ballast = g_malloc (size);

  for (gsize i = 0; i < size; i += 4096)
    ((volatile char *) ballast)[i] = (char) (i >> 12);
  return ballast;
}

void
bench_run (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = create_spawn_options ();
  g_autofree char *counts = NULL;
  Spawn self = {
    .service = service,
    .options = options,
    .ballast = create_ballast (),
    .n = settings_get_int ("n", 2000),
  };
  gint64 inflight = MIN (settings_get_int ("inflight", 1), self.n);
  BenchClock start;

  process_service_set_max_history (service, 1);
  g_signal_connect (service, "exited", G_CALLBACK (spawned_exited_cb), &self);

  start = bench_read_clock ();
  for (gint64 i = 0; i < inflight; i++)
    spawn_one (&self);
  g_main_loop_run (bench_loop);

  counts = g_strdup_printf ("\"n\": %" G_GINT64_FORMAT ", \"ok\": %" G_GINT64_FORMAT
                            ", \"call_us\": %.2f",
                            self.n, self.n_passed, self.in_call / (double) self.n * 1e6);
  bench_print (counts, start);
  g_free (self.ballast);
}
