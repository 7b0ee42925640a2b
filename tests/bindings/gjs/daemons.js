// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of daemons share.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Process from 'gi://Process?version=1';

import {SECOND, assert, assertEqual, wait} from './support.js';

Gio._promisify(Gio.SocketClient.prototype, 'connect_async');
Gio._promisify(Gio.OutputStream.prototype, 'write_all_async');
Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async');

export const WHY = 'The check failed without an error';

// Something that nobody listens on.
export const NOWHERE = '127.0.0.1:1';

export function makeServer(address = '0') {
    const server = new Process.HealthServer({address});
    assertEqual(server.start(), true);
    return server;
}

function connectableOf(address) {
    return address.startsWith('unix:')
        ? Gio.UnixSocketAddress.new(address.slice('unix:'.length))
        : Gio.NetworkAddress.parse(address, 0);
}

async function readAll(stream) {
    const all = [];
    for (;;) {
        const bytes = await stream.read_bytes_async(4096, GLib.PRIORITY_DEFAULT, null);
        if (bytes.get_size() === 0)
            return new TextDecoder().decode(Uint8Array.from(all));
        all.push(...bytes.toArray());
    }
}

/** Sends a request to a server of this thread: all that it answers. */
export async function request(address, text) {
    const client = new Gio.SocketClient({enable_proxy: false});
    const connection = await client.connect_async(connectableOf(address), null);
    try {
        await connection.get_output_stream().write_all_async(new TextEncoder().encode(text),
            GLib.PRIORITY_DEFAULT, null);
        return await readAll(connection.get_input_stream());
    } finally {
        connection.close(null);
    }
}

/** The status and the text of the answer. */
export async function ask(server, path = '/health', {method = 'GET', headers = ''} = {}) {
    const address = typeof server === 'string' ? server : server.address;
    const answer = await request(address, `${method} ${path} HTTP/1.0\r\n${headers}\r\n`);
    const [, status, text] = answer.match(/^HTTP\/1\.[01] (\d+) [^]*?\r\n\r\n([^]*)$/) ?? [];
    assert(status !== undefined, `not an answer: “${answer}”`);
    return [Number(status), text];
}

export async function assertHealthy(server) {
    assertEqual(await ask(server), [200, 'ok\n']);
}

export async function assertUnhealthy(server, text) {
    assertEqual(await ask(server), [503, `unhealthy: ${text}\n`]);
}

export async function assertDown(address) {
    let answer = '';
    try {
        answer = await request(address, 'GET /health HTTP/1.0\r\n\r\n');
    } catch (error) {
        assert(error instanceof GLib.Error, `${error}`);
    }
    assertEqual(answer, '');
}

export function later(body) {
    GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
        body();
        return GLib.SOURCE_REMOVE;
    });
}

/** Waits while promises go on; the deadline is that of the test. */
export async function until(condition) {
    while (!condition())
        await new Promise(resolve => later(resolve));
}

/** By a callback: what an asynchronous call of the source, or of the namespace, comes to. */
export function finish(source, call, ...args) {
    let ended = null;
    source[`${call}_async`](...args, (_source, result) => (ended = result));
    assert(ended === null, 'the callback was called too early');
    wait(() => ended !== null);
    return source[`${call}_finish`](ended);
}

/** The same, while promises go on: Process.js need not be there. */
export function promised(source, call, ...args) {
    return new Promise((resolve, reject) => {
        source[`${call}_async`](...args, (_source, result) => {
            try {
                resolve(source[`${call}_finish`](result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

export const LONG = 20 * SECOND;
