/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* test-child VERB [ARGUMENTS...] [VERB [ARGUMENTS...]]...
 *
 * The child that the tests start. It does what the verbs say, one after the
 * other, and exits with 0 when there is none left; see the table below. Texts
 * may have the escapes \n, \r, \\ and \xHH.
 *
 * Nothing of it outlives a test for long: the alarm clock ends it. FIFO is the
 * path of one; TEXT is told and awaited as a line.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFETIME 100 /* seconds */

static char **run_verbs (char **arguments);

static void
fail (const char *what)
{
  perror (what);
  _exit (99);
}

static void
write_all (int fd, const char *data, size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n < 0 && errno != EINTR)
        fail ("test-child: write");
      if (n > 0)
        {
          data += n;
          length -= (size_t) n;
        }
    }
}

static void
write_text (int fd, const char *text)
{
  char *bytes = malloc (strlen (text) + 1);
  size_t length = 0;

  for (; *text != '\0'; text++)
    {
      char digits[3] = { 0 };

      if (*text != '\\')
        {
          bytes[length++] = *text;
          continue;
        }
      switch (*++text)
        {
        case 'n':
          bytes[length++] = '\n';
          break;
        case 'r':
          bytes[length++] = '\r';
          break;
        case 'x':
          memcpy (digits, text + 1, 2);
          bytes[length++] = (char) strtol (digits, NULL, 16);
          text += 2;
          break;
        default:
          bytes[length++] = *text;
        }
    }
  write_all (fd, bytes, length);
  free (bytes);
}

static int
parse_signal (const char *name)
{
  static const struct
  {
    const char *name;
    int         number;
  } names[] = {
    { "HUP", SIGHUP },   { "INT", SIGINT },   { "QUIT", SIGQUIT }, { "TERM", SIGTERM },
    { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "KILL", SIGKILL }, { "STOP", SIGSTOP },
    { "CONT", SIGCONT }, { "ABRT", SIGABRT }, { "PIPE", SIGPIPE },
  };

  if (strncmp (name, "RTMIN+", 6) == 0)
    return SIGRTMIN + atoi (name + 6);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp (name, names[i].name) == 0)
      return names[i].number;
  fprintf (stderr, "test-child: no signal %s\n", name);
  _exit (99);
}

static int
open_fifo (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC);

  if (fd < 0)
    fail (path);
  return fd;
}

static void
do_out (char **arguments)
{
  write_text (1, arguments[0]);
}

static void
do_err (char **arguments)
{
  write_text (2, arguments[0]);
}

static void
print_lines (FILE *file, const char *count)
{
  long n = atol (count);

  for (long i = 1; i <= n; i++)
    fprintf (file, "line %ld\n", i);
  fflush (file);
}

static void
do_lines (char **arguments)
{
  print_lines (stdout, arguments[0]);
}

static void
do_err_lines (char **arguments)
{
  static char buffer[65536];

  setvbuf (stderr, buffer, _IOFBF, sizeof buffer);
  print_lines (stderr, arguments[0]);
}

static void
do_alternate (char **arguments)
{
  long n = atol (arguments[0]);

  for (long i = 1; i <= n; i++)
    {
      char line[32];

      write_all (1, line, (size_t) snprintf (line, sizeof line, "out %ld\n", i));
      write_all (2, line, (size_t) snprintf (line, sizeof line, "err %ld\n", i));
    }
}

static void
print_bytes (const char *count, char byte)
{
  char block[65536];

  memset (block, byte, sizeof block);
  for (long left = atol (count); left > 0; left -= (long) sizeof block)
    write_all (1, block, left < (long) sizeof block ? (size_t) left : sizeof block);
}

static void
do_bytes (char **arguments)
{
  print_bytes (arguments[0], arguments[1][0]);
}

static void
do_flood (char **arguments)
{
  for (;;)
    write_all (1, "flood\n", 6);
}

/* Tells how far it got when nobody has read for a while. */
static void
do_press (char **arguments)
{
  long total = atol (arguments[0]), done = 0;
  char block[4096];
  int told = 0;

  memset (block, 'x', sizeof block);
  block[sizeof block - 1] = '\n';
  for (; done < total; done += (long) sizeof block)
    {
      struct pollfd out = { .fd = 1, .events = POLLOUT };

      if (!told && poll (&out, 1, 300) == 0)
        {
          FILE *file = fdopen (open_fifo (arguments[1], O_WRONLY), "w");

          fprintf (file, "%ld\n", done);
          fclose (file);
          told = 1;
        }
      write_all (1, block, sizeof block);
    }
}

static void
do_copy (char **arguments)
{
  char block[65536];
  ssize_t n;

  while ((n = read (0, block, sizeof block)) > 0)
    write_all (1, block, (size_t) n);
}

/* The length of the input, and a sum that depends on the order. */
static void
do_count (char **arguments)
{
  unsigned char block[65536];
  unsigned long count = 0;
  unsigned sum = 5381;
  ssize_t n;

  while ((n = read (0, block, sizeof block)) > 0)
    for (ssize_t i = 0; i < n; i++, count++)
      sum = sum * 33 + block[i];
  printf ("%lu bytes, sum %08x\n", count, sum);
  fflush (stdout);
}

static void
read_line (int fd, char *line, size_t size)
{
  size_t length = 0;

  while (length < size - 1 && read (fd, line + length, 1) == 1)
    if (line[length++] == '\n')
      break;
  line[length] = '\0';
}

static void
do_line (char **arguments)
{
  char line[4096];

  read_line (0, line, sizeof line);
  write_all (1, line, strlen (line));
}

static void
do_await (char **arguments)
{
  int fd = open_fifo (arguments[0], O_RDONLY);
  char line[256];

  read_line (fd, line, sizeof line);
  close (fd);
}

static void
do_relay (char **arguments)
{
  int fd = open_fifo (arguments[0], O_RDONLY);
  char line[256];

  read_line (fd, line, sizeof line);
  write_all (1, line, strlen (line));
  close (fd);
}

static void
tell (int fd, const char *text)
{
  char line[256];

  write_all (fd, line, (size_t) snprintf (line, sizeof line, "%s\n", text));
}

static void
do_tell (char **arguments)
{
  int fd = open_fifo (arguments[0], O_WRONLY);

  tell (fd, arguments[1]);
  close (fd);
}

/* Who reads there sees the end of the file when all that hold it have ended. */
static void
do_hold (char **arguments)
{
  tell (open_fifo (arguments[0], O_WRONLY), "held");
}

static int codes[128];
static int fifos[128];

static void
exit_handler (int signum)
{
  _exit (codes[signum]);
}

static void
note_handler (int signum)
{
  char line[] = { 'n', 'o', 't', 'e', ' ', (char) ('0' + signum / 10), (char) ('0' + signum % 10),
                  '\n' };

  write_all (fifos[signum], line, sizeof line);
}

static void
do_ignore (char **arguments)
{
  signal (parse_signal (arguments[0]), SIG_IGN);
}

static void
do_catch (char **arguments)
{
  int signum = parse_signal (arguments[0]);

  codes[signum] = atoi (arguments[1]);
  signal (signum, exit_handler);
}

static void
do_note (char **arguments)
{
  int signum = parse_signal (arguments[0]);

  fifos[signum] = open_fifo (arguments[1], O_WRONLY);
  signal (signum, note_handler);
}

static void
do_stay (char **arguments)
{
}

static void
do_pause (char **arguments)
{
  for (;;)
    pause ();
}

static void
do_die (char **arguments)
{
  int signum = parse_signal (arguments[0]);

  signal (signum, SIG_DFL);
  raise (signum);
}

static void
do_exit (char **arguments)
{
  _exit (atoi (arguments[0]));
}

static void
do_close (char **arguments)
{
  close (atoi (arguments[0]));
}

static void
do_setsid (char **arguments)
{
  if (setsid () < 0)
    fail ("test-child: setsid");
}

static void
do_setpgid (char **arguments)
{
  if (setpgid (0, 0) < 0)
    fail ("test-child: setpgid");
}

static void
do_ids (char **arguments)
{
  printf ("pid %d parent %d group %d session %d\n", (int) getpid (), (int) getppid (),
          (int) getpgid (0), (int) getsid (0));
  fflush (stdout);
}

static void
do_cwd (char **arguments)
{
  char path[4096];

  if (getcwd (path, sizeof path) == NULL)
    fail ("test-child: getcwd");
  puts (path);
  fflush (stdout);
}

static void
do_env (char **arguments)
{
  const char *value = getenv (arguments[0]);

  printf ("%s%s%s\n", arguments[0], value != NULL ? "=" : " is unset", value != NULL ? value : "");
  fflush (stdout);
}

static void
do_environ (char **arguments)
{
  for (char **each = environ; *each != NULL; each++)
    puts (*each);
  fflush (stdout);
}

static void
do_fds (char **arguments)
{
  DIR *dir = opendir ("/proc/self/fd");
  struct dirent *entry;

  if (dir == NULL)
    fail ("test-child: /proc/self/fd");
  while ((entry = readdir (dir)) != NULL)
    if (isdigit ((unsigned char) entry->d_name[0]) && atoi (entry->d_name) != dirfd (dir))
      puts (entry->d_name);
  closedir (dir);
  fflush (stdout);
}

static void
do_target (char **arguments)
{
  char path[64], target[4096] = { 0 };

  snprintf (path, sizeof path, "/proc/self/fd/%s", arguments[0]);
  if (readlink (path, target, sizeof target - 1) < 0)
    fail (path);
  puts (target);
  fflush (stdout);
}

/* What is not as it is in a program that starts with a clean sheet. */
static void
do_signals (char **arguments)
{
  sigset_t mask;

  sigprocmask (SIG_SETMASK, NULL, &mask);
  for (int signum = 1; signum <= SIGRTMAX; signum++)
    {
      struct sigaction action;

      if (sigaction (signum, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
        printf ("%d is ignored\n", signum);
      if (sigismember (&mask, signum) == 1)
        printf ("%d is blocked\n", signum);
    }
  fflush (stdout);
}

static void
do_reap (char **arguments)
{
  while (wait (NULL) > 0 || errno == EINTR)
    continue;
}

/* The program is what stands behind the last brace. */
static void
skip_block (char ***arguments)
{
  int depth = 1;

  for (; depth > 0 && **arguments != NULL; (*arguments)++)
    depth += strcmp (**arguments, "{") == 0 ? 1 : strcmp (**arguments, "}") == 0 ? -1 : 0;
}

static char **
do_fork (char **arguments)
{
  pid_t pid = fork ();

  if (pid < 0)
    fail ("test-child: fork");
  arguments++;
  if (pid == 0)
    {
      alarm (LIFETIME);
      run_verbs (arguments);
      _exit (0);
    }
  skip_block (&arguments);
  return arguments;
}

static const struct
{
  const char *name;
  int         n_arguments;
  void      (*func) (char **arguments);
} verbs[] = {
  { "out", 1, do_out },             /* TEXT: to standard output */
  { "err", 1, do_err },             /* TEXT: to standard error */
  { "lines", 1, do_lines },         /* N: "line 1" to "line N" */
  { "err-lines", 1, do_err_lines }, /* N: the same to standard error */
  { "alternate", 1, do_alternate }, /* N: "out 1", "err 1", "out 2" ... to either */
  { "bytes", 2, do_bytes },         /* N C: the character C, N times */
  { "flood", 0, do_flood },         /* lines without an end */
  { "press", 2, do_press },         /* N FIFO: N bytes; tells where it was held up first */
  { "copy", 0, do_copy },           /* standard input to standard output */
  { "count", 0, do_count },         /* "N bytes, sum X" of standard input */
  { "line", 0, do_line },           /* copies a line */
  { "await", 1, do_await },         /* FIFO: waits for a line there */
  { "relay", 1, do_relay },         /* FIFO: copies a line from there */
  { "tell", 2, do_tell },           /* FIFO TEXT */
  { "hold", 1, do_hold },           /* FIFO: tells "held" and keeps it open */
  { "ignore", 1, do_ignore },       /* SIGNAL */
  { "catch", 2, do_catch },         /* SIGNAL CODE: exits with CODE at it */
  { "note", 2, do_note },           /* SIGNAL FIFO: tells "note NUMBER" at it */
  { "stay", 0, do_stay },           /* nothing */
  { "pause", 0, do_pause },         /* for ever */
  { "die", 1, do_die },             /* SIGNAL: sends it to itself */
  { "exit", 1, do_exit },           /* CODE */
  { "close", 1, do_close },         /* FD */
  { "setsid", 0, do_setsid },       /* a session of its own */
  { "setpgid", 0, do_setpgid },     /* a process group of its own */
  { "ids", 0, do_ids },             /* "pid N parent N group N session N" */
  { "cwd", 0, do_cwd },             /* the working directory */
  { "env", 1, do_env },             /* NAME: "NAME=value" or "NAME is unset" */
  { "environ", 0, do_environ },     /* all of them */
  { "fds", 0, do_fds },             /* the numbers of the open descriptors */
  { "target", 1, do_target },       /* FD: what it is */
  { "signals", 0, do_signals },     /* "N is ignored", "N is blocked" */
  { "reap", 0, do_reap },           /* waits for all that it forked */
};

/* Until the end, or the brace that closes what a fork does. */
static char **
run_verbs (char **arguments)
{
  while (*arguments != NULL && strcmp (*arguments, "}") != 0)
    {
      const char *name = *arguments++;
      size_t i = 0;

      if (strcmp (name, "fork") == 0) /* { VERBS }: done by a child, at the same time */
        {
          arguments = do_fork (arguments);
          continue;
        }
      if (strcmp (name, "args") == 0) /* ...: the rest, each in brackets */
        {
          for (; *arguments != NULL; arguments++)
            printf ("[%s]\n", *arguments);
          fflush (stdout);
          break;
        }
      while (i < sizeof verbs / sizeof verbs[0] && strcmp (verbs[i].name, name) != 0)
        i++;
      if (i == sizeof verbs / sizeof verbs[0])
        {
          fprintf (stderr, "test-child: no verb %s\n", name);
          _exit (99);
        }
      verbs[i].func (arguments);
      arguments += verbs[i].n_arguments;
    }
  return arguments;
}

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  alarm (LIFETIME);
  run_verbs (argv + 1);
  return 0;
}
