/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <string.h>

typedef struct
{
  gint64  n;
  guint64 sum;
} Lines;

static inline void
count_line (Lines *self, const char *line)
{
  gsize length = strlen (line);

  self->n++;
  self->sum += length + (length > 0 ? (guchar) line[length - 1] : 0);
}

static void
lines_cb (ProcessManagedProcess *process, const char * const *lines, ProcessStream stream,
          gpointer user_data)
{
  for (; *lines != NULL; lines++)
    count_line (user_data, *lines);
}

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
           gpointer user_data)
{
  count_line (user_data, line);
}

static void
data_cb (ProcessManagedProcess *process, GBytes *data, ProcessStream stream, gpointer user_data)
{
  Lines *self = user_data;

  self->sum += g_bytes_get_size (data);
  self->n = (gint64) self->sum / settings_get_int ("length", 60);
}

static void
generator_exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
                     const GError *error, gpointer user_data)
{
  bench_stop_at (error);
  g_main_loop_quit (bench_loop);
}

static ProcessManagedProcess *
start_generator (ProcessService *service, guint buffer_size, gboolean disable_capture)
{
  g_autofree char *n = g_strdup_printf ("n=%s", settings_get_string ("n", "2000000"));
  g_autofree char *mode = g_strdup_printf ("mode=%s", settings_get_string ("mode", "block"));
  g_autofree char *length = g_strdup_printf ("length=%s", settings_get_string ("length", "60"));
  const char *gen = settings_get_string ("gen", BENCH_CHILD);
  g_autofree char *text = g_strdup_printf ("text=%s", settings_get_string ("text", "x"));
  const char *args[] = { n, mode, length, text, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (gen, args);
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  process_run_options_set_buffer_size (options, buffer_size);
  process_run_options_set_disable_capture (options, disable_capture);
  process = process_service_start_with_options (service, options, NULL, &error);
  bench_stop_at (error);
  g_signal_connect (process, "exited", G_CALLBACK (generator_exited_cb), NULL);
  return process;
}

/* Nobody looked at the lines of @process: they are counted in a second run of which everything
 * is kept, whose end must be what was kept of the first. */
static void
count_in_second_run (Lines *self, ProcessService *service, ProcessManagedProcess *process)
{
  g_autoptr (ProcessManagedProcess) again = start_generator (service, G_MAXINT, FALSE);
  g_autoptr (GBytes) kept = process_managed_process_get_output_bytes (process);
  g_autoptr (GBytes) everything = NULL;
  g_autofree char *text = NULL;
  char *next, *line;
  gsize n_kept, n_all;

  g_main_loop_run (bench_loop);
  everything = process_managed_process_get_output_bytes (again);
  n_kept = g_bytes_get_size (kept);
  n_all = g_bytes_get_size (everything);
  text = g_strndup (g_bytes_get_data (everything, NULL), n_all);
  g_assert_cmpuint (n_kept, ==, MIN (n_all, PROCESS_DEFAULT_BUFFER_SIZE));
  g_assert_cmpmem (g_bytes_get_data (kept, NULL), n_kept, text + n_all - n_kept, n_kept);

  next = text;
  while ((line = strsep (&next, "\n")) != NULL && next != NULL)
    count_line (self, line);
}

void
bench_run (void)
{
  const char *api = settings_get_string ("api", "lines");
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  Lines self = { 0 };
  BenchClock start = bench_read_clock (), end;
  gint64 peak;

  process = start_generator (service, (guint) settings_get_int ("buffer", 0),
                             settings_get_int ("capture", 1) == 0);
  if (strcmp (api, "lines") == 0)
    g_signal_connect (process, "lines", G_CALLBACK (lines_cb), &self);
  else if (strcmp (api, "output") == 0)
    g_signal_connect (process, "output", G_CALLBACK (output_cb), &self);
  else if (strcmp (api, "data") == 0)
    g_signal_connect (process, "data", G_CALLBACK (data_cb), &self);
  g_main_loop_run (bench_loop);
  end = bench_read_clock ();
  peak = bench_get_memory ("VmHWM:");

  if (strcmp (api, "none") == 0 && settings_get_int ("check", 1) != 0)
    count_in_second_run (&self, service, process);
  g_print ("{\"n\": %" G_GINT64_FORMAT ", \"sum\": %" G_GUINT64_FORMAT
           ", \"wall_s\": %.6f, \"cpu_self_s\": %.6f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           self.n, self.sum, end.wall - start.wall, end.cpu - start.cpu, peak);
}
