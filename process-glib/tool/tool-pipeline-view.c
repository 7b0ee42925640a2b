/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <string.h>

/* How it works
 *
 * All of it happens in the context of the service. Without a terminal, what the programs print is
 * passed on as it comes, with a name before each line.
 *
 * On a terminal a few lines at the bottom are drawn again and again: one for each running program
 * with the last that it printed, and the progress below them. The cursor rests behind the last of
 * them; `n_drawn` tells how many there are, so that the next frame begins at the first.
 */

#define FRAME_MS 100
#define MAX_NAME_COLUMNS 24
#define TIME_COLUMNS 9
#define MAX_BAR_COLUMNS 30

typedef struct
{
  ToolView              *view;    /* (unowned) */
  ProcessManagedProcess *process; /* (owned) */
  gulong                 handler;
  char                  *name;    /* (owned), clean */
  char                  *last;    /* (owned) (nullable), clean: the last line with anything in it */
  gint64                 start_time;
} Row;

struct _ToolView
{
  ProcessRunner *runner; /* (owned) */
  ToolLook       look;
  ToolOutput    *output; /* (unowned) */
  GSource       *timer;  /* (owned) (nullable) */
  GPtrArray     *rows;   /* (owned), of what runs, in the order of the starts */
  guint          n_specs;
  guint          n_done;
  guint          n_failed;
  guint          n_skipped;
  guint          n_drawn;
  guint          n_frames;
  gint64         start_time;
};

static void
row_free (gpointer data)
{
  Row *self = data;

  g_signal_handler_disconnect (self->process, self->handler);
  g_object_unref (self->process);
  g_free (self->name);
  g_free (self->last);
  g_free (self);
}

static void
pass_on (Row                *self,
         const char * const *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, "%s | %s\n", self->name, lines[i]);
  tool_output_write (self->view->output, text->str, text->len);
}

/* What is overwritten by way of a carriage return does not count. */
static void
remember (Row                *self,
          const char * const *lines)
{
  for (guint i = g_strv_length ((char **) lines); i-- > 0;)
    {
      const char *start = strrchr (lines[i], '\r');
      g_autoptr (GString) clean = g_string_new (NULL);

      tool_append_clean (clean, start != NULL && start[1] != '\0' ? start + 1 : lines[i]);
      if (strspn (clean->str, " ") == clean->len)
        continue;

      g_free (self->last);
      self->last = g_strdup (clean->str);
      return;
    }
}

static void
lines_cb (ProcessManagedProcess *process,
          const char * const    *lines,
          ProcessStream          stream,
          gpointer               user_data)
{
  Row *self = user_data;

  if (self->view->look.terminal)
    remember (self, lines);
  else
    pass_on (self, lines);
}

static void
spec_started_cb (ProcessRunner         *runner,
                 ProcessRunSpec        *spec,
                 ProcessManagedProcess *process,
                 gpointer               user_data)
{
  ToolView *self = user_data;
  g_autoptr (GString) name = g_string_new (NULL);
  Row *row = g_new0 (Row, 1);

  tool_append_clean (name, process_run_spec_get_name (spec));
  row->view = self;
  row->name = g_strdup (name->str);
  row->process = g_object_ref (process);
  row->start_time = g_get_monotonic_time ();
  row->handler = g_signal_connect (process, "lines", G_CALLBACK (lines_cb), row);
  g_ptr_array_add (self->rows, row);
}

static void
spec_finished_cb (ProcessRunner    *runner,
                  ProcessRunResult *result,
                  gpointer          user_data)
{
  ToolView *self = user_data;

  self->n_done++;
  if (process_run_result_get_skipped (result))
    self->n_skipped++;
  else if (!process_run_result_get_passed (result))
    self->n_failed++;

  for (guint i = 0; i < self->rows->len; i++)
    if (((Row *) self->rows->pdata[i])->process == process_run_result_get_process (result))
      {
        g_ptr_array_remove_index (self->rows, i);
        return;
      }
}

static const char *
get_spinner (ToolView *self)
{
  static const char *symbols[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
  static const char *plain[] = { "|", "/", "-", "\\" };

  return self->look.symbols ? symbols[self->n_frames % G_N_ELEMENTS (symbols)]
                            : plain[self->n_frames % G_N_ELEMENTS (plain)];
}

static void
end_line (GString *frame)
{
  g_string_append (frame, "\033[K\n");
}

/* Cut before it is coloured, since colours take no room. */
static void
draw_row (ToolView *self,
          Row      *row,
          guint     name_columns,
          guint     columns,
          gint64    now,
          GString  *frame)
{
  guint fixed = 2 + name_columns + 2 + TIME_COLUMNS + 2;
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) time = g_string_new (NULL);
  g_autoptr (GString) last = g_string_new (NULL);

  tool_append_cut (name, row->name, name_columns, TRUE);
  tool_append_time (time, now - row->start_time);
  if (row->last != NULL && columns > fixed)
    tool_append_cut (last, row->last, columns - fixed, FALSE);

  tool_append_coloured (frame, &self->look, TOOL_COLOUR_YELLOW, get_spinner (self));
  g_string_append_printf (frame, " %s  %*s  ", name->str, TIME_COLUMNS, time->str);
  tool_append_coloured (frame, &self->look, TOOL_COLOUR_DIM, last->str);
  end_line (frame);
}

/* Those that run longest are shown where there is no room for all. */
static guint
draw_rows (ToolView *self,
           guint     columns,
           guint     room,
           GString  *frame)
{
  guint n = self->rows->len <= room ? self->rows->len : room - MIN (room, 1);
  gint64 now = g_get_monotonic_time ();
  guint name_columns = 0;

  for (guint i = 0; i < n; i++)
    name_columns = MAX (name_columns, tool_get_columns (((Row *) self->rows->pdata[i])->name));
  name_columns = MIN (name_columns, MIN (MAX_NAME_COLUMNS, columns / 3));

  for (guint i = 0; i < n; i++)
    draw_row (self, self->rows->pdata[i], name_columns, columns, now, frame);

  if (n == self->rows->len || room == 0)
    return n;

  g_string_append_printf (frame, "  and %u more", self->rows->len - n);
  end_line (frame);

  return n + 1;
}

static guint
get_bar_columns (guint columns)
{
  return MIN (MAX_BAR_COLUMNS, columns / 3);
}

static void
draw_bar (ToolView *self,
          guint     columns,
          GString  *frame)
{
  guint length = get_bar_columns (columns);
  guint n_full = self->n_specs > 0 ? (guint) ((guint64) length * self->n_done / self->n_specs) : 0;

  g_string_append_c (frame, '[');
  for (guint i = 0; i < length; i++)
    g_string_append (frame, self->look.symbols ? (i < n_full ? "█" : "░") : i < n_full ? "#" : "-");
  g_string_append (frame, "] ");
}

/* The counts that are not 0 are worth their room more than the bar. */
static void
draw_progress (ToolView *self,
               guint     columns,
               GString  *frame)
{
  g_autoptr (GString) counts = g_string_new (NULL);
  g_autoptr (GString) failed = g_string_new (NULL);
  g_autoptr (GString) rest = g_string_new (NULL);
  guint needed = 0;

  g_string_append_printf (counts, "%u/%u", self->n_done, self->n_specs);
  if (self->n_failed > 0)
    g_string_append_printf (failed, "  %u failed", self->n_failed);
  if (self->n_skipped > 0)
    g_string_append_printf (rest, "  %u skipped", self->n_skipped);
  g_string_append (rest, "  ");
  tool_append_time (rest, g_get_monotonic_time () - self->start_time);
  if (g_cancellable_is_cancelled (self->output->cancellable))
    g_string_append (rest, "  stopping");

  needed = (guint) (counts->len + failed->len + rest->len);
  if (needed + get_bar_columns (columns) + strlen ("[] ") <= columns)
    draw_bar (self, columns, frame);
  g_string_append (frame, counts->str);
  tool_append_coloured (frame, &self->look, TOOL_COLOUR_RED, failed->str);
  g_string_append (frame, rest->str);
}

/* The cursor goes to where the first line of the last frame is. */
static void
go_to_start (ToolView *self,
             GString  *frame)
{
  if (g_atomic_int_compare_and_exchange (&self->output->displaced, TRUE, FALSE))
    self->n_drawn = 0;
  g_string_append_c (frame, '\r');
  if (self->n_drawn > 1)
    g_string_append_printf (frame, "\033[%uA", self->n_drawn - 1);
}

static gboolean
draw_cb (gpointer user_data)
{
  ToolView *self = user_data;
  g_autoptr (GString) frame = g_string_new (NULL);
  guint columns = 0;
  guint lines = 0;

  tool_get_terminal_size (&columns, &lines);
  go_to_start (self, frame);
  /* A line that fills the last column would make some terminals go on to the next. */
  self->n_drawn = draw_rows (self, columns - 1, lines - MIN (lines, 2), frame) + 1;
  draw_progress (self, columns - 1, frame);
  g_string_append (frame, "\033[J");
  tool_output_write (self->output, frame->str, frame->len);
  self->n_frames++;

  return G_SOURCE_CONTINUE;
}

ToolView *
tool_view_new (ProcessRunner  *runner,
               guint           n_specs,
               const ToolLook *look,
               ToolOutput     *output)
{
  ToolView *self = g_new0 (ToolView, 1);

  self->runner = g_object_ref (runner);
  self->look = *look;
  self->output = output;
  self->n_specs = n_specs;
  self->start_time = g_get_monotonic_time ();
  self->rows = g_ptr_array_new_with_free_func (row_free);
  g_signal_connect (runner, "spec-started", G_CALLBACK (spec_started_cb), self);
  g_signal_connect (runner, "spec-finished", G_CALLBACK (spec_finished_cb), self);

  if (look->terminal)
    {
      self->timer = g_timeout_source_new (FRAME_MS);
      g_source_set_static_name (self->timer, "[process-glib] frames");
      g_source_set_callback (self->timer, draw_cb, self, NULL);
      g_source_attach (self->timer, g_main_context_get_thread_default ());
    }

  return self;
}

void
tool_view_hide (ToolView *self)
{
  g_autoptr (GString) frame = g_string_new (NULL);

  if (self->timer != NULL)
    g_source_destroy (self->timer);
  if (self->n_drawn == 0)
    return;

  go_to_start (self, frame);
  g_string_append (frame, "\033[J");
  tool_output_write (self->output, frame->str, frame->len);
  self->n_drawn = 0;
}

void
tool_view_free (ToolView *self)
{
  g_signal_handlers_disconnect_by_data (self->runner, self);
  g_clear_pointer (&self->timer, g_source_unref);
  g_ptr_array_unref (self->rows);
  g_object_unref (self->runner);
  g_free (self);
}
