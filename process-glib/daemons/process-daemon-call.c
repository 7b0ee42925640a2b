/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-daemon-private.h"

#include <signal.h>

#include <glib-unix.h>

#include <process-glib/process-error.h>

#include "process-health-server-private.h"

/* How it works
 *
 * Whoever calls `run` or `stop`, in whatever thread, blocking or not, is a call that enters the
 * daemon in the owner's context: at once if the thread is the owner, else by a source. It is ended
 * there too, at the latest by the end of the stop. An asynchronous call ends its task; a blocking
 * one of the owner runs the main context until it is done, that of another thread waits for
 * `changed`.
 *
 * The sources of a call hold a reference; ending it destroys them.
 */

/* A signal ends every run there is in the program. */
typedef struct
{
  int              signum;
  guint            n_runs;
  struct sigaction before; /* what the program did on it */
  struct sigaction during; /* what GLib does for the sources */
} Signal;

static Signal ends[] = { { .signum = SIGTERM }, { .signum = SIGINT } };
static GMutex ends_lock;

struct _ProcessDaemonCall
{
  ProcessDaemon *daemon;      /* (owned) */
  gboolean       run;         /* else a stop */
  GCancellable  *cancellable; /* (owned) (nullable) */
  GTask         *task;        /* (owned) (nullable), for an asynchronous one */

  /* in the owner's context */
  GSource       *cancelled;   /* (owned) (nullable) */
  GSource       *ended[G_N_ELEMENTS (ends)]; /* (owned) (nullable), of a run */
  gboolean       signalled;

  GMutex         lock;
  GCond          changed;
  gboolean       done;
  GError        *error;       /* (owned) (nullable), once it is done */
};

static ProcessDaemonCall *
call_new (ProcessDaemon *daemon,
          gboolean       run,
          GCancellable  *cancellable,
          GTask         *task)
{
  ProcessDaemonCall *self = g_atomic_rc_box_new0 (ProcessDaemonCall);

  self->daemon = g_object_ref (daemon);
  self->run = run;
  g_set_object (&self->cancellable, cancellable);
  g_set_object (&self->task, task);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);

  return self;
}

static void
call_clear (gpointer data)
{
  ProcessDaemonCall *self = data;

  g_object_unref (self->daemon);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->task);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

static void
call_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, call_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessDaemonCall, call_unref)

static void
call_attach (ProcessDaemonCall *self,
             GSource           *source,
             const char        *name,
             GSourceFunc        func)
{
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, g_atomic_rc_box_acquire (self), call_unref);
  g_source_attach (source, self->daemon->context);
}

static void
destroy_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
watch_signal (Signal *self)
{
  GSource *source = NULL;

  g_mutex_lock (&ends_lock);
  if (self->n_runs++ == 0)
    sigaction (self->signum, NULL, &self->before);
  source = g_unix_signal_source_new (self->signum);
  sigaction (self->signum, NULL, &self->during);
  g_mutex_unlock (&ends_lock);
  g_source_set_priority (source, G_PRIORITY_HIGH);

  return source;
}

/* GLib leaves a signal at its default when its last source goes, whatever was there before. */
static void
unwatch_signal (Signal   *self,
                GSource **source)
{
  struct sigaction after;

  if (*source == NULL)
    return;

  g_mutex_lock (&ends_lock);
  destroy_source (source);
  if (--self->n_runs == 0 && self->before.sa_handler != self->during.sa_handler &&
      sigaction (self->signum, NULL, &after) == 0 && after.sa_handler == SIG_DFL)
    sigaction (self->signum, &self->before, NULL);
  g_mutex_unlock (&ends_lock);
}

static void
call_release (ProcessDaemonCall *self)
{
  destroy_source (&self->cancelled);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    unwatch_signal (&ends[i], &self->ended[i]);
}

/* Is not to be called twice. */
static void
call_end (ProcessDaemonCall *self,
          const GError      *error)
{
  call_release (self);

  if (self->task != NULL && error != NULL)
    g_task_return_error (self->task, g_error_copy (error));
  else if (self->task != NULL)
    g_task_return_boolean (self->task, TRUE);

  g_mutex_lock (&self->lock);
  self->done = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  ProcessDaemonCall *self = user_data;
  ProcessDaemon *daemon = self->daemon;
  g_autoptr (GError) error = NULL;

  if (self->run)
    {
      destroy_source (&self->cancelled);
      if (daemon->state == PROCESS_DAEMON_RUNNING)
        _process_daemon_begin_stop (daemon);
    }
  else
    {
      g_queue_remove (&daemon->calls, self);
      g_cancellable_set_error_if_cancelled (cancellable, &error);
      call_end (self, error);
      call_unref (self);
    }

  return G_SOURCE_REMOVE;
}

static gboolean
signalled_cb (gpointer user_data)
{
  ProcessDaemonCall *self = user_data;
  ProcessDaemon *daemon = self->daemon;

  if (daemon->state == PROCESS_DAEMON_RUNNING)
    _process_daemon_begin_stop (daemon);
  else if (self->signalled)
    _process_health_server_hurry (daemon->server);
  self->signalled = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
call_watch (ProcessDaemonCall *self)
{
  if (self->cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (self->cancellable);
      call_attach (self, self->cancelled, "[process-glib] cancelled", G_SOURCE_FUNC (cancelled_cb));
    }

  for (gsize i = 0; self->run && i < G_N_ELEMENTS (ends); i++)
    {
      self->ended[i] = watch_signal (&ends[i]);
      call_attach (self, self->ended[i], "[process-glib] signal", signalled_cb);
    }
}

static gboolean
is_run (ProcessDaemon *daemon)
{
  for (GList *each = daemon->calls.head; each != NULL; each = each->next)
    if (((ProcessDaemonCall *) each->data)->run)
      return TRUE;

  return FALSE;
}

static gboolean
can_enter (ProcessDaemonCall  *self,
           GError            **error)
{
  ProcessDaemon *daemon = self->daemon;

  if (self->run && daemon->state == PROCESS_DAEMON_STOPPED)
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING,
                         "The daemon was not started");
  else if (self->run && is_run (daemon))
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
                         "The daemon is in another run already");
  else
    return TRUE;

  return FALSE;
}

static gboolean
enter_cb (gpointer user_data)
{
  ProcessDaemonCall *self = user_data;
  ProcessDaemon *daemon = self->daemon;
  g_autoptr (GError) error = NULL;

  /* A handler runs the main loop within a step, after which it is clear what to do. */
  if (daemon->busy)
    return G_SOURCE_CONTINUE;

  if (!can_enter (self, &error) || daemon->state == PROCESS_DAEMON_STOPPED)
    {
      call_end (self, error);
      return G_SOURCE_REMOVE;
    }

  g_queue_push_tail (&daemon->calls, g_atomic_rc_box_acquire (self));
  call_watch (self);
  if (!self->run && daemon->state == PROCESS_DAEMON_RUNNING)
    _process_daemon_begin_stop (daemon);

  return G_SOURCE_REMOVE;
}

static void
enter_later (ProcessDaemonCall *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  call_attach (self, source, "[process-glib] call", enter_cb);
}

/* The owner is the thread that runs the context, or made the daemon, while nobody else runs it. */
static gboolean
become_owner (ProcessDaemon *daemon)
{
  if (!g_main_context_is_owner (daemon->context) && g_thread_self () != daemon->creator)
    return FALSE;
  if (!g_main_context_acquire (daemon->context))
    return FALSE;

  g_main_context_push_thread_default (daemon->context);
  return TRUE;
}

static void
leave_owner (ProcessDaemon *daemon)
{
  g_main_context_pop_thread_default (daemon->context);
  g_main_context_release (daemon->context);
}

static void
call_run_loop (ProcessDaemonCall *self)
{
  enter_cb (self);
  while (!self->done)
    g_main_context_iteration (self->daemon->context, TRUE);
}

static void
call_wait (ProcessDaemonCall *self)
{
  enter_later (self);
  g_mutex_lock (&self->lock);
  while (!self->done)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

gboolean
_process_daemon_call (ProcessDaemon  *self,
                      gboolean        run,
                      GCancellable   *cancellable,
                      GError        **error)
{
  g_autoptr (ProcessDaemonCall) call = call_new (self, run, cancellable, NULL);

  if (!become_owner (self))
    {
      call_wait (call);
    }
  else if (self->busy)
    {
      call->error = g_error_new (PROCESS_ERROR, PROCESS_ERROR_FAILED,
                                 "A handler cannot wait for the step of the daemon that called it");
      leave_owner (self);
    }
  else
    {
      call_run_loop (call);
      leave_owner (self);
    }

  if (call->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&call->error));
  return FALSE;
}

void
_process_daemon_call_async (ProcessDaemon *self,
                            gboolean       run,
                            GCancellable  *cancellable,
                            GTask         *task)
{
  g_autoptr (ProcessDaemonCall) call = call_new (self, run, cancellable, task);

  if (!become_owner (self))
    {
      enter_later (call);
      return;
    }

  if (enter_cb (call) == G_SOURCE_CONTINUE)
    enter_later (call);
  leave_owner (self);
}

void
_process_daemon_release_calls (GQueue *calls)
{
  for (GList *each = calls->head; each != NULL; each = each->next)
    call_release (each->data);
}

void
_process_daemon_end_calls (GQueue       *calls,
                           const GError *error)
{
  ProcessDaemonCall *call = NULL;

  while ((call = g_queue_pop_head (calls)) != NULL)
    {
      call_end (call, error);
      call_unref (call);
    }
}
