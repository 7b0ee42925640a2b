/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-managed-process.h>
#include <process-glib/children/process-reactor-private.h>
#include <process-glib/children/process-ring-buffer.h>
#include <process-glib/children/process-run-options.h>
#include <process-glib/children/process-service.h>
#include <process-glib/children/process-spawn-private.h>
#include <process-glib/process-error.h>

G_BEGIN_DECLS

/* How much output may wait for a slow handler, per process. */
#define PROCESS_MAX_UNDELIVERED (1024 * 1024)

/* How long a descendant that holds the output may be silent before the end is told; see rule 4 in
 * docs/ending-things.md. */
#define PROCESS_LINGER_SILENCE (100 * G_TIME_SPAN_MILLISECOND)
#define PROCESS_LINGER_MAX G_TIME_SPAN_SECOND

/* How much input may wait for a slow child. */
#define PROCESS_MAX_UNSENT (16 * 1024 * 1024)

/* One of the child's two output pipes. */
typedef struct
{
  ProcessChannel       channel;
  ProcessStream        stream;
  ProcessLineSplitter  splitter;    /* of the owner's deliveries, not under the lock */
  gsize                must_read;   /* what was in the pipe when the child was reaped */
  guint                n_full;      /* reads in a row that filled the room */
  gboolean             has_gap;     /* output was captured only, since nobody listened */
} ProcessOutput;

typedef struct
{
  ProcessChannel channel;
  GQueue         queue; /* of ProcessInputItem, see process-input.c */
  gsize          unsent;
  int            problem; /* why not all of it was written, 0 also when nobody reads it */
  gboolean       close_after;
} ProcessInput;

typedef void (*ProcessEndedFunc) (ProcessManagedProcess *process, gpointer user_data);

/* See process-life.c for the states. "Fixed" fields are set before anybody else
 * sees the process; all others are under the reactor's lock. */
struct _ProcessManagedProcess
{
  GObject             parent_instance;

  /* fixed */
  ProcessReactor     *reactor; /* (owned) */
  ProcessRunOptions  *options; /* (owned), a snapshot */
  char               *id;      /* (owned) */
  char               *command; /* (owned), valid UTF-8 */
  char              **args;    /* (owned), valid UTF-8 */
  char              **env;     /* (owned), valid UTF-8 */
  GDateTime          *started_at; /* (owned) */
  gint64              started_time;
  int                 pid;
  ProcessRingBuffer  *ring;    /* (owned) (nullable) */

  /* the child */
  GSubprocess        *subprocess; /* (owned) (nullable), until it is reaped */
  GCancellable       *exit_wait;  /* (owned) (nullable), likewise */
  ProcessFd           pidfd;
  ProcessChannel      exit;        /* watches the pidfd */
  gboolean            has_group;   /* of its own, which may have members */
  ProcessOutput       out;
  ProcessOutput       err;
  ProcessInput        in;
  GCancellable       *cancellable; /* (owned) (nullable) */
  gulong              cancelled_handler;

  /* its end */
  ProcessTimer        stop_timer;   /* timeout, then grace, then the group's last members */
  ProcessTimer        linger_timer;
  ProcessTimer        group_timer;  /* looks for what is left of the group; no reference held */
  gint64              linger_limit;
  gint64              kill_time;    /* when a stop becomes a kill; then when it is given up */
  ProcessExitReason   stop_reason;  /* NONE = nobody asked it to stop */
  guint64             signals_sent; /* bit n - 1 for signal n */
  gboolean            killing;      /* SIGKILL was sent */
  gboolean            stopping;     /* a stop goes on, perhaps for the rest of the group */
  gboolean            reaped;
  gboolean            ended;
  gboolean            lingering;
  int                 wait_status;
  ProcessStatus       status;
  ProcessExitReason   exit_reason;
  int                 exit_code;
  int                 term_signal;
  gint64              duration;     /* -1 = it goes on */
  GError             *error;        /* (owned) (nullable), of the start or the end */

  /* what the owner is to be told */
  ProcessWard         ward;         /* holds a reference while it is kept */
  ProcessErrand       errand;
  ProcessService     *service;      /* (owned) (nullable), until nothing will be emitted any more */
  GQueue              undelivered;  /* of ProcessChunk, see process-output.c */
  gsize               n_undelivered;
  gboolean            failed_start;
  gboolean            started_emitted;
  gboolean            delivering;
  gboolean            missed_errand; /* meanwhile */
  gboolean            truncated_notified;
  gboolean            lingering_notified;
  gboolean            exited_emitted;
  GPtrArray          *waits;        /* (owned) (nullable), tasks of wait_async () */
  GPtrArray          *stops;        /* (owned) (nullable), tasks that wait for its group, too */
  ProcessEndedFunc    ended_func;
  gpointer            ended_data;
  GDestroyNotify      ended_destroy;

  /* for run (): the last line of standard error that is not empty */
  gboolean            keeps_stderr;
  GString            *stderr_line;  /* (owned) (nullable) */
  char               *last_stderr;  /* (owned) (nullable) */

  /* the service's books */
  GList               link;         /* in the order of the starts */
  GList               history_link; /* in the order of the ends */
  gboolean            listed;
  gboolean            in_history;
  GSequenceIter      *item;         /* (nullable), in the list model; the owner's */
};

/* process-managed-process.c */
ProcessManagedProcess *_process_managed_process_new         (ProcessService    *service,
                                                             ProcessReactor    *reactor,
                                                             ProcessRunOptions *options,
                                                             guint              buffer_size);
void     _process_managed_process_notify_end                (ProcessManagedProcess *self);
void     _process_managed_process_notify_truncated          (ProcessManagedProcess *self);
void     _process_managed_process_notify_lingering          (ProcessManagedProcess *self);
void     _process_managed_process_emit_started              (ProcessManagedProcess *self);
void     _process_managed_process_emit_killed               (ProcessManagedProcess *self);
void     _process_managed_process_emit_exited               (ProcessManagedProcess *self);
void     _process_managed_process_emit_output               (ProcessManagedProcess *self,
                                                             ProcessOutput         *output,
                                                             char                  *bytes,
                                                             gsize                  length,
                                                             ProcessLines          *lines);
gboolean _process_managed_process_has_listeners          (ProcessManagedProcess *self);
void     _process_managed_process_set_ended_func            (ProcessManagedProcess *self,
                                                             ProcessEndedFunc       func,
                                                             gpointer               user_data,
                                                             GDestroyNotify         destroy);
void     _process_managed_process_call_ended                (ProcessManagedProcess *self);
void     _process_managed_process_set_awaited               (ProcessManagedProcess *self,
                                                             gboolean               awaited);

/* process-control.c */
gboolean _process_control_wait       (ProcessReactor *reactor, ProcessManagedProcess **processes,
                                      guint n_processes, ProcessTestFunc test, gpointer data,
                                      gboolean *is_owner, GCancellable *cancellable,
                                      GError **error);
gboolean _process_control_wait_ended (ProcessManagedProcess *self, GError **error);
gboolean _process_control_is_over    (ProcessManagedProcess *self, gboolean owner,
                                      gboolean stopped);
void     _process_control_wait_ended_async (ProcessManagedProcess *self, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

/* process-life.c; all under the lock but dispose () */
void     _process_life_keep       (ProcessManagedProcess *self);
void     _process_life_orphan     (ProcessWard *ward);
void     _process_life_dispose    (ProcessManagedProcess *self);
void     _process_life_begin      (ProcessManagedProcess *self, ProcessChild *child);
void     _process_life_fail       (ProcessManagedProcess *self, GError *error);
gboolean _process_life_stop       (ProcessManagedProcess *self, ProcessExitReason reason,
                                   gint64 grace, GError **error);
gboolean _process_life_peek       (ProcessManagedProcess *self, int *wait_status);
void     _process_life_advance    (ProcessManagedProcess *self);
void     _process_life_deliver    (ProcessErrand *errand);
void     _process_life_finish_delivery (ProcessManagedProcess *self);
void     _process_life_cancel     (ProcessManagedProcess *self, GCancellable *cancellable);

/* process-output.c; all under the lock */
void     _process_output_open     (ProcessManagedProcess *self, ProcessOutput *output, int fd);
void     _process_output_drain    (ProcessManagedProcess *self, ProcessOutput *output);
void     _process_output_catch_up (ProcessManagedProcess *self);
void     _process_output_deliver  (ProcessManagedProcess *self);
void     _process_output_flush    (ProcessManagedProcess *self);
gboolean _process_output_is_open  (ProcessManagedProcess *self);
void     _process_output_discard  (ProcessManagedProcess *self);
void     _process_output_abandon  (ProcessManagedProcess *self);
void     _process_output_close    (ProcessManagedProcess *self);

/* process-input.c; all under the lock */
void     _process_input_open      (ProcessManagedProcess *self, int fd);
gboolean _process_input_send      (ProcessManagedProcess *self, GBytes *bytes, GTask *task,
                                   gsize limit, GError **error);
gboolean _process_input_check     (ProcessManagedProcess *self, GError **error);
gboolean _process_input_forget    (ProcessManagedProcess *self, GTask *task);
void     _process_input_finish    (ProcessManagedProcess *self);
void     _process_input_fail_calls (ProcessManagedProcess *self, const GError *error);
void     _process_input_abandon   (ProcessManagedProcess *self, GQuark domain, int code,
                                   const char *message);

/* process-group.c; all under the lock */
gboolean _process_group_signal    (ProcessManagedProcess *self, int signum, GError **error);
gboolean _process_group_send      (ProcessManagedProcess *self, int signum, GError **error);
gboolean _process_group_is_empty  (ProcessManagedProcess *self);
void     _process_group_forget    (ProcessManagedProcess *self);
gboolean _process_group_is_alive  (ProcessManagedProcess *self);

G_END_DECLS
