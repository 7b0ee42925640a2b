/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-info.h>

G_BEGIN_DECLS

/* What a snapshot is made of; everything is borrowed, bytes need not be UTF-8. */
typedef struct
{
  const char         *id;
  const char         *command;
  const char * const *args;       /* (nullable) */
  const char         *cwd;        /* (nullable) */
  GDateTime          *started_at; /* (nullable) */
  ProcessStatus       status;
  int                 exit_code;
  gint64              duration;   /* microseconds */
  int                 pid;
  ProcessExitReason   exit_reason;
} ProcessInfoValues;

ProcessInfo *_process_info_new (const ProcessInfoValues *values);

G_END_DECLS
