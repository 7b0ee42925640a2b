/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Calls back in its context when a registry may have to be read again: first at once, then when
 * something changes in the folder, or one of the daemons ends. The callback, a GSourceFunc, does
 * prepare (), reads, and does follow (). */
typedef struct _ProcessRegistryWatch ProcessRegistryWatch;

ProcessRegistryWatch *_process_registry_watch_new     (const char            *path,
                                                       GMainContext          *context,
                                                       GSourceFunc            callback,
                                                       gpointer               data,
                                                       GDestroyNotify         destroy);

/* Sees to it that whatever happens from now on is told. */
void                  _process_registry_watch_prepare (ProcessRegistryWatch  *self);

/* The daemons whose ends are to be told; @again asks to be called in any case, after a while. */
void                  _process_registry_watch_follow  (ProcessRegistryWatch  *self,
                                                       GPtrArray             *entries,
                                                       gboolean               again);

/* Nothing is told any more; frees it. May be called in any thread, unless it is calling back. */
void                  _process_registry_watch_stop    (ProcessRegistryWatch  *self);

G_END_DECLS
