/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <process-glib/daemons/process-daemon-entry.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_REGISTRY (process_registry_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRegistry, process_registry, PROCESS, REGISTRY, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessRegistry    *process_registry_new           (const char          *dir)
                                                   G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
ProcessRegistry    *process_registry_get_default   (void)
                                                   G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char         *process_registry_get_dir       (ProcessRegistry     *self);

PROCESS_AVAILABLE_IN_ALL
GType               process_registry_get_item_type (ProcessRegistry     *self);

PROCESS_AVAILABLE_IN_ALL
guint               process_registry_get_n_items   (ProcessRegistry     *self);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_registry_register      (ProcessRegistry     *self,
                                                    ProcessDaemonEntry  *entry,
                                                    GError             **error);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_registry_unregister    (ProcessRegistry     *self,
                                                    const char          *code,
                                                    const char          *daemon,
                                                    GError             **error);

PROCESS_AVAILABLE_IN_ALL
ProcessDaemonEntry *process_registry_get           (ProcessRegistry     *self,
                                                    const char          *code,
                                                    const char          *daemon);

PROCESS_AVAILABLE_IN_ALL
GPtrArray          *process_registry_list          (ProcessRegistry     *self,
                                                    GError             **error);

G_END_DECLS
