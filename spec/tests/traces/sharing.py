# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who leaves a shared table is out of it before it is used for something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec import events as ev

from traces.alphabet import BOOT, BOTH_CPUS, CONTEXT, Case, T, U, ack, enter, ipi, leave

FLUSHED: Final = "order.unshared-flushed-in-time"
WAITED: Final = "separation.unshared-waited-for"
UNLOCKED: Final = "order.unshared-flushed-before-unlock"

ARM64: Final = replace(BOOT, arch="arm64", era="v6.12", hash_table=False, max_pgtable_index_size=0)
FIRST, MIDDLE, LAST = 0x40000000, 0x60000000, 0x80000000
X86: Final = replace(ARM64, arch="x86")
LARGE: Final = 0x1000000000
CALL: Final = "tlb_flush_unshared_tables"
UNLOCK: Final = ev.UnlockMapping(0, "a")


def unshare(table: int = T, *, others: int = 1, used: frozenset[int] = BOTH_CPUS, agent: str = "a") -> ev.UnsharePmd:
    return ev.UnsharePmd(0, agent, table, CONTEXT, (FIRST, LAST), BOTH_CPUS, used, others)


def flush(
    span: tuple[int, int] | None = (FIRST, LAST),
    *,
    ind: bool = True,
    cpus: frozenset[int] = BOTH_CPUS,
    context: int = CONTEXT,
) -> ev.Invalidate:
    return ev.Invalidate(0, "a", "flush_tlb_range_bcast", context, None, cpus, ind, span)


def case(
    rule: str, shows: str, *trace: ev.AnyEvent, reason: str | None = None, erratum: str | None = None,
    boot: ev.Booted = ARM64,
) -> Case:  # fmt: skip
    return Case(rule, shows, trace, reason, erratum, boot)


TRANSLATION: Final = "cpu0 may still hold a translation of a table that was left"
WAY: Final = "cpu0 may still hold the way to a table that was left"
UNCALLED: Final = "the mapping is unlocked, and a table was left without the flush"
ALONE: Final = "a table is another's alone, and no walker was waited for since it was left"

CASES: Final = (
    case(FLUSHED, "all that it mapped is flushed", unshare(), flush(), leave(CALL)),
    case(FLUSHED, "the whole context is flushed", unshare(others=2), flush(None), leave(CALL)),
    case(
        FLUSHED,
        "the flush comes in two parts",
        unshare(),
        flush((FIRST, MIDDLE)),
        flush((MIDDLE, LAST)),
        leave(CALL),
    ),
    case(
        FLUSHED,
        "nobody uses the translations of a whole mm, and the way to the table goes",
        unshare(used=frozenset()),
        flush(),
        leave(CALL),
    ),
    case(FLUSHED, "another gather has left it", unshare(agent="b"), leave(CALL)),
    case(FLUSHED, "the flush is put off", unshare(others=2), leave(CALL), reason=TRANSLATION),
    case(
        FLUSHED,
        "the walk caches stay",
        unshare(),
        flush(ind=False),
        leave(CALL),
        reason=WAY,
        erratum="S21",
    ),
    case(
        FLUSHED,
        "the walk caches of another architecture stay",
        unshare(),
        flush(ind=False),
        leave(CALL),
        reason=WAY,
        boot=X86,
    ),
    case(
        FLUSHED,
        "the walk caches of a whole mm stay",
        unshare(used=frozenset()),
        leave(CALL),
        reason=WAY,
        erratum="S21",
    ),
    case(
        FLUSHED,
        "the end of what it mapped is left out",
        unshare(),
        flush((FIRST, MIDDLE)),
        leave(CALL),
        reason=TRANSLATION,
    ),
    case(FLUSHED, "an empty range is flushed", unshare(), flush((FIRST, FIRST)), leave(CALL), reason=TRANSLATION),
    case(FLUSHED, "another mm is flushed", unshare(), flush(None, context=2), leave(CALL), reason=TRANSLATION),
    case(
        FLUSHED,
        "a CPU is left out",
        unshare(),
        flush(cpus=frozenset({1})),
        leave(CALL),
        reason=TRANSLATION,
    ),
    Case(
        FLUSHED,
        "a table maps 64G, and an empty range is flushed",
        (replace(unshare(), span=(LARGE, 2 * LARGE)), flush((LARGE, LARGE)), leave(CALL)),
        TRANSLATION,
        "S20",
        boot=ARM64,
    ),
    case(
        FLUSHED,
        "the last of 64G are left out",
        replace(unshare(), span=(LARGE, 2 * LARGE)),
        flush((LARGE, 2 * LARGE - MIDDLE)),
        leave(CALL),
        reason=TRANSLATION,
    ),
    case(WAITED, "every other CPU has answered", unshare(), ipi(1), ack(), leave(CALL)),
    case(WAITED, "two others go on with it", unshare(others=2), leave(CALL)),
    case(WAITED, "a grace period has passed", unshare(), ev.GracePeriod(0, "a", 0, "consolidated"), leave(CALL)),
    case(WAITED, "another gather has left it", unshare(agent="b"), leave(CALL)),
    case(WAITED, "nobody was interrupted", unshare(), flush(), leave(CALL), reason=ALONE),
    case(WAITED, "nobody has answered yet", unshare(), ipi(1, wait=False), leave(CALL), reason=ALONE),
    case(WAITED, "a CPU was left out", unshare(), ipi(), leave(CALL), reason=ALONE),
    case(
        WAITED,
        "the second was left after the IPI",
        unshare(),
        ipi(1),
        unshare(U),
        ack(),
        leave(CALL),
        reason=ALONE,
    ),
    case(
        WAITED,
        "a reader's grace period has passed",
        unshare(),
        ev.GracePeriod(0, "a", 0, "rcu"),
        leave(CALL),
        reason=ALONE,
    ),
    case(UNLOCKED, "the call comes first", unshare(), enter(CALL, "tlb"), leave(CALL), UNLOCK),
    case(UNLOCKED, "nothing was left", UNLOCK),
    case(UNLOCKED, "another has left it", unshare(agent="b"), UNLOCK),
    case(
        UNLOCKED,
        "a second is left behind the call",
        unshare(),
        enter(CALL, "tlb"),
        unshare(U),
        UNLOCK,
        reason=UNCALLED,
    ),
    case(
        UNLOCKED,
        "the call is forgotten",
        unshare(),
        UNLOCK,
        reason=UNCALLED,
    ),
)
