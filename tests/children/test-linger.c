/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Children that end while a descendant holds their output open: the end is
 * told nevertheless, and the survivor is not disturbed. */

#include "test-util.h"

#include <string.h>

#define SILENCE (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  TestFixture  base;
  TestFifo    *report; /* (owned) */
  TestFifo    *orders; /* (owned) */
} LingerFixture;

static void
set_up (LingerFixture *self, gconstpointer data)
{
  test_set_up (&self->base, data);
  self->report = test_fifo_new (&self->base, "report");
  self->orders = test_fifo_new_orders (&self->base, "orders");
}

static void
tear_down (LingerFixture *self, gconstpointer data)
{
  /* Survivors still have to read what they are told, and hold their process. */
  if (self->base.service != NULL)
    process_service_clear (self->base.service);
  test_run_until (g_atomic_int_get (&self->base.n_alive) == 0);
  test_fifo_free (self->report);
  test_fifo_free (self->orders);
  test_tear_down (&self->base, data);
}

static gboolean
output_is (ProcessManagedProcess *process, const char *expected)
{
  g_autofree char *output = process_managed_process_get_output (process);

  return g_str_equal (output, expected);
}

static void
exited_cb (ProcessManagedProcess *process, int exit_code, gint64 duration, const GError *error,
           LingerFixture *self)
{
  test_log (&self->base, process_managed_process_get_lingering (process) ? "lingers" : "is gone");
}

static void
test_survivor (LingerFixture *self, gconstpointer data)
{
  gint64 before = g_get_monotonic_time (), elapsed;
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "out", "first\\n", "fork", "{", "await", self->orders->path, "out",
                "late\\n", "tell", self->report->path, "wrote", "await", self->orders->path, "}",
                "exit", "5", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
  error = test_finish (process);
  elapsed = g_get_monotonic_time () - before;
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (elapsed, >=, SILENCE);
  g_assert_cmpint (process_managed_process_get_duration (process), <=, elapsed - SILENCE);
  test_assert_log (&self->base, "started", "stdout: first", "exited 5", "lingers");

  test_log_notify (&self->base, process);
  test_fifo_send (self->orders);
  test_fifo_expect (self->report, "wrote");
  test_run_until (output_is (process, "first\nlate\n"));
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_cmpuint (self->base.log->len, ==, 0);

  test_fifo_send (self->orders);
  test_run_until (self->base.log->len > 0);
  test_assert_log (&self->base, "notify lingering");
  g_assert_false (process_managed_process_get_lingering (process));
}

/* The property is notified before the end is told. */
static void
test_notify (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "fork", "{", "await", self->orders->path, "}", NULL);
  g_autoptr (GError) error = NULL;

  test_log_notify (&self->base, process);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (test_count_log (&self->base, "notify lingering"), ==, 1);
  g_assert_cmpstr (self->base.log->pdata[self->base.log->len - 1], ==, "lingers");
  test_fifo_send (self->orders);
}

static void
test_no_survivor (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "fork", "{", "out", "hi", "}", "reap", NULL);
  g_autoptr (GError) error = NULL;

  test_log_notify (&self->base, process);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (test_count_log (&self->base, "notify lingering"), ==, 0);
  g_assert_cmpuint (test_count_log (&self->base, "is gone"), ==, 1);
}

/* One that holds standard error only. */
static void
test_survivor_with_stderr (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "fork", "{", "close", "1", "await", self->orders->path, "err", "late",
                "}", NULL);
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
  g_assert_true (process_managed_process_get_lingering (process));
  test_log_process (&self->base, process);
  test_fifo_send (self->orders);
  test_run_until (!process_managed_process_get_lingering (process));
  g_assert_true (output_is (process, "late"));
  g_assert_cmpuint (self->base.log->len, ==, 0);
}

/* More than a pipe holds: it would be held up, or end by SIGPIPE, if nobody read. */
#define LATE_OUTPUT "2000000"

static ProcessManagedProcess *
start_survivor (LingerFixture *self)
{
  return test_start (&self->base, "fork", "{", "await", self->orders->path, "bytes", LATE_OUTPUT,
                     "x", "tell", self->report->path, "alive", "await", self->orders->path, "}",
                     NULL);
}

static gboolean
is_buffer_full (ProcessManagedProcess *process)
{
  g_autoptr (GBytes) bytes = process_managed_process_get_output_bytes (process);

  return bytes != NULL && g_bytes_get_size (bytes) == PROCESS_DEFAULT_BUFFER_SIZE;
}

static void
test_survivor_off_the_list (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start_survivor (self);
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
  process_service_remove (self->base.service, process_managed_process_get_id (process), &error);
  g_assert_no_error (error);
  test_fifo_send (self->orders);
  test_fifo_expect (self->report, "alive");
  test_run_until (is_buffer_full (process));
  test_run_until (process_managed_process_get_output_truncated (process));
  g_assert_true (process_managed_process_get_lingering (process));
  test_fifo_send (self->orders);
  test_run_until (!process_managed_process_get_lingering (process));
}

static void
test_survivor_of_a_forgotten_process (LingerFixture *self, gconstpointer data)
{
  ProcessManagedProcess *process = start_survivor (self);
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
  process_service_clear (self->base.service);
  g_object_unref (process);
  test_fifo_send (self->orders);
  test_fifo_expect (self->report, "alive");
  g_assert_cmpint (self->base.n_alive, ==, 1);
  test_fifo_send (self->orders);
  test_run_until (g_atomic_int_get (&self->base.n_alive) == 0);
}

static void
test_survivor_of_the_service (LingerFixture *self, gconstpointer data)
{
  ProcessManagedProcess *process = start_survivor (self);
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
  g_object_unref (process);
  g_assert_finalize_object (g_steal_pointer (&self->base.service));
  test_fifo_send (self->orders);
  test_fifo_expect (self->report, "alive");
  test_fifo_send (self->orders);
}

/* It is the silence that counts, not the time since the child ended: with a
 * descendant that is never silent the end comes after a second. Where the
 * machine is so busy that it was silent, once more. */
static void
test_second (LingerFixture *self, gconstpointer data)
{
  gint64 longest = 0;

  if (!test_needs_pidfds ())
    return;
  for (guint i = 0; i < 10 && longest < G_TIME_SPAN_SECOND; i++)
    {
      g_autoptr (ProcessRunOptions) options = test_options ("fork", "{", "flood", "}", NULL);
      g_autoptr (ProcessManagedProcess) process = NULL;
      gint64 before;

      process_run_options_set_kill_group (options, TRUE);
      before = g_get_monotonic_time ();
      process = test_start_with (&self->base, options, NULL);
      test_finish_well (process);
      longest = MAX (longest, g_get_monotonic_time () - before);
      process_managed_process_kill (process, NULL);
      test_run_until (!process_managed_process_get_lingering (process));
    }
  g_assert_cmpint (longest, >=, G_TIME_SPAN_SECOND);
}

/* A descendant that is never silent does not put off the end for ever. */
static void
test_flood (LingerFixture *self, gconstpointer data)
{
  gboolean with_handler = GPOINTER_TO_INT (data);
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->report->path, "flood", "}", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process = test_start_with (&self->base, options, NULL);
  if (with_handler)
    test_log_process (&self->base, process);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_true (process_managed_process_get_lingering (process));
  if (with_handler)
    g_assert_cmpstr (self->base.log->pdata[self->base.log->len - 1], ==, "exited 0");

  test_fifo_expect (self->report, "held");
  g_assert_false (test_fifo_has_ended (self->report));
  process_managed_process_kill (process, &error);
  g_assert_no_error (error);
  test_run_until (test_fifo_has_ended (self->report));
  test_run_until (!process_managed_process_get_lingering (process));
  if (with_handler)
    g_assert_cmpstr (self->base.log->pdata[self->base.log->len - 1], ==, "exited 0");
}

/* The same when the owner blocks. */
static void
test_blocking_wait (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("out", "hi\\n", "fork", "{", "hold", self->report->path, "flood", "}", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process = test_start_with (&self->base, options, NULL);
  test_log_process (&self->base, process);
  g_assert_true (process_managed_process_wait (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_cmpstr (self->base.log->pdata[1], ==, "stdout: hi");
  g_assert_cmpstr (self->base.log->pdata[self->base.log->len - 1], ==, "exited 0");
  process_managed_process_kill (process, &error);
  g_assert_no_error (error);
}

static void
run_with_survivor (LingerFixture *self)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (&self->base, "orders-of-run");
  const char *args[] = { "out",  "hi\\n", "fork", "{", "await", orders->path,
                         "tell", self->report->path, "alive", "}", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run (self->base.service, test_get_child (), args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "hi\n");
  test_fifo_send (orders);
  test_fifo_expect (self->report, "alive");
}

static void
test_run (LingerFixture *self, gconstpointer data)
{
  run_with_survivor (self);
}

/* What was printed before the end is told before the end. */
static void
test_rest_is_told (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "lines", "100000", "out", "no end", "fork", "{", "await",
                self->orders->path, "}", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_cmpuint (self->base.log->len, ==, 100003);
  g_assert_cmpstr (self->base.log->pdata[100000], ==, "stdout: line 100000");
  g_assert_cmpstr (self->base.log->pdata[100001], ==, "stdout: no end");
  g_assert_cmpstr (self->base.log->pdata[100002], ==, "exited 0");
  test_fifo_send (self->orders);
}

static void
slow_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
         LingerFixture *self)
{
  test_look_until (test_is_dead (process_managed_process_get_pid (process)));
  if (self->base.log->len % 10 == 0)
    g_usleep (1000);
}

/* A handler that takes longer than the silence costs no output. */
static void
test_slow_handler (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "lines", "4000", "fork", "{", "await", self->orders->path, "}", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  g_signal_connect (process, "output", G_CALLBACK (slow_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (self->base.log->len, ==, 4002);
  g_assert_cmpstr (self->base.log->pdata[4000], ==, "stdout: line 4000");
  g_assert_cmpstr (self->base.log->pdata[4001], ==, "exited 0");
  test_fifo_send (self->orders);
}

static void
run_another_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
                LingerFixture *self)
{
  test_look_until (test_is_dead (process_managed_process_get_pid (process)));
  if (g_str_equal (line, "line 1"))
    run_with_survivor (self);
}

/* Nor does one that waits for another process, which lingers as well. */
static void
test_handler_that_waits (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "lines", "4000", "fork", "{", "await", self->orders->path, "}", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  g_signal_connect (process, "output", G_CALLBACK (run_another_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (self->base.log->len, ==, 4002);
  g_assert_cmpstr (self->base.log->pdata[4000], ==, "stdout: line 4000");
  g_assert_cmpstr (self->base.log->pdata[4001], ==, "exited 0");
  test_fifo_send (self->orders);
}

static void
order_more_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               LingerFixture *self)
{
  if (!g_str_equal (line, "first"))
    return;
  test_fifo_send (self->orders);
  test_run_until (test_is_dead (process_managed_process_get_pid (process)));
  run_with_survivor (self);
  g_assert_cmpuint (test_count_log (&self->base, "exited 0"), ==, 0);
}

/* All the rest, and the end, come while the handler of the first line runs. */
static void
test_rest_while_in_handler (LingerFixture *self, gconstpointer data)
{
  gboolean is_started = GPOINTER_TO_INT (data);
  g_autoptr (TestFifo) last_orders = test_fifo_new_orders (&self->base, "last-orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "await", last_orders->path, "out", "first\n", "tell",
                self->report->path, "printed", "await", self->orders->path, "lines", "5000", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  g_signal_connect (process, "output", G_CALLBACK (order_more_cb), self);
  if (is_started)
    test_run_until (self->base.log->len == 1);
  test_fifo_send (last_orders);
  test_look_until (test_fifo_has_line (self->report));
  g_free (test_fifo_take_line (self->report));
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (self->base.log->len, ==, 5003);
  g_assert_cmpstr (self->base.log->pdata[1], ==, "stdout: first");
  g_assert_cmpstr (self->base.log->pdata[2], ==, "stdout: line 1");
  g_assert_cmpstr (self->base.log->pdata[5001], ==, "stdout: line 5000");
  g_assert_cmpstr (self->base.log->pdata[5002], ==, "exited 0");
}

static void
lag_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
        LingerFixture *self)
{
  int pid = process_managed_process_get_pid (process);
  gint64 limit = g_get_monotonic_time () + 2 * G_TIME_SPAN_SECOND;

  if (!g_str_equal (line, "line 1"))
    return;
  /* It can end when what is left fits into the pipe; how large that is is up
   * to the system. */
  test_run_until (test_is_dead (pid) || g_get_monotonic_time () >= limit);
  run_with_survivor (self);
}

/* A handler that is busy for longer than the silence, while there is more than
 * may wait to be delivered, so that the rest is still in the pipe. */
static void
test_handler_that_lags (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (
    &self->base, "lines", "98569", "fork", "{", "await", self->orders->path, "}", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  g_signal_connect (process, "output", G_CALLBACK (lag_cb), self);
  error = test_finish (process);
  g_assert_no_error (error);
  g_assert_cmpuint (self->base.log->len, ==, 98571);
  g_assert_cmpstr (self->base.log->pdata[98569], ==, "stdout: line 98569");
  g_assert_cmpstr (self->base.log->pdata[98570], ==, "exited 0");
  test_fifo_send (self->orders);
}

/* The end of its output is not the end of a child. */
static void
test_closed_output (LingerFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "out", "bye", "err", "bye", "close", "1", "close", "2", "await",
                self->orders->path, "exit", "3", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (&self->base, process);
  test_run_until (self->base.log->len == 3);
  g_assert_cmpuint (test_count_log (&self->base, "stdout: bye"), ==, 1);
  g_assert_cmpuint (test_count_log (&self->base, "stderr: bye"), ==, 1);
  g_ptr_array_set_size (self->base.log, 0);
  g_assert_true (process_managed_process_is_running (process));
  test_fifo_send (self->orders);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  test_assert_log (&self->base, "exited 3");
}

#define add(path, data, func) g_test_add (path, LingerFixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  add ("/linger/survivor", NULL, test_survivor);
  add ("/linger/notify", NULL, test_notify);
  add ("/linger/no-survivor", NULL, test_no_survivor);
  add ("/linger/survivor-with-stderr", NULL, test_survivor_with_stderr);
  add ("/linger/survivor-off-the-list", NULL, test_survivor_off_the_list);
  add ("/linger/survivor-of-a-forgotten-process", NULL, test_survivor_of_a_forgotten_process);
  add ("/linger/survivor-of-the-service", NULL, test_survivor_of_the_service);
  add ("/linger/second", NULL, test_second);
  add ("/linger/flood", GINT_TO_POINTER (FALSE), test_flood);
  add ("/linger/flood-with-handler", GINT_TO_POINTER (TRUE), test_flood);
  add ("/linger/blocking-wait", NULL, test_blocking_wait);
  add ("/linger/run", NULL, test_run);
  add ("/linger/rest-is-told", NULL, test_rest_is_told);
  add ("/linger/slow-handler", NULL, test_slow_handler);
  add ("/linger/handler-that-waits", NULL, test_handler_that_waits);
  add ("/linger/rest-while-in-handler", GINT_TO_POINTER (FALSE), test_rest_while_in_handler);
  add ("/linger/rest-while-in-handler-later", GINT_TO_POINTER (TRUE), test_rest_while_in_handler);
  add ("/linger/handler-that-lags", NULL, test_handler_that_lags);
  add ("/linger/closed-output", NULL, test_closed_output);

  return g_test_run ();
}
