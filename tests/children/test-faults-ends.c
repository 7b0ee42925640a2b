/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Ends that come at a bad moment, or to who does not want to end. */

#include "faults-util.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG (G_GINT64_CONSTANT (100) * G_TIME_SPAN_SECOND)
#define SHORT (10 * G_TIME_SPAN_MILLISECOND)

#define STUBBORN "trap '' TERM INT HUP; echo ready; while :; do read line || exec sleep 100; done"

static void
assert_told (FaultsLog *log, const char *expected)
{
  g_autofree char *told = faults_log_to_string (log);

  g_assert_cmpstr (told, ==, expected);
}

static void
assert_ended (ProcessManagedProcess *process, ProcessExitReason reason, int signum)
{
  g_assert_cmpint (process_managed_process_get_exit_reason (process), ==, reason);
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, signum);
}

static ProcessManagedProcess *
start_cancellable (ProcessService *service, ProcessRunOptions *options, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process =
    process_service_start_with_options (service, options, cancellable, &error);

  g_assert_no_error (error);
  return process;
}

static void
never_cb (gpointer object)
{
  g_assert_not_reached ();
}

static void
test_cancelled_before (ProcessService *service)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) processes = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_signal_connect_swapped (service, "exited", G_CALLBACK (never_cb), NULL);
  g_assert_null (process_service_start (service, "true", NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (process_service_run (service, "true", NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  processes = process_service_list (service);
  g_assert_cmpuint (processes->len, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_cancelled_after (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo ready; exec sleep 100");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = start_cancellable (service, options, cancellable);
  g_autoptr (FaultsLog) log = faults_log_new (process);

  faults_wait_lines (log, 1);
  g_cancellable_cancel (cancellable);
  g_cancellable_cancel (cancellable);
  faults_wait_exited (log);
  g_assert_error (log->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_ended (process, PROCESS_EXIT_REASON_CANCELLED, SIGKILL);
  assert_told (log, "started\nline ready\nkilled SIGKILL\nexited -1\n");
}

static void
test_cancelled_too_late (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exit 5");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = start_cancellable (service, options, cancellable);
  g_autoptr (FaultsLog) log = faults_log_new (process);

  faults_wait_exited (log);
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  assert_ended (process, PROCESS_EXIT_REASON_EXITED, 0);
  g_assert_error (log->error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  assert_told (log, "started\nexited 5\n");
}

/* It has exited, and nobody has looked yet. */
static void
test_cancelled_while_unseen (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exit 5");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = start_cancellable (service, options, cancellable);
  g_autoptr (FaultsLog) log = faults_log_new (process);

  while (!faults_is_gone (process_managed_process_get_pid (process)))
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  faults_wait_exited (log);
  assert_ended (process, PROCESS_EXIT_REASON_EXITED, 0);
  assert_told (log, "started\nexited 5\n");
}

typedef struct
{
  GCancellable *cancellable;
  gint          go;
} Canceller;

static gpointer
cancel_thread (gpointer data)
{
  Canceller *canceller = data;

  while (g_atomic_int_get (&canceller->go) == 0)
    continue;
  for (int i = g_random_int_range (0, 20000); i > 0; i--)
    if (g_atomic_int_get (&canceller->go) == 2)
      break;
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

/* Whichever comes first, the process does not live on. */
static void
test_cancelled_meanwhile (ProcessService *service)
{
  guint n_refused = 0;

  for (guint i = 0; i < 150; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;
      Canceller canceller = { cancellable, 0 };
      GThread *thread = g_thread_new ("cancels", cancel_thread, &canceller);

      g_atomic_int_set (&canceller.go, 1);
      output = process_service_run (service, "cat", (const char *const[]){ "/dev/zero", NULL },
                                    cancellable, &error);
      g_thread_join (thread);
      g_assert_null (output);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      n_refused += process_service_get_n_items (service) == 0;
      process_service_clear (service);
    }
  g_test_message ("%u of 150 were refused", n_refused);
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
}

static void
cancel_cb (GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* In a handler of the process and in one of the cancellable, which the library has a handler on. */
static void
test_cancelled_in_handler (ProcessService *service)
{
  static const char *const signals[] = { "started", "output", "killed", "exited" };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh ("echo ready; kill -TERM $$");
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (ProcessManagedProcess) process = start_cancellable (service, options, cancellable);
      g_autoptr (FaultsLog) log = faults_log_new (process);

      g_signal_connect_swapped (process, signals[i], G_CALLBACK (cancel_cb), cancellable);
      faults_wait_exited (log);
      g_assert_true (g_cancellable_is_cancelled (cancellable));
    }
}

static void
wait_in_cancelled_cb (GCancellable *cancellable, ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (process_managed_process_wait (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_wait_in_cancelled (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec sleep 100");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessManagedProcess) process = start_cancellable (service, options, cancellable);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (wait_in_cancelled_cb), process,
                                          NULL);

  g_cancellable_cancel (cancellable);
  g_cancellable_disconnect (cancellable, handler);
  assert_told (log, "started\nkilled SIGKILL\nexited -1\n");
}

/* One cancellable for many, and the last of them gone while it is being cancelled. */
static void
test_shared_cancellable (ProcessService *service)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec sleep 100");
  g_autoptr (ProcessRunOptions) detached = faults_sh ("exec sleep 100");
  g_autoptr (ProcessManagedProcess) survivor = NULL;

  process_run_options_set_detach (detached, TRUE);
  survivor = start_cancellable (service, detached, cancellable);
  for (guint i = 0; i < 30; i++)
    g_object_unref (start_cancellable (service, options, cancellable));
  g_cancellable_cancel (cancellable);
  faults_wait_for (process_service_get_n_running (service) == 1);
  g_assert_true (process_managed_process_is_running (survivor));
  g_assert_true (process_managed_process_kill (survivor, NULL));
}

/* Times that no clock ever shows. */
static void
test_vast_times (ProcessService *service)
{
  static const gint64 times[] = { G_MAXINT64, G_MAXINT64 / 2, G_MAXINT64 - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh (STUBBORN);
      g_autoptr (ProcessManagedProcess) process = NULL;
      g_autoptr (FaultsLog) log = NULL;

      process_run_options_set_timeout (options, times[i]);
      process_run_options_set_grace_period (options, times[i]);
      process = faults_start (service, options);
      log = faults_log_new (process);
      faults_wait_lines (log, 1);
      process_managed_process_shutdown_async (process, NULL, NULL, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_assert_true (process_managed_process_is_running (process));
      g_assert_true (process_managed_process_kill (process, NULL));
      faults_wait_exited (log);
      assert_ended (process, PROCESS_EXIT_REASON_KILLED, SIGKILL);
    }
}

static void
test_timeout_while_stopping (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec sleep 100");
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;

  /* A signal that does nothing to it. */
  process_run_options_set_stop_signal (options, SIGURG);
  process_run_options_set_timeout (options, SHORT);
  process_run_options_set_grace_period (options, 10 * SHORT);
  process = faults_start (service, options);
  log = faults_log_new (process);
  /* The reason that came first stays, and the grace period is not begun again. */
  process_managed_process_shutdown_async (process, NULL, NULL, NULL);
  faults_wait_exited (log);
  assert_ended (process, PROCESS_EXIT_REASON_KILLED, SIGKILL);
  g_assert_error (log->error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  assert_told (log, "started\nkilled SIGKILL\nexited -1\n");
}

/* Until the timeout finds it ready to be asked. */
static FaultsLog *
start_and_time_out (ProcessService *service, GCancellable *cancellable)
{
  for (gint64 timeout = SHORT;; timeout *= 4)
    {
      g_autoptr (ProcessRunOptions) options =
        faults_sh ("trap 'echo asked' TERM; while :; do read line; done");
      g_autoptr (ProcessManagedProcess) process = NULL;
      g_autoptr (FaultsLog) log = NULL;

      process_run_options_set_timeout (options, timeout);
      process_run_options_set_grace_period (options, LONG);
      process = start_cancellable (service, options, cancellable);
      log = faults_log_new (process);
      faults_wait_for (log->lines->len > 0 || log->n_exits > 0);
      if (log->n_exits == 0)
        return g_steal_pointer (&log);
      assert_ended (process, PROCESS_EXIT_REASON_TIMED_OUT, SIGTERM);
    }
}

static void
test_stop_while_timing_out (ProcessService *service)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (FaultsLog) log = start_and_time_out (service, cancellable);

  process_managed_process_shutdown_async (log->process, NULL, NULL, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_true (process_managed_process_kill (log->process, NULL));
  faults_wait_exited (log);
  assert_ended (log->process, PROCESS_EXIT_REASON_TIMED_OUT, SIGKILL);
  g_assert_error (log->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
}

static void
wait_until_stopped (ProcessManagedProcess *process)
{
  int pid = process_managed_process_get_pid (process);
  siginfo_t info;

  /* Looks only: GLib is the one that reaps. */
  g_assert_no_errno (waitid (P_PID, (id_t) pid, &info, WSTOPPED | WNOWAIT));
  g_assert_cmpint (info.si_code, ==, CLD_STOPPED);
}

static void
end_by_kill (ProcessManagedProcess *process, GCancellable *cancellable)
{
  g_assert_true (process_managed_process_kill (process, NULL));
}

static void
end_by_shutdown (ProcessManagedProcess *process, GCancellable *cancellable)
{
  g_assert_true (process_managed_process_shutdown (process, NULL, NULL));
}

static void
end_by_cancelling (ProcessManagedProcess *process, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
end_by_timeout (ProcessManagedProcess *process, GCancellable *cancellable)
{
}

/* It must be woken to answer, and can be killed without. */
static void
test_stopped (ProcessService *service)
{
  static void (*const ways[]) (ProcessManagedProcess *, GCancellable *) = {
    end_by_kill, end_by_shutdown, end_by_cancelling, end_by_timeout,
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh ("kill -STOP $$; exec sleep 100");
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (ProcessManagedProcess) process = NULL;
      g_autoptr (FaultsLog) log = NULL;
      gboolean gently = i % 2 == 0;

      process_run_options_set_grace_period (options, gently ? LONG : 0);
      process_run_options_set_timeout (options, i / 2 == 3 ? 50 * G_TIME_SPAN_MILLISECOND : 0);
      process = start_cancellable (service, options, cancellable);
      log = faults_log_new (process);
      wait_until_stopped (process);
      ways[i / 2](process, cancellable);
      faults_wait_exited (log);
      g_assert_cmpint (process_managed_process_get_term_signal (process), ==,
                       gently && i / 2 > 0 ? SIGTERM : SIGKILL);
    }
}

static void
test_stubborn_group (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options =
    faults_sh ("(trap '' TERM; echo ready; exec sleep 100) & echo $!; wait");
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;
  int pid = 0;

  if (faults_is_valgrind ())
    {
      g_test_skip ("Without a pidfd nobody is signalled after the leader's end");
      return;
    }
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, 50 * G_TIME_SPAN_MILLISECOND);
  process = faults_start (service, options);
  log = faults_log_new (process);
  faults_wait_lines (log, 2);
  for (guint i = 0; i < 2; i++)
    pid = MAX (pid, (int) g_ascii_strtoll (g_ptr_array_index (log->lines, i), NULL, 10));
  g_assert_cmpint (pid, >, 0);
  g_assert_true (process_managed_process_shutdown (process, NULL, NULL));
  g_assert_true (faults_is_gone (pid));
  g_assert_cmpint (process_managed_process_get_term_signal (process), ==, SIGTERM);
}

static ProcessManagedProcess *
start_detached (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec sleep 100");

  process_run_options_set_detach (options, TRUE);
  process_run_options_set_disable_capture (options, TRUE);
  return faults_start (service, options);
}

static void
test_disposed (ProcessService *service)
{
  ProcessService *own = process_service_new ();
  g_autoptr (ProcessRunOptions) options = faults_sh (STUBBORN);
  g_autoptr (ProcessManagedProcess) process = faults_start (own, options);
  g_autoptr (ProcessManagedProcess) detached = start_detached (own);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  g_autoptr (GError) error = NULL;
  gpointer weak = own;

  faults_wait_lines (log, 1);
  g_object_run_dispose (G_OBJECT (own));
  g_object_add_weak_pointer (G_OBJECT (own), &weak);
  g_assert_null (process_service_start (own, "true", NULL, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_object_unref (own);
  faults_wait_exited (log);
  assert_ended (process, PROCESS_EXIT_REASON_KILLED, SIGKILL);
  assert_told (log, "started\nline ready\nkilled SIGKILL\nexited -1\n");
  g_assert_true (process_managed_process_is_running (detached));
  g_assert_nonnull (weak);
  g_assert_true (process_managed_process_kill (detached, NULL));
  faults_wait_for (weak == NULL);
}

static gpointer
start_thread (gpointer data)
{
  ProcessService *service = data;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessManagedProcess) process =
        process_service_start (service, "cat", NULL, NULL, &error);

      if (process == NULL)
        {
          g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
          return NULL;
        }
    }
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_assert_true (process_service_shutdown_finish (PROCESS_SERVICE (object), result, NULL));
  *(gboolean *) data = TRUE;
}

/* Others start while all is being ended, and nothing is left. */
static void
check_shutdown_during_starts (gboolean blocking, gboolean by_dispose)
{
  ProcessService *own = process_service_new ();
  GThread *threads[3];
  gboolean done = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("starts", start_thread, own);
  faults_wait_for (process_service_get_n_running (own) >= 10);
  if (by_dispose)
    g_object_run_dispose (G_OBJECT (own));
  else if (blocking)
    g_assert_true (process_service_shutdown (own, LONG, NULL, NULL));
  else
    {
      process_service_shutdown_async (own, LONG, NULL, shut_down_cb, &done);
      faults_wait_for (done);
    }
  if (!by_dispose)
    g_assert_cmpuint (process_service_get_n_running (own), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  faults_wait_for (process_service_get_n_running (own) == 0);
  faults_end_service (own);
}

static void
test_shutdown_during_starts (ProcessService *service)
{
  for (guint i = 0; i < 10; i++)
    check_shutdown_during_starts (i % 3 == 0, i % 3 == 1);
}

typedef struct
{
  ProcessService *service;
  gint            done;
} Dropper;

static gpointer
drop_thread (gpointer data)
{
  Dropper *dropper = data;
  g_autofree char *output = process_service_run (dropper->service, "true", NULL, NULL, NULL);

  g_assert_cmpstr (output, ==, "");
  process_service_clear (dropper->service);
  g_object_unref (dropper->service);
  g_atomic_int_set (&dropper->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* The last reference goes in another thread, while the owner still has things to tell. */
static void
test_dropped_elsewhere (ProcessService *service)
{
  for (guint i = 0; i < 200; i++)
    {
      Dropper dropper = { process_service_new (), FALSE };
      GThread *thread = g_thread_new ("drops", drop_thread, &dropper);

      faults_wait_for (g_atomic_int_get (&dropper.done));
      g_thread_join (thread);
    }
}

static gboolean
copy_with_setuid (const char *program, const char *path)
{
  g_autofree char *content = NULL;
  gsize size;

  return geteuid () == 0 && g_file_get_contents (program, &content, &size, NULL) &&
         g_file_set_contents_full (path, content, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755,
                                   NULL) &&
         chmod (path, 04755) == 0;
}

/* The child has become somebody whom we may not signal. */
static ProcessManagedProcess *
start_as_root (ProcessService *service, const char *setpriv)
{
  const char *const args[] = { "--reuid=0", "--clear-groups", "cat", NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new (setpriv, args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;
  g_autoptr (GError) error = NULL;

  process = faults_start (service, options);
  log = faults_log_new (process);
  g_assert_true (process_managed_process_send_input (process, "ready\n", NULL));
  faults_wait_for (log->lines->len > 0 || log->n_exits > 0);
  if (log->n_exits > 0 || process_managed_process_send_signal (process, 0, &error))
    {
      process_managed_process_kill (process, NULL);
      return NULL;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  return g_steal_pointer (&process);
}

static void
check_not_allowed (ProcessService *service, const char *setpriv)
{
  g_autoptr (ProcessManagedProcess) process = start_as_root (service, setpriv);
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec sleep 100");
  g_autoptr (ProcessManagedProcess) other = faults_start (service, options);
  g_autoptr (GError) error = NULL;

  if (process == NULL)
    {
      g_test_skip ("No program can be made to run as root here");
      return;
    }
  g_assert_false (process_managed_process_kill (process, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  g_assert_false (process_managed_process_shutdown (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  /* The others are ended, and it is not waited for. */
  g_assert_false (process_service_shutdown (service, LONG, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_false (process_managed_process_is_running (other));
  g_assert_true (process_managed_process_is_running (process));
  g_assert_true (process_managed_process_close_stdin (process, NULL));
  g_assert_true (process_managed_process_wait (process, NULL, NULL));
  assert_ended (process, PROCESS_EXIT_REASON_EXITED, 0);
}

static void
test_not_allowed (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *setpriv = g_build_filename (folder, "setpriv", NULL);
  g_autofree char *original = g_find_program_in_path ("setpriv");

  g_assert_no_errno (chmod (folder, 0755));
  if (original == NULL || !copy_with_setuid (original, setpriv))
    g_test_skip ("Only root can make a program run as root");
  else
    {
      const uid_t nobody = 65534;

      g_assert_no_errno (setresuid (nobody, nobody, 0));
      check_not_allowed (service, setpriv);
      g_assert_no_errno (setresuid (0, 0, 0));
    }
  faults_remove_folder (folder);
}

/* Somebody else in the program has reaped the child, and its exit code is lost. */
static void
test_reaped_by_others (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("read line; exit 3");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);

  signal (SIGCHLD, SIG_IGN);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_assert_true (process_managed_process_send_input (process, "\n", NULL));
  faults_wait_exited (log);
  g_assert_false (process_managed_process_is_running (process));
  signal (SIGCHLD, SIG_DFL);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add ("/faults/ends/cancelled-before", test_cancelled_before);
  faults_add ("/faults/ends/cancelled-after", test_cancelled_after);
  faults_add ("/faults/ends/cancelled-too-late", test_cancelled_too_late);
  faults_add ("/faults/ends/cancelled-while-unseen", test_cancelled_while_unseen);
  faults_add ("/faults/ends/cancelled-meanwhile", test_cancelled_meanwhile);
  faults_add ("/faults/ends/cancelled-in-handler", test_cancelled_in_handler);
  faults_add ("/faults/ends/wait-in-cancelled", test_wait_in_cancelled);
  faults_add ("/faults/ends/shared-cancellable", test_shared_cancellable);
  faults_add ("/faults/ends/vast-times", test_vast_times);
  faults_add ("/faults/ends/timeout-while-stopping", test_timeout_while_stopping);
  faults_add ("/faults/ends/stop-while-timing-out", test_stop_while_timing_out);
  faults_add ("/faults/ends/stopped", test_stopped);
  faults_add ("/faults/ends/stubborn-group", test_stubborn_group);
  faults_add ("/faults/ends/disposed", test_disposed);
  faults_add ("/faults/ends/shutdown-during-starts", test_shutdown_during_starts);
  faults_add ("/faults/ends/dropped-elsewhere", test_dropped_elsewhere);
  faults_add_apart ("/faults/ends/not-allowed", test_not_allowed);
  faults_add_apart ("/faults/ends/reaped-by-others", test_reaped_by_others);
  return g_test_run ();
}
