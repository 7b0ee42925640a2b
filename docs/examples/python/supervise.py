# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a command for at most 2 s, shows its lines as they come, and ends all that it started.

usage: supervise.py COMMAND [ARGUMENT...]
"""

import sys

import gi
gi.require_version('Process', '1')
from gi.repository import GLib, Process


def output(process, line, stream):
    print('err:' if stream == Process.Stream.STDERR else 'out:', line, flush=True)


def exited(process, code, duration, error):
    timed_out = process.exit_reason == Process.ExitReason.TIMED_OUT
    print('timed out,' if timed_out else 'ended,', 'signal' if process.term_signal else 'exit code',
          process.term_signal or code, flush=True)


def supervise(command, *args):
    options = Process.RunOptions(command, args, stdin_mode=Process.StdinMode.NULL, kill_group=True,
                                 timeout=2 * GLib.USEC_PER_SEC, grace_period=GLib.USEC_PER_SEC)
    with Process.Service().start_with_options(options) as process:
        process.connect('output', output)
        process.connect('exited', exited)
        process.wait()


if len(sys.argv) < 2:
    sys.exit('usage: supervise.py COMMAND [ARGUMENT...]')
try:
    supervise(*sys.argv[1:])
except GLib.Error as error:
    sys.exit(error.message)
