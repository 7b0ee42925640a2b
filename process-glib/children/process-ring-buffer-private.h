/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/children/process-ring-buffer.h>

G_BEGIN_DECLS

gboolean _process_ring_buffer_has_dropped (ProcessRingBuffer *self);

G_END_DECLS
