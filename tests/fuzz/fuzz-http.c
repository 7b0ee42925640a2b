/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The parser of request heads, whole and in pieces, against the grammar as regular expressions.
 *
 * The first byte is the seed of the pieces' sizes.
 */

#include "fuzz.h"

#include <arpa/inet.h>
#include <string.h>

#include <process-glib/daemons/process-http-private.h>

#define TOKEN "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define TARGET "[!\"$-~]"
#define END "\\r?\\z"
#define HOST "(\\[[^\\]]*\\]|(?:[0-9A-Za-z._~!$&'()*+,;=-]++|%[0-9A-Fa-f]{2})*+)(:[0-9]*)?"

/* What a head should come to. */
typedef struct
{
  guint     status; /* 0 for a good one */
  gboolean  is_connect;
  guint     minor;
  guint     n_hosts;
  guint     n_lengths;
  gboolean  has_content;
  gboolean  has_quotes;
  char     *codings; /* (nullable) */
  GString  *connection;
  GString  *accept;
  char     *path;
  char     *query;
  char     *authority; /* (nullable) */
  char     *host;
} Head;

static void
head_clear (Head *self)
{
  g_free (self->codings);
  g_string_free (self->connection, TRUE);
  g_string_free (self->accept, TRUE);
  g_free (self->path);
  g_free (self->query);
  g_free (self->authority);
  g_free (self->host);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Head, head_clear)

/* The expressions are literals, and compiled once. The parts are those in parentheses. */
static char **
match (const char *pattern, const char *text, gssize length)
{
  static GHashTable *compiled;
  g_autoptr (GMatchInfo) info = NULL;
  GRegex *regex;

  if (compiled == NULL)
    compiled = g_hash_table_new (NULL, NULL);
  regex = g_hash_table_lookup (compiled, pattern);
  if (regex == NULL)
    {
      regex = g_regex_new (pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE | G_REGEX_ANCHORED, 0, NULL);
      g_assert_nonnull (regex);
      g_hash_table_insert (compiled, (gpointer) pattern, regex);
    }
  if (!g_regex_match_full (regex, text, length, 0, 0, &info, NULL))
    return NULL;
  return g_match_info_fetch_all (info);
}

static gboolean
matches (const char *pattern, const char *text, gssize length)
{
  g_auto (GStrv) parts = match (pattern, text, length);

  return parts != NULL;
}

/* NULL if it is not one. */
static char *
host_of (const char *authority)
{
  g_auto (GStrv) parts = match (HOST "\\z", authority, -1);
  g_autofree char *inner = NULL;
  struct in6_addr address;

  if (parts == NULL)
    return NULL;
  if (g_strv_length (parts) > 2 && strlen (parts[2]) > 1 &&
      !g_ascii_string_to_unsigned (parts[2] + 1, 10, 0, 65535, NULL, NULL))
    return NULL;
  if (parts[1][0] != '[')
    return g_strdup (parts[1]);
  inner = g_strndup (parts[1] + 1, strlen (parts[1]) - 2);
  return inet_pton (AF_INET6, inner, &address) == 1 ? g_strdup (parts[1]) : NULL;
}

static gboolean
expect_target (Head *self, const char *target)
{
  static const char absolute[] = "(?i)https?://([^/?]*)(/[^?]*)?(?:\\?(.*))?\\z";
  static const char origin[] = "(/[^?]*|\\*\\z)(?:\\?(.*))?\\z";
  g_auto (GStrv) parts = match (absolute, target, -1);
  guint n;

  if (parts != NULL)
    {
      n = g_strv_length (parts);
      self->path = g_strdup (n > 2 && parts[2][0] != '\0' ? parts[2] : "/");
      self->query = g_strdup (n > 3 ? parts[3] : "");
      self->authority = host_of (parts[1]);
      return self->authority != NULL && self->authority[0] != '\0';
    }
  if ((parts = match (origin, target, -1)) != NULL)
    {
      self->path = g_strdup (parts[1]);
      self->query = g_strdup (g_strv_length (parts) > 2 ? parts[2] : "");
      return TRUE;
    }
  self->path = g_strdup (target);
  self->query = g_strdup ("");
  self->authority = host_of (target);
  return self->is_connect && self->authority != NULL && self->authority[0] != '\0' &&
         matches (".*:[0-9]+\\z", target, -1);
}

static guint
expect_request_line (Head *self, const char *line, gssize length)
{
  static const char form[] = "(" TOKEN ") (" TARGET "{1,2048}) HTTP/([0-9])\\.([0-9])" END;
  static const char target[] = TOKEN " (" TARGET "{1,2048}) ";
  g_auto (GStrv) parts = NULL;

  if (matches (TOKEN " " TARGET "{2049}", line, length))
    return 414;
  if (!matches (target, line, length) || (parts = match (form, line, length)) == NULL)
    return 400;
  self->is_connect = g_str_equal (parts[1], "CONNECT");
  self->minor = parts[4][0] != '0';
  if (!expect_target (self, parts[2]))
    return 400;
  return parts[3][0] == '1' ? 0 : 505;
}

static gboolean
expect_host (Head *self, const char *value)
{
  if (self->n_hosts++ > 0)
    return FALSE;
  self->host = host_of (value);
  return self->host != NULL;
}

static gboolean
expect_length (Head *self, const char *value)
{
  self->has_content = !matches ("0*\\z", value, -1);
  return self->n_lengths++ == 0 && self->codings == NULL && matches ("[0-9]+\\z", value, -1);
}

/* As if all fields were one; what comes after "chunked" is wrong as soon as it is there. */
static gboolean
expect_codings (Head *self, const char *value)
{
  g_autofree char *before = g_steal_pointer (&self->codings);

  self->codings = g_strconcat (before != NULL ? before : "", ",", value, NULL);
  return self->minor > 0 && self->n_lengths == 0 &&
         !matches ("(?i).*,[ \\t]*chunked[ \\t]*,[ \\t,]*[^ \\t,]", self->codings, -1);
}

static guint
expect_field (Head *self, const char *line, gssize length)
{
  g_auto (GStrv) parts = match ("(" TOKEN "):([\\t -~\\x80-\\xff]*)" END, line, length);
  gboolean is_good = TRUE;

  if (parts == NULL)
    return 400;
  self->has_quotes |= strchr (g_strstrip (parts[2]), '"') != NULL;
  if (g_ascii_strcasecmp (parts[1], "Host") == 0)
    is_good = expect_host (self, parts[2]);
  else if (g_ascii_strcasecmp (parts[1], "Content-Length") == 0)
    is_good = expect_length (self, parts[2]);
  else if (g_ascii_strcasecmp (parts[1], "Transfer-Encoding") == 0)
    is_good = expect_codings (self, parts[2]);
  else if (g_ascii_strcasecmp (parts[1], "Connection") == 0)
    g_string_append_printf (self->connection, "%s,", parts[2]);
  else if (g_ascii_strcasecmp (parts[1], "Accept") == 0)
    g_string_append_printf (self->accept, "%s,", parts[2]);
  return is_good ? 0 : 400;
}

static guint
expect_end (Head *self)
{
  if (self->minor > 0 && self->n_hosts == 0)
    return 400;
  if (self->codings != NULL && !matches ("(?i).*,[ \\t]*chunked[ \\t,]*\\z", self->codings, -1))
    return 400;
  return self->has_content || self->codings != NULL ? 413 : 0;
}

/* FALSE when it is not sure what comes of @data, but that it is no good head. */
static gboolean
expect (Head *self, const char *data, gsize size)
{
  const char *end = data + MIN (size, PROCESS_HTTP_MAX_HEAD);
  const char *newline;
  guint n_empty = 0;

  for (; (newline = memchr (data, '\n', (gsize) (end - data))) != NULL; data = newline + 1)
    {
      gssize length = newline - data;
      gboolean is_empty = length == 0 || (length == 1 && data[0] == '\r');

      if (self->path == NULL && is_empty)
        self->status = ++n_empty > 4 ? 400 : 0;
      else if (self->path == NULL)
        self->status = expect_request_line (self, data, length);
      else if (!is_empty)
        self->status = expect_field (self, data, length);
      else
        self->status = expect_end (self);
      /* In quotes a comma is none; that is not told apart here. */
      if (self->codings != NULL && strchr (self->codings, '"') != NULL)
        return FALSE;
      if (self->status != 0 || (self->path != NULL && is_empty))
        return TRUE;
    }
  return FALSE;
}

static gboolean
lists (const char *list, const char *option)
{
  g_auto (GStrv) options = g_strsplit (list, ",", -1);

  for (guint i = 0; options[i] != NULL; i++)
    if (g_ascii_strcasecmp (g_strstrip (options[i]), option) == 0)
      return TRUE;
  return FALSE;
}

static int
weight_of (char **parameters)
{
  for (; *parameters != NULL; parameters++)
    if (matches ("(?i)q=", g_strstrip (*parameters), -1))
      return matches ("(?i)q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)\\z", *parameters, -1)
               ? (int) (g_ascii_strtod (*parameters + 2, NULL) * 1000 + 0.5)
               : -1;
  return 1000;
}

/* The best weight of a media type in a list, or -1. */
static int
best_weight (const char *list, const char *type)
{
  g_auto (GStrv) elements = g_strsplit (list, ",", -1);
  int best = -1;

  for (guint i = 0; elements[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (elements[i], ";", -1);

      if (parts[0] != NULL && g_ascii_strcasecmp (g_strstrip (parts[0]), type) == 0)
        best = MAX (best, weight_of (parts + 1));
    }
  return best;
}

static gboolean
wants_json (const char *list)
{
  static const char *ranges[] = { "text/plain", "text/*", "*/*" };
  int json = MAX (best_weight (list, "application/json"),
                  best_weight (list, "application/health+json"));
  int text = -1;

  for (guint i = 0; i < G_N_ELEMENTS (ranges) && text < 0; i++)
    text = best_weight (list, ranges[i]);
  return json > 0 && json >= text;
}

static void
check_span (const char *data, gsize length, ProcessHttpSpan span, const char *expected)
{
  g_autofree char *found = NULL;

  g_assert_cmpuint ((gsize) span.offset + span.length, <=, length);
  found = g_strndup (data + span.offset, span.length);
  g_assert_cmpstr (found, ==, expected);
}

/* What was made of a query, pair by pair. */
static void
check_query (const char *query, gsize length)
{
  g_autofree char *text = g_strndup (length > 0 ? query : "", length);
  g_auto (GStrv) pairs = g_strsplit (g_strdelimit (text, "+", ' '), "&", -1);

  for (guint i = 0; i < 20 && pairs[i] != NULL; i++)
    {
      char *sign = strchr (pairs[i], '=');
      g_autofree char *key = g_uri_unescape_segment (pairs[i], sign, NULL);
      g_autofree char *value = g_uri_unescape_string (sign != NULL ? sign + 1 : "", NULL);

      /* GLib wants no broken escape, no NUL and no broken UTF-8 behind one. */
      if (key == NULL || value == NULL || pairs[i][0] == '\0')
        continue;
      g_assert_true (_process_http_query_has (query, length, key, value));
      g_assert_true (_process_http_query_has (query, length, key, NULL));
    }
  g_assert_false (_process_http_query_has (query, length, "\n", NULL) &&
                  strstr (text, "%0A") == NULL && strstr (text, "%0a") == NULL);
}

static void
check_host (const char *host, gsize length)
{
  g_autofree char *block = g_memdup2 (host, length);
  g_autofree char *text = g_strndup (host, length);
  gboolean is_local = g_ascii_strcasecmp (text, "localhost") == 0 || text[0] == '[' ||
                      g_hostname_is_ip_address (text);

  g_assert_cmpint (_process_http_host_is_local (block, length, NULL), ==, is_local);
  g_assert_true (length == 0 || _process_http_host_is_local (block, length, text));
}

static void
check_request (const ProcessHttpRequest *request, const Head *head, const char *data)
{
  gsize length = request->length;
  g_autofree char *query = g_memdup2 (data + request->query.offset, request->query.length);

  check_span (data, length, request->path, head->path);
  check_span (data, length, request->query, head->query);
  check_span (data, length, request->host,
              head->authority != NULL ? head->authority : head->host != NULL ? head->host : "");
  g_assert_cmpuint (request->minor, ==, head->minor);
  check_query (query, request->query.length);
  check_host (data + request->host.offset, request->host.length);
  if (head->has_quotes)
    return;
  g_assert_cmpint (request->keep_alive, ==, !lists (head->connection->str, "close") &&
                   (head->minor > 0 || lists (head->connection->str, "keep-alive")));
  g_assert_cmpint (request->wants_json, ==, wants_json (head->accept->str));
}

static void
check_outcome (const ProcessHttpRequest *request, ProcessHttpState state, const char *data,
               gsize size)
{
  g_auto (Head) head = { .connection = g_string_new (NULL), .accept = g_string_new (NULL) };

  if (!expect (&head, data, size))
    {
      /* The parser may be, and has to be where a head must end. */
      g_assert_cmpint (state, !=, PROCESS_HTTP_DONE);
      if (size >= PROCESS_HTTP_MAX_HEAD)
        g_assert_cmpint (state, ==, PROCESS_HTTP_REFUSED);
      return;
    }
  g_assert_cmpint (state, !=, PROCESS_HTTP_MORE);
  g_assert_cmpuint (request->status, ==, head.status);
  if (state == PROCESS_HTTP_DONE)
    check_request (request, &head, data);
}

static void
assert_same (const ProcessHttpRequest *one, const ProcessHttpRequest *other)
{
  g_assert_cmpuint (one->status, ==, other->status);
  g_assert_cmpuint (one->length, ==, other->length);
  g_assert_cmpint (one->method, ==, other->method);
  g_assert_cmpmem (&one->path, sizeof one->path, &other->path, sizeof other->path);
  g_assert_cmpmem (&one->query, sizeof one->query, &other->query, sizeof other->query);
  g_assert_cmpmem (&one->host, sizeof one->host, &other->host, sizeof other->host);
  g_assert_cmpuint (one->minor, ==, other->minor);
  g_assert_cmpint (one->keep_alive, ==, other->keep_alive);
  g_assert_cmpint (one->wants_json, ==, other->wants_json);
}

/* In blocks that end where the data ends. With a seed of 0 it is one. */
static ProcessHttpState
parse_pieces (ProcessHttpRequest *request, const char *data, gsize size, guint seed)
{
  ProcessHttpState state = PROCESS_HTTP_MORE;
  gsize n = 0;

  _process_http_request_init (request);
  while (n < size && state == PROCESS_HTTP_MORE)
    {
      g_autofree char *block = NULL;

      n = seed == 0 ? size : MIN (size, n + 1 + (seed >> 8) % (1 + size / 4));
      seed = seed == 0 ? 0 : seed * 1103515245u + 12345u;
      block = g_memdup2 (data, n);
      state = _process_http_request_parse (request, block, n);
    }
  return state;
}

/* How many bytes it takes to be sure. */
static gsize
parse_bytes (ProcessHttpRequest *request, const char *data, gsize size)
{
  _process_http_request_init (request);
  for (gsize n = 1; n <= size; n++)
    if (_process_http_request_parse (request, data, n) != PROCESS_HTTP_MORE)
      return n;
  return size;
}

int
LLVMFuzzerTestOneInput (const guint8 *input, size_t size)
{
  const char *data = (const char *) input + 1;
  ProcessHttpRequest whole, other;
  ProcessHttpState state;
  gsize needed;

  if (size-- == 0)
    return 0;
  state = parse_pieces (&whole, data, size, 0);
  g_assert_cmpint ((state == PROCESS_HTTP_REFUSED), ==, (whole.status != 0));
  g_assert_cmpint (parse_pieces (&other, data, size, input[0] * 77777u + 1), ==, state);
  assert_same (&whole, &other);
  needed = parse_bytes (&other, data, size);
  assert_same (&whole, &other);
  g_assert_cmpuint (needed, <=, PROCESS_HTTP_MAX_HEAD + (state == PROCESS_HTTP_MORE));
  if (state == PROCESS_HTTP_DONE)
    g_assert_cmpuint (whole.length, ==, needed);
  /* Nothing behind that is needed. */
  g_assert_cmpint (parse_pieces (&other, data, needed, 0), ==, state);
  assert_same (&whole, &other);
  check_outcome (&whole, state, data, size);
  return 0;
}
