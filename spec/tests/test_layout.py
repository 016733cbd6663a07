# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Structs in kernel memory: offsets and sizes are those of the C compilers, of either word size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from mmu_gather_spec.answering import Kernel, booted
from mmu_gather_spec.arch import max_table_batch
from mmu_gather_spec.layout import FlexibleArray, RcuHead, Struct, UnsignedInt, container_of, sizeof
from mmu_gather_spec.words import kaddr, pgf_p, rcu_head_p, unsigned_long

BATCH = 0x5000


class mmu_table_batch(Struct):
    """The seed's struct."""

    __slots__ = ()

    rcu = RcuHead()
    nr = UnsignedInt()
    tables = FlexibleArray(pgf_p, unsigned_long)


class count_first(Struct):
    """A struct whose rcu_head is not at its start."""

    __slots__ = ()

    nr = UnsignedInt()
    rcu = RcuHead()


class Words:
    """As much of a kernel as a struct asks for: its word size, and memory by address and size."""

    def __init__(self, bits_per_long: int) -> None:
        self.bits_per_long = bits_per_long
        self.memory: dict[tuple[int, int], int] = {}

    def load(self, address: int, size: int, /) -> int:
        return self.memory[address, size]

    def store(self, address: int, size: int, value: int, /) -> None:
        self.memory[address, size] = value


@contextmanager
def machine(bits_per_long: int) -> Iterator[dict[tuple[int, int], int]]:
    """A machine of this word size; its memory."""
    words = Words(bits_per_long)
    with booted(cast("Kernel", words)):
        yield words.memory


@pytest.mark.parametrize(("bits", "size", "after_int"), [(64, 24, 24), (32, 12, 16)])
def test_a_struct_is_padded_to_its_widest_member(bits: int, size: int, after_int: int) -> None:
    """rcu_head is two pointers; `nr` is followed by padding on 64-bit, and so is it before a pointer."""
    with machine(bits):
        assert (sizeof(mmu_table_batch), sizeof(count_first)) == (size, 24 if bits == 64 else 12)
    assert sizeof(mmu_table_batch, bits) == size


@pytest.mark.parametrize(("bits", "tables", "word"), [(64, 20, 8), (32, 12, 4)])
def test_members_are_where_a_c_compiler_puts_them(bits: int, tables: int, word: int) -> None:
    """The flexible array begins at its own alignment: 24 on 64-bit, since a pointer follows an int."""
    with machine(bits) as memory:
        batch = mmu_table_batch(kaddr(BATCH))
        batch.nr = 1
        batch.tables[0] = pgf_p(0xAB)
        batch.tables[2] = pgf_p(0xCD)
        start = BATCH + -(-tables // word) * word
        assert memory == {
            (BATCH + 2 * word, 4): 1,
            (start, word): 0xAB,
            (start + 2 * word, word): 0xCD,
        }
        assert batch.tables.address == start
        assert (batch.nr, batch.tables[2]) == (1, pgf_p(0xCD))


@pytest.mark.parametrize(("bits", "offset"), [(64, 8), (32, 4)])
def test_container_of_goes_from_a_head_back_to_its_struct(bits: int, offset: int) -> None:
    """Wherever in the struct the head is."""
    with machine(bits):
        assert container_of(rcu_head_p(BATCH), mmu_table_batch).address == BATCH
        assert count_first(BATCH).rcu == rcu_head_p(BATCH + offset)
        assert container_of(rcu_head_p(BATCH + offset), count_first).address == BATCH


def test_an_unsigned_int_wraps() -> None:
    """It has 32 bits on either machine."""
    with machine(64) as memory:
        mmu_table_batch(BATCH).nr = -1
        assert memory == {(BATCH + 16, 4): 0xFFFFFFFF}


@pytest.mark.parametrize(
    ("bits", "capacities"),
    [(64, [509, 2045, 8189, 32765]), (32, [1021, 4093, 16381, 65533])],
)
def test_the_capacity_of_a_batch_is_what_a_page_leaves_behind_its_header(bits: int, capacities: list[int]) -> None:
    """MAX_TABLE_BATCH for pages of 4, 16, 64 and 256 KiB."""
    assert [max_table_batch(kib << 10, bits) for kib in (4, 16, 64, 256)] == capacities


def test_a_struct_without_a_kernel_says_what_is_missing() -> None:
    """A port that is called by hand gets an answer and no number out of the air."""
    with pytest.raises(RuntimeError, match="no kernel is running"):
        _ = mmu_table_batch(BATCH).nr
