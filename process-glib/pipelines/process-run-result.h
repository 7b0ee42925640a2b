/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/children/process-managed-process.h>
#include <process-glib/pipelines/process-run-spec.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_RUN_RESULT (process_run_result_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRunResult, process_run_result, PROCESS, RUN_RESULT, GObject)

PROCESS_AVAILABLE_IN_ALL
const char            *process_run_result_get_name      (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
ProcessRunSpec        *process_run_result_get_spec      (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
ProcessManagedProcess *process_run_result_get_process   (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
int                    process_run_result_get_exit_code (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
gint64                 process_run_result_get_duration  (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
const char            *process_run_result_get_output    (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
GError                *process_run_result_get_error     (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_run_result_get_skipped   (ProcessRunResult *self);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_run_result_get_passed    (ProcessRunResult *self);

G_END_DECLS
