/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <string.h>

#define MAX_NAME_COLUMNS 40

typedef enum
{
  OUTCOME_PASSED,
  OUTCOME_FAILED,
  OUTCOME_SKIPPED,
} Outcome;

static const struct
{
  const char *word;
  const char *symbol;
  const char *plain_symbol;
  ToolColour  colour;
} outcomes[] = {
  [OUTCOME_PASSED] = { "passed", "✓", "+", TOOL_COLOUR_GREEN },
  [OUTCOME_FAILED] = { "failed", "✗", "x", TOOL_COLOUR_RED },
  [OUTCOME_SKIPPED] = { "skipped", "-", "-", TOOL_COLOUR_YELLOW },
};

static Outcome
get_outcome (ProcessRunResult *result)
{
  if (process_run_result_get_skipped (result))
    return OUTCOME_SKIPPED;

  return process_run_result_get_passed (result) ? OUTCOME_PASSED : OUTCOME_FAILED;
}

/* How messages begin, which is told by the name before it already. */
static char *
get_beginning (ProcessRunResult *result)
{
  ProcessManagedProcess *process = process_run_result_get_process (result);

  if (process == NULL)
    return g_strdup_printf ("The spec “%s” ", process_run_result_get_name (result));

  return g_strdup_printf ("Command “%s” (%s) ", process_managed_process_get_command (process),
                          process_managed_process_get_id (process));
}

/* Nothing for what passed. */
static void
append_reason (GString          *text,
               ProcessRunResult *result)
{
  const GError *error = process_run_result_get_error (result);
  g_autofree char *beginning = get_beginning (result);

  if (error != NULL && g_str_has_prefix (error->message, beginning))
    tool_append_clean (text, error->message + strlen (beginning));
  else if (error != NULL)
    tool_append_clean (text, error->message);
  else if (!process_run_result_get_passed (result))
    g_string_append_printf (text, "exit code %d", process_run_result_get_exit_code (result));
}

static ProcessRunResult *
get_result (ProcessRunAllResult *all,
            guint                position)
{
  g_autoptr (ProcessRunResult) result = g_list_model_get_item (G_LIST_MODEL (all), position);

  return result; /* @all keeps it */
}

static void
append_symbol (GString        *text,
               const ToolLook *look,
               Outcome         outcome)
{
  tool_append_coloured (text, look, outcomes[outcome].colour,
                        look->symbols ? outcomes[outcome].symbol : outcomes[outcome].plain_symbol);
  g_string_append_c (text, ' ');
}

static void
append_name (GString          *text,
             const ToolLook   *look,
             ProcessRunResult *result)
{
  g_autoptr (GString) name = g_string_new (NULL);

  tool_append_clean (name, process_run_result_get_name (result));
  tool_append_coloured (text, look, TOOL_COLOUR_BOLD, name->str);
}

static gboolean
is_truncated (ProcessRunResult *result)
{
  ProcessManagedProcess *process = process_run_result_get_process (result);

  return process != NULL && process_managed_process_get_output_truncated (process);
}

/* What was only stopped did not fail of itself. */
static gboolean
is_worth_reading (ProcessRunResult *result)
{
  return get_outcome (result) == OUTCOME_FAILED &&
         *process_run_result_get_output (result) != '\0' &&
         !g_error_matches (process_run_result_get_error (result), G_IO_ERROR,
                           G_IO_ERROR_CANCELLED);
}

/* What each failed spec printed. */
void
tool_append_failures (GString             *text,
                      const ToolLook      *look,
                      ProcessRunAllResult *all)
{
  for (guint i = 0; i < process_run_all_result_get_n_items (all); i++)
    {
      ProcessRunResult *result = get_result (all, i);
      const char *output = process_run_result_get_output (result);
      g_autoptr (GString) reason = g_string_new (NULL);

      if (!is_worth_reading (result))
        continue;

      append_reason (reason, result);
      append_symbol (text, look, OUTCOME_FAILED);
      append_name (text, look, result);
      g_string_append_printf (text, ": %s\n", reason->str);
      if (is_truncated (result))
        tool_append_coloured (text, look, TOOL_COLOUR_DIM, "(the beginning is missing)\n");
      g_string_append (text, output);
      if (!g_str_has_suffix (output, "\n"))
        g_string_append_c (text, '\n');
      /* Whatever colour it left behind. */
      g_string_append (text, look->colours ? "\033[0m\n" : "\n");
    }
}

static void
append_row (GString          *text,
            const ToolLook   *look,
            ProcessRunResult *result,
            guint             name_columns)
{
  Outcome outcome = get_outcome (result);
  gboolean ran = process_run_result_get_process (result) != NULL;
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) time = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);
  g_autofree char *word = g_strdup_printf ("%-7s", outcomes[outcome].word);

  tool_append_clean (name, process_run_result_get_name (result));
  if (ran)
    tool_append_time (time, process_run_result_get_duration (result));
  append_reason (reason, result);

  append_symbol (text, look, outcome);
  tool_append_cut (text, name->str, name_columns, TRUE);
  g_string_append (text, "  ");
  tool_append_coloured (text, look, outcomes[outcome].colour, word);
  g_string_append_printf (text, "  %9s", ran ? time->str : "-");
  if (reason->len > 0)
    g_string_append_printf (text, "  %s", reason->str);
  g_string_append_c (text, '\n');
}

static void
append_count (GString        *text,
              const ToolLook *look,
              Outcome         outcome,
              guint           count,
              const char     *before)
{
  g_autofree char *words = g_strdup_printf ("%u %s", count, outcomes[outcome].word);

  if (count == 0)
    return;

  g_string_append (text, before);
  tool_append_coloured (text, look, outcomes[outcome].colour, words);
}

void
tool_append_table (GString             *text,
                   const ToolLook      *look,
                   ProcessRunAllResult *all)
{
  guint n_items = process_run_all_result_get_n_items (all);
  guint n_passed = process_run_all_result_get_n_passed (all);
  guint n_failed = process_run_all_result_get_n_failed (all);
  guint n_skipped = process_run_all_result_get_n_skipped (all);
  guint name_columns = 0;

  for (guint i = 0; i < n_items; i++)
    name_columns = MAX (name_columns,
                        tool_get_columns (process_run_result_get_name (get_result (all, i))));
  name_columns = MIN (name_columns, MAX_NAME_COLUMNS);

  for (guint i = 0; i < n_items; i++)
    append_row (text, look, get_result (all, i), name_columns);

  if (n_items == 0)
    g_string_append (text, "Nothing to run");
  append_count (text, look, OUTCOME_PASSED, n_passed, "");
  append_count (text, look, OUTCOME_FAILED, n_failed, n_passed > 0 ? ", " : "");
  append_count (text, look, OUTCOME_SKIPPED, n_skipped, n_passed + n_failed > 0 ? ", " : "");
  g_string_append (text, " in ");
  tool_append_time (text, process_run_all_result_get_duration (all));
  g_string_append_c (text, '\n');
}
