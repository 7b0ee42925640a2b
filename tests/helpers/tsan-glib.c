/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The thread sanitizer sees the atomic operations and locks of instrumented
 * code only. GLib is not instrumented, and its locks are futexes, so without
 * this every field that a GMutex guards would look like a race.
 *
 * These functions stand before GLib's own in a test program, and tell the
 * sanitizer what happens before what: an unlock before the next lock, a
 * reference dropped before the object's end, a source attached before its
 * context's next turn.
 */

#include <dlfcn.h>
#include <gio/gio.h>
#include <poll.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

#define NEXT(name)                                           \
  static __typeof__ (&name) next;                            \
  if (next == NULL)                                          \
    next = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name)

/* Locks */

#undef g_mutex_lock
#undef g_mutex_unlock

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock);
  next (mutex);
  __tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  NEXT (g_mutex_trylock);
  gboolean locked = next (mutex);

  if (locked)
    __tsan_acquire (mutex);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  NEXT (g_mutex_unlock);
  __tsan_release (mutex);
  next (mutex);
}

/* Who lets go of a lock comes after all who held it. The reference that tells so may be one of a
 * GSource, which GLib drops inside itself. */
void
g_mutex_clear (GMutex *mutex)
{
  NEXT (g_mutex_clear);
  __tsan_acquire (mutex);
  next (mutex);
}

void
g_rec_mutex_lock (GRecMutex *mutex)
{
  NEXT (g_rec_mutex_lock);
  next (mutex);
  __tsan_acquire (mutex);
}

void
g_rec_mutex_unlock (GRecMutex *mutex)
{
  NEXT (g_rec_mutex_unlock);
  __tsan_release (mutex);
  next (mutex);
}

void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  NEXT (g_cond_wait);
  __tsan_release (mutex);
  next (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond  *cond,
                   GMutex *mutex,
                   gint64  end_time)
{
  NEXT (g_cond_wait_until);
  gboolean signalled;

  __tsan_release (mutex);
  signalled = next (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

#undef g_once_init_enter
#undef g_once_init_leave

gboolean
g_once_init_enter (volatile void *location)
{
  NEXT (g_once_init_enter);
  gboolean first = next (location);

  if (!first)
    __tsan_acquire ((void *) location);
  return first;
}

void
g_once_init_leave (volatile void *location,
                   gsize          result)
{
  NEXT (g_once_init_leave);
  __tsan_release ((void *) location);
  next (location, result);
}

/* Queues */

void
g_async_queue_push (GAsyncQueue *queue,
                    gpointer     data)
{
  NEXT (g_async_queue_push);
  __tsan_release (queue);
  next (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  NEXT (g_async_queue_pop);
  gpointer data = next (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  NEXT (g_async_queue_try_pop);
  gpointer data = next (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue,
                           guint64      timeout)
{
  NEXT (g_async_queue_timeout_pop);
  gpointer data = next (queue, timeout);

  __tsan_acquire (queue);
  return data;
}

/* References: who drops the last one has seen what all others did before. */

static void
pass_on (gpointer object)
{
  __tsan_release (object);
  __tsan_acquire (object);
}

#undef g_object_unref

void
g_object_unref (gpointer object)
{
  NEXT (g_object_unref);
  pass_on (object);
  next (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  NEXT (g_bytes_unref);
  if (bytes != NULL)
    pass_on (bytes);
  next (bytes);
}

void
g_variant_unref (GVariant *value)
{
  NEXT (g_variant_unref);
  pass_on (value);
  next (value);
}

void
g_source_unref (GSource *source)
{
  NEXT (g_source_unref);
  pass_on (source);
  next (source);
}

#undef g_atomic_ref_count_dec

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  NEXT (g_atomic_ref_count_dec);
  gboolean last;

  __tsan_release (count);
  last = next (count);
  /* Only now: another thread may have come between. */
  __tsan_acquire (count);
  return last;
}

void
g_atomic_rc_box_release_full (gpointer       box,
                              GDestroyNotify clear)
{
  NEXT (g_atomic_rc_box_release_full);
  pass_on (box);
  next (box, clear);
}

void
g_atomic_rc_box_release (gpointer box)
{
  NEXT (g_atomic_rc_box_release);
  pass_on (box);
  next (box);
}

gpointer
g_weak_ref_get (GWeakRef *ref)
{
  NEXT (g_weak_ref_get);
  gpointer object = next (ref);

  if (object != NULL)
    __tsan_acquire (object);
  return object;
}

/* Main contexts: what was attached, and who turns them now */

static __thread GMainContext *current;

/* GLib's worker thread turns its context without calling anything of the above. */
static char worker;

static gpointer
key_of (GMainContext *context)
{
  return context != NULL ? context : g_main_context_default ();
}

guint
g_source_attach (GSource      *source,
                 GMainContext *context)
{
  NEXT (g_source_attach);
  __tsan_release (key_of (context));
  __tsan_release (&worker);
  return next (source, context);
}

void
g_source_set_ready_time (GSource *source,
                         gint64   ready_time)
{
  NEXT (g_source_set_ready_time);
  /* The source may be losing it, which g_source_get_context () does not like. */
  GMainContext *context = source->context;

  if (context != NULL)
    __tsan_release (context);
  next (source, ready_time);
}

void
g_main_context_wakeup (GMainContext *context)
{
  NEXT (g_main_context_wakeup);
  __tsan_release (key_of (context));
  next (context);
}

void
g_main_context_invoke_full (GMainContext  *context,
                            int            priority,
                            GSourceFunc    function,
                            gpointer       data,
                            GDestroyNotify notify)
{
  NEXT (g_main_context_invoke_full);
  __tsan_release (key_of (context));
  next (context, priority, function, data, notify);
}

gboolean
g_main_context_acquire (GMainContext *context)
{
  NEXT (g_main_context_acquire);
  gboolean mine = next (context);

  if (mine)
    __tsan_acquire (key_of (context));
  return mine;
}

void
g_main_context_release (GMainContext *context)
{
  NEXT (g_main_context_release);
  __tsan_release (key_of (context));
  next (context);
}

gboolean
g_main_context_iteration (GMainContext *context,
                          gboolean      may_block)
{
  NEXT (g_main_context_iteration);
  GMainContext *outer = current;
  gboolean dispatched;

  current = key_of (context);
  __tsan_acquire (current);
  dispatched = next (context, may_block);
  __tsan_release (current);
  current = outer;
  return dispatched;
}

void
g_main_loop_run (GMainLoop *loop)
{
  NEXT (g_main_loop_run);
  GMainContext *outer = current;

  current = key_of (g_main_loop_get_context (loop));
  __tsan_acquire (current);
  next (loop);
  __tsan_release (current);
  current = outer;
}

int
poll (struct pollfd *fds,
      nfds_t         n_fds,
      int            timeout)
{
  NEXT (poll);
  int n_ready = next (fds, n_fds, timeout);

  __tsan_acquire (current != NULL ? (void *) current : &worker);
  return n_ready;
}

/* What GLib itself allocates and frees is guarded by locks that cannot be seen. So is the making of
 * a class, of which others then only read atomically, within GLib, that it has been done. */

const char *__tsan_default_suppressions (void);

const char *
__tsan_default_suppressions (void)
{
  return "called_from_lib:libglib-2.0.so\n"
         "race:g_type_class_ref\n";
}
