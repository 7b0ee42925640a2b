#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file system with nothing but some packages of this Debian and what they depend on.

usage: bare_root.py FOLDER PACKAGE... [-- COMMAND...]
Copies the packages into the new FOLDER as they are installed here, without a network, and runs
the command in there, with processes of its own. Needs root, or user namespaces.
"""

import os
import pathlib
import re
import subprocess
import sys

# For people; and the toolkit, without which gjs is complete for a program that has no window.
UNWANTED = re.compile('/usr/share/(doc|man|info|icons|locale|fonts|lintian|bug)/')
LEFT_OUT = {'gir1.2-gtk-3.0', 'debconf', 'dpkg'}


class Unavailable(Exception):
    """It cannot be had on this machine."""


def read(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f'{command[0]} does not work: {error}') from error


def get_installed():
    """By name, as dpkg calls it, with the names of what it depends on."""
    native = read('dpkg', '--print-architecture').strip()
    packages = {}
    for line in read('dpkg-query', '--show', '--showformat',
                     r'${Package}\t${binary:Package}\t${Architecture}\t${db:Status-Status}\t'
                     r'${Pre-Depends},${Depends}\n').splitlines():
        name, full_name, architecture, status, needs = line.split('\t')
        if architecture in (native, 'all') and status == 'installed':
            packages[name] = full_name, set(re.findall(r'(?:^|[,|]) *([^\s,|:()]+)', needs))
    return packages


def find_all(wanted):
    packages = get_installed()
    missing = [name for name in wanted if name not in packages]
    if missing:
        raise Unavailable('not installed: ' + ' '.join(missing))
    found, names = {}, list(wanted)
    while names:
        name = names.pop()
        if name in packages and name not in found and name not in LEFT_OUT:
            found[name], needs = packages[name]
            names += needs
    return found.values()


def make(folder, wanted):
    root = pathlib.Path(folder)
    for name in 'dev', 'proc', 'tmp', 'usr':
        (root / name).mkdir(parents=True)
    (root / 'tmp').chmod(0o1777)
    links = [path for path in pathlib.Path('/').iterdir() if path.is_symlink()]
    for link in links:
        (root / link.name).symlink_to(os.readlink(link))
    paths = read('dpkg-query', '--listfiles', *find_all(wanted)).splitlines()
    paths = {os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
             for path in paths if os.path.lexists(path) and not UNWANTED.match(path)}
    paths = sorted(paths - {'/', '/.'} - {str(link) for link in links})
    with subprocess.Popen(['tar', '-C', '/', '--no-recursion', '-c', '--null', '-T', '-'],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pack:
        with subprocess.Popen(['tar', '-C', folder, '-x'], stdin=pack.stdout) as unpack:
            pack.stdin.write('\0'.join(path[1:] for path in paths).encode())
            pack.stdin.close()
    if pack.returncode != 0 or unpack.returncode != 0:
        raise Unavailable('the packages cannot be copied')


def in_there(folder, *command):
    """The command line to run a command in there; whatever it starts ends with it."""
    # The shell stays: who is the first process inherits all orphans, which a test need not expect.
    enter = ('mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" || exit; '
             'chroot "$0" "$@"; exit $?')
    user = [] if os.getuid() == 0 else ['--user', '--map-root-user']
    return ['unshare', *user, '--mount', '--pid', '--fork', '--kill-child',
            'sh', '-c', enter, str(folder), *command]


def make_usable(folder, wanted):
    """Like make(), and it is sure that programs run in there."""
    make(folder, wanted)
    try:
        result = subprocess.run(in_there(folder, 'true'), stderr=subprocess.PIPE, text=True,
                                check=False)
    except OSError as error:
        raise Unavailable(f'unshare does not work: {error}') from error
    if result.returncode != 0:
        raise Unavailable(f'nothing can run in a root of its own: {result.stderr}')


def main(folder, *arguments):
    end = arguments.index('--') if '--' in arguments else len(arguments)
    try:
        make_usable(folder, arguments[:end])
    except Unavailable as error:
        sys.exit(str(error))
    command = arguments[end + 1:]
    return subprocess.run(in_there(folder, *command), check=False).returncode if command else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
