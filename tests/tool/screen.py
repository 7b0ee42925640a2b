# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A terminal for the tests."""

import re


class Screen:
    """What a terminal shows of what was written to it, as far as the tool goes."""

    TOKEN = re.compile(r'\x1b\[(\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|.', re.S)

    def __init__(self, columns, lines):
        self.columns = columns
        self.height = lines
        self.lines = ['']
        self.row = self.column = 0
        self.overflowed = False

    def put(self, text):
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + text + line[self.column + len(text):]
        self.column += len(text)
        self.overflowed |= self.column > self.columns

    def control(self, count, letter):
        if letter == 'A':
            assert self.row >= int(count), 'the cursor leaves the screen'
            self.row -= int(count)
        elif letter in 'KJ':
            self.lines[self.row] = self.lines[self.row][:self.column]
            if letter == 'J':
                del self.lines[self.row + 1:]
        elif letter != 'm':
            raise AssertionError('unexpected escape sequence %s%s' % (count, letter))

    def feed(self, text):
        for match in self.TOKEN.finditer(text):
            if match[2]:
                self.control(match[1], match[2])
            elif match[0] == '\r':
                self.column = 0
            elif match[0] == '\n':
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append('')
            else:
                self.put(match[0])

    def text(self):
        return '\n'.join(line.rstrip() for line in self.lines)
