# SPDX-License-Identifier: GPL-2.0-only
"""Tables of every shift, given directly, as free_hugepd_range and generic code do."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.scenario import Answers, Direct, Finish, Flush, Gather, Opaque, Scenario, Table

POWERPC: Final = ("hash32", "hash64", "nohash")
LEGAL: Final = tuple(Direct(shift=shift) for shift in range(16))

SCENARIOS: Final = (
    Scenario(
        "every-shift",
        "Every legal shift, one table each.",
        (Gather(), *LEGAL, Finish()),
        Answers(grace=("late",), alloc=(True, False)),
        archs=("hash64", "nohash"),
        configs=("", "up", "64k"),
        deviations=1,
    ),
    Scenario(
        "every-shift-at-once",
        "Every legal shift, freed at once because nobody else uses the mm.",
        (Gather(), *LEGAL, Finish()),
        Answers(mm_users=(1,)),
        archs=("hash64", "nohash"),
        configs=("", "64k"),
    ),
    Scenario(
        "shift-zero",
        "A table of shift 0, given directly.",
        (Gather(), Direct(), Finish()),
        Answers(alloc=(True, False), mm_users=(2, 1)),
        archs=POWERPC,
    ),
    Scenario(
        "shift-too-large",
        "A shift of 16 BUGs, and nothing is queued.",
        (Gather(), Direct(shift=16), Finish()),
        Answers(alloc=(True, False), mm_users=(2, 1)),
        archs=POWERPC,
        sizes=("real",),
    ),
    Scenario(
        "shift-far-too-large",
        "A shift of 256, whose low byte is a legal shift, BUGs as well.",
        (Gather(), Direct(shift=1 << 8), Finish()),
        Answers(alloc=(True, False), mm_users=(2, 1)),
        archs=POWERPC,
        sizes=("real",),
    ),
    Scenario(
        "shift-of-16-bits",
        "The same for a shift of 65536.",
        (Gather(), Direct(shift=1 << 16), Finish()),
        archs=POWERPC,
        sizes=("real",),
    ),
    Scenario(
        "shift-on-32-bit",
        "A shift of 7 BUGs where every table is a page.",
        (Gather(), Direct(shift=7), Finish()),
        Answers(alloc=(True, False), mm_users=(2, 1)),
        archs=("hash32",),
        sizes=("real",),
    ),
    Scenario(
        "shift-negative",
        "A shift of -1: the seed takes it, and destroys the pointer.",
        (Gather(), Direct(shift=-1), Finish()),
        archs=POWERPC,
        sizes=("real",),
        only=("encoding.shift-in-range",),
    ),
    Scenario(
        "index-of-a-pgd-table",
        "64-bit Book3S: a PGD table is not freed through RCU; given all the same, it BUGs where it is to be freed.",
        (Gather(), Opaque(shift=3), Finish()),
        Answers(alloc=(True, False)),
        archs=("hash64", "radix"),
        only=("encoding.index-names-its-freer", "progress.bugs-only-with-cause"),
        generic=True,
        since="v4.19",
    ),
    Scenario(
        "opaque-words",
        "Words of the arch's making, given straight to generic code: they come back as they were.",
        (
            Gather(),
            Opaque(shift=7),
            Table(),
            Opaque(shift=0),
            Opaque(shift=15),
            Flush(),
            Opaque(shift=12),
            Finish(),
        ),
        Answers(alloc=(True, False), mm_users=(2, 1)),
        archs=("hash64", "nohash"),
        configs=("", "64k"),
        deviations=2,
        generic=True,
        until="rfc-2010",
    ),
)
