# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

from typing import Optional

from gi.repository import GLib, GObject

class AsyncResult(GObject.GInterface): ...

class Cancellable(GObject.Object):
    def cancel(self) -> None: ...

class File(GObject.GInterface):
    @staticmethod
    def new_for_path(path: str) -> File: ...

class Task(GObject.Object):
    def return_boolean(self, result: bool) -> None: ...

class ActionGroup(GObject.GInterface):
    def activate_action(self, action_name: str,
                        parameter: Optional[GLib.Variant] = None) -> None: ...

class ListModel(GObject.GInterface):
    def get_item(self, position: int) -> Optional[GObject.Object]: ...
    def get_item_type(self) -> GObject.GType: ...
    def get_n_items(self) -> int: ...
