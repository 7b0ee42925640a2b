/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-listener-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <gio/gunixsocketaddress.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-health-address-private.h>

/* How it works
 *
 * A GSocketService makes the sockets, and keeps them. It does not accept from
 * them: when the program is out of descriptors its loop warns and tries again
 * at once, for as long as that lasts. The server accepts, and backs off.
 *
 * A Unix socket that nobody answers was left by a program that died, and is
 * replaced. Two programs that find it at the same time would each replace the
 * other's, so whoever looks has a lock on the folder.
 */

/* Only so many connections wait to be accepted; the system's limit is net.core.somaxconn. */
#define BACKLOG 1024

#define LOCK_ATTEMPTS 50

static void
event_cb (GSocketListener *listener, GSocketListenerEvent event, GSocket *socket, gpointer data)
{
  ProcessHealthListener *self = data;
  int fd = g_socket_get_fd (socket);

  /* A socket's mode becomes that of its file, see unix(7): it never is open to others. */
  if (event == G_SOCKET_LISTENER_BINDING && g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX)
    (void) !fchmod (fd, 0600);
  if (event != G_SOCKET_LISTENER_LISTENED)
    return;
  /* An answer may not wait for the client to confirm the one before. Connections inherit it. */
  if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_ptr_array_add (self->sockets, g_object_ref (socket));
}

static gboolean
add_address (ProcessHealthListener *self, GSocketAddress *address, GSocketAddress **effective,
             GError **error)
{
  return g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                        G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                        effective, error);
}

static gboolean
listen_any (ProcessHealthListener *self, guint16 port, GError **error)
{
  GSocketListener *listener = G_SOCKET_LISTENER (self->service);

  if (port == 0)
    port = g_socket_listener_add_any_inet_port (listener, NULL, error);
  else if (!g_socket_listener_add_inet_port (listener, port, NULL, error))
    port = 0;
  self->address = _process_health_address_format (PROCESS_HEALTH_ADDRESS_ANY, NULL, port);
  return port != 0;
}

/* An IPv4 address comes first, as that is what "localhost" means to most clients. */
static GInetAddress *
look_up (const char *host, GError **error)
{
  GInetAddress *literal = g_inet_address_new_from_string (host);
  g_autoptr (GResolver) resolver = NULL;
  GList *found;
  GInetAddress *address = NULL;

  if (literal != NULL)
    return literal;
  resolver = g_resolver_get_default ();
  found = g_resolver_lookup_by_name (resolver, host, NULL, error);
  for (GList *link = found; link != NULL; link = link->next)
    if (address == NULL ||
        (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
         g_inet_address_get_family (link->data) == G_SOCKET_FAMILY_IPV4))
      address = link->data;
  if (address != NULL)
    g_object_ref (address);
  g_resolver_free_addresses (found);
  return address;
}

static gboolean
listen_host (ProcessHealthListener *self, const char *host, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) inet = look_up (host, error);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketAddress) effective = NULL;
  g_autofree char *bound = NULL;

  if (inet == NULL)
    return FALSE;
  address = g_inet_socket_address_new (inet, port);
  if (!add_address (self, address, &effective, error))
    return FALSE;
  bound = g_inet_address_to_string (inet);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->address = _process_health_address_format (PROCESS_HEALTH_ADDRESS_HOST, bound, port);
  self->local = g_inet_address_get_is_loopback (inet);
  self->name = g_strdup (host);
  return TRUE;
}

/* A lock of the folder, or -1 where there is none to be had. */
static ProcessFd
lock_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  ProcessFd fd = process_fd_open (AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  for (int i = 0; fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0 && i < LOCK_ATTEMPTS; i++)
    g_usleep (1000);
  return fd;
}

/* Whether somebody listens there, or might. */
static gboolean
is_answered (const char *path)
{
  g_auto (ProcessFd) fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  return fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) == 0 ||
         errno != ECONNREFUSED;
}

/* What is no socket stays, and listening there fails. */
static void
remove_stale (const char *path)
{
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISSOCK (status.st_mode) && !is_answered (path))
    unlink (path);
}

static gboolean
listen_unix (ProcessHealthListener *self, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_auto (ProcessFd) lock G_GNUC_UNUSED = lock_folder (path);
  struct stat status;

  remove_stale (path);
  if (!add_address (self, address, NULL, error))
    return FALSE;
  if (lstat (path, &status) != 0)
    {
      int problem = errno;

      /* Nobody could tell later that it is ours; while the folder is locked it is. */
      unlink (path);
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (problem),
                           g_strerror (problem));
      return FALSE;
    }
  self->path = g_strdup (path);
  self->device = status.st_dev;
  self->inode = status.st_ino;
  self->address = _process_health_address_format (PROCESS_HEALTH_ADDRESS_UNIX, path, 0);
  return TRUE;
}

static gboolean
listen_at (ProcessHealthListener *self, const ProcessHealthAddress *address, GError **error)
{
  switch (address->kind)
    {
    case PROCESS_HEALTH_ADDRESS_ANY:
      return listen_any (self, address->port, error);
    case PROCESS_HEALTH_ADDRESS_UNIX:
      return listen_unix (self, address->host, error);
    case PROCESS_HEALTH_ADDRESS_HOST:
    default:
      return listen_host (self, address->host, address->port, error);
    }
}

ProcessHealthListener *
_process_health_listener_new (const char *address, GError **error)
{
  g_autoptr (ProcessHealthAddress) parsed = _process_health_address_parse (address, error);
  g_autoptr (ProcessHealthListener) self = NULL;

  if (parsed == NULL)
    return NULL;
  self = g_new0 (ProcessHealthListener, 1);
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->service = g_object_new (G_TYPE_SOCKET_SERVICE, "active", FALSE,
                                "listen-backlog", BACKLOG, NULL);
  g_signal_connect (self->service, "event", G_CALLBACK (event_cb), self);
  if (!listen_at (self, parsed, error))
    {
      g_prefix_error (error, "Cannot listen on “%s”: ", address);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Of a Unix socket only the file that we made is removed. */
void
_process_health_listener_free (ProcessHealthListener *self)
{
  struct stat status;

  if (self->path != NULL)
    {
      g_auto (ProcessFd) lock G_GNUC_UNUSED = lock_folder (self->path);

      if (lstat (self->path, &status) == 0 && status.st_dev == self->device &&
          status.st_ino == self->inode)
        unlink (self->path);
    }
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_ptr_array_unref (self->sockets);
  g_free (self->address);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}
