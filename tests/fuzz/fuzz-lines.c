/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The line splitter against a simple one.
 *
 * The first byte is the seed of the chunks' sizes. If the second one is not
 * NUL, the rest is repeated up to so many hundredths of the longest line.
 */

#include "fuzz.h"

#include <string.h>

#include <process-glib/children/process-line-splitter-private.h>
#include <process-glib/process-text-private.h>

static void
keep_lines (ProcessLines *lines, GPtrArray *kept)
{
  for (guint i = 0; i < lines->n_lines; i++)
    {
      g_assert_true (g_utf8_validate (lines->lines[i], -1, NULL));
      g_assert_null (strchr (lines->lines[i], '\n'));
      /* What is not UTF-8 takes three times as much when it is. */
      g_assert_cmpuint (strlen (lines->lines[i]), <=, 3 * PROCESS_LINE_MAX);
      g_ptr_array_add (kept, g_strdup (lines->lines[i]));
    }
  _process_lines_clear (lines);
}

/* All but the first @n_skipped chunks, whose lines are not asked for. */
static GPtrArray *
split (const guint8 *data, gsize size, guint seed, guint n_skipped)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  ProcessLineSplitter splitter = { 0 };
  ProcessLines lines = { 0 };
  gint32 largest = seed % 3 == 0 ? 3 : seed % 3 == 1 ? 300 : 70000;

  while (size > 0)
    {
      gsize wanted = (gsize) g_rand_int_range (rand, 1, largest + 1);
      gsize length = MIN (size, wanted);
      g_autofree char *chunk = g_memdup2 (data, length);

      if (n_skipped > 0)
        _process_line_splitter_skip (&splitter, chunk, length);
      else
        _process_line_splitter_split (&splitter, chunk, length, &lines);
      n_skipped -= n_skipped > 0;
      keep_lines (&lines, kept);
      data += length;
      size -= length;
    }
  _process_line_splitter_finish (&splitter, &lines);
  keep_lines (&lines, kept);
  _process_line_splitter_clear (&splitter);
  _process_lines_finish (&lines);
  return kept;
}

/* The next line, which may come in pieces. */
static guint
check_line (GPtrArray *kept, guint next, const char *line, gsize length)
{
  g_autofree char *expected = _process_make_valid (line, (gssize) length);
  const char *rest = expected;
  guint n_pieces = 0;

  do
    {
      const char *piece;

      g_assert_cmpuint (next, <, kept->len);
      piece = g_ptr_array_index (kept, next++);
      g_assert_true (g_str_has_prefix (rest, piece));
      rest += strlen (piece);
      n_pieces++;
    }
  while (*rest != '\0');
  g_assert_cmpuint (n_pieces, >=, MAX ((length + PROCESS_LINE_MAX - 1) / PROCESS_LINE_MAX, 1));
  g_assert_cmpuint (n_pieces, <=, length / (PROCESS_LINE_MAX - 3) + 1);
  return next;
}

static void
check_lines (GPtrArray *kept, const guint8 *data, gsize size)
{
  const char *line = (const char *) data, *end = line + size;
  guint next = 0;

  while (line < end)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      gsize length = (gsize) ((newline != NULL ? newline : end) - line);

      if (newline != NULL && length > 0 && line[length - 1] == '\r')
        length--;
      next = check_line (kept, next, line, length);
      line = newline != NULL ? newline + 1 : end;
    }
  g_assert_cmpuint (next, ==, kept->len);
}

static void
check_skipped (GPtrArray *all, GPtrArray *some)
{
  g_assert_cmpuint (some->len, <=, all->len);
  for (guint i = 1; i <= some->len; i++)
    g_assert_cmpstr (g_ptr_array_index (some, some->len - i), ==,
                     g_ptr_array_index (all, all->len - i));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) some = NULL;
  gsize wanted;

  if (size < 3)
    return 0;
  wanted = MAX (size - 2, data[1] * (PROCESS_LINE_MAX / 100u));
  while (bytes->len < wanted)
    g_byte_array_append (bytes, data + 2, (guint) (size - 2));
  all = split (bytes->data, bytes->len, data[0], 0);
  check_lines (all, bytes->data, bytes->len);
  some = split (bytes->data, bytes->len, data[0], data[0] % 5u + 1);
  check_skipped (all, some);
  return 0;
}
