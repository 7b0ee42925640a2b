#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""PID files, and the daemon that uses one, a health server and a registry.

usage: test_daemons.py [plain] [unittest's arguments]
"""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
import threading
import weakref

from daemons import DaemonCase, fetch, finish, later
from support import SECOND, Events, GLib, Process, is_alive, main, wait_until
from gi.repository import Gio

IMPORTS = """
import gi, os, sys
gi.require_version('Process', '1')
from gi.repository import Gio, GLib, Process
"""


class Child:
    """A Python program with the library, which prints a line when it is up."""

    def __init__(self, code, args=(), env=()):
        self.process = Process.Service().start_with_options(Process.RunOptions(
            command=sys.executable, args=['-c', IMPORTS + code, *args], env=list(env)), None)
        self.events = Events().listen(self.process, 'output', 'exited')
        assert wait_until(lambda: self.events), 'the deadline passed'
        assert self.events[0][0] == 'output', self.events

    @property
    def lines(self):
        return [line for line, stream in self.events.of('output')]

    def signal(self, signum):
        self.process.send_signal(signum)

    def wait(self):
        """Its exit code, once all that it printed is there."""
        assert wait_until(lambda: self.events.of('exited')), 'the deadline passed'
        return self.events.of('exited')[0][0]


class PidFiles(DaemonCase):
    HOLDER = """
pid_file = Process.PidFile.new(sys.argv[1])
pid_file.acquire()
print('held', flush=True)
sys.stdin.read()
pid_file.release()
"""

    def test_constructors(self):
        for pid_file in (Process.PidFile.new('/run/x'), Process.PidFile(path='/run/x')):
            self.assertEqual(pid_file.get_path(), '/run/x')
            self.assertEqual(pid_file.props.path, '/run/x')
        self.assertIsNone(Process.PidFile().get_path())
        with self.fails(Process.Error.INVALID_ARGUMENT):
            Process.PidFile().acquire()

    def test_life(self):
        path = self.temporary() / 'made' / 'too' / 'pid'
        pid_file, other = (Process.PidFile(path=str(path)) for _ in range(2))
        self.assertIs(pid_file.release(), True)
        for _ in range(2):
            self.assertIs(pid_file.acquire(), True)
            self.assertEqual(path.read_text(), f'{os.getpid()}\n')
            self.assertEqual(tuple(Process.PidFile.read(str(path))), (True, os.getpid()))
            for each in (pid_file, other):
                with self.fails(Process.Error.ALREADY_RUNNING, message=str(os.getpid())):
                    each.acquire()
            self.assertIs(other.release(), True, 'it is not its own')
            self.assertTrue(path.exists())
            self.assertIs(pid_file.release(), True)
            self.assertFalse(path.exists())
            self.assertEqual(tuple(Process.PidFile.read(str(path))), (False, 0))

    def test_parts_of_what_is_read(self):
        path = self.temporary() / 'pid'
        path.write_text(f' {os.getpid()} \n')
        result = Process.PidFile.read(str(path))
        self.assertEqual((result[0], result.pid), (True, os.getpid()))

    def test_held_by_another(self):
        path = self.temporary() / 'pid'
        holder = Child(self.HOLDER, [str(path)])
        pid = holder.process.get_pid()
        self.assertEqual(tuple(Process.PidFile.read(str(path))), (True, pid))
        pid_file = Process.PidFile.new(str(path))
        with self.fails(Process.Error.ALREADY_RUNNING, message=str(pid)):
            pid_file.acquire()
        holder.process.close_stdin()
        self.assertEqual(holder.wait(), 0)
        self.assertTrue(pid_file.acquire())
        self.assertTrue(pid_file.release())

    def test_left_by_a_crash(self):
        path = self.temporary() / 'pid'
        holder = Child(self.HOLDER, [str(path)])
        holder.signal(signal.SIGKILL)
        holder.wait()
        self.assertEqual(tuple(Process.PidFile.read(str(path))),
                         (False, holder.process.get_pid()))
        with_it = Process.PidFile.new(str(path))
        self.assertTrue(with_it.acquire())
        self.assertEqual(path.read_text(), f'{os.getpid()}\n')
        self.assertTrue(with_it.release())

    def test_of_programs_that_lock_nothing(self):
        path = self.temporary() / 'pid'
        process = Process.Service().start('cat', [], None)
        path.write_text(f'{process.get_pid()}')
        pid_file = Process.PidFile.new(str(path))
        with self.fails(Process.Error.ALREADY_RUNNING, message=str(process.get_pid())):
            pid_file.acquire()
        self.assertEqual(path.read_text(), f'{process.get_pid()}')
        process.kill()
        self.wait_end(process)
        for content in (None, '', 'garbage', '-1', '0', '99999999999', '\0'):
            if content is not None:
                path.write_text(content)
                self.assertEqual(tuple(Process.PidFile.read(str(path))), (False, 0))
            self.assertTrue(pid_file.acquire())
            self.assertTrue(pid_file.release())

    def test_what_is_no_file(self):
        folder = self.temporary()
        (folder / 'target').write_text('mine')
        (folder / 'link').symlink_to('target')
        (folder / 'folder').mkdir()
        os.mkfifo(folder / 'fifo')
        for name in ('link', 'folder', 'fifo', 'target/pid'):
            with self.subTest(name=name):
                with self.assertRaises(GLib.Error) as caught:
                    Process.PidFile.new(str(folder / name)).acquire()
                self.assertEqual(caught.exception.domain, 'g-io-error-quark')
                self.assertIn(name, caught.exception.message)
                self.assertEqual(tuple(Process.PidFile.read(str(folder / name))), (False, 0))
        for path in ('', str(folder) + '/'):
            with self.fails(Process.Error.INVALID_ARGUMENT):
                Process.PidFile.new(path).acquire()
        self.assertEqual((folder / 'target').read_text(), 'mine')
        self.assertTrue((folder / 'link').is_symlink())

    def test_files_of_any_name(self):
        path = os.fsencode(self.temporary()) + b'/\xff\n'
        pid_file = Process.PidFile.new(os.fsdecode(path))
        self.assertTrue(pid_file.acquire())
        self.assertTrue(os.path.exists(path))
        self.assertEqual(pid_file.get_path(), os.fsdecode(path))
        self.assertEqual(Process.PidFile.read(os.fsdecode(path))[0], True)
        with self.fails(Process.Error.ALREADY_RUNNING, message='\ufffd'):
            Process.PidFile.new(os.fsdecode(path)).acquire()
        self.assertTrue(pid_file.release())

    def test_one_that_was_replaced(self):
        path = self.temporary() / 'pid'
        pid_file = Process.PidFile.new(str(path))
        pid_file.acquire()
        path.unlink()
        path.write_text('another')
        self.assertTrue(pid_file.release())
        self.assertEqual(path.read_text(), 'another')

    def test_programs_that_the_holder_starts(self):
        path = self.temporary() / 'pid'
        pid_file = Process.PidFile.new(str(path))
        pid_file.acquire()
        process = Process.Service().start('cat', [], None)
        pid_file.release()
        self.assertTrue(pid_file.acquire(), 'it is not held by the child')
        pid_file.release()
        process.kill()

    def test_many_at_once(self):
        path, winners = self.temporary() / 'pid', []
        files = [Process.PidFile.new(str(path)) for _ in range(30)]

        def race(pid_file):
            with contextlib.suppress(GLib.Error):
                pid_file.acquire()
                winners.append(pid_file)

        threads = [threading.Thread(target=race, args=[each]) for each in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(winners), 1)
        self.assertEqual(path.read_text(), f'{os.getpid()}\n')
        winners[0].release()

    def test_last_reference(self):
        path = self.temporary() / 'pid'
        pid_file = Process.PidFile.new(str(path))
        pid_file.acquire()
        del pid_file
        gc.collect()
        self.assertFalse(path.exists())


class Daemons(DaemonCase):
    def make(self, **properties):
        """A daemon with everything, and its folder."""
        folder = self.temporary()
        properties = dict({
            'pid_file': str(folder / 'run' / 'pid'), 'health_address': '0',
            'registry': Process.Registry.new(str(folder / 'daemons')),
            'registry_entry': Process.DaemonEntry.new('app', 'worker'),
        }, **properties)
        return Process.Daemon(**properties), folder

    def assert_up(self, daemon, folder):
        self.assertTrue(daemon.get_running() and daemon.props.running)
        self.assertEqual((folder / 'run' / 'pid').read_text(), f'{os.getpid()}\n')
        self.assert_healthy(daemon.get_health_address())
        entry = daemon.get_registry().get('app', 'worker')
        self.assertEqual((entry.get_pid(), entry.get_health()),
                         (os.getpid(), daemon.get_health_address()))

    def assert_gone(self, daemon, folder, address=None):
        self.assertFalse(daemon.get_running() or daemon.props.running)
        self.assertFalse((folder / 'run' / 'pid').exists())
        self.assertEqual([*(folder / 'daemons').glob('*.json')], [])
        self.assertEqual(daemon.get_registry().list(), [])
        if address is not None:
            self.assert_down(address)

    def test_properties(self):
        daemon = Process.Daemon.new()
        self.assertEqual(
            [daemon.get_property(pspec.name) for pspec in Process.Daemon.list_properties()
             if pspec.name != 'shutdown-timeout'].count(None), 4)
        self.assertEqual((daemon.get_shutdown_timeout(), daemon.get_ready(),
                          daemon.get_running()), (30 * SECOND, True, False))
        values = {'pid_file': '/x', 'health_address': '1', 'shutdown_timeout': 5,
                  'registry': Process.Registry.new('/y'), 'ready': False,
                  'registry_entry': Process.DaemonEntry.new('a', 'b')}
        notified = Events().listen(daemon, *(
            'notify::' + name.replace('_', '-') for name in values))
        for _ in range(2):
            for name, value in values.items():
                getattr(daemon, 'set_' + name)(value)
        self.assertEqual(len(notified), len(values))
        for name, value in values.items():
            self.assertEqual(getattr(daemon, 'get_' + name)(), value)
            self.assertEqual(getattr(daemon.props, name), value)
        for name in ('pid_file', 'health_address', 'registry', 'registry_entry'):
            setattr(daemon.props, name, None)
            self.assertIsNone(getattr(daemon, 'get_' + name)())
        daemon.set_shutdown_timeout(0)
        self.assertEqual(daemon.get_shutdown_timeout(), 30 * SECOND)
        with self.assertRaises(TypeError):
            daemon.props.running = True
        again = Process.Daemon(**dict(values, ready=True))
        self.assertIs(again.get_registry(), values['registry'])
        self.assertIs(again.get_registry_entry(), values['registry_entry'])

    def test_start_and_stop(self):
        daemon, folder = self.make()
        notified = Events().listen(daemon, 'notify::running', 'notify::health-address',
                                   'notify::ready')
        self.assertIs(daemon.start(), True)
        address = daemon.get_health_address()
        self.assertRegex(address, r'^127\.0\.0\.1:\d+$')
        self.assert_up(daemon, folder)
        self.assertEqual(sorted(notified.names()), ['notify::health-address', 'notify::running'])
        self.assertEqual(daemon.get_registry_entry().get_pid(), 0, 'it is as it was')
        with self.fails(Process.Error.ALREADY_RUNNING):
            daemon.start()
        self.assert_up(daemon, folder)
        self.assertIs(daemon.stop(), True)
        self.assert_gone(daemon, folder, address)
        self.assertEqual(daemon.get_health_address(), '0')
        self.assertFalse(daemon.get_ready())
        self.assertIs(daemon.stop(), True, 'it has stopped already')
        self.assertEqual(notified.names().count('notify::running'), 2)

    def test_entry(self):
        daemon, _folder = self.make()
        daemon.start()
        entry = daemon.get_registry().get('app', 'worker')
        self.assertEqual(entry.get_project(), os.getcwd())
        self.assertEqual(os.path.realpath(entry.get_binary()), os.path.realpath(sys.executable))
        self.assertIsNotNone(entry.get_started())
        daemon.stop()
        daemon.set_registry_entry(Process.DaemonEntry(code='app', daemon='other', project='p',
                                                      binary='b', pid=1))
        daemon.start()
        entry = daemon.get_registry().get('app', 'other')
        self.assertEqual((entry.get_project(), entry.get_binary(), entry.get_pid()),
                         ('p', 'b', os.getpid()))
        daemon.stop()

    def test_starts_again(self):
        daemon, folder = self.make()
        for _ in range(3):
            daemon.start()
            self.assertTrue(daemon.get_ready())
            self.assert_up(daemon, folder)
            address = daemon.get_health_address()
            daemon.stop()
            self.assert_gone(daemon, folder, address)

    def test_with_nothing(self):
        daemon = Process.Daemon()
        self.assertTrue(daemon.start())
        self.assertTrue(daemon.get_running())
        self.assertIsNone(daemon.get_health_address())
        self.assertTrue(daemon.stop())

    def test_failing_starts(self):
        with contextlib.closing(socket.create_server(('127.0.0.1', 0))) as taken:
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            daemon, folder = self.make(health_address=address)
            with self.fails(Gio.IOErrorEnum.ADDRESS_IN_USE, Gio.io_error_quark(), address):
                daemon.start()
            self.assert_gone(daemon, folder)
        daemon.set_health_address('nonsense')
        with self.fails(Process.Error.INVALID_ARGUMENT, message='“nonsense”'):
            daemon.start()
        self.assert_gone(daemon, folder)
        daemon.set_health_address('0')
        entry = daemon.get_registry_entry()
        daemon.set_registry_entry(None)
        with self.fails(Process.Error.INVALID_ARGUMENT):
            daemon.start()
        self.assert_gone(daemon, folder)
        daemon.set_registry_entry(entry)
        (folder / 'daemons').write_text('in the way')
        with self.fails(Gio.IOErrorEnum.NOT_DIRECTORY, Gio.io_error_quark()):
            daemon.start()
        self.assertFalse((folder / 'run' / 'pid').exists())
        (folder / 'daemons').unlink()
        daemon.start()
        self.assert_up(daemon, folder)
        daemon.stop()

    def test_one_instance(self):
        daemon, folder = self.make()
        daemon.start()
        second = Process.Daemon(pid_file=daemon.get_pid_file(), health_address='0')
        with self.fails(Process.Error.ALREADY_RUNNING, message=str(os.getpid())):
            second.start()
        self.assertEqual(second.get_health_address(), '0')
        self.assert_up(daemon, folder)
        daemon.stop()
        second.start()
        second.stop()

    def test_ready(self):
        daemon, _folder = self.make()
        notified = Events().listen(daemon, 'notify::ready')
        daemon.set_ready(False)
        daemon.start()
        address = daemon.get_health_address()
        self.assertEqual(self.ask(address, '/ready'), (503, 'not ready\n'))
        daemon.props.ready = True
        self.assertEqual(self.ask(address, '/ready'), (200, 'ready\n'))
        self.assertEqual(len(notified), 2)
        daemon.stop()
        self.assertFalse(daemon.get_ready())
        self.assertEqual(len(notified), 3)

    def test_checks(self):
        daemon, _folder = self.make()
        healthy = []

        def check():
            if not healthy:
                raise GLib.Error('not yet')
            return True

        check_id = daemon.add_health_check('a', check)
        self.assertGreater(check_id, 0)
        later_id = daemon.add_async_health_check(
            'b', lambda _server, task: later(task.return_boolean, True), 20 * SECOND)
        for add in (lambda name: daemon.add_health_check(name, check),
                    lambda name: daemon.add_async_health_check(name, lambda *_: None, 0)):
            for name in ('', 'a', 'b'):
                with self.fails(Process.Error.INVALID_ARGUMENT):
                    add(name)
        for _ in range(2):
            healthy.clear()
            daemon.start()
            address = daemon.get_health_address()
            self.assertEqual(self.ask(address), (503, 'unhealthy: a: not yet\n'))
            healthy.append(True)
            self.assertEqual(self.ask(address, '/health?verbose'),
                             (200, '[+]a ok\n[+]b ok\nok\n'))
            daemon.stop()
        daemon.remove_health_check(check_id)
        daemon.start()
        thrower = daemon.add_health_check('a', lambda: 1 // 0)
        address = daemon.get_health_address()
        self.assertEqual(self.ask(address)[0], 503)
        self.assertEqual(self.exceptions, [ZeroDivisionError])
        daemon.remove_health_check(thrower)
        self.assertEqual(self.ask(address, '/health?verbose'), (200, '[+]b ok\nok\n'))
        daemon.remove_health_check(later_id)
        daemon.remove_health_check(later_id)
        daemon.stop()

    def test_run_needs_a_start(self):
        daemon, _folder = self.make()
        with self.fails(Process.Error.NOT_RUNNING):
            daemon.run(None)
        with self.fails(Process.Error.NOT_RUNNING):
            finish(daemon, 'run', None)

    def test_run_until_cancelled(self):
        daemon, folder = self.make()
        for perform in (lambda cancellable: daemon.run(cancellable),
                        lambda cancellable: finish(daemon, 'run', cancellable)):
            for wait in (True, False):
                cancellable = Gio.Cancellable()
                daemon.start()
                address = daemon.get_health_address()
                if wait:
                    later(cancellable.cancel)
                else:
                    cancellable.cancel()
                self.assertIs(perform(cancellable), True)
                self.assert_gone(daemon, folder, address)

    def test_run_is_the_main_loop(self):
        daemon, _folder = self.make()
        daemon.start()
        address, answers = daemon.get_health_address(), []
        cancellable = Gio.Cancellable()

        def body():
            answers.append(fetch(address))
            cancellable.cancel()

        thread = threading.Thread(target=body)
        thread.start()
        self.assertTrue(daemon.run(cancellable))
        thread.join()
        self.assertEqual(answers, [(200, 'ok\n')])

    def test_run_ends_with_a_stop(self):
        daemon, folder = self.make()
        daemon.start()
        ended = []
        daemon.run_async(None, lambda source, result: ended.append(source.run_finish(result)))
        with self.fails(Process.Error.ALREADY_RUNNING):
            finish(daemon, 'run', None)
        daemon.stop()
        self.wait(lambda: ended)
        self.assertEqual(ended, [True])
        self.assert_gone(daemon, folder)

    def test_run_until_a_signal(self):
        """The handlers of before are back afterwards."""
        def handled():
            with open('/proc/self/status', encoding='ascii') as file:
                line = next(line for line in file if line.startswith('SigCgt'))
            bits = int(line.split()[1], 16)
            return [bool(bits >> (each - 1) & 1) for each in (signal.SIGTERM, signal.SIGINT)]

        before = handled()
        for signum in (signal.SIGTERM, signal.SIGINT):
            daemon, folder = self.make()
            daemon.start()
            later(os.kill, os.getpid(), signum)
            self.assertTrue(finish(daemon, 'run', None))
            self.assert_gone(daemon, folder)
            self.assertEqual(handled(), before)

    def test_run_in_another_thread(self):
        daemon, folder = self.make()
        daemon.start()
        cancellable = Gio.Cancellable()
        later(cancellable.cancel)
        self.assertTrue(self.in_thread(lambda: daemon.run(cancellable)))
        self.assert_gone(daemon, folder)

    def test_stop_lets_answers_finish(self):
        daemon, folder = self.make()
        tasks, answers, ended = [], [], []
        check_id = daemon.add_async_health_check(
            'a', lambda _server, task: tasks.append(task), 20 * SECOND)
        daemon.start()
        address = daemon.get_health_address()
        thread = threading.Thread(target=lambda: answers.append(fetch(address)))
        thread.start()
        self.wait(lambda: tasks)
        daemon.stop_async(None, lambda source, result: ended.append(source.stop_finish(result)))
        self.assertTrue(daemon.get_running(), 'until the stop has ended')
        self.assertFalse(daemon.get_ready())
        tasks.pop().return_boolean(True)
        self.wait(lambda: ended and answers)
        thread.join()
        self.assertEqual((ended, answers), ([True], [(200, 'ok\n')]))
        self.assert_gone(daemon, folder, address)
        daemon.remove_health_check(check_id)

    def test_stop_that_takes_too_long(self):
        daemon, folder = self.make(shutdown_timeout=SECOND // 20)
        tasks = []
        daemon.add_async_health_check('a', lambda _server, task: tasks.append(task), 20 * SECOND)
        daemon.start()
        address = daemon.get_health_address()

        def body():
            with contextlib.suppress(OSError):
                fetch(address)

        thread = threading.Thread(target=body)
        thread.start()
        self.wait(lambda: tasks)
        with self.fails(Process.Error.TIMED_OUT):
            daemon.stop()
        thread.join()
        tasks.clear()
        self.assert_gone(daemon, folder, address)

    def test_stop_leaves_what_is_not_its_own(self):
        daemon, folder = self.make()
        daemon.start()
        path = folder / 'daemons' / 'app-worker.json'
        path.write_text(json.dumps({'code': 'app', 'daemon': 'worker', 'pid': os.getppid()}))
        self.assertTrue(daemon.stop())
        self.assertEqual(daemon.get_registry().get('app', 'worker').get_pid(), os.getppid())

    def test_cancelled_stop_goes_on(self):
        daemon, folder = self.make()
        daemon.start()
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
            finish(daemon, 'stop', cancellable)
        self.wait(lambda: not daemon.get_running())
        self.assert_gone(daemon, folder)

    def test_last_reference(self):
        daemon, folder = self.make()
        registry = daemon.get_registry()
        daemon.start()
        address = daemon.get_health_address()
        del daemon
        gc.collect()
        self.assertFalse((folder / 'run' / 'pid').exists())
        self.assertEqual(registry.list(), [])
        self.assert_down(address)

    def test_collection(self):
        gone = []

        class Held:
            def check(self):
                return True

        def cycle():
            daemon, _folder = self.make()
            held = Held()
            ids = [daemon.add_health_check('a', held.check),
                   daemon.add_health_check('b', lambda: daemon.get_running()),
                   daemon.add_async_health_check('c', lambda _server, task:
                                                 task.return_boolean(daemon.get_running()), 0)]
            daemon.start()
            self.assert_healthy(daemon.get_health_address())
            daemon.stop()
            for check_id in ids:
                daemon.remove_health_check(check_id)
            weakref.finalize(held, gone.append, 'held')
            daemon.weak_ref(gone.append, 'daemon')

        for _ in range(5):
            cycle()
        self.wait(lambda: gc.collect() is not None and len(gone) == 10)
        self.assertEqual(gone.count('daemon'), 5)

    def test_context_of_a_thread(self):
        outcome, seen = [], []

        def body():
            context = GLib.MainContext()
            context.push_thread_default()
            daemon, _folder = self.make()
            daemon.connect('notify::running', lambda *_: seen.append(threading.get_ident()))
            daemon.start()
            cancellable = Gio.Cancellable()
            source = GLib.Idle()
            source.set_callback(lambda *_: cancellable.cancel())
            source.attach(context)
            outcome.append(daemon.run(cancellable))
            context.pop_thread_default()

        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        self.assertEqual(outcome, [True])
        self.assertEqual(seen, [thread.ident] * 2)


class Programs(DaemonCase):
    """Daemons that are processes of their own."""

    DAEMON = """
folder = sys.argv[1]
daemon = Process.Daemon(pid_file=folder + '/pid', health_address='0',
                        registry=Process.Registry.get_default(),
                        registry_entry=Process.DaemonEntry.new('app', 'worker'))
daemon.add_health_check('a', lambda: True)
daemon.start()
# By then it listens for signals.
GLib.idle_add(lambda: print(daemon.get_health_address(), flush=True))
daemon.run(None)
print('stopped', os.listdir(folder), flush=True)
"""

    def start(self, *env):
        folder = self.temporary()
        home = self.temporary()
        child = Child(self.DAEMON, [str(folder)], [f'HOME={home}', *env])
        return child, folder, home

    def registry_of(self, home):
        return Process.Registry.new(str(home / '.core' / 'daemons'))

    def test_signals(self):
        # Python's own handler of SIGINT must not come in between.
        for signum in (signal.SIGTERM, signal.SIGINT):
            child, folder, home = self.start()
            address, = child.lines
            self.assertTrue(finish(Process, 'probe_health', address, 20 * SECOND, None))
            self.assertTrue(finish(Process, 'wait_for_ready', address, 20 * SECOND, None))
            pid = child.process.get_pid()
            self.assertEqual(tuple(Process.PidFile.read(str(folder / 'pid'))), (True, pid))
            entry, = self.registry_of(home).list()
            self.assertEqual((entry.get_pid(), entry.get_health()), (pid, address))
            child.signal(signum)
            self.assertEqual(child.wait(), 0)
            self.assertEqual(child.lines[1:], ['stopped []'])
            self.assertEqual(self.registry_of(home).list(), [])

    def test_killed(self):
        child, folder, home = self.start()
        registry = self.registry_of(home)
        self.assertEqual(len(registry), 1)
        child.signal(signal.SIGKILL)
        child.wait()
        self.assertEqual(Process.PidFile.read(str(folder / 'pid'))[0], False)
        self.wait(lambda: len(registry) == 0)
        again = Child(self.DAEMON, [str(folder)], [f'HOME={home}'])
        self.assertEqual(len(registry.list()), 1)
        again.signal(signal.SIGTERM)
        self.assertEqual(again.wait(), 0)

    def test_second_instance(self):
        child, folder, home = self.start()
        process = Process.Service().start_with_options(Process.RunOptions(
            command=sys.executable, args=['-c', IMPORTS + self.DAEMON, str(folder)],
            env=[f'HOME={home}']), None)
        self.wait_end(process)
        self.assertEqual(process.get_exit_code(), 1)
        self.assertIn(str(child.process.get_pid()), process.get_output())
        self.assertTrue(finish(Process, 'wait_for_health', child.lines[0], 20 * SECOND, None))
        child.signal(signal.SIGTERM)
        self.assertEqual(child.wait(), 0)

    def test_service_manager(self):
        path = self.temporary() / 'notify'
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
            manager.bind(str(path))
            manager.setblocking(False)
            told = []

            def receive():
                with contextlib.suppress(BlockingIOError):
                    told.append(manager.recv(4096).decode().strip())
                return told

            child, _folder, _home = self.start(f'NOTIFY_SOCKET={path}')
            self.wait(lambda: 'READY=1' in receive())
            child.signal(signal.SIGTERM)
            self.assertEqual(child.wait(), 0)
            self.wait(lambda: 'STOPPING=1' in receive())
            self.assertEqual(told, ['READY=1', 'STOPPING=1'])

    def test_program_that_exits(self):
        """Without a stop the system lets go of everything."""
        folder = self.temporary()
        child = Child(self.DAEMON.replace('daemon.run(None)', 'print(1, flush=True); os._exit(3)'),
                      [str(folder)], [f'HOME={folder}'])
        self.assertEqual(child.wait(), 3)
        self.assertFalse(is_alive(child.process.get_pid()))
        pid_file = Process.PidFile.new(str(folder / 'pid'))
        self.assertTrue(pid_file.acquire())
        self.assertTrue(pid_file.release())
        self.assertEqual(Process.Registry.new(str(folder / '.core/daemons')).list(), [])


if __name__ == '__main__':
    main()
