/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

G_BEGIN_DECLS

/* A descriptor that is closed at the end of its scope; GLib has g_autofd from 2.76 on. */
typedef int ProcessFd;

static inline void
process_fd_close (ProcessFd fd)
{
  close (fd);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (ProcessFd, process_fd_close, -1)

/* A signal that comes meanwhile is no reason to give up: on some file systems these wait. */
static inline int
process_fd_open (int folder, const char *path, int flags, mode_t mode)
{
  int fd;

  do
    fd = openat (folder, path, flags, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

static inline int
process_fd_sync (int fd)
{
  int answer;

  do
    answer = fsync (fd);
  while (answer < 0 && errno == EINTR);
  return answer;
}

static inline int
process_fd_steal (ProcessFd *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

static inline void
process_fd_clear (ProcessFd *fd)
{
  if (*fd >= 0)
    close (process_fd_steal (fd));
}

G_END_DECLS
