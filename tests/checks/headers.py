# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public header refuses to be included alone, and includes all that it needs.

usage: headers.py SOURCE_ROOT BUILD_ROOT HEADER... -- COMPILER...
"""

import concurrent.futures
import pathlib
import subprocess
import sys

UMBRELLA = 'process-glib/process-glib.h'
GUARD = '#define PROCESS_GLIB_INSIDE\n'
REFUSAL = 'can be included directly'


def compiles(compiler, source):
    result = subprocess.run([*compiler, '-x', 'c', '-fsyntax-only', '-Werror', '-Wall', '-'],
                            input=source, capture_output=True, text=True, check=False)
    return result.returncode == 0, result.stderr


def check(compiler, header):
    include = f'#include <{header}>\n'
    if header == UMBRELLA:
        fine, message = compiles(compiler, include + 'int main (void) { return 0; }\n')
        return [] if fine else [f'{header} does not compile:\n{message}']

    complaints = []
    fine, message = compiles(compiler, include)
    if fine or REFUSAL not in message:
        complaints.append(f'{header} does not refuse to be included alone:\n{message}')
    fine, message = compiles(compiler, GUARD + include)
    if not fine:
        complaints.append(f'{header} does not include all that it needs:\n{message}')
    return complaints


def as_included(header, roots):
    """The name that a program writes: it starts where the include path ends."""
    path = pathlib.Path(header).resolve()
    return next(str(path.relative_to(root)) for root in roots if path.is_relative_to(root))


def main(arguments):
    split = arguments.index('--')
    source_root, build_root, *headers = arguments[:split]
    # The build folder first: it may lie inside the sources.
    roots = [pathlib.Path(build_root).resolve(), pathlib.Path(source_root).resolve()]
    headers = [as_included(header, roots) for header in headers]
    flags = subprocess.run(['pkg-config', '--cflags', 'gio-2.0'], check=True, capture_output=True,
                           text=True).stdout.split()
    compiler = [*arguments[split + 1:], *(f'-I{root}' for root in roots), *flags]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda header: check(compiler, header), headers))
    complaints = [complaint for result in results for complaint in result]
    for complaint in complaints:
        print(complaint)
    print(f'{len(headers)} headers')
    return bool(complaints) or UMBRELLA not in headers


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
