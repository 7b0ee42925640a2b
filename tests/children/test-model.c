/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Random lives. Two threads, of which one owns the service, do what comes to
 * their minds with a few children that misbehave; what is told is compared with
 * the rules of a life while it is told, and in the end nothing is left.
 *
 *   test-model [SEQUENCES [SEED]]
 *
 * The n-th sequence of a seed is the first one of seed + n. What each does follows
 * from its seed, but not how the threads meet. When something is wrong, the last
 * thing printed is the seed of the sequence, and what was done in it. */

#include "model.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LIVES 6
#define PATIENCE 100 /* seconds */

typedef struct World World;

/* Each thread has its own. */
typedef struct
{
  World        *world;
  const char   *name;
  gboolean      is_owner;
  GRand        *random;
  guint         n_steps;
  GMainContext *context;   /* (unowned) (nullable), NULL = the default one */
  guint         n_pending; /* calls that have not completed */
} Actor;

struct World
{
  TestFixture  base;
  guint32      seed;
  GMutex       lock;
  ModelLife   *lives[MAX_LIVES]; /* (owned) (nullable), under the lock, and their processes */
  guint        n_lives;
  Actor        owner;
  Actor        worker;
  gint         worker_done;
  gint         shut;             /* starts may be refused */
  gboolean     disposed;
  guint        n_handlers;       /* that run now */
  guint        mischief;         /* how much may still be done in handlers */
  GPtrArray   *mirror;           /* (owned), of the service as a model; not referenced */
  TestFifo    *orders;           /* (owned), awaited by descendants until it is closed */
  TestFifo    *report;           /* (owned), held by them */
};

typedef void (*StepFunc) (Actor *self, ModelLife *life, ProcessManagedProcess *process);

static char trace[16384];
static gsize trace_length;
static GMutex trace_lock;

static void
tell (Actor *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (Actor *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gsize length;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  line = g_strdup_printf ("%s%s: %s\n", self->is_owner && self->world->n_handlers > 0 ? "  " : "",
                          self->name, text);
  length = strlen (line);
  g_mutex_lock (&trace_lock);
  if (trace_length + length < sizeof trace)
    {
      memcpy (trace + trace_length, line, length);
      trace_length += length;
    }
  g_mutex_unlock (&trace_lock);
}

static void
print_trace (int signum)
{
  if (write (STDERR_FILENO, trace, trace_length) < 0)
    _exit (1);
  signal (SIGABRT, SIG_DFL);
  abort ();
}

static void
tell_child (Actor *self, const char *what, ModelLife *life)
{
  ProcessRunOptions *options = life->options;
  g_autofree char *verbs = g_strjoinv (" ", (char **) life->child->verbs);

  tell (self, "%s %u: %s (timeout %" G_GINT64_FORMAT ", grace %" G_GINT64_FORMAT "%s%s)", what,
        life->index, life->child->program != NULL ? life->child->program : verbs,
        process_run_options_get_timeout (options), process_run_options_get_grace_period (options),
        process_run_options_get_kill_group (options) ? ", group" : "",
        process_run_options_get_detach (options) ? ", detached" : "");
}

static gboolean
chance (Actor *self, int n)
{
  return g_rand_int_range (self->random, 0, n) == 0;
}

static ModelLife *
add_life (Actor *self, gboolean is_run)
{
  World *world = self->world;
  ModelLife *life = NULL;

  g_mutex_lock (&world->lock);
  if (world->n_lives < MAX_LIVES)
    {
      life = world->lives[world->n_lives] =
        model_life_new (world->n_lives, self->random, is_run, world->orders->path,
                        world->report->path);
      life->owner = world->base.owner;
      world->n_lives++;
    }
  g_mutex_unlock (&world->lock);
  return life;
}

static ModelLife *
get_life (World *world, ProcessManagedProcess *process)
{
  ModelLife *life;

  g_mutex_lock (&world->lock);
  life = world->lives[model_get_index (process)];
  g_mutex_unlock (&world->lock);
  return life;
}

/* When it is known, and was not forgotten. */
static void
meet (World *world, ModelLife *life, ProcessManagedProcess *process)
{
  gboolean is_new;

  g_mutex_lock (&world->lock);
  is_new = life->process == NULL && !life->met;
  life->met = TRUE;
  if (is_new)
    life->process = g_object_ref (process);
  g_mutex_unlock (&world->lock);
  if (is_new)
    test_track (&world->base, process);
}

static ModelLife *
pick (Actor *self, ProcessManagedProcess **process)
{
  World *world = self->world;
  ModelLife *life = NULL;

  g_mutex_lock (&world->lock);
  if (world->n_lives > 0)
    life = world->lives[g_rand_int_range (self->random, 0, (gint32) world->n_lives)];
  if (life != NULL && life->process != NULL)
    *process = g_object_ref (life->process);
  g_mutex_unlock (&world->lock);
  return *process != NULL ? life : NULL;
}

static void
do_start (Actor *self, ModelLife *unused, ProcessManagedProcess *unused_process)
{
  ModelLife *life = add_life (self, FALSE);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (life == NULL)
    return;
  tell_child (self, "start", life);
  process = process_service_start_with_options (self->world->base.service, life->options,
                                                life->cancellable, &error);
  model_life_check_start (life, error, g_atomic_int_get (&self->world->shut));
  if (process == NULL)
    return;
  if (self->is_owner)
    model_life_attach (life, process);
  meet (self->world, life, process);
}

typedef struct
{
  Actor     *actor;
  ModelLife *life;
  gboolean   own_cancellable; /* its call may fail by that */
} Call;

static Call *
begin_call (Actor *self, ModelLife *life, gboolean own_cancellable)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ self, life, own_cancellable };
  self->n_pending++;
  return call;
}

static void
end_call (Call *call)
{
  call->actor->n_pending--;
  g_free (call);
}

static void
check_run (Actor *self, ModelLife *life, const char *output, const GError *error)
{
  g_assert_true ((output == NULL) == (error != NULL));
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING) ||
      g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT))
    model_life_check_start (life, error, g_atomic_int_get (&self->world->shut));
  else if (self->is_owner && life->ended)
    model_life_check_error (life, error);
}

static void
run_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run_with_options_finish (PROCESS_SERVICE (object), result, &error);

  tell (call->actor, "run %u came back", call->life->index);
  check_run (call->actor, call->life, output, error);
  end_call (call);
}

static void
do_run (Actor *self, ModelLife *unused, ProcessManagedProcess *unused_process)
{
  ModelLife *life = add_life (self, TRUE);
  ProcessService *service = self->world->base.service;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  if (life == NULL)
    return;
  tell_child (self, "run", life);
  if (chance (self, 2))
    process_service_run_with_options_async (service, life->options, life->cancellable, run_cb,
                                            begin_call (self, life, FALSE));
  else
    {
      output =
        process_service_run_with_options (service, life->options, life->cancellable, &error);
      check_run (self, life, output, error);
    }
}

/* What was taken is counted in one step: a close may come at any time. */
static void
do_input (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  gsize size = (gsize) g_rand_int_range (self->random, 0, chance (self, 4) ? 200000 : 100);
  g_autoptr (GBytes) bytes = model_make_input (size);
  g_autoptr (GError) error = NULL;

  tell (self, "%zu bytes to %u", size, life->index);
  if (process_managed_process_send_bytes (process, bytes, &error))
    g_atomic_int_add (&life->n_sent, (gint) size);
  else
    g_assert_true (error->domain == PROCESS_ERROR || error->domain == G_IO_ERROR);
}

static void
send_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;

  if (!process_managed_process_send_bytes_finish (PROCESS_MANAGED_PROCESS (object), result, &error))
    g_assert_nonnull (error);
  end_call (call);
}

/* Nobody knows how much of it the child got, when it failed. */
static void
do_input_async (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GBytes) bytes = model_make_input ((gsize) g_rand_int_range (self->random, 0, 200000));

  if (life->child->copies)
    return;
  tell (self, "bytes to %u, later", life->index);
  process_managed_process_send_bytes_async (process, bytes, NULL, send_cb,
                                            begin_call (self, life, FALSE));
}

static void
do_close (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  tell (self, "close %u", life->index);
  if (process_managed_process_close_stdin (process, NULL))
    model_life_note (life, MODEL_DONE_CLOSE);
}

static void
do_kill (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;
  gboolean by_id = chance (self, 3);

  tell (self, "kill %u", life->index);
  model_life_note (life, MODEL_DONE_KILL);
  if (by_id && !process_service_kill (self->world->base.service,
                                      process_managed_process_get_id (process), &error))
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND);
      g_assert_true (model_life_was (life, MODEL_DONE_REMOVE) || life->is_run ||
                     process_service_get_max_history (self->world->base.service) > 0);
      return;
    }
  if (!by_id)
    process_managed_process_kill (process, &error);
  g_assert_no_error (error);
  model_life_note (life, MODEL_DONE_DYING);
}

static void
do_signal (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  const int signals[] = { 0, SIGTERM, SIGUSR1, SIGHUP, SIGKILL, SIGCONT, SIGSTOP };
  int signum = signals[g_rand_int_range (self->random, 0, G_N_ELEMENTS (signals))];
  g_autoptr (GError) error = NULL;

  /* Nobody would wake it whom the owner waits for already. */
  if (signum == SIGSTOP && (!self->is_owner || self->world->n_handlers > 0 || life->is_run))
    signum = SIGCONT;
  tell (self, "signal %d to %u", signum, life->index);
  if (signum == SIGSTOP)
    model_life_note (life, MODEL_DONE_STOP);
  model_life_note (life, MODEL_DONE_SIGNAL);
  g_atomic_int_or ((guint *) &life->signals, 1 << signum);
  if (process_managed_process_send_signal (process, signum, &error) && signum == SIGKILL)
    model_life_note (life, MODEL_DONE_DYING);
  if (error != NULL)
    g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

/* In a handler of the same process, nobody can wait for it. */
static void
check_call (Actor *self, ModelLife *life, const GError *error)
{
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_FAILED))
    g_assert_true (self->is_owner && self->world->n_handlers > 0);
  else
    g_assert_no_error (error);
}

static void
do_shutdown (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  tell (self, "shutdown %u", life->index);
  model_life_note (life, MODEL_DONE_KILL);
  process_managed_process_shutdown (process, NULL, &error);
  check_call (self, life, error);
  tell (self, "shutdown %u came back", life->index);
  if (error == NULL)
    g_assert_false (process_managed_process_is_running (process));
  model_life_note (life, MODEL_DONE_DYING);
}

static void
shutdown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;

  process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object), result, &error);
  if (call->own_cancellable && error != NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_no_error (error);
  end_call (call);
}

static void
do_shutdown_async (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GCancellable) cancellable = chance (self, 3) ? g_cancellable_new () : NULL;

  tell (self, "shutdown %u, later", life->index);
  model_life_note (life, MODEL_DONE_KILL);
  process_managed_process_shutdown_async (process, cancellable, shutdown_cb,
                                          begin_call (self, life, cancellable != NULL));
  model_life_note (life, MODEL_DONE_DYING);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

static void
do_cancel (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  if (life->cancellable == NULL)
    return;
  tell (self, "cancel %u", life->index);
  model_life_note (life, MODEL_DONE_CANCEL);
  g_cancellable_cancel (life->cancellable);
}

static void
do_remove (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  tell (self, "remove %u", life->index);
  model_life_note (life, MODEL_DONE_REMOVE);
  if (!process_service_remove (self->world->base.service, process_managed_process_get_id (process),
                               &error))
    g_assert_true (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_STILL_RUNNING) ||
                   g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_NOT_FOUND));
}

static void
do_clear (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  tell (self, "clear");
  g_mutex_lock (&self->world->lock);
  for (guint i = 0; i < self->world->n_lives; i++)
    model_life_note (self->world->lives[i], MODEL_DONE_REMOVE);
  g_mutex_unlock (&self->world->lock);
  process_service_clear (self->world->base.service);
}

static void
check_wait (Actor *self, ModelLife *life, const GError *error)
{
  if (self->is_owner && life->ended)
    model_life_check_error (life, error);
}

static void
do_wait (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GError) error = NULL;

  if (!model_life_is_mortal (life))
    return;
  tell (self, "wait for %u", life->index);
  process_managed_process_wait (process, NULL, &error);
  tell (self, "wait for %u came back", life->index);
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_FAILED))
    check_call (self, life, error);
  else
    {
      g_assert_false (process_managed_process_is_running (process));
      check_wait (self, life, error);
      if (self->is_owner && life->attached)
        g_assert_cmpuint (life->n_exited[MODEL_BY_PROCESS], ==, 1);
    }
}

static void
wait_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  gboolean success =
    process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object), result, &error);

  g_assert_true (success == (error == NULL));
  if (!call->own_cancellable || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      if (call->actor->is_owner && call->life->attached)
        g_assert_cmpuint (call->life->n_exited[MODEL_BY_PROCESS], ==, 1);
      check_wait (call->actor, call->life, error);
    }
  end_call (call);
}

static void
do_wait_async (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (GCancellable) cancellable = chance (self, 4) ? g_cancellable_new () : NULL;

  tell (self, "wait for %u, later", life->index);
  process_managed_process_wait_async (process, cancellable, wait_cb,
                                      begin_call (self, life, cancellable != NULL));
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

/* Only the service has it then, if anybody does. */
static void
do_forget (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  ProcessManagedProcess *forgotten;

  if (!model_life_is_mortal (life) || model_life_was (life, MODEL_DONE_STOP))
    return;
  tell (self, "forget %u", life->index);
  g_mutex_lock (&self->world->lock);
  forgotten = g_steal_pointer (&life->process);
  g_mutex_unlock (&self->world->lock);
  g_clear_object (&forgotten);
}

static void
do_look (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  g_autoptr (ProcessInfo) info = process_managed_process_get_info (process);
  G_GNUC_UNUSED g_autoptr (GBytes) bytes =
    process_managed_process_get_output_bytes (process);
  g_autofree char *output = process_managed_process_get_output (process);
  g_autoptr (GPtrArray) running = process_service_running (self->world->base.service);

  g_assert_true (g_utf8_validate (output, -1, NULL));
  g_assert_true (process_info_get_running (info) ==
                 (process_info_get_exit_reason (info) == PROCESS_EXIT_REASON_NONE));
  g_assert_cmpuint (running->len, <=, MAX_LIVES);
}

static void
do_iterate (Actor *self, ModelLife *life, ProcessManagedProcess *process)
{
  for (int i = g_rand_int_range (self->random, 0, 10); i > 0; i--)
    g_main_context_iteration (self->context, FALSE);
}

static const struct
{
  StepFunc func;
  guint    weight;
  gboolean on_life;
} steps[] = {
  { do_start, 8, FALSE },      { do_run, 2, FALSE },       { do_input, 3, TRUE },
  { do_input_async, 2, TRUE }, { do_close, 2, TRUE },      { do_kill, 2, TRUE },
  { do_signal, 3, TRUE },      { do_shutdown, 2, TRUE },   { do_shutdown_async, 2, TRUE },
  { do_cancel, 2, TRUE },      { do_remove, 2, TRUE },     { do_clear, 1, FALSE },
  { do_wait, 3, TRUE },        { do_wait_async, 2, TRUE }, { do_forget, 1, TRUE },
  { do_look, 1, TRUE },        { do_iterate, 4, FALSE },
};

static void
do_something (Actor *self)
{
  g_autoptr (ProcessManagedProcess) process = NULL;
  ModelLife *life;
  gint32 total = 0, chosen;
  gsize i = 0;

  for (gsize j = 0; j < G_N_ELEMENTS (steps); j++)
    total += (gint32) steps[j].weight;
  chosen = g_rand_int_range (self->random, 0, total);
  while (chosen >= (gint32) steps[i].weight)
    chosen -= (gint32) steps[i++].weight;
  life = pick (self, &process);
  if (life != NULL || !steps[i].on_life)
    steps[i].func (self, life, process);
}

/* In a handler, everything may be done as well. */
static void
maybe_do_something (World *world)
{
  if (world->mischief == 0 || world->n_handlers > 3 || !chance (&world->owner, 3))
    return;
  world->mischief--;
  world->n_handlers++;
  do_something (&world->owner);
  world->n_handlers--;
}

static void
started_cb (ProcessService *service, ProcessManagedProcess *process, World *world)
{
  ModelLife *life = get_life (world, process);

  tell (&world->owner, "%u started", life->index);
  meet (world, life, process);
  model_life_started (life, process, MODEL_BY_SERVICE);
  if (!life->attached)
    model_life_attach (life, process);
  maybe_do_something (world);
}

static void
output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
           ProcessStream stream, World *world)
{
  model_life_output (get_life (world, process), line, stream, MODEL_BY_SERVICE);
  maybe_do_something (world);
}

static void
killed_cb (ProcessService *service, ProcessManagedProcess *process, const char *name, World *world)
{
  model_life_killed (get_life (world, process), process, name, MODEL_BY_SERVICE);
  maybe_do_something (world);
}

static void
exited_cb (ProcessService *service, ProcessManagedProcess *process, int code, gint64 duration,
           const GError *error, World *world)
{
  ModelLife *life = get_life (world, process);

  tell (&world->owner, "%u exited", life->index);
  meet (world, life, process);
  model_life_exited (life, process, code, duration, error, MODEL_BY_SERVICE);
  maybe_do_something (world);
}

/* What the changes of the model say must come to what the model has. */
static void
items_changed_cb (GListModel *model, guint position, guint n_removed, guint n_added, World *world)
{
  g_assert_true (g_thread_self () == world->base.owner);
  if (n_removed > 0)
    g_ptr_array_remove_range (world->mirror, position, n_removed);
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_ptr_array_insert (world->mirror, (int) i, item);
    }
  g_assert_cmpuint (world->mirror->len, ==, g_list_model_get_n_items (model));
}

static void
actor_run (Actor *self)
{
  for (guint i = 0; i < self->n_steps; i++)
    {
      do_something (self);
      if (chance (self, 2))
        do_iterate (self, NULL, NULL);
    }
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static gpointer
worker_thread (gpointer data)
{
  World *world = data;
  Actor *self = &world->worker;

  g_main_context_push_thread_default (self->context);
  actor_run (self);
  g_main_context_pop_thread_default (self->context);
  g_atomic_int_set (&world->worker_done, TRUE);
  g_idle_add (wake_cb, NULL);
  return NULL;
}

/* The calls of the worker complete when the processes have ended. */
static gpointer
worker_rest_thread (gpointer data)
{
  Actor *self = data;

  while (self->n_pending > 0)
    g_main_context_iteration (self->context, TRUE);
  g_atomic_int_set (&self->world->worker_done, TRUE);
  return NULL;
}

static void
actor_init (Actor *self, World *world, const char *name, guint32 seed)
{
  *self = (Actor){ .world = world, .name = name, .is_owner = self == &world->owner };
  self->random = g_rand_new_with_seed (seed);
  self->n_steps = (guint) g_rand_int_range (self->random, 1, 12);
  self->context = self->is_owner ? NULL : g_main_context_new ();
}

static void
actor_clear (Actor *self)
{
  g_assert_cmpuint (self->n_pending, ==, 0);
  g_rand_free (self->random);
  g_clear_pointer (&self->context, g_main_context_unref);
}

static void
world_init (World *self, guint32 seed)
{
  ProcessService *service;

  memset (self, 0, sizeof *self);
  self->seed = seed;
  trace_length = (gsize) g_snprintf (trace, sizeof trace, "Sequence of seed %u:\n", seed);
  test_set_up (&self->base, NULL);
  service = self->base.service;
  test_track (&self->base, service);
  g_mutex_init (&self->lock);
  actor_init (&self->owner, self, "owner", seed);
  actor_init (&self->worker, self, "                         worker", seed + 0x9e3779b9);
  self->mischief = (guint) g_rand_int_range (self->owner.random, 0, 4);
  self->mirror = g_ptr_array_new ();
  self->orders = test_fifo_new_orders (&self->base, "orders");
  self->report = test_fifo_new (&self->base, "report");
  g_signal_connect (service, "started", G_CALLBACK (started_cb), self);
  g_signal_connect (service, "output", G_CALLBACK (output_cb), self);
  g_signal_connect (service, "killed", G_CALLBACK (killed_cb), self);
  g_signal_connect (service, "exited", G_CALLBACK (exited_cb), self);
  g_signal_connect (service, "items-changed", G_CALLBACK (items_changed_cb), self);
  if (chance (&self->owner, 4))
    process_service_set_max_history (service, 2);
}

/* The model comes after what is current at once. */
static gboolean
is_mirrored (World *self)
{
  g_autoptr (GPtrArray) list = process_service_list (self->base.service);
  gboolean same = list->len == self->mirror->len;

  for (guint i = 0; same && i < list->len; i++)
    same = list->pdata[i] == self->mirror->pdata[i];
  return same;
}

static void
check_model (World *self)
{
  if (self->disposed)
    return;
  test_run_until (is_mirrored (self));
  g_assert_cmpuint (process_service_get_n_running (self->base.service), ==, 0);
}

static void
kill_all (World *self, gboolean detached_only)
{
  for (guint i = 0; i < self->n_lives; i++)
    {
      ModelLife *life = self->lives[i];

      if (life->process == NULL ||
          (detached_only && !process_run_options_get_detach (life->options)))
        continue;
      model_life_note (life, MODEL_DONE_KILL);
      process_managed_process_kill (life->process, NULL);
    }
}

static void
service_shutdown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  process_service_shutdown_finish (PROCESS_SERVICE (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static gpointer
shutdown_thread (gpointer data)
{
  World *self = data;
  g_autoptr (GError) error = NULL;

  process_service_shutdown (self->base.service, 5000, NULL, &error);
  g_assert_no_error (error);
  g_atomic_int_set (&self->worker_done, TRUE);
  return NULL;
}

static void
note_all (World *self)
{
  g_atomic_int_set (&self->shut, TRUE);
  for (guint i = 0; i < self->n_lives; i++)
    model_life_note (self->lives[i], MODEL_DONE_KILL);
}

static void
shut_down (World *self, int way)
{
  gint64 grace = g_rand_int_range (self->owner.random, 0, 2) * 5000;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;
  GThread *thread;

  tell (&self->owner, "end it all, way %d", way);
  note_all (self);
  switch (way)
    {
    case 0:
      process_service_shutdown (self->base.service, grace, NULL, &error);
      g_assert_no_error (error);
      break;
    case 1:
      process_service_shutdown_async (self->base.service, grace, NULL, service_shutdown_cb, &done);
      test_run_until (done);
      break;
    case 2:
      self->worker_done = FALSE;
      thread = g_thread_new ("shutdown", shutdown_thread, self);
      test_run_until (g_atomic_int_get (&self->worker_done));
      g_thread_join (thread);
      break;
    case 3:
      self->disposed = TRUE;
      g_object_run_dispose (G_OBJECT (self->base.service));
      break;
    default:
      kill_all (self, FALSE);
    }
}

static gboolean
have_all_ended (World *self)
{
  for (guint i = 0; i < self->n_lives; i++)
    if (!self->lives[i]->refused && !self->lives[i]->ended &&
        !(self->disposed && !self->lives[i]->attached))
      return FALSE;
  return TRUE;
}

/* One that came to open it only now is let through as well. */
static gboolean
are_descendants_gone (World *self)
{
  int fd = open (self->orders->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

  if (fd >= 0)
    close (fd);
  return test_fifo_has_ended (self->report);
}

static void
world_end (World *self)
{
  GThread *rest;

  self->mischief = 0;
  shut_down (self, g_rand_int_range (self->owner.random, 0, 5));
  kill_all (self, TRUE);
  g_atomic_int_set (&self->worker_done, FALSE);
  rest = g_thread_new ("rest", worker_rest_thread, &self->worker);
  test_run_until (g_atomic_int_get (&self->worker_done));
  g_thread_join (rest);
  test_run_until (self->owner.n_pending == 0);
  test_run_until (have_all_ended (self));
  close (self->orders->fd);
  self->orders->fd = -1;
  test_run_until (are_descendants_gone (self));
}

static void
world_clear (World *self)
{
  for (guint i = 0; i < self->n_lives; i++)
    {
      model_life_check (self->lives[i], self->disposed);
      g_clear_object (&self->lives[i]->process);
    }
  check_model (self);
  actor_clear (&self->owner);
  actor_clear (&self->worker);
  test_fifo_free (self->orders);
  test_fifo_free (self->report);
  g_clear_object (&self->base.service);
  test_tear_down (&self->base, NULL);
  for (guint i = 0; i < self->n_lives; i++)
    model_life_free (self->lives[i]);
  g_ptr_array_unref (self->mirror);
  g_mutex_clear (&self->lock);
}

/* The worker may wait for one of them. */
static void
wake_stopped (World *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_lives; i++)
    if (model_life_was (self->lives[i], MODEL_DONE_STOP) && self->lives[i]->process != NULL)
      process_managed_process_send_signal (self->lives[i]->process, SIGCONT, NULL);
  g_mutex_unlock (&self->lock);
}

static void
run_sequence (guint32 seed)
{
  World world;
  GThread *thread;

  alarm (PATIENCE);
  world_init (&world, seed);
  thread = g_thread_new ("worker", worker_thread, &world);
  actor_run (&world.owner);
  wake_stopped (&world);
  test_run_until (g_atomic_int_get (&world.worker_done));
  g_thread_join (thread);
  world_end (&world);
  world_clear (&world);
  alarm (0);
}

static guint n_sequences = 300;
static guint32 first_seed;

static void
test_sequences (void)
{
  for (guint i = 0; i < n_sequences; i++)
    {
      if (i % 1000 == 0 && i > 0)
        g_test_message ("%u sequences", i);
      run_sequence (first_seed + i);
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  if (argc > 1)
    n_sequences = (guint) g_ascii_strtoull (argv[1], NULL, 10);
  first_seed = argc > 2 ? (guint32) g_ascii_strtoull (argv[2], NULL, 10) : g_random_int ();
  g_test_message ("%u sequences from seed %u", n_sequences, first_seed);
  signal (SIGABRT, print_trace);
  signal (SIGALRM, print_trace);
  g_test_add_func ("/model/sequences", test_sequences);
  return g_test_run ();
}
