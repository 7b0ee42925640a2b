/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-error.h"

G_DEFINE_ENUM_TYPE (ProcessError, process_error,
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_NOT_RUNNING, "not-running"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_STILL_RUNNING, "still-running"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_STDIN_NOT_AVAILABLE, "stdin-not-available"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_START_FAILED, "start-failed"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_PROGRAM_NOT_FOUND, "program-not-found"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_KILLED, "killed"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_NON_ZERO_EXIT, "non-zero-exit"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_ALREADY_RUNNING, "already-running"),
                    G_DEFINE_ENUM_VALUE (PROCESS_ERROR_UNHEALTHY, "unhealthy"))

/**
 * process_error_quark:
 *
 * Gets the domain of the errors in [error@Process.Error].
 *
 * Returns: the domain
 */
G_DEFINE_QUARK (process-error-quark, process_error)
