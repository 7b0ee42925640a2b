/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define PROCESS_JSON_MAX_DEPTH 64

/* What a text says. */
typedef struct
{
  JsonNode   *root;
  GHashTable *repeats; /* JsonObject → the first key that it has more than once */
} ProcessJson;

/* Reads a text of RFC 8259, no more and no less, and with no NUL in a string. Fails with
 * PROCESS_ERROR_INVALID_ARGUMENT, naming the line, also when it is longer than @max_length bytes
 * or nested deeper than PROCESS_JSON_MAX_DEPTH. */
ProcessJson *_process_json_new        (const char   *text,
                                       gsize         length,
                                       gsize         max_length,
                                       GError      **error);

void         _process_json_free       (ProcessJson  *self);

/* A key that @object has more than once, or NULL. */
const char  *_process_json_get_repeat (ProcessJson  *self,
                                       JsonObject   *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessJson, _process_json_free)

G_END_DECLS
