// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs a command for at most 2 s, shows its lines as they come, and ends all that it started.
// usage: gjs -m supervise.js COMMAND [ARGUMENT...]

import GLib from 'gi://GLib';
import System from 'system';
import Process from 'gi://Process?version=1';

async function supervise(command, args) {
    const service = new Process.Service();
    const process = service.start_with_options(new Process.RunOptions({
        command, args, stdinMode: Process.StdinMode.NULL, killGroup: true,
        timeout: 2 * GLib.USEC_PER_SEC, gracePeriod: GLib.USEC_PER_SEC,
    }));
    for await (const [line, stream] of process.lines({withStream: true}))
        print(stream === Process.Stream.STDERR ? 'err:' : 'out:', line);

    const {exitCode, exitReason, termSignal} = process;
    const timedOut = exitReason === Process.ExitReason.TIMED_OUT;
    print(timedOut ? 'timed out,' : 'ended,', termSignal ? 'signal' : 'exit code',
        termSignal || exitCode);
    await process.shutdown_async();
    await process.wait_async();
}

const [command, ...args] = System.programArgs;
try {
    if (!command)
        throw new Error('usage: supervise.js COMMAND [ARGUMENT...]');
    await supervise(command, args);
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
