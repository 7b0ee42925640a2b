/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-daemon.h"

#include "process-daemon-private.h"
#include "process-health-server-private.h"

#define DEFAULT_SHUTDOWN_TIMEOUT (30 * G_TIME_SPAN_SECOND)

#define PROPERTY_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

/**
 * ProcessDaemon:
 *
 * Makes a program a good daemon: one instance, healthy, ready, registered, and gone for good.
 *
 * [method@Process.Daemon.start] takes the PID file, starts the health server and writes an entry
 * into the registry, as far as [property@Process.Daemon:pid-file],
 * [property@Process.Daemon:health-address] and [property@Process.Daemon:registry] with
 * [property@Process.Daemon:registry-entry] are set; it is all of it or nothing.
 * [method@Process.Daemon.run] then lasts until `SIGTERM` or `SIGINT` comes, or until it is
 * cancelled, and undoes it. [method@Process.Daemon.stop] is for programs that end themselves.
 * A daemon that was stopped may start again.
 *
 * ```c
 * g_autoptr (ProcessDaemon) daemon = process_daemon_new ();
 *
 * process_daemon_set_pid_file (daemon, "/run/example/example.pid");
 * process_daemon_set_health_address (daemon, "127.0.0.1:8080");
 * if (!process_daemon_start (daemon, &error) || !process_daemon_run (daemon, NULL, &error))
 *   g_printerr ("%s\n", error->message);
 * ```
 *
 * **Service managers.** Where `$NOTIFY_SOCKET` is set at the start, the manager is told, as
 * [sd_notify(3)](https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html) says:
 * `READY=1` when the daemon has started and is [property@Process.Daemon:ready], `STOPPING=1` when
 * a stop begins. With `$WATCHDOG_USEC`, unless `$WATCHDOG_PID` means another process, the checks
 * run whenever half of that time has passed, and `WATCHDOG=1` is sent if they pass. The socket may
 * be a path or, after `@`, an abstract name. What cannot be sent is only logged as a debug
 * message. The variables stay as they are, so that programs started by the daemon inherit them.
 *
 * A signal that comes between the start and `run` ends the program as if there were no daemon, and
 * what it leaves behind is seen to be stale by the next start: call `run` right after the start.
 *
 * **Threads.** A daemon belongs to the main context that was the thread's default when it was
 * created. All methods belong to the thread that runs this context, and all callbacks and
 * notifications come there; but `run`, `stop`, their asynchronous forms,
 * [property@Process.Daemon:ready] and what adds and removes checks can be used in any thread.
 *
 * A blocking `run` or `stop` stands for the program's main loop: in the owning thread it runs the
 * main context, whatever is in it, until it is done. In another thread it waits until the owner,
 * whose main loop must run, has done it. The callback of an asynchronous call comes in the main
 * context that was the default of the calling thread.
 *
 * **Ownership.** A daemon that was started is not kept alive by it. The last reference, to be
 * dropped in the owning thread, releases everything at once, without draining, without
 * notifications and without errors. While `run` or `stop` goes on, that holds a reference.
 *
 * What it does not do: it does not fork, change the working directory, the umask or the user, or
 * write a log; that is for the service manager, or for the program.
 *
 * Guide: [Daemons](daemons.html).
 */

typedef enum
{
  PROP_PID_FILE = 1,
  PROP_SHUTDOWN_TIMEOUT,
  PROP_HEALTH_ADDRESS,
  PROP_REGISTRY,
  PROP_REGISTRY_ENTRY,
  PROP_READY,
  PROP_RUNNING,
} ProcessDaemonProperty;

#define N_PROPERTIES (PROP_RUNNING + 1)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessDaemon, process_daemon, G_TYPE_OBJECT)

/* An empty text is none. */
static void
set_text (ProcessDaemon          *self,
          char                  **field,
          const char             *value,
          ProcessDaemonProperty   property)
{
  g_autofree char *old = NULL;

  if (value != NULL && *value == '\0')
    value = NULL;
  if (g_strcmp0 (*field, value) == 0)
    return;

  old = g_steal_pointer (field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
ready_cb (ProcessDaemon *self)
{
  _process_daemon_tell_ready (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
}

void
_process_daemon_notify_running (ProcessDaemon *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

void
_process_daemon_notify_address (ProcessDaemon *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HEALTH_ADDRESS]);
}

static void
process_daemon_dispose (GObject *object)
{
  ProcessDaemon *self = PROCESS_DAEMON (object);

  g_signal_handlers_disconnect_by_data (self->server, self);
  _process_daemon_drop (self);

  G_OBJECT_CLASS (process_daemon_parent_class)->dispose (object);
}

static void
process_daemon_finalize (GObject *object)
{
  ProcessDaemon *self = PROCESS_DAEMON (object);

  g_object_unref (self->server);
  g_clear_object (&self->registry);
  g_clear_object (&self->registry_entry);
  g_free (self->pid_path);
  g_free (self->health_address);
  g_thread_unref (self->creator);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (process_daemon_parent_class)->finalize (object);
}

static void
process_daemon_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ProcessDaemon *self = PROCESS_DAEMON (object);

  switch ((ProcessDaemonProperty) prop_id)
    {
    case PROP_PID_FILE:
      g_value_set_string (value, process_daemon_get_pid_file (self));
      break;
    case PROP_SHUTDOWN_TIMEOUT:
      g_value_set_int64 (value, process_daemon_get_shutdown_timeout (self));
      break;
    case PROP_HEALTH_ADDRESS:
      g_value_set_string (value, process_daemon_get_health_address (self));
      break;
    case PROP_REGISTRY:
      g_value_set_object (value, process_daemon_get_registry (self));
      break;
    case PROP_REGISTRY_ENTRY:
      g_value_set_object (value, process_daemon_get_registry_entry (self));
      break;
    case PROP_READY:
      g_value_set_boolean (value, process_daemon_get_ready (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, process_daemon_get_running (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_daemon_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ProcessDaemon *self = PROCESS_DAEMON (object);

  switch ((ProcessDaemonProperty) prop_id)
    {
    case PROP_PID_FILE:
      process_daemon_set_pid_file (self, g_value_get_string (value));
      break;
    case PROP_SHUTDOWN_TIMEOUT:
      process_daemon_set_shutdown_timeout (self, g_value_get_int64 (value));
      break;
    case PROP_HEALTH_ADDRESS:
      process_daemon_set_health_address (self, g_value_get_string (value));
      break;
    case PROP_REGISTRY:
      process_daemon_set_registry (self, g_value_get_object (value));
      break;
    case PROP_REGISTRY_ENTRY:
      process_daemon_set_registry_entry (self, g_value_get_object (value));
      break;
    case PROP_READY:
      process_daemon_set_ready (self, g_value_get_boolean (value));
      break;
    case PROP_RUNNING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_daemon_class_init (ProcessDaemonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = process_daemon_dispose;
  object_class->finalize = process_daemon_finalize;
  object_class->get_property = process_daemon_get_property;
  object_class->set_property = process_daemon_set_property;

  /**
   * ProcessDaemon:pid-file: (type filename)
   *
   * The path of the PID file, or %NULL for none; see [class@Process.PidFile].
   *
   * Read at the start. An empty path is read back as %NULL.
   */
  properties[PROP_PID_FILE] = g_param_spec_string ("pid-file", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessDaemon:shutdown-timeout:
   *
   * How long a stop lets the health server finish its answers, in microseconds.
   *
   * What is not above 0 stands for 30 seconds, and is read back so. Read when a stop begins.
   */
  properties[PROP_SHUTDOWN_TIMEOUT] =
    g_param_spec_int64 ("shutdown-timeout", NULL, NULL, G_MININT64, G_MAXINT64,
                        DEFAULT_SHUTDOWN_TIMEOUT, PROPERTY_FLAGS);

  /**
   * ProcessDaemon:health-address:
   *
   * Where the health server listens, or %NULL for no health server.
   *
   * The addresses are those of [property@Process.HealthServer:address]. While the daemon runs, the
   * address is read back as it was bound, port included. A change takes effect at the next start,
   * and an empty address is read back as %NULL.
   */
  properties[PROP_HEALTH_ADDRESS] =
    g_param_spec_string ("health-address", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessDaemon:registry:
   *
   * Where the daemon is registered while it runs, or %NULL for nowhere.
   *
   * Read at the start, which fails when there is a registry, but no
   * [property@Process.Daemon:registry-entry].
   */
  properties[PROP_REGISTRY] =
    g_param_spec_object ("registry", NULL, NULL, PROCESS_TYPE_REGISTRY, PROPERTY_FLAGS);

  /**
   * ProcessDaemon:registry-entry:
   *
   * What the daemon is registered as; without a [property@Process.Daemon:registry] it is not looked
   * at.
   *
   * The start fills a copy of it in: the process identifier is always the own one; the address of
   * the health server is that which was bound, if there is one; the time of the start, the project
   * (the working directory) and the binary (the file of this program) only where they are not set.
   */
  properties[PROP_REGISTRY_ENTRY] =
    g_param_spec_object ("registry-entry", NULL, NULL, PROCESS_TYPE_DAEMON_ENTRY, PROPERTY_FLAGS);

  /**
   * ProcessDaemon:ready:
   *
   * Whether `/ready` is answered with yes; initially %TRUE.
   *
   * A daemon that has to prepare itself sets it to %FALSE before it starts, and to %TRUE later;
   * only then a service manager is told `READY=1`, once a start. A stop sets it to %FALSE, and the
   * start after that to %TRUE again unless it was set meanwhile.
   */
  properties[PROP_READY] =
    g_param_spec_boolean ("ready", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ProcessDaemon:running:
   *
   * Whether the daemon was started; %FALSE when a stop has ended, not when it begins.
   */
  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_daemon_init (ProcessDaemon *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->creator = g_thread_ref (g_thread_self ());
  self->server = process_health_server_new (NULL);
  self->shutdown_timeout = DEFAULT_SHUTDOWN_TIMEOUT;
  g_queue_init (&self->calls);
  g_signal_connect_swapped (self->server, "notify::ready", G_CALLBACK (ready_cb), self);
}

/**
 * process_daemon_new:
 *
 * Makes a daemon that has no PID file, no health server and no registry yet.
 *
 * Returns: (transfer full): a new daemon
 */
ProcessDaemon *
process_daemon_new (void)
{
  return g_object_new (PROCESS_TYPE_DAEMON, NULL);
}

/**
 * process_daemon_get_pid_file:
 * @self: a daemon
 *
 * Gets the path of the PID file.
 *
 * Returns: (type filename) (nullable): a path, or %NULL for none
 */
const char *
process_daemon_get_pid_file (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), NULL);

  return self->pid_path;
}

/**
 * process_daemon_set_pid_file:
 * @self: a daemon
 * @pid_file: (type filename) (nullable): a path; %NULL or an empty one for none
 *
 * Sets the path of the PID file that the next start takes.
 */
void
process_daemon_set_pid_file (ProcessDaemon *self,
                             const char    *pid_file)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));

  set_text (self, &self->pid_path, pid_file, PROP_PID_FILE);
}

/**
 * process_daemon_get_shutdown_timeout:
 * @self: a daemon
 *
 * Gets how long a stop lets the health server finish its answers.
 *
 * Returns: microseconds, above 0
 */
gint64
process_daemon_get_shutdown_timeout (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), 0);

  return self->shutdown_timeout;
}

/**
 * process_daemon_set_shutdown_timeout:
 * @self: a daemon
 * @timeout: microseconds; what is not above 0 stands for 30 seconds
 *
 * Sets how long a stop lets the health server finish its answers.
 */
void
process_daemon_set_shutdown_timeout (ProcessDaemon *self,
                                     gint64         timeout)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));

  if (timeout <= 0)
    timeout = DEFAULT_SHUTDOWN_TIMEOUT;
  if (self->shutdown_timeout == timeout)
    return;

  self->shutdown_timeout = timeout;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHUTDOWN_TIMEOUT]);
}

/**
 * process_daemon_get_health_address:
 * @self: a daemon
 *
 * Gets where the health server listens, or will listen.
 *
 * Returns: (nullable): the address as it was bound while the daemon runs, else as it was set;
 *   %NULL for no health server
 */
const char *
process_daemon_get_health_address (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), NULL);

  if (self->state == PROCESS_DAEMON_STOPPED)
    return self->health_address;

  return self->listening ? process_health_server_get_address (self->server) : NULL;
}

/**
 * process_daemon_set_health_address:
 * @self: a daemon
 * @address: (nullable): an address; %NULL or an empty one for no health server
 *
 * Sets where the health server listens after the next start.
 */
void
process_daemon_set_health_address (ProcessDaemon *self,
                                   const char    *address)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));

  set_text (self, &self->health_address, address, PROP_HEALTH_ADDRESS);
}

/**
 * process_daemon_get_registry:
 * @self: a daemon
 *
 * Gets where the daemon is registered while it runs.
 *
 * Returns: (transfer none) (nullable): a registry, or %NULL for nowhere
 */
ProcessRegistry *
process_daemon_get_registry (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), NULL);

  return self->registry;
}

/**
 * process_daemon_set_registry:
 * @self: a daemon
 * @registry: (nullable): a registry, or %NULL for nowhere
 *
 * Sets where the next start registers the daemon.
 */
void
process_daemon_set_registry (ProcessDaemon   *self,
                             ProcessRegistry *registry)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));
  g_return_if_fail (registry == NULL || PROCESS_IS_REGISTRY (registry));

  if (g_set_object (&self->registry, registry))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGISTRY]);
}

/**
 * process_daemon_get_registry_entry:
 * @self: a daemon
 *
 * Gets what the daemon is registered as.
 *
 * Returns: (transfer none) (nullable): the entry as it was set, not the copy that a start filled in
 */
ProcessDaemonEntry *
process_daemon_get_registry_entry (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), NULL);

  return self->registry_entry;
}

/**
 * process_daemon_set_registry_entry:
 * @self: a daemon
 * @entry: (nullable): an entry
 *
 * Sets what the next start registers the daemon as.
 *
 * See [property@Process.Daemon:registry-entry] for what a start fills in.
 */
void
process_daemon_set_registry_entry (ProcessDaemon      *self,
                                   ProcessDaemonEntry *entry)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));
  g_return_if_fail (entry == NULL || PROCESS_IS_DAEMON_ENTRY (entry));

  if (g_set_object (&self->registry_entry, entry))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGISTRY_ENTRY]);
}

/**
 * process_daemon_get_ready:
 * @self: a daemon
 *
 * Gets whether the daemon is ready.
 *
 * Returns: %TRUE if it is
 */
gboolean
process_daemon_get_ready (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);

  return process_health_server_get_ready (self->server);
}

/**
 * process_daemon_set_ready:
 * @self: a daemon
 * @ready: whether it is
 *
 * Sets whether the daemon is ready.
 *
 * That is what `/ready` answers. The first time that a daemon that has started is ready, a service
 * manager is told, too.
 */
void
process_daemon_set_ready (ProcessDaemon *self,
                          gboolean       ready)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));

  g_atomic_int_set (&self->rest_unready, FALSE);
  process_health_server_set_ready (self->server, ready);
}

/**
 * process_daemon_get_running:
 * @self: a daemon
 *
 * Gets whether the daemon was started.
 *
 * Returns: %TRUE if it was, until a stop has ended
 */
gboolean
process_daemon_get_running (ProcessDaemon *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);

  return self->state != PROCESS_DAEMON_STOPPED;
}

/**
 * process_daemon_add_health_check:
 * @self: a daemon
 * @name: what the check is called in answers
 * @func: (scope notified) (closure user_data) (destroy destroy): the check
 * @user_data: data for @func
 * @destroy: (nullable): releases @user_data
 * @error: return location for an error
 *
 * Adds a check that must pass for the daemon to be healthy.
 *
 * See [method@Process.HealthServer.add_check]. Without a health server the checks are for the
 * watchdog of a service manager.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT when @name is empty, or taken.
 *
 * Returns: an identifier for [method@Process.Daemon.remove_health_check], or 0 on failure
 */
guint
process_daemon_add_health_check (ProcessDaemon           *self,
                                 const char              *name,
                                 ProcessHealthCheckFunc   func,
                                 gpointer                 user_data,
                                 GDestroyNotify           destroy,
                                 GError                 **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), 0);
  g_return_val_if_fail (name != NULL && func != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return process_health_server_add_check (self->server, name, func, user_data, destroy, error);
}

/**
 * process_daemon_add_async_health_check:
 * @self: a daemon
 * @name: what the check is called in answers
 * @func: (scope notified) (closure user_data) (destroy destroy): begins the check
 * @timeout: how long it may take, in microseconds; 0 for 5 seconds
 * @user_data: data for @func
 * @destroy: (nullable): releases @user_data
 * @error: return location for an error
 *
 * Adds a check that takes its time.
 *
 * See [method@Process.HealthServer.add_async_check]. The server that @func gets is the one inside
 * of the daemon.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT when @name is empty, or taken.
 *
 * Returns: an identifier for [method@Process.Daemon.remove_health_check], or 0 on failure
 */
guint
process_daemon_add_async_health_check (ProcessDaemon                *self,
                                       const char                   *name,
                                       ProcessHealthAsyncCheckFunc   func,
                                       gint64                        timeout,
                                       gpointer                      user_data,
                                       GDestroyNotify                destroy,
                                       GError                      **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), 0);
  g_return_val_if_fail (name != NULL && func != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return process_health_server_add_async_check (self->server, name, func, timeout, user_data,
                                                destroy, error);
}

/**
 * process_daemon_remove_health_check:
 * @self: a daemon
 * @id: what adding it returned
 *
 * Removes a check, and releases its data.
 *
 * An identifier that is not known, or not any more, is ignored.
 */
void
process_daemon_remove_health_check (ProcessDaemon *self,
                                    guint          id)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));

  process_health_server_remove_check (self->server, id);
}

/**
 * process_daemon_start:
 * @self: a daemon
 * @error: return location for an error
 *
 * Takes the PID file, starts the health server and registers the daemon, in this order.
 *
 * When a step fails, those before it are undone; what fails in that is added to the message of the
 * error, which keeps the code of the first. Then [property@Process.Daemon:running] is notified,
 * and a service manager is told when the daemon is [property@Process.Daemon:ready].
 *
 * Fails with %PROCESS_ERROR_ALREADY_RUNNING when this daemon was started and has not stopped yet,
 * or when another process has the PID file; with %PROCESS_ERROR_INVALID_ARGUMENT when the address
 * of the health server is none, or when there is a registry without an entry; and with the errors
 * of the system, like %G_IO_ERROR_ADDRESS_IN_USE.
 *
 * Returns: %TRUE if it has started
 */
gboolean
process_daemon_start (ProcessDaemon  *self,
                      GError        **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _process_daemon_start (self, error);
}

static void
call_async (ProcessDaemon       *self,
            gboolean             run,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data,
            gpointer             source_tag)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  _process_daemon_call_async (self, run, cancellable, task);
}

static gboolean
call_finish (ProcessDaemon  *self,
             GAsyncResult   *result,
             gpointer        source_tag,
             GError        **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * process_daemon_run:
 * @self: a daemon
 * @cancellable: (nullable): to stop the daemon
 * @error: return location for an error
 *
 * Waits until the daemon is to stop, and stops it, as [method@Process.Daemon.stop] does.
 *
 * That is when `SIGTERM` or `SIGINT` comes, when @cancellable is cancelled, or when it is stopped
 * otherwise. Of the signals the first stops the daemon; another one while it stops closes what the
 * health server still has to answer. Before it returns, what the program does on these signals is
 * set back to what it was. When @cancellable is cancelled already, the daemon is stopped at once.
 *
 * In the owning thread this runs the main context, and with it all that the program has in there.
 * In another thread it waits for the owner, whose main loop must run.
 *
 * Fails with %PROCESS_ERROR_NOT_RUNNING when the daemon was not started, with
 * %PROCESS_ERROR_ALREADY_RUNNING when there is another run, with %PROCESS_ERROR_FAILED when it is
 * called in a handler of the very start or stop that it would have to wait for, and with the
 * errors of [method@Process.Daemon.stop]. That it was cancelled is no error.
 *
 * Returns: %TRUE if the daemon stopped without an error
 */
gboolean
process_daemon_run (ProcessDaemon  *self,
                    GCancellable   *cancellable,
                    GError        **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _process_daemon_call (self, TRUE, cancellable, error);
}

/**
 * process_daemon_run_async:
 * @self: a daemon
 * @cancellable: (nullable): to stop the daemon
 * @callback: (scope async) (closure user_data): called when it has stopped
 * @user_data: data for @callback
 *
 * Waits until the daemon is to stop, and stops it, like [method@Process.Daemon.run], without
 * running a main context.
 *
 * That is for programs with a main loop, an application of GTK for example.
 */
void
process_daemon_run_async (ProcessDaemon       *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  call_async (self, TRUE, cancellable, callback, user_data, process_daemon_run_async);
}

/**
 * process_daemon_run_finish:
 * @self: a daemon
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [method@Process.Daemon.run_async].
 *
 * Its errors are those of [method@Process.Daemon.run]. That it was cancelled is no error.
 *
 * Returns: %TRUE if the daemon stopped without an error
 */
gboolean
process_daemon_run_finish (ProcessDaemon  *self,
                           GAsyncResult   *result,
                           GError        **error)
{
  return call_finish (self, result, process_daemon_run_async, error);
}

/**
 * process_daemon_stop:
 * @self: a daemon
 * @error: return location for an error
 *
 * Undoes what the start did.
 *
 * A service manager is told, [property@Process.Daemon:ready] becomes %FALSE, the health server
 * finishes its answers for at most [property@Process.Daemon:shutdown-timeout] and closes, the PID
 * file is released, and the entry is taken out of the registry if it is still that of this daemon;
 * in this order, and each also when one before it failed. Then
 * [property@Process.Daemon:running] is notified.
 *
 * A daemon that does not run is stopped already, and whoever asks for it while it is being stopped
 * waits for the same stop.
 *
 * In the owning thread this runs the main context, and with it all that the program has in there.
 * In another thread it waits for the owner, whose main loop must run.
 *
 * Fails with the error of the first step that failed, whose message has those of the others, too;
 * with %PROCESS_ERROR_TIMED_OUT when the health server had to leave an answer unfinished. The
 * daemon has stopped all the same. It also fails with %PROCESS_ERROR_FAILED when it is called in a
 * handler of the very start or stop that it would have to wait for.
 *
 * Returns: %TRUE if the daemon stopped without an error
 */
gboolean
process_daemon_stop (ProcessDaemon  *self,
                     GError        **error)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _process_daemon_call (self, FALSE, NULL, error);
}

/**
 * process_daemon_stop_async:
 * @self: a daemon
 * @cancellable: (nullable): ends this call, but not the stop
 * @callback: (scope async) (closure user_data): called when it has stopped
 * @user_data: data for @callback
 *
 * Undoes what the start did, like [method@Process.Daemon.stop], without running a main context.
 */
void
process_daemon_stop_async (ProcessDaemon       *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (PROCESS_IS_DAEMON (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  call_async (self, FALSE, cancellable, callback, user_data, process_daemon_stop_async);
}

/**
 * process_daemon_stop_finish:
 * @self: a daemon
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [method@Process.Daemon.stop_async].
 *
 * Its errors are those of [method@Process.Daemon.stop], and %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the daemon stopped without an error
 */
gboolean
process_daemon_stop_finish (ProcessDaemon  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  return call_finish (self, result, process_daemon_stop_async, error);
}
