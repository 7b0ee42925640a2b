/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a PID file says, against a regular expression, and read from a real file. */

#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include <process-glib/daemons/process-pid-claim-private.h>
#include <process-glib/daemons/process-pid-file.h>

static pid_t
match (const char *text, gsize size)
{
  /* The first line that is not empty. */
  static const char pattern[] = "\\A[ \\t\\n\\f\\r]*0*([1-9][0-9]{0,9})[ \\t\\f\\r]*(?:\\n|\\z)";
  static GRegex *regex;
  g_autoptr (GMatchInfo) info = NULL;
  g_autofree char *number = NULL;
  gint64 pid;

  if (regex == NULL)
    regex = g_regex_new (pattern, G_REGEX_RAW, 0, NULL);
  if (size > 64 || memchr (text, '\0', size) != NULL ||
      !g_regex_match_full (regex, text, (gssize) size, 0, 0, &info, NULL))
    return 0;
  number = g_match_info_fetch (info, 1);
  pid = g_ascii_strtoll (number, NULL, 10);
  return pid <= G_MAXINT32 ? (pid_t) pid : 0;
}

static gboolean
read_file (const guint8 *data, gsize size, int *pid)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("fuzz-pid-file-XXXXXX", &path, NULL);
  gboolean alive;

  g_assert_cmpint (write (fd, data, size), ==, size);
  close (fd);
  alive = process_pid_file_read (path, pid);
  g_assert_no_errno (unlink (path));
  return alive;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const char *text = size > 0 ? (const char *) data : "";
  pid_t expected = match (text, size);
  int pid = -1;
  gboolean alive;

  g_assert_cmpint (_process_pid_claim_parse (text, size), ==, expected);
  alive = read_file (data, size, &pid);
  g_assert_cmpint (pid, ==, expected);
  g_assert_true (pid > 0 || !alive);
  return 0;
}
