/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* A PID file that this process holds. */
typedef struct _ProcessPidClaim ProcessPidClaim;

/* NULL with an error if there is another holder, or the file cannot be made. */
ProcessPidClaim *_process_pid_claim_new      (const char      *path,
                                              GError         **error);

/* Removes the file, if it is still the one that was claimed, and takes the claim; what a fork has
 * inherited it only closes. The claim is gone even if this fails. */
gboolean         _process_pid_claim_release  (ProcessPidClaim *self,
                                              GError         **error);

/* Whether it was this process that claimed it, and not the one that it was forked from. */
gboolean         _process_pid_claim_is_own   (ProcessPidClaim *self);

/* The error of the one who comes second; 0 for a process that is not known. */
void             _process_pid_claim_set_held (GError         **error,
                                              const char      *path,
                                              pid_t            pid);

/* The pid in the file, or 0, and whether that process lives. */
gboolean         _process_pid_claim_read     (const char      *path,
                                              pid_t           *pid);

/* The pid that such content means, or 0. */
pid_t            _process_pid_claim_parse    (const char      *data,
                                              gsize            length);

G_END_DECLS
