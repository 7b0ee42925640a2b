/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include <process-glib/children/process-ring-buffer-private.h>

static void
write_string (ProcessRingBuffer *ring,
              const char        *text)
{
  gsize length = strlen (text);

  g_assert_cmpuint (process_ring_buffer_write (ring, (const guint8 *) text, length), ==, length);
}

static void
assert_content (ProcessRingBuffer *ring,
                const char        *expected)
{
  g_autofree char *text = process_ring_buffer_to_string (ring);
  g_autoptr (GBytes) bytes = process_ring_buffer_get_bytes (ring);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (process_ring_buffer_get_length (ring), ==, strlen (expected));

  if (expected[0] == '\0')
    g_assert_null (bytes);
  else
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                     expected, strlen (expected));
}

static void
test_empty (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (8);

  g_assert_cmpuint (process_ring_buffer_get_capacity (ring), ==, 8);
  assert_content (ring, "");
  g_assert_cmpuint (process_ring_buffer_write (ring, NULL, 0), ==, 0);
  assert_content (ring, "");
  g_assert_false (_process_ring_buffer_has_dropped (ring));
}

static void
test_wrap (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (8);

  write_string (ring, "abc");
  assert_content (ring, "abc");
  write_string (ring, "defgh");
  assert_content (ring, "abcdefgh");
  g_assert_false (_process_ring_buffer_has_dropped (ring));

  write_string (ring, "i");
  assert_content (ring, "bcdefghi");
  g_assert_true (_process_ring_buffer_has_dropped (ring));

  write_string (ring, "jklmnop");
  assert_content (ring, "ijklmnop");
  write_string (ring, "12345678");
  assert_content (ring, "12345678");
  write_string (ring, "a much longer text");
  assert_content (ring, "ger text");
}

static void
test_longer_than_capacity (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (4);

  write_string (ring, "0123456789");
  assert_content (ring, "6789");
  g_assert_true (_process_ring_buffer_has_dropped (ring));
}

static void
test_no_capacity (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (0);

  write_string (ring, "gone");
  assert_content (ring, "");
  g_assert_cmpuint (process_ring_buffer_get_capacity (ring), ==, 0);
}

static void
test_huge_capacity (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (G_MAXSIZE);

  /* Could not work if it took memory for its capacity. */
  write_string (ring, "small");
  assert_content (ring, "small");
  g_assert_false (_process_ring_buffer_has_dropped (ring));
}

static void
test_reset (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (4);

  write_string (ring, "abcdef");
  process_ring_buffer_reset (ring);
  assert_content (ring, "");
  g_assert_false (_process_ring_buffer_has_dropped (ring));

  write_string (ring, "xy");
  assert_content (ring, "xy");
  write_string (ring, "z12");
  assert_content (ring, "yz12");
}

static void
test_text (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (8);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("a\0b\xff", 4);
  g_autofree char *text = NULL;
  g_autofree char *cut = NULL;

  g_assert_cmpuint (process_ring_buffer_write_bytes (ring, bytes), ==, 4);
  text = process_ring_buffer_to_string (ring);
  g_assert_cmpstr (text, ==, "a\uFFFDb\uFFFD");

  /* Two of the three bytes of the first character are left. */
  write_string (ring, "€€€");
  cut = process_ring_buffer_to_string (ring);
  g_assert_cmpstr (cut, ==, "\uFFFD\uFFFD€€");
}

static void
check_against_model (gsize capacity)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (capacity);
  g_autoptr (GByteArray) model = g_byte_array_new ();
  guint8 chunk[3000];
  guint8 next = 0;
  gboolean dropped = FALSE;

  for (guint i = 0; i < 200; i++)
    {
      gsize length = g_test_rand_int_range (0, g_test_rand_bit () ? 16 : sizeof (chunk));
      g_autoptr (GBytes) bytes = NULL;

      for (gsize j = 0; j < length; j++)
        chunk[j] = next++;

      g_assert_cmpuint (process_ring_buffer_write (ring, chunk, length), ==, length);
      g_byte_array_append (model, chunk, length);
      if (model->len > capacity)
        {
          g_byte_array_remove_range (model, 0, model->len - capacity);
          dropped = TRUE;
        }

      bytes = process_ring_buffer_get_bytes (ring);
      g_assert_cmpint (_process_ring_buffer_has_dropped (ring), ==, dropped);
      g_assert_cmpuint (process_ring_buffer_get_length (ring), ==, model->len);
      if (model->len > 0)
        g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                         model->data, model->len);
      else
        g_assert_null (bytes);
    }
}

static void
test_random (void)
{
  const gsize edges[] = { 1, 511, 512, 513, 1024, 1025, 100000, 1000000 };

  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    check_against_model (edges[i]);

  for (guint i = 0; i < 50; i++)
    check_against_model (g_test_rand_int_range (1, 5000));
}

static void
test_growth (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (100000);
  g_autoptr (GString) expected = g_string_new (NULL);

  /* Filled to the last byte each time, before it grows. */
  for (gsize length = 1; length < 100000; length *= 2)
    {
      g_autofree char *part = g_strnfill (length, 'a' + length % 23);

      write_string (ring, part);
      g_string_append (expected, part);
      assert_content (ring, expected->str + (expected->len > 100000 ? expected->len - 100000 : 0));
    }
}

#define BLOCK_SIZE 4096
#define N_BLOCKS 8

typedef struct
{
  ProcessRingBuffer *ring;
  char letter;
} Writer;

static gpointer
write_in_thread (gpointer user_data)
{
  Writer *writer = user_data;
  g_autofree char *block = g_strnfill (BLOCK_SIZE, writer->letter);

  for (guint i = 0; i < 5000; i++)
    write_string (writer->ring, block);

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (ProcessRingBuffer) ring = process_ring_buffer_new (N_BLOCKS * BLOCK_SIZE);
  Writer writers[4];
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      writers[i] = (Writer) { ring, 'a' + i };
      threads[i] = g_thread_new ("writer", write_in_thread, &writers[i]);
    }

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *text = process_ring_buffer_to_string (ring);
      gsize length = strlen (text);

      /* Every write is whole. */
      g_assert_cmpuint (length % BLOCK_SIZE, ==, 0);
      for (gsize at = 0; at < length; at += BLOCK_SIZE)
        for (gsize j = 1; j < BLOCK_SIZE; j++)
          g_assert_true (text[at + j] == text[at]);
    }

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (process_ring_buffer_get_length (ring), ==, N_BLOCKS * BLOCK_SIZE);
}

static void
test_boxed (void)
{
  GValue value = G_VALUE_INIT;
  ProcessRingBuffer *ring = process_ring_buffer_new (4);

  g_value_init (&value, PROCESS_TYPE_RING_BUFFER);
  g_value_take_boxed (&value, ring);
  write_string (g_value_get_boxed (&value), "ab");
  assert_content (ring, "ab");
  g_value_unset (&value);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ring-buffer/empty", test_empty);
  g_test_add_func ("/ring-buffer/wrap", test_wrap);
  g_test_add_func ("/ring-buffer/longer-than-capacity", test_longer_than_capacity);
  g_test_add_func ("/ring-buffer/no-capacity", test_no_capacity);
  g_test_add_func ("/ring-buffer/huge-capacity", test_huge_capacity);
  g_test_add_func ("/ring-buffer/reset", test_reset);
  g_test_add_func ("/ring-buffer/text", test_text);
  g_test_add_func ("/ring-buffer/random", test_random);
  g_test_add_func ("/ring-buffer/growth", test_growth);
  g_test_add_func ("/ring-buffer/threads", test_threads);
  g_test_add_func ("/ring-buffer/boxed", test_boxed);

  return g_test_run ();
}
