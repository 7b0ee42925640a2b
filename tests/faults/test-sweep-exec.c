/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* System calls that fail between a child's birth and its program; see fault-exec.c.
 *
 * usage: test-sweep-exec STAND-IN HELPER */

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "children/faults-util.h"

typedef struct
{
  const char *name;
  long        call;
  int         problem;
  int         shown; /* the errno that the start fails with, or 0 when it works all the same */
} Step;

static const Step steps[] = {
  { "report", SYS_write, ENOMEM, ECHILD },
  { "close-range", SYS_close_range, ENOSYS, 0 },
  { "report-descriptor", SYS_fcntl, EMFILE, EMFILE },
  { "null-device", SYS_openat, EMFILE, EMFILE },
  { "stdin", SYS_dup3, EMFILE, EMFILE },
  { "socket", SYS_recvmsg, EMFILE, EMFILE },
  { "session", SYS_setsid, EPERM, EPERM },
  { "group", SYS_setpgid, EPERM, EPERM },
  { "death-signal", SYS_prctl, EINVAL, EINVAL },
  { "folder", SYS_chdir, EIO, EIO },
  { "signals", SYS_rt_sigaction, EINVAL, 0 },
  { "mask", SYS_rt_sigprocmask, EINVAL, 0 },
  { "program", SYS_execve, ENOMEM, ENOMEM },
  { "no-more-programs", SYS_execve, EAGAIN, EAGAIN },
};

static ProcessRunOptions *
make_options (const Step *step)
{
  g_autofree char *call = g_strdup_printf ("FAULT_EXEC_CALL=%ld", step->call);
  g_autofree char *problem = g_strdup_printf ("FAULT_EXEC_PROBLEM=%d", step->problem);
  const char *const env[] = { call, problem, NULL };
  const char *const args[] = { "hello", NULL };
  ProcessRunOptions *options = process_run_options_new ("echo", args);

  process_run_options_set_env (options, env);
  process_run_options_set_detach (options, step->call == SYS_setsid);
  process_run_options_set_kill_group (options, step->call == SYS_setpgid);
  process_run_options_set_die_with_parent (options, step->call == SYS_prctl);
  process_run_options_set_stdin_mode (options, step->call == SYS_recvmsg
                                                 ? PROCESS_STDIN_MODE_PIPE
                                                 : PROCESS_STDIN_MODE_NULL);
  if (step->call == SYS_chdir)
    process_run_options_set_cwd (options, "/");
  return options;
}

static void
check_step (ProcessService *service, const Step *step)
{
  g_autoptr (ProcessRunOptions) options = make_options (step);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = process_service_run_with_options (service, options, NULL, &error);

  g_test_message ("%s: %s", step->name, error != NULL ? error->message : output);
  if (step->shown == 0)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "hello\n");
      return;
    }
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  if (error != NULL)
    g_assert_nonnull (strstr (error->message, g_strerror (step->shown)));
}

static void
check_works (ProcessService *service)
{
  static const Step none = { "none", 0, 0, 0 };

  check_step (service, &none);
}

/* Skips the test if not. */
static gboolean
can_filter (ProcessService *service)
{
  static const Step unused = { "unused", 0xffff, EPERM, 0 };
  g_autoptr (ProcessRunOptions) options = make_options (&unused);
  g_autofree char *output = NULL;

  check_works (service);
  if (g_test_failed ())
    return FALSE;
  if (g_getenv ("FAULT_EXEC_HELPER") == NULL)
    {
      g_test_skip ("Nothing stands in for the exec helper here");
      return FALSE;
    }
  output = process_service_run_with_options (service, options, NULL, NULL);
  if (output == NULL)
    g_test_skip ("System calls cannot be filtered here");
  return output != NULL;
}

static void
test_steps (ProcessService *service)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps) && can_filter (service); i++)
    check_step (service, &steps[i]);
  check_works (service);
}

/* Nobody would know of a child that could not tell that it is there. */
static void
test_unreported (ProcessService *service)
{
  static const Step step = { "unreported", SYS_write, ENOMEM, ECHILD };
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *made = g_build_filename (folder, "made", NULL);
  const char *const args[] = { made, NULL };
  g_autoptr (ProcessRunOptions) options = make_options (&step);
  g_autoptr (GError) error = NULL;

  if (can_filter (service))
    {
      process_run_options_set_command (options, "mkdir");
      process_run_options_set_args (options, args);
      error = faults_fail_to_start (service, options);
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
      faults_settle ();
      g_assert_false (g_file_test (made, G_FILE_TEST_EXISTS));
    }
  faults_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc >= 3 && argv[argc - 1][0] == '/')
    {
      g_setenv ("PROCESS_GLIB_EXEC", argv[argc - 2], TRUE);
      g_setenv ("FAULT_EXEC_HELPER", argv[argc - 1], TRUE);
      argc -= 2;
    }
  faults_init (&argc, &argv);
  faults_add ("/faults/exec/steps", test_steps);
  faults_add ("/faults/exec/unreported", test_unreported);
  return g_test_run ();
}
