#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Process.pyi has what Python has: each public name with its parameters, and nothing else."""

import ast
import inspect
import pathlib
import sys
import unittest

from support import Process, main
from gi.repository import GObject

OVERRIDES = pathlib.Path(sys.modules['gi.overrides.Process'].__file__)
STUBS = OVERRIDES.parents[2] / 'gi-stubs' / 'repository' / 'Process.pyi'
OF_OBJECTS = {'connect', 'get_item'}
BLOCKS = {'__enter__', '__exit__', '__aenter__', '__aexit__', '__aiter__'}
OF_MODELS = {'__len__', '__iter__', '__getitem__', '__contains__', '__bool__'}


def members_of(body):
    """From each public name to its definitions, of which overloads have several."""
    found = {}
    for node in body:
        name = (node.name if hasattr(node, 'name') else
                node.target.id if isinstance(node, ast.AnnAssign) else None)
        if name and (not name.startswith('_') or name.startswith('__')):
            found.setdefault(name, []).append(node)
    return found


def parameters_of(node):
    """From the names that a definition takes to whether they may be left out."""
    arguments = node.args
    names = [each.arg for each in arguments.args]
    defaults = [False] * (len(names) - len(arguments.defaults)) + [True] * len(arguments.defaults)
    found = dict(zip(names, defaults))
    if arguments.vararg:
        found[arguments.vararg.arg] = True
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        found[each.arg] = default is not None
    return found


def decorators_of(node):
    return {each.id if isinstance(each, ast.Name) else each.attr for each in node.decorator_list}


def runtime_parameters(function):
    return {name: parameter.default is not inspect.Parameter.empty
            for name, parameter in inspect.signature(function).parameters.items()}


def public_names():
    for name in dir(Process):
        try:
            thing = getattr(Process, name)
        except NotImplementedError:
            # The type of a callback is none that Python has.
            continue
        if not name.startswith('_') and not name.endswith('Class'):
            yield name, thing


class Stubs(unittest.TestCase):
    def setUp(self):
        self.stubs = members_of(ast.parse(STUBS.read_text(encoding='utf-8')).body)

    def test_names(self):
        expected = {name for name, thing in public_names()
                    if callable(thing) or isinstance(thing, (int, str))}
        self.assertEqual({name for name, (node, *_) in self.stubs.items()}, expected)
        self.assertGreater(len(expected), 30)

    def classes(self):
        for name, thing in public_names():
            if isinstance(thing, type):
                yield name, thing, members_of(self.stubs[name][0].body)

    def test_functions(self):
        functions = [(name, thing, self.stubs[name]) for name, thing in public_names()
                     if inspect.isfunction(thing)]
        for cls_name, cls, members in self.classes():
            for info in cls.__info__.get_methods():
                name = info.get_name()
                self.assertIn(name, members, cls_name)
                functions.append((f'{cls_name}.{name}', inspect.getattr_static(cls, name),
                                  members[name]))
        self.assertGreater(len(functions), 200)
        for name, function, nodes in functions:
            with self.subTest(name):
                self.compare(getattr(function, '__func__', function), nodes)
                for node in nodes:
                    self.assertEqual('classmethod' in decorators_of(node),
                                     isinstance(function, classmethod))
                    self.assertEqual('staticmethod' in decorators_of(node),
                                     isinstance(function, staticmethod))

    def compare(self, function, nodes):
        expected = runtime_parameters(function)
        if len(nodes) == 1:
            self.assertEqual(parameters_of(nodes[0]), expected)
            return
        # With a callback, or without one and awaited.
        self.assertEqual(len(nodes), 3)
        awaited, positional, keyword = (parameters_of(node) for node in nodes)
        self.assertEqual({**awaited, 'user_data': True}, expected)
        self.assertEqual(list(positional), list(expected))
        self.assertEqual(keyword, {**expected, 'callback': False})

    def test_properties(self):
        found = 0
        for cls_name, cls, members in self.classes():
            for pspec in cls.list_properties() if hasattr(cls, 'list_properties') else ():
                name = pspec.name.replace('-', '_')
                self.assertIn(name, members, cls_name)
                attribute = inspect.getattr_static(cls, name)
                if isinstance(attribute, property):
                    found += 1
                    self.assertEqual(attribute.fset is not None,
                                     isinstance(members[name][0], ast.AnnAssign),
                                     (cls_name, name))
        self.assertGreater(found, 90)

    def test_constructors(self):
        found = 0
        for cls_name, cls, members in self.classes():
            if '__init__' in members:
                found += 1
                function = cls.__init__ if issubclass(cls, GObject.Object) else cls.new
                expected = runtime_parameters(function)
                node = members['__init__'][0]
                got = parameters_of(node)
                got.pop('self')
                expected.pop('self', None)
                self.assertEqual(got, expected, cls_name)
                # By position those of `new`, in its order.
                self.assertEqual([each.arg for each in node.args.args[1:]],
                                 list(runtime_parameters(cls.new)) if hasattr(cls, 'new') else [],
                                 cls_name)
        self.assertGreater(found, 10)

    def test_signals(self):
        found = 0
        for cls_name, cls, members in self.classes():
            infos = cls.__info__.get_signals() if hasattr(cls.__info__, 'get_signals') else ()
            expected = {info.get_name(): len(info.get_arguments()) + 1 for info in infos}
            got = {}
            for node in members.get('connect', [])[:-1]:
                signal, handler = (each.annotation.slice for each in node.args.args[1:])
                # With its details, where it has any.
                name = signal.elts[0] if isinstance(signal, ast.Tuple) else signal
                got[name.value] = len(handler.elts[0].elts)
            self.assertEqual(got, expected, cls_name)
            found += len(got)
        self.assertGreater(found, 10)

    def test_values(self):
        for cls_name, cls, members in self.classes():
            if issubclass(cls, int):
                expected = {name for name in vars(cls) if name.isupper()}
                self.assertEqual({name for name in members if name.isupper()}, expected, cls_name)

    def test_nothing_else(self):
        comfort = 0
        for cls_name, cls, members in self.classes():
            there = {name for each in cls.__mro__ if each.__module__.endswith('.Process')
                     for name in vars(each) if not name.startswith('_')}
            blocks = {name for name in BLOCKS | OF_MODELS if hasattr(cls, name)}
            if issubclass(cls, int):
                blocks = set()
            comfort += len(blocks)
            self.assertEqual(set(members) - OF_OBJECTS - {'__init__'}, there | blocks, cls_name)
        self.assertGreater(comfort, 20)


if __name__ == '__main__':
    main()
