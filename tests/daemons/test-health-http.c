/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the server says to bytes, over a socket. */

#include "health-util.h"

#include <string.h>
#include <sys/socket.h>

#define HOST "Host: localhost\r\n"
#define END "\r\n\r\n"

typedef struct
{
  const char *request;
  const char *answer; /* (nullable), NULL = the one of the whole table */
} Case;

static gboolean
says (HealthClient *client, const char *field)
{
  return strstr (client->head, field) != NULL;
}

/* Each on a connection of its own, which stays open exactly if @kept. */
static void
assert_answer (HealthFixture *self, const char *request, gsize length, const char *answer,
               gboolean kept)
{
  g_autoptr (HealthClient) client = health_connect (self->server);
  g_autofree char *got = NULL;

  health_send_bytes (client, request, length);
  got = health_wait (client);
  if (g_strcmp0 (got, answer) != 0)
    g_test_message ("answer to: %s", request);
  g_assert_cmpstr (got, ==, answer);
  g_assert_true (says (client, "Connection: close") == !kept);
  if (!kept)
    {
      health_expect_end (client);
      return;
    }
  health_send (client, HEALTH_GET ("/ready"));
  health_expect (client, "200 ready\n");
}

static void
assert_cases (HealthFixture *self, const Case *cases, gsize n, const char *answer, gboolean kept)
{
  health_start (self);
  for (gsize i = 0; i < n; i++)
    assert_answer (self, cases[i].request, strlen (cases[i].request),
                   cases[i].answer != NULL ? cases[i].answer : answer, kept);
}

/* What an answer consists of */

static gboolean
is_now (const char *date)
{
  for (int age = 0; age < 5; age++)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr (GDateTime) time = g_date_time_add_seconds (now, -age);
      g_autofree char *text = g_date_time_format (time, "%a, %d %b %Y %H:%M:%S GMT");

      if (g_str_has_prefix (date, text))
        return TRUE;
    }
  return FALSE;
}

static void
test_fields (HealthFixture *self, gconstpointer data)
{
  static const char start[] = "HTTP/1.1 200 OK\r\nDate: ";
  static const char rest[] = " GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
                             "Content-Length: 3\r\nCache-Control: no-store\r\n\r\nok\n";
  g_autoptr (HealthClient) client = NULL;

  health_start (self);
  client = health_connect (self->server);
  health_send (client, HEALTH_GET ("/health"));
  test_run_until (health_receive (client) && g_str_has_suffix (client->text->str, "ok\n"));
  g_assert_true (g_str_has_prefix (client->text->str, start));
  g_assert_true (g_str_has_suffix (client->text->str, rest));
  g_assert_cmpuint (client->text->len, ==,
                    strlen (start) + strlen ("Sun, 06 Nov 1994 08:49:37") + strlen (rest));
  g_assert_true (is_now (client->text->str + strlen (start)));
}

static void
test_phrases (HealthFixture *self, gconstpointer data)
{
  static const char * const requests[][2] = {
    { HEALTH_GET ("/ready"), "HTTP/1.1 200 OK\r\n" },
    { HEALTH_GET ("/"), "HTTP/1.1 404 Not Found\r\n" },
    { "PUT /ready HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405 Method Not Allowed\r\n" },
    { "PUT /ready HTTP/1.1\r\n" HOST "Content-Length: 1" END,
      "HTTP/1.1 413 Content Too Large\r\n" },
    { "GET /ready HTTP/1.1\r\nHost: x" END, "HTTP/1.1 421 Misdirected Request\r\n" },
    { "GET /ready HTTP/2.0" END, "HTTP/1.1 505 HTTP Version Not Supported\r\n" },
    { "x" END, "HTTP/1.1 400 Bad Request\r\n" },
  };

  health_start (self);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (HealthClient) client = health_connect (self->server);

      health_send (client, requests[i][0]);
      test_run_until (health_receive (client));
      g_assert_true (g_str_has_prefix (client->text->str, requests[i][1]));
    }
}

/* Has all that the answer to GET has, but the body. */
static void
test_head (HealthFixture *self, gconstpointer data)
{
  static const char * const targets[] = {
    "/health", "/livez?verbose", "/ready", "/readyz", "/nothing",
  };
  g_autoptr (HealthClient) client = NULL;

  health_add_quick (self, "bad", &self->bad);
  health_start (self);
  client = health_connect (self->server);
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *head = g_strdup_printf ("HEAD %s HTTP/1.1\r\n" HOST "\r\n", targets[i]);
      g_autofree char *get = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "\r\n", targets[i]);
      g_autofree char *answer = NULL, *status = NULL, *fields = NULL;

      health_send (client, head);
      test_run_until (health_receive (client) &&
                      (status = health_take (client, TRUE)) != NULL);
      fields = g_strdup (strstr (client->head, "Content-Type"));
      health_send (client, get);
      answer = health_wait (client);
      g_assert_true (g_str_has_prefix (answer, status));
      g_assert_cmpuint (strlen (status), ==, 4);
      g_assert_cmpuint (strlen (answer), >, 4);
      g_assert_cmpstr (strstr (client->head, "Content-Type"), ==, fields);
    }
}

/* Targets and methods */

static void
test_paths (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { HEALTH_GET ("/health"), "200 ok\n" },
    { HEALTH_GET ("/livez"), "200 ok\n" },
    { HEALTH_GET ("/ready"), "200 ready\n" },
    { HEALTH_GET ("/readyz"), "200 ready\n" },
    { HEALTH_GET ("/ready?"), "200 ready\n" },
    { HEALTH_GET ("/ready?a=b&&=&%"), "200 ready\n" },
    { HEALTH_GET ("http://localhost/health"), "200 ok\n" },
    { HEALTH_GET ("HTTP://LOCALHOST:80/ready"), "200 ready\n" },
    { HEALTH_GET ("https://127.0.0.1/ready?verbose"), "200 [+]ready ok\nready\n" },
    { HEALTH_GET ("http://[::1]:1/ready"), "200 ready\n" },
    { "GET http://localhost/ready HTTP/1.1\r\nHost: db.example" END, "200 ready\n" },
    { HEALTH_GET ("http://localhost"), NULL },
    { HEALTH_GET ("http://localhost?/ready"), NULL },
    { HEALTH_GET ("/"), NULL },
    { HEALTH_GET ("/health/"), NULL },
    { HEALTH_GET ("//health"), NULL },
    { HEALTH_GET ("/Health"), NULL },
    { HEALTH_GET ("/%68ealth"), NULL },
    { HEALTH_GET ("/healthz"), NULL },
    { HEALTH_GET ("/livez/disk"), NULL },
    { HEALTH_GET ("/ready;a=b"), NULL },
    { HEALTH_GET ("/health/../ready"), NULL },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "404 not found\n", TRUE);
}

static void
test_methods (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "POST /health HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "POST /health HTTP/1.1\r\n" HOST "Content-Length: 0" END, NULL },
    { "PUT /ready HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "DELETE /livez HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "OPTIONS /readyz HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "TRACE /readyz HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "get /readyz HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "GETT /readyz HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "!#$%&'*+-.^_`|~ /readyz HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "POST / HTTP/1.1\r\n" HOST "\r\n", "404 not found\n" },
    { "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "404 not found\n" },
    { "CONNECT localhost:80 HTTP/1.1\r\n" HOST "\r\n", "404 not found\n" },
    { "BREW /pot HTTP/1.1\r\n" HOST "\r\n", "404 not found\n" },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "405 method not allowed\n", TRUE);
}

/* Refusals */

static const Case bad_requests[] = {
  { "GET" END, NULL },
  { "GET /" END, NULL },
  { "GET / " END, NULL },
  { "GET  / HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET /  HTTP/1.1\r\n" HOST "\r\n", NULL },
  { " GET / HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET\t/ HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "/ HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET / HTTP/1.1 \r\n" HOST "\r\n", NULL },
  { "GET / HTTP/1.1 x\r\n" HOST "\r\n", NULL },
  { "GET / HTTP/1\r\n" HOST "\r\n", NULL },
  { "GET / HTTP/11\r\n" HOST "\r\n", NULL },
  { "GET / http/1.1\r\n" HOST "\r\n", NULL },
  { "GET / HTTPS/1.1\r\n" HOST "\r\n", NULL },
  { "GET ready HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET /a#b HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET http:// HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET http://user@localhost/ HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET ftp://localhost/ HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET localhost:80 HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "CONNECT /ready HTTP/1.1\r\nHost localhost" END, NULL },
  { "G(T / HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "GET / HTTP/1.1" END, NULL },
  { "GET / HTTP/1.1\r\nHosts: localhost" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST HOST "\r\n", NULL },
  { "GET / HTTP/1.1\r\nHost: a b" END, NULL },
  { "GET / HTTP/1.1\r\nHost: a:b" END, NULL },
  { "GET / HTTP/1.1\r\nHost: a:65536" END, NULL },
  { "GET / HTTP/1.1\r\nHost: user@localhost" END, NULL },
  { "GET / HTTP/1.1\r\nHost: localhost/" END, NULL },
  { "GET / HTTP/1.1\r\nHost: [::1" END, NULL },
  { "GET / HTTP/1.1\r\nHost: [1.2.3.4]" END, NULL },
  { "GET / HTTP/1.1\r\nHost : localhost" END, NULL },
  { "GET / HTTP/1.1\r\n Host: localhost" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST " folded" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "nocolon" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST ": empty" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "A: b\rC: d" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "A: \x01" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "A: \x7f" END, NULL },
  { "GET / HTTP/1.1\r" HOST "\r\n", NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: x" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: -1" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: +0" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length:" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: 0, 0" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 0" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip" END, NULL },
  { "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip" END, NULL },
  { "GET / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked" END, NULL },
  { "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", NULL },
  { "\x16\x03\x01\x02", NULL },
  { "\x80\x2e\x01\x03", NULL },
  { "SSH-2.0-OpenSSH_9.2\r\n", NULL },
  { "{\"jsonrpc\": 1}", NULL },
};

static void
test_400 (HealthFixture *self, gconstpointer data)
{
  assert_cases (self, bad_requests, G_N_ELEMENTS (bad_requests), "400 bad request\n", FALSE);
}

/* A NUL anywhere in a head that is good but for it. */
static void
test_400_nul (HealthFixture *self, gconstpointer data)
{
  static const char request[] = HEALTH_GET ("/ready");

  health_start (self);
  for (gsize i = 0; i < strlen (request) - 1; i++)
    {
      g_autofree char *changed = g_strdup (request);

      changed[i] = '\0';
      assert_answer (self, changed, strlen (request), "400 bad request\n", FALSE);
    }
}

static void
test_413 (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "POST /health HTTP/1.1\r\n" HOST "Content-Length: 5" END "hello", NULL },
    { "GET /health HTTP/1.1\r\n" HOST "Content-Length: 1" END, NULL },
    { "POST / HTTP/1.0\r\nContent-Length: 18446744073709551617" END, NULL },
    { "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked" END "0\r\n\r\n", NULL },
    { "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, Chunked" END "0\r\n\r\n", NULL },
    { "PUT / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 9" END, NULL },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "413 content too large\n", FALSE);
}

/* @size bytes of head, the last ones of which are the end of it. */
static char *
make_head (const char *start, const char *end, gsize size)
{
  g_autofree char *filler = g_strnfill (size - strlen (start) - strlen (end), 'x');

  return g_strconcat (start, filler, end, NULL);
}

static void
test_414 (HealthFixture *self, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (2047, 'x');
  g_autofree char *fits = g_strdup_printf ("GET /%s HTTP/1.1\r\n" HOST "\r\n", longest);
  g_autofree char *exceeds = g_strdup_printf ("GET /x%s HTTP/1.1\r\n" HOST "\r\n", longest);
  g_autofree char *query = g_strdup_printf ("GET /ready?%s HTTP/1.1\r\n" HOST "\r\n", longest);

  health_start (self);
  assert_answer (self, fits, strlen (fits), "404 not found\n", TRUE);
  assert_answer (self, exceeds, strlen (exceeds), "414 uri too long\n", FALSE);
  assert_answer (self, query, strlen (query), "414 uri too long\n", FALSE);
}

static void
test_431 (HealthFixture *self, gconstpointer data)
{
  static const char start[] = "GET /ready HTTP/1.1\r\n" HOST "Cookie: ";
  g_autofree char *fits = make_head (start, END, 8192);
  g_autofree char *exceeds = make_head (start, END, 8193);
  g_autofree char *endless = make_head (start, "", 100000);
  g_autofree char *name = make_head ("GET /ready HTTP/1.1\r\n" HOST, "", 9000);
  g_autofree char *method = make_head ("", "", 9000);
  g_autoptr (GString) many = g_string_new ("GET /ready HTTP/1.1\r\n" HOST);

  while (many->len < 9000)
    g_string_append (many, "A:\r\n");
  health_start (self);
  assert_answer (self, fits, 8192, "200 ready\n", TRUE);
  assert_answer (self, exceeds, 8193, "431 request header fields too large\n", FALSE);
  assert_answer (self, endless, 100000, "431 request header fields too large\n", FALSE);
  assert_answer (self, name, 9000, "431 request header fields too large\n", FALSE);
  assert_answer (self, method, 9000, "431 request header fields too large\n", FALSE);
  assert_answer (self, many->str, many->len, "431 request header fields too large\n", FALSE);
}

static void
test_505 (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NULL },
    { "GET /ready HTTP/2.0\r\n" HOST "\r\n", NULL },
    { "GET /ready HTTP/3.1\r\n" HOST "\r\n", NULL },
    { "GET /ready HTTP/0.9\r\n\r\n", NULL },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "505 http version not supported\n", FALSE);
}

/* Hosts */

static void
test_421 (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "GET /ready HTTP/1.1\r\nHost: db.example" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: localhost.example:80" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: xlocalhost" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 127.0.0.1.example" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 127.1" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 2130706433" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 0x7f.0.0.1" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost:" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: :80" END, NULL },
    { "GET /nothing HTTP/1.1\r\nHost: db.example" END, NULL },
    { "PUT /ready HTTP/1.1\r\nHost: db.example" END, NULL },
    { "GET /ready HTTP/1.0\r\nHost: db.example" END, NULL },
    { "GET http://db.example/ready HTTP/1.1\r\n" HOST "\r\n", NULL },
    { "CONNECT db.example:80 HTTP/1.1\r\n" HOST "\r\n", NULL },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "421 misdirected request\n", FALSE);
}

static void
test_hosts (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "GET /ready HTTP/1.1\r\nHost: localhost" END, NULL },
    { "GET /ready HTTP/1.1\r\nHOST:LocalHost:1 " END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: localhost:" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 127.0.0.1" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 127.0.0.1:8080" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: 192.0.2.1" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: [::1]" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: [2001:db8::1]:80" END, NULL },
  };

  assert_cases (self, cases, G_N_ELEMENTS (cases), "200 ready\n", TRUE);
}

/* Knows one name, and no network. */
typedef GResolver NameResolver;
typedef GResolverClass NameResolverClass;

static GType name_resolver_get_type (void);

G_DEFINE_FINAL_TYPE (NameResolver, name_resolver, G_TYPE_RESOLVER)

static GList *
name_resolver_lookup (GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                      GCancellable *cancellable, GError **error)
{
  if (g_str_equal (name, "db.example"))
    return g_list_append (g_list_append (NULL, g_inet_address_new_from_string ("::1")),
                          g_inet_address_new_from_string ("127.0.0.1"));
  g_set_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "Nobody knows %s", name);
  return NULL;
}

static GList *
name_resolver_lookup_all (GResolver *resolver, const char *name, GCancellable *cancellable,
                          GError **error)
{
  return name_resolver_lookup (resolver, name, 0, cancellable, error);
}

static void
name_resolver_class_init (NameResolverClass *klass)
{
  klass->lookup_by_name = name_resolver_lookup_all;
  klass->lookup_by_name_with_flags = name_resolver_lookup;
}

static void
name_resolver_init (NameResolver *self)
{
}

static void
test_name (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "GET /ready HTTP/1.1\r\nHost: db.example" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: DB.Example:8080" END, NULL },
    { "GET http://db.example/ready HTTP/1.1\r\nHost: x" END, NULL },
    { "GET /ready HTTP/1.1\r\nHost: localhost" END, NULL },
  };
  static const char other[] = "GET /ready HTTP/1.1\r\nHost: db.example.net" END;
  g_autoptr (GResolver) old = g_resolver_get_default ();
  g_autoptr (GResolver) resolver = g_object_new (name_resolver_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  g_resolver_set_default (resolver);
  health_replace (self, "db.example:0");
  assert_cases (self, cases, G_N_ELEMENTS (cases), "200 ready\n", TRUE);
  assert_answer (self, other, strlen (other), "421 misdirected request\n", FALSE);
  g_assert_true (g_str_has_prefix (process_health_server_get_address (self->server),
                                   "127.0.0.1:"));
  health_replace (self, "nobody.example:0");
  g_assert_false (process_health_server_start (self->server, &error));
  g_assert_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
  g_resolver_set_default (old);
}

/* Connections */

static void
test_http_1_0 (HealthFixture *self, gconstpointer data)
{
  static const Case closed[] = {
    { "GET /ready HTTP/1.0" END, NULL },
    { "GET /ready HTTP/1.0\r\n" HOST "\r\n", NULL },
    { "GET /ready HTTP/1.0\r\nConnection: keep-alive, close" END, NULL },
    { "GET /ready HTTP/1.1\r\n" HOST "Connection: close" END, NULL },
    { "GET /ready HTTP/1.1\r\n" HOST "Connection: x\r\nConnection: CLOSE" END, NULL },
    { "GET /ready HTTP/1.1\r\n" HOST "Connection: close" END HEALTH_GET ("/health"), NULL },
  };
  static const Case kept[] = {
    { "GET /ready HTTP/1.0\r\nConnection: Keep-Alive" END, NULL },
    { "GET /ready HTTP/1.2\r\n" HOST "\r\n", NULL },
    { "GET /ready HTTP/1.1\r\n" HOST "Connection: x, closed" END, NULL },
    { "GET /ready HTTP/1.1\n" "Host: localhost\n\n", NULL },
    { "\r\n\n\r\n\nGET /ready HTTP/1.1\r\n" HOST "\r\n", NULL },
  };
  g_autoptr (HealthClient) client = NULL;

  assert_cases (self, closed, G_N_ELEMENTS (closed), "200 ready\n", FALSE);
  process_health_server_stop (self->server);
  assert_cases (self, kept, G_N_ELEMENTS (kept), "200 ready\n", TRUE);

  /* Only who does not expect it is told. */
  client = health_connect (self->server);
  health_send (client, kept[0].request);
  health_expect (client, "200 ready\n");
  g_assert_true (says (client, "Connection: keep-alive"));
  health_send (client, HEALTH_GET ("/ready"));
  health_expect (client, "200 ready\n");
  g_assert_false (says (client, "Connection: "));
}

static void
test_keep_alive (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_add_quick (self, "bad", &self->bad);
  health_start (self);
  client = health_connect (self->server);
  for (guint i = 0; i < 500; i++)
    {
      health_send (client, i % 2 == 0 ? HEALTH_GET ("/ready") : HEALTH_GET ("/health"));
      health_expect (client, i % 2 == 0 ? "200 ready\n" : "503 unhealthy: bad: Bad\n");
    }
  g_assert_cmpuint (self->bad.n_calls, ==, 250);
}

/* What a client sends at once is answered in order, whatever each has to wait for. */
static void
test_pipelining (HealthFixture *self, gconstpointer data)
{
  static const char * const requests[][2] = {
    { HEALTH_GET ("/ready"), "200 ready\n" },
    { HEALTH_GET ("/nothing"), "404 not found\n" },
    { HEALTH_GET ("/health"), "503 unhealthy: bad: Bad\n" },
    { HEALTH_GET ("/health?exclude=bad"), "200 ok\n" },
    { "PUT /ready HTTP/1.1\r\n" HOST "\r\n", "405 method not allowed\n" },
  };
  g_autoptr (HealthClient) client = NULL;
  g_autoptr (GString) all = g_string_new (NULL);

  health_add_quick (self, "bad", &self->bad);
  health_start (self);
  client = health_connect (self->server);
  for (guint i = 0; i < 1000; i++)
    g_string_append (all, requests[i % G_N_ELEMENTS (requests)][0]);
  g_assert_cmpuint (health_send_some (client, all->str, all->len), ==, all->len);
  for (guint i = 0; i < 1000; i++)
    health_expect (client, requests[i % G_N_ELEMENTS (requests)][1]);
  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
}

static void
test_pipelining_slow (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_add_slow (self, "slow", &self->slow, 0);
  health_start (self);
  client = health_connect (self->server);
  health_send (client, HEALTH_GET ("/ready") HEALTH_GET ("/health") HEALTH_GET ("/ready")
                         HEALTH_GET ("/health") "nonsense" END HEALTH_GET ("/ready"));
  health_expect (client, "200 ready\n");
  health_await_calls (&self->slow, 1);
  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");
  health_expect (client, "200 ready\n");
  health_await_calls (&self->slow, 2);
  health_answer (&self->slow, "Down");
  health_expect (client, "503 unhealthy: slow: Down\n");
  health_expect (client, "400 bad request\n");
  health_expect_end (client);
}

/* However the bytes come, the answers are the same. */
static void
test_chopped (HealthFixture *self, gconstpointer data)
{
  static const char requests[] =
    "\r\nGET /health?verbose HTTP/1.1\r\n" HOST "Accept: text/plain\r\n\r\n"
    HEALTH_GET ("/nothing") "GET /ready HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    "GET /ready HTTP/1.1\r\n" HOST "Connection: close" END;
  static const gsize pieces[] = { 1, 2, 3, 7, 50, 1000 };

  health_add_quick (self, "good", &self->good);
  health_start (self);
  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (HealthClient) client = health_connect (self->server);

      for (gsize at = 0; at < strlen (requests); at += pieces[i])
        {
          health_send_bytes (client, requests + at, MIN (pieces[i], strlen (requests) - at));
          health_settle ();
        }
      health_expect (client, "200 [+]good ok\nok\n");
      health_expect (client, "404 not found\n");
      health_expect (client, "200 ready\n");
      health_expect (client, "200 ready\n");
      health_expect_end (client);
    }
}

/* Whoever goes on sending after a refusal can still read it. */
static void
test_refused_goes_on (HealthFixture *self, gconstpointer data)
{
  g_autofree char *body = g_strnfill (200000, 'x');
  g_autoptr (HealthClient) client = NULL;

  health_start (self);
  client = health_connect (self->server);
  health_send (client, "POST /health HTTP/1.1\r\n" HOST "Content-Length: 200000" END);
  for (gsize sent = 0; sent < 200000; sent += 1000)
    {
      health_send_bytes (client, body + sent, 1000);
      health_settle ();
    }
  health_expect (client, "413 content too large\n");
  health_expect_end (client);
  g_assert_cmpint (client->error, ==, 0);
}

/* But not for ever. */
static void
test_refused_floods (HealthFixture *self, gconstpointer data)
{
  g_autofree char *flood = g_strnfill (1 << 16, 'x');
  g_autoptr (HealthClient) client = NULL;
  gsize sent = 0;

  health_start (self);
  client = health_connect (self->server);
  health_send (client, "nonsense" END);
  health_expect (client, "400 bad request\n");
  while (sent < 64 << 20 && send (client->fd, "x", 1, MSG_NOSIGNAL) == 1)
    {
      sent += health_send_some (client, flood, 1 << 16);
      health_settle ();
    }
  g_assert_cmpuint (sent, <, 64 << 20);
}

/* Half of the connection is enough to be answered. */
static void
test_half_open (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL, waiting = NULL, half = NULL, refused = NULL;

  health_add_slow (self, "slow", &self->slow, 0);
  health_start (self);
  client = health_connect (self->server);
  waiting = health_connect (self->server);
  half = health_connect (self->server);
  refused = health_connect (self->server);
  health_send (client, HEALTH_GET ("/ready") HEALTH_GET ("/ready"));
  health_send (waiting, HEALTH_GET ("/health") HEALTH_GET ("/ready"));
  health_send (half, "GET /ready HTTP/1.1\r\n");
  health_send (refused, "nonsense" END);
  g_assert_no_errno (shutdown (client->fd, SHUT_WR));
  g_assert_no_errno (shutdown (waiting->fd, SHUT_WR));
  g_assert_no_errno (shutdown (half->fd, SHUT_WR));
  g_assert_no_errno (shutdown (refused->fd, SHUT_WR));
  health_expect (client, "200 ready\n");
  health_expect (client, "200 ready\n");
  health_expect_end (client);
  health_expect_end (half);
  health_expect (refused, "400 bad request\n");
  health_expect_end (refused);
  health_await_calls (&self->slow, 1);
  health_answer (&self->slow, NULL);
  health_expect (waiting, "200 ok\n");
  health_expect (waiting, "200 ready\n");
  health_expect_end (waiting);
  g_assert_cmpint (client->error | waiting->error | half->error | refused->error, ==, 0);
}

static void
test_accept (HealthFixture *self, gconstpointer data)
{
  static const Case cases[] = {
    { "Accept: application/health+json", "200 {\"status\":\"pass\"}\n" },
    { "Accept: application/json", "200 {\"status\":\"pass\"}\n" },
    { "Accept: text/plain;q=0.5, application/json", "200 {\"status\":\"pass\"}\n" },
    { "Accept: */*", "200 ready\n" },
    { "Accept: text/html, */*;q=0.1", "200 ready\n" },
    { "Accept: application/json;q=0", "200 ready\n" },
    { "Accept: application/json;q=0.5, text/plain", "200 ready\n" },
    { "Accept:", "200 ready\n" },
  };

  health_start (self);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request =
        g_strdup_printf ("GET /ready HTTP/1.1\r\n" HOST "%s" END, cases[i].request);

      assert_answer (self, request, strlen (request), cases[i].answer, TRUE);
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/http/fields", test_fields);
  health_add ("/http/phrases", test_phrases);
  health_add ("/http/head", test_head);
  health_add ("/http/paths", test_paths);
  health_add ("/http/methods", test_methods);
  health_add ("/http/400", test_400);
  health_add ("/http/400/nul", test_400_nul);
  health_add ("/http/413", test_413);
  health_add ("/http/414", test_414);
  health_add ("/http/421", test_421);
  health_add ("/http/431", test_431);
  health_add ("/http/505", test_505);
  health_add ("/http/hosts", test_hosts);
  health_add ("/http/hosts/name", test_name);
  health_add ("/http/1.0", test_http_1_0);
  health_add ("/http/keep-alive", test_keep_alive);
  health_add ("/http/pipelining", test_pipelining);
  health_add ("/http/pipelining/slow", test_pipelining_slow);
  health_add ("/http/chopped", test_chopped);
  health_add ("/http/refused/goes-on", test_refused_goes_on);
  health_add ("/http/refused/floods", test_refused_floods);
  health_add ("/http/half-open", test_half_open);
  health_add ("/http/accept", test_accept);
  return g_test_run ();
}
