/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <process-glib/process-text-private.h>

/* How a signal cannot reach a stranger
 *
 * A number may be another process's by the time it is used. A pidfd names the
 * child whatever becomes of its number, also after the child was reaped, and
 * from Linux 6.9 on it names the child's process group as well.
 *
 * Before that, the members are looked up in /proc, and each gets a pidfd of
 * its own, whose group is then looked up once more. A group that is not empty
 * keeps its number from being given away; that ours has not been emptied and
 * its number given to somebody new is seen from the new one's leader.
 */

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1 << 2)
#endif

static int
send_by_pidfd (int pidfd, int signum, guint flags)
{
  return syscall (SYS_pidfd_send_signal, pidfd, signum, NULL, flags) == 0 ? 0 : errno;
}

/* What keeps us from looking, and tells nothing of what is there. */
static const int obstacles[] = { EMFILE, ENFILE, ENOMEM, EIO, EINTR };

static gboolean
is_obstacle (int problem)
{
  for (gsize i = 0; i < G_N_ELEMENTS (obstacles); i++)
    if (obstacles[i] == problem)
      return TRUE;
  return FALSE;
}

/* Why something in /proc cannot be read: an obstacle, or ESRCH. */
static int
get_reason (const GError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (obstacles); i++)
    if (error->code == (int) g_file_error_from_errno (obstacles[i]))
      return obstacles[i];
  return ESRCH;
}

/* Fields 3 and 5 of proc_pid_stat(5), behind the name, which may hold anything.
 * Returns 0, ESRCH when there is no such process, or why that cannot be told. */
static int
read_stat (int pid, char *state, int *group)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;
  g_autoptr (GError) error = NULL;
  const char *rest;
  int parent;

  if (!g_file_get_contents (path, &stat, NULL, &error))
    return get_reason (error);
  rest = strrchr (stat, ')');
  return rest != NULL && sscanf (rest + 1, " %c %d %d", state, &parent, group) == 3 ? 0 : ESRCH;
}

/* These set @problem, and say no, when it cannot be told. */
static gboolean
is_member (int pid, int group, int *problem)
{
  char state;
  int its_group;
  int answer = read_stat (pid, &state, &its_group);

  if (is_obstacle (answer))
    *problem = answer;
  return answer == 0 && its_group == group && state != 'Z' && state != 'X';
}

static GArray *
list_members (int group, int *problem)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, &error);
  const char *name;

  if (dir == NULL && is_obstacle (get_reason (error)))
    *problem = get_reason (error);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      int pid = g_ascii_isdigit (*name) ? atoi (name) : 0;

      if (pid > 0 && is_member (pid, group, problem))
        g_array_append_val (members, pid);
    }
  return members;
}

/* A process of that number can only be somebody new once GLib has reaped ours. */
static gboolean
is_number_taken (ProcessManagedProcess *self, int *problem)
{
  char state;
  int answer, group;

  if (!self->reaped || _process_life_peek (self, NULL))
    return FALSE;
  answer = read_stat (self->pid, &state, &group);
  if (is_obstacle (answer))
    *problem = answer;
  return answer == 0;
}

static int
signal_member (ProcessManagedProcess *self, int pid, int signum)
{
  g_auto (ProcessFd) pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  int problem = pidfd < 0 ? errno : 0;

  if (problem == 0 && (!is_member (pid, self->pid, &problem) || is_number_taken (self, &problem)))
    return problem != 0 ? problem : ESRCH;
  return problem != 0 ? problem : send_by_pidfd (pidfd, signum, 0);
}

static int
signal_members (ProcessManagedProcess *self, int signum)
{
  g_autoptr (GArray) members = NULL;
  int problem = 0;
  int answer = ESRCH;

  if (is_number_taken (self, &problem))
    return ESRCH;
  members = list_members (self->pid, &problem);
  for (guint i = 0; i < members->len; i++)
    {
      int each = signal_member (self, g_array_index (members, int, i), signum);

      if (each == 0 || (answer != 0 && each != ESRCH))
        answer = each;
    }
  /* To reach the child itself nothing has to be looked up. */
  if (answer != 0 && problem != 0)
    answer = send_by_pidfd (self->pidfd, signum, 0) == 0 ? 0 : problem;
  return answer;
}

/* Where there are no pidfds the number will do until the child is reaped. Where
 * there are, but the child was gone too soon to get one, its members have some;
 * elsewhere none of them is found to have one. */
static int
signal_group (ProcessManagedProcess *self, int signum)
{
  int problem = send_by_pidfd (self->pidfd, signum, PIDFD_SIGNAL_PROCESS_GROUP);

  if (problem != EINVAL && problem != EBADF && problem != ENOSYS)
    return problem;
  if (problem == EINVAL || self->reaped)
    return signal_members (self, signum);
  return kill (-self->pid, signum) == 0 ? 0 : errno;
}

static int
signal_leader (ProcessManagedProcess *self, int signum)
{
  int problem = send_by_pidfd (self->pidfd, signum, 0);

  if (problem != EBADF && problem != ENOSYS)
    return problem;
  if (self->reaped)
    return ESRCH;
  if (signum != 0)
    g_subprocess_send_signal (self->subprocess, signum);
  return 0;
}

gboolean
_process_group_signal (ProcessManagedProcess *self, int signum, GError **error)
{
  int problem = process_run_options_get_kill_group (self->options) ? signal_group (self, signum)
                                                                   : signal_leader (self, signum);
  g_autofree char *name = NULL;

  if (problem == 0)
    return TRUE;
  if (problem == ESRCH)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING, "Process %s (“%s”) has ended",
                   self->id, self->command);
      return FALSE;
    }
  name = _process_signal_name (signum);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
               "Signal %s cannot be sent to process %s (“%s”): %s", name, self->id, self->command,
               g_strerror (problem));
  return FALSE;
}

/* The same, remembering what was sent: an end by such a signal is our doing. */
gboolean
_process_group_send (ProcessManagedProcess *self, int signum, GError **error)
{
  if (!_process_group_signal (self, signum, error))
    return FALSE;
  if (signum > 0)
    self->signals_sent |= G_GUINT64_CONSTANT (1) << (signum - 1);
  return TRUE;
}

/* Whether nothing is left of the group that a signal could be sent to. The
 * number will do to ask: nothing is sent. */
gboolean
_process_group_is_empty (ProcessManagedProcess *self)
{
  return !self->has_group || (kill (-self->pid, 0) < 0 && errno == ESRCH);
}

/* The number may be given away from now on. */
void
_process_group_forget (ProcessManagedProcess *self)
{
  self->has_group = FALSE;
  process_fd_clear (&self->pidfd);
}

/* Since Linux 5.3. */
static gboolean
has_pidfds (void)
{
  static gsize answer;

  if (g_once_init_enter (&answer))
    {
      g_auto (ProcessFd) own = (int) syscall (SYS_pidfd_open, getpid (), 0);

      g_once_init_leave (&answer, own >= 0 || is_obstacle (errno) ? 1 : 2);
    }
  return answer == 1;
}

/* Whether the group has a member that is not just waiting to be reaped; or may
 * have, when there is no room to look. */
gboolean
_process_group_is_alive (ProcessManagedProcess *self)
{
  g_autoptr (GArray) members = NULL;
  int problem = 0;

  if (_process_group_is_empty (self) || is_number_taken (self, &problem) ||
      (self->pidfd < 0 && !has_pidfds ()))
    return FALSE;
  members = list_members (self->pid, &problem);
  return members->len > 0 || problem != 0;
}
