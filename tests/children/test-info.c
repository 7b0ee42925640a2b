/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include <json-glib/json-glib.h>

#include <process-glib/children/process-info-private.h>

static ProcessInfo *
make_full (void)
{
  const char *args[] = { "-l", "caf\xe9", NULL };
  g_autoptr (GDateTime) started_at = g_date_time_new_from_iso8601 ("2026-03-04T05:06:07.25Z", NULL);
  ProcessInfoValues values = {
    .id = "id-1",
    .command = "l\xffs",
    .args = args,
    .cwd = "/tm\xffp",
    .started_at = started_at,
    .status = PROCESS_STATUS_EXITED,
    .exit_code = 3,
    .duration = 1500,
    .pid = 4242,
    .exit_reason = PROCESS_EXIT_REASON_TIMED_OUT,
  };

  return _process_info_new (&values);
}

static ProcessInfo *
make_bare (void)
{
  ProcessInfoValues values = {
    .id = "id-2",
    .command = "ls",
    .status = PROCESS_STATUS_RUNNING,
    .exit_code = -1,
  };

  return _process_info_new (&values);
}

static void
test_getters (void)
{
  g_autoptr (ProcessInfo) info = make_full ();
  const char * const *args = process_info_get_args (info);

  g_assert_cmpstr (process_info_get_id (info), ==, "id-1");
  g_assert_cmpstr (process_info_get_command (info), ==, "l\uFFFDs");
  g_assert_cmpuint (g_strv_length ((char **) args), ==, 2);
  g_assert_cmpstr (args[0], ==, "-l");
  g_assert_cmpstr (args[1], ==, "caf\uFFFD");
  g_assert_cmpstr (process_info_get_cwd (info), ==, "/tm\xffp");
  g_assert_cmpint (g_date_time_to_unix (process_info_get_started_at (info)), ==, 1772600767);
  g_assert_false (process_info_get_running (info));
  g_assert_cmpint (process_info_get_status (info), ==, PROCESS_STATUS_EXITED);
  g_assert_cmpint (process_info_get_exit_code (info), ==, 3);
  g_assert_cmpint (process_info_get_duration (info), ==, 1500);
  g_assert_cmpint (process_info_get_pid (info), ==, 4242);
  g_assert_cmpint (process_info_get_exit_reason (info), ==, PROCESS_EXIT_REASON_TIMED_OUT);
}

static void
test_bare (void)
{
  g_autoptr (ProcessInfo) info = make_bare ();

  g_assert_nonnull (process_info_get_args (info));
  g_assert_null (process_info_get_args (info)[0]);
  g_assert_null (process_info_get_cwd (info));
  g_assert_null (process_info_get_started_at (info));
  g_assert_true (process_info_get_running (info));
}

static void
test_properties (void)
{
  g_autoptr (ProcessInfo) info = make_full ();
  g_autofree char *id = NULL;
  g_autofree char *command = NULL;
  g_autofree char *cwd = NULL;
  g_auto (GStrv) args = NULL;
  g_autoptr (GDateTime) started_at = NULL;
  gboolean running;
  ProcessStatus status;
  ProcessExitReason exit_reason;
  int exit_code, pid;
  gint64 duration;

  g_object_get (info, "id", &id, "command", &command, "args", &args, "cwd", &cwd,
                "started-at", &started_at, "running", &running, "status", &status,
                "exit-code", &exit_code, "duration", &duration, "pid", &pid,
                "exit-reason", &exit_reason, NULL);

  g_assert_cmpstr (id, ==, process_info_get_id (info));
  g_assert_cmpstr (command, ==, process_info_get_command (info));
  g_assert_cmpstr (cwd, ==, process_info_get_cwd (info));
  g_assert_true (g_strv_equal ((const char * const *) args, process_info_get_args (info)));
  g_assert_true (g_date_time_equal (started_at, process_info_get_started_at (info)));
  g_assert_false (running);
  g_assert_cmpint (status, ==, PROCESS_STATUS_EXITED);
  g_assert_cmpint (exit_code, ==, 3);
  g_assert_cmpint (duration, ==, 1500);
  g_assert_cmpint (pid, ==, 4242);
  g_assert_cmpint (exit_reason, ==, PROCESS_EXIT_REASON_TIMED_OUT);
}

static void
test_read_only (void)
{
  g_autoptr (GTypeClass) type_class = g_type_class_ref (PROCESS_TYPE_INFO);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_CLASS (type_class), &n_pspecs);
  g_assert_cmpuint (n_pspecs, ==, 11);
  for (guint i = 0; i < n_pspecs; i++)
    g_assert_false (pspecs[i]->flags & G_PARAM_WRITABLE);
}

static void
test_variant (void)
{
  g_autoptr (ProcessInfo) info = make_full ();
  g_autoptr (GVariant) dict = process_info_to_variant (info);
  g_autoptr (GVariant) expected = NULL;
  GVariantDict keys;

  g_assert_false (g_variant_is_floating (dict));
  g_assert_true (g_variant_is_of_type (dict, G_VARIANT_TYPE_VARDICT));
  g_assert_cmpuint (g_variant_n_children (dict), ==, 11);

  expected = g_variant_ref_sink (g_variant_new_parsed (
    "{'id': <'id-1'>, 'command': <'l\uFFFDs'>, 'args': <['-l', 'caf\uFFFD']>,"
    " 'cwd': <'/tm\uFFFDp'>, 'started-at': <int64 1772600767250000>, 'running': <false>,"
    " 'status': <'exited'>, 'exit-code': <3>, 'duration': <int64 1500>, 'pid': <4242>,"
    " 'exit-reason': <'timed-out'>}"));

  g_variant_dict_init (&keys, dict);
  for (gsize i = 0; i < g_variant_n_children (expected); i++)
    {
      const char *key;
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GVariant) found = NULL;

      g_variant_get_child (expected, i, "{&sv}", &key, &value);
      found = g_variant_dict_lookup_value (&keys, key, NULL);
      g_assert_nonnull (found);
      g_assert_cmpvariant (found, value);
    }
  g_variant_dict_clear (&keys);
}

static void
test_bare_variant (void)
{
  g_autoptr (ProcessInfo) info = make_bare ();
  g_autoptr (GVariant) dict = process_info_to_variant (info);
  g_autoptr (GVariant) cwd = g_variant_lookup_value (dict, "cwd", NULL);
  g_autoptr (GVariant) started_at = g_variant_lookup_value (dict, "started-at", NULL);
  g_autoptr (GVariant) args = g_variant_lookup_value (dict, "args", G_VARIANT_TYPE_STRING_ARRAY);

  g_assert_null (cwd);
  g_assert_null (started_at);
  g_assert_nonnull (args);
  g_assert_cmpuint (g_variant_n_children (args), ==, 0);
}

static void
test_json (void)
{
  g_autoptr (ProcessInfo) info = make_full ();
  g_autofree char *json = process_info_to_json (info);

  g_assert_cmpstr (json, ==,
                   "{\"id\":\"id-1\",\"command\":\"l\uFFFDs\",\"args\":[\"-l\",\"caf\uFFFD\"],"
                   "\"dir\":\"/tm\uFFFDp\",\"startedAt\":\"2026-03-04T05:06:07.25Z\","
                   "\"running\":false,\"status\":\"exited\",\"exitCode\":3,\"duration\":1500000,"
                   "\"pid\":4242}");
}

static void
test_bare_json (void)
{
  g_autoptr (ProcessInfo) info = make_bare ();
  g_autofree char *json = process_info_to_json (info);

  g_assert_cmpstr (json, ==,
                   "{\"id\":\"id-2\",\"command\":\"ls\",\"args\":[],\"dir\":\"\","
                   "\"startedAt\":null,\"running\":true,\"status\":\"running\","
                   "\"exitCode\":-1,\"duration\":0,\"pid\":0}");
}

static void
test_json_escapes (void)
{
  const char *args[] = { "say \"hi\"\n", "back\\slash", "\x01", NULL };
  ProcessInfoValues values = { .id = "id", .command = "sh", .args = args };
  g_autoptr (ProcessInfo) info = _process_info_new (&values);
  g_autofree char *json = process_info_to_json (info);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (json, &error);
  JsonArray *array;

  g_assert_no_error (error);
  array = json_object_get_array_member (json_node_get_object (root), "args");
  for (guint i = 0; args[i] != NULL; i++)
    g_assert_cmpstr (json_array_get_string_element (array, i), ==, args[i]);
}

static void
assert_nicks (GType               type,
              const char * const *nicks)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (type);

  g_assert_cmpuint (enum_class->n_values, ==, g_strv_length ((char **) nicks));
  for (int i = 0; nicks[i] != NULL; i++)
    g_assert_cmpstr (g_enum_get_value (enum_class, i)->value_nick, ==, nicks[i]);
}

static void
test_nicks (void)
{
  const char *statuses[] = { "pending", "running", "exited", "failed", "killed", NULL };
  const char *reasons[] = {
    "none", "exited", "signaled", "killed", "timed-out", "cancelled", "start-failed", NULL,
  };

  assert_nicks (PROCESS_TYPE_STATUS, statuses);
  assert_nicks (PROCESS_TYPE_EXIT_REASON, reasons);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/info/getters", test_getters);
  g_test_add_func ("/info/bare", test_bare);
  g_test_add_func ("/info/properties", test_properties);
  g_test_add_func ("/info/read-only", test_read_only);
  g_test_add_func ("/info/variant", test_variant);
  g_test_add_func ("/info/bare-variant", test_bare_variant);
  g_test_add_func ("/info/json", test_json);
  g_test_add_func ("/info/bare-json", test_bare_json);
  g_test_add_func ("/info/json-escapes", test_json_escapes);
  g_test_add_func ("/info/nicks", test_nicks);

  return g_test_run ();
}
