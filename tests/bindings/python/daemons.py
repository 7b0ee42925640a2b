# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of daemons share. It is imported before anything else."""

import contextlib
import http.client
import json
import socket

import plain  # noqa: F401
from support import Case, GLib, wait_until
from gi.repository import Gio

# Something that nobody listens on.
NOWHERE = '127.0.0.1:1'


class Connection(http.client.HTTPConnection):
    """To whatever a health server calls its address."""

    def __init__(self, address):
        self.path = address.partition('unix:')[2]
        host, _, port = ('localhost', None, None) if self.path else address.rpartition(':')
        super().__init__(host.strip('[]'), port, timeout=20)

    def connect(self):
        if not self.path:
            super().connect()
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(20)
            self.sock.connect(self.path)


def fetch(address, path='/health', method='GET', headers=None):
    """In a thread: the status and the text of the answer."""
    with contextlib.closing(Connection(address)) as connection:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()


class DaemonCase(Case):
    """Asks servers of this thread."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # GLib watches all files with one descriptor, which stays.
        Gio.File.new_for_path('/').monitor(Gio.FileMonitorFlags.NONE, None)

    def ask(self, server, path='/health', **options):
        # The address of the server belongs to this thread.
        address = server if isinstance(server, str) else server.get_property('address')
        return self.in_thread(lambda: fetch(address, path, **options))

    def ask_json(self, server, path='/health'):
        status, text = self.ask(server, path, headers={'Accept': 'application/health+json'})
        return status, json.loads(text)

    def assert_down(self, address):
        with self.assertRaises(OSError):
            self.in_thread(lambda: fetch(address))

    def assert_healthy(self, server):
        self.assertEqual(self.ask(server), (200, 'ok\n'))

    def assert_unhealthy(self, server, text):
        self.assertEqual(self.ask(server), (503, f'unhealthy: {text}\n'))


def finish(source, call, *args):
    """What an asynchronous call of the source, or of the namespace, comes to."""
    ended = []
    getattr(source, call + '_async')(*args, lambda _source, result: ended.append(result))
    assert not ended, 'the callback was called too early'
    assert wait_until(lambda: ended), 'the deadline passed'
    return getattr(source, call + '_finish')(ended[0])


def later(function, *args):
    """Calls the function in a later turn of the main loop."""
    GLib.idle_add(lambda: function(*args) and False)
