/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include <process-glib/pipelines/process-run-spec.h>

G_BEGIN_DECLS

/* Adds an object that process_run_spec_list_from_json () reads as the same spec. */
void _process_run_spec_build_json (ProcessRunSpec *self,
                                   JsonBuilder    *builder);

G_END_DECLS
