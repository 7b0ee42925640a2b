/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "runner-util.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
assert_counts (ProcessRunAllResult *all,
               guint                n_passed,
               guint                n_failed,
               guint                n_skipped)
{
  g_assert_cmpuint (process_run_all_result_get_n_passed (all), ==, n_passed);
  g_assert_cmpuint (process_run_all_result_get_n_failed (all), ==, n_failed);
  g_assert_cmpuint (process_run_all_result_get_n_skipped (all), ==, n_skipped);
  g_assert_cmpuint (process_run_all_result_get_n_items (all), ==, n_passed + n_failed + n_skipped);
  g_assert_cmpint (process_run_all_result_get_success (all), ==, n_failed == 0);
}

/* @message may be a part of it; NULL is for no error at all. */
static void
assert_result (ProcessRunAllResult *all,
               guint                position,
               const char          *name,
               int                  exit_code,
               gboolean             skipped,
               const char          *message)
{
  ProcessRunResult *result = get_result (all, position);
  const GError *error = process_run_result_get_error (result);

  g_assert_cmpstr (process_run_result_get_name (result), ==, name);
  g_assert_cmpint (process_run_result_get_exit_code (result), ==, exit_code);
  g_assert_cmpint (process_run_result_get_skipped (result), ==, skipped);
  if (message == NULL)
    {
      g_assert_no_error (error);
      return;
    }

  g_assert_nonnull (error);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” is not in “%s”", message, error->message);
}

static void
assert_nothing_listed (Fixture *fixture)
{
  g_autoptr (GPtrArray) list = process_service_list (fixture->service);

  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->service)), ==, 0);
}

static void
test_empty (Fixture       *fixture,
            gconstpointer  data)
{
  for (RunMode mode = RUN_ALL; mode <= RUN_PARALLEL; mode++)
    {
      g_autoptr (ProcessRunAllResult) all = run (fixture, mode, NULL);
      g_autoptr (ProcessRunAllResult) all_async = run_async (fixture, mode, NULL);

      assert_counts (all, 0, 0, 0);
      assert_counts (all_async, 0, 0, 0);
      g_assert_cmpfloat (process_runner_get_progress (fixture->runner), >=, 1.0);
    }
}

static void
test_results (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GBytes) bytes = NULL;
  ProcessRunResult *result = NULL;

  add_spec (fixture, "one", "", "echo out; echo err >&2; printf 'a\\377b'");
  add_spec (fixture, "two", "one", "exit 3");
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 1, 1, 0);
  assert_result (all, 0, "one", 0, FALSE, NULL);
  assert_result (all, 1, "two", 3, FALSE, NULL);
  g_assert_true (process_run_all_result_get_item_type (all) == PROCESS_TYPE_RUN_RESULT);
  g_assert_cmpint (process_run_all_result_get_duration (all), >, 0);

  result = get_result (all, 0);
  g_assert_true (process_run_result_get_spec (result) == fixture->specs->pdata[0]);
  g_assert_true (process_run_result_get_passed (result));
  g_assert_cmpint (process_run_result_get_duration (result), >, 0);
  g_assert_cmpint (process_run_result_get_duration (result), <=,
                   process_run_all_result_get_duration (all));
  g_assert_nonnull (strstr (process_run_result_get_output (result), "out\n"));
  g_assert_nonnull (strstr (process_run_result_get_output (result), "err\n"));
  g_assert_nonnull (strstr (process_run_result_get_output (result), "a\xef\xbf\xbd" "b"));
  bytes = process_managed_process_get_output_bytes (process_run_result_get_process (result));
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, strlen ("out\nerr\naxb"));

  result = get_result (all, 1);
  g_assert_false (process_run_result_get_passed (result));
  g_assert_cmpstr (process_run_result_get_output (result), ==, "");
  g_assert_cmpint (process_managed_process_get_exit_code (process_run_result_get_process (result)),
                   ==, 3);
  assert_nothing_listed (fixture);
}

/* Both streams go through one pipe. */
static void
test_output_order (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);

  for (int i = 0; i < 500; i++)
    g_string_append_printf (expected, "%s %d\n", i % 2 == 0 ? "out" : "err", i);

  add_spec (fixture, "mixed", "",
            "for i in $(seq 0 2 498); do echo out $i; echo err $((i + 1)) >&2; done");
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 1, 0, 0);
  g_assert_cmpstr (process_run_result_get_output (get_result (all, 0)), ==, expected->str);
}

static void
test_surroundings (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_auto (GStrv) ids = NULL;
  ProcessRunSpec *spec = NULL;

  process_run_spec_set_command (add_spec (fixture, "stdin", "", ""), "cat");
  process_run_spec_set_args (fixture->specs->pdata[0], NULL);
  spec = add_spec (fixture, "cwd", "", "pwd; echo $A$HOME");
  process_run_spec_set_cwd (spec, "/usr");
  process_run_spec_set_env (spec, (const char *[]) { "A=b", "HOME", NULL });
  add_spec (fixture, "group", "", "cut -d' ' -f4,5 /proc/self/stat");

  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 3, 0, 0);
  g_assert_cmpstr (process_run_result_get_output (get_result (all, 0)), ==, "");
  g_assert_cmpstr (process_run_result_get_output (get_result (all, 1)), ==, "/usr\nb\n");

  /* The shell either became cut, or is its parent: its group is not ours. */
  ids = g_strsplit (process_run_result_get_output (get_result (all, 2)), " ", 2);
  g_assert_cmpint (atoi (ids[1]), !=, getpgrp ());
  g_assert_cmpint (atoi (ids[1]), ==,
                   process_managed_process_get_pid (
                     process_run_result_get_process (get_result (all, 2))));
}

/* With a barrier between “a” and “c”, “b” would never end. */
static void
test_no_barrier (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  g_autofree char *reads = g_strdup_printf ("cat %s", path);
  g_autofree char *writes = g_strdup_printf ("echo go > %s", path);
  g_autoptr (ProcessRunAllResult) all = NULL;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "", reads);
  add_spec (fixture, "c", "a", writes);
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 3, 0, 0);
  g_assert_cmpstr (process_run_result_get_output (get_result (all, 1)), ==, "go\n");
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  log_signals (fixture);
  add_spec (fixture, "d", "c b", "true");
  add_spec (fixture, "c", "b", "true");
  add_spec (fixture, "b", "a", "true");
  add_spec (fixture, "a", "", "true");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  assert_counts (all, 4, 0, 0);
  assert_result (all, 0, "d", 0, FALSE, NULL);
  assert_result (all, 3, "a", 0, FALSE, NULL);
  g_assert_cmpstr (fixture->log->str, ==, "+a -a +b -b +c -c +d -d ");
  assert_nothing_listed (fixture);
}

static void
test_failure (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  ProcessRunSpec *allowed = NULL;

  log_signals (fixture);
  process_runner_set_max_parallel (fixture->runner, 1);
  add_spec (fixture, "bad", "", "exit 7");
  allowed = add_spec (fixture, "skipped", "bad", "true");
  process_run_spec_set_allow_failure (allowed, TRUE);
  add_spec (fixture, "skipped too", "skipped", "true");
  process_run_spec_set_allow_failure (add_spec (fixture, "allowed", "", "exit 8"), TRUE);
  add_spec (fixture, "runs", "allowed", "true");
  add_spec (fixture, "both", "runs bad", "true");

  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 1, 2, 3);
  assert_result (all, 0, "bad", 7, FALSE, NULL);
  assert_result (all, 1, "skipped", 0, TRUE,
                 "The spec “skipped” was skipped, because “bad” did not pass");
  assert_result (all, 2, "skipped too", 0, TRUE, "because “bad” did not pass");
  assert_result (all, 3, "allowed", 8, FALSE, NULL);
  assert_result (all, 4, "runs", 0, FALSE, NULL);
  assert_result (all, 5, "both", 0, TRUE, "because “bad” did not pass");
  g_assert_error (process_run_result_get_error (get_result (all, 1)), PROCESS_ERROR,
                  PROCESS_ERROR_FAILED);
  g_assert_null (process_run_result_get_process (get_result (all, 1)));
  g_assert_true (g_str_has_prefix (fixture->log->str, "+bad !bad /skipped /both /skipped too "));
}

static void
test_stuck (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  log_signals (fixture);
  add_spec (fixture, "a", "c", "true");
  add_spec (fixture, "b", "a", "true");
  add_spec (fixture, "c", "b fine", "true");
  process_run_spec_set_allow_failure (add_spec (fixture, "lost", "nowhere", "true"), TRUE);
  add_spec (fixture, "waits", "lost fine", "true");
  add_spec (fixture, "fine", "", "true");
  add_spec (fixture, "mixed", "bad a", "true");
  add_spec (fixture, "bad", "", "exit 1");

  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 1, 7, 0);
  assert_result (all, 0, "a", 1, FALSE, "cycle: “a” → “c” → “b” → “a”");
  assert_result (all, 1, "b", 1, FALSE, "cycle: “b” → “a” → “c” → “b”");
  assert_result (all, 2, "c", 1, FALSE, "cycle: “c” → “b” → “a” → “c”");
  assert_result (all, 3, "lost", 1, FALSE, "“nowhere”, which is missing");
  assert_result (all, 4, "waits", 1, FALSE, "“waits” waits for “lost”");
  assert_result (all, 5, "fine", 0, FALSE, NULL);
  assert_result (all, 6, "mixed", 1, FALSE, "“mixed” waits for “a”");
  assert_result (all, 7, "bad", 1, FALSE, NULL);
  for (guint i = 0; i < 5; i++)
    g_assert_error (process_run_result_get_error (get_result (all, i)), PROCESS_ERROR,
                    PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_prefix (fixture->log->str, "!a !b !c !lost !waits !mixed "));
  g_assert_nonnull (strstr (fixture->log->str, "-fine "));
}

static const struct
{
  const char *name;
  const char *after[3];
  const char *message;
} bad_names[] = {
  { "", { NULL }, "Spec 2 has no name" },
  { NULL, { NULL }, "Spec 2 has no name" },
  { "a\xff", { NULL }, "The name of spec 2 is not UTF-8" },
  { "a", { NULL }, "More than one spec has the name “a”" },
  { "b", { "a", "", NULL }, "The spec “b” waits for an empty name" },
  { "b", { "\xff", NULL }, "The spec “b” waits for a name that is not UTF-8" },
  { "b", { "b", NULL }, "The spec “b” waits for itself" },
  { "b", { "a", "a", NULL }, "The spec “b” waits for “a” more than once" },
};

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  log_signals (fixture);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "", "true");
  for (guint i = 0; i < G_N_ELEMENTS (bad_names); i++)
    for (RunMode mode = RUN_ALL; mode <= RUN_PARALLEL; mode++)
      {
        g_autoptr (GError) error = NULL;

        process_run_spec_set_name (fixture->specs->pdata[1], bad_names[i].name);
        process_run_spec_set_after (fixture->specs->pdata[1], bad_names[i].after);
        g_assert_null (try_run (fixture, mode, NULL, &error));
        g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
        g_assert_cmpstr (error->message, ==, bad_names[i].message);
      }

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (fixture->log->str, ==, "");
}

static void
test_names_async (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (GError) error = NULL;

  add_spec (fixture, "", "", "true");
  process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata, 1,
                                NULL, store_cb, &stored);
  g_assert_null (stored);
  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (process_runner_run_all_finish (fixture->runner, stored, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
}

static void
test_start_failure (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  log_signals (fixture);
  process_runner_set_max_parallel (fixture->runner, 1);
  process_run_spec_set_command (add_spec (fixture, "a", "", ""), "no-such-program-anywhere");
  process_run_spec_set_cwd (add_spec (fixture, "b", "", "true"), "/no/such/folder");
  process_run_spec_set_command (add_spec (fixture, "c", "", "true"), NULL);
  process_run_spec_set_timeout (add_spec (fixture, "d", "", "true"), -1);
  add_spec (fixture, "e", "a", "true");
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, 4, 1);
  assert_result (all, 0, "a", -1, FALSE, "no-such-program-anywhere");
  g_assert_error (process_run_result_get_error (get_result (all, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_PROGRAM_NOT_FOUND);
  g_assert_error (process_run_result_get_error (get_result (all, 1)), PROCESS_ERROR,
                  PROCESS_ERROR_START_FAILED);
  g_assert_error (process_run_result_get_error (get_result (all, 2)), PROCESS_ERROR,
                  PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_error (process_run_result_get_error (get_result (all, 3)), PROCESS_ERROR,
                  PROCESS_ERROR_INVALID_ARGUMENT);
  assert_result (all, 4, "e", 0, TRUE, "because “a” did not pass");
  g_assert_cmpstr (fixture->log->str, ==, "!a /e !b !c !d ");
  assert_nothing_listed (fixture);
}

static void
test_sequential (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  log_signals (fixture);
  add_spec (fixture, "a", "c nowhere", "true");
  process_run_spec_set_allow_failure (add_spec (fixture, "b", "", "exit 2"), TRUE);
  add_spec (fixture, "c", "a", "exit 3");
  add_spec (fixture, "d", "", "true");
  add_spec (fixture, "e", "", "true");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_SEQUENTIAL, NULL)
                               : run (fixture, RUN_SEQUENTIAL, NULL);
  assert_counts (all, 1, 2, 2);
  assert_result (all, 2, "c", 3, FALSE, NULL);
  assert_result (all, 3, "d", 0, TRUE, "because “c” did not pass");
  assert_result (all, 4, "e", 0, TRUE, "because “c” did not pass");
  g_assert_cmpstr (fixture->log->str, ==, "+a -a +b !b +c !c /d /e ");
}

static void
test_parallel (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  g_autofree char *reads = g_strdup_printf ("cat %s; exit 1", path);
  g_autofree char *writes = g_strdup_printf ("echo go > %s", path);
  g_autoptr (ProcessRunAllResult) all = NULL;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  add_spec (fixture, "a", "b nowhere", reads);
  add_spec (fixture, "b", "a", writes);
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_PARALLEL, NULL)
                               : run (fixture, RUN_PARALLEL, NULL);
  assert_counts (all, 1, 1, 0);
  assert_result (all, 0, "a", 1, FALSE, NULL);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  ProcessRunSpec *spec = add_spec (fixture, "polite", "",
                                   "trap 'exit 0' TERM; while :; do sleep 0.01; done");

  process_run_spec_set_timeout (spec, 300 * G_TIME_SPAN_MILLISECOND);
  process_run_spec_set_grace_period (spec, G_TIME_SPAN_MINUTE);
  process_run_spec_set_timeout (add_spec (fixture, "stubborn", "", "while :; do sleep 1; done"), 1);
  add_spec (fixture, "after", "polite", "true");
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, 2, 1);
  assert_result (all, 0, "polite", 0, FALSE, "");
  assert_result (all, 1, "stubborn", -1, FALSE, "");
  assert_result (all, 2, "after", 0, TRUE, "because “polite” did not pass");
  for (guint i = 0; i < 2; i++)
    g_assert_error (process_run_result_get_error (get_result (all, i)), PROCESS_ERROR,
                    PROCESS_ERROR_TIMED_OUT);
}

static void
kill_cb (ProcessRunner         *runner,
         ProcessRunSpec        *spec,
         ProcessManagedProcess *process,
         gpointer               data)
{
  g_assert_true (process_managed_process_send_signal (process, SIGUSR1, NULL));
}

static void
test_killed (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (kill_cb), NULL);
  add_spec (fixture, "a", "", "while :; do sleep 1; done");
  all = run (fixture, RUN_ALL, NULL);
  assert_result (all, 0, "a", -1, FALSE, "SIGUSR1");
  g_assert_error (process_run_result_get_error (get_result (all, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_KILLED);
}

static void
cancel_cb (ProcessRunner         *runner,
           ProcessRunSpec        *spec,
           ProcessManagedProcess *process,
           GCancellable          *cancellable)
{
  if (g_str_equal (process_run_spec_get_name (spec), "last"))
    g_cancellable_cancel (cancellable);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunAllResult) all = NULL;
  ProcessRunSpec *polite = NULL;

  log_signals (fixture);
  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (cancel_cb), cancellable);
  add_spec (fixture, "done", "", "true");
  add_spec (fixture, "stuck", "nowhere", "true");
  add_spec (fixture, "runs", "done", "while :; do sleep 1; done");
  polite = add_spec (fixture, "last", "done", "trap 'exit 0' TERM; while :; do sleep 0.01; done");
  process_run_spec_set_grace_period (polite, G_TIME_SPAN_MINUTE);
  add_spec (fixture, "never", "runs", "true");
  add_spec (fixture, "never too", "never", "true");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, cancellable)
                               : run (fixture, RUN_ALL, cancellable);
  assert_counts (all, 1, 3, 2);
  assert_result (all, 0, "done", 0, FALSE, NULL);
  assert_result (all, 1, "stuck", 1, FALSE, "nowhere");
  assert_result (all, 2, "runs", -1, FALSE, "cancelled");
  assert_result (all, 4, "never", 1, TRUE, "cancelled");
  assert_result (all, 5, "never too", 1, TRUE, "cancelled");
  g_assert_error (process_run_result_get_error (get_result (all, 2)), G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
  g_assert_error (process_run_result_get_error (get_result (all, 3)), G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
  g_assert_error (process_run_result_get_error (get_result (all, 4)), G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
  g_assert_nonnull (strstr (fixture->log->str, "/never /never too "));
  assert_nothing_listed (fixture);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  log_signals (fixture);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "true");
  add_spec (fixture, "c", "c2", "true");
  g_cancellable_cancel (cancellable);
  for (RunMode mode = RUN_ALL; mode <= RUN_PARALLEL; mode++)
    {
      g_autoptr (ProcessRunAllResult) all = run (fixture, mode, cancellable);
      g_autoptr (ProcessRunAllResult) all_async = run_async (fixture, mode, cancellable);

      assert_counts (all, 0, mode == RUN_ALL ? 1 : 0, mode == RUN_ALL ? 2 : 3);
      assert_counts (all_async, 0, mode == RUN_ALL ? 1 : 0, mode == RUN_ALL ? 2 : 3);
      assert_result (all, 0, "a", 1, TRUE, "cancelled");
      assert_result (all_async, 1, "b", 1, TRUE, "cancelled");
    }
  g_assert_cmpstr (fixture->log->str, ==, "!c /a /b !c /a /b /a /b /c /a /b /c /a /b /c /a /b /c ");
}

static void
run_again_cb (ProcessRunner    *runner,
              ProcessRunResult *result,
              Fixture          *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (try_run (fixture, RUN_ALL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
}

static void
test_already_running (Fixture       *fixture,
                      gconstpointer  data)
{
  gulong handler = g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (run_again_cb),
                                     fixture);
  g_autoptr (ProcessRunAllResult) all = NULL;

  add_spec (fixture, "a", "", "true");
  for (guint i = 0; i < 2; i++)
    {
      all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL)
                                   : run (fixture, RUN_ALL, NULL);
      assert_counts (all, 1, 0, 0);
      g_clear_object (&all);
    }
  g_signal_handler_disconnect (fixture->runner, handler);
}

static void
restart_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunAllResult) all G_GNUC_UNUSED =
    process_runner_run_all_finish (PROCESS_RUNNER (object), result, &error);

  g_assert_no_error (error);
  g_string_append (fixture->log, "finished ");
  if (g_str_has_suffix (fixture->log->str, "-a finished -a finished "))
    g_main_context_wakeup (NULL);
  else
    process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata, 1,
                                  NULL, restart_cb, fixture);
}

static void
test_restart_in_callback (Fixture       *fixture,
                          gconstpointer  data)
{
  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (spec_finished_cb), fixture);
  add_spec (fixture, "a", "", "true");
  process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata, 1,
                                NULL, restart_cb, fixture);
  while (!g_str_equal (fixture->log->str, "-a finished -a finished "))
    g_main_context_iteration (NULL, TRUE);
}

static void
run_to_the_end_cb (ProcessRunner  *runner,
                   GParamSpec     *pspec,
                   GAsyncResult  **stored)
{
  while (*stored == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* A handler of the first thing that the run tells runs the main loop until the run is over. */
static void
test_nested_loop (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (fixture->runner, "notify::progress", G_CALLBACK (run_to_the_end_cb), &stored);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "true");
  process_runner_run_all_async (fixture->runner, (ProcessRunSpec **) fixture->specs->pdata, 2,
                                NULL, store_cb, &stored);
  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);
  all = process_runner_run_all_finish (fixture->runner, stored, &error);
  g_assert_no_error (error);
  assert_counts (all, 2, 0, 0);
}

static void
check_n_running_cb (ProcessService *service,
                    GParamSpec     *pspec,
                    guint          *most)
{
  *most = MAX (*most, process_service_get_n_running (service));
}

static void
test_max_parallel (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  guint most = 0;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      add_spec (fixture, name, "", "exec sleep 0.02");
    }
  g_signal_connect (fixture->service, "notify::n-running", G_CALLBACK (check_n_running_cb), &most);
  process_runner_set_max_parallel (fixture->runner, 3);
  g_assert_cmpuint (process_runner_get_max_parallel (fixture->runner), ==, 3);
  all = run (fixture, RUN_ALL, NULL);
  assert_counts (all, 20, 0, 0);
  g_assert_cmpuint (most, ==, 3);
}

static void
progress_cb (ProcessRunner *runner,
             GParamSpec    *pspec,
             Fixture       *fixture)
{
  g_string_append_printf (fixture->log, "%g ", process_runner_get_progress (runner));
}

static void
test_progress (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (ProcessRunAllResult) again = NULL;

  g_assert_cmpfloat (process_runner_get_progress (fixture->runner), <=, 0.0);
  g_signal_connect (fixture->runner, "notify::progress", G_CALLBACK (progress_cb), fixture);
  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (spec_finished_cb), fixture);
  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "exit 1");
  add_spec (fixture, "c", "b", "true");
  add_spec (fixture, "d", "d2", "true");
  all = run (fixture, RUN_ALL, NULL);
  again = run_async (fixture, RUN_ALL, NULL);
  g_assert_cmpstr (fixture->log->str, ==, "0 0.25 !d 0.5 -a 0.75 !b 1 /c "
                                          "0 0.25 !d 0.5 -a 0.75 !b 1 /c ");
}

/* What is connected in spec-started misses no line, and spec-finished comes after it all. */
static void
output_cb (ProcessManagedProcess *process,
           const char            *line,
           ProcessStream          stream,
           Fixture               *fixture)
{
  g_string_append_printf (fixture->log, "%s ", line);
}

static void
exited_cb (ProcessManagedProcess *process,
           int                    exit_code,
           gint64                 duration,
           const GError          *error,
           Fixture               *fixture)
{
  g_string_append (fixture->log, "exited ");
}

static void
watch_cb (ProcessRunner         *runner,
          ProcessRunSpec        *spec,
          ProcessManagedProcess *process,
          Fixture               *fixture)
{
  g_string_append (fixture->log, "started ");
  g_signal_connect (process, "output", G_CALLBACK (output_cb), fixture);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), fixture);
}

static void
test_signals (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (watch_cb), fixture);
  g_signal_connect (fixture->runner, "spec-finished", G_CALLBACK (spec_finished_cb), fixture);
  add_spec (fixture, "a", "", "echo 1; echo 2; echo 3");
  add_spec (fixture, "b", "a", "echo 4");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  g_assert_cmpstr (fixture->log->str, ==, "started 1 2 3 exited -a started 4 exited -b ");
}

/* A run goes by what the specs were when it began. */
static void
change_cb (ProcessRunner         *runner,
           ProcessRunSpec        *spec,
           ProcessManagedProcess *process,
           ProcessRunSpec        *other)
{
  process_run_spec_set_name (other, "changed");
  process_run_spec_set_command (other, "false");
  process_run_spec_set_after (other, NULL);
}

static void
test_snapshot (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "true");
  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (change_cb),
                    fixture->specs->pdata[1]);
  all = run (fixture, RUN_ALL, NULL);
  assert_result (all, 0, "a", 0, FALSE, NULL);
  assert_result (all, 1, "b", 0, FALSE, NULL);
}

static void
shutdown_cb (ProcessRunner         *runner,
             ProcessRunSpec        *spec,
             ProcessManagedProcess *process,
             GAsyncResult         **stored)
{
  process_service_shutdown_async (process_runner_get_service (runner), 0, NULL, store_cb, stored);
}

static void
test_shutdown (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GAsyncResult) stored = NULL;

  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (shutdown_cb), &stored);
  add_spec (fixture, "a", "", "while :; do sleep 1; done");
  process_run_spec_set_allow_failure (fixture->specs->pdata[0], TRUE);
  add_spec (fixture, "b", "a", "true");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, 2, 0);
  g_assert_error (process_run_result_get_error (get_result (all, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_KILLED);
  g_assert_error (process_run_result_get_error (get_result (all, 1)), PROCESS_ERROR,
                  PROCESS_ERROR_NOT_RUNNING);
  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
dispose_cb (ProcessRunner         *runner,
            ProcessRunSpec        *spec,
            ProcessManagedProcess *process,
            ProcessService        *service)
{
  g_object_run_dispose (G_OBJECT (service));
}

/* Disposal kills, and takes all handlers off the service: the run ends even so. */
static void
test_dispose (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;

  log_signals (fixture);
  g_signal_connect (fixture->runner, "spec-started", G_CALLBACK (dispose_cb), fixture->service);
  add_spec (fixture, "a", "", "while :; do sleep 1; done");
  add_spec (fixture, "b", "", "while :; do sleep 1; done");
  add_spec (fixture, "c", "a", "true");
  all = GPOINTER_TO_INT (data) ? run_async (fixture, RUN_ALL, NULL) : run (fixture, RUN_ALL, NULL);
  assert_counts (all, 0, 2, 1);
  g_assert_nonnull (strstr (fixture->log->str, "!a /c "));
  g_assert_nonnull (strstr (fixture->log->str, "!b "));
}

static void
test_service (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (ProcessRunner) own = g_object_new (PROCESS_TYPE_RUNNER, "max-parallel", 4, NULL);
  g_autoptr (ProcessService) got = NULL;

  g_assert_true (process_runner_get_service (runner) == service);
  g_object_get (runner, "service", &got, NULL);
  g_assert_true (got == service);
  g_assert_true (PROCESS_IS_SERVICE (process_runner_get_service (own)));
  g_assert_cmpuint (process_runner_get_max_parallel (own), ==, 4);
}

#define FALSE_DATA GINT_TO_POINTER (FALSE)
#define TRUE_DATA GINT_TO_POINTER (TRUE)

static void
add (const char    *path,
     gconstpointer  data,
     void (*func) (Fixture *, gconstpointer))
{
  g_autofree char *full = g_strdup_printf ("/runner/%s", path);

  g_test_add (full, Fixture, data, set_up, func, tear_down);
}

static void
add_both (const char *path,
          void (*func) (Fixture *, gconstpointer))
{
  g_autofree char *async = g_strdup_printf ("%s/async", path);

  add (path, FALSE_DATA, func);
  add (async, TRUE_DATA, func);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("empty", NULL, test_empty);
  add ("results", NULL, test_results);
  add ("output-order", NULL, test_output_order);
  add ("surroundings", NULL, test_surroundings);
  add ("no-barrier", NULL, test_no_barrier);
  add_both ("order", test_order);
  add ("failure", NULL, test_failure);
  add ("stuck", NULL, test_stuck);
  add ("names", NULL, test_names);
  add ("names/async", NULL, test_names_async);
  add ("start-failure", NULL, test_start_failure);
  add_both ("sequential", test_sequential);
  add_both ("parallel", test_parallel);
  add ("timeout", NULL, test_timeout);
  add ("killed", NULL, test_killed);
  add_both ("cancel", test_cancel);
  add ("cancelled-before", NULL, test_cancelled_before);
  add_both ("already-running", test_already_running);
  add ("restart-in-callback", NULL, test_restart_in_callback);
  add ("nested-loop", NULL, test_nested_loop);
  add ("max-parallel", NULL, test_max_parallel);
  add ("progress", NULL, test_progress);
  add_both ("signals", test_signals);
  add ("snapshot", NULL, test_snapshot);
  add_both ("shutdown", test_shutdown);
  add_both ("dispose", test_dispose);
  g_test_add_func ("/runner/service", test_service);

  return g_test_run ();
}
