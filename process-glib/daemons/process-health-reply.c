/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-reply-private.h"

#include <string.h>

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* How it works
 *
 * An answer of RFC 9112 is read part by part. Each part has a function that takes what it can of
 * the bytes that have come, from `position` on, and moves to the next part when it has all of its
 * own; when none gets any further, more bytes are needed. A line is looked through once, however
 * it is chopped up: before `searched` there is no end of it.
 */
typedef enum
{
  PART_STATUS,
  PART_FIELDS,
  PART_BODY,       /* of a known length */
  PART_CHUNK_SIZE,
  PART_CHUNK,
  PART_CHUNK_END,
  PART_REST,       /* a body up to the end of the connection */
  PART_COMPLETE,
} Part;

struct _ProcessHealthReply
{
  GByteArray *data;      /* (owned), all that came */
  gsize       position;
  gsize       searched;
  GString    *line;      /* (owned), the last that was taken */
  Part        part;

  guint       status;
  char       *reason;    /* (owned) */
  gboolean    chunked;
  gint64      length;    /* of the body, then what is missing of it or of the chunk; or -1 */
  GString    *text;      /* (owned), of the body */
};

static gboolean
refuse (GError     **error,
        const char  *what)
{
  g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_FAILED, what);
  return FALSE;
}

/* FALSE when its end has not come. */
static gboolean
take_line (ProcessHealthReply *self)
{
  const char *data = (const char *) self->data->data;
  const char *start = data + self->position;
  const char *end = self->data->len > self->searched
                    ? memchr (data + self->searched, '\n', self->data->len - self->searched)
                    : NULL;

  if (end == NULL)
    {
      self->searched = self->data->len;
      return FALSE;
    }

  g_string_truncate (self->line, 0);
  g_string_append_len (self->line, start, end - start);
  if (self->line->len > 0 && self->line->str[self->line->len - 1] == '\r')
    g_string_truncate (self->line, self->line->len - 1);
  self->position = (gsize) (end + 1 - data);
  self->searched = self->position;

  return TRUE;
}

/* At most @length bytes of the body. */
static gsize
take_text (ProcessHealthReply *self,
           guint64             length)
{
  gsize taken = MIN (length, self->data->len - self->position);

  if (taken > 0)
    g_string_append_len (self->text, (const char *) self->data->data + self->position,
                         (gssize) taken);
  self->position += taken;
  self->searched = self->position;

  return taken;
}

static gboolean
read_status (ProcessHealthReply  *self,
             GError             **error)
{
  const char *line;

  if (!take_line (self))
    return TRUE;

  line = self->line->str;
  if (strlen (line) != self->line->len ||
      !g_str_has_prefix (line, "HTTP/1.") || !g_ascii_isdigit (line[7]) || line[8] != ' ' ||
      line[9] < '1' || line[9] > '9' || !g_ascii_isdigit (line[10]) ||
      !g_ascii_isdigit (line[11]) || (line[12] != ' ' && line[12] != '\0'))
    return refuse (error, "The answer is not HTTP");

  self->status = (guint) g_ascii_strtoull (line + 9, NULL, 10);
  g_free (self->reason);
  self->reason = g_strstrip (_process_make_valid (line + 12, -1));
  self->chunked = FALSE;
  self->length = -1;
  self->part = PART_FIELDS;

  return TRUE;
}

static gboolean
set_length (ProcessHealthReply  *self,
            const char          *value,
            GError             **error)
{
  guint64 length;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &length, NULL) ||
      (self->length >= 0 && (guint64) self->length != length))
    return refuse (error, "The answer has a length that is none");

  self->length = (gint64) length;

  return TRUE;
}

/* Whether the last of the codings is that which tells where the body ends. */
static gboolean
is_chunked (const char *value)
{
  const char *last = strrchr (value, ',');
  g_autofree char *coding = g_strstrip (g_strdup (last != NULL ? last + 1 : value));

  return g_ascii_strcasecmp (coding, "chunked") == 0;
}

static gboolean
parse_field (ProcessHealthReply  *self,
             GError             **error)
{
  char *colon = strchr (self->line->str, ':');
  const char *name = self->line->str;
  const char *value;

  /* The rest of the field before: of what counts here none is that long. */
  if (name[0] == ' ' || name[0] == '\t')
    return TRUE;

  if (strlen (name) != self->line->len || colon == NULL || colon == name ||
      strcspn (name, " \t") < (gsize) (colon - name))
    return refuse (error, "The answer has a head that is not HTTP");

  *colon = '\0';
  value = g_strstrip (colon + 1);
  if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    return set_length (self, value, error);
  if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    self->chunked = is_chunked (value);

  return TRUE;
}

/* RFC 9112, section 6.3, for an answer to GET. 101 would lead to another protocol, and nobody
 * asked for that. */
static Part
get_part_after_head (ProcessHealthReply *self)
{
  if (self->status < 200 && self->status != 101)
    return PART_STATUS;
  if (self->status == 101 || self->status == 204 || self->status == 304)
    return PART_COMPLETE;
  if (self->chunked)
    return PART_CHUNK_SIZE;

  return self->length >= 0 ? PART_BODY : PART_REST;
}

static gboolean
read_fields (ProcessHealthReply  *self,
             GError             **error)
{
  if (!take_line (self))
    return TRUE;

  if (self->line->len > 0)
    return parse_field (self, error);

  self->part = get_part_after_head (self);

  return TRUE;
}

static gboolean
read_body (ProcessHealthReply  *self,
           GError             **error)
{
  self->length -= take_text (self, (guint64) self->length);
  if (self->length == 0)
    self->part = PART_COMPLETE;

  return TRUE;
}

/* After the last chunk nothing comes that would count. */
static gboolean
read_chunk_size (ProcessHealthReply  *self,
                 GError             **error)
{
  guint64 length;

  if (!take_line (self))
    return TRUE;

  self->line->str[strcspn (self->line->str, "; \t")] = '\0';
  if (!g_ascii_string_to_unsigned (self->line->str, 16, 0, G_MAXINT64, &length, NULL))
    return refuse (error, "The answer has a chunk without a length");

  self->length = (gint64) length;
  self->part = length > 0 ? PART_CHUNK : PART_COMPLETE;

  return TRUE;
}

static gboolean
read_chunk (ProcessHealthReply  *self,
            GError             **error)
{
  self->length -= take_text (self, (guint64) self->length);
  if (self->length == 0)
    self->part = PART_CHUNK_END;

  return TRUE;
}

static gboolean
read_chunk_end (ProcessHealthReply  *self,
                GError             **error)
{
  if (!take_line (self))
    return TRUE;

  if (self->line->len > 0)
    return refuse (error, "The answer has a chunk that is longer than it says");

  self->part = PART_CHUNK_SIZE;

  return TRUE;
}

static gboolean
read_rest (ProcessHealthReply  *self,
           GError             **error)
{
  take_text (self, G_MAXUINT64);

  return TRUE;
}

static gboolean
read_part (ProcessHealthReply  *self,
           GError             **error)
{
  static gboolean (* const readers[]) (ProcessHealthReply *, GError **) = {
    [PART_STATUS] = read_status,
    [PART_FIELDS] = read_fields,
    [PART_BODY] = read_body,
    [PART_CHUNK_SIZE] = read_chunk_size,
    [PART_CHUNK] = read_chunk,
    [PART_CHUNK_END] = read_chunk_end,
    [PART_REST] = read_rest,
  };

  return readers[self->part] (self, error);
}

static gboolean
read_parts (ProcessHealthReply  *self,
            GError             **error)
{
  gsize position;
  Part part;

  do
    {
      position = self->position;
      part = self->part;
      if (!read_part (self, error))
        return FALSE;
    }
  while (self->part != PART_COMPLETE && (self->part != part || self->position != position));

  return TRUE;
}

static gboolean
is_in_head (ProcessHealthReply *self)
{
  return self->part == PART_STATUS || self->part == PART_FIELDS;
}

static gboolean
end (ProcessHealthReply  *self,
     GError             **error)
{
  if (self->data->len == 0)
    return refuse (error, "The connection was closed without an answer");
  if (self->part != PART_REST)
    return refuse (error, "The connection was closed in the middle of the answer");

  self->part = PART_COMPLETE;

  return TRUE;
}

ProcessHealthReply *
_process_health_reply_new (void)
{
  ProcessHealthReply *self = g_new0 (ProcessHealthReply, 1);

  self->data = g_byte_array_new ();
  self->line = g_string_new (NULL);
  self->text = g_string_new (NULL);
  self->length = -1;

  return self;
}

void
_process_health_reply_free (ProcessHealthReply *self)
{
  g_byte_array_unref (self->data);
  g_string_free (self->line, TRUE);
  g_string_free (self->text, TRUE);
  g_free (self->reason);
  g_free (self);
}

gboolean
_process_health_reply_add (ProcessHealthReply  *self,
                           const void          *data,
                           gsize                length,
                           GError             **error)
{
  gsize room = PROCESS_HEALTH_REPLY_MAX - self->data->len;

  g_assert (self->part != PART_COMPLETE);

  if (length == 0)
    return end (self, error);

  g_byte_array_append (self->data, data, (guint) MIN (length, room));
  if (!read_parts (self, error))
    return FALSE;

  if (self->part != PART_COMPLETE && self->data->len == PROCESS_HEALTH_REPLY_MAX)
    {
      if (is_in_head (self))
        return refuse (error, "The answer has a head of more than 64 KiB");
      self->part = PART_COMPLETE;
    }

  return TRUE;
}

gboolean
_process_health_reply_is_complete (ProcessHealthReply *self)
{
  return self->part == PART_COMPLETE;
}

guint
_process_health_reply_get_status (ProcessHealthReply *self)
{
  return self->status;
}

char *
_process_health_reply_dup_text (ProcessHealthReply *self)
{
  g_autofree char *text = g_strstrip (_process_make_valid (self->text->str,
                                                           (gssize) self->text->len));

  return text[0] != '\0' ? g_steal_pointer (&text) : g_strdup (self->reason);
}
