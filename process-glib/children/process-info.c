/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-info.h"

#include <json-glib/json-glib.h>

#include "process-info-private.h"

#include <process-glib/process-text-private.h>

/**
 * ProcessInfo:
 *
 * What was known about a process at one moment.
 *
 * It never changes, and so can be used from any thread and kept for as long as
 * one likes; [method@Process.ManagedProcess.get_info] makes a new one. It
 * neither follows the process nor keeps it, and it does not have its output.
 * Text that was not valid UTF-8 has U+FFFD in place of what was broken.
 *
 * Guide: [Running programs](running-programs.html).
 */

struct _ProcessInfo
{
  GObject parent_instance;

  char *id;
  char *command;
  char **args;
  char *cwd;             /* (owned) (nullable), not always UTF-8 */
  GDateTime *started_at; /* (owned) (nullable) */
  ProcessStatus status;
  int exit_code;
  gint64 duration;       /* microseconds */
  int pid;
  ProcessExitReason exit_reason;
};

typedef enum
{
  PROP_ID = 1,
  PROP_COMMAND,
  PROP_ARGS,
  PROP_CWD,
  PROP_STARTED_AT,
  PROP_RUNNING,
  PROP_STATUS,
  PROP_EXIT_CODE,
  PROP_DURATION,
  PROP_PID,
  PROP_EXIT_REASON,
} ProcessInfoProperty;

#define N_PROPERTIES (PROP_EXIT_REASON + 1)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_ENUM_TYPE (ProcessStatus, process_status,
                    G_DEFINE_ENUM_VALUE (PROCESS_STATUS_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STATUS_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STATUS_EXITED, "exited"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STATUS_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STATUS_KILLED, "killed"))

G_DEFINE_ENUM_TYPE (ProcessExitReason, process_exit_reason,
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_EXITED, "exited"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_SIGNALED, "signaled"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_KILLED, "killed"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_CANCELLED, "cancelled"),
                    G_DEFINE_ENUM_VALUE (PROCESS_EXIT_REASON_START_FAILED, "start-failed"))

G_DEFINE_FINAL_TYPE (ProcessInfo, process_info, G_TYPE_OBJECT)

static const char *
get_nick (GType type,
          int   value)
{
  GEnumClass *enum_class = g_type_class_ref (type);
  const char *nick = g_enum_get_value (enum_class, value)->value_nick;

  g_type_class_unref (enum_class);

  /* The nicks of a static type outlive its class. */
  return nick;
}

static void
process_info_finalize (GObject *object)
{
  ProcessInfo *self = PROCESS_INFO (object);

  g_free (self->id);
  g_free (self->command);
  g_strfreev (self->args);
  g_free (self->cwd);
  g_clear_pointer (&self->started_at, g_date_time_unref);

  G_OBJECT_CLASS (process_info_parent_class)->finalize (object);
}

static void
process_info_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  ProcessInfo *self = PROCESS_INFO (object);

  switch ((ProcessInfoProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;
    case PROP_ARGS:
      g_value_set_boxed (value, self->args);
      break;
    case PROP_CWD:
      g_value_set_string (value, self->cwd);
      break;
    case PROP_STARTED_AT:
      g_value_set_boxed (value, self->started_at);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, process_info_get_running (self));
      break;
    case PROP_STATUS:
      g_value_set_enum (value, self->status);
      break;
    case PROP_EXIT_CODE:
      g_value_set_int (value, self->exit_code);
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, self->duration);
      break;
    case PROP_PID:
      g_value_set_int (value, self->pid);
      break;
    case PROP_EXIT_REASON:
      g_value_set_enum (value, self->exit_reason);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
process_info_class_init (ProcessInfoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_info_finalize;
  object_class->get_property = process_info_get_property;

  /**
   * ProcessInfo:id:
   *
   * The identifier that the service gave the process.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessInfo:command:
   *
   * The program, as it was asked for.
   */
  properties[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessInfo:args:
   *
   * Its arguments, without its own name; never %NULL.
   */
  properties[PROP_ARGS] = g_param_spec_boxed ("args", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ProcessInfo:cwd: (type filename)
   *
   * The working directory that it was given, or %NULL when it got that of its parent.
   */
  properties[PROP_CWD] = g_param_spec_string ("cwd", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessInfo:started-at:
   *
   * When it was started, in UTC, or %NULL when it was not.
   */
  properties[PROP_STARTED_AT] =
    g_param_spec_boxed ("started-at", NULL, NULL, G_TYPE_DATE_TIME, PROPERTY_FLAGS);

  /**
   * ProcessInfo:running:
   *
   * Whether it was running.
   */
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ProcessInfo:status:
   *
   * Where it was in its life.
   */
  properties[PROP_STATUS] =
    g_param_spec_enum ("status", NULL, NULL,
                       PROCESS_TYPE_STATUS, PROCESS_STATUS_PENDING, PROPERTY_FLAGS);

  /**
   * ProcessInfo:exit-code:
   *
   * The code that it ended with, 0 to 255; -1 while there was none, and when a signal ended it.
   */
  properties[PROP_EXIT_CODE] =
    g_param_spec_int ("exit-code", NULL, NULL, G_MININT, G_MAXINT, -1, PROPERTY_FLAGS);

  /**
   * ProcessInfo:duration:
   *
   * How long it had been running, in microseconds.
   */
  properties[PROP_DURATION] =
    g_param_spec_int64 ("duration", NULL, NULL, G_MININT64, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessInfo:pid:
   *
   * The identifier that the system gave it, or 0 when nothing was started.
   */
  properties[PROP_PID] =
    g_param_spec_int ("pid", NULL, NULL, G_MININT, G_MAXINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessInfo:exit-reason:
   *
   * Why it had ended.
   */
  properties[PROP_EXIT_REASON] =
    g_param_spec_enum ("exit-reason", NULL, NULL,
                       PROCESS_TYPE_EXIT_REASON, PROCESS_EXIT_REASON_NONE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_info_init (ProcessInfo *self)
{
}

ProcessInfo *
_process_info_new (const ProcessInfoValues *values)
{
  ProcessInfo *self = g_object_new (PROCESS_TYPE_INFO, NULL);

  self->id = _process_make_valid (values->id, -1);
  self->command = _process_make_valid (values->command, -1);
  self->args = _process_make_valid_strv (values->args);
  self->cwd = g_strdup (values->cwd);
  self->started_at = values->started_at != NULL ? g_date_time_ref (values->started_at) : NULL;
  self->status = values->status;
  self->exit_code = values->exit_code;
  self->duration = values->duration;
  self->pid = values->pid;
  self->exit_reason = values->exit_reason;

  return self;
}

/**
 * process_info_get_id:
 * @self: process info
 *
 * Gets the identifier that the service gave the process.
 *
 * Returns: the identifier
 */
const char *
process_info_get_id (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  return self->id;
}

/**
 * process_info_get_command:
 * @self: process info
 *
 * Gets the program, as it was asked for.
 *
 * Returns: the command
 */
const char *
process_info_get_command (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  return self->command;
}

/**
 * process_info_get_args:
 * @self: process info
 *
 * Gets the arguments, without the program's own name.
 *
 * Returns: (transfer none) (array zero-terminated=1): the arguments
 */
const char * const *
process_info_get_args (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  return (const char * const *) self->args;
}

/**
 * process_info_get_cwd:
 * @self: process info
 *
 * Gets the working directory that the process was given.
 *
 * Returns: (type filename) (nullable): the folder, or %NULL when it got that
 *   of its parent
 */
const char *
process_info_get_cwd (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  return self->cwd;
}

/**
 * process_info_get_started_at:
 * @self: process info
 *
 * Gets when the process was started.
 *
 * Returns: (transfer none) (nullable): the time in UTC, or %NULL when it was
 *   not started
 */
GDateTime *
process_info_get_started_at (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  return self->started_at;
}

/**
 * process_info_get_running:
 * @self: process info
 *
 * Gets whether the process was running.
 *
 * Returns: %TRUE if it was
 */
gboolean
process_info_get_running (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), FALSE);

  return self->status == PROCESS_STATUS_RUNNING;
}

/**
 * process_info_get_status:
 * @self: process info
 *
 * Gets where the process was in its life.
 *
 * Returns: the status
 */
ProcessStatus
process_info_get_status (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), PROCESS_STATUS_PENDING);

  return self->status;
}

/**
 * process_info_get_exit_code:
 * @self: process info
 *
 * Gets the code that the process ended with.
 *
 * Returns: 0 to 255, or -1 while there was none, and when a signal ended it
 */
int
process_info_get_exit_code (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), -1);

  return self->exit_code;
}

/**
 * process_info_get_duration:
 * @self: process info
 *
 * Gets how long the process had been running.
 *
 * Returns: a time in microseconds
 */
gint64
process_info_get_duration (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), 0);

  return self->duration;
}

/**
 * process_info_get_pid:
 * @self: process info
 *
 * Gets the identifier that the system gave the process.
 *
 * By now the number may belong to another process: do not signal it.
 *
 * Returns: a process identifier, or 0 when nothing was started
 */
int
process_info_get_pid (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), 0);

  return self->pid;
}

/**
 * process_info_get_exit_reason:
 * @self: process info
 *
 * Gets why the process had ended.
 *
 * Returns: the reason
 */
ProcessExitReason
process_info_get_exit_reason (ProcessInfo *self)
{
  g_return_val_if_fail (PROCESS_IS_INFO (self), PROCESS_EXIT_REASON_NONE);

  return self->exit_reason;
}

/**
 * process_info_to_variant:
 * @self: process info
 *
 * Packs everything into a dictionary of type `a{sv}`.
 *
 * The keys are the names of the properties. `id`, `command`, `cwd`, `status`
 * and `exit-reason` are of type `s` (the last two are nicks, such as
 * `running` or `timed-out`), `args` is `as`, `running` is `b`, `exit-code` and
 * `pid` are `i`, `duration` is `x` in microseconds, and `started-at` is `x`
 * in microseconds since 1970. What is %NULL has no key.
 *
 * Returns: (transfer full): a dictionary
 */
GVariant *
process_info_to_variant (ProcessInfo *self)
{
  GVariantDict dict;

  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", self->id);
  g_variant_dict_insert (&dict, "command", "s", self->command);
  g_variant_dict_insert (&dict, "args", "^as", self->args);

  if (self->cwd != NULL)
    {
      g_autofree char *cwd = _process_make_valid (self->cwd, -1);

      g_variant_dict_insert (&dict, "cwd", "s", cwd);
    }

  if (self->started_at != NULL)
    g_variant_dict_insert (&dict, "started-at", "x",
                           g_date_time_to_unix (self->started_at) * G_USEC_PER_SEC +
                           g_date_time_get_microsecond (self->started_at));

  g_variant_dict_insert (&dict, "running", "b", process_info_get_running (self));
  g_variant_dict_insert (&dict, "status", "s", get_nick (PROCESS_TYPE_STATUS, self->status));
  g_variant_dict_insert (&dict, "exit-code", "i", self->exit_code);
  g_variant_dict_insert (&dict, "duration", "x", self->duration);
  g_variant_dict_insert (&dict, "pid", "i", self->pid);
  g_variant_dict_insert (&dict, "exit-reason", "s",
                         get_nick (PROCESS_TYPE_EXIT_REASON, self->exit_reason));

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
add_string (JsonBuilder *builder,
            const char  *name,
            const char  *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder,
         const char  *name,
         gint64       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_args (JsonBuilder *builder,
          char       **args)
{
  json_builder_set_member_name (builder, "args");
  json_builder_begin_array (builder);
  for (guint i = 0; args[i] != NULL; i++)
    json_builder_add_string_value (builder, args[i]);
  json_builder_end_array (builder);
}

static void
add_started_at (JsonBuilder *builder,
                GDateTime   *started_at)
{
  g_autofree char *text = started_at != NULL ? _process_format_time (started_at) : NULL;

  json_builder_set_member_name (builder, "startedAt");
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/**
 * process_info_to_json:
 * @self: process info
 *
 * Writes everything as a JSON object.
 *
 * The keys are `id`, `command`, `args`, `dir` (empty when there is none),
 * `startedAt` (in UTC, as RFC 3339 says, or null), `running`, `status` (a
 * nick, such as `exited`), `exitCode`, `duration` (in nanoseconds) and `pid`.
 *
 * Returns: (transfer full): the text of the object, in one line
 */
char *
process_info_to_json (ProcessInfo *self)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *dir = NULL;

  g_return_val_if_fail (PROCESS_IS_INFO (self), NULL);

  builder = json_builder_new ();
  dir = _process_make_valid (self->cwd != NULL ? self->cwd : "", -1);

  json_builder_begin_object (builder);
  add_string (builder, "id", self->id);
  add_string (builder, "command", self->command);
  add_args (builder, self->args);
  add_string (builder, "dir", dir);
  add_started_at (builder, self->started_at);
  json_builder_set_member_name (builder, "running");
  json_builder_add_boolean_value (builder, process_info_get_running (self));
  add_string (builder, "status", get_nick (PROCESS_TYPE_STATUS, self->status));
  add_int (builder, "exitCode", self->exit_code);
  add_int (builder, "duration", self->duration * 1000);
  add_int (builder, "pid", self->pid);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return _process_json_to_string (root, FALSE);
}
