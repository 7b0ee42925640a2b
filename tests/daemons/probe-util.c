/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "probe-util.h"

#include <string.h>
#include <sys/socket.h>

#include <gio/gunixsocketaddress.h>

typedef struct
{
  ProbeServer     *server;  /* (unowned) */
  const ProbeTurn *turn;
  GSocket         *socket;  /* (owned) */
  GSource         *input;   /* (owned) */
  GSource         *output;  /* (owned) (nullable) */
  GString         *request; /* (owned) */
  gsize            n_sent;
} Peer;

static void
destroy_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
peer_close (Peer *self)
{
  destroy_source (&self->input);
  destroy_source (&self->output);
  g_socket_close (self->socket, NULL);
}

static void
peer_free (gpointer data)
{
  Peer *self = data;

  peer_close (self);
  g_object_unref (self->socket);
  g_string_free (self->request, TRUE);
  g_free (self);
}

static GSource *
watch (GSocket           *socket,
       GIOCondition       condition,
       GSocketSourceFunc  func,
       gpointer           data)
{
  GSource *source = g_socket_create_source (socket, condition, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (func), data, NULL);
  g_source_attach (source, NULL);

  return source;
}

/* The next bytes of the text, and beyond it of what has no end. */
static gssize
peer_send (Peer   *self,
           gsize   at_most)
{
  static char filler[65536];
  gsize length = strlen (self->turn->text);
  const char *next = filler;
  gsize left = sizeof filler;
  gssize n;

  memset (filler, 'x', sizeof filler);
  if (self->n_sent < length)
    {
      next = self->turn->text + self->n_sent;
      left = length - self->n_sent;
    }
  n = g_socket_send (self->socket, next, MIN (left, at_most), NULL, NULL);
  self->n_sent += n > 0 ? (gsize) n : 0;

  return n;
}

static gboolean
send_cb (GSocket      *socket,
         GIOCondition  condition,
         gpointer      user_data)
{
  Peer *self = user_data;
  ProbeManner manner = self->turn->manner;
  gboolean endless = manner == PROBE_FLOOD || manner == PROBE_TRICKLE;

  if ((endless || self->n_sent < strlen (self->turn->text)) &&
      peer_send (self, manner == PROBE_TRICKLE ? 1 : G_MAXSIZE) >= 0)
    return G_SOURCE_CONTINUE;

  if (manner == PROBE_RESET)
    {
      struct linger linger = { .l_onoff = 1 };

      g_assert_no_errno (setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger,
                                     sizeof linger));
    }
  peer_close (self);

  return G_SOURCE_REMOVE;
}

static gboolean
trickle_cb (gpointer user_data)
{
  Peer *self = user_data;

  return send_cb (self->socket, G_IO_OUT, self);
}

static void
peer_answer (Peer *self)
{
  if (self->turn->manner == PROBE_TRICKLE)
    {
      self->output = g_timeout_source_new (1);
      g_source_set_callback (self->output, trickle_cb, self, NULL);
      g_source_attach (self->output, NULL);
    }
  else if (self->turn->manner != PROBE_SILENT)
    {
      self->output = watch (self->socket, G_IO_OUT, send_cb, self);
    }
}

static void
peer_serve (Peer *self)
{
  ProbeServer *server = self->server;

  g_string_assign (server->request, self->request->str);
  server->n_requests++;
  if (self->turn->manner != PROBE_GATHER)
    peer_answer (self);
  else if (server->n_requests == server->gathered)
    for (guint i = 0; i < server->peers->len; i++)
      peer_answer (server->peers->pdata[i]);
}

static gboolean
receive_cb (GSocket      *socket,
            GIOCondition  condition,
            gpointer      user_data)
{
  Peer *self = user_data;
  char buffer[4096];
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

  if (n <= 0)
    {
      self->server->n_closed++;
      peer_close (self);
      return G_SOURCE_REMOVE;
    }

  g_string_append_len (self->request, buffer, n);
  if (g_str_has_suffix (self->request->str, "\r\n\r\n"))
    peer_serve (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
accept_cb (GSocket      *socket,
           GIOCondition  condition,
           gpointer      user_data)
{
  ProbeServer *self = user_data;
  Peer *peer = g_new0 (Peer, 1);

  peer->server = self;
  peer->socket = g_socket_accept (socket, NULL, NULL);
  g_assert_nonnull (peer->socket);
  g_socket_set_blocking (peer->socket, FALSE);
  peer->turn = &self->turns[MIN (self->peers->len, self->n_turns - 1)];
  peer->request = g_string_new (NULL);
  peer->input = watch (peer->socket, G_IO_IN, receive_cb, peer);
  g_ptr_array_add (self->peers, peer);

  return G_SOURCE_CONTINUE;
}

GSocketAddress *
probe_get_loopback (void)
{
  return g_inet_socket_address_new_from_string ("127.0.0.1", 0);
}

GSocket *
probe_bind (GSocketAddress *address)
{
  g_autoptr (GSocketAddress) owned = address;
  GSocket *socket = g_socket_new (g_socket_address_get_family (owned), G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, NULL);

  if (socket == NULL || !g_socket_bind (socket, owned, FALSE, NULL))
    g_clear_object (&socket);

  return socket;
}

char *
probe_get_address (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  g_assert_nonnull (address);
  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_strconcat ("unix:", g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)),
                        NULL);

  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

ProbeServer *
probe_server_new (GSocketAddress  *address,
                  const ProbeTurn *turns,
                  guint            n_turns)
{
  GSocket *socket = probe_bind (address);
  ProbeServer *self;

  if (socket == NULL)
    return NULL;

  self = g_new0 (ProbeServer, 1);
  self->socket = socket;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, 1000);
  g_assert_true (g_socket_listen (socket, NULL));
  self->address = probe_get_address (socket);
  self->turns = turns;
  self->n_turns = n_turns;
  self->peers = g_ptr_array_new_with_free_func (peer_free);
  self->request = g_string_new (NULL);
  self->source = watch (socket, G_IO_IN, accept_cb, self);

  return self;
}

void
probe_server_free (ProbeServer *self)
{
  destroy_source (&self->source);
  g_ptr_array_unref (self->peers);
  g_string_free (self->request, TRUE);
  g_object_unref (self->socket);
  g_free (self->address);
  g_free (self);
}
