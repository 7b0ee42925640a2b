/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Folders that cannot be read or written, or are not there for long. */

#include "registry-util.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define NOBODY 65534

typedef struct
{
  char            *dir;
  ProcessRegistry *registry;
} Folder;

static void
folder_init (Folder *self, TestFixture *fixture)
{
  self->dir = registry_dir (fixture);
  self->registry = process_registry_new (self->dir);
}

static void
folder_clear (Folder *self)
{
  g_assert_finalize_object (self->registry);
  g_free (self->dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folder, folder_clear)

/* The errors name what could not be done. */
static void
assert_not_registered (Folder *self, const char *code, int expected)
{
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry (code, "b", getpid (), 2);
  g_autofree char *start = g_strdup_printf ("Could not register “%s/b” in “%s”: ", code, self->dir);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_registry_register (self->registry, entry, &error));
  g_assert_error (error, G_IO_ERROR, expected);
  g_assert_true (g_str_has_prefix (error->message, start));
}

static void
assert_not_unregistered (Folder *self, const char *code, int expected)
{
  g_autofree char *start =
    g_strdup_printf ("Could not unregister “%s/b” in “%s”: ", code, self->dir);
  g_autoptr (GError) error = NULL;

  g_assert_false (process_registry_unregister (self->registry, code, "b", &error));
  g_assert_error (error, G_IO_ERROR, expected);
  g_assert_true (g_str_has_prefix (error->message, start));
}

static void
assert_not_listed (Folder *self, int expected)
{
  g_autofree char *start = g_strdup_printf ("Could not list the daemons in “%s”: ", self->dir);
  g_autoptr (GError) error = NULL;

  g_assert_null (process_registry_list (self->registry, &error));
  g_assert_error (error, G_IO_ERROR, expected);
  g_assert_true (g_str_has_prefix (error->message, start));
}

static void
test_no_folder (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  test_write_file (self.dir, "not a folder", 0600);
  assert_not_listed (&self, G_IO_ERROR_NOT_DIRECTORY);
  assert_not_registered (&self, "a", G_IO_ERROR_NOT_DIRECTORY);
  assert_not_unregistered (&self, "a", G_IO_ERROR_NOT_DIRECTORY);
  g_assert_null (process_registry_get (self.registry, "a", "b"));
  test_assert_file (self.dir, "not a folder");
}

static void
test_below_file (TestFixture *fixture, gconstpointer data)
{
  g_autofree char *file = test_path (fixture, "file");
  g_auto (Folder) self = { 0 };

  test_write_file (file, "", 0600);
  self.dir = test_path (fixture, "file/registry");
  self.registry = process_registry_new (self.dir);
  assert_not_listed (&self, G_IO_ERROR_NOT_DIRECTORY);
  assert_not_registered (&self, "a", G_IO_ERROR_NOT_DIRECTORY);
}

static void
become_nobody (void)
{
  if (getuid () != 0)
    return;
  g_assert_no_errno (setgroups (0, NULL));
  g_assert_no_errno (setgid (NOBODY));
  g_assert_no_errno (setuid (NOBODY));
}

static void
check_unreadable (gpointer data)
{
  Folder *self = data;

  become_nobody ();
  assert_not_listed (self, G_IO_ERROR_PERMISSION_DENIED);
  assert_not_registered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  assert_not_unregistered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  g_assert_null (process_registry_get (self->registry, "a", "b"));
}

static void
test_unreadable (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getpid (), 1);
  g_assert_no_errno (g_chmod (fixture->folder, 0755));
  /* The names can be read, but nothing else. */
  g_assert_no_errno (g_chmod (self.dir, 0444));
  registry_run (check_unreadable, &self);
  g_assert_no_errno (g_chmod (self.dir, 0));
  registry_run (check_unreadable, &self);
  g_assert_no_errno (g_chmod (self.dir, 0700));
  registry_assert_keys (self.registry, "a/b");
}

static void
let_all_read (Folder *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->dir, name, NULL);

  g_assert_no_errno (g_chmod (path, 0644));
}

static void
check_unwritable (gpointer data)
{
  Folder *self = data;

  become_nobody ();
  registry_assert_keys (self->registry, "a/b");
  assert_not_registered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  assert_not_registered (self, "c", G_IO_ERROR_PERMISSION_DENIED);
  assert_not_unregistered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  registry_unregister (self->registry, "c", "b");
}

/* What is live can be read, what is dead cannot be removed, and that is no error. */
static void
test_unwritable (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getpid (), 1);
  registry_register (self.registry, "dead", "b", registry_get_dead_pid (), 1);
  registry_write (self.dir, "old.json", "{", 100);
  g_assert_no_errno (g_chmod (fixture->folder, 0755));
  let_all_read (&self, "a-b.json");
  let_all_read (&self, "dead-b.json");
  g_assert_no_errno (g_chmod (self.dir, 0555));
  registry_run (check_unwritable, &self);
  registry_assert_files (self.dir, "a-b.json dead-b.json old.json");
  g_assert_no_errno (g_chmod (self.dir, 0700));
}

static void
check_others_files (gpointer data)
{
  Folder *self = data;

  become_nobody ();
  /* Process 1 is there, though it must not be signalled. */
  registry_assert_keys (self->registry, "init/b a/b");
  g_assert_cmpint (registry_get_pid (self->registry, "init", "b"), ==, 1);
  g_assert_cmpint (registry_get_pid (self->registry, "dead", "b"), ==, 0);
  g_assert_cmpint (registry_get_pid (self->registry, "secret", "b"), ==, 0);
  registry_register (self->registry, "mine", "b", getpid (), 3);
  registry_assert_keys (self->registry, "init/b a/b mine/b");
  assert_not_registered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  assert_not_unregistered (self, "a", G_IO_ERROR_PERMISSION_DENIED);
  registry_unregister (self->registry, "mine", "b");
}

/* In a folder like /tmp, where everybody removes only what is his own. */
static void
test_others_files (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  if (getuid () != 0)
    {
      g_test_skip ("Only root can become another user");
      return;
    }
  registry_register (self.registry, "init", "b", 1, 1);
  registry_register (self.registry, "a", "b", getpid (), 2);
  registry_register (self.registry, "dead", "b", registry_get_dead_pid (), 1);
  registry_register (self.registry, "secret", "b", getpid (), 1);
  registry_write (self.dir, "old.json", "{", 100);
  let_all_read (&self, "a-b.json");
  let_all_read (&self, "dead-b.json");
  let_all_read (&self, "init-b.json");
  g_assert_no_errno (g_chmod (fixture->folder, 0755));
  g_assert_no_errno (g_chmod (self.dir, 01777));
  registry_run (check_others_files, &self);
  registry_assert_files (self.dir, "a-b.json dead-b.json init-b.json old.json secret-b.json");
}

/* Of nobody's, read by root: they are as good as others. */
static void
test_given_away (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };
  g_autofree char *path = NULL;

  folder_init (&self, fixture);
  if (getuid () != 0)
    {
      g_test_skip ("Only root can give files away");
      return;
    }
  registry_register (self.registry, "a", "b", getpid (), 1);
  path = g_build_filename (self.dir, "a-b.json", NULL);
  g_assert_no_errno (chown (path, NOBODY, NOBODY));
  registry_assert_keys (self.registry, "a/b");
  registry_register (self.registry, "a", "b", getppid (), 1);
  g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, getppid ());
}

/* In a file system of its own, which nobody else sees. */
static gboolean
mount_small (const char *dir)
{
  if (unshare (CLONE_NEWNS) != 0 ||
      mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return FALSE;
  g_assert_no_errno (g_mkdir_with_parents (dir, 0700));
  return mount ("tmpfs", dir, "tmpfs", 0, "size=16k,mode=700") == 0;
}

/* How a child says that nothing can be mounted here. */
#define CANNOT_MOUNT 77

static void
check_read_only (gpointer data)
{
  Folder *self = data;

  if (!mount_small (self->dir))
    _exit (CANNOT_MOUNT);
  registry_register (self->registry, "a", "b", getppid (), 1);
  registry_register (self->registry, "dead", "b", registry_get_dead_pid (), 1);
  g_assert_no_errno (mount (NULL, self->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL));
  registry_assert_keys (self->registry, "a/b");
  assert_not_registered (self, "a", G_IO_ERROR_READ_ONLY);
  assert_not_registered (self, "c", G_IO_ERROR_READ_ONLY);
  assert_not_unregistered (self, "a", G_IO_ERROR_READ_ONLY);
  registry_unregister (self->registry, "c", "b");
  registry_assert_files (self->dir, "a-b.json dead-b.json");
}

static void
fill (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "filler", NULL);
  char block[1024] = { 0 };
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_no_errno (fd);
  while (write (fd, block, sizeof block) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

static void
check_full (gpointer data)
{
  Folder *self = data;

  if (!mount_small (self->dir))
    _exit (CANNOT_MOUNT);
  registry_register (self->registry, "a", "b", getppid (), 1);
  fill (self->dir);
  assert_not_registered (self, "a", G_IO_ERROR_NO_SPACE);
  assert_not_registered (self, "c", G_IO_ERROR_NO_SPACE);
  registry_assert_files (self->dir, "a-b.json filler");
  g_assert_cmpint (registry_get_pid (self->registry, "a", "b"), ==, getppid ());
  registry_unregister (self->registry, "a", "b");
  registry_assert_files (self->dir, "filler");
}

static void
test_mounted (TestFixture *fixture, gconstpointer check)
{
  g_auto (Folder) self = { 0 };
  int status;

  folder_init (&self, fixture);
  status = registry_reap (registry_fork ((RegistryFunc) check, &self));
  if (status == CANNOT_MOUNT << 8)
    g_test_skip ("Nothing can be mounted here");
  else
    g_assert_cmpint (status, ==, 0);
}

static void
check_write_fails (gpointer data)
{
  Folder *self = data;
  struct rlimit limit = { 16, 16 };

  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &limit));
  assert_not_registered (self, "a", g_io_error_from_errno (EFBIG));
  assert_not_registered (self, "c", g_io_error_from_errno (EFBIG));
}

/* In the middle of the text. */
static void
test_write_fails (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getppid (), 1);
  registry_run (check_write_fails, &self);
  registry_assert_files (self.dir, "a-b.json");
  g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, getppid ());
}

static void
check_shortage (gpointer data)
{
  Folder *self = data;
  struct rlimit limit = { 0, 0 };
  int last = dup (0);

  /* One for the folder, but none for its files; then not even that. */
  limit.rlim_cur = limit.rlim_max = (rlim_t) last + 1;
  close (last);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  assert_not_listed (self, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  assert_not_registered (self, "a", G_IO_ERROR_TOO_MANY_OPEN_FILES);
  limit.rlim_cur = limit.rlim_max = (rlim_t) last;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  assert_not_listed (self, G_IO_ERROR_TOO_MANY_OPEN_FILES);
}

/* A list that lacks some would be worse than none. */
static void
test_shortage (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getpid (), 1);
  registry_run (check_shortage, &self);
  registry_assert_keys (self.registry, "a/b");
  registry_assert_files (self.dir, "a-b.json");
}

static void
remove_all (const char *dir)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_unlink (path);
    }
  g_rmdir (dir);
}

static void
test_vanished (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };
  g_autofree char *moved = test_path (fixture, "moved");

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getpid (), 1);
  remove_all (self.dir);
  registry_assert_keys (self.registry, "");
  registry_unregister (self.registry, "a", "b");
  registry_register (self.registry, "a", "b", getpid (), 1);
  g_assert_no_errno (g_rename (self.dir, moved));
  registry_assert_keys (self.registry, "");
  registry_register (self.registry, "c", "b", getpid (), 1);
  registry_assert_keys (self.registry, "c/b");
}

static void
keep_removing (gpointer data)
{
  for (;;)
    remove_all (data);
}

/* While it is used: whatever it says, it is one or the other. */
static void
test_vanishing (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };
  guint n_registered = 0;
  pid_t pid;

  folder_init (&self, fixture);
  pid = registry_fork (keep_removing, self.dir);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("a", "b", getpid (), 1);
      g_autoptr (GError) error = NULL;
      g_autofree char *keys = NULL;

      /* One that is there and then is not, while it is made, is said to be no folder. */
      if (process_registry_register (self.registry, entry, &error))
        n_registered++;
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      keys = registry_list_keys (self.registry);
      g_assert_true (*keys == '\0' || g_str_equal (keys, "a/b"));
      registry_get_pid (self.registry, "a", "b");
      registry_unregister (self.registry, "a", "b");
    }
  registry_end_process (pid);
  g_test_message ("%u of 200 were registered", n_registered);
  registry_register (self.registry, "a", "b", getpid (), 1);
  registry_assert_keys (self.registry, "a/b");
}

/* Who reads does not wait for who was stopped while writing; who writes does not wait for ever. */
static void
test_locked (TestFixture *fixture, gconstpointer data)
{
  g_auto (Folder) self = { 0 };
  int fd;

  folder_init (&self, fixture);
  registry_register (self.registry, "a", "b", getpid (), 1);
  registry_register (self.registry, "dead", "b", registry_get_dead_pid (), 1);
  fd = open (self.dir, O_RDONLY | O_CLOEXEC);
  g_assert_no_errno (flock (fd, LOCK_EX));
  registry_assert_keys (self.registry, "a/b");
  g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, getpid ());
  g_assert_cmpint (registry_get_pid (self.registry, "dead", "b"), ==, 0);
  assert_not_registered (&self, "c", G_IO_ERROR_BUSY);
  assert_not_unregistered (&self, "a", G_IO_ERROR_BUSY);
  registry_assert_files (self.dir, "a-b.json dead-b.json");
  close (fd);
  registry_register (self.registry, "c", "b", getpid (), 2);
  registry_assert_keys (self.registry, "a/b c/b");
  registry_assert_files (self.dir, "a-b.json c-b.json");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/registry-folder/no-folder", test_no_folder);
  test_add ("/registry-folder/below-file", test_below_file);
  test_add ("/registry-folder/unreadable", test_unreadable);
  test_add ("/registry-folder/unwritable", test_unwritable);
  test_add ("/registry-folder/others-files", test_others_files);
  test_add ("/registry-folder/given-away", test_given_away);
  test_add_with ("/registry-folder/read-only", check_read_only, test_mounted);
  test_add_with ("/registry-folder/full", check_full, test_mounted);
  test_add ("/registry-folder/write-fails", test_write_fails);
  test_add ("/registry-folder/shortage", test_shortage);
  test_add ("/registry-folder/vanished", test_vanished);
  test_add ("/registry-folder/vanishing", test_vanishing);
  test_add ("/registry-folder/locked", test_locked);

  return g_test_run ();
}
