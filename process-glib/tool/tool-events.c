/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-text-private.h"

#include <json-glib/json-glib.h>

/* The keys are those of the payloads that the Go package broadcasts. Every key is always there,
 * so that a reader need not ask for it. */

static JsonBuilder *
begin_event (const char *event, ProcessManagedProcess *process)
{
  JsonBuilder *builder = json_builder_new_immutable ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, process_managed_process_get_id (process));
  return builder;
}

static void
add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

/* A command line, a path or a message may have any bytes; JSON is UTF-8. */
static void
add_value (JsonBuilder *builder, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  json_builder_add_string_value (builder, valid);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  if (value == NULL)
    json_builder_add_null_value (builder);
  else
    add_value (builder, value);
}

static void
add_strings (JsonBuilder *builder, const char *key, const char * const *values)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (gsize i = 0; values != NULL && values[i] != NULL; i++)
    add_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
end_event (JsonBuilder *builder, GString *lines)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  tool_append_escaped (lines, json);
  g_string_append_c (lines, '\n');
}

void
tool_append_started (GString *lines, ProcessManagedProcess *process)
{
  g_autoptr (JsonBuilder) builder = begin_event ("started", process);
  const char *cwd = process_managed_process_get_cwd (process);

  add_string (builder, "command", process_managed_process_get_command (process));
  add_strings (builder, "args", process_managed_process_get_args (process));
  add_string (builder, "dir", cwd != NULL ? cwd : "");
  add_int (builder, "pid", process_managed_process_get_pid (process));
  end_event (builder, lines);
}

void
tool_append_output (GString *lines, ProcessManagedProcess *process, const char *line,
                    ProcessStream stream)
{
  g_autoptr (JsonBuilder) builder = begin_event ("output", process);

  add_string (builder, "line", line);
  add_string (builder, "stream", stream == PROCESS_STREAM_STDERR ? "stderr" : "stdout");
  end_event (builder, lines);
}

void
tool_append_killed (GString *lines, ProcessManagedProcess *process, const char *signal_name)
{
  g_autoptr (JsonBuilder) builder = begin_event ("killed", process);

  add_string (builder, "signal", signal_name);
  end_event (builder, lines);
}

void
tool_append_exited (GString *lines, ProcessManagedProcess *process, int exit_code, gint64 duration,
                    const GError *error)
{
  g_autoptr (JsonBuilder) builder = begin_event ("exited", process);

  add_int (builder, "exitCode", exit_code);
  add_int (builder, "duration", duration * 1000);
  add_string (builder, "error", error != NULL ? error->message : NULL);
  end_event (builder, lines);
}
