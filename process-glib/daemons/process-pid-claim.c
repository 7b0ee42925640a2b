/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-pid-claim-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/* How a PID file is taken
 *
 * What proves a holder is a lock on an open file description (F_OFD_SETLK, see fcntl(2)) of the
 * file that lies at the path. It ends with its process whatever ends that, and anybody can ask for
 * it without taking it, so that those who read a PID file never stand in the way.
 *
 * The next PID file is made beside the old one, as ".NAME.new", and whoever has the lock of that
 * is alone in making it:
 *
 *   look at the path: is there a holder?  ->  open and lock ".NAME.new", see that it still has
 *   that name  ->  look again  ->  write, fsync  ->  rename over the path
 *
 * The lock moves along with the file, so that there is no moment at which the path has a file that
 * is unlocked, or not yet written. Whoever is killed on the way leaves the path as it was, and a
 * ".NAME.new" that the next one takes away. Whoever finds that locked, or the file itself by nobody
 * who lives, comes back a moment later. */

/* Longer content is not about a pid. */
#define LENGTH_MAX 64
/* A file's time and a process's start do not come from the same clock. */
#define SLACK (2 * G_USEC_PER_SEC)
/* How long another one may take to make the file, and how often that is looked at. */
#define PATIENCE (2 * G_USEC_PER_SEC)
#define LOOK_AGAIN (G_USEC_PER_SEC / 1000)

struct _ProcessPidClaim
{
  char *file;     /* (owned), absolute: the working directory may change */
  char *new_file; /* (owned), beside it */
  pid_t pid;      /* of the process that made this; forks have another one */
  ProcessFd fd;   /* of the file, locked; before the end, of the new file */
  gboolean made_folder;
};

typedef enum
{
  ATTEMPT_DONE,
  ATTEMPT_AGAIN,
  ATTEMPT_FAILED, /* with an error */
} Attempt;

static void
process_pid_claim_free (ProcessPidClaim *self)
{
  process_fd_clear (&self->fd);
  g_free (self->file);
  g_free (self->new_file);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessPidClaim, process_pid_claim_free)

/* "The PID file “/run/a.pid” cannot be locked: No locks available". */
static Attempt
fail (GError     **error,
      const char  *file,
      const char  *what,
      int          problem)
{
  g_autofree char *name = _process_make_valid (file, -1);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
               "The PID file “%s” cannot be %s: %s", name, what, g_strerror (problem));

  return ATTEMPT_FAILED;
}

static gboolean
check_kind (const char  *file,
            mode_t       mode,
            GError     **error)
{
  g_autofree char *name = NULL;

  if (S_ISREG (mode))
    return TRUE;

  name = _process_make_valid (file, -1);
  if (S_ISDIR (mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 "“%s” cannot be a PID file: it is a folder", name);
  else if (S_ISLNK (mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS,
                 "“%s” cannot be a PID file: it is a symbolic link, which is not followed", name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 "“%s” cannot be a PID file: it is not a regular file", name);

  return FALSE;
}

/* The descriptor stays as it is if there is no such file. */
static gboolean
open_existing (const char  *file,
               ProcessFd   *fd,
               GError     **error)
{
  struct stat status;

  if (lstat (file, &status) == 0)
    {
      /* Before it is opened: that alone can make a device do something. */
      if (!check_kind (file, status.st_mode, error))
        return FALSE;

      *fd = process_fd_open (AT_FDCWD, file,
                             O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0);
      if (*fd >= 0 && fstat (*fd, &status) == 0)
        return check_kind (file, status.st_mode, error);
    }

  if (errno == ENOENT)
    return TRUE;

  fail (error, file, "read", errno);

  return FALSE;
}

/* 0 if the name stands for this very file, ENOENT if for none or another one, or what went
 * wrong. */
static int
compare (const char *file,
         int         fd)
{
  struct stat named, held;

  if (lstat (file, &named) != 0 || fstat (fd, &held) != 0)
    return errno;

  return named.st_dev == held.st_dev && named.st_ino == held.st_ino ? 0 : ENOENT;
}

static pid_t
read_pid (int fd)
{
  char text[LENGTH_MAX + 1];
  gssize length;

  do
    length = pread (fd, text, sizeof text, 0);
  while (length < 0 && errno == EINTR);

  return length > 0 ? _process_pid_claim_parse (text, (gsize) length) : 0;
}

static gboolean
is_locked (int fd)
{
  /* Not with a write lock: any reader could hold a read lock against that. */
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Whether another program has a lock of the other kind. To ask is to take it, which only one may
 * do at a time. */
static gboolean
is_flocked (int fd)
{
  return flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/* Whether the process may be the one that the file is about, and not one that got its pid later. */
static gboolean
is_alive (pid_t pid,
          int   fd)
{
  gint64 start = pid > 0 ? _process_identity_get_start_time (pid) : -1;
  struct stat status;
  gint64 written;

  if (!_process_identity_exists (pid) || fstat (fd, &status) != 0)
    return FALSE;

  /* No process is older than this boot. */
  if (start < 0)
    start = _process_identity_get_boot_time ();
  written = (gint64) status.st_mtim.tv_sec * G_USEC_PER_SEC + status.st_mtim.tv_nsec / 1000;

  /* In a container that starts again, the one before had the same pid only a moment ago. */
  return start <= written + (pid == getpid () ? 0 : SLACK);
}

/* Whether the path is free to take: with nothing there, or a file that tells of nobody, which is
 * left open. Only one process at a time is inside. */
static Attempt
check_free (ProcessPidClaim  *self,
            gboolean          inside,
            ProcessFd        *fd,
            GError          **error)
{
  gboolean locked, alive;
  pid_t pid;

  if (!open_existing (self->file, fd, error))
    return ATTEMPT_FAILED;

  if (*fd < 0)
    return ATTEMPT_DONE;

  pid = read_pid (*fd);
  locked = is_locked (*fd) || (inside && is_flocked (*fd));
  alive = is_alive (pid, *fd);
  if (!locked && !alive)
    return ATTEMPT_DONE;

  /* Meanwhile its holder may have removed it. Or it was killed, and a child that it was just
   * starting has the lock until its program runs. */
  if (compare (self->file, *fd) != 0 || (pid > 0 && !alive))
    return ATTEMPT_AGAIN;

  _process_pid_claim_set_held (error, self->file, pid);

  return ATTEMPT_FAILED;
}

static Attempt
make_folder (ProcessPidClaim  *self,
             GError          **error)
{
  g_autofree char *folder = g_path_get_dirname (self->file);

  if (self->made_folder)
    return fail (error, self->file, "made", ENOENT);

  self->made_folder = TRUE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return fail (error, self->file, "made", errno);

  return ATTEMPT_AGAIN;
}

/* The descriptor of the new file, or -1 with errno. One that is there was left by somebody. */
static ProcessFd
open_new (ProcessPidClaim *self,
          gboolean        *made)
{
  const int flags = O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
  ProcessFd fd = process_fd_open (AT_FDCWD, self->new_file, flags | O_CREAT | O_EXCL, 0644);

  *made = fd >= 0;
  if (fd >= 0 || errno != EEXIST)
    return fd;

  fd = process_fd_open (AT_FDCWD, self->new_file, flags, 0);
  if (fd < 0 && errno == ENOENT)
    errno = EAGAIN;

  return fd;
}

/* Opens the new file, and is alone with it. */
static Attempt
enter (ProcessPidClaim  *self,
       GError          **error)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  struct stat status;
  gboolean made;
  int problem;

  self->fd = open_new (self, &made);
  if (self->fd < 0 && errno == EAGAIN)
    return ATTEMPT_AGAIN;
  if (self->fd < 0)
    return errno == ENOENT ? make_folder (self, error) : fail (error, self->file, "made", errno);

  if (fcntl (self->fd, F_OFD_SETLK, &lock) != 0)
    {
      if (errno == EAGAIN || errno == EACCES || errno == EINTR)
        return ATTEMPT_AGAIN;

      fail (error, self->file, "locked", errno);
      /* Where nobody can lock, nobody is disturbed. */
      unlink (self->new_file);
      return ATTEMPT_FAILED;
    }

  problem = compare (self->new_file, self->fd);
  if (problem == ENOENT)
    return ATTEMPT_AGAIN;
  if (problem != 0 || fstat (self->fd, &status) != 0)
    return fail (error, self->file, "made", problem != 0 ? problem : errno);

  /* What one that was killed had written, another name of something else, or a file that its owner
   * could write to later. */
  if (!S_ISREG (status.st_mode) || status.st_size > 0 || status.st_nlink != 1 ||
      (!made && status.st_uid != geteuid ()))
    return unlink (self->new_file) == 0 ? ATTEMPT_AGAIN
                                        : fail (error, self->file, "made", errno);

  return ATTEMPT_DONE;
}

static void
leave (ProcessPidClaim *self)
{
  /* Before the lock goes: who gets that next looks whether the name is still there. */
  if (compare (self->new_file, self->fd) == 0)
    unlink (self->new_file);
  process_fd_clear (&self->fd);
}

static gboolean
write_pid (ProcessPidClaim  *self,
           GError          **error)
{
  char text[16];
  gssize length = g_snprintf (text, sizeof text, "%d\n", (int) self->pid);
  gssize written;

  do
    written = write (self->fd, text, (gsize) length);
  while (written < 0 && errno == EINTR);

  if (written == length && process_fd_sync (self->fd) == 0)
    return TRUE;

  fail (error, self->file, "written", written >= 0 && written < length ? ENOSPC : errno);

  return FALSE;
}

/* Inside, puts the new file in the place of what is there. */
static Attempt
publish (ProcessPidClaim  *self,
         GError          **error)
{
  g_auto (ProcessFd) old = -1;
  Attempt attempt = check_free (self, TRUE, &old, error);
  gboolean renamed;
  int problem;

  if (attempt != ATTEMPT_DONE)
    return attempt;

  if (!write_pid (self, error))
    return ATTEMPT_FAILED;

  /* For those that know only this kind, such as pidfile(3) of libbsd. */
  flock (self->fd, LOCK_EX | LOCK_NB);

  renamed = rename (self->new_file, self->file) == 0;
  if (!renamed && errno != ENOENT)
    return fail (error, self->file, "made", errno);

  /* Where it cannot be looked at, the file that was put there is still ours, and locked. */
  problem = compare (self->file, self->fd);

  return problem == 0 || (renamed && problem != ENOENT) ? ATTEMPT_DONE : ATTEMPT_AGAIN;
}

static Attempt
try_once (ProcessPidClaim  *self,
          GError          **error)
{
  g_auto (ProcessFd) old = -1;
  Attempt attempt = check_free (self, FALSE, &old, error);

  if (attempt == ATTEMPT_DONE)
    attempt = enter (self, error);

  if (attempt != ATTEMPT_DONE)
    {
      process_fd_clear (&self->fd);
      return attempt;
    }

  attempt = publish (self, error);
  if (attempt != ATTEMPT_DONE)
    leave (self);

  return attempt;
}

static ProcessPidClaim *
process_pid_claim_alloc (const char *path)
{
  ProcessPidClaim *self = g_new0 (ProcessPidClaim, 1);
  g_autofree char *cwd = g_path_is_absolute (path) ? NULL : g_get_current_dir ();
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *new_name = NULL;

  self->file = cwd != NULL ? g_build_filename (cwd, path, NULL) : g_strdup (path);
  folder = g_path_get_dirname (self->file);
  name = g_path_get_basename (self->file);
  new_name = g_strconcat (".", name, ".new", NULL);
  self->new_file = g_build_filename (folder, new_name, NULL);
  self->pid = getpid ();
  self->fd = -1;

  return self;
}

ProcessPidClaim *
_process_pid_claim_new (const char  *path,
                        GError     **error)
{
  g_autoptr (ProcessPidClaim) self = NULL;
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  Attempt attempt;

  if (path == NULL || path[0] == '\0' || g_str_has_suffix (path, "/"))
    {
      g_autofree char *name = path != NULL ? _process_make_valid (path, -1) : NULL;

      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                   "“%s” is not the path of a PID file", name != NULL ? name : "");
      return NULL;
    }

  self = process_pid_claim_alloc (path);
  while ((attempt = try_once (self, error)) == ATTEMPT_AGAIN &&
         g_get_monotonic_time () < deadline)
    g_usleep (LOOK_AGAIN);

  if (attempt == ATTEMPT_DONE)
    return g_steal_pointer (&self);

  if (attempt == ATTEMPT_AGAIN)
    {
      pid_t pid;

      _process_pid_claim_read (self->new_file, &pid);
      if (pid == 0)
        _process_pid_claim_read (self->file, &pid);
      _process_pid_claim_set_held (error, self->file, pid);
    }

  return NULL;
}

gboolean
_process_pid_claim_release (ProcessPidClaim  *self,
                            GError          **error)
{
  g_autoptr (ProcessPidClaim) claim = self;
  int problem = _process_pid_claim_is_own (claim) ? compare (claim->file, claim->fd) : ENOENT;

  if (problem == 0 && unlink (claim->file) != 0)
    problem = errno;

  if (problem == 0 || problem == ENOENT || problem == ENOTDIR)
    return TRUE;

  fail (error, claim->file, "removed", problem);
  /* If it has to stay, it shall not speak of a process that lives on. */
  if (ftruncate (claim->fd, 0) != 0)
    g_debug ("The PID file “%s” cannot be emptied: %s", claim->file, g_strerror (errno));

  return FALSE;
}

gboolean
_process_pid_claim_is_own (ProcessPidClaim *self)
{
  return self->pid == getpid ();
}

void
_process_pid_claim_set_held (GError     **error,
                             const char  *path,
                             pid_t        pid)
{
  g_autofree char *name = _process_make_valid (path, -1);
  g_autofree char *holder = pid > 0 ? g_strdup_printf ("Process %d", (int) pid)
                                    : g_strdup ("Another process");

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING,
               "%s holds the PID file “%s”", holder, name);
}

gboolean
_process_pid_claim_read (const char *path,
                         pid_t      *pid)
{
  g_auto (ProcessFd) fd = -1;

  *pid = 0;
  if (open_existing (path, &fd, NULL) && fd >= 0)
    *pid = read_pid (fd);

  return *pid > 0 && (is_locked (fd) || is_alive (*pid, fd));
}

pid_t
_process_pid_claim_parse (const char *data,
                          gsize       length)
{
  char text[LENGTH_MAX + 1] = { 0 };
  guint64 pid = 0;

  if (length > LENGTH_MAX || memchr (data, '\0', length) != NULL)
    return 0;

  memcpy (text, data, length);
  g_strstrip (text);
  /* More lines may follow, which are not for us. */
  *strchrnul (text, '\n') = '\0';
  g_strchomp (text);

  /* GLib takes a vertical tab for a space here, but not there. */
  if (!g_ascii_isdigit (text[0]))
    return 0;

  return g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &pid, NULL) ? (pid_t) pid : 0;
}
