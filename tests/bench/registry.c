/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
register_all (ProcessRegistry *registry, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, i);
      g_autoptr (ProcessDaemonEntry) entry = process_daemon_entry_new ("bench", name);
      g_autoptr (GError) error = NULL;

      process_daemon_entry_set_pid (entry, getpid ());
      process_registry_register (registry, entry, &error);
      bench_stop_at (error);
    }
}

static double
get_one (ProcessRegistry *registry, gint64 n_rounds)
{
  double start = bench_get_time ();

  for (gint64 i = 0; i < n_rounds; i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = process_registry_get (registry, "bench", "0");

      g_assert_nonnull (entry);
    }
  return (bench_get_time () - start) / (double) n_rounds;
}

static guint
list_all (ProcessRegistry *registry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = process_registry_list (registry, &error);

  bench_stop_at (error);
  return entries->len;
}

static double
unregister_one (ProcessRegistry *registry)
{
  double start = bench_get_time ();
  g_autoptr (GError) error = NULL;

  process_registry_unregister (registry, "bench", "0", &error);
  bench_stop_at (error);
  return bench_get_time () - start;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

void
bench_run (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_dir_make_tmp ("bench-XXXXXX", &error);
  g_autoptr (ProcessRegistry) registry = process_registry_new (path);
  gint64 n = settings_get_int ("n", 1000), n_rounds = settings_get_int ("rounds", 100);
  BenchClock start, registered, got, listed;
  double get_s, unregister_s;
  guint n_listed;

  bench_stop_at (error);
  start = bench_read_clock ();
  register_all (registry, n);
  registered = bench_read_clock ();
  get_s = get_one (registry, n_rounds);
  got = bench_read_clock ();
  n_listed = list_all (registry);
  listed = bench_read_clock ();
  unregister_s = unregister_one (registry);

  g_print ("{\"n\": %" G_GINT64_FORMAT ", \"ok\": %u, \"register_s\": %.6f, \"get_us\": %.2f, "
           "\"list_s\": %.6f, \"unregister_us\": %.2f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           n, n_listed, registered.wall - start.wall, get_s * 1e6, listed.wall - got.wall,
           unregister_s * 1e6, bench_get_memory ("VmHWM:"));
  remove_folder (path);
}
