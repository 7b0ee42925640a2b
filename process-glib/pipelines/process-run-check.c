/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-private.h"

#include <process-glib/process-error.h>

static gboolean
check_after (ProcessRunSpec  *spec,
             GHashTable      *seen,
             GError         **error)
{
  const char *name = process_run_spec_get_name (spec);
  const char * const *after = process_run_spec_get_after (spec);

  g_hash_table_remove_all (seen);
  for (guint i = 0; after[i] != NULL; i++)
    {
      if (!g_utf8_validate (after[i], -1, NULL))
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The spec “%s” waits for a name that is not UTF-8", name);
      else if (*after[i] == '\0')
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The spec “%s” waits for an empty name", name);
      else if (g_str_equal (after[i], name))
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The spec “%s” waits for itself", name);
      else if (!g_hash_table_add (seen, (gpointer) after[i]))
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The spec “%s” waits for “%s” more than once", name, after[i]);
      else
        continue;

      return FALSE;
    }

  return TRUE;
}

gboolean
_process_run_check_specs (ProcessRunSpec **specs,
                          gsize            n_specs,
                          GError         **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  /* They are counted in a guint, whose last number stands for none of them. */
  if (n_specs >= G_MAXINT)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "There are too many specs");
      return FALSE;
    }

  for (gsize i = 0; i < n_specs; i++)
    {
      const char *name = process_run_spec_get_name (specs[i]);

      if (name == NULL || *name == '\0')
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "Spec %" G_GSIZE_FORMAT " has no name", i + 1);
          return FALSE;
        }

      if (!g_utf8_validate (name, -1, NULL))
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "The name of spec %" G_GSIZE_FORMAT " is not UTF-8", i + 1);
          return FALSE;
        }

      if (!g_hash_table_add (names, (gpointer) name))
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "More than one spec has the name “%s”", name);
          return FALSE;
        }

      if (!check_after (specs[i], seen, error))
        return FALSE;
    }

  return TRUE;
}
