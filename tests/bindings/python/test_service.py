#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The service: starting, running, the list, the actions, the end."""

import gc
import signal
import threading
import unittest

from support import ECHO, SECOND, Case, Events, GLib, Process, is_alive, main, wait_until
from gi.repository import Gio


class Starting(Case):
    def test_start(self):
        service = Process.Service()
        self.assertEqual(service.get_buffer_size(), Process.DEFAULT_BUFFER_SIZE)
        process = service.start('sh', ['-c', 'echo out; echo err >&2; exit 3'], None)
        self.assertEqual(process.get_command(), 'sh')
        self.assertEqual(process.get_args(), ['-c', 'echo out; echo err >&2; exit 3'])
        self.assertGreater(process.get_pid(), 0)
        self.assertTrue(process.get_id())
        self.assertEqual(service.get(process.get_id()), process)
        self.wait_end(process)
        self.assertEqual(process.get_exit_code(), 3)
        self.assertEqual(process.get_status(), Process.Status.EXITED)
        self.assertEqual(process.get_exit_reason(), Process.ExitReason.EXITED)
        self.assertEqual(sorted(process.get_output().split()), ['err', 'out'])
        self.assertEqual(service.get_output(process.get_id()), process.get_output())

    def test_arguments_may_be_left_out(self):
        service = Process.Service()
        process = service.start('true')
        self.wait_end(process)
        self.assertEqual(process.get_args(), [])
        self.assertEqual(service.run('echo', ['a', 'b']), 'a b\n')

    def test_options_by_keyword(self):
        folder = self.temporary()
        service = Process.Service()
        output = service.run_with_options(
            Process.RunOptions(command='sh', args=['-c', 'pwd; echo "$KEY"; cat'],
                               cwd=str(folder), env=['KEY=value'],
                               input=GLib.Bytes.new(b'fed')), None)
        self.assertEqual(output, f'{folder}\nvalue\nfed')

    def test_environment(self):
        service = Process.Service()
        GLib.setenv('PROCESS_TEST_KEPT', 'yes', True)
        self.addCleanup(GLib.unsetenv, 'PROCESS_TEST_KEPT')
        script = 'echo "${PROCESS_TEST_KEPT-unset}"'
        for env, clear, expected in (([], False, 'yes'), (['PROCESS_TEST_KEPT'], False, 'unset'),
                                     (['PROCESS_TEST_KEPT=no'], False, 'no'), ([], True, 'unset')):
            with self.subTest(env=env, clear=clear):
                options = Process.RunOptions(command='/bin/sh', args=['-c', script],
                                             env=env, clear_env=clear)
                self.assertEqual(service.run_with_options(options, None), expected + '\n')

    def test_refused_starts_are_not_listed(self):
        service = Process.Service()
        events = Events().listen(service, 'started', 'exited')
        with self.fails(Process.Error.INVALID_ARGUMENT):
            service.start('', [], None)
        cancelled = Gio.Cancellable()
        cancelled.cancel()
        with self.fails(Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark()):
            service.start('true', [], cancelled)
        self.assertEqual(len(service), 0)
        self.wait(lambda: not GLib.MainContext.default().pending())
        self.assertEqual(events, [])

    def test_failed_starts_are_listed(self):
        service = Process.Service()
        events = Events().listen(service, 'started', 'exited')
        with self.fails(Process.Error.PROGRAM_NOT_FOUND, message='“no-such-program-at-all”'):
            service.start('no-such-program-at-all', [], None)
        with self.fails(Process.Error.START_FAILED, message='/no/such/folder'):
            service.start_with_options(
                Process.RunOptions(command='true', cwd='/no/such/folder'), None)
        self.wait(lambda: len(events) == 2)
        self.assertEqual(events.names(), ['exited', 'exited'])
        self.assertEqual([code for code, *_ in events.of('exited')], [-1, -1])
        self.assertTrue(events[0][3].matches(Process.Error.quark(),
                                             Process.Error.PROGRAM_NOT_FOUND))
        self.assertEqual([process.get_status() for process in service],
                         [Process.Status.FAILED] * 2)
        self.assertEqual([process.get_exit_reason() for process in service.list()],
                         [Process.ExitReason.START_FAILED] * 2)
        with self.fails(Process.Error.PROGRAM_NOT_FOUND):
            service[0].wait(None)
        self.assertEqual(service[0].get_pid(), 0)


class Running(Case):
    def test_success_leaves_the_list(self):
        service = Process.Service()
        self.assertEqual(service.run('printf', ['a\\n b'], None), 'a\n b')
        self.assertEqual(service.list(), [])

    def test_failure_stays_and_says_why(self):
        service = Process.Service()
        with self.fails(Process.Error.NON_ZERO_EXIT, message='the last line') as caught:
            service.run('sh', ['-c', 'echo first >&2; echo the last line >&2; exit 7'], None)
        process, = service.list()
        self.assertIn(process.get_id(), caught.exception.message)
        self.assertTrue(caught.exception.message.endswith('the last line'))
        self.assertEqual(process.get_exit_code(), 7)

    def test_errors_by_code(self):
        service = Process.Service()
        with self.fails(Process.Error.KILLED, message='SIGTERM'):
            service.run('sh', ['-c', 'kill -TERM $$'], None)
        with self.fails(Process.Error.TIMED_OUT):
            service.run_with_options(
                Process.RunOptions(command='sleep', args=['60'], timeout=SECOND // 20), None)
        with self.fails(Process.Error.TIMED_OUT):
            # Answering the stop signal nicely changes nothing about the reason.
            service.run_with_options(Process.RunOptions(
                command='sh', args=['-c', 'trap "exit 0" TERM; while :; do read x; done'],
                stdin_mode=Process.StdinMode.PIPE, timeout=2 * SECOND,
                grace_period=20 * SECOND), None)
        last = service.list()[-1]
        self.assertEqual(last.get_exit_reason(), Process.ExitReason.TIMED_OUT)
        self.assertEqual(last.get_status(), Process.Status.EXITED)
        self.assertEqual(last.get_exit_code(), 0)
        with self.fails(Process.Error.PROGRAM_NOT_FOUND):
            service.run('no-such-program-at-all', [], None)
        with self.fails(Process.Error.INVALID_ARGUMENT):
            service.run('', [], None)

    def test_callback(self):
        service = Process.Service()
        results = []
        service.run_async('echo', ['hello'], None,
                          lambda source, result: results.append(source.run_finish(result)))
        service.run_with_options_async(
            Process.RunOptions(command='echo', args=['options']), None,
            lambda source, result, data: results.append(
                source.run_with_options_finish(result) + data), 'data')
        self.wait(lambda: len(results) == 2)
        self.assertEqual(sorted(results), ['hello\n', 'options\ndata'])

    def test_callback_error(self):
        service = Process.Service()
        errors = []
        service.run_async('false', [], None, self.ended_with(errors), 'run_finish')
        self.wait(lambda: errors)
        self.assertEqual(errors, [('process-error-quark', Process.Error.NON_ZERO_EXIT)])

    def test_cancel_ends_what_runs(self):
        service = Process.Service()
        cancellable = Gio.Cancellable()
        errors = []
        service.run_async('sleep', ['60'], cancellable, self.ended_with(errors), 'run_finish')
        process, = service.list()
        cancellable.cancel()
        self.wait(lambda: errors)
        self.assertEqual(errors, [('g-io-error-quark', Gio.IOErrorEnum.CANCELLED)])
        self.assertEqual(process.get_exit_reason(), Process.ExitReason.CANCELLED)
        self.assertFalse(is_alive(process.get_pid()))

    def test_order_of_merged_streams(self):
        service = Process.Service()
        script = 'i=0; while [ $i -lt 50 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done'
        output = service.run_with_options(
            Process.RunOptions(command='sh', args=['-c', script], merge_stderr=True), None)
        self.assertEqual(output.split(), [f'{kind}{i}' for i in range(50) for kind in 'oe'])

    def test_blocking_run_in_a_thread(self):
        service = Process.Service()
        self.assertEqual(self.in_thread(lambda: service.run('echo', ['far'], None)), 'far\n')

    def test_many_threads(self):
        service = Process.Service()
        outputs = {}

        def body(i):
            outputs[i] = service.run('echo', [str(i)], None)

        threads = [threading.Thread(target=body, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        self.wait(lambda: not any(thread.is_alive() for thread in threads))
        self.assertEqual(outputs, {i: f'{i}\n' for i in range(16)})


class Listing(Case):
    def test_list_model(self):
        service = Process.Service()
        changes = []
        service.connect('items-changed', lambda model, *change: changes.append(change))
        self.assertTrue(issubclass(Process.Service, Gio.ListModel))
        self.assertEqual(service.get_item_type(), Process.ManagedProcess.__gtype__)
        first = service.start('cat', [], None)
        second = service.start('cat', [], None)
        self.assertEqual(service.list(), [first, second])
        self.assertEqual(service.running(), [first, second])
        self.wait(lambda: len(service) == 2)
        self.assertEqual(changes, [(0, 0, 1), (1, 0, 1)])
        self.assertEqual(list(service), [first, second])
        self.assertEqual(service[0], first)
        self.assertEqual(service[-1], second)
        self.assertIn(second, service)
        self.assertIsNone(service.get_item(2))
        self.assertEqual(service.get_n_items(), 2)
        self.assertEqual(service.get_property('n-items'), 2)
        first.close_stdin()
        self.wait_end(first)
        self.assertEqual(service.running(), [second])
        service.remove(first.get_id())
        self.assertEqual(service.list(), [second])
        self.wait(lambda: len(service) == 1)
        self.assertEqual(changes[2:], [(0, 1, 0)])
        with self.fails(Process.Error.STILL_RUNNING):
            service.remove(second.get_id())
        service.clear()
        self.assertEqual(service.list(), [second])
        second.kill()
        self.wait_end(second)
        service.clear()
        self.assertEqual(service.list(), [])

    def test_forgets_handlers_that_know_it(self):
        service, counts = Process.Service(), []
        process = service.start('true', [])
        process.connect('exited', lambda *_: counts.append(service.get_n_running()))
        self.wait_end(process)
        self.assertEqual(counts, [0])
        service.clear()

    def test_n_running(self):
        service = Process.Service()
        counts = []
        service.connect('notify::n-running',
                        lambda source, _pspec: counts.append(source.get_n_running()))
        processes = [service.start('cat', [], None) for _ in range(3)]
        self.wait(lambda: service.get_n_running() == 3)
        for process in processes:
            service.close_stdin(process.get_id())
        self.wait(lambda: service.get_n_running() == 0)
        self.assertTrue(counts)
        self.assertEqual(counts[-1], 0)
        self.assertEqual(max(counts), 3)

    def test_history(self):
        service = Process.Service.new()
        self.assertEqual(service.get_max_history(), 0, 'all are kept')
        service.set_max_history(2)
        self.assertEqual(service.get_max_history(), 2)
        processes = [service.start('true', [], None) for _ in range(5)]
        for process in processes:
            self.wait_end(process)
        self.wait(lambda: len(service) == 2)
        self.assertEqual(len(service.list()), 2)

    def test_unknown_id(self):
        service = Process.Service()
        for call in (service.get, service.kill, service.close_stdin, service.get_output,
                     service.remove):
            with self.fails(Process.Error.NOT_FOUND, message='“nobody”'):
                call('nobody')
        with self.fails(Process.Error.NOT_FOUND):
            service.send_input('nobody', 'text')
        with self.fails(Process.Error.NOT_FOUND):
            service.send_signal('nobody', signal.SIGTERM)

    def test_by_id(self):
        service = Process.Service()
        events = Events().listen(service, 'output', 'killed', 'exited')
        process = service.start('sh', ECHO, None)
        service.send_input(process.get_id(), 'one\ntwo\n')
        self.wait(lambda: len(events) == 2)
        self.assertEqual(events, [('output', 'one', Process.Stream.STDOUT),
                                  ('output', 'two', Process.Stream.STDOUT)])
        service.send_signal(process.get_id(), 0)
        service.send_signal(process.get_id(), signal.SIGUSR1)
        self.wait_end(process)
        self.assertEqual(events.names()[2:], ['killed', 'exited'])
        self.assertEqual(events.of('killed'), [('SIGUSR1',)])
        service.kill(process.get_id())


class Actions(Case):
    def call(self, service, name, **parameters):
        return service.call_action(name, GLib.Variant('a{sv}', parameters), None)

    def test_call_action(self):
        service = Process.Service()
        output = self.call(service, 'process.run', command=GLib.Variant('s', 'sh'),
                           args=GLib.Variant('as', ['-c', 'cat; echo "$A"']),
                           input=GLib.Variant('ay', b'fed '), env=GLib.Variant('as', ['A=b']),
                           timeout=GLib.Variant('x', 20 * SECOND))
        self.assertEqual(output.get_type_string(), 's')
        self.assertEqual(output.unpack(), 'fed b\n')
        identifier = self.call(service, 'process.start', command=GLib.Variant('s', 'cat')).unpack()
        listed = self.call(service, 'process.list', **{'running-only': GLib.Variant('b', True)})
        self.assertEqual(listed.get_type_string(), 'aa{sv}')
        self.assertEqual([entry['id'] for entry in listed.unpack()], [identifier])
        entry = self.call(service, 'process.get', id=GLib.Variant('s', identifier)).unpack()
        self.assertEqual(entry['command'], 'cat')
        self.assertIs(entry['running'], True)
        self.assertEqual(entry['pid'], service.get(identifier).get_pid())
        killed = self.call(service, 'process.kill', id=GLib.Variant('s', identifier))
        self.assertEqual(killed.unpack(), True)
        self.wait_end(service.get(identifier))
        listed = self.call(service, 'process.list', **{'running-only': GLib.Variant('b', True)})
        self.assertEqual(listed.unpack(), [])

    def test_call_action_async(self):
        service = Process.Service()
        results = []
        service.call_action_async(
            'process.run', GLib.Variant('a{sv}', {'command': GLib.Variant('s', 'pwd'),
                                                  'cwd': GLib.Variant('s', '/')}), None,
            lambda source, result: results.append(source.call_action_finish(result).unpack()))
        self.wait(lambda: results)
        self.assertEqual(results, ['/\n'])

    def test_bad_calls(self):
        service = Process.Service()
        for name, parameters, culprit in (
                ('process.dance', {}, 'process.dance'),
                ('process.run', {}, 'command'),
                ('process.run', {'command': GLib.Variant('i', 1)}, 'command'),
                ('process.run', {'command': GLib.Variant('s', 'ls'),
                                 'colour': GLib.Variant('s', 'red')}, 'colour'),
                ('process.start', {'command': GLib.Variant('s', 'ls'),
                                   'stdin-mode': GLib.Variant('s', 'sideways')}, 'stdin-mode'),
                ('process.kill', {}, 'id')):
            with self.subTest(name=name, parameters=parameters):
                with self.fails(Process.Error.INVALID_ARGUMENT, message=culprit):
                    self.call(service, name, **parameters)
        with self.fails(Process.Error.NOT_FOUND):
            self.call(service, 'process.get', id=GLib.Variant('s', 'nobody'))
        self.assertEqual(service.list(), [])

    def test_action_group(self):
        service = Process.Service()
        self.assertEqual(sorted(service.list_actions()),
                         ['clear', 'kill', 'remove', 'run', 'shutdown', 'start'])
        self.assertEqual(service.get_action_parameter_type('kill').dup_string(), 's')
        self.assertEqual(service.get_action_parameter_type('start').dup_string(), 'a{sv}')
        self.assertTrue(service.get_action_enabled('kill'))
        service.activate_action('start', GLib.Variant('a{sv}', {
            'command': GLib.Variant('s', 'cat')}))
        self.wait(lambda: len(service.list()) == 1)
        process, = service.list()
        service.activate_action('kill', GLib.Variant('s', process.get_id()))
        self.wait_end(process)
        self.assertEqual(process.get_exit_reason(), Process.ExitReason.KILLED)
        service.activate_action('remove', GLib.Variant('s', process.get_id()))
        self.wait(lambda: service.list() == [])
        process = service.start('true', [], None)
        self.wait_end(process)
        service.activate_action('clear', None)
        self.wait(lambda: service.list() == [])


class Ending(Case):
    def test_shutdown(self):
        service = Process.Service()
        polite = service.start('cat', [], None)
        stubborn = service.start('sh', ['-c', 'trap "" TERM; echo up; while :; do read x; done'],
                                 None)
        up = Events().listen(stubborn, 'output')
        self.wait(lambda: up)
        service.shutdown(SECOND // 5, None)
        self.assertEqual(service.running(), [])
        self.assertEqual(polite.get_term_signal(), signal.SIGTERM)
        self.assertEqual(stubborn.get_term_signal(), signal.SIGKILL)
        self.assertEqual({process.get_exit_reason() for process in service},
                         {Process.ExitReason.KILLED})
        with self.fails(Process.Error.NOT_RUNNING):
            service.start('true', [], None)
        self.assertEqual(len(service.list()), 2)

    def test_shutdown_async(self):
        service = Process.Service()
        processes = [service.start('cat', [], None) for _ in range(3)]
        done = []
        service.shutdown_async(0, None,
                               lambda source, result: done.append(source.shutdown_finish(result)))
        self.wait(lambda: done)
        self.assertEqual(done, [True])
        self.assertFalse(any(is_alive(process.get_pid()) for process in processes))

    def test_last_reference_inside_a_handler(self):
        kept = {'service': Process.Service()}
        events = Events()
        gone = []

        def ended(_process, code, _duration, error):
            kept.clear()
            gc.collect()
            events.append((code, error))

        process = kept['service'].start('true', [], None)
        process.connect('exited', ended)
        process.weak_ref(gone.append, True)
        del process
        gc.collect()
        self.wait(lambda: events)
        self.assertEqual(events, [(0, None)])
        del ended
        self.wait(lambda: gc.collect() is not None and gone)

    def test_collection_does_not_decide_who_dies(self):
        events = Events()
        service = Process.Service()
        process = service.start('sh', ['-c', 'read x; exit 4'], None)
        events.listen(process, 'exited')
        process.send_input('go\n')
        del process, service
        gc.collect()
        self.wait(lambda: events)
        self.assertEqual(events.of('exited')[0][0], 4)

    def test_dispose_ends_what_runs(self):
        service = Process.Service()
        process = service.start('cat', [], None)
        detached = service.start_with_options(
            Process.RunOptions(command='cat', detach=True), None)
        service.run_dispose()
        self.wait(lambda: not is_alive(process.get_pid()))
        self.assertTrue(is_alive(detached.get_pid()))
        detached.kill()
        self.wait(lambda: not is_alive(detached.get_pid()))

    def test_collection_in_between(self):
        service = Process.Service()
        seen = []
        service.connect('output', lambda _service, process, line, _stream: seen.append(line))
        for i in range(30):
            service.start('echo', [str(i)], None)
            gc.collect()
            GLib.MainContext.default().iteration(False)
        self.wait(lambda: len(seen) == 30)
        self.assertEqual(sorted(map(int, seen)), list(range(30)))
        self.wait(lambda: service.get_n_running() == 0)

    def test_service_of_another_thread(self):
        """A service belongs to the context of the thread that made it."""
        threads = set()
        result = {}

        def body():
            context = GLib.MainContext()
            context.push_thread_default()
            try:
                service = Process.Service()
                ended = []
                service.connect('output', lambda *_: threads.add(threading.get_ident()))
                service.connect('exited', lambda *_: ended.append(
                    threads.add(threading.get_ident())))
                process = service.start('sh', ['-c', 'echo a; echo b'], None)
                result['ended'] = wait_until(lambda: ended, context)
                result['output'] = process.get_output()
                result['run'] = service.run('echo', ['c'], None)
                result['thread'] = threading.get_ident()
                del process, service
                gc.collect()
                while context.iteration(False):
                    pass
            finally:
                context.pop_thread_default()

        # Nobody iterates the default context meanwhile.
        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        self.assertTrue(result['ended'])
        self.assertEqual(result['output'], 'a\nb\n')
        self.assertEqual(result['run'], 'c\n')
        self.assertEqual(threads, {result['thread']})


if __name__ == '__main__':
    main()
