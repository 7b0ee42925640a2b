# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ../python/supervise.py does, with the standard library alone.

usage: supervise.py COMMAND [ARGUMENT...]
"""

import os
import signal
import subprocess
import sys
import threading
import time

TIMEOUT, GRACE, LINGER = 2, 1, 1


def follow(name, pipe):
    for line in pipe:
        text = line.decode(errors='replace').rstrip('\r\n')
        print(f'{name} {text}\n', end='', flush=True)


def signal_group(process, signum):
    """Whether there is still someone in the group."""
    try:
        os.killpg(process.pid, signum)
    except ProcessLookupError:
        return False
    return True


def end_group(process):
    deadline = time.monotonic() + GRACE
    signal_group(process, signal.SIGTERM)
    while signal_group(process, 0) and time.monotonic() < deadline:
        process.poll()  # an ended child is in its group until it was waited for
        time.sleep(0.01)
    signal_group(process, signal.SIGKILL)


def supervise(*command):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    # Two pipes, of which either may be full: somebody has to read each.
    readers = [threading.Thread(target=follow, args=args, daemon=True)
               for args in (('out:', process.stdout), ('err:', process.stderr))]
    for reader in readers:
        reader.start()
    timed_out = False
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        timed_out = True
    end_group(process)
    code = process.wait()
    for reader in readers:
        reader.join(LINGER)  # who left the group may hold the pipe open for ever
    print('timed out,' if timed_out else 'ended,',
          f'signal {-code}' if code < 0 else f'exit code {code}')
    return timed_out or code != 0


if len(sys.argv) < 2:
    sys.exit('usage: supervise.py COMMAND [ARGUMENT...]')
try:
    sys.exit(supervise(*sys.argv[1:]))
except OSError as error:
    sys.exit(str(error))
