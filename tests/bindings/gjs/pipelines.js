// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of pipelines share.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Process from 'gi://Process?version=1';

import {assert, assertEqual, execute, test, toArray, wait} from './support.js';

export const MODES = ['run_all', 'run_sequential', 'run_parallel'];

export function makeSpec(name, script = 'true', after = [], properties = {}) {
    return new Process.RunSpec({name, command: 'sh', args: ['-c', script], after, ...properties});
}

export function blocking(runner, mode, specs, cancellable = null) {
    return runner[mode](specs, cancellable);
}

export function byCallback(runner, mode, specs, cancellable = null) {
    let ended = null;
    runner[`${mode}_async`](specs, cancellable, (_source, result) => (ended = result));
    assert(ended === null, 'the callback was called too early');
    wait(() => ended !== null);
    return runner[`${mode}_finish`](ended);
}

export function testBoth(name, body) {
    test(`${name}, blocking`, () => body(blocking));
    test(`${name}, by callback`, () => body(byCallback));
}

// Of each spec its name, its exit code and whether it was skipped.
export function outcomes(result) {
    return toArray(result).map(each => [each.name, each.exit_code, each.skipped]);
}

export function counts(result) {
    return [result.n_passed, result.n_failed, result.n_skipped];
}

// What a runner tells: `+` started, `-` passed, `!` failed, `/` skipped.
export function logOf(runner) {
    const log = [];
    runner.connect('spec-started', (_runner, spec) => log.push(`+${spec.name}`));
    runner.connect('spec-finished', (_runner, {name, skipped, passed}) =>
        log.push(`${skipped ? '/' : passed ? '-' : '!'}${name}`));
    return log;
}

// Where a child waits until it is let through.
export class Gate {
    constructor(path) {
        this.path = path;
        execute('mkfifo', path);
        // What a child does.
        this.passing = `read x < ${path}`;
    }

    open() {
        execute('sh', '-c', `echo > ${this.path}`);
    }
}

// Something to bind to.
export const Label = GObject.registerClass({
    Properties: {
        text: GObject.ParamSpec.string('text', null, null, GObject.ParamFlags.READWRITE, null),
        fraction: GObject.ParamSpec.double('fraction', null, null, GObject.ParamFlags.READWRITE,
            0, 1, 0),
        number: GObject.ParamSpec.int('number', null, null, GObject.ParamFlags.READWRITE,
            -100, 100, 0),
    },
}, class Label extends GObject.Object {});

export const {SYNC_CREATE, BIDIRECTIONAL} = GObject.BindingFlags;

export function assertResult(result, code, message, domain = Process.Error) {
    const {error} = result;
    assert(error instanceof GLib.Error && error.matches(domain, code), `${error}`);
    assert(error.message.includes(message), error.message);
    assert(!error.message.endsWith('.'), error.message);
    assertEqual(result.passed, false);
}
