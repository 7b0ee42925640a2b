/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Options from a dictionary, which is a GVariant's text, or after a NUL its bytes. */

#include "fuzz.h"

#include <string.h>

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>

static GVariant *
read_dictionary (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (size > 0 && data[0] == '\0')
    {
      bytes = g_bytes_new (data + 1, size - 1);
      return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
    }
  /* Which GVariant takes for granted. */
  if (size == 0 || !g_utf8_validate ((const char *) data, (gssize) size, NULL))
    return NULL;
  text = g_strndup ((const char *) data, size);
  return g_variant_parse (NULL, text, NULL, NULL, NULL);
}

static void
check_error (const GError *error)
{
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
check_same (ProcessRunOptions *one, ProcessRunOptions *other)
{
  g_autofree GParamSpec **pspecs =
    g_object_class_list_properties (G_OBJECT_GET_CLASS (one), NULL);

  for (guint i = 0; pspecs[i] != NULL; i++)
    {
      g_auto (GValue) a = G_VALUE_INIT;
      g_auto (GValue) b = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (one), pspecs[i]->name, &a);
      g_object_get_property (G_OBJECT (other), pspecs[i]->name, &b);
      if (G_VALUE_HOLDS (&a, G_TYPE_STRV))
        g_assert_true (g_strv_equal (g_value_get_boxed (&a), g_value_get_boxed (&b)));
      else
        g_assert_cmpint (g_param_values_cmp (pspecs[i], &a, &b), ==, 0);
    }
}

/* Every name is there once. */
static void
check_environ (char **environ_)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; environ_[i] != NULL; i++)
    {
      const char *end = strchr (environ_[i], '=');

      g_assert_nonnull (end);
      g_assert_true (g_hash_table_add (names, g_strndup (environ_[i],
                                                         (gsize) (end - environ_[i]))));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GVariant) dict = read_dictionary (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessRunOptions) options = NULL;
  g_autoptr (ProcessRunOptions) copy = NULL;
  g_auto (GStrv) environ_ = NULL;

  if (dict == NULL)
    return 0;
  options = _process_run_options_new_from_variant (dict, &error);
  if (options == NULL)
    {
      check_error (error);
      return 0;
    }
  g_assert_no_error (error);
  g_assert_nonnull (process_run_options_get_command (options));
  copy = _process_run_options_copy (options);
  check_same (options, copy);
  if (!_process_run_options_validate (copy, &error))
    {
      check_error (error);
      return 0;
    }
  environ_ = _process_run_options_build_environ (copy);
  if (process_run_options_get_clear_env (copy))
    check_environ (environ_);
  return 0;
}
