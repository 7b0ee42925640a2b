/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <string.h>

#include <json-glib/json-glib.h>

typedef enum
{
  COLUMN_CODE,
  COLUMN_DAEMON,
  COLUMN_PID,
  COLUMN_HEALTH,
  COLUMN_UPTIME,
  COLUMN_PROJECT,
} Column;

#define N_COLUMNS (COLUMN_PROJECT + 1)

static const struct
{
  const char *title;
  guint       max_width;
  gboolean    to_the_right;
} columns_info[] = {
  [COLUMN_CODE] = { "CODE", 32, FALSE },
  [COLUMN_DAEMON] = { "DAEMON", 32, FALSE },
  [COLUMN_PID] = { "PID", 10, TRUE },
  [COLUMN_HEALTH] = { "HEALTH", 48, FALSE },
  [COLUMN_UPTIME] = { "UPTIME", 12, TRUE },
  [COLUMN_PROJECT] = { "PROJECT", G_MAXUINT, FALSE },
};

/* Two units are enough. */
static char *
format_uptime (GDateTime *started)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  gint64 seconds = 0;

  if (started == NULL)
    return g_strdup ("-");

  seconds = MAX (g_date_time_difference (now, started), 0) / G_TIME_SPAN_SECOND;
  if (seconds < 60)
    return g_strdup_printf ("%d s", (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d min", (int) (seconds / 60), (int) (seconds % 60));
  if (seconds < 86400)
    return g_strdup_printf ("%d:%02d h", (int) (seconds / 3600), (int) (seconds / 60 % 60));

  return g_strdup_printf ("%" G_GINT64_FORMAT " d %d h", seconds / 86400,
                          (int) (seconds / 3600 % 24));
}

static char *
clean (const char *text)
{
  g_autoptr (GString) line = g_string_new (NULL);

  tool_append_clean (line, text != NULL && *text != '\0' ? text : "-");

  return g_strdup (line->str);
}

static char *
format_cell (ToolDaemonRow *row,
             Column         column)
{
  switch (column)
    {
    case COLUMN_CODE:
      return clean (process_daemon_entry_get_code (row->entry));
    case COLUMN_DAEMON:
      return clean (process_daemon_entry_get_daemon (row->entry));
    case COLUMN_PID:
      return g_strdup_printf ("%d", process_daemon_entry_get_pid (row->entry));
    case COLUMN_HEALTH:
      return clean (row->health);
    case COLUMN_UPTIME:
      return format_uptime (process_daemon_entry_get_started (row->entry));
    case COLUMN_PROJECT:
    default:
      return clean (process_daemon_entry_get_project (row->entry));
    }
}

static ToolColour
choose_colour (const char *health)
{
  if (g_str_equal (health, "ok"))
    return TOOL_COLOUR_GREEN;
  if (g_str_equal (health, "-"))
    return TOOL_COLOUR_NONE;

  return g_str_equal (health, "no answer") ? TOOL_COLOUR_YELLOW : TOOL_COLOUR_RED;
}

/* A vector of N_COLUMNS for each row, below the titles. */
static GPtrArray *
format_rows (GPtrArray *rows)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  char **titles = g_new0 (char *, N_COLUMNS + 1);

  for (guint i = 0; i < N_COLUMNS; i++)
    titles[i] = g_strdup (columns_info[i].title);
  g_ptr_array_add (lines, titles);

  for (guint i = 0; i < rows->len; i++)
    {
      char **cells = g_new0 (char *, N_COLUMNS + 1);

      for (guint j = 0; j < N_COLUMNS; j++)
        cells[j] = format_cell (rows->pdata[i], j);
      g_ptr_array_add (lines, cells);
    }

  return lines;
}

static guint
get_width (GPtrArray *lines,
           Column     column)
{
  guint width = 0;

  for (guint i = 0; i < lines->len; i++)
    width = MAX (width, tool_get_columns (((char **) lines->pdata[i])[column]));

  return MIN (width, columns_info[column].max_width);
}

static void
append_cell (GString        *text,
             const ToolLook *look,
             Column          column,
             const char     *content,
             ToolColour      colour,
             guint           width)
{
  guint needed = tool_get_columns (content);
  guint before = columns_info[column].to_the_right && needed < width ? width - needed : 0;
  g_autoptr (GString) cell = g_string_new (NULL);

  g_string_append_printf (cell, "%*s", (int) before, "");
  /* Nothing comes behind the last one. */
  tool_append_cut (cell, content, width - before, column != COLUMN_PROJECT);
  tool_append_coloured (text, look, colour, cell->str);
}

/* Cut before it is coloured, since colours take no room. */
static void
append_line (GString        *text,
             const ToolLook *look,
             char          **cells,
             const guint    *widths,
             ToolColour      colour,
             guint           room)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      guint gap = MIN (i > 0 ? 2 : 0, room);
      guint width = MIN (widths[i], room - gap);

      g_string_append_printf (text, "%*s", (int) gap, "");
      append_cell (text, look, i, cells[i],
                   colour == TOOL_COLOUR_NONE && i == COLUMN_HEALTH ? choose_colour (cells[i])
                                                                    : colour,
                   width);
      room -= gap + width;
    }
  g_string_append_c (text, '\n');
}

void
tool_append_daemons (GString        *text,
                     const ToolLook *look,
                     GPtrArray      *rows,
                     guint           columns,
                     guint           lines)
{
  g_autoptr (GPtrArray) formatted = format_rows (rows);
  guint n = formatted->len <= lines ? formatted->len : lines - MIN (lines, 1);
  guint widths[N_COLUMNS];

  for (guint i = 0; i < N_COLUMNS; i++)
    widths[i] = get_width (formatted, i);
  for (guint i = 0; i < n; i++)
    append_line (text, look, formatted->pdata[i], widths,
                 i == 0 ? TOOL_COLOUR_BOLD : TOOL_COLOUR_NONE, columns);
  if (n < formatted->len && lines > 0)
    g_string_append_printf (text, "and %u more\n", formatted->len - n);
}

static JsonNode *
create_node (ToolDaemonRow *row)
{
  g_autofree char *json = process_daemon_entry_to_json (row->entry);
  JsonNode *node = json_from_string (json, NULL);

  json_object_set_string_member (json_node_get_object (node), "healthStatus", row->health);

  return node;
}

void
tool_append_daemons_json (GString   *text,
                          GPtrArray *rows)
{
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *json = NULL;

  for (guint i = 0; i < rows->len; i++)
    json_array_add_element (array, create_node (rows->pdata[i]));
  json_node_take_array (root, array);
  json = json_to_string (root, FALSE);
  tool_append_escaped (text, json);
  g_string_append_c (text, '\n');
}
