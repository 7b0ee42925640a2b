/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* [n=N] [clients=N] [stay=N]: a health server in the main loop answers N requests of some clients,
 * each a thread with one connection that it keeps for so many requests. */

#include "soak.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SAMPLES 200

typedef struct
{
  in_port_t port;
  gint64    n_stay;
  GMutex    lock;      /* guards what follows */
  gint64    n_wanted;
  gint64    n_taken;
  guint     n_clients;
  SoakTimes times;     /* that were not counted yet */
} Requests;

static const struct
{
  const char *request;
  const char *status;
  const char *body;
} kinds[] = {
  { "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 ", "ok\n" },
  { "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 ", "ready\n" },
  { "GET /health?verbose HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 ", "[+]loop ok\n" },
  { "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404 ", "\n" },
};

static int
open_connection (Requests *self)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = self->port,
    .sin_addr = { htonl (INADDR_LOOPBACK) },
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

  soak_check (fd >= 0);
  soak_check (connect (fd, (struct sockaddr *) &address, sizeof address) == 0);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/* The length of the whole answer, once its head is there. */
static gsize
get_length (const char *answer)
{
  const char *end = strstr (answer, "\r\n\r\n");
  const char *length = strstr (answer, "Content-Length: ");

  if (end == NULL)
    return G_MAXSIZE;
  soak_check (length != NULL && length < end);
  return (gsize) (end + 4 - answer) + (gsize) atoi (length + strlen ("Content-Length: "));
}

static void
ask (int fd, guint kind)
{
  const char *request = kinds[kind].request;
  char answer[4096] = "";
  gsize length = 0;

  soak_check (send (fd, request, strlen (request), MSG_NOSIGNAL) == (gssize) strlen (request));
  while (length < get_length (answer))
    {
      gssize n = recv (fd, answer + length, sizeof answer - 1 - length, 0);

      soak_check (n > 0);
      length += (gsize) n;
      answer[length] = '\0';
    }
  soak_check (length == get_length (answer));
  soak_check (g_str_has_prefix (answer, kinds[kind].status));
  soak_check (strstr (strstr (answer, "\r\n\r\n"), kinds[kind].body) != NULL);
}

/* The number of a request, or -1 when there have been enough. */
static gint64
take (Requests *self, const SoakTimes *times)
{
  gint64 number;

  g_mutex_lock (&self->lock);
  if (times != NULL)
    soak_times_merge (&self->times, times);
  number = self->n_taken < self->n_wanted ? self->n_taken : -1;
  if (number >= 0)
    self->n_taken += MIN (self->n_stay, self->n_wanted - number);
  g_mutex_unlock (&self->lock);
  return number;
}

static gpointer
client_thread (gpointer data)
{
  Requests *self = data;
  gint64 first = take (self, NULL);

  while (first >= 0)
    {
      g_autofree SoakTimes *times = g_new0 (SoakTimes, 1);
      int fd = open_connection (self);

      for (gint64 i = first; i < MIN (first + self->n_stay, self->n_wanted); i++)
        {
          gint64 sent = g_get_monotonic_time ();

          ask (fd, (guint) i % G_N_ELEMENTS (kinds));
          soak_times_add (times, g_get_monotonic_time () - sent);
        }
      close (fd);
      first = take (self, times);
    }
  g_mutex_lock (&self->lock);
  self->n_clients--;
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (NULL);
  return NULL;
}

static gboolean
check_loop (gpointer user_data, GError **error)
{
  return TRUE;
}

/* FALSE when all clients have gone. */
static gboolean
count (Requests *self, guint64 n_at_least)
{
  gboolean goes_on;

  g_mutex_lock (&self->lock);
  goes_on = self->n_clients > 0;
  if (self->times.n >= n_at_least || !goes_on)
    {
      soak_count_times (&self->times);
      memset (&self->times, 0, sizeof self->times);
      soak_sample (self->n_clients);
    }
  g_mutex_unlock (&self->lock);
  return goes_on;
}

static void
serve (Requests *self, gint64 n, guint n_clients)
{
  g_autofree GThread **threads = g_new (GThread *, n_clients);
  guint64 n_at_least = (guint64) MAX (n / SAMPLES, 1);

  self->n_wanted += n;
  self->n_clients = n_clients;
  for (guint i = 0; i < n_clients; i++)
    threads[i] = g_thread_new ("client", client_thread, self);
  while (count (self, n_at_least))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < n_clients; i++)
    g_thread_join (threads[i]);
}

static in_port_t
start (ProcessHealthServer *server)
{
  g_autoptr (GError) error = NULL;

  process_health_server_start (server, &error);
  soak_stop_at (error);
  return htons ((in_port_t) atoi (strrchr (process_health_server_get_address (server), ':') + 1));
}

void
soak_run (void)
{
  g_autoptr (ProcessHealthServer) server = process_health_server_new ("127.0.0.1:0");
  g_autoptr (GError) error = NULL;
  gint64 n = settings_get_int ("n", 20000), began;
  guint n_clients = (guint) settings_get_int ("clients", 32);
  Requests self = { .n_stay = settings_get_int ("stay", 1000) };

  process_health_server_add_check (server, "loop", check_loop, NULL, NULL, &error);
  soak_stop_at (error);
  self.port = start (server);
  g_mutex_init (&self.lock);

  serve (&self, n / 10, n_clients);
  process_health_server_stop (server);
  soak_mark ();
  self.port = start (server);
  began = g_get_monotonic_time ();
  serve (&self, n - n / 10, n_clients);
  soak_tell ("requests_per_second",
             (double) (n - n / 10) / ((double) (g_get_monotonic_time () - began) * 1e-6));
  soak_tell_int ("clients", n_clients);
  soak_check (soak_get_count () == (guint64) n);
  process_health_server_stop (server);
  g_mutex_clear (&self.lock);
}
