/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a handler may do, in each of the signals. */

#include "faults-util.h"

#include <string.h>

#define SCRIPT "echo one; echo two >&2; echo three; read line; kill -TERM $$"

typedef struct _Scene Scene;
typedef void (*Action) (Scene *scene);

struct _Scene
{
  ProcessService        *service;
  ProcessManagedProcess *process;
  GCancellable          *cancellable;
  FaultsLog             *log;
  GPtrArray             *others;    /* of FaultsLog */
  const char            *signal;
  Action                 action;
  guint                  n_done;
  guint                  n_pending; /* asynchronous calls */
};

static const char *
get_id (Scene *scene)
{
  return process_managed_process_get_id (scene->process);
}

static void
start_another (Scene *scene)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo another");
  g_autoptr (ProcessManagedProcess) process = faults_start (scene->service, options);

  g_ptr_array_add (scene->others, faults_log_new (process));
}

static void
fail_to_start_another (Scene *scene)
{
  g_assert_null (process_service_start (scene->service, "no-such-program", NULL, NULL, NULL));
}

static void
run_another (Scene *scene)
{
  const char *const args[] = { "text", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_service_run (scene->service, "echo", args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "text\n");
}

static void
another_ran_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Scene *scene = data;
  g_autofree char *output = process_service_run_finish (PROCESS_SERVICE (object), result, NULL);

  g_assert_cmpstr (output, ==, "text\n");
  scene->n_pending--;
}

static void
run_another_async (Scene *scene)
{
  const char *const args[] = { "text", NULL };

  scene->n_pending++;
  process_service_run_async (scene->service, "echo", args, NULL, another_ran_cb, scene);
}

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Scene *scene = data;

  process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object), result, NULL);
  g_assert_cmpuint (scene->log->n_exits, ==, 1);
  scene->n_pending--;
}

static void
wait_async (Scene *scene)
{
  scene->n_pending++;
  process_managed_process_wait_async (scene->process, NULL, waited_cb, scene);
}

static void
remove_it (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  if (!process_service_remove (scene->service, get_id (scene), &error))
    g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_STILL_RUNNING);
}

static void
clear_all (Scene *scene)
{
  process_service_clear (scene->service);
}

static void
limit_history (Scene *scene)
{
  process_service_set_max_history (scene->service, 1);
  fail_to_start_another (scene);
  fail_to_start_another (scene);
}

static void
ask_all (Scene *scene)
{
  ProcessManagedProcess *process = scene->process;
  g_autoptr (ProcessInfo) info G_GNUC_UNUSED = process_managed_process_get_info (process);
  g_autoptr (GPtrArray) list = process_service_list (scene->service);
  g_autoptr (GPtrArray) running = process_service_running (scene->service);
  g_autofree char *output G_GNUC_UNUSED = process_managed_process_get_output (process);
  g_autoptr (ProcessManagedProcess) same =
    process_service_get (scene->service, get_id (scene), NULL);

  g_assert_true (same == process);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpuint (running->len, ==, process_managed_process_is_running (process) ? 1 : 0);
}

static void
disconnect_log (Scene *scene)
{
  g_signal_handlers_disconnect_by_data (scene->process, scene->log);
}

static void
iterate (Scene *scene)
{
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
send_more_input (Scene *scene)
{
  process_managed_process_send_input (scene->process, "more\n", NULL);
  process_managed_process_send_signal (scene->process, 0, NULL);
}

static void
close_input (Scene *scene)
{
  g_assert_true (process_managed_process_close_stdin (scene->process, NULL));
}

static void
kill_it (Scene *scene)
{
  g_assert_true (process_managed_process_kill (scene->process, NULL));
}

static void
kill_by_id (Scene *scene)
{
  g_assert_true (process_service_kill (scene->service, get_id (scene), NULL));
}

static void
stopped_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Scene *scene = data;

  g_assert_true (process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object),
                                                          result, NULL));
  g_assert_cmpuint (scene->log->n_exits, ==, 1);
  scene->n_pending--;
}

static void
stop_async (Scene *scene)
{
  scene->n_pending++;
  process_managed_process_shutdown_async (scene->process, NULL, stopped_cb, scene);
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Scene *scene = data;

  g_assert_true (process_service_shutdown_finish (PROCESS_SERVICE (object), result, NULL));
  scene->n_pending--;
}

static void
shut_down_async (Scene *scene)
{
  scene->n_pending++;
  process_service_shutdown_async (scene->service, 0, NULL, shut_down_cb, scene);
}

static void
cancel (Scene *scene)
{
  g_cancellable_cancel (scene->cancellable);
}

static void
dispose_service (Scene *scene)
{
  g_object_run_dispose (G_OBJECT (scene->service));
}

/* A handler of its own signals cannot wait for what comes after the handler; that of the number of
 * running ones may come earlier. */
static void
assert_refused (Scene *scene, gboolean success, GError **error)
{
  if (g_str_equal (scene->signal, "service notify::n-running"))
    return;
  g_assert_false (success);
  g_assert_error (*error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
}

static void
wait_for_it (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  assert_refused (scene, process_managed_process_wait (scene->process, NULL, &error), &error);
}

static void
stop_it (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  assert_refused (scene, process_managed_process_shutdown (scene->process, NULL, &error), &error);
}

static void
shut_down (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  assert_refused (scene, process_service_shutdown (scene->service, 0, NULL, &error), &error);
}

/* They leave the process alone. */
static const Action harmless[] = {
  start_another, fail_to_start_another, run_another,     run_another_async, wait_async,
  remove_it,     clear_all,             limit_history,   ask_all,           iterate,
  wait_for_it,   disconnect_log,        send_more_input, close_input,
};

/* They end it. */
static const Action harmful[] = {
  kill_it, kill_by_id, stop_async, shut_down_async, cancel, dispose_service, stop_it, shut_down,
};

static const char *const all_signals[] = {
  "process started",
  "process output",
  "process output::stderr",
  "process lines",
  "process data",
  "process killed",
  "process exited",
  "process notify::status",
  "process notify::running",
  "service started",
  "service output",
  "service killed",
  "service exited",
  "service notify::n-running",
};

static void
act_cb (Scene *scene)
{
  if (scene->n_done++ == 0)
    scene->action (scene);
}

static void
assert_in_order (FaultsLog *log, const char *pattern)
{
  g_autofree char *told = faults_log_to_string (log);

  if (!g_regex_match_simple (pattern, told, G_REGEX_DOLLAR_ENDONLY, 0))
    g_error ("Out of order: %s", told);
}

static void
check_model (ProcessService *service)
{
  g_autoptr (GPtrArray) list = process_service_list (service);

  g_assert_cmpuint (process_service_get_n_items (service), ==, list->len);
  for (guint i = 0; i < list->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (service), i);

      g_assert_true ((gpointer) item == g_ptr_array_index (list, i));
    }
}

static gboolean
is_over (Scene *scene)
{
  return scene->n_pending == 0 && process_service_get_n_running (scene->service) == 0 &&
         (scene->log->n_exits > 0 || scene->action == disconnect_log) &&
         !g_main_context_pending (NULL);
}

static void
run_scene (Scene *scene, const char *pattern)
{
  gboolean on_service = g_str_has_prefix (scene->signal, "service ");
  gpointer instance = on_service ? (gpointer) scene->service : (gpointer) scene->process;

  g_signal_connect_swapped (instance, strchr (scene->signal, ' ') + 1, G_CALLBACK (act_cb), scene);
  g_assert_true (process_managed_process_send_input (scene->process, "go\n", NULL));
  faults_wait_for (is_over (scene));
  g_assert_cmpuint (scene->n_done, >, 0);
  if (scene->action != disconnect_log)
    {
      g_assert_cmpuint (scene->log->n_exits, ==, 1);
      assert_in_order (scene->log, pattern);
    }
  for (guint i = 0; i < scene->others->len; i++)
    assert_in_order (g_ptr_array_index (scene->others, i), "^started\nline another\nexited 0\n$");
  check_model (scene->service);
}

static void
play (const char *signal, Action action, const char *pattern)
{
  g_autoptr (ProcessRunOptions) options = faults_sh (SCRIPT);
  g_autoptr (GError) error = NULL;
  Scene scene = { .signal = signal, .action = action };

  scene.service = process_service_new ();
  scene.cancellable = g_cancellable_new ();
  scene.others = g_ptr_array_new_with_free_func ((GDestroyNotify) faults_log_free);
  scene.process =
    process_service_start_with_options (scene.service, options, scene.cancellable, &error);
  g_assert_no_error (error);
  scene.log = faults_log_new (scene.process);
  run_scene (&scene, pattern);
  faults_log_free (scene.log);
  g_ptr_array_unref (scene.others);
  g_object_unref (scene.cancellable);
  g_object_unref (scene.process);
  faults_end_service (scene.service);
}

static void
test_harmless (ProcessService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_signals); i++)
    for (guint j = 0; j < G_N_ELEMENTS (harmless); j++)
      {
        g_test_message ("%s: action %u", all_signals[i], j);
        play (all_signals[i], harmless[j],
              "^started\n(line (one|two|three)\n){3}killed SIGTERM\nexited -1\n$");
      }
}

static void
test_harmful (ProcessService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_signals); i++)
    for (guint j = 0; j < G_N_ELEMENTS (harmful); j++)
      {
        g_test_message ("%s: action %u", all_signals[i], j);
        play (all_signals[i], harmful[j],
              "^started\n(line (one|two|three)\n)*killed SIG(TERM|KILL)\nexited -1\n$");
      }
}

typedef struct
{
  ProcessService        *service;
  ProcessManagedProcess *process;
} Owner;

static void
drop_all_cb (Owner *owner)
{
  g_clear_object (&owner->process);
  g_clear_object (&owner->service);
}

/* Nobody but the library has a reference any more, while its code is on the stack. */
static void
test_last_references (ProcessService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_signals); i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh ("echo one; echo two >&2; kill -TERM $$");
      gboolean on_service = g_str_has_prefix (all_signals[i], "service ");
      Owner owner = { process_service_new (), NULL };
      gpointer weak_service = owner.service, weak_process;

      owner.process = weak_process = faults_start (owner.service, options);
      g_object_add_weak_pointer (G_OBJECT (owner.service), &weak_service);
      g_object_add_weak_pointer (G_OBJECT (owner.process), &weak_process);
      g_signal_connect_swapped (on_service ? weak_service : weak_process,
                                strchr (all_signals[i], ' ') + 1, G_CALLBACK (drop_all_cb),
                                &owner);
      faults_wait_for (weak_service == NULL && weak_process == NULL);
      g_assert_null (owner.process);
    }
}

/* The same before anything was told at all. */
static void
test_dropped_at_once (ProcessService *service)
{
  for (guint i = 0; i < 20; i++)
    {
      ProcessService *own = process_service_new ();
      gpointer weak = own, weak_process;

      g_object_add_weak_pointer (G_OBJECT (own), &weak);
      weak_process = process_service_start (own, i % 2 ? "true" : "cat", NULL, NULL, NULL);
      g_object_add_weak_pointer (weak_process, &weak_process);
      g_object_unref (weak_process);
      /* What reads a pipe that we hold would never end. */
      if (i % 2 == 0)
        g_object_run_dispose (G_OBJECT (own));
      g_object_unref (own);
      faults_wait_for (weak == NULL && weak_process == NULL);
    }
}

static void
never_cb (gpointer object)
{
  g_assert_not_reached ();
}

static void
release_cb (GObject **object)
{
  g_clear_object (object);
}

/* Handlers of objects that are gone, or that go right before their turn. */
static void
test_dying_listener (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo one; echo two");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  GObject *early = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *late = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (FaultsLog) log = NULL;

  g_signal_connect_object (process, "started", G_CALLBACK (never_cb), early, G_CONNECT_SWAPPED);
  g_signal_connect_object (process, "output", G_CALLBACK (never_cb), early, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "output", G_CALLBACK (never_cb), early, G_CONNECT_SWAPPED);
  g_object_unref (early);
  g_signal_connect_swapped (process, "output", G_CALLBACK (release_cb), &late);
  g_signal_connect_object (process, "output", G_CALLBACK (never_cb), late, G_CONNECT_SWAPPED);
  g_signal_connect_object (process, "exited", G_CALLBACK (never_cb), late, G_CONNECT_SWAPPED);
  log = faults_log_new (process);
  faults_wait_exited (log);
  g_assert_null (late);
  assert_in_order (log, "^started\nline one\nline two\nexited 0\n$");
}

static void
end_inside_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               ProcessService *service)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  g_assert_true (process_managed_process_kill (process, NULL));
  /* What waits for the other ones sees the end of this one too. */
  while (process_managed_process_is_running (process))
    {
      g_autofree char *output = process_service_run (service, "true", NULL, NULL, NULL);

      g_assert_cmpstr (output, ==, "");
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

/* The process ends while its own handler waits for others. */
static void
check_end_inside_handler (ProcessService *service, gboolean blocking)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo one; exec sleep 100");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);

  g_signal_connect (process, "output", G_CALLBACK (end_inside_cb), service);
  if (blocking)
    g_assert_false (process_managed_process_wait (process, NULL, NULL));
  else
    faults_wait_exited (log);
  assert_in_order (log, "^started\nline one\nkilled SIGKILL\nexited -1\n$");
}

static void
test_end_inside_handler (ProcessService *service)
{
  check_end_inside_handler (service, FALSE);
}

static void
test_end_inside_handler_of_wait (ProcessService *service)
{
  check_end_inside_handler (service, TRUE);
}

typedef struct
{
  ProcessManagedProcess *other;
  FaultsLog             *other_log;
} Nested;

static void
nested_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Nested *nested)
{
  process_managed_process_kill (nested->other, NULL);
  faults_wait_exited (nested->other_log);
}

/* A dialog that a handler opens runs the main loop, and others go on meanwhile. */
static void
test_nested_loop (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("echo one; echo two");
  g_autoptr (ProcessRunOptions) idle = faults_sh ("exec sleep 100");
  g_autoptr (ProcessManagedProcess) other = faults_start (service, idle);
  g_autoptr (FaultsLog) other_log = faults_log_new (other);
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  Nested nested = { other, other_log };

  g_signal_connect (process, "output", G_CALLBACK (nested_cb), &nested);
  faults_wait_exited (log);
  assert_in_order (other_log, "^started\nkilled SIGKILL\nexited -1\n$");
  assert_in_order (log, "^started\nline one\nline two\nexited 0\n$");
}

typedef struct
{
  guint n_items;
  guint n_started;
} Mirror;

static void
mirror_cb (ProcessService *service, guint position, guint removed, guint added, Mirror *mirror)
{
  g_assert_cmpuint (position + removed, <=, mirror->n_items);
  mirror->n_items += added - removed;
  g_assert_cmpuint (process_service_get_n_items (service), ==, mirror->n_items);
  if (added > 0 && mirror->n_started++ < 10)
    g_object_unref (process_service_start (service, "true", NULL, NULL, NULL));
}

static void
test_changes_inside_changes (ProcessService *service)
{
  Mirror mirror = { 0 };

  g_signal_connect (service, "items-changed", G_CALLBACK (mirror_cb), &mirror);
  g_object_unref (process_service_start (service, "true", NULL, NULL, NULL));
  g_assert_cmpuint (mirror.n_items, ==, 11);
  faults_wait_for (process_service_get_n_running (service) == 0);
  process_service_set_max_history (service, 3);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (mirror.n_items, ==, 3);
  check_model (service);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add ("/faults/handlers/harmless", test_harmless);
  faults_add ("/faults/handlers/harmful", test_harmful);
  faults_add ("/faults/handlers/last-references", test_last_references);
  faults_add ("/faults/handlers/dropped-at-once", test_dropped_at_once);
  faults_add ("/faults/handlers/dying-listener", test_dying_listener);
  faults_add ("/faults/handlers/end-inside", test_end_inside_handler);
  faults_add ("/faults/handlers/end-inside-of-wait", test_end_inside_handler_of_wait);
  faults_add ("/faults/handlers/nested-loop", test_nested_loop);
  faults_add ("/faults/handlers/changes-inside-changes", test_changes_inside_changes);
  return g_test_run ();
}
