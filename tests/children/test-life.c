/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* From the start to the end: which signals, in which order, and what is true
 * when they are emitted. */

#include "test-util.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
assert_ended (ProcessManagedProcess *process, ProcessStatus status, int exit_code)
{
  g_assert_cmpint (process_managed_process_get_status (process), ==, status);
  g_assert_false (process_managed_process_get_running (process));
  g_assert_false (process_managed_process_is_running (process));
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, exit_code);
}

static void
test_order (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  test_log_service (self);
  process = test_start (self, "out", "one\\ntwo", NULL);
  test_log_process (self, process);
  error = test_finish (process);
  g_assert_no_error (error);
  test_assert_log (self, "started", "service started", "stdout: one", "service stdout: one",
                   "stdout: two", "service stdout: two", "exited 0", "service exited 0");
}

static void
test_order_of_a_kill (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  test_log_service (self);
  process = test_start (self, "err", "so\\nlong\\n", "die", "TERM", NULL);
  test_log_process (self, process);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  test_assert_log (self, "started", "service started", "stderr: so", "service stderr: so",
                   "stderr: long", "service stderr: long", "killed SIGTERM",
                   "service killed SIGTERM", "exited -1", "service exited -1");
}

/* All output comes before the end, however much there is. */
static void
test_output_before_exited (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "lines", "50000", "err-lines",
                                                          "50000", "exit", "3", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpuint (self->log->len, ==, 100002);
  g_assert_cmpstr (g_ptr_array_index (self->log, 0), ==, "started");
  g_assert_cmpuint (test_count_log (self, "stdout: line 50000"), ==, 1);
  g_assert_cmpuint (test_count_log (self, "stderr: line 50000"), ==, 1);
  g_assert_cmpstr (g_ptr_array_index (self->log, 100001), ==, "exited 3");
}

/* Nothing is emitted inside start, even if the child ended before it returned:
 * neither of this process nor of an earlier one. */
static void
test_nothing_inside_start (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) first = NULL;
  g_autoptr (ProcessManagedProcess) second = NULL;
  g_autoptr (GError) error = NULL;

  test_log_service (self);
  first = test_start (self, "out", "first\\n", NULL);
  test_log_process (self, first);
  test_look_until (test_is_dead (process_managed_process_get_pid (first)));
  second = test_start (self, "out", "second\\n", NULL);
  test_look_until (test_is_dead (process_managed_process_get_pid (second)));
  g_assert_cmpuint (self->log->len, ==, 0);
  g_assert_cmpint (process_managed_process_get_status (second), ==, PROCESS_STATUS_RUNNING);
  g_assert_cmpint (process_managed_process_get_exit_code (second), ==, -1);

  test_log_process (self, second);
  error = test_finish (first);
  g_assert_no_error (error);
  error = test_finish (second);
  g_assert_no_error (error);
  g_assert_cmpuint (self->log->len, ==, 12);
  g_assert_cmpuint (test_count_log (self, "started"), ==, 2);
  g_assert_cmpuint (test_count_log (self, "stdout: first"), ==, 1);
  g_assert_cmpuint (test_count_log (self, "stdout: second"), ==, 1);
  g_assert_cmpuint (test_count_log (self, "exited 0"), ==, 2);
}

static void
started_cb (ProcessManagedProcess *process, TestFixture *self)
{
  g_assert_cmpint (process_managed_process_get_pid (process), >, 0);
  test_log (self, "asked");
}

static void
exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration, const GError *error,
           TestFixture *self)
{
  assert_ended (process, PROCESS_STATUS_EXITED, 4);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, 0);
  g_assert_cmpint (exit_code, ==, 4);
  g_assert_cmpint (duration, >, 0);
  g_assert_cmpint (process_managed_process_get_duration (process), ==, duration);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  test_log (self, "asked");
}

/* What the signals tell is in the properties, and was notified, before. */
static void
test_notify_before_exited (TestFixture *self, gconstpointer data)
{
  static const char * const changed[] = { "notify status",      "notify running",
                                          "notify exit-code",   "notify exit-reason",
                                          "notify term-signal", "notify duration" };
  g_autoptr (ProcessManagedProcess) process = test_start (self, "exit", "4", NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (process, "started", G_CALLBACK (started_cb), self);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
  test_log_notify (self, process);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);

  for (gsize i = 0; i < G_N_ELEMENTS (changed); i++)
    g_assert_cmpuint (test_count_log (self, changed[i]), ==, 1);
  g_assert_cmpuint (self->log->len, ==, G_N_ELEMENTS (changed) + 2);
  g_assert_cmpstr (g_ptr_array_index (self->log, 0), ==, "asked");
  g_assert_cmpstr (g_ptr_array_index (self->log, self->log->len - 1), ==, "asked");
}

static void
killed_cb (ProcessManagedProcess *process, const char *name, TestFixture *self)
{
  assert_ended (process, PROCESS_STATUS_KILLED, -1);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  g_assert_cmpuint (test_count_log (self, "notify term-signal"), ==, 1);
  test_log (self, "asked");
}

static void
test_notify_before_killed (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "die", "KILL", NULL);
  g_autoptr (GError) error = NULL;

  test_log_notify (self, process);
  g_signal_connect (process, "killed", G_CALLBACK (killed_cb), self);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_cmpuint (test_count_log (self, "asked"), ==, 1);
}

static void
service_exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                   gint64 duration, const GError *error, ProcessManagedProcess **seen)
{
  g_assert_cmpint (exit_code, ==, 9);
  g_assert_cmpint (process_managed_process_get_duration (process), ==, duration);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  *seen = process;
}

static void
test_arguments_of_the_service (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "exit", "9", NULL);
  ProcessManagedProcess *seen = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (self->service, "exited", G_CALLBACK (service_exited_cb), &seen);
  error = test_finish (process);
  g_assert_true (seen == process);
}

static void
wait_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  TestFixture *self = data;
  g_autoptr (GError) error = NULL;

  if (process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object), result, &error))
    test_log (self, "waited");
  else
    test_log (self, "failed to wait: %s", error->message);
}

static void
test_wait_async (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "out", "hi\\n", NULL);

  test_log_process (self, process);
  test_log_service (self);
  process_managed_process_wait_async (process, NULL, wait_cb, self);
  process_managed_process_wait_async (process, NULL, wait_cb, self);
  test_run_until (test_count_log (self, "waited") == 2);
  test_assert_log (self, "started", "service started", "stdout: hi", "service stdout: hi",
                   "exited 0", "service exited 0", "waited", "waited");

  process_managed_process_wait_async (process, NULL, wait_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "waited");
}

/* Cancelling a wait ends the call, not the process. */
static void
test_wait_async_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  process_managed_process_wait_async (process, cancellable, wait_cb, self);
  process_managed_process_wait_async (process, NULL, wait_cb, self);
  g_cancellable_cancel (cancellable);
  test_run_until (self->log->len == 1);
  test_assert_log (self, "failed to wait: Operation was cancelled");
  process_managed_process_wait_async (process, cancellable, wait_cb, self);
  test_run_until (self->log->len == 1);
  test_assert_log (self, "failed to wait: Operation was cancelled");

  g_assert_true (process_managed_process_is_running (process));
  process_managed_process_send_input (process, "go\n", &error);
  g_assert_no_error (error);
  test_run_until (self->log->len == 1);
  test_assert_log (self, "waited");
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
}

static gboolean
foreign_cb (gpointer data)
{
  test_log (data, "foreign");
  return G_SOURCE_REMOVE;
}

/* The owner's blocking wait emits what belongs to the process, and nothing else
 * of the main context: neither other sources nor another process's signals. */
static void
test_blocking_wait (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) other = test_start (self, "out", "other\\n", NULL);
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "mine\\n", "exit", "2", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  test_log_process (self, other);
  g_idle_add_full (G_PRIORITY_HIGH, foreign_cb, self, NULL);
  test_look_until (test_is_dead (process_managed_process_get_pid (other)));
  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_nonnull (strstr (error->message, process_managed_process_get_id (process)));
  test_assert_log (self, "started", "stdout: mine", "exited 2");
  g_clear_error (&error);

  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_clear_error (&error);
  error = test_finish (other);
  g_assert_no_error (error);
  test_assert_log (self, "foreign", "started", "stdout: other", "exited 0");
}

static gpointer
cancel_thread (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_blocking_wait_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  g_assert_false (process_managed_process_wait (process, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);
  g_assert_true (process_managed_process_is_running (process));

  process_managed_process_send_input (process, "go\n", &error);
  g_assert_no_error (error);
  g_assert_true (process_managed_process_wait (process, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_refuses_to_wait (ProcessManagedProcess *process, TestFixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (process_managed_process_shutdown (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  test_log (self, "refused");
}

static void
wait_in_started_cb (ProcessManagedProcess *process, TestFixture *self)
{
  assert_refuses_to_wait (process, self);
}

static void
wait_in_exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                   gint64 duration, const GError *error, TestFixture *self)
{
  assert_refuses_to_wait (process, self);
}

/* To wait inside a handler of the same process could not end. */
static void
test_wait_in_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (process, "started", G_CALLBACK (wait_in_started_cb), self);
  g_signal_connect (self->service, "exited", G_CALLBACK (wait_in_exited_cb), self);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  test_assert_log (self, "refused", "refused");
}

static void
run_inside_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               TestFixture *self)
{
  const char *args[] = { "out", "inner", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run (self->service, test_get_child (), args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "inner");
  test_log (self, "ran inside of %s", line);
}

/* Another process may be waited for in a handler. */
static void
test_run_in_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "out", "1\\n2\\n", NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (process, "output", G_CALLBACK (run_inside_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  test_assert_log (self, "ran inside of 1", "ran inside of 2");
}

static void
drop_cb (ProcessManagedProcess *process, int exit_code, gint64 duration, const GError *error,
         TestFixture *self)
{
  process_service_remove (self->service, process_managed_process_get_id (process), NULL);
  g_object_unref (process);
}

/* A handler lets go of the process; those after it still see it. */
static void
test_drop_in_handler (TestFixture *self, gconstpointer data)
{
  ProcessManagedProcess *process = test_start (self, "out", "hi\\n", NULL);

  g_signal_connect (process, "exited", G_CALLBACK (drop_cb), self);
  test_log_process (self, process);
  test_log_service (self);
  test_run_until (test_count_log (self, "service exited 0") == 1);
  g_assert_cmpuint (test_count_log (self, "exited 0"), ==, 1);
  test_run_until (g_atomic_int_get (&self->n_alive) == 0);
}

typedef struct
{
  const char *command;
  const char *cwd;
  int         code;
  const char *message; /* a part of it */
} Failure;

static const Failure failures[] = {
  { "no-such-program", NULL, PROCESS_ERROR_PROGRAM_NOT_FOUND, "“no-such-program”" },
  { "/nonexistent/program", NULL, PROCESS_ERROR_PROGRAM_NOT_FOUND, "“/nonexistent/program”" },
  { "./no-such-program", NULL, PROCESS_ERROR_PROGRAM_NOT_FOUND, "“./no-such-program”" },
  { "true", "/nonexistent", PROCESS_ERROR_START_FAILED, "“/nonexistent”" },
  { "true", "/dev/null", PROCESS_ERROR_START_FAILED, "“/dev/null”" },
  { "/", NULL, PROCESS_ERROR_START_FAILED, "“/”" },
  { "/dev/null", NULL, PROCESS_ERROR_START_FAILED, "Permission denied" },
};

static void
assert_failed (ProcessManagedProcess *process, const GError *error)
{
  g_autoptr (GError) problem = NULL;

  assert_ended (process, PROCESS_STATUS_FAILED, -1);
  g_assert_cmpint (process_managed_process_get_pid (process), ==, 0);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, 0);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_START_FAILED);
  g_assert_false (process_managed_process_wait (process, NULL, &problem));
  g_assert_error (problem, error->domain, error->code);
  g_assert_cmpstr (problem->message, ==, error->message);
}

static void
failed_exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
                  const GError *error, const GError *expected)
{
  g_assert_error (error, expected->domain, expected->code);
  g_assert_cmpstr (error->message, ==, expected->message);
}

/* A failed start is listed and told of, but not as started. */
static void
test_failed_start (TestFixture *self, gconstpointer data)
{
  const Failure *failure = data;
  g_autoptr (ProcessRunOptions) options = process_run_options_new (failure->command, NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL, problem = NULL;

  test_log_service (self);
  process_run_options_set_cwd (options, failure->cwd);
  g_assert_null (process_service_start_with_options (self->service, options, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, failure->code);
  g_assert_nonnull (strstr (error->message, failure->message));
  g_assert_nonnull (strstr (error->message, failure->command));
  g_assert_cmpuint (self->log->len, ==, 0);

  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 1);
  process = g_object_ref (g_ptr_array_index (listed, 0));
  test_track (self, process);
  test_log_process (self, process);
  g_signal_connect (process, "exited", G_CALLBACK (failed_exited_cb), error);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);

  problem = test_finish (process);
  g_assert_error (problem, error->domain, error->code);
  g_assert_cmpstr (problem->message, ==, error->message);
  assert_failed (process, error);
  test_assert_log (self, "exited -1", "service exited -1");
}

/* A script without an interpreter is not handed to a shell. */
static void
test_failed_scripts (TestFixture *self, gconstpointer data)
{
  g_autofree char *nobody = test_path (self, "nobody");
  g_autofree char *plain = test_path (self, "plain");
  g_autofree char *private = test_path (self, "private");
  g_autoptr (GError) error = NULL;

  test_write_file (nobody, "#!/nonexistent/interpreter\n", 0700);
  g_assert_null (process_service_start (self->service, nobody, NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_nonnull (strstr (error->message, "interpreter"));
  g_clear_error (&error);

  test_write_file (plain, "echo hello\n", 0700);
  g_assert_null (process_service_start (self->service, plain, NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_nonnull (strstr (error->message, "Exec format error"));
  g_clear_error (&error);

  test_write_file (private, "#!/bin/sh\n", 0600);
  g_assert_null (process_service_start (self->service, private, NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_nonnull (strstr (error->message, "Permission denied"));
}

static void
test_argument_too_long (TestFixture *self, gconstpointer data)
{
  g_autofree char *huge = g_strnfill (4 * 1024 * 1024, 'x');
  const char *args[] = { huge, NULL };
  const char *preloaded = g_getenv ("LD_PRELOAD");
  g_autoptr (GError) error = NULL;

  if (preloaded != NULL && strstr (preloaded, "vgpreload") != NULL)
    {
      g_test_skip ("valgrind does not come back from an exec that fails");
      return;
    }
  g_assert_null (process_service_start (self->service, "true", args, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_nonnull (strstr (error->message, "Argument list too long"));
}

static void
assert_refused (TestFixture *self, ProcessRunOptions *options, GCancellable *cancellable,
                GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start_with_options (self->service, options, cancellable, &error));
  g_assert_error (error, domain, code);
  g_clear_error (&error);
  g_assert_null (process_service_run_with_options (self->service, options, cancellable, &error));
  g_assert_error (error, domain, code);
}

/* What is refused before it is tried leaves no trace. */
static void
test_refused (TestFixture *self, gconstpointer data)
{
  const char *env[] = { "=value", NULL };
  g_autoptr (ProcessRunOptions) empty = process_run_options_new ("", NULL);
  g_autoptr (ProcessRunOptions) fine = process_run_options_new ("true", NULL);
  g_autoptr (ProcessRunOptions) nameless = process_run_options_new ("true", NULL);
  g_autoptr (ProcessRunOptions) torn = process_run_options_new ("true", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;

  test_log_service (self);
  process_run_options_set_env (nameless, env);
  process_run_options_set_detach (torn, TRUE);
  process_run_options_set_die_with_parent (torn, TRUE);
  g_cancellable_cancel (cancellable);
  assert_refused (self, empty, NULL, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  assert_refused (self, nameless, NULL, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  assert_refused (self, torn, NULL, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  assert_refused (self, fine, cancellable, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  process_service_shutdown (self->service, 0, NULL, &error);
  g_assert_no_error (error);
  assert_refused (self, fine, NULL, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);

  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->service)), ==, 0);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->log->len, ==, 0);
}

static void
test_properties (TestFixture *self, gconstpointer data)
{
  const char *env[] = { "ONE=1", "caf\xe9", "TWO", NULL };
  g_autoptr (ProcessRunOptions) options = test_options ("line", "out", "\xff", NULL);
  g_autoptr (GDateTime) before = g_date_time_new_now_utc ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  const char * const *args;
  GDateTime *started_at;

  process_run_options_set_env (options, env);
  process_run_options_set_cwd (options, self->folder);
  process = test_start_with (self, options, NULL);
  /* What it was started with is not to be changed any more. */
  process_run_options_set_cwd (options, "/");

  g_assert_cmpstr (process_managed_process_get_command (process), ==, test_get_child ());
  args = process_managed_process_get_args (process);
  g_assert_cmpuint (g_strv_length ((char **) args), ==, 3);
  g_assert_cmpstr (args[0], ==, "line");
  g_assert_cmpstr (args[2], ==, "\uFFFD");
  g_assert_cmpstr (process_managed_process_get_cwd (process), ==, self->folder);
  g_assert_cmpstr (process_managed_process_get_env (process)[0], ==, "ONE=1");
  g_assert_cmpstr (process_managed_process_get_env (process)[1], ==, "caf\uFFFD");
  g_assert_cmpstr (process_managed_process_get_env (process)[2], ==, "TWO");
  g_assert_null (process_managed_process_get_env (process)[3]);
  started_at = process_managed_process_get_started_at (process);
  g_assert_cmpint (g_date_time_compare (started_at, before), >=, 0);
  g_assert_cmpint (g_date_time_get_utc_offset (started_at), ==, 0);
  g_assert_cmpint (process_managed_process_get_status (process), ==, PROCESS_STATUS_RUNNING);
  g_assert_true (process_managed_process_get_running (process));
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, -1);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_NONE);
  g_assert_false (process_managed_process_get_output_truncated (process));
  g_assert_false (process_managed_process_get_lingering (process));
}

/* Each property says what its getter says. */
static void
test_properties_by_name (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "die", "USR1", NULL);
  g_autoptr (GError) error G_GNUC_UNUSED = test_finish (process);
  g_autofree char *id = NULL, *command = NULL, *cwd = NULL;
  g_auto (GStrv) args = NULL, env = NULL;
  g_autoptr (GDateTime) started_at = NULL;
  ProcessStatus status;
  ProcessExitReason reason;
  gboolean running, truncated, lingering;
  int exit_code, term_signal, pid;
  gint64 duration;

  g_object_get (process, "id", &id, "command", &command, "cwd", &cwd, "args", &args, "env", &env,
                "started-at", &started_at, "status", &status, "exit-reason", &reason, "running",
                &running, "output-truncated", &truncated, "lingering", &lingering, "exit-code",
                &exit_code, "term-signal", &term_signal, "pid", &pid, "duration", &duration, NULL);
  g_assert_cmpstr (id, ==, process_managed_process_get_id (process));
  g_assert_cmpstr (command, ==, process_managed_process_get_command (process));
  g_assert_null (cwd);
  g_assert_cmpstr (args[1], ==, "USR1");
  g_assert_cmpuint (g_strv_length (env), ==, 0);
  g_assert_true (started_at == process_managed_process_get_started_at (process));
  g_assert_cmpint (status, ==, PROCESS_STATUS_KILLED);
  g_assert_cmpint (reason, ==, PROCESS_EXIT_REASON_SIGNALED);
  g_assert_false (running || truncated || lingering);
  g_assert_cmpint (exit_code, ==, -1);
  g_assert_cmpint (term_signal, ==, SIGUSR1);
  g_assert_cmpint (pid, ==, process_managed_process_get_pid (process));
  g_assert_cmpint (duration, ==, process_managed_process_get_duration (process));
}

/* It is the child's number, is there at once, and stays. */
static void
test_pid (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) quick = test_start (self, "exit", "0", NULL);
  int quick_pid = process_managed_process_get_pid (quick);
  g_autoptr (ProcessManagedProcess) process = test_start (self, "ids", NULL);
  g_autofree char *expected =
    g_strdup_printf ("pid %d parent %d group %d session %d\n",
                     process_managed_process_get_pid (process), getpid (), getpgid (0), getsid (0));
  g_autofree char *output = test_finish_output (process);
  g_autoptr (GError) error G_GNUC_UNUSED = test_finish (quick);

  g_assert_cmpstr (output, ==, expected);
  g_assert_cmpint (quick_pid, >, 0);
  g_assert_cmpint (process_managed_process_get_pid (quick), ==, quick_pid);
}

static void
test_duration (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  gint64 first = process_managed_process_get_duration (process);
  gint64 last;
  g_autoptr (GError) error = NULL;

  test_look_until (process_managed_process_get_duration (process) > first);
  last = process_managed_process_get_duration (process);
  process_managed_process_close_stdin (process, NULL);
  error = test_finish (process);
  g_assert_no_error (error);
  first = process_managed_process_get_duration (process);
  g_assert_cmpint (first, >=, last);
  last = g_get_monotonic_time ();
  test_look_until (g_get_monotonic_time () > last + 1000);
  g_assert_cmpint (process_managed_process_get_duration (process), ==, first);
}

static void
test_info (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", "exit", "6", NULL);
  g_autoptr (ProcessInfo) before = process_managed_process_get_info (process);
  g_autoptr (ProcessInfo) after = NULL;
  g_autoptr (GError) error = NULL;

  process_managed_process_close_stdin (process, NULL);
  error = test_finish (process);
  after = process_managed_process_get_info (process);

  g_assert_true (process_info_get_running (before));
  g_assert_cmpint (process_info_get_status (before), ==, PROCESS_STATUS_RUNNING);
  g_assert_cmpint (process_info_get_exit_code (before), ==, -1);
  g_assert_false (process_info_get_running (after));
  g_assert_cmpint (process_info_get_exit_code (after), ==, 6);
  g_assert_cmpint (process_info_get_exit_reason (after), ==, PROCESS_EXIT_REASON_EXITED);
  g_assert_cmpint (process_info_get_duration (after), ==,
                   process_managed_process_get_duration (process));
  g_assert_cmpint (process_info_get_pid (after), ==, process_managed_process_get_pid (process));
  g_assert_cmpstr (process_info_get_id (after), ==, process_managed_process_get_id (process));
  g_assert_cmpstr (process_info_get_args (after)[0], ==, "line");
}

static void
test_ids_differ (TestFixture *self, gconstpointer data)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ProcessService) other = process_service_new ();
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 10; i++)
    {
      ProcessService *service = i % 2 == 0 ? self->service : other;

      g_ptr_array_add (all, process_service_start (service, "true", NULL, NULL, NULL));
      g_hash_table_add (ids, (gpointer) process_managed_process_get_id (all->pdata[i]));
    }
  g_assert_cmpuint (g_hash_table_size (ids), ==, 10);
  process_service_shutdown (other, 0, NULL, NULL);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/life/order", test_order);
  test_add ("/life/order-of-a-kill", test_order_of_a_kill);
  test_add ("/life/output-before-exited", test_output_before_exited);
  test_add ("/life/nothing-inside-start", test_nothing_inside_start);
  test_add ("/life/notify-before-exited", test_notify_before_exited);
  test_add ("/life/notify-before-killed", test_notify_before_killed);
  test_add ("/life/arguments-of-the-service", test_arguments_of_the_service);
  test_add ("/life/wait-async", test_wait_async);
  test_add ("/life/wait-async-cancelled", test_wait_async_cancelled);
  test_add ("/life/blocking-wait", test_blocking_wait);
  test_add ("/life/blocking-wait-cancelled", test_blocking_wait_cancelled);
  test_add ("/life/wait-in-handler", test_wait_in_handler);
  test_add ("/life/run-in-handler", test_run_in_handler);
  test_add ("/life/drop-in-handler", test_drop_in_handler);
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strdup_printf ("/life/failed-start/%" G_GSIZE_FORMAT, i);

      test_add_with (path, &failures[i], test_failed_start);
    }
  test_add ("/life/failed-scripts", test_failed_scripts);
  test_add ("/life/argument-too-long", test_argument_too_long);
  test_add ("/life/refused", test_refused);
  test_add ("/life/properties", test_properties);
  test_add ("/life/properties-by-name", test_properties_by_name);
  test_add ("/life/pid", test_pid);
  test_add ("/life/duration", test_duration);
  test_add ("/life/info", test_info);
  test_add ("/life/ids-differ", test_ids_differ);

  return g_test_run ();
}
