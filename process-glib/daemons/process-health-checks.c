/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-checks-private.h"

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* How it works
 *
 * Who wants to know makes an inquiry, which has an outcome for each check. A
 * check that is not being run yet is queued, and an errand runs it in the
 * owner's context without the lock; whoever asks meanwhile waits for the same
 * run. So checks run side by side, each but once at a time.
 *
 * A run ends with the answer of its function or task, at its deadline, or when
 * the check is removed, whichever comes first. It has a number, by which an
 * answer that comes after that is told apart and ignored.
 *
 * When a run ends its outcome is first given to all that wait for it. Only
 * then are those inquiries told that have all their outcomes, since they may
 * ask anew.
 */

#define DEFAULT_TIMEOUT (5 * G_TIME_SPAN_SECOND)

struct _ProcessHealthCheck
{
  guint                        refs;       /* under the lock */
  ProcessHealthChecks         *checks;     /* (unowned) (nullable), NULL = removed */
  guint                        id;
  char                        *name;       /* (owned) */
  ProcessHealthCheckFunc       func;       /* (nullable) */
  ProcessHealthAsyncCheckFunc  async_func; /* (nullable), neither: the status is pushed */
  gpointer                     user_data;
  GDestroyNotify               destroy;
  gint64                       timeout;    /* microseconds */

  gboolean                     healthy;    /* if the status is pushed */
  char                        *message;    /* (owned) (nullable), likewise */

  gboolean                     running;    /* or about to */
  gboolean                     queued;     /* is about to */
  GList                        due;
  guint                        run;        /* its number */
  gint64                       started;
  ProcessTimer                 deadline;
  GCancellable                *cancellable; /* (owned) (nullable), of its task */
  GArray                      *waiting;    /* of Waiting */
};

/* An inquiry that waits for a run, and which of its outcomes that is. */
typedef struct
{
  ProcessInquiry *inquiry; /* (unowned) */
  guint           index;
} Waiting;

struct _ProcessInquiry
{
  ProcessHealthChecks *checks; /* (unowned), lives longer */
  GArray              *outcomes;
  guint                n_pending;
  ProcessInquiryFunc   func;
  gpointer             owner;
  gboolean             answered; /* and queued to be told */
  GList                link;
};

struct _ProcessHealthChecks
{
  ProcessHealthServer *server;   /* (unowned) */
  ProcessReactor      *reactor;  /* (unowned) */
  GMainContext        *context;  /* (unowned) */
  GPtrArray           *list;     /* (owned), of ProcessHealthCheck, as added */
  GHashTable          *by_name;  /* (owned), the same (unowned) */
  guint                last_id;
  GQueue               due;      /* of ProcessHealthCheck (owned) */
  GQueue               answered; /* of ProcessInquiry (unowned) */
  ProcessErrand        errand;
};

/* What the task of a run knows about it. */
typedef struct
{
  ProcessReactor     *reactor; /* (owned) */
  ProcessHealthCheck *check;   /* (owned) */
  guint               run;
} Run;

static ProcessHealthCheck *
ref_check (ProcessHealthCheck *check)
{
  check->refs++;
  return check;
}

typedef struct
{
  GDestroyNotify func;
  gpointer       data;
} Destroy;

static void
call_destroy (gpointer object, gpointer data)
{
  g_autofree Destroy *destroy = object;

  destroy->func (destroy->data);
}

static void
destroy_later (ProcessReactor *reactor, GDestroyNotify func, gpointer data)
{
  Destroy *destroy = g_new (Destroy, 1);

  *destroy = (Destroy) { func, data };
  _process_reactor_call_later (reactor, call_destroy, destroy, NULL);
}

static void
unref_check (ProcessReactor *reactor, ProcessHealthCheck *check)
{
  if (--check->refs > 0)
    return;
  if (check->destroy != NULL)
    destroy_later (reactor, check->destroy, check->user_data);
  g_clear_object (&check->cancellable);
  g_array_unref (check->waiting);
  g_free (check->message);
  g_free (check->name);
  g_free (check);
}

static void
clear_outcome (ProcessReactor *reactor, ProcessOutcome *outcome)
{
  unref_check (reactor, outcome->check);
  g_free (outcome->message);
}

/* One line, whatever the user wrote. */
static char *
make_line (const char *text)
{
  char *line = _process_make_valid (text, -1);

  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return g_strchomp (line);
}

static char *
make_message (const char *message)
{
  g_autofree char *line = make_line (message != NULL ? message : "");

  return *line != '\0' ? g_steal_pointer (&line) : g_strdup ("No reason was given");
}

static void
set_outcome (Waiting *waiting, gint64 started, ProcessOutcomeState state, const char *message)
{
  ProcessInquiry *inquiry = waiting->inquiry;
  ProcessOutcome *outcome = &g_array_index (inquiry->outcomes, ProcessOutcome, waiting->index);

  outcome->state = state;
  outcome->message = g_strdup (message);
  outcome->duration = g_get_monotonic_time () - started;
  outcome->time = g_get_real_time ();
  if (--inquiry->n_pending > 0)
    return;
  inquiry->answered = TRUE;
  inquiry->link.data = inquiry;
  g_queue_push_tail_link (&inquiry->checks->answered, &inquiry->link);
}

static void
leave_answered (ProcessInquiry *inquiry)
{
  if (inquiry->answered)
    g_queue_unlink (&inquiry->checks->answered, &inquiry->link);
  inquiry->answered = FALSE;
}

static void
tell_answered (ProcessHealthChecks *self)
{
  while (self->answered.length > 0)
    {
      ProcessInquiry *inquiry = self->answered.head->data;

      leave_answered (inquiry);
      inquiry->func (inquiry, inquiry->owner);
    }
}

static void
cancel_task (gpointer object, gpointer data)
{
  g_autoptr (GCancellable) cancellable = object;

  g_cancellable_cancel (cancellable);
}

static void
end_run (ProcessHealthCheck *check, ProcessOutcomeState state, const char *message)
{
  check->running = FALSE;
  check->run++;
  _process_reactor_disarm (check->checks->reactor, &check->deadline);
  for (guint i = 0; i < check->waiting->len; i++)
    set_outcome (&g_array_index (check->waiting, Waiting, i), check->started, state, message);
  g_array_set_size (check->waiting, 0);
}

/* Whoever works on the answer of a run that is over need not go on. */
static void
abandon_run (ProcessHealthCheck *check, ProcessOutcomeState state, const char *message)
{
  if (check->cancellable != NULL)
    _process_reactor_call_later (check->checks->reactor, cancel_task,
                                 g_steal_pointer (&check->cancellable), NULL);
  end_run (check, state, message);
}

static char *
describe_late (ProcessHealthCheck *check)
{
  return g_strdup_printf ("No answer within %g s", (double) check->timeout / G_TIME_SPAN_SECOND);
}

static void
deadline_cb (ProcessTimer *timer)
{
  ProcessHealthCheck *check = timer->owner;
  ProcessHealthChecks *self = check->checks;
  g_autofree char *message = describe_late (check);

  abandon_run (check, PROCESS_OUTCOME_FAILED, message);
  tell_answered (self);
}

/* A user's callback may fail without saying why, and say why without failing. */
static void
take_answer (ProcessHealthCheck *check, gboolean passed, const GError *error)
{
  g_autofree char *message = NULL;

  g_clear_object (&check->cancellable);
  if (error != NULL)
    message = make_message (error->message);
  else if (!passed)
    message = g_strdup ("The check failed without an error");
  else if (g_get_monotonic_time () - check->started > check->timeout)
    message = describe_late (check);
  end_run (check, message == NULL ? PROCESS_OUTCOME_PASSED : PROCESS_OUTCOME_FAILED, message);
}

static void
call_check (ProcessHealthChecks *self, ProcessHealthCheck *check)
{
  g_autoptr (GError) error = NULL;
  guint run = check->run;
  gboolean passed;

  _process_reactor_unlock (self->reactor);
  passed = check->func (check->user_data, &error);
  _process_reactor_lock (self->reactor);
  if (check->run == run)
    take_answer (check, passed, error);
}

static void
free_run (gpointer data)
{
  Run *run = data;

  _process_reactor_lock (run->reactor);
  unref_check (run->reactor, run->check);
  _process_reactor_unlock (run->reactor);
  _process_reactor_unref (run->reactor);
  g_free (run);
}

static GQuark
get_run_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("process-health-check-run");
  return quark;
}

/* In the owner's context. The server lives: it is the task's source. */
static void
task_returned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = g_object_get_qdata (G_OBJECT (result), get_run_quark ());
  g_autoptr (GError) error = NULL;
  gboolean passed = g_task_propagate_boolean (G_TASK (result), &error);

  _process_reactor_lock (run->reactor);
  if (run->check->run == run->run)
    {
      ProcessHealthChecks *self = run->check->checks;

      take_answer (run->check, passed, error);
      tell_answered (self);
    }
  _process_reactor_unlock (run->reactor);
}

/* Nobody has the task any more, in whichever thread. If it was not answered, it is now: its end
 * would else only be seen at the deadline, and GLib would call it a mistake. */
static void
task_dropped_cb (gpointer data, GObject *object)
{
  Run *run = data;
  GTask *task = G_TASK (object);
  gboolean gone;

  _process_reactor_lock (run->reactor);
  /* An answer that nobody will ever take is an answer, too. */
  gone = _process_reactor_is_orphaned (run->reactor);
  _process_reactor_unlock (run->reactor);
  if (!gone && !g_task_get_completed (task))
    g_task_return_new_error (task, PROCESS_ERROR, PROCESS_ERROR_FAILED,
                             "The check dropped its task without an answer");
}

/* The task keeps the check, and with it what the user gave for it. */
static GTask *
create_task (ProcessHealthChecks *self, ProcessHealthCheck *check)
{
  GTask *task = g_task_new (self->server, check->cancellable, task_returned_cb, NULL);
  Run *run = g_new (Run, 1);

  *run = (Run) { _process_reactor_ref (self->reactor), ref_check (check), check->run };
  g_object_set_qdata_full (G_OBJECT (task), get_run_quark (), run, free_run);
  g_object_weak_ref (G_OBJECT (task), task_dropped_cb, run);
  g_task_set_source_tag (task, process_health_server_add_async_check);
  /* A task that was cancelled is not waited for any more. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static gint64
get_deadline (const ProcessHealthCheck *check)
{
  return check->timeout < G_MAXINT64 - check->started ? check->started + check->timeout
                                                      : G_MAXINT64;
}

static void
start_task (ProcessHealthChecks *self, ProcessHealthCheck *check)
{
  GTask *task;

  check->cancellable = g_cancellable_new ();
  check->deadline.func = deadline_cb;
  check->deadline.owner = check;
  _process_reactor_arm (self->reactor, &check->deadline, get_deadline (check));
  g_main_context_push_thread_default (self->context);
  task = create_task (self, check);
  _process_reactor_unlock (self->reactor);

  check->async_func (self->server, task, check->user_data);
  g_object_unref (task);

  _process_reactor_lock (self->reactor);
  g_main_context_pop_thread_default (self->context);
}

/* While they run, the server lives. */
static void
run_due (ProcessErrand *errand)
{
  ProcessHealthChecks *self = errand->owner;
  ProcessReactor *reactor = self->reactor;
  ProcessHealthServer *server = g_object_ref (self->server);

  while (self->due.length > 0)
    {
      ProcessHealthCheck *check = g_queue_pop_head_link (&self->due)->data;

      check->queued = FALSE;
      check->started = g_get_monotonic_time ();
      if (check->func != NULL)
        call_check (self, check);
      else
        start_task (self, check);
      unref_check (reactor, check);
      tell_answered (self);
    }
  _process_reactor_unref_later (reactor, server);
}

ProcessHealthChecks *
_process_health_checks_new (ProcessHealthServer *server, ProcessReactor *reactor,
                            GMainContext *context)
{
  ProcessHealthChecks *self = g_new0 (ProcessHealthChecks, 1);

  self->server = server;
  self->reactor = reactor;
  self->context = context;
  self->list = g_ptr_array_new ();
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->errand.func = run_due;
  self->errand.owner = self;
  return self;
}

void
_process_health_checks_free (ProcessHealthChecks *self)
{
  _process_health_checks_clear (self);
  g_ptr_array_unref (self->list);
  g_hash_table_unref (self->by_name);
  g_free (self);
}

static ProcessHealthCheck *
append_check (ProcessHealthChecks *self, const char *name)
{
  ProcessHealthCheck *check = g_new0 (ProcessHealthCheck, 1);

  check->refs = 1;
  check->checks = self;
  check->id = ++self->last_id;
  check->name = g_strdup (name);
  check->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_ptr_array_add (self->list, check);
  g_hash_table_insert (self->by_name, check->name, check);
  return check;
}

guint
_process_health_checks_add (ProcessHealthChecks          *self,
                            const char                   *name,
                            ProcessHealthCheckFunc        func,
                            ProcessHealthAsyncCheckFunc   async_func,
                            gint64                        timeout,
                            gpointer                      user_data,
                            GDestroyNotify                destroy,
                            GError                      **error)
{
  g_autofree char *line = make_line (name);
  ProcessHealthCheck *check = NULL;

  if (*line == '\0')
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                         "The health check has no name");
  else if (g_hash_table_contains (self->by_name, line))
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                 "There is a health check “%s” already", line);
  else
    check = append_check (self, line);
  if (check == NULL)
    {
      if (destroy != NULL)
        destroy_later (self->reactor, destroy, user_data);
      return 0;
    }
  check->func = func;
  check->async_func = async_func;
  check->timeout = timeout > 0 ? timeout : DEFAULT_TIMEOUT;
  check->user_data = user_data;
  check->destroy = destroy;
  return check->id;
}

static void
unqueue (ProcessHealthChecks *self, ProcessHealthCheck *check)
{
  if (!check->queued)
    return;
  check->queued = FALSE;
  g_queue_unlink (&self->due, &check->due);
  unref_check (self->reactor, check);
}

/* What is about to run, or runs, is not waited for any more. */
static void
remove_at (ProcessHealthChecks *self, guint index)
{
  ProcessHealthCheck *check = g_ptr_array_remove_index (self->list, index);

  g_hash_table_remove (self->by_name, check->name);
  if (check->running)
    abandon_run (check, PROCESS_OUTCOME_GONE, NULL);
  unqueue (self, check);
  check->checks = NULL;
  unref_check (self->reactor, check);
}

void
_process_health_checks_remove (ProcessHealthChecks *self, guint id)
{
  for (guint i = 0; i < self->list->len; i++)
    if (((ProcessHealthCheck *) g_ptr_array_index (self->list, i))->id == id)
      {
        remove_at (self, i);
        break;
      }
  tell_answered (self);
}

void
_process_health_checks_clear (ProcessHealthChecks *self)
{
  while (self->list->len > 0)
    remove_at (self, self->list->len - 1);
  /* A server that is about to go must not be found by it. */
  _process_reactor_drop_errand (self->reactor, &self->errand);
  tell_answered (self);
}

guint
_process_health_checks_set_status (ProcessHealthChecks *self, const char *name, gboolean healthy,
                                   const char *message)
{
  g_autofree char *line = make_line (name);
  ProcessHealthCheck *check = g_hash_table_lookup (self->by_name, line);
  guint index;

  if (check != NULL && (check->func != NULL || check->async_func != NULL))
    {
      g_ptr_array_find (self->list, check, &index);
      remove_at (self, index);
      check = NULL;
    }
  if (check == NULL)
    check = append_check (self, line);
  g_free (check->message);
  check->healthy = healthy;
  check->message = healthy ? NULL : make_message (message);
  tell_answered (self);
  return check->id;
}

gboolean
_process_health_checks_are_empty (ProcessHealthChecks *self)
{
  return self->list->len == 0;
}

static void
ask_check (ProcessHealthChecks *self, ProcessInquiry *inquiry, ProcessHealthCheck *check)
{
  ProcessOutcome outcome = { .check = ref_check (check) };
  Waiting waiting = { inquiry, inquiry->outcomes->len };

  if (check->func == NULL && check->async_func == NULL)
    {
      outcome.state = check->healthy ? PROCESS_OUTCOME_PASSED : PROCESS_OUTCOME_FAILED;
      outcome.message = g_strdup (check->message);
      outcome.time = g_get_real_time ();
      g_array_append_val (inquiry->outcomes, outcome);
      return;
    }
  g_array_append_val (inquiry->outcomes, outcome);
  inquiry->n_pending++;
  g_array_append_val (check->waiting, waiting);
  if (check->running)
    return;
  check->running = TRUE;
  check->queued = TRUE;
  check->due.data = ref_check (check);
  g_queue_push_tail_link (&self->due, &check->due);
  _process_reactor_add_errand (self->reactor, &self->errand);
}

ProcessInquiry *
_process_health_checks_ask (ProcessHealthChecks *self, ProcessExcludeFunc exclude,
                            gconstpointer data, ProcessInquiryFunc func, gpointer owner)
{
  ProcessInquiry *inquiry = g_new0 (ProcessInquiry, 1);

  inquiry->checks = self;
  inquiry->outcomes = g_array_new (FALSE, FALSE, sizeof (ProcessOutcome));
  inquiry->func = func;
  inquiry->owner = owner;
  for (guint i = 0; i < self->list->len; i++)
    {
      ProcessHealthCheck *check = g_ptr_array_index (self->list, i);

      if (exclude == NULL || !exclude (check->name, data))
        ask_check (self, inquiry, check);
    }
  return inquiry;
}

/* With the last one that waits, a run that has to come or go on is given up. */
static void
stop_waiting (ProcessInquiry *self, ProcessHealthCheck *check)
{
  guint i = 0;

  while (g_array_index (check->waiting, Waiting, i).inquiry != self)
    i++;
  g_array_remove_index_fast (check->waiting, i);
  if (check->waiting->len > 0)
    return;
  if (check->queued || check->cancellable != NULL)
    abandon_run (check, PROCESS_OUTCOME_GONE, NULL);
  unqueue (self->checks, check);
}

void
_process_inquiry_free (ProcessInquiry *self)
{
  leave_answered (self);
  for (guint i = 0; i < self->outcomes->len; i++)
    {
      ProcessOutcome *outcome = &g_array_index (self->outcomes, ProcessOutcome, i);

      if (outcome->state == PROCESS_OUTCOME_PENDING)
        stop_waiting (self, outcome->check);
      clear_outcome (self->checks->reactor, outcome);
    }
  g_array_unref (self->outcomes);
  g_free (self);
}

guint
_process_inquiry_get_n_pending (ProcessInquiry *self)
{
  return self->n_pending;
}

guint
_process_inquiry_get_n_outcomes (ProcessInquiry *self)
{
  return self->outcomes->len;
}

const ProcessOutcome *
_process_inquiry_get_outcome (ProcessInquiry *self, guint index)
{
  return &g_array_index (self->outcomes, ProcessOutcome, index);
}

const ProcessOutcome *
_process_inquiry_get_failure (ProcessInquiry *self)
{
  for (guint i = 0; i < self->outcomes->len; i++)
    if (_process_inquiry_get_outcome (self, i)->state == PROCESS_OUTCOME_FAILED)
      return _process_inquiry_get_outcome (self, i);
  return NULL;
}

const char *
_process_health_check_get_name (ProcessHealthCheck *self)
{
  return self->name;
}
