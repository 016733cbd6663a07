# SPDX-License-Identifier: GPL-2.0-only
"""The runs that the pictures are drawn from: the reference's own, recorded while the pages are made.

Small machines only, whose batches hold three tables: what happens there is what happens at full size, sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.recorder import Recording
from mmu_gather_spec.eras import DEFAULT_ERA

PORT: Final = "ref"
#: Where tables are batched for RCU, and where they are pages like any other.
ARCHS: Final = ("hash64", "ipi")


@cache
def recordings() -> tuple[tuple[Case, Recording], ...]:
    """Every case of the small machines, as callers should behave, with all of its runs."""
    return tuple(_recorded())


def _recorded() -> Iterator[tuple[Case, Recording]]:
    host = InProcess(ports.open_port(PORT))
    for case in cases(ARCHS, DEFAULT_ERA):
        if case.config.small and not case.scenario.misuse and not case.scenario.builds:
            recording, _ = host.record(case)
            assert isinstance(recording, Recording), f"the reference broke in {case.id}"
            yield case, recording
