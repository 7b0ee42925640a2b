# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Comfort for Python.

Nothing here is needed to use the library, and everything that works without
this file works with it. What is adapted is found by looking at the typelib,
so that a class that this file has never heard of gets the same treatment.
"""

import asyncio
import collections
import datetime
import functools
import inspect
import os
import threading
import weakref

import gi
from gi.repository import Gio, GLib, GObject

from ..module import get_introspection_module
from ..overrides import override
from ._process_docs import DOCS

Process = get_introspection_module('Process')
# There is one version: who names none need not be warned.
gi.require_version('Process', Process._version)

__all__ = []

# What leaving a `with` block allows the processes to end by themselves.
LEAVE_GRACE = 5 * GLib.USEC_PER_SEC

# Classes that carry settings: a misspelt attribute of theirs is a mistake.
SETTINGS = ('RunOptions', 'RunSpec')

# GI_DIRECTION_OUT: of arguments that are results.
DIRECTION_OUT = 1

# GI_SCOPE_TYPE_NOTIFIED: of functions that are kept until their destroy notification.
SCOPE_NOTIFIED = 3


# Values

def _to_strv(value):
    if isinstance(value, (str, bytes)):
        raise TypeError(f'a list of strings is needed, not {value!r}')
    return value


def _to_bytes(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return GLib.Bytes.new(bytes(value))
    return value


def _to_path(value):
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _to_microseconds(value):
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(microseconds=1)
    return value


def _to_callback(value):
    """Makes a function that is kept and called again and again report a mistake.

    The coroutine that such a function returns would never run, and as it is
    true, count as a success.
    """
    if inspect.iscoroutinefunction(value):
        raise TypeError(f'a plain function is needed, not the coroutine function {value!r}')
    if not callable(value):
        return value

    @functools.wraps(value)
    def call(*args):
        result = value(*args)
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise TypeError(f'{value!r} returned {result!r}, which nobody awaits')
        return result

    return call


def _property_adapter(pspec):
    """What turns a comfortable value into one that the property takes."""
    return {
        GObject.TYPE_STRV: _to_strv,
        GLib.Bytes.__gtype__: _to_bytes,
        GObject.TYPE_STRING: _to_path,
        GObject.TYPE_INT64: _to_microseconds,
    }.get(pspec.value_type)


def _type_of(argument):
    # The name of the method changed with PyGObject 3.51.
    get_type = getattr(argument, 'get_type_info', None) or argument.get_type
    return get_type()


def _argument_adapter(argument):
    """What turns a comfortable value into one that the argument takes."""
    kind = _type_of(argument)
    tag = kind.get_tag_as_string()
    if tag == 'array':
        element = kind.get_param_type(0).get_tag_as_string()
        return _to_strv if element in ('utf8', 'filename') else None
    if tag == 'interface' and kind.get_interface().get_name() == 'Bytes':
        return _to_bytes
    if argument.get_scope() == SCOPE_NOTIFIED:
        return _to_callback
    return {'filename': _to_path, 'gint64': _to_microseconds}.get(tag)


def _arguments_of(function):
    """The arguments that Python sees: without results, lengths of arrays, and what frees data."""
    arguments = function.get_arguments()
    hidden = {_type_of(argument).get_array_length() for argument in arguments
              if _type_of(argument).get_tag_as_string() == 'array'}
    hidden |= {argument.get_destroy() for argument in arguments}
    return [argument for index, argument in enumerate(arguments)
            if index not in hidden and argument.get_direction() != DIRECTION_OUT]


class _Adapter:
    """Makes comfortable values of a call what its function takes."""

    def __init__(self, function):
        arguments = _arguments_of(function)
        self.names = [argument.get_name() for argument in arguments]
        self.adapters = {argument.get_name(): adapter for argument in arguments
                         for adapter in [_argument_adapter(argument)] if adapter}
        # What may be None at the end may be left out.
        self.needed = max((index + 1 for index, argument in enumerate(arguments)
                           if not argument.may_be_null()), default=0)

    def __call__(self, args, kwargs):
        named = [*zip(self.names, args), *kwargs.items()]
        values = [self.adapters.get(name, _same)(value) for name, value in named]
        rest = args[len(self.names):]
        n = len(args) - len(rest)
        return [*values[:n], *rest], dict(zip(kwargs, values[n:]))


def _same(value):
    return value


# Asynchronous calls

class _Call(asyncio.Future):
    """An asynchronous call under way.

    Cancelling it cancels the call; it is cancelled when the call has come to
    its end, so that nothing of it is left when `await` raises.
    """

    def __init__(self, loop, outer):
        super().__init__(loop=loop)
        self.cancellable = Gio.Cancellable()
        self._cancelling = False
        self._message = None
        self._outer = outer
        self._handler = None
        self._thread = threading.get_ident()
        if outer is not None:
            # Gio.Cancellable.connect() and disconnect() may wait for each other.
            self._handler = GObject.Object.connect(
                outer, 'cancelled', lambda _outer: self.cancellable.cancel())
            if outer.is_cancelled():
                self.cancellable.cancel()

    def cancel(self, msg=None):
        if self.done():
            return False
        self._cancelling = True
        self._message = msg
        self.cancellable.cancel()
        return True

    def end(self, get_result):
        """Takes the result, in whichever thread it came."""
        value = error = None
        try:
            value = get_result()
        except Exception as exception:
            error = exception.with_traceback(None)
        if self._handler is not None:
            GObject.Object.disconnect(self._outer, self._handler)
            self._handler = None
        if threading.get_ident() == self._thread:
            self._settle(value, error)
        elif not self.get_loop().is_closed():
            self.get_loop().call_soon_threadsafe(self._settle, value, error)

    def _settle(self, value, error):
        if self.done() or self.get_loop().is_closed():
            return
        if self._cancelling:
            super().cancel(self._message)
        elif error is not None:
            self.set_exception(error)
        else:
            self.set_result(value)


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _wrap_async(function, finish, adapt, first):
    """Makes a call without a callback, inside a coroutine, something to await."""
    before = adapt.names.index('callback')

    def call(*args, **kwargs):
        owner, (args, kwargs) = args[:first], adapt(args[first:], kwargs)
        loop = _running_loop()
        if loop is None or kwargs.get('callback') or any(args[before:before + 1]):
            return function(*owner, *args, **kwargs)
        named = {**dict(zip(adapt.names, args[:before])), **kwargs}
        named.pop('callback', None)
        named.pop('user_data', None)
        future = _Call(loop, named.pop('cancellable', None))

        def done(_source, result, *_user_data):
            future.end(lambda: finish(*owner, result))

        function(*owner, **named, cancellable=future.cancellable, callback=done)
        return future

    return call


def _wrap_sync(function, adapt, first):
    """Makes a function take comfortable values."""
    def call(*args, **kwargs):
        if adapt.adapters:
            owner, (args, kwargs) = args[:first], adapt(args[first:], kwargs)
            args = [*owner, *args]
        return function(*args, **kwargs)

    return call


def _signature(needed, optional=(), by_name=()):
    """What help() and editors show of a function that takes anything."""
    either, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([
        *(inspect.Parameter(name, either) for name in needed),
        *(inspect.Parameter(name, either, default=None) for name in optional),
        *(inspect.Parameter(name, keyword, default=None) for name in by_name)])


def _wrap(function, finish, *owner):
    """A Python function that stands for one of the typelib, be it of a class or none."""
    owner_name = 'self' if function.is_method() else 'cls' if function.is_constructor() else ''
    adapt, first = _Adapter(function), 1 if owner_name else 0
    if finish is not None and 'callback' in adapt.names:
        call = _wrap_async(function, finish, adapt, first)
    else:
        call = _wrap_sync(function, adapt, first)
    call.__name__ = function.get_name()
    call.__qualname__ = '.'.join([*owner, call.__name__])
    call.__doc__ = DOCS.get(call.__qualname__)
    call.__signature__ = _signature([*filter(None, [owner_name]), *adapt.names[:adapt.needed]],
                                    adapt.names[adapt.needed:])
    return call


# Classes

def _finish_name(name):
    return name[:-len('_async')] + '_finish' if name.endswith('_async') else ''


def _adapt_methods(cls):
    methods = {method.get_name(): method for method in cls.__info__.get_methods()}
    for name, method in methods.items():
        wrapper = _wrap(method, methods.get(_finish_name(name)), cls.__name__)
        kind = (_same if method.is_method() else
                classmethod if method.is_constructor() else staticmethod)
        setattr(cls, name, kind(wrapper))


def _make_property(pspec, doc):
    name = pspec.name
    adapt = _property_adapter(pspec) or _same
    flags = GObject.ParamFlags.WRITABLE | GObject.ParamFlags.CONSTRUCT_ONLY
    setter = None
    if pspec.flags & flags == GObject.ParamFlags.WRITABLE:
        def setter(self, value):
            self.set_property(name, adapt(value))
    return property(lambda self: self.get_property(name), setter, doc=doc)


def _refuse_unknown(self, name, value):
    if not name.startswith('_') and not hasattr(type(self), name):
        raise AttributeError(f'{type(self).__name__} has no attribute {name!r}')
    GObject.Object.__setattr__(self, name, value)


def _adapt_properties(cls):
    """Makes every property an attribute of its name."""
    for info in cls.__info__.get_properties():
        name = info.get_name().replace('-', '_')
        if not hasattr(cls, name):
            setattr(cls, name, _make_property(cls.find_property(info.get_name()),
                                              DOCS.get(f'{cls.__name__}.{name}')))
    if cls.__name__ in SETTINGS:
        cls.__setattr__ = _refuse_unknown


def _adapt_constructor(cls):
    """Lets the class be called like its `new ()`, and with every property by name."""
    names = [argument.get_name() for method in cls.__info__.get_methods()
             if method.is_constructor() and method.get_name() == 'new'
             for argument in _arguments_of(method)]

    def __init__(self, *args, **kwargs):
        if len(args) > len(names):
            raise TypeError(f'{cls.__name__} takes {len(names)} positional arguments, '
                            f'{len(args)} were given')
        for name, value in zip(names, args):
            if name in kwargs:
                raise TypeError(f'{cls.__name__} got the argument {name!r} twice')
            kwargs[name] = value
        for name, value in kwargs.items():
            pspec = cls.find_property(name.replace('_', '-'))
            adapt = pspec and _property_adapter(pspec)
            kwargs[name] = adapt(value) if adapt else value
        # None stands for a property that was left out.
        GObject.Object.__init__(self, **{name: value for name, value in kwargs.items()
                                         if value is not None})

    if all(cls.find_property(name.replace('_', '-')) for name in names):
        settings = [pspec.name.replace('-', '_') for pspec in cls.list_properties()
                    if pspec.flags & GObject.ParamFlags.WRITABLE]
        __init__.__signature__ = _signature(
            ['self'], names, [name for name in settings if name not in names])
        cls.__init__ = __init__


def _adapt_namespace():
    things = {name: getattr(Process, name) for name in dir(Process) if not name.startswith('_')}
    for name, thing in things.items():
        if isinstance(thing, type) and hasattr(thing, '__info__'):
            if hasattr(thing.__info__, 'get_methods'):
                _adapt_methods(thing)
            if issubclass(thing, GObject.Object):
                _adapt_properties(thing)
                _adapt_constructor(thing)
            if issubclass(thing, Gio.ListModel):
                # An empty list model is still something.
                thing.__bool__ = lambda self: True
        elif hasattr(thing, 'is_constructor'):
            globals()[name] = _wrap(thing, things.get(_finish_name(name)))
            __all__.append(name)


_adapt_namespace()


# Lines

class _Lines:
    """The lines of a process as they come, for `async for`.

    It listens from the moment it is made. What it has not been asked for yet
    stays in memory, however much that is.
    """

    def __init__(self, process, stream, with_stream):
        self._ready = collections.deque()
        self._lock = threading.Lock()
        self._waiter = None
        self._waiter_thread = None
        self._ended = False
        self._stream = stream
        self._with_stream = with_stream
        self._process = process
        self._cancellable = Gio.Cancellable()
        # The process must not keep an iterator alive that nobody asks any more.
        me = weakref.ref(self)
        self._handler = process.connect('lines', self._on_lines, me)
        process.wait_async(self._cancellable, self._on_ended, me)

    @staticmethod
    def _on_lines(_process, lines, stream, me):
        self = me()
        if self is None or self._stream not in (None, stream):
            return
        with self._lock:
            self._ready.extend([(line, stream) for line in lines] if self._with_stream else lines)
        self._wake()

    @staticmethod
    def _on_ended(_process, _result, me):
        self = me()
        if self is not None:
            self._end()

    def _end(self):
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            # Before another thread can see the end.
            process.disconnect(self._handler)
            self._ended = True
            self._wake()

    def _wake(self):
        with self._lock:
            waiter, self._waiter = self._waiter, None
        if waiter is None or waiter.get_loop().is_closed():
            return
        if self._waiter_thread == threading.get_ident():
            _release(waiter)
        else:
            waiter.get_loop().call_soon_threadsafe(_release, waiter)

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            with self._lock:
                if self._ready:
                    return self._ready.popleft()
                if self._ended:
                    raise StopAsyncIteration
                if self._waiter is not None and not self._waiter.done():
                    raise RuntimeError('another task is waiting for the next line')
                self._waiter = waiter = asyncio.get_running_loop().create_future()
                self._waiter_thread = threading.get_ident()
            await waiter

    async def aclose(self):
        """Stops listening; the lines that have come already are dropped."""
        self._end()
        self._ready.clear()
        self._cancellable.cancel()

    def __del__(self):
        if not self._ended:
            self._end()
            self._cancellable.cancel()


def _release(waiter):
    if not waiter.done():
        waiter.set_result(None)


# The classes with comfort of their own

@override
class ManagedProcess(Process.ManagedProcess):
    """Its end is also that of the `with` block that it is used in."""

    def lines(self, stream=None, with_stream=False):
        """The lines from now on, for `async for`: of both streams, or of one.

        With `with_stream` each comes as a pair of the line and its stream.
        The iteration ends when the process has ended.
        """
        if stream is not None:
            stream = Process.Stream(stream)
        return _Lines(self, stream, with_stream)

    def __aiter__(self):
        return self.lines()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.shutdown(None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        try:
            await self.shutdown_async()
        except asyncio.CancelledError:
            self.kill()
            raise


@override
class Service(Process.Service):
    """It is also shut down with the `with` block that it is used in."""

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.shutdown(LEAVE_GRACE, None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        try:
            await self.shutdown_async(LEAVE_GRACE)
        except asyncio.CancelledError:
            self.shutdown(0, None)
            raise


@override
class PidFile(Process.PidFile):
    """It is also held for the `with` block that it is used in."""

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *_exception):
        self.release()


class _Started:
    """What runs for the block that it is used in."""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    async def __aenter__(self):
        self.start()
        return self


@override
class HealthServer(_Started, Process.HealthServer):
    """It also runs for the `with` block that it is used in."""

    async def __aexit__(self, *_exception):
        try:
            await self.drain_async(LEAVE_GRACE)
        except asyncio.CancelledError:
            self.stop()
            raise


@override
class Daemon(_Started, Process.Daemon):
    """It also runs for the `with` block that it is used in."""

    async def __aexit__(self, *_exception):
        await self.stop_async()


OVERRIDDEN = (Daemon, HealthServer, ManagedProcess, PidFile, Service)
__all__ += [cls.__name__ for cls in OVERRIDDEN]


def _describe_classes():
    overridden = {cls.__name__: cls for cls in OVERRIDDEN}
    for name, cls in {**vars(Process), **overridden}.items():
        if name in DOCS and isinstance(cls, type):
            doc = '\n\n'.join(filter(None, [DOCS[name], cls.__dict__.get('__doc__')]))
            # PyGObject's metaclasses only let it be read.
            type.__dict__['__doc__'].__set__(cls, doc)


_describe_classes()
