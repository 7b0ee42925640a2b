/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-registry-store-private.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include <process-glib/daemons/process-registry-folder-private.h>
#include <process-glib/daemons/process-registry-names-private.h>
#include <process-glib/process-error.h>

/* How it works
 *
 * What a file is about is told by its content. Its name is only where to look
 * first: an entry goes to the best of its key's names that is not taken, and a
 * key whose best names were once taken may have its file under any of them. Of
 * several files about one key the one with the best name counts; only a crash
 * between two steps, and the Go package, can leave several.
 */

/* Others hold the lock for moments; who was stopped in such a moment holds it longer. */
#define PATIENCE (3 * G_TIME_SPAN_SECOND)
/* How often a folder may vanish under our hands. */
#define MAX_TRIES 5

static gboolean
is_missing (GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static gboolean
lock (ProcessRegistryFolder *folder, GError **error)
{
  if (_process_registry_folder_lock (folder, PATIENCE))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Another process has locked the folder");

  return FALSE;
}

static gboolean
is_about (ProcessRegistryFile *file, const char *code, const char *daemon)
{
  return file->kind == PROCESS_REGISTRY_FILE_ENTRY &&
         _process_daemon_entry_is_about (file->entry, code, daemon);
}

/* Whether an entry for the key may be put there. */
static gboolean
is_free (ProcessRegistryFile *file, const char *code, const char *daemon)
{
  switch (file->kind)
    {
    case PROCESS_REGISTRY_FILE_MISSING:
    case PROCESS_REGISTRY_FILE_INVALID:
      return TRUE;

    case PROCESS_REGISTRY_FILE_ENTRY:
      return is_about (file, code, daemon) || _process_registry_file_is_stale (file);

    case PROCESS_REGISTRY_FILE_DRAFT:
    case PROCESS_REGISTRY_FILE_OTHER:
    default:
      return FALSE;
    }
}

/* All that is under the names, in their order. */
static GPtrArray *
read_names (ProcessRegistryFolder *folder, char **names, GError **error)
{
  g_autoptr (GPtrArray) files =
    g_ptr_array_new_with_free_func ((GDestroyNotify) _process_registry_file_free);

  for (guint i = 0; names[i] != NULL; i++)
    {
      ProcessRegistryFile *file = _process_registry_folder_read (folder, names[i], error);

      if (file == NULL)
        return NULL;
      g_ptr_array_add (files, file);
    }

  return g_steal_pointer (&files);
}

/* Gives the draft its name, and takes away what else is about its key. */
static gboolean
place (ProcessRegistryFolder  *folder,
       const char             *draft,
       const char             *code,
       const char             *daemon,
       GError                **error)
{
  g_auto (GStrv) names = _process_registry_get_names (code, daemon);
  g_autoptr (GPtrArray) files = NULL;
  guint chosen = 0;

  if (!lock (folder, error))
    return FALSE;

  files = read_names (folder, names, error);
  if (files == NULL)
    return FALSE;

  while (chosen < files->len && !is_free (files->pdata[chosen], code, daemon))
    chosen++;
  if (chosen == files->len)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                           "All names that its file may have are taken");
      return FALSE;
    }

  if (!_process_registry_folder_place (folder, draft, names[chosen], error))
    return FALSE;

  for (guint i = 0; i < files->len; i++)
    if (i != chosen && is_about (files->pdata[i], code, daemon))
      _process_registry_folder_remove (folder, files->pdata[i], NULL);

  return TRUE;
}

static gboolean
make_folder (const char *path, GError **error)
{
  int problem = g_mkdir_with_parents (path, 0700) == 0 ? 0 : errno;

  if (problem != 0)
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (problem), g_strerror (problem));

  return problem == 0;
}

static gboolean
try_to_put (const char          *path,
            ProcessDaemonEntry  *entry,
            const char          *text,
            GError             **error)
{
  g_autoptr (ProcessRegistryFolder) folder = NULL;
  g_autofree char *draft = NULL;

  if (!make_folder (path, error))
    return FALSE;

  folder = _process_registry_folder_open (path, error);
  if (folder == NULL)
    return FALSE;

  draft = _process_registry_folder_write_draft (folder, text, error);
  if (draft == NULL)
    return FALSE;

  if (place (folder, draft, process_daemon_entry_get_code (entry),
             process_daemon_entry_get_daemon (entry), error))
    return TRUE;

  _process_registry_folder_drop (folder, draft);

  return FALSE;
}

gboolean
_process_registry_store_put (const char *path, ProcessDaemonEntry *entry, GError **error)
{
  g_autofree char *text = _process_daemon_entry_to_text (entry);
  g_autoptr (GError) problem = NULL;

  if (strlen (text) > PROCESS_DAEMON_ENTRY_MAX_LENGTH)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "The daemon entry takes more than %d bytes", PROCESS_DAEMON_ENTRY_MAX_LENGTH);
      return FALSE;
    }

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&problem);
      if (try_to_put (path, entry, text, &problem))
        return TRUE;

      /* Only what was there a moment ago can be missing. */
      if (!is_missing (problem))
        break;
    }

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

/* @own may not know of the ticks, which were added when it was registered. */
static gboolean
says_the_same (ProcessDaemonEntry *entry, ProcessDaemonEntry *own)
{
  GDateTime *started = process_daemon_entry_get_started (entry);
  GDateTime *own_started = process_daemon_entry_get_started (own);
  guint64 ticks = _process_daemon_entry_get_start_ticks (entry);
  guint64 own_ticks = _process_daemon_entry_get_start_ticks (own);

  return process_daemon_entry_get_pid (entry) == process_daemon_entry_get_pid (own) &&
         (own_started == NULL ||
          (started != NULL && g_date_time_equal (started, own_started))) &&
         (ticks == 0 || own_ticks == 0 || ticks == own_ticks);
}

gboolean
_process_registry_store_remove (const char          *path,
                                const char          *code,
                                const char          *daemon,
                                ProcessDaemonEntry  *own,
                                GError             **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (ProcessRegistryFolder) folder = _process_registry_folder_open (path, &problem);
  g_autoptr (GPtrArray) files = NULL;

  if (folder != NULL && lock (folder, &problem))
    files = _process_registry_folder_read_all (folder, &problem);

  for (guint i = 0; problem == NULL && i < files->len; i++)
    {
      ProcessRegistryFile *file = files->pdata[i];

      if (is_about (file, code, daemon) && (own == NULL || says_the_same (file->entry, own)))
        _process_registry_folder_remove (folder, file, &problem);
    }

  if (problem == NULL || is_missing (problem))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

/* Whether it counts, and is not stale; then it goes, if that is possible at once. */
static gboolean
is_live_or_prune (ProcessRegistryFolder *folder, ProcessRegistryFile *file)
{
  if (!_process_registry_file_is_stale (file))
    return file->kind == PROCESS_REGISTRY_FILE_ENTRY;

  if (folder->locked || _process_registry_folder_lock (folder, 0))
    _process_registry_folder_remove (folder, file, NULL);

  return FALSE;
}

static guint
hash_key (gconstpointer data)
{
  ProcessDaemonEntry *entry = (ProcessDaemonEntry *) data;

  return g_str_hash (process_daemon_entry_get_code (entry)) * 31 +
         g_str_hash (process_daemon_entry_get_daemon (entry));
}

static gboolean
has_same_key (gconstpointer one, gconstpointer other)
{
  ProcessDaemonEntry *entry = (ProcessDaemonEntry *) other;

  return _process_daemon_entry_is_about ((ProcessDaemonEntry *) one,
                                         process_daemon_entry_get_code (entry),
                                         process_daemon_entry_get_daemon (entry));
}

/* How good a name of its key it has; 0 is the best. */
static guint
get_rank (ProcessRegistryFile *file)
{
  g_auto (GStrv) names =
    _process_registry_get_names (process_daemon_entry_get_code (file->entry),
                                 process_daemon_entry_get_daemon (file->entry));
  guint rank = 0;

  while (names[rank] != NULL && !g_str_equal (names[rank], file->name))
    rank++;

  return rank;
}

static gboolean
has_better_name (ProcessRegistryFile *file, ProcessRegistryFile *other)
{
  guint rank = get_rank (file), other_rank = get_rank (other);

  return rank != other_rank ? rank < other_rank : strcmp (file->name, other->name) < 0;
}

static int
compare_entries (gconstpointer one, gconstpointer other)
{
  return _process_daemon_entry_compare (*(ProcessDaemonEntry **) one,
                                        *(ProcessDaemonEntry **) other);
}

/* From a table of the entries (of the files) and the files that are to be used. */
static GPtrArray *
get_entries (GHashTable *by_key)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer entry = NULL;

  g_hash_table_iter_init (&iter, by_key);
  while (g_hash_table_iter_next (&iter, &entry, NULL))
    g_ptr_array_add (entries, g_object_ref (entry));

  g_ptr_array_sort (entries, compare_entries);

  return entries;
}

GPtrArray *
_process_registry_store_list (const char *path, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (ProcessRegistryFolder) folder = _process_registry_folder_open (path, &problem);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GHashTable) by_key = g_hash_table_new (hash_key, has_same_key);

  if (folder != NULL)
    files = _process_registry_folder_read_all (folder, &problem);
  if (files == NULL && !is_missing (problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }

  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      ProcessRegistryFile *file = files->pdata[i], *other = NULL;

      if (!is_live_or_prune (folder, file))
        continue;
      other = g_hash_table_lookup (by_key, file->entry);
      if (other == NULL || has_better_name (file, other))
        g_hash_table_replace (by_key, file->entry, file);
    }

  return get_entries (by_key);
}

static ProcessDaemonEntry *
find (GPtrArray *entries, const char *code, const char *daemon)
{
  for (guint i = 0; i < entries->len; i++)
    if (_process_daemon_entry_is_about (entries->pdata[i], code, daemon))
      return g_object_ref (entries->pdata[i]);

  return NULL;
}

ProcessDaemonEntry *
_process_registry_store_get (const char *path, const char *code, const char *daemon)
{
  g_autoptr (ProcessRegistryFolder) folder = _process_registry_folder_open (path, NULL);
  g_auto (GStrv) names = _process_registry_get_names (code, daemon);
  g_autoptr (GPtrArray) entries = NULL;

  for (guint i = 0; folder != NULL && names[i] != NULL; i++)
    {
      g_autoptr (ProcessRegistryFile) file = _process_registry_folder_read (folder, names[i], NULL);

      if (file != NULL && is_live_or_prune (folder, file) && is_about (file, code, daemon))
        return g_steal_pointer (&file->entry);
    }

  /* It may have any other name. */
  entries = _process_registry_store_list (path, NULL);

  return entries != NULL ? find (entries, code, daemon) : NULL;
}
