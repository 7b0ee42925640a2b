/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Actions by their names: a line with the name, then the parameters as a GVariant's
 * text. The service is shut down, so that nothing is ever started.
 */

#include "fuzz.h"

#include <string.h>

#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-glib.h>

static ProcessService *
get_service (void)
{
  static ProcessService *service;

  if (service == NULL)
    {
      service = process_service_new ();
      g_assert_true (process_service_shutdown (service, 0, NULL, NULL));
    }
  return service;
}

/* Whether it has no keys but this one, always of this type. */
static gboolean
has_only (GVariant *parameters, const char *key, const GVariantType *type)
{
  GVariantIter iter;
  const char *each;
  GVariant *value;

  g_variant_iter_init (&iter, parameters);
  while (g_variant_iter_loop (&iter, "{&sv}", &each, &value))
    if (!g_str_equal (each, key) || !g_variant_is_of_type (value, type))
      {
        g_variant_unref (value);
        return FALSE;
      }
  return TRUE;
}

static gboolean
is_startable (GVariant *parameters)
{
  g_autoptr (ProcessRunOptions) options = _process_run_options_new_from_variant (parameters, NULL);

  return options != NULL && _process_run_options_validate (options, NULL);
}

/* The error's code, or -1 for success. */
static int
expect (const char *name, GVariant *parameters)
{
  gboolean has_id;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE_VARDICT))
    return PROCESS_ERROR_INVALID_ARGUMENT;
  if (g_str_equal (name, "process.run") || g_str_equal (name, "process.start"))
    return is_startable (parameters) ? PROCESS_ERROR_NOT_RUNNING : PROCESS_ERROR_INVALID_ARGUMENT;
  if (g_str_equal (name, "process.list"))
    return has_only (parameters, "running-only", G_VARIANT_TYPE_BOOLEAN)
             ? -1
             : PROCESS_ERROR_INVALID_ARGUMENT;
  has_id = g_variant_n_children (parameters) > 0 &&
           has_only (parameters, "id", G_VARIANT_TYPE_STRING);
  if (g_str_equal (name, "process.kill") || g_str_equal (name, "process.get"))
    return has_id ? PROCESS_ERROR_NOT_FOUND : PROCESS_ERROR_INVALID_ARGUMENT;
  return PROCESS_ERROR_INVALID_ARGUMENT;
}

static void
call (const char *name, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    process_service_call_action (get_service (), name, parameters, NULL, &error);
  int expected = expect (name, parameters);

  if (expected < 0)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_n_children (answer), ==, 0);
      return;
    }
  g_assert_null (answer);
  g_assert_error (error, PROCESS_ERROR, expected);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const guint8 *newline = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GVariant) parameters = NULL;

  if (newline == NULL || !g_utf8_validate ((const char *) data, (gssize) size, NULL))
    return 0;
  name = g_strndup ((const char *) data, (gsize) (newline - data));
  text = g_strndup ((const char *) newline + 1, size - (gsize) (newline + 1 - data));
  parameters = g_variant_parse (NULL, text, NULL, NULL, NULL);
  if (parameters != NULL)
    call (name, parameters);
  return 0;
}
