# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gives a supervisor commands that behave in different ways, and looks at what is left of them.

usage: supervise.py PROGRAM [ARGUMENT...]
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

DEADLINE = 60  # seconds
PR_SET_CHILD_SUBREAPER = 36

# Of two that it started, one does not mind SIGTERM; and it makes a success of its own end.
TREE = '''
trap 'echo tidied up; exit 0' TERM
(trap "" TERM; exec sleep 1000) &
sleep 1000 &
echo working
echo careful >&2
wait
'''
# Ends when it is told to, which happens after its line was seen. Someone keeps its pipes.
TALK = 'sleep 1000 & echo ready; read -r _ <"$0"'


def adopt_orphans():
    """Who is left of a command becomes a child of ours, whose end we get to know."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')


def wait_for_all():
    """How all children of ours ended, by pid."""
    ends = {}
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return ends
        ends[pid] = os.waitstatus_to_exitcode(status)


def kill_all():
    """Orphans come as their parents go, so until there is none."""
    children = pathlib.Path(f'/proc/self/task/{os.getpid()}/children')
    while pids := children.read_text().split():
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
        os.waitpid(-1, 0)


def arranged(lines):
    """The order of a child's two streams is not defined, but its end comes last."""
    return sorted(lines[:-1]) + lines[-1:]


def check(program, command, lines, status, orphans=(), talk=None):
    """Runs the command under the program; orphans are the signals that end what it leaves."""
    with subprocess.Popen([*program, *command], stdout=subprocess.PIPE, text=True) as supervisor:
        printed = []
        if talk:
            printed.append(supervisor.stdout.readline())
            os.write(talk, b'go\n')
        ends = wait_for_all()
        printed += supervisor.stdout.readlines()
    found = arranged([line.rstrip('\n') for line in printed])
    assert found == arranged(lines), (command, found)
    assert ends.pop(supervisor.pid) == status, (command, ends)
    # What a parent waited for in time, or not, while it ended itself does not matter.
    assert {-signum for signum in orphans} <= set(ends.values()), (command, ends)


def shell(script, *args):
    return ['sh', '-c', script, *args]


def main(*program):
    adopt_orphans()
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(DEADLINE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, 'fifo')
            os.mkfifo(fifo)
            talk = os.open(fifo, os.O_RDWR)
            check(program, shell(TALK, fifo), ['out: ready', 'ended, exit code 0'], 0,
                  orphans=[signal.SIGTERM], talk=talk)
            os.close(talk)
        check(program, shell('echo one; echo two >&2; exit 3'),
              ['out: one', 'err: two', 'ended, exit code 3'], 1)
        check(program, shell(r"printf 'caf\351\r\n\nlast'"),
              ['out: caf\ufffd', 'out: ', 'out: last', 'ended, exit code 0'], 0)
        check(program, shell('kill -KILL $$'), ['ended, signal 9'], 1)
        check(program, ['no-such-program'], [], 1)
        check(program, [], [], 1)
        check(program, shell(TREE), ['out: working', 'err: careful', 'out: tidied up',
                                     'timed out, exit code 0'], 1, orphans=[signal.SIGKILL])
    finally:
        kill_all()


if __name__ == '__main__':
    main(*sys.argv[1:])
