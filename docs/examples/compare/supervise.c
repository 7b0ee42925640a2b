/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What ../c/supervise.c does, with GSubprocess alone.
 * usage: supervise COMMAND [ARGUMENT...]
 */

#include <gio/gio.h>

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TIMEOUT (2 * G_TIME_SPAN_SECOND)
#define GRACE G_TIME_SPAN_SECOND
#define LINGER G_TIME_SPAN_SECOND
#define TICK 10 /* milliseconds */

typedef struct
{
  GMainLoop *loop;
  pid_t      group;
  gint64     stop_at;
  gint64     kill_at;  /* 0 until it is being stopped */
  gboolean   timed_out;
  gboolean   ended;
  guint      n_streams; /* that are open */
} Supervisor;

typedef struct
{
  Supervisor *supervisor;
  const char *name;
} Follower;

static void
line_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  GDataInputStream *stream = G_DATA_INPUT_STREAM (object);
  Follower *follower = data;
  gsize length = 0;
  g_autofree char *line = g_data_input_stream_read_line_finish (stream, result, &length, NULL);
  g_autofree char *text = NULL;

  if (line == NULL)
    {
      follower->supervisor->n_streams--;
      return;
    }
  if (length > 0 && line[length - 1] == '\r')
    length--;
  text = g_utf8_make_valid (line, length);
  g_print ("%s: %s\n", follower->name, text);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, line_cb, follower);
}

static void
follow (Follower *follower, GInputStream *pipe)
{
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (pipe);

  follower->supervisor->n_streams++;
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, line_cb, follower);
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Supervisor *self = data;

  self->ended = g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL);
}

static void
stop (Supervisor *self, gint64 now)
{
  self->timed_out = !self->ended;
  self->kill_at = now + GRACE;
  kill (-self->group, SIGTERM);
}

static gboolean
tick_cb (gpointer data)
{
  Supervisor *self = data;
  gint64 now = g_get_monotonic_time ();
  gboolean gone;

  if (self->kill_at == 0 && (self->ended || now >= self->stop_at))
    stop (self, now);
  if (self->kill_at != 0 && now >= self->kill_at)
    kill (-self->group, SIGKILL);

  /* Who left the group may hold a pipe open for ever. */
  gone = self->ended && kill (-self->group, 0) != 0 && self->n_streams == 0;
  if (gone || (self->kill_at != 0 && self->ended && now >= self->kill_at + LINGER))
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
lead_group_cb (gpointer data)
{
  setpgid (0, 0);
}

static gboolean
supervise (GSubprocess *child)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *id = g_subprocess_get_identifier (child); /* NULL when it has ended already */
  Supervisor self = { .loop = loop, .group = id != NULL ? atoi (id) : G_MAXINT32 };
  Follower out = { &self, "out" };
  Follower err = { &self, "err" };

  self.stop_at = g_get_monotonic_time () + TIMEOUT;
  follow (&out, g_subprocess_get_stdout_pipe (child));
  follow (&err, g_subprocess_get_stderr_pipe (child));
  g_subprocess_wait_async (child, NULL, ended_cb, &self);
  g_timeout_add (TICK, tick_cb, &self);
  g_main_loop_run (loop);

  g_print ("%s, %s %d\n", self.timed_out ? "timed out" : "ended",
           g_subprocess_get_if_signaled (child) ? "signal" : "exit code",
           g_subprocess_get_if_signaled (child) ? g_subprocess_get_term_sig (child)
                                                : g_subprocess_get_exit_status (child));
  return !self.timed_out && g_subprocess_get_successful (child);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc < 2)
    {
      g_printerr ("usage: %s COMMAND [ARGUMENT...]\n", argv[0]);
      return EXIT_FAILURE;
    }
  g_subprocess_launcher_set_child_setup (launcher, lead_group_cb, NULL, NULL);
  child = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv + 1, &error);
  if (child == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  return supervise (child) ? EXIT_SUCCESS : EXIT_FAILURE;
}
