/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The ring buffer against one that keeps everything.
 *
 * The first two bytes are the capacity. Then each write has a byte for the kind of
 * it and one for its length; what is written is counted on, so that it matters
 * where a byte comes from.
 */

#include "fuzz.h"

#include <process-glib/children/process-ring-buffer-private.h>

static void
check_text (ProcessRingBuffer *ring, GByteArray *all, gsize capacity)
{
  gsize length = MIN (capacity, all->len);
  const char *newest = length > 0 ? (const char *) all->data + all->len - length : "";
  g_autofree char *text = process_ring_buffer_to_string (ring);
  g_autofree char *expected = g_utf8_make_valid (newest, (gssize) length);

  g_assert_cmpstr (text, ==, expected);
}

static void
check (ProcessRingBuffer *ring, GByteArray *all, gsize capacity)
{
  g_autoptr (GBytes) bytes = process_ring_buffer_get_bytes (ring);
  gsize length = MIN (capacity, all->len);

  g_assert_cmpuint (process_ring_buffer_get_capacity (ring), ==, capacity);
  g_assert_cmpuint (process_ring_buffer_get_length (ring), ==, length);
  g_assert_true (_process_ring_buffer_has_dropped (ring) == (all->len > capacity));
  g_assert_true ((bytes == NULL) == (length == 0));
  if (bytes != NULL)
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                     all->data + all->len - length, length);
}

static void
add (ProcessRingBuffer *ring, GByteArray *all, gsize length, gboolean as_bytes, guint8 *next)
{
  g_autofree guint8 *chunk = g_malloc (MAX (length, 1));
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < length; i++)
    chunk[i] = (*next)++;
  g_byte_array_append (all, chunk, (guint) length);
  bytes = g_bytes_new (chunk, length);
  if (as_bytes)
    g_assert_cmpuint (process_ring_buffer_write_bytes (ring, bytes), ==, length);
  else
    g_assert_cmpuint (process_ring_buffer_write (ring, chunk, length), ==, length);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (ProcessRingBuffer) ring = NULL;
  gsize capacity;
  guint8 next = 0;

  if (size < 2)
    return 0;
  capacity = data[0] + 256u * (data[1] % 16u);
  ring = process_ring_buffer_new (capacity);
  for (size_t i = 2; i + 1 < MIN (size, 60); i += 2)
    {
      if (data[i] % 16 == 15)
        {
          process_ring_buffer_reset (ring);
          g_byte_array_set_size (all, 0);
        }
      add (ring, all, data[i + 1] * (data[i] % 16 < 12 ? 1u : 16u), data[i] > 127, &next);
      check (ring, all, capacity);
    }
  check_text (ring, all, capacity);
  return 0;
}
