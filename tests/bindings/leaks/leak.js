// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Leaves behind what it is told to: see check.py.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Process from 'gi://Process?version=1';
import System from 'system';

import {main, test, waitEnd} from '../gjs/support.js';

const kept = [];

function use() {
    const service = new Process.Service();
    const process = service.start('true', [], null);
    waitEnd(process);
    return service;
}

// By a call that is never answered, since nobody runs its context.
function keep(service) {
    const context = new GLib.MainContext();
    context.ref();
    context.push_thread_default();
    service.shutdown_async(0, null, () => {});
    context.pop_thread_default();
}

function leaveAll() {
    keep(use());
    Gio.Subprocess.new(['cat'], Gio.SubprocessFlags.STDIN_PIPE);
    GLib.file_set_contents(GLib.build_filenamev([GLib.get_tmp_dir(), 'left']), '');
}

const [kind] = System.programArgs;
if (kind === 'test') {
    test('leak', () => kept.push(Process.RunSpec.new('kept', 'true', [])));
    main();
}
use();
if (kind === 'all')
    leaveAll();
