# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# No version is asked for, and that is no reason for a warning. The rest needs the overrides.
from gi.repository import Process

service = Process.Service()
options = Process.RunOptions('sh', ['-c', 'echo from $PWD'], kill_group=True, cwd='/')
print(service.run_with_options(options), end='')
