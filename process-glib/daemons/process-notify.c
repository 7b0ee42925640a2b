/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-notify-private.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib-unix.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* How it works
 *
 * A socket is made for each state, and not kept: the manager may have been started anew, with
 * another socket at the same address. Only while its queue is full, the socket that found it so is
 * kept, because a connected one can be polled for room; states that come meanwhile queue up behind.
 */

struct _ProcessNotify
{
  GMainContext       *context; /* (owned) */
  char               *name;    /* (owned), the address for messages */
  struct sockaddr_un  address;
  socklen_t           length;
  GQueue              pending; /* of (owned) strings */
  ProcessFd           fd;      /* while there are pending ones */
  GSource            *source;  /* (owned) (nullable), likewise */
};

static gboolean
set_address (ProcessNotify  *self,
             const char     *address,
             GError        **error)
{
  gsize length = strlen (address);
  gboolean abstract = address[0] == '@';

  if (!abstract && address[0] != '/')
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The notification socket “%s” is neither an absolute path nor an abstract name",
                   self->name);
      return FALSE;
    }

  /* An abstract name is not closed by a NUL, but needs more than the one that begins it. */
  if (length < 2 || length + !abstract > sizeof self->address.sun_path)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The notification socket “%s” has no address of a usable length", self->name);
      return FALSE;
    }

  self->address.sun_family = AF_UNIX;
  memcpy (self->address.sun_path, address, length);
  if (abstract)
    self->address.sun_path[0] = '\0';
  self->length = offsetof (struct sockaddr_un, sun_path) + length + !abstract;

  return TRUE;
}

ProcessNotify *
_process_notify_new (GMainContext  *context,
                     const char    *address,
                     GError       **error)
{
  g_autoptr (ProcessNotify) self = g_new0 (ProcessNotify, 1);

  self->context = g_main_context_ref (context);
  self->name = _process_make_valid (address, -1);
  self->fd = -1;

  return set_address (self, address, error) ? g_steal_pointer (&self) : NULL;
}

static void
stop_waiting (ProcessNotify *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  process_fd_clear (&self->fd);
  g_queue_clear_full (&self->pending, g_free);
}

/* FALSE with errno. */
static gboolean
open_socket (ProcessNotify *self,
             ProcessFd     *fd)
{
  *fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  return *fd >= 0 && connect (*fd, (struct sockaddr *) &self->address, self->length) == 0;
}

/* FALSE with errno. */
static gboolean
send_state (int         fd,
            const char *state)
{
  gssize n;

  do
    n = send (fd, state, strlen (state), MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  return n >= 0;
}

static void
send_pending (ProcessNotify *self)
{
  while (!g_queue_is_empty (&self->pending))
    {
      if (!send_state (self->fd, g_queue_peek_head (&self->pending)))
        break;
      g_free (g_queue_pop_head (&self->pending));
    }

  /* Whatever else is wrong, nobody will read the rest. */
  if (g_queue_is_empty (&self->pending) || errno != EAGAIN)
    stop_waiting (self);
}

static gboolean
writable_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  send_pending (user_data);

  return G_SOURCE_CONTINUE;
}

static void
wait_for_room (ProcessNotify *self,
               ProcessFd     *fd,
               const char    *state)
{
  self->fd = process_fd_steal (fd);
  g_queue_push_tail (&self->pending, g_strdup (state));
  self->source = g_unix_fd_source_new (self->fd, G_IO_OUT);
  g_source_set_static_name (self->source, "[process-glib] notify");
  g_source_set_callback (self->source, G_SOURCE_FUNC (writable_cb), self, NULL);
  g_source_attach (self->source, self->context);
}

gboolean
_process_notify_send (ProcessNotify  *self,
                      const char     *state,
                      GError        **error)
{
  g_auto (ProcessFd) fd = -1;

  if (_process_notify_is_pending (self))
    {
      g_queue_push_tail (&self->pending, g_strdup (state));
      return TRUE;
    }

  if (open_socket (self, &fd) && send_state (fd, state))
    return TRUE;

  if (fd >= 0 && errno == EAGAIN)
    {
      wait_for_room (self, &fd, state);
      return TRUE;
    }

  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               "“%s” cannot be sent to the notification socket “%s”: %s", state, self->name,
               g_strerror (saved_errno));
  return FALSE;
}

gboolean
_process_notify_is_pending (ProcessNotify *self)
{
  return !g_queue_is_empty (&self->pending);
}

void
_process_notify_free (ProcessNotify *self)
{
  if (_process_notify_is_pending (self))
    send_pending (self);
  stop_waiting (self);
  g_main_context_unref (self->context);
  g_free (self->name);
  g_free (self);
}

static guint64
parse_number (const char *text)
{
  guint64 number = 0;

  return g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &number, NULL) ? number : 0;
}

gint64
_process_notify_parse_watchdog (const char *usec,
                                const char *pid)
{
  if (usec == NULL || (pid != NULL && parse_number (pid) != (guint64) getpid ()))
    return 0;

  return (gint64) (parse_number (usec) + 1) / 2;
}
