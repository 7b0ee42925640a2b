# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every link within the guides, README.md and the site leads somewhere.

usage: links.py FILE-OR-FOLDER...
Of a folder, all of its Markdown and HTML is looked at. Links to other hosts are not.
"""

import html.parser
import pathlib
import re
import sys
import urllib.parse

FENCE = re.compile(r'^```.*?^```$', re.M | re.S)
CODE = re.compile(r'`[^`\n]*`')
LINK = re.compile(r'\]\(([^)\s]+)\)')
HEADING = re.compile(r'^#+ +(.*?)$', re.M)
REFERENCE = re.compile(r'\[[\w]+@([\w\-:.]+)\]')


def anchor(heading):
    """The name that a heading gets, on the site and where Markdown is shown."""
    text = REFERENCE.sub(r'\1', heading).replace('`', '').strip().lower()
    return re.sub(r'[\s-]+', '-', re.sub(r'[^\w\s-]', '', text))


class Markdown:
    def __init__(self, path):
        text = FENCE.sub('', path.read_text(encoding='utf-8'))
        self.anchors = {anchor(heading) for heading in HEADING.findall(text)}
        self.links = LINK.findall(CODE.sub('', text))


class Html(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors |= {attributes[name] for name in ('id', 'name') if attributes.get(name)}
        self.links += [attributes[name] for name in ('href', 'src') if attributes.get(name)]


KINDS = {'.md': Markdown, '.html': Html}


class Links:
    def __init__(self):
        self.pages = {}
        self.complaints = []
        self.checked = 0

    def page(self, path):
        if path not in self.pages:
            self.pages[path] = KINDS[path.suffix](path)
        return self.pages[path]

    def check(self, path):
        for link in self.page(path).links:
            where = urllib.parse.urlsplit(link)
            if where.scheme or where.netloc:
                continue
            self.checked += 1
            target = (path.parent / urllib.parse.unquote(where.path)).resolve()
            if not where.path:
                target = path
            if not target.exists():
                self.complaints.append(f'{path}: there is no {link}')
            elif where.fragment and target.suffix in KINDS:
                if urllib.parse.unquote(where.fragment) not in self.page(target).anchors:
                    self.complaints.append(f'{path}: there is no heading {link}')


def main(*paths):
    links = Links()
    for path in map(pathlib.Path, paths):
        pages = [*path.glob('*.md'), *path.glob('*.html')] if path.is_dir() else [path]
        for page in sorted(pages):
            links.check(page.resolve())
    print('\n'.join(links.complaints))
    print(f'{links.checked} links checked, {len(links.complaints)} complaints')
    return bool(links.complaints) or links.checked == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
