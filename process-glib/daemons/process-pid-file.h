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

#define PROCESS_TYPE_PID_FILE (process_pid_file_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessPidFile, process_pid_file, PROCESS, PID_FILE, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessPidFile *process_pid_file_new      (const char     *path) G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char     *process_pid_file_get_path (ProcessPidFile *self);

PROCESS_AVAILABLE_IN_ALL
gboolean        process_pid_file_acquire  (ProcessPidFile *self,
                                           GError        **error);

PROCESS_AVAILABLE_IN_ALL
gboolean        process_pid_file_release  (ProcessPidFile *self,
                                           GError        **error);

PROCESS_AVAILABLE_IN_ALL
gboolean        process_pid_file_read     (const char     *path,
                                           int            *pid);

G_END_DECLS
