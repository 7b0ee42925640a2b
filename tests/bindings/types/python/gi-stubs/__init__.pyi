# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# What the samples use of the stubs for PyGObject, so that nothing has to be fetched.

def require_version(namespace: str, version: str) -> None: ...
