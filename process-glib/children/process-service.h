/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/children/process-managed-process.h>
#include <process-glib/children/process-run-options.h>

G_BEGIN_DECLS

/**
 * PROCESS_DEFAULT_BUFFER_SIZE:
 *
 * How many bytes of its output a process keeps unless told otherwise: 1 MiB.
 */
#define PROCESS_DEFAULT_BUFFER_SIZE 1048576

#define PROCESS_TYPE_SERVICE (process_service_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessService, process_service, PROCESS, SERVICE, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessService        *process_service_new                     (void) G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
guint                  process_service_get_buffer_size         (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
guint                  process_service_get_n_running           (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
guint                  process_service_get_max_history         (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_set_max_history         (ProcessService       *self,
                                                                guint                 max_history);

PROCESS_AVAILABLE_IN_ALL
GType                  process_service_get_item_type           (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
guint                  process_service_get_n_items             (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
ProcessManagedProcess *process_service_start                   (ProcessService       *self,
                                                                const char           *command,
                                                                const char * const   *args,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
ProcessManagedProcess *process_service_start_with_options      (ProcessService       *self,
                                                                ProcessRunOptions    *options,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
char                  *process_service_run                     (ProcessService       *self,
                                                                const char           *command,
                                                                const char * const   *args,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_run_async               (ProcessService       *self,
                                                                const char           *command,
                                                                const char * const   *args,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
char                  *process_service_run_finish              (ProcessService       *self,
                                                                GAsyncResult         *result,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
char                  *process_service_run_with_options        (ProcessService       *self,
                                                                ProcessRunOptions    *options,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_run_with_options_async  (ProcessService       *self,
                                                                ProcessRunOptions    *options,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
char                  *process_service_run_with_options_finish (ProcessService       *self,
                                                                GAsyncResult         *result,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
ProcessManagedProcess *process_service_get                     (ProcessService       *self,
                                                                const char           *id,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
GPtrArray             *process_service_list                    (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
GPtrArray             *process_service_running                 (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_kill                    (ProcessService       *self,
                                                                const char           *id,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_send_signal             (ProcessService       *self,
                                                                const char           *id,
                                                                int                   signum,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_send_input              (ProcessService       *self,
                                                                const char           *id,
                                                                const char           *text,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_close_stdin             (ProcessService       *self,
                                                                const char           *id,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
char                  *process_service_get_output              (ProcessService       *self,
                                                                const char           *id,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_remove                  (ProcessService       *self,
                                                                const char           *id,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_clear                   (ProcessService       *self);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_shutdown                (ProcessService       *self,
                                                                gint64                grace,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_shutdown_async          (ProcessService       *self,
                                                                gint64                grace,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean               process_service_shutdown_finish         (ProcessService       *self,
                                                                GAsyncResult         *result,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
GVariant              *process_service_call_action             (ProcessService       *self,
                                                                const char           *name,
                                                                GVariant             *parameters,
                                                                GCancellable         *cancellable,
                                                                GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                   process_service_call_action_async       (ProcessService       *self,
                                                                const char           *name,
                                                                GVariant             *parameters,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
GVariant              *process_service_call_action_finish      (ProcessService       *self,
                                                                GAsyncResult         *result,
                                                                GError              **error);

G_END_DECLS
