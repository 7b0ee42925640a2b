/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-result.h"

#include <process-glib/process-text-private.h>

#include "process-run-result-private.h"
#include "process-run-spec-private.h"

/**
 * ProcessRunResult:
 *
 * What became of one spec of a run.
 *
 * It comes from [signal@Process.Runner::spec-finished] and out of a
 * [class@Process.RunAllResult]. There are three kinds: passed, failed and
 * skipped, see [property@Process.RunResult:passed] and
 * [property@Process.RunResult:skipped].
 *
 * It never changes, and can be read from any thread. It keeps its process, and
 * with it the bytes that were printed, for as long as it is there itself; the
 * process is no longer listed by its service.
 *
 * Guide: [Pipelines](pipelines.html).
 */

struct _ProcessRunResult
{
  GObject parent_instance;

  char *name;                     /* (owned) */
  ProcessRunSpec *spec;           /* (owned) (nullable) */
  ProcessManagedProcess *process; /* (owned) (nullable) */
  int exit_code;
  gint64 duration;                /* microseconds */
  char *output;                   /* (owned) (nullable) */
  GError *error;                  /* (owned) (nullable) */
  gboolean skipped;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_SPEC,
  PROP_PROCESS,
  PROP_EXIT_CODE,
  PROP_DURATION,
  PROP_OUTPUT,
  PROP_ERROR,
  PROP_SKIPPED,
  PROP_PASSED,
} ProcessRunResultProperty;

#define N_PROPERTIES (PROP_PASSED + 1)
#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessRunResult, process_run_result, G_TYPE_OBJECT)

static void
process_run_result_finalize (GObject *object)
{
  ProcessRunResult *self = PROCESS_RUN_RESULT (object);

  g_free (self->name);
  g_clear_object (&self->spec);
  g_clear_object (&self->process);
  g_free (self->output);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (process_run_result_parent_class)->finalize (object);
}

static void
process_run_result_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  ProcessRunResult *self = PROCESS_RUN_RESULT (object);

  switch ((ProcessRunResultProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, process_run_result_get_name (self));
      break;
    case PROP_SPEC:
      g_value_set_object (value, self->spec);
      break;
    case PROP_PROCESS:
      g_value_set_object (value, self->process);
      break;
    case PROP_EXIT_CODE:
      g_value_set_int (value, self->exit_code);
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, self->duration);
      break;
    case PROP_OUTPUT:
      g_value_set_string (value, process_run_result_get_output (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_SKIPPED:
      g_value_set_boolean (value, self->skipped);
      break;
    case PROP_PASSED:
      g_value_set_boolean (value, process_run_result_get_passed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_result_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  ProcessRunResult *self = PROCESS_RUN_RESULT (object);

  switch ((ProcessRunResultProperty) prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_SPEC:
      self->spec = g_value_dup_object (value);
      break;
    case PROP_PROCESS:
      self->process = g_value_dup_object (value);
      break;
    case PROP_EXIT_CODE:
      self->exit_code = g_value_get_int (value);
      break;
    case PROP_DURATION:
      self->duration = g_value_get_int64 (value);
      break;
    case PROP_OUTPUT:
      self->output = g_value_dup_string (value);
      break;
    case PROP_ERROR:
      self->error = g_value_dup_boxed (value);
      break;
    case PROP_SKIPPED:
      self->skipped = g_value_get_boolean (value);
      break;
    case PROP_PASSED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_result_class_init (ProcessRunResultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_run_result_finalize;
  object_class->get_property = process_run_result_get_property;
  object_class->set_property = process_run_result_set_property;

  /**
   * ProcessRunResult:name:
   *
   * The name of the spec.
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:spec:
   *
   * The spec that was run: the very object that was given to the run.
   */
  properties[PROP_SPEC] =
    g_param_spec_object ("spec", NULL, NULL, PROCESS_TYPE_RUN_SPEC, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:process:
   *
   * The process that ran, or %NULL when none could be started or none was to be.
   */
  properties[PROP_PROCESS] =
    g_param_spec_object ("process", NULL, NULL, PROCESS_TYPE_MANAGED_PROCESS, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:exit-code:
   *
   * The exit code.
   *
   * It is -1 when a signal ended the process or it could not be started; 1 when the spec was
   * on a cycle, waited for something missing, or was not started because the run was
   * cancelled; 0 when it was skipped because of another one.
   */
  properties[PROP_EXIT_CODE] =
    g_param_spec_int ("exit-code", NULL, NULL, G_MININT, G_MAXINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:duration:
   *
   * How long the process ran, or how long the attempt to start it took, in microseconds.
   */
  properties[PROP_DURATION] =
    g_param_spec_int64 ("duration", NULL, NULL, 0, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:output:
   *
   * What the process had printed on both streams when it ended, in the order in which it was
   * printed, as valid UTF-8; never %NULL.
   *
   * No more than the last [property@Process.Service:buffer-size] bytes of it are there. The
   * bytes as they were come from [method@Process.ManagedProcess.get_output_bytes].
   */
  properties[PROP_OUTPUT] =
    g_param_spec_string ("output", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:error:
   *
   * Why there is no proper exit code, or %NULL.
   *
   * A process that ended by itself has none, whatever its exit code. The others have: not
   * started (the error of the start), killed (%PROCESS_ERROR_KILLED), out of time
   * (%PROCESS_ERROR_TIMED_OUT), cancelled or not started any more (%G_IO_ERROR_CANCELLED), on
   * a cycle or waiting for something missing (%PROCESS_ERROR_INVALID_ARGUMENT), skipped
   * because of another spec, which the message names (%PROCESS_ERROR_FAILED).
   */
  properties[PROP_ERROR] =
    g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:skipped:
   *
   * Whether the spec was not even tried, because of the failure of another one or because
   * the run was cancelled.
   */
  properties[PROP_SKIPPED] =
    g_param_spec_boolean ("skipped", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunResult:passed:
   *
   * Whether the process ended by itself with exit code 0.
   */
  properties[PROP_PASSED] =
    g_param_spec_boolean ("passed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_run_result_init (ProcessRunResult *self)
{
}

/**
 * process_run_result_get_name:
 * @self: a result
 *
 * Gets the name of the spec.
 *
 * Returns: (nullable): the name
 */
const char *
process_run_result_get_name (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), NULL);

  return self->name;
}

/**
 * process_run_result_get_spec:
 * @self: a result
 *
 * Gets the spec that was run.
 *
 * Returns: (nullable) (transfer none): the spec
 */
ProcessRunSpec *
process_run_result_get_spec (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), NULL);

  return self->spec;
}

/**
 * process_run_result_get_process:
 * @self: a result
 *
 * Gets the process that ran.
 *
 * Returns: (nullable) (transfer none): the process, or %NULL when there was none
 */
ProcessManagedProcess *
process_run_result_get_process (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), NULL);

  return self->process;
}

/**
 * process_run_result_get_exit_code:
 * @self: a result
 *
 * Gets the exit code, see [property@Process.RunResult:exit-code].
 *
 * Returns: the exit code
 */
int
process_run_result_get_exit_code (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), -1);

  return self->exit_code;
}

/**
 * process_run_result_get_duration:
 * @self: a result
 *
 * Gets how long the process ran.
 *
 * Returns: microseconds
 */
gint64
process_run_result_get_duration (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), 0);

  return self->duration;
}

/**
 * process_run_result_get_output:
 * @self: a result
 *
 * Gets what the process printed, see [property@Process.RunResult:output].
 *
 * Returns: the text, empty when there is none
 */
const char *
process_run_result_get_output (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), NULL);

  return self->output != NULL ? self->output : "";
}

/**
 * process_run_result_get_error:
 * @self: a result
 *
 * Gets why there is no proper exit code, see [property@Process.RunResult:error].
 *
 * Returns: (nullable) (transfer none): the error
 */
GError *
process_run_result_get_error (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), NULL);

  return self->error;
}

/**
 * process_run_result_get_skipped:
 * @self: a result
 *
 * Gets whether the spec was not even tried.
 *
 * Returns: whether it was skipped
 */
gboolean
process_run_result_get_skipped (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), FALSE);

  return self->skipped;
}

/**
 * process_run_result_get_passed:
 * @self: a result
 *
 * Gets whether the process ended by itself with exit code 0.
 *
 * Returns: whether it passed
 */
gboolean
process_run_result_get_passed (ProcessRunResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_RESULT (self), FALSE);

  return !self->skipped && self->error == NULL && self->exit_code == 0;
}

static void
build_string (JsonBuilder *builder,
              const char  *key,
              const char  *value)
{
  json_builder_set_member_name (builder, key);
  if (value != NULL)
    {
      g_autofree char *valid = _process_make_valid (value, -1);

      json_builder_add_string_value (builder, valid);
    }
  else
    {
      json_builder_add_null_value (builder);
    }
}

void
_process_run_result_build_json (ProcessRunResult *self,
                                JsonBuilder      *builder)
{
  json_builder_begin_object (builder);
  build_string (builder, "name", self->name != NULL ? self->name : "");

  json_builder_set_member_name (builder, "spec");
  if (self->spec != NULL)
    _process_run_spec_build_json (self->spec, builder);
  else
    json_builder_add_null_value (builder);

  json_builder_set_member_name (builder, "exitCode");
  json_builder_add_int_value (builder, self->exit_code);
  json_builder_set_member_name (builder, "duration");
  json_builder_add_int_value (builder, MIN (self->duration, G_MAXINT64 / 1000) * 1000);
  build_string (builder, "output", process_run_result_get_output (self));
  build_string (builder, "error", self->error != NULL ? self->error->message : NULL);
  json_builder_set_member_name (builder, "skipped");
  json_builder_add_boolean_value (builder, self->skipped);
  json_builder_end_object (builder);
}
