# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs the build into a temporary folder and looks at what is there.

usage: install.py SOURCE_ROOT BUILD_ROOT MESON NAMES HEADER...
NAMES, a list with colons, are the files that must be there beside the public headers.
"""

import pathlib
import subprocess
import sys
import tempfile

from headers import as_included

TEXTS = {'.pc', '.gir', '.vapi', '.deps', '.py', '.pyi', '.js', '.ts', '.test', '.h'}


def look(folder, headers, names, roots):
    files = [path for path in folder.rglob('*') if path.is_file()]
    installed = {'/'.join(path.parts[path.parts.index('include') + 1:])
                 for path in files if path.suffix == '.h'}
    for each in sorted(installed - headers):
        yield f'{each} is installed, but not public'
    for each in sorted(headers - installed):
        yield f'{each} is public, but not installed'
    for each in sorted(names - {path.name for path in files}):
        yield f'{each} is not installed'
    for path in files:
        if path.suffix in TEXTS:
            text = path.read_text(encoding='utf-8')
            for root in roots:
                if str(root) in text:
                    yield f'{path.name} names {root}'


def main(source_root, build_root, meson, names, *headers):
    roots = [pathlib.Path(build_root).resolve(), pathlib.Path(source_root).resolve()]
    headers = {as_included(header, roots) for header in headers}
    with tempfile.TemporaryDirectory(prefix='process-glib-install-') as folder:
        subprocess.run([meson, 'install', '-C', build_root, '--no-rebuild', '--quiet',
                        '--destdir', folder], check=True)
        complaints = list(look(pathlib.Path(folder), headers, set(names.split(':')), roots))
    for complaint in complaints:
        print(complaint)
    print(f'{len(headers)} headers')
    return bool(complaints) or not headers


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
