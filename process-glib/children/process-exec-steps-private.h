/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a child does between its birth and its program.
 *
 * The exec helper and the library's fork path both include this file, so that
 * a child is the same whichever way it came. Nothing here may allocate, lock
 * or touch errno: it runs in a program without libc, or after a fork in a
 * program that has threads. The includer defines
 *
 *   static long sys (long number, long a, long b, long c, long d);
 *
 * which returns the system's answer, or minus errno.
 */

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The child is born with its end of the report pipe as its standard input; the
 * real one is the null device, or the pipe is a socket, and it waits in there. So
 * GLib has three descriptors to hand down only: with more, it aborts the program
 * when it is out of descriptors itself. */

/* What a report is about. The first one tells the child's pid; another one
 * follows only where a step failed, and tells errno. */
enum
{
  PROCESS_EXEC_BORN,
  PROCESS_EXEC_STDIN,
  PROCESS_EXEC_STDERR,
  PROCESS_EXEC_GROUP,
  PROCESS_EXEC_DEATH_SIGNAL,
  PROCESS_EXEC_CWD,
  PROCESS_EXEC_INTERPRETER,
  PROCESS_EXEC_PROGRAM,
};

typedef struct
{
  int what;
  int value;
} ProcessExecReport;

typedef struct
{
  int          step;          /* the one that it is at */
  int          report_fd;
  int          receive_stdin; /* 0 = the null device */
  int          merge_stderr;
  int          new_session;
  int          new_group;
  int          parent_pid;    /* die with that process, 0 = outlive it */
  const char  *cwd;           /* "" = stay */
  char       **argv;
  char       **envp;
} ProcessExecPlan;

/* 0 when the parent could not be told, although it is there. */
static int
exec_report (const ProcessExecPlan *plan, int what, int value)
{
  ProcessExecReport report = { what, value };
  long answer = sys (SYS_write, plan->report_fd, (long) &report, sizeof report, 0);

  return answer == sizeof report || answer == -EPIPE;
}

/* Minus errno when there is none to be had. */
static long
exec_receive_stdin (const ProcessExecPlan *plan)
{
  ProcessExecReport nothing;
  struct iovec part = { &nothing, sizeof nothing };
  union
  {
    struct cmsghdr header;
    char           bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct msghdr message = { 0 };
  long length;

  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  length = sys (SYS_recvmsg, plan->report_fd, (long) &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT, 0);
  if (length < 0)
    return length;
  if (message.msg_controllen < CMSG_LEN (sizeof (int)))
    return -EMFILE;
  return *(int *) (void *) CMSG_DATA (&control.header);
}

/* 0, or the errno in what the system answered. */
static int
exec_errno (long answer)
{
  return answer < 0 ? (int) -answer : 0;
}

static int
exec_set_stdin (ProcessExecPlan *plan)
{
  long fd = sys (SYS_fcntl, STDIN_FILENO, F_DUPFD_CLOEXEC, 3, 0);

  if (fd >= 0)
    {
      plan->report_fd = (int) fd;
      fd = plan->receive_stdin
             ? exec_receive_stdin (plan)
             : sys (SYS_openat, AT_FDCWD, (long) "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    }
  if (fd >= 0)
    fd = sys (SYS_dup3, fd, STDIN_FILENO, 0, 0);
  return exec_errno (fd);
}

static int
exec_set_stderr (ProcessExecPlan *plan)
{
  return plan->merge_stderr ? exec_errno (sys (SYS_dup3, STDOUT_FILENO, STDERR_FILENO, 0, 0)) : 0;
}

static int
exec_set_group (ProcessExecPlan *plan)
{
  if (plan->new_session)
    return exec_errno (sys (SYS_setsid, 0, 0, 0, 0));
  return plan->new_group ? exec_errno (sys (SYS_setpgid, 0, 0, 0, 0)) : 0;
}

/* The parent may have ended before the kernel was asked to tell. */
static int
exec_set_death_signal (ProcessExecPlan *plan)
{
  long answer = 0;

  if (plan->parent_pid != 0 && (answer = sys (SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0)) == 0 &&
      sys (SYS_getppid, 0, 0, 0, 0) != plan->parent_pid)
    answer = -ESRCH;
  return exec_errno (answer);
}

static int
exec_set_cwd (ProcessExecPlan *plan)
{
  return plan->cwd[0] != '\0' ? exec_errno (sys (SYS_chdir, (long) plan->cwd, 0, 0, 0)) : 0;
}

/* Descriptors without close-on-exec must not reach the program, and neither
 * must the report pipe, whose end tells the parent that exec succeeded. */
static void
exec_close_descriptors (void)
{
  struct rlimit limit = { 0, 0 };
  long last = 65536;

  if (sys (SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC, 0) == 0)
    return;
  if (sys (SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long) &limit) == 0 && limit.rlim_cur < 1 << 20)
    last = (long) limit.rlim_cur;
  for (long fd = 3; fd < last; fd++)
    sys (SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0);
}

static void
exec_set_signal (int signum, void (*handler) (int))
{
  struct
  {
    void (*handler) (int);
    long   others[3];
  } action = { handler, { 0, 0, 0 } };

  sys (SYS_rt_sigaction, signum, (long) &action, 0, 8);
}

/* An ignored signal stays ignored across exec, and so does the mask. Which ones
 * are ignored costs as much to ask as to change; and another thread of the
 * parent may change it meanwhile. */
static void
exec_reset_signals (void)
{
  long nothing = 0;

  for (int signum = 1; signum <= 64; signum++)
    exec_set_signal (signum, SIG_DFL);
  sys (SYS_rt_sigprocmask, SIG_SETMASK, (long) &nothing, 0, 8);
}

static int
exec_has_slash (const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '/')
      return 1;
  return 0;
}

static const char *
exec_get_path (char **envp)
{
  for (; *envp != 0; envp++)
    {
      const char *entry = *envp;

      if (entry[0] == 'P' && entry[1] == 'A' && entry[2] == 'T' && entry[3] == 'H' &&
          entry[4] == '=')
        return entry + 5;
    }
  return "/usr/local/bin:/usr/bin:/bin";
}

/* ENOENT for a file that exists is about its interpreter. */
static int
exec_try (const char *file, ProcessExecPlan *plan)
{
  int problem = (int) -sys (SYS_execve, (long) file, (long) plan->argv, (long) plan->envp, 0);

  if (problem == ENOENT && sys (SYS_faccessat, AT_FDCWD, (long) file, 0 /* F_OK */, 0) == 0)
    plan->step = PROCESS_EXEC_INTERPRETER;
  return problem;
}

static int
exec_goes_on_after (int problem)
{
  return problem == ENOENT || problem == ENOTDIR || problem == EACCES || problem == ELOOP ||
         problem == ENAMETOOLONG || problem == ESTALE || problem == ENODEV || problem == ETIMEDOUT;
}

/* Looks in the absolute entries of the child's PATH only: an empty or a
 * relative entry would let the working directory choose the program. */
static int
exec_search (ProcessExecPlan *plan)
{
  const char *name = plan->argv[0];
  const char *entry = exec_get_path (plan->envp);
  int found = ENOENT;

  for (;;)
    {
      char file[4096];
      unsigned length = 0;
      int problem = 0;

      while (*entry != '\0' && *entry != ':' && length < sizeof file - 2)
        file[length++] = *entry++;
      if (length > 0 && file[0] == '/' && (*entry == '\0' || *entry == ':'))
        {
          const char *from = name;

          file[length++] = '/';
          while (*from != '\0' && length < sizeof file - 1)
            file[length++] = *from++;
          file[length] = '\0';
          problem = *from == '\0' ? exec_try (file, plan) : ENAMETOOLONG;
          if (!exec_goes_on_after (problem))
            return problem;
          if (problem == EACCES)
            found = EACCES;
        }
      while (*entry != '\0' && *entry != ':')
        entry++;
      if (*entry++ == '\0')
        return found;
    }
}

/* A file without its interpreter is not to blame for what became of another one. */
static int
exec_program (ProcessExecPlan *plan)
{
  int problem;

  exec_reset_signals ();
  problem = exec_has_slash (plan->argv[0]) ? exec_try (plan->argv[0], plan) : exec_search (plan);
  if (problem != ENOENT)
    plan->step = PROCESS_EXEC_PROGRAM;
  return problem;
}

/* 0 or an errno. No table of functions: the helper would have to relocate its addresses. */
static int
exec_take_step (ProcessExecPlan *plan)
{
  switch (plan->step)
    {
    case PROCESS_EXEC_STDIN:
      return exec_set_stdin (plan);
    case PROCESS_EXEC_STDERR:
      return exec_set_stderr (plan);
    case PROCESS_EXEC_GROUP:
      return exec_set_group (plan);
    case PROCESS_EXEC_DEATH_SIGNAL:
      return exec_set_death_signal (plan);
    case PROCESS_EXEC_CWD:
      return exec_set_cwd (plan);
    case PROCESS_EXEC_INTERPRETER:
      return 0; /* a part of the next one */
    default:
      return exec_program (plan);
    }
}

/* Comes back only when a step failed, after telling the parent; which may be gone.
 * What the parent does not know of does not run. */
static void
exec_run (ProcessExecPlan *plan)
{
  int problem;

  plan->report_fd = STDIN_FILENO;
  exec_set_signal (SIGPIPE, SIG_IGN);
  if (!exec_report (plan, PROCESS_EXEC_BORN, (int) sys (SYS_getpid, 0, 0, 0, 0)))
    return;
  exec_close_descriptors ();
  plan->step = PROCESS_EXEC_STDIN;
  while ((problem = exec_take_step (plan)) == 0)
    plan->step++;
  exec_report (plan, plan->step, problem);
}
