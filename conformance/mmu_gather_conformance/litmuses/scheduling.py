# SPDX-License-Identifier: GPL-2.0-only
"""Two tasks on one CPU, a gather that moves, and a CPU that comes online."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Migrate, Page, Table

LITMUSES: Final = (
    Litmus(
        "one-cpu-walker",
        "A walker with IRQs off cannot be preempted: on its own CPU nobody gets in between.",
        (gather(0, Table()), runs(0, "gup_fast", "a0")),
        spare=False,
        sister="one-cpu-reader",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "one-cpu-reader",
        "A reader under rcu_read_lock() alone is preempted by the task that unmaps.",
        (gather(0, Table()), runs(0, "rcu_reader", "a0")),
        spare=False,
        sister="one-cpu-reader-not-preemptible",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "one-cpu-reader-not-preemptible",
        "Where tasks are not preempted it reads to its end, as long as it is on the CPU that unmaps.",
        (gather(0, Table()), runs(0, "rcu_reader", "a0")),
        spare=False,
        preemptible=False,
        sister="one-cpu-reader",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "gather-moves",
        "The gather goes on on another CPU; from there its IPI goes to the one that it came from.",
        (gather(0, Table(), Migrate(), Table()), runs(0, "gup_fast", "a0", "a1"), runs(1, "gup_fast", "a1")),
        failing=True,
        sister="gather-moves-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "gather-moves-careless",
        "A reader with IRQs on is safe on neither CPU.",
        (gather(0, Table(), Migrate(), Table()), runs(0, "gup_fast", "a0", "a1"), runs(1, "rcu_reader", "a1")),
        failing=True,
        sister="gather-moves",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "walker-cpu-comes-online",
        "A CPU comes online and begins to walk, perhaps just after the IPI: then it finds the entry empty.",
        (gather(0, Table()), runs(1, "cpu_up"), runs(1, "gup_fast", "a0")),
        failing=True,
        offline=(1,),
        spare=False,
        sister="walker-cpu-comes-online-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "walker-cpu-comes-online-careless",
        "With IRQs on it may have found the entry before, and is not waited for.",
        (gather(0, Table()), runs(1, "cpu_up"), runs(1, "rcu_reader", "a0")),
        failing=True,
        offline=(1,),
        spare=False,
        sister="walker-cpu-comes-online",
        forbidden="walk.fallback-is-no-grace-period",
    ),
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
        sister="access",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access",
        "The same where the second CPU is there from the start.",
        (gather(0, Page()), runs(1, "cpu_up"), runs(1, "access", page="a0")),
        spare=False,
        sister="access-cpu-comes-online",
        forbidden="walk.no-access-to-a-freed-page",
    ),
)
