/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-pid-file.h>

#include <sys/types.h>

G_BEGIN_DECLS

/* An empty folder, and the path of a file in it that a test has to leave it without. */
typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
  guint n_fds;
} PidFileFixture;

void            pid_file_set_up         (PidFileFixture *self,
                                         gconstpointer   data);
void            pid_file_tear_down      (PidFileFixture *self,
                                         gconstpointer   data);

#define pid_file_test(path, func) \
  g_test_add (path, PidFileFixture, NULL, pid_file_set_up, func, pid_file_tear_down)

/* A held file, and what can be said about it. */
ProcessPidFile *pid_file_acquire        (const char     *path);
void            pid_file_release        (ProcessPidFile *pid_file);
/* Acquires and releases it. */
void            pid_file_use            (const char     *path);
void            pid_file_refuse         (const char     *path,
                                         pid_t           holder);
void            pid_file_assert_refusal (GError         *error,
                                         const char     *path,
                                         pid_t           holder);

void            pid_file_write          (const char     *path,
                                         const char     *text);
void            pid_file_write_pid      (const char     *path,
                                         pid_t           pid);
/* NULL = there is no file. */
void            pid_file_assert_text    (const char     *path,
                                         const char     *text);
void            pid_file_assert_pid     (const char     *path,
                                         pid_t           pid);
/* Microseconds since 1970. */
void            pid_file_set_time       (const char     *path,
                                         gint64          time);
/* The names in a folder, joined by blanks. */
void            pid_file_assert_folder  (const char     *folder,
                                         const char     *names);

/* Runs in a fork, which shall end with 0 when it returns; 77 = cannot be tried here. */
typedef void (*PidFileFunc) (gpointer data);

int             pid_file_fork           (PidFileFunc     func,
                                         gpointer        data);
void            pid_file_fork_well      (PidFileFunc     func,
                                         gpointer        data);

/* A child that only waits. */
pid_t           pid_file_start_child    (void);
void            pid_file_kill           (pid_t           pid);
void            pid_file_reap           (pid_t           pid);

G_END_DECLS
