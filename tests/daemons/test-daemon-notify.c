/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a service manager hears of a daemon. */

#include "daemon-util.h"

#define WATCHDOG_USEC "20000"

static Manager *
new_manager (gboolean abstract)
{
  Manager *manager = manager_new (abstract);

  g_setenv ("NOTIFY_SOCKET", manager->address, TRUE);

  return manager;
}

static void
end_manager (Manager *manager)
{
  manager_assert_silent (manager);
  manager_free (manager);
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
  g_unsetenv ("WATCHDOG_PID");
}

static void
test_ready (TestFixture   *fixture,
            gconstpointer  abstract)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  Manager *manager = new_manager (abstract != NULL);

  for (guint i = 0; i < 2; i++)
    {
      manager_assert_silent (manager);
      start_well (daemon);
      manager_expect (manager, "READY=1");
      process_daemon_set_ready (daemon, FALSE);
      process_daemon_set_ready (daemon, TRUE);
      manager_assert_silent (manager);
      stop_well (daemon);
      manager_expect (manager, "STOPPING=1");
      stop_well (daemon);
    }

  end_manager (manager);
}

static void
test_ready_late (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);

  process_daemon_set_ready (daemon, FALSE);
  process_daemon_set_ready (daemon, TRUE);
  process_daemon_set_ready (daemon, FALSE);
  start_well (daemon);
  manager_assert_silent (manager);
  process_daemon_set_ready (daemon, TRUE);
  manager_expect (manager, "READY=1");
  stop_well (daemon);
  manager_expect (manager, "STOPPING=1");
  process_daemon_set_ready (daemon, TRUE);

  end_manager (manager);
}

static void
test_never_ready (TestFixture   *fixture,
                  gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);

  process_daemon_set_ready (daemon, FALSE);
  start_well (daemon);
  stop_well (daemon);
  manager_expect (manager, "STOPPING=1");

  end_manager (manager);
}

static void
test_failed_start (TestFixture   *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  Manager *manager = new_manager (FALSE);

  process_daemon_set_health_address (daemon, "no address");
  assert_fails (daemon, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "no address");
  process_daemon_set_ready (daemon, FALSE);
  process_daemon_set_ready (daemon, TRUE);

  end_manager (manager);
}

/* A daemon that nobody can hear works all the same. */
static void
test_deaf (TestFixture   *fixture,
           gconstpointer  data)
{
  const char *addresses[] = {
    "", "no address", "/nonexistent/socket", "@", "@process-glib/nobody",
  };

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);

      g_setenv ("NOTIFY_SOCKET", addresses[i], TRUE);
      start_well (daemon);
      stop_well (daemon);
    }
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
}

/* What goes on is silent when the last reference is dropped. */
static void
test_dispose (TestFixture   *fixture,
              gconstpointer  data)
{
  ProcessDaemon *daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  start_well (daemon);
  manager_expect (manager, "READY=1");
  manager_expect (manager, "WATCHDOG=1");
  g_assert_finalize_object (daemon);
  while (g_main_context_iteration (NULL, FALSE))
    continue;

  end_manager (manager);
}

typedef struct
{
  gboolean  healthy;
  guint     n_asked;
  GTask    *task; /* (owned) (nullable) */
} Check;

static gboolean
check_cb (gpointer   user_data,
          GError   **error)
{
  Check *check = user_data;

  check->n_asked++;
  if (!check->healthy)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Nothing works");

  return check->healthy;
}

static void
check_later_cb (ProcessHealthServer *server,
                GTask               *task,
                gpointer             user_data)
{
  Check *check = user_data;

  check->n_asked++;
  g_set_object (&check->task, task);
}

/* It is the checks that decide, without a health server, too. */
static void
test_watchdog (TestFixture   *fixture,
               gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  Check check = { TRUE, 0, NULL };
  guint n_asked = 0;

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  g_setenv ("WATCHDOG_PID", pid, TRUE);
  process_daemon_add_health_check (daemon, "works", check_cb, &check, NULL, NULL);
  start_well (daemon);
  manager_expect (manager, "READY=1");
  manager_expect (manager, "WATCHDOG=1");
  manager_expect (manager, "WATCHDOG=1");

  /* Once it was asked again, what passed before has been told. */
  check.healthy = FALSE;
  n_asked = check.n_asked;
  test_run_until (check.n_asked > n_asked);
  manager_skip (manager);
  test_run_until (check.n_asked > n_asked + 3);
  manager_assert_silent (manager);

  check.healthy = TRUE;
  manager_expect (manager, "WATCHDOG=1");
  stop_well (daemon);
  manager_expect (manager, "STOPPING=1");
  n_asked = check.n_asked;
  test_run_until (!g_main_context_pending (NULL));
  g_assert_cmpuint (check.n_asked, ==, n_asked);

  end_manager (manager);
}

static void
test_watchdog_other (TestFixture   *fixture,
                     gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);
  Check check = { TRUE, 0, NULL };
  gint64 until = g_get_monotonic_time () + 3 * g_ascii_strtoll (WATCHDOG_USEC, NULL, 10);

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  g_setenv ("WATCHDOG_PID", "1", TRUE);
  process_daemon_add_health_check (daemon, "works", check_cb, &check, NULL, NULL);
  start_well (daemon);
  manager_expect (manager, "READY=1");
  test_run_until (g_get_monotonic_time () > until);
  g_assert_cmpuint (check.n_asked, ==, 0);
  stop_well (daemon);
  manager_expect (manager, "STOPPING=1");

  end_manager (manager);
}

/* While a check takes its time, it is not asked again, and the answer counts. */
static void
test_watchdog_slow (TestFixture   *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);
  Check check = { TRUE, 0, NULL };
  gint64 until = 0;

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  process_daemon_add_async_health_check (daemon, "works", check_later_cb, 0, &check, NULL, NULL);
  start_well (daemon);
  manager_expect (manager, "READY=1");
  test_run_until (check.task != NULL);
  until = g_get_monotonic_time () + 3 * g_ascii_strtoll (WATCHDOG_USEC, NULL, 10);
  test_run_until (g_get_monotonic_time () > until);
  g_assert_cmpuint (check.n_asked, ==, 1);
  manager_assert_silent (manager);

  g_task_return_boolean (check.task, TRUE);
  g_clear_object (&check.task);
  manager_expect (manager, "WATCHDOG=1");

  /* One that is still under way when it stops is of no interest any more. */
  test_run_until (check.task != NULL);
  stop_well (daemon);
  g_task_return_boolean (check.task, TRUE);
  g_clear_object (&check.task);
  test_run_until (!g_main_context_pending (NULL));
  manager_expect (manager, "STOPPING=1");

  end_manager (manager);
}

/* A check under way does not keep the daemon. */
static void
test_watchdog_dispose (TestFixture   *fixture,
                       gconstpointer  data)
{
  ProcessDaemon *daemon = new_daemon (fixture);
  Manager *manager = new_manager (FALSE);
  Check check = { TRUE, 0, NULL };

  g_setenv ("WATCHDOG_USEC", WATCHDOG_USEC, TRUE);
  process_daemon_add_async_health_check (daemon, "works", check_later_cb, 0, &check, NULL, NULL);
  start_well (daemon);
  manager_expect (manager, "READY=1");
  test_run_until (check.task != NULL);
  g_assert_finalize_object (daemon);
  g_task_return_boolean (check.task, TRUE);
  g_clear_object (&check.task);
  test_run_until (!g_main_context_pending (NULL));

  end_manager (manager);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv);

  test_add ("/daemon-notify/ready", test_ready);
  test_add_with ("/daemon-notify/ready-abstract", GINT_TO_POINTER (TRUE), test_ready);
  test_add ("/daemon-notify/ready-late", test_ready_late);
  test_add ("/daemon-notify/never-ready", test_never_ready);
  test_add ("/daemon-notify/failed-start", test_failed_start);
  test_add ("/daemon-notify/deaf", test_deaf);
  test_add ("/daemon-notify/dispose", test_dispose);
  test_add ("/daemon-notify/watchdog", test_watchdog);
  test_add ("/daemon-notify/watchdog-other", test_watchdog_other);
  test_add ("/daemon-notify/watchdog-slow", test_watchdog_slow);
  test_add ("/daemon-notify/watchdog-dispose", test_watchdog_dispose);

  return g_test_run ();
}
