// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What docs/coming-from.md says of Gio.Subprocess, so that it stays true.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

const {NONE, STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;

for (const name of ['wait_async', 'communicate_utf8_async'])
    Gio._promisify(Gio.Subprocess.prototype, name);

function assert(condition, message) {
    if (!condition)
        throw new Error(message);
}

async function failure(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new Error('it did not fail');
}

// Cancelling ends the wait, and not the process.
const cancellable = new Gio.Cancellable();
const sleeper = Gio.Subprocess.new(['sleep', '1000'], NONE);
const waiting = sleeper.wait_async(cancellable);
cancellable.cancel();
const cancelled = await failure(waiting);
assert(cancelled.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), cancelled.message);
assert(sleeper.get_identifier() !== null, 'the process ended');
sleeper.force_exit();
await sleeper.wait_async(null);

// An identifier is gone with its process.
assert(sleeper.get_identifier() === null, 'there is an identifier');

// What is no valid UTF-8 is an error.
const latin = Gio.Subprocess.new(['printf', 'caf\\351'], STDOUT_PIPE);
const invalid = await failure(latin.communicate_utf8_async(null, null));
assert(/utf-?8/i.test(invalid.message), invalid.message);

// A second child holds the first one's pipe, until it is told to go.
const folder = GLib.Dir.make_tmp('claims-XXXXXX');
const fifo = `${folder}/fifo`;
assert(GLib.spawn_command_line_sync(`mkfifo ${fifo}`)[0], 'there is no FIFO');
const first = Gio.Subprocess.new(
    ['sh', '-c', '(read -r _; echo late) <"$0" & echo early', fifo], STDIN_PIPE | STDOUT_PIPE);
const communicating = first.communicate_utf8_async(null, null);
await first.wait_async(null);
GLib.spawn_command_line_sync(`sh -c "echo go >${fifo}"`);
const [text] = await communicating;
assert(text === 'early\nlate\n', text);
GLib.unlink(fifo);
GLib.rmdir(folder);
