/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-reactor-private.h>
#include <process-glib/daemons/process-health-server.h>

G_BEGIN_DECLS

typedef struct _ProcessHealthChecks ProcessHealthChecks;
typedef struct _ProcessHealthCheck ProcessHealthCheck;
typedef struct _ProcessInquiry ProcessInquiry;

typedef enum
{
  PROCESS_OUTCOME_PENDING,
  PROCESS_OUTCOME_PASSED,
  PROCESS_OUTCOME_FAILED,
  PROCESS_OUTCOME_GONE, /* removed before it had an answer */
} ProcessOutcomeState;

typedef struct
{
  ProcessHealthCheck  *check;    /* (owned) */
  ProcessOutcomeState  state;
  char                *message;  /* (owned) (nullable): of FAILED; one line of UTF-8 */
  gint64               duration; /* microseconds that the check took */
  gint64               time;     /* when it ended, in microseconds since 1970 */
} ProcessOutcome;

typedef gboolean (*ProcessExcludeFunc) (const char *name, gconstpointer data);
typedef void     (*ProcessInquiryFunc) (ProcessInquiry *inquiry, gpointer owner);

/* All of these are called with the reactor locked, and @func too. */
ProcessHealthChecks *_process_health_checks_new         (ProcessHealthServer *server,
                                                         ProcessReactor      *reactor,
                                                         GMainContext        *context);
void                 _process_health_checks_free        (ProcessHealthChecks *self);

guint                _process_health_checks_add         (ProcessHealthChecks         *self,
                                                         const char                  *name,
                                                         ProcessHealthCheckFunc       func,
                                                         ProcessHealthAsyncCheckFunc  async_func,
                                                         gint64                       timeout,
                                                         gpointer                     user_data,
                                                         GDestroyNotify               destroy,
                                                         GError                     **error);
void                 _process_health_checks_remove      (ProcessHealthChecks *self, guint id);
void                 _process_health_checks_clear       (ProcessHealthChecks *self);
guint                _process_health_checks_set_status  (ProcessHealthChecks *self,
                                                         const char          *name,
                                                         gboolean             healthy,
                                                         const char          *message);
gboolean             _process_health_checks_are_empty   (ProcessHealthChecks *self);

/* Asks each check that @exclude (nullable) does not leave out. If any are pending after it, @func
 * is told when all have answered. */
ProcessInquiry      *_process_health_checks_ask         (ProcessHealthChecks *self,
                                                         ProcessExcludeFunc   exclude,
                                                         gconstpointer        data,
                                                         ProcessInquiryFunc   func,
                                                         gpointer             owner);
/* Not told any more if it still waits. */
void                 _process_inquiry_free              (ProcessInquiry *self);
guint                _process_inquiry_get_n_pending     (ProcessInquiry *self);
guint                _process_inquiry_get_n_outcomes    (ProcessInquiry *self);
const ProcessOutcome *_process_inquiry_get_outcome      (ProcessInquiry *self, guint index);
/* The first that failed, or NULL. */
const ProcessOutcome *_process_inquiry_get_failure      (ProcessInquiry *self);

const char          *_process_health_check_get_name     (ProcessHealthCheck *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessInquiry, _process_inquiry_free)

G_END_DECLS
