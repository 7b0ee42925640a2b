/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The sockets that a server listens on. */
typedef struct
{
  GSocketService *service; /* (owned), not active: see the .c */
  GPtrArray      *sockets; /* (owned), of GSocket, each non-blocking */
  char           *address; /* (owned), as bound */
  char           *name;    /* (owned) (nullable), the name that was configured */
  gboolean        local;   /* only this machine can reach them by TCP */
  char           *path;    /* (owned) (nullable), of a Unix socket, and what it is: */
  guint64         device;
  guint64         inode;
} ProcessHealthListener;

/* Fails with PROCESS_ERROR_INVALID_ARGUMENT for what is no address, else with the system's reason.
 * A name is looked up, and that blocks. */
ProcessHealthListener *_process_health_listener_new  (const char             *address,
                                                      GError                **error);
void                   _process_health_listener_free (ProcessHealthListener  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessHealthListener, _process_health_listener_free)

G_END_DECLS
