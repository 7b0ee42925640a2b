/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What cannot be started, or only just. */

#include "faults-util.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fails with an error of this code whose message has all of these words. */
static void
assert_refused (ProcessService *service, ProcessRunOptions *options, int code, const char *words)
{
  g_autoptr (GError) error = faults_fail_to_start (service, options);
  g_auto (GStrv) each = g_strsplit (words, "|", -1);

  g_assert_error (error, PROCESS_ERROR, code);
  for (guint i = 0; each[i] != NULL; i++)
    if (strstr (error->message, each[i]) == NULL)
      g_error ("“%s” does not tell “%s”", error->message, each[i]);
  g_assert_false (g_str_has_suffix (error->message, "."));
}

static void
assert_command_refused (ProcessService *service, const char *command, int code, const char *words)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, NULL);

  assert_refused (service, options, code, words);
}

static void
assert_listed (ProcessService *service, guint n)
{
  g_autoptr (GPtrArray) processes = process_service_list (service);

  g_assert_cmpuint (processes->len, ==, n);
}

static void
assert_never_cb (void)
{
  g_assert_not_reached ();
}

static void
test_no_command (ProcessService *service)
{
  static const char *const commands[] = { NULL, "" };

  g_signal_connect (service, "exited", assert_never_cb, NULL);
  g_signal_connect (service, "items-changed", assert_never_cb, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      assert_command_refused (service, commands[i], PROCESS_ERROR_INVALID_ARGUMENT, "no command");
      output = process_service_run (service, commands[i], NULL, NULL, &error);
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_null (output);
    }
  assert_listed (service, 0);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Nothing but white space is a name like any other. */
static void
test_strange_names (ProcessService *service)
{
  static const char *const names[] = { " ", "\t", "\n", "-", "--", "a b", "~", "*", "$PATH", "é" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_command_refused (service, names[i], PROCESS_ERROR_PROGRAM_NOT_FOUND, names[i]);
}

static void
test_missing_program (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *file = faults_write_file (folder, "file", "", 0644);
  g_autofree char *below_file = g_build_filename (file, "program", NULL);
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("./program", NULL);

  assert_command_refused (service, "no-such-program", PROCESS_ERROR_PROGRAM_NOT_FOUND,
                          "“no-such-program”|PATH");
  assert_command_refused (service, "/no/such/program", PROCESS_ERROR_PROGRAM_NOT_FOUND,
                          "“/no/such/program”");
  assert_command_refused (service, below_file, PROCESS_ERROR_PROGRAM_NOT_FOUND, below_file);
  process_run_options_set_cwd (options, folder);
  assert_refused (service, options, PROCESS_ERROR_PROGRAM_NOT_FOUND, "“./program”");
  assert_listed (service, 4);
  faults_remove_folder (folder);
}

typedef struct
{
  ProcessManagedProcess *process;
  GError                *error;
  guint                  n_exits;
} Failure;

static void
failure_exited_cb (ProcessService *service, ProcessManagedProcess *process, int code,
                   gint64 duration, GError *error, Failure *failure)
{
  g_assert_cmpint (code, ==, -1);
  g_assert_cmpint (duration, >=, 0);
  failure->process = g_object_ref (process);
  failure->error = g_error_copy (error);
  failure->n_exits++;
}

/* What is called on a process that never was must not reach anybody: the number 0 means our own
 * process group to kill(2). */
static void
try_all_calls (ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (process_managed_process_send_signal (process, SIGTERM, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_signal (process, 0, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_input (process, "input", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

static void
check_failure (ProcessService *service, gboolean kill_group)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("no-such-program", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) later_error = NULL;
  g_autoptr (GPtrArray) running = NULL;
  Failure failure = { 0 };

  process_run_options_set_kill_group (options, kill_group);
  process_run_options_set_timeout (options, 1);
  g_signal_connect (service, "started", assert_never_cb, NULL);
  g_signal_connect (service, "killed", assert_never_cb, NULL);
  g_signal_connect (service, "exited", G_CALLBACK (failure_exited_cb), &failure);
  error = faults_fail_to_start (service, options);
  g_assert_cmpuint (failure.n_exits, ==, 0);
  faults_wait_for (failure.n_exits > 0);
  g_assert_error (failure.error, error->domain, error->code);
  g_assert_cmpstr (failure.error->message, ==, error->message);
  running = process_service_running (service);
  g_assert_cmpuint (running->len, ==, 0);
  g_assert_cmpint (process_managed_process_get_status (failure.process), ==,
                   PROCESS_STATUS_FAILED);
  g_assert_cmpint (process_managed_process_get_exit_reason (failure.process), ==,
                   PROCESS_EXIT_REASON_START_FAILED);
  g_assert_cmpint (process_managed_process_get_pid (failure.process), ==, 0);
  g_assert_false (process_managed_process_wait (failure.process, NULL, &later_error));
  g_assert_error (later_error, error->domain, error->code);
  g_assert_cmpstr (later_error->message, ==, error->message);
  try_all_calls (failure.process);
  g_assert_true (process_service_remove (service,
                                         process_managed_process_get_id (failure.process), NULL));
  g_assert_cmpuint (failure.n_exits, ==, 1);
  g_object_unref (failure.process);
  g_error_free (failure.error);
}

static void
test_failed_start (ProcessService *service)
{
  check_failure (service, FALSE);
}

static void
test_failed_start_of_group (ProcessService *service)
{
  check_failure (service, TRUE);
}

static void
test_not_executable (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *file = faults_write_file (folder, "file", "#!/bin/sh\n", 0644);
  g_autofree char *words = g_strconcat (file, "|", g_strerror (EACCES), NULL);
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("file", NULL);
  g_autofree char *path = g_strconcat ("PATH=", folder, NULL);
  const char *const env[] = { path, NULL };

  assert_command_refused (service, file, PROCESS_ERROR_START_FAILED, words);
  process_run_options_set_env (options, env);
  assert_refused (service, options, PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
  faults_remove_folder (folder);
}

static void
test_directory (ProcessService *service)
{
  assert_command_refused (service, "/", PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
  assert_command_refused (service, "/usr/", PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
  assert_command_refused (service, "./", PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
}

static void
test_scripts (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *none = faults_write_file (folder, "none", "echo nothing says who reads it\n",
                                             0755);
  g_autofree char *empty = faults_write_file (folder, "empty", "", 0755);
  g_autofree char *bare = faults_write_file (folder, "bare", "#!\n", 0755);
  g_autofree char *missing = faults_write_file (folder, "missing", "#!/no/such/shell\n", 0755);
  g_autofree char *dir = faults_write_file (folder, "dir", "#!/usr\n", 0755);
  g_autofree char *looping_path = g_build_filename (folder, "loop", NULL);
  g_autofree char *line = g_strconcat ("#!", looping_path, "\n", NULL);
  g_autofree char *loop = faults_write_file (folder, "loop", line, 0755);
  g_autofree char *good = faults_write_file (folder, "good", "#!/bin/sh\necho \"$@\"\n", 0755);
  g_autofree char *output = NULL;
  const char *const args[] = { "a", "b c", NULL };

  assert_command_refused (service, none, PROCESS_ERROR_START_FAILED, g_strerror (ENOEXEC));
  assert_command_refused (service, empty, PROCESS_ERROR_START_FAILED, g_strerror (ENOEXEC));
  assert_command_refused (service, bare, PROCESS_ERROR_START_FAILED, g_strerror (ENOEXEC));
  assert_command_refused (service, missing, PROCESS_ERROR_START_FAILED, "interpreter");
  assert_command_refused (service, dir, PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
  assert_command_refused (service, loop, PROCESS_ERROR_START_FAILED, g_strerror (ELOOP));
  output = process_service_run (service, good, args, NULL, NULL);
  g_assert_cmpstr (output, ==, "a b c\n");
  faults_remove_folder (folder);
}

/* A script in the PATH that cannot run does not hide a program that can. */
static void
test_bad_script_in_path (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *bad G_GNUC_UNUSED =
    faults_write_file (folder, "true", "#!/no/such/shell\n", 0755);
  g_autofree char *path = g_strconcat ("PATH=", folder, ":/usr/bin:/bin", NULL);
  g_autofree char *short_path = g_strconcat ("PATH=", folder, NULL);
  const char *const env[] = { path, NULL };
  const char *const short_env[] = { short_path, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("true", NULL);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_env (options, env);
  output = process_service_run_with_options (service, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "");
  process_run_options_set_env (options, short_env);
  assert_refused (service, options, PROCESS_ERROR_START_FAILED, "“true”|interpreter");
  faults_remove_folder (folder);
}

static void
test_busy (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *file = faults_write_file (folder, "file", "#!/bin/sh\n", 0755);
  int fd = open (file, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  assert_command_refused (service, file, PROCESS_ERROR_START_FAILED, g_strerror (ETXTBSY));
  close (fd);
  faults_remove_folder (folder);
}

static void
assert_cwd_refused (ProcessService *service, const char *cwd, int problem)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("true", NULL);
  g_autofree char *words = g_strconcat ("“true”|working directory|", g_strerror (problem), NULL);

  process_run_options_set_cwd (options, cwd);
  assert_refused (service, options, PROCESS_ERROR_START_FAILED, words);
}

static void
test_bad_cwd (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *file = faults_write_file (folder, "file", "", 0755);
  g_autofree char *below = g_build_filename (file, "below", NULL);
  g_autofree char *overlong = g_strnfill (5000, 'x');

  assert_cwd_refused (service, "/no/such/folder", ENOENT);
  assert_cwd_refused (service, file, ENOTDIR);
  assert_cwd_refused (service, below, ENOTDIR);
  assert_cwd_refused (service, overlong, ENAMETOOLONG);
  assert_cwd_refused (service, "\xff\xfe", ENOENT);
  faults_remove_folder (folder);
}

/* A folder that is gone while it is still somebody's working directory. */
static void
test_vanished_cwd (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *before = g_get_current_dir ();
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_chdir (folder));
  faults_remove_folder (folder);
  output = process_service_run (service, "true", NULL, NULL, &error);
  g_assert_no_errno (g_chdir (before));
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "");
  assert_cwd_refused (service, folder, ENOENT);
}

static GBytes *
run_for_bytes (ProcessService *service, ProcessRunOptions *options)
{
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_wait (process, NULL, &error));
  g_assert_no_error (error);
  return process_managed_process_get_output_bytes (process);
}

static void
test_bytes_in_arguments (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_child ("arguments", NULL);
  const char *const *own = process_run_options_get_args (options);
  g_autoptr (GStrvBuilder) args = g_strv_builder_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_auto (GStrv) all = NULL;

  g_strv_builder_addv (args, (const char **) own);
  for (int byte = 1; byte < 256; byte++)
    {
      const char arg[] = { 'a', (char) byte, 'z', '\0' };

      g_strv_builder_add (args, arg);
      g_string_append_len (expected, arg, sizeof arg);
    }
  g_strv_builder_add (args, "");
  g_string_append_len (expected, "", 1);
  all = g_strv_builder_end (args);
  process_run_options_set_args (options, (const char *const *) all);
  bytes = run_for_bytes (service, options);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected->str,
                   expected->len);
}

/* What others see of it is valid text, what the child sees is not changed. */
static void
test_bad_utf8_everywhere (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *inner = g_build_filename (folder, "d\xff", NULL);
  g_autofree char *script =
    faults_write_file (folder, "s\xfe", "#!/bin/sh\nprintf '%s|' \"$N\" \"$1\"\npwd", 0755);
  g_autofree char *expected = g_strconcat ("v\xfd|a\xfc|", inner, "\n", NULL);
  const char *const args[] = { "a\xfc", NULL };
  const char *const env[] = { "N=v\xfd", NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (script, args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *output = NULL;

  g_assert_no_errno (g_mkdir (inner, 0755));
  process_run_options_set_cwd (options, inner);
  process_run_options_set_env (options, env);
  process = faults_start (service, options);
  g_assert_true (process_managed_process_wait (process, NULL, NULL));
  bytes = process_managed_process_get_output_bytes (process);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
  output = process_managed_process_get_output (process);
  g_assert_true (g_utf8_validate (output, -1, NULL));
  g_assert_true (g_utf8_validate (process_managed_process_get_command (process), -1, NULL));
  g_assert_cmpstr (process_managed_process_get_args (process)[0], ==, "a�");
  g_assert_cmpstr (process_managed_process_get_env (process)[0], ==, "N=v�");
  g_assert_cmpstr (process_managed_process_get_cwd (process), ==, inner);
  assert_command_refused (service, "\xff", PROCESS_ERROR_PROGRAM_NOT_FOUND, "“�”");
  assert_command_refused (service, "/\xff", PROCESS_ERROR_PROGRAM_NOT_FOUND, "“/�”");
  assert_command_refused (service, inner, PROCESS_ERROR_START_FAILED, "�");
  faults_remove_folder (folder);
}

static void
test_bytes_in_input (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);
  g_autoptr (ProcessManagedProcess) process G_GNUC_UNUSED = NULL;
  guint8 all[4 * 256];
  g_autoptr (GBytes) input = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *output = NULL;

  for (guint i = 0; i < sizeof all; i++)
    all[i] = (guint8) (i * 7);
  input = g_bytes_new_static (all, sizeof all);
  process_run_options_set_input (options, input);
  bytes = run_for_bytes (service, options);
  g_assert_true (g_bytes_equal (bytes, input));
  output = process_service_run_with_options (service, options, NULL, NULL);
  g_assert_nonnull (output);
  g_assert_true (g_utf8_validate (output, -1, NULL));
  g_assert_cmpuint (strlen (output), >=, sizeof all);
}

static void
test_too_long (ProcessService *service)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *long_path = g_strnfill (5000, '/');
  g_autofree char *huge = g_strnfill (1024 * 1024, 'x');
  g_autofree char *entry = g_strconcat ("HUGE=", huge, NULL);
  const char *const huge_args[] = { huge, NULL };
  const char *const huge_env[] = { entry, NULL };
  g_autoptr (ProcessRunOptions) with_args = process_run_options_new ("true", huge_args);
  g_autoptr (ProcessRunOptions) with_env = process_run_options_new ("true", NULL);

  if (faults_is_valgrind ())
    {
      g_test_skip ("Valgrind does not survive an exec that fails for its arguments");
      return;
    }
  process_run_options_set_env (with_env, huge_env);
  assert_refused (service, with_args, PROCESS_ERROR_START_FAILED, g_strerror (E2BIG));
  assert_refused (service, with_env, PROCESS_ERROR_START_FAILED, g_strerror (E2BIG));
  assert_command_refused (service, long_path, PROCESS_ERROR_START_FAILED,
                          g_strerror (ENAMETOOLONG));
  assert_command_refused (service, long_name, PROCESS_ERROR_PROGRAM_NOT_FOUND, "PATH");
}

/* As much as the kernel takes in one argument, and then many of them. */
static void
test_long_arguments (ProcessService *service)
{
  g_autofree char *longest = g_strnfill (128 * 1024 - 1, 'x');
  g_autoptr (ProcessRunOptions) options = faults_child ("arguments", longest);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GBytes) bytes = run_for_bytes (service, options);
  g_auto (GStrv) many = NULL;
  g_autoptr (ProcessRunOptions) too_many = NULL;

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 128 * 1024);
  if (faults_is_valgrind ())
    return;
  for (guint i = 0; i < 100; i++)
    g_strv_builder_add (builder, longest);
  many = g_strv_builder_end (builder);
  too_many = process_run_options_new ("true", (const char *const *) many);
  assert_refused (service, too_many, PROCESS_ERROR_START_FAILED, g_strerror (E2BIG));
}

static void
assert_path_refused (ProcessService *service, const char *path, int problem)
{
  g_autoptr (ProcessRunOptions) for_stdout = process_run_options_new ("true", NULL);
  g_autoptr (ProcessRunOptions) for_stderr = process_run_options_new ("true", NULL);
  g_autofree char *valid = g_utf8_make_valid (path, -1);
  g_autofree char *words = g_strconcat ("“true”|", g_strerror (problem), "|", valid, NULL);

  process_run_options_set_stdout_path (for_stdout, path);
  assert_refused (service, for_stdout, PROCESS_ERROR_START_FAILED, words);
  process_run_options_set_stderr_path (for_stderr, path);
  assert_refused (service, for_stderr, PROCESS_ERROR_START_FAILED, words);
}

static void
test_bad_output_path (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *file = faults_write_file (folder, "file", "", 0644);
  g_autofree char *below_file = g_build_filename (file, "below", NULL);
  g_autofree char *bad_text = g_build_filename (file, "\xff", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing", "file", NULL);

  g_assert_no_errno (mkfifo (fifo, 0600));
  assert_path_refused (service, folder, EISDIR);
  assert_path_refused (service, missing, ENOENT);
  assert_path_refused (service, below_file, ENOTDIR);
  assert_path_refused (service, bad_text, ENOTDIR);
  /* Opened in the usual way it would wait for a reader. */
  assert_path_refused (service, fifo, ENXIO);
  faults_remove_folder (folder);
}

static void
test_forbidden_output_path (ProcessService *service)
{
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;
  g_autofree char *closed = NULL;
  g_autofree char *inside = NULL;

  faults_drop_root ();
  folder = faults_make_folder ();
  file = faults_write_file (folder, "file", "", 0400);
  closed = g_build_filename (folder, "closed", NULL);
  inside = g_build_filename (closed, "inside", NULL);
  g_assert_no_errno (g_mkdir (closed, 0500));
  assert_path_refused (service, file, EACCES);
  assert_path_refused (service, inside, EACCES);
  g_assert_no_errno (g_chmod (closed, 0));
  assert_cwd_refused (service, closed, EACCES);
  faults_remove_folder (folder);
}

/* A full disk is the child's affair. */
static void
test_full_device (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo text 2>&- || exit 3");
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_stdout_path (options, "/dev/full");
  process = faults_start (service, options);
  g_assert_false (process_managed_process_wait (process, NULL, NULL));
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 3);
}

static void
check_closed_standard_descriptors (ProcessService *service)
{
  const char *closed = strrchr (g_test_get_path (), '/') + 1;
  g_autoptr (ProcessRunOptions) options = faults_sh ("cat; echo error >&2; ls /proc/self/fd");
  g_autoptr (GBytes) input = g_bytes_new_static ("input\n", 6);
  g_autofree char *output = NULL;

  /* What the library opens takes the free numbers. */
  for (; *closed != '\0'; closed++)
    close (*closed - '0');
  process_run_options_set_input (options, input);
  process_run_options_set_merge_stderr (options, TRUE);
  output = process_service_run_with_options (service, options, NULL, NULL);
  g_assert_cmpstr (output, ==, "input\nerror\n0\n1\n2\n3\n");
}

static void
run_subprocess (const char *name)
{
  g_autofree char *path = g_strconcat (g_test_get_path (), "/subprocess", name, NULL);

  g_test_trap_subprocess (path, 0,
                          G_TEST_SUBPROCESS_INHERIT_STDOUT | G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static const char *const closed_descriptors[] = { "/0", "/1", "/2", "/01", "/02", "/12", "/012" };

static void
test_closed_standard_descriptors (ProcessService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (closed_descriptors); i++)
    run_subprocess (closed_descriptors[i]);
}

static void
add_closed_standard_descriptors (const char *path)
{
  faults_add (path, test_closed_standard_descriptors);
  for (guint i = 0; i < G_N_ELEMENTS (closed_descriptors); i++)
    {
      g_autofree char *one = g_strconcat (path, "/subprocess", closed_descriptors[i], NULL);

      faults_add (one, check_closed_standard_descriptors);
    }
}

static void
test_gone_at_once (ProcessService *service)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (ProcessRunOptions) options = process_run_options_new ("true", NULL);
      g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
      g_autoptr (FaultsLog) log = faults_log_new (process);
      g_autofree char *told = NULL;
      int pid = process_managed_process_get_pid (process);

      /* The child is a zombie by now, or reaped already. */
      g_assert_cmpint (pid, >, 1);
      faults_wait_gone (pid);
      faults_wait_exited (log);
      told = faults_log_to_string (log);
      g_assert_cmpstr (told, ==, "started\nexited 0\n");
      g_assert_cmpint (process_managed_process_get_pid (process), ==, pid);
    }
}

/* Without its helper the library makes children in another way, and they are the same. */
static void
check_fork_path (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *expected = g_strconcat (folder, "\nmine\n", NULL);
  g_autoptr (ProcessRunOptions) options = faults_sh ("pwd; echo $MINE; cat");
  const char *const env[] = { "MINE=mine", NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (ProcessRunOptions) sleeper = process_run_options_new ("cat", NULL);

  process_run_options_set_cwd (options, folder);
  process_run_options_set_env (options, env);
  output = process_service_run_with_options (service, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, expected);
  assert_command_refused (service, "no-such-program", PROCESS_ERROR_PROGRAM_NOT_FOUND, "PATH");
  assert_command_refused (service, folder, PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
  assert_cwd_refused (service, "/no/such/folder", ENOENT);

  process_run_options_set_kill_group (sleeper, TRUE);
  process = faults_start (service, sleeper);
  g_assert_cmpint (getpgid (process_managed_process_get_pid (process)), ==,
                   process_managed_process_get_pid (process));
  g_assert_true (process_managed_process_kill (process, NULL));
  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  faults_remove_folder (folder);
}

/* Asked for only once in a process, at its first start, which the warm-up was. */
static void
run_apart_with_helper (const char *helper)
{
  g_setenv ("PROCESS_GLIB_EXEC", helper, TRUE);
  run_subprocess ("");
  g_unsetenv ("PROCESS_GLIB_EXEC");
}

static void
test_without_helper (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *unreadable = faults_write_file (folder, "unreadable", "", 0);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);

  run_apart_with_helper (missing);
  run_apart_with_helper (unreadable);
  run_apart_with_helper (folder);
  faults_remove_folder (folder);
}

static void
test_noexec (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *file = NULL;

  if (mount ("none", folder, "tmpfs", MS_NOEXEC, "size=64k") != 0)
    g_test_skip ("Nothing can be mounted here");
  else
    {
      file = faults_write_file (folder, "file", "#!/bin/sh\n", 0755);
      assert_command_refused (service, file, PROCESS_ERROR_START_FAILED, g_strerror (EACCES));
      run_apart_with_helper (file);
      g_assert_no_errno (umount2 (folder, MNT_DETACH));
    }
  faults_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add ("/faults/start/no-command", test_no_command);
  faults_add ("/faults/start/strange-names", test_strange_names);
  faults_add ("/faults/start/missing-program", test_missing_program);
  faults_add ("/faults/start/failed", test_failed_start);
  faults_add ("/faults/start/failed-group", test_failed_start_of_group);
  faults_add ("/faults/start/not-executable", test_not_executable);
  faults_add ("/faults/start/directory", test_directory);
  faults_add ("/faults/start/scripts", test_scripts);
  faults_add ("/faults/start/bad-script-in-path", test_bad_script_in_path);
  faults_add ("/faults/start/busy", test_busy);
  faults_add ("/faults/start/bad-cwd", test_bad_cwd);
  faults_add ("/faults/start/vanished-cwd", test_vanished_cwd);
  faults_add ("/faults/start/bytes-in-arguments", test_bytes_in_arguments);
  faults_add ("/faults/start/bad-utf8", test_bad_utf8_everywhere);
  faults_add ("/faults/start/bytes-in-input", test_bytes_in_input);
  faults_add ("/faults/start/too-long", test_too_long);
  faults_add ("/faults/start/long-arguments", test_long_arguments);
  faults_add ("/faults/start/bad-output-path", test_bad_output_path);
  faults_add_apart ("/faults/start/forbidden-output-path", test_forbidden_output_path);
  faults_add ("/faults/start/full-device", test_full_device);
  add_closed_standard_descriptors ("/faults/start/closed-standard-descriptors");
  faults_add ("/faults/start/gone-at-once", test_gone_at_once);
  faults_add ("/faults/start/without-helper", test_without_helper);
  faults_add ("/faults/start/without-helper/subprocess", check_fork_path);
  faults_add ("/faults/start/noexec", test_noexec);
  faults_add ("/faults/start/noexec/subprocess", check_fork_path);
  return g_test_run ();
}
