/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "children/test-util.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* In the fixture's folder; it does not exist. */
char               *registry_dir             (TestFixture *self);

/* A child that waits for its end, and that end; it is reaped, too. */
pid_t               registry_start_process   (void);
void                registry_end_process     (pid_t pid);
/* A pid that was one a moment ago. */
pid_t               registry_get_dead_pid    (void);

/* Runs a function in a child, which must get to its end. The process must have one thread. */
typedef void (*RegistryFunc) (gpointer data);
pid_t               registry_fork            (RegistryFunc func, gpointer data);
int                 registry_reap            (pid_t pid);
void                registry_run             (RegistryFunc func, gpointer data);

/* The second of the year 2026 in which it was started; 0 for now. */
ProcessDaemonEntry *registry_make_entry      (const char *code, const char *daemon, int pid,
                                              int second);
void                registry_register        (ProcessRegistry *registry, const char *code,
                                              const char *daemon, int pid, int second);
void                registry_unregister      (ProcessRegistry *registry, const char *code,
                                              const char *daemon);
/* The pid in the entry of a key, 0 if there is none. */
int                 registry_get_pid         (ProcessRegistry *registry, const char *code,
                                              const char *daemon);
/* "CODE/DAEMON CODE/DAEMON" */
char               *registry_list_keys       (ProcessRegistry *registry);
#define registry_assert_keys(registry, expected)                         \
  G_STMT_START                                                           \
    {                                                                    \
      g_autofree char *registry_keys = registry_list_keys (registry);    \
                                                                         \
      g_assert_cmpstr (registry_keys, ==, expected);                     \
    }                                                                    \
  G_STMT_END

/* As another program does it; the file is so many seconds old. */
void                registry_write           (const char *dir, const char *name, const char *text,
                                              int age);
void                registry_set_age         (const char *dir, const char *name, int age);
char               *registry_json            (const char *code, const char *daemon, int pid);
/* All that is in a folder, sorted, with spaces between. */
char               *registry_list_files      (const char *dir);
#define registry_assert_files(dir, expected)                             \
  G_STMT_START                                                           \
    {                                                                    \
      g_autofree char *registry_files = registry_list_files (dir);       \
                                                                         \
      g_assert_cmpstr (registry_files, ==, expected);                    \
    }                                                                    \
  G_STMT_END

G_END_DECLS
