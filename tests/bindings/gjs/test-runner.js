// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Pipelines: the runner, and what it does with specs.

import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    BIDIRECTIONAL, MODES, Gate, Label, assertResult, byCallback, counts, logOf, makeSpec,
    outcomes, testBoth,
} from './pipelines.js';
import {
    PLAIN, SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, children,
    drain, exists, isAlive, listen, main, read, test, toArray, wait, withFolder,
} from './support.js';

const CANCELLED = Gio.IOErrorEnum.CANCELLED;

// Runners

test('on a service', () => {
    const service = new Process.Service();
    for (const runner of [Process.Runner.new(service), new Process.Runner({service})]) {
        assert(runner.service === service);
        assert(runner.get_service() === service);
        assertEqual(runner.run_all([makeSpec('a')], null).success, true);
    }
    assertThrows(() => Process.Runner.new(null));
});

test('without a service', () => {
    const [first, second] = [new Process.Runner(), new Process.Runner({maxParallel: 4})];
    assert(first.service instanceof Process.Service);
    assert(first.service !== second.service);
    assertEqual([first.max_parallel, second.max_parallel], [0, 4]);
    assertEqual(outcomes(first.run_all([makeSpec('a', 'exit 3')], null)), [['a', 3, false]]);
});

test('max-parallel as a property', () => {
    const [runner, label] = [new Process.Runner(), new Label()];
    const notified = listen(runner, 'notify::max-parallel');
    runner.bind_property('max-parallel', label, 'number', BIDIRECTIONAL);
    runner.set_max_parallel(3);
    runner.max_parallel = 3;
    assertEqual([runner.get_max_parallel(), label.number, notified.length], [3, 3, 1]);
    label.number = 5;
    assertEqual(runner.maxParallel, 5);
});

test('what a run refuses', () => {
    const runner = new Process.Runner();
    for (const specs of [['a'], 'a', null, [null], [new Process.Service()], [{name: 'a'}]])
        assertThrows(() => runner.run_all(specs, null));
    assertEqual(counts(runner.run_all([makeSpec('a')], null)), [1, 0, 0]);
});

// Order

// Each child needs what those before it have left behind.
testBoth('run_all goes by the order', perform => withFolder(cwd => {
    const gate = new Gate(`${cwd}/gate`);
    const runner = new Process.Runner();
    const log = logOf(runner);
    const before = [];
    runner.connect('spec-started', (_runner, {name}) => {
        if (name === 'top') {
            before.push([exists(`${cwd}/top`), [...log], runner.service.running().length]);
            gate.open();
        }
    });
    const result = perform(runner, 'run_all', [
        makeSpec('bottom', 'cat left right > bottom', ['left', 'right'], {cwd}),
        makeSpec('right', 'cat top > right', ['top'], {cwd}),
        makeSpec('left', 'cat top > left', ['top'], {cwd}),
        makeSpec('top', `${gate.passing}; echo done > top`, [], {cwd, timeout: 20 * SECOND}),
    ]);
    assertEqual(before, [[false, ['+top'], 1]]);
    assertEqual(outcomes(result), [['bottom', 0, false], ['right', 0, false], ['left', 0, false],
        ['top', 0, false]]);
    assertEqual(log.slice(0, 2), ['+top', '-top']);
    assertEqual(log.slice(2, -2).sort(), ['+left', '+right', '-left', '-right']);
    assertEqual(log.slice(-2), ['+bottom', '-bottom']);
    assertEqual(read(`${cwd}/bottom`), 'done\ndone\n');
}));

// What `c` opens lets `b` end, which began before it.
testBoth('run_all has no barrier', perform => withFolder(folder => {
    const gate = new Gate(`${folder}/gate`);
    const result = perform(new Process.Runner(), 'run_all', [
        makeSpec('a'), makeSpec('b', gate.passing, [], {timeout: 20 * SECOND}),
        makeSpec('c', `echo > ${gate.path}`, ['a'], {timeout: 20 * SECOND}),
    ]);
    assertEqual(counts(result), [3, 0, 0]);
}));

// In the order of the array, whatever they wait for.
testBoth('run_sequential', perform => withFolder(cwd => {
    const runner = new Process.Runner();
    const log = logOf(runner);
    const result = perform(runner, 'run_sequential', [
        makeSpec('a', 'echo a > a', ['c', 'nowhere'], {cwd}),
        makeSpec('b', 'cat a > b', [], {cwd}), makeSpec('c', 'cat b > c', ['a'], {cwd}),
    ]);
    assertEqual(counts(result), [3, 0, 0]);
    assertEqual(log, ['+a', '-a', '+b', '-b', '+c', '-c']);
    assertEqual(read(`${cwd}/c`), 'a\n');
}));

// Each waits for the other to come, whatever they wait for by name.
testBoth('run_parallel', perform => withFolder(folder => {
    const [there, back] = [new Gate(`${folder}/there`), new Gate(`${folder}/back`)];
    const result = perform(new Process.Runner(), 'run_parallel', [
        makeSpec('a', `${there.passing}; echo > ${back.path}`, ['b', 'nowhere'],
            {timeout: 20 * SECOND}),
        makeSpec('b', `echo > ${there.path}; ${back.passing}`, ['a'], {timeout: 20 * SECOND}),
    ]);
    assertEqual(outcomes(result), [['a', 0, false], ['b', 0, false]]);
}));

test('max-parallel', () => withFolder(folder => {
    const gates = ['a', 'b', 'c', 'd'].map(name => new Gate(`${folder}/${name}`));
    const specs = gates.map(({path, passing}) => makeSpec(path.at(-1), passing, [],
        {timeout: 20 * SECOND}));
    for (const mode of ['run_all', 'run_parallel']) {
        const runner = new Process.Runner({max_parallel: 2});
        const log = logOf(runner);
        const results = [];
        const start = () => runner[`${mode}_async`](specs, null, (source, result) =>
            results.push(counts(source[`${mode}_finish`](result))));
        start();
        // A run goes by what it finds when it begins.
        runner.max_parallel = 0;
        for (const [i, gate] of gates.entries()) {
            const n_begun = Math.min(i + 2, 4);
            wait(() => log.filter(([mark]) => mark === '+').length === n_begun);
            drain();
            assertEqual(runner.service.running().length, n_begun - i);
            gate.open();
            wait(() => log.includes(`-${gate.path.at(-1)}`));
        }
        wait(() => results.length === 1);
        // Of those that start at once, any may be the first.
        assertEqual(log.slice(0, 2).sort(), ['+a', '+b']);
        assertEqual(log.slice(2), ['-a', '+c', '-b', '+d', '-c', '-d']);
        // Now all of them, since there is no limit any more.
        start();
        wait(() => log.slice(8).sort().join() === '+a,+b,+c,+d');
        assertEqual(runner.service.running().length, 4);
        gates.forEach(gate => gate.open());
        wait(() => results.length === 2);
        assertEqual(results, [[4, 0, 0], [4, 0, 0]]);
    }
}));

testBoth('one at a time', perform => {
    for (const mode of MODES) {
        const runner = new Process.Runner({max_parallel: 1});
        const log = logOf(runner);
        perform(runner, mode, ['a', 'b', 'c'].map(name => makeSpec(name)));
        assertEqual(log, ['+a', '-a', '+b', '-b', '+c', '-c']);
    }
});

// Signals

testBoth('signals around those of the process', perform => {
    const service = new Process.Service();
    const runner = Process.Runner.new(service);
    const events = [];
    runner.connect('spec-started', (_runner, {name}, process) => {
        events.push([name, process.running]);
        process.connect('output', (_process, line) => events.push(line));
        process.connect('exited', (_process, code) => events.push(code));
    });
    runner.connect('spec-finished', (source, result) =>
        events.push([source === runner, result.name, result.exit_code]));
    perform(runner, 'run_all',
        [makeSpec('a', 'echo 1; echo 2; exit 4'), makeSpec('b', 'true', ['a'])]);
    assertEqual(events, [['a', true], '1', '2', 4, [true, 'a', 4], [true, 'b', 0]]);
    assertEqual(service.list(), []);
});

testBoth('progress', perform => {
    const specs = [makeSpec('a'), makeSpec('b', 'exit 1', ['a']), makeSpec('c', 'true', ['b']),
        makeSpec('d', 'true', ['nowhere'])];
    const [runner, label] = [new Process.Runner(), new Label()];
    let events = [];
    assertEqual(runner.progress, 0);
    runner.bind_property('progress', label, 'fraction', GObject.BindingFlags.DEFAULT);
    runner.connect('notify::progress', source => events.push(source.progress));
    runner.connect('spec-finished', (source, {name}) =>
        events.push([name, source.get_progress(), label.fraction]));
    for (let i = 0; i < 2; i++) {
        events = [];
        perform(runner, 'run_all', specs);
        assertEqual(events, [0, 0.25, ['d', 0.25, 0.25], 0.5, ['a', 0.5, 0.5],
            0.75, ['b', 0.75, 0.75], 1, ['c', 1, 1]]);
        assertEqual([runner.progress, label.fraction], [1, 1]);
    }
});

test('a result is told as it is returned', () => {
    const runner = new Process.Runner();
    const told = [];
    runner.connect('spec-finished', (_runner, result) => told.push(result));
    const result = runner.run_all([makeSpec('b', 'true', ['a']), makeSpec('a', 'exit 2')], null);
    assert(told.length === 2 && told[0] === result.get_item(1) && told[1] === result.get_item(0));
});

// Failures

testBoth('dependents are skipped', perform => {
    const result = perform(new Process.Runner(), 'run_all', [
        makeSpec('bad', 'exit 7'),
        // Being skipped is not allowed for by this.
        makeSpec('skipped', 'true', ['bad'], {allow_failure: true}),
        makeSpec('skipped too', 'true', ['skipped']),
        makeSpec('allowed', 'exit 8', [], {allow_failure: true}),
        makeSpec('runs', 'true', ['allowed']),
        makeSpec('both', 'true', ['runs', 'bad']),
    ]);
    assertEqual(outcomes(result), [['bad', 7, false], ['skipped', 0, true],
        ['skipped too', 0, true], ['allowed', 8, false], ['runs', 0, false], ['both', 0, true]]);
    assertEqual([counts(result), result.success], [[1, 2, 3], false]);
    const each = toArray(result);
    assertEqual([each[0].error, each[3].error], [null, null]);
    for (const i of [1, 2, 5]) {
        assertResult(each[i], Process.Error.FAILED, 'because “bad” did not');
        assertEqual(each[i].process, null);
    }
});

testBoth('run_sequential stops', perform => {
    const runner = new Process.Runner();
    const log = logOf(runner);
    const result = perform(runner, 'run_sequential', [
        makeSpec('a', 'exit 2', [], {allow_failure: true}), makeSpec('b', 'exit 3'),
        makeSpec('c'), makeSpec('d'),
    ]);
    assertEqual(log, ['+a', '!a', '+b', '!b', '/c', '/d']);
    assertEqual(counts(result), [0, 2, 2]);
    assertResult(result.get_item(3), Process.Error.FAILED, 'because “b” did not');
});

testBoth('run_parallel goes on', perform => {
    const result = perform(new Process.Runner(), 'run_parallel', [
        makeSpec('a', 'exit 2'), makeSpec('b', 'true', ['a']), makeSpec('c', 'exit 3'),
    ]);
    assertEqual(outcomes(result), [['a', 2, false], ['b', 0, false], ['c', 3, false]]);
    assertEqual(counts(result), [1, 2, 0]);
});

testBoth('missing names and cycles', perform => {
    const runner = new Process.Runner();
    const log = logOf(runner);
    const result = perform(runner, 'run_all', [
        makeSpec('a', 'true', ['b']), makeSpec('b', 'true', ['a']),
        makeSpec('lost', 'true', ['nowhere']), makeSpec('waits', 'true', ['lost', 'fine']),
        makeSpec('fine'),
    ]);
    assertEqual(outcomes(result), [['a', 1, false], ['b', 1, false], ['lost', 1, false],
        ['waits', 1, false], ['fine', 0, false]]);
    ['cycle: “a” → “b” → “a”', 'cycle: “b” → “a” → “b”', '“nowhere”, which is missing',
        'waits for “lost”'].forEach((message, i) =>
        assertResult(result.get_item(i), Process.Error.INVALID_ARGUMENT, message));
    assertEqual(log, ['!a', '!b', '!lost', '!waits', '+fine', '-fine']);
});

testBoth('names that do not fit', perform => {
    const runner = new Process.Runner();
    const log = logOf(runner);
    for (const [name, after, message] of [
        [null, [], 'Spec 2 has no name'],
        ['', [], 'Spec 2 has no name'],
        ['a', [], 'More than one spec has the name “a”'],
        ['b', ['a', ''], 'The spec “b” waits for an empty name'],
        ['b', ['b'], 'The spec “b” waits for itself'],
        ['b', ['a', 'a'], 'The spec “b” waits for “a” more than once'],
    ]) {
        const specs = [makeSpec('a'), makeSpec(name, 'true', after)];
        for (const mode of MODES) {
            assertFails(() => perform(runner, mode, specs), Process.Error.INVALID_ARGUMENT,
                {message});
        }
    }
    drain();
    assertEqual([log, runner.progress], [[], 0]);
});

testBoth('what cannot be started', perform => {
    const service = new Process.Service();
    const result = perform(Process.Runner.new(service), 'run_all', [
        Process.RunSpec.new('a', 'no-such-program-at-all', []),
        makeSpec('b', 'true', [], {cwd: '/no/such/folder'}), Process.RunSpec.new('c', null, []),
        makeSpec('d', 'true', [], {timeout: -1}), makeSpec('e', 'true', ['a']),
    ]);
    assertEqual(outcomes(result), [['a', -1, false], ['b', -1, false], ['c', -1, false],
        ['d', -1, false], ['e', 0, true]]);
    const [a, b, c, d] = toArray(result);
    assertResult(a, Process.Error.PROGRAM_NOT_FOUND, '“no-such-program-at-all”');
    assertResult(b, Process.Error.START_FAILED, '/no/such/folder');
    assertResult(c, Process.Error.INVALID_ARGUMENT, '');
    assertResult(d, Process.Error.INVALID_ARGUMENT, '');
    assertEqual([a.process, service.list()], [null, []]);
});

testBoth('timeouts and signals', perform => {
    const runner = new Process.Runner();
    runner.connect('spec-started', (_runner, {name}, process) => {
        if (name === 'shot')
            process.send_signal(10);
    });
    const result = perform(runner, 'run_all', [
        makeSpec('late', 'exec sleep 60', [], {timeout: SECOND / 20}),
        makeSpec('shot', 'exec sleep 60'), makeSpec('after', 'true', ['late']),
    ]);
    assertEqual(outcomes(result), [['late', -1, false], ['shot', -1, false], ['after', 0, true]]);
    assertResult(result.get_item(0), Process.Error.TIMED_OUT, '');
    assertResult(result.get_item(1), Process.Error.KILLED, 'SIGUSR1');
    assertEqual(result.get_item(0).process.exit_reason, Process.ExitReason.TIMED_OUT);
});

testBoth('one run at a time', perform => {
    const runner = new Process.Runner();
    let errors = [];
    runner.connect('spec-finished', () => errors.push(...MODES.map(mode =>
        assertThrows(() => runner[mode]([], null)).code)));
    for (let i = 0; i < 2; i++) {
        assertEqual(counts(perform(runner, 'run_all', [makeSpec('a')])), [1, 0, 0]);
        assertEqual(errors, Array(3).fill(Process.Error.ALREADY_RUNNING));
        errors = [];
    }
});

// Cancelling

// `gone` has no grace; `polite` uses its own to end well.
testBoth('cancel', perform => {
    const [runner, cancellable] = [new Process.Runner(), new Gio.Cancellable()];
    const log = logOf(runner);
    const up = [];
    runner.connect('spec-started', (_runner, _spec, process) =>
        process.connect('output', (_process, line) => {
            up.push(line);
            if (up.length === 2)
                cancellable.cancel();
        }));
    const result = perform(runner, 'run_all', [
        makeSpec('done'),
        makeSpec('gone', 'trap "exit 5" TERM; echo gone; while :; do sleep 1; done', ['done']),
        makeSpec('polite', 'trap "exit 6" TERM; echo polite; while :; do sleep 0.01; done',
            ['done'], {grace_period: 20 * SECOND}),
        makeSpec('never', 'true', ['gone']), makeSpec('never too', 'true', ['never']),
    ], cancellable);
    assertEqual(outcomes(result), [['done', 0, false], ['gone', -1, false], ['polite', 6, false],
        ['never', 1, true], ['never too', 1, true]]);
    assertEqual(counts(result), [1, 2, 2]);
    for (const each of toArray(result).slice(1))
        assertResult(each, CANCELLED, 'cancelled', Gio.IOErrorEnum);
    assertEqual(log.sort(), ['!gone', '!polite', '+done', '+gone', '+polite', '-done', '/never',
        '/never too']);
    assertEqual(children(), []);
});

testBoth('cancelled before', perform => {
    const cancelled = new Gio.Cancellable();
    cancelled.cancel();
    for (const mode of MODES) {
        const runner = new Process.Runner();
        const log = logOf(runner);
        const result = perform(runner, mode, [makeSpec('a'), makeSpec('b')], cancelled);
        assertEqual(outcomes(result), [['a', 1, true], ['b', 1, true]]);
        assertEqual([log, result.success, result.get_success(), runner.progress],
            [['/a', '/b'], true, true, 1]);
    }
});

test('shutdown of the service', () => {
    const runner = new Process.Runner();
    let ended = false;
    runner.connect('spec-started', () => runner.service.shutdown_async(0, null, () =>
        (ended = true)));
    const result = byCallback(runner, 'run_all',
        [makeSpec('a', 'exec sleep 60', [], {allow_failure: true}), makeSpec('b', 'true', ['a'])]);
    assertEqual(outcomes(result), [['a', -1, false], ['b', -1, false]]);
    assertResult(result.get_item(0), Process.Error.KILLED, '');
    assertResult(result.get_item(1), Process.Error.NOT_RUNNING, '');
    wait(() => ended);
});

// Lives

testBoth('a run goes by what it found', perform => {
    const [runner, late] = [new Process.Runner(), makeSpec('b', 'echo as it was', ['a'])];
    runner.connect('spec-started', (_runner, spec) => {
        if (spec !== late)
            Object.assign(late, {name: 'changed', command: 'false', after: []});
    });
    const result = perform(runner, 'run_all', [makeSpec('a'), late]);
    assertEqual(outcomes(result), [['a', 0, false], ['b', 0, false]]);
    assertEqual(result.get_item(1).output, 'as it was\n');
    assert(result.get_item(1).spec === late);
});

test('a run holds its runner', () => {
    const ended = [];
    (() => new Process.Runner().run_all_async([makeSpec('a', 'exit 5')], null,
        (source, result) => ended.push(outcomes(source.run_all_finish(result)))))();
    System.gc();
    wait(() => ended.length > 0);
    assertEqual(ended, [[['a', 5, false]]]);
});

test('again in the callback', () => {
    const runner = new Process.Runner();
    const results = [];
    const start = () => runner.run_all_async([makeSpec('a')], null, (source, result) => {
        results.push(counts(source.run_all_finish(result)));
        if (results.length < 3)
            start();
    });
    start();
    wait(() => results.length === 3);
    assertEqual(results, Array(3).fill([1, 0, 0]));
});

test('runners share a service', () => {
    const service = new Process.Service();
    const results = [];
    const logs = ['a', 'b', 'c'].map(name => {
        const runner = Process.Runner.new(service);
        const log = logOf(runner);
        runner.run_all_async([0, 1, 2, 3, 4].map(i =>
            makeSpec(`${name}${i}`, 'true', i > 0 ? [`${name}${i - 1}`] : [])), null,
        (source, result) => results.push(counts(source.run_all_finish(result))));
        return log;
    });
    wait(() => results.length === 3);
    assertEqual(results, Array(3).fill([5, 0, 0]));
    assertEqual(logs, ['a', 'b', 'c'].map(name =>
        [0, 1, 2, 3, 4].flatMap(i => [`+${name}${i}`, `-${name}${i}`])));
});

testBoth('collection in between', perform => {
    const runner = new Process.Runner();
    const names = [...Array(30).keys()].map(String);
    runner.connect('spec-started', () => System.gc());
    runner.connect('spec-finished', () => System.gc());
    const result = perform(runner, 'run_all', names.map(name => makeSpec(name, `echo ${name}`)));
    assertEqual(toArray(result).map(({output}) => output.trim()), names);
});

test('standard input, group and arguments', () => {
    const [stdin, group, args] = toArray(new Process.Runner().run_all([
        Process.RunSpec.new('stdin', 'cat', null),
        makeSpec('group', 'cut -d" " -f5 /proc/self/stat'),
        Process.RunSpec.new('args', 'printf', ['%s|', '$HOME', 'a b', '', '“ü”']),
    ], null));
    assertEqual([stdin.output, stdin.passed], ['', true]);
    assertEqual(Number(group.output), group.process.pid);
    assertEqual(args.output, '$HOME|a b||“ü”|');
});

// What Process.js adds

if (!PLAIN) {
    test('promises', async () => {
        const runner = new Process.Runner();
        const specs = [makeSpec('b', 'echo b', ['a']), makeSpec('a', 'echo a'),
            makeSpec('c', 'exit 4', [], {allow_failure: true})];
        const result = await runner.run_all_async(specs);
        assertEqual(outcomes(result), [['b', 0, false], ['a', 0, false], ['c', 4, false]]);
        assertEqual(counts(await runner.run_sequential_async(specs, null)), [2, 1, 0]);
        assertEqual(counts(await runner.run_parallel_async(specs)), [2, 1, 0]);
        await assertRejects(runner.run_all_async([specs[0], specs[0]]),
            Process.Error.INVALID_ARGUMENT, {message: '“b”'});
        const cancellable = new Gio.Cancellable();
        const promise = runner.run_all_async([makeSpec('a', 'exec sleep 60')], cancellable);
        await assertRejects(runner.run_all_async(specs), Process.Error.ALREADY_RUNNING);
        wait(() => runner.service.running().length === 1);
        const [process] = runner.service.running();
        cancellable.cancel();
        assertEqual(outcomes(await promise), [['a', -1, false]]);
        assert(!isAlive(process.pid));
    });

    test('promises side by side', async () => {
        const service = new Process.Service();
        const results = await Promise.all([0, 1, 2, 3].map(n =>
            Process.Runner.new(service).run_sequential_async([...Array(n).keys()].map(i =>
                makeSpec(`${i}`, `echo ${i}`)))));
        assertEqual(results.map(result => [...result].map(({output}) => output)),
            [[], ['0\n'], ['0\n', '1\n'], ['0\n', '1\n', '2\n']]);
    });

    test('cancellables may be left out', () => {
        const runner = new Process.Runner();
        const specs = [makeSpec('a'), makeSpec('b', 'exit 2')];
        for (const mode of MODES)
            assertEqual(counts(runner[mode](specs)), [1, 1, 0]);
        const results = [];
        runner.run_all_async(specs, (source, result) =>
            results.push(counts(source.run_all_finish(result))));
        wait(() => results.length > 0);
        assertEqual(results, [[1, 1, 0]]);
    });
}

main();
