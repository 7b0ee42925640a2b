/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Programs that are run to their end in one call. */

#include "test-util.h"

#include <string.h>

#define LATE (30 * G_TIME_SPAN_SECOND)

static char *
run (TestFixture *self, ProcessRunOptions *options, GError **error)
{
  return process_service_run_with_options (self->service, options, NULL, error);
}

static void
assert_listed (TestFixture *self, guint n)
{
  g_autoptr (GPtrArray) listed = process_service_list (self->service);

  g_assert_cmpuint (listed->len, ==, n);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, n);
}

static void
test_output (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("out", " \\n a", "err", "b\\x00\\xff", "out", "\\r\\n\\n ", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_merge_stderr (options, TRUE);
  output = run (self, options, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, " \n ab\uFFFD\uFFFD\r\n\n ");
  assert_listed (self, 0);
}

static void
test_both_streams (TestFixture *self, gconstpointer data)
{
  const char *args[] = { "out", "out\\n", "err", "err\\n", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run (self->service, test_get_child (), args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (output), ==, 8);
  g_assert_nonnull (strstr (output, "out\n"));
  g_assert_nonnull (strstr (output, "err\n"));
}

static void
test_nothing (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_service_run (self->service, "true", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "");
}

/* It is not the service's buffer that bounds it, but 64 MiB, or the options. */
static void
test_sizes (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("bytes", "5000000", "x", NULL);
  g_autoptr (ProcessRunOptions) huge = test_options ("bytes", "67109000", "x", "out", "end", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = run (self, options, &error);
  g_autofree char *part = NULL, *newest = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (whole), ==, 5000000);
  process_run_options_set_buffer_size (options, 7);
  part = run (self, options, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (part, ==, "xxxxxxx");
  newest = run (self, huge, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (newest), ==, 64 * 1024 * 1024);
  g_assert_true (g_str_has_suffix (newest, "xend"));
}

static gboolean
foreign_cb (gpointer data)
{
  test_log (data, "foreign");
  return G_SOURCE_REMOVE;
}

/* All is told before it returns, and nothing else happens in the main context. */
static void
test_signals (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) other = test_start (self, "out", "other\\n", NULL);
  g_autoptr (ProcessRunOptions) options = test_options ("out", "one\\ntwo", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  test_log_service (self);
  g_idle_add_full (G_PRIORITY_HIGH, foreign_cb, self, NULL);
  output = run (self, options, &error);
  g_assert_no_error (error);
  test_assert_log (self, "service started", "service stdout: one", "service stdout: two",
                   "service exited 0");
  test_finish_well (other);
  test_assert_log (self, "foreign", "service started", "service stdout: other", "service exited 0");
}

static void
started_cb (ProcessService *service, ProcessManagedProcess *process, TestFixture *self)
{
  g_autoptr (GPtrArray) listed = process_service_list (service);

  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_true (listed->pdata[0] == process);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 1);
  g_assert_true (process_managed_process_close_stdin (process, NULL));
  test_log (self, "listed");
}

static void
test_listed_while_it_runs (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("copy", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_signal_connect (self->service, "started", G_CALLBACK (started_cb), self);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_PIPE);
  output = run (self, options, &error);
  g_assert_no_error (error);
  test_assert_log (self, "listed");
  assert_listed (self, 0);
}

typedef struct
{
  const char *verbs[6];
  int         code;
  const char *ending; /* of the message; NULL = there is no last line */
} Failure;

static const Failure failures[] = {
  { { "exit", "3" }, PROCESS_ERROR_NON_ZERO_EXIT, NULL },
  { { "err", "first\\noops\\n", "exit", "3" }, PROCESS_ERROR_NON_ZERO_EXIT, ": oops" },
  { { "err", "first\\nno end", "exit", "3" }, PROCESS_ERROR_NON_ZERO_EXIT, ": no end" },
  { { "err", "dos\\r\\n", "exit", "1" }, PROCESS_ERROR_NON_ZERO_EXIT, ": dos" },
  { { "err", "bad \\xff\\n", "exit", "1" }, PROCESS_ERROR_NON_ZERO_EXIT, ": bad \uFFFD" },
  { { "out", "not this\\n", "exit", "1" }, PROCESS_ERROR_NON_ZERO_EXIT, NULL },
  { { "err", "dying\\n", "die", "KILL" }, PROCESS_ERROR_KILLED, ": dying" },
};

/* The process stays in the list, and the message leads there. */
static void
test_failure (TestFixture *self, gconstpointer data)
{
  const Failure *failure = data;
  g_autoptr (ProcessRunOptions) options =
    process_run_options_new (test_get_child (), failure->verbs);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (run (self, options, &error));
  g_assert_error (error, PROCESS_ERROR, failure->code);
  assert_listed (self, 1);
  listed = process_service_list (self->service);
  process = g_object_ref (listed->pdata[0]);
  g_assert_nonnull (strstr (error->message, process_managed_process_get_id (process)));
  g_assert_nonnull (strstr (error->message, test_get_child ()));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (failure->ending != NULL)
    g_assert_true (g_str_has_suffix (error->message, failure->ending));
  else
    g_assert_null (strstr (error->message, ": "));
}

static void
test_output_of_failure (TestFixture *self, gconstpointer data)
{
  const char *args[] = { "out", "partial\\n", "exit", "1", NULL };
  g_autoptr (GPtrArray) listed = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_run (self->service, test_get_child (), args, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_clear_error (&error);
  listed = process_service_list (self->service);
  output = process_service_get_output (
    self->service, process_managed_process_get_id (listed->pdata[0]), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "partial\n");
}

static void
test_failed_start (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_run (self->service, "/nonexistent", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
  assert_listed (self, 1);
}

static void
test_timeout (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("pause", NULL);
  g_autoptr (GError) error = NULL;

  process_run_options_set_timeout (options, 10 * G_TIME_SPAN_MILLISECOND);
  g_assert_null (run (self, options, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  assert_listed (self, 1);
}

static gpointer
cancel_thread (gpointer data)
{
  TestFixture *self = data;
  GCancellable *cancellable = g_object_get_data (G_OBJECT (self->service), "cancellable");

  test_look_until (process_service_get_n_running (self->service) == 1);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Cancelling ends what runs; the call returns when it has ended. */
static void
test_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunOptions) options = test_options ("pause", NULL);
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_object_set_data (G_OBJECT (self->service), "cancellable", cancellable);
  thread = g_thread_new ("cancel", cancel_thread, self);
  g_assert_null (process_service_run_with_options (self->service, options, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_false (process_managed_process_is_running (listed->pdata[0]));
  g_assert_cmpint (process_managed_process_get_exit_reason (listed->pdata[0]), ==,
                   PROCESS_EXIT_REASON_CANCELLED);
}

static void
run_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  TestFixture *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run_with_options_finish (PROCESS_SERVICE (object), result, &error);

  g_assert_true ((output != NULL) == (error == NULL));
  if (output != NULL)
    test_log (self, "printed %s", output);
  else
    test_log (self, "%s %d", g_quark_to_string (error->domain), error->code);
}

static void
simple_run_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_service_run_finish (PROCESS_SERVICE (object), result, &error);

  g_assert_no_error (error);
  test_log (data, "printed %s", output);
}

static void
assert_run_fails (TestFixture *self, GQuark domain, int code)
{
  g_autofree char *entry = g_strdup_printf ("%s %d", g_quark_to_string (domain), code);

  test_run_until (self->log->len > 0);
  test_assert_log (self, entry);
}

static void
test_async (TestFixture *self, gconstpointer data)
{
  const char *args[] = { "out", "hi", NULL };
  g_autoptr (ProcessRunOptions) options = test_options ("out", "one\\n", NULL);

  test_log_service (self);
  process_service_run_with_options_async (self->service, options, NULL, run_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  test_run_until (test_count_log (self, "printed one\n") == 1);
  test_assert_log (self, "service started", "service stdout: one", "service exited 0",
                   "printed one\n");
  assert_listed (self, 0);
  process_service_run_async (self->service, test_get_child (), args, NULL, simple_run_cb, self);
  test_run_until (test_count_log (self, "printed hi") == 1);
}

static void
test_async_fails (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) failing = test_options ("exit", "2", NULL);
  g_autoptr (ProcessRunOptions) missing = process_run_options_new ("/nonexistent", NULL);
  g_autoptr (ProcessRunOptions) invalid = process_run_options_new ("", NULL);

  process_service_run_with_options_async (self->service, failing, NULL, run_cb, self);
  assert_run_fails (self, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  process_service_run_with_options_async (self->service, missing, NULL, run_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  assert_run_fails (self, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
  process_service_run_with_options_async (self->service, invalid, NULL, run_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  assert_run_fails (self, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  assert_listed (self, 2);
}

/* It completes when the process has ended, not before. */
static void
test_async_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessRunOptions) options =
    test_options ("note", "TERM", report->path, "tell", report->path, "ready", "await",
                  orders->path, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  process_run_options_set_grace_period (options, LATE);
  process_service_run_with_options_async (self->service, options, cancellable, run_cb, self);
  test_fifo_expect (report, "ready");
  g_cancellable_cancel (cancellable);
  test_fifo_expect (report, "note 15");
  g_assert_cmpuint (self->log->len, ==, 0);
  test_fifo_send (orders);
  assert_run_fails (self, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);

  process_service_run_with_options_async (self->service, options, cancellable, run_cb, self);
  assert_run_fails (self, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_listed (self, 1);
}

/* Except for a detached one, which runs to its end. */
static void
test_async_detached (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessRunOptions) options = test_options ("tell", report->path, "ready", "await",
                                                        orders->path, "out", "done", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  process_run_options_set_detach (options, TRUE);
  process_service_run_with_options_async (self->service, options, cancellable, run_cb, self);
  test_fifo_expect (report, "ready");
  g_cancellable_cancel (cancellable);
  test_fifo_send (orders);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "printed done");
}

static void
test_many_async (TestFixture *self, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autoptr (ProcessRunOptions) options = test_options ("out", text, NULL);

      process_service_run_with_options_async (self->service, options, NULL, run_cb, self);
    }
  test_run_until (self->log->len == 50);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *entry = g_strdup_printf ("printed %u", i);

      g_assert_cmpuint (test_count_log (self, entry), ==, 1);
    }
  assert_listed (self, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/run/output", test_output);
  test_add ("/run/both-streams", test_both_streams);
  test_add ("/run/nothing", test_nothing);
  test_add ("/run/sizes", test_sizes);
  test_add ("/run/signals", test_signals);
  test_add ("/run/listed-while-it-runs", test_listed_while_it_runs);
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strdup_printf ("/run/failure/%" G_GSIZE_FORMAT, i);

      test_add_with (path, &failures[i], test_failure);
    }
  test_add ("/run/output-of-failure", test_output_of_failure);
  test_add ("/run/failed-start", test_failed_start);
  test_add ("/run/timeout", test_timeout);
  test_add ("/run/cancelled", test_cancelled);
  test_add ("/run/async", test_async);
  test_add ("/run/async-fails", test_async_fails);
  test_add ("/run/async-cancelled", test_async_cancelled);
  test_add ("/run/async-detached", test_async_detached);
  test_add ("/run/many-async", test_many_async);

  return g_test_run ();
}
