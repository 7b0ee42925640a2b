/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PROCESS_HEALTH_ADDRESS_HOST, /* host and port */
  PROCESS_HEALTH_ADDRESS_ANY,  /* every interface */
  PROCESS_HEALTH_ADDRESS_UNIX, /* a path */
} ProcessHealthAddressKind;

typedef struct
{
  ProcessHealthAddressKind kind;
  char    *host; /* (owned) (nullable): a name, or an IP address without brackets; UNIX: the path */
  guint16  port;
} ProcessHealthAddress;

/* Reads `HOST:PORT`, `[V6]:PORT`, `:PORT` and `PORT` (both 127.0.0.1), `*:PORT` or `unix:PATH`;
 * nothing is looked up. A host is an IP address or a name of RFC 1123, a port is decimal, from 0 to
 * 65535. Fails with PROCESS_ERROR_INVALID_ARGUMENT, quoting @text. */
ProcessHealthAddress *_process_health_address_parse  (const char                *text,
                                                      GError                   **error);

void                  _process_health_address_free   (ProcessHealthAddress      *self);

/* The reverse; only UNIX has no @port, and only ANY no @host. */
char                 *_process_health_address_format (ProcessHealthAddressKind   kind,
                                                      const char                *host,
                                                      guint16                    port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessHealthAddress, _process_health_address_free)

G_END_DECLS
