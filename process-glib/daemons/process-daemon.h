/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/daemons/process-health-server.h>
#include <process-glib/daemons/process-registry.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_DAEMON (process_daemon_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessDaemon, process_daemon, PROCESS, DAEMON, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessDaemon      *process_daemon_new                  (void) G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_get_pid_file         (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_pid_file         (ProcessDaemon      *self,
                                                         const char         *pid_file);

PROCESS_AVAILABLE_IN_ALL
gint64              process_daemon_get_shutdown_timeout (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_shutdown_timeout (ProcessDaemon      *self,
                                                         gint64              timeout);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_get_health_address   (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_health_address   (ProcessDaemon      *self,
                                                         const char         *address);

PROCESS_AVAILABLE_IN_ALL
ProcessRegistry    *process_daemon_get_registry         (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_registry         (ProcessDaemon      *self,
                                                         ProcessRegistry    *registry);

PROCESS_AVAILABLE_IN_ALL
ProcessDaemonEntry *process_daemon_get_registry_entry   (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_registry_entry   (ProcessDaemon      *self,
                                                         ProcessDaemonEntry *entry);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_daemon_get_ready            (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_set_ready            (ProcessDaemon      *self,
                                                         gboolean            ready);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_daemon_get_running          (ProcessDaemon      *self);

PROCESS_AVAILABLE_IN_ALL
guint    process_daemon_add_health_check       (ProcessDaemon              *self,
                                                const char                 *name,
                                                ProcessHealthCheckFunc      func,
                                                gpointer                    user_data,
                                                GDestroyNotify              destroy,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
guint    process_daemon_add_async_health_check (ProcessDaemon              *self,
                                                const char                 *name,
                                                ProcessHealthAsyncCheckFunc func,
                                                gint64                      timeout,
                                                gpointer                    user_data,
                                                GDestroyNotify              destroy,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
void     process_daemon_remove_health_check    (ProcessDaemon              *self,
                                                guint                       id);

PROCESS_AVAILABLE_IN_ALL
gboolean process_daemon_start                  (ProcessDaemon              *self,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
gboolean process_daemon_run                    (ProcessDaemon              *self,
                                                GCancellable               *cancellable,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
void     process_daemon_run_async              (ProcessDaemon              *self,
                                                GCancellable               *cancellable,
                                                GAsyncReadyCallback         callback,
                                                gpointer                    user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_daemon_run_finish             (ProcessDaemon              *self,
                                                GAsyncResult               *result,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
gboolean process_daemon_stop                   (ProcessDaemon              *self,
                                                GError                    **error);

PROCESS_AVAILABLE_IN_ALL
void     process_daemon_stop_async             (ProcessDaemon              *self,
                                                GCancellable               *cancellable,
                                                GAsyncReadyCallback         callback,
                                                gpointer                    user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_daemon_stop_finish            (ProcessDaemon              *self,
                                                GAsyncResult               *result,
                                                GError                    **error);

G_END_DECLS
