/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Specs from JSON, to JSON, and back. */

#include "fuzz.h"

#include <process-glib/pipelines/process-run-spec-private.h>
#include <process-glib/process-error.h>

static char *
write_specs (GPtrArray *specs)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < specs->len; i++)
    _process_run_spec_build_json (g_ptr_array_index (specs, i), builder);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup (size > 0 ? (const char *) data : "", size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) specs = process_run_spec_list_from_json (text, &error);
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;

  if (specs == NULL)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);
  once = write_specs (specs);
  again = process_run_spec_list_from_json (once, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, specs->len);
  twice = write_specs (again);
  g_assert_cmpstr (twice, ==, once);
  return 0;
}
