/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Many that want the same file, and forks of the one that has it. */

#include "pid-file-util.h"

#include <process-glib/process-error.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_RACERS 50
#define N_RACES 12

typedef struct
{
  pid_t pid;
  pid_t winner; /* as the racer saw it; 0 = something else went wrong */
} Report;

typedef struct
{
  const char *path;
  int         start[2];   /* ends when the racers may start */
  int         reports[2];
} Race;

static pid_t
parse_refusal (GError *error)
{
  int pid = 0;

  if (!g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_ALREADY_RUNNING) ||
      sscanf (error->message, "Process %d holds the PID file ", &pid) != 1)
    g_printerr ("%s\n", error->message);
  return pid;
}

/* A winner stays until it is killed. */
static void
take_part (Race *race)
{
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (race->path);
  g_autoptr (GError) error = NULL;
  Report report = { .pid = getpid () };
  gboolean won;
  char byte;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  close (race->start[1]);
  if (read (race->start[0], &byte, 1) != 0)
    _exit (1);
  won = process_pid_file_acquire (pid_file, &error);
  report.winner = won ? getpid () : parse_refusal (error);
  if (write (race->reports[1], &report, sizeof report) != sizeof report)
    _exit (1);
  while (won)
    pause ();
  _exit (0);
}

static void
start_race (Race       *race,
            const char *path,
            pid_t      *racers)
{
  race->path = path;
  g_assert_no_errno (pipe (race->start));
  g_assert_no_errno (pipe (race->reports));
  for (guint i = 0; i < N_RACERS; i++)
    {
      racers[i] = fork ();
      g_assert_no_errno (racers[i]);
      if (racers[i] == 0)
        take_part (race);
    }
  close (race->start[0]);
  close (race->reports[1]);
  close (race->start[1]);
}

static void
end_race (Race   *race,
          Report *reports)
{
  for (guint i = 0; i < N_RACERS; i++)
    g_assert_cmpint (read (race->reports[0], &reports[i], sizeof *reports), ==, sizeof *reports);
  close (race->reports[0]);
}

/* All but the winner. */
static void
reap_losers (const pid_t *racers,
             pid_t        winner)
{
  for (guint i = 0; i < N_RACERS; i++)
    {
      int status;

      if (racers[i] == winner)
        continue;
      g_assert_cmpint (waitpid (racers[i], &status, 0), ==, racers[i]);
      g_assert_cmpint (status, ==, 0);
    }
}

static pid_t
run_race (const char *path)
{
  pid_t racers[N_RACERS], winner;
  Report reports[N_RACERS];
  guint n_winners = 0;
  Race race;

  start_race (&race, path, racers);
  end_race (&race, reports);
  winner = reports[0].winner;
  for (guint i = 0; i < N_RACERS; i++)
    {
      g_assert_cmpint (reports[i].winner, ==, winner);
      n_winners += reports[i].pid == winner;
    }
  g_assert_cmpuint (n_winners, ==, 1);
  reap_losers (racers, winner);
  pid_file_assert_pid (path, winner);
  return winner;
}

/* Exactly one wins, and the others know which, over and over, whether there is no file or that of
 * one that was killed. */
static void
test_race (PidFileFixture *self,
           gconstpointer   data)
{
  for (guint i = 0; i < N_RACES; i++)
    {
      pid_t winner = run_race (self->path);

      pid_file_assert_folder (self->folder, "test.pid");
      pid_file_refuse (self->path, winner);
      pid_file_kill (winner);
      pid_file_reap (winner);
      pid_file_assert_pid (self->path, winner);
      if (i % 4 == 3)
        pid_file_use (self->path);
    }
}

/* The holder is killed while they try: some may have seen it alive, but no two hold the file. */
static void
test_race_with_death (PidFileFixture *self,
                      gconstpointer   data)
{
  pid_t holder = run_race (self->path);

  for (guint i = 0; i < N_RACES; i++)
    {
      pid_t racers[N_RACERS], winner = 0;
      Report reports[N_RACERS];
      Race race;

      start_race (&race, self->path, racers);
      pid_file_kill (holder);
      end_race (&race, reports);
      for (guint j = 0; j < N_RACERS; j++)
        if (reports[j].winner == reports[j].pid)
          {
            g_assert_cmpint (winner, ==, 0);
            winner = reports[j].pid;
          }
      for (guint j = 0; j < N_RACERS; j++)
        if (reports[j].winner != holder)
          {
            g_assert_cmpint (reports[j].winner, >, 0);
            g_assert_cmpint (reports[j].winner, ==, winner);
          }
      reap_losers (racers, winner);
      pid_file_reap (holder);
      holder = winner != 0 ? winner : run_race (self->path);
    }
  pid_file_kill (holder);
  pid_file_reap (holder);
  pid_file_use (self->path);
}

/* What a fork does with the object that it inherited. */
typedef struct
{
  ProcessPidFile *pid_file;
  const char     *path;
  pid_t           holder;
} Inherited;

static void
drop_object (gpointer data)
{
  Inherited *inherited = data;

  g_object_unref (inherited->pid_file);
}

static void
dispose_object (gpointer data)
{
  Inherited *inherited = data;

  g_object_run_dispose (G_OBJECT (inherited->pid_file));
}

static void
release_and_acquire (gpointer data)
{
  Inherited *inherited = data;

  pid_file_release (inherited->pid_file);
  pid_file_refuse (inherited->path, inherited->holder);
}

static void
acquire_in_fork (gpointer data)
{
  Inherited *inherited = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (process_pid_file_acquire (inherited->pid_file, &error));
  pid_file_assert_refusal (error, inherited->path, inherited->holder);
}

static void
test_fork (PidFileFixture *self,
           gconstpointer   data)
{
  static const PidFileFunc funcs[] = {
    drop_object, dispose_object, release_and_acquire, acquire_in_fork,
  };
  g_autoptr (ProcessPidFile) pid_file = pid_file_acquire (self->path);
  Inherited inherited = { pid_file, self->path, getpid () };

  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    {
      pid_file_fork_well (funcs[i], &inherited);
      pid_file_assert_pid (self->path, getpid ());
      pid_file_refuse (self->path, getpid ());
    }
}

typedef struct
{
  const char *path;
  int         orders[2];
  int         reports[2];
} Family;

static void
open_pipes (Family     *self,
            const char *path)
{
  self->path = path;
  g_assert_no_errno (pipe (self->orders));
  g_assert_no_errno (pipe (self->reports));
}

/* Returns when all others have let go of the reports. */
static void
close_pipes (Family *self)
{
  char byte;

  close (self->orders[0]);
  close (self->orders[1]);
  close (self->reports[1]);
  g_assert_cmpint (read (self->reports[0], &byte, 1), ==, 0);
  close (self->reports[0]);
}

static void
send_byte (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static void
wait_for_byte (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

/* A daemon's first process acquires and ends; the second one wants the file for itself. */
static void
acquire_and_daemonize (gpointer data)
{
  Family *family = data;
  ProcessPidFile *pid_file = pid_file_acquire (family->path);

  if (fork () != 0)
    _exit (0);
  close (family->orders[1]);
  wait_for_byte (family->orders[0]);
  g_assert_true (process_pid_file_acquire (pid_file, NULL));
  pid_file_assert_pid (family->path, getpid ());
  send_byte (family->reports[1]);
  wait_for_byte (family->orders[0]);
  pid_file_release (pid_file);
}

static void
test_daemonized (PidFileFixture *self,
                 gconstpointer   data)
{
  Family family;

  open_pipes (&family, self->path);
  pid_file_fork_well (acquire_and_daemonize, &family);
  send_byte (family.orders[1]);
  wait_for_byte (family.reports[0]);
  g_assert_true (process_pid_file_read (self->path, NULL));
  send_byte (family.orders[1]);
  close_pipes (&family);
}

/* The program that it starts reads orders until they end, and keeps the reports open. */
static void
acquire_and_exec (gpointer data)
{
  Family *family = data;
  ProcessPidFile *pid_file = pid_file_acquire (family->path);

  if (fork () == 0)
    {
      close (family->orders[1]);
      dup2 (family->orders[0], STDIN_FILENO);
      dup2 (family->reports[1], STDOUT_FILENO);
      execlp ("cat", "cat", NULL);
      _exit (127);
    }
  send_byte (family->orders[1]);
  /* The program runs when it has passed that on. */
  wait_for_byte (family->reports[0]);
  g_assert_true (PROCESS_IS_PID_FILE (pid_file));
  kill (getpid (), SIGKILL);
}

static void
test_exec (PidFileFixture *self,
           gconstpointer   data)
{
  Family family;
  int status;

  open_pipes (&family, self->path);
  status = pid_file_fork (acquire_and_exec, &family);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);

  /* It lives on. */
  send_byte (family.orders[1]);
  wait_for_byte (family.reports[0]);
  g_assert_false (process_pid_file_read (self->path, NULL));
  pid_file_use (self->path);
  close_pipes (&family);
}

/* As a child does that is on its way to its program, it has what its parent had for a moment
 * longer: here until somebody has found the file locked, and comes back to it. */
static void
acquire_and_leave_fork (gpointer data)
{
  Family *family = data;
  struct inotify_event event;
  int watch = inotify_init1 (IN_CLOEXEC);

  g_assert_nonnull (pid_file_acquire (family->path));
  if (fork () != 0)
    kill (getpid (), SIGKILL);
  /* Nobody may come. */
  alarm (30);
  close (family->orders[1]);
  g_assert_cmpint (inotify_add_watch (watch, family->path, IN_OPEN), >=, 0);
  send_byte (family->reports[1]);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (read (watch, &event, sizeof event), ==, sizeof event);
  _exit (0);
}

static void
test_killed (PidFileFixture *self,
             gconstpointer   data)
{
  Family family;
  int status;

  open_pipes (&family, self->path);
  status = pid_file_fork (acquire_and_leave_fork, &family);
  g_assert_true (WIFSIGNALED (status));
  wait_for_byte (family.reports[0]);
  pid_file_use (self->path);
  close_pipes (&family);
}

/* Whoever keeps it for longer is not driven out. */
static void
test_outlived (PidFileFixture *self,
               gconstpointer   data)
{
  Family family;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (self->path);
  g_autoptr (GError) error = NULL;
  int pid;

  open_pipes (&family, self->path);
  pid_file_fork_well (acquire_and_daemonize, &family);
  g_assert_true (process_pid_file_read (self->path, &pid));
  g_assert_false (process_pid_file_acquire (pid_file, &error));
  pid_file_assert_refusal (error, self->path, pid);
  send_byte (family.orders[1]);
  wait_for_byte (family.reports[0]);
  send_byte (family.orders[1]);
  close_pipes (&family);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  pid_file_test ("/pid-file/race", test_race);
  pid_file_test ("/pid-file/race-with-death", test_race_with_death);
  pid_file_test ("/pid-file/fork", test_fork);
  pid_file_test ("/pid-file/daemonized", test_daemonized);
  pid_file_test ("/pid-file/exec", test_exec);
  pid_file_test ("/pid-file/killed", test_killed);
  pid_file_test ("/pid-file/outlived", test_outlived);

  return g_test_run ();
}
