#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the workloads `spawn` and `lines` in C, Python and JavaScript beside each other.

usage: languages.py BENCH_FOLDER [--quick] [--out FILE]
The programs take turns; each figure is the median of the rounds.
"""

import json
import statistics
import time

import bench

LINE = 60


def contenders(folder):
    """(name, workload, command, settings, what fraction of the work it is given)"""
    found = []
    for name in ('contenders.json', 'languages.json'):
        if not (folder / name).exists():
            raise SystemExit(f'There is no {name}: the build has no introspection')
        for entry in json.loads((folder / name).read_text())['contenders']:
            command = [folder / word if word.startswith('./') else word for word in entry['cmd']]
            found += [(entry['name'], kind, command, settings, entry.get('div', 1))
                      for kind, settings in entry['kinds'].items() if kind in ('spawn', 'lines')]
    return [each for each in found if each[0] != 'process-glib-none']


def measure(folder, contender, n_starts, n_lines):
    name, kind, command, settings, share = contender
    if kind == 'spawn':
        said = bench.run([*command, 'spawn'], f'n={n_starts}', 'pipes=1', *settings)
        right = said['ok'] == n_starts
    else:
        n = n_lines // share
        said = bench.run([*command, 'lines'], f'n={n}', f"gen={folder / 'bench-child'}", *settings)
        right = (said['n'], said['sum']) == (n, n * (LINE - 1 + ord('x')))
    if not right:
        raise SystemExit(f'{name} {kind}: {said} is not what was asked for')
    return {'wall_us': said['wall_s'] / said['n'] * 1e6,
            'cpu_us': said['cpu_self_s'] / said['n'] * 1e6, 'hwm_kib': said['hwm_kib']}


def main():
    asked = bench.make_parser(__doc__, 'languages.json').parse_args()

    started = time.monotonic()
    folder = asked.folder.resolve()
    rounds, n_starts, n_lines = (1, 5, 1600) if asked.quick else (7, 250, 1000000)
    samples = {}
    for number in range(rounds):
        for each in contenders(folder):
            samples.setdefault(each[1], {}).setdefault(each[0], []).append(
                measure(folder, each, n_starts, n_lines))
        bench.say(started, f'round {number + 1} of {rounds}')
    medians = {kind: {name: {key: round(statistics.median(each[key] for each in taken), 4)
                             for key in taken[0]} for name, taken in by_name.items()}
               for kind, by_name in samples.items()}
    bench.keep(asked.out, {'machine': bench.machine(folder), 'rounds': rounds, **medians})


if __name__ == '__main__':
    main()
