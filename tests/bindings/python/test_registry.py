#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Daemon entries and the registry that keeps them.

usage: test_registry.py [plain] [unittest's arguments]
"""

import gc
import json
import os
import threading

from daemons import DaemonCase
from support import SECOND, Events, GLib, Process, main
from gi.repository import Gio, GObject


VALUES = {
    'code': 'app', 'daemon': 'worker', 'pid': 42, 'health': '127.0.0.1:80', 'project': '/srv',
    'binary': '/bin/é', 'started': GLib.DateTime.new_utc(2026, 1, 2, 3, 4, 5.25),
}

DEFAULTS = {
    'code': 'app', 'daemon': 'worker', 'pid': 0, 'health': None, 'project': None, 'binary': None,
    'started': None,
}


def plain_value(value):
    return value.format_iso8601() if isinstance(value, GLib.DateTime) else value


def values_of(entry):
    return {name: plain_value(getattr(entry, 'get_' + name)()) for name in VALUES}


def make_entry(daemon='worker', code='app', **properties):
    properties.setdefault('pid', os.getpid())
    return Process.DaemonEntry(code=code, daemon=daemon, **properties)


class Entries(DaemonCase):
    def assert_values(self, entry, expected):
        expected = {name: plain_value(value) for name, value in expected.items()}
        self.assertEqual(values_of(entry), expected)
        self.assertEqual({name: plain_value(getattr(entry.props, name)) for name in expected},
                         expected)

    def test_constructors(self):
        self.assert_values(Process.DaemonEntry.new('app', 'worker'), DEFAULTS)
        self.assert_values(Process.DaemonEntry(**VALUES), VALUES)
        self.assertEqual(Process.DaemonEntry().get_code(), '')
        with self.assertRaises(TypeError):
            Process.DaemonEntry.new(None, 'worker')

    def test_setters_and_notifies(self):
        entry = Process.DaemonEntry.new('', '')
        notified = Events().listen(entry, *('notify::' + name for name in VALUES))
        for _ in range(2):
            for name, value in VALUES.items():
                getattr(entry, 'set_' + name)(value)
        self.assertEqual(notified.names(), ['notify::' + name for name in VALUES])
        self.assert_values(entry, VALUES)
        for name in ('health', 'project', 'binary', 'started'):
            getattr(entry, 'set_' + name)(None)
            self.assertIsNone(entry.get_property(name))
        self.assertEqual(len(notified), len(VALUES) + 4)

    def test_properties(self):
        entry, other = Process.DaemonEntry.new('', ''), Process.DaemonEntry.new('', '')
        for name, value in VALUES.items():
            entry.bind_property(name, other, name, GObject.BindingFlags.DEFAULT)
            setattr(entry.props, name, value)
        self.assert_values(other, VALUES)

    def test_time_in_another_zone(self):
        entry = Process.DaemonEntry.new('a', 'b')
        entry.set_started(GLib.DateTime.new_from_iso8601('2026-06-01T02:00:00+02:00', None))
        self.assertEqual(entry.get_started().format_iso8601(), '2026-06-01T00:00:00Z')

    def test_json(self):
        entry = Process.DaemonEntry(**VALUES)
        self.assertEqual(json.loads(entry.to_json()), {
            'code': 'app', 'daemon': 'worker', 'pid': 42, 'health': '127.0.0.1:80',
            'project': '/srv', 'binary': '/bin/é', 'started': '2026-01-02T03:04:05.25Z'})
        self.assert_values(Process.DaemonEntry.from_json(entry.to_json()), VALUES)
        empty = Process.DaemonEntry.new('app', 'worker')
        self.assertEqual(json.loads(empty.to_json())['started'], '0001-01-01T00:00:00Z')
        self.assert_values(Process.DaemonEntry.from_json(empty.to_json()), DEFAULTS)

    def test_json_with_more(self):
        text = ('{"code": "a", "daemon": "b", "pid": 1, "health": null, "other": [],'
                ' "startTicks": 5, "bootId": "c"}')
        again = json.loads(Process.DaemonEntry.from_json(text).to_json())
        self.assertEqual((again['startTicks'], again['bootId']), (5, 'c'))
        self.assertNotIn('health', again)

    def test_bad_json(self):
        for text, message in (
                ('', ''), ('{', ''), ('[]', 'not an object'), ('"text"', ''),
                ('{"code": "a"}', '“daemon”'), ('{"daemon": "b"}', '“code”'),
                ('{"code": 1, "daemon": "b"}', '“code”'),
                ('{"code": "a", "daemon": "b", "pid": "1"}', '“pid”'),
                ('{"code": "a", "daemon": "b", "pid": -1}', '“pid”'),
                ('{"code": "a", "daemon": "b", "pid": 99999999999}', '“pid”'),
                ('{"code": "a", "daemon": "b", "started": "now"}', '“started”'),
                ('{"code": "a", "daemon": "b", "code": "c"}', '“code”'),
                ('[' * 100 + ']' * 100, ''), ('{"code": "' + 'a' * 70000 + '"}', '')):
            with self.subTest(text=text[:40]):
                with self.fails(Process.Error.INVALID_ARGUMENT, message=message):
                    Process.DaemonEntry.from_json(text)


def keys(entries):
    return [(entry.get_code(), entry.get_daemon()) for entry in entries]


def items(registry):
    return [registry.get_item(i) for i in range(registry.get_n_items())]


class Registries(DaemonCase):
    def make_registry(self):
        folder = self.temporary() / 'daemons'
        return Process.Registry.new(str(folder)), folder

    def test_constructors(self):
        for registry in (Process.Registry.new('/x'), Process.Registry(dir='/x')):
            self.assertEqual((registry.get_dir(), registry.props.dir), ('/x', '/x'))
            self.assertEqual(registry.get_item_type(), Process.DaemonEntry.__gtype__)
            self.assertEqual(registry.props.item_type, Process.DaemonEntry.__gtype__)
            self.assertEqual((len(registry), registry.get_n_items(), registry.props.n_items),
                             (0, 0, 0))

    def test_missing_folder(self):
        registry, folder = self.make_registry()
        self.assertEqual(registry.list(), [])
        self.assertIsNone(registry.get('app', 'worker'))
        self.assertIs(registry.unregister('app', 'worker'), True)
        self.assertFalse(folder.exists())

    def test_life(self):
        registry, folder = self.make_registry()
        entry = make_entry(health='127.0.0.1:1', project='p', binary='/b')
        self.assertIs(registry.register(entry), True)
        path = folder / 'app-worker.json'
        self.assertEqual([path], [*folder.glob('*.json')])
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        self.assertIsNone(entry.get_started(), 'it is as it was')
        found = registry.get('app', 'worker')
        expected = dict(values_of(entry), started=found.get_started().format_iso8601())
        self.assertEqual(values_of(found), expected)
        self.assertLess(GLib.DateTime.new_now_utc().difference(found.get_started()), 60 * SECOND)
        self.assertEqual([values_of(each) for each in registry.list()], [expected])
        self.assertEqual(json.loads(path.read_text())['pid'], os.getpid())
        found.set_project('changed')
        self.assertEqual(registry.get('app', 'worker').get_project(), 'p')
        self.assertIs(registry.register(make_entry(project='new')), True)
        self.assertEqual([each.get_project() for each in registry.list()], ['new'])
        for _ in range(2):
            self.assertIs(registry.unregister('app', 'worker'), True)
            self.assertIsNone(registry.get('app', 'worker'))
        self.assertEqual([*folder.glob('*.json')], [])

    def test_order(self):
        registry, _folder = self.make_registry()
        for daemon, code, second in (('b', 'x', 2), ('a', 'x', 2), ('z', 'z', 1), ('a', 'w', 2)):
            registry.register(make_entry(daemon, code, started=GLib.DateTime.new_utc(
                2026, 1, 1, 0, 0, second)))
        expected = [('z', 'z'), ('w', 'a'), ('x', 'a'), ('x', 'b')]
        self.assertEqual(keys(registry.list()), expected)
        self.assertEqual(keys(items(registry)), expected)

    def test_names(self):
        registry, folder = self.make_registry()
        names = [('a-b', 'c'), ('a', 'b-c'), ('a/b', 'c'), ('..', 'x'), ('', ''), ('.', ''),
                 ('é\n', '“'), ('x' * 300, 'y'), ('%41', 'A')]
        for code, daemon in names:
            registry.register(make_entry(daemon, code))
        for code, daemon in names:
            self.assertEqual(keys([registry.get(code, daemon)]), [(code, daemon)])
        self.assertEqual(sorted(keys(registry.list())), sorted(names))
        self.assertEqual(len([*folder.parent.rglob('*.json')]), len(names))
        for code, daemon in names:
            self.assertTrue(registry.unregister(code, daemon))
        self.assertEqual(registry.list(), [])

    def test_refused(self):
        registry, folder = self.make_registry()
        with self.fails(Process.Error.INVALID_ARGUMENT, message='no pid'):
            registry.register(Process.DaemonEntry.new('app', 'worker'))
        with self.fails(Process.Error.INVALID_ARGUMENT):
            registry.register(make_entry(project='x' * 70000))
        for call in (registry.register, registry.get, registry.unregister):
            with self.assertRaises(TypeError):
                call(None)
        folder.write_text('no folder')
        for call in (lambda: registry.register(make_entry()), registry.list,
                     lambda: registry.unregister('app', 'worker')):
            with self.fails(Gio.IOErrorEnum.NOT_DIRECTORY, Gio.io_error_quark(), str(folder)):
                call()
        self.assertIsNone(registry.get('app', 'worker'))
        with self.fails(Process.Error.INVALID_ARGUMENT, message='empty'):
            Process.Registry.new('').list()

    def test_files_of_others(self):
        """What the Go package writes, and what nobody can read."""
        registry, folder = self.make_registry()
        folder.mkdir()
        (folder / 'app-go.json').write_text(json.dumps({
            'code': 'app', 'daemon': 'go', 'pid': os.getpid(),
            'started': '2026-01-02T03:04:05.123456789+01:00'}, indent=2))
        (folder / 'broken.json').write_text('{"code": ')
        (folder / 'dead.json').write_text('{"code": "a", "daemon": "dead", "pid": 2147483647}')
        (folder / 'folder.json').mkdir()
        entry, = registry.list()
        self.assertEqual((entry.get_daemon(), entry.get_started().format_iso8601()),
                         ('go', '2026-01-02T02:04:05.123456Z'))
        self.assertTrue((folder / 'broken.json').exists(), 'it may be about to be written')
        self.assertFalse((folder / 'dead.json').exists())
        os.utime(folder / 'broken.json', (0, 0))
        self.assertEqual(keys(registry.list()), [('app', 'go')])
        self.assertFalse((folder / 'broken.json').exists())

    def test_model(self):
        registry, folder = self.make_registry()
        other = Process.Registry.new(str(folder))
        changes = Events().listen(registry, 'items-changed')
        counts = Events().listen(registry, 'notify::n-items')
        self.assertEqual(len(registry), 0)
        other.register(make_entry('b', started=GLib.DateTime.new_utc(2026, 1, 1, 0, 0, 1)))
        self.wait(lambda: len(registry) == 1)
        self.assertEqual(changes, [('items-changed', 0, 0, 1)])
        self.assertEqual((len(counts), registry.props.n_items), (1, 1))
        first = registry[0]
        self.assertIsInstance(first, Process.DaemonEntry)
        other.register(make_entry('a', started=GLib.DateTime.new_utc(2026, 1, 1, 0, 0, 0)))
        self.wait(lambda: len(registry) == 2)
        self.assertEqual(changes[1:], [('items-changed', 0, 0, 1)])
        self.assertEqual(keys(registry), [('app', 'a'), ('app', 'b')])
        self.assertIs(registry[1], first, 'what did not change stays the same object')
        self.assertEqual(keys(registry[-1:]), [('app', 'b')])
        registry.unregister('app', 'b')
        self.wait(lambda: len(registry) == 1)
        self.assertEqual(changes[2:], [('items-changed', 1, 1, 0)])
        other.register(make_entry('a', project='p',
                                  started=GLib.DateTime.new_utc(2026, 1, 1, 0, 0, 0)))
        self.wait(lambda: registry[0].get_project() == 'p')
        self.assertEqual(changes[3:], [('items-changed', 0, 1, 1)])
        self.assertEqual(len(counts), 3)
        with self.assertRaises(IndexError):
            registry[1]
        self.assertIsNone(registry.get_item(1))

    def test_end_of_a_daemon(self):
        registry, folder = self.make_registry()
        process = Process.Service().start('cat', [], None)
        registry.register(make_entry(pid=process.get_pid()))
        self.assertEqual(keys(registry), [('app', 'worker')])
        process.kill()
        self.wait_end(process)
        self.assertIsNone(registry.get('app', 'worker'))
        self.wait(lambda: len(registry) == 0)
        self.assertEqual([*folder.glob('*.json')], [])

    def test_pid_of_another_life(self):
        registry, folder = self.make_registry()
        registry.register(make_entry())
        path = folder / 'app-worker.json'
        known = json.loads(path.read_text())
        path.write_text(json.dumps(dict(known, startTicks=known['startTicks'] - 1)))
        self.assertIsNone(registry.get('app', 'worker'))
        self.assertEqual(registry.list(), [])

    def test_default(self):
        home = self.temporary()
        self.addCleanup(os.environ.__setitem__, 'HOME', os.environ['HOME'])
        os.environ['HOME'] = str(home)
        registry = Process.Registry.get_default()
        self.assertEqual(registry.get_dir(), f'{home}/.core/daemons')
        registry.register(make_entry())
        self.assertTrue((home / '.core/daemons/app-worker.json').exists())
        self.assertEqual(keys(Process.Registry.get_default().list()), [('app', 'worker')])
        registry.unregister('app', 'worker')
        os.environ['HOME'] = ''
        self.assertEqual(Process.Registry.get_default().get_dir(),
                         f'{GLib.get_tmp_dir()}/.core/daemons')

    def test_folders_of_any_name(self):
        folder = os.fsdecode(os.fsencode(self.temporary()) + b'/\xff')
        registry = Process.Registry.new(folder)
        self.assertEqual(registry.get_dir(), folder)
        registry.register(make_entry())
        self.assertEqual(keys(registry), [('app', 'worker')])
        registry.unregister('app', 'worker')

    def test_in_a_thread(self):
        registry, _folder = self.make_registry()
        seen = []
        registry.connect('items-changed', lambda *_: seen.append(threading.get_ident()))
        self.assertEqual(len(registry), 0)
        self.in_thread(lambda: registry.register(make_entry()))
        self.assertEqual(self.in_thread(lambda: keys(registry.list())), [('app', 'worker')])
        self.wait(lambda: seen)
        self.assertEqual({*seen}, {threading.get_ident()})

    def test_collection(self):
        gone = []

        def cycle():
            registry, _folder = self.make_registry()
            registry.connect('items-changed', lambda *_: registry.get_n_items())
            registry.register(make_entry())
            self.assertEqual(len(registry), 1)
            registry.weak_ref(gone.append, True)

        for _ in range(5):
            cycle()
        self.wait(lambda: gc.collect() is not None and len(gone) == 5)


if __name__ == '__main__':
    main()
