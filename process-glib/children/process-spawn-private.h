/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-run-options.h>

G_BEGIN_DECLS

/* A child. Descriptors are our ends, non-blocking and close-on-exec, -1 where
 * there is none; whoever holds the struct owns them. */
typedef struct
{
  GSubprocess *subprocess; /* (owned) */
  int          report_fd;  /* its end tells that the program runs, or cannot */
  int          pid;        /* 0 before that */
  int          pidfd;      /* -1 where the kernel has none */
  gboolean     gone;       /* before it could get one */
  int          stdin_fd;
  int          stdout_fd;
  int          stderr_fd;  /* -1 also when it goes where standard output goes */
} ProcessChild;

/* A start has three parts: the child is born, its program runs, and that is
 * seen. The first and the last fail with the error that kept it from running,
 * and the system's errno where it is known, or 0, in @system_error; the child is
 * cleared then. */
gboolean _process_spawn        (ProcessRunOptions  *options,
                                ProcessStdinMode    stdin_mode,
                                ProcessChild       *child,
                                int                *system_error,
                                GError            **error);
void     _process_spawn_await  (ProcessChild       *child);
gboolean _process_spawn_finish (ProcessRunOptions  *options,
                                ProcessChild       *child,
                                int                *system_error,
                                GError            **error);

G_END_DECLS
