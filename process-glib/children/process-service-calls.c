/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-service-private.h"

#include <process-glib/process-error.h>

/* The calls of a service that start processes, look them up and end them. */

/**
 * process_service_start:
 * @self: a service
 * @command: (type filename): a program's name, to be looked up in the PATH, or its path
 * @args: (array zero-terminated=1) (element-type filename) (nullable): its arguments, without
 *   its name
 * @cancellable: (nullable): a cancellable, which ends the process
 * @error: return location for an error
 *
 * Starts a process; see [method@Process.Service.start_with_options].
 *
 * Returns: (transfer full): the process, which runs
 */
ProcessManagedProcess *
process_service_start (ProcessService *self, const char *command, const char * const *args,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, args);

  return process_service_start_with_options (self, options, cancellable, error);
}

/**
 * process_service_start_with_options:
 * @self: a service
 * @options: what to start, and how; later changes of it have no effect
 * @cancellable: (nullable): a cancellable, which ends the process, also later;
 *   not when it is a detached one
 * @error: return location for an error
 *
 * Starts a process.
 *
 * Returns when the program runs, or with the reason why it does not; this takes
 * about a millisecond. The signals of the process are emitted afterwards, so
 * whoever connects to what is returned misses nothing.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT when the options cannot be used,
 * with %PROCESS_ERROR_NOT_RUNNING after a shutdown, with
 * %G_IO_ERROR_CANCELLED when @cancellable is cancelled already, with
 * %G_IO_ERROR_CLOSED when the service's main context is gone; with
 * %PROCESS_ERROR_PROGRAM_NOT_FOUND when there is no such program, and with
 * %PROCESS_ERROR_START_FAILED and the system's reason otherwise. In the last two
 * cases the process is listed, with the status %PROCESS_STATUS_FAILED.
 *
 * Returns: (transfer full): the process, which runs
 */
ProcessManagedProcess *
process_service_start_with_options (ProcessService *self, ProcessRunOptions *options,
                                    GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (options), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  return _process_service_start_full (self, options, PROCESS_START_DEFAULT, cancellable, error);
}

/**
 * process_service_run:
 * @self: a service
 * @command: (type filename): a program's name, to be looked up in the PATH, or its path
 * @args: (array zero-terminated=1) (element-type filename) (nullable): its arguments, without
 *   its name
 * @cancellable: (nullable): a cancellable, which ends the process
 * @error: return location for an error
 *
 * Runs a program and blocks until it has ended; see
 * [method@Process.Service.run_with_options].
 *
 * Returns: (transfer full): what it printed
 */
char *
process_service_run (ProcessService *self, const char *command, const char * const *args,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, args);

  return process_service_run_with_options (self, options, cancellable, error);
}

/**
 * process_service_run_with_options:
 * @self: a service
 * @options: what to run, and how
 * @cancellable: (nullable): a cancellable, which ends the process
 * @error: return location for an error
 *
 * Runs a program and blocks until it has ended, and until what is ended with it of
 * its group is gone too.
 *
 * Its standard input is the null device unless the options say otherwise. The
 * result is all that it printed, both streams together, untrimmed, as valid
 * UTF-8; of more than 64 MiB, or [property@Process.RunOptions:buffer-size], it
 * is the newest part. The order of the two streams among each other is
 * approximate unless they are merged.
 *
 * The process is in the list while it runs, and stays there when it fails: its
 * output is still to be had from it. Fails like
 * [method@Process.Service.start_with_options] and
 * [method@Process.ManagedProcess.wait]; the message tells the process's id and
 * ends with the last line of its standard error, if it printed one.
 *
 * Works in every thread, with or without a main loop that runs. In the thread
 * that owns the service the process's signals are emitted meanwhile.
 *
 * Returns: (transfer full): what it printed
 */
char *
process_service_run_with_options (ProcessService *self, ProcessRunOptions *options,
                                  GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = NULL;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (options), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  process = _process_service_start_full (self, options, PROCESS_START_RUN, cancellable, error);
  if (process == NULL || !_process_control_wait_ended (process, error))
    return NULL;
  return _process_service_finish_run (self, process, error);
}

/**
 * process_service_run_async:
 * @self: a service
 * @command: (type filename): a program's name, to be looked up in the PATH, or its path
 * @args: (array zero-terminated=1) (element-type filename) (nullable): its arguments, without
 *   its name
 * @cancellable: (nullable): a cancellable, which ends the process
 * @callback: (scope async) (closure user_data): called when the process has ended
 * @user_data: data for @callback
 *
 * Runs a program; see [method@Process.Service.run_with_options_async].
 */
void
process_service_run_async (ProcessService *self, const char *command, const char * const *args,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new (command, args);

  process_service_run_with_options_async (self, options, cancellable, callback, user_data);
}

/**
 * process_service_run_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.Service.run_async].
 *
 * Returns: (transfer full): what the program printed
 */
char *
process_service_run_finish (ProcessService *self, GAsyncResult *result, GError **error)
{
  return process_service_run_with_options_finish (self, result, error);
}

static void
run_ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ProcessManagedProcess *process = PROCESS_MANAGED_PROCESS (object);
  GError *error = NULL;
  char *output = NULL;

  /* How the process ended is told by finish_run (), with what it printed last. */
  process_managed_process_wait_finish (process, result, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
      process_managed_process_get_exit_reason (process) != PROCESS_EXIT_REASON_NONE)
    {
      g_clear_error (&error);
      output = _process_service_finish_run (g_task_get_source_object (task), process, &error);
    }
  if (output != NULL)
    g_task_return_pointer (task, output, g_free);
  else
    g_task_return_error (task, error);
}

/**
 * process_service_run_with_options_async:
 * @self: a service
 * @options: what to run, and how
 * @cancellable: (nullable): a cancellable, which ends the process
 * @callback: (scope async) (closure user_data): called when the process has ended
 * @user_data: data for @callback
 *
 * Runs a program, as [method@Process.Service.run_with_options] does.
 *
 * Completes after the process's [signal@Process.ManagedProcess::exited], in the
 * thread-default main context of the caller. The main context of the service
 * has to run. When cancelled, or at the end of its time, it completes when the
 * process has ended, with its group if it has one of its own.
 */
void
process_service_run_with_options_async (ProcessService *self, ProcessRunOptions *options,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PROCESS_IS_SERVICE (self));
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (options));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, process_service_run_with_options_async);
  g_task_set_check_cancellable (task, FALSE);
  process = _process_service_start_full (self, options, PROCESS_START_RUN, cancellable, &error);
  if (process == NULL)
    g_task_return_error (task, error);
  else
    _process_control_wait_ended_async (process, NULL, run_ended_cb, g_steal_pointer (&task));
}

/**
 * process_service_run_with_options_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.Service.run_with_options_async].
 *
 * Returns: (transfer full): what the program printed
 */
char *
process_service_run_with_options_finish (ProcessService *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
take_reference (ProcessManagedProcess *process, gpointer data, GError **error)
{
  *(ProcessManagedProcess **) data = g_object_ref (process);
  return TRUE;
}

/**
 * process_service_get:
 * @self: a service
 * @id: an id
 * @error: return location for an error
 *
 * Looks up a process. Fails with %PROCESS_ERROR_NOT_FOUND.
 *
 * Returns: (transfer full): the process
 */
ProcessManagedProcess *
process_service_get (ProcessService *self, const char *id, GError **error)
{
  ProcessManagedProcess *process = NULL;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  _process_service_with_process (self, id, take_reference, &process, error);
  return process;
}

static gboolean
accept_all (ProcessManagedProcess *process, gpointer data, GError **error)
{
  return TRUE;
}

static gboolean
accept_running (ProcessManagedProcess *process, gpointer data, GError **error)
{
  return !process->ended;
}

/**
 * process_service_list:
 * @self: a service
 *
 * Gets all processes, in the order of their starts.
 *
 * Returns: (transfer container) (element-type ProcessManagedProcess): the processes
 */
GPtrArray *
process_service_list (ProcessService *self)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);

  return _process_service_collect (self, accept_all, NULL);
}

/**
 * process_service_running:
 * @self: a service
 *
 * Gets the processes that have not ended, in the order of their starts.
 *
 * Returns: (transfer container) (element-type ProcessManagedProcess): the processes
 */
GPtrArray *
process_service_running (ProcessService *self)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);

  return _process_service_collect (self, accept_running, NULL);
}

/**
 * process_service_kill:
 * @self: a service
 * @id: a process's id
 * @error: return location for an error
 *
 * Kills a process; see [method@Process.ManagedProcess.kill]. Fails with
 * %PROCESS_ERROR_NOT_FOUND when there is none of that id.
 *
 * Returns: %TRUE unless it fails
 */
gboolean
process_service_kill (ProcessService *self, const char *id, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = process_service_get (self, id, error);

  return process != NULL && process_managed_process_kill (process, error);
}

/**
 * process_service_send_signal:
 * @self: a service
 * @id: a process's id
 * @signum: the signal's number
 * @error: return location for an error
 *
 * Sends a signal to a process; see [method@Process.ManagedProcess.send_signal].
 * Fails with %PROCESS_ERROR_NOT_FOUND when there is none of that id.
 *
 * Returns: %TRUE unless it fails
 */
gboolean
process_service_send_signal (ProcessService *self, const char *id, int signum, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = process_service_get (self, id, error);

  return process != NULL && process_managed_process_send_signal (process, signum, error);
}

/**
 * process_service_send_input:
 * @self: a service
 * @id: a process's id
 * @text: what to write
 * @error: return location for an error
 *
 * Writes to a process's standard input; see
 * [method@Process.ManagedProcess.send_input]. Fails with
 * %PROCESS_ERROR_NOT_FOUND when there is none of that id.
 *
 * Returns: %TRUE unless it fails
 */
gboolean
process_service_send_input (ProcessService *self, const char *id, const char *text,
                            GError **error)
{
  g_autoptr (ProcessManagedProcess) process = process_service_get (self, id, error);

  return process != NULL && process_managed_process_send_input (process, text, error);
}

/**
 * process_service_close_stdin:
 * @self: a service
 * @id: a process's id
 * @error: return location for an error
 *
 * Closes a process's standard input; see
 * [method@Process.ManagedProcess.close_stdin]. Fails with
 * %PROCESS_ERROR_NOT_FOUND when there is none of that id.
 *
 * Returns: %TRUE unless it fails
 */
gboolean
process_service_close_stdin (ProcessService *self, const char *id, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = process_service_get (self, id, error);

  return process != NULL && process_managed_process_close_stdin (process, error);
}

/**
 * process_service_get_output:
 * @self: a service
 * @id: a process's id
 * @error: return location for an error
 *
 * Gets what was captured of a process's output; see
 * [method@Process.ManagedProcess.get_output]. Fails with
 * %PROCESS_ERROR_NOT_FOUND when there is none of that id.
 *
 * Returns: (transfer full): the text
 */
char *
process_service_get_output (ProcessService *self, const char *id, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = process_service_get (self, id, error);

  return process != NULL ? process_managed_process_get_output (process) : NULL;
}

static gboolean
remove_process (ProcessManagedProcess *process, gpointer data, GError **error)
{
  if (!process->ended)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_STILL_RUNNING,
                   "Process %s (“%s”) is still running", process->id, process->command);
      return FALSE;
    }
  _process_service_unlist (data, process);
  return TRUE;
}

/**
 * process_service_remove:
 * @self: a service
 * @id: a process's id
 * @error: return location for an error
 *
 * Takes an ended process off the list. Fails with %PROCESS_ERROR_NOT_FOUND, and
 * with %PROCESS_ERROR_STILL_RUNNING while it runs.
 *
 * Returns: %TRUE if it is off the list
 */
gboolean
process_service_remove (ProcessService *self, const char *id, GError **error)
{
  gboolean success;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  success = _process_service_with_process (self, id, remove_process, self, error);
  _process_service_catch_up_if_owner (self);
  return success;
}

/**
 * process_service_clear:
 * @self: a service
 *
 * Takes all processes that have ended off the list.
 */
void
process_service_clear (ProcessService *self)
{
  g_autoptr (GPtrArray) removed = NULL;

  g_return_if_fail (PROCESS_IS_SERVICE (self));

  removed = _process_service_collect (self, remove_process, self);
  _process_service_catch_up_if_owner (self);
}

typedef struct
{
  ProcessService *service;
  GPtrArray      *processes; /* that have to be over yet */
  gboolean        owner;
} Shutdown;

static gboolean
is_shut_down (gpointer data)
{
  Shutdown *shutdown = data;
  GPtrArray *left = shutdown->processes;

  while (left->len > 0 && _process_control_is_over (g_ptr_array_index (left, left->len - 1),
                                                    shutdown->owner, TRUE))
    g_ptr_array_set_size (left, (int) left->len - 1);
  return left->len == 0 && !_process_service_is_starting (shutdown->service);
}

typedef struct
{
  gint64  grace;
  GError *error; /* (owned) (nullable), the first one */
} Stop;

/* What the system does not let us end is not waited for. */
static gboolean
stop_process (ProcessManagedProcess *process, gpointer data, GError **error)
{
  Stop *stop = data;
  g_autoptr (GError) problem = NULL;

  if (process_run_options_get_detach (process->options) ||
      (process->exited_emitted && !process->stopping))
    return FALSE;
  if ((process->ended && !process->stopping) ||
      _process_life_stop (process, PROCESS_EXIT_REASON_KILLED, stop->grace, &problem))
    return TRUE;
  if (stop->error == NULL)
    stop->error = g_steal_pointer (&problem);
  return FALSE;
}

static gboolean
stop_and_wait (ProcessService *self, Stop *stop, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) processes = _process_service_collect (self, stop_process, stop);
  g_autoptr (GPtrArray) left =
    g_ptr_array_copy (processes, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  Shutdown shutdown = { self, left, FALSE };

  return _process_control_wait (_process_service_get_reactor (self),
                                (ProcessManagedProcess **) processes->pdata, processes->len,
                                is_shut_down, &shutdown, &shutdown.owner, cancellable, error);
}

/**
 * process_service_shutdown:
 * @self: a service
 * @grace: how long the processes have after the stop signal, in microseconds;
 *   0 = SIGKILL at once
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @error: return location for an error
 *
 * Ends all processes that are not detached, in parallel, and blocks until they
 * have ended. From then on nothing can be started any more.
 *
 * A process with [property@Process.RunOptions:kill-group] is ended with its
 * whole group. Works in every thread like
 * [method@Process.ManagedProcess.wait]. Fails when the system does not allow to
 * end one of them, after all others have ended.
 *
 * Returns: %TRUE when they have ended
 */
gboolean
process_service_shutdown (ProcessService *self, gint64 grace, GCancellable *cancellable,
                          GError **error)
{
  Stop stop = { MAX (grace, 0), NULL };
  gboolean starting, done;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  _process_service_refuse_starts (self);
  starting = _process_service_await_starts (self, NULL);
  done = stop_and_wait (self, &stop, cancellable, error);
  /* What was being started is there now. */
  if (done && starting)
    done = stop_and_wait (self, &stop, cancellable, error);
  if (done && stop.error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&stop.error));
      return FALSE;
    }
  g_clear_error (&stop.error);
  return done;
}

typedef struct
{
  gint64        grace;
  GCancellable *cancellable; /* (owned) (nullable) */
  guint         n_left;
  GError       *error;       /* (owned) (nullable) */
} ShutdownTask;

static void
shutdown_task_free (ShutdownTask *data)
{
  g_clear_object (&data->cancellable);
  g_clear_error (&data->error);
  g_free (data);
}

static void
return_if_shut_down (GTask *task)
{
  ShutdownTask *data = g_task_get_task_data (task);

  if (--data->n_left > 0)
    return;
  if (data->error != NULL)
    g_task_return_error (task, g_steal_pointer (&data->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
one_stopped_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ShutdownTask *data = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && data->error == NULL)
    data->error = g_steal_pointer (&error);
  return_if_shut_down (task);
}

static void
stop_and_await (GTask *task)
{
  ProcessService *self = g_task_get_source_object (task);
  ShutdownTask *data = g_task_get_task_data (task);
  Stop stop = { data->grace, g_steal_pointer (&data->error) };
  g_autoptr (GPtrArray) processes = _process_service_collect (self, stop_process, &stop);

  data->error = stop.error;
  data->n_left += processes->len;
  for (guint i = 0; i < processes->len; i++)
    _process_control_wait_ended_async (g_ptr_array_index (processes, i), data->cancellable,
                                       one_stopped_cb, g_object_ref (task));
}

static gboolean
starts_over_cb (gpointer user_data)
{
  GTask *task = user_data;

  stop_and_await (task);
  return_if_shut_down (task);
  return G_SOURCE_REMOVE;
}

static gboolean
starts_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

/* Ready when the service says so: when nothing is being started any more. */
static GSource *
attach_starts_source (GTask *task)
{
  static GSourceFuncs funcs = { .dispatch = starts_source_dispatch };
  GSource *source = g_source_new (&funcs, sizeof (GSource));

  g_source_set_static_name (source, "[process-glib] starts are over");
  g_task_attach_source (task, source, starts_over_cb);
  return source;
}

/**
 * process_service_shutdown_async:
 * @self: a service
 * @grace: how long the processes have after the stop signal, in microseconds;
 *   0 = SIGKILL at once
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @callback: (scope async) (closure user_data): called when they have ended
 * @user_data: data for @callback
 *
 * Ends all processes that are not detached, as
 * [method@Process.Service.shutdown] does.
 *
 * Completes in the thread-default main context of the caller. The main context
 * of the service has to run.
 */
void
process_service_shutdown_async (ProcessService *self, gint64 grace, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) source = NULL;
  ShutdownTask *data;

  g_return_if_fail (PROCESS_IS_SERVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, process_service_shutdown_async);
  g_task_set_check_cancellable (task, FALSE);
  data = g_new0 (ShutdownTask, 1);
  data->grace = MAX (grace, 0);
  data->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  data->n_left = 2;
  g_task_set_task_data (task, data, (GDestroyNotify) shutdown_task_free);

  _process_service_refuse_starts (self);
  source = attach_starts_source (task);
  stop_and_await (task);
  _process_service_await_starts (self, source);
  return_if_shut_down (task);
}

/**
 * process_service_shutdown_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.Service.shutdown_async].
 *
 * Returns: %TRUE when the processes have ended
 */
gboolean
process_service_shutdown_finish (ProcessService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
