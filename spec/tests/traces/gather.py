# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The gather: from an arbitrary stack to an empty hand, and its caller's duties."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import DetachVma, Diverged, GetCpuVar, Leaked, Migrate, PutCpuVar

from traces.alphabet import Case, K, T, bug, call_rcu, enter, free, give, leave, quiescent

WRITTEN: Final = "gather.every-field-written"
ONCE: Final = "gather.finished-once"
NOTHING: Final = "gather.nothing-kept"
HOLDS: Final = "gather.holds-nothing-after-finish"
MOVES: Final = "gather.keeps-nothing-in-a-cpu"
DETACHED: Final = "gather.vma-detached-first"

GATHER, FINISH = enter("tlb_gather_mmu", "tlb", "mm", 0), enter("tlb_finish_mmu", "tlb", 0, 0)
FINISHED: Final = leave("tlb_finish_mmu")
LEAKED: Final = Leaked(0, "a", K)


def took(count: int) -> GetCpuVar:
    return GetCpuVar(0, "a", count, 1)


def left(count: int) -> PutCpuVar:
    return PutCpuVar(0, "a", count)


CASES: Final = (
    Case(WRITTEN, "every filling gives the same", (GATHER, FINISH)),
    Case(
        WRITTEN,
        "a filling makes a difference",
        (GATHER, Diverged(0, "a", 0xA5, "FreePage", False)),
        "with the gather filled with 0xa5 the port did something else: FreePage",
    ),
    Case(
        WRITTEN,
        "a filling makes one flush more",
        (GATHER, Diverged(0, "a", 0xFF, "Enter", True)),
        "with the gather filled with 0xff the port did something else: Enter",
        "S7",
    ),
    Case(ONCE, "begun and finished", (GATHER, FINISH, quiescent())),
    Case(ONCE, "ended by BUG", (GATHER, bug(), quiescent())),
    Case(ONCE, "finished, not begun", (FINISH,), "a gather is finished that was not begun"),
    Case(ONCE, "finished twice", (GATHER, FINISH, FINISH), "a gather is finished that was not begun"),
    Case(ONCE, "never finished", (GATHER, quiescent()), "a gather was begun and never finished"),
    Case(NOTHING, "a gather is still open", (GATHER, LEAKED)),
    Case(NOTHING, "BUG ended it", (GATHER, bug(), FINISH, LEAKED)),
    Case(NOTHING, "a page is lost", (GATHER, FINISH, LEAKED), "a page of kernel memory never came back"),
    Case(HOLDS, "the table is RCU's", (give(T), call_rcu(T), FINISHED)),
    Case(HOLDS, "the table is freed", (give(T), free(T), FINISHED)),
    Case(HOLDS, "another gather ends", (give(T), leave("tlb_finish_mmu", agent="b"))),
    Case(HOLDS, "the table is still held", (give(T), FINISHED), "the gather ended and still holds a table"),
    Case(MOVES, "the table moves along", (give(T), Migrate(0, "a", 1), call_rcu(T), FINISHED)),
    Case(MOVES, "it never moved: another rule's affair", (give(T), FINISHED)),
    Case(MOVES, "the variable is put back", (GetCpuVar(0, "a", 0, 0), PutCpuVar(0, "a", 0), leave("tlb_flush"))),
    Case(
        MOVES,
        "the table stays behind",
        (give(T), Migrate(0, "a", 1), FINISHED),
        "after a move to another CPU the gather no longer knew its tables",
    ),
    Case(
        MOVES,
        "what waited was dropped before the move",
        (took(0), left(1), took(1), left(0), Migrate(0, "a", 1)),
    ),
    Case(MOVES, "another's entries waited before, and wait", (took(1), left(1), Migrate(0, "a", 1))),
    Case(
        MOVES,
        "an entry waits on the CPU that is left",
        (took(0), left(1), Migrate(0, "a", 1)),
        "after a move entries wait in the hash batch of the CPU that was left",
    ),
    Case(
        MOVES,
        "the variable is not put back",
        (GetCpuVar(0, "a", 0, 0), leave("tlb_flush")),
        "a call returned with a per-CPU variable still held",
    ),
    Case(DETACHED, "the VMA was detached", (DetachVma(0, "a"), give(T))),
    Case(DETACHED, "the VMA can be found", (give(T),), "a table is given while its VMA can still be found"),
    Case(
        DETACHED,
        "another gather's VMA was detached",
        (DetachVma(0, "b"), give(T)),
        "a table is given while its VMA can still be found",
    ),
)
