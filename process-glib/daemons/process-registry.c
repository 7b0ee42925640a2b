/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-registry-private.h"

#include <process-glib/daemons/process-daemon-entry-private.h>
#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/daemons/process-registry-store-private.h>
#include <process-glib/daemons/process-registry-watch-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/**
 * ProcessRegistry:
 *
 * The daemons of a user, each a file in a folder.
 *
 * The files are those of the Go package, which may use the same folder: one for
 * each pair of code and daemon, called `CODE-DAEMON.json`, with `-` in place of
 * `/`. Where that name is taken by another pair, is too long, starts with a dot
 * or lacks a part, all bytes of both but `A-Z`, `a-z`, `0-9`, `.` and `_` are
 * percent-encoded (and a dot at the start); where that cannot be used either, it
 * is `%` and the SHA-256 digest of code, NUL and daemon. What a file is about is
 * decided by its content alone. Files appear complete or not at all; they are
 * for their owner only (mode 0600), and so is the folder, if it is made here
 * (0700).
 *
 * An entry is live as long as there is a process with its pid, whoever's it
 * is, and as far as that is recorded the one that was registered: its start and
 * the boot are looked at, since the system uses pids again. Reading removes the
 * files of what is not live, and after ten seconds files that cannot be
 * understood and what killed writers left. Other things in the folder, such as
 * symbolic links and pipes, are neither used nor removed.
 *
 * As a [iface@Gio.ListModel] it has the live entries, by start, code and daemon,
 * and follows the folder: it reads it when it is first asked for items, and then
 * whenever something in it changes, also when the folder comes, goes and comes
 * again, or when one of the daemons ends. Entries that did not change stay the
 * same objects.
 *
 * **Threads.** The list model belongs to the main context that is the
 * thread-default one when the registry is made, and is used and changes there
 * only. All else can be called from any thread, and goes to the folder each
 * time; it blocks no longer than the file system, but for up to three seconds
 * when another process is stopped in the middle of a change.
 *
 * **Ownership.** Entries that it hands out are copies; to change one changes
 * nothing here. Following ends with the last reference.
 *
 * What it does not do: it does not start, stop or probe daemons, and it does not
 * tell whether who wrote a file is the daemon.
 *
 * Guide: [Daemons](daemons.html).
 */

struct _ProcessRegistry
{
  GObject               parent_instance;

  char                 *dir;
  char                 *path;    /* the same, absolute; NULL when it is empty */
  GMainContext         *context; /* (owned), the owner's; NULL once disposed */

  /* the owner's */
  GPtrArray            *items;   /* of entries (owned); NULL until it is asked for */
  ProcessRegistryWatch *watch;   /* (owned) (nullable) */
};

typedef enum
{
  PROP_DIR = 1,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
} ProcessRegistryProperty;

#define N_PROPERTIES (PROP_N_ITEMS + 1)
#define READABLE_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static GParamSpec *properties[N_PROPERTIES];

static void process_registry_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ProcessRegistry, process_registry, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      process_registry_list_model_init))

/* As the Go package has it. */
static char *
get_default_dir (void)
{
  /* g_get_home_dir () knows a home of those who have no $HOME, but nobody else does; and it does
   * not see when that changes. */
  const char *home = g_getenv ("HOME");

  return g_build_filename (home != NULL && *home != '\0' ? home : g_get_tmp_dir (), ".core",
                           "daemons", NULL);
}

static char *
make_absolute (const char *path)
{
  g_autofree char *cwd = NULL;

  if (*path == '\0')
    return NULL;

  if (g_path_is_absolute (path))
    return g_strdup (path);

  cwd = g_get_current_dir ();

  return g_build_filename (cwd, path, NULL);
}

static gboolean
check_path (ProcessRegistry *self, GError **error)
{
  if (self->path == NULL)
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                         "The name of the registry's folder is empty");

  return self->path != NULL;
}

static GPtrArray *
read_live (ProcessRegistry *self, GError **error)
{
  return check_path (self, error) ? _process_registry_store_list (self->path, error) : NULL;
}

/* What is known is kept while the folder cannot be read, but for what ended. */
static GPtrArray *
keep_live (ProcessRegistry *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->items->len; i++)
    if (_process_daemon_entry_is_live (self->items->pdata[i]))
      g_ptr_array_add (entries, g_object_ref (self->items->pdata[i]));

  return entries;
}

/* Where two sorted lists differ: how many to take away and to add there, up to the next entry that
 * they share. */
static void
measure_change (GPtrArray *old,
                guint      old_position,
                GPtrArray *new,
                guint      new_position,
                guint     *n_removed,
                guint     *n_added)
{
  guint i = old_position, j = new_position;

  while (i < old->len || j < new->len)
    {
      ProcessDaemonEntry *one = i < old->len ? old->pdata[i] : NULL;
      ProcessDaemonEntry *other = j < new->len ? new->pdata[j] : NULL;
      int order = one == NULL ? 1 : other == NULL ? -1 : _process_daemon_entry_compare (one, other);

      if (order == 0 && _process_daemon_entry_equal (one, other))
        break;
      i += order <= 0;
      j += order >= 0;
    }

  *n_removed = i - old_position;
  *n_added = j - new_position;
}

static void
replace_items (ProcessRegistry *self,
               guint            position,
               guint            n_removed,
               GPtrArray       *entries,
               guint            first,
               guint            n_added)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (self->items, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (self->items, (int) (position + i),
                        g_object_ref (entries->pdata[first + i]));

  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
}

static void
update_items (ProcessRegistry *self, GPtrArray *entries)
{
  guint n_before = self->items->len;

  for (guint i = 0; i < self->items->len || i < entries->len; i++)
    {
      guint n_removed, n_added;

      /* Up to here both are the same. */
      measure_change (self->items, i, entries, i, &n_removed, &n_added);
      if (n_removed > 0 || n_added > 0)
        replace_items (self, i, n_removed, entries, i, n_added);
      i += n_added;
    }

  if (self->items->len != n_before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

static gboolean
changed_cb (gpointer weak_self)
{
  g_autoptr (ProcessRegistry) self = g_weak_ref_get (weak_self);
  g_autoptr (GPtrArray) entries = NULL;
  gboolean failed = FALSE;

  if (self == NULL || self->watch == NULL)
    return G_SOURCE_REMOVE;

  _process_registry_watch_prepare (self->watch);
  entries = read_live (self, NULL);
  failed = entries == NULL;
  if (failed)
    entries = keep_live (self);
  _process_registry_watch_follow (self->watch, entries, failed);
  update_items (self, entries);

  return G_SOURCE_CONTINUE;
}

static void
weak_self_free (gpointer weak_self)
{
  g_weak_ref_clear (weak_self);
  g_free (weak_self);
}

static GPtrArray *
get_items (ProcessRegistry *self)
{
  GWeakRef *weak_self = NULL;

  if (self->items != NULL)
    return self->items;

  self->items = read_live (self, NULL);
  if (self->items == NULL)
    self->items = g_ptr_array_new_with_free_func (g_object_unref);

  if (self->path != NULL && self->context != NULL)
    {
      weak_self = g_new0 (GWeakRef, 1);
      g_weak_ref_init (weak_self, self);
      self->watch = _process_registry_watch_new (self->path, self->context, changed_cb,
                                                 weak_self, weak_self_free);
    }

  return self->items;
}

static GType
process_registry_list_get_item_type (GListModel *model)
{
  return PROCESS_TYPE_DAEMON_ENTRY;
}

static guint
process_registry_list_get_n_items (GListModel *model)
{
  return get_items (PROCESS_REGISTRY (model))->len;
}

static gpointer
process_registry_list_get_item (GListModel *model, guint position)
{
  GPtrArray *items = get_items (PROCESS_REGISTRY (model));

  return position < items->len ? g_object_ref (items->pdata[position]) : NULL;
}

static void
process_registry_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = process_registry_list_get_item_type;
  iface->get_n_items = process_registry_list_get_n_items;
  iface->get_item = process_registry_list_get_item;
}

static void
process_registry_constructed (GObject *object)
{
  ProcessRegistry *self = PROCESS_REGISTRY (object);

  G_OBJECT_CLASS (process_registry_parent_class)->constructed (object);

  if (self->dir == NULL)
    self->dir = get_default_dir ();
  self->path = make_absolute (self->dir);
}

static void
process_registry_dispose (GObject *object)
{
  ProcessRegistry *self = PROCESS_REGISTRY (object);

  g_clear_pointer (&self->watch, _process_registry_watch_stop);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (process_registry_parent_class)->dispose (object);
}

static void
process_registry_finalize (GObject *object)
{
  ProcessRegistry *self = PROCESS_REGISTRY (object);

  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self->path);
  g_free (self->dir);

  G_OBJECT_CLASS (process_registry_parent_class)->finalize (object);
}

static void
process_registry_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  ProcessRegistry *self = PROCESS_REGISTRY (object);

  switch ((ProcessRegistryProperty) prop_id)
    {
    case PROP_DIR:
      g_value_set_string (value, self->dir);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, process_registry_get_item_type (self));
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, process_registry_get_n_items (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_registry_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  ProcessRegistry *self = PROCESS_REGISTRY (object);

  switch ((ProcessRegistryProperty) prop_id)
    {
    case PROP_DIR:
      self->dir = g_value_dup_string (value);
      break;
    case PROP_ITEM_TYPE:
    case PROP_N_ITEMS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_registry_class_init (ProcessRegistryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = process_registry_constructed;
  object_class->dispose = process_registry_dispose;
  object_class->finalize = process_registry_finalize;
  object_class->get_property = process_registry_get_property;
  object_class->set_property = process_registry_set_property;

  /**
   * ProcessRegistry:dir: (type filename)
   *
   * The folder; never %NULL when read.
   *
   * One that is not given, or %NULL, is that of [func@Process.Registry.get_default]. A relative
   * one is below the working directory that is in use when the registry is made. It need not exist.
   */
  properties[PROP_DIR] =
    g_param_spec_string ("dir", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                         G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ProcessRegistry:item-type: (getter get_item_type)
   *
   * The type of the items: [class@Process.DaemonEntry].
   */
  properties[PROP_ITEM_TYPE] =
    g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, READABLE_FLAGS);

  /**
   * ProcessRegistry:n-items: (getter get_n_items)
   *
   * The number of live entries.
   */
  properties[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, READABLE_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_registry_init (ProcessRegistry *self)
{
  self->context = g_main_context_ref_thread_default ();
}

/* "“CODE/DAEMON” in “DIR”" */
static char *
describe (ProcessRegistry *self, const char *code, const char *daemon)
{
  g_autofree char *dir = _process_make_valid (self->dir, -1);

  return g_strdup_printf ("“%s/%s” in “%s”", code, daemon, dir);
}

static gboolean
check_entry (ProcessRegistry *self, ProcessDaemonEntry *entry, GError **error)
{
  if (!check_path (self, error))
    return FALSE;

  if (process_daemon_entry_get_pid (entry) == 0)
    g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                         "The daemon entry has no pid");

  return process_daemon_entry_get_pid (entry) != 0;
}

/* With what is only known now. */
static ProcessDaemonEntry *
complete (ProcessDaemonEntry *entry)
{
  ProcessDaemonEntry *copy = _process_daemon_entry_copy (entry);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  guint64 ticks = _process_daemon_entry_get_start_ticks (copy);

  if (process_daemon_entry_get_started (copy) == NULL)
    process_daemon_entry_set_started (copy, now);

  /* One that was read from a registry may mean an earlier life of the pid. */
  if (ticks == 0)
    ticks = _process_identity_get_start_ticks (process_daemon_entry_get_pid (copy));
  if (ticks != _process_daemon_entry_get_start_ticks (copy))
    _process_daemon_entry_set_identity (copy, ticks, _process_identity_get_boot_id ());

  return copy;
}

static gboolean
unregister (ProcessRegistry     *self,
            const char          *code,
            const char          *daemon,
            ProcessDaemonEntry  *own,
            GError             **error)
{
  g_autofree char *valid_code = _process_make_valid (code, -1);
  g_autofree char *valid_daemon = _process_make_valid (daemon, -1);
  g_autofree char *what = NULL;

  if (check_path (self, error) &&
      _process_registry_store_remove (self->path, valid_code, valid_daemon, own, error))
    return TRUE;

  what = describe (self, valid_code, valid_daemon);
  g_prefix_error (error, "Could not unregister %s: ", what);

  return FALSE;
}

gboolean
_process_registry_unregister_own (ProcessRegistry     *self,
                                  ProcessDaemonEntry  *entry,
                                  GError             **error)
{
  return unregister (self, process_daemon_entry_get_code (entry),
                     process_daemon_entry_get_daemon (entry), entry, error);
}

/**
 * process_registry_new:
 * @dir: (type filename): a folder, which need not exist
 *
 * Makes a registry that is kept in a folder.
 *
 * Returns: (transfer full): a new registry
 */
ProcessRegistry *
process_registry_new (const char *dir)
{
  g_return_val_if_fail (dir != NULL, NULL);

  return g_object_new (PROCESS_TYPE_REGISTRY, "dir", dir, NULL);
}

/**
 * process_registry_get_default:
 *
 * Makes a registry that is kept where the Go package has its default one.
 *
 * That is `~/.core/daemons`, or `.core/daemons` in the temporary folder when
 * `$HOME` is not set or is empty.
 *
 * Returns: (transfer full): a new registry
 */
ProcessRegistry *
process_registry_get_default (void)
{
  return g_object_new (PROCESS_TYPE_REGISTRY, NULL);
}

/**
 * process_registry_get_dir:
 * @self: a registry
 *
 * Gets the folder, as it was given.
 *
 * Returns: (type filename): a folder
 */
const char *
process_registry_get_dir (ProcessRegistry *self)
{
  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), NULL);

  return self->dir;
}

/**
 * process_registry_get_item_type:
 * @self: a registry
 *
 * Gets the type of the items.
 *
 * Returns: the type of [class@Process.DaemonEntry]
 */
GType
process_registry_get_item_type (ProcessRegistry *self)
{
  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), G_TYPE_INVALID);

  return PROCESS_TYPE_DAEMON_ENTRY;
}

/**
 * process_registry_get_n_items:
 * @self: a registry
 *
 * Gets the number of live entries, and begins to follow the folder.
 *
 * Returns: a number
 */
guint
process_registry_get_n_items (ProcessRegistry *self)
{
  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), 0);

  return get_items (self)->len;
}

/**
 * process_registry_register:
 * @self: a registry
 * @entry: a daemon entry with a pid
 * @error: return location for an error
 *
 * Writes an entry, in place of one with the same code and daemon.
 *
 * @entry itself does not change. What is written has the current time if @entry
 * has no start, and the start of its process if there is one with its pid. Code
 * and daemon may be any text, also an empty one.
 *
 * When this returns %TRUE, the whole file is there under its name; until then,
 * and when it fails or is killed on the way, the old one is.
 *
 * Fails with %PROCESS_ERROR_INVALID_ARGUMENT when @entry has no pid, is larger
 * than 64 KiB as JSON, or when the name of the folder is empty; with
 * %G_IO_ERROR_BUSY when another process does not end its change of the folder;
 * and with another `G_IO_ERROR_*` code when the folder cannot be made or the
 * file not written.
 *
 * Returns: %TRUE if it is registered
 */
gboolean
process_registry_register (ProcessRegistry     *self,
                           ProcessDaemonEntry  *entry,
                           GError             **error)
{
  g_autoptr (ProcessDaemonEntry) copy = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), FALSE);
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (entry), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (check_entry (self, entry, error))
    {
      copy = complete (entry);
      if (_process_registry_store_put (self->path, copy, error))
        return TRUE;
    }

  what = describe (self, process_daemon_entry_get_code (entry),
                   process_daemon_entry_get_daemon (entry));
  g_prefix_error (error, "Could not register %s: ", what);

  return FALSE;
}

/**
 * process_registry_unregister:
 * @self: a registry
 * @code: an application
 * @daemon: a daemon of it
 * @error: return location for an error
 *
 * Removes the entry of a daemon, whether it lives or not.
 *
 * It is no error if there is none. Fails with %PROCESS_ERROR_INVALID_ARGUMENT
 * when the name of the folder is empty, with %G_IO_ERROR_BUSY when another
 * process does not end its change of the folder, and with another `G_IO_ERROR_*`
 * code when the folder cannot be read or the file not removed.
 *
 * Returns: %TRUE if there is none now
 */
gboolean
process_registry_unregister (ProcessRegistry  *self,
                             const char       *code,
                             const char       *daemon,
                             GError          **error)
{
  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), FALSE);
  g_return_val_if_fail (code != NULL, FALSE);
  g_return_val_if_fail (daemon != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return unregister (self, code, daemon, NULL, error);
}

/**
 * process_registry_get:
 * @self: a registry
 * @code: an application
 * @daemon: a daemon of it
 *
 * Looks up a daemon that lives.
 *
 * Returns: (transfer full) (nullable): its entry, or %NULL if there is none, it
 *   has ended, or the folder cannot be read
 */
ProcessDaemonEntry *
process_registry_get (ProcessRegistry *self, const char *code, const char *daemon)
{
  g_autofree char *valid_code = NULL;
  g_autofree char *valid_daemon = NULL;

  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (code != NULL, NULL);
  g_return_val_if_fail (daemon != NULL, NULL);

  if (self->path == NULL)
    return NULL;

  valid_code = _process_make_valid (code, -1);
  valid_daemon = _process_make_valid (daemon, -1);

  return _process_registry_store_get (self->path, valid_code, valid_daemon);
}

/**
 * process_registry_list:
 * @self: a registry
 * @error: return location for an error
 *
 * Lists the daemons that live, by start, code and daemon.
 *
 * A folder that does not exist is an empty one. Fails with
 * %PROCESS_ERROR_INVALID_ARGUMENT when the name of the folder is empty, and with
 * a `G_IO_ERROR_*` code when the folder cannot be read.
 *
 * Returns: (transfer container) (element-type ProcessDaemonEntry): the entries
 */
GPtrArray *
process_registry_list (ProcessRegistry *self, GError **error)
{
  GPtrArray *entries = NULL;
  g_autofree char *dir = NULL;

  g_return_val_if_fail (PROCESS_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  entries = read_live (self, error);
  if (entries != NULL)
    return entries;

  dir = _process_make_valid (self->dir, -1);
  g_prefix_error (error, "Could not list the daemons in “%s”: ", dir);

  return NULL;
}
