/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* How long a reader may take nothing once we are in a hurry. */
#define PATIENCE_MS 1000

/* poll() promises that a pipe takes this much at once; with more write() could block for good. */
#define PIECE PIPE_BUF

/* Waits as long as it takes, until there is something to read from @hurry_fd. */
static gboolean
wait_until_writable (int fd, int hurry_fd)
{
  struct pollfd fds[] = { { .fd = fd, .events = POLLOUT }, { .fd = hurry_fd, .events = POLLIN } };
  int n;

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    if (errno != EINTR)
      return FALSE;
  if (fds[0].revents != 0)
    return TRUE; /* also an error, which write() will tell */

  do
    n = poll (fds, 1, PATIENCE_MS);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    errno = ETIMEDOUT;
  return n > 0;
}

gboolean
tool_write_all (int fd, const void *data, gsize length, int hurry_fd)
{
  const char *next = data;

  while (length > 0)
    {
      ssize_t n;

      if (!wait_until_writable (fd, hurry_fd))
        return FALSE;
      n = write (fd, next, MIN (length, PIECE));
      if (n >= 0)
        {
          next += n;
          length -= (gsize) n;
        }
      else if (errno != EINTR && errno != EAGAIN)
        return FALSE;
    }
  return TRUE;
}
