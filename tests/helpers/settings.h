/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* What is written as KEY=VALUE among the arguments of a program. */

void        settings_init       (char **argv);
const char *settings_get_string (const char *key, const char *otherwise);
gint64      settings_get_int    (const char *key, gint64 otherwise);
