/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-text-private.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* NO_COLOR as https://no-color.org has it: not empty. */
ToolLook
tool_look_get (void)
{
  const char *term = g_getenv ("TERM");
  const char *no_color = g_getenv ("NO_COLOR");
  gboolean terminal = isatty (STDOUT_FILENO) && term != NULL && *term != '\0' &&
                      !g_str_equal (term, "dumb");
  ToolLook look = {
    .terminal = terminal,
    .colours = terminal && (no_color == NULL || *no_color == '\0'),
    .symbols = g_get_charset (NULL),
  };

  return look;
}

void
tool_get_terminal_size (guint *columns,
                        guint *lines)
{
  struct winsize size = { 0 };

  ioctl (STDOUT_FILENO, TIOCGWINSZ, &size);
  *columns = size.ws_col > 0 ? size.ws_col : 80;
  *lines = size.ws_row > 0 ? size.ws_row : 24;
}

static guint
get_char_columns (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

/* How much room valid UTF-8 takes on a terminal. */
guint
tool_get_columns (const char *text)
{
  guint columns = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    columns += get_char_columns (g_utf8_get_char (text));

  return columns;
}

/* Control characters, and what turns the direction of the text behind it (UAX #9). */
static gboolean
is_control (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Behind the escape sequence (ECMA-48) that begins at @text. */
static const char *
skip_escape (const char *text)
{
  text++;
  if (*text == '[')
    {
      text++;
      while (*text != '\0' && !(*text >= 0x40 && *text <= 0x7e))
        text++;
    }
  else if (*text == ']')
    {
      while (*text != '\0' && *text != '\a' && !(text[0] == '\033' && text[1] == '\\'))
        text++;
      if (*text == '\033')
        text++;
    }
  else
    {
      while (*text >= 0x20 && *text <= 0x2f)
        text++;
    }

  return *text != '\0' ? g_utf8_next_char (text) : text;
}

void
tool_append_clean (GString    *line,
                   const char *text)
{
  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char (text);

      if (c == '\033')
        {
          text = skip_escape (text);
          continue;
        }

      if (c == '\t' || c == '\n')
        g_string_append_c (line, ' ');
      else if (!is_control (c))
        g_string_append_unichar (line, c);
      text = g_utf8_next_char (text);
    }
}

void
tool_append_escaped (GString    *line,
                     const char *text)
{
  const char *start = text;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (!is_control (c))
        continue;

      g_string_append_len (line, start, text - start);
      g_string_append_printf (line, "\\u%04x", c);
      start = g_utf8_next_char (text);
    }
  g_string_append (line, start);
}

/* What is longer ends in a mark for that. */
void
tool_append_cut (GString    *line,
                 const char *text,
                 guint       columns,
                 gboolean    pad)
{
  guint needed = tool_get_columns (text);
  guint room = needed > columns ? columns - MIN (columns, 1) : columns;
  guint used = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (used + get_char_columns (c) > room)
        break;
      g_string_append_unichar (line, c);
      used += get_char_columns (c);
    }

  if (needed > columns && columns > 0)
    {
      g_string_append (line, "…");
      used++;
    }
  for (; pad && used < columns; used++)
    g_string_append_c (line, ' ');
}

/* To a tenth of a second, or to the second from a minute on. */
void
tool_append_time (GString *line,
                  gint64   microseconds)
{
  gint64 seconds = microseconds / G_TIME_SPAN_SECOND;

  if (seconds < 60)
    g_string_append_printf (line, "%d.%d s", (int) seconds,
                            (int) (microseconds % G_TIME_SPAN_SECOND / 100000));
  else if (seconds < 3600)
    g_string_append_printf (line, "%d:%02d min", (int) (seconds / 60), (int) (seconds % 60));
  else
    g_string_append_printf (line, "%" G_GINT64_FORMAT ":%02d:%02d h", seconds / 3600,
                            (int) (seconds / 60 % 60), (int) (seconds % 60));
}

void
tool_append_coloured (GString        *line,
                      const ToolLook *look,
                      ToolColour      colour,
                      const char     *text)
{
  static const char *codes[] = {
    [TOOL_COLOUR_NONE] = "",
    [TOOL_COLOUR_BOLD] = "\033[1m",
    [TOOL_COLOUR_DIM] = "\033[2m",
    [TOOL_COLOUR_RED] = "\033[31m",
    [TOOL_COLOUR_GREEN] = "\033[32m",
    [TOOL_COLOUR_YELLOW] = "\033[33m",
  };

  if (look->colours && colour != TOOL_COLOUR_NONE)
    g_string_append_printf (line, "%s%s\033[0m", codes[colour], text);
  else
    g_string_append (line, text);
}
