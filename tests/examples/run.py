# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs an example as Python would, and lets go of its globals at the end.

usage: run.py [--plain] EXAMPLE [ARGUMENT...]
With --plain it does without the overrides.

Python itself does not let go of them when they are in a circle with something in C that it cannot
look into: the service among them, its process, a handler of that, which is a function of the
example, and its globals.
"""

import gc
import pathlib
import sys


def run(example):
    names = {'__name__': '__main__', '__file__': example}
    code = compile(pathlib.Path(example).read_text(encoding='utf-8'), example, 'exec')
    try:
        exec(code, names)
    finally:
        names.clear()
        gc.collect()


if __name__ == '__main__':
    del sys.argv[0]
    if sys.argv[0] == '--plain':
        del sys.argv[0]
        sys.modules['gi.overrides.Process'] = None
    sys.path[0] = str(pathlib.Path(sys.argv[0]).parent)
    run(sys.argv[0])
