/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-run-options.h>

G_BEGIN_DECLS

/* A snapshot that later changes of the original do not reach. */
ProcessRunOptions  *_process_run_options_copy             (ProcessRunOptions  *self);

/* Whether the options can be used together; else PROCESS_ERROR_INVALID_ARGUMENT. */
gboolean            _process_run_options_validate         (ProcessRunOptions  *self,
                                                           GError            **error);

/* The child's whole environment; free it with g_strfreev (). */
char              **_process_run_options_build_environ    (ProcessRunOptions  *self);

/* From an a{sv} keyed by property names; `command` is required. */
ProcessRunOptions  *_process_run_options_new_from_variant (GVariant           *dict,
                                                           GError            **error);

G_END_DECLS
