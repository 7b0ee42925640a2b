// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The health server and its checks.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    LONG, WHY, ask, assertDown, assertHealthy, assertUnhealthy, finish, later, makeServer,
    promised, request, until,
} from './daemons.js';
import {
    PLAIN, SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, execute, exists,
    isOpen, listen, main, test, withFolder,
} from './support.js';

const IO = {domain: Gio.IOErrorEnum};
const {INVALID_ARGUMENT} = Process.Error;

function fails(message) {
    return () => {
        throw new GLib.Error(Process.Error, Process.Error.UNHEALTHY, message);
    };
}

// A server that a client waits for, by a check that answers when its task is taken.
async function begin() {
    const server = makeServer();
    const tasks = [];
    server.add_async_check('a', (_server, task) => tasks.push(task), LONG);
    const answer = ask(server).catch(error => error);
    await until(() => tasks.length > 0);
    return {server, tasks, answer};
}

// Servers

test('constructors', () => {
    for (const server of [Process.HealthServer.new('9'),
        new Process.HealthServer({address: '9'})]) {
        assertEqual([server.address, server.ready, server.running], ['9', true, false]);
        assertEqual([server.get_address(), server.get_ready(), server.get_running()],
            ['9', true, false]);
    }
});

test('start and stop', async () => {
    const server = new Process.HealthServer({address: '0'});
    const notified = listen(server, 'notify::address', 'notify::running', 'notify::ready');
    assertEqual(server.start(), true);
    const {address} = server;
    assert(/^127\.0\.0\.1:[1-9][0-9]*$/.test(address), address);
    assertEqual([server.running, notified.length], [true, 2]);
    await assertHealthy(server);
    assertFails(() => server.start(), Process.Error.ALREADY_RUNNING, {message: `“${address}”`});
    server.stop();
    server.stop();
    assertEqual([server.running, server.address, notified.length], [false, '0', 4]);
    await assertDown(address);
});

test('starts again', async () => {
    const server = makeServer();
    server.add_check('a', () => true);
    server.ready = false;
    server.stop();
    server.start();
    assertEqual([server.ready, server.running], [true, true]);
    assertEqual(await ask(server, '/health?verbose'), [200, '[+]a ok\nok\n']);
    server.stop();
});

test('ready', async () => {
    const server = makeServer();
    const notified = listen(server, 'notify::ready');
    assertEqual(await ask(server, '/ready'), [200, 'ready\n']);
    server.ready = false;
    server.set_ready(false);
    assertEqual([server.ready, server.get_ready(), notified.length], [false, false, 1]);
    for (const path of ['/ready', '/readyz'])
        assertEqual(await ask(server, path), [503, 'not ready\n']);
    await assertHealthy(server);
    server.set_ready(true);
    assertEqual(await ask(server, '/readyz'), [200, 'ready\n']);
    server.stop();
});

test('addresses', async () => {
    for (const address of ['0', ':0', '127.0.0.1:0', 'localhost:0']) {
        const server = makeServer(address);
        assert(/^(127\.0\.0\.1|\[::1\]):\d+$/.test(server.address), server.address);
        await assertHealthy(server);
        server.stop();
    }
    const server = makeServer('*:0');
    assert(/^\*:\d+$/.test(server.address), server.address);
    await assertHealthy(`127.0.0.1${server.address.slice(1)}`);
    server.stop();
});

test('a socket in the file system', () => withFolder(async folder => {
    const address = `unix:${folder}/socket`;
    const server = makeServer(address);
    assertEqual(server.address, address);
    await assertHealthy(server);
    assertFails(() => makeServer(address), Gio.IOErrorEnum.ADDRESS_IN_USE, IO);
    server.stop();
    assert(!exists(`${folder}/socket`));
}));

test('bad addresses', () => {
    for (const address of ['', 'nowhere', '65536', '1:2:3', '127.0.0.1', '[::1]', 'unix:', 'a b:1',
        '-1', 'http://localhost:1']) {
        const server = new Process.HealthServer({address});
        assertFails(() => server.start(), INVALID_ARGUMENT, {message: `“${address}”`});
        assertEqual(server.running, false);
    }
    const server = makeServer();
    assertFails(() => makeServer(server.address), Gio.IOErrorEnum.ADDRESS_IN_USE,
        {message: server.address, ...IO});
    server.stop();
});

test('what is asked', async () => {
    const server = makeServer();
    for (const path of ['/health', '/livez', '/ready', '/readyz']) {
        assertEqual((await ask(server, path))[0], 200);
        assertEqual(await ask(server, path, {method: 'HEAD'}), [200, '']);
    }
    assertEqual((await ask(server, '/nothing', {method: 'POST'}))[0], 404);
    assertEqual((await ask(server, '/health', {method: 'POST'}))[0], 405);
    assertEqual((await ask(server, '/ready', {headers: 'Host: evil.example\r\n'}))[0], 421);
    const {address} = server;
    const answers = await request(address, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n' +
        'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assertEqual(answers.match(/200 OK|ok\n|ready\n|no-store/g),
        ['200 OK', 'no-store', 'ok\n', '200 OK', 'no-store', 'ready\n']);
    server.stop();
});

// Checks

test('passing and failing', async () => {
    const server = makeServer();
    const healthy = {db: true, disk: true};
    const ids = Object.keys(healthy).map(name => server.add_check(name, () => {
        if (!healthy[name])
            throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'is gone');
        return true;
    }));
    assert(ids[0] > 0 && ids[1] > ids[0], `${ids}`);
    await assertHealthy(server);
    healthy.disk = false;
    await assertUnhealthy(server, 'disk: is gone');
    healthy.db = false;
    assertEqual(await ask(server, '/livez?verbose'),
        [503, '[-]db failed: is gone\n[-]disk failed: is gone\nunhealthy: db: is gone\n']);
    assertEqual(await ask(server, '/health?exclude=db&exclude=disk'), [200, 'ok\n']);
    server.remove_check(ids[0]);
    await assertUnhealthy(server, 'disk: is gone');
    server.remove_check(ids[1]);
    await assertHealthy(server);
    server.stop();
});

test('how a check may fail', async () => {
    const server = makeServer();
    const throws = value => () => {
        throw value;
    };
    for (const [check, message] of [
        [fails('No space left'), 'No space left'],
        [throws(new Process.Error({code: Process.Error.FAILED, message: 'é\nü'})), 'é ü'],
        [throws(new TypeError('a mistake')), 'a mistake'],
        [throws(new Error('another')), 'another'],
        [() => undefined, WHY], [() => null, WHY], [() => false, WHY], [() => 0, WHY],
    ]) {
        const id = server.add_check('a', check);
        await assertUnhealthy(server, `a: ${message}`);
        server.remove_check(id);
    }
    await assertHealthy(server);
    server.stop();
});

test('one that throws does not stop the others', async () => {
    const server = makeServer();
    server.add_check('a', () => null.x);
    server.add_check('b', fails('reason'));
    server.add_check('c', () => true);
    for (let i = 0; i < 3; i++) {
        const [status, text] = await ask(server, '/health?verbose');
        assertEqual(status, 503);
        assert(/^\[-\]a failed: .*\n\[-\]b failed: reason\n\[\+\]c ok\nunhealthy: a: .*\n$/
            .test(text), text);
    }
    server.stop();
});

test('names', () => {
    const server = new Process.HealthServer({address: '0'});
    server.add_check('a', () => true);
    for (const add of [name => server.add_check(name, () => true),
        name => server.add_async_check(name, () => {}, 0)]) {
        assertFails(() => add(''), INVALID_ARGUMENT, {message: 'no name'});
        assertFails(() => add('a'), INVALID_ARGUMENT, {message: '“a”'});
        assertThrows(() => add(null));
    }
    assertThrows(() => server.add_check('b', null));
    server.clear_checks();
    assert(server.add_check('a', () => true) > 1);
});

test('changes from inside', async () => {
    const server = makeServer();
    const ids = [];
    ids.push(server.add_check('a', () => {
        ids.forEach(id => server.remove_check(id));
        server.add_check('c', () => true);
        return true;
    }), server.add_check('b', fails('never asked')));
    await assertHealthy(server);
    assertEqual(await ask(server, '/health?verbose'), [200, '[+]c ok\nok\n']);
    server.clear_checks();
    const {address} = server;
    server.add_check('a', () => {
        server.stop();
        return true;
    });
    await assertDown(address);
    assertEqual(server.running, false);
    server.clear_checks();
});

test('status', async () => {
    const server = makeServer();
    const id = server.set_status('queue', false, 'It is full');
    await assertUnhealthy(server, 'queue: It is full');
    assertEqual(server.set_status('queue', false, null), id);
    await assertUnhealthy(server, 'queue: No reason was given');
    assertEqual(server.set_status('queue', true, null), id);
    assertEqual(await ask(server, '/health?verbose'), [200, '[+]queue ok\nok\n']);
    assertFails(() => server.add_check('queue', () => true), INVALID_ARGUMENT);
    server.remove_check(id);
    server.add_check('queue', fails('asked'));
    server.set_status('queue', true, 'ignored');
    await assertHealthy(server);
    server.stop();
});

test('JSON', async () => {
    const server = makeServer();
    const headers = 'Accept: application/health+json\r\n';
    server.add_check('db', () => true);
    let [status, text] = await ask(server, '/health', {headers});
    let answer = JSON.parse(text);
    assertEqual([status, answer.status], [200, 'pass']);
    const [[check]] = Object.values(answer.checks);
    assertEqual([check.status, typeof check.observedValue, typeof check.time],
        ['pass', 'number', 'string']);
    server.ready = false;
    [, text] = await ask(server, '/health', {headers});
    assertEqual(JSON.parse(text).status, 'warn');
    server.set_status('disk', false, 'full “up”');
    [status, text] = await ask(server, '/health', {headers});
    answer = JSON.parse(text);
    assertEqual([status, answer.status], [503, 'fail']);
    assert(JSON.stringify(answer.checks).includes('full “up”'), text);
    server.stop();
});

// Checks that are given a task

test('answers now and later', async () => {
    const server = makeServer();
    const error = new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.FAILED, 'refused');
    for (const [answer, expected] of [[task => task.return_boolean(true), null],
        [task => task.return_boolean(false), WHY],
        [task => task.return_error(error), 'refused']]) {
        for (const when of [body => body(), body => later(body),
            body => Promise.resolve().then(body)]) {
            const id = server.add_async_check('a',
                (_server, task) => when(() => answer(task)), LONG);
            if (expected === null)
                await assertHealthy(server);
            else
                await assertUnhealthy(server, `a: ${expected}`);
            server.remove_check(id);
        }
    }
    server.stop();
});

test('arguments of a check', async () => {
    const server = makeServer();
    let seen = [];
    server.add_async_check('a', (...args) => {
        seen.push(...args);
        args[1].return_boolean(true);
    }, 0);
    await assertHealthy(server);
    assertEqual(seen.length, 2);
    assert(seen[0] === server);
    assert(seen[1].get_source_object() === server);
    assert(seen[1].get_cancellable() instanceof Gio.Cancellable);
    seen = null;
    server.clear_checks();
    server.stop();
});

test('without an answer', async () => {
    const server = makeServer();
    const cancelled = [];
    const tasks = [];
    let id = server.add_async_check('a', (_server, task) => {
        // Whenever it would be collected, the check would have failed.
        tasks.push(task);
        task.get_cancellable().connect(() => cancelled.push(true));
    }, SECOND / 20);
    await assertUnhealthy(server, 'a: No answer within 0.05 s');
    assertEqual(cancelled, [true]);
    server.remove_check(id);
    tasks.pop();
    id = server.add_async_check('a', (_server, task) => tasks.push(task), SECOND / 20);
    await assertUnhealthy(server, 'a: No answer within 0.05 s');
    // Too late.
    tasks.pop().return_boolean(true);
    await assertUnhealthy(server, 'a: No answer within 0.05 s');
    tasks.pop().return_error(new GLib.Error(Gio.IOErrorEnum, 0, 'late'));
    server.stop();
});

// An exception is told by a critical message, which no test of ours survives.
test('an async check that throws', () => {
    const program = `
        import Gio from 'gi://Gio';
        import GLib from 'gi://GLib';
        import Process from 'gi://Process?version=1';
        const loop = new GLib.MainLoop(null, false);
        const server = new Process.HealthServer({address: '0'});
        server.add_async_check('a', () => {
            throw new TypeError('a mistake');
        }, 50000);
        server.add_async_check('b', async () => {
            throw new TypeError('a mistake');
        }, 50000);
        server.start();
        const [host, port] = server.address.split(':');
        Gio.SocketClient.new().connect_to_host_async(host, port, null, (client, result) => {
            const connection = client.connect_to_host_finish(result);
            const request = 'GET /health?verbose HTTP/1.0\\r\\n\\r\\n';
            connection.get_output_stream().write_all(request, null);
            connection.get_input_stream().read_bytes_async(4096, 0, null, (stream, bytes) => {
                print(new TextDecoder().decode(stream.read_bytes_finish(bytes).toArray()));
                loop.quit();
            });
        });
        loop.run();`;
    return withFolder(folder => {
        GLib.file_set_contents(`${folder}/program.js`, program);
        const output = execute('env', '-u', 'G_DEBUG', 'gjs', '-m', `${folder}/program.js`);
        assert(output.includes('[-]a failed: No answer within 0.05 s'), output);
        assert(output.includes('[-]b failed: No answer within 0.05 s'), output);
    });
});

test('waits for nobody', async () => {
    const {server, tasks, answer} = await begin();
    assertEqual(await ask(server, '/ready'), [200, 'ready\n']);
    assertEqual(await ask(server, '/health?exclude=a'), [200, 'ok\n']);
    const others = [ask(server), ask(server)];
    let answered = 0;
    [answer, ...others].forEach(each => each.then(() => answered++));
    await until(() => {
        tasks.splice(0).forEach(task => task.return_boolean(true));
        return answered === 3;
    });
    assertEqual(await Promise.all([answer, ...others]), Array(3).fill([200, 'ok\n']));
    server.clear_checks();
    server.stop();
});

test('side by side', async () => {
    const server = makeServer();
    const tasks = [];
    for (const name of ['a', 'b', 'c']) {
        server.add_async_check(name, (_server, task) => {
            // The last one answers for all, so that none waits for another.
            if (tasks.push(task) === 3)
                tasks.splice(0).forEach(each => each.return_boolean(true));
        }, LONG);
    }
    await assertHealthy(server);
    server.stop();
});

test('removed meanwhile', async () => {
    const server = makeServer();
    const tasks = [];
    const id = server.add_async_check('a', (_server, task) => tasks.push(task), LONG);
    const answer = ask(server);
    await until(() => tasks.length > 0);
    server.remove_check(id);
    assertEqual(await answer, [200, 'ok\n']);
    assert(tasks[0].get_cancellable().is_cancelled());
    tasks.pop().return_boolean(false);
    server.stop();
});

test('a check that reads a file', () => withFolder(async folder => {
    const server = makeServer();
    server.add_async_check('file', (_server, task) => {
        Gio.File.new_for_path(`${folder}/file`).load_contents_async(task.get_cancellable(),
            (file, result) => {
                try {
                    file.load_contents_finish(result);
                    task.return_boolean(true);
                } catch (error) {
                    task.return_error(error);
                }
            });
    }, LONG);
    const [status, text] = await ask(server);
    assertEqual(status, 503);
    assert(text.includes(`${folder}/file`), text);
    GLib.file_set_contents(`${folder}/file`, 'x');
    await assertHealthy(server);
    server.stop();
}));

// Draining

test('nothing to wait for', async () => {
    const server = makeServer();
    const {address} = server;
    assertEqual(finish(server, 'drain', SECOND, null), true);
    assertEqual(server.running, false);
    await assertDown(address);
    assertEqual(await promised(server, 'drain', SECOND, null), true);
});

test('answers come first', async () => {
    const {server, tasks, answer} = await begin();
    const drained = promised(server, 'drain', -1, null);
    assertEqual(server.running, true);
    tasks.pop().return_boolean(true);
    assertEqual(await drained, true);
    assertEqual([await answer, server.running], [[200, 'ok\n'], false]);
});

test('time is up', async () => {
    const {server, tasks, answer} = await begin();
    await assertRejects(promised(server, 'drain', SECOND / 20, null), Process.Error.TIMED_OUT);
    assertEqual(server.running, false);
    assert(await answer instanceof Error);
    tasks.length = 0;
});

test('a drain that is cancelled', async () => {
    const {server, tasks, answer} = await begin();
    const cancellable = new Gio.Cancellable();
    const drained = promised(server, 'drain', -1, cancellable);
    cancellable.cancel();
    await assertRejects(drained, Gio.IOErrorEnum.CANCELLED, IO);
    assertEqual(server.running, true);
    tasks.pop().return_boolean(true);
    assertEqual(await answer, [200, 'ok\n']);
    await until(() => !server.running);
});

// Lives

async function settles(condition) {
    await until(() => {
        System.gc();
        return condition();
    });
}

// What a function holds is an open file, which is closed with it.
test('callbacks are let go of', () => withFolder(async folder => {
    const server = makeServer();
    const [names, ids] = [['a', 'b', 'c', 'd', 'A', 'B', 'C'], {}];
    const open = () => names.filter(name => isOpen(`${folder}/${name}`)).join('');
    // In functions of their own, whose frames hold nothing afterwards.
    const hold = name => Gio.File.new_for_path(`${folder}/${name}`).append_to(0, null);
    const add = (name, file) => {
        const held = hold(file);
        ids[name] = server.add_check(name, () => held !== null);
    };
    const addLater = name => {
        const held = hold(name);
        ids[name] = server.add_async_check(name,
            (_server, task) => task.return_boolean(held !== null), 0);
    };
    ['a', 'b', 'c'].forEach(name => add(name, name));
    ['A', 'B', 'C'].forEach(name => addLater(name));
    await assertHealthy(server);
    await settles(() => open() === 'abcABC');
    server.remove_check(ids.a);
    server.remove_check(ids.A);
    await settles(() => open() === 'bcBC');
    server.set_status('b', true, null);
    server.set_status('B', true, null);
    await settles(() => open() === 'cC');
    assertFails(() => add('c', 'd'), INVALID_ARGUMENT);
    await settles(() => open() === 'cC');
    server.clear_checks();
    await settles(() => open() === '');
    server.stop();
}));

// That they leave no descriptor behind is looked at after each test.
test('servers are collected', async () => {
    const cycle = async () => {
        const server = makeServer();
        server.add_check('a', () => server.running);
        server.add_async_check('b', (_server, task) => task.return_boolean(server.running), 0);
        server.connect('notify::ready', () => server.ready);
        await assertHealthy(server);
        server.clear_checks();
        return server.address;
    };
    for (let i = 0; i < 10; i++) {
        const address = await cycle();
        System.gc();
        await until(() => System.gc() ?? true);
        await assertDown(address);
    }
});

test('dispose', async () => {
    const server = makeServer();
    const {address} = server;
    server.add_check('a', () => true);
    server.run_dispose();
    await assertDown(address);
});

test('collection in between', async () => {
    const server = makeServer();
    server.add_check('a', () => {
        System.gc();
        return true;
    });
    server.add_async_check('b', (_server, task) => later(() => {
        System.gc();
        task.return_boolean(true);
    }), 0);
    for (let i = 0; i < 20; i++)
        await assertHealthy(server);
    server.stop();
});

// What Process.js adds

if (!PLAIN) {
    test('a drain as a promise', async () => {
        const {server, tasks, answer} = await begin();
        const drained = server.drain_async(-1);
        tasks.pop().return_boolean(true);
        assertEqual([await drained, await answer], [true, [200, 'ok\n']]);
        assertEqual(await server.drain_async(SECOND, null), true);
        const other = await begin();
        await assertRejects(other.server.drain_async(0), Process.Error.TIMED_OUT);
        assert(await other.answer instanceof Error);
        other.tasks.length = 0;
    });

    test('a check must not return a promise', async () => {
        const server = makeServer();
        for (const check of [async () => true, () => Promise.resolve(true)]) {
            const id = server.add_check('a', check);
            await assertUnhealthy(server,
                'a: The check returned a promise, which nobody awaits');
            server.remove_check(id);
        }
        server.stop();
    });
}

main();
