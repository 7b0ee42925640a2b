/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <process-glib/children/process-line-splitter-private.h>
#include <process-glib/children/process-poll-set-private.h>

G_BEGIN_DECLS

/* How much is read at once. */
#define PROCESS_READ_SIZE 65536

typedef struct _ProcessTimer ProcessTimer;
typedef struct _ProcessErrand ProcessErrand;
typedef struct _ProcessWard ProcessWard;

/* Whose signals the thread that drives a reactor may emit. */
typedef enum
{
  PROCESS_TURN_SILENT,  /* nobody's: it is not the owner */
  PROCESS_TURN_AWAITED, /* those that the owner waits for in a blocking call */
  PROCESS_TURN_ALL,     /* everybody's: the owner's main loop */
} ProcessTurn;

/* All of these are called with the reactor locked; the functions of errands,
 * and of channels unless the turn is silent, may unlock it meanwhile. */
typedef void     (*ProcessChannelFunc) (ProcessChannel *channel, ProcessTurn turn);
typedef void     (*ProcessTimerFunc)   (ProcessTimer *timer);
typedef void     (*ProcessErrandFunc)  (ProcessErrand *errand);
typedef void     (*ProcessWardFunc)    (ProcessWard *ward);
typedef gboolean (*ProcessTestFunc)    (gpointer data);
typedef void     (*ProcessLaterFunc)   (gpointer object, gpointer data);

/* A descriptor that is watched. */
struct _ProcessChannel
{
  ProcessFd           fd;     /* (owned), -1 = closed */
  guint32             events; /* that are watched for, 0 = none */
  guint               slot;   /* the poll set's, 0 = it is not polled for itself */
  gboolean            ready;  /* linked into the ready queue */
  GList               link;
  ProcessChannelFunc  func;
  gpointer            owner;  /* (unowned) */
};

/* A moment on the clock of g_get_monotonic_time (). */
struct _ProcessTimer
{
  gint64            deadline;
  GSequenceIter    *iter; /* (nullable), NULL = not armed */
  ProcessTimerFunc  func;
  gpointer          owner; /* (unowned) */
};

/* Something to do in the owner's context. */
struct _ProcessErrand
{
  gboolean           queued;
  guint              awaited; /* how many blocking calls of the owner wait for it */
  GList              link;
  ProcessErrandFunc  func;
  gpointer           owner; /* (unowned) */
};

/* Something that the owner's main loop will still have to see to. When there
 * will be none any more, it is let go: that is what @func is for. */
struct _ProcessWard
{
  gboolean         kept;
  GList            link;
  ProcessWardFunc  func;
  gpointer         owner; /* (unowned), whoever keeps one holds a reference meanwhile */
};

ProcessReactor *_process_reactor_new          (void);
ProcessReactor *_process_reactor_new_orphaned (void);
ProcessReactor *_process_reactor_ref          (ProcessReactor *self);
void            _process_reactor_unref        (ProcessReactor *self);

/* A thread that entered has to leave, and the context stays meanwhile. */
gboolean        _process_reactor_enter_owner  (ProcessReactor *self);
void            _process_reactor_leave_owner  (ProcessReactor *self);

void            _process_reactor_lock         (ProcessReactor *self);
void            _process_reactor_unlock       (ProcessReactor *self);

/* From here on the reactor is locked by the caller. */
gboolean        _process_reactor_is_orphaned  (ProcessReactor *self);
void            _process_reactor_keep         (ProcessReactor *self, ProcessWard *ward);
void            _process_reactor_let_go       (ProcessReactor *self, ProcessWard *ward);
gboolean        _process_reactor_open         (ProcessReactor *self);
void            _process_reactor_call_later   (ProcessReactor *self, ProcessLaterFunc func,
                                               gpointer object, gpointer data);
void            _process_reactor_unref_later  (ProcessReactor *self, gpointer object);
void            _process_reactor_return_later (ProcessReactor *self, GTask *task, GError *error);

void            _process_reactor_watch        (ProcessReactor *self, ProcessChannel *channel,
                                               guint32 events);
void            _process_reactor_unwatch      (ProcessReactor *self, ProcessChannel *channel);
void            _process_reactor_close        (ProcessReactor *self, ProcessChannel *channel);
void            _process_reactor_set_ready    (ProcessReactor *self, ProcessChannel *channel);

void            _process_reactor_arm          (ProcessReactor *self, ProcessTimer *timer,
                                               gint64 deadline);
void            _process_reactor_disarm       (ProcessReactor *self, ProcessTimer *timer);

void            _process_reactor_add_errand   (ProcessReactor *self, ProcessErrand *errand);
void            _process_reactor_drop_errand  (ProcessReactor *self, ProcessErrand *errand);
void            _process_reactor_wake         (ProcessReactor *self);
gboolean        _process_reactor_is_late      (ProcessReactor *self, ProcessTurn whose);

/* Returns what forget_exit () takes to have the callback called right away; it
 * has to clear @subprocess. */
GCancellable   *_process_reactor_await_exit   (ProcessReactor *self, GSubprocess *subprocess,
                                               GAsyncReadyCallback callback, gpointer user_data);
void            _process_reactor_forget_exit  (ProcessReactor *self, GCancellable *wait,
                                               GSubprocess **subprocess);

/* Room to read into, of PROCESS_READ_SIZE + 1 bytes, and to split into: lent to
 * one delivery at a time. */
char           *_process_reactor_take_block   (ProcessReactor *self);
void            _process_reactor_give_block   (ProcessReactor *self, char *block);
ProcessLines   *_process_reactor_take_lines   (ProcessReactor *self);
void            _process_reactor_give_lines   (ProcessReactor *self, ProcessLines *lines);

/* And here it is not. Handles what is ready until @test holds, waiting as long
 * as it takes. FALSE when cancelled. */
gboolean        _process_reactor_wait_until   (ProcessReactor *self, ProcessTestFunc test,
                                               gpointer data, GCancellable *cancellable);

G_END_DECLS
