/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crash.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define LOOK_AGAIN 1 /* milliseconds */

static gboolean
is_child (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;
  const char *rest;
  int parent;

  return g_file_get_contents (path, &stat, NULL, NULL) && (rest = strrchr (stat, ')')) != NULL &&
         sscanf (rest + 1, " %*c %d", &parent) == 1 && parent == (int) getpid ();
}

static void
list_children (GArray *pids)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  g_array_set_size (pids, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      int pid = atoi (name);

      if (pid > 0 && is_child (pid))
        g_array_append_val (pids, pid);
    }
}

/* Before its program runs, a child looks like its parent, or like the exec helper. */
static gboolean
outlives (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *line = NULL;
  gsize length = 0;

  return g_file_get_contents (path, &line, &length, NULL) &&
         length > sizeof CRASH_OUTLIVES && g_str_equal (line, soak_get_child ()) &&
         g_str_equal (line + length - sizeof CRASH_OUTLIVES, CRASH_OUTLIVES);
}

static void
reap (CrashOrphans *self)
{
  int status;

  while (waitpid (-1, &status, WNOHANG) > 0)
    {
      /* 127: it found its parent gone before its program ran. SIGPIPE: it was about to say that
       * it is up, and the pipes of a parent end a moment before the parent does. */
      soak_check (WIFEXITED (status)
                    ? WEXITSTATUS (status) == 127
                    : WTERMSIG (status) == SIGKILL || WTERMSIG (status) == SIGPIPE);
      self->n_exited += WIFEXITED (status);
      self->n_killed += WIFSIGNALED (status);
    }
}

static void
wait_a_moment (int pid)
{
  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  struct pollfd poller = { .fd = pidfd, .events = POLLIN };

  if (pidfd < 0)
    return;
  poll (&poller, 1, LOOK_AGAIN);
  close (pidfd);
}

CrashOrphans *
crash_orphans_wait (void)
{
  CrashOrphans *self = g_new0 (CrashOrphans, 1);
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (int));
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  guint n_waited;

  self->outliving = g_array_new (FALSE, FALSE, sizeof (int));
  do
    {
      soak_check (g_get_monotonic_time () < deadline);
      reap (self);
      list_children (pids);
      g_array_set_size (self->outliving, 0);
      n_waited = 0;
      for (guint i = 0; i < pids->len; i++)
        {
          int pid = g_array_index (pids, int, i);

          if (outlives (pid))
            g_array_append_val (self->outliving, pid);
          else if (n_waited++ == 0)
            wait_a_moment (pid);
        }
    }
  while (n_waited > 0);
  return self;
}

gboolean
crash_orphans_have (CrashOrphans *self, int pid)
{
  for (guint i = 0; i < self->outliving->len; i++)
    if (g_array_index (self->outliving, int, i) == pid)
      return TRUE;
  return FALSE;
}

void
crash_orphans_end (CrashOrphans *self)
{
  for (guint i = 0; i < self->outliving->len; i++)
    {
      int pid = g_array_index (self->outliving, int, i), status;

      soak_check (kill (pid, SIGKILL) == 0);
      soak_check (waitpid (pid, &status, 0) == pid);
      /* Nothing had ended it before. */
      soak_check (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    }
  g_array_unref (self->outliving);
  g_free (self);
}
