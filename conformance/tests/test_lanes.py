# SPDX-License-Identifier: GPL-2.0-only
"""Lanes: a trace drawn for a person; what is printed is kept here as it is printed."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from mmu_gather_conformance.lanes import LINES, Names, all_lanes, describe, lanes
from mmu_gather_conformance.lanes.describe import loud, whole
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.spans import MOST_AT_ONCE, spans
from mmu_gather_conformance.lanes.terminal import NARROWEST, WIDTH
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
        " step    cpu0                              | cpu1",
        "    0    unhook t0                         |",
        "    1    tlb_remove_table(tlb, t0|7)       |",
        "    2    atomic_read(mm_users) -> 2        |",
        "    3    __get_free_page -> NULL           |",
        "    4 ╔  IPI to cpu1 and wait              |",
        "    5 ╚                                    | [ipi] the handler has run",
        ">   7    kmem_cache_free(PGT_CACHE(7), t0) |",
    )


def test_a_quiet_event_is_shown_where_it_offends() -> None:
    """It is what the reader was sent to see."""
    assert lanes(FALLBACK, 6)[-1] == ">   6    return from tlb_remove_table |"


def test_only_the_last_steps_are_shown_unless_more_are_asked_for() -> None:
    """As many as a violation has room for."""
    long = tuple(ev.AtomicRead(0, "a", "mm_users", i) for i in range(30))
    assert len(lanes(long, 29)) == 1 + LINES
    assert lanes(long, 29)[-1] == ">  29  atomic_read(mm_users) -> 29"
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
        (ev.Migrate(0, "a", 1), "move to cpu1"),
        (ev.Irqs(0, "a", False), "local_irq_disable()"),
        (ev.WalkBegin(1, "gup_fast", True), "walk from the root, IRQs on"),
        (ev.WalkEntry(1, "gup_fast", T, False), "load the entry above t0 -> none"),
        (ev.WalkLoad(1, "gup_fast", T, True), "read an entry of t0"),
        (ev.WalkLoad(1, "gup_fast", T, False), "read an entry of t0 by an old pointer"),
        (ev.WalkPte(1, "gup_fast", P, True), "read the PTE of p0 -> present"),
        (ev.WalkPin(1, "gup_fast", P, True), "pin p0 and look again"),
        (ev.WalkPin(1, "gup_fast", P, False), "pin p0 without a second look"),
        (ev.WalkLock(1, "pte_offset_map_lock", T), "take the lock of t0"),
        (ev.FindMapping(1, "page_mkclean", P, True), "look for mappings of p0 -> found"),
        (ev.FindMapping(1, "page_mkclean", P, False), "look for mappings of p0 -> none"),
        (ev.HardwareLoad(1, "mmu", T), "hardware reads an entry of t0"),
        (ev.CacheEntry(1, "mmu", T), "walk cache loads the entry above t0"),
        (ev.CacheMiss(1, "mmu", T), "walk cache finds no entry above t0"),
        (ev.TlbFill(1, "mmu", P), "TLB takes in p0"),
        (ev.HashFill(1, "hash_page", P, True), "hash table takes in p0"),
        (ev.Access(1, "mmu", P), "access p0 through the TLB"),
        (ev.AccessFault(1, "mmu", P), "page fault where p0 was"),
        (ev.MmGet(1, "task"), "mm_users rises by one"),
        (ev.CpuOnline(1, "cpu"), "come online"),
    ],
)
def test_an_event_is_told_in_few_words(event: ev.AnyEvent, text: str) -> None:
    """As a call where it is one."""
    assert describe(event, Names((event,))) == text


def test_what_is_quiet_is_told_where_somebody_is_there_whom_it_concerns() -> None:
    """A destructor where a walker takes locks, and the end of a VMA whose pages a driver may take back."""
    dtor, lock = ev.Dtor(0, "a", T), ev.WalkLock(1, "pte_offset_map_lock", T)
    assert loud((dtor, ev.MmGet(1, "task")), 2) == [1]
    assert loud((dtor, lock), 2) == [0, 1]
    assert loud((ev.DetachVma(0, "a"), ev.DetachVma(0, "a", True)), 2) == [1]


def test_every_kind_of_event_can_be_told() -> None:
    """Also those that no port of today makes."""
    blanks = {"int": 0, "str": "x", "bool": True, "frozenset[int]": frozenset(), "tuple[int, ...]": ()}
    blanks |= {"int | None": None, "tuple[int, ...] | None": None, "tuple[int | str, ...]": (), "frozenset[str]": ()}
    blanks |= {"tuple[int, int] | None": None, "tuple[int, int]": (0, 0)}
    blanks |= {"FaultKind": ev.FaultKind.AFTER_FREE}
    told = {}
    for kind in get_args(ev.AnyEvent):
        fields = [blanks[field.type] for field in kind.__dataclass_fields__.values()]
        told[kind.__name__] = describe(kind(*fields), Names(()))
    assert [name for name, text in told.items() if not text or "\n" in text or text.startswith(name)] == []


def test_marks_say_who_has_irqs_off_and_what_is_under_way(three_cpus: ev.Trace) -> None:
    """A walker that has IRQs off, a grace period and an IPI that it holds back, on three CPUs."""
    assert lanes(three_cpus, 17) == (
        " step     cpu0                        | cpu1                        | cpu2",
        "    9 ┌   call_rcu_sched(t1|7)        ┃                             |",
        "   11 │   unhook t0                   ┃                             |",
        "   12 │   tlb_remove_table(tlb, t0|7) ┃                             |",
        "   13 │   atomic_read(mm_users) -> 2  ┃                             |",
        "   14 │   __get_free_page -> NULL     ┃                             |",
        "   15 │╔  IPI to cpu1, cpu2 and wait  ┃                             |",
        "   16 │║                              ┃                             | [ipi] the handler has run",
        ">  17 │║                              ┃ [gup_fast] read an entry of t0",
    )


def test_the_long_form_has_every_step_its_line_of_the_seed_and_a_legend(three_cpus: ev.Trace) -> None:
    """Calls are indented; a text runs over empty lanes, and is folded before a mark or the edge."""
    rows = all_lanes(three_cpus, len(three_cpus) - 1, seed_lines(three_cpus))
    assert [rows[0], *rows[12:28]] == [
        " step seed        cpu0                         | cpu1             | cpu2",
        "   11         │   unhook t0                    ┃                  |",
        "   12 401     │   tlb_remove_table(tlb, t0|7)  ┃                  |",
        "   13 411     │     atomic_read(mm_users) -> 2 ┃                  |",
        "   14 417     │     __get_free_page -> NULL    ┃                  |",
        "   15 374     │╔    IPI to cpu1, cpu2 and wait ┃                  |",
        "   16 362     │║                               ┃                  | [ipi] the handler has run",
        "   17         │║                               ┃ read an entry of t0",
        "   18         │║                               ┃ the walk is over |",
        "   19 362     │╚                               | [ipi] the handler has run",
        "   20 375     │     __tlb_remove_table(t0|7)   |                  |",
        "   21 72      │       kmem_cache_free(PGT_CACHE(7), t0)           |",
        "   22         │     return from __tlb_remove_table                |",
        "   23         │   return from tlb_remove_table |                  |",
        "   24 283-284 │                                |                  | [softirq] a grace period ends",
        "              └                                |                  |   (sched)",
        "   25 378                                      |                  | the callback begins",
    ]
    assert rows[-2:] == (
        ">  32                                          ┃ read an entry of t1 by an old pointer",
        " ┃ IRQs off   ┌└ grace period   ╔╚ IPI   > the step that offends",
    )
    assert [row[:5].strip(" >") for row in rows[1:-1] if row[:5].strip()] == [str(i) for i in range(33)]


def test_the_short_form_keeps_to_its_lines_where_texts_are_folded(three_cpus: ev.Trace) -> None:
    """Then it shows fewer steps, and always the offending one."""
    crowd = tuple(ev.Enter(cpu % 6, f"agent{cpu}", "x" * 30, (cpu,)) for cpu in range(40))
    for most in (2, 3, 8):
        rows = lanes(crowd, 39, most)
        assert len(rows) <= most + 1
        assert any(row.startswith(">  39") for row in rows)
    assert max(map(len, lanes(three_cpus, 32))) <= WIDTH + 14


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_there_is_a_lane_for_each_cpu(count: int) -> None:
    """However many there are; no lane is narrower than a short text."""
    trace = tuple(ev.WalkLoad(cpu, "gup_fast", T, True) for cpu in range(count))
    head, *rows = all_lanes(trace, len(trace))
    columns = [head.index(f"cpu{cpu}") for cpu in range(count)]
    assert all(after - before >= NARROWEST for before, after in pairwise(columns))
    assert [row.index("[gup_fast]") for row in rows if "[gup_fast]" in row] == columns


def test_preemption_off_has_a_mark_of_its_own_and_irqs_off_comes_first() -> None:
    """Both hold a grace period off, only one an IPI."""
    trace = (
        ev.Preempt(0, "a", 1),
        ev.MmGet(0, "a"),
        ev.Irqs(0, "a", False),
        ev.MmGet(0, "a"),
        ev.Irqs(0, "a", True),
        ev.Preempt(0, "a", 0),
        ev.MmGet(0, "a"),
    )
    assert [row[5] for row in all_lanes(trace, len(trace))[1:-1]] == list("╎╎┃┃┃╎ ")


def test_everything_that_an_event_says_reads_the_same_in_every_run(three_cpus: ev.Trace) -> None:
    """Sets are in order, addresses in hex."""
    assert whole(three_cpus[0], Names(())).splitlines()[1] == (
        "Booted(arch=hash64, era=rfc-2010, smp=True, bits_per_long=64, page_size=4096, hash_table=True, book3e=False, "
        "max_table_batch=3, max_pgtable_index_size=15, provides={x, y, z}, poison=0)"
    )
    assert whole(three_cpus[4], Names(three_cpus)) == (
        "cpu0, a: tlb_remove_table(tlb, t1|7)\nEnter(fn=tlb_remove_table, args=(tlb, 0xc000000010000007))"
    )


def test_a_sender_that_waited_and_goes_on_has_its_answers() -> None:
    """Also in a trace that leaves them out; one that does not wait goes on before."""
    for wait, ends in ((True, 1), (False, None)):
        trace = (ev.SmpCallFunction(0, "a", frozenset({1}), frozenset({0, 1}), wait, True), ev.MmGet(0, "a"))
        (ipi,) = spans(trace)
        assert ipi.last == ends


def test_of_many_grace_periods_the_first_are_followed() -> None:
    """A row stays a row; how many more there are is said below."""
    trace = tuple(ev.CallRcu(0, "a", K + i, "sched", ()) for i in range(MOST_AT_ONCE + 20))
    rows = all_lanes(trace, len(trace))
    assert rows[-1].endswith("20 more are under way")
    assert max(map(len, rows)) < 60
