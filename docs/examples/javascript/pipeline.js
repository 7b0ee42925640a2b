// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs five commands, each as soon as those that it needs are done.

import GLib from 'gi://GLib';
import Process from 'gi://Process?version=1';

const folder = GLib.Dir.make_tmp('pipeline-XXXXXX');

function spec(name, script, after = [], properties = {}) {
    return new Process.RunSpec({
        name, command: 'sh', args: ['-c', script], cwd: folder, after, ...properties,
    });
}

const specs = [
    spec('fetch', 'seq 100000 > data'),
    spec('compress', 'gzip --keep data', ['fetch']),
    spec('sum', 'sha256sum data > data.sum', ['fetch']),
    spec('check', 'gunzip --stdout data.gz | cmp - data && sha256sum -c data.sum',
        ['compress', 'sum'], {allowFailure: true}),
    spec('clean', 'rm -r "$PWD"', ['check']),
];

const runner = Process.Runner.new(new Process.Service());
runner.maxParallel = GLib.get_num_processors();
runner.connect('spec-finished', (_runner, result) => {
    if (result.passed)
        print(`${result.name} passed`);
    else if (result.error)
        print(`${result.name}: ${result.error.message}`);
    else
        print(`${result.name} ended with ${result.exitCode}:\n${result.output}`);
});

const loop = new GLib.MainLoop(null, false);
runner.run_all_async(specs, null, (_runner, asyncResult) => {
    const result = runner.run_all_finish(asyncResult);
    print(`${result.nPassed} passed, ${result.nFailed} failed, ${result.nSkipped} skipped`);
    loop.quit();
});
loop.run();
