/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/children/process-service.h>
#include <process-glib/pipelines/process-run-all-result.h>
#include <process-glib/pipelines/process-run-spec.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_RUNNER (process_runner_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRunner, process_runner, PROCESS, RUNNER, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessRunner       *process_runner_new                   (ProcessService       *service)
                                                           G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
ProcessService      *process_runner_get_service           (ProcessRunner        *self);

PROCESS_AVAILABLE_IN_ALL
guint                process_runner_get_max_parallel      (ProcessRunner        *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_runner_set_max_parallel      (ProcessRunner        *self,
                                                           guint                 max_parallel);

PROCESS_AVAILABLE_IN_ALL
double               process_runner_get_progress          (ProcessRunner        *self);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_all               (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                 process_runner_run_all_async         (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_all_finish        (ProcessRunner        *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_sequential        (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                 process_runner_run_sequential_async  (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_sequential_finish (ProcessRunner        *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_parallel          (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                 process_runner_run_parallel_async    (ProcessRunner        *self,
                                                           ProcessRunSpec      **specs,
                                                           gsize                 n_specs,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
ProcessRunAllResult *process_runner_run_parallel_finish   (ProcessRunner        *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);

G_END_DECLS
