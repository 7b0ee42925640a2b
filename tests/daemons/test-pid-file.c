/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pid-file-util.h"

#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/process-error.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define NOBODY 65534
#define DEAD_PID 2147483646
#define HOUR (3600 * (gint64) G_USEC_PER_SEC)

static void
test_life (PidFileFixture *self,
           gconstpointer   data)
{
  mode_t mask = umask (022);
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);
  g_autofree char *path = NULL;
  struct stat status;
  int pid;

  umask (mask);
  g_assert_no_errno (lstat (self->path, &status));
  g_assert_cmpint (status.st_mode, ==, S_IFREG | 0644);
  pid_file_assert_folder (self->folder, "test.pid");
  g_assert_true (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, getpid ());
  g_object_get (pid_file, "path", &path, NULL);
  g_assert_cmpstr (path, ==, self->path);
  g_assert_cmpstr (process_pid_file_get_path (pid_file), ==, self->path);

  for (guint i = 0; i < 2; i++)
    {
      pid_file_release (pid_file);
      pid_file_assert_folder (self->folder, "");
    }

  g_assert_true (process_pid_file_acquire (pid_file, NULL));
  pid_file_assert_pid (self->path, getpid ());
  g_assert_finalize_object (g_steal_pointer (&pid_file));
  pid_file_assert_folder (self->folder, "");
}

static void
test_twice (PidFileFixture *self,
            gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);
  g_autoptr (ProcessPidFile) other = process_pid_file_new (self->path);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_pid_file_acquire (pid_file, &error));
  pid_file_assert_refusal (error, self->path, getpid ());
  pid_file_refuse (self->path, getpid ());

  /* What it did not acquire, it does not remove. */
  pid_file_release (other);
  pid_file_assert_pid (self->path, getpid ());
  pid_file_assert_folder (self->folder, "test.pid");

  pid_file_release (pid_file);
  g_assert_true (process_pid_file_acquire (other, NULL));
  pid_file_release (pid_file);
  pid_file_assert_pid (self->path, getpid ());
  pid_file_release (other);
}

static void
test_no_path (void)
{
  static const char *paths[] = { NULL, "", "/", "folder/" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (paths[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (process_pid_file_acquire (pid_file, &error));
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (process_pid_file_get_path (pid_file), ==, paths[i]);
      pid_file_release (pid_file);
      g_assert_false (g_file_test ("folder", G_FILE_TEST_EXISTS));
    }
}

static void
test_parents (PidFileFixture *self,
              gconstpointer   data)
{
  g_autofree char *outer = g_build_filename (self->folder, "outer", NULL);
  g_autofree char *inner = g_build_filename (outer, "inner", NULL);
  g_autofree char *path = g_build_filename (inner, "test.pid", NULL);
  mode_t mask = umask (027);
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (path);
  struct stat status;

  umask (mask);
  g_assert_no_errno (stat (outer, &status));
  g_assert_cmpint (status.st_mode & 07777, ==, 0750);
  g_assert_no_errno (stat (inner, &status));
  g_assert_cmpint (status.st_mode & 07777, ==, 0750);
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpint (status.st_mode & 07777, ==, 0640);

  pid_file_release (pid_file);
  g_assert_no_errno (g_rmdir (inner));
  g_assert_no_errno (g_rmdir (outer));
}

static void
test_not_a_folder (PidFileFixture *self,
                   gconstpointer   data)
{
  g_autofree char *below = g_build_filename (self->path, "below", "test.pid", NULL);
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (below);
  g_autoptr (GError) error = NULL;
  int pid;

  pid_file_write (self->path, "a file");
  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, below));
  g_assert_false (process_pid_file_read (below, &pid));
  g_assert_cmpint (pid, ==, 0);
  pid_file_assert_text (self->path, "a file");
  g_assert_no_errno (g_unlink (self->path));
}

/* Content, and the pid that it means; or 0. */
static const struct
{
  const char *text;
  int         pid;
} contents[] = {
  { "", 0 },
  { "\n", 0 },
  { " \t\r\n", 0 },
  { "garbage\n", 0 },
  { "0\n", 0 },
  { "-1\n", 0 },
  { "+1\n", 0 },
  { "1.0\n", 0 },
  { "1 2\n", 0 },
  { "0x1\n", 0 },
  { "2147483648\n", 0 },
  { "18446744073709551617\n", 0 },
  { "\xff\xfe\n", 0 },
  { "2147483646 \n" "                                                     ", 0 },
  { "2147483646", DEAD_PID },
  { "2147483646\n", DEAD_PID },
  { "\n  2147483646\t\r\n\n", DEAD_PID },
  { "0002147483646\n", DEAD_PID },
  { "2147483646\nmore lines\nfollow", DEAD_PID },
  { "2147483646\n" "                                                     ", DEAD_PID },
};

static void
test_contents (PidFileFixture *self,
               gconstpointer   data)
{
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (ProcessPidFile) pid_file = NULL;
      int pid = -1;

      pid_file_write (self->path, contents[i].text);
      g_assert_false (process_pid_file_read (self->path, &pid));
      g_assert_cmpint (pid, ==, contents[i].pid);
      g_assert_false (process_pid_file_read (self->path, NULL));
      pid_file_assert_text (self->path, contents[i].text);

      pid_file = pid_file_acquire (self->path);
      pid_file_release (pid_file);
    }
}

static void
test_nul (PidFileFixture *self,
          gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = NULL;
  int pid = -1;

  g_assert_true (g_file_set_contents (self->path, "1\0\n", 3, NULL));
  g_assert_false (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, 0);
  pid_file = pid_file_acquire (self->path);
}

/* Much more than can be read is not read. */
static void
test_large (PidFileFixture *self,
            gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = NULL;
  int pid = -1;

  pid_file_write_pid (self->path, getppid ());
  g_assert_no_errno (truncate (self->path, G_GINT64_CONSTANT (1) << 30));
  g_assert_false (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, 0);
  pid_file = pid_file_acquire (self->path);
}

static void
test_missing (PidFileFixture *self,
              gconstpointer   data)
{
  int pid = -1;

  g_assert_false (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, 0);
  g_assert_false (process_pid_file_read ("", &pid));
  g_assert_false (process_pid_file_read (self->folder, &pid));
  g_assert_cmpint (pid, ==, 0);
}

/* A program that locks nothing. */
static void
test_unlocked (PidFileFixture *self,
               gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = NULL;
  g_autofree char *text = NULL;
  pid_t child = pid_file_start_child ();
  siginfo_t info;
  int pid;

  text = g_strdup_printf ("%d", (int) child);
  pid_file_write (self->path, text);
  g_assert_true (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, child);
  pid_file_refuse (self->path, child);
  pid_file_assert_text (self->path, text);
  pid_file_assert_folder (self->folder, "test.pid");

  pid_file_kill (child);
  g_assert_no_errno (waitid (P_PID, (id_t) child, &info, WEXITED | WNOWAIT));
  g_assert_false (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, child);
  pid_file = pid_file_acquire (self->path);
  pid_file_reap (child);
}

/* The same pid, but the file tells of one that had it before. */
static void
test_reused (PidFileFixture *self,
             gconstpointer   data)
{
  pid_t child = pid_file_start_child ();
  gint64 start = _process_identity_get_start_time (child);
  const struct
  {
    gint64   time;
    gboolean alive;
  } files[] = {
    { 0, FALSE },
    { _process_identity_get_boot_time () - HOUR, FALSE },
    { start - HOUR, FALSE },
    { start - 2100000, FALSE },
    { start - 1900000, TRUE },
    { start, TRUE },
    { start + HOUR, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      int pid;

      pid_file_write_pid (self->path, child);
      pid_file_set_time (self->path, files[i].time);
      g_assert_cmpint (process_pid_file_read (self->path, &pid), ==, files[i].alive);
      g_assert_cmpint (pid, ==, child);
      if (files[i].alive)
        pid_file_refuse (self->path, child);
      else
        pid_file_use (self->path);
    }
  g_assert_no_errno (g_unlink (self->path));
  pid_file_kill (child);
  pid_file_reap (child);
}

/* A container that starts again has the pid that it had. */
static void
test_own_pid (PidFileFixture *self,
              gconstpointer   data)
{
  gint64 start = _process_identity_get_start_time (getpid ());

  pid_file_write_pid (self->path, getpid ());
  pid_file_set_time (self->path, start - 100000);
  pid_file_use (self->path);

  pid_file_write_pid (self->path, getpid ());
  pid_file_refuse (self->path, getpid ());
  g_assert_no_errno (g_unlink (self->path));
}

static void
refuse_first_process (gpointer data)
{
  PidFileFixture *self = data;
  int pid;

  if (geteuid () == 0 && setresuid (NOBODY, NOBODY, NOBODY) != 0)
    _exit (77);
  if (kill (1, 0) == 0)
    _exit (77);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_true (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, 1);
  pid_file_refuse (self->path, 1);
}

static void
test_foreign (PidFileFixture *self,
              gconstpointer   data)
{
  pid_file_write (self->path, "1\n");
  g_assert_no_errno (chmod (self->folder, 0755));
  pid_file_fork_well (refuse_first_process, self);
  g_assert_no_errno (g_unlink (self->path));
}

/* The content of one that is locked does not matter, nor does its time. */
static void
test_locked_by_others (PidFileFixture *self,
                       gconstpointer   data)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  int pid;

  g_assert_no_errno (fd);
  g_assert_cmpint (write (fd, "2147483646\n", 11), ==, 11);

  g_assert_no_errno (fcntl (fd, F_OFD_SETLK, &lock));
  g_assert_true (process_pid_file_read (self->path, &pid));
  g_assert_cmpint (pid, ==, DEAD_PID);
  pid_file_refuse (self->path, DEAD_PID);

  lock.l_type = F_UNLCK;
  g_assert_no_errno (fcntl (fd, F_OFD_SETLK, &lock));
  g_assert_no_errno (flock (fd, LOCK_EX | LOCK_NB));
  pid_file_refuse (self->path, DEAD_PID);
  pid_file_assert_folder (self->folder, "test.pid");

  g_assert_no_errno (ftruncate (fd, 0));
  {
    g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
    g_autoptr (GError) error = NULL;

    g_assert_false (process_pid_file_acquire (pid_file, &error));
    g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
    g_assert_true (g_str_has_prefix (error->message, "Another process holds the PID file “"));
  }
  close (fd);
  pid_file_use (self->path);
}

/* Those who may only read it cannot keep it from its owner with a lock of theirs. */
static void
test_read_lock (PidFileFixture *self,
                gconstpointer   data)
{
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  g_autoptr (ProcessPidFile) pid_file = NULL;
  int fd;

  pid_file_write (self->path, "2147483646\n");
  fd = open (self->path, O_RDONLY | O_CLOEXEC);
  g_assert_no_errno (fcntl (fd, F_OFD_SETLK, &lock));
  pid_file = pid_file_acquire (self->path);
  close (fd);
}

/* As pidfile(3) of libbsd would try. */
static void
test_flock (PidFileFixture *self,
            gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);
  int fd = open (self->path, O_WRONLY | O_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);
  g_assert_cmpint (errno, ==, EWOULDBLOCK);
  close (fd);
  pid_file_release (pid_file);
}

static void
assert_kind (const char *path,
             GIOErrorEnum code,
             const char  *what)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);
  g_autoptr (GError) error = NULL;
  g_autofree char *message = g_strdup_printf ("“%s” cannot be a PID file: it is %s", path, what);
  int pid = -1;

  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_false (process_pid_file_read (path, &pid));
  g_assert_cmpint (pid, ==, 0);
  pid_file_release (pid_file);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK));
}

static void
test_symbolic_link (PidFileFixture *self,
                    gconstpointer   data)
{
  static const char what[] = "a symbolic link, which is not followed";
  g_autofree char *target = g_build_filename (self->folder, "target", NULL);

  g_assert_no_errno (symlink ("target", self->path));
  assert_kind (self->path, G_IO_ERROR_TOO_MANY_LINKS, what);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  pid_file_write (target, "1\n");
  assert_kind (self->path, G_IO_ERROR_TOO_MANY_LINKS, what);
  pid_file_assert_text (target, "1\n");
  g_assert_no_errno (g_unlink (target));
  g_assert_no_errno (g_unlink (self->path));
}

/* Folders on the way may be links. */
static void
test_linked_folder (PidFileFixture *self,
                    gconstpointer   data)
{
  g_autofree char *link = g_build_filename (self->folder, "link", NULL);
  g_autofree char *path = g_build_filename (link, "test.pid", NULL);

  g_assert_no_errno (symlink (".", link));
  pid_file_use (path);
  g_assert_no_errno (g_unlink (link));
}

static void
bind_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  close (fd);
}

static void
test_kinds (PidFileFixture *self,
            gconstpointer   data)
{
  g_assert_no_errno (mkfifo (self->path, 0600));
  assert_kind (self->path, G_IO_ERROR_NOT_REGULAR_FILE, "not a regular file");
  g_assert_no_errno (g_unlink (self->path));

  bind_socket (self->path);
  assert_kind (self->path, G_IO_ERROR_NOT_REGULAR_FILE, "not a regular file");
  g_assert_no_errno (g_unlink (self->path));

  g_assert_no_errno (g_mkdir (self->path, 0700));
  assert_kind (self->path, G_IO_ERROR_IS_DIRECTORY, "a folder");
  g_assert_no_errno (g_rmdir (self->path));

  assert_kind ("/dev/null", G_IO_ERROR_NOT_REGULAR_FILE, "not a regular file");
}

/* What lies where the new file is made is no hindrance, and is not written to. */
static void
test_new_file (PidFileFixture *self,
               gconstpointer   data)
{
  g_autofree char *new_file = g_build_filename (self->folder, ".test.pid.new", NULL);
  g_autofree char *victim = g_build_filename (self->folder, "victim", NULL);

  pid_file_write (new_file, "1\n");
  pid_file_use (self->path);
  pid_file_assert_folder (self->folder, "");

  pid_file_write (victim, "");
  g_assert_no_errno (link (victim, new_file));
  pid_file_use (self->path);
  pid_file_assert_text (victim, "");
  g_assert_no_errno (g_unlink (victim));

  g_assert_no_errno (mkfifo (new_file, 0600));
  pid_file_use (self->path);
  pid_file_assert_folder (self->folder, "");
}

static void
test_new_file_link (PidFileFixture *self,
                    gconstpointer   data)
{
  g_autofree char *new_file = g_build_filename (self->folder, ".test.pid.new", NULL);
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (symlink ("target", new_file));
  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS);
  pid_file_assert_folder (self->folder, ".test.pid.new");
  g_assert_no_errno (g_unlink (new_file));
}

/* What others have put there would still be theirs, to write to. */
static void
test_new_file_of_others (PidFileFixture *self,
                         gconstpointer   data)
{
  g_autofree char *new_file = g_build_filename (self->folder, ".test.pid.new", NULL);
  g_autoptr (ProcessPidFile) pid_file = NULL;
  struct stat status;

  if (getuid () != 0)
    {
      g_test_skip ("Only root can give files away");
      return;
    }
  pid_file_write (new_file, "");
  g_assert_no_errno (chown (new_file, NOBODY, NOBODY));
  pid_file = pid_file_acquire (self->path);
  g_assert_no_errno (stat (self->path, &status));
  g_assert_cmpuint (status.st_uid, ==, 0);
  pid_file_release (pid_file);
  pid_file_assert_folder (self->folder, "");
}

/* Another process is making the file, and never gets on. */
static void
test_stuck (PidFileFixture *self,
            gconstpointer   data)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *new_file = g_build_filename (self->folder, ".test.pid.new", NULL);
  int fd = open (new_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

  g_assert_no_errno (fd);
  g_assert_cmpint (write (fd, "2147483646\n", 11), ==, 11);
  g_assert_no_errno (fcntl (fd, F_OFD_SETLK, &lock));
  pid_file_refuse (self->path, DEAD_PID);
  pid_file_assert_folder (self->folder, ".test.pid.new");
  close (fd);
  pid_file_use (self->path);
}

static void
test_replaced (PidFileFixture *self,
               gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);

  g_assert_no_errno (g_unlink (self->path));
  pid_file_write (self->path, "2147483646\n");
  pid_file_release (pid_file);
  pid_file_assert_text (self->path, "2147483646\n");

  g_assert_true (process_pid_file_acquire (pid_file, NULL));
  g_assert_no_errno (g_unlink (self->path));
  pid_file_release (pid_file);
}

static void
test_vanished_folder (PidFileFixture *self,
                      gconstpointer   data)
{
  g_autofree char *folder = g_build_filename (self->folder, "folder", NULL);
  g_autofree char *path = g_build_filename (folder, "test.pid", NULL);
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (path);

  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (folder));
  pid_file_release (pid_file);

  g_assert_true (process_pid_file_acquire (pid_file, NULL));
  pid_file_assert_pid (path, getpid ());
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (folder));
  pid_file_write (folder, "no folder");
  pid_file_release (pid_file);
  pid_file_assert_text (folder, "no folder");
  g_assert_no_errno (g_unlink (folder));
}

/* In a fork, since the working directory is everybody's. */
static void
acquire_relative (gpointer data)
{
  PidFileFixture *self = data;
  g_autoptr (ProcessPidFile) pid_file = NULL;

  g_assert_no_errno (chdir (self->folder));
  pid_file = pid_file_acquire ("test.pid");
  pid_file_assert_pid (self->path, getpid ());
  g_assert_no_errno (chdir ("/"));
  pid_file_release (pid_file);
  pid_file_assert_text (self->path, NULL);
}

static void
test_relative (PidFileFixture *self,
               gconstpointer   data)
{
  pid_file_fork_well (acquire_relative, self);
}

static void
test_not_utf8 (PidFileFixture *self,
               gconstpointer   data)
{
  g_autofree char *path = g_build_filename (self->folder, "\xff.pid", NULL);
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (path);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_pid_file_acquire (pid_file, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  pid_file_test ("/pid-file/life", test_life);
  pid_file_test ("/pid-file/twice", test_twice);
  g_test_add_func ("/pid-file/no-path", test_no_path);
  pid_file_test ("/pid-file/parents", test_parents);
  pid_file_test ("/pid-file/not-a-folder", test_not_a_folder);
  pid_file_test ("/pid-file/contents", test_contents);
  pid_file_test ("/pid-file/nul", test_nul);
  pid_file_test ("/pid-file/large", test_large);
  pid_file_test ("/pid-file/missing", test_missing);
  pid_file_test ("/pid-file/unlocked", test_unlocked);
  pid_file_test ("/pid-file/reused", test_reused);
  pid_file_test ("/pid-file/own-pid", test_own_pid);
  pid_file_test ("/pid-file/foreign", test_foreign);
  pid_file_test ("/pid-file/locked-by-others", test_locked_by_others);
  pid_file_test ("/pid-file/read-lock", test_read_lock);
  pid_file_test ("/pid-file/flock", test_flock);
  pid_file_test ("/pid-file/symbolic-link", test_symbolic_link);
  pid_file_test ("/pid-file/linked-folder", test_linked_folder);
  pid_file_test ("/pid-file/kinds", test_kinds);
  pid_file_test ("/pid-file/new-file", test_new_file);
  pid_file_test ("/pid-file/new-file-link", test_new_file_link);
  pid_file_test ("/pid-file/new-file-of-others", test_new_file_of_others);
  pid_file_test ("/pid-file/stuck", test_stuck);
  pid_file_test ("/pid-file/replaced", test_replaced);
  pid_file_test ("/pid-file/vanished-folder", test_vanished_folder);
  pid_file_test ("/pid-file/relative", test_relative);
  pid_file_test ("/pid-file/not-utf8", test_not_utf8);

  return g_test_run ();
}
