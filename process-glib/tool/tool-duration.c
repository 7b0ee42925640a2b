/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-private.h"

#include <string.h>

static double
get_unit (const char *suffix)
{
  static const struct
  {
    const char *suffix;
    double      seconds;
  } units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (suffix, units[i].suffix) == 0)
      return units[i].seconds;
  return 0;
}

/* Decimal digits, perhaps with a point among them or beside them, and perhaps a unit, as
 * timeout(1) takes them; g_ascii_strtod() alone would also take “inf”, “0x10” and “-1”. */
gboolean
tool_parse_duration (const char *text, gint64 *microseconds, GError **error)
{
  gsize length = strspn (text, "0123456789.");
  g_autofree char *number = g_strndup (text, length);
  double unit = get_unit (text + length);
  double value;

  if (strpbrk (number, "0123456789") == NULL || strchr (number, '.') != strrchr (number, '.') ||
      unit <= 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a number of seconds, nor one with the unit s, m, h or d", text);
      return FALSE;
    }

  value = g_ascii_strtod (number, NULL) * unit * G_USEC_PER_SEC;
  if (value >= (double) G_MAXINT64 / 2)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” is too long a time",
                   text);
      return FALSE;
    }
  *microseconds = (gint64) value;
  if ((double) *microseconds < value)
    *microseconds += 1; /* a little time must not become 0, which means no time limit */
  return TRUE;
}
