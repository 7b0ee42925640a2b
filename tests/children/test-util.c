/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing takes so long: this is what tells a test that hangs. */
#define PATIENCE (40 * G_TIME_SPAN_SECOND)
#define LOOK_AGAIN 2 /* milliseconds */

static char *child_path;

gint64
test_get_deadline (void)
{
  return g_get_monotonic_time () + PATIENCE;
}

static void
check_deadline (gint64 deadline, const char *file, int line, const char *what)
{
  g_autofree char *message = NULL;

  if (g_get_monotonic_time () < deadline)
    return;
  message = g_strdup_printf ("waited in vain for: %s", what);
  g_assertion_message (G_LOG_DOMAIN, file, line, "", message);
}

void
test_iterate (gint64 deadline, const char *file, int line, const char *what)
{
  g_autoptr (GSource) source = g_timeout_source_new (LOOK_AGAIN);
  GMainContext *context = g_main_context_get_thread_default ();

  check_deadline (deadline, file, line, what);
  g_source_set_dummy_callback (source);
  g_source_attach (source, context);
  g_main_context_iteration (context, TRUE);
  g_source_destroy (source);
}

void
test_look_again (gint64 deadline, const char *file, int line, const char *what)
{
  check_deadline (deadline, file, line, what);
  g_usleep (LOOK_AGAIN * 1000);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

/* The numbers and what they are, without the one that looks. */
static char *
list_fds (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = opendir ("/proc/self/fd");
  struct dirent *entry;
  char *text;

  g_assert_nonnull (dir);
  while ((entry = readdir (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", entry->d_name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (g_ascii_isdigit (entry->d_name[0]) && atoi (entry->d_name) != dirfd (dir))
        g_ptr_array_add (lines, g_strdup_printf ("%4s %s", entry->d_name, target));
    }
  closedir (dir);
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  text = g_strjoinv ("\n", (char **) lines->pdata);
  return text;
}

/* proc_pid_stat(5), behind the name, which may hold anything. */
static gboolean
read_state (int pid, char *state)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;
  const char *rest;

  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return FALSE;
  rest = strrchr (stat, ')');
  return rest != NULL && sscanf (rest + 1, " %c", state) == 1;
}

gboolean
test_is_dead (int pid)
{
  char state;

  return !read_state (pid, &state) || state == 'Z' || state == 'X';
}

gboolean
test_is_stopped (int pid)
{
  char state;

  return read_state (pid, &state) && state == 'T';
}

/* Those that wait to be reaped, too. */
static gboolean
has_children (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

static gboolean is_emulated;

/* Stands before libc's, which GLib calls. Emulators like valgrind and qemu do not
 * share the parent's memory with the child, so that it cannot say what failed. */
int
posix_spawn (pid_t *restrict pid, const char *restrict path,
             const posix_spawn_file_actions_t *restrict actions,
             const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
             char *const envp[restrict])
{
  static int (*real) (pid_t *, const char *, const posix_spawn_file_actions_t *,
                      const posix_spawnattr_t *, char *const *, char *const *);
  char *failing[] = { (char *) "sh", (char *) "-c", (char *) "exit 127", NULL };
  int problem;

  if (g_once_init_enter (&real))
    g_once_init_leave (&real, dlsym (RTLD_NEXT, "posix_spawn"));
  problem = real (pid, path, actions, attributes, argv, envp);
  if (problem == 0 || !is_emulated)
    return problem;
  return real (pid, "/bin/sh", actions, attributes, failing, envp);
}

#define LOAD(field) \
  BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, field))
#define SKIP_UNLESS(value, n) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define FAIL_WITH(problem) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (problem))
#define ALLOW BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAIL(call, problem) LOAD (nr), SKIP_UNLESS (call, 1), FAIL_WITH (problem)
/* When the low half of an argument is so. */
#define FAIL_IF(call, argument, value, problem) \
  LOAD (nr), SKIP_UNLESS (call, 3), LOAD (args[argument]), SKIP_UNLESS (value, 1), \
    FAIL_WITH (problem)

/* Makes the kernel as $TEST_KERNEL says, for this program and its children: what
 * the library does without some calls must come to the same. */
static void
change_kernel (void)
{
  struct sock_filter before_5_9[] = {
    FAIL (SYS_close_range, ENOSYS),
    FAIL_IF (SYS_pwritev2, 5, 0x100 /* RWF_NOSIGNAL */, EOPNOTSUPP),
    FAIL_IF (SYS_pidfd_send_signal, 3, 4 /* PIDFD_SIGNAL_PROCESS_GROUP */, EINVAL),
    ALLOW,
  };
  struct sock_filter before_5_1[] = {
    FAIL (SYS_close_range, ENOSYS),
    FAIL_IF (SYS_pwritev2, 5, 0x100, EOPNOTSUPP),
    FAIL (SYS_pidfd_send_signal, ENOSYS),
    FAIL (SYS_pidfd_open, ENOSYS),
    ALLOW,
  };
  struct sock_filter without_epoll[] = { FAIL (SYS_epoll_create1, ENOSYS), ALLOW };
  struct sock_filter with_full_epoll[] = {
    FAIL_IF (SYS_epoll_ctl, 1, EPOLL_CTL_ADD, ENOSPC),
    ALLOW,
  };
  const struct
  {
    const char        *name;
    struct sock_fprog  filter;
  } kernels[] = {
    { "5.8", { G_N_ELEMENTS (before_5_9), before_5_9 } },
    { "5.0", { G_N_ELEMENTS (before_5_1), before_5_1 } },
    { "no-epoll", { G_N_ELEMENTS (without_epoll), without_epoll } },
    { "full-epoll", { G_N_ELEMENTS (with_full_epoll), with_full_epoll } },
  };
  const char *wanted = g_getenv ("TEST_KERNEL");
  gsize i = 0;

  is_emulated = g_strcmp0 (wanted, "emulated") == 0;
  if (wanted == NULL || is_emulated)
    return;
  while (i < G_N_ELEMENTS (kernels) && !g_str_equal (kernels[i].name, wanted))
    i++;
  g_assert_cmpuint (i, <, G_N_ELEMENTS (kernels));
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &kernels[i].filter) < 0)
    {
      g_print ("1..0 # SKIP The kernel cannot be changed here\n");
      exit (77);
    }
}

guint
test_count_fds (const char *kind)
{
  g_autofree char *fds = list_fds ();
  g_auto (GStrv) lines = g_strsplit (fds, "\n", -1);
  guint n = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    n += strstr (lines[i], kind) != NULL;
  return n;
}

/* What GLib makes once and keeps must not be taken for a leak, and what its
 * worker thread will close in a moment not for something that was there: it
 * keeps one eventfd for that thread, and one for the main context. */
static void
warm_up (void)
{
  guint n_eventfds = test_count_fds ("[eventfd]");
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (GError) error = NULL;
  const char *args[] = { "out", "warm", NULL };
  g_autofree char *output = process_service_run (service, child_path, args, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "warm");
  g_clear_object (&service);
  test_look_until (test_count_fds ("[pidfd]") == 0);
  for (guint i = 0; i < 500 && test_count_fds ("[eventfd]") > n_eventfds + 2; i++)
    g_usleep (LOOK_AGAIN * 1000);
}

void
test_init (int *argc, char ***argv)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (program);

  g_test_init (argc, argv, NULL);
  change_kernel ();
  child_path = g_build_filename (folder, "test-child", NULL);
  warm_up ();
}

const char *
test_get_child (void)
{
  return child_path;
}

void
test_set_up (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fds = list_fds ();
  self->folder = g_dir_make_tmp ("process-glib-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->owner = g_thread_self ();
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->service = process_service_new ();
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_assert_no_errno (g_unlink (child));
    }
  g_assert_no_errno (g_rmdir (path));
}

static void
assert_fds (TestFixture *self)
{
  gint64 deadline = test_get_deadline ();

  for (;;)
    {
      g_autofree char *now = list_fds ();

      if (g_str_equal (now, self->fds))
        return;
      if (g_get_monotonic_time () >= deadline)
        g_assert_cmpstr (now, ==, self->fds);
      test_iterate (G_MAXINT64, __FILE__, __LINE__, "");
    }
}

void
test_tear_down (TestFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->service != NULL)
    {
      process_service_shutdown (self->service, 0, NULL, &error);
      g_assert_no_error (error);
      g_assert_finalize_object (self->service);
    }
  test_run_until (g_atomic_int_get (&self->n_alive) == 0);
  test_run_until (!has_children ());
  assert_fds (self);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->fds);
  g_ptr_array_unref (self->log);
}

static ProcessRunOptions *
make_options (const char *verb, va_list list)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();

  for (; verb != NULL; verb = va_arg (list, const char *))
    g_ptr_array_add (args, (gpointer) verb);
  g_ptr_array_add (args, NULL);
  return process_run_options_new (child_path, (const char * const *) args->pdata);
}

ProcessRunOptions *
test_options (const char *verb, ...)
{
  ProcessRunOptions *options;
  va_list list;

  va_start (list, verb);
  options = make_options (verb, list);
  va_end (list);
  return options;
}

static void
gone_cb (gpointer data, GObject *object)
{
  g_atomic_int_dec_and_test ((gint *) data);
}

void
test_track (TestFixture *self, gpointer object)
{
  g_atomic_int_inc (&self->n_alive);
  g_object_weak_ref (object, gone_cb, &self->n_alive);
}

ProcessManagedProcess *
test_start_with (TestFixture *self, ProcessRunOptions *options, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *process =
    process_service_start_with_options (self->service, options, cancellable, &error);

  g_assert_no_error (error);
  g_assert_true (PROCESS_IS_MANAGED_PROCESS (process));
  test_track (self, process);
  return process;
}

ProcessManagedProcess *
test_start (TestFixture *self, const char *verb, ...)
{
  g_autoptr (ProcessRunOptions) options = NULL;
  va_list list;

  va_start (list, verb);
  options = make_options (verb, list);
  va_end (list);
  return test_start_with (self, options, NULL);
}

typedef struct
{
  gboolean done;
  GError  *error;
} Finish;

static void
finish_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Finish *finish = data;
  gboolean success = process_managed_process_wait_finish (PROCESS_MANAGED_PROCESS (object), result,
                                                          &finish->error);

  g_assert_true (success == (finish->error == NULL));
  finish->done = TRUE;
}

GError *
test_finish (ProcessManagedProcess *process)
{
  Finish finish = { FALSE, NULL };

  process_managed_process_wait_async (process, NULL, finish_cb, &finish);
  test_run_until (finish.done);
  return finish.error;
}

void
test_finish_well (ProcessManagedProcess *process)
{
  g_autoptr (GError) error = test_finish (process);

  g_assert_no_error (error);
}

char *
test_finish_output (ProcessManagedProcess *process)
{
  test_finish_well (process);
  return process_managed_process_get_output (process);
}

gboolean
test_needs_pidfds (void)
{
  int pidfd = (int) syscall (SYS_pidfd_open, getpid (), 0);

  if (pidfd < 0)
    {
      g_test_skip ("There are no pidfds");
      return FALSE;
    }
  close (pidfd);
  return TRUE;
}

void
test_log (TestFixture *self, const char *format, ...)
{
  va_list list;

  g_assert_true (g_thread_self () == self->owner);
  va_start (list, format);
  g_ptr_array_add (self->log, g_strdup_vprintf (format, list));
  va_end (list);
}

static const char *
get_stream_name (ProcessStream stream)
{
  return stream == PROCESS_STREAM_STDOUT ? "stdout" : "stderr";
}

static void
started_cb (ProcessManagedProcess *process, TestFixture *self)
{
  test_log (self, "started");
}

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
           TestFixture *self)
{
  test_log (self, "%s: %s", get_stream_name (stream), line);
}

static void
killed_cb (ProcessManagedProcess *process, const char *name, TestFixture *self)
{
  test_log (self, "killed %s", name);
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, const GError *error,
           TestFixture *self)
{
  test_log (self, "exited %d", code);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, TestFixture *self)
{
  test_log (self, "notify %s", pspec->name);
}

void
test_log_process (TestFixture *self, ProcessManagedProcess *process)
{
  g_signal_connect (process, "started", G_CALLBACK (started_cb), self);
  g_signal_connect (process, "output", G_CALLBACK (output_cb), self);
  g_signal_connect (process, "killed", G_CALLBACK (killed_cb), self);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
}

void
test_log_notify (TestFixture *self, ProcessManagedProcess *process)
{
  g_signal_connect (process, "notify", G_CALLBACK (notify_cb), self);
}

static void
service_started_cb (ProcessService *service, ProcessManagedProcess *process, TestFixture *self)
{
  test_log (self, "service started");
}

static void
service_output_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
                   ProcessStream stream, TestFixture *self)
{
  test_log (self, "service %s: %s", get_stream_name (stream), line);
}

static void
service_killed_cb (ProcessService *service, ProcessManagedProcess *process, const char *name,
                   TestFixture *self)
{
  test_log (self, "service killed %s", name);
}

static void
service_exited_cb (ProcessService *service, ProcessManagedProcess *process, int code,
                   gint64 duration, const GError *error, TestFixture *self)
{
  test_log (self, "service exited %d", code);
}

void
test_log_service (TestFixture *self)
{
  g_signal_connect (self->service, "started", G_CALLBACK (service_started_cb), self);
  g_signal_connect (self->service, "output", G_CALLBACK (service_output_cb), self);
  g_signal_connect (self->service, "killed", G_CALLBACK (service_killed_cb), self);
  g_signal_connect (self->service, "exited", G_CALLBACK (service_exited_cb), self);
}

guint
test_count_log (TestFixture *self, const char *entry)
{
  guint n = 0;

  for (guint i = 0; i < self->log->len; i++)
    n += g_str_equal (g_ptr_array_index (self->log, i), entry);
  return n;
}

void
test_compare_log (TestFixture *self, const char *file, int line, const char * const *expected)
{
  g_autofree char *wanted = g_strjoinv (" | ", (char **) expected);
  g_autofree char *got = NULL;
  g_autofree char *message = NULL;

  g_ptr_array_add (self->log, NULL);
  got = g_strjoinv (" | ", (char **) self->log->pdata);
  g_ptr_array_set_size (self->log, 0);
  if (g_str_equal (got, wanted))
    return;
  message = g_strdup_printf ("the log is\n  %s\nnot\n  %s", got, wanted);
  g_assertion_message (G_LOG_DOMAIN, file, line, "", message);
}

static TestFifo *
fifo_open (TestFixture *fixture, const char *name, int flags)
{
  TestFifo *self = g_new0 (TestFifo, 1);

  self->path = test_path (fixture, name);
  self->text = g_string_new (NULL);
  g_assert_no_errno (mkfifo (self->path, 0600));
  self->fd = open (self->path, flags | O_CLOEXEC | O_NONBLOCK);
  g_assert_no_errno (self->fd);
  return self;
}

TestFifo *
test_fifo_new (TestFixture *fixture, const char *name)
{
  return fifo_open (fixture, name, O_RDONLY);
}

/* One that children read: they need not wait until somebody writes. */
TestFifo *
test_fifo_new_orders (TestFixture *fixture, const char *name)
{
  return fifo_open (fixture, name, O_RDWR);
}

void
test_fifo_free (TestFifo *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static void
fifo_read (TestFifo *self)
{
  char block[4096];
  gssize n;

  while ((n = read (self->fd, block, sizeof block)) > 0)
    g_string_append_len (self->text, block, n);
  if (n < 0)
    g_assert_cmpint (errno, ==, EAGAIN);
  self->ended = n == 0;
}

gboolean
test_fifo_has_line (TestFifo *self)
{
  fifo_read (self);
  return strchr (self->text->str, '\n') != NULL;
}

char *
test_fifo_take_line (TestFifo *self)
{
  char *newline = strchr (self->text->str, '\n');
  char *line;

  g_assert_nonnull (newline);
  line = g_strndup (self->text->str, (gsize) (newline - self->text->str));
  g_string_erase (self->text, 0, newline + 1 - self->text->str);
  return line;
}

gboolean
test_fifo_has_ended (TestFifo *self)
{
  fifo_read (self);
  return self->ended;
}

void
test_fifo_expect (TestFifo *self, const char *expected)
{
  g_autofree char *line = NULL;

  test_run_until (test_fifo_has_line (self));
  line = test_fifo_take_line (self);
  g_assert_cmpstr (line, ==, expected);
}

void
test_fifo_send (TestFifo *self)
{
  g_assert_cmpint (write (self->fd, "go\n", 3), ==, 3);
}

char *
test_path (TestFixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
test_write_file (const char *path, const char *text, int mode)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
}

void
test_assert_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (contents, ==, text);
}
