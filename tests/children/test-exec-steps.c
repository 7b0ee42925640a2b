/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a child does between its birth and its program, against a system that is only played: each
 * call is written down, and answers what the test wants. A real child cannot tell, since all that
 * it knows goes with its exec. */

#include <glib.h>
#include <setjmp.h>
#include <string.h>

/* The compiler need not know what it does to the memory that it is given. */
G_NO_INLINE static long sys (long number, long a, long b, long c, long d);

#include <process-glib/children/process-exec-steps-private.h>

#define MAX_REPORTS 4

/* A file that exists, and the errno that executing it answers; 0 = it becomes the program. */
typedef struct
{
  const char *path;
  int         problem;
} File;

static struct
{
  GString          *log; /* what was called, with spaces between */
  long              failing;
  int               problem;
  const File       *files;
  long              parent;
  rlim_t            limit;
  int               without_stdin;
  ProcessExecReport reports[MAX_REPORTS];
  guint             n_reports;
  jmp_buf           became;
} fake;

static char *arguments[] = { (char *) "program", NULL };
static char *environment[] = { (char *) "XPATH=/wrong", (char *) "PATH=/a:/b",
                               (char *) "PATH=/wrong", NULL };

G_GNUC_PRINTF (1, 2) static void
note (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append (fake.log, fake.log->len > 0 ? " " : "");
  g_string_append_vprintf (fake.log, format, args);
  va_end (args);
}

static const File *
find_file (const char *path)
{
  for (const File *file = fake.files; file != NULL && file->path != NULL; file++)
    if (g_str_equal (file->path, path))
      return file;
  return NULL;
}

static long
execute (const char *path)
{
  const File *file = find_file (path);

  note ("execve %s", path);
  if (file == NULL)
    return -ENOENT;
  if (file->problem == 0)
    longjmp (fake.became, 1);
  return -file->problem;
}

static long
take_report (long fd, const ProcessExecReport *report, long size)
{
  g_assert_cmpint (size, ==, sizeof *report);
  g_assert_cmpuint (fake.n_reports, <, MAX_REPORTS);
  fake.reports[fake.n_reports++] = *report;
  note ("report-to-%ld", fd);
  return size;
}

static long
receive (struct msghdr *message)
{
  struct cmsghdr *header = message->msg_control;
  int fd = 8;

  note ("recvmsg");
  if (fake.without_stdin)
    {
      message->msg_controllen = 0;
      return sizeof (ProcessExecReport);
    }
  g_assert_cmpuint (message->msg_controllen, >=, CMSG_LEN (sizeof fd));
  header->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  return sizeof (ProcessExecReport);
}

static long
control_descriptor (long fd, long command)
{
  if (command == F_DUPFD_CLOEXEC)
    note ("copy-%ld", fd);
  else if (fd == 3 || fd == (long) MIN (fake.limit, 65536) - 1)
    note ("close-on-exec-%ld", fd);
  return command == F_DUPFD_CLOEXEC ? 5 : 0;
}

static long
change_signal (int signum)
{
  if (signum == SIGPIPE || signum == 64)
    note ("signal-%d", signum);
  return 0;
}

static long
sys (long number, long a, long b, long c, long d)
{
  if (number == fake.failing)
    {
      note ("failure");
      return -fake.problem;
    }
  switch (number)
    {
    case SYS_write:
      return take_report (a, (const ProcessExecReport *) b, c);
    case SYS_getpid:
      return 77;
    case SYS_getppid:
      return fake.parent;
    case SYS_close_range:
      note ("close-range-%ld", a);
      return 0;
    case SYS_prlimit64:
      ((struct rlimit *) d)->rlim_cur = fake.limit;
      return 0;
    case SYS_fcntl:
      return control_descriptor (a, b);
    case SYS_openat:
      note ("open %s", (const char *) b);
      return 6;
    case SYS_recvmsg:
      return receive ((struct msghdr *) b);
    case SYS_dup3:
      note ("%ld-to-%ld", a, b);
      return b;
    case SYS_setsid:
      note ("setsid");
      return 77;
    case SYS_setpgid:
      note ("setpgid");
      return 0;
    case SYS_prctl:
      note ("death-signal-%ld", b);
      return 0;
    case SYS_chdir:
      note ("chdir %s", (const char *) a);
      return 0;
    case SYS_rt_sigaction:
      return change_signal ((int) a);
    case SYS_rt_sigprocmask:
      note ("mask");
      return 0;
    case SYS_faccessat:
      return find_file ((const char *) b) != NULL ? 0 : -ENOENT;
    case SYS_execve:
      return execute ((const char *) a);
    default:
      g_assert_not_reached ();
    }
}

static ProcessExecPlan
make_plan (void)
{
  static const File program[] = { { "/a/program", 0 }, { NULL, 0 } };
  const ProcessExecPlan plan = { .cwd = "", .argv = arguments, .envp = environment };

  if (fake.log != NULL)
    g_string_free (fake.log, TRUE);
  memset (&fake, 0, sizeof fake);
  fake.log = g_string_new (NULL);
  fake.failing = -1;
  fake.files = program;
  fake.parent = 42;
  return plan;
}

/* Whether it became the program. */
static gboolean
run (ProcessExecPlan *plan)
{
  if (setjmp (fake.became) != 0)
    return TRUE;
  exec_run (plan);
  return FALSE;
}

static void
assert_fails (ProcessExecPlan *plan, int step, int problem)
{
  g_assert_false (run (plan));
  g_assert_cmpuint (fake.n_reports, ==, 2);
  g_assert_cmpint (fake.reports[0].what, ==, PROCESS_EXEC_BORN);
  g_assert_cmpint (fake.reports[1].what, ==, step);
  g_assert_cmpint (fake.reports[1].value, ==, problem);
}

static void
test_plain (void)
{
  ProcessExecPlan plan = make_plan ();

  g_assert_true (run (&plan));
  g_assert_cmpstr (fake.log->str, ==,
                   "signal-13 report-to-0 close-range-3 copy-0 open /dev/null 6-to-0 "
                   "signal-13 signal-64 mask execve /a/program");
  g_assert_cmpuint (fake.n_reports, ==, 1);
  g_assert_cmpint (fake.reports[0].what, ==, PROCESS_EXEC_BORN);
  g_assert_cmpint (fake.reports[0].value, ==, 77);
}

static void
test_everything (void)
{
  ProcessExecPlan plan = make_plan ();

  plan.receive_stdin = plan.merge_stderr = plan.new_group = 1;
  plan.parent_pid = 42;
  plan.cwd = "/srv";
  g_assert_true (run (&plan));
  g_assert_cmpstr (fake.log->str, ==,
                   "signal-13 report-to-0 close-range-3 copy-0 recvmsg 8-to-0 1-to-2 setpgid "
                   "death-signal-9 chdir /srv signal-13 signal-64 mask execve /a/program");

  plan = make_plan ();
  plan.new_session = plan.new_group = 1;
  g_assert_true (run (&plan));
  g_assert_nonnull (strstr (fake.log->str, "setsid"));
  g_assert_null (strstr (fake.log->str, "setpgid"));
}

/* Each is told of over the pipe, which is where the first step has put it; and nothing is run. */
static void
test_failures (void)
{
  static const struct
  {
    long call;
    int  step;
    int  receive_stdin;
    int  report_fd;
  } cases[] = {
    { SYS_fcntl, PROCESS_EXEC_STDIN, 0, 0 },
    { SYS_openat, PROCESS_EXEC_STDIN, 0, 5 },
    { SYS_recvmsg, PROCESS_EXEC_STDIN, 1, 5 },
    { SYS_dup3, PROCESS_EXEC_STDIN, 0, 5 },
    { SYS_setpgid, PROCESS_EXEC_GROUP, 0, 5 },
    { SYS_prctl, PROCESS_EXEC_DEATH_SIGNAL, 0, 5 },
    { SYS_chdir, PROCESS_EXEC_CWD, 0, 5 },
    { SYS_execve, PROCESS_EXEC_PROGRAM, 0, 5 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ProcessExecPlan plan = make_plan ();
      g_autofree char *last = g_strdup_printf ("failure report-to-%d", cases[i].report_fd);

      plan.new_group = 1;
      plan.parent_pid = 42;
      plan.cwd = "/srv";
      plan.receive_stdin = cases[i].receive_stdin;
      fake.failing = cases[i].call;
      fake.problem = EPERM;
      assert_fails (&plan, cases[i].step, EPERM);
      g_assert_true (g_str_has_suffix (fake.log->str, last));
      g_assert_null (strstr (fake.log->str, "execve"));
    }
}

static void
test_session_fails (void)
{
  ProcessExecPlan plan = make_plan ();

  plan.new_session = 1;
  fake.failing = SYS_setsid;
  fake.problem = EPERM;
  assert_fails (&plan, PROCESS_EXEC_GROUP, EPERM);
}

/* The socket is there, and there was no room for what came over it. */
static void
test_no_stdin (void)
{
  ProcessExecPlan plan = make_plan ();

  plan.receive_stdin = fake.without_stdin = 1;
  assert_fails (&plan, PROCESS_EXEC_STDIN, EMFILE);
}

static void
test_parent_gone (void)
{
  ProcessExecPlan plan = make_plan ();

  plan.parent_pid = 42;
  fake.parent = 1;
  assert_fails (&plan, PROCESS_EXEC_DEATH_SIGNAL, ESRCH);
}

/* A parent that is gone need not be told; one that is there has to be. */
static void
test_unreported (void)
{
  ProcessExecPlan plan = make_plan ();

  fake.failing = SYS_write;
  fake.problem = ENOMEM;
  g_assert_false (run (&plan));
  g_assert_cmpstr (fake.log->str, ==, "signal-13 failure");

  plan = make_plan ();
  fake.failing = SYS_write;
  fake.problem = EPIPE;
  g_assert_true (run (&plan));
}

static void
test_descriptors (void)
{
  static const rlim_t limits[] = { 1024, RLIM_INFINITY };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *expected =
        g_strdup_printf ("failure close-on-exec-3 close-on-exec-%d copy-0", i == 0 ? 1023 : 65535);
      ProcessExecPlan plan = make_plan ();

      fake.failing = SYS_close_range;
      fake.problem = ENOSYS;
      fake.limit = limits[i];
      g_assert_true (run (&plan));
      g_assert_nonnull (strstr (fake.log->str, expected));
    }
}

/* The search */

typedef struct
{
  const char *path;     /* of the environment; NULL = none */
  const char *name;
  File        files[4];
  const char *expected; /* what was tried */
  int         step;     /* 0 = it became the program */
  int         problem;
} Search;

static const Search searches[] = {
  { NULL, "p", { { "/bin/p", 0 } }, "/usr/local/bin/p /usr/bin/p /bin/p", 0, 0 },
  { "", "p", { { "p", 0 } }, "", PROCESS_EXEC_PROGRAM, ENOENT },
  { "::.:sub:./x:", "p", { { "p", 0 } }, "", PROCESS_EXEC_PROGRAM, ENOENT },
  { ":sub:/b::/c", "p", { { "/c/p", 0 } }, "/b/p /c/p", 0, 0 },
  { "/a:/b", "x/p", { { "x/p", 0 } }, "x/p", 0, 0 },
  { "/a:/b", "/x", { { NULL, 0 } }, "/x", PROCESS_EXEC_PROGRAM, ENOENT },
  { "/a:/b", "p", { { "/a/p", EACCES }, { "/b/p", 0 } }, "/a/p /b/p", 0, 0 },
  { "/a:/b", "p", { { "/a/p", EACCES } }, "/a/p /b/p", PROCESS_EXEC_PROGRAM, EACCES },
  { "/a:/b", "p", { { "/a/p", ENOTDIR } }, "/a/p /b/p", PROCESS_EXEC_PROGRAM, ENOENT },
  { "/a:/b", "p", { { "/a/p", ELOOP } }, "/a/p /b/p", PROCESS_EXEC_PROGRAM, ENOENT },
  { "/a:/b", "p", { { "/a/p", ENOEXEC }, { "/b/p", 0 } }, "/a/p", PROCESS_EXEC_PROGRAM,
    ENOEXEC },
  { "/a:/b", "p", { { "/a/p", E2BIG }, { "/b/p", 0 } }, "/a/p", PROCESS_EXEC_PROGRAM,
    E2BIG },
  { "/a:/b", "p", { { "/a/p", ENOENT } }, "/a/p /b/p", PROCESS_EXEC_INTERPRETER, ENOENT },
  { "/a:/b", "p", { { "/a/p", ENOENT }, { "/b/p", 0 } }, "/a/p /b/p", 0, 0 },
  /* Another one than that without an interpreter is to blame. */
  { "/a:/b", "p", { { "/a/p", ENOENT }, { "/b/p", EACCES } }, "/a/p /b/p",
    PROCESS_EXEC_PROGRAM, EACCES },
  { "/a:/b", "p", { { "/a/p", ENOENT }, { "/b/p", ENOEXEC } }, "/a/p /b/p",
    PROCESS_EXEC_PROGRAM, ENOEXEC },
};

static void
assert_tried (const char *expected)
{
  g_auto (GStrv) parts = g_strsplit (fake.log->str, "execve ", 0);
  g_autoptr (GString) tried = g_string_new (NULL);

  for (char **part = parts + 1; *part != NULL; part++)
    {
      (*part)[strcspn (*part, " ")] = '\0';
      g_string_append_printf (tried, "%s%s", tried->len > 0 ? " " : "", *part);
    }
  g_assert_cmpstr (tried->str, ==, expected);
}

static void
check_search (const Search *search)
{
  g_autofree char *path = g_strconcat ("PATH=", search->path, NULL);
  ProcessExecPlan plan = make_plan ();
  char *argv[] = { (char *) search->name, NULL };
  char *envp[] = { (char *) "HOME=/", search->path != NULL ? path : NULL, NULL };

  plan.argv = argv;
  plan.envp = envp;
  fake.files = search->files;
  if (search->step == 0)
    g_assert_true (run (&plan));
  else
    assert_fails (&plan, search->step, search->problem);
  assert_tried (search->expected);
}

static void
test_search (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (searches); i++)
    check_search (&searches[i]);
}

/* What is longer than a path may be is passed over, and cuts nothing short. */
static void
test_long_search (void)
{
  g_autofree char *entry = g_strnfill (5000, 'x');
  g_autofree char *folder = g_strnfill (4000, 'y');
  g_autofree char *name = g_strnfill (200, 'z');
  g_autofree char *path = g_strdup_printf ("/%s:/%s:/c", entry, folder);
  g_autofree char *found = g_strconcat ("/c/", name, NULL);
  const Search good = { path, name, { { found, 0 } }, found, 0, 0 };
  const Search bad = { path, name, { { NULL, 0 } }, found, PROCESS_EXEC_PROGRAM, ENOENT };

  check_search (&good);
  check_search (&bad);
}

int
main (int argc, char **argv)
{
  int code;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exec-steps/plain", test_plain);
  g_test_add_func ("/exec-steps/everything", test_everything);
  g_test_add_func ("/exec-steps/failures", test_failures);
  g_test_add_func ("/exec-steps/session-fails", test_session_fails);
  g_test_add_func ("/exec-steps/no-stdin", test_no_stdin);
  g_test_add_func ("/exec-steps/parent-gone", test_parent_gone);
  g_test_add_func ("/exec-steps/unreported", test_unreported);
  g_test_add_func ("/exec-steps/descriptors", test_descriptors);
  g_test_add_func ("/exec-steps/search", test_search);
  g_test_add_func ("/exec-steps/search/long", test_long_search);
  code = g_test_run ();
  g_string_free (fake.log, TRUE);
  return code;
}
