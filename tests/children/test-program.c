/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include <process-glib/process-glib.h>

static char *
run_shell (ProcessProgram  *program,
           const char      *script,
           GError         **error)
{
  const char *args[] = { "-c", script, NULL };

  return process_program_run (program, args, NULL, error);
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
test_find (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  guint n_notified = 0;

  g_signal_connect (program, "notify::path", G_CALLBACK (count_cb), &n_notified);
  g_assert_cmpstr (process_program_get_name (program), ==, "sh");
  g_assert_null (process_program_get_path (program));
  g_assert_null (process_program_get_last_output (program));

  g_assert_true (process_program_find (program, &error));
  g_assert_no_error (error);
  g_assert_true (process_program_find (program, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_notified, ==, 1);

  g_assert_true (g_path_is_absolute (process_program_get_path (program)));
  g_assert_true (g_file_test (process_program_get_path (program), G_FILE_TEST_IS_EXECUTABLE));

  g_object_get (program, "name", &name, "path", &path, NULL);
  g_assert_cmpstr (name, ==, "sh");
  g_assert_cmpstr (path, ==, process_program_get_path (program));
}

static void
assert_not_found (const char   *name,
                  ProcessError  code)
{
  g_autoptr (ProcessProgram) program = process_program_new (name);
  g_autoptr (GError) find_error = NULL;
  g_autoptr (GError) run_error = NULL;

  g_assert_false (process_program_find (program, &find_error));
  g_assert_error (find_error, PROCESS_ERROR, (int) code);
  g_assert_null (process_program_get_path (program));
  if (name != NULL)
    g_assert_nonnull (strstr (find_error->message, name));

  g_assert_null (process_program_run (program, NULL, NULL, &run_error));
  g_assert_error (run_error, PROCESS_ERROR, (int) code);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "");
}

static void
test_not_found (void)
{
  assert_not_found ("no-such-program-anywhere", PROCESS_ERROR_PROGRAM_NOT_FOUND);
  assert_not_found ("/nonexistent/program", PROCESS_ERROR_PROGRAM_NOT_FOUND);
  assert_not_found ("", PROCESS_ERROR_INVALID_ARGUMENT);
  assert_not_found (NULL, PROCESS_ERROR_INVALID_ARGUMENT);
}

typedef struct
{
  char *folder;
  char *script;
  char *fifo;
  char *path_before;
} Files;

static void
set_up (Files         *files,
        gconstpointer  user_data)
{
  files->folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  files->script = g_build_filename (files->folder, "a-script", NULL);
  files->fifo = g_build_filename (files->folder, "fifo", NULL);
  files->path_before = g_strdup (g_getenv ("PATH"));

  g_assert_true (g_file_set_contents (files->script, "#!/bin/sh\necho found\n", -1, NULL));
  g_assert_no_errno (g_chmod (files->script, 0755));
  g_assert_no_errno (mkfifo (files->fifo, 0600));
}

static void
tear_down (Files         *files,
           gconstpointer  user_data)
{
  g_setenv ("PATH", files->path_before, TRUE);
  g_unlink (files->script);
  g_assert_no_errno (g_unlink (files->fifo));
  g_assert_no_errno (g_rmdir (files->folder));
  g_free (files->folder);
  g_free (files->script);
  g_free (files->fifo);
  g_free (files->path_before);
}

static void
test_found_path_is_run (Files         *files,
                        gconstpointer  user_data)
{
  g_autoptr (ProcessProgram) program = process_program_new ("a-script");
  g_autoptr (GError) error = NULL;
  g_autofree char *by_path = NULL;
  g_autofree char *by_name = NULL;

  g_setenv ("PATH", files->folder, TRUE);
  by_name = process_program_run (program, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_name, ==, "found");
  g_assert_true (process_program_find (program, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (process_program_get_path (program), ==, files->script);

  g_setenv ("PATH", files->path_before, TRUE);
  by_path = process_program_run (program, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_path, ==, "found");

  g_assert_false (process_program_find (program, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (process_program_get_path (program));
  g_assert_null (process_program_run (program, NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);
}

static void
test_run (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = run_shell (program, "echo hello; echo \"$0\"", &error);
  guint n_notified = 0;
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "hello\nsh");
  g_assert_cmpstr (process_program_get_last_output (program), ==, "hello\nsh");

  g_signal_connect (program, "notify::last-output", G_CALLBACK (count_cb), &n_notified);
  again = run_shell (program, "echo other", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, "other");
  g_assert_cmpuint (n_notified, ==, 1);

  g_assert_finalize_object (g_steal_pointer (&program));
}

static void
test_order (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *output = NULL;

  output = run_shell (program,
                      "i=0; while [ $i -lt 100 ]; do echo out; echo err >&2; i=$((i+1)); done",
                      &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 100; i++)
    g_string_append (expected, "out\nerr\n");
  g_string_truncate (expected, expected->len - 1);
  g_assert_cmpstr (output, ==, expected->str);
}

static void
assert_trimmed (const char *format,
                const char *expected)
{
  g_autoptr (ProcessProgram) program = process_program_new ("printf");
  g_autoptr (GError) error = NULL;
  const char *args[] = { format, NULL };
  g_autofree char *output = process_program_run (program, args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, expected);
}

static void
test_trim (void)
{
  assert_trimmed ("  a b \\n\\n", "  a b");
  assert_trimmed ("\\n\\ta\\t\\r\\v\\f \\n", "\n\ta");
  assert_trimmed ("ä\\302\\240\\302\\205\\342\\200\\203\\343\\200\\200", "ä");
  assert_trimmed (" \\n \\n", "");
  assert_trimmed ("\\001", "\x01");
  assert_trimmed ("a \\200", "a \uFFFD");
  assert_trimmed ("a\\0", "a\uFFFD");
}

static void
test_failure (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = NULL;

  g_assert_null (run_shell (program, "echo ' partial '; echo why >&2; exit 3", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpstr (process_program_get_last_output (program), ==, " partial \nwhy");
  g_object_get (program, "last-output", &copy, NULL);
  g_assert_cmpstr (copy, ==, " partial \nwhy");
  g_clear_error (&error);

  g_assert_null (run_shell (program, "kill -KILL $$", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "");
}

static void
test_large_output (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = run_shell (program, "head -c 3000000 /dev/zero | tr '\\0' x", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (output), ==, 3000000);
  g_assert_cmpuint (strspn (output, "x"), ==, 3000000);
}

static void
test_standard_input (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("cat");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_program_run (program, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "");
}

static void
test_run_dir (Files         *files,
              gconstpointer  user_data)
{
  g_autoptr (ProcessProgram) program = process_program_new ("ls");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_program_run_dir (program, files->folder, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "a-script\nfifo");

  g_assert_null (process_program_run_dir (program, files->script, NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "");
}

static void
test_cancelled_before (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (process_program_run (program, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  const char *fifo;
  GCancellable *cancellable;
} Cancelling;

/* Cancels once the other end of the pipe is open, and so the script at work. */
static gpointer
cancel_in_thread (gpointer user_data)
{
  Cancelling *cancelling = user_data;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (cancelling->fifo, &line, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, "ready\n");
  g_cancellable_cancel (cancelling->cancellable);

  return NULL;
}

static void
test_cancelled (Files         *files,
                gconstpointer  user_data)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Cancelling cancelling = { files->fifo, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_in_thread, &cancelling);
  const char *args[] = { "-c", "echo begun; echo ready > fifo; exec sleep 1000", NULL };

  g_assert_null (process_program_run_dir (program, files->folder, args, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "begun");

  g_thread_join (thread);
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

static void
assert_thread_cb (GObject    *object,
                  GParamSpec *pspec,
                  gpointer    user_data)
{
  g_assert_true (g_thread_self () == user_data);
}

static void
test_async (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) dir_result = NULL;
  g_autoptr (GError) error = NULL;
  const char *args[] = { "-c", "pwd; exit 0", NULL };
  const char *failing[] = { "-c", "pwd; exit 1", NULL };
  g_autofree char *cwd = g_get_current_dir ();
  g_autofree char *output = NULL;
  guint n_notified = 0;

  g_signal_connect (program, "notify", G_CALLBACK (assert_thread_cb), g_thread_self ());
  g_signal_connect (program, "notify::last-output", G_CALLBACK (count_cb), &n_notified);

  process_program_run_async (program, args, NULL, keep_result_cb, &result);
  g_assert_null (result);
  output = process_program_run_finish (program, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, cwd);
  g_assert_cmpstr (process_program_get_last_output (program), ==, cwd);

  process_program_run_dir_async (program, "/", failing, NULL, keep_result_cb, &dir_result);
  g_assert_null (process_program_run_dir_finish (program, wait_for (&dir_result), &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "/");
  g_assert_cmpuint (n_notified, ==, 2);
}

static void
test_async_cancelled (Files         *files,
                      gconstpointer  user_data)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Cancelling cancelling = { files->fifo, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_in_thread, &cancelling);
  const char *args[] = { "-c", "echo begun; echo ready > fifo; exec sleep 1000", NULL };

  process_program_run_dir_async (program, files->folder, args, cancellable,
                                 keep_result_cb, &result);
  g_assert_null (process_program_run_dir_finish (program, wait_for (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (process_program_get_last_output (program), ==, "begun");

  g_thread_join (thread);
}

/* Nobody holds the program but its run. */
static void
test_async_let_go (void)
{
  ProcessProgram *program = process_program_new ("sh");
  const char *args[] = { "-c", "echo done", NULL };
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  gpointer weak = program;

  g_object_add_weak_pointer (G_OBJECT (program), &weak);
  process_program_run_async (program, args, NULL, keep_result_cb, &result);
  g_object_unref (program);
  g_assert_nonnull (weak);

  output = process_program_run_finish (program, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "done");

  g_clear_object (&result);
  while (weak != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static gpointer
run_in_thread (gpointer user_data)
{
  ProcessProgram *program = user_data;

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *script = g_strdup_printf ("echo %p-%u", g_thread_self (), i);
      g_autofree char *output = run_shell (program, script, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, script + strlen ("echo "));
    }

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("sh");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("run", run_in_thread, program);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_assert_finalize_object (g_steal_pointer (&program));
}

static void
test_bad_bytes (void)
{
  g_autoptr (ProcessProgram) program = process_program_new ("printf");
  const char *args[] = { "%s", "caf\xe9", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_program_run (program, args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "caf\uFFFD");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/program/find", test_find);
  g_test_add_func ("/program/not-found", test_not_found);
  g_test_add ("/program/found-path-is-run", Files, NULL, set_up, test_found_path_is_run, tear_down);
  g_test_add_func ("/program/run", test_run);
  g_test_add_func ("/program/order", test_order);
  g_test_add_func ("/program/trim", test_trim);
  g_test_add_func ("/program/failure", test_failure);
  g_test_add_func ("/program/large-output", test_large_output);
  g_test_add_func ("/program/standard-input", test_standard_input);
  g_test_add ("/program/run-dir", Files, NULL, set_up, test_run_dir, tear_down);
  g_test_add_func ("/program/cancelled-before", test_cancelled_before);
  g_test_add ("/program/cancelled", Files, NULL, set_up, test_cancelled, tear_down);
  g_test_add_func ("/program/async", test_async);
  g_test_add ("/program/async-cancelled", Files, NULL, set_up, test_async_cancelled, tear_down);
  g_test_add_func ("/program/async-let-go", test_async_let_go);
  g_test_add_func ("/program/threads", test_threads);
  g_test_add_func ("/program/bad-bytes", test_bad_bytes);

  return g_test_run ();
}
