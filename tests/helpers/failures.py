# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells which tests failed, and what each said last.

usage: failures.py TESTLOG.json...
"""

import json
import sys

GOOD = {'OK', 'EXPECTEDFAIL', 'SKIP'}
LINES = 20


def main(*paths):
    for path in paths:
        with open(path, encoding='utf-8') as log:
            results = [json.loads(line) for line in log]
        for each in results:
            if each['result'] in GOOD:
                continue
            print(f'{each["result"]}: {each["name"]}, {path}')
            said = each.get('stdout', '') + each.get('stderr', '')
            for line in said.splitlines()[-LINES:]:
                print(f'    {line[:160]}')


if __name__ == '__main__':
    main(*sys.argv[1:])
