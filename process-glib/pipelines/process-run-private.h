/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/pipelines/process-run-all-result.h>
#include <process-glib/pipelines/process-runner.h>

G_BEGIN_DECLS

/* How specs follow each other. */
typedef enum
{
  PROCESS_RUN_MODE_ALL,
  PROCESS_RUN_MODE_SEQUENTIAL,
  PROCESS_RUN_MODE_PARALLEL,
} ProcessRunMode;

/* One run of a runner; see process-run.c. */
typedef struct _ProcessRun ProcessRun;

/* process-run-check.c: whether all names can be used. */
gboolean             _process_run_check_specs (ProcessRunSpec  **specs,
                                               gsize             n_specs,
                                               GError          **error);

/* Checks the names, claims the runner and copies what it needs of the specs. */
ProcessRun          *_process_run_new         (ProcessRunner    *runner,
                                               ProcessRunMode    mode,
                                               ProcessRunSpec  **specs,
                                               gsize             n_specs,
                                               GCancellable     *cancellable,
                                               GError          **error);

void                 _process_run_unref       (ProcessRun       *self);

/* Runs it to its end. */
ProcessRunAllResult *_process_run_wait        (ProcessRun       *self);

/* Begins it, and returns the result by @task. */
void                 _process_run_start       (ProcessRun       *self,
                                               GTask            *task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessRun, _process_run_unref)

G_END_DECLS
