// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Pipelines: specs and results.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

import {
    BIDIRECTIONAL, MODES, SYNC_CREATE, Label, counts, makeSpec, testBoth,
} from './pipelines.js';
import {
    PLAIN, SECOND, assert, assertEqual, assertFails, assertRejects, assertThrows, listen, main,
    test, toArray, wait, withFolder,
} from './support.js';

const CANCELLED = Gio.IOErrorEnum.CANCELLED;
const IO = {domain: Gio.IOErrorEnum};

const VALUES = {
    name: 'build', command: 'sh', args: ['-c', 'é'], cwd: '/', env: ['A=1', 'B'],
    after: ['x', 'y'], allow_failure: true, timeout: 5 * SECOND, grace_period: 2,
};

const DEFAULTS = {
    name: null, command: null, args: [], cwd: null, env: [], after: [], allow_failure: false,
    timeout: 0, grace_period: 0,
};

function valuesOf(spec) {
    return Object.fromEntries(Object.keys(DEFAULTS).map(name => [name, spec[`get_${name}`]()]));
}

// Specs

test('constructors', () => {
    assertEqual(valuesOf(new Process.RunSpec()), DEFAULTS);
    assertEqual(valuesOf(new Process.RunSpec(VALUES)), VALUES);
    assertEqual(valuesOf(Process.RunSpec.new('a', 'ls', ['-l'])),
        {...DEFAULTS, name: 'a', command: 'ls', args: ['-l']});
    assertEqual(valuesOf(Process.RunSpec.new(null, null, null)), DEFAULTS);
    const camel = new Process.RunSpec({allowFailure: true, gracePeriod: 5});
    assertEqual([camel.allow_failure, camel.allowFailure, camel.grace_period, camel.gracePeriod],
        [true, true, 5, 5]);
    assertThrows(() => new Process.RunSpec({comand: 'ls'}));
    assertThrows(() => new Process.RunSpec({after: 'a'}));
    assertThrows(() => Process.RunSpec.new('a', 'ls', '-l'));
});

test('every property of a spec', () => {
    const spec = new Process.RunSpec();
    assertEqual(GObject.Object.list_properties.call(Process.RunSpec).map(({name}) =>
        name.replaceAll('-', '_')).sort(), Object.keys(VALUES).sort());
    for (const values of [VALUES, DEFAULTS]) {
        for (const [name, value] of Object.entries(values)) {
            const notified = listen(spec, `notify::${name.replaceAll('_', '-')}`);
            spec[`set_${name}`](value);
            spec[name] = value;
            assertEqual([spec[name], spec[`get_${name}`]()], [value, value]);
            assertEqual(notified.length, 1);
        }
        assertEqual(valuesOf(spec), values);
    }
    for (const [name, value] of Object.entries(VALUES))
        spec[name] = value;
    assertEqual(valuesOf(spec), VALUES);
    for (const name of ['args', 'env', 'after']) {
        spec[`set_${name}`](null);
        assertEqual(spec[name], []);
    }
});

test('a spec keeps copies', () => {
    const after = ['a'];
    const spec = makeSpec('b', 'true', after);
    after.push('c');
    spec.after.push('d');
    assertEqual(spec.after, ['a']);
});

test('a spec can be bound', () => {
    const [spec, label] = [makeSpec('a'), new Label()];
    spec.bind_property('name', label, 'text', SYNC_CREATE | BIDIRECTIONAL);
    assertEqual(label.text, 'a');
    spec.name = 'b';
    assertEqual(label.text, 'b');
    label.text = 'c';
    assertEqual(spec.name, 'c');
});

// JSON

const TEXT = '[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "after": ["a"]}]';
const SPECS = [['a', 'b', []], ['c', 'd', ['a']]];

function summary(specs) {
    return specs.map(({name, command, after}) => [name, command, after]);
}

test('specs from JSON', () => {
    const [spec] = Process.RunSpec.list_from_json(JSON.stringify([{
        name: 'build', command: 'sh', args: ['-c', 'é'], dir: '/', env: ['A=1', 'B'],
        after: ['x', 'y'], allowFailure: true, timeout: 5e9, gracePeriod: 1001,
    }]));
    assertEqual(valuesOf(spec), VALUES);
    assertEqual(summary(Process.RunSpec.list_from_json(TEXT)), SPECS);
    assertEqual(summary(Process.RunSpec.list_from_json(`{"$schema": "x", "specs": ${TEXT}}`)),
        SPECS);
    assertEqual(Process.RunSpec.list_from_json('[]'), []);
    assertEqual(Process.RunSpec.list_from_json('{"specs": []}'), []);
});

// Results tell of their specs, also when nothing was run.
test('specs to JSON and back', () => {
    const specs = [new Process.RunSpec(VALUES),
        new Process.RunSpec({name: 'plain “ü”\n', command: 'c'})];
    const cancelled = new Gio.Cancellable();
    cancelled.cancel();
    const result = new Process.Runner().run_all(specs, cancelled);
    const written = JSON.parse(result.to_json()).results.map(({spec}) => spec);
    const found = Process.RunSpec.list_from_json(JSON.stringify(written));
    assertEqual(found.map(valuesOf), specs.map(valuesOf));
});

test('bad JSON', () => {
    for (const [text, message] of [
        ['[\n{"name": "a"\n"command": "b"}]', 'Line 3 '],
        ['', 'Line 1 '],
        ['3', 'neither an array of specs nor an object'],
        ['{"specs": [], "jobs": 3}', 'The key “jobs” beside “specs” is unknown'],
        ['[3]', 'Spec 1 is not an object'],
        ['[{"name": "a"}]', 'The key “command” of spec 1 (“a”) is missing'],
        ['[{"name": "", "command": "b"}]', 'The key “name” of spec 1 must not be empty'],
        ['[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "cwd": "/"}]',
            'The key “cwd” of spec 2 (“c”) is unknown'],
        ['[{"name": "a", "command": "b", "args": "c"}]', 'The key “args” of spec 1'],
        ['[{"name": "a", "command": "b", "timeout": -1}]', 'The key “timeout” of spec 1'],
        ['[{"name": "a", "name": "b"}]', 'is there more than once'],
    ]) {
        assertFails(() => Process.RunSpec.list_from_json(text), Process.Error.INVALID_ARGUMENT,
            {message});
    }
    assertThrows(() => Process.RunSpec.list_from_json(null));
});

test('specs from a file', () => withFolder(folder => {
    GLib.file_set_contents(`${folder}/good`, TEXT);
    GLib.file_set_contents(`${folder}/bad`, '[\n}');
    const [good, bad, gone] = ['good', 'bad', 'gone'].map(name =>
        Gio.File.new_for_path(`${folder}/${name}`));
    const cancelled = new Gio.Cancellable();
    cancelled.cancel();
    const byWaiting = (file, cancellable) => {
        let ended = null;
        Process.RunSpec.list_from_file_async(file, cancellable, (_source, result) =>
            (ended = result));
        wait(() => ended !== null);
        return Process.RunSpec.list_from_file_finish(ended);
    };
    for (const load of [Process.RunSpec.list_from_file, byWaiting]) {
        assertEqual(summary(load(good, null)), SPECS);
        assertFails(() => load(bad, null), Process.Error.INVALID_ARGUMENT,
            {message: `“${folder}/bad”: Line 2 `});
        assertFails(() => load(gone, null), Gio.IOErrorEnum.NOT_FOUND, IO);
        assertFails(() => load(good, cancelled), CANCELLED, IO);
    }
}));

// Results

testBoth('every row of a result', perform => {
    const spec = makeSpec('a', 'echo "$(pwd) $A ${HOME-homeless}"; cat; echo err >&2; ' +
        'printf "\\377"; exit 3', [], {cwd: '/', env: ['A=b', 'HOME']});
    const whole = perform(new Process.Runner(), 'run_all', [spec]);
    const result = whole.get_item(0);
    const {process} = result;
    assertEqual([result.name, result.exit_code, result.exitCode, process.exit_code],
        ['a', 3, 3, 3]);
    assert(result.spec === spec);
    assert(result.duration > 0 && result.duration === process.duration);
    assert(whole.duration >= result.duration);
    assert(result.output.includes('/ b homeless\n'), result.output);
    assert(result.output.includes('err\n') && result.output.includes('\ufffd'), result.output);
    assert(process.get_output_bytes().toArray().includes(255));
    // A code of its own choice is no error.
    assertEqual([result.error, result.skipped, result.passed], [null, false, false]);
});

test('properties are the methods', () => {
    const result = new Process.Runner().run_all([
        makeSpec('a', 'echo a'), Process.RunSpec.new('b', 'no-such-program-at-all', []),
        makeSpec('c', 'true', ['b']),
    ], null);
    const same = (left, right) => left === right || left instanceof GLib.Error &&
        right instanceof GLib.Error && left.matches(right.domain, right.code) &&
        left.message === right.message;
    for (const thing of [result, ...toArray(result)]) {
        const pspecs = GObject.Object.list_properties.call(thing.constructor);
        assert(pspecs.length >= 7, thing.constructor.name);
        for (const pspec of pspecs) {
            const name = pspec.name.replaceAll('-', '_');
            if (name !== 'item_type')
                assert(same(thing[name], thing[`get_${name}`]()), name);
            assert(!(pspec.flags & GObject.ParamFlags.WRITABLE) ||
                pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY, name);
        }
    }
});

test('passed', () => {
    const failure = new Process.Error({code: Process.Error.TIMED_OUT, message: 'why'});
    for (const exit_code of [0, 1, -1]) {
        for (const error of [null, failure]) {
            for (const skipped of [false, true]) {
                const result = new Process.RunResult({name: 'a', exit_code, error, skipped});
                const expected = exit_code === 0 && error === null && !skipped;
                assertEqual([result.passed, result.get_passed()], [expected, expected]);
            }
        }
    }
    const {name, spec, process, output, error} = new Process.RunResult();
    assertEqual([name, spec, process, output, error], [null, null, null, '', null]);
});

test('results can be bound and outlive the runner', () => {
    const result = new Process.Runner().run_all([makeSpec('a', 'echo text; exit 4')], null)
        .get_item(0);
    System.gc();
    const label = new Label();
    result.bind_property('output', label, 'text', SYNC_CREATE);
    result.bind_property('exit-code', label, 'number', SYNC_CREATE);
    assertEqual([label.text, label.number], ['text\n', 4]);
    assertEqual([result.process.get_output(), result.spec.name], ['text\n', 'a']);
});

test('list model', () => {
    const names = ['c', 'a', 'b'];
    const result = new Process.Runner().run_all(names.map(name => makeSpec(name)), null);
    assert(GObject.type_is_a(Process.RunAllResult, Gio.ListModel));
    assertEqual([GObject.type_name(result.item_type), GObject.type_name(result.get_item_type())],
        ['ProcessRunResult', 'ProcessRunResult']);
    assertEqual([result.get_n_items(), result.n_items], [3, 3]);
    assertEqual(toArray(result).map(({name}) => name), names);
    assert(result.get_item(0) === result.get_item(0));
    assertEqual(result.get_item(3), null);
});

test('counts', () => {
    const [good, bad] = [makeSpec('good'), makeSpec('bad', 'exit 1', [], {allow_failure: true})];
    const [worse, skipped] = [makeSpec('worse', 'exit 1'), makeSpec('skipped', 'true', ['worse'])];
    for (const [specs, expected, success] of [
        [[good], [1, 0, 0], true], [[good, bad], [1, 1, 0], false],
        [[good, bad, worse, skipped], [1, 2, 1], false],
    ]) {
        const result = new Process.Runner().run_all(specs, null);
        assertEqual([counts(result), result.success, result.get_success()],
            [expected, success, success]);
        assertEqual([result.get_n_passed(), result.get_n_failed(), result.get_n_skipped()],
            expected);
        assert(result.duration > 0);
    }
});

testBoth('no specs', perform => {
    for (const mode of MODES) {
        const runner = new Process.Runner();
        const result = perform(runner, mode, []);
        assertEqual([result.n_items, counts(result), result.success, runner.progress],
            [0, [0, 0, 0], true, 1]);
        assertEqual(JSON.parse(result.to_json()).results, []);
    }
});

test('results to JSON', () => {
    const result = new Process.Runner().run_all([
        makeSpec('a', 'echo "ü"; exit 3', [], {timeout: 9 * SECOND}), makeSpec('b', 'true', ['a']),
    ], null);
    const {results: [first, second], ...found} = JSON.parse(result.to_json());
    assertEqual(found, {duration: 1000 * result.duration, passed: 0, failed: 1, skipped: 1});
    assertEqual(Object.keys(first), ['name', 'spec', 'exitCode', 'duration', 'output', 'error',
        'skipped']);
    assertEqual([first.name, first.exitCode, first.output, first.error, first.skipped],
        ['a', 3, 'ü\n', null, false]);
    assertEqual([first.duration, first.spec.timeout], [1000 * result.get_item(0).duration, 9e9]);
    assertEqual([second.skipped, second.error, second.spec.after],
        [true, result.get_item(1).error.message, ['a']]);
});

// What Process.js adds

if (!PLAIN) {
    test('promises of specs', async () => {
        const [file] = Gio.File.new_tmp(null);
        GLib.file_set_contents(file.get_path(), TEXT);
        assertEqual(summary(await Process.RunSpec.list_from_file_async(file)), SPECS);
        assertEqual(summary(Process.RunSpec.list_from_file(file)), SPECS);
        GLib.file_set_contents(file.get_path(), '[{"name": "a"}]');
        await assertRejects(Process.RunSpec.list_from_file_async(file),
            Process.Error.INVALID_ARGUMENT, {message: '“command”'});
        file.delete(null);
        await assertRejects(Process.RunSpec.list_from_file_async(file, null),
            Gio.IOErrorEnum.NOT_FOUND, IO);
    });

    test('results can be iterated', () => {
        const result = new Process.Runner().run_all([makeSpec('a'), makeSpec('b', 'exit 2')]);
        const names = [];
        for (const {name} of result)
            names.push(name);
        assertEqual(names, ['a', 'b']);
        const [, second] = result;
        assertEqual(second.exit_code, 2);
        assertEqual([...new Process.RunAllResult()], []);
    });
}

main();
