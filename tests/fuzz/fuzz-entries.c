/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A daemon entry from JSON, to JSON, and back, and the names that its file may have. */

#include "fuzz.h"

#include <string.h>

#include <process-glib/daemons/process-daemon-entry-private.h>
#include <process-glib/daemons/process-registry-names-private.h>
#include <process-glib/process-error.h>

static void
check_names (ProcessDaemonEntry *entry)
{
  g_auto (GStrv) names = _process_registry_get_names (process_daemon_entry_get_code (entry),
                                                      process_daemon_entry_get_daemon (entry));

  g_assert_nonnull (names[0]);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_assert_true (_process_registry_is_name (names[i]));
      g_assert_null (strchr (names[i], '/'));
      g_assert_cmpint (names[i][0], !=, '.');
      g_assert_cmpuint (strlen (names[i]), <=, 255);
    }
}

static void
check_again (ProcessDaemonEntry *entry, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessDaemonEntry) again = NULL;

  /* Escapes may make it larger than what is read. */
  if (strlen (json) > PROCESS_DAEMON_ENTRY_MAX_LENGTH)
    return;
  again = process_daemon_entry_from_json (json, &error);
  g_assert_no_error (error);
  g_assert_true (_process_daemon_entry_equal (again, entry));
  g_assert_cmpint (_process_daemon_entry_compare (again, entry), ==, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;

  entry = _process_daemon_entry_new_from_data ((const char *) data, size, &error);
  if (entry == NULL)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);
  check_names (entry);
  json = process_daemon_entry_to_json (entry);
  text = _process_daemon_entry_to_text (entry);
  check_again (entry, json);
  check_again (entry, text);
  return 0;
}
