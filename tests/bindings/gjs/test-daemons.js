// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// PID files, probes, the registry, and the daemon that uses all of them.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    LONG, NOWHERE, ask, assertDown, assertHealthy, finish, later, makeServer, promised, until,
} from './daemons.js';
import {
    PLAIN, SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, exists, listen,
    main, read, test, toArray, waitEnd, withFolder,
} from './support.js';

const IO = {domain: Gio.IOErrorEnum};
const {ALREADY_RUNNING, INVALID_ARGUMENT, TIMED_OUT, UNHEALTHY} = Process.Error;
const [TERM, KILL] = [15, 9];
const PID = Number(new Gio.Credentials().get_unix_pid());

// GLib watches all files with one descriptor, which stays.
Gio.File.new_for_path('/').monitor(Gio.FileMonitorFlags.NONE, null);

// A program with the library, in JavaScript; it prints a line when it is up.
async function startChild(folder, code, env = []) {
    const program = `
        import GLib from 'gi://GLib';
        import System from 'system';
        import Process from 'gi://Process?version=1';
        const [folder] = System.programArgs;
        ${code}`;
    GLib.file_set_contents(`${folder}/program.js`, program);
    const process = new Process.Service().start_with_options(new Process.RunOptions({
        command: 'gjs', args: ['-m', `${folder}/program.js`, folder], env,
    }), null);
    const events = listen(process, 'output');
    await until(() => events.length > 0 || !process.running);
    assert(process.running, process.get_output());
    return process;
}

async function end(process, signum = TERM) {
    process.send_signal(signum);
    await until(() => !process.running);
    return process.exit_code;
}

// PID files

test('a PID file', () => withFolder(folder => {
    const path = `${folder}/made/pid`;
    const files = [Process.PidFile.new(path), new Process.PidFile({path})];
    for (const file of files)
        assertEqual([file.path, file.get_path(), file.release()], [path, path, true]);
    for (const [file, other] of [files, [...files].reverse()]) {
        assertEqual(file.acquire(), true);
        assertEqual(read(path), `${PID}\n`);
        assertEqual(Process.PidFile.read(path), [true, PID]);
        for (const each of files)
            assertFails(() => each.acquire(), ALREADY_RUNNING, {message: `${PID}`});
        assertEqual([other.release(), exists(path)], [true, true]);
        assertEqual([file.release(), exists(path)], [true, false]);
        assertEqual(Process.PidFile.read(path), [false, 0]);
    }
}));

test('a PID file of another', () => withFolder(async folder => {
    const path = `${folder}/pid`;
    const process = await startChild(folder, `
        const file = Process.PidFile.new(folder + '/pid');
        file.acquire();
        print('held');
        new GLib.MainLoop(null, false).run();`);
    assertEqual(Process.PidFile.read(path), [true, process.pid]);
    const file = Process.PidFile.new(path);
    assertFails(() => file.acquire(), ALREADY_RUNNING, {message: `${process.pid}`});
    await end(process, KILL);
    assertEqual(Process.PidFile.read(path), [false, process.pid]);
    file.acquire();
    assertEqual(read(path), `${PID}\n`);
    file.release();
}));

test('what is no PID file', () => withFolder(folder => {
    for (const content of ['', 'garbage', '-1', '0', '99999999999']) {
        GLib.file_set_contents(`${folder}/pid`, content);
        assertEqual(Process.PidFile.read(`${folder}/pid`), [false, 0]);
    }
    GLib.file_set_contents(`${folder}/pid`, `${PID}`);
    assertFails(() => Process.PidFile.new(`${folder}/pid`).acquire(), ALREADY_RUNNING);
    assertFails(() => Process.PidFile.new(folder).acquire(), Gio.IOErrorEnum.IS_DIRECTORY,
        {message: folder, ...IO});
    assertFails(() => Process.PidFile.new('').acquire(), INVALID_ARGUMENT);
    assertThrows(() => Process.PidFile.read(null));
}));

// Probes

test('probes of what is good', async () => {
    const server = makeServer();
    const {address} = server;
    for (const call of ['wait_for_health', 'wait_for_ready', 'probe_health', 'probe_ready']) {
        for (const timeout of [0, LONG]) {
            assertEqual(finish(Process, call, address, timeout, null), true);
            assertEqual(await promised(Process, call, address, timeout, null), true);
        }
    }
    server.stop();
});

test('probes of what is bad', async () => {
    const server = makeServer();
    const {address} = server;
    server.set_status('db', false, 'is “gone”');
    server.ready = false;
    for (const timeout of [0, SECOND / 10]) {
        for (const call of ['wait_for_health', 'wait_for_ready'])
            assertEqual(await promised(Process, call, address, timeout, null), false);
        await assertRejects(promised(Process, 'probe_health', address, timeout, null),
            UNHEALTHY, {message: 'unhealthy: db: is “gone”'});
        await assertRejects(promised(Process, 'probe_ready', address, timeout, null),
            UNHEALTHY, {message: 'not ready'});
    }
    server.stop();
});

test('probes of nobody', async () => {
    assertEqual(Process.wait_for_health(NOWHERE, 0, null), false);
    assertEqual(Process.wait_for_ready(NOWHERE, SECOND / 20, null), false);
    for (const call of ['probe_health', 'probe_ready']) {
        assertFails(() => Process[call](NOWHERE, 0, null), TIMED_OUT, {message: NOWHERE});
        await assertRejects(promised(Process, call, NOWHERE, 0, null), TIMED_OUT);
        assertFails(() => Process[call]('nonsense', LONG, null), INVALID_ARGUMENT,
            {message: '“nonsense”'});
        await assertRejects(promised(Process, call, '', LONG, null), INVALID_ARGUMENT);
    }
    assertThrows(() => Process.wait_for_health(null, 0, null));
});

test('blocking probes of another process', () => withFolder(async folder => {
    const process = await startChild(folder, `
        const server = new Process.HealthServer({address: 'unix:' + folder + '/socket'});
        server.start();
        print('up');
        new GLib.MainLoop(null, false).run();`);
    const address = `unix:${folder}/socket`;
    for (const call of ['wait_for_health', 'wait_for_ready', 'probe_health', 'probe_ready'])
        assertEqual(Process[call](address, LONG, null), true);
    await end(process);
    assertEqual(Process.wait_for_health(address, 0, null), false);
}));

test('probes until it is good', async () => {
    const server = makeServer();
    let asked = 0;
    server.add_check('a', () => ++asked === 3);
    assertEqual(await promised(Process, 'probe_health', server.address, LONG, null), true);
    assertEqual(asked, 3);
    server.stop();
});

test('probes that are cancelled', async () => {
    const server = makeServer();
    server.ready = false;
    const cancellable = new Gio.Cancellable();
    const probe = promised(Process, 'probe_ready', server.address, LONG, cancellable);
    const waiting = promised(Process, 'wait_for_ready', server.address, LONG, cancellable);
    later(() => cancellable.cancel());
    await assertRejects(probe, Gio.IOErrorEnum.CANCELLED, IO);
    assertEqual(await waiting, false);
    assertFails(() => Process.probe_ready(server.address, LONG, cancellable),
        Gio.IOErrorEnum.CANCELLED, IO);
    server.stop();
});

// Entries

const VALUES = {
    code: 'app', daemon: 'worker', pid: 42, health: '127.0.0.1:80', project: '/srv',
    binary: '/bin/é', started: GLib.DateTime.new_utc(2026, 1, 2, 3, 4, 5.25),
};
const DEFAULTS = {
    code: 'app', daemon: 'worker', pid: 0, health: null, project: null, binary: null,
    started: null,
};

function plain(value) {
    return value instanceof GLib.DateTime ? value.format_iso8601() : value;
}

function assertValues(entry, values) {
    for (const [name, value] of Object.entries(values)) {
        assertEqual(plain(entry[name]), plain(value));
        assertEqual(plain(entry[`get_${name}`]()), plain(value));
    }
}

function makeEntry(properties = {}) {
    return new Process.DaemonEntry({code: 'app', daemon: 'worker', pid: PID, ...properties});
}

test('entries', () => {
    assertValues(Process.DaemonEntry.new('app', 'worker'), DEFAULTS);
    assertValues(new Process.DaemonEntry(VALUES), VALUES);
    const [entry, other] = [0, 1].map(() => new Process.DaemonEntry());
    const names = Object.keys(VALUES);
    const notified = listen(entry, ...names.map(name => `notify::${name}`));
    names.forEach(name => entry[`set_${name}`](VALUES[name]));
    names.forEach(name => (other[name] = VALUES[name]));
    names.forEach(name => entry[`set_${name}`](VALUES[name]));
    assertEqual(notified.length, names.length);
    assertValues(entry, VALUES);
    assertValues(other, VALUES);
    for (const name of ['health', 'project', 'binary', 'started']) {
        entry[name] = null;
        assertEqual(entry[name], null);
    }
    assertThrows(() => Process.DaemonEntry.new(null, 'a'));
});

test('entries as JSON', () => {
    const text = new Process.DaemonEntry(VALUES).to_json();
    assertEqual(JSON.parse(text), {...VALUES, started: '2026-01-02T03:04:05.25Z'});
    assertValues(Process.DaemonEntry.from_json(text), VALUES);
    assertValues(Process.DaemonEntry.from_json(
        Process.DaemonEntry.new('app', 'worker').to_json()), DEFAULTS);
    for (const [bad, message] of [['', ''], ['[]', 'not an object'], ['{"code": "a"}', '“daemon”'],
        ['{"code": "a", "daemon": "b", "pid": -1}', '“pid”'], ['{"code": 1}', '“code”']])
        assertFails(() => Process.DaemonEntry.from_json(bad), INVALID_ARGUMENT, {message});
});

// The registry

function keys(entries) {
    return entries.map(({code, daemon}) => `${code}/${daemon}`);
}

test('a registry', () => withFolder(folder => {
    const dir = `${folder}/daemons`;
    const registry = Process.Registry.new(dir);
    assertEqual([registry.dir, registry.get_dir(), registry.n_items], [dir, dir, 0]);
    assert(registry.get_item_type() === Process.DaemonEntry.$gtype);
    assert(registry.item_type === Process.DaemonEntry.$gtype);
    assertEqual([registry.list(), registry.get('app', 'worker')], [[], null]);
    assertEqual([registry.unregister('app', 'worker'), exists(dir)], [true, false]);
    const entry = makeEntry({project: 'p', health: '127.0.0.1:1'});
    assertEqual(registry.register(entry), true);
    assertEqual(entry.started, null);
    const found = registry.get('app', 'worker');
    assertValues(found, {...DEFAULTS, pid: PID, project: 'p', health: '127.0.0.1:1',
        started: found.started});
    assert(GLib.DateTime.new_now_utc().difference(found.started) < 60 * SECOND);
    assertEqual(JSON.parse(read(`${dir}/app-worker.json`)).pid, PID);
    registry.register(makeEntry({code: 'a/b', daemon: '', started: VALUES.started}));
    assertEqual(keys(registry.list()), ['a/b/', 'app/worker']);
    assertFails(() => registry.register(Process.DaemonEntry.new('a', 'b')), INVALID_ARGUMENT,
        {message: 'no pid'});
    assertThrows(() => registry.register(null));
    assertEqual([registry.unregister('app', 'worker'), registry.get('app', 'worker')],
        [true, null]);
    assertEqual(registry.unregister('a/b', ''), true);
    assertEqual(registry.list(), []);
    GLib.file_set_contents(`${folder}/file`, '');
    assertFails(() => Process.Registry.new(`${folder}/file`).list(),
        Gio.IOErrorEnum.NOT_DIRECTORY, {message: `${folder}/file`, ...IO});
}));

test('a registry as a model', () => withFolder(async folder => {
    const [registry, other] = [0, 1].map(() => new Process.Registry({dir: folder}));
    const changes = [];
    registry.connect('items-changed', (_registry, ...change) => changes.push(change.join(' ')));
    const notified = listen(registry, 'notify::n-items');
    assertEqual(registry.get_n_items(), 0);
    other.register(makeEntry());
    await until(() => registry.n_items === 1);
    const entry = registry.get_item(0);
    assert(entry instanceof Process.DaemonEntry);
    other.register(makeEntry({daemon: 'first', started: VALUES.started}));
    await until(() => registry.n_items === 2);
    assertEqual(keys(toArray(registry)), ['app/first', 'app/worker']);
    assert(registry.get_item(1) === entry, 'what did not change stays the same object');
    registry.unregister('app', 'first');
    await until(() => registry.n_items === 1);
    assertEqual(changes, ['0 0 1', '0 0 1', '0 1 0']);
    assertEqual([notified.length, registry.get_item(1)], [3, null]);
    other.unregister('app', 'worker');
    await until(() => registry.n_items === 0);
}));

test('the end of a daemon', () => withFolder(async folder => {
    const registry = Process.Registry.new(folder);
    const process = new Process.Service().start('cat', [], null);
    registry.register(makeEntry({pid: process.pid}));
    assertEqual(registry.n_items, 1);
    process.kill();
    waitEnd(process);
    assertEqual(registry.get('app', 'worker'), null);
    await until(() => registry.n_items === 0);
}));

test('the default registry', () => withFolder(folder => {
    const home = GLib.getenv('HOME');
    GLib.setenv('HOME', folder, true);
    try {
        const registry = Process.Registry.get_default();
        assertEqual(registry.dir, `${folder}/.core/daemons`);
        registry.register(makeEntry());
        assert(exists(`${folder}/.core/daemons/app-worker.json`));
    } finally {
        GLib.setenv('HOME', home, true);
    }
}));

test('registries are collected', () => withFolder(async folder => {
    // What follows a folder has descriptors, which are looked at after each test.
    for (let i = 0; i < 5; i++) {
        const registry = Process.Registry.new(folder);
        registry.connect('items-changed', () => registry.get_n_items());
        registry.register(makeEntry());
        assertEqual(registry.n_items, 1);
    }
    await until(() => System.gc() ?? true);
}));

// The daemon

function makeDaemon(folder, properties = {}) {
    return new Process.Daemon({
        pid_file: `${folder}/run/pid`, health_address: '0',
        registry: Process.Registry.new(`${folder}/daemons`),
        registry_entry: Process.DaemonEntry.new('app', 'worker'), ...properties,
    });
}

async function assertUp(daemon, folder) {
    assertEqual([daemon.running, daemon.get_running()], [true, true]);
    assertEqual(read(`${folder}/run/pid`), `${PID}\n`);
    await assertHealthy(daemon.health_address);
    const {pid, health} = daemon.registry.get('app', 'worker');
    assertEqual([pid, health], [PID, daemon.get_health_address()]);
}

async function assertGone(daemon, folder, address = null) {
    assertEqual([daemon.running, daemon.get_running()], [false, false]);
    assert(!exists(`${folder}/run/pid`));
    assertEqual(daemon.registry.list(), []);
    if (address !== null)
        await assertDown(address);
}

test('properties of a daemon', () => {
    const daemon = Process.Daemon.new();
    assertEqual([daemon.pid_file, daemon.health_address, daemon.registry, daemon.registry_entry,
        daemon.shutdown_timeout, daemon.ready, daemon.running],
    [null, null, null, null, 30 * SECOND, true, false]);
    const values = {
        pid_file: '/x', health_address: '1', shutdown_timeout: 5, ready: false,
        registry: Process.Registry.new('/y'), registry_entry: Process.DaemonEntry.new('a', 'b'),
    };
    const names = Object.keys(values);
    const notified = listen(daemon, ...names.map(name => `notify::${name.replace('_', '-')}`));
    for (let i = 0; i < 2; i++)
        names.forEach(name => daemon[`set_${name}`](values[name]));
    assertEqual(notified.length, names.length);
    names.forEach(name => {
        assert(daemon[name] === values[name], name);
        assert(daemon[`get_${name}`]() === values[name], name);
    });
    const {pidFile, healthAddress, shutdownTimeout} = new Process.Daemon({
        pidFile: '/z', healthAddress: '2', shutdownTimeout: 0,
    });
    assertEqual([pidFile, healthAddress, shutdownTimeout], ['/z', '2', 30 * SECOND]);
});

test('start and stop of a daemon', () => withFolder(async folder => {
    const daemon = makeDaemon(folder);
    const notified = listen(daemon, 'notify::running');
    for (let i = 1; i <= 2; i++) {
        assertEqual(daemon.start(), true);
        await assertUp(daemon, folder);
        const {health_address: address} = daemon;
        assertFails(() => daemon.start(), ALREADY_RUNNING);
        assertEqual(daemon.ready, true);
        assertEqual(daemon.stop(), true);
        await assertGone(daemon, folder, address);
        assertEqual([daemon.ready, daemon.health_address, daemon.stop()], [false, '0', true]);
        assertEqual(notified.length, 2 * i);
    }
    assertEqual(daemon.registry_entry.pid, 0);
}));

test('starts of a daemon that fail', () => withFolder(async folder => {
    const server = makeServer();
    const daemon = makeDaemon(folder, {health_address: server.address});
    assertFails(() => daemon.start(), Gio.IOErrorEnum.ADDRESS_IN_USE, IO);
    await assertGone(daemon, folder);
    server.stop();
    daemon.health_address = 'nonsense';
    assertFails(() => daemon.start(), INVALID_ARGUMENT, {message: '“nonsense”'});
    daemon.health_address = '0';
    daemon.registry_entry = null;
    assertFails(() => daemon.start(), INVALID_ARGUMENT);
    await assertGone(daemon, folder);
    daemon.registry = null;
    daemon.start();
    const other = new Process.Daemon({pid_file: daemon.pid_file, health_address: '0'});
    assertFails(() => other.start(), ALREADY_RUNNING, {message: `${PID}`});
    assertEqual(other.health_address, '0');
    daemon.stop();
}));

test('checks of a daemon', () => withFolder(async folder => {
    const daemon = makeDaemon(folder);
    let healthy = false;
    const ids = [
        daemon.add_health_check('a', () => {
            if (!healthy)
                throw new TypeError('not yet');
            return true;
        }),
        daemon.add_async_health_check('b',
            (_server, task) => later(() => task.return_boolean(true)), LONG),
    ];
    assertFails(() => daemon.add_health_check('a', () => true), INVALID_ARGUMENT);
    assertFails(() => daemon.add_async_health_check('', () => {}, 0), INVALID_ARGUMENT);
    daemon.start();
    const {health_address: address} = daemon;
    assertEqual(await ask(address), [503, 'unhealthy: a: not yet\n']);
    healthy = true;
    assertEqual(await ask(address, '/health?verbose'), [200, '[+]a ok\n[+]b ok\nok\n']);
    daemon.ready = false;
    assertEqual(await ask(address, '/ready'), [503, 'not ready\n']);
    ids.forEach(id => daemon.remove_health_check(id));
    assertEqual(await ask(address, '/health?verbose'), [200, 'ok\n']);
    daemon.stop();
}));

test('run until cancelled', () => withFolder(async folder => {
    const daemon = makeDaemon(folder);
    assertFails(() => daemon.run(null), Process.Error.NOT_RUNNING);
    await assertRejects(promised(daemon, 'run', null), Process.Error.NOT_RUNNING);
    for (const perform of [cancellable => daemon.run(cancellable),
        cancellable => promised(daemon, 'run', cancellable)]) {
        const cancellable = new Gio.Cancellable();
        daemon.start();
        const {health_address: address} = daemon;
        later(() => cancellable.cancel());
        assertEqual(await perform(cancellable), true);
        await assertGone(daemon, folder, address);
    }
}));

test('run until stopped', () => withFolder(async folder => {
    const daemon = makeDaemon(folder);
    daemon.start();
    const run = promised(daemon, 'run', null);
    await assertRejects(promised(daemon, 'run', null), ALREADY_RUNNING);
    assertEqual(await promised(daemon, 'stop', null), true);
    assertEqual(await run, true);
    await assertGone(daemon, folder);
}));

test('a stop lets answers finish', () => withFolder(async folder => {
    const daemon = makeDaemon(folder);
    const tasks = [];
    const id = daemon.add_async_health_check('a', (_server, task) => tasks.push(task), LONG);
    daemon.start();
    const answer = ask(daemon.health_address);
    await until(() => tasks.length > 0);
    const stop = promised(daemon, 'stop', null);
    assertEqual([daemon.running, daemon.ready], [true, false]);
    tasks.pop().return_boolean(true);
    assertEqual([await stop, await answer], [true, [200, 'ok\n']]);
    daemon.remove_health_check(id);
    await assertGone(daemon, folder);
}));

test('a daemon that is a program', () => withFolder(async folder => {
    const env = [`HOME=${folder}`];
    const code = `
        const daemon = new Process.Daemon({
            pid_file: folder + '/pid', health_address: '0',
            registry: Process.Registry.get_default(),
            registry_entry: Process.DaemonEntry.new('app', 'worker'),
        });
        daemon.start();
        GLib.idle_add(0, () => print(daemon.health_address));
        daemon.run(null);
        print('stopped');`;
    const process = await startChild(folder, code, env);
    const address = process.get_output().trim();
    assertEqual(Process.probe_health(address, LONG, null), true);
    const registry = Process.Registry.new(`${folder}/.core/daemons`);
    assertEqual(registry.list().map(({pid, health}) => [pid, health]), [[process.pid, address]]);
    assertEqual(await end(process), 0);
    assertEqual(process.get_output(), `${address}\nstopped\n`);
    assertEqual([registry.list(), exists(`${folder}/pid`)], [[], false]);
}));

test('daemons are collected', () => withFolder(async folder => {
    // In a function of its own, whose frame holds nothing afterwards.
    const cycle = () => {
        const daemon = makeDaemon(folder);
        daemon.add_health_check('a', () => true);
        daemon.connect('notify::ready', () => daemon.ready);
        daemon.start();
    };
    for (let i = 0; i < 5; i++) {
        cycle();
        await until(() => System.gc() ?? !exists(`${folder}/run/pid`));
    }
    assertEqual(Process.Registry.new(`${folder}/daemons`).list(), []);
}));

// What Process.js adds

if (!PLAIN) {
    test('probes as promises', async () => {
        const server = makeServer();
        const {address} = server;
        assertEqual(await Process.probe_health_async(address, LONG), true);
        assertEqual(await Process.probe_ready_async(address, 0, null), true);
        assertEqual(await Process.wait_for_health_async(address, LONG), true);
        assertEqual(await Process.wait_for_ready_async(address, LONG), true);
        server.set_status('a', false, 'bad');
        await assertRejects(Process.probe_health_async(address, 0), UNHEALTHY);
        assertEqual(await Process.wait_for_health_async(address, 0), false);
        await assertRejects(Process.probe_health_async('', 0), INVALID_ARGUMENT);
        assertEqual(Process.wait_for_health(NOWHERE, 0), false);
        assertFails(() => Process.probe_ready(NOWHERE, 0), TIMED_OUT);
        server.stop();
    });

    test('a registry is iterable', () => withFolder(folder => {
        const registry = Process.Registry.new(folder);
        assertEqual([...registry], []);
        registry.register(makeEntry());
        registry.register(makeEntry({code: 'x', started: VALUES.started}));
        const other = Process.Registry.new(folder);
        assertEqual([...other].map(({code}) => code), ['x', 'app']);
    }));

    test('a daemon with promises', () => withFolder(async folder => {
        const daemon = makeDaemon(folder);
        await assertRejects(daemon.run_async(), Process.Error.NOT_RUNNING);
        daemon.start();
        const cancellable = new Gio.Cancellable();
        const run = daemon.run_async(cancellable);
        await assertUp(daemon, folder);
        cancellable.cancel();
        assertEqual(await run, true);
        daemon.start();
        later(() => daemon.stop_async());
        assertEqual(daemon.run(), true);
        assertEqual(await daemon.stop_async(), true);
        await assertGone(daemon, folder);
    }));

    test('a check of a daemon must not return a promise', () => withFolder(async folder => {
        const daemon = makeDaemon(folder);
        daemon.add_health_check('a', async () => true);
        daemon.start();
        assertEqual(await ask(daemon.health_address),
            [503, 'unhealthy: a: The check returned a promise, which nobody awaits\n']);
        daemon.stop();
    }));
}

main();
