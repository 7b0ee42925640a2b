/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-http-private.h"

#include <arpa/inet.h>
#include <string.h>

/* How it works
 *
 * A request head is read byte by byte, and at any byte the parser can be left
 * and gone on with: `step` is what is being read, `start` is where that began,
 * `at` is the next byte. Each step eats what belongs to it and either enters
 * the next one, or stops, because the bytes are used up or the request is
 * refused. So the outcome depends on the bytes alone, not on the pieces in
 * which they came.
 *
 * A line ends with CR LF or with LF; a CR stays unread until the byte after it
 * is there, since alone it is an error (RFC 9112 section 2.2).
 *
 * What is wrong is refused at once, so that the first mistake decides the
 * status. That there is a body can only be said when the whole head turns out
 * to be free of mistakes.
 */

#define MAX_EMPTY_LINES 4

typedef enum
{
  STEP_EMPTY_LINES, /* before the request line */
  STEP_METHOD,
  STEP_TARGET,
  STEP_VERSION,
  STEP_VERSION_END,
  STEP_LINE,        /* the start of a field, or the empty line */
  STEP_NAME,
  STEP_SPACE,       /* before a value */
  STEP_VALUE,
  STEP_OVER,
} Step;

typedef enum
{
  FIELD_OTHER,
  FIELD_ACCEPT,
  FIELD_CONNECTION,
  FIELD_CONTENT_LENGTH,
  FIELD_HOST,
  FIELD_TRANSFER_ENCODING,
} Field;

typedef enum
{
  SEEN_CONNECT = 1 << 0,
  SEEN_AUTHORITY = 1 << 1, /* in the target */
  SEEN_HOST = 1 << 2,
  SEEN_CONTENT_LENGTH = 1 << 3,
  SEEN_CONTENT = 1 << 4,
  SEEN_TRANSFER_ENCODING = 1 << 5,
  SEEN_CHUNKED = 1 << 6,
  SEEN_CLOSE = 1 << 7,
  SEEN_KEEP_ALIVE = 1 << 8,
} Seen;

typedef enum
{
  RANGE_JSON,
  RANGE_PLAIN,
  RANGE_TEXT,
  RANGE_ANY,
} Range;

typedef struct
{
  const char *text;
  gsize       length;
} Slice;

/* What a byte may be part of. */
enum
{
  TOKEN = 1 << 0,  /* RFC 9110 section 5.6.2 */
  TARGET = 1 << 1, /* whatever can be seen, but no fragment */
  VALUE = 1 << 2,  /* RFC 9110 section 5.5 */
  NAME = 1 << 3,   /* RFC 3986 section 3.2.2, reg-name */
};

static const guint8 classes[256] = {
  ['\t'] = VALUE,
  [' '] = VALUE,
  ['!'] = TOKEN | TARGET | VALUE | NAME,
  ['"'] = TARGET | VALUE,
  ['#'] = TOKEN | VALUE,
  ['$'] = TOKEN | TARGET | VALUE | NAME,
  ['%'] = TOKEN | TARGET | VALUE | NAME,
  ['&' ... '\''] = TOKEN | TARGET | VALUE | NAME,
  ['(' ... ')'] = TARGET | VALUE | NAME,
  ['*' ... '+'] = TOKEN | TARGET | VALUE | NAME,
  [','] = TARGET | VALUE | NAME,
  ['-' ... '.'] = TOKEN | TARGET | VALUE | NAME,
  ['/'] = TARGET | VALUE,
  ['0' ... '9'] = TOKEN | TARGET | VALUE | NAME,
  [':'] = TARGET | VALUE,
  [';'] = TARGET | VALUE | NAME,
  ['<'] = TARGET | VALUE,
  ['='] = TARGET | VALUE | NAME,
  ['>' ... '@'] = TARGET | VALUE,
  ['A' ... 'Z'] = TOKEN | TARGET | VALUE | NAME,
  ['[' ... ']'] = TARGET | VALUE,
  ['^'] = TOKEN | TARGET | VALUE,
  ['_'] = TOKEN | TARGET | VALUE | NAME,
  ['`'] = TOKEN | TARGET | VALUE,
  ['a' ... 'z'] = TOKEN | TARGET | VALUE | NAME,
  ['{'] = TARGET | VALUE,
  ['|'] = TOKEN | TARGET | VALUE,
  ['}'] = TARGET | VALUE,
  ['~'] = TOKEN | TARGET | VALUE | NAME,
  [0x80 ... 0xff] = VALUE,
};

static inline gboolean
is_in (char   byte,
       guint8 class)
{
  return (classes[(guchar) byte] & class) != 0;
}

/* The end of the run of bytes of a class that starts at @at. */
static inline gsize
skip (const char *data,
      gsize       at,
      gsize       end,
      guint8      class)
{
  while (at < end && is_in (data[at], class))
    at++;

  return at;
}

static inline Slice
slice (const char *data,
       gsize       start,
       gsize       end)
{
  return (Slice) { data + start, end - start };
}

static inline ProcessHttpSpan
span (gsize start,
      gsize end)
{
  return (ProcessHttpSpan) { (guint16) start, (guint16) (end - start) };
}

static gboolean
equals (Slice       self,
        const char *text)
{
  return self.length == strlen (text) && g_ascii_strncasecmp (self.text, text, self.length) == 0;
}

static inline gboolean
is_space (char byte)
{
  return byte == ' ' || byte == '\t';
}

static Slice
trim (Slice self)
{
  while (self.length > 0 && is_space (self.text[0]))
    self = slice (self.text, 1, self.length);
  while (self.length > 0 && is_space (self.text[self.length - 1]))
    self.length--;

  return self;
}

/* Moves from @list what is before a @separator that is in no quoted string (RFC 9110 sections
 * 5.6.1 and 5.6.4); FALSE when nothing is left. */
static gboolean
take_part (Slice *list,
           char   separator,
           Slice *part)
{
  gboolean quoted = FALSE;
  gsize n = 0;

  if (list->length == 0)
    return FALSE;

  for (; n < list->length && (quoted || list->text[n] != separator); n++)
    {
      if (list->text[n] == '"')
        quoted = !quoted;
      else if (quoted && list->text[n] == '\\' && n + 1 < list->length)
        n++;
    }

  *part = trim (slice (list->text, 0, n));
  *list = slice (list->text, MIN (n + 1, list->length), list->length);

  return TRUE;
}

static gboolean
refuse (ProcessHttpRequest *self,
        guint               status)
{
  self->status = status;
  self->step = STEP_OVER;

  return FALSE;
}

static inline gboolean
enter (ProcessHttpRequest *self,
       Step                step,
       gsize               at)
{
  self->step = step;
  self->at = self->start = (guint16) at;

  return TRUE;
}

/* All bytes are used up. */
static inline gboolean
pause_at (ProcessHttpRequest *self,
          gsize               at)
{
  self->at = (guint16) at;

  return FALSE;
}

/* Ends the line at `at`, and enters @step; or stops. */
static inline gboolean
end_line (ProcessHttpRequest *self,
          const char         *data,
          gsize               end,
          Step                step)
{
  gsize at = self->at;

  if (data[at] == '\r' && ++at == end)
    return FALSE;

  return data[at] == '\n' ? enter (self, step, at + 1) : refuse (self, 400);
}

static gboolean
read_empty_lines (ProcessHttpRequest *self,
                  const char         *data,
                  gsize               end)
{
  if (is_in (data[self->at], TOKEN))
    return enter (self, STEP_METHOD, self->at);

  if (!end_line (self, data, end, STEP_EMPTY_LINES))
    return FALSE;

  return ++self->n_empty_lines <= MAX_EMPTY_LINES || refuse (self, 400);
}

static gboolean
read_method (ProcessHttpRequest *self,
             const char         *data,
             gsize               end)
{
  gsize at = skip (data, self->at, end, TOKEN);
  gsize length = at - self->start;
  const char *method = data + self->start;

  if (at == end)
    return pause_at (self, at);

  if (data[at] != ' ')
    return refuse (self, 400);

  /* Methods are case-sensitive (RFC 9110 section 9.1). */
  if (length == 3 && memcmp (method, "GET", 3) == 0)
    self->method = PROCESS_HTTP_GET;
  else if (length == 4 && memcmp (method, "HEAD", 4) == 0)
    self->method = PROCESS_HTTP_HEAD;
  else if (length == 7 && memcmp (method, "CONNECT", 7) == 0)
    self->seen |= SEEN_CONNECT;

  return enter (self, STEP_TARGET, at + 1);
}

static gboolean
is_address (int   family,
            Slice text)
{
  char copy[INET6_ADDRSTRLEN];
  struct in6_addr address;

  if (text.length >= sizeof copy || memchr (text.text, '\0', text.length) != NULL)
    return FALSE;
  memcpy (copy, text.text, text.length);
  copy[text.length] = '\0';

  return inet_pton (family, copy, &address) == 1;
}

static gboolean
is_port (Slice text)
{
  guint port = 0;

  for (gsize i = 0; i < text.length; i++)
    {
      if (!g_ascii_isdigit (text.text[i]))
        return FALSE;
      port = port * 10 + (guint) (text.text[i] - '0');
      if (port > G_MAXUINT16)
        return FALSE;
    }

  return TRUE;
}

/* The length of a reg-name, which may be none at all; -1 if an escape in it is broken. */
static gssize
measure_name (Slice text)
{
  gsize length = skip (text.text, 0, text.length, NAME);

  for (gsize i = 0; i < length; i++)
    if (text.text[i] == '%' && (i + 2 >= length || !g_ascii_isxdigit (text.text[i + 1]) ||
                                !g_ascii_isxdigit (text.text[i + 2])))
      return -1;

  return (gssize) length;
}

/* No form of literal but that of version 6 was ever defined. */
static gssize
measure_literal (Slice text)
{
  const char *close = memchr (text.text, ']', text.length);
  gsize length;

  if (close == NULL)
    return -1;
  length = (gsize) (close + 1 - text.text);

  return is_address (AF_INET6, slice (text.text, 1, length - 1)) ? (gssize) length : -1;
}

/* The length of the host in `uri-host [ ":" port ]` (RFC 9110 section 7.2), or -1 if it is
 * anything else, such as one with a user's name. */
static gssize
measure_host (Slice authority)
{
  gssize length = authority.length > 0 && authority.text[0] == '[' ? measure_literal (authority)
                                                                   : measure_name (authority);
  gsize rest = (gsize) length;

  if (length < 0 || rest == authority.length)
    return length;

  if (authority.text[rest] != ':' || !is_port (slice (authority.text, rest + 1, authority.length)))
    return -1;

  return length;
}

/* The host that a target names takes the place of the Host field's (RFC 9112 section 3.2.2), and
 * cannot be empty (RFC 9110 section 4.2.1). */
static gboolean
read_authority (ProcessHttpRequest *self,
                const char         *data,
                gsize               start,
                gsize               end)
{
  gssize length = measure_host (slice (data, start, end));

  if (length <= 0)
    return FALSE;
  self->host = span (start, start + (gsize) length);
  self->seen |= SEEN_AUTHORITY;

  return TRUE;
}

static void
split_target (ProcessHttpRequest *self,
              const char         *data,
              gsize               start,
              gsize               end)
{
  const char *mark = memchr (data + start, '?', end - start);
  gsize path_end = mark != NULL ? (gsize) (mark - data) : end;

  self->path = span (start, path_end);
  self->query = span (mark != NULL ? path_end + 1 : end, end);
}

/* What is behind `http:` or `https:`. */
static gboolean
read_absolute_form (ProcessHttpRequest *self,
                    const char         *data,
                    gsize               start,
                    gsize               end)
{
  gsize authority = start + 2;
  gsize path = authority;

  while (path < end && data[path] != '/' && data[path] != '?')
    path++;

  if (!read_authority (self, data, authority, path))
    return FALSE;

  split_target (self, data, path, end);
  /* There is a "/" to point at in "://". */
  if (self->path.length == 0)
    self->path = span (start + 1, start + 2);

  return TRUE;
}

/* The four forms of a target (RFC 9112 section 3.2). */
static gboolean
read_form (ProcessHttpRequest *self,
           const char         *data,
           gsize               start,
           gsize               end)
{
  Slice target = slice (data, start, end);

  if (target.length == 0)
    return FALSE;

  if (target.text[0] == '/' || equals (target, "*"))
    {
      split_target (self, data, start, end);
      return TRUE;
    }

  if (target.length > 7 && equals (slice (target.text, 0, 7), "http://"))
    return read_absolute_form (self, data, start + 5, end);

  if (target.length > 8 && equals (slice (target.text, 0, 8), "https://"))
    return read_absolute_form (self, data, start + 6, end);

  if ((self->seen & SEEN_CONNECT) == 0 || !read_authority (self, data, start, end))
    return FALSE;
  self->path = span (start, end);
  self->query = span (end, end);

  /* Here the port is not optional. */
  return target.text[target.length - 1] != ':' && target.length > self->host.length;
}

static gboolean
read_target (ProcessHttpRequest *self,
             const char         *data,
             gsize               end)
{
  gsize limit = (gsize) self->start + PROCESS_HTTP_MAX_TARGET;
  gsize at = skip (data, self->at, MIN (end, limit), TARGET);

  if (at == end)
    return pause_at (self, at);

  if (at == limit && is_in (data[at], TARGET))
    return refuse (self, 414);

  if (data[at] != ' ' || !read_form (self, data, self->start, at))
    return refuse (self, 400);

  return enter (self, STEP_VERSION, at + 1);
}

/* RFC 9112 section 2.3. */
static gboolean
read_version (ProcessHttpRequest *self,
              const char         *data,
              gsize               end)
{
  static const char form[] = "HTTP/0.0";
  gsize at = self->at;

  for (; at < end && at - self->start < sizeof form - 1; at++)
    {
      char wanted = form[at - self->start];

      if (wanted == '0' ? !g_ascii_isdigit (data[at]) : data[at] != wanted)
        return refuse (self, 400);
    }

  if (at - self->start < sizeof form - 1)
    return pause_at (self, at);

  self->minor = data[at - 1] != '0';
  self->step = STEP_VERSION_END;
  self->at = (guint16) at;

  return TRUE;
}

static gboolean
read_version_end (ProcessHttpRequest *self,
                  const char         *data,
                  gsize               end)
{
  char major = data[self->start + 5];

  if (!end_line (self, data, end, STEP_LINE))
    return FALSE;

  return major == '1' || refuse (self, 505);
}

/* How a message that passed all the other checks ends its head (RFC 9112 sections 3.2, 6.3). */
static gboolean
finish (ProcessHttpRequest *self)
{
  gint16 plain = self->weights[RANGE_PLAIN];
  gint16 json = self->weights[RANGE_JSON];

  if (self->minor > 0 && (self->seen & SEEN_HOST) == 0)
    return refuse (self, 400);

  if ((self->seen & (SEEN_TRANSFER_ENCODING | SEEN_CHUNKED)) == SEEN_TRANSFER_ENCODING)
    return refuse (self, 400);

  if ((self->seen & (SEEN_TRANSFER_ENCODING | SEEN_CONTENT)) != 0)
    return refuse (self, 413);

  /* The most specific range that matches gives the weight (RFC 9110 section 12.5.1). */
  if (plain < 0)
    plain = self->weights[RANGE_TEXT];
  if (plain < 0)
    plain = self->weights[RANGE_ANY];
  self->wants_json = json > 0 && json >= plain;

  self->keep_alive = (self->seen & SEEN_CLOSE) == 0 &&
                     (self->minor > 0 || (self->seen & SEEN_KEEP_ALIVE) != 0);
  self->length = self->at;
  self->step = STEP_OVER;

  return FALSE;
}

/* A line that starts with a space would go on with the one before it, which is obsolete, or hide
 * behind the request line (RFC 9112 sections 2.2 and 5.2). */
static gboolean
read_line (ProcessHttpRequest *self,
           const char         *data,
           gsize               end)
{
  if (is_in (data[self->at], TOKEN))
    return enter (self, STEP_NAME, self->at);

  return end_line (self, data, end, STEP_LINE) && finish (self);
}

static Field
find_field (Slice name)
{
  switch (name.length)
    {
    case 4:
      return equals (name, "Host") ? FIELD_HOST : FIELD_OTHER;
    case 6:
      return equals (name, "Accept") ? FIELD_ACCEPT : FIELD_OTHER;
    case 10:
      return equals (name, "Connection") ? FIELD_CONNECTION : FIELD_OTHER;
    case 14:
      return equals (name, "Content-Length") ? FIELD_CONTENT_LENGTH : FIELD_OTHER;
    case 17:
      return equals (name, "Transfer-Encoding") ? FIELD_TRANSFER_ENCODING : FIELD_OTHER;
    default:
      return FIELD_OTHER;
    }
}

static gboolean
read_name (ProcessHttpRequest *self,
           const char         *data,
           gsize               end)
{
  gsize at = skip (data, self->at, end, TOKEN);

  if (at == end)
    return pause_at (self, at);

  /* Nor a space before the colon (RFC 9112 section 5.1). */
  if (data[at] != ':')
    return refuse (self, 400);
  self->field = find_field (slice (data, self->start, at));

  return enter (self, STEP_SPACE, at + 1);
}

static gboolean
read_space (ProcessHttpRequest *self,
            const char         *data,
            gsize               end)
{
  gsize at = self->at;

  while (at < end && is_space (data[at]))
    at++;

  return at == end ? pause_at (self, at) : enter (self, STEP_VALUE, at);
}

/* RFC 9112 section 3.2. */
static gboolean
take_host (ProcessHttpRequest *self,
           const char         *data,
           Slice               value)
{
  gssize length = measure_host (value);

  if ((self->seen & SEEN_HOST) != 0 || length < 0)
    return FALSE;
  self->seen |= SEEN_HOST;
  if ((self->seen & SEEN_AUTHORITY) == 0)
    self->host = span ((gsize) (value.text - data), (gsize) (value.text - data + length));

  return TRUE;
}

/* A list of equal lengths may be refused like any other (RFC 9112 section 6.3). */
static gboolean
take_content_length (ProcessHttpRequest *self,
                     Slice               value)
{
  if ((self->seen & SEEN_CONTENT_LENGTH) != 0 || value.length == 0)
    return FALSE;
  self->seen |= SEEN_CONTENT_LENGTH;

  for (gsize i = 0; i < value.length; i++)
    {
      if (!g_ascii_isdigit (value.text[i]))
        return FALSE;
      if (value.text[i] != '0')
        self->seen |= SEEN_CONTENT;
    }

  return TRUE;
}

/* Nothing can come after chunked (RFC 9112 section 6.1). */
static gboolean
take_transfer_encoding (ProcessHttpRequest *self,
                        Slice               value)
{
  Slice coding;

  if (self->minor == 0)
    return FALSE;
  self->seen |= SEEN_TRANSFER_ENCODING;

  while (take_part (&value, ',', &coding))
    {
      if (coding.length > 0 && (self->seen & SEEN_CHUNKED) != 0)
        return FALSE;
      if (equals (coding, "chunked"))
        self->seen |= SEEN_CHUNKED;
    }

  return TRUE;
}

static void
take_connection (ProcessHttpRequest *self,
                 Slice               value)
{
  Slice option;

  while (take_part (&value, ',', &option))
    {
      if (equals (option, "close"))
        self->seen |= SEEN_CLOSE;
      else if (equals (option, "keep-alive"))
        self->seen |= SEEN_KEEP_ALIVE;
    }
}

/* In thousandths (RFC 9110 section 12.4.2), or -1. */
static gint16
read_weight (Slice text)
{
  int weight = 0;

  if (text.length == 0 || text.length > 5 || (text.length > 1 && text.text[1] != '.'))
    return -1;

  for (gsize i = 0, unit = 1000; i < text.length; i += i == 0 ? 2 : 1, unit /= 10)
    {
      if (!g_ascii_isdigit (text.text[i]))
        return -1;
      weight += (text.text[i] - '0') * (int) unit;
    }

  return weight <= 1000 ? (gint16) weight : -1;
}

static int
find_range (Slice type)
{
  if (equals (type, "application/health+json") || equals (type, "application/json"))
    return RANGE_JSON;
  if (equals (type, "text/plain"))
    return RANGE_PLAIN;
  if (equals (type, "text/*"))
    return RANGE_TEXT;

  return equals (type, "*/*") ? RANGE_ANY : -1;
}

/* Of the parameters of a media range. */
static gint16
find_weight (Slice parameters)
{
  Slice part;

  while (take_part (&parameters, ';', &part))
    if (part.length >= 2 && equals (slice (part.text, 0, 2), "q="))
      return read_weight (slice (part.text, 2, part.length));

  return 1000;
}

/* A range with a broken weight is passed over. */
static void
take_accept (ProcessHttpRequest *self,
             Slice               value)
{
  Slice element, part;

  while (take_part (&value, ',', &element))
    {
      int range = take_part (&element, ';', &part) ? find_range (part) : -1;

      if (range >= 0)
        self->weights[range] = MAX (self->weights[range], find_weight (element));
    }
}

static gboolean
take_field (ProcessHttpRequest *self,
            const char         *data,
            Slice               value)
{
  switch ((Field) self->field)
    {
    case FIELD_ACCEPT:
      take_accept (self, value);
      return TRUE;
    case FIELD_CONNECTION:
      take_connection (self, value);
      return TRUE;
    case FIELD_HOST:
      return take_host (self, data, value);
    case FIELD_CONTENT_LENGTH:
      return (self->seen & SEEN_TRANSFER_ENCODING) == 0 && take_content_length (self, value);
    case FIELD_TRANSFER_ENCODING:
      return (self->seen & SEEN_CONTENT_LENGTH) == 0 && take_transfer_encoding (self, value);
    case FIELD_OTHER:
    default:
      return TRUE;
    }
}

static gboolean
read_value (ProcessHttpRequest *self,
            const char         *data,
            gsize               end)
{
  gsize start = self->start;
  gsize at = skip (data, self->at, end, VALUE);

  self->at = (guint16) at;
  if (at == end || !end_line (self, data, end, STEP_LINE))
    return FALSE;

  return take_field (self, data, trim (slice (data, start, at))) || refuse (self, 400);
}

static gboolean
read_step (ProcessHttpRequest *self,
           const char         *data,
           gsize               end)
{
  switch ((Step) self->step)
    {
    case STEP_EMPTY_LINES:
      return read_empty_lines (self, data, end);
    case STEP_METHOD:
      return read_method (self, data, end);
    case STEP_TARGET:
      return read_target (self, data, end);
    case STEP_VERSION:
      return read_version (self, data, end);
    case STEP_VERSION_END:
      return read_version_end (self, data, end);
    case STEP_LINE:
      return read_line (self, data, end);
    case STEP_NAME:
      return read_name (self, data, end);
    case STEP_SPACE:
      return read_space (self, data, end);
    case STEP_VALUE:
      return read_value (self, data, end);
    case STEP_OVER:
    default:
      return FALSE;
    }
}

void
_process_http_request_init (ProcessHttpRequest *self)
{
  *self = (ProcessHttpRequest) {
    .method = PROCESS_HTTP_OTHER,
    .weights = { -1, -1, -1, -1 },
  };
}

ProcessHttpState
_process_http_request_parse (ProcessHttpRequest *self,
                             const char         *data,
                             gsize               length)
{
  gsize end = MIN (length, PROCESS_HTTP_MAX_HEAD);

  while (self->at < end && read_step (self, data, end))
    ;

  if (self->step != STEP_OVER && end == PROCESS_HTTP_MAX_HEAD)
    refuse (self, 431);

  if (self->step != STEP_OVER)
    return PROCESS_HTTP_MORE;

  return self->status == 0 ? PROCESS_HTTP_DONE : PROCESS_HTTP_REFUSED;
}

gboolean
_process_http_host_is_local (const char *host,
                             gsize       length,
                             const char *name)
{
  Slice text = { host, length };

  if (length == 0)
    return FALSE;

  if (host[0] == '[')
    return measure_literal (text) == (gssize) length;

  return is_address (AF_INET, text) || equals (text, "localhost") ||
         (name != NULL && equals (text, name));
}

/* The byte at the start of an application/x-www-form-urlencoded text, which is moved on. */
static char
take_decoded (Slice *text)
{
  char byte = text->text[0];
  gsize n = 1;

  if (byte == '+')
    byte = ' ';
  else if (byte == '%' && text->length > 2 && g_ascii_isxdigit (text->text[1]) &&
           g_ascii_isxdigit (text->text[2]))
    {
      byte = (char) (g_ascii_xdigit_value (text->text[1]) << 4 |
                     g_ascii_xdigit_value (text->text[2]));
      n = 3;
    }
  *text = slice (text->text, n, text->length);

  return byte;
}

static gboolean
decodes_to (Slice       encoded,
            const char *text)
{
  for (; encoded.length > 0; text++)
    {
      char byte = take_decoded (&encoded);

      if (*text == '\0' || byte != *text)
        return FALSE;
    }

  return *text == '\0';
}

gboolean
_process_http_query_has (const char *query,
                         gsize       length,
                         const char *key,
                         const char *value)
{
  const char *end = query + length;

  while (query < end)
    {
      const char *pair_end = memchr (query, '&', (gsize) (end - query));
      Slice pair = { query, (gsize) ((pair_end != NULL ? pair_end : end) - query) };
      const char *sign = memchr (pair.text, '=', pair.length);
      gsize key_length = sign != NULL ? (gsize) (sign - pair.text) : pair.length;

      if (decodes_to (slice (pair.text, 0, key_length), key) &&
          (value == NULL ||
           decodes_to (slice (pair.text, MIN (key_length + 1, pair.length), pair.length), value)))
        return TRUE;
      query = pair_end != NULL ? pair_end + 1 : end;
    }

  return FALSE;
}
