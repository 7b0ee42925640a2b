/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "runner-util.h"

#include <string.h>
#include <sys/resource.h>

#define N_MANY 100000
#define N_REAL 400

static void
add_many (Fixture    *fixture,
          guint       n,
          const char *command)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("spec-%u", i);

      g_ptr_array_add (fixture->specs, process_run_spec_new (name, command, NULL));
    }
}

/* Each waits for the one before it. */
static void
chain (Fixture *fixture)
{
  for (guint i = 1; i < fixture->specs->len; i++)
    {
      const char *after[] = { process_run_spec_get_name (fixture->specs->pdata[i - 1]), NULL };

      process_run_spec_set_after (fixture->specs->pdata[i], after);
    }
}

static void
count_cb (ProcessRunner    *runner,
          ProcessRunResult *result,
          guint            *n)
{
  (*n)++;
}

static void
assert_counts (ProcessRunAllResult *all,
               guint                n_passed,
               guint                n_failed,
               guint                n_skipped)
{
  g_assert_cmpuint (process_run_all_result_get_n_passed (all), ==, n_passed);
  g_assert_cmpuint (process_run_all_result_get_n_failed (all), ==, n_failed);
  g_assert_cmpuint (process_run_all_result_get_n_skipped (all), ==, n_skipped);
}

static void
test_skipped_chain (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  guint n_finished = 0;

  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (count_cb), &n_finished);
  add_many (fixture, N_MANY, "false");
  chain (fixture);
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, 1, N_MANY - 1);
  g_assert_cmpuint (n_finished, ==, N_MANY);
  g_assert_nonnull (strstr (process_run_result_get_error (get_result (all, N_MANY - 1))->message,
                            "“spec-0” did not pass"));
}

static void
test_stuck_chain (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  const char *after[] = { "nowhere", NULL };

  add_many (fixture, N_MANY, "true");
  chain (fixture);
  process_run_spec_set_after (fixture->specs->pdata[0], after);
  all = run_async (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, N_MANY, 0);
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  add_many (fixture, N_MANY, "true");
  g_cancellable_cancel (cancellable);
  all = run (fixture, RUN_PARALLEL, cancellable);
  assert_counts (all, 0, 0, N_MANY);
}

/* What cannot even be started is not piled up anywhere. */
static void
test_not_started (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GPtrArray) list = NULL;
  guint n_finished = 0;

  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (count_cb), &n_finished);
  add_many (fixture, N_MANY, NULL);
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, N_MANY, 0);
  g_assert_cmpuint (n_finished, ==, N_MANY);
  list = process_service_list (fixture->service);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_real_chain (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  add_many (fixture, N_REAL, "true");
  chain (fixture);
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  assert_counts (all, N_REAL, 0, 0);
}

static void
test_real_wide (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  add_many (fixture, N_REAL, "true");
  process_runner_set_max_parallel (fixture->runner, 8);
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  assert_counts (all, N_REAL, 0, 0);
}

/* The call does not keep its caller until all that can be started is started, nor
 * does a turn of the main loop. */
static void
test_responsive (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (ProcessRunAllResult) all = NULL;
  guint n_running = 0;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      add_spec (fixture, name, "", "exec sleep 60");
    }
  process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata, 100,
                                cancellable, store_cb, &stored);
  while (n_running < 100)
    {
      guint before = n_running;

      g_main_context_iteration (NULL, TRUE);
      n_running = process_service_get_n_running (fixture->service);
      g_assert_cmpuint (n_running, <=, before + 32);
    }

  g_cancellable_cancel (cancellable);
  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);
  all = process_runner_run_all_finish (fixture->runner, stored, NULL);
  assert_counts (all, 0, 100, 0);
}

static gpointer
run_thread (gpointer data)
{
  return run (data, RUN_ALL, NULL);
}

/* With descriptors for a few children only, the others wait for them. */
static void
test_shortage (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  struct rlimit before;
  struct rlimit limit;
  int mode = GPOINTER_TO_INT (data);

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 64;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      add_spec (fixture, name, "", "echo $0; exec sleep 0.02");
    }
  all = mode == 0   ? run (fixture, RUN_ALL, NULL)
        : mode == 1 ? run_async (fixture, RUN_ALL, NULL)
                    : g_thread_join (g_thread_new ("run", run_thread, fixture));
  for (guint i = 0; i < 100; i++)
    g_assert_no_error (process_run_result_get_error (get_result (all, i)));
  assert_counts (all, 100, 0, 0);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
}

/* Nothing runs that could make room. */
static void
test_shortage_for_good (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) warm = NULL;
  g_autoptr (ProcessRunAllResult) all = NULL;
  struct rlimit before;
  struct rlimit limit;

  add_many (fixture, 2, "true");
  warm = run (fixture, RUN_ALL, NULL);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  all = run (fixture, RUN_ALL, NULL);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  assert_counts (all, 0, 2, 0);
  for (guint i = 0; i < 2; i++)
    g_assert_error (process_run_result_get_error (get_result (all, i)), PROCESS_ERROR,
                    PROCESS_ERROR_START_FAILED);
}

#define ADD(path, data, func) \
  g_test_add ("/runner-many/" path, Fixture, GINT_TO_POINTER (data), set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("skipped-chain", 0, test_skipped_chain);
  ADD ("stuck-chain", 0, test_stuck_chain);
  ADD ("cancelled", 0, test_cancelled);
  ADD ("not-started", 0, test_not_started);
  ADD ("real-chain", 0, test_real_chain);
  ADD ("real-chain/async", 1, test_real_chain);
  ADD ("real-wide", 0, test_real_wide);
  ADD ("real-wide/async", 1, test_real_wide);
  ADD ("responsive", 0, test_responsive);
  ADD ("shortage", 0, test_shortage);
  ADD ("shortage/async", 1, test_shortage);
  ADD ("shortage/thread", 2, test_shortage);
  ADD ("shortage/for-good", 0, test_shortage_for_good);

  return g_test_run ();
}
