/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The names of signals: each four bytes are a number. */

#include "fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <process-glib/process-text-private.h>

/* What is not one of the old signals tells its number. */
static int
parse (const char *name)
{
  char *end = NULL;
  long number = strtol (name + strlen ("SIG"), &end, 10);

  if (g_str_equal (name, "SIGRTMIN"))
    return SIGRTMIN;
  if (g_str_equal (name, "SIGRTMAX"))
    return SIGRTMAX;
  if (g_str_has_prefix (name, "SIGRTMIN+"))
    return SIGRTMIN + atoi (name + strlen ("SIGRTMIN+"));
  return *end == '\0' ? (int) number : 0;
}

static void
check (int signum, int other)
{
  g_autofree char *name = _process_signal_name (signum);
  g_autofree char *other_name = _process_signal_name (other);
  int parsed = parse (name);

  g_assert_true (g_str_has_prefix (name, "SIG"));
  if (parsed != 0 || signum == 0)
    g_assert_cmpint (parsed, ==, signum);
  else
    g_assert_true (signum > 0 && signum < SIGRTMIN);
  g_assert_true (_process_signal_is_valid (signum) == (signum > 0 && signum <= SIGRTMAX));
  g_assert_true (g_str_equal (other_name, name) == (other == signum));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  for (size_t i = 0; i + sizeof (int) <= MIN (size, 4 * sizeof (int)); i += sizeof (int))
    {
      int signum;

      memcpy (&signum, data + i, sizeof signum);
      check (signum, data[i] % 66);
      check (data[i] % 66, data[i + 1] % 66);
    }
  return 0;
}
