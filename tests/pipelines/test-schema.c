/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <json-glib/json-glib.h>
#include <process-glib/process-glib.h>

#include <string.h>

static JsonNode *root;

/* The keys of a spec, as the schema has them. */
static JsonObject *
get_properties (void)
{
  JsonObject *definitions =
    json_object_get_object_member (json_node_get_object (root), "definitions");
  JsonObject *spec = json_object_get_object_member (definitions, "spec");

  return json_object_get_object_member (spec, "properties");
}

/* Of an array of strings, or a string. */
static gboolean
has_string (JsonNode   *node,
            const char *string)
{
  if (JSON_NODE_HOLDS_VALUE (node))
    return g_str_equal (json_node_get_string (node), string);

  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    if (g_str_equal (json_array_get_string_element (json_node_get_array (node), i), string))
      return TRUE;

  return FALSE;
}

/* Values, the type that the schema must allow for each, and what it must not say beside it. */
static const struct
{
  const char *value;
  const char *type;
  const char *unless;
} values[] = {
  { "\"x\"", "string", NULL },
  { "\"\"", "string", "minLength" },
  { "[]", "array", NULL },
  { "[\"x\", \"y\"]", "array", NULL },
  { "[3]", "none", NULL },
  { "[null]", "none", NULL },
  { "true", "boolean", NULL },
  { "false", "boolean", NULL },
  { "0", "integer", NULL },
  { "9223372036854775807", "integer", NULL },
  { "-1", "integer", "minimum" },
  { "1.5", "number", NULL },
  { "{}", "object", NULL },
  { "null", "null", NULL },
};

static gboolean
reads (const char *text)
{
  g_autoptr (GPtrArray) specs = process_run_spec_list_from_json (text, NULL);

  return specs != NULL;
}

static void
test_values (void)
{
  JsonObject *keys = get_properties ();
  g_autoptr (GList) names = json_object_get_members (keys);

  g_assert_cmpuint (g_list_length (names), ==, 9);
  for (GList *link = names; link != NULL; link = link->next)
    for (guint i = 0; i < G_N_ELEMENTS (values); i++)
      {
        const char *key = link->data;
        JsonObject *schema = json_object_get_object_member (keys, key);
        gboolean allowed =
          has_string (json_object_get_member (schema, "type"), values[i].type) &&
          (values[i].unless == NULL || !json_object_has_member (schema, values[i].unless));
        g_autofree char *text = g_strdup_printf (
          "[{%s%s\"%s\": %s}]", g_str_equal (key, "name") ? "" : "\"name\": \"n\", ",
          g_str_equal (key, "command") ? "" : "\"command\": \"c\", ", key, values[i].value);

        if (reads (text) != allowed)
          g_error ("The schema and the reader do not agree about %s", text);
        g_assert_true (json_object_has_member (schema, "description"));
      }
}

static void
test_required (void)
{
  JsonObject *definitions =
    json_object_get_object_member (json_node_get_object (root), "definitions");
  JsonObject *spec = json_object_get_object_member (definitions, "spec");
  JsonArray *required = json_object_get_array_member (spec, "required");

  g_assert_cmpuint (json_array_get_length (required), ==, 2);
  g_assert_cmpstr (json_array_get_string_element (required, 0), ==, "name");
  g_assert_cmpstr (json_array_get_string_element (required, 1), ==, "command");
  g_assert_false (json_object_get_boolean_member (spec, "additionalProperties"));
  g_assert_false (reads ("[{\"name\": \"n\"}]"));
  g_assert_false (reads ("[{\"command\": \"n\"}]"));
  g_assert_false (reads ("[{\"name\": \"n\", \"command\": \"c\", \"other\": null}]"));
}

/* What is written as JSON has all keys of the schema, and no other. */
static void
test_written (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (ProcessRunSpec) spec = process_run_spec_new ("a", NULL, NULL);
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) written = NULL;
  g_autoptr (GList) keys = NULL;
  JsonArray *results = NULL;
  JsonObject *object = NULL;

  process_run_spec_set_cwd (spec, "a\xff");
  all = process_runner_run_all (runner, &spec, 1, NULL, NULL);
  text = process_run_all_result_to_json (all);
  written = json_from_string (text, NULL);
  results = json_object_get_array_member (json_node_get_object (written), "results");
  object = json_object_get_object_member (json_array_get_object_element (results, 0), "spec");
  keys = json_object_get_members (object);
  g_assert_cmpuint (g_list_length (keys), ==, json_object_get_size (get_properties ()));
  for (GList *link = keys; link != NULL; link = link->next)
    g_assert_true (json_object_has_member (get_properties (), link->data));
  g_assert_cmpstr (json_object_get_string_member (object, "dir"), ==, "a\xef\xbf\xbd");
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    {
      g_printerr ("usage: test-schema FILE\n");
      return 77;
    }

  json_parser_load_from_file (parser, argv[1], &error);
  g_assert_no_error (error);
  root = json_parser_get_root (parser);

  g_test_add_func ("/schema/values", test_values);
  g_test_add_func ("/schema/required", test_required);
  g_test_add_func ("/schema/written", test_written);

  return g_test_run ();
}
