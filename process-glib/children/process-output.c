/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <process-glib/children/process-service-private.h>

/* The way of a line
 *
 * pipe -> read -> capture (the ring) -> delivery -> splitter -> signal
 *
 * Whoever drives the reactor reads. In the owner, what was read is delivered
 * at once, out of the block that it was read into. In another thread, or while
 * the owner is inside a handler of the same process, it waits in a queue for
 * the owner. When the queue is full the pipe is not read any more, and so the
 * child has to wait; but not on behalf of signals that nobody is connected to.
 *
 * After the end was announced, what still comes from descendants is captured
 * and otherwise dropped.
 */

/* Reads in one turn, so that one child does not starve the others. */
#define BURST 4

/* After so many full reads in a row the pipe is made larger. Not earlier: the
 * kernel allows a user only so much memory in pipes, see pipe(7). */
#define FULL_READS 4
#define LARGE_PIPE (256 * 1024)

/* What a queued chunk takes besides its bytes. */
#define CHUNK_OVERHEAD 64

typedef struct
{
  ProcessOutput *output; /* (unowned) */
  gboolean       after_gap;
  gsize          length;
  char           bytes[];
} ProcessChunk;

static void output_ready (ProcessChannel *channel, ProcessTurn turn);

void
_process_output_open (ProcessManagedProcess *self, ProcessOutput *output, int fd)
{
  output->channel.fd = fd;
  output->channel.func = output_ready;
  output->channel.owner = self;
  if (fd >= 0)
    _process_reactor_watch (self->reactor, &output->channel, POLLIN);
}

gboolean
_process_output_is_open (ProcessManagedProcess *self)
{
  return self->out.channel.fd >= 0 || self->err.channel.fd >= 0;
}

/* For run (): keeps the last line that is not empty; its first KiB will do. */
static void
remember_stderr (ProcessManagedProcess *self, const char *bytes, gsize length)
{
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *newline = memchr (bytes, '\n', (gsize) (end - bytes));
      gsize n = (gsize) ((newline != NULL ? newline : end) - bytes);

      g_string_append_len (self->stderr_line, bytes,
                           (gssize) MIN (n, 1024 - MIN (self->stderr_line->len, 1024)));
      if (newline == NULL)
        return;
      if (self->stderr_line->len > 0)
        {
          g_free (self->last_stderr);
          self->last_stderr = g_strndup (self->stderr_line->str, self->stderr_line->len);
          g_string_truncate (self->stderr_line, 0);
        }
      bytes = newline + 1;
    }
}

static void
capture (ProcessManagedProcess *self, ProcessOutput *output, const char *bytes, gsize length)
{
  if (self->ring != NULL)
    process_ring_buffer_write (self->ring, (const guint8 *) bytes, length);
  if (self->keeps_stderr && output->stream == PROCESS_STREAM_STDERR)
    remember_stderr (self, bytes, length);
}

static void
enqueue (ProcessManagedProcess *self, ProcessOutput *output, const char *bytes, gsize length)
{
  ProcessChunk *chunk;

  if (self->n_undelivered >= PROCESS_MAX_UNDELIVERED)
    {
      output->has_gap = TRUE;
      return;
    }
  chunk = g_malloc (sizeof *chunk + length + 1);
  chunk->output = output;
  chunk->after_gap = output->has_gap;
  chunk->length = length;
  memcpy (chunk->bytes, bytes, length);
  output->has_gap = FALSE;
  g_queue_push_tail (&self->undelivered, chunk);
  self->n_undelivered += length + CHUNK_OVERHEAD;
  _process_reactor_add_errand (self->reactor, &self->errand);
}

/* A gap makes what is left of its line meaningless. */
static void
deliver_bytes (ProcessManagedProcess *self, ProcessOutput *output, gboolean after_gap,
               char *bytes, gsize length)
{
  ProcessLines *lines = _process_reactor_take_lines (self->reactor);

  _process_reactor_unlock (self->reactor);
  if (after_gap)
    {
      char *newline = memchr (bytes, '\n', length);
      gsize skipped = newline != NULL ? (gsize) (newline + 1 - bytes) : length;

      _process_line_splitter_clear (&output->splitter);
      bytes += skipped;
      length -= skipped;
    }
  _process_managed_process_emit_output (self, output, bytes, length, lines);
  _process_reactor_lock (self->reactor);
  _process_reactor_give_lines (self->reactor, lines);
}

static void
resume (ProcessManagedProcess *self, ProcessOutput *output)
{
  if (output->channel.fd >= 0)
    _process_reactor_watch (self->reactor, &output->channel, POLLIN);
}

/* The last line, when it has no end: only when no more can come. */
static void
deliver_rest (ProcessManagedProcess *self, ProcessOutput *output)
{
  if (output->splitter.carry_length > 0)
    deliver_bytes (self, output, FALSE, NULL, 0);
}

/* In the owner, with `delivering` set. */
void
_process_output_deliver (ProcessManagedProcess *self)
{
  ProcessTurn turn = self->errand.awaited > 0 ? PROCESS_TURN_AWAITED : PROCESS_TURN_ALL;
  gboolean late = FALSE;

  for (guint left = self->undelivered.length; left > 0 && !late; left--)
    {
      g_autofree ProcessChunk *chunk = g_queue_pop_head (&self->undelivered);

      self->n_undelivered -= chunk->length + CHUNK_OVERHEAD;
      deliver_bytes (self, chunk->output, chunk->after_gap, chunk->bytes, chunk->length);
      late = _process_reactor_is_late (self->reactor, turn);
    }
  if (self->undelivered.length > 0)
    {
      _process_reactor_add_errand (self->reactor, &self->errand);
      return;
    }
  resume (self, &self->out);
  resume (self, &self->err);
  if (self->out.channel.fd < 0)
    deliver_rest (self, &self->out);
  if (self->err.channel.fd < 0)
    deliver_rest (self, &self->err);
}

/* In the owner, before the end is told of; a survivor may hold the pipes. */
void
_process_output_flush (ProcessManagedProcess *self)
{
  deliver_rest (self, &self->out);
  deliver_rest (self, &self->err);
}

/* When nobody will deliver any more. */
void
_process_output_discard (ProcessManagedProcess *self)
{
  g_queue_clear_full (&self->undelivered, g_free);
  _process_line_splitter_clear (&self->out.splitter);
  _process_line_splitter_clear (&self->err.splitter);
  self->n_undelivered = 0;
}

/* Nobody will ever deliver, so nothing waits for that. */
void
_process_output_abandon (ProcessManagedProcess *self)
{
  _process_output_discard (self);
  resume (self, &self->out);
  resume (self, &self->err);
}

void
_process_output_close (ProcessManagedProcess *self)
{
  _process_reactor_close (self->reactor, &self->out.channel);
  _process_reactor_close (self->reactor, &self->err.channel);
}

/* Whether there are still signals to come. */
static gboolean
will_be_told (ProcessManagedProcess *self)
{
  return !self->ended && !_process_reactor_is_orphaned (self->reactor);
}

static gboolean
may_deliver (ProcessManagedProcess *self, ProcessTurn turn)
{
  return !self->delivering &&
         (turn == PROCESS_TURN_ALL ||
          (turn == PROCESS_TURN_AWAITED && self->errand.awaited > 0));
}

/* What was just read, still in the block that it was read into. */
static void
pass_on (ProcessManagedProcess *self, ProcessOutput *output, char *bytes, gsize length,
         ProcessTurn turn)
{
  gboolean after_gap = output->has_gap;

  if (!will_be_told (self))
    return;
  /* What is told first may take long, and the end may come meanwhile: so it is
   * queued before. A start waits for its turn, after the ends that it waited for. */
  if (!may_deliver (self, turn) || !self->started_emitted || self->undelivered.length > 0)
    {
      enqueue (self, output, bytes, length);
      if (may_deliver (self, turn) && self->started_emitted)
        _process_life_deliver (&self->errand);
      return;
    }
  output->has_gap = FALSE;
  self->delivering = TRUE;
  deliver_bytes (self, output, after_gap, bytes, length);
  _process_life_finish_delivery (self);
}

static gboolean
may_read (ProcessManagedProcess *self)
{
  return !will_be_told (self) || self->n_undelivered < PROCESS_MAX_UNDELIVERED ||
         !_process_managed_process_has_listeners (self);
}

static void
enlarge_if_busy (ProcessOutput *output, gsize n)
{
  output->n_full = n == PROCESS_READ_SIZE ? output->n_full + 1 : 0;
  if (output->n_full == FULL_READS)
    fcntl (output->channel.fd, F_SETPIPE_SZ, LARGE_PIPE);
}

static void
output_ended (ProcessManagedProcess *self, ProcessOutput *output)
{
  _process_reactor_close (self->reactor, &output->channel);
  output->must_read = 0;
  if (!self->ended || self->lingering)
    _process_reactor_add_errand (self->reactor, &self->errand);
}

/* FALSE when there is nothing more to be read now. */
static gboolean
read_some (ProcessManagedProcess *self, ProcessOutput *output, char *bytes, ProcessTurn turn)
{
  gssize n;

  if (!may_read (self))
    {
      _process_reactor_unwatch (self->reactor, &output->channel);
      return FALSE;
    }
  n = read (output->channel.fd, bytes, PROCESS_READ_SIZE);
  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n < 0 && errno == EAGAIN)
    {
      output->must_read = 0;
      return FALSE;
    }
  if (n <= 0)
    {
      output_ended (self, output);
      return FALSE;
    }
  output->must_read -= MIN (output->must_read, (gsize) n);
  enlarge_if_busy (output, (gsize) n);
  capture (self, output, bytes, (gsize) n);
  if (self->reaped && !self->ended)
    _process_reactor_arm (self->reactor, &self->linger_timer,
                          MIN (g_get_monotonic_time () + PROCESS_LINGER_SILENCE,
                               self->linger_limit));
  pass_on (self, output, bytes, (gsize) n, turn);
  return n == PROCESS_READ_SIZE && output->channel.fd >= 0;
}

static void
output_ready (ProcessChannel *channel, ProcessTurn turn)
{
  ProcessManagedProcess *self = channel->owner;
  ProcessOutput *output = channel == &self->out.channel ? &self->out : &self->err;
  char *block = _process_reactor_take_block (self->reactor);
  int left = BURST;

  while (left > 0 && read_some (self, output, block, turn))
    left = _process_reactor_is_late (self->reactor, turn) ? 0 : left - 1;
  _process_reactor_give_block (self->reactor, block);
  if (channel->fd >= 0 && channel->events == 0 && may_read (self))
    resume (self, output);
  _process_life_advance (self);
}

/* The child is reaped: what it wrote before is in the pipe now. */
void
_process_output_drain (ProcessManagedProcess *self, ProcessOutput *output)
{
  int n = 0;

  if (output->channel.fd < 0)
    return;
  if (ioctl (output->channel.fd, FIONREAD, &n) == 0)
    output->must_read = (gsize) n;
  _process_reactor_set_ready (self->reactor, &output->channel);
}

/* All that is in the pipes of a process that was told of is read now; so is
 * their end, if those who held them are gone. */
void
_process_output_catch_up (ProcessManagedProcess *self)
{
  if (self->out.channel.fd >= 0)
    output_ready (&self->out.channel, PROCESS_TURN_SILENT);
  if (self->err.channel.fd >= 0)
    output_ready (&self->err.channel, PROCESS_TURN_SILENT);
}
