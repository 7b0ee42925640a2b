/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Which life of a pid is meant: pids are used again, but not with the same start. */

/* Field 22 of /proc/PID/stat, see proc(5): the start in clock ticks since the boot; 0 = not to be
 * had, for want of such a process or of the right to see it. */
guint64     _process_identity_get_start_ticks (pid_t       pid);

/* The same as microseconds since 1970, by today's clock; -1 = not to be had. */
gint64      _process_identity_get_start_time  (pid_t       pid);

/* Microseconds since 1970 at which this machine booted, by today's clock. */
gint64      _process_identity_get_boot_time   (void);

/* /proc/sys/kernel/random/boot_id, 36 characters; NULL = not to be had. Static. */
const char *_process_identity_get_boot_id     (void);

/* Whether there is such a process, also one of another user. One that has ended and waits for its
 * parent is none, nor is a thread where the kernel has pidfds. */
gboolean    _process_identity_exists          (pid_t       pid);

/* Whether this is still the process that was recorded: it exists, and nothing that was recorded
 * (0 and NULL were not) and can be had is different now. */
gboolean    _process_identity_is_same         (pid_t       pid,
                                               guint64     start_ticks,
                                               const char *boot_id);

G_END_DECLS
