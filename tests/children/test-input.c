/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What children read. */

#include "test-util.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)
#define MAX_QUEUE (16 * MIB)

static GBytes *
make_noise (gsize length)
{
  guint8 *noise = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    noise[i] = (guint8) g_test_rand_int ();
  return g_bytes_new_take (noise, length);
}

/* What the verb `count` says. */
static char *
describe_input (GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint32 sum = 5381;

  for (gsize i = 0; i < length; i++)
    sum = sum * 33 + data[i];
  return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes, sum %08x\n", length, sum);
}

static void
assert_counted (ProcessManagedProcess *process, GBytes *expected)
{
  g_autofree char *output = test_finish_output (process);
  g_autofree char *description = describe_input (expected);

  g_assert_cmpstr (output, ==, description);
}

static void
send_bytes (ProcessManagedProcess *process, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_send_bytes (process, bytes, &error));
  g_assert_no_error (error);
}

static void
close_stdin (ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_close_stdin (process, &error));
  g_assert_no_error (error);
}

static void
assert_cannot_send (ProcessManagedProcess *process, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_send_input (process, "hello\n", &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, process_managed_process_get_id (process)));
}

static void
test_send_input (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", "line", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  g_assert_true (process_managed_process_send_input (process, "grün\n", &error));
  g_assert_no_error (error);
  test_run_until (self->log->len == 2);
  test_assert_log (self, "started", "stdout: grün");
  g_assert_true (process_managed_process_send_input (process, "", &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_send_input (process, "more\n", &error));
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_no_error (error);
  test_assert_log (self, "stdout: more", "exited 0");
}

static void
test_send_bytes (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "count", NULL);
  g_autoptr (GBytes) all = make_noise (3 * MIB);
  gsize size = g_bytes_get_size (all);

  for (gsize offset = 0, length = 0; offset < size; offset += length, length = length % 4999 + 1)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (all, offset, MIN (length, size - offset));

      send_bytes (process, part);
    }
  close_stdin (process);
  assert_counted (process, all);
}

/* The child gets it although nobody runs the main loop. */
static void
test_without_loop (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "count", NULL);
  g_autoptr (GBytes) some = make_noise (100);
  g_autoptr (GBytes) much = make_noise (4 * MIB);
  g_autoptr (GError) error = NULL;

  send_bytes (process, some);
  close_stdin (process);
  test_look_until (test_is_dead (process_managed_process_get_pid (process)));
  assert_counted (process, some);

  g_clear_object (&process);
  process = test_start (self, "count", NULL);
  send_bytes (process, much);
  close_stdin (process);
  g_assert_true (process_managed_process_wait (process, NULL, &error));
  g_assert_no_error (error);
  assert_counted (process, much);
}

/* Sending never blocks, and queues 16 MiB; what is refused leaves no part. */
static void
test_full_queue (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "await", orders->path, "count", NULL);
  g_autoptr (GBytes) all = make_noise (MAX_QUEUE);
  g_autoptr (GBytes) too_much = make_noise (MAX_QUEUE + 1);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_send_bytes (process, too_much, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_clear_error (&error);
  for (gsize i = 0; i < 16; i++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (all, i * MIB, MIB);

      send_bytes (process, part);
    }
  g_assert_false (process_managed_process_send_bytes (process, all, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, process_managed_process_get_id (process)));
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_bytes (process, too_much, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  close_stdin (process);
  test_fifo_send (orders);
  assert_counted (process, all);
}

/* When the child has read there is room again. */
static void
test_queue_drains (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "await", orders->path, "count", NULL);
  g_autoptr (GBytes) all = make_noise (2 * MAX_QUEUE);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (all, 0, MAX_QUEUE);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (all, MAX_QUEUE, MAX_QUEUE);
  g_autoptr (GError) error = NULL;

  send_bytes (process, first);
  g_assert_false (process_managed_process_send_bytes (process, second, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  test_fifo_send (orders);
  test_run_until (process_managed_process_send_bytes (process, second, NULL));
  close_stdin (process);
  assert_counted (process, all);
}

static void
test_close_stdin (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "count", NULL);
  g_autoptr (GBytes) bytes = make_noise (4 * MIB);

  send_bytes (process, bytes);
  close_stdin (process);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  close_stdin (process);
  assert_counted (process, bytes);
  close_stdin (process);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

static void
test_no_pipe (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("count", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  process = test_start_with (self, options, NULL);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  g_assert_false (process_managed_process_close_stdin (process, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
}

static ProcessManagedProcess *
start_deaf (TestFixture *self)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  ProcessManagedProcess *process =
    test_start (self, "close", "0", "tell", report->path, "deaf", "pause", NULL);

  test_fifo_expect (report, "deaf");
  return process;
}

/* Nobody reads: that is an error, and no SIGPIPE, which would end this test. */
static void
test_broken_pipe (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start_deaf (self);

  /* From GLib 2.82 on GSubprocess has it ignored. */
  g_assert_true (signal (SIGPIPE, SIG_DFL) != SIG_ERR);
  assert_cannot_send (process, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  g_assert_true (process_managed_process_is_running (process));
}

static gboolean
is_sigpipe_pending (void)
{
  sigset_t pending;

  g_assert_no_errno (sigpending (&pending));
  return sigismember (&pending, SIGPIPE);
}

/* A SIGPIPE of the program's own that is held back stays where it is. */
static void
test_pending_sigpipe (TestFixture *self, gconstpointer data)
{
  const struct timespec at_once = { 0, 0 };
  gboolean has_own = GPOINTER_TO_INT (data);
  g_autoptr (ProcessManagedProcess) process = start_deaf (self);
  sigset_t pipe_only, before, after;

  sigemptyset (&pipe_only);
  sigaddset (&pipe_only, SIGPIPE);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, &pipe_only, &before), ==, 0);
  if (has_own)
    g_assert_no_errno (raise (SIGPIPE));
  assert_cannot_send (process, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_true (is_sigpipe_pending () == has_own);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, NULL, &after), ==, 0);
  g_assert_true (sigismember (&after, SIGPIPE));

  while (is_sigpipe_pending ())
    sigtimedwait (&pipe_only, NULL, &at_once);
  g_assert_cmpint (pthread_sigmask (SIG_SETMASK, &before, NULL), ==, 0);
}

/* One that has just died: which of the two errors depends on who saw it first. */
static void
test_to_the_dead (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "exit", "0", NULL);
  g_autoptr (GError) error = NULL;

  test_look_until (test_is_dead (process_managed_process_get_pid (process)));
  g_assert_false (process_managed_process_send_input (process, "hello?\n", &error));
  g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) ||
                 g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING));
  g_clear_error (&error);
  error = test_finish (process);
  g_assert_no_error (error);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  TestFixture *self = data;
  g_autoptr (GError) error = NULL;

  if (process_managed_process_send_bytes_finish (PROCESS_MANAGED_PROCESS (object), result, &error))
    test_log (self, "sent");
  else
    test_log (self, "%s %d", g_quark_to_string (error->domain), error->code);
}

static void
assert_failed_to_send (TestFixture *self, GQuark domain, int code)
{
  g_autofree char *entry = g_strdup_printf ("%s %d", g_quark_to_string (domain), code);

  test_run_until (self->log->len > 0);
  test_assert_log (self, entry);
}

/* Completes when the pipe has taken all, in the order of the calls. */
static void
test_send_async (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "await", orders->path, "count", NULL);
  g_autoptr (GBytes) all = make_noise (2 * MIB);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (all, 0, MIB);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (all, MIB, MIB);

  test_log_process (self, process);
  process_managed_process_send_bytes_async (process, first, NULL, sent_cb, self);
  process_managed_process_send_bytes_async (process, second, NULL, sent_cb, self);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "started");
  test_fifo_send (orders);
  test_run_until (self->log->len == 2);
  test_assert_log (self, "sent", "sent");
  close_stdin (process);
  assert_counted (process, all);
}

/* What fits into the pipe is written at once, but told later. */
static void
test_send_async_little (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GBytes) little = make_noise (100);
  g_autoptr (GBytes) nothing = make_noise (0);

  process_managed_process_send_bytes_async (process, little, NULL, sent_cb, self);
  process_managed_process_send_bytes_async (process, nothing, NULL, sent_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  test_run_until (self->log->len == 2);
  test_assert_log (self, "sent", "sent");
}

static void
test_send_async_fails (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "await", orders->path, "close", "0", "await", orders->path, NULL);
  g_autoptr (GBytes) bytes = make_noise (MIB);
  g_autoptr (GError) error = NULL;

  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, self);
  test_fifo_send (orders);
  assert_failed_to_send (self, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  assert_failed_to_send (self, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  test_fifo_send (orders);
  error = test_finish (process);
  g_assert_no_error (error);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, self);
  assert_failed_to_send (self, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

/* The end of the process is the end of what was to be sent. */
static void
test_send_async_to_the_end (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GBytes) bytes = make_noise (MIB);
  g_autoptr (GError) error = NULL;
  gboolean broken, ended;

  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, self);
  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  test_run_until (self->log->len == 1);
  broken = g_str_has_prefix (self->log->pdata[0], "g-io-error-quark");
  ended = g_str_has_prefix (self->log->pdata[0], "process-error-quark");
  g_assert_true (broken || ended);
}

/* Cancelling ends the call; what was queued is written. */
static void
test_send_async_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "await", orders->path, "count", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) bytes = make_noise (MIB);

  process_managed_process_send_bytes_async (process, bytes, cancellable, sent_cb, self);
  g_cancellable_cancel (cancellable);
  assert_failed_to_send (self, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Refused before it is queued. */
  process_managed_process_send_bytes_async (process, bytes, cancellable, sent_cb, self);
  assert_failed_to_send (self, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close_stdin (process);
  test_fifo_send (orders);
  assert_counted (process, bytes);
}

static void
test_by_id (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "copy", NULL);
  const char *id = process_managed_process_get_id (process);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_assert_true (process_service_send_input (self->service, id, "hi", &error));
  g_assert_no_error (error);
  g_assert_true (process_service_close_stdin (self->service, id, &error));
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_no_error (error);
  output = process_service_get_output (self->service, id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "hi");

  g_assert_false (process_service_send_input (self->service, "nobody", "hi", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "“nobody”"));
  g_clear_error (&error);
  g_assert_false (process_service_close_stdin (self->service, "nobody", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (process_service_get_output (self->service, "nobody", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
}

/* The input of the options is not bound by the queue, and closed after. */
static void
test_input_option (TestFixture *self, gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  g_autoptr (ProcessRunOptions) options = test_options ("count", NULL);
  g_autoptr (GBytes) input = make_noise (size);
  g_autofree char *description = describe_input (input);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  process = test_start_with (self, options, NULL);
  assert_counted (process, input);
  output = process_service_run_with_options (self->service, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, description);
}

static void
test_input_option_is_closed (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("count", "pause", NULL);
  g_autoptr (GBytes) input = make_noise (MIB);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_input (options, input);
  process = test_start_with (self, options, NULL);
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
}

/* A child that does not read its input is no trouble. */
static void
test_input_option_unread (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("out", "done", NULL);
  g_autoptr (GBytes) input = make_noise (MIB);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  output = process_service_run_with_options (self->service, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "done");
}

static char *
run_target (TestFixture *self, ProcessStdinMode mode)
{
  g_autoptr (ProcessRunOptions) options = test_options ("target", "0", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_stdin_mode (options, mode);
  process = test_start_with (self, options, NULL);
  return test_finish_output (process);
}

static void
test_modes (TestFixture *self, gconstpointer data)
{
  g_autofree char *by_default = run_target (self, PROCESS_STDIN_MODE_DEFAULT);
  g_autofree char *pipe = run_target (self, PROCESS_STDIN_MODE_PIPE);
  g_autofree char *null = run_target (self, PROCESS_STDIN_MODE_NULL);
  const char *args[] = { "target", "0", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *by_run =
    process_service_run (self->service, test_get_child (), args, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (by_default, "pipe:["));
  g_assert_true (g_str_has_prefix (pipe, "pipe:["));
  g_assert_cmpstr (null, ==, "/dev/null\n");
  g_assert_cmpstr (by_run, ==, "/dev/null\n");
}

static void
started_cb (ProcessService *service, ProcessManagedProcess *process, TestFixture *self)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("hi", 2);

  send_bytes (process, bytes);
  close_stdin (process);
}

/* With a pipe, a program that is run can be written to. */
static void
test_run_with_pipe (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("copy", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_PIPE);
  g_signal_connect (self->service, "started", G_CALLBACK (started_cb), self);
  output = process_service_run_with_options (self->service, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "hi");
}

static void
test_inherit (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("copy", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *output = NULL;
  int ours = fcntl (0, F_DUPFD_CLOEXEC, 3), ends[2];

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  g_assert_cmpint (write (ends[1], "inherited\n", 10), ==, 10);
  g_assert_no_errno (dup2 (ends[0], 0));
  close (ends[0]);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_INHERIT);
  process = test_start_with (self, options, NULL);
  g_assert_no_errno (dup2 (ours, 0));
  close (ours);
  /* The child reads on until the pipe ends. */
  assert_cannot_send (process, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  close (ends[1]);
  output = test_finish_output (process);
  g_assert_cmpstr (output, ==, "inherited\n");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/input/send-input", test_send_input);
  test_add ("/input/send-bytes", test_send_bytes);
  test_add ("/input/without-loop", test_without_loop);
  test_add ("/input/full-queue", test_full_queue);
  test_add ("/input/queue-drains", test_queue_drains);
  test_add ("/input/close-stdin", test_close_stdin);
  test_add ("/input/no-pipe", test_no_pipe);
  test_add ("/input/broken-pipe", test_broken_pipe);
  test_add_with ("/input/no-pending-sigpipe", GINT_TO_POINTER (FALSE), test_pending_sigpipe);
  test_add_with ("/input/pending-sigpipe", GINT_TO_POINTER (TRUE), test_pending_sigpipe);
  test_add ("/input/to-the-dead", test_to_the_dead);
  test_add ("/input/send-async", test_send_async);
  test_add ("/input/send-async-little", test_send_async_little);
  test_add ("/input/send-async-fails", test_send_async_fails);
  test_add ("/input/send-async-to-the-end", test_send_async_to_the_end);
  test_add ("/input/send-async-cancelled", test_send_async_cancelled);
  test_add ("/input/by-id", test_by_id);
  test_add_with ("/input/option-empty", GSIZE_TO_POINTER (0), test_input_option);
  test_add_with ("/input/option", GSIZE_TO_POINTER (100), test_input_option);
  test_add_with ("/input/option-large", GSIZE_TO_POINTER (MAX_QUEUE + MIB), test_input_option);
  test_add ("/input/option-is-closed", test_input_option_is_closed);
  test_add ("/input/option-unread", test_input_option_unread);
  test_add ("/input/modes", test_modes);
  test_add ("/input/run-with-pipe", test_run_with_pipe);
  test_add ("/input/inherit", test_inherit);

  return g_test_run ();
}
