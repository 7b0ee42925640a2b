/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-json-private.h"

#include <string.h>

#include <process-glib/process-error.h>

/* How it works
 *
 * The parser of json-glib calls itself for each level of nesting, takes more
 * than JSON (comments, assignments, octal numbers, several values in a row),
 * aborts at half a surrogate pair, and lets the last of two equal keys win. So
 * a text is checked here first, without recursion: what gets past the check is
 * JSON and nothing else. Then json-glib builds the tree, and its signals tell
 * of keys that are there twice.
 *
 * The check walks over the text once. What may come next is one of the states
 * below; whether the innermost container is an object is a bit of `objects`,
 * one for each level.
 */

typedef enum
{
  EXPECT_VALUE,
  EXPECT_VALUE_OR_END, /* after [ */
  EXPECT_KEY,          /* after a comma in an object */
  EXPECT_KEY_OR_END,   /* after { */
  EXPECT_COLON,
  EXPECT_COMMA_OR_END,
  EXPECT_NOTHING,
} State;

G_STATIC_ASSERT (PROCESS_JSON_MAX_DEPTH <= 64);

typedef struct
{
  const char *at;
  const char *end;
  guint       line;
  State       state;
  guint       depth;
  guint64     objects;
} Checker;

static gboolean G_GNUC_PRINTF (3, 4)
fail (guint        line,
      GError     **error,
      const char  *format,
      ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
               "Line %u is not valid JSON: %s", line, what);

  return FALSE;
}

static gboolean
is_in_object (Checker *self)
{
  return self->depth > 0 && ((self->objects >> (self->depth - 1)) & 1) != 0;
}

/* After a complete value. */
static void
end_value (Checker *self)
{
  self->state = self->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
}

static const char *
describe_expected (Checker *self)
{
  switch (self->state)
    {
    case EXPECT_VALUE:
      return "a value";
    case EXPECT_VALUE_OR_END:
      return "a value or “]”";
    case EXPECT_KEY:
      return "a key in double quotes";
    case EXPECT_KEY_OR_END:
      return "a key in double quotes or “}”";
    case EXPECT_COLON:
      return "“:”";
    case EXPECT_COMMA_OR_END:
      return is_in_object (self) ? "“,” or “}”" : "“,” or “]”";
    case EXPECT_NOTHING:
    default:
      return "the end";
    }
}

static gboolean
fail_unexpected (Checker  *self,
                 GError  **error)
{
  g_autofree char *found = NULL;

  if (self->at == self->end)
    return fail (self->line, error, "the text ends where %s should be", describe_expected (self));

  /* The text is known to be valid UTF-8. */
  found = g_strndup (self->at, g_utf8_next_char (self->at) - self->at);

  return fail (self->line, error, "there is “%s” where %s should be", found,
               describe_expected (self));
}

/* Reads the four digits of an escape. */
static gboolean
read_hex (Checker *self,
          guint   *value)
{
  *value = 0;
  for (guint i = 0; i < 4; i++, self->at++)
    {
      if (self->at == self->end || !g_ascii_isxdigit (*self->at))
        return FALSE;

      *value = *value << 4 | (guint) g_ascii_xdigit_value (*self->at);
    }

  return TRUE;
}

/* At the backslash of an escape. */
static gboolean
check_escape (Checker  *self,
              GError  **error)
{
  guint value = 0;
  guint low = 0;

  if (++self->at == self->end)
    return fail (self->line, error, "a string does not end");

  if (*self->at != 'u')
    return strchr ("\"\\/bfnrt", *self->at++) != NULL ||
           fail (self->line, error, "a string has an unknown escape");

  self->at++;
  if (!read_hex (self, &value))
    return fail (self->line, error, "a string has an escape without four hexadecimal digits");
  if (value == 0)
    return fail (self->line, error, "a string has a NUL, which cannot be used");
  if (value < 0xd800 || value > 0xdfff)
    return TRUE;

  if (value > 0xdbff || self->end - self->at < 2 || self->at[0] != '\\' || self->at[1] != 'u')
    return fail (self->line, error, "a string has half a surrogate pair");
  self->at += 2;
  if (!read_hex (self, &low) || low < 0xdc00 || low > 0xdfff)
    return fail (self->line, error, "a string has half a surrogate pair");

  return TRUE;
}

/* At the first quote; leaves @at behind the last one. */
static gboolean
check_string (Checker  *self,
              GError  **error)
{
  self->at++;
  while (self->at < self->end && *self->at != '"')
    {
      if (*self->at == '\\')
        {
          if (!check_escape (self, error))
            return FALSE;
        }
      else if (*self->at == '\n' || *self->at == '\r')
        {
          return fail (self->line, error, "a string does not end");
        }
      else if ((guchar) *self->at < 0x20)
        {
          return fail (self->line, error, "a string has a control character");
        }
      else
        {
          self->at++;
        }
    }

  if (self->at == self->end)
    return fail (self->line, error, "a string does not end");
  self->at++;

  return TRUE;
}

static gboolean
skip_digits (const char **text,
             const char  *end)
{
  const char *start = *text;

  while (*text < end && g_ascii_isdigit (**text))
    (*text)++;

  return *text > start;
}

/* Whether all from @text to @end is one number. */
static gboolean
is_number (const char *text,
           const char *end)
{
  if (text < end && *text == '-')
    text++;

  if (text < end && *text == '0')
    text++;
  else if (!skip_digits (&text, end))
    return FALSE;

  if (text < end && *text == '.')
    {
      text++;
      if (!skip_digits (&text, end))
        return FALSE;
    }

  if (text < end && (*text == 'e' || *text == 'E'))
    {
      text++;
      if (text < end && (*text == '+' || *text == '-'))
        text++;
      if (!skip_digits (&text, end))
        return FALSE;
    }

  return text == end;
}

/* What json-glib makes of a whole number that is too large depends on its version. */
static gboolean
check_range (Checker     *self,
             const char  *number,
             GError     **error)
{
  if (strpbrk (number, ".eE") != NULL || g_ascii_string_to_signed (number, 10, G_MININT64,
                                                                   G_MAXINT64, NULL, NULL))
    return TRUE;

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
               "The number “%.40s” in line %u does not fit into 64 bits", number, self->line);

  return FALSE;
}

/* A number, or one of the three names. */
static gboolean
check_word (Checker  *self,
            GError  **error)
{
  const char *start = self->at;
  g_autofree char *word = NULL;

  while (self->at < self->end &&
         (g_ascii_isalnum (*self->at) || strchr ("+-._", *self->at) != NULL))
    self->at++;

  if (self->at == start)
    return fail_unexpected (self, error);

  word = g_strndup (start, self->at - start);
  if (is_number (start, self->at))
    return check_range (self, word, error);

  if (g_str_equal (word, "true") || g_str_equal (word, "false") || g_str_equal (word, "null"))
    return TRUE;

  if (strlen (word) > 40)
    strcpy (word + 37, "...");

  return fail (self->line, error, "“%s” is no value; text needs double quotes", word);
}

static gboolean
open_container (Checker  *self,
                GError  **error)
{
  gboolean is_object = *self->at++ == '{';

  if (self->depth == PROCESS_JSON_MAX_DEPTH)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The JSON is nested deeper than %d levels in line %u",
                   PROCESS_JSON_MAX_DEPTH, self->line);
      return FALSE;
    }

  self->objects &= ~(G_GUINT64_CONSTANT (1) << self->depth);
  self->objects |= (guint64) is_object << self->depth;
  self->depth++;
  self->state = is_object ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;

  return TRUE;
}

static gboolean
check_value (Checker  *self,
             GError  **error)
{
  if (*self->at == '{' || *self->at == '[')
    return open_container (self, error);

  if (!(*self->at == '"' ? check_string (self, error) : check_word (self, error)))
    return FALSE;
  end_value (self);

  return TRUE;
}

/* Whether the innermost container ends here; if so, it is closed. */
static gboolean
close_container (Checker *self)
{
  if (self->depth == 0 || *self->at != (is_in_object (self) ? '}' : ']'))
    return FALSE;

  self->at++;
  self->depth--;
  end_value (self);

  return TRUE;
}

/* At something that is no white space. */
static gboolean
check_token (Checker  *self,
             GError  **error)
{
  switch (self->state)
    {
    case EXPECT_VALUE_OR_END:
      return close_container (self) || check_value (self, error);

    case EXPECT_VALUE:
      return check_value (self, error);

    case EXPECT_KEY_OR_END:
    case EXPECT_KEY:
      if (self->state == EXPECT_KEY_OR_END && close_container (self))
        return TRUE;
      if (*self->at != '"')
        return fail_unexpected (self, error);
      self->state = EXPECT_COLON;
      return check_string (self, error);

    case EXPECT_COLON:
      if (*self->at != ':')
        return fail_unexpected (self, error);
      self->at++;
      self->state = EXPECT_VALUE;
      return TRUE;

    case EXPECT_COMMA_OR_END:
      if (close_container (self))
        return TRUE;
      if (*self->at != ',')
        return fail_unexpected (self, error);
      self->at++;
      self->state = is_in_object (self) ? EXPECT_KEY : EXPECT_VALUE;
      return TRUE;

    case EXPECT_NOTHING:
    default:
      return fail_unexpected (self, error);
    }
}

static gboolean
check_encoding (const char  *text,
                gsize        length,
                GError     **error)
{
  const char *end = NULL;
  guint line = 1;

  if (g_utf8_validate_len (text, length, &end))
    return TRUE;

  for (const char *at = text; at < end; at++)
    line += *at == '\n';

  return fail (line, error, "it is not UTF-8");
}

static gboolean
check (const char  *text,
       gsize        length,
       GError     **error)
{
  Checker self = { .at = text, .end = text + length, .line = 1, .state = EXPECT_VALUE };

  if (!check_encoding (text, length, error))
    return FALSE;

  while (self.at < self.end)
    {
      if (*self.at == '\n')
        self.line++;

      if (*self.at == ' ' || *self.at == '\t' || *self.at == '\r' || *self.at == '\n')
        self.at++;
      else if (!check_token (&self, error))
        return FALSE;
    }

  return self.state == EXPECT_NOTHING || fail_unexpected (&self, error);
}

typedef struct
{
  GHashTable *seen; /* JsonObject → set of its keys so far */
  ProcessJson *json;
} Members;

static void
object_member_cb (JsonParser *parser,
                  JsonObject *object,
                  const char *key,
                  Members    *members)
{
  GHashTable *keys = g_hash_table_lookup (members->seen, object);

  if (keys == NULL)
    {
      keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (members->seen, object, keys);
    }

  if (!g_hash_table_add (keys, g_strdup (key)) &&
      !g_hash_table_contains (members->json->repeats, object))
    g_hash_table_insert (members->json->repeats, json_object_ref (object), g_strdup (key));
}

static void
object_end_cb (JsonParser *parser,
               JsonObject *object,
               Members    *members)
{
  g_hash_table_remove (members->seen, object);
}

ProcessJson *
_process_json_new (const char  *text,
                   gsize        length,
                   gsize        max_length,
                   GError     **error)
{
  g_autoptr (ProcessJson) self = NULL;
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GHashTable) seen = NULL;
  Members members = { NULL, NULL };

  if (length > max_length)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The JSON is larger than %" G_GSIZE_FORMAT " bytes", max_length);
      return NULL;
    }

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }

  if (!check (text, length, error))
    return NULL;

  self = g_new0 (ProcessJson, 1);
  self->repeats = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) json_object_unref, g_free);
  seen = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  members.seen = seen;
  members.json = self;

  parser = json_parser_new ();
  g_signal_connect (parser, "object-member", G_CALLBACK (object_member_cb), &members);
  g_signal_connect (parser, "object-end", G_CALLBACK (object_end_cb), &members);
  if (!json_parser_load_from_data (parser, text, length, error))
    return NULL;
  self->root = json_parser_steal_root (parser);

  return g_steal_pointer (&self);
}

void
_process_json_free (ProcessJson *self)
{
  g_clear_pointer (&self->root, json_node_unref);
  g_clear_pointer (&self->repeats, g_hash_table_unref);
  g_free (self);
}

const char *
_process_json_get_repeat (ProcessJson *self,
                          JsonObject  *object)
{
  return g_hash_table_lookup (self->repeats, object);
}
