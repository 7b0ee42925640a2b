/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

/* Runs a scenario over and over, and every time another system call of it fails: the first, the
 * second, and so on until there is none more; one, two in a row, or all from there on; with every
 * error that it may have. Each time the scenario must come to its end, either as if nothing were or
 * with an error that tells; must leave no child and no descriptor behind; and must work at the next
 * try, after which there is no file left either. Whatever hangs or aborts is named.
 *
 * FAULTS_ALL=1 in the environment leaves nothing out, see sweep.c. */

/* A whole try, from the first object made to the last one gone, with files in @folder only.
 * FALSE with an error, or TRUE when all was as it should be. */
typedef gboolean (*SweepFunc) (const char *folder, GError **error);

gboolean sweep_is_whole  (void);
void     sweep_init      (int *argc, char ***argv);
void     sweep_add       (const char *path, SweepFunc func);

/* For what a scenario lets go of last: runs the main loop until it is gone. */
void     sweep_end       (gpointer object);

/* A short one, or NULL. Does not count as GLib's. */
char    *sweep_read_file (const char *path);

/* Runs the main loop until a call has an answer. */
typedef struct
{
  GAsyncResult *result; /* (owned) (nullable) */
} SweepCall;

void     sweep_call_cb   (GObject *source, GAsyncResult *result, gpointer call);
void     sweep_call_wait (SweepCall *call);

static inline void
sweep_call_clear (SweepCall *call)
{
  g_clear_object (&call->result);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SweepCall, sweep_call_clear)
