/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a daemon does on signals, and many daemons with one PID file. */

#include <glib-unix.h>

#include "daemon-util.h"

static void
ignore_signal (int signum)
{
}

/* What the program did on the signals, it does again, be it run by others meanwhile or not. */
static void
test_handlers_restored (TestFixture   *fixture,
                        gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  g_autoptr (ProcessDaemon) other = new_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_true (get_handler (SIGTERM) == SIG_DFL);
  g_assert_true (signal (SIGINT, ignore_signal) == SIG_DFL);

  start_well (daemon);
  run_well (daemon, cancellable);
  g_assert_true (get_handler (SIGTERM) == SIG_DFL);
  g_assert_true (get_handler (SIGINT) == ignore_signal);

  for (guint first = 0; first < 2; first++)
    {
      Outcome outcomes[2] = { 0 };
      ProcessDaemon *daemons[2] = { daemon, other };

      for (guint i = 0; i < 2; i++)
        {
          start_well (daemons[i]);
          process_daemon_run_async (daemons[i], NULL, ran_cb, &outcomes[i]);
        }
      stop_well (daemons[first]);
      test_run_until (outcomes[first].done);
      g_assert_true (is_handled (SIGTERM));
      g_assert_true (get_handler (SIGINT) != ignore_signal);
      stop_well (daemons[!first]);
      test_run_until (outcomes[!first].done);
      g_assert_true (get_handler (SIGTERM) == SIG_DFL);
      g_assert_true (get_handler (SIGINT) == ignore_signal);
    }
  signal (SIGINT, SIG_DFL);
}

/* A source of the user's own goes on, and is not taken for what was there before. */
static void
test_handlers_shared (TestFixture   *fixture,
                      gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Outcome outcome = { 0 };
  guint id = g_unix_signal_add (SIGTERM, G_SOURCE_FUNC (g_source_remove), NULL);

  start_well (daemon);
  process_daemon_run_async (daemon, NULL, ran_cb, &outcome);
  stop_well (daemon);
  test_run_until (outcome.done);
  g_assert_true (is_handled (SIGTERM));

  outcome.done = FALSE;
  start_well (daemon);
  process_daemon_run_async (daemon, NULL, ran_cb, &outcome);
  g_source_remove (id);
  stop_well (daemon);
  test_run_until (outcome.done);
  g_assert_false (is_handled (SIGTERM));
}

/* A daemon of its own; NULL leaves a part out. */
static ProcessManagedProcess *
start_child (TestFixture *fixture,
             const char  *pid_file,
             const char  *address)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  const char *args[] = {
    "--daemon", pid_file != NULL ? pid_file : "", address != NULL ? address : "", NULL,
  };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (program, args);
  ProcessManagedProcess *child = test_start_with (fixture, options, NULL);

  test_log_process (fixture, child);

  return child;
}

/* What is logged first with @start, without that. */
static const char *
find_in_log (TestFixture *fixture,
             const char  *start)
{
  for (guint i = 0; i < fixture->log->len; i++)
    if (g_str_has_prefix (fixture->log->pdata[i], start))
      return (const char *) fixture->log->pdata[i] + strlen (start);

  return NULL;
}

static void
send_signal (ProcessManagedProcess *child,
             int                    signum)
{
  g_autoptr (GError) error = NULL;

  process_managed_process_send_signal (child, signum, &error);
  g_assert_no_error (error);
}

static void
test_signals (TestFixture   *fixture,
              gconstpointer  data)
{
  const int both[] = { SIGTERM, SIGINT };
  g_autofree char *pid_file = test_path (fixture, "pid");

  for (gsize i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autoptr (ProcessManagedProcess) child = start_child (fixture, pid_file, "127.0.0.1:0");
      g_autofree char *pid = NULL;

      test_run_until (find_in_log (fixture, "stdout: started") != NULL);
      pid = g_strdup_printf ("%d\n", process_managed_process_get_pid (child));
      test_assert_file (pid_file, pid);
      ask_expect (ask_begin (find_in_log (fixture, "stdout: started "), "/ready"), "200",
                  "ready\n");
      send_signal (child, both[i]);
      test_finish_well (child);
      g_assert_nonnull (find_in_log (fixture, "stdout: stopped"));
      g_assert_false (g_file_test (pid_file, G_FILE_TEST_EXISTS));
      g_ptr_array_set_size (fixture->log, 0);
    }
}

/* The first signal stops it, and waits for what is asked; a second one does not wait any more. */
static void
test_second_signal (TestFixture   *fixture,
                    gconstpointer  data)
{
  g_autofree char *pid_file = test_path (fixture, "pid");
  g_autoptr (ProcessManagedProcess) child = start_child (fixture, pid_file, "127.0.0.1:0");
  g_autoptr (GError) error = NULL;
  Ask *ask = NULL;

  test_run_until (find_in_log (fixture, "stdout: started ") != NULL);
  ask = ask_begin (find_in_log (fixture, "stdout: started "), "/health");
  test_run_until (find_in_log (fixture, "stdout: asked") != NULL);
  send_signal (child, SIGTERM);
  test_run_until (find_in_log (fixture, "stdout: stopping") != NULL);
  g_assert_true (g_file_test (pid_file, G_FILE_TEST_EXISTS));
  g_assert_true (process_managed_process_is_running (child));

  send_signal (child, SIGINT);
  error = test_finish (child);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (process_managed_process_get_exit_code (child), ==, PROCESS_ERROR_TIMED_OUT);
  g_assert_false (g_file_test (pid_file, G_FILE_TEST_EXISTS));
  g_assert_null (ask_end (ask));
}

static guint
count_ends (GPtrArray *children)
{
  guint n = 0;

  for (guint i = 0; i < children->len; i++)
    n += !process_managed_process_is_running (children->pdata[i]);

  return n;
}

/* Many at once: exactly one of them starts. */
static void
test_race (TestFixture   *fixture,
           gconstpointer  data)
{
  g_autofree char *pid_file = test_path (fixture, "pid");
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (g_object_unref);
  const guint n = 10;
  guint n_started = 0;

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (children, start_child (fixture, pid_file, NULL));
  test_run_until (count_ends (children) == n - 1);
  test_run_until (find_in_log (fixture, "stdout: started") != NULL);

  for (guint i = 0; i < n; i++)
    {
      ProcessManagedProcess *child = children->pdata[i];

      if (process_managed_process_is_running (child))
        {
          n_started++;
          send_signal (child, SIGTERM);
          test_finish_well (child);
        }
      else
        {
          g_assert_cmpint (process_managed_process_get_exit_code (child), ==,
                           PROCESS_ERROR_ALREADY_RUNNING);
        }
    }
  g_assert_cmpuint (n_started, ==, 1);
  g_assert_cmpuint (test_count_log (fixture, "stdout: stopped"), ==, 1);
}

/* One that was killed leaves its file, and nobody is held up by that. */
static void
test_killed (TestFixture   *fixture,
             gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessManagedProcess) child =
    start_child (fixture, process_daemon_get_pid_file (daemon), NULL);
  g_autoptr (GError) error = NULL;

  test_run_until (find_in_log (fixture, "stdout: started") != NULL);
  assert_fails (daemon, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
                process_daemon_get_pid_file (daemon));
  process_managed_process_kill (child, &error);
  g_assert_no_error (error);
  error = test_finish (child);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_true (g_file_test (process_daemon_get_pid_file (daemon), G_FILE_TEST_EXISTS));
  start_well (daemon);
  stop_well (daemon);
  assert_nothing_left (daemon);
}

static void
keep_and_say_cb (ProcessHealthServer *server,
                 GTask               *task,
                 gpointer             user_data)
{
  keep_task_cb (server, task, user_data);
  g_print ("asked\n");
}

static void
say_stopping_cb (ProcessDaemon *daemon)
{
  g_print ("stopping\n");
}

/* In the loop of the run, when it sees to signals. */
static void
say_started_cb (gpointer daemon)
{
  g_print ("started %s\n", process_daemon_get_health_address (daemon));
}

/* The program of start_child (); its exit code is that of the error. */
static int
be_daemon (const char *pid_file,
           const char *address)
{
  g_autoptr (ProcessDaemon) daemon = process_daemon_new ();
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  process_daemon_set_pid_file (daemon, pid_file);
  process_daemon_set_health_address (daemon, address);
  process_daemon_set_shutdown_timeout (daemon, G_MAXINT64);
  process_daemon_add_async_health_check (daemon, "slow", keep_and_say_cb, G_TIME_SPAN_DAY, &task,
                                         NULL, NULL);
  g_signal_connect (daemon, "notify::ready", G_CALLBACK (say_stopping_cb), NULL);
  if (!process_daemon_start (daemon, &error))
    return error->code;

  g_idle_add_once (say_started_cb, daemon);
  if (!process_daemon_run (daemon, NULL, &error))
    return error->code;

  g_print ("stopped\n");
  return 0;
}

int
main (int    argc,
      char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--daemon"))
    return be_daemon (argv[2], argv[3]);

  test_init (&argc, &argv);

  test_add ("/daemon-signals/handlers-restored", test_handlers_restored);
  test_add ("/daemon-signals/handlers-shared", test_handlers_shared);
  test_add ("/daemon-signals/signals", test_signals);
  test_add ("/daemon-signals/second-signal", test_second_signal);
  test_add ("/daemon-signals/race", test_race);
  test_add ("/daemon-signals/killed", test_killed);

  return g_test_run ();
}
