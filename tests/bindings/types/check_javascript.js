// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Process.d.ts, whose path is the argument, has what GJS has, and nothing else.

import GObject from 'gi://GObject';
import System from 'system';
import Process from 'gi://Process?version=1';

import {assert, assertEqual, main, read, test} from '../gjs/support.js';

const text = read(System.programArgs[0]);

// From the names of the classes and enumerations to their members.
const owners = new Map();
for (const [, name, body] of text.matchAll(/^ {8}(?:class|enum) (\w+).*\{\n([^]*?)^ {8}\}/gm)) {
    const members = [...body.matchAll(
        /^ {12}(static )?(?:readonly |get |set )*(\w+|\[Symbol\.\w+\])(?:[(:]| =)/gm)];
    owners.set(name, {
        statics: new Set(members.filter(match => match[1]).map(match => match[2])),
        members: new Set(members.filter(match => !match[1]).map(match => match[2])),
    });
}

function functionsOf(owner) {
    return Object.getOwnPropertyNames(owner).filter(name => {
        const {value} = Object.getOwnPropertyDescriptor(owner, name);
        // What every object of JavaScript has, some have in a way of their own.
        return typeof value === 'function' && !name.startsWith('_') && !(name in Object.prototype);
    });
}

function isObject(thing) {
    return thing.prototype instanceof GObject.Object;
}

function camel(name) {
    return name.replace(/-(.)/g, (_match, letter) => letter.toUpperCase());
}

test('names', () => {
    const functions = [...text.matchAll(/^ {8}function (\w+)/gm)].map(match => match[1]);
    const constants = [...text.matchAll(/^ {8}const (\w+)/gm)].map(match => match[1]);
    const there = Object.getOwnPropertyNames(Process).filter(name => !name.endsWith('Class'));
    assertEqual([...new Set([...functions, ...constants, ...owners.keys()])].sort()
        .filter(name => !(name in Process)), []);
    assert(owners.size > 15 && functions.length > 10 && constants.length > 3);
    for (const name of there.filter(each => !each.startsWith('_') && each !== '$gtype')) {
        assert(owners.has(name) || functions.includes(name) || constants.includes(name),
            `${name} is missing`);
    }
});

test('methods', () => {
    let count = 0;
    for (const [name, {statics, members}] of owners) {
        const thing = Process[name];
        if (thing.prototype === undefined)
            continue;
        const methods = functionsOf(thing.prototype);
        for (const each of methods)
            assert(members.has(each), `${name}.prototype.${each} is missing`);
        for (const each of functionsOf(thing))
            assert(statics.has(each), `${name}.${each} is missing`);
        for (const each of statics)
            assert(each in thing, `${name}.${each} is not there`);
        count += methods.length;
    }
    assert(count > 200, `${count} methods`);
});

test('properties', () => {
    let count = 0;
    for (const [name, {members}] of owners) {
        const thing = Process[name];
        if (!isObject(thing))
            continue;
        const pspecs = GObject.Object.list_properties.call(thing);
        for (const pspec of pspecs) {
            for (const spelling of [camel(pspec.name), pspec.name.replaceAll('-', '_')])
                assert(members.has(spelling), `${name}.${spelling} is missing`);
        }
        count += pspecs.length;
    }
    assert(count > 90, `${count} properties`);
});

test('nothing else', () => {
    for (const [name, {members}] of owners) {
        const thing = Process[name];
        const properties = isObject(thing)
            ? GObject.Object.list_properties.call(thing).map(pspec => pspec.name) : [];
        const known = new Set([...properties.map(camel),
            ...properties.map(each => each.replaceAll('-', '_')), 'constructor']);
        for (const each of members) {
            const symbol = /^\[Symbol\.(\w+)\]$/.exec(each);
            const key = symbol ? Symbol[symbol[1]] : each;
            assert(known.has(each) || key in (thing.prototype ?? thing) || key in thing,
                `${name}.${each} is not there`);
        }
    }
});

main();
