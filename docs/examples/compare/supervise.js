// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What ../javascript/supervise.js does, with Gio.Subprocess alone.
// usage: gjs -m supervise.js COMMAND [ARGUMENT...]

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const [TIMEOUT, GRACE, LINGER, TICK] = [2000, 1000, 1000, 10];
const {STDOUT_PIPE, STDERR_PIPE, STDERR_SILENCE} = Gio.SubprocessFlags;

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async');
Gio._promisify(Gio.Subprocess.prototype, 'wait_async');

function delay(milliseconds) {
    return new Promise(resolve => {
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

async function follow(name, pipe) {
    const stream = new Gio.DataInputStream({baseStream: pipe});
    const decoder = new TextDecoder();
    for (;;) {
        const [line] = await stream.read_line_async(GLib.PRIORITY_DEFAULT, null);
        if (line === null)
            return;
        print(name, decoder.decode(line).replace(/\r$/, ''));
    }
}

// JavaScript has no kill(2) of its own. Tells whether there is still someone in the group.
async function signalGroup(group, signal) {
    const kill = Gio.Subprocess.new(['sh', '-c', `kill -s ${signal} -- -${group}`],
        STDERR_SILENCE);
    await kill.wait_async(null);
    return kill.get_successful();
}

async function endGroup(group) {
    const deadline = GLib.get_monotonic_time() + GRACE * 1000;
    await signalGroup(group, 'TERM');
    while (GLib.get_monotonic_time() < deadline && await signalGroup(group, '0'))
        await delay(TICK);
    await signalGroup(group, 'KILL');
}

async function supervise(command, args) {
    // Nor can it set up a process group: setsid does, but would start to say what it cannot find.
    if (!GLib.find_program_in_path(command))
        throw new Error(`There is no program ${command}`);
    const child = Gio.Subprocess.new(['setsid', command, ...args], STDOUT_PIPE | STDERR_PIPE);
    const group = child.get_identifier(); // null for a child that has ended already
    const ended = child.wait_async(null).then(() => true);
    const read = Promise.all([
        follow('out:', child.get_stdout_pipe()),
        follow('err:', child.get_stderr_pipe()),
    ]);

    const timedOut = !await Promise.race([ended, delay(TIMEOUT)]);
    if (group)
        await endGroup(group);
    await ended;
    await Promise.race([read, delay(LINGER)]);
    const how = child.get_if_signaled()
        ? `signal ${child.get_term_sig()}`
        : `exit code ${child.get_exit_status()}`;
    print(timedOut ? 'timed out,' : 'ended,', how);
    return !timedOut && child.get_successful();
}

const [command, ...args] = System.programArgs;
try {
    if (!command)
        throw new Error('usage: supervise.js COMMAND [ARGUMENT...]');
    System.exit(await supervise(command, args) ? 0 : 1);
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
