# SPDX-License-Identifier: GPL-2.0-only
"""What came of a comparison, as it goes from the worker to the suite."""

from __future__ import annotations

from dataclasses import asdict

from mmu_gather_conformance import forms, wire
from mmu_gather_conformance.agreement.runs import Compared, Parted
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.scenario import Scenario


def pack(found: Compared, /) -> wire.Answer:
    """A comparison as the worker answers it; runs that part go as recordings do."""
    parted = found.parted
    if parted is None:
        return wire.Answer(agreed=found.runs)
    answer = wire.pack(Recording([run for run in (parted.one, parted.other) if run is not None]))
    answer.agreed = found.runs
    answer.parted = wire.WireParted(
        forms.encode(parted.case.scenario), asdict(parted.case.config),
        (parted.one is not None, parted.other is not None), parted.by_service, parted.number,
    )  # fmt: skip
    return answer


def unpack(answer: wire.Answer, /) -> Compared:
    """The comparison that an answer carries.

    Errors: as `wire.unpack`; msgspec.DecodeError, ValueError or StopIteration where it is none.
    """
    parted = answer.parted
    if parted is None:
        return Compared(answer.agreed)
    case = Case(forms.decode(parted.scenario, Scenario), Config(**parted.config))
    runs = iter(wire.unpack(answer).runs)
    one, other = (next(runs) if made else None for made in parted.made)
    return Compared(answer.agreed, Parted(case, one, other, parted.by_service, parted.number))
