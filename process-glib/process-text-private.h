/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Valid UTF-8, NULs replaced too; a negative length means up to the first NUL. */
char      *_process_make_valid      (const char         *data,
                                     gssize              length);

/* Never NULL: no strings give an empty vector. */
char     **_process_make_valid_strv (const char * const *strings);

/* RFC 3339 in UTC, with as many digits of a second's fraction as are needed, at most nine. */
char      *_process_format_time     (GDateTime          *time);

/* The reverse, in UTC: RFC 3339 with any offset, and any number of digits of which six are kept;
 * NULL for everything else, and before year 1 or after 9999. */
GDateTime *_process_parse_time      (const char         *text);

/* RFC 8259. */
char      *_process_json_to_string  (JsonNode           *root,
                                     gboolean            pretty);

/* "SIGKILL", "SIGRTMIN+3"; a number without a name gives "SIG32". */
char      *_process_signal_name     (int                 signum);

/* Whether there is such a signal; 0, which only asks, is none. */
gboolean   _process_signal_is_valid (int                 signum);

/* The absolute path of an executable file, or NULL. Without a slash @name is looked up in the
 * absolute entries of @path, which is a PATH variable; NULL stands for the system's default. */
char      *_process_find_program    (const char         *name,
                                     const char         *path);

G_END_DECLS
