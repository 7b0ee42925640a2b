/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Runs a command for at most 2 s, shows its lines as they come, and ends all that it started.
 * usage: supervise COMMAND [ARGUMENT...]
 */

#include <process-glib/process-glib.h>

#include <locale.h>
#include <stdlib.h>

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, gpointer data)
{
  g_print ("%s: %s\n", stream == PROCESS_STREAM_STDERR ? "err" : "out", line);
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error, gpointer data)
{
  ProcessExitReason reason = process_managed_process_get_exit_reason (process);
  int signum = process_managed_process_get_term_signal (process);

  g_print ("%s, %s %d\n", reason == PROCESS_EXIT_REASON_TIMED_OUT ? "timed out" : "ended",
           signum != 0 ? "signal" : "exit code", signum != 0 ? signum : code);
}

static gboolean
supervise (ProcessService *service, const char *command, const char * const *args, GError **error)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  gboolean success;

  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_timeout (options, 2 * G_TIME_SPAN_SECOND);
  process_run_options_set_grace_period (options, G_TIME_SPAN_SECOND);
  process = process_service_start_with_options (service, options, NULL, error);
  if (process == NULL)
    return FALSE;

  g_signal_connect (process, "output", G_CALLBACK (output_cb), NULL);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), NULL);
  success = process_managed_process_wait (process, NULL, error);
  return process_managed_process_shutdown (process, NULL, success ? error : NULL) && success;
}

int
main (int argc, char *argv[])
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc < 2)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "usage: %s COMMAND [ARGUMENT...]", argv[0]);
  else if (supervise (service, argv[1], (const char * const *) argv + 2, &error))
    return EXIT_SUCCESS;
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}
