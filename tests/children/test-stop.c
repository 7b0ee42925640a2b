/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How children are ended, and what is said of it. */

#include "test-util.h"

#include <signal.h>
#include <string.h>

#define SOON (100 * G_TIME_SPAN_MILLISECOND)
#define LATE (30 * G_TIME_SPAN_SECOND)
/* Long enough for a child to come to itself on a busy machine. */
#define TIMEOUT (G_TIME_SPAN_SECOND + G_TIME_SPAN_SECOND / 2)

typedef enum
{
  HOW_BY_ITSELF,
  HOW_KILL,
  HOW_SIGNAL,   /* SIGTERM, by send_signal () */
  HOW_STRANGER, /* SIGINT, by somebody else */
  HOW_SIGNAL_THEN_STRANGER,
  HOW_SHUTDOWN,
  HOW_TIMEOUT,
  HOW_CANCEL,
  HOW_SHUTDOWN_THEN_CANCEL,
  HOW_SHUTDOWN_THEN_KILL,
  HOW_CANCEL_THEN_KILL,
} How;

typedef struct
{
  const char        *name;
  const char        *verbs[6]; /* done before it tells that it is ready */
  How                how;
  gint64             grace;
  ProcessStatus      status;
  ProcessExitReason  reason;
  int                exit_code;
  int                term_signal;
  int                error; /* of our domain; 0 = none, -1 = G_IO_ERROR_CANCELLED */
} Case;

/* Short names for a wide table. */
#define EXITED PROCESS_STATUS_EXITED
#define KILLED PROCESS_STATUS_KILLED
#define R(name) PROCESS_EXIT_REASON_##name
#define E(name) PROCESS_ERROR_##name

static const Case cases[] = {
  { "exit", { "exit", "0" }, HOW_BY_ITSELF, 0, EXITED, R (EXITED), 0, 0, 0 },
  { "exit-with-code", { "exit", "7" }, HOW_BY_ITSELF, 0, EXITED, R (EXITED), 7, 0,
    E (NON_ZERO_EXIT) },
  { "die", { "die", "TERM" }, HOW_BY_ITSELF, 0, KILLED, R (SIGNALED), -1, SIGTERM, E (KILLED) },
  { "stranger", { NULL }, HOW_STRANGER, 0, KILLED, R (SIGNALED), -1, SIGINT, E (KILLED) },
  { "kill", { NULL }, HOW_KILL, 0, KILLED, R (KILLED), -1, SIGKILL, E (KILLED) },
  { "kill-with-grace", { "catch", "TERM", "0" }, HOW_KILL, LATE, KILLED, R (KILLED), -1, SIGKILL,
    E (KILLED) },
  { "signal", { NULL }, HOW_SIGNAL, 0, KILLED, R (KILLED), -1, SIGTERM, E (KILLED) },
  { "signal-caught", { "catch", "TERM", "5" }, HOW_SIGNAL, 0, EXITED, R (EXITED), 5, 0,
    E (NON_ZERO_EXIT) },
  { "signal-ignored-then-stranger", { "ignore", "TERM" }, HOW_SIGNAL_THEN_STRANGER, 0, KILLED,
    R (SIGNALED), -1, SIGINT, E (KILLED) },
  { "shutdown", { NULL }, HOW_SHUTDOWN, LATE, KILLED, R (KILLED), -1, SIGTERM, E (KILLED) },
  { "shutdown-without-grace", { "ignore", "TERM" }, HOW_SHUTDOWN, 0, KILLED, R (KILLED), -1,
    SIGKILL, E (KILLED) },
  { "shutdown-exit", { "catch", "TERM", "0" }, HOW_SHUTDOWN, LATE, EXITED, R (KILLED), 0, 0, 0 },
  { "shutdown-exit-with-code", { "catch", "TERM", "3" }, HOW_SHUTDOWN, LATE, EXITED, R (KILLED), 3,
    0, E (NON_ZERO_EXIT) },
  { "shutdown-ignored", { "ignore", "TERM" }, HOW_SHUTDOWN, SOON, KILLED, R (KILLED), -1, SIGKILL,
    E (KILLED) },
  { "shutdown-then-kill", { "ignore", "TERM" }, HOW_SHUTDOWN_THEN_KILL, LATE, KILLED, R (KILLED),
    -1, SIGKILL, E (KILLED) },
  { "shutdown-then-cancel", { "ignore", "TERM" }, HOW_SHUTDOWN_THEN_CANCEL, SOON, KILLED,
    R (KILLED), -1, SIGKILL, E (KILLED) },
  { "timeout", { "catch", "TERM", "0" }, HOW_TIMEOUT, 0, KILLED, R (TIMED_OUT), -1, SIGKILL,
    E (TIMED_OUT) },
  { "timeout-exit", { "catch", "TERM", "0" }, HOW_TIMEOUT, LATE, EXITED, R (TIMED_OUT), 0, 0,
    E (TIMED_OUT) },
  { "timeout-ignored", { "ignore", "TERM" }, HOW_TIMEOUT, SOON, KILLED, R (TIMED_OUT), -1, SIGKILL,
    E (TIMED_OUT) },
  { "cancel", { "catch", "TERM", "0" }, HOW_CANCEL, 0, KILLED, R (CANCELLED), -1, SIGKILL, -1 },
  { "cancel-exit", { "catch", "TERM", "0" }, HOW_CANCEL, LATE, EXITED, R (CANCELLED), 0, 0, -1 },
  { "cancel-exit-with-code", { "catch", "TERM", "8" }, HOW_CANCEL, LATE, EXITED, R (CANCELLED), 8,
    0, -1 },
  { "cancel-ignored", { "ignore", "TERM" }, HOW_CANCEL, SOON, KILLED, R (CANCELLED), -1, SIGKILL,
    -1 },
  { "cancel-then-kill", { "ignore", "TERM" }, HOW_CANCEL_THEN_KILL, LATE, KILLED, R (CANCELLED), -1,
    SIGKILL, -1 },
};

static void
end_process (ProcessManagedProcess *process, How how, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  int pid = process_managed_process_get_pid (process);

  switch (how)
    {
    case HOW_BY_ITSELF:
    case HOW_TIMEOUT:
      break;
    case HOW_KILL:
      process_managed_process_kill (process, &error);
      break;
    case HOW_SIGNAL:
      process_managed_process_send_signal (process, SIGTERM, &error);
      break;
    case HOW_SIGNAL_THEN_STRANGER:
      process_managed_process_send_signal (process, SIGTERM, &error);
      g_assert_no_errno (kill (pid, SIGINT));
      break;
    case HOW_STRANGER:
      g_assert_no_errno (kill (pid, SIGINT));
      break;
    case HOW_CANCEL:
    case HOW_CANCEL_THEN_KILL:
      g_cancellable_cancel (cancellable);
      if (how == HOW_CANCEL_THEN_KILL)
        process_managed_process_kill (process, &error);
      break;
    case HOW_SHUTDOWN:
    case HOW_SHUTDOWN_THEN_CANCEL:
    case HOW_SHUTDOWN_THEN_KILL:
      process_managed_process_shutdown_async (process, NULL, NULL, NULL);
      if (how == HOW_SHUTDOWN_THEN_CANCEL)
        g_cancellable_cancel (cancellable);
      if (how == HOW_SHUTDOWN_THEN_KILL)
        process_managed_process_kill (process, &error);
      break;
    default:
      g_assert_not_reached ();
    }
  g_assert_no_error (error);
}

static ProcessRunOptions *
make_options (const Case *expected, const char *fifo)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) args = NULL;
  ProcessRunOptions *options;

  for (gsize i = 0; expected->verbs[i] != NULL; i++)
    g_strv_builder_add (builder, expected->verbs[i]);
  g_strv_builder_add_many (builder, "tell", fifo, "ready", "pause", NULL);
  args = g_strv_builder_end (builder);
  options = process_run_options_new (test_get_child (), (const char * const *) args);
  process_run_options_set_grace_period (options, expected->grace);
  if (expected->how == HOW_TIMEOUT)
    process_run_options_set_timeout (options, TIMEOUT);
  return options;
}

static void
assert_error (const Case *expected, const GError *error)
{
  if (expected->error == 0)
    g_assert_no_error (error);
  else if (expected->error < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_error (error, PROCESS_ERROR, expected->error);
}

static void
exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration, const GError *error,
           const Case *expected)
{
  assert_error (expected, error);
  g_assert_cmpint (exit_code, ==, expected->exit_code);
}

/* What the signal, a wait and the properties say of each kind of end. */
static void
test_end (TestFixture *self, gconstpointer data)
{
  const Case *expected = data;
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessRunOptions) options = make_options (expected, report->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, cancellable);
  g_autoptr (GError) error = NULL;
  gint64 before, elapsed;

  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), (gpointer) expected);
  if (expected->how != HOW_BY_ITSELF)
    test_fifo_expect (report, "ready");
  before = g_get_monotonic_time ();
  end_process (process, expected->how, cancellable);
  error = test_finish (process);
  elapsed = g_get_monotonic_time () - before;
  assert_error (expected, error);
  g_clear_error (&error);
  g_assert_true (process_managed_process_wait (process, NULL, &error) == (expected->error == 0));
  assert_error (expected, error);

  g_assert_cmpint (process_managed_process_get_status (process), ==, expected->status);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==, expected->reason);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, expected->exit_code);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, expected->term_signal);
  if (expected->grace == SOON && expected->how != HOW_TIMEOUT)
    g_assert_cmpint (elapsed, >=, SOON);
  if (expected->how == HOW_TIMEOUT)
    g_assert_cmpint (process_managed_process_get_duration (process), >=,
                     TIMEOUT + (expected->grace == SOON ? SOON : 0));
  g_assert_cmpint (elapsed, <, LATE);
}

/* Ended before the timeout: it has no effect later. */
static void
test_timeout_not_reached (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("exit", "0", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_timeout (options, LATE);
  process = test_start_with (self, options, NULL);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
}

static void
test_stop_signal (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessRunOptions) options =
    test_options ("ignore", "TERM", "catch", "INT", "4", "tell", report->path, "ready", "pause",
                  NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_stop_signal (options, SIGINT);
  process_run_options_set_grace_period (options, LATE);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (report, "ready");
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 4);
}

/* One that is stopped is woken, or killed. */
static void
test_stopped (TestFixture *self, gconstpointer data)
{
  How how = (How) GPOINTER_TO_INT (data);
  g_autoptr (ProcessRunOptions) options =
    test_options ("catch", "TERM", "6", "die", "STOP", "pause", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_grace_period (options, LATE);
  if (how == HOW_TIMEOUT)
    process_run_options_set_timeout (options, TIMEOUT);
  process = test_start_with (self, options, cancellable);
  /* Where the machine is so slow that the timeout came first, that was tested. */
  test_run_until (test_is_stopped (process_managed_process_get_pid (process)) ||
                  !process_managed_process_is_running (process));
  end_process (process, how, cancellable);
  error = test_finish (process);
  g_assert_nonnull (error);
  if (how == HOW_KILL)
    g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  else
    g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 6);
}

static void
shutdown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  TestFixture *self = data;
  g_autoptr (GError) error = NULL;

  if (process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object), result, &error))
    test_log (self, "shut down");
  else
    test_log (self, "failed: %s", error->message);
}

/* Succeeds however the process ended, and after that was told. */
static void
test_shutdown_async (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);

  test_log_process (self, process);
  process_managed_process_shutdown_async (process, NULL, shutdown_cb, self);
  process_managed_process_shutdown_async (process, NULL, shutdown_cb, self);
  test_run_until (test_count_log (self, "shut down") == 2);
  test_assert_log (self, "started", "killed SIGKILL", "exited -1", "shut down", "shut down");
  process_managed_process_shutdown_async (process, NULL, shutdown_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "shut down");
}

/* Cancelling ends the call; the process is ended nevertheless. */
static void
test_shutdown_async_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessRunOptions) options =
    test_options ("note", "TERM", report->path, "tell", report->path, "ready", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  process_run_options_set_grace_period (options, LATE);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (report, "ready");
  g_cancellable_cancel (cancelled);
  process_managed_process_shutdown_async (process, cancelled, shutdown_cb, self);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "failed: Operation was cancelled");
  g_assert_false (test_fifo_has_line (report));
  process_managed_process_shutdown_async (process, cancellable, shutdown_cb, self);
  test_fifo_expect (report, "note 15");
  g_cancellable_cancel (cancellable);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "failed: Operation was cancelled");
  g_assert_true (process_managed_process_is_running (process));
  g_assert_false (process_managed_process_shutdown (process, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  process_managed_process_kill (process, &error);
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

/* The blocking form emits what is due, and returns when it has. */
static void
test_shutdown (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  test_assert_log (self, "started", "killed SIGKILL", "exited -1");
}

/* A cancellable that is cancelled when all is over, or that lives on. */
static void
test_cancel_after_the_end (TestFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunOptions) options = test_options ("exit", "0", NULL);
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, cancellable);
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
  process_service_clear (self->service);
  g_clear_object (&process);
  test_run_until (g_atomic_int_get (&self->n_alive) == 0);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
}

static void
cancel_cb (ProcessManagedProcess *process, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancel_in_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunOptions) options = test_options ("pause", NULL);
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, cancellable);
  g_autoptr (GError) error = NULL;

  g_signal_connect (process, "started", G_CALLBACK (cancel_cb), cancellable);
  error = test_finish (process);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/stop/end/%s", cases[i].name);

      test_add_with (path, &cases[i], test_end);
    }
  test_add ("/stop/timeout-not-reached", test_timeout_not_reached);
  test_add ("/stop/stop-signal", test_stop_signal);
  test_add_with ("/stop/stopped-kill", GINT_TO_POINTER (HOW_KILL), test_stopped);
  test_add_with ("/stop/stopped-shutdown", GINT_TO_POINTER (HOW_SHUTDOWN), test_stopped);
  test_add_with ("/stop/stopped-timeout", GINT_TO_POINTER (HOW_TIMEOUT), test_stopped);
  test_add_with ("/stop/stopped-cancel", GINT_TO_POINTER (HOW_CANCEL), test_stopped);
  test_add ("/stop/shutdown-async", test_shutdown_async);
  test_add ("/stop/shutdown-async-cancelled", test_shutdown_async_cancelled);
  test_add ("/stop/shutdown", test_shutdown);
  test_add ("/stop/cancel-after-the-end", test_cancel_after_the_end);
  test_add ("/stop/cancel-in-handler", test_cancel_in_handler);

  return g_test_run ();
}
