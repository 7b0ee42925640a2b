# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows the window of the GTK example on a display of its own, and looks at what is in it.

usage: gtk-pipeline.py EXAMPLE
Skipped (77) without GTK 4, or without a display and Xvfb.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
SPECS = [
    {'name': 'last', 'command': 'true', 'after': ['bad', 'good']},
    {'name': 'good', 'command': 'true'},
    {'name': 'bad', 'command': 'false', 'after': ['good']},
]


@contextlib.contextmanager
def display():
    """A display that nobody sees; None when there cannot be one."""
    if not shutil.which('Xvfb'):
        yield None
        return
    read, write = os.pipe()
    with subprocess.Popen(['Xvfb', '-displayfd', str(write), '-screen', '0', '800x600x24'],
                          pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with os.fdopen(read) as numbers:
                yield ':' + numbers.readline().strip()
        finally:
            server.terminate()


def texts(widget):
    """Those of all labels in it, from top to bottom."""
    found = [widget.get_text()] if type(widget).__name__ == 'Label' else []
    child = widget.get_first_child()
    while child:
        found += texts(child)
        child = child.get_next_sibling()
    return found


def check(example, path):
    from gi.repository import Gio, GLib, Gtk, Process

    specs = Process.RunSpec.list_from_file(Gio.File.new_for_path(path), None)
    application = Gtk.Application()
    seen, names = {}, []

    def look(window):
        """The rows are there some time after the items."""
        seen.update(rows=[row.split()[:2] for row in texts(window.list)],
                    fraction=window.bar.get_fraction(), text=window.bar.get_text())
        if seen['text'] is None or len(seen['rows']) < len(SPECS):
            return GLib.SOURCE_CONTINUE
        window.close()
        return GLib.SOURCE_REMOVE

    def activate(application):
        window = example.Window(application, specs)
        window.runner.connect('spec-finished',
                              lambda runner, result: names.append(result.props.name))
        window.present()
        GLib.timeout_add(20, look, window)

    application.connect('activate', activate)
    application.run(sys.argv[:1])
    assert names == ['good', 'bad', 'last'], names
    assert seen == {'rows': [['–', 'last'], ['✓', 'good'], ['✗', 'bad']], 'fraction': 1.0,
                    'text': '1 passed, 1 failed, 1 skipped'}, seen
    return 0


def look_at_window(path):
    spec = importlib.util.spec_from_file_location('example', path)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(SPECS, file)
        file.flush()
        return check(example, file.name)


def main(path, inside=None):
    try:
        import gi
        gi.require_version('Gtk', '4.0')
    except (ImportError, ValueError) as error:
        print(error)
        return SKIPPED
    if inside:
        return look_at_window(path)
    # GTK ends with its display, so in a process of its own.
    with display() as name:
        if name is None:
            print('Xvfb is not installed')
            return SKIPPED
        env = {**os.environ, 'DISPLAY': name, 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo',
               'DBUS_SESSION_BUS_ADDRESS': 'disabled:', 'LC_ALL': 'C.UTF-8'}
        return subprocess.run([sys.executable, __file__, path, 'inside'], env=env,
                              check=False).returncode


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
