/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PROCESS_REGISTRY_SUFFIX ".json"

/* The names that the file of a key may have, best first: that of the Go package, where it can be
 * used; one with all that is special percent-encoded; and a digest, which is never too long. */
char     **_process_registry_get_names    (const char *code,
                                           const char *daemon);

/* Whether a file of that name may be one of an entry. */
gboolean   _process_registry_is_name      (const char *name);

/* The name of a file that is not complete; a new one each time. */
char      *_process_registry_new_draft    (void);
gboolean   _process_registry_is_draft     (const char *name);

G_END_DECLS
