# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a pipeline, and shows how far it is."""

from gi.repository import Gio, GLib, GObject, Gtk, Process

from columns import Column, format_duration, set_text
from processes_page import watch

STYLES = {'Running': 'accent', 'Passed': 'success', 'Failed': 'error', 'Skipped': 'warning'}


class Step(GObject.Object):
    """A spec, and what has become of it."""

    state = GObject.Property(type=str, default='Waiting')
    detail = GObject.Property(type=str, default='')

    def __init__(self, spec):
        super().__init__()
        self.spec = spec
        self.process = None
        self.duration = 0

    def started(self, process):
        self.process = process
        self.props.state = 'Running'

    def finished(self, result):
        self.duration = result.props.duration
        error = result.props.error
        self.props.detail = (error.message if error else
                             f'Exit code {result.props.exit_code}' if not result.props.passed
                             else '')
        self.props.state = ('Passed' if result.props.passed else
                            'Skipped' if result.props.skipped else 'Failed')

    def elapsed(self):
        running = self.props.state == 'Running' and self.process
        return self.process.props.duration if running else self.duration


def make_bar():
    return Gtk.ProgressBar(valign=Gtk.Align.CENTER, pulse_step=0.1)


def show_bar(bar, step):
    """How long a step will take is not known, so that its bar goes to and fro meanwhile."""
    if step.props.state == 'Running':
        bar.pulse()
    else:
        bar.set_fraction(step.props.state in ('Passed', 'Failed'))


class PipelinePage(Gtk.Box):
    def __init__(self, service, file):
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self.runner = Process.Runner.new(service)
        self.runner.connect('spec-started', self.spec_started)
        self.runner.connect('spec-finished', self.spec_finished)
        self.steps = Gio.ListStore(item_type=Step)
        self.cancellable = None
        self.append(self.make_toolbar())
        self.append(self.make_list())
        self.bar = Gtk.ProgressBar(show_text=True, margin_top=6, margin_bottom=9,
                                   margin_start=9, margin_end=9)
        self.bar.update_property([Gtk.AccessibleProperty.LABEL], ['The whole pipeline'])
        self.append(self.bar)
        self.runner.bind_property('progress', self.bar, 'fraction',
                                  GObject.BindingFlags.SYNC_CREATE)
        self.load(file)

    def make_toolbar(self):
        self.title = Gtk.Label(xalign=0, hexpand=True)
        self.title.add_css_class('heading')
        self.open_button = Gtk.Button(label='Open…')
        self.open_button.connect('clicked', self.choose)
        self.run_button = Gtk.Button(label='Run')
        self.run_button.add_css_class('suggested-action')
        self.run_button.connect('clicked', self.run)
        self.cancel_button = Gtk.Button(label='Cancel', sensitive=False)
        self.cancel_button.connect('clicked', lambda button: self.cancel())
        box = Gtk.Box(spacing=6, margin_top=6, margin_bottom=6, margin_start=9, margin_end=9)
        for widget in self.title, self.open_button, self.run_button, self.cancel_button:
            box.append(widget)
        return box

    def make_list(self):
        self.time = Column('Time', lambda label, step: set_text(
            label, format_duration(step.elapsed()) if step.elapsed() else '', 'numeric'),
            follow=('state',), fixed_width=90)
        self.progress = Column('Progress', show_bar, make=make_bar, follow=('state',),
                               fixed_width=160)
        columns = [
            Column('Step', lambda label, step: set_text(label, step.spec.props.name),
                   fixed_width=140),
            Column('State', lambda label, step: set_text(
                label, step.props.state, STYLES.get(step.props.state)), follow=('state',),
                fixed_width=90),
            self.progress,
            self.time,
            Column('', lambda label, step: set_text(label, step.props.detail),
                   follow=('detail',), expand=True),
        ]
        view = Gtk.ColumnView(model=Gtk.NoSelection(model=self.steps), show_row_separators=True)
        view.update_property([Gtk.AccessibleProperty.LABEL], ['Steps'])
        for column in columns:
            view.append_column(column)
        return Gtk.ScrolledWindow(child=view, vexpand=True)

    def choose(self, *_args):
        self.chooser = Gtk.FileChooserNative(
            title='Open a Pipeline', transient_for=self.get_root(), modal=True,
            action=Gtk.FileChooserAction.OPEN)
        self.chooser.connect('response', self.chosen)
        self.chooser.show()

    def chosen(self, chooser, response):
        if response == Gtk.ResponseType.ACCEPT:
            self.load(chooser.get_file())

    def load(self, file):
        """An error is shown in place of the steps."""
        try:
            self.specs = Process.RunSpec.list_from_file(file, None)
        except GLib.Error as error:
            self.specs = []
            self.bar.set_text(error.message)
        else:
            self.bar.set_text(f'{len(self.specs)} steps')
        self.title.set_text(file.get_basename())
        self.run_button.set_sensitive(bool(self.specs))
        self.reset()

    def reset(self):
        self.by_name = {spec.props.name: Step(spec) for spec in self.specs}
        self.steps.splice(0, len(self.steps), list(self.by_name.values()))

    def run(self, *_args):
        self.reset()
        self.cancellable = Gio.Cancellable()
        self.set_running(True)
        self.bar.set_text('Running')
        self.timer = GLib.timeout_add(100, self.refresh)
        self.runner.run_all_async(self.specs, self.cancellable, self.finished)

    def cancel(self):
        if self.cancellable:
            self.cancellable.cancel()

    def set_running(self, running):
        self.cancel_button.set_sensitive(running)
        self.run_button.set_sensitive(not running)
        self.open_button.set_sensitive(not running)

    def refresh(self):
        self.time.refresh()
        self.progress.refresh()
        return GLib.SOURCE_CONTINUE

    def spec_started(self, _runner, spec, process):
        watch(process)
        self.by_name[spec.props.name].started(process)

    def spec_finished(self, _runner, result):
        self.by_name[result.props.name].finished(result)

    def finished(self, runner, async_result):
        GLib.source_remove(self.timer)
        self.cancellable = None
        self.set_running(False)
        try:
            results = runner.run_all_finish(async_result)
        except GLib.Error as error:
            self.bar.set_text(error.message)
            return
        self.bar.set_text(f'{results.props.n_passed} passed, {results.props.n_failed} failed, '
                          f'{results.props.n_skipped} skipped')
