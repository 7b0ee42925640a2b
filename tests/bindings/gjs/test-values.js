// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What surrounds a process: options, snapshots, the capture, programs.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Process from 'gi://Process?version=1';

import {
    SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, listen, main, test,
    waitEnd,
} from './support.js';

test('options', () => {
    const values = {
        command: 'sh', args: ['-c', 'true'], cwd: '/', env: ['A=b'], clear_env: true,
        disable_capture: true, detach: true, timeout: 5 * SECOND, grace_period: SECOND,
        kill_group: true, merge_stderr: true, stdin_mode: Process.StdinMode.NULL,
        stdout_path: '/out', stderr_path: '/err', buffer_size: 99, stop_signal: 2,
        die_with_parent: true,
    };
    const options = new Process.RunOptions(values);
    for (const [name, value] of Object.entries(values)) {
        assertEqual(options[name], value);
        assertEqual(options[`get_${name}`](), value);
        new Process.RunOptions()[`set_${name}`](value);
    }
    const camel = new Process.RunOptions({clearEnv: true, gracePeriod: 5, stdinMode: 2});
    assertEqual([camel.clear_env, camel.grace_period, camel.stdin_mode], [true, 5, 2]);
    options.input = new GLib.Bytes([1, 2]);
    assertEqual([...options.get_input().toArray()], [1, 2]);
    options.set_input(null);
    assertEqual(options.input, null);
    assertEqual(Process.RunOptions.new('ls', ['-l']).args, ['-l']);
    const defaults = new Process.RunOptions({command: 'ls'});
    assertEqual([defaults.timeout, defaults.cwd, defaults.input, defaults.stop_signal],
        [0, null, null, 15]);
    assertThrows(() => new Process.RunOptions({comand: 'ls'}));
    assertThrows(() => new Process.RunOptions({command: 'ls', args: 'l'}));
});

test('stdin', () => {
    const service = Process.Service.new();
    const expected = new Map([
        [Process.StdinMode.DEFAULT, '/dev/null'],
        [Process.StdinMode.INHERIT, GLib.file_read_link('/proc/self/fd/0')],
    ]);
    for (const [mode, target] of expected) {
        const options = new Process.RunOptions({
            command: 'readlink', args: ['/proc/self/fd/0'], stdin_mode: mode,
        });
        assertEqual(service.run_with_options(options), `${target}\n`);
    }
    const options = new Process.RunOptions({command: 'cat', stdin_mode: Process.StdinMode.PIPE});
    const process = service.start_with_options(options);
    process.send_input('fed');
    process.close_stdin();
    waitEnd(process);
    assertEqual(process.get_output(), 'fed');
});

test('env', () => {
    const service = new Process.Service();
    const process = service.start_with_options(new Process.RunOptions({
        command: 'sh', args: ['-c', 'echo "$A"'], env: ['A=b', 'HOME'],
    }));
    waitEnd(process);
    assertEqual(process.get_output(), 'b\n');
    assertEqual([process.env, process.get_env()], Array(2).fill(['A=b', 'HOME']));
});

test('options notify', () => {
    const options = new Process.RunOptions({command: 'ls'});
    const events = listen(options, 'notify::cwd');
    options.cwd = '/';
    options.cwd = '/';
    assertEqual(events.length, 1);
});

test('info', () => {
    const service = new Process.Service();
    const process = service.start_with_options(new Process.RunOptions({
        command: 'sh', args: ['-c', 'exit 3', 'ü'], cwd: '/',
    }));
    const before = process.get_info();
    waitEnd(process);
    const info = process.get_info();
    assertEqual([before.running, info.running], [true, false]);
    for (const name of ['id', 'command', 'args', 'cwd', 'status', 'exit_code', 'duration', 'pid',
        'exit_reason', 'running']) {
        assertEqual(info[name], process[name]);
        assertEqual(info[`get_${name}`](), info[name]);
        assertEqual(process[`get_${name}`](), info[name]);
    }
    assert(info.started_at.equal(process.started_at));
    assert(info.get_started_at().equal(process.get_started_at()));
    const found = JSON.parse(info.to_json());
    assertEqual(Object.keys(found).sort(), ['args', 'command', 'dir', 'duration', 'exitCode', 'id',
        'pid', 'running', 'startedAt', 'status']);
    assertEqual([found.args, found.exitCode, found.duration, found.status],
        [['-c', 'exit 3', 'ü'], 3, process.duration * 1000, 'exited']);
    assertEqual(Math.floor(Date.parse(found.startedAt) / 1000), process.started_at.to_unix());
    const variant = info.to_variant().recursiveUnpack();
    assertEqual([variant['exit-code'], variant['exit-reason'], variant.pid],
        [3, 'exited', process.pid]);
});

test('ring buffer', () => {
    const ring = new Process.RingBuffer(8);
    assertEqual([ring.get_length(), ring.get_capacity(), ring.get_bytes()], [0, 8, null]);
    assertEqual(ring.write(new TextEncoder().encode('abcde')), 5);
    assertEqual(ring.write_bytes(new GLib.Bytes(new TextEncoder().encode('fghij'))), 5);
    assertEqual(ring.to_string(), 'cdefghij');
    ring.write(Uint8Array.of(255, 0));
    assertEqual(ring.to_string(), 'efghij\ufffd\ufffd');
    assertEqual([...ring.get_bytes().toArray()].slice(-2), [255, 0]);
    ring.reset();
    assertEqual(ring.get_length(), 0);
});

test('program', async () => {
    const program = new Process.Program({name: 'sh'});
    assertEqual([program.name, program.path], ['sh', null]);
    assertEqual([program.get_name(), program.get_path()], ['sh', null]);
    program.find();
    assert(program.path.endsWith('/sh'));
    assertEqual(program.run(['-c', 'echo a'], null), 'a');
    assertEqual(program.run(['-c', 'echo a']), 'a');
    assertEqual(program.run_dir('/', ['-c', 'pwd']), '/');
    assertEqual(await program.run_async(['-c', 'echo b']), 'b');
    assertEqual(await program.run_dir_async('/', ['-c', 'pwd']), '/');
    await assertRejects(program.run_async(['-c', 'echo partly; exit 2']),
        Process.Error.NON_ZERO_EXIT);
    assertEqual([program.last_output, program.get_last_output()], ['partly', 'partly']);
    assertFails(() => Process.Program.new('no-such-program-at-all').find(),
        Process.Error.PROGRAM_NOT_FOUND, {message: '“no-such-program-at-all”'});
    const cancellable = new Gio.Cancellable();
    const promise = program.run_async(['-c', 'exec sleep 60'], cancellable);
    cancellable.cancel();
    await assertRejects(promise, Gio.IOErrorEnum.CANCELLED, {domain: Gio.IOErrorEnum});
});

test('names', () => {
    assertEqual([Process.Status.PENDING, Process.Status.KILLED], [0, 4]);
    assertEqual([Process.Stream.STDOUT, Process.Stream.STDERR], [0, 1]);
    assertEqual([Process.ExitReason.NONE, Process.ExitReason.START_FAILED], [0, 6]);
    assertEqual(Process.Error.UNHEALTHY, 12);
    const numbers = [Process.MAJOR_VERSION, Process.MINOR_VERSION, Process.MICRO_VERSION];
    assert(numbers.every(Number.isInteger));
    assertEqual(Process.VERSION, numbers.join('.'));
    assertEqual(GLib.quark_to_string(Process.error_quark()), 'process-error-quark');
    assertEqual(GObject.type_name(Process.ManagedProcess), 'ProcessManagedProcess');
});

main();
