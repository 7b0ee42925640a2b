// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs as a daemon: one instance, with a health check, in the registry, until a signal ends it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Process from 'gi://Process?version=1';

const waiting = [];

const daemon = new Process.Daemon({
    pidFile: GLib.build_filenamev([GLib.get_user_runtime_dir(), 'example.pid']),
    healthAddress: '127.0.0.1:0',
    registry: Process.Registry.get_default(),
    registryEntry: Process.DaemonEntry.new('example', 'worker'),
});
daemon.add_health_check('queue', () => {
    if (waiting.length >= 100)
        throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.BUSY, `${waiting.length} jobs wait`);
    return true;
});
daemon.start();
print(`health at ${daemon.get_health_address()}`);

// Until SIGTERM or SIGINT; this is the main loop of the program.
daemon.run(null);
print('stopped');
