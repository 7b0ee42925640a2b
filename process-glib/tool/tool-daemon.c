/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <process-glib/children/process-fd-private.h>

/* How it works
 *
 * Two threads, as for the command run. The output thread runs the context of the service, writes
 * what the child prints, and blocks where whoever reads that is slow. The main thread runs the
 * default context, to which the daemon belongs: signals and the health server are not kept waiting
 * by that. It sees the end of the child by a pidfd of its own, since the output thread does not
 * while it blocks, and then gives a reader that takes nothing more up by making `hurry_fd`
 * readable.
 *
 * The daemon is started before the child, so that a second instance never starts one, and stopped
 * after it has ended, so that the next instance finds it gone. That is why the signals are ours and
 * not those of process_daemon_run(), which would give the PID file back at once.
 *
 * Everything is set up by the main thread before the output thread starts. From then on the fields
 * of the second group belong to the output thread; `done` ends the main thread's loop, and what
 * comes after it has everything for itself.
 */
typedef struct
{
  const ToolDaemonArguments *arguments;
  ProcessFd                  hurry_fd; /* an eventfd */
  ProcessDaemon             *daemon;   /* (owned) */
  GMainContext              *context;  /* (owned), of the service */
  ProcessService            *service;  /* (owned) */
  ProcessManagedProcess     *process;  /* (owned) (nullable): NULL until it has started */
  ProcessFd                  pidfd;    /* of the child; -1 before that, and in old kernels */
  guint                      n_stop_requests;

  gboolean                   output_ended; /* nothing more is written */
  int                        problems[2];  /* errno that was told last, of either stream */
  gboolean                   ended;

  int                        done; /* (atomic) */
} Daemon;

static void
daemon_clear (Daemon *self)
{
  process_fd_clear (&self->hurry_fd);
  process_fd_clear (&self->pidfd);
  g_clear_object (&self->daemon);
  g_clear_object (&self->process);
  g_clear_object (&self->service);
  g_clear_pointer (&self->context, g_main_context_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Daemon, daemon_clear)

/* Output */

static void
daemon_tell_problem (Daemon     *self,
                     const char *stream,
                     int         problem)
{
  g_autofree char *text = g_strdup_printf ("process-glib: Cannot write to standard %s: %s\n",
                                           stream, g_strerror (problem));

  tool_write_all (STDERR_FILENO, text, strlen (text), self->hurry_fd);
}

/* A daemon outlives those who read its log, and a disk that is full for a while: what cannot be
 * written is lost. */
static void
data_cb (ProcessManagedProcess *process,
         GBytes                *bytes,
         ProcessStream          stream,
         gpointer               user_data)
{
  Daemon *self = user_data;
  gboolean is_error = stream == PROCESS_STREAM_STDERR;
  gsize length = 0;
  const void *data = g_bytes_get_data (bytes, &length);
  int problem = 0;

  if (self->output_ended)
    return;

  if (!tool_write_all (is_error ? STDERR_FILENO : STDOUT_FILENO, data, length, self->hurry_fd))
    problem = errno;
  if (problem == ETIMEDOUT)
    self->output_ended = TRUE;
  else if (problem != 0 && problem != self->problems[is_error])
    daemon_tell_problem (self, is_error ? "error" : "output", problem);
  self->problems[is_error] = problem;
}

static void
group_ended_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  Daemon *self = user_data;

  self->ended = TRUE;
}

/* Some of the group may be left. */
static void
exited_cb (ProcessManagedProcess *process,
           int                    exit_code,
           gint64                 duration,
           const GError          *error,
           gpointer               user_data)
{
  process_managed_process_shutdown_async (process, NULL, group_ended_cb, user_data);
}

static gpointer
run_output_thread (gpointer user_data)
{
  Daemon *self = user_data;

  g_main_context_push_thread_default (self->context);
  while (!self->ended)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);

  g_atomic_int_set (&self->done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

/* The end of the child */

static gboolean
daemon_has_child_ended (Daemon *self)
{
  struct pollfd fd = { .fd = self->pidfd, .events = POLLIN };

  if (self->pidfd >= 0)
    return poll (&fd, 1, 0) == 1;

  return !process_managed_process_send_signal (self->process, 0, NULL);
}

static gboolean
check_process_cb (gpointer   user_data,
                  GError   **error)
{
  Daemon *self = user_data;

  if (self->process != NULL && !daemon_has_child_ended (self))
    return TRUE;

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING, "Command “%s” %s",
               self->arguments->command[0],
               self->process != NULL ? "has ended" : "has not started yet");

  return FALSE;
}

static void
daemon_hurry (Daemon *self)
{
  eventfd_write (self->hurry_fd, 1);
}

static gboolean
child_ended_cb (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  Daemon *self = user_data;

  process_daemon_set_ready (self->daemon, FALSE);
  daemon_hurry (self);

  return G_SOURCE_REMOVE;
}

static gboolean
look_for_end_cb (gpointer user_data)
{
  return daemon_has_child_ended (user_data) ? child_ended_cb (-1, 0, user_data)
                                            : G_SOURCE_CONTINUE;
}

/* Nothing is sent through it but what is for the child: it is there, or has not been gone for long
 * enough for another one to have its number. */
static void
daemon_watch_child (Daemon *self)
{
  self->pidfd = (int) syscall (SYS_pidfd_open, process_managed_process_get_pid (self->process), 0);
  if (self->pidfd >= 0)
    g_unix_fd_add (self->pidfd, G_IO_IN, child_ended_cb, self);
  else
    g_timeout_add_seconds (1, look_for_end_cb, self);
}

/* Signals */

static gboolean
time_is_up_cb (gpointer user_data)
{
  daemon_hurry (user_data);

  return G_SOURCE_REMOVE;
}

/* A child that is blocked because of a stuck reader is not killed by the output thread, which is
 * stuck as well, before that is given up. */
static void
daemon_stop_child (Daemon *self)
{
  gint64 grace_ms = self->arguments->grace / 1000;

  process_daemon_set_ready (self->daemon, FALSE);
  process_managed_process_shutdown_async (self->process, NULL, NULL, NULL);
  g_timeout_add ((guint) MIN (grace_ms, G_MAXINT), time_is_up_cb, self);
}

static void
daemon_kill_child (Daemon *self)
{
  process_managed_process_kill (self->process, NULL);
  daemon_hurry (self);
}

/* For it alone: not all of a group knows what it means. */
static void
daemon_pass_on (Daemon *self,
                int     signum)
{
  if (self->pidfd < 0)
    process_managed_process_send_signal (self->process, signum, NULL);
  else
    syscall (SYS_pidfd_send_signal, self->pidfd, signum, NULL, 0);
}

static void
signal_cb (int      signum,
           gboolean from_terminal,
           gpointer user_data)
{
  Daemon *self = user_data;

  if (self->process == NULL)
    return; /* the start failed, and we are about to end */

  if (signum == SIGHUP || signum == SIGUSR1 || signum == SIGUSR2)
    daemon_pass_on (self, signum);
  else if (self->n_stop_requests++ == 0)
    daemon_stop_child (self);
  else
    daemon_kill_child (self);
}

/* Start and end */

static ProcessDaemon *
create_daemon (Daemon *self)
{
  const ToolDaemonArguments *arguments = self->arguments;
  ProcessDaemon *daemon = process_daemon_new ();
  g_autoptr (ProcessRegistry) registry = tool_open_registry (arguments->registry);
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new (arguments->code,
                                                                   arguments->daemon);

  process_daemon_entry_set_binary (entry, arguments->command[0]);
  process_daemon_set_pid_file (daemon, arguments->pid_file);
  process_daemon_set_health_address (daemon, arguments->health);
  process_daemon_set_registry (daemon, registry);
  process_daemon_set_registry_entry (daemon, entry);
  /* Answers about health are short. */
  process_daemon_set_shutdown_timeout (daemon, G_TIME_SPAN_SECOND);
  process_daemon_set_ready (daemon, FALSE);
  process_daemon_add_health_check (daemon, "process", check_process_cb, self, NULL, NULL);

  return daemon;
}

/* It is we who tell the service manager, and what the child might tell would not count. */
static ProcessRunOptions *
create_options (const ToolDaemonArguments *arguments)
{
  static const char * const env[] = { "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", NULL };
  const char * const *command = (const char * const *) arguments->command;
  ProcessRunOptions *options = process_run_options_new (command[0], command + 1);

  process_run_options_set_env (options, env);
  process_run_options_set_grace_period (options, arguments->grace);
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_die_with_parent (options, TRUE);
  process_run_options_set_disable_capture (options, TRUE);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);

  return options;
}

static gboolean
daemon_start_child (Daemon  *self,
                    GError **error)
{
  g_autoptr (ProcessRunOptions) options = create_options (self->arguments);

  g_main_context_push_thread_default (self->context);
  self->service = process_service_new ();
  self->process = process_service_start_with_options (self->service, options, NULL, error);
  g_main_context_pop_thread_default (self->context);
  if (self->process == NULL)
    return FALSE;

  g_signal_connect (self->process, "data", G_CALLBACK (data_cb), self);
  g_signal_connect (self->process, "exited", G_CALLBACK (exited_cb), self);
  daemon_watch_child (self);
  process_daemon_set_ready (self->daemon, TRUE);

  return TRUE;
}

static void
daemon_run_child (Daemon *self)
{
  GThread *thread = g_thread_new ("output", run_output_thread, self);

  while (!g_atomic_int_get (&self->done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

/* To end by SIGTERM is what is asked of the child in a stop, by whomever: a service manager sends
 * it to all of our processes at once. */
static int
daemon_get_exit_code (Daemon *self)
{
  int signum = process_managed_process_get_term_signal (self->process);

  if (signum == SIGTERM && self->n_stop_requests > 0)
    return 0;

  return signum > 0 ? TOOL_EXIT_SIGNALED + signum
                    : process_managed_process_get_exit_code (self->process);
}

static gboolean
daemon_stop (Daemon *self)
{
  g_autoptr (GError) error = NULL;

  if (process_daemon_stop (self->daemon, &error))
    return TRUE;

  tool_print_error ("%s", error->message);

  return FALSE;
}

static int
run_daemon (const ToolDaemonArguments *arguments)
{
  static const int signums[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };
  g_auto (Daemon) self = { .arguments = arguments, .pidfd = -1 };
  g_autoptr (GError) error = NULL;
  gboolean stopped = FALSE;
  int code = 0;

  self.hurry_fd = eventfd (0, EFD_CLOEXEC);
  self.context = g_main_context_new ();
  self.daemon = create_daemon (&self);
  /* Before there is anything that a signal could leave behind. */
  tool_watch_signals (signums, G_N_ELEMENTS (signums), signal_cb, &self);

  if (!process_daemon_start (self.daemon, &error))
    {
      tool_print_error ("%s", error->message);
      return TOOL_EXIT_FAILED;
    }
  if (!daemon_start_child (&self, &error))
    {
      tool_print_error ("%s", error->message);
      daemon_stop (&self);
      return tool_get_start_failure (error);
    }

  daemon_run_child (&self);
  stopped = daemon_stop (&self);
  code = daemon_get_exit_code (&self);

  return stopped || code != 0 ? code : TOOL_EXIT_FAILED;
}

int
tool_daemon (int    argc,
             char **argv)
{
  g_auto (ToolDaemonArguments) arguments = { 0 };
  g_autoptr (GError) error = NULL;

  if (!tool_daemon_arguments_parse (&arguments, argc, argv, &error))
    return tool_fail_usage ("daemon", error);
  if (!arguments.help)
    return run_daemon (&arguments);

  g_print ("%s", arguments.help_text);

  return tool_finish_printing ();
}
