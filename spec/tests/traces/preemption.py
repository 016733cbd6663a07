# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who switches preemption off switches it on again, and a flush in two parts is one CPU's."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import ContextLock, GetCpuVar, Irqs, Preempt, PutCpuVar

from traces.alphabet import Case, enter, invalidate, ipi, leave

AS_FOUND: Final = "gather.preemption-as-found"
ONE_CPU: Final = "arch.flush-on-one-cpu"

PIN, UNPIN = Preempt(0, "a", 1), Preempt(0, "a", 0)
OFF, ON = Irqs(0, "a", on=False), Irqs(0, "a", on=True)
FLUSH, FLUSHED = enter("tlb_flush", "tlb"), leave("tlb_flush")
ENTER, ENTERED = enter("arch_enter_lazy_mmu_mode"), leave("arch_enter_lazy_mmu_mode")
LEAVE, LEFT = enter("arch_leave_lazy_mmu_mode"), leave("arch_leave_lazy_mmu_mode")
LOCK, UNLOCK = ContextLock(0, "a", True), ContextLock(0, "a", False)
OWN: Final = invalidate(cpus=frozenset({0}))
MOVED: Final = "the task could move between telling other CPUs and dropping its own"


def preempt(depth: int) -> Preempt:
    return Preempt(0, "a", depth)


CASES: Final = (
    Case(AS_FOUND, "preemption goes off and on again", (FLUSH, PIN, UNPIN, FLUSHED)),
    Case(
        AS_FOUND,
        "the caller holds a lock, and holds it still",
        (PIN, FLUSH, preempt(2), PIN, FLUSHED, UNPIN),
    ),
    Case(
        AS_FOUND,
        "a per-CPU variable is taken and put back",
        (FLUSH, GetCpuVar(0, "a", 0, 0), PutCpuVar(0, "a", 0), FLUSHED),
    ),
    Case(AS_FOUND, "s390's context.lock is taken and given back", (FLUSH, LOCK, UNLOCK, FLUSHED)),
    Case(
        AS_FOUND,
        "s390's context.lock is kept",
        (FLUSH, LOCK, FLUSHED),
        "tlb_flush was called with preemption count 0, interrupts on, and returns with 1 and on",
    ),
    Case(
        AS_FOUND,
        "preemption stays off",
        (FLUSH, PIN, FLUSHED),
        "tlb_flush was called with preemption count 0, interrupts on, and returns with 1 and on",
    ),
    Case(
        AS_FOUND,
        "preemption is switched on that was not off",
        (FLUSH, preempt(-1), FLUSHED),
        "tlb_flush was called with preemption count 0, interrupts on, and returns with -1 and on",
    ),
    Case(
        AS_FOUND,
        "interrupts stay off",
        (FLUSH, OFF, FLUSHED),
        "tlb_flush was called with preemption count 0, interrupts on, and returns with 0 and off",
    ),
    Case(
        AS_FOUND,
        "what a call inside leaves to the outer one is made good",
        (enter("f"), FLUSH, PIN, FLUSHED, UNPIN, leave("f")),
    ),
    Case(AS_FOUND, "lazy mode keeps the task until it is left", (ENTER, PIN, ENTERED, LEAVE, UNPIN, LEFT)),
    Case(AS_FOUND, "it is entered under a lock", (PIN, ENTER, preempt(2), ENTERED, LEAVE, PIN, LEFT)),
    Case(
        AS_FOUND,
        "lazy mode keeps the task for ever",
        (ENTER, PIN, ENTERED, LEAVE, LEFT),
        "arch_leave_lazy_mmu_mode was called with preemption count 0, interrupts on, and returns with 1 and on",
    ),
    Case(
        AS_FOUND,
        "what was entered as it was is left otherwise",
        (ENTER, ENTERED, LEAVE, PIN, LEFT),
        "arch_leave_lazy_mmu_mode was called with preemption count 0, interrupts on, and returns with 1 and on",
    ),
    Case(ONE_CPU, "the task stays for both", (FLUSH, PIN, ipi(1), OWN, UNPIN, FLUSHED)),
    Case(
        ONE_CPU,
        "interrupts are off for both",
        (FLUSH, OFF, OWN, ipi(1), ON, FLUSHED),
    ),
    Case(ONE_CPU, "s390's context.lock is held over both", (FLUSH, LOCK, ipi(1), OWN, UNLOCK, FLUSHED)),
    Case(ONE_CPU, "nobody else is told", (FLUSH, ipi(), OWN, FLUSHED)),
    Case(ONE_CPU, "the others are told by broadcast", (FLUSH, invalidate(), FLUSHED)),
    Case(ONE_CPU, "the task is never pinned", (FLUSH, ipi(1), OWN, FLUSHED), MOVED),
    Case(
        ONE_CPU,
        "it can move in between",
        (FLUSH, PIN, ipi(1), UNPIN, PIN, OWN, UNPIN, FLUSHED),
        MOVED,
    ),
    Case(
        ONE_CPU,
        "its own part comes first, and it can move",
        (FLUSH, OWN, PIN, ipi(1), UNPIN, FLUSHED),
        MOVED,
    ),
)
