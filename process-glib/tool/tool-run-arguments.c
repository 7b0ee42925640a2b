/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Long enough to save one's work, short enough to wait for. */
#define DEFAULT_GRACE (5 * G_TIME_SPAN_SECOND)

static gboolean
parse_duration_cb (const char *name, const char *value, gpointer user_data, GError **error)
{
  ToolRunArguments *self = user_data;
  gboolean is_grace = strcmp (name, "--grace") == 0;

  if (tool_parse_duration (value, is_grace ? &self->grace : &self->timeout, error))
    return TRUE;
  g_prefix_error (error, "Option %s: ", name);
  return FALSE;
}

/* The options end at the first argument that is none, so that those of the command are its own. */
static GOptionContext *
create_context (ToolRunArguments *self)
{
  const GOptionEntry entries[] = {
    { "timeout", 0, 0, G_OPTION_ARG_CALLBACK, parse_duration_cb,
      "End the command after this time (exit code 124)", "TIME" },
    { "grace", 0, 0, G_OPTION_ARG_CALLBACK, parse_duration_cb,
      "Wait so long between SIGTERM and SIGKILL (5 s)", "TIME" },
    { "cwd", 0, 0, G_OPTION_ARG_FILENAME, &self->cwd,
      "Run the command in this folder", "DIR" },
    { "env", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->env,
      "Set a variable of the environment, or with NAME alone unset it", "NAME=VALUE" },
    { "kill-group", 0, 0, G_OPTION_ARG_NONE, &self->kill_group,
      "Give the command a process group, and end all of it", NULL },
    { "detach", 0, 0, G_OPTION_ARG_NONE, &self->detach,
      "Leave the command running on its own, and print its process id", NULL },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &self->quiet,
      "Do not show what the command prints", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
      "Print what happens as lines of JSON", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->command, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new ("-- COMMAND [ARGUMENT…]");
  GOptionGroup *group = g_option_group_new ("run", "", "", self, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context,
    "Runs a command, passes on what it prints as it comes, and ends with its exit code.");
  g_option_context_set_description (context,
    "TIME is a number of seconds, or one with the unit s, m, h or d.\n"
    "The manual page process-glib(1) tells the exit codes, the signals and the JSON.\n");
  return context;
}

/* A folder that cannot be entered is a mistake in our options, not the command's failure. */
static gboolean
check_cwd (const char *cwd, GError **error)
{
  int fd = open (cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0 && faccessat (fd, ".", X_OK, AT_EACCESS) == 0)
    {
      close (fd);
      return TRUE;
    }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Cannot enter the folder “%s”: %s",
               cwd, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return FALSE;
}

static gboolean
check (const ToolRunArguments *self, GError **error)
{
  if (self->help)
    return TRUE;

  if (self->command == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "The command to run is missing");
      return FALSE;
    }
  if (self->detach && self->timeout > 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "Option --timeout has no use with --detach, where nobody waits for the command");
      return FALSE;
    }
  return self->cwd == NULL || check_cwd (self->cwd, error);
}

gboolean
tool_run_arguments_parse (ToolRunArguments *self, int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = create_context (self);

  self->grace = DEFAULT_GRACE;
  g_set_prgname ("process-glib run");
  if (!g_option_context_parse (context, &argc, &argv, error) || !check (self, error))
    return FALSE;
  if (self->help)
    self->help_text = g_option_context_get_help (context, TRUE, NULL);
  return TRUE;
}

void
tool_run_arguments_clear (ToolRunArguments *self)
{
  g_free (self->cwd);
  g_strfreev (self->env);
  g_strfreev (self->command);
  g_free (self->help_text);
}
