/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <string.h>

#include <process-glib/children/process-service-private.h>
#include <process-glib/process-text-private.h>

/* The calls of a process that wait for it, end it and write to it. */

typedef struct
{
  ProcessManagedProcess *process;
  gboolean               owner;    /* whose wait is for the signals too */
  gboolean               stopped;  /* and for the rest of the group */
} Wait;

/* Whether a blocking call can return: in the owner, when all was told. Under
 * the lock. */
gboolean
_process_control_is_over (ProcessManagedProcess *self, gboolean owner, gboolean stopped)
{
  return (owner ? self->exited_emitted : self->ended) && !(stopped && self->stopping);
}

static gboolean
is_over (gpointer data)
{
  Wait *wait = data;

  return _process_control_is_over (wait->process, wait->owner, wait->stopped);
}

/* A handler of the process cannot wait for what comes after it returned. */
static gboolean
is_in_handler (ProcessManagedProcess *self)
{
  gboolean delivering;

  _process_reactor_lock (self->reactor);
  delivering = self->delivering;
  _process_reactor_unlock (self->reactor);
  return delivering;
}

/* Waits until @test holds, in whatever thread. The owner may emit the signals
 * of the processes meanwhile. Whether this is the owner is decided here, once,
 * and told to the test through @is_owner: another thread may come or go. */
gboolean
_process_control_wait (ProcessReactor *reactor, ProcessManagedProcess **processes,
                       guint n_processes, ProcessTestFunc test, gpointer data,
                       gboolean *is_owner, GCancellable *cancellable, GError **error)
{
  gboolean owner = *is_owner = _process_reactor_enter_owner (reactor);
  gboolean done;

  for (guint i = 0; owner && i < n_processes; i++)
    if (is_in_handler (processes[i]))
      {
        _process_reactor_leave_owner (reactor);
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED,
                     "Process %s (“%s”) cannot be waited for in a handler of its own signals",
                     processes[i]->id, processes[i]->command);
        return FALSE;
      }
  for (guint i = 0; owner && i < n_processes; i++)
    _process_managed_process_set_awaited (processes[i], TRUE);
  done = _process_reactor_wait_until (reactor, test, data, cancellable);
  for (guint i = 0; owner && i < n_processes; i++)
    _process_managed_process_set_awaited (processes[i], FALSE);
  if (owner)
    _process_reactor_leave_owner (reactor);
  return done || !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
wait_for (ProcessManagedProcess *self, gboolean stopped, GCancellable *cancellable, GError **error)
{
  Wait wait = { self, FALSE, stopped };

  return _process_control_wait (self->reactor, &self, 1, is_over, &wait, &wait.owner, cancellable,
                                error);
}

/* Until the process has ended, and what is being ended of its group; its error is
 * another matter. */
gboolean
_process_control_wait_ended (ProcessManagedProcess *self, GError **error)
{
  return wait_for (self, TRUE, NULL, error);
}

/**
 * process_managed_process_wait:
 * @self: a process
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @error: return location for an error
 *
 * Blocks until the process has ended.
 *
 * Works in every thread, with or without a main loop that runs: it reads the
 * process's output itself. In the thread that owns the service it emits the
 * process's signals, `exited` included, before it returns; called there in a
 * handler of the same process it fails with %PROCESS_ERROR_FAILED.
 *
 * Fails with %PROCESS_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED when that is why
 * the process ended; else with %PROCESS_ERROR_KILLED when a signal ended it,
 * and with %PROCESS_ERROR_NON_ZERO_EXIT for an exit code other than 0. For a
 * process that was not started it fails as the start did.
 *
 * Returns: %TRUE if the process ended with exit code 0
 */
gboolean
process_managed_process_wait (ProcessManagedProcess *self, GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (!wait_for (self, FALSE, cancellable, error))
    return FALSE;
  if (self->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

/* A cancelled call leaves the list, unless it is about to return anyway. */
static gboolean
call_cancelled_cb (GCancellable *cancellable, gpointer data)
{
  GTask *task = data;
  ProcessManagedProcess *self = g_task_get_source_object (task);
  gboolean found;

  _process_reactor_lock (self->reactor);
  found = (self->waits != NULL && g_ptr_array_remove (self->waits, task)) ||
          (self->stops != NULL && g_ptr_array_remove (self->stops, task)) ||
          _process_input_forget (self, task);
  _process_reactor_unlock (self->reactor);
  if (found)
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

static void
forget_cancellation_cb (GTask *task, GParamSpec *pspec, gpointer data)
{
  g_source_destroy (data);
}

static void
unref_source (gpointer source, GClosure *closure)
{
  g_source_unref (source);
}

/* The watch on the cancellable goes when the task has completed. */
static void
watch_cancellable (GTask *task, GCancellable *cancellable)
{
  g_autoptr (GSource) source = NULL;

  if (cancellable == NULL)
    return;
  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[process-glib] cancelled call");
  g_signal_connect_data (task, "notify::completed", G_CALLBACK (forget_cancellation_cb),
                         g_source_ref (source), unref_source, 0);
  g_task_attach_source (task, source, G_SOURCE_FUNC (call_cancelled_cb));
}

static GTask *
make_task (ProcessManagedProcess *self, GCancellable *cancellable, GAsyncReadyCallback callback,
           gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

/* Nobody sees to the process any more when the owner's context is gone: then it
 * is not kept for long, and the task returns at once. */
static void
add_task (ProcessManagedProcess *self, GPtrArray **tasks, GTask *task, GCancellable *cancellable)
{
  if (*tasks == NULL)
    *tasks = g_ptr_array_new ();
  g_ptr_array_add (*tasks, g_object_ref (task));
  watch_cancellable (task, cancellable);
  _process_life_keep (self);
}

/**
 * process_managed_process_wait_async:
 * @self: a process
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @callback: (scope async) (closure user_data): called when the process has ended
 * @user_data: data for @callback
 *
 * Waits until the process has ended.
 *
 * Completes after [signal@Process.ManagedProcess::exited], in the thread-default
 * main context of the caller. The main context of the service has to run; when it
 * goes before the end, the call fails with %G_IO_ERROR_CLOSED.
 */
void
process_managed_process_wait_async (ProcessManagedProcess *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PROCESS_IS_MANAGED_PROCESS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = make_task (self, cancellable, callback, user_data, process_managed_process_wait_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  _process_reactor_lock (self->reactor);
  if (self->exited_emitted)
    _process_reactor_return_later (self->reactor, g_object_ref (task),
                                   self->error != NULL ? g_error_copy (self->error) : NULL);
  else
    add_task (self, &self->waits, task, cancellable);
  _process_reactor_unlock (self->reactor);
}

/**
 * process_managed_process_wait_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.ManagedProcess.wait_async]; fails like
 * [method@Process.ManagedProcess.wait].
 *
 * Returns: %TRUE if the process ended with exit code 0
 */
gboolean
process_managed_process_wait_finish (ProcessManagedProcess *self, GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * process_managed_process_kill:
 * @self: a process
 * @error: return location for an error
 *
 * Sends SIGKILL to the process, or to its whole group with
 * [property@Process.RunOptions:kill-group].
 *
 * Does not wait for the end. Nothing happens to a process that has ended, but
 * what is left of its group gets the signal.
 *
 * Returns: %TRUE unless the system refused
 */
gboolean
process_managed_process_kill (ProcessManagedProcess *self, GError **error)
{
  gboolean success;

  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  _process_reactor_lock (self->reactor);
  success = _process_life_stop (self, PROCESS_EXIT_REASON_KILLED, 0, error);
  _process_reactor_unlock (self->reactor);
  return success;
}

static gboolean
begin_shutdown (ProcessManagedProcess *self, GError **error)
{
  gboolean success;

  _process_reactor_lock (self->reactor);
  success = _process_life_stop (self, PROCESS_EXIT_REASON_KILLED,
                                process_run_options_get_grace_period (self->options), error);
  _process_reactor_unlock (self->reactor);
  return success;
}

/**
 * process_managed_process_shutdown:
 * @self: a process
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @error: return location for an error
 *
 * Ends the process and blocks until it has ended: sends it the stop signal,
 * and SIGKILL when [property@Process.RunOptions:grace-period] is over, at once
 * when that is 0. With [property@Process.RunOptions:kill-group] the whole group
 * is ended.
 *
 * Works in every thread like [method@Process.ManagedProcess.wait], but does not
 * fail for how the process ended.
 *
 * Returns: %TRUE when the process has ended
 */
gboolean
process_managed_process_shutdown (ProcessManagedProcess *self, GCancellable *cancellable,
                                  GError **error)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  return begin_shutdown (self, error) && wait_for (self, TRUE, cancellable, error);
}

static void
await_stop (ProcessManagedProcess *self, GTask *task, GCancellable *cancellable)
{
  _process_reactor_lock (self->reactor);
  if (_process_control_is_over (self, TRUE, TRUE))
    _process_reactor_return_later (self->reactor, g_object_ref (task), NULL);
  else
    add_task (self, &self->stops, task, cancellable);
  _process_reactor_unlock (self->reactor);
}

/* Until the process has ended, and what is being ended of its group. */
void
_process_control_wait_ended_async (ProcessManagedProcess *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
    make_task (self, cancellable, callback, user_data, _process_control_wait_ended_async);

  await_stop (self, task, cancellable);
}

/**
 * process_managed_process_shutdown_async:
 * @self: a process
 * @cancellable: (nullable): a cancellable, which ends the call only
 * @callback: (scope async) (closure user_data): called when the process has ended
 * @user_data: data for @callback
 *
 * Ends the process as [method@Process.ManagedProcess.shutdown] does.
 *
 * Completes after [signal@Process.ManagedProcess::exited], in the thread-default
 * main context of the caller. The main context of the service has to run; when it
 * goes before the end, the call fails with %G_IO_ERROR_CLOSED.
 */
void
process_managed_process_shutdown_async (ProcessManagedProcess *self, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PROCESS_IS_MANAGED_PROCESS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task =
    make_task (self, cancellable, callback, user_data, process_managed_process_shutdown_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!begin_shutdown (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  await_stop (self, task, cancellable);
}

/**
 * process_managed_process_shutdown_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.ManagedProcess.shutdown_async].
 *
 * Returns: %TRUE when the process has ended
 */
gboolean
process_managed_process_shutdown_finish (ProcessManagedProcess *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
fail_not_running (ProcessManagedProcess *self, GError **error)
{
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING, "Process %s (“%s”) has ended",
               self->id, self->command);
  return FALSE;
}

/**
 * process_managed_process_send_signal:
 * @self: a process
 * @signum: the signal's number, or 0 to ask only whether one could be sent
 * @error: return location for an error
 *
 * Sends a signal to the process, or to its whole group with
 * [property@Process.RunOptions:kill-group].
 *
 * Fails with %PROCESS_ERROR_NOT_RUNNING when the process has ended, with
 * %PROCESS_ERROR_INVALID_ARGUMENT when there is no such signal, and with a
 * `G_IO_ERROR` when the system refuses.
 *
 * Returns: %TRUE if the signal was sent
 */
gboolean
process_managed_process_send_signal (ProcessManagedProcess *self, int signum, GError **error)
{
  gboolean success;

  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  if (signum != 0 && !_process_signal_is_valid (signum))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "There is no signal of the number %d", signum);
      return FALSE;
    }
  _process_reactor_lock (self->reactor);
  if (self->reaped || self->status != PROCESS_STATUS_RUNNING)
    success = fail_not_running (self, error);
  else
    success = _process_group_send (self, signum, error);
  _process_reactor_unlock (self->reactor);
  return success;
}

/**
 * process_managed_process_send_input:
 * @self: a process
 * @text: what to write to its standard input
 * @error: return location for an error
 *
 * Writes text to the process's standard input.
 *
 * Never blocks: what the child does not read at once is queued, up to 16 MiB;
 * beyond that it fails with %PROCESS_ERROR_FAILED and nothing is queued. Fails
 * with %PROCESS_ERROR_NOT_RUNNING when the process has ended, with
 * %PROCESS_ERROR_STDIN_NOT_AVAILABLE when its standard input is no pipe or was
 * closed, and with %G_IO_ERROR_BROKEN_PIPE when the child has closed it.
 *
 * Returns: %TRUE if the text was written or queued
 */
gboolean
process_managed_process_send_input (ProcessManagedProcess *self, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (text != NULL, FALSE);

  bytes = g_bytes_new (text, strlen (text));
  return process_managed_process_send_bytes (self, bytes, error);
}

/**
 * process_managed_process_send_bytes:
 * @self: a process
 * @bytes: what to write to its standard input
 * @error: return location for an error
 *
 * Writes bytes to the process's standard input; the same as
 * [method@Process.ManagedProcess.send_input] for what need not be text.
 *
 * Returns: %TRUE if the bytes were written or queued
 */
gboolean
process_managed_process_send_bytes (ProcessManagedProcess *self, GBytes *bytes, GError **error)
{
  gboolean success;

  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);

  _process_reactor_lock (self->reactor);
  success = _process_input_send (self, bytes, NULL, PROCESS_MAX_UNSENT, error);
  _process_reactor_unlock (self->reactor);
  return success;
}

/**
 * process_managed_process_send_bytes_async:
 * @self: a process
 * @bytes: what to write to its standard input
 * @cancellable: (nullable): a cancellable, which ends the call only: what was
 *   queued will still be written
 * @callback: (scope async) (closure user_data): called when all was written
 * @user_data: data for @callback
 *
 * Writes bytes to the process's standard input, and completes when the pipe has
 * taken them all.
 *
 * Fails like [method@Process.ManagedProcess.send_input], also when the process
 * ends or closes its standard input meanwhile, and with %G_IO_ERROR_CLOSED when
 * the service's main context goes.
 */
void
process_managed_process_send_bytes_async (ProcessManagedProcess *self, GBytes *bytes,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PROCESS_IS_MANAGED_PROCESS (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task =
    make_task (self, cancellable, callback, user_data, process_managed_process_send_bytes_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  _process_reactor_lock (self->reactor);
  if (_process_input_send (self, bytes, task, PROCESS_MAX_UNSENT, &error))
    {
      g_object_ref (task);
      watch_cancellable (task, cancellable);
      _process_life_keep (self);
    }
  _process_reactor_unlock (self->reactor);
  if (error != NULL)
    g_task_return_error (task, error);
}

/**
 * process_managed_process_send_bytes_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.ManagedProcess.send_bytes_async].
 *
 * Returns: %TRUE if the bytes were written
 */
gboolean
process_managed_process_send_bytes_finish (ProcessManagedProcess *self, GAsyncResult *result,
                                           GError **error)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * process_managed_process_close_stdin:
 * @self: a process
 * @error: return location for an error
 *
 * Closes the pipe to the process's standard input when all that is queued was
 * written.
 *
 * Fails with %PROCESS_ERROR_STDIN_NOT_AVAILABLE when its standard input is no
 * pipe. Closing it twice, or after the end, is no error.
 *
 * Returns: %TRUE if it is or will be closed
 */
gboolean
process_managed_process_close_stdin (ProcessManagedProcess *self, GError **error)
{
  gboolean has_pipe;

  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  _process_reactor_lock (self->reactor);
  has_pipe = self->in.channel.func != NULL;
  if (has_pipe)
    _process_input_finish (self);
  _process_reactor_unlock (self->reactor);
  if (!has_pipe)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE,
                 "The standard input of process %s (“%s”) is no pipe", self->id, self->command);
  return has_pipe;
}
