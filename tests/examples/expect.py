# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program, which must succeed and print what is expected.

usage: expect.py EXPECTED PROGRAM [ARGUMENT...]
EXPECTED may write a new line as \\n, and has the identifier of a process as (id).
"""

import re
import subprocess
import sys


def arranged(text):
    """The order of a child's two streams is not defined, but its end comes last."""
    *lines, last = text.splitlines() or ['']
    return sorted(lines), last


def main(expected, *command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    printed = re.sub(r'\(id-\d+-[0-9a-f]+\)', '(id)', result.stdout)
    expected = expected.replace('\\n', '\n')
    if result.returncode != 0 or arranged(printed) != arranged(expected):
        print(f'{command} ended with {result.returncode} and printed:\n{result.stdout}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
