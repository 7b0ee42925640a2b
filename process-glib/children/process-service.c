/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-service-private.h"

#include <errno.h>

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/**
 * ProcessService:
 *
 * Starts processes, tells what becomes of them, and ends them.
 *
 * It is a [iface@Gio.ListModel] of its processes, in the order of their starts,
 * and a [iface@Gio.ActionGroup] with the actions `run` and `start` (target
 * `a{sv}`, see [method@Process.Service.call_action]), `kill`, `shutdown` and
 * `remove` (target `s`, the id), and `clear`.
 *
 * Ended processes stay in the list until [method@Process.Service.remove] or
 * [method@Process.Service.clear], or until
 * [property@Process.Service:max-history] is passed.
 *
 * **Threads.** A service belongs to the main context that is the thread-default
 * one when it is made. Its signals and those of its processes, notifications and
 * changes of the list model are emitted there only. All methods can be called
 * from any thread; blocking ones do not need a main loop that runs, and do not
 * run the caller's.
 *
 * **Ownership.** A running process holds its service: dropping the last
 * reference on a service ends nothing. [method@Process.Service.shutdown] does;
 * so does disposing of it with g_object_run_dispose(), at once.
 *
 * **When the main context goes.** Neither a service nor a running process holds
 * its main context, which may go with the thread that ran it. From then on
 * nothing is started, no signal is emitted and the list model does not change;
 * asynchronous calls fail with %G_IO_ERROR_CLOSED, those that were waiting at
 * once. Running processes are not ended and do not hold the service any more:
 * what nobody else holds is freed, and the child goes on without us, with the
 * pipes to it closed and no time limit. Whoever holds a process may still signal
 * it, and see it to its end in a blocking call. Asynchronous calls that were made
 * in the same context do hold it, until they are completed.
 *
 * What it does not do: it does not start a shell, and it does not restart what
 * ended.
 *
 * Guides: [Running programs](running-programs.html), [Threads](threads.html).
 */

/* Processes are listed at once in `by_id` and `table`, under the lock. The
 * list model follows in the owner's context, change by change, so that its
 * items and `items-changed` always agree. */
typedef struct
{
  ProcessManagedProcess *process; /* (owned) */
  gboolean               added;
} Change;

struct _ProcessService
{
  GObject         parent_instance;

  /* fixed */
  ProcessReactor *reactor; /* (owned) */
  GActionGroup   *actions; /* (owned) */
  guint           buffer_size;

  /* under the reactor's lock */
  GHashTable     *by_id;   /* id (of the process) -> process (owned) */
  GQueue          table;   /* of processes, linked by themselves */
  GQueue          history; /* the ended ones, by the time of their ends */
  GQueue          changes; /* of Change */
  ProcessErrand   errand;
  guint           n_running;
  guint           n_starting;
  GQueue          starts_waits; /* of GSource, see _process_service_await_starts () */
  guint           max_history;
  gboolean        closed;
  gboolean        history_changed;

  /* the owner's */
  GSequence      *items;   /* of processes (owned) */
  guint           notified_running;
  gboolean        notified_closed;
};

typedef enum
{
  PROP_BUFFER_SIZE = 1,
  PROP_N_RUNNING,
  PROP_MAX_HISTORY,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
} ProcessServiceProperty;

static GParamSpec *properties[PROP_N_ITEMS + 1];

enum
{
  SIGNAL_STARTED,
  SIGNAL_OUTPUT,
  SIGNAL_EXITED,
  SIGNAL_KILLED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void process_service_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  ProcessService, process_service, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, process_service_list_model_init)
    G_IMPLEMENT_INTERFACE (G_TYPE_ACTION_GROUP, _process_service_action_group_init))

static GType
process_service_list_get_item_type (GListModel *model)
{
  return PROCESS_TYPE_MANAGED_PROCESS;
}

static guint
process_service_list_get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (PROCESS_SERVICE (model)->items);
}

static gpointer
process_service_list_get_item (GListModel *model, guint position)
{
  ProcessService *self = PROCESS_SERVICE (model);
  GSequenceIter *iter;

  if (position >= (guint) g_sequence_get_length (self->items))
    return NULL;
  iter = g_sequence_get_iter_at_pos (self->items, (int) position);
  return g_object_ref (g_sequence_get (iter));
}

static void
process_service_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = process_service_list_get_item_type;
  iface->get_n_items = process_service_list_get_n_items;
  iface->get_item = process_service_list_get_item;
}

static void
change_free (Change *change)
{
  g_object_unref (change->process);
  g_free (change);
}

static void
push_change (ProcessService *self, ProcessManagedProcess *process, gboolean added)
{
  Change *change = g_new (Change, 1);

  change->process = g_object_ref (process);
  change->added = added;
  g_queue_push_tail (&self->changes, change);
  _process_reactor_add_errand (self->reactor, &self->errand);
}

static void
list_process (ProcessService *self, ProcessManagedProcess *process)
{
  process->listed = TRUE;
  process->link.data = process;
  process->history_link.data = process;
  g_queue_push_tail_link (&self->table, &process->link);
  g_hash_table_insert (self->by_id, process->id, g_object_ref (process));
  push_change (self, process, TRUE);
}

static void
unlist_process (ProcessService *self, ProcessManagedProcess *process)
{
  process->listed = FALSE;
  if (process->in_history)
    g_queue_unlink (&self->history, &process->history_link);
  process->in_history = FALSE;
  g_queue_unlink (&self->table, &process->link);
  push_change (self, process, FALSE);
  g_hash_table_steal (self->by_id, process->id);
  _process_reactor_unref_later (self->reactor, process);
}

static void
trim_history (ProcessService *self)
{
  while (self->max_history > 0 && self->history.length > self->max_history)
    unlist_process (self, self->history.head->data);
}

void
_process_service_ended (ProcessService *self, ProcessManagedProcess *process)
{
  if (process->failed_start)
    return;
  self->n_running--;
  _process_reactor_add_errand (self->reactor, &self->errand);
}

/* Whoever waits for the end of its group, too, takes it off the list himself. */
void
_process_service_told_end (ProcessService *self, ProcessManagedProcess *process)
{
  if (!process->listed || process->ended_func != NULL)
    return;
  process->in_history = TRUE;
  g_queue_push_tail_link (&self->history, &process->history_link);
  trim_history (self);
}

static void
apply_change (ProcessService *self, Change *change)
{
  ProcessManagedProcess *process = change->process;
  guint position;

  if (change->added)
    {
      position = (guint) g_sequence_get_length (self->items);
      process->item = g_sequence_append (self->items, g_object_ref (process));
    }
  else
    {
      position = (guint) g_sequence_iter_get_position (process->item);
      g_clear_pointer (&process->item, g_sequence_remove);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, !change->added, change->added);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

static Change *
pop_change (ProcessService *self)
{
  Change *change;

  _process_reactor_lock (self->reactor);
  change = g_queue_pop_head (&self->changes);
  _process_reactor_unlock (self->reactor);
  return change;
}

void
_process_service_catch_up (ProcessService *self)
{
  Change *change;
  gboolean running_changed, closed_now, history_changed;

  while ((change = pop_change (self)) != NULL)
    {
      apply_change (self, change);
      change_free (change);
    }

  _process_reactor_lock (self->reactor);
  running_changed = self->n_running != self->notified_running;
  self->notified_running = self->n_running;
  closed_now = self->closed && !self->notified_closed;
  self->notified_closed = self->closed;
  history_changed = self->history_changed;
  self->history_changed = FALSE;
  _process_reactor_unlock (self->reactor);
  if (running_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_RUNNING]);
  if (history_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_HISTORY]);
  if (closed_now)
    _process_service_disable_starts (self->actions);
}

static void
catch_up_errand (ProcessErrand *errand)
{
  ProcessService *self = g_object_ref (errand->owner);

  _process_reactor_unlock (self->reactor);
  _process_service_catch_up (self);
  _process_reactor_lock (self->reactor);
  _process_reactor_unref_later (self->reactor, self);
}

/* The owner sees the list model change at once. */
void
_process_service_catch_up_if_owner (ProcessService *self)
{
  if (!_process_reactor_enter_owner (self->reactor))
    return;
  _process_service_catch_up (self);
  _process_reactor_leave_owner (self->reactor);
}

static void
process_service_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ProcessService *self = PROCESS_SERVICE (object);

  switch ((ProcessServiceProperty) prop_id)
    {
    case PROP_BUFFER_SIZE:
      g_value_set_uint (value, self->buffer_size);
      break;
    case PROP_N_RUNNING:
      g_value_set_uint (value, process_service_get_n_running (self));
      break;
    case PROP_MAX_HISTORY:
      g_value_set_uint (value, process_service_get_max_history (self));
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, process_service_get_item_type (self));
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, process_service_get_n_items (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_service_set_property (GObject *object, guint prop_id, const GValue *value,
                              GParamSpec *pspec)
{
  ProcessService *self = PROCESS_SERVICE (object);

  switch ((ProcessServiceProperty) prop_id)
    {
    case PROP_BUFFER_SIZE:
      self->buffer_size = g_value_get_uint (value);
      break;
    case PROP_MAX_HISTORY:
      process_service_set_max_history (self, g_value_get_uint (value));
      break;
    case PROP_N_RUNNING:
    case PROP_ITEM_TYPE:
    case PROP_N_ITEMS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* Running processes hold us, so while there are any this is a forced dispose;
 * but those that the context's end has let go are not ours any more. */
static void
process_service_dispose (GObject *object)
{
  ProcessService *self = PROCESS_SERVICE (object);

  _process_reactor_lock (self->reactor);
  _process_reactor_drop_errand (self->reactor, &self->errand);
  self->closed = TRUE;
  for (GList *link = self->table.head; link != NULL; link = link->next)
    {
      ProcessManagedProcess *process = link->data;

      if (!process->ended && process->service != NULL &&
          !process_run_options_get_detach (process->options))
        _process_life_stop (process, PROCESS_EXIT_REASON_KILLED, 0, NULL);
    }
  _process_reactor_unlock (self->reactor);

  G_OBJECT_CLASS (process_service_parent_class)->dispose (object);
}

static void
process_service_finalize (GObject *object)
{
  ProcessService *self = PROCESS_SERVICE (object);

  for (GList *link = self->table.head; link != NULL; link = link->next)
    ((ProcessManagedProcess *) link->data)->listed = FALSE;
  g_queue_clear_full (&self->changes, (GDestroyNotify) change_free);
  g_sequence_free (self->items);
  g_hash_table_unref (self->by_id);
  g_object_unref (self->actions);
  _process_reactor_unref (self->reactor);

  G_OBJECT_CLASS (process_service_parent_class)->finalize (object);
}

static void
process_service_class_init (ProcessServiceClass *klass)
{
  const GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = process_service_get_property;
  object_class->set_property = process_service_set_property;
  object_class->dispose = process_service_dispose;
  object_class->finalize = process_service_finalize;

  /**
   * ProcessService:buffer-size: (getter get_buffer_size)
   *
   * How many bytes of its newest output a process keeps, unless its options say
   * otherwise. Memory grows with the output, not with this.
   */
  properties[PROP_BUFFER_SIZE] =
    g_param_spec_uint ("buffer-size", NULL, NULL, 0, G_MAXUINT, PROCESS_DEFAULT_BUFFER_SIZE,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | flags);
  /**
   * ProcessService:n-running: (getter get_n_running)
   *
   * How many processes are running.
   */
  properties[PROP_N_RUNNING] =
    g_param_spec_uint ("n-running", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | flags);
  /**
   * ProcessService:max-history: (getter get_max_history) (setter set_max_history)
   *
   * How many ended processes stay in the list; 0 = all of them. When one more
   * ends, the one that ended first leaves.
   */
  properties[PROP_MAX_HISTORY] = g_param_spec_uint ("max-history", NULL, NULL, 0, G_MAXUINT, 0,
                                                    G_PARAM_READWRITE | flags);
  /**
   * ProcessService:item-type: (getter get_item_type)
   *
   * The type of the items: [class@Process.ManagedProcess].
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT,
                                                   G_PARAM_READABLE | flags);
  /**
   * ProcessService:n-items: (getter get_n_items)
   *
   * How many processes the list model has.
   */
  properties[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * ProcessService::started:
   * @self: the service
   * @process: the process
   *
   * A process was started.
   */
  signals[SIGNAL_STARTED] = g_signal_new ("started", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, PROCESS_TYPE_MANAGED_PROCESS);
  /**
   * ProcessService::output:
   * @self: the service
   * @process: the process
   * @line: the line, as in [signal@Process.ManagedProcess::output]
   * @stream: where it was printed
   *
   * A process printed a line.
   */
  signals[SIGNAL_OUTPUT] =
    g_signal_new ("output", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                  PROCESS_TYPE_MANAGED_PROCESS, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE,
                  PROCESS_TYPE_STREAM);
  /**
   * ProcessService::exited:
   * @self: the service
   * @process: the process
   * @exit_code: the exit code, or -1 if a signal ended it or it was not started
   * @duration: how long it ran, in microseconds
   * @error: (nullable): what went wrong, or %NULL when the exit code is 0
   *
   * A process ended, or could not be started.
   */
  signals[SIGNAL_EXITED] = g_signal_new ("exited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 4, PROCESS_TYPE_MANAGED_PROCESS, G_TYPE_INT,
                                         G_TYPE_INT64, G_TYPE_ERROR);
  /**
   * ProcessService::killed:
   * @self: the service
   * @process: the process
   * @signal_name: the signal's name, such as `SIGKILL`
   *
   * A signal ended a process, whoever sent it.
   */
  signals[SIGNAL_KILLED] =
    g_signal_new ("killed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                  PROCESS_TYPE_MANAGED_PROCESS, G_TYPE_STRING);
}

static void
process_service_init (ProcessService *self)
{
  self->reactor = _process_reactor_new ();
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  self->items = g_sequence_new (g_object_unref);
  self->actions = _process_service_create_actions (self);
  self->errand.owner = self;
  self->errand.func = catch_up_errand;
  self->errand.awaited = 1;
}

ProcessReactor *
_process_service_get_reactor (ProcessService *self)
{
  return self->reactor;
}

GActionGroup *
_process_service_get_actions (ProcessService *self)
{
  return self->actions;
}

gboolean
_process_service_has_output_listeners (ProcessService *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_OUTPUT], 0, TRUE);
}

void
_process_service_emit_started (ProcessService *self, ProcessManagedProcess *process)
{
  g_signal_emit (self, signals[SIGNAL_STARTED], 0, process);
}

void
_process_service_emit_output (ProcessService *self, ProcessManagedProcess *process,
                              const char *line, ProcessStream stream)
{
  g_signal_emit (self, signals[SIGNAL_OUTPUT], 0, process, line, stream);
}

void
_process_service_emit_killed (ProcessService *self, ProcessManagedProcess *process,
                              const char *signal_name)
{
  g_signal_emit (self, signals[SIGNAL_KILLED], 0, process, signal_name);
}

void
_process_service_emit_exited (ProcessService *self, ProcessManagedProcess *process)
{
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, process, process->exit_code, process->duration,
                 process->error);
}

/* FALSE after a shutdown. */
gboolean
_process_service_enter_start (ProcessService *self, GError **error)
{
  gboolean orphaned, closed;

  _process_reactor_lock (self->reactor);
  orphaned = _process_reactor_is_orphaned (self->reactor);
  closed = self->closed;
  if (!orphaned && !closed)
    self->n_starting++;
  _process_reactor_unlock (self->reactor);
  if (orphaned)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                 "The main context of the service is gone, and it starts nothing any more");
  else if (closed)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING,
                 "The service was shut down and starts nothing any more");
  return !orphaned && !closed;
}

static void
unref_source (gpointer source, gpointer data)
{
  g_source_unref (source);
}

static void
tell_starts_waits (ProcessService *self)
{
  GSource *source;

  while (self->n_starting == 0 && (source = g_queue_pop_head (&self->starts_waits)) != NULL)
    {
      g_source_set_ready_time (source, 0);
      _process_reactor_call_later (self->reactor, unref_source, source, NULL);
    }
}

/* Makes @source ready as soon as nothing is being started, perhaps at once.
 * Returns whether something is. */
gboolean
_process_service_await_starts (ProcessService *self, GSource *source)
{
  gboolean starting;

  _process_reactor_lock (self->reactor);
  starting = self->n_starting > 0;
  if (source != NULL)
    g_queue_push_tail (&self->starts_waits, g_source_ref (source));
  tell_starts_waits (self);
  _process_reactor_unlock (self->reactor);
  return starting;
}

/* Under the lock: from here on others may see the process. A shutdown that came
 * meanwhile did not, so it is ended here. The child was taken over; @problem is
 * NULL when it runs. */
void
_process_service_leave_start (ProcessService *self, ProcessManagedProcess *process,
                              ProcessChild *child, const GError *problem, gboolean listed)
{
  self->n_starting--;
  if (problem == NULL)
    {
      self->n_running++;
      _process_life_begin (process, child);
    }
  else if (listed)
    _process_life_fail (process, g_error_copy (problem));
  if (listed)
    list_process (self, process);
  if (problem == NULL && self->closed && !process_run_options_get_detach (process->options))
    _process_life_stop (process, PROCESS_EXIT_REASON_KILLED, 0, NULL);
  tell_starts_waits (self);
  _process_reactor_wake (self->reactor);
}

/* What becomes of @id is up to @func, which is called under the lock. */
gboolean
_process_service_with_process (ProcessService *self, const char *id, ProcessVisitFunc func,
                               gpointer data, GError **error)
{
  ProcessManagedProcess *process;
  gboolean success = FALSE;

  _process_reactor_lock (self->reactor);
  process = g_hash_table_lookup (self->by_id, id);
  if (process == NULL)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND, "There is no process “%s”", id);
  else
    success = func (process, data, error);
  _process_reactor_unlock (self->reactor);
  return success;
}

/* The processes of the service that @func wants, in the order of their starts. */
GPtrArray *
_process_service_collect (ProcessService *self, ProcessVisitFunc func, gpointer data)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  _process_reactor_lock (self->reactor);
  for (GList *link = self->table.head, *next; link != NULL; link = next)
    {
      next = link->next;
      if (func (link->data, data, NULL))
        g_ptr_array_add (found, g_object_ref (link->data));
    }
  _process_reactor_unlock (self->reactor);
  return found;
}

/* Under the lock. */
void
_process_service_unlist (ProcessService *self, ProcessManagedProcess *process)
{
  unlist_process (self, process);
}

void
_process_service_refuse_starts (ProcessService *self)
{
  _process_reactor_lock (self->reactor);
  self->closed = TRUE;
  _process_reactor_add_errand (self->reactor, &self->errand);
  _process_reactor_unlock (self->reactor);
  _process_service_catch_up_if_owner (self);
}

/* Under the lock. */
gboolean
_process_service_is_starting (ProcessService *self)
{
  return self->n_starting > 0;
}

static char *
get_last_stderr (ProcessManagedProcess *process)
{
  const char *line;
  char *valid;

  _process_reactor_lock (process->reactor);
  line = process->stderr_line->len > 0 ? process->stderr_line->str : process->last_stderr;
  valid = line != NULL ? g_strchomp (_process_make_valid (line, -1)) : NULL;
  _process_reactor_unlock (process->reactor);
  return valid;
}

char *
_process_service_finish_run (ProcessService *self, ProcessManagedProcess *process, GError **error)
{
  g_autofree char *last = NULL;
  const GError *problem;
  gboolean success;

  _process_reactor_lock (self->reactor);
  problem = process->error;
  success = problem == NULL && _process_input_check (process, error);
  _process_reactor_unlock (self->reactor);
  if (problem == NULL && !success)
    return NULL;
  if (success)
    {
      process_service_remove (self, process->id, NULL);
      return process_managed_process_get_output (process);
    }
  last = get_last_stderr (process);
  g_set_error (error, problem->domain, problem->code, "%s%s%s", problem->message,
               last != NULL && *last != '\0' ? ": " : "", last != NULL ? last : "");
  return NULL;
}

/**
 * process_service_new:
 *
 * Makes a service that belongs to the thread-default main context.
 *
 * Returns: (transfer full): a service
 */
ProcessService *
process_service_new (void)
{
  return g_object_new (PROCESS_TYPE_SERVICE, NULL);
}

/**
 * process_service_get_buffer_size:
 * @self: a service
 *
 * Gets how much of its newest output a process keeps, unless its options say
 * otherwise.
 *
 * Returns: bytes
 */
guint
process_service_get_buffer_size (ProcessService *self)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), 0);

  return self->buffer_size;
}

/**
 * process_service_get_n_running:
 * @self: a service
 *
 * Gets how many processes are running.
 *
 * Returns: their number
 */
guint
process_service_get_n_running (ProcessService *self)
{
  guint n;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), 0);

  _process_reactor_lock (self->reactor);
  n = self->n_running;
  _process_reactor_unlock (self->reactor);
  return n;
}

/**
 * process_service_get_max_history:
 * @self: a service
 *
 * Gets how many ended processes stay in the list.
 *
 * Returns: their number, 0 = all of them
 */
guint
process_service_get_max_history (ProcessService *self)
{
  guint n;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), 0);

  _process_reactor_lock (self->reactor);
  n = self->max_history;
  _process_reactor_unlock (self->reactor);
  return n;
}

/**
 * process_service_set_max_history:
 * @self: a service
 * @max_history: how many, 0 = all of them
 *
 * Sets how many ended processes stay in the list. Those that are too many now
 * leave it.
 */
void
process_service_set_max_history (ProcessService *self, guint max_history)
{
  g_return_if_fail (PROCESS_IS_SERVICE (self));

  _process_reactor_lock (self->reactor);
  if (self->max_history != max_history)
    {
      self->max_history = max_history;
      self->history_changed = TRUE;
      trim_history (self);
      _process_reactor_add_errand (self->reactor, &self->errand);
    }
  _process_reactor_unlock (self->reactor);
  _process_service_catch_up_if_owner (self);
}

/**
 * process_service_get_item_type:
 * @self: a service
 *
 * Gets the type of the items of the list model.
 *
 * Returns: [class@Process.ManagedProcess]
 */
GType
process_service_get_item_type (ProcessService *self)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), G_TYPE_INVALID);

  return PROCESS_TYPE_MANAGED_PROCESS;
}

/**
 * process_service_get_n_items:
 * @self: a service
 *
 * Gets how many items the list model has; to be called in the service's main
 * context.
 *
 * Returns: their number
 */
guint
process_service_get_n_items (ProcessService *self)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), 0);

  return process_service_list_get_n_items (G_LIST_MODEL (self));
}
