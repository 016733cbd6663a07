# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The moments of the mechanism that a port can be held to.

An era is a form of the code that existed or was proposed, named after where it can be read.
What held in it is each rule's status; this file only names the eras, in the order of time.
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
    #: functions of the contract that this era does not have yet
    absent: frozenset[str] = frozenset()
    #: the select line by which powerpc asks for the batching, if any
    select: str = ""


ERAS: Final[dict[str, Era]] = {
    era.name: era
    for era in (
        Era(
            "rfc-2010-base",
            "2010-11",
            "powerpc's own batching, in the gather: the form that the seed deletes",
            absent=frozenset({"tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"}),
        ),
        Era(
            "rfc-2010",
            "2010-11-26",
            "the seed: the batching moved into generic code",
            select="select HAVE_RCU_TABLE_FREE if PPC64",
        ),
    )
}

#: The era a port is held to unless it says otherwise.
DEFAULT_ERA: Final = "rfc-2010"
