/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

/* Layers of specs, each spec after all of the layer before. */
static GPtrArray *
make_layers (gint64 layers, gint64 width)
{
  const char *command = settings_get_string ("command", "/bin/true");
  GPtrArray *specs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GStrvBuilder) none = g_strv_builder_new ();
  g_auto (GStrv) before = g_strv_builder_end (none);

  for (gint64 i = 0; i < layers; i++)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      for (gint64 j = 0; j < width; j++)
        {
          g_autofree char *name =
            g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, i, j);
          ProcessRunSpec *spec = process_run_spec_new (name, command, NULL);

          process_run_spec_set_after (spec, (const char * const *) before);
          g_ptr_array_add (specs, spec);
          g_strv_builder_add (builder, name);
        }
      g_strfreev (before);
      before = g_strv_builder_end (builder);
    }
  return specs;
}

void
bench_run (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  gint64 layers = settings_get_int ("layers", 10), width = settings_get_int ("width", 20);
  g_autoptr (GPtrArray) specs = make_layers (layers, width);
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GError) error = NULL;
  BenchClock start, end;

  process_runner_set_max_parallel (runner, (guint) settings_get_int ("parallel", 2));
  start = bench_read_clock ();
  all = process_runner_run_all (runner, (ProcessRunSpec **) specs->pdata, specs->len, NULL, &error);
  end = bench_read_clock ();
  bench_stop_at (error);
  g_print ("{\"n\": %u, \"ok\": %u, \"wall_s\": %.6f, \"cpu_self_s\": %.6f, "
           "\"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           specs->len, process_run_all_result_get_n_passed (all), end.wall - start.wall,
           end.cpu - start.cpu, bench_get_memory ("VmHWM:"));
}
