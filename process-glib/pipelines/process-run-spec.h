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

#define PROCESS_TYPE_RUN_SPEC (process_run_spec_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRunSpec, process_run_spec, PROCESS, RUN_SPEC, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessRunSpec     *process_run_spec_new                   (const char           *name,
                                                            const char           *command,
                                                            const char * const   *args)
                                                            G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char         *process_run_spec_get_name              (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_name              (ProcessRunSpec       *self,
                                                            const char           *name);

PROCESS_AVAILABLE_IN_ALL
const char         *process_run_spec_get_command           (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_command           (ProcessRunSpec       *self,
                                                            const char           *command);

PROCESS_AVAILABLE_IN_ALL
const char * const *process_run_spec_get_args              (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_args              (ProcessRunSpec       *self,
                                                            const char * const   *args);

PROCESS_AVAILABLE_IN_ALL
const char         *process_run_spec_get_cwd               (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_cwd               (ProcessRunSpec       *self,
                                                            const char           *cwd);

PROCESS_AVAILABLE_IN_ALL
const char * const *process_run_spec_get_env               (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_env               (ProcessRunSpec       *self,
                                                            const char * const   *env);

PROCESS_AVAILABLE_IN_ALL
const char * const *process_run_spec_get_after             (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_after             (ProcessRunSpec       *self,
                                                            const char * const   *after);

PROCESS_AVAILABLE_IN_ALL
gboolean            process_run_spec_get_allow_failure     (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_allow_failure     (ProcessRunSpec       *self,
                                                            gboolean              allow_failure);

PROCESS_AVAILABLE_IN_ALL
gint64              process_run_spec_get_timeout           (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_timeout           (ProcessRunSpec       *self,
                                                            gint64                timeout);

PROCESS_AVAILABLE_IN_ALL
gint64              process_run_spec_get_grace_period      (ProcessRunSpec       *self);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_set_grace_period      (ProcessRunSpec       *self,
                                                            gint64                grace_period);

PROCESS_AVAILABLE_IN_ALL
GPtrArray          *process_run_spec_list_from_json        (const char           *text,
                                                            GError              **error);

PROCESS_AVAILABLE_IN_ALL
GPtrArray          *process_run_spec_list_from_file        (GFile                *file,
                                                            GCancellable         *cancellable,
                                                            GError              **error);

PROCESS_AVAILABLE_IN_ALL
void                process_run_spec_list_from_file_async  (GFile                *file,
                                                            GCancellable         *cancellable,
                                                            GAsyncReadyCallback   callback,
                                                            gpointer              user_data);

PROCESS_AVAILABLE_IN_ALL
GPtrArray          *process_run_spec_list_from_file_finish (GAsyncResult         *result,
                                                            GError              **error);

G_END_DECLS
