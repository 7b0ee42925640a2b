/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-daemons-private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-identity-private.h>

/* How it works
 *
 * Pids are used again, and a signal must not reach a stranger. So a pidfd is opened first, which
 * stays with whatever process has the pid at that moment; if the process then turns out to be the
 * one that was registered, by its start and the boot, that has had the pid all the time since, and
 * the pidfd is its own. Kernels without pidfds leave a moment between that look and kill(2).
 */

/* Longer than that of the command daemon, which ends the group of its child within it. */
#define DEFAULT_GRACE (15 * G_TIME_SPAN_SECOND)

/* How long a process may take to go after SIGKILL. */
#define KILL_WAIT (10 * G_TIME_SPAN_SECOND)

/* Where there are no pidfds. */
#define LOOK_AGAIN (10 * G_TIME_SPAN_MILLISECOND)

/* The clock of an entry and that of the kernel differ by a little. */
#define SLACK (2 * G_TIME_SPAN_SECOND)

enum
{
  STOPPED = 0,
  NOT_RUNNING = 1,
};

typedef struct
{
  gboolean   help;
  char      *help_text;
  gint64     grace;    /* microseconds */
  char      *registry;
  char     **names;    /* one */
  char      *code;     /* of that */
  char      *daemon;   /* of that */
} Arguments;

static void
arguments_clear (Arguments *self)
{
  g_free (self->help_text);
  g_free (self->registry);
  g_strfreev (self->names);
  g_free (self->code);
  g_free (self->daemon);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, arguments_clear)

typedef struct
{
  const Arguments *arguments;
  ProcessRegistry *registry;    /* (owned) */
  char            *entry;       /* (owned), as JSON */
  int              pid;
  gint64           started;     /* of the entry, microseconds since 1970; -1 = unknown */
  guint64          start_ticks; /* 0 = unknown */
  char            *boot_id;     /* (owned) (nullable) */
  ProcessFd        pidfd;       /* -1 = there are no pidfds */
} Target;

static void
target_clear (Target *self)
{
  process_fd_clear (&self->pidfd);
  g_clear_object (&self->registry);
  g_free (self->entry);
  g_free (self->boot_id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

typedef enum
{
  IDENTITY_SAME,
  IDENTITY_OTHER, /* or none */
  IDENTITY_UNKNOWN,
} Identity;

/* Command line */

static GOptionContext *
create_context (Arguments *self)
{
  const GOptionEntry entries[] = {
    { "grace", 0, 0, G_OPTION_ARG_CALLBACK, tool_parse_duration_cb,
      "Wait so long between SIGTERM and SIGKILL (15 s)", "TIME" },
    { "registry", 0, 0, G_OPTION_ARG_FILENAME, &self->registry,
      "Look it up in this folder instead of the default one", "DIR" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help,
      "Show this text", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->names, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = tool_create_context ("stop", "CODE/DAEMON", entries, &self->grace);

  g_option_context_set_summary (context,
    "Sends SIGTERM to a daemon, waits until it has ended, and kills it if that takes too long.");
  g_option_context_set_description (context,
    "TIME is a number of seconds, or one with the unit s, m, h or d.\n"
    "The manual page process-glib(1) tells the exit codes.\n");

  return context;
}

static gboolean
parse_name (Arguments  *self,
            GError    **error)
{
  if (self->names == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "The name of the daemon is missing");
      return FALSE;
    }
  if (self->names[1] != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "“%s” is too much",
                   self->names[1]);
      return FALSE;
    }

  return tool_parse_daemon_name (self->names[0], &self->code, &self->daemon, error);
}

static gboolean
parse (Arguments  *self,
       int         argc,
       char      **argv,
       GError    **error)
{
  g_autoptr (GOptionContext) context = create_context (self);

  self->grace = DEFAULT_GRACE;
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (!self->help)
    return parse_name (self, error);

  self->help_text = g_option_context_get_help (context, TRUE, NULL);

  return TRUE;
}

/* Which process is meant */

static void
target_read_entry (Target             *self,
                   ProcessDaemonEntry *entry)
{
  GDateTime *started = process_daemon_entry_get_started (entry);
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object = NULL;

  self->entry = process_daemon_entry_to_json (entry);
  self->pid = process_daemon_entry_get_pid (entry);
  self->started = started != NULL ? g_date_time_to_unix (started) * G_USEC_PER_SEC +
                                      g_date_time_get_microsecond (started)
                                  : -1;

  root = json_from_string (self->entry, NULL);
  object = json_node_get_object (root);
  self->start_ticks =
    (guint64) json_object_get_int_member_with_default (object, "startTicks", 0);
  self->boot_id =
    g_strdup (json_object_get_string_member_with_default (object, "bootId", NULL));
}

/* The Go package does not record the start of the process, but that was before the entry. */
static gboolean
target_was_there (Target *self)
{
  gint64 start = _process_identity_get_start_time (self->pid);

  return start >= 0 && self->started >= 0 && start <= self->started + SLACK;
}

static Identity
target_identify (Target *self)
{
  guint64 ticks = _process_identity_get_start_ticks (self->pid);
  gboolean same = self->start_ticks != 0
                    ? ticks == self->start_ticks &&
                        _process_identity_is_same (self->pid, ticks, self->boot_id)
                    : target_was_there (self);

  if (!_process_identity_exists (self->pid))
    return IDENTITY_OTHER;
  if (ticks == 0 || (self->start_ticks == 0 && self->started < 0))
    return IDENTITY_UNKNOWN;

  return same ? IDENTITY_SAME : IDENTITY_OTHER;
}

/* FALSE with errno. A filter of system calls may say EPERM, which the call itself never does. */
static gboolean
target_open (Target *self)
{
  self->pidfd = (int) syscall (SYS_pidfd_open, self->pid, 0);

  return self->pidfd >= 0 || errno == ENOSYS || errno == EPERM;
}

/* Signals */

/* FALSE with errno. */
static gboolean
target_send (Target *self,
             int     signum)
{
  if (self->pidfd >= 0)
    return syscall (SYS_pidfd_send_signal, self->pidfd, signum, NULL, 0) == 0;

  if (target_identify (self) == IDENTITY_SAME)
    return kill (self->pid, signum) == 0;

  errno = ESRCH;

  return FALSE;
}

static gboolean
target_wait_for_pidfd (Target *self,
                       gint64  timeout)
{
  struct pollfd fd = { .fd = self->pidfd, .events = POLLIN };
  gint64 timeout_ms = timeout / 1000 + (timeout % 1000 != 0);

  return poll (&fd, 1, (int) MIN (timeout_ms, G_MAXINT)) == 1;
}

static gboolean
target_look (Target *self,
             gint64  timeout)
{
  if (self->pidfd >= 0)
    return target_wait_for_pidfd (self, timeout);
  if (target_identify (self) == IDENTITY_OTHER)
    return TRUE;

  g_usleep ((gulong) MIN (timeout, LOOK_AGAIN));

  return FALSE;
}

/* Whether it ends within @timeout. */
static gboolean
target_wait (Target *self,
             gint64  timeout)
{
  gint64 start = g_get_monotonic_time ();
  gint64 passed = 0;

  while (!target_look (self, timeout - passed))
    {
      passed = g_get_monotonic_time () - start;
      if (passed >= timeout)
        return target_look (self, 0);
    }

  return TRUE;
}

/* Outcomes */

/* Reading the registry takes away what has ended, and leaves a next instance alone. */
static void
target_forget (Target *self)
{
  g_autoptr (ProcessDaemonEntry) entry = process_registry_get (
    self->registry, self->arguments->code, self->arguments->daemon);

  g_clear_object (&entry);
}

static int
target_fail_not_running (Target *self)
{
  tool_print_error ("The daemon “%s/%s” does not run", self->arguments->code,
                    self->arguments->daemon);

  return NOT_RUNNING;
}

/* The registry cannot tell such an entry from one of a process that lives. */
static int
target_fail_other (Target *self)
{
  const Arguments *arguments = self->arguments;
  g_autoptr (ProcessDaemonEntry) entry =
    process_registry_get (self->registry, arguments->code, arguments->daemon);
  g_autofree char *json = entry != NULL ? process_daemon_entry_to_json (entry) : NULL;

  if (g_strcmp0 (json, self->entry) == 0)
    process_registry_unregister (self->registry, arguments->code, arguments->daemon, NULL);

  return target_fail_not_running (self);
}

static int
target_fail_unknown (Target *self)
{
  tool_print_error ("It cannot be told whether process %d still is the daemon “%s/%s”", self->pid,
                    self->arguments->code, self->arguments->daemon);

  return TOOL_EXIT_FAILED;
}

static int
target_fail_signal (Target *self,
                    int     problem)
{
  if (problem == ESRCH)
    {
      target_forget (self);
      return target_fail_not_running (self);
    }

  tool_print_error ("Process %d of the daemon “%s/%s” cannot be signalled: %s", self->pid,
                    self->arguments->code, self->arguments->daemon, g_strerror (problem));

  return TOOL_EXIT_FAILED;
}

static int
target_kill (Target *self)
{
  if (!target_send (self, SIGKILL) && errno != ESRCH)
    return target_fail_signal (self, errno);

  if (!target_wait (self, KILL_WAIT))
    {
      tool_print_error ("Process %d of the daemon “%s/%s” does not end, even by SIGKILL", self->pid,
                        self->arguments->code, self->arguments->daemon);
      return TOOL_EXIT_FAILED;
    }

  return STOPPED;
}

static int
target_stop (Target *self)
{
  gint64 grace = self->arguments->grace;
  int code = STOPPED;

  if (!target_send (self, grace > 0 ? SIGTERM : SIGKILL))
    return target_fail_signal (self, errno);

  /* A stopped process does not hear it otherwise. */
  target_send (self, SIGCONT);
  if (!target_wait (self, grace > 0 ? grace : KILL_WAIT))
    {
      if (grace > 0)
        tool_print_error ("The daemon “%s/%s” took too long to end and is killed",
                          self->arguments->code, self->arguments->daemon);
      code = target_kill (self);
    }
  if (code == STOPPED)
    target_forget (self);

  return code;
}

static int
target_find_and_stop (Target *self)
{
  if (!target_open (self))
    return target_fail_signal (self, errno);

  switch (target_identify (self))
    {
    case IDENTITY_SAME:
      return target_stop (self);
    case IDENTITY_OTHER:
      return target_fail_other (self);
    case IDENTITY_UNKNOWN:
    default:
      return target_fail_unknown (self);
    }
}

static int
stop_daemon (const Arguments *arguments)
{
  g_auto (Target) self = { .arguments = arguments, .pidfd = -1 };
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  self.registry = tool_open_registry (arguments->registry);
  entry = process_registry_get (self.registry, arguments->code, arguments->daemon);
  if (entry != NULL)
    {
      target_read_entry (&self, entry);
      return target_find_and_stop (&self);
    }

  /* Only this tells that the folder cannot be read. */
  entries = process_registry_list (self.registry, &error);
  if (entries != NULL)
    return target_fail_not_running (&self);

  tool_print_error ("%s", error->message);

  return TOOL_EXIT_FAILED;
}

int
tool_stop (int    argc,
           char **argv)
{
  g_auto (Arguments) arguments = { 0 };
  g_autoptr (GError) error = NULL;

  if (!parse (&arguments, argc, argv, &error))
    return tool_fail_usage ("stop", error);
  if (!arguments.help)
    return stop_daemon (&arguments);

  g_print ("%s", arguments.help_text);

  return tool_finish_printing ();
}
