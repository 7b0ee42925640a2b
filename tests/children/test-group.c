/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Children with descendants: who is ended with them, and who lives on. */

#include "test-util.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Later than a survivor has been silent for long enough. */
#define SOON (300 * G_TIME_SPAN_MILLISECOND)
#define LATE (30 * G_TIME_SPAN_SECOND)
/* Long enough for a child to come to itself on a busy machine. */
#define TIMEOUT (G_TIME_SPAN_SECOND + G_TIME_SPAN_SECOND / 2)

/* In the library, too: a child that GLib has reaped has no identifier any more. */
static gboolean is_reaped_at_once;

const char *
g_subprocess_get_identifier (GSubprocess *subprocess)
{
  const char *(*original) (GSubprocess *) = dlsym (RTLD_NEXT, "g_subprocess_get_identifier");

  if (!is_reaped_at_once)
    return original (subprocess);
  is_reaped_at_once = FALSE;
  test_look_until (original (subprocess) == NULL);
  return NULL;
}

typedef struct
{
  TestFixture  base;
  TestFifo    *member; /* (owned), held by a descendant, which tells there what it does */
  TestFifo    *leader; /* (owned) */
  TestFifo    *orders; /* (owned), for the descendant */
} GroupFixture;

static void
set_up (GroupFixture *self, gconstpointer data)
{
  test_set_up (&self->base, data);
  self->member = test_fifo_new (&self->base, "member");
  self->leader = test_fifo_new (&self->base, "leader");
  self->orders = test_fifo_new_orders (&self->base, "orders");
}

static void
tear_down (GroupFixture *self, gconstpointer data)
{
  /* None is left: they were ended, or told to end. */
  test_run_until (test_fifo_has_ended (self->member));
  test_fifo_free (self->member);
  test_fifo_free (self->leader);
  test_fifo_free (self->orders);
  test_tear_down (&self->base, data);
}

typedef enum
{
  HOW_KILL,
  HOW_SHUTDOWN,
  HOW_SHUTDOWN_ASYNC,
  HOW_TIMEOUT,
  HOW_CANCEL,
  HOW_SERVICE_SHUTDOWN,
  HOW_SERVICE_SHUTDOWN_ASYNC,
  HOW_DISPOSE,
} How;

static void
shutdown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (PROCESS_IS_SERVICE (object))
    process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error);
  else
    process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
end_process (GroupFixture *self, ProcessManagedProcess *process, How how,
             GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  switch (how)
    {
    case HOW_KILL:
      process_managed_process_kill (process, &error);
      break;
    case HOW_SHUTDOWN:
      process_managed_process_shutdown (process, NULL, &error);
      break;
    case HOW_SHUTDOWN_ASYNC:
      process_managed_process_shutdown_async (process, NULL, shutdown_cb, &done);
      test_run_until (done);
      break;
    case HOW_TIMEOUT:
      break;
    case HOW_CANCEL:
      g_cancellable_cancel (cancellable);
      break;
    case HOW_SERVICE_SHUTDOWN:
      process_service_shutdown (self->base.service, SOON, NULL, &error);
      break;
    case HOW_SERVICE_SHUTDOWN_ASYNC:
      process_service_shutdown_async (self->base.service, SOON, NULL, shutdown_cb, &done);
      test_run_until (done);
      break;
    case HOW_DISPOSE:
      g_object_run_dispose (G_OBJECT (self->base.service));
      break;
    default:
      g_assert_not_reached ();
    }
  g_assert_no_error (error);
}

static gboolean
waits_for_the_group (How how)
{
  return how == HOW_SHUTDOWN || how == HOW_SHUTDOWN_ASYNC || how == HOW_SERVICE_SHUTDOWN ||
         how == HOW_SERVICE_SHUTDOWN_ASYNC;
}

/* A leader that SIGTERM ends, and a member that it does not. */
static ProcessRunOptions *
make_group (GroupFixture *self)
{
  ProcessRunOptions *options =
    test_options ("fork", "{", "note", "TERM", self->member->path, "hold", self->member->path,
                  "pause", "}", "tell", self->leader->path, "ready", "pause", NULL);

  process_run_options_set_kill_group (options, TRUE);
  return options;
}

static ProcessManagedProcess *
start_group (GroupFixture *self, How how, GCancellable *cancellable)
{
  g_autoptr (ProcessRunOptions) options = make_group (self);

  process_run_options_set_grace_period (options, how == HOW_KILL ? 0 : SOON);
  if (how == HOW_TIMEOUT)
    process_run_options_set_timeout (options, TIMEOUT);
  return test_start_with (&self->base, options, cancellable);
}

/* The leader is gone at the stop signal; the member has the grace period, then
 * it gets SIGKILL. What waits for the end waits for that. */
static void
test_members_that_outlive (GroupFixture *self, gconstpointer data)
{
  How how = (How) GPOINTER_TO_INT (data);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  gint64 before;

  if (!test_needs_pidfds ())
    return;
  process = start_group (self, how, cancellable);
  test_fifo_expect (self->member, "held");
  test_fifo_expect (self->leader, "ready");
  before = g_get_monotonic_time ();
  end_process (self, process, how, cancellable);
  if (waits_for_the_group (how))
    g_assert_true (test_fifo_has_ended (self->member));
  error = test_finish (process);
  g_assert_nonnull (error);
  test_run_until (test_fifo_has_ended (self->member));

  if (how == HOW_KILL || how == HOW_DISPOSE)
    g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  else
    {
      g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGTERM);
      test_fifo_expect (self->member, "note 15");
      if (how != HOW_TIMEOUT)
        g_assert_cmpint (g_get_monotonic_time () - before, >=, SOON);
    }
}

typedef enum
{
  RUN_BLOCKING,
  RUN_THREAD,
  RUN_ASYNC,
  RUN_SPEC,
} Run;

typedef struct
{
  ProcessService    *service;
  ProcessRunOptions *options;
  GError            *error; /* (owned) */
} ThreadRun;

static gpointer
run_thread (gpointer data)
{
  ThreadRun *run = data;

  g_assert_null (process_service_run_with_options (run->service, run->options, NULL, &run->error));
  return NULL;
}

/* The owner does nothing meanwhile. */
static GError *
run_in_thread (ProcessService *service, ProcessRunOptions *options)
{
  ThreadRun run = { service, options, NULL };

  g_thread_join (g_thread_new ("run", run_thread, &run));
  return run.error;
}

static void
run_cb (GObject *object, GAsyncResult *result, gpointer error)
{
  g_assert_null (process_service_run_with_options_finish (PROCESS_SERVICE (object), result, error));
}

static GError *
run_spec (ProcessService *service, ProcessRunOptions *options)
{
  g_autoptr (ProcessRunSpec) spec = process_run_spec_new (
    "group", process_run_options_get_command (options), process_run_options_get_args (options));
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (ProcessRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  process_run_spec_set_timeout (spec, TIMEOUT);
  process_run_spec_set_grace_period (spec, SOON);
  all = process_runner_run_all (runner, &spec, 1, NULL, &error);
  g_assert_no_error (error);
  result = g_list_model_get_item (G_LIST_MODEL (all), 0);
  return g_error_copy (process_run_result_get_error (result));
}

/* Who only runs a program has nothing to wait for the rest of its group with. */
static void
test_run_waits_for_the_group (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = make_group (self);
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_grace_period (options, SOON);
  process_run_options_set_timeout (options, TIMEOUT);
  switch ((Run) GPOINTER_TO_INT (data))
    {
    case RUN_BLOCKING:
      g_assert_null (process_service_run_with_options (self->base.service, options, NULL, &error));
      break;
    case RUN_THREAD:
      error = run_in_thread (self->base.service, options);
      break;
    case RUN_ASYNC:
      process_service_run_with_options_async (self->base.service, options, NULL, run_cb, &error);
      test_run_until (error != NULL);
      break;
    case RUN_SPEC:
    default:
      error = run_spec (self->base.service, options);
    }
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  test_fifo_expect (self->member, "held");
  test_fifo_expect (self->member, "note 15");
  g_assert_true (test_fifo_has_ended (self->member));
}

/* One that is shut down with the service is told to hurry, though its leader is gone. */
static void
test_shutdown_of_what_is_left (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = make_group (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) end = NULL;
  gint64 before;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_grace_period (options, LATE);
  process = test_start_with (&self->base, options, cancellable);
  test_fifo_expect (self->member, "held");
  g_cancellable_cancel (cancellable);
  end = test_finish (process);
  g_assert_error (end, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  before = g_get_monotonic_time ();
  g_assert_true (process_service_shutdown (self->base.service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - before, <, LATE / 2);
  test_fifo_expect (self->member, "note 15");
  g_assert_true (test_fifo_has_ended (self->member));
}

/* A spec leaves the list by itself, and nobody else has to make room for it. */
static void
test_history_beside_a_group (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = make_group (self);
  g_autoptr (ProcessRunOptions) other = test_options ("exit", "0", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;

  if (!test_needs_pidfds ())
    return;
  process = test_start_with (&self->base, other, NULL);
  process_service_set_max_history (self->base.service, 1);
  test_finish_well (process);
  error = run_spec (self->base.service, options);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  test_fifo_expect (self->member, "held");
  test_fifo_expect (self->member, "note 15");
  list = process_service_list (self->base.service);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_true (list->pdata[0] == process);
}

/* Nobody holds the process any more when the leader has gone, not even its
 * output. */
static void
test_members_of_the_forgotten (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "close", "1", "close", "2", "note", "TERM", self->member->path,
                  "hold", self->member->path, "pause", "}", "tell", self->leader->path, "ready",
                  "pause", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ProcessManagedProcess *process = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, SOON);
  process = test_start_with (&self->base, options, cancellable);
  test_fifo_expect (self->member, "held");
  test_fifo_expect (self->leader, "ready");
  test_log_service (&self->base);
  g_cancellable_cancel (cancellable);
  g_object_unref (process);
  process_service_set_max_history (self->base.service, 1);
  test_run_until (test_count_log (&self->base, "service exited -1") == 1);
  process_service_clear (self->base.service);
  g_assert_finalize_object (g_steal_pointer (&self->base.service));
  test_fifo_expect (self->member, "note 15");
  test_run_until (test_fifo_has_ended (self->member));
  test_run_until (g_atomic_int_get (&self->base.n_alive) == 0);
}

/* Members that do as they are told need not wait for the end of the grace. */
static void
test_members_that_obey (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "catch", "TERM", "0", "hold", self->member->path, "pause", "}",
                  "tell", self->leader->path, "ready", "catch", "TERM", "0", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  gint64 before;

  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, LATE);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  test_fifo_expect (self->leader, "ready");
  before = g_get_monotonic_time ();
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (test_fifo_has_ended (self->member));
  g_assert_cmpint (g_get_monotonic_time () - before, <, LATE);
}

/* A stopped member is woken, or killed. */
static void
test_stopped_member (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "catch", "TERM", "0", "hold", self->member->path, "die", "STOP",
                  "pause", "}", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, GPOINTER_TO_INT (data) ? LATE : 0);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (test_fifo_has_ended (self->member));
}

/* The leader ended by itself. The member is left in peace until somebody asks. */
static void
test_kill_what_is_left (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->member->path, "await", self->orders->path, "tell",
                  self->member->path, "alive", "pause", "}", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process = test_start_with (&self->base, options, NULL);
  error = test_finish (process);
  g_assert_no_error (error);
  test_fifo_expect (self->member, "held");
  test_fifo_send (self->orders);
  test_fifo_expect (self->member, "alive");
  g_assert_false (test_fifo_has_ended (self->member));

  if (GPOINTER_TO_INT (data) == HOW_KILL)
    process_managed_process_kill (process, &error);
  else
    process_managed_process_shutdown (process, NULL, &error);
  g_assert_no_error (error);
  test_run_until (test_fifo_has_ended (self->member));
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 0);
}

/* The same where the child was gone before anything could be learnt about it. */
static void
test_kill_what_the_hasty_left (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->member->path, "pause", "}", "tell",
                  self->leader->path, "ready", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  is_reaped_at_once = TRUE;
  process = test_start_with (&self->base, options, NULL);
  g_assert_false (is_reaped_at_once);
  test_fifo_expect (self->member, "held");
  test_finish_well (process);
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (test_fifo_has_ended (self->member));
}

/* It exited, which nobody has seen yet: that is why it ended, not the kill. */
static void
test_kill_before_it_is_seen (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->member->path, "pause", "}", "await",
                  self->orders->path, "exit", "7", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  test_fifo_send (self->orders);
  test_look_until (test_is_dead (process_managed_process_get_pid (process)));
  process_managed_process_kill (process, &error);
  g_assert_no_error (error);
  test_run_until (test_fifo_has_ended (self->member));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 7);
}

/* A timeout is for the leader: when that has ended, it has no effect any more. */
static void
test_timeout_after_the_end (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->member->path, "await", self->orders->path, "tell",
                  self->member->path, "alive", "}", "exit", "0", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  gint64 before = g_get_monotonic_time ();

  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_timeout (options, TIMEOUT);
  process = test_start_with (&self->base, options, NULL);
  test_finish_well (process);
  test_fifo_expect (self->member, "held");
  test_run_until (g_get_monotonic_time () > before + TIMEOUT + SOON);
  test_fifo_send (self->orders);
  test_fifo_expect (self->member, "alive");
}

/* Those that are in no group with it are never reached. */
static void
test_others_live_on (GroupFixture *self, gconstpointer data)
{
  const char *leave = data;
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", leave, "hold", self->member->path, "await", self->orders->path,
                  "tell", self->member->path, "alive", "}", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_kill_group (options, !g_str_equal (leave, "stay"));
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  g_assert_true (process_managed_process_shutdown (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
  test_fifo_send (self->orders);
  test_fifo_expect (self->member, "alive");
}

/* A detached process is not ended with what it was started from. */
static void
test_detached_lives_on (GroupFixture *self, gconstpointer data)
{
  How how = (How) GPOINTER_TO_INT (data);
  g_autoptr (ProcessRunOptions) options =
    test_options ("hold", self->member->path, "await", self->orders->path, "tell",
                  self->member->path, "alive", "exit", "5", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_detach (options, TRUE);
  process = test_start_with (&self->base, options, cancellable);
  test_log_process (&self->base, process);
  test_fifo_expect (self->member, "held");
  end_process (self, process, how, cancellable);
  g_assert_true (process_managed_process_is_running (process));
  test_fifo_send (self->orders);
  test_fifo_expect (self->member, "alive");
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==,
                   PROCESS_EXIT_REASON_EXITED);
  test_assert_log (&self->base, "started", "exited 5");
}

/* But it is when it is meant. */
static void
test_detached_ends (GroupFixture *self, gconstpointer data)
{
  How how = (How) GPOINTER_TO_INT (data);
  g_autoptr (ProcessRunOptions) options = test_options ("hold", self->member->path, "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_detach (options, TRUE);
  if (how == HOW_TIMEOUT)
    process_run_options_set_timeout (options, TIMEOUT);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  end_process (self, process, how, NULL);
  error = test_finish (process);
  g_assert_nonnull (error);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGKILL);
}

static void
test_detached_group (GroupFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options =
    test_options ("fork", "{", "hold", self->member->path, "pause", "}", "pause", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_detach (options, TRUE);
  process_run_options_set_kill_group (options, TRUE);
  process = test_start_with (&self->base, options, NULL);
  test_fifo_expect (self->member, "held");
  process_managed_process_kill (process, &error);
  g_assert_no_error (error);
  test_run_until (test_fifo_has_ended (self->member));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

/* A program between this one and a child, which is killed and cannot clean up. */
static void G_GNUC_NORETURN
be_middle (const char *child, const char *tie, const char *member, const char *orders)
{
  const char *args[] = { "hold", member, "await", orders, "tell", member, "alive", NULL };
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = process_run_options_new (child, args);
  g_autoptr (ProcessManagedProcess) process = NULL;

  alarm (100);
  process_run_options_set_die_with_parent (options, g_str_equal (tie, "tied"));
  process = process_service_start_with_options (service, options, NULL, NULL);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_die_with_parent (GroupFixture *self, gconstpointer data)
{
  gboolean tied = GPOINTER_TO_INT (data);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  const char *args[] = { "--middle", test_get_child (), tied ? "tied" : "free",
                         self->member->path, self->orders->path, NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (program, args);
  g_autoptr (ProcessManagedProcess) middle = test_start_with (&self->base, options, NULL);
  g_autoptr (GError) error = NULL;

  test_fifo_expect (self->member, "held");
  process_managed_process_kill (middle, &error);
  g_assert_no_error (error);
  error = test_finish (middle);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  if (!tied)
    {
      test_fifo_send (self->orders);
      test_fifo_expect (self->member, "alive");
    }
  test_run_until (test_fifo_has_ended (self->member));
}

typedef struct
{
  GroupFixture          *fixture;
  ProcessManagedProcess *process;
  int                    thread;
} Start;

static gpointer
start_tied_thread (gpointer data)
{
  Start *start = data;
  GroupFixture *self = start->fixture;
  g_autoptr (ProcessRunOptions) options =
    test_options ("hold", self->member->path, "await", self->orders->path, "tell",
                  self->member->path, "alive", NULL);

  process_run_options_set_die_with_parent (options, TRUE);
  start->process = test_start_with (&self->base, options, NULL);
  start->thread = (int) syscall (SYS_gettid);
  return NULL;
}

/* The end of the thread that started a child is not the end of its parent. */
static void
test_start_thread_ends (GroupFixture *self, gconstpointer data)
{
  Start start = { self, NULL, 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_thread_join (g_thread_new ("start", start_tied_thread, &start));
  path = g_strdup_printf ("/proc/self/task/%d", start.thread);
  test_look_until (!g_file_test (path, G_FILE_TEST_EXISTS));
  test_fifo_expect (self->member, "held");
  test_fifo_send (self->orders);
  test_fifo_expect (self->member, "alive");
  error = test_finish (start.process);
  g_assert_no_error (error);
  g_object_unref (start.process);
}

#define add(path, data, func) \
  g_test_add ("/group/" path, GroupFixture, data, set_up, func, tear_down)
#define add_how(path, how, func) add (path, GINT_TO_POINTER (how), func)

int
main (int argc, char **argv)
{
  if (argc == 6 && g_str_equal (argv[1], "--middle"))
    be_middle (argv[2], argv[3], argv[4], argv[5]);
  test_init (&argc, &argv);

  add_how ("outlive-kill", HOW_KILL, test_members_that_outlive);
  add_how ("outlive-shutdown", HOW_SHUTDOWN, test_members_that_outlive);
  add_how ("outlive-shutdown-async", HOW_SHUTDOWN_ASYNC, test_members_that_outlive);
  add_how ("outlive-timeout", HOW_TIMEOUT, test_members_that_outlive);
  add_how ("outlive-cancel", HOW_CANCEL, test_members_that_outlive);
  add_how ("outlive-service", HOW_SERVICE_SHUTDOWN, test_members_that_outlive);
  add_how ("outlive-service-async", HOW_SERVICE_SHUTDOWN_ASYNC, test_members_that_outlive);
  add_how ("outlive-dispose", HOW_DISPOSE, test_members_that_outlive);
  add ("run", GINT_TO_POINTER (RUN_BLOCKING), test_run_waits_for_the_group);
  add ("run-thread", GINT_TO_POINTER (RUN_THREAD), test_run_waits_for_the_group);
  add ("run-async", GINT_TO_POINTER (RUN_ASYNC), test_run_waits_for_the_group);
  add ("run-spec", GINT_TO_POINTER (RUN_SPEC), test_run_waits_for_the_group);
  add ("shutdown-of-what-is-left", NULL, test_shutdown_of_what_is_left);
  add ("history", NULL, test_history_beside_a_group);
  add ("forgotten", NULL, test_members_of_the_forgotten);
  add ("obey", NULL, test_members_that_obey);
  add ("stopped-member", GINT_TO_POINTER (FALSE), test_stopped_member);
  add ("stopped-member-with-grace", GINT_TO_POINTER (TRUE), test_stopped_member);
  add_how ("left-kill", HOW_KILL, test_kill_what_is_left);
  add_how ("left-shutdown", HOW_SHUTDOWN, test_kill_what_is_left);
  add ("kill-what-the-hasty-left", NULL, test_kill_what_the_hasty_left);
  add ("kill-before-it-is-seen", NULL, test_kill_before_it_is_seen);
  add ("timeout-after-the-end", NULL, test_timeout_after_the_end);
  add ("others-in-own-session", "setsid", test_others_live_on);
  add ("others-in-own-group", "setpgid", test_others_live_on);
  add ("others-without-kill-group", "stay", test_others_live_on);
  add_how ("detached-cancel", HOW_CANCEL, test_detached_lives_on);
  add_how ("detached-service", HOW_SERVICE_SHUTDOWN, test_detached_lives_on);
  add_how ("detached-service-async", HOW_SERVICE_SHUTDOWN_ASYNC, test_detached_lives_on);
  add_how ("detached-dispose", HOW_DISPOSE, test_detached_lives_on);
  add_how ("detached-kill", HOW_KILL, test_detached_ends);
  add_how ("detached-shutdown", HOW_SHUTDOWN, test_detached_ends);
  add_how ("detached-timeout", HOW_TIMEOUT, test_detached_ends);
  add ("detached-group", NULL, test_detached_group);
  add ("die-with-parent", GINT_TO_POINTER (TRUE), test_die_with_parent);
  add ("outlive-parent", GINT_TO_POINTER (FALSE), test_die_with_parent);
  add ("start-thread-ends", NULL, test_start_thread_ends);

  return g_test_run ();
}
