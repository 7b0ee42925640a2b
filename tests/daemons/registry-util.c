/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "registry-util.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char *
registry_dir (TestFixture *self)
{
  return test_path (self, "registry");
}

static void
wait_for_end (gpointer data)
{
  for (;;)
    pause ();
}

pid_t
registry_fork (RegistryFunc func, gpointer data)
{
  pid_t pid = fork ();

  g_assert_no_errno (pid);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      func (data);
      _exit (0);
    }
  return pid;
}

int
registry_reap (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

void
registry_run (RegistryFunc func, gpointer data)
{
  g_assert_cmpint (registry_reap (registry_fork (func, data)), ==, 0);
}

pid_t
registry_start_process (void)
{
  return registry_fork (wait_for_end, NULL);
}

void
registry_end_process (pid_t pid)
{
  g_assert_no_errno (kill (pid, SIGKILL));
  registry_reap (pid);
}

pid_t
registry_get_dead_pid (void)
{
  pid_t pid = registry_start_process ();

  registry_end_process (pid);
  return pid;
}

ProcessDaemonEntry *
registry_make_entry (const char *code, const char *daemon, int pid, int second)
{
  ProcessDaemonEntry *entry = process_daemon_entry_new (code, daemon);
  g_autoptr (GDateTime) year = g_date_time_new_utc (2026, 1, 1, 0, 0, 0);
  g_autoptr (GDateTime) started = g_date_time_add_seconds (year, second);

  process_daemon_entry_set_pid (entry, pid);
  if (second > 0)
    process_daemon_entry_set_started (entry, started);
  return entry;
}

void
registry_register (ProcessRegistry *registry, const char *code, const char *daemon, int pid,
                   int second)
{
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry (code, daemon, pid, second);
  g_autoptr (GError) error = NULL;
  gboolean registered = process_registry_register (registry, entry, &error);

  g_assert_no_error (error);
  g_assert_true (registered);
}

void
registry_unregister (ProcessRegistry *registry, const char *code, const char *daemon)
{
  g_autoptr (GError) error = NULL;
  gboolean unregistered = process_registry_unregister (registry, code, daemon, &error);

  g_assert_no_error (error);
  g_assert_true (unregistered);
}

int
registry_get_pid (ProcessRegistry *registry, const char *code, const char *daemon)
{
  g_autoptr (ProcessDaemonEntry) entry = process_registry_get (registry, code, daemon);

  if (entry == NULL)
    return 0;
  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, code);
  g_assert_cmpstr (process_daemon_entry_get_daemon (entry), ==, daemon);
  return process_daemon_entry_get_pid (entry);
}

char *
registry_list_keys (ProcessRegistry *registry)
{
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = process_registry_list (registry, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < entries->len; i++)
    g_string_append_printf (keys, "%s%s/%s", i > 0 ? " " : "",
                            process_daemon_entry_get_code (entries->pdata[i]),
                            process_daemon_entry_get_daemon (entries->pdata[i]));
  return g_strdup (keys->str);
}

void
registry_set_age (const char *dir, const char *name, int age)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  struct timespec times[] = { { now - age, 0 }, { now - age, 0 } };

  g_assert_no_errno (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

void
registry_write (const char *dir, const char *name, const char *text, int age)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_no_errno (g_mkdir_with_parents (dir, 0700));
  test_write_file (path, text, 0600);
  registry_set_age (dir, name, age);
}

char *
registry_json (const char *code, const char *daemon, int pid)
{
  return g_strdup_printf ("{\n  \"code\": \"%s\",\n  \"daemon\": \"%s\",\n  \"pid\": %d,\n"
                          "  \"started\": \"2026-01-02T03:04:05.123456789Z\"\n}",
                          code, daemon, pid);
}

static int
compare_names (gconstpointer one, gconstpointer other)
{
  return strcmp (*(char **) one, *(char **) other);
}

char *
registry_list_files (const char *dir)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (dir, 0, &error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}
