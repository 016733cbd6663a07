# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`@record`: a dataclass with slots, made quickly; frozen, or not.

The alphabet alone has sixty classes.  `dataclasses` compiles six functions for each, and brings `inspect` along; that
was a third of what every process of the suite did before it began.  Here one function is compiled for all classes
with as many fields, and is given their names when the first record is made.  To a type checker `record` is
`dataclass`; whoever uses `dataclasses.fields`, `asdict` or `replace` on a record finds a dataclass too, and pays for
it only then.

What lives here is how a record is made; what is in one, its class says.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field, replace
else:

    def field(*, default_factory):
        """A default that each record gets a new one of."""
        return _New(default_factory)

    def record(*, slots: bool, frozen: bool = False, eq: bool = True):
        """As `dataclass` with the same arguments; a record always has slots."""
        assert slots, "a record has slots"
        return lambda cls: _made(cls, frozen=frozen, eq=eq)

    def replace(of, /, **changes):
        """The same record with some fields changed, as `dataclasses.replace` does it."""
        return type(of)(**dict(zip(type(of)._names, type(of)._values(of), strict=True)) | changes)


def _made(cls: Any, /, *, frozen: bool, eq: bool) -> Any:
    """The class of a record, from the class as it was written: what dataclasses does, less its compiling."""
    body = dict(vars(cls))
    own = [name for name, kind in body.get("__annotations__", {}).items() if not kind.startswith("ClassVar")]
    inherited = getattr(cls, "_defaults", {})
    defaults = inherited | {name: body.pop(name, _NOTHING) for name in own}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    names = tuple(defaults)
    shared: dict[str, Any] = {
        "__slots__": tuple(name for name in own if name not in inherited),
        "__match_args__": names,
        "__dataclass_fields__": _FIELDS,
        "_names": names,
        "_defaults": defaults,
        "_frozen": frozen,
        # A getter of all fields, in C; it is no function, so it is found through an instance as it is.
        "_values": _getter(names),
        "__init__": _first,
        "__reduce__": _reduced,
    }
    if eq:
        shared |= {"__eq__": _equal, "__hash__": _hash if frozen else None}
    if frozen:
        shared |= {"__setattr__": _refuse, "__delattr__": _refuse}
    return type(cls)(cls.__name__, cls.__bases__, {"__repr__": _shown} | body | shared)


#: What a field without a default has for one.
_NOTHING = object()


class _New:
    """What a field has whose default is made anew for each record."""

    def __init__(self, make: Callable[[], object], /) -> None:
        self.make = make


def _getter(names: tuple[str, ...], /) -> Any:
    if len(names) > 1:
        return operator.attrgetter(*names)
    return _One(*names) if names else _One(None)


class _One:
    """The getter of a record with one field, or none."""

    def __init__(self, name: str | None, /) -> None:
        self._get = None if name is None else operator.attrgetter(name)

    def __call__(self, of: object) -> tuple[object, ...]:
        return () if self._get is None else (self._get(of),)


def _first(self: Any, /, *args: object, **named: object) -> None:
    """`__init__` until the first record of the class is made: most processes make records of few classes."""
    cls: Any = next(cls for cls in type(self).__mro__ if vars(cls).get("__init__") is _first)
    cls.__init__ = initialise = _initialiser(cls)
    initialise(self, *args, **named)


def _initialiser(cls: Any, /) -> Any:
    """The `__init__` of a record's class: the one of its shape, with its own names."""
    fields = cls._defaults.items()
    code = _shaped(tuple(isinstance(of, _New) for _, of in fields), cls._frozen, hasattr(cls, "__post_init__"))
    own = {f"_{at}": name for at, name in enumerate(cls._defaults)}
    known: dict[str, Any] = {"write": object.__setattr__, "nothing": _NOTHING}
    known |= {f"new_{at}": of.make for at, (_, of) in enumerate(fields) if isinstance(of, _New)}

    def named(words: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([own.get(word, word) for word in words])

    code = code.replace(
        co_varnames=named(code.co_varnames), co_names=named(code.co_names), co_consts=named(code.co_consts)
    )
    defaults = tuple(_NOTHING if isinstance(of, _New) else of for _, of in fields if of is not _NOTHING)
    return FunctionType(code, known, "__init__", defaults)


@cache
def _shaped(new: tuple[bool, ...], frozen: bool, post_init: bool, /) -> CodeType:
    """A compiled `__init__` of fields called _0, _1, ...: compiling takes long, and there are few shapes.

    new: for each field whether it gets a new default each time; other defaults are the function's affair.
    """
    body = []
    for at, fresh in enumerate(new):
        value = f"new_{at}() if _{at} is nothing else _{at}" if fresh else f"_{at}"
        body.append(f"write(self, '_{at}', {value})" if frozen else f"self._{at} = {value}")
    if post_init:
        body.append("self.__post_init__()")
    arguments = ", ".join(["self", *(f"_{at}" for at in range(len(new)))])
    made: dict[str, Any] = {}
    exec(f"def __init__({arguments}): {'; '.join(body) or 'pass'}", {}, made)
    code: CodeType = made["__init__"].__code__
    return code


def _equal(self: Any, other: Any) -> Any:
    return self._values(self) == other._values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - it is what takes long

    raise FrozenInstanceError(f"cannot change {name!r} of a {type(self).__name__}")


def _reduced(self: Any) -> tuple[type, tuple[object, ...]]:
    return type(self), self._values(self)


def _shown(self: Any) -> str:
    fields = zip(self._names, self._values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in fields)})"


class _Fields:
    """`__dataclass_fields__` of every record, made for the class that is first asked for it."""

    def __get__(self, of: object, cls: Any) -> Any:
        import dataclasses  # noqa: PLC0415 - it is what takes long

        def described(name: str, default: Any) -> Any:
            if isinstance(default, _New):
                return name, kinds[name], dataclasses.field(default_factory=default.make)
            return name, kinds[name], dataclasses.field(default=dataclasses.MISSING if default is _NOTHING else default)

        kinds: dict[str, Any] = {}
        for each in reversed(cls.__mro__):
            kinds |= vars(each).get("__annotations__", {})
        twin: Any = dataclasses.make_dataclass(cls.__name__, [described(*each) for each in cls._defaults.items()])
        cls.__dataclass_fields__ = twin.__dataclass_fields__
        return cls.__dataclass_fields__


_FIELDS = _Fields()

__all__ = ["field", "record", "replace"]
