/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

/* g_unix_signal_add() does not say where a signal came from, but that decides whether the child
 * has had it already: what is typed at a terminal goes to every process of its foreground group.
 * So the handler writes both through a pipe to the main loop. */

typedef struct
{
  int      signum;
  gboolean from_terminal;
} Arrival;

typedef struct
{
  ToolSignalFunc func;
  gpointer       user_data;
} Watch;

static int arrivals_fd = -1;

static void
handle_signal (int signum, siginfo_t *info, void *context)
{
  Arrival arrival = { signum, info->si_code == SI_KERNEL };
  int saved_errno = errno;
  ssize_t n = write (arrivals_fd, &arrival, sizeof arrival);

  /* A full pipe already holds thousands of them. */
  (void) n;
  errno = saved_errno;
}

static gboolean
arrived_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Watch *watch = user_data;
  Arrival arrival;

  if (read (fd, &arrival, sizeof arrival) == sizeof arrival)
    watch->func (arrival.signum, arrival.from_terminal, watch->user_data);
  return G_SOURCE_CONTINUE;
}

/* What the caller of this program ignores (nohup does, and a shell for what it runs in the
 * background) stays ignored. */
static void
install_handler (int signum)
{
  struct sigaction action = { 0 };

  if (sigaction (signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
    return;
  sigemptyset (&action.sa_mask);
  action.sa_sigaction = handle_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction (signum, &action, NULL);
}

/* Calls @func in the main context, from now until the program ends; can be asked for once. */
void
tool_watch_signals (const int *signums, gsize n_signums, ToolSignalFunc func, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  Watch *watch = g_new (Watch, 1);
  int fds[2];

  g_assert (arrivals_fd == -1);
  if (!g_unix_open_pipe (fds, FD_CLOEXEC, &error) ||
      !g_unix_set_fd_nonblocking (fds[0], TRUE, &error) ||
      !g_unix_set_fd_nonblocking (fds[1], TRUE, &error))
    g_error ("%s", error->message);

  *watch = (Watch) { func, user_data };
  arrivals_fd = fds[1];
  g_unix_fd_add_full (G_PRIORITY_HIGH, fds[0], G_IO_IN, arrived_cb, watch, g_free);
  for (gsize i = 0; i < n_signums; i++)
    install_handler (signums[i]);
}
