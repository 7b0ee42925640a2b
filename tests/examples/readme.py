# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs that README.md and the guides show are those that the tests run.

usage: readme.py DOCS PAGE...
A block of code must be, or be a part of, an example in its language.
"""

import pathlib
import re
import sys

LANGUAGES = {'c': '.c', 'python': '.py', 'js': '.js', 'vala': '.vala'}
BLOCK = re.compile(r'^```(\w+)\n(.*?)^```$', re.M | re.S)


def examples(docs):
    return {suffix: [path.read_text(encoding='utf-8')
                     for path in sorted((docs / 'examples').rglob('*' + suffix))]
            for suffix in LANGUAGES.values()}


def main(docs, *pages):
    texts = examples(pathlib.Path(docs))
    found, complaints = 0, []
    for page in pages:
        for language, block in BLOCK.findall(pathlib.Path(page).read_text(encoding='utf-8')):
            if language in LANGUAGES:
                found += 1
                if not any(block in text for text in texts[LANGUAGES[language]]):
                    complaints.append(f'{page}: no example contains this {language}:\n{block}')
    print('\n'.join(complaints))
    print(f'{found} blocks')
    return bool(complaints) or found == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
