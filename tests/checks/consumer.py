# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library as other programs do: as a subproject, and installed, in each language.

usage: consumer.py SOURCE_ROOT FOLDER_OF_THE_CONSUMER MESON [LANGUAGE=PROGRAM...] -- COMPILER...
LANGUAGE is python, javascript or vala. One build serves both: the subproject is built, used,
installed into a prefix and, when its sources and its build are gone, used again from there.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPECTED = 'from /\n'
HELPER = '#!/bin/sh\n: >"$0.used"\nexec "$0.real" "$@"\n'


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        sys.exit(f'{command} failed:\n{result.stdout}{result.stderr}')
    return result


def expect(*command, **options):
    result = run(*command, **options)
    if (result.stdout, result.stderr) != (EXPECTED, ''):
        sys.exit(f'{command} printed {result.stdout!r}, not {EXPECTED!r}, and {result.stderr!r}')


def make_repository(source_root, folder):
    """What could be cloned: the sources as they are, committed or not."""
    shutil.copytree(source_root, folder, symlinks=True,
                    ignore=shutil.ignore_patterns('.git', '_build*', '__pycache__'))
    git = ['git', '-C', str(folder), '-c', 'user.name=nobody', '-c', 'user.email=nobody',
           '-c', 'commit.gpgsign=false']
    run(*git, 'init', '--quiet')
    run(*git, 'add', '--all')
    run(*git, 'commit', '--quiet', '--message=Everything')


def lay_out(source_root, consumer, folder):
    """With the wrap file of docs/packaging.md, whose address is that of the sources."""
    shutil.copytree(consumer, folder / 'project')
    (folder / 'project' / 'subprojects').mkdir()
    page = pathlib.Path(source_root, 'docs', 'packaging.md').read_text(encoding='utf-8')
    [wrap] = re.findall(r'^```ini\n(\[wrap-git\]\n.*?)^```$', page, re.M | re.S)
    wrap = re.sub('^url = .*$', f'url = {folder}/repository', wrap, flags=re.M)
    wrap = re.sub('^revision = .*$', 'revision = HEAD', wrap, flags=re.M)
    (folder / 'project' / 'subprojects' / 'process-glib.wrap').write_text(wrap, encoding='utf-8')
    if shutil.which('git'):
        make_repository(source_root, folder / 'repository')
    else:
        print('git is not installed: the wrap file finds the sources, and fetches nothing')
        (folder / 'project' / 'subprojects' / 'process-glib').symlink_to(source_root)


def as_subproject(meson, languages, folder):
    build, prefix = folder / 'build', folder / 'prefix'
    state = {True: 'enabled', False: 'disabled'}
    run(meson, 'setup', str(build), str(folder / 'project'), f'--prefix={prefix}',
        '--buildtype=plain', '--wrap-mode=forcefallback',
        f'-Dprocess-glib:introspection={state[bool(languages)]}',
        f'-Dprocess-glib:vapi={state["vala" in languages]}')
    run('ninja', '-C', str(build))
    expect(str(build / 'consumer'))
    run(meson, 'install', '-C', str(build), '--no-rebuild')
    # Gone, so that nothing of it can be used by mistake.
    for each in 'build', 'project', 'repository':
        shutil.rmtree(folder / each, ignore_errors=True)
    return prefix


def find(prefix, name):
    return next(path for path in prefix.rglob(name))


def environment(prefix, languages):
    """What a user sets for a prefix that the system does not look into."""
    variables = {
        'PATH': f'{prefix}/bin:{os.environ["PATH"]}',
        'HOME': str(prefix),
        'LC_ALL': 'C.UTF-8',
        'LD_LIBRARY_PATH': str(find(prefix, 'libprocess-glib-1.so').parent),
        'PKG_CONFIG_PATH': str(find(prefix, 'process-glib-1.pc').parent),
        'XDG_DATA_DIRS': f'{prefix}/share:/usr/local/share:/usr/share',
        'PYTHONDONTWRITEBYTECODE': '1',
    }
    if languages:
        variables['GI_TYPELIB_PATH'] = str(find(prefix, 'Process-1.typelib').parent)
    if 'python' in languages:
        variables['PYTHONPATH'] = str(find(prefix, 'overrides/Process.py').parents[2])
    return variables


def watch_helper(prefix):
    """Puts a script in the place of the helper, which tells that it was used."""
    helper = find(prefix, 'process-glib-exec-*')
    helper.rename(f'{helper}.real')
    helper.write_text(HELPER, encoding='utf-8')
    helper.chmod(0o755)
    return pathlib.Path(f'{helper}.used')


def commands(consumer, languages, compiler, folder, env):
    flags = run('pkg-config', '--cflags', '--libs', 'process-glib-1', env=env).stdout.split()
    program = str(folder / 'from-c')
    run(*compiler, '-Wall', '-Werror', str(consumer / 'consumer.c'), '-o', program, *flags,
        env=env)
    yield [program]
    if 'vala' in languages:
        program = str(folder / 'from-vala')
        run(languages['vala'], '--pkg', 'process-glib-1', str(consumer / 'consumer.vala'),
            '-o', program, env=env)
        yield [program]
    if 'python' in languages:
        yield [languages['python'], str(consumer / 'consumer.py')]
    if 'javascript' in languages:
        yield [languages['javascript'], '-m', str(consumer / 'consumer.js')]


def installed(prefix, consumer, languages, compiler, folder):
    description = find(prefix, 'process-glib-1.pc')
    if str(folder) in description.read_text(encoding='utf-8').replace(f'prefix={prefix}', ''):
        sys.exit(f'{description.name} names the build folder')
    env = environment(prefix, languages)
    used = watch_helper(prefix)
    for command in commands(consumer, languages, compiler, folder, env):
        expect(*command, env=env)
        used.unlink()
    run('process-glib', 'run', '--', 'true', env=env)
    used.unlink()


def main(source_root, consumer, meson, *arguments):
    end = arguments.index('--')
    languages = dict(argument.split('=', 1) for argument in arguments[:end])
    with tempfile.TemporaryDirectory(prefix='process-glib-consumer-') as name:
        folder, consumer = pathlib.Path(name), pathlib.Path(consumer)
        lay_out(source_root, consumer, folder)
        prefix = as_subproject(meson, languages, folder)
        installed(prefix, consumer, languages, arguments[end + 1:], folder)
    print('used from C', *sorted(languages), sep=', ')


if __name__ == '__main__':
    main(*sys.argv[1:])
