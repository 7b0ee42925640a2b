# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiles the samples: the good ones must pass, the wrong ones fail as they say.

usage: check_typescript.py TSC DEFINITIONS [NPM FOLDER]
With npm the types of GLib come from the packages that programs use, fetched into the folder, else
from shim.d.ts. An empty string stands for a program that is not there: then this is skipped.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import samples

SAMPLES = pathlib.Path(__file__).parent / 'typescript'
PAGE = pathlib.Path(__file__).parents[3] / 'docs' / 'javascript.md'
COMPLAINT = re.compile(r'(?P<path>[^\s(]+)\((?P<line>\d+),\d+\): error (?P<text>.*)')
TYPES = ('glib-2.0', 'gobject-2.0', 'gio-2.0', 'gmodule-2.0')
INSTALLED = '/usr/share/process-glib-1/Process.d.ts'
# One version of all, so that the same is compiled everywhere.
VERSION = '4.7.0'
COMPILER = '5.9.3'


def complaints(tsc, definitions, types, path):
    """From the number of a line to what the compiler says of it."""
    options = {
        'compilerOptions': {
            'strict': True, 'noEmit': True, 'target': 'es2022', 'module': 'es2022',
            'moduleResolution': 'node', 'lib': ['es2022'], 'types': [],
        },
        'files': [str(path), str(definitions), *map(str, types)],
    }
    with tempfile.TemporaryDirectory(prefix='process-glib-tsc-') as folder:
        pathlib.Path(folder, 'tsconfig.json').write_text(json.dumps(options), encoding='utf-8')
        result = subprocess.run([*tsc, '--pretty', 'false', '-p', folder], cwd=SAMPLES,
                                capture_output=True, text=True, check=False)
    found, last = {}, None
    for line in (result.stdout + result.stderr).splitlines():
        match = COMPLAINT.match(line)
        if match and pathlib.Path(match['path']).name == path.name:
            last = int(match['line'])
            found[last] = found.get(last, '') + match['text']
        elif line.startswith(' ') and last is not None:
            # It goes on to say why.
            found[last] += line
        elif line:
            sys.exit(f'tsc finds fault elsewhere: {line}')
    if bool(found) != (result.returncode != 0):
        sys.exit(f'tsc failed:\n{result.stdout}{result.stderr}')
    return found


def fetch(npm, folder):
    """The compiler and the types from npm; None when they cannot be had."""
    packages = [f'@girs/{name}@{VERSION}' for name in (*TYPES, 'gjs')]
    packages.append(f'typescript@{COMPILER}')
    stamp = folder / 'packages.json'
    if not stamp.exists() or json.loads(stamp.read_text(encoding='utf-8')) != packages:
        folder.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(
            [npm, 'install', '--prefix', str(folder), '--ignore-scripts', '--no-save', '--no-audit',
             '--no-fund', '--no-package-lock', '--no-update-notifier', '--fetch-retries=1',
             '--fetch-timeout=20000', f'--cache={folder / "cache"}', *packages],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            print(result.stderr)
            return None
        stamp.write_text(json.dumps(packages), encoding='utf-8')
    modules = folder / 'node_modules'
    return (['node', str(modules / 'typescript' / 'bin' / 'tsc')],
            [modules / '@girs' / name / f'{name}-ambient.d.ts' for name in TYPES])


def try_page(tsc, definitions, folder):
    """The program that the documentation shows, with the settings beside it."""
    text = PAGE.read_text(encoding='utf-8')
    program, settings = re.search(r'```ts\n(.*?)```.*?```json\n(.*?)```', text, re.S).groups()
    (folder / 'main.ts').write_text(program, encoding='utf-8')
    (folder / 'tsconfig.json').write_text(settings.replace(INSTALLED, str(definitions)),
                                          encoding='utf-8')
    result = subprocess.run(
        [*tsc, '--pretty', 'false', '--strict', '--noEmit', '--skipLibCheck', '-p', str(folder)],
        capture_output=True, text=True, check=False)
    return [f'{PAGE.name}: {line}' for line in result.stdout.splitlines()]


def main(tsc, definitions, npm=None, folder=None):
    if not tsc:
        return samples.skip('tsc is not installed')
    definitions = pathlib.Path(definitions).resolve()
    command, types, different = [tsc], [SAMPLES / 'shim.d.ts'], []
    if npm is not None:
        fetched = fetch(npm, pathlib.Path(folder)) if npm else None
        if fetched is None:
            return samples.skip('the types of GLib cannot be had from npm')
        command, types = fetched
        different += try_page(command, definitions, pathlib.Path(folder))
    for path in (SAMPLES / 'good.ts', SAMPLES / 'wrong.ts'):
        different += samples.compare(path, complaints(command, definitions, types, path))
    print('\n'.join(different))
    return bool(different)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
