/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Processes that use a registry at once, and such as are killed while they do. */

#include "registry-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define N_PROCESSES 8
#define N_ROUNDS 40

typedef struct
{
  char            *dir;
  ProcessRegistry *registry;
  /* for the children */
  guint            number;
  pid_t            parent;
  int              step;
} Race;

static void
race_init (Race *self, TestFixture *fixture)
{
  self->dir = registry_dir (fixture);
  self->registry = process_registry_new (self->dir);
  self->parent = getpid ();
}

static void
race_clear (Race *self)
{
  g_assert_finalize_object (self->registry);
  g_free (self->dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Race, race_clear)

static void
start_all (Race *self, RegistryFunc func, pid_t *pids)
{
  for (self->number = 0; self->number < N_PROCESSES; self->number++)
    pids[self->number] = registry_fork (func, self);
}

static void
reap_all (pid_t *pids)
{
  for (guint i = 0; i < N_PROCESSES; i++)
    g_assert_cmpint (registry_reap (pids[i]), ==, 0);
}

/* The number is all over it, so that half of one and half of another would be seen. */
static void
register_number (Race *self, const char *code, guint number, int pid)
{
  g_autoptr (ProcessDaemonEntry) entry = registry_make_entry (code, "b", pid, 1);
  g_autofree char *text = g_strnfill (100 + number * 300, (char) ('a' + number % 26));
  g_autoptr (GError) error = NULL;

  process_daemon_entry_set_health (entry, text);
  process_daemon_entry_set_project (entry, text);
  process_daemon_entry_set_binary (entry, text);
  process_registry_register (self->registry, entry, &error);
  g_assert_no_error (error);
}

static void
assert_whole (ProcessDaemonEntry *entry)
{
  const char *health = process_daemon_entry_get_health (entry);

  g_assert_cmpstr (process_daemon_entry_get_project (entry), ==, health);
  g_assert_cmpstr (process_daemon_entry_get_binary (entry), ==, health);
  g_assert_cmpuint (strlen (health), ==, 100 + (guint) (*health - 'a') * 300);
}

static void
register_same_key (gpointer data)
{
  Race *self = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    register_number (self, "a", self->number, self->parent);
}

/* Each time that one looks there is one of them, whole. */
static void
test_same_key (TestFixture *fixture, gconstpointer data)
{
  g_auto (Race) self = { 0 };
  pid_t pids[N_PROCESSES];

  race_init (&self, fixture);
  register_number (&self, "a", 0, getpid ());
  start_all (&self, register_same_key, pids);
  for (guint i = 0; i < 4 * N_ROUNDS; i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = process_registry_get (self.registry, "a", "b");
      g_autoptr (GPtrArray) entries = process_registry_list (self.registry, NULL);

      g_assert_nonnull (entry);
      assert_whole (entry);
      g_assert_cmpuint (entries->len, ==, 1);
      assert_whole (entries->pdata[0]);
    }
  reap_all (pids);
  registry_assert_files (self.dir, "a-b.json");
}

/* All of these are a-b-c-d.json to the Go package. */
static const char *colliding[][2] = {
  { "a", "b-c-d" }, { "a-b", "c-d" }, { "a-b-c", "d" }, { "a/b", "c-d" },
  { "a", "b/c-d" }, { "a", "b-c/d" }, { "a/b", "c/d" }, { "a/b-c", "d" },
};

static void
register_colliding_key (gpointer data)
{
  Race *self = data;
  const char *code = colliding[self->number][0], *daemon = colliding[self->number][1];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      registry_register (self->registry, code, daemon, self->parent, 1);
      g_assert_cmpint (registry_get_pid (self->registry, code, daemon), ==, self->parent);
      if (i + 1 < N_ROUNDS)
        registry_unregister (self->registry, code, daemon);
    }
}

static void
test_colliding_keys (TestFixture *fixture, gconstpointer data)
{
  g_auto (Race) self = { 0 };
  pid_t pids[N_PROCESSES];

  G_STATIC_ASSERT (G_N_ELEMENTS (colliding) == N_PROCESSES);
  race_init (&self, fixture);
  start_all (&self, register_colliding_key, pids);
  reap_all (pids);
  registry_assert_keys (self.registry, "a/b-c-d a/b-c/d a/b/c-d a-b/c-d a-b-c/d a/b/c-d a/b/c/d "
                                       "a/b-c/d");
  for (guint i = 0; i < N_PROCESSES; i++)
    registry_unregister (self.registry, colliding[i][0], colliding[i][1]);
  registry_assert_files (self.dir, "");
}

/* A dead entry is there for others to remove, and then a live one that they must not. */
static void
register_dead_and_live (gpointer data)
{
  Race *self = data;
  pid_t dead = registry_get_dead_pid ();
  const char *codes[] = { "a", "b" };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      const char *code = codes[self->number % 2];

      if (self->number >= 2)
        {
          g_autofree char *keys = registry_list_keys (self->registry);

          g_assert_nonnull (keys);
          registry_get_pid (self->registry, code, "b");
          continue;
        }
      register_number (self, code, 0, dead);
      register_number (self, code, 1, self->parent);
      g_assert_cmpint (registry_get_pid (self->registry, code, "b"), ==, self->parent);
    }
}

static void
test_prune (TestFixture *fixture, gconstpointer data)
{
  g_auto (Race) self = { 0 };
  pid_t pids[N_PROCESSES];

  race_init (&self, fixture);
  start_all (&self, register_dead_and_live, pids);
  reap_all (pids);
  registry_assert_keys (self.registry, "a/b b/b");
}

static void
register_for_ever (gpointer data)
{
  Race *self = data;

  for (guint i = 0;; i++)
    register_number (self, "a", i % 20, self->parent);
}

static guint
count_drafts (const char *dir)
{
  g_autofree char *files = registry_list_files (dir);
  g_auto (GStrv) names = g_strsplit (files, " ", -1);
  guint n = 0;

  for (guint i = 0; names[i] != NULL; i++)
    n += g_str_has_prefix (names[i], ".process-glib-");
  return n;
}

/* At any moment. */
static void
test_killed (TestFixture *fixture, gconstpointer data)
{
  g_auto (Race) self = { 0 };
  guint n_kills = 60;

  race_init (&self, fixture);
  register_number (&self, "a", 0, getpid ());
  for (guint i = 0; i < n_kills; i++)
    {
      pid_t pid = registry_fork (register_for_ever, &self);
      g_autoptr (ProcessDaemonEntry) entry = NULL;

      g_usleep ((gulong) g_test_rand_int_range (0, 5000));
      registry_end_process (pid);
      entry = process_registry_get (self.registry, "a", "b");
      g_assert_nonnull (entry);
      assert_whole (entry);
      /* What was killed has not locked out anyone. */
      register_number (&self, "a", 0, getpid ());
    }
  g_assert_cmpuint (count_drafts (self.dir), <=, n_kills);
}

/* The calls of a registration, in their order, and the argument that tells which one is meant. */
static const struct
{
  const char *name;
  guint       call;
  guint       argument;
  guint       value;
  gboolean    is_new; /* whether the file is, by then */
} steps[] = {
  { "create", SYS_openat, 3, 0600, FALSE },
  { "chmod", SYS_fchmod, 1, 0600, FALSE },
  { "write", SYS_write, 0, 0, FALSE },
  { "sync", SYS_fsync, 0, 0, FALSE },
  { "lock", SYS_flock, 1, LOCK_EX | LOCK_NB, FALSE },
  { "look", SYS_newfstatat, 0, 0, FALSE },
  { "rename", SYS_renameat, 0, 0, FALSE },
  { "unlock", SYS_flock, 1, LOCK_UN, TRUE },
};

/* From here on the process ends with the call, before it does anything. */
static void
die_at (int step)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, steps[step].call, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
              (guint) offsetof (struct seccomp_data, args[steps[step].argument])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, steps[step].value, 0, steps[step].value == 0 ? 0 : 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void
register_and_die (gpointer data)
{
  Race *self = data;

  die_at (self->step);
  register_number (self, "a", 2, self->parent);
}

/* Between any two steps. */
static void
test_killed_at (TestFixture *fixture, gconstpointer data)
{
  g_auto (Race) self = { 0 };
  g_autoptr (ProcessDaemonEntry) entry = NULL;
  guint number;
  int status;

  race_init (&self, fixture);
  self.step = GPOINTER_TO_INT (data);
  register_number (&self, "a", 1, getpid ());
  status = registry_reap (registry_fork (register_and_die, &self));
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);

  entry = process_registry_get (self.registry, "a", "b");
  g_assert_nonnull (entry);
  assert_whole (entry);
  number = (guint) (process_daemon_entry_get_health (entry)[0] - 'a');
  g_assert_cmpuint (number, ==, steps[self.step].is_new ? 2 : 1);
  register_number (&self, "a", 3, getpid ());
  registry_assert_keys (self.registry, "a/b");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/registry-races/same-key", test_same_key);
  test_add ("/registry-races/colliding-keys", test_colliding_keys);
  test_add ("/registry-races/prune", test_prune);
  test_add ("/registry-races/killed", test_killed);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *path = g_strconcat ("/registry-races/killed-at/", steps[i].name, NULL);

      test_add_with (path, GUINT_TO_POINTER (i), test_killed_at);
    }

  return g_test_run ();
}
