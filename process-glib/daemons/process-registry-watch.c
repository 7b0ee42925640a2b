/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-registry-watch-private.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-daemon-entry.h>
#include <process-glib/daemons/process-registry-names-private.h>

/* How it works
 *
 * All is one source in the owner's context. It is ready when one of its pidfds
 * is, which means that a daemon has ended, or when its ready time has come,
 * which is `now` when the monitor has told of a change. Any number of changes
 * are so one call.
 *
 * A folder that does not exist cannot be watched. So the monitor is on the
 * nearest folder above it that does, and there only the next folder on the way
 * down is of interest. At each call the monitor is moved if another folder is
 * the nearest by now, before the registry is read: what comes later is told.
 *
 * Where there is no monitor or no pidfd, as in old kernels, for want of
 * descriptors and of very many daemons, the source is ready again after a while.
 */

#define LOOK_AGAIN (2 * G_TIME_SPAN_SECOND)
/* Descriptors are scarce, and this is for comfort. */
#define MAX_ENDS 256
/* How often a folder may come or go while the monitor is moved. */
#define MAX_MOVES 8

struct _ProcessRegistryWatch
{
  GSource       source;

  char         *path;
  GFileMonitor *monitor; /* (owned) (nullable), cancelled when its folder is gone */
  char         *folder;  /* (owned) (nullable), which it is on */
  struct stat   status;  /* of that */
  GHashTable   *ends;    /* pid -> End (owned) */
};

/* Tells of the end of a process. */
typedef struct
{
  ProcessRegistryWatch *watch;
  int                   fd;
  gpointer              tag;
  gboolean              wanted;
} End;

/* What the monitor's handler knows, which may still run when the watch is being stopped. */
typedef struct
{
  GSource *source; /* (owned) */
  GFile   *folder; /* (owned) */
  char    *next;   /* (owned) (nullable), the only name in it that matters */
} Interest;

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_ready_time (source, -1);

  return callback (data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

static void
end_free (End *end)
{
  g_source_remove_unix_fd (&end->watch->source, end->tag);
  close (end->fd);
  g_free (end);
}

static void
interest_free (gpointer data, GClosure *closure)
{
  Interest *interest = data;

  g_source_unref (interest->source);
  g_object_unref (interest->folder);
  g_free (interest->next);
  g_free (interest);
}

ProcessRegistryWatch *
_process_registry_watch_new (const char     *path,
                             GMainContext   *context,
                             GSourceFunc     callback,
                             gpointer        data,
                             GDestroyNotify  destroy)
{
  GSource *source = g_source_new (&source_funcs, sizeof (ProcessRegistryWatch));
  ProcessRegistryWatch *self = (ProcessRegistryWatch *) source;

  self->path = g_strdup (path);
  self->ends = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) end_free);
  g_source_set_static_name (source, "[process-glib] registry");
  g_source_set_callback (source, callback, data, destroy);
  g_source_set_ready_time (source, 0);
  g_source_attach (source, context);

  return self;
}

static gboolean
is_of_interest (Interest *interest, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);

  return interest->next != NULL ? g_str_equal (name, interest->next)
                                : _process_registry_is_name (name);
}

static void
changed_cb (GFileMonitor      *monitor,
            GFile             *file,
            GFile             *other_file,
            GFileMonitorEvent  event,
            Interest          *interest)
{
  /* The folder itself is gone, even if there is a new one of the same name by now. */
  if (g_file_equal (file, interest->folder) &&
      (event == G_FILE_MONITOR_EVENT_DELETED || event == G_FILE_MONITOR_EVENT_UNMOUNTED))
    g_file_monitor_cancel (monitor);
  else if (!is_of_interest (interest, file))
    return;

  g_source_set_ready_time (interest->source, 0);
}

/* The nearest folder that exists, upwards from the path, which is absolute. */
static char *
find_folder (ProcessRegistryWatch *self, struct stat *status)
{
  g_autofree char *folder = g_strdup (self->path);

  while ((stat (folder, status) != 0 || !S_ISDIR (status->st_mode)) &&
         !g_str_equal (folder, "/"))
    {
      g_autofree char *lower = g_steal_pointer (&folder);

      folder = g_path_get_dirname (lower);
    }

  return g_steal_pointer (&folder);
}

/* What comes after the folder in the path, or NULL. */
static char *
get_next (ProcessRegistryWatch *self, const char *folder)
{
  const char *rest = self->path + strlen (folder);

  while (*rest == '/')
    rest++;

  return *rest != '\0' ? g_strndup (rest, (gsize) (strchrnul (rest, '/') - rest)) : NULL;
}

static gboolean
is_on (ProcessRegistryWatch *self, const char *folder, const struct stat *status)
{
  return self->monitor != NULL && !g_file_monitor_is_cancelled (self->monitor) &&
         g_str_equal (self->folder, folder) &&
         self->status.st_dev == status->st_dev && self->status.st_ino == status->st_ino;
}

static void
drop_monitor (ProcessRegistryWatch *self)
{
  if (self->monitor == NULL)
    return;

  g_signal_handlers_disconnect_matched (self->monitor, G_SIGNAL_MATCH_FUNC, 0, 0, NULL,
                                        G_CALLBACK (changed_cb), NULL);
  g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->folder, g_free);
}

static void
set_monitor (ProcessRegistryWatch *self, const char *folder, const struct stat *status)
{
  Interest *interest = NULL;
  GMainContext *context = g_source_get_context (&self->source);
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  drop_monitor (self);

  /* The context may be run by someone who has not made it the thread's default. */
  g_main_context_push_thread_default (context);
  self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);
  g_main_context_pop_thread_default (context);
  if (self->monitor == NULL)
    return;

  self->folder = g_strdup (folder);
  self->status = *status;
  interest = g_new0 (Interest, 1);
  interest->source = g_source_ref (&self->source);
  interest->folder = g_object_ref (file);
  interest->next = get_next (self, folder);
  g_signal_connect_data (self->monitor, "changed", G_CALLBACK (changed_cb), interest,
                         interest_free, 0);
}

static gboolean
has_ended (gpointer pid, gpointer value, gpointer data)
{
  End *end = value;

  return g_source_query_unix_fd (&end->watch->source, end->tag) != 0;
}

void
_process_registry_watch_prepare (ProcessRegistryWatch *self)
{
  /* They would be ready for ever. */
  g_hash_table_foreach_remove (self->ends, has_ended, NULL);

  for (guint i = 0; i < MAX_MOVES; i++)
    {
      struct stat status = { 0 };
      g_autofree char *folder = find_folder (self, &status);

      if (is_on (self, folder, &status))
        break;
      set_monitor (self, folder, &status);
    }
}

static gboolean
watch_end (ProcessRegistryWatch *self, int pid)
{
  End *end = NULL;
  int fd = -1;

  if (g_hash_table_size (self->ends) < MAX_ENDS)
    fd = (int) syscall (SYS_pidfd_open, pid, 0);
  if (fd < 0)
    return FALSE;

  end = g_new0 (End, 1);
  end->watch = self;
  end->fd = fd;
  end->tag = g_source_add_unix_fd (&self->source, fd, G_IO_IN);
  end->wanted = TRUE;
  g_hash_table_insert (self->ends, GINT_TO_POINTER (pid), end);

  return TRUE;
}

static gboolean
is_unwanted (gpointer pid, gpointer value, gpointer data)
{
  End *end = value;
  gboolean unwanted = !end->wanted;

  end->wanted = FALSE;

  return unwanted;
}

void
_process_registry_watch_follow (ProcessRegistryWatch *self, GPtrArray *entries, gboolean again)
{
  for (guint i = 0; i < entries->len; i++)
    {
      int pid = process_daemon_entry_get_pid (entries->pdata[i]);
      End *end = g_hash_table_lookup (self->ends, GINT_TO_POINTER (pid));

      if (end != NULL)
        end->wanted = TRUE;
      else if (!watch_end (self, pid))
        again = TRUE;
    }

  g_hash_table_foreach_remove (self->ends, is_unwanted, NULL);

  if (again || self->monitor == NULL)
    g_source_set_ready_time (&self->source, g_get_monotonic_time () + LOOK_AGAIN);
}

void
_process_registry_watch_stop (ProcessRegistryWatch *self)
{
  drop_monitor (self);
  g_hash_table_unref (self->ends);
  g_free (self->path);
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}
