# SPDX-License-Identifier: GPL-2.0-only
"""An interleaving again: the schedule of a file, taken once more by a port.

A schedule says who moved and which way.  The port it is of takes it again, step for step, and makes the same trace.
Another port may not: then the whole question is put to it, and what comes back is its own shortest witness, or
that there is none.
"""

from __future__ import annotations

from mmu_gather_spec.events import Trace
from mmu_gather_spec.record import record

from mmu_gather_conformance import asking
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.hosts import Host
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.witness import Strayed, follow
from mmu_gather_conformance.interleaved import PortBroke, recorded_by
from mmu_gather_conformance.interleaving import prepare
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.report import Failure
from mmu_gather_conformance.verdict import EXITS, Exit


@record(frozen=True, slots=True)
class Rescheduled:
    """The trace that a port makes of a file's question, and what was not as the file says."""

    trace: Trace
    note: str = ""


def reschedule(failure: Failure, host: Host, /) -> Rescheduled | tuple[list[str], Exit]:
    """Take a schedule again; or the lines to print and how to exit, where there is no trace to show."""
    litmus, arch = failure.litmus, str(failure.config["arch"])
    assert litmus is not None, "only an interleaving has a schedule"

    def record(case: Case) -> Recording:
        return recorded_by(host, case)

    try:
        prepared = prepare(litmus, arch, record)
        product = asking.build(litmus, prepared, explicit=True)
        try:
            return Rescheduled(follow(product, failure.schedule)[0])
        except Strayed as strayed:
            outcome = asking.ask(litmus, arch, record)
            witness = outcome.of(failure.rule)
            note = f"the schedule is not this port's ({strayed}): asked again, {outcome.answer}"
            if witness is not None:
                return Rescheduled(witness.trace, note)
            return [note, f"{outcome.states} states, {'every' if outcome.complete else 'not every'} interleaving"], (
                Exit.CONFORMS
            )
    except PortBroke as broke:
        return [f"{broke.broke.verdict.value}: {broke}"], EXITS[broke.broke.verdict]
    except Untestable as error:
        return [f"untestable: {error}"], Exit.VIOLATED
