# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the lines of a child, of both its streams, as they come, and then its exit code."""

import gi
gi.require_version('Process', '1')
from gi.repository import GLib, Process


def exited(process, code, duration, error):
    print('exit code', code)
    loop.quit()


loop = GLib.MainLoop()
service = Process.Service()
process = service.start('sh', ['-c', 'echo one; echo two >&2; exit 3'], None)
process.connect('output', lambda process, line, stream: print(line))
process.connect('exited', exited)
loop.run()
