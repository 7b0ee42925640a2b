/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* [n=N] [seed=N]: kills a daemon with children N times, at random moments of its life, looks at
 * what is left, and starts the next one with the same names, as a service manager would. */

#include "crash.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char   *folder;   /* (owned) */
  char   *pid_path; /* (owned) */
  char   *before;   /* (owned) (nullable), what the PID file had when the victim was started */
  GRand  *rand;     /* (owned) */
  gint64  round;    /* how long a victim takes to start, live and stop, in microseconds */

  /* the victim */
  GPid    pid;
  int     fd;
  char   *said;     /* (owned), all it said */
  gint64  killed;
  gboolean ended_by_itself;

  gint64  n_starting, n_running, n_stopping;
  gint64  n_killed, n_exited, n_outlived;
  gint64  n_old_files, n_new_files, n_no_files, n_entries, n_drafts, n_restarts;
  SoakTimes ends, restarts;
} Crash;

static char *
read_line (int fd)
{
  GString *line = g_string_new (NULL);
  char byte;

  while (read (fd, &byte, 1) == 1 && byte != '\n')
    g_string_append_c (line, byte);
  return g_string_free (line, FALSE);
}

static char *
read_all (int fd)
{
  GString *text = g_string_new (NULL);
  char block[4096];
  gssize n;

  while ((n = read (fd, block, sizeof block)) > 0)
    g_string_append_len (text, block, n);
  return g_string_free (text, FALSE);
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static void
expect (Crash *self, const char *line)
{
  g_autofree char *said = read_line (self->fd);

  if (!g_str_equal (said, line))
    g_error ("The victim said “%s” instead of “%s”", said, line);
}

static void
start_victim (Crash *self)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *argument = g_strconcat ("victim=", self->folder, NULL);
  char *argv[] = { program, argument, NULL };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->before, g_free);
  self->before = read_file (self->pid_path);
  g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &self->pid,
                            NULL, &self->fd, NULL, &error);
  soak_stop_at (error);
  expect (self, "go");
}

/* A word about each child that it knew of and left; there may be one that it did not hear of any
 * more. */
static void
check_outliving (Crash *self, CrashOrphans *orphans)
{
  g_auto (GStrv) lines = g_strsplit (self->said, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "outlives "))
      soak_check (crash_orphans_have (orphans, atoi (lines[i] + strlen ("outlives "))));
}

static void
kill_victim (Crash *self)
{
  int status;

  self->killed = g_get_monotonic_time ();
  soak_check (kill (self->pid, SIGKILL) == 0);
  soak_check (waitpid (self->pid, &status, 0) == self->pid);
  self->ended_by_itself = !WIFSIGNALED (status);
}

/* Until all that had to die with it are dead. */
static void
bury (Crash *self)
{
  CrashOrphans *orphans = crash_orphans_wait ();

  soak_times_add (&self->ends, g_get_monotonic_time () - self->killed);
  self->said = read_all (self->fd);
  close (self->fd);
  if (self->ended_by_itself)
    g_error ("The victim ended by itself after saying “%s”", self->said);
  check_outliving (self, orphans);
  self->n_outlived += orphans->outliving->len;
  self->n_killed += orphans->n_killed;
  self->n_exited += orphans->n_exited;
  crash_orphans_end (orphans);
}

static void
count_moment (Crash *self)
{
  if (g_str_has_suffix (self->said, "stopping\n"))
    self->n_stopping++;
  else if (self->said[0] == '\0' || g_str_has_suffix (self->said, "stopped\n"))
    self->n_starting++;
  else
    self->n_running++;
}

/* Nothing, or the whole file, old or new; and whichever it is, it tells of nobody. */
static void
check_pid_file (Crash *self)
{
  g_autofree char *text = read_file (self->pid_path);
  g_autofree char *own = g_strdup_printf ("%d\n", (int) self->pid);
  int pid;

  soak_check (!process_pid_file_read (self->pid_path, &pid));
  soak_check (pid == (text != NULL ? atoi (text) : 0));
  if (text == NULL)
    self->n_no_files++;
  else if (g_str_equal (text, own))
    self->n_new_files++;
  else if (g_strcmp0 (text, self->before) == 0)
    self->n_old_files++;
  else
    g_error ("The PID file holds “%s” instead of “%d” or “%s”", text, (int) self->pid,
             self->before);
  if (g_str_has_suffix (self->said, "started\n"))
    soak_check (g_strcmp0 (text, own) == 0);
}

static gboolean
is_draft (const char *name)
{
  return name[0] == '.';
}

/* Files are whole, and what is no file yet is a draft. */
static void
check_files (Crash *self, ProcessRegistry *registry)
{
  g_autoptr (GDir) dir = g_dir_open (process_registry_get_dir (registry), 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (process_registry_get_dir (registry), name, NULL);
      g_autofree char *text = read_file (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessDaemonEntry) entry = NULL;

      if (is_draft (name))
        continue;
      soak_check (g_str_equal (name, "soak-victim.json"));
      entry = process_daemon_entry_from_json (text, &error);
      soak_stop_at (error);
      soak_check (g_str_equal (process_daemon_entry_get_daemon (entry), "victim"));
      self->n_entries++;
    }
}

/* A daemon that was killed is in no list, and after that has no file either. */
static void
check_registry (Crash *self)
{
  g_autofree char *path = crash_get_path (self->folder, "registry");
  g_autofree char *file = g_build_filename (path, "soak-victim.json", NULL);
  g_autoptr (ProcessRegistry) registry = process_registry_new (path);
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  check_files (self, registry);
  entry = process_registry_get (registry, "soak", "victim");
  soak_check (entry == NULL);
  entries = process_registry_list (registry, &error);
  soak_stop_at (error);
  soak_check (entries->len == 0);
  soak_check (!g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
check_health (Crash *self)
{
  g_autofree char *address = g_strdup_printf ("unix:%s/health", self->folder);
  g_autoptr (GError) error = NULL;

  soak_check (!process_probe_health (address, 0, NULL, &error));
  soak_check (error != NULL);
}

static void
probed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_probe_ready_finish (result, &error);
  soak_stop_at (error);
  *(gboolean *) user_data = TRUE;
}

/* It works at once, without help, and leaves nothing that was not to be left. */
static void
restart (Crash *self)
{
  g_autoptr (ProcessDaemon) daemon = crash_new_daemon (self->folder);
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();
  gboolean probed = FALSE;

  process_daemon_start (daemon, &error);
  soak_stop_at (error);
  soak_times_add (&self->restarts, g_get_monotonic_time () - began);
  entry = process_registry_get (process_daemon_get_registry (daemon), "soak", "victim");
  soak_check (entry != NULL && process_daemon_entry_get_pid (entry) == getpid ());
  process_probe_ready_async (process_daemon_get_health_address (daemon), 30 * G_TIME_SPAN_SECOND,
                             NULL, probed_cb, &probed);
  while (!probed)
    g_main_context_iteration (NULL, TRUE);
  process_daemon_stop (daemon, &error);
  soak_stop_at (error);
  soak_check (!g_file_test (self->pid_path, G_FILE_TEST_EXISTS));
  self->n_restarts++;
}

static void
check_all (Crash *self)
{
  check_pid_file (self);
  check_registry (self);
  check_health (self);
}

/* The next start comes at once, as from a service manager; or after somebody has looked; or it is
 * that of the next victim, which finds everything as it was left. */
static void
crash_once (Crash *self)
{
  gint32 next = g_rand_int_range (self->rand, 0, 3);

  start_victim (self);
  /* The moment of the kill is to be any; there is nothing to wait for. */
  g_usleep ((gulong) (g_rand_double (self->rand) * 1.3 * (double) self->round));
  kill_victim (self);
  if (next == 0)
    restart (self);
  bury (self);
  count_moment (self);
  if (next == 1)
    {
      check_all (self);
      restart (self);
    }
  else if (next == 2)
    check_pid_file (self);
  g_clear_pointer (&self->said, g_free);
}

/* How long its life is here and now. */
static void
measure (Crash *self)
{
  gint64 began;

  start_victim (self);
  began = g_get_monotonic_time ();
  for (;;)
    {
      g_autofree char *line = read_line (self->fd);

      soak_check (line[0] != '\0' && !g_str_has_prefix (line, "failed"));
      if (g_str_equal (line, "stopped"))
        break;
    }
  self->round = g_get_monotonic_time () - began;
  soak_check (kill (self->pid, SIGSTOP) == 0);
}

/* Drafts are removed when they are too old to be still written. */
static void
tidy_up (Crash *self)
{
  g_autofree char *path = crash_get_path (self->folder, "registry");
  g_autoptr (ProcessRegistry) registry = process_registry_new (path);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  const struct timespec times[2] = { { 0 }, { 0 } };
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      soak_check (is_draft (name));
      self->n_drafts++;
      soak_check (utimensat (AT_FDCWD, file, times, AT_SYMLINK_NOFOLLOW) == 0);
    }
  entries = process_registry_list (registry, &error);
  soak_stop_at (error);
  soak_check (g_rmdir (path) == 0);
  soak_check (g_rmdir (self->folder) == 0);
}

static void
tell (Crash *self)
{
  soak_tell_int ("kills", self->n_starting + self->n_running + self->n_stopping);
  soak_tell_int ("while_starting", self->n_starting);
  soak_tell_int ("while_running", self->n_running);
  soak_tell_int ("while_stopping", self->n_stopping);
  soak_tell_int ("children_killed", self->n_killed);
  soak_tell_int ("children_that_never_ran", self->n_exited);
  soak_tell_int ("children_that_live_on", self->n_outlived);
  soak_tell_int ("pid_files_new", self->n_new_files);
  soak_tell_int ("pid_files_old", self->n_old_files);
  soak_tell_int ("pid_files_none", self->n_no_files);
  soak_tell_int ("entries_left", self->n_entries);
  soak_tell_int ("drafts_left", self->n_drafts);
  soak_tell_times ("until_all_are_dead", &self->ends);
  soak_tell_times ("next_start", &self->restarts);
}

void
soak_run (void)
{
  const char *folder = settings_get_string ("victim", NULL);
  g_autofree Crash *self = g_new0 (Crash, 1);
  g_autoptr (GError) error = NULL;

  if (folder != NULL)
    crash_be_victim (folder);
  soak_check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
  self->folder = g_dir_make_tmp ("process-glib-soak-XXXXXX", &error);
  soak_stop_at (error);
  self->pid_path = crash_get_path (self->folder, "pid");
  self->rand = g_rand_new_with_seed ((guint32) settings_get_int ("seed", 1));
  measure (self);
  kill_victim (self);
  bury (self);
  g_clear_pointer (&self->said, g_free);
  for (gint64 i = settings_get_int ("n", 30); i > 0; i--)
    {
      crash_once (self);
      soak_sample (0);
    }
  restart (self);
  tidy_up (self);
  tell (self);
  soak_mark ();
  g_rand_free (self->rand);
  g_free (self->before);
  g_free (self->pid_path);
  g_free (self->folder);
}
