/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "daemon-util.h"

static void
test_properties (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);

  g_assert_null (process_daemon_get_pid_file (daemon));
  g_assert_null (process_daemon_get_health_address (daemon));
  g_assert_null (process_daemon_get_registry (daemon));
  g_assert_null (process_daemon_get_registry_entry (daemon));
  g_assert_cmpint (process_daemon_get_shutdown_timeout (daemon), ==, 30 * G_TIME_SPAN_SECOND);
  g_assert_true (process_daemon_get_ready (daemon));
  g_assert_false (process_daemon_get_running (daemon));

  process_daemon_set_shutdown_timeout (daemon, 0);
  process_daemon_set_shutdown_timeout (daemon, -5);
  process_daemon_set_pid_file (daemon, "");
  process_daemon_set_health_address (daemon, "");
  process_daemon_set_ready (daemon, TRUE);
  test_assert_log (fixture, NULL);
  g_assert_null (process_daemon_get_pid_file (daemon));
  g_assert_null (process_daemon_get_health_address (daemon));

  process_daemon_set_shutdown_timeout (daemon, 1);
  process_daemon_set_pid_file (daemon, "a");
  process_daemon_set_pid_file (daemon, "a");
  process_daemon_set_health_address (daemon, ":0");
  process_daemon_set_ready (daemon, FALSE);
  set_registry (fixture, daemon);
  test_assert_log (fixture, "shutdown-timeout", "pid-file", "health-address", "ready 0", "registry",
                   "registry-entry");
  g_assert_cmpint (process_daemon_get_shutdown_timeout (daemon), ==, 1);
  g_assert_cmpstr (process_daemon_get_pid_file (daemon), ==, "a");
  g_assert_cmpstr (process_daemon_get_health_address (daemon), ==, ":0");

  process_daemon_set_shutdown_timeout (daemon, 0);
  g_assert_cmpint (process_daemon_get_shutdown_timeout (daemon), ==, 30 * G_TIME_SPAN_SECOND);
}

static void
test_construct (TestFixture   *fixture,
                gconstpointer  data)
{
  g_autoptr (ProcessRegistry) registry = process_registry_new (fixture->folder);
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("core", "worker");
  g_autoptr (ProcessRegistry) got_registry = NULL;
  g_autoptr (ProcessDaemonEntry) got_entry = NULL;
  g_autofree char *pid_file = NULL;
  g_autofree char *address = NULL;
  gint64 timeout = 0;
  gboolean ready = TRUE;
  gboolean running = TRUE;
  g_autoptr (ProcessDaemon) daemon = g_object_new (PROCESS_TYPE_DAEMON,
                                                   "pid-file", "pid",
                                                   "shutdown-timeout", G_GINT64_CONSTANT (7),
                                                   "health-address", ":0",
                                                   "registry", registry,
                                                   "registry-entry", entry,
                                                   "ready", FALSE,
                                                   NULL);

  test_track (fixture, daemon);
  g_object_get (daemon,
                "pid-file", &pid_file,
                "shutdown-timeout", &timeout,
                "health-address", &address,
                "registry", &got_registry,
                "registry-entry", &got_entry,
                "ready", &ready,
                "running", &running,
                NULL);
  g_assert_cmpstr (pid_file, ==, "pid");
  g_assert_cmpint (timeout, ==, 7);
  g_assert_cmpstr (address, ==, ":0");
  g_assert_true (got_registry == registry);
  g_assert_true (got_entry == entry);
  g_assert_false (ready);
  g_assert_false (running);
}

static void
assert_runs_already (ProcessDaemon *daemon)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_daemon_start (daemon, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  g_assert_true (process_daemon_get_running (daemon));
}

static void
test_nothing (TestFixture   *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);

  for (guint i = 0; i < 3; i++)
    {
      stop_well (daemon);
      test_assert_log (fixture, NULL);
      start_well (daemon);
      g_assert_true (process_daemon_get_ready (daemon));
      g_assert_cmpuint (test_count_log (fixture, "ready 1"), ==, i > 0);
      g_assert_cmpuint (test_count_log (fixture, "running 1"), ==, 1);
      g_ptr_array_set_size (fixture->log, 0);
      g_assert_null (process_daemon_get_health_address (daemon));
      assert_runs_already (daemon);
      stop_well (daemon);
      g_assert_false (process_daemon_get_ready (daemon));
      test_assert_log (fixture, "ready 0", "running 0");
    }
}

static void
assert_entry (ProcessDaemon *daemon,
              GDateTime     *not_before)
{
  g_autoptr (ProcessDaemonEntry) entry = get_entry (daemon);
  g_autofree char *cwd = g_get_current_dir ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  GDateTime *started = NULL;

  g_assert_nonnull (entry);
  started = process_daemon_entry_get_started (entry);
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, getpid ());
  g_assert_cmpstr (process_daemon_entry_get_health (entry), ==,
                   process_daemon_get_health_address (daemon));
  g_assert_cmpstr (process_daemon_entry_get_project (entry), ==, cwd);
  g_assert_cmpstr (process_daemon_entry_get_binary (entry), ==, program);
  g_assert_cmpint (g_date_time_compare (started, not_before), >=, 0);
  g_assert_cmpint (g_date_time_compare (started, now), <=, 0);
}

/* The given entry is only a pattern. */
static void
assert_pattern_untouched (ProcessDaemon *daemon)
{
  ProcessDaemonEntry *entry = process_daemon_get_registry_entry (daemon);

  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, 0);
  g_assert_null (process_daemon_entry_get_started (entry));
}

static void
test_everything (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GDateTime) before = g_date_time_new_now_utc ();
      g_autofree char *pid = g_strdup_printf ("%d\n", (int) getpid ());
      g_autofree char *address = NULL;

      start_well (daemon);
      g_assert_cmpuint (test_count_log (fixture, "running 1"), ==, 1);
      g_assert_cmpuint (test_count_log (fixture, "health-address"), ==, 1);
      g_assert_cmpuint (test_count_log (fixture, "ready 1"), ==, i > 0);
      g_ptr_array_set_size (fixture->log, 0);
      address = g_strdup (process_daemon_get_health_address (daemon));
      g_assert_true (g_str_has_prefix (address, "127.0.0.1:"));
      g_assert_cmpstr (address, !=, "127.0.0.1:0");
      test_assert_file (process_daemon_get_pid_file (daemon), pid);
      assert_entry (daemon, before);
      assert_pattern_untouched (daemon);
      assert_answer (daemon, "/health", "200", "ok\n");
      assert_answer (daemon, "/ready", "200", "ready\n");

      stop_well (daemon);
      g_assert_cmpuint (test_count_log (fixture, "ready 0"), ==, 1);
      g_assert_cmpuint (test_count_log (fixture, "running 0"), ==, 1);
      g_assert_cmpuint (test_count_log (fixture, "health-address"), ==, 1);
      g_ptr_array_set_size (fixture->log, 0);
      g_assert_cmpstr (process_daemon_get_health_address (daemon), ==, "127.0.0.1:0");
      assert_nothing_left (daemon);
      assert_no_server (address);
    }
}

/* What the user knows better is kept. */
static void
test_entry_kept (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GDateTime) started = g_date_time_new_utc (2024, 2, 29, 12, 0, 0);
  ProcessDaemonEntry *pattern = process_daemon_get_registry_entry (daemon);
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  process_daemon_set_health_address (daemon, NULL);
  process_daemon_entry_set_pid (pattern, 1);
  process_daemon_entry_set_health (pattern, "127.0.0.1:1");
  process_daemon_entry_set_project (pattern, "a project");
  process_daemon_entry_set_binary (pattern, "a binary");
  process_daemon_entry_set_started (pattern, started);

  start_well (daemon);
  entry = get_entry (daemon);
  g_assert_nonnull (entry);
  g_assert_cmpint (process_daemon_entry_get_pid (entry), ==, getpid ());
  g_assert_cmpstr (process_daemon_entry_get_health (entry), ==, "127.0.0.1:1");
  g_assert_cmpstr (process_daemon_entry_get_project (entry), ==, "a project");
  g_assert_cmpstr (process_daemon_entry_get_binary (entry), ==, "a binary");
  g_assert_true (g_date_time_equal (process_daemon_entry_get_started (entry), started));
  stop_well (daemon);
  assert_nothing_left (daemon);
}

/* Changes while it runs are for the next start; what was taken is what is released. */
static void
test_change (TestFixture   *fixture,
             gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessRegistry) registry = g_object_ref (process_daemon_get_registry (daemon));
  g_autofree char *first = g_strdup (process_daemon_get_pid_file (daemon));
  g_autofree char *second = test_path (fixture, "second");
  g_autofree char *address = NULL;
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  start_well (daemon);
  address = g_strdup (process_daemon_get_health_address (daemon));
  process_daemon_set_pid_file (daemon, second);
  process_daemon_set_health_address (daemon, NULL);
  process_daemon_set_registry (daemon, NULL);
  g_assert_cmpstr (process_daemon_get_health_address (daemon), ==, address);
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));

  stop_well (daemon);
  entry = process_registry_get (registry, "core", "worker");
  g_assert_null (entry);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  assert_no_server (address);
  g_assert_null (process_daemon_get_health_address (daemon));

  start_well (daemon);
  g_assert_null (process_daemon_get_health_address (daemon));
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  entry = process_registry_get (registry, "core", "worker");
  g_assert_null (entry);
  stop_well (daemon);
}

static void
test_instance (TestFixture   *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessDaemon) other = new_full_daemon (fixture);
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  start_well (daemon);
  g_ptr_array_set_size (fixture->log, 0);
  assert_fails (other, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING, pid);
  test_assert_log (fixture, NULL);

  /* Nothing of the first one was touched. */
  assert_answer (daemon, "/ready", "200", "ready\n");
  entry = get_entry (daemon);
  g_assert_nonnull (entry);
  g_assert_true (g_file_test (process_daemon_get_pid_file (daemon), G_FILE_TEST_EXISTS));

  stop_well (daemon);
  start_well (other);
  stop_well (other);
  assert_nothing_left (other);
}

/* Each step fails in its turn, and those before it are undone. */
static void
test_rollback (TestFixture   *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessDaemon) other = new_daemon (fixture);
  g_autofree char *file = test_path (fixture, "file");
  g_autofree char *below_file = test_path (fixture, "file/below");
  g_autofree char *pid_path = g_strdup (process_daemon_get_pid_file (daemon));
  g_autoptr (ProcessRegistry) good_registry = g_object_ref (process_daemon_get_registry (daemon));
  g_autoptr (ProcessRegistry) bad_registry = process_registry_new (below_file);
  g_autofree char *address = NULL;

  test_write_file (file, "", 0600);
  process_daemon_set_health_address (other, "127.0.0.1:0");
  start_well (other);
  address = g_strdup (process_daemon_get_health_address (other));
  g_ptr_array_set_size (fixture->log, 0);

  process_daemon_set_pid_file (daemon, below_file);
  assert_fails (daemon, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, below_file);

  process_daemon_set_pid_file (daemon, pid_path);
  process_daemon_set_health_address (daemon, address);
  assert_fails (daemon, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  assert_nothing_left (daemon);

  process_daemon_set_health_address (daemon, "no address");
  assert_fails (daemon, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "no address");
  assert_nothing_left (daemon);

  stop_well (other);
  process_daemon_set_health_address (daemon, address);
  process_daemon_set_registry (daemon, bad_registry);
  assert_fails (daemon, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, below_file);
  g_assert_false (g_file_test (pid_path, G_FILE_TEST_EXISTS));
  assert_no_server (address);
  g_assert_true (process_daemon_get_ready (daemon));
  g_assert_cmpuint (test_count_log (fixture, "running 1"), ==, 0);

  process_daemon_set_registry (daemon, good_registry);
  start_well (daemon);
  assert_answer (daemon, "/ready", "200", "ready\n");
  stop_well (daemon);
  assert_nothing_left (daemon);
}

/* A failed start does not forget that the program is not ready yet. */
static void
test_rollback_ready (TestFixture   *fixture,
                     gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autofree char *below_file = test_path (fixture, "file/below");
  g_autofree char *file = test_path (fixture, "file");
  g_autoptr (ProcessRegistry) good_registry = g_object_ref (process_daemon_get_registry (daemon));
  g_autoptr (ProcessRegistry) bad_registry = process_registry_new (below_file);

  test_write_file (file, "", 0600);
  process_daemon_set_ready (daemon, FALSE);
  process_daemon_set_registry (daemon, bad_registry);
  assert_fails (daemon, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, below_file);
  g_assert_false (process_daemon_get_ready (daemon));

  process_daemon_set_registry (daemon, good_registry);
  start_well (daemon);
  g_assert_false (process_daemon_get_ready (daemon));
  assert_answer (daemon, "/ready", "503", "not ready\n");
  process_daemon_set_ready (daemon, TRUE);
  assert_answer (daemon, "/ready", "200", "ready\n");
  stop_well (daemon);

  /* So does a start after a stop, if that was set meanwhile. */
  process_daemon_set_ready (daemon, FALSE);
  start_well (daemon);
  g_assert_false (process_daemon_get_ready (daemon));
  assert_answer (daemon, "/ready", "503", "not ready\n");
  stop_well (daemon);
  start_well (daemon);
  g_assert_true (process_daemon_get_ready (daemon));
  stop_well (daemon);
}

static void
test_half_registry (TestFixture   *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessDaemonEntry) entry =
    g_object_ref (process_daemon_get_registry_entry (daemon));

  process_daemon_set_registry_entry (daemon, NULL);
  assert_fails (daemon, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "no entry");
  assert_nothing_left (daemon);

  process_daemon_set_registry_entry (daemon, entry);
  process_daemon_set_registry (daemon, NULL);
  start_well (daemon);
  stop_well (daemon);
}

/* An entry that another instance has put in its place meanwhile stays. */
static void
test_foreign_entry (TestFixture   *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessDaemon) other = new_full_daemon (fixture);
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  g_autoptr (GDateTime) started = g_date_time_new_utc (2024, 2, 29, 12, 0, 0);

  process_daemon_set_pid_file (other, NULL);
  process_daemon_entry_set_started (process_daemon_get_registry_entry (other), started);
  start_well (daemon);
  start_well (other);
  stop_well (daemon);
  entry = get_entry (other);
  g_assert_nonnull (entry);
  g_assert_true (g_date_time_equal (process_daemon_entry_get_started (entry), started));
  stop_well (other);
  assert_nothing_left (daemon);
}

/* What has gone meanwhile is no error. */
static void
test_gone (TestFixture   *fixture,
           gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GError) error = NULL;

  start_well (daemon);
  process_registry_unregister (process_daemon_get_registry (daemon), "core", "worker", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_unlink (process_daemon_get_pid_file (daemon)));
  stop_well (daemon);
  assert_nothing_left (daemon);
}

static void
test_dispose (TestFixture   *fixture,
              gconstpointer  data)
{
  ProcessDaemon *daemon = new_full_daemon (fixture);
  g_autoptr (ProcessRegistry) registry = g_object_ref (process_daemon_get_registry (daemon));
  g_autofree char *pid_file = g_strdup (process_daemon_get_pid_file (daemon));
  g_autofree char *address = NULL;
  g_autoptr (ProcessDaemonEntry) entry = NULL;

  start_well (daemon);
  address = g_strdup (process_daemon_get_health_address (daemon));
  g_ptr_array_set_size (fixture->log, 0);
  g_assert_finalize_object (daemon);
  test_assert_log (fixture, NULL);
  g_assert_false (g_file_test (pid_file, G_FILE_TEST_EXISTS));
  entry = process_registry_get (registry, "core", "worker");
  g_assert_null (entry);
  assert_no_server (address);
}

static void
drop_cb (ProcessDaemon *daemon)
{
  g_object_unref (daemon);
}

static void
test_drop_in_handler (TestFixture   *fixture,
                      gconstpointer  data)
{
  ProcessDaemon *daemon = new_full_daemon (fixture);
  g_autofree char *pid_file = g_strdup (process_daemon_get_pid_file (daemon));
  gpointer watched = daemon;
  g_autoptr (GError) error = NULL;

  g_object_add_weak_pointer (G_OBJECT (daemon), &watched);
  g_signal_connect (daemon, "notify::running", G_CALLBACK (drop_cb), NULL);
  g_assert_true (process_daemon_start (daemon, &error));
  g_assert_no_error (error);
  g_assert_null (watched);
  g_assert_false (g_file_test (pid_file, G_FILE_TEST_EXISTS));

  daemon = new_daemon (fixture);
  start_well (daemon);
  watched = daemon;
  g_object_add_weak_pointer (G_OBJECT (daemon), &watched);
  g_signal_connect (daemon, "notify::running", G_CALLBACK (drop_cb), NULL);
  process_daemon_stop_async (daemon, NULL, NULL, NULL);
  test_run_until (watched == NULL);
}

static gboolean
healthy_cb (gpointer   user_data,
            GError   **error)
{
  const char *problem = *(const char **) user_data;

  if (problem != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, problem);
  return problem == NULL;
}

static void
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;
}

/* Checks stay over a stop, and can be added and removed at any time. */
static void
test_checks (TestFixture   *fixture,
             gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GError) error = NULL;
  struct { const char *problem; guint n_released; } check = { NULL, 0 };
  guint id = 0;

  g_assert_cmpuint (process_daemon_add_health_check (daemon, "", healthy_cb, &check.problem, NULL,
                                                     &error), ==, 0);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  id = process_daemon_add_health_check (daemon, "disk", healthy_cb, &check.problem, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (id, !=, 0);
  start_well (daemon);
  assert_answer (daemon, "/health", "200", "ok\n");
  check.problem = "full";
  assert_answer (daemon, "/health", "503", "unhealthy: disk: full\n");
  stop_well (daemon);

  start_well (daemon);
  assert_answer (daemon, "/health", "503", "unhealthy: disk: full\n");
  process_daemon_remove_health_check (daemon, id);
  assert_answer (daemon, "/health", "200", "ok\n");
  stop_well (daemon);

  id = process_daemon_add_health_check (daemon, "released", healthy_cb, &check.n_released, count_cb,
                                        &error);
  g_assert_no_error (error);
  process_daemon_remove_health_check (daemon, id);
  g_assert_cmpuint (check.n_released, ==, 1);
  process_daemon_remove_health_check (daemon, id);
  g_assert_cmpuint (check.n_released, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv);

  test_add ("/daemon/properties", test_properties);
  test_add ("/daemon/construct", test_construct);
  test_add ("/daemon/nothing", test_nothing);
  test_add ("/daemon/everything", test_everything);
  test_add ("/daemon/entry-kept", test_entry_kept);
  test_add ("/daemon/change", test_change);
  test_add ("/daemon/instance", test_instance);
  test_add ("/daemon/rollback", test_rollback);
  test_add ("/daemon/rollback-ready", test_rollback_ready);
  test_add ("/daemon/half-registry", test_half_registry);
  test_add ("/daemon/foreign-entry", test_foreign_entry);
  test_add ("/daemon/gone", test_gone);
  test_add ("/daemon/dispose", test_dispose);
  test_add ("/daemon/drop-in-handler", test_drop_in_handler);
  test_add ("/daemon/checks", test_checks);

  return g_test_run ();
}
