/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "health-util.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include <process-glib/daemons/process-health-server-private.h>

/* Names and numbers */

static gboolean
pass (gpointer data, GError **error)
{
  return TRUE;
}

static void
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* Then what was given with it is let go of at once. */
static void
assert_name_fails (HealthFixture *self, const char *name, const char *quoted)
{
  g_autoptr (GError) error = NULL;
  gboolean destroyed = FALSE;
  guint id = process_health_server_add_check (self->server, name, pass, &destroyed, set_true,
                                              &error);

  g_assert_cmpuint (id, ==, 0);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, quoted));
  g_assert_true (destroyed);
}

static void
test_names (HealthFixture *self, gconstpointer data)
{
  assert_name_fails (self, "", "no name");
  assert_name_fails (self, "  ", "no name");
  assert_name_fails (self, "\n", "no name");
  health_add_quick (self, "database", &self->good);
  assert_name_fails (self, "database", "“database”");
  health_add_slow (self, "Database", &self->slow, 0);
  assert_name_fails (self, "Database", "“Database”");
  process_health_server_set_status (self->server, "disk", TRUE, NULL);
  assert_name_fails (self, "disk", "“disk”");
  g_assert_cmpuint (self->good.n_destroyed + self->slow.n_destroyed, ==, 0);

  /* One that was removed may be used again. */
  process_health_server_clear_checks (self->server);
  g_assert_cmpuint (self->good.n_destroyed, ==, 1);
  g_assert_cmpuint (self->slow.n_destroyed, ==, 1);
  health_add_quick (self, "database", &self->good);
}

static void
test_numbers (HealthFixture *self, gconstpointer data)
{
  guint good, bad, other;

  health_start (self);
  bad = health_add_quick (self, "bad", &self->bad);
  other = health_add_quick (self, "other", &self->other);
  good = health_add_quick (self, "good", &self->good);
  g_assert_true (good != bad && bad != other && good != other);
  process_health_server_remove_check (self->server, 0);
  process_health_server_remove_check (self->server, G_MAXUINT);
  health_assert (self->server, "/health", "503 unhealthy: bad: Bad\n");
  process_health_server_remove_check (self->server, bad);
  process_health_server_remove_check (self->server, bad);
  g_assert_cmpuint (self->bad.n_destroyed, ==, 1);
  health_assert (self->server, "/health",
                 "503 unhealthy: other: The check failed without an error\n");
  process_health_server_remove_check (self->server, other);
  health_assert (self->server, "/health?verbose", "200 [+]good ok\nok\n");
}

/* Checks that answer at once */

static void
test_quick (HealthFixture *self, gconstpointer data)
{
  static const struct
  {
    gboolean    passes;
    const char *message;
    const char *answer;
  } cases[] = {
    { TRUE, NULL, "200 ok\n" },
    { FALSE, "No disk", "503 unhealthy: quick: No disk\n" },
    { FALSE, NULL, "503 unhealthy: quick: The check failed without an error\n" },
    { TRUE, "Odd", "503 unhealthy: quick: Odd\n" },
    { FALSE, "", "503 unhealthy: quick: No reason was given\n" },
    { FALSE, "a\r\nb\tc\n", "503 unhealthy: quick: a  b c\n" },
    { FALSE, "a\xff\xc3(", "503 unhealthy: quick: a��(\n" },
  };
  HealthQuick *quick = &self->other;

  health_start (self);
  health_add_quick (self, "quick", quick);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      quick->passes = cases[i].passes;
      quick->message = cases[i].message;
      health_assert (self->server, "/health", cases[i].answer);
      health_assert (self->server, "/livez", cases[i].answer);
      g_assert_cmpuint (quick->n_calls, ==, 2 * (i + 1));
    }
  health_assert (self->server, "/ready", "200 ready\n");
  g_assert_cmpuint (quick->n_calls, ==, 2 * G_N_ELEMENTS (cases));
}

/* The first of those that were added, not of those that answered. */
static void
test_order (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_start (self);
  health_add_quick (self, "good", &self->good);
  health_add_slow (self, "slow", &self->slow, 0);
  health_add_quick (self, "bad", &self->bad);
  client = health_connect (self->server);
  health_send (client, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 1);
  health_settle ();
  g_assert_cmpuint (self->bad.n_calls, ==, 1);
  health_answer (&self->slow, "Late");
  health_expect (client, "503 unhealthy: slow: Late\n");

  health_send (client, HEALTH_GET ("/health?verbose"));
  health_await_calls (&self->slow, 2);
  health_answer (&self->slow, NULL);
  health_expect (client, "503 [+]good ok\n[+]slow ok\n[-]bad failed: Bad\nunhealthy: bad: Bad\n");
}

/* Statuses that are pushed */

static void
test_status (HealthFixture *self, gconstpointer data)
{
  guint id = process_health_server_set_status (self->server, "disk", FALSE, "Full");

  health_start (self);
  g_assert_cmpuint (id, >, 0);
  health_assert (self->server, "/health", "503 unhealthy: disk: Full\n");
  g_assert_cmpuint (process_health_server_set_status (self->server, "disk", TRUE, "ignored"),
                    ==, id);
  health_assert (self->server, "/health?verbose", "200 [+]disk ok\nok\n");
  process_health_server_set_status (self->server, "disk", FALSE, NULL);
  health_assert (self->server, "/health", "503 unhealthy: disk: No reason was given\n");
  process_health_server_remove_check (self->server, id);
  health_assert (self->server, "/health?verbose", "200 ok\n");
}

static void
test_status_replaces (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  health_start (self);
  health_add_quick (self, "quick", &self->bad);
  health_add_slow (self, "slow", &self->slow, 0);
  process_health_server_set_status (self->server, "quick", TRUE, NULL);
  g_assert_cmpuint (self->bad.n_destroyed, ==, 1);

  /* Who waits for what is replaced is answered without it. */
  client = health_connect (self->server);
  health_send (client, HEALTH_GET ("/health?verbose"));
  health_await_calls (&self->slow, 1);
  process_health_server_set_status (self->server, "slow", FALSE, "Pushed");
  health_expect (client, "200 [+]quick ok\nok\n");
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (self->slow.task)));
  health_answer (&self->slow, NULL);
  health_settle ();
  g_assert_cmpuint (self->slow.n_destroyed, ==, 1);
  health_assert (self->server, "/health", "503 unhealthy: slow: Pushed\n");
}

/* What is asked */

static void
test_verbose (HealthFixture *self, gconstpointer data)
{
  health_start (self);
  health_assert (self->server, "/health?verbose", "200 ok\n");
  health_assert (self->server, "/ready?verbose", "200 [+]ready ok\nready\n");
  health_add_quick (self, "a", &self->good);
  health_assert (self->server, "/health?verbose", "200 [+]a ok\nok\n");
  health_assert (self->server, "/livez?verbose=1&x", "200 [+]a ok\nok\n");
  health_assert (self->server, "/livez?x&%76erbose", "200 [+]a ok\nok\n");
  health_assert (self->server, "/health?Verbose", "200 ok\n");
  health_add_quick (self, "b", &self->bad);
  health_assert (self->server, "/health?verbose",
                 "503 [+]a ok\n[-]b failed: Bad\nunhealthy: b: Bad\n");
  process_health_server_set_ready (self->server, FALSE);
  health_assert (self->server, "/readyz?verbose",
                 "503 [-]ready failed: not ready\nnot ready\n");
}

static void
test_exclude (HealthFixture *self, gconstpointer data)
{
  health_start (self);
  health_add_quick (self, "a", &self->bad);
  self->other.message = "Odd";
  health_add_quick (self, "ä & b=%", &self->other);
  health_assert (self->server, "/health", "503 unhealthy: a: Bad\n");
  health_assert (self->server, "/health?exclude=a", "503 unhealthy: ä & b=%: Odd\n");
  health_assert (self->server, "/health?exclude=%61&exclude=nobody",
                 "503 unhealthy: ä & b=%: Odd\n");
  health_assert (self->server, "/health?exclude=a,b", "503 unhealthy: a: Bad\n");
  health_assert (self->server, "/health?exclude=%c3%A4%20%26+b%3d%25",
                 "503 unhealthy: a: Bad\n");
  health_assert (self->server, "/health?exclude=%C3%A4+%26+b%3D%25&verbose&exclude=a",
                 "200 ok\n");
  g_assert_cmpuint (self->bad.n_calls, ==, 3);
  g_assert_cmpuint (self->other.n_calls, ==, 4);
}

/* What is excluded is not waited for either. */
static void
test_exclude_slow (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) waiting = NULL;

  health_start (self);
  health_add_slow (self, "slow", &self->slow, 0);
  health_add_quick (self, "quick", &self->good);
  waiting = health_connect (self->server);
  health_send (waiting, HEALTH_GET ("/health"));
  health_await_calls (&self->slow, 1);
  health_assert (self->server, "/ready", "200 ready\n");
  health_assert (self->server, "/nothing", "404 not found\n");
  health_assert (self->server, "/livez?exclude=slow&verbose", "200 [+]quick ok\nok\n");
  g_assert_false (health_receive (waiting) || waiting->ended);
  health_answer (&self->slow, NULL);
  health_expect (waiting, "200 ok\n");
}

/* JSON */

#define JSON_FIELDS \
  "Host: localhost\r\nConnection: close\r\nAccept: application/health+json\r\n\r\n"

static JsonObject *
ask_json (HealthFixture *self, const char *path, guint status, JsonParser *parser)
{
  g_autoptr (HealthClient) client = health_connect (self->server);
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" JSON_FIELDS, path);
  g_autofree char *answer = NULL;
  g_autoptr (GError) error = NULL;

  health_send (client, request);
  answer = health_wait (client);
  g_assert_nonnull (answer);
  g_assert_nonnull (strstr (client->head, "Content-Type: application/health+json\r\n"));
  g_assert_cmpuint ((guint) g_ascii_strtoull (answer, NULL, 10), ==, status);
  json_parser_load_from_data (parser, answer + 4, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
assert_json_check (JsonObject *object, const char *name, const char *status, const char *output)
{
  JsonObject *checks = json_object_get_object_member (object, "checks");
  JsonArray *array = json_object_get_array_member (checks, name);
  JsonObject *check = json_array_get_object_element (array, 0);
  g_autoptr (GDateTime) time =
    g_date_time_new_from_iso8601 (json_object_get_string_member (check, "time"), NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (check, "status"), ==, status);
  g_assert_cmpstr (json_object_get_string_member_with_default (check, "output", NULL), ==, output);
  g_assert_cmpstr (json_object_get_string_member (check, "observedUnit"), ==, "ms");
  g_assert_cmpfloat (json_object_get_double_member (check, "observedValue"), >=, 0);
  g_assert_nonnull (time);
  g_assert_cmpint (ABS (g_date_time_difference (now, time)), <, G_TIME_SPAN_MINUTE);
}

static void
test_json (HealthFixture *self, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;

  health_start (self);
  object = ask_json (self, "/health", 200, parser);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==, "pass");
  g_assert_cmpuint (json_object_get_size (json_object_get_object_member (object, "checks")), ==,
                    0);

  health_add_quick (self, "a", &self->good);
  self->bad.message = "\"Bad\" \\ news";
  health_add_quick (self, "b:\"1\"", &self->bad);
  object = ask_json (self, "/livez", 503, parser);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==, "fail");
  assert_json_check (object, "a", "pass", NULL);
  assert_json_check (object, "b:\"1\"", "fail", self->bad.message);

  process_health_server_set_ready (self->server, FALSE);
  object = ask_json (self, "/health?exclude=b:%221%22", 200, parser);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==, "warn");
  g_assert_cmpstr (json_object_get_string_member (object, "output"), ==, "not ready");
  assert_json_check (object, "a", "pass", NULL);
}

static void
test_json_ready (HealthFixture *self, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;

  health_start (self);
  object = ask_json (self, "/ready", 200, parser);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==, "pass");
  process_health_server_set_ready (self->server, FALSE);
  object = ask_json (self, "/readyz", 503, parser);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==, "fail");
}

/* Runs all checks as the daemon's watchdog does, without a request. */
static void
check_cb (GObject *server, GAsyncResult *result, gpointer data)
{
  GError **error = data;
  gboolean healthy = _process_health_server_check_finish (PROCESS_HEALTH_SERVER (server), result,
                                                          error);

  g_assert_true (healthy == (*error == NULL));
  if (healthy)
    *error = g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING, "none");
}

static void
assert_check (HealthFixture *self, GCancellable *cancellable, HealthSlow *slow, const char *message)
{
  g_autoptr (GError) error = NULL;

  _process_health_server_check_async (self->server, cancellable, check_cb, &error);
  if (slow != NULL)
    {
      test_run_until (slow->task != NULL);
      health_answer (slow, "Late");
    }
  test_run_until (error != NULL);
  if (!g_cancellable_is_cancelled (cancellable))
    g_assert_true (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY) ||
                   g_str_equal (message, "none"));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_check (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  assert_check (self, NULL, NULL, "none");
  health_add_quick (self, "quick", &self->good);
  assert_check (self, cancellable, NULL, "none");
  self->good.message = "Bad";
  assert_check (self, NULL, NULL, "quick: Bad");
  self->good.message = NULL;
  health_add_slow (self, "slow", &self->slow, 0);
  assert_check (self, cancellable, &self->slow, "slow: Late");
  g_cancellable_cancel (cancellable);
  assert_check (self, cancellable, &self->slow, "Operation was cancelled");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/checks/names", test_names);
  health_add ("/checks/numbers", test_numbers);
  health_add ("/checks/quick", test_quick);
  health_add ("/checks/order", test_order);
  health_add ("/checks/status", test_status);
  health_add ("/checks/status/replaces", test_status_replaces);
  health_add ("/checks/verbose", test_verbose);
  health_add ("/checks/exclude", test_exclude);
  health_add ("/checks/exclude/slow", test_exclude_slow);
  health_add ("/checks/json", test_json);
  health_add ("/checks/json/ready", test_json_ready);
  health_add ("/checks/check", test_check);
  return g_test_run ();
}
