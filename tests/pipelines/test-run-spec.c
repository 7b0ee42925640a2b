/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-glib.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *n_notified)
{
  (*n_notified)++;
}

static void
test_properties (void)
{
  const char *args[] = { "-c", "exit 0", NULL };
  const char *after[] = { "a", "b", NULL };
  const char *env[] = { "A=1", "B", NULL };
  g_autoptr (ProcessRunSpec) spec = process_run_spec_new ("name", "sh", args);
  guint n_notified = 0;

  g_assert_cmpstr (process_run_spec_get_name (spec), ==, "name");
  g_assert_cmpstr (process_run_spec_get_command (spec), ==, "sh");
  g_assert_cmpstrv (process_run_spec_get_args (spec), args);
  g_assert_null (process_run_spec_get_cwd (spec));
  g_assert_cmpstrv (process_run_spec_get_env (spec), ((const char *[]) { NULL }));
  g_assert_cmpstrv (process_run_spec_get_after (spec), ((const char *[]) { NULL }));
  g_assert_false (process_run_spec_get_allow_failure (spec));
  g_assert_cmpint (process_run_spec_get_timeout (spec), ==, 0);
  g_assert_cmpint (process_run_spec_get_grace_period (spec), ==, 0);

  g_signal_connect (spec, "notify", G_CALLBACK (count_cb), &n_notified);
  for (guint round = 0; round < 2; round++)
    {
      process_run_spec_set_name (spec, "other");
      process_run_spec_set_command (spec, "cat");
      process_run_spec_set_args (spec, NULL);
      process_run_spec_set_cwd (spec, "/");
      process_run_spec_set_env (spec, env);
      process_run_spec_set_after (spec, after);
      process_run_spec_set_allow_failure (spec, TRUE);
      process_run_spec_set_timeout (spec, G_TIME_SPAN_HOUR);
      process_run_spec_set_grace_period (spec, G_TIME_SPAN_SECOND);
      g_assert_cmpuint (n_notified, ==, 9);
    }

  process_run_spec_set_args (spec, process_run_spec_get_args (spec));
  process_run_spec_set_after (spec, process_run_spec_get_after (spec));
  process_run_spec_set_name (spec, process_run_spec_get_name (spec));
  g_assert_cmpuint (n_notified, ==, 9);
}

static void
test_object_new (void)
{
  const char *after[] = { "a", NULL };
  g_autoptr (ProcessRunSpec) spec =
    g_object_new (PROCESS_TYPE_RUN_SPEC, "name", "n", "command", "c", "args", after, "cwd", "/tmp",
                  "env", after, "after", after, "allow-failure", TRUE,
                  "timeout", G_GINT64_CONSTANT (5), "grace-period", G_GINT64_CONSTANT (6), NULL);
  g_autofree char *name = NULL;
  g_autofree char *command = NULL;
  g_autofree char *cwd = NULL;
  g_auto (GStrv) args = NULL;
  g_auto (GStrv) env = NULL;
  g_auto (GStrv) names = NULL;
  gboolean allow_failure = FALSE;
  gint64 timeout = 0;
  gint64 grace_period = 0;

  g_object_get (spec, "name", &name, "command", &command, "args", &args, "cwd", &cwd, "env", &env,
                "after", &names, "allow-failure", &allow_failure, "timeout", &timeout,
                "grace-period", &grace_period, NULL);
  g_assert_cmpstr (name, ==, "n");
  g_assert_cmpstr (command, ==, "c");
  g_assert_cmpstr (cwd, ==, "/tmp");
  g_assert_cmpstrv (args, after);
  g_assert_cmpstrv (env, after);
  g_assert_cmpstrv (names, after);
  g_assert_true (allow_failure);
  g_assert_cmpint (timeout, ==, 5);
  g_assert_cmpint (grace_period, ==, 6);
  g_assert_finalize_object (g_steal_pointer (&spec));
}

static GPtrArray *
read_valid (const char *text)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *specs = process_run_spec_list_from_json (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (specs);

  return specs;
}

static void
test_json (void)
{
  g_autoptr (GPtrArray) specs = read_valid (
    "[{\"name\": \"lint\", \"command\": \"sh\", \"args\": [\"-c\", \"é\"], \"dir\": \"/tmp\",\n"
    "  \"env\": [\"A=1\", \"B\"], \"after\": [\"build\", \"test\"], \"allowFailure\": true,\n"
    "  \"timeout\": 90000000000, \"gracePeriod\": 1500},\n"
    " {\"command\": \"true\", \"name\": \"build\", \"timeout\": 1, \"dir\": \"\"},\n"
    " {\"name\": \"Go\", \"command\": \"true\", \"args\": null, \"dir\": \"\", \"env\": null,\n"
    "  \"after\": null, \"allowFailure\": false}]");
  ProcessRunSpec *spec = specs->pdata[0];

  g_assert_cmpuint (specs->len, ==, 3);
  g_assert_cmpstr (process_run_spec_get_name (spec), ==, "lint");
  g_assert_cmpstr (process_run_spec_get_command (spec), ==, "sh");
  g_assert_cmpstrv (process_run_spec_get_args (spec), ((const char *[]) { "-c", "é", NULL }));
  g_assert_cmpstr (process_run_spec_get_cwd (spec), ==, "/tmp");
  g_assert_cmpstrv (process_run_spec_get_env (spec), ((const char *[]) { "A=1", "B", NULL }));
  g_assert_cmpstrv (process_run_spec_get_after (spec),
                    ((const char *[]) { "build", "test", NULL }));
  g_assert_true (process_run_spec_get_allow_failure (spec));
  g_assert_cmpint (process_run_spec_get_timeout (spec), ==, 90 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (process_run_spec_get_grace_period (spec), ==, 2);

  spec = specs->pdata[1];
  g_assert_cmpstr (process_run_spec_get_name (spec), ==, "build");
  g_assert_cmpint (process_run_spec_get_timeout (spec), ==, 1);
  g_assert_null (process_run_spec_get_cwd (spec));

  spec = specs->pdata[2];
  g_assert_cmpstr (process_run_spec_get_name (spec), ==, "Go");
  g_assert_cmpstrv (process_run_spec_get_after (spec), ((const char *[]) { NULL }));
}

static void
test_json_object (void)
{
  g_autoptr (GPtrArray) none = read_valid ("[]");
  g_autoptr (GPtrArray) one = read_valid (
    "{\"$schema\": \"x.json\", \"specs\": [{\"name\": \"a\", \"command\": \"b\"}]}");

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpstr (process_run_spec_get_command (one->pdata[0]), ==, "b");
}

#define SPEC "[{\"name\":\"a\",\"command\":\"b\"}, {\"name\":\"lint\",\"command\":\"b\","
static const struct
{
  const char *text;
  const char *message;
} error_cases[] = {
  { "[\n{\"name\": \"a\"\n\"command\": \"b\"}]",
    "Line 3 is not valid JSON: there is “\"” where “,” or “}” should be" },
  { "3", "The JSON is neither an array of specs nor an object whose key “specs” is one" },
  { "{}", "The JSON is neither an array of specs nor an object whose key “specs” is one" },
  { "{\"specs\": 3}",
    "The JSON is neither an array of specs nor an object whose key “specs” is one" },
  { "{\"specs\": [], \"jobs\": 3}", "The key “jobs” beside “specs” is unknown" },
  { "{\"specs\": [], \"specs\": []}", "The key “specs” is there more than once" },
  { "[3]", "Spec 1 is not an object" },
  { "[{\"name\":\"a\",\"command\":\"b\"}, []]", "Spec 2 is not an object" },
  { "[{}]", "The key “name” of spec 1 is missing" },
  { "[{\"name\": null, \"command\": \"a\"}]", "The key “name” of spec 1 is missing" },
  { "[{\"name\": \"\", \"command\": \"a\"}]", "The key “name” of spec 1 must not be empty" },
  { "[{\"name\": 3, \"command\": \"a\"}]", "The key “name” of spec 1 must be a string" },
  { "[{\"command\": \"a\"}]", "The key “name” of spec 1 is missing" },
  { "[{\"name\": \"a\"}]", "The key “command” of spec 1 (“a”) is missing" },
  { "[{\"name\": \"a\", \"command\": \"\"}]",
    "The key “command” of spec 1 (“a”) must not be empty" },
  { SPEC "\"comand\": 1}]", "The key “comand” of spec 2 (“lint”) is unknown" },
  { SPEC "\"cwd\": null}]", "The key “cwd” of spec 2 (“lint”) is unknown" },
  { SPEC "\"dir\": []}]", "The key “dir” of spec 2 (“lint”) must be a string" },
  { SPEC "\"args\": \"-c\"}]", "The key “args” of spec 2 (“lint”) must be an array of strings" },
  { SPEC "\"env\": [\"A\", 3]}]",
    "The key “env” of spec 2 (“lint”) must be an array of strings" },
  { SPEC "\"after\": [[]]}]", "The key “after” of spec 2 (“lint”) must be an array of strings" },
  { SPEC "\"after\": {}}]", "The key “after” of spec 2 (“lint”) must be an array of strings" },
  { SPEC "\"allowFailure\": 1}]",
    "The key “allowFailure” of spec 2 (“lint”) must be true or false" },
  { SPEC "\"args\": [], \"args\": []}]",
    "The key “args” of spec 2 (“lint”) is there more than once" },
  { SPEC "\"timeout\": \"1s\"}]",
    "The key “timeout” of spec 2 (“lint”) must be a whole number of "
                                  "nanoseconds from 0 to 9223372036854775807" },
  { SPEC "\"timeout\": -1}]", "The key “timeout” of spec 2 (“lint”) must be a whole number of "
                              "nanoseconds from 0 to 9223372036854775807" },
  { SPEC "\"timeout\": 1.5}]", "The key “timeout” of spec 2 (“lint”) must be a whole number of "
                               "nanoseconds from 0 to 9223372036854775807" },
  { SPEC "\"gracePeriod\": 9223372036854775808}]",
    "The number “9223372036854775808” in line 1 does not fit into 64 bits" },
  { SPEC "\n\"gracePeriod\": -99999999999999999999999}]",
    "The number “-99999999999999999999999” in line 2 does not fit into 64 bits" },
};
#undef SPEC

static void
test_json_errors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (error_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) specs = process_run_spec_list_from_json (error_cases[i].text, &error);

      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_null (specs);
      g_assert_cmpstr (error->message, ==, error_cases[i].message);
    }
}

static void
test_json_largest (void)
{
  g_autoptr (GPtrArray) specs = read_valid (
    "[{\"name\": \"a\", \"command\": \"b\", \"timeout\": 9223372036854775807}]");

  g_assert_cmpint (process_run_spec_get_timeout (specs->pdata[0]), ==,
                   G_GINT64_CONSTANT (9223372036854776));
}

/* A hundred thousand specs. */
static void
test_json_many (void)
{
  GString *text = g_string_new ("[");
  g_autofree char *owned = NULL;
  g_autoptr (GPtrArray) specs = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (text, "%s{\"name\":\"spec-%u\",\"command\":\"true\",\"after\":[\"x\"]}",
                            i > 0 ? "," : "", i);
  g_string_append_c (text, ']');
  owned = g_string_free (text, FALSE);

  specs = read_valid (owned);
  g_assert_cmpuint (specs->len, ==, 100000);
  g_assert_cmpstr (process_run_spec_get_name (specs->pdata[99999]), ==, "spec-99999");
}

typedef struct
{
  char  *folder;
  char  *path;
  GFile *file;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("process-glib-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "build.json", NULL);
  fixture->file = g_file_new_for_path (fixture->path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_object_unref (fixture->file);
}

static void
write_file (Fixture    *fixture,
            const char *text,
            gssize      length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->path, text, length, &error);
  g_assert_no_error (error);
}

static void
finish_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **stored = user_data;

  g_assert_null (object);
  *stored = g_object_ref (result);
  g_main_context_wakeup (NULL);
}

/* Reads the file in both ways, which must agree. */
static GPtrArray *
read_file (Fixture       *fixture,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) async_error = NULL;
  g_autoptr (GPtrArray) async_specs = NULL;
  GPtrArray *specs = process_run_spec_list_from_file (fixture->file, cancellable, error);

  process_run_spec_list_from_file_async (fixture->file, cancellable, finish_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  async_specs = process_run_spec_list_from_file_finish (result, &async_error);

  g_assert_true ((specs == NULL) == (async_specs == NULL));
  if (specs != NULL)
    {
      g_assert_cmpuint (specs->len, ==, async_specs->len);
      g_assert_no_error (async_error);
    }
  else
    {
      g_assert_error (async_error, (*error)->domain, (*error)->code);
      if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_assert_cmpstr (async_error->message, ==, (*error)->message);
    }

  return specs;
}

static void
test_file (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) specs = NULL;

  write_file (fixture, "\xef\xbb\xbf[{\"name\": \"a\", \"command\": \"b\"}]\n", -1);
  specs = read_file (fixture, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (specs->len, ==, 1);
  g_assert_cmpstr (process_run_spec_get_name (specs->pdata[0]), ==, "a");
}

static void
test_file_errors (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  g_assert_null (read_file (fixture, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_clear_error (&error);

  write_file (fixture, "[\n{\"name\": \"a\"},\n}]\n", -1);
  g_assert_null (read_file (fixture, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  message = g_strdup_printf ("“%s”: Line 3 is not valid JSON: there is “}” where a value should be",
                             fixture->path);
  g_assert_cmpstr (error->message, ==, message);
  g_clear_error (&error);

  write_file (fixture, "", 0);
  g_assert_null (read_file (fixture, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  /* Text after a NUL is not overlooked. */
  write_file (fixture, "[]\0[]", 5);
  g_assert_null (read_file (fixture, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
}

/* The file has holes only: it takes no room, and its NULs are no JSON. */
static GError *
read_holes (Fixture *fixture,
            gsize    size)
{
  GError *error = NULL;

  write_file (fixture, "", 0);
  g_assert_cmpint (truncate (fixture->path, (off_t) size), ==, 0);
  g_assert_null (read_file (fixture, NULL, &error));

  return error;
}

static void
test_file_size (Fixture       *fixture,
                gconstpointer  data)
{
  const gsize limit = 64 * 1024 * 1024;
  g_autoptr (GError) largest = read_holes (fixture, limit);
  g_autoptr (GError) too_large = read_holes (fixture, limit + 1);

  g_assert_error (largest, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_suffix (largest->message, "Line 1 is not valid JSON: it is not UTF-8"));
  g_assert_error (too_large, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_suffix (too_large->message, "The JSON is larger than 67108864 bytes"));
}

static void
test_json_size (void)
{
  const gsize limit = 64 * 1024 * 1024;
  g_autofree char *text = g_strnfill (limit + 1, ' ');
  g_autoptr (GPtrArray) specs = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (text, "[]", 2);
  g_assert_null (process_run_spec_list_from_json (text, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  text[limit] = '\0';
  specs = read_valid (text);
  g_assert_cmpuint (specs->len, ==, 0);
}

/* A file without an end must not be read for ever. */
static void
test_file_endless (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path ("/dev/zero");

  g_assert_null (process_run_spec_list_from_file (file, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "/dev/zero"));
}

static void
test_file_cancelled (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  write_file (fixture, "[]", -1);
  g_cancellable_cancel (cancellable);
  g_assert_null (read_file (fixture, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/run-spec/properties", test_properties);
  g_test_add_func ("/run-spec/object-new", test_object_new);
  g_test_add_func ("/run-spec/json", test_json);
  g_test_add_func ("/run-spec/json/object", test_json_object);
  g_test_add_func ("/run-spec/json/errors", test_json_errors);
  g_test_add_func ("/run-spec/json/largest", test_json_largest);
  g_test_add_func ("/run-spec/json/many", test_json_many);
  g_test_add_func ("/run-spec/json/size", test_json_size);
  g_test_add ("/run-spec/file", Fixture, NULL, set_up, test_file, tear_down);
  g_test_add ("/run-spec/file/errors", Fixture, NULL, set_up, test_file_errors, tear_down);
  g_test_add ("/run-spec/file/size", Fixture, NULL, set_up, test_file_size, tear_down);
  g_test_add_func ("/run-spec/file/endless", test_file_endless);
  g_test_add ("/run-spec/file/cancelled", Fixture, NULL, set_up, test_file_cancelled, tear_down);

  return g_test_run ();
}
