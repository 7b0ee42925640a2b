/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-ask-private.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <gio/gunixsocketaddress.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-health-address-private.h>
#include <process-glib/daemons/process-health-reply-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

#define INTERVAL (200 * G_TIME_SPAN_MILLISECOND)
#define ATTEMPT_LIMIT (2 * G_TIME_SPAN_SECOND)
#define SINGLE_LIMIT (1 * G_TIME_SPAN_SECOND)

/* Of the answer, in bytes: what an error quotes. */
#define QUOTE_MAX 512

/* How it works
 *
 * A call is a row of attempts: connect, write the request, read the reply; each of them on a
 * connection of its own, which is closed before the next. While an attempt is under way `attempt`
 * is set, and exactly one operation of GIO is pending on it; otherwise `timer` is what goes on.
 *
 * Nothing ends an attempt but the end of its operation. The timer, when the time of an attempt is
 * up, and the caller's cancellable only cancel `attempt`, so that the operation fails, and
 * end_attempt () decides. When the task returns nothing is pending any more, no socket is open,
 * and the sources are destroyed.
 *
 * Everything happens in the context of the task, whose data this is. The task is held by `task`
 * until it returns, and so is needed by nobody else to go on.
 */
typedef struct
{
  GTask              *task;        /* (owned) (nullable) */
  char               *name;        /* (owned), the address as the caller gave it */
  GSocketConnectable *server;      /* (owned) */
  GSocketClient      *client;      /* (owned) */
  char               *request;     /* (owned) */
  gboolean            once;
  gint64              deadline;    /* monotonic */
  GSource            *timer;       /* (owned) */
  GSource            *cancelled;   /* (owned) (nullable) */

  /* The attempt */
  gint64              started;     /* monotonic */
  GCancellable       *attempt;     /* (owned) (nullable) */
  GSocketConnection  *connection;  /* (owned) (nullable) */
  ProcessHealthReply *reply;       /* (owned) (nullable) */
  guint8              buffer[4096];

  /* What came of it */
  guint               status;      /* of the last answer, or 0 */
  char               *text;        /* (owned) (nullable), of the last answer */
  GError             *problem;     /* (owned) (nullable), of the last attempt without an answer */
} Ask;

static void
ask_free (Ask *self)
{
  g_assert (self->task == NULL && self->attempt == NULL);

  g_free (self->name);
  g_clear_object (&self->server);
  g_clear_object (&self->client);
  g_free (self->request);
  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_free (self->text);
  g_clear_error (&self->problem);
  g_free (self);
}

static void
finish (Ask    *self,
        GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (self->timer != NULL)
    g_source_destroy (self->timer);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* A line of it, short enough for a message, and harmless where it is shown. */
static char *
quote (const char *text)
{
  g_autoptr (GString) quoted = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (quoted->len > QUOTE_MAX)
        {
          g_string_append (quoted, "…");
          break;
        }
      g_string_append_unichar (quoted, g_unichar_iscntrl (character) ? ' ' : character);
    }

  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

static GError *
make_error (Ask *self)
{
  g_autofree char *quoted = self->text != NULL ? quote (self->text) : NULL;

  if (self->status == 0)
    return g_error_new (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT, "No answer came from “%s”: %s",
                        self->name, self->problem->message);
  if (quoted == NULL || quoted[0] == '\0')
    return g_error_new (PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY, "“%s” answered %u", self->name,
                        self->status);

  return g_error_new (PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY, "“%s” answered %u: “%s”",
                      self->name, self->status, quoted);
}

/* At the next multiple of the interval, so that a server is asked in a steady rhythm, and never
 * twice without a pause. */
static void
wait_for_next (Ask    *self,
               gint64  now)
{
  gint64 next = self->started + INTERVAL * ((now - self->started) / INTERVAL + 1);

  g_source_set_ready_time (self->timer, MIN (next, self->deadline));
}

static void
end_attempt (Ask *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);
  gint64 now = g_get_monotonic_time ();
  GError *error = NULL;

  g_clear_pointer (&self->reply, _process_health_reply_free);
  g_clear_object (&self->connection);
  g_clear_object (&self->attempt);

  if (self->status == 200)
    finish (self, NULL);
  else if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    finish (self, error);
  else if (self->once || now >= self->deadline)
    finish (self, make_error (self));
  else
    wait_for_next (self, now);
}

/* An attempt that the deadline has cut short says less than one before it. */
static gboolean
has_better_problem (Ask *self)
{
  return self->problem != NULL && g_get_monotonic_time () - self->started < ATTEMPT_LIMIT;
}

static void
fail_attempt (Ask          *self,
              const GError *error)
{
  gboolean gave_up = g_cancellable_is_cancelled (self->attempt);

  if (!gave_up || !has_better_problem (self))
    {
      g_clear_error (&self->problem);
      self->problem = gave_up ? g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT,
                                                     "It took too long")
                              : g_error_copy (error);
    }

  end_attempt (self);
}

static void read_some (Ask *self);

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Ask *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize length = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  if (length < 0 ||
      !_process_health_reply_add (self->reply, self->buffer, (gsize) length, &error))
    {
      fail_attempt (self, error);
      return;
    }
  if (!_process_health_reply_is_complete (self->reply))
    {
      read_some (self);
      return;
    }

  self->status = _process_health_reply_get_status (self->reply);
  g_free (self->text);
  self->text = _process_health_reply_dup_text (self->reply);
  end_attempt (self);
}

static void
read_some (Ask *self)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));

  g_input_stream_read_async (stream, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT,
                             self->attempt, read_cb, self);
}

static void
written_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Ask *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, &error))
    {
      fail_attempt (self, error);
      return;
    }

  self->reply = _process_health_reply_new ();
  read_some (self);
}

static void
connected_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  Ask *self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (object), result, &error);
  if (self->connection == NULL)
    {
      fail_attempt (self, error);
      return;
    }

  g_output_stream_write_all_async (
      g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), self->request,
      strlen (self->request), G_PRIORITY_DEFAULT, self->attempt, written_cb, self);
}

static void
start_attempt (Ask *self)
{
  self->started = g_get_monotonic_time ();
  self->attempt = g_cancellable_new ();
  g_source_set_ready_time (self->timer, MIN (self->started + ATTEMPT_LIMIT, self->deadline));
  g_socket_client_connect_async (self->client, self->server, self->attempt, connected_cb, self);
}

static gboolean
timer_cb (gpointer user_data)
{
  Ask *self = user_data;

  g_source_set_ready_time (self->timer, -1);
  if (self->attempt != NULL)
    g_cancellable_cancel (self->attempt);
  else if (g_get_monotonic_time () >= self->deadline)
    finish (self, make_error (self));
  else
    start_attempt (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  Ask *self = user_data;
  GError *error = NULL;

  if (self->attempt != NULL)
    g_cancellable_cancel (self->attempt);
  else if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    finish (self, error);

  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_timer (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return callback (user_data);
}

static void
attach_sources (Ask *self)
{
  static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };
  GMainContext *context = g_task_get_context (self->task);
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (self->timer, "[process-glib] health probe");
  g_source_set_callback (self->timer, timer_cb, self, NULL);
  g_source_attach (self->timer, context);

  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled, "[process-glib] health probe cancelled");
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, context);
}

static void
set_times (Ask    *self,
           gint64  timeout)
{
  gint64 now = g_get_monotonic_time ();

  self->once = timeout <= 0;
  if (self->once)
    timeout = SINGLE_LIMIT;
  self->deadline = timeout < G_MAXINT64 - now ? now + timeout : G_MAXINT64;
}

static GSocketConnectable *
make_connectable (const char *host,
                  guint16     port)
{
  GSocketAddress *address = g_inet_socket_address_new_from_string (host, port);

  return address != NULL ? G_SOCKET_CONNECTABLE (address) : g_network_address_new (host, port);
}

static gboolean
set_server (Ask         *self,
            const char  *text,
            const char  *target,
            GError     **error)
{
  g_autoptr (ProcessHealthAddress) address = _process_health_address_parse (text, error);
  g_autofree char *name = NULL;

  if (address == NULL)
    return FALSE;

  if (address->kind == PROCESS_HEALTH_ADDRESS_UNIX)
    {
      self->server = G_SOCKET_CONNECTABLE (g_unix_socket_address_new (address->host));
      name = g_strdup ("localhost");
    }
  else
    {
      const char *host =
          address->kind == PROCESS_HEALTH_ADDRESS_ANY ? "127.0.0.1" : address->host;

      if (address->port == 0)
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "The health address “%s” cannot be asked: port 0 stands for any port",
                       text);
          return FALSE;
        }
      self->server = make_connectable (host, address->port);
      name = _process_health_address_format (PROCESS_HEALTH_ADDRESS_HOST, host, address->port);
    }

  self->request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"
                                   "Accept: text/plain\r\n\r\n", target, name);

  return TRUE;
}

void
_process_health_ask_async (const char          *address,
                           const char          *target,
                           gint64               timeout,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data,
                           gpointer             tag)
{
  Ask *self = g_new0 (Ask, 1);
  GError *error = NULL;

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, tag);
  /* What was found out is the result, also when the cancellable comes right after it. */
  g_task_set_check_cancellable (self->task, FALSE);
  g_task_set_task_data (self->task, self, (GDestroyNotify) ask_free);

  self->name = _process_make_valid (address, -1);
  if (!set_server (self, address, target, &error) ||
      g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      finish (self, error);
      return;
    }

  self->client = g_object_new (G_TYPE_SOCKET_CLIENT, "enable-proxy", FALSE, NULL);
  set_times (self, timeout);
  attach_sources (self);
  start_attempt (self);
}

gboolean
_process_health_ask_finish (GAsyncResult  *result,
                            gpointer       tag,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
keep_result_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

/* Without a descriptor for it, making a context would end the program. */
static gboolean
can_make_context (GError **error)
{
  g_auto (ProcessFd) fd = eventfd (0, EFD_CLOEXEC);
  int problem = errno;

  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
                 "There is no descriptor left to ask with: %s", g_strerror (problem));

  return fd >= 0;
}

gboolean
_process_health_ask (const char    *address,
                     const char    *target,
                     gint64         timeout,
                     GCancellable  *cancellable,
                     char         **text,
                     GError       **error)
{
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Ask *ask;

  if (text != NULL)
    *text = NULL;
  if (!can_make_context (error))
    return FALSE;

  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  _process_health_ask_async (address, target, timeout, cancellable, keep_result_cb, &result,
                             _process_health_ask);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  /* What GIO cancelled ends here, and would else be lost together with the context. */
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  ask = g_task_get_task_data (G_TASK (result));
  if (text != NULL)
    *text = g_steal_pointer (&ask->text);

  return _process_health_ask_finish (result, _process_health_ask, error);
}
