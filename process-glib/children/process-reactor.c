/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-reactor-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

/* How it works
 *
 * Every service has a reactor, which watches the descriptors of all its
 * children. They are in one epoll set, and the set is what the owner's main
 * loop polls, through one GSource: a wake-up costs the same however many
 * children there are.
 *
 * The ends of children are told by GSubprocess to a main context. That is a
 * private one, `exits`, which nobody runs: its wake-up descriptor is in the
 * epoll set too, and whoever sees it ready lets the context do its work. This
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
 */

typedef struct
{
  ProcessLaterFunc func;
  gpointer         object;
  gpointer         data;
} Later;

typedef struct
{
  int wake_fd; /* an eventfd, or -1 when there was none to be had */
} Waiter;

struct _ProcessReactor
{
  gatomicrefcount  refs;
  GMutex           lock;
  GMainContext    *context; /* (owned), the owner's */
  GThread         *creator; /* (owned) */
  GSource         *source;  /* (owned) (nullable), attached and holds a reference on us */
  guint            holds;
  gboolean         slow;
  gboolean         slowed;

  ProcessFd        epoll_fd; /* -1 before the first start */
  GMainContext    *exits;    /* (owned) (nullable), likewise */
  ProcessChannel   exits_channel;

  GQueue           ready;   /* of channels */
  GQueue           errands;
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

/* A child that prints without a pause must not starve what GTK does at redraw
 * priority, so while one does we come after that. */
#define PRIORITY_SLOW (G_PRIORITY_HIGH_IDLE + 30)

static void turn (ProcessReactor *self, ProcessTurn whose);
static ProcessTimer *get_next_timer (ProcessReactor *self);

/* The owner's own thread need not be woken up: it comes by here first. */
static gboolean
reactor_source_prepare (GSource *source, int *timeout)
{
  ProcessReactor *self = ((ReactorSource *) source)->reactor;
  ProcessTimer *next;
  gint64 left = 0;

  *timeout = -1;
  g_mutex_lock (&self->lock);
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

  _process_reactor_lock (self);
  self->slow = FALSE;
  turn (self, PROCESS_TURN_ALL);
  if (self->slow != self->slowed && source == self->source)
    {
      self->slowed = self->slow;
      g_source_set_priority (source, self->slow ? PRIORITY_SLOW : G_PRIORITY_DEFAULT);
    }
  _process_reactor_unlock (self);
  return G_SOURCE_CONTINUE;
}

static void
reactor_source_finalize (GSource *source)
{
  _process_reactor_unref (((ReactorSource *) source)->reactor);
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

ProcessReactor *
_process_reactor_new (void)
{
  ProcessReactor *self = g_new0 (ProcessReactor, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->creator = g_thread_ref (g_thread_self ());
  self->epoll_fd = -1;
  self->timers = g_sequence_new (NULL);
  self->waiters = g_ptr_array_new ();
  self->later = new_later ();
  _process_reactor_hold (self);
  return self;
}

/* GLib aborts when it cannot make the wake-up descriptor of a main context. The
 * first start needs one for us and one for GLib's own worker. */
static gboolean
has_descriptors_left (void)
{
  ProcessFd fds[4];
  gboolean enough = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = eventfd (0, EFD_CLOEXEC);
      enough = enough && fds[i] >= 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    process_fd_clear (&fds[i]);
  return enough;
}

/* Not before the first start: a program out of descriptors can make a service,
 * and is told by the start. FALSE with errno. */
gboolean
_process_reactor_open (ProcessReactor *self)
{
  if (self->epoll_fd >= 0)
    return TRUE;
  if (!has_descriptors_left ())
    {
      errno = EMFILE;
      return FALSE;
    }
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    return FALSE;
  self->exits = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
  self->exits_channel.fd = get_wakeup_fd (self->exits);
  self->exits_channel.func = exits_ready;
  self->exits_channel.owner = self;
  _process_reactor_watch (self, &self->exits_channel, EPOLLIN);
  if (self->source != NULL)
    g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
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

void
_process_reactor_unref (ProcessReactor *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  process_fd_clear (&self->epoll_fd);
  g_clear_pointer (&self->exits, g_main_context_unref);
  g_sequence_free (self->timers);
  g_ptr_array_unref (self->waiters);
  g_array_unref (self->later);
  g_clear_pointer (&self->spare_later, g_array_unref);
  g_free (self->block);
  g_clear_pointer (&self->lines, free_lines);
  g_main_context_unref (self->context);
  g_thread_unref (self->creator);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
_process_reactor_hold (ProcessReactor *self)
{
  if (self->holds++ > 0)
    return;
  self->source = g_source_new (&reactor_source_funcs, sizeof (ReactorSource));
  ((ReactorSource *) self->source)->reactor = _process_reactor_ref (self);
  g_source_set_static_name (self->source, "[process-glib] children");
  if (self->epoll_fd >= 0)
    g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  /* A handler may run a main loop of its own, and the other children go on. It
   * is cheaper too: GLib takes a source that may not recurse out of the poll set
   * while it is dispatched, and wakes itself up for that, twice. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
}

static void
destroy_source (gpointer object, gpointer data)
{
  g_source_destroy (object);
  g_source_unref (object);
}

void
_process_reactor_release (ProcessReactor *self)
{
  if (--self->holds == 0)
    _process_reactor_call_later (self, destroy_source, g_steal_pointer (&self->source), NULL);
}

GMainContext *
_process_reactor_get_context (ProcessReactor *self)
{
  return self->context;
}

/* The owner is the thread that runs the context, or the one that made the
 * service while no thread does. */
gboolean
_process_reactor_enter_owner (ProcessReactor *self)
{
  if (!g_main_context_is_owner (self->context) && g_thread_self () != self->creator)
    return FALSE;
  return g_main_context_acquire (self->context);
}

void
_process_reactor_leave_owner (ProcessReactor *self)
{
  g_main_context_release (self->context);
}

void
_process_reactor_lock (ProcessReactor *self)
{
  g_mutex_lock (&self->lock);
}

/* What was put off may let go of the last process, and that of the reactor. */
void
_process_reactor_unlock (ProcessReactor *self)
{
  GArray *later;

  if (self->later->len == 0)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  later = g_steal_pointer (&self->later);
  self->later = self->spare_later != NULL ? g_steal_pointer (&self->spare_later) : new_later ();
  _process_reactor_ref (self);
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
  _process_reactor_unref (self);
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

gboolean
_process_reactor_watch (ProcessReactor *self, ProcessChannel *channel, guint32 events)
{
  struct epoll_event event = { .events = events, .data = { .ptr = channel } };

  if (channel->events == events)
    return TRUE;
  if (epoll_ctl (self->epoll_fd, channel->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, channel->fd,
                 &event) < 0)
    return FALSE;
  channel->events = events;
  return TRUE;
}

void
_process_reactor_unwatch (ProcessReactor *self, ProcessChannel *channel)
{
  if (channel->events != 0)
    epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, channel->fd, NULL);
  channel->events = 0;
  if (channel->ready)
    g_queue_unlink (&self->ready, &channel->link);
  channel->ready = FALSE;
}

/* A descriptor leaves the epoll set before it is closed: while a sibling that
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
  if (errand->queued)
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
  if (!g_main_context_is_owner (self->context))
    g_main_context_wakeup (self->context);
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (self->waiters, i);

      if (waiter->wake_fd >= 0)
        eventfd_write (waiter->wake_fd, 1);
    }
}

/* Tells that a child is printing more than one turn takes. */
void
_process_reactor_slow_down (ProcessReactor *self)
{
  self->slow = TRUE;
}

/* The task of the wait belongs to the private context. */
void
_process_reactor_await_exit (ProcessReactor *self, GSubprocess *subprocess,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_main_context_push_thread_default (self->exits);
  g_subprocess_wait_async (subprocess, NULL, callback, user_data);
  g_main_context_pop_thread_default (self->exits);
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
  struct epoll_event events[64];
  int n = epoll_wait (self->epoll_fd, events, G_N_ELEMENTS (events), 0);
  guint left;

  for (int i = 0; i < n; i++)
    _process_reactor_set_ready (self, events[i].data.ptr);
  /* Those that make themselves ready again have their next go in the next turn. */
  for (left = self->ready.length; left > 0 && self->ready.length > 0; left--)
    {
      ProcessChannel *channel = g_queue_pop_head_link (&self->ready)->data;

      channel->ready = FALSE;
      channel->func (channel, whose);
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
  for (GList *link; (link = find_errand (self, whose)) != NULL;)
    {
      ProcessErrand *errand = link->data;

      _process_reactor_drop_errand (self, errand);
      errand->func (errand);
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
get_poll_timeout (ProcessReactor *self, Waiter *waiter, gint64 deadline)
{
  ProcessTimer *next = get_next_timer (self);
  gint64 until = next != NULL ? next->deadline : G_MAXINT64;
  gint64 left;

  if (self->ready.length > 0)
    return 0;
  if (deadline >= 0)
    until = MIN (until, deadline);
  if (until == G_MAXINT64)
    return waiter->wake_fd >= 0 ? -1 : 10;
  left = (MAX (until - g_get_monotonic_time (), 0) + 999) / 1000;
  return (int) MIN (left, waiter->wake_fd >= 0 ? 3600 * 1000 : 10);
}

static void
poll_unlocked (ProcessReactor *self, Waiter *waiter, gint64 deadline)
{
  struct pollfd fds[] = {
    { .fd = self->epoll_fd, .events = POLLIN },
    { .fd = waiter->wake_fd, .events = POLLIN },
  };
  int timeout = get_poll_timeout (self, waiter, deadline);
  eventfd_t count;

  _process_reactor_unlock (self);
  if (poll (fds, G_N_ELEMENTS (fds), timeout) > 0 && fds[1].revents != 0)
    eventfd_read (waiter->wake_fd, &count);
  _process_reactor_lock (self);
}

gboolean
_process_reactor_wait_until (ProcessReactor *self, ProcessTestFunc test, gpointer data,
                             gint64 deadline, GCancellable *cancellable)
{
  Waiter waiter = { eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK) };
  gboolean owner = _process_reactor_enter_owner (self);
  gboolean done;
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &waiter, NULL);
  _process_reactor_lock (self);
  g_ptr_array_add (self->waiters, &waiter);
  for (;;)
    {
      turn (self, owner ? PROCESS_TURN_AWAITED : PROCESS_TURN_SILENT);
      done = test (data);
      if (done || g_cancellable_is_cancelled (cancellable) ||
          (deadline >= 0 && g_get_monotonic_time () >= deadline))
        break;
      poll_unlocked (self, &waiter, deadline);
    }
  g_ptr_array_remove_fast (self->waiters, &waiter);
  _process_reactor_unlock (self);

  g_cancellable_disconnect (cancellable, handler);
  process_fd_clear (&waiter.wake_fd);
  if (owner)
    _process_reactor_leave_owner (self);
  return done;
}
