#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What Process.py adds, where no event loop is needed."""

import datetime
import inspect
import pathlib
import signal
import unittest

from support import ECHO, SECOND, Case, Events, GLib, Process, is_alive, main


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
                     lambda: Process.Runner('a')):
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
                      runner, results, results[0], results[0].get_spec()):
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

    def test_looks_like_the_function(self):
        self.assertEqual(Process.Service.start.__name__, 'start')
        self.assertIn('command', inspect.getdoc(Process.Service.start))


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


if __name__ == '__main__':
    main()
