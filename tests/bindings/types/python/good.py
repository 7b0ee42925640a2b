# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""All of this must pass mypy."""

import asyncio
import datetime
import pathlib
from typing import List, Optional, Tuple

from gi.repository import Gio, GLib, Process


def options() -> Process.RunOptions:
    found = Process.RunOptions('make', ['-j4'], cwd=pathlib.Path('/src'), merge_stderr=True)
    found.timeout = datetime.timedelta(minutes=5)
    found.grace_period = 2 * GLib.USEC_PER_SEC
    found.input = b'bytes'
    found.cwd = None
    found.args = ('a', 'b')
    found.stdin_mode = Process.StdinMode.PIPE
    found.set_timeout(datetime.timedelta(seconds=1))
    cwd: Optional[str] = found.cwd
    timeout: int = found.timeout + found.get_timeout()
    print(cwd, timeout, Process.RunOptions(), Process.RunOptions('ls', None))
    return found


def blocking() -> None:
    with Process.Service(max_history=9) as service:
        text: str = service.run('ls') + service.run('ls', ['-l'], None)
        text += service.run(command='ls', args=('-l',), cancellable=Gio.Cancellable())
        process: Process.ManagedProcess = service.start_with_options(options())
        last: Process.ManagedProcess = service[-1]
        some: List[Process.ManagedProcess] = service[1:] + service.list()
        names = [each.command for each in service]
        print(text.strip(), len(service), bool(service), last.id, some, names, process in service)
        service.activate_action('clear')
        with process:
            process.send_bytes(b'bytes')
            data = process.get_output_bytes()
            print(process.exit_code + 1, data.get_data() if data else None, process.status)
    alive, pid = Process.PidFile.read(pathlib.Path('/run/pid'))
    print(alive is True, pid + 1, Process.VERSION.upper(), Process.MAJOR_VERSION + 1)
    ring = Process.RingBuffer(9)
    print(ring.write(b'abc') + 1, ring.to_string().upper())


def handlers(process: Process.ManagedProcess) -> None:
    process.connect('lines', lambda _process, lines, stream: print(lines[0].upper(), stream))
    process.connect('exited', lambda each, code, duration, error: print(
        each.id, code + duration, error.message if error else ''))
    process.connect('output::stderr', lambda _process, line, _stream: print(line))
    process.connect('notify::running', print, 'data')
    number: int = process.connect('killed', lambda _process, name: print(name.upper()))
    process.disconnect(number)


async def awaiting(service: Process.Service) -> str:
    first, second = await asyncio.gather(service.run_async('ls'),
                                         service.run_with_options_async(options()))
    future: asyncio.Future[str] = service.run_async('ls', ['-l'], None, None)
    future.cancel()
    specs: List[Process.RunSpec] = await Process.RunSpec.list_from_file_async(
        Gio.File.new_for_path('specs.json'))
    result = await Process.Runner(service).run_all_async(specs)
    error = result[0].error
    print(result.success, result.n_passed, error.message if error else None)
    healthy: bool = await Process.probe_health_async('8080', datetime.timedelta(seconds=1))
    async with Process.Daemon(pid_file='/run/pid', health_address='0') as daemon:
        print(await daemon.run_async(), healthy)
    return first + second


async def reading(process: Process.ManagedProcess) -> None:
    async for line in process:
        print(line.upper())
    async for line in process.lines(Process.Stream.STDERR):
        print(line.upper())
    async for pair in process.lines(with_stream=True):
        both: Tuple[str, Process.Stream] = pair
        print(both)
    lines = process.lines()
    await lines.aclose()


def with_callbacks(service: Process.Service) -> None:
    def done(source: Process.Service, result: Gio.AsyncResult, data: str = '') -> None:
        try:
            print(source.run_finish(result) + data)
        except GLib.Error as error:
            print(error.matches(Process.Error.quark(), Process.Error.KILLED), error.message)

    nothing: None = service.run_async('ls', None, None, done, 'data')
    service.run_async('ls', callback=done)
    service.run_async(command='ls', args=['-l'], callback=done, user_data='data')
    print(nothing)


def checks(server: Process.HealthServer) -> None:
    first: int = server.add_check('a', lambda: True)
    server.add_check('b', lambda data: bool(data), 'data')
    server.add_async_check('c', lambda _server, task: task.return_boolean(True), 0)
    server.remove_check(first)
    with server:
        print(server.address, server.ready)
    with Process.PidFile('/run/pid') as pid_file:
        print(pid_file.path)
    registry = Process.Registry.get_default()
    entry = registry.get('code', 'daemon')
    print([each.pid for each in registry], entry.started.to_unix() if entry and entry.started
          else None)
