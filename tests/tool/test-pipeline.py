#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-pipeline.py PROCESS-GLIB [OPTIONS OF UNITTEST]

Runs `process-glib pipeline` as a user does: through pipes, files and terminals. Everything waits
for an event, at most until the deadline.
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.dont_write_bytecode = True
from screen import Screen  # pylint: disable=wrong-import-position

# A shell has them ignored in what it runs in the background, and the tool would pass that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOOL = os.path.abspath(sys.argv.pop(1))
DEADLINE = 60
HOSTILE = 'a\x1b[31m\x9b5mred\r\n\x07\x7f\u202e'
CONTROLS = '[\x00-\x1f\x7f-\x9f\u202e]'
STUBBORN = "trap '' TERM; echo $$; while :; do sleep 1; done"
POLITE = "trap 'echo bye; exit 0' TERM; echo $$; while :; do sleep 0.01; done"


def spec(name, script, **keys):
    return {'name': name, 'command': 'sh', 'args': ['-c', script], **keys}


class TestCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='process-glib-tool-')
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, specs):
        path = self.path('specs.json')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(specs, file)
        return path

    def start(self, *args, **kwargs):
        for stream in 'stdin', 'stdout', 'stderr':
            kwargs.setdefault(stream, subprocess.PIPE)
        tool = subprocess.Popen([TOOL, 'pipeline', *args], **kwargs)
        self.addCleanup(self.finish, tool)
        return tool

    @staticmethod
    def finish(tool):
        for stream in tool.stdin, tool.stdout, tool.stderr:
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        tool.kill()
        tool.wait()

    def run_tool(self, *args, data=b'', **kwargs):
        tool = self.start(*args, **kwargs)
        out, err = tool.communicate(data, timeout=DEADLINE)
        return out.decode(), err.decode(), tool.returncode

    def run_specs(self, specs, *args, code=0):
        out, err, returncode = self.run_tool(*args, self.write(specs))
        self.assertEqual(err, '')
        self.assertEqual(returncode, code, out)
        return out

    def run_json(self, specs, *args, code=0):
        return json.loads(self.run_specs(specs, '--json', *args, code=code))

    def wait_for_end(self, pid):
        with contextlib.suppress(ProcessLookupError):
            fd = os.pidfd_open(pid)
            self.addCleanup(os.close, fd)
            self.assertTrue(select.select([fd], [], [], DEADLINE)[0])

    def wait_for_state(self, pid, state):
        """Of the letters of proc(5)."""
        end = time.monotonic() + DEADLINE
        found = None
        while found != state:
            self.assertLess(time.monotonic(), end, found)
            with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as stat:
                found = stat.read().rpartition(')')[2].split()[0]

    def read_until(self, stream, text):
        """The lines up to the one with @text."""
        lines = []
        while not lines or text not in lines[-1]:
            line = stream.readline().decode()
            self.assertNotEqual(line, '', lines)
            lines.append(line)
        return lines


class Plain(TestCase):
    def test_passed(self):
        out = self.run_specs([spec('one', 'echo a; echo b >&2'),
                              spec('two', 'printf c', after=['one'])])
        lines = out.splitlines()
        self.assertEqual(sorted(lines[:2]), ['one | a', 'one | b'])
        self.assertEqual(lines[2], 'two | c')
        self.assertEqual(lines[3], '')
        self.assertRegex(lines[4], r'^\S one  passed +\d+\.\d s$')
        self.assertRegex(lines[5], r'^\S two  passed +\d+\.\d s$')
        self.assertRegex(lines[6], r'^2 passed in \d+\.\d s$')
        self.assertNotIn('\x1b', out)

    def test_failed(self):
        out = self.run_specs([spec('bad', 'echo oops; exit 3'),
                              spec('skipped', 'true', after=['bad']),
                              spec('lost', 'true', after=['nowhere']),
                              spec('slow', 'sleep 100', timeout=10_000_000),
                              {'name': 'none', 'command': 'no-such-program'},
                              spec('good', 'true')], code=1)
        self.assertEqual(out.count('oops'), 1)
        for line in (r'bad +failed +\d+\.\d s  exit code 3',
                     r'skipped +skipped +-  was skipped, because “bad” did not pass',
                     r'lost +failed +-  waits for “nowhere”, which is missing',
                     r'slow +failed +\d+\.\d s  was stopped after .* its timeout',
                     r'none +failed +-  There is no program “no-such-program” in the PATH',
                     r'good +passed +\d+\.\d s'):
            self.assertRegex(out, r'(?m)^\S ' + line + '$')
        self.assertRegex(out, r'(?m)^1 passed, 4 failed, 1 skipped in \d+\.\d s\n\Z')

    def test_nothing(self):
        self.assertRegex(self.run_specs([]), r'^\nNothing to run in 0\.\d s\n\Z')

    def test_standard_input(self):
        data = json.dumps({'specs': [spec('one', 'echo hello')]}).encode()
        out, err, code = self.run_tool('-', data=data)
        self.assertEqual((err, code), ('', 0))
        self.assertTrue(out.startswith('one | hello\n'))

    def test_programs_read_nothing(self):
        data = json.dumps([spec('one', 'cat; echo end')]).encode()
        out, _err, code = self.run_tool('-', data=data)
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith('one | end\n'))

    def test_hostile_name(self):
        out = self.run_specs([spec('a\x1b[31m\nb\r\x07c', 'echo x')])
        self.assertTrue(out.startswith('a bc | x\n'), repr(out))
        self.assertNotIn('\x1b', out)
        self.assertNotIn('\r', out)

    def test_hostile_message(self):
        specs = [{'name': HOSTILE, 'command': 'true', HOSTILE: 1}]
        out, err, code = self.run_tool(self.write(specs))
        self.assertEqual((out, code), ('', 2))
        self.assertNotRegex(err[:-1], CONTROLS)
        self.assertIn('The key “a\\u001b[31m', err)

    def test_hostile_results(self):
        out, _err, code = self.run_tool('--json', self.write([spec(HOSTILE, 'exit 1')]))
        self.assertEqual(code, 1)
        self.assertNotRegex(out[:-1], CONTROLS)
        self.assertEqual(json.loads(out)['results'][0]['name'], HOSTILE)

    def test_many(self):
        specs = [{'name': 'n%d' % i, 'command': 'true', 'after': ['n%d' % (i // 2)] if i else []}
                 for i in range(200)]
        self.assertIn('\n200 passed in ', self.run_specs(specs, '-j', '8'))


class Errors(TestCase):
    def assertBad(self, args, message, data=b''):
        out, err, code = self.run_tool(*args, data=data)
        self.assertEqual((out, code), ('', 2), err)
        self.assertRegex(err, message)

    def test_usage(self):
        self.assertBad([], 'The file to run is missing')
        self.assertBad(['a', 'b'], 'more than one file')
        self.assertBad(['--mode', 'some', 'a'], '“some” is none of all, sequential and parallel')
        self.assertBad(['-j', 'x', 'a'], '“x” is not a whole number')
        self.assertBad(['-j', '-1', 'a'], '“-1” is not a whole number')
        self.assertBad(['--grace', 'x', 'a'], 'Option --grace: ')
        self.assertBad(['--json', '--dry-run', 'a'], 'no use with --dry-run')
        self.assertBad(['--unknown'], 'Unknown option --unknown')

    def test_files(self):
        self.assertBad([self.path('none.json')], 'none.json.*No such file')
        self.assertBad([self.folder], 'Is a directory|is a directory')
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        _out, err, code = self.run_tool('-', stdin=folder, data=None)
        self.assertEqual(code, 2)
        self.assertRegex(err, '[Ii]s a directory')
        path = self.path('bad.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[\n{"name": "a"\n"command": "b"}]')
        self.assertBad([path], 'bad.json”: Line 3 is not valid JSON: ')
        self.assertBad(['--dry-run', path], 'bad.json”: Line 3 is not valid JSON: ')

    def test_content(self):
        for args in [], ['--dry-run'], ['--json'], ['--mode', 'sequential']:
            with self.subTest(args):
                self.assertBad([*args, '-'], 'Standard input: Line 1 ', b'[')
                self.assertBad([*args, '-'], 'It is not text', b'[]\0')
                self.assertBad([*args, '-'], 'The key “x” of spec 1 \\(“a”\\) is unknown',
                               b'[{"name": "a", "command": "b", "x": 1}]')
                twice = [spec('a', 'echo ran'), spec('a', 'echo ran')]
                self.assertBad([*args, '-'], 'Standard input: More than one spec has the name “a”',
                               json.dumps(twice).encode())
                self.assertBad([*args, self.write(twice)], 'specs.json”: More than one spec')

    def test_full_disk(self):
        with open('/dev/full', 'wb') as full:
            tool = self.start(self.write([spec('one', 'echo x; sleep 1000')]), stdout=full)
            _out, err = tool.communicate(timeout=DEADLINE)
        self.assertEqual(tool.returncode, 125)
        self.assertIn(b'Cannot write to standard output', err)
        with open('/dev/full', 'wb') as full:
            tool = self.start('--dry-run', self.write([spec('one', 'true')]), stdout=full)
            _out, err = tool.communicate(timeout=DEADLINE)
        self.assertEqual(tool.returncode, 125)
        self.assertIn(b'Cannot write to standard output', err)


class Options(TestCase):
    def test_help(self):
        out, err, code = self.run_tool('--help')
        self.assertEqual((err, code), ('', 0))
        self.assertIn('process-glib pipeline [OPTION…] FILE', out)
        self.assertLessEqual(max(map(len, out.splitlines())), 95)

    def test_dry_run(self):
        marker = self.path('marker')
        specs = [spec('third', 'touch %s' % marker, after=['second', 'first']),
                 {'name': 'second', 'command': 'touch', 'args': [marker, 'a b', ''],
                  'after': ['first']},
                 spec('first', 'touch %s' % marker)]
        out = self.run_specs(specs, '--dry-run')
        self.assertEqual(out, "1  first   sh -c 'touch %s'\n2  second  touch %s 'a b' ''\n"
                              "3  third   sh -c 'touch %s'\n" % (marker, marker, marker))
        for mode in 'sequential', 'parallel':
            out = self.run_specs(specs, '--dry-run', '--mode', mode)
            self.assertEqual(re.findall(r'(?m)^\d +(\w+)', out), ['third', 'second', 'first'])
        self.assertFalse(os.path.exists(marker))

    def test_dry_run_hides_nothing(self):
        marker = self.path('marker')
        script = 'echo #\x1b]\ntouch %s #\x07\u202e' % marker
        shown = 'echo #\\u001b]\\u000atouch %s #\\u0007\\u202e' % marker
        out = self.run_specs([spec('a', script)], '--dry-run')
        self.assertEqual(out, "1  a  sh -c '%s'\n" % shown)

    def test_dry_run_stuck(self):
        out, err, code = self.run_tool('--dry-run', self.write(
            [spec('a', 'x', after=['b']), spec('b', 'x', after=['a']), spec('c', 'x')]))
        self.assertEqual((out, code), ('1  c  sh -c x\n', 1))
        self.assertIn('The spec “a” is on a dependency cycle: “a” → “b” → “a”\n', err)

    def test_modes(self):
        specs = [spec('a', 'exit 1', after=['b']), spec('b', 'true', after=['nowhere'])]
        result = self.run_json(specs, '--mode', 'sequential', code=1)
        self.assertEqual((result['failed'], result['skipped']), (1, 1))
        result = self.run_json(specs, '--mode', 'parallel', code=1)
        self.assertEqual((result['passed'], result['failed']), (1, 1))
        result = self.run_json(specs, '--mode', 'all', code=1)
        self.assertEqual(result['failed'], 2)
        self.assertIn('nowhere', result['results'][1]['error'])

    def test_jobs(self):
        """Two that need each other at the same time, and one place."""
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        specs = [spec('reads', 'cat ' + fifo, timeout=1_000_000_000),
                 spec('writes', 'echo x >' + fifo)]
        self.assertEqual(self.run_json(specs)['passed'], 2)
        self.assertEqual(self.run_json(specs, '--jobs=2')['passed'], 2)
        specs[1]['timeout'] = 1_000_000_000
        self.assertEqual(self.run_json(specs, '-j1', code=1)['failed'], 2)

    def test_keep_going(self):
        specs = [spec('a', 'exit 1'), spec('b', 'true', after=['a']), spec('c', 'true')]
        for mode in 'all', 'sequential':
            result = self.run_json(specs, '--mode', mode, '--keep-going', code=1)
            self.assertEqual((result['passed'], result['failed'], result['skipped']), (2, 1, 0))

    def test_json(self):
        result = self.run_json([spec('a', 'echo é; echo >&2 b; exit 5')], code=1)
        self.assertEqual(set(result), {'results', 'duration', 'passed', 'failed', 'skipped'})
        self.assertEqual(result['results'][0]['exitCode'], 5)
        self.assertEqual(sorted(result['results'][0]['output'].split()), ['b', 'é'])

    def test_grace(self):
        """What the file does not say is said by the option."""
        specs = [spec('a', POLITE, timeout=300_000_000)]
        self.assertIn('bye', self.run_json(specs, code=1)['results'][0]['output'])
        result = self.run_json(specs, '--grace', '0', code=1)
        self.assertNotIn('bye', result['results'][0]['output'])
        specs = [spec('a', POLITE, timeout=300_000_000, gracePeriod=DEADLINE * 10 ** 9)]
        result = self.run_json(specs, '--grace', '0', code=1)
        self.assertIn('bye', result['results'][0]['output'])


class Signals(TestCase):
    def start_and_wait(self, specs, *args, **kwargs):
        """The tool, and the pid that the program called “runs” printed."""
        tool = self.start(*args, self.write(specs), **kwargs)
        line = self.read_until(tool.stdout, 'runs | ')[-1]
        return tool, int(line.split()[-1])

    def test_interrupted(self):
        for signum in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT:
            with self.subTest(signum):
                tool, pid = self.start_and_wait([spec('runs', POLITE),
                                                 spec('waits', 'true', after=['runs'])])
                tool.send_signal(signum)
                out, err = tool.communicate(timeout=DEADLINE)
                self.assertEqual((err, tool.returncode), (b'', 128 + signum))
                self.assertIn('runs | bye\n', out.decode())
                self.assertRegex(out.decode(), r'(?m)^\S runs +failed .* was cancelled$')
                self.assertRegex(out.decode(), r'(?m)^\S waits +skipped ')
                self.assertRegex(out.decode(), r'\n1 failed, 1 skipped in .*\n\Z')
                self.wait_for_end(pid)

    def test_json(self):
        marker = self.path('marker')
        specs = [spec('runs', 'echo > %s; exec sleep 1000' % marker)]
        tool = self.start('--json', self.write(specs))
        end = time.monotonic() + DEADLINE
        while not os.path.exists(marker) and time.monotonic() < end:
            os.sched_yield()
        tool.send_signal(signal.SIGINT)
        out, _err = tool.communicate(timeout=DEADLINE)
        self.assertEqual(tool.returncode, 130)
        self.assertIn('cancelled', json.loads(out)['results'][0]['error'])

    def test_twice(self):
        tool, pid = self.start_and_wait([spec('runs', STUBBORN, gracePeriod=DEADLINE * 10 ** 10)])
        tool.send_signal(signal.SIGINT)
        while tool.poll() is None:
            tool.send_signal(signal.SIGINT)
            os.sched_yield()
        out, _err = tool.communicate(timeout=DEADLINE)
        self.assertEqual(tool.returncode, 130)
        self.assertIn('\n1 failed in ', out.decode())
        self.wait_for_end(pid)

    def test_twice_for_a_group(self):
        """The program itself has ended at the first one."""
        script = """sh -c 'trap "" TERM; echo $$; exec sleep 1000' & wait"""
        tool, pid = self.start_and_wait([spec('runs', script, gracePeriod=DEADLINE * 10 ** 10)])
        tool.send_signal(signal.SIGINT)
        while tool.poll() is None:
            tool.send_signal(signal.SIGINT)
            os.sched_yield()
        tool.communicate(timeout=DEADLINE)
        self.assertEqual(tool.returncode, 130)
        self.wait_for_end(pid)

    def test_reader_gone(self):
        tool, pid = self.start_and_wait([spec('runs', 'echo $$; while :; do echo x; done')])
        tool.stdout.close()
        self.assertEqual(tool.wait(DEADLINE), 141)
        self.wait_for_end(pid)

    def test_reader_stuck(self):
        """Nobody reads any more, but a second signal ends it even so."""
        tool, pid = self.start_and_wait([spec('runs', 'echo $$; while :; do echo x; done')])
        tool.send_signal(signal.SIGINT)
        self.wait_for_end(pid)
        tool.send_signal(signal.SIGINT)
        self.assertEqual(tool.wait(DEADLINE), 130)


class Terminal(TestCase):
    def start_on_terminal(self, specs, *args, columns=80, lines=24, **environ):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))
        env = {**os.environ, 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **environ}
        if 'NO_COLOR' not in environ:
            env.pop('NO_COLOR', None)
        tool = self.start(*args, self.write(specs), stdin=slave, stdout=slave, stderr=slave,
                          env=env, start_new_session=True,
                          preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.master = master
        return tool

    def read(self, until=None):
        """What comes up to @until, or to the end."""
        data = b''
        while until is None or until not in data.decode(errors='ignore'):
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                break
            if not chunk:
                break
            data += chunk
        return data.decode()

    def run_on_terminal(self, specs, *args, code=0, columns=80, lines=24, **environ):
        """All that was written, and what is left of it to see."""
        tool = self.start_on_terminal(specs, *args, columns=columns, lines=lines, **environ)
        written = self.read()
        self.assertEqual(tool.wait(DEADLINE), code)
        screen = Screen(columns, lines)
        screen.feed(written)
        return written, screen

    def test_results(self):
        written, screen = self.run_on_terminal(
            [spec('good', 'echo quiet; sleep 0.3'),
             spec('bad', "printf 'loud\\n no end'; exit 3")], code=1)
        self.assertIn('\x1b[32m', written)
        self.assertRegex(screen.text(), r'^✗ bad: exit code 3\nloud\n no end\n\n'
                                        r'✓ good  passed +\d+\.\d s\n'
                                        r'✗ bad   failed +\d+\.\d s  exit code 3\n'
                                        r'1 passed, 1 failed in \d+\.\d s\n\Z')

    def test_live(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_on_terminal([
            spec('first',
                 "printf '\\033[1mworking\\033[0m\\t10%%%%\\r20%%%%\\n'; cat %s >&2" % fifo),
            spec('second', 'exit 1'), spec('third', 'true', after=['first'])])
        written = self.read('1 failed')
        screen = Screen(80, 24)
        screen.feed(written)
        self.assertRegex(screen.text(), r'^\S first +\d+\.\d s  20%\n\[█+░+\] 1/3  1 failed')
        with open(fifo, 'wb'):
            pass
        written += self.read()
        self.assertEqual(tool.wait(DEADLINE), 1)
        screen = Screen(80, 24)
        screen.feed(written)
        self.assertRegex(screen.text(), r'^✓ first   passed ')

    def test_hostile_output(self):
        """What a program prints tells the terminal nothing: no title, link or character set."""
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_on_terminal([
            spec('first', "printf '\\033]0;title\\007one\\033(0 \\033]8;;http://x/\\033\\\\two"
                          "\\033c\\r\\n  \\033[1m \\n'; cat %s" % fifo)])
        written = self.read('two')
        screen = Screen(80, 24)
        screen.feed(written)
        self.assertRegex(screen.text(), r'^\S first +\d+\.\d s  one two')
        with open(fifo, 'wb'):
            pass
        written += self.read()
        self.assertEqual(tool.wait(DEADLINE), 0)
        for text in '\x1b]', '\x1b(', '\x1bc', '\x07', 'title', 'http':
            self.assertNotIn(text, written)

    def test_unfinished_sequence(self):
        """Nothing is read behind the end of a line that ends in the midst of one."""
        specs = [spec('n%d' % i, "printf 'shown%s\\n'; exit 1" % end)
                 for i, end in enumerate((
                     '\\033', '\\033[', '\\033[1;', '\\033]0;x', '\\033]0;\\033', '\\033(',
                     '\\033\\303\\244'))]
        _written, screen = self.run_on_terminal(specs, code=1)
        self.assertEqual(screen.text().count('exit code 1'), 2 * len(specs))

    def test_skipped(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_on_terminal([spec('first', 'cat %s' % fifo), spec('second', 'exit 1'),
                                       spec('third', 'true', after=['second'])])
        screen = Screen(80, 24)
        screen.feed(self.read('1 skipped  ') + self.read('s'))
        self.assertRegex(screen.text(), r'\[█+░+\] 2/3  1 failed  1 skipped  \d+\.\d s')
        with open(fifo, 'wb'):
            pass
        self.read()
        self.assertEqual(tool.wait(DEADLINE), 1)

    def test_truncated(self):
        """The newest of the output is kept, and that it is not all of it is said."""
        written, _screen = self.run_on_terminal([spec('much', 'seq 300000; exit 1')], code=1)
        before, said, after = written.partition('(the beginning is missing)')
        self.assertTrue(said)
        self.assertIn('much', before)
        self.assertRegex(after, r'\n299999\r?\n300000\r?\n')
        self.assertNotRegex(after, r'\n1\r?\n2\r?\n')

    def test_stopping(self):
        """It says so, as long as a program has its time to end."""
        script = STUBBORN.replace('$$', 'ready')
        tool = self.start_on_terminal([spec('runs', script, gracePeriod=DEADLINE * 10 ** 10)])
        self.read('ready')
        os.write(self.master, b'\x03')
        self.read('stopping')
        os.write(self.master, b'\x03')
        self.read()
        self.assertEqual(tool.wait(DEADLINE), 130)

    def test_small(self):
        """More programs than lines, and lines that are longer than the terminal is wide."""
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        tool = self.start_on_terminal([spec('program-with-a-long-name-%d' % i,
                                            "printf '%%0200d\\n' 7; cat %s" % fifo)
                                       for i in range(9)], columns=40, lines=6)
        written = self.read('and 6 more')
        screen = Screen(40, 6)
        screen.feed(written)
        self.assertFalse(screen.overflowed)
        self.assertLessEqual(len(screen.lines), 6)
        tool.send_signal(signal.SIGTERM)
        self.read()
        self.assertEqual(tool.wait(DEADLINE), 143)

    def test_colours(self):
        specs = [spec('bad', 'sleep 0.3; echo x; exit 1')]
        written, _screen = self.run_on_terminal(specs, code=1, NO_COLOR='1')
        self.assertNotRegex(written, r'\x1b\[[\d;]*m')
        self.assertIn('\x1b[J', written)
        written, _screen = self.run_on_terminal(specs, code=1, NO_COLOR='')
        self.assertRegex(written, r'\x1b\[[\d;]*m')

    def test_dumb(self):
        written, _screen = self.run_on_terminal([spec('one', 'echo x')], TERM='dumb')
        self.assertNotIn('\x1b', written)
        self.assertTrue(written.startswith('one | x\r\n'))

    def test_ascii(self):
        written, screen = self.run_on_terminal([spec('one', 'sleep 0.3')], LC_ALL='C')
        self.assertTrue(written.isascii())
        self.assertRegex(screen.text(), r'^\+ one  passed ')

    def test_json(self):
        written, _screen = self.run_on_terminal([spec('one', 'echo x')], '--json')
        self.assertEqual(json.loads(written)['passed'], 1)

    def test_ctrl_c(self):
        """The programs are in other groups: they get it from the tool, once."""
        tool = self.start_on_terminal([spec('runs', "trap 'echo trapped; exit 0' TERM\n"
                                                    "echo ready; while :; do sleep 0.01; done")])
        self.read('ready')
        os.write(self.master, b'\x03')
        written = self.read()
        self.assertEqual(tool.wait(DEADLINE), 130)
        self.assertRegex(written, r'runs .*failed.* was cancelled')

    def test_ctrl_z(self):
        """The programs stop and go on with the tool."""
        tool = self.start_on_terminal([spec('runs', 'echo ready $$ now; while :; do :; done')])
        pid = int(re.search(r'ready (\d+) ', self.read(' now'))[1])
        os.write(self.master, b'\x1a')
        info = os.waitid(os.P_PID, tool.pid, os.WSTOPPED)
        self.assertEqual(info.si_status, signal.SIGSTOP)
        self.wait_for_state(pid, 'T')
        tool.send_signal(signal.SIGCONT)
        self.wait_for_state(pid, 'R')
        os.write(self.master, b'\x03')
        self.read()
        self.assertEqual(tool.wait(DEADLINE), 130)


if __name__ == '__main__':
    unittest.main()
