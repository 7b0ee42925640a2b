# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The workloads `spawn` and `lines` of README.md in Python, by the library and by what else is.

usage: workloads.py spawn|lines by=process|gio|subprocess|asyncio KEY=VALUE...
Keys are those of the programs in C; `api` of `lines` may also be `for`: `async for`.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
import warnings

ARGUMENTS = dict(word.split('=', 1) for word in sys.argv[2:])
NULL = subprocess.DEVNULL
PIPE = subprocess.PIPE
TRUE = '/bin/true'


def number(key, otherwise):
    return int(ARGUMENTS.get(key, otherwise))


def generator():
    return [ARGUMENTS['gen'], f"n={number('n', 2000000)}", f"mode={ARGUMENTS.get('mode', 'block')}"]


class Clock:
    def __init__(self):
        self.wall, self.cpu = time.monotonic(), self.cpu_time()

    @staticmethod
    def cpu_time():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def print(self, **counts):
        wall, cpu = time.monotonic() - self.wall, self.cpu_time() - self.cpu
        with open('/proc/self/status') as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM:'))
        print(json.dumps({**counts, 'wall_s': wall, 'cpu_self_s': cpu, 'hwm_kib': peak}))


class Lines:
    """Counts lines, and sums their lengths and last characters up."""

    def __init__(self):
        self.n = self.sum = 0

    def add(self, line):
        self.n += 1
        if line:
            self.sum += len(line) + ord(line[-1])


def import_gi():
    """What the programs without it need not pay for."""
    global Gio, GLib, Process
    from gi.repository import Gio, GLib
    if ARGUMENTS['by'] == 'process':
        from gi.repository import Process


class BySubprocess:
    def spawn(self, n, pipes):
        return sum(subprocess.run([TRUE], stdin=NULL, capture_output=pipes).returncode == 0
                   for _ in range(n))

    def lines(self, lines):
        with subprocess.Popen(generator(), stdin=NULL, stdout=PIPE, text=True) as process:
            for line in process.stdout:
                lines.add(line[:-1])


class ByAsyncio:
    def spawn(self, n, pipes):
        return asyncio.run(self.start_all(n, pipes))

    async def start_all(self, n, pipes):
        output = PIPE if pipes else None
        left, passed = n, 0

        async def start_some():
            nonlocal left, passed
            while left > 0:
                left -= 1
                process = await asyncio.create_subprocess_exec(TRUE, stdin=NULL, stdout=output,
                                                               stderr=output)
                await process.communicate()
                passed += process.returncode == 0

        await asyncio.gather(*(start_some() for _ in range(number('inflight', 1))))
        return passed

    def lines(self, lines):
        asyncio.run(self.read(lines))

    async def read(self, lines):
        process = await asyncio.create_subprocess_exec(*generator(), stdin=NULL, stdout=PIPE)
        while line := await process.stdout.readline():
            lines.add(line[:-1].decode())
        await process.wait()


class InLoop:
    """Starts as many at once as are wanted, and the next when one has ended."""

    def spawn(self, n, pipes):
        self.loop = GLib.MainLoop()
        self.pipes, self.left, self.running, self.passed = pipes, n, 0, 0
        self.prepare()
        for _ in range(min(n, number('inflight', 1))):
            self.next()
        self.loop.run()
        return self.passed

    def next(self):
        self.left -= 1
        self.running += 1
        self.start()

    def ended(self, passed):
        self.passed += passed
        self.running -= 1
        if self.left > 0:
            self.next()
        elif self.running == 0:
            self.loop.quit()

    def prepare(self):
        pass


class ByGio(InLoop):
    def prepare(self):
        flags = Gio.SubprocessFlags
        self.flags = flags.STDOUT_PIPE | flags.STDERR_PIPE if self.pipes else flags.NONE

    def start(self):
        child = Gio.Subprocess.new([TRUE], self.flags)
        if self.pipes:
            child.communicate_async(None, None, self.communicated)
        else:
            child.wait_async(None, self.waited)

    def communicated(self, child, result):
        child.communicate_finish(result)
        self.ended(child.get_successful())

    def waited(self, child, result):
        child.wait_finish(result)
        self.ended(child.get_successful())

    def lines(self, lines):
        loop = GLib.MainLoop()
        child = Gio.Subprocess.new(generator(), Gio.SubprocessFlags.STDOUT_PIPE)
        stream = Gio.DataInputStream.new(child.get_stdout_pipe())

        def read(_stream, result):
            line, _length = stream.read_line_finish_utf8(result)
            if line is None:
                child.wait_async(None, lambda *_: loop.quit())
                return
            lines.add(line)
            stream.read_line_async(GLib.PRIORITY_DEFAULT, None, read)

        stream.read_line_async(GLib.PRIORITY_DEFAULT, None, read)
        loop.run()


class ByProcess(InLoop):
    def prepare(self):
        self.service = Process.Service(max_history=1)
        self.service.connect('exited', self.exited)
        self.options = Process.RunOptions(TRUE, kill_group=True, cwd='/',
                                          stdin_mode=Process.StdinMode.NULL)
        if not self.pipes:
            self.options.set_stdout_path('/dev/null')
            self.options.set_stderr_path('/dev/null')

    def start(self):
        self.service.start_with_options(self.options)

    def exited(self, _service, _process, code, _duration, _error):
        self.ended(code == 0)

    def lines(self, lines):
        {'lines': self.by_signal, 'output': self.by_signal, 'for': self.by_iteration}[
            ARGUMENTS.get('api', 'lines')](lines)

    @staticmethod
    def start_generator():
        command, *args = generator()
        service = Process.Service()
        return service.start_with_options(
            Process.RunOptions(command, args, stdin_mode=Process.StdinMode.NULL))

    def by_signal(self, lines):
        loop = GLib.MainLoop()
        process = self.start_generator()
        process.connect('exited', lambda *_: loop.quit())
        if ARGUMENTS.get('api') == 'output':
            process.connect('output', lambda _process, line, _stream: lines.add(line))
        else:
            process.connect('lines', lambda _process, batch, _stream: [*map(lines.add, batch)])
        loop.run()

    def by_iteration(self, lines):
        # Newer Pythons find policies old-fashioned, but they are how both hand out loops.
        warnings.simplefilter('ignore', DeprecationWarning)
        try:
            from gi.events import GLibEventLoopPolicy
        except ImportError:  # before PyGObject 3.50
            from gbulb import GLibEventLoopPolicy
        policy = GLibEventLoopPolicy()
        asyncio.set_event_loop_policy(policy)
        policy.get_event_loop().run_until_complete(self.iterate(lines))

    async def iterate(self, lines):
        process = self.start_generator()
        async for line in process.lines():
            lines.add(line)


def main():
    workload, by = sys.argv[1], ARGUMENTS['by']
    if by in ('process', 'gio'):
        import_gi()
    how = {'process': ByProcess, 'gio': ByGio, 'subprocess': BySubprocess, 'asyncio': ByAsyncio}[by]
    if workload == 'lines':
        lines, clock = Lines(), Clock()
        how().lines(lines)
        clock.print(n=lines.n, sum=lines.sum)
        return
    n = number('n', 2000)
    ballast = bytearray(b'\1') * (number('ballast_mib', 0) << 20)
    clock = Clock()
    passed = how().spawn(n, number('pipes', 0) != 0)
    clock.print(n=n, ok=passed, ballast=len(ballast))


if __name__ == '__main__':
    main()
