# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks for the hardening in what was built.

usage: hardening.py READELF LIBRARY TOOL HELPER [fortified]
"""

import pathlib
import re
import subprocess
import sys


class Binary:
    def __init__(self, readelf, path):
        self.name = pathlib.Path(path).name
        self.text = subprocess.run([readelf, '-W', '-h', '-l', '-d', '-r', '--dyn-syms', path],
                                   stdout=subprocess.PIPE, text=True, check=True,
                                   env={'LC_ALL': 'C'}).stdout

    def has(self, pattern):
        return re.search(pattern, self.text, re.M) is not None

    def segments(self, kind):
        """Their flags: R, W and E."""
        return re.findall(rf'^  {kind} +(?:0x\w+ +){{5}}([RWE ]{{3}}) ', self.text, re.M)

    def imports(self, pattern):
        return self.has(rf' UND {pattern}(@|$)')


def complain(binary, freestanding):
    if not binary.has(r'^ +Type: +DYN '):
        yield 'is not position-independent'
    if not binary.segments('LOAD') or len(binary.segments('GNU_STACK')) != 1:
        yield 'has no segments that can be understood'
    if any('E' in flags for flags in binary.segments('GNU_STACK')):
        yield 'has an executable stack'
    if any('W' in flags and 'E' in flags for flags in binary.segments('LOAD')):
        yield 'has memory that can be written and executed'
    if freestanding:
        if not binary.has('There are no relocations in this file'):
            yield 'needs relocation, which nobody does for it'
        return
    if not binary.segments('GNU_RELRO') or not binary.has(r'\(FLAGS_1\).* NOW\b'):
        yield 'has tables of addresses that can be written'


def main(readelf, library, tool, helper, fortified=''):
    library, tool, helper = (Binary(readelf, path) for path in (library, tool, helper))
    # Without libc nothing has to be relocated, and nobody would say what smashed the stack.
    freestanding = not helper.has(r'^  INTERP ')
    complaints = [f'{binary.name} {complaint}' for binary in (library, tool, helper)
                  for complaint in complain(binary, freestanding and binary is helper)]
    complaints += [f'{binary.name} is no position-independent executable'
                   for binary in (tool, helper) if not binary.has(r'\(FLAGS_1\).* PIE\b')
                   and not (freestanding and binary is helper)]
    complaints += [f'{binary.name} has no stack protector'
                   for binary in (library, tool) if not binary.imports('__stack_chk_fail')]
    if fortified and not library.imports(r'__\w+_chk'):
        complaints.append(f'{library.name} is not fortified')
    print('\n'.join(complaints) or 'hardened')
    return bool(complaints)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
