/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mixed.h"

#include <stdarg.h>

static gint32
get_random (Act *act, gint32 from, gint32 to)
{
  return g_rand_int_range (act->mixed->rand, from, to);
}

static ProcessRunOptions *
make_options (const char *verb, ...)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  va_list verbs;

  va_start (verbs, verb);
  for (const char *each = verb; each != NULL; each = va_arg (verbs, const char *))
    g_ptr_array_add (args, (char *) each);
  va_end (verbs);
  g_ptr_array_add (args, NULL);
  return process_run_options_new (soak_get_child (), (const char * const *) args->pdata);
}

/* Takes the options over. */
static ProcessManagedProcess *
start (Act *act, ProcessRunOptions *options, GCallback exited_cb)
{
  g_autoptr (ProcessRunOptions) owned = options;
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process =
    process_service_start_with_options (act->mixed->service, owned, act->cancellable, &error);

  soak_stop_at (error);
  g_signal_connect (process, "exited", exited_cb, act);
  return process;
}

static void
ended_well_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
               const GError *error, Act *act)
{
  soak_stop_at (error);
  soak_check (exit_code == 0);
  soak_check (act->n_got == act->n_wanted);
  mixed_act_done (act);
}

void
mixed_begin_idle (Act *act)
{
  g_object_unref (start (act, make_options ("stay", NULL), G_CALLBACK (ended_well_cb)));
}

static void
line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Act *act)
{
  soak_check (g_str_has_prefix (line, "line "));
  act->n_got++;
  soak_check (g_ascii_strtoull (line + 5, NULL, 10) == act->n_got);
}

void
mixed_begin_lines (Act *act)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *n_lines = NULL;

  act->n_wanted = (gsize) get_random (act, 1, 3000);
  n_lines = g_strdup_printf ("%" G_GSIZE_FORMAT, act->n_wanted);
  process = start (act, make_options ("lines", n_lines, NULL), G_CALLBACK (ended_well_cb));
  g_signal_connect (process, "output", G_CALLBACK (line_cb), act);
}

static GBytes *
make_input (Act *act)
{
  gsize length = (gsize) get_random (act, 1, 200000);
  char *text = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    text[i] = i % 64 == 63 ? '\n' : (char) ('a' + i % 26);
  return g_bytes_new_take (text, length);
}

static void
data_cb (ProcessManagedProcess *process, GBytes *bytes, ProcessStream stream, Act *act)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  const char *sent = g_bytes_get_data (act->bytes, NULL);

  soak_check (act->n_got + length <= act->n_wanted);
  soak_check (memcmp (sent + act->n_got, data, length) == 0);
  act->n_got += length;
}

void
mixed_begin_input (Act *act)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  act->bytes = make_input (act);
  act->n_wanted = g_bytes_get_size (act->bytes);
  process = start (act, make_options ("copy", NULL), G_CALLBACK (ended_well_cb));
  g_signal_connect (process, "data", G_CALLBACK (data_cb), act);
  process_managed_process_send_bytes (process, act->bytes, &error);
  soak_stop_at (error);
  process_managed_process_close_stdin (process, &error);
  soak_stop_at (error);
}

static void
timed_out_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
              const GError *error, Act *act)
{
  soak_check (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT));
  mixed_act_done (act);
}

void
mixed_begin_timeout (Act *act)
{
  gboolean is_stubborn = get_random (act, 0, 2) == 0;
  ProcessRunOptions *options = is_stubborn ? make_options ("ignore", "TERM", "pause", NULL)
                                           : make_options ("pause", NULL);

  process_run_options_set_timeout (options, get_random (act, 1, 50) * G_TIME_SPAN_MILLISECOND);
  process_run_options_set_grace_period (options, get_random (act, 0, 3) * 10000);
  g_object_unref (start (act, options, G_CALLBACK (timed_out_cb)));
}

static void
group_up_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Act *act)
{
  g_autoptr (GError) error = NULL;

  if (++act->n_got < 2)
    return;
  process_managed_process_kill (process, &error);
  soak_stop_at (error);
}

static void
killed_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
           const GError *error, Act *act)
{
  soak_check (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_KILLED));
  soak_check (process_managed_process_get_exit_reason (process) == PROCESS_EXIT_REASON_KILLED);
  mixed_act_done (act);
}

void
mixed_begin_group (Act *act)
{
  ProcessRunOptions *options =
    make_options ("fork", "{", "out", "up\\n", "pause", "}", "out", "up\\n", "pause",
                  act->mixed->mark, NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_kill_group (options, TRUE);
  process = start (act, options, G_CALLBACK (killed_cb));
  g_signal_connect (process, "output", G_CALLBACK (group_up_cb), act);
}

static void
ran_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Act *act = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run_with_options_finish (PROCESS_SERVICE (object), result, &error);

  soak_stop_at (error);
  soak_check (strlen (output) == g_bytes_get_size (act->bytes));
  soak_check (memcmp (output, g_bytes_get_data (act->bytes, NULL), strlen (output)) == 0);
  mixed_act_done (act);
}

void
mixed_begin_run (Act *act)
{
  g_autoptr (ProcessRunOptions) options = make_options ("copy", NULL);

  act->bytes = make_input (act);
  process_run_options_set_input (options, act->bytes);
  process_service_run_with_options_async (act->mixed->service, options, NULL, ran_cb, act);
}

static void
cancelled_cb (ProcessManagedProcess *process, int exit_code, gint64 duration,
              const GError *error, Act *act)
{
  soak_check (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  mixed_act_done (act);
}

static void
cancel_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Act *act)
{
  g_cancellable_cancel (act->cancellable);
}

void
mixed_begin_cancel (Act *act)
{
  g_autoptr (ProcessManagedProcess) process = NULL;

  act->cancellable = g_cancellable_new ();
  process = start (act, make_options ("out", "up\\n", "pause", NULL), G_CALLBACK (cancelled_cb));
  g_signal_connect (process, "output", G_CALLBACK (cancel_cb), act);
}

void
mixed_begin_missing (Act *act)
{
  g_autoptr (GError) error = NULL;

  soak_check (process_service_start (act->mixed->service, "/nonexistent/program", NULL, NULL,
                                     &error) == NULL);
  soak_check (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND));
  mixed_act_done (act);
}

static void
all_ran_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunAllResult) all =
    process_runner_run_all_finish (PROCESS_RUNNER (object), result, &error);

  soak_stop_at (error);
  soak_check (process_run_all_result_get_n_passed (all) == 3);
  soak_check (process_run_all_result_get_n_failed (all) == 1);
  soak_check (process_run_all_result_get_n_skipped (all) == 1);
  mixed_act_done (user_data);
}

/* a, then b and c, where c fails; then d after b, and e after c. */
void
mixed_begin_pipeline (Act *act)
{
  g_autoptr (ProcessRunner) runner = process_runner_new (act->mixed->service);
  const char *names[] = { "a", "b", "c", "d", "e" };
  const char *after[][2] = { { NULL }, { "a", NULL }, { "a", NULL }, { "b", NULL }, { "c", NULL } };
  ProcessRunSpec *specs[G_N_ELEMENTS (names)];

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *args[] = { "out", names[i], "exit", i == 2 ? "3" : "0", NULL };

      specs[i] = process_run_spec_new (names[i], soak_get_child (), args);
      process_run_spec_set_after (specs[i], after[i]);
    }
  process_runner_set_max_parallel (runner, 2);
  process_runner_run_all_async (runner, specs, G_N_ELEMENTS (specs), NULL, all_ran_cb, act);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_object_unref (specs[i]);
}

static void
probed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_probe_health_finish (result, &error);
  soak_stop_at (error);
  mixed_act_done (user_data);
}

void
mixed_begin_health (Act *act)
{
  process_probe_health_async (process_health_server_get_address (act->mixed->server),
                              30 * G_TIME_SPAN_SECOND, NULL, probed_cb, act);
}

/* One entry of a few is there afterwards, or is not any more. */
void
mixed_begin_registry (Act *act)
{
  ProcessRegistry *registry = act->mixed->registry;
  g_autofree char *name = g_strdup_printf ("worker-%d", get_random (act, 0, 8));
  g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("soak", name);
  g_autoptr (ProcessDaemonEntry) found = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;

  process_daemon_entry_set_pid (entry, getpid ());
  process_registry_register (registry, entry, &error);
  soak_stop_at (error);
  found = process_registry_get (registry, "soak", name);
  soak_check (found != NULL && process_daemon_entry_get_pid (found) == getpid ());
  all = process_registry_list (registry, &error);
  soak_stop_at (error);
  soak_check (all->len == 1);
  process_registry_unregister (registry, "soak", name, &error);
  soak_stop_at (error);
  g_clear_object (&found);
  found = process_registry_get (registry, "soak", name);
  soak_check (found == NULL);
  act->mixed->n_changes += 2;
  mixed_act_done (act);
}
