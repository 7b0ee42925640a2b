# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real work on the sources of process-glib, done through process-glib.

usage: quickstart.py SOURCES BUILD
"""

import pathlib
import sys
import tempfile
import time

import gi
gi.require_version('Process', '1')
from gi.repository import GLib, Process


def step(title, work):
    print(f'\n{title}')
    started = time.monotonic()
    work()
    print(f'  ({(time.monotonic() - started) * 1000:.0f} ms)')


def indented(text):
    for line in text.splitlines():
        print('  ' + line)


class Quickstart:
    def __init__(self, sources, build):
        self.sources = pathlib.Path(sources)
        self.build = pathlib.Path(build)
        self.service = Process.Service()

    def compile_and_run(self):
        """Three children, one after the other; run() returns what each printed."""
        uninstalled = f'PKG_CONFIG_PATH={self.build}/meson-uninstalled'
        flags = self.service.run_with_options(Process.RunOptions(
            command='pkg-config', args=['--cflags', '--libs', 'process-glib-1'],
            env=[uninstalled]), None).split()
        with tempfile.TemporaryDirectory(prefix='process-glib-quickstart-') as folder:
            program = f'{folder}/watch'
            source = str(self.sources / 'docs' / 'examples' / 'c' / 'watch.c')
            self.service.run('cc', ['-o', program, source, *flags], None)
            indented(self.service.run_with_options(Process.RunOptions(
                command=program, env=[f'LD_LIBRARY_PATH={self.build}/process-glib']), None))

    def count_lines(self):
        """A child a folder, all at once; their lines come as signals."""
        loop = GLib.MainLoop()
        totals = {}

        def output(process, line, stream, folder):
            if line.endswith(' total'):
                totals[folder] = int(line.split()[0])

        def exited(process, code, duration, error):
            if self.service.get_n_running() == 0:
                loop.quit()

        for folder in ('process-glib', 'tests', 'docs'):
            process = self.service.start_with_options(Process.RunOptions(
                command='sh', cwd=str(self.sources / folder),
                args=['-c', 'find . -type f -exec cat {} + | wc -l | sed "s/$/ total/"']), None)
            process.connect('output', output, folder)
            process.connect('exited', exited)
        loop.run()
        # It keeps who has ended, and these know it by their handlers.
        self.service.clear()
        for folder, lines in totals.items():
            print(f'  {lines:6} lines in {folder}/')

    def fail(self):
        """The error of a failed run has the last line of the child's standard error."""
        broken = GLib.Bytes.new(b'int main (void) { return 0 }\n')
        try:
            self.service.run_with_options(Process.RunOptions(
                command='cc', args=['-fsyntax-only', '-fno-diagnostics-show-caret', '-x', 'c', '-'],
                input=broken), None)
        except GLib.Error as error:
            print('  ' + error.message)
        else:
            raise AssertionError('the compiler took a broken program')

    def time_out(self):
        """A child that ignores SIGTERM gets SIGKILL after its grace period, and so does its own."""
        try:
            self.service.run_with_options(Process.RunOptions(
                command='sh', args=['-c', 'trap "" TERM; sleep 60; sleep 60'], kill_group=True,
                timeout=300 * 1000, grace_period=200 * 1000), None)
        except GLib.Error as error:
            assert error.matches(Process.error_quark(), Process.Error.TIMED_OUT), error.message
            print('  ' + error.message)
        else:
            raise AssertionError('the child was not stopped')

    def run(self):
        step('Compile the C example of README.md and run it:', self.compile_and_run)
        step('Count the lines of these sources, in parallel:', self.count_lines)
        step('A child that fails:', self.fail)
        step('A child with 0.3 s that ignores SIGTERM, and 0.2 s of grace:', self.time_out)
        # A run ends with its child; this waits for what is left of the child's group, too.
        self.service.shutdown(0, None)


if __name__ == '__main__':
    Quickstart(*sys.argv[1:]).run()
