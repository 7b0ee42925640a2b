/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Calls from other threads, whether the owner's main loop runs or not. Signals
 * are emitted in the owner only: the log of the fixture checks that. */

#include "test-util.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef void (*WorkFunc) (TestFixture *self, gpointer data);

/* Something that is done in another thread. */
typedef struct
{
  TestFixture *fixture;
  WorkFunc     func;
  gpointer     data;
  GThread     *thread;
  gint         done;
} Work;

static gpointer
work_thread (gpointer data)
{
  Work *work = data;

  work->func (work->fixture, work->data);
  g_atomic_int_set (&work->done, TRUE);
  return NULL;
}

static void
work_begin (Work *work, TestFixture *fixture, WorkFunc func, gpointer data)
{
  *work = (Work) { fixture, func, data, NULL, FALSE };
  work->thread = g_thread_new ("work", work_thread, work);
}

static gboolean
work_is_done (Work *work)
{
  return g_atomic_int_get (&work->done);
}

static void
work_join (Work *work)
{
  g_thread_join (work->thread);
}

/* While the owner's main loop runs, or does not. */
static void
work (TestFixture *self, gboolean with_loop, WorkFunc func, gpointer data)
{
  Work it;

  work_begin (&it, self, func, data);
  if (with_loop)
    test_run_until (work_is_done (&it));
  work_join (&it);
}

#define WITH_LOOP(data) (GPOINTER_TO_INT (data))

static void
wait_work (TestFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (data, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_false (process_managed_process_is_running (data));
  g_assert_cmpint (process_managed_process_get_exit_code (data), ==, 3);
}

static void
test_wait (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "one\\ntwo\\n", "exit", "3", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  work (self, WITH_LOOP (data), wait_work, process);
  if (!WITH_LOOP (data))
    g_assert_cmpuint (self->log->len, ==, 0);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  test_assert_log (self, "started", "stdout: one", "stdout: two", "exited 3");
}

typedef struct
{
  guint    n_lines;
  guint    last;     /* the number of the last one */
  guint    n_missed; /* breaks in the numbers */
  GString *others;   /* (owned), lines that are no number, each followed by a bar */
} Heard;

static void
hear_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Heard *heard)
{
  g_autofree char *expected = NULL;
  guint number = 0;

  if (sscanf (line, "line %u", &number) == 1)
    {
      expected = g_strdup_printf ("line %u", number);
      g_assert_cmpstr (line, ==, expected);
      g_assert_cmpuint (number, >, heard->last);
      heard->n_missed += number != heard->last + 1;
      heard->last = number;
      heard->n_lines++;
      return;
    }
  g_string_append_printf (heard->others, "%s|", line);
}

/* What was read in vain, since nobody listened and too much was kept for later, is missing in one
 * piece: no line is told of in part. */
static void
test_wait_misses_whole_lines (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "lines", "300000", "out", "some", "tell", report->path, "printed", "await",
                orders->path, "out", " of it\\nthe rest\\n", "exit", "3", NULL);
  Heard heard = { .others = g_string_new (NULL) };
  g_autoptr (GError) error = NULL;
  Work it;

  work_begin (&it, self, wait_work, process);
  test_look_until (test_fifo_has_line (report));
  test_fifo_expect (report, "printed");
  g_signal_connect (process, "output", G_CALLBACK (hear_cb), &heard);
  test_run_until (heard.n_lines > 0);
  test_fifo_send (orders);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  work_join (&it);
  g_assert_cmpuint (heard.n_lines, <, 300000);
  g_assert_cmpuint (heard.n_missed, <=, 1);
  /* The end of the pipe may have been read after the gap. */
  g_assert_true (g_str_equal (heard.others->str, "the rest|") ||
                 g_str_equal (heard.others->str, "some of it|the rest|"));
  g_string_free (heard.others, TRUE);
}

static void
count_data_cb (ProcessManagedProcess *process, GBytes *data, ProcessStream stream, gsize *total)
{
  *total += g_bytes_get_size (data);
}

/* More than a pipe holds, and nobody listens: the one that waits reads it. What
 * of it is kept for who listens later is bounded. */
static void
test_wait_reads (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "lines", "500000", "exit", "3", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize total = 0;

  work (self, WITH_LOOP (data), wait_work, process);
  bytes = process_managed_process_get_output_bytes (process);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, PROCESS_DEFAULT_BUFFER_SIZE);
  test_log_process (self, process);
  g_signal_connect (process, "data", G_CALLBACK (count_data_cb), &total);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpuint (total, <=, (1024 + 64) * 1024);
  if (!WITH_LOOP (data))
    {
      g_assert_cmpuint (test_count_log (self, "started"), ==, 1);
      g_assert_cmpuint (test_count_log (self, "exited 3"), ==, 1);
    }
}

/* The other one waits for a process that a descendant makes linger. */
static void
test_wait_lingering (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "one\\n", "fork", "{", "await", orders->path, "}", "exit", "3", NULL);

  test_log_process (self, process);
  work (self, WITH_LOOP (data), wait_work, process);
  g_assert_true (process_managed_process_get_lingering (process));
  test_run_until (self->log->len == 3);
  test_assert_log (self, "started", "stdout: one", "exited 3");
  test_fifo_send (orders);
  test_run_until (!process_managed_process_get_lingering (process));
}

static void
count_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, gsize *total)
{
  *total += strlen (line) + 1;
}

static void
wait_well_work (TestFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_wait (data, NULL, &error));
  g_assert_no_error (error);
}

/* Somebody listens, but the owner's loop does not run. So what waits for it is
 * bounded, and the child has to wait as well. */
static void
test_bounded (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "press", "8388608", report->path, NULL);
  g_autofree char *told = NULL;
  gsize total = 0;
  Work it;

  g_signal_connect (process, "output", G_CALLBACK (count_cb), &total);
  work_begin (&it, self, wait_well_work, process);
  test_look_until (test_fifo_has_line (report));
  told = test_fifo_take_line (report);
  g_assert_cmpint (g_ascii_strtoll (told, NULL, 10), <=, (1024 + 256 + 128) * 1024);
  g_assert_false (work_is_done (&it));
  g_assert_true (process_managed_process_is_running (process));
  g_assert_cmpuint (total, ==, 0);

  test_run_until (work_is_done (&it));
  work_join (&it);
  test_finish_well (process);
  g_assert_cmpuint (total, ==, 8388608);
}

static void
wait_cancelled_work (TestFixture *self, gpointer data)
{
  GCancellable *cancellable = g_object_get_data (data, "cancellable");
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (data, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_wait_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Work it;

  g_object_set_data (G_OBJECT (process), "cancellable", cancellable);
  work_begin (&it, self, wait_cancelled_work, process);
  g_cancellable_cancel (cancellable);
  work_join (&it);
  g_assert_true (process_managed_process_is_running (process));
}

static void
wait_in_vain_work (TestFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (data, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

/* The timeout, the grace period and the input need no main loop either. */
static void
test_timeout (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("ignore", "TERM", "count", "pause", NULL);
  g_autoptr (GBytes) input = g_bytes_new_take (g_malloc0 (1000000), 1000000);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  process_run_options_set_timeout (options, 1500 * G_TIME_SPAN_MILLISECOND);
  process_run_options_set_grace_period (options, 200 * G_TIME_SPAN_MILLISECOND);
  process = test_start_with (self, options, NULL);
  work (self, WITH_LOOP (data), wait_in_vain_work, process);
  output = process_managed_process_get_output (process);
  g_assert_true (g_str_has_prefix (output, "1000000 bytes"));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

static void
test_many_wait (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "line", "lines", "10000", "exit", "3", NULL);
  g_autoptr (GError) error = NULL;
  Work works[6];

  if (WITH_LOOP (data))
    test_log_process (self, process);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, wait_work, process);
  process_managed_process_close_stdin (process, NULL);
  if (WITH_LOOP (data))
    g_assert_false (process_managed_process_wait (process, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_join (&works[i]);
  error = test_finish (process);
  if (WITH_LOOP (data))
    g_assert_cmpuint (self->log->len, ==, 10002);
}

/* A handler that waits for a thread that waits for the same process. */
static void
wait_elsewhere_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
                   TestFixture *self)
{
  if (g_str_equal (line, "one"))
    work (self, FALSE, wait_work, process);
}

static void
test_wait_for_a_thread_in_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "one\\n", "lines", "5000", "exit", "3", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  g_signal_connect (process, "output", G_CALLBACK (wait_elsewhere_cb), self);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpuint (self->log->len, ==, 5003);
  g_assert_cmpstr (self->log->pdata[5001], ==, "stdout: line 5000");
  g_assert_cmpstr (self->log->pdata[5002], ==, "exited 3");
}

static void
run_work (TestFixture *self, gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u of %d", i, GPOINTER_TO_INT (data));
      const char *args[] = { "out", text, "err", "!", NULL };
      g_autoptr (ProcessRunOptions) options = process_run_options_new (test_get_child (), args);
      g_autofree char *expected = g_strdup_printf ("%s!", text);
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      process_run_options_set_merge_stderr (options, TRUE);
      output = process_service_run_with_options (self->service, options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, expected);
    }
}

static void
test_run (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) listed = NULL;
  Work works[4];

  test_log_service (self);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, run_work, GINT_TO_POINTER (i));
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    {
      if (WITH_LOOP (data))
        test_run_until (work_is_done (&works[i]));
      work_join (&works[i]);
    }
  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 0);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  test_run_until (test_count_log (self, "service exited 0") == 80);
  g_assert_cmpuint (test_count_log (self, "service started"), ==, 80);
  g_assert_cmpuint (self->log->len, ==, 240);
  test_run_until (process_service_get_n_items (self->service) == 0);
}

static void
run_failing_work (TestFixture *self, gpointer data)
{
  const char *args[] = { "err", "oops\\n", "exit", "3", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_run (self->service, test_get_child (), args, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_true (g_str_has_suffix (error->message, ": oops"));
  g_clear_error (&error);
  g_assert_null (process_service_run (self->service, "/nonexistent", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
}

static void
test_run_failing (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) listed = NULL;

  work (self, WITH_LOOP (data), run_failing_work, NULL);
  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 2);
}

static void
start_work (TestFixture *self, gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ProcessManagedProcess) process = test_start (self, "out", "hi\\n", NULL);
      g_autoptr (ProcessManagedProcess) found = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (process_managed_process_get_pid (process), >, 0);
      found = process_service_get (self->service, process_managed_process_get_id (process), &error);
      g_assert_no_error (error);
      g_assert_true (found == process);
    }
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added,
                  TestFixture *self)
{
  g_assert_true (g_thread_self () == self->owner);
  g_assert_cmpuint (g_list_model_get_n_items (model), >=, position + added);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, TestFixture *self)
{
  g_assert_true (g_thread_self () == self->owner);
}

static void
test_start_many (TestFixture *self, gconstpointer data)
{
  Work works[4];

  test_log_service (self);
  g_signal_connect (self->service, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_connect (self->service, "notify", G_CALLBACK (notify_cb), self);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, start_work, NULL);
  if (WITH_LOOP (data))
    test_run_until (test_count_log (self, "service exited 0") == 80);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_join (&works[i]);
  test_run_until (test_count_log (self, "service exited 0") == 80);
  g_assert_cmpuint (test_count_log (self, "service started"), ==, 80);
  g_assert_cmpuint (test_count_log (self, "service stdout: hi"), ==, 80);
  g_assert_cmpuint (self->log->len, ==, 240);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 80);
}

static void
start_one_work (TestFixture *self, gpointer data)
{
  *(ProcessManagedProcess **) data = test_start (self, "line", NULL);
}

static void
remove_work (TestFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  process_service_remove (self->service, process_managed_process_get_id (data), &error);
  g_assert_no_error (error);
}

/* The list is current in every thread; the list model follows in the owner. */
static void
test_list_model (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GPtrArray) listed = NULL, left = NULL;

  work (self, FALSE, start_one_work, &process);
  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 1);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 0);
  test_run_until (process_service_get_n_items (self->service) == 1);
  process_managed_process_close_stdin (process, NULL);
  test_finish_well (process);
  work (self, FALSE, remove_work, process);
  left = process_service_list (self->service);
  g_assert_cmpuint (left->len, ==, 0);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 1);
  test_run_until (process_service_get_n_items (self->service) == 0);
}

static void
shutdown_work (TestFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_service_shutdown (self->service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
}

static void
test_shutdown (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  test_log_service (self);
  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (all, test_start (self, "out", "hi\\n", "pause", NULL));
  work (self, WITH_LOOP (data), shutdown_work, NULL);
  test_run_until (test_count_log (self, "service exited -1") == 20);
  g_assert_cmpuint (test_count_log (self, "service killed SIGKILL"), ==, 20);
  g_assert_null (process_service_start (self->service, "true", NULL, NULL, NULL));
}

static void
keep_starting_work (TestFixture *self, gpointer data)
{
  for (;;)
    {
      g_autoptr (ProcessManagedProcess) process = NULL;
      const char *args[] = { "pause", NULL };
      g_autoptr (GError) error = NULL;

      process = process_service_start (self->service, test_get_child (), args, NULL, &error);
      if (process == NULL)
        {
          g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
          return;
        }
      test_track (self, process);
    }
}

/* What is being started while the service is shut down is ended as well. */
static void
test_shutdown_while_starting (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Work works[3];

  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, keep_starting_work, NULL);
  test_run_until (process_service_get_n_running (self->service) >= 10);
  g_assert_true (process_service_shutdown (self->service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_join (&works[i]);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
}

static void
talk_work (TestFixture *self, gpointer data)
{
  ProcessManagedProcess *process = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *output = NULL;
      g_autoptr (ProcessInfo) info = NULL;

      g_assert_true (process_managed_process_send_input (process, "0123456789\n", &error));
      g_assert_no_error (error);
      g_assert_true (process_managed_process_send_signal (process, i % 2 ? SIGCONT : 0, &error));
      g_assert_no_error (error);
      output = process_managed_process_get_output (process);
      g_assert_cmpuint (strlen (output) % 11, ==, 0);
      info = process_managed_process_get_info (process);
      g_assert_true (process_info_get_running (info));
      g_assert_cmpint (process_managed_process_get_duration (process), >, 0);
      g_assert_false (process_managed_process_get_output_truncated (process));
      g_assert_false (process_managed_process_get_lingering (process));
    }
}

static void
test_talk (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "copy", NULL);
  g_autofree char *output = NULL;
  Work works[3];

  if (WITH_LOOP (data))
    test_log_process (self, process);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, talk_work, process);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    {
      if (WITH_LOOP (data))
        test_run_until (work_is_done (&works[i]));
      work_join (&works[i]);
    }
  process_managed_process_close_stdin (process, NULL);
  output = test_finish_output (process);
  g_assert_cmpuint (strlen (output), ==, 3 * 200 * 11);
  if (WITH_LOOP (data))
    g_assert_cmpuint (test_count_log (self, "stdout: 0123456789"), ==, 600);
}

static void
kill_work (TestFixture *self, gpointer data)
{
  GPtrArray *all = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      g_assert_true (process_managed_process_kill (all->pdata[i], &error));
      g_assert_no_error (error);
    }
}

static void
shutdown_each_work (TestFixture *self, gpointer data)
{
  GPtrArray *all = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      g_assert_true (
        process_managed_process_shutdown (all->pdata[all->len - 1 - i], NULL, &error));
      g_assert_no_error (error);
    }
}

/* Many who end the same ones. */
static void
test_kill (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  Work works[4];

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (all, test_start (self, "pause", NULL));
  test_log_service (self);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, i % 2 ? kill_work : shutdown_each_work, all);
  test_run_until (test_count_log (self, "service exited -1") == 20);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    {
      test_run_until (work_is_done (&works[i]));
      work_join (&works[i]);
    }
  g_assert_cmpuint (test_count_log (self, "service killed SIGKILL"), ==, 20);
}

/* Asynchronous calls complete in the context of who made them. */
typedef struct
{
  GThread *thread;
  guint    n_left;
} Calls;

static void
one_done (Calls *calls)
{
  g_assert_true (g_thread_self () == calls->thread);
  calls->n_left--;
}

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_assert_true (
    process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object), result, NULL));
  one_done (data);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_assert_true (
    process_managed_process_send_bytes_finish (PROCESS_MANAGED_PROCESS (object), result, NULL));
  one_done (data);
}

static void
ran_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree char *output = process_service_run_finish (PROCESS_SERVICE (object), result, NULL);

  g_assert_cmpstr (output, ==, "ran");
  one_done (data);
}

static void
stopped_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_assert_true (
    process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object), result, NULL));
  one_done (data);
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) answer =
    process_service_call_action_finish (PROCESS_SERVICE (object), result, NULL);

  g_assert_nonnull (answer);
  one_done (data);
}

static void
async_work (TestFixture *self, gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (ProcessManagedProcess) endless = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("hi\n", 3);
  const char *args[] = { "out", "ran", NULL };
  Calls calls = { g_thread_self (), 5 };

  g_main_context_push_thread_default (context);
  process = test_start (self, "line", NULL);
  endless = test_start (self, "pause", NULL);
  process_managed_process_wait_async (process, NULL, waited_cb, &calls);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, &calls);
  process_service_run_async (self->service, test_get_child (), args, NULL, ran_cb, &calls);
  process_managed_process_shutdown_async (endless, NULL, stopped_cb, &calls);
  process_service_call_action_async (self->service, "process.list", NULL, NULL, called_cb,
                                     &calls);
  test_run_until (calls.n_left == 0);
  g_main_context_pop_thread_default (context);
}

static void
test_async (TestFixture *self, gconstpointer data)
{
  Work works[3];

  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, async_work, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    {
      test_run_until (work_is_done (&works[i]));
      work_join (&works[i]);
    }
}

/* The owner is whoever runs the context, not whoever made the service. */
static void
loop_work (TestFixture *self, gpointer data)
{
  g_assert_true (g_main_context_acquire (NULL));
  g_atomic_pointer_set (&self->owner, g_thread_self ());
  test_run_until (g_atomic_int_get ((gint *) data));
  g_main_context_release (NULL);
}

static void
test_loop_elsewhere (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  GThread *before = self->owner;
  gint stop = FALSE;
  Work loop;

  test_log_service (self);
  self->owner = NULL;
  work_begin (&loop, self, loop_work, &stop);
  test_look_until (g_atomic_pointer_get (&self->owner) != NULL);
  run_work (self, GINT_TO_POINTER (1));
  process = test_start (self, "exit", "3", NULL);
  wait_work (self, process);
  shutdown_work (self, NULL);
  g_atomic_int_set (&stop, TRUE);
  work_join (&loop);
  self->owner = before;
  test_run_until (test_count_log (self, "service exited 3") == 1);
  g_assert_cmpuint (test_count_log (self, "service exited 0"), ==, 20);
}

/* Services of many threads that belong to one context, which nobody runs: one
 * at a time can be the owner, whoever calls first. */
static void
own_service_work (TestFixture *self, gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ProcessService) service = process_service_new ();
      const char *args[] = { "out", "hi", NULL };
      g_autoptr (ProcessManagedProcess) process = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *output =
        process_service_run (service, test_get_child (), args, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "hi");
      args[0] = "line";
      process = process_service_start (service, test_get_child (), args, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (process_managed_process_shutdown (process, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (process_service_shutdown (service, 0, NULL, &error));
      g_assert_no_error (error);
    }
}

static void
test_own_services (TestFixture *self, gconstpointer data)
{
  Work works[4];

  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, own_service_work, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_join (&works[i]);
}

static void
program_work (TestFixture *self, gpointer data)
{
  const char *args[] = { "out", "hi", NULL };

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *output = process_program_run (data, args, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "hi");
    }
}

static void
missing_program_work (TestFixture *self, gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (process_program_run (data, NULL, NULL, &error));
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
    }
}

/* Programs that are run in many threads leave nothing for a main loop to do. */
static void
test_programs (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessProgram) program = process_program_new (test_get_child ());
  g_autoptr (ProcessProgram) missing = process_program_new ("/nonexistent");
  guint n_fds = test_count_fds ("");
  Work works[4];

  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_begin (&works[i], self, i % 2 ? missing_program_work : program_work,
                i % 2 ? missing : program);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    work_join (&works[i]);
  test_look_until (test_count_fds ("") == n_fds);
}

/* A service that belongs to a context of its own, which a thread runs. */
typedef struct
{
  GMainContext   *context;
  ProcessService *service;
  gint            stop;
} Place;

static void
place_work (TestFixture *self, gpointer data)
{
  Place *place = data;
  g_autoptr (ProcessService) service = NULL;

  g_main_context_push_thread_default (place->context);
  service = process_service_new ();
  g_signal_connect (service, "notify", G_CALLBACK (notify_cb), self);
  g_signal_connect (service, "items-changed", G_CALLBACK (items_changed_cb), self);
  self->owner = g_thread_self ();
  g_atomic_pointer_set (&place->service, service);
  while (!g_atomic_int_get (&place->stop))
    g_main_context_iteration (place->context, TRUE);
  /* What has left the list may still have to be told. */
  while (g_main_context_iteration (place->context, FALSE))
    continue;
  process_service_shutdown (service, 0, NULL, NULL);
  g_assert_finalize_object (g_steal_pointer (&service));
  g_main_context_pop_thread_default (place->context);
}

static void
test_own_context (TestFixture *self, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  ProcessService *unused = g_steal_pointer (&self->service);
  Place place = { context, NULL, FALSE };
  GThread *before = self->owner;
  Work it;

  work_begin (&it, self, place_work, &place);
  test_look_until (g_atomic_pointer_get (&place.service) != NULL);
  self->service = place.service;
  run_work (self, GINT_TO_POINTER (2));
  run_failing_work (self, NULL);
  self->service = NULL;
  g_atomic_int_set (&place.stop, TRUE);
  g_main_context_wakeup (context);
  work_join (&it);
  self->owner = before;
  self->service = unused;
}

static void
drop_work (TestFixture *self, gpointer data)
{
  g_object_unref (data);
}

/* The last reference may be dropped anywhere. */
static void
test_drop_elsewhere (TestFixture *self, gconstpointer data)
{
  ProcessManagedProcess *running = test_start (self, "line", NULL);
  ProcessManagedProcess *ended = test_start (self, "exit", "0", NULL);

  test_finish_well (ended);
  process_service_clear (self->service);
  work (self, FALSE, drop_work, ended);
  process_managed_process_close_stdin (running, NULL);
  work (self, FALSE, drop_work, running);
  work (self, FALSE, drop_work, g_steal_pointer (&self->service));
  test_run_until (g_atomic_int_get (&self->n_alive) == 0);
}

#define add_both(path, func)                                      \
  G_STMT_START                                                    \
    {                                                             \
      test_add_with (path, GINT_TO_POINTER (FALSE), func);        \
      test_add_with (path "-with-loop", GINT_TO_POINTER (TRUE), func); \
    }                                                             \
  G_STMT_END

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  add_both ("/threads/wait", test_wait);
  add_both ("/threads/wait-reads", test_wait_reads);
  add_both ("/threads/wait-lingering", test_wait_lingering);
  test_add ("/threads/bounded", test_bounded);
  test_add ("/threads/wait-misses-whole-lines", test_wait_misses_whole_lines);
  test_add ("/threads/wait-cancelled", test_wait_cancelled);
  add_both ("/threads/timeout", test_timeout);
  add_both ("/threads/many-wait", test_many_wait);
  test_add ("/threads/wait-for-a-thread-in-handler", test_wait_for_a_thread_in_handler);
  add_both ("/threads/run", test_run);
  add_both ("/threads/run-failing", test_run_failing);
  add_both ("/threads/start-many", test_start_many);
  test_add ("/threads/list-model", test_list_model);
  add_both ("/threads/shutdown", test_shutdown);
  test_add ("/threads/shutdown-while-starting", test_shutdown_while_starting);
  add_both ("/threads/talk", test_talk);
  test_add ("/threads/kill", test_kill);
  test_add ("/threads/async", test_async);
  test_add ("/threads/loop-elsewhere", test_loop_elsewhere);
  test_add ("/threads/own-services", test_own_services);
  test_add ("/threads/programs", test_programs);
  test_add ("/threads/own-context", test_own_context);
  test_add ("/threads/drop-elsewhere", test_drop_elsewhere);

  return g_test_run ();
}
