/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* How it works
 *
 * A survey is made whenever the registry changes, and every two seconds; of changes that come while
 * one is under way all are seen by the next. On a terminal each is shown in the place of the last
 * one, whose lines are `n_drawn`. Elsewhere it is shown when it says something new.
 *
 * SIGINT and SIGTERM need no handler: there is nothing to put back in order.
 */

#define INTERVAL_SECONDS 2

typedef struct
{
  ProcessRegistry *registry;  /* (unowned) */
  gboolean         json;
  ToolLook         look;
  gboolean         surveying;
  gboolean         outdated;  /* there was a change after the survey had begun */
  char            *last;      /* (owned) (nullable): what was shown last, as JSON */
  guint            n_drawn;
  int              code;      /* of the exit, once it is not 0 */
} Watch;

int
tool_write_output (const GString *text)
{
  if (tool_write_all (STDOUT_FILENO, text->str, text->len, -1))
    return 0;
  if (errno == EPIPE)
    return TOOL_EXIT_SIGNALED + SIGPIPE;

  tool_print_error ("Cannot write to standard output: %s", g_strerror (errno));

  return TOOL_EXIT_FAILED;
}

static void
watch_draw (Watch     *self,
            GPtrArray *rows)
{
  g_autoptr (GString) frame = g_string_new (NULL);
  g_autoptr (GString) table = g_string_new (NULL);
  guint columns = 0;
  guint lines = 0;

  tool_get_terminal_size (&columns, &lines);
  /* A line that fills the last column would make some terminals go on to the next. */
  tool_append_daemons (table, &self->look, rows, columns - 1, lines - MIN (lines, 1));
  g_string_append_c (frame, '\r');
  if (self->n_drawn > 0)
    g_string_append_printf (frame, "\033[%uA", self->n_drawn);
  self->n_drawn = g_string_replace (table, "\n", "\033[K\n", 0);
  g_string_append (frame, table->str);
  g_string_append (frame, "\033[J");

  self->code = tool_write_output (frame);
}

static void
watch_print (Watch     *self,
             GPtrArray *rows)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GString) table = g_string_new (NULL);
  gboolean first = self->last == NULL;

  tool_append_daemons_json (json, rows);
  if (g_strcmp0 (self->last, json->str) == 0)
    return;

  if (!self->json)
    {
      g_string_append (table, first ? "" : "\n");
      tool_append_daemons (table, &self->look, rows, G_MAXUINT, G_MAXUINT);
    }
  g_free (self->last);
  self->last = g_strdup (json->str);

  self->code = tool_write_output (self->json ? json : table);
}

static void watch_survey (Watch *self);

static void
surveyed_cb (GPtrArray *rows,
             gpointer   user_data)
{
  Watch *self = user_data;

  if (self->look.terminal && !self->json)
    watch_draw (self, rows);
  else
    watch_print (self, rows);

  self->surveying = FALSE;
  if (self->outdated)
    watch_survey (self);
}

static void
watch_survey (Watch *self)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *model = G_LIST_MODEL (self->registry);
  guint n_items = g_list_model_get_n_items (model);

  self->outdated = self->surveying;
  if (self->surveying)
    return;

  for (guint i = 0; i < n_items; i++)
    g_ptr_array_add (entries, g_list_model_get_item (model, i));
  self->surveying = TRUE;
  tool_survey_daemons (entries, surveyed_cb, self);
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  gpointer    user_data)
{
  watch_survey (user_data);
}

/* A survey that takes that long is fresh enough. */
static gboolean
again_cb (gpointer user_data)
{
  Watch *self = user_data;

  if (!self->surveying)
    watch_survey (self);

  return G_SOURCE_CONTINUE;
}

/* The reader may go while there is nothing to write. */
static gboolean
closed_cb (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  Watch *self = user_data;

  self->code = TOOL_EXIT_SIGNALED + SIGPIPE;

  return G_SOURCE_REMOVE;
}

/* Whatever the shell has written meanwhile is not to be overwritten. */
static void
continued_cb (int      signum,
              gboolean from_terminal,
              gpointer user_data)
{
  Watch *self = user_data;

  self->n_drawn = 0;
  watch_survey (self);
}

int
tool_watch_daemons (ProcessRegistry *registry,
                    gboolean         json)
{
  static const int signums[] = { SIGCONT };
  Watch self = { .registry = registry, .json = json, .look = tool_look_get () };

  tool_watch_signals (signums, G_N_ELEMENTS (signums), continued_cb, &self);
  g_signal_connect (registry, "items-changed", G_CALLBACK (items_changed_cb), &self);
  g_timeout_add_seconds (INTERVAL_SECONDS, again_cb, &self);
  g_unix_fd_add (STDOUT_FILENO, G_IO_ERR | G_IO_HUP, closed_cb, &self);
  watch_survey (&self);

  while (self.code == 0)
    g_main_context_iteration (NULL, TRUE);

  g_signal_handlers_disconnect_by_data (registry, &self);
  g_free (self.last);

  return self.code;
}
