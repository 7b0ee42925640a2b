# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tries the samples in the guides, in README.md and in the reference.

usage: samples.py FAMILY SETTINGS
A whole program is run, and what it prints compared with a block `output` below it, where `…`
stands for anything. A fragment that is part of an example has been compiled and run as that.
Other fragments are compiled, or parsed and their names looked up. A block says what it is in.
"""

import json
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import languages
import shell

FAMILIES = {
    'c': {'c': languages.try_c},
    'vala': {'vala': languages.try_vala},
    'python': {'python': languages.try_python},
    'js': {'js': languages.try_js},
    'shell': {'sh': shell.try_script, 'console': shell.try_session},
    'data': {'json': shell.try_json, 'meson': shell.try_meson, 'ini': shell.try_ini},
}
# Shown only: nothing here can try them. `output` is tried with the program above it, `ts` where the
# types for TypeScript are.
SHOWN = {'text', 'yaml', 'dockerfile', 'output', 'ts'}
SUFFIXES = {'c': '.c', 'python': '.py', 'js': '.js', 'vala': '.vala'}
BLOCK = re.compile(r'^```(.*)\n((?:.*\n)*?)```$', re.M)
DOC = '{http://www.gtk.org/introspection/core/1.0}doc'


class Sample:
    def __init__(self, where, language, text):
        self.where, self.language, self.text, self.output = where, language, text, None


def samples_of(where, text):
    found = []
    for block in BLOCK.finditer(text):
        line = text.count('\n', 0, block.start()) + 1
        sample = Sample(f'{where}:{line}', block.group(1), block.group(2))
        if sample.language == 'output':
            gap = text[found[-1].end:block.start()] if found else 'nothing'
            if gap.strip() or found[-1].language not in SUFFIXES:
                raise SystemExit(f'{sample.where}: there is no program above this output')
            found[-1].output = sample.text
        sample.end = block.end()
        found.append(sample)
    return found


def all_samples(docs, gir):
    samples = []
    for path in [docs.parent / 'README.md', *sorted(docs.glob('*.md'))]:
        samples += samples_of(path.name, path.read_text(encoding='utf-8'))
    for doc in ElementTree.parse(gir).getroot().iter(DOC):
        where = f'{pathlib.Path(doc.get("filename", gir)).name}:{doc.get("line", "0")}'
        if '|[' in doc.text:
            raise SystemExit(f'{where}: a sample belongs between fences')
        samples += samples_of(where, doc.text + '\n')
    return samples


def examples(docs, language):
    suffix = SUFFIXES.get(language)
    paths = sorted((docs / 'examples').rglob('*' + suffix)) if suffix else []
    return [path.read_text(encoding='utf-8') for path in paths]


def main(family, settings):
    settings = json.loads(settings)
    docs = pathlib.Path(settings['docs'])
    tried = FAMILIES[family]
    known = SHOWN.union(*FAMILIES.values())
    texts = {language: examples(docs, language) for language in tried}
    n, n_examples, failed = 0, 0, 0
    for sample in all_samples(docs, settings['gir']):
        if sample.language not in known and family == 'data':
            print(f'{sample.where}: nobody tries “{sample.language}”; what is only shown is “text”')
            failed += 1
        if sample.language not in tried:
            continue
        n += 1
        if any(sample.text in text for text in texts[sample.language]):
            n_examples += 1
            continue
        with tempfile.TemporaryDirectory(prefix='sample-') as folder:
            try:
                tried[sample.language](sample, pathlib.Path(folder), settings)
            except languages.Failure as failure:
                failed += 1
                print(f'{sample.where}: {failure}\n{sample.text}')
    print(f'{n} samples, {n_examples} of them from examples, {failed} failed')
    return failed > 0 or n == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
