/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/children/process-line-splitter-private.h>

#include <string.h>

#include <process-glib/process-text-private.h>

/* Feeds a stream in chunks, and keeps copies of its lines. */
typedef struct
{
  ProcessLineSplitter splitter;
  ProcessLines out;
  GPtrArray *lines;
} Feeder;

static Feeder *
feeder_new (void)
{
  Feeder *self = g_new0 (Feeder, 1);

  self->lines = g_ptr_array_new_with_free_func (g_free);

  return self;
}

static void
feeder_free (Feeder *self)
{
  _process_line_splitter_clear (&self->splitter);
  _process_lines_finish (&self->out);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Feeder, feeder_free)

static void
feeder_collect (Feeder *self,
                guint   n_reported)
{
  g_assert_cmpuint (n_reported, ==, self->out.n_lines);
  if (self->out.lines != NULL)
    g_assert_null (self->out.lines[self->out.n_lines]);

  for (guint i = 0; i < self->out.n_lines; i++)
    g_ptr_array_add (self->lines, g_strdup (self->out.lines[i]));

  _process_lines_clear (&self->out);

  g_assert_cmpuint (self->splitter.carry_length, <=, PROCESS_LINE_MAX + 1);
  g_assert_cmpuint (self->splitter.carry_allocated, <=, PROCESS_LINE_MAX + 3);
}

static void
feeder_feed (Feeder     *self,
             const char *data,
             gsize       length)
{
  /* Exactly as large as needed, so that tools see any access beyond it. */
  g_autofree char *chunk = g_memdup2 (data, length);

  feeder_collect (self, _process_line_splitter_split (&self->splitter, chunk, length, &self->out));
}

static void
feeder_finish (Feeder *self)
{
  feeder_collect (self, _process_line_splitter_finish (&self->splitter, &self->out));
  g_assert_cmpuint (self->splitter.carry_length, ==, 0);
  g_assert_null (self->splitter.carry);
}

static void
assert_lines (Feeder             *self,
              const char * const *expected)
{
  g_assert_cmpuint (self->lines->len, ==, g_strv_length ((char **) expected));
  for (guint i = 0; i < self->lines->len; i++)
    g_assert_cmpstr (self->lines->pdata[i], ==, expected[i]);
}

/* The same for every way to cut the stream in two, and byte by byte. */
static void
assert_split (const char         *data,
              gsize               length,
              const char * const *expected)
{
  g_autoptr (Feeder) bytewise = feeder_new ();

  for (gsize cut = 1; cut <= length; cut++)
    {
      g_autoptr (Feeder) feeder = feeder_new ();

      feeder_feed (feeder, data, cut);
      if (cut < length)
        feeder_feed (feeder, data + cut, length - cut);
      feeder_finish (feeder);
      assert_lines (feeder, expected);
    }

  for (gsize i = 0; i < length; i++)
    feeder_feed (bytewise, data + i, 1);
  feeder_finish (bytewise);
  assert_lines (bytewise, expected);
}

#define ASSERT_SPLIT(data, ...) \
  assert_split (data, sizeof (data) - 1, (const char *[]) { __VA_ARGS__, NULL })

static void
test_simple (void)
{
  ASSERT_SPLIT ("one\n", "one");
  ASSERT_SPLIT ("one", "one");
  ASSERT_SPLIT ("one\ntwo", "one", "two");
  ASSERT_SPLIT ("one\ntwo\n", "one", "two");
  ASSERT_SPLIT ("\n", "");
  ASSERT_SPLIT ("\n\n\na", "", "", "", "a");
}

static void
test_nothing (void)
{
  g_autoptr (Feeder) feeder = feeder_new ();

  feeder_finish (feeder);
  g_assert_cmpuint (feeder->lines->len, ==, 0);
}

static void
test_carriage_returns (void)
{
  ASSERT_SPLIT ("one\r\ntwo\r\n", "one", "two");
  ASSERT_SPLIT ("\r\n", "");
  ASSERT_SPLIT ("\r\r\n", "\r");
  ASSERT_SPLIT ("50%\r100%\n", "50%\r100%");
  ASSERT_SPLIT ("one\n\rtwo\n", "one", "\rtwo");
  ASSERT_SPLIT ("one\r", "one\r");
  ASSERT_SPLIT ("one\r\n\r", "one", "\r");
}

static void
test_text (void)
{
  ASSERT_SPLIT ("grün\n日本\n𝄞", "grün", "日本", "𝄞");
  ASSERT_SPLIT ("a\0b\n\0\n", "a\uFFFDb", "\uFFFD");
  ASSERT_SPLIT ("\0", "\uFFFD");
  ASSERT_SPLIT ("\0\r\n", "\uFFFD");
  ASSERT_SPLIT ("good\nb\xff" "d\ngood\n", "good", "b\uFFFDd", "good");
  ASSERT_SPLIT ("caf\xe9\n", "caf\uFFFD");
  ASSERT_SPLIT ("\xe6\x97\n\xa5\n", "\uFFFD\uFFFD", "\uFFFD");
  ASSERT_SPLIT ("\xed\xa0\x80\n", "\uFFFD\uFFFD\uFFFD");
  ASSERT_SPLIT ("\x01\x7f\n", "\x01\x7f");
}

/* A byte that is not plain must be seen wherever it is in a word, and in the rest behind it. */
static void
test_every_position (void)
{
  for (gsize length = 1; length <= 40; length++)
    for (gsize at = 0; at < length; at++)
      for (guint kind = 0; kind < 3; kind++)
        {
          g_autofree char *line = g_malloc (length + 1);
          g_autoptr (Feeder) feeder = feeder_new ();
          g_autofree char *expected = NULL;

          memset (line, 1 + g_test_rand_int_range (0, 9), length);
          line[at] = kind == 0 ? '\0' : kind == 1 ? '\x80' : '\xff';
          line[length] = '\n';
          expected = _process_make_valid (line, length);

          feeder_feed (feeder, line, length + 1);
          g_assert_cmpuint (feeder->lines->len, ==, 1);
          g_assert_cmpstr (feeder->lines->pdata[0], ==, expected);
          g_assert_true (g_utf8_validate (feeder->lines->pdata[0], -1, NULL));
        }
}

/* Lines are valid where GLib says so, and only then they stay where they are. */
static void
check_like_glib (const char *line,
                 gsize       length)
{
  g_autofree char *chunk = g_malloc (length + 1);
  g_autofree char *expected = g_utf8_make_valid (line, length);
  gboolean valid = g_utf8_validate_len (line, length, NULL);
  ProcessLineSplitter splitter = { 0, };
  ProcessLines out = { 0, };

  memcpy (chunk, line, length);
  chunk[length] = '\n';

  g_assert_cmpuint (_process_line_splitter_split (&splitter, chunk, length + 1, &out), ==, 1);
  g_assert_cmpint (out.lines[0] == chunk, ==, valid);
  g_assert_cmpstr (out.lines[0], ==, expected);

  _process_lines_finish (&out);
}

static void
test_every_character (void)
{
  for (gunichar c = 1; c <= 0x10ffff; c += c < 0x11000 ? 1 : 97)
    {
      char text[6];

      /* Surrogates too, which have no valid form. */
      if (c != '\n' && c != '\r')
        check_like_glib (text, g_unichar_to_utf8 (c, text));
    }
}

static void
test_every_edge (void)
{
  static const guchar edges[] = {
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
    0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff,
  };
  static const guchar rest[] = { 0x7f, 0x80, 0xbf, 0xc0 };

  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    for (guint j = 0; j < G_N_ELEMENTS (edges); j++)
      for (guint k = 0; k < 16; k++)
        {
          guchar text[] = { edges[i], edges[j], rest[k % 4], rest[k / 4] };

          for (gsize length = 1; length <= sizeof (text); length++)
            check_like_glib ((const char *) text, length);
        }
}

static gsize
find_cut_slowly (const guchar *text)
{
  for (gsize cut = PROCESS_LINE_MAX; cut > PROCESS_LINE_MAX - 4; cut--)
    {
      gsize covered = PROCESS_LINE_MAX + 1 - cut;
      gsize needed = text[cut] >= 0xf0 ? 4 : text[cut] >= 0xe0 ? 3 : 2;

      if (text[cut] >= 0x80 && text[cut] <= 0xbf)
        continue;

      /* All between is continuation bytes, so this would be the character across the edge. */
      if (text[cut] >= 0xc2 && text[cut] <= 0xf4 && covered <= needed)
        return cut;

      break;
    }

  return PROCESS_LINE_MAX;
}

static void
add_pieces (GPtrArray  *pieces,
            const char *text,
            gsize       length)
{
  while (length > PROCESS_LINE_MAX)
    {
      gsize cut = find_cut_slowly ((const guchar *) text);

      g_ptr_array_add (pieces, g_utf8_make_valid (text, cut));
      text += cut;
      length -= cut;
    }

  g_ptr_array_add (pieces, g_utf8_make_valid (text, length));
}

/* What the rules say about the whole stream, without a thought for speed. */
static GPtrArray *
split_slowly (const char *data,
              gsize       length)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func (g_free);
  gsize start = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (data[i] != '\n')
        continue;

      add_pieces (pieces, data + start,
                  i > start && data[i - 1] == '\r' ? i - 1 - start : i - start);
      start = i + 1;
    }

  if (start < length)
    add_pieces (pieces, data + start, length - start);

  return pieces;
}

static void
assert_like_slow (GString *stream,
                  gsize    largest_chunk)
{
  g_autoptr (GPtrArray) expected = split_slowly (stream->str, stream->len);
  g_autoptr (Feeder) feeder = feeder_new ();

  for (gsize at = 0; at < stream->len;)
    {
      gsize length = g_test_rand_int_range (1, largest_chunk + 1);

      length = MIN (length, stream->len - at);
      feeder_feed (feeder, stream->str + at, length);
      at += length;
    }

  feeder_finish (feeder);
  g_ptr_array_add (expected, NULL);
  assert_lines (feeder, (const char * const *) expected->pdata);
}

static void
append_random (GString *stream,
               gboolean broken)
{
  static const char *good[] = {
    "a", "b", " ", "~", "\x01", "\r", "\n", "\n", "\r\n", "é", "ß", "€", "日", "𝄞", "abcdefgh",
  };
  static const char *bad[] = {
    "\xff", "\x80", "\xbf", "\xc3", "\xe2", "\xe2\x82", "\xf0\x9d", "\xf8", "\xc0", "",
  };

  if (broken && g_test_rand_int_range (0, 4) == 0)
    {
      const char *piece = bad[g_test_rand_int_range (0, G_N_ELEMENTS (bad))];

      g_string_append_len (stream, piece, MAX (1, strlen (piece)));
    }
  else
    {
      g_string_append (stream, good[g_test_rand_int_range (0, G_N_ELEMENTS (good))]);
    }
}

static void
test_random (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) stream = g_string_new (NULL);
      guint n_parts = g_test_rand_int_range (1, 120);

      for (guint i = 0; i < n_parts; i++)
        append_random (stream, round % 2 == 1);

      assert_like_slow (stream, g_test_rand_int_range (1, 40));
    }
}

/* Lines about as long as the limit, or twice that, of characters of all sizes. */
static void
append_long_line (GString *stream)
{
  static const char *fillers[] = { "x", "é", "€", "𝄞", "\xff", "\x80", "\xe2\x82", "\r" };
  static const char *ends[] = { "\n", "\r\n", "\r\r\n", "\r\r\r\n", "" };
  const char *filler = fillers[g_test_rand_int_range (0, G_N_ELEMENTS (fillers))];
  gsize target = PROCESS_LINE_MAX * g_test_rand_int_range (1, 3) + g_test_rand_int_range (-6, 7);
  gsize start = stream->len;

  for (gint i = g_test_rand_int_range (0, 4); i > 0; i--)
    g_string_append_c (stream, 'a');

  while (stream->len - start < target)
    g_string_append (stream, filler);

  while (g_test_rand_bit ())
    append_random (stream, TRUE);

  g_string_append (stream, ends[g_test_rand_int_range (0, G_N_ELEMENTS (ends))]);
}

static void
test_random_long (void)
{
  static const gsize largest_chunks[] = { 50, 5000, 65535, 65536, 65537, 300000, 1000000 };

  for (guint round = 0; round < 140; round++)
    {
      g_autoptr (GString) stream = g_string_new (NULL);

      for (guint i = g_test_rand_int_range (1, 4); i > 0; i--)
        append_long_line (stream);

      assert_like_slow (stream, largest_chunks[round % G_N_ELEMENTS (largest_chunks)]);
    }
}

static void
assert_one_long_line (gsize       length,
                      const char *end,
                      gsize       n_pieces)
{
  g_autofree char *text = g_strnfill (length, 'x');
  g_autofree char *line = g_strconcat (text, end, NULL);
  g_autoptr (Feeder) feeder = feeder_new ();
  g_autoptr (GString) joined = g_string_new (NULL);

  feeder_feed (feeder, line, strlen (line));
  feeder_finish (feeder);

  g_assert_cmpuint (feeder->lines->len, ==, n_pieces);
  for (guint i = 0; i < feeder->lines->len; i++)
    {
      gsize piece_length = strlen (feeder->lines->pdata[i]);

      g_assert_cmpuint (piece_length, <=, PROCESS_LINE_MAX);
      g_assert_cmpuint (piece_length, >, 0);
      g_string_append (joined, feeder->lines->pdata[i]);
    }
  g_assert_cmpstr (joined->str, ==, text);
}

static void
test_limit (void)
{
  assert_one_long_line (PROCESS_LINE_MAX - 1, "\n", 1);
  assert_one_long_line (PROCESS_LINE_MAX, "\n", 1);
  assert_one_long_line (PROCESS_LINE_MAX, "\r\n", 1);
  assert_one_long_line (PROCESS_LINE_MAX, "", 1);
  assert_one_long_line (PROCESS_LINE_MAX + 1, "\n", 2);
  assert_one_long_line (PROCESS_LINE_MAX + 1, "\r\n", 2);
  assert_one_long_line (PROCESS_LINE_MAX + 1, "", 2);
  assert_one_long_line (2 * PROCESS_LINE_MAX, "\r\n", 2);
  assert_one_long_line (2 * PROCESS_LINE_MAX + 1, "\r\n", 3);
}

static void
assert_long_end (const char *end,
                 const char *second)
{
  g_autofree char *text = g_strnfill (PROCESS_LINE_MAX - 2, 'x');
  g_autofree char *line = g_strconcat (text, end, NULL);
  g_autofree char *first = g_utf8_make_valid (line, strlen (line) - strlen (second));
  g_autofree char *valid = g_utf8_make_valid (second, -1);
  g_autoptr (Feeder) feeder = feeder_new ();

  feeder_feed (feeder, line, strlen (line));
  feeder_finish (feeder);
  g_assert_cmpuint (feeder->lines->len, ==, 2);
  g_assert_cmpstr (feeder->lines->pdata[0], ==, first);
  g_assert_cmpstr (feeder->lines->pdata[1], ==, valid);
}

static void
test_edge_of_limit (void)
{
  /* What comes after these two bytes is beyond the limit. */
  assert_long_end ("xx\r", "\r");
  assert_long_end ("\r\r\r", "\r");
  assert_long_end ("éé", "é");
  assert_long_end ("xéx", "éx");
  assert_long_end ("€x", "€x");
  assert_long_end ("𝄞x", "𝄞x");

  /* Broken text has no characters to keep whole. */
  assert_long_end ("é\x80", "\x80");
  assert_long_end ("\x80\x80\x80", "\x80");
  assert_long_end ("x\xe9x", "x");
  assert_long_end ("x\xf8\x80", "\x80");
  assert_long_end ("x\xc0\x80", "\x80");
}

static void
test_pieces_are_not_held_back (void)
{
  g_autofree char *text = g_strnfill (PROCESS_LINE_MAX + 1, 'x');
  g_autoptr (Feeder) feeder = feeder_new ();

  feeder_feed (feeder, text, PROCESS_LINE_MAX);
  g_assert_cmpuint (feeder->lines->len, ==, 0);
  feeder_feed (feeder, "x", 1);
  g_assert_cmpuint (feeder->lines->len, ==, 1);
}

/* Cut anywhere, characters stay whole. */
static void
test_long_characters (void)
{
  static const char *fillers[] = { "é", "€", "𝄞" };

  for (guint i = 0; i < G_N_ELEMENTS (fillers); i++)
    for (guint shift = 0; shift < 4; shift++)
      {
        g_autoptr (GString) text = g_string_new (NULL);
        g_autoptr (GString) joined = g_string_new (NULL);
        g_autoptr (Feeder) feeder = feeder_new ();

        for (guint j = 0; j < shift; j++)
          g_string_append_c (text, 'a');
        while (text->len < 5 * PROCESS_LINE_MAX)
          g_string_append (text, fillers[i]);

        for (gsize at = 0; at < text->len; at += MIN (1001, text->len - at))
          feeder_feed (feeder, text->str + at, MIN (1001, text->len - at));
        feeder_finish (feeder);

        /* No piece is shorter than it has to be. */
        g_assert_cmpuint (feeder->lines->len, <=, 6);
        for (guint j = 0; j < feeder->lines->len; j++)
          {
            g_assert_cmpuint (strlen (feeder->lines->pdata[j]), <=, PROCESS_LINE_MAX);
            g_string_append (joined, feeder->lines->pdata[j]);
          }
        g_assert_cmpstr (joined->str, ==, text->str);
      }
}

static void
test_skip (void)
{
  for (guint round = 0; round < 500; round++)
    {
      g_autoptr (GString) stream = g_string_new (NULL);
      g_autoptr (Feeder) listening = feeder_new ();
      g_autoptr (Feeder) skipping = feeder_new ();
      gsize largest_chunk = 60;

      for (guint i = g_test_rand_int_range (1, 200); i > 0; i--)
        append_random (stream, TRUE);

      if (round % 25 == 0)
        {
          append_long_line (stream);
          largest_chunk = 100000;
        }

      for (gsize at = 0; at < stream->len;)
        {
          gsize length = g_test_rand_int_range (1, largest_chunk);
          guint n_before = listening->lines->len;
          guint n_skipped = skipping->lines->len;

          length = MIN (length, stream->len - at);
          feeder_feed (listening, stream->str + at, length);

          if (g_test_rand_bit ())
            {
              feeder_feed (skipping, stream->str + at, length);
              g_assert_cmpuint (skipping->lines->len - n_skipped, ==,
                                listening->lines->len - n_before);
              for (guint i = n_before; i < listening->lines->len; i++)
                g_assert_cmpstr (skipping->lines->pdata[n_skipped + i - n_before], ==,
                                 listening->lines->pdata[i]);
            }
          else
            {
              _process_line_splitter_skip (&skipping->splitter, stream->str + at, length);
            }

          g_assert_cmpmem (skipping->splitter.carry, skipping->splitter.carry_length,
                           listening->splitter.carry, listening->splitter.carry_length);
          at += length;
        }
    }
}

static void
test_many_short_lines (void)
{
  g_autofree char *chunk = g_malloc (65536);
  ProcessLineSplitter splitter = { 0, };
  ProcessLines out = { 0, };
  guint n_lines = 0;

  while (n_lines < 1000000)
    {
      for (gsize i = 0; i < 65536; i++)
        chunk[i] = i % 2 == 0 ? 'a' : '\n';

      g_assert_cmpuint (_process_line_splitter_split (&splitter, chunk, 65536, &out), ==, 32768);
      for (guint i = 0; i < out.n_lines; i++)
        {
          /* In place, and nothing is copied. */
          g_assert_true (out.lines[i] == chunk + 2 * i);
          g_assert_cmpint (out.lines[i][0], ==, 'a');
          g_assert_cmpint (out.lines[i][1], ==, '\0');
        }
      g_assert_null (out.owned);
      g_assert_null (splitter.carry);

      n_lines += out.n_lines;
      _process_lines_clear (&out);
    }

  _process_lines_finish (&out);
}

/* One call appends to what another has left. */
static void
test_append (void)
{
  char first[] = "one\ntw";
  char second[] = "o\nthree\n";
  ProcessLineSplitter splitter = { 0, };
  ProcessLines out = { 0, };

  g_assert_cmpuint (_process_line_splitter_split (&splitter, first, 6, &out), ==, 1);
  g_assert_cmpuint (_process_line_splitter_split (&splitter, second, 8, &out), ==, 2);
  g_assert_cmpuint (out.n_lines, ==, 3);
  g_assert_cmpstr (out.lines[0], ==, "one");
  g_assert_cmpstr (out.lines[1], ==, "two");
  g_assert_cmpstr (out.lines[2], ==, "three");
  g_assert_null (out.lines[3]);
  g_assert_null (splitter.carry);

  _process_lines_finish (&out);
  g_assert_null (out.lines);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/line-splitter/simple", test_simple);
  g_test_add_func ("/line-splitter/nothing", test_nothing);
  g_test_add_func ("/line-splitter/carriage-returns", test_carriage_returns);
  g_test_add_func ("/line-splitter/text", test_text);
  g_test_add_func ("/line-splitter/every-position", test_every_position);
  g_test_add_func ("/line-splitter/every-character", test_every_character);
  g_test_add_func ("/line-splitter/every-edge", test_every_edge);
  g_test_add_func ("/line-splitter/random", test_random);
  g_test_add_func ("/line-splitter/random-long", test_random_long);
  g_test_add_func ("/line-splitter/limit", test_limit);
  g_test_add_func ("/line-splitter/edge-of-limit", test_edge_of_limit);
  g_test_add_func ("/line-splitter/pieces-are-not-held-back", test_pieces_are_not_held_back);
  g_test_add_func ("/line-splitter/long-characters", test_long_characters);
  g_test_add_func ("/line-splitter/skip", test_skip);
  g_test_add_func ("/line-splitter/many-short-lines", test_many_short_lines);
  g_test_add_func ("/line-splitter/append", test_append);

  return g_test_run ();
}
