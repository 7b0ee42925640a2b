/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-glib.h>

#include "process-glib/pipelines/process-json-private.h"

#include <string.h>

#define LIMIT (1024 * 1024)

static void
assert_valid (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessJson) json = _process_json_new (text, strlen (text), LIMIT, &error);

  g_assert_no_error (error);
  g_assert_nonnull (json);
  g_assert_nonnull (json->root);
}

static void
assert_invalid (const char *text,
                gssize      length,
                const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessJson) json =
    _process_json_new (text, length < 0 ? strlen (text) : (gsize) length, LIMIT, &error);

  if (json != NULL)
    g_test_message ("this was taken for JSON: %s", text);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_null (json);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_valid (void)
{
  const char *texts[] = {
    "[]", "{}", " \t\r\n[ ] \n", "null", "true", "false", "0", "-0", "-1.5e+10", "1E5",
    "0.001e-1", "\"\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"", "\"é → 😀\"",
    "[1,2,[3,{\"a\":{}}]]", "{\"a\":1,\"b\":[true,null,\"x\"]}", "\xef\xbb\xbf[]",
    "\"/* no comment */ // nor this\"",
    "{\"\": {\"\": []}}", "\"\x7f\"", "[9223372036854775807, 1e400]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_valid (texts[i]);
}

static void
test_strings (void)
{
  const char *text = "[\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\u20aC→\"]";
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessJson) json = _process_json_new (text, strlen (text), LIMIT, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (json_array_get_string_element (json_node_get_array (json->root), 0), ==,
                   "a\"\\/\b\f\n\r\té😀€→");
}

static const struct
{
  const char *text;
  const char *message;
} invalid_cases[] = {
  { "", "Line 1 is not valid JSON: the text ends where a value should be" },
  { "\n\n", "Line 3 is not valid JSON: the text ends where a value should be" },
  { "[", "Line 1 is not valid JSON: the text ends where a value or “]” should be" },
  { "[1,]", "Line 1 is not valid JSON: there is “]” where a value should be" },
  { "[1\n2]", "Line 2 is not valid JSON: there is “2” where “,” or “]” should be" },
  { "[]\n\n[]", "Line 3 is not valid JSON: there is “[” where the end should be" },
  { "[}", "Line 1 is not valid JSON: there is “}” where a value or “]” should be" },
  { "{]",
    "Line 1 is not valid JSON: there is “]” where a key in double quotes or “}” should be" },
  { "{\"a\":1,}",
    "Line 1 is not valid JSON: there is “}” where a key in double quotes should be" },
  { "{\"a\"\n1}", "Line 2 is not valid JSON: there is “1” where “:” should be" },
  { "{\"a\":1 \"b\":2}", "Line 1 is not valid JSON: there is “\"” where “,” or “}” should be" },
  { "{a:1}",
    "Line 1 is not valid JSON: there is “a” where a key in double quotes or “}” should be" },
  { "{1:1}",
    "Line 1 is not valid JSON: there is “1” where a key in double quotes or “}” should be" },
  { "[\n// x\n]", "Line 2 is not valid JSON: there is “/” where a value or “]” should be" },
  { "/* x */ []", "Line 1 is not valid JSON: there is “/” where a value should be" },
  { "var a = []", "Line 1 is not valid JSON: “var” is no value; text needs double quotes" },
  { "[#]", "Line 1 is not valid JSON: there is “#” where a value or “]” should be" },
  { "['a']", "Line 1 is not valid JSON: there is “'” where a value or “]” should be" },
  { "[é]", "Line 1 is not valid JSON: there is “é” where a value or “]” should be" },
  { "[True]", "Line 1 is not valid JSON: “True” is no value; text needs double quotes" },
  { "[01]", "Line 1 is not valid JSON: “01” is no value; text needs double quotes" },
  { "[0x1F]", "Line 1 is not valid JSON: “0x1F” is no value; text needs double quotes" },
  { "[1.]", "Line 1 is not valid JSON: “1.” is no value; text needs double quotes" },
  { "[.5]", "Line 1 is not valid JSON: “.5” is no value; text needs double quotes" },
  { "[+1]", "Line 1 is not valid JSON: “+1” is no value; text needs double quotes" },
  { "[-]", "Line 1 is not valid JSON: “-” is no value; text needs double quotes" },
  { "[1e]", "Line 1 is not valid JSON: “1e” is no value; text needs double quotes" },
  { "[NaN]", "Line 1 is not valid JSON: “NaN” is no value; text needs double quotes" },
  { "[aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee]",
    "Line 1 is not valid JSON: “aaaaaaaaaabbbbbbbbbbccccccccccddddddd...” is no value; text "
    "needs double quotes" },
  { "\"", "Line 1 is not valid JSON: a string does not end" },
  { "\n\"abc", "Line 2 is not valid JSON: a string does not end" },
  { "[\"a\nb\"]", "Line 1 is not valid JSON: a string does not end" },
  { "\"\\", "Line 1 is not valid JSON: a string does not end" },
  { "\"a\tb\"", "Line 1 is not valid JSON: a string has a control character" },
  { "\"\\x41\"", "Line 1 is not valid JSON: a string has an unknown escape" },
  { "\"\\u12",
    "Line 1 is not valid JSON: a string has an escape without four hexadecimal digits" },
  { "\"\\u12g4\"",
    "Line 1 is not valid JSON: a string has an escape without four hexadecimal digits" },
  { "\"\\u0000\"", "Line 1 is not valid JSON: a string has a NUL, which cannot be used" },
  { "\"\\ud800\"", "Line 1 is not valid JSON: a string has half a surrogate pair" },
  { "\"\\ud800\\u0041\"", "Line 1 is not valid JSON: a string has half a surrogate pair" },
  { "\"\\ude00\\ud83d\"", "Line 1 is not valid JSON: a string has half a surrogate pair" },
  { "\"\\ud800\\", "Line 1 is not valid JSON: a string has half a surrogate pair" },
  { "[1,\n9223372036854775808]",
    "The number “9223372036854775808” in line 2 does not fit into 64 bits" },
  { "[\n\"a\xff\"]", "Line 2 is not valid JSON: it is not UTF-8" },
};

static void
test_invalid (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (invalid_cases); i++)
    assert_invalid (invalid_cases[i].text, -1, invalid_cases[i].message);

  assert_invalid ("[\n\0]", 4, "Line 2 is not valid JSON: it is not UTF-8");
  assert_invalid ("[1, 2]", 5,
                  "Line 1 is not valid JSON: the text ends where “,” or “]” should be");
}

static char *
nest (guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 == 0 ? "[" : "{\"a\":");
  for (guint i = depth; i-- > 0;)
    g_string_append (text, i % 2 == 0 ? "]" : i + 1 < depth ? "}" : "null}");

  return g_string_free (text, FALSE);
}

static void
test_limits (void)
{
  g_autofree char *deep = nest (PROCESS_JSON_MAX_DEPTH);
  g_autofree char *too_deep = nest (PROCESS_JSON_MAX_DEPTH + 1);
  g_autofree char *far_too_deep = g_strnfill (LIMIT, '[');
  g_autofree char *large = g_strnfill (LIMIT + 1, ' ');

  assert_valid (deep);
  assert_invalid (too_deep, -1, "The JSON is nested deeper than 64 levels in line 1");
  assert_invalid (far_too_deep, -1, "The JSON is nested deeper than 64 levels in line 1");
  assert_invalid (large, -1, "The JSON is larger than 1048576 bytes");

  memcpy (large, "[]", 2);
  large[LIMIT] = '\0';
  assert_valid (large);
}

static void
test_repeats (void)
{
  const char *text = "[{\"a\": 1, \"b\": {\"a\": 1}, \"\\u0061\": {\"c\": [], \"c\": 2, \"d\": 3}},"
                     " {\"a\": 1, \"b\": 2}]";
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessJson) json = _process_json_new (text, strlen (text), LIMIT, &error);
  JsonArray *array = json_node_get_array (json->root);
  JsonObject *first = json_array_get_object_element (array, 0);

  g_assert_no_error (error);
  g_assert_cmpstr (_process_json_get_repeat (json, first), ==, "a");
  g_assert_null (_process_json_get_repeat (json, json_object_get_object_member (first, "b")));
  g_assert_cmpstr (_process_json_get_repeat (json, json_object_get_object_member (first, "a")),
                   ==, "c");
  g_assert_null (_process_json_get_repeat (json, json_array_get_object_element (array, 1)));
}

/* Whatever a damaged text is, it is either refused or read: nothing aborts, nothing is NULL. */
static void
test_damaged (void)
{
  const char *text = "{\"specs\": [{\"name\": \"a\\u00e9\\ud83d\\ude00\", \"timeout\": -1.5e3,\n"
                     "\"args\": [\"é\", true, null], \"x\": {\"y\": [[], {}]}}]}";
  const char *pieces = "[]{},:\"\\u0dtfn1-+.eE/ \n\xc3\xff";
  gsize length = strlen (text);
  guint n_read = 0;

  for (guint i = 0; i < 50000; i++)
    {
      g_autofree char *damaged = g_strdup (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessJson) json = NULL;
      gsize used = 0;

      for (int n = g_test_rand_int_range (1, 4); n > 0; n--)
        damaged[g_test_rand_int_range (0, (int) length)] =
          pieces[g_test_rand_int_range (0, (int) strlen (pieces))];
      used = g_test_rand_bit () ? length : (gsize) g_test_rand_int_range (0, (int) length + 1);
      json = _process_json_new (damaged, used, LIMIT, &error);
      g_assert_true ((json == NULL) == (error != NULL));
      if (json != NULL)
        {
          g_assert_nonnull (json->root);
          n_read++;
        }
      else
        {
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }

  g_test_message ("%u of the damaged texts were still JSON", n_read);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/valid", test_valid);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/invalid", test_invalid);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/repeats", test_repeats);
  g_test_add_func ("/json/damaged", test_damaged);

  return g_test_run ();
}
