# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs five commands, each as soon as those that it needs are done."""

import os
import tempfile

import gi
gi.require_version('Process', '1')
from gi.repository import Process

folder = tempfile.mkdtemp(prefix='pipeline-')


def spec(name, script, after=(), **properties):
    return Process.RunSpec(name=name, command='sh', args=['-c', script], cwd=folder,
                           after=list(after), **properties)


def finished(runner, result):
    if result.props.passed:
        print(result.props.name, 'passed')
    elif result.props.error is not None:
        print(result.props.name, result.props.error.message, sep=': ')
    else:
        print(f'{result.props.name} ended with {result.props.exit_code}:\n{result.props.output}')


specs = [
    spec('fetch', 'seq 100000 > data'),
    spec('compress', 'gzip --keep data', after=['fetch']),
    spec('sum', 'sha256sum data > data.sum', after=['fetch']),
    spec('check', 'gunzip --stdout data.gz | cmp - data && sha256sum -c data.sum',
         after=['compress', 'sum'], allow_failure=True),
    spec('clean', 'rm -r "$PWD"', after=['check']),
]
service = Process.Service()
runner = Process.Runner.new(service)
runner.props.max_parallel = os.cpu_count()
runner.connect('spec-finished', finished)
result = runner.run_all(specs, None)
print(f'{result.props.n_passed} passed, {result.props.n_failed} failed, '
      f'{result.props.n_skipped} skipped')
