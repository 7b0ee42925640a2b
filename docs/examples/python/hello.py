# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a command and prints its output, then another one that fails and says why."""

import gi
gi.require_version('Process', '1')
from gi.repository import GLib, Process

service = Process.Service()
print(service.run('echo', ['Hello']), end='')
try:
    service.run('cat', ['missing.txt'])
except GLib.Error as error:
    print(error.message)
