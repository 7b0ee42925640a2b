/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "settings.h"

#include <string.h>

static char **arguments;

void
settings_init (char **argv)
{
  arguments = argv + 1;
}

const char *
settings_get_string (const char *key, const char *otherwise)
{
  gsize length = strlen (key);

  for (char **each = arguments; *each != NULL; each++)
    if (strncmp (*each, key, length) == 0 && (*each)[length] == '=')
      return *each + length + 1;
  return otherwise;
}

gint64
settings_get_int (const char *key, gint64 otherwise)
{
  const char *text = settings_get_string (key, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}
