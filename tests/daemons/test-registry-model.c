/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The list model that follows the folder. */

#include "registry-util.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* Two registries of one folder: changes are made with one, and seen in the other. */
typedef struct
{
  TestFixture     *fixture;
  char            *dir;
  ProcessRegistry *writer;
  ProcessRegistry *registry;
  GListModel      *model;   /* the same */
  GPtrArray       *mirror;  /* of the entries, kept by items-changed alone */
} Model;

static void
notify_cb (GObject *object, GParamSpec *pspec, Model *self)
{
  test_log (self->fixture, "notify %s", pspec->name);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Model *self)
{
  g_assert_true (self->fixture->owner == g_thread_self ());
  test_log (self->fixture, "%u -%u +%u", position, removed, added);
  g_assert_cmpuint (position + removed, <=, self->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->mirror, (int) (position + i),
                        g_list_model_get_item (model, position + i));
}

/* What the signals told is what there is. */
static void
assert_mirrored (Model *self)
{
  g_assert_cmpuint (g_list_model_get_n_items (self->model), ==, self->mirror->len);
  for (guint i = 0; i < self->mirror->len; i++)
    {
      g_autoptr (ProcessDaemonEntry) entry = g_list_model_get_item (self->model, i);

      g_assert_true (entry == self->mirror->pdata[i]);
    }
}

/* From here on the model is followed. */
static void
model_follow (Model *self)
{
  guint n = g_list_model_get_n_items (self->model);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->mirror, g_list_model_get_item (self->model, i));
  g_signal_connect (self->registry, "notify", G_CALLBACK (notify_cb), self);
  g_signal_connect (self->registry, "items-changed", G_CALLBACK (items_changed_cb), self);
}

static void
model_init (Model *self, TestFixture *fixture)
{
  self->fixture = fixture;
  self->dir = registry_dir (fixture);
  self->writer = process_registry_new (self->dir);
  self->registry = process_registry_new (self->dir);
  self->model = G_LIST_MODEL (self->registry);
  self->mirror = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
model_clear (Model *self)
{
  if (self->registry != NULL)
    {
      assert_mirrored (self);
      g_assert_finalize_object (self->registry);
    }
  g_assert_finalize_object (self->writer);
  g_ptr_array_unref (self->mirror);
  g_free (self->dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Model, model_clear)

static char *
list_model_keys (Model *self)
{
  g_autoptr (GString) keys = g_string_new (NULL);

  for (guint i = 0; i < self->mirror->len; i++)
    g_string_append_printf (keys, "%s%s/%s", i > 0 ? " " : "",
                            process_daemon_entry_get_code (self->mirror->pdata[i]),
                            process_daemon_entry_get_daemon (self->mirror->pdata[i]));
  return g_strdup (keys->str);
}

static gboolean
has_keys (Model *self, const char *expected)
{
  g_autofree char *keys = list_model_keys (self);

  return g_str_equal (keys, expected);
}

#define await_keys(self, expected) test_run_until (has_keys (self, expected))

/* Until all that has happened is told: a change that is made last is seen. */
static void
settle (Model *self)
{
  guint n = self->mirror->len;

  registry_register (self->writer, "~last", "~", getpid (), 1000000);
  test_run_until (self->mirror->len == n + 1);
  registry_unregister (self->writer, "~last", "~");
  test_run_until (self->mirror->len == n);
  g_ptr_array_set_size (self->fixture->log, 0);
}

static void
test_type (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  GType type;
  guint n_items;

  model_init (&self, fixture);
  registry_register (self.writer, "a", "b", getpid (), 1);
  g_object_get (self.registry, "item-type", &type, "n-items", &n_items, NULL);
  g_assert_true (type == PROCESS_TYPE_DAEMON_ENTRY);
  g_assert_true (g_list_model_get_item_type (self.model) == PROCESS_TYPE_DAEMON_ENTRY);
  g_assert_true (process_registry_get_item_type (self.registry) == PROCESS_TYPE_DAEMON_ENTRY);
  g_assert_cmpuint (process_registry_get_n_items (self.registry), ==, 1);
  g_assert_cmpuint (n_items, ==, 1);
  g_assert_null (g_list_model_get_item (self.model, 1));
  g_assert_null (g_list_model_get_item (self.model, G_MAXUINT));
  model_follow (&self);
}

static void
test_changes (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  registry_register (self.writer, "b", "b", getpid (), 2);
  model_follow (&self);
  g_assert_true (has_keys (&self, "b/b"));

  registry_register (self.writer, "a", "a", getpid (), 1);
  await_keys (&self, "a/a b/b");
  test_assert_log (fixture, "0 -0 +1", "notify n-items");
  registry_register (self.writer, "c", "c", getpid (), 3);
  await_keys (&self, "a/a b/b c/c");
  test_assert_log (fixture, "2 -0 +1", "notify n-items");
  registry_unregister (self.writer, "b", "b");
  await_keys (&self, "a/a c/c");
  test_assert_log (fixture, "1 -1 +0", "notify n-items");
  registry_unregister (self.writer, "a", "a");
  registry_unregister (self.writer, "c", "c");
  await_keys (&self, "");
}

/* A file that is written anew with the same content is no change; others stay the same objects. */
static void
test_same (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  g_autoptr (ProcessDaemonEntry) first = NULL;
  g_autoptr (ProcessDaemonEntry) changed = registry_make_entry ("b", "b", getpid (), 2);
  g_autoptr (GError) error = NULL;

  model_init (&self, fixture);
  registry_register (self.writer, "a", "a", getpid (), 1);
  registry_register (self.writer, "b", "b", getpid (), 2);
  registry_register (self.writer, "c", "c", getpid (), 3);
  model_follow (&self);
  settle (&self);
  first = g_object_ref (self.mirror->pdata[0]);

  registry_register (self.writer, "a", "a", getpid (), 1);
  process_daemon_entry_set_health (changed, "here");
  g_assert_true (process_registry_register (self.writer, changed, &error));
  g_assert_no_error (error);
  test_run_until (fixture->log->len > 0);
  test_assert_log (fixture, "1 -1 +1");
  g_assert_cmpstr (process_daemon_entry_get_health (self.mirror->pdata[1]), ==, "here");
  g_assert_true (self.mirror->pdata[0] == first);
  registry_assert_files (self.dir, "a-a.json b-b.json c-c.json");
}

static void
test_moves (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  registry_register (self.writer, "a", "a", getpid (), 1);
  registry_register (self.writer, "b", "b", getpid (), 2);
  model_follow (&self);
  settle (&self);
  registry_register (self.writer, "a", "a", getpid (), 3);
  await_keys (&self, "b/b a/a");
  test_assert_log (fixture, "0 -1 +0", "1 -0 +1");
}

/* Many changes at once: whatever they are told as, the outcome is right. */
static void
test_many (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  g_autofree char *expected = NULL;

  model_init (&self, fixture);
  model_follow (&self);
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *code = g_strdup_printf ("code%d", g_test_rand_int_range (0, 20));

      if (g_test_rand_int_range (0, 3) == 0)
        registry_unregister (self.writer, code, "b");
      else
        registry_register (self.writer, code, "b", getpid (), g_test_rand_int_range (1, 5));
      if (g_test_rand_int_range (0, 5) == 0)
        g_main_context_iteration (NULL, FALSE);
      assert_mirrored (&self);
    }
  expected = registry_list_keys (self.writer);
  await_keys (&self, expected);
}

/* As the Go package writes, in place and in pieces. */
static void
test_in_place (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  g_autofree char *json = registry_json ("a", "b", getpid ());
  g_autofree char *path = NULL;
  FILE *file;

  model_init (&self, fixture);
  registry_register (self.writer, "x", "y", getpid (), 1);
  model_follow (&self);
  path = g_build_filename (self.dir, "a-b.json", NULL);
  file = fopen (path, "we");
  g_assert_nonnull (file);
  fwrite (json, 1, 20, file);
  fflush (file);
  settle (&self);
  fputs (json + 20, file);
  fclose (file);
  await_keys (&self, "x/y a/b");
  g_assert_no_errno (g_unlink (path));
  await_keys (&self, "x/y");
}

static void
test_end (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  pid_t one = registry_start_process (), other = registry_start_process ();

  model_init (&self, fixture);
  registry_register (self.writer, "a", "a", one, 1);
  registry_register (self.writer, "b", "b", other, 2);
  /* The same process may be several daemons. */
  registry_register (self.writer, "c", "c", one, 3);
  model_follow (&self);
  g_assert_true (has_keys (&self, "a/a b/b c/c"));
  registry_end_process (one);
  await_keys (&self, "b/b");
  registry_assert_files (self.dir, "b-b.json");
  registry_end_process (other);
  await_keys (&self, "");
  registry_assert_files (self.dir, "");
}

/* It need not be reaped. */
static void
test_zombie (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  pid_t pid = 0;

  model_init (&self, fixture);
  if (!test_needs_pidfds ())
    return;
  pid = registry_start_process ();
  registry_register (self.writer, "a", "a", pid, 1);
  model_follow (&self);
  g_assert_no_errno (kill (pid, SIGKILL));
  await_keys (&self, "");
  registry_assert_files (self.dir, "");
  registry_reap (pid);
}

/* Of one that was registered while the model was followed. */
static void
test_end_later (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  model_follow (&self);
  for (guint i = 0; i < 3; i++)
    {
      pid_t pid = registry_start_process ();

      registry_register (self.writer, "a", "a", pid, 1);
      await_keys (&self, "a/a");
      registry_end_process (pid);
      await_keys (&self, "");
    }
}

/* They do not get a descriptor each, and are followed all the same. */
static void
test_very_many (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  pid_t pids[260];
  guint n = G_N_ELEMENTS (pids);

  model_init (&self, fixture);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *code = g_strdup_printf ("code%u", i);

      pids[i] = registry_start_process ();
      registry_register (self.writer, code, "b", pids[i], 1);
    }
  model_follow (&self);
  settle (&self);
  g_assert_cmpuint (self.mirror->len, ==, n);
  g_assert_cmpuint (test_count_fds ("[pidfd]"), <=, 256);
  for (guint i = 0; i < n; i++)
    registry_end_process (pids[i]);
  await_keys (&self, "");
}

static void
remove_dir (const char *dir)
{
  g_autofree char *files = registry_list_files (dir);
  g_auto (GStrv) names = g_strsplit (files, " ", -1);

  for (guint i = 0; names[i] != NULL && *names[i] != '\0'; i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);

      g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_rmdir (dir));
}

/* Not there at first, and gone and there again later, with the folders above it. */
static void
test_comes_and_goes (TestFixture *fixture, gconstpointer data)
{
  g_autofree char *top = test_path (fixture, "one");
  g_autofree char *middle = test_path (fixture, "one/two");
  g_autofree char *elsewhere = test_path (fixture, "elsewhere");
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  g_clear_object (&self.writer);
  g_clear_object (&self.registry);
  g_free (self.dir);
  self.dir = g_build_filename (middle, "registry", NULL);
  self.writer = process_registry_new (self.dir);
  self.registry = process_registry_new (self.dir);
  self.model = G_LIST_MODEL (self.registry);
  model_follow (&self);
  g_assert_true (has_keys (&self, ""));
  for (guint i = 0; i < 3; i++)
    {
      registry_register (self.writer, "a", "b", getpid (), 1);
      await_keys (&self, "a/b");
      registry_register (self.writer, "c", "d", getpid (), 2);
      await_keys (&self, "a/b c/d");
      remove_dir (self.dir);
      await_keys (&self, "");
      if (i > 0)
        g_assert_no_errno (g_rmdir (middle));
      if (i > 1)
        g_assert_no_errno (g_rmdir (top));
    }
  registry_register (self.writer, "a", "b", getpid (), 1);
  await_keys (&self, "a/b");
  g_assert_no_errno (g_rename (self.dir, elsewhere));
  await_keys (&self, "");
  registry_register (self.writer, "c", "d", getpid (), 1);
  await_keys (&self, "c/d");
}

/* Gone and there again before anybody looked. */
static void
test_replaced (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  registry_register (self.writer, "a", "b", getpid (), 1);
  model_follow (&self);
  for (guint i = 0; i < 5; i++)
    {
      settle (&self);
      remove_dir (self.dir);
      registry_register (self.writer, "c", "d", getpid (), (int) i + 1);
      await_keys (&self, "c/d");
      settle (&self);
      remove_dir (self.dir);
      registry_register (self.writer, "a", "b", getpid (), 1);
      await_keys (&self, "a/b");
    }
}

/* While the folder cannot be read, what is known stays, but for daemons that end. */
static void
test_unreadable (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  g_autofree char *away = test_path (fixture, "away");
  pid_t pid = registry_start_process ();

  model_init (&self, fixture);
  registry_register (self.writer, "a", "a", pid, 1);
  registry_register (self.writer, "b", "b", getpid (), 2);
  model_follow (&self);
  settle (&self);
  g_assert_no_errno (g_rename (self.dir, away));
  test_write_file (self.dir, "not a folder", 0600);
  registry_end_process (pid);
  await_keys (&self, "b/b");
  g_assert_no_errno (g_unlink (self.dir));
  g_assert_no_errno (g_rename (away, self.dir));
  registry_register (self.writer, "c", "c", getpid (), 3);
  await_keys (&self, "b/b c/c");
}

/* Where a user is not interested, nothing is read or watched. */
static void
test_lazy (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  g_signal_connect (self.registry, "items-changed", G_CALLBACK (items_changed_cb), &self);
  registry_register (self.writer, "a", "b", getpid (), 1);
  g_assert_cmpint (registry_get_pid (self.registry, "a", "b"), ==, getpid ());
  registry_assert_keys (self.registry, "a/b");
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (test_count_fds ("[pidfd]"), ==, 0);
  g_signal_handlers_disconnect_by_data (self.registry, &self);
  model_follow (&self);
}

static void
drop_cb (GListModel *model, guint position, guint removed, guint added, Model *self)
{
  test_log (self->fixture, "dropped");
  g_clear_object (&self->registry);
}

/* A handler lets go of the last reference. */
static void
test_drop_in_handler (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  model_follow (&self);
  test_track (fixture, self.registry);
  g_signal_connect (self.registry, "items-changed", G_CALLBACK (drop_cb), &self);
  registry_register (self.writer, "a", "b", getpid (), 1);
  test_run_until (self.registry == NULL);
  registry_register (self.writer, "c", "d", getpid (), 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (test_count_log (fixture, "dropped"), ==, 1);
}

static void
test_dispose (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };

  model_init (&self, fixture);
  registry_register (self.writer, "a", "b", getpid (), 1);
  model_follow (&self);
  settle (&self);
  g_object_run_dispose (G_OBJECT (self.registry));
  g_object_run_dispose (G_OBJECT (self.registry));
  registry_register (self.writer, "c", "d", getpid (), 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  test_assert_log (fixture, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (self.model), ==, 1);
  registry_assert_keys (self.registry, "a/b c/d");
}

typedef struct
{
  Model        *model;
  GMainContext *context;
  GMainLoop    *loop;
  int           ready;
} Owner;

static gpointer
own (gpointer data)
{
  Owner *owner = data;
  Model *self = owner->model;

  g_main_context_push_thread_default (owner->context);
  self->fixture->owner = g_thread_self ();
  self->registry = process_registry_new (self->dir);
  self->model = G_LIST_MODEL (self->registry);
  model_follow (self);
  g_atomic_int_set (&owner->ready, TRUE);
  g_main_loop_run (owner->loop);
  assert_mirrored (self);
  g_assert_true (has_keys (self, "a/b"));
  g_signal_handlers_disconnect_by_data (self->registry, self);
  g_main_context_pop_thread_default (owner->context);
  return NULL;
}

static void
stop_when_told_cb (GListModel *model, GParamSpec *pspec, GMainLoop *loop)
{
  g_main_loop_quit (loop);
}

/* Changes come in the context of the owner, not in that of who makes them; anyone may let go. */
static void
test_context (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  Owner owner = { &self, NULL, NULL, FALSE };
  GThread *thread;

  model_init (&self, fixture);
  g_clear_object (&self.registry);
  owner.context = g_main_context_new ();
  owner.loop = g_main_loop_new (owner.context, FALSE);
  thread = g_thread_new ("owner", own, &owner);
  test_look_until (g_atomic_int_get (&owner.ready));
  g_signal_connect (self.registry, "notify::n-items", G_CALLBACK (stop_when_told_cb), owner.loop);
  registry_register (self.writer, "a", "b", getpid (), 1);
  g_thread_join (thread);
  fixture->owner = g_thread_self ();
  g_main_loop_unref (owner.loop);
  g_main_context_unref (owner.context);
}

/* The context goes before the registry. */
static void
test_context_gone (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  g_autoptr (GMainContext) context = g_main_context_new ();

  model_init (&self, fixture);
  g_clear_object (&self.registry);
  g_main_context_push_thread_default (context);
  self.registry = process_registry_new (self.dir);
  self.model = G_LIST_MODEL (self.registry);
  model_follow (&self);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&context, g_main_context_unref);
  registry_register (self.writer, "a", "b", getpid (), 1);
  registry_assert_keys (self.registry, "a/b");
}

static gpointer
use (gpointer data)
{
  ProcessRegistry *registry = data;
  g_autofree char *code = g_strdup_printf ("code%p", (gpointer) g_thread_self ());

  for (guint i = 0; i < 30; i++)
    {
      registry_register (registry, code, "b", getpid (), 1);
      g_assert_cmpint (registry_get_pid (registry, code, "b"), ==, getpid ());
      g_free (registry_list_keys (registry));
      registry_unregister (registry, code, "b");
    }
  return NULL;
}

/* While the owner's loop runs, others use the same object. */
static void
test_threads (TestFixture *fixture, gconstpointer data)
{
  g_auto (Model) self = { 0 };
  GThread *threads[4];

  model_init (&self, fixture);
  model_follow (&self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("user", use, self.registry);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  registry_register (self.writer, "a", "b", getpid (), 1);
  await_keys (&self, "a/b");
}

static gpointer
drop_thread (gpointer registry)
{
  g_object_unref (registry);
  return NULL;
}

/* A garbage collector may let go in any thread, also while a change is being told. */
static void
test_drop_in_thread (TestFixture *fixture, gconstpointer data)
{
  g_autofree char *dir = registry_dir (fixture);
  g_autoptr (ProcessRegistry) writer = process_registry_new (dir);

  for (guint i = 0; i < 50; i++)
    {
      ProcessRegistry *registry = process_registry_new (dir);
      GThread *thread;

      g_list_model_get_n_items (G_LIST_MODEL (registry));
      g_main_context_iteration (NULL, FALSE);
      test_track (fixture, registry);
      registry_register (writer, "a", "b", getpid (), (int) i + 1);
      thread = g_thread_new ("dropper", drop_thread, registry);
      for (guint j = 0; j < 5; j++)
        g_main_context_iteration (NULL, FALSE);
      g_thread_join (thread);
    }
}

/* GLib keeps what its monitors need. */
static void
warm_up (void)
{
  g_autoptr (GFile) folder = g_file_new_for_path (g_get_tmp_dir ());
  g_autoptr (GFileMonitor) monitor = g_file_monitor_directory (folder, 0, NULL, NULL);

  g_assert_nonnull (monitor);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  warm_up ();

  test_add ("/registry-model/type", test_type);
  test_add ("/registry-model/changes", test_changes);
  test_add ("/registry-model/same", test_same);
  test_add ("/registry-model/moves", test_moves);
  test_add ("/registry-model/many", test_many);
  test_add ("/registry-model/in-place", test_in_place);
  test_add ("/registry-model/end", test_end);
  test_add ("/registry-model/zombie", test_zombie);
  test_add ("/registry-model/end-later", test_end_later);
  test_add ("/registry-model/very-many", test_very_many);
  test_add ("/registry-model/comes-and-goes", test_comes_and_goes);
  test_add ("/registry-model/replaced", test_replaced);
  test_add ("/registry-model/unreadable", test_unreadable);
  test_add ("/registry-model/lazy", test_lazy);
  test_add ("/registry-model/drop-in-handler", test_drop_in_handler);
  test_add ("/registry-model/dispose", test_dispose);
  test_add ("/registry-model/context", test_context);
  test_add ("/registry-model/context-gone", test_context_gone);
  test_add ("/registry-model/threads", test_threads);
  test_add ("/registry-model/drop-in-thread", test_drop_in_thread);

  return g_test_run ();
}
