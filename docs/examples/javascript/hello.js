// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs a command and prints its output, then another one that fails and says why.

import Process from 'gi://Process?version=1';

const service = new Process.Service();
print(service.run('echo', ['Hello'], null).trimEnd());
try {
    service.run('cat', ['missing.txt'], null);
} catch (error) {
    print(error.message);
}
