# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`@record`: a frozen dataclass with slots, made quickly.

The alphabet alone has sixty classes, and `dataclasses` compiles six functions for each; that was a third of what
every process of the suite did before it began.  Here one is compiled, and the others are shared.  To a type
checker `record` is `dataclass`, and `dataclasses.replace` and `fields` take a record for one.

What lives here is how a record is made; what is in one, its class says.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool):
        """As `dataclass(frozen=True, slots=True)`, for fields that have at most a plain default."""
        assert (frozen, slots) == (True, True), "a record is both"
        return _made


#: What a field without a default has for one.
_NONE = dataclasses.MISSING


_bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)


def _made(cls: type[Any], /) -> type[Any]:
    """The class of a record, from the class as it was written."""
    made = _bare(cls)
    defaults = {f"_{name}": f.default for name, f in made.__dataclass_fields__.items() if f.default is not _NONE}
    names = tuple(made.__dataclass_fields__)
    arguments = ", ".join(f"{name}=_{name}" if f"_{name}" in defaults else name for name in names)
    body = "; ".join(f"write(self, {name!r}, {name})" for name in names) or "pass"
    functions: dict[str, Any] = {}
    exec(f"def __init__(self, {arguments}): {body}", defaults | {"write": object.__setattr__}, functions)
    shared: dict[str, object] = {
        "__init__": functions["__init__"],
        # One getter of all fields, in C; it is no function, so it is found through an instance as it is.
        "_all": operator.attrgetter(*names) if names else _nothing,
        "__eq__": _equal,
        "__hash__": _hash,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__reduce__": _reduced,
        "__repr__": vars(cls).get("__repr__", _shown),
    }
    for name, value in shared.items():
        setattr(made, name, value)
    return made


class _Nothing:
    """The getter of a record without fields."""

    def __call__(self, record: object) -> tuple[()]:
        return ()


_nothing = _Nothing()


def _equal(self: Any, other: Any) -> Any:
    return self._all(self) == other._all(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._all(self))


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot change {name!r} of a {type(self).__name__}")


def _values(of: Any) -> tuple[object, ...]:
    return tuple(getattr(of, name) for name in of.__dataclass_fields__)


def _reduced(self: object) -> tuple[type, tuple[object, ...]]:
    return type(self), _values(self)


def _shown(self: Any) -> str:
    fields = zip(self.__dataclass_fields__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in fields)})"


__all__ = ["record"]
