# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""With the argument `plain` a test does without Process.py, which it has no need of.

So this is imported before anything else.
"""

import sys

PLAIN = sys.argv[1:2] == ['plain']
if PLAIN:
    del sys.argv[1]
    # Such a module counts as one that is not there.
    sys.modules['gi.overrides.Process'] = None

from support import Process  # noqa: E402

# With Process.py every property is an attribute of the class.
assert hasattr(Process.RunSpec, 'after') is not PLAIN
