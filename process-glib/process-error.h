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
 * PROCESS_ERROR:
 *
 * The domain of the errors in [error@Process.Error].
 */
#define PROCESS_ERROR (process_error_quark ())

/**
 * ProcessError:
 * @PROCESS_ERROR_FAILED: something else went wrong
 * @PROCESS_ERROR_INVALID_ARGUMENT: an argument or option cannot be used
 * @PROCESS_ERROR_NOT_FOUND: there is no such process or entry
 * @PROCESS_ERROR_NOT_RUNNING: the process has ended, or the service was shut down
 * @PROCESS_ERROR_STILL_RUNNING: the process has not ended yet
 * @PROCESS_ERROR_STDIN_NOT_AVAILABLE: standard input of the process is no pipe, or is closed
 * @PROCESS_ERROR_START_FAILED: the system could not start the program
 * @PROCESS_ERROR_PROGRAM_NOT_FOUND: there is no such program
 * @PROCESS_ERROR_KILLED: a signal ended the process
 * @PROCESS_ERROR_TIMED_OUT: the time allowed was used up
 * @PROCESS_ERROR_NON_ZERO_EXIT: the process ended by itself with another exit code than 0
 * @PROCESS_ERROR_ALREADY_RUNNING: another instance, or this object, is running already
 * @PROCESS_ERROR_UNHEALTHY: a health endpoint answered that its program is not healthy
 *
 * The errors of this library.
 *
 * Other failures of the operating system keep their `G_IO_ERROR_*` code, and
 * a cancelled call fails with %G_IO_ERROR_CANCELLED.
 *
 * Guide: [Running programs](running-programs.html#errors).
 */
typedef enum
{
  PROCESS_ERROR_FAILED,
  PROCESS_ERROR_INVALID_ARGUMENT,
  PROCESS_ERROR_NOT_FOUND,
  PROCESS_ERROR_NOT_RUNNING,
  PROCESS_ERROR_STILL_RUNNING,
  PROCESS_ERROR_STDIN_NOT_AVAILABLE,
  PROCESS_ERROR_START_FAILED,
  PROCESS_ERROR_PROGRAM_NOT_FOUND,
  PROCESS_ERROR_KILLED,
  PROCESS_ERROR_TIMED_OUT,
  PROCESS_ERROR_NON_ZERO_EXIT,
  PROCESS_ERROR_ALREADY_RUNNING,
  PROCESS_ERROR_UNHEALTHY,
} ProcessError;

#define PROCESS_TYPE_ERROR (process_error_get_type ())

PROCESS_AVAILABLE_IN_ALL
GType  process_error_get_type (void) G_GNUC_CONST;

PROCESS_AVAILABLE_IN_ALL
GQuark process_error_quark    (void);

G_END_DECLS
