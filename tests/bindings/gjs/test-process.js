// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// One process: its signals, its input and output, its end.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    ECHO, SECOND, assert, assertEqual, assertFails, assertRejects, isAlive, listen, main, test,
    wait, waitEnd,
} from './support.js';

const decoder = new TextDecoder();

test('order of events', () => {
    const service = new Process.Service();
    const onService = listen(service, 'started', 'output', 'killed', 'exited');
    const process = service.start('sh', ['-c', 'echo a; echo b']);
    const events = listen(process, 'started', 'output', 'killed', 'exited');
    assertEqual(events, []);
    waitEnd(process);
    assertEqual(events.map(([name]) => name), ['started', 'output', 'output', 'exited']);
    assertEqual(onService, events);
    const [, code, duration, error] = events.at(-1);
    assertEqual([code, error], [0, null]);
    assertEqual(duration, process.duration);
    assert(duration > 0);
});

test('details', () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'echo out; echo err >&2']);
    const err = listen(process, 'output::stderr');
    const out = listen(process, 'output::stdout');
    waitEnd(process);
    assertEqual(err, [['output::stderr', 'err', Process.Stream.STDERR]]);
    assertEqual(out, [['output::stdout', 'out', Process.Stream.STDOUT]]);
});

test('lines and data', () => {
    const service = new Process.Service();
    const process = service.start('seq', ['20000']);
    const batches = listen(process, 'lines');
    const chunks = listen(process, 'data');
    waitEnd(process);
    const lines = batches.flatMap(([, batch]) => batch);
    assertEqual(lines.length, 20000);
    assert(lines.every((line, i) => line === `${i + 1}`));
    assert(batches.length < 2000, `${batches.length} batches`);
    assertEqual(chunks.map(([, bytes]) => decoder.decode(bytes.toArray())).join(''),
        lines.map(line => `${line}\n`).join(''));
});

test('state is in place before the end is told', () => {
    const service = new Process.Service();
    const seen = [];
    const process = service.start('sh', ['-c', 'exit 5']);
    process.connect('notify::running', () => seen.push('running'));
    process.connect('exited', ({status, exit_code: code, running}) =>
        seen.push([status, code, running]));
    waitEnd(process);
    assertEqual(seen, ['running', [Process.Status.EXITED, 5, false]]);
});

test('killed', () => {
    const service = new Process.Service();
    for (const [number, name] of [[9, 'SIGKILL'], [15, 'SIGTERM']]) {
        const process = service.start('cat', []);
        const events = listen(process, 'started', 'killed', 'exited');
        process.send_signal(number);
        waitEnd(process);
        assertEqual(events.map(([each]) => each), ['started', 'killed', 'exited']);
        assertEqual(events[1][1], name);
        assert(events[2][3].matches(Process.Error, Process.Error.KILLED));
        assertEqual([process.term_signal, process.get_term_signal()], [number, number]);
    }
});

test('how it is', () => {
    const service = new Process.Service();
    const strange = service.start('sh', ['-c', 'kill -TERM $$']);
    waitEnd(strange);
    assertEqual(strange.exit_reason, Process.ExitReason.SIGNALED);
    const ours = service.start('cat', []);
    assertEqual([ours.status, ours.exit_reason], [Process.Status.RUNNING, Process.ExitReason.NONE]);
    assertEqual([service.n_running, service.get_n_running()], [1, 1]);
    assertEqual(ours.shutdown(), true);
    assertEqual([ours.status, ours.exit_reason],
        [Process.Status.KILLED, Process.ExitReason.KILLED]);
});

test('lingering', () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'sleep 60 & echo $!']);
    const events = listen(process, 'output');
    waitEnd(process);
    assertEqual([process.lingering, process.get_lingering()], [true, true]);
    const [[, grandchild]] = events;
    assert(isAlive(Number(grandchild)));
    GLib.spawn_command_line_sync(`kill ${grandchild}`);
    wait(() => !process.lingering);
});

test('error in exited', () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'exit 255']);
    const events = listen(process, 'exited');
    waitEnd(process);
    const [, code, , error] = events[0];
    assertEqual(code, 255);
    assert(error instanceof Process.Error);
    assertEqual(error.code, Process.Error.NON_ZERO_EXIT);
});

test('handlers that throw', () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'echo a; echo b']);
    const thrown = [];
    for (const name of ['started', 'output', 'lines', 'data', 'exited', 'notify']) {
        process.connect(name, () => {
            thrown.push(name);
            throw new Error('on purpose');
        });
    }
    const events = listen(process, 'started', 'output', 'exited');
    // GJS reports what a handler throws as a critical message, which is fatal in tests.
    const fatal = GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_ERROR);
    try {
        waitEnd(process);
    } finally {
        GLib.log_set_always_fatal(fatal);
    }
    assertEqual(events.map(([name]) => name), ['started', 'output', 'output', 'exited']);
    assert(thrown.length > 4);
    assertEqual(service.run('echo', ['on']), 'on\n');
});

test('kill inside a handler', () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'while :; do echo y; done']);
    const events = listen(process, 'killed', 'exited');
    process.connect('output', source => source.kill());
    waitEnd(process);
    assertEqual(events.map(([name]) => name), ['killed', 'exited']);
});

test('last reference inside a handler', () => {
    let service = new Process.Service();
    let process = service.start('true', []);
    const codes = [];
    process.connect('exited', (_process, code) => {
        service = null;
        process = null;
        System.gc();
        codes.push(code);
    });
    wait(() => codes.length > 0);
    assertEqual(codes, [0]);
});

test('input', () => {
    const service = new Process.Service();
    const process = service.start('cat', []);
    process.send_input('täxt\n');
    process.send_bytes(new GLib.Bytes([255, 0]));
    process.close_stdin();
    waitEnd(process);
    assertEqual([...process.get_output_bytes().toArray()], [116, 195, 164, 120, 116, 10, 255, 0]);
    assertFails(() => process.send_input('x'), Process.Error.NOT_RUNNING);
    assertFails(() => process.send_signal(15), Process.Error.NOT_RUNNING);
    process.kill();
    const closed = service.start_with_options(new Process.RunOptions({
        command: 'sleep', args: ['60'], stdin_mode: Process.StdinMode.NULL,
    }));
    assertFails(() => closed.send_input('x'), Process.Error.STDIN_NOT_AVAILABLE);
    closed.kill();
    waitEnd(closed);
});

test('bytes that are no text', () => {
    const service = new Process.Service();
    const process = service.start('printf', ['caf\\351\\n\\000z']);
    const events = listen(process, 'output', 'lines');
    waitEnd(process);
    assertEqual(events.filter(([name]) => name === 'output').map(([, line]) => line),
        ['caf\ufffd', '\ufffdz']);
    assertEqual(events.filter(([name]) => name === 'lines').flatMap(([, lines]) => lines),
        ['caf\ufffd', '\ufffdz']);
    assertEqual(process.get_output(), 'caf\ufffd\n\ufffdz');
    assertEqual([...process.get_output_bytes().toArray()], [99, 97, 102, 233, 10, 0, 122]);
    assertEqual(service.run('printf', ['\\377']), '\ufffd');
});

test('capture', () => {
    const service = new Process.Service({buffer_size: 8});
    assertEqual(service.get_buffer_size(), 8);
    const process = service.start('seq', ['100']);
    waitEnd(process);
    assertEqual(process.get_output(), '\n99\n100\n');
    assertEqual([process.output_truncated, process.get_output_truncated()], [true, true]);
    const silent = service.start_with_options(new Process.RunOptions({
        command: 'echo', args: ['x'], disableCapture: true,
    }));
    waitEnd(silent);
    assertEqual(silent.get_output(), '');
    assertEqual(silent.get_output_bytes(), null);
});

test('wait', async () => {
    const service = new Process.Service();
    assert(service.start('true', []).wait(null));
    assertFails(() => service.start('false', []).wait(null), Process.Error.NON_ZERO_EXIT);
    const process = service.start('cat', []);
    const cancellable = new Gio.Cancellable();
    const promise = process.wait_async(cancellable);
    cancellable.cancel();
    await assertRejects(promise, Gio.IOErrorEnum.CANCELLED, {domain: Gio.IOErrorEnum});
    assert(process.is_running());
    process.close_stdin();
    await process.wait_async();
    await assertRejects(service.start('false', []).wait_async(), Process.Error.NON_ZERO_EXIT);
});

test('shutdown with a grace', async () => {
    const service = new Process.Service();
    const process = service.start_with_options(new Process.RunOptions({
        command: 'sh',
        args: ['-c', 'trap "echo bye; exit 0" TERM; echo up; while :; do read x; done'],
        grace_period: 20 * SECOND,
    }));
    const lines = process.lines();
    assertEqual((await lines.next()).value, 'up');
    await process.shutdown_async();
    assertEqual((await lines.next()).value, 'bye');
    assertEqual([process.exit_code, process.exit_reason], [0, Process.ExitReason.KILLED]);
    assert(!isAlive(process.pid));
});

test('for await over lines', async () => {
    const service = new Process.Service();
    const process = service.start('seq', ['3000']);
    const numbers = [];
    for await (const line of process.lines())
        numbers.push(Number(line));
    assertEqual(numbers, Array.from({length: 3000}, (_, i) => i + 1));
    for await (const line of process.lines())
        throw new Error(`${line} after the end`);
});

test('a process is its lines', async () => {
    const service = new Process.Service();
    const lines = [];
    for await (const line of service.start('sh', ['-c', 'echo a; echo b >&2']))
        lines.push(line);
    assertEqual(lines.sort(), ['a', 'b']);
});

test('lines of both streams', async () => {
    const service = new Process.Service();
    const process = service.start('sh', ['-c', 'echo a; echo b >&2; echo c']);
    const collect = async lines => {
        const found = [];
        for await (const line of lines)
            found.push(line);
        return found;
    };
    const [both, pairs, errors] = await Promise.all([
        process.lines(), process.lines({withStream: true}),
        process.lines({stream: Process.Stream.STDERR}),
    ].map(collect));
    assertEqual(both.sort(), ['a', 'b', 'c']);
    assertEqual(pairs.sort(), [['a', Process.Stream.STDOUT], ['b', Process.Stream.STDERR],
        ['c', Process.Stream.STDOUT]]);
    assertEqual(errors, ['b']);
});

test('lines are kept for later', async () => {
    const service = new Process.Service();
    const process = service.start('seq', ['100']);
    const lines = process.lines();
    await process.wait_async();
    let count = 0;
    for await (const _line of lines)
        count++;
    assertEqual(count, 100);
});

test('leaving the lines', async () => {
    const service = new Process.Service();
    const process = service.start('sh', ECHO);
    process.send_input('a\nb\nc\n');
    const seen = [];
    for await (const line of process.lines()) {
        seen.push(line);
        if (line === 'b')
            break;
    }
    assertEqual(seen, ['a', 'b']);
    assert(process.running);
    const isHeard = () => GObject.signal_has_handler_pending(process,
        GObject.signal_lookup('lines', Process.ManagedProcess), 0, true);
    assert(!isHeard());
    const lines = process.lines();
    assert(isHeard());
    assertEqual(await lines.return(), {done: true});
    assert(!isHeard());
    assertEqual(await lines.next(), {done: true});
    process.close_stdin();
    await process.wait_async();
    assertEqual(process.get_output(), 'a\nb\nc\n');
});

test('conversation', async () => {
    const service = new Process.Service();
    const process = service.start('sh', ECHO);
    const lines = process.lines();
    for (let i = 0; i < 30; i++) {
        process.send_input(`${i}\n`);
        assertEqual(await lines.next(), {value: `${i}`, done: false});
    }
    const asked = [lines.next(), lines.next()];
    process.send_input('x\ny\n');
    assertEqual((await Promise.all(asked)).map(({value}) => value), ['x', 'y']);
    process.close_stdin();
    assertEqual(await lines.next(), {done: true});
});

test('group', () => {
    const service = new Process.Service();
    const process = service.start_with_options(new Process.RunOptions({
        command: 'sh', args: ['-c', 'sleep 60 & echo $!; wait'], killGroup: true,
    }));
    const events = listen(process, 'output');
    wait(() => events.length > 0);
    const grandchild = Number(events[0][1]);
    assert(isAlive(grandchild));
    process.kill();
    waitEnd(process);
    wait(() => !isAlive(grandchild));
});

main();
