/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-daemon.h>
#include <process-glib/daemons/process-pid-file.h>

#include "process-notify-private.h"

G_BEGIN_DECLS

typedef struct _ProcessDaemonCall ProcessDaemonCall;

typedef enum
{
  PROCESS_DAEMON_STOPPED,
  PROCESS_DAEMON_RUNNING,
  PROCESS_DAEMON_STOPPING, /* the health server is being drained */
} ProcessDaemonState;

struct _ProcessDaemon
{
  GObject parent_instance;

  /* What it has to do with; set before it starts */
  char                *pid_path;         /* (owned) (nullable) */
  gint64               shutdown_timeout; /* above 0 */
  char                *health_address;   /* (owned) (nullable) */
  ProcessRegistry     *registry;         /* (owned) (nullable) */
  ProcessDaemonEntry  *registry_entry;   /* (owned) (nullable) */

  GMainContext        *context;          /* (owned) */
  GThread             *creator;          /* (owned) */
  ProcessHealthServer *server;           /* (owned), has the checks even if it never listens */
  gint                 rest_unready;     /* atomic: it is not ready because it was stopped */

  ProcessDaemonState   state;
  gboolean             busy;             /* a step of a start or stop is on the stack */
  GQueue               calls;            /* of (owned) ProcessDaemonCall, which wait for the end */

  /* What it holds while it runs */
  gboolean             listening;        /* the health server was started */
  ProcessPidFile      *held;             /* (owned) (nullable) */
  ProcessRegistry     *registered_in;    /* (owned) (nullable) */
  ProcessDaemonEntry  *registered;       /* (owned) (nullable) */
  ProcessNotify       *notify;           /* (owned) (nullable) */
  gboolean             told_ready;
  GSource             *watchdog;         /* (owned) (nullable) */
  GCancellable        *checking;         /* (owned) (nullable), of the watchdog's checks */
};

/* Tells of these properties. */
void     _process_daemon_notify_running (ProcessDaemon  *self);
void     _process_daemon_notify_address (ProcessDaemon  *self);

/* The steps, in process-daemon-life.c; all in the owner's context. */
gboolean _process_daemon_start          (ProcessDaemon  *self,
                                         GError        **error);
void     _process_daemon_begin_stop     (ProcessDaemon  *self);
void     _process_daemon_drop           (ProcessDaemon  *self);
void     _process_daemon_tell_ready     (ProcessDaemon  *self);

/* Those who wait for the end, in process-daemon-call.c. */
gboolean _process_daemon_call           (ProcessDaemon  *self,
                                         gboolean        run,
                                         GCancellable   *cancellable,
                                         GError        **error);
void     _process_daemon_call_async     (ProcessDaemon  *self,
                                         gboolean        run,
                                         GCancellable   *cancellable,
                                         GTask          *task);
/* Lets nothing but this end them from now on. */
void     _process_daemon_release_calls  (GQueue         *calls);
void     _process_daemon_end_calls      (GQueue         *calls,
                                         const GError   *error);

G_END_DECLS
