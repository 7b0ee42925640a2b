/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-runner.h"

#include <process-glib/process-error.h>

#include "process-run-private.h"
#include "process-runner-private.h"

/**
 * ProcessRunner:
 *
 * Runs pipelines: many programs, some of which wait for others.
 *
 * There are three ways to run an array of [class@Process.RunSpec].
 * [method@Process.Runner.run_all] starts each as soon as those that it names in
 * [property@Process.RunSpec:after] are done;
 * [method@Process.Runner.run_sequential] starts one after the other;
 * [method@Process.Runner.run_parallel] starts them all at once. The last two
 * ignore what a spec waits for. All of them return a
 * [class@Process.RunAllResult] with a result for each spec.
 *
 * The programs are children of [property@Process.Runner:service], with the null
 * device as their standard input, a process group of their own, which is stopped
 * as a whole, and one pipe for both of their outputs, as with
 * [property@Process.RunOptions:merge-stderr]. A process leaves the list of the
 * service when it has ended, and what is stopped with it of its group; its
 * result keeps it.
 *
 * **Failure.** A spec that did not pass skips those that wait for it, and those
 * that wait for these, unless it has
 * [property@Process.RunSpec:allow-failure]. Specs on a cycle of dependencies,
 * specs that wait for a name that is missing, and specs that wait for any of
 * these fail without being started; the others run.
 *
 * **Cancellation.** Cancelling stops what runs, by `SIGTERM`, the grace period
 * and `SIGKILL`, and skips what was not started. The call returns a result all
 * the same, never %G_IO_ERROR_CANCELLED.
 *
 * **Shortage.** When the system has no process or descriptor to spare, starts
 * wait until a running spec ends.
 *
 * **Threads.** Signals and notifications are emitted in the main context of the
 * service only. All methods can be called from any thread. A blocking call in
 * the thread of that context emits the signals of its own run, and of the
 * processes in it, before it returns; in another thread it leaves them to that
 * context and does not wait for it.
 *
 * **Ownership.** A runner holds its service, and a run holds its runner until
 * all its signals are emitted. One runner does one run at a time; one service
 * can have many runners.
 *
 * What it does not do: it does not connect the output of one program with the
 * input of another, and it does not try again.
 *
 * Guide: [Pipelines](pipelines.html).
 */

struct _ProcessRunner
{
  GObject parent_instance;

  ProcessService *service; /* (owned) */

  GMutex lock;
  guint max_parallel;
  double progress;
  gconstpointer run; /* (unowned) (nullable), who claimed this */
};

typedef enum
{
  PROP_SERVICE = 1,
  PROP_MAX_PARALLEL,
  PROP_PROGRESS,
} ProcessRunnerProperty;

#define N_PROPERTIES (PROP_PROGRESS + 1)

static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_SPEC_STARTED,
  SIGNAL_SPEC_FINISHED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ProcessRunner, process_runner, G_TYPE_OBJECT)

static void
process_runner_finalize (GObject *object)
{
  ProcessRunner *self = PROCESS_RUNNER (object);

  g_clear_object (&self->service);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (process_runner_parent_class)->finalize (object);
}

static void
process_runner_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ProcessRunner *self = PROCESS_RUNNER (object);

  switch ((ProcessRunnerProperty) prop_id)
    {
    case PROP_SERVICE:
      g_value_set_object (value, self->service);
      break;
    case PROP_MAX_PARALLEL:
      g_value_set_uint (value, process_runner_get_max_parallel (self));
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, process_runner_get_progress (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_runner_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ProcessRunner *self = PROCESS_RUNNER (object);

  switch ((ProcessRunnerProperty) prop_id)
    {
    case PROP_SERVICE:
      self->service = g_value_dup_object (value);
      break;
    case PROP_MAX_PARALLEL:
      process_runner_set_max_parallel (self, g_value_get_uint (value));
      break;
    case PROP_PROGRESS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* A runner without a service, which only g_object_new () can ask for, gets one of its own. */
static void
process_runner_constructed (GObject *object)
{
  ProcessRunner *self = PROCESS_RUNNER (object);

  G_OBJECT_CLASS (process_runner_parent_class)->constructed (object);

  if (self->service == NULL)
    self->service = process_service_new ();
}

static void
process_runner_class_init (ProcessRunnerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = process_runner_constructed;
  object_class->finalize = process_runner_finalize;
  object_class->get_property = process_runner_get_property;
  object_class->set_property = process_runner_set_property;

  /**
   * ProcessRunner:service:
   *
   * The service whose children the programs are.
   */
  properties[PROP_SERVICE] =
    g_param_spec_object ("service", NULL, NULL, PROCESS_TYPE_SERVICE,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ProcessRunner:max-parallel:
   *
   * How many programs of a run may run at the same time; 0 is without limit.
   *
   * One that is stopped counts until its group has ended.
   *
   * A run goes by the value that it finds when it begins.
   */
  properties[PROP_MAX_PARALLEL] =
    g_param_spec_uint ("max-parallel", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ProcessRunner:progress:
   *
   * Which part of the specs of the latest run is done, from 0 to 1.
   *
   * It grows with each [signal@Process.Runner::spec-finished], and is notified before that.
   */
  properties[PROP_PROGRESS] =
    g_param_spec_double ("progress", NULL, NULL, 0.0, 1.0, 0.0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * ProcessRunner::spec-started:
   * @self: the runner
   * @spec: the spec
   * @process: its process, which is running
   *
   * Tells that the program of a spec was started, a few milliseconds ago at most.
   *
   * Whoever connects to @process now misses none of its output. Specs that start
   * at once may be told of in any order.
   */
  signals[SIGNAL_SPEC_STARTED] =
    g_signal_new ("spec-started", PROCESS_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, PROCESS_TYPE_RUN_SPEC, PROCESS_TYPE_MANAGED_PROCESS);

  /**
   * ProcessRunner::spec-finished:
   * @self: the runner
   * @result: what became of the spec
   *
   * Tells that a spec is done.
   *
   * It is emitted for every spec of a run, also for those that were not started: after
   * [signal@Process.ManagedProcess::exited] of its process if it has one, and before those
   * that are skipped because of it.
   */
  signals[SIGNAL_SPEC_FINISHED] =
    g_signal_new ("spec-finished", PROCESS_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, PROCESS_TYPE_RUN_RESULT);
}

static void
process_runner_init (ProcessRunner *self)
{
  g_mutex_init (&self->lock);
}

void
_process_runner_emit_started (ProcessRunner         *self,
                              ProcessRunSpec        *spec,
                              ProcessManagedProcess *process)
{
  g_signal_emit (self, signals[SIGNAL_SPEC_STARTED], 0, spec, process);
}

void
_process_runner_emit_finished (ProcessRunner    *self,
                               ProcessRunResult *result)
{
  g_signal_emit (self, signals[SIGNAL_SPEC_FINISHED], 0, result);
}

void
_process_runner_emit_progress (ProcessRunner *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

gboolean
_process_runner_claim (ProcessRunner  *self,
                       gconstpointer   run,
                       GError        **error)
{
  gboolean free = FALSE;

  g_mutex_lock (&self->lock);
  free = self->run == NULL;
  if (free)
    {
      self->run = run;
      self->progress = 0.0;
    }
  g_mutex_unlock (&self->lock);

  if (!free)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
                 "The runner is still busy with an earlier run");

  return free;
}

void
_process_runner_set_progress (ProcessRunner *self,
                              gconstpointer  run,
                              double         progress)
{
  g_mutex_lock (&self->lock);
  if (self->run == run)
    self->progress = MAX (self->progress, progress);
  g_mutex_unlock (&self->lock);
}

void
_process_runner_release (ProcessRunner *self,
                         gconstpointer  run)
{
  g_mutex_lock (&self->lock);
  if (self->run == run)
    self->run = NULL;
  g_mutex_unlock (&self->lock);
}

/**
 * process_runner_new:
 * @service: the service whose children the programs are
 *
 * Makes a runner.
 *
 * Returns: (transfer full): a new runner
 */
ProcessRunner *
process_runner_new (ProcessService *service)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (service), NULL);

  return g_object_new (PROCESS_TYPE_RUNNER, "service", service, NULL);
}

/**
 * process_runner_get_service:
 * @self: a runner
 *
 * Gets the service whose children the programs are.
 *
 * Returns: (transfer none): the service
 */
ProcessService *
process_runner_get_service (ProcessRunner *self)
{
  g_return_val_if_fail (PROCESS_IS_RUNNER (self), NULL);

  return self->service;
}

/**
 * process_runner_get_max_parallel:
 * @self: a runner
 *
 * Gets how many programs of a run may run at the same time.
 *
 * Returns: a number, or 0 for no limit
 */
guint
process_runner_get_max_parallel (ProcessRunner *self)
{
  guint max_parallel = 0;

  g_return_val_if_fail (PROCESS_IS_RUNNER (self), 0);

  g_mutex_lock (&self->lock);
  max_parallel = self->max_parallel;
  g_mutex_unlock (&self->lock);

  return max_parallel;
}

/**
 * process_runner_set_max_parallel:
 * @self: a runner
 * @max_parallel: a number, or 0 for no limit
 *
 * Sets how many programs of a run may run at the same time.
 *
 * A run that goes on is not affected. The change is notified in the calling
 * thread.
 */
void
process_runner_set_max_parallel (ProcessRunner *self,
                                 guint          max_parallel)
{
  gboolean changed = FALSE;

  g_return_if_fail (PROCESS_IS_RUNNER (self));

  g_mutex_lock (&self->lock);
  changed = self->max_parallel != max_parallel;
  self->max_parallel = max_parallel;
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_PARALLEL]);
}

/**
 * process_runner_get_progress:
 * @self: a runner
 *
 * Gets which part of the specs of the latest run is done.
 *
 * Returns: from 0 to 1
 */
double
process_runner_get_progress (ProcessRunner *self)
{
  double progress = 0.0;

  g_return_val_if_fail (PROCESS_IS_RUNNER (self), 0.0);

  g_mutex_lock (&self->lock);
  progress = self->progress;
  g_mutex_unlock (&self->lock);

  return progress;
}

static ProcessRunAllResult *
run (ProcessRunner   *self,
     ProcessRunMode   mode,
     ProcessRunSpec **specs,
     gsize            n_specs,
     GCancellable    *cancellable,
     GError         **error)
{
  g_autoptr (ProcessRun) run = NULL;

  g_return_val_if_fail (PROCESS_IS_RUNNER (self), NULL);
  g_return_val_if_fail (specs != NULL || n_specs == 0, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  run = _process_run_new (self, mode, specs, n_specs, cancellable, error);

  return run != NULL ? _process_run_wait (run) : NULL;
}

/* The task does not look at the cancellable: a cancelled run has a result, too. */
static void
run_async (ProcessRunner       *self,
           ProcessRunMode       mode,
           ProcessRunSpec     **specs,
           gsize                n_specs,
           GCancellable        *cancellable,
           gpointer             source_tag,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  g_autoptr (ProcessRun) run = NULL;

  g_return_if_fail (PROCESS_IS_RUNNER (self));
  g_return_if_fail (specs != NULL || n_specs == 0);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);

  run = _process_run_new (self, mode, specs, n_specs, cancellable, &error);
  if (run != NULL)
    _process_run_start (run, task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static ProcessRunAllResult *
run_finish (ProcessRunner  *self,
            GAsyncResult   *result,
            gpointer        source_tag,
            GError        **error)
{
  g_return_val_if_fail (PROCESS_IS_RUNNER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * process_runner_run_all:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @error: return location for an error
 *
 * Runs specs, each as soon as those that it waits for are done.
 *
 * Among those that may start, the one that could first goes first. How a spec
 * fails or is skipped is said at [class@Process.Runner] and
 * [class@Process.RunResult].
 *
 * Fails only if nothing was run: with %PROCESS_ERROR_INVALID_ARGUMENT when a
 * name is empty or not unique, or when a spec waits for an empty name, for
 * itself or for the same name more than once; with
 * %PROCESS_ERROR_ALREADY_RUNNING when this runner has another run that goes on.
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_all (ProcessRunner   *self,
                        ProcessRunSpec **specs,
                        gsize            n_specs,
                        GCancellable    *cancellable,
                        GError         **error)
{
  return run (self, PROCESS_RUN_MODE_ALL, specs, n_specs, cancellable, error);
}

/**
 * process_runner_run_all_async:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @callback: (scope async) (closure user_data): called when all are done
 * @user_data: data for @callback
 *
 * Does what [method@Process.Runner.run_all] does without blocking.
 *
 * It needs the main loop of the service's context. The callback comes after the
 * last [signal@Process.Runner::spec-finished].
 */
void
process_runner_run_all_async (ProcessRunner       *self,
                              ProcessRunSpec     **specs,
                              gsize                n_specs,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  run_async (self, PROCESS_RUN_MODE_ALL, specs, n_specs, cancellable,
             process_runner_run_all_async, callback, user_data);
}

/**
 * process_runner_run_all_finish:
 * @self: a runner
 * @result: what the callback got
 * @error: return location for an error
 *
 * Finishes [method@Process.Runner.run_all_async].
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_all_finish (ProcessRunner  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return run_finish (self, result, process_runner_run_all_async, error);
}

/**
 * process_runner_run_sequential:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @error: return location for an error
 *
 * Runs specs one after the other, in their order.
 *
 * The first that does not pass, and has no
 * [property@Process.RunSpec:allow-failure], skips the rest. What a spec waits
 * for is ignored, but the names must be in order.
 *
 * Fails as [method@Process.Runner.run_all] does.
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_sequential (ProcessRunner   *self,
                               ProcessRunSpec **specs,
                               gsize            n_specs,
                               GCancellable    *cancellable,
                               GError         **error)
{
  return run (self, PROCESS_RUN_MODE_SEQUENTIAL, specs, n_specs, cancellable, error);
}

/**
 * process_runner_run_sequential_async:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @callback: (scope async) (closure user_data): called when all are done
 * @user_data: data for @callback
 *
 * Does what [method@Process.Runner.run_sequential] does without blocking.
 *
 * It needs the main loop of the service's context. The callback comes after the
 * last [signal@Process.Runner::spec-finished].
 */
void
process_runner_run_sequential_async (ProcessRunner       *self,
                                     ProcessRunSpec     **specs,
                                     gsize                n_specs,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  run_async (self, PROCESS_RUN_MODE_SEQUENTIAL, specs, n_specs, cancellable,
             process_runner_run_sequential_async, callback, user_data);
}

/**
 * process_runner_run_sequential_finish:
 * @self: a runner
 * @result: what the callback got
 * @error: return location for an error
 *
 * Finishes [method@Process.Runner.run_sequential_async].
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_sequential_finish (ProcessRunner  *self,
                                      GAsyncResult   *result,
                                      GError        **error)
{
  return run_finish (self, result, process_runner_run_sequential_async, error);
}

/**
 * process_runner_run_parallel:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @error: return location for an error
 *
 * Runs specs at the same time, as far as
 * [property@Process.Runner:max-parallel] allows.
 *
 * None is skipped because another one failed. What a spec waits for is ignored,
 * but the names must be in order.
 *
 * Fails as [method@Process.Runner.run_all] does.
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_parallel (ProcessRunner   *self,
                             ProcessRunSpec **specs,
                             gsize            n_specs,
                             GCancellable    *cancellable,
                             GError         **error)
{
  return run (self, PROCESS_RUN_MODE_PARALLEL, specs, n_specs, cancellable, error);
}

/**
 * process_runner_run_parallel_async:
 * @self: a runner
 * @specs: (array length=n_specs): what to run
 * @n_specs: the length of @specs
 * @cancellable: (nullable): to stop it
 * @callback: (scope async) (closure user_data): called when all are done
 * @user_data: data for @callback
 *
 * Does what [method@Process.Runner.run_parallel] does without blocking.
 *
 * It needs the main loop of the service's context. The callback comes after the
 * last [signal@Process.Runner::spec-finished].
 */
void
process_runner_run_parallel_async (ProcessRunner       *self,
                                   ProcessRunSpec     **specs,
                                   gsize                n_specs,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  run_async (self, PROCESS_RUN_MODE_PARALLEL, specs, n_specs, cancellable,
             process_runner_run_parallel_async, callback, user_data);
}

/**
 * process_runner_run_parallel_finish:
 * @self: a runner
 * @result: what the callback got
 * @error: return location for an error
 *
 * Finishes [method@Process.Runner.run_parallel_async].
 *
 * Returns: (transfer full): the results, also when the run was cancelled
 */
ProcessRunAllResult *
process_runner_run_parallel_finish (ProcessRunner  *self,
                                    GAsyncResult   *result,
                                    GError        **error)
{
  return run_finish (self, result, process_runner_run_parallel_async, error);
}
