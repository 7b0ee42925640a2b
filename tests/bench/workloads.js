// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The workloads `spawn` and `lines` of README.md in JavaScript, by the library and by Gio.
//
// usage: workloads.js spawn|lines by=process|gio KEY=VALUE...
// Keys are those of the programs in C; `api` of `lines` may also be `for`: `for await`.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const [WORKLOAD, ...words] = System.programArgs;
const ARGUMENTS = Object.fromEntries(words.map(word => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
}));
const TRUE = '/bin/true';

// What the programs without it need not pay for. Not by import(): the rest of a module that waits
// is a promise's job, and while that runs the main loop no other promise goes on.
const Process = ARGUMENTS.by === 'process' ? imports.gi.Process : null;

for (const name of ['communicate_async', 'wait_async'])
    Gio._promisify(Gio.Subprocess.prototype, name);

function getNumber(key, otherwise) {
    return Number(ARGUMENTS[key] ?? otherwise);
}

function getGenerator() {
    return [ARGUMENTS.gen, `n=${getNumber('n', 2000000)}`, `mode=${ARGUMENTS.mode ?? 'block'}`];
}

function readFile(path) {
    return new TextDecoder().decode(GLib.file_get_contents(path)[1]);
}

// There is no getrusage(): this is the time of all threads, in seconds.
function getCpuTime() {
    const folder = Gio.File.new_for_path('/proc/self/task').enumerate_children(
        'standard::name', Gio.FileQueryInfoFlags.NONE, null);
    let sum = 0;
    for (let info; (info = folder.next_file(null)) !== null;)
        sum += Number(readFile(`/proc/self/task/${info.get_name()}/schedstat`).split(' ')[0]);
    return sum / 1e9;
}

class Clock {
    constructor() {
        this._cpu = getCpuTime();
        this._wall = GLib.get_monotonic_time();
    }

    print(counts) {
        const wall = (GLib.get_monotonic_time() - this._wall) / 1e6;
        const cpu = getCpuTime() - this._cpu;
        const [, peak] = readFile('/proc/self/status').match(/VmHWM:\s+(\d+)/);
        print(JSON.stringify({...counts, wall_s: wall, cpu_self_s: cpu, hwm_kib: Number(peak)}));
    }
}

// Counts lines, and sums their lengths and last characters up.
class Lines {
    n = 0;
    sum = 0;

    add(line) {
        this.n++;
        if (line.length > 0)
            this.sum += line.length + line.charCodeAt(line.length - 1);
    }
}

// Starts as many at once as are wanted, and the next when one has ended.
async function startAll(n, startOne) {
    let left = n, passed = 0;

    async function startSome() {
        while (left > 0) {
            left--;
            const good = await startOne();
            passed += good;
        }
    }

    await Promise.all(Array.from({length: getNumber('inflight', 1)}, startSome));
    return passed;
}

const byGio = {
    spawn(n, pipes) {
        const {STDOUT_PIPE, STDERR_PIPE, NONE} = Gio.SubprocessFlags;
        const flags = pipes ? STDOUT_PIPE | STDERR_PIPE : NONE;

        return startAll(n, async () => {
            const child = Gio.Subprocess.new([TRUE], flags);
            await (pipes ? child.communicate_async(null, null) : child.wait_async(null));
            return child.get_successful();
        });
    },

    // By callbacks: promises leave so much to collect that GJS 1.74 loses calls while it does.
    lines(lines) {
        const child = Gio.Subprocess.new(getGenerator(), Gio.SubprocessFlags.STDOUT_PIPE);
        const stream = Gio.DataInputStream.new(child.get_stdout_pipe());

        return new Promise((resolve, reject) => {
            const read = () => stream.read_line_async(GLib.PRIORITY_DEFAULT, null, add);
            const add = (_stream, result) => {
                const [line] = stream.read_line_finish_utf8(result);
                if (line === null) {
                    child.wait_async(null).then(resolve, reject);
                    return;
                }
                lines.add(line);
                read();
            };
            read();
        });
    },
};

const byProcess = {
    spawn(n, pipes) {
        const service = new Process.Service({maxHistory: 1});
        const options = new Process.RunOptions({
            command: TRUE, killGroup: true, cwd: '/', stdinMode: Process.StdinMode.NULL,
            ...pipes ? {} : {stdoutPath: '/dev/null', stderrPath: '/dev/null'},
        });

        return new Promise(resolve => {
            let left = n, running = 0, passed = 0;
            const start = () => {
                left--;
                running++;
                service.start_with_options(options);
            };
            service.connect('exited', (_service, _process, code) => {
                passed += code === 0;
                running--;
                if (left > 0)
                    start();
                else if (running === 0)
                    resolve(passed);
            });
            for (let i = Math.min(n, getNumber('inflight', 1)); i > 0; i--)
                start();
        });
    },

    async lines(lines) {
        const [command, ...args] = getGenerator();
        const process = new Process.Service().start_with_options(new Process.RunOptions({
            command, args, stdinMode: Process.StdinMode.NULL,
        }));

        switch (ARGUMENTS.api ?? 'lines') {
        case 'for':
            for await (const line of process.lines())
                lines.add(line);
            break;
        case 'output':
            process.connect('output', (_process, line) => lines.add(line));
            break;
        default:
            process.connect('lines', (_process, batch) => {
                for (const line of batch)
                    lines.add(line);
            });
        }
        await process.wait_async();
    },
};

async function main() {
    const how = {process: byProcess, gio: byGio}[ARGUMENTS.by];
    if (WORKLOAD === 'lines') {
        const lines = new Lines(), clock = new Clock();
        await how.lines(lines);
        clock.print({n: lines.n, sum: lines.sum});
        return;
    }
    const n = getNumber('n', 2000);
    const ballast = new Uint8Array(getNumber('ballast_mib', 0) * 1024 * 1024).fill(1);
    const clock = new Clock();
    const passed = await how.spawn(n, getNumber('pipes', 0) !== 0);
    clock.print({n, ok: passed, ballast: ballast.length});
}

const loop = new GLib.MainLoop(null, false);
let status = 0;
main().catch(error => {
    logError(error);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
