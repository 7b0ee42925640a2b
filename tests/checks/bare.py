# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the installed library where only the packages are that it needs at run time.

usage: bare.py BUILD_ROOT MESON PREFIX PACKAGES PROGRAM...
       bare.py BUILD_ROOT MESON PREFIX PACKAGES --installed-tests NAME
PACKAGES is a list with colons. Each program, or .py and .js for an interpreter, must print what
the consumer prints. Skipped (77) where there is no Debian, or no root of one's own to be had.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'helpers'))

import bare_root  # noqa: E402

EXPECTED = 'from /\n'
INTERPRETERS = {'.py': ['python3'], '.js': ['gjs', '-m']}
SKIPPED = 77


def find(root, prefix, name):
    """Where it is, as that is called in there; nowhere if it was not built."""
    found = next((root / prefix[1:]).rglob(name), root / 'nowhere' / name)
    return pathlib.Path('/', found.relative_to(root))


def install(root, build_root, meson):
    subprocess.run([meson, 'install', '-C', build_root, '--no-rebuild', '--quiet',
                    '--destdir', str(root)], check=True)


def environment(root, prefix):
    """Only what is needed because this is not /usr."""
    return ['env', '-i', f'PATH={prefix}/bin:/usr/bin:/bin', 'HOME=/tmp', 'LC_ALL=C.UTF-8',
            f'LD_LIBRARY_PATH={find(root, prefix, "libprocess-glib-1.so.0").parent}',
            f'GI_TYPELIB_PATH={find(root, prefix, "Process-1.typelib").parent}',
            f'PYTHONPATH={find(root, prefix, "gi/overrides/Process.py").parents[2]}',
            f'XDG_DATA_DIRS={prefix}/share:/usr/share']


def use(root, prefix, programs):
    complaints = []
    for program in map(pathlib.Path, programs):
        shutil.copy(program, root / 'tmp')
        command = [*environment(root, prefix), *INTERPRETERS.get(program.suffix, []),
                   '/tmp/' + program.name]
        result = subprocess.run(bare_root.in_there(root, *command), capture_output=True,
                                text=True, check=False)
        if (result.returncode, result.stdout, result.stderr) != (0, EXPECTED, ''):
            complaints.append(f'{program.name}: {result}')
    print('\n'.join(complaints) or f'{len(programs)} programs')
    return bool(complaints)


def run_installed_tests(root, prefix, name):
    tests = list((root / prefix[1:] / 'share/installed-tests' / name).glob('*.test'))
    command = [*environment(root, prefix), 'G_DEBUG=fatal-criticals',
               'gnome-desktop-testing-runner', '--parallel=2', '--timeout=300', name + '/']
    result = subprocess.run(bare_root.in_there(root, *command), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    print(result.stdout)
    summary = re.search(r'SUMMARY: total=(\d+); passed=(\d+); skipped=(\d+); failed=(\d+)',
                        result.stdout)
    total, passed, skipped, failed = map(int, summary.groups()) if summary else (0, 0, 0, 0)
    print(f'Of {len(tests)} installed tests {passed} passed, {skipped} skipped, {failed} failed')
    return result.returncode != 0 or not passed or failed != 0 or total != len(tests)


def main(build_root, meson, prefix, packages, *what):
    with tempfile.TemporaryDirectory(prefix='process-glib-bare-') as folder:
        root = pathlib.Path(folder, 'root')
        try:
            bare_root.make_usable(root, packages.split(':'))
        except bare_root.Unavailable as error:
            print(f'Skipped: {error}')
            return SKIPPED
        install(root, build_root, meson)
        if what[0] == '--installed-tests':
            return run_installed_tests(root, prefix, what[1])
        return use(root, prefix, what)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
