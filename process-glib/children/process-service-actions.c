/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-service-private.h"

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>

/* The service by the names of its actions: call_action () for callers that want
 * an answer, a GActionGroup for buttons and menus, which do not. */

static void
report (const char *action, const GError *error)
{
  if (error != NULL)
    g_message ("Action “%s”: %s", action, error->message);
}

static void
start_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunOptions) options =
    _process_run_options_new_from_variant (parameter, &error);
  g_autoptr (ProcessManagedProcess) process = NULL;

  if (options != NULL)
    process = process_service_start_with_options (user_data, options, NULL, &error);
  report ("start", error);
}

static void
run_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_free (process_service_run_with_options_finish (PROCESS_SERVICE (object), result, &error));
  report ("run", error);
}

static void
run_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunOptions) options =
    _process_run_options_new_from_variant (parameter, &error);

  if (options != NULL)
    process_service_run_with_options_async (user_data, options, NULL, run_cb, NULL);
  report ("run", error);
}

static void
kill_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_service_kill (user_data, g_variant_get_string (parameter, NULL), &error);
  report ("kill", error);
}

static void
shutdown_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_managed_process_shutdown_finish (PROCESS_MANAGED_PROCESS (object), result, &error);
  report ("shutdown", error);
}

static void
shutdown_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessManagedProcess) process =
    process_service_get (user_data, g_variant_get_string (parameter, NULL), &error);

  if (process != NULL)
    process_managed_process_shutdown_async (process, NULL, shutdown_cb, NULL);
  report ("shutdown", error);
}

static void
remove_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  process_service_remove (user_data, g_variant_get_string (parameter, NULL), &error);
  report ("remove", error);
}

static void
clear_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  process_service_clear (user_data);
}

/* The group's signal becomes the service's. */
static void
action_enabled_changed_cb (GActionGroup *group, const char *name, gboolean enabled,
                           GActionGroup *service)
{
  g_action_group_action_enabled_changed (service, name, enabled);
}

GActionGroup *
_process_service_create_actions (ProcessService *self)
{
  static const GActionEntry entries[] = {
    { .name = "run", .activate = run_activated, .parameter_type = "a{sv}" },
    { .name = "start", .activate = start_activated, .parameter_type = "a{sv}" },
    { .name = "kill", .activate = kill_activated, .parameter_type = "s" },
    { .name = "shutdown", .activate = shutdown_activated, .parameter_type = "s" },
    { .name = "remove", .activate = remove_activated, .parameter_type = "s" },
    { .name = "clear", .activate = clear_activated },
  };
  GSimpleActionGroup *group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (group, "action-enabled-changed",
                           G_CALLBACK (action_enabled_changed_cb), self, 0);
  return G_ACTION_GROUP (group);
}

/* In the owner: nothing can be started any more. */
void
_process_service_disable_starts (GActionGroup *actions)
{
  static const char * const names[] = { "run", "start" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (actions), names[i]);

      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), FALSE);
    }
}

static char **
process_service_list_actions (GActionGroup *group)
{
  return g_action_group_list_actions (_process_service_get_actions (PROCESS_SERVICE (group)));
}

static gboolean
process_service_query_action (GActionGroup *group, const char *name, gboolean *enabled,
                              const GVariantType **parameter_type,
                              const GVariantType **state_type, GVariant **state_hint,
                              GVariant **state)
{
  return g_action_group_query_action (_process_service_get_actions (PROCESS_SERVICE (group)), name,
                                      enabled, parameter_type, state_type, state_hint, state);
}

/* A group that has no such action leaves the value as it is, which may be floating. */
static void
process_service_change_action_state (GActionGroup *group, const char *name, GVariant *value)
{
  g_autoptr (GVariant) owned G_GNUC_UNUSED = g_variant_ref_sink (value);

  g_action_group_change_action_state (_process_service_get_actions (PROCESS_SERVICE (group)),
                                      name, value);
}

static void
process_service_activate_action (GActionGroup *group, const char *name, GVariant *parameter)
{
  g_autoptr (GVariant) owned G_GNUC_UNUSED = parameter != NULL ? g_variant_ref_sink (parameter)
                                                                : NULL;

  g_action_group_activate_action (_process_service_get_actions (PROCESS_SERVICE (group)), name,
                                  parameter);
}

void
_process_service_action_group_init (GActionGroupInterface *iface)
{
  iface->list_actions = process_service_list_actions;
  iface->query_action = process_service_query_action;
  iface->change_action_state = process_service_change_action_state;
  iface->activate_action = process_service_activate_action;
}

/* Takes the one key that is allowed out of @parameters. */
static gboolean
get_only (GVariant *parameters, const char *key, const GVariantType *type, GVariant **value,
          GError **error)
{
  GVariantIter iter;
  const char *each;
  GVariant *its_value;

  *value = NULL;
  g_variant_iter_init (&iter, parameters);
  while (g_variant_iter_next (&iter, "{&sv}", &each, &its_value))
    {
      g_autoptr (GVariant) owned = its_value;

      if (!g_str_equal (each, key))
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "There is no parameter “%s”", each);
          return FALSE;
        }
      if (!g_variant_is_of_type (owned, type))
        {
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                       "Parameter “%s” must be of type “%.*s”, not “%s”", key,
                       (int) g_variant_type_get_string_length (type),
                       g_variant_type_peek_string (type), g_variant_get_type_string (owned));
          return FALSE;
        }
      g_clear_pointer (value, g_variant_unref);
      *value = g_steal_pointer (&owned);
    }
  return TRUE;
}

static ProcessManagedProcess *
get_process (ProcessService *self, GVariant *parameters, GError **error)
{
  g_autoptr (GVariant) id = NULL;

  if (!get_only (parameters, "id", G_VARIANT_TYPE_STRING, &id, error))
    return NULL;
  if (id == NULL)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "Parameter “id” is missing");
      return NULL;
    }
  return process_service_get (self, g_variant_get_string (id, NULL), error);
}

static GVariant *
call_start (ProcessService *self, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessRunOptions) options =
    _process_run_options_new_from_variant (parameters, error);
  g_autoptr (ProcessManagedProcess) process = NULL;

  if (options != NULL)
    process = process_service_start_with_options (self, options, cancellable, error);
  return process != NULL ? g_variant_new_string (process_managed_process_get_id (process)) : NULL;
}

static GVariant *
call_kill (ProcessService *self, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = get_process (self, parameters, error);

  if (process == NULL || !process_managed_process_kill (process, error))
    return NULL;
  return g_variant_new_boolean (TRUE);
}

static GVariant *
call_list (ProcessService *self, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) running_only = NULL;
  g_autoptr (GPtrArray) processes = NULL;
  GVariantBuilder builder;

  if (!get_only (parameters, "running-only", G_VARIANT_TYPE_BOOLEAN, &running_only, error))
    return NULL;
  processes = running_only != NULL && g_variant_get_boolean (running_only)
                ? process_service_running (self)
                : process_service_list (self);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < processes->len; i++)
    {
      g_autoptr (ProcessInfo) info =
        process_managed_process_get_info (g_ptr_array_index (processes, i));
      g_autoptr (GVariant) variant = process_info_to_variant (info);

      g_variant_builder_add_value (&builder, variant);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
call_get (ProcessService *self, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessManagedProcess) process = get_process (self, parameters, error);
  g_autoptr (ProcessInfo) info = NULL;

  if (process == NULL)
    return NULL;
  info = process_managed_process_get_info (process);
  return process_info_to_variant (info);
}

static GVariant *
call_run (ProcessService *self, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (ProcessRunOptions) options =
    _process_run_options_new_from_variant (parameters, error);
  char *output = NULL;

  if (options != NULL)
    output = process_service_run_with_options (self, options, cancellable, error);
  return output != NULL ? g_variant_new_take_string (output) : NULL;
}

typedef GVariant *(*CallFunc) (ProcessService *self, GVariant *parameters,
                               GCancellable *cancellable, GError **error);

static CallFunc
find_call (const char *name, GVariant *parameters, GError **error)
{
  static const struct
  {
    const char *name;
    CallFunc    func;
  } calls[] = {
    { "process.run", call_run },   { "process.start", call_start }, { "process.kill", call_kill },
    { "process.list", call_list }, { "process.get", call_get },
  };

  if (parameters != NULL && !g_variant_is_of_type (parameters, G_VARIANT_TYPE_VARDICT))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The parameters of “%s” must be of type “a{sv}”, not “%s”", name,
                   g_variant_get_type_string (parameters));
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (g_str_equal (name, calls[i].name))
      return calls[i].func;
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, "There is no action “%s”",
               name);
  return NULL;
}

/* Without parameters there are none, not a floating empty dictionary. */
static GVariant *
own_parameters (GVariant *parameters)
{
  return g_variant_ref_sink (parameters != NULL ? parameters
                                                : g_variant_new ("a{sv}", NULL));
}

/**
 * process_service_call_action:
 * @self: a service
 * @name: the action's name
 * @parameters: (nullable): an `a{sv}`, or %NULL for an empty one
 * @cancellable: (nullable): a cancellable, which ends what is run or started
 * @error: return location for an error
 *
 * Calls an action by its name, with parameters and a result that can travel.
 *
 * | name | parameters | result |
 * |---|---|---|
 * | `process.run` | the properties of [class@Process.RunOptions] | `s`, what it printed |
 * | `process.start` | the same | `s`, the id |
 * | `process.kill` | `id` (`s`) | `b` |
 * | `process.list` | `running-only` (`b`), optional | `aa{sv}` |
 * | `process.get` | `id` (`s`) | `a{sv}` |
 *
 * Enums are given as nicks, `input` as `ay`, filenames as `s`, durations as `x`.
 * Of what is known of a process see [method@Process.Info.to_variant].
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT for an unknown name, and for a key
 * that is missing, unknown or of a wrong type; with %PROCESS_ERROR_NOT_FOUND for
 * an unknown id; and like the methods of the same names.
 *
 * Returns: (transfer full): the result
 */
GVariant *
process_service_call_action (ProcessService *self, const char *name, GVariant *parameters,
                             GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) owned = own_parameters (parameters);
  CallFunc func;
  GVariant *answer;

  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  func = find_call (name, owned, error);
  answer = func != NULL ? func (self, owned, cancellable, error) : NULL;
  return answer != NULL ? g_variant_take_ref (answer) : NULL;
}

static void
return_variant (GTask *task, GVariant *answer, GError *error)
{
  if (answer != NULL)
    g_task_return_pointer (task, g_variant_take_ref (answer), (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
call_run_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char *output =
    process_service_run_with_options_finish (PROCESS_SERVICE (object), result, &error);

  return_variant (task, output != NULL ? g_variant_new_take_string (output) : NULL, error);
}

static void
call_run_async (GTask *task, GVariant *parameters)
{
  GError *error = NULL;
  g_autoptr (ProcessRunOptions) options =
    _process_run_options_new_from_variant (parameters, &error);

  if (options == NULL)
    g_task_return_error (task, error);
  else
    process_service_run_with_options_async (g_task_get_source_object (task), options,
                                            g_task_get_cancellable (task), call_run_cb,
                                            g_object_ref (task));
}

/**
 * process_service_call_action_async:
 * @self: a service
 * @name: the action's name
 * @parameters: (nullable): an `a{sv}`, or %NULL for an empty one
 * @cancellable: (nullable): a cancellable, which ends what is run or started
 * @callback: (scope async) (closure user_data): called with the result
 * @user_data: data for @callback
 *
 * Calls an action by its name; see [method@Process.Service.call_action].
 */
void
process_service_call_action_async (ProcessService *self, const char *name, GVariant *parameters,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GVariant) owned = own_parameters (parameters);
  g_autoptr (GTask) task = NULL;
  GVariant *answer = NULL;
  GError *error = NULL;
  CallFunc func;

  g_return_if_fail (PROCESS_IS_SERVICE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, process_service_call_action_async);
  g_task_set_check_cancellable (task, FALSE);
  func = find_call (name, owned, &error);
  if (func == call_run)
    {
      call_run_async (task, owned);
      return;
    }
  if (func != NULL)
    answer = func (self, owned, cancellable, &error);
  return_variant (task, answer, error);
}

/**
 * process_service_call_action_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Process.Service.call_action_async].
 *
 * Returns: (transfer full): the result
 */
GVariant *
process_service_call_action_finish (ProcessService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (PROCESS_IS_SERVICE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
