/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-daemon-entry.h>

G_BEGIN_DECLS

/* The largest text of an entry, in bytes. */
#define PROCESS_DAEMON_ENTRY_MAX_LENGTH (64 * 1024)

ProcessDaemonEntry *_process_daemon_entry_copy            (ProcessDaemonEntry  *self);

/* By key: @code and @daemon must be valid UTF-8. */
gboolean            _process_daemon_entry_is_about        (ProcessDaemonEntry  *self,
                                                           const char          *code,
                                                           const char          *daemon);
/* By all that is written. */
gboolean            _process_daemon_entry_equal           (ProcessDaemonEntry  *self,
                                                           ProcessDaemonEntry  *other);
/* By start, code and daemon; one without a start comes first. */
int                 _process_daemon_entry_compare         (ProcessDaemonEntry  *self,
                                                           ProcessDaemonEntry  *other);

/* Which life of the pid is meant, see process-identity; 0 and NULL: unknown, as for a new pid. */
void                _process_daemon_entry_set_identity    (ProcessDaemonEntry  *self,
                                                           guint64              start_ticks,
                                                           const char          *boot_id);
guint64             _process_daemon_entry_get_start_ticks (ProcessDaemonEntry  *self);
const char         *_process_daemon_entry_get_boot_id     (ProcessDaemonEntry  *self);
/* Whether the process that is meant lives. */
gboolean            _process_daemon_entry_is_live         (ProcessDaemonEntry  *self);

/* from_json () of bytes, and to_json () for people. */
ProcessDaemonEntry *_process_daemon_entry_new_from_data   (const char          *data,
                                                           gsize                length,
                                                           GError             **error);
char               *_process_daemon_entry_to_text         (ProcessDaemonEntry  *self);

G_END_DECLS
