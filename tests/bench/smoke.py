# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs each program and each script with very little to do, and looks at what they say.

usage: smoke.py BENCH_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import bench

HERE = pathlib.Path(__file__).parent
# What each must print, of the contract in README.md.
PROGRAMS = {
    ('spawn', 'n=3', 'pipes=1', 'inflight=2'): {'n': 3, 'ok': 3},
    ('lines', 'n=100', 'length=3'): {'n': 100, 'sum': 100 * (2 + ord('x'))},
    ('lines', 'n=100', 'length=3', 'api=output'): {'n': 100, 'sum': 100 * (2 + ord('x'))},
    ('lines', 'n=100', 'length=3', 'api=none'): {'n': 100, 'sum': 100 * (2 + ord('x'))},
    ('lines', 'n=100', 'length=3', 'api=data'): {'n': 100, 'sum': 300},
    ('many', 'n=3', 'rounds=5'): {'n': 3, 'ok': 3},
    ('pipeline', 'layers=2', 'width=3'): {'n': 6, 'ok': 6},
    ('pipeline', 'layers=3', 'width=1', 'command=/bin/false'): {'n': 3, 'ok': 0},
    ('registry', 'n=3', 'rounds=2'): {'n': 3, 'ok': 3},
}


def run_programs(folder):
    for (name, *settings), wanted in PROGRAMS.items():
        said = bench.run([folder / f'bench-{name}', name], *settings)
        found = {key: said[key] for key in wanted}
        assert found == wanted, (name, settings, said)
        print(f'bench-{name} {" ".join(settings)}: {said}')


def run_script(name, folder, place):
    result = pathlib.Path(place, f'{name}.json')
    subprocess.run([sys.executable, HERE / f'{name}.py', folder, '--quick', '--out', result],
                   check=True, stdin=subprocess.DEVNULL)
    found = json.loads(result.read_text())
    assert found['machine']['glib'], found
    return found


def main():
    folder = pathlib.Path(sys.argv[1])
    run_programs(folder)
    with tempfile.TemporaryDirectory() as place:
        curves = run_script('growth', folder, place)['curves']
        assert all(len(figure['values']) == 2 for curve in curves.values()
                   for figure in curve['figures'].values()), curves
        costs = run_script('cost', folder, place)['rows']
        assert all(row['time_us'] or row['instructions'] for row in costs), costs
        if (folder / 'languages.json').exists():
            found = run_script('languages', folder, place)
            assert 'gjs-process' in found['lines'] and 'python-process' in found['spawn'], found
        else:
            print('SKIPPED: Python and JavaScript, since the build has no introspection for them')


if __name__ == '__main__':
    main()
