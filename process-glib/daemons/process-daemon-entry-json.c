/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-daemon-entry-private.h"

#include <string.h>

#include <process-glib/pipelines/process-json-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* What the Go package writes for a time that was never set. */
#define NO_TIME "0001-01-01T00:00:00Z"

typedef gboolean (*ReadFunc) (ProcessDaemonEntry *self, const char *property, JsonNode *node);

static gboolean
is_of_type (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
read_string (ProcessDaemonEntry *self, const char *property, JsonNode *node)
{
  if (!is_of_type (node, G_TYPE_STRING))
    return FALSE;

  g_object_set (self, property, json_node_get_string (node), NULL);

  return TRUE;
}

static gboolean
read_pid (ProcessDaemonEntry *self, const char *property, JsonNode *node)
{
  if (!is_of_type (node, G_TYPE_INT64) ||
      json_node_get_int (node) < 0 || json_node_get_int (node) > G_MAXINT)
    return FALSE;

  process_daemon_entry_set_pid (self, (int) json_node_get_int (node));

  return TRUE;
}

static gboolean
read_started (ProcessDaemonEntry *self, const char *property, JsonNode *node)
{
  g_autoptr (GDateTime) no_time = g_date_time_new_utc (1, 1, 1, 0, 0, 0);
  g_autoptr (GDateTime) started = NULL;

  if (!is_of_type (node, G_TYPE_STRING))
    return FALSE;

  started = _process_parse_time (json_node_get_string (node));
  if (started == NULL)
    return FALSE;

  process_daemon_entry_set_started (self, g_date_time_equal (started, no_time) ? NULL : started);

  return TRUE;
}

static const struct
{
  const char *key;
  ReadFunc    read;
  gboolean    required;
  const char *what;
} keys[] = {
  { "code", read_string, TRUE, "a string" },
  { "daemon", read_string, TRUE, "a string" },
  { "pid", read_pid, FALSE, "a whole number from 0 to 2147483647" },
  { "health", read_string, FALSE, "a string" },
  { "project", read_string, FALSE, "a string" },
  { "binary", read_string, FALSE, "a string" },
  { "started", read_started, FALSE, "a time as RFC 3339 has it" },
};

/* These two only we write, and what others put there is not taken for it. */
static void
read_identity (ProcessDaemonEntry *self, JsonObject *object)
{
  JsonNode *ticks = json_object_get_member (object, "startTicks");
  JsonNode *boot_id = json_object_get_member (object, "bootId");
  gboolean has_ticks = ticks != NULL && is_of_type (ticks, G_TYPE_INT64) &&
                       json_node_get_int (ticks) > 0;
  gboolean has_boot_id = boot_id != NULL && is_of_type (boot_id, G_TYPE_STRING) &&
                         *json_node_get_string (boot_id) != '\0';

  _process_daemon_entry_set_identity (self,
                                      has_ticks ? (guint64) json_node_get_int (ticks) : 0,
                                      has_boot_id ? json_node_get_string (boot_id) : NULL);
}

/* A null is as good as no key. */
static gboolean
read_key (ProcessDaemonEntry *self, JsonObject *object, guint which, GError **error)
{
  JsonNode *node = json_object_get_member (object, keys[which].key);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    {
      if (keys[which].required)
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The key “%s” of a daemon entry is missing", keys[which].key);
      return !keys[which].required;
    }

  if (keys[which].read (self, keys[which].key, node))
    return TRUE;

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
               "The key “%s” of a daemon entry must be %s", keys[which].key, keys[which].what);

  return FALSE;
}

static gboolean
check_object (ProcessJson *json, GError **error)
{
  const char *repeat = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (json->root))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The JSON of a daemon entry is not an object");
      return FALSE;
    }

  repeat = _process_json_get_repeat (json, json_node_get_object (json->root));
  if (repeat != NULL)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                 "The key “%s” of a daemon entry is there more than once", repeat);

  return repeat == NULL;
}

ProcessDaemonEntry *
_process_daemon_entry_new_from_data (const char *data, gsize length, GError **error)
{
  g_autoptr (ProcessJson) json = NULL;
  g_autoptr (ProcessDaemonEntry) self = NULL;
  JsonObject *object = NULL;

  json = _process_json_new (data, length, PROCESS_DAEMON_ENTRY_MAX_LENGTH, error);
  if (json == NULL || !check_object (json, error))
    return NULL;

  self = g_object_new (PROCESS_TYPE_DAEMON_ENTRY, NULL);
  object = json_node_get_object (json->root);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!read_key (self, object, i, error))
      return NULL;

  read_identity (self, object);

  return g_steal_pointer (&self);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  if (value == NULL)
    return;

  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

static char *
to_json (ProcessDaemonEntry *self, gboolean pretty)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  GDateTime *started = process_daemon_entry_get_started (self);
  g_autofree char *time = started != NULL ? _process_format_time (started) : g_strdup (NO_TIME);
  guint64 start_ticks = _process_daemon_entry_get_start_ticks (self);

  json_builder_begin_object (builder);
  add_string (builder, "code", process_daemon_entry_get_code (self));
  add_string (builder, "daemon", process_daemon_entry_get_daemon (self));
  add_int (builder, "pid", process_daemon_entry_get_pid (self));
  add_string (builder, "health", process_daemon_entry_get_health (self));
  add_string (builder, "project", process_daemon_entry_get_project (self));
  add_string (builder, "binary", process_daemon_entry_get_binary (self));
  add_string (builder, "started", time);
  if (start_ticks > 0)
    add_int (builder, "startTicks", (gint64) start_ticks);
  add_string (builder, "bootId", _process_daemon_entry_get_boot_id (self));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return _process_json_to_string (root, pretty);
}

char *
_process_daemon_entry_to_text (ProcessDaemonEntry *self)
{
  g_autofree char *json = to_json (self, TRUE);

  return g_strconcat (json, "\n", NULL);
}

/**
 * process_daemon_entry_from_json:
 * @json: a JSON text
 * @error: return location for an error
 *
 * Reads an entry from JSON.
 *
 * The text is an object:
 *
 * | key | value |
 * |---|---|
 * | `code` | string, required: [property@Process.DaemonEntry:code] |
 * | `daemon` | string, required: [property@Process.DaemonEntry:daemon] |
 * | `pid` | integer, 0 to 2147483647: [property@Process.DaemonEntry:pid] |
 * | `health` | string: [property@Process.DaemonEntry:health] |
 * | `project` | string: [property@Process.DaemonEntry:project] |
 * | `binary` | string: [property@Process.DaemonEntry:binary] |
 * | `started` | string: [property@Process.DaemonEntry:started], as RFC 3339 has it |
 * | `startTicks` | integer: see [method@Process.DaemonEntry.to_json] |
 * | `bootId` | string: see [method@Process.DaemonEntry.to_json] |
 *
 * A value of `null` counts as left out. Other keys are ignored, as are values
 * of the last two keys that cannot be read. Fractions of a second are cut to
 * microseconds; the first moment of the year 1 stands for no time.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT: the message names the line when
 * this is no JSON (RFC 8259), and the key when one is missing, there twice or
 * of the wrong type. A text of more than 64 KiB, or one nested deeper than 64
 * levels, is refused.
 *
 * Returns: (transfer full): an entry
 */
ProcessDaemonEntry *
process_daemon_entry_from_json (const char *json, GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _process_daemon_entry_new_from_data (json, strlen (json), error);
}

/**
 * process_daemon_entry_to_json:
 * @self: a daemon entry
 *
 * Writes the entry as a JSON object, with the keys of
 * [func@Process.DaemonEntry.from_json].
 *
 * `health`, `project` and `binary` are left out when there are none; `started`
 * is then the first moment of the year 1, as the Go package has it. An entry
 * that comes from a registry tells which life of the pid is meant, since the
 * system uses pids again: `startTicks` is the start of the process in clock
 * ticks since the boot (field 22 of `/proc/PID/stat`, see proc(5)), and
 * `bootId` is which boot that was (`/proc/sys/kernel/random/boot_id`, see
 * random(4)).
 *
 * Returns: (transfer full): a JSON text
 */
char *
process_daemon_entry_to_json (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return to_json (self, FALSE);
}
