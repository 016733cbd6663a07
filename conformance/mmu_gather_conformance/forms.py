# SPDX-License-Identifier: GPL-2.0-only
"""How records stand in a file: for each of them a form, derived from its fields, and the way there and back.

A record is data and knows nothing of files.  Its form has the same fields, with the bounds that their annotations
give; the form checks what is read and says by its path what is wrong.  A record that is one of several kinds, as an
operation is, has a class variable that tells which; that is its tag in the file.

Nothing else of the suite asks what a file looks like: the classes say it.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")

#: Class variables that tell which kind a record is.
TAGS = ("op", "part")


@cache
def form(kind: Any, /) -> type[msgspec.Struct]:
    """The form of a class of records."""
    hints = get_type_hints(kind, vars(sys.modules[kind.__module__]) | {"Meta": msgspec.Meta}, include_extras=True)
    tag = next((name for name in TAGS if hasattr(kind, name)), None)
    made = msgspec.defstruct(
        kind.__name__,
        [(field.name, _formed(hints[field.name]), _default(field)) for field in fields(kind)],
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        tag_field=tag,
        tag=tag and getattr(kind, tag),
    )
    made.__doc__ = kind.__doc__
    _KINDS[made] = kind
    return made


#: The class whose form each is.
_KINDS: dict[type[msgspec.Struct], type] = {}


def _default(field: Field[Any]) -> Any:
    """What a member is that a file leaves out."""
    if field.default_factory is not MISSING:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.NODEFAULT if field.default is MISSING else stored(field.default)


def _formed(hint: Any, /) -> Any:
    """A type with the form of each record in its place."""
    if isinstance(hint, type) and is_dataclass(hint):
        return form(hint)
    parts = get_args(hint)
    origin: Any = get_origin(hint)
    if not parts or origin is Literal:
        return hint
    if origin is Annotated:
        return Annotated[(_formed(parts[0]), *parts[1:])]
    formed = tuple(part if part is ... else _formed(part) for part in parts)
    return Union[formed] if origin in (Union, UnionType) else origin[formed]  # noqa: UP007 - made from a tuple


def stored(value: Any, /) -> Any:
    """A record as its form, and what is in it likewise."""
    if is_dataclass(value) and not isinstance(value, type):
        return form(type(value))(**{field.name: stored(getattr(value, field.name)) for field in fields(value)})
    return _through(value, stored)


def restored(value: Any, /) -> Any:
    """The record whose form this is, and what is in it likewise.

    Errors: ValueError where a record refuses what is well formed.
    """
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind(**{name: restored(getattr(value, name)) for name in value.__struct_fields__})
    return _through(value, restored)


def _through(value: Any, each: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(each, value))
    if isinstance(value, dict):
        return {key: each(part) for key, part in value.items()}
    return value


def encode(value: object, /) -> bytes:
    """A record as JSON."""
    return msgspec.json.encode(stored(value))


def readable(value: object, /) -> bytes:
    """A record as JSON that a person can read, with a member on each line."""
    return msgspec.json.format(encode(value), indent=1) + b"\n"


def decode(body: bytes, kind: type[T], /) -> T:
    """A record from JSON.

    Errors: msgspec.DecodeError for what does not have its form, ValueError for what the record refuses.
    """
    of: Any = kind
    made: T = restored(msgspec.json.decode(body, type=form(of)))
    return made
