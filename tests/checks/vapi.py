# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the metadata must have corrected in the vapi: namespace, cancellables, nullable properties.

usage: vapi.py GIR VAPI
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
CLASS = re.compile(r'^\tpublic (?:sealed )?class (\w+)\b.*?^\t}$', re.M | re.S)
PROPERTY = re.compile(r'^\t\tpublic (?:unowned )?\S+?(\??) (\w+) { (?:owned )?(?:get|set)', re.M)
CANCELLABLE = re.compile(r'GLib\.Cancellable\?? \w*cancellable\b(?! = null)')


def properties_of(vapi):
    """From class and name to whether it may be null."""
    return {(cls[1], name): bool(nullable)
            for cls in CLASS.finditer(vapi)
            for nullable, name in PROPERTY.findall(cls[0])}


def getters_of(gir):
    """From class and name of a property to whether its getter may return NULL."""
    namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
    for cls in namespace.findall(CORE + 'class'):
        methods = {method.get('name'): method for method in cls.findall(CORE + 'method')}
        for node in cls.findall(CORE + 'property'):
            name = node.get('name').replace('-', '_')
            getter = methods.get('get_' + name)
            if getter is not None:
                result = getter.find(CORE + 'return-value')
                yield (cls.get('name'), name), result.get('nullable') == '1'


def main(gir, path):
    with open(path, encoding='utf-8') as file:
        vapi = file.read()
    complaints = []
    if '\nnamespace ProcessGLib {' not in vapi:
        complaints.append('the namespace is not ProcessGLib')
    for match in CANCELLABLE.finditer(vapi):
        line = vapi[vapi.rfind('\n', 0, match.start()) + 1:vapi.find('\n', match.end())]
        complaints.append(f'the cancellable has no default: {line.strip()}')

    properties, checked = properties_of(vapi), 0
    for key, nullable in getters_of(gir):
        checked += 1
        if key not in properties:
            complaints.append('{}.{} is not in the vapi'.format(*key))
        elif properties[key] != nullable:
            complaints.append('{}.{}: the getter and the property disagree about null'.format(*key))
    for complaint in complaints:
        print(complaint)
    print(f'{checked} properties, {len(complaints)} complaints')
    return bool(complaints) or checked == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
