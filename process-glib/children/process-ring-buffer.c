/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-ring-buffer.h"

#include <string.h>

#include "process-ring-buffer-private.h"

#include <process-glib/process-text-private.h>

/**
 * ProcessRingBuffer:
 *
 * Keeps the newest bytes that were written to it.
 *
 * A ring buffer has a capacity. Once that many bytes are in it, each write
 * overwrites the oldest ones; writing never fails and never waits. Its memory
 * grows with the content, not with the capacity.
 *
 * It is reference-counted, and safe to use from any thread: each call takes a
 * lock of the buffer for as long as it copies. Whatever it returns is a copy
 * that belongs to the caller. It knows bytes only: it does not keep lines or
 * characters whole.
 *
 * Guide: [Output and input](output-and-input.html).
 */

/* Bytes go in at `end` and lie before it, around the edge of the block, `length` of them. A block
 * smaller than the capacity has never been wrapped around, so its content begins at 0 and is as
 * long as `end`; it doubles when it is full, and only at full capacity bytes are overwritten. */
struct _ProcessRingBuffer
{
  gsize     capacity;  /* never changes */

  GMutex    lock;      /* guards what follows */
  guint8   *block;     /* (owned) (nullable) */
  gsize     allocated;
  gsize     length;
  gsize     end;
  gboolean  dropped;
};

#define FIRST_ALLOCATION 512

G_DEFINE_BOXED_TYPE (ProcessRingBuffer, process_ring_buffer,
                     process_ring_buffer_ref, process_ring_buffer_unref)

static void
grow (ProcessRingBuffer *self,
      gsize              needed)
{
  gsize allocated = MAX (self->allocated, FIRST_ALLOCATION);

  while (allocated < needed && allocated <= G_MAXSIZE / 2)
    allocated *= 2;

  self->allocated = MIN (MAX (allocated, needed), self->capacity);
  self->block = g_realloc (self->block, self->allocated);
}

static void
append (ProcessRingBuffer *self,
        const guint8      *data,
        gsize              length)
{
  gsize before_edge;

  if (length > self->allocated - self->length && self->allocated < self->capacity)
    grow (self, length < self->capacity - self->length ? self->length + length : self->capacity);

  before_edge = MIN (length, self->allocated - self->end);
  memcpy (self->block + self->end, data, before_edge);
  memcpy (self->block, data + before_edge, length - before_edge);

  self->end = before_edge < length ? length - before_edge : self->end + length;
  self->dropped |= length > self->allocated - self->length;
  self->length = MIN (self->length + length, self->allocated);
}

/* Needs room for the length, under the lock. */
static void
copy_out (ProcessRingBuffer *self,
          guint8            *target)
{
  gsize start = self->end >= self->length ? self->end - self->length
                                          : self->end + self->allocated - self->length;
  gsize before_edge = MIN (self->length, self->allocated - start);

  memcpy (target, self->block + start, before_edge);
  memcpy (target + before_edge, self->block, self->length - before_edge);
}

static void
process_ring_buffer_clear (ProcessRingBuffer *self)
{
  g_free (self->block);
  g_mutex_clear (&self->lock);
}

/**
 * process_ring_buffer_new:
 * @capacity: how many bytes it keeps; with 0 it keeps nothing
 *
 * Creates an empty ring buffer.
 *
 * Returns: (transfer full): a new ring buffer
 */
ProcessRingBuffer *
process_ring_buffer_new (gsize capacity)
{
  ProcessRingBuffer *self = g_atomic_rc_box_new0 (ProcessRingBuffer);

  self->capacity = capacity;
  g_mutex_init (&self->lock);

  return self;
}

/**
 * process_ring_buffer_ref:
 * @self: a ring buffer
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @self
 */
ProcessRingBuffer *
process_ring_buffer_ref (ProcessRingBuffer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * process_ring_buffer_unref:
 * @self: (transfer full): a ring buffer
 *
 * Drops a reference; the last one frees the buffer.
 */
void
process_ring_buffer_unref (ProcessRingBuffer *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, (GDestroyNotify) process_ring_buffer_clear);
}

/**
 * process_ring_buffer_write:
 * @self: a ring buffer
 * @data: (array length=length) (nullable): the bytes to write
 * @length: how many they are
 *
 * Writes bytes, over the oldest ones where there is no more room.
 *
 * Of more bytes than the capacity only the newest are kept.
 *
 * Returns: how many bytes were taken, which is always @length
 */
gsize
process_ring_buffer_write (ProcessRingBuffer *self,
                           const guint8      *data,
                           gsize              length)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (data != NULL || length == 0, 0);

  if (length == 0)
    return 0;

  g_mutex_lock (&self->lock);

  if (length > self->capacity)
    {
      self->dropped = TRUE;
      if (self->capacity > 0)
        append (self, data + (length - self->capacity), self->capacity);
    }
  else
    {
      append (self, data, length);
    }

  g_mutex_unlock (&self->lock);

  return length;
}

/**
 * process_ring_buffer_write_bytes:
 * @self: a ring buffer
 * @bytes: the bytes to write
 *
 * Writes the content of @bytes, like [method@Process.RingBuffer.write].
 *
 * Returns: how many bytes were taken, which is always all of them
 */
gsize
process_ring_buffer_write_bytes (ProcessRingBuffer *self,
                                 GBytes            *bytes)
{
  gconstpointer data;
  gsize length;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (bytes != NULL, 0);

  data = g_bytes_get_data (bytes, &length);

  return process_ring_buffer_write (self, data, length);
}

/**
 * process_ring_buffer_to_string:
 * @self: a ring buffer
 *
 * Copies the content as text.
 *
 * What is not valid UTF-8 becomes U+FFFD: broken bytes, NULs, and also the
 * rest of a character whose beginning was overwritten.
 *
 * Returns: (transfer full): the content, oldest bytes first
 */
char *
process_ring_buffer_to_string (ProcessRingBuffer *self)
{
  g_autofree char *copy = NULL;
  gsize length;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  length = self->length;
  copy = g_malloc (length + 1);
  if (length > 0)
    copy_out (self, (guint8 *) copy);
  g_mutex_unlock (&self->lock);

  copy[length] = '\0';
  if (g_utf8_validate_len (copy, length, NULL))
    return g_steal_pointer (&copy);

  return _process_make_valid (copy, length);
}

/**
 * process_ring_buffer_get_bytes:
 * @self: a ring buffer
 *
 * Copies the content.
 *
 * Returns: (transfer full) (nullable): the content, oldest bytes first, or
 *   %NULL when there is none
 */
GBytes *
process_ring_buffer_get_bytes (ProcessRingBuffer *self)
{
  guint8 *copy = NULL;
  gsize length;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  length = self->length;
  if (length > 0)
    {
      copy = g_malloc (length);
      copy_out (self, copy);
    }
  g_mutex_unlock (&self->lock);

  return length > 0 ? g_bytes_new_take (copy, length) : NULL;
}

/**
 * process_ring_buffer_get_length:
 * @self: a ring buffer
 *
 * Tells how many bytes are in it.
 *
 * Returns: the number of bytes, at most the capacity
 */
gsize
process_ring_buffer_get_length (ProcessRingBuffer *self)
{
  gsize length;

  g_return_val_if_fail (self != NULL, 0);

  g_mutex_lock (&self->lock);
  length = self->length;
  g_mutex_unlock (&self->lock);

  return length;
}

/**
 * process_ring_buffer_get_capacity:
 * @self: a ring buffer
 *
 * Tells how many bytes it keeps at most.
 *
 * Returns: the capacity in bytes
 */
gsize
process_ring_buffer_get_capacity (ProcessRingBuffer *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->capacity;
}

/**
 * process_ring_buffer_reset:
 * @self: a ring buffer
 *
 * Empties it and frees the memory of its content.
 */
void
process_ring_buffer_reset (ProcessRingBuffer *self)
{
  g_autofree guint8 *block = NULL;

  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  block = g_steal_pointer (&self->block);
  self->allocated = 0;
  self->length = 0;
  self->end = 0;
  self->dropped = FALSE;
  g_mutex_unlock (&self->lock);
}

gboolean
_process_ring_buffer_has_dropped (ProcessRingBuffer *self)
{
  gboolean dropped;

  g_mutex_lock (&self->lock);
  dropped = self->dropped;
  g_mutex_unlock (&self->lock);

  return dropped;
}
