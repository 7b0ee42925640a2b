#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""usage: test-health.py PROCESS-GLIB [OPTIONS OF UNITTEST]

Runs `process-glib health` as a user does, against a server that says what it is told to.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

TOOL = os.path.abspath(sys.argv.pop(1))
DEADLINE = 60

HEALTHY = b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n'
UNHEALTHY = b'HTTP/1.1 503 Service Unavailable\r\n\r\nunhealthy: db: gone\n'
VERBOSE = b'HTTP/1.1 200 OK\r\n\r\n[+]db ok\n[+]disk ok\nhealth check passed\n'
# Of one who waits for ever.
SILENCE = None


class Server:
    """Gives each connection the next of its answers, and from then on the last one."""

    def __init__(self, *answers, path=None):
        self.answers = answers
        self.requests = []
        self.silent = []
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(path or ('127.0.0.1', 0))
        self.listener.listen()
        self.port = None if path else self.listener.getsockname()[1]
        self.address = 'unix:' + path if path else '127.0.0.1:%d' % self.port
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _address = self.listener.accept()
                self.answer(peer)

    def answer(self, peer):
        request = b''
        while not request.endswith(b'\r\n\r\n'):
            data = peer.recv(4096)
            if not data:
                break
            request += data
        self.requests.append(request.decode())
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if answer is SILENCE:
            self.silent.append(peer)
            return
        with peer:
            peer.sendall(answer)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for peer in self.silent:
            peer.close()


class Health(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='process-glib-tool-')
        self.addCleanup(shutil.rmtree, self.folder)

    def serve(self, *answers, **kwargs):
        server = Server(*answers, **kwargs)
        self.addCleanup(server.close)
        return server

    def run_tool(self, *args, **kwargs):
        kwargs.setdefault('stdout', subprocess.PIPE)
        return subprocess.run([TOOL, 'health', *args], stderr=subprocess.PIPE, encoding='utf-8',
                              env={**os.environ, 'LC_ALL': 'C.UTF-8'}, timeout=DEADLINE,
                              check=False, **kwargs)

    def assertTool(self, result, code, out, err):
        self.assertEqual((result.returncode, result.stdout), (code, out))
        if err:
            self.assertRegex(result.stderr, err)
            self.assertTrue(result.stderr.startswith('process-glib: '))
        else:
            self.assertEqual(result.stderr, '')

    def assertUsage(self, *args, err):
        result = self.run_tool(*args)
        self.assertTool(result, 125, '', err)
        self.assertTrue(result.stderr.endswith('Try “process-glib health --help”.\n'))

    def test_healthy(self):
        server = self.serve(HEALTHY)
        self.assertTool(self.run_tool(server.address), 0, 'ok\n', None)
        self.assertTool(self.run_tool(str(server.port)), 0, 'ok\n', None)
        self.assertTool(self.run_tool('--wait', '60', server.address), 0, 'ok\n', None)
        self.assertEqual(len(server.requests), 3)
        for request in server.requests:
            self.assertTrue(request.startswith('GET /health HTTP/1.1\r\n'))
            self.assertIn('\r\nHost: %s\r\n' % server.address, request)

    def test_targets(self):
        server = self.serve(VERBOSE)
        listed = '[+]db ok\n[+]disk ok\nhealth check passed\n'
        for args, target in (('--ready',), '/ready'), (('--verbose',), '/health?verbose'), \
                (('--ready', '--verbose'), '/ready?verbose'):
            self.assertTool(self.run_tool(server.address, *args), 0, listed, None)
            self.assertTrue(server.requests[-1].startswith('GET %s HTTP/1.1\r\n' % target))

    def test_unhealthy(self):
        server = self.serve(UNHEALTHY)
        err = '“%s” answered 503: “unhealthy: db: gone”\n$' % server.address
        self.assertTool(self.run_tool(server.address), 1, 'unhealthy: db: gone\n', err)
        self.assertTool(self.run_tool(server.address, '--wait', '0.3'), 1,
                        'unhealthy: db: gone\n', err)

    def test_becomes_healthy(self):
        server = self.serve(UNHEALTHY, b'', HEALTHY)
        self.assertTool(self.run_tool('--wait=1m', server.address), 0, 'ok\n', None)
        self.assertEqual(len(server.requests), 3)

    def test_no_answer(self):
        server = self.serve(SILENCE)
        for args in (), ('--wait', '0.2'):
            self.assertTool(self.run_tool(server.address, *args), 124, '',
                            'No answer came from “%s”: ' % server.address)
        server = self.serve(b'')
        self.assertTool(self.run_tool(server.address), 124, '', 'closed without an answer\n$')

    def test_nobody_there(self):
        with socket.socket() as bound:
            bound.bind(('127.0.0.1', 0))
            address = '127.0.0.1:%d' % bound.getsockname()[1]
            self.assertTool(self.run_tool(address, '--wait', '0.3'), 124, '',
                            'No answer came from “%s”: .*Connection refused' % address)

    def test_unix(self):
        path = os.path.join(self.folder, 'socket')
        self.assertTool(self.run_tool('unix:' + path), 124, '', 'No such file or directory')
        server = self.serve(HEALTHY, path=path)
        self.assertTool(self.run_tool(server.address), 0, 'ok\n', None)
        self.assertIn('\r\nHost: localhost\r\n', server.requests[0])

    def test_hostile_text(self):
        server = self.serve(b'HTTP/1.1 200 OK\r\n\r\na\x1b[31mb\x07\r\nc\xff\x00d\n')
        self.assertTool(self.run_tool(server.address), 0, 'ab\nc\ufffd\ufffdd\n', None)

    def test_hostile_message(self):
        server = self.serve(b'HTTP/1.1 503 x\r\n\r\na\x1b[31m\x07\xc2\x9b5m\xe2\x80\xaeb\n')
        result = self.run_tool(server.address)
        self.assertEqual(result.returncode, 1)
        self.assertNotRegex(result.stderr[:-1], '[\x00-\x1f\x7f-\x9f\u202e]')

    def test_no_text(self):
        server = self.serve(b'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n')
        self.assertTool(self.run_tool(server.address), 0, '', None)

    def test_usage(self):
        self.assertUsage(err='The address to ask is missing')
        self.assertUsage('1', '2', err='Only one address can be asked, and there is also “2”')
        self.assertUsage('--wait', err='--wait')
        self.assertUsage('--wait', '-1', '80', err='“-1” is not a number of seconds')
        self.assertUsage('--wait', 'soon', '80', err='Option --wait: “soon” is not')
        self.assertUsage('--loud', '80', err='--loud')
        for address in '', 'host', '127.0.0.1:70000', 'unix:', '127.0.0.1:0', 'http://a/health':
            self.assertUsage(address, err='The health address “%s” cannot be ' % address)

    def test_help(self):
        result = self.run_tool('--help')
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        for option in '--wait', '--ready', '--verbose', 'ADDRESS':
            self.assertIn(option, result.stdout)

    def test_full_disk(self):
        server = self.serve(HEALTHY, UNHEALTHY)
        with open('/dev/full', 'w', encoding='ascii') as full:
            result = self.run_tool(server.address, stdout=full)
            self.assertTool(result, 125, None, 'Cannot write to standard output')
            # That it is not healthy counts more.
            result = self.run_tool(server.address, stdout=full)
            self.assertTool(result, 1, None, 'answered 503')

    def test_closed_output(self):
        server = self.serve(UNHEALTHY)
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, 'wb') as output:
            result = self.run_tool(server.address, stdout=output)
        self.assertTool(result, 1, None, 'answered 503')


if __name__ == '__main__':
    unittest.main()
