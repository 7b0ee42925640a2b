/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pid-file-util.h"

#include <process-glib/process-error.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

static GPtrArray *
list_folder (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static guint
count_fds (void)
{
  g_autoptr (GPtrArray) names = list_folder ("/proc/self/fd");

  return names->len;
}

void
pid_file_set_up (PidFileFixture *self,
                 gconstpointer   data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("pid-file-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "test.pid", NULL);
  self->n_fds = count_fds ();
}

void
pid_file_tear_down (PidFileFixture *self,
                    gconstpointer   data)
{
  g_assert_cmpuint (count_fds (), ==, self->n_fds);
  pid_file_assert_folder (self->folder, "");
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->path);
  g_free (self->folder);
}

ProcessPidFile *
pid_file_acquire (const char *path)
{
  ProcessPidFile *pid_file = process_pid_file_new (path);
  g_autoptr (GError) error = NULL;
  gboolean acquired = process_pid_file_acquire (pid_file, &error);

  g_assert_no_error (error);
  g_assert_true (acquired);
  pid_file_assert_pid (path, getpid ());
  return pid_file;
}

void
pid_file_release (ProcessPidFile *pid_file)
{
  g_autoptr (GError) error = NULL;
  gboolean released = process_pid_file_release (pid_file, &error);

  g_assert_no_error (error);
  g_assert_true (released);
}

void
pid_file_use (const char *path)
{
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (path);

  pid_file_release (pid_file);
  pid_file_assert_text (path, NULL);
}

void
pid_file_refuse (const char *path,
                 pid_t       holder)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_pid_file_acquire (pid_file, &error));
  pid_file_assert_refusal (error, path, holder);
}

void
pid_file_assert_refusal (GError     *error,
                         const char *path,
                         pid_t       holder)
{
  g_autofree char *message = g_strdup_printf ("Process %d holds the PID file “%s”", (int) holder,
                                              path);

  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  g_assert_cmpstr (error->message, ==, message);
}

void
pid_file_write (const char *path,
                const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

void
pid_file_write_pid (const char *path,
                    pid_t       pid)
{
  g_autofree char *text = g_strdup_printf ("%d\n", (int) pid);

  pid_file_write (path, text);
}

void
pid_file_assert_text (const char *path,
                      const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  if (!g_file_get_contents (path, &found, NULL, &error))
    g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_cmpstr (found, ==, text);
}

void
pid_file_assert_pid (const char *path,
                     pid_t       pid)
{
  g_autofree char *text = g_strdup_printf ("%d\n", (int) pid);

  pid_file_assert_text (path, text);
}

void
pid_file_set_time (const char *path,
                   gint64      time)
{
  struct timespec times[2];

  for (guint i = 0; i < 2; i++)
    {
      times[i].tv_sec = time / G_USEC_PER_SEC;
      times[i].tv_nsec = time % G_USEC_PER_SEC * 1000;
    }
  g_assert_no_errno (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

void
pid_file_assert_folder (const char *folder,
                        const char *names)
{
  g_autoptr (GPtrArray) found = list_folder (folder);
  g_autofree char *joined = NULL;

  g_ptr_array_add (found, NULL);
  joined = g_strjoinv (" ", (char **) found->pdata);
  g_assert_cmpstr (joined, ==, names);
}

int
pid_file_fork (PidFileFunc func,
               gpointer    data)
{
  pid_t pid = fork ();
  int status;

  g_assert_no_errno (pid);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      func (data);
      _exit (0);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

void
pid_file_fork_well (PidFileFunc func,
                    gpointer    data)
{
  int status = pid_file_fork (func, data);

  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("This cannot be tried here");
  else
    g_assert_cmpint (status, ==, 0);
}

pid_t
pid_file_start_child (void)
{
  pid_t pid = fork ();

  g_assert_no_errno (pid);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        pause ();
    }
  return pid;
}

void
pid_file_kill (pid_t pid)
{
  g_assert_no_errno (kill (pid, SIGKILL));
}

void
pid_file_reap (pid_t pid)
{
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}
