/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-glib.h>

#if !PROCESS_CHECK_VERSION (0, 1, 0)
#error "the version macros do not work"
#endif

int
main (void)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  const char *args[] = { "-c", "echo from $PWD", NULL };

  /* A group of its own and a working directory need the helper program. */
  options = process_run_options_new ("sh", args);
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_cwd (options, "/");
  output = process_service_run_with_options (service, options, NULL, &error);
  if (output == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%s", output);
  return 0;
}
