/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/pipelines/process-run-result.h>
#include <process-glib/pipelines/process-runner.h>

G_BEGIN_DECLS

/* For runs, which call these in the service's context and without a lock. */
void     _process_runner_emit_started  (ProcessRunner         *self,
                                        ProcessRunSpec        *spec,
                                        ProcessManagedProcess *process);
void     _process_runner_emit_finished (ProcessRunner         *self,
                                        ProcessRunResult      *result);
void     _process_runner_emit_progress (ProcessRunner         *self);

/* From any thread. The first claims the runner for @run, unless it has a run, and the last gives
 * it back; what an earlier run does between them is without effect. */
gboolean _process_runner_claim         (ProcessRunner         *self,
                                        gconstpointer          run,
                                        GError               **error);
void     _process_runner_set_progress  (ProcessRunner         *self,
                                        gconstpointer          run,
                                        double                 progress);
void     _process_runner_release       (ProcessRunner         *self,
                                        gconstpointer          run);

G_END_DECLS
