/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints the lines of a child, of both its streams, as they come, and then its exit code. */

#include <process-glib/process-glib.h>

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, gpointer loop)
{
  g_print ("%s\n", line);
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error, gpointer loop)
{
  g_print ("exit code %d\n", code);
  g_main_loop_quit (loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  const char *args[] = { "-c", "echo one; echo two >&2; exit 3", NULL };

  process = process_service_start (service, "sh", args, NULL, &error);
  if (process == NULL)
    g_error ("%s", error->message);

  g_signal_connect (process, "output", G_CALLBACK (output_cb), loop);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), loop);
  g_main_loop_run (loop);
  return 0;
}
