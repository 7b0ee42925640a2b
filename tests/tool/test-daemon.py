#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-daemon.py PROCESS-GLIB [OPTIONS OF UNITTEST]

Runs `process-glib daemon` as a user or a service manager does. Everything waits for an event, at
most until the deadline.
"""

import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import sys
import termios
import unittest

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from daemon_util import (DEADLINE, SLEEPER, STUBBORN, TestCase, ask, become_old, get_boot_id,
                         get_start_ticks)

# Tells of the signals that it gets, and ends with 3 at SIGTERM.
REPORTER = ['sh', '-c', '''
for name in HUP USR1 USR2; do trap "echo $name" $name; done
trap 'echo TERM; exit 3' TERM
echo $$
while :; do sleep 0.01; done
''']
# One member of its group that hears of SIGHUP, too.
PAIR = ['sh', '-c', '''
sh -c 'trap "echo WRONG" HUP; echo $$; while :; do sleep 0.01; done' &
trap 'echo HUP' HUP
while :; do sleep 0.01; done
''']


def get_unread(stream):
    """How many bytes wait in a pipe."""
    size = bytearray(4)
    fcntl.ioctl(stream, termios.FIONREAD, size)
    return int.from_bytes(size, sys.byteorder)


class Life(TestCase):
    def test_all(self):
        tool = self.start_daemon(*SLEEPER, cwd=self.folder)
        child = self.follow_line(tool.stdout)
        self.wait_for_ready()
        entry, = self.read_entries()
        self.assertRegex(entry.pop('started'), r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')
        self.assertEqual(entry, {
            'code': 'code', 'daemon': 'daemon', 'pid': tool.pid, 'health': self.health,
            'project': os.path.realpath(self.folder), 'binary': 'sh',
            'startTicks': get_start_ticks(tool.pid), 'bootId': get_boot_id()})
        self.assertEqual(pathlib.Path(self.pid_file).read_text(encoding='ascii'),
                         '%d\n' % tool.pid)
        self.assertEqual(ask(self.health), (200, 'ok\n'))
        tool.terminate()
        self.assertEqual(tool.communicate(timeout=DEADLINE), (b'', b''))
        self.assertEqual(tool.returncode, 0)
        self.assertEnds(child)
        self.assertNothingLeft()

    def test_signals(self):
        for signum in signal.SIGTERM, signal.SIGINT, signal.SIGQUIT:
            with self.subTest(signum):
                tool = self.start_daemon(*SLEEPER)
                child = self.follow_line(tool.stdout)
                tool.send_signal(signum)
                self.assertEqual(tool.wait(DEADLINE), 0)
                self.assertEnds(child)
                self.assertNothingLeft()

    def test_only_what_was_asked_for(self):
        tool = self.start_tool('daemon', '--name', 'a/b', '--registry', self.registry, *SLEEPER)
        self.follow_line(tool.stdout)
        entry, = self.read_entries()
        self.assertNotIn('health', entry)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEqual(os.listdir(self.folder), ['registry'])
        self.assertEqual(os.listdir(self.registry), [])

    def test_default_registry(self):
        tool = self.start_tool('daemon', '--name', 'a/b', '--', *SLEEPER,
                               env={**os.environ, 'HOME': self.folder})
        self.follow_line(tool.stdout)
        self.registry = self.path('.core/daemons')
        self.assertEqual(self.read_entries()[0]['pid'], tool.pid)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEqual(self.read_entries(), [])

    def test_ends_by_itself(self):
        for script, code in (('exit 0', 0), ('exit 7', 7), ('kill -TERM $$', 143),
                             ('kill -KILL $$', 137)):
            with self.subTest(script):
                tool = self.start_daemon('sh', '-c', 'echo out; echo err >&2; ' + script)
                self.assertEqual(tool.communicate(timeout=DEADLINE), (b'out\n', b'err\n'))
                self.assertEqual(tool.returncode, code)
                self.assertNothingLeft()

    def test_reads_nothing(self):
        tool = self.start_daemon('cat')
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_arguments(self):
        tool = self.start_daemon('printf', '%s|', '--name', '$HOME', 'a b', '--', '')
        self.assertEqual(tool.communicate(timeout=DEADLINE)[0], b'--name|$HOME|a b|--||')

    def test_rest_of_group(self):
        """What the child leaves in the background ends with the daemon."""
        tool = self.start_daemon('sh', '-c', 'sleep 1000 & echo $!; exit 4')
        rest = self.follow_line(tool.stdout)
        self.assertEqual(tool.wait(DEADLINE), 4)
        self.assertEnds(rest)
        self.assertNothingLeft()

    def test_odd_name(self):
        name = b'c\xf6de/\xe2\x82\xac daemon'
        tool = self.start_daemon(*SLEEPER, name=name)
        self.follow_line(tool.stdout)
        entry, = self.read_entries()
        self.assertEqual((entry['code'], entry['daemon']), ('c\ufffdde', '€ daemon'))
        out, err, code = self.run_tool('stop', '--registry', self.registry, name)
        self.assertEqual((out, err, code), ('', '', 0))
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_killed(self):
        """The child goes too; the files are in nobody's way."""
        tool = self.start_daemon(*SLEEPER)
        child = self.follow_line(tool.stdout)
        self.wait_for_ready()
        tool.kill()
        self.assertEnds(child)
        self.assertTrue(os.path.exists(self.pid_file))
        self.assertEqual(len(self.read_entries()), 1)
        tool.wait()
        again = self.start_daemon(*SLEEPER)
        self.follow_line(again.stdout)
        self.wait_for_ready()
        self.assertEqual([entry['pid'] for entry in self.read_entries()], [again.pid])
        self.assertEqual(pathlib.Path(self.pid_file).read_text(encoding='ascii'),
                         '%d\n' % again.pid)
        again.terminate()
        self.assertEqual(again.wait(DEADLINE), 0)
        self.assertNothingLeft()

    def test_old_kernel(self):
        tool = self.start_daemon(*SLEEPER, preexec_fn=become_old)
        child = self.follow_line(tool.stdout)
        self.wait_for_ready()
        self.assertEqual(ask(self.health), (200, 'ok\n'))
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEnds(child)
        self.assertNothingLeft()


class Stop(TestCase):
    def test_code_of_the_child(self):
        for code in 0, 3:
            with self.subTest(code):
                tool = self.start_daemon('sh', '-c', "trap 'exit %d' TERM; echo $$\n"
                                                     'while :; do sleep 0.01; done' % code)
                self.follow_line(tool.stdout)
                tool.terminate()
                self.assertEqual(tool.wait(DEADLINE), code)
                self.assertNothingLeft()

    def test_grace(self):
        """Then all of the group is killed."""
        tool = self.start_daemon('sh', '-c', "trap '' TERM; sleep 1000 & echo $!; echo $$; wait",
                                 options=['--grace', '0.2'])
        helper = self.follow_line(tool.stdout)
        child = self.follow_line(tool.stdout)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 137)
        self.assertEnds(child)
        self.assertEnds(helper)
        self.assertNothingLeft()

    def test_no_grace(self):
        tool = self.start_daemon(*REPORTER, options=['--grace', '0'])
        self.follow_line(tool.stdout)
        tool.terminate()
        self.assertEqual(tool.communicate(timeout=DEADLINE)[0], b'')
        self.assertEqual(tool.returncode, 137)

    def test_stopped_child(self):
        tool = self.start_daemon(*SLEEPER)
        child = self.follow_line(tool.stdout)
        os.kill(child.pid, signal.SIGSTOP)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_meanwhile(self):
        """Until the child has ended it is unready, but still there, and nobody else may start."""
        tool = self.start_daemon(*STUBBORN, options=['--grace', '1000'])
        child = self.follow_line(tool.stdout)
        self.wait_for_ready()
        tool.terminate()
        self.wait_for(lambda: ask(self.health, '/ready') == (503, 'not ready\n'))
        self.assertEqual(ask(self.health), (200, 'ok\n'))
        self.assertEqual([entry['pid'] for entry in self.read_entries()], [tool.pid])
        other = self.start_daemon(*SLEEPER)
        self.assertEqual(other.wait(DEADLINE), 125)
        self.assertRuns(child)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 137)
        self.assertEnds(child)
        self.assertNothingLeft()

    def test_passed_on(self):
        tool = self.start_daemon(*REPORTER)
        self.follow_line(tool.stdout)
        for name in 'HUP', 'USR1', 'USR2':
            tool.send_signal(getattr(signal, 'SIG' + name))
            self.assertEqual(tool.stdout.readline(), name.encode() + b'\n')
        tool.terminate()
        self.assertEqual(tool.communicate(timeout=DEADLINE)[0], b'TERM\n')
        self.assertEqual(tool.returncode, 3)

    def test_passed_on_to_it_alone(self):
        tool = self.start_daemon(*PAIR)
        self.follow_line(tool.stdout)
        for _ in range(3):
            tool.send_signal(signal.SIGHUP)
            self.assertEqual(tool.stdout.readline(), b'HUP\n')
        tool.terminate()
        self.assertEqual(tool.communicate(timeout=DEADLINE)[0], b'')

    def test_passed_on_in_an_old_kernel(self):
        tool = self.start_daemon(*REPORTER, preexec_fn=become_old)
        self.follow_line(tool.stdout)
        tool.send_signal(signal.SIGHUP)
        self.assertEqual(tool.stdout.readline(), b'HUP\n')


class Output(TestCase):
    def test_as_it_comes(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_daemon('sh', '-c', 'printf one; printf two >&2; cat %s' % fifo)
        self.assertEqual(os.read(tool.stdout.fileno(), 100), b'one')
        self.assertEqual(os.read(tool.stderr.fileno(), 100), b'two')
        with open(fifo, 'wb') as file:
            file.write(b'\xff\0three')
        self.assertEqual(tool.communicate(timeout=DEADLINE), (b'\xff\0three', b''))

    def test_much(self):
        """The health is told all the while."""
        with open('/dev/null', 'wb') as null:
            tool = self.start_daemon('yes', stdout=null)
            self.wait_for_ready()
            for _ in range(200):
                self.assertEqual(ask(self.health), (200, 'ok\n'))
            tool.terminate()
            self.assertEqual(tool.wait(DEADLINE), 0)

    def start_stuck(self, script, **kwargs):
        """Whose output nobody reads."""
        tool = self.start_daemon('sh', '-c', script, bufsize=0, **kwargs)
        child = self.follow_line(tool.stdout)
        self.wait_for(lambda: get_unread(tool.stdout) >= 60000)
        return tool, child

    def test_stuck_reader(self):
        tool, child = self.start_stuck('echo $$; exec yes')
        self.assertEqual(ask(self.health), (200, 'ok\n'))
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEnds(child)
        self.assertNothingLeft()

    def test_stuck_reader_of_a_stubborn_child(self):
        tool, child = self.start_stuck("trap '' TERM; echo $$; exec yes",
                                       options=['--grace', '0.2'])
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 137)
        self.assertEnds(child)
        self.assertNothingLeft()

    def test_stuck_reader_of_one_that_ends(self):
        tool, child = self.start_stuck('echo $$; exec yes')
        os.kill(child.pid, signal.SIGKILL)
        self.assertEqual(tool.wait(DEADLINE), 137)
        self.assertNothingLeft()

    def test_stuck_reader_in_an_old_kernel(self):
        tool, child = self.start_stuck('echo $$; exec yes', preexec_fn=become_old)
        os.kill(child.pid, signal.SIGKILL)
        self.assertEqual(tool.wait(DEADLINE), 137)
        self.assertNothingLeft()

    def test_reader_goes(self):
        """It goes on without a log."""
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_daemon('sh', '-c', 'echo $$; exec 3< %s; while read line <&3; do '
                                             'echo x; echo y >&2; done' % fifo)
        child = self.follow_line(tool.stdout)
        tool.stdout.close()
        with open(fifo, 'wb', buffering=0) as file:
            file.write(b'\n\n\n')
            lines = sorted(tool.stderr.readline() for _ in range(4))
            self.assertRegex(lines[0], rb'^process-glib: Cannot write to standard output: ')
            self.assertEqual(lines[1:], [b'y\n'] * 3)
            self.assertRuns(child)
            self.assertEqual(ask(self.health), (200, 'ok\n'))
            tool.terminate()
            self.assertEqual(tool.wait(DEADLINE), 0)

    def test_full_disk(self):
        with open('/dev/full', 'wb') as full:
            tool = self.start_daemon('sh', '-c', 'echo x; exit 5', stdout=full)
            err = tool.communicate(timeout=DEADLINE)[1]
        self.assertRegex(err, rb'^process-glib: Cannot write to standard output: .*\n\Z')
        self.assertEqual(tool.returncode, 5)


class Refused(TestCase):
    def test_usage(self):
        name = ['--name', 'a/b']
        for args in ([], ['--name', 'a/b'], ['true'], ['--', 'true'], [*name, '--'],
                     [*name, '--no-such-option', '--', 'true'],
                     [*name, '--grace', 'x', '--', 'true'], [*name, '--grace=-1', '--', 'true'],
                     [*name, '--pid-file', '', 'true'], [*name, '--health', '', 'true'],
                     [*name, '--registry', '', 'true'], ['--name']):
            with self.subTest(args):
                self.assertRefused('daemon', *args)

    def test_names(self):
        for name in '', '/', 'a', 'a/', '/b', 'a/b/c', 'a//b', '//':
            with self.subTest(name):
                err = self.assertRefused('daemon', '--name', name, '--registry', self.registry,
                                         '--', 'touch', self.path('ran'))
                self.assertIn('“%s”' % name, err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_help(self):
        for option in '--help', '-h':
            out, err, code = self.run_tool('daemon', option)
            self.assertEqual((err, code), ('', 0))
            self.assertIn('process-glib daemon', out)

    def check_start_fails(self, *args, code, says, **kwargs):
        tool = self.start_daemon(*args, **kwargs)
        out, err = tool.communicate(timeout=DEADLINE)
        self.assertEqual((out, tool.returncode), (b'', code), err)
        self.assertRegex(err.decode(), r'^process-glib: .*%s.*\n\Z' % re.escape(says))

    def test_not_found(self):
        for name in 'process-glib-no-such-program', '/no/such/program':
            self.check_start_fails(name, code=127, says=name)
            self.assertNothingLeft()

    def test_cannot_start(self):
        self.check_start_fails(self.folder, code=126, says=self.folder)
        self.assertNothingLeft()

    def test_second_instance(self):
        tool = self.start_daemon(*SLEEPER)
        child = self.follow_line(tool.stdout)
        self.wait_for_ready()
        entries = self.read_entries()
        self.check_start_fails('touch', self.path('ran'), code=125, says='rocess %d ' % tool.pid)
        self.assertFalse(os.path.exists(self.path('ran')))
        self.assertEqual(self.read_entries(), entries)
        self.assertEqual(ask(self.health, '/ready'), (200, 'ready\n'))
        self.assertRuns(child)

    def test_health_address(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            taken = '127.0.0.1:%d' % listener.getsockname()[1]
            for address in 'no address', 'localhost:70000', taken, 'unix:/no/such/folder/socket':
                with self.subTest(address):
                    self.health = 'unix:' + self.path('health')
                    self.check_start_fails('touch', self.path('ran'), code=125, says=address,
                                           options=['--health', address])
                    self.assertNothingLeft()
        self.assertFalse(os.path.exists(self.path('ran')))

    def test_pid_file(self):
        self.pid_file = self.folder
        self.check_start_fails('touch', self.path('ran'), code=125, says=self.folder)
        self.assertEqual(os.listdir(self.folder), [])

    def test_registry(self):
        self.registry = self.path('file')
        pathlib.Path(self.registry).touch()
        self.check_start_fails('touch', self.path('ran'), code=125, says=self.registry)
        self.assertEqual(os.listdir(self.folder), ['file'])


class Manager(TestCase):
    def setUp(self):
        super().setUp()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.settimeout(DEADLINE)
        self.socket.bind(self.path('notify'))
        self.env = {**os.environ, 'NOTIFY_SOCKET': self.path('notify')}

    def test_states(self):
        """Ready when the child has started, stopping when it has ended."""
        tool = self.start_daemon('sh', '-c', 'echo $$; echo "<$NOTIFY_SOCKET>"; exec sleep 1000',
                                 env=self.env)
        child = self.follow_line(tool.stdout)
        self.assertEqual(tool.stdout.readline(), b'<>\n')
        self.assertEqual(self.socket.recv(1000), b'READY=1')
        tool.terminate()
        self.assertEqual(self.socket.recv(1000), b'STOPPING=1')
        self.assertEnds(child)
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_never_ready(self):
        tool = self.start_daemon('/no/such/program', env=self.env)
        self.assertEqual(tool.wait(DEADLINE), 127)
        self.assertEqual(self.socket.recv(1000), b'STOPPING=1')

    def test_watchdog(self):
        env = {**self.env, 'WATCHDOG_USEC': '20000'}
        tool = self.start_daemon('sh', '-c', 'echo "<$WATCHDOG_USEC>"; exec sleep 1000', env=env)
        self.assertEqual(tool.stdout.readline(), b'<>\n')
        self.assertEqual({self.socket.recv(1000) for _ in range(5)}, {b'READY=1', b'WATCHDOG=1'})
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)


class Checks(TestCase):
    def test_child_ended(self):
        """While the group is being ended, the health is that of the child."""
        tool = self.start_daemon('sh', '-c', "(trap '' TERM; sleep 1000) & echo $!",
                                 options=['--grace', '1000'])
        rest = self.follow_line(tool.stdout)
        self.wait_for(lambda: ask(self.health)[0] == 503)
        self.assertEqual(ask(self.health),
                         (503, 'unhealthy: process: Command “sh” has ended\n'))
        self.wait_for(lambda: ask(self.health, '/ready') == (503, 'not ready\n'))
        status, text = ask(self.health, '/health?verbose')
        self.assertEqual(status, 503)
        self.assertIn('[-]process failed', text)
        tool.terminate()
        self.assertRuns(rest)
        tool.terminate()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEnds(rest)

    def test_bound_address(self):
        tool = self.start_daemon(*SLEEPER, options=['--health', '0'])
        self.follow_line(tool.stdout)
        entry, = self.read_entries()
        self.assertRegex(entry['health'], r'^127\.0\.0\.1:\d+$')
        self.wait_for_ready(entry['health'])
        self.assertEqual(ask(entry['health']), (200, 'ok\n'))
        self.assertEqual(json.loads(json.dumps(entry))['pid'], tool.pid)


if __name__ == '__main__':
    unittest.main()
