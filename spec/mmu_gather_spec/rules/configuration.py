# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The configuration: who selects the batching must also have what it needs.

These rules are judged on builds and links instead of runs: the closure of the declarations in `kconfig_eras`
is written into a trace as `Built` events, and the link table's names are in the first event of every
trace.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import AnyEvent, Booted, Built, Enter
from mmu_gather_spec.rule import (
    REQUIRED,
    Binds,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    batches_tables,
    over_time,
)


class SelectedWhereUsed(Monitor[int]):
    """Every configuration builds."""

    reads = (Built,)

    def initial(self, boot: Booted, /) -> int:
        return 0

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        if isinstance(event, Built) and event.missing:
            reason = f"{event.point} with `{event.select}`: {event.outcome}, {event.missing} is missing"
            return Violation(reason, event, erratum="S10")
        return state


class ProvidesRemoveTable(Monitor[bool]):
    """Who selects the batching of tables provides the function that frees one."""

    reads = (Enter,)

    def initial(self, boot: Booted, /) -> bool:
        return "__tlb_remove_table" in boot.provides

    def step(self, state: bool, event: AnyEvent, /) -> bool | Violation:
        return state or Violation("tables are batched, and __tlb_remove_table() is not provided", event)


RULES: Final = (
    Rule(
        id="configuration.selected-where-used",
        row="H1",
        level=Level.MUST,
        sentence=(
            "The batching of tables is selected in exactly the configurations that use it, so that each of them builds."
        ),
        sources=(
            Source("arch/powerpc/Kconfig", "select HAVE_RCU_TABLE_FREE if PPC64", (454, 454)),
            Source("the reply", "select HAVE_RCU_TABLE_FREE if SMP", (18, 20)),
            Source("arch/powerpc/Kconfig (6.12)", "select MMU_GATHER_RCU_TABLE_FREE"),
        ),
        evidence=Evidence.SEED,
        monitor=SelectedWhereUsed(),
        status=over_time({"v2.6.37": REQUIRED, "rfc-2010": as_written("S10"), "v3.0": REQUIRED}),
        binds=Binds.CONFIGURATION,
    ),
    Rule(
        id="configuration.provides-remove-table",
        row="H2",
        level=Level.MUST,
        sentence="An architecture that selects the batching of tables provides __tlb_remove_table(), which frees one.",
        sources=(Source("arch/powerpc/include/asm/pgalloc.h", "void __tlb_remove_table(void *_table)", (67, 67)),),
        evidence=Evidence.SEED,
        monitor=ProvidesRemoveTable(),
        status=over_time({"rfc-2010": REQUIRED}),
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
)
