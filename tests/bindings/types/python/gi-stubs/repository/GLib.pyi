# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

class Error(Exception):
    message: str
    domain: str
    code: int
    def matches(self, domain: int, code: int) -> bool: ...

class Bytes:
    def get_data(self) -> bytes: ...

class DateTime:
    def to_unix(self) -> int: ...

class Variant:
    def __init__(self, format_string: str, value: object) -> None: ...
    def unpack(self) -> object: ...

USEC_PER_SEC: int
