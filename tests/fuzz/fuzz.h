/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* What libFuzzer calls; fuzz-main.c stands in for it. */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);
