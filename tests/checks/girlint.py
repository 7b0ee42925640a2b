# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds in a GIR what g-ir-scanner does not warn of, and what a binding then trips over.

usage: girlint.py Namespace-1.gir
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
STRINGS = ('utf8', 'filename')
NUMBERS = ('gboolean', 'gint', 'guint', 'gint64', 'guint64', 'gsize', 'gssize', 'gdouble', 'guint8')
CALLABLES = ('method', 'function', 'constructor')
TYPES = ('class', 'interface', 'record')


def children(node, *tags):
    return [child for child in node for tag in tags if child.tag == CORE + tag]


def c_name(node):
    return node.get(C + 'identifier') or node.get(C + 'type') or node.get('name')


def snake(name):
    return name.replace('-', '_')


class Lint:
    def __init__(self, path):
        self.namespace = ElementTree.parse(path).getroot().find(CORE + 'namespace')
        self.complaints = []
        self.checked = 0
        self.callbacks = {each.get('name') for each in children(self.namespace, 'callback')}
        self.callbacks.add('Gio.AsyncReadyCallback')
        self.classes = {each.get('name') for each in children(self.namespace, 'class')}
        self.records = {each.get('name') for each in children(self.namespace, 'record')
                        if not each.get(GLIB + 'is-gtype-struct-for')}

    def say(self, where, what):
        self.complaints.append(f'{where}: {what}')

    def run(self):
        for tag in ('class', 'interface', 'record', 'enumeration', 'bitfield', 'callback',
                    'constant', 'function'):
            for node in children(self.namespace, tag):
                if not node.get(GLIB + 'is-gtype-struct-for'):
                    self.documented(c_name(node), node)
                    if tag not in ('constant', 'function'):
                        self.guided(c_name(node), node)
        for node in children(self.namespace, 'enumeration', 'bitfield'):
            for member in children(node, 'member'):
                self.documented(member.get(C + 'identifier'), member)
        for node in children(self.namespace, 'callback'):
            self.signature(c_name(node), node)
        self.functions(self.namespace)
        for node in children(self.namespace, *TYPES):
            if not node.get(GLIB + 'is-gtype-struct-for'):
                self.type(node)

    def documented(self, where, node):
        self.checked += 1
        if node.find(CORE + 'doc') is None:
            self.say(where, 'has no documentation')

    def guided(self, where, node):
        """The page of a type says which guide tells more; tests/docs looks whether it is there."""
        doc = node.find(CORE + 'doc')
        if doc is not None and not re.search(r'\]\([\w-]+\.html', doc.text):
            self.say(where, 'has no link to a guide')

    def type(self, node):
        self.functions(node)
        self.names(node)
        for each in node.findall(CORE + 'property'):
            self.property(node, each)
        for each in node.findall(GLIB + 'signal'):
            where = f'{c_name(node)}::{each.get("name")}'
            self.documented(where, each)
            self.signature(where, each)
        for each in children(node, 'virtual-method'):
            if any(self.is_callback(parameter) for parameter in self.parameters(each)):
                self.say(f'{c_name(node)}.{each.get("name")}',
                         'a virtual method with a callback cannot be written in JavaScript')
        if node.tag == CORE + 'record':
            for each in children(node, 'field'):
                if each.get('readable') != '0' or each.get('writable') == '1':
                    self.say(f'{c_name(node)}.{each.get("name")}', 'is a public field')
        if any(each.get('name') == 'Gio.ListModel' for each in children(node, 'implements')):
            there = {each.get('name') for each in children(node, 'property')}
            for missing in sorted({'n-items', 'item-type'} - there):
                self.say(c_name(node), f'is a list model without the property {missing}')

    def names(self, node):
        """One name must not mean two things: Vala writes them all with a dot."""
        methods = {each.get('name') for each in children(node, *CALLABLES)}
        signals = {snake(each.get('name')) for each in node.findall(GLIB + 'signal')}
        properties = {snake(each.get('name')) for each in children(node, 'property')}
        for name in sorted(methods & signals):
            self.say(f'{c_name(node)}.{name}', 'is a method and a signal')
        for name in sorted(properties & (methods | signals)):
            self.say(f'{c_name(node)}.{name}', 'is a property and something else')

    def property(self, owner, node):
        where = f'{c_name(owner)}:{node.get("name")}'
        self.documented(where, node)
        methods = {each.get('name') for each in children(owner, 'method')}
        name = snake(node.get('name'))
        if 'get_' + name not in methods:
            self.say(where, 'has no getter')
        writable = node.get('writable') == '1' and node.get('construct-only') != '1'
        if writable and 'set_' + name not in methods:
            self.say(where, 'has no setter')
        if not writable and 'set_' + name in methods:
            self.say(where, 'has a setter, but cannot be written')

    def functions(self, owner):
        functions = children(owner, *CALLABLES)
        names = {each.get('name') for each in functions}
        for node in functions:
            where, name = c_name(node), node.get('name')
            variadic = any(each.find(CORE + 'varargs') is not None
                           for each in self.parameters(node))
            if node.get('introspectable') == '0':
                if not variadic:
                    self.say(where, 'is not introspectable')
                continue
            self.documented(where, node)
            self.signature(where, node)
            if sum(self.is_callback(each) for each in self.parameters(node)) > 1:
                self.say(where, 'has more than one callback, which Python mixes up')
            if name.endswith('_async') and name[:-len('_async')] + '_finish' not in names:
                self.say(where, 'has no _finish of the same name')

    def parameters(self, node):
        holder = node.find(CORE + 'parameters')
        return [] if holder is None else children(holder, 'parameter')

    def is_callback(self, node):
        of = node.find(CORE + 'type')
        return of is not None and of.get('name') in self.callbacks

    def signature(self, where, node):
        for parameter in self.parameters(node):
            self.value(where, parameter, parameter.get('name'))
        self.value(where, node.find(CORE + 'return-value'), 'the result')

    def value(self, where, node, name):
        if node is None:
            return
        if node.find(CORE + 'doc') is None and not self.is_nothing(node):
            self.say(where, f'{name} has no documentation')
        of, array = node.find(CORE + 'type'), node.find(CORE + 'array')
        if of is not None:
            self.plain(where, node, of, name)
        if array is not None:
            self.array(where, node, array, name)

    def is_nothing(self, node):
        of = node.find(CORE + 'type')
        return of is not None and of.get('name') == 'none'

    def plain(self, where, node, of, name):
        kind, stars = of.get('name', ''), of.get(C + 'type', '').count('*')
        out = node.get('direction') in ('out', 'inout')
        if kind in STRINGS and stars > 1 + out:
            self.say(where, f'{name} is a plain string for the bindings: (array zero-terminated=1)')
        if kind in NUMBERS and stars > 0 + out:
            self.say(where, f'{name} points to a number: (out), or (array length=)')
        if self.is_callback(node) and node.get('scope') is None:
            self.say(where, f'{name} is a callback without a (scope)')
        if kind == 'gpointer' and not self.is_closure(node, name):
            self.say(where, f'{name} is a bare pointer')

    def is_closure(self, node, name):
        return name in ('user_data', 'data') or node.get('closure') or node.get('destroy')

    def array(self, where, node, array, name):
        element = array.find(CORE + 'type')
        kind = element.get('name') if element is not None else None
        full = node.get('transfer-ownership') == 'full'
        if array.get('name') == 'GLib.PtrArray' and full:
            self.say(where, f'{name} is freed twice in Python: (transfer container)')
        if array.get('name') is None and node.tag == CORE + 'return-value':
            if kind in self.classes and full:
                self.say(where, f'{name} is a C array of objects, which JavaScript never frees')
            if kind in self.records and array.get(C + 'type', '').count('*') == 1:
                self.say(where, f'{name} is an array of structs, which Vala and Python cannot free')


def main(path):
    lint = Lint(path)
    lint.run()
    for complaint in lint.complaints:
        print(complaint)
    print(f'{lint.checked} symbols checked, {len(lint.complaints)} complaints')
    return bool(lint.complaints) or lint.checked == 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
