/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-spawn-private.h"

#include <dlfcn.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/children/process-run-options-private.h>
#include <process-glib/process-error.h>

static long
sys (long number, long a, long b, long c, long d)
{
  long answer = syscall (number, a, b, c, d);

  return answer < 0 ? -errno : answer;
}

#include <process-glib/children/process-exec-steps-private.h>

/* How a child is started
 *
 * GSubprocess is given descriptors only, and no working directory, setup or
 * PATH lookup, so that GLib can use posix_spawn(). What it starts is our exec
 * helper, which makes the group, the working directory and so on in the child
 * and then becomes the program. Where there is no helper, GLib forks, and the
 * same steps run in the forked child.
 *
 * Either way the child reports over a pipe: first its pid, then the step that
 * failed, if one did. The pipe is close-on-exec: its end means success. Where
 * there is a standard input to hand down, the pipe is a socket.
 */

typedef struct
{
  ProcessRunOptions *options;
  ProcessStdinMode   stdin_mode;
  char             **environment;  /* (owned) (nullable), NULL = ours */
  const char       **helper_argv;  /* (owned) but not its strings; ends in those of the program */
  char               letters[4];
  char               parent[16];
  ProcessExecPlan    plan;         /* borrows from the above */
  const char        *refused_path; /* (nullable), the output file that cannot be opened */
  ProcessFd          child_stdin;
  ProcessFd          child_stdout;
  ProcessFd          child_stderr;
  ProcessFd          child_report;
} Spawn;

static void
spawn_clear (Spawn *spawn)
{
  g_strfreev (spawn->environment);
  g_free (spawn->helper_argv);
  process_fd_clear (&spawn->child_stdin);
  process_fd_clear (&spawn->child_stdout);
  process_fd_clear (&spawn->child_stderr);
  process_fd_clear (&spawn->child_report);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Spawn, spawn_clear)

static void
child_clear (ProcessChild *child)
{
  g_clear_object (&child->subprocess);
  process_fd_clear (&child->report_fd);
  process_fd_clear (&child->pidfd);
  process_fd_clear (&child->stdin_fd);
  process_fd_clear (&child->stdout_fd);
  process_fd_clear (&child->stderr_fd);
}

static gboolean
fail_with_errno (const char *command, const char *what, int problem, int *system_error,
                 GError **error)
{
  *system_error = problem;
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED,
               "Command “%s” cannot be started: %s%s", command, what, g_strerror (problem));
  return FALSE;
}

static gboolean
fail_to_prepare (Spawn *spawn, int problem, int *system_error, GError **error)
{
  const char *path = spawn->refused_path;
  g_autofree char *what = path != NULL ? g_strdup_printf ("output file “%s”: ", path) : NULL;

  return fail_with_errno (process_run_options_get_command (spawn->options),
                          what != NULL ? what : "", problem, system_error, error);
}

/* A program may run with its own three descriptors closed: ours must not take
 * their numbers, which mean something in the child. */
static int
above_standard_descriptors (int fd)
{
  g_auto (ProcessFd) low = -1;

  if (fd < 0 || fd > 2)
    return fd;
  low = fd;
  return fcntl (low, F_DUPFD_CLOEXEC, 3);
}

static gboolean
make_pipe (ProcessFd *reader, ProcessFd *writer)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return FALSE;
  *reader = above_standard_descriptors (fds[0]);
  *writer = above_standard_descriptors (fds[1]);
  return *reader >= 0 && *writer >= 0;
}

/* A FIFO without a reader must not block us, so O_NONBLOCK until it is open.
 * O_CREAT costs twice as much, and the file is there mostly. */
static int
open_output_file (const char *path)
{
  const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int fd = process_fd_open (AT_FDCWD, path, flags, 0);

  if (fd < 0 && errno == ENOENT)
    fd = process_fd_open (AT_FDCWD, path, flags | O_CREAT, 0666);
  fd = above_standard_descriptors (fd);
  if (fd >= 0)
    fcntl (fd, F_SETFL, O_APPEND);
  return fd;
}

static gboolean
prepare_output (Spawn *spawn, const char *path, ProcessFd *ours, ProcessFd *childs)
{
  if (path != NULL)
    {
      *childs = open_output_file (path);
      if (*childs < 0)
        spawn->refused_path = path;
      return *childs >= 0;
    }
  if (process_run_options_get_detach (spawn->options) &&
      process_run_options_get_disable_capture (spawn->options))
    {
      *childs = above_standard_descriptors (process_fd_open (AT_FDCWD, "/dev/null",
                                                             O_WRONLY | O_CLOEXEC, 0));
      return *childs >= 0;
    }
  return make_pipe (ours, childs) && fcntl (*ours, F_SETFL, O_NONBLOCK) == 0;
}

static gboolean
send_descriptor (int socket, int fd)
{
  ProcessExecReport nothing = { PROCESS_EXEC_STDIN, 0 };
  struct iovec part = { &nothing, sizeof nothing };
  union
  {
    struct cmsghdr header;
    char           bytes[CMSG_SPACE (sizeof (int))];
  } control = { .bytes = { 0 } };
  struct msghdr message = { 0 };
  gssize n;

  control.header.cmsg_len = CMSG_LEN (sizeof (int));
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  *(int *) (void *) CMSG_DATA (&control.header) = fd;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  do
    n = sendmsg (socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == sizeof nothing;
}

/* Where our own is closed, the child gets the null device. */
static gboolean
prepare_stdin (Spawn *spawn, ProcessFd *ours)
{
  if (spawn->stdin_mode == PROCESS_STDIN_MODE_PIPE)
    return make_pipe (&spawn->child_stdin, ours) && fcntl (*ours, F_SETFL, O_NONBLOCK) == 0;
  if (spawn->stdin_mode == PROCESS_STDIN_MODE_INHERIT)
    {
      spawn->child_stdin = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
      return spawn->child_stdin >= 0 || errno == EBADF;
    }
  return TRUE;
}

static gboolean
make_socket_pair (ProcessFd *one, ProcessFd *other)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    return FALSE;
  *one = above_standard_descriptors (fds[0]);
  *other = above_standard_descriptors (fds[1]);
  return *one >= 0 && *other >= 0;
}

static gboolean
prepare_report (Spawn *spawn, ProcessFd *ours)
{
  gboolean sends = spawn->child_stdin >= 0;
  gboolean made = sends ? make_socket_pair (ours, &spawn->child_report)
                        : make_pipe (ours, &spawn->child_report);

  return made && fcntl (*ours, F_SETFL, O_NONBLOCK) == 0 &&
         (!sends || send_descriptor (*ours, spawn->child_stdin));
}

static gboolean
prepare_descriptors (Spawn *spawn, ProcessChild *child)
{
  ProcessRunOptions *options = spawn->options;

  return prepare_stdin (spawn, &child->stdin_fd) &&
         prepare_output (spawn, process_run_options_get_stdout_path (options), &child->stdout_fd,
                         &spawn->child_stdout) &&
         (process_run_options_get_merge_stderr (options) ||
          prepare_output (spawn, process_run_options_get_stderr_path (options), &child->stderr_fd,
                          &spawn->child_stderr)) &&
         prepare_report (spawn, &child->report_fd);
}

/* In the build tree the helper lies beside the library. */
static char *
choose_helper (void)
{
  const char *chosen = secure_getenv ("PROCESS_GLIB_EXEC");
  Dl_info info;

  if (chosen != NULL)
    return g_strdup (chosen);
  if (dladdr ((gpointer) choose_helper, &info) != 0 && info.dli_fname != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (info.dli_fname);
      g_autofree char *beside = g_build_filename (folder, EXEC_HELPER_NAME, NULL);
      g_autofree char *absolute = g_canonicalize_filename (beside, NULL);

      if (g_file_test (absolute, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&absolute);
    }
  return g_strdup (EXEC_HELPER);
}

/* Empty when there is none: emulators like valgrind have posix_spawn() succeed
 * whatever becomes of the child, so that it cannot be found out by trying. */
static char *
find_helper (void)
{
  g_autofree char *helper = choose_helper ();

  return g_file_test (helper, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&helper)
                                                         : g_strdup ("");
}

static const char *
get_helper (void)
{
  static char *helper;

  if (g_once_init_enter (&helper))
    g_once_init_leave (&helper, find_helper ());
  return helper;
}

static void
prepare_plan (Spawn *spawn)
{
  ProcessRunOptions *options = spawn->options;
  const char *cwd = process_run_options_get_cwd (options);
  ProcessExecPlan *plan = &spawn->plan;

  plan->new_session = process_run_options_get_detach (options);
  plan->new_group = process_run_options_get_kill_group (options);
  plan->parent_pid = process_run_options_get_die_with_parent (options) ? getpid () : 0;
  plan->receive_stdin = spawn->child_stdin >= 0;
  plan->merge_stderr = process_run_options_get_merge_stderr (options);
  plan->cwd = cwd != NULL ? cwd : "";
  if (process_run_options_get_clear_env (options) ||
      process_run_options_get_env (options)[0] != NULL)
    spawn->environment = _process_run_options_build_environ (options);
  plan->envp = spawn->environment != NULL ? spawn->environment : environ;
}

/* See process-exec-helper.c. */
static void
prepare_arguments (Spawn *spawn)
{
  ProcessExecPlan *plan = &spawn->plan;
  const char * const *args = process_run_options_get_args (spawn->options);
  gsize n_args = args != NULL ? g_strv_length ((char **) args) : 0;
  gsize n = 0;
  char *letter = spawn->letters;

  if (plan->new_session || plan->new_group)
    *letter++ = plan->new_session ? 's' : 'g';
  if (plan->receive_stdin)
    *letter++ = 'i';
  if (plan->merge_stderr)
    *letter++ = 'm';
  if (plan->parent_pid != 0)
    g_snprintf (spawn->parent, sizeof spawn->parent, "%d", plan->parent_pid);

  spawn->helper_argv = g_new (const char *, 6 + n_args);
  spawn->helper_argv[n++] = get_helper ();
  spawn->helper_argv[n++] = spawn->letters;
  spawn->helper_argv[n++] = plan->cwd;
  spawn->helper_argv[n++] = spawn->parent;
  plan->argv = (char **) spawn->helper_argv + n;
  spawn->helper_argv[n++] = process_run_options_get_command (spawn->options);
  for (gsize i = 0; i < n_args; i++)
    spawn->helper_argv[n++] = args[i];
  spawn->helper_argv[n] = NULL;
}

/* Runs in the forked child. */
static void
become_program_cb (gpointer data)
{
  Spawn *spawn = data;

  exec_run (&spawn->plan);
  _exit (127);
}

/* A launcher copies the whole environment when it is made, which would be a
 * good part of a start: so one is kept for the next start. */
typedef struct
{
  GSubprocessLauncher  *launcher;
  char                **environment; /* what the launcher has */
} Launcher;

static Launcher *spare_launcher;

static void
launcher_free (Launcher *self)
{
  g_object_unref (self->launcher);
  g_strfreev (self->environment);
  g_free (self);
}

static Launcher *
take_launcher (char **environment)
{
  Launcher *self = g_atomic_pointer_exchange (&spare_launcher, NULL);

  if (self == NULL)
    {
      self = g_new0 (Launcher, 1);
      self->launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_INHERIT_FDS);
    }
  if (self->environment == NULL ||
      !g_strv_equal ((const char * const *) self->environment, (const char * const *) environment))
    {
      g_subprocess_launcher_set_environ (self->launcher, environment);
      g_strfreev (self->environment);
      self->environment = g_strdupv (environment);
    }
  return self;
}

/* Closes the child's ends of the pipes: our reads would not see their end otherwise. */
static void
give_launcher (Launcher *self)
{
  g_subprocess_launcher_take_stdin_fd (self->launcher, -1);
  g_subprocess_launcher_take_stdout_fd (self->launcher, -1);
  g_subprocess_launcher_take_stderr_fd (self->launcher, -1);
  if (!g_atomic_pointer_compare_and_exchange (&spare_launcher, NULL, self))
    launcher_free (self);
}

/* GLib has the errno of a failed spawn in its message only. */
static int
guess_errno (const GError *error)
{
  static const int candidates[] = { EAGAIN,  ENOMEM, EMFILE, ENFILE, E2BIG,
                                    EACCES,  EPERM,  ENOENT, ENOTDIR };

  for (gsize i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (strstr (error->message, g_strerror (candidates[i])) != NULL)
      return candidates[i];
  return 0;
}

/* It may have been removed since it was found, or nobody may execute it. */
static gboolean
is_helper_missing (const GError *error)
{
  int problem = guess_errno (error);

  return problem == ENOENT || problem == ENOTDIR || problem == EACCES;
}

static GSubprocess *
launch_forked (GSubprocessLauncher *launcher, Spawn *spawn, GError **error)
{
  GSubprocess *subprocess;

  g_subprocess_launcher_set_child_setup (launcher, become_program_cb, spawn, NULL);
  subprocess =
    g_subprocess_launcher_spawnv (launcher, (const char * const *) spawn->plan.argv, error);
  g_subprocess_launcher_set_child_setup (launcher, NULL, NULL, NULL);
  return subprocess;
}

/* The launcher keeps the child's descriptors for a second try. */
static GSubprocess *
launch (Spawn *spawn, GError **error)
{
  Launcher *self = take_launcher (spawn->plan.envp);
  gboolean has_helper = get_helper ()[0] != '\0';
  g_autoptr (GError) problem = NULL;
  GSubprocess *subprocess = NULL;

  g_subprocess_launcher_take_stdin_fd (self->launcher, process_fd_steal (&spawn->child_report));
  g_subprocess_launcher_take_stdout_fd (self->launcher, process_fd_steal (&spawn->child_stdout));
  g_subprocess_launcher_take_stderr_fd (self->launcher, process_fd_steal (&spawn->child_stderr));
  if (has_helper)
    subprocess = g_subprocess_launcher_spawnv (self->launcher, spawn->helper_argv, &problem);
  if (subprocess == NULL && (!has_helper || is_helper_missing (problem)))
    {
      g_clear_error (&problem);
      subprocess = launch_forked (self->launcher, spawn, &problem);
    }
  give_launcher (self);
  process_fd_clear (&spawn->child_stdin);
  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  return subprocess;
}

/* All of them at once, since they have ended, or the child has: then none is
 * there to be waited for. A child that ended without having read its standard
 * input from the socket resets it; but what it sent before is there. */
static gssize
read_all_reports (int fd, ProcessExecReport reports[2])
{
  gssize length;

  do
    length = read (fd, reports, 2 * sizeof *reports);
  while (length < 0 && (errno == EINTR || errno == ECONNRESET));
  if (length < 0 && errno == EAGAIN)
    return 0;
  return length < 0 ? length : length / (gssize) sizeof *reports;
}

static gboolean
fail_with_report (ProcessRunOptions *options, const ProcessExecReport *report, int *system_error,
                  GError **error)
{
  const char *command = process_run_options_get_command (options);
  g_autofree char *what = NULL;

  switch (report->what)
    {
    case PROCESS_EXEC_STDIN:
      what = g_strdup ("standard input: ");
      break;
    case PROCESS_EXEC_STDERR:
      what = g_strdup ("standard error: ");
      break;
    case PROCESS_EXEC_GROUP:
      what = g_strdup ("no new process group or session: ");
      break;
    case PROCESS_EXEC_DEATH_SIGNAL:
      what = g_strdup ("it cannot be tied to its parent: ");
      break;
    case PROCESS_EXEC_CWD:
      what = g_strdup_printf ("working directory “%s”: ", process_run_options_get_cwd (options));
      break;
    case PROCESS_EXEC_INTERPRETER:
      what = g_strdup ("the interpreter that it names is missing: ");
      break;
    default:
      if (report->value == ENOENT || report->value == ENOTDIR)
        {
          *system_error = report->value;
          g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND,
                       exec_has_slash (command) ? "There is no program “%s”"
                                                : "There is no program “%s” in the PATH",
                       command);
          return FALSE;
        }
      break;
    }
  return fail_with_errno (command, what != NULL ? what : "", report->value, system_error, error);
}

/* Blocks until the program runs: the exec itself is all that it waits for. The
 * reports are read after their end, so that we are woken once. Another thread may
 * have forked meanwhile, and its child hold the pipe open: then the end of ours
 * will do, if it comes first. Who does not wait leaves a child that nobody knows. */
void
_process_spawn_await (ProcessChild *child)
{
  struct pollfd ends[2] = { { .fd = child->report_fd, .events = 0 },
                            { .fd = child->pidfd, .events = POLLIN } };

  while (!child->gone && poll (ends, G_N_ELEMENTS (ends), -1) < 0 &&
         (errno == EINTR || errno == ENOMEM))
    continue;
}

static gboolean
read_reports (ProcessRunOptions *options, ProcessChild *child, int *system_error, GError **error)
{
  const char *command = process_run_options_get_command (options);
  ProcessExecReport reports[2];
  gssize n = read_all_reports (child->report_fd, reports);

  if (n < 0)
    return fail_with_errno (command, "", errno, system_error, error);
  if (n == 0)
    return fail_with_errno (command, "it ended before it began: ", ECHILD, system_error, error);
  child->pid = reports[0].value;
  return n == 1 || fail_with_report (options, &reports[1], system_error, error);
}

/* When the reports, or the child, have ended. */
gboolean
_process_spawn_finish (ProcessRunOptions *options, ProcessChild *child, int *system_error,
                       GError **error)
{
  gboolean success = read_reports (options, child, system_error, error);

  process_fd_clear (&child->report_fd);
  if (!success)
    child_clear (child);
  return success;
}

/* The number is the child's as long as GLib has not reaped it, which it was not
 * when it was still told the number after the descriptor was opened. It may be
 * just about to be: so a descriptor must name a child, too. */
static void
open_pidfd (ProcessChild *child)
{
  const char *pid = g_subprocess_get_identifier (child->subprocess);
  siginfo_t info;

  child->gone = pid == NULL;
  if (child->gone)
    return;
  child->pidfd = (int) syscall (SYS_pidfd_open, atoi (pid), 0);
  child->gone = g_subprocess_get_identifier (child->subprocess) == NULL ||
                (child->pidfd >= 0 &&
                 waitid (P_PIDFD, (id_t) child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
                 errno == ECHILD);
  if (child->gone)
    process_fd_clear (&child->pidfd);
}

static gboolean
spawn_here (ProcessRunOptions *options, ProcessStdinMode stdin_mode, ProcessChild *child,
            int *system_error, GError **error)
{
  g_auto (Spawn) spawn = {
    .options = options,
    .stdin_mode = stdin_mode,
    .child_stdin = -1,
    .child_stdout = -1,
    .child_stderr = -1,
    .child_report = -1,
  };
  g_autoptr (GError) problem = NULL;

  if (!prepare_descriptors (&spawn, child))
    return fail_to_prepare (&spawn, errno, system_error, error);
  prepare_plan (&spawn);
  prepare_arguments (&spawn);

  child->subprocess = launch (&spawn, &problem);
  if (child->subprocess == NULL)
    {
      *system_error = guess_errno (problem);
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED,
                   "Command “%s” cannot be started: %s", spawn.plan.argv[0],
                   *system_error != 0 ? g_strerror (*system_error) : problem->message);
      return FALSE;
    }
  open_pidfd (child);
  return TRUE;
}

typedef struct
{
  ProcessRunOptions *options;
  ProcessStdinMode   stdin_mode;
  ProcessChild      *child;
  int               *system_error;
  GError           **error;
  gboolean           success;
  gboolean           done;
  GMutex             lock;
  GCond              cond;
} LastingSpawn;

static gpointer
lasting_thread (gpointer data)
{
  GAsyncQueue *queue = data;

  for (;;)
    {
      LastingSpawn *job = g_async_queue_pop (queue);

      job->success = spawn_here (job->options, job->stdin_mode, job->child, job->system_error,
                                 job->error);
      g_mutex_lock (&job->lock);
      job->done = TRUE;
      g_cond_signal (&job->cond);
      g_mutex_unlock (&job->lock);
    }
  return NULL;
}

/* Under the lock; NULL when the system has no thread for it. */
static GAsyncQueue *
make_lasting_queue (void)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GThread *thread = g_thread_try_new ("process-parent", lasting_thread, queue, NULL);

  if (thread == NULL)
    return NULL;
  g_thread_unref (thread);
  return g_steal_pointer (&queue);
}

static GAsyncQueue *
get_lasting_queue (void)
{
  static GMutex lock;
  static GAsyncQueue *queue;
  GAsyncQueue *answer;

  g_mutex_lock (&lock);
  if (queue == NULL)
    queue = make_lasting_queue ();
  answer = queue;
  g_mutex_unlock (&lock);
  return answer;
}

/* The kernel sends a death signal when the thread that made the child ends,
 * not when its process does. So children that die with us are made by a thread
 * that lasts as long as we do; see prctl(2), PR_SET_PDEATHSIG. */
static gboolean
spawn_in_lasting_thread (ProcessRunOptions *options, ProcessStdinMode stdin_mode,
                         ProcessChild *child, int *system_error, GError **error)
{
  GAsyncQueue *queue = get_lasting_queue ();
  LastingSpawn job = { .options = options,
                       .stdin_mode = stdin_mode,
                       .child = child,
                       .system_error = system_error,
                       .error = error };

  if (queue == NULL)
    return fail_with_errno (process_run_options_get_command (options), "", EAGAIN, system_error,
                            error);
  g_mutex_init (&job.lock);
  g_cond_init (&job.cond);
  g_async_queue_push (queue, &job);
  g_mutex_lock (&job.lock);
  while (!job.done)
    g_cond_wait (&job.cond, &job.lock);
  g_mutex_unlock (&job.lock);
  g_mutex_clear (&job.lock);
  g_cond_clear (&job.cond);
  return job.success;
}

gboolean
_process_spawn (ProcessRunOptions *options, ProcessStdinMode stdin_mode, ProcessChild *child,
                int *system_error, GError **error)
{
  gboolean success;

  *child = (ProcessChild){ NULL, -1, 0, -1, FALSE, -1, -1, -1 };
  *system_error = 0;
  if (process_run_options_get_die_with_parent (options))
    success = spawn_in_lasting_thread (options, stdin_mode, child, system_error, error);
  else
    success = spawn_here (options, stdin_mode, child, system_error, error);
  if (!success)
    child_clear (child);
  return success;
}
