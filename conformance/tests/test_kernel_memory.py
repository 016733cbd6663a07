# SPDX-License-Identifier: GPL-2.0-only
"""The suite owns the memory: it fills what it hands out, and an access to what is no memory is a fault.

The filling is garbage, three kinds of it in turn, so that a port which trusts it is found out.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_alone import faults, machine, page_of
from mmu_gather_conformance.check import check
from mmu_gather_conformance.config import CONFIGS, SMALL_BATCH, small
from mmu_gather_conformance.python_port import PythonGather
from mmu_gather_conformance.recorder import FILLS
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from recorded import SEED, first_run, one_module


@pytest.mark.parametrize("fill", FILLS)
def test_gather_and_pages_come_filled_with_poison(fill: int) -> None:
    """With zeroes, with A5 and with FF in turn."""
    kernel = machine(fill=fill)
    assert kernel.load(page_of(kernel), 4) == fill * 0x01010101
    tlb = PythonGather(mmu_gather, fill).handle
    assert isinstance(tlb, mmu_gather)
    assert (tlb.nr, tlb.need_flush) == (fill * 0x01010101,) * 2
    assert FILLS == (0x00, 0xA5, 0xFF)


def test_what_a_new_page_holds_is_no_part_of_a_ports_behaviour(tmp_path: Path) -> None:
    """A port that trusts `nr` of a fresh batch to be zero is caught by the other fillings."""
    port = one_module(tmp_path, SEED, "tlb.batch.nr = 0", "pass")
    report = check(port, archs=["hash64"], keyword="batch-one-short/hash64/small", in_process=True)
    assert [case.verdict for case in report.cases] != [Verdict.PASSED]


def test_an_access_past_the_end_of_a_page_is_a_fault() -> None:
    """The last word is inside; the next one, and one that straddles the end, are not."""
    kernel = machine()
    page = page_of(kernel)
    kernel.store(page + 40, 8, 1)
    assert faults(kernel) == []
    kernel.store(page + 48, 8, 1)
    kernel.store(page + 44, 8, 1)
    assert faults(kernel) == [(ev.FaultKind.OUT_OF_PAGE, page + 48), (ev.FaultKind.OUT_OF_PAGE, page + 44)]


def test_a_table_is_not_memory_that_a_port_may_read() -> None:
    """It has an address and nothing behind it."""
    kernel = machine()
    table = kernel.mm.table(7)
    kernel.load(table, 8)
    assert faults(kernel) == [(ev.FaultKind.OUT_OF_PAGE, table)]


def test_the_size_of_a_page_is_a_fact_of_the_machine() -> None:
    """The same port fills its batch after three tables on a machine with tiny pages."""
    sizes = {config.suffix(): config.page_bytes() for config in (*CONFIGS["hash64"], small(CONFIGS["hash32"][0]))}
    assert sizes == {"hash64": 4096, "hash64/64k": 65536, "hash64/up": 4096, "hash32/small": 24}
    tables = [
        len(event.tables)
        for event in first_run("two-batches-and-one/hash64/small").trace
        if isinstance(event, ev.CallRcu)
    ]
    assert tables == [SMALL_BATCH, SMALL_BATCH, 1]
