/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Runs five commands, each as soon as those that it needs are done. */

#include <process-glib/process-glib.h>

static ProcessRunSpec *
add_spec (GPtrArray *specs, const char *folder, const char *name, const char *script,
          const char * const *after)
{
  const char *args[] = { "-c", script, NULL };
  ProcessRunSpec *spec = process_run_spec_new (name, "sh", args);

  process_run_spec_set_cwd (spec, folder);
  process_run_spec_set_after (spec, after);
  g_ptr_array_add (specs, spec);
  return spec;
}

static void
spec_finished_cb (ProcessRunner *runner, ProcessRunResult *result, gpointer user_data)
{
  const GError *error = process_run_result_get_error (result);

  if (process_run_result_get_passed (result))
    g_print ("%s passed\n", process_run_result_get_name (result));
  else if (error != NULL)
    g_print ("%s: %s\n", process_run_result_get_name (result), error->message);
  else
    g_print ("%s ended with %d:\n%s", process_run_result_get_name (result),
             process_run_result_get_exit_code (result), process_run_result_get_output (result));
}

static void
finished_cb (GObject *object, GAsyncResult *result, gpointer loop)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunAllResult) all =
    process_runner_run_all_finish (PROCESS_RUNNER (object), result, &error);

  if (all == NULL)
    g_error ("%s", error->message);

  g_print ("%u passed, %u failed, %u skipped\n", process_run_all_result_get_n_passed (all),
           process_run_all_result_get_n_failed (all), process_run_all_result_get_n_skipped (all));
  g_main_loop_quit (loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *folder = g_dir_make_tmp ("pipeline-XXXXXX", NULL);
  ProcessRunSpec *check;

  add_spec (specs, folder, "fetch", "seq 100000 > data", NULL);
  add_spec (specs, folder, "compress", "gzip --keep data", (const char *[]) { "fetch", NULL });
  add_spec (specs, folder, "sum", "sha256sum data > data.sum", (const char *[]) { "fetch", NULL });
  check = add_spec (specs, folder, "check",
                    "gunzip --stdout data.gz | cmp - data && sha256sum -c data.sum",
                    (const char *[]) { "compress", "sum", NULL });
  process_run_spec_set_allow_failure (check, TRUE);
  add_spec (specs, folder, "clean", "rm -r \"$PWD\"", (const char *[]) { "check", NULL });

  process_runner_set_max_parallel (runner, g_get_num_processors ());
  g_signal_connect (runner, "spec-finished", G_CALLBACK (spec_finished_cb), NULL);
  process_runner_run_all_async (runner, (ProcessRunSpec **) specs->pdata, specs->len, NULL,
                                finished_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
