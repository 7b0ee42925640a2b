/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <process-glib/config.h>

/* Children that take their time between birth and program. What stands in for the
 * exec helper is a script, which does as its environment says before it becomes the
 * real one:
 *
 *   TEST_GATE     a FIFO: waits for a line of it, and says by a file that it does
 *   TEST_NO_ROOM  a folder: if it can be made, reports that the system had no room
 *   TEST_DIE      is killed before any report, and leaves a child that holds the pipe
 */
static const char helper_script[] =
  "#!/bin/sh\n"
  "if [ -n \"$TEST_DIE\" ]; then exec 3>&0; sleep 100 & echo $! >\"$TEST_DIE\"; kill -KILL $$; fi\n"
  "if [ -n \"$TEST_GATE\" ]; then : >\"$TEST_GATE.$$\"; read line <\"$TEST_GATE\"; fi\n"
  "if [ -n \"$TEST_NO_ROOM\" ] && mkdir \"$TEST_NO_ROOM\" 2>/dev/null; then\n"
  "  cat \"$TEST_REPORTS\" >&0\n"
  "  exit 127\n"
  "fi\n"
  "exec \"$TEST_HELPER\" \"$@\"\n";

/* Born, and then no EAGAIN for the program; see process-exec-steps-private.h. */
static const int reports[] = { 0, 1, 7, EAGAIN };

/* Longer than a start is watched by its end only. */
#define A_WHILE 20 /* milliseconds */

typedef struct
{
  TestFixture         *fixture;
  TestFifo            *gate;        /* (owned) */
  ProcessRunner       *runner;      /* (owned) */
  GPtrArray           *specs;       /* (owned) */
  GCancellable        *cancellable; /* (owned) */
  ProcessRunAllResult *all;         /* (owned) (nullable), of the run */
  guint                n_started;
  guint                n_finished;
} Late;

static void
late_clear (Late *self)
{
  test_fifo_free (self->gate);
  g_ptr_array_unref (self->specs);
  g_object_unref (self->cancellable);
  g_clear_object (&self->all);
  g_clear_object (&self->runner);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Late, late_clear)

static void
spec_started_cb (ProcessRunner *runner, ProcessRunSpec *spec, ProcessManagedProcess *process,
                 Late *self)
{
  g_assert_true (g_thread_self () == self->fixture->owner);
  self->n_started++;
}

static void
spec_finished_cb (ProcessRunner *runner, ProcessRunResult *result, Late *self)
{
  g_assert_true (g_thread_self () == self->fixture->owner);
  self->n_finished++;
}

static void
late_init (Late *self, TestFixture *fixture)
{
  self->fixture = fixture;
  self->gate = test_fifo_new_orders (fixture, "gate");
  self->runner = process_runner_new (fixture->service);
  self->specs = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self->runner, "spec-started", G_CALLBACK (spec_started_cb), self);
  g_signal_connect (self->runner, "spec-finished", G_CALLBACK (spec_finished_cb), self);
}

static ProcessRunSpec *
add_spec (Late *self, const char *name, const char *program, const char *variable,
          const char *value)
{
  const char *args[] = { "out", name, NULL };
  ProcessRunSpec *spec = process_run_spec_new (name, program, args);
  g_autofree char *entry = g_strdup_printf ("%s=%s", variable, value);
  const char *env[] = { entry, NULL };

  process_run_spec_set_env (spec, env);
  g_ptr_array_add (self->specs, spec);
  return spec;
}

static void
add_gated (Late *self, const char *name, const char *program)
{
  add_spec (self, name, program, "TEST_GATE", self->gate->path);
}

/* One that goes on until somebody ends it. */
static void
add_gated_sleeper (Late *self)
{
  add_gated (self, "late", "sleep");
  process_run_spec_set_args (self->specs->pdata[0], (const char *[]) { "100", NULL });
}

static guint
count_files (TestFixture *fixture, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, prefix);
  return n;
}

static guint
count_at_gate (Late *self)
{
  return count_files (self->fixture, "gate.");
}

static gboolean
set_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_for_a_while (void)
{
  gboolean over = FALSE;

  g_timeout_add (A_WHILE, set_cb, &over);
  test_run_until (over);
}

static void
run_done_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Late *self = data;
  g_autoptr (GError) error = NULL;

  self->all = process_runner_run_all_finish (PROCESS_RUNNER (object), result, &error);
  g_assert_no_error (error);
}

static void
begin_run (Late *self)
{
  process_runner_run_all_async (self->runner, (ProcessRunSpec **) self->specs->pdata,
                                self->specs->len, self->cancellable, run_done_cb, self);
}

static gpointer
run_thread (gpointer data)
{
  Late *self = data;
  g_autoptr (GError) error = NULL;
  ProcessRunAllResult *all =
    process_runner_run_all (self->runner, (ProcessRunSpec **) self->specs->pdata,
                            self->specs->len, self->cancellable, &error);

  g_assert_no_error (error);
  return all;
}

static ProcessRunResult *
get_result (Late *self, guint position)
{
  g_autoptr (ProcessRunResult) result = g_list_model_get_item (G_LIST_MODEL (self->all), position);

  return result; /* @all keeps it */
}

static void
assert_passed (Late *self)
{
  for (guint i = 0; i < self->specs->len; i++)
    {
      ProcessRunResult *result = get_result (self, i);

      g_assert_no_error (process_run_result_get_error (result));
      g_assert_cmpstr (process_run_result_get_output (result), ==,
                       process_run_result_get_name (result));
    }
}

/* The program runs long after the birth, and two run beside it. */
static void
test_success (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };

  late_init (&self, fixture);
  add_gated (&self, "late", test_get_child ());
  add_spec (&self, "other", test_get_child (), "NOTHING", "");
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1);
  run_for_a_while ();
  g_assert_null (self.all);
  test_fifo_send (self.gate);
  test_run_until (self.all != NULL);
  assert_passed (&self);
  g_assert_cmpuint (self.n_started, ==, 2);
}

/* Nobody runs the owner's loop, or it drives the service as well. */
static void
test_success_in_thread (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  GThread *thread;

  late_init (&self, fixture);
  add_gated (&self, "late", test_get_child ());
  add_gated (&self, "later", test_get_child ());
  thread = g_thread_new ("run", run_thread, &self);
  if (GPOINTER_TO_INT (data))
    {
      test_run_until (count_at_gate (&self) == 2);
      run_for_a_while ();
    }
  else
    test_look_until (count_at_gate (&self) == 2);
  test_fifo_send (self.gate);
  test_fifo_send (self.gate);
  if (GPOINTER_TO_INT (data))
    test_run_until (self.n_finished == 2);
  self.all = g_thread_join (thread);
  assert_passed (&self);
  test_run_until (self.n_finished == 2);
  g_assert_cmpuint (self.n_started, ==, 2);
}

static void
test_failure (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };

  late_init (&self, fixture);
  add_gated (&self, "late", "/nonexistent/program");
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1);
  run_for_a_while ();
  g_assert_null (self.all);
  test_fifo_send (self.gate);
  test_run_until (self.all != NULL);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_PROGRAM_NOT_FOUND);
  g_assert_cmpuint (self.n_started, ==, 0);
  g_assert_cmpuint (process_service_get_n_items (fixture->service), ==, 0);
}

/* The only child is neither here nor there. */
static void
test_cancel (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };

  late_init (&self, fixture);
  add_gated_sleeper (&self);
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1);
  g_cancellable_cancel (self.cancellable);
  if (GPOINTER_TO_INT (data))
    run_for_a_while ();
  g_assert_null (self.all);
  test_fifo_send (self.gate);
  test_run_until (self.all != NULL);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (process_service_get_n_running (fixture->service), ==, 0);
}

static void
test_cancel_in_thread (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  GThread *thread;

  late_init (&self, fixture);
  add_gated_sleeper (&self);
  thread = g_thread_new ("run", run_thread, &self);
  test_look_until (count_at_gate (&self) == 1);
  g_cancellable_cancel (self.cancellable);
  test_fifo_send (self.gate);
  self.all = g_thread_join (thread);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), G_IO_ERROR,
                  G_IO_ERROR_CANCELLED);
  test_run_until (self.n_finished == 1);
}

/* Opens the gate as soon as nothing can be started any more. */
static gpointer
open_thread (gpointer data)
{
  Late *self = data;
  ProcessManagedProcess *process;

  while ((process = process_service_start (self->fixture->service, "true", NULL, NULL, NULL)) !=
         NULL)
    g_object_unref (process);
  test_fifo_send (self->gate);
  return NULL;
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (process_service_get_n_running (PROCESS_SERVICE (object)), ==, 0);
  *(gboolean *) data = TRUE;
}

static gpointer
shutdown_thread (gpointer data)
{
  Late *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (process_service_shutdown (self->fixture->service, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (process_service_get_n_running (self->fixture->service), ==, 0);
  return NULL;
}

typedef enum
{
  SHUTDOWN_ASYNC,
  SHUTDOWN_OWNER,
  SHUTDOWN_THREAD,
} ShutdownWay;

static void
test_shutdown (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  ShutdownWay way = GPOINTER_TO_INT (data);
  gboolean done = way != SHUTDOWN_ASYNC;
  GThread *opener, *other = NULL;

  late_init (&self, fixture);
  add_gated_sleeper (&self);
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1);
  if (way == SHUTDOWN_ASYNC)
    process_service_shutdown_async (fixture->service, 0, NULL, shut_down_cb, &done);
  else if (way == SHUTDOWN_THREAD)
    other = g_thread_new ("shutdown", shutdown_thread, &self);
  opener = g_thread_new ("open", open_thread, &self);
  if (way == SHUTDOWN_OWNER)
    shutdown_thread (&self);
  test_run_until (self.all != NULL && done);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_KILLED);
  g_thread_join (opener);
  if (other != NULL)
    g_thread_join (other);
}

/* The service is replaced by one in a context of its own. */
static GMainContext *
move_service (TestFixture *fixture)
{
  GMainContext *context = g_main_context_new ();

  g_assert_finalize_object (g_steal_pointer (&fixture->service));
  g_main_context_push_thread_default (context);
  fixture->service = process_service_new ();
  g_main_context_pop_thread_default (context);
  return context;
}

static gpointer
drop_context_thread (gpointer data)
{
  g_main_context_unref (data);
  return NULL;
}

/* The service's context goes: who lets it go waits for the program. */
static void
test_orphan (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  GMainContext *context = move_service (fixture);
  GThread *thread;

  late_init (&self, fixture);
  add_gated (&self, "late", test_get_child ());
  begin_run (&self);
  test_look_until (count_at_gate (&self) == 1);
  thread = g_thread_new ("drop", drop_context_thread, context);
  if (GPOINTER_TO_INT (data))
    run_for_a_while ();
  test_fifo_send (self.gate);
  g_thread_join (thread);
  test_run_until (self.all != NULL);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), G_IO_ERROR,
                  G_IO_ERROR_CLOSED);
}

/* The same, while the run is waited for in a third thread. */
static void
test_orphan_in_thread (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  GMainContext *context = move_service (fixture);
  GThread *runner, *dropper;

  late_init (&self, fixture);
  add_gated_sleeper (&self);
  runner = g_thread_new ("run", run_thread, &self);
  test_look_until (count_at_gate (&self) == 1);
  dropper = g_thread_new ("drop", drop_context_thread, context);
  test_fifo_send (self.gate);
  g_thread_join (dropper);
  self.all = g_thread_join (runner);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), G_IO_ERROR,
                  G_IO_ERROR_CLOSED);
  process_managed_process_kill (process_run_result_get_process (get_result (&self, 0)), NULL);
}

/* The service is disposed of by force. */
static void
test_dispose (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };

  late_init (&self, fixture);
  add_gated_sleeper (&self);
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1);
  g_object_run_dispose (G_OBJECT (fixture->service));
  test_fifo_send (self.gate);
  test_run_until (self.all != NULL);
  g_assert_error (process_run_result_get_error (get_result (&self, 0)), PROCESS_ERROR,
                  PROCESS_ERROR_KILLED);
}

/* More than one child is told late that there is no room, while another one is
 * still on its way: each of them is tried again. */
static void
test_shortage (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  const guint n = 5;

  late_init (&self, fixture);
  add_gated (&self, "late", test_get_child ());
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("no-room-%u", i);
      g_autofree char *folder = test_path (fixture, name);

      add_spec (&self, name, test_get_child (), "TEST_NO_ROOM", folder);
    }
  begin_run (&self);
  test_run_until (count_at_gate (&self) == 1 && count_files (fixture, "no-room") > 0);
  run_for_a_while ();
  test_fifo_send (self.gate);
  test_run_until (self.all != NULL);
  assert_passed (&self);
}

static void
kill_holder (const char *path)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (kill (atoi (text), SIGKILL), ==, 0);
}

/* Nobody waits for a report that cannot come, even if a stranger holds the pipe. */
static void
test_killed_at_birth (TestFixture *fixture, gconstpointer data)
{
  g_auto (Late) self = { 0 };
  g_autofree char *path = test_path (fixture, "holder");
  const GError *error;

  late_init (&self, fixture);
  if (!test_needs_pidfds ())
    return;
  add_spec (&self, "killed", test_get_child (), "TEST_DIE", path);
  begin_run (&self);
  test_run_until (self.all != NULL);
  error = process_run_result_get_error (get_result (&self, 0));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  kill_holder (path);
}

static void
test_killed_at_birth_in_start (TestFixture *fixture, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("exit", "0", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = test_path (fixture, "holder");
  g_autofree char *entry = g_strdup_printf ("TEST_DIE=%s", path);

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_env (options, (const char *[]) { entry, NULL });
  g_assert_null (process_service_start_with_options (fixture->service, options, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  kill_holder (path);
}

static char *
write_helper (const char *folder)
{
  char *path = g_build_filename (folder, "helper", NULL);

  test_write_file (path, helper_script, 0700);
  return path;
}

static char *
write_reports (const char *folder)
{
  char *path = g_build_filename (folder, "reports", NULL);

  g_assert_true (g_file_set_contents (path, (const char *) reports, sizeof reports, NULL));
  return path;
}

#define ADD(path, data, func) test_add_with ("/late/" path, GINT_TO_POINTER (data), func)

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("process-glib-test-XXXXXX", NULL);
  g_autofree char *helper = write_helper (folder);
  g_autofree char *failed = write_reports (folder);
  int answer;

  g_setenv ("PROCESS_GLIB_EXEC", helper, TRUE);
  g_setenv ("TEST_REPORTS", failed, TRUE);
  g_setenv ("TEST_HELPER", argc > 1 && argv[argc - 1][0] == '/' ? argv[argc - 1] : EXEC_HELPER,
            TRUE);
  test_init (&argc, &argv);
  ADD ("success", 0, test_success);
  ADD ("success-in-thread", FALSE, test_success_in_thread);
  ADD ("success-in-thread-with-loop", TRUE, test_success_in_thread);
  ADD ("failure", 0, test_failure);
  ADD ("cancel", FALSE, test_cancel);
  ADD ("cancel-after-a-while", TRUE, test_cancel);
  ADD ("cancel-in-thread", 0, test_cancel_in_thread);
  ADD ("shutdown-async", SHUTDOWN_ASYNC, test_shutdown);
  ADD ("shutdown-in-owner", SHUTDOWN_OWNER, test_shutdown);
  ADD ("shutdown-in-thread", SHUTDOWN_THREAD, test_shutdown);
  ADD ("orphan", FALSE, test_orphan);
  ADD ("orphan-after-a-while", TRUE, test_orphan);
  ADD ("orphan-in-thread", 0, test_orphan_in_thread);
  ADD ("dispose", 0, test_dispose);
  ADD ("shortage", 0, test_shortage);
  ADD ("killed-at-birth", 0, test_killed_at_birth);
  ADD ("killed-at-birth/start", 0, test_killed_at_birth_in_start);
  answer = g_test_run ();
  g_unlink (helper);
  g_unlink (failed);
  g_rmdir (folder);
  return answer;
}
