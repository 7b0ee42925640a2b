/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-reactor-private.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

/* How it works
 *
 * Every service has a reactor, which watches the descriptors of all its
 * children. They are in one poll set, and its epoll descriptor is what the
 * owner's main loop polls, through one GSource. That is attached as long as the
 * service or one of its processes is there.
 *
 * The ends of children are told by GSubprocess to a main context. That is a
 * private one, `exits`, which nobody runs: its wake-up descriptor is in the
 * poll set too, and whoever sees it ready lets the context do its work. This
 * is how any thread can wait for a child without the owner's main loop.
 *
 * Whoever has reason to drives the reactor, a turn at a time: the source in
 * the owner's main loop, or a thread in a blocking call. One lock guards the
 * reactor, its service and the processes of it. Under the lock only system
 * calls that cannot block are made. What must be called without it, such as
 * callbacks and the release of objects, is put off until it is unlocked.
 *
 * What only the owner may do, emitting signals above all, is an errand. A turn
 * in another thread leaves the errands and wakes the owner.
 *
 * Nobody here holds the owner's context: what is in a context must not keep it.
 * When it goes it destroys the source, which tells us, and the reactor is
 * orphaned. Nothing can be told any more, so errands are dropped and wards, the
 * processes that wait to be told of, are let go. All else works as before for
 * those who still hold a process and make blocking calls.
 *
 * A thread that does not run the context may find it gone at any moment. Under
 * the lock `context` is at least a valid pointer, because the context waits in
 * context_gone_cb () until it has the lock. But it may have no references left,
 * so that it must neither be referenced nor given new sources or descriptors.
 * The owner, who must have a reference, does that.
 */

typedef struct
{
  ProcessLaterFunc func;
  gpointer         object;
  gpointer         data;
} Later;

typedef struct
{
  int      wake_fd; /* an eventfd, or -1 when there was none to be had */
  gboolean polling; /* and not about to look again anyway */
} Waiter;

struct _ProcessReactor
{
  gatomicrefcount  refs;    /* of the service and its processes */
  gatomicrefcount  keepers; /* of the memory: all of these, and the source */
  GMutex           lock;
  GMainContext    *context; /* (unowned) (nullable), the owner's; NULL = orphaned */
  GSource         *source;  /* (unowned) (nullable), likewise */
  GThread         *creator; /* (owned) (nullable), if the context is the default one */
  GThread         *poker;   /* (unowned) (nullable), is in poke_source (); atomic */
  guint            n_pokes;
  gboolean         closed;  /* nobody has a reference */

  /* The owner's, without the lock: see take_rest (). */
  gint64           turn_start; /* of the main loop's last one */
  gint64           worked;     /* in turns that came one right after the other */
  guint            n_looks;    /* since the last turn */
  guint            n_rests;    /* that are left, and one; 0 = does not rest */
  GMainContext    *rest_context; /* (unowned), only compared */
  gint64           rest_end;
  gboolean         has_last;   /* see add_last () */

  ProcessPollSet   set;    /* not open before the first start */
  GMainContext    *exits;  /* (owned) (nullable), likewise */
  ProcessChannel   exits_channel;

  GQueue           ready;   /* of channels */
  GQueue           errands;
  GQueue           wards;
  GSequence       *timers;  /* by deadline */
  GPtrArray       *waiters; /* of Waiter, on their stacks */
  GArray          *later;   /* of Later */
  GArray          *spare_later; /* (nullable), empty: for the next time */
  char            *block;   /* (owned) (nullable), NULL while lent */
  ProcessLines    *lines;   /* (owned) (nullable), NULL while lent */
};

typedef struct
{
  GSource         base;
  ProcessReactor *reactor; /* (owned) */
} ReactorSource;

/* How long we work in a row while the rest of the main loop waits, in microseconds;
 * then how many of its turns we leave to others, and after how long only the first
 * few of these: enough for an event, a layout and a frame of GTK. */
#define WORK_TIME 4000
#define N_RESTS 8
#define REST_TIME 8000
#define N_SURE_RESTS 4

/* A ready time that is none. */
#define NEVER (G_MAXINT64 / 2)

/* Those that rest: few, and mostly none. */
static struct
{
  GMutex  lock;
  GSList *reactors; /* (unowned) */
  int     n;        /* atomic */
} rests;

static void turn (ProcessReactor *self, ProcessTurn whose);
static ProcessTimer *get_next_timer (ProcessReactor *self);
static void keeper_unref (ProcessReactor *self);

static void
begin_rest (ProcessReactor *self)
{
  self->n_rests = N_RESTS + 1;
  g_mutex_lock (&rests.lock);
  rests.reactors = g_slist_prepend (rests.reactors, self);
  g_atomic_int_inc (&rests.n);
  g_mutex_unlock (&rests.lock);
}

static void
end_rest (ProcessReactor *self)
{
  if (self->n_rests == 0)
    return;
  self->n_rests = 0;
  g_mutex_lock (&rests.lock);
  rests.reactors = g_slist_remove (rests.reactors, self);
  g_atomic_int_add (&rests.n, -1);
  g_mutex_unlock (&rests.lock);
}

/* A rest is one for all services of a context: if they took theirs one after the
 * other, one of them would always keep the loop from what is less urgent. */
static gboolean
another_rests (ProcessReactor *self, GMainContext *context)
{
  GSList *each;

  if (g_atomic_int_get (&rests.n) == 0)
    return FALSE;
  g_mutex_lock (&rests.lock);
  for (each = rests.reactors; each != NULL; each = each->next)
    if (each->data != self && ((ProcessReactor *) each->data)->rest_context == context)
      break;
  g_mutex_unlock (&rests.lock);
  return each != NULL;
}

static gboolean
last_cb (gpointer data)
{
  ProcessReactor *self = data;

  end_rest (self);
  self->has_last = FALSE;
  return G_SOURCE_REMOVE;
}

/* A source that comes after all others: nobody has anything to do any more, and
 * the rest is over. So the loop is never idle while we have something to do. */
static void
add_last (ProcessReactor *self, GMainContext *context)
{
  g_autoptr (GSource) last = g_idle_source_new ();

  self->has_last = TRUE;
  g_atomic_ref_count_inc (&self->keepers);
  g_source_set_callback (last, last_cb, self, (GDestroyNotify) keeper_unref);
  g_source_set_priority (last, G_MAXINT);
  g_source_set_static_name (last, "[process-glib] children, after all others");
  g_source_attach (last, context);
}

/* A child that prints without a pause keeps us ready, and a main loop only goes
 * on to a lower priority when nothing else is ready. So that GTK can draw and idle
 * sources run, we sit out a few turns of the loop whenever we worked for long. */
static void
take_rest (ProcessReactor *self, GSource *source, gint64 now)
{
  GMainContext *context = g_source_get_context (source);

  self->worked = 0;
  if (another_rests (self, context))
    return;
  self->rest_context = context;
  self->rest_end = now + REST_TIME;
  begin_rest (self);
  if (!self->has_last)
    add_last (self, context);
}

static gboolean
is_resting (ProcessReactor *self, GSource *source)
{
  self->n_looks++;
  if (self->n_rests == 0)
    return another_rests (self, g_source_get_context (source));
  if (self->n_rests == 1 || (self->n_rests <= N_RESTS + 1 - N_SURE_RESTS &&
                             g_source_get_time (source) >= self->rest_end))
    {
      end_rest (self);
      return FALSE;
    }
  self->n_rests--;
  return TRUE;
}

/* The owner's own thread need not be woken up: it comes by here first. */
static gboolean
reactor_source_prepare (GSource *source, int *timeout)
{
  ProcessReactor *self = ((ReactorSource *) source)->reactor;
  gboolean resting = is_resting (self, source);
  ProcessTimer *next;
  gint64 left = 0;

  *timeout = resting ? 0 : -1;
  g_mutex_lock (&self->lock);
  _process_poll_set_tell_source (&self->set, source, resting);
  if (resting)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  next = get_next_timer (self);
  if (self->errands.length == 0 && self->ready.length == 0)
    left = next != NULL ? next->deadline - g_source_get_time (source) : G_MAXINT64;
  g_mutex_unlock (&self->lock);
  if (left > 0 && left < G_MAXINT64)
    *timeout = (int) MIN ((left + 999) / 1000, G_MAXINT);
  return left <= 0;
}

static gboolean
reactor_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  ProcessReactor *self = ((ReactorSource *) source)->reactor;
  gint64 now = g_get_monotonic_time ();
  gboolean closed;

  end_rest (self);
  if (self->n_looks > 1)
    self->worked = 0;
  self->n_looks = 0;
  self->turn_start = now;
  if (self->worked >= WORK_TIME)
    {
      take_rest (self, source, now);
      return G_SOURCE_CONTINUE;
    }
  _process_reactor_lock (self);
  closed = self->closed;
  if (!closed)
    turn (self, PROCESS_TURN_ALL);
  self->worked += g_get_monotonic_time () - now;
  _process_reactor_unlock (self);
  return closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
reactor_source_finalize (GSource *source)
{
  ProcessReactor *self = ((ReactorSource *) source)->reactor;

  end_rest (self);
  keeper_unref (self);
}

static GSourceFuncs reactor_source_funcs = {
  .prepare = reactor_source_prepare,
  .dispatch = reactor_source_dispatch,
  .finalize = reactor_source_finalize,
};

static void
exits_ready (ProcessChannel *channel, ProcessTurn turn)
{
  ProcessReactor *self = channel->owner;

  g_main_context_iteration (self->exits, FALSE);
}

/* A context without sources polls its wake-up descriptor only. */
static int
get_wakeup_fd (GMainContext *context)
{
  GPollFD poll_fd = { -1, 0, 0 };
  int priority, timeout;

  g_main_context_acquire (context);
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, G_MAXINT, &timeout, &poll_fd, 1);
  g_main_context_release (context);
  return poll_fd.fd;
}

static GArray *
new_later (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Later));
}

/* Called by GLib when the source is destroyed: by the context that goes, or in
 * the end by ourselves. */
static void
context_gone_cb (gpointer data)
{
  ProcessReactor *self = data;
  gboolean has_lock = g_atomic_pointer_get (&self->poker) == g_thread_self ();

  if (!has_lock)
    _process_reactor_lock (self);
  self->context = NULL;
  self->source = NULL;
  while (self->errands.length > 0)
    _process_reactor_drop_errand (self, self->errands.head->data);
  if (!has_lock)
    _process_reactor_unlock (self);
}

/* Under the lock, in any thread. A new ready time wakes whoever runs the context,
 * like g_main_context_wakeup (), but may be set while the context goes. Newer
 * versions of GLib may have the context end in there. */
static void
poke_source (ProcessReactor *self, gint64 ready_time)
{
  g_atomic_pointer_set (&self->poker, g_thread_self ());
  g_source_set_ready_time (self->source, ready_time);
  g_atomic_pointer_set (&self->poker, NULL);
}

ProcessReactor *
_process_reactor_new_orphaned (void)
{
  ProcessReactor *self = g_new0 (ProcessReactor, 1);

  g_atomic_ref_count_init (&self->refs);
  g_atomic_ref_count_init (&self->keepers);
  g_mutex_init (&self->lock);
  _process_poll_set_init (&self->set);
  self->timers = g_sequence_new (NULL);
  self->waiters = g_ptr_array_new ();
  self->n_looks = 1; /* before the first turn nothing was done */
  self->later = new_later ();
  return self;
}

static gboolean
ignore_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* The owner is the thread that runs the thread-default context. */
ProcessReactor *
_process_reactor_new (void)
{
  ProcessReactor *self = _process_reactor_new_orphaned ();
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) source = g_source_new (&reactor_source_funcs, sizeof (ReactorSource));

  g_atomic_ref_count_inc (&self->keepers);
  ((ReactorSource *) source)->reactor = self;
  self->source = source;
  self->context = context;
  if (g_main_context_get_thread_default () == NULL)
    self->creator = g_thread_ref (g_thread_self ());
  g_source_set_static_name (source, "[process-glib] children");
  g_source_set_callback (source, ignore_cb, self, context_gone_cb);
  /* A handler may run a main loop of its own, and the other children go on. It
   * is cheaper too: GLib takes a source that may not recurse out of the poll set
   * while it is dispatched, and wakes itself up for that, twice. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return self;
}

/* GLib aborts when it cannot make the wake-up descriptor of a main context. The
 * first start needs one for us and one for GLib's own worker. FALSE with errno. */
static gboolean
has_descriptors_left (void)
{
  ProcessFd fds[4];
  int problem = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = eventfd (0, EFD_CLOEXEC);
      if (fds[i] < 0)
        problem = errno;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    process_fd_clear (&fds[i]);
  errno = problem;
  return problem == 0;
}

/* Not before the first start: a program out of descriptors can make a service,
 * and is told by the start. FALSE with errno. */
gboolean
_process_reactor_open (ProcessReactor *self)
{
  if (_process_poll_set_is_open (&self->set))
    return TRUE;
  if (!has_descriptors_left () || !_process_poll_set_open (&self->set))
    return FALSE;
  self->exits = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
  self->exits_channel.fd = get_wakeup_fd (self->exits);
  self->exits_channel.func = exits_ready;
  self->exits_channel.owner = self;
  _process_reactor_watch (self, &self->exits_channel, POLLIN);
  _process_reactor_wake (self);
  return TRUE;
}

static void
free_lines (ProcessLines *lines)
{
  _process_lines_finish (lines);
  g_free (lines);
}

ProcessReactor *
_process_reactor_ref (ProcessReactor *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
keeper_unref (ProcessReactor *self)
{
  if (!g_atomic_ref_count_dec (&self->keepers))
    return;
  _process_poll_set_clear (&self->set);
  g_sequence_free (self->timers);
  g_ptr_array_unref (self->waiters);
  g_array_unref (self->later);
  g_clear_pointer (&self->spare_later, g_array_unref);
  g_free (self->block);
  g_clear_pointer (&self->lines, free_lines);
  g_clear_pointer (&self->creator, g_thread_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Whether the context cannot go at this moment: the default one never does, and
 * whoever runs another one must have a reference. Under the lock. */
static gboolean
is_context_safe (ProcessReactor *self)
{
  return self->context != NULL &&
         (self->creator != NULL || g_main_context_is_owner (self->context));
}

/* Elsewhere the source is left to the context: it goes with it, or when the
 * context is run. */
void
_process_reactor_unref (ProcessReactor *self)
{
  GSource *source = NULL;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  _process_poll_set_close (&self->set);
  g_clear_pointer (&self->exits, g_main_context_unref);
  if (is_context_safe (self))
    source = g_source_ref (self->source);
  else if (self->context != NULL)
    poke_source (self, 0);
  g_mutex_unlock (&self->lock);

  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }
  keeper_unref (self);
}

/* The owner is the thread that runs the context. Nobody may be running the
 * default one, which every thread can see: then it is who made the service. */
gboolean
_process_reactor_enter_owner (ProcessReactor *self)
{
  gboolean entered;

  g_mutex_lock (&self->lock);
  entered = self->context != NULL &&
            (g_main_context_is_owner (self->context) || g_thread_self () == self->creator) &&
            g_main_context_acquire (self->context);
  if (entered)
    g_main_context_ref (self->context);
  g_mutex_unlock (&self->lock);
  return entered;
}

void
_process_reactor_leave_owner (ProcessReactor *self)
{
  GMainContext *context;

  g_mutex_lock (&self->lock);
  context = self->context;
  g_mutex_unlock (&self->lock);
  g_main_context_release (context);
  g_main_context_unref (context);
}

void
_process_reactor_lock (ProcessReactor *self)
{
  g_mutex_lock (&self->lock);
}

gboolean
_process_reactor_is_orphaned (ProcessReactor *self)
{
  return self->context == NULL;
}

void
_process_reactor_keep (ProcessReactor *self, ProcessWard *ward)
{
  ward->kept = TRUE;
  ward->link.data = ward;
  g_queue_push_tail_link (&self->wards, &ward->link);
}

void
_process_reactor_let_go (ProcessReactor *self, ProcessWard *ward)
{
  if (ward->kept)
    g_queue_unlink (&self->wards, &ward->link);
  ward->kept = FALSE;
}

/* What was put off may let go of the last process, and that of the reactor. */
void
_process_reactor_unlock (ProcessReactor *self)
{
  GArray *later;

  while (self->context == NULL && self->wards.length > 0)
    {
      ProcessWard *ward = self->wards.head->data;

      _process_reactor_let_go (self, ward);
      ward->func (ward);
    }
  if (self->later->len == 0)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  later = g_steal_pointer (&self->later);
  self->later = self->spare_later != NULL ? g_steal_pointer (&self->spare_later) : new_later ();
  g_atomic_ref_count_inc (&self->keepers);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < later->len; i++)
    {
      Later *each = &g_array_index (later, Later, i);

      each->func (each->object, each->data);
    }
  g_array_set_size (later, 0);

  g_mutex_lock (&self->lock);
  if (self->spare_later == NULL)
    self->spare_later = g_steal_pointer (&later);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&later, g_array_unref);
  keeper_unref (self);
}

void
_process_reactor_call_later (ProcessReactor *self, ProcessLaterFunc func, gpointer object,
                             gpointer data)
{
  Later later = { func, object, data };

  g_array_append_val (self->later, later);
}

static void
unref_object (gpointer object, gpointer data)
{
  g_object_unref (object);
}

/* (transfer full) */
void
_process_reactor_unref_later (ProcessReactor *self, gpointer object)
{
  if (object != NULL)
    _process_reactor_call_later (self, unref_object, object, NULL);
}

static void
return_task (gpointer object, gpointer data)
{
  g_autoptr (GTask) task = object;

  if (data != NULL)
    g_task_return_error (task, data);
  else
    g_task_return_boolean (task, TRUE);
}

/* (transfer full), both */
void
_process_reactor_return_later (ProcessReactor *self, GTask *task, GError *error)
{
  _process_reactor_call_later (self, return_task, task, error);
}

void
_process_reactor_watch (ProcessReactor *self, ProcessChannel *channel, guint32 events)
{
  if (channel->events != events && _process_poll_set_watch (&self->set, channel, events))
    _process_reactor_wake (self);
}

void
_process_reactor_unwatch (ProcessReactor *self, ProcessChannel *channel)
{
  _process_reactor_watch (self, channel, 0);
  if (channel->ready)
    g_queue_unlink (&self->ready, &channel->link);
  channel->ready = FALSE;
}

/* A descriptor leaves the poll set before it is closed: while a sibling that
 * is being started holds a copy, the set would go on telling of it. */
void
_process_reactor_close (ProcessReactor *self, ProcessChannel *channel)
{
  _process_reactor_unwatch (self, channel);
  process_fd_clear (&channel->fd);
}

void
_process_reactor_set_ready (ProcessReactor *self, ProcessChannel *channel)
{
  if (channel->ready)
    return;
  channel->ready = TRUE;
  channel->link.data = channel;
  g_queue_push_tail_link (&self->ready, &channel->link);
}

static int
compare_timers (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 one = ((const ProcessTimer *) a)->deadline;
  gint64 other = ((const ProcessTimer *) b)->deadline;

  return (one > other) - (one < other);
}

static ProcessTimer *
get_next_timer (ProcessReactor *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->timers);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

void
_process_reactor_arm (ProcessReactor *self, ProcessTimer *timer, gint64 deadline)
{
  _process_reactor_disarm (self, timer);
  timer->deadline = deadline;
  timer->iter = g_sequence_insert_sorted (self->timers, timer, compare_timers, NULL);
  if (get_next_timer (self) == timer)
    _process_reactor_wake (self);
}

void
_process_reactor_disarm (ProcessReactor *self, ProcessTimer *timer)
{
  g_clear_pointer (&timer->iter, g_sequence_remove);
}

void
_process_reactor_add_errand (ProcessReactor *self, ProcessErrand *errand)
{
  if (errand->queued || self->context == NULL)
    return;
  errand->queued = TRUE;
  errand->link.data = errand;
  g_queue_push_tail_link (&self->errands, &errand->link);
  _process_reactor_wake (self);
}

void
_process_reactor_drop_errand (ProcessReactor *self, ProcessErrand *errand)
{
  if (errand->queued)
    g_queue_unlink (&self->errands, &errand->link);
  errand->queued = FALSE;
}

/* Lets the owner's main loop and all blocking calls look again. */
void
_process_reactor_wake (ProcessReactor *self)
{
  if (self->context != NULL && !g_main_context_is_owner (self->context))
    poke_source (self, NEVER - self->n_pokes++ % 2);
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (self->waiters, i);

      if (waiter->polling && waiter->wake_fd >= 0)
        eventfd_write (waiter->wake_fd, 1);
      waiter->polling = FALSE;
    }
}

/* Whether what is left should wait for the next turn. In a blocking call nobody
 * waits but the caller. */
gboolean
_process_reactor_is_late (ProcessReactor *self, ProcessTurn whose)
{
  return whose == PROCESS_TURN_ALL &&
         self->worked + g_get_monotonic_time () - self->turn_start >= WORK_TIME;
}

/* The task of the wait belongs to the private context. */
GCancellable *
_process_reactor_await_exit (ProcessReactor *self, GSubprocess *subprocess,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GCancellable *wait = g_cancellable_new ();

  g_main_context_push_thread_default (self->exits);
  g_subprocess_wait_async (subprocess, wait, callback, user_data);
  g_main_context_pop_thread_default (self->exits);
  return wait;
}

/* GLib may be about to tell of the end: that is all that this may wait for. */
void
_process_reactor_forget_exit (ProcessReactor *self, GCancellable *wait, GSubprocess **subprocess)
{
  g_cancellable_cancel (wait);
  while (*subprocess != NULL)
    g_main_context_iteration (self->exits, TRUE);
}

char *
_process_reactor_take_block (ProcessReactor *self)
{
  return self->block != NULL ? g_steal_pointer (&self->block) : g_malloc (PROCESS_READ_SIZE + 1);
}

void
_process_reactor_give_block (ProcessReactor *self, char *block)
{
  g_free (self->block);
  self->block = block;
}

ProcessLines *
_process_reactor_take_lines (ProcessReactor *self)
{
  return self->lines != NULL ? g_steal_pointer (&self->lines) : g_new0 (ProcessLines, 1);
}

void
_process_reactor_give_lines (ProcessReactor *self, ProcessLines *lines)
{
  g_clear_pointer (&self->lines, free_lines);
  self->lines = lines;
}

static void
run_channels (ProcessReactor *self, ProcessTurn whose)
{
  guint left;

  _process_poll_set_collect (&self->set, self);
  /* Those that make themselves ready again have their next go in the next turn. */
  for (left = self->ready.length; left > 0 && self->ready.length > 0; left--)
    {
      ProcessChannel *channel = g_queue_pop_head_link (&self->ready)->data;

      channel->ready = FALSE;
      channel->func (channel, whose);
      if (left > 1 && _process_reactor_is_late (self, whose))
        return;
    }
}

static void
run_timers (ProcessReactor *self)
{
  ProcessTimer *timer = get_next_timer (self);
  gint64 now = timer != NULL ? g_get_monotonic_time () : 0;

  for (; timer != NULL && timer->deadline <= now; timer = get_next_timer (self))
    {
      _process_reactor_disarm (self, timer);
      timer->func (timer);
    }
}

static GList *
find_errand (ProcessReactor *self, ProcessTurn whose)
{
  GList *link = self->errands.head;

  while (link != NULL && whose == PROCESS_TURN_AWAITED &&
         ((ProcessErrand *) link->data)->awaited == 0)
    link = link->next;
  return link;
}

static void
run_errands (ProcessReactor *self, ProcessTurn whose)
{
  GList *link = find_errand (self, whose);

  while (link != NULL)
    {
      ProcessErrand *errand = link->data;

      _process_reactor_drop_errand (self, errand);
      errand->func (errand);
      link = find_errand (self, whose);
      if (link != NULL && _process_reactor_is_late (self, whose))
        return;
    }
}

static void
turn (ProcessReactor *self, ProcessTurn whose)
{
  run_channels (self, whose);
  run_timers (self);
  if (whose != PROCESS_TURN_SILENT)
    run_errands (self, whose);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Waiter *waiter = data;

  if (waiter->wake_fd >= 0)
    eventfd_write (waiter->wake_fd, 1);
}

/* Without a descriptor to be woken by, it has to look again often. */
static int
get_poll_timeout (ProcessReactor *self, Waiter *waiter)
{
  ProcessTimer *next = get_next_timer (self);
  gint64 left;

  if (next == NULL)
    return waiter->wake_fd >= 0 ? -1 : 10;
  left = (MAX (next->deadline - g_get_monotonic_time (), 0) + 999) / 1000;
  return (int) MIN (left, waiter->wake_fd >= 0 ? 3600 * 1000 : 10);
}

static void
poll_unlocked (ProcessReactor *self, Waiter *waiter)
{
  guint n = 1 + _process_poll_set_get_size (&self->set);
  struct pollfd few[2];
  g_autofree struct pollfd *many = n > G_N_ELEMENTS (few) ? g_new (struct pollfd, n) : NULL;
  struct pollfd *fds = many != NULL ? many : few;
  int timeout = get_poll_timeout (self, waiter);
  eventfd_t count;

  fds[0] = (struct pollfd) { .fd = waiter->wake_fd, .events = POLLIN };
  _process_poll_set_get_fds (&self->set, fds + 1);
  waiter->polling = TRUE;
  _process_reactor_unlock (self);
  if (poll (fds, n, timeout) > 0 && fds[0].revents != 0)
    eventfd_read (waiter->wake_fd, &count);
  _process_reactor_lock (self);
  waiter->polling = FALSE;
}

/* What it puts off is done as well, so that this thread need not wake itself. */
static void
turn_in_call (ProcessReactor *self, ProcessTurn whose)
{
  turn (self, whose);
  while (self->later->len > 0)
    {
      _process_reactor_unlock (self);
      _process_reactor_lock (self);
    }
}

static gboolean
has_work (ProcessReactor *self, ProcessTurn whose)
{
  return self->ready.length > 0 ||
         (whose != PROCESS_TURN_SILENT && find_errand (self, whose) != NULL);
}

gboolean
_process_reactor_wait_until (ProcessReactor *self, ProcessTestFunc test, gpointer data,
                             GCancellable *cancellable)
{
  Waiter waiter = { eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK), FALSE };
  gboolean owner = _process_reactor_enter_owner (self);
  ProcessTurn whose = owner ? PROCESS_TURN_AWAITED : PROCESS_TURN_SILENT;
  gboolean done;
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &waiter, NULL);
  _process_reactor_lock (self);
  g_ptr_array_add (self->waiters, &waiter);
  for (;;)
    {
      turn_in_call (self, whose);
      done = test (data);
      if (done || g_cancellable_is_cancelled (cancellable))
        break;
      if (!has_work (self, whose))
        poll_unlocked (self, &waiter);
    }
  g_ptr_array_remove_fast (self->waiters, &waiter);
  _process_reactor_unlock (self);

  g_cancellable_disconnect (cancellable, handler);
  process_fd_clear (&waiter.wake_fd);
  if (owner)
    _process_reactor_leave_owner (self);
  return done;
}
