#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Pipelines: specs and results.

usage: test_specs.py [plain] [unittest's arguments]
"""

import gc
import itertools
import json

from pipelines import FORMS, MODES, Label, counts, make_spec
from support import SECOND, Case, Events, GLib, Process, main
from gi.repository import Gio, GObject

VALUES = {
    'name': 'build', 'command': 'sh', 'args': ['-c', 'é'], 'cwd': '/', 'env': ['A=1', 'B'],
    'after': ['x', 'y'], 'allow_failure': True, 'timeout': 5 * SECOND, 'grace_period': 2,
}

DEFAULTS = {
    'name': None, 'command': None, 'args': [], 'cwd': None, 'env': [], 'after': [],
    'allow_failure': False, 'timeout': 0, 'grace_period': 0,
}


def values_of(spec):
    return {name: getattr(spec, 'get_' + name)() for name in DEFAULTS}


class Specs(Case):
    def assert_values(self, spec, expected):
        self.assertEqual(values_of(spec), expected)
        self.assertEqual({name: spec.get_property(name.replace('_', '-')) for name in expected},
                         expected)
        self.assertEqual({name: getattr(spec.props, name) for name in expected}, expected)

    def test_constructors(self):
        self.assert_values(Process.RunSpec(), DEFAULTS)
        self.assert_values(Process.RunSpec(**VALUES), VALUES)
        self.assert_values(Process.RunSpec.new('a', 'ls', ['-l']),
                           {**DEFAULTS, 'name': 'a', 'command': 'ls', 'args': ['-l']})
        self.assert_values(Process.RunSpec.new(None, None, None), DEFAULTS)
        with self.assertRaises(TypeError):
            Process.RunSpec(name='a', comand='ls')
        with self.assertRaises(TypeError):
            Process.RunSpec.new('a', 'ls', [1])

    def test_every_property(self):
        spec = Process.RunSpec()
        self.assertEqual({pspec.name.replace('-', '_') for pspec in spec.list_properties()},
                         set(VALUES))
        for values in (VALUES, DEFAULTS):
            for name, value in values.items():
                with self.subTest(name=name, value=value):
                    notified = Events().listen(spec, 'notify::' + name.replace('_', '-'))
                    getattr(spec, 'set_' + name)(value)
                    setattr(spec.props, name, value)
                    self.assertEqual(getattr(spec, 'get_' + name)(), value)
                    self.assertEqual(len(notified), 1, 'only a change is notified')
            self.assert_values(spec, values)

    def test_properties_are_written(self):
        spec = Process.RunSpec()
        for name, value in VALUES.items():
            setattr(spec.props, name, value)
        self.assert_values(spec, VALUES)

    def test_lists_may_be_left_out(self):
        spec = Process.RunSpec(**VALUES)
        for name in ('args', 'env', 'after'):
            getattr(spec, 'set_' + name)(None)
            self.assertEqual(spec.get_property(name), [])

    def test_it_keeps_copies(self):
        after = ['a']
        spec = make_spec('b', after=after)
        after.append('c')
        spec.get_after().append('d')
        self.assertEqual(spec.get_after(), ['a'])

    def test_bound(self):
        spec, label = make_spec('a'), Label()
        spec.bind_property('name', label, 'text', GObject.BindingFlags.BIDIRECTIONAL
                           | GObject.BindingFlags.SYNC_CREATE)
        self.assertEqual(label.text, 'a')
        spec.set_name('b')
        self.assertEqual(label.text, 'b')
        label.text = 'c'
        self.assertEqual(spec.get_name(), 'c')


class Json(Case):
    TEXT = '[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "after": ["a"]}]'

    def names(self, specs):
        return [(spec.get_name(), spec.get_command(), spec.get_after()) for spec in specs]

    def test_every_key(self):
        spec, = Process.RunSpec.list_from_json(json.dumps([{
            'name': 'build', 'command': 'sh', 'args': ['-c', 'é'], 'dir': '/', 'env': ['A=1', 'B'],
            'after': ['x', 'y'], 'allowFailure': True, 'timeout': 5_000_000_000,
            'gracePeriod': 1001,
        }]))
        self.assertEqual(values_of(spec), VALUES)

    def test_array_and_object(self):
        expected = [('a', 'b', []), ('c', 'd', ['a'])]
        self.assertEqual(self.names(Process.RunSpec.list_from_json(self.TEXT)), expected)
        self.assertEqual(self.names(Process.RunSpec.list_from_json(
            '{"$schema": "x", "specs": %s}' % self.TEXT)), expected)
        self.assertEqual(Process.RunSpec.list_from_json('[]'), [])
        self.assertEqual(Process.RunSpec.list_from_json('{"specs": []}'), [])

    def test_there_and_back(self):
        """Results tell of their specs, also when nothing was run."""
        specs = [Process.RunSpec(**VALUES),
                 Process.RunSpec(**{**DEFAULTS, 'name': 'plain “ü”\n', 'command': 'c'})]
        cancelled = Gio.Cancellable()
        cancelled.cancel()
        result = Process.Runner().run_all(specs, cancelled)
        written = [each['spec'] for each in json.loads(result.to_json())['results']]
        found = Process.RunSpec.list_from_json(json.dumps(written))
        self.assertEqual([values_of(spec) for spec in found],
                         [values_of(spec) for spec in specs])

    def test_errors(self):
        for text, message in (
                ('[\n{"name": "a"\n"command": "b"}]', 'Line 3 '),
                ('', 'Line 1 '),
                ('3', 'neither an array of specs nor an object'),
                ('{"specs": [], "jobs": 3}', 'The key “jobs” beside “specs” is unknown'),
                ('[3]', 'Spec 1 is not an object'),
                ('[{"name": "a"}]', 'The key “command” of spec 1 (“a”) is missing'),
                ('[{"name": "", "command": "b"}]', 'The key “name” of spec 1 must not be empty'),
                ('[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "cwd": "/"}]',
                 'The key “cwd” of spec 2 (“c”) is unknown'),
                ('[{"name": "a", "command": "b", "args": "c"}]', 'The key “args” of spec 1'),
                ('[{"name": "a", "command": "b", "timeout": -1}]', 'The key “timeout” of spec 1'),
                ('[{"name": "a", "name": "b"}]', 'is there more than once')):
            with self.subTest(text=text), \
                    self.fails(Process.Error.INVALID_ARGUMENT, message=message):
                Process.RunSpec.list_from_json(text)
        with self.assertRaises(TypeError):
            Process.RunSpec.list_from_json(None)

    def from_file(self, file, cancellable=None):
        return Process.RunSpec.list_from_file(file, cancellable)

    def from_file_by_callback(self, file, cancellable=None):
        ended = []
        Process.RunSpec.list_from_file_async(file, cancellable,
                                             lambda _source, result: ended.append(result))
        self.wait(lambda: ended)
        return Process.RunSpec.list_from_file_finish(ended[0])

    def test_file(self):
        folder = self.temporary()
        (folder / 'good').write_text(self.TEXT)
        (folder / 'bad').write_text('[\n}')
        good, bad, gone = (Gio.File.new_for_path(str(folder / name))
                           for name in ('good', 'bad', 'gone'))
        cancelled = Gio.Cancellable()
        cancelled.cancel()
        for read in (self.from_file, self.from_file_by_callback):
            with self.subTest(read=read.__name__):
                self.assertEqual(self.names(read(good)), [('a', 'b', []), ('c', 'd', ['a'])])
                with self.fails(Process.Error.INVALID_ARGUMENT,
                                message=f'“{folder}/bad”: Line 2 '):
                    read(bad)
                with self.fails(Gio.IOErrorEnum.NOT_FOUND, Gio.io_error_quark()):
                    read(gone)
                with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
                    read(good, cancelled)


class Results(Case):
    def test_every_row(self):
        spec = make_spec('a', 'echo "$(pwd) $A ${HOME-homeless}"; cat; '
                         'echo err >&2; printf "\\377"; exit 3', cwd='/', env=['A=b', 'HOME'])
        spec.set_command('/bin/sh')
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                whole = perform(Process.Runner(), 'run_all', [spec])
                result, = whole
                process = result.get_process()
                self.assertEqual(result.get_name(), 'a')
                self.assertIs(result.get_spec(), spec)
                self.assertEqual(result.get_exit_code(), 3)
                self.assertEqual(process.get_exit_code(), 3)
                self.assertGreater(result.get_duration(), 0)
                self.assertEqual(result.get_duration(), process.get_duration())
                self.assertLessEqual(result.get_duration(), whole.get_duration())
                self.assertIn('/ b homeless\n', result.get_output())
                self.assertIn('err\n', result.get_output())
                self.assertIn('\ufffd', result.get_output())
                self.assertIn(b'\xff', process.get_output_bytes().get_data())
                self.assertIsNone(result.get_error(), 'a code of its own choice is no error')
                self.assertFalse(result.get_skipped())
                self.assertFalse(result.get_passed())

    def test_properties_are_the_methods(self):
        result = Process.Runner().run_all([
            make_spec('a', 'echo a'), Process.RunSpec.new('b', 'no-such-program-at-all', []),
            make_spec('c', after=['b'])])
        for thing in (result, *result):
            for pspec in thing.list_properties():
                name = pspec.name.replace('-', '_')
                with self.subTest(thing=type(thing).__name__, name=name):
                    found = thing.get_property(pspec.name)
                    expected = getattr(thing, 'get_' + name)()
                    if pspec.value_type == GLib.Error.__gtype__ and expected is not None:
                        found, expected = ((error.domain, error.code, error.message)
                                           for error in (found, expected))
                    self.assertEqual(found, expected)
                    writable = pspec.flags & GObject.ParamFlags.WRITABLE
                    self.assertTrue(not writable
                                    or pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY)

    def test_passed(self):
        failure = GLib.Error.new_literal(Process.Error.quark(), 'why', Process.Error.TIMED_OUT)
        for code, error, skipped in itertools.product((0, 1, -1), (None, failure), (False, True)):
            with self.subTest(code=code, error=error, skipped=skipped):
                result = Process.RunResult(name='a', exit_code=code, error=error, skipped=skipped)
                self.assertEqual(result.get_passed(),
                                 code == 0 and error is None and not skipped)
                self.assertEqual(result.props.passed, result.get_passed())

    def test_without_anything(self):
        result = Process.RunResult()
        self.assertEqual((result.get_name(), result.get_spec(), result.get_process(),
                          result.get_output(), result.get_error()), (None, None, None, '', None))

    def test_bound(self):
        result, = Process.Runner().run_all([make_spec('a', 'echo text; exit 4')])
        label = Label()
        result.bind_property('output', label, 'text', GObject.BindingFlags.SYNC_CREATE)
        result.bind_property('exit-code', label, 'number', GObject.BindingFlags.SYNC_CREATE)
        self.assertEqual((label.text, label.number), ('text\n', 4))

    def test_they_outlive_the_runner(self):
        result, = Process.Runner().run_all([make_spec('a', 'echo text')])
        gc.collect()
        self.assertEqual(result.get_process().get_output(), 'text\n')
        self.assertEqual(result.get_spec().get_name(), 'a')


class AllResults(Case):
    def test_list_model(self):
        names = ['c', 'a', 'b']
        result = Process.Runner().run_all([make_spec(name) for name in names])
        self.assertIsInstance(result, Gio.ListModel)
        self.assertEqual(result.props.item_type, Process.RunResult.__gtype__)
        self.assertEqual(result.get_item_type(), Process.RunResult.__gtype__)
        self.assertEqual((result.get_n_items(), result.props.n_items, len(result)), (3, 3, 3))
        self.assertEqual([each.get_name() for each in result], names)
        self.assertEqual([result.get_item(i).get_name() for i in range(3)], names)
        self.assertIsNone(result.get_item(3))
        self.assertIs(result[0], result.get_item(0))
        self.assertEqual(result[-1].get_name(), 'b')
        self.assertEqual([each.get_name() for each in result[1:]], ['a', 'b'])
        self.assertIn(result.get_item(1), result)
        with self.assertRaises(IndexError):
            result[3]

    def test_counts(self):
        good, bad = make_spec('good'), make_spec('bad', 'exit 1', allow_failure=True)
        skipped = make_spec('skipped', after=['worse'])
        worse = make_spec('worse', 'exit 1')
        for specs, expected, success in (
                ([good], (1, 0, 0), True), ([good, bad], (1, 1, 0), False),
                ([good, bad, worse, skipped], (1, 2, 1), False)):
            result = Process.Runner().run_all(specs)
            self.assertEqual(counts(result), expected)
            self.assertEqual((result.props.n_passed, result.props.n_failed,
                              result.props.n_skipped), expected)
            self.assertIs(result.get_success(), success)
            self.assertIs(result.props.success, success)
            self.assertGreater(result.get_duration(), 0)
            self.assertEqual(result.props.duration, result.get_duration())

    def test_empty(self):
        for perform, mode in itertools.product(FORMS, MODES):
            with self.subTest(perform=perform.__name__, mode=mode):
                runner = Process.Runner()
                result = perform(runner, mode, [])
                self.assertEqual((len(result), counts(result), runner.get_progress()),
                                 (0, (0, 0, 0), 1))
                self.assertTrue(result.get_success())
                self.assertEqual(json.loads(result.to_json())['results'], [])

    def test_json(self):
        result = Process.Runner().run_all([
            make_spec('a', 'echo "ü"; exit 3', timeout=9 * SECOND), make_spec('b', after=['a'])])
        found = json.loads(result.to_json())
        self.assertEqual(set(found), {'results', 'duration', 'passed', 'failed', 'skipped'})
        self.assertEqual((found['passed'], found['failed'], found['skipped']), (0, 1, 1))
        self.assertEqual(found['duration'], 1000 * result.get_duration())
        first, second = found['results']
        self.assertEqual(set(first), {'name', 'spec', 'exitCode', 'duration', 'output', 'error',
                                      'skipped'})
        self.assertEqual((first['name'], first['exitCode'], first['output'], first['error'],
                          first['skipped']), ('a', 3, 'ü\n', None, False))
        self.assertEqual(first['duration'], 1000 * result[0].get_duration())
        self.assertEqual(first['spec']['timeout'], 9_000_000_000)
        self.assertEqual((second['skipped'], second['error'], second['spec']['after']),
                         (True, result[1].get_error().message, ['a']))


if __name__ == '__main__':
    main()
