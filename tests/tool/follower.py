# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Processes that the tests did not start themselves."""

import contextlib
import os
import select
import signal

DEADLINE = 60


class Follower:
    """Notices the end of a process that is not our child."""

    def __init__(self, pid):
        self.pid = pid
        self.fd = os.pidfd_open(pid)

    def has_ended(self, seconds=DEADLINE):
        return bool(select.select([self.fd], [], [], seconds)[0])

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.fd, signal.SIGKILL)
        os.close(self.fd)
