/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-private.h"

#include <process-glib/children/process-service-private.h>
#include <process-glib/process-error.h>

#include "process-graph-private.h"
#include "process-run-all-result-private.h"
#include "process-runner-private.h"

#define NO_NODE G_MAXUINT

/* How many starts a main loop has to wait for. */
#define BATCH 16

/* How it works
 *
 * Every spec is a node of the graph, which says what may start. A node goes
 *
 *   waiting -> begun -> done -> told
 *
 * and the first two of these are left out by those that never start.
 *
 * Three things happen to a run, in whatever thread notices.
 *
 *   - advance () starts what may be started. Only one thread is in it at a
 *     time: another one that comes along leaves a note, `again`.
 *   - ended_cb () is called when a process has ended, and what is stopped of
 *     its group, by whichever thread drives the service. It makes the result,
 *     which may let other nodes go ahead or skip them, and advances.
 *   - In the owner of the service's context, told_started_cb () and exited_cb ()
 *     follow the signals of the service and of the process and emit ours beside
 *     them; so the order holds whatever the threads do. What has no process to
 *     follow is told by an errand of the reactor.
 *
 * A node is told when it has a result and its process, if it has one, has
 * emitted `exited`, whichever comes last. Its followers, the nodes that are
 * skipped because of it, are told right after it.
 *
 * `lock` guards the fields, and nothing is called under it that could lock
 * again, emit or start. Starts do not wait for the program: node_started_cb () is
 * told when it runs, before anybody else can see the process.
 *
 * A run in the main loop starts a few at a time, so that a program stays
 * responsive however many may start at once.
 *
 * The run holds itself until everything is told, and its runner; its nodes hold
 * their processes until they are told. If the owner's context goes before, what
 * runs counts as done, nothing more can be started, and nothing is told.
 */

typedef struct
{
  char                  *name;         /* (owned) */
  char                 **after;        /* (owned) */
  gboolean               allow_failure;
  ProcessRunSpec        *spec;         /* (owned) */
  ProcessRunOptions     *options;      /* (owned) (nullable), until it is begun */
  gboolean               begun;
  ProcessManagedProcess *process;      /* (owned) (nullable), until it is told */
  gulong                 exited_handler;
  gboolean               exited;       /* its process has emitted `exited` */
  ProcessRunResult      *result;       /* (owned) (nullable), when it is done */
  GArray                *followers;    /* (owned) (nullable), of guint */
} Node;

struct _ProcessRun
{
  gatomicrefcount  refs;
  ProcessRunner   *runner;      /* (owned) */
  ProcessService  *service;     /* (owned) */
  ProcessReactor  *reactor;     /* (unowned), the service's */
  GCancellable    *cancellable; /* (owned) (nullable) */
  GTask           *task;        /* (owned) (nullable), until it is returned */
  guint            max_parallel;
  guint            n_nodes;
  gint64           start_time;

  GMutex           lock;
  Node            *nodes;       /* (owned) */
  const char     **names;       /* (owned), of the nodes, for the graph */
  const char *const **after;    /* (owned), likewise */
  ProcessGraph    *graph;       /* (owned) */
  GHashTable      *by_process;  /* (owned), ProcessManagedProcess → index of its node */
  gboolean         in_batches;  /* for a main loop */
  gboolean         advancing;
  gboolean         again;
  gboolean         cancelled;   /* the rest is skipped */
  guint            n_running;   /* begun and not done */
  guint            n_ended;     /* how many have freed what they had of the system */
  GQueue           postponed;   /* of nodes that the system had no room for, by their index */
  gboolean         starved;     /* these must wait until another one ends */
  GQueue           untold;      /* of nodes, by their index */
  gint64           duration;

  guint            n_done;      /* atomic */

  /* the owner's */
  guint            n_telling;
  guint            n_told;
  gboolean         reset_told;

  /* under the reactor's lock */
  ProcessErrand    errand;
  ProcessTimer     timer;       /* the next batch */
  ProcessWard      ward;
  gboolean         complete;    /* all are told, or cannot be, and nothing more will happen */

  /* fixed when it begins */
  gboolean         awaited;     /* the owner is in _process_run_wait () */
};

static void advance (ProcessRun *self);
static void finish (ProcessRun *self);

static ProcessRun *
ref (ProcessRun *self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
node_clear (Node *node)
{
  g_free (node->name);
  g_strfreev (node->after);
  g_clear_object (&node->spec);
  g_clear_object (&node->options);
  g_clear_object (&node->process);
  g_clear_object (&node->result);
  g_clear_pointer (&node->followers, g_array_unref);
}

void
_process_run_unref (ProcessRun *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  for (guint i = 0; i < self->n_nodes; i++)
    node_clear (&self->nodes[i]);
  g_clear_pointer (&self->graph, _process_graph_free);
  g_free (self->nodes);
  g_free (self->names);
  g_free (self->after);
  g_hash_table_unref (self->by_process);
  g_queue_clear (&self->untold);
  g_queue_clear (&self->postponed);
  g_clear_object (&self->task);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_object (&self->runner);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
unref_closure (gpointer  data,
               GClosure *closure)
{
  _process_run_unref (data);
}

static ProcessRunOptions *
make_options (ProcessRunSpec *spec)
{
  ProcessRunOptions *options = process_run_options_new (process_run_spec_get_command (spec),
                                                        process_run_spec_get_args (spec));

  process_run_options_set_cwd (options, process_run_spec_get_cwd (spec));
  process_run_options_set_env (options, process_run_spec_get_env (spec));
  process_run_options_set_timeout (options, process_run_spec_get_timeout (spec));
  process_run_options_set_grace_period (options, process_run_spec_get_grace_period (spec));
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_merge_stderr (options, TRUE);
  process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);

  return options;
}

/* What happens to the specs from here on does not matter to the run. */
static void
copy_specs (ProcessRun      *self,
            ProcessRunSpec **specs)
{
  self->nodes = g_new0 (Node, self->n_nodes);
  self->names = g_new0 (const char *, self->n_nodes);
  self->after = g_new0 (const char * const *, self->n_nodes);

  for (guint i = 0; i < self->n_nodes; i++)
    {
      Node *node = &self->nodes[i];

      node->spec = g_object_ref (specs[i]);
      node->name = g_strdup (process_run_spec_get_name (specs[i]));
      node->after = g_strdupv ((char **) process_run_spec_get_after (specs[i]));
      node->allow_failure = process_run_spec_get_allow_failure (specs[i]);
      node->options = make_options (specs[i]);
      self->names[i] = node->name;
      self->after[i] = (const char * const *) node->after;
    }
}

static ProcessGraph *
make_graph (ProcessRun     *self,
            ProcessRunMode  mode)
{
  switch (mode)
    {
    case PROCESS_RUN_MODE_SEQUENTIAL:
      return _process_graph_new_sequence (self->n_nodes);
    case PROCESS_RUN_MODE_PARALLEL:
      return _process_graph_new_independent (self->n_nodes);
    case PROCESS_RUN_MODE_ALL:
    default:
      return _process_graph_new (self->n_nodes, self->names, self->after);
    }
}

static void
tell_with_errand (ProcessRun *self)
{
  _process_reactor_lock (self->reactor);
  if (!self->complete)
    _process_reactor_add_errand (self->reactor, &self->errand);
  _process_reactor_unlock (self->reactor);
}

/* Under the lock. */
static void
set_result (ProcessRun       *self,
            guint             index,
            ProcessRunResult *result)
{
  self->nodes[index].result = result;
  g_clear_object (&self->nodes[index].options);
  self->duration = g_get_monotonic_time () - self->start_time;
  g_atomic_int_inc (&self->n_done);
}

static ProcessRunResult *
make_result (Node         *node,
             int           exit_code,
             gint64        duration,
             const GError *error,
             gboolean      skipped)
{
  return g_object_new (PROCESS_TYPE_RUN_RESULT,
                       "name", node->name,
                       "spec", node->spec,
                       "exit-code", exit_code,
                       "duration", duration,
                       "error", error,
                       "skipped", skipped,
                       NULL);
}

static ProcessRunResult *
make_cancelled_result (Node *node)
{
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                 "The spec “%s” was not started, because the run was cancelled", node->name);

  return make_result (node, 1, 0, error, TRUE);
}

/* Under the lock: what @index skips follows it. */
static void
skip_followers (ProcessRun *self,
                guint       index)
{
  guint skipped = 0;
  guint blamed = 0;

  while (_process_graph_take_skipped (self->graph, &skipped, &blamed))
    {
      Node *node = &self->nodes[skipped];
      g_autoptr (GError) error = NULL;

      if (node->result != NULL)
        continue;

      error = g_error_new (PROCESS_ERROR, PROCESS_ERROR_FAILED,
                           "The spec “%s” was skipped, because “%s” did not pass", node->name,
                           self->nodes[blamed].name);
      set_result (self, skipped, make_result (node, 0, 0, error, TRUE));
      if (self->nodes[index].followers == NULL)
        self->nodes[index].followers = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_val (self->nodes[index].followers, skipped);
    }
}

/* Under the lock: skips what has not begun, once the run is cancelled. */
static void
notice_cancellation (ProcessRun *self)
{
  if (self->cancelled || !g_cancellable_is_cancelled (self->cancellable))
    return;

  self->cancelled = TRUE;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      Node *node = &self->nodes[i];

      if (node->begun || node->result != NULL)
        continue;

      set_result (self, i, make_cancelled_result (node));
      g_queue_push_tail (&self->untold, GUINT_TO_POINTER (i));
    }
}

/* A node that was begun is done; takes @result over. */
static void
finish_node (ProcessRun       *self,
             guint             index,
             ProcessRunResult *result)
{
  Node *node = &self->nodes[index];
  gboolean passed = process_run_result_get_passed (result);

  g_mutex_lock (&self->lock);
  notice_cancellation (self);
  self->n_running--;
  self->n_ended++;
  self->starved = FALSE;
  set_result (self, index, result);
  _process_graph_finish (self->graph, index, passed || node->allow_failure);
  skip_followers (self, index);
  if (node->process == NULL || node->exited)
    g_queue_push_tail (&self->untold, GUINT_TO_POINTER (index));
  g_mutex_unlock (&self->lock);
}

/* A code of its own choice is no error. */
static GError *
make_error (ProcessManagedProcess *process)
{
  ProcessExitReason reason = process_managed_process_get_exit_reason (process);

  if (reason == PROCESS_EXIT_REASON_NONE)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                        "The main context of process %s (“%s”) is gone, and its end unknown",
                        process->id, process->command);
  return reason != PROCESS_EXIT_REASON_EXITED ? g_error_copy (process->error) : NULL;
}

static ProcessRunResult *
make_process_result (Node                  *node,
                     ProcessManagedProcess *process)
{
  g_autofree char *output = process_managed_process_get_output (process);
  g_autoptr (GError) error = make_error (process);

  return g_object_new (PROCESS_TYPE_RUN_RESULT,
                       "name", node->name,
                       "spec", node->spec,
                       "process", process,
                       "exit-code", process_managed_process_get_exit_code (process),
                       "duration", process_managed_process_get_duration (process),
                       "output", output,
                       "error", error,
                       NULL);
}

static guint
find_node (ProcessRun            *self,
           ProcessManagedProcess *process)
{
  gpointer value = NULL;
  guint index = NO_NODE;

  g_mutex_lock (&self->lock);
  if (g_hash_table_lookup_extended (self->by_process, process, NULL, &value))
    index = GPOINTER_TO_UINT (value);
  g_mutex_unlock (&self->lock);

  return index;
}

static void
ended_cb (ProcessManagedProcess *process,
          gpointer               user_data)
{
  ProcessRun *self = user_data;
  guint index = find_node (self, process);

  _process_reactor_lock (self->reactor);
  if (process->listed)
    _process_service_unlist (self->service, process);
  _process_reactor_unlock (self->reactor);
  finish_node (self, index, make_process_result (&self->nodes[index], process));
  advance (self);
}

/* In the owner. */
static void
tell_node (ProcessRun *self,
           guint       index)
{
  self->n_telling++;
  _process_runner_set_progress (self->runner, self, (double) self->n_telling / self->n_nodes);
  _process_runner_emit_progress (self->runner);
  _process_runner_emit_finished (self->runner, self->nodes[index].result);
  self->n_told++;
}

/* In the owner: the node, and those that were skipped because of it. */
static void
tell_node_and_followers (ProcessRun *self,
                         guint       index)
{
  Node *node = &self->nodes[index];
  g_autoptr (ProcessManagedProcess) process = NULL;

  tell_node (self, index);
  for (guint i = 0; node->followers != NULL && i < node->followers->len; i++)
    tell_node (self, g_array_index (node->followers, guint, i));

  g_mutex_lock (&self->lock);
  process = g_steal_pointer (&node->process);
  if (process != NULL)
    g_hash_table_remove (self->by_process, process);
  g_mutex_unlock (&self->lock);

  if (process != NULL && self->awaited)
    _process_managed_process_set_awaited (process, FALSE);
  if (self->n_told == self->n_nodes)
    tell_with_errand (self);
}

/* In the owner, after all other handlers. */
static void
exited_cb (ProcessManagedProcess *process,
           int                    exit_code,
           gint64                 duration,
           GError                *error,
           ProcessRun            *self)
{
  guint index = find_node (self, process);
  Node *node = &self->nodes[index];
  gboolean done = FALSE;

  g_signal_handler_disconnect (process, node->exited_handler);
  g_mutex_lock (&self->lock);
  node->exited = TRUE;
  done = node->result != NULL;
  g_mutex_unlock (&self->lock);

  if (done)
    tell_node_and_followers (self, index);
}

static gboolean
take_untold (ProcessRun *self,
             guint      *index)
{
  gboolean any = FALSE;

  g_mutex_lock (&self->lock);
  any = self->untold.length > 0;
  *index = GPOINTER_TO_UINT (g_queue_pop_head (&self->untold));
  g_mutex_unlock (&self->lock);

  return any;
}

/* In the owner. */
static void
tell_untold (ProcessRun *self)
{
  guint index = NO_NODE;

  while (take_untold (self, &index))
    tell_node_and_followers (self, index);
}

/* In the owner, before anything that the process prints, and after all that it waited for. */
static void
told_started_cb (ProcessService        *service,
                 ProcessManagedProcess *process,
                 ProcessRun            *self)
{
  guint index = find_node (self, process);

  if (index == NO_NODE)
    return;

  /* The errand comes too late when `exited` was emitted before another thread made the result. */
  tell_untold (self);
  _process_runner_emit_started (self->runner, self->nodes[index].spec, process);
}

/* Under the reactor's lock. */
static void
adopt (ProcessRun            *self,
       guint                  index,
       ProcessManagedProcess *process)
{
  Node *node = &self->nodes[index];

  /* Not of the service, which loses its handlers when it is disposed of. */
  node->exited_handler = g_signal_connect_data (process, "exited", G_CALLBACK (exited_cb),
                                                ref (self), unref_closure, G_CONNECT_AFTER);
  _process_managed_process_set_ended_func (process, ended_cb, ref (self),
                                           (GDestroyNotify) _process_run_unref);

  g_mutex_lock (&self->lock);
  node->process = g_object_ref (process);
  g_hash_table_insert (self->by_process, process, GUINT_TO_POINTER (index));
  g_mutex_unlock (&self->lock);
}

/* Whether the node can be tried again when another one ends, or has ended since it was tried. */
static gboolean
postpone (ProcessRun *self,
          guint       index,
          guint       n_ended)
{
  gboolean can_wait = FALSE;

  g_mutex_lock (&self->lock);
  can_wait = !self->cancelled && (self->n_running > 1 || self->n_ended != n_ended);
  if (can_wait)
    {
      self->n_running--;
      self->starved = self->n_ended == n_ended;
      g_queue_push_tail (&self->postponed, GUINT_TO_POINTER (index));
      self->nodes[index].begun = FALSE;
    }
  g_mutex_unlock (&self->lock);

  return can_wait;
}

typedef struct
{
  ProcessRun            *run;         /* (owned) */
  guint                  index;
  guint                  n_ended;     /* how many had, when it was tried */
  gint64                 start_time;
  ProcessManagedProcess *process;     /* (owned) (nullable), when it could not be started */
  GError                *error;       /* (owned) (nullable), likewise */
  gboolean               shortage;    /* that is why */
} NodeStart;

static void
node_start_free (NodeStart *start)
{
  _process_run_unref (start->run);
  g_clear_object (&start->process);
  g_clear_error (&start->error);
  g_free (start);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NodeStart, node_start_free)

/* The service lists a failed start, and tells of it. */
static void
fail_node (NodeStart *start)
{
  ProcessRun *self = start->run;
  gint64 duration = g_get_monotonic_time () - start->start_time;

  if (start->process != NULL)
    process_service_remove (self->service, start->process->id, NULL);
  finish_node (self, start->index,
               make_result (&self->nodes[start->index], -1, duration, start->error, FALSE));
}

static void
conclude_start (gpointer object,
                gpointer data)
{
  g_autoptr (NodeStart) start = object;
  ProcessRun *self = start->run;

  if (start->error == NULL)
    return;

  if (!start->shortage || !postpone (self, start->index, start->n_ended))
    {
      if (g_error_matches (start->error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
          (start->shortage && g_cancellable_is_cancelled (self->cancellable)))
        finish_node (self, start->index, make_cancelled_result (&self->nodes[start->index]));
      else
        fail_node (start);
    }
  advance (self);
}

/* Under the reactor's lock. */
static void
node_started_cb (ProcessManagedProcess *process,
                 const GError          *error,
                 gboolean               shortage,
                 gpointer               user_data)
{
  NodeStart *start = user_data;
  ProcessRun *self = start->run;

  if (process != NULL && self->awaited)
    process->errand.awaited++;

  if (error == NULL)
    {
      adopt (self, start->index, process);
    }
  else
    {
      start->error = g_error_copy (error);
      start->shortage = shortage;
      g_set_object (&start->process, process);
    }
  _process_reactor_call_later (self->reactor, conclude_start, start, NULL);
}

static void
start_node (ProcessRun *self,
            guint       index)
{
  NodeStart *start = g_new0 (NodeStart, 1);

  start->run = ref (self);
  start->index = index;
  start->start_time = g_get_monotonic_time ();
  g_mutex_lock (&self->lock);
  start->n_ended = self->n_ended;
  g_mutex_unlock (&self->lock);

  _process_service_start_later (self->service, self->nodes[index].options,
                                PROCESS_START_UNLISTED_IF, self->cancellable, node_started_cb,
                                start);
}

/* Under the lock. */
static gboolean
take_next (ProcessRun *self,
           guint      *index)
{
  notice_cancellation (self);
  if (self->cancelled || self->starved ||
      (self->max_parallel > 0 && self->n_running >= self->max_parallel))
    return FALSE;

  if (self->postponed.length > 0)
    *index = GPOINTER_TO_UINT (g_queue_pop_head (&self->postponed));
  else if (!_process_graph_take_ready (self->graph, index))
    return FALSE;

  self->nodes[*index].begun = TRUE;
  self->n_running++;

  return TRUE;
}

/* Starts what may be started, or a batch of it. FALSE when that was not all. */
static gboolean
start_nodes (ProcessRun *self)
{
  guint left = self->in_batches ? BATCH : G_MAXUINT;
  guint index = NO_NODE;

  for (; left > 0 && take_next (self, &index); left--)
    {
      g_mutex_unlock (&self->lock);
      start_node (self, index);
      g_mutex_lock (&self->lock);
    }

  return left > 0;
}

/* The rest comes in the next turn, which others may have theirs before. */
static void
continue_later (ProcessRun *self)
{
  _process_reactor_lock (self->reactor);
  if (!self->complete)
    _process_reactor_arm (self->reactor, &self->timer, g_get_monotonic_time ());
  _process_reactor_unlock (self->reactor);
}

static void
timer_cb (ProcessTimer *timer)
{
  ProcessRun *self = timer->owner;

  _process_reactor_add_errand (self->reactor, &self->errand);
}

static void
advance (ProcessRun *self)
{
  gboolean started_all = TRUE;
  gboolean to_tell = FALSE;

  g_mutex_lock (&self->lock);
  self->again = TRUE;
  if (self->advancing)
    {
      g_mutex_unlock (&self->lock);
      return;
    }

  self->advancing = TRUE;
  while (self->again)
    {
      self->again = FALSE;
      started_all = start_nodes (self);
    }
  self->advancing = FALSE;
  to_tell = self->untold.length > 0;
  g_mutex_unlock (&self->lock);

  if (!started_all)
    continue_later (self);
  if (to_tell)
    tell_with_errand (self);
  if ((guint) g_atomic_int_get (&self->n_done) == self->n_nodes)
    finish (self);
}

static ProcessRunAllResult *
make_all_result (ProcessRun *self)
{
  GPtrArray *results = g_ptr_array_new_full (self->n_nodes, g_object_unref);

  for (guint i = 0; i < self->n_nodes; i++)
    g_ptr_array_add (results, g_object_ref (self->nodes[i].result));

  return _process_run_all_result_new (results, self->duration);
}

/* A cancellation needs no process to end: what has not begun is skipped at once. */
static void
cancelled_cb (GCancellable *cancellable,
              ProcessRun   *self)
{
  tell_with_errand (self);
}

/* Nothing will happen any more. */
static void
complete_later (gpointer object,
                gpointer data)
{
  ProcessRun *self = object;
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  /* The service loses its handlers when it is disposed of. */
  g_signal_handlers_disconnect_by_func (self->service, told_started_cb, self);
  if (self->cancellable != NULL)
    g_signal_handlers_disconnect_by_func (self->cancellable, cancelled_cb, self);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_autoptr (ProcessManagedProcess) untold = g_steal_pointer (&self->nodes[i].process);

      if (untold != NULL)
        g_signal_handlers_disconnect_by_func (untold, exited_cb, self);
    }

  if (task != NULL)
    {
      _process_runner_release (self->runner, self);
      g_task_return_pointer (task, make_all_result (self), g_object_unref);
    }

  _process_run_unref (self);
}

/* Under the reactor's lock. */
static void
complete (ProcessRun *self)
{
  self->complete = TRUE;
  _process_reactor_drop_errand (self->reactor, &self->errand);
  _process_reactor_disarm (self->reactor, &self->timer);
  _process_reactor_let_go (self->reactor, &self->ward);
  _process_reactor_call_later (self->reactor, complete_later, self, NULL);
}

/* All are done. They may still have to be told, by the owner if there is one. */
static void
finish (ProcessRun *self)
{
  _process_reactor_lock (self->reactor);
  if (!self->complete && _process_reactor_is_orphaned (self->reactor))
    complete (self);
  _process_reactor_wake (self->reactor);
  _process_reactor_unlock (self->reactor);
}

static void
orphaned_later (gpointer object,
                gpointer data)
{
  ProcessRun *self = object;

  g_mutex_lock (&self->lock);
  self->in_batches = FALSE;
  g_mutex_unlock (&self->lock);
  advance (self);
  _process_run_unref (self);
}

/* Under the reactor's lock. */
static void
orphaned_cb (ProcessWard *ward)
{
  ProcessRun *self = ward->owner;

  _process_reactor_call_later (self->reactor, orphaned_later, ref (self), NULL);
}

static void
unref_later (gpointer object,
             gpointer data)
{
  _process_run_unref (object);
}

/* In the owner, under the reactor's lock. A handler may run the main loop until all is over. */
static void
errand_cb (ProcessErrand *errand)
{
  ProcessRun *self = ref (errand->owner);
  ProcessReactor *reactor = self->reactor;

  _process_reactor_unlock (reactor);
  if (!self->reset_told)
    {
      self->reset_told = TRUE;
      _process_runner_emit_progress (self->runner);
    }
  advance (self);
  tell_untold (self);
  _process_reactor_lock (reactor);

  if (!self->complete && self->n_told == self->n_nodes)
    complete (self);
  _process_reactor_call_later (reactor, unref_later, self, NULL);
}

/* Under the lock. */
static void
fail_stuck_nodes (ProcessRun *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_autofree char *problem = _process_graph_describe_problem (self->graph, i);
      g_autoptr (GError) error = NULL;

      if (problem == NULL)
        continue;

      error = g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, problem);
      set_result (self, i, make_result (&self->nodes[i], 1, 0, error, FALSE));
      g_queue_push_tail (&self->untold, GUINT_TO_POINTER (i));
    }
}

static void
begin (ProcessRun *self)
{
  ref (self);
  self->start_time = g_get_monotonic_time ();
  g_signal_connect_data (self->service, "started", G_CALLBACK (told_started_cb), ref (self),
                         unref_closure, G_CONNECT_DEFAULT);
  /* Not g_cancellable_connect (), whose counterpart waits for handlers that run. */
  if (self->cancellable != NULL)
    g_signal_connect_data (self->cancellable, "cancelled", G_CALLBACK (cancelled_cb), ref (self),
                           unref_closure, G_CONNECT_DEFAULT);

  g_mutex_lock (&self->lock);
  fail_stuck_nodes (self);
  g_mutex_unlock (&self->lock);

  if (self->n_nodes == 0)
    _process_runner_set_progress (self->runner, self, 1.0);
  tell_with_errand (self);
  advance (self);

  _process_reactor_lock (self->reactor);
  if (!self->complete)
    _process_reactor_keep (self->reactor, &self->ward);
  _process_reactor_unlock (self->reactor);
}

ProcessRun *
_process_run_new (ProcessRunner   *runner,
                  ProcessRunMode   mode,
                  ProcessRunSpec **specs,
                  gsize            n_specs,
                  GCancellable    *cancellable,
                  GError         **error)
{
  g_autoptr (ProcessRun) self = NULL;

  if (!_process_run_check_specs (specs, n_specs, error))
    return NULL;

  self = g_new0 (ProcessRun, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->runner = g_object_ref (runner);
  self->service = g_object_ref (process_runner_get_service (runner));
  self->reactor = _process_service_get_reactor (self->service);
  g_set_object (&self->cancellable, cancellable);
  self->errand.func = errand_cb;
  self->errand.owner = self;
  self->timer.func = timer_cb;
  self->timer.owner = self;
  self->ward.func = orphaned_cb;
  self->ward.owner = self;
  self->by_process = g_hash_table_new (NULL, NULL);
  self->max_parallel = process_runner_get_max_parallel (runner);

  if (!_process_runner_claim (runner, self, error))
    return NULL;

  self->n_nodes = (guint) n_specs;
  copy_specs (self, specs);
  self->graph = make_graph (self, mode);

  return g_steal_pointer (&self);
}

void
_process_run_start (ProcessRun *self,
                    GTask      *task)
{
  self->task = g_object_ref (task);
  self->in_batches = TRUE;
  begin (self);
}

static gboolean
is_complete (gpointer data)
{
  return ((ProcessRun *) data)->complete;
}

static gboolean
is_done (gpointer data)
{
  ProcessRun *self = data;

  return (guint) g_atomic_int_get (&self->n_done) == self->n_nodes;
}

ProcessRunAllResult *
_process_run_wait (ProcessRun *self)
{
  gboolean owner = _process_reactor_enter_owner (self->reactor);
  ProcessTestFunc test = owner ? is_complete : is_done;
  GCancellable *cancellable = self->cancellable;

  self->awaited = owner;
  self->errand.awaited = owner ? 1 : 0;
  begin (self);
  while (!_process_reactor_wait_until (self->reactor, test, self, cancellable))
    {
      advance (self);
      cancellable = NULL;
    }

  if (owner)
    _process_reactor_leave_owner (self->reactor);

  _process_runner_set_progress (self->runner, self, 1.0);
  _process_runner_release (self->runner, self);

  return make_all_result (self);
}
