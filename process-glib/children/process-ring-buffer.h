/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(PROCESS_GLIB_INSIDE) && !defined(PROCESS_GLIB_COMPILATION)
#error "Only <process-glib/process-glib.h> can be included directly."
#endif

#include <gio/gio.h>

#include <process-glib/process-version.h>

G_BEGIN_DECLS

#define PROCESS_TYPE_RING_BUFFER (process_ring_buffer_get_type ())

typedef struct _ProcessRingBuffer ProcessRingBuffer;

PROCESS_AVAILABLE_IN_ALL
GType              process_ring_buffer_get_type     (void) G_GNUC_CONST;

PROCESS_AVAILABLE_IN_ALL
ProcessRingBuffer *process_ring_buffer_new          (gsize capacity) G_GNUC_WARN_UNUSED_RESULT;

PROCESS_AVAILABLE_IN_ALL
ProcessRingBuffer *process_ring_buffer_ref          (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
void               process_ring_buffer_unref        (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
gsize              process_ring_buffer_write        (ProcessRingBuffer *self,
                                                     const guint8      *data,
                                                     gsize              length);

PROCESS_AVAILABLE_IN_ALL
gsize              process_ring_buffer_write_bytes  (ProcessRingBuffer *self,
                                                     GBytes            *bytes);

PROCESS_AVAILABLE_IN_ALL
char              *process_ring_buffer_to_string    (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
GBytes            *process_ring_buffer_get_bytes    (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
gsize              process_ring_buffer_get_length   (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
gsize              process_ring_buffer_get_capacity (ProcessRingBuffer *self);

PROCESS_AVAILABLE_IN_ALL
void               process_ring_buffer_reset        (ProcessRingBuffer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessRingBuffer, process_ring_buffer_unref)

G_END_DECLS
