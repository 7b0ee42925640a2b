/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <process-glib/pipelines/process-graph-private.h>

#define CHUNK_LENGTH 65536

/* The library refuses a longer text. */
#define MAX_LENGTH (64 * 1024 * 1024)

/* All of standard input; what is too long is read no further than needed to be refused. */
static char *
read_standard_input (GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  gsize n_read = 0;

  do
    {
      guint length = content->len;

      g_byte_array_set_size (content, length + CHUNK_LENGTH);
      if (!g_input_stream_read_all (stream, content->data + length, CHUNK_LENGTH, &n_read, NULL,
                                    error))
        return NULL;
      g_byte_array_set_size (content, length + (guint) n_read);
    }
  while (n_read == CHUNK_LENGTH && content->len <= MAX_LENGTH);

  if (memchr (content->data, '\0', content->len) != NULL)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "It is not text");
      return NULL;
    }
  g_byte_array_append (content, (const guint8 *) "", 1);

  return (char *) g_byte_array_free (g_steal_pointer (&content), FALSE);
}

static gboolean
is_standard_input (const ToolPipelineArguments *arguments)
{
  return strcmp (arguments->files[0], "-") == 0;
}

/* For what is wrong with the content as a whole. */
void
tool_pipeline_print_error (const ToolPipelineArguments *arguments,
                           const GError                *error)
{
  if (is_standard_input (arguments))
    tool_print_error ("Standard input: %s", error->message);
  else
    tool_print_error ("“%s”: %s", arguments->files[0], error->message);
}

static GPtrArray *
load_standard_input (GError **error)
{
  g_autofree char *text = read_standard_input (error);
  GPtrArray *specs = text != NULL ? process_run_spec_list_from_json (text, error) : NULL;

  if (specs == NULL)
    g_prefix_error (error, "Standard input: ");

  return specs;
}

/* Makes the specs do what the options ask for. */
GPtrArray *
tool_pipeline_load (const ToolPipelineArguments  *arguments,
                    GError                      **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (arguments->files[0]);
  GPtrArray *specs = is_standard_input (arguments)
                       ? load_standard_input (error)
                       : process_run_spec_list_from_file (file, NULL, error);

  for (guint i = 0; specs != NULL && i < specs->len; i++)
    {
      ProcessRunSpec *spec = specs->pdata[i];

      if (arguments->keep_going)
        process_run_spec_set_allow_failure (spec, TRUE);
      if (process_run_spec_get_grace_period (spec) == 0)
        process_run_spec_set_grace_period (spec, arguments->grace);
    }

  return specs;
}

static char *
format_command (ProcessRunSpec *spec)
{
  const char * const *args = process_run_spec_get_args (spec);
  GString *line = g_string_new (NULL);

  for (gsize i = 0; i == 0 || args[i - 1] != NULL; i++)
    {
      const char *word = i == 0 ? process_run_spec_get_command (spec) : args[i - 1];
      gboolean plain = *word != '\0' && strspn (word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                      "abcdefghijklmnopqrstuvwxyz"
                                                      "0123456789+-./:=@_,%^") == strlen (word);
      g_autofree char *quoted = plain ? g_strdup (word) : g_shell_quote (word);

      g_string_append_printf (line, "%s%s", i > 0 ? " " : "", quoted);
    }

  return g_string_free (line, FALSE);
}

static void
append_spec (GString        *text,
             guint           number,
             guint           number_columns,
             ProcessRunSpec *spec,
             guint           name_columns)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) command = g_string_new (NULL);
  g_autofree char *words = format_command (spec);

  tool_append_clean (name, process_run_spec_get_name (spec));
  /* Nothing that will run is kept from who looks before it does. */
  tool_append_escaped (command, words);
  g_string_append_printf (text, "%*u  ", (int) number_columns, number);
  tool_append_cut (text, name->str, name_columns, TRUE);
  g_string_append_printf (text, "  %s\n", command->str);
}

static ProcessGraph *
make_graph (GPtrArray           *specs,
            ToolPipelineMode     mode,
            const char         **names,
            const char * const **after)
{
  if (mode != TOOL_PIPELINE_ALL)
    return _process_graph_new_independent (specs->len);

  for (guint i = 0; i < specs->len; i++)
    {
      names[i] = process_run_spec_get_name (specs->pdata[i]);
      after[i] = process_run_spec_get_after (specs->pdata[i]);
    }

  return _process_graph_new (specs->len, names, after);
}

static guint
get_name_columns (GPtrArray *specs)
{
  guint columns = 0;

  for (guint i = 0; i < specs->len; i++)
    columns = MAX (columns, tool_get_columns (process_run_spec_get_name (specs->pdata[i])));

  return MIN (columns, 40);
}

/* The order in which they start when all of them pass, one at a time; what cannot start at all is
 * told on standard error. */
int
tool_pipeline_print_order (GPtrArray        *specs,
                           ToolPipelineMode  mode)
{
  g_autofree const char **names = g_new (const char *, specs->len + 1);
  g_autofree const char * const **after = g_new (const char * const *, specs->len + 1);
  g_autoptr (ProcessGraph) graph = make_graph (specs, mode, names, after);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *largest = g_strdup_printf ("%u", specs->len);
  guint name_columns = get_name_columns (specs);
  gboolean stuck = FALSE;
  guint number = 0;
  guint node = 0;

  while (_process_graph_take_ready (graph, &node))
    {
      append_spec (text, ++number, (guint) strlen (largest), specs->pdata[node], name_columns);
      _process_graph_finish (graph, node, TRUE);
    }
  fputs (text->str, stdout);

  for (guint i = 0; i < specs->len; i++)
    {
      g_autofree char *problem = _process_graph_describe_problem (graph, i);

      if (problem == NULL)
        continue;
      tool_print_error ("%s", problem);
      stuck = TRUE;
    }

  if (tool_finish_printing () != 0)
    return TOOL_EXIT_FAILED;

  return stuck ? TOOL_PIPELINE_FAILED : TOOL_PIPELINE_PASSED;
}
