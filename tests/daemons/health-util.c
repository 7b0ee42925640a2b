/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "health-util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
  __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED TRUE
#else
#define IS_SANITIZED FALSE
#endif

void
health_set_up (HealthFixture *self, gconstpointer data)
{
  test_set_up (&self->base, NULL);
  self->server = process_health_server_new ("127.0.0.1:0");
  self->good.passes = TRUE;
  self->bad.message = "Bad";
}

void
health_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

void
health_tear_down (HealthFixture *self, gconstpointer data)
{
  health_settle ();
  g_clear_object (&self->slow.task);
  g_clear_object (&self->slower.task);
  health_settle ();
  if (self->server != NULL)
    g_assert_finalize_object (self->server);
  g_assert_cmpuint (self->good.n_destroyed, ==, self->good.n_added);
  g_assert_cmpuint (self->bad.n_destroyed, ==, self->bad.n_added);
  g_assert_cmpuint (self->other.n_destroyed, ==, self->other.n_added);
  g_assert_cmpuint (self->slow.n_destroyed, ==, self->slow.n_added);
  g_assert_cmpuint (self->slower.n_destroyed, ==, self->slower.n_added);
  test_tear_down (&self->base, NULL);
}

void
health_start (HealthFixture *self)
{
  g_autoptr (GError) error = NULL;

  process_health_server_start (self->server, &error);
  g_assert_no_error (error);
}

void
health_replace (HealthFixture *self, const char *address)
{
  g_assert_finalize_object (self->server);
  self->server = process_health_server_new (address);
}

static int
connect_unix (const char *path)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_assert_no_errno (fd);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));
  return fd;
}

/* Every interface is this machine's own, too. */
static int
connect_inet (const char *text)
{
  g_autofree char *host = g_strndup (text, (gsize) (strrchr (text, ':') - text));
  gboolean v6 = *host == '[';
  const char *literal = g_str_equal (host, "*") ? "127.0.0.1" : host + v6;
  g_autoptr (GSocketAddress) address = NULL;
  struct sockaddr_storage native;
  gssize size;
  int fd;

  if (v6)
    host[strlen (host) - 1] = '\0';
  address = g_inet_socket_address_new_from_string (literal,
                                                   (guint) atoi (strrchr (text, ':') + 1));
  g_assert_nonnull (address);
  size = g_socket_address_get_native_size (address);
  g_assert_true (g_socket_address_to_native (address, &native, sizeof native, NULL));
  fd = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fd);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &native, (socklen_t) size));
  return fd;
}

/* The system completes the connection, whether the server comes to accept it or not. */
HealthClient *
health_connect (ProcessHealthServer *server)
{
  HealthClient *self = g_new0 (HealthClient, 1);
  g_autofree char *address = NULL;

  g_object_get (server, "address", &address, NULL);
  self->fd = g_str_has_prefix (address, "unix:") ? connect_unix (address + 5)
                                                 : connect_inet (address);
  g_assert_no_errno (fcntl (self->fd, F_SETFL, O_NONBLOCK));
  self->text = g_string_new (NULL);
  return self;
}

void
health_client_free (HealthClient *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_string_free (self->text, TRUE);
  g_free (self->head);
  g_free (self);
}

gsize
health_send_some (HealthClient *self, const char *data, gsize length)
{
  gsize sent = 0;

  while (sent < length)
    {
      gssize n = send (self->fd, data + sent, length - sent, MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        break;
      /* What has come before that can still be read. */
      if (n < 0)
        {
          g_assert_true (errno == EPIPE || errno == ECONNRESET);
          return length;
        }
      sent += (gsize) n;
    }
  return sent;
}

void
health_send_bytes (HealthClient *self, const char *data, gsize length)
{
  gsize sent = 0;

  test_run_until ((sent += health_send_some (self, data + sent, length - sent)) == length);
}

void
health_send (HealthClient *self, const char *text)
{
  health_send_bytes (self, text, strlen (text));
}

gboolean
health_receive (HealthClient *self)
{
  char data[16384];
  gssize n = -1;

  if (self->ended)
    return FALSE;
  n = recv (self->fd, data, sizeof data, 0);
  if (n > 0)
    g_string_append_len (self->text, data, n);
  else if (n == 0 || errno != EAGAIN)
    {
      self->ended = TRUE;
      self->error = n == 0 ? 0 : errno;
    }
  return n > 0;
}

void
health_reset (HealthClient *self)
{
  struct linger none = { .l_onoff = 1, .l_linger = 0 };

  g_assert_no_errno (setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none));
  close (self->fd);
  self->fd = -1;
  self->ended = TRUE;
}

static gboolean
is_date (const char *value)
{
  return g_regex_match_simple ("^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
                               "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                               "[0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT$",
                               value, 0, 0);
}

static gboolean
is_type (const char *value)
{
  return g_str_equal (value, "text/plain; charset=utf-8") ||
         g_str_equal (value, "application/health+json");
}

/* All that an answer may have, each but once; the four first ones are always there. */
static void
check_head (const char *head, guint status)
{
  static const char * const names[] = {
    "Date: ", "Content-Type: ", "Content-Length: ", "Cache-Control: ", "Connection: ", "Allow: ",
  };
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  const char *values[G_N_ELEMENTS (names)] = { NULL };

  for (guint i = 1; lines[i] != NULL; i++)
    {
      guint name = 0;

      while (name < G_N_ELEMENTS (names) && !g_str_has_prefix (lines[i], names[name]))
        name++;
      g_assert_cmpuint (name, <, G_N_ELEMENTS (names));
      g_assert_null (values[name]);
      values[name] = lines[i] + strlen (names[name]);
    }
  g_assert_true (values[0] != NULL && is_date (values[0]));
  g_assert_true (values[1] != NULL && is_type (values[1]));
  g_assert_true (values[2] != NULL);
  g_assert_cmpstr (values[3], ==, "no-store");
  g_assert_true (values[4] == NULL || g_str_equal (values[4], "close") ||
                 g_str_equal (values[4], "keep-alive"));
  g_assert_cmpstr (values[5], ==, status == 405 ? "GET, HEAD" : NULL);
}

char *
health_take (HealthClient *self, gboolean head_only)
{
  const char *end = strstr (self->text->str, "\r\n\r\n");
  g_autofree char *head = NULL;
  char *answer;
  guint status;
  gsize head_length, length;

  if (end == NULL)
    return NULL;
  head_length = (gsize) (end - self->text->str) + 4;
  head = g_strndup (self->text->str, head_length - 4);
  g_assert_true (g_regex_match_simple ("^HTTP/1\\.1 [2-5][0-9][0-9] [A-Z][A-Za-z -]+\r\n", head,
                                       0, 0));
  status = (guint) atoi (head + 9);
  check_head (head, status);
  length = head_only ? 0 : (gsize) atoi (strstr (head, "Content-Length: ") + 16);
  if (self->text->len < head_length + length)
    return NULL;
  answer = g_strdup_printf ("%u %.*s", status, (int) length, self->text->str + head_length);
  g_string_erase (self->text, 0, (gssize) (head_length + length));
  g_free (self->head);
  self->head = g_steal_pointer (&head);
  return answer;
}

/* Takes what has come, or reads more; whether there is nothing to wait for any more. */
static gboolean
look_for_answer (HealthClient *self, char **answer)
{
  *answer = health_take (self, FALSE);
  while (*answer == NULL && health_receive (self))
    *answer = health_take (self, FALSE);
  return *answer != NULL || self->ended;
}

char *
health_wait (HealthClient *self)
{
  char *answer;

  test_run_until (look_for_answer (self, &answer));
  return answer;
}

void
health_expect_end (HealthClient *self)
{
  test_run_until (!health_receive (self) && self->ended);
  g_assert_cmpstr (self->text->str, ==, "");
}

char *
health_ask (ProcessHealthServer *server, const char *request)
{
  g_autoptr (HealthClient) client = health_connect (server);

  health_send (client, request);
  return health_wait (client);
}

char *
health_get (ProcessHealthServer *server, const char *target)
{
  g_autofree char *request =
    g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);

  return health_ask (server, request);
}

static gboolean
quick_cb (gpointer data, GError **error)
{
  HealthQuick *quick = data;

  quick->n_calls++;
  if (quick->message != NULL)
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_FAILED, quick->message);
  return quick->passes;
}

static void
quick_destroy (gpointer data)
{
  ((HealthQuick *) data)->n_destroyed++;
}

guint
health_add_quick (HealthFixture *self, const char *name, HealthQuick *quick)
{
  g_autoptr (GError) error = NULL;
  guint id = process_health_server_add_check (self->server, name, quick_cb, quick, quick_destroy,
                                              &error);

  g_assert_no_error (error);
  g_assert_cmpuint (id, >, 0);
  quick->n_added++;
  return id;
}

static void
slow_cb (ProcessHealthServer *server, GTask *task, gpointer data)
{
  HealthSlow *slow = data;

  g_assert_true (PROCESS_IS_HEALTH_SERVER (server));
  slow->n_calls++;
  g_set_object (&slow->task, task);
}

static void
slow_destroy (gpointer data)
{
  ((HealthSlow *) data)->n_destroyed++;
}

guint
health_add_slow (HealthFixture *self, const char *name, HealthSlow *slow, gint64 timeout)
{
  g_autoptr (GError) error = NULL;
  guint id = process_health_server_add_async_check (self->server, name, slow_cb, timeout, slow,
                                                    slow_destroy, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (id, >, 0);
  slow->n_added++;
  return id;
}

void
health_answer (HealthSlow *slow, const char *message)
{
  g_autoptr (GTask) task = g_steal_pointer (&slow->task);

  g_assert_nonnull (task);
  if (message == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, PROCESS_ERROR, PROCESS_ERROR_FAILED, "%s", message);
}

gboolean
health_is_watched (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return IS_SANITIZED || (preloaded != NULL && strstr (preloaded, "vgpreload") != NULL);
}
