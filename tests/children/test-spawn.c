/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a child is born with, and how its program is found. */

#include "test-util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
assert_output (TestFixture *self, ProcessRunOptions *options, const char *expected)
{
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, NULL);
  g_autofree char *output = test_finish_output (process);

  g_assert_cmpstr (output, ==, expected);
}

/* None of ours but the three, whether they are close-on-exec or not. */
static void
test_fds (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("fds", NULL);
  g_autoptr (ProcessManagedProcess) sibling G_GNUC_UNUSED = test_start (self, "line", NULL);
  int fds[6];

  g_assert_no_errno (pipe (fds));
  fds[2] = fcntl (0, F_DUPFD, 3);
  fds[3] = fcntl (0, F_DUPFD, 57);
  fds[4] = fcntl (0, F_DUPFD, 900);
  fds[5] = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    g_assert_no_errno (fds[i]);

  assert_output (self, options, "0\n1\n2\n");
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  assert_output (self, options, "0\n1\n2\n");
  process_run_options_set_detach (options, TRUE);
  assert_output (self, options, "0\n1\n2\n");
  process_run_options_set_detach (options, FALSE);
  process_run_options_set_die_with_parent (options, TRUE);
  assert_output (self, options, "0\n1\n2\n");

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* They can be read from and written to as a program expects: blocking. */
static void
test_fds_block (TestFixture *self, gconstpointer data)
{
  const char *args[] = { "-c",
                         "import os; print (*(os.get_blocking (fd) for fd in range (3)))", NULL };
  g_autofree char *python = g_find_program_in_path ("python3");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  if (python == NULL)
    {
      g_test_skip ("There is no Python to ask");
      return;
    }
  output = process_service_run (self->service, python, args, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "True True True\n");
}

/* Signals are as by default, whatever this program does with them; and they
 * are the same here afterwards. */
static void
test_signals (TestFixture *self, gconstpointer data)
{
  static const int ignored[] = { SIGPIPE, SIGINT, SIGHUP, SIGTERM, SIGUSR1 };
  g_autoptr (ProcessRunOptions) options = test_options ("signals", NULL);
  struct sigaction before[G_N_ELEMENTS (ignored)], now;
  sigset_t all, old, after;

  for (gsize i = 0; i < G_N_ELEMENTS (ignored); i++)
    {
      g_assert_no_errno (sigaction (ignored[i], NULL, &before[i]));
      g_assert_true (signal (ignored[i], SIG_IGN) != SIG_ERR);
    }
  g_assert_true (signal (SIGRTMIN + 5, SIG_IGN) != SIG_ERR);
  sigemptyset (&all);
  sigaddset (&all, SIGUSR2);
  sigaddset (&all, SIGTERM);
  sigaddset (&all, SIGCHLD);
  sigaddset (&all, SIGRTMIN + 2);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, &all, &old), ==, 0);

  assert_output (self, options, "");
  process_run_options_set_die_with_parent (options, TRUE);
  assert_output (self, options, "");

  g_assert_cmpint (pthread_sigmask (SIG_SETMASK, &old, &after), ==, 0);
  for (int signum = 1; signum < SIGRTMIN; signum++)
    g_assert_cmpint (sigismember (&after, signum), ==,
                     sigismember (&old, signum) || sigismember (&all, signum));
  for (gsize i = 0; i < G_N_ELEMENTS (ignored); i++)
    {
      g_assert_no_errno (sigaction (ignored[i], &before[i], &now));
      g_assert_true (now.sa_handler == SIG_IGN);
    }
  g_assert_true (signal (SIGRTMIN + 5, SIG_DFL) != SIG_ERR);
}

static void
assert_ids (TestFixture *self, gboolean detach, gboolean kill_group)
{
  g_autoptr (ProcessRunOptions) options = test_options ("ids", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *output = NULL, *expected = NULL;
  int pid;

  process_run_options_set_detach (options, detach);
  process_run_options_set_kill_group (options, kill_group);
  process = test_start_with (self, options, NULL);
  pid = process_managed_process_get_pid (process);
  output = test_finish_output (process);
  expected = g_strdup_printf ("pid %d parent %d group %d session %d\n", pid, getpid (),
                              detach || kill_group ? pid : getpgid (0),
                              detach ? pid : getsid (0));
  g_assert_cmpstr (output, ==, expected);
}

static void
test_sessions_and_groups (TestFixture *self, gconstpointer data)
{
  assert_ids (self, FALSE, FALSE);
  assert_ids (self, FALSE, TRUE);
  assert_ids (self, TRUE, FALSE);
  assert_ids (self, TRUE, TRUE);
}

/* Where the output of a detached process goes: nowhere, if nobody wants it. */
static void
test_detached_output (TestFixture *self, gconstpointer data)
{
  g_autofree char *path = test_path (self, "output");
  g_autoptr (ProcessRunOptions) options = test_options ("target", "1", "target", "2", NULL);
  g_autofree char *expected = g_strdup_printf ("%s\n/dev/null\n", path);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_detach (options, TRUE);
  process_run_options_set_disable_capture (options, TRUE);
  process = test_start_with (self, options, NULL);
  test_log_process (self, process);
  test_finish_well (process);
  test_assert_log (self, "started", "exited 0");

  process_run_options_set_stdout_path (options, path);
  g_clear_object (&process);
  process = test_start_with (self, options, NULL);
  test_finish_well (process);
  test_assert_file (path, expected);
}

static void
test_args (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("args", "", "two words", "$HOME *", "'\"\\", "line\nbreak", "caf\xe9", "-x",
                  NULL);
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, NULL);
  g_autoptr (GBytes) bytes = NULL;
  const char expected[] =
    "[]\n[two words]\n[$HOME *]\n['\"\\]\n[line\nbreak]\n[caf\xe9]\n[-x]\n";

  test_finish_well (process);
  bytes = process_managed_process_get_output_bytes (process);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   sizeof expected - 1);
}

/* A program whose name is told by itself: a script that prints $0 or its name. */
static char *
make_program (TestFixture *self, const char *folder, const char *name, int mode)
{
  g_autofree char *parent = test_path (self, folder);
  char *path = g_build_filename (parent, name, NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\necho %s/%s\n", folder, name);

  g_assert_no_errno (g_mkdir_with_parents (parent, 0700));
  test_write_file (path, text, mode);
  return path;
}

static void
assert_search (TestFixture *self, const char *path_variable, const char *cwd, const char *command,
               const char *output, int code)
{
  g_autofree char *entry = g_strdup_printf ("PATH=%s", path_variable);
  const char *env[] = { entry, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  process_run_options_set_env (options, env);
  process_run_options_set_cwd (options, cwd);
  got = process_service_run_with_options (self->service, options, NULL, &error);
  if (output != NULL)
    g_assert_no_error (error);
  else
    g_assert_error (error, PROCESS_ERROR, code);
  g_assert_cmpstr (got, ==, output);
}

/* In the absolute folders of the child's own PATH, and nowhere else. */
static void
test_search (TestFixture *self, gconstpointer data)
{
  g_autofree char *one G_GNUC_UNUSED = make_program (self, "one", "program", 0700);
  g_autofree char *two G_GNUC_UNUSED = make_program (self, "two", "program", 0700);
  g_autofree char *plain G_GNUC_UNUSED = make_program (self, "plain", "program", 0600);
  g_autofree char *only G_GNUC_UNUSED = make_program (self, "two", "only", 0700);
  g_autofree char *folder = test_path (self, "folder/program");
  const char *at = self->folder;
  g_autofree char *both = g_strdup_printf ("%s/one:%s/two", at, at);
  g_autofree char *first_plain = g_strdup_printf ("%s/plain:%s/two", at, at);
  g_autofree char *only_plain = g_strdup_printf ("%s/plain:%s/missing", at, at);
  g_autofree char *with_folder = g_strdup_printf ("%s/folder:%s/one", at, at);
  g_autofree char *with_gaps = g_strdup_printf (":%s/missing::%s/one:", at, at);
  g_autofree char *with_file = g_strdup_printf ("%s/one/program:%s/two/", at, at);
  const int not_found = PROCESS_ERROR_PROGRAM_NOT_FOUND;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  assert_search (self, both, NULL, "program", "one/program\n", 0);
  assert_search (self, both, NULL, "only", "two/only\n", 0);
  assert_search (self, first_plain, NULL, "program", "two/program\n", 0);
  assert_search (self, only_plain, NULL, "program", NULL, PROCESS_ERROR_START_FAILED);
  assert_search (self, with_folder, NULL, "program", "one/program\n", 0);
  assert_search (self, with_gaps, NULL, "program", "one/program\n", 0);
  assert_search (self, with_file, NULL, "program", "two/program\n", 0);
  assert_search (self, "", NULL, "program", NULL, not_found);
  assert_search (self, "/nonexistent", NULL, "true", NULL, not_found);
}

/* Neither the child's nor our working directory may choose the program. */
static void
test_search_not_here (TestFixture *self, gconstpointer data)
{
  g_autofree char *one = make_program (self, "one", "program", 0700);
  g_autofree char *folder = g_path_get_dirname (one);
  g_autofree char *before = g_get_current_dir ();
  static const char * const variables[] = { "", ":", ".", "::.:", ":one", "one:.", "./:../one",
                                            "/nonexistent:." };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      assert_search (self, variables[i], folder, "program", NULL, PROCESS_ERROR_PROGRAM_NOT_FOUND);
      assert_search (self, variables[i], self->folder, "program", NULL,
                     PROCESS_ERROR_PROGRAM_NOT_FOUND);
    }
  g_assert_no_errno (g_chdir (folder));
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    assert_search (self, variables[i], NULL, "program", NULL, PROCESS_ERROR_PROGRAM_NOT_FOUND);
  g_assert_no_errno (g_chdir (before));
}

/* A name with a slash is a path, from the child's working directory. */
static void
test_search_with_slash (TestFixture *self, gconstpointer data)
{
  g_autofree char *one = make_program (self, "one", "program", 0700);
  g_autofree char *folder = g_path_get_dirname (one);
  const int not_found = PROCESS_ERROR_PROGRAM_NOT_FOUND;

  assert_search (self, "", folder, "./program", "one/program\n", 0);
  assert_search (self, "", self->folder, "one/program", "one/program\n", 0);
  assert_search (self, "", self->folder, "./one/../one/program", "one/program\n", 0);
  assert_search (self, "", NULL, one, "one/program\n", 0);
  assert_search (self, "", "/", one, "one/program\n", 0);
  assert_search (self, folder, self->folder, "./program", NULL, not_found);
  assert_search (self, "", folder, "one/program", NULL, not_found);
  assert_search (self, "", NULL, "./one/program", NULL, not_found);
}

/* Without a PATH there is the system's usual one. */
static void
test_search_without_path (TestFixture *self, gconstpointer data)
{
  const char *env[] = { "PATH", NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("true", NULL);

  process_run_options_set_env (options, env);
  assert_output (self, options, "");
  process_run_options_set_clear_env (options, TRUE);
  process_run_options_set_env (options, NULL);
  assert_output (self, options, "");
}

/* The program sees its name as it was given. */
static void
test_name (TestFixture *self, gconstpointer data)
{
  const char *args[] = { "-c", "tr '\\0' '\\n' </proc/$$/cmdline | head -n 1", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *by_name = process_service_run (self->service, "sh", args, NULL, &error);
  g_autofree char *by_path = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (by_name, ==, "sh\n");
  by_path = process_service_run (self->service, "/bin/sh", args, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_path, ==, "/bin/sh\n");
}

static void
test_env (TestFixture *self, gconstpointer data)
{
  const char *env[] = { "TEST_NEW=new=value", "TEST_CHANGED=after", "TEST_GONE", "TEST_TWICE=1",
                        "TEST_EMPTY=", "TEST_TWICE=2", "TEST_NEVER", NULL };
  g_autoptr (ProcessRunOptions) options =
    test_options ("env", "TEST_KEPT", "env", "TEST_NEW", "env", "TEST_CHANGED", "env", "TEST_GONE",
                  "env", "TEST_TWICE", "env", "TEST_EMPTY", "env", "TEST_NEVER", NULL);

  process_run_options_set_env (options, env);
  assert_output (self, options,
                 "TEST_KEPT=kept\nTEST_NEW=new=value\nTEST_CHANGED=after\nTEST_GONE is unset\n"
                 "TEST_TWICE=2\nTEST_EMPTY=\nTEST_NEVER is unset\n");
  g_assert_cmpstr (g_getenv ("TEST_CHANGED"), ==, "before");
  g_assert_cmpstr (g_getenv ("TEST_GONE"), ==, "here");
}

static void
test_clear_env (TestFixture *self, gconstpointer data)
{
  const char *env[] = { "ONE=1", "HOME", "TWO=caf\xe9", NULL };
  g_autoptr (ProcessRunOptions) options = test_options ("environ", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GBytes) bytes = NULL;

  process_run_options_set_clear_env (options, TRUE);
  assert_output (self, options, "");
  process_run_options_set_env (options, env);
  process = test_start_with (self, options, NULL);
  test_finish_well (process);
  bytes = process_managed_process_get_output_bytes (process);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                   "ONE=1\nTWO=caf\xe9\n", 15);
}

static void
test_cwd (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("cwd", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *expected = g_strdup_printf ("%s\n", here);
  g_autofree char *real = realpath (self->folder, NULL);
  g_autofree char *inside = g_strdup_printf ("%s\n", real);

  assert_output (self, options, expected);
  process_run_options_set_cwd (options, self->folder);
  assert_output (self, options, inside);
  process_run_options_set_cwd (options, "/");
  assert_output (self, options, "/\n");
}

/* A program of ours may run without its own three descriptors. */
static int
run_without_standard_descriptors (const char *child, const char *fifo)
{
  const char *args[] = { "out", "out\\n", "err", "err\\n", "copy", "fds", NULL };
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = process_run_options_new (child, args);
  g_autoptr (GBytes) input = g_bytes_new_static ("in\n", 3);
  g_autofree char *output = NULL;
  int fd;

  alarm (100);
  for (int i = 0; i < 3; i++)
    close (i);
  process_run_options_set_input (options, input);
  output = process_service_run_with_options (service, options, NULL, NULL);
  g_object_run_dispose (G_OBJECT (service));
  fd = open (fifo, O_WRONLY | O_CLOEXEC);
  if (output == NULL || write (fd, output, strlen (output)) < 0)
    return 1;
  return 0;
}

static void
test_without_standard_descriptors (TestFixture *self, gconstpointer data)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  const char *args[] = { "--closed", test_get_child (), report->path, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (program, args);
  g_autoptr (ProcessManagedProcess) process = test_start_with (self, options, NULL);
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  test_finish_well (process);
  while (test_fifo_has_line (report))
    g_hash_table_add (lines, test_fifo_take_line (report));
  g_assert_cmpuint (g_hash_table_size (lines), ==, 6);
  g_assert_true (g_hash_table_contains (lines, "out"));
  g_assert_true (g_hash_table_contains (lines, "err"));
  g_assert_true (g_hash_table_contains (lines, "in"));
  g_assert_true (g_hash_table_contains (lines, "2"));
}

/* Small, and many at the same time. */
static void
test_many (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      g_ptr_array_add (all, test_start (self, "out", text, NULL));
    }
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autofree char *output = test_finish_output (all->pdata[i]);

      g_assert_cmpstr (output, ==, text);
    }
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--closed"))
    return run_without_standard_descriptors (argv[2], argv[3]);
  g_setenv ("TEST_KEPT", "kept", TRUE);
  g_setenv ("TEST_CHANGED", "before", TRUE);
  g_setenv ("TEST_GONE", "here", TRUE);
  test_init (&argc, &argv);

  test_add ("/spawn/fds", test_fds);
  test_add ("/spawn/fds-block", test_fds_block);
  test_add ("/spawn/signals", test_signals);
  test_add ("/spawn/sessions-and-groups", test_sessions_and_groups);
  test_add ("/spawn/detached-output", test_detached_output);
  test_add ("/spawn/args", test_args);
  test_add ("/spawn/search", test_search);
  test_add ("/spawn/search-not-here", test_search_not_here);
  test_add ("/spawn/search-with-slash", test_search_with_slash);
  test_add ("/spawn/search-without-path", test_search_without_path);
  test_add ("/spawn/name", test_name);
  test_add ("/spawn/env", test_env);
  test_add ("/spawn/clear-env", test_clear_env);
  test_add ("/spawn/cwd", test_cwd);
  test_add ("/spawn/without-standard-descriptors", test_without_standard_descriptors);
  test_add ("/spawn/many", test_many);

  return g_test_run ();
}
