/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "health-util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <process-glib/daemons/process-health-server-private.h>

typedef struct
{
  HealthFixture  base;
  HealthClient  *client; /* (owned) (nullable) */
  gint           n_done; /* drains */
  GError        *error;  /* (owned) (nullable), of the last one */
} Drain;

#define add(path, func) g_test_add (path, Drain, NULL, set_up, func, tear_down)

static void
set_up (Drain *self, gconstpointer data)
{
  health_set_up (&self->base, NULL);
}

static void
tear_down (Drain *self, gconstpointer data)
{
  g_clear_pointer (&self->client, health_client_free);
  g_clear_error (&self->error);
  health_tear_down (&self->base, NULL);
}

static void
drain_cb (GObject *server, GAsyncResult *result, gpointer data)
{
  Drain *self = data;
  gboolean drained;

  g_clear_error (&self->error);
  drained = process_health_server_drain_finish (PROCESS_HEALTH_SERVER (server), result,
                                                &self->error);
  g_assert_true (drained == (self->error == NULL));
  g_atomic_int_inc (&self->n_done);
}

static void
drain (Drain *self, gint64 timeout, GCancellable *cancellable)
{
  process_health_server_drain_async (self->base.server, timeout, cancellable, drain_cb, self);
}

static void
await_drains (Drain *self, gint n)
{
  test_run_until (g_atomic_int_get (&self->n_done) == n);
}

static gboolean
is_running (Drain *self)
{
  return process_health_server_get_running (self->base.server);
}

/* Leaves a client that waits for a check. */
static void
ask_slow (Drain *self)
{
  health_add_slow (&self->base, "slow", &self->base.slow, 0);
  health_start (&self->base);
  self->client = health_connect (self->base.server);
  health_send (self->client, HEALTH_GET ("/health"));
  health_await_calls (&self->base.slow, 1);
}

static void
assert_closed (Drain *self, const char *answer)
{
  health_expect (self->client, answer);
  g_assert_nonnull (strstr (self->client->head, "Connection: close"));
  health_expect_end (self->client);
}

static void
test_not_started (Drain *self, gconstpointer data)
{
  drain (self, 0, NULL);
  g_assert_cmpint (self->n_done, ==, 0);
  await_drains (self, 1);
  g_assert_no_error (self->error);

  /* And it may be started afterwards. */
  health_start (&self->base);
  health_assert (self->base.server, "/ready", "200 ready\n");
}

static void
test_idle (Drain *self, gconstpointer data)
{
  g_autoptr (HealthClient) fresh = NULL, half = NULL;
  g_autofree char *address = NULL;
  g_autoptr (ProcessHealthServer) other = NULL;

  health_start (&self->base);
  self->client = health_connect (self->base.server);
  fresh = health_connect (self->base.server);
  half = health_connect (self->base.server);
  health_send (self->client, HEALTH_GET ("/ready"));
  health_expect (self->client, "200 ready\n");
  health_send (half, "GET /ready HTTP/1.1\r\nHost:");
  health_settle ();
  address = g_strdup (process_health_server_get_address (self->base.server));

  drain (self, -1, NULL);
  g_assert_false (is_running (self));
  health_expect_end (self->client);
  health_expect_end (fresh);
  health_expect_end (half);
  await_drains (self, 1);
  g_assert_no_error (self->error);

  /* The port is free. */
  other = process_health_server_new (address);
  g_assert_true (process_health_server_start (other, NULL));
}

static void
test_pending (Drain *self, gconstpointer data)
{
  ask_slow (self);
  drain (self, -1, NULL);
  health_settle ();
  g_assert_true (is_running (self));
  g_assert_cmpint (self->n_done, ==, 0);
  health_answer (&self->base.slow, NULL);
  assert_closed (self, "200 ok\n");
  await_drains (self, 1);
  g_assert_no_error (self->error);
  g_assert_false (is_running (self));
}

/* What comes behind the request that is being answered is not any more. */
static void
test_pipelined (Drain *self, gconstpointer data)
{
  ask_slow (self);
  health_send (self->client, HEALTH_GET ("/health") HEALTH_GET ("/ready"));
  drain (self, -1, NULL);
  health_answer (&self->base.slow, "Broken");
  health_expect (self->client, "503 unhealthy: slow: Broken\n");
  g_assert_nonnull (strstr (self->client->head, "Connection: close"));
  test_run_until (!health_receive (self->client) && self->client->ended);
  g_assert_cmpstr (self->client->text->str, ==, "");
  await_drains (self, 1);
  g_assert_cmpuint (self->base.slow.n_calls, ==, 1);
}

/* What the system has taken for us counts as asked, however much that is. */
static void
test_unaccepted (Drain *self, gconstpointer data)
{
  HealthClient *clients[200];

  health_start (&self->base);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = health_connect (self->base.server);
      health_send_some (clients[i], HEALTH_GET ("/ready"), strlen (HEALTH_GET ("/ready")));
    }
  drain (self, -1, NULL);
  await_drains (self, 1);
  g_assert_no_error (self->error);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      health_expect (clients[i], "200 ready\n");
      health_expect_end (clients[i]);
      health_client_free (clients[i]);
    }
}

static void
test_timeout (Drain *self, gconstpointer data)
{
  ask_slow (self);
  drain (self, 1000, NULL);
  await_drains (self, 1);
  g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  g_assert_false (is_running (self));
  health_expect_end (self->client);
  /* Nobody waits for it any more. */
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (self->base.slow.task)));
  health_answer (&self->base.slow, NULL);
}

/* Each that had no answer yet counts, and all of them are let go of. */
static void
test_timeout_several (Drain *self, gconstpointer data)
{
  g_autoptr (HealthClient) other = NULL;

  ask_slow (self);
  other = health_connect (self->base.server);
  health_send (other, HEALTH_GET ("/health"));
  health_settle ();
  drain (self, 1000, NULL);
  await_drains (self, 1);
  g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  g_assert_true (g_str_has_prefix (self->error->message, "2 connections "));
  health_expect_end (self->client);
  health_expect_end (other);
  g_assert_cmpuint (self->base.slow.n_calls, ==, 1);
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (self->base.slow.task)));
  health_answer (&self->base.slow, NULL);
}

static void
test_timeout_none (Drain *self, gconstpointer data)
{
  ask_slow (self);
  drain (self, G_MAXINT64, NULL);
  health_settle ();
  g_assert_true (is_running (self));
  drain (self, 0, NULL);
  await_drains (self, 2);
  g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

/* The one that is in a hurry decides, in whatever order they come. */
static void
test_timeout_shortest (Drain *self, gconstpointer data)
{
  ask_slow (self);
  drain (self, 1000, NULL);
  drain (self, G_TIME_SPAN_HOUR, NULL);
  await_drains (self, 2);
  g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

/* Who was refused and does not hang up has had his answer. */
static void
test_refused (Drain *self, gconstpointer data)
{
  health_start (&self->base);
  self->client = health_connect (self->base.server);
  health_send (self->client, "nonsense\r\n\r\n");
  health_expect (self->client, "400 bad request\n");
  drain (self, 0, NULL);
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

static void
test_cancel (Drain *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  ask_slow (self);
  drain (self, -1, cancellable);
  health_settle ();
  g_assert_cmpint (self->n_done, ==, 0);
  g_cancellable_cancel (cancellable);
  await_drains (self, 1);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* Only the call was. */
  g_assert_true (is_running (self));
  drain (self, -1, cancellable);
  await_drains (self, 2);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  health_answer (&self->base.slow, NULL);
  assert_closed (self, "200 ok\n");
  test_run_until (!is_running (self));
}

/* A cancellable that is triggered when all is over changes nothing. */
static void
test_cancel_late (Drain *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  health_start (&self->base);
  drain (self, -1, cancellable);
  g_cancellable_cancel (cancellable);
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

static void
test_stop (Drain *self, gconstpointer data)
{
  ask_slow (self);
  drain (self, -1, NULL);
  process_health_server_stop (self->base.server);
  await_drains (self, 1);
  health_expect_end (self->client);
}

static void
test_hurry (Drain *self, gconstpointer data)
{
  ask_slow (self);
  _process_health_server_hurry (self->base.server);
  g_assert_true (is_running (self));
  drain (self, -1, NULL);
  _process_health_server_hurry (self->base.server);
  g_assert_false (is_running (self));
  await_drains (self, 1);
  g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

static void
test_start_again (Drain *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  ask_slow (self);
  drain (self, -1, NULL);
  g_assert_false (process_health_server_start (self->base.server, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  health_answer (&self->base.slow, NULL);
  await_drains (self, 1);
  health_start (&self->base);
  health_assert (self->base.server, "/ready", "200 ready\n");
}

/* What does not fit into the socket is waited for. */
static void
test_large (Drain *self, gconstpointer data)
{
  g_autofree char *message = g_strnfill (16 << 20, 'x');
  g_autofree char *expected = g_strdup_printf ("503 unhealthy: large: %s\n", message);

  process_health_server_set_status (self->base.server, "large", FALSE, message);
  health_start (&self->base);
  self->client = health_connect (self->base.server);
  health_send (self->client, HEALTH_GET ("/health"));
  health_settle ();
  drain (self, -1, NULL);
  health_settle ();
  g_assert_cmpint (self->n_done, ==, 0);
  health_expect (self->client, expected);
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

/* Leaves a client whose connection is known, and whose request is not. */
static void
send_unread (Drain *self, const char *request)
{
  health_start (&self->base);
  self->client = health_connect (self->base.server);
  health_settle ();
  g_assert_cmpuint (health_send_some (self->client, request, strlen (request)), ==,
                    strlen (request));
}

static void
test_unread (Drain *self, gconstpointer data)
{
  send_unread (self, HEALTH_GET ("/ready"));
  drain (self, -1, NULL);
  assert_closed (self, "200 ready\n");
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

static void
test_unread_pending (Drain *self, gconstpointer data)
{
  health_add_slow (&self->base, "slow", &self->base.slow, 0);
  send_unread (self, HEALTH_GET ("/health"));
  drain (self, -1, NULL);
  health_await_calls (&self->base.slow, 1);
  g_assert_cmpint (self->n_done, ==, 0);
  health_answer (&self->base.slow, NULL);
  assert_closed (self, "200 ok\n");
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

static void
test_unread_large (Drain *self, gconstpointer data)
{
  g_autofree char *message = g_strnfill (16 << 20, 'x');
  g_autofree char *expected = g_strdup_printf ("503 unhealthy: large: %s\n", message);

  process_health_server_set_status (self->base.server, "large", FALSE, message);
  send_unread (self, HEALTH_GET ("/health"));
  drain (self, -1, NULL);
  health_expect (self->client, expected);
  await_drains (self, 1);
  g_assert_no_error (self->error);
}

/* In another thread than the server's, which hears of it in its own context. */
typedef struct
{
  Drain        *drain;
  GCancellable *cancellable; /* (nullable) */
  gint          begun;
} Elsewhere;

static gpointer
drain_elsewhere (gpointer data)
{
  Elsewhere *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  gint n = g_atomic_int_get (&self->drain->n_done);

  g_main_context_push_thread_default (context);
  drain (self->drain, -1, self->cancellable);
  g_atomic_int_set (&self->begun, TRUE);
  while (g_atomic_int_get (&self->drain->n_done) == n)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_thread (Drain *self, gconstpointer data)
{
  Elsewhere elsewhere = { .drain = self };
  GThread *thread;

  ask_slow (self);
  thread = g_thread_new ("drain", drain_elsewhere, &elsewhere);
  health_settle ();
  health_answer (&self->base.slow, NULL);
  health_expect (self->client, "200 ok\n");
  process_health_server_stop (self->base.server);
  g_thread_join (thread);
}

/* However early it is cancelled, the call hears of it. */
static void
test_thread_cancelled (Drain *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Elsewhere elsewhere = { .drain = self, .cancellable = cancellable };

  ask_slow (self);
  g_cancellable_cancel (cancellable);
  for (gint i = 1; i <= 300; i++)
    {
      GThread *thread = g_thread_new ("drain", drain_elsewhere, &elsewhere);

      await_drains (self, i);
      g_thread_join (thread);
      g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* While one thread sees that it is cancelled, another one ends it. */
static gpointer
stop_in_thread (gpointer data)
{
  process_health_server_stop (data);
  return NULL;
}

static void
race (Drain *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Elsewhere elsewhere = { .drain = self, .cancellable = cancellable };
  GThread *drainer = g_thread_new ("drain", drain_elsewhere, &elsewhere);
  GThread *stopper;
  gint n = g_atomic_int_get (&self->n_done);

  test_look_until (g_atomic_int_get (&elsewhere.begun));
  g_cancellable_cancel (cancellable);
  stopper = g_thread_new ("stop", stop_in_thread, self->base.server);
  await_drains (self, n + 1);
  g_thread_join (drainer);
  g_thread_join (stopper);
}

static void
test_thread_race (Drain *self, gconstpointer data)
{
  health_add_slow (&self->base, "slow", &self->base.slow, 0);
  for (guint i = 1; i <= 300; i++)
    {
      health_start (&self->base);
      self->client = health_connect (self->base.server);
      health_send (self->client, HEALTH_GET ("/health"));
      health_await_calls (&self->base.slow, i);
      race (self);
      g_clear_pointer (&self->client, health_client_free);
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  add ("/drain/not-started", test_not_started);
  add ("/drain/idle", test_idle);
  add ("/drain/pending", test_pending);
  add ("/drain/pipelined", test_pipelined);
  add ("/drain/unaccepted", test_unaccepted);
  add ("/drain/timeout", test_timeout);
  add ("/drain/timeout/several", test_timeout_several);
  add ("/drain/timeout/none", test_timeout_none);
  add ("/drain/timeout/shortest", test_timeout_shortest);
  add ("/drain/refused", test_refused);
  add ("/drain/cancel", test_cancel);
  add ("/drain/cancel/late", test_cancel_late);
  add ("/drain/stop", test_stop);
  add ("/drain/hurry", test_hurry);
  add ("/drain/start", test_start_again);
  add ("/drain/large", test_large);
  add ("/drain/unread", test_unread);
  add ("/drain/unread/pending", test_unread_pending);
  add ("/drain/unread/large", test_unread_large);
  add ("/drain/thread", test_thread);
  add ("/drain/thread/cancelled", test_thread_cancelled);
  add ("/drain/thread/race", test_thread_race);
  return g_test_run ();
}
