#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What surrounds a process: options, snapshots, the capture, programs, errors."""

import datetime
import json
import os
import signal
import unittest

from support import SECOND, Case, GLib, Process, main
from gi.repository import Gio


class Options(Case):
    def test_defaults(self):
        options = Process.RunOptions.new('ls', ['-l'])
        self.assertEqual(options.get_command(), 'ls')
        self.assertEqual(options.get_args(), ['-l'])
        self.assertIsNone(options.get_cwd())
        self.assertIsNone(options.get_input())
        self.assertEqual(options.get_timeout(), 0)
        self.assertEqual(options.get_grace_period(), 0)
        self.assertEqual(options.get_buffer_size(), 0)
        self.assertEqual(options.get_stop_signal(), signal.SIGTERM)
        self.assertEqual(options.get_stdin_mode(), Process.StdinMode.DEFAULT)
        for name in ('clear-env', 'disable-capture', 'detach', 'kill-group', 'merge-stderr',
                     'die-with-parent'):
            self.assertIs(options.get_property(name), False, name)

    def test_every_property_by_keyword(self):
        values = {
            'command': 'sh', 'args': ['-c', 'true'], 'cwd': '/', 'env': ['A=b'],
            'clear_env': True, 'disable_capture': True, 'detach': True, 'timeout': 5 * SECOND,
            'grace_period': SECOND, 'kill_group': True, 'merge_stderr': True,
            'input': GLib.Bytes.new(b'x'), 'stdin_mode': Process.StdinMode.NULL,
            'stdout_path': '/out', 'stderr_path': '/err', 'buffer_size': 99,
            'stop_signal': int(signal.SIGINT), 'die_with_parent': True,
        }
        options = Process.RunOptions(**values)
        for name, value in values.items():
            self.assertEqual(options.get_property(name.replace('_', '-')), value, name)
            self.assertEqual(getattr(options, 'get_' + name)(), value, name)
            getattr(Process.RunOptions(), 'set_' + name)(value)
        known = {pspec.name.replace('-', '_') for pspec in Process.RunOptions.list_properties()}
        self.assertEqual(known, set(values))

    def test_notify(self):
        options = Process.RunOptions.new('ls', None)
        notified = []
        options.connect('notify', lambda _options, pspec: notified.append(pspec.name))
        options.set_cwd('/')
        options.set_cwd('/')
        options.set_property('kill-group', True)
        self.assertEqual(notified, ['cwd', 'kill-group'])

    def test_changed_after_the_start(self):
        """The service works with what the options were when it was called."""
        service = Process.Service()
        options = Process.RunOptions.new('sh', ['-c', 'read x; echo $0', 'before'])
        process = service.start_with_options(options, None)
        options.set_args(['-c', 'echo after'])
        options.set_command('false')
        process.close_stdin()
        self.wait_end(process)
        self.assertEqual(process.get_args(), ['-c', 'read x; echo $0', 'before'])

    def test_combinations_that_cannot_be(self):
        service = Process.Service()
        for values in ({'detach': True, 'die_with_parent': True},
                       {'input': GLib.Bytes.new(b''), 'stdin_mode': Process.StdinMode.NULL},
                       {'env': ['=x']}, {'timeout': -1}):
            with self.subTest(values=values):
                try:
                    options = Process.RunOptions(command='true', **values)
                except (TypeError, ValueError, OverflowError):
                    continue
                if values.get('timeout') == -1 and options.get_timeout() != -1:
                    continue
                with self.fails(Process.Error.INVALID_ARGUMENT):
                    service.run_with_options(options, None)
        self.assertEqual(service.list(), [])

    def test_env(self):
        """What was asked for, of the options as of the process."""
        service = Process.Service.new()
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'echo "$A"'], env=['A=b', 'HOME']), None)
        self.wait_end(process)
        self.assertEqual(process.get_output(), 'b\n')
        self.assertEqual(process.get_env(), ['A=b', 'HOME'])
        self.assertEqual(process.get_property('env'), ['A=b', 'HOME'])

    def test_stdin_of_ours(self):
        service = Process.Service.new()
        ours = os.readlink('/proc/self/fd/0')
        for mode, expected in ((Process.StdinMode.INHERIT, ours),
                               (Process.StdinMode.DEFAULT, '/dev/null')):
            options = Process.RunOptions(command='readlink', args=['/proc/self/fd/0'],
                                         stdin_mode=mode)
            self.assertEqual(service.run_with_options(options, None), expected + '\n')


class Snapshot(Case):
    def test_info(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'read x; exit 3'], cwd='/'), None)
        before = process.get_info()
        self.assertIs(before.get_running(), True)
        self.assertEqual(before.get_exit_code(), -1)
        process.send_input('go\n')
        self.wait_end(process)
        info = process.get_info()
        self.assertIs(before.get_running(), True, 'a snapshot does not change')
        for name in ('id', 'command', 'args', 'cwd', 'running', 'status', 'exit-code', 'duration',
                     'pid', 'exit-reason'):
            self.assertEqual(info.get_property(name), process.get_property(name), name)
            getter = 'get_' + name.replace('-', '_')
            self.assertEqual(getattr(info, getter)(), getattr(process, getter)(), name)
        self.assertEqual(info.get_started_at().to_unix(), process.get_started_at().to_unix())
        self.assertEqual(info.get_started_at().get_utc_offset(), 0)

    def test_json(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'exit 3', 'quote " and ü'], cwd='/'), None)
        self.wait_end(process)
        text = process.get_info().to_json()
        found = json.loads(text)
        self.assertEqual(set(found), {'id', 'command', 'args', 'dir', 'startedAt', 'running',
                                      'status', 'exitCode', 'duration', 'pid'})
        self.assertEqual(found['args'], ['-c', 'exit 3', 'quote " and ü'])
        self.assertEqual(found['dir'], '/')
        self.assertEqual(found['status'], 'exited')
        self.assertEqual(found['exitCode'], 3)
        self.assertEqual(found['duration'], process.get_duration() * 1000)
        self.assertIs(found['running'], False)
        self.assertRegex(found['startedAt'], r'^[0-9-]{10}T[0-9:]{8}(\.[0-9]{1,9})?Z$')
        started = datetime.datetime.fromisoformat(found['startedAt'][:19] + '+00:00')
        self.assertEqual(int(started.timestamp()), process.get_started_at().to_unix())

    def test_variant(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'exit 3'], None)
        self.wait_end(process)
        variant = process.get_info().to_variant()
        self.assertEqual(variant.get_type_string(), 'a{sv}')
        types = {key: variant.lookup_value(key, None).get_type_string()
                 for key in variant.unpack()}
        self.assertEqual(types, {'id': 's', 'command': 's', 'args': 'as', 'started-at': 'x',
                                 'running': 'b', 'status': 's', 'exit-code': 'i',
                                 'duration': 'x', 'pid': 'i', 'exit-reason': 's'})
        found = variant.unpack()
        self.assertEqual(found['exit-code'], 3)
        self.assertEqual(found['status'], 'exited')
        self.assertEqual(found['exit-reason'], 'exited')
        self.assertEqual(found['started-at'] // SECOND, process.get_started_at().to_unix())


class RingBuffer(Case):
    def test_keeps_the_newest(self):
        ring = Process.RingBuffer.new(8)
        self.assertEqual((ring.get_length(), ring.get_capacity()), (0, 8))
        self.assertIsNone(ring.get_bytes())
        self.assertEqual(ring.to_string(), '')
        self.assertEqual(ring.write(b'abcde'), 5)
        self.assertEqual(ring.to_string(), 'abcde')
        self.assertEqual(ring.write_bytes(GLib.Bytes.new(b'fghij')), 5)
        self.assertEqual(ring.to_string(), 'cdefghij')
        self.assertEqual(ring.get_length(), 8)
        self.assertEqual(ring.write(b'0123456789'), 10)
        self.assertEqual(ring.get_bytes().get_data(), b'23456789')
        ring.reset()
        self.assertEqual(ring.get_length(), 0)
        self.assertEqual(ring.get_capacity(), 8)

    def test_bytes_that_are_no_text(self):
        ring = Process.RingBuffer.new(4)
        ring.write(b'\xff\0a\xc3')
        self.assertEqual(ring.to_string(), '\ufffd\ufffda\ufffd')
        self.assertEqual(ring.get_bytes().get_data(), b'\xff\0a\xc3')

    def test_bytes_stay_what_they_were(self):
        ring = Process.RingBuffer.new(4)
        ring.write(b'abcd')
        kept = ring.get_bytes()
        ring.write(b'xxxx')
        del ring
        self.assertEqual(kept.get_data(), b'abcd')

    def test_without_room(self):
        ring = Process.RingBuffer.new(0)
        ring.write(b'abc')
        self.assertEqual(ring.get_length(), 0)
        self.assertIsNone(ring.get_bytes())


class Program(Case):
    def test_run(self):
        program = Process.Program.new('echo')
        self.assertEqual(program.get_name(), 'echo')
        self.assertIsNone(program.get_path())
        program.find()
        self.assertTrue(program.get_path().endswith('/echo'))
        self.assertEqual(program.run(['a', 'b'], None), 'a b')
        self.assertEqual(program.get_last_output(), 'a b')

    def test_run_dir(self):
        folder = self.temporary()
        program = Process.Program.new('pwd')
        self.assertEqual(program.run_dir(str(folder), [], None), str(folder))

    def test_async(self):
        program = Process.Program.new('sh')
        results = []
        program.run_async(['-c', 'echo a; echo b >&2'], None, lambda source, result:
                          results.append(sorted(source.run_finish(result).split())))
        program.run_dir_async('/', ['-c', 'pwd'], None, lambda source, result:
                              results.append(source.run_dir_finish(result)))
        self.wait(lambda: len(results) == 2)
        self.assertIn(['a', 'b'], results)
        self.assertIn('/', results)

    def test_failure_keeps_the_output(self):
        program = Process.Program.new('sh')
        with self.fails(Process.Error.NON_ZERO_EXIT):
            program.run(['-c', 'echo partly; exit 2'], None)
        self.assertEqual(program.get_last_output(), 'partly')

    def test_not_found(self):
        program = Process.Program.new('no-such-program-at-all')
        with self.fails(Process.Error.PROGRAM_NOT_FOUND, message='“no-such-program-at-all”'):
            program.find()
        with self.fails(Process.Error.PROGRAM_NOT_FOUND):
            program.run([], None)

    def test_cancel(self):
        program = Process.Program.new('sleep')
        cancellable = Gio.Cancellable()
        errors = []
        program.run_async(['60'], cancellable, self.ended_with(errors), 'run_finish')
        cancellable.cancel()
        self.wait(lambda: errors)
        self.assertEqual(errors, [('g-io-error-quark', Gio.IOErrorEnum.CANCELLED)])


class Names(Case):
    def test_enumerations(self):
        self.assertEqual([Process.Status(i).value_nick for i in range(5)],
                         ['pending', 'running', 'exited', 'failed', 'killed'])
        self.assertEqual([Process.Stream(i).value_nick for i in range(2)], ['stdout', 'stderr'])
        self.assertEqual([Process.ExitReason(i).value_nick for i in range(7)],
                         ['none', 'exited', 'signaled', 'killed', 'timed-out', 'cancelled',
                          'start-failed'])
        self.assertEqual([Process.StdinMode(i).value_nick for i in range(4)],
                         ['default', 'pipe', 'null', 'inherit'])
        self.assertEqual([Process.Status.PENDING, Process.Status.KILLED], [0, 4])
        self.assertEqual(Process.Error.UNHEALTHY, 12)

    def test_error_domain(self):
        self.assertEqual(GLib.quark_to_string(Process.error_quark()), 'process-error-quark')

    def test_version(self):
        self.assertIsInstance(Process.MAJOR_VERSION, int)
        self.assertEqual(Process.VERSION, f'{Process.MAJOR_VERSION}.{Process.MINOR_VERSION}.'
                                          f'{Process.MICRO_VERSION}')


if __name__ == '__main__':
    main()
