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

/**
 * ProcessStatus:
 * @PROCESS_STATUS_PENDING: not started yet
 * @PROCESS_STATUS_RUNNING: started, and not known to have ended
 * @PROCESS_STATUS_EXITED: ended by itself, with whatever exit code
 * @PROCESS_STATUS_FAILED: could not be started
 * @PROCESS_STATUS_KILLED: ended by a signal
 *
 * Where a process is in its life.
 *
 * Guide: [Ending things](ending-things.html).
 */
typedef enum
{
  PROCESS_STATUS_PENDING,
  PROCESS_STATUS_RUNNING,
  PROCESS_STATUS_EXITED,
  PROCESS_STATUS_FAILED,
  PROCESS_STATUS_KILLED,
} ProcessStatus;

#define PROCESS_TYPE_STATUS (process_status_get_type ())

PROCESS_AVAILABLE_IN_ALL
GType process_status_get_type (void) G_GNUC_CONST;

/**
 * ProcessExitReason:
 * @PROCESS_EXIT_REASON_NONE: it has not ended
 * @PROCESS_EXIT_REASON_EXITED: it ended by itself
 * @PROCESS_EXIT_REASON_SIGNALED: a signal that this library did not send ended it
 * @PROCESS_EXIT_REASON_KILLED: this program killed it or shut it down, or a signal that this
 *   library sent ended it
 * @PROCESS_EXIT_REASON_TIMED_OUT: it was ended because its time was used up
 * @PROCESS_EXIT_REASON_CANCELLED: it was ended because its cancellable was cancelled
 * @PROCESS_EXIT_REASON_START_FAILED: it could not be started
 *
 * Why a process ended.
 *
 * The reason holds whatever the exit code was: a child that answers the stop
 * signal of its timeout with `exit 0` has the status
 * %PROCESS_STATUS_EXITED and the reason %PROCESS_EXIT_REASON_TIMED_OUT.
 *
 * Guide: [Ending things](ending-things.html).
 */
typedef enum
{
  PROCESS_EXIT_REASON_NONE,
  PROCESS_EXIT_REASON_EXITED,
  PROCESS_EXIT_REASON_SIGNALED,
  PROCESS_EXIT_REASON_KILLED,
  PROCESS_EXIT_REASON_TIMED_OUT,
  PROCESS_EXIT_REASON_CANCELLED,
  PROCESS_EXIT_REASON_START_FAILED,
} ProcessExitReason;

#define PROCESS_TYPE_EXIT_REASON (process_exit_reason_get_type ())

PROCESS_AVAILABLE_IN_ALL
GType process_exit_reason_get_type (void) G_GNUC_CONST;

#define PROCESS_TYPE_INFO (process_info_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessInfo, process_info, PROCESS, INFO, GObject)

PROCESS_AVAILABLE_IN_ALL
const char          *process_info_get_id          (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
const char          *process_info_get_command     (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
const char * const  *process_info_get_args        (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
const char          *process_info_get_cwd         (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
GDateTime           *process_info_get_started_at  (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_info_get_running     (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
ProcessStatus        process_info_get_status      (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
int                  process_info_get_exit_code   (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
gint64               process_info_get_duration    (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
int                  process_info_get_pid         (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
ProcessExitReason    process_info_get_exit_reason (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
GVariant            *process_info_to_variant      (ProcessInfo *self);

PROCESS_AVAILABLE_IN_ALL
char                *process_info_to_json         (ProcessInfo *self);

G_END_DECLS
