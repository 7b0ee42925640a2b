#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the programs of this folder in their long form, and makes a table and plots of the results.

usage: run.py [--short] BUILD_FOLDER RESULTS_FOLDER [NAME...]
       run.py --report RESULTS_FOLDER

NAME is one of alive, short, mixed, requests and crash; all of them take half an hour, with --short
a few seconds. Each leaves NAME.json with its figures, and NAME.csv with samples. The report is
table.md and soak.svg.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys

import plot

LONG = {
    'alive': ['n=2000', 'rounds=3', 'talks=2000'],
    'short': ['n=100000'],
    'requests': ['n=1000000', 'clients=64'],
    'crash': ['n=1000'],
    'mixed': ['seconds=600'],
}


def run(build, results, name, form):
    tests = build.resolve() / 'tests'
    library = build.resolve() / 'process-glib'
    command = [tests / f'test-{name}', *form, f'samples={results / name}.csv']
    print('running', *command[1:-1], 'of', name, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, 'LD_LIBRARY_PATH': str(library)})
    print(done.stdout, end='', flush=True)
    if done.stdout.startswith('{'):
        (results / f'{name}.json').write_text(done.stdout, encoding='utf-8')
    if done.returncode != 0:
        print(f'{name} FAILED with {done.returncode}', flush=True)
    return done.returncode == 0


def number(value):
    return f'{value:,}'.replace(',', ' ')


def time(microseconds):
    if microseconds < 1000:
        return f'{microseconds} µs'
    if microseconds < 1e6:
        return f'{microseconds / 1e3:.3g} ms'
    return f'{microseconds / 1e6:.3g} s'


def times(figures):
    return f'{time(figures["p50_us"])}, {time(figures["p99_us"])}'


def memory(figures):
    kib = figures['heap_growth_bytes'] / 1024
    return f'{kib:+.0f} KiB in use, {figures["rss_growth_kib"]:+d} KiB resident'


def alive_rows(figures):
    n = number(figures['children'])
    yield f'{n} children at once', ''
    yield 'resident memory, memory in use, descriptors for each', (
        f'{figures["rss_kib_per_child"]:.1f} KiB, {figures["heap_kib_per_child"]:.1f} KiB, '
        f'{figures["descriptors_per_child"]:.0f}')
    yield 'one is sent a line and sends it back (median, 99 %)', times(figures['echo'])
    yield 'all are; and all end, the service shutting down', (
        f'{figures["all_echoed_s"] * 1e3:.0f} ms, {figures["all_ended_s"] * 1e3:.0f} ms')
    yield 'growth from the first round to the third', memory(figures)


def short_rows(figures):
    yield f'{number(figures["children"])} short children through one service', ''
    yield 'from start to end, 8 at a time (median, 99 %)', times(figures['latency'])
    yield 'lines, of which none was lost', number(figures['lines'])
    yield 'growth after the first 1 000', memory(figures)


def requests_rows(figures):
    yield f'{number(figures["done"])} health requests', ''
    yield f'from {figures["clients"]} clients that keep their connections', (
        f'{number(round(figures["requests_per_second"]))} a second')
    yield 'an answer (median, 99 %)', times(figures['latency'])
    yield 'growth after the first tenth', memory(figures)


def mixed_rows(figures):
    kinds = {name: value for name, value in figures.items()
             if isinstance(value, dict) and name != 'latency'}
    yield f'{figures["seconds"] / 60:.0f} minutes of everything at once', ''
    yield 'things done, 24 at a time', number(sum(kind['n'] for kind in kinds.values()))
    yield 'a child that does nothing, from start to end (median, 99 %)', times(figures['latency'])
    yield 'a health request meanwhile (median, 99 %)', times(kinds['health'])
    yield 'growth after the first minute', memory(figures)


def crash_rows(figures):
    yield f'{number(figures["kills"])} kills of a daemon', ''
    yield 'while it starts, runs, stops', (
        f'{figures["while_starting"]}, {figures["while_running"]}, {figures["while_stopping"]}')
    yield 'children with die-with-parent, of which none was left', number(
        figures['children_killed'] + figures['children_that_never_ran'])
    yield 'children without it, of which all lived on', number(figures['children_that_live_on'])
    yield 'PID file of the killed one, of one before it, none', (
        f'{figures["pid_files_new"]}, {figures["pid_files_old"]}, {figures["pid_files_none"]}')
    yield 'the next start (median, 99 %)', times(figures['next_start'])


ROWS = {'alive': alive_rows, 'short': short_rows, 'requests': requests_rows, 'mixed': mixed_rows,
        'crash': crash_rows}


def report(results):
    lines = ['| what | figure |', '|---|---|']
    for name, rows in ROWS.items():
        path = results / f'{name}.json'
        if path.exists():
            for what, figure in rows(json.loads(path.read_text(encoding='utf-8'))):
                lines.append(f'| {what} | {figure} |' if figure else f'| **{what}** | |')
    table = '\n'.join(lines) + '\n'
    (results / 'table.md').write_text(table, encoding='utf-8')
    print(table)
    if (results / 'mixed.json').exists():
        with (results / 'mixed.csv').open(encoding='utf-8', newline='') as file:
            rows = [{key: float(value) for key, value in row.items()}
                    for row in csv.DictReader(file)]
        (results / 'soak.svg').write_text(plot.draw(rows), encoding='utf-8')


def main(arguments):
    if arguments[:1] == ['--report'] and len(arguments) == 2:
        report(pathlib.Path(arguments[1]))
        return 0
    short = arguments[:1] == ['--short']
    arguments = arguments[short:]
    names = arguments[2:] or list(LONG)
    if len(arguments) < 2 or not set(names) <= set(LONG):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    build, results = map(pathlib.Path, arguments[:2])
    results.mkdir(parents=True, exist_ok=True)
    good = [run(build, results, name, [] if short else LONG[name]) for name in names]
    report(results)
    return not all(good)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
