# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Between unhooking a table and freeing it: what counts as having waited for every CPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Irqs, Preempt

from traces.alphabet import (
    Case,
    T,
    U,
    ack,
    begin,
    cache_free,
    call_rcu,
    end,
    free,
    give,
    grace,
    ipi,
    online,
    unlink,
    users,
)

WAITED: Final = "separation.waited-for-every-cpu"
SCHED: Final = "separation.sched-flavour"

TOO_SOON: Final = "a table is freed although no CPU was waited for since it was unhooked"
INSIDE: Final = "a grace period ended inside a region with IRQs or preemption off"
IRQS_OFF, IRQS_ON = Irqs(0, "a", False), Irqs(0, "a", True)

CASES: Final = (
    Case(WAITED, "a grace period ends in between", (unlink(T), call_rcu(T), grace(), free(T))),
    Case(WAITED, "somebody waits for a grace period", (unlink(T), grace(0), free(T))),
    Case(WAITED, "every other CPU answers an IPI", (unlink(T), ipi(1), ack(), free(T))),
    Case(
        WAITED,
        "two gathers wait at a time, and each is answered",
        (unlink(T), ipi(1), unlink(U), replace(ipi(1), agent="b"), ack(), free(T), free(U, agent="b")),
    ),
    Case(
        WAITED,
        "two gathers wait at a time, and the second unhooks late",
        (unlink(T), ipi(1), replace(ipi(1), agent="b"), unlink(U), ack(), free(T), free(U, agent="b")),
        TOO_SOON,
    ),
    Case(WAITED, "there is one CPU", (online(1), unlink(T), free(T))),
    Case(WAITED, "a page of kernel memory is freed, not a table", (unlink(T), free(U))),
    Case(WAITED, "nothing lies in between", (unlink(T), free(T)), TOO_SOON),
    Case(WAITED, "a CPU has not answered", (unlink(T), ipi(1), free(T)), TOO_SOON),
    Case(WAITED, "a CPU was sent no IPI", (unlink(T), ipi(), free(T)), TOO_SOON),
    Case(
        WAITED,
        "the IPI was sent before the table was unhooked",
        (ipi(1), unlink(T), ack(), free(T)),
        TOO_SOON,
    ),
    Case(
        WAITED,
        "the table was unhooked after call_rcu",
        (unlink(T), call_rcu(T), unlink(U), grace(), free(U)),
        TOO_SOON,
    ),
    Case(
        WAITED,
        "the grace period is of the wrong flavour",
        (unlink(T), call_rcu(T, flavour="rcu"), grace(flavour="rcu"), free(T)),
        TOO_SOON,
    ),
    Case(
        WAITED,
        "less than two users are read, and another gather gives a table meanwhile",
        (unlink(T), give(T), users(1), give(U, agent="b"), free(T)),
        TOO_SOON,
        "S2",
    ),
    Case(WAITED, "less than two users are read", (unlink(T), give(T), users(1), free(T)), TOO_SOON, "S2"),
    Case(
        WAITED,
        "two users are read after one",
        (unlink(T), give(T), users(1), users(2), free(T)),
        TOO_SOON,
    ),
    Case(WAITED, "two users are read", (unlink(T), give(T), users(2), cache_free(7, T)), TOO_SOON),
    Case(SCHED, "a walk ends before the grace period", (begin(), call_rcu(T), end(), grace(), free(T))),
    Case(SCHED, "a walk begins after call_rcu", (call_rcu(T), begin(), grace(), free(T))),
    Case(SCHED, "interrupts come on before the grace period ends", (IRQS_OFF, call_rcu(T), IRQS_ON, grace())),
    Case(SCHED, "a grace period ends in a walk", (begin(), call_rcu(T), grace()), INSIDE),
    Case(SCHED, "a grace period ends with interrupts off", (IRQS_OFF, call_rcu(T), grace()), INSIDE),
    Case(SCHED, "a grace period ends with preemption off", (Preempt(0, "a", 1), call_rcu(T), grace()), INSIDE),
    Case(
        SCHED,
        "the callback waits for rcu_read_lock only",
        (call_rcu(T, flavour="rcu"), grace(flavour="rcu"), free(T)),
        "a table waited for a grace period that IRQs off do not hold back",
    ),
)
