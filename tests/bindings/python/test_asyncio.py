#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What Process.py adds for asyncio, on each event loop that there is.

These are PyGObject's own (from 3.50 on), gbulb's (up to there: it does not work
with the newer ones), and Python's own beside a GLib main loop in another thread.
"""

import asyncio
import contextlib
import gc
import signal
import threading
import unittest
import warnings
from unittest import mock

from support import DEADLINE, ECHO, SECOND, Case, GLib, Process, is_alive, main
from gi.repository import Gio, GObject

# Newer Pythons find policies old-fashioned, but they are how both libraries hand out loops.
warnings.simplefilter('ignore', DeprecationWarning)

try:
    from gi.events import GLibEventLoopPolicy
except ImportError:
    GLibEventLoopPolicy = None

try:
    import gbulb
except ImportError:
    gbulb = None


@contextlib.contextmanager
def policy(new):
    old = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(new)
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(old)


def run_on_pygobject(coroutine):
    with policy(GLibEventLoopPolicy()):
        asyncio.get_event_loop_policy().get_event_loop().run_until_complete(coroutine)


def run_on_gbulb(coroutine):
    with policy(gbulb.GLibEventLoopPolicy()):
        loop = asyncio.get_event_loop_policy().new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(coroutine)
        finally:
            loop.close()
            asyncio.set_event_loop(None)


def run_beside_glib(coroutine):
    loop = GLib.MainLoop()
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        asyncio.run(coroutine)
    finally:
        # Asked from inside the loop, so that it is running by then.
        GLib.idle_add(loop.quit)
        thread.join()


def is_heard(emitter, name):
    return GObject.signal_has_handler_pending(
        emitter, GObject.signal_lookup(name, type(emitter)), 0, True)


class Tests:
    """Run once for each event loop."""

    run_loop = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_loop(asyncio.sleep(0))

    def run(self, result=None):
        method = getattr(type(self), self._testMethodName)
        if not asyncio.iscoroutinefunction(method):
            return super().run(result)

        def test():
            type(self).run_loop(asyncio.wait_for(method(self), DEADLINE))

        setattr(self, self._testMethodName, test)
        try:
            return super().run(result)
        finally:
            delattr(self, self._testMethodName)

    def start_counting(self, service, count):
        """Starts a process that prints numbers once it is told to.

        The owner's loop may run in another thread, where output could come before
        anyone listens.
        """
        return service.start('sh', ['-c', f'read x; seq {count}'])

    async def talk(self, process):
        """Waits until the process answers."""
        lines = process.lines()
        process.send_input('up\n')
        self.assertEqual(await lines.__anext__(), 'up')

    async def test_run(self):
        service = Process.Service()
        self.assertEqual(await service.run_async('echo', ['a']), 'a\n')
        self.assertEqual(await service.run_async('echo'), '\n')
        self.assertEqual(await service.run_async(command='echo', args=['b'], cancellable=None),
                         'b\n')
        self.assertEqual(await service.run_async('echo', ['c'], None, None), 'c\n')
        self.assertEqual(await service.run_with_options_async(
            Process.RunOptions('cat', input=b'fed')), 'fed')

    async def test_everything_can_be_awaited(self):
        service = Process.Service()
        process = service.start('cat')
        self.assertTrue(await process.send_bytes_async(b'text'))
        process.close_stdin()
        self.assertTrue(await process.wait_async())
        self.assertEqual(process.get_output(), 'text')
        result = await service.call_action_async('process.run', GLib.Variant('a{sv}', {
            'command': GLib.Variant('s', 'pwd'), 'cwd': GLib.Variant('s', '/')}))
        self.assertEqual(result.unpack(), '/\n')
        process = service.start('cat')
        self.assertTrue(await process.shutdown_async())
        self.assertFalse(is_alive(process.pid))
        program = Process.Program('sh')
        self.assertEqual(await program.run_async(['-c', 'echo x']), 'x')
        self.assertEqual(await program.run_dir_async('/', ['-c', 'pwd']), '/')
        self.assertTrue(await service.shutdown_async(0))

    async def test_errors(self):
        service = Process.Service()
        for call, code in ((service.run_async('false'), Process.Error.NON_ZERO_EXIT),
                           (service.run_async('no-such-program-at-all'),
                            Process.Error.PROGRAM_NOT_FOUND),
                           (service.run_async('sh', ['-c', 'kill -9 $$']), Process.Error.KILLED),
                           (service.run_async(''), Process.Error.INVALID_ARGUMENT),
                           (service.run_with_options_async(Process.RunOptions(
                               'sleep', ['60'], timeout=SECOND // 50)), Process.Error.TIMED_OUT)):
            with self.fails(code):
                await call

    async def test_side_by_side(self):
        service = Process.Service()
        outputs = await asyncio.gather(*(service.run_async('echo', [str(i)]) for i in range(10)))
        self.assertEqual(outputs, [f'{i}\n' for i in range(10)])

    async def test_runs(self):
        folder = self.temporary()
        runner = Process.Runner()
        specs = [Process.RunSpec('b', 'cp', ['a', 'b'], cwd=folder, after=['a']),
                 Process.RunSpec('a', 'touch', ['a'], cwd=folder),
                 Process.RunSpec('c', 'false', allow_failure=True)]
        result = await runner.run_all_async(specs)
        self.assertEqual([each.passed for each in result], [True, True, False])
        self.assertTrue((folder / 'b').exists())
        result = await runner.run_sequential_async(specs[1:], None)
        self.assertEqual((result.n_passed, result.n_failed, result.success), (1, 1, False))
        result = await runner.run_parallel_async(specs=specs[:2], cancellable=None)
        self.assertTrue(result.success)
        with self.fails(Process.Error.INVALID_ARGUMENT, message='“a”'):
            await runner.run_all_async([specs[1], specs[1]])

    async def test_runs_side_by_side(self):
        service = Process.Service()
        results = await asyncio.gather(*(Process.Runner(service).run_sequential_async(
            [Process.RunSpec(str(i), 'echo', [str(i)]) for i in range(n)]) for n in range(4)))
        self.assertEqual([[each.output for each in result] for result in results],
                         [[f'{i}\n' for i in range(n)] for n in range(4)])

    async def test_reading_specs(self):
        folder = self.temporary()
        (folder / 'specs').write_text('[{"name": "a", "command": "b"}]')
        (folder / 'bad').write_text('[{"name": "a"}]')
        good, bad, gone = (Gio.File.new_for_path(str(folder / name))
                           for name in ('specs', 'bad', 'gone'))
        spec, = await Process.RunSpec.list_from_file_async(good)
        self.assertEqual((spec.name, spec.command), ('a', 'b'))
        with self.fails(Process.Error.INVALID_ARGUMENT, message='“command”'):
            await Process.RunSpec.list_from_file_async(bad)
        with self.fails(Gio.IOErrorEnum.NOT_FOUND, Gio.io_error_quark()):
            await Process.RunSpec.list_from_file_async(gone)

    async def test_cancelling_a_run(self):
        runner = Process.Runner()
        specs = [Process.RunSpec('a', 'sleep', ['60']), Process.RunSpec('b', 'true', after=['a'])]
        task = asyncio.ensure_future(self.run_specs(runner, specs))
        while not runner.service.running():
            await asyncio.sleep(0)
        process, = runner.service.running()
        with self.fails(Process.Error.ALREADY_RUNNING):
            await runner.run_all_async([])
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(is_alive(process.pid), 'it has ended by the time that await raises')
        self.assertEqual(process.exit_reason, Process.ExitReason.CANCELLED)
        # By a cancellable of its own a run has a result all the same.
        cancellable = Gio.Cancellable()
        future = runner.run_all_async(specs, cancellable)
        while not runner.service.running():
            await asyncio.sleep(0)
        cancellable.cancel()
        result = await future
        self.assertEqual((result.n_passed, result.n_failed, result.n_skipped), (0, 1, 1))

    async def run_specs(self, runner, specs):
        await runner.run_all_async(specs)

    async def test_health(self):
        async with Process.HealthServer('0') as server:
            address = server.address
            self.assertTrue(await Process.probe_health_async(address, 20 * SECOND))
            self.assertTrue(await Process.wait_for_ready_async(address, 20 * SECOND, None))
            server.set_ready(False)
            self.assertFalse(await Process.wait_for_ready_async(address, 0))
            with self.fails(Process.Error.UNHEALTHY):
                await Process.probe_ready_async(address, 0)
            with self.fails(Process.Error.INVALID_ARGUMENT):
                await Process.probe_health_async('nonsense', 0)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(Process.wait_for_ready_async(address, 60 * SECOND), 0.05)
        self.assertFalse(server.running)
        self.assertTrue(await server.drain_async(0))
        with self.fails(Process.Error.TIMED_OUT):
            await Process.probe_health_async(address, 0)

    async def test_daemon(self):
        folder = self.temporary()
        async with Process.Daemon(pid_file=folder / 'pid', health_address='0') as daemon:
            self.assertTrue(await Process.probe_health_async(daemon.health_address, 20 * SECOND))
            self.assertTrue((folder / 'pid').exists())
        self.assertFalse((folder / 'pid').exists())
        self.assertTrue(await daemon.stop_async())
        with self.fails(Process.Error.NOT_RUNNING):
            await daemon.run_async()

    async def test_callback_style_stays(self):
        service = Process.Service()
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def ended(source, result, data):
            text = source.run_finish(result)
            loop.call_soon_threadsafe(done.set_result, text + data)

        self.assertIsNone(service.run_async('echo', ['a'], None, ended, 'data'))
        self.assertEqual(await done, 'a\ndata')

    async def test_cancelling_a_task(self):
        service = Process.Service()
        task = asyncio.ensure_future(self.run_forever(service))
        while not service.running():
            await asyncio.sleep(0)
        process, = service.running()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(is_alive(process.pid), 'it has ended by the time that await raises')
        self.assertEqual(process.exit_reason, Process.ExitReason.CANCELLED)

    async def run_forever(self, service):
        await service.run_async('sleep', ['60'])

    async def test_deadline(self):
        service = Process.Service()
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(service.run_async('sleep', ['60']), 0.05)
        process, = service.list()
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.exit_reason, Process.ExitReason.CANCELLED)

    async def test_cancelling_waits_for_the_grace(self):
        service = Process.Service()
        script = 'trap "echo bye; exit 0" TERM; ' + ECHO[1]
        task = asyncio.ensure_future(self.run_politely(service, script))
        while not service.running():
            await asyncio.sleep(0)
        process, = service.running()
        await self.talk(process)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.exit_code, 0)
        self.assertEqual(process.get_output(), 'up\nbye\n')

    async def run_politely(self, service, script):
        await service.run_with_options_async(Process.RunOptions(
            'sh', ['-c', script], grace_period=20 * SECOND, stdin_mode=Process.StdinMode.PIPE))

    async def test_own_cancellable(self):
        service = Process.Service()
        cancellable = Gio.Cancellable()
        calls = [service.run_async('sleep', ['60'], cancellable) for _ in range(2)]
        cancellable.cancel()
        for call in calls:
            with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
                await call
        with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
            await service.run_async('sleep', ['60'], cancellable)
        self.assertFalse(is_heard(cancellable, 'cancelled'))

    async def test_cancelling_one_of_a_shared_cancellable(self):
        service = Process.Service()
        cancellable = Gio.Cancellable()
        first = service.run_async('sleep', ['60'], cancellable)
        second = service.run_async('cat', None, cancellable)
        self.assertTrue(first.cancel())
        with self.assertRaises(asyncio.CancelledError):
            await first
        self.assertFalse(first.cancel())
        self.assertFalse(cancellable.is_cancelled())
        self.assertEqual(await second, '')

    async def test_cancelled_wait_ends_only_the_wait(self):
        service = Process.Service()
        process = service.start('cat')
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait_async(), 0.02)
        self.assertTrue(process.running)
        process.close_stdin()
        await process.wait_async()

    async def test_lines(self):
        service = Process.Service()
        process = self.start_counting(service, 5000)
        lines = process.lines()
        process.send_input('go\n')
        self.assertEqual([int(line) async for line in lines], list(range(1, 5001)))
        self.assertEqual([line async for line in process.lines()], [], 'it has ended')

    async def test_a_process_is_its_lines(self):
        service = Process.Service()
        process = self.start_counting(service, 3)
        lines = aiter(process)
        process.send_input('go\n')
        self.assertEqual([line async for line in lines], ['1', '2', '3'])
        self.assertEqual([line async for line in process], [], 'it has ended')

    async def test_lines_of_both_streams(self):
        service = Process.Service()
        process = service.start('sh', ['-c', 'read x; echo a; echo b >&2; echo c'])
        both, pairs, errors = (process.lines(), process.lines(with_stream=True),
                               process.lines(Process.Stream.STDERR))
        process.send_input('go\n')
        self.assertEqual(sorted([line async for line in both]), ['a', 'b', 'c'])
        self.assertEqual(sorted([pair async for pair in pairs]), [
            ('a', Process.Stream.STDOUT), ('b', Process.Stream.STDERR),
            ('c', Process.Stream.STDOUT)])
        self.assertEqual([line async for line in errors], ['b'])

    async def test_lines_are_kept_for_later(self):
        service = Process.Service()
        process = self.start_counting(service, 100)
        lines = process.lines()
        process.send_input('go\n')
        await process.wait_async()
        self.assertEqual(len([line async for line in lines]), 100)

    async def test_conversation(self):
        service = Process.Service()
        process = service.start('sh', ECHO)
        lines = process.lines()
        for i in range(50):
            process.send_input(f'{i}\n')
            self.assertEqual(await lines.__anext__(), str(i))
        process.close_stdin()
        with self.assertRaises(StopAsyncIteration):
            await lines.__anext__()

    async def test_leaving_the_lines(self):
        service = Process.Service()
        process = service.start('sh', ECHO)
        lines = process.lines()
        process.send_input('a\nb\nc\n')
        async for line in lines:
            if line == 'b':
                break
        lines = process.lines()
        await lines.aclose()
        with self.assertRaises(StopAsyncIteration):
            await lines.__anext__()
        self.assertTrue(process.running)
        process.close_stdin()
        await process.wait_async()
        self.assertEqual(process.get_output(), 'a\nb\nc\n')

    async def test_lines_that_nobody_asks_for_any_more(self):
        service = Process.Service()
        process = service.start('sh', ECHO)
        closed, dropped = process.lines(), process.lines()
        self.assertTrue(is_heard(process, 'lines'))
        await closed.aclose()
        del dropped
        gc.collect()
        self.assertFalse(is_heard(process, 'lines'))
        process.close_stdin()
        async for line in process.lines():
            self.fail(line)
        self.assertFalse(is_heard(process, 'lines'))

    async def test_lines_of_a_stream_that_is_none(self):
        process = Process.Service().start('cat')
        with mock.patch('sys.unraisablehook') as complaint:
            with self.assertRaises(ValueError):
                process.lines(99)
            gc.collect()
        complaint.assert_not_called()
        process.close_stdin()
        await process.wait_async()

    async def test_no_handler_is_left_at_the_end(self):
        service = Process.Service()
        process = service.start('sh', ECHO)
        disconnecting, ended = threading.Event(), threading.Event()
        early = []

        def disconnect(emitter, handler):
            disconnecting.set()
            early.append(ended.wait(0.2))
            GObject.Object.disconnect(emitter, handler)

        with mock.patch.object(Process.ManagedProcess, 'disconnect', disconnect, create=True):
            lines = process.lines()
            process.close_stdin()
            await asyncio.get_running_loop().run_in_executor(None, disconnecting.wait)
            async for line in lines:
                self.fail(line)
            ended.set()
        self.assertEqual(early, [False])

    async def test_cancelled_iteration(self):
        service = Process.Service()
        process = service.start('sh', ECHO)
        lines = process.lines()
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(lines.__anext__(), 0.02)
        process.send_input('a\n')
        self.assertEqual(await lines.__anext__(), 'a')
        process.kill()
        self.assertEqual([line async for line in lines], [])

    async def test_one_task_at_a_time(self):
        service = Process.Service()
        process = service.start('cat')
        lines = process.lines()
        first = asyncio.ensure_future(lines.__anext__())
        await asyncio.sleep(0)
        with self.assertRaises(RuntimeError):
            await lines.__anext__()
        process.close_stdin()
        with self.assertRaises(StopAsyncIteration):
            await first

    async def test_service_block(self):
        async with Process.Service() as service:
            process = service.start('cat')
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.term_signal, signal.SIGTERM)
        with self.fails(Process.Error.NOT_RUNNING):
            await service.run_async('true')

    async def test_process_block(self):
        service = Process.Service()
        async with service.start('cat') as process:
            pass
        self.assertFalse(is_alive(process.pid))

    async def test_cancelled_block(self):
        stubborn = ['-c', 'trap "" TERM; ' + ECHO[1]]

        async def block():
            async with Process.Service() as service:
                process = service.start('sh', stubborn)
                await self.talk(process)
                started.set_result(process)

        started = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(block())
        process = await started
        # Two turns of the loop, after which it waits for the end of the grace.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(is_alive(process.pid))
        self.assertEqual(process.term_signal, signal.SIGKILL)


@unittest.skipUnless(GLibEventLoopPolicy, 'PyGObject has no event loop before 3.50')
class OnPyGObject(Tests, Case):
    run_loop = staticmethod(run_on_pygobject)


@unittest.skipUnless(gbulb, 'gbulb is not there')
@unittest.skipIf(GLibEventLoopPolicy, 'PyGObject has a loop of its own, with which gbulb fails')
class OnGbulb(Tests, Case):
    run_loop = staticmethod(run_on_gbulb)


class BesideGLib(Tests, Case):
    run_loop = staticmethod(run_beside_glib)


if __name__ == '__main__':
    main()
