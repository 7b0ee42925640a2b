/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

/* What the tests of bad input and faults share. Every test gets a new service, and afterwards the
 * service must be gone, no child of ours left, not even a zombie, and no descriptor more be open
 * than before. */

typedef void (*FaultsFunc) (ProcessService *service);

/* In place of g_test_init(). Does not return in a child that was started with faults_child(). */
void               faults_init           (int *argc, char ***argv);

/* Adds a test. */
void               faults_add            (const char *path, FaultsFunc func);

/* Adds a test that runs in a process of its own, for what must not happen to all others. */
void               faults_add_apart      (const char *path, FaultsFunc func);

/* Whether a sanitizer or valgrind looks on, which costs memory and time. */
gboolean           faults_is_watched     (void);
gboolean           faults_is_valgrind    (void);

/* Becomes somebody whom limits and permissions apply to. FALSE when we are not root. */
gboolean           faults_drop_root      (void);

/* To as many as we may have; returns their number. */
guint              faults_raise_descriptor_limit (void);

/* How this program is started once more as a child: "flood BYTES", "line BYTES", "lines COUNT",
 * "arguments ANYTHING...", "bomb DEPTH"; see faults-util.c. */
ProcessRunOptions *faults_child          (const char *mode, const char *argument);
ProcessRunOptions *faults_sh             (const char *script);

/* Starts it, which must not fail. */
ProcessManagedProcess *faults_start      (ProcessService *service, ProcessRunOptions *options);

/* Tries to start it, which must fail, and not have started anything. */
GError            *faults_fail_to_start  (ProcessService *service, ProcessRunOptions *options);

/* Shuts it down, lets go of it and waits until it is gone; nobody else may have a reference. */
void               faults_end_service    (ProcessService *service);

/* What every test ends with: no child is left, and no descriptor more than before. */
void               faults_settle         (void);
GPtrArray         *faults_list_descriptors       (void);
void               faults_wait_for_no_descriptor (GPtrArray *before);

/* A folder for one test, emptied and removed by faults_remove_folder(). */
char              *faults_make_folder    (void);
void               faults_remove_folder  (const char *folder);
char              *faults_write_file     (const char *folder, const char *name,
                                          const char *content, int mode);

/* What a process told, one string a signal: "started", "line TEXT", "killed NAME",
 * "exited CODE". */
typedef struct
{
  ProcessManagedProcess *process;
  GPtrArray             *events;
  GPtrArray             *lines;  /* of both streams */
  GError                *error;  /* of the end */
  guint                  n_exits;
} FaultsLog;

FaultsLog         *faults_log_new        (ProcessManagedProcess *process);
void               faults_log_free       (FaultsLog *log);

/* The events, one a line. */
char              *faults_log_to_string  (FaultsLog *log);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultsLog, faults_log_free)

/* Runs the main loop until something is true; too long means that it never will be. */
#define faults_wait_for(expression)              \
  G_STMT_START                                   \
    {                                            \
      faults_begin_wait (G_STRLOC, #expression); \
      while (!(expression))                      \
        g_main_context_iteration (NULL, TRUE);   \
      faults_end_wait ();                        \
    }                                            \
  G_STMT_END

void               faults_begin_wait     (const char *where, const char *what);
void               faults_end_wait       (void);

/* Runs the main loop until the process has ended, or told @n lines. */
void               faults_wait_exited    (FaultsLog *log);
void               faults_wait_lines     (FaultsLog *log, guint n);

/* Runs the main loop until a process that may be anybody's child does not run any more. */
void               faults_wait_gone      (int pid);
gboolean           faults_is_gone        (int pid);

/* The peak of our memory since faults_reset_peak(), in bytes. */
void               faults_reset_peak     (void);
gsize              faults_get_peak       (void);
gsize              faults_get_memory     (void);
