/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The service by the names of its actions. */

#include "test-util.h"

#include <signal.h>
#include <string.h>

static GVariant *
call (TestFixture *self, const char *name, const char *parameters, GError **error)
{
  g_autoptr (GVariant) parsed = NULL;
  g_autoptr (GError) problem = NULL;

  if (parameters != NULL)
    {
      parsed = g_variant_parse (NULL, parameters, NULL, NULL, &problem);
      g_assert_no_error (problem);
    }
  return process_service_call_action (self->service, name, parsed, NULL, error);
}

/* The parameters that run the child; @more are keys to add. */
static char *
describe_child (const char *more, const char *verb, ...)
{
  g_autoptr (GString) text = g_string_new (NULL);
  va_list list;

  g_string_printf (text, "{'command': <'%s'>%s, 'args': <@as [", test_get_child (), more);
  va_start (list, verb);
  for (const char *each = verb; each != NULL; each = va_arg (list, const char *))
    g_string_append_printf (text, "'%s', ", each);
  va_end (list);
  g_string_truncate (text, text->len - strlen (", "));
  g_string_append (text, "]>}");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_runs (TestFixture *self, const char *parameters, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (self, "process.run", parameters, &error);

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (answer));
  g_assert_true (g_variant_is_of_type (answer, G_VARIANT_TYPE_STRING));
  g_assert_cmpstr (g_variant_get_string (answer, NULL), ==, expected);
}

static void
test_run (TestFixture *self, gconstpointer data)
{
  g_autofree char *plain = describe_child ("", "out", "hi\\\\n", NULL);
  g_autofree char *with_input =
    describe_child (", 'input': <[byte 97, 98, 99]>, 'buffer-size': <uint32 2>", "copy", NULL);
  g_autofree char *with_env = describe_child (
    ", 'env': <['ONE=1', 'TWO']>, 'clear-env': <true>", "env", "ONE", "env", "TWO", NULL);
  g_autofree char *with_cwd = describe_child (", 'cwd': <'/'>", "cwd", NULL);
  g_autofree char *with_nick = describe_child (", 'stdin-mode': <'null'>", "target", "0", NULL);
  g_autofree char *merged = describe_child (
    ", 'merge-stderr': <true>, 'stop-signal': <2>, 'kill-group': <true>, "
    "'grace-period': <int64 1000000>, 'timeout': <int64 60000000>",
    "err", "merged", NULL);

  assert_runs (self, plain, "hi\n");
  assert_runs (self, with_input, "bc");
  assert_runs (self, with_env, "ONE=1\nTWO is unset\n");
  assert_runs (self, with_cwd, "/\n");
  assert_runs (self, with_nick, "/dev/null\n");
  assert_runs (self, merged, "merged");
  assert_runs (self, "{'command': <'true'>}", "");
}

static void
assert_fails (TestFixture *self, const char *name, const char *parameters, int code,
              const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (call (self, name, parameters, &error));
  g_assert_error (error, PROCESS_ERROR, code);
  if (strstr (error->message, message) == NULL)
    g_test_message ("“%s” is not in “%s”", message, error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_bad_parameters (TestFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *parameters;
    const char *message;
  } cases[] = {
    { "process.fly", NULL, "“process.fly”" },
    { "run", "{'command': <'true'>}", "“run”" },
    { "", NULL, "“”" },
    { "process.run", NULL, "“command”" },
    { "process.run", "@a{sv} {}", "“command”" },
    { "process.run", "{'args': <['x']>}", "“command”" },
    { "process.run", "{'command': <'true'>, 'shell': <true>}", "“shell”" },
    { "process.run", "{'command': <'true'>, 'clear_env': <true>}", "“clear_env”" },
    { "process.run", "{'command': <7>}", "“command”" },
    { "process.run", "{'command': <''>}", "command" },
    { "process.run", "{'command': <'true'>, 'args': <'x'>}", "“args”" },
    { "process.run", "{'command': <'true'>, 'timeout': <5>}", "“timeout”" },
    { "process.run", "{'command': <'true'>, 'stdin-mode': <'tape'>}", "“tape”" },
    { "process.run", "{'command': <'true'>, 'stdin-mode': <1>}", "“stdin-mode”" },
    { "process.run", "{'command': <'true'>, 'input': <'text'>}", "“input”" },
    { "process.run", "{'command': <'true'>, 'buffer-size': <-1>}", "“buffer-size”" },
    { "process.run", "'true'", "“process.run”" },
    { "process.start", "{'command': <'true'>, 'nice': <3>}", "“nice”" },
    { "process.start", NULL, "“command”" },
    { "process.kill", NULL, "“id”" },
    { "process.kill", "{'id': <7>}", "“id”" },
    { "process.kill", "{'id': <'x'>, 'signal': <9>}", "“signal”" },
    { "process.get", "@a{sv} {}", "“id”" },
    { "process.get", "{'name': <'x'>}", "“name”" },
    { "process.list", "{'running': <true>}", "“running”" },
    { "process.list", "{'running-only': <'yes'>}", "“running-only”" },
    { "process.list", "['a']", "“process.list”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_fails (self, cases[i].name, cases[i].parameters, PROCESS_ERROR_INVALID_ARGUMENT,
                  cases[i].message);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 0);
}

static void
test_other_errors (TestFixture *self, gconstpointer data)
{
  g_autofree char *failing = describe_child ("", "err", "oops\\\\n", "exit", "4", NULL);

  assert_fails (self, "process.kill", "{'id': <'nobody'>}", PROCESS_ERROR_NOT_FOUND, "“nobody”");
  assert_fails (self, "process.get", "{'id': <'nobody'>}", PROCESS_ERROR_NOT_FOUND, "“nobody”");
  assert_fails (self, "process.run", failing, PROCESS_ERROR_NON_ZERO_EXIT, ": oops");
  assert_fails (self, "process.run", "{'command': <'/nonexistent'>}",
                PROCESS_ERROR_PROGRAM_NOT_FOUND, "“/nonexistent”");
  assert_fails (self, "process.start", "{'command': <'true'>, 'timeout': <int64 -1>}",
                PROCESS_ERROR_INVALID_ARGUMENT, "timeout");
  process_service_shutdown (self->service, 0, NULL, NULL);
  assert_fails (self, "process.start", "{'command': <'true'>}", PROCESS_ERROR_NOT_RUNNING, "");
}

static ProcessManagedProcess *
start (TestFixture *self)
{
  g_autofree char *parameters = describe_child ("", "pause", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (self, "process.start", parameters, &error);
  ProcessManagedProcess *process;

  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (answer, G_VARIANT_TYPE_STRING));
  process = process_service_get (self->service, g_variant_get_string (answer, NULL), &error);
  g_assert_no_error (error);
  test_track (self, process);
  return process;
}

static void
test_start_and_kill (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = start (self);
  g_autofree char *id =
    g_strdup_printf ("{'id': <'%s'>}", process_managed_process_get_id (process));
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_is_running (process));
  answer = call (self, "process.kill", id, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_get_boolean (answer));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_clear_error (&error);
  g_clear_pointer (&answer, g_variant_unref);
  answer = call (self, "process.kill", id, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_get_boolean (answer));
}

static void
assert_described (GVariant *answer, ProcessManagedProcess *process, const char *status)
{
  g_autoptr (GVariantDict) dict = g_variant_dict_new (answer);
  const char *id, *command, *its_status;
  g_autofree char **args = NULL;
  gboolean running;
  int pid, exit_code;
  gint64 duration, started_at;

  g_assert_true (g_variant_dict_lookup (dict, "id", "&s", &id));
  g_assert_cmpstr (id, ==, process_managed_process_get_id (process));
  g_assert_true (g_variant_dict_lookup (dict, "command", "&s", &command));
  g_assert_cmpstr (command, ==, test_get_child ());
  g_assert_true (g_variant_dict_lookup (dict, "args", "^a&s", &args));
  g_assert_cmpstr (args[0], ==, "pause");
  g_assert_true (g_variant_dict_lookup (dict, "status", "&s", &its_status));
  g_assert_cmpstr (its_status, ==, status);
  g_assert_true (g_variant_dict_lookup (dict, "running", "b", &running));
  g_assert_true (running == g_str_equal (status, "running"));
  g_assert_true (g_variant_dict_lookup (dict, "pid", "i", &pid));
  g_assert_cmpint (pid, ==, process_managed_process_get_pid (process));
  g_assert_true (g_variant_dict_lookup (dict, "exit-code", "i", &exit_code));
  g_assert_cmpint (exit_code, ==, -1);
  g_assert_true (g_variant_dict_lookup (dict, "duration", "x", &duration));
  g_assert_cmpint (duration, >, 0);
  g_assert_true (g_variant_dict_lookup (dict, "started-at", "x", &started_at));
  g_assert_cmpint (started_at, >, 0);
  g_assert_false (g_variant_dict_contains (dict, "cwd"));
}

static void
assert_list (TestFixture *self, const char *parameters, ProcessManagedProcess *first,
             const char *first_status, ProcessManagedProcess *second)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (self, "process.list", parameters, &error);
  g_autoptr (GVariant) one = NULL, other = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (answer), ==, "aa{sv}");
  g_assert_cmpuint (g_variant_n_children (answer), ==, second != NULL ? 2 : 1);
  one = g_variant_get_child_value (answer, 0);
  assert_described (one, first, first_status);
  if (second == NULL)
    return;
  other = g_variant_get_child_value (answer, 1);
  assert_described (other, second, "running");
}

static void
test_list_and_get (TestFixture *self, gconstpointer data)
{
  g_autoptr (GVariant) nothing = call (self, "process.list", NULL, NULL);
  g_autoptr (ProcessManagedProcess) first = start (self);
  g_autoptr (ProcessManagedProcess) second = start (self);
  g_autofree char *id =
    g_strdup_printf ("{'id': <'%s'>}", process_managed_process_get_id (first));
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (g_variant_get_type_string (nothing), ==, "aa{sv}");
  g_assert_cmpuint (g_variant_n_children (nothing), ==, 0);
  assert_list (self, NULL, first, "running", second);
  process_managed_process_shutdown (first, NULL, &error);
  g_assert_no_error (error);
  assert_list (self, NULL, first, "killed", second);
  assert_list (self, "{'running-only': <false>}", first, "killed", second);
  assert_list (self, "{'running-only': <true>}", second, "running", NULL);
  answer = call (self, "process.get", id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (answer), ==, "a{sv}");
  assert_described (answer, first, "killed");
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  TestFixture *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    process_service_call_action_finish (PROCESS_SERVICE (object), result, &error);
  g_autofree char *text = answer != NULL ? g_variant_print (answer, FALSE) : NULL;

  g_assert_true ((answer != NULL) == (error == NULL));
  if (answer != NULL)
    test_log (self, "answer %s", text);
  else
    test_log (self, "%s %d", g_quark_to_string (error->domain), error->code);
}

static void
call_async (TestFixture *self, const char *name, const char *parameters,
            GCancellable *cancellable)
{
  /* Floating: the call takes it. */
  GVariant *parsed =
    parameters != NULL ? g_variant_new_parsed (parameters, NULL) : NULL;

  process_service_call_action_async (self->service, name, parsed, cancellable, called_cb, self);
  g_assert_cmpuint (self->log->len, ==, 0);
  if (cancellable == NULL)
    test_run_until (self->log->len > 0);
}

static void
test_async (TestFixture *self, gconstpointer data)
{
  g_autofree char *run = describe_child ("", "out", "hi", NULL);
  g_autofree char *failing = describe_child ("", "exit", "1", NULL);
  g_autofree char *not_found =
    g_strdup_printf ("%s %d", g_quark_to_string (PROCESS_ERROR), PROCESS_ERROR_NOT_FOUND);
  g_autofree char *invalid =
    g_strdup_printf ("%s %d", g_quark_to_string (PROCESS_ERROR), PROCESS_ERROR_INVALID_ARGUMENT);
  g_autofree char *non_zero =
    g_strdup_printf ("%s %d", g_quark_to_string (PROCESS_ERROR), PROCESS_ERROR_NON_ZERO_EXIT);

  call_async (self, "process.run", run, NULL);
  test_assert_log (self, "answer 'hi'");
  call_async (self, "process.run", failing, NULL);
  test_assert_log (self, non_zero);
  process_service_clear (self->service);
  call_async (self, "process.list", NULL, NULL);
  test_assert_log (self, "answer []");
  call_async (self, "process.kill", "{'id': <'nobody'>}", NULL);
  test_assert_log (self, not_found);
  call_async (self, "process.get", "{'id': <'nobody'>}", NULL);
  test_assert_log (self, not_found);
  call_async (self, "process.start", "{'command': <3>}", NULL);
  test_assert_log (self, invalid);
  call_async (self, "process.run", "{'command': <3>}", NULL);
  test_assert_log (self, invalid);
  call_async (self, "process.fly", NULL, NULL);
  test_assert_log (self, invalid);
  call_async (self, "process.start", run, NULL);
  g_assert_true (g_str_has_prefix (self->log->pdata[0], "answer 'id-"));
}

/* Cancelling ends what was run or started. */
static void
test_cancelled (TestFixture *self, gconstpointer data)
{
  g_autofree char *cancelled =
    g_strdup_printf ("%s %d", g_quark_to_string (G_IO_ERROR), G_IO_ERROR_CANCELLED);
  g_autofree char *pause = describe_child ("", "pause", NULL);
  g_autoptr (GCancellable) of_run = g_cancellable_new ();
  g_autoptr (GCancellable) of_start = g_cancellable_new ();
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  call_async (self, "process.run", pause, of_run);
  g_cancellable_cancel (of_run);
  test_run_until (self->log->len > 0);
  test_assert_log (self, cancelled);
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 0);

  answer = process_service_call_action (self->service, "process.start",
                                        g_variant_new_parsed (pause, NULL), of_start, &error);
  g_assert_no_error (error);
  process = process_service_get (self->service, g_variant_get_string (answer, NULL), NULL);
  g_cancellable_cancel (of_start);
  error = test_finish (process);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_group (TestFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *type;
  } expected[] = {
    { "run", "a{sv}" }, { "start", "a{sv}" }, { "kill", "s" },
    { "shutdown", "s" }, { "remove", "s" },   { "clear", NULL },
  };
  GActionGroup *group = G_ACTION_GROUP (self->service);
  g_auto (GStrv) names = g_action_group_list_actions (group);

  g_assert_cmpuint (g_strv_length (names), ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const GVariantType *type = g_action_group_get_action_parameter_type (group,
                                                                           expected[i].name);

      g_assert_true (g_strv_contains ((const char * const *) names, expected[i].name));
      g_assert_true (g_action_group_has_action (group, expected[i].name));
      g_assert_true (g_action_group_get_action_enabled (group, expected[i].name));
      g_assert_null (g_action_group_get_action_state_type (group, expected[i].name));
      if (expected[i].type != NULL)
        g_assert_true (g_variant_type_equal (type, G_VARIANT_TYPE (expected[i].type)));
      else
        g_assert_null (type);
    }
  g_assert_false (g_action_group_has_action (group, "process.run"));
  g_action_group_change_action_state (group, "process.run", g_variant_new_boolean (TRUE));
  g_action_group_activate_action (group, "process.run", g_variant_new_boolean (TRUE));
}

static void
activate (TestFixture *self, const char *name, ProcessManagedProcess *process)
{
  g_action_group_activate_action (
    G_ACTION_GROUP (self->service), name,
    process != NULL ? g_variant_new_string (process_managed_process_get_id (process)) : NULL);
}

static void
test_activate (TestFixture *self, gconstpointer data)
{
  g_autofree char *run = describe_child ("", "out", "ran\\\\n", NULL);
  g_autofree char *pause = describe_child ("", "pause", NULL);
  GActionGroup *group = G_ACTION_GROUP (self->service);
  g_autoptr (GPtrArray) listed = NULL;

  test_log_service (self);
  g_action_group_activate_action (group, "run", g_variant_new_parsed (run, NULL));
  test_run_until (test_count_log (self, "service exited 0") == 1);
  test_assert_log (self, "service started", "service stdout: ran", "service exited 0");
  test_run_until (process_service_get_n_items (self->service) == 0);

  for (guint i = 0; i < 3; i++)
    g_action_group_activate_action (group, "start", g_variant_new_parsed (pause, NULL));
  g_assert_cmpuint (process_service_get_n_running (self->service), ==, 3);
  listed = process_service_list (self->service);
  activate (self, "kill", listed->pdata[0]);
  activate (self, "shutdown", listed->pdata[1]);
  test_run_until (test_count_log (self, "service exited -1") == 2);
  activate (self, "remove", listed->pdata[1]);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 2);
  activate (self, "clear", NULL);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 1);
  g_assert_true (process_managed_process_is_running (listed->pdata[2]));
}

static void
expect_message (const char *pattern)
{
  g_test_expect_message ("process-glib", G_LOG_LEVEL_MESSAGE, pattern);
}

/* An action has nobody to return an error to: it is logged. */
static void
test_activate_fails (TestFixture *self, gconstpointer data)
{
  GActionGroup *group = G_ACTION_GROUP (self->service);
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);
  static const char * const names[] = { "kill", "shutdown", "remove" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *pattern = g_strdup_printf ("*“%s”*“nobody”*", names[i]);

      expect_message (pattern);
      g_action_group_activate_action (group, names[i], g_variant_new_string ("nobody"));
      g_test_assert_expected_messages ();
    }
  expect_message ("*“remove”*still running*");
  activate (self, "remove", process);
  expect_message ("*“start”*“shell”*");
  g_action_group_activate_action (group, "start", g_variant_new_parsed ("{'shell': <1>}"));
  expect_message ("*“run”*command*missing*");
  g_action_group_activate_action (group, "run", g_variant_new_parsed ("@a{sv} {}"));
  g_test_assert_expected_messages ();
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 1);
}

static void
enabled_changed_cb (GActionGroup *group, const char *name, gboolean enabled, TestFixture *self)
{
  g_assert_true (g_action_group_get_action_enabled (group, name) == enabled);
  test_log (self, "%s %s", name, enabled ? "can be" : "cannot be");
}

/* After a shutdown what starts something cannot be activated; the rest can. */
static void
test_disabled (TestFixture *self, gconstpointer data)
{
  GActionGroup *group = G_ACTION_GROUP (self->service);
  g_autoptr (ProcessManagedProcess) process = test_start (self, "exit", "0", NULL);

  test_finish_well (process);
  g_signal_connect (group, "action-enabled-changed", G_CALLBACK (enabled_changed_cb), self);
  process_service_shutdown (self->service, 0, NULL, NULL);
  test_assert_log (self, "run cannot be", "start cannot be");
  g_action_group_activate_action (group, "start",
                                  g_variant_new_parsed ("{'command': <'true'>}"));
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 1);
  activate (self, "remove", process);
  g_assert_cmpuint (process_service_get_n_items (self->service), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/actions/run", test_run);
  test_add ("/actions/bad-parameters", test_bad_parameters);
  test_add ("/actions/other-errors", test_other_errors);
  test_add ("/actions/start-and-kill", test_start_and_kill);
  test_add ("/actions/list-and-get", test_list_and_get);
  test_add ("/actions/async", test_async);
  test_add ("/actions/cancelled", test_cancelled);
  test_add ("/actions/group", test_group);
  test_add ("/actions/activate", test_activate);
  test_add ("/actions/activate-fails", test_activate_fails);
  test_add ("/actions/disabled", test_disabled);

  return g_test_run ();
}
