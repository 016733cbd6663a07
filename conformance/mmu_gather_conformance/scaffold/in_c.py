# SPDX-License-Identifier: GPL-2.0-only
"""A port in C to fill in: the header of its era, the contract's functions, each of which is a BUG, and a Makefile."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.contract import contract_of

from mmu_gather_conformance import c_header, c_tables
from mmu_gather_conformance.scaffold import told

#: Where a gather comes from.
MADE: Final = "The suite makes it and fills it with garbage: write before you read."
OF_A_CPU: Final = "It is a CPU's: __get_cpu_var_mmu_gathers(), which tlb_gather_mmu() hands out."
#: How the arch half learns what a gather has unmapped.
RANGE: Final = """\
/* What the arch's half may look at, and what it notes there. */
static void range(const struct mmu_gather *tlb, struct mmu_gather_range *range)
{
	*range = tlb->range;
}

static void set_range(struct mmu_gather *tlb, const struct mmu_gather_range *range)
{
	tlb->range = *range;
}

"""


def files(era: str, /) -> dict[str, str]:
    """The files of a port, by name."""
    of, ranged = contract_of(era), c_tables.is_ranged(era)
    own = ("range", "set_range") if ranged else ()
    port = told.fill(
        "port.c.txt",
        batch=told.batch("batch.c.txt", of),
        kept="\tstruct mmu_table_batch *batch;\n" if told.batches(of) else "",
        made=OF_A_CPU if told.handed_out(of) else MADE,
        slot="encoded_page" if told.encodes(of) else "page",
        gate="\tstruct mmu_gather_range range;" if ranged else "\tunsigned int need_flush;",
        declared="\n".join(c_header.declared(name, era) for name in told.provided(of)),
        stubs="\n".join(c_header.stub(name, era) for name in told.provided(of)) + ("\n" + RANGE if ranged else ""),
        provides=",\n".join(f"\t\t.{name} = {name}" for name in (*told.provided(of), *own)),
    )
    return {
        "port.c": port,
        "mmu_gather.h": c_header.render(era),
        "Makefile": told.fill("Makefile.txt"),
        "README.md": told.readme("c", era),
    }
