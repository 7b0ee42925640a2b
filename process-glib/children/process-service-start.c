/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-service-private.h"

#include <errno.h>

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* How a process is started
 *
 * First the child is born, then its program runs or turns out not to, and then
 * others may see the process. A start that returns the process waits in between.
 * One that is told of later does not: the child's report is one more descriptor
 * of the reactor, whose end comes when the program runs. Not at once, however:
 * many programs end so soon that this, their output and their end are all seen
 * at one wake-up, if we wait for the last of these a little.
 */

#define SOON (2 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  ProcessService        *service;     /* (owned) */
  ProcessRunOptions     *options;     /* (owned), a snapshot */
  ProcessStartFlags      flags;
  GCancellable          *cancellable; /* (owned) (nullable) */
  ProcessManagedProcess *process;     /* (owned) (nullable), from the birth on */
  ProcessChild           child;
  gboolean               entered;
  int                    system_error;
  GError                *error;       /* (owned) (nullable) */
  ProcessChannel         end;         /* watches for the child's end */
  ProcessChannel         report;      /* and, after a little, for its report's */
  ProcessTimer           timer;
  ProcessWard            ward;        /* meanwhile */
  ProcessStartedFunc     func;
  gpointer               data;
} Start;

static Start *
start_new (ProcessService *service, ProcessRunOptions *options, ProcessStartFlags flags,
           GCancellable *cancellable)
{
  Start *self = g_new0 (Start, 1);

  self->service = g_object_ref (service);
  self->options = _process_run_options_copy (options);
  self->flags = flags;
  g_set_object (&self->cancellable, cancellable);
  return self;
}

static void
start_free (Start *self)
{
  g_object_unref (self->service);
  g_object_unref (self->options);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->process);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Start, start_free)

static gboolean
is_shortage (Start *self)
{
  return self->system_error == EAGAIN || self->system_error == EMFILE ||
         self->system_error == ENFILE || self->system_error == ENOMEM;
}

static ProcessStdinMode
get_stdin_mode (Start *self)
{
  ProcessStdinMode mode = process_run_options_get_stdin_mode (self->options);

  if (mode != PROCESS_STDIN_MODE_DEFAULT)
    return mode;
  return self->flags & PROCESS_START_RUN && process_run_options_get_input (self->options) == NULL
           ? PROCESS_STDIN_MODE_NULL
           : PROCESS_STDIN_MODE_PIPE;
}

static ProcessManagedProcess *
make_process (Start *self)
{
  guint buffer_size = process_run_options_get_buffer_size (self->options);
  ProcessManagedProcess *process;

  if (buffer_size == 0)
    buffer_size = self->flags & PROCESS_START_RUN
                    ? PROCESS_RUN_BUFFER_SIZE
                    : process_service_get_buffer_size (self->service);
  process = _process_managed_process_new (self->service,
                                          _process_service_get_reactor (self->service),
                                          self->options, buffer_size);
  if (self->flags & PROCESS_START_RUN)
    {
      process->keeps_stderr = TRUE;
      process->stderr_line = g_string_new (NULL);
    }
  return process;
}

static gboolean
open_reactor (Start *self)
{
  ProcessReactor *reactor = _process_service_get_reactor (self->service);
  gboolean opened;

  _process_reactor_lock (reactor);
  opened = _process_reactor_open (reactor);
  self->system_error = opened ? 0 : errno;
  _process_reactor_unlock (reactor);
  if (!opened)
    g_set_error (&self->error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED,
                 "Command “%s” cannot be started: %s",
                 process_run_options_get_command (self->options),
                 g_strerror (self->system_error));
  return opened;
}

/* FALSE with the error, and without a process when nothing was tried. The
 * process is made while the child is on its way. */
static gboolean
give_birth (Start *self)
{
  gint64 now;
  gboolean born;

  if (!_process_run_options_validate (self->options, &self->error) ||
      g_cancellable_set_error_if_cancelled (self->cancellable, &self->error) ||
      !_process_service_enter_start (self->service, &self->error))
    return FALSE;
  self->entered = TRUE;
  now = g_get_monotonic_time ();
  born = open_reactor (self) && _process_spawn (self->options, get_stdin_mode (self), &self->child,
                                                &self->system_error, &self->error);
  self->process = make_process (self);
  self->process->started_time = now;
  return born;
}

static void
finish_birth (Start *self)
{
  _process_spawn_finish (self->options, &self->child, &self->system_error, &self->error);
}

/* The names in it are bytes, and messages are UTF-8. */
static void
make_message_valid (GError *error)
{
  char *valid = _process_make_valid (error->message, -1);

  g_free (error->message);
  error->message = valid;
}

/* Under the lock. */
static void
leave (Start *self)
{
  gboolean shortage = self->error != NULL && is_shortage (self);
  gboolean listed = !(self->flags & PROCESS_START_UNLISTED_IF && shortage);

  if (self->error != NULL)
    make_message_valid (self->error);
  if (self->func != NULL)
    self->func (self->process, self->error, shortage, self->data);
  if (self->entered)
    _process_service_leave_start (self->service, self->process, &self->child, self->error, listed);
}

static void
bind_cancellable (Start *self)
{
  if (self->error == NULL && self->cancellable != NULL &&
      !process_run_options_get_detach (self->options))
    _process_life_cancel (self->process, self->cancellable);
}

ProcessManagedProcess *
_process_service_start_full (ProcessService *self, ProcessRunOptions *options,
                             ProcessStartFlags flags, GCancellable *cancellable, GError **error)
{
  g_autoptr (Start) start = start_new (self, options, flags, cancellable);
  ProcessReactor *reactor = _process_service_get_reactor (self);

  if (give_birth (start))
    {
      _process_spawn_await (&start->child);
      finish_birth (start);
    }
  _process_reactor_lock (reactor);
  leave (start);
  _process_reactor_unlock (reactor);
  _process_service_catch_up_if_owner (self);
  bind_cancellable (start);
  if (start->error == NULL)
    return g_steal_pointer (&start->process);
  g_propagate_error (error, g_steal_pointer (&start->error));
  return NULL;
}

static void
finish_later (gpointer object, gpointer data)
{
  g_autoptr (Start) self = object;

  bind_cancellable (self);
}

/* Under the lock. */
static void
stop_watching (Start *self)
{
  ProcessReactor *reactor = _process_service_get_reactor (self->service);

  _process_reactor_unwatch (reactor, &self->end);
  _process_reactor_unwatch (reactor, &self->report);
  _process_reactor_disarm (reactor, &self->timer);
  _process_reactor_let_go (reactor, &self->ward);
}

/* Under the lock. */
static void
leave_and_free (Start *self)
{
  leave (self);
  _process_reactor_call_later (_process_service_get_reactor (self->service), finish_later, self,
                               NULL);
}

/* Under the lock. */
static void
finish (Start *self)
{
  stop_watching (self);
  finish_birth (self);
  leave_and_free (self);
}

static void
channel_ready (ProcessChannel *channel, ProcessTurn turn)
{
  finish (channel->owner);
}

static void
await_and_finish (gpointer object, gpointer data)
{
  Start *self = object;
  ProcessReactor *reactor = _process_service_get_reactor (self->service);

  _process_spawn_await (&self->child);
  _process_reactor_lock (reactor);
  finish (self);
  _process_reactor_unlock (reactor);
}

/* Nobody may be there to see the report when the owner's context has gone. */
static void
orphaned_cb (ProcessWard *ward)
{
  Start *self = ward->owner;

  stop_watching (self);
  _process_reactor_call_later (_process_service_get_reactor (self->service), await_and_finish,
                               self, NULL);
}

static void
watch (Start *self, ProcessChannel *channel, int fd, guint32 events)
{
  channel->fd = fd;
  channel->func = channel_ready;
  channel->owner = self;
  _process_reactor_watch (_process_service_get_reactor (self->service), channel, events);
}

static void
timer_cb (ProcessTimer *timer)
{
  Start *self = timer->owner;

  watch (self, &self->report, self->child.report_fd, POLLHUP);
}

/* Under the lock. */
static void
start_watching (Start *self)
{
  ProcessReactor *reactor = _process_service_get_reactor (self->service);

  self->timer.func = timer_cb;
  self->timer.owner = self;
  self->ward.func = orphaned_cb;
  self->ward.owner = self;
  _process_reactor_keep (reactor, &self->ward);
  if (self->child.gone)
    finish (self);
  else if (self->child.pidfd >= 0)
    {
      watch (self, &self->end, self->child.pidfd, POLLIN);
      _process_reactor_arm (reactor, &self->timer, g_get_monotonic_time () + SOON);
    }
  else
    watch (self, &self->report, self->child.report_fd, POLLHUP);
}

void
_process_service_start_later (ProcessService *self, ProcessRunOptions *options,
                              ProcessStartFlags flags, GCancellable *cancellable,
                              ProcessStartedFunc func, gpointer user_data)
{
  Start *start = start_new (self, options, flags, cancellable);
  ProcessReactor *reactor = _process_service_get_reactor (self);
  gboolean born = FALSE;

  start->func = func;
  start->data = user_data;
  born = give_birth (start);
  _process_reactor_lock (reactor);
  if (born)
    start_watching (start);
  else
    leave_and_free (start);
  _process_reactor_unlock (reactor);
}
