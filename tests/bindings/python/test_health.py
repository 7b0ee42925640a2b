#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The health server and its checks.

usage: test_health.py [plain] [unittest's arguments]
"""

import contextlib
import gc
import socket
import threading
import weakref

from daemons import NOWHERE, Connection, DaemonCase, fetch, finish, later
from support import SECOND, Events, GLib, Process, main
from gi.repository import Gio, GObject

WHY = 'The check failed without an error'


def make_server(address='0', start=True):
    server = Process.HealthServer(address=address)
    if start:
        assert server.start() is True
    return server


def passes():
    return True


def fails(message):
    """A check that says why."""
    def check():
        raise GLib.Error.new_literal(Process.Error.quark(), message, Process.Error.UNHEALTHY)

    return check


class Servers(DaemonCase):
    def test_constructors(self):
        for server in (Process.HealthServer.new('9'), Process.HealthServer(address='9')):
            self.assertEqual((server.get_address(), server.get_ready(), server.get_running()),
                             ('9', True, False))
            self.assertEqual((server.props.address, server.props.ready, server.props.running),
                             ('9', True, False))
        with self.assertRaises(TypeError):
            server.props.running = True

    def test_start_and_stop(self):
        server = make_server(start=False)
        notified = Events().listen(server, 'notify::address', 'notify::running', 'notify::ready')
        self.assertTrue(server.start())
        address = server.get_address()
        self.assertRegex(address, r'^127\.0\.0\.1:[1-9][0-9]*$')
        self.assertTrue(server.get_running() and server.props.running)
        self.assertEqual(sorted(notified.names()), ['notify::address', 'notify::running'])
        self.assert_healthy(server)
        with self.fails(Process.Error.ALREADY_RUNNING, message=f'“{address}”'):
            server.start()
        server.stop()
        server.stop()
        self.assertFalse(server.get_running())
        self.assertEqual((server.get_address(), len(notified)), ('0', 4))
        self.assert_down(address)

    def test_starts_again(self):
        server = make_server()
        server.add_check('a', passes)
        server.stop()
        server.set_ready(False)
        server.stop()
        self.assertTrue(server.start())
        self.assertFalse(server.get_ready(), 'it was set since the stop')
        server.set_ready(False)
        server.stop()
        self.assertTrue(server.start())
        self.assertTrue(server.get_ready())
        self.assertEqual(self.ask(server, '/health?verbose'), (200, '[+]a ok\nok\n'))
        server.stop()

    def test_ready(self):
        server = make_server()
        other = make_server(start=False)
        notified = Events().listen(server, 'notify::ready')
        server.bind_property('ready', other, 'ready', GObject.BindingFlags.BIDIRECTIONAL)
        self.assertEqual(self.ask(server, '/ready'), (200, 'ready\n'))
        server.set_ready(False)
        server.props.ready = False
        self.assertEqual((server.get_ready(), other.get_ready(), len(notified)),
                         (False, False, 1))
        for path in ('/ready', '/readyz'):
            self.assertEqual(self.ask(server, path), (503, 'not ready\n'))
        self.assert_healthy(server)
        other.set_ready(True)
        self.assertEqual(self.ask(server, '/readyz'), (200, 'ready\n'))
        self.assertEqual(len(notified), 2)
        server.stop()

    def test_addresses(self):
        for address, pattern in (('0', r'127\.0\.0\.1:\d+'), (':0', r'127\.0\.0\.1:\d+'),
                                 ('127.0.0.1:0', r'127\.0\.0\.1:\d+'),
                                 ('localhost:0', r'(127\.0\.0\.1|\[::1\]):\d+')):
            with self.subTest(address=address):
                server = make_server(address)
                self.assertRegex(server.get_address(), f'^{pattern}$')
                self.assert_healthy(server)
                server.stop()

    def test_every_interface(self):
        server = make_server('*:0')
        self.assertRegex(server.get_address(), r'^\*:\d+$')
        self.assert_healthy('127.0.0.1' + server.get_address()[1:])
        server.stop()

    def test_ipv6(self):
        try:
            socket.create_server(('::1', 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest('there is no IPv6')
        server = make_server('[::1]:0')
        self.assertRegex(server.get_address(), r'^\[::1\]:\d+$')
        self.assert_healthy(server)
        server.stop()

    def test_unix(self):
        path = self.temporary() / 'socket'
        server = make_server(f'unix:{path}')
        self.assertEqual(server.get_address(), f'unix:{path}')
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assert_healthy(server)
        with self.fails(Gio.IOErrorEnum.ADDRESS_IN_USE, Gio.io_error_quark(), str(path)):
            make_server(f'unix:{path}')
        server.stop()
        self.assertFalse(path.exists())
        # One that a crashed program left behind.
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as left:
            left.bind(str(path))
        server = make_server(f'unix:{path}')
        self.assert_healthy(server)
        server.stop()

    def test_bad_addresses(self):
        for address in ('', 'nowhere', 'host', '65536', '1:2:3', '127.0.0.1', '127.0.0.256:1',
                        '[::1', '[::1]', 'unix:', 'a b:1', '-1', '+1', '*', 'http://localhost:1'):
            with self.subTest(address=address):
                server = make_server(address, start=False)
                with self.fails(Process.Error.INVALID_ARGUMENT, message=f'“{address}”'):
                    server.start()
                self.assertFalse(server.get_running())

    def test_address_in_use(self):
        server = make_server()
        with self.fails(Gio.IOErrorEnum.ADDRESS_IN_USE, Gio.io_error_quark(),
                        server.get_address()):
            make_server(server.get_address())
        server.stop()

    def test_what_is_asked(self):
        server = make_server()
        for method in ('GET', 'HEAD'):
            for path in ('/health', '/livez', '/ready', '/readyz'):
                self.assertEqual(self.ask(server, path, method=method)[0], 200, path)
        self.assertEqual(self.ask(server, '/ready', method='HEAD')[1], '')
        self.assertEqual(self.ask(server, '/nothing')[0], 404)
        self.assertEqual(self.ask(server, '/nothing', method='POST')[0], 404)
        self.assertEqual(self.ask(server, '/health', method='DELETE')[0], 405)
        self.assertEqual(self.ask(server, headers={'Host': 'evil.example'})[0], 421)
        server.stop()

    def test_connection_that_stays(self):
        server = make_server()
        address = server.get_address()

        def talk():
            with contextlib.closing(Connection(address)) as connection:
                answers = []
                for path in ('/health', '/ready', '/nothing', '/health'):
                    connection.request('GET', path)
                    response = connection.getresponse()
                    answers.append((response.status, response.read()))
                return answers, response.getheader('Cache-Control')

        self.assertEqual(self.in_thread(talk), (
            [(200, b'ok\n'), (200, b'ready\n'), (404, b'not found\n'), (200, b'ok\n')],
            'no-store'))
        server.stop()


class Checks(DaemonCase):
    def test_passing_and_failing(self):
        server = make_server()
        healthy = {'db': True, 'disk': True}

        def add(name):
            def check():
                if not healthy[name]:
                    raise GLib.Error('is gone')
                return True

            return server.add_check(name, check)

        ids = [add('db'), add('disk')]
        self.assertGreater(ids[0], 0)
        self.assertNotEqual(*ids)
        self.assert_healthy(server)
        healthy['disk'] = False
        self.assert_unhealthy(server, 'disk: is gone')
        healthy['db'] = False
        self.assert_unhealthy(server, 'db: is gone')
        self.assertEqual(self.ask(server, '/livez?verbose'), (
            503, '[-]db failed: is gone\n[-]disk failed: is gone\nunhealthy: db: is gone\n'))
        self.assertEqual(self.ask(server, '/health?exclude=db'),
                         (503, 'unhealthy: disk: is gone\n'))
        self.assertEqual(self.ask(server, '/health?exclude=db&exclude=disk'), (200, 'ok\n'))
        self.assertEqual(self.ask(server, '/ready'), (200, 'ready\n'))
        server.remove_check(ids[0])
        self.assert_unhealthy(server, 'disk: is gone')
        server.remove_check(ids[1])
        self.assert_healthy(server)
        server.stop()

    def test_how_it_may_fail(self):
        server = make_server()

        def raises(error):
            def check():
                raise error

            return check

        for check, message in (
                (fails('No space left'), 'No space left'),
                (raises(GLib.Error('why', 'some-quark', 7)), 'why'),
                (raises(GLib.Error.new_literal(Gio.io_error_quark(), 'é\nü', 1)), 'é ü'),
                (raises(ValueError('not said')), WHY), (raises(KeyError()), WHY),
                (lambda: None, WHY), (lambda: False, WHY), (lambda: 0, WHY),
                (lambda too, many: True, WHY)):
            with self.subTest(message=message):
                check_id = server.add_check('a', check)
                self.assert_unhealthy(server, f'a: {message}')
                server.remove_check(check_id)
        self.assertEqual(self.exceptions, [ValueError, KeyError, TypeError])
        self.assert_healthy(server)
        server.stop()

    def test_one_that_throws_does_not_stop_the_others(self):
        server = make_server()
        server.add_check('a', lambda: 1 // 0)
        server.add_check('b', fails('reason'))
        server.add_check('c', passes)
        for _ in range(3):
            self.assertEqual(self.ask(server, '/health?verbose'), (
                503, f'[-]a failed: {WHY}\n[-]b failed: reason\n[+]c ok\nunhealthy: a: {WHY}\n'))
        server.stop()

    def test_names(self):
        server = make_server(start=False)
        server.add_check('a', passes)
        for add in (lambda name: server.add_check(name, passes),
                    lambda name: server.add_async_check(name, lambda *_: None, 0)):
            with self.fails(Process.Error.INVALID_ARGUMENT, message='no name'):
                add('')
            with self.fails(Process.Error.INVALID_ARGUMENT, message='“a”'):
                add('a')
            with self.assertRaises(TypeError):
                add(None)
        with self.assertRaises(TypeError):
            server.add_check('b', None)
        server.clear_checks()
        self.assertGreater(server.add_check('a', passes), 1)

    def test_what_was_given_with_it(self):
        server = make_server()
        seen = []
        server.add_check('a', lambda *args: seen.append(args) or True, 'data', 2)
        server.add_async_check('b', lambda server, task, *args:
                               seen.append(args) or task.return_boolean(True), 0, 'later', None)
        self.assert_healthy(server)
        self.assertEqual(seen, [('data', 2), ('later', None)])
        server.stop()

    def test_in_the_owner(self):
        server = make_server()
        threads = []
        server.add_check('a', lambda: threads.append(threading.get_ident()) or True)
        self.assert_healthy(server)
        self.assertEqual(threads, [threading.get_ident()])
        server.stop()

    def test_bound_method(self):
        class Database:
            connected = False

            def check(self):
                if not self.connected:
                    raise GLib.Error('not connected')
                return True

        server, database = make_server(), Database()
        server.add_check('db', database.check)
        self.assert_unhealthy(server, 'db: not connected')
        database.connected = True
        self.assert_healthy(server)
        server.stop()

    def test_changes_from_inside(self):
        """A check may remove itself and others, and add some."""
        server = make_server()
        ids = {}

        def check():
            for name in ('a', 'b'):
                server.remove_check(ids[name])
            server.add_check('c', passes)
            return True

        ids.update(a=server.add_check('a', check), b=server.add_check('b', fails('never asked')))
        self.assert_healthy(server)
        self.assertEqual(self.ask(server, '/health?verbose'), (200, '[+]c ok\nok\n'))
        server.stop()

    def test_stop_from_inside(self):
        server = make_server()
        address = server.get_address()
        server.add_check('a', lambda: server.stop() is None)
        with self.assertRaises(OSError):
            self.in_thread(lambda: fetch(address))
        self.assertFalse(server.get_running())
        # What refers to its server lives as long as the check does.
        server.clear_checks()

    def test_status(self):
        server = make_server()
        status_id = server.set_status('queue', False, 'It is full')
        self.assert_unhealthy(server, 'queue: It is full')
        self.assertEqual(server.set_status('queue', False, None), status_id)
        self.assert_unhealthy(server, 'queue: No reason was given')
        self.assertEqual(server.set_status('queue', True, None), status_id)
        self.assertEqual(self.ask(server, '/health?verbose'), (200, '[+]queue ok\nok\n'))
        with self.fails(Process.Error.INVALID_ARGUMENT, message='“queue”'):
            server.add_check('queue', passes)
        server.remove_check(status_id)
        server.add_check('queue', fails('asked'))
        # It takes the place of one that is asked.
        self.assertNotEqual(server.set_status('queue', True, 'ignored'), 0)
        self.assert_healthy(server)
        server.clear_checks()
        server.stop()

    def test_status_of_another_thread(self):
        server = make_server()
        self.in_thread(lambda: server.set_status('a', False, 'from a thread'))
        self.assert_unhealthy(server, 'a: from a thread')
        server.stop()

    def test_json(self):
        server = make_server()
        server.add_check('db', passes)
        status, answer = self.ask_json(server)
        self.assertEqual((status, answer['status']), (200, 'pass'))
        (check,), = answer['checks'].values()
        self.assertEqual(check['status'], 'pass')
        self.assertIn('time', check)
        self.assertGreaterEqual(check['observedValue'], 0)
        server.set_ready(False)
        self.assertEqual(self.ask_json(server)[1]['status'], 'warn')
        server.set_status('disk', False, 'full “up”')
        status, answer = self.ask_json(server)
        self.assertEqual((status, answer['status']), (503, 'fail'))
        self.assertIn('full “up”', str(answer['checks']))
        server.stop()


class LaterChecks(DaemonCase):
    """Checks that are given a task."""

    def test_answers(self):
        server = make_server()
        error = GLib.Error('refused', 'some-quark', 3)
        for answer, expected in (
                (lambda task: task.return_boolean(True), None),
                (lambda task: task.return_boolean(False), WHY),
                (lambda task: task.return_error(error), 'refused')):
            for when in (lambda call, task: call(task), later,
                         lambda call, task: threading.Thread(target=call, args=[task]).start()):
                check_id = server.add_async_check(
                    'a', lambda _server, task: when(answer, task), 20 * SECOND)
                if expected is None:
                    self.assert_healthy(server)
                else:
                    self.assert_unhealthy(server, f'a: {expected}')
                server.remove_check(check_id)
        server.stop()

    def test_arguments(self):
        server, seen = make_server(), []

        def check(*args):
            seen.append(args)
            args[1].return_boolean(True)

        server.add_async_check('a', check, 0)
        self.assert_healthy(server)
        source, task = seen.pop()
        self.assertIs(source, server)
        self.assertIs(task.get_source_object(), server)
        self.assertIsInstance(task.get_cancellable(), Gio.Cancellable)
        server.stop()

    def test_without_an_answer(self):
        server = make_server()

        def forgets(_server, task):
            self.assertFalse(task.get_completed())

        def throws(_server, _task):
            raise ValueError('not said')

        check_id = server.add_async_check('a', forgets, 0)
        self.assert_unhealthy(server, 'a: The check dropped its task without an answer')
        server.remove_check(check_id)
        # Python keeps the last exception, and with it the arguments.
        server.add_async_check('a', throws, SECOND // 20)
        self.assert_unhealthy(server, 'a: No answer within 0.05 s')
        self.assertEqual(self.exceptions, [ValueError])
        server.stop()

    def test_answer_that_is_too_late(self):
        server, tasks, cancelled = make_server(), [], []

        def waits(_server, task):
            task.get_cancellable().connect(lambda *_: cancelled.append(True))
            tasks.append(task)

        server.add_async_check('a', waits, SECOND // 20)
        self.assert_unhealthy(server, 'a: No answer within 0.05 s')
        self.assertEqual(cancelled, [True])
        tasks.pop().return_boolean(True)
        self.assert_unhealthy(server, 'a: No answer within 0.05 s')
        tasks.pop().return_error(GLib.Error('late'))
        server.stop()

    def test_waits_for_nobody(self):
        """What waits does not keep others from being answered."""
        server, tasks, answers = make_server(), [], []
        address = server.get_address()
        server.add_async_check('slow', lambda _server, task: tasks.append(task), 20 * SECOND)
        threads = [threading.Thread(target=lambda: answers.append(fetch(address)))
                   for _ in range(3)]
        for thread in threads:
            thread.start()
        self.wait(lambda: tasks)
        self.assertEqual(self.ask(server, '/ready'), (200, 'ready\n'))
        self.assertEqual(self.ask(server, '/health?exclude=slow'), (200, 'ok\n'))
        self.assertEqual(answers, [])
        # Whoever asks meanwhile is answered, too; whoever came later makes a run of its own.
        while len(answers) < 3:
            while tasks:
                tasks.pop().return_boolean(True)
            GLib.MainContext.default().iteration(False)
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [(200, 'ok\n')] * 3)
        server.stop()

    def test_side_by_side(self):
        server, tasks = make_server(), {}

        def check(name):
            def begin(_server, task):
                tasks[name] = task
                # The last one answers for all, so that none waits for another.
                if len(tasks) == 3:
                    while tasks:
                        tasks.popitem()[1].return_boolean(True)

            return begin

        for name in 'abc':
            server.add_async_check(name, check(name), 20 * SECOND)
        self.assert_healthy(server)
        server.stop()

    def test_removed_meanwhile(self):
        server, tasks, answers = make_server(), [], []
        address = server.get_address()
        check_id = server.add_async_check('a', lambda _server, task: tasks.append(task), 0)
        thread = threading.Thread(target=lambda: answers.append(fetch(address)))
        thread.start()
        self.wait(lambda: tasks)
        server.remove_check(check_id)
        self.wait(lambda: answers)
        thread.join()
        self.assertEqual(answers, [(200, 'ok\n')])
        self.assertTrue(tasks[0].get_cancellable().is_cancelled())
        tasks.pop().return_boolean(False)
        server.stop()

    def test_of_the_system(self):
        """A check that looks whether a file can be read, without blocking."""
        server = make_server()
        path = self.temporary() / 'file'

        def check(_server, task):
            def done(file, result):
                try:
                    file.load_contents_finish(result)
                except GLib.Error as error:
                    task.return_error(error)
                else:
                    task.return_boolean(True)

            Gio.File.new_for_path(str(path)).load_contents_async(task.get_cancellable(), done)

        server.add_async_check('file', check, 20 * SECOND)
        status, text = self.ask(server)
        self.assertEqual(status, 503)
        self.assertIn(str(path), text)
        path.write_text('x')
        self.assert_healthy(server)
        server.stop()


class Drains(DaemonCase):
    def test_nothing_to_wait_for(self):
        server = make_server()
        address = server.get_address()
        self.assertTrue(finish(server, 'drain', SECOND, None))
        self.assertFalse(server.get_running())
        self.assert_down(address)
        self.assertTrue(finish(server, 'drain', SECOND, None), 'it does not run')

    def begin(self):
        """A server that a client waits for."""
        server, tasks, answers = make_server(), [], []
        address = server.get_address()
        server.add_async_check('a', lambda _server, task: tasks.append(task), 20 * SECOND)

        def body():
            try:
                answers.append(fetch(address))
            except OSError as error:
                answers.append(type(error))

        thread = threading.Thread(target=body)
        thread.start()
        self.addCleanup(thread.join)
        self.wait(lambda: tasks)
        return server, tasks, answers

    def test_answers_come_first(self):
        server, tasks, answers = self.begin()
        ended = []
        server.drain_async(-1, None, lambda source, result:
                           ended.append(source.drain_finish(result)))
        self.assertTrue(server.get_running())
        tasks.pop().return_boolean(True)
        self.wait(lambda: ended and answers)
        self.assertEqual((ended, answers), ([True], [(200, 'ok\n')]))
        self.assertFalse(server.get_running())

    def test_time_is_up(self):
        server, tasks, answers = self.begin()
        with self.fails(Process.Error.TIMED_OUT):
            finish(server, 'drain', SECOND // 20, None)
        self.assertFalse(server.get_running())
        self.wait(lambda: answers)
        self.assertTrue(issubclass(answers[0], OSError))
        tasks.clear()

    def test_cancelled(self):
        server, tasks, answers = self.begin()
        cancellable, errors = Gio.Cancellable(), []
        server.drain_async(-1, cancellable, self.ended_with(errors), 'drain_finish')
        cancellable.cancel()
        self.wait(lambda: errors)
        self.assertEqual(errors, [('g-io-error-quark', Gio.IOErrorEnum.CANCELLED)])
        self.assertTrue(server.get_running(), 'it is still being drained')
        tasks.pop().return_boolean(True)
        self.wait(lambda: not server.get_running() and answers)
        self.assertEqual(answers, [(200, 'ok\n')])

    def test_stopped_meanwhile(self):
        server, tasks, answers = self.begin()
        ended = []
        server.drain_async(-1, None, lambda source, result: ended.append(result))
        server.stop()
        self.wait(lambda: ended and answers)
        self.assertFalse(server.get_running())
        self.assertTrue(server.drain_finish(ended.pop()))
        # Whoever is asked keeps the server, as the check itself does.
        tasks.clear()


class Probes(DaemonCase):
    def blocking(self, call, *args):
        return self.in_thread(lambda: getattr(Process, call)(*args))

    def by_callback(self, call, *args):
        """In the context that is the server's as well."""
        return finish(Process, call, *args)

    @property
    def forms(self):
        return self.blocking, self.by_callback

    def test_good(self):
        server = make_server()
        for perform in self.forms:
            for call in ('wait_for_health', 'wait_for_ready', 'probe_health', 'probe_ready'):
                for timeout in (0, 20 * SECOND):
                    self.assertIs(perform(call, server.props.address, timeout, None), True)
        server.stop()

    def test_short_addresses(self):
        server = make_server()
        port = server.props.address.rpartition(':')[2]
        for perform in self.forms:
            for address in (port, f':{port}', f'localhost:{port}', f'*:{port}'):
                self.assertTrue(perform('probe_health', address, 20 * SECOND, None), address)
        server.stop()

    def test_bad(self):
        server = make_server()
        server.set_status('db', False, 'is “gone”')
        server.set_ready(False)
        address = server.props.address
        for perform in self.forms:
            for timeout in (0, SECOND // 10):
                for call in ('wait_for_health', 'wait_for_ready'):
                    self.assertIs(perform(call, address, timeout, None), False)
                with self.fails(Process.Error.UNHEALTHY, message='unhealthy: db: is “gone”'):
                    perform('probe_health', address, timeout, None)
                with self.fails(Process.Error.UNHEALTHY, message='not ready'):
                    perform('probe_ready', address, timeout, None)
        server.stop()

    def test_nobody(self):
        for perform in self.forms:
            for call in ('probe_health', 'probe_ready'):
                with self.fails(Process.Error.TIMED_OUT, message=f'“{NOWHERE}”'):
                    perform(call, NOWHERE, 0, None)
            self.assertFalse(perform('wait_for_health', NOWHERE, 0, None))
            self.assertFalse(perform('wait_for_ready', NOWHERE, SECOND // 20, None))

    def test_no_address(self):
        for perform in self.forms:
            for address in ('', 'nowhere', 'a b:1', '65536', '0', 'unix:', 'http://localhost:1'):
                with self.fails(Process.Error.INVALID_ARGUMENT, message=f'“{address}”'):
                    perform('probe_health', address, 20 * SECOND, None)
                self.assertFalse(perform('wait_for_ready', address, 20 * SECOND, None))
        with self.assertRaises(TypeError):
            Process.wait_for_health(None, 0, None)

    def test_becomes_good(self):
        server, asked = make_server(), []
        server.add_check('a', lambda: asked.append(True) or len(asked) % 3 == 0)
        for perform in self.forms:
            self.assertTrue(perform('probe_health', server.props.address, 20 * SECOND, None))
        self.assertEqual(len(asked), 6)
        server.stop()

    def test_before_the_server(self):
        path = self.temporary() / 'socket'
        server = make_server(f'unix:{path}', start=False)
        results = []
        Process.wait_for_ready_async(
            f'unix:{path}', 20 * SECOND, None,
            lambda _source, result: results.append(Process.wait_for_ready_finish(result)))
        # A look into the void has come to nothing by then.
        finish(Process, 'wait_for_ready', f'unix:{path}', 0, None)
        self.assertEqual(results, [])
        server.start()
        self.wait(lambda: results)
        self.assertEqual(results, [True])
        server.stop()

    def test_cancelled(self):
        server = make_server()
        server.set_ready(False)
        address = server.props.address
        for perform in self.forms:
            cancellable = Gio.Cancellable()
            GLib.timeout_add(20, lambda: cancellable.cancel())
            with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
                perform('probe_ready', address, 20 * SECOND, cancellable)
            with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
                perform('probe_health', address, 0, cancellable)
            self.assertIs(perform('wait_for_health', address, 20 * SECOND, cancellable), False)
        server.stop()

    def test_side_by_side(self):
        server, results = make_server(), []
        for _ in range(20):
            Process.probe_health_async(server.props.address, 20 * SECOND, None,
                                       lambda _source, result: results.append(
                                           Process.probe_health_finish(result)))
        self.wait(lambda: len(results) == 20)
        self.assertEqual(results, [True] * 20)
        server.stop()


class Lives(DaemonCase):
    def test_callbacks_are_let_go_of(self):
        class Held:
            def check(self):
                return True

            def begin(self, _server, task):
                task.return_boolean(True)

        def add(server, names, gone):
            for name in names:
                held = Held()
                weakref.finalize(held, gone.append, name)
                if name.isupper():
                    ids[name] = server.add_async_check(name, held.begin, 0)
                else:
                    ids[name] = server.add_check(name, held.check)

        server, ids, gone = make_server(), {}, []
        add(server, 'aAbBcC', gone)
        self.assert_healthy(server)
        self.assertEqual(gone, [])
        for name in 'aA':
            server.remove_check(ids[name])
        self.wait(lambda: gc.collect() is not None and len(gone) == 2)
        server.set_status('b', True, None)
        server.set_status('B', True, None)
        self.wait(lambda: gc.collect() is not None and len(gone) == 4)
        with self.fails(Process.Error.INVALID_ARGUMENT):
            add(server, 'c', gone)
        self.wait(lambda: gc.collect() is not None and len(gone) == 5)
        server.clear_checks()
        self.wait(lambda: gc.collect() is not None and len(gone) == 7)
        self.assertEqual(sorted(gone), sorted('aAbBccC'))
        server.stop()

    def test_cleared_servers_are_collected(self):
        gone = []

        def cycle():
            server = make_server()
            server.add_check('a', lambda: server.get_running())
            server.add_async_check('b', lambda _server, task:
                                   task.return_boolean(server.get_running()), 0)
            server.connect('notify::ready', lambda *_: server.get_ready())
            self.assert_healthy(server)
            server.weak_ref(gone.append, True)
            server.clear_checks()
            server.stop()

        for _ in range(10):
            cycle()
        self.wait(lambda: gc.collect() is not None and len(gone) == 10)

    def test_last_reference_stops_it(self):
        server = make_server()
        address = server.get_address()
        server.add_check('a', passes)
        self.assert_healthy(server)
        del server
        gc.collect()
        self.assert_down(address)

    def test_run_dispose(self):
        server = make_server()
        address = server.get_address()
        server.add_check('a', passes)
        server.run_dispose()
        self.assertFalse(server.get_running())
        self.assert_down(address)

    def test_last_reference_inside_a_check(self):
        kept = {'server': make_server()}
        address = kept['server'].get_address()

        def check():
            kept.clear()
            gc.collect()
            return True

        kept['server'].add_check('a', check)
        with contextlib.suppress(OSError):
            self.in_thread(lambda: fetch(address))
        self.assertEqual(kept, {})
        self.wait(lambda: gc.collect() is not None and not self.is_up(address))

    def is_up(self, address):
        try:
            self.in_thread(lambda: fetch(address))
        except OSError:
            return False
        return True

    def test_collection_in_between(self):
        server = make_server()
        server.add_check('a', lambda: gc.collect() is not None)
        server.add_async_check('b', lambda _server, task: later(
            lambda: gc.collect() is not None and task.return_boolean(True)), 0)
        for _ in range(20):
            self.assert_healthy(server)
        server.stop()

    def test_server_of_another_thread(self):
        """A server is served by the loop of its own thread."""
        seen, ready, quit_it = [], threading.Event(), []

        def body():
            context = GLib.MainContext()
            context.push_thread_default()
            server = make_server()
            server.add_check('a', lambda: seen.append(threading.get_ident()) or True)
            server.connect('notify::ready', lambda *_: seen.append(threading.get_ident()))
            quit_it.extend([server, context])
            ready.set()
            while len(quit_it) == 2:
                context.iteration(True)
            server.stop()
            context.pop_thread_default()

        thread = threading.Thread(target=body)
        thread.start()
        ready.wait()
        server, context = quit_it[:2]
        self.assertEqual(fetch(server.props.address), (200, 'ok\n'))
        server.set_ready(False)
        self.assertEqual(fetch(server.props.address, '/ready'), (503, 'not ready\n'))
        quit_it.append(True)
        context.wakeup()
        thread.join()
        self.assertEqual(seen, [thread.ident, thread.ident])

    def test_descriptors_are_not_handed_on(self):
        path = self.temporary() / 'socket'
        server = make_server(f'unix:{path}')
        # The fourth is the folder that is being listed.
        self.assertEqual(len(Process.Service().run('ls', ['/proc/self/fd'], None).split()), 4)
        server.stop()


if __name__ == '__main__':
    main()
