/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the command shows to people, where running it would take hours or a certain terminal. */

#include <process-glib/tool/tool-text-private.h>

static void
test_time (void)
{
  static const struct
  {
    gint64      time;
    const char *expected;
  } cases[] = {
    { 0, "0.0 s" },
    { 99999, "0.0 s" },
    { 100000, "0.1 s" },
    { 59999999, "59.9 s" },
    { G_TIME_SPAN_MINUTE, "1:00 min" },
    { 61 * G_TIME_SPAN_SECOND + 999999, "1:01 min" },
    { G_TIME_SPAN_HOUR - 1, "59:59 min" },
    { G_TIME_SPAN_HOUR, "1:00:00 h" },
    { 3 * G_TIME_SPAN_HOUR + 4 * G_TIME_SPAN_MINUTE + 5 * G_TIME_SPAN_SECOND, "3:04:05 h" },
    { 1000 * G_TIME_SPAN_DAY, "24000:00:00 h" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) line = g_string_new ("in ");
      g_autofree char *expected = g_strconcat ("in ", cases[i].expected, NULL);

      tool_append_time (line, cases[i].time);
      g_assert_cmpstr (line->str, ==, expected);
    }
}

static void
test_clean (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "plain grün €", "plain grün €" },
    { "a\tb\nc", "a b c" },
    { "a\a\b\r\v\x7f" "b", "ab" },
    { "\xc2\x9b" "31mred", "31mred" },
    { "\033[1;31mred\033[m", "red" },
    { "\033[?25lhidden", "hidden" },
    { "\033]0;title\anext", "next" },
    { "\033]8;;http://x/\033\\link\033]8;;\033\\", "link" },
    { "\033(0lines", "lines" },
    { "\033 #8x", "x" },
    { "\033cagain", "again" },
    { "\033\xc3\xa4" "b", "b" },
    { "\033", "" },
    { "a\033[", "a" },
    { "a\033[1;", "a" },
    { "a\033]0;b", "a" },
    { "a\033]0;b\033", "a" },
    { "a\033(", "a" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      tool_append_clean (line, cases[i].text);
      g_assert_cmpstr (line->str, ==, cases[i].expected);
    }
}

/* Columns, not characters: some take two, and some none. */
static void
test_cut (void)
{
  static const struct
  {
    const char *text;
    guint       columns;
    gboolean    pad;
    const char *expected;
  } cases[] = {
    { "text", 4, FALSE, "text" },
    { "text", 6, FALSE, "text" },
    { "text", 6, TRUE, "text  " },
    { "text", 3, FALSE, "te…" },
    { "text", 1, TRUE, "…" },
    { "text", 0, TRUE, "" },
    { "", 2, TRUE, "  " },
    { "日本語", 6, FALSE, "日本語" },
    { "日本語", 5, FALSE, "日本…" },
    { "日本語", 4, TRUE, "日… " },
    { "e\u0301e\u0301", 2, FALSE, "e\u0301e\u0301" },
    { "e\u0301e\u0301", 1, FALSE, "…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      tool_append_cut (line, cases[i].text, cases[i].columns, cases[i].pad);
      g_assert_cmpstr (line->str, ==, cases[i].expected);
      g_assert_cmpuint (tool_get_columns (line->str), <=, cases[i].columns);
    }
}

static void
test_coloured (void)
{
  const ToolLook coloured = { .colours = TRUE };
  const ToolLook plain = { .terminal = TRUE };
  g_autoptr (GString) line = g_string_new (NULL);

  tool_append_coloured (line, &coloured, TOOL_COLOUR_RED, "a");
  tool_append_coloured (line, &coloured, TOOL_COLOUR_NONE, "b");
  tool_append_coloured (line, &plain, TOOL_COLOUR_RED, "c");
  g_assert_cmpstr (line->str, ==, "\033[31ma\033[0mbc");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool-text/time", test_time);
  g_test_add_func ("/tool-text/clean", test_clean);
  g_test_add_func ("/tool-text/cut", test_cut);
  g_test_add_func ("/tool-text/coloured", test_coloured);
  return g_test_run ();
}
