/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What went wrong when a certain system call failed, before it was mended; NEWS names each. */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "children/faults-util.h"
#include "faults/fault-shim.h"

typedef struct
{
  char *folder; /* (owned), an empty one */
  char *path;   /* (owned), for one thing in it */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = faults_make_folder ();
  self->path = g_build_filename (self->folder, "it", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  faults_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static void
fail_calls (const char *name, int problem, guint first, guint last)
{
  fault_shim_arm (fault_shim_find (name), problem, first, last, FAULT_SCOPE_LIBRARY);
}

static gboolean
acquire (const char *path, GError **error)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);
  g_autofree char *expected = g_strdup_printf ("%d\n", getpid ());
  g_autofree char *content = NULL;

  if (!process_pid_file_acquire (pid_file, error))
    return FALSE;
  g_file_get_contents (path, &content, NULL, NULL);
  g_assert_cmpstr (content, ==, expected);
  return TRUE;
}

static ProcessDaemonEntry *
make_entry (void)
{
  return g_object_new (PROCESS_TYPE_DAEMON_ENTRY, "code", "code", "daemon", "daemon",
                       "pid", getpid (), NULL);
}

static gboolean
register_and_list (const char *dir, GError **error)
{
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();
  g_autoptr (GPtrArray) entries = NULL;

  if (!process_registry_register (registry, entry, error))
    return FALSE;
  entries = process_registry_list (registry, error);
  if (entries != NULL)
    g_assert_cmpuint (entries->len, ==, 1);
  return entries != NULL && process_registry_unregister (registry, "code", "daemon", error);
}

/* Each call that can be interrupted, one after the other. */
static void
test_interrupted (Fixture *self, gconstpointer data)
{
  static const char *const calls[] = { "open", "lock", "fsync", "read from a file",
                                       "write to a file" };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    for (guint n = 1, n_fired = 1; n_fired > 0; n++)
      {
        g_autoptr (GError) error = NULL;

        fail_calls (calls[i], EINTR, n, n);
        acquire (self->path, &error);
        g_assert_no_error (error);
        g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
        register_and_list (self->folder, &error);
        n_fired = fault_shim_disarm ();
        g_assert_no_error (error);
      }
}

static void
acquire_unseen (Fixture *self, const char *call, guint length)
{
  for (guint n = 1, n_fired = 1; n_fired > 0; n++)
    {
      g_autoptr (GError) error = NULL;

      fail_calls (call, EIO, n, length == FAULT_FOR_EVER ? length : n + length - 1);
      if (!acquire (self->path, &error))
        {
          g_assert_error (error, G_IO_ERROR, (int) g_io_error_from_errno (EIO));
          g_clear_error (&error);
        }
      n_fired = fault_shim_disarm ();
      acquire (self->path, &error);
      g_assert_no_error (error);
      g_unlink (self->path);
    }
}

/* Whether the PID file is held does not hang on being able to look at it. */
static void
test_pid_file_unseen (Fixture *self, gconstpointer data)
{
  static const char *const calls[] = { "stat", "fstat" };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      acquire_unseen (self, calls[i], 1);
      acquire_unseen (self, calls[i], FAULT_FOR_EVER);
    }
}

static void
test_registry_unread (Fixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = process_registry_new (self->folder);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  process_registry_register (registry, entry, &error);
  g_assert_no_error (error);
  fail_calls ("read from a file", EIO, 1, 1);
  entries = process_registry_list (registry, &error);
  g_assert_cmpuint (fault_shim_disarm (), ==, 1);
  g_assert_null (entries);
  g_assert_error (error, G_IO_ERROR, (int) g_io_error_from_errno (EIO));
  g_clear_error (&error);

  entries = process_registry_list (registry, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 1);
}

/* What tells of this boot, in the entry that is there, is read when it could not be before. */
static char *
read_boot_id (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "code-daemon.json", NULL);
  g_autofree char *content = NULL;

  g_file_get_contents (path, &content, NULL, NULL);
  return g_strdup (content != NULL ? strstr (content, "boot") : NULL);
}

static void
test_boot_id (Fixture *self, gconstpointer data)
{
  g_autoptr (ProcessRegistry) registry = process_registry_new (self->folder);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  /* After the start of the process. */
  fail_calls ("read from a file", EIO, 2, 2);
  process_registry_register (registry, entry, &error);
  g_assert_cmpuint (fault_shim_disarm (), ==, 1);
  g_assert_no_error (error);
  before = read_boot_id (self->folder);
  g_assert_null (before);

  process_registry_register (registry, entry, &error);
  g_assert_no_error (error);
  after = read_boot_id (self->folder);
  g_assert_nonnull (after);
}

/* No socket is left of a server that could not be started. */
static void
test_health_unseen (Fixture *self, gconstpointer data)
{
  g_autofree char *address = g_strdup_printf ("unix:%s", self->path);

  for (guint n = 1, n_fired = 1; n_fired > 0; n++)
    {
      g_autoptr (ProcessHealthServer) server = process_health_server_new (address);
      g_autoptr (GError) error = NULL;

      fail_calls ("stat", EIO, n, n);
      process_health_server_start (server, &error);
      n_fired = fault_shim_disarm ();
      process_health_server_stop (server);
      g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
    }
}

#define add(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  /* The first of all: what was read once is not read again. */
  add ("/faults/daemons/boot-id", test_boot_id);
  add ("/faults/daemons/interrupted", test_interrupted);
  add ("/faults/daemons/pid-file-unseen", test_pid_file_unseen);
  add ("/faults/daemons/registry-unread", test_registry_unread);
  add ("/faults/daemons/health-unseen", test_health_unseen);
  return g_test_run ();
}
