# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The last lines of a process, and a view that follows them.

A child can print faster than anybody can draw. So what arrives is only noted in
a Tail, which costs next to nothing, and the view shows what is new a few times a
second.
"""

import collections
import itertools

from gi.repository import Adw, Gtk, Pango, Process

LIMIT = 500
# A text view takes about a microsecond a character, before the next frame.
WIDTH = 1000  # characters of a line
AT_ONCE = 20000  # characters
SETTLING = 3  # frames that a text view takes to find out how high it has become
COLOURS = {False: '#c01c28', True: '#ff7b63'}


class Tail:
    """The newest lines; their text is always valid UTF-8, whatever was printed."""

    def __init__(self, process):
        self.lines = collections.deque(maxlen=LIMIT)
        self.total = 0
        process.connect('lines', self.add)

    def add(self, _process, lines, stream):
        self.total += len(lines)
        self.lines.extend((line if len(line) <= WIDTH else line[:WIDTH] + '…', stream)
                          for line in lines[-LIMIT:])

    def newest(self, n):
        """The newest n lines, but no more than can be shown at once."""
        found, length = [], 0
        for line in itertools.islice(reversed(self.lines), n):
            length += len(line[0])
            if length > AT_ONCE:
                break
            found.append(line)
        return found[::-1]

    def last(self):
        return self.lines[-1][0] if self.lines else ''


class OutputView(Gtk.ScrolledWindow):
    """Follows the end, unless the reader scrolls up; then nothing moves."""

    def __init__(self):
        self.view = Gtk.TextView(editable=False, cursor_visible=False, monospace=True,
                                 left_margin=9, right_margin=9, top_margin=6, bottom_margin=6,
                                 wrap_mode=Gtk.WrapMode.CHAR)
        self.view.update_property([Gtk.AccessibleProperty.LABEL], ['Output'])
        super().__init__(child=self.view, hscrollbar_policy=Gtk.PolicyType.NEVER)
        self.tail = None
        self.seen = 0
        self.follow = True
        self.settling = 0
        self.place = self.get_vadjustment()
        self.place.connect('value-changed', self.moved)
        self.place.connect('changed', self.grown)
        self.buffer = self.view.get_buffer()
        self.tags = {
            Process.Stream.STDOUT: self.buffer.create_tag(None),
            Process.Stream.STDERR: self.buffer.create_tag(None),
        }
        self.gap = self.buffer.create_tag(None, style=Pango.Style.ITALIC)
        self.styles = Adw.StyleManager.get_default()
        self.handler = self.styles.connect('notify::dark', self.choose_colour)
        self.connect('unrealize', lambda view: self.styles.disconnect(self.handler))
        self.choose_colour()

    def choose_colour(self, *_args):
        self.tags[Process.Stream.STDERR].set_property('foreground',
                                                      COLOURS[self.styles.get_dark()])

    def show_tail(self, tail):
        """Another one, from its oldest line on; None shows nothing."""
        self.tail = tail
        self.seen = 0
        self.follow = True
        self.buffer.set_text('')
        self.refresh()

    def moved(self, place):
        """By the reader, unless there is new text."""
        if not self.settling:
            self.follow = place.get_value() + place.get_page_size() >= place.get_upper() - 1

    def grown(self, place):
        if self.follow:
            place.set_value(place.get_upper() - place.get_page_size())

    def settle(self, *_args):
        self.settling -= 1
        self.grown(self.place)
        return self.settling > 0

    def refresh(self):
        """Shows what came since the last time."""
        if self.tail is None or self.tail.total == self.seen:
            return
        new = self.tail.newest(self.tail.total - self.seen)
        left_out = self.tail.total - self.seen - len(new)
        if not self.follow and self.buffer.get_line_count() + len(new) > LIMIT:
            return
        if not self.settling:
            self.add_tick_callback(self.settle)
        self.settling = SETTLING
        self.append(new, left_out)
        self.seen = self.tail.total
        if self.follow:
            self.trim()

    def append(self, lines, left_out):
        if left_out > 0:
            self.insert(f'⋯ {left_out} lines are not shown ⋯\n', self.gap)
        # One insertion for all lines of a stream that follow each other.
        together, last = [], None
        for line, stream in lines:
            if stream != last and together:
                self.insert('\n'.join(together) + '\n', self.tags[last])
                together = []
            together.append(line)
            last = stream
        self.insert('\n'.join(together) + '\n', self.tags[last])

    def insert(self, text, tag):
        self.buffer.insert_with_tags(self.buffer.get_end_iter(), text, tag)

    def trim(self):
        surplus = self.buffer.get_line_count() - LIMIT - 2
        if surplus > 0:
            self.buffer.delete(self.buffer.get_start_iter(),
                               self.buffer.get_iter_at_line(surplus)[1])
