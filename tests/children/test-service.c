/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The service: what it lists, and how it ends. */

#include "test-util.h"

#include <signal.h>
#include <string.h>

#define SOON (200 * G_TIME_SPAN_MILLISECOND)
#define LATE (30 * G_TIME_SPAN_SECOND)

/* Follows the list model by its signal alone, and compares at each step. */
typedef struct
{
  GListModel *model;
  GPtrArray  *items; /* (owned), of processes (owned) */
  guint       n_changes;
  guint       n_notified;
} Mirror;

static void
mirror_changed_cb (GListModel *model, guint position, guint removed, guint added, Mirror *self)
{
  g_assert_cmpuint (position + removed, <=, self->items->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->items, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->items, (int) (position + i),
                        g_list_model_get_item (model, position + i));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->items->len);
  for (guint i = 0; i < self->items->len; i++)
    {
      g_autoptr (ProcessManagedProcess) item = g_list_model_get_item (model, i);

      g_assert_true (item == self->items->pdata[i]);
    }
  self->n_changes++;
}

static void
mirror_notify_cb (GObject *object, GParamSpec *pspec, Mirror *self)
{
  guint n;

  g_object_get (object, "n-items", &n, NULL);
  g_assert_cmpuint (n, ==, self->items->len);
  self->n_notified++;
}

static void
mirror_init (Mirror *self, ProcessService *service)
{
  self->model = G_LIST_MODEL (service);
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->n_changes = self->n_notified = 0;
  g_signal_connect (service, "items-changed", G_CALLBACK (mirror_changed_cb), self);
  g_signal_connect (service, "notify::n-items", G_CALLBACK (mirror_notify_cb), self);
}

static void
mirror_clear (Mirror *self)
{
  g_signal_handlers_disconnect_by_data (self->model, self);
  g_ptr_array_unref (self->items);
}

static void
assert_ids (GPtrArray *processes, ProcessManagedProcess *first, ...)
{
  ProcessManagedProcess *process = first;
  va_list list;
  guint i = 0;

  va_start (list, first);
  for (; process != NULL; process = va_arg (list, ProcessManagedProcess *), i++)
    {
      g_assert_cmpuint (i, <, processes->len);
      g_assert_true (processes->pdata[i] == process);
    }
  va_end (list);
  g_assert_cmpuint (i, ==, processes->len);
}

static void
test_list_model (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) first = NULL, second = NULL, third = NULL;
  g_autoptr (GError) error = NULL;
  GType item_type;
  Mirror mirror;

  mirror_init (&mirror, self->service);
  g_assert_true (g_list_model_get_item_type (mirror.model) == PROCESS_TYPE_MANAGED_PROCESS);
  g_object_get (self->service, "item-type", &item_type, NULL);
  g_assert_true (item_type == PROCESS_TYPE_MANAGED_PROCESS);
  g_assert_null (g_list_model_get_item (mirror.model, 0));

  /* In the owner the model is up to date at once. */
  first = test_start (self, "pause", NULL);
  second = test_start (self, "exit", "0", NULL);
  third = test_start (self, "pause", NULL);
  g_assert_cmpuint (mirror.n_changes, ==, 3);
  assert_ids (mirror.items, first, second, third, NULL);
  g_assert_null (g_list_model_get_item (mirror.model, 3));
  g_assert_null (g_list_model_get_item (mirror.model, G_MAXUINT));
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 3);

  test_finish_well (second);
  g_assert_cmpuint (mirror.n_changes, ==, 3);
  process_service_remove (self->service, process_managed_process_get_id (second), &error);
  g_assert_no_error (error);
  assert_ids (mirror.items, first, third, NULL);
  process_managed_process_shutdown (third, NULL, NULL);
  process_managed_process_shutdown (first, NULL, NULL);
  process_service_clear (self->service);
  g_assert_cmpuint (mirror.items->len, ==, 0);
  g_assert_cmpuint (mirror.n_changes, ==, 6);
  g_assert_cmpuint (mirror.n_notified, ==, 6);
  mirror_clear (&mirror);
}

/* Handlers that change the list while it tells of a change. */
static void
remove_ended_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                 gint64 duration, const GError *error, TestFixture *self)
{
  g_autoptr (GError) problem = NULL;

  process_service_remove (service, process_managed_process_get_id (process), &problem);
  g_assert_no_error (problem);
  if (test_count_log (self, "again") < 5)
    {
      g_autoptr (ProcessManagedProcess) another G_GNUC_UNUSED =
    test_start (self, "exit", "0", NULL);

      test_log (self, "again");
    }
  else
    test_log (self, "enough");
}

static void
test_change_in_handler (TestFixture *self, gconstpointer data)
{
  Mirror mirror;

  mirror_init (&mirror, self->service);
  g_signal_connect (self->service, "exited", G_CALLBACK (remove_ended_cb), self);
  g_object_unref (test_start (self, "exit", "0", NULL));
  test_run_until (test_count_log (self, "enough") == 1);
  g_assert_cmpuint (mirror.items->len, ==, 0);
  g_assert_cmpuint (mirror.n_changes, ==, 12);
  mirror_clear (&mirror);
}

static void
running_changed_cb (ProcessService *service, GParamSpec *pspec, TestFixture *self)
{
  test_log (self, "running %u", process_service_get_n_running (service));
}

/* The number is current at once; told of before what it is about is. */
static void
test_n_running (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;

  test_log_service (self);
  g_signal_connect (self->service, "notify::n-running", G_CALLBACK (running_changed_cb), self);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  process = test_start (self, "line", NULL);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 1);
  test_run_until (self->log->len == 2);
  test_assert_log (self, "running 1", "service started");
  process_managed_process_close_stdin (process, NULL);
  test_finish_well (process);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  test_assert_log (self, "running 0", "service exited 0");

  g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  test_run_until (self->log->len > 0);
  test_assert_log (self, "service exited -1");
}

static void
test_look_up (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) first = test_start (self, "pause", NULL);
  g_autoptr (ProcessManagedProcess) second = test_start (self, "exit", "0", NULL);
  g_autoptr (ProcessManagedProcess) third = test_start (self, "pause", NULL);
  g_autoptr (ProcessManagedProcess) found = NULL;
  g_autoptr (GPtrArray) all = process_service_list (self->service);
  g_autoptr (GPtrArray) running = NULL, left = NULL;
  const char *id = process_managed_process_get_id (second);
  g_autoptr (GError) error = NULL;

  assert_ids (all, first, second, third, NULL);
  found = process_service_get (self->service, id, &error);
  g_assert_no_error (error);
  g_assert_true (found == second);
  test_finish_well (second);
  running = process_service_running (self->service);
  assert_ids (running, first, third, NULL);
  process_service_clear (self->service);
  left = process_service_list (self->service);
  assert_ids (left, first, third, NULL);

  g_assert_null (process_service_get (self->service, id, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, id));
  g_clear_error (&error);
  g_assert_null (process_service_get (self->service, "", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
}

static void
test_remove (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  const char *id = process_managed_process_get_id (process);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_service_remove (self->service, id, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_STILL_RUNNING);
  g_assert_nonnull (strstr (error->message, id));
  g_clear_error (&error);
  process_managed_process_close_stdin (process, NULL);
  test_finish_well (process);
  g_assert_true (process_service_remove (self->service, id, &error));
  g_assert_no_error (error);
  g_assert_false (process_service_remove (self->service, id, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 0);
}

static void
test_remove_failed_start (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  test_log_service (self);
  listed = process_service_list (self->service);
  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_true (process_service_remove (
    self->service, process_managed_process_get_id (listed->pdata[0]), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 0);
  /* It is told of all the same. */
  test_run_until (self->log->len > 0);
  test_assert_log (self, "service exited -1");
}

static void
exited_in_history_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
                      gint64 duration, const GError *error, gpointer data)
{
  g_autoptr (ProcessManagedProcess) found =
    process_service_get (service, process_managed_process_get_id (process), NULL);

  g_assert_true (found == process);
}

static ProcessManagedProcess *
start_and_end (TestFixture *self)
{
  ProcessManagedProcess *process = test_start (self, "exit", "0", NULL);

  test_finish_well (process);
  return process;
}

static void
assert_listed (TestFixture *self, ProcessManagedProcess *first, ProcessManagedProcess *second,
               ProcessManagedProcess *third)
{
  g_autoptr (GPtrArray) listed = process_service_list (self->service);

  assert_ids (listed, first, second, third, NULL);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, listed->len);
}

/* Those that ended first leave first; running ones do not count. */
static void
test_max_history (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) long_one = test_start (self, "line", NULL);
  g_autoptr (ProcessManagedProcess) a = NULL, b = NULL, c = NULL, d = NULL;
  Mirror mirror;

  mirror_init (&mirror, self->service);
  g_ptr_array_add (mirror.items, g_object_ref (long_one));
  g_signal_connect (self->service, "exited", G_CALLBACK (exited_in_history_cb), NULL);
  g_assert_cmpuint (process_service_get_max_history (self->service), ==, 0);
  process_service_set_max_history (self->service, 2);
  a = start_and_end (self);
  b = start_and_end (self);
  assert_listed (self, long_one, a, b);
  c = start_and_end (self);
  assert_listed (self, long_one, b, c);

  process_managed_process_close_stdin (long_one, NULL);
  test_finish_well (long_one);
  assert_listed (self, long_one, c, NULL);
  d = start_and_end (self);
  assert_listed (self, long_one, d, NULL);
  process_service_set_max_history (self->service, 1);
  assert_listed (self, d, NULL, NULL);
  process_service_set_max_history (self->service, 0);
  mirror_clear (&mirror);
}

static void
test_max_history_of_all (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (all, start_and_end (self));
  g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 21);
  test_log_service (self);
  test_run_until (self->log->len > 0);
  process_service_set_max_history (self->service, 3);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 3);
  {
    g_autoptr (GPtrArray) listed = process_service_list (self->service);

    g_assert_true (listed->pdata[0] == all->pdata[18]);
    g_assert_cmpint (process_managed_process_get_status (listed->pdata[2]), ==,
                     PROCESS_STATUS_FAILED);
  }
}

static void
notify_cb (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

static void
test_properties (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessService) made =
    g_object_new (PROCESS_TYPE_SERVICE, "buffer-size", 12, "max-history", 7, NULL);
  guint buffer_size, max_history, n_running, n_notified = 0;

  g_object_get (made, "buffer-size", &buffer_size, "max-history", &max_history, "n-running",
                &n_running, NULL);
  g_assert_cmpuint (buffer_size, ==, 12);
  g_assert_cmpuint (max_history, ==, 7);
  g_assert_cmpuint (n_running, ==, 0);
  g_assert_cmpuint (process_service_get_max_history (made), ==, 7);
  g_assert_cmpuint (process_service_get_buffer_size (self->service), ==,
                    PROCESS_DEFAULT_BUFFER_SIZE);

  g_signal_connect (self->service, "notify::max-history", G_CALLBACK (notify_cb), &n_notified);
  process_service_set_max_history (self->service, 5);
  g_assert_cmpuint (n_notified, ==, 1);
  process_service_set_max_history (self->service, 5);
  g_assert_cmpuint (n_notified, ==, 1);
}

static void
assert_refuses_starts (TestFixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start (self->service, "true", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_null (process_service_run (self->service, "true", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (self->service), "start"));
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (self->service), "run"));
}

/* All at once, some of which obey and some of which do not. */
static void
test_shutdown (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  gint64 before;

  test_log_service (self);
  for (guint i = 0; i < 40; i++)
    g_ptr_array_add (all, test_start (self, i % 2 == 0 ? "ignore" : "stay",
                                      i % 2 == 0 ? "TERM" : "stay", "tell", report->path, "ready",
                                      "pause", NULL));
  for (guint i = 0; i < 40; i++)
    test_fifo_expect (report, "ready");
  before = g_get_monotonic_time ();
  g_assert_true (process_service_shutdown (self->service, SOON, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - before, >=, SOON);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 20 * SOON);

  for (guint i = 0; i < 40; i++)
    {
      g_assert_cmpint (process_managed_process_get_term_signal (all->pdata[i]), ==,
                       i % 2 == 0 ? SIGKILL : SIGTERM);
      g_assert_cmpint (process_managed_process_get_exit_reason (all->pdata[i]), ==,
                       PROCESS_EXIT_REASON_KILLED);
    }
  g_assert_cmpuint (test_count_log (self, "service killed SIGTERM"), ==, 20);
  g_assert_cmpuint (test_count_log (self, "service killed SIGKILL"), ==, 20);
  g_assert_cmpuint (test_count_log (self, "service exited -1"), ==, 40);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 40);
  assert_refuses_starts (self);
}

static void
test_shutdown_at_once (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessRunOptions) options =
    test_options ("catch", "TERM", "0", "tell", report->path, "ready", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  /* The grace of the service counts, not that of the process. */
  process_run_options_set_grace_period (options, LATE);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (report, "ready");
  g_assert_true (process_service_shutdown (self->service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  g_assert_true (process_service_shutdown (self->service, LATE, NULL, &error));
  g_assert_no_error (error);
}

static void
test_shutdown_with_stop_signal (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessRunOptions) options = test_options (
    "catch", "INT", "3", "ignore", "TERM", "tell", report->path, "ready", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_stop_signal (options, SIGINT);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (report, "ready");
  g_assert_true (process_service_shutdown (self->service, LATE, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 3);
}

static void
test_shutdown_of_nothing (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  g_assert_true (process_service_shutdown (self->service, LATE, NULL, &error));
  g_assert_no_error (error);
  assert_refuses_starts (self);
}

/* Cancelling ends the call; nothing starts any more nevertheless. */
static void
test_shutdown_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process G_GNUC_UNUSED =
    test_start (self, "note", "TERM", report->path, "tell", report->path, "ready", "pause", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  test_fifo_expect (report, "ready");
  g_cancellable_cancel (cancellable);
  g_assert_false (process_service_shutdown (self->service, LATE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_refuses_starts (self);
}

static void
shutdown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error))
    test_log (data, "shut down");
  else
    test_log (data, "failed: %s", error->message);
}

static void
test_shutdown_async (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) first G_GNUC_UNUSED = test_start (self, "pause", NULL);
  g_autoptr (ProcessManagedProcess) second G_GNUC_UNUSED = test_start (self, "pause", NULL);

  test_log_service (self);
  process_service_shutdown_async (self->service, LATE, NULL, shutdown_cb, self);
  g_assert_cmpuint (test_count_log (self, "shut down"), ==, 0);
  assert_refuses_starts (self);
  test_run_until (test_count_log (self, "shut down") == 1);
  g_assert_cmpuint (self->log->len, ==, 7);
  g_assert_cmpstr (self->log->pdata[6], ==, "shut down");
  g_assert_cmpuint (test_count_log (self, "service exited -1"), ==, 2);

  process_service_shutdown_async (self->service, LATE, NULL, shutdown_cb, self);
  g_assert_cmpuint (self->log->len, ==, 7);
  test_run_until (self->log->len == 8);
}

/* A later shutdown may hurry an earlier one; both complete. */
static void
test_shutdown_hurried (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "note", "TERM", report->path, "tell", report->path, "ready", "pause", NULL);
  g_autoptr (GError) error = NULL;

  test_fifo_expect (report, "ready");
  process_service_shutdown_async (self->service, LATE, NULL, shutdown_cb, self);
  test_fifo_expect (report, "note 15");
  g_assert_true (process_service_shutdown (self->service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  test_run_until (self->log->len == 1);
  test_assert_log (self, "shut down");
}

static void
test_shutdown_async_cancelled (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "note", "TERM", report->path, "tell", report->path, "ready", "pause", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  test_fifo_expect (report, "ready");
  process_service_shutdown_async (self->service, LATE, cancellable, shutdown_cb, self);
  test_fifo_expect (report, "note 15");
  g_cancellable_cancel (cancellable);
  test_run_until (self->log->len == 1);
  test_assert_log (self, "failed: Operation was cancelled");
  g_assert_true (process_managed_process_is_running (process));
}

static void
shutdown_inside_cb (ProcessService *service, ProcessManagedProcess *process, TestFixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_service_shutdown (service, LATE, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  assert_refuses_starts (self);
}

/* In a handler of a process that it would have to wait for it cannot. */
static void
test_shutdown_in_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (self->service, "started", G_CALLBACK (shutdown_inside_cb), self);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGTERM);
}

/* Without a shutdown, what is not detached is killed; its end is told. */
static void
test_dispose (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  g_object_run_dispose (G_OBJECT (self->service));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_KILLED);
  test_assert_log (self, "started", "killed SIGKILL", "exited -1");
  assert_refuses_starts (self);
}

/* Running processes hold their service: dropping it ends nobody. */
static void
test_held_by_the_running (TestFixture *self, gconstpointer data)
{
  ProcessManagedProcess *process = test_start (self, "line", "out", "done", NULL);
  ProcessService *weak = self->service;

  test_log_service (self);
  g_object_add_weak_pointer (G_OBJECT (self->service), (gpointer *) &weak);
  g_clear_object (&self->service);
  test_run_until (self->log->len == 1);
  g_assert_nonnull (weak);
  process_managed_process_send_input (process, "go\n", NULL);
  g_object_unref (process);
  test_run_until (weak == NULL);
  test_assert_log (self, "service started", "service stdout: go", "service stdout: done",
                   "service exited 0");
}

/* What is left of a process when its service has gone. */
static void
test_process_outlives_service (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "out", "hi", "exit", "2", NULL);
  g_autoptr (GError) error = test_finish (process);
  g_autofree char *output = NULL;

  g_assert_finalize_object (g_steal_pointer (&self->service));
  g_clear_error (&error);
  output = process_managed_process_get_output (process);
  g_assert_cmpstr (output, ==, "hi");
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 2);
  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_clear_error (&error);
  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
}

#define N_STARTS 5

static void
work_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code, gint64 duration,
         const GError *error, guint *n_told)
{
  gint64 end = g_get_monotonic_time () + 10000;

  (*n_told)++;
  while (g_get_monotonic_time () < end)
    continue;
}

/* Handlers that take their time let others have turns of the loop, but the loop is
 * not idle before all is told. */
static void
test_busy_loop (TestFixture *self, gconstpointer data)
{
  guint n_told = 0;

  g_signal_connect (self->service, "exited", G_CALLBACK (work_cb), &n_told);
  for (guint i = 0; i < N_STARTS; i++)
    g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (n_told, ==, N_STARTS);
}

static void
test_unused (TestFixture *self, gconstpointer data)
{
  ProcessService *unused = process_service_new ();
  ProcessService *disposed = process_service_new ();

  g_assert_finalize_object (unused);
  g_object_run_dispose (G_OBJECT (disposed));
  g_assert_finalize_object (disposed);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/service/list-model", test_list_model);
  test_add ("/service/change-in-handler", test_change_in_handler);
  test_add ("/service/n-running", test_n_running);
  test_add ("/service/look-up", test_look_up);
  test_add ("/service/remove", test_remove);
  test_add ("/service/remove-failed-start", test_remove_failed_start);
  test_add ("/service/max-history", test_max_history);
  test_add ("/service/max-history-of-all", test_max_history_of_all);
  test_add ("/service/properties", test_properties);
  test_add ("/service/shutdown", test_shutdown);
  test_add ("/service/shutdown-at-once", test_shutdown_at_once);
  test_add ("/service/shutdown-with-stop-signal", test_shutdown_with_stop_signal);
  test_add ("/service/shutdown-of-nothing", test_shutdown_of_nothing);
  test_add ("/service/shutdown-cancelled", test_shutdown_cancelled);
  test_add ("/service/shutdown-async", test_shutdown_async);
  test_add ("/service/shutdown-hurried", test_shutdown_hurried);
  test_add ("/service/shutdown-async-cancelled", test_shutdown_async_cancelled);
  test_add ("/service/shutdown-in-handler", test_shutdown_in_handler);
  test_add ("/service/dispose", test_dispose);
  test_add ("/service/held-by-the-running", test_held_by_the_running);
  test_add ("/service/process-outlives-service", test_process_outlives_service);
  test_add ("/service/busy-loop", test_busy_loop);
  test_add ("/service/unused", test_unused);

  return g_test_run ();
}
