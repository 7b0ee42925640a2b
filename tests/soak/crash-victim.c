/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crash.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef struct
{
  GMainLoop      *loop;
  ProcessService *service;
  guint           n_awaited; /* children that come up, or end */
} Victim;

char *
crash_get_path (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

ProcessDaemon *
crash_new_daemon (const char *folder)
{
  ProcessDaemon *daemon = process_daemon_new ();
  g_autofree char *pid_file = crash_get_path (folder, "pid");
  g_autofree char *registry_dir = crash_get_path (folder, "registry");
  g_autofree char *address = g_strdup_printf ("unix:%s/health", folder);
  g_autoptr (ProcessRegistry) registry = process_registry_new (registry_dir);
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("soak", "victim");

  process_daemon_set_pid_file (daemon, pid_file);
  process_daemon_set_health_address (daemon, address);
  process_daemon_set_registry (daemon, registry);
  process_daemon_set_registry_entry (daemon, entry);
  return daemon;
}

/* Whole lines: a write of so few bytes to a pipe is not cut. */
static void
say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  char line[1000];
  va_list values;
  int length;

  va_start (values, format);
  length = vsnprintf (line, sizeof line - 1, format, values);
  va_end (values);
  length = MIN (length, (int) sizeof line - 2);
  line[length++] = '\n';
  soak_check (write (STDOUT_FILENO, line, (size_t) length) == length);
}

/* Whoever looks for it knows why this program has ended by itself. */
static void
give_up_at (const GError *error)
{
  if (error == NULL)
    return;
  say ("failed: %s", error->message);
  exit (EXIT_FAILURE);
}

static void
output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
           ProcessStream stream, Victim *self)
{
  if (--self->n_awaited == 0)
    g_main_loop_quit (self->loop);
}

static void
exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code,
           gint64 duration, const GError *error, Victim *self)
{
  if (--self->n_awaited == 0)
    g_main_loop_quit (self->loop);
}

/* What outlives its parent must not say a word: it would get SIGPIPE. */
static ProcessManagedProcess *
start_child (Victim *self, gboolean dies, gboolean in_group)
{
  const char *mortal[] = { "out", "up\\n", "pause", NULL };
  const char *outliving[] = { "pause", CRASH_OUTLIVES, NULL };
  g_autoptr (ProcessRunOptions) options =
    process_run_options_new (soak_get_child (), dies ? mortal : outliving);
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process;

  process_run_options_set_die_with_parent (options, dies);
  process_run_options_set_kill_group (options, in_group);
  process = process_service_start_with_options (self->service, options, NULL, &error);
  give_up_at (error);
  return process;
}

static void
live_with_children (Victim *self)
{
  ProcessManagedProcess *mortals[3];
  g_autoptr (ProcessManagedProcess) outliving = NULL;

  self->n_awaited = G_N_ELEMENTS (mortals);
  for (guint i = 0; i < G_N_ELEMENTS (mortals); i++)
    mortals[i] = start_child (self, TRUE, i == 0);
  g_main_loop_run (self->loop);

  outliving = start_child (self, FALSE, FALSE);
  say ("outlives %d", process_managed_process_get_pid (outliving));

  self->n_awaited = G_N_ELEMENTS (mortals);
  for (guint i = 0; i < G_N_ELEMENTS (mortals); i++)
    {
      process_managed_process_kill (mortals[i], NULL);
      g_object_unref (mortals[i]);
    }
  g_main_loop_run (self->loop);
}

void
crash_be_victim (const char *folder)
{
  g_autoptr (ProcessDaemon) daemon = crash_new_daemon (folder);
  Victim self = { g_main_loop_new (NULL, FALSE), process_service_new (), 0 };

  g_signal_connect (self.service, "output", G_CALLBACK (output_cb), &self);
  g_signal_connect (self.service, "exited", G_CALLBACK (exited_cb), &self);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  say ("go");
  for (;;)
    {
      g_autoptr (GError) error = NULL;

      process_daemon_start (daemon, &error);
      give_up_at (error);
      say ("started");
      live_with_children (&self);
      say ("stopping");
      process_daemon_stop (daemon, &error);
      give_up_at (error);
      say ("stopped");
    }
}
