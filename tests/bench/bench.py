# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scripts here share: they run the programs, and keep what those say."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import subprocess
import time

RESULTS = pathlib.Path(__file__).with_name('results')
# Nobody waits longer for one program.
PATIENCE = 600


def make_parser(doc, results):
    """What each of the measurements is asked for."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--out', default=RESULTS / results)
    return parser


def run(command, *settings, **variables):
    """What a program prints as its last line, which is JSON."""
    done = subprocess.run([*map(str, command), *settings], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True, timeout=PATIENCE,
                          env={**os.environ, **variables})
    return json.loads(done.stdout.splitlines()[-1])


def allow_descriptors(wanted):
    """How many a program may have open: as many as are wanted, where the system lets us."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except ValueError:
            wanted = most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(most, wanted)))
    return wanted


def machine(folder):
    with open('/proc/cpuinfo') as info:
        models = [line.split(':')[1].strip() for line in info if line.startswith('model name')]
    said = subprocess.run([folder / 'bench-spawn', 'version=1'], check=True, capture_output=True)
    return {
        'model': models[0] if models else platform.machine(),
        'cpus': os.cpu_count(),
        'kernel': platform.release(),
        'glib': said.stdout.decode().strip(),
        'date': datetime.date.today().isoformat(),
        'load': round(os.getloadavg()[0], 1),
    }


def say(started, text):
    print(f'[{time.monotonic() - started:4.0f} s] {text}', flush=True)


def keep(name, results):
    """Writes what was measured to the results, and says where."""
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + '\n')
    print(f'Wrote {path}')
