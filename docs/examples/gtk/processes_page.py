# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts commands, and lists the processes of a service."""

import signal

from gi.repository import GLib, Gtk, Process

from columns import Column, format_duration, set_text
from output import OutputView, Tail

REFRESH = 100  # milliseconds
GRACE = 5 * GLib.USEC_PER_SEC
FOLLOWED = ('status', 'exit-code', 'term-signal')


def watch(process):
    """Its lines are kept from here on, with the process itself."""
    process.tail = Tail(process)


def command_line(process):
    return ' '.join([process.props.command, *process.props.args])


def show_status(label, process):
    status = process.props.status
    if status == Process.Status.RUNNING:
        set_text(label, 'Running', 'accent')
    elif status == Process.Status.KILLED:
        set_text(label, signal.strsignal(process.props.term_signal), 'warning')
    elif status == Process.Status.FAILED:
        set_text(label, 'Not started', 'error')
    elif status == Process.Status.EXITED:
        code = process.props.exit_code
        set_text(label, f'Exited {code}', 'error' if code else 'success')
    else:
        set_text(label, 'Starting')


def show_last_line(label, process):
    tail = getattr(process, 'tail', None)
    set_text(label, tail.last() if tail else '', 'monospace')


def make_buttons():
    box = Gtk.Box(spacing=6)
    for icon, action, verb in (('media-playback-stop-symbolic', 'process.shutdown', 'Stop'),
                               ('edit-delete-symbolic', 'process.kill', 'Kill')):
        button = Gtk.Button(icon_name=icon, tooltip_text=verb)
        # Before the name, as an action is never without the target that it takes.
        button.set_action_target_value(GLib.Variant('s', ''))
        button.set_action_name(action)
        button.add_css_class('flat')
        box.append(button)
    return box


def show_buttons(box, process):
    """The service is the action group; the target is the id of the process."""
    button = box.get_first_child()
    while button:
        button.set_action_target_value(GLib.Variant('s', process.props.id))
        button.update_property([Gtk.AccessibleProperty.LABEL],
                               [f'{button.get_tooltip_text()} {command_line(process)}'])
        button = button.get_next_sibling()
    box.set_sensitive(process.props.running)


class ProcessesPage(Gtk.Box):
    def __init__(self, service):
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self.service = service
        self.timer = None
        self.append(self.make_entry())
        self.append(self.make_error())
        self.output = OutputView()
        self.append(Gtk.Paned(orientation=Gtk.Orientation.VERTICAL, vexpand=True, position=260,
                              shrink_start_child=False, shrink_end_child=False,
                              start_child=self.make_list(), end_child=self.output))
        self.insert_action_group('process', service)
        service.connect('notify::n-running', self.keep_refreshing)
        service.connect('exited', self.refresh)

    def make_entry(self):
        self.entry = Gtk.Entry(placeholder_text='Command', hexpand=True,
                               activates_default=False)
        self.entry.update_property([Gtk.AccessibleProperty.LABEL], ['Command'])
        self.entry.connect('activate', self.start)
        self.entry.connect('changed', lambda entry: self.show_error(None))
        start = Gtk.Button(label='Start')
        start.add_css_class('suggested-action')
        start.connect('clicked', self.start)
        clear = Gtk.Button(label='Clear', action_name='process.clear',
                           tooltip_text='Forget the processes that have ended')
        box = Gtk.Box(spacing=6, margin_top=6, margin_bottom=6, margin_start=9, margin_end=9)
        for widget in self.entry, start, clear:
            box.append(widget)
        return box

    def make_error(self):
        self.error = Gtk.Label(xalign=0, wrap=True, margin_start=9, margin_end=9,
                               margin_bottom=6, accessible_role=Gtk.AccessibleRole.ALERT)
        self.error.add_css_class('error')
        self.revealer = Gtk.Revealer(child=self.error)
        return self.revealer

    def make_list(self):
        self.duration = Column('Duration', lambda label, process: set_text(
            label, format_duration(process.props.duration), 'numeric'), follow=('duration',))
        self.last_line = Column('Last line', show_last_line, expand=True)
        columns = [
            Column('Command', lambda label, process: set_text(label, command_line(process)),
                   compare=command_line, expand=True),
            Column('Status', show_status, follow=FOLLOWED, fixed_width=100,
                   compare=lambda process: process.props.status),
            Column('PID', lambda label, process: set_text(
                label, str(process.props.pid or ''), 'numeric'), follow=('pid',),
                compare=lambda process: process.props.pid),
            self.duration,
            self.last_line,
            Column('', show_buttons, make=make_buttons, follow=('running',)),
        ]
        self.view = Gtk.ColumnView(show_row_separators=True)
        self.view.add_css_class('data-table')
        self.view.update_property([Gtk.AccessibleProperty.LABEL], ['Processes'])
        for column in columns:
            self.view.append_column(column)
        # The service is the model: nothing is copied.
        rows = Gtk.SortListModel(model=self.service, sorter=self.view.get_sorter())
        self.selection = Gtk.SingleSelection(model=rows)
        self.selection.connect('notify::selected-item', self.select)
        self.view.set_model(self.selection)
        return Gtk.ScrolledWindow(child=self.view)

    def start(self, *_args):
        try:
            _ok, argv = GLib.shell_parse_argv(self.entry.get_text())
            process = self.service.start_with_options(Process.RunOptions(
                command=argv[0], args=argv[1:], kill_group=True, grace_period=GRACE), None)
        except GLib.Error as error:
            self.show_error(error.message)
            return
        watch(process)
        self.entry.set_text('')
        self.show_error(None)
        self.select_process(process)

    def select_process(self, process):
        self.selection.set_selected(list(self.selection).index(process))
        # It may have been selected before it had a tail.
        self.select()

    def show_error(self, message):
        self.revealer.set_reveal_child(message is not None)
        if message is None:
            self.entry.remove_css_class('error')
        else:
            self.error.set_text(message)
            self.entry.add_css_class('error')

    def select(self, *_args):
        process = self.selection.get_selected_item()
        self.output.show_tail(getattr(process, 'tail', None))

    def keep_refreshing(self, *_args):
        if self.service.props.n_running > 0 and self.timer is None:
            self.timer = GLib.timeout_add(REFRESH, self.refresh_again)

    def refresh_again(self):
        self.refresh()
        if self.service.props.n_running > 0:
            return GLib.SOURCE_CONTINUE
        self.timer = None
        return GLib.SOURCE_REMOVE

    def refresh(self, *_args):
        self.duration.refresh()
        self.last_line.refresh()
        self.output.refresh()
