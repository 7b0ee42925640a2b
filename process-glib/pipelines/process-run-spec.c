/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-spec.h"

/**
 * ProcessRunSpec:
 *
 * One step of a pipeline: a program to run, and what it waits for.
 *
 * A [class@Process.Runner] runs many of them. A spec may be part of any number
 * of runs, also at the same time: a run copies what it needs when it begins, so
 * that later changes do not reach it. What cannot be used, such as an empty
 * name, is refused by the run, not when it is set.
 *
 * Specs are also read from JSON, see [func@Process.RunSpec.list_from_json] for
 * its shape.
 *
 * The object keeps copies of what it is given. It takes no locks: use one from
 * one thread at a time.
 *
 * Guide: [Pipelines](pipelines.html).
 */

struct _ProcessRunSpec
{
  GObject parent_instance;

  char *name;          /* (owned) (nullable) */
  char *command;       /* (owned) (nullable) */
  char **args;         /* (owned) (nullable) */
  char *cwd;           /* (owned) (nullable) */
  char **env;          /* (owned) (nullable) */
  char **after;        /* (owned) (nullable) */
  gint64 timeout;      /* microseconds */
  gint64 grace_period; /* microseconds */
  gboolean allow_failure;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_COMMAND,
  PROP_ARGS,
  PROP_CWD,
  PROP_ENV,
  PROP_AFTER,
  PROP_ALLOW_FAILURE,
  PROP_TIMEOUT,
  PROP_GRACE_PERIOD,
} ProcessRunSpecProperty;

#define N_PROPERTIES (PROP_GRACE_PERIOD + 1)
#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessRunSpec, process_run_spec, G_TYPE_OBJECT)

static const char * const *
get_strv (char **strv)
{
  static const char * const empty[] = { NULL };

  return strv != NULL ? (const char * const *) strv : empty;
}

static void
set_string (ProcessRunSpec          *self,
            char                   **field,
            const char              *value,
            ProcessRunSpecProperty   property)
{
  g_autofree char *old = NULL;

  if (g_strcmp0 (*field, value) == 0)
    return;

  old = g_steal_pointer (field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_strv (ProcessRunSpec           *self,
          char                   ***field,
          const char * const       *value,
          ProcessRunSpecProperty    property)
{
  g_auto (GStrv) old = NULL;

  if (g_strv_equal (get_strv (*field), value != NULL ? value : get_strv (NULL)))
    return;

  old = g_steal_pointer (field);
  *field = g_strdupv ((char **) value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
process_run_spec_finalize (GObject *object)
{
  ProcessRunSpec *self = PROCESS_RUN_SPEC (object);

  g_free (self->name);
  g_free (self->command);
  g_strfreev (self->args);
  g_free (self->cwd);
  g_strfreev (self->env);
  g_strfreev (self->after);

  G_OBJECT_CLASS (process_run_spec_parent_class)->finalize (object);
}

static void
process_run_spec_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  ProcessRunSpec *self = PROCESS_RUN_SPEC (object);

  switch ((ProcessRunSpecProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;
    case PROP_ARGS:
      g_value_set_boxed (value, get_strv (self->args));
      break;
    case PROP_CWD:
      g_value_set_string (value, self->cwd);
      break;
    case PROP_ENV:
      g_value_set_boxed (value, get_strv (self->env));
      break;
    case PROP_AFTER:
      g_value_set_boxed (value, get_strv (self->after));
      break;
    case PROP_ALLOW_FAILURE:
      g_value_set_boolean (value, self->allow_failure);
      break;
    case PROP_TIMEOUT:
      g_value_set_int64 (value, self->timeout);
      break;
    case PROP_GRACE_PERIOD:
      g_value_set_int64 (value, self->grace_period);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_spec_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  ProcessRunSpec *self = PROCESS_RUN_SPEC (object);

  switch ((ProcessRunSpecProperty) prop_id)
    {
    case PROP_NAME:
      process_run_spec_set_name (self, g_value_get_string (value));
      break;
    case PROP_COMMAND:
      process_run_spec_set_command (self, g_value_get_string (value));
      break;
    case PROP_ARGS:
      process_run_spec_set_args (self, g_value_get_boxed (value));
      break;
    case PROP_CWD:
      process_run_spec_set_cwd (self, g_value_get_string (value));
      break;
    case PROP_ENV:
      process_run_spec_set_env (self, g_value_get_boxed (value));
      break;
    case PROP_AFTER:
      process_run_spec_set_after (self, g_value_get_boxed (value));
      break;
    case PROP_ALLOW_FAILURE:
      process_run_spec_set_allow_failure (self, g_value_get_boolean (value));
      break;
    case PROP_TIMEOUT:
      process_run_spec_set_timeout (self, g_value_get_int64 (value));
      break;
    case PROP_GRACE_PERIOD:
      process_run_spec_set_grace_period (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_spec_class_init (ProcessRunSpecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_run_spec_finalize;
  object_class->get_property = process_run_spec_get_property;
  object_class->set_property = process_run_spec_set_property;

  /**
   * ProcessRunSpec:name:
   *
   * What the others call this spec; not empty, and unique in a run.
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:command: (type filename)
   *
   * The program to run, looked up like [property@Process.RunOptions:command].
   */
  properties[PROP_COMMAND] =
    g_param_spec_string ("command", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:args:
   *
   * What the program gets as arguments, without its own name; never %NULL when read.
   *
   * No shell takes part.
   */
  properties[PROP_ARGS] =
    g_param_spec_boxed ("args", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:cwd: (type filename)
   *
   * The working directory of the child, or %NULL for that of this program.
   */
  properties[PROP_CWD] =
    g_param_spec_string ("cwd", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:env:
   *
   * Changes to the environment: `NAME=value` sets a variable, a bare `NAME` removes one; never
   * %NULL when read.
   */
  properties[PROP_ENV] =
    g_param_spec_boxed ("env", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:after:
   *
   * The names of the specs that must be done before this one starts; never %NULL when read.
   *
   * Each is not empty, not this spec's own, and there only once.
   */
  properties[PROP_AFTER] =
    g_param_spec_boxed ("after", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:allow-failure:
   *
   * Whether those that wait for this spec run even when it fails.
   *
   * Its result counts as failed all the same.
   */
  properties[PROP_ALLOW_FAILURE] =
    g_param_spec_boolean ("allow-failure", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:timeout:
   *
   * How long the program may run, in microseconds; 0 is without end.
   *
   * Afterwards it is stopped, and the spec has failed whatever its exit code.
   */
  properties[PROP_TIMEOUT] =
    g_param_spec_int64 ("timeout", NULL, NULL, G_MININT64, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunSpec:grace-period:
   *
   * How long the program and its group may take to end when it is stopped, in microseconds. It
   * is not done before that.
   *
   * With 0 it gets `SIGKILL` at once.
   */
  properties[PROP_GRACE_PERIOD] =
    g_param_spec_int64 ("grace-period", NULL, NULL, G_MININT64, G_MAXINT64, 0, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_run_spec_init (ProcessRunSpec *self)
{
}

/**
 * process_run_spec_new:
 * @name: (nullable): what the others call this spec
 * @command: (nullable) (type filename): the program to run
 * @args: (nullable) (array zero-terminated=1): its arguments, without its own name
 *
 * Makes a spec that waits for nothing.
 *
 * Returns: (transfer full): a new spec
 */
ProcessRunSpec *
process_run_spec_new (const char         *name,
                      const char         *command,
                      const char * const *args)
{
  return g_object_new (PROCESS_TYPE_RUN_SPEC,
                       "name", name,
                       "command", command,
                       "args", args,
                       NULL);
}

/**
 * process_run_spec_get_name:
 * @self: a spec
 *
 * Gets what the others call this spec.
 *
 * Returns: (nullable): the name
 */
const char *
process_run_spec_get_name (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return self->name;
}

/**
 * process_run_spec_set_name:
 * @self: a spec
 * @name: (nullable): the name
 *
 * Sets what the others call this spec.
 */
void
process_run_spec_set_name (ProcessRunSpec *self,
                           const char     *name)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_string (self, &self->name, name, PROP_NAME);
}

/**
 * process_run_spec_get_command:
 * @self: a spec
 *
 * Gets the program to run.
 *
 * Returns: (nullable) (type filename): the command
 */
const char *
process_run_spec_get_command (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return self->command;
}

/**
 * process_run_spec_set_command:
 * @self: a spec
 * @command: (nullable) (type filename): the command
 *
 * Sets the program to run.
 */
void
process_run_spec_set_command (ProcessRunSpec *self,
                              const char     *command)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_string (self, &self->command, command, PROP_COMMAND);
}

/**
 * process_run_spec_get_args:
 * @self: a spec
 *
 * Gets the arguments of the program.
 *
 * Returns: (array zero-terminated=1) (transfer none): the arguments
 */
const char * const *
process_run_spec_get_args (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return get_strv (self->args);
}

/**
 * process_run_spec_set_args:
 * @self: a spec
 * @args: (nullable) (array zero-terminated=1): the arguments
 *
 * Sets the arguments of the program.
 */
void
process_run_spec_set_args (ProcessRunSpec     *self,
                           const char * const *args)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_strv (self, &self->args, args, PROP_ARGS);
}

/**
 * process_run_spec_get_cwd:
 * @self: a spec
 *
 * Gets the working directory of the child.
 *
 * Returns: (nullable) (type filename): the folder, or %NULL for that of this program
 */
const char *
process_run_spec_get_cwd (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return self->cwd;
}

/**
 * process_run_spec_set_cwd:
 * @self: a spec
 * @cwd: (nullable) (type filename): the folder, or %NULL for that of this program
 *
 * Sets the working directory of the child.
 */
void
process_run_spec_set_cwd (ProcessRunSpec *self,
                          const char     *cwd)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_string (self, &self->cwd, cwd, PROP_CWD);
}

/**
 * process_run_spec_get_env:
 * @self: a spec
 *
 * Gets the changes to the environment.
 *
 * Returns: (array zero-terminated=1) (transfer none): the changes
 */
const char * const *
process_run_spec_get_env (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return get_strv (self->env);
}

/**
 * process_run_spec_set_env:
 * @self: a spec
 * @env: (nullable) (array zero-terminated=1): the changes, each `NAME=value` or `NAME`
 *
 * Sets the changes to the environment.
 */
void
process_run_spec_set_env (ProcessRunSpec     *self,
                          const char * const *env)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_strv (self, &self->env, env, PROP_ENV);
}

/**
 * process_run_spec_get_after:
 * @self: a spec
 *
 * Gets the names of the specs that this one waits for.
 *
 * Returns: (array zero-terminated=1) (transfer none): the names
 */
const char * const *
process_run_spec_get_after (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), NULL);

  return get_strv (self->after);
}

/**
 * process_run_spec_set_after:
 * @self: a spec
 * @after: (nullable) (array zero-terminated=1): the names
 *
 * Sets the names of the specs that this one waits for.
 */
void
process_run_spec_set_after (ProcessRunSpec     *self,
                            const char * const *after)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  set_strv (self, &self->after, after, PROP_AFTER);
}

/**
 * process_run_spec_get_allow_failure:
 * @self: a spec
 *
 * Gets whether those that wait for this spec run even when it fails.
 *
 * Returns: whether they do
 */
gboolean
process_run_spec_get_allow_failure (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), FALSE);

  return self->allow_failure;
}

/**
 * process_run_spec_set_allow_failure:
 * @self: a spec
 * @allow_failure: whether they do
 *
 * Sets whether those that wait for this spec run even when it fails.
 */
void
process_run_spec_set_allow_failure (ProcessRunSpec *self,
                                    gboolean        allow_failure)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  if (self->allow_failure == !!allow_failure)
    return;

  self->allow_failure = !!allow_failure;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ALLOW_FAILURE]);
}

/**
 * process_run_spec_get_timeout:
 * @self: a spec
 *
 * Gets how long the program may run.
 *
 * Returns: microseconds, or 0 for without end
 */
gint64
process_run_spec_get_timeout (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), 0);

  return self->timeout;
}

/**
 * process_run_spec_set_timeout:
 * @self: a spec
 * @timeout: microseconds, or 0 for without end
 *
 * Sets how long the program may run.
 */
void
process_run_spec_set_timeout (ProcessRunSpec *self,
                              gint64          timeout)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  if (self->timeout == timeout)
    return;

  self->timeout = timeout;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * process_run_spec_get_grace_period:
 * @self: a spec
 *
 * Gets how long the program may take to end when it is stopped.
 *
 * Returns: microseconds
 */
gint64
process_run_spec_get_grace_period (ProcessRunSpec *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_SPEC (self), 0);

  return self->grace_period;
}

/**
 * process_run_spec_set_grace_period:
 * @self: a spec
 * @grace_period: microseconds
 *
 * Sets how long the program may take to end when it is stopped.
 */
void
process_run_spec_set_grace_period (ProcessRunSpec *self,
                                   gint64          grace_period)
{
  g_return_if_fail (PROCESS_IS_RUN_SPEC (self));

  if (self->grace_period == grace_period)
    return;

  self->grace_period = grace_period;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRACE_PERIOD]);
}
