# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads a GIR as the bindings see it: without the lengths of arrays, with results in one list."""

import dataclasses
import re
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
CALLABLES = {'method', 'function', 'constructor'}
LINK = re.compile(r'\[(\w+)@(?:Process\.)?([\w.]+)(?:(::?)([\w-]+))?\]')
CONSTANT = re.compile(r'%(\w+)')
ARGUMENT = re.compile(r'(?<![\w@`])@(\w+)')


@dataclasses.dataclass
class Type:
    """The name is that of GIR: `utf8`, `gint`, `RunOptions`, `Gio.File`; or `array`."""
    name: str
    element: str = ''
    nullable: bool = False


@dataclasses.dataclass
class Parameter:
    name: str
    type: Type
    scope: str = None


@dataclasses.dataclass
class Callable:
    """A function, a callback or a signal; the results are what it returns and what it puts out."""
    name: str
    kind: str
    doc: str
    parameters: list
    results: list
    is_detailed: bool


@dataclasses.dataclass
class Property:
    name: str
    type: Type
    doc: str
    writable: bool
    construct_only: bool


@dataclasses.dataclass
class Member:
    name: str
    value: str
    doc: str
    type: Type = None


@dataclasses.dataclass
class Owner:
    """A class, a record, or an enumeration."""
    name: str
    kind: str
    doc: str
    is_error: bool
    interfaces: list
    functions: list
    properties: list
    signals: list
    members: list

    def finish_of(self, function):
        return finish_of(self.functions, function)

    def constructor(self):
        return next((each for each in self.functions
                     if (each.kind, each.name) == ('constructor', 'new')), None)


@dataclasses.dataclass
class Spelling:
    """How a language writes the types of what the library hands out."""
    names: dict
    data: str  # an array of bytes
    array: str
    optional: str
    several: str  # results
    nothing: str

    def named(self, name):
        return self.names.get(name, name)

    def given(self, found):
        if found.name != 'array':
            text = self.named(found.name)
        elif found.element == 'guint8':
            text = self.data
        else:
            text = self.array.format(self.named(found.element))
        return self.optional.format(text) if found.nullable else text

    def result_of(self, results):
        texts = [self.given(each) for each in results] or [self.nothing]
        return texts[0] if len(texts) == 1 else self.several.format(', '.join(texts))


def finish_of(functions, function):
    name = function.name.removesuffix('_async') + '_finish'
    is_async = function.name.endswith('_async')
    return next((each for each in functions if is_async and each.name == name), None)


def snake(name):
    return name.replace('-', '_')


def camel(name):
    return re.sub('[-_](.)', lambda match: match[1].upper(), name)


def is_user_data(parameter):
    return parameter.type.name == 'gpointer'


def _children(node, tag):
    return [each for each in node.findall(CORE + tag) if each.get('introspectable') != '0']


class Gir:
    """The namespace: its owners, functions, callbacks and constants."""

    def __init__(self, path, words):
        """The words are what a language calls TRUE, FALSE and NULL."""
        namespace = ElementTree.parse(path).getroot().find(CORE + 'namespace')
        self._constants = dict(words)
        for node in _children(namespace, 'enumeration'):
            for member in _children(node, 'member'):
                self._constants[member.get(C + 'identifier')] = (
                    f'{node.get("name")}.{member.get("name").upper()}')
        for node in _children(namespace, 'constant'):
            self._constants[node.get(C + 'type')] = node.get('name')
        self.owners = [self._owner(node, kind) for kind in ('enumeration', 'record', 'class')
                       for node in _children(namespace, kind)
                       if not node.get(GLIB + 'is-gtype-struct-for')]
        self.functions = self._functions(namespace)
        self.callbacks = [self._callable(node) for node in _children(namespace, 'callback')]
        self.constants = [Member(node.get('name'), node.get('value'), self._doc(node),
                                 self._type(node)) for node in _children(namespace, 'constant')]

    def _owner(self, node, kind):
        functions = self._functions(node)
        results = {each.name: each.results for each in functions}
        return Owner(
            node.get('name'), kind, self._doc(node), bool(node.get(GLIB + 'error-domain')),
            [each.get('name') for each in _children(node, 'implements')],
            functions,
            [self._property(each, results) for each in _children(node, 'property')],
            [self._callable(each) for each in node.findall(GLIB + 'signal')],
            [Member(each.get('name').upper(), each.get('value'), self._doc(each))
             for each in _children(node, 'member')])

    def _functions(self, node):
        return [self._callable(each) for each in node
                if each.tag.removeprefix(CORE) in CALLABLES and each.get('introspectable') != '0']

    def _doc(self, node):
        """The documentation, with what only gi-docgen knows as plain text."""
        text = node.findtext(CORE + 'doc', '')
        text = LINK.sub(self._link, text)
        text = CONSTANT.sub(lambda match: f'`{self._constants.get(match[1], match[1])}`', text)
        return ARGUMENT.sub(r'`\1`', text)

    @staticmethod
    def _link(match):
        kind, name, colons, rest = match.groups()
        if colons:
            return f'`{name}{"." + snake(rest) if colons == ":" else "::" + rest}`'
        return f'`{name}()`' if kind in ('method', 'func', 'ctor') else f'`{name}`'

    def _type(self, node):
        nullable = node.get('nullable') == '1'
        array = node.find(CORE + 'array')
        if array is not None:
            return Type('array', array.find(CORE + 'type').get('name'), nullable)
        return Type(node.find(CORE + 'type').get('name'), '', nullable)

    def _property(self, node, results):
        found = self._type(node)
        getter = results.get('get_' + snake(node.get('name')))
        # The scanner does not say it of a property.
        found.nullable = bool(getter) and getter[0].nullable
        return Property(node.get('name'), found, self._doc(node), node.get('writable') == '1',
                        node.get('construct-only') == '1')

    def _callable(self, node):
        returned = node.find(CORE + 'return-value')
        holder = node.find(CORE + 'parameters')
        nodes = [] if holder is None else _children(holder, 'parameter')
        hidden = {int(number) for each in [returned, *nodes]
                  for number in [self._length_of(each), each.get('destroy')] if number}
        seen = [each for index, each in enumerate(nodes) if index not in hidden]
        results = [self._type(each) for each in [returned, *seen]
                   if each is returned or each.get('direction') == 'out']
        return Callable(
            node.get('name'), node.tag.rpartition('}')[2], self._doc(node),
            [Parameter(each.get('name'), self._type(each), each.get('scope')) for each in seen
             if each.get('direction') != 'out'],
            [each for each in results if each.name != 'none'],
            node.get('detailed') == '1')

    @staticmethod
    def _length_of(node):
        array = node.find(CORE + 'array')
        return array.get('length') if array is not None else None
