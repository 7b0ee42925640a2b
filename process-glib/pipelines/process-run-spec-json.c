/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-spec-private.h"

#include <string.h>

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

#include "process-json-private.h"

#define MAX_LENGTH (64 * 1024 * 1024)
#define CHUNK_LENGTH (64 * 1024)

typedef enum
{
  KIND_NAME, /* a string that must be there */
  KIND_STRING,
  KIND_STRINGS,
  KIND_BOOLEAN,
  KIND_DURATION,
} Kind;

/* The keys of the Go package, and the two that it lacks. */
static const struct
{
  const char *key;
  const char *property;
  Kind        kind;
} keys[] = {
  { "name", "name", KIND_NAME },
  { "command", "command", KIND_NAME },
  { "args", "args", KIND_STRINGS },
  { "dir", "cwd", KIND_STRING },
  { "env", "env", KIND_STRINGS },
  { "after", "after", KIND_STRINGS },
  { "allowFailure", "allow-failure", KIND_BOOLEAN },
  { "timeout", "timeout", KIND_DURATION },
  { "gracePeriod", "grace-period", KIND_DURATION },
};

static gboolean
is_of_type (JsonNode *node,
            GType     type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/* How messages call the spec: by its place, and by its name where it has one. */
static char *
describe_spec (JsonObject *object,
               guint       index)
{
  JsonNode *name = json_object_get_member (object, "name");

  if (name != NULL && is_of_type (name, G_TYPE_STRING) && *json_node_get_string (name) != '\0')
    return g_strdup_printf ("spec %u (“%s”)", index + 1, json_node_get_string (name));

  return g_strdup_printf ("spec %u", index + 1);
}

static gboolean G_GNUC_PRINTF (5, 6)
fail (JsonObject  *object,
      guint        index,
      const char  *key,
      GError     **error,
      const char  *format,
      ...)
{
  g_autofree char *spec = describe_spec (object, index);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
               "The key “%s” of %s %s", key, spec, what);

  return FALSE;
}

/* NULL unless @node is an array of strings. */
static char **
read_strings (JsonNode *node)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = NULL;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return NULL;

  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!is_of_type (element, G_TYPE_STRING))
        return NULL;
      g_strv_builder_add (builder, json_node_get_string (element));
    }

  return g_strv_builder_end (builder);
}

/* Anything above 0 must not become 0, which means no limit. */
static gint64
nanoseconds_to_microseconds (gint64 nanoseconds)
{
  return nanoseconds / 1000 + (nanoseconds % 1000 != 0);
}

/* Sets the property that keys[which] is about. */
static gboolean
read_value (ProcessRunSpec *self,
            JsonObject     *object,
            guint           index,
            guint           which,
            JsonNode       *node,
            GError        **error)
{
  const char *key = keys[which].key;
  const char *property = keys[which].property;
  g_auto (GStrv) strings = NULL;

  switch (keys[which].kind)
    {
    case KIND_NAME:
    case KIND_STRING:
      if (!is_of_type (node, G_TYPE_STRING))
        return fail (object, index, key, error, "must be a string");
      if (keys[which].kind == KIND_NAME && *json_node_get_string (node) == '\0')
        return fail (object, index, key, error, "must not be empty");
      /* The Go package writes "" for a folder that is not given. */
      if (*json_node_get_string (node) != '\0')
        g_object_set (self, property, json_node_get_string (node), NULL);
      return TRUE;

    case KIND_STRINGS:
      strings = read_strings (node);
      if (strings == NULL)
        return fail (object, index, key, error, "must be an array of strings");
      g_object_set (self, property, strings, NULL);
      return TRUE;

    case KIND_BOOLEAN:
      if (!is_of_type (node, G_TYPE_BOOLEAN))
        return fail (object, index, key, error, "must be true or false");
      g_object_set (self, property, json_node_get_boolean (node), NULL);
      return TRUE;

    case KIND_DURATION:
    default:
      if (!is_of_type (node, G_TYPE_INT64) || json_node_get_int (node) < 0)
        return fail (object, index, key, error,
                     "must be a whole number of nanoseconds from 0 to %" G_GINT64_FORMAT,
                     G_MAXINT64);
      g_object_set (self, property, nanoseconds_to_microseconds (json_node_get_int (node)), NULL);
      return TRUE;
    }
}

static gboolean
find_key (const char *key,
          guint      *which)
{
  for (*which = 0; *which < G_N_ELEMENTS (keys); (*which)++)
    if (g_str_equal (keys[*which].key, key))
      return TRUE;

  return FALSE;
}

/* A null is as good as no key: the Go package writes its empty lists so. */
static ProcessRunSpec *
read_spec (JsonObject  *object,
           guint        index,
           GError     **error)
{
  g_autoptr (ProcessRunSpec) self = g_object_new (PROCESS_TYPE_RUN_SPEC, NULL);
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *node = NULL;
  guint which = 0;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      if (!find_key (key, &which))
        {
          fail (object, index, key, error, "is unknown");
          return NULL;
        }

      if (!JSON_NODE_HOLDS_NULL (node) && !read_value (self, object, index, which, node, error))
        return NULL;
    }

  for (which = 0; which < G_N_ELEMENTS (keys); which++)
    if (keys[which].kind == KIND_NAME &&
        ((node = json_object_get_member (object, keys[which].key)) == NULL ||
         JSON_NODE_HOLDS_NULL (node)))
      {
        fail (object, index, keys[which].key, error, "is missing");
        return NULL;
      }

  return g_steal_pointer (&self);
}

static GPtrArray *
read_specs (ProcessJson  *json,
            JsonArray    *array,
            GError      **error)
{
  guint n_specs = json_array_get_length (array);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_full (n_specs, g_object_unref);

  for (guint i = 0; i < n_specs; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      ProcessRunSpec *spec = NULL;
      const char *repeat = NULL;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "Spec %u is not an object", i + 1);
          return NULL;
        }

      repeat = _process_json_get_repeat (json, json_node_get_object (node));
      if (repeat != NULL)
        {
          fail (json_node_get_object (node), i, repeat, error, "is there more than once");
          return NULL;
        }

      spec = read_spec (json_node_get_object (node), i, error);
      if (spec == NULL)
        return NULL;
      g_ptr_array_add (specs, spec);
    }

  return g_steal_pointer (&specs);
}

/* The object around the array may name its schema, for editors. */
static JsonArray *
find_array (ProcessJson  *json,
            GError      **error)
{
  JsonObject *object = NULL;
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *specs = NULL;

  if (JSON_NODE_HOLDS_ARRAY (json->root))
    return json_node_get_array (json->root);

  if (JSON_NODE_HOLDS_OBJECT (json->root))
    {
      object = json_node_get_object (json->root);
      specs = json_object_get_member (object, "specs");
    }
  if (specs == NULL || !JSON_NODE_HOLDS_ARRAY (specs))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The JSON is neither an array of specs nor an object whose key “specs” is one");
      return NULL;
    }

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL))
    if (!g_str_equal (key, "specs") && !g_str_equal (key, "$schema"))
      {
        g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                     "The key “%s” beside “specs” is unknown", key);
        return NULL;
      }

  key = _process_json_get_repeat (json, object);
  if (key != NULL)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The key “%s” is there more than once", key);
      return NULL;
    }

  return json_node_get_array (specs);
}

static GPtrArray *
read_text (const char  *text,
           gsize        length,
           GError     **error)
{
  g_autoptr (ProcessJson) json = _process_json_new (text, length, MAX_LENGTH, error);
  JsonArray *array = json != NULL ? find_array (json, error) : NULL;

  return array != NULL ? read_specs (json, array, error) : NULL;
}

/* Not g_file_load_contents (), which has no limit. */
static GByteArray *
load (GFile         *file,
      GCancellable  *cancellable,
      GError       **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  gsize n_read = 0;

  if (stream == NULL)
    return NULL;

  do
    {
      guint length = content->len;

      g_byte_array_set_size (content, length + CHUNK_LENGTH);
      if (!g_input_stream_read_all (G_INPUT_STREAM (stream), content->data + length, CHUNK_LENGTH,
                                    &n_read, cancellable, error))
        return NULL;
      g_byte_array_set_size (content, length + (guint) n_read);
    }
  while (n_read == CHUNK_LENGTH && content->len <= MAX_LENGTH);

  return g_steal_pointer (&content);
}

/**
 * process_run_spec_list_from_json:
 * @text: a JSON text
 * @error: return location for an error
 *
 * Reads specs from JSON.
 *
 * The text is an array of objects, or an object that has such an array under
 * `specs` (and possibly a `$schema`, for editors). Each object is a spec:
 *
 * | key | value |
 * |---|---|
 * | `name` | string, required: [property@Process.RunSpec:name] |
 * | `command` | string, required: [property@Process.RunSpec:command] |
 * | `args` | array of strings: [property@Process.RunSpec:args] |
 * | `dir` | string: [property@Process.RunSpec:cwd] |
 * | `env` | array of strings: [property@Process.RunSpec:env] |
 * | `after` | array of strings: [property@Process.RunSpec:after] |
 * | `allowFailure` | `true` or `false`: [property@Process.RunSpec:allow-failure] |
 * | `timeout` | integer: [property@Process.RunSpec:timeout], in nanoseconds here |
 * | `gracePeriod` | integer: [property@Process.RunSpec:grace-period], in nanoseconds here |
 *
 * A value of `null` counts as left out. Nanoseconds are rounded up to
 * microseconds.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT: the message names the line when
 * this is no JSON (RFC 8259), and the spec and the key when a key is unknown,
 * missing, there twice or of the wrong type. A text of more than 64 MiB, or
 * one nested deeper than 64 levels, is refused. Whether the names fit together
 * is only known to the run.
 *
 * Returns: (transfer container) (element-type ProcessRunSpec): the specs, in their order
 */
GPtrArray *
process_run_spec_list_from_json (const char  *text,
                                 GError     **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_text (text, strlen (text), error);
}

/**
 * process_run_spec_list_from_file:
 * @file: a file
 * @cancellable: (nullable): to give up reading
 * @error: return location for an error
 *
 * Reads specs from a JSON file, as [func@Process.RunSpec.list_from_json] does.
 *
 * Fails like that function, with the file named in the message, and with a
 * `G_IO_ERROR_*` code when the file cannot be read.
 *
 * Returns: (transfer container) (element-type ProcessRunSpec): the specs, in their order
 */
GPtrArray *
process_run_spec_list_from_file (GFile         *file,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  g_autoptr (GByteArray) content = NULL;
  g_autofree char *name = NULL;
  GPtrArray *specs = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  content = load (file, cancellable, error);
  if (content != NULL)
    specs = read_text ((const char *) content->data, content->len, error);
  if (specs == NULL)
    {
      name = g_file_get_parse_name (file);
      g_prefix_error (error, "“%s”: ", name);
    }

  return specs;
}

static void
list_from_file_thread (GTask        *task,
                       gpointer      source,
                       gpointer      file,
                       GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *specs = process_run_spec_list_from_file (file, cancellable, &error);

  if (specs != NULL)
    g_task_return_pointer (task, specs, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * process_run_spec_list_from_file_async:
 * @file: a file
 * @cancellable: (nullable): to give up reading
 * @callback: (scope async) (closure user_data): called when the specs are read
 * @user_data: data for @callback
 *
 * Does what [func@Process.RunSpec.list_from_file] does without blocking.
 */
void
process_run_spec_list_from_file_async (GFile               *file,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, process_run_spec_list_from_file_async);
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, list_from_file_thread);
}

/**
 * process_run_spec_list_from_file_finish:
 * @result: what the callback got
 * @error: return location for an error
 *
 * Finishes [func@Process.RunSpec.list_from_file_async].
 *
 * Returns: (transfer container) (element-type ProcessRunSpec): the specs, in their order
 */
GPtrArray *
process_run_spec_list_from_file_finish (GAsyncResult  *result,
                                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
build_string (JsonBuilder *builder,
              const char  *key,
              const char  *value)
{
  g_autofree char *valid = _process_make_valid (value != NULL ? value : "", -1);

  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, valid);
}

static void
build_strings (JsonBuilder        *builder,
               const char         *key,
               const char * const *values)
{
  g_auto (GStrv) valid = _process_make_valid_strv (values);

  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; valid[i] != NULL; i++)
    json_builder_add_string_value (builder, valid[i]);
  json_builder_end_array (builder);
}

static void
build_duration (JsonBuilder *builder,
                const char  *key,
                gint64       microseconds)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, CLAMP (microseconds, 0, G_MAXINT64 / 1000) * 1000);
}

void
_process_run_spec_build_json (ProcessRunSpec *self,
                              JsonBuilder    *builder)
{
  json_builder_begin_object (builder);
  build_string (builder, "name", process_run_spec_get_name (self));
  build_string (builder, "command", process_run_spec_get_command (self));
  build_strings (builder, "args", process_run_spec_get_args (self));
  build_string (builder, "dir", process_run_spec_get_cwd (self));
  build_strings (builder, "env", process_run_spec_get_env (self));
  build_strings (builder, "after", process_run_spec_get_after (self));
  json_builder_set_member_name (builder, "allowFailure");
  json_builder_add_boolean_value (builder, process_run_spec_get_allow_failure (self));
  build_duration (builder, "timeout", process_run_spec_get_timeout (self));
  build_duration (builder, "gracePeriod", process_run_spec_get_grace_period (self));
  json_builder_end_object (builder);
}
