/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How a daemon runs and stops, and who may ask for it. */

#include "daemon-util.h"

static void
assert_cannot_run (ProcessDaemon *daemon,
                   int            code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_daemon_run (daemon, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, code);
}

typedef void (*LaterFunc) (gpointer user_data);

typedef struct
{
  LaterFunc func;
  gpointer  user_data;
} Later;

static gboolean
later_cb (gpointer user_data)
{
  Later *later = user_data;

  later->func (later->user_data);

  return G_SOURCE_REMOVE;
}

/* In a handler of the main context, when nothing else is to be done there. */
static void
call_later (LaterFunc func,
            gpointer  user_data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Later *later = g_new (Later, 1);

  *later = (Later) { func, user_data };
  g_source_set_callback (source, later_cb, later, g_free);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
test_not_running (TestFixture   *fixture,
                  gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 };

  assert_cannot_run (daemon, PROCESS_ERROR_NOT_RUNNING);
  g_cancellable_cancel (cancellable);
  process_daemon_run_async (daemon, cancellable, ran_cb, &outcome);
  g_assert_false (outcome.done);
  test_run_until (outcome.done);
  g_assert_error (outcome.error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_clear_error (&outcome.error);

  start_well (daemon);
  stop_well (daemon);
  assert_cannot_run (daemon, PROCESS_ERROR_NOT_RUNNING);
}

static void
test_cancelled (TestFixture   *fixture,
                gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  start_well (daemon);
  run_well (daemon, cancellable);
  assert_nothing_left (daemon);

  g_cancellable_reset (cancellable);
  start_well (daemon);
  call_later ((LaterFunc) g_cancellable_cancel, cancellable);
  run_well (daemon, cancellable);
  assert_nothing_left (daemon);
}

static void
test_cancelled_async (TestFixture   *fixture,
                      gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 };

  start_well (daemon);
  process_daemon_run_async (daemon, cancellable, ran_cb, &outcome);
  assert_answer (daemon, "/ready", "200", "ready\n");
  g_assert_false (outcome.done);
  g_assert_true (process_daemon_get_running (daemon));
  g_cancellable_cancel (cancellable);
  test_run_until (outcome.done);
  g_assert_no_error (outcome.error);
  g_assert_false (process_daemon_get_running (daemon));
  assert_nothing_left (daemon);
}

static void
stop_in_handler (gpointer user_data)
{
  stop_well (user_data);
}

static void
begin_stop (gpointer user_data)
{
  process_daemon_stop_async (user_data, NULL, NULL, NULL);
}

static void
assert_other_run_fails (gpointer user_data)
{
  assert_cannot_run (user_data, PROCESS_ERROR_ALREADY_RUNNING);
  g_assert_true (process_daemon_get_running (user_data));
}

/* A run ends whoever stops the daemon, and one is enough. */
static void
test_stopped_meanwhile (TestFixture   *fixture,
                        gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);

  start_well (daemon);
  call_later (begin_stop, daemon);
  run_well (daemon, NULL);

  start_well (daemon);
  call_later (assert_other_run_fails, daemon);
  call_later (stop_in_handler, daemon);
  run_well (daemon, NULL);

  /* One that comes when it is being stopped already waits for that. */
  start_well (daemon);
  begin_stop (daemon);
  run_well (daemon, NULL);
  assert_nothing_left (daemon);
}

typedef struct
{
  ProcessDaemon *daemon;
  GCancellable  *cancellable;
  gboolean       done;
} Nested;

static void
run_in_handler (gpointer user_data)
{
  Nested *nested = user_data;

  call_later ((LaterFunc) g_cancellable_cancel, nested->cancellable);
  start_well (nested->daemon);
  run_well (nested->daemon, nested->cancellable);
  nested->done = TRUE;
}

/* Within a handler of a main loop that runs already. */
static void
test_nested (TestFixture   *fixture,
             gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessDaemon) other = new_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Nested nested = { daemon, cancellable, FALSE };

  call_later (run_in_handler, &nested);
  test_run_until (nested.done);
  assert_nothing_left (daemon);

  /* And one run within another. */
  nested.done = FALSE;
  g_cancellable_reset (cancellable);
  start_well (other);
  call_later (run_in_handler, &nested);
  call_later (begin_stop, other);
  run_well (other, NULL);
  g_assert_true (nested.done);
}

static void
test_stop_async (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  Outcome outcomes[3] = { 0 };

  start_well (daemon);
  g_ptr_array_set_size (fixture->log, 0);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    process_daemon_stop_async (daemon, NULL, stopped_cb, &outcomes[i]);
  g_assert_false (outcomes[0].done);
  g_assert_true (process_daemon_get_running (daemon));
  g_assert_false (process_daemon_get_ready (daemon));
  test_assert_log (fixture, "ready 0");

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      test_run_until (outcomes[i].done);
      g_assert_no_error (outcomes[i].error);
    }
  g_assert_cmpuint (test_count_log (fixture, "running 0"), ==, 1);
  assert_nothing_left (daemon);

  outcomes[0].done = FALSE;
  process_daemon_stop_async (daemon, NULL, stopped_cb, &outcomes[0]);
  test_run_until (outcomes[0].done);
  g_assert_no_error (outcomes[0].error);
}

/* Who asked before gets an answer, and the stop waits for that. */
static void
test_slow_check (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GTask) task = NULL;
  Outcome outcome = { 0 };
  Ask *ask = NULL;

  process_daemon_add_async_health_check (daemon, "slow", keep_task_cb, 0, &task, NULL, NULL);
  start_well (daemon);
  ask = ask_begin (process_daemon_get_health_address (daemon), "/health");
  test_run_until (task != NULL);
  process_daemon_stop_async (daemon, NULL, stopped_cb, &outcome);
  test_run_until (!g_main_context_pending (NULL));
  g_assert_false (outcome.done);
  g_assert_true (g_file_test (process_daemon_get_pid_file (daemon), G_FILE_TEST_EXISTS));

  g_task_return_boolean (task, TRUE);
  ask_expect (ask, "200", "ok\n");
  test_run_until (outcome.done);
  g_assert_no_error (outcome.error);
  assert_nothing_left (daemon);
}

/* Only the call is cancelled. */
static void
test_stop_cancelled (TestFixture   *fixture,
                     gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = NULL;
  Outcome cancelled = { 0 };
  Outcome stopped = { 0 };
  Ask *ask = NULL;

  process_daemon_add_async_health_check (daemon, "slow", keep_task_cb, 0, &task, NULL, NULL);
  start_well (daemon);
  ask = ask_begin (process_daemon_get_health_address (daemon), "/health");
  test_run_until (task != NULL);
  process_daemon_stop_async (daemon, cancellable, stopped_cb, &cancelled);
  process_daemon_stop_async (daemon, NULL, stopped_cb, &stopped);
  g_cancellable_cancel (cancellable);
  test_run_until (cancelled.done);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&cancelled.error);
  g_assert_true (process_daemon_get_running (daemon));

  /* Started again before it has stopped is not possible. */
  g_assert_false (process_daemon_start (daemon, &cancelled.error));
  g_assert_error (cancelled.error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  g_clear_error (&cancelled.error);

  g_task_return_boolean (task, TRUE);
  ask_expect (ask, "200", "ok\n");
  test_run_until (stopped.done);
  g_assert_no_error (stopped.error);
}

/* The rest is done all the same, and everybody is told. */
static void
test_stop_times_out (TestFixture   *fixture,
                     gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Outcome ran = { 0 };
  Ask *ask = NULL;

  process_daemon_set_shutdown_timeout (daemon, 1000);
  process_daemon_add_async_health_check (daemon, "slow", keep_task_cb, 0, &task, NULL, NULL);
  start_well (daemon);
  process_daemon_run_async (daemon, NULL, ran_cb, &ran);
  ask = ask_begin (process_daemon_get_health_address (daemon), "/health");
  test_run_until (task != NULL);

  g_assert_false (process_daemon_stop (daemon, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  test_run_until (ran.done);
  g_assert_error (ran.error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  g_clear_error (&ran.error);
  g_assert_false (process_daemon_get_running (daemon));
  assert_nothing_left (daemon);
  g_assert_null (ask_end (ask));

  g_task_return_boolean (task, TRUE);
  test_run_until (!g_main_context_pending (NULL));
  start_well (daemon);
  stop_well (daemon);
}

/* Makes a path that leads nowhere of a folder, and back. */
static void
spoil (const char *folder)
{
  g_autofree char *aside = g_strconcat (folder, ".aside", NULL);

  g_assert_no_errno (g_rename (folder, aside));
  g_assert_no_errno (symlink (folder, folder));
}

static void
mend (const char *folder)
{
  g_autofree char *aside = g_strconcat (folder, ".aside", NULL);

  g_assert_no_errno (g_unlink (folder));
  g_assert_no_errno (g_rename (aside, folder));
}

static void
assert_mentions (const GError *error,
                 const char   *text)
{
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” is not in “%s”", text, error->message);
}

/* Nothing is left out because of what failed before, and all is said. */
static void
test_stop_fails (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autofree char *pid_folder = test_path (fixture, "run");
  g_autofree char *pid_file = test_path (fixture, "run/pid");
  const char *registry_folder =
    process_registry_get_dir (process_daemon_get_registry (daemon));
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Ask *ask = NULL;

  process_daemon_set_pid_file (daemon, pid_file);
  process_daemon_set_shutdown_timeout (daemon, 1000);
  process_daemon_add_async_health_check (daemon, "slow", keep_task_cb, 0, &task, NULL, NULL);
  start_well (daemon);
  ask = ask_begin (process_daemon_get_health_address (daemon), "/health");
  test_run_until (task != NULL);
  spoil (pid_folder);
  spoil (registry_folder);

  g_assert_false (process_daemon_stop (daemon, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  assert_mentions (error, pid_file);
  assert_mentions (error, registry_folder);
  g_assert_false (process_daemon_get_running (daemon));
  g_assert_null (ask_end (ask));
  g_task_return_boolean (task, TRUE);
  g_clear_error (&error);

  /* It is not tried again, and does not stand in the way. */
  stop_well (daemon);
  mend (pid_folder);
  mend (registry_folder);
  start_well (daemon);
  stop_well (daemon);
  assert_nothing_left (daemon);
}

static void
restart_cb (ProcessDaemon *daemon)
{
  if (process_daemon_get_running (daemon))
    return;

  g_signal_handlers_disconnect_by_func (daemon, restart_cb, NULL);
  start_well (daemon);
}

/* Those who wait for the stop do not wait for the next one. */
static void
test_restart_in_handler (TestFixture   *fixture,
                         gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GError) error = NULL;
  Outcome outcome = { 0 };

  start_well (daemon);
  g_signal_connect (daemon, "notify::running", G_CALLBACK (restart_cb), NULL);
  process_daemon_run_async (daemon, NULL, ran_cb, &outcome);
  g_assert_true (process_daemon_stop (daemon, &error));
  g_assert_no_error (error);
  test_run_until (outcome.done);
  g_assert_no_error (outcome.error);
  g_assert_true (process_daemon_get_running (daemon));
  assert_answer (daemon, "/ready", "200", "ready\n");
  stop_well (daemon);
  assert_nothing_left (daemon);
}

static void
cancel_cb (ProcessDaemon *daemon,
           GParamSpec    *pspec,
           GCancellable  *cancellable)
{
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* It has stopped: cancelling the call comes too late, and it is ended but once. */
static void
test_cancel_in_handler (TestFixture   *fixture,
                        gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 };

  start_well (daemon);
  g_signal_connect (daemon, "notify::running", G_CALLBACK (cancel_cb), cancellable);
  process_daemon_stop_async (daemon, cancellable, stopped_cb, &outcome);
  test_run_until (outcome.done);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_no_error (outcome.error);
  test_run_until (!g_main_context_pending (NULL));
}

static void
stop_when_ready_cb (ProcessDaemon *daemon,
                    GParamSpec    *pspec,
                    guint         *n)
{
  g_autoptr (GError) error = NULL;

  (*n)++;
  g_assert_true (process_daemon_stop (daemon, &error));
  g_assert_no_error (error);
  g_assert_false (process_daemon_get_running (daemon));
}

/* Stopping in the notifications that starting and stopping cause themselves. */
static void
test_stop_in_handlers (TestFixture   *fixture,
                       gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_signal_connect (daemon, "notify", G_CALLBACK (stop_when_ready_cb), &n);
  g_assert_true (process_daemon_start (daemon, &error));
  g_assert_no_error (error);
  g_assert_false (process_daemon_get_running (daemon));
  g_assert_cmpuint (n, >=, 4);
  assert_nothing_left (daemon);
  g_signal_handlers_disconnect_by_func (daemon, stop_when_ready_cb, &n);

  start_well (daemon);
  g_signal_connect (daemon, "notify::ready", G_CALLBACK (stop_when_ready_cb), &n);
  stop_well (daemon);
  assert_nothing_left (daemon);
}

static void
keep_server_cb (ProcessHealthServer *server,
                GTask               *task,
                gpointer             user_data)
{
  g_set_object ((ProcessHealthServer **) user_data, server);
  g_task_return_boolean (task, TRUE);
}

typedef struct
{
  ProcessDaemon *daemon;
  GError        *error;    /* (owned) (nullable) */
  guint          n_called;
  Outcome        stopped;
} Caller;

static void
stop_in_step_cb (ProcessHealthServer *server,
                 GParamSpec          *pspec,
                 Caller              *caller)
{
  if (caller->n_called++ > 0)
    return;

  g_assert_false (process_daemon_stop (caller->daemon, &caller->error));
  process_daemon_stop_async (caller->daemon, NULL, stopped_cb, &caller->stopped);
}

/* What the server inside tells comes in the middle of a step, which cannot be waited for there. */
static void
test_stop_in_step (TestFixture   *fixture,
                   gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessHealthServer) server = NULL;

  process_daemon_add_async_health_check (daemon, "server", keep_server_cb, 0, &server, NULL, NULL);
  start_well (daemon);
  assert_answer (daemon, "/health", "200", "ok\n");
  g_assert_nonnull (server);

  for (guint i = 0; i < 2; i++)
    {
      Caller caller = { .daemon = daemon };

      g_signal_connect (server, i == 0 ? "notify::ready" : "notify::running",
                        G_CALLBACK (stop_in_step_cb), &caller);
      if (i == 0)
        stop_well (daemon);
      else
        start_well (daemon);
      test_run_until (caller.stopped.done);
      g_assert_error (caller.error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
      g_assert_no_error (caller.stopped.error);
      g_assert_false (process_daemon_get_running (daemon));
      assert_nothing_left (daemon);
      g_signal_handlers_disconnect_by_func (server, stop_in_step_cb, &caller);
      g_clear_error (&caller.error);
    }
}

typedef struct
{
  ProcessDaemon *daemon;
  gboolean       is_late; /* a run may find it stopped already */
  gint           n_done;
} Threads;

static void
spoil_cb (ProcessHealthServer *server,
          GParamSpec          *pspec,
          const char          *folder)
{
  if (process_health_server_get_running (server))
    spoil (folder);
}

/* What goes wrong while a failed start is undone is said, too, after that which failed. */
static void
test_undo_fails (TestFixture   *fixture,
                 gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);
  g_autoptr (ProcessHealthServer) server = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pid_folder = test_path (fixture, "run");
  g_autofree char *pid_file = test_path (fixture, "run/pid");
  g_autofree char *file = test_path (fixture, "file");
  g_autofree char *below_file = test_path (fixture, "file/below");
  g_autoptr (ProcessRegistry) registry = process_registry_new (below_file);

  process_daemon_add_async_health_check (daemon, "server", keep_server_cb, 0, &server, NULL, NULL);
  process_daemon_set_pid_file (daemon, pid_file);
  start_well (daemon);
  assert_answer (daemon, "/health", "200", "ok\n");
  stop_well (daemon);

  test_write_file (file, "", 0600);
  process_daemon_set_registry (daemon, registry);
  g_signal_connect (server, "notify::running", G_CALLBACK (spoil_cb), pid_folder);
  g_assert_false (process_daemon_start (daemon, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  assert_mentions (error, below_file);
  assert_mentions (error, pid_file);
  g_assert_true (strstr (error->message, below_file) < strstr (error->message, pid_file));
  g_assert_false (process_daemon_get_running (daemon));
  g_signal_handlers_disconnect_by_func (server, spoil_cb, pid_folder);
}

static gpointer
run_thread (gpointer user_data)
{
  Threads *threads = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ran = process_daemon_run (threads->daemon, NULL, &error);

  if (threads->is_late && !ran)
    g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  else
    g_assert_no_error (error);
  g_atomic_int_inc (&threads->n_done);

  return NULL;
}

static gpointer
stop_thread (gpointer user_data)
{
  Threads *threads = user_data;

  stop_well (threads->daemon);
  g_atomic_int_inc (&threads->n_done);

  return NULL;
}

static void
test_threads (TestFixture   *fixture,
              gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);

  for (guint round = 0; round < 20; round++)
    {
      Threads threads = { daemon, round % 2 != 0, 0 };
      GThread *all[6] = { NULL };

      start_well (daemon);
      all[0] = g_thread_new ("run", run_thread, &threads);
      if (!threads.is_late)
        test_run_until (is_handled (SIGTERM));
      for (gsize i = 1; i < G_N_ELEMENTS (all); i++)
        all[i] = g_thread_new ("stop", stop_thread, &threads);
      test_run_until (g_atomic_int_get (&threads.n_done) == G_N_ELEMENTS (all));
      for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
        g_thread_join (all[i]);
      assert_nothing_left (daemon);
    }
}

typedef struct
{
  ProcessDaemon *daemon;
  gboolean       run;
  gint           done;
} Elsewhere;

/* A thread with a main context of its own. */
static gpointer
async_thread (gpointer user_data)
{
  Elsewhere *elsewhere = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  Outcome outcome = { 0 };

  g_main_context_push_thread_default (context);
  if (elsewhere->run)
    process_daemon_run_async (elsewhere->daemon, NULL, ran_cb, &outcome);
  else
    process_daemon_stop_async (elsewhere->daemon, NULL, stopped_cb, &outcome);
  while (!outcome.done)
    g_main_context_iteration (context, TRUE);
  g_assert_true (outcome.thread == g_thread_self ());
  g_assert_no_error (outcome.error);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (&elsewhere->done, TRUE);

  return NULL;
}

static void
test_threads_async (TestFixture   *fixture,
                    gconstpointer  data)
{
  g_autoptr (ProcessDaemon) daemon = new_full_daemon (fixture);

  for (guint round = 0; round < 20; round++)
    {
      Elsewhere run = { daemon, TRUE, FALSE };
      Elsewhere stop = { daemon, FALSE, FALSE };
      GThread *threads[2] = { NULL };

      start_well (daemon);
      threads[0] = g_thread_new ("run", async_thread, &run);
      test_run_until (is_handled (SIGTERM));
      threads[1] = g_thread_new ("stop", async_thread, &stop);
      test_run_until (g_atomic_int_get (&run.done) && g_atomic_int_get (&stop.done));
      g_thread_join (threads[0]);
      g_thread_join (threads[1]);
      assert_nothing_left (daemon);
    }
}

/* A daemon of a context that is not the global one, run when that is no default any more. */
static gpointer
own_context_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ProcessDaemon *daemon = NULL;

  g_main_context_push_thread_default (context);
  daemon = process_daemon_new ();
  process_daemon_set_health_address (daemon, "127.0.0.1:0");
  call_later ((LaterFunc) g_cancellable_cancel, cancellable);
  g_main_context_pop_thread_default (context);

  start_well (daemon);
  run_well (daemon, cancellable);
  start_well (daemon);
  stop_well (daemon);
  g_main_context_push_thread_default (context);
  start_well (daemon);
  stop_well (daemon);
  g_main_context_pop_thread_default (context);
  g_assert_finalize_object (daemon);

  return NULL;
}

static void
test_own_context (TestFixture   *fixture,
                  gconstpointer  data)
{
  GThread *thread = g_thread_new ("own context", own_context_thread, NULL);

  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv);

  test_add ("/daemon-run/not-running", test_not_running);
  test_add ("/daemon-run/cancelled", test_cancelled);
  test_add ("/daemon-run/cancelled-async", test_cancelled_async);
  test_add ("/daemon-run/stopped-meanwhile", test_stopped_meanwhile);
  test_add ("/daemon-run/nested", test_nested);
  test_add ("/daemon-run/stop-async", test_stop_async);
  test_add ("/daemon-run/slow-check", test_slow_check);
  test_add ("/daemon-run/stop-cancelled", test_stop_cancelled);
  test_add ("/daemon-run/stop-times-out", test_stop_times_out);
  test_add ("/daemon-run/stop-fails", test_stop_fails);
  test_add ("/daemon-run/restart-in-handler", test_restart_in_handler);
  test_add ("/daemon-run/cancel-in-handler", test_cancel_in_handler);
  test_add ("/daemon-run/stop-in-handlers", test_stop_in_handlers);
  test_add ("/daemon-run/stop-in-step", test_stop_in_step);
  test_add ("/daemon-run/undo-fails", test_undo_fails);
  test_add ("/daemon-run/threads", test_threads);
  test_add ("/daemon-run/threads-async", test_threads_async);
  test_add ("/daemon-run/own-context", test_own_context);

  return g_test_run ();
}
