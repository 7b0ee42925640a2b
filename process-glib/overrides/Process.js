// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Comfort for JavaScript. Nothing here is needed to use the library, and
// everything that works without this file works with it. What is adapted is
// found by looking at the namespace, so that a class that this file has never
// heard of gets the same treatment.

/* exported _init */

const {Gio, GObject} = imports.gi;

// Beside all that have an asynchronous sibling, these end with a cancellable.
const CANCELLABLE = ['start', 'start_with_options'];

// What is given a function that answers at once.
const CHECKS = ['add_check', 'add_health_check'];

function functionsOf(owner) {
    return Object.getOwnPropertyNames(owner).filter(name => {
        // A property of the class must not be read on its prototype.
        const descriptor = Object.getOwnPropertyDescriptor(owner, name);
        return name !== 'constructor' && typeof descriptor?.value === 'function';
    });
}

function makeCancellableOptional(owner, name) {
    const call = owner[name];
    const {length} = call;

    owner[name] = function (...args) {
        if (args.length === length - 1)
            args.push(null);
        return call.apply(this, args);
    };
}

function makePromise(owner, name) {
    const {length} = owner[name];
    Gio._promisify(owner, name);
    const call = owner[name];

    owner[name] = function (...args) {
        const callback = typeof args[args.length - 1] === 'function' ? [args.pop()] : [];
        if (args.length === length - 2)
            args.push(null);
        return call.call(this, ...args, ...callback);
    };
}

// The promise that an async function returns is true, and would count as a success.
function refusePromises(owner, name) {
    const add = owner[name];

    owner[name] = function (checkName, func) {
        if (typeof func !== 'function')
            return add.call(this, checkName, func);
        return add.call(this, checkName, () => {
            const result = func();
            if (typeof result?.then === 'function')
                throw new TypeError('The check returned a promise, which nobody awaits');
            return result;
        });
    };
}

function adaptFunctions(owner) {
    const names = new Set(functionsOf(owner));
    for (const name of names) {
        const stem = name.replace(/_async$/, '');
        if (stem !== name && names.has(`${stem}_finish`))
            makePromise(owner, name);
        else if (names.has(`${name}_async`) || CANCELLABLE.includes(name))
            makeCancellableOptional(owner, name);
        else if (CHECKS.includes(name))
            refusePromises(owner, name);
    }
}

function* items() {
    let item;
    for (let i = 0; (item = this.get_item(i)) !== null; i++)
        yield item;
}

// The lines of a process as they come. What has not been asked for yet stays
// in memory, however much that is.
class Lines {
    constructor(process, stream, withStream) {
        this._batches = [];
        this._position = 0;
        this._waiting = [];
        this._cancellable = new Gio.Cancellable();
        this._process = process;
        this._handler = process.connect('lines', (_process, lines, from) => {
            if (stream !== null && stream !== from)
                return;
            this._batches.push(withStream ? lines.map(line => [line, from]) : lines);
            this._serve();
        });
        process.wait_async(this._cancellable, () => this._end());
    }

    [Symbol.asyncIterator]() {
        return this;
    }

    next() {
        return new Promise(resolve => {
            this._waiting.push(resolve);
            this._serve();
        });
    }

    return(value) {
        this._batches = [];
        this._end();
        this._cancellable.cancel();
        return Promise.resolve({value, done: true});
    }

    _end() {
        this._process?.disconnect(this._handler);
        this._process = null;
        this._serve();
    }

    _serve() {
        while (this._waiting.length > 0) {
            if (this._batches.length > 0)
                this._waiting.shift()({value: this._take(), done: false});
            else if (this._process === null)
                this._waiting.shift()({value: undefined, done: true});
            else
                return;
        }
    }

    _take() {
        const [batch] = this._batches;
        const line = batch[this._position++];
        if (this._position === batch.length) {
            this._batches.shift();
            this._position = 0;
        }
        return line;
    }
}

function _init() {
    const Process = this;

    for (const name of Object.getOwnPropertyNames(Process)) {
        const thing = Process[name];
        if (typeof thing !== 'function' || thing.$gtype === undefined)
            continue;
        adaptFunctions(thing.prototype);
        adaptFunctions(thing);
        if (GObject.type_is_a(thing, Gio.ListModel))
            thing.prototype[Symbol.iterator] = items;
    }
    adaptFunctions(Process);

    const process = Process.ManagedProcess.prototype;
    process.lines = function ({stream = null, withStream = false} = {}) {
        return new Lines(this, stream, withStream);
    };
    process[Symbol.asyncIterator] = function () {
        return this.lines();
    };
}
