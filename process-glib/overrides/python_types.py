# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes what Python's tools know of the library: the type stubs, and what help() shows.

usage: python_types.py GIR STUBS DOCS
"""

import sys

import gir

WORDS = {'TRUE': 'True', 'FALSE': 'False', 'NULL': 'None'}
HEAD = '''\
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Written from the GIR when the library was built.

'''
IMPORTS = '''\
import asyncio
import datetime
import os
from types import TracebackType
from typing import (
    Any, AsyncIterator, Callable, Generic, Iterator, List, Literal, Optional, Sequence,
    Tuple, Type, TypeVar, Union, final, overload,
)

from gi.repository import Gio, GLib, GObject

_Get = TypeVar('_Get')
_Set = TypeVar('_Set')
_Self = TypeVar('_Self')
# A string is no list of strings, although it is a sequence of them.
_Strings = Union[List[str], Tuple[str, ...]]
_Path = Union[str, 'os.PathLike[str]']
_Microseconds = Union[int, datetime.timedelta]
_AsyncCheck = Union[Callable[[HealthServer, Gio.Task], None],
                    Callable[[HealthServer, Gio.Task, Any], None]]
_Bytes = Union[GLib.Bytes, bytes, bytearray, memoryview]

# An attribute that takes more than it gives.
class _Attribute(Generic[_Get, _Set]):
    def __get__(self, instance: object, owner: Optional[type] = None) -> _Get: ...
    def __set__(self, instance: object, value: _Set) -> None: ...

class _Lines(AsyncIterator[_Get]):
    async def __anext__(self) -> _Get: ...
    async def aclose(self) -> None: ...

'''
LEAVE = '''exception_type: Optional[Type[BaseException]],
    exception: Optional[BaseException], traceback: Optional[TracebackType]'''
BLOCK = f'''\
def __enter__(self: _Self) -> _Self: ...
def __exit__(self, {LEAVE}) -> None: ...
'''
ASYNC_BLOCK = f'''\
async def __aenter__(self: _Self) -> _Self: ...
async def __aexit__(self, {LEAVE}) -> None: ...
'''
LINES = '''\
@overload
def lines(self, stream: Optional[Stream] = None,
          with_stream: Literal[False] = False) -> _Lines[str]: ...
@overload
def lines(self, stream: Optional[Stream],
          with_stream: Literal[True]) -> _Lines[Tuple[str, Stream]]: ...
@overload
def lines(self, stream: Optional[Stream] = None,
          *, with_stream: Literal[True]) -> _Lines[Tuple[str, Stream]]: ...
def __aiter__(self) -> _Lines[str]: ...
'''
# What Process.py adds to single classes; a test compares the names.
COMFORT = {
    'Daemon': BLOCK + ASYNC_BLOCK,
    'HealthServer': BLOCK + ASYNC_BLOCK,
    'ManagedProcess': LINES + BLOCK + ASYNC_BLOCK,
    'PidFile': BLOCK,
    'Service': BLOCK + ASYNC_BLOCK,
}
# Of the signals that have any.
DETAILS = ('stdout', 'stderr')
ITEMS = {'Registry': 'DaemonEntry', 'RunAllResult': 'RunResult', 'Service': 'ManagedProcess'}
MODEL = '''\
def __len__(self) -> int: ...
def __bool__(self) -> Literal[True]: ...
def __iter__(self) -> Iterator[{item}]: ...
def __contains__(self, item: object) -> bool: ...
@overload
def __getitem__(self, key: int) -> {item}: ...
@overload
def __getitem__(self, key: slice) -> List[{item}]: ...
def get_item(self, position: int) -> Optional[{item}]: ...
'''
NAMES = {
    'gboolean': 'bool', 'gdouble': 'float', 'gint': 'int', 'gint64': 'int', 'guint': 'int',
    'gsize': 'int', 'guint8': 'int', 'utf8': 'str', 'filename': 'str', 'none': 'None',
    'gpointer': 'Any', 'GType': 'GObject.GType', 'GLib.Quark': 'int',
    'Gio.AsyncReadyCallback': 'Callable[..., object]',
    'HealthCheckFunc': 'Callable[..., bool]',
    'HealthAsyncCheckFunc': '_AsyncCheck',
}
SPELLING = gir.Spelling(NAMES, 'bytes', 'List[{}]', 'Optional[{}]', 'Tuple[{}]', 'None')
named, given, result_of = SPELLING.named, SPELLING.given, SPELLING.result_of
TAKEN = {'gint64': '_Microseconds', 'filename': '_Path', 'GLib.Bytes': '_Bytes'}


def taken(found):
    """What Process.py takes."""
    if found.name == 'array':
        text = {'guint8': 'bytes', 'utf8': '_Strings', 'filename': '_Strings'}.get(
            found.element, f'Sequence[{found.element}]')
    else:
        text = TAKEN.get(found.name, named(found.name))
    return SPELLING.optional.format(text) if found.nullable else text


def taken_by_property(found):
    # Paths are taken where the typelib says string, too.
    return taken(gir.Type('filename', '', found.nullable) if found.name == 'utf8' else found)


def indent(text, width=4):
    return ''.join(' ' * width * bool(line) + line + '\n' for line in text.splitlines())


def docstring(text):
    if not text:
        return ''
    text = text.replace('\\', '\\\\').replace('"""', "'''")
    return f'"""{text}"""\n' if '\n' not in text else f'"""{text}\n"""\n'


def body(doc):
    return ':\n' + indent(docstring(doc) + '...') if doc else ': ...\n'


def parameters_of(function):
    """What may be None at the end may be left out; the data of a callback are any arguments."""
    texts, optional = [], True
    for each in reversed(function.parameters):
        optional = optional and each.type.nullable
        texts.insert(0, f'*{each.name}: Any' if gir.is_user_data(each) else
                     f'{each.name}: {taken(each.type)}' + (' = None' if optional else ''))
    return texts


def signature(function, first, parameters, result):
    name = function.name
    return f'def {name}({", ".join([*first, *parameters])}) -> {result}'


def asynchronous(function, finish, first):
    """Awaited, or with a callback: behind the others, or by its name."""
    names = [each.name for each in function.parameters]
    before = names.index('callback')
    parameters = parameters_of(function)
    callback, data = 'callback: Callable[..., object]', parameters[before + 1:]
    needed = [each.removesuffix(' = None') for each in parameters[:before]]
    future = f'asyncio.Future[{result_of(finish.results)}]'
    return [
        signature(function, first, [*parameters[:before], 'callback: None = None'], future),
        signature(function, first, [*needed, callback, *data], 'None'),
        signature(function, first, [*parameters[:before], '*', callback, 'user_data: Any = None'],
                  'None'),
    ]


def function_text(function, finish):
    first = {'method': ['self'], 'constructor': ['cls']}.get(function.kind, [])
    decorator = {'constructor': '@classmethod\n'}.get(function.kind, '')
    if finish is None:
        return decorator + signature(function, first, parameters_of(function),
                                     result_of(function.results)) + body(function.doc)
    return ''.join('@overload\n' + text + body(function.doc if index == 0 else '')
                   for index, text in enumerate(asynchronous(function, finish, first)))


def static(text, is_static):
    """Each overload is a static method of its own."""
    if not is_static:
        return text
    return '\n'.join('@staticmethod\n' + line if line.startswith('def ') else line
                     for line in text.split('\n'))


def methods_text(owner):
    return ''.join(static(function_text(each, owner.finish_of(each)), each.kind == 'function')
                   for each in owner.functions)


def property_text(each, methods):
    name = gir.snake(each.name)
    if name in methods:
        return ''
    if each.writable and not each.construct_only:
        kinds = f'{given(each.type)}, {taken_by_property(each.type)}'
        return f'{name}: _Attribute[{kinds}]\n' + docstring(each.doc)
    return f'@property\ndef {name}(self) -> {given(each.type)}' + body(each.doc)


def constructor_text(owner):
    """In the order of `new`, and every property by its name; None stands for left out."""
    writable = {gir.snake(each.name): taken_by_property(each.type) for each in owner.properties
                if each.writable}
    new = owner.constructor()
    if owner.kind == 'record':
        return f'def __init__({", ".join(["self", *parameters_of(new)])}) -> None: ...\n'
    if not writable:
        return ''
    first = [each.name for each in new.parameters] if new else []
    first = first if all(name in writable for name in first) else []
    order = [*first, *['*'] * (len(writable) > len(first)),
             *(name for name in writable if name not in first)]
    texts = [name if name == '*' else f'{name}: {optional(writable[name])} = None'
             for name in order]
    return f'def __init__(self, {", ".join(texts)}) -> None: ...\n'


def optional(text):
    return text if text.startswith('Optional[') else f'Optional[{text}]'


def connect_text(owner):
    """The handlers of our signals are checked, all others are let through."""
    def overloads():
        for each in owner.signals:
            kinds = ', '.join([owner.name, *(given(one.type) for one in each.parameters)])
            names = [each.name] + [f'{each.name}::{detail}' for detail in DETAILS
                                   if each.is_detailed]
            yield (f'detailed_signal: Literal[{str(names)[1:-1]}], '
                   f'handler: Callable[[{kinds}], object]', each.doc)
        yield 'detailed_signal: str, handler: Callable[..., object], *args: Any', ''

    if not owner.signals:
        return ''
    return ''.join(f'@overload\ndef connect(self, {text}) -> int' + body(doc)
                   for text, doc in overloads())


def enumeration_text(owner):
    members = ''.join(f'{each.name}: {owner.name} = ...\n' + docstring(each.doc)
                      for each in owner.members)
    return (f'class {owner.name}(GObject.GEnum):\n'
            + indent(docstring(owner.doc) + members + methods_text(owner)))


def class_text(owner):
    bases = ', '.join(['GObject.Object' if owner.kind == 'class' else 'GObject.GBoxed',
                       *owner.interfaces])
    methods = {each.name for each in owner.functions}
    text = docstring(owner.doc) + constructor_text(owner) + COMFORT.get(owner.name, '')
    if 'Gio.ListModel' in owner.interfaces:
        text += MODEL.format(item=ITEMS[owner.name])
    text += ''.join(property_text(each, methods) for each in owner.properties)
    text += connect_text(owner) + methods_text(owner)
    return f'@final\nclass {owner.name}({bases}):\n' + indent(text)


def stubs(namespace):
    parts = [HEAD + IMPORTS]
    parts += [f'{each.name}: {named(each.type.name)}\n' + docstring(each.doc)
              for each in namespace.constants]
    parts += [enumeration_text(each) if each.kind == 'enumeration' else class_text(each)
              for each in namespace.owners]
    parts += [function_text(each, gir.finish_of(namespace.functions, each))
              for each in namespace.functions]
    return '\n'.join(parts)


def docs(namespace):
    """By the names that they have in Python."""
    found = {each.name: each.doc for each in [*namespace.functions, *namespace.owners]}
    for owner in namespace.owners:
        for each in [*owner.functions, *owner.properties]:
            found[f'{owner.name}.{gir.snake(each.name)}'] = each.doc
    lines = [f'    {name!r}: {doc!r},\n' for name, doc in sorted(found.items())]
    return HEAD + 'DOCS = {\n' + ''.join(lines) + '}\n'


def main(path, stubs_path, docs_path):
    namespace = gir.Gir(path, WORDS)
    for target, text in ((stubs_path, stubs(namespace)), (docs_path, docs(namespace))):
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)


if __name__ == '__main__':
    main(*sys.argv[1:])
