// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Each line with a remark must fail to compile with that, and no other line.

import Process from 'gi://Process?version=1';

function use(..._things: unknown[]): void {}

async function wrong(service: Process.Service, process: Process.ManagedProcess): Promise<void> {
    service.start('ls', '-l'); // wrong: 'string' is not assignable to parameter of type 'string[]'
    service.start(); // wrong: Expected 2-3 arguments, but got 0
    service.start('ls', [1]); // wrong: 'number' is not assignable to type 'string'
    service.strat('ls', []); // wrong: Property 'strat' does not exist
    service.n_running = 1; // wrong: read-only property
    new Process.Service({max_hist: 1}); // wrong: does not exist in type 'ConstructorProps'
    new Process.ManagedProcess(); // wrong: is private
    const options = new Process.RunOptions({command: 1}); // wrong: not assignable to type 'string
    options.comand = 'x'; // wrong: Property 'comand' does not exist
    options.killGroup = 'yes'; // wrong: not assignable to type 'boolean'
    options.cwd.trim(); // wrong: is possibly 'null'
    const number: number = await service.run_async('ls', []); // wrong: 'string' is not assignable
    service.run_async('ls', 'a', null); // wrong: No overload matches this call
    const text: string = service.run_async('ls', []); // wrong: Type 'Promise<string>'
    process.connect('exited', (_process, code) => code.trim()); // wrong: Property 'trim' does not
    process.connect('gone', () => {}); // wrong: No overload matches this call
    for (const each of service)
        use(each.exit_status); // wrong: Property 'exit_status' does not exist
    for await (const line of process)
        use(line.exitCode); // wrong: Property 'exitCode' does not exist
    for (const line of process) // wrong: must have a '[Symbol.iterator]()'
        use(line, number, text);
    new Process.HealthServer().add_check('a', async () => true); // wrong: not assignable
    use(Process.Status.GONE); // wrong: Property 'GONE' does not exist
    use(Process.Services); // wrong: Property 'Services' does not exist
}

use(wrong);
