/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What else may lie in a registry's folder. */

#include "registry-util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* A registry with a live x/y, beside which others are put under the name of a/b. */
typedef struct
{
  char            *dir;
  char            *path; /* of a-b.json */
  ProcessRegistry *registry;
} Files;

static void
files_init (Files *self, TestFixture *fixture)
{
  self->dir = registry_dir (fixture);
  self->path = g_build_filename (self->dir, "a-b.json", NULL);
  self->registry = process_registry_new (self->dir);
  registry_register (self->registry, "x", "y", getpid (), 1);
}

static void
files_clear (Files *self)
{
  g_assert_finalize_object (self->registry);
  g_free (self->path);
  g_free (self->dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

/* It is not an entry, nor in the way of one, nor touched. */
static void
assert_left_alone (Files *self, const char *other_name)
{
  struct stat before, after;
  g_autofree char *files = g_strdup_printf ("%s a-b.json x-y.json", other_name);

  g_assert_no_errno (lstat (self->path, &before));
  registry_assert_keys (self->registry, "x/y");
  g_assert_cmpint (registry_get_pid (self->registry, "a", "b"), ==, 0);
  registry_unregister (self->registry, "a", "b");
  registry_assert_files (self->dir, "a-b.json x-y.json");

  registry_register (self->registry, "a", "b", getpid (), 2);
  g_assert_cmpint (registry_get_pid (self->registry, "a", "b"), ==, getpid ());
  registry_assert_files (self->dir, files);
  registry_unregister (self->registry, "a", "b");
  registry_assert_files (self->dir, "a-b.json x-y.json");
  g_assert_no_errno (lstat (self->path, &after));
  g_assert_cmpuint (after.st_ino, ==, before.st_ino);
  g_assert_cmpuint (after.st_mode, ==, before.st_mode);
}

/* Of a, NUL and b. */
#define DIGEST "%59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138.json"

static const char *invalid_texts[] = {
  "", "{", "{\n  \"code\": \"a\",\n  \"daemon\": \"b\",\n  \"pid\": 1", "[]", "null", "{}",
  "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": \"1\"}",
  "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 1, \"started\": \"now\"}", "\xff\xfe{}",
  "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 1}{}",
};

static void
test_invalid (TestFixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (invalid_texts); i++)
    {
      g_auto (Files) self = { 0 };

      files_init (&self, fixture);
      /* Somebody may just be writing it. */
      registry_write (self.dir, "a-b.json", invalid_texts[i], 5);
      registry_assert_keys (self.registry, "x/y");
      g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, 0);
      registry_assert_files (self.dir, "a-b.json x-y.json");
      /* Nor does a wrong clock make it old. */
      registry_set_age (self.dir, "a-b.json", -1000);
      registry_assert_keys (self.registry, "x/y");
      registry_assert_files (self.dir, "a-b.json x-y.json");

      registry_set_age (self.dir, "a-b.json", 15);
      registry_assert_keys (self.registry, "x/y");
      registry_assert_files (self.dir, "x-y.json");

      registry_write (self.dir, "a-b.json", invalid_texts[i], 15);
      g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, 0);
      registry_assert_files (self.dir, "x-y.json");
    }
}

static void
test_invalid_replaced (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };

  files_init (&self, fixture);
  registry_write (self.dir, "a-b.json", "{", 0);
  registry_register (self.registry, "a", "b", getpid (), 2);
  registry_assert_files (self.dir, "a-b.json x-y.json");
  registry_assert_keys (self.registry, "x/y a/b");
}

/* With a NUL the text would look complete to a function that takes strings. */
static void
test_nul (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  const char text[] = "{\"code\": \"a\", \"daemon\": \"b\", \"pid\": 1}\0";

  files_init (&self, fixture);
  g_assert_true (g_file_set_contents (self.path, text, sizeof text, NULL));
  registry_assert_keys (self.registry, "x/y");
}

static guint64
count_read (void)
{
  g_autofree char *io = NULL;
  guint64 n = 0;

  if (g_file_get_contents ("/proc/self/io", &io, NULL, NULL))
    g_assert_cmpint (sscanf (io, "rchar: %" G_GUINT64_FORMAT, &n), ==, 1);
  return n;
}

/* It is not even read. */
static void
test_huge (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  guint64 n_before;

  files_init (&self, fixture);
  test_write_file (self.path, "{", 0600);
  g_assert_no_errno (truncate (self.path, (off_t) 1 << 30));
  n_before = count_read ();
  registry_assert_keys (self.registry, "x/y");
  g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, 0);
  g_assert_cmpuint (count_read () - n_before, <, 1 << 20);
  registry_assert_files (self.dir, "a-b.json x-y.json");
  registry_set_age (self.dir, "a-b.json", 15);
  registry_assert_keys (self.registry, "x/y");
  registry_assert_files (self.dir, "x-y.json");
}

/* Of the largest size that is read. */
static void
test_large (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  g_autofree char *json = registry_json ("a", "b", getpid ());
  g_autoptr (GString) text = g_string_new (json);

  files_init (&self, fixture);
  while (text->len < 64 * 1024)
    g_string_append_c (text, ' ');
  registry_write (self.dir, "a-b.json", text->str, 0);
  registry_assert_keys (self.registry, "x/y a/b");
  g_string_append_c (text, ' ');
  registry_write (self.dir, "a-b.json", text->str, 0);
  registry_assert_keys (self.registry, "x/y");
}

static void
test_folder (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };

  files_init (&self, fixture);
  g_assert_no_errno (g_mkdir (self.path, 0700));
  registry_set_age (self.dir, "a-b.json", 100);
  assert_left_alone (&self, DIGEST);
}

static void
test_fifo (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };

  files_init (&self, fixture);
  g_assert_no_errno (mkfifo (self.path, 0600));
  registry_set_age (self.dir, "a-b.json", 100);
  assert_left_alone (&self, DIGEST);
}

static void
test_socket (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  files_init (&self, fixture);
  g_assert_no_errno (fd);
  g_strlcpy (address.sun_path, self.path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  registry_set_age (self.dir, "a-b.json", 100);
  assert_left_alone (&self, DIGEST);
  close (fd);
}

static void
test_device (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };

  files_init (&self, fixture);
  /* An endless one. */
  if (mknod (self.path, S_IFCHR | 0600, makedev (1, 5)) != 0)
    {
      g_test_skip ("No device can be made here");
      return;
    }
  registry_set_age (self.dir, "a-b.json", 100);
  assert_left_alone (&self, DIGEST);
}

/* Neither what it leads to nor the link itself is ours. */
static void
test_link (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  g_autofree char *json = registry_json ("a", "b", getpid ());
  g_autofree char *outside = test_path (fixture, "outside.json");
  const char *targets[] = { outside, "nowhere", "a-b.json", "/dev/zero" };

  test_write_file (outside, json, 0600);
  files_init (&self, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_assert_no_errno (symlink (targets[i], self.path));
      registry_set_age (self.dir, "a-b.json", 100);
      assert_left_alone (&self, DIGEST);
      g_assert_no_errno (g_unlink (self.path));
    }
  test_assert_file (outside, json);
}

/* A link to a folder is another name of it. */
static void
test_link_to_folder (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  g_autofree char *link = test_path (fixture, "link");
  g_autoptr (ProcessRegistry) registry = process_registry_new (link);

  files_init (&self, fixture);
  g_assert_no_errno (symlink ("registry", link));
  registry_assert_keys (registry, "x/y");
  registry_register (registry, "a", "b", getpid (), 2);
  registry_assert_keys (self.registry, "x/y a/b");
}

/* Of writers that were killed, not of those that write. */
static void
test_drafts (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  g_autofree char *json = registry_json ("a", "b", getpid ());

  files_init (&self, fixture);
  registry_write (self.dir, ".process-glib-1-0011223344556677.tmp", json, 0);
  registry_write (self.dir, ".process-glib-2-0011223344556677.tmp", json, 15);
  registry_write (self.dir, ".other-0011223344556677.tmp", json, 15);
  registry_write (self.dir, "notes.txt", json, 15);
  registry_assert_keys (self.registry, "x/y");
  registry_assert_files (self.dir, ".other-0011223344556677.tmp "
                                   ".process-glib-1-0011223344556677.tmp notes.txt x-y.json");
}

/* All names that a file could have: the error says so, and nothing is lost. */
static void
test_all_taken (TestFixture *fixture, gconstpointer data)
{
  g_auto (Files) self = { 0 };
  g_autofree char *digest = NULL;
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry ("a", "b", getpid (), 2);
  g_autoptr (GError) error = NULL;

  files_init (&self, fixture);
  digest = g_build_filename (self.dir, DIGEST, NULL);
  g_assert_no_errno (g_mkdir (self.path, 0700));
  g_assert_no_errno (g_mkdir (digest, 0700));
  g_assert_false (process_registry_register (self.registry, entry, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_true (g_str_has_suffix (error->message, ": All names that its file may have are taken"));
  registry_assert_files (self.dir, DIGEST " a-b.json x-y.json");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/registry-files/invalid", test_invalid);
  test_add ("/registry-files/invalid-replaced", test_invalid_replaced);
  test_add ("/registry-files/nul", test_nul);
  test_add ("/registry-files/huge", test_huge);
  test_add ("/registry-files/large", test_large);
  test_add ("/registry-files/folder", test_folder);
  test_add ("/registry-files/fifo", test_fifo);
  test_add ("/registry-files/socket", test_socket);
  test_add ("/registry-files/device", test_device);
  test_add ("/registry-files/link", test_link);
  test_add ("/registry-files/link-to-folder", test_link_to_folder);
  test_add ("/registry-files/drafts", test_drafts);
  test_add ("/registry-files/all-taken", test_all_taken);

  return g_test_run ();
}
