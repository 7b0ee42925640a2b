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

#define PROCESS_TYPE_PROGRAM (process_program_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessProgram, process_program, PROCESS, PROGRAM, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessProgram *process_program_new             (const char *name) G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char     *process_program_get_name        (ProcessProgram *self);

PROCESS_AVAILABLE_IN_ALL
const char     *process_program_get_path        (ProcessProgram *self);

PROCESS_AVAILABLE_IN_ALL
const char     *process_program_get_last_output (ProcessProgram *self);

PROCESS_AVAILABLE_IN_ALL
gboolean        process_program_find            (ProcessProgram *self,
                                                 GError        **error);

PROCESS_AVAILABLE_IN_ALL
char           *process_program_run             (ProcessProgram     *self,
                                                 const char * const *args,
                                                 GCancellable       *cancellable,
                                                 GError            **error);

PROCESS_AVAILABLE_IN_ALL
void            process_program_run_async       (ProcessProgram     *self,
                                                 const char * const *args,
                                                 GCancellable       *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer            user_data);

PROCESS_AVAILABLE_IN_ALL
char           *process_program_run_finish      (ProcessProgram *self,
                                                 GAsyncResult   *result,
                                                 GError        **error);

PROCESS_AVAILABLE_IN_ALL
char           *process_program_run_dir         (ProcessProgram     *self,
                                                 const char         *cwd,
                                                 const char * const *args,
                                                 GCancellable       *cancellable,
                                                 GError            **error);

PROCESS_AVAILABLE_IN_ALL
void            process_program_run_dir_async   (ProcessProgram     *self,
                                                 const char         *cwd,
                                                 const char * const *args,
                                                 GCancellable       *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer            user_data);

PROCESS_AVAILABLE_IN_ALL
char           *process_program_run_dir_finish  (ProcessProgram *self,
                                                 GAsyncResult   *result,
                                                 GError        **error);

G_END_DECLS
