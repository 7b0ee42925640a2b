/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <string.h>

/* Each takes a descriptor or two while it is asked. */
#define MAX_ASKED 256

typedef struct
{
  GPtrArray      *rows;      /* (owned) */
  guint           n_begun;   /* those before were asked, or need not be */
  guint           n_waiting; /* have not answered yet */
  ToolSurveyFunc  func;
  gpointer        user_data;
} Survey;

typedef struct
{
  Survey        *survey;
  ToolDaemonRow *row; /* (unowned), one of the survey's */
} Question;

static void
row_free (gpointer data)
{
  ToolDaemonRow *self = data;

  g_object_unref (self->entry);
  g_free (self->health);
  g_free (self);
}

/* The library tells “ADDRESS” answered 503: “unhealthy: NAME: MESSAGE”. */
static char *
get_reason (const char *message)
{
  const char *start = strstr (message, ": “");
  const char *answered = strstr (message, "answered ");

  if (start != NULL && g_str_has_suffix (message, "”"))
    {
      start += strlen (": “");
      return g_strndup (start, strlen (start) - strlen ("”"));
    }

  return g_strdup (answered != NULL ? answered : message);
}

static char *
get_health (const GError *error)
{
  g_autofree char *reason = NULL;

  if (error == NULL)
    return g_strdup ("ok");
  if (!g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY))
    return g_strdup ("no answer");

  reason = get_reason (error->message);

  return g_str_has_prefix (reason, "unhealthy: ") ? g_steal_pointer (&reason)
                                                  : g_strconcat ("unhealthy: ", reason, NULL);
}

static void ask_more (Survey *self);

static void
answered_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GError) error = NULL;

  process_probe_health_finish (result, &error);
  question->row->health = get_health (error);
  question->survey->n_waiting--;
  ask_more (question->survey);
}

static void
ask (Survey        *self,
     ToolDaemonRow *row)
{
  const char *address = process_daemon_entry_get_health (row->entry);
  Question *question = NULL;

  if (address == NULL)
    {
      row->health = g_strdup ("-");
      return;
    }

  question = g_new0 (Question, 1);
  *question = (Question) { self, row };
  self->n_waiting++;
  process_probe_health_async (address, 0, NULL, answered_cb, question);
}

static void
ask_more (Survey *self)
{
  while (self->n_begun < self->rows->len && self->n_waiting < MAX_ASKED)
    ask (self, self->rows->pdata[self->n_begun++]);
  if (self->n_waiting > 0)
    return;

  self->func (self->rows, self->user_data);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
tool_survey_daemons (GPtrArray      *entries,
                     ToolSurveyFunc  func,
                     gpointer        user_data)
{
  Survey *self = g_new0 (Survey, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->func = func;
  self->user_data = user_data;
  for (guint i = 0; i < entries->len; i++)
    {
      ToolDaemonRow *row = g_new0 (ToolDaemonRow, 1);

      row->entry = g_object_ref (entries->pdata[i]);
      g_ptr_array_add (self->rows, row);
    }

  ask_more (self);
}
