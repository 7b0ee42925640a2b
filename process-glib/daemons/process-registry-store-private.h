/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-daemon-entry.h>

G_BEGIN_DECLS

/* The entries in a folder. The texts of keys must be valid UTF-8. Each call stands for itself and
 * may be made in any thread. */

/* Writes @entry as it is, and makes the folder. */
gboolean            _process_registry_store_put    (const char          *path,
                                                    ProcessDaemonEntry  *entry,
                                                    GError             **error);

/* Removes what is about the key, and where @own is given says of it the same as @own. */
gboolean            _process_registry_store_remove (const char          *path,
                                                    const char          *code,
                                                    const char          *daemon,
                                                    ProcessDaemonEntry  *own,
                                                    GError             **error);

/* The live one of a key, or NULL. */
ProcessDaemonEntry *_process_registry_store_get    (const char          *path,
                                                    const char          *code,
                                                    const char          *daemon);

/* The live ones, one a key, sorted; a GPtrArray that owns them. */
GPtrArray          *_process_registry_store_list   (const char          *path,
                                                    GError             **error);

G_END_DECLS
