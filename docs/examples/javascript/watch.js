// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Prints the lines of a child, of both its streams, as they come, and then its exit code.

import GLib from 'gi://GLib';
import Process from 'gi://Process?version=1';

const loop = new GLib.MainLoop(null, false);
const service = new Process.Service();
const process = service.start('sh', ['-c', 'echo one; echo two >&2; exit 3'], null);
process.connect('output', (_process, line, _stream) => print(line));
process.connect('exited', (_process, code, _duration, _error) => {
    print(`exit code ${code}`);
    loop.quit();
});
loop.run();
