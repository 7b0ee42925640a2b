# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the GTK example in a window on a display of its own, and looks at what it shows.

usage: gtk-processes.py EXAMPLES [--images FOLDER] [--frames] [--leaks MODULE]
EXAMPLES is docs/examples. With --images, the pictures of the documentation are made anew; with
--frames, nothing is tried but that the window keeps being drawn in time, whatever is printed; with
--leaks, the module of tests/helpers/leaks.c, that nothing is left of processes that are forgotten.
Skipped (77) without GTK 4, libadwaita or Xvfb.
"""

import argparse
import contextlib
import gc
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SKIPPED = 77
DEADLINE = 100  # seconds
LINES = 1000000
LONGEST = 0.05  # seconds of our own processor time between two frames, for --frames
SPECS = [
    {'name': 'last', 'command': 'true', 'after': ['bad', 'good']},
    {'name': 'good', 'command': 'true'},
    {'name': 'bad', 'command': 'false', 'after': ['good']},
]


@contextlib.contextmanager
def display(folder):
    """A display that nobody sees; what is on it is in a file in the folder."""
    read, write = os.pipe()
    with subprocess.Popen(['Xvfb', '-displayfd', str(write), '-screen', '0', '1024x768x24',
                           '-fbdir', folder],
                          pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with os.fdopen(read) as numbers:
                yield ':' + numbers.readline().strip()
        finally:
            server.terminate()


class Picture:
    """The upper left corner of the display, read from an X Window Dump, version 7."""

    def __init__(self, path, width, height):
        dump = path.read_bytes()
        header = struct.unpack('>25I', dump[:100])
        size, version, stride, n_colours = header[0], header[1], header[12], header[19]
        assert (version, header[7], header[11]) == (7, 0, 32), header
        start = size + 12 * n_colours
        rows = [dump[start + y * stride:start + y * stride + 4 * width] for y in range(height)]
        self.size = width, height
        self.rows = [self.to_rgb(row) for row in rows]

    @staticmethod
    def to_rgb(row):
        pixels = bytearray(len(row) // 4 * 3)
        pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
        return bytes(pixels)

    def brightness(self):
        return sum(map(sum, self.rows)) / sum(map(len, self.rows))

    def save(self, path):
        def chunk(kind, data):
            return (struct.pack('>I', len(data)) + kind + data +
                    struct.pack('>I', zlib.crc32(kind + data)))

        data = zlib.compress(b''.join(b'\0' + row for row in self.rows), 9)
        path.write_bytes(b'\x89PNG\r\n\x1a\n' +
                         chunk(b'IHDR', struct.pack('>2I5B', *self.size, 8, 2, 0, 0, 0)) +
                         chunk(b'IDAT', data) + chunk(b'IEND', b''))


def descendants(widget, kind):
    """Those of a class, as they are on the screen from top to bottom."""
    found = [widget] if type(widget).__name__ == kind else []
    child = widget.get_first_child()
    while child:
        if child.get_mapped():
            found += descendants(child, kind)
        child = child.get_next_sibling()
    return found


def texts(widget):
    return [label.get_text() for label in descendants(widget, 'Label')]


def button(widget, label):
    """The button with this text or, as a picture says nothing, this tooltip."""
    [found] = [each for each in descendants(widget, 'Button')
               if label in (each.get_label(), each.get_tooltip_text())]
    return found


class Frames:
    """Measures what keeps the window from being drawn while a block runs.

    That is the processor time that the main thread takes between two frames, and
    at once, from the end of a poll to the next one. The clock on the wall would
    tell of the machine as well, so what it says is only printed.
    """

    def __init__(self, window):
        from gi.repository import GLib

        frames = self

        class Probe(GLib.Source):
            def prepare(self):
                frames.longest = max(frames.longest, time.thread_time() - frames.woken)
                return False, -1

            def check(self):
                frames.woken = time.thread_time()
                return False

            def dispatch(self, callback, args):
                return GLib.SOURCE_CONTINUE

        self.clock = window.get_frame_clock()
        self.probe = Probe(priority=GLib.PRIORITY_HIGH)
        self.painted = []
        self.worked = []

    def note_frame(self, _clock):
        self.painted.append(time.monotonic())
        self.worked.append(time.thread_time())

    def __enter__(self):
        self.longest, self.woken = 0, time.thread_time()
        self.probe.attach(None)
        self.handler = self.clock.connect('after-paint', self.note_frame)
        self.clock.begin_updating()
        return self

    def __exit__(self, *_args):
        self.clock.end_updating()
        self.clock.disconnect(self.handler)
        self.probe.destroy()

    def report(self, what):
        gaps, work = (sorted(after - before for before, after in zip(times, times[1:]))
                      for times in (self.painted, self.worked))
        print(f'{what}: {len(gaps)} frames, half of them within '
              f'{gaps[len(gaps) // 2] * 1e3:.1f} ms, the longest {gaps[-1] * 1e3:.1f} ms; '
              f'processor time between frames at most {work[-1] * 1e3:.1f} ms, '
              f'at once {self.longest * 1e3:.1f} ms')
        return max(work[-1], self.longest)


class Drive:
    """A user with a list of things to try."""

    def __init__(self, examples, folder, images, leaks):
        sys.path[:0] = [str(examples / 'gtk'),
                        str(pathlib.Path(__file__).parents[1] / 'bindings' / 'python')]
        import processes
        import support
        from gi.repository import Adw, Gio, GLib, Gtk, Process

        self.Adw, self.Gio, self.GLib, self.Gtk, self.Process = Adw, Gio, GLib, Gtk, Process
        self.examples, self.folder, self.images, self.leaks = examples, folder, images, leaks
        self.alive = support.alive
        self.context = GLib.MainContext.default()
        self.registry = Process.Registry.new(str(folder / '.core' / 'daemons'))
        specs = folder / 'specs.json'
        specs.write_text(json.dumps(SPECS))
        self.application = processes.make_application(self.registry,
                                                      Gio.File.new_for_path(str(specs)))
        self.application.register(None)
        self.application.activate()
        self.window = self.application.get_windows()[0]
        self.page = self.window.processes
        self.service = self.window.service
        self.wait('the window', lambda: self.window.get_mapped() and
                  self.window.get_frame_clock())

    def wait(self, what, condition):
        """Runs the main loop until it holds; what GTK does in its own time has no event."""
        deadline = time.monotonic() + DEADLINE
        look_again = self.GLib.timeout_add(20, lambda: self.GLib.SOURCE_CONTINUE)
        while not condition():
            assert time.monotonic() < deadline, f'{what}: {texts(self.window)}'
            self.context.iteration(True)
        self.GLib.source_remove(look_again)

    def expect(self, widget, *wanted):
        self.wait(wanted, lambda: all(text in texts(widget) for text in wanted))

    def type(self, command):
        self.page.entry.set_text(command)
        self.page.entry.emit('activate')

    def start(self, command):
        n = len(self.service.list())
        self.type(command)
        assert len(self.service.list()) == n + 1, self.page.error.get_text()
        process = self.service.list()[n]
        self.wait('the list', lambda: self.page.selection.get_selected_item() == process)
        return process

    def buttons(self, process, label):
        return [each for each in descendants(self.page.view, 'Button')
                if each.get_tooltip_text() == label and
                each.get_action_target_value().get_string() == process.props.id]

    def click(self, process, label):
        """As the keyboard would: the button can be reached and has the focus."""
        self.wait(label, lambda: self.buttons(process, label))
        [found] = self.buttons(process, label)
        assert found.is_sensitive() and found.get_focusable() and found.grab_focus()
        found.activate()

    def shown(self):
        buffer = self.page.output.buffer
        return buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), False)

    def take_picture(self, name):
        self.wait('the end of the animations', self.is_calm())
        picture = Picture(pathlib.Path(os.environ['FRAMEBUFFER']) / 'Xvfb_screen0',
                          self.window.get_surface().get_width(),
                          self.window.get_surface().get_height())
        if self.images:
            picture.save(self.images / f'{name}.png')
        return picture.brightness()

    def is_calm(self):
        """All animations have ended some frames before."""
        frames = []
        self.window.add_tick_callback(lambda *_args: frames.append(1) or len(frames) < 20)
        return lambda: len(frames) >= 20

    def try_start(self):
        """What is started is in the model, in the list and, with what it prints, below."""
        process = self.start("sh -c 'echo out; echo err >&2; printf \"gr\\303\\274n \\377\\n\"'")
        self.wait('the end', lambda: process.props.status == self.Process.Status.EXITED)
        self.expect(self.page.view, 'Exited 0', str(process.props.pid), process.tail.last())
        assert sorted(self.shown().split('\n')) == ['', 'err', 'grün \ufffd', 'out'], self.shown()
        buffer = self.page.output.buffer
        place = buffer.get_iter_at_offset(self.shown().index('err'))
        assert place.has_tag(self.page.output.tags[self.Process.Stream.STDERR])
        assert not any(each.is_sensitive() for each in self.buttons(process, 'Kill'))

    def try_errors(self):
        n = len(self.service.list())
        self.type('echo "open')
        assert 'open' in self.page.error.get_text() and len(self.service.list()) == n
        self.wait('the error', self.page.error.get_mapped)
        self.type('/nonexistent/program')
        self.expect(self.page.view, 'Not started')
        assert '/nonexistent/program' in self.page.error.get_text()
        self.type('sh -c "exit 3"')
        self.expect(self.page.view, 'Exited 3')
        assert self.page.entry.get_text() == '' and not self.page.revealer.get_reveal_child()

    def try_ends(self):
        """Per row, through the actions of the service."""
        patient = self.start("sh -c 'trap \"exit 7\" TERM; echo ready; while :; do sleep 1; done'")
        stubborn = self.start("sh -c 'echo ready; exec sleep 1000'")
        for process in patient, stubborn:
            self.wait('ready', lambda process=process: process.tail.last() == 'ready')
            self.expect(self.page.view, 'Running')
        before = stubborn.props.duration
        self.wait('the clock', lambda: stubborn.props.duration > before)
        self.click(patient, 'Stop')
        self.wait('the stop', lambda: not patient.props.running)
        assert (patient.props.exit_code, patient.props.exit_reason) == \
            (7, self.Process.ExitReason.KILLED), patient.props.exit_code
        assert stubborn.props.running
        self.click(stubborn, 'Kill')
        self.wait('the kill', lambda: not stubborn.props.running)
        assert stubborn.props.term_signal == signal.SIGKILL
        self.expect(self.page.view, 'Exited 7', 'Killed')
        self.wait('the buttons', lambda: not any(
            each.is_sensitive() for process in (patient, stubborn) for label in ('Stop', 'Kill')
            for each in self.buttons(process, label)))

    def try_clear(self):
        assert not self.leaks or self.left()
        button(self.page, 'Forget the processes that have ended').activate()
        self.wait('the list', lambda: len(self.service) == 0)
        assert self.shown() == '' and not self.page.duration.cells
        if self.leaks:
            self.wait('nothing left', lambda: gc.collect() and False or not self.left())

    def left(self):
        """Of processes, what is there: GTK and Python never let go of a whole window."""
        return [line for line in self.alive()
                if line.startswith(('ProcessManagedProcess ', 'process_ring_buffer_new '))]

    def try_flood(self, command):
        """The window stays alive, however much is printed."""
        with Frames(self.window) as frames:
            process = self.start(command)
            self.wait('the end', lambda: not process.props.running)
            self.wait('frames', lambda: len(frames.painted) > 2)
        longest = frames.report(command)
        self.expect(self.page.view, 'Exited 0', str(LINES))
        assert process.tail.total == LINES, process.tail.total
        self.wait('the last line', lambda: self.shown().endswith(f'\n{LINES}\n'))
        assert self.page.output.buffer.get_line_count() <= 502
        self.try_scrolling()
        return longest

    def try_long_lines(self):
        """A text view could not draw them; the service keeps all bytes."""
        command = "sh -c 'yes | tr -d \"\\n\" | head -c 20000000'"
        with Frames(self.window) as frames:
            process = self.start(command)
            self.wait('the end', lambda: not process.props.running)
            self.wait('frames', lambda: len(frames.painted) > 2)
        longest = frames.report(command)
        self.wait('the text', lambda: self.page.output.seen == process.tail.total > 0)
        for line in self.shown().split('\n'):
            assert 'are not shown' in line or line in ('', 'y' * 1000 + '…'), line
        return longest

    def try_floods(self):
        return max(self.try_flood(f'seq {LINES}'), self.try_flood(f'stdbuf -oL seq {LINES}'),
                   self.try_long_lines())

    def try_scrolling(self):
        """The view follows the end until the reader scrolls up, and again at the end."""
        output = self.page.output
        place = output.get_vadjustment()

        def end():
            return place.get_upper() - place.get_page_size()

        def expect_end(text):
            self.wait(text, lambda: self.shown().endswith(text))
            self.wait('the end of the text',
                      lambda: not output.settling and place.get_value() == end() > 0)

        expect_end(f'\n{LINES}\n')
        process = self.start("sh -c 'seq 100; read line; seq 101 2000; read line; echo last'")
        expect_end('\n100\n')
        place.set_value(0)
        process.send_input('\n')
        self.expect(self.page.view, '2000')
        assert place.get_value() == 0 and '101' not in self.shown()
        place.set_value(end())
        expect_end('\n2000\n')
        assert '⋯ 1400 lines are not shown ⋯' in self.shown()
        process.send_input('\n')
        expect_end('\nlast\n')

    def try_pipeline(self):
        self.window.stack.set_visible_child_name('pipeline')
        page = self.window.pipeline
        button(page, 'Run').activate()
        self.expect(page, 'Passed', 'Failed', 'Skipped')
        self.wait('the end', lambda: page.cancellable is None)
        assert [step.props.state for step in page.steps] == ['Skipped', 'Passed', 'Failed']
        assert page.bar.get_text() == '1 passed, 1 failed, 1 skipped'
        self.wait('the bars', lambda: [bar.get_fraction() for bar in
                                       descendants(page, 'ProgressBar')] == [0, 1, 1, 1])

    def try_cancel(self):
        specs = self.folder / 'long.json'
        specs.write_text(json.dumps([{'name': 'long', 'command': 'sleep', 'args': ['1000']}]))
        page = self.window.pipeline
        page.load(self.Gio.File.new_for_path(str(specs)))
        button(page, 'Run').activate()
        self.expect(page, 'Running')
        button(page, 'Cancel').activate()
        self.wait('the end', lambda: page.cancellable is None)
        assert page.bar.get_text() == '0 passed, 1 failed, 0 skipped', page.bar.get_text()
        specs.write_text('[\n')
        page.load(self.Gio.File.new_for_path(str(specs)))
        assert not page.run_button.is_sensitive() and page.bar.get_text() != ''

    @contextlib.contextmanager
    def daemon(self):
        env = {**os.environ, 'HOME': str(self.folder), 'XDG_RUNTIME_DIR': str(self.folder)}
        with subprocess.Popen([sys.executable, self.examples / 'python' / 'daemon.py'], env=env,
                              stdout=subprocess.DEVNULL) as daemon:
            try:
                yield daemon
            finally:
                daemon.terminate()

    def try_daemons(self):
        self.window.stack.set_visible_child_name('daemons')
        page = self.window.daemons
        with self.daemon() as daemon:
            self.expect(page, 'example/worker', 'Healthy', str(daemon.pid))
            with socket.create_server(('127.0.0.1', 0)) as mute:
                self.registry.register(self.Process.DaemonEntry(
                    code='example', daemon='mute', pid=os.getpid(),
                    health='127.0.0.1:%d' % mute.getsockname()[1]))
                self.wait('the other', lambda: sorted(self.dots(page)) == ['error', 'success'])
            self.take_picture('gtk-daemons-light')
            self.registry.unregister('example', 'mute')
            self.wait('one', lambda: len(self.registry) == 1)
        self.wait('none', lambda: len(self.registry) == 0 and not self.dots(page))

    @staticmethod
    def dots(page):
        return [style for label in descendants(page, 'Label') if label.get_text() == '●'
                for style in label.get_css_classes() if style in ('error', 'success')]

    def take_pictures(self):
        """With something to see in them."""
        styles = self.Adw.StyleManager.get_default()
        self.window.stack.set_visible_child_name('processes')
        self.try_clear()
        self.type('sh -c "sleep 1000"')
        self.type('seq 100000')
        self.type('ls /nonexistent')
        chosen = self.start("sh -c 'for i in 1 2 3 4 5 6; do echo compiling part $i of 6; done; "
                            "echo part 4: a variable is never used >&2; echo linking; "
                            "exec sleep 1000'")
        self.wait('all lines', lambda: chosen.tail.total == 8)
        page = self.window.pipeline
        page.load(self.Gio.File.new_for_path(str(self.examples / 'gtk' / 'demo.json')))
        for name, scheme in (('light', self.Adw.ColorScheme.FORCE_LIGHT),
                             ('dark', self.Adw.ColorScheme.FORCE_DARK)):
            styles.set_color_scheme(scheme)
            self.window.stack.set_visible_child_name('processes')
            brightness = self.take_picture(f'gtk-processes-{name}')
            assert (brightness < 128) == (name == 'dark'), brightness
            self.window.stack.set_visible_child_name('pipeline')
            button(page, 'Run').activate()
            self.wait('two at once', lambda: [step.props.state for step in page.steps]
                      .count('Running') == 2)
            self.take_picture(f'gtk-pipeline-{name}')
            self.wait('the end', lambda: page.cancellable is None)
        styles.set_color_scheme(self.Adw.ColorScheme.DEFAULT)

    def close(self):
        """What still runs is ended, and the window is not kept."""
        self.start('sleep 1000')
        gone = []
        self.window.weak_ref(gone.append, True)
        self.window.close()
        self.wait('the end', lambda: not self.service.running())
        self.wait('the window', lambda: not self.application.get_windows())
        self.window = self.page = None
        self.wait('the window to go', lambda: gc.collect() and False or gone)


def use_window(examples, images, only_frames, leaks):
    with tempfile.TemporaryDirectory() as folder:
        drive = Drive(examples, pathlib.Path(folder), images, leaks)
        if only_frames:
            longest = drive.try_floods()
            drive.close()
            assert longest < LONGEST, longest
            return
        drive.try_start()
        drive.try_errors()
        drive.try_ends()
        drive.try_clear()
        drive.try_floods()
        drive.try_pipeline()
        drive.try_cancel()
        drive.try_daemons()
        drive.take_pictures()
        drive.close()


def find_missing():
    try:
        import gi
        gi.require_version('Gtk', '4.0')
        gi.require_version('Adw', '1')
    except (ImportError, ValueError) as error:
        return str(error)
    return None if shutil.which('Xvfb') else 'Xvfb is not installed'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('examples', type=pathlib.Path)
    parser.add_argument('--images', type=pathlib.Path)
    parser.add_argument('--frames', action='store_true',
                        help='measure only how long it takes from frame to frame')
    parser.add_argument('--leaks', metavar='MODULE')
    parser.add_argument('--inside', action='store_true')
    arguments = parser.parse_args()
    if arguments.inside:
        use_window(arguments.examples, arguments.images, arguments.frames, arguments.leaks)
        if arguments.leaks:
            # Before the module counts what GTK has.
            sys.stdout.flush()
            os._exit(0)
        return 0
    missing = find_missing()
    if missing:
        print(f'SKIPPED: {missing}')
        return SKIPPED
    # GTK ends with its display, so in a process of its own.
    with tempfile.TemporaryDirectory() as folder, display(folder) as name:
        env = {**os.environ, 'DISPLAY': name, 'FRAMEBUFFER': folder, 'GDK_BACKEND': 'x11',
               'GSK_RENDERER': 'cairo', 'DBUS_SESSION_BUS_ADDRESS': 'disabled:',
               'LC_ALL': 'C.UTF-8', 'GTK_A11Y': 'none', 'ADW_DISABLE_PORTAL': '1'}
        if arguments.leaks:
            env['LD_PRELOAD'] = os.path.abspath(arguments.leaks)
        return subprocess.run([sys.executable, __file__, '--inside', *sys.argv[1:]], env=env,
                              check=False).returncode


if __name__ == '__main__':
    sys.exit(main())
