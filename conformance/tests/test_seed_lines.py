# SPDX-License-Identifier: GPL-2.0-only
"""Which line of the seed a step is; the mail itself is not here, so each line is checked by what stands beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mmu_gather_conformance.lanes import seed_lines as table
from mmu_gather_conformance.lanes.seed_lines import STEPS, seed_lines, steps_of_the_seed
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES

T, K = 0xC000000010000000, 0x40000000

#: The hunks of the mail: which of its lines are of which file.
HUNKS = {
    "arch/powerpc/include/asm/pgalloc.h": (50, 82),
    "arch/powerpc/mm/pgtable.c": (108, 212),
    "arch/powerpc/mm/tlb_hash32.c": (217, 226),
    "arch/powerpc/mm/tlb_hash64.c": (231, 240),
    "arch/powerpc/mm/tlb_nohash.c": (245, 254),
    "include/asm-generic/tlb.h": (259, 345),
    "mm/memory.c": (350, 433),
}


def boot(era: str = "rfc-2010", arch: str = "hash64") -> ev.Booted:
    """A machine."""
    return ev.Booted(0, "a", arch, era, True, 64, 4096, True, False, 3, 15, frozenset(), 0)


def test_every_step_of_the_patch_has_its_line(three_cpus: ev.Trace) -> None:
    """The calls, the read of mm_users, the allocation, the IPI, call_rcu, the frees: as they stand in the patch."""
    assert seed_lines(three_cpus) == {
        1: "seed 271-272",  # disabling IRQs over the walk
        4: "seed 401",  # tlb_remove_table
        5: "seed 411",  # mm_users < 2
        6: "seed 417",  # __get_free_page
        8: "seed 336",  # tlb_flush_mmu
        9: "seed 341",  # tlb_table_flush
        12: "seed 401",
        13: "seed 411",
        14: "seed 417",
        15: "seed 374",  # smp_call_function
        16: "seed 362",  # simply deliver the interrupt
        19: "seed 362",
        20: "seed 375",  # __tlb_remove_table of the one table
        21: "seed 72",  # pgtable_free
        24: "seed 283-284",  # holds off grace periods
        25: "seed 378",  # tlb_remove_table_rcu
        26: "seed 386",  # __tlb_remove_table of each table of the batch
        27: "seed 72",
        29: "seed 388",  # free_page of the batch
        31: "seed 271-272",
    }


@pytest.mark.parametrize(
    ("era", "before", "event", "line"),
    [
        ("rfc-2010", (ev.AtomicRead(0, "a", "mm_users", 1),), ev.Enter(0, "a", "__tlb_remove_table", (T,)), "412"),
        ("rfc-2010", (ev.GetFreePage(0, "a", None, 0),), ev.Enter(0, "a", "__tlb_remove_table", (T,)), "375"),
        ("rfc-2010", (), ev.CallRcu(0, "a", K, "sched", (T,)), "425-426"),
        ("rfc-2010-base", (), ev.AtomicRead(0, "a", "mm_users", 2), None),
    ],
)
def test_the_same_step_has_another_line_where_it_has_another_reason(
    era: str, before: tuple[ev.AnyEvent, ...], event: ev.AnyEvent, line: str | None
) -> None:
    """Inside tlb_remove_table: below two users, without a page, and with a full batch."""
    trace = (boot(era), ev.Enter(0, "a", "tlb_remove_table", ("tlb", T)), *before, event)
    assert seed_lines(trace).get(len(trace) - 1) == (line and f"seed {line}")


def test_powerpcs_own_batching_has_the_lines_that_the_patch_removes() -> None:
    """There no call crosses from one half to the other; what was asked before decides."""
    trace = (
        boot("rfc-2010-base"),
        ev.Enter(0, "a", "pgtable_free_tlb", ("tlb", T, 7)),
        ev.AtomicRead(0, "a", "mm_users", 2),
        ev.GetFreePage(0, "a", None, 0),
        ev.SmpCallFunction(0, "a", frozenset({1}), frozenset({0, 1}), True, True),
        ev.IpiAck(1, "ipi"),
        ev.KmemCacheFree(0, "a", 7, T),
        ev.Leave(0, "a", "pgtable_free_tlb"),
        ev.Enter(0, "a", "tlb_flush", ("tlb",)),
        ev.CallRcu(0, "a", K, "sched", (T,)),
        ev.CallbackBegin(1, "softirq", K),
        ev.KmemCacheFree(1, "softirq", 7, T),
    )
    lines = seed_lines(trace)
    assert [lines.get(i, "").removeprefix("seed ") for i in range(1, len(trace))] == [
        "171", "176", "182", "145", "135", "147", "", "339", "204", "150", "160",
    ]  # fmt: skip


def test_an_ipi_that_flushes_is_not_the_one_that_only_waits() -> None:
    """On nohash tlb_flush interrupts others too; its handler has no line."""
    trace = (
        boot(arch="nohash"),
        ev.Enter(0, "a", "tlb_flush", ("tlb",)),
        ev.SmpCallFunction(0, "a", frozenset({1}), frozenset({0, 1}), True, True),
        ev.IpiAck(1, "ipi"),
    )
    assert seed_lines(trace) == {1: "seed 339", 2: "seed 248"}


def test_a_walk_with_irqs_on_is_not_what_the_comment_speaks_of(three_cpus: ev.Trace) -> None:
    """The comment's walkers disable them."""
    careless = (*three_cpus[:1], ev.WalkBegin(1, "gup_fast", True))
    assert seed_lines(careless) == {}


def test_other_eras_and_traces_without_a_boot_have_no_lines(three_cpus: ev.Trace) -> None:
    """Their text is not in the mail."""
    later = (replace(boot(), era="v6.12"), *three_cpus[1:])
    assert seed_lines(later) == seed_lines(three_cpus[1:]) == seed_lines(()) == {}


@pytest.mark.parametrize("era", STEPS)
def test_each_line_lies_in_the_hunk_of_its_file_and_agrees_with_the_rules(era: str) -> None:
    """A rule that quotes the same words of the same file quotes them from lines that touch these."""
    quoted = {
        (source.file, source.phrase): range(source.seed[0], source.seed[1] + 1)
        for rule in RULES.values()
        for source in rule.sources
        if source.seed is not None
    }
    for step in STEPS[era]:
        first, last = step.seed
        begin, end = HUNKS[step.file]
        assert begin <= first <= last <= end, step
        elsewhere = quoted.get((step.file, step.phrase))
        assert elsewhere is None or set(elsewhere) & set(range(first, last + 1)), step


def test_what_the_patch_removes_is_no_line_of_what_it_adds() -> None:
    """The two forms share only what the patch leaves alone."""
    added = {step.seed for step in table.ADDED}
    removed = {step.seed for step in table.REMOVED}
    assert added & removed == {(77, 77)}
    assert {
        str(step.source) for step in steps_of_the_seed((boot(), ev.GracePeriod(0, "softirq", K, "sched"))).values()
    } == {"include/asm-generic/tlb.h, 'IRQ/preempt disabling holds off grace periods', seed lines 283-284"}
