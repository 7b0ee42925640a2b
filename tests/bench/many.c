/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <signal.h>
#include <stdlib.h>

typedef struct
{
  GPtrArray             *processes;
  ProcessManagedProcess *talker;  /* (unowned), the one that is talked to */
  gint64                 n_ready;
  gint64                 n_ended;
  gint64                 n_killed;
  gint64                 round;
  gint64                 n_rounds;
  double                 sent;
  double                *latencies;
} Many;

static void
many_send (Many *self)
{
  g_autoptr (GError) error = NULL;
  char text[32];

  g_snprintf (text, sizeof text, "ping %" G_GINT64_FORMAT "\n", self->round);
  self->sent = bench_get_time ();
  process_managed_process_send_input (self->talker, text, &error);
  bench_stop_at (error);
}

static void
many_output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
                ProcessStream stream, gpointer user_data)
{
  Many *self = user_data;

  if (self->talker == NULL)
    {
      if (++self->n_ready == (gint64) self->processes->len)
        g_main_loop_quit (bench_loop);
      return;
    }
  self->latencies[self->round++] = bench_get_time () - self->sent;
  if (self->round < self->n_rounds)
    many_send (self);
  else
    g_main_loop_quit (bench_loop);
}

static void
many_exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                gint64 duration, const GError *error, gpointer user_data)
{
  Many *self = user_data;

  self->n_killed += process_managed_process_get_term_signal (process) == SIGKILL;
  /* Not n-running, which is 0 before the last have been told of. */
  if (++self->n_ended == (gint64) self->processes->len)
    g_main_loop_quit (bench_loop);
}

static void
many_start (Many *self, ProcessService *service)
{
  const char *child = settings_get_string ("child", BENCH_CHILD);
  guint n = (guint) settings_get_int ("n", 1000);
  g_autoptr (GError) error = NULL;

  self->processes = g_ptr_array_new_full (n, g_object_unref);
  g_ptr_array_set_size (self->processes, (int) n);
  for (guint i = 0; i < n; i++)
    {
      self->processes->pdata[i] = process_service_start (service, child, NULL, NULL, &error);
      bench_stop_at (error);
    }
  g_main_loop_run (bench_loop);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return (one > other) - (one < other);
}

static double
many_get_percentile (Many *self, double share)
{
  return self->latencies[(gsize) (share * (double) (self->n_rounds - 1) + 0.5)] * 1e6;
}

static void
many_talk (Many *self)
{
  self->n_rounds = settings_get_int ("rounds", 2000);
  self->latencies = g_new (double, self->n_rounds);
  self->talker = g_ptr_array_index (self->processes, self->processes->len / 2);
  many_send (self);
  g_main_loop_run (bench_loop);
  qsort (self->latencies, self->n_rounds, sizeof (double), compare_doubles);
}

static void
many_kill (Many *self)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->processes->len; i++)
    {
      process_managed_process_kill (g_ptr_array_index (self->processes, i), &error);
      bench_stop_at (error);
    }
  g_main_loop_run (bench_loop);
}

void
bench_run (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  Many self = { 0 };
  gint64 rss = bench_get_memory ("VmRSS:");
  BenchClock start, started, talked, talking, killed;

  g_signal_connect (service, "output", G_CALLBACK (many_output_cb), &self);
  g_signal_connect (service, "exited", G_CALLBACK (many_exited_cb), &self);

  start = bench_read_clock ();
  many_start (&self, service);
  started = bench_read_clock ();
  rss = bench_get_memory ("VmRSS:") - rss;

  talking = bench_read_clock ();
  many_talk (&self);
  talked = bench_read_clock ();
  many_kill (&self);
  killed = bench_read_clock ();

  g_print ("{\"n\": %u, \"ok\": %" G_GINT64_FORMAT ", \"spawn_s\": %.6f, "
           "\"spawn_cpu_s\": %.6f, \"rss_kib_per_child\": %.3f, \"echo_p50_us\": %.2f, "
           "\"echo_p99_us\": %.2f, \"echo_cpu_us\": %.2f, \"kill_s\": %.6f, "
           "\"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           self.processes->len, self.n_killed, started.wall - start.wall,
           started.cpu - start.cpu, (double) rss / self.processes->len,
           many_get_percentile (&self, 0.5), many_get_percentile (&self, 0.99),
           (talked.cpu - talking.cpu) / (double) self.n_rounds * 1e6, killed.wall - talked.wall,
           bench_get_memory ("VmHWM:"));
  g_free (self.latencies);
  g_ptr_array_unref (self.processes);
}
