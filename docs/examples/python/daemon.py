# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs as a daemon: one instance, with a health check, in the registry, until a signal ends it."""

import os
import sys

import gi
gi.require_version('Process', '1')
from gi.repository import Gio, GLib, Process

waiting = []


def check_queue():
    if len(waiting) >= 100:
        raise GLib.Error(f'{len(waiting)} jobs wait', 'g-io-error-quark', Gio.IOErrorEnum.BUSY)
    return True


daemon = Process.Daemon(
    pid_file=os.path.join(GLib.get_user_runtime_dir(), 'example.pid'),
    health_address='127.0.0.1:0',
    registry=Process.Registry.get_default(),
    registry_entry=Process.DaemonEntry.new('example', 'worker'))
daemon.add_health_check('queue', check_queue)
try:
    daemon.start()
except GLib.Error as error:
    sys.exit(error.message)
print('health at', daemon.get_health_address(), flush=True)

# Until SIGTERM or SIGINT; this is the main loop of the program.
daemon.run(None)
print('stopped')
