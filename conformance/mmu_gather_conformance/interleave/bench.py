# SPDX-License-Identifier: GPL-2.0-only
"""The scenarios that other model checkers are given as well, put to a port by the way that `run` goes.

`python -m mmu_gather_conformance.interleave.bench P4` prints one line of JSON: the verdict, how many states were
visited, and where the time went.  What the scenarios are is said in conformance/bench/README.md, and again, in
their own languages, by the models beside it.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from typing import Final, TypedDict

from mmu_gather_conformance import ports
from mmu_gather_conformance.asking import build
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.hosts import Broke, InProcess
from mmu_gather_conformance.interleave import explore, loops
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleaving import Prepared, prepare
from mmu_gather_conformance.litmus import Gathers, Litmus, Runs, gather, runs
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.scenario import Table

WALK: Final = "walk.never-a-freed-table"
HARDWARE: Final = "walk.hardware-never-a-freed-table"
#: The arch with the least code of its own: what is searched is the generic half.
SOFTWARE_ARCH: Final = "hash32"
HARDWARE_ARCH: Final = "hardware-walker"
TABLES: Final = ("a0", "a1")


def walkers(count: int) -> Litmus:
    """P5: one gather of two tables, allocations that fail, and so many walkers."""
    parts: tuple[Gathers | Runs, ...] = (
        gather(0, Table(count=2)),
        *(runs(1 + at, "gup_fast", *TABLES) for at in range(count)),
    )
    return Litmus(f"P5_{count}", "", parts, WALK, "", users=count + 1, failing=True)


def two_gathers(name: str, *, failing: bool) -> Litmus:
    """P4 and P4a: two gathers, and two walkers that are users of the mm until they end."""
    every = (*TABLES, "b0", "b1")
    parts = (
        gather(0, Table(count=2)), gather(1, Table(count=2), name="b"),
        runs(2, "vhost", *every), runs(3, "vhost", *every),
    )  # fmt: skip
    return Litmus(name, "", parts, WALK, "", users=4, failing=failing)


def hardware(name: str, users: int, batch: int, count: int) -> Litmus:
    """P3 and P6: one gather, and the hardware."""
    parts = gather(0, Table(count=count)), runs(1, "mmu", *TABLES[:count])
    return Litmus(name, "", parts, HARDWARE, "", users=users, batch=batch)


SCENARIOS: Final[dict[str, tuple[Litmus, str, str]]] = {
    litmus.name: (litmus, port, arch)
    for litmus, port, arch in (
        (
            Litmus("P1", "", (gather(0, Table(count=2)), runs(1, "gup_fast", *TABLES)), WALK, "", batch=4),
            "ref",
            SOFTWARE_ARCH,
        ),
        (
            Litmus(
                "P2", "", (gather(0, Table(count=2)), runs(1, "gup_fast", *TABLES), runs(2, "gup_fast", *TABLES)),
                WALK, "", users=3, failing=True, batch=4,
            ),
            "ref",
            SOFTWARE_ARCH,
        ),
        (hardware("P3", 1, 4, 1), "ref", HARDWARE_ARCH),
        (hardware("P3f", 1, 4, 1), "variant:invalidate_before_free", HARDWARE_ARCH),
        (two_gathers("P4", failing=False), "ref", SOFTWARE_ARCH),
        (two_gathers("P4a", failing=True), "ref", SOFTWARE_ARCH),
        *((walkers(count), "ref", SOFTWARE_ARCH) for count in range(1, 9)),
        (hardware("P6", 2, 1, 2), "ref", HARDWARE_ARCH),
        (hardware("P6f", 2, 1, 2), "variant:invalidate_before_free", HARDWARE_ARCH),
    )
}  # fmt: skip


class Measured(TypedDict):
    """One line of output."""

    scenario: str
    verdict: str
    states: int
    #: until the port's automaton is there
    record_seconds: float
    #: until the product is ready to be searched
    prepare_seconds: float
    #: the search alone
    search_seconds: float
    #: whether the inner loop was the compiled one
    compiled: bool


def recorded(name: str, /) -> Prepared:
    """A scenario with the port's automata in it."""
    litmus, port, arch = SCENARIOS[name]
    host = InProcess(ports.open_port(port))

    def record(case: Case) -> Recording:
        recording, _ = host.record(case)
        assert not isinstance(recording, Broke), recording.detail
        return recording

    return prepare(litmus, arch, record)


def product_of(name: str, /) -> Product:
    """The product of a scenario."""
    return build(SCENARIOS[name][0], recorded(name))


def measure(name: str, /) -> Measured:
    """Record, build and search one scenario."""
    began = time.perf_counter()
    parts = recorded(name)
    lifted = time.perf_counter()
    ready = explore.prepare(build(SCENARIOS[name][0], parts))
    prepared = time.perf_counter()
    result = ready.search()
    searched = time.perf_counter()
    assert result.complete, "a bounded search is no verdict"
    return Measured(
        scenario=name,
        verdict="holds" if not result.broken else "violated",
        states=result.states,
        record_seconds=lifted - began,
        prepare_seconds=prepared - lifted,
        search_seconds=searched - prepared,
        compiled=ready.inner.__name__ == loops.COMPILED,
    )


def main() -> None:
    """The command."""
    gc.disable()  # what is made here holds no cycles, and lives as long as the process
    if len(sys.argv) != 2 or sys.argv[1] not in SCENARIOS:
        sys.exit(f"usage: python -m {__spec__.name} {'|'.join(SCENARIOS)}")
    sys.stdout.write(json.dumps(measure(sys.argv[1])) + "\n")


if __name__ == "__main__":
    main()
