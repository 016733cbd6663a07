# SPDX-License-Identifier: GPL-2.0-only
"""What becomes of a table or a page, read from traces of a few events; and which differences the rules permit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mmu_gather_conformance import fates as law
from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.fates import Fate, Wait, compare, fates
from mmu_gather_conformance.hosts import Broke, InProcess, One
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES

TABLE, PAGE, HEAD, CONTEXT = 0x10000, 0x20000, 0x400000, 1
BOTH = frozenset({0, 1})
OTHERS = frozenset({1})

BOOT = ev.Booted(0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 3, 0xF, frozenset(), 0)
UNLINK = ev.Unlink(0, "a", TABLE, 7)
GIVE = ev.Enter(0, "a", "pgtable_free_tlb", ("tlb", TABLE, 7))
ONE_USER = ev.AtomicRead(0, "a", "mm_users", 1)
TWO_USERS = ev.AtomicRead(0, "a", "mm_users", 2)
IPI = ev.SmpCallFunction(0, "a", OTHERS, BOTH, True, True)
ACK = ev.IpiAck(1, "ipi")
SUBMIT = ev.CallRcu(0, "a", HEAD, "sched", ())
GRACE = ev.GracePeriod(1, "softirq", HEAD, "sched")
FREE = ev.KmemCacheFree(0, "a", 7, TABLE)
CLEAR = ev.ClearPte(0, "a", PAGE, 0x1000, CONTEXT, BOTH, False)
HERE = ev.Invalidate(0, "a", "_tlbil_pid", CONTEXT, None, frozenset({0}), False)
EVERYWHERE = replace(HERE, cpus=BOTH)
FREE_PAGE = ev.FreePages(0, "a", (PAGE,))
FINISHED = ev.Leave(0, "a", "tlb_finish_mmu")

#: One table, freed after each kind of wait.
AT_ONCE = (BOOT, UNLINK, GIVE, TWO_USERS, FREE)
BELOW_TWO = (BOOT, UNLINK, GIVE, ONE_USER, FREE)
AFTER_IPI = (BOOT, UNLINK, GIVE, TWO_USERS, IPI, ACK, FREE)
AFTER_GRACE = (BOOT, UNLINK, GIVE, TWO_USERS, SUBMIT, GRACE, FREE)
NEVER = (BOOT, UNLINK, GIVE, TWO_USERS)


def of_table(*trace: ev.AnyEvent) -> Fate:
    return fates(trace).things["t0"]


def of_page(*trace: ev.AnyEvent) -> Fate:
    return fates(trace).things["p0"]


@pytest.mark.parametrize(
    ("trace", "wait", "by"),
    [
        (AT_ONCE, Wait.AT_ONCE, ""),
        (BELOW_TWO, Wait.AT_ONCE, law.SHORTCUT),
        ((replace(BOOT, smp=False), UNLINK, GIVE, FREE), Wait.AT_ONCE, law.WAITED),
        ((BOOT, ev.NumOnlineCpus(0, "a", 1), UNLINK, GIVE, FREE), Wait.AT_ONCE, law.WAITED),
        (AFTER_IPI, Wait.IPI, law.WAITED),
        ((BOOT, UNLINK, GIVE, IPI, FREE), Wait.AT_ONCE, ""),
        ((BOOT, UNLINK, GIVE, replace(IPI, cpus=frozenset()), FREE), Wait.AT_ONCE, ""),
        ((BOOT, IPI, UNLINK, GIVE, ACK, FREE), Wait.AT_ONCE, ""),
        (AFTER_GRACE, Wait.GRACE_PERIOD, law.WAITED),
        ((BOOT, SUBMIT, UNLINK, GIVE, GRACE, FREE), Wait.AT_ONCE, ""),
        ((BOOT, UNLINK, GIVE, SUBMIT, replace(GRACE, flavour="rcu"), FREE), Wait.WRONG_GRACE_PERIOD, ""),
        ((BOOT, UNLINK, GIVE, replace(GRACE, head=0), FREE), Wait.GRACE_PERIOD, law.WAITED),
        (NEVER, Wait.NEVER, ""),
    ],
)
def test_a_table_is_freed_after_what_was_waited_for_since_it_was_unhooked(
    trace: tuple[ev.AnyEvent, ...], wait: Wait, by: str
) -> None:
    """An IPI counts when every other CPU has answered it, a grace period when it began after the unlink."""
    fate = of_table(*trace)
    assert (fate.wait, fate.by) == (wait, by)


def test_few_users_of_one_table_do_not_excuse_the_next() -> None:
    """What mm_users was is asked again for each table."""
    other = replace(UNLINK, table=TABLE * 2)
    give = replace(GIVE, args=("tlb", TABLE * 2, 7))
    trace = (*BELOW_TWO, other, give, TWO_USERS, replace(FREE, addr=TABLE * 2))
    assert [fate.by for fate in fates(trace).things.values()] == [law.SHORTCUT, ""]


@pytest.mark.parametrize(
    ("free", "freer"),
    [
        (FREE, "PGT_CACHE(7)"),
        (ev.FreePage(0, "a", TABLE), "the page allocator"),
        (ev.FreePages(0, "a", (TABLE,)), "free_pages_and_swap_cache"),
    ],
)
def test_the_freer_is_told_with_its_shift(free: ev.AnyEvent, freer: str) -> None:
    """A table of seven bits goes back to the cache of seven bits."""
    assert of_table(*AT_ONCE[:-1], free).freer == freer


def test_a_page_is_exposed_while_a_translation_to_it_is_left() -> None:
    """An invalidation on one CPU leaves what the other CPU holds."""
    fate = of_page(BOOT, CLEAR, HERE, FREE_PAGE, EVERYWHERE)
    assert (fate.wait, fate.exposed, fate.by) == (Wait.AT_ONCE, frozenset({"p0 in the TLB of cpu1"}), "")
    assert of_page(BOOT, CLEAR, EVERYWHERE, FREE_PAGE).wait is Wait.FLUSH


def test_a_gather_answers_for_the_translations_that_it_has_unmapped_itself() -> None:
    """When `b` ends, what `a` unmapped may still be there; when `a` ends, it may not."""
    theirs = replace(FINISHED, agent="b")
    assert fates((BOOT, CLEAR, theirs, EVERYWHERE, FINISHED)).left == set()
    assert fates((BOOT, CLEAR, theirs, HERE, FINISHED)).left == {"p0 in the TLB of cpu1"}


def told(one: tuple[ev.AnyEvent, ...], other: tuple[ev.AnyEvent, ...]) -> list[str]:
    return [each.line() for each in compare(one, other)]


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        (
            AFTER_GRACE,
            AFTER_IPI,
            f"t0: freed after a grace period, and after an IPI to every other CPU (permitted by {law.WAITED})",
        ),
        (BELOW_TWO, AFTER_GRACE, f"t0: freed at once, and after a grace period (permitted by {law.SHORTCUT})"),
        (AFTER_GRACE, AT_ONCE, f"t0: freed after a grace period, and at once ({law.WAITED})"),
        (BELOW_TWO, AT_ONCE[:-1], f"t0: freed once, and never ({law.FREED})"),
        (AT_ONCE, (*AT_ONCE, FREE), f"t0: freed once, and twice ({law.FREED_ONCE})"),
        (
            AT_ONCE,
            (*AT_ONCE[:-1], replace(FREE, index=3)),
            f"t0: freed by PGT_CACHE(7), and by PGT_CACHE(3) ({law.SAME_SHIFT})",
        ),
        (AT_ONCE, (BOOT,), f"t0: the second ended before it was unhooked ({law.NO_BUG})"),
        (
            (BOOT, CLEAR, EVERYWHERE, FREE_PAGE),
            (BOOT, CLEAR, FREE_PAGE, EVERYWHERE),
            f"p0: freed after its translations were dropped, and at once ({law.FLUSHED})",
        ),
        (
            (BOOT, CLEAR, HERE, FREE_PAGE),
            (BOOT, CLEAR, FREE_PAGE),
            (
                "p0: freed while these were left: p0 in the TLB of cpu1, "
                f"and p0 in the TLB of cpu0, p0 in the TLB of cpu1 ({law.FLUSHED})"
            ),
        ),
        (
            (BOOT, CLEAR, EVERYWHERE, FINISHED),
            (BOOT, CLEAR, HERE, FINISHED),
            f"translations: left when the gather has ended: nothing, and p0 in the TLB of cpu1 ({law.NOTHING_STALE})",
        ),
    ],
)
def test_a_difference_names_the_rule_that_permits_or_forbids_it(
    one: tuple[ev.AnyEvent, ...], other: tuple[ev.AnyEvent, ...], line: str
) -> None:
    """Two sufficient waits are a choice; another freer, another count and less coverage are not."""
    assert told(one, other) == [line]


def test_with_one_cpu_a_page_may_go_before_the_flush() -> None:
    """As the seed is written (S6): fast mode frees first."""
    alone = (BOOT, ev.NumOnlineCpus(0, "a", 1), CLEAR)
    (difference,) = compare((*alone, EVERYWHERE, FREE_PAGE), (*alone, FREE_PAGE, EVERYWHERE))
    assert difference.permitted


def test_every_rule_that_a_difference_can_name_is_a_rule() -> None:
    """The names are the specification's own."""
    named = {law.WAITED, law.SHORTCUT, law.FLUSHED, law.NOTHING_STALE}
    assert named | {law.FREED, law.FREED_ONCE, law.SAME_SHIFT, law.NO_BUG} <= RULES.keys()


def test_the_reference_frees_each_level_with_its_own_freer() -> None:
    """A run of the reference, read whole: two pages, two PTE tables, and a PMD table of seven bits."""
    (case,) = (case for case in cases(["hash64"], "rfc-2010") if case.id == "pages-then-tables/hash64")
    recording, _ = InProcess(ports.open_port("ref")).record(case, One(()))
    assert not isinstance(recording, Broke)
    found = fates(recording.runs[0].trace)
    page = Fate("p0", Wait.FLUSH, "free_pages_and_swap_cache", 1, frozenset(), law.FLUSHED)
    table = Fate("t0", Wait.GRACE_PERIOD, "the page allocator", 1, frozenset(), law.WAITED)
    assert found.things == {
        "p0": page,
        "p1": replace(page, name="p1"),
        "t0": table,
        "t1": replace(table, name="t1"),
        "t2": replace(table, name="t2", freer="PGT_CACHE(7)"),
    }
    assert found.left == set()
