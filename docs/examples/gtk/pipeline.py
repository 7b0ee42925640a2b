# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window that shows the results of a pipeline as they come, and how far it is.

usage: pipeline.py FILE.json
"""

import sys

import gi
gi.require_version('Gtk', '4.0')
gi.require_version('Process', '1')
from gi.repository import Gio, GLib, GObject, Gtk, Process


def make_row(factory, item):
    item.set_child(Gtk.Label(xalign=0))


def fill_row(factory, item):
    result = item.get_item()
    mark = '✓' if result.props.passed else '–' if result.props.skipped else '✗'
    item.get_child().set_text(f'{mark} {result.props.name}  {result.props.duration / 1e6:.1f} s')


class Window(Gtk.ApplicationWindow):
    def __init__(self, application, specs):
        super().__init__(application=application, title='Pipeline', default_width=400,
                         default_height=300)
        self.cancellable = Gio.Cancellable()
        self.runner = Process.Runner.new(Process.Service())
        self.results = Gio.ListStore(item_type=Process.RunResult)

        factory = Gtk.SignalListItemFactory()
        factory.connect('setup', make_row)
        factory.connect('bind', fill_row)
        selection = Gtk.NoSelection(model=self.results)
        self.list = Gtk.ListView(model=selection, factory=factory)
        self.bar = Gtk.ProgressBar(show_text=True)
        self.runner.bind_property('progress', self.bar, 'fraction',
                                  GObject.BindingFlags.SYNC_CREATE)

        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        box.append(Gtk.ScrolledWindow(child=self.list, vexpand=True))
        box.append(self.bar)
        self.set_child(box)
        self.connect('close-request', lambda window: self.cancellable.cancel())

        self.runner.connect('spec-finished', lambda runner, result: self.results.append(result))
        self.runner.run_all_async(specs, self.cancellable, self.finished)

    def finished(self, runner, async_result):
        """The results came in the order of their ends: now in that of the specs."""
        try:
            self.all = runner.run_all_finish(async_result)
        except GLib.Error as error:
            self.bar.set_text(error.message)
            return
        self.list.get_model().set_model(self.all)
        self.bar.set_text(f'{self.all.props.n_passed} passed, {self.all.props.n_failed} failed, '
                          f'{self.all.props.n_skipped} skipped')


def main(path):
    specs = Process.RunSpec.list_from_file(Gio.File.new_for_path(path), None)
    application = Gtk.Application()
    application.connect('activate', lambda application: Window(application, specs).present())
    return application.run(sys.argv[:1])


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
