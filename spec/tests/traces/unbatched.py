# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A table that is freed without a batch: what the fallback and the shortcut owe."""

from __future__ import annotations

from typing import Final

from traces.alphabet import Case, T, ack, enter, free, give, ipi, leave, users

ACK: Final = "separation.every-ack"
CPU: Final = "separation.every-cpu"
SHORTCUT: Final = "separation.shortcut-below-two-users"

CASES: Final = (
    Case(ACK, "the other CPU answers first", (give(T), ipi(1), ack(), free(T))),
    Case(
        ACK,
        "an IPI of the flush is not the fallback's",
        (give(T), enter("tlb_flush"), ipi(1), leave("tlb_flush"), free(T)),
    ),
    Case(
        ACK,
        "the IPI is not waited for",
        (give(T), ipi(1, wait=False), free(T)),
        "a table is freed before cpu1 has answered the IPI",
    ),
    Case(CPU, "the IPI goes to all others", (give(T), ipi(1), ack(), free(T))),
    Case(CPU, "one CPU is interrupted after the other", (give(T), ipi(1), ack(), ipi(), free(T))),
    Case(CPU, "a flush tells nobody", (give(T), enter("tlb_flush"), ipi(), leave("tlb_flush"), free(T))),
    Case(
        CPU,
        "the IPI leaves a CPU out",
        (give(T), ipi(), free(T)),
        "a table is freed after an IPI that left out cpu1",
    ),
    Case(SHORTCUT, "a flush follows", (give(T), users(1), free(T), enter("tlb_flush"), leave("tlb_finish_mmu"))),
    Case(
        SHORTCUT,
        "no flush follows",
        (give(T), users(1), free(T), leave("tlb_finish_mmu")),
        "a table was freed at once, and the gather ended without a flush",
    ),
)
