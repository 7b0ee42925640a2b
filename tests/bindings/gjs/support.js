// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests share: a small harness that prints TAP, waiting with a
// deadline, and leaving nothing behind.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

export const SECOND = GLib.USEC_PER_SEC;
const DEADLINE = 30;

// Prints a line at each request, so that a test decides when something happens.
export const ECHO = ['-c', 'while read -r line; do echo "$line"; done'];

// With the argument `plain` a test does without Process.js, of which only its last part has need.
export const PLAIN = System.programArgs.includes('plain');

const tests = [];

export function test(name, body) {
    tests.push({name, body});
}

export function assert(condition, message = 'the condition does not hold') {
    if (!condition)
        throw new Error(message);
}

export function assertEqual(found, expected) {
    const [left, right] = [found, expected].map(value => JSON.stringify(value) ?? `${value}`);
    assert(left === right, `${left} is not ${right}`);
}

function check(error, code, domain, message) {
    assert(error instanceof GLib.Error, `${error} is not an error of GLib`);
    assert(error.matches(domain, code), `${error.domain} ${error.code}: ${error.message}`);
    assert(error.message.includes(message), error.message);
    assert(!error.message.endsWith('.'), error.message);
    return error;
}

export function assertFails(body, code, {domain = Process.Error, message = ''} = {}) {
    let value;
    try {
        value = body();
    } catch (error) {
        return check(error, code, domain, message);
    }
    throw new Error(`${value} was returned instead of an error`);
}

export async function assertRejects(promise, code, {domain = Process.Error, message = ''} = {}) {
    let value;
    try {
        value = await promise;
    } catch (error) {
        return check(error, code, domain, message);
    }
    throw new Error(`${value} was the result instead of an error`);
}

export function assertThrows(body) {
    let value;
    try {
        value = body();
    } catch (error) {
        return error;
    }
    throw new Error(`${value} was returned instead of an exception`);
}

function withDeadline(promise, seconds = DEADLINE) {
    return new Promise((resolve, reject) => {
        const deadline = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, seconds, () => {
            reject(new Error('the deadline passed'));
            return GLib.SOURCE_REMOVE;
        });
        // Once the deadline has passed its source is gone.
        promise.then(value => {
            GLib.source_remove(deadline);
            resolve(value);
        }, error => {
            GLib.source_remove(deadline);
            reject(error);
        });
    });
}

/** Iterates the main context until the condition holds; false past the deadline. */
export function waitUntil(condition, seconds = DEADLINE) {
    const end = GLib.get_monotonic_time() + seconds * SECOND;
    // What no source announces, such as another process's end, is looked at again now and then.
    const lookAgain = GLib.timeout_add(GLib.PRIORITY_DEFAULT, 10, () => GLib.SOURCE_CONTINUE);
    const context = GLib.MainContext.default();
    try {
        while (!condition()) {
            if (GLib.get_monotonic_time() > end)
                return false;
            context.iteration(true);
        }
        return true;
    } finally {
        GLib.source_remove(lookAgain);
    }
}

export function wait(condition) {
    assert(waitUntil(condition), 'the deadline passed');
}

/** Waits until everything of the process has been emitted. */
export function waitEnd(process) {
    let ended = false;
    process.wait_async(null, () => (ended = true));
    wait(() => ended);
}

export function drain() {
    while (GLib.MainContext.default().iteration(false))
        continue;
}

export function toArray(model) {
    return Array.from({length: model.get_n_items()}, (_, i) => model.get_item(i));
}

export function execute(...argv) {
    return new Process.Service().run_with_options(new Process.RunOptions({
        command: argv[0], args: argv.slice(1), timeout: 20 * SECOND,
    }), null);
}

/** Records what an object emits, in its order. */
export function listen(emitter, ...names) {
    const events = [];
    for (const name of names) {
        emitter.connect(name, (_emitter, ...args) =>
            events.push([name, ...args.filter(arg => !(arg instanceof Process.ManagedProcess))]));
    }
    return events;
}

function list(path) {
    const folder = Gio.File.new_for_path(path).enumerate_children('standard::name',
        Gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS, null);
    const names = [];
    for (let info; (info = folder.next_file(null)) !== null;)
        names.push(info.get_name());
    folder.close(null);
    return names;
}

function stat(pid) {
    try {
        const [, bytes] = GLib.file_get_contents(`/proc/${pid}/stat`);
        const text = new TextDecoder().decode(bytes);
        // The name between the parentheses may hold anything.
        return text.slice(text.lastIndexOf(')') + 2).split(' ');
    } catch {
        return null;
    }
}

const self = Number(new Gio.Credentials().get_unix_pid());

/** Identifiers of our children, zombies included. */
export function children() {
    return list('/proc').filter(name => /^[0-9]+$/.test(name) && Number(stat(name)?.[1]) === self);
}

export function isAlive(pid) {
    const fields = stat(pid);
    return fields !== null && !'ZX'.includes(fields[0]);
}

function descriptors() {
    const found = list('/proc/self/fd').map(fd => {
        try {
            return `${fd} ${GLib.file_read_link(`/proc/self/fd/${fd}`)}`;
        } catch {
            return null;
        }
    });
    // The folder that was just listed is closed again.
    return found.filter(entry => entry !== null);
}

/** Whether this process has the file open. */
export function isOpen(path) {
    return descriptors().some(entry => entry.endsWith(` ${path}`));
}

/** Of what kinds the library's objects are that there are, and how many (see leaks.c). */
function alive() {
    const type = GObject.type_from_name('TestLeaks');
    return type ? GObject.Object.new_with_properties(type, [], []).alive.trim() : '';
}

function settles(condition) {
    return waitUntil(() => {
        System.gc();
        return condition();
    }, 10);
}

export async function withFolder(body) {
    const folder = GLib.Dir.make_tmp(null);
    try {
        await body(folder);
    } finally {
        execute('rm', '-r', folder);
    }
}

export function read(path) {
    const [, bytes] = GLib.file_get_contents(path);
    return new TextDecoder().decode(bytes);
}

export function exists(path) {
    return GLib.file_test(path, GLib.FileTest.EXISTS);
}

async function runOne({body}) {
    // What was let go of last is closed in the next turn of the loop.
    drain();
    const before = descriptors();
    const leaked = () => descriptors().filter(entry => !before.includes(entry));
    await withDeadline(Promise.resolve(body()));
    // What the body held is let go of when the job that ran it has ended.
    await new Promise(resolve => GLib.idle_add(GLib.PRIORITY_LOW, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
    assert(settles(() => children().length === 0), `left behind: ${children()}`);
    assert(settles(() => alive() === ''), `left alive: ${alive()}`);
    assert(settles(() => leaked().length === 0), `left open: ${leaked()}`);
}

// What stays for the life of the program, such as GLib's worker thread, is made here.
function warmUp() {
    const service = new Process.Service();
    service.run('true', [], null);
    waitEnd(service.start('true', [], null));
}

async function runAll() {
    let failed = 0;

    assert(PLAIN === !(Symbol.iterator in Process.Service.prototype), 'the wrong Process.js');
    warmUp();
    print(`1..${tests.length}`);
    for (const [i, each] of tests.entries()) {
        try {
            await runOne(each);
            print(`ok ${i + 1} - ${each.name}`);
        } catch (error) {
            failed++;
            print(`not ok ${i + 1} - ${each.name}`);
            print(`# ${error}\n${error.stack ?? ''}`.replaceAll('\n', '\n# '));
        }
    }
    return failed;
}

export function main() {
    const loop = new GLib.MainLoop(null, false);
    let failed = -1;
    runAll().then(count => (failed = count), logError).finally(() => loop.quit());
    loop.run();
    System.exit(failed === 0 ? 0 : 1);
}
