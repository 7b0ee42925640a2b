/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-glib.h>

#include <process-glib/daemons/process-daemon-entry-private.h>
#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/process-text-private.h>

#include <string.h>
#include <unistd.h>

/* Of what Go wrote. */
static const char *fixtures;

static ProcessDaemonEntry *
make_full (void)
{
  g_autoptr (GDateTime) started = _process_parse_time ("2026-01-02T03:04:05.123456Z");

  return g_object_new (PROCESS_TYPE_DAEMON_ENTRY,
                       "code", "core", "daemon", "api/v1", "pid", 4242,
                       "health", "127.0.0.1:8080", "project", "grün", "binary", "/usr/bin/api",
                       "started", started, NULL);
}

static void
assert_started (ProcessDaemonEntry *entry, const char *expected)
{
  GDateTime *started = process_daemon_entry_get_started (entry);
  g_autofree char *text = started != NULL ? _process_format_time (started) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static ProcessDaemonEntry *
read_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  ProcessDaemonEntry *entry = process_daemon_entry_from_json (json, &error);

  g_assert_no_error (error);
  g_assert_nonnull (entry);
  return entry;
}

static void
assert_refused (const char *json, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_from_json (json, &error);

  g_assert_null (entry);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_new (void)
{
  ProcessDaemonEntry *entry = process_daemon_entry_new ("core", "api");
  ProcessDaemonEntry *empty = g_object_new (PROCESS_TYPE_DAEMON_ENTRY, NULL);

  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, "core");
  g_assert_cmpstr (process_daemon_entry_get_daemon (entry), ==, "api");
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 0);
  g_assert_null (process_daemon_entry_get_health (entry));
  g_assert_null (process_daemon_entry_get_project (entry));
  g_assert_null (process_daemon_entry_get_binary (entry));
  g_assert_null (process_daemon_entry_get_started (entry));

  g_assert_cmpstr (process_daemon_entry_get_code (empty), ==, "");
  g_assert_cmpstr (process_daemon_entry_get_daemon (empty), ==, "");
  g_assert_finalize_object (entry);
  g_assert_finalize_object (empty);
}

static void
count_cb (guint *n_notified)
{
  (*n_notified)++;
}

/* Each property by itself: what is set is read, also by name, and told once. */
static void
test_strings (void)
{
  const char *names[] = { "code", "daemon", "health", "project", "binary" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");
      g_autofree char *signal = g_strconcat ("notify::", names[i], NULL);
      g_autofree char *value = NULL;
      g_autofree char *none = NULL;
      guint n_notified = 0;

      g_signal_connect_swapped (entry, signal, G_CALLBACK (count_cb), &n_notified);
      g_object_set (entry, names[i], "x\xff", NULL);
      g_object_set (entry, names[i], "x\xff", NULL);
      g_assert_cmpuint (n_notified, ==, 1);
      g_object_get (entry, names[i], &value, NULL);
      g_assert_cmpstr (value, ==, "x\uFFFD");
      g_object_set (entry, names[i], NULL, NULL);
      g_object_set (entry, names[i], "", NULL);
      g_assert_cmpuint (n_notified, ==, 2);
      g_object_get (entry, names[i], &none, NULL);
      g_assert_cmpstr (none, ==, i < 2 ? "" : NULL);
    }
}

static void
test_setters (void)
{
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");

  process_daemon_entry_set_code (entry, "code");
  process_daemon_entry_set_daemon (entry, "daemon");
  process_daemon_entry_set_health (entry, "health");
  process_daemon_entry_set_project (entry, "project");
  process_daemon_entry_set_binary (entry, "binary");
  /* Its own value may be what is set. */
  process_daemon_entry_set_binary (entry, process_daemon_entry_get_binary (entry) + 3);
  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, "code");
  g_assert_cmpstr (process_daemon_entry_get_daemon (entry), ==, "daemon");
  g_assert_cmpstr (process_daemon_entry_get_health (entry), ==, "health");
  g_assert_cmpstr (process_daemon_entry_get_project (entry), ==, "project");
  g_assert_cmpstr (process_daemon_entry_get_binary (entry), ==, "ary");
}

static void
test_pid (void)
{
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");
  guint n_notified = 0;

  g_signal_connect_swapped (entry, "notify::pid", G_CALLBACK (count_cb), &n_notified);
  process_daemon_entry_set_pid (entry, 12);
  process_daemon_entry_set_pid (entry, 12);
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 12);
  g_assert_cmpuint (n_notified, ==, 1);
  process_daemon_entry_set_pid (entry, -1);
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 0);
}

static void
test_started (void)
{
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (3600);
  g_autoptr (GDateTime) local = g_date_time_new (zone, 2026, 1, 2, 3, 4, 5.5);
  g_autoptr (GDateTime) same = g_date_time_to_utc (local);
  guint n_notified = 0;

  g_signal_connect_swapped (entry, "notify::started", G_CALLBACK (count_cb), &n_notified);
  process_daemon_entry_set_started (entry, local);
  process_daemon_entry_set_started (entry, same);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpint (g_date_time_get_utc_offset (process_daemon_entry_get_started (entry)), ==, 0);
  assert_started (entry, "2026-01-02T02:04:05.5Z");
  process_daemon_entry_set_started (entry, NULL);
  process_daemon_entry_set_started (entry, NULL);
  g_assert_cmpuint (n_notified, ==, 2);
  g_assert_null (process_daemon_entry_get_started (entry));
}

static void
test_write (void)
{
  g_autoptr (ProcessDaemonEntry) full = make_full ();
  g_autoptr (ProcessDaemonEntry) bare = process_daemon_entry_new ("a\"\n\x7f", "");
  g_autofree char *json = process_daemon_entry_to_json (full);
  g_autofree char *bare_json = process_daemon_entry_to_json (bare);
  g_autofree char *known_json = NULL;

  g_assert_cmpstr (json, ==,
                   "{\"code\":\"core\",\"daemon\":\"api/v1\",\"pid\":4242,"
                   "\"health\":\"127.0.0.1:8080\",\"project\":\"grün\","
                   "\"binary\":\"/usr/bin/api\",\"started\":\"2026-01-02T03:04:05.123456Z\"}");
  g_assert_cmpstr (bare_json, ==,
                   "{\"code\":\"a\\\"\\n\\u007f\",\"daemon\":\"\",\"pid\":0,"
                   "\"started\":\"0001-01-01T00:00:00Z\"}");

  process_daemon_entry_set_pid (bare, 1);
  _process_daemon_entry_set_identity (bare, 77, "boot");
  known_json = process_daemon_entry_to_json (bare);
  g_assert_true (g_str_has_suffix (known_json, ",\"startTicks\":77,\"bootId\":\"boot\"}"));
}

/* With what the Go package does not write: spaces, nulls, other keys, escapes. */
static void
test_read (void)
{
  g_autoptr (ProcessDaemonEntry) entry = read_json (
    "\xef\xbb\xbf { \"other\": [{\"pid\": 3}], \"daemon\": \"d\\u00fc\", \"pid\": 12,\n"
    "\"code\": \"c\", \"health\": null, \"project\": \"\", \"started\": null,\n"
    "\"startTicks\": 5, \"bootId\": \"x\", \"Code\": 1 } ");

  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, "c");
  g_assert_cmpstr (process_daemon_entry_get_daemon (entry), ==, "dü");
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 12);
  g_assert_null (process_daemon_entry_get_health (entry));
  g_assert_null (process_daemon_entry_get_project (entry));
  g_assert_null (process_daemon_entry_get_binary (entry));
  g_assert_null (process_daemon_entry_get_started (entry));
  g_assert_cmpuint (_process_daemon_entry_get_start_ticks (entry), ==, 5);
  g_assert_cmpstr (_process_daemon_entry_get_boot_id (entry), ==, "x");
}

static void
test_read_identity (void)
{
  const char *ignored[] = {
    "\"startTicks\": \"5\"", "\"startTicks\": -5", "\"startTicks\": 0", "\"startTicks\": 1.5",
    "\"startTicks\": null", "\"startTicks\": {}", "\"bootId\": 7", "\"bootId\": \"\"",
    "\"bootId\": []",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ignored); i++)
    {
      g_autofree char *json =
        g_strdup_printf ("{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 3, %s}", ignored[i]);
      g_autoptr (ProcessDaemonEntry) entry = read_json (json);

      g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 3);
      g_assert_cmpuint (_process_daemon_entry_get_start_ticks (entry), ==, 0);
      g_assert_null (_process_daemon_entry_get_boot_id (entry));
    }
}

static const struct
{
  const char *json;
  const char *message;
} refused_cases[] = {
  { "", "Line 1 is not valid JSON: the text ends where a value should be" },
  { "{\"code\": \"a\"", "Line 1 is not valid JSON: the text ends where “,” or “}” should be" },
  { "[]", "The JSON of a daemon entry is not an object" },
  { "null", "The JSON of a daemon entry is not an object" },
  { "{}", "The key “code” of a daemon entry is missing" },
  { "{\"code\": \"a\"}", "The key “daemon” of a daemon entry is missing" },
  { "{\"code\": null, \"daemon\": \"\"}", "The key “code” of a daemon entry is missing" },
  { "{\"code\": 1, \"daemon\": \"\"}", "The key “code” of a daemon entry must be a string" },
  { "{\"code\": \"\", \"daemon\": {}}", "The key “daemon” of a daemon entry must be a string" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"health\": []}",
    "The key “health” of a daemon entry must be a string" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": \"1\"}",
    "The key “pid” of a daemon entry must be a whole number from 0 to 2147483647" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": -1}",
    "The key “pid” of a daemon entry must be a whole number from 0 to 2147483647" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 2147483648}",
    "The key “pid” of a daemon entry must be a whole number from 0 to 2147483647" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 1.0}",
    "The key “pid” of a daemon entry must be a whole number from 0 to 2147483647" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"started\": \"yesterday\"}",
    "The key “started” of a daemon entry must be a time as RFC 3339 has it" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"started\": 0}",
    "The key “started” of a daemon entry must be a time as RFC 3339 has it" },
  { "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 1, \"pid\": 2}",
    "The key “pid” of a daemon entry is there more than once" },
};

static void
test_refused (void)
{
  g_autofree char *deep = g_strnfill (1000, '[');
  g_autofree char *large = g_strnfill (PROCESS_DAEMON_ENTRY_MAX_LENGTH + 1, ' ');

  for (guint i = 0; i < G_N_ELEMENTS (refused_cases); i++)
    assert_refused (refused_cases[i].json, refused_cases[i].message);

  assert_refused (deep, "The JSON is nested deeper than 64 levels in line 1");
  assert_refused (large, "The JSON is larger than 65536 bytes");
}

/* A text of just the size that is allowed. */
static void
test_limit (void)
{
  g_autofree char *json = g_strnfill (PROCESS_DAEMON_ENTRY_MAX_LENGTH, ' ');
  const char *start = "{\"code\": \"a\", \"daemon\": \"b\"}";
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  memcpy (json, start, strlen (start));
  entry = read_json (json);
  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, "a");
}

static ProcessDaemonEntry *
read_fixture (const char *name)
{
  g_autofree char *path = g_build_filename (fixtures, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  return read_json (content);
}

static gboolean
have_fixtures (void)
{
  if (fixtures == NULL)
    g_test_skip ("Their folder is the argument");
  return fixtures != NULL;
}

static void
check_full (void)
{
  g_autoptr (ProcessDaemonEntry) full = read_fixture ("go-full.json");

  g_assert_cmpstr (process_daemon_entry_get_code (full), ==, "core");
  g_assert_cmpstr (process_daemon_entry_get_daemon (full), ==, "api/v1");
  g_assert_cmpint (process_daemon_entry_get_pid (full), ==, 4242);
  g_assert_cmpstr (process_daemon_entry_get_health (full), ==, "127.0.0.1:8080");
  g_assert_cmpstr (process_daemon_entry_get_project (full), ==, "grün <&> \"quoted\"");
  g_assert_cmpstr (process_daemon_entry_get_binary (full), ==, "/usr/bin/api\tx");
  assert_started (full, "2026-01-01T21:34:05.123456Z");
}

/* What Go's json.MarshalIndent makes of the Go package's struct. */
static void
test_from_go (void)
{
  g_autoptr (ProcessDaemonEntry) minimal = NULL;
  g_autoptr (ProcessDaemonEntry) zero = NULL;
  g_autoptr (ProcessDaemonEntry) odd = NULL;

  if (!have_fixtures ())
    return;
  check_full ();
  minimal = read_fixture ("go-minimal.json");
  zero = read_fixture ("go-zero.json");
  odd = read_fixture ("go-odd.json");

  g_assert_cmpint (process_daemon_entry_get_pid (minimal), ==, 7);
  g_assert_null (process_daemon_entry_get_health (minimal));
  g_assert_null (process_daemon_entry_get_project (minimal));
  g_assert_null (process_daemon_entry_get_binary (minimal));
  assert_started (minimal, "2026-01-02T03:04:05Z");

  g_assert_cmpstr (process_daemon_entry_get_code (zero), ==, "");
  assert_started (zero, NULL);

  g_assert_cmpstr (process_daemon_entry_get_code (odd), ==, "a\x7f" "b\u2028");
  g_assert_cmpstr (process_daemon_entry_get_daemon (odd), ==, "../😀\x01");
  g_assert_cmpint (process_daemon_entry_get_pid (odd), ==, G_MAXINT);
  g_assert_cmpstr (process_daemon_entry_get_project (odd), ==, " ");
  assert_started (odd, "9999-12-31T23:59:59.999999Z");
}

static void
test_round (void)
{
  const char *names[] = { "go-full.json", "go-minimal.json", "go-zero.json", "go-odd.json" };

  if (!have_fixtures ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = read_fixture (names[i]);
      g_autoptr (ProcessDaemonEntry) again = NULL;
      g_autoptr (ProcessDaemonEntry) from_text = NULL;
      g_autofree char *json = NULL;
      g_autofree char *text = NULL;

      _process_daemon_entry_set_identity (entry, G_MAXINT64, "boot");
      json = process_daemon_entry_to_json (entry);
      again = read_json (json);
      g_assert_true (_process_daemon_entry_equal (again, entry));
      text = _process_daemon_entry_to_text (entry);
      g_assert_true (g_str_has_suffix (text, "\n}\n"));
      from_text = read_json (text);
      g_assert_true (_process_daemon_entry_equal (from_text, entry));
    }
}

static void
test_copy (void)
{
  g_autoptr (ProcessDaemonEntry) entry = make_full ();
  g_autoptr (ProcessDaemonEntry) copy = NULL;

  _process_daemon_entry_set_identity (entry, 5, "boot");
  copy = _process_daemon_entry_copy (entry);
  g_assert_true (_process_daemon_entry_equal (copy, entry));
  process_daemon_entry_set_code (copy, "other");
  g_assert_cmpstr (process_daemon_entry_get_code (entry), ==, "core");
}

typedef void (*ChangeFunc) (ProcessDaemonEntry *entry);

static void
change_ticks (ProcessDaemonEntry *entry)
{
  _process_daemon_entry_set_identity (entry, 6, "boot");
}

static void
change_boot (ProcessDaemonEntry *entry)
{
  _process_daemon_entry_set_identity (entry, 5, NULL);
}

static void
change_started (ProcessDaemonEntry *entry)
{
  process_daemon_entry_set_started (entry, NULL);
}

static void
test_equal (void)
{
  const char *names[] = { "code", "daemon", "health", "project", "binary" };
  ChangeFunc changes[] = { change_ticks, change_boot, change_started };
  g_autoptr (ProcessDaemonEntry) entry = make_full ();

  _process_daemon_entry_set_identity (entry, 5, "boot");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ProcessDaemonEntry) other = _process_daemon_entry_copy (entry);

      g_object_set (other, names[i], "", NULL);
      g_assert_false (_process_daemon_entry_equal (entry, other));
    }
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (ProcessDaemonEntry) other = _process_daemon_entry_copy (entry);

      changes[i] (other);
      g_assert_false (_process_daemon_entry_equal (entry, other));
      g_assert_false (_process_daemon_entry_equal (other, entry));
    }
}

static ProcessDaemonEntry *
make_sorted (const char *started, const char *code, const char *daemon)
{
  ProcessDaemonEntry *entry = process_daemon_entry_new (code, daemon);
  g_autoptr (GDateTime) time = started != NULL ? _process_parse_time (started) : NULL;

  process_daemon_entry_set_started (entry, time);
  return entry;
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (sorted, make_sorted (NULL, "a", "b"));
  g_ptr_array_add (sorted, make_sorted (NULL, "b", "a"));
  g_ptr_array_add (sorted, make_sorted ("2026-01-01T00:00:00.000001+01:00", "z", "z"));
  g_ptr_array_add (sorted, make_sorted ("2026-01-01T00:00:00Z", "a", "a"));
  g_ptr_array_add (sorted, make_sorted ("2026-01-01T00:00:00Z", "a", "b"));
  g_ptr_array_add (sorted, make_sorted ("2026-01-01T00:00:00Z", "b", "a"));
  g_ptr_array_add (sorted, make_sorted ("2026-01-01T00:00:00.000001Z", "a", "a"));
  for (guint i = 0; i < sorted->len; i++)
    for (guint j = 0; j < sorted->len; j++)
      {
        int order = _process_daemon_entry_compare (sorted->pdata[i], sorted->pdata[j]);

        g_assert_cmpint (CLAMP (order, -1, 1), ==, (i > j) - (i < j));
      }
}

/* Which life of a pid is meant. */
static void
test_live (void)
{
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");
  guint64 ticks = _process_identity_get_start_ticks (getpid ());
  const char *boot_id = _process_identity_get_boot_id ();

  g_assert_false (_process_daemon_entry_is_live (entry));
  process_daemon_entry_set_pid (entry, getpid ());
  g_assert_true (_process_daemon_entry_is_live (entry));
  _process_daemon_entry_set_identity (entry, ticks, boot_id);
  g_assert_true (_process_daemon_entry_is_live (entry));
  _process_daemon_entry_set_identity (entry, ticks + 1, boot_id);
  g_assert_false (_process_daemon_entry_is_live (entry));
  _process_daemon_entry_set_identity (entry, ticks, "another boot");
  g_assert_false (_process_daemon_entry_is_live (entry));

  /* The life was that of another pid. */
  process_daemon_entry_set_pid (entry, getppid ());
  g_assert_cmpuint (_process_daemon_entry_get_start_ticks (entry), ==, 0);
  g_assert_null (_process_daemon_entry_get_boot_id (entry));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixtures = argv[1];

  g_test_add_func ("/daemon-entry/new", test_new);
  g_test_add_func ("/daemon-entry/strings", test_strings);
  g_test_add_func ("/daemon-entry/setters", test_setters);
  g_test_add_func ("/daemon-entry/pid", test_pid);
  g_test_add_func ("/daemon-entry/started", test_started);
  g_test_add_func ("/daemon-entry/write", test_write);
  g_test_add_func ("/daemon-entry/read", test_read);
  g_test_add_func ("/daemon-entry/read-identity", test_read_identity);
  g_test_add_func ("/daemon-entry/refused", test_refused);
  g_test_add_func ("/daemon-entry/limit", test_limit);
  g_test_add_func ("/daemon-entry/from-go", test_from_go);
  g_test_add_func ("/daemon-entry/round", test_round);
  g_test_add_func ("/daemon-entry/copy", test_copy);
  g_test_add_func ("/daemon-entry/equal", test_equal);
  g_test_add_func ("/daemon-entry/order", test_order);
  g_test_add_func ("/daemon-entry/live", test_live);

  return g_test_run ();
}
