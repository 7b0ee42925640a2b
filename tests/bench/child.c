/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* child n=N [length=L]: prints N lines of L bytes (60, the newline counted) in blocks of 64 KiB
 * child: says `ready`, and then what it reads */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char block[64 << 10];

static long
get_number (char **arguments, const char *key, long otherwise)
{
  for (; *arguments != NULL; arguments++)
    if (strncmp (*arguments, key, strlen (key)) == 0)
      return atol (*arguments + strlen (key));
  return otherwise;
}

static void
put (const char *text, size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (STDOUT_FILENO, text, length);

      if (n < 0)
        exit (EXIT_FAILURE);
      text += n;
      length -= (size_t) n;
    }
}

static void
put_lines (long n, size_t length)
{
  char *line = malloc (length);

  memset (line, 'x', length - 1);
  line[length - 1] = '\n';
  setvbuf (stdout, block, _IOFBF, sizeof block);
  while (n-- > 0)
    fwrite (line, 1, length, stdout);
  free (line);
}

static void
echo (void)
{
  ssize_t n;

  put ("ready\n", 6);
  while ((n = read (STDIN_FILENO, block, sizeof block)) > 0)
    put (block, (size_t) n);
}

int
main (int argc, char **argv)
{
  long n = get_number (argv + 1, "n=", -1), length = get_number (argv + 1, "length=", 60);

  if (n < 0)
    echo ();
  else if (length > 0)
    put_lines (n, (size_t) length);
  return EXIT_SUCCESS;
}
