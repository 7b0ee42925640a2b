# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What docs/coming-from.md says of Python's own modules, so that it stays true."""

import asyncio
import contextlib
import os
import subprocess
import tempfile
import threading
import unittest

# A child that ends at once, and one of its own that holds the pipe until it is told to go.
HOLDER = '(read -r _; echo late) <"$0" & echo early'
TIMEOUT = 2


class Claims(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.go, self.answer = [os.path.join(folder.name, name) for name in ('go', 'answer')]
        for path in self.go, self.answer:
            os.mkfifo(path)

    def open(self, path):
        """Never waits for who opens the other end."""
        descriptor = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, descriptor)
        return descriptor

    def test_run_with_timeout_kills_the_child_only(self):
        go, answer = self.open(self.go), self.open(self.answer)
        script = '(read -r _ <"$0"; echo alive >"$1") & wait'
        with self.assertRaises(subprocess.TimeoutExpired):
            subprocess.run(['sh', '-c', script, self.go, self.answer], timeout=TIMEOUT, check=False)
        os.write(go, b'go\n')
        self.assertEqual(os.read(answer, 100), b'alive\n')

    def test_communicate_waits_for_who_holds_the_pipe(self):
        go = self.open(self.go)
        with subprocess.Popen(['sh', '-c', HOLDER, self.go], stdout=subprocess.PIPE) as process:
            printed = []
            reader = threading.Thread(target=lambda: printed.append(process.communicate()[0]))
            reader.start()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            os.write(go, b'go\n')
            reader.join()
        self.assertEqual(printed, [b'early\nlate\n'])

    def test_cancelling_a_task_of_asyncio_leaves_the_process(self):
        async def cancel():
            process = await asyncio.create_subprocess_exec('sleep', '1000')
            task = asyncio.ensure_future(process.wait())
            await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            self.assertIsNone(process.returncode)
            process.kill()
            return await process.wait()

        self.assertEqual(asyncio.run(cancel()), -9)

    def test_long_lines_are_refused_by_asyncio(self):
        async def read():
            process = await asyncio.create_subprocess_exec('printf', '%0200000d', '1',
                                                           stdout=asyncio.subprocess.PIPE)
            with self.assertRaises(ValueError):
                await process.stdout.readline()
            await process.communicate()

        asyncio.run(read())


if __name__ == '__main__':
    unittest.main()
