# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keeps a list model of processes for a view, and tells what changes in it."""

import gi
gi.require_version('Process', '1')
from gi.repository import GLib, Process


def changed(process, pspec):
    if not process.running:
        print(process.command, 'ended with', process.exit_code)


def items_changed(service, position, removed, added):
    for process in service[position:position + added]:
        process.connect('notify::status', changed)


service = Process.Service()
service.connect('items-changed', items_changed)
for command in 'true', 'false':
    service.start(command, [])

context = GLib.MainContext.default()
while service.n_running:
    context.iteration(True)
print(len(service), 'rows')
