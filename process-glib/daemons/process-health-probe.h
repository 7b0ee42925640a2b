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

PROCESS_AVAILABLE_IN_ALL
gboolean process_wait_for_health        (const char   *address,
                                         gint64        timeout,
                                         GCancellable *cancellable);

PROCESS_AVAILABLE_IN_ALL
void     process_wait_for_health_async  (const char          *address,
                                         gint64               timeout,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_wait_for_health_finish (GAsyncResult *result);

PROCESS_AVAILABLE_IN_ALL
gboolean process_wait_for_ready         (const char   *address,
                                         gint64        timeout,
                                         GCancellable *cancellable);

PROCESS_AVAILABLE_IN_ALL
void     process_wait_for_ready_async   (const char          *address,
                                         gint64               timeout,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_wait_for_ready_finish  (GAsyncResult *result);

PROCESS_AVAILABLE_IN_ALL
gboolean process_probe_health           (const char    *address,
                                         gint64         timeout,
                                         GCancellable  *cancellable,
                                         GError       **error);

PROCESS_AVAILABLE_IN_ALL
void     process_probe_health_async     (const char          *address,
                                         gint64               timeout,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_probe_health_finish    (GAsyncResult  *result,
                                         GError       **error);

PROCESS_AVAILABLE_IN_ALL
gboolean process_probe_ready            (const char    *address,
                                         gint64         timeout,
                                         GCancellable  *cancellable,
                                         GError       **error);

PROCESS_AVAILABLE_IN_ALL
void     process_probe_ready_async      (const char          *address,
                                         gint64               timeout,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

PROCESS_AVAILABLE_IN_ALL
gboolean process_probe_ready_finish     (GAsyncResult  *result,
                                         GError       **error);

G_END_DECLS
