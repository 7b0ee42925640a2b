#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-man-page.py PROCESS-GLIB MAN-PAGE

The manual page must be clean roff, and tell of every subcommand and option that there is.
"""

import re
import shutil
import subprocess
import sys
import unittest

TOOL, PAGE = sys.argv[1:3]


def get_help(*args):
    return subprocess.run([TOOL, *args, '--help'], check=True, text=True, encoding='utf-8',
                          stdout=subprocess.PIPE).stdout


def get_subcommands():
    listed = get_help().split('Commands:\n')[1].split('\n\n')[0]
    return [line.split()[0] for line in listed.splitlines()]


class ManPage(unittest.TestCase):
    def setUp(self):
        with open(PAGE, encoding='utf-8') as page:
            self.source = page.read()
        self.text = self.source.replace('\\-', '-')

    @unittest.skipUnless(shutil.which('groff'), 'groff is not installed')
    def test_roff(self):
        for device in 'utf8', 'ascii':
            result = subprocess.run(['groff', '-ww', '-man', '-z', '-T' + device, PAGE],
                                    check=True, text=True, stderr=subprocess.PIPE)
            self.assertEqual(result.stderr, '')

    def test_sections(self):
        titles = re.findall(r'^\.SH "?(.*?)"?$', self.source, re.M)
        self.assertEqual(titles[:3], ['NAME', 'SYNOPSIS', 'DESCRIPTION'])
        for title in 'OPTIONS', 'SIGNALS', 'EXIT STATUS', 'JSON EVENTS', 'EXAMPLES', 'SEE ALSO':
            self.assertIn(title, titles)

    def test_subcommands(self):
        subcommands = get_subcommands()
        self.assertIn('run', subcommands)
        for name in subcommands:
            with self.subTest(name):
                self.assertRegex(self.text, r'(?m)^\.SY "process-glib %s"$' % name)
                self.assertRegex(self.text, r'(?m)^\.SS %s$' % name)

    def test_options(self):
        known = set()
        for name in get_subcommands():
            options = set(re.findall(r'--[a-z-]+[a-z]', get_help(name)))
            self.assertIn('--help', options)
            known |= options
            for option in options:
                with self.subTest(name, option=option):
                    self.assertRegex(self.text, r'(?m)^\.BI? .*%s\b' % option)
        for option in set(re.findall(r'--[a-z-]+[a-z]', self.text)):
            with self.subTest(option=option):
                self.assertIn(option, known | {'--version'})


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
