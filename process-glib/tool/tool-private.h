/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <process-glib/process-glib.h>

G_BEGIN_DECLS

/* The exit codes of timeout(1), env(1) and their kind, which shell scripts know. */
enum
{
  TOOL_EXIT_TIMED_OUT = 124,
  TOOL_EXIT_FAILED = 125,       /* the tool itself: bad usage, or output that cannot be written */
  TOOL_EXIT_CANNOT_START = 126,
  TOOL_EXIT_NOT_FOUND = 127,
  TOOL_EXIT_SIGNALED = 128,     /* plus the number of the signal */
};

/* A subcommand: argv[0] is its name. Returns the exit code of the program. */
typedef int (*ToolMain) (int argc, char **argv);

int      tool_run             (int argc, char **argv);
int      tool_pipeline        (int argc, char **argv);
int      tool_daemon          (int argc, char **argv);
int      tool_daemons         (int argc, char **argv);
int      tool_stop            (int argc, char **argv);
int      tool_health          (int argc, char **argv);

/* tool-run-arguments.c */
typedef struct
{
  gboolean   help;
  gint64     timeout;    /* microseconds, 0 = no limit */
  gint64     grace;      /* microseconds */
  char      *cwd;
  char     **env;
  gboolean   kill_group;
  gboolean   detach;
  gboolean   quiet;
  gboolean   json;
  char     **command;    /* and its arguments */
  char      *help_text;
} ToolRunArguments;

gboolean tool_run_arguments_parse (ToolRunArguments  *self,
                                   int                argc,
                                   char             **argv,
                                   GError           **error);
void     tool_run_arguments_clear (ToolRunArguments  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ToolRunArguments, tool_run_arguments_clear)

/* The exit code that tells why a command could not be started. */
int      tool_get_start_failure (const GError *error);

/* main.c */
int      tool_finish_printing (void);
void     tool_print_error     (const char   *format,
                               ...) G_GNUC_PRINTF (1, 2);
int      tool_fail_usage      (const char   *command,
                               const GError *error);

/* tool-duration.c */
gboolean tool_parse_duration  (const char   *text,
                               gint64       *microseconds,
                               GError      **error);

/* tool-write.c: blocks until everything is written, or fails with errno: with ETIMEDOUT if nothing
 * can be written for a while after @hurry_fd became readable. */
gboolean tool_write_all       (int           fd,
                               const void   *data,
                               gsize         length,
                               int           hurry_fd);

/* tool-events.c: each appends one line of JSON. */
void     tool_append_started  (GString               *lines,
                               ProcessManagedProcess *process);
void     tool_append_output   (GString               *lines,
                               ProcessManagedProcess *process,
                               const char            *line,
                               ProcessStream          stream);
void     tool_append_killed   (GString               *lines,
                               ProcessManagedProcess *process,
                               const char            *signal_name);
void     tool_append_exited   (GString               *lines,
                               ProcessManagedProcess *process,
                               int                    exit_code,
                               gint64                 duration,
                               const GError          *error);

/* tool-signals.c: @from_terminal tells that the terminal sent it, to its whole foreground group. */
typedef void (*ToolSignalFunc) (int      signum,
                                gboolean from_terminal,
                                gpointer user_data);

void     tool_watch_signals   (const int      *signums,
                               gsize           n_signums,
                               ToolSignalFunc  func,
                               gpointer        user_data);

G_END_DECLS
