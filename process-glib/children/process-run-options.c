/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-options.h"

#include <signal.h>

#include "process-run-options-private.h"

/**
 * ProcessRunOptions:
 *
 * Says what to run, and how.
 *
 * Whoever takes options copies them at once: later changes reach only later
 * starts, and the same object can be used any number of times. What does not
 * fit together is refused at the start, with %PROCESS_ERROR_INVALID_ARGUMENT,
 * not when it is set. Everything is off by default: no timeout, no grace, the
 * environment and the working directory of this program.
 *
 * The object keeps copies of what it is given. It takes no locks: use one from
 * one thread at a time.
 *
 * Guide: [Running programs](running-programs.html).
 */

struct _ProcessRunOptions
{
  GObject parent_instance;

  char *command;       /* (owned) (nullable) */
  char **args;         /* (owned) (nullable) */
  char *cwd;           /* (owned) (nullable) */
  char **env;          /* (owned) (nullable) */
  GBytes *input;       /* (owned) (nullable) */
  char *stdout_path;   /* (owned) (nullable) */
  char *stderr_path;   /* (owned) (nullable) */
  gint64 timeout;      /* microseconds */
  gint64 grace_period; /* microseconds */
  guint buffer_size;
  int stop_signal;
  ProcessStdinMode stdin_mode;
  gboolean clear_env;
  gboolean disable_capture;
  gboolean detach;
  gboolean kill_group;
  gboolean merge_stderr;
  gboolean die_with_parent;
};

typedef enum
{
  PROP_COMMAND = 1,
  PROP_ARGS,
  PROP_CWD,
  PROP_ENV,
  PROP_CLEAR_ENV,
  PROP_DISABLE_CAPTURE,
  PROP_DETACH,
  PROP_TIMEOUT,
  PROP_GRACE_PERIOD,
  PROP_KILL_GROUP,
  PROP_MERGE_STDERR,
  PROP_INPUT,
  PROP_STDIN_MODE,
  PROP_STDOUT_PATH,
  PROP_STDERR_PATH,
  PROP_BUFFER_SIZE,
  PROP_STOP_SIGNAL,
  PROP_DIE_WITH_PARENT,
} ProcessRunOptionsProperty;

#define N_PROPERTIES (PROP_DIE_WITH_PARENT + 1)

static GParamSpec *properties[N_PROPERTIES];

/* Property reads and writes go by the type of the value, and find it with this. */
static const gsize offsets[N_PROPERTIES] = {
  [PROP_COMMAND] = G_STRUCT_OFFSET (ProcessRunOptions, command),
  [PROP_ARGS] = G_STRUCT_OFFSET (ProcessRunOptions, args),
  [PROP_CWD] = G_STRUCT_OFFSET (ProcessRunOptions, cwd),
  [PROP_ENV] = G_STRUCT_OFFSET (ProcessRunOptions, env),
  [PROP_CLEAR_ENV] = G_STRUCT_OFFSET (ProcessRunOptions, clear_env),
  [PROP_DISABLE_CAPTURE] = G_STRUCT_OFFSET (ProcessRunOptions, disable_capture),
  [PROP_DETACH] = G_STRUCT_OFFSET (ProcessRunOptions, detach),
  [PROP_TIMEOUT] = G_STRUCT_OFFSET (ProcessRunOptions, timeout),
  [PROP_GRACE_PERIOD] = G_STRUCT_OFFSET (ProcessRunOptions, grace_period),
  [PROP_KILL_GROUP] = G_STRUCT_OFFSET (ProcessRunOptions, kill_group),
  [PROP_MERGE_STDERR] = G_STRUCT_OFFSET (ProcessRunOptions, merge_stderr),
  [PROP_INPUT] = G_STRUCT_OFFSET (ProcessRunOptions, input),
  [PROP_STDIN_MODE] = G_STRUCT_OFFSET (ProcessRunOptions, stdin_mode),
  [PROP_STDOUT_PATH] = G_STRUCT_OFFSET (ProcessRunOptions, stdout_path),
  [PROP_STDERR_PATH] = G_STRUCT_OFFSET (ProcessRunOptions, stderr_path),
  [PROP_BUFFER_SIZE] = G_STRUCT_OFFSET (ProcessRunOptions, buffer_size),
  [PROP_STOP_SIGNAL] = G_STRUCT_OFFSET (ProcessRunOptions, stop_signal),
  [PROP_DIE_WITH_PARENT] = G_STRUCT_OFFSET (ProcessRunOptions, die_with_parent),
};

#define FIELD(Type, self, property) G_STRUCT_MEMBER (Type, self, offsets[property])

G_DEFINE_ENUM_TYPE (ProcessStdinMode, process_stdin_mode,
                    G_DEFINE_ENUM_VALUE (PROCESS_STDIN_MODE_DEFAULT, "default"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STDIN_MODE_PIPE, "pipe"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STDIN_MODE_NULL, "null"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STDIN_MODE_INHERIT, "inherit"))

G_DEFINE_FINAL_TYPE (ProcessRunOptions, process_run_options, G_TYPE_OBJECT)

static const char * const *
get_strv (char **strv)
{
  static const char * const empty[] = { NULL };

  return strv != NULL ? (const char * const *) strv : empty;
}

static void
set_string (ProcessRunOptions         *self,
            ProcessRunOptionsProperty  property,
            const char                *value)
{
  char **field = &FIELD (char *, self, property);
  char *old = *field;

  if (g_strcmp0 (old, value) == 0)
    return;

  *field = g_strdup (value);
  g_free (old);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_strv (ProcessRunOptions         *self,
          ProcessRunOptionsProperty  property,
          const char * const        *value)
{
  char ***field = &FIELD (char **, self, property);
  char **old = *field;

  if (g_strv_equal (get_strv (old), value != NULL ? value : get_strv (NULL)))
    return;

  *field = g_strdupv ((char **) value);
  g_strfreev (old);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_boolean (ProcessRunOptions         *self,
             ProcessRunOptionsProperty  property,
             gboolean                   value)
{
  gboolean *field = &FIELD (gboolean, self, property);

  if (*field == !!value)
    return;

  *field = !!value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
process_run_options_finalize (GObject *object)
{
  ProcessRunOptions *self = PROCESS_RUN_OPTIONS (object);

  g_free (self->command);
  g_strfreev (self->args);
  g_free (self->cwd);
  g_strfreev (self->env);
  g_clear_pointer (&self->input, g_bytes_unref);
  g_free (self->stdout_path);
  g_free (self->stderr_path);

  G_OBJECT_CLASS (process_run_options_parent_class)->finalize (object);
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
process_run_options_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  ProcessRunOptions *self = PROCESS_RUN_OPTIONS (object);

  switch ((ProcessRunOptionsProperty) prop_id)
    {
    case PROP_COMMAND:
    case PROP_CWD:
    case PROP_STDOUT_PATH:
    case PROP_STDERR_PATH:
      g_value_set_string (value, FIELD (char *, self, prop_id));
      break;
    case PROP_ARGS:
    case PROP_ENV:
      g_value_set_boxed (value, get_strv (FIELD (char **, self, prop_id)));
      break;
    case PROP_CLEAR_ENV:
    case PROP_DISABLE_CAPTURE:
    case PROP_DETACH:
    case PROP_KILL_GROUP:
    case PROP_MERGE_STDERR:
    case PROP_DIE_WITH_PARENT:
      g_value_set_boolean (value, FIELD (gboolean, self, prop_id));
      break;
    case PROP_TIMEOUT:
    case PROP_GRACE_PERIOD:
      g_value_set_int64 (value, FIELD (gint64, self, prop_id));
      break;
    case PROP_INPUT:
      g_value_set_boxed (value, self->input);
      break;
    case PROP_STDIN_MODE:
      g_value_set_enum (value, self->stdin_mode);
      break;
    case PROP_BUFFER_SIZE:
      g_value_set_uint (value, self->buffer_size);
      break;
    case PROP_STOP_SIGNAL:
      g_value_set_int (value, self->stop_signal);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_options_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  ProcessRunOptions *self = PROCESS_RUN_OPTIONS (object);

  switch ((ProcessRunOptionsProperty) prop_id)
    {
    case PROP_COMMAND:
    case PROP_STDOUT_PATH:
    case PROP_STDERR_PATH:
      set_string (self, prop_id, g_value_get_string (value));
      break;
    case PROP_CWD:
      process_run_options_set_cwd (self, g_value_get_string (value));
      break;
    case PROP_ARGS:
    case PROP_ENV:
      set_strv (self, prop_id, g_value_get_boxed (value));
      break;
    case PROP_CLEAR_ENV:
    case PROP_DISABLE_CAPTURE:
    case PROP_DETACH:
    case PROP_KILL_GROUP:
    case PROP_MERGE_STDERR:
    case PROP_DIE_WITH_PARENT:
      set_boolean (self, prop_id, g_value_get_boolean (value));
      break;
    case PROP_TIMEOUT:
      process_run_options_set_timeout (self, g_value_get_int64 (value));
      break;
    case PROP_GRACE_PERIOD:
      process_run_options_set_grace_period (self, g_value_get_int64 (value));
      break;
    case PROP_INPUT:
      process_run_options_set_input (self, g_value_get_boxed (value));
      break;
    case PROP_STDIN_MODE:
      process_run_options_set_stdin_mode (self, g_value_get_enum (value));
      break;
    case PROP_BUFFER_SIZE:
      process_run_options_set_buffer_size (self, g_value_get_uint (value));
      break;
    case PROP_STOP_SIGNAL:
      process_run_options_set_stop_signal (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_options_class_init (ProcessRunOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_run_options_finalize;
  object_class->get_property = process_run_options_get_property;
  object_class->set_property = process_run_options_set_property;

  /**
   * ProcessRunOptions:command: (type filename)
   *
   * The program to run.
   *
   * A name with a slash is relative to [property@Process.RunOptions:cwd]; one without is
   * looked up in the `PATH` of the child, never in the working directory. Starting without a
   * command fails with %PROCESS_ERROR_INVALID_ARGUMENT.
   */
  properties[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:args:
   *
   * What the program gets as arguments, without its own name.
   *
   * They reach it as they are: no shell takes part. Never %NULL when read.
   */
  properties[PROP_ARGS] = g_param_spec_boxed ("args", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:cwd: (type filename)
   *
   * The working directory of the child, or %NULL for that of this program.
   *
   * An empty one counts as %NULL. One that does not exist makes the start fail with
   * %PROCESS_ERROR_START_FAILED.
   */
  properties[PROP_CWD] = g_param_spec_string ("cwd", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:env:
   *
   * Changes to the environment: `NAME=value` sets a variable, a bare `NAME` removes one.
   *
   * They are applied in order to the environment of this program, or to an empty one with
   * [property@Process.RunOptions:clear-env]; the last entry for a name wins. An entry without
   * a name makes the start fail with %PROCESS_ERROR_INVALID_ARGUMENT. Never %NULL when read.
   */
  properties[PROP_ENV] = g_param_spec_boxed ("env", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:clear-env:
   *
   * Whether the environment of the child begins empty instead of with that of this program.
   */
  properties[PROP_CLEAR_ENV] =
    g_param_spec_boolean ("clear-env", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:disable-capture:
   *
   * Whether nothing of the output is kept.
   *
   * Its lines are signalled all the same. With [property@Process.RunOptions:detach] the
   * output goes to the null device instead.
   */
  properties[PROP_DISABLE_CAPTURE] =
    g_param_spec_boolean ("disable-capture", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:detach:
   *
   * Whether the child lives its own life, in a session of its own.
   *
   * The cancellable of the start, [method@Process.Service.shutdown] and the end of the
   * service leave it alone. Kill and shutdown of the process itself, and its timeout, end it
   * like any other.
   */
  properties[PROP_DETACH] = g_param_spec_boolean ("detach", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:timeout:
   *
   * How long the child may run, in microseconds; 0 is without end.
   *
   * Afterwards it is stopped: [property@Process.RunOptions:stop-signal],
   * [property@Process.RunOptions:grace-period], `SIGKILL`. A negative one makes the start
   * fail with %PROCESS_ERROR_INVALID_ARGUMENT.
   */
  properties[PROP_TIMEOUT] =
    g_param_spec_int64 ("timeout", NULL, NULL,
                        G_MININT64, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:grace-period:
   *
   * How long the child may take to end when it is asked to, in microseconds.
   *
   * With [property@Process.RunOptions:kill-group] this is the time of the whole group, and a
   * call that runs the child from start to end lasts as long.
   *
   * With 0 it is not asked, but gets `SIGKILL` at once. A negative one makes the start fail
   * with %PROCESS_ERROR_INVALID_ARGUMENT.
   */
  properties[PROP_GRACE_PERIOD] =
    g_param_spec_int64 ("grace-period", NULL, NULL,
                        G_MININT64, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:kill-group:
   *
   * Whether signals go to the child's process group instead of to the child alone.
   *
   * This holds for kill, shutdown, timeout, cancellation and
   * [method@Process.ManagedProcess.send_signal]. Members of the group that outlive the child
   * get `SIGKILL` once the grace period is over.
   */
  properties[PROP_KILL_GROUP] =
    g_param_spec_boolean ("kill-group", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:merge-stderr:
   *
   * Whether standard error goes into the pipe of standard output.
   *
   * The order of the two is exact then, and all of it counts as standard output. It cannot be
   * used with [property@Process.RunOptions:stderr-path].
   */
  properties[PROP_MERGE_STDERR] =
    g_param_spec_boolean ("merge-stderr", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:input:
   *
   * What is written to the standard input of the child, which is then closed.
   *
   * It needs a pipe there: [property@Process.RunOptions:stdin-mode] must be
   * %PROCESS_STDIN_MODE_DEFAULT or %PROCESS_STDIN_MODE_PIPE.
   */
  properties[PROP_INPUT] = g_param_spec_boxed ("input", NULL, NULL, G_TYPE_BYTES, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:stdin-mode:
   *
   * What the child reads as its standard input.
   */
  properties[PROP_STDIN_MODE] =
    g_param_spec_enum ("stdin-mode", NULL, NULL,
                       PROCESS_TYPE_STDIN_MODE, PROCESS_STDIN_MODE_DEFAULT, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:stdout-path: (type filename)
   *
   * A file that standard output is appended to, or %NULL.
   *
   * The child writes to it directly; nothing of that stream is captured or signalled.
   */
  properties[PROP_STDOUT_PATH] =
    g_param_spec_string ("stdout-path", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:stderr-path: (type filename)
   *
   * A file that standard error is appended to, or %NULL.
   *
   * The child writes to it directly; nothing of that stream is captured or signalled.
   */
  properties[PROP_STDERR_PATH] =
    g_param_spec_string ("stderr-path", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:buffer-size:
   *
   * How many bytes of output are kept, the newest ones; 0 is as many as the service says.
   */
  properties[PROP_BUFFER_SIZE] =
    g_param_spec_uint ("buffer-size", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:stop-signal:
   *
   * The number of the signal that asks the child to end, `SIGTERM` by default.
   *
   * A number that is no signal makes the start fail with %PROCESS_ERROR_INVALID_ARGUMENT.
   */
  properties[PROP_STOP_SIGNAL] =
    g_param_spec_int ("stop-signal", NULL, NULL,
                      G_MININT, G_MAXINT, SIGTERM, PROPERTY_FLAGS);

  /**
   * ProcessRunOptions:die-with-parent:
   *
   * Whether the child gets `SIGKILL` when this program ends, in whatever way, also when it
   * crashes.
   *
   * It cannot be used with [property@Process.RunOptions:detach].
   */
  properties[PROP_DIE_WITH_PARENT] =
    g_param_spec_boolean ("die-with-parent", NULL, NULL, FALSE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_run_options_init (ProcessRunOptions *self)
{
  self->stop_signal = SIGTERM;
}

/* The getter and the setter of a value that is neither copied nor freed. */
#define DEFINE_SCALAR(Type, name, property)                                       \
Type                                                                              \
process_run_options_get_##name (ProcessRunOptions *self)                          \
{                                                                                 \
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), 0);                        \
                                                                                  \
  return self->name;                                                              \
}                                                                                 \
                                                                                  \
void                                                                              \
process_run_options_set_##name (ProcessRunOptions *self,                          \
                                Type               name)                          \
{                                                                                 \
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));                               \
                                                                                  \
  if (self->name == name)                                                         \
    return;                                                                       \
                                                                                  \
  self->name = name;                                                              \
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);               \
}

#define DEFINE_FLAG(name, property)                                               \
gboolean                                                                          \
process_run_options_get_##name (ProcessRunOptions *self)                          \
{                                                                                 \
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), FALSE);                    \
                                                                                  \
  return self->name;                                                              \
}                                                                                 \
                                                                                  \
void                                                                              \
process_run_options_set_##name (ProcessRunOptions *self,                          \
                                gboolean           name)                          \
{                                                                                 \
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));                               \
                                                                                  \
  set_boolean (self, property, name);                                             \
}

/**
 * process_run_options_new:
 * @command: (type filename) (nullable): the program to run
 * @args: (array zero-terminated=1) (element-type filename) (nullable): its arguments, without
 *   its own name
 *
 * Creates options for a program.
 *
 * Returns: (transfer full): new options
 */
ProcessRunOptions *
process_run_options_new (const char         *command,
                         const char * const *args)
{
  return g_object_new (PROCESS_TYPE_RUN_OPTIONS, "command", command, "args", args, NULL);
}

/**
 * process_run_options_get_command:
 * @self: run options
 *
 * Gets the program to run.
 *
 * Returns: (type filename) (nullable): the program
 */
const char *
process_run_options_get_command (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return self->command;
}

/**
 * process_run_options_set_command:
 * @self: run options
 * @command: (type filename) (nullable): a program
 *
 * Sets the program to run.
 */
void
process_run_options_set_command (ProcessRunOptions *self,
                                 const char        *command)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_string (self, PROP_COMMAND, command);
}

/**
 * process_run_options_get_args:
 * @self: run options
 *
 * Gets the arguments.
 *
 * Returns: (transfer none) (array zero-terminated=1) (element-type filename): the arguments
 */
const char * const *
process_run_options_get_args (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return get_strv (self->args);
}

/**
 * process_run_options_set_args:
 * @self: run options
 * @args: (array zero-terminated=1) (element-type filename) (nullable): the arguments, without the
 *   program
 *
 * Sets the arguments.
 */
void
process_run_options_set_args (ProcessRunOptions  *self,
                              const char * const *args)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_strv (self, PROP_ARGS, args);
}

/**
 * process_run_options_get_cwd:
 * @self: run options
 *
 * Gets the working directory.
 *
 * Returns: (type filename) (nullable): a folder
 */
const char *
process_run_options_get_cwd (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return self->cwd;
}

/**
 * process_run_options_set_cwd:
 * @self: run options
 * @cwd: (type filename) (nullable): a folder, or %NULL for that of this program
 *
 * Sets the working directory.
 */
void
process_run_options_set_cwd (ProcessRunOptions *self,
                             const char        *cwd)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_string (self, PROP_CWD, cwd != NULL && cwd[0] != '\0' ? cwd : NULL);
}

/**
 * process_run_options_get_env:
 * @self: run options
 *
 * Gets the changes to the environment.
 *
 * Returns: (transfer none) (array zero-terminated=1) (element-type filename): the entries
 */
const char * const *
process_run_options_get_env (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return get_strv (self->env);
}

/**
 * process_run_options_set_env:
 * @self: run options
 * @env: (array zero-terminated=1) (element-type filename) (nullable): `NAME=value` and `NAME`
 *   entries
 *
 * Sets the changes to the environment.
 */
void
process_run_options_set_env (ProcessRunOptions  *self,
                             const char * const *env)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_strv (self, PROP_ENV, env);
}

/**
 * process_run_options_get_clear_env:
 * @self: run options
 *
 * Gets whether the environment begins empty.
 *
 * Returns: %TRUE if it does
 */
/**
 * process_run_options_set_clear_env:
 * @self: run options
 * @clear_env: whether to begin with an empty environment
 *
 * Sets whether the environment begins empty.
 */
DEFINE_FLAG (clear_env, PROP_CLEAR_ENV)

/**
 * process_run_options_get_disable_capture:
 * @self: run options
 *
 * Gets whether nothing of the output is kept.
 *
 * Returns: %TRUE if nothing is kept
 */
/**
 * process_run_options_set_disable_capture:
 * @self: run options
 * @disable_capture: whether to keep nothing of the output
 *
 * Sets whether nothing of the output is kept.
 */
DEFINE_FLAG (disable_capture, PROP_DISABLE_CAPTURE)

/**
 * process_run_options_get_detach:
 * @self: run options
 *
 * Gets whether the child lives its own life.
 *
 * Returns: %TRUE if it does
 */
/**
 * process_run_options_set_detach:
 * @self: run options
 * @detach: whether the child shall live its own life
 *
 * Sets whether the child lives its own life.
 */
DEFINE_FLAG (detach, PROP_DETACH)

/**
 * process_run_options_get_timeout:
 * @self: run options
 *
 * Gets how long the child may run.
 *
 * Returns: a time in microseconds, or 0
 */
/**
 * process_run_options_set_timeout:
 * @self: run options
 * @timeout: a time in microseconds, or 0 for no limit
 *
 * Sets how long the child may run.
 */
DEFINE_SCALAR (gint64, timeout, PROP_TIMEOUT)

/**
 * process_run_options_get_grace_period:
 * @self: run options
 *
 * Gets how long the child may take to end.
 *
 * Returns: a time in microseconds
 */
/**
 * process_run_options_set_grace_period:
 * @self: run options
 * @grace_period: a time in microseconds, or 0 for `SIGKILL` at once
 *
 * Sets how long the child may take to end.
 */
DEFINE_SCALAR (gint64, grace_period, PROP_GRACE_PERIOD)

/**
 * process_run_options_get_kill_group:
 * @self: run options
 *
 * Gets whether signals go to the whole process group.
 *
 * Returns: %TRUE if they do
 */
/**
 * process_run_options_set_kill_group:
 * @self: run options
 * @kill_group: whether to signal the whole process group
 *
 * Sets whether signals go to the whole process group.
 */
DEFINE_FLAG (kill_group, PROP_KILL_GROUP)

/**
 * process_run_options_get_merge_stderr:
 * @self: run options
 *
 * Gets whether standard error goes where standard output goes.
 *
 * Returns: %TRUE if it does
 */
/**
 * process_run_options_set_merge_stderr:
 * @self: run options
 * @merge_stderr: whether to send standard error where standard output goes
 *
 * Sets whether standard error goes where standard output goes.
 */
DEFINE_FLAG (merge_stderr, PROP_MERGE_STDERR)

/**
 * process_run_options_get_input:
 * @self: run options
 *
 * Gets what is written to standard input.
 *
 * Returns: (transfer none) (nullable): the bytes
 */
GBytes *
process_run_options_get_input (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return self->input;
}

/**
 * process_run_options_set_input:
 * @self: run options
 * @input: (nullable): the bytes to write, or %NULL
 *
 * Sets what is written to standard input.
 */
void
process_run_options_set_input (ProcessRunOptions *self,
                               GBytes            *input)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  if (self->input == input)
    return;

  g_clear_pointer (&self->input, g_bytes_unref);
  self->input = input != NULL ? g_bytes_ref (input) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INPUT]);
}

/**
 * process_run_options_get_stdin_mode:
 * @self: run options
 *
 * Gets what the child reads as its standard input.
 *
 * Returns: the mode
 */
/**
 * process_run_options_set_stdin_mode:
 * @self: run options
 * @stdin_mode: a mode
 *
 * Sets what the child reads as its standard input.
 */
DEFINE_SCALAR (ProcessStdinMode, stdin_mode, PROP_STDIN_MODE)

/**
 * process_run_options_get_stdout_path:
 * @self: run options
 *
 * Gets the file that standard output is appended to.
 *
 * Returns: (type filename) (nullable): a path
 */
const char *
process_run_options_get_stdout_path (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return self->stdout_path;
}

/**
 * process_run_options_set_stdout_path:
 * @self: run options
 * @stdout_path: (type filename) (nullable): a path, or %NULL
 *
 * Sets the file that standard output is appended to.
 */
void
process_run_options_set_stdout_path (ProcessRunOptions *self,
                                     const char        *stdout_path)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_string (self, PROP_STDOUT_PATH, stdout_path);
}

/**
 * process_run_options_get_stderr_path:
 * @self: run options
 *
 * Gets the file that standard error is appended to.
 *
 * Returns: (type filename) (nullable): a path
 */
const char *
process_run_options_get_stderr_path (ProcessRunOptions *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_OPTIONS (self), NULL);

  return self->stderr_path;
}

/**
 * process_run_options_set_stderr_path:
 * @self: run options
 * @stderr_path: (type filename) (nullable): a path, or %NULL
 *
 * Sets the file that standard error is appended to.
 */
void
process_run_options_set_stderr_path (ProcessRunOptions *self,
                                     const char        *stderr_path)
{
  g_return_if_fail (PROCESS_IS_RUN_OPTIONS (self));

  set_string (self, PROP_STDERR_PATH, stderr_path);
}

/**
 * process_run_options_get_buffer_size:
 * @self: run options
 *
 * Gets how many bytes of output are kept.
 *
 * Returns: a number of bytes, or 0
 */
/**
 * process_run_options_set_buffer_size:
 * @self: run options
 * @buffer_size: a number of bytes, or 0 for what the service says
 *
 * Sets how many bytes of output are kept.
 */
DEFINE_SCALAR (guint, buffer_size, PROP_BUFFER_SIZE)

/**
 * process_run_options_get_stop_signal:
 * @self: run options
 *
 * Gets the signal that asks the child to end.
 *
 * Returns: a signal number
 */
/**
 * process_run_options_set_stop_signal:
 * @self: run options
 * @stop_signal: a signal number, 1 to 64
 *
 * Sets the signal that asks the child to end.
 */
DEFINE_SCALAR (int, stop_signal, PROP_STOP_SIGNAL)

/**
 * process_run_options_get_die_with_parent:
 * @self: run options
 *
 * Gets whether the child dies with this program.
 *
 * Returns: %TRUE if it does
 */
/**
 * process_run_options_set_die_with_parent:
 * @self: run options
 * @die_with_parent: whether the child shall die with this program
 *
 * Sets whether the child dies with this program.
 */
DEFINE_FLAG (die_with_parent, PROP_DIE_WITH_PARENT)

ProcessRunOptions *
_process_run_options_copy (ProcessRunOptions *self)
{
  ProcessRunOptions *copy = g_object_new (PROCESS_TYPE_RUN_OPTIONS, NULL);

  copy->command = g_strdup (self->command);
  copy->args = g_strdupv (self->args);
  copy->cwd = g_strdup (self->cwd);
  copy->env = g_strdupv (self->env);
  copy->input = self->input != NULL ? g_bytes_ref (self->input) : NULL;
  copy->stdout_path = g_strdup (self->stdout_path);
  copy->stderr_path = g_strdup (self->stderr_path);
  copy->clear_env = self->clear_env;
  copy->disable_capture = self->disable_capture;
  copy->detach = self->detach;
  copy->timeout = self->timeout;
  copy->grace_period = self->grace_period;
  copy->kill_group = self->kill_group;
  copy->merge_stderr = self->merge_stderr;
  copy->stdin_mode = self->stdin_mode;
  copy->buffer_size = self->buffer_size;
  copy->stop_signal = self->stop_signal;
  copy->die_with_parent = self->die_with_parent;

  return copy;
}
