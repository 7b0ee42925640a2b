/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Signals that end children, that are sent to them, and whom they reach. */

#include "test-util.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  const char *verb; /* the argument of `die` */
  int         offset; /* from SIGRTMIN, when `number` is 0 */
  int         number;
  const char *name;
} Name;

static const Name names[] = {
  { "TERM", 0, SIGTERM, "SIGTERM" }, { "KILL", 0, SIGKILL, "SIGKILL" },
  { "HUP", 0, SIGHUP, "SIGHUP" },    { "INT", 0, SIGINT, "SIGINT" },
  { "QUIT", 0, SIGQUIT, "SIGQUIT" }, { "ABRT", 0, SIGABRT, "SIGABRT" },
  { "USR1", 0, SIGUSR1, "SIGUSR1" }, { "PIPE", 0, SIGPIPE, "SIGPIPE" },
  { "RTMIN+0", 0, 0, "SIGRTMIN" },   { "RTMIN+3", 3, 0, "SIGRTMIN+3" },
};

static int
get_number (const Name *name)
{
  return name->number != 0 ? name->number : SIGRTMIN + name->offset;
}

static void
assert_killed (TestFixture *self, ProcessManagedProcess *process, const Name *name)
{
  g_autofree char *entry = g_strdup_printf ("killed %s", name->name);
  g_autofree char *of_service = g_strdup_printf ("service killed %s", name->name);
  g_autoptr (GError) error = test_finish (process);

  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_nonnull (strstr (error->message, name->name));
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, get_number (name));
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, -1);
  test_assert_log (self, "started", "service started", entry, of_service, "exited -1",
                   "service exited -1");
}

/* Whoever sent it: the child itself, the library, or anybody else. */
static void
test_names (TestFixture *self, gconstpointer data)
{
  const Name *name = data;
  g_autoptr (ProcessManagedProcess) itself = NULL;
  g_autoptr (ProcessManagedProcess) by_us = NULL;
  g_autoptr (ProcessManagedProcess) by_others = NULL;
  g_autoptr (GError) error = NULL;

  test_log_service (self);
  itself = test_start (self, "die", name->verb, NULL);
  test_log_process (self, itself);
  assert_killed (self, itself, name);

  by_us = test_start (self, "pause", NULL);
  test_log_process (self, by_us);
  g_assert_true (process_managed_process_send_signal (by_us, get_number (name), &error));
  g_assert_no_error (error);
  assert_killed (self, by_us, name);

  by_others = test_start (self, "pause", NULL);
  test_log_process (self, by_others);
  g_assert_no_errno (kill (process_managed_process_get_pid (by_others), get_number (name)));
  assert_killed (self, by_others, name);
}

/* A code above 128 is a code. */
static void
test_no_signal (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "exit", "143", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, 0);
  test_assert_log (self, "started", "exited 143");
}

static void
test_send_signal (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "note", "USR1", report->path, "note", "USR2", report->path, "tell",
                report->path, "ready", "pause", NULL);
  const char *id = process_managed_process_get_id (process);
  g_autoptr (GError) error = NULL;

  test_fifo_expect (report, "ready");
  g_assert_true (process_managed_process_send_signal (process, SIGUSR1, &error));
  g_assert_no_error (error);
  test_fifo_expect (report, "note 10");
  g_assert_true (process_service_send_signal (self->service, id, SIGUSR2, &error));
  g_assert_no_error (error);
  test_fifo_expect (report, "note 12");
  g_assert_true (process_managed_process_is_running (process));

  g_assert_false (process_service_send_signal (self->service, "nobody", SIGUSR2, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (process_service_kill (self->service, "nobody", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (process_service_kill (self->service, id, &error));
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

static void
test_no_such_signal (TestFixture *self, gconstpointer data)
{
  static const int numbers[] = { -1, -15, 65, 4711, G_MAXINT, G_MININT };
  g_autoptr (ProcessManagedProcess) process = test_start (self, "pause", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *number = g_strdup_printf ("%d", numbers[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (process_managed_process_send_signal (process, numbers[i], &error));
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, number));
    }
  g_assert_true (process_managed_process_is_running (process));
}

/* 0 asks; to signal what has ended is an error, to end it is not. */
static void
test_ended (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  const char *id = process_managed_process_get_id (process);
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_send_signal (process, 0, &error));
  g_assert_no_error (error);
  process_managed_process_close_stdin (process, NULL);
  error = test_finish (process);
  g_assert_no_error (error);

  g_assert_false (process_managed_process_send_signal (process, 0, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_signal (process, SIGTERM, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_assert_nonnull (strstr (error->message, id));
  g_clear_error (&error);
  g_assert_false (process_service_send_signal (self->service, id, SIGTERM, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);

  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  g_assert_true (process_service_kill (self->service, id, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
  g_assert_cmpint (process_managed_process_get_status (process), ==, PROCESS_STATUS_EXITED);
}

/* One that never was is the same as one that has ended. */
static void
test_never_started (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) listed = NULL;
  ProcessManagedProcess *process;
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_start (self->service, "/nonexistent", NULL, NULL, NULL));
  listed = process_service_list (self->service);
  process = listed->pdata[0];
  g_assert_false (process_managed_process_send_signal (process, 0, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_input (process, "x", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_START_FAILED);
}

/* A signal goes to the whole group with kill-group, else to the leader alone. */
static void
test_group (TestFixture *self, gconstpointer data)
{
  gboolean kill_group = GPOINTER_TO_INT (data);
  g_autoptr (TestFifo) leader = test_fifo_new (self, "leader");
  g_autoptr (TestFifo) member = test_fifo_new (self, "member");
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "note", "USR1", member->path, "tell", member->path, "ready", "await",
                  orders->path, "tell", member->path, "done", "}", "note", "USR1", leader->path,
                  "tell", leader->path, "ready", "reap", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_kill_group (options, kill_group);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (leader, "ready");
  test_fifo_expect (member, "ready");
  g_assert_true (process_managed_process_send_signal (process, 0, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_send_signal (process, SIGUSR1, &error));
  g_assert_no_error (error);
  test_fifo_expect (leader, "note 10");
  if (kill_group)
    test_fifo_expect (member, "note 10");
  test_fifo_send (orders);
  test_fifo_expect (member, "done");
  error = test_finish (process);
  g_assert_no_error (error);
}

/* To be stopped, and to go on, is not to end. */
static void
test_stop_and_continue (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "line", NULL);
  g_autoptr (GError) error = NULL;

  test_log_process (self, process);
  g_assert_true (process_managed_process_send_signal (process, SIGSTOP, &error));
  g_assert_no_error (error);
  test_run_until (test_is_stopped (process_managed_process_get_pid (process)));
  g_assert_true (process_managed_process_send_input (process, "go\n", &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_is_running (process));
  g_assert_true (process_managed_process_send_signal (process, SIGCONT, &error));
  g_assert_no_error (error);
  error = test_finish (process);
  g_assert_no_error (error);
  test_assert_log (self, "started", "stdout: go", "exited 0");
}

/* Somebody who got the number of a child that was reaped, and answers. */
typedef struct
{
  int pid; /* 0 = there is none */
  int questions;
  int answers;
} Stranger;

static void
answer_for_ever (int questions, int answers)
{
  char byte;

  setpgid (0, 0);
  alarm (100);
  while (read (questions, &byte, 1) == 1)
    if (write (answers, &byte, 1) != 1)
      break;
  _exit (0);
}

static void
stranger_start (Stranger *self, int pid)
{
  pid_t wanted = pid;
  struct clone_args args = { 0 };
  int questions[2], answers[2];
  long got;

  g_assert_no_errno (pipe (questions));
  g_assert_no_errno (pipe (answers));
  args.exit_signal = SIGCHLD;
  args.set_tid = (guint64) (gsize) &wanted;
  args.set_tid_size = 1;
  /* Somebody may still have to reap the last one of the old group. */
  got = syscall (SYS_clone3, &args, sizeof args);
  for (guint i = 0; i < 2500 && got < 0 && errno == EEXIST; i++)
    {
      g_usleep (2000);
      got = syscall (SYS_clone3, &args, sizeof args);
    }
  if (got == 0)
    {
      close (questions[1]);
      close (answers[0]);
      answer_for_ever (questions[0], answers[1]);
    }
  close (questions[0]);
  close (answers[1]);
  self->pid = got > 0 ? (int) got : 0;
  self->questions = questions[1];
  self->answers = answers[0];
}

static gboolean
stranger_is_alive (Stranger *self)
{
  char byte = 'x';

  return write (self->questions, &byte, 1) == 1 && read (self->answers, &byte, 1) == 1;
}

static void
stranger_end (Stranger *self)
{
  close (self->questions);
  close (self->answers);
  if (self->pid != 0)
    g_assert_cmpint (waitpid (self->pid, NULL, 0), ==, self->pid);
}

static void
assert_stranger_is_safe (ProcessManagedProcess *process, Stranger *stranger)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (stranger->pid, ==, process_managed_process_get_pid (process));
  g_assert_true (stranger_is_alive (stranger));
  g_assert_false (process_managed_process_send_signal (process, SIGKILL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_true (process_managed_process_kill (process, &error));
  g_assert_no_error (error);
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (stranger_is_alive (stranger));
}

typedef enum
{
  STRANGER_TO_CHILD,
  STRANGER_TO_GROUP,          /* with kill-group */
  STRANGER_TO_OUTLIVED_GROUP, /* and a member that was there when the end was told */
} StrangerCase;

static void
test_stranger (TestFixture *self, gconstpointer data)
{
  StrangerCase which = (StrangerCase) GPOINTER_TO_INT (data);
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessRunOptions) alone = test_options ("exit", "0", NULL);
  g_autoptr (ProcessRunOptions) outlived =
    test_options ("fork", "{", "await", orders->path, "}", NULL);
  ProcessRunOptions *options = which == STRANGER_TO_OUTLIVED_GROUP ? outlived : alone;
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  Stranger stranger;

  process_run_options_set_kill_group (options, which != STRANGER_TO_CHILD);
  process = test_start_with (self, options, NULL);
  error = test_finish (process);
  g_assert_no_error (error);
  if (which == STRANGER_TO_OUTLIVED_GROUP)
    {
      g_assert_true (process_managed_process_get_lingering (process));
      test_fifo_send (orders);
      test_run_until (!process_managed_process_get_lingering (process));
    }
  stranger_start (&stranger, process_managed_process_get_pid (process));
  if (stranger.pid != 0)
    assert_stranger_is_safe (process, &stranger);
  else
    g_test_skip ("A process's number cannot be chosen here");
  stranger_end (&stranger);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/signals/names/%s", names[i].name);

      test_add_with (path, &names[i], test_names);
    }
  test_add ("/signals/no-signal", test_no_signal);
  test_add ("/signals/send-signal", test_send_signal);
  test_add ("/signals/no-such-signal", test_no_such_signal);
  test_add ("/signals/ended", test_ended);
  test_add ("/signals/never-started", test_never_started);
  test_add_with ("/signals/leader-only", GINT_TO_POINTER (FALSE), test_group);
  test_add_with ("/signals/group", GINT_TO_POINTER (TRUE), test_group);
  test_add ("/signals/stop-and-continue", test_stop_and_continue);
  test_add_with ("/signals/stranger", GINT_TO_POINTER (STRANGER_TO_CHILD), test_stranger);
  test_add_with ("/signals/stranger-with-group", GINT_TO_POINTER (STRANGER_TO_GROUP),
                 test_stranger);
  test_add_with ("/signals/stranger-with-outlived-group",
                 GINT_TO_POINTER (STRANGER_TO_OUTLIVED_GROUP), test_stranger);

  return g_test_run ();
}
