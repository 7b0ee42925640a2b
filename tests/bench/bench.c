/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* bench VERB KEY=VALUE...: see README.md */

#include <process-glib/process-glib.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char **arguments;
static GMainLoop *loop;

static const char *
get_string (const char *key, const char *otherwise)
{
  gsize length = strlen (key);

  for (char **each = arguments; *each != NULL; each++)
    if (strncmp (*each, key, length) == 0 && (*each)[length] == '=')
      return *each + length + 1;
  return otherwise;
}

static gint64
get_int (const char *key, gint64 otherwise)
{
  const char *text = get_string (key, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

static void
stop_at (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static double
to_seconds (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec * 1e-6;
}

static double
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return to_seconds (usage.ru_utime) + to_seconds (usage.ru_stime);
}

/* Nanoseconds count here: an echo takes a few thousand. */
static double
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

/* In KiB; ru_maxrss would also count what the program before our exec used. */
static gint64
get_memory (const char *field)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL) ||
      (line = strstr (status, field)) == NULL)
    return -1;
  return g_ascii_strtoll (line + strlen (field), NULL, 10);
}

typedef struct
{
  double wall;
  double cpu;
} Clock;

static Clock
read_clock (void)
{
  return (Clock){ get_time (), get_cpu_time () };
}

static void
print_and_count_time (const char *counts, Clock since)
{
  Clock now = read_clock ();

  g_print ("{%s, \"wall_s\": %.6f, \"cpu_self_s\": %.6f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           counts, now.wall - since.wall, now.cpu - since.cpu, get_memory ("VmHWM:"));
}

/* spawn */

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
  double before = get_time ();

  process = process_service_start_with_options (self->service, self->options, NULL, &error);
  self->in_call += get_time () - before;
  self->n_started++;
  stop_at (error);
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
    g_main_loop_quit (loop);
}

static ProcessRunOptions *
create_spawn_options (void)
{
  ProcessRunOptions *options = process_run_options_new ("/bin/true", NULL);

  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_cwd (options, "/");
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  if (get_int ("pipes", 0) == 0)
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
  gsize size = (gsize) get_int ("ballast_mib", 0) << 20;
  char *ballast = g_malloc (size);

  for (gsize i = 0; i < size; i += 4096)
    ((volatile char *) ballast)[i] = (char) (i >> 12);
  return ballast;
}

static void
run_spawn (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = create_spawn_options ();
  g_autofree char *counts = NULL;
  Spawn self = {
    .service = service,
    .options = options,
    .ballast = create_ballast (),
    .n = get_int ("n", 2000),
  };
  gint64 inflight = MIN (get_int ("inflight", 1), self.n);
  Clock start;

  process_service_set_max_history (service, 1);
  g_signal_connect (service, "exited", G_CALLBACK (spawned_exited_cb), &self);

  start = read_clock ();
  for (gint64 i = 0; i < inflight; i++)
    spawn_one (&self);
  g_main_loop_run (loop);

  counts = g_strdup_printf ("\"n\": %" G_GINT64_FORMAT ", \"ok\": %" G_GINT64_FORMAT
                            ", \"call_us\": %.2f",
                            self.n, self.n_passed, self.in_call / (double) self.n * 1e6);
  print_and_count_time (counts, start);
  g_free (self.ballast);
}

/* lines */

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
generator_exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
                     const GError *error, gpointer user_data)
{
  stop_at (error);
  g_main_loop_quit (loop);
}

static ProcessManagedProcess *
start_generator (ProcessService *service, guint buffer_size)
{
  g_autofree char *n = g_strdup_printf ("n=%s", get_string ("n", "2000000"));
  g_autofree char *mode = g_strdup_printf ("mode=%s", get_string ("mode", "block"));
  const char *args[] = { n, mode, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (get_string ("gen", "linegen"),
                                                                   args);
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  process_run_options_set_buffer_size (options, buffer_size);
  process = process_service_start_with_options (service, options, NULL, &error);
  stop_at (error);
  g_signal_connect (process, "exited", G_CALLBACK (generator_exited_cb), NULL);
  return process;
}

/* Nobody looked at the lines of @process: they are counted in a second run of which everything
 * is kept, whose end must be what was kept of the first. */
static void
count_in_second_run (Lines *self, ProcessService *service, ProcessManagedProcess *process)
{
  g_autoptr (ProcessManagedProcess) again = start_generator (service, G_MAXINT);
  g_autoptr (GBytes) kept = process_managed_process_get_output_bytes (process);
  g_autoptr (GBytes) everything = NULL;
  g_autofree char *text = NULL;
  char *next, *line;
  gsize n_kept, n_all;

  g_main_loop_run (loop);
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

static void
run_lines (void)
{
  const char *api = get_string ("api", "lines");
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  Lines self = { 0 };
  Clock start = read_clock (), end;
  gint64 peak;

  process = start_generator (service, 0);
  if (strcmp (api, "lines") == 0)
    g_signal_connect (process, "lines", G_CALLBACK (lines_cb), &self);
  else if (strcmp (api, "output") == 0)
    g_signal_connect (process, "output", G_CALLBACK (output_cb), &self);
  g_main_loop_run (loop);
  end = read_clock ();
  peak = get_memory ("VmHWM:");

  if (strcmp (api, "none") == 0)
    count_in_second_run (&self, service, process);
  g_print ("{\"n\": %" G_GINT64_FORMAT ", \"sum\": %" G_GUINT64_FORMAT
           ", \"wall_s\": %.6f, \"cpu_self_s\": %.6f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           self.n, self.sum, end.wall - start.wall, end.cpu - start.cpu, peak);
}

/* many */

typedef struct
{
  GPtrArray             *processes;
  ProcessManagedProcess *talker;  /* (unowned), the one that is talked to */
  gint64                 n_ready;
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
  self->sent = get_time ();
  process_managed_process_send_input (self->talker, text, &error);
  stop_at (error);
}

static void
many_output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
                ProcessStream stream, gpointer user_data)
{
  Many *self = user_data;

  if (self->talker == NULL)
    {
      if (++self->n_ready == (gint64) self->processes->len)
        g_main_loop_quit (loop);
      return;
    }
  self->latencies[self->round++] = get_time () - self->sent;
  if (self->round < self->n_rounds)
    many_send (self);
  else
    g_main_loop_quit (loop);
}

static void
many_exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                gint64 duration, const GError *error, gpointer user_data)
{
  Many *self = user_data;

  self->n_killed += process_managed_process_get_term_signal (process) == SIGKILL;
  if (process_service_get_n_running (service) == 0)
    g_main_loop_quit (loop);
}

static void
many_start (Many *self, ProcessService *service)
{
  const char *child = get_string ("child", "echochild");
  guint n = (guint) get_int ("n", 1000);
  g_autoptr (GError) error = NULL;

  self->processes = g_ptr_array_new_full (n, g_object_unref);
  g_ptr_array_set_size (self->processes, (int) n);
  for (guint i = 0; i < n; i++)
    {
      self->processes->pdata[i] = process_service_start (service, child, NULL, NULL, &error);
      stop_at (error);
    }
  g_main_loop_run (loop);
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
  self->n_rounds = get_int ("rounds", 2000);
  self->latencies = g_new (double, self->n_rounds);
  self->talker = g_ptr_array_index (self->processes, self->processes->len / 2);
  many_send (self);
  g_main_loop_run (loop);
  qsort (self->latencies, self->n_rounds, sizeof (double), compare_doubles);
}

static void
many_kill (Many *self)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->processes->len; i++)
    {
      process_managed_process_kill (g_ptr_array_index (self->processes, i), &error);
      stop_at (error);
    }
  g_main_loop_run (loop);
}

static void
run_many (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  Many self = { 0 };
  gint64 rss = get_memory ("VmRSS:");
  Clock start, started, talked, talking, killed;

  g_signal_connect (service, "output", G_CALLBACK (many_output_cb), &self);
  g_signal_connect (service, "exited", G_CALLBACK (many_exited_cb), &self);

  start = read_clock ();
  many_start (&self, service);
  started = read_clock ();
  rss = get_memory ("VmRSS:") - rss;

  talking = read_clock ();
  many_talk (&self);
  talked = read_clock ();
  many_kill (&self);
  killed = read_clock ();

  g_print ("{\"n\": %u, \"ok\": %" G_GINT64_FORMAT ", \"spawn_s\": %.6f, "
           "\"rss_kib_per_child\": %.3f, \"echo_p50_us\": %.2f, \"echo_p99_us\": %.2f, "
           "\"echo_cpu_us\": %.2f, \"kill_s\": %.6f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           self.processes->len, self.n_killed, started.wall - start.wall,
           (double) rss / self.processes->len, many_get_percentile (&self, 0.5),
           many_get_percentile (&self, 0.99),
           (talked.cpu - talking.cpu) / (double) self.n_rounds * 1e6, killed.wall - talked.wall,
           get_memory ("VmHWM:"));
  g_free (self.latencies);
  g_ptr_array_unref (self.processes);
}

/* Layers of specs, each spec after all of the layer before. */
static GPtrArray *
make_layers (gint64 layers, gint64 width)
{
  GPtrArray *specs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GStrvBuilder) none = g_strv_builder_new ();
  g_auto (GStrv) before = g_strv_builder_end (none);

  for (gint64 i = 0; i < layers; i++)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      for (gint64 j = 0; j < width; j++)
        {
          g_autofree char *name =
            g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, i, j);
          ProcessRunSpec *spec = process_run_spec_new (name, "/bin/true", NULL);

          process_run_spec_set_after (spec, (const char * const *) before);
          g_ptr_array_add (specs, spec);
          g_strv_builder_add (builder, name);
        }
      g_strfreev (before);
      before = g_strv_builder_end (builder);
    }
  return specs;
}

static void
run_pipeline (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (GPtrArray) specs = make_layers (get_int ("layers", 10), get_int ("width", 20));
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GError) error = NULL;
  Clock start, end;

  process_runner_set_max_parallel (runner, (guint) get_int ("parallel", 2));
  start = read_clock ();
  all = process_runner_run_all (runner, (ProcessRunSpec **) specs->pdata, specs->len, NULL, &error);
  end = read_clock ();
  stop_at (error);
  g_print ("{\"n\": %u, \"ok\": %u, \"wall_s\": %.6f, \"cpu_self_s\": %.6f}\n", specs->len,
           process_run_all_result_get_n_passed (all), end.wall - start.wall, end.cpu - start.cpu);
}

static void
run_health (void)
{
  const char *port = get_string ("port", "0");
  g_autoptr (ProcessHealthServer) server = process_health_server_new (port);
  g_autoptr (GError) error = NULL;

  process_health_server_start (server, &error);
  stop_at (error);
  g_main_loop_run (loop);
}

static const struct
{
  const char *name;
  void        (*run) (void);
} verbs[] = {
  { "spawn", run_spawn },
  { "lines", run_lines },
  { "many", run_many },
  { "health", run_health },
  { "pipeline", run_pipeline },
};

int
main (int argc, char **argv)
{
  arguments = argv + MIN (argc, 2);
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i].name) == 0)
      {
        loop = g_main_loop_new (NULL, FALSE);
        verbs[i].run ();
        g_main_loop_unref (loop);
        return EXIT_SUCCESS;
      }
  g_printerr ("usage: bench spawn|lines|many|health|pipeline KEY=VALUE...\n");
  return EXIT_FAILURE;
}
