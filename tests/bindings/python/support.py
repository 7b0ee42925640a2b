# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests share: waiting with a deadline, and leaving nothing behind."""

import contextlib
import gc
import os
import pathlib
import signal
import sys
import tempfile
import threading
import unittest

import gi

gi.require_version('Process', '1')

from gi.repository import GLib, GObject, Process  # noqa: E402

SECOND = GLib.USEC_PER_SEC
DEADLINE = 30

# Prints a line at each request, so that a test decides when something happens.
ECHO = ['-c', 'while read -r line; do echo "$line"; done']


def descriptors():
    found = set()
    for fd in os.listdir('/proc/self/fd'):
        # The folder that was just listed is closed again.
        with contextlib.suppress(FileNotFoundError):
            found.add((fd, os.readlink(f'/proc/self/fd/{fd}')))
    return found


def children():
    """Identifiers of our children, zombies included."""
    found = []
    for entry in pathlib.Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):
            # The name between the parentheses may hold anything.
            fields = entry.read_text(errors='replace').rpartition(')')[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(entry.parent.name))
    return found


def alive():
    """Of what kinds the library's objects are that there are, and how many.

    None are seen unless leaks.c is loaded.
    """
    try:
        leaks = GObject.new(GObject.type_from_name('TestLeaks'))
    except RuntimeError:
        return []
    return leaks.get_property('alive').splitlines()


def is_alive(pid):
    try:
        state = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state not in 'ZX'


def wait_until(condition, context=None, seconds=DEADLINE):
    """Iterates the main context until the condition holds; False past the deadline."""
    context = context or GLib.MainContext.get_thread_default() or GLib.MainContext.default()
    expired = []
    deadline = GLib.timeout_source_new_seconds(seconds)
    deadline.set_callback(lambda *_: expired.append(True) or GLib.SOURCE_CONTINUE)
    deadline.attach(context)
    # What no source announces, such as another process's end, is looked at again now and then.
    look_again = GLib.timeout_source_new(10)
    look_again.set_callback(lambda *_: GLib.SOURCE_CONTINUE)
    look_again.attach(context)
    try:
        while not condition():
            if expired:
                return False
            context.iteration(True)
        return True
    finally:
        deadline.destroy()
        look_again.destroy()


class Events(list):
    """Records what a process or a service emits, in its order."""

    def listen(self, emitter, *names):
        for name in names:
            emitter.connect(name, self._record, name)
        return self

    def _record(self, _emitter, *args):
        *args, name = args
        self.append((name, *[arg for arg in args if not isinstance(arg, Process.ManagedProcess)]))

    def names(self):
        return [event[0] for event in self]

    def of(self, name):
        return [event[1:] for event in self if event[0] == name]


class Case(unittest.TestCase):
    """A test that leaves no child, no descriptor and no object of the library behind."""

    @classmethod
    def setUpClass(cls):
        # What stays for the life of the program, such as GLib's worker thread, is made here.
        service = Process.Service()
        service.run('true', [], None)
        process = service.start('true', [], None)
        assert wait_until(lambda: not process.get_running())

    def setUp(self):
        self.addCleanup(self._end_children)
        gc.collect()
        self.assertTrue(wait_until(lambda: not children()))
        # What was let go of last is closed in the next turn of the loop.
        while GLib.MainContext.default().iteration(False):
            pass
        self._descriptors = descriptors()
        self._hook, sys.excepthook = sys.excepthook, self._note_exception
        self.exceptions = []

    def tearDown(self):
        sys.excepthook = self._hook
        # What a handler threw holds on to all that its frames held.
        sys.last_type = sys.last_value = sys.last_traceback = sys.last_exc = None
        self.assertTrue(self._settles(lambda: not children()), children())
        self.assertTrue(self._settles(lambda: not alive()), alive())
        self.assertTrue(self._settles(lambda: not descriptors() - self._descriptors),
                        descriptors() - self._descriptors)

    def _settles(self, condition):
        return wait_until(lambda: gc.collect() is not None and condition(), seconds=10)

    def _note_exception(self, kind, _exception, _traceback):
        self.exceptions.append(kind)

    @staticmethod
    def _end_children():
        # Nothing is left unless the test has failed.
        for pid in children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait(self, condition):
        self.assertTrue(wait_until(condition), 'the deadline passed')

    def ended_with(self, errors):
        """A callback for `foo_async` that notes how `foo_finish` fails, by domain and code.

        The error itself would keep everything alive that its traceback knows.
        """
        def done(source, result, finish):
            try:
                getattr(source, finish)(result)
            except GLib.Error as error:
                errors.append((error.domain, error.code))

        return done

    def wait_end(self, process):
        """Waits until everything of the process has been emitted."""
        ended = []
        process.wait_async(None, lambda *_: ended.append(True))
        self.wait(lambda: ended)

    @contextlib.contextmanager
    def fails(self, code, domain=None, message=None):
        with self.assertRaises(GLib.Error) as caught:
            yield caught
        error = caught.exception
        self.assertTrue(error.matches(domain or Process.Error.quark(), code),
                        (error.domain, error.code, error.message))
        if message is not None:
            self.assertIn(message, error.message)
        self.assertFalse(error.message.endswith('.'), error.message)

    def temporary(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def in_thread(self, function):
        """Runs the function in a thread while the main context is iterated."""
        outcome = []

        def body():
            try:
                outcome.append((function(), None))
            except BaseException as error:
                outcome.append((None, error))
            GLib.MainContext.default().wakeup()

        thread = threading.Thread(target=body)
        thread.start()
        self.wait(lambda: outcome)
        thread.join()
        value, error = outcome[0]
        if error is not None:
            raise error
        return value


def main():
    # A test that hangs in a blocking call is ended with a look at where it hangs.
    import faulthandler
    faulthandler.dump_traceback_later(4 * DEADLINE, exit=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    unittest.main(verbosity=2)
