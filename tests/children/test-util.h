/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

G_BEGIN_DECLS

/* What every test of a service starts with, and is checked for at its end: that
 * nothing is left of it, neither an object, nor a child, nor a descriptor. */
typedef struct
{
  ProcessService *service; /* (owned) (nullable), a test may drop it earlier */
  char           *folder;  /* (owned), an empty one */
  GThread        *owner;   /* where signals may be emitted */
  GPtrArray      *log;     /* (owned), of strings: what was emitted, in order */
  char           *fds;     /* (owned), what was open before */
  gint            n_alive; /* tracked objects that were not finalized */
} TestFixture;

/* In place of g_test_init (). */
void     test_init               (int *argc, char ***argv);

void     test_set_up             (TestFixture *self, gconstpointer data);
void     test_tear_down          (TestFixture *self, gconstpointer data);

#define test_add(path, func) \
  g_test_add (path, TestFixture, NULL, test_set_up, func, test_tear_down)
#define test_add_with(path, data, func) \
  g_test_add (path, TestFixture, data, test_set_up, func, test_tear_down)

/* Runs the main loop until @condition holds, which is looked at again and again. */
#define test_run_until(condition)                                                       \
  G_STMT_START                                                                          \
    {                                                                                   \
      gint64 test_deadline = test_get_deadline ();                                      \
                                                                                        \
      while (!(condition))                                                              \
        test_iterate (test_deadline, __FILE__, __LINE__, #condition);                   \
    }                                                                                   \
  G_STMT_END

/* The same while the main loop does not run, or in another thread. */
#define test_look_until(condition)                                                      \
  G_STMT_START                                                                          \
    {                                                                                   \
      gint64 test_deadline = test_get_deadline ();                                      \
                                                                                        \
      while (!(condition))                                                              \
        test_look_again (test_deadline, __FILE__, __LINE__, #condition);                \
    }                                                                                   \
  G_STMT_END

gint64   test_get_deadline       (void);
void     test_iterate            (gint64 deadline, const char *file, int line, const char *what);
void     test_look_again         (gint64 deadline, const char *file, int line, const char *what);

/* The child of tests/helpers/test-child.c; the verbs end with NULL. */
const char             *test_get_child   (void);
ProcessRunOptions      *test_options     (const char *verb, ...) G_GNUC_NULL_TERMINATED;
ProcessManagedProcess  *test_start       (TestFixture *self, const char *verb, ...)
                                          G_GNUC_NULL_TERMINATED;
ProcessManagedProcess  *test_start_with  (TestFixture *self, ProcessRunOptions *options,
                                          GCancellable *cancellable);
/* Counts it among those that must be finalized in the end. */
void                    test_track       (TestFixture *self, gpointer object);

/* Runs the main loop until the end was told; the error of wait_async (). */
GError                 *test_finish      (ProcessManagedProcess *process);
/* The same, for those that have to end with code 0; the second returns the output. */
void                    test_finish_well (ProcessManagedProcess *process);
char                   *test_finish_output (ProcessManagedProcess *process);
/* Whether it ended, and is not even waiting to be reaped by us. */
gboolean                test_is_dead     (int pid);
/* Whether a signal like SIGSTOP stopped it. */
gboolean                test_is_stopped  (int pid);

/* Without pidfds, as under valgrind, those of a group that outlive its leader
 * cannot be signalled safely, and are not: FALSE skips the test. */
gboolean                test_needs_pidfds (void);

/* The log: "started", "stdout: TEXT", "stderr: TEXT", "killed NAME", "exited
 * CODE", "notify NAME", those of the service with "service " before them. */
void     test_log                (TestFixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void     test_log_process        (TestFixture *self, ProcessManagedProcess *process);
void     test_log_notify         (TestFixture *self, ProcessManagedProcess *process);
void     test_log_service        (TestFixture *self);
guint    test_count_log          (TestFixture *self, const char *entry);
/* Compares the whole log, and empties it. */
#define test_assert_log(self, ...) \
  test_compare_log (self, __FILE__, __LINE__, (const char *[]) { __VA_ARGS__, NULL })
void     test_compare_log        (TestFixture *self, const char *file, int line,
                                  const char * const *expected);

/* A FIFO, to hear from descendants and to tell them when to go on. */
typedef struct
{
  char     *path; /* (owned) */
  int       fd;
  gboolean  ended;
  GString  *text; /* (owned), read and not taken yet */
} TestFifo;

TestFifo *test_fifo_new          (TestFixture *fixture, const char *name);
TestFifo *test_fifo_new_orders   (TestFixture *fixture, const char *name);
void      test_fifo_free         (TestFifo *self);
/* Whether a line can be taken. */
gboolean  test_fifo_has_line     (TestFifo *self);
char     *test_fifo_take_line    (TestFifo *self);
/* Whether none holds it any more. */
gboolean  test_fifo_has_ended    (TestFifo *self);
/* Runs the main loop until there is a line. */
void      test_fifo_expect       (TestFifo *self, const char *line);
void      test_fifo_send         (TestFifo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestFifo, test_fifo_free)

/* How many descriptors are open, of those in whose description is @kind. */
guint     test_count_fds         (const char *kind);

/* A file in the fixture's folder. */
char     *test_path              (TestFixture *self, const char *name);
void      test_write_file        (const char *path, const char *text, int mode);
void      test_assert_file       (const char *path, const char *text);

G_END_DECLS
