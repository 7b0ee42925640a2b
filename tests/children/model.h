/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* What may become of a process, whatever is done to it from two threads: a life
 * knows what the child does by itself and what was done to it, sees all signals,
 * and tells whether the one follows from the other. */

/* What a child does when it is left alone. */
typedef struct
{
  const char *verbs[14]; /* of the test child; "@orders" and "@report" are the FIFOs */
  const char *program;   /* (nullable), in place of the test child */
  const char *out;       /* all that it prints, if that is known and not `big` */
  const char *err;
  int         code;      /* with which it exits */
  int         signum;    /* by which it ends, or 0 */
  int         caught;    /* the code with which it exits at SIGTERM, or 0 */
  gboolean    big;       /* what it prints is "line 1" to "line 20000" */
  gboolean    endless;
  gboolean    reads;     /* ends when its standard input does */
  gboolean    copies;    /* and prints it */
  gboolean    survived;  /* a descendant holds its output and may print */
  gboolean    missing;   /* cannot be started */
  gboolean    refused;   /* is not even tried */
} ModelChild;

typedef enum
{
  MODEL_DONE_KILL = 1 << 0, /* or shut down */
  MODEL_DONE_SIGNAL = 1 << 1,
  MODEL_DONE_CANCEL = 1 << 2,
  MODEL_DONE_CLOSE = 1 << 3,
  MODEL_DONE_STOP = 1 << 4, /* SIGSTOP */
  MODEL_DONE_DYING = 1 << 5, /* SIGKILL was sent or will be */
  MODEL_DONE_REMOVE = 1 << 6,
} ModelDone;

/* The signals are those of the process and those of the service. */
enum { MODEL_BY_PROCESS, MODEL_BY_SERVICE, N_MODEL_EMITTERS };

typedef struct
{
  guint                  index;
  GThread               *owner;
  const ModelChild      *child;
  ProcessRunOptions     *options;     /* (owned) */
  GCancellable          *cancellable; /* (owned) (nullable), given to the start */
  gboolean               is_run;
  gint                   done;        /* atomic, of ModelDone, set before it is done */
  gint                   signals;     /* atomic, those that were sent, a bit each */
  gint                   n_sent;      /* atomic, bytes that were taken as input */
  ProcessManagedProcess *process;     /* (owned) (nullable), under the world's lock */

  /* Of the owner's thread: what was seen. */
  gboolean               attached;    /* to the signals of the process */
  guint                  n_started[N_MODEL_EMITTERS];
  guint                  n_output[N_MODEL_EMITTERS];
  guint                  n_killed[N_MODEL_EMITTERS];
  guint                  n_exited[N_MODEL_EMITTERS];
  guint                  n_notified;  /* of the end */
  GString               *text[2];     /* (owned), the lines of each stream */
  gboolean               met;         /* the process was known once; under the lock */
  gboolean               ended;
  gboolean               refused;     /* by the start: there is no process */
  ProcessExitReason      reason;
  int                    code;
  GError                *error;       /* (owned) (nullable), of the end */
} ModelLife;

ModelLife        *model_life_new          (guint              index,
                                           GRand             *random,
                                           gboolean           is_run,
                                           const char        *orders,
                                           const char        *report);
void              model_life_free         (ModelLife         *self);
void              model_life_note         (ModelLife         *self,
                                           ModelDone          done);
gboolean          model_life_was          (ModelLife         *self,
                                           ModelDone          done);
GBytes           *model_make_input        (gsize              size);
/* Whether a wait for its end need not be ended by somebody. */
gboolean          model_life_is_mortal    (ModelLife         *self);
/* Which life the process is of. */
guint             model_get_index         (ProcessManagedProcess *process);
/* The checks of what is told, and in the end of what was. */
void              model_life_attach       (ModelLife         *self,
                                           ProcessManagedProcess *process);
void              model_life_started      (ModelLife         *self,
                                           ProcessManagedProcess *process,
                                           int                emitter);
void              model_life_output       (ModelLife         *self,
                                           const char        *line,
                                           ProcessStream      stream,
                                           int                emitter);
void              model_life_killed       (ModelLife         *self,
                                           ProcessManagedProcess *process,
                                           const char        *name,
                                           int                emitter);
void              model_life_exited       (ModelLife         *self,
                                           ProcessManagedProcess *process,
                                           int                code,
                                           gint64             duration,
                                           const GError      *error,
                                           int                emitter);
void              model_life_check_start  (ModelLife         *self,
                                           const GError      *error,
                                           gboolean           shut);
/* The error of a wait or run that told of the end. */
void              model_life_check_error  (ModelLife         *self,
                                           const GError      *error);
void              model_life_check        (ModelLife         *self,
                                           gboolean           disposed);

G_END_DECLS
