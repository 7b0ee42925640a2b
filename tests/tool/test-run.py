#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-run.py PROCESS-GLIB [--sanitized] [OPTIONS OF UNITTEST]

Runs `process-glib run` as a user does: through pipes, files and terminals. Everything waits for
an event, at most until the deadline. With --sanitized memory is not measured, since a sanitizer
does not give it back.
"""

import contextlib
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from follower import DEADLINE, Follower

# A shell has them ignored in what it runs in the background, and the tool would pass that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOOL = os.path.abspath(sys.argv.pop(1))
SANITIZED = '--sanitized' in sys.argv
PYTHON = sys.executable
MIB = 1 << 20

# Says who it is, then waits to be ended.
SLEEPER = ['sh', '-c', 'echo $$; exec sleep 1000']

# Tells which signals it gets, and ends with 3 at SIGTERM.
REPORTER = [PYTHON, '-c', '''
import os, select, signal, sys
def tell(signum, frame):
    os.write(1, (signal.Signals(signum).name + "\\n").encode())
    if signum == signal.SIGTERM:
        sys.exit(3)
# Without this a signal right before a read would be told of after it only.
wake, waker = os.pipe()
os.set_blocking(waker, False)
signal.set_wakeup_fd(waker)
for signum in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1:
    if signal.getsignal(signum) != signal.SIG_IGN:
        signal.signal(signum, tell)
os.write(1, b"%d\\n" % os.getpid())
sources = [0, wake]
while True:
    ready = select.select(sources, [], [])[0]
    if wake in ready:
        os.read(wake, 1000)
    data = os.read(0, 1000) if 0 in ready else b""
    if 0 in ready and not data:
        sources.remove(0)
    for line in data.splitlines(True):
        os.write(1, b"read " + line)
        if line == b"end\\n":
            sys.exit(0)
''']


def get_state(pid):
    """The letter of proc(5), such as T for stopped."""
    with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as stat:
        return stat.read().rpartition(')')[2].split()[0]


def get_memory(pid):
    """The most that was ever resident, in bytes."""
    with open('/proc/%d/status' % pid, encoding='ascii', errors='replace') as status:
        for line in status:
            if line.startswith('VmHWM:'):
                return int(line.split()[1]) * 1024
    raise AssertionError('no VmHWM')


def get_unread(stream):
    """How many bytes wait in a pipe."""
    size = bytearray(4)
    fcntl.ioctl(stream, termios.FIONREAD, size)
    return int.from_bytes(size, sys.byteorder)


class TestCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='process-glib-tool-')
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *args, **kwargs):
        for stream in 'stdin', 'stdout', 'stderr':
            kwargs.setdefault(stream, subprocess.PIPE)
        tool = subprocess.Popen([TOOL, 'run', *args], **kwargs)
        self.addCleanup(self.finish, tool)
        return tool

    @staticmethod
    def finish(tool):
        for stream in tool.stdin, tool.stdout, tool.stderr:
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        tool.kill()
        tool.wait()

    def run_tool(self, *args, data=b'', **kwargs):
        """What it printed and its exit code, as bytes and a number."""
        tool = self.start(*args, **kwargs)
        out, err = tool.communicate(data, timeout=DEADLINE)
        return out, err, tool.returncode

    def follow(self, pid):
        follower = Follower(pid)
        self.addCleanup(follower.close)
        return follower

    def follow_line(self, stream):
        return self.follow(int(stream.readline()))

    def path(self, name):
        return os.path.join(self.folder, name)

    def assertEndsWith(self, tool, code):
        self.assertEqual(tool.wait(DEADLINE), code)

    def wait_for(self, test):
        end = time.monotonic() + DEADLINE
        while not test():
            self.assertLess(time.monotonic(), end)
            os.sched_yield()

    def wait_for_state(self, follower, stopped):
        self.wait_for(lambda: (get_state(follower.pid) == 'T') == stopped)

    def assertTakesAtMost(self, size, tool):
        if not SANITIZED:
            self.assertLess(get_memory(tool.pid), size)

    def assertEnds(self, follower):
        self.assertTrue(follower.has_ended(), 'process %d still runs' % follower.pid)


class ExitCode(TestCase):
    def test_own(self):
        for code in 0, 1, 7, 124, 255:
            with self.subTest(code):
                self.assertEqual(self.run_tool('--', 'sh', '-c', 'exit %d' % code),
                                 (b'', b'', code))

    def test_signal(self):
        for name, number in ('TERM', 15), ('KILL', 9), ('SEGV', 11), ('PIPE', 13):
            with self.subTest(name):
                self.assertEqual(self.run_tool('--', 'sh', '-c', 'kill -%s $$' % name),
                                 (b'', b'', 128 + number))

    def test_not_found(self):
        for name in 'process-glib-no-such-program', './no-such-program', '/no/such/program':
            with self.subTest(name):
                out, err, code = self.run_tool('--', name)
                self.assertEqual((out, code), (b'', 127))
                self.assertIn(name.encode(), err)
                self.assertEqual(err.count(b'\n'), 1)

    def test_cannot_start(self):
        plain = self.path('plain')
        with open(plain, 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\n')
        script = self.path('script')
        with open(script, 'w', encoding='ascii') as file:
            file.write('#!/no/such/interpreter\n')
        os.chmod(script, 0o755)
        for name in plain, script, self.folder:
            with self.subTest(name):
                out, err, code = self.run_tool('--', name)
                self.assertEqual((out, code), (b'', 126))
                self.assertIn(os.fsencode(name), err)

    def test_usage(self):
        for args in ([], ['--'], ['--no-such-option', '--', 'true'], ['--cwd'],
                     ['--timeout', '--', 'true'], ['--cwd', '/no/such/folder', '--', 'true'],
                     ['--cwd', '/dev/null', '--', 'true'], ['--', ''],
                     ['--env', '=value', '--', 'true'], ['--env', '', '--', 'true'],
                     ['--detach', '--timeout', '5', '--', 'true']):
            with self.subTest(args):
                out, err, code = self.run_tool(*args)
                self.assertEqual((out, code), (b'', 125))
                self.assertTrue(err.startswith(b'process-glib: '), err)

    def test_usage_of_the_whole(self):
        for args in [], ['no-such-command'], ['--no-such-option'], ['']:
            with self.subTest(args):
                result = subprocess.run([TOOL, *args], capture_output=True, timeout=DEADLINE,
                                        check=False)
                self.assertEqual((result.stdout, result.returncode), (b'', 125))
                self.assertTrue(result.stderr.startswith(b'process-glib: '))

    def test_help_and_version(self):
        for args in ['--help'], ['run', '--help'], ['run', '-h'], ['--version']:
            with self.subTest(args):
                result = subprocess.run([TOOL, *args], capture_output=True, timeout=DEADLINE,
                                        check=False)
                self.assertEqual((result.stderr, result.returncode), (b'', 0))
                self.assertIn(b'process-glib', result.stdout)
                with open('/dev/full', 'wb') as full:
                    result = subprocess.run([TOOL, *args], stdout=full, stderr=subprocess.DEVNULL,
                                            timeout=DEADLINE, check=False)
                    self.assertEqual(result.returncode, 125)

    def test_options_end(self):
        self.assertEqual(self.run_tool('echo', '--json', '--', '-n'), (b'--json -- -n\n', b'', 0))
        self.assertEqual(self.run_tool('--', 'echo', '--', '--help'), (b'-- --help\n', b'', 0))


class Time(TestCase):
    def test_refused(self):
        for text in ('', '-1', '1x', 'x', 'inf', 'nan', '0x10', '1e3', '1.2.3', '.', ' 1', '1 ',
                     's', '1ss', '1,5', '999999999999999999999'):
            for option in '--timeout', '--grace':
                with self.subTest(text, option=option):
                    out, err, code = self.run_tool(option + '=' + text, '--', 'echo', 'ran')
                    self.assertEqual((out, code), (b'', 125))
                    self.assertIn(option.encode(), err)

    def test_taken(self):
        for text in '0', '0.0', '60', '60.5', '60.', '1m', '1.5h', '2d', '60s', '100000d':
            with self.subTest(text):
                self.assertEqual(self.run_tool('--timeout', text, '--', 'echo', 'ran'),
                                 (b'ran\n', b'', 0))

    def test_short(self):
        for text in '0.05', '.05s', '0.0000001', '0.001m':
            with self.subTest(text):
                self.assertEqual(self.run_tool('--timeout', text, '--', 'sleep', '1000')[2], 124)

    def test_whatever_the_code(self):
        command = 'trap "echo bye; exit 0" TERM; echo ready; sleep 1000 & wait'
        out, _, code = self.run_tool('--kill-group', '--timeout', '0.3', '--', 'sh', '-c', command)
        self.assertEqual((out, code), (b'ready\nbye\n', 124))

    def test_grace(self):
        for grace in '0', '0.05':
            with self.subTest(grace):
                tool = self.start('--timeout', '0.3', '--grace', grace, '--',
                                  'sh', '-c', 'trap "" TERM; echo $$; while :; do sleep 0.1; done')
                child = self.follow_line(tool.stdout)
                self.assertEndsWith(tool, 124)
                self.assertEnds(child)

    def test_stopped(self):
        """A stopped child does not hear SIGTERM, and is ended all the same."""
        tool = self.start('--timeout', '0.2', '--grace', '0.1', '--',
                          'sh', '-c', 'echo $$; kill -STOP $$')
        child = self.follow_line(tool.stdout)
        self.assertEndsWith(tool, 124)
        self.assertEnds(child)

    def test_stuck_reader(self):
        """Whoever waits for the tool before reading need not wait for ever."""
        tool = self.start('--timeout', '0.5', '--grace', '0.1', '--', 'yes')
        self.wait_for(lambda: get_unread(tool.stdout) >= 65536)
        os.read(tool.stdout.fileno(), 5000)
        self.assertEndsWith(tool, 124)


class Output(TestCase):
    def test_as_it_comes(self):
        tool = self.start('--', 'sh', '-c', 'echo one; echo two >&2; read x; echo $x')
        self.assertEqual(tool.stdout.readline(), b'one\n')
        self.assertEqual(tool.stderr.readline(), b'two\n')
        self.assertIsNone(tool.poll())
        self.assertEqual(tool.communicate(b'three\n', DEADLINE), (b'three\n', b''))
        self.assertEqual(tool.returncode, 0)

    def test_partial_line(self):
        tool = self.start('--', 'sh', '-c', 'printf "Name? "; read x; printf "Hello, $x"')
        self.assertEqual(os.read(tool.stdout.fileno(), 100), b'Name? ')
        self.assertEqual(tool.communicate(b'you\n', DEADLINE)[0], b'Hello, you')

    def test_untouched(self):
        data = bytes(range(256)) * 5 + b'\r\n\n\0\xff\xfe'
        self.assertEqual(self.run_tool('--', 'cat', data=data), (data, b'', 0))
        self.assertEqual(self.run_tool('--', 'sh', '-c', 'cat >&2', data=data), (b'', data, 0))

    def test_to_a_file(self):
        with open(self.path('out'), 'wb') as out, open(self.path('err'), 'wb') as err:
            self.start('--', 'sh', '-c', 'echo out; echo err >&2', stdout=out,
                       stderr=err).wait(DEADLINE)
        with open(self.path('out'), 'rb') as out, open(self.path('err'), 'rb') as err:
            self.assertEqual((out.read(), err.read()), (b'out\n', b'err\n'))

    def test_much(self):
        """200 MiB go through, in memory that does not grow with them."""
        tool = self.start('--', 'sh', '-c', 'head -c %d /dev/zero; read x' % (200 * MIB))
        left = 200 * MIB
        while left > 0:
            chunk = os.read(tool.stdout.fileno(), min(left, MIB))
            self.assertEqual(chunk.count(0), len(chunk))
            self.assertNotEqual(chunk, b'')
            left -= len(chunk)
        self.assertTakesAtMost(40 * MIB, tool)
        self.assertEqual(tool.communicate(b'\n', DEADLINE), (b'', b''))

    def check_waits(self, *options):
        """Prints until its pipe is full and stays full; says how much went in."""
        script = '''
import os, select
os.set_blocking(1, False)
total, line = 0, b"0123456789abcde\\n" * 4096
while total < 64 << 20 and select.select([], [1], [], 0.5)[1]:
    try:
        total += os.write(1, line)
    except BlockingIOError:
        pass
with open(os.environ["REPORT"], "w") as report:
    report.write(str(total))
os.kill(os.getpid(), 9)
'''
        os.mkfifo(self.path('report'))
        tool = self.start(*options, '--env', 'REPORT=' + self.path('report'), '--',
                          PYTHON, '-c', script)
        with open(self.path('report'), encoding='ascii') as report:
            total = int(report.read())
        self.assertGreater(total, 0)
        self.assertLess(total, 8 * MIB)
        self.assertTakesAtMost(60 * MIB, tool)
        out = tool.communicate(timeout=DEADLINE)[0]
        self.assertEqual(tool.returncode, 137)
        return total, out

    def test_slow_reader(self):
        total, out = self.check_waits()
        self.assertEqual(len(out), total)

    def test_slow_reader_of_events(self):
        total, out = self.check_waits('--json')
        events = [json.loads(line) for line in out.splitlines()]
        text = ''.join(event['line'] + '\n' for event in events if event['event'] == 'output')
        self.assertIn(len(text) - total, range(0, 2))

    def test_reader_goes(self):
        for stream in 'stdout', 'stderr':
            with self.subTest(stream):
                command = 'echo $$ >&%d; exec yes >&%d' % ((1, 1) if stream == 'stdout' else (2, 2))
                tool = self.start('--', 'sh', '-c', command)
                child = self.follow_line(getattr(tool, stream))
                getattr(tool, stream).close()
                self.assertEndsWith(tool, 141)
                self.assertEnds(child)
                other = tool.stderr if stream == 'stdout' else tool.stdout
                self.assertEqual(other.read(), b'')

    def test_reader_of_events_goes(self):
        tool = self.start('--json', '--', 'sh', '-c', 'exec yes')
        child = self.follow(json.loads(tool.stdout.readline())['pid'])
        tool.stdout.close()
        self.assertEndsWith(tool, 141)
        self.assertEnds(child)
        self.assertEqual(tool.stderr.read(), b'')

    def test_pipeline(self):
        result = subprocess.run(['sh', '-c', '"$0" run -- yes | head -n 1', TOOL], timeout=DEADLINE,
                                capture_output=True, check=True)
        self.assertEqual((result.stdout, result.stderr), (b'y\n', b''))

    def test_reader_of_nothing_goes(self):
        """Who prints nothing is not disturbed by that."""
        tool = self.start('--', 'sh', '-c', 'read x; exit 5')
        tool.stdout.close()
        tool.stdin.write(b'\n')
        tool.stdin.flush()
        self.assertEndsWith(tool, 5)

    def test_full(self):
        with open('/dev/full', 'wb') as full:
            _, err, code = self.run_tool('--', 'yes', stdout=full)
        self.assertEqual(code, 125)
        self.assertIn(os.strerror(28).encode(), err)
        self.assertEqual(err.count(b'\n'), 1)

    def test_closed(self):
        """Nothing of ours, such as the pipes, may take the place of what is closed."""
        for closing, code in ('>&-', 125), ('2>&-', 0), ('<&-', 0), ('<&- 2>&-', 0):
            with self.subTest(closing):
                command = '"$0" run -- sh -c "cat; echo out; echo err >&2" ' + closing
                result = subprocess.run(['sh', '-c', command, TOOL], timeout=DEADLINE,
                                        capture_output=True, check=False)
                self.assertEqual(result.returncode, code)
                self.assertEqual(result.stdout, b'' if code else b'out\n')
                if not code:
                    self.assertEqual(result.stderr, b'' if '2>' in closing else b'err\n')

    def test_shared_nonblocking(self):
        """A descriptor that another program made non-blocking loses nothing."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        tool = self.start('--', 'head', '-c', str(2 * MIB), '/dev/zero', stdout=writer)
        os.close(writer)
        with open(reader, 'rb') as stream:
            self.assertEqual(len(stream.read()), 2 * MIB)
        self.assertEndsWith(tool, 0)

    def test_quiet(self):
        command = 'echo out; echo err >&2; exit 4'
        self.assertEqual(self.run_tool('--quiet', '--', 'sh', '-c', command), (b'', b'', 4))
        self.assertEqual(self.run_tool('--quiet', '--', 'head', '-c', str(MIB), '/dev/zero'),
                         (b'', b'', 0))

    def test_survivor(self):
        """Who leaves something behind that holds the pipe is not waited for."""
        tool = self.start('--', 'sh', '-c', 'sleep 1000 & echo $!; exit 6')
        survivor = self.follow_line(tool.stdout)
        self.assertEndsWith(tool, 6)
        self.assertFalse(survivor.has_ended(0))


class Input(TestCase):
    def test_pipe(self):
        self.assertEqual(self.run_tool('--', 'cat', data=b'hi\n'), (b'hi\n', b'', 0))
        self.assertEqual(self.run_tool('--kill-group', '--', 'cat', data=b'hi\n'),
                         (b'hi\n', b'', 0))

    def test_rest_is_left(self):
        """What the child did not read is there for the next one."""
        result = subprocess.run(['sh', '-c', '"$0" run -- sh -c "read x; echo \\$x"; cat', TOOL],
                                input=b'one\ntwo\n', capture_output=True, timeout=DEADLINE,
                                check=True)
        self.assertEqual(result.stdout, b'one\ntwo\n')

    def test_folder(self):
        os.mkdir(self.path('sub'))
        tool = self.path('sub/tool')
        with open(tool, 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\npwd\n')
        os.chmod(tool, 0o755)
        out, _, code = self.run_tool('--cwd', self.path('sub'), '--', 'pwd')
        self.assertEqual((out, code), (os.fsencode(os.path.realpath(self.path('sub'))) + b'\n', 0))
        out, _, code = self.run_tool('--cwd', 'sub', '--', './tool', cwd=self.folder)
        self.assertEqual((out, code), (os.fsencode(os.path.realpath(self.path('sub'))) + b'\n', 0))

    def test_environment(self):
        environment = dict(os.environ, GONE='gone', KEPT='kept', CHANGED='old')
        out, _, code = self.run_tool(
            '--env', 'GONE', '--env', 'CHANGED=new=er', '--env', 'EMPTY=', '--', 'sh', '-c',
            'echo ${GONE-unset} $KEPT $CHANGED ${EMPTY-unset}', env=environment)
        self.assertEqual((out, code), (b'unset kept new=er\n', 0))

    def test_arguments(self):
        args = [b'', b'two words', b'\xff\xfe', b'--json', b'$HOME', b'\n']
        out, _, code = self.run_tool('--', 'printf', '%s\\0', *args)
        self.assertEqual((out.split(b'\0')[:-1], code), (args, 0))
        out, _, _ = self.run_tool('--env', b'NAME=\xff', '--', 'sh', '-c', 'echo $NAME')
        self.assertEqual(out, b'\xff\n')


class Signals(TestCase):
    def test_passed_on(self):
        for signum in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1:
            for options in [], ['--kill-group']:
                with self.subTest(signum, options=options):
                    tool = self.start(*options, '--', *REPORTER)
                    child = self.follow_line(tool.stdout)
                    tool.send_signal(signum)
                    self.assertEqual(tool.stdout.readline(), signum.name.encode() + b'\n')
                    if signum == signal.SIGTERM:
                        self.assertEndsWith(tool, 3)
                    else:
                        self.assertIsNone(tool.poll())
                        tool.stdin.write(b'end\n')
                        tool.stdin.flush()
                        self.assertEndsWith(tool, 0)
                    self.assertEqual(tool.stdout.read().replace(b'read end\n', b''), b'')
                    self.assertEnds(child)

    def test_ends(self):
        for signum in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            with self.subTest(signum):
                tool = self.start('--', *SLEEPER)
                child = self.follow_line(tool.stdout)
                tool.send_signal(signum)
                self.assertEndsWith(tool, 128 + signum)
                self.assertEnds(child)
                self.assertEqual(tool.stderr.read(), b'')

    def test_second_kills(self):
        tool = self.start('--', *REPORTER)
        child = self.follow_line(tool.stdout)
        tool.send_signal(signal.SIGINT)
        self.assertEqual(tool.stdout.readline(), b'SIGINT\n')
        self.assertFalse(child.has_ended(0))
        tool.send_signal(signal.SIGINT)
        self.assertEndsWith(tool, 137)
        self.assertEnds(child)
        self.assertEqual(tool.stdout.read(), b'')

    def test_others_do_not_kill(self):
        tool = self.start('--', *REPORTER)
        self.follow_line(tool.stdout)
        for signum in [signal.SIGUSR1, signal.SIGHUP] * 3:
            tool.send_signal(signum)
            self.assertEqual(tool.stdout.readline(), signum.name.encode() + b'\n')
        tool.send_signal(signal.SIGTERM)
        self.assertEqual(tool.stdout.readline(), b'SIGTERM\n')
        self.assertEndsWith(tool, 3)

    def test_stopped(self):
        tool = self.start('--', 'sh', '-c', 'echo $$; kill -STOP $$; echo on')
        child = self.follow_line(tool.stdout)
        self.wait_for_state(child, stopped=True)
        tool.send_signal(signal.SIGTERM)
        self.assertEndsWith(tool, 143)

    def test_ignored(self):
        """What the caller ignores, as nohup does, stays ignored."""
        command = 'trap "" HUP; exec "$0" run -- "$@"'
        tool = subprocess.Popen(['sh', '-c', command, TOOL, *REPORTER], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.finish, tool)
        tool.stdout.readline()
        tool.send_signal(signal.SIGHUP)
        tool.send_signal(signal.SIGUSR1)
        self.assertEqual(tool.stdout.readline(), b'SIGUSR1\n')
        tool.stdin.write(b'end\n')
        tool.stdin.flush()
        self.assertEndsWith(tool, 0)

    def test_stuck_reader(self):
        """Nobody reads, and still the signal arrives and the tool ends."""
        tool = self.start('--', 'sh', '-c', 'echo $$; exec yes')
        child = self.follow_line(tool.stdout)
        tool.send_signal(signal.SIGTERM)
        self.assertEndsWith(tool, 143)
        self.assertEnds(child)

    def test_group(self):
        """The whole group is gone, also those that do not hear the signal."""
        command = ('trap "" TERM INT; sleep 1000 & echo $!; '
                   'trap - TERM INT; sleep 1000 & echo $!; wait')
        for signum in signal.SIGTERM, signal.SIGINT:
            with self.subTest(signum):
                tool = self.start('--kill-group', '--grace', '0.1', '--', 'sh', '-c', command)
                followers = [self.follow_line(tool.stdout) for _ in range(2)]
                tool.send_signal(signum)
                self.assertEndsWith(tool, 128 + signum)
                for follower in followers:
                    self.assertEnds(follower)

    def test_rest_of_group(self):
        """What the child leaves behind in its group does not outlive it."""
        for options in [], ['--json', '--quiet']:
            with self.subTest(options):
                os.mkfifo(self.path('pid'))
                tool = self.start(*options, '--kill-group', '--', 'sh', '-c',
                                  'sleep 1000 & echo $! >"$0"; exit 6', self.path('pid'))
                with open(self.path('pid'), encoding='ascii') as pid:
                    left = self.follow_line(pid)
                os.unlink(self.path('pid'))
                self.assertEndsWith(tool, 6)
                self.assertEnds(left)

    def test_group_after_timeout(self):
        command = 'trap "" TERM; sleep 1000 & echo $!; trap - TERM; wait'
        tool = self.start('--kill-group', '--timeout', '0.3', '--grace', '0.1', '--',
                          'sh', '-c', command)
        grandchild = self.follow_line(tool.stdout)
        self.assertEndsWith(tool, 124)
        self.assertEnds(grandchild)

    def test_no_orphan(self):
        for options in [], ['--kill-group'], ['--json'], ['--quiet']:
            with self.subTest(options):
                os.mkfifo(self.path('pid'))
                tool = self.start(*options, '--', 'sh', '-c', 'echo $$ >"$0"; exec sleep 1000',
                                  self.path('pid'))
                with open(self.path('pid'), encoding='ascii') as pid:
                    child = self.follow_line(pid)
                os.unlink(self.path('pid'))
                tool.kill()
                self.assertEnds(child)
                self.assertEqual(tool.wait(DEADLINE), -signal.SIGKILL)

    def test_defaults_for_the_child(self):
        """The child must not inherit that we ignore SIGPIPE, nor our mask."""
        with open('/proc/self/status', encoding='ascii') as status:
            names = [line.split(':')[0] for line in status if line.startswith('Sig')]
        self.assertIn('SigIgn', names)
        out, _, _ = self.run_tool('--', 'grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status')
        for line in out.splitlines():
            self.assertEqual(int(line.split()[1], 16), 0, line)


class Detach(TestCase):
    def test_goes_on(self):
        marker = self.path('marker')
        os.mkfifo(marker)
        out, err, code = self.run_tool('--detach', '--', 'sh', '-c',
                                       'echo lost; echo lost >&2; echo $$ >"$0"', marker)
        self.assertEqual((err, code), (b'', 0))
        with open(marker, 'rb') as stream:
            self.assertEqual(stream.read(), out)

    def test_session(self):
        out, _, code = self.run_tool('--detach', '--', 'sleep', '1000')
        child = self.follow(int(out))
        self.assertEqual(code, 0)
        self.assertEqual(os.getsid(child.pid), child.pid)
        for fd in range(3):
            self.assertEqual(os.readlink('/proc/%d/fd/%d' % (child.pid, fd)), '/dev/null')
        self.assertFalse(child.has_ended(0))

    def test_events(self):
        out, _, code = self.run_tool('--detach', '--json', '--', 'sleep', '1000')
        event = json.loads(out)
        child = self.follow(event['pid'])
        self.assertEqual(code, 0)
        self.assertEqual(event['event'], 'started')
        self.assertFalse(child.has_ended(0))

    def test_quiet(self):
        os.mkfifo(self.path('pid'))
        tool = self.start('--detach', '--quiet', '--', 'sh', '-c', 'echo $$ >"$0"; exec sleep 1000',
                          self.path('pid'))
        with open(self.path('pid'), encoding='ascii') as pid:
            child = self.follow_line(pid)
        self.assertEqual(tool.communicate(timeout=DEADLINE), (b'', b''))
        self.assertEqual(tool.returncode, 0)
        self.assertFalse(child.has_ended(0))

    def test_failure(self):
        out, _, code = self.run_tool('--detach', '--', '/no/such/program')
        self.assertEqual((out, code), (b'', 127))


class Json(TestCase):
    def run_json(self, *args, **kwargs):
        out, err, code = self.run_tool('--json', *args, **kwargs)
        events = [json.loads(line) for line in out.decode().splitlines()]
        self.assertEqual(len({event['id'] for event in events}), 1)
        return events, err, code

    def test_life(self):
        events, err, code = self.run_json('--cwd', self.folder, '--', 'sh', '-c',
                                          'echo one; echo; printf two; exit 3')
        self.assertEqual((err, code), (b'', 3))
        self.assertEqual([event['event'] for event in events],
                         ['started', 'output', 'output', 'output', 'exited'])
        started, *output, exited = events
        self.assertEqual(list(started), ['event', 'id', 'command', 'args', 'dir', 'pid'])
        self.assertEqual((started['command'], started['args'], started['dir']),
                         ('sh', ['-c', 'echo one; echo; printf two; exit 3'], self.folder))
        self.assertGreater(started['pid'], 1)
        self.assertEqual([list(event) for event in output], [['event', 'id', 'line', 'stream']] * 3)
        self.assertEqual([event['line'] for event in output], ['one', '', 'two'])
        self.assertEqual({event['stream'] for event in output}, {'stdout'})
        self.assertEqual(list(exited), ['event', 'id', 'exitCode', 'duration', 'error'])
        self.assertEqual(exited['exitCode'], 3)
        self.assertIsInstance(exited['error'], str)
        self.assertEqual(type(exited['duration']), int)

    def test_duration(self):
        before = time.monotonic_ns()
        tool = self.start('--json', '--', 'sh', '-c', 'echo; read x')
        started, _ = tool.stdout.readline(), tool.stdout.readline()
        middle = time.monotonic_ns()
        while time.monotonic_ns() < middle + 20_000_000:
            os.sched_yield()
        rest = tool.communicate(b'\n', DEADLINE)[0]
        after = time.monotonic_ns()
        self.assertEqual(json.loads(started)['dir'], '')
        exited = json.loads(rest)
        self.assertGreater(exited['duration'], 20_000_000)
        self.assertLess(exited['duration'], after - before)
        self.assertIsNone(exited['error'])

    def test_streams(self):
        events, _, _ = self.run_json('--', 'sh', '-c', 'echo out; echo err >&2')
        self.assertEqual(sorted((event['stream'], event['line']) for event in events[1:-1]),
                         [('stderr', 'err'), ('stdout', 'out')])

    def test_order(self):
        events, _, code = self.run_json('--', 'seq', '100000')
        self.assertEqual(code, 0)
        self.assertEqual([event['line'] for event in events[1:-1]],
                         [str(number) for number in range(1, 100001)])

    def test_as_it_comes(self):
        tool = self.start('--json', '--', 'sh', '-c', 'read x; echo $x')
        self.assertEqual(json.loads(tool.stdout.readline())['event'], 'started')
        tool.stdin.write(b'hello\n')
        tool.stdin.flush()
        self.assertEqual(json.loads(tool.stdout.readline())['line'], 'hello')

    def test_killed(self):
        events, _, code = self.run_json('--', 'sh', '-c', 'echo; kill -USR2 $$')
        self.assertEqual(code, 128 + signal.SIGUSR2)
        self.assertEqual([event['event'] for event in events],
                         ['started', 'output', 'killed', 'exited'])
        self.assertEqual(list(events[2]), ['event', 'id', 'signal'])
        self.assertEqual(events[2]['signal'], 'SIGUSR2')
        self.assertEqual(events[3]['exitCode'], -1)

    def test_timed_out(self):
        events, _, code = self.run_json('--timeout', '0.1', '--', 'sleep', '1000')
        self.assertEqual(code, 124)
        self.assertEqual([event['event'] for event in events], ['started', 'killed', 'exited'])
        self.assertEqual(events[1]['signal'], 'SIGTERM')

    def test_failed_start(self):
        events, err, code = self.run_json('--', '/no/such/program')
        self.assertEqual(code, 127)
        self.assertEqual([event['event'] for event in events], ['exited'])
        self.assertEqual(events[0]['exitCode'], -1)
        self.assertIn('/no/such/program', events[0]['error'])
        self.assertIn(events[0]['error'].encode(), err)

    def test_quiet(self):
        events, _, _ = self.run_json('--quiet', '--', 'echo')
        self.assertEqual([event['event'] for event in events], ['started', 'exited'])

    def test_odd_text(self):
        """Always UTF-8 and always one line, whatever the child prints."""
        out, _, code = self.run_tool('--json', '--', 'printf', r'\377a\0b\t"\\\001\302\205\n')
        self.assertEqual(code, 0)
        events = [json.loads(line) for line in out.decode('utf-8').split('\n')[:-1]]
        self.assertEqual(len(events), 3)
        self.assertEqual(events[1]['line'], '\ufffda\ufffdb\t"\\\x01\x85')
        self.assertNotRegex(out.decode('utf-8').replace('\n', ''), '[\x00-\x1f\x7f-\x9f]')
        out, _, code = self.run_tool('--json', '--', 'true', b'\xff')
        self.assertEqual(json.loads(out.splitlines()[0])['args'], ['\ufffd'])

    def test_long_line(self):
        events, _, _ = self.run_json('--', 'head', '-c', '200000', '/dev/zero')
        pieces = [event['line'] for event in events if event['event'] == 'output']
        self.assertEqual(''.join(pieces), '\ufffd' * 200000)
        self.assertGreater(len(pieces), 1)


class Terminal(TestCase):
    """The tool as the leader of the foreground group of a terminal."""

    def start_in_terminal(self, *args, **kwargs):
        self.master, slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.seen = b''
        kwargs = {'stdin': slave, 'stdout': slave, 'stderr': slave, **kwargs}
        tool = self.start(*args, start_new_session=True,
                          preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0), **kwargs)
        os.close(slave)
        return tool

    def type(self, text):
        os.write(self.master, text)

    def read_until(self, text):
        """What the terminal showed up to and with @text."""
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            left = end - time.monotonic()
            self.assertTrue(left > 0 and select.select([self.master], [], [], left)[0],
                            'only saw %r' % self.seen)
            try:
                self.seen += os.read(self.master, 4096)
            except OSError:
                self.fail('only saw %r' % self.seen)
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def read_rest(self):
        with contextlib.suppress(OSError):
            while True:
                self.seen += os.read(self.master, 4096)
        return self.seen

    def follow_terminal(self):
        return self.follow(int(self.read_until(b'\r\n')))

    def test_typing(self):
        tool = self.start_in_terminal('--', 'cat')
        self.type(b'hello\n')
        self.read_until(b'hello\r\nhello\r\n')
        self.type(b'\x04')
        self.assertEndsWith(tool, 0)

    def test_interrupt(self):
        for options in [], ['--kill-group'], ['--json']:
            with self.subTest(options):
                tool = self.start_in_terminal(*options, '--', *SLEEPER)
                if '--json' in options:
                    child = self.follow(json.loads(self.read_until(b'\r\n'))['pid'])
                    self.read_until(b'"output"')
                else:
                    child = self.follow_terminal()
                self.type(b'\x03')
                self.assertEndsWith(tool, 130)
                self.assertEnds(child)

    def test_interrupt_comes_once(self):
        for options, how in ([], 'typed'), (['--kill-group'], 'typed'), ([], 'sent'):
            with self.subTest(options, how=how):
                data, feed = os.pipe()
                tool = self.start_in_terminal(*options, '--', *REPORTER, stdin=data)
                os.close(data)
                self.follow_terminal()
                if how == 'typed':
                    self.type(b'\x03')
                else:
                    tool.send_signal(signal.SIGINT)
                self.read_until(b'SIGINT\r\n')
                os.write(feed, b'end\n')
                os.close(feed)
                self.assertEndsWith(tool, 0)
                self.assertNotIn(b'SIGINT', self.read_rest())

    def test_interrupts_are_left_to_the_child(self):
        """An interpreter at its prompt gets Ctrl-C as often as its user likes."""
        tool = self.start_in_terminal('--', *REPORTER)
        self.follow_terminal()
        for _ in range(3):
            self.type(b'\x03')
            self.read_until(b'SIGINT\r\n')
        self.type(b'end\n')
        self.assertEndsWith(tool, 0)

    def test_interrupt_twice_kills_a_group(self):
        tool = self.start_in_terminal('--kill-group', '--', *REPORTER)
        child = self.follow_terminal()
        self.type(b'\x03')
        self.read_until(b'SIGINT\r\n')
        self.type(b'\x03')
        self.assertEndsWith(tool, 137)
        self.assertEnds(child)

    def test_group_has_no_terminal_input(self):
        tool = self.start_in_terminal('--kill-group', '--', 'sh', '-c', 'cat; echo read nothing')
        self.read_until(b'read nothing\r\n')
        self.assertEndsWith(tool, 0)

    def test_suspend_group(self):
        tool = self.start_in_terminal('--kill-group', '--', *SLEEPER)
        child = self.follow_terminal()
        self.type(b'\x1a')
        self.wait_for(lambda: get_state(tool.pid) == 'T')
        self.wait_for_state(child, stopped=True)
        tool.send_signal(signal.SIGCONT)
        self.wait_for_state(child, stopped=False)
        self.assertNotEqual(get_state(tool.pid), 'T')
        tool.send_signal(signal.SIGTERM)
        self.assertEndsWith(tool, 143)

    def test_hangup(self):
        tool = self.start_in_terminal('--', *SLEEPER)
        child = self.follow_terminal()
        null = os.open('/dev/null', os.O_RDWR)
        os.dup2(null, self.master)
        os.close(null)
        self.assertEndsWith(tool, 129)
        self.assertEnds(child)


if __name__ == '__main__':
    unittest.main(argv=[arg for arg in sys.argv if arg != '--sanitized'])
