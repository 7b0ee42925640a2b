/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool-private.h"

G_BEGIN_DECLS

/* tool-text.c: what people read, on a terminal or elsewhere. */
typedef struct
{
  gboolean terminal;
  gboolean colours;
  gboolean symbols; /* other than those of ASCII */
} ToolLook;

typedef enum
{
  TOOL_COLOUR_NONE,
  TOOL_COLOUR_BOLD,
  TOOL_COLOUR_DIM,
  TOOL_COLOUR_RED,
  TOOL_COLOUR_GREEN,
  TOOL_COLOUR_YELLOW,
} ToolColour;

ToolLook tool_look_get          (void);
void     tool_get_terminal_size (guint          *columns,
                                 guint          *lines);
guint    tool_get_columns       (const char     *text);

/* All of these append to @line. Clean text is one line without what controls a terminal. */
void     tool_append_clean      (GString        *line,
                                 const char     *text);
/* Shows what the other leaves out, in the way of JSON. */
void     tool_append_escaped    (GString        *line,
                                 const char     *text);
void     tool_append_cut        (GString        *line,
                                 const char     *text,
                                 guint           columns,
                                 gboolean        pad);
void     tool_append_time       (GString        *line,
                                 gint64          microseconds);
void     tool_append_coloured   (GString        *line,
                                 const ToolLook *look,
                                 ToolColour      colour,
                                 const char     *text);

G_END_DECLS
