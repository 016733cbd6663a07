# SPDX-License-Identifier: GPL-2.0-only
"""Lanes: a trace drawn for a person; what is printed is kept here as it is printed."""

from __future__ import annotations

from typing import get_args

import pytest
from mmu_gather_conformance.lanes import LINES, Names, describe, lanes
from mmu_gather_spec import events as ev

T, K, P = 0xC000000010000000, 0x40000000, 0x20000000

FALLBACK = (
    ev.Unlink(0, "a", T, 7),
    ev.Enter(0, "a", "tlb_remove_table", ("tlb", T | 7)),
    ev.AtomicRead(0, "a", "mm_users", 2),
    ev.GetFreePage(0, "a", None, 0x20),
    ev.SmpCallFunction(0, "a", frozenset({1}), frozenset({0, 1}), True, True),
    ev.IpiAck(1, "ipi"),
    ev.Leave(0, "a", "tlb_remove_table"),
    ev.KmemCacheFree(0, "a", 7, T),
    ev.Quiescent(0, "a"),
)


def test_time_runs_down_and_each_cpu_has_its_lane() -> None:
    """Agents other than the first gather are named; the offending step is marked; quiet ones are left out."""
    assert lanes(FALLBACK, 7) == (
        " step cpu0                      | cpu1",
        "    0 unhook t0",
        "    1 tlb_remove_table(tlb, t0|7)",
        "    2 atomic_read(mm_users) -> 2",
        "    3 __get_free_page -> NULL",
        "    4 IPI to cpu1 and wait",
        "    5                           | [ipi] IpiAck()",
        ">   7 kmem_cache_free(PGT_CACHE(7), t0)",
    )


def test_a_quiet_event_is_shown_where_it_offends() -> None:
    """It is what the reader was sent to see."""
    assert lanes(FALLBACK, 6)[-1] == ">   6 return from tlb_remove_table"


def test_only_the_last_steps_are_shown_unless_more_are_asked_for() -> None:
    """As many as a violation has room for."""
    long = tuple(ev.AtomicRead(0, "a", "mm_users", i) for i in range(30))
    assert len(lanes(long, 29)) == 1 + LINES
    assert lanes(long, 29)[-1] == ">  29 atomic_read(mm_users) -> 29"
    assert len(lanes(long, 29, 30)) == 31


def test_a_violation_at_the_end_marks_no_step() -> None:
    """There is none that offends."""
    assert [line[0] for line in lanes(FALLBACK, len(FALLBACK))] == [" "] * 8


def test_addresses_are_named_by_what_they_are_in_the_order_they_appear() -> None:
    """t for tables, p for user pages, k for kernel pages; small numbers stay."""
    names = Names(
        [
            ev.Unlink(0, "a", T + 0x100, 7),
            ev.GetFreePage(0, "a", K, 0),
            ev.Unlink(0, "a", T, 0),
            ev.ClearPte(0, "a", P, 1, 1, frozenset(), False),
        ]
    )
    words = (T, T + 0x100, T | 15, K, P, 12, 0x123456, "mm", True)
    assert [names.of(word) for word in words] == ["t1", "t0", "t1|15", "k0", "p0", "12", "0x123456", "mm", "True"]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ev.CallRcu(0, "a", K, "sched", (1, 2, 3, 4, 5, 6)), "call_rcu_sched(1, 2, 3, 4 and 2 more)"),
        (ev.CallRcu(0, "a", K, "sched", ()), "call_rcu_sched(no table)"),
        (ev.FreePages(0, "a", ()), "free_pages_and_swap_cache(none)"),
        (ev.SmpCallFunction(0, "a", frozenset(), frozenset({0}), False, True), "IPI to nobody"),
        (ev.Invalidate(0, "a", "_tlbia", -1, None, frozenset({1, 0}), False), "_tlbia on cpu0, cpu1"),
        (ev.Fault(0, "a", ev.FaultKind.AFTER_FREE, K), "fault: an access to a page that was given back"),
        (ev.Built(0, "a", "PPC32 SMP", "s", "link failure", "f"), "PPC32 SMP: link failure, f"),
        (ev.Built(0, "a", "PPC64 SMP", "s", "builds", ""), "PPC64 SMP: builds"),
        (ev.Migrate(0, "a", 1), "Migrate(1)"),
    ],
)
def test_an_event_is_told_in_few_words(event: ev.AnyEvent, text: str) -> None:
    """As a call where it is one."""
    assert describe(event, Names(())) == text


def test_every_kind_of_event_can_be_told() -> None:
    """Also those that no port of today makes."""
    blanks = {"int": 0, "str": "x", "bool": True, "frozenset[int]": frozenset(), "tuple[int, ...]": ()}
    blanks |= {"int | None": None, "tuple[int, ...] | None": None, "tuple[int | str, ...]": (), "frozenset[str]": ()}
    blanks |= {"FaultKind": ev.FaultKind.AFTER_FREE}
    told = {}
    for kind in get_args(ev.AnyEvent):
        fields = [blanks[field.type] for field in kind.__dataclass_fields__.values()]
        told[kind.__name__] = describe(kind(*fields), Names(()))
    assert [name for name, text in told.items() if not text or "\n" in text] == []
