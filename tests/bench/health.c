/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

void
bench_run (void)
{
  const char *port = bench_get_string ("port", "0");
  g_autoptr (ProcessHealthServer) server = process_health_server_new (port);
  g_autoptr (GError) error = NULL;

  process_health_server_start (server, &error);
  bench_stop_at (error);
  if (bench_get_int ("announce", 0) != 0)
    g_print ("%s\n", process_health_server_get_address (server));
  g_main_loop_run (bench_loop);
}
