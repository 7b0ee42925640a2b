/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool-text-private.h"

G_BEGIN_DECLS

/* The exit codes that are not those of tool_run (). */
enum
{
  TOOL_PIPELINE_PASSED = 0,
  TOOL_PIPELINE_FAILED = 1,
  TOOL_PIPELINE_BAD_FILE = 2, /* or a bad command line */
};

typedef enum
{
  TOOL_PIPELINE_ALL,
  TOOL_PIPELINE_SEQUENTIAL,
  TOOL_PIPELINE_PARALLEL,
} ToolPipelineMode;

/* tool-pipeline-arguments.c */
typedef struct
{
  gboolean          help;
  char             *help_text;
  guint             jobs;  /* 0 = no limit */
  ToolPipelineMode  mode;
  gint64            grace; /* microseconds */
  gboolean          keep_going;
  gboolean          json;
  gboolean          dry_run;
  char            **files; /* one */
} ToolPipelineArguments;

gboolean   tool_pipeline_arguments_parse (ToolPipelineArguments        *self,
                                          int                           argc,
                                          char                        **argv,
                                          GError                      **error);
void       tool_pipeline_arguments_clear (ToolPipelineArguments        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ToolPipelineArguments, tool_pipeline_arguments_clear)

/* tool-pipeline-order.c */
void       tool_pipeline_print_error     (const ToolPipelineArguments  *arguments,
                                          const GError                 *error);
GPtrArray *tool_pipeline_load            (const ToolPipelineArguments  *arguments,
                                          GError                      **error);
int        tool_pipeline_print_order     (GPtrArray                    *specs,
                                          ToolPipelineMode              mode);

/* tool-pipeline-output.c: standard output, until it fails; then @cancellable is cancelled. */
typedef struct
{
  int           hurry_fd;
  GCancellable *cancellable; /* (unowned) */
  int           problem;     /* errno, 0 = none so far */
  int           displaced;   /* (atomic) somebody else has written to the terminal meanwhile */
} ToolOutput;

void       tool_output_write             (ToolOutput                   *self,
                                          const char                   *text,
                                          gsize                         length);

/* 0, or the exit code that comes of its problem. */
int        tool_output_get_exit_code     (const ToolOutput             *self);

/* tool-pipeline-view.c: what a run shows while it goes on. */
typedef struct _ToolView ToolView;

ToolView  *tool_view_new                 (ProcessRunner                *runner,
                                          guint                         n_specs,
                                          const ToolLook               *look,
                                          ToolOutput                   *output);

/* Takes it off the terminal. */
void       tool_view_hide                (ToolView                     *self);
void       tool_view_free                (ToolView                     *self);

/* tool-pipeline-table.c: what it shows in the end. */
void       tool_append_failures          (GString                      *text,
                                          const ToolLook               *look,
                                          ProcessRunAllResult          *all);
void       tool_append_table             (GString                      *text,
                                          const ToolLook               *look,
                                          ProcessRunAllResult          *all);

G_END_DECLS
