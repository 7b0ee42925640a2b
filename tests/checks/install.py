# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs the build into a temporary folder, as a packager would, and looks at what is there.

usage: install.py SOURCE_ROOT BUILD_ROOT MESON READELF NAMES HEADER...
NAMES, a list with colons, are the ends of the paths that must be there beside the public headers.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from headers import as_included


def look_for_names(files, names, headers):
    installed = {'/'.join(path.parts[path.parts.index('include') + 1:])
                 for path in files if path.suffix == '.h'}
    for each in sorted(installed - headers):
        yield f'{each} is installed, but not public'
    for each in sorted(headers - installed):
        yield f'{each} is public, but not installed'
    for each in sorted(names):
        if not any(path.as_posix().endswith('/' + each) for path in files):
            yield f'{each} is not installed'


def look_into(path, roots, readelf):
    """What is installed stands on its own: the folders that it came from may go."""
    content = path.read_bytes()
    for root in roots:
        # Not as the end of a relative path, which sources have when the build is far from them.
        if re.search(rb'(?<!\.)' + re.escape(os.fsencode(root)), content):
            yield f'{path.name} names {root}'
    if content.startswith(b'\x7fELF') and readelf:
        dynamic = subprocess.run([readelf, '-d', path], stdout=subprocess.PIPE, text=True,
                                 check=True, env={'LC_ALL': 'C'}).stdout
        if '(RPATH)' in dynamic or '(RUNPATH)' in dynamic:
            yield f'{path.name} looks for libraries in a place of its own'


def main(source_root, build_root, meson, readelf, names, *headers):
    roots = [pathlib.Path(build_root).resolve(), pathlib.Path(source_root).resolve()]
    headers = {as_included(header, roots) for header in headers}
    with tempfile.TemporaryDirectory(prefix='process-glib-install-') as folder:
        # Stripped, since the information for debuggers has to name the sources.
        subprocess.run([meson, 'install', '-C', build_root, '--no-rebuild', '--quiet', '--strip',
                        '--destdir', folder], check=True)
        files = [path for path in pathlib.Path(folder).rglob('*') if path.is_file()]
        complaints = list(look_for_names(files, set(names.split(':')), headers))
        for path in files:
            if not path.is_symlink():
                complaints += look_into(path, roots, readelf)
    for complaint in complaints:
        print(complaint)
    print(f'{len(files)} files, {len(headers)} headers')
    return bool(complaints) or not headers


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
