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

#define PROCESS_TYPE_RUN_ALL_RESULT (process_run_all_result_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRunAllResult, process_run_all_result, PROCESS, RUN_ALL_RESULT, GObject)

PROCESS_AVAILABLE_IN_ALL
GType     process_run_all_result_get_item_type (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
guint     process_run_all_result_get_n_items   (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
gint64    process_run_all_result_get_duration  (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
guint     process_run_all_result_get_n_passed  (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
guint     process_run_all_result_get_n_failed  (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
guint     process_run_all_result_get_n_skipped (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
gboolean  process_run_all_result_get_success   (ProcessRunAllResult *self);

PROCESS_AVAILABLE_IN_ALL
char     *process_run_all_result_to_json       (ProcessRunAllResult *self);

G_END_DECLS
