# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of the commands about daemons share.

The first argument of such a test is the tool.
"""

import contextlib
import ctypes
import datetime
import errno
import fcntl
import http.client
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

from follower import DEADLINE, Follower

# A shell has them ignored in what it runs in the background, and the tool would pass that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOOL = os.path.abspath(sys.argv.pop(1))
SIGPIPE_CODE = 128 + signal.SIGPIPE

# Each says who it is first.
SLEEPER = ['sh', '-c', 'echo $$; exec sleep 1000']
STUBBORN = ['sh', '-c', "trap '' TERM; echo $$; while :; do sleep 0.1; done"]


def become_old():
    """Takes pidfds away from this process, as if the kernel were older than 5.1."""
    load_number, jump_if, give = 0x20, 0x15, 0x06
    calls = 424, 434  # pidfd_send_signal and pidfd_open
    steps = [(load_number, 0, 0, 0)]
    for left, call in zip((1, 0), calls):
        steps.append((jump_if, left, 0 if left else 1, call))
    steps += [(give, 0, 0, 0x00050000 | errno.ENOSYS), (give, 0, 0, 0x7fff0000)]
    code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *step) for step in steps))
    program = struct.pack('@HP', len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, program) != 0:
        os._exit(77)


def get_start_ticks(pid):
    stat = pathlib.Path('/proc/%d/stat' % pid).read_text(encoding='utf-8', errors='replace')
    return int(stat.rpartition(')')[2].split()[19])


def get_boot_id():
    return pathlib.Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()


def get_time(seconds=0):
    """That of the Go package, @seconds from now."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.isoformat().replace('+00:00', '000Z')


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=DEADLINE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


def ask(address, path='/health'):
    """The status and the text of an answer."""
    if address.startswith('unix:'):
        connection = UnixConnection(address[5:])
    else:
        connection = http.client.HTTPConnection(address, timeout=DEADLINE)
    with contextlib.closing(connection):
        connection.request('GET', path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class HealthServer:
    """Answers every question, one after the other, with `answer`."""

    def __init__(self, status=200, text='ok\n'):
        self.answer = status, text
        self.n_asked = 0
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=1000)
        self.address = '127.0.0.1:%d' % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(ConnectionError):
                connection.settimeout(DEADLINE)
                connection.recv(65536)
                status, text = self.answer
                connection.sendall(b'HTTP/1.1 %d \r\nContent-Length: %d\r\n'
                                   b'Connection: close\r\n\r\n%s'
                                   % (status, len(text.encode()), text.encode()))
            self.n_asked += 1

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


class TestCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='process-glib-tool-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.master = None
        self.registry = self.path('registry')
        self.pid_file = self.path('pid')
        self.health = 'unix:' + self.path('health')

    def path(self, name):
        return os.path.join(self.folder, name)

    def start_tool(self, *args, **kwargs):
        for stream in 'stdin', 'stdout', 'stderr':
            kwargs.setdefault(stream, subprocess.PIPE)
        tool = subprocess.Popen([TOOL, *args], **kwargs)
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

    def run_tool(self, *args, **kwargs):
        """What it printed and its exit code."""
        tool = self.start_tool(*args, **kwargs)
        out, err = tool.communicate(timeout=DEADLINE)
        return out.decode(), err.decode(), tool.returncode

    def start_on_terminal(self, *args, columns=80, lines=24, **environ):
        self.master, slave = pty.openpty()
        self.addCleanup(self.close_terminal)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))
        env = {**os.environ, 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **environ}
        if 'NO_COLOR' not in environ:
            env.pop('NO_COLOR', None)
        tool = self.start_tool(*args, stdin=slave, stdout=slave, stderr=slave, env=env,
                               start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        return tool

    def close_terminal(self):
        if self.master is not None:
            os.close(self.master)
            self.master = None

    def start_daemon(self, *args, name='code/daemon', options=(), **kwargs):
        """The daemon that runs @args, with all that it can have."""
        return self.start_tool('daemon', '--name', name, '--registry', self.registry,
                               '--pid-file', self.pid_file, '--health', self.health, *options,
                               '--', *args, **kwargs)

    def start_process(self, *args):
        """A process of our own, when it has said who it is."""
        process = subprocess.Popen(args, stdout=subprocess.PIPE)
        self.addCleanup(self.finish_process, process)
        process.stdout.readline()
        return process

    @staticmethod
    def finish_process(process):
        process.kill()
        process.wait()
        process.stdout.close()

    def follow(self, pid):
        follower = Follower(pid)
        self.addCleanup(follower.close)
        return follower

    def follow_line(self, stream):
        return self.follow(int(stream.readline()))

    def start_server(self, *args):
        server = HealthServer(*args)
        self.addCleanup(server.close)
        return server

    def write_entry(self, pid, code='code', daemon='daemon', **keys):
        """As the Go package does, if @keys says nothing else."""
        os.makedirs(self.registry, 0o700, exist_ok=True)
        entry = {'code': code, 'daemon': daemon, 'pid': pid, 'started': get_time(), **keys}
        name = '%s-%s.json' % (code.replace('/', '-'), daemon.replace('/', '-'))
        path = pathlib.Path(self.registry, name)
        part = path.with_suffix('.part')
        part.write_text(json.dumps(entry), encoding='utf-8')
        part.rename(path)
        return path

    def read_entries(self):
        """All files that look like one."""
        return [json.loads(path.read_text(encoding='utf-8'))
                for path in sorted(pathlib.Path(self.registry).glob('*.json'))]

    def wait_for(self, test):
        end = time.monotonic() + DEADLINE
        while not test():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.001)

    def wait_for_ready(self, health=None):
        """Until the daemon answers, and says so."""
        def is_ready():
            with contextlib.suppress(OSError):
                return ask(health or self.health, '/ready') == (200, 'ready\n')
            return False
        self.wait_for(is_ready)

    def assertEnds(self, follower):
        self.assertTrue(follower.has_ended(), 'process %d still runs' % follower.pid)

    def assertRuns(self, follower):
        self.assertFalse(follower.has_ended(0))

    def assertNothingLeft(self):
        self.assertEqual(self.read_entries(), [])
        self.assertFalse(os.path.lexists(self.pid_file))
        self.assertFalse(os.path.lexists(self.health[5:]))

    def assertRefused(self, *args):
        """A wrong command line."""
        out, err, code = self.run_tool(*args)
        self.assertEqual((out, code), ('', 125), err)
        self.assertTrue(err.startswith('process-glib: '), err)
        self.assertIn('--help', err)
        return err
