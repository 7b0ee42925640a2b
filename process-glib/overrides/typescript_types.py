# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the TypeScript definitions of the library as GJS with Process.js has it.

usage: typescript_types.py GIR DEFINITIONS
"""

import sys

import gir

WORDS = {'TRUE': 'true', 'FALSE': 'false', 'NULL': 'null'}
HEAD = '''\
// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written from the GIR when the library was built.

declare module 'gi://Process?version=1' {
    import GLib from 'gi://GLib?version=2.0';
    import GObject from 'gi://GObject?version=2.0';
    import Gio from 'gi://Gio?version=2.0';

    namespace Process {
'''
TAIL = '''\
    }

    export default Process;
}

declare module 'gi://Process' {
    import Process from 'gi://Process?version=1';
    export default Process;
}
'''
# What Process.js adds to single classes.
COMFORT = {
    'ManagedProcess': '''\
lines(options?: {stream?: Stream | null, withStream?: false}): AsyncIterableIterator<string>;
lines(options: {stream?: Stream | null, withStream: true}):
    AsyncIterableIterator<[string, Stream]>;
[Symbol.asyncIterator](): AsyncIterableIterator<string>;
''',
}
ITEMS = {'Registry': 'DaemonEntry', 'RunAllResult': 'RunResult', 'Service': 'ManagedProcess'}
# The signals of interfaces and of GObject: names, and what their handlers get.
SIGNALS = {
    'Gio.ActionGroup': {
        'action-added': 'name: string', 'action-removed': 'name: string',
        'action-enabled-changed': 'name: string, enabled: boolean',
        'action-state-changed': 'name: string, value: GLib.Variant',
    },
    'Gio.ListModel': {'items-changed': 'position: number, removed: number, added: number'},
    '': {'notify': 'pspec: GObject.ParamSpec'},
}
NAMES = {
    'gboolean': 'boolean', 'gdouble': 'number', 'gint': 'number', 'gint64': 'number',
    'guint': 'number', 'gsize': 'number', 'guint8': 'number', 'utf8': 'string',
    'filename': 'string', 'GType': 'GObject.GType', 'GLib.Quark': 'number',
    'HealthCheckFunc': '() => boolean',
    'HealthAsyncCheckFunc': '(server: HealthServer, task: Gio.Task) => void',
}
SPELLING = gir.Spelling(NAMES, 'Uint8Array', '{}[]', '{} | null', '[{}]', 'void')
named, given, result_of = SPELLING.named, SPELLING.given, SPELLING.result_of
TAKEN = {'GLib.Bytes': 'GLib.Bytes | Uint8Array'}
# Words that cannot name a parameter.
RESERVED = {'in', 'function', 'new', 'default'}


def taken(found):
    """What GJS takes."""
    if found.name == 'array' and found.element == 'guint8':
        text = 'Uint8Array | string'
    else:
        text = TAKEN.get(found.name) or given(gir.Type(found.name, found.element))
    return SPELLING.optional.format(text) if found.nullable else text


def indent(text, width=4):
    return ''.join(' ' * width * bool(line) + line + '\n' for line in text.splitlines())


def comment(text):
    if not text:
        return ''
    lines = text.replace('*/', '*\\/').split('\n')
    if len(lines) == 1:
        return f'/** {lines[0]} */\n'
    return '/**\n' + ''.join(f' * {line}'.rstrip() + '\n' for line in lines) + ' */\n'


def parameter(each, mark=''):
    name = each.name + '_' * (each.name in RESERVED)
    return f'{name}{mark}: {taken(each.type)}'


def is_cancellable(each):
    return each.type.name == 'Gio.Cancellable'


def parameters_of(function):
    """Process.js lets the cancellable be left out; data of callbacks are none in JavaScript."""
    return [parameter(each, '?' * is_cancellable(each)) for each in function.parameters
            if not gir.is_user_data(each)]


def asynchronous(function, finish, source):
    """A promise, or with a callback, in front of which the cancellable may be left out."""
    *before, cancellable = [each for each in function.parameters
                            if each.name not in ('callback', 'user_data')]
    texts = [parameter(each) for each in before]
    callback = f'callback: (source: {source}, result: Gio.AsyncResult) => void'
    return [
        ([*texts, parameter(cancellable, '?')], f'Promise<{result_of(finish.results)}>'),
        ([*texts, parameter(cancellable), callback], 'void'),
        ([*texts, callback], 'void'),
    ]


def function_text(function, finish, prefix, source):
    forms = ([(parameters_of(function), result_of(function.results))] if finish is None else
             asynchronous(function, finish, source))
    return comment(function.doc) + ''.join(
        f'{prefix}{function.name}({", ".join(parameters)}): {result};\n'
        for parameters, result in forms)


def methods_text(owner):
    return ''.join(
        function_text(each, owner.finish_of(each), '' if each.kind == 'method' else 'static ',
                      owner.name if each.kind == 'method' else 'null')
        for each in owner.functions)


def spellings(name):
    """As GJS takes the name of a property."""
    return dict.fromkeys([gir.snake(name), gir.camel(name)])


def property_text(each, methods):
    if gir.snake(each.name) in methods:
        return ''
    text = comment(each.doc)
    for name in spellings(each.name):
        if each.writable and not each.construct_only:
            text += (f'get {name}(): {given(each.type)};\n'
                     f'set {name}(value: {taken(each.type)});\n')
        else:
            text += f'readonly {name}: {given(each.type)};\n'
    return text


def construct_properties(owner):
    return ''.join(f'{name}?: {taken(each.type)};\n' for each in owner.properties
                   if each.writable for name in spellings(each.name))


def constructor_text(owner):
    if owner.kind == 'record':
        return f'constructor({", ".join(parameters_of(owner.constructor()))});\n'
    if construct_properties(owner):
        return f'constructor(properties?: {owner.name}.ConstructorProps);\n'
    return 'private constructor();\n'


def connect_text(owner):
    signals = {}
    for each in owner.signals:
        name = f"'{each.name}'" + f' | `{each.name}::${{string}}`' * each.is_detailed
        arguments = [f'{one.name}: {given(one.type)}' for one in each.parameters]
        signals[name] = (each.doc, ', '.join(arguments))
    for interface in [*owner.interfaces, '']:
        for name, arguments in SIGNALS[interface].items():
            detailed = f" | `{name}::${{string}}`" * (name != 'items-changed')
            signals[f"'{name}'{detailed}"] = ('', arguments)
    return ''.join(
        comment(doc) + f'connect(signal: {name}, '
        f'callback: ({", ".join(filter(None, [f"source: {owner.name}", arguments]))}) => void): '
        'number;\n'
        for name, (doc, arguments) in signals.items())


def class_text(owner):
    methods = {each.name for each in owner.functions}
    text = f'static $gtype: GObject.GType<{owner.name}>;\n' + constructor_text(owner)
    text += ''.join(property_text(each, methods) for each in owner.properties)
    text += COMFORT.get(owner.name, '')
    item = ITEMS.get(owner.name)
    if item:
        text += (f'[Symbol.iterator](): IterableIterator<{item}>;\n'
                 f'get_item(position: number): {item} | null;\n')
    if owner.kind == 'class':
        text += connect_text(owner)
    parent = ' extends GObject.Object' if owner.kind == 'class' else ''
    whole = comment(owner.doc) + f'class {owner.name}{parent} {{\n'
    whole += indent(text + methods_text(owner)) + '}\n'
    if construct_properties(owner):
        whole += (f'namespace {owner.name} {{\n    interface ConstructorProps {{\n'
                  + indent(construct_properties(owner), 8) + '    }\n}\n')
    if owner.interfaces:
        bases = ', '.join(f'{each}<{item}>' if each == 'Gio.ListModel' else each
                          for each in owner.interfaces)
        whole += f'interface {owner.name} extends {bases} {{}}\n'
    return whole


def enumeration_text(owner):
    if owner.is_error:
        members = ''.join(comment(each.doc) + f'static readonly {each.name}: number;\n'
                          for each in owner.members)
        members += 'constructor(options: {message: string, code: number});\n'
        return (comment(owner.doc) + f'class {owner.name} extends GLib.Error {{\n'
                + indent(members + methods_text(owner)) + '}\n')
    members = ''.join(comment(each.doc) + f'{each.name} = {each.value},\n'
                      for each in owner.members)
    return (comment(owner.doc) + f'enum {owner.name} {{\n' + indent(members) + '}\n'
            f'namespace {owner.name} {{\n    const $gtype: GObject.GType<{owner.name}>;\n}}\n')


def definitions(namespace):
    parts = [comment(each.doc) + f'const {each.name}: {named(each.type.name)};\n'
             for each in namespace.constants]
    parts += [enumeration_text(each) if each.kind == 'enumeration' else class_text(each)
              for each in namespace.owners]
    parts += [function_text(each, gir.finish_of(namespace.functions, each), 'function ', 'null')
              for each in namespace.functions]
    return HEAD + indent('\n'.join(parts), 8) + TAIL


def main(path, target):
    with open(target, 'w', encoding='utf-8') as file:
        file.write(definitions(gir.Gir(path, WORDS)))


if __name__ == '__main__':
    main(*sys.argv[1:])
