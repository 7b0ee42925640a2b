/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <errno.h>
#include <signal.h>
#include <sys/uio.h>

/* How much is written in one turn to a child that reads as fast as we write. */
#define WRITE_LIMIT (1024 * 1024)

typedef struct
{
  GBytes *bytes; /* (owned) */
  gsize   sent;
  GTask  *task;  /* (owned) (nullable), returns when all is sent */
} ProcessInputItem;

static void
input_item_free (ProcessInputItem *item)
{
  g_bytes_unref (item->bytes);
  g_free (item);
}

/* Linux 6.18 */
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x100
#endif

/* Whoever writes to a pipe that nobody reads gets SIGPIPE, which ends a
 * program unless it thought of that. Where the kernel cannot be asked for a
 * write without it, it is held off here, in this thread only, and taken back
 * before it can be delivered. */
static gssize
write_with_sigpipe_blocked (int fd, const void *data, gsize length)
{
  const struct timespec at_once = { 0, 0 };
  sigset_t pipe_only, before, pending;
  gboolean had_one = FALSE;
  gssize n;
  int problem;

  sigemptyset (&pipe_only);
  sigaddset (&pipe_only, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_only, &before);
  if (sigismember (&before, SIGPIPE) && sigpending (&pending) == 0)
    had_one = sigismember (&pending, SIGPIPE);
  do
    n = write (fd, data, length);
  while (n < 0 && errno == EINTR);
  problem = errno;
  if (n < 0 && problem == EPIPE && !had_one)
    while (sigtimedwait (&pipe_only, NULL, &at_once) < 0 && errno == EINTR)
      continue;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = problem;
  return n;
}

static gssize
write_without_sigpipe (int fd, const void *data, gsize length)
{
  static gint unsupported;
  struct iovec part = { (void *) data, length };
  gssize n;

  if (!g_atomic_int_get (&unsupported))
    {
      do
        n = pwritev2 (fd, &part, 1, -1, RWF_NOSIGNAL);
      while (n < 0 && errno == EINTR);
      if (n >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS))
        return n;
      g_atomic_int_set (&unsupported, TRUE);
    }
  return write_with_sigpipe_blocked (fd, data, length);
}

/* Whatever becomes of the bytes. */
void
_process_input_fail_calls (ProcessManagedProcess *self, const GError *error)
{
  for (GList *link = self->in.queue.head; link != NULL; link = link->next)
    {
      ProcessInputItem *item = link->data;

      if (item->task != NULL)
        _process_reactor_return_later (self->reactor, g_steal_pointer (&item->task),
                                       g_error_copy (error));
    }
}

void
_process_input_abandon (ProcessManagedProcess *self, GQuark domain, int code, const char *message)
{
  ProcessInput *in = &self->in;
  g_autoptr (GError) error = NULL;

  _process_reactor_close (self->reactor, &in->channel);
  if (in->queue.length == 0)
    return;
  error = g_error_new (domain, code, "%s (“%s”)", message, self->command);
  _process_input_fail_calls (self, error);
  g_queue_clear_full (&in->queue, (GDestroyNotify) input_item_free);
  in->unsent = 0;
}

static void
abandon_with_errno (ProcessManagedProcess *self, int problem)
{
  self->in.problem = problem == EPIPE ? 0 : problem;
  _process_input_abandon (self, G_IO_ERROR, g_io_error_from_errno (problem),
                          problem == EPIPE ? "The process does not read its standard input any more"
                                           : g_strerror (problem));
}

/* FALSE when the system could not give it all to the process. */
gboolean
_process_input_check (ProcessManagedProcess *self, GError **error)
{
  int problem = self->in.problem;

  if (problem != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
                 "Process %s (“%s”) could not be given all of its standard input: %s", self->id,
                 self->command, g_strerror (problem));
  return problem == 0;
}

static void
settle (ProcessManagedProcess *self)
{
  ProcessInput *in = &self->in;

  if (in->channel.fd < 0)
    return;
  if (in->queue.length > 0)
    {
      _process_reactor_watch (self->reactor, &in->channel, POLLOUT);
      return;
    }
  _process_reactor_unwatch (self->reactor, &in->channel);
  if (in->close_after)
    _process_reactor_close (self->reactor, &in->channel);
}

static void
write_queue (ProcessManagedProcess *self)
{
  ProcessInput *in = &self->in;
  gsize budget = WRITE_LIMIT;
  ProcessInputItem *item;

  while (budget > 0 && (item = g_queue_peek_head (&in->queue)) != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (item->bytes, &size);
      gssize n = 0;

      if (item->sent < size)
        n = write_without_sigpipe (in->channel.fd, data + item->sent,
                                   MIN (size - item->sent, budget));
      if (n < 0)
        {
          if (errno != EAGAIN)
            abandon_with_errno (self, errno);
          return;
        }
      item->sent += (gsize) n;
      in->unsent -= (gsize) n;
      budget -= (gsize) n;
      if (item->sent < size)
        continue;
      g_queue_pop_head (&in->queue);
      if (item->task != NULL)
        _process_reactor_return_later (self->reactor, item->task, NULL);
      input_item_free (item);
    }
}

static void
input_ready (ProcessChannel *channel, ProcessTurn turn)
{
  ProcessManagedProcess *self = channel->owner;

  write_queue (self);
  settle (self);
}

void
_process_input_open (ProcessManagedProcess *self, int fd)
{
  if (fd < 0)
    return;
  self->in.channel.fd = fd;
  self->in.channel.func = input_ready;
  self->in.channel.owner = self;
}

static gboolean
check_can_send (ProcessManagedProcess *self, gsize size, gsize limit, GError **error)
{
  ProcessInput *in = &self->in;

  if (self->reaped || self->status != PROCESS_STATUS_RUNNING)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING, "Process %s (“%s”) has ended",
                   self->id, self->command);
      return FALSE;
    }
  if (in->channel.fd < 0 || in->close_after)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE,
                   "The standard input of process %s (“%s”) is closed or no pipe", self->id,
                   self->command);
      return FALSE;
    }
  if (size > limit || in->unsent > limit - size)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED,
                   "Process %s (“%s”) does not read its standard input fast enough: "
                   "%" G_GSIZE_FORMAT " bytes are waiting already",
                   self->id, self->command, in->unsent);
      return FALSE;
    }
  return TRUE;
}

static gboolean
fail_to_send (ProcessManagedProcess *self, GError **error)
{
  if (!_process_input_check (self, error))
    return FALSE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
               "Process %s (“%s”) does not read its standard input any more", self->id,
               self->command);
  return FALSE;
}

/* Takes @task over, unless it fails. */
gboolean
_process_input_send (ProcessManagedProcess *self, GBytes *bytes, GTask *task, gsize limit,
                     GError **error)
{
  ProcessInput *in = &self->in;
  ProcessInputItem *item;

  if (!check_can_send (self, g_bytes_get_size (bytes), limit, error))
    return FALSE;

  item = g_new0 (ProcessInputItem, 1);
  item->bytes = g_bytes_ref (bytes);
  item->task = task;
  in->unsent += g_bytes_get_size (bytes);
  g_queue_push_tail (&in->queue, item);
  if (in->queue.length == 1)
    write_queue (self);
  settle (self);
  if (in->channel.fd < 0 && task == NULL && !in->close_after)
    return fail_to_send (self, error);
  return TRUE;
}

/* The call was cancelled; its bytes stay. FALSE when it is about to return. */
gboolean
_process_input_forget (ProcessManagedProcess *self, GTask *task)
{
  for (GList *link = self->in.queue.head; link != NULL; link = link->next)
    {
      ProcessInputItem *item = link->data;

      if (item->task == task)
        {
          item->task = NULL;
          return TRUE;
        }
    }
  return FALSE;
}

void
_process_input_finish (ProcessManagedProcess *self)
{
  self->in.close_after = TRUE;
  settle (self);
}
