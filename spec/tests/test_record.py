# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A record is a frozen dataclass with slots: what it can do, and what it refuses."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class Base:
    """What every record of this test has."""

    cpu: int


@record(frozen=True, slots=True)
class Pair(Base):
    """A record with a default."""

    name: str
    value: tuple[int, ...] = ()


@record(frozen=True, slots=True)
class Same(Base):
    """The same fields in another class."""

    name: str
    value: tuple[int, ...] = ()


@record(frozen=True, slots=True)
class Empty:
    """A record without fields."""


def test_records_are_equal_when_class_and_fields_are() -> None:
    """And equal ones have one hash."""
    assert Pair(1, "a") == Pair(1, "a", ())
    assert len({Pair(1, "a"), Pair(1, "a", ()), Empty(), Empty()}) == 2
    assert Pair(1, "a") != Pair(2, "a")
    other: object = Same(1, "a")
    assert Pair(1, "a") != other


def test_a_record_is_shown_as_it_is_made() -> None:
    """A failing test prints it."""
    assert repr(Pair(1, "a", (2,))) == "Pair(cpu=1, name='a', value=(2,))"


def test_nothing_of_a_record_changes() -> None:
    """Neither by name nor by a name that it has not."""
    pair = Pair(1, "a")
    for name in ("cpu", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(pair, name, 2)
    with pytest.raises(FrozenInstanceError):
        del pair.name
    assert pair == Pair(1, "a")


def test_a_record_is_a_dataclass_to_others() -> None:
    """It is replaced, copied and matched as one."""
    pair = Pair(1, "a")
    assert replace(pair, name="b") == Pair(1, "b")
    assert copy.deepcopy(pair) == pair
    assert [field.name for field in fields(pair)] == ["cpu", "name", "value"]
    match pair:
        case Pair(cpu, name):
            assert (cpu, name) == (1, "a")
