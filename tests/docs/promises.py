# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every promise of a page has a test, and every test that the page names exists.

usage: promises.py PAGE BUILD-FOLDER [NAME...]
The names are of tests that there may be in other builds. A test is named as `PROGRAM /PATH` of
GLib's tests, as `SCRIPT.py Class.method` of Python's, or as a whole.
"""

import ast
import json
import pathlib
import re
import subprocess
import sys

ROW = re.compile(r'^\|(?!-)(.*)\|([^|]*)\|$', re.M)
CODE = re.compile(r'`([^`]+)`')
TITLE = ' Shown by '
OTHERS = 'What is not promised'


def read_tests(build):
    path = pathlib.Path(build, 'meson-info', 'intro-tests.json')
    return json.loads(path.read_text(encoding='utf-8'))


class Tests:
    def __init__(self, tests, elsewhere):
        self.tests = tests
        self.elsewhere = elsewhere
        self.listed = {}

    def list_program(self, name):
        """The paths in a program of GLib's."""
        for test in self.tests:
            if test['name'] == name:
                command = [*test['cmd'], '-l']
                listed = subprocess.run(command, env=test['env'], stdout=subprocess.PIPE,
                                        text=True, check=True).stdout.splitlines()
                # Later versions write comments of TAP.
                return [line.removeprefix('# ') for line in listed]
        return []

    def list_script(self, name):
        for path in {arg for test in self.tests for arg in test['cmd']}:
            if pathlib.PurePath(path).name == name:
                tree = ast.parse(pathlib.Path(path).read_text(encoding='utf-8'))
                return [f'{each.name}.{method.name}' for each in tree.body
                        if isinstance(each, ast.ClassDef) for method in each.body
                        if isinstance(method, ast.FunctionDef)]
        return []

    def has(self, name):
        program, _, which = name.partition(' ')
        if not which:
            return name in self.elsewhere or any(test['name'] == name for test in self.tests)
        if program not in self.listed:
            find = self.list_script if program.endswith('.py') else self.list_program
            self.listed[program] = find(program)
        return which in self.listed[program]


def main(page, build, *elsewhere):
    tests = Tests(read_tests(build), elsewhere)
    text = pathlib.Path(page).read_text(encoding='utf-8')
    complaints, n_names = [], 0
    for section in re.split(r'^## ', text, flags=re.M)[1:]:
        title = section.split('\n', 1)[0]
        rows = [row for row in ROW.findall(section) if row[1] != TITLE]
        if not rows and title != OTHERS:
            complaints.append(f'“{title}” promises nothing')
        for promise, shown in rows:
            names = CODE.findall(shown)
            n_names += len(names)
            if not names:
                complaints.append(f'Nothing shows that “{promise.strip()}”')
            complaints += [f'There is no test “{name}”' for name in names if not tests.has(name)]
    print('\n'.join(complaints))
    print(f'{n_names} tests named, {len(complaints)} complaints')
    return bool(complaints) or n_names == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
