/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/stat.h>

#include <process-glib/children/process-fd-private.h>
#include <process-glib/daemons/process-daemon-entry-private.h>

G_BEGIN_DECLS

/* The folder of a registry, open for as long as one call takes. */
typedef struct
{
  ProcessFd fd;
  gboolean  locked;
} ProcessRegistryFolder;

typedef enum
{
  PROCESS_REGISTRY_FILE_MISSING,
  PROCESS_REGISTRY_FILE_OTHER, /* not ours to judge: no regular file, or not readable */
  PROCESS_REGISTRY_FILE_DRAFT,
  PROCESS_REGISTRY_FILE_INVALID,
  PROCESS_REGISTRY_FILE_ENTRY,
} ProcessRegistryFileKind;

/* What was found under a name. */
typedef struct
{
  char                    *name;   /* (owned) */
  ProcessRegistryFileKind  kind;
  struct stat              status; /* unless it is missing */
  ProcessDaemonEntry      *entry;  /* (owned) (nullable) */
} ProcessRegistryFile;

/* Fails with G_IO_ERROR_NOT_FOUND when there is no such folder. */
ProcessRegistryFolder *_process_registry_folder_open        (const char             *path,
                                                             GError                **error);
void                   _process_registry_folder_free        (ProcessRegistryFolder  *self);

/* Keeps out the others who write and remove, for at most @patience microseconds of waiting. */
gboolean               _process_registry_folder_lock        (ProcessRegistryFolder  *self,
                                                             gint64                  patience);

/* What lies under a name; fails only for want of descriptors and the like. */
ProcessRegistryFile   *_process_registry_folder_read        (ProcessRegistryFolder  *self,
                                                             const char             *name,
                                                             GError                **error);
/* All entries, drafts and what may be taken for an entry, as a GPtrArray of ProcessRegistryFile. */
GPtrArray             *_process_registry_folder_read_all    (ProcessRegistryFolder  *self,
                                                             GError                **error);

/* Writes a new file for _process_registry_folder_place () or _process_registry_folder_drop ();
 * returns its name. */
char                  *_process_registry_folder_write_draft (ProcessRegistryFolder  *self,
                                                             const char             *text,
                                                             GError                **error);
gboolean               _process_registry_folder_place       (ProcessRegistryFolder  *self,
                                                             const char             *draft,
                                                             const char             *name,
                                                             GError                **error);
void                   _process_registry_folder_drop        (ProcessRegistryFolder  *self,
                                                             const char             *draft);

/* Removes a file unless it is not the one any more that was read. */
gboolean               _process_registry_folder_remove      (ProcessRegistryFolder  *self,
                                                             ProcessRegistryFile    *file,
                                                             GError                **error);

/* Whether nobody needs it: a daemon has ended, or a writer has not for a long time. */
gboolean               _process_registry_file_is_stale      (ProcessRegistryFile    *self);
void                   _process_registry_file_free          (ProcessRegistryFile    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessRegistryFolder, _process_registry_folder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessRegistryFile, _process_registry_file_free)

G_END_DECLS
