/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#define DEFAULT_GRACE (10 * G_TIME_SPAN_SECOND)

/* The options end at the first argument that is none, so that those of the command are its own. */
static GOptionContext *
create_context (ToolDaemonArguments *self)
{
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &self->name,
      "What the daemon is called in the registry", "CODE/DAEMON" },
    { "pid-file", 0, 0, G_OPTION_ARG_FILENAME, &self->pid_file,
      "Keep a second instance from running by this file", "FILE" },
    { "health", 0, 0, G_OPTION_ARG_FILENAME, &self->health,
      "Answer questions about the health at host:port, port or unix:PATH", "ADDRESS" },
    { "registry", 0, 0, G_OPTION_ARG_FILENAME, &self->registry,
      "Register in this folder instead of the default one", "DIR" },
    { "grace", 0, 0, G_OPTION_ARG_CALLBACK, tool_parse_duration_cb,
      "Wait so long between SIGTERM and SIGKILL (10 s)", "TIME" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->command, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = tool_create_context ("daemon", "-- COMMAND [ARGUMENT…]", entries,
                                                 &self->grace);

  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_summary (context,
    "Runs a command, which stays in the foreground, as a daemon that others can find and ask.");
  g_option_context_set_description (context,
    "TIME is a number of seconds, or one with the unit s, m, h or d.\n"
    "The manual page process-glib(1) tells the signals and the exit codes.\n");

  return context;
}

/* Such as comes from a variable that is not set; it would pass for an option that was not given. */
static gboolean
check_not_empty (const char  *option,
                 const char  *value,
                 GError     **error)
{
  if (value == NULL || *value != '\0')
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Option %s: The value is empty",
               option);

  return FALSE;
}

static gboolean
check (ToolDaemonArguments  *self,
       GError              **error)
{
  if (self->help)
    return TRUE;

  if (self->name == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "Option --name is missing");
      return FALSE;
    }
  if (self->command == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "The command to run is missing");
      return FALSE;
    }

  return tool_parse_daemon_name (self->name, &self->code, &self->daemon, error) &&
         check_not_empty ("--pid-file", self->pid_file, error) &&
         check_not_empty ("--health", self->health, error) &&
         check_not_empty ("--registry", self->registry, error);
}

gboolean
tool_daemon_arguments_parse (ToolDaemonArguments  *self,
                             int                   argc,
                             char                **argv,
                             GError              **error)
{
  g_autoptr (GOptionContext) context = create_context (self);

  self->grace = DEFAULT_GRACE;
  if (!g_option_context_parse (context, &argc, &argv, error) || !check (self, error))
    return FALSE;
  if (self->help)
    self->help_text = g_option_context_get_help (context, TRUE, NULL);

  return TRUE;
}

void
tool_daemon_arguments_clear (ToolDaemonArguments *self)
{
  g_free (self->help_text);
  g_free (self->name);
  g_free (self->code);
  g_free (self->daemon);
  g_free (self->pid_file);
  g_free (self->health);
  g_free (self->registry);
  g_strfreev (self->command);
}
