# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library as other programs do: as a subproject, and installed, found by pkg-config.

usage: consumer.py SOURCE_ROOT FOLDER_OF_THE_CONSUMER MESON COMPILER...
One build serves both: the subproject is built, used, installed and used again.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

EXPECTED = 'from /\n'


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        sys.exit(f'{command} failed:\n{result.stdout}{result.stderr}')
    return result.stdout


def expect(got):
    if got != EXPECTED:
        sys.exit(f'the consumer printed {got!r}, not {EXPECTED!r}')


def as_subproject(source_root, consumer, meson, folder):
    project, build, prefix = folder / 'project', folder / 'build', folder / 'prefix'
    shutil.copytree(consumer, project)
    (project / 'subprojects').mkdir()
    (project / 'subprojects' / 'process-glib').symlink_to(source_root)
    run(meson, 'setup', str(build), str(project), f'--prefix={prefix}', '--buildtype=plain',
        '--wrap-mode=forcefallback')
    run('ninja', '-C', str(build))
    expect(run(str(build / 'consumer')))
    run(meson, 'install', '-C', str(build), '--no-rebuild')
    return prefix


def installed(prefix, consumer, compiler, folder):
    description = next(prefix.rglob('process-glib-1.pc'))
    if str(folder) in description.read_text(encoding='utf-8').replace(f'prefix={prefix}', ''):
        sys.exit(f'{description.name} names the build folder')
    environment = dict(os.environ, PKG_CONFIG_PATH=str(description.parent))
    environment.pop('LD_LIBRARY_PATH', None)
    flags = run('pkg-config', '--cflags', '--libs', 'process-glib-1', env=environment).split()
    program = folder / 'installed-consumer'
    run(*compiler, '-Wall', '-Werror', str(consumer / 'consumer.c'), '-o', str(program), *flags)

    # Gone, so that nothing of it can be used by mistake.
    shutil.rmtree(folder / 'build')
    environment['LD_LIBRARY_PATH'] = str(next(prefix.rglob('libprocess-glib-1.so')).parent)
    expect(run(str(program), env=environment))


def main(source_root, consumer, meson, *compiler):
    with tempfile.TemporaryDirectory(prefix='process-glib-consumer-') as name:
        folder = pathlib.Path(name)
        consumer = pathlib.Path(consumer)
        prefix = as_subproject(source_root, consumer, meson, folder)
        installed(prefix, consumer, compiler, folder)


if __name__ == '__main__':
    main(*sys.argv[1:])
