/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-options-private.h"

#include <string.h>

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

static gboolean
refuse (GError     **error,
        const char  *message)
{
  g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

static gboolean
validate_env (const char * const  *env,
              GError             **error)
{
  for (guint i = 0; env[i] != NULL; i++)
    {
      g_autofree char *entry = NULL;

      if (env[i][0] != '\0' && env[i][0] != '=')
        continue;

      entry = _process_make_valid (env[i], -1);
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The environment entry “%s” has no name", entry);
      return FALSE;
    }

  return TRUE;
}

static gboolean
validate_times (ProcessRunOptions  *self,
                GError            **error)
{
  if (process_run_options_get_timeout (self) < 0)
    return refuse (error, "The timeout is negative");

  if (process_run_options_get_grace_period (self) < 0)
    return refuse (error, "The grace period is negative");

  return TRUE;
}

static gboolean
validate_streams (ProcessRunOptions  *self,
                  GError            **error)
{
  ProcessStdinMode mode = process_run_options_get_stdin_mode (self);

  if (process_run_options_get_input (self) != NULL &&
      (mode == PROCESS_STDIN_MODE_NULL || mode == PROCESS_STDIN_MODE_INHERIT))
    return refuse (error, "Input needs a pipe at standard input, "
                          "which cannot be null or inherited then");

  if (process_run_options_get_merge_stderr (self) &&
      process_run_options_get_stderr_path (self) != NULL)
    return refuse (error, "Standard error cannot both be merged and have a path");

  return TRUE;
}

gboolean
_process_run_options_validate (ProcessRunOptions  *self,
                               GError            **error)
{
  const char *command = process_run_options_get_command (self);
  int stop_signal = process_run_options_get_stop_signal (self);

  if (command == NULL || command[0] == '\0')
    return refuse (error, "There is no command to run");

  if (!validate_env (process_run_options_get_env (self), error) ||
      !validate_times (self, error) ||
      !validate_streams (self, error))
    return FALSE;

  if (process_run_options_get_die_with_parent (self) && process_run_options_get_detach (self))
    return refuse (error, "A detached process cannot die with its parent");

  if (!_process_signal_is_valid (stop_signal))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "There is no signal %d to stop the process with", stop_signal);
      return FALSE;
    }

  return TRUE;
}

static char *
get_env_name (const char *entry)
{
  return g_strndup (entry, strchrnul (entry, '=') - entry);
}

/* From each name to the last entry for it. */
static GHashTable *
index_env (const char * const *env)
{
  GHashTable *last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; env[i] != NULL; i++)
    g_hash_table_insert (last, get_env_name (env[i]), (gpointer) env[i]);

  return last;
}

char **
_process_run_options_build_environ (ProcessRunOptions *self)
{
  const char * const *env = process_run_options_get_env (self);
  g_auto (GStrv) inherited = process_run_options_get_clear_env (self) ? NULL : g_get_environ ();
  g_autoptr (GHashTable) changes = NULL;
  g_autoptr (GPtrArray) result = NULL;

  if (env[0] == NULL)
    return inherited != NULL ? g_steal_pointer (&inherited) : g_new0 (char *, 1);

  changes = index_env (env);
  result = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; inherited != NULL && inherited[i] != NULL; i++)
    {
      g_autofree char *name = get_env_name (inherited[i]);

      if (!g_hash_table_contains (changes, name))
        g_ptr_array_add (result, g_strdup (inherited[i]));
    }

  for (guint i = 0; env[i] != NULL; i++)
    {
      g_autofree char *name = get_env_name (env[i]);

      /* Compared as pointers: only the last entry of a name is the one in the table. */
      if (strchr (env[i], '=') != NULL && g_hash_table_lookup (changes, name) == env[i])
        g_ptr_array_add (result, g_strdup (env[i]));
    }

  g_ptr_array_add (result, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&result), FALSE);
}

static const GVariantType *
get_variant_type (GParamSpec *pspec)
{
  if (pspec->value_type == G_TYPE_STRV)
    return G_VARIANT_TYPE_STRING_ARRAY;

  if (pspec->value_type == G_TYPE_BYTES)
    return G_VARIANT_TYPE_BYTESTRING;

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_BOOLEAN:
      return G_VARIANT_TYPE_BOOLEAN;
    case G_TYPE_INT:
      return G_VARIANT_TYPE_INT32;
    case G_TYPE_UINT:
      return G_VARIANT_TYPE_UINT32;
    case G_TYPE_INT64:
      return G_VARIANT_TYPE_INT64;
    case G_TYPE_STRING:
    case G_TYPE_ENUM:
      return G_VARIANT_TYPE_STRING;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
convert_enum (GParamSpec  *pspec,
              const char  *nick,
              GValue      *value,
              GError     **error)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (pspec->value_type);
  GEnumValue *enum_value = g_enum_get_value_by_nick (enum_class, nick);

  if (enum_value == NULL)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The option “%s” cannot be “%s”", pspec->name, nick);
      return FALSE;
    }

  g_value_init (value, pspec->value_type);
  g_value_set_enum (value, enum_value->value);

  return TRUE;
}

static gboolean
convert_value (GParamSpec  *pspec,
               GVariant    *variant,
               GValue      *value,
               GError     **error)
{
  const GVariantType *type = get_variant_type (pspec);

  if (!g_variant_is_of_type (variant, type))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The option “%s” needs a value of type “%.*s”, not “%s”", pspec->name,
                   (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type),
                   g_variant_get_type_string (variant));
      return FALSE;
    }

  if (G_TYPE_IS_ENUM (pspec->value_type))
    return convert_enum (pspec, g_variant_get_string (variant, NULL), value, error);

  if (pspec->value_type == G_TYPE_BYTES)
    {
      g_value_init (value, G_TYPE_BYTES);
      g_value_take_boxed (value, g_variant_get_data_as_bytes (variant));
      return TRUE;
    }

  g_dbus_gvariant_to_gvalue (variant, value);

  return TRUE;
}

static gboolean
set_option (ProcessRunOptions  *self,
            const char         *key,
            GVariant           *variant,
            GError            **error)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), key);
  g_auto (GValue) value = G_VALUE_INIT;

  /* Compared by name too: the class would also find “clear_env”. */
  if (pspec == NULL || !g_str_equal (pspec->name, key))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "There is no option “%s”", key);
      return FALSE;
    }

  if (!convert_value (pspec, variant, &value, error))
    return FALSE;

  g_object_set_property (G_OBJECT (self), key, &value);

  return TRUE;
}

ProcessRunOptions *
_process_run_options_new_from_variant (GVariant  *dict,
                                       GError   **error)
{
  g_autoptr (ProcessRunOptions) self = process_run_options_new (NULL, NULL);
  GVariantIter iter;
  const char *key;
  GVariant *variant;

  if (!g_variant_is_of_type (dict, G_VARIANT_TYPE_VARDICT))
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "Options need a dictionary of type “a{sv}”, not “%s”",
                   g_variant_get_type_string (dict));
      return NULL;
    }

  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &variant))
    {
      g_autoptr (GVariant) owned = variant;

      if (!set_option (self, key, owned, error))
        return NULL;
    }

  if (process_run_options_get_command (self) == NULL)
    {
      refuse (error, "The option “command” is missing");
      return NULL;
    }

  return g_steal_pointer (&self);
}
