/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-connection-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <process-glib/daemons/process-http-private.h>

/* How it works
 *
 * A connection reads into a buffer that has room for one head, and hands what
 * has come to the parser. A request is answered at once, or when the checks
 * that it asks have answered; meanwhile nothing is read, so that a client that
 * goes on asking waits in its own socket. Answers that do not fit into the
 * socket are kept, and nothing is read before they are gone.
 *
 * After a refusal the client may still be sending. If we just closed, the system would
 * reset the connection and the client could lose the answer. So our side is
 * shut down, and the rest is read and thrown away for a while: see RFC 9112
 * section 9.6.
 *
 * Every connection has one timer. As moving it costs more than answering, only
 * `deadline` is moved, and the timer looks at that when it fires.
 */

#define HEAD_TIME (5 * G_TIME_SPAN_SECOND)
#define IDLE_TIME (15 * G_TIME_SPAN_SECOND)
#define WRITE_TIME (15 * G_TIME_SPAN_SECOND)
#define LINGER_TIME (1 * G_TIME_SPAN_SECOND)
#define LINGER_SIZE (256 * 1024)
#define NEVER G_MAXINT64

typedef enum
{
  READING,   /* the next request, or waiting for it */
  ASKING,    /* the checks */
  WRITING,   /* what the socket did not take */
  LINGERING, /* reads what is sent in vain */
} State;

typedef struct
{
  ProcessChannel     channel;
  ProcessTimer       timer;
  gint64             deadline; /* on the clock of g_get_monotonic_time () */
  GList              link;
  ProcessHealthDesk *desk;    /* (unowned) */
  State              state;
  gboolean           used;    /* something was answered */
  gboolean           ending;  /* closes when everything is written */
  gboolean           refused; /* and then lingers */
  gboolean           turned_away;
  ProcessInquiry    *inquiry; /* (owned) (nullable) */
  ProcessAnswerForm  form;    /* of the answer to it */
  GString           *unsent;  /* (owned) (nullable) */
  gsize              discarded;
  ProcessHttpRequest request;
  gsize              length;
  char               data[PROCESS_HTTP_MAX_HEAD];
} Connection;

static void go_on (Connection *self);

static void
close_connection (Connection *self)
{
  ProcessHealthDesk *desk = self->desk;

  g_clear_pointer (&self->inquiry, _process_inquiry_free);
  _process_reactor_close (desk->reactor, &self->channel);
  _process_reactor_disarm (desk->reactor, &self->timer);
  g_queue_unlink (&desk->connections, &self->link);
  desk->n_turned_away -= self->turned_away;
  if (self->unsent != NULL)
    g_string_free (self->unsent, TRUE);
  g_free (self);
  if (desk->draining && desk->connections.length == 0)
    desk->drained (desk->owner);
}

static void
set_deadline (Connection *self, gint64 time)
{
  self->deadline = time == NEVER ? NEVER : g_get_monotonic_time () + time;
  if (self->timer.iter != NULL && self->timer.deadline > self->deadline)
    _process_reactor_arm (self->desk->reactor, &self->timer, self->deadline);
}

/* What only sends and never listens must not keep us either. */
static void
linger (Connection *self)
{
  shutdown (self->channel.fd, SHUT_WR);
  self->state = LINGERING;
  set_deadline (self, LINGER_TIME);
}

/* FALSE when the connection is gone. */
static gboolean
written (Connection *self)
{
  if (self->refused)
    linger (self);
  else if (self->ending)
    {
      close_connection (self);
      return FALSE;
    }
  else
    {
      self->state = READING;
      set_deadline (self, self->length > 0 ? HEAD_TIME : IDLE_TIME);
    }
  return TRUE;
}

/* Returns what the socket took, or -1 when it takes nothing any more. */
static gssize
send_some (Connection *self, const char *data, gsize length)
{
  gsize sent = 0;

  while (sent < length)
    {
      gssize n = send (self->channel.fd, data + sent, length - sent, MSG_NOSIGNAL);

      if (n >= 0)
        sent += (gsize) n;
      else if (errno == EAGAIN)
        break;
      else if (errno != EINTR)
        return -1;
    }
  return (gssize) sent;
}

/* FALSE when the connection is gone. */
static gboolean
write_out (Connection *self)
{
  GString *out = self->desk->out;
  gssize sent = send_some (self, out->str, out->len);

  if (sent < 0)
    {
      close_connection (self);
      return FALSE;
    }
  if ((gsize) sent == out->len)
    return written (self);
  self->unsent = g_string_new_len (out->str + sent, (gssize) out->len - sent);
  self->state = WRITING;
  set_deadline (self, WRITE_TIME);
  return TRUE;
}

static void
write_unsent (Connection *self)
{
  gssize sent = send_some (self, self->unsent->str, self->unsent->len);

  if (sent < 0)
    {
      close_connection (self);
      return;
    }
  g_string_erase (self->unsent, 0, sent);
  if (sent > 0)
    set_deadline (self, WRITE_TIME);
  if (self->unsent->len > 0)
    return;
  g_string_free (g_steal_pointer (&self->unsent), TRUE);
  if (written (self))
    go_on (self);
}

static gboolean
refuse (Connection *self, guint status)
{
  ProcessAnswerForm form = {
    .minor = 1,
    .head_only = self->request.method == PROCESS_HTTP_HEAD,
    .close = TRUE,
  };

  self->ending = TRUE;
  self->refused = TRUE;
  g_string_truncate (self->desk->out, 0);
  _process_answer_status (self->desk->out, &self->desk->date, &form, status);
  return write_out (self);
}

/* The request has its answer: what comes after it is the next one. */
static void
forget_request (Connection *self)
{
  self->length -= self->request.length;
  memmove (self->data, self->data + self->request.length, self->length);
  _process_http_request_init (&self->request);
  self->used = TRUE;
}

static gboolean
answer_health (Connection *self)
{
  ProcessHealthDesk *desk = self->desk;

  g_string_truncate (desk->out, 0);
  self->ending = self->ending || desk->draining;
  self->form.close = self->ending;
  _process_answer_health (desk->out, &desk->date, &self->form, self->inquiry, desk->ready);
  g_clear_pointer (&self->inquiry, _process_inquiry_free);
  return write_out (self);
}

static void
inquiry_cb (ProcessInquiry *inquiry, gpointer owner)
{
  Connection *self = owner;

  if (answer_health (self))
    go_on (self);
}

static gboolean
is_excluded (const char *name, gconstpointer data)
{
  const Connection *self = data;

  return _process_http_query_has (self->data + self->request.query.offset,
                                  self->request.query.length, "exclude", name);
}

/* FALSE when the connection is gone. */
static gboolean
ask_health (Connection *self)
{
  ProcessHealthChecks *checks = self->desk->checks;

  if (!_process_health_checks_are_empty (checks))
    self->inquiry = _process_health_checks_ask (checks, is_excluded, self, inquiry_cb, self);
  forget_request (self);
  if (self->inquiry == NULL || _process_inquiry_get_n_pending (self->inquiry) == 0)
    return answer_health (self);
  self->state = ASKING;
  set_deadline (self, NEVER);
  return TRUE;
}

static gboolean
answer_ready (Connection *self)
{
  ProcessHealthDesk *desk = self->desk;

  forget_request (self);
  g_string_truncate (desk->out, 0);
  _process_answer_ready (desk->out, &desk->date, &self->form, desk->ready);
  return write_out (self);
}

static gboolean
answer_status (Connection *self, guint status)
{
  ProcessHealthDesk *desk = self->desk;

  forget_request (self);
  g_string_truncate (desk->out, 0);
  _process_answer_status (desk->out, &desk->date, &self->form, status);
  return write_out (self);
}

typedef enum
{
  PATH_NONE,
  PATH_HEALTH,
  PATH_READY,
} Path;

static Path
find_path (const Connection *self)
{
  static const struct
  {
    const char *name;
    gsize       length;
    Path        path;
  } paths[] = {
    { "/health", 7, PATH_HEALTH },
    { "/ready", 6, PATH_READY },
    { "/livez", 6, PATH_HEALTH },
    { "/readyz", 7, PATH_READY },
  };
  const ProcessHttpSpan *span = &self->request.path;

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    if (span->length == paths[i].length &&
        memcmp (self->data + span->offset, paths[i].name, span->length) == 0)
      return paths[i].path;
  return PATH_NONE;
}

static gboolean
is_misdirected (const Connection *self)
{
  const ProcessHttpSpan *host = &self->request.host;

  return self->desk->local &&
         !(host->length == 0 && self->request.minor == 0) &&
         !_process_http_host_is_local (self->data + host->offset, host->length, self->desk->name);
}

/* FALSE when the connection is gone. */
static gboolean
answer (Connection *self)
{
  const ProcessHttpRequest *request = &self->request;
  Path path = find_path (self);

  self->ending = !request->keep_alive || self->desk->draining;
  self->form = (ProcessAnswerForm) {
    .minor = request->minor,
    .head_only = request->method == PROCESS_HTTP_HEAD,
    .close = self->ending,
    .json = request->wants_json,
    .verbose = request->query.length > 0 &&
               _process_http_query_has (self->data + request->query.offset,
                                        request->query.length, "verbose", NULL),
  };
  if (is_misdirected (self))
    return refuse (self, 421);
  if (path == PATH_NONE)
    return answer_status (self, 404);
  if (request->method == PROCESS_HTTP_OTHER)
    return answer_status (self, 405);
  return path == PATH_READY ? answer_ready (self) : ask_health (self);
}

/* Answers all that has come. FALSE when the connection is gone. */
static gboolean
handle_data (Connection *self)
{
  while (self->state == READING && self->length > 0)
    {
      switch (_process_http_request_parse (&self->request, self->data, self->length))
        {
        case PROCESS_HTTP_MORE:
          return TRUE;
        case PROCESS_HTTP_REFUSED:
          if (!refuse (self, self->request.status))
            return FALSE;
          break;
        case PROCESS_HTTP_DONE:
        default:
          if (!answer (self))
            return FALSE;
        }
    }
  return TRUE;
}

/* FALSE when the connection is gone. */
static gboolean
read_some (Connection *self)
{
  gboolean fresh = self->length == 0;
  gssize n = recv (self->channel.fd, self->data + self->length, sizeof self->data - self->length,
                   0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n <= 0)
    {
      close_connection (self);
      return FALSE;
    }
  self->length += (gsize) n;
  if (!handle_data (self))
    return FALSE;
  /* The clock of a head runs from its first byte; that of the first from the accept. */
  if (self->state == READING && self->length > 0 && fresh && self->used)
    set_deadline (self, HEAD_TIME);
  return TRUE;
}

static void
discard (Connection *self)
{
  gssize n = recv (self->channel.fd, self->data, sizeof self->data, 0);

  if (n > 0)
    self->discarded += (gsize) n;
  if (n == 0 || self->discarded > LINGER_SIZE ||
      (n < 0 && errno != EAGAIN && errno != EINTR))
    close_connection (self);
}

static guint32
get_events (const Connection *self)
{
  switch (self->state)
    {
    case ASKING:
      return 0;
    case WRITING:
      return POLLOUT;
    case READING:
    case LINGERING:
    default:
      return POLLIN;
    }
}

/* Waits for what is to come next. */
static void
watch (Connection *self)
{
  ProcessHealthDesk *desk = self->desk;

  if (self->timer.iter == NULL && self->deadline != NEVER)
    _process_reactor_arm (desk->reactor, &self->timer, self->deadline);
  _process_reactor_watch (desk->reactor, &self->channel, get_events (self));
}

/* What came while a request was answered may hold the next one. */
static void
go_on (Connection *self)
{
  if (self->desk->draining && self->state == READING)
    close_connection (self);
  else if (handle_data (self))
    watch (self);
}

static void
ready_cb (ProcessChannel *channel, ProcessTurn turn)
{
  Connection *self = channel->owner;

  switch (self->state)
    {
    case WRITING:
      write_unsent (self);
      break;
    case LINGERING:
      discard (self);
      break;
    case READING:
      if (read_some (self) && (self->state != READING || self->timer.iter == NULL))
        watch (self);
      break;
    case ASKING:
    default:
      break;
    }
}

static void
timer_cb (ProcessTimer *timer)
{
  Connection *self = timer->owner;

  if (self->deadline == NEVER)
    return;
  if (g_get_monotonic_time () < self->deadline)
    _process_reactor_arm (self->desk->reactor, timer, self->deadline);
  else if (self->state == READING && (self->length > 0 || !self->used))
    {
      if (refuse (self, 408))
        watch (self);
    }
  else
    close_connection (self);
}

void
_process_health_desk_init (ProcessHealthDesk *self, ProcessReactor *reactor,
                           ProcessHealthChecks *checks, ProcessDrainedFunc drained,
                           gpointer owner)
{
  *self = (ProcessHealthDesk) {
    .reactor = reactor,
    .checks = checks,
    .drained = drained,
    .owner = owner,
    .ready = TRUE,
    .out = g_string_sized_new (512),
  };
}

void
_process_health_desk_close (ProcessHealthDesk *self)
{
  self->draining = FALSE;
  while (self->connections.length > 0)
    close_connection (self->connections.head->data);
}

void
_process_health_desk_clear (ProcessHealthDesk *self)
{
  _process_health_desk_close (self);
  g_free (self->name);
  g_string_free (self->out, TRUE);
}

guint
_process_health_desk_count_unanswered (ProcessHealthDesk *self)
{
  guint n = 0;

  for (GList *link = self->connections.head; link != NULL; link = link->next)
    n += ((Connection *) link->data)->state != LINGERING;
  return n;
}

static Connection *
add_connection (ProcessHealthDesk *self, int fd)
{
  Connection *connection = g_malloc (sizeof *connection);

  /* All but the data. */
  memset (connection, 0, G_STRUCT_OFFSET (Connection, data));
  connection->desk = self;
  connection->channel.fd = fd;
  connection->channel.func = ready_cb;
  connection->channel.owner = connection;
  connection->timer.func = timer_cb;
  connection->timer.owner = connection;
  connection->link.data = connection;
  _process_http_request_init (&connection->request);
  g_queue_push_tail_link (&self->connections, &connection->link);
  set_deadline (connection, HEAD_TIME);
  return connection;
}

/* There is no place even for those that are told so. A request that has come is read, since closing
 * the connection with it would reset it. */
static void
dismiss (ProcessHealthDesk *self, int fd)
{
  ProcessAnswerForm form = { .minor = 1, .close = TRUE };
  char request[PROCESS_HTTP_MAX_HEAD];

  (void) !recv (fd, request, sizeof request, 0);
  g_string_truncate (self->out, 0);
  _process_answer_status (self->out, &self->date, &form, 503);
  (void) !send (fd, self->out->str, self->out->len, MSG_NOSIGNAL);
  close (fd);
}

/* The request is often there already, and then the poll set never hears of it. */
void
_process_health_desk_serve (ProcessHealthDesk *self, int fd)
{
  guint served = self->connections.length - self->n_turned_away;
  Connection *connection;

  if (served >= PROCESS_HEALTH_MAX_CONNECTIONS &&
      self->n_turned_away >= PROCESS_HEALTH_MAX_TURNED_AWAY)
    {
      dismiss (self, fd);
      return;
    }
  connection = add_connection (self, fd);
  if (served >= PROCESS_HEALTH_MAX_CONNECTIONS)
    {
      connection->turned_away = TRUE;
      self->n_turned_away++;
      if (refuse (connection, 503))
        watch (connection);
    }
  else if (read_some (connection))
    watch (connection);
}

void
_process_health_desk_drain (ProcessHealthDesk *self)
{
  GList *next;

  self->draining = TRUE;
  if (self->connections.length == 0)
    self->drained (self->owner);
  for (GList *link = self->connections.head; link != NULL; link = next)
    {
      Connection *connection = link->data;

      next = link->next;
      if (connection->state != READING || !read_some (connection))
        continue;
      if (connection->state == READING)
        close_connection (connection);
      else
        watch (connection);
    }
}
