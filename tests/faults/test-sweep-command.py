# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-sweep-command.py TOOL SHIM [--sanitized | --covered]

The command, with one system call after the other failing in it: see fault-shim.c. Whatever
happens, it ends by itself, with an exit code and a reason of its own, and leaves nothing.
FAULTS_ALL in the environment leaves nothing out, VERBOSE shows the reasons.
"""

import errno
import os
import re
import struct
import subprocess
import sys
import tempfile

TOOL, SHIM = sys.argv[1:3]
SKIP = 77  # for Meson
WHOLE = 'FAULTS_ALL' in os.environ
FOR_EVER = 2 ** 32 - 1
TIMEOUT = 100
INPUT = 'one\ntwo\n'

# The library and the command only: what GLib does at its start is not ours.
SCOPE = 0


def read_calls():
    """The table of the shim: the names and problems of the calls, by their numbers."""
    source = open(os.path.join(os.path.dirname(__file__), 'fault-shim.c'), encoding='utf-8').read()
    numbers = re.search(r'enum\n{\n(.*?)  N_CALLS', source, re.S).group(1).replace(',', '').split()
    table = re.findall(r'\[(CALL_\w+)\] = {\s*"([^"]+)",\s*{(.*?)} },?\n', source, re.S)
    calls = {}
    for number, name, problems in table:
        pairs = re.findall(r'{ (\w+), ([01]) }', problems + ' }')
        calls[numbers.index(number)] = (name, [
            (-1 if value == 'FAULT_SHORT' else getattr(errno, value), passes == '1')
            for value, passes in pairs])
    assert len(calls) == len(numbers), set(numbers) - {number for number, *_ in table}
    return calls


def run(folder, call, problem, first, last):
    """The result, how many calls failed, and how many there were of each kind."""
    state = os.path.join(folder, 'state')
    open(state, 'wb').close()
    environment = dict(os.environ, LD_PRELOAD=SHIM, FAULT_SHIM_STATE=state,
                       FAULT_SHIM=f'{call} {problem} {first} {last} {SCOPE}')
    result = subprocess.run([TOOL, 'run', '--', 'cat'], input=INPUT, env=environment,
                            capture_output=True, text=True, timeout=TIMEOUT, check=False)
    fired, *counts = [number for number, in struct.iter_unpack('I', open(state, 'rb').read())]
    os.unlink(state)
    return result, fired, counts


def check(where, result, fired):
    told = f'{where}: code {result.returncode}, {result.stdout!r}, {result.stderr!r}'
    assert result.returncode >= 0, f'It was ended by a signal: {told}'
    assert 'CRITICAL' not in result.stderr and 'WARNING' not in result.stderr, told
    if result.returncode == 0:
        assert result.stdout == INPUT and result.stderr == '', told
    else:
        assert fired > 0 and result.stderr.startswith('process-glib: '), told
        if 'VERBOSE' in os.environ:
            print(told)


def sweep(folder, call, name, problem, length):
    n, tries = 1, 0
    while True:
        last = FOR_EVER if length == FOR_EVER else n + length - 1
        result, fired, _counts = run(folder, call, problem, n, last)
        check(f'{name} number {n} to {last}: {problem}', result, fired)
        tries += 1
        if fired == 0:
            return tries
        n += 1 if WHOLE or n < 4 else 1 + n // 2


def main():
    if '--sanitized' in sys.argv:
        print('Skipped: a sanitizer has to stand before all else that is preloaded')
        return SKIP
    if '--covered' in sys.argv:
        print('Skipped: the counters of the code make system calls of their own, and complain')
        return SKIP
    calls = read_calls()
    tries = 0
    with tempfile.TemporaryDirectory() as folder:
        result, fired, counts = run(folder, 0, 0, 0, 0)
        check('untouched', result, fired)
        assert sum(counts) > 10, 'The shim is not in place'
        for call, (name, problems) in calls.items():
            for problem, passes in problems if counts[call] > 0 else ():
                for length in (1,) if passes else (1, FOR_EVER):
                    tries += sweep(folder, call, name, problem, length)
        assert os.listdir(folder) == []
    print(f'{tries} tries')
    return 0


sys.exit(main())
