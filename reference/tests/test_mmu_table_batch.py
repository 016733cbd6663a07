# SPDX-License-Identifier: GPL-2.0-only
"""MAX_TABLE_BATCH comes out as the macro makes it, for every page size and both widths."""

from __future__ import annotations

from typing import Any, cast

import pytest
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch
from mmu_gather_reference.rfc_2010_base.pgtable import PTE_FREELIST_SIZE
from mmu_gather_spec.answering import Kernel, booted
from mmu_gather_spec.arch import max_table_batch
from mmu_gather_spec.layout import container_of, sizeof
from mmu_gather_spec.words import pgf_p, rcu_head_p


class Memory:
    """As much of a kernel as a struct needs: its width, its page size, and bytes."""

    def __init__(self, bits_per_long: int, page_size: int) -> None:
        self.bits_per_long = bits_per_long
        self.page_size = page_size
        self.bytes: dict[int, tuple[int, int]] = {}

    def load(self, address: int, size: int) -> int:
        """What was stored there, with the same size."""
        stored, value = self.bytes[address]
        assert stored == size
        return value

    def store(self, address: int, size: int, value: int) -> None:
        """Remember it."""
        self.bytes[address] = size, value


def machine(bits_per_long: int, page_size: int) -> Kernel:
    """A kernel of that width and page size."""
    return cast(Kernel, cast(Any, Memory(bits_per_long, page_size)))


@pytest.mark.parametrize(
    ("bits", "page_size", "capacity"),
    [
        (64, 4096, 509), (64, 16384, 2045), (64, 65536, 8189), (64, 262144, 32765),
        (32, 4096, 1021), (32, 16384, 4093), (32, 65536, 16381), (32, 262144, 65533),
    ],
)  # fmt: skip
def test_the_capacity_of_a_batch(bits: int, page_size: int, capacity: int) -> None:
    """By the seed's macro, by the macro that it replaced, and by the specification."""
    with booted(machine(bits, page_size)):
        assert (MAX_TABLE_BATCH(), PTE_FREELIST_SIZE()) == (capacity, capacity)
    assert max_table_batch(page_size, bits) == capacity


@pytest.mark.parametrize(("bits", "size", "nr", "second"), [(64, 24, 16, 32), (32, 12, 8, 16)])
def test_a_batch_is_laid_out_as_a_compiler_does_it(bits: int, size: int, nr: int, second: int) -> None:
    """The head first, then nr, then the tables; and back from the head to the batch."""
    kernel = machine(bits, 4096)
    with booted(kernel):
        batch = mmu_table_batch(0x40000000)
        batch.nr = 2
        batch.tables[1] = pgf_p(0x1007)
        assert sizeof(mmu_table_batch) == size
        assert (batch.nr, batch.tables[1]) == (2, pgf_p(0x1007))
        assert container_of(batch.rcu, mmu_table_batch).address == 0x40000000
        assert batch.rcu == rcu_head_p(0x40000000)
    assert set(cast(Memory, cast(Any, kernel)).bytes) == {0x40000000 + nr, 0x40000000 + second}
