/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a service manager wants to be told by its service, a datagram a state; see sd_notify(3). */
typedef struct _ProcessNotify ProcessNotify;

/* @address is what `$NOTIFY_SOCKET` holds: an absolute path, or "@" and an abstract name. */
ProcessNotify *_process_notify_new            (GMainContext   *context,
                                               const char     *address,
                                               GError        **error);

/* Drops what could not be sent yet, after a last attempt. */
void           _process_notify_free           (ProcessNotify  *self);

/* Sends "READY=1" or the like. Never blocks: while the manager's queue is full it waits in ours,
 * for room to be noticed in the main context. FALSE: nobody is there to be told. */
gboolean       _process_notify_send           (ProcessNotify  *self,
                                               const char     *state,
                                               GError        **error);

/* Whether there are states that could not be sent yet. */
gboolean       _process_notify_is_pending     (ProcessNotify  *self);

/* How often to send "WATCHDOG=1", in microseconds: half of `$WATCHDOG_USEC`, unless
 * `$WATCHDOG_PID` means another process. 0 = not at all. */
gint64         _process_notify_parse_watchdog (const char     *usec,
                                               const char     *pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessNotify, _process_notify_free)

G_END_DECLS
