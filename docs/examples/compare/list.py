# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ../python/list.py does, with GLib alone."""

import os

from gi.repository import Gio, GLib, GObject


class Row(GObject.Object):
    command = GObject.Property(type=str)
    running = GObject.Property(type=bool, default=True)
    exit_code = GObject.Property(type=int, default=-1)

    def start(self):
        pid, *_ = GLib.spawn_async([self.command], flags=GLib.SpawnFlags.SEARCH_PATH |
                                   GLib.SpawnFlags.DO_NOT_REAP_CHILD)
        GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, self.ended)

    def ended(self, pid, status):
        self.exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        self.running = False


def changed(row, pspec):
    print(row.command, 'ended with', row.exit_code)


def items_changed(rows, position, removed, added):
    for row in rows[position:position + added]:
        row.connect('notify::running', changed)


rows = Gio.ListStore(item_type=Row)
rows.connect('items-changed', items_changed)
for command in 'true', 'false':
    row = Row(command=command)
    row.start()
    rows.append(row)

context = GLib.MainContext.default()
while any(row.running for row in rows):
    context.iteration(True)
print(len(rows), 'rows')
