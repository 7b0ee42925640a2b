/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-registry.h>

G_BEGIN_DECLS

/* Removes the file of the key of @entry only if it says the same: its pid, its start (if @entry has
 * one) and its start ticks (if both have them). */
gboolean _process_registry_unregister_own (ProcessRegistry     *self,
                                           ProcessDaemonEntry  *entry,
                                           GError             **error);

G_END_DECLS
