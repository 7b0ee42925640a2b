/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-run-options.h>

G_BEGIN_DECLS

/* A child that runs its program. Descriptors are our ends, non-blocking and
 * close-on-exec, -1 where there is none; whoever holds the struct owns them. */
typedef struct
{
  GSubprocess *subprocess; /* (owned) */
  int          pid;
  int          pidfd;      /* -1 where the kernel has none */
  int          stdin_fd;
  int          stdout_fd;
  int          stderr_fd;  /* -1 also when it goes where standard output goes */
} ProcessChild;

/* Returns when the program runs, or with the error that kept it from running;
 * @system_error is then the system's errno where it is known, or 0. */
gboolean _process_spawn (ProcessRunOptions  *options,
                         ProcessStdinMode    stdin_mode,
                         ProcessChild       *child,
                         int                *system_error,
                         GError            **error);

G_END_DECLS
