/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-identity-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <process-glib/children/process-fd-private.h>

/* The fields of /proc/PID/stat are counted from 1, and the state is the first after the name. */
#define FIELD_STATE 3
#define FIELD_THREADS 20
#define FIELD_START 22

/* What fits of a short file, as a string; files of /proc are read whole at once. */
static gboolean
read_start (const char *path,
            char       *text,
            gsize       size)
{
  g_auto (ProcessFd) fd = process_fd_open (AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  gssize length;

  if (fd < 0)
    return FALSE;

  do
    length = read (fd, text, size - 1);
  while (length < 0 && errno == EINTR);

  if (length <= 0)
    return FALSE;

  text[length] = '\0';

  return TRUE;
}

/* Field @number of /proc/PID/stat, with those after it, or "" if it is not to be had. */
static const char *
read_field (pid_t  pid,
            int    number,
            char  *text,
            gsize  size)
{
  char path[32];
  const char *field;

  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  if (pid <= 0 || !read_start (path, text, size))
    return "";

  /* The name is the process's own choice and may have spaces and parentheses. */
  field = strrchr (text, ')');
  for (int i = FIELD_STATE; i <= number && field != NULL; i++)
    field = strchr (field + 1, ' ');

  return field != NULL ? field + 1 : "";
}

/* The first thread is a zombie already when it ends before the others. */
static gboolean
has_ended (pid_t pid)
{
  char text[1024];

  return read_field (pid, FIELD_STATE, text, sizeof text)[0] == 'Z' &&
         atoi (read_field (pid, FIELD_THREADS, text, sizeof text)) <= 1;
}

guint64
_process_identity_get_start_ticks (pid_t pid)
{
  char text[1024];

  return g_ascii_strtoull (read_field (pid, FIELD_START, text, sizeof text), NULL, 10);
}

gint64
_process_identity_get_start_time (pid_t pid)
{
  guint64 ticks = _process_identity_get_start_ticks (pid);
  guint64 per_second = (guint64) sysconf (_SC_CLK_TCK);

  if (ticks == 0)
    return -1;

  return _process_identity_get_boot_time () +
         (gint64) (ticks / per_second * G_USEC_PER_SEC) +
         (gint64) (ticks % per_second * G_USEC_PER_SEC / per_second);
}

gint64
_process_identity_get_boot_time (void)
{
  struct timespec since_boot;

  /* Goes on while the machine sleeps, as the clock of the ticks does. */
  clock_gettime (CLOCK_BOOTTIME, &since_boot);

  return g_get_real_time () -
         (gint64) since_boot.tv_sec * G_USEC_PER_SEC - since_boot.tv_nsec / 1000;
}

const char *
_process_identity_get_boot_id (void)
{
  static GMutex lock;
  static char boot_id[40];
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);

  /* Once it could be read it stays; when it could not, the next time may do better. */
  if (boot_id[0] == '\0' &&
      read_start ("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id))
    g_strchomp (boot_id);

  return boot_id[0] != '\0' ? boot_id : NULL;
}

gboolean
_process_identity_exists (pid_t pid)
{
  g_auto (ProcessFd) pidfd = -1;

  if (pid <= 0)
    return FALSE;

  pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  if (pidfd >= 0)
    {
      struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

      /* Readable when the last thread has ended. */
      return poll (&poll_fd, 1, 0) <= 0;
    }

  if (errno == ESRCH || errno == EINVAL || errno == ENOENT)
    return FALSE;

  /* For want of descriptors, or in an older kernel, which does not tell threads apart. */
  return (kill (pid, 0) == 0 || errno == EPERM) && !has_ended (pid);
}

gboolean
_process_identity_is_same (pid_t       pid,
                           guint64     start_ticks,
                           const char *boot_id)
{
  const char *our_boot_id = _process_identity_get_boot_id ();

  if (boot_id != NULL && our_boot_id != NULL && g_strcmp0 (boot_id, our_boot_id) != 0)
    return FALSE;

  if (start_ticks != 0)
    {
      guint64 ticks = _process_identity_get_start_ticks (pid);

      if (ticks != 0 && ticks != start_ticks)
        return FALSE;
    }

  /* Last, because a process that ended meanwhile has no ticks either. */
  return _process_identity_exists (pid);
}
