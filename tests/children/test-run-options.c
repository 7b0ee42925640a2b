/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <string.h>

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>

/* A value other than the default for each property; free it with g_value_unset (). */
static void
init_other_value (GValue     *value,
                  GParamSpec *pspec)
{
  static const char * const strv[] = { "X=1", "two", NULL };

  g_value_init (value, pspec->value_type);

  if (pspec->value_type == G_TYPE_STRV)
    g_value_set_boxed (value, strv);
  else if (pspec->value_type == G_TYPE_BYTES)
    g_value_take_boxed (value, g_bytes_new_static ("in", 2));
  else if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, pspec->name);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, TRUE);
  else if (G_VALUE_HOLDS_INT64 (value))
    g_value_set_int64 (value, G_MAXINT64);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, G_MAXUINT);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, SIGINT);
  else
    g_value_set_enum (value, PROCESS_STDIN_MODE_INHERIT);
}

static gboolean
is_same (const GValue *a,
         const GValue *b)
{
  if (G_VALUE_HOLDS (a, G_TYPE_STRV))
    return g_strv_equal (g_value_get_boxed (a), g_value_get_boxed (b));

  if (G_VALUE_HOLDS (a, G_TYPE_BYTES))
    return g_value_get_boxed (a) != NULL && g_value_get_boxed (b) != NULL &&
           g_bytes_equal (g_value_get_boxed (a), g_value_get_boxed (b));

  if (G_VALUE_HOLDS_STRING (a))
    return g_strcmp0 (g_value_get_string (a), g_value_get_string (b)) == 0;

  if (G_VALUE_HOLDS_INT64 (a))
    return g_value_get_int64 (a) == g_value_get_int64 (b);

  return a->data[0].v_uint == b->data[0].v_uint;
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  guint *count = user_data;

  (*count)++;
}

static void
check_property (GParamSpec *pspec)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (NULL, NULL);
  g_autofree char *signal = g_strconcat ("notify::", pspec->name, NULL);
  g_auto (GValue) other = G_VALUE_INIT;
  g_auto (GValue) initial = G_VALUE_INIT;
  g_auto (GValue) read = G_VALUE_INIT;
  guint n_notified = 0;
  guint n_any = 0;

  g_signal_connect (options, signal, G_CALLBACK (count_cb), &n_notified);
  g_signal_connect (options, "notify", G_CALLBACK (count_cb), &n_any);
  init_other_value (&other, pspec);

  g_object_get_property (G_OBJECT (options), pspec->name, &initial);
  g_assert_false (is_same (&initial, &other));

  g_object_set_property (G_OBJECT (options), pspec->name, &other);
  g_object_get_property (G_OBJECT (options), pspec->name, &read);
  g_assert_true (is_same (&read, &other));
  g_assert_cmpuint (n_notified, ==, 1);

  g_object_set_property (G_OBJECT (options), pspec->name, &other);
  g_assert_cmpuint (n_notified, ==, 1);

  g_object_set_property (G_OBJECT (options), pspec->name, &initial);
  g_assert_cmpuint (n_notified, ==, 2);
  g_assert_cmpuint (n_any, ==, 2);
}

static void
test_properties (void)
{
  g_autoptr (GTypeClass) type_class = g_type_class_ref (PROCESS_TYPE_RUN_OPTIONS);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_CLASS (type_class), &n_pspecs);
  g_assert_cmpuint (n_pspecs, ==, 18);
  for (guint i = 0; i < n_pspecs; i++)
    check_property (pspecs[i]);
}

static void
test_defaults (void)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);

  g_assert_cmpstr (process_run_options_get_command (options), ==, "ls");
  g_assert_nonnull (process_run_options_get_args (options));
  g_assert_null (process_run_options_get_args (options)[0]);
  g_assert_nonnull (process_run_options_get_env (options));
  g_assert_null (process_run_options_get_env (options)[0]);
  g_assert_null (process_run_options_get_cwd (options));
  g_assert_false (process_run_options_get_clear_env (options));
  g_assert_false (process_run_options_get_disable_capture (options));
  g_assert_false (process_run_options_get_detach (options));
  g_assert_false (process_run_options_get_kill_group (options));
  g_assert_false (process_run_options_get_merge_stderr (options));
  g_assert_false (process_run_options_get_die_with_parent (options));
  g_assert_cmpint (process_run_options_get_timeout (options), ==, 0);
  g_assert_cmpint (process_run_options_get_grace_period (options), ==, 0);
  g_assert_null (process_run_options_get_input (options));
  g_assert_cmpint (process_run_options_get_stdin_mode (options), ==, PROCESS_STDIN_MODE_DEFAULT);
  g_assert_null (process_run_options_get_stdout_path (options));
  g_assert_null (process_run_options_get_stderr_path (options));
  g_assert_cmpuint (process_run_options_get_buffer_size (options), ==, 0);
  g_assert_cmpint (process_run_options_get_stop_signal (options), ==, SIGTERM);
}

/* The setters, once each; the properties behind them are tested above. */
static ProcessRunOptions *
make_full (void)
{
  const char *args[] = { "-l", "caf\xe9", NULL };
  const char *env[] = { "A=b", "C", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static ("x\0y", 3);
  ProcessRunOptions *options = process_run_options_new ("ls", NULL);

  process_run_options_set_command (options, "cat");
  process_run_options_set_args (options, args);
  process_run_options_set_cwd (options, "/");
  process_run_options_set_env (options, env);
  process_run_options_set_clear_env (options, TRUE);
  process_run_options_set_disable_capture (options, TRUE);
  process_run_options_set_detach (options, TRUE);
  process_run_options_set_timeout (options, 5);
  process_run_options_set_grace_period (options, 6);
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_merge_stderr (options, TRUE);
  process_run_options_set_input (options, input);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_PIPE);
  process_run_options_set_stdout_path (options, "out");
  process_run_options_set_stderr_path (options, "err");
  process_run_options_set_buffer_size (options, 7);
  process_run_options_set_stop_signal (options, SIGHUP);
  process_run_options_set_die_with_parent (options, TRUE);

  return options;
}

static void
assert_full (ProcessRunOptions *options)
{
  g_assert_cmpstr (process_run_options_get_command (options), ==, "cat");
  g_assert_cmpstr (process_run_options_get_args (options)[0], ==, "-l");
  g_assert_cmpstr (process_run_options_get_args (options)[1], ==, "caf\xe9");
  g_assert_cmpstr (process_run_options_get_cwd (options), ==, "/");
  g_assert_cmpstr (process_run_options_get_env (options)[1], ==, "C");
  g_assert_true (process_run_options_get_clear_env (options));
  g_assert_true (process_run_options_get_disable_capture (options));
  g_assert_true (process_run_options_get_detach (options));
  g_assert_cmpint (process_run_options_get_timeout (options), ==, 5);
  g_assert_cmpint (process_run_options_get_grace_period (options), ==, 6);
  g_assert_true (process_run_options_get_kill_group (options));
  g_assert_true (process_run_options_get_merge_stderr (options));
  g_assert_cmpuint (g_bytes_get_size (process_run_options_get_input (options)), ==, 3);
  g_assert_cmpint (process_run_options_get_stdin_mode (options), ==, PROCESS_STDIN_MODE_PIPE);
  g_assert_cmpstr (process_run_options_get_stdout_path (options), ==, "out");
  g_assert_cmpstr (process_run_options_get_stderr_path (options), ==, "err");
  g_assert_cmpuint (process_run_options_get_buffer_size (options), ==, 7);
  g_assert_cmpint (process_run_options_get_stop_signal (options), ==, SIGHUP);
  g_assert_true (process_run_options_get_die_with_parent (options));
}

static void
test_setters (void)
{
  g_autoptr (ProcessRunOptions) options = make_full ();

  assert_full (options);

  process_run_options_set_cwd (options, "");
  g_assert_null (process_run_options_get_cwd (options));
  process_run_options_set_args (options, NULL);
  g_assert_null (process_run_options_get_args (options)[0]);

  /* Any true value is TRUE, and a part of the old value may be the new one. */
  process_run_options_set_clear_env (options, 2);
  g_assert_cmpint (process_run_options_get_clear_env (options), ==, TRUE);
  process_run_options_set_command (options, process_run_options_get_command (options) + 1);
  g_assert_cmpstr (process_run_options_get_command (options), ==, "at");
}

static void
test_copy (void)
{
  g_autoptr (ProcessRunOptions) options = make_full ();
  g_autoptr (ProcessRunOptions) copy = _process_run_options_copy (options);
  const char *args[] = { "other", NULL };

  process_run_options_set_command (options, "other");
  process_run_options_set_args (options, args);
  process_run_options_set_input (options, NULL);
  process_run_options_set_timeout (options, 0);
  g_assert_finalize_object (g_steal_pointer (&options));

  assert_full (copy);
}

static void
assert_refused (ProcessRunOptions *options,
                const char        *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (_process_run_options_validate (options, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_false (g_str_has_suffix (error->message, "."));
}

static void
assert_accepted (ProcessRunOptions *options)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (_process_run_options_validate (options, &error));
  g_assert_no_error (error);
}

static void
test_validate_command (void)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (NULL, NULL);

  assert_refused (options, "command");
  process_run_options_set_command (options, "");
  assert_refused (options, "command");
  process_run_options_set_command (options, "ls");
  assert_accepted (options);
}

static void
test_validate_env (void)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);
  const char *empty[] = { "A=b", "", NULL };
  const char *nameless[] = { "=caf\xe9", NULL };
  const char *good[] = { "A=", "B", "C=caf\xe9", "D==", NULL };

  process_run_options_set_env (options, empty);
  assert_refused (options, "“”");
  process_run_options_set_env (options, nameless);
  assert_refused (options, "“=caf\uFFFD”");
  process_run_options_set_env (options, good);
  assert_accepted (options);
}

static void
test_validate_numbers (void)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);

  process_run_options_set_timeout (options, -1);
  assert_refused (options, "timeout");
  process_run_options_set_timeout (options, G_MAXINT64);
  assert_accepted (options);

  process_run_options_set_grace_period (options, G_MININT64);
  assert_refused (options, "grace period");
  process_run_options_set_grace_period (options, 1);
  assert_accepted (options);

  process_run_options_set_stop_signal (options, 0);
  assert_refused (options, "signal 0");
  process_run_options_set_stop_signal (options, -1);
  assert_refused (options, "signal -1");
  process_run_options_set_stop_signal (options, 65);
  assert_refused (options, "signal 65");
  process_run_options_set_stop_signal (options, 64);
  assert_accepted (options);
}

static void
test_validate_combinations (void)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);
  g_autoptr (GBytes) input = g_bytes_new_static ("", 0);

  process_run_options_set_detach (options, TRUE);
  process_run_options_set_die_with_parent (options, TRUE);
  assert_refused (options, "detached");
  process_run_options_set_detach (options, FALSE);
  assert_accepted (options);

  process_run_options_set_input (options, input);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  assert_refused (options, "pipe");
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_INHERIT);
  assert_refused (options, "pipe");
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_PIPE);
  assert_accepted (options);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_DEFAULT);
  assert_accepted (options);

  process_run_options_set_merge_stderr (options, TRUE);
  process_run_options_set_stderr_path (options, "err");
  assert_refused (options, "merged");
  process_run_options_set_stderr_path (options, NULL);
  process_run_options_set_stdout_path (options, "out");
  assert_accepted (options);
}

static void
assert_environ (gboolean            clear_env,
                const char * const *env,
                const char * const *expected)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);
  g_auto (GStrv) result = NULL;

  process_run_options_set_clear_env (options, clear_env);
  process_run_options_set_env (options, env);
  result = _process_run_options_build_environ (options);

  g_assert_true (g_strv_equal ((const char * const *) result, expected));
}

static void
test_environ (void)
{
  const char *none[] = { NULL };
  const char *env[] = { "A=1", "B=2", "A=3", "C", "D=x=y", "B", "E=caf\xe9", "F", "F=", NULL };
  const char *expected[] = { "A=3", "D=x=y", "E=caf\xe9", "F=", NULL };

  assert_environ (TRUE, none, none);
  assert_environ (TRUE, env, expected);
}

static void
test_environ_inherited (void)
{
  const char *env[] = { "PROCESS_TEST_ONE=new", "PROCESS_TEST_TWO", "PROCESS_TEST_THREE=3", NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("ls", NULL);
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) same = NULL;
  g_auto (GStrv) changed = NULL;

  g_setenv ("PROCESS_TEST_ONE", "old", TRUE);
  g_setenv ("PROCESS_TEST_TWO", "old", TRUE);
  g_setenv ("PROCESS_TEST_RAW", "caf\xe9", TRUE);

  before = g_get_environ ();
  same = _process_run_options_build_environ (options);
  g_assert_true (g_strv_equal ((const char * const *) before, (const char * const *) same));

  process_run_options_set_env (options, env);
  changed = _process_run_options_build_environ (options);
  g_assert_cmpstr (g_environ_getenv (changed, "PROCESS_TEST_ONE"), ==, "new");
  g_assert_null (g_environ_getenv (changed, "PROCESS_TEST_TWO"));
  g_assert_cmpstr (g_environ_getenv (changed, "PROCESS_TEST_THREE"), ==, "3");
  g_assert_cmpstr (g_environ_getenv (changed, "PROCESS_TEST_RAW"), ==, "caf\xe9");
  g_assert_cmpuint (g_strv_length (changed), ==, g_strv_length (before));

  g_unsetenv ("PROCESS_TEST_ONE");
  g_unsetenv ("PROCESS_TEST_TWO");
  g_unsetenv ("PROCESS_TEST_RAW");
}

static ProcessRunOptions *
parse (const char  *text,
       GError     **error)
{
  g_autoptr (GVariant) dict = g_variant_ref_sink (g_variant_new_parsed (text));

  return _process_run_options_new_from_variant (dict, error);
}

static void
test_variant (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunOptions) options = parse (
    "{'command': <'cat'>, 'args': <['-l', 'ä']>, 'cwd': <'/tmp'>, 'env': <['A=b']>,"
    " 'clear-env': <true>, 'disable-capture': <true>, 'detach': <true>,"
    " 'timeout': <int64 5>, 'grace-period': <int64 6>, 'kill-group': <true>,"
    " 'merge-stderr': <true>, 'input': <[byte 0x78, 0x00, 0xff]>, 'stdin-mode': <'inherit'>,"
    " 'stdout-path': <'out'>, 'stderr-path': <'err'>, 'buffer-size': <uint32 7>,"
    " 'stop-signal': <1>, 'die-with-parent': <true>}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (process_run_options_get_command (options), ==, "cat");
  g_assert_cmpuint (g_strv_length ((char **) process_run_options_get_args (options)), ==, 2);
  g_assert_cmpstr (process_run_options_get_args (options)[1], ==, "ä");
  g_assert_cmpstr (process_run_options_get_cwd (options), ==, "/tmp");
  g_assert_cmpstr (process_run_options_get_env (options)[0], ==, "A=b");
  g_assert_true (process_run_options_get_clear_env (options));
  g_assert_true (process_run_options_get_disable_capture (options));
  g_assert_true (process_run_options_get_detach (options));
  g_assert_cmpint (process_run_options_get_timeout (options), ==, 5);
  g_assert_cmpint (process_run_options_get_grace_period (options), ==, 6);
  g_assert_true (process_run_options_get_kill_group (options));
  g_assert_true (process_run_options_get_merge_stderr (options));
  g_assert_cmpmem (g_bytes_get_data (process_run_options_get_input (options), NULL),
                   g_bytes_get_size (process_run_options_get_input (options)), "x\0\xff", 3);
  g_assert_cmpint (process_run_options_get_stdin_mode (options), ==, PROCESS_STDIN_MODE_INHERIT);
  g_assert_cmpstr (process_run_options_get_stdout_path (options), ==, "out");
  g_assert_cmpstr (process_run_options_get_stderr_path (options), ==, "err");
  g_assert_cmpuint (process_run_options_get_buffer_size (options), ==, 7);
  g_assert_cmpint (process_run_options_get_stop_signal (options), ==, 1);
  g_assert_true (process_run_options_get_die_with_parent (options));
}

static void
assert_not_parsed (const char *text,
                   const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (text, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_bad_variant (void)
{
  assert_not_parsed ("@a{sv} {}", "“command”");
  assert_not_parsed ("{'args': <['a']>}", "“command”");
  assert_not_parsed ("{'command': <'a'>, 'comand': <'b'>}", "“comand”");
  assert_not_parsed ("{'command': <'a'>, 'clear_env': <true>}", "“clear_env”");
  assert_not_parsed ("{'command': <'a'>, '': <true>}", "“”");
  assert_not_parsed ("{'command': <1>}", "“command”");
  assert_not_parsed ("{'command': <'a'>, 'args': <'b'>}", "“args”");
  assert_not_parsed ("{'command': <'a'>, 'timeout': <5>}", "“timeout”");
  assert_not_parsed ("{'command': <'a'>, 'timeout': <'5'>}", "“s”");
  assert_not_parsed ("{'command': <'a'>, 'buffer-size': <5>}", "“buffer-size”");
  assert_not_parsed ("{'command': <'a'>, 'input': <'text'>}", "“input”");
  assert_not_parsed ("{'command': <'a'>, 'detach': <1>}", "“detach”");
  assert_not_parsed ("{'command': <'a'>, 'stdin-mode': <1>}", "“stdin-mode”");
  assert_not_parsed ("{'command': <'a'>, 'stdin-mode': <'tty'>}", "“tty”");
  assert_not_parsed ("{'command': <<'a'>>}", "“command”");
  assert_not_parsed ("['command']", "a{sv}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/run-options/properties", test_properties);
  g_test_add_func ("/run-options/defaults", test_defaults);
  g_test_add_func ("/run-options/setters", test_setters);
  g_test_add_func ("/run-options/copy", test_copy);
  g_test_add_func ("/run-options/validate/command", test_validate_command);
  g_test_add_func ("/run-options/validate/env", test_validate_env);
  g_test_add_func ("/run-options/validate/numbers", test_validate_numbers);
  g_test_add_func ("/run-options/validate/combinations", test_validate_combinations);
  g_test_add_func ("/run-options/environ", test_environ);
  g_test_add_func ("/run-options/environ-inherited", test_environ_inherited);
  g_test_add_func ("/run-options/variant", test_variant);
  g_test_add_func ("/run-options/bad-variant", test_bad_variant);

  return g_test_run ();
}
