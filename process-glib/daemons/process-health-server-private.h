/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-health-server.h>

G_BEGIN_DECLS

/* Where the next start listens; not while it runs. */
void     _process_health_server_set_address  (ProcessHealthServer  *self,
                                              const char           *address);

/* Runs all checks, as /health does, whether the server is started or not. Fails with
 * PROCESS_ERROR_UNHEALTHY, “NAME: MESSAGE”. */
void     _process_health_server_check_async  (ProcessHealthServer  *self,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
gboolean _process_health_server_check_finish (ProcessHealthServer  *self,
                                              GAsyncResult         *result,
                                              GError              **error);

/* Ends a drain that is under way at once, as if its timeout had come. */
void     _process_health_server_hurry        (ProcessHealthServer  *self);

G_END_DECLS
