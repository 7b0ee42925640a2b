/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Asks a health server for @target, such as "/health", until it answers 200: what all public
 * probes are, whose documentation tells the address, the times and the errors.
 *
 * @text, where wanted, is what the last answer said, and NULL if there was none. */
gboolean _process_health_ask        (const char           *address,
                                     const char           *target,
                                     gint64                timeout,
                                     GCancellable         *cancellable,
                                     char                **text,
                                     GError              **error);

/* The @tag tells the callers apart. */
void     _process_health_ask_async  (const char           *address,
                                     const char           *target,
                                     gint64                timeout,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data,
                                     gpointer              tag);

gboolean _process_health_ask_finish (GAsyncResult         *result,
                                     gpointer              tag,
                                     GError              **error);

G_END_DECLS
