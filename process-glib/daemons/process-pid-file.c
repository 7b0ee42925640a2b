/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-pid-file.h"

#include <unistd.h>

#include <process-glib/daemons/process-pid-claim-private.h>

/**
 * ProcessPidFile:
 *
 * Lets only one instance of a program run, and tells others its pid.
 *
 * [method@Process.PidFile.acquire] makes the file and holds it until
 * [method@Process.PidFile.release], the end of the object, or the end of the
 * process, whatever ends that:
 *
 * ```c
 * g_autoptr (ProcessPidFile) pid_file = process_pid_file_new ("/run/example/example.pid");
 *
 * if (!process_pid_file_acquire (pid_file, &error))
 *   g_printerr ("%s\n", error->message);
 * ```
 *
 * The file holds the pid in decimal and a new line, as section 3.15 of the
 * Filesystem Hierarchy Standard 3.0 says (`/run`), with the mode 0644 less the
 * umask. What proves the holder is not that number but a lock on the file, an
 * open file description lock of fcntl(2) and, for programs that use
 * pidfile(3) of libbsd, one of flock(2). At any time the path has nothing, the
 * file before, or the complete new one, also when a process is killed
 * meanwhile. To that end a file `.NAME.new` is made in the same folder.
 *
 * A file that is there already is replaced, unless somebody has it locked, or
 * it was left by a program that locks nothing and that program still lives:
 * there is a process with that pid, of whatever user, and it did not start
 * more than two seconds after the file was last written; where its start
 * cannot be seen, that of the machine is taken. So a pid that was used again
 * does not count, nor does the constant pid of a container that starts again.
 * Both times go by the clock of the machine: where that was set forward since,
 * a program that locks nothing is taken for dead.
 *
 * A symbolic link at the path is not followed, and neither it nor a folder,
 * FIFO or device is replaced. Nothing ever waits for a FIFO.
 *
 * Programs that this process starts do not inherit the lock. A fork that runs
 * no other program does, and keeps the path taken if it outlives this process
 * before the release; but it never removes the file.
 *
 * All methods may be called in any thread, and do their reading and writing
 * there: they wait for the disk, and acquiring up to two seconds more for
 * another process that is doing the same, or for a lock that has outlived the
 * holder whose pid is in the file. The object needs no main loop and
 * watches nothing: whoever deletes the file, or the folder, makes room for a
 * second holder.
 *
 * Guide: [Daemons](daemons.html).
 */

struct _ProcessPidFile
{
  GObject parent_instance;

  char *path;             /* (owned) (nullable), never changes */

  GMutex lock;            /* guards what follows */
  ProcessPidClaim *claim; /* (owned) (nullable) */
  pid_t acquiring;        /* the process with a thread in acquire, or 0 */
};

typedef enum
{
  PROP_PATH = 1,
} ProcessPidFileProperty;

#define N_PROPERTIES (PROP_PATH + 1)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessPidFile, process_pid_file, G_TYPE_OBJECT)

static ProcessPidClaim *
steal_claim (ProcessPidFile *self)
{
  ProcessPidClaim *claim;

  g_mutex_lock (&self->lock);
  claim = g_steal_pointer (&self->claim);
  g_mutex_unlock (&self->lock);

  return claim;
}

/* FALSE if it is held, or being acquired, by this process. A claim that a fork inherited is only
 * in the way, and comes back to be let go. */
static gboolean
begin_acquiring (ProcessPidFile   *self,
                 ProcessPidClaim **inherited)
{
  gboolean is_free;

  g_mutex_lock (&self->lock);
  if (self->claim != NULL && !_process_pid_claim_is_own (self->claim))
    *inherited = g_steal_pointer (&self->claim);
  is_free = self->claim == NULL && self->acquiring != getpid ();
  if (is_free)
    self->acquiring = getpid ();
  g_mutex_unlock (&self->lock);

  return is_free;
}

static void
end_acquiring (ProcessPidFile  *self,
               ProcessPidClaim *claim)
{
  g_mutex_lock (&self->lock);
  self->claim = claim;
  self->acquiring = 0;
  g_mutex_unlock (&self->lock);
}

static void
process_pid_file_dispose (GObject *object)
{
  process_pid_file_release (PROCESS_PID_FILE (object), NULL);

  G_OBJECT_CLASS (process_pid_file_parent_class)->dispose (object);
}

static void
process_pid_file_finalize (GObject *object)
{
  ProcessPidFile *self = PROCESS_PID_FILE (object);

  g_free (self->path);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (process_pid_file_parent_class)->finalize (object);
}

static void
process_pid_file_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  ProcessPidFile *self = PROCESS_PID_FILE (object);

  switch ((ProcessPidFileProperty) prop_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_pid_file_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  ProcessPidFile *self = PROCESS_PID_FILE (object);

  switch ((ProcessPidFileProperty) prop_id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_pid_file_class_init (ProcessPidFileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = process_pid_file_dispose;
  object_class->finalize = process_pid_file_finalize;
  object_class->get_property = process_pid_file_get_property;
  object_class->set_property = process_pid_file_set_property;

  /**
   * ProcessPidFile:path: (type filename)
   *
   * Where the file is.
   *
   * If it is relative, it is looked up from the working directory at the time of
   * [method@Process.PidFile.acquire].
   */
  properties[PROP_PATH] =
    g_param_spec_string ("path", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
                         G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_pid_file_init (ProcessPidFile *self)
{
  g_mutex_init (&self->lock);
}

/**
 * process_pid_file_new:
 * @path: (nullable) (type filename): where the file is
 *
 * Makes an object for a PID file; the file itself is left alone.
 *
 * Returns: (transfer full): a new PID file
 */
ProcessPidFile *
process_pid_file_new (const char *path)
{
  return g_object_new (PROCESS_TYPE_PID_FILE, "path", path, NULL);
}

/**
 * process_pid_file_get_path:
 * @self: a PID file
 *
 * Gets where the file is.
 *
 * Returns: (transfer none) (nullable) (type filename): the path
 */
const char *
process_pid_file_get_path (ProcessPidFile *self)
{
  g_return_val_if_fail (PROCESS_IS_PID_FILE (self), NULL);

  return self->path;
}

/**
 * process_pid_file_acquire:
 * @self: a PID file
 * @error: return location for an error
 *
 * Makes this process the holder, if there is no other.
 *
 * Missing folders are made, with the mode 0755 less the umask. The file is on
 * the disk when this returns.
 *
 * Fails with %PROCESS_ERROR_ALREADY_RUNNING, naming the holder's pid, if there
 * is a holder, be it this same process, and with
 * %PROCESS_ERROR_INVALID_ARGUMENT if there is no path, or it is empty or ends
 * with a slash. What is at the path and is no regular file, a full disk, and
 * whatever else keeps the file from being made are `G_IO_ERROR_*`; the path is
 * then as it was.
 *
 * Returns: whether this process holds the file now
 */
gboolean
process_pid_file_acquire (ProcessPidFile  *self,
                          GError         **error)
{
  ProcessPidClaim *inherited = NULL;
  ProcessPidClaim *claim;
  gboolean is_free;

  g_return_val_if_fail (PROCESS_IS_PID_FILE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  is_free = begin_acquiring (self, &inherited);
  if (inherited != NULL)
    _process_pid_claim_release (inherited, NULL);

  if (!is_free)
    {
      _process_pid_claim_set_held (error, self->path, getpid ());
      return FALSE;
    }

  claim = _process_pid_claim_new (self->path, error);
  end_acquiring (self, claim);

  return claim != NULL;
}

/**
 * process_pid_file_release:
 * @self: a PID file
 * @error: return location for an error
 *
 * Removes the file and lets go of the lock.
 *
 * If this object does not hold the file, in this process, nothing happens. A
 * file that took the place of the one that was acquired stays where it is.
 * Neither is a failure.
 *
 * Fails with the system's reason if the file cannot be removed. Then it stays,
 * empty, and is held no more all the same.
 *
 * Returns: whether nothing of the file is left
 */
gboolean
process_pid_file_release (ProcessPidFile  *self,
                          GError         **error)
{
  ProcessPidClaim *claim;

  g_return_val_if_fail (PROCESS_IS_PID_FILE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  claim = steal_claim (self);

  return claim == NULL || _process_pid_claim_release (claim, error);
}

/**
 * process_pid_file_read:
 * @path: (type filename): where the file is
 * @pid: (out) (optional): the pid in it, or 0
 *
 * Reads a PID file of this or another program, and tells whether that lives.
 *
 * The pid is 0 if there is no file, and if the content is not about a pid:
 * the first line must be a decimal number from 1 to 2147483647. White space
 * around it does not matter, nor whether a new line ends it. Files of more than
 * 64 bytes, and whatever is not a regular file, symbolic links too, are not
 * read.
 *
 * A process lives if the file is locked by its holder, or else as
 * [class@Process.PidFile] says of files that nobody locks. This never blocks,
 * and never keeps another one from acquiring the file.
 *
 * Returns: whether that process lives
 */
gboolean
process_pid_file_read (const char *path,
                       int        *pid)
{
  pid_t found;
  gboolean alive;

  if (pid != NULL)
    *pid = 0;

  g_return_val_if_fail (path != NULL, FALSE);

  alive = _process_pid_claim_read (path, &found);
  if (pid != NULL)
    *pid = (int) found;

  return alive;
}
