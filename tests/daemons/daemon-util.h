/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../children/test-util.h"
#include "notify-util.h"

static inline void
log_notify_cb (ProcessDaemon *daemon,
               GParamSpec    *pspec,
               TestFixture   *fixture)
{
  g_assert_true (g_thread_self () == fixture->owner);
  if (g_str_equal (pspec->name, "running"))
    test_log (fixture, "running %d", process_daemon_get_running (daemon));
  else if (g_str_equal (pspec->name, "ready"))
    test_log (fixture, "ready %d", process_daemon_get_ready (daemon));
  else
    test_log (fixture, "%s", pspec->name);
}

static inline ProcessDaemon *
new_daemon (TestFixture *fixture)
{
  ProcessDaemon *daemon = process_daemon_new ();

  test_track (fixture, daemon);
  g_signal_connect (daemon, "notify", G_CALLBACK (log_notify_cb), fixture);

  return daemon;
}

static inline void
set_pid_file (TestFixture   *fixture,
              ProcessDaemon *daemon)
{
  g_autofree char *path = test_path (fixture, "pid");

  process_daemon_set_pid_file (daemon, path);
}

static inline void
set_registry (TestFixture   *fixture,
              ProcessDaemon *daemon)
{
  g_autofree char *dir = test_path (fixture, "registry");
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("core", "worker");

  process_daemon_set_registry (daemon, registry);
  process_daemon_set_registry_entry (daemon, entry);
}

/* One that does everything, with an empty log. */
static inline ProcessDaemon *
new_full_daemon (TestFixture *fixture)
{
  ProcessDaemon *daemon = new_daemon (fixture);

  set_pid_file (fixture, daemon);
  set_registry (fixture, daemon);
  process_daemon_set_health_address (daemon, "127.0.0.1:0");
  g_ptr_array_set_size (fixture->log, 0);

  return daemon;
}

static inline void
start_well (ProcessDaemon *daemon)
{
  g_autoptr (GError) error = NULL;
  gboolean started = process_daemon_start (daemon, &error);

  g_assert_no_error (error);
  g_assert_true (started);
  g_assert_true (process_daemon_get_running (daemon));
}

static inline void
stop_well (ProcessDaemon *daemon)
{
  g_autoptr (GError) error = NULL;
  gboolean stopped = process_daemon_stop (daemon, &error);

  g_assert_no_error (error);
  g_assert_true (stopped);
  g_assert_false (process_daemon_get_running (daemon));
}

static inline void
assert_fails (ProcessDaemon *daemon,
              GQuark         domain,
              int            code,
              const char    *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_daemon_start (daemon, &error));
  g_assert_error (error, domain, code);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” is not in “%s”", message, error->message);
  g_assert_false (process_daemon_get_running (daemon));
}

static inline ProcessDaemonEntry *
get_entry (ProcessDaemon *daemon)
{
  return process_registry_get (process_daemon_get_registry (daemon), "core", "worker");
}

/* Neither a PID file nor an entry. */
static inline void
assert_nothing_left (ProcessDaemon *daemon)
{
  g_autoptr (ProcessDaemonEntry) entry = get_entry (daemon);

  g_assert_null (entry);
  g_assert_false (g_file_test (process_daemon_get_pid_file (daemon), G_FILE_TEST_EXISTS));
}

/* A client of the health server, in a thread of its own. */
typedef struct
{
  char    *address; /* (owned) */
  char    *path;    /* (owned) */
  GThread *thread;
  char    *answer;  /* (owned) (nullable): nothing came */
  gint     done;
} Ask;

static inline GSocket *
connect_to_server (const char  *address,
                   GError     **error)
{
  const char *colon = strrchr (address, ':');
  g_autofree char *host = g_strndup (address, colon - address);
  g_autoptr (GSocketAddress) at =
    g_inet_socket_address_new_from_string (host, g_ascii_strtoull (colon + 1, NULL, 10));
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, error);

  g_assert_nonnull (socket);
  return g_socket_connect (socket, at, NULL, error) ? g_steal_pointer (&socket) : NULL;
}

static inline gpointer
ask_thread (gpointer data)
{
  Ask *self = data;
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.0\r\n\r\n", self->path);
  g_autoptr (GSocket) socket = connect_to_server (self->address, NULL);
  g_autoptr (GString) answer = g_string_new (NULL);
  char buffer[512];
  gssize n = 0;

  if (socket != NULL && g_socket_send (socket, request, strlen (request), NULL, NULL) > 0)
    while ((n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL)) > 0)
      g_string_append_len (answer, buffer, n);

  if (answer->len > 0)
    self->answer = g_strdup (answer->str);
  g_atomic_int_set (&self->done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static inline Ask *
ask_begin (const char *address,
           const char *path)
{
  Ask *self = g_new0 (Ask, 1);

  self->address = g_strdup (address);
  self->path = g_strdup (path);
  self->thread = g_thread_new ("ask", ask_thread, self);

  return self;
}

/* Runs the main loop until there is an answer. */
static inline char *
ask_end (Ask *self)
{
  char *answer = NULL;

  test_run_until (g_atomic_int_get (&self->done));
  g_thread_join (self->thread);
  answer = self->answer;
  g_free (self->address);
  g_free (self->path);
  g_free (self);

  return answer;
}

static inline void
ask_expect (Ask        *self,
            const char *status,
            const char *body)
{
  g_autofree char *answer = ask_end (self);

  g_assert_nonnull (answer);
  if (strstr (answer, status) == NULL || !g_str_has_suffix (answer, body))
    g_error ("“%s” is not “%s” with “%s”", answer, status, body);
}

static inline void
assert_answer (ProcessDaemon *daemon,
               const char    *path,
               const char    *status,
               const char    *body)
{
  ask_expect (ask_begin (process_daemon_get_health_address (daemon), path), status, body);
}

static inline void
assert_no_server (const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = connect_to_server (address, &error);

  g_assert_null (socket);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static inline sighandler_t
get_handler (int signum)
{
  struct sigaction action;

  g_assert_no_errno (sigaction (signum, NULL, &action));

  return action.sa_handler;
}

static inline gboolean
is_handled (int signum)
{
  return get_handler (signum) != SIG_DFL;
}

/* The outcome of an asynchronous call. */
typedef struct
{
  gboolean  done;
  GThread  *thread;
  GError   *error; /* (owned) (nullable) */
} Outcome;

static inline void
stopped_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Outcome *outcome = user_data;
  gboolean stopped =
    process_daemon_stop_finish (PROCESS_DAEMON (object), result, &outcome->error);

  g_assert_true (stopped == (outcome->error == NULL));
  g_assert_false (outcome->done);
  outcome->done = TRUE;
  outcome->thread = g_thread_self ();
}

static inline void
ran_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  Outcome *outcome = user_data;
  gboolean ran = process_daemon_run_finish (PROCESS_DAEMON (object), result, &outcome->error);

  g_assert_true (ran == (outcome->error == NULL));
  g_assert_false (outcome->done);
  outcome->done = TRUE;
  outcome->thread = g_thread_self ();
}

static inline void
run_well (ProcessDaemon *daemon,
          GCancellable  *cancellable)
{
  g_autoptr (GError) error = NULL;
  gboolean ran = process_daemon_run (daemon, cancellable, &error);

  g_assert_no_error (error);
  g_assert_true (ran);
  g_assert_false (process_daemon_get_running (daemon));
}

static inline void
keep_task_cb (ProcessHealthServer *server,
              GTask               *task,
              gpointer             user_data)
{
  g_set_object ((GTask **) user_data, task);
}
