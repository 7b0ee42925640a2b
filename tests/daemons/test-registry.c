/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "registry-util.h"

#include <process-glib/daemons/process-daemon-entry-private.h>
#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/daemons/process-registry-private.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

static ProcessRegistry *
make_registry (TestFixture *self)
{
  g_autofree char *dir = registry_dir (self);

  return process_registry_new (dir);
}

static void
assert_mode (const char *path, guint mode)
{
  struct stat status;

  g_assert_no_errno (stat (path, &status));
  g_assert_cmphex (status.st_mode & 07777, ==, mode);
}

static void
test_dir (TestFixture *self, gconstpointer data)
{
  ProcessRegistry *registry = process_registry_new ("/nonexistent/[a]*");
  g_autofree char *dir = NULL;

  g_assert_cmpstr (process_registry_get_dir (registry), ==, "/nonexistent/[a]*");
  g_object_get (registry, "dir", &dir, NULL);
  g_assert_cmpstr (dir, ==, "/nonexistent/[a]*");
  g_assert_finalize_object (registry);
}

/* In a program of its own, since GLib asks for the home only once. */
static void
check_default (const char *home, const char *parent)
{
  g_autoptr (ProcessRegistry) registry = NULL;
  g_autofree char *expected = g_build_filename (parent, ".core", "daemons", NULL);

  if (home != NULL)
    g_setenv ("HOME", home, TRUE);
  else
    g_unsetenv ("HOME");
  registry = process_registry_get_default ();
  g_assert_cmpstr (process_registry_get_dir (registry), ==, expected);
}

static void
test_default (TestFixture *self, gconstpointer data)
{
  const char *verb = data;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
    }
  else if (g_str_equal (verb, "home"))
    check_default (self->folder, self->folder);
  else
    check_default (g_str_equal (verb, "empty") ? "" : NULL, g_get_tmp_dir ());
}

static void
test_register (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = test_path (self, "deep/registry");
  g_autofree char *parent = test_path (self, "deep");
  g_autofree char *file = test_path (self, "deep/registry/core-api.json");
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("core", "api", getpid (), 0);
  g_autoptr (ProcessDaemonEntry) found = NULL;
  g_autoptr (GError) error = NULL;
  mode_t umask_before = umask (0);

  g_assert_null (process_registry_get (registry, "core", "api"));
  process_daemon_entry_set_health (entry, "127.0.0.1:1");
  process_daemon_entry_set_project (entry, "grün");
  process_daemon_entry_set_binary (entry, "/bin/x");
  g_assert_true (process_registry_register (registry, entry, &error));
  g_assert_no_error (error);
  umask (umask_before);

  assert_mode (parent, 0700);
  assert_mode (dir, 0700);
  assert_mode (file, 0600);
  registry_assert_files (dir, "core-api.json");
  registry_assert_keys (registry, "core/api");
  found = process_registry_get (registry, "core", "api");
  g_assert_cmpint (process_daemon_entry_get_pid (found), ==, getpid ());
  g_assert_cmpstr (process_daemon_entry_get_health (found), ==, "127.0.0.1:1");
  g_assert_cmpstr (process_daemon_entry_get_project (found), ==, "grün");
  g_assert_cmpstr (process_daemon_entry_get_binary (found), ==, "/bin/x");
}

/* The time and the identity are added to what is written, and not to the caller's entry. */
static void
test_completes (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("core", "api", getpid (), 0);
  g_autoptr (ProcessDaemonEntry) found = NULL;
  g_autoptr (GDateTime) before = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) after = NULL;
  g_autoptr (GError) error = NULL;
  GDateTime *started;

  g_assert_true (process_registry_register (registry, entry, &error));
  g_assert_no_error (error);
  after = g_date_time_new_now_utc ();
  g_assert_null (process_daemon_entry_get_started (entry));
  g_assert_cmpuint (_process_daemon_entry_get_start_ticks (entry), ==, 0);

  found = process_registry_get (registry, "core", "api");
  started = process_daemon_entry_get_started (found);
  g_assert_cmpint (g_date_time_compare (started, before), >=, 0);
  g_assert_cmpint (g_date_time_compare (started, after), <=, 0);
  g_assert_cmpuint (_process_daemon_entry_get_start_ticks (found), ==,
                    _process_identity_get_start_ticks (getpid ()));
  g_assert_cmpstr (_process_daemon_entry_get_boot_id (found), ==, _process_identity_get_boot_id ());
}

/* What was read may be registered again, and means the same life of the pid. */
static void
test_again (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  g_autoptr (ProcessDaemonEntry) found = NULL;

  registry_register (registry, "core", "api", getpid (), 5);
  found = process_registry_get (registry, "core", "api");
  process_daemon_entry_set_health (found, "here");
  _process_daemon_entry_set_identity (found, 1, _process_daemon_entry_get_boot_id (found));
  g_assert_true (process_registry_register (registry, found, NULL));
  g_assert_cmpint (registry_get_pid (registry, "core", "api"), ==, 0);

  process_daemon_entry_set_pid (found, getppid ());
  g_assert_true (process_registry_register (registry, found, NULL));
  g_assert_cmpint (registry_get_pid (registry, "core", "api"), ==, getppid ());
}

static void
test_replaces (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_register (registry, "core", "api", getpid (), 0);
  registry_register (registry, "core", "api", getppid (), 0);
  registry_assert_files (dir, "core-api.json");
  g_assert_cmpint (registry_get_pid (registry, "core", "api"), ==, getppid ());
}

static void
test_unregister (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_unregister (registry, "core", "api");
  g_assert_false (g_file_test (dir, G_FILE_TEST_EXISTS));
  registry_register (registry, "core", "api", getpid (), 0);
  registry_register (registry, "core", "other", getpid (), 0);
  registry_unregister (registry, "core", "nothing");
  registry_unregister (registry, "core", "api");
  registry_unregister (registry, "core", "api");
  registry_assert_files (dir, "core-other.json");
  registry_assert_keys (registry, "core/other");
}

/* Only what says the same goes. */
static void
test_unregister_own (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  g_autoptr (ProcessDaemonEntry) own = registry_make_entry ("core", "api", getpid (), 5);
  g_autoptr (ProcessDaemonEntry) earlier = registry_make_entry ("core", "api", getpid (), 4);
  g_autoptr (ProcessDaemonEntry) other = registry_make_entry ("core", "api", getppid (), 5);
  g_autoptr (ProcessDaemonEntry) reused = registry_make_entry ("core", "api", getpid (), 5);
  g_autoptr (ProcessDaemonEntry) any_time = registry_make_entry ("core", "api", getpid (), 0);
  g_autoptr (GError) error = NULL;

  _process_daemon_entry_set_identity (reused, 1, NULL);
  registry_register (registry, "core", "api", getpid (), 5);
  g_assert_true (_process_registry_unregister_own (registry, earlier, &error));
  g_assert_true (_process_registry_unregister_own (registry, other, &error));
  g_assert_true (_process_registry_unregister_own (registry, reused, &error));
  g_assert_no_error (error);
  registry_assert_files (dir, "core-api.json");
  g_assert_true (_process_registry_unregister_own (registry, own, &error));
  registry_assert_files (dir, "");
  g_assert_true (_process_registry_unregister_own (registry, own, &error));
  registry_register (registry, "core", "api", getpid (), 5);
  g_assert_true (_process_registry_unregister_own (registry, any_time, &error));
  registry_assert_files (dir, "");
  g_assert_no_error (error);
}

static void
test_order (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *unknown = g_strdup_printf (
    "{\"code\": \"z\", \"daemon\": \"z\", \"pid\": %d}", getpid ());
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_assert_keys (registry, "");
  registry_register (registry, "b", "a", getpid (), 2);
  registry_register (registry, "a", "b", getpid (), 2);
  registry_register (registry, "a", "a", getpid (), 2);
  registry_register (registry, "c", "c", getpid (), 1);
  registry_register (registry, "a", "c", getpid (), 3);
  registry_assert_keys (registry, "c/c a/a a/b b/a a/c");
  registry_write (dir, "z-z.json", unknown, 0);
  registry_assert_keys (registry, "z/z c/c a/a a/b b/a a/c");
}

/* Dead ones go when they are read; the zombie is as dead as one that was reaped. */
static void
test_dead (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  pid_t pid = registry_start_process (), dead = registry_get_dead_pid ();

  registry_register (registry, "a", "live", pid, 1);
  registry_register (registry, "a", "dead", dead, 2);
  registry_assert_files (dir, "a-dead.json a-live.json");
  g_assert_cmpint (registry_get_pid (registry, "a", "live"), ==, pid);
  g_assert_cmpint (registry_get_pid (registry, "a", "dead"), ==, 0);
  registry_assert_files (dir, "a-live.json");

  registry_register (registry, "a", "dead", dead, 2);
  registry_assert_keys (registry, "a/live");
  registry_assert_files (dir, "a-live.json");

  registry_end_process (pid);
  registry_assert_keys (registry, "");
  registry_assert_files (dir, "");
}

static void
test_zombie (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  pid_t pid = registry_start_process ();

  if (!test_needs_pidfds ())
    {
      registry_end_process (pid);
      return;
    }
  registry_register (registry, "a", "b", pid, 0);
  g_assert_no_errno (kill (pid, SIGKILL));
  test_look_until (test_is_dead (pid));
  registry_assert_keys (registry, "");
  registry_reap (pid);
}

/* The pid is that of another process by now, or of another boot. */
static void
test_reused (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *earlier = g_strdup_printf (
    "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": %d, \"startTicks\": 1}", getpid ());
  g_autofree char *before_boot = g_strdup_printf (
    "{\"code\": \"a\", \"daemon\": \"c\", \"pid\": %d, \"bootId\": \"0-0\"}", getpid ());
  g_autofree char *unknown = registry_json ("a", "d", getpid ());
  g_autofree char *none = registry_json ("a", "e", 0);
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_write (dir, "a-b.json", earlier, 0);
  registry_write (dir, "a-c.json", before_boot, 0);
  registry_write (dir, "a-d.json", unknown, 0);
  registry_write (dir, "a-e.json", none, 0);
  registry_assert_keys (registry, "a/d");
  registry_assert_files (dir, "a-d.json");
}

/* Keys that the Go package would put into one file. */
static void
test_colliding (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  pid_t pid = registry_start_process ();

  registry_register (registry, "a-b", "c", pid, 1);
  registry_register (registry, "a", "b-c", getpid (), 2);
  registry_register (registry, "a/b", "c", getppid (), 3);
  registry_assert_files (dir, "a%2Fb-c.json a-b%2Dc.json a-b-c.json");
  registry_assert_keys (registry, "a-b/c a/b-c a/b/c");
  g_assert_cmpint (registry_get_pid (registry, "a-b", "c"), ==, pid);
  g_assert_cmpint (registry_get_pid (registry, "a", "b-c"), ==, getpid ());
  g_assert_cmpint (registry_get_pid (registry, "a/b", "c"), ==, getppid ());

  /* The name is free again, for the first to come; its other file goes. */
  registry_end_process (pid);
  registry_register (registry, "a", "b-c", getppid (), 2);
  registry_assert_files (dir, "a%2Fb-c.json a-b-c.json");
  g_assert_cmpint (registry_get_pid (registry, "a", "b-c"), ==, getppid ());
  registry_unregister (registry, "a-b", "c");
  registry_assert_keys (registry, "a/b-c a/b/c");
  registry_unregister (registry, "a/b", "c");
  registry_unregister (registry, "a", "b-c");
  registry_assert_files (dir, "");
}

static void
test_odd_keys (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *outside = test_path (self, "x.json");
  g_autofree char *too_long = g_strnfill (300, 'x');
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  const char *keys[][2] = {
    { "", "" }, { "", "a" }, { "a", "" }, { ".hidden", "a" }, { "..", ".." }, { "../..", "x" },
    { "a/../../b", "/" }, { "*", "?" }, { "[a]", "\\" }, { "a\nb", "\x7f\x01" }, { "grün", "😀" },
    { "%2E", "%" }, { too_long, too_long }, { "a", "b.json" }, { "-", "-" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    registry_register (registry, keys[i][0], keys[i][1], getpid (), (int) i + 1);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmpint (registry_get_pid (registry, keys[i][0], keys[i][1]), ==, getpid ());
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      registry_unregister (registry, keys[i][0], keys[i][1]);
      g_assert_cmpint (registry_get_pid (registry, keys[i][0], keys[i][1]), ==, 0);
    }
  registry_assert_files (dir, "");
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

static void
test_not_utf8 (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = test_path (self, "caf\xe9");
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("a\xff", "b", getpid (), 0);
  g_autoptr (ProcessDaemonEntry) found = NULL;

  g_assert_true (process_registry_register (registry, entry, NULL));
  found = process_registry_get (registry, "a\xff", "b");
  g_assert_cmpstr (process_daemon_entry_get_code (found), ==, "a\uFFFD");
  registry_unregister (registry, "a\xff", "b");
  registry_assert_files (dir, "");
}

/* Content counts, whatever the name. */
static void
test_misnamed (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *json = registry_json ("x", "y", getpid ());
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_write (dir, "a-b.json", json, 0);
  registry_write (dir, "a-b.txt", json, 0);
  g_assert_cmpint (registry_get_pid (registry, "x", "y"), ==, getpid ());
  g_assert_cmpint (registry_get_pid (registry, "a", "b"), ==, 0);

  /* Even where the only good name of a key is taken so. */
  registry_register (registry, "a", "b", getppid (), 1);
  g_assert_cmpint (registry_get_pid (registry, "a", "b"), ==, getppid ());
  g_assert_cmpint (registry_get_pid (registry, "x", "y"), ==, getpid ());
  registry_assert_keys (registry, "a/b x/y");
  registry_unregister (registry, "x", "y");
  registry_register (registry, "a", "b", getpid (), 1);
  registry_assert_files (dir, "a-b.json a-b.txt");
  g_assert_cmpint (registry_get_pid (registry, "a", "b"), ==, getpid ());
}

/* Of two files about one key the one with the better name counts, and all go with the key. */
static void
test_twice (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *own = registry_json ("a-b", "c", getpid ());
  g_autofree char *other = registry_json ("a-b", "c", getppid ());
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  g_autoptr (GPtrArray) entries = NULL;

  registry_write (dir, "0.json", other, 0);
  registry_write (dir, "a%2Db-c.json", own, 0);
  registry_write (dir, "z.json", other, 0);
  g_assert_cmpint (registry_get_pid (registry, "a-b", "c"), ==, getpid ());
  entries = process_registry_list (registry, NULL);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpint (process_daemon_entry_get_pid (entries->pdata[0]), ==, getpid ());
  registry_unregister (registry, "a-b", "c");
  registry_assert_files (dir, "");
}

/* As Go's json.MarshalIndent writes it: the Go package does not know our keys. */
static void
test_from_go (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *file = test_path (self, "registry/a-b.json");
  g_autofree char *json = registry_json ("a", "b", getpid ());
  g_autofree char *content = NULL;
  g_autoptr (ProcessRegistry) registry = make_registry (self);

  registry_write (dir, "a-b.json", json, 100);
  registry_assert_keys (registry, "a/b");
  g_file_get_contents (file, &content, NULL, NULL);
  g_assert_cmpstr (content, ==, json);
  registry_unregister (registry, "a", "b");
  registry_assert_files (dir, "");
}

/* A folder whose name would mean other things to a shell or to a glob. */
static void
test_metacharacters (TestFixture *self, gconstpointer data)
{
  const char *names[] = { "[x]", "*", "a?b", "{a,b}", "%s%n", "\\", "-", "a b\n", "~" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *dir = test_path (self, names[i]);
      g_autoptr (ProcessRegistry) registry = process_registry_new (dir);

      registry_assert_keys (registry, "");
      registry_register (registry, "a", "b", getpid (), 0);
      registry_assert_keys (registry, "a/b");
      registry_assert_files (dir, "a-b.json");
    }
}

static void
test_relative (TestFixture *self, gconstpointer data)
{
  g_autofree char *before = g_get_current_dir ();
  g_autofree char *dir = registry_dir (self);
  g_autoptr (ProcessRegistry) registry = NULL;

  g_assert_no_errno (g_chdir (self->folder));
  registry = process_registry_new ("registry");
  g_assert_no_errno (g_chdir (before));
  registry_register (registry, "a", "b", getpid (), 0);
  registry_assert_files (dir, "a-b.json");
  g_assert_cmpstr (process_registry_get_dir (registry), ==, "registry");
}

static void
assert_refused (ProcessRegistry *registry, ProcessDaemonEntry *entry, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_registry_register (registry, entry, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (TestFixture *self, gconstpointer data)
{
  g_autofree char *dir = registry_dir (self);
  g_autofree char *large = g_strnfill (PROCESS_DAEMON_ENTRY_MAX_LENGTH - 100, 'x');
  g_autofree char *no_pid =
    g_strdup_printf ("Could not register “a/b” in “%s”: The daemon entry has no pid", dir);
  g_autofree char *too_large =
    g_strdup_printf ("Could not register “a/b” in “%s”: The daemon entry takes more than 65536 "
                     "bytes", dir);
  g_autoptr (ProcessRegistry) registry = make_registry (self);
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("a", "b");

  assert_refused (registry, entry, no_pid);
  process_daemon_entry_set_pid (entry, getpid ());
  process_daemon_entry_set_project (entry, large);
  assert_refused (registry, entry, too_large);
  g_assert_false (g_file_test (dir, G_FILE_TEST_EXISTS));

  /* What is accepted can be read again. */
  large[strlen (large) - 300] = '\0';
  process_daemon_entry_set_project (entry, large);
  g_assert_true (process_registry_register (registry, entry, NULL));
  registry_assert_keys (registry, "a/b");
}

static void
test_empty_dir (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = process_registry_new ("");
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("a", "b", getpid (), 0);
  g_autoptr (GError) list_error = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (registry, entry,
                  "Could not register “a/b” in “”: The name of the registry's folder is empty");
  g_assert_null (process_registry_list (registry, &list_error));
  g_assert_error (list_error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_false (process_registry_unregister (registry, "a", "b", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_null (process_registry_get (registry, "a", "b"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (registry)), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/registry/dir", test_dir);
  test_add_with ("/registry/default/home", "home", test_default);
  test_add_with ("/registry/default/no-home", "none", test_default);
  test_add_with ("/registry/default/empty-home", "empty", test_default);
  test_add ("/registry/register", test_register);
  test_add ("/registry/completes", test_completes);
  test_add ("/registry/again", test_again);
  test_add ("/registry/replaces", test_replaces);
  test_add ("/registry/unregister", test_unregister);
  test_add ("/registry/unregister-own", test_unregister_own);
  test_add ("/registry/order", test_order);
  test_add ("/registry/dead", test_dead);
  test_add ("/registry/zombie", test_zombie);
  test_add ("/registry/reused", test_reused);
  test_add ("/registry/colliding", test_colliding);
  test_add ("/registry/odd-keys", test_odd_keys);
  test_add ("/registry/not-utf8", test_not_utf8);
  test_add ("/registry/misnamed", test_misnamed);
  test_add ("/registry/twice", test_twice);
  test_add ("/registry/from-go", test_from_go);
  test_add ("/registry/metacharacters", test_metacharacters);
  test_add ("/registry/relative", test_relative);
  test_add ("/registry/refused", test_refused);
  test_add ("/registry/empty-dir", test_empty_dir);

  return g_test_run ();
}
