/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* child n=N [length=L] [text=T]: prints N lines of L bytes (60, the newline counted) in blocks of
 *   64 KiB, of T (`x`) again and again
 * child: says `ready`, and then what it reads */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char block[64 << 10];

static const char *
get_text (char **arguments, const char *key, const char *otherwise)
{
  for (; *arguments != NULL; arguments++)
    if (strncmp (*arguments, key, strlen (key)) == 0)
      return *arguments + strlen (key);
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
put_lines (long n, size_t length, const char *text)
{
  char *line = malloc (length);

  for (size_t i = 0, size = strlen (text); i < length - 1; i++)
    line[i] = text[i % size];
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
  long n = atol (get_text (argv + 1, "n=", "-1"));
  long length = atol (get_text (argv + 1, "length=", "60"));
  const char *text = get_text (argv + 1, "text=", "x");

  if (n < 0)
    echo ();
  else if (length > 0 && *text != '\0')
    put_lines (n, (size_t) length, text);
  return EXIT_SUCCESS;
}
