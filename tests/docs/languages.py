# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How samples in the four languages are tried."""

import os
import re
import subprocess

TIMEOUT = 120

C_HEAD = '''
#include <process-glib/process-glib.h>
#include <stdlib.h>
gboolean check_database (gpointer user_data, GError **error);
gboolean fragment (ProcessService *service, GCancellable *cancellable, gpointer db);
'''
C_BEFORE = '''
gboolean
fragment (ProcessService *service, GCancellable *cancellable, gpointer db)
{
  g_autoptr (GError) error = NULL;
'''
C_AFTER = '''
  return TRUE;
}
'''
C_WARNINGS = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter']
# A fragment may set what only the rest of its program would read.
C_FRAGMENT = ['-Wno-unused-variable', '-Wno-unused-but-set-variable', '-Wno-unused-function',
              '-Wno-misleading-indentation']

VALA_BEFORE = '''
async void fragment (ProcessGLib.Service service, ProcessGLib.ManagedProcess process)
    throws Error {
'''
VALA_AFTER = '\n}\n'


class Failure(Exception):
    pass


def run(command, folder, **variables):
    """What a command prints; it must succeed, and leave nothing of the user's behind."""
    environment = {**os.environ, 'HOME': str(folder), 'LC_ALL': 'C.UTF-8', **variables}
    result = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            encoding='utf-8', timeout=TIMEOUT)
    if result.returncode != 0:
        raise Failure(f'{command[0]} ended with {result.returncode}:\n{result.stdout}')
    return result.stdout


def matches(expected, text):
    """Whether a text is as expected, where `…` is anything in a line, and alone any lines."""
    lines = [r'(?:.*\n)*' if line == '…\n' else re.escape(line).replace('…', '.*')
             for line in expected.splitlines(keepends=True)]
    return re.fullmatch(''.join(lines), text) is not None


def compare(sample, output):
    if sample.output is not None and not matches(sample.output, output):
        raise Failure(f'it printed:\n{output}\ninstead of:\n{sample.output}')


def try_c(sample, folder, settings):
    source, program = folder / 'sample.c', folder / 'sample'
    flags = ['pkg-config', '--cflags', '--libs', 'process-glib-1']
    flags = run(flags, folder).split()
    if re.search(r'^main \(', sample.text, re.M):
        source.write_text(sample.text)
        run([*settings['cc'], *C_WARNINGS, str(source), '-o', str(program), *flags], folder)
        compare(sample, run([str(program)], folder))
        return
    whole = re.search(r'^\{', sample.text, re.M)
    source.write_text(C_HEAD + (sample.text if whole else C_BEFORE + sample.text + C_AFTER))
    run([*settings['cc'], *C_WARNINGS, *C_FRAGMENT, '-O1', '-c', str(source), '-o', str(program),
         *flags], folder)


def try_vala(sample, folder, settings):
    source, program = folder / 'sample.vala', folder / 'sample'
    if re.search(r'\bmain \(', sample.text):
        source.write_text(sample.text)
        run([*settings['valac'], '-o', str(program), str(source)], folder)
        compare(sample, run([str(program)], folder))
        return
    whole = re.match(r'(async )?[\w.]+ \w+ \(', sample.text)
    source.write_text(sample.text if whole else VALA_BEFORE + sample.text + VALA_AFTER)
    arguments = [each for each in settings['valac'] if each != '--fatal-warnings']
    run([*arguments, '-C', str(source)], folder)


def try_python(sample, folder, settings):
    import names
    names.check(names.from_python(sample.text))
    if re.search(r'^from gi\.repository import .*\bProcess\b', sample.text, re.M):
        source = folder / 'sample.py'
        source.write_text(sample.text)
        compare(sample, run([settings['python'], str(source)], folder))


def try_js(sample, folder, settings):
    import names
    source = folder / 'sample.js'
    source.write_text(sample.text)
    tree = run([settings['gjs'], '-m', settings['parse_js'], str(source)], folder)
    names.check(names.from_js(tree))
    if 'gi://Process' in sample.text:
        compare(sample, run([settings['gjs'], '-m', str(source)], folder))
