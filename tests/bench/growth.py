#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures how time and memory grow with the size of the work.

usage: growth.py BENCH_FOLDER [--quick] [--only NAME] [--out FILE]
Only one curve replaces that one in the file.

What is to be done n times may cost n times as much, and what is done for one of n the same
whatever n is. Where something grows faster it is named, and the end is a failure. Each figure is
the least of a few runs, since other programs can only make it larger.
"""

import json
import math
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import bench

# Of the last decade: what grows with the size may have an exponent of 1, and what does not, of 0.
TOLERANCE = 0.2
# A point that takes longer is measured once.
LONG = 10
# A child takes three pipes, and what tells us and GLib of its end.
DESCRIPTORS = 5
REQUEST = b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'


def children(folder, n):
    # On one processor, as a virtual machine may take ten times as long to wake up another one.
    said = bench.run(['taskset', '--cpu-list', '0', folder / 'bench-many'], f'n={n}', 'rounds=1000')
    return {'start': said['spawn_s'] * 1e6, 'start_cpu': said['spawn_cpu_s'] * 1e6,
            'end': said['kill_s'] * 1e6,
            'echo': said['echo_p50_us'], 'echo_cpu': said['echo_cpu_us'],
            'memory': said['rss_kib_per_child'] * n}


def line_length(folder, length):
    n = max(32, min(500000, (32 << 20) // length))
    said = bench.run([folder / 'bench-lines'], f'n={n}', f'length={length}', 'api=output')
    return {'line': said['cpu_self_s'] / n * 1e6, 'memory': said['hwm_kib']}


def specs(folder, n, *settings):
    said = bench.run([folder / 'bench-pipeline'], *settings)
    assert said['n'] == n, said
    return {'all': said['cpu_self_s'] * 1e6, 'memory': said['hwm_kib']}


def specs_run(folder, n):
    return specs(folder, n, 'layers=1', f'width={n}')


def specs_skipped(folder, n):
    return specs(folder, n, f'layers={n}', 'width=1', 'command=/bin/false')


class Server:
    """bench-health, the processor time that it takes, and its memory."""

    def __init__(self, folder, *settings):
        self.process = subprocess.Popen([folder / 'bench-health', 'announce=1', *settings],
                                        stdout=subprocess.PIPE, text=True)
        host, port = self.process.stdout.readline().strip().rsplit(':', 1)
        self.address = host, int(port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def connect(self):
        return socket.create_connection(self.address, 10)

    def cpu_us(self):
        threads = pathlib.Path(f'/proc/{self.process.pid}/task').glob('*/schedstat')
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e3

    def memory(self):
        with open(f'/proc/{self.process.pid}/status') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmHWM:'))

    def ask(self, connection, n):
        """Microseconds: the median of the requests, and of processor time for one."""
        taken, before = [], self.cpu_us()
        for _ in range(n):
            sent = time.perf_counter()
            connection.sendall(REQUEST)
            answer = connection.recv(4096)
            taken.append((time.perf_counter() - sent) * 1e6)
            assert answer.startswith(b'HTTP/1.1 200 '), answer
        return statistics.median(taken), (self.cpu_us() - before) / n


def connections(folder, n):
    """More than 256 are refused; the one that is asked is not."""
    with Server(folder) as server, server.connect() as one:
        server.ask(one, 1)
        others = [server.connect() for _ in range(n - 1)]
        for each in others:
            each.sendall(REQUEST)
        for each in others:
            assert each.recv(4096).startswith((b'HTTP/1.1 200 ', b'HTTP/1.1 503 '))
        answer, cpu = server.ask(one, 2000)
        for each in others:
            each.close()
        return {'answer': answer, 'answer_cpu': cpu, 'memory': server.memory()}


def checks(folder, n):
    with Server(folder, f'checks={n}') as server, server.connect() as one:
        server.ask(one, 10)
        answer, cpu = server.ask(one, 500)
        return {'request': answer, 'request_cpu': cpu, 'memory': server.memory()}


def registry(folder, n):
    # Where writing is not the disk's affair, if there is such a place.
    place = '/dev/shm' if os.access('/dev/shm', os.W_OK) else tempfile.gettempdir()
    said = bench.run([folder / 'bench-registry'], f'n={n}', TMPDIR=place)
    return {'register': said['register_s'] * 1e6, 'list': said['list_s'] * 1e6,
            'get': said['get_us'], 'unregister': said['unregister_us'], 'memory': said['hwm_kib']}


# Of each figure: what it is, its unit, and whether it may grow with the size.
CHILDREN = {
    'start': ('starting all', 'µs', True),
    'start_cpu': ('processor time of that', 'µs', True),
    'end': ('killing and reaping all', 'µs', True),
    'echo': ('an echo of one of them', 'µs', False),
    'echo_cpu': ('processor time of an echo', 'µs', False),
    'memory': ('memory for all', 'KiB', True),
}
LINE = {'line': ('processor time of a line', 'µs', True), 'memory': ('peak memory', 'KiB', True)}
SPECS = {'all': ('processor time of all', 'µs', True), 'memory': ('peak memory', 'KiB', True)}
CONNECTIONS = {
    'answer': ('an answer on one of them', 'µs', False),
    'answer_cpu': ('processor time of that', 'µs', False), 'memory': ('peak memory', 'KiB', True),
}
CHECKS = {
    'request': ('a request that asks all', 'µs', True),
    'request_cpu': ('processor time of that', 'µs', True), 'memory': ('peak memory', 'KiB', True),
}
REGISTRY = {
    'register': ('registering all', 'µs', True), 'list': ('listing all', 'µs', True),
    'get': ('getting one', 'µs', False), 'unregister': ('unregistering one', 'µs', True),
    'memory': ('peak memory', 'KiB', True),
}
CURVES = {
    'children': (children, CHILDREN, (1, 10, 100, 500, 1000, 2500, 5000)),
    'bytes a line': (line_length, LINE, (1, 10, 100, 1000, 10000, 65536, 262144, 1048576)),
    'specs that run': (specs_run, SPECS, (1, 10, 100, 1000, 10000, 100000)),
    'specs in a chain, skipped': (specs_skipped, SPECS, (1, 10, 100, 1000, 10000, 100000)),
    'connections': (connections, CONNECTIONS, (1, 10, 100, 256, 1000)),
    'health checks': (checks, CHECKS, (1, 10, 100, 300, 1000)),
    'registry entries': (registry, REGISTRY, (1, 10, 100, 1000, 10000)),
}


def measure(function, folder, n, runs):
    taken, started = [], time.monotonic()
    while len(taken) < runs and (not taken or time.monotonic() - started < LONG):
        taken.append(function(folder, n))
    return {key: min(each[key] for each in taken) for key in taken[0]}


def exponent(sizes, values):
    """Of the last decade; nothing at all is taken for very little."""
    at = max((i for i, size in enumerate(sizes) if size * 10 <= sizes[-1]), default=0)
    values = [max(value, 1e-3) for value in values]
    return math.log(values[-1] / values[at]) / math.log(sizes[-1] / sizes[at])


def follow(name, folder, quick, started):
    function, figures, sizes = CURVES[name]
    sizes = sizes[:2] if quick else sizes
    if function is children:
        most = bench.allow_descriptors(sizes[-1] * DESCRIPTORS + 100) // DESCRIPTORS - 20
        sizes = [min(size, most) for size in sizes]
    points = []
    for size in sizes:
        points.append(measure(function, folder, size, 1 if quick else 3))
        bench.say(started, f'{size} {name}')
    curve = {'sizes': sizes, 'figures': {}}
    for key, (label, unit, may_grow) in figures.items():
        values = [round(point[key], 3) for point in points]
        grows = exponent(sizes, values)
        curve['figures'][key] = {
            'label': label, 'unit': unit, 'may_grow': may_grow, 'values': values,
            'exponent': round(grows, 2), 'too_fast': grows > may_grow + TOLERANCE}
    return curve


def main():
    parser = bench.make_parser(__doc__, 'growth.json')
    parser.add_argument('--only', choices=CURVES)
    asked = parser.parse_args()

    started = time.monotonic()
    folder = asked.folder.resolve()
    curves = {name: follow(name, folder, asked.quick, started)
              for name in ([asked.only] if asked.only else CURVES)}
    kept = pathlib.Path(asked.out)
    if asked.only and kept.exists():
        curves = {**json.loads(kept.read_text())['curves'], **curves}
    bench.keep(kept, {'machine': bench.machine(folder), 'curves': curves})
    wrong = [f"{name}: {figure['label']} grows as n^{figure['exponent']}"
             for name, curve in curves.items() for figure in curve['figures'].values()
             if figure['too_fast']]
    print(*wrong or ['Nothing grows faster than it may'], sep='\n')
    return 1 if wrong and not asked.quick else 0


if __name__ == '__main__':
    sys.exit(main())
