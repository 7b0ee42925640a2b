/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Runs as a daemon: one instance, with a health check, in the registry, until a signal ends it. */

#include <process-glib/process-glib.h>

#include <stdlib.h>

static gboolean
check_queue (gpointer user_data, GError **error)
{
  const guint *n_waiting = user_data;

  if (*n_waiting < 100)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%u jobs wait", *n_waiting);
  return FALSE;
}

int
main (void)
{
  guint n_waiting = 0;
  g_autofree char *pid_file = g_build_filename (g_get_user_runtime_dir (), "example.pid", NULL);
  g_autoptr (ProcessRegistry) registry = process_registry_get_default ();
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("example", "worker");
  g_autoptr (ProcessDaemon) daemon = g_object_new (PROCESS_TYPE_DAEMON,
                                                   "pid-file", pid_file,
                                                   "health-address", "127.0.0.1:0",
                                                   "registry", registry,
                                                   "registry-entry", entry,
                                                   NULL);
  g_autoptr (GError) error = NULL;

  process_daemon_add_health_check (daemon, "queue", check_queue, &n_waiting, NULL, NULL);
  if (!process_daemon_start (daemon, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  g_print ("health at %s\n", process_daemon_get_health_address (daemon));

  /* Until SIGTERM or SIGINT; this is the main loop of the program. */
  if (!process_daemon_run (daemon, NULL, &error))
    g_printerr ("%s\n", error->message);
  g_print ("stopped\n");
  return EXIT_SUCCESS;
}
