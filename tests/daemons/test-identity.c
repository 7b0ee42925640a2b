/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/daemons/process-identity-private.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a tick of the process clock and the reading of two clocks may differ by. */
#define TOLERANCE (100 * 1000)

/* A child that waits to be killed. Its end of the pipe tells that @name is in place. */
static pid_t
start_child (const char *name)
{
  int ends[2];
  char byte;
  pid_t pid;

  g_assert_no_errno (pipe (ends));
  pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      prctl (PR_SET_NAME, name);
      if (write (ends[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }

  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  return pid;
}

static void
kill_child (pid_t pid)
{
  g_assert_no_errno (kill (pid, SIGKILL));
}

static void
reap_child (pid_t pid)
{
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static void
test_none (void)
{
  static const pid_t none[] = { 0, -1, G_MININT32, G_MAXINT32 };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_assert_cmpuint (_process_identity_get_start_ticks (none[i]), ==, 0);
      g_assert_cmpint (_process_identity_get_start_time (none[i]), ==, -1);
      g_assert_false (_process_identity_exists (none[i]));
      g_assert_false (_process_identity_is_same (none[i], 0, NULL));
    }
}

/* A name that ends like the rest of the line must not shift the fields. */
static void
test_start (void)
{
  static const char *names[] = { "plain", ") Z 1 1 (", "(((((", "a b c d", ")))))" };
  guint64 last = _process_identity_get_start_ticks (getpid ());

  g_assert_cmpuint (last, >, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gint64 before = g_get_real_time ();
      pid_t pid = start_child (names[i]);
      guint64 ticks = _process_identity_get_start_ticks (pid);
      gint64 time = _process_identity_get_start_time (pid);

      g_assert_cmpuint (ticks, >=, last);
      g_assert_cmpint (time, >=, before - TOLERANCE);
      g_assert_cmpint (time, <=, g_get_real_time () + TOLERANCE);
      last = ticks;
      kill_child (pid);
      reap_child (pid);
      g_assert_cmpuint (_process_identity_get_start_ticks (pid), ==, 0);
    }
}

static void
test_boot (void)
{
  const char *boot_id = _process_identity_get_boot_id ();
  gint64 boot = _process_identity_get_boot_time ();

  g_assert_nonnull (boot_id);
  g_assert_true (g_uuid_string_is_valid (boot_id));
  g_assert_true (_process_identity_get_boot_id () == boot_id);
  g_assert_cmpint (boot, <=, _process_identity_get_start_time (getpid ()));
  g_assert_cmpint (boot, >, _process_identity_get_start_time (getpid ()) -
                            _process_identity_get_start_ticks (getpid ()) * G_USEC_PER_SEC);
}

static void
test_exists (void)
{
  pid_t pid = start_child ("exists");
  siginfo_t info;

  g_assert_true (_process_identity_exists (getpid ()));
  g_assert_true (_process_identity_exists (1));
  g_assert_true (_process_identity_exists (pid));

  kill_child (pid);
  g_assert_no_errno (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOWAIT));
  g_assert_no_errno (kill (pid, 0));
  g_assert_false (_process_identity_exists (pid));

  reap_child (pid);
  g_assert_false (_process_identity_exists (pid));
}

/* The first thread ends, and another one goes on. */
static gpointer
wait_for_ever (gpointer data)
{
  for (;;)
    pause ();
  return NULL;
}

static void
become_headless (int report)
{
  g_thread_new ("identity", wait_for_ever, NULL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (write (report, "x", 1) == 1)
    syscall (SYS_exit, 0);
  _exit (1);
}

static gboolean
is_headless (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strstr (text, ") Z ") != NULL;
}

static void
test_headless (void)
{
  int ends[2];
  char byte;
  pid_t pid;

  g_assert_no_errno (pipe (ends));
  pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    become_headless (ends[1]);

  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  while (!is_headless (pid))
    g_thread_yield ();
  g_assert_true (_process_identity_exists (pid));

  kill_child (pid);
  reap_child (pid);
  g_assert_false (_process_identity_exists (pid));
}

static gpointer
tell_tid (gpointer data)
{
  int *ends = data;
  pid_t tid = (pid_t) syscall (SYS_gettid);
  char byte;

  g_assert_cmpint (write (ends[1], &tid, sizeof tid), ==, sizeof tid);
  g_assert_cmpint (read (ends[2], &byte, 1), ==, 0);
  return NULL;
}

/* Threads take their numbers from the same pot, and kill () does not tell them apart. */
static void
test_thread (void)
{
  int ends[4];
  GThread *thread;
  pid_t tid = 0;
  int pidfd = (int) syscall (SYS_pidfd_open, getpid (), 0);

  if (pidfd < 0)
    {
      g_test_skip ("There are no pidfds here");
      return;
    }
  close (pidfd);

  g_assert_no_errno (pipe (ends));
  g_assert_no_errno (pipe (ends + 2));
  thread = g_thread_new ("identity", tell_tid, ends);
  g_assert_cmpint (read (ends[0], &tid, sizeof tid), ==, sizeof tid);
  g_assert_cmpint (tid, !=, getpid ());
  g_assert_false (_process_identity_exists (tid));

  close (ends[3]);
  g_thread_join (thread);
  close (ends[0]);
  close (ends[1]);
  close (ends[2]);
}

static void
try_as_nobody (void)
{
  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    _exit (2);
  if (kill (1, 0) == 0 || errno != EPERM)
    _exit (3);
  _exit (_process_identity_exists (1) ? 0 : 1);
}

static void
test_foreign (void)
{
  pid_t pid = fork ();
  int status;

  g_assert_no_errno (pid);
  if (pid == 0)
    try_as_nobody ();

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) >= 2)
    g_test_skip ("Nobody here may be somebody else");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* Exits with a bit for each wrong answer. */
static void
try_without_descriptors (pid_t other)
{
  struct rlimit none = { 0, 0 };

  if (setrlimit (RLIMIT_NOFILE, &none) != 0)
    _exit (128);
  _exit ((_process_identity_exists (other) ? 0 : 1) |
         (_process_identity_exists (G_MAXINT32) ? 2 : 0) |
         (_process_identity_is_same (other, 1, NULL) ? 0 : 4));
}

/* Where nothing can be opened, a process does not look dead, nor like another one. */
static void
test_shortage (void)
{
  pid_t other = start_child ("shortage");
  pid_t pid = fork ();
  int status;

  g_assert_no_errno (pid);
  if (pid == 0)
    try_without_descriptors (other);

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 128)
    g_test_skip ("Descriptors cannot be taken away here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  kill_child (other);
  reap_child (other);
}

static void
test_same (void)
{
  const char *boot_id = _process_identity_get_boot_id ();
  pid_t pid = start_child ("same");
  guint64 ticks = _process_identity_get_start_ticks (pid);

  g_assert_true (_process_identity_is_same (pid, ticks, boot_id));
  g_assert_true (_process_identity_is_same (pid, ticks, NULL));
  g_assert_true (_process_identity_is_same (pid, 0, boot_id));
  g_assert_true (_process_identity_is_same (pid, 0, NULL));
  g_assert_false (_process_identity_is_same (pid, ticks + 1, boot_id));
  g_assert_false (_process_identity_is_same (pid, ticks - 1, NULL));
  g_assert_false (_process_identity_is_same (pid, ticks, "another boot"));
  g_assert_false (_process_identity_is_same (pid, 0, ""));

  kill_child (pid);
  reap_child (pid);
  g_assert_false (_process_identity_is_same (pid, ticks, boot_id));
  g_assert_false (_process_identity_is_same (pid, 0, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/identity/none", test_none);
  g_test_add_func ("/identity/start", test_start);
  g_test_add_func ("/identity/boot", test_boot);
  g_test_add_func ("/identity/exists", test_exists);
  g_test_add_func ("/identity/headless", test_headless);
  g_test_add_func ("/identity/thread", test_thread);
  g_test_add_func ("/identity/foreign", test_foreign);
  g_test_add_func ("/identity/shortage", test_shortage);
  g_test_add_func ("/identity/same", test_same);

  return g_test_run ();
}
