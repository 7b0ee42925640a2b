/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-server-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <process-glib/daemons/process-health-connection-private.h>
#include <process-glib/daemons/process-health-listener-private.h>
#include <process-glib/process-error.h>

/**
 * ProcessHealthServer:
 *
 * Tells over HTTP whether the program is healthy, and whether it is ready.
 *
 * ```c
 * g_autoptr (ProcessHealthServer) server = process_health_server_new ("8080");
 *
 * if (!process_health_server_add_check (server, "database", check_database, db, NULL, &error) ||
 *     !process_health_server_start (server, &error))
 *   return FALSE;
 * ```
 *
 * | `GET` or `HEAD` | 200 | 503 |
 * |---|---|---|
 * | `/health`, `/livez` | `ok` if all checks pass | `unhealthy: NAME: MESSAGE` of one that fails |
 * | `/ready`, `/readyz` | `ready` if [property@Process.HealthServer:ready] | `not ready` |
 *
 * With `?verbose` a line for each check comes before that: `[+]NAME ok` or `[-]NAME failed:
 * MESSAGE`. `?exclude=NAME`, which may be there more than once, leaves a check out. A request
 * whose `Accept` field prefers `application/health+json` gets the JSON of the draft
 * “Health Check Response Format for HTTP APIs” (draft-inadarei-api-health-check-06): `status` is
 * `pass`, `fail`, or `warn` when the program is healthy and not ready; each of `checks` has its
 * `time`, and as `observedValue` how many milliseconds it took.
 *
 * # Addresses
 *
 * | address | listens on |
 * |---|---|
 * | `host:port`, `[v6]:port` | that address; of a name, the first that it has |
 * | `:port`, `port` | 127.0.0.1 |
 * | `*:port` | every interface |
 * | `unix:path` | a Unix socket with mode 0600; one that nobody answers is replaced |
 *
 * Port 0 is any that is free. Who can reach the port can ask: there is no encryption and no
 * password. On a loopback address a request has to name an IP address, `localhost` or the
 * configured name as its `Host`, so that a page in a browser cannot come in under a name of its
 * own; others get 421.
 *
 * # Limits
 *
 * A request head of 8 KiB (else 431), a target of 2 KiB (414), no body (413), 5 s for a head
 * to come (408), 15 s between requests, 256 connections (503). What RFC 9112 does not allow is
 * refused with 400, other versions than HTTP/1 with 505, other paths with 404, other methods with
 * 405. When the program is out of descriptors, clients wait until there are some again.
 *
 * # Checks
 *
 * A check is a function that answers at once, one that answers later, or a status that the
 * program sets itself. They run side by side when somebody asks, and whoever asks meanwhile gets
 * the answers of the same run. A check that takes longer than its time (5 s unless it has its own)
 * has failed.
 *
 * # Threads
 *
 * The server belongs to the thread-default main context of its creation. It is served there, and
 * checks and `notify` are called there, so that a program whose main loop hangs does not answer.
 * All methods may be called from any thread. Whoever starts a server has to keep it: with the last
 * reference it stops.
 *
 * Guide: [Health](health.html).
 */

/* How it works
 *
 * listener → desk → connection → parser → checks → answer, each a file.
 * The listening sockets and the connections are channels of a reactor, which
 * is one GSource, and its lock guards all of this. Checks are called without it.
 *
 * The reactor does not keep the server, so that a forgotten server ends.
 */

/* So many are accepted before others get their turn. */
#define ACCEPT_AT_ONCE 64
/* How long to wait for descriptors, or whatever else there is not. */
#define ACCEPT_PAUSE (100 * G_TIME_SPAN_MILLISECOND)

struct _ProcessHealthServer
{
  GObject parent_instance;

  char                  *configured; /* (owned), never changes */
  GMainContext          *context;    /* (owned) */
  ProcessReactor        *reactor;    /* (owned), its lock guards what follows */

  ProcessHealthChecks   *checks;     /* (owned) */
  ProcessHealthDesk      desk;
  ProcessHealthListener *listener;   /* (owned) (nullable), NULL while it does not listen */
  GArray                *doors;      /* of ProcessChannel: its sockets */
  ProcessTimer           pause;      /* of accepting */
  char                  *bound;      /* (owned) (nullable), NULL = not running */
  gboolean               starting;   /* a thread is in process_health_server_start () */
  gboolean               restarted;  /* a start makes it ready */

  GPtrArray             *drains;     /* of GTask (owned), that wait for the end */
  ProcessTimer           drain_timer;

  guint                  changed;    /* a bit for each property that is to be notified */
  ProcessErrand          notifier;
};

typedef enum
{
  PROP_ADDRESS = 1,
  PROP_READY,
  PROP_RUNNING,
} ProcessHealthServerProperty;

#define N_PROPERTIES (PROP_RUNNING + 1)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessHealthServer, process_health_server, G_TYPE_OBJECT)

/* Under the lock. It is told by the next catch_up (), or by the owner's main loop. */
static void
set_changed (ProcessHealthServer *self, ProcessHealthServerProperty property)
{
  self->changed |= 1u << property;
  _process_reactor_add_errand (self->reactor, &self->notifier);
}

/* The address is another one if the system chose the port, or it was written otherwise. */
static void
set_running_changed (ProcessHealthServer *self)
{
  if (strcmp (self->bound, self->configured) != 0)
    set_changed (self, PROP_ADDRESS);
  set_changed (self, PROP_RUNNING);
}

/* In the owner, not under the lock. */
static void
notify_changed (ProcessHealthServer *self)
{
  guint changed;

  _process_reactor_lock (self->reactor);
  changed = self->changed;
  self->changed = 0;
  _process_reactor_drop_errand (self->reactor, &self->notifier);
  _process_reactor_unlock (self->reactor);

  for (guint i = 1; i < N_PROPERTIES; i++)
    if ((changed & 1u << i) != 0)
      g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

static void
notifier_cb (ProcessErrand *errand)
{
  ProcessHealthServer *self = g_object_ref (errand->owner);
  ProcessReactor *reactor = self->reactor;

  _process_reactor_unlock (reactor);
  notify_changed (self);
  _process_reactor_lock (reactor);
  _process_reactor_unref_later (reactor, self);
}

/* Unlocks, and in the owner's thread tells what has changed at once. Whoever hears of it may drop
 * the last reference. */
static void
unlock (ProcessHealthServer *self)
{
  g_autoptr (ProcessHealthServer) changed = self->changed != 0 ? g_object_ref (self) : NULL;

  _process_reactor_unlock (self->reactor);
  if (changed == NULL || !_process_reactor_enter_owner (self->reactor))
    return;
  notify_changed (self);
  _process_reactor_leave_owner (self->reactor);
}

static ProcessChannel *
get_door (ProcessHealthServer *self, guint index)
{
  return &g_array_index (self->doors, ProcessChannel, index);
}

static void
free_listener (gpointer object, gpointer data)
{
  _process_health_listener_free (object);
}

/* The descriptors stay those of the listener. */
static void
shut_doors (ProcessHealthServer *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    _process_reactor_unwatch (self->reactor, get_door (self, i));
}

static void
open_doors (ProcessHealthServer *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    _process_reactor_watch (self->reactor, get_door (self, i), POLLIN);
}

static void
pause_cb (ProcessTimer *timer)
{
  open_doors (timer->owner);
}

/* Whether it is over with this connection, or with this call. Others, such as a shortage, would
 * come again at once. */
static gboolean
is_passing (int code)
{
  return code == ECONNABORTED || code == EINTR;
}

/* FALSE when there are no more. */
static gboolean
accept_some (ProcessHealthServer *self, ProcessChannel *door)
{
  for (int i = 0; i < ACCEPT_AT_ONCE; i++)
    {
      int fd = accept4 (door->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      int code = errno;

      if (fd >= 0)
        _process_health_desk_serve (&self->desk, fd);
      else if (code == EAGAIN)
        return FALSE;
      else if (!is_passing (code))
        {
          shut_doors (self);
          _process_reactor_arm (self->reactor, &self->pause,
                                g_get_monotonic_time () + ACCEPT_PAUSE);
          return FALSE;
        }
    }
  return TRUE;
}

static void
door_cb (ProcessChannel *door, ProcessTurn turn)
{
  accept_some (door->owner, door);
}

static void
stop_listening (ProcessHealthServer *self)
{
  shut_doors (self);
  _process_reactor_disarm (self->reactor, &self->pause);
  g_array_set_size (self->doors, 0);
  if (self->listener != NULL)
    _process_reactor_call_later (self->reactor, free_listener,
                                 g_steal_pointer (&self->listener), NULL);
}

static GError *
make_cut_error (guint n)
{
  if (n == 1)
    return g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT,
                                "A connection was closed before its answer had been sent");
  return g_error_new (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT,
                      "%u connections were closed before their answers had been sent", n);
}

static void
destroy_source (gpointer object, gpointer data)
{
  g_source_destroy (object);
}

/* Under the lock; takes both. */
static void
return_drain (ProcessHealthServer *self, GTask *task, GError *error)
{
  GSource *source = g_task_get_task_data (task);

  if (source != NULL)
    _process_reactor_call_later (self->reactor, destroy_source, source, NULL);
  _process_reactor_return_later (self->reactor, task, error);
}

/* Under the lock. Whoever waits for the end of a drain is told of those that were cut off. */
static void
end (ProcessHealthServer *self, gboolean timed_out)
{
  guint n_cut = timed_out ? _process_health_desk_count_unanswered (&self->desk) : 0;

  if (self->bound == NULL)
    return;
  stop_listening (self);
  _process_reactor_disarm (self->reactor, &self->drain_timer);
  _process_health_desk_close (&self->desk);
  set_running_changed (self);
  g_clear_pointer (&self->bound, g_free);
  self->restarted = TRUE;
  while (self->drains->len > 0)
    return_drain (self, g_ptr_array_steal_index (self->drains, 0),
                  n_cut > 0 ? make_cut_error (n_cut) : NULL);
}

static void
drained_cb (gpointer owner)
{
  end (owner, FALSE);
}

static void
drain_timer_cb (ProcessTimer *timer)
{
  end (timer->owner, TRUE);
}

static void
process_health_server_dispose (GObject *object)
{
  ProcessHealthServer *self = PROCESS_HEALTH_SERVER (object);

  _process_reactor_lock (self->reactor);
  end (self, FALSE);
  _process_health_checks_clear (self->checks);
  _process_reactor_drop_errand (self->reactor, &self->notifier);
  _process_reactor_unlock (self->reactor);

  G_OBJECT_CLASS (process_health_server_parent_class)->dispose (object);
}

static void
process_health_server_finalize (GObject *object)
{
  ProcessHealthServer *self = PROCESS_HEALTH_SERVER (object);

  _process_reactor_lock (self->reactor);
  _process_health_desk_clear (&self->desk);
  _process_health_checks_free (self->checks);
  _process_reactor_unlock (self->reactor);
  _process_reactor_unref (self->reactor);
  g_main_context_unref (self->context);
  g_array_unref (self->doors);
  g_ptr_array_unref (self->drains);
  g_free (self->configured);

  G_OBJECT_CLASS (process_health_server_parent_class)->finalize (object);
}

static void
process_health_server_get_property (GObject *object, guint prop_id, GValue *value,
                                    GParamSpec *pspec)
{
  ProcessHealthServer *self = PROCESS_HEALTH_SERVER (object);

  switch ((ProcessHealthServerProperty) prop_id)
    {
    case PROP_ADDRESS:
      _process_reactor_lock (self->reactor);
      g_value_set_string (value, self->bound != NULL ? self->bound : self->configured);
      _process_reactor_unlock (self->reactor);
      break;
    case PROP_READY:
      g_value_set_boolean (value, process_health_server_get_ready (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, process_health_server_get_running (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_health_server_set_property (GObject *object, guint prop_id, const GValue *value,
                                    GParamSpec *pspec)
{
  ProcessHealthServer *self = PROCESS_HEALTH_SERVER (object);

  switch ((ProcessHealthServerProperty) prop_id)
    {
    case PROP_ADDRESS:
      self->configured = g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value)
                                                                      : "");
      break;
    case PROP_READY:
      process_health_server_set_ready (self, g_value_get_boolean (value));
      break;
    case PROP_RUNNING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_health_server_class_init (ProcessHealthServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = process_health_server_dispose;
  object_class->finalize = process_health_server_finalize;
  object_class->get_property = process_health_server_get_property;
  object_class->set_property = process_health_server_set_property;

  /**
   * ProcessHealthServer:address: (getter get_address)
   *
   * Where the server listens: what was given, and while it runs the address that it has, with its
   * port.
   */
  properties[PROP_ADDRESS] =
    g_param_spec_string ("address", NULL, NULL, NULL,
                         flags | G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY);

  /**
   * ProcessHealthServer:ready: (getter get_ready) (setter set_ready)
   *
   * Whether the program is ready for work, which is what `/ready` tells.
   *
   * It is %TRUE at first, and again when a server that was stopped starts.
   */
  properties[PROP_READY] =
    g_param_spec_boolean ("ready", NULL, NULL, TRUE, flags | G_PARAM_READWRITE);

  /**
   * ProcessHealthServer:running: (getter get_running)
   *
   * Whether the server was started and has not ended; one that is being drained has not.
   */
  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE, flags | G_PARAM_READABLE);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_health_server_init (ProcessHealthServer *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->reactor = _process_reactor_new ();
  self->checks = _process_health_checks_new (self, self->reactor, self->context);
  _process_health_desk_init (&self->desk, self->reactor, self->checks, drained_cb, self);
  self->doors = g_array_new (FALSE, FALSE, sizeof (ProcessChannel));
  self->drains = g_ptr_array_new ();
  self->pause.func = pause_cb;
  self->pause.owner = self;
  self->drain_timer.func = drain_timer_cb;
  self->drain_timer.owner = self;
  self->notifier.func = notifier_cb;
  self->notifier.owner = self;
}

/**
 * process_health_server_new:
 * @address: (nullable): where to listen, see [class@Process.HealthServer]
 *
 * Creates a server. The address is looked at by [method@Process.HealthServer.start].
 *
 * Returns: (transfer full): a new server
 */
ProcessHealthServer *
process_health_server_new (const char *address)
{
  return g_object_new (PROCESS_TYPE_HEALTH_SERVER, "address", address, NULL);
}

/**
 * process_health_server_get_address: (get-property address)
 * @self: a server
 *
 * Gets where the server listens: what was given, and while it runs the address that it has.
 *
 * The string is valid until the server starts or ends, in whatever thread; reading the property
 * gives a copy.
 *
 * Returns: an address such as `127.0.0.1:8080`
 */
const char *
process_health_server_get_address (ProcessHealthServer *self)
{
  const char *address;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), NULL);

  _process_reactor_lock (self->reactor);
  address = self->bound != NULL ? self->bound : self->configured;
  _process_reactor_unlock (self->reactor);
  return address;
}

/**
 * process_health_server_get_ready: (get-property ready)
 * @self: a server
 *
 * Gets what `/ready` tells.
 *
 * Returns: whether the program is ready for work
 */
gboolean
process_health_server_get_ready (ProcessHealthServer *self)
{
  gboolean ready;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), FALSE);

  _process_reactor_lock (self->reactor);
  ready = self->desk.ready;
  _process_reactor_unlock (self->reactor);
  return ready;
}

/* Under the lock. */
static void
set_ready (ProcessHealthServer *self, gboolean ready)
{
  self->restarted = FALSE;
  if (self->desk.ready == ready)
    return;
  self->desk.ready = ready;
  set_changed (self, PROP_READY);
}

/**
 * process_health_server_set_ready: (set-property ready)
 * @self: a server
 * @ready: whether the program is ready for work
 *
 * Sets what `/ready` tells.
 */
void
process_health_server_set_ready (ProcessHealthServer *self, gboolean ready)
{
  g_return_if_fail (PROCESS_IS_HEALTH_SERVER (self));

  _process_reactor_lock (self->reactor);
  set_ready (self, ready != FALSE);
  unlock (self);
}

/**
 * process_health_server_get_running: (get-property running)
 * @self: a server
 *
 * Gets whether the server was started and has not ended.
 *
 * Returns: whether it runs
 */
gboolean
process_health_server_get_running (ProcessHealthServer *self)
{
  gboolean running;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), FALSE);

  _process_reactor_lock (self->reactor);
  running = self->bound != NULL;
  _process_reactor_unlock (self->reactor);
  return running;
}

/**
 * process_health_server_add_check:
 * @self: a server
 * @name: a name that no other check has
 * @func: (scope notified) (closure user_data) (destroy destroy): the check
 * @user_data: what it is called with
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Adds a check that answers at once.
 *
 * The main loop stands still while it runs; what has to wait for something belongs into
 * [method@Process.HealthServer.add_async_check].
 *
 * It fails with %PROCESS_ERROR_INVALID_ARGUMENT when the name is empty or taken.
 *
 * Returns: a number above 0 by which the check can be removed, or 0 if it was not added
 */
guint
process_health_server_add_check (ProcessHealthServer *self, const char *name,
                                 ProcessHealthCheckFunc func, gpointer user_data,
                                 GDestroyNotify destroy, GError **error)
{
  guint id;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (func != NULL, 0);

  _process_reactor_lock (self->reactor);
  id = _process_health_checks_add (self->checks, name, func, NULL, 0, user_data, destroy, error);
  unlock (self);
  return id;
}

/**
 * process_health_server_add_async_check:
 * @self: a server
 * @name: a name that no other check has
 * @func: (scope notified) (closure user_data) (destroy destroy): begins the check
 * @timeout: how long an answer may take, in microseconds; 0 means 5 seconds
 * @user_data: what it is called with
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Adds a check that answers later. Letting its task go without an answer is a failure.
 *
 * It fails with %PROCESS_ERROR_INVALID_ARGUMENT when the name is empty or taken.
 *
 * Returns: a number above 0 by which the check can be removed, or 0 if it was not added
 */
guint
process_health_server_add_async_check (ProcessHealthServer *self, const char *name,
                                       ProcessHealthAsyncCheckFunc func, gint64 timeout,
                                       gpointer user_data, GDestroyNotify destroy, GError **error)
{
  guint id;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (func != NULL, 0);

  _process_reactor_lock (self->reactor);
  id = _process_health_checks_add (self->checks, name, NULL, func, timeout, user_data, destroy,
                                   error);
  unlock (self);
  return id;
}

/**
 * process_health_server_remove_check:
 * @self: a server
 * @id: the number of a check
 *
 * Removes a check; requests that wait for it are answered without it. A number that no check has
 * is ignored.
 */
void
process_health_server_remove_check (ProcessHealthServer *self, guint id)
{
  g_return_if_fail (PROCESS_IS_HEALTH_SERVER (self));

  _process_reactor_lock (self->reactor);
  _process_health_checks_remove (self->checks, id);
  unlock (self);
}

/**
 * process_health_server_clear_checks:
 * @self: a server
 *
 * Removes all checks, and so lets go of all that their functions refer to.
 */
void
process_health_server_clear_checks (ProcessHealthServer *self)
{
  g_return_if_fail (PROCESS_IS_HEALTH_SERVER (self));

  _process_reactor_lock (self->reactor);
  _process_health_checks_clear (self->checks);
  unlock (self);
}

/**
 * process_health_server_set_status:
 * @self: a server
 * @name: the name of a check, not empty
 * @healthy: whether it passes from now on
 * @message: (nullable): why it does not
 *
 * Sets the status of a check that has no function, and adds it if need be.
 *
 * A check of that name that has a function is replaced.
 *
 * Returns: a number above 0 by which the check can be removed
 */
guint
process_health_server_set_status (ProcessHealthServer *self, const char *name, gboolean healthy,
                                  const char *message)
{
  guint id;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), 0);
  g_return_val_if_fail (name != NULL && *name != '\0', 0);

  _process_reactor_lock (self->reactor);
  id = _process_health_checks_set_status (self->checks, name, healthy, message);
  unlock (self);
  return id;
}

/* Under the lock; takes the listener. */
static void
begin (ProcessHealthServer *self, ProcessHealthListener *listener)
{
  self->listener = listener;
  for (guint i = 0; i < listener->sockets->len; i++)
    {
      ProcessChannel door = {
        .fd = g_socket_get_fd (g_ptr_array_index (listener->sockets, i)),
        .func = door_cb,
        .owner = self,
      };

      g_array_append_val (self->doors, door);
    }
  open_doors (self);
  g_free (self->desk.name);
  self->desk.name = g_strdup (listener->name);
  self->desk.local = listener->local;
  self->bound = g_strdup (listener->address);
  if (self->restarted)
    set_ready (self, TRUE);
  set_running_changed (self);
}

static gboolean
fail_running (ProcessHealthServer *self, GError **error)
{
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
               "The health server is running already, on “%s”",
               self->bound != NULL ? self->bound : self->configured);
  return FALSE;
}

static gboolean
fail_open (GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
               "Cannot watch the sockets of the health server: %s", g_strerror (code));
  return FALSE;
}

/**
 * process_health_server_start:
 * @self: a server
 * @error: return location for an error
 *
 * Begins to listen. Requests are answered as soon as the main context of the server runs.
 *
 * A host name is looked up, which may take its time; an IP address is not.
 *
 * It fails with %PROCESS_ERROR_INVALID_ARGUMENT for what is no address, with
 * %PROCESS_ERROR_ALREADY_RUNNING when it runs, and with an error of [error@Gio.IOErrorEnum] or
 * [error@Gio.ResolverError] when the system says no, such as %G_IO_ERROR_ADDRESS_IN_USE.
 *
 * Returns: %TRUE if it listens
 */
gboolean
process_health_server_start (ProcessHealthServer *self, GError **error)
{
  ProcessHealthListener *listener;
  gboolean may_start;

  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), FALSE);

  _process_reactor_lock (self->reactor);
  if (self->bound != NULL || self->starting)
    may_start = fail_running (self, error);
  else
    may_start = _process_reactor_open (self->reactor) || fail_open (error);
  self->starting = self->starting || may_start;
  _process_reactor_unlock (self->reactor);
  if (!may_start)
    return FALSE;

  listener = _process_health_listener_new (self->configured, error);

  _process_reactor_lock (self->reactor);
  self->starting = FALSE;
  if (listener != NULL)
    begin (self, listener);
  unlock (self);
  return listener != NULL;
}

/**
 * process_health_server_stop:
 * @self: a server
 *
 * Stops listening, and closes all connections at once.
 *
 * It may start again. Checks that run are not waited for. If it does not run, nothing happens.
 */
void
process_health_server_stop (ProcessHealthServer *self)
{
  g_return_if_fail (PROCESS_IS_HEALTH_SERVER (self));

  _process_reactor_lock (self->reactor);
  end (self, FALSE);
  unlock (self);
}

/* Under the lock. What the system has accepted for us already is served before the doors close. */
static void
begin_drain (ProcessHealthServer *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    for (int n = 0; n < PROCESS_HEALTH_MAX_CONNECTIONS / ACCEPT_AT_ONCE; n++)
      if (!accept_some (self, get_door (self, i)))
        break;
  stop_listening (self);
  _process_health_desk_drain (&self->desk);
}

static void
set_drain_time (ProcessHealthServer *self, gint64 timeout)
{
  gint64 now = g_get_monotonic_time ();
  gint64 deadline = timeout < G_MAXINT64 - now ? now + timeout : G_MAXINT64;

  if (timeout < 0 || self->bound == NULL ||
      (self->drain_timer.iter != NULL && self->drain_timer.deadline <= deadline))
    return;
  _process_reactor_arm (self->reactor, &self->drain_timer, deadline);
}

static gboolean
drain_cancelled_cb (GCancellable *cancellable, gpointer data)
{
  GTask *task = data;
  ProcessHealthServer *self = g_task_get_source_object (task);

  _process_reactor_lock (self->reactor);
  if (g_ptr_array_remove (self->drains, task))
    return_drain (
      self, task,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The call was cancelled"));
  _process_reactor_unlock (self->reactor);
  return G_SOURCE_REMOVE;
}

/* The source has its own reference, since the task may end in another thread meanwhile. */
static void
watch_cancel (ProcessHealthServer *self, GTask *task)
{
  GSource *source = g_task_get_task_data (task);

  if (source == NULL)
    return;
  g_source_set_static_name (source, "[process-glib] cancel drain");
  g_source_set_callback (source, G_SOURCE_FUNC (drain_cancelled_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (source, self->context);
}

/**
 * process_health_server_drain_async:
 * @self: a server
 * @timeout: how long answers may take, in microseconds; below 0 as long as they need
 * @cancellable: (nullable): ends the call, not what it began
 * @callback: (nullable) (scope async): called when it is over
 * @user_data: what the callback is called with
 *
 * Stops listening, lets the answers that were asked for be sent, and stops.
 *
 * Connections that have not sent a whole request are closed at once. When the time is up the
 * others are, too.
 */
void
process_health_server_drain_async (ProcessHealthServer *self, gint64 timeout,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task;

  g_return_if_fail (PROCESS_IS_HEALTH_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, process_health_server_drain_async);
  g_task_set_check_cancellable (task, FALSE);
  if (cancellable != NULL)
    g_task_set_task_data (task, g_cancellable_source_new (cancellable),
                          (GDestroyNotify) g_source_unref);

  _process_reactor_lock (self->reactor);
  if (self->bound == NULL)
    return_drain (self, task, NULL);
  else
    {
      g_ptr_array_add (self->drains, task);
      watch_cancel (self, task);
      if (!self->desk.draining)
        begin_drain (self);
      set_drain_time (self, timeout);
    }
  unlock (self);
}

/**
 * process_health_server_drain_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets how the draining ended; the server has stopped, unless the call was cancelled.
 *
 * It fails with %PROCESS_ERROR_TIMED_OUT when connections had to be closed before they had their
 * answers, and with %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if all answers were sent
 */
gboolean
process_health_server_drain_finish (ProcessHealthServer *self, GAsyncResult *result,
                                    GError **error)
{
  g_return_val_if_fail (PROCESS_IS_HEALTH_SERVER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, process_health_server_drain_async),
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
_process_health_server_set_address (ProcessHealthServer *self, const char *address)
{
  g_autofree char *old = NULL;

  address = address != NULL ? address : "";
  _process_reactor_lock (self->reactor);
  g_assert (self->bound == NULL);
  if (strcmp (self->configured, address) != 0)
    {
      old = g_steal_pointer (&self->configured);
      self->configured = g_strdup (address);
      set_changed (self, PROP_ADDRESS);
    }
  unlock (self);
}

void
_process_health_server_hurry (ProcessHealthServer *self)
{
  _process_reactor_lock (self->reactor);
  if (self->desk.draining)
    end (self, TRUE);
  unlock (self);
}

static void
return_inquiry (ProcessHealthServer *self, GTask *task, ProcessInquiry *inquiry)
{
  const ProcessOutcome *failure = _process_inquiry_get_failure (inquiry);
  GError *error = NULL;

  if (failure != NULL)
    error = g_error_new (PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY, "%s: %s",
                         _process_health_check_get_name (failure->check), failure->message);
  _process_inquiry_free (inquiry);
  _process_reactor_return_later (self->reactor, task, error);
}

static void
checked_cb (ProcessInquiry *inquiry, gpointer owner)
{
  return_inquiry (g_task_get_source_object (owner), owner, inquiry);
}

void
_process_health_server_check_async (ProcessHealthServer *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  ProcessInquiry *inquiry;

  g_task_set_source_tag (task, _process_health_server_check_async);
  _process_reactor_lock (self->reactor);
  inquiry = _process_health_checks_ask (self->checks, NULL, NULL, checked_cb, task);
  if (_process_inquiry_get_n_pending (inquiry) == 0)
    return_inquiry (self, task, inquiry);
  unlock (self);
}

gboolean
_process_health_server_check_finish (ProcessHealthServer *self, GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
