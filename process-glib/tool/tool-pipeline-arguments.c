/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <string.h>

/* As that of the command run. */
#define DEFAULT_GRACE (5 * G_TIME_SPAN_SECOND)

static const char *mode_names[] = {
  [TOOL_PIPELINE_ALL] = "all",
  [TOOL_PIPELINE_SEQUENTIAL] = "sequential",
  [TOOL_PIPELINE_PARALLEL] = "parallel",
};

static gboolean
parse_mode_cb (const char  *name,
               const char  *value,
               gpointer     user_data,
               GError     **error)
{
  ToolPipelineArguments *self = user_data;

  for (gsize i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (strcmp (value, mode_names[i]) == 0)
      {
        self->mode = (ToolPipelineMode) i;
        return TRUE;
      }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "Option --mode: “%s” is none of all, sequential and parallel", value);

  return FALSE;
}

static gboolean
parse_jobs_cb (const char  *name,
               const char  *value,
               gpointer     user_data,
               GError     **error)
{
  ToolPipelineArguments *self = user_data;
  guint64 jobs = 0;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT, &jobs, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "Option --jobs: “%s” is not a whole number", value);
      return FALSE;
    }
  self->jobs = (guint) jobs;

  return TRUE;
}

static gboolean
parse_grace_cb (const char  *name,
                const char  *value,
                gpointer     user_data,
                GError     **error)
{
  ToolPipelineArguments *self = user_data;

  if (tool_parse_duration (value, &self->grace, error))
    return TRUE;

  g_prefix_error (error, "Option --grace: ");

  return FALSE;
}

static GOptionContext *
create_context (ToolPipelineArguments *self)
{
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_CALLBACK, parse_jobs_cb,
      "Run so many programs at a time at most (no limit)", "N" },
    { "mode", 0, 0, G_OPTION_ARG_CALLBACK, parse_mode_cb,
      "all (each when it may), sequential (one by one) or parallel (at once)", "MODE" },
    { "keep-going", 0, 0, G_OPTION_ARG_NONE, &self->keep_going,
      "Run also what waits for something that failed", NULL },
    { "grace", 0, 0, G_OPTION_ARG_CALLBACK, parse_grace_cb,
      "Wait so long between SIGTERM and SIGKILL, unless FILE says (5 s)", "TIME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
      "Print the results as JSON, and nothing else", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry_run,
      "Print the order, and run nothing", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new ("FILE");
  GOptionGroup *group = g_option_group_new ("pipeline", "", "", self, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context,
    "Runs the programs of a JSON file, each as soon as those that it waits for are done.");
  g_option_context_set_description (context,
    "FILE is an array of objects with the keys name and command, and perhaps args, dir, env,\n"
    "after, allowFailure, timeout and gracePeriod; - stands for standard input. For example:\n"
    "\n"
    "  [{\"name\": \"build\", \"command\": \"make\"},\n"
    "   {\"name\": \"test\", \"command\": \"./test.sh\", \"after\": [\"build\"]}]\n"
    "\n"
    "The manual page process-glib(1) tells the keys, the exit codes and the signals.\n");

  return context;
}

static gboolean
check (const ToolPipelineArguments  *self,
       GError                      **error)
{
  if (self->help)
    return TRUE;

  if (self->files == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "The file to run is missing");
  else if (self->files[1] != NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "There is more than one file");
  else if (self->json && self->dry_run)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "Option --json has no use with --dry-run, which has no results");
  else
    return TRUE;

  return FALSE;
}

/* As for make: -j4 is -j 4. GLib wants a space. */
static GPtrArray *
split_jobs (int    argc,
            char **argv)
{
  GPtrArray *words = g_ptr_array_new ();
  gboolean options = TRUE;

  for (int i = 0; i < argc; i++)
    {
      options = options && strcmp (argv[i], "--") != 0;
      if (options && g_str_has_prefix (argv[i], "-j") && g_ascii_isdigit (argv[i][2]))
        {
          g_ptr_array_add (words, (char *) "-j");
          g_ptr_array_add (words, argv[i] + 2);
        }
      else
        {
          g_ptr_array_add (words, argv[i]);
        }
    }

  return words;
}

gboolean
tool_pipeline_arguments_parse (ToolPipelineArguments  *self,
                               int                     argc,
                               char                  **argv,
                               GError                **error)
{
  g_autoptr (GOptionContext) context = create_context (self);
  g_autoptr (GPtrArray) words = split_jobs (argc, argv);
  char **rest = (char **) words->pdata;
  int n_rest = (int) words->len;

  self->grace = DEFAULT_GRACE;
  g_set_prgname ("process-glib pipeline");
  if (!g_option_context_parse (context, &n_rest, &rest, error) || !check (self, error))
    return FALSE;

  if (self->help)
    self->help_text = g_option_context_get_help (context, TRUE, NULL);

  return TRUE;
}

void
tool_pipeline_arguments_clear (ToolPipelineArguments *self)
{
  g_free (self->help_text);
  g_strfreev (self->files);
}
