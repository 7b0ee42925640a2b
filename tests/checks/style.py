# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks what docs/style.md says about the text of the sources.

usage: style.py SOURCE_ROOT
"""

import os
import pathlib
import re
import sys

MAX_WIDTH = 100
MAX_FILE = 1000
MAX_FUNCTION = 60
LICENSED = {'.c', '.h', '.in', '.py', '.js', '.vala', '.sh', '.build', '.txt', '.toml',
            '.metadata', '.supp', '.pyi', '.ts'}
DATA = {'.list', '.json', '.png', '.svg', '.css', '.ui', '.bin'}
ROOMS = ('children', 'pipelines', 'daemons', 'tool')
TOP = {'process-glib', 'tests', 'docs', 'meson.build', 'meson_options.txt', 'README.md', 'COPYING'}
TAGS = ('SPDX-FileCopyrightText: 2026 The process-glib authors',
        'SPDX-License-Identifier: LGPL-2.1-or-later')
# Where the sources happened to be written is of no use to who reads them.
MACHINE_PATH = re.compile(r'(?<![\w.$}/<])/(?:work|root|home|Users)/\w')
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
BANNER = re.compile(r'^\s*(?:/\*|//|#|\*)\s*[-=*#~]{5,}')
CALL = re.compile(r'\b(\w+)\(')


class Style:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.complaints = []
        self.files = 0
        self.functions = []

    def say(self, path, line, what):
        self.complaints.append(f'{path}:{line}: {what}')

    def run(self):
        self.top()
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(each for each in folders
                                if not each.startswith(('.', '_build')) and each != '__pycache__')
            for name in sorted(names):
                path = pathlib.Path(folder, name)
                if name in ('COPYING', '.git'):  # the latter is a file in a linked working tree
                    continue
                if not path.is_symlink() and path.suffix not in DATA:
                    self.file(path.relative_to(self.root), path)
        self.umbrella()

    def top(self):
        for name in sorted(os.listdir(self.root)):
            if not name.startswith(('.', '_build')) and name not in TOP:
                self.say(name, 1, 'does not belong at the top')

    def file(self, path, where):
        self.files += 1
        raw = where.read_bytes()
        if b'\0' in raw:
            self.say(path, 1, 'is not text')
            return
        try:
            text = raw.decode('utf-8')
        except UnicodeDecodeError:
            self.say(path, 1, 'is not UTF-8')
            return
        lines = text.split('\n')
        if text and not text.endswith('\n'):
            self.say(path, len(lines), 'does not end with a new line')
        if len(lines) - 1 > MAX_FILE:
            self.say(path, MAX_FILE, f'has {len(lines) - 1} lines')
        for number, line in enumerate(lines, 1):
            self.line(path, number, line)
        self.licence(path, lines)
        if path.suffix in ('.c', '.h'):
            self.c_source(path, text)

    def line(self, path, number, line):
        free = path.suffix == '.md' and (line.startswith('|') or '](' in line)
        if len(line) > MAX_WIDTH and not free:
            self.say(path, number, f'is {len(line)} columns wide')
        if '\t' in line:
            self.say(path, number, 'has a tab')
        if line != line.rstrip():
            self.say(path, number, 'ends with a space')
        if MACHINE_PATH.search(line):
            self.say(path, number, 'names a path of one machine')

    def licence(self, path, lines):
        script = lines[0].startswith('#!')
        if path.suffix in LICENSED or script:
            head = lines[script:script + 2]
            if len(head) < 2 or not all(tag in line for tag, line in zip(TAGS, head)):
                self.say(path, 1, 'does not start with the two SPDX lines')

    def c_source(self, path, text):
        if path.suffix == '.h' and '\n#pragma once\n' not in text:
            self.say(path, 1, 'has no #pragma once')
        for number, line in enumerate(text.split('\n'), 1):
            if BANNER.match(line):
                self.say(path, number, 'is a banner')
        code = LITERAL.sub(lambda match: re.sub(r'[^\n]', ' ', match[0]), text)
        for number, line in enumerate(code.split('\n'), 1):
            for match in CALL.finditer(line):
                define = re.match(r'\s*#\s*define\s+' + match[1] + r'\(', line)
                if not define and match[1] not in ('defined', '__attribute__', '__has_attribute',
                                                   '__has_feature', '__has_include'):
                    self.say(path, number, f'wants a space after {match[1]}')
        self.long_functions(path, code.split('\n'))
        self.layers(path, text)

    def long_functions(self, path, lines):
        start = None
        for number, line in enumerate(lines, 1):
            if line == '{' and lines[number - 2].rstrip().endswith(')'):
                start = number
            elif line == '}' and start:
                length = number - start + 1
                name = self.name_of(lines, start)
                self.functions.append(length)
                if length > MAX_FUNCTION and not name.endswith('_class_init'):
                    self.say(path, start, f'{name} has {length} lines')
                start = None

    def name_of(self, lines, start):
        for line in reversed(lines[max(0, start - 12):start - 1]):
            match = re.match(r'(\w+) \(', line)
            if match:
                return match[1]
        return 'a function'

    def layers(self, path, text):
        """No room includes a room above it; only the command includes the umbrella."""
        if path.parts[0] != 'process-glib':
            return
        room = path.parts[1] if len(path.parts) > 2 else ''
        above = ROOMS[ROOMS.index(room) + 1:] if room in ROOMS else ROOMS
        if path == pathlib.Path('process-glib/process-glib.h'):
            return
        for include in INCLUDE.findall(text):
            if any(include.startswith((f'process-glib/{each}/', f'{each}/', f'../{each}/'))
                   for each in above):
                self.say(path, 1, f'includes {include} of a room above')
            if include == 'process-glib/process-glib.h' and room != 'tool':
                self.say(path, 1, 'includes the umbrella header')

    def umbrella(self):
        """All public headers are in the umbrella, and no private one is."""
        library = self.root / 'process-glib'
        text = (library / 'process-glib.h').read_text(encoding='utf-8')
        included = set(INCLUDE.findall(text))
        public = {str(path.relative_to(self.root)) for path in library.rglob('*.h')
                  if not path.name.endswith('-private.h') and path.parent.name != 'tool'}
        public = public - {'process-glib/process-glib.h'} | {'process-glib/process-version.h'}
        for each in sorted(public - included):
            self.say(each, 1, 'is not in the umbrella header')
        for each in sorted(included - public):
            self.say('process-glib/process-glib.h', 1, f'includes {each}, which is not public')


def main(root):
    style = Style(root)
    style.run()
    for complaint in style.complaints:
        print(complaint)
    lengths = sorted(style.functions)
    if lengths:
        print(f'{len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, '
              f'90th percentile {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}')
    print(f'{style.files} files, {len(style.complaints)} complaints')
    return bool(style.complaints) or not lengths


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
