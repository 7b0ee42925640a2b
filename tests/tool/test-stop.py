#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-stop.py PROCESS-GLIB [OPTIONS OF UNITTEST]

Runs `process-glib stop` as an operator does. Everything waits for an event, at most until the
deadline.
"""

import os
import pathlib
import signal
import sys
import unittest

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from daemon_util import (DEADLINE, SLEEPER, STUBBORN, TestCase, become_old, get_boot_id,
                         get_start_ticks, get_time)

NOBODY = 65534


class StopCase(TestCase):
    old = False

    def stop(self, *args, name='code/daemon', **kwargs):
        """What it said and its exit code."""
        if self.old:
            kwargs['preexec_fn'] = become_old
        out, err, code = self.run_tool('stop', '--registry', self.registry, name, *args, **kwargs)
        self.assertEqual(out, '')
        return err, code

    def assertNotRunning(self, *args, **kwargs):
        self.assertEqual(self.stop(*args, **kwargs),
                         ('process-glib: The daemon “code/daemon” does not run\n', 1))


class Stopped(StopCase):
    def test_daemon(self):
        tool = self.start_daemon(*SLEEPER)
        child = self.follow_line(tool.stdout)
        self.assertEqual(self.stop(), ('', 0))
        self.assertEqual(tool.wait(DEADLINE), 0)
        self.assertEnds(child)
        self.assertNothingLeft()
        self.assertNotRunning()

    def test_default_registry(self):
        env = {**os.environ, 'HOME': self.folder}
        tool = self.start_tool('daemon', '--name', 'a/b', *SLEEPER, env=env)
        self.follow_line(tool.stdout)
        self.assertEqual(self.run_tool('stop', 'a/b', env=env), ('', '', 0))
        self.assertEqual(tool.wait(DEADLINE), 0)

    def test_foreign(self):
        """One that the Go package has registered; it stays a zombie, which is dead enough."""
        process = self.start_process(*SLEEPER)
        path = self.write_entry(process.pid)
        self.assertEqual(self.stop(), ('', 0))
        self.assertEqual(process.wait(DEADLINE), -signal.SIGTERM)
        self.assertFalse(path.exists())

    def test_killed(self):
        process = self.start_process(*STUBBORN)
        path = self.write_entry(process.pid)
        err, code = self.stop('--grace', '0.2')
        self.assertEqual(code, 0)
        self.assertRegex(err, r'^process-glib: .*“code/daemon”.* killed\n\Z')
        self.assertEqual(process.wait(DEADLINE), -signal.SIGKILL)
        self.assertFalse(path.exists())

    def test_no_grace(self):
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid)
        self.assertEqual(self.stop('--grace', '0'), ('', 0))
        self.assertEqual(process.wait(DEADLINE), -signal.SIGKILL)

    def test_long_grace(self):
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid)
        self.assertEqual(self.stop('--grace', '1000d'), ('', 0))
        self.assertEqual(process.wait(DEADLINE), -signal.SIGTERM)

    def test_stopped(self):
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        self.assertEqual(self.stop('--grace', '1000'), ('', 0))
        self.assertEqual(process.wait(DEADLINE), -signal.SIGTERM)

    def test_supervisor_killed(self):
        """Not even then does its child go on."""
        tool = self.start_daemon(*STUBBORN, options=['--grace', '1000'])
        child = self.follow_line(tool.stdout)
        self.assertEqual(self.stop('--grace', '0.2')[1], 0)
        self.assertEqual(tool.wait(DEADLINE), -signal.SIGKILL)
        self.assertEnds(child)
        self.assertEqual(self.read_entries(), [])

    def test_next_instance(self):
        """Which has registered while the last one was ending."""
        next_one = self.start_process(*SLEEPER)
        entry = self.write_entry(next_one.pid)
        waiting = pathlib.Path(self.path('waiting'))
        entry.rename(waiting)
        process = self.start_process(
            'sh', '-c', "trap 'mv %s %s; exit 0' TERM; echo $$; while :; do sleep 0.01; done"
                        % (waiting, entry))
        self.write_entry(process.pid)
        self.assertEqual(self.stop(), ('', 0))
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual([each['pid'] for each in self.read_entries()], [next_one.pid])
        self.assertIsNone(next_one.poll())

    def test_recorded_start(self):
        process = self.start_process(*SLEEPER)
        self.write_entry(process.pid, startTicks=get_start_ticks(process.pid),
                         bootId=get_boot_id(), started=get_time(-3600))
        self.assertEqual(self.stop(), ('', 0))
        self.assertEqual(process.wait(DEADLINE), -signal.SIGTERM)

    def test_odd_names(self):
        for name in 'a b/-c', '-/-', '.../%2f':
            with self.subTest(name):
                tool = self.start_daemon(*SLEEPER, name=name)
                self.follow_line(tool.stdout)
                self.assertEqual(self.run_tool('stop', '--registry', self.registry, '--', name),
                                 ('', '', 0))
                self.assertEqual(tool.wait(DEADLINE), 0)


class Stranger(StopCase):
    """What has the pid of a daemon, but is none."""

    def setUp(self):
        super().setUp()
        self.process = self.start_process(*SLEEPER)

    def tearDown(self):
        self.assertIsNone(self.process.poll(), 'the stranger was signalled')

    def test_other_start(self):
        path = self.write_entry(self.process.pid, bootId=get_boot_id(),
                                startTicks=get_start_ticks(self.process.pid) - 1)
        self.assertNotRunning()
        self.assertFalse(path.exists())

    def test_other_boot(self):
        self.write_entry(self.process.pid, startTicks=get_start_ticks(self.process.pid),
                         bootId='00000000-0000-0000-0000-000000000000')
        self.assertNotRunning()

    def test_older_entry(self):
        """That the Go package has left behind, whose pid was used again."""
        path = self.write_entry(self.process.pid, started=get_time(-3600))
        self.assertNotRunning()
        self.assertFalse(path.exists())

    def test_no_start(self):
        path = self.write_entry(self.process.pid, started='0001-01-01T00:00:00Z')
        err, code = self.stop()
        self.assertEqual(code, 125)
        self.assertRegex(err, r'^process-glib: .* %d .*“code/daemon”\n\Z' % self.process.pid)
        self.assertTrue(path.exists())

    def test_other_name(self):
        self.write_entry(self.process.pid, code='other')
        self.assertNotRunning()
        self.assertEqual(len(self.read_entries()), 1)


class StoppedInAnOldKernel(Stopped):
    old = True


class StrangerInAnOldKernel(Stranger):
    old = True


class Failed(StopCase):
    def test_unknown(self):
        self.assertNotRunning()
        os.mkdir(self.registry)
        self.assertNotRunning()

    def test_dead(self):
        process = self.start_process(*SLEEPER)
        path = self.write_entry(process.pid)
        process.kill()
        process.wait()
        self.assertNotRunning()
        self.assertFalse(path.exists())

    def test_folder(self):
        pathlib.Path(self.registry).touch()
        err, code = self.stop()
        self.assertEqual(code, 125)
        self.assertIn(self.registry, err)

    @unittest.skipUnless(os.geteuid() == 0, 'only root can become somebody else')
    def test_not_permitted(self):
        os.chmod(self.folder, 0o755)
        process = self.start_process(*SLEEPER)
        path = self.write_entry(process.pid)
        os.chmod(self.registry, 0o755)
        os.chmod(path, 0o644)
        for grace in '10', '0':
            err, code = self.stop('--grace', grace, user=NOBODY, group=NOBODY, extra_groups=[])
            self.assertEqual(code, 125)
            self.assertRegex(err, r'^process-glib: .* %d .*“code/daemon”.*\n\Z' % process.pid)
        self.assertIsNone(process.poll())
        self.assertTrue(path.exists())

    def test_usage(self):
        for args in ([], ['--'], ['a/b', 'c/d'], ['--grace', 'a/b'], ['--grace', '-1', 'a/b'],
                     ['--no-such-option', 'a/b'], ['a/b', '--registry']):
            with self.subTest(args):
                self.assertRefused('stop', *args)

    def test_names(self):
        for name in '', '/', 'a', 'a/', '/b', 'a/b/c', 'a//b', '//':
            with self.subTest(name):
                self.assertIn('“%s”' % name, self.assertRefused('stop', name))

    def test_help(self):
        for option in '--help', '-h':
            out, err, code = self.run_tool('stop', option)
            self.assertEqual((err, code), ('', 0))
            self.assertIn('process-glib stop', out)


if __name__ == '__main__':
    unittest.main()
