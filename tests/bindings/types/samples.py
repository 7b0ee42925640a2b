# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what a type checker says of samples with the remarks in them."""

import re

WRONG = re.compile(r'(?:#|//) wrong: (.*)')
SKIPPED = 77


def compare(path, found):
    """What is not as the remarks say; found are the complaints by the numbers of their lines."""
    lines = path.read_text(encoding='utf-8').splitlines()
    expected = {number: match[1] for number, line in enumerate(lines, 1)
                for match in [WRONG.search(line)] if match}
    for number in sorted({*found, *expected}):
        got, wanted = found.get(number, ''), expected.get(number, '')
        if not got or not wanted or wanted not in got:
            yield f'{path.name}:{number}: “{got}” was found, “{wanted}” was expected'
    print(f'{path.name}: {len(expected)} errors expected, {len(found)} found')


def skip(reason):
    print(f'Skipped: {reason}')
    return SKIPPED
