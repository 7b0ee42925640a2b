/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

typedef struct
{
  gboolean  help;
  char     *help_text;
  gboolean  json;
  gboolean  watch;
  char     *registry;
  char    **rest;
} Arguments;

static void
arguments_clear (Arguments *self)
{
  g_free (self->help_text);
  g_free (self->registry);
  g_strfreev (self->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, arguments_clear)

static GOptionContext *
create_context (Arguments *self)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
      "Print a JSON array instead of a table", NULL },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &self->watch,
      "Show what changes, until interrupted", NULL },
    { "registry", 0, 0, G_OPTION_ARG_FILENAME, &self->registry,
      "List those of this folder instead of the default one", "DIR" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = tool_create_context ("daemons", NULL, entries, NULL);

  g_option_context_set_summary (context,
    "Lists the daemons that run, with their health as it is now.");
  g_option_context_set_description (context,
    "The manual page process-glib(1) tells what is listed.\n");

  return context;
}

static gboolean
parse (Arguments  *self,
       int         argc,
       char      **argv,
       GError    **error)
{
  g_autoptr (GOptionContext) context = create_context (self);

  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (self->rest != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "“%s” is too much", self->rest[0]);
      return FALSE;
    }
  if (self->help)
    self->help_text = g_option_context_get_help (context, TRUE, NULL);

  return TRUE;
}

static void
surveyed_cb (GPtrArray *rows,
             gpointer   user_data)
{
  GPtrArray **result = user_data;

  *result = g_ptr_array_ref (rows);
}

static int
list_daemons (GPtrArray *entries,
              gboolean   json)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  ToolLook look = tool_look_get ();

  tool_survey_daemons (entries, surveyed_cb, &rows);
  while (rows == NULL)
    g_main_context_iteration (NULL, TRUE);

  if (json)
    tool_append_daemons_json (text, rows);
  else
    tool_append_daemons (text, &look, rows, G_MAXUINT, G_MAXUINT);

  return tool_write_output (text);
}

int
tool_daemons (int    argc,
              char **argv)
{
  g_auto (Arguments) arguments = { 0 };
  g_autoptr (ProcessRegistry) registry = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (!parse (&arguments, argc, argv, &error))
    return tool_fail_usage ("daemons", error);
  if (arguments.help)
    {
      g_print ("%s", arguments.help_text);
      return tool_finish_printing ();
    }

  registry = tool_open_registry (arguments.registry);
  entries = process_registry_list (registry, &error);
  if (entries == NULL)
    {
      tool_print_error ("%s", error->message);
      return TOOL_EXIT_FAILED;
    }

  return arguments.watch ? tool_watch_daemons (registry, arguments.json)
                         : list_daemons (entries, arguments.json);
}
