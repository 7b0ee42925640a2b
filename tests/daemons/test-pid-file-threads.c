/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pid-file-util.h"

#include <process-glib/process-error.h>

#include <unistd.h>

#define N_THREADS 6
#define N_TURNS 30

typedef struct
{
  const char     *path;
  ProcessPidFile *pid_file;   /* (nullable), shared */
  gint            n_holders;
  gint            n_acquired;
  gint            done;
} Shared;

static void
run_threads (GThreadFunc func,
             Shared     *shared)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("pid-file", func, shared);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static void
take_turns (Shared         *shared,
            ProcessPidFile *pid_file)
{
  for (guint i = 0; i < N_TURNS; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!process_pid_file_acquire (pid_file, &error))
        {
          pid_file_assert_refusal (error, shared->path, getpid ());
          continue;
        }
      g_assert_cmpint (g_atomic_int_add (&shared->n_holders, 1), ==, 0);
      g_atomic_int_inc (&shared->n_acquired);
      pid_file_assert_pid (shared->path, getpid ());
      g_atomic_int_add (&shared->n_holders, -1);
      pid_file_release (pid_file);
    }
}

static gpointer
use_own (gpointer data)
{
  Shared *shared = data;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (shared->path);

  take_turns (shared, pid_file);
  return NULL;
}

/* Each has an object. */
static void
test_objects (PidFileFixture *self,
              gconstpointer   data)
{
  Shared shared = { .path = self->path };

  run_threads (use_own, &shared);
  g_assert_cmpint (shared.n_acquired, >, 0);
}

static gpointer
use_shared (gpointer data)
{
  Shared *shared = data;

  take_turns (shared, shared->pid_file);
  return NULL;
}

/* All have the same. */
static void
test_object (PidFileFixture *self,
             gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  Shared shared = { .path = self->path, .pid_file = pid_file };

  run_threads (use_shared, &shared);
  g_assert_cmpint (shared.n_acquired, >, 0);
}

static gpointer
release_shared (gpointer data)
{
  Shared *shared = data;

  for (guint i = 0; i < N_TURNS; i++)
    {
      process_pid_file_acquire (shared->pid_file, NULL);
      pid_file_release (shared->pid_file);
    }
  return NULL;
}

/* Also when one releases what another one acquired. */
static void
test_release (PidFileFixture *self,
              gconstpointer   data)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  Shared shared = { .path = self->path, .pid_file = pid_file };

  run_threads (release_shared, &shared);
  pid_file_release (pid_file);
}

static gpointer
read_always (gpointer data)
{
  Shared *shared = data;
  g_autofree char *whole = g_strdup_printf ("%d\n", (int) getpid ());

  while (!g_atomic_int_get (&shared->done))
    {
      g_autofree char *text = NULL;
      int pid;

      if (g_file_get_contents (shared->path, &text, NULL, NULL))
        g_assert_true (g_str_equal (text, whole) || g_str_equal (text, "2147483646\n"));
      process_pid_file_read (shared->path, &pid);
      g_assert_true (pid == 0 || pid == getpid () || pid == 2147483646);
    }
  return NULL;
}

/* Who reads never sees half a file, and is in nobody's way. */
static void
test_readers (PidFileFixture *self,
              gconstpointer   data)
{
  Shared shared = { .path = self->path };
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_always, &shared);
  for (guint i = 0; i < 10 * N_TURNS; i++)
    {
      g_autoptr (GError) error = NULL;

      if (i % 2 == 1)
        g_assert_true (g_file_set_contents (self->path, "2147483646\n", -1, NULL));
      process_pid_file_acquire (pid_file, &error);
      g_assert_no_error (error);
      pid_file_release (pid_file);
    }
  g_atomic_int_set (&shared.done, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* The thread sanitizer does not see how GLib makes things only once. */
  g_type_class_unref (g_type_class_ref (PROCESS_TYPE_PID_FILE));
  g_assert_cmpuint (process_error_quark (), !=, 0);

  pid_file_test ("/pid-file/objects", test_objects);
  pid_file_test ("/pid-file/object", test_object);
  pid_file_test ("/pid-file/release", test_release);
  pid_file_test ("/pid-file/readers", test_readers);

  return g_test_run ();
}
