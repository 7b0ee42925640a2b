/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

static gboolean
check_cb (gpointer user_data, GError **error)
{
  return TRUE;
}

static void
add_checks (ProcessHealthServer *server)
{
  for (gint64 i = 0; i < settings_get_int ("checks", 0); i++)
    {
      g_autofree char *name = g_strdup_printf ("check-%" G_GINT64_FORMAT, i);
      g_autoptr (GError) error = NULL;

      process_health_server_add_check (server, name, check_cb, NULL, NULL, &error);
      bench_stop_at (error);
    }
}

void
bench_run (void)
{
  const char *port = settings_get_string ("port", "0");
  g_autoptr (ProcessHealthServer) server = process_health_server_new (port);
  g_autoptr (GError) error = NULL;

  add_checks (server);
  process_health_server_start (server, &error);
  bench_stop_at (error);
  if (settings_get_int ("announce", 0) != 0)
    g_print ("%s\n", process_health_server_get_address (server));
  g_main_loop_run (bench_loop);
}
