/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/pipelines/process-run-all-result.h>

G_BEGIN_DECLS

/* Takes over @results, an array of ProcessRunResult; @duration is in microseconds. */
ProcessRunAllResult *_process_run_all_result_new (GPtrArray *results,
                                                  gint64     duration);

G_END_DECLS
