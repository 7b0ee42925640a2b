#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""One process: its signals, its input and output, its end."""

import gc
import signal
import sys
import threading
import unittest

from support import ECHO, SECOND, Case, Events, GLib, Process, is_alive, main
from gi.repository import Gio


class Signals(Case):
    def test_order(self):
        service = Process.Service()
        events = Events().listen(service, 'started', 'output', 'killed', 'exited')
        process = service.start('sh', ['-c', 'echo a; echo b; echo c'], None)
        own = Events().listen(process, 'started', 'output', 'killed', 'exited')
        self.assertEqual(own, [], 'nothing is emitted inside of start')
        self.wait_end(process)
        self.assertEqual(own.names(), ['started'] + ['output'] * 3 + ['exited'])
        self.assertEqual(events, own)
        (code, duration, error), = own.of('exited')
        self.assertEqual((code, error), (0, None))
        self.assertGreater(duration, 0)
        self.assertEqual(duration, process.get_duration())

    def test_state_is_in_place_before_the_end_is_told(self):
        service = Process.Service()
        seen = []

        def look(process, *_):
            seen.append((process.get_status(), process.get_exit_code(), process.get_running()))

        process = service.start('sh', ['-c', 'exit 5'], None)
        process.connect('started', look)
        process.connect('exited', look)
        self.wait_end(process)
        self.assertEqual(seen[-1], (Process.Status.EXITED, 5, False))
        self.assertEqual(len(seen), 2)

    def test_notify(self):
        service = Process.Service()
        process = service.start('true', [], None)
        notified = []
        process.connect('notify', lambda _process, pspec: notified.append(pspec.name))
        process.connect('exited', lambda *_: notified.append('exited'))
        self.wait_end(process)
        for name in ('status', 'running', 'exit-code', 'exit-reason', 'duration'):
            self.assertEqual(notified.count(name), 1, (name, notified))
            self.assertLess(notified.index(name), notified.index('exited'))

    def test_details(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'echo out; echo err >&2'], None)
        out = Events().listen(process, 'output::stdout')
        err = Events().listen(process, 'output::stderr')
        on_service = Events().listen(service, 'output')
        self.wait_end(process)
        self.assertEqual(out.of('output::stdout'), [('out', Process.Stream.STDOUT)])
        self.assertEqual(err.of('output::stderr'), [('err', Process.Stream.STDERR)])
        self.assertEqual(len(on_service), 2)

    def test_lines(self):
        service = Process.Service()
        count = 20000
        process = service.start('seq', [str(count)], None)
        batches = Events().listen(process, 'lines')
        self.wait_end(process)
        lines = [line for batch, stream in batches.of('lines') for line in batch]
        self.assertEqual(lines, [str(i + 1) for i in range(count)])
        self.assertLess(len(batches), count // 10)
        self.assertEqual({stream for _, stream in batches.of('lines')}, {Process.Stream.STDOUT})

    def test_data(self):
        service = Process.Service()
        process = service.start('printf', [r'a\000b\377\nno end'], None)
        chunks = Events().listen(process, 'data')
        self.wait_end(process)
        self.assertEqual(b''.join(chunk.get_data() for chunk, _ in chunks.of('data')),
                         b'a\0b\xff\nno end')

    def test_lines_as_they_are_printed(self):
        service = Process.Service()
        for printed, lines in ((r'a\r\nb\n', ['a', 'b']), (r'\n\nx', ['', '', 'x']),
                               ('', []), (r'a\rb\n', ['a\rb']), ('end', ['end'])):
            with self.subTest(printed=printed):
                process = service.start('printf', [printed], None)
                events = Events().listen(process, 'output')
                self.wait_end(process)
                self.assertEqual([line for line, _ in events.of('output')], lines)

    def test_long_lines_come_in_pieces(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'printf "%0200000d\\n" 0; echo next'], None)
        events = Events().listen(process, 'output')
        self.wait_end(process)
        *pieces, last = [line for line, _ in events.of('output')]
        self.assertEqual(''.join(pieces), '0' * 200000)
        self.assertLessEqual(max(map(len, pieces)), 64 * 1024)
        self.assertEqual(last, 'next')

    def test_killed(self):
        service = Process.Service()
        for number, name in ((signal.SIGKILL, 'SIGKILL'), (signal.SIGTERM, 'SIGTERM'),
                             (signal.SIGRTMIN + 3, 'SIGRTMIN+3')):
            with self.subTest(name=name):
                process = service.start('cat', [], None)
                events = Events().listen(process, 'started', 'killed', 'exited')
                process.send_signal(number)
                self.wait_end(process)
                self.assertEqual(events.names(), ['started', 'killed', 'exited'])
                self.assertEqual(events.of('killed'), [(name,)])
                code, _, error = events.of('exited')[0]
                self.assertEqual(code, -1)
                self.assertTrue(error.matches(Process.Error.quark(), Process.Error.KILLED))
                self.assertEqual(process.get_term_signal(), number)
                self.assertEqual(process.get_status(), Process.Status.KILLED)

    def test_reason(self):
        service = Process.Service()
        strange = service.start('sh', ['-c', 'kill -TERM $$'], None)
        ours = service.start('cat', [], None)
        self.assertEqual(ours.get_status(), Process.Status.RUNNING)
        self.assertEqual(ours.get_exit_reason(), Process.ExitReason.NONE)
        ours.kill()
        self.wait_end(strange)
        self.wait_end(ours)
        self.assertEqual(strange.get_exit_reason(), Process.ExitReason.SIGNALED)
        self.assertEqual(ours.get_exit_reason(), Process.ExitReason.KILLED)

    def test_error_in_exited(self):
        service = Process.Service()
        errors = {}
        for code in (0, 1, 255):
            process = service.start('sh', ['-c', f'exit {code}'], None)
            events = Events().listen(process, 'exited')
            self.wait_end(process)
            errors[code] = events.of('exited')[0][2]
        self.assertIsNone(errors[0])
        for code in (1, 255):
            self.assertTrue(errors[code].matches(Process.Error.quark(),
                                                 Process.Error.NON_ZERO_EXIT))
            self.assertIn(str(code), errors[code].message)

    def test_handlers_that_throw(self):
        service = Process.Service()

        def throw(*_):
            raise ValueError('on purpose')

        events = Events()
        for name in ('started', 'output', 'exited'):
            service.connect(name, throw)
        process = service.start('sh', ['-c', 'echo a; echo b'], None)
        for name in ('started', 'output', 'lines', 'data', 'exited', 'notify'):
            process.connect(name, throw)
        events.listen(process, 'started', 'output', 'exited')
        self.wait_end(process)
        self.assertEqual(events.names(), ['started', 'output', 'output', 'exited'])
        self.assertEqual(set(self.exceptions), {ValueError})
        self.assertEqual(service.run('echo', ['on'], None), 'on\n')

    def test_kill_inside_a_handler(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'while :; do echo y; done'], None)
        events = Events().listen(process, 'killed', 'exited')
        process.connect('output', lambda source, *_: source.kill())
        self.wait_end(process)
        self.assertEqual(events.names(), ['killed', 'exited'])

    def test_blocking_wait_inside_its_own_handler_is_refused(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'echo a; read x'], None)
        errors = []

        def wait(source, *_):
            try:
                source.wait(None)
            except GLib.Error as error:
                errors.append((error.domain, error.code))
            source.close_stdin()

        process.connect('output', wait)
        self.wait_end(process)
        self.assertEqual(errors, [('process-error-quark', Process.Error.FAILED)])

    def test_signals_lose_nothing_of_what_the_capture_drops(self):
        service = Process.Service()
        size = 6 * 1024 * 1024
        process = service.start_with_options(Process.RunOptions(
            command='head', args=['-c', str(size), '/dev/zero'], buffer_size=4096), None)
        total = []
        process.connect('data', lambda _process, chunk, _stream: total.append(chunk.get_size()))
        self.wait_end(process)
        self.assertEqual(sum(total), size)
        self.assertEqual(len(process.get_output_bytes().get_data()), 4096)
        self.assertTrue(process.get_output_truncated())


class InputAndOutput(Case):
    def test_input(self):
        service = Process.Service()
        process = service.start('cat', [], None)
        process.send_input('täxt\n')
        process.send_bytes(GLib.Bytes.new(b'\xff\0'))
        process.close_stdin()
        self.wait_end(process)
        self.assertEqual(process.get_output_bytes().get_data(), 'täxt\n'.encode() + b'\xff\0')

    def test_input_after_the_end(self):
        service = Process.Service()
        process = service.start('true', [], None)
        self.wait_end(process)
        with self.fails(Process.Error.NOT_RUNNING):
            process.send_input('x')
        with self.fails(Process.Error.NOT_RUNNING):
            process.send_signal(signal.SIGTERM)
        process.kill()
        process.shutdown(None)

    def test_input_without_a_pipe(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sleep', args=['60'], stdin_mode=Process.StdinMode.NULL), None)
        with self.fails(Process.Error.STDIN_NOT_AVAILABLE):
            process.send_input('x')
        process.kill()
        closed = service.start('cat', [], None)
        closed.close_stdin()
        with self.fails(Process.Error.STDIN_NOT_AVAILABLE):
            closed.send_input('x')
        self.wait_end(process)
        self.wait_end(closed)

    def test_input_that_nobody_reads(self):
        """Neither blocks nor ends this program with SIGPIPE."""
        service = Process.Service()
        process = service.start('sh', ['-c', 'exec <&-; echo closed; exec sleep 60'], None)
        events = Events().listen(process, 'output')
        self.wait(lambda: events)
        with self.fails(Gio.IOErrorEnum.BROKEN_PIPE, Gio.io_error_quark()):
            process.send_input('x' * 1000000)
        process.kill()
        self.wait_end(process)

    def test_queue_has_a_limit(self):
        service = Process.Service()
        process = service.start('sleep', ['60'], None)
        megabyte = GLib.Bytes.new(bytes(1024 * 1024))
        with self.fails(Process.Error.FAILED):
            for _ in range(20):
                process.send_bytes(megabyte)
        process.kill()
        self.wait_end(process)

    def test_send_bytes_async(self):
        service = Process.Service()
        process = service.start('wc', ['-c'], None)
        done = []
        process.send_bytes_async(GLib.Bytes.new(bytes(3000000)), None,
                                 lambda source, result: done.append(
                                     source.send_bytes_finish(result)))
        self.wait(lambda: done)
        process.close_stdin()
        self.wait_end(process)
        self.assertEqual(process.get_output().strip(), '3000000')

    def test_bytes_that_are_no_text(self):
        service = Process.Service()
        process = service.start('printf', [r'caf\351\n\000z\n\360\237\230\200'], None)
        events = Events().listen(process, 'output', 'lines')
        self.wait_end(process)
        expected = ['caf\ufffd', '\ufffdz', '\U0001f600']
        self.assertEqual([line for line, _ in events.of('output')], expected)
        self.assertEqual([line for lines, _ in events.of('lines') for line in lines], expected)
        self.assertEqual(process.get_output(), '\n'.join(expected))
        self.assertEqual(process.get_output_bytes().get_data(), b'caf\xe9\n\0z\n\xf0\x9f\x98\x80')
        self.assertEqual(service.run('printf', [r'\377'], None), '\ufffd')

    def test_capture_keeps_the_newest(self):
        service = Process.Service(buffer_size=64)
        process = service.start('seq', ['1000'], None)
        self.wait_end(process)
        whole = ''.join(f'{i + 1}\n' for i in range(1000))
        self.assertEqual(process.get_output(), whole[-64:])
        self.assertTrue(process.get_output_truncated())

    def test_capture_can_be_off(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='echo', args=['x'], disable_capture=True), None)
        events = Events().listen(process, 'output')
        self.wait_end(process)
        self.assertEqual(process.get_output(), '')
        self.assertIsNone(process.get_output_bytes())
        self.assertEqual([line for line, _ in events.of('output')], ['x'])

    def test_output_into_files(self):
        folder = self.temporary()
        service = Process.Service()
        (folder / 'out').write_text('before\n')
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'echo out; echo err >&2'],
            stdout_path=str(folder / 'out')), None)
        self.wait_end(process)
        self.assertEqual((folder / 'out').read_text(), 'before\nout\n')
        self.assertEqual(process.get_output(), 'err\n')


class Ending(Case):
    def test_wait(self):
        service = Process.Service()
        events = Events()
        process = service.start('sh', ['-c', 'echo a; exit 0'], None)
        events.listen(process, 'started', 'output', 'exited')
        # In the thread that owns it, a blocking wait emits what there is.
        self.assertTrue(process.wait(None))
        self.assertEqual(events.names(), ['started', 'output', 'exited'])
        with self.fails(Process.Error.NON_ZERO_EXIT):
            service.start('false', [], None).wait(None)

    def test_wait_in_a_thread_while_the_loop_runs(self):
        service = Process.Service()
        events = Events().listen(service, 'exited')
        process = service.start('sh', ['-c', 'read x; exit 9'], None)

        def wait():
            process.send_input('go\n')
            with self.fails(Process.Error.NON_ZERO_EXIT):
                process.wait(None)
            return process.get_exit_code()

        self.assertEqual(self.in_thread(wait), 9)
        self.wait_end(process)
        self.assertEqual(len(events), 1)

    def test_wait_in_a_thread_while_no_loop_runs(self):
        service = Process.Service()
        events = Events().listen(service, 'output', 'exited')
        # More than fits into the pipe, so that somebody has to read it.
        process = service.start('sh', ['-c', 'seq 30000 >&2; exit 9'], None)
        codes = []

        def wait():
            try:
                process.wait(None)
            except GLib.Error as error:
                codes.append((error.code, process.get_exit_code()))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertEqual(codes, [(Process.Error.NON_ZERO_EXIT, 9)])
        self.assertEqual(events, [], 'signals are left to the owner')
        self.wait_end(process)
        self.assertEqual(events.names(), ['output'] * 30000 + ['exited'])

    def test_cancelled_wait_ends_only_the_wait(self):
        service = Process.Service()
        process = service.start('cat', [], None)
        cancellable = Gio.Cancellable()
        errors = []
        process.wait_async(cancellable, self.ended_with(errors), 'wait_finish')
        cancellable.cancel()
        self.wait(lambda: errors)
        self.assertEqual(errors, [('g-io-error-quark', Gio.IOErrorEnum.CANCELLED)])
        self.assertTrue(process.is_running())
        process.close_stdin()
        self.wait_end(process)

    def test_cancelled_start(self):
        service = Process.Service()
        cancellable = Gio.Cancellable()
        process = service.start('cat', [], cancellable)
        events = Events().listen(process, 'killed', 'exited')
        cancellable.cancel()
        self.wait_end(process)
        self.assertEqual(events.names(), ['killed', 'exited'])
        self.assertTrue(events.of('exited')[0][2].matches(Gio.io_error_quark(),
                                                          Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(process.get_exit_reason(), Process.ExitReason.CANCELLED)

    def test_shutdown_with_grace(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'trap "echo bye; exit 0" TERM; echo up; while :; do read x; '
                                      'done'], grace_period=20 * SECOND), None)
        events = Events().listen(process, 'output', 'exited')
        self.wait(lambda: events)
        self.assertTrue(process.shutdown(None))
        self.assertEqual([line for line, _ in events.of('output')], ['up', 'bye'])
        self.assertEqual(process.get_exit_reason(), Process.ExitReason.KILLED)
        self.assertEqual(process.get_exit_code(), 0)

    def test_stop_signal(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sleep', args=['60'], stop_signal=signal.SIGINT,
            grace_period=20 * SECOND), None)
        done = []
        process.shutdown_async(None, lambda source, result: done.append(
            source.shutdown_finish(result)))
        self.wait(lambda: done)
        self.assertEqual(process.get_term_signal(), signal.SIGINT)

    def test_group(self):
        service = Process.Service()
        process = service.start_with_options(Process.RunOptions(
            command='sh', args=['-c', 'sleep 60 & echo $!; wait'], kill_group=True), None)
        events = Events().listen(process, 'output')
        self.wait(lambda: events)
        grandchild = int(events.of('output')[0][0])
        self.assertTrue(is_alive(grandchild))
        process.kill()
        self.wait_end(process)
        self.wait(lambda: not is_alive(grandchild))

    def test_lingering(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'sleep 60 & echo $!'], None)
        events = Events().listen(process, 'output', 'exited')
        self.wait_end(process)
        self.assertTrue(process.get_lingering())
        self.assertEqual(events.names(), ['output', 'exited'])
        grandchild = int(events.of('output')[0][0])
        self.assertTrue(is_alive(grandchild), 'closing the pipe would have ended it')
        lingering = Events().listen(process, 'notify::lingering')
        GLib.spawn_command_line_sync(f'kill {grandchild}')
        self.wait(lambda: lingering)
        self.assertFalse(process.get_lingering())

    def test_bad_signal(self):
        service = Process.Service()
        process = service.start('cat', [], None)
        for number in (-1, 4711):
            with self.fails(Process.Error.INVALID_ARGUMENT):
                process.send_signal(number)
        process.send_signal(0)
        process.close_stdin()
        self.wait_end(process)

    def test_made_by_nobody(self):
        """An object that no service made is no process, and harmless."""
        process = Process.ManagedProcess()
        self.assertEqual(process.get_pid(), 0)
        self.assertFalse(process.is_running())
        self.assertEqual(process.get_exit_code(), -1)
        self.assertEqual(process.get_output(), '')
        with self.assertRaises(GLib.Error):
            process.send_input('x')

    def test_children_get_nothing_of_ours(self):
        import os
        read, write = os.pipe()
        os.set_inheritable(write, True)
        try:
            service = Process.Service()
            output = service.run(sys.executable, [
                '-c', 'import os; print(sorted(int(fd) for fd in os.listdir("/proc/self/fd")))'],
                None)
        finally:
            os.close(read)
            os.close(write)
        # The fourth is the folder that is being listed.
        self.assertEqual(output.strip(), '[0, 1, 2, 3]')

    def test_collection_of_a_handler_that_holds_its_process(self):
        service = Process.Service()
        gone = []

        def cycle():
            process = service.start('true', [], None)
            process.connect('exited', lambda *_: process.get_id())
            process.weak_ref(gone.append, True)
            self.wait_end(process)
            service.remove(process.get_id())

        cycle()
        self.wait(lambda: gc.collect() is not None and gone)


if __name__ == '__main__':
    main()
