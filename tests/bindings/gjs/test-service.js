// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The service: starting, running, the list, the actions, the end.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    ECHO, SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, isAlive, listen,
    main, test, wait, waitEnd,
} from './support.js';

const CANCELLED = Gio.IOErrorEnum.CANCELLED;
const IO = {domain: Gio.IOErrorEnum};

function call(service, name, parameters) {
    return service.call_action(name, new GLib.Variant('a{sv}', parameters), null);
}

test('start', () => {
    const service = new Process.Service();
    assertEqual(service.buffer_size, Process.DEFAULT_BUFFER_SIZE);
    const process = service.start('sh', ['-c', 'echo out; echo err >&2; exit 3'], null);
    assertEqual(process.command, 'sh');
    assertEqual(process.args, ['-c', 'echo out; echo err >&2; exit 3']);
    assert(process.pid > 0);
    assert(service.get(process.id) === process);
    waitEnd(process);
    assertEqual(process.exit_code, 3);
    assertEqual(process.exitCode, 3);
    assertEqual(process.status, Process.Status.EXITED);
    assertEqual(process.exit_reason, Process.ExitReason.EXITED);
    assertEqual(process.get_output().trim().split('\n').sort(), ['err', 'out']);
    assertEqual(service.get_output(process.id), process.get_output());
});

test('run', () => {
    const service = new Process.Service();
    assertEqual(service.run('printf', ['a\\n b'], null), 'a\n b');
    assertEqual(service.list(), []);
    const error = assertFails(
        () => service.run('sh', ['-c', 'echo first >&2; echo the last line >&2; exit 7'], null),
        Process.Error.NON_ZERO_EXIT, {message: 'the last line'});
    const [process] = service.list();
    assert(error.message.includes(process.id));
    assertEqual(process.exit_code, 7);
});

test('options as a literal', () => {
    const folder = GLib.Dir.make_tmp(null);
    const service = new Process.Service();
    const output = service.run_with_options(new Process.RunOptions({
        command: 'sh',
        args: ['-c', 'pwd; echo "$KEY"; cat'],
        cwd: folder,
        env: ['KEY=value'],
        input: new GLib.Bytes(new TextEncoder().encode('fed')),
    }), null);
    GLib.rmdir(folder);
    assertEqual(output, `${folder}\nvalue\nfed`);
});

test('failed and refused starts', () => {
    const service = new Process.Service();
    const events = listen(service, 'started', 'exited');
    assertFails(() => service.start('', [], null), Process.Error.INVALID_ARGUMENT);
    const cancelled = new Gio.Cancellable();
    cancelled.cancel();
    assertFails(() => service.start('true', [], cancelled), CANCELLED, IO);
    assertEqual(service.list(), []);
    assertFails(() => service.start('no-such-program-at-all', [], null),
        Process.Error.PROGRAM_NOT_FOUND, {message: '“no-such-program-at-all”'});
    assertFails(() => service.start_with_options(
        new Process.RunOptions({command: 'true', cwd: '/no/such/folder'}), null),
    Process.Error.START_FAILED);
    wait(() => events.length === 2);
    assertEqual(events.map(([name, code]) => [name, code]), [['exited', -1], ['exited', -1]]);
    assert(events[0][3].matches(Process.Error, Process.Error.PROGRAM_NOT_FOUND));
    assertEqual(service.list().map(({status}) => status), Array(2).fill(Process.Status.FAILED));
    assertEqual(service.list().map(process => process.exit_reason),
        Array(2).fill(Process.ExitReason.START_FAILED));
});

test('errors by code', () => {
    const service = new Process.Service();
    const error = assertFails(() => service.run('sh', ['-c', 'kill -TERM $$'], null),
        Process.Error.KILLED, {message: 'SIGTERM'});
    assert(error instanceof Process.Error);
    assertFails(() => service.run_with_options(new Process.RunOptions({
        command: 'sleep', args: ['60'], timeout: SECOND / 20,
    }), null), Process.Error.TIMED_OUT);
    assertFails(() => service.run('no-such-program-at-all', [], null),
        Process.Error.PROGRAM_NOT_FOUND);
    assertFails(() => service.get('nobody'), Process.Error.NOT_FOUND, {message: '“nobody”'});
    assertFails(() => service.kill('nobody'), Process.Error.NOT_FOUND);
    assertFails(() => service.send_input('nobody', 'x'), Process.Error.NOT_FOUND);
    assertThrows(() => service.run('echo', 'a string is no array', null));
    assertThrows(() => service.run(null, [], null));
});

test('callback', () => {
    const service = new Process.Service();
    const results = [];
    service.run_async('echo', ['a'], null, (source, result) =>
        results.push(source.run_finish(result)));
    service.run_with_options_async(new Process.RunOptions({command: 'echo', args: ['b']}), null,
        (source, result) => results.push(source.run_with_options_finish(result)));
    service.run_async('false', [], null, (source, result) =>
        results.push(assertThrows(() => source.run_finish(result)).code));
    wait(() => results.length === 3);
    assertEqual(results.sort(), ['a\n', 'b\n', Process.Error.NON_ZERO_EXIT].sort());
});

test('promises', async () => {
    const service = new Process.Service();
    assertEqual(await service.run_async('echo', ['a'], null), 'a\n');
    assertEqual(await service.run_async('echo', ['a']), 'a\n');
    assertEqual(await service.run_with_options_async(
        new Process.RunOptions({command: 'echo', args: ['b']})), 'b\n');
    await assertRejects(service.run_async('false', []), Process.Error.NON_ZERO_EXIT);
    await assertRejects(service.run_async('no-such-program-at-all', []),
        Process.Error.PROGRAM_NOT_FOUND);
    const outputs = await Promise.all([1, 2, 3].map(i => service.run_async('echo', [`${i}`])));
    assertEqual(outputs, ['1\n', '2\n', '3\n']);
    const process = service.start('cat', []);
    assertEqual(await process.send_bytes_async(new GLib.Bytes([97, 98])), true);
    process.close_stdin();
    assertEqual(await process.wait_async(), true);
    assertEqual(process.get_output(), 'ab');
    const output = await service.call_action_async('process.run', new GLib.Variant('a{sv}', {
        command: new GLib.Variant('s', 'pwd'), cwd: new GLib.Variant('s', '/'),
    }));
    assertEqual(output.deepUnpack(), '/\n');
    assertEqual(await service.shutdown_async(0), true);
});

test('every asynchronous method is a promise', () => {
    let found = 0;
    for (const name of Object.getOwnPropertyNames(Process)) {
        const thing = Process[name];
        for (const method of Object.getOwnPropertyNames(thing?.prototype ?? {})) {
            const stem = method.replace(/_async$/, '');
            if (stem !== method && !stem.startsWith('_original') &&
                Object.getOwnPropertyNames(thing.prototype).includes(`${stem}_finish`)) {
                assert(thing.prototype[`_original_${method}`] !== undefined, `${name}.${method}`);
                found++;
            }
        }
    }
    assert(found >= 8, `${found}`);
});

test('promisified again by the user', async () => {
    Gio._promisify(Process.Service.prototype, 'run_async', 'run_finish');
    const service = new Process.Service();
    assertEqual(await service.run_async('echo', ['a'], null), 'a\n');
});

test('callback without a cancellable', () => {
    const service = new Process.Service();
    const results = [];
    service.run_async('echo', ['a'], (source, result) => results.push(source.run_finish(result)));
    wait(() => results.length > 0);
    assertEqual(results, ['a\n']);
    assertEqual(service.run('echo', ['b']), 'b\n');
});

test('cancel', async () => {
    const service = new Process.Service();
    const cancellable = new Gio.Cancellable();
    const promise = service.run_async('sleep', ['60'], cancellable);
    const [process] = service.list();
    cancellable.cancel();
    await assertRejects(promise, CANCELLED, IO);
    assertEqual(process.exit_reason, Process.ExitReason.CANCELLED);
    assert(!isAlive(process.pid));
});

test('list model', () => {
    const service = new Process.Service();
    const changes = [];
    service.connect('items-changed', (_service, ...change) => changes.push(change));
    assertEqual([...service], []);
    assert(GObject.type_is_a(Process.Service, Gio.ListModel));
    assertEqual(service.item_type.name, 'ProcessManagedProcess');
    assert(service.get_item_type() === service.item_type);
    const first = service.start('cat', []);
    const second = service.start('cat', []);
    assertEqual(service.list().map(({id}) => id), [first.id, second.id]);
    wait(() => service.get_n_items() === 2);
    assertEqual(service.n_items, 2);
    assertEqual(changes, [[0, 0, 1], [1, 0, 1]]);
    const [a, b] = service;
    assert(a === first && b === second);
    assert(service.get_item(1) === second);
    assert(service.get_item(2) === null);
    first.close_stdin();
    waitEnd(first);
    assertEqual(service.running().map(({id}) => id), [second.id]);
    assertFails(() => service.remove(second.id), Process.Error.STILL_RUNNING);
    service.remove(first.id);
    wait(() => service.get_n_items() === 1);
    assertEqual(changes.slice(2), [[0, 1, 0]]);
    second.kill();
    waitEnd(second);
    service.clear();
    assertEqual(service.list(), []);
});

test('n-running', () => {
    const service = new Process.Service();
    const counts = [];
    service.connect('notify::n-running', source => counts.push(source.n_running));
    const processes = [1, 2, 3].map(() => service.start('cat', []));
    wait(() => service.n_running === 3);
    processes.forEach(process => service.close_stdin(process.id));
    wait(() => service.n_running === 0);
    assertEqual([Math.max(...counts), counts.at(-1)], [3, 0]);
});

test('history', () => {
    const service = new Process.Service({max_history: 9});
    assertEqual(service.get_max_history(), 9);
    service.set_max_history(2);
    const processes = [1, 2, 3, 4].map(() => service.start('true', []));
    processes.forEach(waitEnd);
    wait(() => service.get_n_items() === 2);
    assertEqual(service.list().length, 2);
});

test('by id', () => {
    const service = new Process.Service();
    const events = listen(service, 'output', 'killed', 'exited');
    const process = service.start('sh', ECHO);
    service.send_input(process.id, 'one\ntwo\n');
    wait(() => events.length === 2);
    assertEqual(events, [['output', 'one', Process.Stream.STDOUT],
        ['output', 'two', Process.Stream.STDOUT]]);
    service.send_signal(process.id, 10);
    waitEnd(process);
    assertEqual(events.slice(2).map(([name]) => name), ['killed', 'exited']);
    assertEqual(events[2], ['killed', 'SIGUSR1']);
});

test('call_action', () => {
    const service = new Process.Service();
    const output = call(service, 'process.run', {
        command: new GLib.Variant('s', 'sh'),
        args: new GLib.Variant('as', ['-c', 'cat; echo "$A"']),
        input: new GLib.Variant('ay', [102, 101, 100, 32]),
        env: new GLib.Variant('as', ['A=b']),
    });
    assertEqual(output.deepUnpack(), 'fed b\n');
    const id = call(service, 'process.start', {
        command: new GLib.Variant('s', 'cat'),
    }).deepUnpack();
    const running = {'running-only': new GLib.Variant('b', true)};
    assertEqual(call(service, 'process.list', running).recursiveUnpack().map(entry => entry.id),
        [id]);
    const entry = call(service, 'process.get', {
        id: new GLib.Variant('s', id),
    }).recursiveUnpack();
    assertEqual([entry.command, entry.running, entry.pid], ['cat', true, service.get(id).pid]);
    assertEqual(call(service, 'process.kill', {id: new GLib.Variant('s', id)}).unpack(), true);
    waitEnd(service.get(id));
    assertEqual(call(service, 'process.list', running).recursiveUnpack(), []);
    for (const [name, parameters, culprit] of [
        ['process.dance', {}, 'process.dance'],
        ['process.run', {}, 'command'],
        ['process.run', {command: new GLib.Variant('i', 1)}, 'command'],
        ['process.kill', {}, 'id'],
    ]) {
        assertFails(() => call(service, name, parameters), Process.Error.INVALID_ARGUMENT,
            {message: culprit});
    }
});

test('action group', () => {
    const service = new Process.Service();
    assertEqual(service.list_actions().sort(),
        ['clear', 'kill', 'remove', 'run', 'shutdown', 'start']);
    assertEqual(service.get_action_parameter_type('kill').dup_string(), 's');
    service.activate_action('start', new GLib.Variant('a{sv}', {
        command: new GLib.Variant('s', 'cat'),
    }));
    wait(() => service.list().length === 1);
    const [process] = service.list();
    service.activate_action('kill', new GLib.Variant('s', process.id));
    waitEnd(process);
    assertEqual(process.exit_reason, Process.ExitReason.KILLED);
    service.activate_action('clear', null);
    wait(() => service.list().length === 0);
});

test('shutdown', () => {
    const service = new Process.Service();
    const polite = service.start('cat', []);
    const stubborn = service.start('sh',
        ['-c', 'trap "" TERM; echo up; while :; do read x; done']);
    const up = listen(stubborn, 'output');
    wait(() => up.length > 0);
    service.shutdown(SECOND / 5, null);
    assertEqual(service.running(), []);
    assertEqual([polite.term_signal, stubborn.term_signal], [15, 9]);
    assertFails(() => service.start('true', []), Process.Error.NOT_RUNNING);
});

test('dispose ends what runs', () => {
    const service = new Process.Service();
    const {pid} = service.start('cat', []);
    service.run_dispose();
    wait(() => !isAlive(pid));
});

test('collection in between', () => {
    const service = new Process.Service();
    const seen = [];
    service.connect('output', (_service, _process, line) => seen.push(Number(line)));
    for (let i = 0; i < 20; i++) {
        service.start('echo', [`${i}`]);
        System.gc();
        GLib.MainContext.default().iteration(false);
    }
    wait(() => service.n_running === 0 && seen.length === 20);
    assertEqual(seen.sort((a, b) => a - b), [...Array(20).keys()]);
});

test('what is forgotten lets go of handlers that know the service', () => {
    const service = new Process.Service();
    const process = service.start('true', []);
    const counts = [];
    process.connect('exited', () => counts.push(service.n_running));
    waitEnd(process);
    assertEqual(counts, [0]);
    service.clear();
});

test('collection does not decide who dies', () => {
    const codes = [];
    (() => {
        const process = new Process.Service().start('sh', ['-c', 'read x; exit 4']);
        process.connect('exited', (_process, code) => codes.push(code));
        process.send_input('go\n');
    })();
    System.gc();
    wait(() => codes.length > 0);
    assertEqual(codes, [4]);
});

main();
