#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Pipelines: the runner, and what it does with specs.

usage: test_runner.py [plain] [unittest's arguments]
"""

import gc
import itertools
import json
import os
import pathlib
import threading

from pipelines import (
    FORMS, MODES, Gate, Label, Log, by_callback, counts, make_spec, outcomes,
)
from support import SECOND, Case, Events, GLib, Process, children, main, wait_until
from gi.repository import Gio, GObject


class Runners(Case):
    def test_on_a_service(self):
        service = Process.Service()
        for runner in (Process.Runner.new(service), Process.Runner(service=service)):
            self.assertIs(runner.get_service(), service)
            self.assertIs(runner.props.service, service)
        with self.assertRaises(TypeError):
            Process.Runner.new(None)
        self.assertTrue(runner.run_all([make_spec('a')]).get_success())

    def test_without_a_service(self):
        first, second = Process.Runner(), Process.Runner(max_parallel=4)
        self.assertIsInstance(first.get_service(), Process.Service)
        self.assertIsNot(first.get_service(), second.get_service())
        self.assertEqual((first.get_max_parallel(), second.get_max_parallel()), (0, 4))
        self.assertEqual(outcomes(first.run_all([make_spec('a', 'exit 3')])), [('a', 3, False)])

    def test_max_parallel(self):
        runner, label = Process.Runner(), Label()
        notified = Events().listen(runner, 'notify::max-parallel')
        runner.bind_property('max-parallel', label, 'number', GObject.BindingFlags.BIDIRECTIONAL)
        runner.set_max_parallel(3)
        runner.props.max_parallel = 3
        self.assertEqual((runner.get_max_parallel(), label.number, len(notified)), (3, 3, 1))
        label.number = 5
        self.assertEqual(runner.props.max_parallel, 5)

    def test_what_is_refused(self):
        runner = Process.Runner()
        for specs in (['a'], make_spec('a'), None, [Process.Service()]):
            with self.assertRaises(TypeError):
                runner.run_all(specs, None)
        with self.assertRaises(TypeError):
            runner.props.progress = 0.5


class Order(Case):
    def diamond(self, folder, gate):
        """Each child needs what those before it have left behind."""
        return [make_spec('bottom', 'cat left right > bottom', ['left', 'right'], cwd=folder),
                make_spec('right', 'cat top > right', ['top'], cwd=folder),
                make_spec('left', 'cat top > left', ['top'], cwd=folder),
                make_spec('top', f'{gate.passing}; echo done > top', cwd=folder,
                          timeout=20 * SECOND)]

    def test_run_all(self):
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                folder = self.temporary()
                gate = Gate(folder / 'gate')
                runner, before = Process.Runner(), []
                log = Log(runner)

                def started(runner, spec, _process):
                    if spec.get_name() == 'top':
                        before.append((sorted(os.listdir(folder)), [*log],
                                       len(runner.get_service().running())))
                        gate.open()

                runner.connect('spec-started', started)
                result = perform(runner, 'run_all', self.diamond(str(folder), gate))
                self.assertEqual(before, [(['gate'], ['+top'], 1)])
                self.assertEqual(outcomes(result), [(name, 0, False) for name in
                                                    ('bottom', 'right', 'left', 'top')])
                self.assertEqual(log[:2], ['+top', '-top'])
                self.assertEqual(sorted(log[2:-2]), ['+left', '+right', '-left', '-right'])
                self.assertEqual(log[-2:], ['+bottom', '-bottom'])
                self.assertEqual((folder / 'bottom').read_text(), 'done\ndone\n')
                self.assertEqual(self.exceptions, [])

    def test_no_barrier(self):
        """What `c` opens lets `b` end, which began before it."""
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                folder = self.temporary()
                gate = Gate(folder / 'gate')
                result = perform(Process.Runner(), 'run_all', [
                    make_spec('a'), make_spec('b', gate.passing, timeout=20 * SECOND),
                    make_spec('c', f'echo > {gate.path}', ['a'], timeout=20 * SECOND)])
                self.assertEqual(counts(result), (3, 0, 0))

    def test_sequential(self):
        """In the order of the array, whatever they wait for."""
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                folder = self.temporary()
                runner = Process.Runner()
                log = Log(runner)
                result = perform(runner, 'run_sequential', [
                    make_spec('a', 'echo a > a', ['c', 'nowhere'], cwd=str(folder)),
                    make_spec('b', 'cat a > b', cwd=str(folder)),
                    make_spec('c', 'cat b > c', ['a'], cwd=str(folder))])
                self.assertEqual(counts(result), (3, 0, 0))
                self.assertEqual(log, ['+a', '-a', '+b', '-b', '+c', '-c'])
                self.assertEqual((folder / 'c').read_text(), 'a\n')

    def test_parallel(self):
        """Each waits for the other to come, whatever they wait for by name."""
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                folder = self.temporary()
                there, back = Gate(folder / 'there'), Gate(folder / 'back')
                result = perform(Process.Runner(), 'run_parallel', [
                    make_spec('a', f'{there.passing}; echo > {back.path}', ['b', 'nowhere'],
                              timeout=20 * SECOND),
                    make_spec('b', f'echo > {there.path}; {back.passing}', ['a'],
                              timeout=20 * SECOND)])
                self.assertEqual(outcomes(result), [('a', 0, False), ('b', 0, False)])

    def test_max_parallel(self):
        folder = self.temporary()
        gates = [Gate(folder / name) for name in 'abcd']
        specs = [make_spec(gate.path.name, gate.passing, timeout=20 * SECOND) for gate in gates]
        for mode in ('run_all', 'run_parallel'):
            with self.subTest(mode=mode):
                runner, results = Process.Runner(max_parallel=2), []
                log, service = Log(runner), runner.get_service()
                getattr(runner, mode + '_async')(specs, None, lambda source, result:
                                                 results.append(result))
                # A run goes by what it finds when it begins.
                runner.set_max_parallel(0)
                for n_begun, gate in enumerate(gates, 2):
                    self.wait(lambda: len([entry for entry in log if entry[0] == '+'])
                              == min(n_begun, 4))
                    self.wait(lambda: not GLib.MainContext.default().iteration(False))
                    self.assertEqual(len(service.running()), min(2, 6 - n_begun))
                    gate.open()
                    self.wait(lambda: '-' + gate.path.name in log)
                self.wait(lambda: results)
                # Of those that start at once, any may be the first.
                self.assertEqual(sorted(log[:2]), ['+a', '+b'])
                self.assertEqual(log[2:], ['-a', '+c', '-b', '+d', '-c', '-d'])
                # Now all of them, since there is no limit any more.
                getattr(runner, mode + '_async')(specs, None, lambda source, result:
                                                 results.append(result))
                self.wait(lambda: sorted(log[8:]) == ['+a', '+b', '+c', '+d'])
                self.assertEqual(len(service.running()), 4)
                for gate in gates:
                    gate.open()
                self.wait(lambda: len(results) == 2)
                for result in results:
                    self.assertEqual(
                        counts(getattr(runner, mode + '_finish')(result)), (4, 0, 0))

    def test_one_at_a_time(self):
        for perform, mode in itertools.product(FORMS, MODES):
            with self.subTest(perform=perform.__name__, mode=mode):
                runner = Process.Runner(max_parallel=1)
                log = Log(runner)
                perform(runner, mode, [make_spec(name) for name in 'abc'])
                self.assertEqual(log, ['+a', '-a', '+b', '-b', '+c', '-c'])


class Signals(Case):
    def test_around_those_of_the_process(self):
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                service, events = Process.Service(), []
                runner = Process.Runner.new(service)

                def started(_runner, spec, process):
                    events.append((spec.get_name(), process.get_running()))
                    process.connect('output', lambda _process, line, _stream: events.append(line))
                    process.connect('exited', lambda _process, code, *_: events.append(code))

                runner.connect('spec-started', started)
                runner.connect('spec-finished', lambda _runner, result: events.append(
                    (result.get_name(), result.get_exit_code(), result.get_process() is not None)))
                perform(runner, 'run_all', [make_spec('a', 'echo 1; echo 2; exit 4'),
                                            make_spec('b', 'true', ['a'])])
                self.assertEqual(events, [('a', True), '1', '2', 4, ('a', 4, True),
                                          ('b', 0, False)])
                self.assertEqual(service.list(), [], 'what has ended is not listed')

    def test_progress(self):
        specs = [make_spec('a'), make_spec('b', 'exit 1', ['a']), make_spec('c', after=['b']),
                 make_spec('d', after=['nowhere'])]
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                runner, label, events = Process.Runner(), Label(), []
                self.assertEqual(runner.get_progress(), 0)
                runner.bind_property('progress', label, 'fraction')
                runner.connect('notify::progress', lambda runner, _pspec: events.append(
                    runner.props.progress))
                runner.connect('spec-finished', lambda runner, result: events.append(
                    (result.get_name(), runner.get_progress(), label.fraction)))
                for _ in range(2):
                    del events[:]
                    perform(runner, 'run_all', specs)
                    self.assertEqual(events, [
                        0, 0.25, ('d', 0.25, 0.25), 0.5, ('a', 0.5, 0.5),
                        0.75, ('b', 0.75, 0.75), 1, ('c', 1, 1)])
                    self.assertEqual((runner.get_progress(), label.fraction), (1, 1))

    def test_everything_of_a_result_is_told(self):
        runner, told = Process.Runner(), []
        runner.connect('spec-finished', lambda _runner, result: told.append(result))
        result = runner.run_all([make_spec('b', after=['a']), make_spec('a', 'exit 2')])
        self.assertEqual(told, [result[1], result[0]])

    def test_an_exception_in_a_handler(self):
        """…is Python's affair: the run goes on."""
        runner = Process.Runner()

        def fail(*_):
            raise KeyError('in a handler')

        runner.connect('spec-started', fail)
        runner.connect('spec-finished', fail)
        self.assertEqual(counts(runner.run_all([make_spec('a'), make_spec('b')])), (2, 0, 0))
        self.assertEqual(self.exceptions, [KeyError] * 4)


class Failures(Case):
    def assert_error(self, result, code, message, domain=None):
        error = result.get_error()
        self.assertTrue(error.matches(domain or Process.Error.quark(), code), error)
        self.assertIn(message, error.message)
        self.assertFalse(result.get_passed())

    def test_dependents_are_skipped(self):
        specs = [make_spec('bad', 'exit 7'),
                 # Being skipped is not allowed for by this.
                 make_spec('skipped', after=['bad'], allow_failure=True),
                 make_spec('skipped too', after=['skipped']),
                 make_spec('allowed', 'exit 8', allow_failure=True),
                 make_spec('runs', after=['allowed']),
                 make_spec('both', after=['runs', 'bad'])]
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                result = perform(Process.Runner(), 'run_all', specs)
                self.assertEqual(outcomes(result), [
                    ('bad', 7, False), ('skipped', 0, True), ('skipped too', 0, True),
                    ('allowed', 8, False), ('runs', 0, False), ('both', 0, True)])
                self.assertEqual(counts(result), (1, 2, 3))
                self.assertFalse(result.get_success())
                self.assertIsNone(result[0].get_error())
                self.assertIsNone(result[3].get_error())
                for i in (1, 2, 5):
                    self.assert_error(result[i], Process.Error.FAILED, 'because “bad” did not')
                    self.assertIsNone(result[i].get_process())

    def test_sequential_stops(self):
        runner = Process.Runner()
        log = Log(runner)
        result = runner.run_sequential([
            make_spec('a', 'exit 2', allow_failure=True), make_spec('b', 'exit 3'),
            make_spec('c'), make_spec('d')])
        self.assertEqual(log, ['+a', '!a', '+b', '!b', '/c', '/d'])
        self.assertEqual(counts(result), (0, 2, 2))
        self.assert_error(result[3], Process.Error.FAILED, 'because “b” did not')

    def test_parallel_goes_on(self):
        result = Process.Runner().run_parallel([
            make_spec('a', 'exit 2'), make_spec('b', after=['a']), make_spec('c', 'exit 3')])
        self.assertEqual(outcomes(result), [('a', 2, False), ('b', 0, False), ('c', 3, False)])
        self.assertEqual(counts(result), (1, 2, 0))

    def test_missing_and_cycle(self):
        specs = [make_spec('a', after=['b']), make_spec('b', after=['a']),
                 make_spec('lost', after=['nowhere']), make_spec('waits', after=['lost', 'fine']),
                 make_spec('fine')]
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                runner = Process.Runner()
                log = Log(runner)
                result = perform(runner, 'run_all', specs)
                self.assertEqual(outcomes(result), [
                    ('a', 1, False), ('b', 1, False), ('lost', 1, False), ('waits', 1, False),
                    ('fine', 0, False)])
                for i, message in enumerate(('cycle: “a” → “b” → “a”', 'cycle: “b” → “a” → “b”',
                                             '“nowhere”, which is missing', 'waits for “lost”')):
                    self.assert_error(result[i], Process.Error.INVALID_ARGUMENT, message)
                self.assertEqual(log, ['!a', '!b', '!lost', '!waits', '+fine', '-fine'])

    def test_names_that_do_not_fit(self):
        runner = Process.Runner()
        log = Log(runner)
        for name, after, message in (
                (None, [], 'Spec 2 has no name'), ('', [], 'Spec 2 has no name'),
                ('a', [], 'More than one spec has the name “a”'),
                ('b', ['a', ''], 'The spec “b” waits for an empty name'),
                ('b', ['b'], 'The spec “b” waits for itself'),
                ('b', ['a', 'a'], 'The spec “b” waits for “a” more than once')):
            specs = [make_spec('a'), make_spec(name, after=after)]
            for perform, mode in itertools.product(FORMS, MODES):
                with self.subTest(message=message, perform=perform.__name__, mode=mode), \
                        self.fails(Process.Error.INVALID_ARGUMENT, message=message):
                    perform(runner, mode, specs)
        self.wait(lambda: not GLib.MainContext.default().iteration(False))
        self.assertEqual((log, runner.get_progress()), ([], 0))

    def test_what_cannot_be_started(self):
        specs = [Process.RunSpec.new('a', 'no-such-program-at-all', []),
                 make_spec('b', cwd='/no/such/folder'), Process.RunSpec.new('c', None, []),
                 make_spec('d', timeout=-1), make_spec('e', after=['a'])]
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                service = Process.Service()
                result = perform(Process.Runner.new(service), 'run_all', specs)
                self.assertEqual(outcomes(result), [
                    *((name, -1, False) for name in 'abcd'), ('e', 0, True)])
                self.assert_error(result[0], Process.Error.PROGRAM_NOT_FOUND,
                                  '“no-such-program-at-all”')
                self.assert_error(result[1], Process.Error.START_FAILED, '/no/such/folder')
                self.assert_error(result[2], Process.Error.INVALID_ARGUMENT, '')
                self.assert_error(result[3], Process.Error.INVALID_ARGUMENT, '')
                self.assertIsNone(result[0].get_process())
                self.assertEqual(service.list(), [])

    def test_timeout_and_signal(self):
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                runner = Process.Runner()
                runner.connect('spec-started', lambda _runner, spec, process:
                               spec.get_name() == 'shot' and process.send_signal(10))
                result = perform(runner, 'run_all', [
                    make_spec('late', 'exec sleep 60', timeout=SECOND // 20),
                    make_spec('shot', 'exec sleep 60'), make_spec('after', after=['late'])])
                self.assertEqual(outcomes(result), [
                    ('late', -1, False), ('shot', -1, False), ('after', 0, True)])
                self.assert_error(result[0], Process.Error.TIMED_OUT, '')
                self.assert_error(result[1], Process.Error.KILLED, 'SIGUSR1')
                self.assertEqual(result[0].get_process().get_exit_reason(),
                                 Process.ExitReason.TIMED_OUT)

    def test_already_running(self):
        runner, errors = Process.Runner(), []

        def run_again(runner, _result):
            for mode in MODES:
                try:
                    getattr(runner, mode)([], None)
                except GLib.Error as error:
                    errors.append((error.domain, error.code))

        runner.connect('spec-finished', run_again)
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                self.assertEqual(counts(perform(runner, 'run_all', [make_spec('a')])), (1, 0, 0))
                self.assertEqual(errors, [('process-error-quark',
                                           Process.Error.ALREADY_RUNNING)] * 3)
                del errors[:]


class Cancelling(Case):
    def test_cancel(self):
        """`gone` has no grace; `polite` uses its own to end well."""
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                runner, cancellable = Process.Runner(), Gio.Cancellable()
                log, up = Log(runner), []

                def heard(_process, line, _stream):
                    up.append(line)
                    if sorted(up) == ['gone', 'polite']:
                        cancellable.cancel()

                runner.connect('spec-started',
                               lambda _runner, _spec, process: process.connect('output', heard))
                result = perform(runner, 'run_all', [
                    make_spec('done'),
                    make_spec('gone', 'trap "exit 5" TERM; echo gone; while :; do sleep 1; done',
                              ['done']),
                    make_spec('polite', 'trap "exit 6" TERM; echo polite; '
                              'while :; do sleep 0.01; done', ['done'], grace_period=20 * SECOND),
                    make_spec('never', after=['gone']),
                    make_spec('never too', after=['never'])], cancellable)
                self.assertEqual(outcomes(result), [
                    ('done', 0, False), ('gone', -1, False), ('polite', 6, False),
                    ('never', 1, True), ('never too', 1, True)])
                self.assertEqual(counts(result), (1, 2, 2))
                for each in [*result][1:]:
                    self.assertTrue(each.get_error().matches(Gio.io_error_quark(),
                                                             Gio.IOErrorEnum.CANCELLED))
                    self.assertIn('cancelled', each.get_error().message)
                self.assertEqual(sorted(log), sorted([
                    '+done', '-done', '+gone', '!gone', '+polite', '!polite', '/never',
                    '/never too']))
                self.assertEqual(children(), [])

    def test_cancelled_before(self):
        cancelled = Gio.Cancellable()
        cancelled.cancel()
        for perform, mode in itertools.product(FORMS, MODES):
            with self.subTest(perform=perform.__name__, mode=mode):
                runner = Process.Runner()
                log = Log(runner)
                result = perform(runner, mode, [make_spec('a'), make_spec('b')], cancelled)
                self.assertEqual(outcomes(result), [('a', 1, True), ('b', 1, True)])
                self.assertEqual(log, ['/a', '/b'])
                self.assertTrue(result.get_success(), 'nothing has failed')
                self.assertTrue(result.props.success)
                self.assertEqual(runner.get_progress(), 1)

    def test_shutdown_of_the_service(self):
        service, ended = Process.Service(), []
        runner = Process.Runner.new(service)
        runner.connect('spec-started', lambda *_: service.shutdown_async(
            0, None, lambda *_: ended.append(True)))
        result = by_callback(runner, 'run_all', [
            make_spec('a', 'exec sleep 60', allow_failure=True), make_spec('b', after=['a'])])
        self.assertEqual(outcomes(result), [('a', -1, False), ('b', -1, False)])
        self.assertTrue(result[0].get_error().matches(Process.Error.quark(),
                                                      Process.Error.KILLED))
        self.assertTrue(result[1].get_error().matches(Process.Error.quark(),
                                                      Process.Error.NOT_RUNNING))
        self.wait(lambda: ended)


class Lives(Case):
    def test_in_a_thread(self):
        """The signals come to the owner of the service, who is elsewhere."""
        runner, threads = Process.Runner(), []
        log = Log(runner)
        runner.connect('spec-finished', lambda *_: threads.append(threading.get_ident()))
        result = self.in_thread(lambda: runner.run_all(
            [make_spec('a'), make_spec('b', 'exit 2', ['a'])]))
        self.assertEqual(counts(result), (1, 1, 0))
        self.wait(lambda: len(log) == 4)
        self.assertEqual(log, ['+a', '-a', '+b', '!b'])
        self.assertEqual(threads, [threading.get_ident()] * 2)

    def test_owned_by_a_thread(self):
        """A service belongs to the context that was there when it was made."""
        def body():
            context = GLib.MainContext()
            context.push_thread_default()
            try:
                runner, threads, ended = Process.Runner(), [], []
                runner.connect('spec-finished', lambda *_: threads.append(threading.get_ident()))
                runner.run_all([make_spec('a')])
                runner.run_all_async([make_spec('b')], None,
                                     lambda source, result: ended.append(
                                         source.run_all_finish(result).get_success()))
                assert wait_until(lambda: ended, context)
                while context.iteration(False):
                    pass
                return threads == [threading.get_ident()] * 2 and ended == [True]
            finally:
                context.pop_thread_default()

        self.assertTrue(self.in_thread(body))

    def test_a_run_holds_its_runner(self):
        ended = []
        Process.Runner().run_all_async([make_spec('a', 'exit 5')], None, lambda source, result:
                                       ended.append(outcomes(source.run_all_finish(result))))
        gc.collect()
        self.wait(lambda: ended)
        self.assertEqual(ended, [[('a', 5, False)]])

    def test_a_run_goes_by_what_it_found(self):
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                runner, late = Process.Runner(), make_spec('b', 'echo as it was', ['a'])

                def change(_runner, spec, _process):
                    if spec is not late:
                        late.set_name('changed')
                        late.set_command('false')
                        late.set_after(None)

                runner.connect('spec-started', change)
                result = perform(runner, 'run_all', [make_spec('a'), late])
                self.assertEqual(outcomes(result), [('a', 0, False), ('b', 0, False)])
                self.assertEqual(result[1].get_output(), 'as it was\n')
                self.assertIs(result[1].get_spec(), late)

    def test_without_a_callback(self):
        folder = self.temporary()
        runner = Process.Runner()
        log = Log(runner)
        runner.run_parallel_async([make_spec('a', 'echo > made', cwd=str(folder))], None, None)
        self.wait(lambda: log == ['+a', '-a'])
        self.assertTrue((folder / 'made').exists())

    def test_again_in_the_callback(self):
        runner, results = Process.Runner(), []

        def ended(runner, result):
            results.append(counts(runner.run_all_finish(result)))
            if len(results) < 3:
                runner.run_all_async([make_spec('a')], None, ended)

        runner.run_all_async([make_spec('a')], None, ended)
        self.wait(lambda: len(results) == 3)
        self.assertEqual(results, [(1, 0, 0)] * 3)

    def test_runners_share_a_service(self):
        service, results = Process.Service(), {}
        logs = []
        for name in 'abc':
            runner = Process.Runner.new(service)
            logs.append(Log(runner))
            runner.run_all_async(
                [make_spec(name + str(i), after=[name + str(i - 1)] if i else []) for i in
                 range(5)], None, lambda source, result, name: results.update(
                     {name: counts(source.run_all_finish(result))}), name)
        self.wait(lambda: len(results) == 3)
        self.assertEqual(results, dict.fromkeys('abc', (5, 0, 0)))
        for name, log in zip('abc', logs):
            self.assertEqual(log, [mark + name + str(i) for i in range(5) for mark in '+-'])

    def test_collection_in_between(self):
        runner = Process.Runner()
        runner.connect('spec-started', lambda *_: gc.collect() and None)
        runner.connect('spec-finished', lambda *_: gc.collect() and None)
        names = [str(i) for i in range(30)]
        for perform in FORMS:
            with self.subTest(perform=perform.__name__):
                result = perform(runner, 'run_all',
                                 [make_spec(name, f'echo {name}') for name in names])
                self.assertEqual([each.get_output().strip() for each in result], names)


class Surroundings(Case):
    def test_standard_input_and_group(self):
        result = Process.Runner().run_all([
            Process.RunSpec.new('stdin', 'cat', None),
            make_spec('group', 'cut -d" " -f5 /proc/self/stat')])
        self.assertEqual(counts(result), (2, 0, 0))
        self.assertEqual(result[0].get_output(), '')
        self.assertEqual(int(result[1].get_output()), result[1].get_process().get_pid())

    def test_arguments_are_not_for_a_shell(self):
        result = Process.Runner().run_all([
            Process.RunSpec.new('a', 'printf', ['%s|', '$HOME', 'a b', '', '“ü”'])])
        self.assertEqual(result[0].get_output(), '$HOME|a b||“ü”|')

    def test_files_of_any_name(self):
        """Paths may hold what is no text."""
        folder = self.temporary() / os.fsdecode(b'\xff')
        folder.mkdir()
        spec = make_spec('a', 'echo > made')
        spec.set_cwd(str(folder))
        self.assertEqual(spec.get_cwd(), str(folder))
        result = Process.Runner().run_all([spec])
        self.assertEqual(counts(result), (1, 0, 0))
        self.assertTrue(pathlib.Path(folder, 'made').exists())
        self.assertIn('\ufffd', json.loads(result.to_json())['results'][0]['spec']['dir'])


if __name__ == '__main__':
    main()
