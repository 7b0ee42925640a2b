/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "process-glib/daemons/process-http-private.h"

#include <string.h>

#define HOST "Host: localhost\r\n"
#define END "\r\n\r\n"

/* Feeds pieces of @piece bytes, each in a block of its own that ends where the data ends. */
static ProcessHttpState
parse_pieces (ProcessHttpRequest *request,
              const char         *data,
              gsize               length,
              gsize               piece)
{
  ProcessHttpState state = PROCESS_HTTP_MORE;

  _process_http_request_init (request);
  for (gsize n = 0; n < length && state == PROCESS_HTTP_MORE;)
    {
      g_autofree char *block = NULL;

      n = MIN (n + piece, length);
      block = g_memdup2 (data, n);
      state = _process_http_request_parse (request, block, n);
      g_assert_cmpint (_process_http_request_parse (request, block, n), ==, state);
    }

  return state;
}

static void
assert_same_span (ProcessHttpSpan one,
                  ProcessHttpSpan other)
{
  g_assert_cmpuint (one.offset, ==, other.offset);
  g_assert_cmpuint (one.length, ==, other.length);
}

static void
assert_same (const ProcessHttpRequest *one,
             const ProcessHttpRequest *other)
{
  g_assert_cmpuint (one->status, ==, other->status);
  g_assert_cmpuint (one->length, ==, other->length);
  g_assert_cmpint (one->method, ==, other->method);
  assert_same_span (one->path, other->path);
  assert_same_span (one->query, other->query);
  assert_same_span (one->host, other->host);
  g_assert_cmpuint (one->minor, ==, other->minor);
  g_assert_cmpint (one->keep_alive, ==, other->keep_alive);
  g_assert_cmpint (one->wants_json, ==, other->wants_json);
}

static ProcessHttpState
parse_bytes (ProcessHttpRequest *request,
             const char         *data,
             gsize               length)
{
  static const gsize pieces[] = { 1, 2, 3, 7, 64, 1000 };
  ProcessHttpState state = parse_pieces (request, data, length, MAX (length, 1));

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      ProcessHttpRequest other;

      g_assert_cmpint (parse_pieces (&other, data, length, pieces[i]), ==, state);
      assert_same (&other, request);
    }

  return state;
}

static ProcessHttpRequest
parse (const char *text)
{
  ProcessHttpRequest request;
  ProcessHttpState state = parse_bytes (&request, text, strlen (text));

  if (state != PROCESS_HTTP_DONE)
    g_test_message ("state %d, status %u of: %s", state, request.status, text);
  g_assert_cmpint (state, ==, PROCESS_HTTP_DONE);
  g_assert_cmpuint (request.status, ==, 0);

  return request;
}

static void
assert_refused_bytes (const char *data,
                      gsize       length,
                      guint       status)
{
  ProcessHttpRequest request;
  ProcessHttpState state = parse_bytes (&request, data, length);

  if (state != PROCESS_HTTP_REFUSED || request.status != status)
    g_test_message ("state %d, status %u, not %u, of: %.200s", state, request.status, status, data);
  g_assert_cmpint (state, ==, PROCESS_HTTP_REFUSED);
  g_assert_cmpuint (request.status, ==, status);
}

static void
assert_refused (const char *text,
                guint       status)
{
  assert_refused_bytes (text, strlen (text), status);
}

/* At the last byte, and not before. */
static void
assert_refused_at_end (const char *text,
                       guint       status)
{
  ProcessHttpRequest request;
  gsize length = strlen (text);

  g_assert_cmpint (parse_bytes (&request, text, length - 1), ==, PROCESS_HTTP_MORE);
  assert_refused (text, status);
}

static void
assert_span (const char      *text,
             ProcessHttpSpan  span,
             const char      *expected)
{
  g_autofree char *found = NULL;

  g_assert_cmpuint (span.offset + span.length, <=, strlen (text));
  found = g_strndup (text + span.offset, span.length);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_plain (void)
{
  const char *text = "GET /health?verbose&exclude=a HTTP/1.1\r\nHost: localhost:80\r\n"
                     "User-Agent: x\r\n\r\nGET /next";
  ProcessHttpRequest request = parse (text);

  g_assert_cmpint (request.method, ==, PROCESS_HTTP_GET);
  assert_span (text, request.path, "/health");
  assert_span (text, request.query, "verbose&exclude=a");
  assert_span (text, request.host, "localhost");
  g_assert_cmpuint (request.minor, ==, 1);
  g_assert_true (request.keep_alive);
  g_assert_false (request.wants_json);
  g_assert_cmpstr (text + request.length, ==, "GET /next");
}

static void
test_at_once (void)
{
  assert_refused_at_end ("\x16", 400); /* TLS */
  assert_refused_at_end ("GET /x\r", 400);
  assert_refused_at_end ("PRI * HTTP/2.0\r\n", 505);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/http/plain", test_plain);
  g_test_add_func ("/http/at-once", test_at_once);

  return g_test_run ();
}
