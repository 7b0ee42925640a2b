/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is watched by epoll, by poll (2), and by both at once. */

#include <errno.h>
#include <glib-unix.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <process-glib/children/process-reactor-private.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_PIPES 5

typedef enum
{
  BY_EPOLL,
  BY_POLL,
  BY_BOTH,
} Means;

typedef struct
{
  Means           means;
  GMainContext   *context;           /* (owned), the reactor's */
  ProcessReactor *reactor;           /* (owned) */
  ProcessChannel  channels[N_PIPES]; /* the ends that are read */
  int             writers[N_PIPES];
  GString        *log;               /* (owned), of the channels that were ready, a letter each */
  gint            waits;
} Fixture;

/* What is @forbidden holds for this thread only, and for ever. */
static gboolean
forbid (const struct sock_filter *forbidden, gsize n)
{
  const struct sock_fprog filter = { (unsigned short) n, (struct sock_filter *) forbidden };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

#define LOAD(field) \
  BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint) offsetof (struct seccomp_data, field))
#define SKIP_UNLESS(value, n) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define FAIL_WITH(problem) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (problem))
#define ALLOW BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static gboolean
forbid_epoll (void)
{
  static const struct sock_filter steps[] = {
    LOAD (nr), SKIP_UNLESS (SYS_epoll_create1, 1), FAIL_WITH (EPERM), ALLOW,
  };

  return forbid (steps, G_N_ELEMENTS (steps));
}

static gboolean
forbid_more_in_epoll (void)
{
  static const struct sock_filter steps[] = {
    LOAD (nr), SKIP_UNLESS (SYS_epoll_ctl, 3), LOAD (args[1]), SKIP_UNLESS (EPOLL_CTL_ADD, 1),
    FAIL_WITH (ENOSPC), ALLOW,
  };

  return forbid (steps, G_N_ELEMENTS (steps));
}

static void
ready_cb (ProcessChannel *channel, ProcessTurn turn)
{
  Fixture *self = channel->owner;
  char byte;

  g_assert_cmpint (read (channel->fd, &byte, 1), ==, 1);
  g_string_append_c (self->log, (char) ('a' + (channel - self->channels)));
}

static void
open_pipe (Fixture *self, guint i)
{
  ProcessChannel *channel = &self->channels[i];
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  *channel = (ProcessChannel) { .fd = fds[0], .func = ready_cb, .owner = self };
  self->writers[i] = fds[1];
}

static void
close_pipe (Fixture *self, guint i)
{
  _process_reactor_lock (self->reactor);
  _process_reactor_close (self->reactor, &self->channels[i]);
  _process_reactor_unlock (self->reactor);
  close (self->writers[i]);
}

static void
watch (Fixture *self, guint i, guint32 events)
{
  _process_reactor_lock (self->reactor);
  _process_reactor_watch (self->reactor, &self->channels[i], events);
  _process_reactor_unlock (self->reactor);
}

/* With both means the first two are in the epoll set. */
static gboolean
is_polled (Fixture *self, guint i)
{
  return self->means == BY_POLL || (self->means == BY_BOTH && i >= 2);
}

static void
watch_all (Fixture *self)
{
  for (guint i = 0; i < N_PIPES; i++)
    {
      watch (self, i, POLLIN);
      g_assert_true ((self->channels[i].slot != 0) == is_polled (self, i));
    }
}

static void
write_to (Fixture *self, const char *letters)
{
  for (; *letters != '\0'; letters++)
    g_assert_cmpint (write (self->writers[*letters - 'a'], "x", 1), ==, 1);
}

static int
compare_chars (gconstpointer a, gconstpointer b)
{
  return *(const char *) a - *(const char *) b;
}

static void
assert_log (Fixture *self, const char *expected)
{
  qsort (self->log->str, self->log->len, 1, compare_chars);
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

static gboolean
at_once (gpointer data)
{
  return TRUE;
}

/* One look. */
static void
assert_turn (Fixture *self, const char *expected)
{
  _process_reactor_wait_until (self->reactor, at_once, NULL, NULL);
  assert_log (self, expected);
}

/* The main loop waits for them. */
static void
assert_loop (Fixture *self, const char *expected)
{
  while (self->log->len < strlen (expected))
    g_main_context_iteration (self->context, TRUE);
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  assert_log (self, expected);
}

static void
check_ready (Fixture *self)
{
  watch_all (self);
  assert_turn (self, "");
  write_to (self, "abcde");
  assert_turn (self, "abcde");
  assert_turn (self, "");
  write_to (self, "ce");
  assert_loop (self, "ce");
}

/* In whatever order they come and go. */
static void
check_changes (Fixture *self)
{
  watch_all (self);
  write_to (self, "abcde");
  for (guint i = 0; i < N_PIPES; i += 2)
    watch (self, i, 0);
  assert_turn (self, "bd");
  watch (self, 4, POLLIN);
  assert_turn (self, "e");
  watch (self, 2, POLLOUT); /* which the end of a pipe that is read never is */
  write_to (self, "bde");
  assert_loop (self, "bde");
  watch (self, 3, 0);
  watch (self, 2, POLLIN);
  assert_loop (self, "c");
  watch (self, 0, POLLIN);
  assert_loop (self, "a");
}

/* A descriptor that is closed may be somebody else's right after. */
static void
check_numbers (Fixture *self)
{
  watch_all (self);
  write_to (self, "abcde");
  assert_loop (self, "abcde");
  for (guint i = 0; i < N_PIPES; i++)
    close_pipe (self, i);
  for (guint i = 0; i < N_PIPES; i++)
    open_pipe (self, i);
  write_to (self, "abcde");
  assert_turn (self, "");
  watch (self, 1, POLLIN);
  watch (self, 3, POLLIN);
  assert_loop (self, "bd");
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  g_atomic_int_set (&self->waits, TRUE);
  return self->log->len == N_PIPES;
}

static gpointer
wait_work (gpointer data)
{
  Fixture *self = data;

  g_assert_true (_process_reactor_wait_until (self->reactor, has_all, self, NULL));
  return NULL;
}

/* Who waits already hears of those that are added. */
static void
check_waiter (Fixture *self)
{
  GThread *thread = g_thread_new ("wait", wait_work, self);

  while (!g_atomic_int_get (&self->waits))
    g_thread_yield ();
  write_to (self, "abcde");
  for (guint i = 0; i < N_PIPES; i++)
    watch (self, i, POLLIN);
  g_thread_join (thread);
  assert_log (self, "abcde");
}

typedef void (*CheckFunc) (Fixture *self);

typedef struct
{
  Means     means;
  CheckFunc func;
} Check;

static void
set_up (Fixture *self)
{
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->reactor = _process_reactor_new ();
  self->log = g_string_new (NULL);
  _process_reactor_lock (self->reactor);
  g_assert_true (_process_reactor_open (self->reactor));
  _process_reactor_unlock (self->reactor);
  for (guint i = 0; i < N_PIPES; i++)
    open_pipe (self, i);
}

static void
tear_down (Fixture *self)
{
  for (guint i = 0; i < N_PIPES; i++)
    close_pipe (self, i);
  _process_reactor_unref (self->reactor);
  g_string_free (self->log, TRUE);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
}

static gpointer
check_thread (gpointer data)
{
  const Check *check = data;
  Fixture self = { .means = check->means };
  gboolean possible = check->means != BY_POLL || forbid_epoll ();

  if (possible)
    {
      set_up (&self);
      if (check->means == BY_BOTH)
        {
          watch (&self, 0, POLLIN);
          watch (&self, 1, POLLIN);
          possible = forbid_more_in_epoll ();
        }
      if (possible)
        check->func (&self);
      tear_down (&self);
    }
  return GINT_TO_POINTER (possible);
}

static void
test_check (gconstpointer data)
{
  if (!g_thread_join (g_thread_new ("check", check_thread, (gpointer) data)))
    g_test_skip ("System calls cannot be filtered here");
}

static void
add (const char *name, const char *means, Means which, CheckFunc func)
{
  g_autofree char *path = g_strdup_printf ("/reactor/%s/%s", name, means);
  Check *check = g_new (Check, 1);

  *check = (Check) { which, func };
  g_test_add_data_func_full (path, check, test_check, g_free);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    CheckFunc   func;
  } checks[] = {
    { "ready", check_ready },
    { "changes", check_changes },
    { "numbers", check_numbers },
    { "waiter", check_waiter },
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      add (checks[i].name, "epoll", BY_EPOLL, checks[i].func);
      add (checks[i].name, "poll", BY_POLL, checks[i].func);
      add (checks[i].name, "both", BY_BOTH, checks[i].func);
    }

  return g_test_run ();
}
