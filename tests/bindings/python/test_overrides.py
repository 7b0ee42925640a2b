#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What Process.py adds, where no event loop is needed."""

import datetime
import functools
import inspect
import os
import pathlib
import pydoc
import signal
import unittest

from daemons import DaemonCase
from support import ECHO, SECOND, Case, Events, GLib, Process, is_alive, main
from gi.repository import Gio


class Constructors(Case):
    def test_positional(self):
        options = Process.RunOptions('ls', ['-l'], cwd='/')
        self.assertEqual((options.get_command(), options.get_args(), options.get_cwd()),
                         ('ls', ['-l'], '/'))
        self.assertEqual(Process.RunOptions('ls').get_args(), [])
        self.assertEqual(Process.RunOptions('ls', None).get_args(), [])
        self.assertEqual(Process.Program('git').get_name(), 'git')
        self.assertEqual(Process.Service(buffer_size=7).get_buffer_size(), 7)
        self.assertEqual(Process.RingBuffer(5).get_capacity(), 5)
        spec = Process.RunSpec('a', 'ls', ['-l'], after=['b'], allow_failure=True)
        self.assertEqual((spec.get_name(), spec.get_command(), spec.get_args(), spec.get_after(),
                          spec.get_allow_failure()), ('a', 'ls', ['-l'], ['b'], True))
        self.assertEqual(Process.RunSpec('a', 'ls', None, cwd=None).get_args(), [])
        service = Process.Service()
        runner = Process.Runner(service, max_parallel=2)
        self.assertIs(runner.get_service(), service)
        self.assertEqual(runner.get_max_parallel(), 2)
        self.assertEqual(Process.HealthServer('8080', ready=False).get_address(), '8080')
        self.assertEqual(Process.PidFile(pathlib.Path('/x')).get_path(), '/x')
        self.assertEqual(Process.Registry(pathlib.Path('/x')).get_dir(), '/x')
        entry = Process.DaemonEntry('app', 'worker', pid=5, health=None)
        self.assertEqual((entry.get_code(), entry.get_daemon(), entry.get_pid()),
                         ('app', 'worker', 5))
        daemon = Process.Daemon(pid_file=pathlib.Path('/x'), health_address='0',
                                shutdown_timeout=datetime.timedelta(seconds=2))
        self.assertEqual((daemon.get_pid_file(), daemon.get_shutdown_timeout()),
                         ('/x', 2 * SECOND))

    def test_refused(self):
        for call in (lambda: Process.RunOptions('a', [], 'b'), lambda: Process.Service(1),
                     lambda: Process.RunOptions('a', command='b'),
                     lambda: Process.RunOptions(comand='b'),
                     lambda: Process.RunOptions('a', 'b'),
                     lambda: Process.RunSpec('a', 'b', [], 'c'),
                     lambda: Process.RunSpec('a', name='b'),
                     lambda: Process.RunSpec('a', 'b', 'c'),
                     lambda: Process.RunSpec('a', after='b'),
                     lambda: Process.RunSpec('a', allowFailure=True),
                     lambda: Process.Runner(Process.Service(), 2),
                     lambda: Process.Runner('a'),
                     lambda: Process.HealthServer('0', '1'),
                     lambda: Process.PidFile('/x', path='/y'),
                     lambda: Process.Registry('/x', '/y'),
                     lambda: Process.DaemonEntry('a', 'b', 1),
                     lambda: Process.DaemonEntry('a', 'b', daemn='c'),
                     lambda: Process.Daemon('/x'),
                     lambda: Process.Daemon(pidfile='/x')):
            with self.assertRaises(TypeError):
                call()

    def test_comfortable_values(self):
        options = Process.RunOptions('cat', input=b'bytes', cwd=pathlib.Path('/'),
                                     timeout=datetime.timedelta(milliseconds=1500))
        self.assertEqual(options.get_input().get_data(), b'bytes')
        self.assertEqual(options.get_cwd(), '/')
        self.assertEqual(options.get_timeout(), 3 * SECOND // 2)
        options.input = bytearray(b'other')
        options.stdout_path = pathlib.Path('/x')
        options.grace_period = datetime.timedelta(seconds=1)
        self.assertEqual(options.get_input().get_data(), b'other')
        self.assertEqual(options.get_stdout_path(), '/x')
        self.assertEqual(options.get_grace_period(), SECOND)
        self.assertEqual(Process.Program('pwd').run_dir(pathlib.Path('/'), []), '/')
        spec = Process.RunSpec('a', pathlib.Path('/bin/ls'), cwd=pathlib.Path('/'),
                               timeout=datetime.timedelta(minutes=1))
        spec.grace_period = datetime.timedelta(milliseconds=5)
        self.assertEqual((spec.get_command(), spec.get_cwd(), spec.get_timeout(),
                          spec.get_grace_period()), ('/bin/ls', '/', 60 * SECOND, 5000))
        ring = Process.RingBuffer(9)
        ring.write_bytes(b'abc')
        self.assertEqual(ring.to_string(), 'abc')


class Attributes(Case):
    def test_properties(self):
        options = Process.RunOptions('ls')
        options.cwd = '/'
        options.args = ('a', 'b')
        options.kill_group = True
        options.stdin_mode = Process.StdinMode.NULL
        self.assertEqual(options.get_cwd(), '/')
        self.assertEqual(options.get_args(), ['a', 'b'])
        self.assertTrue(options.get_kill_group())
        self.assertEqual(options.stdin_mode, Process.StdinMode.NULL)
        self.assertEqual((options.cwd, options.args), ('/', ['a', 'b']))
        options.cwd = None
        self.assertIsNone(options.cwd)

    def test_notifies(self):
        options = Process.RunOptions('ls')
        notified = Events().listen(options, 'notify::cwd')
        options.cwd = '/'
        self.assertEqual(len(notified), 1)

    def test_every_property_is_an_attribute(self):
        service = Process.Service()
        process = service.start('true')
        self.wait_end(process)
        program = Process.Program('true')
        runner = Process.Runner(service)
        results = runner.run_all([Process.RunSpec('a', 'echo', ['text'])])
        for thing in (service, process, process.get_info(), program, Process.RunOptions('ls'),
                      runner, results, results[0], results[0].get_spec(),
                      Process.HealthServer('0'), Process.PidFile('/x'), Process.Registry('/x'),
                      Process.DaemonEntry('a', 'b', started=GLib.DateTime.new_now_utc()),
                      Process.Daemon(health_address='0')):
            for pspec in type(thing).list_properties():
                name = pspec.name.replace('-', '_')
                with self.subTest(thing=type(thing).__name__, name=name):
                    attribute = getattr(thing, name)
                    if callable(attribute):
                        # Where a method has the name, the method stays.
                        continue
                    expected = thing.get_property(pspec.name)
                    if pspec.value_type == GLib.DateTime.__gtype__:
                        attribute, expected = attribute.to_unix(), expected.to_unix()
                    self.assertEqual(attribute, expected)
        self.assertEqual(process.exit_code, 0)
        self.assertEqual(process.status, Process.Status.EXITED)
        self.assertEqual(service.n_running, 0)
        self.assertEqual(service.buffer_size, Process.DEFAULT_BUFFER_SIZE)
        self.assertEqual(runner.progress, 1)
        self.assertEqual((results.success, results.n_passed), (True, 1))
        self.assertEqual((results[0].output, results[0].spec.args), ('text\n', ['text']))

    def test_read_only(self):
        service = Process.Service()
        process = service.start('true')
        runner = Process.Runner(service)
        result = Process.RunResult(name='a')
        for thing, name in ((service, 'buffer_size'), (service, 'n_running'), (process, 'pid'),
                            (process, 'status'), (runner, 'service'), (runner, 'progress'),
                            (result, 'name'), (result, 'passed'),
                            (Process.RunAllResult(), 'success')):
            with self.assertRaises(AttributeError):
                setattr(thing, name, 1)
        service.max_history = 3
        self.assertEqual(service.get_max_history(), 3)
        runner.max_parallel = 4
        self.assertEqual(runner.get_max_parallel(), 4)
        self.wait_end(process)

    def test_misspelt(self):
        options = Process.RunOptions('ls')
        with self.assertRaises(AttributeError):
            options.comand = 'x'
        with self.assertRaises(AttributeError):
            options.merge_sterr = True
        with self.assertRaises(AttributeError):
            Process.RunSpec('a').dir = '/'
        # Elsewhere an object may carry what its user likes.
        service = Process.Service()
        service.label = 'mine'
        self.assertEqual(service.label, 'mine')


class Calls(Case):
    def test_a_string_is_no_list(self):
        service = Process.Service()
        program = Process.Program('echo')
        options = Process.RunOptions('echo')
        spec = Process.RunSpec('a', 'echo')
        for call in (lambda: service.start('echo', 'ab', None),
                     lambda: service.start('echo', args='ab'),
                     lambda: service.run('echo', b'ab', None),
                     lambda: service.run_async('echo', 'ab', None, None),
                     lambda: program.run('ab', None), lambda: program.run_dir('/', 'ab', None),
                     lambda: program.run_async('ab'),
                     lambda: options.set_args('ab'), lambda: options.set_env('A=b'),
                     lambda: setattr(options, 'args', 'ab'),
                     lambda: Process.RunOptions.new('echo', 'ab'),
                     lambda: Process.RunSpec.new('a', 'echo', 'ab'),
                     lambda: spec.set_after('ab'), lambda: setattr(spec, 'env', 'A=b')):
            with self.assertRaises(TypeError):
                call()
        self.assertEqual(service.list(), [])

    def test_keywords(self):
        service = Process.Service()
        self.assertEqual(service.run(command='echo', args=['a'], cancellable=None), 'a\n')
        self.assertEqual(service.run('echo', ('a', 'b')), 'a b\n')
        results = []
        service.run_async(command='echo', args=['a'], callback=lambda source, result:
                          results.append(source.run_finish(result)))
        self.wait(lambda: results)
        self.assertEqual(results, ['a\n'])
        runner = Process.Runner(service)
        spec = Process.RunSpec(name='a', command='true')
        self.assertTrue(runner.run_sequential(specs=[spec]).success)
        runner.run_all_async(specs=(spec,), callback=lambda source, result:
                             results.append(source.run_all_finish(result).n_passed))
        self.wait(lambda: len(results) == 2)
        self.assertEqual(results[1], 1)

    def test_without_a_callback(self):
        """Outside of a coroutine nothing is there to await: the call just runs."""
        service = Process.Service()
        folder = self.temporary()
        self.assertIsNone(service.run_async('touch', [str(folder / 'made')]))
        self.wait(lambda: (folder / 'made').exists() and not service.running())

    def test_send_bytes(self):
        service = Process.Service()
        process = service.start('cat')
        process.send_bytes(b'\xff')
        process.close_stdin()
        self.wait_end(process)
        self.assertEqual(process.get_output_bytes().get_data(), b'\xff')


class Truth(Case):
    def test_empty_service(self):
        service = Process.Service()
        self.assertEqual(len(service), 0)
        self.assertTrue(service)
        self.assertTrue(bool(service))

    def test_empty_results(self):
        results = Process.Runner().run_all([])
        self.assertEqual(len(results), 0)
        self.assertTrue(results)

    def test_empty_registry(self):
        registry = Process.Registry(self.temporary())
        self.assertEqual((len(registry), [*registry]), (0, []))
        self.assertTrue(registry)

    def test_registry(self):
        registry = Process.Registry(self.temporary())
        for code in 'abc':
            registry.register(Process.DaemonEntry(code, 'd', pid=os.getpid()))
        self.assertEqual(len(registry), 3)
        self.assertEqual([entry.code for entry in registry], ['a', 'b', 'c'])
        self.assertEqual((registry[0].code, registry[-1].code), ('a', 'c'))

    def test_same_classes(self):
        service = Process.Service()
        process = service.start('true')
        self.assertIs(type(process), Process.ManagedProcess)
        self.assertIs(type(service), Process.Service)
        self.assertIs(type(service[0]), Process.ManagedProcess)
        self.assertIs(service.list()[0], process)
        self.wait_end(process)


class Blocks(Case):
    def test_service(self):
        with Process.Service() as service:
            process = service.start('cat')
            self.assertTrue(process.running)
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.term_signal, signal.SIGTERM)
        with self.fails(Process.Error.NOT_RUNNING):
            service.start('cat')

    def test_service_when_the_block_fails(self):
        with self.assertRaises(KeyError):
            with Process.Service() as service:
                process = service.start('cat')
                raise KeyError('inside')
        self.assertFalse(is_alive(process.pid))

    def test_process(self):
        service = Process.Service()
        with service.start_with_options(Process.RunOptions(
                'sh', ['-c', 'trap "exit 6" TERM; echo up; while :; do read x; done'],
                grace_period=20 * SECOND)) as process:
            events = Events().listen(process, 'output')
            self.wait(lambda: events)
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.exit_code, 6)

    def test_process_that_has_ended(self):
        service = Process.Service()
        with service.start('sh', ECHO) as process:
            process.close_stdin()
            self.wait_end(process)
        self.assertEqual(process.exit_reason, Process.ExitReason.EXITED)


class Daemons(DaemonCase):
    def test_pid_file(self):
        path = self.temporary() / 'pid'
        with Process.PidFile(path) as pid_file:
            self.assertEqual(path.read_text(), f'{os.getpid()}\n')
            self.assertEqual(Process.PidFile.read(path), (True, os.getpid()))
            with self.fails(Process.Error.ALREADY_RUNNING):
                with Process.PidFile(path):
                    self.fail('two have it')
            self.assertTrue(path.exists())
        self.assertFalse(path.exists())
        with self.assertRaises(KeyError):
            with pid_file:
                raise KeyError('inside')
        self.assertFalse(path.exists())

    def test_health_server(self):
        with Process.HealthServer('0') as server:
            self.assertTrue(server.running)
            self.assert_healthy(server)
            address = server.address
        self.assertFalse(server.running)
        self.assert_down(address)
        with self.fails(Process.Error.INVALID_ARGUMENT):
            with Process.HealthServer('nonsense'):
                self.fail('it cannot listen there')
        with server:
            server.stop()
            self.assertFalse(server.running)

    def test_daemon(self):
        folder = self.temporary()
        with Process.Daemon(pid_file=folder / 'pid', health_address='0',
                            registry=Process.Registry(folder / 'daemons'),
                            registry_entry=Process.DaemonEntry('app', 'worker')) as daemon:
            self.assertTrue(daemon.running)
            self.assertTrue((folder / 'pid').exists())
            self.assert_healthy(daemon.health_address)
            self.assertEqual([entry.pid for entry in daemon.registry.list()], [os.getpid()])
        self.assertFalse(daemon.running)
        self.assertEqual((daemon.registry.list(), (folder / 'pid').exists()), ([], False))
        with self.assertRaises(KeyError):
            with daemon:
                raise KeyError('inside')
        self.assertFalse(daemon.running)
        with daemon:
            cancellable = Gio.Cancellable()
            GLib.idle_add(cancellable.cancel)
            self.assertTrue(daemon.run(cancellable), 'it has stopped by the end of the block')

    def test_coroutines_are_no_checks(self):
        """Nobody would await them, and as they are true, they would count as healthy."""
        async def check(*_args):
            return True

        class Callable:
            async def __call__(self, *_args):
                return True

        server, daemon = Process.HealthServer('0'), Process.Daemon()
        for add in (lambda: server.add_check('a', check), lambda: server.add_check('a', func=check),
                    lambda: server.add_async_check('a', check, 0),
                    lambda: daemon.add_health_check('a', check),
                    lambda: daemon.add_async_health_check('a', check, datetime.timedelta(1))):
            with self.assertRaisesRegex(TypeError, 'coroutine function'):
                add()
        with server:
            for hidden in (lambda: check(), Callable(), functools.partial(Callable())):
                check_id = server.add_check('a', hidden)
                self.assert_unhealthy(server, 'a: The check failed without an error')
                server.remove_check(check_id)
        self.assertEqual(self.exceptions, [TypeError] * 3)

    def test_checks(self):
        server = Process.HealthServer('0')
        seen = []
        server.add_check('a', lambda *args: seen.append(args) or True, 'data')
        server.add_check(name='b', func=lambda: True)
        server.add_async_check('c', lambda _server, task: task.return_boolean(True),
                               datetime.timedelta(seconds=20))
        with server:
            self.assertEqual(self.ask(server, '/health?verbose'),
                             (200, '[+]a ok\n[+]b ok\n[+]c ok\nok\n'))
        self.assertEqual(seen, [('data',)])

    def test_probes(self):
        with Process.HealthServer('0') as server:
            address, second = server.address, datetime.timedelta(seconds=1)
            self.assertTrue(self.in_thread(lambda: Process.wait_for_health(address, second)))
            self.assertTrue(self.in_thread(lambda: Process.probe_ready(address, timeout=second)))
            results = []
            self.assertIsNone(Process.probe_health_async(
                address, 20 * second, callback=lambda _source, result:
                results.append(Process.probe_health_finish(result))))
            self.wait(lambda: results)
            self.assertEqual(results, [True])


class Help(Case):
    """What help() and editors show."""

    @staticmethod
    def shown(thing):
        # Newer Pythons put each parameter of a long signature onto a line of its own.
        text = ' '.join(pydoc.plain(pydoc.render_doc(thing, '%s')).replace(' |', '').split())
        return text.replace('( ', '(').replace(' )', ')')

    def test_functions(self):
        for function, first in (
                (Process.Service.start, 'start(self, command, args=None, cancellable=None)'),
                (Process.Service.run_async,
                 'run_async(self, command, args=None, cancellable=None, callback=None, '
                 'user_data=None)'),
                (Process.HealthServer.add_check, 'add_check(self, name, func, user_data=None)'),
                (Process.PidFile.read, 'read(path)'),
                (Process.RingBuffer.write, 'write(self, data=None)'),
                (Process.RunSpec.list_from_json, 'list_from_json(text)'),
                (Process.probe_health, 'probe_health(address, timeout, cancellable=None)')):
            summary = inspect.getdoc(function).splitlines()[0]
            self.assertIn(f'{first} {summary}', self.shown(function))

    def test_everything_is_documented(self):
        documented, undocumented = [], []
        for name in dir(Process):
            thing = getattr(Process, name)
            if name.startswith('_') or not callable(thing) or name.endswith('Class'):
                continue
            members = [(f'{name}.{key}', value)
                       for cls in getattr(thing, '__mro__', ())
                       if cls.__module__.endswith('.Process') for key, value in vars(cls).items()
                       if not key.startswith('_') and not isinstance(value, (int, cls))]
            for each, value in [(name, thing), *members]:
                (documented if inspect.getdoc(value) else undocumented).append(each)
        self.assertEqual(undocumented, [])
        self.assertGreater(len(documented), 300)

    def test_classes(self):
        text = self.shown(Process.Service)
        self.assertIn('Service(*, buffer_size=None, max_history=None)', text)
        self.assertIn('Starts processes', text)
        self.assertIn('`with` block', text)
        self.assertIn('How many processes are running.', text)
        self.assertNotIn('FunctionInfo', text.partition('inherited from gi.overrides.GObject')[0])
        self.assertIn('RunOptions(command=None, args=None, *, ', self.shown(Process.RunOptions))
        # Links and constants are spelt as Python spells them.
        for links in ('[method@', '[class@', '%NULL', '%PROCESS_'):
            self.assertNotIn(links, text)


class Namespace(Case):
    def test_every_async_call_is_adapted(self):
        """What is there now, and what comes later, gets the same treatment."""
        found = 0
        for name in dir(Process):
            thing = getattr(Process, name)
            if not isinstance(thing, type) or not hasattr(thing, '__info__'):
                continue
            for attribute in dir(thing):
                if attribute.endswith('_async') and hasattr(thing, attribute[:-6] + '_finish'):
                    self.assertTrue(inspect.isfunction(inspect.getattr_static(thing, attribute))
                                    or isinstance(inspect.getattr_static(thing, attribute),
                                                  staticmethod), (name, attribute))
                    found += 1
        self.assertGreaterEqual(found, 8)
        for name in ('probe_health', 'probe_ready', 'wait_for_health', 'wait_for_ready'):
            self.assertTrue(inspect.isfunction(getattr(Process, name + '_async')), name)


if __name__ == '__main__':
    main()
