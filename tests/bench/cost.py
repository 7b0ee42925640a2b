#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures what safety costs: each precaution on and off, in instructions and in time.

usage: cost.py BENCH_FOLDER [--quick] [--out FILE]

Instructions are callgrind's, as instructions.py counts them; times are medians of turns that
alternate. The check of UTF-8 cannot be turned off: its share is that of its lines of source.
"""

import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import bench
import instructions

SOURCE = pathlib.Path(__file__).parents[2] / 'process-glib/children/process-line-splitter.c'
UTF8_FUNCTIONS = ('mark_odd', 'skip_plain', 'check_character', 'is_clean')
# Like an installation without the helper.
NO_HELPER = {'PROCESS_GLIB_EXEC': '/nonexistent'}

# A line has one byte that is none.
BROKEN = f"text={'x' * 58}\udcff"
LINES = ('lines', 'api=lines', 'check=0')
OUTPUT = ('lines', 'api=output', 'check=0')
NOBODY = ('lines', 'api=none', 'check=0')
START = ('spawn', 'pipes=1')
HEAP = (*START, 'ballast_mib=256')

# What it is; the program and its settings with it, and without it; what differs in the environment
# without it.
SWITCHES = (
    ('capture, when nobody listens', NOBODY, (*NOBODY, 'capture=0'), {}),
    ('capture, with `lines`', LINES, (*LINES, 'capture=0'), {}),
    ('capture, with `output`', OUTPUT, (*OUTPUT, 'capture=0'), {}),
    ('capture that keeps 1 MiB, instead of all', LINES, (*LINES, 'buffer=2147483647'), {}),
    ('lines that are checked, instead of `data`', LINES, ('lines', 'api=data'), {}),
    ('mending lines that are not UTF-8', (*LINES, BROKEN), LINES, {}),
    ('pipes and capture, instead of files', START, ('spawn', 'pipes=0'), {}),
    ('`timeout`', (*START, 'timeout=60'), START, {}),
    ('`kill-group`', START, (*START, 'group=0'), {}),
    ('`die-with-parent`', (*START, 'die=1'), START, {}),
    ('the exec helper, instead of a fork', START, START, NO_HELPER),
    ('the same from a heap of 256 MiB', HEAP, HEAP, NO_HELPER),
)
# Lines of whole letters.
TEXTS = (('the UTF-8 check of ASCII', 'x'), ('the UTF-8 check of two-byte letters', 'ä'))


def amounts(program, quick):
    """How much is little work and much work to count, and to time."""
    if program == 'spawn':
        return (5, 15, 10) if quick else (50, 250, 150)
    return (100, 2000, 2000) if quick else (100, 50000, 500000)


def command(folder, settings, n):
    return [folder / f'bench-{settings[0]}', f'n={n}', *settings[1:]]


def count(folder, settings, variables, quick):
    few, many, _ = amounts(settings[0], quick)
    little, much = (instructions.count(command(folder, settings, n), **variables)
                    for n in (few, many))
    return round((much - little) / (many - few), 1)


def take_time(folder, settings, variables, quick):
    """Microseconds of the processor for a piece of work."""
    n = amounts(settings[0], quick)[2]
    said = bench.run(command(folder, settings, n), **variables)
    return said['cpu_self_s'] / n * 1e6


def compare(folder, switch, quick, has_valgrind):
    name, on, off, without = switch
    rounds = 1 if quick else 9
    taken = [(take_time(folder, on, {}, quick), take_time(folder, off, without, quick))
             for _ in range(rounds)]
    # A heap says nothing about instructions, and valgrind would take long over it.
    counted = has_valgrind and not quick and on is not HEAP
    return {
        'name': name, 'of': 'start' if on[0] == 'spawn' else 'line',
        'instructions': [count(folder, on, {}, quick),
                         count(folder, off, without, quick)] if counted else None,
        'time_us': [round(statistics.median(each), 4) for each in zip(*taken)],
        'ratio': round(statistics.median(on / max(off, 1e-9) for on, off in taken), 3),
    }


def lines_of_functions():
    """The lines of SOURCE that belong to the check."""
    text = SOURCE.read_text().split('\n')
    found = set()
    for name in UTF8_FUNCTIONS:
        start = next(i for i, line in enumerate(text) if line.startswith(f'{name} ('))
        end = next(i for i in range(start, len(text)) if text[i] == '}')
        found |= set(range(start + 1, end + 2))
    return found


def count_by_lines(path, wanted):
    """(all, of the wanted lines of SOURCE) in a file of callgrind's, whose format is in its
    manual: costs are by line, also of what was inlined, and one after `calls=` is the callee's."""
    everything = here = 0
    inside = callee = False
    for line in path.read_text().splitlines():
        if found := re.match(r'f[lie]=(?:\(\d+\) )?(.*)', line):
            inside = found[1].endswith(SOURCE.name)
        elif line.startswith('calls='):
            callee = True
        elif found := re.match(r'(\d+) (\d+)$', line):
            if not callee:
                everything += int(found[2])
                here += int(found[2]) if inside and int(found[1]) in wanted else 0
            callee = False
    return everything, here


def count_check(folder, name, text, quick):
    """What the lines of the check cost, of all that a line costs."""
    few, many, _ = amounts('lines', quick)
    counts = []
    with tempfile.TemporaryDirectory() as place:
        for n in (few, many):
            path = pathlib.Path(place, str(n))
            subprocess.run(
                ['valgrind', '--tool=callgrind', f'--callgrind-out-file={path}', '--quiet',
                 '--compress-strings=no', '--compress-pos=no',
                 *command(folder, (*LINES, f'text={text}', 'length=61'), n)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=instructions.ENVIRONMENT,
                check=True)
            counts.append(count_by_lines(path, lines_of_functions()))
    everything, check = ((much - little) / (many - few) for little, much in zip(*counts))
    if check <= 0:
        raise SystemExit('The check of UTF-8 is not found: the build has no debug information')
    return {'name': name, 'of': 'line', 'time_us': None, 'ratio': None,
            'instructions': [round(everything, 1), round(everything - check, 1)]}


def main():
    asked = bench.make_parser(__doc__, 'cost.json').parse_args()

    folder = asked.folder.resolve()
    has_valgrind = shutil.which('valgrind') is not None
    started = time.monotonic()
    rows = []
    for switch in SWITCHES:
        rows.append(compare(folder, switch, asked.quick, has_valgrind))
        bench.say(started, f"{rows[-1]['name']}: {rows[-1]['instructions']}, "
                           f"{rows[-1]['time_us']} µs, × {rows[-1]['ratio']}")
    for name, text in TEXTS[:1 if asked.quick else None] if has_valgrind else ():
        rows.append(count_check(folder, name, text, asked.quick))
        bench.say(started, f"{name}: {rows[-1]['instructions']}")
    bench.keep(asked.out, {'machine': bench.machine(folder), 'rows': rows})


if __name__ == '__main__':
    main()
