/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-registry-folder-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include <process-glib/daemons/process-registry-names-private.h>

/* How it works
 *
 * A file comes into being as a draft, and gets its name when it is complete and
 * on the disk: whoever is killed on the way leaves the old file or the new one,
 * and at worst a draft. All calls go by the descriptor of the folder, so that
 * they mean the same folder even while it is moved or replaced.
 *
 * Whoever gives or takes away names holds a lock on the folder, and under it
 * looks again at what it is about to replace or remove. The lock goes with its
 * holder. The Go package takes no locks: against it only that second look helps.
 *
 * Files are looked at before they are opened, opened so that nothing blocks, and
 * looked at again: neither a pipe nor a device nor a symbolic link does harm,
 * nor does a file of any size.
 */

/* How long somebody may be writing a file. */
#define WRITE_TIME (10 * G_TIME_SPAN_SECOND)
#define LOOK_AGAIN (2 * G_TIME_SPAN_MILLISECOND)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DIR, closedir)

static void
set_error (GError **error, int problem)
{
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (problem), g_strerror (problem));
}

ProcessRegistryFolder *
_process_registry_folder_open (const char *path, GError **error)
{
  g_auto (ProcessFd) fd = process_fd_open (AT_FDCWD, path,
                                           O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC, 0);
  ProcessRegistryFolder *self = NULL;

  if (fd < 0)
    {
      set_error (error, errno);
      return NULL;
    }

  self = g_new0 (ProcessRegistryFolder, 1);
  self->fd = process_fd_steal (&fd);

  return self;
}

void
_process_registry_folder_free (ProcessRegistryFolder *self)
{
  /* A child that is just being started may have the descriptor for a moment longer. */
  if (self->locked)
    flock (self->fd, LOCK_UN);

  process_fd_clear (&self->fd);
  g_free (self);
}

gboolean
_process_registry_folder_lock (ProcessRegistryFolder *self, gint64 patience)
{
  gint64 deadline = g_get_monotonic_time () + patience;

  while (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      /* Some file systems have no locks for folders; there it has to go without. */
      if (errno != EWOULDBLOCK && errno != EINTR)
        return TRUE;

      if (g_get_monotonic_time () >= deadline)
        return FALSE;

      g_usleep (LOOK_AGAIN);
    }

  self->locked = TRUE;

  return TRUE;
}

/* What keeps us from looking, and tells nothing of the file. */
static gboolean
is_obstacle (int problem)
{
  return problem == EMFILE || problem == ENFILE || problem == ENOMEM || problem == EIO;
}

/* The content, or NULL when it is too long or with an error. */
static char *
read_content (ProcessRegistryFile *file, int fd, gsize *length, GError **error)
{
  g_autofree char *content = NULL;
  gssize n_read = 0;

  file->kind = PROCESS_REGISTRY_FILE_INVALID;
  if (file->status.st_size > PROCESS_DAEMON_ENTRY_MAX_LENGTH)
    return NULL;

  /* It may be growing. */
  content = g_malloc (PROCESS_DAEMON_ENTRY_MAX_LENGTH + 1);
  *length = 0;
  do
    {
      n_read = read (fd, content + *length, PROCESS_DAEMON_ENTRY_MAX_LENGTH + 1 - *length);
      if (n_read > 0)
        *length += (gsize) n_read;
    }
  while (n_read > 0 || (n_read < 0 && errno == EINTR));

  if (n_read < 0)
    {
      set_error (error, errno);
      return NULL;
    }

  return g_steal_pointer (&content);
}

static gboolean
read_entry (ProcessRegistryFile *file, int fd, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *content = NULL;
  gsize length = 0;

  content = read_content (file, fd, &length, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }

  if (content != NULL)
    file->entry = _process_daemon_entry_new_from_data (content, length, NULL);
  if (file->entry != NULL)
    file->kind = PROCESS_REGISTRY_FILE_ENTRY;

  return TRUE;
}

static gboolean
open_and_read (ProcessRegistryFolder *self, ProcessRegistryFile *file, GError **error)
{
  g_auto (ProcessFd) fd = process_fd_open (self->fd, file->name, O_RDONLY | O_NOFOLLOW |
                                           O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
  int problem = fd < 0 || fstat (fd, &file->status) != 0 ? errno : 0;

  if (is_obstacle (problem))
    {
      set_error (error, problem);
      return FALSE;
    }

  if (problem == ENOENT)
    file->kind = PROCESS_REGISTRY_FILE_MISSING;
  else if (problem == 0 && S_ISREG (file->status.st_mode))
    return read_entry (file, fd, error);

  return TRUE;
}

ProcessRegistryFile *
_process_registry_folder_read (ProcessRegistryFolder *self, const char *name, GError **error)
{
  g_autoptr (ProcessRegistryFile) file = g_new0 (ProcessRegistryFile, 1);

  file->name = g_strdup (name);
  file->kind = PROCESS_REGISTRY_FILE_OTHER;
  if (fstatat (self->fd, name, &file->status, AT_SYMLINK_NOFOLLOW) != 0)
    {
      if (errno != ENOENT && errno != ENAMETOOLONG)
        {
          set_error (error, errno);
          return NULL;
        }

      /* Nothing can be put where the file system takes no names as long. */
      if (errno == ENOENT)
        file->kind = PROCESS_REGISTRY_FILE_MISSING;
    }
  else if (S_ISREG (file->status.st_mode))
    {
      if (_process_registry_is_draft (name))
        file->kind = PROCESS_REGISTRY_FILE_DRAFT;
      else if (!open_and_read (self, file, error))
        return NULL;
    }

  return g_steal_pointer (&file);
}

/* The names of what may be files of ours. */
static GPtrArray *
list_names (ProcessRegistryFolder *self, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int fd = process_fd_open (self->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  g_autoptr (DIR) dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *found = NULL;

  if (dir == NULL)
    {
      set_error (error, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  while ((errno = 0, found = readdir (dir)) != NULL)
    if (_process_registry_is_name (found->d_name) || _process_registry_is_draft (found->d_name))
      g_ptr_array_add (names, g_strdup (found->d_name));

  if (errno != 0)
    {
      set_error (error, errno);
      return NULL;
    }

  return g_steal_pointer (&names);
}

GPtrArray *
_process_registry_folder_read_all (ProcessRegistryFolder *self, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (self, error);
  g_autoptr (GPtrArray) files = NULL;

  if (names == NULL)
    return NULL;

  files = g_ptr_array_new_with_free_func ((GDestroyNotify) _process_registry_file_free);
  for (guint i = 0; i < names->len; i++)
    {
      ProcessRegistryFile *file = _process_registry_folder_read (self, names->pdata[i], error);

      if (file == NULL)
        return NULL;
      g_ptr_array_add (files, file);
    }

  return g_steal_pointer (&files);
}

/* 0, or what went wrong. */
static int
write_all (int fd, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      gssize n_written = write (fd, text, length);

      if (n_written < 0 && errno != EINTR)
        return errno;

      if (n_written > 0)
        {
          text += n_written;
          length -= (gsize) n_written;
        }
    }

  return process_fd_sync (fd) == 0 ? 0 : errno;
}

char *
_process_registry_folder_write_draft (ProcessRegistryFolder *self, const char *text, GError **error)
{
  g_autofree char *name = NULL;
  g_auto (ProcessFd) fd = -1;
  int problem = 0;

  do
    {
      g_free (name);
      name = _process_registry_new_draft ();
      fd = process_fd_open (self->fd, name,
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
  while (fd < 0 && errno == EEXIST);

  if (fd < 0)
    {
      set_error (error, errno);
      return NULL;
    }

  /* The umask may have taken away what we need. */
  problem = fchmod (fd, 0600) == 0 ? write_all (fd, text) : errno;
  if (close (process_fd_steal (&fd)) != 0 && problem == 0 && errno != EINTR)
    problem = errno;

  if (problem != 0)
    {
      _process_registry_folder_drop (self, name);
      set_error (error, problem);
      return NULL;
    }

  return g_steal_pointer (&name);
}

gboolean
_process_registry_folder_place (ProcessRegistryFolder  *self,
                                const char             *draft,
                                const char             *name,
                                GError                **error)
{
  if (renameat (self->fd, draft, self->fd, name) == 0)
    return TRUE;

  set_error (error, errno);

  return FALSE;
}

void
_process_registry_folder_drop (ProcessRegistryFolder *self, const char *draft)
{
  unlinkat (self->fd, draft, 0);
}

static gboolean
is_same_time (struct timespec one, struct timespec other)
{
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

gboolean
_process_registry_folder_remove (ProcessRegistryFolder  *self,
                                 ProcessRegistryFile    *file,
                                 GError                **error)
{
  struct stat *then = &file->status, now;
  int problem = 0;

  if (fstatat (self->fd, file->name, &now, AT_SYMLINK_NOFOLLOW) != 0)
    problem = errno;
  else if (now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
           now.st_size == then->st_size && is_same_time (now.st_mtim, then->st_mtim) &&
           is_same_time (now.st_ctim, then->st_ctim) && unlinkat (self->fd, file->name, 0) != 0)
    problem = errno;

  if (problem == 0 || problem == ENOENT)
    return TRUE;

  set_error (error, problem);

  return FALSE;
}

gboolean
_process_registry_file_is_stale (ProcessRegistryFile *self)
{
  switch (self->kind)
    {
    case PROCESS_REGISTRY_FILE_ENTRY:
      return !_process_daemon_entry_is_live (self->entry);

    case PROCESS_REGISTRY_FILE_DRAFT:
    case PROCESS_REGISTRY_FILE_INVALID:
      return g_get_real_time () - self->status.st_mtim.tv_sec * G_USEC_PER_SEC > WRITE_TIME;

    case PROCESS_REGISTRY_FILE_MISSING:
    case PROCESS_REGISTRY_FILE_OTHER:
    default:
      return FALSE;
    }
}

void
_process_registry_file_free (ProcessRegistryFile *self)
{
  g_clear_object (&self->entry);
  g_free (self->name);
  g_free (self);
}
