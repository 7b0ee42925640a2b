/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include <process-glib/daemons/process-health-reply-private.h>
#include <process-glib/process-error.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

typedef struct
{
  const char *name;
  const char *bytes;
  guint       status; /* 0: it is refused */
  const char *text;   /* or what the error says */
  gboolean    ends;   /* the end of the connection is needed to know */
} Case;

static const Case cases[] = {
  { "plain", OK "Content-Length: 3\r\n\r\nok\n", 200, "ok", FALSE },
  { "empty", OK "Content-Length: 0\r\n\r\n", 200, "OK", FALSE },
  { "no-reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, "", FALSE },
  { "empty-reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", FALSE },
  { "bare-newlines", "HTTP/1.1 503 No\ncontent-length: 5\n\n no \n", 503, "no", FALSE },
  { "to-the-end", "HTTP/1.0 503 No\r\n\r\nnot\nready\n", 503, "not\nready", TRUE },
  { "nothing-to-the-end", "HTTP/1.0 503 No\r\n\r\n", 503, "No", TRUE },
  { "not-utf-8", OK "Content-Length: 3\r\n\r\na\xff" "b", 200, "a\xef\xbf\xbd" "b", FALSE },
  { "folded", OK "A: b\r\n c: d\r\nContent-Length: 1\r\n\r\nx", 200, "x", FALSE },
  { "same-length-twice", OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 200, "x", FALSE },
  { "more-than-it-says", OK "Content-Length: 1\r\n\r\nxyz", 200, "x", FALSE },
  { "interim", "HTTP/1.1 100 Go on\r\nA: b\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
    OK "Content-Length: 1\r\n\r\nx", 200, "x", FALSE },
  { "switching", "HTTP/1.1 101 Other\r\nUpgrade: x\r\n\r\n", 101, "Other", FALSE },
  { "no-content", "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", 204, "None", FALSE },
  { "not-modified", "HTTP/1.1 304 Same\r\n\r\n", 304, "Same", FALSE },
  { "odd-status", "HTTP/1.9 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, "Odd", FALSE },
  { "chunked", CHUNKED "2\r\nok\r\n1;a=b\r\n\n\r\n3 \r\nxyz\r\n0\r\n\r\n", 200, "ok\nxyz", FALSE },
  { "chunked-hex", CHUNKED "0A\r\n0123456789\r\n00\r\nX: y\r\n\r\n", 200, "0123456789", FALSE },
  { "chunked-wins", OK "Transfer-Encoding: gzip , CHUNKED \r\nContent-Length: 1\r\n\r\n"
    "2\r\nok\r\n0\r\n\r\n", 200, "ok", FALSE },
  { "other-coding", OK "Transfer-Encoding: chunked, x\r\n\r\n2\r\n", 200, "2", TRUE },

  { "nothing", "", 0, "without an answer", TRUE },
  { "half-a-status", "HTTP/1.", 0, "in the middle", TRUE },
  { "half-a-head", OK "A: b\r\n", 0, "in the middle", TRUE },
  { "half-a-body", OK "Content-Length: 3\r\n\r\nok", 0, "in the middle", TRUE },
  { "half-a-chunk", CHUNKED "3\r\nok", 0, "in the middle", TRUE },
  { "no-last-chunk", CHUNKED "2\r\nok\r\n", 0, "in the middle", TRUE },
  { "only-interim", "HTTP/1.1 100 Go on\r\n\r\n", 0, "in the middle", TRUE },
  { "garbage", "SSH-2.0-server\r\n", 0, "not HTTP", FALSE },
  { "empty-line", "\r\n" OK "\r\n", 0, "not HTTP", FALSE },
  { "other-version", "HTTP/2.0 200 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "no-version", "HTTP/1. 200 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "lower-case", "http/1.1 200 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "two-digits", "HTTP/1.1 20\r\n\r\n", 0, "not HTTP", FALSE },
  { "four-digits", "HTTP/1.1 2000 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "low-status", "HTTP/1.1 099 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "two-spaces", "HTTP/1.1  200 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "tab", "HTTP/1.1\t200 OK\r\n\r\n", 0, "not HTTP", FALSE },
  { "no-colon", OK "Content-Length\r\n\r\n", 0, "head that is not HTTP", FALSE },
  { "no-name", OK ": 1\r\n\r\n", 0, "head that is not HTTP", FALSE },
  { "space-in-name", OK "Content-Length : 1\r\n\r\n", 0, "head that is not HTTP", FALSE },
  { "bad-length", OK "Content-Length: -1\r\n\r\n", 0, "length", FALSE },
  { "signed-length", OK "Content-Length: +1\r\n\r\n", 0, "length", FALSE },
  { "no-length", OK "Content-Length:\r\n\r\n", 0, "length", FALSE },
  { "huge-length", OK "Content-Length: 99999999999999999999\r\n\r\n", 0, "length", FALSE },
  { "two-lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 0, "length", FALSE },
  { "bad-chunk", CHUNKED "0x2\r\nok\r\n", 0, "chunk without", FALSE },
  { "empty-chunk", CHUNKED "\r\n", 0, "chunk without", FALSE },
  { "long-chunk", CHUNKED "2\r\nokay\r\n", 0, "longer than it says", FALSE },
};

/* Whether it is complete or refused; chunks of the heap, so that what is read beyond them is
 * noticed by the tools for that. */
static gboolean
add (ProcessHealthReply  *reply,
     const char          *bytes,
     gsize                length,
     GError             **error)
{
  g_autofree char *chunk = g_memdup2 (bytes, length);

  return !_process_health_reply_add (reply, chunk, length, error) ||
         _process_health_reply_is_complete (reply);
}

static void
check (const Case *this,
       gsize       step)
{
  g_autoptr (ProcessHealthReply) reply = _process_health_reply_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length = strlen (this->bytes);
  gboolean known = FALSE;

  for (gsize i = 0; i < length && !known; i += step)
    known = add (reply, this->bytes + i, MIN (step, length - i), &error);
  g_assert_true (known == !this->ends);
  if (!known)
    g_assert_true (add (reply, NULL, 0, &error));

  if (this->status == 0)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, this->text));
      return;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (_process_health_reply_get_status (reply), ==, this->status);
  text = _process_health_reply_dup_text (reply);
  g_assert_cmpstr (text, ==, this->text);
}

static void
test_case (gconstpointer data)
{
  const Case *this = data;

  for (gsize step = 1; step <= 8; step++)
    check (this, step);
  check (this, 65536);
}

static void
test_nul (void)
{
  static const char in_status[] = "HTTP/1.1 200\0 OK\r\n";
  static const char in_field[] = OK "Content-Length: 1\0\r\n";
  static const char in_body[] = OK "Content-Length: 3\r\n\r\na\0b";
  g_autoptr (ProcessHealthReply) first = _process_health_reply_new ();
  g_autoptr (ProcessHealthReply) second = _process_health_reply_new ();
  g_autoptr (ProcessHealthReply) third = _process_health_reply_new ();
  g_autofree char *text = NULL;

  g_assert_false (_process_health_reply_add (first, in_status, sizeof in_status - 1, NULL));
  g_assert_false (_process_health_reply_add (second, in_field, sizeof in_field - 1, NULL));
  g_assert_true (_process_health_reply_add (third, in_body, sizeof in_body - 1, NULL));
  text = _process_health_reply_dup_text (third);
  g_assert_cmpstr (text, ==, "a\xef\xbf\xbd" "b");
}

/* However much comes, what is behind the bound is not looked at. */
static void
test_bounds (void)
{
  g_autoptr (ProcessHealthReply) body = _process_health_reply_new ();
  g_autoptr (ProcessHealthReply) head = _process_health_reply_new ();
  g_autoptr (ProcessHealthReply) line = _process_health_reply_new ();
  g_autofree char *much = g_strnfill (PROCESS_HEALTH_REPLY_MAX, 'x');
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  const char *start = OK "Content-Length: 9000000000000000000\r\n\r\n";

  g_assert_true (_process_health_reply_add (body, start, strlen (start), NULL));
  g_assert_false (_process_health_reply_is_complete (body));
  g_assert_true (_process_health_reply_add (body, much, strlen (much), NULL));
  g_assert_true (_process_health_reply_is_complete (body));
  text = _process_health_reply_dup_text (body);
  g_assert_cmpuint (strlen (text), ==, PROCESS_HEALTH_REPLY_MAX - strlen (start));

  g_assert_true (_process_health_reply_add (head, OK "A: ", strlen (OK "A: "), NULL));
  g_assert_false (_process_health_reply_add (head, much, strlen (much), &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "64 KiB"));

  g_assert_true (_process_health_reply_add (line, much, strlen (much) - 1, NULL));
  g_assert_false (_process_health_reply_add (line, "x", 1, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/health-reply/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/health-reply/nul", test_nul);
  g_test_add_func ("/health-reply/bounds", test_bounds);

  return g_test_run ();
}
