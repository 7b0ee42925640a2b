/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include <process-glib/pipelines/process-run-result.h>

G_BEGIN_DECLS

void _process_run_result_build_json (ProcessRunResult *self,
                                     JsonBuilder      *builder);

G_END_DECLS
