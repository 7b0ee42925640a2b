/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

#include "../helpers/settings.h"

#include <string.h>

G_BEGIN_DECLS

/* What the programs here share: PROGRAM [KEY=VALUE]... prints its figures as one JSON object. It
 * fails when something went wrong, and when something is left or has grown:
 *
 *   samples=FILE  writes a table of samples there (CSV)
 *   memory=0      memory is not looked at: a sanitizer has its own
 *
 * Each defines soak_run (). */
void        soak_run          (void);

/* The program that tests start as a child. */
const char *soak_get_child    (void);
void        soak_stop_at      (const GError *error);
/* For what must hold; a GLib assertion would not say what was asked for. */
#define soak_check(condition)                                                             \
  G_STMT_START                                                                            \
    {                                                                                     \
      if (!(condition))                                                                   \
        g_error ("%s:%d: this does not hold: %s", __FILE__, __LINE__, #condition);        \
    }                                                                                     \
  G_STMT_END
/* There may not be so many: the test is skipped. */
void        soak_need_fds     (guint n);

/* Times in microseconds, to within two percent, in a fixed amount of memory. */
#define SOAK_STEPS 32 /* of a power of two */
typedef struct
{
  guint64 counts[SOAK_STEPS * 40];
  guint64 n;
  gint64  max;
} SoakTimes;

void        soak_times_add    (SoakTimes *self, gint64 time);
void        soak_times_merge  (SoakTimes *self, const SoakTimes *other);
gint64      soak_times_get    (const SoakTimes *self, double share);

/* The memory that is in use, and the open descriptors, of this program. */
typedef struct
{
  gint64 rss_kib;
  gint64 heap_bytes; /* as malloc () has given it out */
  guint  n_fds;
} SoakState;

SoakState   soak_look         (void);

/* Something was done that took so long; a row of samples; and the state from which on nothing may
 * grow, which is for a moment when nothing is going on. */
void        soak_count        (gint64 time);
void        soak_count_times  (const SoakTimes *times);
guint64     soak_get_count    (void);
void        soak_sample       (guint n_running);
void        soak_mark         (void);

/* Members of the JSON object. */
void        soak_tell         (const char *name, double value);
void        soak_tell_int     (const char *name, gint64 value);
void        soak_tell_times   (const char *name, const SoakTimes *times);

G_END_DECLS
