/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In bytes: of a head with its empty lines, and of the target in it. */
#define PROCESS_HTTP_MAX_HEAD 8192
#define PROCESS_HTTP_MAX_TARGET 2048

typedef enum
{
  PROCESS_HTTP_MORE,    /* the head is not complete yet */
  PROCESS_HTTP_DONE,    /* a request to be answered */
  PROCESS_HTTP_REFUSED, /* to be answered with `status`, and the connection closed */
} ProcessHttpState;

typedef enum
{
  PROCESS_HTTP_GET,
  PROCESS_HTTP_HEAD,
  PROCESS_HTTP_OTHER, /* any other token */
} ProcessHttpMethod;

/* Within the bytes that were read. */
typedef struct
{
  guint16 offset;
  guint16 length;
} ProcessHttpSpan;

typedef struct
{
  /* Of DONE. What comes after `length` bytes is the next request. */
  gsize             length;
  ProcessHttpMethod method;     /* of REFUSED too, when it was read */
  ProcessHttpSpan   path;       /* of the target, "/" when an absolute-form has none */
  ProcessHttpSpan   query;      /* without "?", maybe empty */
  ProcessHttpSpan   host;       /* of the target if it has one, else of Host; without port, [v6] in
                                 * brackets; empty if there is none (HTTP/1.0) or it is empty */
  guint8            minor;      /* of the version: 0, or 1 for HTTP/1.1 and above */
  gboolean          keep_alive; /* RFC 9112 section 9.3 */
  gboolean          wants_json; /* Accept names application/health+json or application/json with
                                 * a weight above 0 and not below that of text/plain */

  /* Of REFUSED: 400, 413, 414, 431 or 505. */
  guint             status;

  /* Where the parser stands. */
  guint16           at;         /* the next byte to be looked at */
  guint16           start;      /* of the element that is being read */
  guint8            step;
  guint8            field;
  guint8            n_empty_lines;
  guint16           seen;
  gint16            weights[4]; /* of media ranges in thousandths, -1 for not named */
} ProcessHttpRequest;

void             _process_http_request_init  (ProcessHttpRequest *self);

/* Reads a head as far as it has come: @data is always everything since the first byte of this
 * request, however it came in pieces, and @length only grows. Looks at no more than
 * PROCESS_HTTP_MAX_HEAD bytes, and goes on where it stopped. What is wrong is refused as soon as it
 * is certain; a field's value is judged at the end of its line. */
ProcessHttpState _process_http_request_parse (ProcessHttpRequest *self,
                                              const char         *data,
                                              gsize               length);

/* Whether @host, as a request has it, may be asked for over the loopback interface without anyone
 * having rebound a name: an IP literal, localhost, or @name, which may be NULL. */
gboolean         _process_http_host_is_local (const char         *host,
                                              gsize               length,
                                              const char         *name);

/* Whether @query has the pair @key=@value, decoded; a @value of NULL stands for any or none. */
gboolean         _process_http_query_has     (const char         *query,
                                              gsize               length,
                                              const char         *key,
                                              const char         *value);

G_END_DECLS
