/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-line-splitter-private.h"

#include <string.h>

#include <process-glib/process-text-private.h>

/* A line that begins and ends in one chunk is never copied: its newline becomes a NUL. Any other
 * line is gathered in the carry, which becomes the string when its end has come, so that each of
 * its bytes is copied once however many chunks it comes in.
 *
 * A line of more than PROCESS_LINE_MAX bytes leaves in pieces as soon as it is known to be that
 * long. One byte more than that is not enough to know it when this byte is a '\r', which may yet
 * turn out to belong to the line's end; hence the carry holds up to two bytes more, and a NUL. */
#define CARRY_MAX (PROCESS_LINE_MAX + 2)
#define FIRST_CARRY 256

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)
#define LOW_BITS G_GUINT64_CONSTANT (0x0101010101010101)

/* Has a high bit when a byte is NUL or beyond ASCII: the lowest NUL borrows, and only NULs do. */
static guint64
mark_odd (const char *data)
{
  guint64 word;

  memcpy (&word, data, sizeof (word));

  return word | (word - LOW_BITS);
}

/* How many bytes at the start are known to be neither NUL nor beyond ASCII. */
static gsize
skip_plain (const char *data,
            gsize       length)
{
  gsize i = 0;

  for (; i + 32 <= length; i += 32)
    if (((mark_odd (data + i) | mark_odd (data + i + 8) |
          mark_odd (data + i + 16) | mark_odd (data + i + 24)) & HIGH_BITS) != 0)
      break;

  while (i < length && (gint8) data[i] > 0)
    i++;

  return i;
}

/* How long the character is that begins with a byte beyond ASCII; 0 when it is not UTF-8. */
static gsize
check_character (const guchar *data,
                 gsize         length)
{
  guchar lowest = 0x80, highest = 0xbf;
  gsize needed;

  if (data[0] < 0xc2 || data[0] > 0xf4)
    return 0;

  needed = data[0] < 0xe0 ? 2 : data[0] < 0xf0 ? 3 : 4;

  /* What has a shorter form, surrogates, and what is beyond U+10FFFF. */
  if (data[0] == 0xe0)
    lowest = 0xa0;
  else if (data[0] == 0xed)
    highest = 0x9f;
  else if (data[0] == 0xf0)
    lowest = 0x90;
  else if (data[0] == 0xf4)
    highest = 0x8f;

  if (length < needed || data[1] < lowest || data[1] > highest)
    return 0;

  for (gsize i = 2; i < needed; i++)
    if ((data[i] & 0xc0) != 0x80)
      return 0;

  return needed;
}

/* Whether it is UTF-8 without NULs, like g_utf8_validate_len (), which is slower on plain text. */
static gboolean
is_clean (const char *data,
          gsize       length)
{
  gsize i = 0;

  while ((i += skip_plain (data + i, length - i)) < length)
    {
      do
        {
          gsize n_bytes = check_character ((const guchar *) data + i, length - i);

          if (n_bytes == 0)
            return FALSE;

          i += n_bytes;
        }
      while (i < length && (guchar) data[i] >= 0x80);
    }

  return TRUE;
}

static void
add_line (ProcessLines *self,
          char         *line)
{
  /* One more for the NULL behind the last. */
  if (self->n_lines + 1 >= self->n_allocated)
    {
      self->n_allocated = MAX (2 * self->n_allocated, 64);
      self->lines = g_renew (char *, self->lines, self->n_allocated);
    }

  self->lines[self->n_lines++] = line;
  self->lines[self->n_lines] = NULL;
}

static void
add_owned (ProcessLines *self,
           char         *line)
{
  if (self->owned == NULL)
    self->owned = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (self->owned, line);
  add_line (self, line);
}

static void
ensure_carry (ProcessLineSplitter *self,
              gsize                length)
{
  if (length + 1 <= self->carry_allocated)
    return;

  self->carry_allocated = MIN (MAX (MAX (length + 1, 2 * self->carry_allocated), FIRST_CARRY),
                               CARRY_MAX + 1);
  self->carry = g_realloc (self->carry, self->carry_allocated);
}

/* Gives the carry away as a line; it is empty afterwards. */
static void
emit_carry (ProcessLineSplitter *self,
            ProcessLines        *out)
{
  gsize length = self->carry_length;
  char *line;

  ensure_carry (self, length);
  line = g_steal_pointer (&self->carry);
  self->carry_length = 0;
  self->carry_allocated = 0;
  line[length] = '\0';

  if (out == NULL)
    {
      g_free (line);
    }
  else if (is_clean (line, length))
    {
      add_owned (out, line);
    }
  else
    {
      add_owned (out, _process_make_valid (line, length));
      g_free (line);
    }
}

static int
get_character_length (guchar first)
{
  if (first >= 0xc2 && first <= 0xdf)
    return 2;

  if (first >= 0xe0 && first <= 0xef)
    return 3;

  if (first >= 0xf0 && first <= 0xf4)
    return 4;

  return 1;
}

/* Where to cut what is longer than PROCESS_LINE_MAX bytes. */
static gsize
find_cut (const char *data)
{
  const guchar *limit = (const guchar *) data + PROCESS_LINE_MAX;

  if ((*limit & 0xc0) != 0x80)
    return PROCESS_LINE_MAX;

  for (int back = 1; back <= 3; back++)
    {
      if ((limit[-back] & 0xc0) == 0x80)
        continue;

      if (get_character_length (limit[-back]) > back)
        return PROCESS_LINE_MAX - back;

      break;
    }

  /* No character crosses the limit; what is there is not UTF-8. */
  return PROCESS_LINE_MAX;
}

static void
emit_piece (ProcessLineSplitter *self,
            ProcessLines        *out)
{
  gsize cut = find_cut (self->carry);
  gsize rest = self->carry_length - cut;
  char next[CARRY_MAX - PROCESS_LINE_MAX + 3];

  memcpy (next, self->carry + cut, rest);
  self->carry_length = cut;
  emit_carry (self, out);

  ensure_carry (self, rest);
  memcpy (self->carry, next, rest);
  self->carry_length = rest;
}

/* Adds to the line that has no end yet. */
static void
append_to_carry (ProcessLineSplitter *self,
                 const char          *data,
                 gsize                length,
                 ProcessLines        *out)
{
  while (length > 0)
    {
      gsize taken = MIN (length, CARRY_MAX - self->carry_length);

      ensure_carry (self, self->carry_length + taken);
      memcpy (self->carry + self->carry_length, data, taken);
      self->carry_length += taken;
      data += taken;
      length -= taken;

      if (self->carry_length > PROCESS_LINE_MAX + 1 ||
          (self->carry_length == PROCESS_LINE_MAX + 1 && self->carry[PROCESS_LINE_MAX] != '\r'))
        emit_piece (self, out);
    }
}

/* The newline of the carried line has come. */
static void
end_carry (ProcessLineSplitter *self,
           ProcessLines        *out)
{
  if (self->carry_length > 0 && self->carry[self->carry_length - 1] == '\r')
    self->carry_length--;

  emit_carry (self, out);
}

/* A line within a chunk, @line to @end, where its newline is. */
static void
split_whole_line (ProcessLineSplitter *self,
                  char                *line,
                  char                *end,
                  gboolean             clean,
                  ProcessLines        *out)
{
  gsize length = end - line;

  if (length > 0 && line[length - 1] == '\r')
    length--;

  if (G_UNLIKELY (length > PROCESS_LINE_MAX))
    {
      append_to_carry (self, line, end - line, out);
      end_carry (self, out);
      return;
    }

  if (G_LIKELY (clean || is_clean (line, length)))
    {
      line[length] = '\0';
      add_line (out, line);
    }
  else
    {
      add_owned (out, _process_make_valid (line, length));
    }
}

guint
_process_line_splitter_split (ProcessLineSplitter *self,
                              char                *data,
                              gsize                length,
                              ProcessLines        *out)
{
  char *line = data;
  char *chunk_end = data + length;
  char *last;
  guint n_before = out->n_lines;
  gboolean clean;

  if (self->carry_length > 0)
    {
      char *end = memchr (data, '\n', length);

      append_to_carry (self, data, (end != NULL ? end : chunk_end) - data, out);
      if (end == NULL)
        return out->n_lines - n_before;

      end_carry (self, out);
      line = end + 1;
    }

  last = memrchr (line, '\n', chunk_end - line);
  if (last != NULL)
    {
      /* Asked once for all lines: newlines are ASCII, so valid lines are a valid whole. */
      clean = is_clean (line, last - line);

      while (line <= last)
        {
          char *end = memchr (line, '\n', last + 1 - line);

          split_whole_line (self, line, end, clean, out);
          line = end + 1;
        }
    }

  append_to_carry (self, line, chunk_end - line, out);

  return out->n_lines - n_before;
}

void
_process_line_splitter_skip (ProcessLineSplitter *self,
                             const char          *data,
                             gsize                length)
{
  const char *last = memrchr (data, '\n', length);

  if (last != NULL)
    {
      _process_line_splitter_clear (self);
      length -= last + 1 - data;
      data = last + 1;
    }

  append_to_carry (self, data, length, NULL);
}

guint
_process_line_splitter_finish (ProcessLineSplitter *self,
                               ProcessLines        *out)
{
  guint n_before = out->n_lines;

  /* It may be one byte too long for that '\r', which belongs to no line end now. */
  if (self->carry_length > PROCESS_LINE_MAX)
    emit_piece (self, out);

  if (self->carry_length > 0)
    emit_carry (self, out);

  return out->n_lines - n_before;
}

void
_process_line_splitter_clear (ProcessLineSplitter *self)
{
  g_clear_pointer (&self->carry, g_free);
  self->carry_length = 0;
  self->carry_allocated = 0;
}

void
_process_lines_clear (ProcessLines *self)
{
  self->n_lines = 0;
  if (self->lines != NULL)
    self->lines[0] = NULL;

  g_clear_pointer (&self->owned, g_ptr_array_unref);
}

void
_process_lines_finish (ProcessLines *self)
{
  _process_lines_clear (self);
  g_clear_pointer (&self->lines, g_free);
  self->n_allocated = 0;
}
