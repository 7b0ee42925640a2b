/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

G_BEGIN_DECLS

/* How a server behaves that has read a request. */
typedef enum
{
  PROBE_ANSWER,  /* sends the text, and closes */
  PROBE_SILENT,  /* nothing */
  PROBE_RESET,   /* sends the text, and resets the connection */
  PROBE_FLOOD,   /* sends the text, then more for ever, as fast as it is taken */
  PROBE_TRICKLE, /* sends the text and more for ever, byte by byte */
  PROBE_GATHER,  /* answers with the text when as many have asked as `gathered` says */
} ProbeManner;

typedef struct
{
  ProbeManner  manner;
  const char  *text;
} ProbeTurn;

/* A server of raw bytes in the default context. The nth connection gets the nth turn, those
 * beyond get the last one. */
typedef struct
{
  GSocket         *socket;     /* (owned) */
  GSource         *source;     /* (owned) */
  char            *address;    /* (owned) */
  const ProbeTurn *turns;
  guint            n_turns;
  guint            gathered;

  GPtrArray       *peers;      /* (owned) */
  GString         *request;    /* (owned), the last one */
  guint            n_requests;
  guint            n_closed;   /* connections of which the other end is gone */
} ProbeServer;

ProbeServer *probe_server_new    (GSocketAddress  *address,
                                  const ProbeTurn *turns,
                                  guint            n_turns);
void         probe_server_free   (ProbeServer     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProbeServer, probe_server_free)

/* On 127.0.0.1; the turns must be an array. */
#define probe_server(turns) \
  probe_server_new (probe_get_loopback (), turns, G_N_ELEMENTS (turns))

/* Any port of it. */
GSocketAddress *probe_get_loopback (void);

/* A socket that is bound, and does not listen unless told to. */
GSocket        *probe_bind         (GSocketAddress  *address);
char           *probe_get_address  (GSocket         *socket);

G_END_DECLS
