#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-daemons.py PROCESS-GLIB [OPTIONS OF UNITTEST]

Runs `process-glib daemons` as a user does: through pipes and terminals. Everything waits for an
event, at most until the deadline.
"""

import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import sys
import threading
import unittest

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from daemon_util import (DEADLINE, SIGPIPE_CODE, SLEEPER, TestCase, get_boot_id, get_start_ticks,
                         get_time)
from screen import Screen

HOSTILE = 'a\x1b[31m\x9b5mred\r\n\x07\x7f\u202e'
CONTROLS = '[\x00-\x1f\x7f-\x9f\u202e]'
SICK = 503, 'unhealthy: disk: it is full\n'


class DaemonsCase(TestCase):
    def list(self, *args):
        out, err, code = self.run_tool('daemons', '--registry', self.registry, *args)
        self.assertEqual((err, code), ('', 0))
        return out

    def list_json(self):
        out = self.list('--json')
        self.assertEqual(out.count('\n'), 1)
        return json.loads(out)

    def list_rows(self):
        """The cells of each line."""
        return [line.split() for line in self.list().splitlines()]

    def start_silent_server(self):
        """Never answers."""
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        return '127.0.0.1:%d' % listener.getsockname()[1]


class Once(DaemonsCase):
    def test_nothing(self):
        for _ in range(2):
            self.assertEqual(self.list(), 'CODE  DAEMON  PID  HEALTH  UPTIME  PROJECT\n')
            self.assertEqual(self.list('--json'), '[]\n')
            os.makedirs(self.registry, exist_ok=True)

    def test_table(self):
        pid = os.getpid()
        self.write_entry(pid, daemon='one', health=self.start_server().address, project='/srv',
                         started=get_time(-4))
        self.write_entry(pid, daemon='two', health=self.start_server(*SICK).address,
                         started=get_time(-3))
        self.write_entry(pid, daemon='three', health=self.start_silent_server(),
                         started=get_time(-2))
        self.write_entry(pid, daemon='four', project='/a b', started=get_time(-1))
        lines = self.list().splitlines()
        self.assertEqual([len(line) for line in lines[:1]], [lines[0].index('PROJECT') + 7])
        self.assertEqual(lines[0].split(),
                         ['CODE', 'DAEMON', 'PID', 'HEALTH', 'UPTIME', 'PROJECT'])
        for line, pattern in zip(lines[1:], (
                r'^code  one     +%d  ok  +\d+ s  /srv$', r'^code  two     +%d  %s  +\d+ s  -$',
                r'^code  three   +%d  no answer  +\d+ s  -$',
                r'^code  four    +%d  -  +\d+ s  /a b$')):
            wanted = (pid, 'unhealthy: disk: it is full') if pattern.count('%') == 2 else pid
            self.assertRegex(line, pattern % wanted)
        self.assertEqual(len({line.index(' s  ') for line in lines[1:]}), 1)
        self.assertEqual(len(lines), 5)

    def test_uptime(self):
        started = {'a': -5, 'b': -3 * 60 - 5, 'c': -2 * 3600 - 61, 'd': -3 * 86400 - 4 * 3600 - 1,
                   'e': 1000}
        for daemon, seconds in started.items():
            self.write_entry(os.getpid(), daemon=daemon, started=get_time(seconds))
        self.write_entry(os.getpid(), daemon='f', started='0001-01-01T00:00:00Z')
        rows = {row[1]: ' '.join(row[4:-1]) for row in self.list_rows()[1:]}
        self.assertRegex(rows['a'], r'^\d+ s$')
        self.assertRegex(rows['b'], r'^3:\d\d min$')
        self.assertEqual(rows['c'], '2:01 h')
        self.assertEqual(rows['d'], '3 d 4 h')
        self.assertEqual(rows['e'], '0 s')
        self.assertEqual(rows['f'], '-')

    def test_json(self):
        pid = os.getpid()
        server = self.start_server(*SICK)
        keys = {'health': server.address, 'project': '/srv', 'binary': 'server',
                'started': '2026-01-02T03:04:05.678901Z', 'startTicks': get_start_ticks(pid),
                'bootId': get_boot_id()}
        self.write_entry(pid, **keys)
        self.write_entry(pid, code='other', started='2026-01-02T03:04:06Z')
        self.assertEqual(self.list_json(), [
            {'code': 'code', 'daemon': 'daemon', 'pid': pid, **keys,
             'healthStatus': 'unhealthy: disk: it is full'},
            {'code': 'other', 'daemon': 'daemon', 'pid': pid, 'started': '2026-01-02T03:04:06Z',
             'healthStatus': '-'}])

    def test_health(self):
        free = socket.create_server(('127.0.0.1', 0))
        refusing = '127.0.0.1:%d' % free.getsockname()[1]
        free.close()
        cases = {
            'a': (self.start_server().address, 'ok'),
            'b': (self.start_server(503, '').address, 'unhealthy: answered 503'),
            'c': (self.start_server(404, 'Not found\n').address, 'unhealthy: Not found'),
            'd': (self.start_server(503, 'unhealthy: x: a: “b”\n').address,
                  'unhealthy: x: a: “b”'),
            'e': (refusing, 'no answer'),
            'f': ('no address', 'no answer'),
            'g': ('unix:' + self.path('missing'), 'no answer'),
        }
        for daemon, (address, _) in cases.items():
            self.write_entry(os.getpid(), daemon=daemon, health=address)
        self.assertEqual({each['daemon']: each['healthStatus'] for each in self.list_json()},
                         {daemon: status for daemon, (_, status) in cases.items()})

    def test_side_by_side(self):
        """No server answers before all have been asked."""
        n_servers = 50
        barrier = threading.Barrier(n_servers)

        def answer(listener):
            connection, _ = listener.accept()
            with connection, contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(DEADLINE)
                connection.recv(65536)
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')

        listeners = [socket.create_server(('127.0.0.1', 0)) for _ in range(n_servers)]
        threads = [threading.Thread(target=answer, args=[each]) for each in listeners]
        for i, (listener, thread) in enumerate(zip(listeners, threads)):
            self.addCleanup(listener.close)
            self.write_entry(os.getpid(), daemon=str(i),
                             health='127.0.0.1:%d' % listener.getsockname()[1])
            thread.start()
        self.assertEqual([each['healthStatus'] for each in self.list_json()], ['ok'] * n_servers)
        for thread in threads:
            thread.join()

    def test_many(self):
        """More than are asked at once."""
        server = self.start_server()
        for i in range(600):
            self.write_entry(os.getpid(), daemon=str(i), health=server.address)
        found = [each['healthStatus'] for each in self.list_json()]
        self.assertEqual(len(found), 600)
        # A busy machine may be too slow for some.
        self.assertLessEqual(set(found), {'ok', 'no answer'})
        self.assertIn('ok', found)

    def test_dead(self):
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid)
        self.assertEqual(len(self.list_json()), 1)
        process.kill()
        process.wait()
        self.assertEqual(self.list_json(), [])

    def test_default_registry(self):
        self.registry = self.path('.core/daemons')
        self.write_entry(os.getpid())
        out, err, code = self.run_tool('daemons', '--json',
                                       env={**os.environ, 'HOME': self.folder})
        self.assertEqual((err, code), ('', 0))
        self.assertEqual(json.loads(out)[0]['pid'], os.getpid())

    def test_hostile(self):
        server = self.start_server(503, 'unhealthy: ' + HOSTILE.replace('\r\n', '\t'))
        self.write_entry(os.getpid(), code='x' + HOSTILE.replace('/', ''), daemon=HOSTILE,
                         health=server.address, project=HOSTILE, binary=HOSTILE)
        for path in pathlib.Path(self.registry).iterdir():
            path.rename(pathlib.Path(self.registry, 'hostile.json'))
        out = self.list()
        self.assertEqual(out.count('\n'), 2)
        self.assertNotRegex(out.replace('\n', ''), CONTROLS)
        out = self.list('--json')
        self.assertNotRegex(out[:-1], CONTROLS)
        entry, = json.loads(out)
        self.assertEqual((entry['daemon'], entry['binary']), (HOSTILE, HOSTILE))

    def test_long(self):
        server = self.start_server(503, 'unhealthy: ' + 'y' * 300)
        self.write_entry(os.getpid(), code='c' * 100, health=server.address, project='p' * 300)
        line = self.list().splitlines()[1]
        self.assertRegex(line, r'^c{31}…  daemon  .* unhealthy: y{36}…  .* p{300}$')

    def test_failure(self):
        pathlib.Path(self.registry).touch()
        for args in [], ['--json'], ['--watch']:
            out, err, code = self.run_tool('daemons', '--registry', self.registry, *args)
            self.assertEqual((out, code), ('', 125))
            self.assertIn(self.registry, err)

    def test_usage(self):
        for args in ['x'], ['--no-such-option'], ['--registry'], ['--', '--json']:
            with self.subTest(args):
                self.assertRefused('daemons', *args)

    def test_help(self):
        for option in '--help', '-h':
            out, err, code = self.run_tool('daemons', option)
            self.assertEqual((err, code), ('', 0))
            self.assertIn('process-glib daemons', out)

    def test_full_disk(self):
        for args in [], ['--json'], ['--watch']:
            with open('/dev/full', 'wb') as full:
                _, err, code = self.run_on(full, *args)
            self.assertEqual(code, 125)
            self.assertIn(b'Cannot write', err)

    def run_on(self, file, *args):
        tool = self.start_tool('daemons', '--registry', self.registry, *args, stdout=file)
        out, err = tool.communicate(timeout=DEADLINE)
        return out, err, tool.returncode


class Watch(DaemonsCase):
    def start_watch(self, *args):
        return self.start_tool('daemons', '--watch', '--registry', self.registry, *args,
                               bufsize=0)

    @staticmethod
    def read_entries_of(tool):
        return {each['daemon']: each['healthStatus'] for each in json.loads(tool.stdout.readline())}

    def test_json(self):
        """A line when something has changed, which includes a folder that comes."""
        tool = self.start_watch('--json')
        self.assertEqual(self.read_entries_of(tool), {})
        server = self.start_server()
        self.write_entry(os.getpid(), daemon='one', health=server.address)
        self.assertEqual(self.read_entries_of(tool), {'one': 'ok'})
        path = self.write_entry(os.getpid(), daemon='two', started=get_time(1))
        self.assertEqual(self.read_entries_of(tool), {'one': 'ok', 'two': '-'})
        server.answer = SICK
        self.assertEqual(self.read_entries_of(tool),
                         {'one': 'unhealthy: disk: it is full', 'two': '-'})
        path.unlink()
        self.assertEqual(self.read_entries_of(tool), {'one': 'unhealthy: disk: it is full'})

    def test_no_change(self):
        """It asks again, but says nothing."""
        server = self.start_server()
        self.write_entry(os.getpid(), health=server.address)
        for args in [], ['--json']:
            with self.subTest(args):
                tool = self.start_watch(*args)
                n_lines = 1 if args else 2
                for _ in range(n_lines):
                    self.assertNotEqual(tool.stdout.readline(), b'')
                n_asked = server.n_asked
                self.wait_for(lambda: server.n_asked >= n_asked + 2)
                self.assertFalse(select.select([tool.stdout], [], [], 0)[0])

    def test_table(self):
        tool = self.start_watch()
        title = tool.stdout.readline()
        self.assertTrue(title.startswith(b'CODE  DAEMON  PID'))
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid)
        self.assertEqual(tool.stdout.readline(), b'\n')
        self.assertTrue(tool.stdout.readline().startswith(b'CODE'))
        self.assertRegex(tool.stdout.readline(), rb'^code  daemon  +%d  -' % process.pid)
        process.kill()
        process.wait()
        self.assertEqual(tool.stdout.readline(), b'\n')
        self.assertEqual(tool.stdout.readline(), title)

    def test_ends(self):
        for signum in signal.SIGTERM, signal.SIGINT:
            tool = self.start_watch()
            tool.stdout.readline()
            tool.send_signal(signum)
            self.assertEqual(tool.wait(DEADLINE), -signum)

    def test_reader_goes(self):
        """Noticed without anything to write."""
        for args in [], ['--json']:
            tool = self.start_watch(*args)
            tool.stdout.readline()
            tool.stdout.close()
            self.assertEqual(tool.wait(DEADLINE), SIGPIPE_CODE)
            self.assertEqual(tool.stderr.read(), b'')

    def test_socket_goes(self):
        ours, theirs = socket.socketpair()
        with ours:
            tool = self.start_tool('daemons', '--watch', '--registry', self.registry,
                                   stdout=theirs)
            theirs.close()
            ours.recv(1)
        self.assertEqual(tool.wait(DEADLINE), SIGPIPE_CODE)


class Terminal(DaemonsCase):
    def read(self, until=None):
        """What comes up to @until, or to the end."""
        data = b''
        while until is None or until not in data.decode(errors='ignore'):
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                break
            if not chunk:
                break
            data += chunk
        return data.decode()

    def start_list(self, *args, **kwargs):
        return self.start_on_terminal('daemons', '--registry', self.registry, *args, **kwargs)

    def test_colours(self):
        self.write_entry(os.getpid(), daemon='one', health=self.start_server().address)
        self.write_entry(os.getpid(), daemon='two', health=self.start_server(*SICK).address)
        tool = self.start_list()
        written = self.read()
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertRegex(written, '\x1b\\[32mok +\x1b')
        self.assertRegex(written, '\x1b\\[31munhealthy: ')
        tool = self.start_list(NO_COLOR='1')
        self.assertNotIn('\x1b', self.read())
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_watch(self):
        """Each table is in the place of the last one."""
        screen = Screen(80, 24)
        tool = self.start_list('--watch')
        screen.feed(self.read('\x1b[J'))
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid, project='/srv')
        written = self.read('/srv')
        screen.feed(written + self.read('\x1b[J'))
        self.assertRegex(screen.text(), r'^CODE .*PROJECT\ncode  daemon  +%d  - .*/srv\n\Z'
                         % process.pid)
        process.kill()
        process.wait()
        screen.feed(self.read('\x1b[J'))
        while 'srv' in screen.text():
            screen.feed(self.read('\x1b[J'))
        self.assertRegex(screen.text(), r'^CODE .*PROJECT\n\Z')
        os.write(self.master, b'\x03')
        self.assertEqual(tool.wait(DEADLINE), -signal.SIGINT)

    def test_small(self):
        for i in range(9):
            self.write_entry(os.getpid(), code='a-long-code-%d' % i, project='/a/long/path',
                             daemon='a-long-daemon')
        screen = Screen(40, 6)
        tool = self.start_list('--watch', columns=40, lines=6)
        written = self.read('and 6 more')
        screen.feed(written + self.read('\x1b[J'))
        self.assertFalse(screen.overflowed)
        self.assertLessEqual(len(screen.lines), 6)
        tool.kill()

    def test_suspended(self):
        """What was written meanwhile stays."""
        tool = self.start_list('--watch')
        self.read('\x1b[J')
        tool.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, tool.pid, os.WSTOPPED)
        while select.select([self.master], [], [], 0)[0]:
            os.read(self.master, 65536)
        tool.send_signal(signal.SIGCONT)
        written = self.read('\x1b[J')
        self.assertIn('CODE', written)
        self.assertNotRegex(written, r'\x1b\[\d*A')
        self.assertRegex(self.read('\x1b[J'), r'\x1b\[1A')

    def test_gone(self):
        tool = self.start_list('--watch')
        self.read('\x1b[J')
        self.close_terminal()
        self.assertEqual(tool.wait(DEADLINE), -signal.SIGHUP)


if __name__ == '__main__':
    unittest.main()
