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

#define PROCESS_TYPE_DAEMON_ENTRY (process_daemon_entry_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessDaemonEntry, process_daemon_entry, PROCESS, DAEMON_ENTRY, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessDaemonEntry *process_daemon_entry_new         (const char          *code,
                                                      const char          *daemon)
                                                     G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
ProcessDaemonEntry *process_daemon_entry_from_json   (const char          *json,
                                                      GError             **error);

PROCESS_AVAILABLE_IN_ALL
char               *process_daemon_entry_to_json     (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_entry_get_code    (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_code    (ProcessDaemonEntry  *self,
                                                      const char          *code);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_entry_get_daemon  (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_daemon  (ProcessDaemonEntry  *self,
                                                      const char          *daemon);

PROCESS_AVAILABLE_IN_ALL
int                 process_daemon_entry_get_pid     (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_pid     (ProcessDaemonEntry  *self,
                                                      int                  pid);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_entry_get_health  (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_health  (ProcessDaemonEntry  *self,
                                                      const char          *health);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_entry_get_project (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_project (ProcessDaemonEntry  *self,
                                                      const char          *project);

PROCESS_AVAILABLE_IN_ALL
const char         *process_daemon_entry_get_binary  (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_binary  (ProcessDaemonEntry  *self,
                                                      const char          *binary);

PROCESS_AVAILABLE_IN_ALL
GDateTime          *process_daemon_entry_get_started (ProcessDaemonEntry  *self);

PROCESS_AVAILABLE_IN_ALL
void                process_daemon_entry_set_started (ProcessDaemonEntry  *self,
                                                      GDateTime           *started);

G_END_DECLS
