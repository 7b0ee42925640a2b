/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-daemon-private.h"

#include <unistd.h>

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

#include "process-daemon-entry-private.h"
#include "process-health-server-private.h"
#include "process-registry-private.h"

/* How it works
 *
 *   stopped -> running -> stopping -> stopped
 *
 * A start is one step, and on failure undoes what it had done. A stop is two: begin_stop () tells
 * everybody and lets the health server drain, drained_cb () releases the rest and ends those who
 * wait. Between the two the main loop goes on. All of it happens in the owner's context.
 *
 * Handlers can be called by what a step does. They find the daemon `busy`, and cannot wait for that
 * step; the notifications of the daemon itself are held back until it is over.
 */

/* Takes @error over; the code is that of the first. */
static void
join_error (GError **joined,
            GError  *error)
{
  g_autoptr (GError) second = error;
  g_autofree char *message = NULL;

  if (error == NULL)
    return;
  if (*joined == NULL)
    {
      *joined = g_steal_pointer (&second);
      return;
    }

  message = g_strdup_printf ("%s; %s", (*joined)->message, second->message);
  g_free ((*joined)->message);
  (*joined)->message = g_steal_pointer (&message);
}

static void
enter_step (ProcessDaemon *self)
{
  self->busy = TRUE;
  g_object_ref (self);
  g_object_freeze_notify (G_OBJECT (self));
}

/* A handler may drop what was the last reference. */
static void
leave_step (ProcessDaemon *self)
{
  self->busy = FALSE;
  g_object_thaw_notify (G_OBJECT (self));
  g_object_unref (self);
}

static void
tell_manager (ProcessDaemon *self,
              const char    *state)
{
  g_autoptr (GError) error = NULL;

  if (self->notify != NULL && !_process_notify_send (self->notify, state, &error))
    g_debug ("%s", error->message);
}

void
_process_daemon_tell_ready (ProcessDaemon *self)
{
  if (self->state != PROCESS_DAEMON_RUNNING || self->told_ready ||
      !process_health_server_get_ready (self->server))
    return;

  self->told_ready = TRUE;
  tell_manager (self, "READY=1");
}

/* A check that takes its time must not keep the daemon. */
static gpointer
make_weak_ref (ProcessDaemon *self)
{
  GWeakRef *ref = g_new (GWeakRef, 1);

  g_weak_ref_init (ref, self);

  return ref;
}

static ProcessDaemon *
take_weak_ref (gpointer data)
{
  g_autofree GWeakRef *ref = data;
  ProcessDaemon *self = g_weak_ref_get (ref);

  g_weak_ref_clear (ref);

  return self;
}

static void
checked_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (ProcessDaemon) self = take_weak_ref (user_data);
  g_autoptr (GError) error = NULL;
  gboolean healthy =
    _process_health_server_check_finish (PROCESS_HEALTH_SERVER (object), result, &error);

  /* It was begun by a watchdog that is no more. */
  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->checking);
  if (healthy)
    tell_manager (self, "WATCHDOG=1");
  else
    g_debug ("The service manager's watchdog is not told: %s", error->message);
}

/* What is sent late because of a slow check still counts; a second run would not be faster. */
static gboolean
watchdog_cb (gpointer user_data)
{
  ProcessDaemon *self = user_data;

  if (self->checking == NULL)
    {
      self->checking = g_cancellable_new ();
      _process_health_server_check_async (self->server, self->checking, checked_cb,
                                          make_weak_ref (self));
    }

  return G_SOURCE_CONTINUE;
}

static void
start_watchdog (ProcessDaemon *self)
{
  gint64 interval = _process_notify_parse_watchdog (g_getenv ("WATCHDOG_USEC"),
                                                    g_getenv ("WATCHDOG_PID"));

  if (interval == 0)
    return;

  self->watchdog = g_timeout_source_new (CLAMP (interval / 1000, 1, G_MAXINT));
  g_source_set_static_name (self->watchdog, "[process-glib] watchdog");
  g_source_set_callback (self->watchdog, watchdog_cb, self, NULL);
  g_source_attach (self->watchdog, self->context);
}

static void
stop_watchdog (ProcessDaemon *self)
{
  g_autoptr (GCancellable) checking = g_steal_pointer (&self->checking);

  if (self->watchdog != NULL)
    g_source_destroy (self->watchdog);
  g_clear_pointer (&self->watchdog, g_source_unref);
  if (checking != NULL)
    g_cancellable_cancel (checking);
}

/* A daemon works without being heard, and so this cannot fail. */
static void
start_notify (ProcessDaemon *self)
{
  const char *address = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GError) error = NULL;

  self->told_ready = FALSE;
  if (address == NULL)
    return;

  self->notify = _process_notify_new (self->context, address, &error);
  if (self->notify != NULL)
    start_watchdog (self);
  else
    g_debug ("%s", error->message);
}

static gboolean
start_pid_file (ProcessDaemon  *self,
                GError        **error)
{
  g_autoptr (ProcessPidFile) pid_file = NULL;

  if (self->pid_path == NULL)
    return TRUE;

  pid_file = process_pid_file_new (self->pid_path);
  if (!process_pid_file_acquire (pid_file, error))
    return FALSE;

  self->held = g_steal_pointer (&pid_file);
  return TRUE;
}

static void
stop_pid_file (ProcessDaemon  *self,
               GError        **joined)
{
  g_autoptr (ProcessPidFile) held = g_steal_pointer (&self->held);
  GError *error = NULL;

  if (held != NULL && !process_pid_file_release (held, &error))
    join_error (joined, error);
}

static gboolean
start_server (ProcessDaemon  *self,
              GError        **error)
{
  if (self->health_address == NULL)
    return TRUE;

  _process_health_server_set_address (self->server, self->health_address);
  self->listening = process_health_server_start (self->server, error);

  return self->listening;
}

static char *
find_binary (void)
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);

  return path != NULL ? _process_make_valid (path, -1) : g_strdup (g_get_prgname ());
}

static gboolean
is_unset (const char *text)
{
  return text == NULL || *text == '\0';
}

static ProcessDaemonEntry *
make_entry (ProcessDaemon *self)
{
  ProcessDaemonEntry *entry = _process_daemon_entry_copy (self->registry_entry);

  process_daemon_entry_set_pid (entry, getpid ());
  if (self->listening)
    process_daemon_entry_set_health (entry, process_health_server_get_address (self->server));

  if (process_daemon_entry_get_started (entry) == NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

      process_daemon_entry_set_started (entry, now);
    }

  if (is_unset (process_daemon_entry_get_project (entry)))
    {
      g_autofree char *cwd = g_get_current_dir ();
      g_autofree char *project = _process_make_valid (cwd, -1);

      process_daemon_entry_set_project (entry, project);
    }

  if (is_unset (process_daemon_entry_get_binary (entry)))
    {
      g_autofree char *binary = find_binary ();

      process_daemon_entry_set_binary (entry, binary);
    }

  return entry;
}

static gboolean
start_registry (ProcessDaemon  *self,
                GError        **error)
{
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  if (self->registry == NULL)
    return TRUE;

  entry = make_entry (self);
  if (!process_registry_register (self->registry, entry, error))
    return FALSE;

  self->registered_in = g_object_ref (self->registry);
  self->registered = g_steal_pointer (&entry);
  return TRUE;
}

static void
stop_registry (ProcessDaemon  *self,
               GError        **joined)
{
  g_autoptr (ProcessRegistry) registry = g_steal_pointer (&self->registered_in);
  g_autoptr (ProcessDaemonEntry) entry = g_steal_pointer (&self->registered);
  GError *error = NULL;

  if (registry != NULL && !_process_registry_unregister_own (registry, entry, &error))
    join_error (joined, error);
}

/* What the health server was told about readiness stays as it was. */
static void
undo_server (ProcessDaemon *self)
{
  gboolean ready = process_health_server_get_ready (self->server);

  if (!self->listening)
    return;

  self->listening = FALSE;
  process_health_server_stop (self->server);
  process_health_server_set_ready (self->server, ready);
}

static gboolean
start_all (ProcessDaemon  *self,
           GError        **error)
{
  if (start_pid_file (self, error) && start_server (self, error) && start_registry (self, error))
    return TRUE;

  undo_server (self);
  stop_pid_file (self, error);
  return FALSE;
}

static gboolean
can_start (ProcessDaemon  *self,
           GError        **error)
{
  if (self->busy || self->state != PROCESS_DAEMON_STOPPED)
    {
      g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
                           self->state == PROCESS_DAEMON_STOPPING
                             ? "The daemon is still being stopped"
                             : "The daemon is running already");
      return FALSE;
    }

  if (self->registry != NULL && self->registry_entry == NULL)
    {
      g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                           "The daemon has a registry, but no entry to register");
      return FALSE;
    }

  return TRUE;
}

static void
become_ready_again (ProcessDaemon *self)
{
  if (g_atomic_int_compare_and_exchange (&self->rest_unready, TRUE, FALSE))
    process_health_server_set_ready (self->server, TRUE);
}

gboolean
_process_daemon_start (ProcessDaemon  *self,
                       GError        **error)
{
  g_autoptr (GError) joined = NULL;
  gboolean started;

  if (!can_start (self, error))
    return FALSE;

  enter_step (self);
  started = start_all (self, &joined);
  if (started)
    {
      become_ready_again (self);
      self->state = PROCESS_DAEMON_RUNNING;
      start_notify (self);
      _process_daemon_tell_ready (self);
      _process_daemon_notify_running (self);
      if (self->listening)
        _process_daemon_notify_address (self);
    }
  leave_step (self);

  if (!started)
    g_propagate_error (error, g_steal_pointer (&joined));
  return started;
}

static void
finish_stop (ProcessDaemon *self,
             const GError  *error)
{
  GQueue calls = self->calls;

  /* A handler may start it again, of which those who wait must not hear. */
  g_queue_init (&self->calls);
  _process_daemon_release_calls (&calls);
  g_clear_pointer (&self->notify, _process_notify_free);
  self->state = PROCESS_DAEMON_STOPPED;
  _process_daemon_notify_running (self);
  if (self->listening)
    _process_daemon_notify_address (self);
  self->listening = FALSE;
  leave_step (self);

  _process_daemon_end_calls (&calls, error);
}

static void
drained_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (ProcessDaemon) self = user_data;
  g_autoptr (GError) error = NULL;

  process_health_server_drain_finish (PROCESS_HEALTH_SERVER (object), result, &error);
  if (self->state != PROCESS_DAEMON_STOPPING)
    return;

  enter_step (self);
  stop_pid_file (self, &error);
  stop_registry (self, &error);
  finish_stop (self, error);
}

void
_process_daemon_begin_stop (ProcessDaemon *self)
{
  enter_step (self);
  self->state = PROCESS_DAEMON_STOPPING;
  g_atomic_int_set (&self->rest_unready, TRUE);
  stop_watchdog (self);
  tell_manager (self, "STOPPING=1");
  process_health_server_set_ready (self->server, FALSE);

  /* Whichever context the caller has as its own one at the moment. */
  g_main_context_push_thread_default (self->context);
  process_health_server_drain_async (self->server, self->shutdown_timeout, NULL, drained_cb,
                                     g_object_ref (self));
  g_main_context_pop_thread_default (self->context);
  leave_step (self);
}

/* At once and without a word: nobody has it any more. */
void
_process_daemon_drop (ProcessDaemon *self)
{
  g_autoptr (GError) ignored = NULL;

  if (self->state == PROCESS_DAEMON_STOPPED)
    return;

  self->state = PROCESS_DAEMON_STOPPED;
  stop_watchdog (self);
  if (self->listening)
    process_health_server_stop (self->server);
  self->listening = FALSE;
  stop_pid_file (self, &ignored);
  stop_registry (self, &ignored);
  g_clear_pointer (&self->notify, _process_notify_free);
  _process_daemon_end_calls (&self->calls, NULL);
}
