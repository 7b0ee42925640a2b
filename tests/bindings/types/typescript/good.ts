// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// All of this must compile.

import GLib from 'gi://GLib?version=2.0';
import Gio from 'gi://Gio?version=2.0';
import Process from 'gi://Process?version=1';

function use(..._things: unknown[]): void {}

function options(): Process.RunOptions {
    const found = new Process.RunOptions({
        command: 'make', args: ['-j4'], cwd: '/src', mergeStderr: true, grace_period: 5,
    });
    found.timeout = 5 * GLib.USEC_PER_SEC;
    found.input = new Uint8Array([1, 2]);
    found.cwd = null;
    found.stdinMode = Process.StdinMode.PIPE;
    found.set_kill_group(true);
    const cwd: string | null = found.cwd;
    const bytes: GLib.Bytes | null = found.input;
    use(cwd, bytes, found.killGroup, found.kill_group, Process.RunOptions.new('ls', null));
    return found;
}

function blocking(): void {
    const service = new Process.Service({maxHistory: 9});
    const text: string = service.run('ls', ['-l']) + service.run('ls', null, null);
    const process: Process.ManagedProcess = service.start_with_options(options());
    const ids: string[] = [...service].map(each => each.id);
    for (const each of service)
        use(each.exitCode + each.exit_code, each.status === Process.Status.EXITED);
    const [first] = service.list();
    use(text.trim(), ids, first.get_output().length, service.get_item(0)?.pid, service.n_items);
    service.activate_action('clear', null);
    process.send_bytes(new Uint8Array([1]));
    process.send_bytes(new GLib.Bytes(new Uint8Array([1])));
    const [alive, pid] = Process.PidFile.read('/run/pid');
    const really: boolean = alive;
    const ring = new Process.RingBuffer(9);
    use(really, pid + 1, ring.write('abc') + 1, ring.to_string().length, Process.VERSION.length);
}

function handlers(process: Process.ManagedProcess, service: Process.Service): void {
    process.connect('lines', (_process, lines, stream) => use(lines[0].trim(), stream));
    process.connect('exited', (each, code, duration, error) =>
        use(each.id, code + duration, error?.message.length));
    process.connect('output::stderr', (_process, line) => use(line.trim()));
    process.connect('notify::running', ({running}) => use(running));
    service.connect('items-changed', (_service, position, removed, added) =>
        use(position + removed + added));
    service.connect('action-added', (_service, name) => use(name.trim()));
    process.disconnect(process.connect('killed', (_process, name) => use(name.trim())));
}

async function awaiting(service: Process.Service): Promise<string> {
    const [first, second] = await Promise.all([
        service.run_async('ls', null),
        service.run_with_options_async(options(), new Gio.Cancellable()),
    ]);
    const specs: Process.RunSpec[] = await Process.RunSpec.list_from_file_async(
        Gio.File.new_for_path('specs.json'));
    const results = await Process.Runner.new(service).run_all_async(specs);
    const messages = [...results].map(each => each.error?.message ?? each.output);
    const healthy: boolean = await Process.probe_health_async('8080', 0);
    use(results.success, messages, healthy);
    return first + second;
}

async function reading(process: Process.ManagedProcess): Promise<void> {
    for await (const line of process)
        use(line.trim());
    for await (const line of process.lines({stream: Process.Stream.STDERR}))
        use(line.trim());
    for await (const [line, stream] of process.lines({withStream: true}))
        use(line.trim(), stream === Process.Stream.STDOUT);
}

function withCallbacks(service: Process.Service): void {
    service.run_async('ls', null, null, (source, result) => {
        try {
            use(source.run_finish(result).trim());
        } catch (error) {
            if (error instanceof Process.Error)
                use(error.code === Process.Error.KILLED, error.message);
        }
    });
    service.run_async('ls', [], (source, result) => use(source.run_finish(result)));
    Process.probe_health_async('8080', 0, (_source, result) =>
        use(Process.probe_health_finish(result)));
}

function checks(server: Process.HealthServer): void {
    const id: number = server.add_check('a', () => true);
    server.add_async_check('b', (_server, task) => task.return_boolean(true), 0);
    server.remove_check(id);
    const entry = Process.Registry.get_default().get('code', 'daemon');
    use(entry?.pid, entry?.started?.to_unix(), server.address);
}

use(blocking, handlers, awaiting, reading, withCallbacks, checks);
