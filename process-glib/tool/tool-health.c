/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-text-private.h"

#include <stdio.h>

#include <process-glib/daemons/process-health-ask-private.h>

/* Beside 0, TOOL_EXIT_TIMED_OUT and TOOL_EXIT_FAILED. */
#define EXIT_UNHEALTHY 1

typedef struct
{
  gboolean   help;
  char      *help_text;
  gint64     wait;      /* microseconds, 0 = ask once */
  gboolean   ready;
  gboolean   verbose;
  char     **addresses; /* one */
} Arguments;

static void
arguments_clear (Arguments *self)
{
  g_free (self->help_text);
  g_strfreev (self->addresses);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, arguments_clear)

static gboolean
parse_wait_cb (const char  *name,
               const char  *value,
               gpointer     user_data,
               GError     **error)
{
  Arguments *self = user_data;

  if (tool_parse_duration (value, &self->wait, error))
    return TRUE;
  g_prefix_error (error, "Option %s: ", name);

  return FALSE;
}

static GOptionContext *
create_context (Arguments *self)
{
  const GOptionEntry entries[] = {
    { "wait", 0, 0, G_OPTION_ARG_CALLBACK, parse_wait_cb,
      "Ask again and again for this time, until the program is healthy", "TIME" },
    { "ready", 0, 0, G_OPTION_ARG_NONE, &self->ready,
      "Ask whether the program is ready for work", NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose,
      "Ask for the result of each check", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->addresses, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new ("ADDRESS");
  GOptionGroup *group = g_option_group_new ("health", "", "", self, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context,
    "Asks a program at its health server whether it is healthy, and prints what that says.\n"
    "ADDRESS is HOST:PORT, [V6]:PORT, PORT of 127.0.0.1, or unix:PATH.");
  g_option_context_set_description (context,
    "TIME is a number of seconds, or one with the unit s, m, h or d.\n"
    "The exit code is 0 if the program is healthy, 1 if not, 124 if there was no answer.\n");

  return context;
}

static gboolean
check (const Arguments  *self,
       GError          **error)
{
  if (self->help)
    return TRUE;

  if (self->addresses == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "The address to ask is missing");
      return FALSE;
    }
  if (self->addresses[1] != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "Only one address can be asked, and there is also “%s”", self->addresses[1]);
      return FALSE;
    }

  return TRUE;
}

static gboolean
arguments_parse (Arguments  *self,
                 int         argc,
                 char      **argv,
                 GError    **error)
{
  g_autoptr (GOptionContext) context = create_context (self);

  g_set_prgname ("process-glib health");
  if (!g_option_context_parse (context, &argc, &argv, error) || !check (self, error))
    return FALSE;
  if (self->help)
    self->help_text = g_option_context_get_help (context, TRUE, NULL);

  return TRUE;
}

/* Line by line, for a terminal may read it, and anyone may have written it. */
static void
print_text (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) clean = g_string_new (NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      tool_append_clean (clean, lines[i]);
      g_string_append_c (clean, '\n');
    }
  fwrite (clean->str, 1, clean->len, stdout);
}

static int
tell_failure (const GError *error)
{
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT))
    return tool_fail_usage ("health", error);

  tool_print_error ("%s", error->message);
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY))
    return EXIT_UNHEALTHY;
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT))
    return TOOL_EXIT_TIMED_OUT;

  return TOOL_EXIT_FAILED;
}

static int
ask (const Arguments *arguments)
{
  g_autofree char *target = g_strconcat (arguments->ready ? "/ready" : "/health",
                                         arguments->verbose ? "?verbose" : NULL, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  int problem;

  _process_health_ask (arguments->addresses[0], target, arguments->wait, NULL, &text, &error);
  if (text != NULL && text[0] != '\0')
    print_text (text);

  /* Flushed here, so that where both are shown the reason comes last. */
  problem = tool_finish_printing ();
  if (error != NULL)
    return tell_failure (error);

  return problem;
}

int
tool_health (int    argc,
             char **argv)
{
  g_auto (Arguments) arguments = { 0 };
  g_autoptr (GError) error = NULL;

  if (!arguments_parse (&arguments, argc, argv, &error))
    return tool_fail_usage ("health", error);

  if (arguments.help)
    {
      g_print ("%s", arguments.help_text);
      return tool_finish_printing ();
    }

  return ask (&arguments);
}
