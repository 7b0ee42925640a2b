# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that leaks.c and the tests' own look find what a program leaves behind.

usage: check.py SHIM PROGRAM [ARGUMENT...]
The program takes one argument more: `nothing`, `all`, or `test`, a test that leaves an object.
"""

import re
import subprocess
import sys
import tempfile

STATUS = 99
# In any order, and nothing else.
LEFT = [
    'ProcessManagedProcess 1',
    'ProcessRunOptions 2',
    'ProcessService 1',
    'process_ring_buffer_new 1',
    r'(a child|child \d+, which ended)',
    r'descriptor \d+ of pipe:\[\d+\]',
    'file left',
]
# These go with the objects.
OWN = r'descriptor \d+ of anon_inode:\[(eventpoll|pidfd)\]'


def start(shim, command, folder):
    return subprocess.Popen(['env', 'LD_PRELOAD=' + shim, 'TMPDIR=' + folder, *command],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def left(text):
    lines = text.partition('Left behind:\n')[2].splitlines()
    return [line for line in lines if not re.fullmatch(OWN, line)]


def main(shim, *command):
    with tempfile.TemporaryDirectory() as folder:
        runs = {kind: start(shim, [*command, kind], folder) for kind in ('nothing', 'all', 'test')}
        texts = {kind: run.communicate()[0] for kind, run in runs.items()}
    for kind, run in runs.items():
        print(f'{kind} ended with {run.returncode}:\n{texts[kind]}')
    assert runs['nothing'].returncode == 0 and not left(texts['nothing'])
    found = left(texts['all'])
    assert runs['all'].returncode == STATUS and len(found) == len(LEFT), found
    for pattern in LEFT:
        assert any(re.fullmatch(pattern, line) for line in found), pattern
    assert runs['test'].returncode not in (0, STATUS), runs['test'].returncode
    assert 'ProcessRunSpec 1' in texts['test']


if __name__ == '__main__':
    main(*sys.argv[1:])
