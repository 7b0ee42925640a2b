/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Many clients, bad ones, and not enough descriptors. */

#include "health-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_SERVED 256
#define BUSY "503 service unavailable\n"

/* FALSE skips the test. */
static gboolean
raise_descriptor_limit (rlim_t n)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur >= n)
    return TRUE;
  g_test_skip ("There are not enough descriptors");
  return FALSE;
}

static GPtrArray *
connect_many (HealthFixture *self, guint n, const char *request)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func ((GDestroyNotify) health_client_free);

  for (guint i = 0; i < n; i++)
    {
      HealthClient *client = health_connect (self->server);

      g_ptr_array_add (clients, client);
      g_assert_cmpuint (health_send_some (client, request, strlen (request)), ==,
                        strlen (request));
    }
  return clients;
}

static gint64
measure_ready (HealthFixture *self)
{
  gint64 before = g_get_monotonic_time ();

  health_assert (self->server, "/ready", "200 ready\n");
  return g_get_monotonic_time () - before;
}

/* Many connections */

/* All are answered, and those above the limit are told that they are too many. */
static void
test_thousand (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) clients = NULL;
  guint n_answered = 0;

  if (!raise_descriptor_limit (1500))
    return;
  health_start (self);
  clients = connect_many (self, 1000, HEALTH_GET ("/ready"));
  for (guint i = 0; i < clients->len; i++)
    {
      HealthClient *client = g_ptr_array_index (clients, i);
      g_autofree char *answer = health_wait (client);

      n_answered += g_strcmp0 (answer, "200 ready\n") == 0;
      if (g_strcmp0 (answer, "200 ready\n") != 0)
        {
          g_assert_cmpstr (answer, ==, BUSY);
          health_expect_end (client);
        }
    }
  g_assert_cmpuint (n_answered, ==, N_SERVED);

  /* And who comes when they have gone is served. */
  g_clear_pointer (&clients, g_ptr_array_unref);
  health_settle ();
  health_assert (self->server, "/ready", "200 ready\n");
}

/* Each is served in turn when they come one after another. */
static void
test_thousand_in_turn (HealthFixture *self, gconstpointer data)
{
  health_start (self);
  for (guint i = 0; i < 1000; i++)
    health_assert (self->server, i % 2 == 0 ? "/ready" : "/health",
                   i % 2 == 0 ? "200 ready\n" : "200 ok\n");
}

/* Those that were turned away and stay do not take the places of others, nor for long. */
static void
test_turned_away (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) clients = NULL, turned_away = NULL;

  health_start (self);
  clients = connect_many (self, N_SERVED, "GET");
  health_settle ();
  turned_away = connect_many (self, 100, "");
  for (guint i = 0; i < turned_away->len; i++)
    {
      health_expect (g_ptr_array_index (turned_away, i), BUSY);
      health_expect_end (g_ptr_array_index (turned_away, i));
    }
  health_assert (self->server, "/ready", BUSY);
  g_ptr_array_set_size (clients, N_SERVED - 1);
  health_settle ();
  health_assert (self->server, "/ready", "200 ready\n");
}

/* Bad clients */

static void
test_slow (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) clients = NULL;
  gint64 longest = 0;

  health_start (self);
  clients = connect_many (self, 200, "GET /ready HTTP/1.1\r\nX: ");
  for (guint n = 0; n < 50; n++)
    {
      for (guint i = 0; i < clients->len; i++)
        health_send_some (g_ptr_array_index (clients, i), "x", 1);
      longest = MAX (longest, measure_ready (self));
    }
  g_test_message ("With 200 slow clients the slowest of 50 answers took %.3f ms",
                  (double) longest / G_TIME_SPAN_MILLISECOND);
}

/* These do all that they may, all the time. */
static void
test_greedy (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GPtrArray) clients = NULL;
  gint64 longest = 0;

  for (guint i = 0; i < 200; i++)
    g_string_append (many, HEALTH_GET ("/health"));
  health_add_quick (self, "bad", &self->bad);
  health_start (self);
  clients = connect_many (self, 200, "");
  for (guint n = 0; n < 20; n++)
    {
      for (guint i = 0; i < clients->len; i++)
        {
          HealthClient *client = g_ptr_array_index (clients, i);

          /* In pieces it would not be what it is. */
          if (n == 0)
            health_send_some (client, many->str, many->len);
          health_receive (client);
        }
      longest = MAX (longest, measure_ready (self));
    }
  g_test_message ("With 200 greedy clients the slowest of 20 answers took %.3f ms",
                  (double) longest / G_TIME_SPAN_MILLISECOND);
}

static gsize
get_memory (void)
{
  g_autofree char *text = NULL;
  gulong size, resident;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%lu %lu", &size, &resident), ==, 2);
  return resident * (gsize) sysconf (_SC_PAGESIZE);
}

/* Nothing is kept of what they ask for but the answer that is being sent. */
static void
test_deaf (HealthFixture *self, gconstpointer data)
{
  g_autofree char *large = g_strnfill (500000, 'x');
  g_autofree char *expected = g_strdup_printf ("503 unhealthy: large: %s\n", large);
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GPtrArray) clients = NULL;
  gsize before, after;

  for (guint i = 0; i < 100; i++)
    g_string_append (many, HEALTH_GET ("/health"));
  process_health_server_set_status (self->server, "large", FALSE, large);
  health_start (self);
  before = get_memory ();
  clients = connect_many (self, 50, many->str);
  health_settle ();
  measure_ready (self);
  after = get_memory ();
  g_test_message ("%" G_GSIZE_FORMAT " KiB more", after > before ? (after - before) / 1024 : 0);
  if (!health_is_watched ())
    g_assert_cmpuint (after, <, before + 50 * 2 * strlen (expected));

  /* One that listens again gets all that it asked for. */
  for (guint i = 0; i < 100; i++)
    health_expect (g_ptr_array_index (clients, 0), expected);
}

/* In each state that a connection may be in. */
static void
test_resets (HealthFixture *self, gconstpointer data)
{
  static const char * const requests[] = {
    "", "GET /ready HTTP/1.1\r\n", HEALTH_GET ("/ready"), HEALTH_GET ("/health?exclude=large"),
    HEALTH_GET ("/health?exclude=slow"), "nonsense\r\n\r\n",
    HEALTH_GET ("/ready") "GET /ready", HEALTH_GET ("/ready") HEALTH_GET ("/health"),
  };
  g_autofree char *large = g_strnfill (16 << 20, 'x');
  guint n_sockets;

  process_health_server_set_status (self->server, "large", FALSE, large);
  health_add_slow (self, "slow", &self->slow, 0);
  health_start (self);
  n_sockets = test_count_fds ("socket:");
  for (guint settled = 0; settled < 2; settled++)
    for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
      for (guint n = 0; n < 10; n++)
        {
          g_autoptr (HealthClient) client = health_connect (self->server);

          health_send_some (client, requests[i], strlen (requests[i]));
          if (settled)
            health_settle ();
          health_reset (client);
        }
  health_settle ();
  if (self->slow.task != NULL)
    health_answer (&self->slow, NULL);
  test_run_until (test_count_fds ("socket:") == n_sockets);
  measure_ready (self);
}

/* Noise */

static const char * const heads[] = {
  HEALTH_GET ("/health"),
  HEALTH_GET ("/ready?verbose"),
  HEALTH_GET ("http://127.0.0.1:80/livez?exclude=a&exclude=%62"),
  "PUT /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
  "GET /health HTTP/1.0\r\nConnection: keep-alive\r\nAccept: application/json;q=0.5\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: [::1]:8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
};

static GString *
make_noise (GRand *rand)
{
  static const char telling[] = "\r\n :/?%&=[]\t,;\"\\0189HGTP\x7f\x80\xff";
  GString *noise = g_string_new (NULL);

  for (gint32 n = g_rand_int_range (rand, 1, 4); n > 0; n--)
    g_string_append (noise, heads[g_rand_int_range (rand, 0, G_N_ELEMENTS (heads))]);
  for (gint32 n = g_rand_int_range (rand, 0, 5); n > 0; n--)
    {
      gint32 at = g_rand_int_range (rand, 0, (gint32) noise->len);

      noise->str[at] = g_rand_boolean (rand)
                         ? (char) g_rand_int_range (rand, 0, 256)
                         : telling[g_rand_int_range (rand, 0, sizeof telling)];
    }
  if (g_rand_int_range (rand, 0, 3) == 0)
    g_string_truncate (noise, (gsize) g_rand_int_range (rand, 0, (gint32) noise->len));
  return noise;
}

static void
send_noise (HealthFixture *self, GRand *rand)
{
  g_autoptr (HealthClient) client = health_connect (self->server);
  g_autoptr (GString) noise = make_noise (rand);
  gint32 piece = g_rand_boolean (rand) ? g_rand_int_range (rand, 1, 200) : 1 << 20;

  for (gsize at = 0; at < noise->len; at += (gsize) piece)
    {
      health_send_some (client, noise->str + at, MIN ((gsize) piece, noise->len - at));
      g_main_context_iteration (NULL, FALSE);
    }
  shutdown (client->fd, SHUT_WR);
  test_run_until (!health_receive (client) && client->ended);
  g_assert_true (client->text->len == 0 || g_str_has_prefix (client->text->str, "HTTP/1.1 "));
}

static void
test_noise (HealthFixture *self, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  guint n = health_is_watched () ? 4000 : 20000;
  guint n_fds = 0;
  gsize before = 0, after;

  health_add_quick (self, "a", &self->bad);
  health_add_quick (self, "b", &self->good);
  health_start (self);
  for (guint i = 0; i < n; i++)
    {
      /* What is kept once for all is there by now. */
      if (i == n / 4)
        {
          before = get_memory ();
          n_fds = test_count_fds ("");
        }
      send_noise (self, rand);
    }
  health_settle ();
  after = get_memory ();
  g_test_message ("%" G_GSIZE_FORMAT " KiB more", after > before ? (after - before) / 1024 : 0);
  if (!health_is_watched ())
    g_assert_cmpuint (after, <, before + (2 << 20));
  test_run_until (test_count_fds ("") == n_fds);
  measure_ready (self);
}

/* Shortages */

typedef struct
{
  guint    n_turns;  /* of the main loop */
  gint64   used;     /* microseconds of processor time */
  gboolean over;
} Count;

static gboolean
over_cb (gpointer data)
{
  ((Count *) data)->over = TRUE;
  return G_SOURCE_REMOVE;
}

static gint64
get_used (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return ((gint64) usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Runs the main loop for a second. It must not be kept busy. */
static void
assert_calm (void)
{
  Count count = { 0 };
  gint64 before = get_used ();

  g_timeout_add (1000, over_cb, &count);
  while (!count.over)
    {
      g_main_context_iteration (NULL, TRUE);
      count.n_turns++;
    }
  count.used = get_used () - before;
  g_test_message ("%u turns, %.1f ms", count.n_turns,
                  (double) count.used / G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count.n_turns, <, 100);
  g_assert_cmpint (count.used, <, 500 * G_TIME_SPAN_MILLISECOND);
}

/* To those that are open now, and @n more. */
static void
set_descriptor_limit (guint n)
{
  struct rlimit limit;
  g_auto (ProcessFd) lowest = dup (0);

  g_assert_no_errno (lowest);
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = (rlim_t) lowest + n;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
}

static void
test_shortage (HealthFixture *self, gconstpointer data)
{
  g_autoptr (HealthClient) early = NULL;
  g_autoptr (GPtrArray) clients = NULL;
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  health_start (self);
  early = health_connect (self->server);
  health_send (early, HEALTH_GET ("/ready"));
  health_expect (early, "200 ready\n");
  clients = connect_many (self, 20, HEALTH_GET ("/ready"));
  set_descriptor_limit (3);
  assert_calm ();

  /* Who is in is served, and those that there were descriptors for. */
  health_send (early, HEALTH_GET ("/health"));
  health_expect (early, "200 ok\n");
  for (guint i = 0; i < 3; i++)
    health_expect (g_ptr_array_index (clients, i), "200 ready\n");
  g_assert_false (health_receive (g_ptr_array_index (clients, 3)));

  /* A place that becomes free is taken. */
  g_ptr_array_remove_index (clients, 0);
  health_expect (g_ptr_array_index (clients, 2), "200 ready\n");

  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  for (guint i = 3; i < clients->len; i++)
    health_expect (g_ptr_array_index (clients, i), "200 ready\n");
}

/* Stopped and drained while it waits for descriptors. */
static void
drained_cb (GObject *server, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  process_health_server_drain_finish (PROCESS_HEALTH_SERVER (server), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
test_shortage_ends (HealthFixture *self, gconstpointer data)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  for (guint drain = 0; drain < 2; drain++)
    {
      g_autoptr (GPtrArray) clients = NULL;
      gboolean drained = FALSE;

      health_start (self);
      clients = connect_many (self, 5, HEALTH_GET ("/ready"));
      set_descriptor_limit (0);
      health_settle ();
      if (drain)
        {
          process_health_server_drain_async (self->server, -1, NULL, drained_cb, &drained);
          test_run_until (drained);
        }
      else
        process_health_server_stop (self->server);
      g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
      for (guint i = 0; i < clients->len; i++)
        health_expect_end (g_ptr_array_index (clients, i));
    }
}

/* What cannot be started for want of descriptors says so, and may be tried again. */
static void
test_shortage_start (HealthFixture *self, gconstpointer data)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  for (guint n = 0; n < 12; n++)
    {
      g_autoptr (GError) error = NULL;
      gboolean started;

      health_replace (self, "*:0");
      set_descriptor_limit (n);
      started = process_health_server_start (self->server, &error);
      g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
      g_assert_true (started == (error == NULL));
      if (!started)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
      process_health_server_stop (self->server);
      health_start (self);
      measure_ready (self);
    }
}

/* A rule that forbids to accept does not go away by itself. */
static void
test_forbidden (HealthFixture *self, gconstpointer data)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_accept4, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };
  g_autoptr (HealthClient) early = NULL, late = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  health_start (self);
  early = health_connect (self->server);
  health_send (early, HEALTH_GET ("/ready"));
  health_expect (early, "200 ready\n");
  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
  late = health_connect (self->server);
  assert_calm ();
  health_send (early, HEALTH_GET ("/health"));
  health_expect (early, "200 ok\n");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  health_add ("/load/thousand", test_thousand);
  health_add ("/load/thousand/in-turn", test_thousand_in_turn);
  health_add ("/load/turned-away", test_turned_away);
  health_add ("/load/slow", test_slow);
  health_add ("/load/greedy", test_greedy);
  health_add ("/load/deaf", test_deaf);
  health_add ("/load/resets", test_resets);
  health_add ("/load/noise", test_noise);
  health_add ("/load/shortage", test_shortage);
  health_add ("/load/shortage/ends", test_shortage_ends);
  health_add ("/load/shortage/start", test_shortage_start);
  health_add ("/load/forbidden", test_forbidden);
  return g_test_run ();
}
