/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "faults-util.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing here takes long; a loaded machine under valgrind may. */
#define DEADLINE (40 * G_TIME_SPAN_SECOND)

#define CHILD_ARGUMENT "--child"
#define LIFETIME 100 /* seconds */
#define BLOCK_SIZE (256 * 1024)

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
  __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED TRUE
#else
#define IS_SANITIZED FALSE
#endif

static const char *waiting_where, *waiting_what;
static guint n_waiting; /* in one another */

/* The children */

static void
write_all (const char *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = write (1, bytes, length);

      if (n < 0)
        _exit (1);
      bytes += n;
      length -= (gsize) n;
    }
}

/* So many bytes, in blocks of a unit that repeats itself. */
static void
print_units (const char *unit, gsize unit_size, guint64 n_bytes)
{
  static char block[BLOCK_SIZE];

  for (gsize i = 0; i < BLOCK_SIZE; i++)
    block[i] = unit[i % unit_size];
  for (; n_bytes >= BLOCK_SIZE; n_bytes -= BLOCK_SIZE)
    write_all (block, BLOCK_SIZE);
  write_all (block, (gsize) n_bytes);
}

static void
print_forever (void)
{
  for (;;)
    print_units ("forever\n", 8, BLOCK_SIZE);
}

static void
print_arguments (char **arguments)
{
  for (; *arguments != NULL; arguments++)
    write_all (*arguments, strlen (*arguments) + 1);
}

/* Every process makes two more, down to the last generation; then all wait. */
static void
explode (guint depth)
{
  write_all ("x\n", 2);
  for (guint made = 0; depth > 0 && made < 2;)
    if (fork () != 0)
      made++;
    else
      {
        alarm (LIFETIME);
        write_all ("x\n", 2);
        depth--;
        made = 0;
      }
  for (;;)
    pause ();
}

static int
run_child (const char *mode, char **arguments)
{
  guint64 n = arguments[0] != NULL ? g_ascii_strtoull (arguments[0], NULL, 10) : 0;
  static const char line[] = "A line of sixty-four bytes, as they are to be found in any log.\n";

  alarm (LIFETIME);
  if (g_str_equal (mode, "flood") && n == 0)
    print_forever ();
  else if (g_str_equal (mode, "flood"))
    print_units (line, sizeof line - 1, n);
  else if (g_str_equal (mode, "line"))
    {
      print_units ("x", 1, n);
      write_all ("\n", 1);
    }
  else if (g_str_equal (mode, "lines"))
    print_units ("x\n", 2, 2 * n);
  else if (g_str_equal (mode, "arguments"))
    print_arguments (arguments);
  else if (g_str_equal (mode, "bomb"))
    explode ((guint) n);
  else
    return 127;
  return 0;
}

/* Not by a name in /proc: under valgrind that is valgrind. */
static const char *
get_own_path (void)
{
  static char *path;

  if (path == NULL)
    path = g_file_read_link ("/proc/self/exe", NULL);
  return path;
}

ProcessRunOptions *
faults_child (const char *mode, const char *argument)
{
  const char * const args[] = { CHILD_ARGUMENT, mode, argument, NULL };

  return process_run_options_new (get_own_path (), args);
}

ProcessRunOptions *
faults_sh (const char *script)
{
  const char * const args[] = { "-c", script, NULL };

  return process_run_options_new ("sh", args);
}

/* Waiting */

static gboolean
too_late_cb (gpointer data)
{
  g_error ("%s: waited too long for: %s", waiting_where, waiting_what);
  return G_SOURCE_REMOVE;
}

static gboolean
watchdog_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSource *
get_watchdog (void)
{
  static GSourceFuncs funcs = { .dispatch = watchdog_dispatch };
  static GSource *watchdog;

  if (watchdog == NULL)
    {
      watchdog = g_source_new (&funcs, sizeof (GSource));
      g_source_set_can_recurse (watchdog, TRUE);
      g_source_set_callback (watchdog, too_late_cb, NULL, NULL);
      g_source_attach (watchdog, NULL);
    }
  return watchdog;
}

void
faults_begin_wait (const char *where, const char *what)
{
  n_waiting++;
  waiting_where = where;
  waiting_what = what;
  g_source_set_ready_time (get_watchdog (), g_get_monotonic_time () + DEADLINE);
}

void
faults_end_wait (void)
{
  if (--n_waiting == 0)
    g_source_set_ready_time (get_watchdog (), -1);
}

/* Also of somebody else's child, and without pidfds: valgrind has none. See proc_pid_stat(5). */
gboolean
faults_is_gone (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;
  const char *state;

  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return TRUE;
  state = strrchr (stat, ')');
  return state == NULL || strchr ("ZX", state[2]) != NULL;
}

static gboolean
set_flag_cb (int fd, GIOCondition condition, gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
faults_wait_gone (int pid)
{
  gboolean gone = FALSE;
  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);

  if (pidfd >= 0)
    g_unix_fd_add (pidfd, G_IO_IN, set_flag_cb, &gone);
  faults_begin_wait (G_STRLOC, "the end of somebody");
  while (!gone && !faults_is_gone (pid))
    g_main_context_iteration (NULL, pidfd >= 0);
  faults_end_wait ();
  if (pidfd < 0)
    return;
  if (!gone)
    g_source_remove_by_user_data (&gone);
  close (pidfd);
}

/* GLib's worker thread reaps them, and does not tell when. */
static void
wait_for_no_child (void)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE;
  siginfo_t info;

  while (waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("There is a child left: %d", info.si_pid);
      g_thread_yield ();
    }
  g_assert_cmpint (errno, ==, ECHILD);
}

/* The frame of a test */

typedef struct
{
  FaultsFunc func;
  gboolean   apart;
} Case;

/* The open descriptors, and what they are. */
GPtrArray *
faults_list_descriptors (void)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      /* The descriptor of this listing itself. */
      if (target != NULL && !g_str_has_suffix (target, "/fd"))
        g_ptr_array_add (found, g_strconcat (name, " ", target, NULL));
    }
  return found;
}

/* NULL if there is none. Some of the earlier ones may have gone: GLib's worker thread closes its
 * own when it gets to it. */
static char *
find_new_descriptor (GPtrArray *before)
{
  g_autoptr (GPtrArray) now = faults_list_descriptors ();

  for (guint i = 0; i < now->len; i++)
    if (!g_ptr_array_find_with_equal_func (before, g_ptr_array_index (now, i), g_str_equal, NULL))
      return g_strdup (g_ptr_array_index (now, i));
  return NULL;
}

void
faults_wait_for_no_descriptor (GPtrArray *before)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE;
  g_autofree char *found = NULL;

  while ((found = find_new_descriptor (before)) != NULL)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("There is a descriptor left: %s", found);
      g_clear_pointer (&found, g_free);
      g_thread_yield ();
    }
}

void
faults_end_service (ProcessService *service)
{
  gpointer weak = service;

  process_service_shutdown (service, 0, NULL, NULL);
  g_object_add_weak_pointer (G_OBJECT (service), &weak);
  g_object_unref (service);
  faults_wait_for (weak == NULL);
}

void
faults_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  wait_for_no_child ();
}

static void
run_case (gconstpointer data)
{
  const Case *test = data;
  ProcessService *service;
  g_autoptr (GPtrArray) before = NULL;

  if (test->apart && !g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0,
                              G_TEST_SUBPROCESS_INHERIT_STDOUT | G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  before = faults_list_descriptors ();
  service = process_service_new ();
  test->func (service);
  faults_end_service (service);
  faults_settle ();
  faults_wait_for_no_descriptor (before);
  /* Here a skipped case would be one that did not pass. */
  if (g_test_subprocess ())
    exit (g_test_failed () ? 1 : 0);
}

static void
add_case (const char *path, FaultsFunc func, gboolean apart)
{
  static Case cases[64];
  static guint n_cases;
  Case *test = &cases[n_cases++];

  g_assert_cmpuint (n_cases, <=, G_N_ELEMENTS (cases));
  test->func = func;
  test->apart = apart;
  g_test_add_data_func (path, test, run_case);
}

void
faults_add (const char *path, FaultsFunc func)
{
  add_case (path, func, FALSE);
}

void
faults_add_apart (const char *path, FaultsFunc func)
{
  add_case (path, func, TRUE);
}

/* The first child makes GLib open descriptors that stay. */
static void
warm_up (void)
{
  ProcessService *service = process_service_new ();
  g_autofree char *output = process_service_run (service, "true", NULL, NULL, NULL);

  g_assert_cmpstr (output, ==, "");
  faults_end_service (service);
  faults_settle ();
}

void
faults_init (int *argc, char ***argv)
{
  if (*argc > 2 && g_str_equal ((*argv)[1], CHILD_ARGUMENT))
    _exit (run_child ((*argv)[2], *argv + 3));
  g_test_init (argc, argv, NULL);
  g_test_set_nonfatal_assertions ();
  warm_up ();
}

gboolean
faults_is_valgrind (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL;
}

gboolean
faults_is_watched (void)
{
  return IS_SANITIZED || faults_is_valgrind ();
}

gboolean
faults_drop_root (void)
{
  const uid_t nobody = 65534;

  if (geteuid () != 0)
    return FALSE;
  g_assert_no_errno (setgroups (0, NULL));
  g_assert_no_errno (setresgid (nobody, nobody, nobody));
  g_assert_no_errno (setresuid (nobody, nobody, nobody));
  return TRUE;
}

guint
faults_raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  return (guint) MIN (limit.rlim_cur, 1000000);
}

/* Starting */

ProcessManagedProcess *
faults_start (ProcessService *service, ProcessRunOptions *options)
{
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process =
    process_service_start_with_options (service, options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (process_managed_process_get_pid (process), >, 0);
  return process;
}

GError *
faults_fail_to_start (ProcessService *service, ProcessRunOptions *options)
{
  GError *error = NULL;

  g_assert_null (process_service_start_with_options (service, options, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (process_service_get_n_running (service), ==, 0);
  return error;
}

char *
faults_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("process-glib-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
faults_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_no_errno (g_remove (path));
    }
  g_assert_no_errno (g_rmdir (folder));
}

char *
faults_write_file (const char *folder, const char *name, const char *content, int mode)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, content, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, mode));
  return path;
}

/* The log */

static void
started_cb (ProcessManagedProcess *process, FaultsLog *log)
{
  g_ptr_array_add (log->events, g_strdup ("started"));
}

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, FaultsLog *log)
{
  g_ptr_array_add (log->events, g_strconcat ("line ", line, NULL));
  g_ptr_array_add (log->lines, g_strdup (line));
}

static void
killed_cb (ProcessManagedProcess *process, const char *name, FaultsLog *log)
{
  g_ptr_array_add (log->events, g_strconcat ("killed ", name, NULL));
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error,
           FaultsLog *log)
{
  g_ptr_array_add (log->events, g_strdup_printf ("exited %d", code));
  log->error = error != NULL ? g_error_copy (error) : NULL;
  log->n_exits++;
}

FaultsLog *
faults_log_new (ProcessManagedProcess *process)
{
  FaultsLog *log = g_new0 (FaultsLog, 1);

  log->process = g_object_ref (process);
  log->events = g_ptr_array_new_with_free_func (g_free);
  log->lines = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (process, "started", G_CALLBACK (started_cb), log);
  g_signal_connect (process, "output", G_CALLBACK (output_cb), log);
  g_signal_connect (process, "killed", G_CALLBACK (killed_cb), log);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), log);
  return log;
}

void
faults_log_free (FaultsLog *log)
{
  g_signal_handlers_disconnect_by_data (log->process, log);
  g_object_unref (log->process);
  g_ptr_array_unref (log->events);
  g_ptr_array_unref (log->lines);
  g_clear_error (&log->error);
  g_free (log);
}

char *
faults_log_to_string (FaultsLog *log)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < log->events->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (log->events, i));
  return g_string_free (text, FALSE);
}

void
faults_wait_exited (FaultsLog *log)
{
  faults_wait_for (log->n_exits > 0);
  g_assert_cmpuint (log->n_exits, ==, 1);
}

void
faults_wait_lines (FaultsLog *log, guint n)
{
  faults_wait_for (log->lines->len >= n);
}

/* Memory */

static gsize
read_status (const char *key)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, key);
  g_assert_nonnull (line);
  return (gsize) g_ascii_strtoull (line + strlen (key), NULL, 10) * 1024;
}

/* See VmHWM and clear_refs in proc(5). */
void
faults_reset_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs ("5", file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

gsize
faults_get_peak (void)
{
  return read_status ("VmHWM:");
}

gsize
faults_get_memory (void)
{
  return read_status ("VmRSS:");
}
