/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The system has no more of something, or we have a lot of it. */

#include "faults-util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
set_limit (int resource, rlim_t n)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (resource, &limit));
  limit.rlim_cur = n;
  g_assert_no_errno (setrlimit (resource, &limit));
}

/* The start fails for that reason, or it does not and all is well. */
static gboolean
try_to_run (ProcessService *service, ProcessRunOptions *options, int problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessManagedProcess) process =
    process_service_start_with_options (service, options, NULL, &error);
  g_autofree char *output = NULL;

  if (process == NULL)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
      if (strstr (error->message, g_strerror (problem)) == NULL)
        g_error ("“%s” does not tell “%s”", error->message, g_strerror (problem));
      return FALSE;
    }
  g_assert_no_error (error);
  g_assert_true (process_managed_process_wait (process, NULL, &error));
  g_assert_no_error (error);
  output = process_managed_process_get_output (process);
  g_assert_cmpstr (output, ==, "output\n");
  return TRUE;
}

static int
get_highest_descriptor (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  int highest = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    highest = MAX (highest, atoi (name));
  return highest;
}

/* Takes all numbers up to there, so that a limit is a number of descriptors. */
static GArray *
fill_gaps (int highest)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  while ((fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0 && fd < highest)
    g_array_append_val (fds, fd);
  close (fd);
  return fds;
}

/* With so many descriptors to spare. */
static gboolean
run_with_descriptors (ProcessService *service, ProcessRunOptions *options, int n)
{
  struct rlimit before;
  int highest = get_highest_descriptor ();
  g_autoptr (GArray) fillers = fill_gaps (highest);
  gboolean success;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  set_limit (RLIMIT_NOFILE, (rlim_t) (highest + 1 + n));
  success = try_to_run (service, options, EMFILE);
  set_limit (RLIMIT_NOFILE, before.rlim_cur);
  for (guint i = 0; i < fillers->len; i++)
    close (g_array_index (fillers, int, i));
  return success;
}

/* At every step of a start there is one too few of them once. */
static void
test_descriptors (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo output");
  g_autoptr (ProcessRunOptions) in_group = faults_sh ("echo output");
  g_autoptr (GPtrArray) processes = NULL;
  guint n_failed = 0, n_succeeded = 0;

  process_run_options_set_kill_group (in_group, TRUE);
  process_run_options_set_merge_stderr (in_group, TRUE);
  for (int n = 0; n < 30; n++)
    {
      if (run_with_descriptors (service, options, n))
        n_succeeded++;
      else
        n_failed++;
      run_with_descriptors (service, in_group, n);
    }
  g_assert_cmpuint (n_failed, >=, 3);
  g_assert_cmpuint (n_succeeded, >=, 3);
  g_assert_true (try_to_run (service, options, 0));
  processes = process_service_list (service);
  g_assert_cmpuint (processes->len, ==, 61);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
}

/* A child that runs already is none the worse when there are no more of them. */
static void
test_descriptors_of_others (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) echo = faults_sh ("echo output");
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  struct rlimit before;
  g_autoptr (GArray) fillers = fill_gaps (get_highest_descriptor ());

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  set_limit (RLIMIT_NOFILE, 3);
  g_assert_false (try_to_run (service, echo, EMFILE));
  g_assert_true (process_managed_process_send_input (process, "line\n", NULL));
  faults_wait_lines (log, 1);
  g_assert_true (process_managed_process_shutdown (process, NULL, NULL));
  g_assert_cmpuint (log->n_exits, ==, 1);
  set_limit (RLIMIT_NOFILE, before.rlim_cur);
  for (guint i = 0; i < fillers->len; i++)
    close (g_array_index (fillers, int, i));
  g_assert_true (try_to_run (service, echo, 0));
}

static void
check_processes (ProcessService *service, gboolean die_with_parent)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo output");
  struct rlimit before;

  faults_drop_root ();
  process_run_options_set_die_with_parent (options, die_with_parent);
  g_assert_no_errno (getrlimit (RLIMIT_NPROC, &before));
  /* We are one already, and our threads are more. */
  set_limit (RLIMIT_NPROC, 1);
  for (guint i = 0; i < 20; i++)
    g_assert_false (try_to_run (service, options, EAGAIN));
  set_limit (RLIMIT_NPROC, before.rlim_cur);
  g_assert_true (try_to_run (service, options, 0));
  set_limit (RLIMIT_NPROC, 1);
  g_assert_false (try_to_run (service, options, EAGAIN));
  set_limit (RLIMIT_NPROC, before.rlim_cur);
  g_assert_true (try_to_run (service, options, 0));
}

static void
test_processes (ProcessService *service)
{
  check_processes (service, FALSE);
}

static void
test_processes_of_thread (ProcessService *service)
{
  check_processes (service, TRUE);
}

/* A file may grow no more: the child gets SIGXFSZ, which is its affair. */
static void
test_file_size (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autoptr (ProcessRunOptions) options = faults_sh ("ulimit -f 1; exec head -c 100000 /dev/zero");
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_stdout_path (options, path);
  process = faults_start (service, options);
  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGXFSZ);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_SIGNALED);
  faults_remove_folder (folder);
}

#define N_THREADS 4
#define N_CHILDREN 125

static guint
get_children_per_thread (void)
{
  return MIN (N_CHILDREN, (faults_raise_descriptor_limit () - 100) / (6 * N_THREADS));
}

typedef struct
{
  ProcessService *service;
  guint           n;
  gint           *n_threads;
} Crowd;

static gpointer
crowd_thread (gpointer data)
{
  Crowd *crowd = data;
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);
  g_autoptr (GPtrArray) processes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < crowd->n; i++)
    g_ptr_array_add (processes, faults_start (crowd->service, options));
  for (guint i = 0; i < crowd->n; i++)
    {
      ProcessManagedProcess *process = g_ptr_array_index (processes, i);
      g_autoptr (GError) error = NULL;

      g_assert_true (i % 2 == 0 ? process_managed_process_kill (process, &error)
                                : process_service_kill (crowd->service,
                                                        process_managed_process_get_id (process),
                                                        &error));
      g_assert_no_error (error);
    }
  g_atomic_int_add (crowd->n_threads, -1);
  g_main_context_wakeup (NULL);
  return NULL;
}

typedef struct
{
  guint n_started;
  guint n_killed;
  guint n_exited;
} Tally;

static void
tally_started_cb (ProcessService *service, ProcessManagedProcess *process, Tally *tally)
{
  tally->n_started++;
}

static void
tally_killed_cb (ProcessService *service, ProcessManagedProcess *process, const char *name,
                 Tally *tally)
{
  g_assert_cmpstr (name, ==, "SIGKILL");
  tally->n_killed++;
}

static void
tally_exited_cb (ProcessService *service, ProcessManagedProcess *process, int code,
                 gint64 duration, GError *error, Tally *tally)
{
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  tally->n_exited++;
}

static void
test_crowd (ProcessService *service)
{
  gint n_threads = N_THREADS;
  Crowd crowd = { service, get_children_per_thread (), &n_threads };
  GThread *threads[N_THREADS];
  Tally tally = { 0 };

  g_signal_connect (service, "started", G_CALLBACK (tally_started_cb), &tally);
  g_signal_connect (service, "killed", G_CALLBACK (tally_killed_cb), &tally);
  g_signal_connect (service, "exited", G_CALLBACK (tally_exited_cb), &tally);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("crowd", crowd_thread, &crowd);
  faults_wait_for (g_atomic_int_get (&n_threads) == 0 &&
                   tally.n_exited == N_THREADS * crowd.n);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (tally.n_started, ==, N_THREADS * crowd.n);
  g_assert_cmpuint (tally.n_killed, ==, N_THREADS * crowd.n);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
  g_assert_cmpuint (process_service_get_n_items (service), ==, N_THREADS * crowd.n);
  process_service_clear (service);
  g_assert_cmpuint (process_service_get_n_items (service), ==, 0);
}

static gpointer
run_thread (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; i < crowd->n; i++)
    {
      g_autoptr (GError) error = NULL;
      const char *const args[] = { "output", NULL };
      g_autofree char *output = process_service_run (crowd->service, "echo", args, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "output\n");
    }
  g_atomic_int_add (crowd->n_threads, -1);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* The owner's loop runs, in the one, and not at all, in the other. */
static void
check_runs_in_threads (ProcessService *service, gboolean with_loop)
{
  gint n_threads = N_THREADS;
  Crowd crowd = { service, 40, &n_threads };
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("runs", run_thread, &crowd);
  if (with_loop)
    faults_wait_for (g_atomic_int_get (&n_threads) == 0);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
}

static void
test_runs_in_threads (ProcessService *service)
{
  check_runs_in_threads (service, TRUE);
}

static void
test_runs_without_loop (ProcessService *service)
{
  check_runs_in_threads (service, FALSE);
}

static int
find_member (int group)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      int pid = g_ascii_isdigit (*name) ? atoi (name) : 0;

      if (pid > 0 && getpgid (pid) == group && !faults_is_gone (pid))
        return pid;
    }
  return 0;
}

/* All of them are made, or some still are, when the kill comes. */
static void
check_bomb (ProcessService *service, guint n_lines)
{
  g_autoptr (ProcessRunOptions) options = faults_child ("bomb", "6");
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;
  int pid, member;

  process_run_options_set_kill_group (options, TRUE);
  process = faults_start (service, options);
  log = faults_log_new (process);
  pid = process_managed_process_get_pid (process);
  faults_wait_lines (log, n_lines);
  g_assert_true (process_managed_process_shutdown (process, NULL, NULL));
  g_assert_cmpuint (log->n_exits, ==, 1);
  member = find_member (pid);
  g_assert_cmpint (member, ==, 0);
}

static void
test_bomb (ProcessService *service)
{
  check_bomb (service, 127);
  for (guint n = 1; n < 64; n += 9)
    check_bomb (service, n);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add_apart ("/faults/limits/descriptors", test_descriptors);
  faults_add_apart ("/faults/limits/descriptors-of-others", test_descriptors_of_others);
  faults_add_apart ("/faults/limits/processes", test_processes);
  faults_add_apart ("/faults/limits/processes-of-thread", test_processes_of_thread);
  faults_add ("/faults/limits/file-size", test_file_size);
  faults_add ("/faults/limits/crowd", test_crowd);
  faults_add ("/faults/limits/runs-in-threads", test_runs_in_threads);
  faults_add ("/faults/limits/runs-without-loop", test_runs_without_loop);
  faults_add ("/faults/limits/bomb", test_bomb);
  return g_test_run ();
}
