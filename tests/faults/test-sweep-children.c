/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep.h"

/* More than a pipe holds, and than is read at once. */
#define INPUT_SIZE (200 * 1000)

static void
end_service (ProcessService *service)
{
  process_service_shutdown (service, 0, NULL, NULL);
  sweep_end (service);
}

typedef ProcessService Service;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Service, end_service)

static GBytes *
make_input (void)
{
  char *text = g_malloc (INPUT_SIZE);

  memset (text, 'x', INPUT_SIZE);
  for (gsize i = 99; i < INPUT_SIZE; i += 100)
    text[i] = '\n';
  return g_bytes_new_take (text, INPUT_SIZE);
}

static ProcessRunOptions *
make_sh (const char *script, const char *argument)
{
  const char *const args[] = { "-c", script, argument, NULL };

  return process_run_options_new ("sh", args);
}

/* What is not an error is right. */
static gboolean
check_output (const char *output, const char *expected)
{
  if (output != NULL && strlen (expected) < 100)
    g_assert_cmpstr (output, ==, expected);
  else if (output != NULL)
    g_assert_true (g_str_equal (output, expected));
  return output != NULL;
}

typedef struct
{
  GString *lines;
  guint    n_started;
  guint    n_exited;
} Told;

static void
started_cb (ProcessManagedProcess *process, Told *told)
{
  told->n_started++;
}

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Told *told)
{
  g_string_append_printf (told->lines, "%s\n", line);
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error, Told *told)
{
  told->n_exited++;
}

static gboolean
start_and_wait (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = make_sh ("echo one; echo two >&2", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  Told told = { g_string_new (NULL), 0, 0 };
  gboolean success = FALSE;

  process_run_options_set_merge_stderr (options, TRUE);
  process = process_service_start_with_options (service, options, NULL, error);
  if (process != NULL)
    {
      g_signal_connect (process, "started", G_CALLBACK (started_cb), &told);
      g_signal_connect (process, "output", G_CALLBACK (output_cb), &told);
      g_signal_connect (process, "exited", G_CALLBACK (exited_cb), &told);
      success = process_managed_process_wait (process, NULL, error);
      g_assert_cmpuint (told.n_started, ==, 1);
      g_assert_cmpuint (told.n_exited, ==, 1);
      if (success)
        g_assert_cmpstr (told.lines->str, ==, "one\ntwo\n");
    }
  g_string_free (told.lines, TRUE);
  return success;
}

static gboolean
run_with_input (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);
  g_autoptr (GBytes) input = make_input ();
  g_autofree char *expected = g_strndup (g_bytes_get_data (input, NULL), INPUT_SIZE);
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  output = process_service_run_with_options (service, options, NULL, error);
  return check_output (output, expected);
}

static gboolean
run_async (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = make_sh ("cat; echo end", NULL);
  g_autoptr (GBytes) input = g_bytes_new_static ("begin\n", 6);
  g_auto (SweepCall) call = { NULL };
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  process_run_options_set_cwd (options, folder);
  process_service_run_with_options_async (service, options, NULL, sweep_call_cb, &call);
  sweep_call_wait (&call);
  output = process_service_run_with_options_finish (service, call.result, error);
  return check_output (output, "begin\nend\n");
}

static gboolean
run_with_handed_down_stdin (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = make_sh ("cat; echo end", NULL);
  g_autofree char *output = NULL;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_INHERIT);
  process_run_options_set_die_with_parent (options, TRUE);
  output = process_service_run_with_options (service, options, NULL, error);
  return check_output (output, "end\n");
}

static gboolean
run_to_file (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = make_sh ("echo kept; echo told >&2", NULL);
  g_autofree char *path = g_build_filename (folder, "output", NULL);
  g_autofree char *output = NULL;
  g_autofree char *kept = NULL;

  process_run_options_set_stdout_path (options, path);
  output = process_service_run_with_options (service, options, NULL, error);
  kept = sweep_read_file (path);
  if (output != NULL)
    g_assert_cmpstr (kept, ==, "kept\n");
  unlink (path);
  return check_output (output, "told\n");
}

/* Nobody writes there any more; who has been found by then is waited for. */
static void
wait_for_no_writer (int fd)
{
  struct pollfd end = { .fd = fd };
  char byte;

  while (read (fd, &byte, 1) != 0)
    poll (&end, 1, -1);
}

/* The descendant holds the FIFO, and ignores the signal that it is asked with. */
static gboolean
end_group (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  g_autoptr (ProcessRunOptions) options =
    make_sh ("exec 3>\"$0\"; (trap '' TERM; sleep 100) & echo ready; wait", path);
  g_autofree char *output = NULL;
  g_autoptr (GError) problem = NULL;
  int fd;

  g_assert_no_errno (mkfifo (path, 0600));
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_timeout (options, 30 * 1000);
  process_run_options_set_grace_period (options, 5 * 1000);
  output = process_service_run_with_options (service, options, NULL, &problem);
  g_assert_null (output);
  wait_for_no_writer (fd);
  close (fd);
  unlink (path);
  if (g_error_matches (problem, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
shut_down (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  gboolean success = TRUE;

  for (guint i = 0; i < 3 && success; i++)
    {
      g_autoptr (ProcessRunOptions) options =
        i == 0 ? make_sh ("trap '' TERM; echo; sleep 100", NULL)
               : process_run_options_new ("cat", NULL);
      g_autoptr (ProcessManagedProcess) process = NULL;

      process_run_options_set_kill_group (options, i == 0);
      process = process_service_start_with_options (service, options, NULL, error);
      success = process != NULL;
    }
  success = process_service_shutdown (service, 5 * 1000, NULL, success ? error : NULL) && success;
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
  return success;
}

static gboolean
talk (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *output = NULL;

  process = process_service_start (service, "cat", NULL, NULL, error);
  if (process == NULL || !process_managed_process_send_input (process, "hello\n", error) ||
      !process_managed_process_close_stdin (process, error) ||
      !process_managed_process_wait (process, NULL, error))
    return FALSE;
  output = process_managed_process_get_output (process);
  return check_output (output, "hello\n");
}

static GVariant *
make_parameters (void)
{
  static const char *const args[] = { "hello", NULL };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "command", "s", "echo");
  g_variant_dict_insert_value (&dict, "args", g_variant_new_strv (args, -1));
  return g_variant_dict_end (&dict);
}

static gboolean
call_action (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (GVariant) answer = NULL;

  answer = process_service_call_action (service, "process.run", make_parameters (), NULL, error);
  return check_output (answer != NULL ? g_variant_get_string (answer, NULL) : NULL, "hello\n");
}

static gboolean
run_program (const char *folder, GError **error)
{
  g_autoptr (ProcessProgram) program = process_program_new ("echo");
  const char *const args[] = { "hello", NULL };
  g_autofree char *output = NULL;

  if (!process_program_find (program, error))
    return FALSE;
  output = process_program_run (program, args, NULL, error);
  return check_output (output, "hello");
}

static ProcessRunSpec *
make_spec (const char *name, const char *after, const char *other)
{
  const char *const args[] = { name, NULL };
  const char *const names[] = { after, other, NULL };
  ProcessRunSpec *spec = process_run_spec_new (name, "echo", args);

  process_run_spec_set_after (spec, names);
  return spec;
}

static gboolean
check_result (ProcessRunResult *result, GError **error)
{
  const GError *problem = process_run_result_get_error (result);

  if (process_run_result_get_passed (result))
    {
      g_autofree char *expected = g_strconcat (process_run_result_get_name (result), "\n", NULL);

      g_assert_cmpstr (process_run_result_get_output (result), ==, expected);
      return TRUE;
    }
  g_assert_nonnull (problem);
  if (!process_run_result_get_skipped (result))
    g_set_error_literal (error, problem->domain, problem->code, problem->message);
  return process_run_result_get_skipped (result);
}

static gboolean
run_pipeline (const char *folder, GError **error)
{
  g_autoptr (Service) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  ProcessRunSpec *specs[] = {
    make_spec ("a", NULL, NULL), make_spec ("b", "a", NULL), make_spec ("c", "a", NULL),
    make_spec ("d", "b", "c"),   make_spec ("e", NULL, NULL),
  };
  g_autoptr (ProcessRunAllResult) all =
    process_runner_run_all (runner, specs, G_N_ELEMENTS (specs), NULL, error);
  gboolean success = all != NULL;

  for (guint i = 0; all != NULL && i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (ProcessRunResult) result = g_list_model_get_item (G_LIST_MODEL (all), i);

      success = check_result (result, success ? error : NULL) && success;
    }
  if (all != NULL)
    g_assert_true (process_run_all_result_get_success (all) == success);
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    g_object_unref (specs[i]);
  return success;
}

static gboolean
read_specs (const char *folder, GError **error)
{
  static const char text[] = "[{\"name\": \"a\", \"command\": \"true\"}]";
  g_autofree char *path = g_build_filename (folder, "specs.json", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GPtrArray) specs = NULL;
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  close (fd);
  specs = process_run_spec_list_from_file (file, NULL, error);
  if (specs != NULL)
    g_assert_cmpuint (specs->len, ==, 1);
  unlink (path);
  return specs != NULL;
}

int
main (int argc, char **argv)
{
  sweep_init (&argc, &argv);
  sweep_add ("/sweep/start", start_and_wait);
  sweep_add ("/sweep/run", run_with_input);
  sweep_add ("/sweep/run-async", run_async);
  sweep_add ("/sweep/run-stdin", run_with_handed_down_stdin);
  sweep_add ("/sweep/run-to-file", run_to_file);
  sweep_add ("/sweep/talk", talk);
  sweep_add ("/sweep/end-group", end_group);
  sweep_add ("/sweep/shutdown", shut_down);
  sweep_add ("/sweep/action", call_action);
  sweep_add ("/sweep/program", run_program);
  sweep_add ("/sweep/pipeline", run_pipeline);
  sweep_add ("/sweep/specs", read_specs);
  return g_test_run ();
}
