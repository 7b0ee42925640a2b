/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* fuzz-NAME VARIATIONS PATH...
 *
 * Tries files, and all files of folders, and so many variations of each. They
 * are the same ones every time.
 */

#include "fuzz.h"

#include <string.h>

static guint n_variations;

static void
try_bytes (GByteArray *bytes)
{
  /* Exactly as large as needed, so that tools see any access beyond it. */
  g_autofree guint8 *copy = g_memdup2 (bytes->data, bytes->len);

  LLVMFuzzerTestOneInput (copy, bytes->len);
}

static void
change_byte (GByteArray *bytes, GRand *rand)
{
  static const guint8 telling[] = { 0, '\n', '\r', '"', '\\', '{', '[', ',', ':', 0x80, 0xff };
  guint position = (guint) g_rand_int_range (rand, 0, (gint32) bytes->len);

  bytes->data[position] = g_rand_boolean (rand)
                            ? (guint8) g_rand_int (rand)
                            : telling[g_rand_int_range (rand, 0, G_N_ELEMENTS (telling))];
}

/* Doubles a part of it, or leaves one out. */
static void
change_part (GByteArray *bytes, GRand *rand)
{
  guint start = (guint) g_rand_int_range (rand, 0, (gint32) bytes->len);
  guint length = (guint) g_rand_int_range (rand, 0, (gint32) (bytes->len - start)) + 1;
  g_autofree guint8 *part = NULL;

  if (g_rand_boolean (rand))
    {
      g_byte_array_remove_range (bytes, start, length);
      return;
    }
  part = g_memdup2 (bytes->data + start, length);
  g_byte_array_append (bytes, part, length);
}

static void
try_variations (const guint8 *data, gsize size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < n_variations && size > 0; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      g_byte_array_append (bytes, data, (guint) size);
      for (gint32 n = g_rand_int_range (rand, 1, 6); n > 0 && bytes->len > 0; n--)
        if (g_rand_int_range (rand, 0, 4) == 0)
          change_part (bytes, rand);
        else
          change_byte (bytes, rand);
      try_bytes (bytes);
    }
}

static guint
try_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  gsize size;

  if (!g_file_get_contents (path, &content, &size, &error))
    g_error ("%s", error->message);
  bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) content, (guint) size);
  try_bytes (bytes);
  try_variations (bytes->data, bytes->len);
  return 1;
}

static guint
try_path (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return try_file (path);
  dir = g_dir_open (path, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      n += try_path (inner);
    }
  return n;
}

int
main (int argc, char **argv)
{
  guint n = 0;

  n_variations = argc > 1 ? (guint) g_ascii_strtoull (argv[1], NULL, 10) : 0;
  for (int i = 2; i < argc; i++)
    n += try_path (argv[i]);
  g_print ("%u files\n", n);
  return n == 0;
}
