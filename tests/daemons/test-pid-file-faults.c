/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Files and disks that fail, and processes that are killed at any step. */

#include "pid-file-util.h"

#include <process-glib/process-error.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define STALE "2147483646\n"

#ifdef SYS_rename
#define RENAME SYS_rename
#define UNLINK SYS_unlink
#else
#define RENAME SYS_renameat
#define UNLINK SYS_unlinkat
#endif

/* The steps of acquiring, and what may be said of them when they fail. */
static const struct
{
  const char *name;
  guint       call;
  guint       argument; /* which one has the bits */
  guint       bits;     /* 0 = whatever the arguments are */
  int         problem;
  int         code;     /* -1 = it does without */
  const char *message;
} steps[] = {
  { "create", SYS_openat, 2, O_CREAT, ENOSPC, G_IO_ERROR_NO_SPACE, "made" },
  { "create", SYS_openat, 2, O_CREAT, EMFILE, G_IO_ERROR_TOO_MANY_OPEN_FILES, "made" },
  { "lock", SYS_fcntl, 1, F_OFD_SETLK, ENOLCK, G_IO_ERROR_FAILED, "locked" },
  { "write", SYS_write, 0, 0, ENOSPC, G_IO_ERROR_NO_SPACE, "written" },
  { "write", SYS_write, 0, 0, EIO, G_IO_ERROR_FAILED, "written" },
  { "fsync", SYS_fsync, 0, 0, EIO, G_IO_ERROR_FAILED, "written" },
  { "flock", SYS_flock, 0, 0, ENOLCK, -1, NULL },
  { "rename", RENAME, 0, 0, EROFS, G_IO_ERROR_READ_ONLY, "made" },
};

typedef struct
{
  PidFileFixture *fixture;
  guint           step;
} Fault;

/* From here on the step ends like @action says. */
static void
install_filter (guint step,
                guint action)
{
  guint jump = steps[step].argument == 1 ? BPF_JEQ : BPF_JSET;
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, steps[step].call, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
              (guint) (offsetof (struct seccomp_data, args) + 8 * steps[step].argument)),
    BPF_JUMP (BPF_JMP | jump | BPF_K, steps[step].bits, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, action),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  if (steps[step].bits == 0)
    filter[2] = filter[4];
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
    _exit (77);
}

/* Whether it can be done here: not everywhere may there be filters, or does one see calls. */
static void
try_filter (gpointer data)
{
  install_filter (3, SECCOMP_RET_ERRNO | ENOSPC);
  if (write (-1, "", 1) == 0 || errno != ENOSPC)
    _exit (77);
}

static gboolean
needs_filters (void)
{
  if (pid_file_fork (try_filter, NULL) == 0)
    return TRUE;

  g_test_skip ("System calls cannot be filtered here");
  return FALSE;
}

static void
acquire_and_fail (gpointer data)
{
  Fault *fault = data;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (fault->fixture->path);
  g_autoptr (GError) error = NULL;
  g_autofree char *start = g_strdup_printf ("The PID file “%s” cannot be %s: ",
                                            fault->fixture->path, steps[fault->step].message);

  install_filter (fault->step, SECCOMP_RET_ERRNO | (guint) steps[fault->step].problem);
  if (steps[fault->step].code < 0)
    {
      pid_file_use (fault->fixture->path);
      _exit (0);
    }
  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, steps[fault->step].code);
  g_assert_true (g_str_has_prefix (error->message, start));
  pid_file_release (pid_file);
}

/* Whatever fails, the path is as it was, with nothing beside it. */
static void
test_steps (PidFileFixture *self,
            gconstpointer   data)
{
  if (!needs_filters ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Fault fault = { self, i };

      g_test_message ("%s: %s", steps[i].name, g_strerror (steps[i].problem));
      pid_file_fork_well (acquire_and_fail, &fault);
      pid_file_assert_folder (self->folder, "");

      pid_file_write (self->path, STALE);
      pid_file_fork_well (acquire_and_fail, &fault);
      if (steps[i].code >= 0)
        {
          pid_file_assert_folder (self->folder, "test.pid");
          pid_file_assert_text (self->path, STALE);
          g_assert_no_errno (g_unlink (self->path));
        }
    }
}

static void
acquire_and_die (gpointer data)
{
  Fault *fault = data;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (fault->fixture->path);

  install_filter (fault->step, SECCOMP_RET_KILL_PROCESS);
  process_pid_file_acquire (pid_file, NULL);
}

/* Whoever is killed leaves the old file, and nothing that stands in the way of others. */
static void
test_killed (PidFileFixture *self,
             gconstpointer   data)
{
  struct rlimit no_core = { 0, 0 };
  static const char *texts[] = { NULL, STALE };

  if (!needs_filters ())
    return;

  setrlimit (RLIMIT_CORE, &no_core);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (steps); i++)
    {
      const char *text = texts[i % 2];
      Fault fault = { self, i / 2 };
      int status;

      g_test_message ("%s, %s", steps[i / 2].name, text);
      if (text != NULL)
        pid_file_write (self->path, text);
      status = pid_file_fork (acquire_and_die, &fault);
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
      pid_file_assert_text (self->path, text);
      pid_file_use (self->path);
      pid_file_assert_folder (self->folder, "");
    }
}

static void
fail_to_remove (gpointer data)
{
  PidFileFixture *self = data;
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);
  g_autoptr (GError) error = NULL;
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, UNLINK, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
  g_assert_false (process_pid_file_release (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  pid_file_release (pid_file);
  pid_file_assert_text (self->path, "");
  /* It is in nobody's way, though we live. */
  g_assert_true (process_pid_file_acquire (pid_file, NULL));
}

static void
test_release_fails (PidFileFixture *self,
                    gconstpointer   data)
{
  if (!needs_filters ())
    return;

  pid_file_fork_well (fail_to_remove, self);
  pid_file_assert_text (self->path, "");
  g_assert_no_errno (g_unlink (self->path));
}

/* Not all that is to be written is written. */
static void
write_too_little (gpointer data)
{
  PidFileFixture *self = data;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  g_autoptr (GError) error = NULL;
  struct rlimit small = { 1, 1 };

  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &small));
  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  pid_file_assert_folder (self->folder, "");
}

static void
test_short_write (PidFileFixture *self,
                  gconstpointer   data)
{
  pid_file_fork_well (write_too_little, self);
}

static void
write_proc_file (const char *path,
                 const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    _exit (77);
  close (fd);
}

/* Where mounts are nobody else's. */
static void
enter_namespace (void)
{
  g_autofree char *uids = g_strdup_printf ("0 %d 1", (int) geteuid ());
  g_autofree char *gids = g_strdup_printf ("0 %d 1", (int) getegid ());

  if (geteuid () == 0)
    {
      if (unshare (CLONE_NEWNS) != 0)
        _exit (77);
    }
  else
    {
      if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
        _exit (77);
      write_proc_file ("/proc/self/uid_map", uids);
      write_proc_file ("/proc/self/setgroups", "deny");
      write_proc_file ("/proc/self/gid_map", gids);
    }
  if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, "") != 0)
    _exit (77);
}

static void
fill_disk (const char *folder)
{
  static const char zeros[4096];
  g_autofree char *path = g_build_filename (folder, "filler", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_no_errno (fd);
  while (write (fd, zeros, sizeof zeros) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

static void
assert_acquire_fails (const char   *path,
                      GIOErrorEnum  code)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, path));
}

static void
use_full_disk (gpointer data)
{
  PidFileFixture *self = data;

  enter_namespace ();
  if (mount ("tmpfs", self->folder, "tmpfs", 0, "size=64k,nr_inodes=8") != 0)
    _exit (77);

  fill_disk (self->folder);
  assert_acquire_fails (self->path, G_IO_ERROR_NO_SPACE);
  pid_file_assert_folder (self->folder, "filler");

  /* Nor are there names. */
  pid_file_write (self->path, "");
  for (int i = 0, fd = 0; fd >= 0; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%d", self->folder, i);

      fd = open (name, O_WRONLY | O_CREAT, 0600);
    }
  g_assert_cmpint (errno, ==, ENOSPC);
  assert_acquire_fails (self->path, G_IO_ERROR_NO_SPACE);
  pid_file_assert_text (self->path, "");
}

static void
test_full_disk (PidFileFixture *self,
                gconstpointer   data)
{
  pid_file_fork_well (use_full_disk, self);
}

static void
use_read_only_disk (gpointer data)
{
  PidFileFixture *self = data;

  enter_namespace ();
  if (mount (self->folder, self->folder, "none", MS_BIND, "") != 0 ||
      mount ("none", self->folder, "none", MS_BIND | MS_REMOUNT | MS_RDONLY, "") != 0)
    _exit (77);

  assert_acquire_fails (self->path, G_IO_ERROR_READ_ONLY);
}

static void
test_read_only_disk (PidFileFixture *self,
                     gconstpointer   data)
{
  g_autofree char *below = g_build_filename (self->folder, "below", NULL);
  g_autofree char *path = g_build_filename (below, "test.pid", NULL);
  char *own_path = self->path;

  pid_file_fork_well (use_read_only_disk, self);
  self->path = path;
  pid_file_fork_well (use_read_only_disk, self);
  self->path = own_path;
}

static void
use_forbidden_folder (gpointer data)
{
  PidFileFixture *self = data;
  g_autofree char *path = g_build_filename (self->folder, "other.pid", NULL);
  g_autofree char *below = g_build_filename (self->folder, "below", "other.pid", NULL);

  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    _exit (77);
  assert_acquire_fails (path, G_IO_ERROR_PERMISSION_DENIED);
  assert_acquire_fails (below, G_IO_ERROR_PERMISSION_DENIED);
  /* To learn who holds it takes no more than to read. */
  pid_file_refuse (self->path, getppid ());
}

static void
test_forbidden_folder (PidFileFixture *self,
                       gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);

  g_assert_no_errno (chmod (self->folder, 0555));
  pid_file_fork_well (use_forbidden_folder, self);
  g_assert_no_errno (chmod (self->folder, 0700));
  pid_file_release (pid_file);
}

static void
use_forbidden_file (gpointer data)
{
  PidFileFixture *self = data;
  int pid;

  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    _exit (77);
  assert_acquire_fails (self->path, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_false (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, 0);
}

/* It may be anybody's, and so is left alone. */
static void
test_forbidden_file (PidFileFixture *self,
                     gconstpointer   data)
{
  pid_file_write (self->path, STALE);
  g_assert_no_errno (chmod (self->path, 0));
  g_assert_no_errno (chmod (self->folder, 0777));
  pid_file_fork_well (use_forbidden_file, self);
  g_assert_no_errno (g_unlink (self->path));
}

/* The folder is removed again and again while the file is made in it. */
static gpointer
remove_folder (gpointer data)
{
  const char *folder = data;
  guint n_removed = 0;

  while (g_file_test (folder, G_FILE_TEST_EXISTS) || n_removed == 0)
    n_removed += g_rmdir (folder) == 0;
  return GUINT_TO_POINTER (n_removed);
}

static void
test_vanishing_folder (PidFileFixture *self,
                       gconstpointer   data)
{
  g_autofree char *folder = g_build_filename (self->folder, "folder", NULL);
  g_autofree char *path = g_build_filename (folder, "test.pid", NULL);
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);

  for (guint i = 0; i < 100; i++)
    {
      GThread *thread = g_thread_new ("rmdir", remove_folder, folder);
      g_autoptr (GError) error = NULL;

      if (process_pid_file_acquire (pid_file, &error))
        pid_file_release (pid_file);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_thread_join (thread);
    }
  g_rmdir (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  pid_file_test ("/pid-file/steps", test_steps);
  pid_file_test ("/pid-file/killed", test_killed);
  pid_file_test ("/pid-file/release-fails", test_release_fails);
  pid_file_test ("/pid-file/short-write", test_short_write);
  pid_file_test ("/pid-file/full-disk", test_full_disk);
  pid_file_test ("/pid-file/read-only-disk", test_read_only_disk);
  pid_file_test ("/pid-file/forbidden-folder", test_forbidden_folder);
  pid_file_test ("/pid-file/forbidden-file", test_forbidden_file);
  pid_file_test ("/pid-file/vanishing-folder", test_vanishing_folder);

  return g_test_run ();
}
