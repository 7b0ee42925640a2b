/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

#include "../helpers/settings.h"

/* What one workload shares with the others; each defines bench_run (). */

typedef struct
{
  double wall;
  double cpu;
} BenchClock;

extern GMainLoop *bench_loop;

void        bench_run        (void);

double      bench_get_time   (void);
gint64      bench_get_memory (const char   *field);
BenchClock  bench_read_clock (void);
void        bench_print      (const char   *counts,
                              BenchClock    since);
void        bench_stop_at    (const GError *error);
