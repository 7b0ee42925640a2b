/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool-text-private.h"

G_BEGIN_DECLS

/* What the commands daemon, daemons and stop have in common; in tool-daemon-name.c */
GOptionContext  *tool_create_context         (const char         *command,
                                              const char         *parameters,
                                              const GOptionEntry *entries,
                                              gpointer            user_data);

/* For an option that is a time; @user_data is where it goes, a gint64. */
gboolean         tool_parse_duration_cb      (const char         *name,
                                              const char         *value,
                                              gpointer            user_data,
                                              GError            **error);

/* CODE/DAEMON */
gboolean         tool_parse_daemon_name      (const char         *text,
                                              char              **code,
                                              char              **daemon,
                                              GError            **error);

/* That in @dir, or the default one. */
ProcessRegistry *tool_open_registry          (const char         *dir);

/* tool-daemon-arguments.c */
typedef struct
{
  gboolean   help;
  char      *help_text;
  char      *name;
  char      *code;     /* of @name */
  char      *daemon;   /* of @name */
  char      *pid_file;
  char      *health;
  char      *registry;
  gint64     grace;    /* microseconds */
  char     **command;  /* and its arguments */
} ToolDaemonArguments;

gboolean         tool_daemon_arguments_parse (ToolDaemonArguments  *self,
                                              int                   argc,
                                              char                **argv,
                                              GError              **error);
void             tool_daemon_arguments_clear (ToolDaemonArguments  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ToolDaemonArguments, tool_daemon_arguments_clear)

/* tool-daemons-survey.c: asks all daemons at once how they are. */
typedef struct
{
  ProcessDaemonEntry *entry;  /* (owned) */
  char               *health; /* (owned): “ok”, “unhealthy: …”, “no answer”; “-”: no address */
} ToolDaemonRow;

/* @rows has a ToolDaemonRow for each of the entries that were asked for, in their order. */
typedef void (*ToolSurveyFunc) (GPtrArray *rows,
                                gpointer   user_data);

/* Calls @func in the main context, or at once if nobody has to be asked. */
void             tool_survey_daemons         (GPtrArray          *entries,
                                              ToolSurveyFunc      func,
                                              gpointer            user_data);

/* tool-daemons-table.c: each appends lines. The table has @columns and @lines at most. */
void             tool_append_daemons         (GString            *text,
                                              const ToolLook     *look,
                                              GPtrArray          *rows,
                                              guint               columns,
                                              guint               lines);
void             tool_append_daemons_json    (GString            *text,
                                              GPtrArray          *rows);

/* tool-daemons-watch.c: 0, or the exit code that comes of a failed write. */
int              tool_write_output           (const GString      *text);

/* Returns when standard output is closed. */
int              tool_watch_daemons          (ProcessRegistry    *registry,
                                              gboolean            json);

G_END_DECLS
