# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The moments of the mechanism that a port can be held to.

An era is a form of the code that existed or was proposed, named after where it can be read.
What held in it is each rule's status; here the eras are named, in the order of time, with the few facts of their
kernels that a rule or a scenario may depend on.  Which code is an era's, the reference room says.
These are the eras that have a reference and can be run.  `contract.CONTRACT_ERAS` are those against
which a port's types can be held, which takes no reference.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class Era:
    """One form of the code."""

    name: str
    date: str
    summary: str
    #: the architectures that it is modelled on, the controls included
    archs: tuple[str, ...]
    #: functions of the seed's contract that this era does not have yet, or has no more
    absent: frozenset[str] = frozenset()
    #: whether powerpc batches tables on UP as well
    batches_on_up: bool = False
    #: whether one call_rcu waits for readers and for regions with IRQs or preemption off
    consolidated_rcu: bool = False
    #: whether a PMD table may have a lock of its own, as a PTE page has
    pmd_locks: bool = False


POWERPC: Final = ("hash32", "hash64", "nohash")
CONTROLS: Final = ("hardware-walker", "ipi")
#: Those that came to the generic batching later, as far as they are modelled.
SINCE_V4_19: Final = ("radix", "x86", "sparc64")
SINCE_V5_7: Final = (*SINCE_V4_19, "arm64", "s390")

ERAS: Final[dict[str, Era]] = {
    era.name: era
    for era in (
        Era(
            "v2.6.37",
            "2011-01",
            "powerpc's own batching, one batch and one gather for each CPU, preemption off during a gather",
            archs=(*POWERPC, *CONTROLS),
            absent=frozenset({"tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"}),
        ),
        Era(
            "rfc-2010-base",
            "2010-11",
            "powerpc's own batching, in the gather: the form that the seed deletes",
            archs=(*POWERPC, *CONTROLS),
            absent=frozenset({"tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"}),
        ),
        Era(
            "rfc-2010",
            "2010-11-26",
            "the seed: the batching moved into generic code",
            archs=(*POWERPC, *CONTROLS),
        ),
        Era(
            "v3.0",
            "2011-07",
            "as merged: every field is written, pages wait in a chain of batches",
            archs=(*POWERPC, *CONTROLS),
        ),
        Era(
            "v4.19",
            "2018-10",
            "no shortcut below two users, the range is the gate, an arch may ask for an invalidation before tables go",
            archs=(*POWERPC, *CONTROLS, *SINCE_V4_19),
            pmd_locks=True,
        ),
        Era(
            "v5.7",
            "2020-05",
            "what was cleared is kept and is the gate, tables are invalidated wherever hardware reads them",
            archs=(*POWERPC, *CONTROLS, *SINCE_V5_7),
            absent=frozenset({"tlb_table_flush"}),
            batches_on_up=True,
            consolidated_rcu=True,
            pmd_locks=True,
        ),
        Era(
            "v6.1",
            "2022-12",
            "a gather has no range of its own; walkers of a table that is kept can be waited for",
            archs=(*POWERPC, *CONTROLS, *SINCE_V5_7),
            absent=frozenset({"tlb_table_flush"}),
            batches_on_up=True,
            consolidated_rcu=True,
            pmd_locks=True,
        ),
        Era(
            "v6.12",
            "2024-11",
            "slots are encoded, and an rmap may wait for the flush",
            archs=(*POWERPC, *CONTROLS, *SINCE_V5_7),
            absent=frozenset({"tlb_table_flush"}),
            batches_on_up=True,
            consolidated_rcu=True,
            pmd_locks=True,
        ),
        Era(
            "v7.0",
            "2026",
            "the single table waits for a real grace period, too",
            archs=(*POWERPC, *CONTROLS, *SINCE_V5_7),
            absent=frozenset({"tlb_table_flush"}),
            batches_on_up=True,
            consolidated_rcu=True,
            pmd_locks=True,
        ),
    )
}

#: The era a port is held to unless it says otherwise.
DEFAULT_ERA: Final = "rfc-2010"


def between(era: str, since: str, until: str, /) -> bool:
    """Whether an era is none before `since` and none after `until`; an empty name is no bound."""
    order = list(ERAS)
    at = order.index(era)
    return (not since or order.index(since) <= at) and (not until or at <= order.index(until))
