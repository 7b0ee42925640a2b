#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes of the guides what gi-docgen takes: links to pages, and where each stands in the path.

usage: site.py SOURCE TARGET PAGE...
The guides link to each other as files, so that they can be read in the tree; the site has pages.
"""

import pathlib
import re
import sys

TITLE = re.compile(r'^title: (.*)$', re.M)
PAGE_LINK = re.compile(r'\]\(([\w-]+)\.md(#[\w-]+)?\)')
IMAGE_LINK = re.compile(r'\]\(images/([\w.-]+)\)')
FENCE = re.compile(r'^```.*?^```$', re.M | re.S)


def to_site(text):
    """Converts the links of a page, but not what looks like one in a sample."""
    parts, at = [], 0
    for fence in [*FENCE.finditer(text), None]:
        prose = text[at:fence.start() if fence else None]
        prose = PAGE_LINK.sub(r'](\1.html\2)', prose)
        parts.append(IMAGE_LINK.sub(r'](\1)', prose))
        if fence:
            parts.append(fence.group())
            at = fence.end()
    return ''.join(parts)


def main(source, target, *pages):
    texts = {page: pathlib.Path(source, page).read_text(encoding='utf-8') for page in pages}
    titles = {page: TITLE.search(text).group(1) for page, text in texts.items()}
    for i, page in enumerate(pages):
        ways = []
        if i > 0:
            ways.append(f'← [{titles[pages[i - 1]]}]({pages[i - 1]})')
        ways.append('[all guides](index.html#extra)')
        if i + 1 < len(pages):
            ways.append(f'[{titles[pages[i + 1]]}]({pages[i + 1]}) →')
        whole = texts[page].rstrip('\n') + '\n\n---\n\n' + ' · '.join(ways) + '\n'
        pathlib.Path(target, page).write_text(to_site(whole), encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
