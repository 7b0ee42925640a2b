/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

#include <unistd.h>

#define MIXED_N_KINDS 16

typedef struct
{
  ProcessService      *service;  /* (owned) */
  ProcessRegistry     *registry; /* (owned) */
  ProcessHealthServer *server;   /* (owned) */
  GRand               *rand;     /* (owned) */
  char                *folder;   /* (owned) */
  char                *mark;     /* (owned), among the arguments of what may be left of a group */
  guint                n_acts;   /* at a time */
  guint                n_active;
  gint64               n_changes; /* of the registry */
  SoakTimes            times[MIXED_N_KINDS];
} Mixed;

/* One thing that is done. */
typedef struct
{
  Mixed        *mixed; /* (unowned) */
  guint         kind;
  gint64        began;
  gsize         n_wanted;
  gsize         n_got;
  GBytes       *bytes;       /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
} Act;

/* Frees it. */
void mixed_act_done       (Act *act);

/* Each of these checks what comes of it, and ends it. */
void mixed_begin_idle     (Act *act);
void mixed_begin_lines    (Act *act);
void mixed_begin_input    (Act *act);
void mixed_begin_timeout  (Act *act);
void mixed_begin_group    (Act *act);
void mixed_begin_run      (Act *act);
void mixed_begin_cancel   (Act *act);
void mixed_begin_missing  (Act *act);
void mixed_begin_pipeline (Act *act);
void mixed_begin_health   (Act *act);
void mixed_begin_registry (Act *act);
