/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A service whose main context goes away, whatever its children are at: nothing
 * is left of it but the children themselves, and nobody waits in vain. */

#include "test-util.h"

#include <signal.h>

typedef struct
{
  TestFixture   base;
  GMainContext *home;   /* (owned) (nullable), the service's, which nobody runs */
  TestFifo     *report; /* (owned) */
  TestFifo     *orders; /* (owned) */
} OrphanFixture;

typedef gpointer (*WorkFunc) (gpointer self);

static void
make_service (OrphanFixture *self)
{
  self->home = g_main_context_new ();
  g_main_context_push_thread_default (self->home);
  self->base.service = process_service_new ();
  g_main_context_pop_thread_default (self->home);
  test_track (&self->base, self->base.service);
}

static void
set_up (OrphanFixture *self, gconstpointer data)
{
  test_set_up (&self->base, data);
  g_assert_finalize_object (g_steal_pointer (&self->base.service));
  self->report = test_fifo_new (&self->base, "report");
  self->orders = test_fifo_new_orders (&self->base, "orders");
  make_service (self);
}

static void
tear_down (OrphanFixture *self, gconstpointer data)
{
  g_assert_cmpint (g_atomic_int_get (&self->base.n_alive), ==, 0);
  test_fifo_free (self->report);
  test_fifo_free (self->orders);
  test_tear_down (&self->base, data);
}

#define add(path, func) \
  g_test_add (path, OrphanFixture, NULL, set_up, func, tear_down)

static void
in_thread (WorkFunc func, gpointer data)
{
  g_thread_join (g_thread_new ("work", func, data));
}

static gpointer
unref_home (gpointer data)
{
  OrphanFixture *self = data;

  g_clear_pointer (&self->home, g_main_context_unref);
  return NULL;
}

/* The context's last reference goes in some thread or other. */
static void
leave_home (OrphanFixture *self)
{
  in_thread (unref_home, self);
}

static void
leave_all (OrphanFixture *self)
{
  g_clear_object (&self->base.service);
  leave_home (self);
}

/* Only the children themselves and what the test holds. */
static void
assert_alive (OrphanFixture *self, int n)
{
  g_assert_cmpint (g_atomic_int_get (&self->base.n_alive), ==, n);
  if (n == 0)
    g_assert_cmpuint (test_count_fds ("[eventpoll]"), ==, 0);
}

static void
end_survivor (int pid)
{
  g_assert_false (test_is_dead (pid));
  g_assert_no_errno (kill (pid, SIGKILL));
}

static void
test_nothing (OrphanFixture *self, gconstpointer data)
{
  leave_all (self);
  assert_alive (self, 0);
}

static void
start_nothing (OrphanFixture *self)
{
  g_autoptr (GPtrArray) processes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start (self->base.service, "/nonexistent", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
  processes = process_service_list (self->base.service);
  g_assert_cmpuint (processes->len, >, 0);
  test_track (&self->base, processes->pdata[processes->len - 1]);
}

static void
test_failed_start (OrphanFixture *self, gconstpointer data)
{
  start_nothing (self);
  leave_all (self);
  assert_alive (self, 0);
}

/* Whoever loses the last reader of its output is told by SIGPIPE. */
static void
test_running (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "tell", self->report->path, "up", "await", self->orders->path, "out",
                "x", "pause", NULL);
  int pid = process_managed_process_get_pid (process);

  g_clear_object (&process);
  test_fifo_expect (self->report, "up");
  leave_all (self);
  assert_alive (self, 0);
  g_assert_false (test_is_dead (pid));
  test_fifo_send (self->orders);
  test_look_until (test_is_dead (pid));
}

static void
test_many (OrphanFixture *self, gconstpointer data)
{
  int pids[10];

  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      g_autoptr (ProcessManagedProcess) process = test_start (&self->base, "pause", NULL);

      pids[i] = process_managed_process_get_pid (process);
      start_nothing (self);
      process_service_clear (self->base.service);
    }
  leave_all (self);
  assert_alive (self, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    end_survivor (pids[i]);
}

static gpointer
wait_work (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (data, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (process_managed_process_get_exit_code (data), ==, 3);
  return NULL;
}

static void
test_untold (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (&self->base, "exit", "3", NULL);

  in_thread (wait_work, process);
  g_clear_object (&process);
  leave_all (self);
  assert_alive (self, 0);
}

/* Both before it was told, and after. */
static void
test_lingering (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) told =
    test_start (&self->base, "fork", "{", "await", self->orders->path, "}", "exit", "3", NULL);
  g_autoptr (ProcessManagedProcess) untold = NULL;

  test_log_process (&self->base, told);
  g_main_context_push_thread_default (self->home);
  test_run_until (test_count_log (&self->base, "exited 3") == 1);
  g_main_context_pop_thread_default (self->home);
  g_assert_true (process_managed_process_get_lingering (told));
  untold =
    test_start (&self->base, "fork", "{", "await", self->orders->path, "}", "exit", "3", NULL);
  in_thread (wait_work, untold);
  g_assert_true (process_managed_process_get_lingering (untold));
  g_clear_object (&told);
  g_clear_object (&untold);
  leave_all (self);
  assert_alive (self, 0);
  test_fifo_send (self->orders);
  test_fifo_send (self->orders);
}

/* One that has a long time to answer SIGTERM, and does not. */
static ProcessManagedProcess *
start_stubborn (OrphanFixture *self)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("ignore", "TERM", "tell", self->report->path, "up", "pause", NULL);
  ProcessManagedProcess *process;

  process_run_options_set_timeout (options, 100 * G_TIME_SPAN_SECOND);
  process_run_options_set_grace_period (options, 100 * G_TIME_SPAN_SECOND);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->report, "up");
  return process;
}

/* A stop whose grace period goes on ends with the loop that counts it. */
static void
test_stopping (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start_stubborn (self);
  int pid = process_managed_process_get_pid (process);

  process_managed_process_shutdown_async (process, NULL, NULL, NULL);
  g_clear_object (&process);
  leave_all (self);
  test_run_until (g_atomic_int_get (&self->base.n_alive) == 0);
  assert_alive (self, 0);
  end_survivor (pid);
}

typedef struct
{
  guint n_left;
  guint n_closed;
} Calls;

static void
count_call (Calls *calls, gboolean success, const GError *error)
{
  g_assert_false (success);
  calls->n_left--;
  calls->n_closed += g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean success = process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object),
                                                          result, &error);

  count_call (data, success, error);
}

static void
stopped_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean success = process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object),
                                                              result, &error);

  count_call (data, success, error);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean success = process_managed_process_send_bytes_finish (PROCESS_MANAGED_PROCESS (object),
                                                                result, &error);

  count_call (data, success, error);
}

static void
ran_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean success =
    process_service_run_finish (PROCESS_SERVICE (object), result, &error) != NULL;

  count_call (data, success, error);
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean success = process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error);

  count_call (data, success, error);
}

static void
call_all (OrphanFixture *self, ProcessManagedProcess *process, Calls *calls)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (1000000), 1000000);

  process_managed_process_wait_async (process, NULL, waited_cb, calls);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, calls);
  process_managed_process_shutdown_async (process, NULL, stopped_cb, calls);
  process_service_shutdown_async (self->base.service, 100 * G_TIME_SPAN_SECOND, NULL,
                                  shut_down_cb, calls);
  calls->n_left += 4;
}

static void
call_run (OrphanFixture *self, Calls *calls)
{
  const char *args[] = { "ignore", "TERM", "tell", self->report->path, "up",
                         "await",  self->orders->path, NULL };

  process_service_run_async (self->base.service, test_get_child (), args, NULL, ran_cb, calls);
  calls->n_left++;
}

/* The calls belong to the default context, and complete there. */
static void
test_calls (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start_stubborn (self);
  g_autoptr (ProcessManagedProcess) ended = test_start (&self->base, "exit", "3", NULL);
  Calls calls = { 0, 0 };

  in_thread (wait_work, ended);
  call_run (self, &calls);
  test_fifo_expect (self->report, "up");
  call_all (self, process, &calls);
  process_managed_process_wait_async (ended, NULL, waited_cb, &calls);
  calls.n_left++;
  leave_home (self);
  test_run_until (calls.n_left == 0);
  g_assert_cmpuint (calls.n_closed, ==, 5);
  call_run (self, &calls);
  call_all (self, process, &calls);
  process_managed_process_wait_async (ended, NULL, waited_cb, &calls);
  calls.n_left++;
  test_run_until (calls.n_left == 0);
  g_assert_cmpuint (calls.n_closed, ==, 10);
  g_assert_true (process_managed_process_kill (process, NULL));
  g_clear_object (&process);
  g_clear_object (&ended);
  g_clear_object (&self->base.service);
  test_fifo_send (self->orders);
  assert_alive (self, 0);
}

/* Blocking calls in other threads see to the children themselves. */
static void
test_wait (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (&self->base, "await", self->orders->path, "lines", "100000", "exit", "3", NULL);
  g_autofree char *output = NULL;
  GThread *thread;

  test_log_process (&self->base, process);
  thread = g_thread_new ("wait", wait_work, process);
  leave_all (self);
  g_assert_true (process_managed_process_is_running (process));
  test_fifo_send (self->orders);
  g_thread_join (thread);
  output = process_managed_process_get_output (process);
  g_assert_true (g_str_has_suffix (output, "\nline 100000\n"));
  g_assert_cmpuint (self->base.log->len, ==, 0);
  assert_alive (self, 1);
  g_clear_object (&process);
  assert_alive (self, 0);
}

typedef struct
{
  ProcessService *service; /* (owned) */
  GCancellable   *cancellable;
  const char     *report;
  const char     *orders;
  GError         *error;
} Run;

static gpointer
run_work (gpointer data)
{
  Run *run = data;
  g_autoptr (ProcessRunOptions) options =
    test_options ("tell", run->report, "up", "await", run->orders, "count", NULL);
  g_autoptr (GBytes) input = g_bytes_new_take (g_malloc0 (1000000), 1000000);
  char *output;

  process_run_options_set_input (options, input);
  output =
    process_service_run_with_options (run->service, options, run->cancellable, &run->error);
  g_object_unref (run->service);
  return output;
}

/* All that it is given still goes there, and all that it prints comes back. */
static void
test_run (OrphanFixture *self, gconstpointer data)
{
  Run run = { g_object_ref (self->base.service), NULL, self->report->path, self->orders->path,
              NULL };
  GThread *thread = g_thread_new ("run", run_work, &run);
  g_autofree char *output = NULL;

  test_fifo_expect (self->report, "up");
  leave_all (self);
  test_fifo_send (self->orders);
  output = g_thread_join (thread);
  g_assert_no_error (run.error);
  g_assert_true (g_str_has_prefix (output, "1000000 bytes"));
  assert_alive (self, 0);
}

static void
test_run_cancelled (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Run run = { g_object_ref (self->base.service), cancellable, self->report->path,
              self->orders->path, NULL };
  GThread *thread = g_thread_new ("run", run_work, &run);

  test_fifo_expect (self->report, "up");
  leave_all (self);
  g_cancellable_cancel (cancellable);
  g_assert_null (g_thread_join (thread));
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&run.error);
  assert_alive (self, 0);
}

/* What could still end the process must not keep it. */
static void
test_cancellable (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunOptions) options = test_options ("pause", NULL);
  g_autoptr (ProcessManagedProcess) process = test_start_with (&self->base, options, cancellable);
  g_autoptr (ProcessManagedProcess) other = test_start_with (&self->base, options, cancellable);
  int pid = process_managed_process_get_pid (process);

  g_clear_object (&process);
  leave_all (self);
  assert_alive (self, 1);
  g_cancellable_cancel (cancellable);
  g_assert_false (process_managed_process_wait (other, NULL, NULL));
  g_assert_cmpint (process_managed_process_get_exit_reason (other), ==,
                   PROCESS_EXIT_REASON_CANCELLED);
  g_clear_object (&other);
  assert_alive (self, 0);
  end_survivor (pid);
}

/* The service itself goes on as far as nobody has to be told. */
static void
test_service (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start_stubborn (self);
  ProcessService *service = self->base.service;
  g_autoptr (GPtrArray) running = NULL;
  g_autoptr (GError) error = NULL;

  leave_home (self);
  g_assert_null (process_service_start (service, test_get_child (), NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (process_service_run (service, test_get_child (), NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  running = process_service_running (service);
  g_assert_cmpuint (running->len, ==, 1);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
  process_service_set_max_history (service, 1);
  g_assert_true (process_service_shutdown (service, 100 * G_TIME_SPAN_MILLISECOND, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  g_assert_true (process_service_remove (service, process_managed_process_get_id (process),
                                         NULL));
  g_clear_pointer (&running, g_ptr_array_unref);
  g_clear_object (&process);
  g_clear_object (&self->base.service);
  assert_alive (self, 0);
}

/* Time limits hold as long as somebody waits. */
static void
test_process (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("ignore", "TERM", "pause", NULL);
  g_autoptr (ProcessManagedProcess) late = NULL;
  g_autoptr (ProcessManagedProcess) stubborn = start_stubborn (self);
  g_autoptr (GError) error = NULL;

  process_run_options_set_timeout (options, 100 * G_TIME_SPAN_MILLISECOND);
  process_run_options_set_grace_period (options, 100 * G_TIME_SPAN_MILLISECOND);
  late = test_start_with (&self->base, options, NULL);
  leave_all (self);
  g_assert_false (process_managed_process_wait (late, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_true (process_managed_process_kill (stubborn, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (stubborn, NULL, &error));
  g_assert_no_error (error);
  assert_alive (self, 2);
  g_clear_object (&late);
  g_clear_object (&stubborn);
  assert_alive (self, 0);
}

/* The thread that owns the context drops it by leaving it. */
static gpointer
pop_work (gpointer data)
{
  OrphanFixture *self = data;
  g_autoptr (ProcessManagedProcess) process = NULL;

  g_main_context_push_thread_default (self->home);
  unref_home (self);
  process = test_start (&self->base, "exit", "3", NULL);
  wait_work (process);
  start_nothing (self);
  g_clear_object (&self->base.service);
  g_main_context_pop_thread_default (g_main_context_get_thread_default ());
  return NULL;
}

static void
test_pop (OrphanFixture *self, gconstpointer data)
{
  in_thread (pop_work, self);
  assert_alive (self, 0);
}

/* In a thread that may not touch the context: what is left of the service there
 * goes when the context is run. */
static gpointer
unref_work (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
test_dropped_first (OrphanFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (&self->base, "exit", "3", NULL);

  g_main_context_push_thread_default (self->home);
  wait_work (process);
  g_main_context_pop_thread_default (self->home);
  in_thread (unref_work, g_steal_pointer (&process));
  in_thread (unref_work, g_steal_pointer (&self->base.service));
  assert_alive (self, 0);
  g_assert_true (g_main_context_iteration (self->home, FALSE));
  g_assert_false (g_main_context_iteration (self->home, FALSE));
  leave_home (self);
}

/* One thread uses the service and drops it, another one drops the context. */
static gpointer
use_work (gpointer data)
{
  ProcessService *service = data;

  process_service_set_max_history (service, 3);
  process_service_clear (service);
  g_object_unref (service);
  return NULL;
}

static gpointer
start_work (gpointer data)
{
  ProcessService *service = data;
  const char *args[] = { "exit", "3", NULL };

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessManagedProcess) process =
        process_service_start (service, test_get_child (), args, NULL, &error);

      if (process == NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
          break;
        }
      process_managed_process_send_signal (process, 0, NULL);
      wait_work (process);
    }
  g_object_unref (service);
  return NULL;
}

static void
race (OrphanFixture *self, WorkFunc work, guint delay)
{
  GThread *threads[2];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("race", work, g_object_ref (self->base.service));
  g_clear_object (&self->base.service);
  if (delay > 0)
    g_usleep (delay);
  unref_home (self);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_alive (self, 0);
  make_service (self);
}

static void
test_race (OrphanFixture *self, gconstpointer data)
{
  for (guint i = 0; i < 500; i++)
    race (self, use_work, 0);
  leave_all (self);
}

static void
test_race_starts (OrphanFixture *self, gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    race (self, start_work, 300 * i);
  leave_all (self);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  add ("/orphan/nothing", test_nothing);
  add ("/orphan/failed-start", test_failed_start);
  add ("/orphan/running", test_running);
  add ("/orphan/many", test_many);
  add ("/orphan/untold", test_untold);
  add ("/orphan/lingering", test_lingering);
  add ("/orphan/stopping", test_stopping);
  add ("/orphan/calls", test_calls);
  add ("/orphan/wait", test_wait);
  add ("/orphan/run", test_run);
  add ("/orphan/run-cancelled", test_run_cancelled);
  add ("/orphan/cancellable", test_cancellable);
  add ("/orphan/service", test_service);
  add ("/orphan/process", test_process);
  add ("/orphan/pop", test_pop);
  add ("/orphan/dropped-first", test_dropped_first);
  add ("/orphan/race", test_race);
  add ("/orphan/race-starts", test_race_starts);

  return g_test_run ();
}
