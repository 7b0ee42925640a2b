/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Runs a command and prints its output, then another one that fails and says why. */

#include <process-glib/process-glib.h>

#include <locale.h>

int
main (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *hello = NULL;
  g_autofree char *missing = NULL;

  setlocale (LC_ALL, "");
  hello = process_service_run (service, "echo", (const char *[]) { "Hello", NULL }, NULL, &error);
  if (hello == NULL)
    g_error ("%s", error->message);
  g_print ("%s", hello);

  missing = process_service_run (service, "cat", (const char *[]) { "missing.txt", NULL }, NULL,
                                 &error);
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT))
    g_print ("%s\n", error->message);
  return 0;
}
