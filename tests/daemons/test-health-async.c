/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "health-util.h"

#include <string.h>

#define SOON (20 * G_TIME_SPAN_MILLISECOND)

static HealthClient *
ask_health (HealthFixture *self)
{
  HealthClient *client = health_connect (self->server);

  health_send (client, HEALTH_GET ("/health"));
  return client;
}

/* Leaves a client that waits for a check. */
static HealthClient *
ask_slow (HealthFixture *self, gint64 timeout)
{
  HealthClient *client;

  health_add_slow (self, "slow", &self->slow, timeout);
  health_start (self);
  client = ask_health (self);
  health_await_calls (&self->slow, 1);
  return client;
}

static gboolean
is_cancelled (HealthSlow *slow)
{
  return g_cancellable_is_cancelled (g_task_get_cancellable (slow->task));
}

/* Answers */

static void
test_answers (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);

  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
  g_assert_false (is_cancelled (&self->slow));
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");

  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 2);
  health_answer (&self->slow, "Down\n");
  health_expect (client, "503 unhealthy: slow: Down\n");

  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 3);
  g_task_return_boolean (self->slow.task, FALSE);
  g_clear_object (&self->slow.task);
  health_expect (client, "503 unhealthy: slow: The check failed without an error\n");
}

/* Answered within the call itself. */
static void
answer_at_once_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

/* They are begun side by side, and all in the owner's context. */
static void
check_owner_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  HealthFixture *self = data;

  g_assert_true (g_thread_self () == self->base.owner);
  g_assert_true (g_task_get_source_object (task) == self->server);
  g_assert_null (g_main_context_get_thread_default ());
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "In %s", "time");
}

static void
test_side_by_side (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  process_health_server_add_async_check (self->server, "at once", answer_at_once_cb, 0, NULL, NULL,
                                         NULL);
  process_health_server_add_async_check (self->server, "owner", check_owner_cb, 0, self, NULL,
                                         NULL);
  health_add_slow (self, "slower", &self->slower, 0);
  client = ask_slow (self, 0);
  health_await_calls (&self->slower, 1);
  health_answer (&self->slow, NULL);
  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
  health_answer (&self->slower, NULL);
  health_expect (client, "503 unhealthy: owner: In time\n");
}

static gpointer
answer_in_thread (gpointer data)
{
  health_answer (data, NULL);
  return NULL;
}

static void
test_thread (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);

  for (guint i = 1; i <= 100; i++)
    {
      GThread *thread = g_thread_new ("answer", answer_in_thread, &self->slow);

      health_expect (client, "200 ok\n");
      g_thread_join (thread);
      health_send (client, HEALTH_GET ("/health"));
      health_await_calls (&self->slow, i + 1);
    }
}

/* What GLib's own threads answer. */
static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_new_error (task, PROCESS_ERROR, PROCESS_ERROR_FAILED, "From a thread");
}

static void
work_in_thread_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_task_run_in_thread (task, work);
}

static void
test_task_thread (HealthFixture *self, gconstpointer data)
{
  process_health_server_add_async_check (self->server, "thread", work_in_thread_cb, 0, NULL, NULL,
                                         NULL);
  health_start (self);
  health_assert (self->server, "/health", "503 unhealthy: thread: From a thread\n");
  /* That thread may be about to let go of the task, and so of the server. */
  test_track (&self->base, self->server);
  g_clear_object (&self->server);
}

/* Deadlines */

static void
test_never (HealthFixture *self, gconstpointer data)
{
  gint64 before = g_get_monotonic_time ();
  g_autoptr (HealthClient) client = ask_slow (self, SOON);

  health_expect (client, "503 unhealthy: slow: No answer within 0.02 s\n");
  g_assert_cmpint (g_get_monotonic_time () - before, >=, SOON);
  g_assert_true (is_cancelled (&self->slow));
}

/* An answer that comes after the deadline is not that of the next run. */
static void
test_late (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, SOON);
  g_autoptr (GTask) late = NULL;

  health_expect (client, "503 unhealthy: slow: No answer within 0.02 s\n");
  late = g_object_ref (self->slow.task);
  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 2);
  g_task_return_boolean (late, TRUE);
  health_expect (client, "503 unhealthy: slow: No answer within 0.02 s\n");

  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 3);
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");
}

/* The main loop stood still for longer than the check may take. */
static void
block_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  gint64 until = g_get_monotonic_time () + 2 * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < until)
    continue;
  g_task_return_boolean (task, TRUE);
}

static void
test_blocking (HealthFixture *self, gconstpointer data)
{
  process_health_server_add_async_check (self->server, "block", block_cb,
                                         G_TIME_SPAN_MILLISECOND, NULL, NULL, NULL);
  health_start (self);
  health_assert (self->server, "/health", "503 unhealthy: block: No answer within 0.001 s\n");
}

static void
test_timeouts (HealthFixture *self, gconstpointer data)
{
  static const gint64 timeouts[] = { G_MAXINT64, G_MAXINT64 / 2, G_MININT64, -1, 0 };

  health_start (self);
  for (gsize i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      g_autoptr (HealthClient) client = NULL;
      guint id = health_add_slow (self, "slow", &self->slow, timeouts[i]);

      client = ask_health (self);
      health_await_calls (&self->slow, (guint) i + 1);
      health_settle ();
      g_assert_false (health_receive (client) || client->ended);
      health_answer (&self->slow, NULL);
      health_expect (client, "200 ok\n");
      process_health_server_remove_check (self->server, id);
    }
}

static void
drop_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_assert_true (G_IS_TASK (task));
}

static void
test_dropped (HealthFixture *self, gconstpointer data)
{
  process_health_server_add_async_check (self->server, "drop", drop_cb, 0, NULL, NULL, NULL);
  health_start (self);
  health_assert (self->server, "/health",
                 "503 unhealthy: drop: The check dropped its task without an answer\n");
  health_assert (self->server, "/health?exclude=drop", "200 ok\n");
}

/* Sharing */

static void
test_shared (HealthFixture *self, gconstpointer data)
{
  HealthClient *clients[20];

  health_add_quick (self, "good", &self->good);
  clients[0] = ask_slow (self, 0);
  for (gsize i = 1; i < G_N_ELEMENTS (clients); i++)
    clients[i] = ask_health (self);
  health_assert (self->server, "/ready", "200 ready\n");
  health_settle ();
  g_assert_cmpuint (self->slow.n_calls, ==, 1);
  g_assert_cmpuint (self->good.n_calls, <=, G_N_ELEMENTS (clients));
  health_answer (&self->slow, "Down");
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      health_expect (clients[i], "503 unhealthy: slow: Down\n");
      health_client_free (clients[i]);
    }
  g_assert_cmpuint (self->slow.n_calls, ==, 1);
}

/* Those that ask in one go are told in one go, of one run of either kind. */
static void
test_shared_quick (HealthFixture *self, gconstpointer data)
{
  HealthClient *clients[20];

  health_add_quick (self, "good", &self->good);
  health_start (self);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = health_connect (self->server);
      g_assert_cmpuint (health_send_some (clients[i], HEALTH_GET ("/health"),
                                          strlen (HEALTH_GET ("/health"))),
                        ==, strlen (HEALTH_GET ("/health")));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      health_expect (clients[i], "200 ok\n");
      health_client_free (clients[i]);
    }
  g_assert_cmpuint (self->good.n_calls, >, 0);
  g_assert_cmpuint (self->good.n_calls, <, G_N_ELEMENTS (clients));
}

/* A request that comes after the run has ended gets a new one. */
static void
test_not_kept (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);
  g_autoptr (HealthClient) other = NULL;

  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");
  other = ask_health (self);
  health_await_calls (&self->slow, 2);
  health_answer (&self->slow, "Down");
  health_expect (other, "503 unhealthy: slow: Down\n");
}

/* A client that goes away while it waits is no reason to stop for the others. */
static void
test_left (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);
  g_autoptr (HealthClient) other = ask_health (self);
  g_autoptr (HealthClient) third = ask_health (self);

  health_settle ();
  health_reset (client);
  g_clear_pointer (&other, health_client_free);
  health_settle ();
  g_assert_false (is_cancelled (&self->slow));
  health_answer (&self->slow, NULL);
  health_expect (third, "200 ok\n");
}

/* Removed while they run */

static void
test_removed (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;
  guint slower = health_add_slow (self, "slower", &self->slower, 0);

  client = ask_slow (self, 0);
  health_await_calls (&self->slower, 1);
  process_health_server_remove_check (self->server, slower);
  g_assert_true (is_cancelled (&self->slower));
  g_assert_cmpuint (self->slower.n_destroyed, ==, 0);
  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");

  /* The task has what was given for it, as long as it is there. */
  health_answer (&self->slower, NULL);
  test_run_until (self->slower.n_destroyed == 1);
}

static void
test_cleared (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);

  health_add_quick (self, "good", &self->good);
  process_health_server_clear_checks (self->server);
  health_expect (client, "200 ok\n");
  g_assert_cmpuint (self->good.n_destroyed, ==, 1);
  health_assert (self->server, "/health?verbose", "200 ok\n");
}

typedef struct
{
  HealthFixture *fixture;
  guint          id;
} Removal;

static gpointer
remove_in_thread (gpointer data)
{
  Removal *removal = data;

  process_health_server_remove_check (removal->fixture->server, removal->id);
  return NULL;
}

static void
test_removed_in_thread (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_start (self);
  client = health_connect (self->server);
  health_add_quick (self, "good", &self->good);
  for (int i = 0; i < 200; i++)
    {
      Removal removal = { self, health_add_quick (self, "other", &self->other) };
      GThread *thread;
      g_autofree char *answer = NULL;

      health_send (client, HEALTH_GET ("/health?verbose"));
      thread = g_thread_new ("remove", remove_in_thread, &removal);
      answer = health_wait (client);
      g_assert_true (g_str_equal (answer, "200 [+]good ok\nok\n") ||
                     g_str_has_prefix (answer, "503 [+]good ok\n[-]other failed: "));
      g_thread_join (thread);
      g_assert_cmpuint (self->other.n_destroyed, <=, self->other.n_added);
    }
}

/* With the server */

static void
test_stopped (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);
  g_autoptr (GTask) old = NULL;

  process_health_server_stop (self->server);
  health_expect_end (client);
  g_assert_true (is_cancelled (&self->slow));
  old = g_steal_pointer (&self->slow.task);

  /* And the next life has runs of its own. */
  health_start (self);
  g_clear_pointer (&client, health_client_free);
  client = ask_health (self);
  health_await_calls (&self->slow, 2);
  g_task_return_boolean (old, FALSE);
  g_clear_object (&old);
  health_settle ();
  g_assert_false (health_receive (client) || client->ended);
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");
}

/* Stopped with a request read whose checks have not been begun. */
static gpointer
stop_in_thread (gpointer data)
{
  process_health_server_stop (data);
  return NULL;
}

static void
test_stopped_in_thread (HealthFixture *self, gconstpointer data)
{
  health_add_slow (self, "slow", &self->slow, 0);
  health_add_quick (self, "good", &self->good);
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (HealthClient) client = NULL;
      GThread *thread;

      health_start (self);
      client = ask_health (self);
      thread = g_thread_new ("stop", stop_in_thread, self->server);
      test_run_until (!health_receive (client) && client->ended);
      g_thread_join (thread);
      health_settle ();
      g_clear_object (&self->slow.task);
    }
}

/* A task is a reference to the server, so that it can be answered. */
static void
test_unreferenced (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = ask_slow (self, 0);

  test_track (&self->base, self->server);
  g_clear_object (&self->server);
  g_assert_cmpint (self->base.n_alive, ==, 1);
  health_answer (&self->slow, NULL);
  health_expect (client, "200 ok\n");
  test_run_until (self->base.n_alive == 0);
  test_run_until (!health_receive (client) && client->ended);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/async/answers", test_answers);
  health_add ("/async/side-by-side", test_side_by_side);
  health_add ("/async/thread", test_thread);
  health_add ("/async/task-thread", test_task_thread);
  health_add ("/async/never", test_never);
  health_add ("/async/late", test_late);
  health_add ("/async/blocking", test_blocking);
  health_add ("/async/timeouts", test_timeouts);
  health_add ("/async/dropped", test_dropped);
  health_add ("/async/shared", test_shared);
  health_add ("/async/shared/quick", test_shared_quick);
  health_add ("/async/shared/not-kept", test_not_kept);
  health_add ("/async/shared/left", test_left);
  health_add ("/async/removed", test_removed);
  health_add ("/async/removed/all", test_cleared);
  health_add ("/async/removed/thread", test_removed_in_thread);
  health_add ("/async/stopped", test_stopped);
  health_add ("/async/stopped/thread", test_stopped_in_thread);
  health_add ("/async/unreferenced", test_unreferenced);
  return g_test_run ();
}
