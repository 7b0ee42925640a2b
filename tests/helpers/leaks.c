/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Fails a program that leaves something behind: loaded before it with LD_PRELOAD, it looks when the
 * program exits for
 *
 *   objects of the library that were not finalized, and its counted blocks that were not freed,
 *   descriptors that were not open at the start,
 *   children, alive or not waited for,
 *   files in TMPDIR, which is an empty folder of the program's own.
 *
 * What is left is printed, and the exit status is 99. A program that fails need not have run its
 * main loop once more, so that objects and descriptors of it may still be waiting there. Debian's
 * GObject does not count instances, so that is done here, by standing before the functions that the
 * library calls.
 *
 * A language may tear down all that it has at its end, and so hide what its garbage collector could
 * not find. So a test can look earlier: an object of the type TestLeaks, which every language finds
 * by its name, has the property `alive`, a line for each kind with how many there are.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib-object.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAK_STATUS 99
#define PATIENCE    (10 * G_USEC_PER_SEC)
#define MAX_FDS     1024

#define next(function) ((__typeof__ (&function)) dlsym (RTLD_NEXT, #function))

/* What a program keeps to its end, and why. */
static const char * const kept_descriptors[] = {
  /* What wakes the default main context, and that of GLib's worker thread. */
  "anon_inode:[eventfd]",
  /* By which GIO watches files. */
  "anon_inode:inotify",
  NULL,
};
static const struct
{
  const char *name;
  int         n;
} kept_objects[] = {
  /* Those of every process that no service made: see make_orphan (). */
  { "ProcessRunOptions", 1 },
};

static GMutex lock;
static GHashTable *inits;  /* (owned): from types to their GInstanceInitFunc */
static GHashTable *blocks; /* (owned): from blocks to the names of what made them */
static GHashTable *clears; /* (owned): from blocks to their GDestroyNotify */
static GHashTable *alive;  /* (owned): from names to numbers */
static char *folder;       /* (owned) */
static gboolean inherited[MAX_FDS];
static pid_t program;

/* Objects and blocks */

static void
count (const char *name, int change)
{
  g_mutex_lock (&lock);
  g_hash_table_insert (
    alive, (gpointer) name,
    GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (alive, name)) + change));
  g_mutex_unlock (&lock);
}

static void
count_down (gpointer name)
{
  count (name, -1);
}

static void
init_counted (GTypeInstance *instance, gpointer klass)
{
  /* While it is made an instance is one of the class whose turn it is. */
  GType type = G_TYPE_FROM_INSTANCE (instance);
  const char *name = g_type_name (type);
  GInstanceInitFunc init;

  g_mutex_lock (&lock);
  init = (GInstanceInitFunc) g_hash_table_lookup (inits, GSIZE_TO_POINTER (type));
  g_mutex_unlock (&lock);
  init (instance, klass);
  count (name, 1);
  /* What GObject frees when it finalizes the object, and not before. */
  g_object_set_data_full (G_OBJECT (instance), name, (gpointer) name, count_down);
}

GType
g_type_register_static_simple (GType parent, const char *name, guint class_size,
                               GClassInitFunc class_init, guint instance_size,
                               GInstanceInitFunc init, GTypeFlags flags)
{
  gboolean counted = g_str_has_prefix (name, "Process") && g_type_is_a (parent, G_TYPE_OBJECT);
  GType type = next (g_type_register_static_simple) (parent, name, class_size, class_init,
                                                     instance_size,
                                                     counted ? init_counted : init, flags);

  if (counted)
    {
      g_mutex_lock (&lock);
      g_hash_table_insert (inits, GSIZE_TO_POINTER (type), (gpointer) init);
      g_mutex_unlock (&lock);
    }
  return type;
}

gpointer
g_atomic_rc_box_alloc0 (gsize size)
{
  gpointer block = next (g_atomic_rc_box_alloc0) (size);
  Dl_info info;

  if (dladdr (__builtin_return_address (0), &info) != 0
      && strstr (info.dli_fname, "libprocess-glib") != NULL)
    {
      const char *maker = info.dli_sname != NULL ? info.dli_sname : "private block";
      const char *name = g_intern_string (maker);

      g_mutex_lock (&lock);
      g_hash_table_insert (blocks, block, (gpointer) name);
      g_mutex_unlock (&lock);
      count (name, 1);
    }
  return block;
}

static void
clear_counted (gpointer block)
{
  GDestroyNotify clear;
  gpointer name = NULL;

  g_mutex_lock (&lock);
  clear = (GDestroyNotify) g_hash_table_lookup (clears, block);
  g_hash_table_remove (clears, block);
  g_hash_table_steal_extended (blocks, block, NULL, &name);
  g_mutex_unlock (&lock);
  clear (block);
  count (name, -1);
}

void
g_atomic_rc_box_release_full (gpointer block, GDestroyNotify clear)
{
  g_mutex_lock (&lock);
  if (g_hash_table_contains (blocks, block))
    {
      g_hash_table_insert (clears, block, (gpointer) clear);
      clear = clear_counted;
    }
  g_mutex_unlock (&lock);
  next (g_atomic_rc_box_release_full) (block, clear);
}

static int
count_kept (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kept_objects); i++)
    if (g_str_equal (name, kept_objects[i].name))
      return kept_objects[i].n;
  return 0;
}

static void
list_alive (GString *text)
{
  g_autoptr (GList) names = NULL;

  g_mutex_lock (&lock);
  names = g_list_sort (g_hash_table_get_keys (alive), (GCompareFunc) strcmp);
  for (GList *each = names; each != NULL; each = each->next)
    {
      const char *name = each->data;
      int n = GPOINTER_TO_INT (g_hash_table_lookup (alive, name));

      if (n > count_kept (name))
        g_string_append_printf (text, "%s %d\n", name, n);
    }
  g_mutex_unlock (&lock);
}

/* For tests */

#define TEST_TYPE_LEAKS (test_leaks_get_type ())

G_DECLARE_FINAL_TYPE (TestLeaks, test_leaks, TEST, LEAKS, GObject)

struct _TestLeaks
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (TestLeaks, test_leaks, G_TYPE_OBJECT)

static void
test_leaks_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GString *text = g_string_new (NULL);

  list_alive (text);
  g_value_take_string (value, g_string_free (text, FALSE));
}

static void
test_leaks_class_init (TestLeaksClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_leaks_get_property;
  g_object_class_install_property (
    object_class, 1,
    g_param_spec_string ("alive", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
test_leaks_init (TestLeaks *leaks)
{
}

/* All else */

static void
list_descriptors (GString *text)
{
  for (int fd = 0; fd < MAX_FDS; fd++)
    {
      g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
      g_autofree char *target = inherited[fd] ? NULL : g_file_read_link (link, NULL);

      if (target != NULL && !g_strv_contains (kept_descriptors, target))
        g_string_append_printf (text, "descriptor %d of %s\n", fd, target);
    }
}

static void
list_children (GString *text)
{
  siginfo_t info = {0};

  if (waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
    g_string_append_printf (text, info.si_pid != 0 ? "child %d, which ended\n" : "a child\n",
                            info.si_pid);
}

static GString *
list_all (int status)
{
  GString *text = g_string_new (NULL);

  list_children (text);
  if (status == 0)
    {
      list_alive (text);
      list_descriptors (text);
    }
  return text;
}

/* GLib's worker thread reaps a child some time after its end, and threads let go of what they had
 * when they end. */
static GString *
list_all_at_last (int status)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  GString *text = list_all (status);

  while (text->len > 0 && g_get_monotonic_time () < deadline)
    {
      g_string_free (text, TRUE);
      g_usleep (10000);
      text = list_all (status);
    }
  return text;
}

static GString *left; /* (owned) (nullable) */

static int
remove_file (const char *path, const struct stat *status, int type, struct FTW *where)
{
  if (where->level > 0)
    g_string_append_printf (left, "file %s\n", path + strlen (folder) + 1);
  return remove (path);
}

/* After all else that is done at the end. */
static void
end (int status, gpointer unused)
{
  if (getpid () != program)
    return;

  left = list_all_at_last (status);
  nftw (folder, remove_file, 10, FTW_DEPTH | FTW_PHYS);
  if (left->len == 0)
    return;

  g_printerr ("Left behind:\n%s", left->str);
  fflush (NULL);
  _exit (LEAK_STATUS);
}

static void __attribute__ ((constructor))
begin (void)
{
  const char *parent = g_getenv ("TMPDIR");

  program = getpid ();
  inits = g_hash_table_new (NULL, NULL);
  blocks = g_hash_table_new (NULL, NULL);
  clears = g_hash_table_new (NULL, NULL);
  alive = g_hash_table_new (g_str_hash, g_str_equal);
  for (int fd = 0; fd < MAX_FDS; fd++)
    inherited[fd] = fcntl (fd, F_GETFD) >= 0;
  folder = g_build_filename (parent != NULL ? parent : "/tmp", "leaks-XXXXXX", NULL);
  if (g_mkdtemp (folder) == NULL)
    g_error ("%s: %s", folder, g_strerror (errno));
  g_setenv ("TMPDIR", folder, TRUE);
  g_type_ensure (TEST_TYPE_LEAKS);
  on_exit (end, NULL);
  /* Not for the children. */
  unsetenv ("LD_PRELOAD");
}
