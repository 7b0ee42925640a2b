/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

/* A service manager's side of sd_notify(3), which reads when it is told to. */
typedef struct
{
  char    *folder;  /* (owned) */
  char    *address; /* (owned), for $NOTIFY_SOCKET */
  GSocket *socket;  /* (owned) (nullable) */
} Manager;

static inline void
manager_open (Manager *self)
{
  gboolean abstract = self->address[0] == '@';
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  address = g_unix_socket_address_new_with_type (
    self->address + abstract, -1,
    abstract ? G_UNIX_SOCKET_ADDRESS_ABSTRACT : G_UNIX_SOCKET_ADDRESS_PATH);
  self->socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
}

static inline void
manager_close (Manager *self)
{
  g_clear_object (&self->socket);
  g_unlink (self->address);
}

static inline Manager *
manager_new (gboolean abstract)
{
  Manager *self = g_new0 (Manager, 1);
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("notify-XXXXXX", &error);
  g_assert_no_error (error);
  /* The folder's name makes an abstract one unique, too. */
  self->address = g_strconcat (abstract ? "@" : "", self->folder, "/socket", NULL);
  manager_open (self);

  return self;
}

static inline void
manager_free (Manager *self)
{
  manager_close (self);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->address);
  g_free (self->folder);
  g_free (self);
}

/* NULL: nothing has come. */
static inline char *
manager_read (Manager *self)
{
  char buffer[256];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return NULL;

  g_assert_no_error (error);
  return g_strndup (buffer, n);
}

static inline void
manager_skip (Manager *self)
{
  for (;;)
    {
      g_autofree char *state = manager_read (self);

      if (state == NULL)
        return;
    }
}

static inline void
manager_assert_silent (Manager *self)
{
  g_autofree char *state = manager_read (self);

  g_assert_cmpstr (state, ==, NULL);
}

/* Runs the main loop until a state comes. */
static inline char *
manager_wait (Manager *self)
{
  char *state = manager_read (self);

  while (state == NULL)
    {
      g_autoptr (GSource) source = g_socket_create_source (self->socket, G_IO_IN, NULL);

      g_source_set_dummy_callback (source);
      g_source_attach (source, NULL);
      g_main_context_iteration (NULL, TRUE);
      g_source_destroy (source);
      state = manager_read (self);
    }

  return state;
}

static inline void
manager_expect (Manager    *self,
                const char *expected)
{
  g_autofree char *state = manager_wait (self);

  g_assert_cmpstr (state, ==, expected);
}
