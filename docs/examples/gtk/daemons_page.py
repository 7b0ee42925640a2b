# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemons of a registry, and how they are."""

from gi.repository import Gio, GLib, Gtk, Process

from columns import Column, set_text

INTERVAL = 2  # seconds
TIMEOUT = GLib.USEC_PER_SEC


def key_of(entry):
    return entry.props.code, entry.props.daemon, entry.props.pid


class Monitor:
    """Asks every daemon of a registry again and again, and never waits for an answer."""

    def __init__(self, registry, changed):
        self.registry = registry
        self.changed = changed
        self.states = {}
        self.asking = set()
        self.cancellable = Gio.Cancellable()
        self.handler = registry.connect('items-changed', lambda *_args: self.ask_all())
        self.timer = GLib.timeout_add_seconds(INTERVAL, self.ask_again)
        self.ask_all()

    def stop(self):
        self.registry.disconnect(self.handler)
        GLib.source_remove(self.timer)
        self.cancellable.cancel()

    def ask_again(self):
        self.ask_all()
        return GLib.SOURCE_CONTINUE

    def ask_all(self):
        entries = list(self.registry)
        keys = {key_of(entry) for entry in entries}
        self.states = {key: state for key, state in self.states.items() if key in keys}
        for entry in entries:
            self.ask(key_of(entry), entry.props.health)

    def ask(self, key, address):
        if not address:
            self.states[key] = 'dim-label', 'Tells nothing'
        elif key not in self.asking:
            self.asking.add(key)
            Process.probe_health_async(address, TIMEOUT, self.cancellable, self.answered, key)

    def answered(self, _source, result, key):
        self.asking.discard(key)
        if self.cancellable.is_cancelled():
            return
        try:
            Process.probe_health_finish(result)
        except GLib.Error as error:
            self.states[key] = 'error', error.message
        else:
            self.states[key] = 'success', 'Healthy'
        self.changed()

    def get(self, entry):
        return self.states.get(key_of(entry), ('dim-label', 'Asking'))


class DaemonsPage(Gtk.Box):
    def __init__(self, registry):
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self.registry = registry
        self.dots = Column('', self.show_dot, fixed_width=36)
        self.health = Column('Health', self.show_health, expand=True)
        self.monitor = Monitor(registry, self.refresh)
        columns = [
            self.dots,
            Column('Daemon', lambda label, entry: set_text(
                label, f'{entry.props.code}/{entry.props.daemon}'), expand=True),
            self.health,
            Column('Address', lambda label, entry: set_text(label, entry.props.health or ''),
                   expand=True),
            Column('PID', lambda label, entry: set_text(
                label, str(entry.props.pid), 'numeric')),
            Column('Started', lambda label, entry: set_text(
                label, entry.props.started.to_local().format('%F %T')), expand=True),
        ]
        self.view = Gtk.ColumnView(model=Gtk.NoSelection(model=registry),
                                   show_row_separators=True)
        self.view.update_property([Gtk.AccessibleProperty.LABEL], ['Daemons'])
        for column in columns:
            self.view.append_column(column)
        self.append(Gtk.ScrolledWindow(child=self.view, vexpand=True))

    def show_dot(self, label, entry):
        set_text(label, '●', self.monitor.get(entry)[0])

    def show_health(self, label, entry):
        set_text(label, self.monitor.get(entry)[1])

    def refresh(self):
        self.dots.refresh()
        self.health.refresh()

    def stop(self):
        self.monitor.stop()
