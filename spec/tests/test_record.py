# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A record is a frozen dataclass with slots: what it can do, and what it refuses."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace
from typing import Any, ClassVar

import pytest
from mmu_gather_spec.record import field, record
from mmu_gather_spec.record import replace as quick_replace


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


@record(slots=True)
class Counter:
    """A record that changes, with a list of its own, and a thing to refuse."""

    least: ClassVar[int] = 0
    count: int = 0
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.count < self.least:
            raise ValueError("less than nothing")


@record(frozen=True, slots=True, eq=False)
class Thing:
    """A record that is itself and equal to no other."""

    cpu: int


def test_a_record_that_is_not_frozen_changes_and_has_no_hash() -> None:
    """And what has a factory is its own in each."""
    one, other = Counter(), Counter()
    one.names.append("a")
    one.count = 2
    assert (one, other) == (Counter(2, ["a"]), Counter(0, []))
    with pytest.raises(TypeError):
        hash(one)


def test_a_record_can_refuse_what_it_is_made_of() -> None:
    """Also where it is made from another."""
    with pytest.raises(ValueError, match="less than nothing"):
        Counter(-1)
    with pytest.raises(ValueError, match="less than nothing"):
        quick_replace(Counter(1), count=-1)


def test_a_record_without_equality_is_equal_to_itself_alone() -> None:
    """And can be a key."""
    thing, other = Thing(1), Thing(1)
    assert {thing: "this", other: "that"}[thing] == "this"
    assert thing != other


def test_arguments_are_checked_from_the_first_record_of_a_class_on() -> None:
    """The function is compiled late; what is wrong with a call is said all the same."""
    untyped: Any = Same
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        untyped(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'what'"):
        untyped(1, "a", what=2)


def test_what_dataclasses_says_of_a_record_is_so() -> None:
    """Fields in order, defaults, factories; a class variable is none."""
    assert [each.name for each in fields(Counter)] == ["count", "names"]
    assert fields(Counter)[1].default_factory is list
    assert asdict(Counter(2, ["a"])) == {"count": 2, "names": ["a"]}
    assert quick_replace(Pair(1, "a"), name="b") == replace(Pair(1, "a"), name="b")
    assert pickle.loads(pickle.dumps(Pair(1, "a"))) == Pair(1, "a")
