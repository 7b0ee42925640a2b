/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-health-answer-private.h>

G_BEGIN_DECLS

/* What is served at once; those above are told 503, and so many of them are waited for until they
 * have heard it. */
#define PROCESS_HEALTH_MAX_CONNECTIONS 256
#define PROCESS_HEALTH_MAX_TURNED_AWAY 64

typedef void (*ProcessDrainedFunc) (gpointer owner);

/* The connections of a server, and what they answer from. */
typedef struct
{
  ProcessReactor      *reactor;       /* (unowned) */
  ProcessHealthChecks *checks;        /* (unowned) */
  gboolean             ready;
  gboolean             draining;      /* nobody may ask anything new, and when all are gone … */
  ProcessDrainedFunc   drained;       /* … this is called */
  gpointer             owner;         /* (unowned) */
  gboolean             local;         /* only a loopback name may be asked for … */
  char                *name;          /* (owned) (nullable), … or this one */
  ProcessHttpDate      date;
  GString             *out;           /* (owned), room to write an answer */
  GQueue               connections;
  guint                n_turned_away; /* of them */
} ProcessHealthDesk;

/* All of these are called with the reactor locked. */
void  _process_health_desk_init             (ProcessHealthDesk   *self,
                                             ProcessReactor      *reactor,
                                             ProcessHealthChecks *checks,
                                             ProcessDrainedFunc   drained,
                                             gpointer             owner);
/* Closes all connections. */
void  _process_health_desk_close            (ProcessHealthDesk *self);
void  _process_health_desk_clear            (ProcessHealthDesk *self);
/* Takes @fd, which does not block. */
void  _process_health_desk_serve            (ProcessHealthDesk *self, int fd);
/* Lets those go that have not asked anything; the others end with their answers. */
void  _process_health_desk_drain            (ProcessHealthDesk *self);
/* Of the connections those that would lose something if they were closed. */
guint _process_health_desk_count_unanswered (ProcessHealthDesk *self);

G_END_DECLS
