# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks the names in a sample up in the library.

Both languages become one small tree. What a variable holds is known from what it is assigned, or
from its usual name.
"""

import ast
import collections
import json
import re

import gi
gi.require_version('Process', '1')
from gi.repository import Gio, GLib, GObject, Process

from languages import Failure

Name = collections.namedtuple('Name', 'id')
Member = collections.namedtuple('Member', 'of name')
Call = collections.namedtuple('Call', 'function arguments keywords')
Await = collections.namedtuple('Await', 'of')
Text = collections.namedtuple('Text', 'value')
Assign = collections.namedtuple('Assign', 'name value')
Block = collections.namedtuple('Block', 'children')

NAMESPACES = {'Process': Process, 'GLib': GLib, 'Gio': Gio, 'GObject': GObject}
USUAL = {
    'service': Process.Service, 'process': Process.ManagedProcess, 'runner': Process.Runner,
    'daemon': Process.Daemon, 'options': Process.RunOptions, 'registry': Process.Registry,
    'cancellable': Gio.Cancellable,
}

Instance = collections.namedtuple('Instance', 'of')
Method = collections.namedtuple('Method', 'of name')


def from_python(text):
    try:
        tree = compile(text, 'sample', 'exec', ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        raise Failure(str(error)) from None
    return _python(tree)


def _python(node):
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Attribute):
        return Member(_python(node.value), node.attr)
    if isinstance(node, ast.Call):
        keywords = [(each.arg, _python(each.value)) for each in node.keywords if each.arg]
        return Call(_python(node.func), [_python(each) for each in node.args], keywords)
    if isinstance(node, ast.Await):
        return Await(_python(node.value))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Text(node.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return Assign(node.targets[0].id, _python(node.value))
    if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
        return Assign(node.optional_vars.id, _python(node.context_expr))
    return Block([_python(each) for each in ast.iter_child_nodes(node)])


def from_js(tree):
    return _js(json.loads(tree))


def _js(node):
    if isinstance(node, list):
        return Block([_js(each) for each in node])
    if not isinstance(node, dict):
        return Block([])
    kind = node.get('type')
    if kind == 'Identifier':
        return Name(node['name'])
    if kind == 'MemberExpression' and not node['computed']:
        return Member(_js(node['object']), _snake(node['property']['name']))
    if kind in ('CallExpression', 'NewExpression'):
        arguments = [each for each in node['arguments']]
        keywords = []
        if kind == 'NewExpression' and arguments and arguments[0]['type'] == 'ObjectExpression':
            keywords = [(_snake(each['key']['name']), _js(each['value']))
                        for each in arguments.pop(0)['properties']]
        return Call(_js(node['callee']), [_js(each) for each in arguments], keywords)
    if kind == 'AwaitExpression':
        return Await(_js(node['argument']))
    if kind == 'Literal' and isinstance(node['value'], str):
        return Text(node['value'])
    if kind == 'VariableDeclarator' and node['id']['type'] == 'Identifier' and node['init']:
        return Assign(node['id']['name'], _js(node['init']))
    return Block([_js(each) for each in node.values()])


def _snake(name):
    if name.isupper() or not re.match('[a-z]', name):
        return name
    return re.sub('([A-Z])', lambda match: '_' + match.group().lower(), name)


def _method_info(owner, name):
    for each in getattr(owner, '__mro__', ()):
        info = getattr(each, '__info__', None)
        if hasattr(info, 'get_methods'):
            for method in info.get_methods():
                if method.get_name() == name:
                    return method
    return None


def _result(method):
    """What a method returns, if it is an object of the library."""
    info = _method_info(method.of, re.sub('_async$', '_finish', method.name))
    if info is None:
        return None
    kind = info.get_return_type()
    if kind.get_tag_as_string() != 'interface':
        return None
    kind = kind.get_interface()
    if kind.get_namespace() != 'Process':
        return None
    return Instance(getattr(Process, kind.get_name()))


def _has_property(owner, name):
    # Interfaces and enumerations have none.
    find = getattr(owner, 'find_property', None)
    return find is not None and find(name.replace('_', '-')) is not None


class Checker:
    def __init__(self):
        self.variables = {name: Instance(of) for name, of in USUAL.items()}

    def visit(self, node):
        """Checks what is below a node, and gives what it stands for, or None."""
        return getattr(self, 'visit_' + type(node).__name__.lower())(node)

    def visit_block(self, node):
        for child in node.children:
            self.visit(child)

    def visit_text(self, node):
        return None

    def visit_name(self, node):
        return NAMESPACES.get(node.id) or self.variables.get(node.id)

    def visit_await(self, node):
        return self.visit(node.of)

    def visit_assign(self, node):
        self.variables[node.name] = self.visit(node.value)

    def visit_member(self, node):
        of = self.visit(node.of)
        if of is None:
            return None
        if isinstance(of, Instance):
            return self.member_of_instance(of.of, node.name)
        if isinstance(of, Method):
            return None
        if not hasattr(of, node.name):
            raise Failure(f'{of} has no “{node.name}”')
        if isinstance(of, type) and _method_info(of, node.name):
            return Method(of, node.name)
        return getattr(of, node.name)

    def member_of_instance(self, owner, name):
        if name == 'props' or _has_property(owner, name):
            return None
        if not hasattr(owner, name):
            raise Failure(f'A {owner.__name__} has no “{name}”')
        return Method(owner, name)

    def visit_call(self, node):
        function = self.visit(node.function)
        self.visit_block(Block([*node.arguments, *(value for _name, value in node.keywords)]))
        if isinstance(function, Method):
            self.check_signal(function, node.arguments)
            return _result(function)
        if isinstance(function, type) and issubclass(function, GObject.Object):
            for name, _value in node.keywords:
                if not _has_property(function, name):
                    raise Failure(f'A {function.__name__} has no property “{name}”')
            return Instance(function)
        return None

    def check_signal(self, method, arguments):
        if method.name != 'connect' or not arguments or not isinstance(arguments[0], Text):
            return
        name, _, detail = arguments[0].value.partition('::')
        if not GObject.signal_lookup(name, method.of):
            raise Failure(f'A {method.of.__name__} has no signal “{name}”')
        if name == 'notify' and detail and not _has_property(method.of, detail):
            raise Failure(f'A {method.of.__name__} has no property “{detail}”')


def check(tree):
    Checker().visit(tree)
