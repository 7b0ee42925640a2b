# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes: a window that starts commands, watches and ends them.

usage: processes.py [PIPELINE.json]
"""

import pathlib
import sys

import gi
gi.require_version('Adw', '1')
gi.require_version('Gtk', '4.0')
gi.require_version('Process', '1')
from gi.repository import Adw, Gio, Gtk, Process

from daemons_page import DaemonsPage
from pipeline_page import PipelinePage
from processes_page import GRACE, ProcessesPage

DEMO = pathlib.Path(__file__).with_name('demo.json')


class Window(Adw.ApplicationWindow):
    def __init__(self, application, registry, pipeline):
        super().__init__(application=application, title='Processes', default_width=900,
                         default_height=600)
        self.service = Process.Service(max_history=1000)
        self.processes = ProcessesPage(self.service)
        self.pipeline = PipelinePage(self.service, pipeline)
        self.daemons = DaemonsPage(registry)
        self.stack = Adw.ViewStack(vexpand=True)
        for page, name, title, icon in (
                (self.processes, 'processes', 'Processes', 'media-playback-start-symbolic'),
                (self.pipeline, 'pipeline', 'Pipeline', 'view-list-symbolic'),
                (self.daemons, 'daemons', 'Daemons', 'network-server-symbolic')):
            self.stack.add_titled(page, name, title).set_icon_name(icon)
        header = Adw.HeaderBar(title_widget=Adw.ViewSwitcher(
            stack=self.stack, policy=Adw.ViewSwitcherPolicy.WIDE))
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        box.append(header)
        box.append(self.stack)
        self.set_content(box)
        self.connect('close-request', self.close_asked)
        self.processes.entry.grab_focus()

    def close_asked(self, _window):
        """What still runs is asked to end first; the window is gone already."""
        self.daemons.stop()
        self.pipeline.cancel()
        application = self.get_application()
        application.hold()
        self.service.shutdown_async(GRACE, None, self.shut_down, application)
        return False

    def shut_down(self, service, result, application):
        service.shutdown_finish(result)
        application.release()


def make_application(registry, pipeline):
    application = Adw.Application(application_id='org.example.Processes',
                                  flags=Gio.ApplicationFlags.NON_UNIQUE)
    application.connect('activate', lambda application: Window(
        application, registry, pipeline).present())
    return application


def main(path=DEMO):
    application = make_application(Process.Registry.get_default(),
                                   Gio.File.new_for_path(str(path)))
    return application.run(sys.argv[:1])


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
