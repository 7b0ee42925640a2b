/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "health-util.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
notify_cb (GObject *server, GParamSpec *pspec, HealthFixture *self)
{
  g_assert_true (g_thread_self () == self->base.owner);
  test_log (&self->base, "notify %s", pspec->name);
}

static void
log_notify (HealthFixture *self)
{
  g_signal_connect (self->server, "notify", G_CALLBACK (notify_cb), self);
}

static void
assert_start_fails (HealthFixture *self, GQuark domain, int code, const char *quoted)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_health_server_start (self->server, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, quoted));
  g_assert_false (g_str_has_suffix (error->message, "."));
}

/* Properties */

static void
test_properties (HealthFixture *self, gconstpointer data)
{
  log_notify (self);
  g_assert_cmpstr (process_health_server_get_address (self->server), ==, "127.0.0.1:0");
  g_assert_true (process_health_server_get_ready (self->server));
  g_assert_false (process_health_server_get_running (self->server));

  process_health_server_set_ready (self->server, TRUE);
  test_assert_log (&self->base, NULL);
  process_health_server_set_ready (self->server, FALSE);
  test_assert_log (&self->base, "notify ready");
  process_health_server_set_ready (self->server, FALSE);
  test_assert_log (&self->base, NULL);
  g_object_set (self->server, "ready", TRUE, NULL);
  g_assert_true (process_health_server_get_ready (self->server));
  test_assert_log (&self->base, "notify ready");
}

static void
test_properties_running (HealthFixture *self, gconstpointer data)
{
  g_autofree char *address = NULL;
  gboolean running, ready;

  log_notify (self);
  health_start (self);
  test_assert_log (&self->base, "notify address", "notify running");
  g_object_get (self->server, "address", &address, "running", &running, "ready", &ready, NULL);
  g_assert_true (running && ready);
  g_assert_true (g_str_has_prefix (address, "127.0.0.1:"));
  g_assert_cmpint (atoi (address + 10), >, 0);
  g_assert_cmpstr (process_health_server_get_address (self->server), ==, address);

  process_health_server_stop (self->server);
  test_assert_log (&self->base, "notify address", "notify running");
  g_assert_cmpstr (process_health_server_get_address (self->server), ==, "127.0.0.1:0");
  g_assert_false (process_health_server_get_running (self->server));
  process_health_server_stop (self->server);
  health_settle ();
  test_assert_log (&self->base, NULL);
}

/* An address that was given with its port is no other one when it is bound. */
static void
test_properties_same_address (HealthFixture *self, gconstpointer data)
{
  g_autofree char *address = NULL;

  health_start (self);
  address = g_strdup (process_health_server_get_address (self->server));
  process_health_server_stop (self->server);
  health_replace (self, address);
  log_notify (self);
  health_start (self);
  test_assert_log (&self->base, "notify running");
  process_health_server_stop (self->server);
  test_assert_log (&self->base, "notify running");
}

static gpointer
run_in_thread (gpointer data)
{
  HealthFixture *self = data;

  process_health_server_set_ready (self->server, FALSE);
  health_start (self);
  g_assert_true (process_health_server_get_running (self->server));
  return NULL;
}

static gpointer
stop_in_thread (gpointer data)
{
  process_health_server_stop (data);
  return NULL;
}

static void
test_properties_thread (HealthFixture *self, gconstpointer data)
{
  log_notify (self);
  g_thread_join (g_thread_new ("start", run_in_thread, self));
  test_assert_log (&self->base, NULL);
  test_run_until (self->base.log->len == 3);
  test_assert_log (&self->base, "notify address", "notify ready", "notify running");
  health_assert (self->server, "/ready", "503 not ready\n");

  g_thread_join (g_thread_new ("stop", stop_in_thread, self->server));
  g_assert_false (process_health_server_get_running (self->server));
  test_assert_log (&self->base, NULL);
  test_run_until (self->base.log->len == 2);
  test_assert_log (&self->base, "notify address", "notify running");
}

/* The context is the one of the creation, in whatever thread that runs. */
typedef struct
{
  HealthFixture *fixture;
  GMainContext  *context;
  gint           done;
} Owner;

static gpointer
own (gpointer data)
{
  Owner *owner = data;

  while (!g_atomic_int_get (&owner->done))
    g_main_context_iteration (owner->context, TRUE);
  return NULL;
}

static void
test_properties_own_context (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Owner owner = { self, context, FALSE };
  GThread *thread;

  g_assert_finalize_object (self->server);
  g_main_context_push_thread_default (context);
  self->server = process_health_server_new ("0");
  g_main_context_pop_thread_default (context);
  thread = g_thread_new ("owner", own, &owner);
  self->base.owner = thread;
  log_notify (self);
  health_start (self);
  health_assert (self->server, "/ready", "200 ready\n");
  process_health_server_set_ready (self->server, FALSE);
  health_assert (self->server, "/ready", "503 not ready\n");
  process_health_server_stop (self->server);
  g_atomic_int_set (&owner.done, TRUE);
  g_main_context_wakeup (context);
  g_thread_join (thread);
  g_assert_cmpuint (test_count_log (&self->base, "notify running"), >, 0);
  g_assert_finalize_object (g_steal_pointer (&self->server));
}

/* What is told of a stop may be what the only reference is dropped for. */
static void
drop_cb (GObject *server, GParamSpec *pspec, HealthFixture *self)
{
  if (!process_health_server_get_running (self->server))
    g_clear_object (&self->server);
}

static void
test_properties_dropped (HealthFixture *self, gconstpointer data)
{
  ProcessHealthServer *server = self->server;

  test_track (&self->base, server);
  health_start (self);
  g_signal_connect (server, "notify::address", G_CALLBACK (drop_cb), self);
  process_health_server_stop (server);
  g_assert_null (self->server);
  g_assert_cmpint (self->base.n_alive, ==, 0);
}

/* Addresses */

static gboolean
has_ipv6 (void)
{
  ProcessFd fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  gboolean has = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;

  process_fd_clear (&fd);
  return has;
}

static void
test_addresses (HealthFixture *self, gconstpointer data)
{
  static const char * const addresses[][2] = {
    { "127.0.0.1:0", "127.0.0.1:" }, { ":0", "127.0.0.1:" }, { "0", "127.0.0.1:" },
    { "localhost:0", "127.0.0.1:" }, { "127.0.0.2:0", "127.0.0.2:" }, { "*:0", "*:" },
    { "[::1]:0", "[::1]:" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses) - !has_ipv6 (); i++)
    {
      const char *address;

      health_replace (self, addresses[i][0]);
      g_assert_cmpstr (process_health_server_get_address (self->server), ==, addresses[i][0]);
      health_start (self);
      address = process_health_server_get_address (self->server);
      g_assert_true (g_str_has_prefix (address, addresses[i][1]));
      g_assert_cmpint (atoi (address + strlen (addresses[i][1])), >, 0);
      health_assert (self->server, "/ready", "200 ready\n");
      process_health_server_stop (self->server);
    }
}

/* Whoever may reach it from elsewhere knows it by a name that we do not. */
static void
test_addresses_any (HealthFixture *self, gconstpointer data)
{
  static const char request[] = "GET /ready HTTP/1.1\r\nHost: db.example\r\n\r\n";
  g_autofree char *answer = NULL, *loopback = NULL;

  health_replace (self, "*:0");
  health_start (self);
  answer = health_ask (self->server, request);
  g_assert_cmpstr (answer, ==, "200 ready\n");

  health_replace (self, "0");
  health_start (self);
  loopback = health_ask (self->server, request);
  g_assert_cmpstr (loopback, ==, "421 misdirected request\n");
}

/* The forms that have nothing but a port mean this machine only. */
static void
test_addresses_port (HealthFixture *self, gconstpointer data)
{
  static const char * const forms[] = { "%s", ":%s", "127.0.0.1:%s" };
  g_autofree char *bound = NULL;

  health_start (self);
  bound = g_strdup (process_health_server_get_address (self->server));
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_auto (GStrv) parts = g_strsplit (forms[i], "%s", 2);
      g_autofree char *address = g_strjoinv (strrchr (bound, ':') + 1, parts);

      health_replace (self, address);
      health_start (self);
      g_assert_cmpstr (process_health_server_get_address (self->server), ==, bound);
      health_assert (self->server, "/ready", "200 ready\n");
    }
}

static void
test_addresses_bad (HealthFixture *self, gconstpointer data)
{
  static const char * const addresses[] = {
    "", "localhost", "localhost:", "1.2.3:80", "65536", "-1", "+1", "127.0.0.1:x", "[::1]",
    "::1:80", "[::1:80", "unix:", "unix", "http://localhost:80/", "a b:80", "host:80\n", "*",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      health_replace (self, addresses[i]);
      log_notify (self);
      assert_start_fails (self, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                          strchr (addresses[i], '\n') != NULL ? "host:80" : addresses[i]);
      g_assert_false (process_health_server_get_running (self->server));
      g_assert_cmpstr (process_health_server_get_address (self->server), ==, addresses[i]);
      test_assert_log (&self->base, NULL);
    }
  health_replace (self, NULL);
  assert_start_fails (self, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "");
}

static void
test_addresses_in_use (HealthFixture *self, gconstpointer data)
{
  ProcessHealthServer *other;
  g_autofree char *address = NULL;

  health_start (self);
  address = g_strdup (process_health_server_get_address (self->server));
  other = self->server;
  self->server = process_health_server_new (address);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  g_assert_false (process_health_server_get_running (self->server));
  health_assert (other, "/ready", "200 ready\n");

  process_health_server_stop (other);
  health_start (self);
  health_assert (self->server, "/ready", "200 ready\n");
  g_assert_finalize_object (other);
}

static void
test_addresses_any_in_use (HealthFixture *self, gconstpointer data)
{
  ProcessHealthServer *other;
  const char *bound;
  g_autofree char *address = NULL;

  health_replace (self, "*:0");
  health_start (self);
  bound = process_health_server_get_address (self->server);
  address = g_strconcat ("*", strrchr (bound, ':'), NULL);
  other = self->server;
  self->server = process_health_server_new (address);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  g_assert_cmpstr (process_health_server_get_address (self->server), ==, address);

  g_assert_finalize_object (other);
  health_start (self);
  health_assert (self->server, "/ready", "200 ready\n");
}

/* Of 192.0.2.0/24 nobody has one: RFC 5737. */
static void
test_addresses_not_ours (HealthFixture *self, gconstpointer data)
{
  health_replace (self, "192.0.2.1:0");
  assert_start_fails (self, G_IO_ERROR, g_io_error_from_errno (EADDRNOTAVAIL), "192.0.2.1:0");
}

/* Unix sockets */

static char *
make_unix_address (HealthFixture *self)
{
  g_autofree char *path = test_path (&self->base, "socket");

  return g_strconcat ("unix:", path, NULL);
}

static void
replace_by_unix (HealthFixture *self)
{
  g_autofree char *address = make_unix_address (self);

  health_replace (self, address);
}

static int
get_mode (HealthFixture *self)
{
  g_autofree char *path = test_path (&self->base, "socket");
  struct stat status;

  if (lstat (path, &status) != 0)
    return -1;
  return (int) status.st_mode;
}

static void
test_unix (HealthFixture *self, gconstpointer data)
{
  g_autofree char *address = make_unix_address (self);
  g_autofree char *answer = NULL;
  mode_t old = umask (0);

  replace_by_unix (self);
  health_start (self);
  umask (old);
  g_assert_cmpstr (process_health_server_get_address (self->server), ==, address);
  g_assert_cmphex ((guint) get_mode (self), ==, S_IFSOCK | 0600);
  health_assert (self->server, "/ready", "200 ready\n");
  /* Nobody can have rebound a name to it. */
  answer = health_ask (self->server, "GET /ready HTTP/1.1\r\nHost: db.example\r\n\r\n");
  g_assert_cmpstr (answer, ==, "200 ready\n");
  process_health_server_stop (self->server);
  g_assert_cmpint (get_mode (self), ==, -1);
  health_start (self);
  health_assert (self->server, "/ready", "200 ready\n");
}

static void
leave_stale_socket (HealthFixture *self)
{
  g_autofree char *path = test_path (&self->base, "socket");
  g_auto (ProcessFd) fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 1));
}

static void
test_unix_stale (HealthFixture *self, gconstpointer data)
{
  leave_stale_socket (self);
  replace_by_unix (self);
  health_start (self);
  g_assert_cmphex ((guint) get_mode (self), ==, S_IFSOCK | 0600);
  health_assert (self->server, "/ready", "200 ready\n");
}

static void
test_unix_in_use (HealthFixture *self, gconstpointer data)
{
  ProcessHealthServer *other;
  g_autofree char *address = make_unix_address (self);

  replace_by_unix (self);
  health_start (self);
  other = self->server;
  self->server = process_health_server_new (address);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  health_assert (other, "/ready", "200 ready\n");

  g_assert_finalize_object (other);
  health_start (self);
  health_assert (self->server, "/ready", "200 ready\n");
}

/* Of two that come at once, one replaces what is stale, and the other finds it taken. */
static gpointer
try_start_in_thread (gpointer data)
{
  return GINT_TO_POINTER (process_health_server_start (data, NULL));
}

static void
race_for_socket (HealthFixture *self)
{
  g_autofree char *address = make_unix_address (self);
  ProcessHealthServer *servers[6];
  GThread *threads[G_N_ELEMENTS (servers)];
  guint n_started = 0;

  leave_stale_socket (self);
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    servers[i] = process_health_server_new (address);
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    threads[i] = g_thread_new ("start", try_start_in_thread, servers[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    n_started += g_thread_join (threads[i]) != NULL;
  g_assert_cmpuint (n_started, ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      if (process_health_server_get_running (servers[i]))
        health_assert (servers[i], "/ready", "200 ready\n");
      g_assert_finalize_object (servers[i]);
    }
  g_assert_cmpint (get_mode (self), ==, -1);
}

static void
test_unix_race (HealthFixture *self, gconstpointer data)
{
  for (int i = 0; i < 20; i++)
    race_for_socket (self);
}

static void
test_unix_not_socket (HealthFixture *self, gconstpointer data)
{
  g_autofree char *path = test_path (&self->base, "socket");
  g_autofree char *address = make_unix_address (self);
  g_autofree char *deep = g_strconcat (address, "/deeper", NULL);

  test_write_file (path, "Not yours", 0600);
  replace_by_unix (self);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  test_assert_file (path, "Not yours");

  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_mkdir (path, 0700));
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, address);
  g_assert_no_errno (g_rmdir (path));

  health_replace (self, deep);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, address);
}

/* A symbolic link is not what a socket is made for, nor what is removed. */
static void
test_unix_link (HealthFixture *self, gconstpointer data)
{
  g_autofree char *path = test_path (&self->base, "socket");
  g_autofree char *other = test_path (&self->base, "other");

  g_assert_no_errno (symlink (other, path));
  replace_by_unix (self);
  assert_start_fails (self, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, path);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_cmphex ((guint) get_mode (self) & S_IFMT, ==, S_IFLNK);
}

/* What somebody has put in its place meanwhile is not ours to remove. */
static void
test_unix_taken_away (HealthFixture *self, gconstpointer data)
{
  g_autofree char *path = test_path (&self->base, "socket");

  replace_by_unix (self);
  health_start (self);
  g_assert_no_errno (g_unlink (path));
  test_write_file (path, "Not yours", 0600);
  process_health_server_stop (self->server);
  test_assert_file (path, "Not yours");
}

/* Starting and stopping */

static void
test_start_twice (HealthFixture *self, gconstpointer data)
{
  g_autofree char *address = NULL;

  health_start (self);
  address = g_strdup (process_health_server_get_address (self->server));
  log_notify (self);
  assert_start_fails (self, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING, address);
  test_assert_log (&self->base, NULL);
  health_assert (self->server, "/ready", "200 ready\n");
}

/* Of two that come at once one starts it, and the other is told that it runs. */
static gpointer
start_in_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (process_health_server_start (data, &error))
    return data;
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  return NULL;
}

static void
test_start_race (HealthFixture *self, gconstpointer data)
{
  for (int i = 0; i < 100; i++)
    {
      GThread *one = g_thread_new ("start", start_in_thread, self->server);
      GThread *other = g_thread_new ("start", start_in_thread, self->server);
      gboolean started = g_thread_join (one) != NULL;

      g_assert_true (started != (g_thread_join (other) != NULL));
      health_assert (self->server, "/ready", "200 ready\n");
      process_health_server_stop (self->server);
    }
}

static void
test_restart (HealthFixture *self, gconstpointer data)
{
  health_start (self);
  process_health_server_set_ready (self->server, FALSE);
  process_health_server_stop (self->server);
  g_assert_false (process_health_server_get_ready (self->server));
  log_notify (self);
  health_start (self);
  test_assert_log (&self->base, "notify address", "notify ready", "notify running");
  health_assert (self->server, "/ready", "200 ready\n");

  /* What is said between a stop and a start stands. */
  process_health_server_stop (self->server);
  process_health_server_set_ready (self->server, FALSE);
  health_start (self);
  health_assert (self->server, "/ready", "503 not ready\n");
}

/* And what is said before the first start. */
static void
test_start_not_ready (HealthFixture *self, gconstpointer data)
{
  process_health_server_set_ready (self->server, FALSE);
  health_start (self);
  health_assert (self->server, "/ready", "503 not ready\n");
  health_assert (self->server, "/health", "200 ok\n");
}

static void
test_restart_often (HealthFixture *self, gconstpointer data)
{
  guint n_fds;

  health_start (self);
  n_fds = test_count_fds ("");
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (HealthClient) client = health_connect (self->server);

      health_send (client, HEALTH_GET ("/ready"));
      if (i % 2 == 0)
        health_expect (client, "200 ready\n");
      process_health_server_stop (self->server);
      test_run_until (!health_receive (client) && client->ended);
      health_start (self);
    }
  g_assert_cmpuint (test_count_fds (""), ==, n_fds);
}

static void
test_stop (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) idle = NULL, half = NULL, unaccepted = NULL;

  health_start (self);
  idle = health_connect (self->server);
  half = health_connect (self->server);
  health_send (idle, HEALTH_GET ("/ready"));
  health_expect (idle, "200 ready\n");
  health_send (half, "GET /rea");
  health_settle ();
  unaccepted = health_connect (self->server);
  process_health_server_stop (self->server);
  health_expect_end (idle);
  health_expect_end (half);
  health_expect_end (unaccepted);
}

static void
test_dispose (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) idle = NULL, half = NULL;

  health_start (self);
  idle = health_connect (self->server);
  half = health_connect (self->server);
  health_send (idle, HEALTH_GET ("/ready"));
  health_expect (idle, "200 ready\n");
  health_send (half, "GET /rea");
  health_settle ();
  g_assert_finalize_object (g_steal_pointer (&self->server));
  health_expect_end (idle);
  health_expect_end (half);
}

/* Also when what the main loop would have to do has not been done. */
static void
test_dispose_busy (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) client = NULL;

  g_thread_join (g_thread_new ("start", run_in_thread, self));
  client = health_connect (self->server);
  health_send (client, HEALTH_GET ("/ready"));
  g_assert_finalize_object (g_steal_pointer (&self->server));
  health_expect_end (client);
}

/* The last reference goes in one thread while the other one serves. */
static gpointer
unref_in_thread (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

static gboolean
pass (gpointer data, GError **error)
{
  return TRUE;
}

static void
test_dispose_thread (HealthFixture *self, gconstpointer data)
{
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (HealthClient) client = NULL;
      GThread *thread;

      health_replace (self, "0");
      test_track (&self->base, self->server);
      process_health_server_add_check (self->server, "check", pass, NULL, NULL, NULL);
      health_start (self);
      client = health_connect (self->server);
      health_send (client, HEALTH_GET ("/health"));
      thread = g_thread_new ("unref", unref_in_thread, self->server);
      test_run_until (!health_receive (client) && client->ended);
      g_thread_join (thread);
      health_settle ();
      self->server = process_health_server_new ("0");
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/server/properties", test_properties);
  health_add ("/server/properties/running", test_properties_running);
  health_add ("/server/properties/same-address", test_properties_same_address);
  health_add ("/server/properties/thread", test_properties_thread);
  health_add ("/server/properties/own-context", test_properties_own_context);
  health_add ("/server/properties/dropped", test_properties_dropped);
  health_add ("/server/addresses", test_addresses);
  health_add ("/server/addresses/any", test_addresses_any);
  health_add ("/server/addresses/port", test_addresses_port);
  health_add ("/server/addresses/bad", test_addresses_bad);
  health_add ("/server/addresses/in-use", test_addresses_in_use);
  health_add ("/server/addresses/any-in-use", test_addresses_any_in_use);
  health_add ("/server/addresses/not-ours", test_addresses_not_ours);
  health_add ("/server/unix", test_unix);
  health_add ("/server/unix/stale", test_unix_stale);
  health_add ("/server/unix/in-use", test_unix_in_use);
  health_add ("/server/unix/race", test_unix_race);
  health_add ("/server/unix/not-socket", test_unix_not_socket);
  health_add ("/server/unix/link", test_unix_link);
  health_add ("/server/unix/taken-away", test_unix_taken_away);
  health_add ("/server/start/twice", test_start_twice);
  health_add ("/server/start/race", test_start_race);
  health_add ("/server/start/not-ready", test_start_not_ready);
  health_add ("/server/restart", test_restart);
  health_add ("/server/restart/often", test_restart_often);
  health_add ("/server/stop", test_stop);
  health_add ("/server/dispose", test_dispose);
  health_add ("/server/dispose/busy", test_dispose_busy);
  health_add ("/server/dispose/thread", test_dispose_thread);
  return g_test_run ();
}
