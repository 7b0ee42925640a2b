# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of pipelines share. It is imported before anything else."""

import os

import plain  # noqa: F401
from support import SECOND, Process, wait_until
from gi.repository import GObject

MODES = ('run_all', 'run_sequential', 'run_parallel')


def make_spec(name, script='true', after=(), **properties):
    return Process.RunSpec(name=name, command='sh', args=['-c', script], after=list(after),
                           **properties)


def blocking(runner, mode, specs, cancellable=None):
    return getattr(runner, mode)(specs, cancellable)


def by_callback(runner, mode, specs, cancellable=None):
    ended = []
    getattr(runner, mode + '_async')(specs, cancellable,
                                     lambda _source, result: ended.append(result))
    assert not ended, 'the callback was called too early'
    assert wait_until(lambda: ended), 'the deadline passed'
    return getattr(runner, mode + '_finish')(ended[0])


FORMS = (blocking, by_callback)


def outcomes(result):
    """Of each spec its name, its exit code and whether it was skipped."""
    return [(each.get_name(), each.get_exit_code(), each.get_skipped()) for each in result]


def counts(result):
    return result.get_n_passed(), result.get_n_failed(), result.get_n_skipped()


class Log(list):
    """What a runner tells: `+` started, `-` passed, `!` failed, `/` skipped."""

    def __init__(self, runner):
        super().__init__()
        runner.connect('spec-started', self._on_started)
        runner.connect('spec-finished', self._on_finished)

    def _on_started(self, _runner, spec, _process):
        self.append('+' + spec.get_name())

    def _on_finished(self, _runner, result):
        mark = '/' if result.get_skipped() else '-' if result.get_passed() else '!'
        self.append(mark + result.get_name())


class Gate:
    """Where a child waits until it is let through."""

    def __init__(self, path):
        self.path = path
        os.mkfifo(path)
        # What a child does.
        self.passing = f'read x < {path}'

    def open(self):
        Process.Service().run_with_options(Process.RunOptions(
            command='sh', args=['-c', f'echo > {self.path}'], timeout=20 * SECOND))


class Label(GObject.Object):
    """Something to bind to."""

    text = GObject.Property(type=str)
    fraction = GObject.Property(type=float)
    number = GObject.Property(type=int)
