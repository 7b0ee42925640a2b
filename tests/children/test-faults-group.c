/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Members of a group that cannot be looked for, as there is no descriptor left. */

#include "test-util.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "faults/fault-shim.h"

/* In more tries than this every look for them has failed once. */
#define N_LOOKS 5

/* The one that is left when the leader has ended does not mind being asked to end. Returns how
 * many calls failed. */
static guint
end_group (TestFixture *self, const char *call, guint first, guint last)
{
  g_autoptr (TestFifo) member = test_fifo_new (self, "member");
  const char *args[] = {
    "-c", "exec 3>\"$0\"; (trap '' TERM; echo ready >&3; exec sleep 1000) & wait", member->path,
    NULL,
  };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("sh", args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  guint n_failed;

  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, 5 * G_TIME_SPAN_MILLISECOND);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (member, "ready");

  fault_shim_arm (fault_shim_find (call), EMFILE, first, last, FAULT_SCOPE_GLIB);
  /* When it cannot even be asked, that is told. */
  while (!process_managed_process_shutdown (process, NULL, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
      g_clear_error (&error);
    }
  test_run_until (test_fifo_has_ended (member));
  n_failed = fault_shim_disarm ();
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_no_errno (g_unlink (member->path));
  return n_failed;
}

static void
test_group (TestFixture *self, gconstpointer data)
{
  static const char *const calls[] = { "open", "opendir", "pidfd_open" };
  guint n_failed = 0;

  if (!test_needs_pidfds ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      for (guint n = 1; n <= N_LOOKS; n++)
        n_failed += end_group (self, calls[i], n, n);
      n_failed += end_group (self, calls[i], 1, N_LOOKS);
    }
  g_assert_cmpuint (n_failed, >, 0);
}

/* The leader does mind, and when its time is over its group cannot be looked for. */
static void
test_stubborn (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) leader = test_fifo_new (self, "leader");
  const char *args[] = {
    "-c", "trap '' TERM; exec 3>\"$0\"; echo ready >&3; exec sleep 1000", leader->path, NULL,
  };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("sh", args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_needs_pidfds ())
    return;
  process_run_options_set_kill_group (options, TRUE);
  process_run_options_set_grace_period (options, 5 * G_TIME_SPAN_MILLISECOND);
  process = test_start_with (self, options, NULL);
  test_fifo_expect (leader, "ready");

  /* The first look is for the signal that asks it. */
  fault_shim_arm (fault_shim_find ("opendir"), EMFILE, 2, FAULT_FOR_EVER, FAULT_SCOPE_GLIB);
  g_assert_true (process_managed_process_shutdown (process, NULL, NULL));
  fault_shim_disarm ();
  test_run_until (test_fifo_has_ended (leader));
  error = test_finish (process);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  g_assert_no_errno (g_unlink (leader->path));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_add ("/faults/group/unseen", test_group);
  test_add ("/faults/group/stubborn", test_stubborn);
  return g_test_run ();
}
