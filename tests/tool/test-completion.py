#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-completion.py PROCESS-GLIB COMPLETION-FOLDER SHELL

What bash, zsh or fish offer to who types a command line.
Skipped (77) where the shell is not installed.
"""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

TOOL, FOLDER, SHELL = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent
BASH_COMPLETION = '/usr/share/bash-completion/bash_completion'
SKIPPED = 77


class Bash:
    def __init__(self, env):
        self.env = env

    def complete(self, line):
        words = [part for word in line.split(' ') for part in re.split('([=:])', word)]
        words = [word for word in words[:-1] if word] + words[-1:]
        if len(words) > 1 and words[-1] == '' and line[-1:] in '=:':
            words.pop()
        return subprocess.run(
            ['bash', '--norc', HERE / 'completion.bash', BASH_COMPLETION,
             f'{FOLDER}/process-glib.bash', line, *words],
            env=self.env, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()

    def close(self):
        pass


class Fish(Bash):
    def complete(self, line):
        script = f'set fish_complete_path {FOLDER} $fish_complete_path; complete -C $argv[1]'
        offers = subprocess.run(['fish', '--no-config', '-c', script, line], env=self.env,
                                stdout=subprocess.PIPE, text=True, check=True).stdout
        return [offer.split('\t')[0] for offer in offers.splitlines()]


class Zsh:
    """One that is used interactively: zsh completes nowhere else."""

    def __init__(self, env):
        shutil.copy(HERE / 'completion.zsh', pathlib.Path(env['HOME'], '.zshrc'))
        self.terminal, terminal = os.openpty()
        read, write = os.pipe()
        self.answers = os.fdopen(read, encoding='utf-8')
        self.shell = subprocess.Popen(
            ['zsh', '-d', '-i'], stdin=terminal, stdout=terminal, stderr=terminal,
            pass_fds=[write], start_new_session=True,
            env={**env, 'ZDOTDIR': env['HOME'], 'OUT': str(write), 'COMPLETION': FOLDER,
                 'TERM': 'dumb'})
        os.close(terminal)
        os.close(write)
        self.screen = threading.Thread(target=self.drain)
        self.screen.start()
        list(self.read())

    def drain(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:  # the shell has gone
            pass

    def read(self):
        for line in self.answers:
            if line == '.end\n':
                return
            yield line.rstrip('\n')
        raise EOFError('zsh has ended')

    def complete(self, line):
        os.write(self.terminal, line.encode() + b'\t\x15')
        return list(self.read())

    def close(self):
        self.shell.kill()
        self.shell.wait()
        self.screen.join()
        self.answers.close()
        os.close(self.terminal)


def get_help(*args):
    return subprocess.run([TOOL, *args, '--help'], check=True, text=True, encoding='utf-8',
                          stdout=subprocess.PIPE).stdout


def get_commands():
    listed = get_help().split('Commands:\n')[1].split('\n\n')[0]
    return {line.split()[0] for line in listed.splitlines()}


def get_options(command):
    return set(re.findall(r'^  (?:-\w, )?(--[a-z-]+)', get_help(command), re.M))


def register(folder, code, daemon):
    """This very process, which lives on while the test asks."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / f'{code}-{daemon}.json'.replace(':', '%3A')).write_text(json.dumps(
        {'code': code, 'daemon': daemon, 'pid': os.getpid(), 'started': now}), encoding='utf-8')


class Completion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / 'bin').mkdir()
        (self.folder / 'bin' / 'process-glib').symlink_to(os.path.abspath(TOOL))
        program = self.folder / 'bin' / 'pg-program'
        program.write_text('#!/bin/sh\n', encoding='utf-8')
        program.chmod(0o755)
        (self.folder / 'things' / 'inner').mkdir(parents=True)
        (self.folder / 'things' / 'build.json').touch()
        self.shell = {'bash': Bash, 'zsh': Zsh, 'fish': Fish}[SHELL](
            {**os.environ, 'HOME': folder.name, 'LC_ALL': 'C.UTF-8',
             'PATH': f'{folder.name}/bin:{os.environ["PATH"]}'})
        self.addCleanup(self.shell.close)

    def complete(self, arguments):
        """What is offered for the last word, without what is added for typing on."""
        return {re.sub('(?<=.)[/= ]$', '', offer)
                for offer in self.shell.complete('process-glib ' + arguments)}

    def complete_path(self, arguments):
        """The shells differ in whether they repeat the folder."""
        return {pathlib.Path(offer).name for offer in self.complete(arguments)}

    def test_commands(self):
        self.assertEqual({offer for offer in self.complete('') if offer[0] != '-'}, get_commands())
        self.assertEqual(self.complete('da'), {'daemon', 'daemons'})
        self.assertEqual(self.complete('--'), {'--help', '--version'})

    def test_options(self):
        for command in get_commands():
            with self.subTest(command):
                self.assertEqual(self.complete(f'{command} --'), get_options(command))
        self.assertEqual(self.complete('run --timeout 5 --quiet --js'), {'--json'})
        self.assertEqual(self.complete('run --timeout=5 --js'), {'--json'})

    def test_values(self):
        modes = {'all', 'sequential', 'parallel'}
        self.assertEqual(self.complete('pipeline --mode '), modes)
        self.assertEqual(self.complete('pipeline -j 3 --mode p'), {'parallel'})
        self.assertEqual(self.complete_path(f'run --cwd {self.folder}/things/'), {'inner'})
        self.assertEqual(self.complete_path(f'daemon --pid-file {self.folder}/things/b'),
                         {'build.json'})
        for nothing in 'run --timeout ', 'run --env ', 'health --wait ':
            self.assertEqual(self.complete(nothing), set(), nothing)

    def test_file(self):
        self.assertEqual(self.complete_path(f'pipeline {self.folder}/things/b'), {'build.json'})
        self.assertEqual(self.complete_path(f'pipeline -j 2 {self.folder}/things/b'),
                         {'build.json'})

    def test_command(self):
        for before in ('run ', 'run -- ', 'run --env A=B --quiet ', 'run --timeout 5 -- ',
                       'daemon --name a/b -- '):
            with self.subTest(before):
                self.assertEqual(self.complete(before + 'pg-pro'), {'pg-program'})
        # From there on it is another program's command line.
        self.assertEqual(self.complete('run pg-program --kill-g'), set())
        self.assertEqual(self.complete('run -- process-glib da'), {'daemon', 'daemons'})
        self.assertEqual(self.complete('run --quiet -- process-glib stop --gr'), {'--grace'})

    def test_daemons(self):
        register(self.folder / '.core' / 'daemons', 'app', 'worker')
        register(self.folder / '.core' / 'daemons', 'app', 'mailer')
        register(self.folder / 'other', 'shop', 'cart')
        self.assertEqual(self.complete('stop '), {'app/worker', 'app/mailer'})
        self.assertEqual(self.complete('stop --grace 5 app/w'), {'app/worker'})
        self.assertEqual(self.complete(f'stop --registry {self.folder}/other '), {'shop/cart'})
        self.assertEqual(self.complete(f'stop --registry={self.folder}/other '), {'shop/cart'})

    def test_odd_names(self):
        register(self.folder / 'odd', 'my "app"', 'a b')
        register(self.folder / 'odd', 'tab\there', 'x')
        offers = self.complete(f'stop --registry {self.folder}/odd ')
        self.assertEqual({offer.replace('\\', '') for offer in offers}, {'my "app"/a b'})

    def test_hostile_names(self):
        """What they are, and where they lie, is not taken for a command."""
        program = self.folder / 'bin' / 'pg-evil'
        program.write_text('#!/bin/sh\n: >"$HOME/ran"\n', encoding='utf-8')
        program.chmod(0o755)
        for name in '$(pg-evil)', '`pg-evil`;pg-evil':
            register(self.folder / name, name, 'x')
            where = re.sub('([^a-z/-])', r'\\\1', name)
            offers = self.complete(f'stop --registry {self.folder}/{where} ')
            if SHELL != 'bash':  # which looks for the folder as it is typed
                self.assertEqual({offer.replace('\\', '') for offer in offers}, {name + '/x'})
            self.complete(f'stop --registry={self.folder}/{where} ')
            self.complete(f"stop --registry '{self.folder}/{name}' ")
            shutil.rmtree(self.folder / '.core', ignore_errors=True)
            register(self.folder / '.core' / 'daemons', name, 'x')
            offers = self.complete('stop ')
            self.assertEqual({offer.replace('\\', '') for offer in offers}, {name + '/x'})
        self.assertFalse((self.folder / 'ran').exists())


def find_what_lacks():
    if not shutil.which(SHELL):
        return f'{SHELL} is not installed'
    if SHELL == 'bash' and not os.path.exists(BASH_COMPLETION):
        return 'bash-completion is not installed'
    return None


if __name__ == '__main__':
    if find_what_lacks():
        print(find_what_lacks())
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=2)
