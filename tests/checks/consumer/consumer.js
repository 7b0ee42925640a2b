// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Process from 'gi://Process';

const service = new Process.Service();
const options = new Process.RunOptions({
    command: 'sh',
    args: ['-c', 'echo from $PWD'],
    kill_group: true,
    cwd: '/',
});
// Without the overrides a cancellable must be given.
print(service.run_with_options(options).trimEnd());
