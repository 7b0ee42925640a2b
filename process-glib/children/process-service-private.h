/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-managed-process-private.h>
#include <process-glib/children/process-service.h>

G_BEGIN_DECLS

/* How much of its output run () keeps, unless buffer-size says otherwise. */
#define PROCESS_RUN_BUFFER_SIZE (64 * 1024 * 1024)

typedef enum
{
  PROCESS_START_DEFAULT     = 0,
  PROCESS_START_RUN         = 1 << 0, /* standard input null, all output, the last of stderr */
  PROCESS_START_UNLISTED_IF = 1 << 1, /* there is a shortage: leave no trace */
} ProcessStartFlags;

ProcessReactor        *_process_service_get_reactor (ProcessService *self);

/* process-service-start.c */
ProcessManagedProcess *_process_service_start_full  (ProcessService      *self,
                                                     ProcessRunOptions   *options,
                                                     ProcessStartFlags    flags,
                                                     GCancellable        *cancellable,
                                                     GError             **error);

/* Called once, under the lock, before others may see @process. That is %NULL when
 * nothing was tried; @error is %NULL when its program runs; @shortage tells that the
 * system was out of processes, descriptors or memory. */
typedef void (*ProcessStartedFunc) (ProcessManagedProcess *process, const GError *error,
                                    gboolean shortage, gpointer user_data);

/* Does not wait for the program; @func may be called at once, or by whoever drives the reactor. */
void                   _process_service_start_later (ProcessService      *self,
                                                     ProcessRunOptions   *options,
                                                     ProcessStartFlags    flags,
                                                     GCancellable        *cancellable,
                                                     ProcessStartedFunc   func,
                                                     gpointer             user_data);

/* What run () returns, once the process has ended: takes it off the list if it succeeded. */
char                  *_process_service_finish_run  (ProcessService         *self,
                                                     ProcessManagedProcess  *process,
                                                     GError                **error);

/* process-service-actions.c */
GActionGroup          *_process_service_create_actions      (ProcessService *self);
void                   _process_service_disable_starts      (GActionGroup *actions);
GActionGroup          *_process_service_get_actions         (ProcessService *self);
void                   _process_service_action_group_init   (GActionGroupInterface *iface);

/* Told by the processes; under the lock. */
void                   _process_service_ended       (ProcessService        *self,
                                                     ProcessManagedProcess *process);
void                   _process_service_told_end    (ProcessService        *self,
                                                     ProcessManagedProcess *process);

typedef gboolean (*ProcessVisitFunc) (ProcessManagedProcess *process, gpointer data,
                                      GError **error);

gboolean               _process_service_with_process (ProcessService   *self,
                                                      const char       *id,
                                                      ProcessVisitFunc  func,
                                                      gpointer          data,
                                                      GError          **error);
GPtrArray             *_process_service_collect      (ProcessService   *self,
                                                      ProcessVisitFunc  func,
                                                      gpointer          data);
void                   _process_service_unlist       (ProcessService        *self,
                                                      ProcessManagedProcess *process);
void                   _process_service_refuse_starts (ProcessService *self);
gboolean               _process_service_is_starting  (ProcessService *self);
gboolean               _process_service_await_starts (ProcessService *self, GSource *source);
gboolean               _process_service_enter_start (ProcessService *self, GError **error);
void                   _process_service_leave_start (ProcessService        *self,
                                                     ProcessManagedProcess *process,
                                                     ProcessChild          *child,
                                                     const GError          *problem,
                                                     gboolean               listed);
void                   _process_service_catch_up_if_owner (ProcessService *self);

/* In the owner, not under the lock: brings the list model and n-running up to date. */
void                   _process_service_catch_up    (ProcessService        *self);

gboolean               _process_service_has_output_listeners (ProcessService *self);
void                   _process_service_emit_started (ProcessService        *self,
                                                      ProcessManagedProcess *process);
void                   _process_service_emit_output  (ProcessService        *self,
                                                      ProcessManagedProcess *process,
                                                      const char            *line,
                                                      ProcessStream          stream);
void                   _process_service_emit_killed  (ProcessService        *self,
                                                      ProcessManagedProcess *process,
                                                      const char            *signal_name);
void                   _process_service_emit_exited  (ProcessService        *self,
                                                      ProcessManagedProcess *process);

G_END_DECLS
