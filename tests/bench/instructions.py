# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the instructions that six short scenarios cost, and compares them with what they did.

usage: instructions.py BENCH_FOLDER [--update]

The count is callgrind's, of the whole program without its children, GLib's part too: that of much
work less that of little, divided by how much more it was; the median of a few runs, where children
and threads may come in any order. Times would tell nothing on a busy machine; instructions hardly
differ. What was counted last is kept in instructions.json, by the version of GLib. More than 5 %
above or below it, three times in a row, is a failure: whoever changes the cost changes the number,
by --update, and says why.
"""

import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile

TOLERANCE = 0.05
TRIES = 3
KEPT = pathlib.Path(__file__).with_name('instructions.json')
SKIP = 77

# The C library chooses its string functions by the processor; these are what all x86-64 have.
PLAIN = ','.join(f'-{name}' for name in ('AVX512F', 'AVX512VL', 'AVX512BW', 'AVX2', 'AVX', 'ERMS'))
# Memory that is filled at each call of malloc() would be counted, too.
ENVIRONMENT = {**os.environ, 'GLIBC_TUNABLES': f'glibc.cpu.hwcaps={PLAIN}', 'MALLOC_PERTURB_': '0'}


def count(command, talk=None, **variables):
    """The instructions of a program; of one that serves, when `talk` has been with it."""
    with tempfile.NamedTemporaryFile('r') as log:
        program = subprocess.Popen(
            ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
             f'--log-file={log.name}', *command], stdout=subprocess.PIPE,
            env={**ENVIRONMENT, **variables})
        try:
            if talk:
                talk(program.stdout.readline())
                program.terminate()
            program.communicate()
        finally:
            program.kill()
            program.wait()
        found = re.search(r'Collected : (\d+)', log.read())
    if program.returncode != (-signal.SIGTERM if talk else 0) or not found:
        raise SystemExit(f'{command} ended with {program.returncode}')
    return int(found[1])


def ask(path, n):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        for _ in range(n):
            connection.sendall(b'GET /health HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n')
            answer = connection.recv(4096)
            assert answer.startswith(b'HTTP/1.1 200 '), answer


def serve(folder, n):
    with tempfile.TemporaryDirectory() as private:
        path = f'{private}/socket'
        return count([folder / 'bench-health', f'port=unix:{path}', 'announce=1'],
                     lambda _ready: ask(path, n))


def workload(program, key, *settings):
    return lambda folder, n: count([folder / f'bench-{program}', f'{key}={n}', *settings])


# What counts the instructions of n pieces of work; few and many; of how much each piece consists;
# how often.
SCENARIOS = {
    'a start': (workload('spawn', 'n', 'pipes=1'), 100, 500, 1, 5),
    'a line, by lines': (workload('lines', 'n', 'api=lines'), 100, 100000, 1, 1),
    'a line, by output': (workload('lines', 'n', 'api=output'), 100, 100000, 1, 1),
    'a line, only captured': (workload('lines', 'n', 'api=none', 'check=0'), 100, 100000, 1, 1),
    'a request': (serve, 10, 1010, 1, 1),
    'a spec of a pipeline of 100': (workload('pipeline', 'width', 'layers=10'), 1, 11, 10, 3),
}


def count_one(folder, name):
    run, few, many, size, runs = SCENARIOS[name]
    each = [(run(folder, many) - run(folder, few)) / (many - few) / size for _ in range(runs)]
    median = round(statistics.median(each), 1)
    print(f'{name}: {median} ({min(each):.1f} to {max(each):.1f})', flush=True)
    return median


def check_one(folder, name, before):
    for _ in range(TRIES):
        now = count_one(folder, name)
        if abs(now - before) <= TOLERANCE * before:
            return True
    print(f'{name}: {before} before, {now} now; if that is meant, say why, and --update',
          file=sys.stderr)
    return False


def glib_version(folder):
    said = subprocess.run([folder / 'bench-spawn', 'version=1'], check=True, capture_output=True)
    return said.stdout.decode().strip()


def main():
    # On one processor parent and children take turns, alike each time.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = pathlib.Path(sys.argv[1])
    if not shutil.which('valgrind') or platform.machine() != 'x86_64':
        print('Needs valgrind on x86-64: nothing is counted')
        return SKIP
    kept = json.loads(KEPT.read_text())
    version = glib_version(folder)
    if '--update' in sys.argv:
        kept[version] = {name: count_one(folder, name) for name in SCENARIOS}
        KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + '\n')
        return 0
    if version not in kept:
        print(f'No figures are kept for GLib {version}: nothing is counted')
        return SKIP
    near = [check_one(folder, name, kept[version].get(name, 0)) for name in SCENARIOS]
    return 0 if all(near) else 1


if __name__ == '__main__':
    sys.exit(main())
