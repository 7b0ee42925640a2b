/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

/* Where a daemon has its files; both the one that is killed and those that look for what it left
 * make it with the same names. */
ProcessDaemon   *crash_new_daemon   (const char *folder);
char            *crash_get_path     (const char *folder, const char *name);

/* The program that is killed. It writes lines: `go`, before its first start; `started`; `outlives
 * PID` of a child without die-with-parent; `stopping`; `stopped`; and again. */
G_NORETURN void  crash_be_victim    (const char *folder);

/* The last argument of what shall outlive its parent. */
#define CRASH_OUTLIVES "outlives"

/* Our children, those that came to us with the end of their parent included. */
typedef struct
{
  GArray *outliving; /* (owned), of pids: they run, and are what shall outlive their parent */
  guint   n_killed;
  guint   n_exited;
} CrashOrphans;

/* Until all orphans are dead that have to die; kills and reaps those that are left. */
CrashOrphans    *crash_orphans_wait (void);
gboolean         crash_orphans_have (CrashOrphans *self, int pid);
void             crash_orphans_end  (CrashOrphans *self);
