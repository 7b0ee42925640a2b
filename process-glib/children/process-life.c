/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <poll.h>
#include <sys/wait.h>

#include <process-glib/children/process-ring-buffer-private.h>
#include <process-glib/children/process-service-private.h>
#include <process-glib/process-text-private.h>

/* The life of a process
 *
 *   started -> reaped -> ended -> told
 *
 * It is reaped when its exit status is known; from then on its number means
 * nothing any more, though GLib, which does the reaping, may be a moment behind.
 * It has ended when its output is complete too: at the end of both pipes or, when
 * a descendant holds them open, after a silence. What can be asked about the
 * process, and blocking calls in other threads, go by that. It is told, with
 * `exited`, when the owner gets to it, after all that was printed before.
 *
 * A stop has one timer, which is the timeout until somebody asks the process
 * to stop, then the grace period and then, if only the rest of the group is
 * left, what looks for that.
 *
 * A process is kept, by itself, while there is still something that may happen
 * to it: until the end is told, the pipes are closed and no stop goes on. It is
 * let go earlier when the owner's context goes. Then it lives as long as somebody
 * else has a reference, and gets on only in blocking calls.
 */

/* How often the rest of a group is looked for, and how long after SIGKILL. */
#define GROUP_POLL (10 * G_TIME_SPAN_MILLISECOND)
#define GROUP_WAIT G_TIME_SPAN_SECOND
/* And how soon we try again what could not be sent. */
#define SIGNAL_RETRY (100 * G_TIME_SPAN_MILLISECOND)

void
_process_life_keep (ProcessManagedProcess *self)
{
  if (self->ward.kept)
    return;
  g_object_ref (self);
  _process_reactor_keep (self->reactor, &self->ward);
}

static void
let_go_if_done (ProcessManagedProcess *self)
{
  if (!self->ward.kept || !self->exited_emitted || self->stopping || self->errand.queued ||
      self->delivering || _process_output_is_open (self))
    return;
  _process_output_discard (self);
  _process_reactor_let_go (self->reactor, &self->ward);
  _process_reactor_unref_later (self->reactor, self);
}

static void
call_ended (gpointer object, gpointer data)
{
  _process_managed_process_call_ended (object);
  g_object_unref (object);
}

/* Who runs a process waits for what is being ended of its group, too. */
static void
call_ended_later (ProcessManagedProcess *self)
{
  if (self->ended_func != NULL && !self->stopping)
    _process_reactor_call_later (self->reactor, call_ended, g_object_ref (self), NULL);
}

static void
set_end (ProcessManagedProcess *self, ProcessStatus status, ProcessExitReason reason)
{
  self->status = status;
  self->exit_reason = reason;
  self->ended = TRUE;
  call_ended_later (self);
  if (self->service != NULL)
    _process_service_ended (self->service, self);
  _process_reactor_add_errand (self->reactor, &self->errand);
  _process_reactor_wake (self->reactor);
}

static ProcessExitReason
get_end_reason (ProcessManagedProcess *self)
{
  if (self->stop_reason != PROCESS_EXIT_REASON_NONE)
    return self->stop_reason;
  if (self->term_signal == 0)
    return PROCESS_EXIT_REASON_EXITED;
  return self->signals_sent & (G_GUINT64_CONSTANT (1) << (self->term_signal - 1))
           ? PROCESS_EXIT_REASON_KILLED
           : PROCESS_EXIT_REASON_SIGNALED;
}

static GError *
make_end_error (ProcessManagedProcess *self, ProcessExitReason reason)
{
  g_autofree char *name = NULL;

  if (reason == PROCESS_EXIT_REASON_TIMED_OUT)
    return g_error_new (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT,
                        "Command “%s” (%s) was stopped after %.3f s, its timeout", self->command,
                        self->id,
                        (double) process_run_options_get_timeout (self->options) / G_USEC_PER_SEC);
  if (reason == PROCESS_EXIT_REASON_CANCELLED)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Command “%s” (%s) was cancelled",
                        self->command, self->id);
  if (self->term_signal != 0)
    {
      name = _process_signal_name (self->term_signal);
      return g_error_new (PROCESS_ERROR, PROCESS_ERROR_KILLED,
                          "Command “%s” (%s) was ended by %s", self->command, self->id, name);
    }
  if (self->exit_code != 0)
    return g_error_new (PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT,
                        "Command “%s” (%s) exited with code %d", self->command, self->id,
                        self->exit_code);
  return NULL;
}

/* Whether the child has exited and GLib has not reaped it yet; FALSE also when
 * the kernel is too old to tell. @wait_status may be NULL. */
gboolean
_process_life_peek (ProcessManagedProcess *self, int *wait_status)
{
  siginfo_t info = { 0 };

  if (waitid (P_PIDFD, (id_t) self->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return FALSE;
  if (wait_status != NULL)
    *wait_status = info.si_code == CLD_EXITED ? W_EXITCODE (info.si_status, 0) : info.si_status;
  return TRUE;
}

static void
group_timer_cb (ProcessTimer *timer)
{
  ProcessManagedProcess *self = timer->owner;

  if (_process_life_peek (self, NULL))
    _process_reactor_arm (self->reactor, timer, g_get_monotonic_time () + GROUP_POLL);
  else if (!_process_group_is_alive (self))
    _process_group_forget (self);
}

/* Only what is left of a group can still be signalled. As long as GLib has not
 * reaped it, the child counts as a member itself. That takes a moment, and nobody
 * needs to wait for it. */
static void
forget_group_if_empty (ProcessManagedProcess *self)
{
  if (_process_group_is_empty (self))
    _process_group_forget (self);
  else
    _process_reactor_arm (self->reactor, &self->group_timer,
                          g_get_monotonic_time () + GROUP_POLL);
}

static void
end (ProcessManagedProcess *self)
{
  ProcessExitReason reason;

  _process_reactor_disarm (self->reactor, &self->linger_timer);
  if (WIFSIGNALED (self->wait_status))
    self->term_signal = WTERMSIG (self->wait_status);
  else
    self->exit_code = WEXITSTATUS (self->wait_status);
  self->lingering = _process_output_is_open (self);
  forget_group_if_empty (self);
  reason = get_end_reason (self);
  self->error = make_end_error (self, reason);
  set_end (self, self->term_signal != 0 ? PROCESS_STATUS_KILLED : PROCESS_STATUS_EXITED, reason);
}

static void
linger_timer_cb (ProcessTimer *timer)
{
  ProcessManagedProcess *self = timer->owner;

  /* A slow handler must not cost what the child itself printed, nor others that
   * print too much what is there to be read. */
  if (self->out.must_read > 0 || self->err.must_read > 0 ||
      ((self->out.channel.ready || self->err.channel.ready) &&
       g_get_monotonic_time () < self->linger_limit))
    _process_reactor_arm (self->reactor, timer, g_get_monotonic_time () + PROCESS_LINGER_SILENCE);
  else
    end (self);
}

/* Called whenever something happened to the process. */
void
_process_life_advance (ProcessManagedProcess *self)
{
  if (self->reaped && !self->ended && !_process_output_is_open (self))
    end (self);
  if (self->lingering && !_process_output_is_open (self))
    {
      self->lingering = FALSE;
      _process_reactor_add_errand (self->reactor, &self->errand);
    }
  let_go_if_done (self);
}

static void
finish_stop (ProcessManagedProcess *self)
{
  _process_reactor_disarm (self->reactor, &self->stop_timer);
  self->stopping = FALSE;
  _process_reactor_add_errand (self->reactor, &self->errand);
  if (self->ended)
    {
      call_ended_later (self);
      _process_output_catch_up (self);
    }
  _process_reactor_wake (self->reactor);
}

static gboolean
kill_now (ProcessManagedProcess *self, GError **error)
{
  self->killing = TRUE;
  self->kill_time = g_get_monotonic_time () + GROUP_WAIT;
  return _process_group_send (self, SIGKILL, error);
}

/* The leader is gone: what is left of its group has the rest of the grace
 * period, and then a moment to die in. */
static void
watch_group (ProcessManagedProcess *self)
{
  gint64 now = g_get_monotonic_time ();

  if (_process_group_is_alive (self) && (!self->killing || now < self->kill_time))
    {
      /* Some may have been out of reach just then. */
      if (self->killing)
        _process_group_send (self, SIGKILL, NULL);
      else if (now >= self->kill_time)
        kill_now (self, NULL);
      _process_reactor_arm (self->reactor, &self->stop_timer,
                            MIN (self->kill_time, now + GROUP_POLL));
    }
  else
    finish_stop (self);
}

static void
stop_timer_cb (ProcessTimer *timer)
{
  ProcessManagedProcess *self = timer->owner;
  gboolean sent = TRUE;

  if (!self->stopping)
    sent = _process_life_stop (self, PROCESS_EXIT_REASON_TIMED_OUT,
                               process_run_options_get_grace_period (self->options), NULL);
  else if (self->reaped)
    watch_group (self);
  else
    sent = kill_now (self, NULL);
  /* There may have been no descriptor left to look for the group with. */
  if (!sent)
    _process_reactor_arm (self->reactor, timer, g_get_monotonic_time () + SIGNAL_RETRY);
}

/* The longest times are as good as for ever. */
static gint64
add_times (gint64 start, gint64 length)
{
  return length < G_MAXINT64 - start ? start + length : G_MAXINT64;
}

/* A child that has exited but was not reaped yet ended by itself. */
static gboolean
has_exited (ProcessManagedProcess *self)
{
  struct pollfd pidfd = { .fd = self->pidfd, .events = POLLIN };
  siginfo_t info = { 0 };

  if (self->reaped || self->pidfd >= 0)
    return self->reaped || poll (&pidfd, 1, 0) == 1;
  /* Fails when GLib has reaped it and will tell. */
  return waitid (P_PID, (id_t) self->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid != 0;
}

/* Like systemd, wakes a stopped child, which could not answer otherwise. */
static gboolean
ask_to_stop (ProcessManagedProcess *self, gint64 kill_time, GError **error)
{
  int signum = process_run_options_get_stop_signal (self->options);

  self->kill_time = kill_time;
  if (self->stopping)
    return TRUE;
  if (!_process_group_send (self, signum, error))
    return FALSE;
  /* The child may have ended by the first one already. */
  _process_group_signal (self, SIGCONT, NULL);
  return TRUE;
}

/* Starts to end the process, or hurries an end that goes on; the first reason
 * stays. A process that has ended may have left some of its group. */
gboolean
_process_life_stop (ProcessManagedProcess *self, ProcessExitReason reason, gint64 grace,
                    GError **error)
{
  gint64 kill_time = add_times (g_get_monotonic_time (), grace);
  gboolean exited = has_exited (self);
  g_autoptr (GError) problem = NULL;

  if (self->failed_start || (exited && !_process_group_is_alive (self)))
    return TRUE;
  if (self->stopping && (self->killing || kill_time >= self->kill_time))
    return TRUE;
  if (grace > 0 ? !ask_to_stop (self, kill_time, &problem) : !kill_now (self, &problem))
    {
      self->killing = FALSE;
      /* It went away just now. */
      if (g_error_matches (problem, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }

  if (self->stop_reason == PROCESS_EXIT_REASON_NONE && !exited)
    self->stop_reason = reason;
  self->stopping = TRUE;
  _process_life_keep (self);
  _process_reactor_arm (self->reactor, &self->stop_timer,
                        self->reaped ? g_get_monotonic_time () : self->kill_time);
  return TRUE;
}

static void
reaped (ProcessManagedProcess *self, int wait_status)
{
  self->reaped = TRUE;
  self->duration = g_get_monotonic_time () - self->started_time;
  self->wait_status = wait_status;
  _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->subprocess));
  _process_input_abandon (self, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING,
                          "The process ended before it read its input");

  if (self->stopping)
    watch_group (self);
  else
    _process_reactor_disarm (self->reactor, &self->stop_timer);

  self->linger_limit = g_get_monotonic_time () + PROCESS_LINGER_MAX;
  _process_output_drain (self, &self->out);
  _process_output_drain (self, &self->err);
  if (_process_output_is_open (self))
    _process_reactor_arm (self->reactor, &self->linger_timer,
                          g_get_monotonic_time () + PROCESS_LINGER_SILENCE);
  _process_life_advance (self);
}

/* Whoever may still be called back keeps the process, or forgets this first. */
static void
reaped_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ProcessManagedProcess *self = user_data;
  gboolean forgotten = !g_subprocess_wait_finish (self->subprocess, result, NULL);

  _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->exit_wait));
  if (forgotten)
    _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->subprocess));
  else
    reaped (self, g_subprocess_get_status (self->subprocess));
}

/* Either GLib has reaped the child, or it is still there to be asked; or GLib is
 * at it just now, and will tell. */
static void
exit_ready (ProcessChannel *channel, ProcessTurn turn)
{
  ProcessManagedProcess *self = channel->owner;
  int wait_status = 0;

  _process_reactor_unwatch (self->reactor, channel);
  if (!self->stopping && _process_life_peek (self, &wait_status))
    reaped (self, wait_status);
  else if (g_subprocess_get_identifier (self->subprocess) == NULL &&
           g_subprocess_wait (self->subprocess, NULL, NULL))
    reaped (self, g_subprocess_get_status (self->subprocess));
  else
    self->exit_wait =
      _process_reactor_await_exit (self->reactor, self->subprocess, reaped_cb, self);
}

static void
feed_input (ProcessManagedProcess *self)
{
  GBytes *input = process_run_options_get_input (self->options);

  if (input == NULL)
    return;
  _process_input_send (self, input, NULL, G_MAXSIZE, NULL);
  _process_input_finish (self);
}

/* Takes the child over. */
void
_process_life_begin (ProcessManagedProcess *self, ProcessChild *child)
{
  gint64 timeout = process_run_options_get_timeout (self->options);

  _process_life_keep (self);
  self->status = PROCESS_STATUS_RUNNING;
  self->pid = child->pid;
  self->pidfd = process_fd_steal (&child->pidfd);
  self->has_group = process_run_options_get_kill_group (self->options);
  self->subprocess = g_steal_pointer (&child->subprocess);
  _process_output_open (self, &self->out, process_fd_steal (&child->stdout_fd));
  _process_output_open (self, &self->err, process_fd_steal (&child->stderr_fd));
  _process_input_open (self, process_fd_steal (&child->stdin_fd));
  self->stop_timer.func = stop_timer_cb;
  self->linger_timer.func = linger_timer_cb;
  self->group_timer.func = group_timer_cb;
  if (timeout > 0)
    _process_reactor_arm (self->reactor, &self->stop_timer,
                          add_times (self->started_time, timeout));
  feed_input (self);
  _process_reactor_add_errand (self->reactor, &self->errand);

  self->exit.fd = self->pidfd;
  self->exit.func = exit_ready;
  self->exit.owner = self;
  if (self->pidfd >= 0)
    _process_reactor_watch (self->reactor, &self->exit, POLLIN);
  else
    exit_ready (&self->exit, PROCESS_TURN_SILENT);
}

/* Takes the error over. */
void
_process_life_fail (ProcessManagedProcess *self, GError *error)
{
  _process_life_keep (self);
  self->failed_start = TRUE;
  self->error = error;
  self->duration = g_get_monotonic_time () - self->started_time;
  set_end (self, PROCESS_STATUS_FAILED, PROCESS_EXIT_REASON_START_FAILED);
}

static void
disconnect_later (gpointer object, gpointer data)
{
  g_signal_handler_disconnect (object, GPOINTER_TO_SIZE (data));
  g_object_unref (object);
}

static void
return_waits (ProcessManagedProcess *self, GPtrArray **tasks, const GError *error)
{
  g_autoptr (GPtrArray) stolen = g_steal_pointer (tasks);

  for (guint i = 0; stolen != NULL && i < stolen->len; i++)
    {
      GTask *task = g_ptr_array_index (stolen, i);

      _process_reactor_return_later (self->reactor, task,
                                     error != NULL ? g_error_copy (error) : NULL);
    }
}

static void
disconnect (ProcessManagedProcess *self)
{
  if (self->cancelled_handler != 0)
    _process_reactor_call_later (self->reactor, disconnect_later,
                                 g_steal_pointer (&self->cancellable),
                                 GSIZE_TO_POINTER (self->cancelled_handler));
  self->cancelled_handler = 0;
}

static GError *
make_orphan_error (ProcessManagedProcess *self)
{
  return g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                      "The main context of process %s (“%s”) is gone, and nobody sees to it now",
                      self->id, self->command);
}

/* What would have been told later is told now, as far as it is known. */
void
_process_life_orphan (ProcessWard *ward)
{
  ProcessManagedProcess *self = ward->owner;
  g_autoptr (GError) error = make_orphan_error (self);

  if (self->ended_func != NULL)
    _process_reactor_call_later (self->reactor, call_ended, g_object_ref (self), NULL);
  if (self->service != NULL && !self->ended)
    _process_service_ended (self->service, self);
  _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->service));
  return_waits (self, &self->waits, self->ended ? self->error : error);
  return_waits (self, &self->stops, self->ended && !self->stopping ? NULL : error);
  _process_input_fail_calls (self, error);
  _process_output_abandon (self);
  _process_reactor_unref_later (self->reactor, self);
}

/* Not under the lock. What still goes on, after the owner's context has gone,
 * ends with the last reference. */
void
_process_life_dispose (ProcessManagedProcess *self)
{
  _process_reactor_lock (self->reactor);
  if (!self->ward.kept)
    {
      if (self->exit_wait != NULL)
        _process_reactor_forget_exit (self->reactor, self->exit_wait, &self->subprocess);
      _process_reactor_unwatch (self->reactor, &self->exit);
      _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->subprocess));
      _process_reactor_disarm (self->reactor, &self->group_timer);
      _process_reactor_disarm (self->reactor, &self->stop_timer);
      _process_reactor_disarm (self->reactor, &self->linger_timer);
      _process_input_abandon (self, G_IO_ERROR, G_IO_ERROR_CLOSED, "The process is gone");
      _process_output_close (self);
      disconnect (self);
    }
  _process_reactor_unlock (self->reactor);
}

static void
tell_end (ProcessManagedProcess *self)
{
  _process_output_flush (self);
  _process_reactor_unlock (self->reactor);
  _process_managed_process_notify_end (self);
  _process_service_catch_up (self->service);
  if (self->term_signal != 0)
    _process_managed_process_emit_killed (self);
  _process_managed_process_emit_exited (self);
  _process_reactor_lock (self->reactor);
  self->exited_emitted = TRUE;
  self->lingering_notified = self->lingering;
  return_waits (self, &self->waits, self->error);
  _process_service_told_end (self->service, self);
  disconnect (self);
  _process_reactor_unref_later (self->reactor, g_steal_pointer (&self->service));
}

static void
tell_start (ProcessManagedProcess *self)
{
  self->started_emitted = TRUE;
  _process_reactor_unlock (self->reactor);
  _process_service_catch_up (self->service);
  if (!self->failed_start)
    _process_managed_process_emit_started (self);
  _process_reactor_lock (self->reactor);
}

static void
tell_changes (ProcessManagedProcess *self)
{
  gboolean truncated = !self->truncated_notified && self->ring != NULL &&
                       _process_ring_buffer_has_dropped (self->ring);
  gboolean lingering = self->exited_emitted && self->lingering_notified != self->lingering;

  if (!truncated && !lingering)
    return;
  self->truncated_notified |= truncated;
  self->lingering_notified = self->lingering;
  _process_reactor_unlock (self->reactor);
  if (truncated)
    _process_managed_process_notify_truncated (self);
  if (lingering)
    _process_managed_process_notify_lingering (self);
  _process_reactor_lock (self->reactor);
}

/* A handler may have run the main loop, which found us at it already. */
void
_process_life_finish_delivery (ProcessManagedProcess *self)
{
  self->delivering = FALSE;
  if (self->missed_errand)
    _process_reactor_add_errand (self->reactor, &self->errand);
  self->missed_errand = FALSE;
}

/* In the owner: tells all that is to be told, in order. */
void
_process_life_deliver (ProcessErrand *errand)
{
  ProcessManagedProcess *self = errand->owner;

  if (self->delivering)
    {
      self->missed_errand = TRUE;
      return;
    }
  self->delivering = TRUE;
  if (!self->started_emitted)
    tell_start (self);
  _process_output_deliver (self);
  tell_changes (self);
  if (self->ended && !self->exited_emitted && self->undelivered.length == 0)
    tell_end (self);
  if (self->exited_emitted && !self->stopping)
    return_waits (self, &self->stops, NULL);
  _process_life_finish_delivery (self);
  let_go_if_done (self);
}

static void
free_weak_ref (gpointer data, GClosure *closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
cancel (ProcessManagedProcess *self)
{
  _process_reactor_lock (self->reactor);
  _process_life_stop (self, PROCESS_EXIT_REASON_CANCELLED,
                      process_run_options_get_grace_period (self->options), NULL);
  _process_reactor_unlock (self->reactor);
}

static void
cancelled_cb (GCancellable *cancellable, GWeakRef *process)
{
  g_autoptr (ProcessManagedProcess) self = g_weak_ref_get (process);

  if (self != NULL)
    cancel (self);
}

/* Not g_cancellable_connect (): disconnecting that waits for handlers that run,
 * and this may be disconnected while one of the caller's does. */
void
_process_life_cancel (ProcessManagedProcess *self, GCancellable *cancellable)
{
  GWeakRef *process = g_new0 (GWeakRef, 1);
  gulong handler;

  g_weak_ref_init (process, self);
  handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (cancelled_cb), process,
                                   free_weak_ref, 0);

  _process_reactor_lock (self->reactor);
  if (self->exited_emitted)
    _process_reactor_call_later (self->reactor, disconnect_later, g_object_ref (cancellable),
                                 GSIZE_TO_POINTER (handler));
  else
    {
      self->cancellable = g_object_ref (cancellable);
      self->cancelled_handler = handler;
    }
  _process_reactor_unlock (self->reactor);
  if (g_cancellable_is_cancelled (cancellable))
    cancel (self);
}
