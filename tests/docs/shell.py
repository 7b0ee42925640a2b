# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How samples for a shell, and those that are data, are tried."""

import configparser
import json
import os
import re

from languages import Failure, matches, run

CALL = re.compile(r'\bprocess-glib ([a-z]+)((?: (?!-- )[^|&;\n\\]+|\\\n)*)')
OPTION = re.compile(r'(?<=\s)--[a-z-]+[a-z]|(?<=\s)-[a-z](?=\s)')
MARK = '=== end of a command ==='


def check_calls(text, folder, settings):
    """The subcommands and options of process-glib that a script uses must be there."""
    for command, words in CALL.findall(text):
        known = run([settings['tool'], command, '--help'], folder)
        for option in OPTION.findall(words.split(' -- ')[0]):
            if not re.search(rf'{option}\b', known):
                raise Failure(f'process-glib {command} has no option “{option}”')


def try_script(sample, folder, settings):
    script = folder / 'sample.sh'
    script.write_text(sample.text)
    run(['sh', '-n', str(script)], folder)
    check_calls(sample.text, folder, settings)


def split_session(text):
    """Pairs of a command, after `$ `, and what it prints. A here-document has no `$ `."""
    commands, end = [], None
    for line in text.splitlines(keepends=True):
        if line.startswith('$ ') and end is None:
            commands.append([line[2:], ''])
            here = re.search(r"<< *'?(\w+)'?", line)
            end = here and here.group(1)
        elif not commands:
            raise Failure(f'no command comes before “{line.strip()}”')
        elif end is not None:
            commands[-1][0] += line
            end = None if line.strip() == end else end
        else:
            commands[-1][1] += line
    return commands


def try_session(sample, folder, settings):
    commands = split_session(sample.text)
    script = ''.join(f"{command}echo '{MARK}'\n" for command, _printed in commands)
    check_calls(script, folder, settings)
    path = os.pathsep.join([os.path.dirname(settings['tool']), os.environ['PATH']])
    printed = run(['sh', '-c', script + 'wait\n'], folder, PATH=path).split(MARK + '\n')
    for (command, expected), text in zip(commands, printed):
        if not matches(expected, text):
            raise Failure(f'{command.strip()} printed:\n{text}\ninstead of:\n{expected}')


def try_json(sample, folder, settings):
    try:
        value = json.loads(sample.text)
    except ValueError as error:
        raise Failure(str(error)) from None
    specs = value.get('specs') if isinstance(value, dict) else value
    if specs:
        path = folder / 'sample.json'
        path.write_text(sample.text)
        run([settings['tool'], 'pipeline', '--dry-run', str(path)], folder)


def try_meson(sample, folder, settings):
    path = folder / 'meson.build'
    path.write_text("project('sample', 'c')\n" + sample.text)
    run([settings['meson'], 'introspect', '--ast', str(path)], folder)
    if 'process-glib-1' not in sample.text:
        raise Failure('it does not use the library')


def try_ini(sample, folder, settings):
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(sample.text)
    except configparser.Error as error:
        raise Failure(str(error)) from None
    check_calls(sample.text, folder, settings)
