/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Clients that take more time than they get, all at once. */

#include "health-util.h"

#include <string.h>
#include <sys/socket.h>

#define HEAD_TIME (5 * G_TIME_SPAN_SECOND)
#define IDLE_TIME (15 * G_TIME_SPAN_SECOND)
#define START "GET /ready HTTP/1.1\r\nHost: local"

typedef struct
{
  HealthClient *client;
  gint64        started;
  gint64        answered; /* when the last answer came, 0 = there was none */
  gint64        ended;    /* 0 = it has not */
  char         *answer;   /* (owned) (nullable), the last one */
} Slow;

static void
slow_open (Slow *self, HealthFixture *fixture, const char *request)
{
  self->client = health_connect (fixture->server);
  self->started = g_get_monotonic_time ();
  health_send (self->client, request);
}

static void
slow_close (Slow *self)
{
  health_client_free (self->client);
  g_free (self->answer);
}

static gboolean
slow_has_ended (Slow *self)
{
  char *answer;

  health_receive (self->client);
  while ((answer = health_take (self->client, FALSE)) != NULL)
    {
      g_free (self->answer);
      self->answer = answer;
      self->answered = g_get_monotonic_time ();
    }
  if (self->client->ended && self->ended == 0)
    self->ended = g_get_monotonic_time ();
  return self->ended != 0;
}

static void
assert_timed_out (Slow *self)
{
  test_run_until (slow_has_ended (self));
  g_assert_cmpstr (self->answer, ==, "408 request timeout\n");
  g_assert_nonnull (strstr (self->client->head, "Connection: close"));
  g_assert_cmpint (self->answered - self->started, >=, HEAD_TIME);
}

/* One more byte at a time, in whatever time. */
static gboolean
trickle (Slow *self, gsize *n)
{
  if (*n < 3000 && self->answer == NULL)
    *n += health_send_some (self->client, "x", 1);
  return slow_has_ended (self);
}

static void
test_heads (HealthFixture *self, gconstpointer data)
{
  Slow silent = { 0 }, half = { 0 }, dripping = { 0 }, second = { 0 }, third = { 0 };
  gsize n = 0;

  health_start (self);
  slow_open (&silent, self, "");
  slow_open (&half, self, START);
  slow_open (&dripping, self, START);
  slow_open (&second, self, HEALTH_GET ("/ready"));
  slow_open (&third, self, HEALTH_GET ("/ready") START);
  health_expect (second.client, "200 ready\n");
  second.started = g_get_monotonic_time ();
  health_send (second.client, START);
  test_run_until (trickle (&dripping, &n));
  g_assert_cmpuint (n, >, 0);
  assert_timed_out (&dripping);
  assert_timed_out (&silent);
  assert_timed_out (&half);
  assert_timed_out (&second);
  assert_timed_out (&third);
  slow_close (&silent);
  slow_close (&half);
  slow_close (&dripping);
  slow_close (&second);
  slow_close (&third);
}

/* Without a word: there is no request that the word could be an answer to. */
static void
assert_closed (Slow *self, const char *answer)
{
  test_run_until (slow_has_ended (self));
  g_assert_cmpstr (self->answer, ==, answer);
  g_assert_cmpint (self->ended - self->started, >=, IDLE_TIME);
}

/* One that answers well, but keeps everybody waiting meanwhile. */
static gboolean
block_cb (gpointer data, GError **error)
{
  g_usleep (HEAD_TIME + 1000);
  return TRUE;
}

/* What is waited for is not given up, however long. */
static void
test_idle (HealthFixture *self, gconstpointer data)
{
  g_autofree char *large = g_strnfill (16 << 20, 'x');
  Slow idle = { 0 }, refused = { 0 }, deaf = { 0 };
  g_autoptr (HealthClient) waiting = NULL;
  guint n_sockets = test_count_fds ("socket:");

  health_add_slow (self, "slow", &self->slow, G_TIME_SPAN_HOUR);
  process_health_server_set_status (self->server, "large", FALSE, large);
  process_health_server_add_check (self->server, "block", block_cb, NULL, NULL, NULL);
  health_start (self);
  waiting = health_connect (self->server);
  /* It has to be there in time, and then may take long. */
  health_settle ();
  health_send (waiting, HEALTH_GET ("/health?exclude=large&exclude=block"));
  slow_open (&deaf, self, HEALTH_GET ("/health?exclude=slow&exclude=block"));
  slow_open (&idle, self, HEALTH_GET ("/ready"));
  slow_open (&refused, self, "nonsense\r\n\r\n");

  /* Its side is open until it has closed the other one, or for a second. */
  health_expect (refused.client, "400 bad request\n");
  health_expect_end (refused.client);
  test_run_until (send (refused.client->fd, "x", 1, MSG_NOSIGNAL) < 0);

  health_assert (self->server, "/health?exclude=slow&exclude=large",
                 "503 unhealthy: block: No answer within 5 s\n");

  assert_closed (&idle, "200 ready\n");
  slow_close (&idle);
  slow_close (&refused);

  /* The one that does not read does not see it. What listens, both sides of the one that waits,
   * and its own are left. */
  test_run_until (test_count_fds ("socket:") == n_sockets + 4);
  g_assert_cmpint (g_get_monotonic_time () - deaf.started, >=, IDLE_TIME);
  slow_close (&deaf);
  g_assert_false (health_receive (waiting) || waiting->ended);
  health_answer (&self->slow, NULL);
  health_expect (waiting, "200 ok\n");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/slow/heads", test_heads);
  health_add ("/slow/idle", test_idle);
  return g_test_run ();
}
