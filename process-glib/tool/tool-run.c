/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-private.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How it works
 *
 * Two threads. The output thread runs the context that the service belongs to: its handlers write
 * what the child prints to our own standard output and error, and block there as long as whoever
 * reads them likes, which is what makes a fast child wait for a slow reader. The main thread runs
 * the default context meanwhile, so that a signal is passed on however long that takes.
 *
 * A reader that takes nothing more must not keep us for ever once the time is up, or the child
 * has answered a signal with its end: the main thread then makes `hurry_fd` readable, and a write
 * that is stuck for a while is given up.
 *
 * Everything is set up by the main thread before the output thread starts. From then on the
 * fields of the second group belong to the output thread, those of the third to the main thread;
 * `done` ends the main thread's loop, and what comes after it has both groups for itself.
 */
typedef struct
{
  const ToolRunArguments *arguments;
  int                     hurry_fd; /* an eventfd */
  GMainContext           *context;  /* (owned) of the service */
  ProcessService         *service;  /* (owned) */
  ProcessManagedProcess  *process;  /* (owned) (nullable): NULL where the start failed */

  GString  *events;       /* (owned) lines of JSON not written yet */
  gboolean  output_ended; /* nothing more is written */
  int       output_code;  /* 0 = end with the code of the child */
  gboolean  ended;
  int       code;

  guint     n_stop_requests;
  guint     stuck_timer;

  int       done; /* (atomic) */
} Run;

static void
run_clear (Run *self)
{
  close (self->hurry_fd);
  g_clear_object (&self->process);
  g_clear_object (&self->service);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_string_free (self->events, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* Output */

/* As in a pipeline of the shell: without a reader there is nothing more to do, and nothing to
 * complain about; but a child that would not notice is stopped. */
static void
run_end_output (Run *self, int fd, int problem)
{
  self->output_ended = TRUE;
  if (problem == ETIMEDOUT)
    return; /* the child has ended, or is about to */

  self->output_code = problem == EPIPE ? TOOL_EXIT_SIGNALED + SIGPIPE : TOOL_EXIT_FAILED;
  if (problem != EPIPE)
    tool_print_error ("Cannot write to standard %s: %s", fd == STDOUT_FILENO ? "output" : "error",
                      g_strerror (problem));
  if (self->process != NULL && !self->arguments->detach)
    process_managed_process_shutdown_async (self->process, NULL, NULL, NULL);
}

static void
run_write (Run *self, int fd, const void *data, gsize length)
{
  if (!self->output_ended && !tool_write_all (fd, data, length, self->hurry_fd))
    run_end_output (self, fd, errno);
}

static void
run_write_events (Run *self)
{
  run_write (self, STDOUT_FILENO, self->events->str, self->events->len);
  g_string_truncate (self->events, 0);
}

static void
data_cb (ProcessManagedProcess *process, GBytes *bytes, ProcessStream stream, gpointer user_data)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  run_write (user_data, stream == PROCESS_STREAM_STDERR ? STDERR_FILENO : STDOUT_FILENO, data,
             length);
}

static void
lines_cb (ProcessManagedProcess *process, const char * const *lines, ProcessStream stream,
          gpointer user_data)
{
  Run *self = user_data;

  for (gsize i = 0; lines[i] != NULL; i++)
    tool_append_output (self->events, process, lines[i], stream);
  run_write_events (self);
}

static void
started_cb (ProcessService *service, ProcessManagedProcess *process, gpointer user_data)
{
  Run *self = user_data;

  if (self->arguments->json)
    tool_append_started (self->events, process);
  else if (self->arguments->detach && !self->arguments->quiet)
    g_string_append_printf (self->events, "%d\n", process_managed_process_get_pid (process));
  run_write_events (self);
  self->ended = self->arguments->detach;
}

static void
killed_cb (ProcessService *service, ProcessManagedProcess *process, const char *signal_name,
           gpointer user_data)
{
  Run *self = user_data;

  if (self->arguments->json)
    tool_append_killed (self->events, process, signal_name);
  run_write_events (self);
}

static int
get_exit_code (ProcessManagedProcess *process)
{
  int signum = process_managed_process_get_term_signal (process);

  if (process_managed_process_get_exit_reason (process) == PROCESS_EXIT_REASON_TIMED_OUT)
    return TOOL_EXIT_TIMED_OUT;
  return signum > 0 ? TOOL_EXIT_SIGNALED + signum : process_managed_process_get_exit_code (process);
}

static void
group_ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  self->ended = TRUE;
}

static void
exited_cb (ProcessService *service, ProcessManagedProcess *process, int exit_code, gint64 duration,
           const GError *error, gpointer user_data)
{
  Run *self = user_data;

  if (self->process != NULL && self->arguments->detach)
    return; /* it ended as soon as it was started, which is no affair of ours any more */
  if (self->process != NULL)
    self->code = get_exit_code (process);
  if (self->arguments->json)
    tool_append_exited (self->events, process, exit_code, duration, error);
  run_write_events (self);

  /* Some of the group may be left, such as jobs that a shell has put into the background. */
  if (self->process != NULL && self->arguments->kill_group)
    process_managed_process_shutdown_async (process, NULL, group_ended_cb, self);
  else
    self->ended = TRUE;
}

static gpointer
run_output_thread (gpointer user_data)
{
  Run *self = user_data;

  g_main_context_push_thread_default (self->context);
  while (!self->ended)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);

  g_atomic_int_set (&self->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* Signals */

/* The child may have ended a moment ago, which is no error here; a stopped one must go on to
 * get the signal. */
static void
run_pass_on (Run *self, int signum)
{
  process_managed_process_send_signal (self->process, signum, NULL);
  process_managed_process_send_signal (self->process, SIGCONT, NULL);
}

/* The child in a group of its own is not stopped together with us. */
static void
run_stop_and_go_on (Run *self)
{
  process_managed_process_send_signal (self->process, SIGTSTP, NULL);
  raise (SIGSTOP);
  process_managed_process_send_signal (self->process, SIGCONT, NULL);
}

static void
run_hurry (Run *self)
{
  eventfd_write (self->hurry_fd, 1);
}

/* The output thread does not see the end of the child while it is stuck. */
static gboolean
check_stuck_cb (gpointer user_data)
{
  Run *self = user_data;

  if (process_managed_process_send_signal (self->process, 0, NULL))
    return G_SOURCE_CONTINUE;
  run_hurry (self);
  self->stuck_timer = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
time_is_up_cb (gpointer user_data)
{
  run_hurry (user_data);
  return G_SOURCE_REMOVE;
}

/* What the terminal sends is had by the child too, which is in the foreground group like us. That
 * its line is gone, though, is told to the leader of the session alone. */
static gboolean
run_has_child_had (Run *self, int signum, gboolean from_terminal)
{
  return from_terminal && signum != SIGHUP && !self->arguments->kill_group;
}

/* A terminal that is closed often sends SIGHUP twice, itself and by its shell. */
static gboolean
is_insistent (int signum)
{
  return signum == SIGINT || signum == SIGTERM || signum == SIGQUIT;
}

static void
signal_cb (int signum, gboolean from_terminal, gpointer user_data)
{
  Run *self = user_data;

  if (self->process == NULL)
    return; /* the start failed, and we are about to end */
  if (self->stuck_timer == 0 && (is_insistent (signum) || signum == SIGHUP))
    self->stuck_timer = g_timeout_add_seconds (1, check_stuck_cb, self);

  if (run_has_child_had (self, signum, from_terminal))
    return;
  if (signum == SIGTSTP)
    run_stop_and_go_on (self);
  else if (is_insistent (signum) && self->n_stop_requests++ > 0)
    process_managed_process_kill (self->process, NULL);
  else
    run_pass_on (self, signum);
}

static void
run_watch_signals (Run *self)
{
  static const int signums[] = { SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                 SIGUSR1, SIGUSR2, SIGTSTP };
  /* In a group of its own the child does not get what stops us. */
  gsize n_signums = G_N_ELEMENTS (signums) - (self->arguments->kill_group ? 0 : 1);

  tool_watch_signals (signums, n_signums, signal_cb, self);
}

/* Start */

static ProcessStdinMode
choose_stdin (const ToolRunArguments *arguments)
{
  /* A group that is not the terminal's foreground group is stopped when it reads from it. */
  if (arguments->detach || (arguments->kill_group && isatty (STDIN_FILENO)))
    return PROCESS_STDIN_MODE_NULL;
  return PROCESS_STDIN_MODE_INHERIT;
}

static ProcessRunOptions *
create_options (const ToolRunArguments *arguments)
{
  const char * const *command = (const char * const *) arguments->command;
  ProcessRunOptions *options = process_run_options_new (command[0], command + 1);

  process_run_options_set_cwd (options, arguments->cwd);
  process_run_options_set_env (options, (const char * const *) arguments->env);
  process_run_options_set_timeout (options, arguments->timeout);
  process_run_options_set_grace_period (options, arguments->grace);
  process_run_options_set_kill_group (options, arguments->kill_group);
  process_run_options_set_detach (options, arguments->detach);
  process_run_options_set_die_with_parent (options, !arguments->detach);
  process_run_options_set_disable_capture (options, TRUE);
  process_run_options_set_stdin_mode (options, choose_stdin (arguments));
  return options;
}

int
tool_get_start_failure (const GError *error)
{
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND))
    return TOOL_EXIT_NOT_FOUND;
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED))
    return TOOL_EXIT_CANNOT_START;
  return TOOL_EXIT_FAILED;
}

static void
run_start (Run *self)
{
  g_autoptr (ProcessRunOptions) options = create_options (self->arguments);
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  self->service = process_service_new ();
  g_signal_connect (self->service, "started", G_CALLBACK (started_cb), self);
  g_signal_connect (self->service, "killed", G_CALLBACK (killed_cb), self);
  g_signal_connect (self->service, "exited", G_CALLBACK (exited_cb), self);
  self->process = process_service_start_with_options (self->service, options, NULL, &error);
  g_main_context_pop_thread_default (self->context);

  if (self->process == NULL)
    {
      tool_print_error ("%s", error->message);
      self->code = tool_get_start_failure (error);
      /* What was refused, rather than tried, has no events. */
      self->ended = process_service_get_n_items (self->service) == 0;
    }
  else if (self->arguments->quiet)
    return;
  else if (self->arguments->json)
    g_signal_connect (self->process, "lines", G_CALLBACK (lines_cb), self);
  else
    g_signal_connect (self->process, "data", G_CALLBACK (data_cb), self);
}

static int
run_command (const ToolRunArguments *arguments)
{
  g_auto (Run) self = { .arguments = arguments };
  GThread *thread;

  self.hurry_fd = eventfd (0, EFD_CLOEXEC);
  self.context = g_main_context_new ();
  self.events = g_string_new (NULL);
  if (!arguments->detach)
    run_watch_signals (&self);
  run_start (&self);
  if (arguments->timeout > 0 && arguments->timeout / 1000 < G_MAXUINT)
    g_timeout_add ((guint) (arguments->timeout / 1000) + 1, time_is_up_cb, &self);

  thread = g_thread_new ("output", run_output_thread, &self);
  while (!g_atomic_int_get (&self.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  return self.output_code != 0 ? self.output_code : self.code;
}

int
tool_run (int argc, char **argv)
{
  g_auto (ToolRunArguments) arguments = { 0 };
  g_autoptr (GError) error = NULL;

  if (!tool_run_arguments_parse (&arguments, argc, argv, &error))
    return tool_fail_usage ("run", error);
  if (!arguments.help)
    return run_command (&arguments);

  g_print ("%s", arguments.help_text);
  return tool_finish_printing ();
}
