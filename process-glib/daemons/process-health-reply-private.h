/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of head and body together, nothing beyond is looked at. */
#define PROCESS_HEALTH_REPLY_MAX 65536

/* An answer in the making: bytes in, a status and a text out. */
typedef struct _ProcessHealthReply ProcessHealthReply;

ProcessHealthReply *_process_health_reply_new         (void);
void                _process_health_reply_free        (ProcessHealthReply  *self);

/* What was read, a length of 0 is its end. FALSE with PROCESS_ERROR_FAILED: this is no answer, or
 * not all of it; nothing more may be added then, nor when it is complete. */
gboolean            _process_health_reply_add         (ProcessHealthReply  *self,
                                                       const void          *data,
                                                       gsize                length,
                                                       GError             **error);

gboolean            _process_health_reply_is_complete (ProcessHealthReply  *self);

/* Of a complete one; 100 to 999. */
guint               _process_health_reply_get_status  (ProcessHealthReply  *self);

/* Of a complete one: the body, valid and trimmed; if it is empty, the reason of the status line. */
char               *_process_health_reply_dup_text    (ProcessHealthReply  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessHealthReply, _process_health_reply_free)

G_END_DECLS
