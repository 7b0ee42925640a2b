# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs mypy over the samples: the good ones must pass, the wrong ones fail as they say.

usage: check_python.py MYPY FOLDER_OF_THE_STUBS
Without a mypy, an empty string, it is skipped.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import samples

SAMPLES = pathlib.Path(__file__).parent / 'python'


def complaints(mypy, stubs, path):
    """From the number of a line to what mypy says of it."""
    # As where stubs of other libraries are installed: in another folder, under the same name.
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(SAMPLES), stubs]))
    with tempfile.TemporaryDirectory(prefix='process-glib-mypy-') as cache:
        result = subprocess.run(
            [mypy, '--config-file=', f'--cache-dir={cache}', '--strict', '--hide-error-context',
             '--no-color-output', '--no-error-summary', path.name],
            cwd=SAMPLES, env=environment, capture_output=True, text=True, check=False)
    if result.stderr or result.returncode > 1:
        sys.exit(f'mypy failed:\n{result.stdout}{result.stderr}')
    found = {}
    for line in result.stdout.splitlines():
        place, kind, text = line.split(': ', 2)
        name, number = place.split(':')[:2]
        if kind != 'error':
            continue
        if name != path.name:
            sys.exit(f'mypy finds fault with the stubs: {line}')
        found[int(number)] = found.get(int(number), '') + text
    return found


def main(mypy, stubs):
    if not mypy:
        return samples.skip('mypy is not installed')
    different = [text for path in (SAMPLES / 'good.py', SAMPLES / 'wrong.py')
                 for text in samples.compare(path, complaints(mypy, stubs, path))]
    print('\n'.join(different))
    return bool(different)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
