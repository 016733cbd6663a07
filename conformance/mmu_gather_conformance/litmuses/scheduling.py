# SPDX-License-Identifier: GPL-2.0-only
"""Two tasks on one CPU, a gather that moves, and a CPU that comes online."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Page

LITMUSES: Final = (
    Litmus(
        "access-one-cpu",
        "With one CPU online pages are freed before the flush, and another task may run in between (S6).",
        (gather(0, Page()), runs(0, "access", page="a0")),
        spare=False,
        sister="access-own-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-own-cpu",
        "The same on one CPU of two: pages wait for the flush.",
        (gather(0, Page()), runs(0, "access", page="a0")),
        sister="access-one-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-one-cpu-not-preemptible",
        "Where a task keeps its CPU until it is done, nobody runs in between.",
        (gather(0, Page()), runs(0, "access", page="a0")),
        spare=False,
        preemptible=False,
        sister="access-one-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-cpu-comes-online",
        "One CPU was counted when the gather began; the second comes online in the middle of it (S6).",
        (gather(0, Page()), runs(1, "cpu_up"), runs(1, "access", page="a0")),
        offline=(1,),
        spare=False,
        sister="access-cpu-is-online",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-cpu-is-online",
        "The same where the second CPU is there from the start.",
        (gather(0, Page()), runs(1, "cpu_up"), runs(1, "access", page="a0")),
        spare=False,
        sister="access-cpu-comes-online",
        forbidden="walk.no-access-to-a-freed-page",
    ),
)
