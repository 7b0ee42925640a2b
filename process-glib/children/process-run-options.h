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
 * ProcessStdinMode:
 * @PROCESS_STDIN_MODE_DEFAULT: a pipe for a started process or where there is
 *   [property@Process.RunOptions:input], the null device for whatever runs to its end in one call
 * @PROCESS_STDIN_MODE_PIPE: a pipe that the program writes to
 * @PROCESS_STDIN_MODE_NULL: the null device, which ends at once
 * @PROCESS_STDIN_MODE_INHERIT: the standard input of this program
 *
 * What a child reads as its standard input.
 *
 * Guide: [Output and input](output-and-input.html).
 */
typedef enum
{
  PROCESS_STDIN_MODE_DEFAULT,
  PROCESS_STDIN_MODE_PIPE,
  PROCESS_STDIN_MODE_NULL,
  PROCESS_STDIN_MODE_INHERIT,
} ProcessStdinMode;

#define PROCESS_TYPE_STDIN_MODE (process_stdin_mode_get_type ())

PROCESS_AVAILABLE_IN_ALL
GType process_stdin_mode_get_type (void) G_GNUC_CONST;

#define PROCESS_TYPE_RUN_OPTIONS (process_run_options_get_type ())

PROCESS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (ProcessRunOptions, process_run_options, PROCESS, RUN_OPTIONS, GObject)

PROCESS_AVAILABLE_IN_ALL
ProcessRunOptions   *process_run_options_new                 (const char         *command,
                                                              const char * const *args)
                                                              G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
const char          *process_run_options_get_command         (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_command         (ProcessRunOptions *self,
                                                              const char        *command);

PROCESS_AVAILABLE_IN_ALL
const char * const  *process_run_options_get_args            (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_args            (ProcessRunOptions  *self,
                                                              const char * const *args);

PROCESS_AVAILABLE_IN_ALL
const char          *process_run_options_get_cwd             (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_cwd             (ProcessRunOptions *self,
                                                              const char        *cwd);

PROCESS_AVAILABLE_IN_ALL
const char * const  *process_run_options_get_env             (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_env             (ProcessRunOptions  *self,
                                                              const char * const *env);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_clear_env       (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_clear_env       (ProcessRunOptions *self,
                                                              gboolean           clear_env);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_disable_capture (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_disable_capture (ProcessRunOptions *self,
                                                              gboolean           disable_capture);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_detach          (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_detach          (ProcessRunOptions *self,
                                                              gboolean           detach);

PROCESS_AVAILABLE_IN_ALL
gint64               process_run_options_get_timeout         (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_timeout         (ProcessRunOptions *self,
                                                              gint64             timeout);

PROCESS_AVAILABLE_IN_ALL
gint64               process_run_options_get_grace_period    (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_grace_period    (ProcessRunOptions *self,
                                                              gint64             grace_period);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_kill_group      (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_kill_group      (ProcessRunOptions *self,
                                                              gboolean           kill_group);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_merge_stderr    (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_merge_stderr    (ProcessRunOptions *self,
                                                              gboolean           merge_stderr);

PROCESS_AVAILABLE_IN_ALL
GBytes              *process_run_options_get_input           (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_input           (ProcessRunOptions *self,
                                                              GBytes            *input);

PROCESS_AVAILABLE_IN_ALL
ProcessStdinMode     process_run_options_get_stdin_mode      (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_stdin_mode      (ProcessRunOptions *self,
                                                              ProcessStdinMode   stdin_mode);

PROCESS_AVAILABLE_IN_ALL
const char          *process_run_options_get_stdout_path     (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_stdout_path     (ProcessRunOptions *self,
                                                              const char        *stdout_path);

PROCESS_AVAILABLE_IN_ALL
const char          *process_run_options_get_stderr_path     (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_stderr_path     (ProcessRunOptions *self,
                                                              const char        *stderr_path);

PROCESS_AVAILABLE_IN_ALL
guint                process_run_options_get_buffer_size     (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_buffer_size     (ProcessRunOptions *self,
                                                              guint              buffer_size);

PROCESS_AVAILABLE_IN_ALL
int                  process_run_options_get_stop_signal     (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_stop_signal     (ProcessRunOptions *self,
                                                              int                stop_signal);

PROCESS_AVAILABLE_IN_ALL
gboolean             process_run_options_get_die_with_parent (ProcessRunOptions *self);

PROCESS_AVAILABLE_IN_ALL
void                 process_run_options_set_die_with_parent (ProcessRunOptions *self,
                                                              gboolean           die_with_parent);

G_END_DECLS
