/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <gio/gio.h>

#include <process-glib/process-version.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_HEALTH_SERVER (process_health_server_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessHealthServer, process_health_server, PROCESS, HEALTH_SERVER, GObject)

/**
 * ProcessHealthCheckFunc:
 * @user_data: what was given with the function
 * @error: return location for an error
 *
 * Tells whether something is healthy.
 *
 * It is called in the main context of the server, which stands still meanwhile.
 *
 * Returns: %TRUE if it is; else @error says why it is not
 */
typedef gboolean (*ProcessHealthCheckFunc) (gpointer   user_data,
                                            GError   **error);

/**
 * ProcessHealthAsyncCheckFunc:
 * @server: the server
 * @task: what the answer goes to
 * @user_data: what was given with the function
 *
 * Begins to find out whether something is healthy.
 *
 * It is called in the main context of the server. The answer is given with
 * [method@Gio.Task.return_boolean] or [method@Gio.Task.return_error], now or
 * later, in any thread. Whoever gives it later has to keep a reference to the
 * task. The cancellable of the task is triggered when the answer will not be
 * looked at any more: its time is up, the check was removed, or all who asked
 * have gone. It is to be given then, too: since 2.76 GLib tells of a task that is
 * let go of without an answer as of a mistake.
 */
typedef void (*ProcessHealthAsyncCheckFunc) (ProcessHealthServer *server,
                                             GTask               *task,
                                             gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
ProcessHealthServer *process_health_server_new             (const char                   *address)
                                                            G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char          *process_health_server_get_address     (ProcessHealthServer          *self);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_health_server_get_ready       (ProcessHealthServer          *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_health_server_set_ready       (ProcessHealthServer          *self,
                                                            gboolean                      ready);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_health_server_get_running     (ProcessHealthServer          *self);

PROCESS_AVAILABLE_IN_ALL
guint                process_health_server_add_check       (ProcessHealthServer          *self,
                                                            const char                   *name,
                                                            ProcessHealthCheckFunc        func,
                                                            gpointer                      user_data,
                                                            GDestroyNotify                destroy,
                                                            GError                      **error);

PROCESS_AVAILABLE_IN_ALL
guint                process_health_server_add_async_check (ProcessHealthServer         *self,
                                                            const char                  *name,
                                                            ProcessHealthAsyncCheckFunc  func,
                                                            gint64                       timeout,
                                                            gpointer                     user_data,
                                                            GDestroyNotify               destroy,
                                                            GError                     **error);

PROCESS_AVAILABLE_IN_ALL
void                 process_health_server_remove_check    (ProcessHealthServer          *self,
                                                            guint                         id);

PROCESS_AVAILABLE_IN_ALL
void                 process_health_server_clear_checks    (ProcessHealthServer          *self);

PROCESS_AVAILABLE_IN_ALL
guint                process_health_server_set_status      (ProcessHealthServer          *self,
                                                            const char                   *name,
                                                            gboolean                      healthy,
                                                            const char                   *message);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_health_server_start           (ProcessHealthServer          *self,
                                                            GError                      **error);

PROCESS_AVAILABLE_IN_ALL
void                 process_health_server_stop            (ProcessHealthServer          *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_health_server_drain_async     (ProcessHealthServer *self,
                                                            gint64               timeout,
                                                            GCancellable        *cancellable,
                                                            GAsyncReadyCallback  callback,
                                                            gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_health_server_drain_finish    (ProcessHealthServer          *self,
                                                            GAsyncResult                 *result,
                                                            GError                      **error);

G_END_DECLS
