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

/* Whether the byte may be where @format has %c, among letters. */
static gboolean
takes (const char *format,
       int         byte)
{
  const char *place = strstr (format, "%c");
  g_autoptr (GString) text = g_string_new_len (format, place - format);
  ProcessHttpRequest request;

  g_string_append_c (text, (char) byte);
  g_string_append (text, place + 2);

  return parse_bytes (&request, text->str, text->len) == PROCESS_HTTP_DONE;
}

static gboolean
is_one_of (int         byte,
           const char *others)
{
  return byte != '\0' && (g_ascii_isalnum (byte) || strchr (others, byte) != NULL);
}

static void
test_bytes (void)
{
  static const char token[] = "!#$%&'*+-.^_`|~";

  for (int byte = 0; byte <= 0xff; byte++)
    {
      gboolean is_visible = byte > ' ' && byte < 0x7f;

      g_assert_cmpint (takes ("G%cT / HTTP/1.1\r\n" HOST "\r\n", byte), ==,
                       is_one_of (byte, token));
      g_assert_cmpint (takes ("GET /%ca HTTP/1.1\r\n" HOST "\r\n", byte), ==,
                       is_visible && byte != '#');
      g_assert_cmpint (takes ("GET / HTTP/1.1\r\n" HOST "A%ca: b" END, byte), ==,
                       is_one_of (byte, token) || byte == ':');
      g_assert_cmpint (takes ("GET / HTTP/1.1\r\n" HOST "A: b%cb" END, byte), ==,
                       is_visible || byte == ' ' || byte == '\t' || byte >= 0x80);
      g_assert_cmpint (takes ("GET / HTTP/1.1\r\nHost: a%ca" END, byte), ==,
                       is_one_of (byte, "-._~!$&'()*+,;="));
    }
}

/* Methods are case-sensitive. */
static void
test_methods (void)
{
  static const char *others[] = {
    "POST", "get", "Get", "GETS", "GE", "HEADS", "OPTIONS", "CONNECT", "!#$%&'*+-.^_`|~09",
  };
  static const char *broken[] = {
    " GET", "GET\t", "G(T", "\"GET\"", "GET\r\n", "G\xe9T", "{", "\x7f", "GET,", "\t", "GET:", "@",
  };

  g_assert_cmpint (parse ("HEAD / HTTP/1.1\r\n" HOST "\r\n").method, ==, PROCESS_HTTP_HEAD);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *text = g_strconcat (others[i], " / HTTP/1.1\r\n" HOST "\r\n", NULL);

      g_assert_cmpint (parse (text).method, ==, PROCESS_HTTP_OTHER);
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *text = g_strconcat (broken[i], " / HTTP/1.1\r\n" HOST "\r\n", NULL);

      assert_refused (text, 400);
    }
  assert_refused_bytes ("\0GET / HTTP/1.1" END, 20, 400);
}

static void
test_versions (void)
{
  static const char *broken[] = {
    "", " ", "HTTP", "HTTP/", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/11", "HTTP/1.1 ", "HTTP/1.1\t",
    "HTTP/1.10", "HTTP/1.1.1", "HTTP/11.1", "HTTP/01.1", "HTTP/1,1", "HTTP/-1.1", "HTTP/a.b",
    "http/1.1", "Http/1.1", " HTTP/1.1", "HTTP /1.1", "HTTPS/1.1", "FTP/1.1", "HTTP/2", "HTTP/2.0x",
    "/b HTTP/1.1", "HTTP/1.1\r",
  };
  static const char *others[] = { "HTTP/0.9", "HTTP/0.0", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9" };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *text = g_strconcat ("GET /a ", broken[i], "\r\n" HOST "\r\n", NULL);

      assert_refused (text, 400);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *text = g_strconcat ("GET /a ", others[i], "\r\n", NULL);

      assert_refused_at_end (text, 505);
    }
  assert_refused ("GET /a\r\n" HOST "\r\n", 400);
  assert_refused ("GET\r\n\r\n", 400);
  assert_refused ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  /* The target comes first. */
  assert_refused ("GET a HTTP/2.0\r\n\r\n", 400);

  g_assert_cmpuint (parse ("GET / HTTP/1.0" END).minor, ==, 0);
  g_assert_cmpuint (parse ("GET / HTTP/1.1\r\n" HOST "\r\n").minor, ==, 1);
  g_assert_cmpuint (parse ("GET / HTTP/1.9\r\n" HOST "\r\n").minor, ==, 1);
}

static void
test_line_ends (void)
{
  const char *text = "\r\n\n\r\n\nGET /a HTTP/1.1\nHost: x \nA:\r\nB:  \n\n";
  ProcessHttpRequest request = parse (text);

  assert_span (text, request.path, "/a");
  assert_span (text, request.host, "x");
  g_assert_cmpuint (request.length, ==, strlen (text));

  assert_refused_at_end ("\n\n\n\n\n", 400);
  assert_refused_at_end ("\r\n\r\n\r\n\r\n\r\n", 400);
  assert_refused ("\r\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
  assert_refused (" \r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
  assert_refused ("GET / HTTP/1.1\r" HOST "\r\n", 400);
  assert_refused ("GET / HTTP/1.1\r\r\n" HOST "\r\n", 400);
  assert_refused ("GET / HTTP/1.1\r\nHost: x\rA: b" END, 400);
  assert_refused ("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", 400);
  assert_refused ("GET / HTTP/1.1\r\n" HOST "\r\r\n", 400);
  assert_refused ("GET / HTTP/1.1\r\n" HOST "\rx", 400);
}

/* What is wrong is said at the byte that makes it so. */
static void
test_at_once (void)
{
  static const char *texts[] = {
    "\x16", /* a TLS handshake */
    "\x80", "GET /x\r", "GET /x\n", "GET /x\x01", "GET /x#", "GET  ", "GET /x h", "GET /x HTTP/x",
    "GET /x HTTP/1.1 ", "GET /x HTTP/1.1\r\r", "GET /x HTTP/1.1\r\n ", "GET /x HTTP/1.1\r\n\t",
    "GET /x HTTP/1.1\r\n:", "GET /x HTTP/1.1\r\nA ", "GET /x HTTP/1.1\r\nA\r",
    "GET /x HTTP/1.1\r\nA: b\x7f", "GET /x HTTP/1.1\r\nA: b\r\n ",
    "GET /x HTTP/1.1\r\n\r\n", /* without Host */
    "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "GET /x HTTP/1.1\r\nHost: a@b\n",
    "GET /x HTTP/1.1\r\nContent-Length: x\n", "GET /x HTTP/1.0\r\nTransfer-Encoding: chunked\n",
    "GET x ", "GET http://a@b/ ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused_at_end (texts[i], 400);

  /* But that there is a body only when nothing else is wrong. */
  assert_refused_at_end ("GET /x HTTP/1.1\r\nContent-Length: 1\r\n" HOST "\n", 413);
}

typedef struct
{
  const char *target;
  const char *path;
  const char *query;
  const char *host;
} Target;

static void
test_targets (void)
{
  static const Target targets[] = {
    { "/", "/", "", "localhost" },
    { "//a//b", "//a//b", "", "localhost" },
    { "/a?", "/a", "", "localhost" },
    { "/a?b?c", "/a", "b?c", "localhost" },
    { "/%00\"<>\\^`{|}~[]@:;", "/%00\"<>\\^`{|}~[]@:;", "", "localhost" },
    { "*", "*", "", "localhost" },
    { "http://h", "/", "", "h" },
    { "http://h/", "/", "", "h" },
    { "http://h?q", "/", "q", "h" },
    { "http://h/?q", "/", "q", "h" },
    { "HTTP://H.example:80/a/b?c=/d", "/a/b", "c=/d", "H.example" },
    { "https://[::1]:443/a", "/a", "", "[::1]" },
    { "https://h:?/", "/", "/", "h" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *text =
        g_strconcat ("GET ", targets[i].target, " HTTP/1.1\r\n" HOST "\r\n", NULL);
      ProcessHttpRequest request = parse (text);

      assert_span (text, request.path, targets[i].path);
      assert_span (text, request.query, targets[i].query);
      assert_span (text, request.host, targets[i].host);
    }
}

static void
test_broken_targets (void)
{
  static const char *targets[] = {
    "", "a", "a/b", "**", "*a", "?a", "localhost", "localhost:80", "ftp://h/", "http:", "http:/",
    "http:/h", "http://", "http:///", "http://?", "http://:80/", "https://", "http://u@h/",
    "http://u:p@h/", "http://h:x/", "http://h:65536/", "http://[::1/", "http://[x]/", "http://h%/",
    "http://a[::1]/", "/a#b", "/a#", "#", "/\x01", "/\x7f", "/\xc3\xa9", "/\t", "/a b", "\\a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *text = g_strconcat ("GET ", targets[i], " HTTP/1.1\r\n" HOST "\r\n", NULL);

      assert_refused (text, 400);
    }
  assert_refused_bytes ("GET /\0 HTTP/1.1" END, 19, 400);
}

static void
test_connect (void)
{
  static const char *broken[] = {
    "example.com", "example.com:", ":80", "[::1]", "[::1]:", "u@h:80", "h:80/", "h:80?", "h:x",
  };
  const char *text = "CONNECT example.com:443 HTTP/1.1\r\n" HOST "\r\n";
  ProcessHttpRequest request = parse (text);

  assert_span (text, request.path, "example.com:443");
  assert_span (text, request.query, "");
  assert_span (text, request.host, "example.com");

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *head =
        g_strconcat ("CONNECT ", broken[i], " HTTP/1.1\r\n" HOST "\r\n", NULL);

      assert_refused (head, 400);
    }
  assert_refused ("POST example.com:443 HTTP/1.1\r\n" HOST "\r\n", 400);
  text = "CONNECT /health HTTP/1.1\r\n" HOST "\r\n";
  assert_span (text, parse (text).path, "/health");
}

static void
test_long_target (void)
{
  g_autofree char *longest = g_strnfill (PROCESS_HTTP_MAX_TARGET - 1, 'a');
  g_autofree char *text = g_strconcat ("GET /", longest, " HTTP/1.1\r\n" HOST "\r\n", NULL);
  g_autofree char *longer = g_strconcat ("GET /", longest, "a", NULL);
  g_autofree char *broken = g_strconcat ("GET /", longest, "\x01", NULL);
  g_autofree char *no_form = g_strconcat ("GET a", longest, "a", NULL);
  g_autofree char *method = g_strnfill (PROCESS_HTTP_MAX_HEAD - 1000, 'a');
  g_autofree char *behind_method = g_strconcat (method, " /", longest, "aaaa", NULL);

  g_assert_cmpuint (parse (text).path.length, ==, PROCESS_HTTP_MAX_TARGET);
  assert_refused_at_end (longer, 414);
  assert_refused_at_end (broken, 400);
  assert_refused_at_end (no_form, 414);
  /* Of this the head is too long first. */
  assert_refused (behind_method, 431);
}

static void
test_long_head (void)
{
  const char *start = "\r\nGET / HTTP/1.1\r\nHost: localhost\r\nA: ";
  g_autofree char *fill = g_strnfill (PROCESS_HTTP_MAX_HEAD - strlen (start) - 4, 'a');
  g_autofree char *longest = g_strconcat (start, fill, END, NULL);
  g_autofree char *longer = g_strconcat (start, fill, "a\r\n\r", NULL);
  g_autofree char *method = g_strnfill (PROCESS_HTTP_MAX_HEAD, 'a');
  g_autofree char *with_next = g_strconcat (longest, longest, NULL);

  g_assert_cmpuint (parse (longest).length, ==, PROCESS_HTTP_MAX_HEAD);
  g_assert_cmpuint (parse (with_next).length, ==, PROCESS_HTTP_MAX_HEAD);
  assert_refused_at_end (longer, 431);
  assert_refused_at_end (method, 431);
}

static void
test_fields (void)
{
  static const char *good[] = {
    "A:b", "A: b", "A:\t b \t", "A:", "A: \t", "!#$%&'*+-.^_`|~09az: b", "A: \"(),/:;<=>?@[\\]{}",
    "A: \x80\xff", "A: a\tb  c",
    "hOST-: x", "Hosts: a b", "Ho: a b", "Hosx: a b", "Acceqt: application/json",
    "Connectiox: close", "Content-Lengtx: x", "Content-Lengt: x", "Transfer-Encodinx: x",
    "Connection: \"", "Connection: ,,", "Accept: ,;,\"\\", "Expect: 100-continue", "Expect: x",
  };
  static const char *broken[] = {
    " A: b", "\tA: b", " ", "A", "A b", "A : b", "A\t: b", ": b", ":", "\"A\": b", "A(: b", "{: b",
    "\x80: b", "A\x80: b", "A: b\x01", "A: \x7f", "A: b\x1b", "A: b\r\n c", "A: b\r\n\tc",
    "A: b\r\n \r\nC: d", "A/: b", "A;: b", "@: b",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = g_strconcat ("GET / HTTP/1.1\r\n" HOST, good[i], END, NULL);
      ProcessHttpRequest request = parse (text);

      assert_span (text, request.host, "localhost");
      g_assert_true (request.keep_alive);
      g_assert_false (request.wants_json);
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *first = g_strconcat ("GET / HTTP/1.1\r\n", broken[i], END, NULL);
      g_autofree char *last = g_strconcat ("GET / HTTP/1.1\r\n" HOST, broken[i], END, NULL);

      assert_refused (first, 400);
      assert_refused (last, 400);
    }
  assert_refused_bytes ("GET / HTTP/1.0\r\nA: \0" END, 24, 400);
  assert_refused_bytes ("GET / HTTP/1.0\r\nA\0: b" END, 25, 400);
}

typedef struct
{
  const char *value;
  const char *host;
} HostValue;

static void
test_hosts (void)
{
  static const HostValue hosts[] = {
    { "", "" },
    { "localhost", "localhost" },
    { "\t localhost:8080 \t", "localhost" },
    { "localhost:", "localhost" },
    { "LOCALHOST:65535", "LOCALHOST" },
    { "127.0.0.1:00080", "127.0.0.1" },
    { "[::1]", "[::1]" },
    { "[::1]:", "[::1]" },
    { "[2001:DB8::192.0.2.1]:1", "[2001:DB8::192.0.2.1]" },
    { "[0000:0000:0000:0000:0000:ffff:255.255.255.255]",
      "[0000:0000:0000:0000:0000:ffff:255.255.255.255]" },
    { "a_b.c-d~e!$&'()*+,;=", "a_b.c-d~e!$&'()*+,;=" },
    { "%61%2F:1", "%61%2F" },
    { ":80", "" },
    { "256.0.0.1", "256.0.0.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *text = g_strconcat ("GET / HTTP/1.1\r\nhOsT:", hosts[i].value, END, NULL);

      assert_span (text, parse (text).host, hosts[i].host);
    }
  g_assert_cmpuint (parse ("GET / HTTP/1.0" END).host.length, ==, 0);
}

static void
test_broken_hosts (void)
{
  static const char *hosts[] = {
    "u@h", "u:p@h", "a b", "a, b", "a/", "/", "a?", "a#", "a\\", "<a>", "a|", "a^", "a\"", "{a}",
    "h:80a", "h:a", "h:-1", "h:+1", "h: 80", "h :80", "h:80:80", "h:65536", "h:9999999999999999999",
    "::1", "::", "[", "]", "[]", "[::1", "::1]", "[::1]80", "[::1]x", "[::1] :80", "[::1]:x",
    "[127.0.0.1]", "[localhost]", "[::1%lo]", "[::1%25lo]", "[v1.a]", "[[::1]]", "[ ::1]",
    "[1:2:3:4:5:6:7:8:9]", "[::00000000000000000000000000000000000000000000000000000001]",
    "[0000:0000:0000:0000:0000:ffff:0255.255.255.255]", "a<", "a>",
    "%", "%4", "%4g", "a%", "%%41", "\xc3\xa9", "http://h", "h\tx",
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *one = g_strconcat ("GET / HTTP/1.1\r\nHost: ", hosts[i], END, NULL);
      g_autofree char *old = g_strconcat ("GET / HTTP/1.0\r\nHost: ", hosts[i], END, NULL);
      g_autofree char *absolute =
        g_strconcat ("GET http://a/ HTTP/1.1\r\nHost: ", hosts[i], END, NULL);

      assert_refused (one, 400);
      assert_refused (old, 400);
      assert_refused (absolute, 400);
    }
  assert_refused ("GET / HTTP/1.1" END, 400);
  assert_refused ("GET http://a/ HTTP/1.1" END, 400);
  assert_refused ("GET / HTTP/1.1\r\nHost: a\r\nHost: a" END, 400);
  assert_refused ("GET / HTTP/1.0\r\nHost: a\r\nA: b\r\nHOST:" END, 400);
}

typedef struct
{
  const char *fields;
  guint       status; /* 0: taken */
  guint       status_of_1_0;
} Body;

static void
test_bodies (void)
{
  static const Body bodies[] = {
    { "Content-Length: 0\r\n", 0, 0 },
    { "Content-Length:000 \r\n", 0, 0 },
    { "content-length: 1\r\n", 413, 413 },
    { "Content-Length: 01\r\n", 413, 413 },
    { "Content-Length: 99999999999999999999999999999999999999999\r\n", 413, 413 },
    { "Content-Length: 5\r\nExpect: 100-continue\r\n", 413, 413 },
    { "Content-Length:\r\n", 400, 400 },
    { "Content-Length: +1\r\n", 400, 400 },
    { "Content-Length: -1\r\n", 400, 400 },
    { "Content-Length: 1 1\r\n", 400, 400 },
    { "Content-Length: 0x1\r\n", 400, 400 },
    { "Content-Length: 5, 5\r\n", 400, 400 },
    { "Content-Length: 1.0\r\n", 400, 400 },
    { "Content-Length: 0\r\nContent-Length: 0\r\n", 400, 400 },
    { "Content-Length: 1\r\nContent-Length: 2\r\n", 400, 400 },
    { "Transfer-Encoding: chunked\r\n", 413, 400 },
    { "transfer-encoding: ,gzip , CHUNKED,,\r\n", 413, 400 },
    { "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 413, 400 },
    { "Transfer-Encoding: a;b=\"chunked,\", chunked\r\n", 413, 400 },
    { "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", 413, 400 },
    { "Transfer-Encoding:\r\n", 400, 400 },
    { "Transfer-Encoding: identity\r\n", 400, 400 },
    { "Transfer-Encoding: xchunked\r\n", 400, 400 },
    { "Transfer-Encoding: chunked;a=b\r\n", 400, 400 },
    { "Transfer-Encoding: \"chunked\"\r\n", 400, 400 },
    { "Transfer-Encoding: \"a, chunked\r\n", 400, 400 },
    { "Transfer-Encoding: chunked, gzip\r\n", 400, 400 },
    { "Transfer-Encoding: chunked, chunked\r\n", 400, 400 },
    { "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400, 400 },
    { "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400, 400 },
    { "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400, 400 },
    /* A later mistake weighs more than a body. */
    { "Content-Length: 1\r\nA : b\r\n", 400, 400 },
    { "Transfer-Encoding: chunked\r\n A: b\r\n", 400, 400 },
    { "Content-Length: 1\r\nHost: a\r\n", 400, 400 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      const Body *body = &bodies[i];
      g_autofree char *text = g_strconcat ("GET / HTTP/1.1\r\n" HOST, body->fields, "\r\n", NULL);
      g_autofree char *old = g_strconcat ("GET / HTTP/1.0\r\n" HOST, body->fields, "\r\n", NULL);

      if (body->status == 0)
        parse (text);
      else
        assert_refused (text, body->status);
      if (body->status_of_1_0 == 0)
        parse (old);
      else
        assert_refused (old, body->status_of_1_0);
    }
  /* Without Host. */
  assert_refused ("GET / HTTP/1.1\r\nContent-Length: 1" END, 400);
}

typedef struct
{
  const char *fields;
  gboolean    keep_alive;
  gboolean    keep_alive_1_0;
} Connection;

static void
test_connection (void)
{
  static const Connection connections[] = {
    { "", TRUE, FALSE },
    { "Connection:\r\n", TRUE, FALSE },
    { "Connection: keep-alive\r\n", TRUE, TRUE },
    { "connection: KEEP-Alive\r\n", TRUE, TRUE },
    { "Connection: close\r\n", FALSE, FALSE },
    { "Connection: Close\r\n", FALSE, FALSE },
    { "Connection: ,x ,\tclose , y\r\n", FALSE, FALSE },
    { "Connection: keep-alive, close\r\n", FALSE, FALSE },
    { "Connection: close\r\nConnection: keep-alive\r\n", FALSE, FALSE },
    { "Connection: upgrade\r\nA: b\r\nConnection: keep-alive\r\n", TRUE, TRUE },
    { "Connection: closed, keepalive\r\n", TRUE, FALSE },
    { "Connection: close keep-alive\r\n", TRUE, FALSE },
    { "Connections: close\r\nConnectiox: keep-alive\r\n", TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    {
      const Connection *each = &connections[i];
      g_autofree char *text = g_strconcat ("GET / HTTP/1.1\r\n" HOST, each->fields, "\r\n", NULL);
      g_autofree char *old = g_strconcat ("GET / HTTP/1.0\r\n", each->fields, "\r\n", NULL);

      g_assert_cmpint (parse (text).keep_alive, ==, each->keep_alive);
      g_assert_cmpint (parse (old).keep_alive, ==, each->keep_alive_1_0);
    }
}

static void
test_accept (void)
{
  static const char *json[] = {
    "application/health+json", "application/json", "APPLICATION/Json", "application/json;q=0.001",
    "application/json, text/plain, */*", "application/json;q=1.000", "application/json;q=1.",
    "text/html, application/json;q=0.9, text/plain;q=0.8", "application/json;q=0.5, */*;q=0.1",
    "application/json;q=0.5, */*, text/plain;q=0.2", "application/json;q=0.5,*/*,text/*;q=0.5",
    "application/json;q=0, application/health+json;q=0.1", "application/json ; charset=x ; Q=0.3",
    "application/json;a=\"q=0,\\\";q=0\"", "application/json, text/plain;q=0.0",
    "application/json;q=0.5;q=0, text/plain;q=0.4", ",, application/json,,",
    "application/json, text/plain;a=\"b", "text/plain;q=0.3\r\nAccept: application/json;q=0.3",
    "application/json;q=0.3\r\nA: b\r\naccept: text/plain;q=0.2",
    "application/json;q=0.3, application/json;q=0.1, text/plain;q=0.2",
  };
  static const char *text[] = {
    "", "*/*", "text/plain", "application/*", "application/*, text/plain;q=0.1",
    "application/jsonx", "application/json;q=0", "application/json;q=0.000",
    "application/json;q=0.5, */*", "application/json;q=0.5, text/*;q=0.6",
    "application/json;q=0.5, text/plain;q=0.501",
    "application/health+json;q=0.2, text/plain;q=0.3, text/*;q=0, */*;q=0", "json",
    "application/json;q=0.5, text/plain;q=0.0001, */*", "application/json;q=0.0001",
    "application/json;q=2", "application/json;q=1.001",
    "application/json;q=", "application/json;q=.5", "application/json;q=x", "application/json;q=-1",
    "application/json;q=0,5", "application/json;q=0x1", "\"application/json\"",
    "text/html;a=\"b, application/json", "text/plain\r\nAccept: application/json;q=0.9",
  };

  for (guint i = 0; i < G_N_ELEMENTS (json); i++)
    {
      g_autofree char *head =
        g_strconcat ("GET / HTTP/1.1\r\n" HOST "Accept: ", json[i], END, NULL);

      g_test_message ("%s", json[i]);
      g_assert_true (parse (head).wants_json);
    }
  for (guint i = 0; i < G_N_ELEMENTS (text); i++)
    {
      g_autofree char *head =
        g_strconcat ("GET / HTTP/1.1\r\n" HOST "Accept: ", text[i], END, NULL);

      g_test_message ("%s", text[i]);
      g_assert_false (parse (head).wants_json);
    }
}

/* Each is read where the one before it ends. */
static void
test_pipeline (void)
{
  const char *text = "GET /1 HTTP/1.1\r\n" HOST "\r\n\r\nHEAD /2 HTTP/1.0\n\n"
                     "GET /3 HTTP/1.1\r\nHost: [::1]\r\nConnection: close" END "rest";
  static const char *paths[] = { "/1", "/2", "/3" };
  static const gboolean keep_alive[] = { TRUE, FALSE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      ProcessHttpRequest request = parse (text);

      assert_span (text, request.path, paths[i]);
      g_assert_cmpint (request.keep_alive, ==, keep_alive[i]);
      text += request.length;
    }
  g_assert_cmpstr (text, ==, "rest");
}

static void
test_nothing (void)
{
  ProcessHttpRequest request;

  _process_http_request_init (&request);
  g_assert_cmpint (_process_http_request_parse (&request, NULL, 0), ==, PROCESS_HTTP_MORE);
  g_assert_cmpint (_process_http_request_parse (&request, "\n", 1), ==, PROCESS_HTTP_MORE);
}

/* The first byte, the whole and all between them. */
static void
test_prefixes (void)
{
  const char *text = "\r\nGET http://a:1/b?c HTTP/1.1\r\n" HOST "Accept: application/json;q=0.5\r\n"
                     "Connection: close\r\nContent-Length: 0\r\n\r\n";

  for (gsize length = 1; length < strlen (text); length++)
    {
      ProcessHttpRequest request;

      g_assert_cmpint (parse_bytes (&request, text, length), ==, PROCESS_HTTP_MORE);
    }
  g_assert_cmpuint (parse (text).length, ==, strlen (text));
}

static gboolean
is_local (const char *host,
          const char *name)
{
  g_autofree char *block = g_memdup2 (host, strlen (host));

  return _process_http_host_is_local (block, strlen (host), name);
}

static void
test_local (void)
{
  static const char *local[] = {
    "127.0.0.1", "192.0.2.1", "0.0.0.0", "[::1]", "[2001:db8::1]", "localhost", "LocalHost",
  };
  static const char *foreign[] = {
    "", "example.com", "localhost.example.com", "localhost.", "xlocalhost", "127.0.0.1.example.com",
    "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.01", "127.0.0.256", "[", "[]", "[x]", "[::1]x",
    "[::1", "::1", "%6cocalhost",
  };

  for (guint i = 0; i < G_N_ELEMENTS (local); i++)
    g_assert_true (is_local (local[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_test_message ("%s", foreign[i]);
      g_assert_false (is_local (foreign[i], NULL));
      g_assert_false (is_local (foreign[i], "my.name"));
    }
  g_assert_true (is_local ("MY.Name", "my.naME"));
  g_assert_true (is_local ("127.0.0.1", "my.name"));
  g_assert_false (is_local ("my.nam", "my.name"));
  g_assert_false (_process_http_host_is_local ("127.0.0.1\0x", 11, NULL));
  g_assert_false (_process_http_host_is_local ("localhost\0", 10, NULL));
  g_assert_false (_process_http_host_is_local (NULL, 0, ""));
}

static gboolean
has (const char *query,
     const char *key,
     const char *value)
{
  g_autofree char *block = g_memdup2 (query, strlen (query));

  return _process_http_query_has (block, strlen (query), key, value);
}

static void
test_query (void)
{
  g_assert_true (has ("verbose", "verbose", NULL));
  g_assert_true (has ("verbose=0", "verbose", NULL));
  g_assert_true (has ("a&&verbose=&b", "verbose", NULL));
  g_assert_true (has ("ver%62ose", "verbose", NULL));
  g_assert_true (has ("verbose", "verbose", ""));
  g_assert_false (has ("", "verbose", NULL));
  g_assert_false (has ("verbos", "verbose", NULL));
  g_assert_false (has ("verbosee", "verbose", NULL));
  g_assert_false (has ("Verbose", "verbose", NULL));
  g_assert_false (has ("a=verbose", "verbose", NULL));
  g_assert_false (has ("a;verbose", "verbose", NULL));

  g_assert_true (has ("exclude=db", "exclude", "db"));
  g_assert_true (has ("exclude=a&exclude=b", "exclude", "a"));
  g_assert_true (has ("exclude=a&exclude=b", "exclude", "b"));
  g_assert_true (has ("exclude=a+b%20c%2B%26%3D=", "exclude", "a b c+&=="));
  g_assert_true (has ("exclude=%C3%a9", "exclude", "é"));
  g_assert_true (has ("exclude=", "exclude", ""));
  g_assert_false (has ("exclude=dbx", "exclude", "db"));
  g_assert_false (has ("exclude=d", "exclude", "db"));
  g_assert_false (has ("exclude=DB", "exclude", "db"));
  g_assert_false (has ("exclude=db%00", "exclude", "db"));
  g_assert_false (has ("exclude=%00db", "exclude", ""));
  g_assert_false (has ("exclude", "exclude", "db"));
  g_assert_false (has ("xexclude=db", "exclude", "db"));

  /* Broken escapes stand for themselves. */
  g_assert_true (has ("exclude=%", "exclude", "%"));
  g_assert_true (has ("exclude=%4", "exclude", "%4"));
  g_assert_true (has ("exclude=%4g%zz", "exclude", "%4g%zz"));
  g_assert_true (has ("exclude=%&a=41", "exclude", "%"));
  g_assert_false (has ("exclude%3Ddb", "exclude", "db"));
  g_assert_true (has ("exclude%3Ddb", "exclude=db", NULL));
  g_assert_false (_process_http_query_has (NULL, 0, "a", NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/http/plain", test_plain);
  g_test_add_func ("/http/bytes", test_bytes);
  g_test_add_func ("/http/methods", test_methods);
  g_test_add_func ("/http/versions", test_versions);
  g_test_add_func ("/http/line-ends", test_line_ends);
  g_test_add_func ("/http/at-once", test_at_once);
  g_test_add_func ("/http/targets", test_targets);
  g_test_add_func ("/http/broken-targets", test_broken_targets);
  g_test_add_func ("/http/connect", test_connect);
  g_test_add_func ("/http/long-target", test_long_target);
  g_test_add_func ("/http/long-head", test_long_head);
  g_test_add_func ("/http/fields", test_fields);
  g_test_add_func ("/http/hosts", test_hosts);
  g_test_add_func ("/http/broken-hosts", test_broken_hosts);
  g_test_add_func ("/http/bodies", test_bodies);
  g_test_add_func ("/http/connection", test_connection);
  g_test_add_func ("/http/accept", test_accept);
  g_test_add_func ("/http/pipeline", test_pipeline);
  g_test_add_func ("/http/nothing", test_nothing);
  g_test_add_func ("/http/prefixes", test_prefixes);
  g_test_add_func ("/http/local", test_local);
  g_test_add_func ("/http/query", test_query);

  return g_test_run ();
}
