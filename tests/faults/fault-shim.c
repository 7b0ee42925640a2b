/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Both names of a function are defined here: with and without 64, and those with the checks of
 * _FORTIFY_SOURCE, which may declare them differently. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "fault-shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Preloaded, it is armed by
 *
 *   FAULT_SHIM="CALL PROBLEM FIRST LAST SCOPE"   numbers, as for fault_shim_arm ()
 *   FAULT_SHIM_STATE=FILE                        made by the caller, zeros; it gets the state
 *
 * and takes both, and LD_PRELOAD, out of the environment again. */

enum
{
  CALL_PIPE,
  CALL_EVENTFD,
  CALL_EPOLL_CREATE,
  CALL_EPOLL_CTL,
  CALL_EPOLL_WAIT,
  CALL_POLL,
  CALL_READ_FILE,
  CALL_READ_STREAM,
  CALL_WRITE_FILE,
  CALL_WRITE_STREAM,
  CALL_EVENT,
  CALL_OPEN,
  CALL_CLOSE,
  CALL_DUP,
  CALL_LOCK,
  CALL_FLOCK,
  CALL_PIPE_SIZE,
  CALL_IOCTL,
  CALL_FSYNC,
  CALL_TRUNCATE,
  CALL_CHMOD,
  CALL_STAT,
  CALL_FSTAT,
  CALL_RENAME,
  CALL_UNLINK,
  CALL_MKDIR,
  CALL_OPENDIR,
  CALL_READDIR,
  CALL_READLINK,
  CALL_SOCKET,
  CALL_SOCKETPAIR,
  CALL_BIND,
  CALL_LISTEN,
  CALL_CONNECT,
  CALL_GETSOCKNAME,
  CALL_ACCEPT,
  CALL_SEND,
  CALL_RECEIVE,
  CALL_WAIT,
  CALL_PIDFD_OPEN,
  CALL_SPAWN,
  CALL_THREAD,
  CALL_INOTIFY,
  CALL_RAW,
  N_CALLS
};

const FaultCall fault_calls[] = {
  [CALL_PIPE] = { "pipe", { { EMFILE, 0 }, { ENFILE, 0 } } },
  [CALL_EVENTFD] = { "eventfd", { { EMFILE, 0 }, { ENOMEM, 0 } } },
  [CALL_EPOLL_CREATE] = { "epoll_create", { { EMFILE, 0 }, { ENOMEM, 0 }, { EPERM, 0 } } },
  [CALL_EPOLL_CTL] = { "epoll_ctl", { { ENOMEM, 0 }, { ENOSPC, 0 } } },
  [CALL_EPOLL_WAIT] = { "epoll_wait", { { EINTR, 1 } } },
  [CALL_POLL] = { "poll", { { EINTR, 1 }, { ENOMEM, 1 } } },
  [CALL_READ_FILE] = { "read from a file", { { EIO, 0 }, { EINTR, 1 }, { FAULT_SHORT, 1 } } },
  [CALL_READ_STREAM] = { "read", { { EINTR, 1 }, { FAULT_SHORT, 1 } } },
  [CALL_WRITE_FILE] = { "write to a file",
                        { { ENOSPC, 0 }, { EIO, 0 }, { EINTR, 1 }, { FAULT_SHORT, 1 } } },
  [CALL_WRITE_STREAM] = { "write", { { ENOMEM, 0 }, { EINTR, 1 }, { EAGAIN, 1 },
                                     { FAULT_SHORT, 1 } } },
  [CALL_EVENT] = { "eventfd read or write", { { EINTR, 1 } } },
  [CALL_OPEN] = { "open", { { EMFILE, 0 }, { ENOMEM, 0 }, { EINTR, 1 } } },
  [CALL_CLOSE] = { "close", { { EINTR, 0 }, { EIO, 0 } } },
  [CALL_DUP] = { "dup", { { EMFILE, 0 } } },
  [CALL_LOCK] = { "lock", { { ENOLCK, 0 }, { EINTR, 1 } } },
  [CALL_FLOCK] = { "flock", { { ENOLCK, 0 }, { EINTR, 1 }, { EWOULDBLOCK, 1 } } },
  [CALL_PIPE_SIZE] = { "pipe size", { { EPERM, 0 }, { ENOMEM, 0 } } },
  [CALL_IOCTL] = { "ioctl", { { EIO, 0 } } },
  [CALL_FSYNC] = { "fsync", { { EIO, 0 }, { ENOSPC, 0 }, { EINTR, 1 } } },
  [CALL_TRUNCATE] = { "truncate", { { EIO, 0 }, { EINTR, 1 } } },
  [CALL_CHMOD] = { "chmod", { { EPERM, 0 }, { EIO, 0 } } },
  [CALL_STAT] = { "stat", { { EIO, 0 }, { ENOMEM, 0 }, { EACCES, 0 } } },
  [CALL_FSTAT] = { "fstat", { { EIO, 0 }, { ENOMEM, 0 } } },
  [CALL_RENAME] = { "rename", { { ENOSPC, 0 }, { EIO, 0 }, { EACCES, 0 } } },
  [CALL_UNLINK] = { "unlink", { { EIO, 0 }, { EACCES, 0 } } },
  [CALL_MKDIR] = { "mkdir", { { ENOSPC, 0 }, { EACCES, 0 } } },
  [CALL_OPENDIR] = { "opendir", { { EMFILE, 0 }, { ENOMEM, 0 } } },
  [CALL_READDIR] = { "readdir", { { EIO, 0 } } },
  [CALL_READLINK] = { "readlink", { { EACCES, 0 }, { ENOMEM, 0 } } },
  [CALL_SOCKET] = { "socket", { { EMFILE, 0 }, { ENOBUFS, 0 } } },
  [CALL_SOCKETPAIR] = { "socketpair", { { EMFILE, 0 }, { ENOMEM, 0 } } },
  [CALL_BIND] = { "bind", { { EADDRINUSE, 0 }, { ENOMEM, 0 } } },
  [CALL_LISTEN] = { "listen", { { EADDRINUSE, 0 } } },
  [CALL_CONNECT] = { "connect", { { ECONNREFUSED, 0 }, { EADDRNOTAVAIL, 0 }, { EAGAIN, 0 } } },
  [CALL_GETSOCKNAME] = { "getsockname", { { ENOBUFS, 0 } } },
  [CALL_ACCEPT] = { "accept", { { EMFILE, 0 }, { ENOMEM, 0 }, { ECONNABORTED, 1 }, { EINTR, 1 } } },
  [CALL_SEND] = { "send", { { ENOMEM, 0 }, { ECONNRESET, 0 }, { EINTR, 1 }, { FAULT_SHORT, 1 } } },
  [CALL_RECEIVE] = { "receive", { { ENOMEM, 0 }, { ECONNRESET, 0 }, { EINTR, 1 }, { EAGAIN, 1 },
                                  { FAULT_SHORT, 1 } } },
  [CALL_WAIT] = { "wait", { { EINTR, 1 } } },
  [CALL_PIDFD_OPEN] = { "pidfd_open", { { EMFILE, 1 }, { ENOMEM, 1 } } },
  [CALL_SPAWN] = { "spawn", { { EAGAIN, 0 }, { ENOMEM, 0 } } },
  [CALL_THREAD] = { "thread", { { EAGAIN, 0 } } },
  [CALL_INOTIFY] = { "inotify", { { EMFILE, 0 }, { ENOSPC, 0 } } },
  /* Of a forked child, before its program. */
  [CALL_RAW] = { "raw", { { ENOMEM, 0 }, { EIO, 0 } } },
  [N_CALLS] = { 0 },
};

/* Shared with forked children, and with whoever armed us by the environment. */
typedef struct
{
  atomic_uint fired;
  atomic_uint counts[N_CALLS];
} State;

typedef struct
{
  uintptr_t begin, end;
  bool      is_glib;
} Range;

static State own_state;
static State *state = &own_state;
static Range ranges[16];
static unsigned n_ranges;

static atomic_bool armed;
static struct
{
  unsigned   call;
  int        problem;
  unsigned   first, last;
  FaultScope scope;
} order;

static int
starts_with (const char *text, const char *start)
{
  return strncmp (text, start, strlen (start)) == 0;
}

static void
add_range (const struct dl_phdr_info *info, bool is_glib)
{
  for (int i = 0; i < info->dlpi_phnum && n_ranges < sizeof ranges / sizeof *ranges; i++)
    {
      const ElfW (Phdr) *part = &info->dlpi_phdr[i];
      uintptr_t begin = info->dlpi_addr + part->p_vaddr;

      if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0)
        ranges[n_ranges++] = (Range) { begin, begin + part->p_memsz, is_glib };
    }
}

static bool
is_within (const struct dl_phdr_info *info, const void *address)
{
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD &&
        (uintptr_t) address - (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) <
          info->dlpi_phdr[i].p_memsz)
      return true;
  return false;
}

/* The program has no name. It is counted when it is not a test, which has this file in itself. */
static int
add_object (struct dl_phdr_info *info, size_t size, void *data)
{
  const char *slash = strrchr (info->dlpi_name, '/');
  const char *name = slash != NULL ? slash + 1 : info->dlpi_name;

  if (name[0] == '\0' ? !is_within (info, ranges) : starts_with (name, "libprocess-glib-1."))
    add_range (info, false);
  else if (starts_with (name, "libglib-2.0.") || starts_with (name, "libgio-2.0.") ||
           starts_with (name, "libgobject-2.0.") || starts_with (name, "libjson-glib-1.0."))
    add_range (info, true);
  return 0;
}

static const Range *
find_range (const void *caller)
{
  for (unsigned i = 0; i < n_ranges; i++)
    if ((uintptr_t) caller >= ranges[i].begin && (uintptr_t) caller < ranges[i].end)
      return &ranges[i];
  return NULL;
}

/* Where GLib ends the program, or warns and goes on: that is not ours to mend, and would hide what
 * comes after.
 *   eventfd  g_main_context_new () cannot fail, and aborts
 *   poll     a main loop warns of anything but EINTR
 *   thread   g_thread_new () cannot fail, and aborts
 *   close    g_socket_close () does it once more after EINTR, for ever
 *   readdir  g_dir_read_name () does not tell an error from the end */
static bool
is_beyond_us (unsigned call, int problem)
{
  return call == CALL_EVENTFD || call == CALL_THREAD || (call == CALL_POLL && problem != EINTR) ||
         (call == CALL_CLOSE && problem == EINTR) || call == CALL_READDIR;
}

static bool
is_counted (const void *caller, unsigned call)
{
  const Range *range = atomic_load (&armed) ? find_range (caller) : NULL;

  return range != NULL && (!range->is_glib || (order.scope == FAULT_SCOPE_GLIB &&
                                               !is_beyond_us (call, order.problem)));
}

/* What this call shall fail with, or 0. */
static int
count_call (const void *caller, unsigned call)
{
  unsigned n;

  if (!is_counted (caller, call))
    return 0;
  n = atomic_fetch_add (&state->counts[call], 1) + 1;
  if (call != order.call || n < order.first || n > order.last)
    return 0;
  atomic_fetch_add (&state->fired, 1);
  return order.problem;
}

static bool
fails (const void *caller, unsigned call)
{
  int problem = count_call (caller, call);

  if (problem > 0)
    errno = problem;
  return problem > 0;
}

unsigned
fault_shim_find (const char *name)
{
  for (unsigned i = 0; i < N_CALLS; i++)
    if (strcmp (fault_calls[i].name, name) == 0)
      return i;
  abort ();
}

void
fault_shim_arm (unsigned call, int problem, unsigned first, unsigned last, FaultScope scope)
{
  n_ranges = 0;
  dl_iterate_phdr (add_object, NULL);
  for (unsigned i = 0; i < N_CALLS; i++)
    atomic_store (&state->counts[i], 0);
  atomic_store (&state->fired, 0);
  order.call = call;
  order.problem = problem;
  order.first = first;
  order.last = first > 0 ? last : 0;
  order.scope = scope;
  atomic_store (&armed, true);
}

unsigned
fault_shim_disarm (void)
{
  atomic_store (&armed, false);
  return atomic_load (&state->fired);
}

unsigned
fault_shim_get_count (unsigned call)
{
  return atomic_load (&state->counts[call]);
}

static void
use_shared_state (int fd, int flags)
{
  void *memory = mmap (NULL, sizeof (State), PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

  if (memory == MAP_FAILED)
    abort ();
  state = memory;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *text = getenv ("FAULT_SHIM");
  const char *file = getenv ("FAULT_SHIM_STATE");
  unsigned call, first, last, scope;
  int problem, fd;

  if (text == NULL || file == NULL)
    {
      use_shared_state (-1, MAP_ANONYMOUS);
      return;
    }
  fd = (int) syscall (SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0 || syscall (SYS_ftruncate, fd, sizeof (State)) != 0 ||
      sscanf (text, "%u %d %u %u %u", &call, &problem, &first, &last, &scope) != 5)
    abort ();
  use_shared_state (fd, 0);
  syscall (SYS_close, fd);
  unsetenv ("FAULT_SHIM");
  unsetenv ("FAULT_SHIM_STATE");
  unsetenv ("LD_PRELOAD");
  fault_shim_arm (call, problem, first, last, (FaultScope) scope);
}

/* What stands before libc */

#define CALLER __builtin_return_address (0)

#define FIND_REAL(name)                            \
  do                                               \
    if (real == NULL)                              \
      *(void **) &real = dlsym (RTLD_NEXT, #name); \
  while (0)

/* Those that answer -1 with errno, or whatever @failure is. */
#define WRAP(type, name, call, failure, parameters, arguments) \
  type name parameters                                         \
  {                                                            \
    static type (*real) parameters;                            \
                                                               \
    FIND_REAL (name);                                          \
    return fails (CALLER, call) ? failure : real arguments;    \
  }

/* Those that answer the error itself. */
#define WRAP_ANSWER(name, call, parameters, arguments) \
  int name parameters                                  \
  {                                                    \
    static int (*real) parameters;                     \
    int problem = count_call (CALLER, call);           \
                                                       \
    FIND_REAL (name);                                  \
    return problem > 0 ? problem : real arguments;     \
  }

/* Those that may do only a part. */
#define WRAP_PART(name, call, length, parameters, arguments) \
  ssize_t name parameters                                    \
  {                                                          \
    static ssize_t (*real) parameters;                       \
    int problem = count_call (CALLER, call);                 \
                                                             \
    FIND_REAL (name);                                        \
    if (problem > 0)                                         \
      {                                                      \
        errno = problem;                                     \
        return -1;                                           \
      }                                                      \
    if (problem == FAULT_SHORT && length > 1)                \
      length = (length + 1) / 2;                             \
    return real arguments;                                   \
  }

/* What an eventfd and the like are is no kind of file. */
static unsigned
tell_apart (int fd, unsigned file, unsigned stream)
{
  struct stat status;

  if (!atomic_load (&armed) || syscall (SYS_fstat, fd, &status) != 0)
    return stream;
  if ((status.st_mode & S_IFMT) == 0)
    return CALL_EVENT;
  return S_ISREG (status.st_mode) ? file : stream;
}

WRAP (int, pipe, CALL_PIPE, -1, (int fds[2]), (fds))
WRAP (int, pipe2, CALL_PIPE, -1, (int fds[2], int flags), (fds, flags))
WRAP (int, eventfd, CALL_EVENTFD, -1, (unsigned count, int flags), (count, flags))
WRAP (int, epoll_create1, CALL_EPOLL_CREATE, -1, (int flags), (flags))
WRAP (int, epoll_wait, CALL_EPOLL_WAIT, -1,
      (int fd, struct epoll_event *events, int n, int timeout), (fd, events, n, timeout))
WRAP (int, poll, CALL_POLL, -1, (struct pollfd *fds, nfds_t n, int timeout), (fds, n, timeout))

/* To take one out, or to change it, needs no memory. */
int
epoll_ctl (int fd, int operation, int which, struct epoll_event *event)
{
  static int (*real) (int, int, int, struct epoll_event *);

  FIND_REAL (epoll_ctl);
  if (operation == EPOLL_CTL_ADD && fails (CALLER, CALL_EPOLL_CTL))
    return -1;
  return real (fd, operation, which, event);
}

WRAP_PART (read, tell_apart (fd, CALL_READ_FILE, CALL_READ_STREAM), length,
           (int fd, void *buffer, size_t length), (fd, buffer, length))
WRAP_PART (pread, CALL_READ_FILE, length, (int fd, void *buffer, size_t length, off_t offset),
           (fd, buffer, length, offset))
WRAP_PART (pread64, CALL_READ_FILE, length, (int fd, void *buffer, size_t length, off64_t offset),
           (fd, buffer, length, offset))
WRAP_PART (write, tell_apart (fd, CALL_WRITE_FILE, CALL_WRITE_STREAM), length,
           (int fd, const void *buffer, size_t length), (fd, buffer, length))
WRAP_PART (send, CALL_SEND, length, (int fd, const void *buffer, size_t length, int flags),
           (fd, buffer, length, flags))
WRAP_PART (recv, CALL_RECEIVE, length, (int fd, void *buffer, size_t length, int flags),
           (fd, buffer, length, flags))

/* What the above are called with the checks of _FORTIFY_SOURCE. */

ssize_t __read_chk (int fd, void *buffer, size_t length, size_t size);
ssize_t __pread64_chk (int fd, void *buffer, size_t length, off64_t offset, size_t size);
ssize_t __recv_chk (int fd, void *buffer, size_t length, size_t size, int flags);
int __poll_chk (struct pollfd *fds, nfds_t n, int timeout, size_t size);

WRAP_PART (__read_chk, tell_apart (fd, CALL_READ_FILE, CALL_READ_STREAM), length,
           (int fd, void *buffer, size_t length, size_t size), (fd, buffer, length, size))
WRAP_PART (__pread64_chk, CALL_READ_FILE, length,
           (int fd, void *buffer, size_t length, off64_t offset, size_t size),
           (fd, buffer, length, offset, size))
WRAP_PART (__recv_chk, CALL_RECEIVE, length,
           (int fd, void *buffer, size_t length, size_t size, int flags),
           (fd, buffer, length, size, flags))
WRAP (int, __poll_chk, CALL_POLL, -1, (struct pollfd *fds, nfds_t n, int timeout, size_t size),
      (fds, n, timeout, size))

WRAP (ssize_t, sendmsg, CALL_SEND, -1, (int fd, const struct msghdr *message, int flags),
      (fd, message, flags))
WRAP (ssize_t, recvmsg, CALL_RECEIVE, -1, (int fd, struct msghdr *message, int flags),
      (fd, message, flags))

/* One part is enough for us. */
#define WRAP_PWRITEV2(name, Offset)                                                             \
  ssize_t name (int fd, const struct iovec *parts, int n, Offset offset, int flags)             \
  {                                                                                             \
    static ssize_t (*real) (int, const struct iovec *, int, Offset, int);                       \
    int problem = count_call (CALLER, tell_apart (fd, CALL_WRITE_FILE, CALL_WRITE_STREAM));      \
    struct iovec part = parts[0];                                                               \
                                                                                                \
    FIND_REAL (name);                                                                           \
    if (problem > 0)                                                                            \
      {                                                                                         \
        errno = problem;                                                                        \
        return -1;                                                                              \
      }                                                                                         \
    if (problem != FAULT_SHORT)                                                                 \
      return real (fd, parts, n, offset, flags);                                                \
    part.iov_len = (part.iov_len + 1) / 2;                                                      \
    return real (fd, &part, 1, offset, flags);                                                  \
  }

WRAP_PWRITEV2 (pwritev2, off_t)
WRAP_PWRITEV2 (pwritev64v2, off64_t)

#define GET_MODE(mode, flags)                                           \
  do                                                                    \
    if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) \
      {                                                                 \
        va_list list;                                                   \
                                                                        \
        va_start (list, flags);                                         \
        mode = va_arg (list, mode_t);                                   \
        va_end (list);                                                  \
      }                                                                 \
  while (0)

#define WRAP_OPEN(name)                                                     \
  int name (const char *path, int flags, ...)                               \
  {                                                                         \
    static int (*real) (const char *, int, ...);                            \
    mode_t mode = 0;                                                        \
                                                                            \
    FIND_REAL (name);                                                       \
    GET_MODE (mode, flags);                                                 \
    return fails (CALLER, CALL_OPEN) ? -1 : real (path, flags, mode);       \
  }

#define WRAP_OPENAT(name)                                                   \
  int name (int fd, const char *path, int flags, ...)                       \
  {                                                                         \
    static int (*real) (int, const char *, int, ...);                       \
    mode_t mode = 0;                                                        \
                                                                            \
    FIND_REAL (name);                                                       \
    GET_MODE (mode, flags);                                                 \
    return fails (CALLER, CALL_OPEN) ? -1 : real (fd, path, flags, mode);   \
  }

WRAP_OPEN (open)
WRAP_OPEN (open64)
WRAP_OPENAT (openat)
WRAP_OPENAT (openat64)

/* A descriptor that is closed with an error is closed; see close(2). */
int
close (int fd)
{
  static int (*real) (int);
  int problem = fd >= 0 ? count_call (CALLER, CALL_CLOSE) : 0;
  int answer;

  FIND_REAL (close);
  answer = real (fd);
  if (problem <= 0)
    return answer;
  errno = problem;
  return -1;
}

static int
get_fcntl_call (int command)
{
  switch (command)
    {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return CALL_DUP;
    case F_OFD_SETLK:
    case F_OFD_GETLK:
      return CALL_LOCK;
    case F_SETPIPE_SZ:
      return CALL_PIPE_SIZE;
    default:
      return -1;
    }
}

#define WRAP_WITH_POINTER(name, Command, get_call)                  \
  int name (int fd, Command command, ...)                           \
  {                                                                 \
    static int (*real) (int, Command, ...);                         \
    int call = get_call ((int) command);                            \
    void *argument;                                                 \
    va_list list;                                                   \
                                                                    \
    FIND_REAL (name);                                               \
    va_start (list, command);                                       \
    argument = va_arg (list, void *);                               \
    va_end (list);                                                  \
    if (call >= 0 && fails (CALLER, (unsigned) call))               \
      return -1;                                                    \
    return real (fd, command, argument);                            \
  }

static int
get_ioctl_call (int request)
{
  return request == FIONREAD ? CALL_IOCTL : -1;
}

WRAP_WITH_POINTER (fcntl, int, get_fcntl_call)
WRAP_WITH_POINTER (fcntl64, int, get_fcntl_call)
WRAP_WITH_POINTER (ioctl, unsigned long, get_ioctl_call)

WRAP (int, flock, CALL_FLOCK, -1, (int fd, int operation), (fd, operation))
WRAP (int, fsync, CALL_FSYNC, -1, (int fd), (fd))
WRAP (int, ftruncate, CALL_TRUNCATE, -1, (int fd, off_t length), (fd, length))
WRAP (int, ftruncate64, CALL_TRUNCATE, -1, (int fd, off64_t length), (fd, length))
WRAP (int, fchmod, CALL_CHMOD, -1, (int fd, mode_t mode), (fd, mode))
WRAP (int, stat, CALL_STAT, -1, (const char *path, struct stat *status), (path, status))
WRAP (int, stat64, CALL_STAT, -1, (const char *path, struct stat64 *status), (path, status))
WRAP (int, lstat, CALL_STAT, -1, (const char *path, struct stat *status), (path, status))
WRAP (int, lstat64, CALL_STAT, -1, (const char *path, struct stat64 *status), (path, status))
WRAP (int, fstat, CALL_FSTAT, -1, (int fd, struct stat *status), (fd, status))
WRAP (int, fstat64, CALL_FSTAT, -1, (int fd, struct stat64 *status), (fd, status))
WRAP (int, fstatat, CALL_STAT, -1, (int fd, const char *path, struct stat *status, int flags),
      (fd, path, status, flags))
WRAP (int, fstatat64, CALL_STAT, -1, (int fd, const char *path, struct stat64 *status, int flags),
      (fd, path, status, flags))
WRAP (int, rename, CALL_RENAME, -1, (const char *from, const char *to), (from, to))
WRAP (int, renameat, CALL_RENAME, -1, (int one, const char *from, int other, const char *to),
      (one, from, other, to))
WRAP (int, unlink, CALL_UNLINK, -1, (const char *path), (path))
WRAP (int, unlinkat, CALL_UNLINK, -1, (int fd, const char *path, int flags), (fd, path, flags))
WRAP (int, mkdir, CALL_MKDIR, -1, (const char *path, mode_t mode), (path, mode))
WRAP (DIR *, opendir, CALL_OPENDIR, NULL, (const char *path), (path))
WRAP (DIR *, fdopendir, CALL_OPENDIR, NULL, (int fd), (fd))
WRAP (struct dirent *, readdir, CALL_READDIR, NULL, (DIR * dir), (dir))
WRAP (struct dirent64 *, readdir64, CALL_READDIR, NULL, (DIR * dir), (dir))
WRAP (ssize_t, readlink, CALL_READLINK, -1, (const char *path, char *target, size_t size),
      (path, target, size))

WRAP (int, socket, CALL_SOCKET, -1, (int family, int type, int protocol), (family, type, protocol))
WRAP (int, socketpair, CALL_SOCKETPAIR, -1, (int family, int type, int protocol, int fds[2]),
      (family, type, protocol, fds))
WRAP (int, bind, CALL_BIND, -1, (int fd, const struct sockaddr *address, socklen_t size),
      (fd, address, size))
WRAP (int, listen, CALL_LISTEN, -1, (int fd, int backlog), (fd, backlog))
WRAP (int, connect, CALL_CONNECT, -1, (int fd, const struct sockaddr *address, socklen_t size),
      (fd, address, size))
WRAP (int, getsockname, CALL_GETSOCKNAME, -1,
      (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
WRAP (int, accept4, CALL_ACCEPT, -1,
      (int fd, struct sockaddr *address, socklen_t *size, int flags), (fd, address, size, flags))

/* What need not wait is not interrupted. */
int
waitid (idtype_t type, id_t id, siginfo_t *info, int options)
{
  static int (*real) (idtype_t, id_t, siginfo_t *, int);

  FIND_REAL (waitid);
  if ((options & WNOHANG) == 0 && fails (CALLER, CALL_WAIT))
    return -1;
  return real (type, id, info, options);
}

pid_t
waitpid (pid_t pid, int *status, int options)
{
  static pid_t (*real) (pid_t, int *, int);

  FIND_REAL (waitpid);
  if ((options & WNOHANG) == 0 && fails (CALLER, CALL_WAIT))
    return -1;
  return real (pid, status, options);
}

/* That of children/test-util.c goes before, and that of helpers/tsan-glib.c. */
#pragma weak posix_spawn
#pragma weak poll

WRAP (pid_t, fork, CALL_SPAWN, -1, (void), ())
WRAP_ANSWER (posix_spawn, CALL_SPAWN,
             (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]),
             (pid, path, actions, attributes, argv, envp))
WRAP_ANSWER (pthread_create, CALL_THREAD,
             (pthread_t *thread, const pthread_attr_t *attributes, void *(*func) (void *),
              void *data),
             (thread, attributes, func, data))
WRAP (int, inotify_init1, CALL_INOTIFY, -1, (int flags), (flags))
WRAP (int, inotify_add_watch, CALL_INOTIFY, -1, (int fd, const char *path, uint32_t mask),
      (fd, path, mask))

/* Those without which a child is none are let alone. */
static int
get_raw_call (long number)
{
  switch (number)
    {
    case SYS_pidfd_open:
      return CALL_PIDFD_OPEN;
    case SYS_openat:
    case SYS_fcntl:
    case SYS_dup3:
    case SYS_setsid:
    case SYS_setpgid:
    case SYS_chdir:
    case SYS_prctl:
    case SYS_recvmsg:
    case SYS_close_range:
    case SYS_execve:
      return CALL_RAW;
    default:
      return -1;
    }
}

/* Nobody knows how many there are, so that more are read than were given. */
__attribute__ ((no_sanitize ("address"))) long
syscall (long number, ...)
{
  static long (*real) (long, ...);
  int call = get_raw_call (number);
  long a[6];
  va_list list;

  FIND_REAL (syscall);
  va_start (list, number);
  for (int i = 0; i < 6; i++)
    a[i] = va_arg (list, long);
  va_end (list);
  if (call >= 0 && fails (CALLER, (unsigned) call))
    return -1;
  return real (number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
