# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Columns of a Gtk.ColumnView whose cells follow what they show."""

from gi.repository import Gtk, Pango


def make_label(**properties):
    """A label that gives way when there is little room."""
    return Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, width_chars=6, **properties)


class Column(Gtk.ColumnViewColumn):
    """Shows an object of the model in a widget of its own.

    show (widget, object) is called at first, after each change of one of the
    properties in `follow`, and by refresh (). A row lets go of its object when it
    is scrolled away.
    """

    def __init__(self, title, show, make=make_label, follow=(), compare=None, **properties):
        super().__init__(title=title, factory=Gtk.SignalListItemFactory(), **properties)
        self.show = show
        self.make = make
        self.follow = follow
        self.cells = {}
        factory = self.get_factory()
        factory.connect('setup', self.set_up)
        factory.connect('bind', self.bind)
        factory.connect('unbind', self.unbind)
        if compare:
            self.set_sorter(Gtk.CustomSorter.new(
                lambda one, other, _data: (compare(one) > compare(other)) -
                                          (compare(one) < compare(other))))

    def set_up(self, _factory, cell):
        cell.set_child(self.make())

    def bind(self, _factory, cell):
        item, widget = cell.get_item(), cell.get_child()
        handlers = [item.connect('notify::' + name, self.changed, widget) for name in self.follow]
        self.cells[widget] = item, handlers
        self.show(widget, item)

    def unbind(self, _factory, cell):
        item, handlers = self.cells.pop(cell.get_child())
        for handler in handlers:
            item.disconnect(handler)

    def changed(self, item, _pspec, widget):
        self.show(widget, item)

    def refresh(self):
        for widget, (item, _handlers) in self.cells.items():
            self.show(widget, item)


def set_text(label, text, style=None):
    """Costs nothing when nothing changes."""
    if label.get_text() != text:
        label.set_text(text)
        label.set_tooltip_text(text or None)
    classes = [style] if style else []
    if getattr(label, 'style', None) != classes:
        label.style = classes
        label.set_css_classes(classes)


def format_duration(microseconds):
    seconds = microseconds / 1e6
    if seconds < 60:
        return f'{seconds:.1f} s'
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours} h {minutes:02} min' if hours else f'{minutes} min {seconds:02} s'
