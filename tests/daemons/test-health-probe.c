/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "probe-util.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
#define BAD "HTTP/1.1 503 Service Unavailable\r\n\r\nunhealthy: db: gone\n"

/* For what must not come to its end, and for what takes as long as it says. */
#define LONG (60 * G_TIME_SPAN_SECOND)
#define SHORT (300 * G_TIME_SPAN_MILLISECOND)

/* Every test is checked for what it leaves open. */
typedef struct
{
  guint n_fds;
} Fixture;

static guint
count_fds (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->n_fds = count_fds ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_cmpuint (count_fds (), ==, fixture->n_fds);
}

static void
keep_result_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (object);
  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Nothing but us may hold it any more: neither a source nor an operation. */
static gboolean
finish_probe (GAsyncResult  *result,
              GError       **error)
{
  gboolean healthy = process_probe_health_finish (result, error);

  g_assert_finalize_object (G_OBJECT (result));

  return healthy;
}

static gboolean
probe (const char   *address,
       gint64        timeout,
       GCancellable *cancellable,
       GError      **error)
{
  GAsyncResult *result = NULL;

  process_probe_health_async (address, timeout, cancellable, keep_result_cb, &result);
  await (&result);

  return finish_probe (result, error);
}

static void
assert_probe_fails (const char *address,
                    gint64      timeout,
                    int         code,
                    const char *reason)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_false (probe (address, timeout, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, code);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, timeout);
  g_assert_nonnull (strstr (error->message, address));
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_requests (Fixture       *fixture,
               gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, OK } };
  static const struct
  {
    void (* start) (const char *, gint64, GCancellable *, GAsyncReadyCallback, gpointer);
    gboolean (* wait) (GAsyncResult *);
    gboolean (* probe) (GAsyncResult *, GError **);
    const char *target;
  } kinds[] = {
    { process_wait_for_health_async, process_wait_for_health_finish, NULL, "/health" },
    { process_wait_for_ready_async, process_wait_for_ready_finish, NULL, "/ready" },
    { process_probe_health_async, NULL, process_probe_health_finish, "/health" },
    { process_probe_ready_async, NULL, process_probe_ready_finish, "/ready" },
  };
  g_autoptr (ProbeServer) server = probe_server (turns);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *request = g_strdup_printf (
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nAccept: text/plain\r\n\r\n",
          kinds[i].target, server->address);
      g_autoptr (GError) error = NULL;
      GAsyncResult *result = NULL;

      kinds[i].start (server->address, LONG, NULL, keep_result_cb, &result);
      await (&result);
      if (kinds[i].wait != NULL)
        g_assert_true (kinds[i].wait (result));
      else
        g_assert_true (kinds[i].probe (result, &error));
      g_assert_no_error (error);
      g_assert_finalize_object (G_OBJECT (result));
      g_assert_cmpstr (server->request->str, ==, request);
    }
  g_assert_cmpuint (server->peers->len, ==, G_N_ELEMENTS (kinds));
}

/* All ways to write an address lead there. */
static void
test_addresses (Fixture       *fixture,
                gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  const char *port = strrchr (server->address, ':') + 1;
  static const char *formats[] = { "%s", ":%s", "*:%s", "localhost:%s" };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_auto (GStrv) parts = g_strsplit (formats[i], "%s", 2);
      g_autofree char *address = g_strjoinv (port, parts);
      g_autofree char *host = g_strdup_printf ("\r\nHost: %s:%s\r\n",
                                               i < 3 ? "127.0.0.1" : "localhost", port);
      g_autoptr (GError) error = NULL;

      g_assert_true (probe (address, LONG, NULL, &error));
      g_assert_no_error (error);
      g_assert_nonnull (strstr (server->request->str, host));
    }
}

static void
test_ipv6 (Fixture       *fixture,
           gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server =
      probe_server_new (g_inet_socket_address_new_from_string ("::1", 0), turns, 1);
  g_autofree char *host = NULL;
  g_autoptr (GError) error = NULL;

  if (server == NULL)
    {
      g_test_skip ("There is no IPv6");
      return;
    }

  g_assert_true (g_str_has_prefix (server->address, "[::1]:"));
  g_assert_true (probe (server->address, LONG, NULL, &error));
  g_assert_no_error (error);
  host = g_strdup_printf ("\r\nHost: %s\r\n", server->address);
  g_assert_nonnull (strstr (server->request->str, host));
}

/* A socket, then one that nobody listens at, then none at all. */
static void
test_unix (Fixture       *fixture,
           gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, OK } };
  g_autofree char *folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autoptr (ProbeServer) server = probe_server_new (g_unix_socket_address_new (path), turns, 1);
  g_autofree char *address = g_strdup (server->address);
  g_autoptr (GError) error = NULL;

  g_assert_true (probe (address, LONG, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (server->request->str, "\r\nHost: localhost\r\n"));

  g_clear_pointer (&server, probe_server_free);
  assert_probe_fails (address, SHORT, PROCESS_ERROR_TIMED_OUT, g_strerror (ECONNREFUSED));

  g_assert_no_errno (g_unlink (path));
  assert_probe_fails (address, SHORT, PROCESS_ERROR_TIMED_OUT, g_strerror (ENOENT));
  g_assert_no_errno (g_rmdir (folder));
}

static void
test_unhealthy (Fixture       *fixture,
                gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, BAD } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  GAsyncResult *result = NULL;

  assert_probe_fails (server->address, SHORT, PROCESS_ERROR_UNHEALTHY,
                      " answered 503: “unhealthy: db: gone”");
  g_assert_cmpuint (server->n_requests, <=, 2);

  process_wait_for_health_async (server->address, 0, NULL, keep_result_cb, &result);
  await (&result);
  g_assert_false (process_wait_for_health_finish (result));
  g_assert_finalize_object (G_OBJECT (result));
}

/* What a server says is no reason for a message that is none. */
static void
test_bad_text (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *much = g_strnfill (100000, 'm');
  g_autofree char *flood = g_strconcat ("HTTP/1.1 500 No\r\n\r\n", much, NULL);
  const ProbeTurn turns[] = {
    { PROBE_ANSWER, flood },
    { PROBE_ANSWER, "HTTP/1.1 500 \r\n\r\n \n" },
    { PROBE_ANSWER, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" },
    { PROBE_ANSWER, "HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n" },
    { PROBE_ANSWER, "HTTP/1.1 500 No\r\n\r\n\n a\nb\x1b[31m\xff\xc2\x85" "c " },
  };
  g_autoptr (ProbeServer) server = probe_server (turns);
  g_autoptr (GError) error = NULL;

  g_assert_false (probe (server->address, 0, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_UNHEALTHY);
  g_assert_cmpuint (strlen (error->message), <, 600);
  g_assert_true (g_str_has_suffix (error->message, "mmmm…”"));

  assert_probe_fails (server->address, 0, PROCESS_ERROR_UNHEALTHY, " answered 500");
  assert_probe_fails (server->address, 0, PROCESS_ERROR_UNHEALTHY, " answered 404: “Not Found”");
  assert_probe_fails (server->address, 0, PROCESS_ERROR_UNHEALTHY, " answered 301: “Moved”");
  assert_probe_fails (server->address, 0, PROCESS_ERROR_UNHEALTHY,
                      " answered 500: “a b [31m\xef\xbf\xbd c”");
  g_assert_cmpuint (server->n_requests, ==, 5);
}

static void
test_becomes_healthy (Fixture       *fixture,
                      gconstpointer  data)
{
  static const ProbeTurn turns[] = {
    { PROBE_ANSWER, BAD },
    { PROBE_RESET, "" },
    { PROBE_ANSWER, "HTTP/1.1 100 Go on\r\n\r\n" OK },
  };
  g_autoptr (ProbeServer) server = probe_server (turns);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_true (probe (server->address, G_MAXINT64, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (server->n_requests, ==, 3);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 400 * G_TIME_SPAN_MILLISECOND);
}

/* Once there was an answer, its reason is the better one. */
static void
test_last_answer (Fixture       *fixture,
                  gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, BAD }, { PROBE_ANSWER, "" } };
  g_autoptr (ProbeServer) server = probe_server (turns);

  assert_probe_fails (server->address, G_TIME_SPAN_SECOND, PROCESS_ERROR_UNHEALTHY, "db: gone");
  g_assert_cmpuint (server->n_requests, >=, 2);
}

static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, BAD }, { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);

  assert_probe_fails (server->address, 0, PROCESS_ERROR_UNHEALTHY, "db: gone");
  g_assert_cmpuint (server->n_requests, ==, 1);
  g_assert_true (probe (server->address, G_MININT64, NULL, NULL));
  g_assert_cmpuint (server->n_requests, ==, 2);
}

/* However it goes, there is an end, and it is told why. */
typedef struct
{
  const char *name;
  ProbeTurn   turn;
  int         code;
  const char *reason;
} Fault;

static const Fault faults[] = {
  { "silent", { PROBE_SILENT, NULL }, PROCESS_ERROR_TIMED_OUT, "took too long" },
  { "closes", { PROBE_ANSWER, "" }, PROCESS_ERROR_TIMED_OUT, "without an answer" },
  { "closes-in-between", { PROBE_ANSWER, "HTTP/1.1 200 OK\r\n" }, PROCESS_ERROR_TIMED_OUT,
    "in the middle of the answer" },
  { "half-a-body", { PROBE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok" },
    PROCESS_ERROR_TIMED_OUT, "in the middle of the answer" },
  { "resets", { PROBE_RESET, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok" },
    PROCESS_ERROR_TIMED_OUT, "reset by peer" },
  { "garbage", { PROBE_ANSWER, "\x01\xff\x80\n\n\n" }, PROCESS_ERROR_TIMED_OUT, "not HTTP" },
  { "flood-of-garbage", { PROBE_FLOOD, "" }, PROCESS_ERROR_TIMED_OUT, "64 KiB" },
  { "flood", { PROBE_FLOOD, "HTTP/1.1 500 No\r\nContent-Length: 10000000000\r\n\r\n" },
    PROCESS_ERROR_UNHEALTHY, "xxx…" },
  { "trickle", { PROBE_TRICKLE, OK }, PROCESS_ERROR_FAILED, NULL },
  { "endless-trickle", { PROBE_TRICKLE, "HTTP/1.1 200 OK\r\n\r\n" }, PROCESS_ERROR_TIMED_OUT,
    "took too long" },
};

static void
test_fault (Fixture       *fixture,
            gconstpointer  data)
{
  const Fault *this = data;
  g_autoptr (ProbeServer) server = probe_server_new (probe_get_loopback (), &this->turn, 1);

  /* Slow, but an answer. */
  if (this->reason == NULL)
    g_assert_true (probe (server->address, LONG, NULL, NULL));
  else
    assert_probe_fails (server->address, SHORT, this->code, this->reason);

  /* All connections are closed, none is left to the end of the program. */
  while (this->turn.manner == PROBE_SILENT && server->n_closed < server->peers->len)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_healthy_flood (Fixture       *fixture,
                    gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_FLOOD, "HTTP/1.1 200 OK\r\n\r\n" } };
  g_autoptr (ProbeServer) server = probe_server (turns);

  g_assert_true (probe (server->address, LONG, NULL, NULL));
}

/* An attempt has its own limit, after which another is made. */
static void
test_attempt_limit (Fixture       *fixture,
                    gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_SILENT, NULL }, { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  g_autoptr (GError) error = NULL;

  g_assert_true (probe (server->address, LONG, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (server->n_requests, ==, 2);
}

static void
test_single_limit (Fixture       *fixture,
                   gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_SILENT, NULL } };
  g_autoptr (ProbeServer) server = probe_server (turns);

  assert_probe_fails (server->address, 0, PROCESS_ERROR_TIMED_OUT, "took too long");
  g_assert_cmpuint (server->n_requests, ==, 1);
}

/* Nobody listens; and one who will, soon. */
static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GSocket) socket = probe_bind (probe_get_loopback ());
  g_autofree char *address = probe_get_address (socket);

  assert_probe_fails (address, 0, PROCESS_ERROR_TIMED_OUT, g_strerror (ECONNREFUSED));
  assert_probe_fails (address, 1, PROCESS_ERROR_TIMED_OUT, "“");
  assert_probe_fails (address, SHORT, PROCESS_ERROR_TIMED_OUT, g_strerror (ECONNREFUSED));
}

static void
test_unknown_name (Fixture       *fixture,
                   gconstpointer  data)
{
  assert_probe_fails ("no-such-host.invalid:80", SHORT, PROCESS_ERROR_TIMED_OUT, "“");
}

static void
test_invalid_argument (Fixture       *fixture,
                       gconstpointer  data)
{
  static const char *addresses[] = {
    "", "host", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", "[::1]",
    "unix:", "http://127.0.0.1:80/health", "a b:80", "a\r\nb:80", "\xff:80",
    "127.0.0.1:0", ":0", "0", "*:0",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) blocking_error = NULL;

      g_assert_false (probe (addresses[i], LONG, NULL, &error));
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));

      g_assert_false (process_probe_ready (addresses[i], LONG, NULL, &blocking_error));
      g_assert_error (blocking_error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_false (process_wait_for_health (addresses[i], LONG, NULL));
    }
}

static void
assert_cancelled (GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (finish_probe (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  g_cancellable_cancel (cancellable);
  process_probe_health_async (server->address, LONG, cancellable, keep_result_cb, &result);
  await (&result);
  assert_cancelled (result);

  g_assert_false (process_probe_health (server->address, LONG, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (process_wait_for_ready (server->address, LONG, cancellable));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (server->peers->len, ==, 0);
}

static void
check_cancelled (ProbeManner manner,
                 guint       n_requests)
{
  const ProbeTurn turns[] = { { manner, BAD } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  GCancellable *cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  process_probe_health_async (server->address, G_MAXINT64, cancellable, keep_result_cb, &result);
  while (server->n_requests < n_requests)
    g_main_context_iteration (NULL, TRUE);
  while (n_requests > 0 && g_main_context_iteration (NULL, FALSE))
    ;
  g_cancellable_cancel (cancellable);
  g_assert_null (result);
  await (&result);
  assert_cancelled (result);
  g_assert_finalize_object (cancellable);
}

/* At once, then while it waits for an answer, then while it waits for the next attempt. */
static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  check_cancelled (PROBE_SILENT, 0);
  check_cancelled (PROBE_SILENT, 1);
  check_cancelled (PROBE_ANSWER, 1);
}

/* A resolver that answers only when it is given up. */
typedef GResolver StuckResolver;
typedef GResolverClass StuckResolverClass;

GType stuck_resolver_get_type (void);

G_DEFINE_TYPE (StuckResolver, stuck_resolver, G_TYPE_RESOLVER)

static gboolean
stuck_cb (GCancellable *cancellable,
          gpointer      user_data)
{
  g_task_return_error_if_cancelled (user_data);
  g_object_unref (user_data);

  return G_SOURCE_REMOVE;
}

static void
stuck_resolver_lookup_async (GResolver                *resolver,
                             const char               *name,
                             GResolverNameLookupFlags  flags,
                             GCancellable             *cancellable,
                             GAsyncReadyCallback       callback,
                             gpointer                  user_data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);
  g_autoptr (GSource) source = g_cancellable_source_new (cancellable);

  g_task_attach_source (task, source, G_SOURCE_FUNC (stuck_cb));
}

static GList *
stuck_resolver_lookup_finish (GResolver     *resolver,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
stuck_resolver_class_init (StuckResolverClass *klass)
{
  klass->lookup_by_name_with_flags_async = stuck_resolver_lookup_async;
  klass->lookup_by_name_with_flags_finish = stuck_resolver_lookup_finish;
}

static void
stuck_resolver_init (StuckResolver *self)
{
}

static void
test_stuck_name (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GResolver) before = g_resolver_get_default ();
  g_autoptr (GResolver) stuck = g_object_new (stuck_resolver_get_type (), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  g_resolver_set_default (stuck);
  assert_probe_fails ("stuck.invalid:80", SHORT, PROCESS_ERROR_TIMED_OUT, "took too long");

  process_probe_health_async ("stuck.invalid:80", LONG, cancellable, keep_result_cb, &result);
  g_cancellable_cancel (cancellable);
  await (&result);
  assert_cancelled (result);
  g_resolver_set_default (before);
}

static void
count_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  guint *n_healthy = user_data;

  *n_healthy += process_wait_for_health_finish (result);
}

/* Each is answered only when all have asked. */
static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_GATHER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  guint n_healthy = 0;

  server->gathered = 100;
  for (guint i = 0; i < server->gathered; i++)
    process_wait_for_health_async (server->address, LONG, NULL, count_cb, &n_healthy);
  while (n_healthy < server->gathered)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (server->n_requests, ==, 100);
}

/* Without a callback it goes on all the same, to its end. */
static void
test_abandoned (Fixture       *fixture,
                gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_ANSWER, BAD }, { PROBE_ANSWER, OK } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  GCancellable *cancellable = g_cancellable_new ();
  gpointer watched = cancellable;

  g_object_add_weak_pointer (G_OBJECT (cancellable), &watched);
  process_probe_health_async (server->address, LONG, cancellable, NULL, NULL);
  g_object_unref (cancellable);
  while (watched != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (server->n_requests, ==, 2);
}

/* In a context of its own, of which nothing is left. */
static void
test_own_context (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSocket) socket = probe_bind (probe_get_loopback ());
  g_autofree char *address = probe_get_address (socket);
  GAsyncResult *result = NULL;

  g_main_context_push_thread_default (context);
  process_probe_health_async (address, SHORT, NULL, keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_assert_false (g_main_context_pending (context));
  g_main_context_pop_thread_default (context);
  g_assert_false (finish_probe (result, NULL));
}

static gboolean
flag_cb (gpointer user_data)
{
  gboolean *flag = user_data;

  *flag = TRUE;

  return G_SOURCE_REMOVE;
}

/* Accepts once, and answers without a main context. */
static gpointer
serve (gpointer user_data)
{
  GSocket *socket = user_data;
  g_autoptr (GSocket) peer = g_socket_accept (socket, NULL, NULL);
  char buffer[4096];

  g_assert_nonnull (peer);
  g_assert_cmpint (g_socket_receive (peer, buffer, sizeof buffer, NULL, NULL), >, 0);
  g_assert_cmpint (g_socket_send (peer, OK, strlen (OK), NULL, NULL), ==, strlen (OK));

  return NULL;
}

static void
test_blocking (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GSocket) socket = probe_bind (probe_get_loopback ());
  g_autofree char *address = probe_get_address (socket);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GError) error = NULL;
  gboolean flag = FALSE;
  GThread *thread;

  g_source_set_callback (source, flag_cb, &flag, NULL);
  g_source_attach (source, NULL);

  g_assert_false (process_wait_for_ready (address, SHORT, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  for (guint i = 0; i < 4; i++)
    {
      thread = g_thread_new ("server", serve, socket);
      if (i == 0)
        g_assert_true (process_wait_for_health (address, LONG, NULL));
      else if (i == 1)
        g_assert_true (process_wait_for_ready (address, LONG, NULL));
      else if (i == 2)
        g_assert_true (process_probe_health (address, LONG, NULL, &error));
      else
        g_assert_true (process_probe_ready (address, LONG, NULL, &error));
      g_assert_no_error (error);
      g_thread_join (thread);
    }

  /* Accepted by the system, and never answered. */
  g_assert_false (process_probe_health (address, SHORT, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);

  g_assert_false (flag);
  g_source_destroy (source);
}

static gpointer
probe_in_thread (gpointer user_data)
{
  gpointer *arguments = user_data;
  GError *error = NULL;

  g_assert_false (process_probe_ready (arguments[0], G_MAXINT64, arguments[1], &error));

  return error;
}

static void
test_blocking_cancelled (Fixture       *fixture,
                         gconstpointer  data)
{
  static const ProbeTurn turns[] = { { PROBE_SILENT, NULL } };
  g_autoptr (ProbeServer) server = probe_server (turns);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gpointer arguments[] = { server->address, cancellable };
  GThread *thread = g_thread_new ("probe", probe_in_thread, arguments);

  while (server->n_requests == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  error = g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_no_descriptors (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (GSocket) socket = probe_bind (probe_get_loopback ());
  g_autofree char *address = probe_get_address (socket);
  g_autoptr (GError) error = NULL;
  struct rlimit before, none;
  int next = dup (STDIN_FILENO);

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  none = before;
  none.rlim_cur = (rlim_t) next;
  close (next);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));

  assert_probe_fails (address, SHORT, PROCESS_ERROR_TIMED_OUT, g_strerror (EMFILE));
  g_assert_false (process_probe_health (address, SHORT, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_assert_false (process_wait_for_health (address, SHORT, NULL));

  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));
}

/* What GLib keeps for itself shall not count for the first test. */
static void
open_what_stays_open (void)
{
  g_autoptr (GSocket) socket = probe_bind (probe_get_loopback ());
  g_autofree char *address = probe_get_address (socket);

  g_assert_false (probe (address, 0, NULL, NULL));
}

#define add(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  open_what_stays_open ();

  add ("/health-probe/requests", test_requests);
  add ("/health-probe/addresses", test_addresses);
  add ("/health-probe/ipv6", test_ipv6);
  add ("/health-probe/unix", test_unix);
  add ("/health-probe/unhealthy", test_unhealthy);
  add ("/health-probe/bad-text", test_bad_text);
  add ("/health-probe/becomes-healthy", test_becomes_healthy);
  add ("/health-probe/last-answer", test_last_answer);
  add ("/health-probe/once", test_once);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/health-probe/fault/", faults[i].name, NULL);

      g_test_add (path, Fixture, &faults[i], set_up, test_fault, tear_down);
    }
  add ("/health-probe/healthy-flood", test_healthy_flood);
  add ("/health-probe/attempt-limit", test_attempt_limit);
  add ("/health-probe/single-limit", test_single_limit);
  add ("/health-probe/refused", test_refused);
  add ("/health-probe/unknown-name", test_unknown_name);
  add ("/health-probe/invalid-argument", test_invalid_argument);
  add ("/health-probe/cancelled-before", test_cancelled_before);
  add ("/health-probe/cancelled", test_cancelled);
  add ("/health-probe/stuck-name", test_stuck_name);
  add ("/health-probe/many", test_many);
  add ("/health-probe/abandoned", test_abandoned);
  add ("/health-probe/own-context", test_own_context);
  add ("/health-probe/blocking", test_blocking);
  add ("/health-probe/blocking-cancelled", test_blocking_cancelled);
  add ("/health-probe/no-descriptors", test_no_descriptors);

  return g_test_run ();
}
