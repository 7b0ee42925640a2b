# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Leaves behind what it is told to: see check.py."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'python'))
import support  # noqa: E402
from support import Process  # noqa: E402

KEPT = []


class Leak(support.Case):
    def test_leak(self):
        KEPT.append(Process.RunSpec.new('kept', 'true', []))


def use(all_of_it):
    service = Process.Service()
    process = service.start('true', [], None)
    assert support.wait_until(lambda: not process.get_running())
    if all_of_it:
        # A circle that Python cannot look into: the service keeps the process.
        process.connect('exited', lambda *_: service)


def leave_all():
    read, _write = os.pipe()
    subprocess.Popen(['cat'], stdin=read)
    os.close(read)
    pathlib.Path(tempfile.gettempdir(), 'left').touch()


kind = sys.argv.pop()
if kind == 'test':
    support.main()
use(kind == 'all')
if kind == 'all':
    leave_all()
