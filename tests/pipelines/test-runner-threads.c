/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "runner-util.h"

#include <string.h>
#include <sys/resource.h>

#define N_ROUNDS 100
#define N_THREADS 4

static void
assert_all_passed (ProcessRunAllResult *all,
                   guint                n)
{
  for (guint i = 0; i < process_run_all_result_get_n_items (all); i++)
    g_assert_no_error (process_run_result_get_error (get_result (all, i)));
  g_assert_cmpuint (process_run_all_result_get_n_passed (all), ==, n);
  g_assert_cmpuint (process_run_all_result_get_n_items (all), ==, n);
}

static gpointer
run_thread (gpointer data)
{
  return run (data, RUN_ALL, NULL);
}

static gpointer
run_sequential_thread (gpointer data)
{
  g_autoptr (ProcessRunAllResult) first = run (data, RUN_SEQUENTIAL, NULL);

  assert_all_passed (first, 3);

  return run (data, RUN_SEQUENTIAL, NULL);
}

static void
check_thread_cb (ProcessRunner *runner)
{
  g_assert_true (g_main_context_is_owner (NULL));
}

/* Nobody runs the owner's loop: the run ends all the same, and its signals wait. */
static void
test_silent_owner (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GPtrArray) list = NULL;

  log_signals (fixture);
  add_spec (fixture, "a", "", "echo a");
  add_spec (fixture, "b", "a", "echo b");
  add_spec (fixture, "c", "b", "echo c");
  all = g_thread_join (g_thread_new ("run", run_thread, fixture));
  assert_all_passed (all, 3);
  g_assert_cmpstr (process_run_result_get_output (get_result (all, 2)), ==, "c\n");
  g_assert_cmpstr (fixture->log->str, ==, "");
  g_assert_cmpfloat (process_runner_get_progress (fixture->runner), >=, 1.0);
  list = process_service_list (fixture->service);
  g_assert_cmpuint (list->len, ==, 0);

  while (!g_str_has_suffix (fixture->log->str, "-c "))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->log->str, ==, "+a -a +b -b +c -c ");
  g_clear_object (&all);

  /* One after the other, without the owner's loop between them. */
  g_string_truncate (fixture->log, 0);
  all = g_thread_join (g_thread_new ("run", run_sequential_thread, fixture));
  assert_all_passed (all, 3);
  while (fixture->log->len < strlen ("+a -a +b -b +c -c +a -a +b -b +c -c "))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->log->str, ==, "+a -a +b -b +c -c +a -a +b -b +c -c ");
}

static void
count_line_cb (ProcessManagedProcess *process,
               const char            *line,
               ProcessStream          stream,
               guint                 *n_lines)
{
  g_assert_true (g_main_context_is_owner (NULL));
  (*n_lines)++;
}

static void
count_lines_cb (ProcessRunner         *runner,
                ProcessRunSpec        *spec,
                ProcessManagedProcess *process,
                guint                 *n_lines)
{
  check_thread_cb (runner);
  g_signal_connect (process, "output", G_CALLBACK (count_line_cb), n_lines);
}

static void
count_finished_cb (ProcessRunner    *runner,
                   ProcessRunResult *result,
                   guint            *n_finished)
{
  check_thread_cb (runner);
  (*n_finished)++;
}

/* The owner's loop runs beside the call: whoever starts a process is not who tells of it. Still no
 * line is missed, and nothing starts before what it waits for is told of. */
static void
test_busy_owner (Fixture       *fixture,
                 gconstpointer  data)
{
  guint n_lines = 0;
  guint n_finished = 0;

  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (count_lines_cb), &n_lines);
  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (count_finished_cb), &n_finished);
  log_signals (fixture);
  add_spec (fixture, "a", "", "echo 1");
  add_spec (fixture, "b", "", "echo 1; echo 2");
  add_spec (fixture, "c", "a", "echo 1");
  g_main_context_acquire (NULL);
  for (guint round = 1; round <= N_ROUNDS; round++)
    {
      GThread *thread = g_thread_new ("run", run_thread, fixture);
      g_autoptr (ProcessRunAllResult) all = NULL;

      while (n_finished < 3 * round)
        g_main_context_iteration (NULL, TRUE);
      all = g_thread_join (thread);
      assert_all_passed (all, 3);
      g_assert_cmpuint (n_lines, ==, 4 * round);
      g_assert_cmpuint (n_finished, ==, 3 * round);
      g_assert_cmpuint (strstr (fixture->log->str, "-a ") - fixture->log->str, <,
                        strstr (fixture->log->str, "+c ") - fixture->log->str);
      g_string_truncate (fixture->log, 0);
    }
  g_main_context_release (NULL);
}

/* One of several runners on one service, each in a thread of its own. */
typedef struct
{
  Fixture  fixture;
  guint    n_finished;
  GThread *thread;
  int     *n_left;
} Worker;

static gpointer
worker_thread (gpointer data)
{
  Worker *self = data;

  for (guint round = 0; round < 5; round++)
    {
      g_autoptr (ProcessRunAllResult) all = run (&self->fixture, round % 3, NULL);

      assert_all_passed (all, 10);
    }
  g_atomic_int_add (self->n_left, -1);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
worker_set_up (Worker         *self,
               ProcessService *service,
               int            *n_left)
{
  self->fixture.specs = g_ptr_array_new_with_free_func (g_object_unref);
  self->fixture.runner = process_runner_new (service);
  self->n_left = n_left;
  process_runner_set_max_parallel (self->fixture.runner, 4);
  g_signal_connect (self->fixture.runner, "spec-finished", G_CALLBACK (count_finished_cb),
                    &self->n_finished);

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autofree char *after = g_strdup_printf ("%u", i / 2);

      add_spec (&self->fixture, name, i > 0 ? after : "", "echo $$");
    }
}

static void
test_many_runners (Fixture       *fixture,
                   gconstpointer  data)
{
  Worker workers[N_THREADS] = { 0 };
  int n_left = N_THREADS;
  gboolean told = FALSE;

  g_main_context_acquire (NULL);
  for (guint i = 0; i < N_THREADS; i++)
    worker_set_up (&workers[i], fixture->service, &n_left);
  for (guint i = 0; i < N_THREADS; i++)
    workers[i].thread = g_thread_new ("worker", worker_thread, &workers[i]);

  while (g_atomic_int_get (&n_left) > 0 || !told)
    {
      g_main_context_iteration (NULL, TRUE);
      told = TRUE;
      for (guint i = 0; i < N_THREADS; i++)
        told &= workers[i].n_finished == 50;
    }

  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (workers[i].thread);
      g_ptr_array_unref (workers[i].fixture.specs);
      g_object_unref (workers[i].fixture.runner);
    }
  g_main_context_release (NULL);
}

static gpointer
cancelled_thread (gpointer data)
{
  Fixture *fixture = data;

  return run (fixture, RUN_ALL, g_object_get_data (G_OBJECT (fixture->runner), "cancellable"));
}

/* Cancelled from another thread than the one that waits. */
static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunAllResult) all = NULL;
  GThread *thread = NULL;
  gboolean with_loop = GPOINTER_TO_INT (data);

  log_signals (fixture);
  g_object_set_data (G_OBJECT (fixture->runner), "cancellable", cancellable);
  add_spec (fixture, "a", "", "while :; do sleep 1; done");
  add_spec (fixture, "b", "a", "true");
  thread = g_thread_new ("run", cancelled_thread, fixture);
  while (process_service_get_n_running (fixture->service) == 0)
    g_thread_yield ();
  while (with_loop && fixture->log->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (with_loop && !g_str_has_suffix (fixture->log->str, "!a "))
    g_main_context_iteration (NULL, TRUE);
  all = g_thread_join (thread);
  g_assert_cmpuint (process_run_all_result_get_n_failed (all), ==, 1);
  g_assert_cmpuint (process_run_all_result_get_n_skipped (all), ==, 1);

  while (!g_str_has_suffix (fixture->log->str, "!a "))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (strstr (fixture->log->str, "+a "));
  g_assert_nonnull (strstr (fixture->log->str, "/b "));
}

/* Cancelled at any moment, with descriptors for a few children only: some end and
 * make room, and those that stay need more than there is. */
static void
test_cancel_in_shortage (Fixture       *fixture,
                         gconstpointer  data)
{
  struct rlimit before;
  struct rlimit limit;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      add_spec (fixture, name, "", i % 2 == 0 ? "exec sleep 60" : "exec sleep 0.01");
    }

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 50;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (ProcessRunAllResult) all = NULL;
      GThread *thread = NULL;

      g_object_set_data (G_OBJECT (fixture->runner), "cancellable", cancellable);
      thread = g_thread_new ("run", cancelled_thread, fixture);
      while (process_service_get_n_running (fixture->service) < round % 8)
        g_thread_yield ();
      g_cancellable_cancel (cancellable);
      all = g_thread_join (thread);
      g_assert_cmpuint (process_run_all_result_get_n_items (all), ==, 60);
      g_assert_cmpuint (process_run_all_result_get_n_skipped (all), >, 0);
    }
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
}

typedef struct
{
  Fixture             *fixture;
  ProcessRunAllResult *all;
  GThread             *called_in;
} AsyncThread;

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  AsyncThread *self = user_data;

  self->called_in = g_thread_self ();
  self->all = process_runner_run_all_finish (PROCESS_RUNNER (object), result, NULL);
}

static gpointer
async_thread (gpointer data)
{
  AsyncThread *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  process_runner_run_all_async (self->fixture->runner,
                                (ProcessRunSpec **) self->fixture->specs->pdata,
                                self->fixture->specs->len, NULL, finished_cb, self);
  while (self->all == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_assert_true (self->called_in == g_thread_self ());

  return NULL;
}

/* The callback belongs to the thread that called, the signals to the owner. */
static void
test_async (Fixture       *fixture,
            gconstpointer  data)
{
  AsyncThread self = { fixture, NULL, NULL };
  guint n_finished = 0;
  GThread *thread = NULL;

  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (count_finished_cb), &n_finished);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "true");
  g_main_context_acquire (NULL);
  thread = g_thread_new ("async", async_thread, &self);
  while (n_finished < 2)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_thread_join (thread);
  g_main_context_release (NULL);
  assert_all_passed (self.all, 2);
  g_object_unref (self.all);
}

#define N_ENDLESS 20

/* The fixture's service and runner for ones of a context that nobody runs. */
static GMainContext *
move (Fixture *fixture)
{
  GMainContext *context = g_main_context_new ();

  g_assert_finalize_object (fixture->runner);
  g_assert_finalize_object (fixture->service);
  g_main_context_push_thread_default (context);
  fixture->service = process_service_new ();
  fixture->runner = process_runner_new (fixture->service);
  g_main_context_pop_thread_default (context);
  for (guint i = 0; i < N_ENDLESS; i++)
    {
      g_autofree char *name = g_strdup_printf ("endless%u", i);

      add_spec (fixture, name, "", "exec sleep 100");
    }
  add_spec (fixture, "last", "endless0", "true");

  return context;
}

static void
assert_orphaned (Fixture             *fixture,
                 ProcessRunAllResult *all)
{
  g_assert_cmpuint (process_run_all_result_get_n_items (all), ==, N_ENDLESS + 1);
  for (guint i = 0; i < N_ENDLESS; i++)
    g_assert_error (process_run_result_get_error (get_result (all, i)), G_IO_ERROR,
                    G_IO_ERROR_CLOSED);
  g_assert_error (process_run_result_get_error (get_result (all, N_ENDLESS)), PROCESS_ERROR,
                  PROCESS_ERROR_FAILED);
  g_assert_true (process_service_shutdown (fixture->service, 0, NULL, NULL));
}

/* The context of the service goes while some specs run and others are still to be started. */
static void
test_orphan (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GMainContext) context = move (fixture);
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (ProcessRunAllResult) all = NULL;

  process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata,
                                fixture->specs->len, NULL, store_cb, &stored);
  g_assert_cmpuint (process_service_get_n_running (fixture->service), <, N_ENDLESS);
  g_clear_pointer (&context, g_main_context_unref);
  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);
  all = process_runner_run_all_finish (fixture->runner, stored, NULL);
  assert_orphaned (fixture, all);
}

static void
test_orphan_blocking (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GMainContext) context = move (fixture);
  GThread *thread = g_thread_new ("run", run_thread, fixture);
  g_autoptr (ProcessRunAllResult) all = NULL;

  while (process_service_get_n_running (fixture->service) < N_ENDLESS)
    g_thread_yield ();
  g_clear_pointer (&context, g_main_context_unref);
  all = g_thread_join (thread);
  assert_orphaned (fixture, all);
}

#define FALSE_DATA GINT_TO_POINTER (FALSE)
#define TRUE_DATA GINT_TO_POINTER (TRUE)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/runner-threads/silent-owner", Fixture, NULL, set_up, test_silent_owner, tear_down);
  g_test_add ("/runner-threads/busy-owner", Fixture, NULL, set_up, test_busy_owner, tear_down);
  g_test_add ("/runner-threads/many-runners", Fixture, NULL, set_up, test_many_runners, tear_down);
  g_test_add ("/runner-threads/cancel", Fixture, FALSE_DATA, set_up, test_cancel, tear_down);
  g_test_add ("/runner-threads/cancel/loop", Fixture, TRUE_DATA, set_up, test_cancel, tear_down);
  g_test_add ("/runner-threads/cancel/shortage", Fixture, NULL, set_up, test_cancel_in_shortage,
              tear_down);
  g_test_add ("/runner-threads/async", Fixture, NULL, set_up, test_async, tear_down);
  g_test_add ("/runner-threads/orphan", Fixture, NULL, set_up, test_orphan, tear_down);
  g_test_add ("/runner-threads/orphan/blocking", Fixture, NULL, set_up, test_orphan_blocking,
              tear_down);

  return g_test_run ();
}
