/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a check may do to the server that calls it. */

#include "health-util.h"

#include <string.h>

typedef struct _Nasty Nasty;
typedef void (*NastyFunc) (Nasty *self);

/* One that looks at what came of it, after the answer that @answer is; NULL = the connection
 * ended without one. */
typedef struct
{
  const char *path;
  NastyFunc   act;
  const char *answer;
  NastyFunc   look; /* (nullable) */
} Case;

struct _Nasty
{
  HealthFixture  base;
  const Case    *what;
  guint          id;
  guint          n_calls;
  guint          n_added;
  guint          n_destroyed;
  gboolean       drained;
  HealthClient  *client; /* (owned) (nullable) */
};

static void
act (Nasty *self)
{
  self->n_calls++;
  if (self->n_calls == 1)
    self->what->act (self);
}

static gboolean
nasty_cb (gpointer data, GError **error)
{
  act (data);
  g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_FAILED, "Nasty");
  return FALSE;
}

static void
nasty_async_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_assert_true (G_IS_TASK (task));
  act (data);
  g_assert_true (PROCESS_IS_HEALTH_SERVER (server));
  g_task_return_new_error (task, PROCESS_ERROR, PROCESS_ERROR_FAILED, "Nasty");
}

static void
nasty_destroy (gpointer data)
{
  ((Nasty *) data)->n_destroyed++;
}

static void
add_nasty (Nasty *self, gboolean async)
{
  g_autoptr (GError) error = NULL;

  self->n_added++;
  self->id = async
               ? process_health_server_add_async_check (self->base.server, "nasty", nasty_async_cb,
                                                        0, self, nasty_destroy, &error)
               : process_health_server_add_check (self->base.server, "nasty", nasty_cb, self,
                                                  nasty_destroy, &error);
  g_assert_no_error (error);
}

static void
run_case (Nasty *self, const Case *what, gboolean async)
{
  g_autofree char *answer = NULL;

  self->what = what;
  test_track (&self->base.base, self->base.server);
  add_nasty (self, async);
  health_start (&self->base);
  self->client = health_connect (self->base.server);
  health_send (self->client, HEALTH_GET ("/health"));
  answer = health_wait (self->client);
  g_assert_cmpstr (answer, ==, what->answer);
  if (answer == NULL)
    g_assert_true (self->client->ended);
  g_assert_cmpuint (self->n_calls, ==, 1);
  if (what->look != NULL)
    what->look (self);
}

static void
test_quick (Nasty *self, gconstpointer data)
{
  run_case (self, data, FALSE);
}

static void
test_async (Nasty *self, gconstpointer data)
{
  run_case (self, data, TRUE);
}

static void
set_up (Nasty *self, gconstpointer data)
{
  health_set_up (&self->base, NULL);
}

static void
tear_down (Nasty *self, gconstpointer data)
{
  g_clear_pointer (&self->client, health_client_free);
  health_tear_down (&self->base, NULL);
  g_assert_cmpuint (self->n_destroyed, ==, self->n_added);
}

/* What they do */

static void
remove_itself (Nasty *self)
{
  process_health_server_remove_check (self->base.server, self->id);
  g_assert_cmpuint (self->n_destroyed, ==, 0);
}

/* The task of an async check goes when it has told its answer, which nobody wants any more. */
static void
await_destroy (Nasty *self)
{
  test_run_until (self->n_destroyed == 1);
}

static void
look_removed (Nasty *self)
{
  await_destroy (self);
  health_assert (self->base.server, "/health?verbose", "200 ok\n");
}

static void
clear (Nasty *self)
{
  process_health_server_clear_checks (self->base.server);
  g_assert_cmpuint (self->n_destroyed, ==, 0);
}

/* One of the same name, while the old one runs. */
static void
replace (Nasty *self)
{
  remove_itself (self);
  health_add_quick (&self->base, "nasty", &self->base.bad);
}

static void
look_replaced (Nasty *self)
{
  await_destroy (self);
  g_assert_cmpuint (self->base.bad.n_calls, ==, 0);
  health_assert (self->base.server, "/health", "503 unhealthy: nasty: Bad\n");
}

static void
push (Nasty *self)
{
  process_health_server_set_status (self->base.server, "nasty", FALSE, "Pushed");
}

static void
look_pushed (Nasty *self)
{
  await_destroy (self);
  health_assert (self->base.server, "/health", "503 unhealthy: nasty: Pushed\n");
}

/* Who asked already does not wait for it. */
static void
add_others (Nasty *self)
{
  health_add_quick (&self->base, "bad", &self->base.bad);
  health_add_slow (&self->base, "slow", &self->base.slow, 0);
}

static void
look_added (Nasty *self)
{
  g_assert_cmpuint (self->base.bad.n_calls + self->base.slow.n_calls, ==, 0);
  health_assert (self->base.server, "/health?exclude=slow&exclude=nasty",
                 "503 unhealthy: bad: Bad\n");
}

static void
stop (Nasty *self)
{
  process_health_server_stop (self->base.server);
  g_assert_false (process_health_server_get_running (self->base.server));
}

static void
look_stopped (Nasty *self)
{
  g_assert_false (process_health_server_get_running (self->base.server));
  health_start (&self->base);
  health_assert (self->base.server, "/health", "503 unhealthy: nasty: Nasty\n");
  g_assert_cmpuint (self->n_calls, ==, 2);
}

static void
restart (Nasty *self)
{
  stop (self);
  health_start (&self->base);
}

static void
look_restarted (Nasty *self)
{
  g_assert_true (process_health_server_get_running (self->base.server));
  health_assert (self->base.server, "/health", "503 unhealthy: nasty: Nasty\n");
}

static void
drained_cb (GObject *server, GAsyncResult *result, gpointer data)
{
  Nasty *self = data;
  g_autoptr (GError) error = NULL;

  process_health_server_drain_finish (PROCESS_HEALTH_SERVER (server), result, &error);
  g_assert_no_error (error);
  self->drained = TRUE;
}

static void
drain (Nasty *self)
{
  process_health_server_drain_async (self->base.server, -1, NULL, drained_cb, self);
}

static void
look_drained (Nasty *self)
{
  g_assert_nonnull (strstr (self->client->head, "Connection: close"));
  health_expect_end (self->client);
  test_run_until (self->drained);
}

static void
unref (Nasty *self)
{
  g_clear_object (&self->base.server);
  g_assert_cmpint (self->base.base.n_alive, ==, 1);
}

static void
look_unreferenced (Nasty *self)
{
  health_settle ();
  g_assert_cmpint (self->base.base.n_alive, ==, 0);
  g_assert_cmpuint (self->n_destroyed, ==, 1);
}

static void
dispose (Nasty *self)
{
  g_object_run_dispose (G_OBJECT (self->base.server));
  g_assert_cmpuint (self->n_destroyed, ==, 0);
}

static void
look_disposed (Nasty *self)
{
  await_destroy (self);
  g_assert_false (process_health_server_get_running (self->base.server));
}

/* A main loop of its own serves everybody else meanwhile. */
static void
nest (Nasty *self)
{
  health_add_quick (&self->base, "good", &self->base.good);
  health_assert (self->base.server, "/ready", "200 ready\n");
  health_assert (self->base.server, "/health?exclude=nasty&verbose", "200 [+]good ok\nok\n");
}

/* And in it the server is stopped, which ends the connection that the check is called for. */
static void
nest_and_stop (Nasty *self)
{
  nest (self);
  stop (self);
  health_settle ();
}

static void
nest_and_unref (Nasty *self)
{
  nest (self);
  unref (self);
  health_settle ();
}

/* Whoever asks within waits for the same run. */
static void
nest_and_ask (Nasty *self)
{
  g_autoptr (HealthClient) client = health_connect (self->base.server);

  health_send (client, HEALTH_GET ("/health"));
  health_assert (self->base.server, "/ready", "200 ready\n");
  g_assert_false (health_receive (client) || client->ended);
  g_assert_cmpuint (self->n_calls, ==, 1);
}

static const Case cases[] = {
  { "remove-itself", remove_itself, "200 ok\n", look_removed },
  { "clear", clear, "200 ok\n", look_removed },
  { "replace", replace, "200 ok\n", look_replaced },
  { "push", push, "200 ok\n", look_pushed },
  { "add", add_others, "503 unhealthy: nasty: Nasty\n", look_added },
  { "stop", stop, NULL, look_stopped },
  { "restart", restart, NULL, look_restarted },
  { "drain", drain, "503 unhealthy: nasty: Nasty\n", look_drained },
  { "dispose", dispose, NULL, look_disposed },
  { "nest", nest, "503 unhealthy: nasty: Nasty\n", NULL },
  { "nest-stop", nest_and_stop, NULL, look_stopped },
  { "nest-ask", nest_and_ask, "503 unhealthy: nasty: Nasty\n", NULL },
};

/* While a check that answers at once is called, nobody else needs to keep the server. The task of
 * another one does. */
static const Case quick_cases[] = {
  { "unref", unref, "503 unhealthy: nasty: Nasty\n", look_unreferenced },
  { "nest-unref", nest_and_unref, "503 unhealthy: nasty: Nasty\n", look_unreferenced },
};

/* More than one */

/* The first one that is called takes those away that are to be called after it. */
static gboolean
clear_cb (gpointer data, GError **error)
{
  HealthFixture *self = data;

  process_health_server_clear_checks (self->server);
  return TRUE;
}

static void
test_clear_others (Nasty *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  process_health_server_add_check (self->base.server, "clear", clear_cb, &self->base, NULL, NULL);
  health_add_quick (&self->base, "bad", &self->base.bad);
  health_add_slow (&self->base, "slow", &self->base.slow, 0);
  health_start (&self->base);
  client = health_connect (self->base.server);
  health_send (client, HEALTH_GET ("/health?verbose") HEALTH_GET ("/ready"));
  health_expect (client, "200 ok\n");
  health_expect (client, "200 ready\n");
  g_assert_cmpuint (self->base.bad.n_calls + self->base.slow.n_calls, ==, 0);
}

static gboolean
pass (gpointer data, GError **error)
{
  return TRUE;
}

/* What was given with a check may be the last reference to the server. */
static void
test_last_reference (Nasty *self, gconstpointer data)
{
  ProcessHealthServer *server = g_steal_pointer (&self->base.server);

  test_track (&self->base.base, server);
  process_health_server_add_check (server, "itself", pass, server, g_object_unref, NULL);
  g_assert_true (process_health_server_start (server, NULL));
  process_health_server_clear_checks (server);
  g_assert_cmpint (self->base.base.n_alive, ==, 0);
}

/* It calls the server when it is let go of, also in the end. */
static void
use_in_destroy (gpointer data)
{
  ProcessHealthServer *server = data;

  process_health_server_set_ready (server, FALSE);
  process_health_server_clear_checks (server);
  g_assert_false (process_health_server_get_ready (server));
}

static void
test_use_in_destroy (Nasty *self, gconstpointer data)
{
  ProcessHealthServer *server = self->base.server;
  guint id = process_health_server_add_check (server, "a", pass, server, use_in_destroy, NULL);

  process_health_server_add_check (server, "b", pass, server, use_in_destroy, NULL);
  health_start (&self->base);
  process_health_server_remove_check (server, id);
  process_health_server_add_check (server, "c", pass, server, use_in_destroy, NULL);
  g_assert_finalize_object (g_steal_pointer (&self->base.server));
}

/* Returns its answer twice: GLib takes the second one for a mistake, or it does not count. */
static void
return_twice_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
  g_task_return_boolean (task, FALSE);
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return strstr (message, "ever_returned") == NULL;
}

static void
test_return_twice (Nasty *self, gconstpointer data)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  process_health_server_add_async_check (self->base.server, "twice", return_twice_cb, 0, NULL,
                                         NULL, NULL);
  health_start (&self->base);
  health_assert (self->base.server, "/health", "200 ok\n");
  health_assert (self->base.server, "/health", "200 ok\n");
}

/* What another check has done to all is no matter to one that is being run. */
static void
test_while_slow (Nasty *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_add_slow (&self->base, "slow", &self->base.slow, 0);
  health_start (&self->base);
  client = health_connect (self->base.server);
  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->base.slow, 1);
  self->what = &cases[0];
  add_nasty (self, FALSE);
  health_assert (self->base.server, "/health?exclude=slow", "200 ok\n");
  health_answer (&self->base.slow, "Down");
  health_expect (client, "503 unhealthy: slow: Down\n");
}

static void
add_case (const Case *what, const char *kind, void (*func) (Nasty *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/nasty/%s/%s", kind, what->path);

  g_test_add (path, Nasty, what, set_up, func, tear_down);
}

#define add(path, func) g_test_add (path, Nasty, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      add_case (&cases[i], "quick", test_quick);
      add_case (&cases[i], "async", test_async);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (quick_cases); i++)
    add_case (&quick_cases[i], "quick", test_quick);
  add ("/nasty/clear-others", test_clear_others);
  add ("/nasty/last-reference", test_last_reference);
  add ("/nasty/use-in-destroy", test_use_in_destroy);
  add ("/nasty/return-twice", test_return_twice);
  add ("/nasty/while-slow", test_while_slow);
  return g_test_run ();
}
