# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that each language's tests use everything that the library has.

usage: coverage.py GIR EXCEPTIONS RECORDS TEST...

TEST is the source of a test of a binding. What it uses is seen, not claimed:

- Python, JavaScript: functions that were called, properties that were read, written or given to a
  constructor, and signals that were connected to, class by class, are in RECORDS/TEST, which the
  test wrote while it ran (uses.c). Enumeration members and constants are looked for in the sources,
  in the form Process.Enumeration.MEMBER; one that is only in a comment does not count.
- Vala: all of it is in the C that valac made of the test, RECORDS/TEST.d/*.c, where every name is
  that of the library.

What a function's answer was good for is for the tests to say. A call that an override makes counts
as one of its language. EXCEPTIONS has what a language cannot use, a line each:

  LANGUAGE SYMBOL REASON
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
LANGUAGES = {'.py': 'python', '.js': 'javascript', '.vala': 'vala'}


class Symbols:
    """What is public: each has a name as in the records, and what it looks like in a source."""

    def __init__(self, gir):
        namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
        self.functions = {
            'function ' + node.get(C + 'identifier')
            for tag in ('function', 'method', 'constructor') for node in namespace.iter(CORE + tag)
            if node.get('introspectable') != '0' and not node.get('moved-to')
        }
        self.signals = {
            f'signal {owner.get(C + "type")}::{node.get("name")}'
            for owner in namespace for node in owner.findall(GLIB + 'signal')
        }
        self.properties = {
            f'property {owner.get(C + "type")}:{node.get("name")}': {
                method.get(C + 'identifier') for method in owner.findall(CORE + 'method')
                if method.get('name') in (node.get('getter'), node.get('setter'))
            }
            for owner in namespace for node in owner.findall(CORE + 'property')
        }
        self.members = {
            'member ' + node.get(C + 'identifier'):
                f'Process.{owner.get("name")}.{node.get("name").upper()}'
            for owner in namespace for node in owner.findall(CORE + 'member')
        }
        self.constants = {
            'constant ' + node.get(C + 'type'): 'Process.' + node.get('name')
            for node in namespace.findall(CORE + 'constant')
        }

    def all(self):
        return (self.functions | self.signals | set(self.properties) | set(self.members)
                | set(self.constants))


def in_records(symbols, sources, records):
    """What the tests did when they ran, and what their sources name."""
    used = set()
    for source in sources:
        record = records / source.name
        if not record.exists() or record.stat().st_mtime < source.stat().st_mtime:
            sys.exit(f'{source.name} has left no record since it was changed: '
                     'run the suite “bindings” first')
        used.update(record.read_text(encoding='utf-8').splitlines())

    folder, suffix = sources[0].parent, sources[0].suffix
    text = '\n'.join(path.read_text(encoding='utf-8') for path in folder.glob('*' + suffix))
    named = set(re.findall(r'\bProcess\.[\w.]+', re.sub(r'(#|//).*', '', text)))
    used.update(symbol for symbol, name in (symbols.members | symbols.constants).items()
                if name in named)
    return used


def in_generated(symbols, sources, records):
    """What the C names that valac made of the tests."""
    used = set()
    for source in sources:
        files = list((records / (source.name + '.d')).glob('*.c'))
        if not files:
            sys.exit(f'{source.name} has not been compiled')
        for path in files:
            used.update(in_c(symbols, path.read_text(encoding='utf-8')))
    return used


def in_c(symbols, text):
    words = set(re.findall(r'\bPROCESS_\w+', text))
    called = set(re.findall(r'\b(process_\w+) \(', text))
    handlers = set(re.findall(r'\(GCallback\) (\w+)', text))
    given = set()
    for arguments in re.findall(r'g_object_new \((PROCESS_TYPE_.*?NULL)\)', text):
        owner = arguments.partition(',')[0].replace('PROCESS_TYPE_', 'PROCESS_')
        given.update((owner, name) for name in re.findall(r'"([a-z-]+)"', arguments))
    # A property without an accessor: of the class that the variable was declared with last.
    for match in re.finditer(r'g_object_[gs]et \((?:\(GObject\*\) )?(\w+), "([a-z-]+)"', text):
        declared = re.findall(rf'\b(Process\w+)\* {match[1]}\b', text[:match.start()])
        given.update((upper(owner), match[2]) for owner in declared[-1:])

    for symbol in symbols.all():
        kind, name = symbol.split()
        owner, _, member = name.rpartition(':')
        owner = owner.rstrip(':')
        if (kind == 'function' and name in called
                or kind in ('member', 'constant') and name in words
                or kind == 'property' and (symbols.properties[symbol] & called
                                           or (upper(owner), member) in given)
                or kind == 'signal' and any(
                    each.endswith(f'_{upper(owner)}_{member}'.lower().replace('-', '_'))
                    for each in handlers)):
            yield symbol


def upper(type_name):
    """PROCESS_RUN_OPTIONS of ProcessRunOptions."""
    return re.sub(r'(?<=[a-z])(?=[A-Z])', '_', type_name).upper()


def read_exceptions(path):
    lines = path.read_text(encoding='utf-8').splitlines()
    return {tuple(line.split(maxsplit=2)[:2]) for line in lines if line and line[0] != '#'}


def main(gir, exceptions, records, *tests):
    symbols = Symbols(gir)
    # In the list a name is enough: no two kinds share one.
    kinds = {symbol.split()[1]: symbol for symbol in symbols.all()}
    excepted = read_exceptions(pathlib.Path(exceptions))
    complaints = [f'{name} ({language}): excepted, but there is no such symbol or language'
                  for language, name in excepted
                  if name not in kinds or language not in LANGUAGES.values()]
    for suffix, language in LANGUAGES.items():
        sources = [path for path in map(pathlib.Path, tests) if path.suffix == suffix]
        if not sources:
            print(f'{language}: NOT CHECKED, since its tests are not built here')
            continue
        look = in_generated if suffix == '.vala' else in_records
        used = look(symbols, sources, pathlib.Path(records))
        left_out = {kinds[name] for which, name in excepted
                    if which == language and name in kinds}
        unused = symbols.all() - used - left_out
        complaints += [f'{symbol}: no test uses it in {language}' for symbol in unused]
        complaints += [f'{symbol}: excepted, but used in {language}' for symbol in left_out & used]
        print(f'{language}: {len(symbols.all() & used)} used, {len(left_out)} excepted, '
              f'{len(unused)} unused')
    print(*sorted(complaints), sep='\n')
    return bool(complaints) or not symbols.all()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
