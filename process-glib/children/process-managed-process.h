/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/children/process-info.h>

G_BEGIN_DECLS

/**
 * ProcessStream:
 * @PROCESS_STREAM_STDOUT: standard output
 * @PROCESS_STREAM_STDERR: standard error
 *
 * Tells which stream output came from.
 *
 * Guide: [Output and input](output-and-input.html).
 */
typedef enum
{
  PROCESS_STREAM_STDOUT,
  PROCESS_STREAM_STDERR,
} ProcessStream;

#define PROCESS_TYPE_STREAM (process_stream_get_type ())

PROCESS_AVAILABLE_IN_ALL
GType process_stream_get_type (void) G_GNUC_CONST;

#define PROCESS_TYPE_MANAGED_PROCESS (process_managed_process_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessManagedProcess, process_managed_process,
                      PROCESS, MANAGED_PROCESS, GObject)

PROCESS_AVAILABLE_IN_ALL
const char         *process_managed_process_get_id            (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
const char         *process_managed_process_get_command       (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
const char * const *process_managed_process_get_args          (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
const char         *process_managed_process_get_cwd           (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
const char * const *process_managed_process_get_env           (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
GDateTime          *process_managed_process_get_started_at    (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
ProcessStatus       process_managed_process_get_status        (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_get_running       (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_is_running        (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
int                 process_managed_process_get_exit_code     (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
ProcessExitReason   process_managed_process_get_exit_reason   (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
int                 process_managed_process_get_term_signal   (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gint64              process_managed_process_get_duration      (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
int                 process_managed_process_get_pid           (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_get_output_truncated (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_get_lingering     (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
ProcessInfo        *process_managed_process_get_info          (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
char               *process_managed_process_get_output        (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
GBytes             *process_managed_process_get_output_bytes  (ProcessManagedProcess *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_wait              (ProcessManagedProcess *self,
                                                               GCancellable          *cancellable,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
void                process_managed_process_wait_async        (ProcessManagedProcess *self,
                                                               GCancellable          *cancellable,
                                                               GAsyncReadyCallback    callback,
                                                               gpointer               user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_wait_finish       (ProcessManagedProcess *self,
                                                               GAsyncResult          *result,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_kill              (ProcessManagedProcess *self,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_shutdown          (ProcessManagedProcess *self,
                                                               GCancellable          *cancellable,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
void                process_managed_process_shutdown_async    (ProcessManagedProcess *self,
                                                               GCancellable          *cancellable,
                                                               GAsyncReadyCallback    callback,
                                                               gpointer               user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_shutdown_finish   (ProcessManagedProcess *self,
                                                               GAsyncResult          *result,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_send_signal       (ProcessManagedProcess *self,
                                                               int                    signum,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_send_input        (ProcessManagedProcess *self,
                                                               const char            *text,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_send_bytes        (ProcessManagedProcess *self,
                                                               GBytes                *bytes,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
void                process_managed_process_send_bytes_async  (ProcessManagedProcess *self,
                                                               GBytes                *bytes,
                                                               GCancellable          *cancellable,
                                                               GAsyncReadyCallback    callback,
                                                               gpointer               user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_send_bytes_finish (ProcessManagedProcess *self,
                                                               GAsyncResult          *result,
                                                               GError               **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_managed_process_close_stdin       (ProcessManagedProcess *self,
                                                               GError               **error);

G_END_DECLS
