# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ../python/pipeline.py does, with the standard library alone."""

import concurrent.futures
import graphlib
import os
import subprocess
import tempfile

folder = tempfile.mkdtemp(prefix='pipeline-')

SCRIPTS = {
    'fetch': 'seq 100000 > data',
    'compress': 'gzip --keep data',
    'sum': 'sha256sum data > data.sum',
    'check': 'gunzip --stdout data.gz | cmp - data && sha256sum -c data.sum',
    'clean': 'rm -r "$PWD"',
}
AFTER = {'fetch': [], 'compress': ['fetch'], 'sum': ['fetch'], 'check': ['compress', 'sum'],
         'clean': ['check']}
ALLOW_FAILURE = {'check'}


def run(name):
    return name, subprocess.run(['sh', '-c', SCRIPTS[name]], cwd=folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, errors='replace', check=False)


results = {'passed': set(), 'failed': set(), 'skipped': set()}
order = graphlib.TopologicalSorter(AFTER)
order.prepare()
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    running = set()
    while order.is_active():
        for name in order.get_ready():
            bad = results['failed'] - ALLOW_FAILURE | results['skipped']
            if blame := bad.intersection(AFTER[name]):
                results['skipped'].add(name)
                print(f'{name}: not run, because of {blame.pop()}')
                order.done(name)
            else:
                running.add(pool.submit(run, name))
        done, running = concurrent.futures.wait(
            running, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            name, end = future.result()
            if end.returncode == 0:
                results['passed'].add(name)
                print(name, 'passed')
            else:
                results['failed'].add(name)
                print(f'{name} ended with {end.returncode}:\n{end.stdout}')
            order.done(name)
print(', '.join(f'{len(names)} {what}' for what, names in results.items()))
