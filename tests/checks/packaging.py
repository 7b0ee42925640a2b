# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is written for packagers holds: docs/packaging.md and the description of the project.

usage: packaging.py SOURCE_ROOT VERSION DESCRIPTION
"""

import json
import pathlib
import re
import sys
from xml.etree import ElementTree

DOAP = '{http://usefulinc.com/ns/doap#}'
RDF = '{http://www.w3.org/1999/02/22-rdf-syntax-ns#}'
OPTION = re.compile(r"^option\('(\w+)', type: '\w+', value: ('[^']*'|\w+)", re.M)
ROW = re.compile(r'^\| `(\w+)` \| (?:`([^`]+)`|nothing) \|', re.M)
CHOICES = {'true', 'false', 'enabled', 'disabled', 'auto'}


def read_blocks(page, language):
    return re.findall(rf'^```{language}\n(.*?)^```$', page, re.M | re.S)


def check_settings(settings, options):
    for name, value in settings:
        if name not in options:
            yield f'there is no option {name}'
        elif value not in CHOICES:
            yield f'{name} cannot be {value}'
        elif (options[name] in ('true', 'false')) != (value in ('true', 'false')):
            yield f'{name} is not of the kind that {value} is of'


def check_page(page, options, version):
    if dict(ROW.findall(page)) != options:
        yield f'the table of the options is not that of meson_options.txt: {options}'
    [module] = map(json.loads, read_blocks(page, 'json'))
    settings = [each[2:].split('=') for each in module['config-opts'] if each.startswith('-D')]
    yield from check_settings(settings, options)
    if module['buildsystem'] != 'meson' or module['sources'][0]['tag'] != version:
        yield 'the module is not of this version'
    [use] = read_blocks(page, 'meson')
    yield from check_settings(re.findall(r"'(\w+)=(\w+)'", use), options)
    [wrap] = read_blocks(page, 'ini')
    if f'\nrevision = {version}\n' not in wrap:
        yield 'the wrap file is not of this version'


def check_doap(path, description):
    root = ElementTree.parse(path).getroot()
    if root.tag != DOAP + 'Project':
        yield 'there is no project'
    texts = {child.tag.removeprefix(DOAP): (child.text or '').strip() for child in root}
    if (texts.get('name'), texts.get('shortdesc')) != ('process-glib', description):
        yield f'name and short description are {texts}'
    for name in 'description', 'programming-language', 'os':
        if not texts.get(name):
            yield f'{name} is missing'
    if not root.find(DOAP + 'license').get(RDF + 'resource'):
        yield 'the licence is missing'


def main(source_root, version, description):
    root = pathlib.Path(source_root)
    page = (root / 'docs' / 'packaging.md').read_text(encoding='utf-8')
    options = (root / 'meson_options.txt').read_text(encoding='utf-8')
    options = {name: value.strip("'") for name, value in OPTION.findall(options)}
    complaints = [f'packaging.md: {each}' for each in check_page(page, options, version)]
    complaints += [f'process-glib.doap: {each}'
                   for each in check_doap(root / 'docs' / 'process-glib.doap', description)]
    print('\n'.join(complaints) or f'{len(options)} options')
    return bool(complaints) or not options


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
