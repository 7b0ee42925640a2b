/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest piece of a line, in bytes as printed. With less, fuzzers soon come to lines that
 * are longer. */
#ifndef PROCESS_LINE_MAX
#define PROCESS_LINE_MAX 65536
#endif

/* Lines on their way out, to be reused from chunk to chunk: zero-initialize, finish at the end.
 * The strings live in the chunk that was split, or in `owned`, until the lines are cleared. */
typedef struct
{
  char      **lines;   /* (owned) (nullable), n_lines strings and a NULL */
  guint       n_lines;
  guint       n_allocated;
  GPtrArray  *owned;   /* (nullable), the strings that had to be copied */
} ProcessLines;

/* The bytes of one stream in, its lines out: zero-initialize, clear at the end. */
typedef struct
{
  char  *carry; /* (owned) (nullable), the line that has no end yet */
  gsize  carry_length;
  gsize  carry_allocated;
} ProcessLineSplitter;

/* Appends the lines that end in @data to @out, and returns how many. @data is written to, and must
 * live as long as the lines. */
guint _process_line_splitter_split  (ProcessLineSplitter *self,
                                     char                *data,
                                     gsize                length,
                                     ProcessLines        *out);

/* The same without the lines, for when nobody wants them; @data is left alone. */
void  _process_line_splitter_skip   (ProcessLineSplitter *self,
                                     const char          *data,
                                     gsize                length);

/* Appends the last line, when it has no end, to @out, and returns how many pieces that made. */
guint _process_line_splitter_finish (ProcessLineSplitter *self,
                                     ProcessLines        *out);

void  _process_line_splitter_clear  (ProcessLineSplitter *self);

/* Forgets the lines and frees the copies; keeps the array for the next chunk. */
void  _process_lines_clear          (ProcessLines        *self);

/* Frees the array too. */
void  _process_lines_finish         (ProcessLines        *self);

G_END_DECLS
