/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The whole health server at the other end of a socket. The first byte says how the rest of them
 * is sent to it. All of its answers have to be well-formed, and those that the parser alone, which
 * has fuzz-http, would lead to. */

#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include <process-glib/daemons/process-health-connection-private.h>
#include <process-glib/daemons/process-http-private.h>

/* More turns of the main loop than any input can give reason for. */
#define PATIENCE 1000000

typedef struct
{
  GMainContext        *context;
  ProcessHealthServer *server; /* that the checks belong to; it does not run */
  ProcessReactor      *reactor;
  ProcessHealthChecks *checks;
  ProcessHealthDesk    desk;
} World;

static gboolean
pass_cb (gpointer data, GError **error)
{
  return TRUE;
}

static gboolean
fail_cb (gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "“Bad”\n");
  return FALSE;
}

static gboolean
answer_cb (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* A turn later. */
static void
late_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_task_attach_source (task, source, G_SOURCE_FUNC (answer_cb));
}

static void
add (World *self, const char *name, ProcessHealthCheckFunc func,
     ProcessHealthAsyncCheckFunc async_func)
{
  g_assert_cmpuint (_process_health_checks_add (self->checks, name, func, async_func, 0, NULL, NULL,
                                                NULL),
                    >, 0);
}

static World *
get_world (void)
{
  static World *self;

  if (self != NULL)
    return self;
  self = g_new0 (World, 1);
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->server = process_health_server_new (NULL);
  self->reactor = _process_reactor_new ();
  _process_reactor_lock (self->reactor);
  g_assert_true (_process_reactor_open (self->reactor));
  self->checks = _process_health_checks_new (self->server, self->reactor, self->context);
  add (self, "a", pass_cb, NULL);
  add (self, "b", fail_cb, NULL);
  add (self, "l", NULL, late_cb);
  _process_health_desk_init (&self->desk, self->reactor, self->checks, NULL, NULL);
  self->desk.name = g_strdup ("db.example");
  _process_reactor_unlock (self->reactor);
  return self;
}

/* Sends all of @data in pieces, and returns all that comes until the end. */
static GString *
converse (World *self, const guint8 *data, gsize size, gsize piece)
{
  GString *answers = g_string_new (NULL);
  int fds[2];
  gsize sent = 0;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
  _process_reactor_lock (self->reactor);
  _process_health_desk_serve (&self->desk, fds[1]);
  _process_reactor_unlock (self->reactor);
  for (guint i = 0;; i++)
    {
      char block[4096];
      gssize n = recv (fds[0], block, sizeof block, 0);

      g_assert_cmpuint (i, <, PATIENCE);
      if (n > 0)
        g_string_append_len (answers, block, n);
      else if (n == 0 || errno != EAGAIN)
        break;
      if (sent < size)
        n = send (fds[0], data + sent, MIN (piece, size - sent), MSG_NOSIGNAL);
      else
        n = shutdown (fds[0], SHUT_WR);
      if (sent < size && n > 0)
        sent += (gsize) n;
      g_main_context_iteration (self->context, FALSE);
    }
  close (fds[0]);
  /* One that was refused may wait for that. */
  for (guint i = 0; self->desk.connections.length > 0; i++)
    {
      g_assert_cmpuint (i, <, PATIENCE);
      g_main_context_iteration (self->context, FALSE);
    }
  g_assert_cmpuint (self->desk.n_turned_away, ==, 0);
  return answers;
}

/* What a request comes to */

typedef struct
{
  guint    status;
  gboolean head_only;
  gboolean json;
  gboolean close;
} Expected;

static gboolean
is_path (const ProcessHttpRequest *request, const char *data, const char *path)
{
  return request->path.length == strlen (path) &&
         memcmp (data + request->path.offset, path, strlen (path)) == 0;
}

static gboolean
is_misdirected (const World *self, const ProcessHttpRequest *request, const char *data)
{
  const ProcessHttpSpan *host = &request->host;

  return self->desk.local && (host->length > 0 || request->minor > 0) &&
         !_process_http_host_is_local (data + host->offset, host->length, self->desk.name);
}

static Expected
expect_answer (const World *self, const ProcessHttpRequest *request, const char *data)
{
  Expected expected = {
    .status = 200,
    .head_only = request->method == PROCESS_HTTP_HEAD,
    .close = !request->keep_alive,
  };
  gboolean ready = is_path (request, data, "/ready") || is_path (request, data, "/readyz");

  if (is_misdirected (self, request, data))
    {
      expected.status = 421;
      expected.close = TRUE;
    }
  else if (!ready && !is_path (request, data, "/health") && !is_path (request, data, "/livez"))
    expected.status = 404;
  else if (request->method == PROCESS_HTTP_OTHER)
    expected.status = 405;
  else
    {
      expected.json = request->wants_json;
      if (!ready && !_process_http_query_has (data + request->query.offset,
                                              request->query.length, "exclude", "b"))
        expected.status = 503;
    }
  return expected;
}

/* FALSE when there is nothing more to be answered. */
static gboolean
take_request (const World *self, const char **data, gsize *size, Expected *expected)
{
  ProcessHttpRequest request;

  _process_http_request_init (&request);
  switch (_process_http_request_parse (&request, *data, *size))
    {
    case PROCESS_HTTP_DONE:
      *expected = expect_answer (self, &request, *data);
      *data += request.length;
      *size -= request.length;
      return TRUE;
    case PROCESS_HTTP_REFUSED:
      *expected = (Expected) { request.status, request.method == PROCESS_HTTP_HEAD, FALSE, TRUE };
      return TRUE;
    case PROCESS_HTTP_MORE:
    default:
      return FALSE;
    }
}

/* Moves what it takes off @text. */
static void
take_text (const char **text, const char *expected)
{
  g_assert_true (g_str_has_prefix (*text, expected));
  *text += strlen (expected);
}

static guint64
take_number (const char **text)
{
  char *end;
  guint64 number = g_ascii_strtoull (*text, &end, 10);

  g_assert_true (end > *text && g_ascii_isdigit (**text));
  *text = end;
  return number;
}

static void
check_body (const char *body, gsize length, gboolean json)
{
  g_autoptr (JsonParser) parser = NULL;

  g_assert_cmpuint (length, >, 0);
  g_assert_cmpint (body[length - 1], ==, '\n');
  g_assert_true (g_utf8_validate (body, (gssize) length, NULL));
  if (!json)
    return;
  parser = json_parser_new ();
  g_assert_true (json_parser_load_from_data (parser, body, (gssize) length, NULL));
}

static void
take_answer (const char **text, const Expected *expected)
{
  gsize length;

  take_text (text, "HTTP/1.1 ");
  g_assert_cmpuint (take_number (text), ==, expected->status);
  *text += strcspn (*text, "\r");
  take_text (text, "\r\nDate: ");
  g_assert_cmpuint (strcspn (*text, "\r"), ==, strlen ("Sun, 06 Nov 1994 08:49:37 GMT"));
  *text += strcspn (*text, "\r");
  take_text (text, expected->json ? "\r\nContent-Type: application/health+json\r\n"
                                  : "\r\nContent-Type: text/plain; charset=utf-8\r\n");
  take_text (text, "Content-Length: ");
  length = take_number (text);
  take_text (text, "\r\nCache-Control: no-store\r\n");
  if (expected->status == 405)
    take_text (text, "Allow: GET, HEAD\r\n");
  if (expected->close)
    take_text (text, "Connection: close\r\n");
  else if (g_str_has_prefix (*text, "Connection: "))
    take_text (text, "Connection: keep-alive\r\n");
  take_text (text, "\r\n");
  if (expected->head_only)
    return;
  g_assert_cmpuint (strlen (*text), >=, length);
  check_body (*text, length, expected->json);
  *text += length;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const gsize pieces[] = { 1 << 20, 1, 7, 100, 1000, 4096, 8192, 60000 };
  World *self = get_world ();
  g_autoptr (GString) answers = NULL;
  const char *text, *requests = (const char *) data + 1;
  gsize left = size - 1;
  Expected expected = { 0 };

  if (size == 0)
    return 0;
  self->desk.local = (data[0] & 8) == 0;
  answers = converse (self, data + 1, size - 1, pieces[data[0] % G_N_ELEMENTS (pieces)]);
  g_assert_cmpuint (strlen (answers->str), ==, answers->len);
  text = answers->str;
  while (!expected.close && take_request (self, &requests, &left, &expected))
    take_answer (&text, &expected);
  g_assert_cmpstr (text, ==, "");
  return 0;
}
