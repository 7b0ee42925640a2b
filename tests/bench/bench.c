/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* PROGRAM [VERB] KEY=VALUE...: see README.md */

#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

GMainLoop *bench_loop;

void
bench_stop_at (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static double
to_seconds (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec * 1e-6;
}

static double
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return to_seconds (usage.ru_utime) + to_seconds (usage.ru_stime);
}

/* Nanoseconds count here: an echo takes a few thousand. */
double
bench_get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

/* In KiB; ru_maxrss would also count what the program before our exec used. */
gint64
bench_get_memory (const char *field)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL) ||
      (line = strstr (status, field)) == NULL)
    return -1;
  return g_ascii_strtoll (line + strlen (field), NULL, 10);
}

BenchClock
bench_read_clock (void)
{
  return (BenchClock){ bench_get_time (), get_cpu_time () };
}

void
bench_print (const char *counts, BenchClock since)
{
  BenchClock now = bench_read_clock ();

  g_print ("{%s, \"wall_s\": %.6f, \"cpu_self_s\": %.6f, \"hwm_kib\": %" G_GINT64_FORMAT "}\n",
           counts, now.wall - since.wall, now.cpu - since.cpu, bench_get_memory ("VmHWM:"));
}

int
main (int argc, char **argv)
{
  settings_init (argv);
  if (settings_get_int ("version", 0) != 0)
    {
      g_print ("%u.%u\n", glib_major_version, glib_minor_version);
      return EXIT_SUCCESS;
    }
  bench_loop = g_main_loop_new (NULL, FALSE);
  bench_run ();
  g_main_loop_unref (bench_loop);
  return EXIT_SUCCESS;
}
