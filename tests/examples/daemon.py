# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the daemon of the examples as a user would.

usage: daemon.py TOOL PROGRAM [ARGUMENT...]
TOOL is the command process-glib.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)


def use(daemon, tool, command, env):
    address = daemon.stdout.readline().removeprefix('health at ').strip()
    healthy = run(tool, 'health', address, env=env)
    assert (healthy.returncode, healthy.stdout) == (0, 'ok\n'), healthy
    assert run(tool, 'health', '--ready', address, env=env).stdout == 'ready\n'

    [entry] = json.loads(run(tool, 'daemons', '--json', env=env).stdout)
    assert (entry['code'], entry['daemon']) == ('example', 'worker'), entry
    assert (entry['pid'], entry['health']) == (daemon.pid, address), entry

    second = run(*command, env=env, stderr=subprocess.PIPE)
    assert second.returncode != 0 and str(daemon.pid) in second.stderr, second


def main(tool, *command):
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, 'HOME': folder, 'TMPDIR': folder, 'XDG_RUNTIME_DIR': folder}
        for end in signal.SIGTERM, signal.SIGINT:
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as daemon:
                try:
                    use(daemon, tool, command, env)
                finally:
                    daemon.send_signal(end)
                rest = daemon.stdout.read()
            assert (rest, daemon.returncode) == ('stopped\n', 0), (rest, daemon.returncode)
            left = [str(path) for path in pathlib.Path(folder).rglob('*') if not path.is_dir()]
            assert not left, left


if __name__ == '__main__':
    main(*sys.argv[1:])
