// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Comes before the real one in tests that must do without it.

/* exported _init */

function _init() {
}
