# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what the library exports with symbols.list and with what its headers declare.

usage: symbols.py [--update] LIBRARY LIST HEADER...
With --update the list is written instead.
"""

import re
import subprocess
import sys

DECLARATION = re.compile(r'PROCESS_AVAILABLE_IN_ALL\s+(?P<text>[^;{]*?)(?:;|G_DECLARE|$)', re.S)
FINAL_TYPE = re.compile(r'PROCESS_AVAILABLE_IN_ALL\s+G_DECLARE_FINAL_TYPE \(\w+, (\w+),')
FUNCTION = re.compile(r'(\w+)\s*\((?!\()')


def exported(library):
    lines = subprocess.run(['nm', '--dynamic', '--defined-only', '--format=posix', library],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0] for line in lines}


def declared(headers):
    names = set()
    for path in headers:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        names.update(name + '_get_type' for name in FINAL_TYPE.findall(text))
        for match in DECLARATION.finditer(text):
            function = FUNCTION.search(match['text'])
            if function and not function[1].startswith('G_'):
                names.add(function[1])
    return names


def tell(names, complaint):
    for name in sorted(names):
        print(f'{name}: {complaint}')
    return bool(names)


def main(arguments):
    update = '--update' in arguments
    library, list_path, *headers = [each for each in arguments if each != '--update']
    symbols = exported(library)
    if update:
        with open(list_path, 'w', encoding='utf-8') as file:
            file.writelines(name + '\n' for name in sorted(symbols))

    with open(list_path, encoding='utf-8') as file:
        listed = set(file.read().split())
    in_headers = declared(headers)
    complaints = [
        tell(symbols - listed, 'exported, but not in symbols.list'),
        tell(listed - symbols, 'in symbols.list, but not exported'),
        tell(symbols - in_headers, 'exported, but in no public header'),
        tell(in_headers - symbols, 'in a public header, but not exported'),
    ]
    print(f'{len(symbols)} symbols')
    if listed != symbols:
        print('If that is meant: ninja -C BUILD update-symbols')
    return any(complaints) or not symbols


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
