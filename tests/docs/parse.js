// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// usage: gjs -m parse.js FILE
// Prints the syntax tree of a module as JSON.

import Gio from 'gi://Gio';
import {exit, programArgs} from 'system';

const [, contents] = Gio.File.new_for_path(programArgs[0]).load_contents(null);
try {
    print(JSON.stringify(Reflect.parse(new TextDecoder().decode(contents),
        {target: 'module', loc: false})));
} catch (error) {
    printerr(`${error.name}: ${error.message} in line ${error.lineNumber}`);
    exit(1);
}
