/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <string.h>

GOptionContext *
tool_create_context (const char         *command,
                     const char         *parameters,
                     const GOptionEntry *entries,
                     gpointer            user_data)
{
  GOptionContext *context = g_option_context_new (parameters);
  GOptionGroup *group = g_option_group_new (command, "", "", user_data, NULL);
  g_autofree char *name = g_strdup_printf ("process-glib %s", command);

  g_set_prgname (name);
  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_help_enabled (context, FALSE);

  return context;
}

gboolean
tool_parse_duration_cb (const char  *name,
                        const char  *value,
                        gpointer     user_data,
                        GError     **error)
{
  if (tool_parse_duration (value, user_data, error))
    return TRUE;

  g_prefix_error (error, "Option %s: ", name);

  return FALSE;
}

gboolean
tool_parse_daemon_name (const char  *text,
                        char       **code,
                        char       **daemon,
                        GError     **error)
{
  const char *slash = strchr (text, '/');

  if (slash == NULL || slash == text || slash[1] == '\0' || strchr (slash + 1, '/') != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not the name of a daemon, which is CODE/DAEMON", text);
      return FALSE;
    }

  *code = g_strndup (text, (gsize) (slash - text));
  *daemon = g_strdup (slash + 1);

  return TRUE;
}

ProcessRegistry *
tool_open_registry (const char *dir)
{
  return dir != NULL ? process_registry_new (dir) : process_registry_get_default ();
}
