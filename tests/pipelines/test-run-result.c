/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "runner-util.h"

#include <json-glib/json-glib.h>

static void
test_defaults (void)
{
  g_autoptr (ProcessRunResult) result = g_object_new (PROCESS_TYPE_RUN_RESULT, NULL);

  g_assert_null (process_run_result_get_name (result));
  g_assert_null (process_run_result_get_spec (result));
  g_assert_null (process_run_result_get_process (result));
  g_assert_cmpint (process_run_result_get_exit_code (result), ==, 0);
  g_assert_cmpint (process_run_result_get_duration (result), ==, 0);
  g_assert_cmpstr (process_run_result_get_output (result), ==, "");
  g_assert_null (process_run_result_get_error (result));
  g_assert_false (process_run_result_get_skipped (result));
  g_assert_true (process_run_result_get_passed (result));
}

static void
test_construct (void)
{
  g_autoptr (ProcessRunSpec) spec = process_run_spec_new ("n", "c", NULL);
  g_autoptr (GError) error = g_error_new (PROCESS_ERROR, PROCESS_ERROR_KILLED, "gone");
  ProcessRunResult *result =
    g_object_new (PROCESS_TYPE_RUN_RESULT, "name", "n", "spec", spec, "exit-code", -1,
                  "duration", G_GINT64_CONSTANT (7), "output", "o", "error", error, NULL);
  g_autoptr (ProcessRunSpec) got_spec = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) got_error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *output = NULL;
  gint64 duration = 0;
  int exit_code = 0;
  gboolean skipped = TRUE;
  gboolean passed = TRUE;

  g_object_get (result, "name", &name, "spec", &got_spec, "process", &process,
                "exit-code", &exit_code, "duration", &duration, "output", &output,
                "error", &got_error, "skipped", &skipped, "passed", &passed, NULL);
  g_assert_cmpstr (name, ==, "n");
  g_assert_true (got_spec == spec);
  g_assert_null (process);
  g_assert_cmpint (exit_code, ==, -1);
  g_assert_cmpint (duration, ==, 7);
  g_assert_cmpstr (output, ==, "o");
  g_assert_error (got_error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_false (skipped);
  g_assert_false (passed);
  g_assert_finalize_object (result);
}

static void
test_passed (void)
{
  g_autoptr (GError) error = g_error_new (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT, "late");
  g_autoptr (ProcessRunResult) failed =
    g_object_new (PROCESS_TYPE_RUN_RESULT, "exit-code", 1, NULL);
  g_autoptr (ProcessRunResult) late = g_object_new (PROCESS_TYPE_RUN_RESULT, "error", error, NULL);
  g_autoptr (ProcessRunResult) skipped =
    g_object_new (PROCESS_TYPE_RUN_RESULT, "skipped", TRUE, NULL);

  g_assert_false (process_run_result_get_passed (failed));
  g_assert_false (process_run_result_get_passed (late));
  g_assert_false (process_run_result_get_passed (skipped));
}

static void
test_list (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  GType item_type = G_TYPE_INVALID;
  guint n_items = 0;
  guint n_passed = 0;
  guint n_failed = 0;
  guint n_skipped = 0;
  gint64 duration = 0;
  gboolean success = TRUE;

  add_spec (fixture, "a", "", "true");
  add_spec (fixture, "b", "a", "false");
  add_spec (fixture, "c", "b", "true");
  all = run (fixture, RUN_ALL, NULL);

  g_object_get (all, "item-type", &item_type, "n-items", &n_items, "n-passed", &n_passed,
                "n-failed", &n_failed, "n-skipped", &n_skipped, "duration", &duration,
                "success", &success, NULL);
  g_assert_true (item_type == PROCESS_TYPE_RUN_RESULT);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (all)) == PROCESS_TYPE_RUN_RESULT);
  g_assert_cmpuint (n_items, ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (all)), ==, 3);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (all), 3));
  g_assert_cmpuint (n_passed, ==, 1);
  g_assert_cmpuint (n_failed, ==, 1);
  g_assert_cmpuint (n_skipped, ==, 1);
  g_assert_cmpint (duration, ==, process_run_all_result_get_duration (all));
  g_assert_false (success);
}

/* The keys, in the order in which they are written. */
static void
assert_keys (JsonObject *object,
             const char *keys)
{
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *link = members; link != NULL; link = link->next)
    g_string_append_printf (got, "%s ", (const char *) link->data);
  g_assert_cmpstr (got->str, ==, keys);
}

static void
test_json (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object = NULL;
  JsonObject *result = NULL;
  ProcessRunSpec *spec = add_spec (fixture, "a", "", "printf 'é\\377\\n'; exit 4");

  process_run_spec_set_timeout (spec, G_TIME_SPAN_MINUTE);
  process_run_spec_set_allow_failure (spec, TRUE);
  add_spec (fixture, "b", "nowhere", "true");
  all = run (fixture, RUN_ALL, NULL);
  text = process_run_all_result_to_json (all);
  root = json_from_string (text, NULL);

  object = json_node_get_object (root);
  assert_keys (object, "results duration passed failed skipped ");
  g_assert_cmpint (json_object_get_int_member (object, "duration"), ==,
                   process_run_all_result_get_duration (all) * 1000);
  g_assert_cmpint (json_object_get_int_member (object, "passed"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "failed"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "skipped"), ==, 0);

  result = json_array_get_object_element (json_object_get_array_member (object, "results"), 0);
  assert_keys (result, "name spec exitCode duration output error skipped ");
  g_assert_cmpstr (json_object_get_string_member (result, "name"), ==, "a");
  g_assert_cmpint (json_object_get_int_member (result, "exitCode"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (result, "duration"), ==,
                   process_run_result_get_duration (get_result (all, 0)) * 1000);
  g_assert_cmpstr (json_object_get_string_member (result, "output"), ==, "é\xef\xbf\xbd\n");
  g_assert_true (json_object_get_null_member (result, "error"));
  g_assert_false (json_object_get_boolean_member (result, "skipped"));

  result = json_array_get_object_element (json_object_get_array_member (object, "results"), 1);
  g_assert_cmpstr (json_object_get_string_member (result, "error"), ==,
                   "The spec “b” waits for “nowhere”, which is missing");
}

/* The spec of a result is read again as the same spec. */
static void
test_json_spec (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autofree char *text = NULL;
  g_autofree char *spec_text = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GError) error = NULL;
  const char *env[] = { "A=é", "B", NULL };
  ProcessRunSpec *spec = add_spec (fixture, "a\"b", "x y", "echo '\t\\'");
  JsonArray *results = NULL;

  process_run_spec_set_cwd (spec, "/");
  process_run_spec_set_env (spec, env);
  process_run_spec_set_timeout (spec, 1234567);
  process_run_spec_set_grace_period (spec, 89);
  all = run (fixture, RUN_PARALLEL, NULL);
  text = process_run_all_result_to_json (all);
  root = json_from_string (text, NULL);
  results = json_object_get_array_member (json_node_get_object (root), "results");
  spec_text = json_to_string (
    json_object_get_member (json_array_get_object_element (results, 0), "spec"), TRUE);
  g_free (g_steal_pointer (&text));
  text = g_strdup_printf ("[%s]", spec_text);

  read = process_run_spec_list_from_json (text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (process_run_spec_get_name (read->pdata[0]), ==, "a\"b");
  g_assert_cmpstr (process_run_spec_get_command (read->pdata[0]), ==, "sh");
  g_assert_cmpstrv (process_run_spec_get_args (read->pdata[0]), process_run_spec_get_args (spec));
  g_assert_cmpstr (process_run_spec_get_cwd (read->pdata[0]), ==, "/");
  g_assert_cmpstrv (process_run_spec_get_env (read->pdata[0]), env);
  g_assert_cmpstrv (process_run_spec_get_after (read->pdata[0]),
                    process_run_spec_get_after (spec));
  g_assert_cmpint (process_run_spec_get_timeout (read->pdata[0]), ==, 1234567);
  g_assert_cmpint (process_run_spec_get_grace_period (read->pdata[0]), ==, 89);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/run-result/defaults", test_defaults);
  g_test_add_func ("/run-result/construct", test_construct);
  g_test_add_func ("/run-result/passed", test_passed);
  g_test_add ("/run-all-result/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/run-all-result/json", Fixture, NULL, set_up, test_json, tear_down);
  g_test_add ("/run-all-result/json/spec", Fixture, NULL, set_up, test_json_spec, tear_down);

  return g_test_run ();
}
