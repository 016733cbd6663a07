# SPDX-License-Identifier: GPL-2.0-only
"""How a run ends before its time: by BUG(), which ends its agent; by an exception; by too many effects.

None of them is ever a pass.  What becomes of a port that takes its process along is asked in `test_hosts`.
"""

from __future__ import annotations

import pytest
from mmu_gather_conformance.check import check
from mmu_gather_conformance.recorder import Outcome
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel as services
from mmu_gather_spec.answering import BUG
from mmu_gather_spec.words import pgf_p
from recorded import overridden, record


def test_an_endless_port_is_timed_out_and_never_passes() -> None:
    """Too many effects in one run."""
    report = check("mutant:batch_not_zeroed", archs=["hash64"], keyword="batch-full/hash64/small")
    assert [case.verdict for case in report.cases] == [Verdict.TIMED_OUT]


@pytest.mark.parametrize("error", [SystemExit(0), RecursionError("too deep"), MemoryError()], ids=repr)
def test_whatever_a_port_raises_is_a_crash_and_never_a_pass(error: BaseException) -> None:
    """sys.exit(0) included: it ends the run, not the suite."""

    def raises(tlb: mmu_gather, /) -> None:
        raise error

    (run,) = overridden("batch-full/hash64/small", tlb_table_flush=raises).runs
    assert (run.outcome, run.detail.split(": ")[0]) == (Outcome.CRASHED, type(error).__name__)


# --- BUG ends its agent --------------------------------------------------------------------------


def test_bug_ends_its_agent_and_nothing_catches_it_by_accident() -> None:
    """The effects after it are the callbacks' alone, and no leak is blamed on who was stopped."""
    assert not issubclass(BUG, Exception)
    trace = record("shift-too-large/hash64").runs[0].trace
    at = next(i for i, event in enumerate(trace) if isinstance(event, ev.Bug))
    assert all(event.agent != "a" or isinstance(event, ev.Leaked | ev.Quiescent) for event in trace[at + 1 :])
    (result,) = check("ref", archs=["hash64"], keyword="shift-too-large/hash64 up").cases
    assert result.verdict is Verdict.PASSED


def test_a_port_that_catches_every_exception_does_not_catch_bug() -> None:
    """What comes after BUG() is not reached."""

    def swallows(tlb: mmu_gather, table: pgf_p, /) -> None:
        try:
            services.BUG_ON(True, "swallowed")
        except Exception:  # noqa: BLE001 - that is the point
            services.num_online_cpus()
        services.num_online_cpus()

    recording = overridden("batch-one-short/hash64/small", tlb_remove_table=swallows)
    (run,) = (run for run in recording.runs if not run.fill)
    at = next(i for i, event in enumerate(run.trace) if isinstance(event, ev.Bug))
    assert {type(event) for event in run.trace[at + 1 :]} == {ev.Leaked, ev.Quiescent}


def test_bug_in_a_callback_ends_the_machine() -> None:
    """A softirq that dies takes the CPU along: nothing comes after, not even quiescence."""

    def bugs(_table: pgf_p, /) -> None:
        services.BUG_ON(True, "in softirq")

    recording = overridden("batch-one-short/hash64/small", __tlb_remove_table=bugs)
    assert {(type(run.trace[-1]), run.trace[-1].agent, run.outcome) for run in recording.runs if not run.fill} == {
        (ev.Bug, "softirq", Outcome.ENDED)
    }


def test_bug_with_interrupts_off_ends_the_machine() -> None:
    """No interrupt arrives on that CPU any more, so no callback and no quiescence comes."""

    def bugs(tlb: mmu_gather, /) -> None:
        services.local_irq_disable()
        services.BUG_ON(True, "with IRQs off")

    recording = overridden("batch-one-short/hash64/small", tlb_table_flush=bugs)
    assert {type(run.trace[-1]) for run in recording.runs} == {ev.Bug}


def test_after_bug_no_leak_is_blamed_on_the_gather() -> None:
    """It was stopped: its page of slots and its batch stay, and gather.nothing-kept holds all the same."""
    report = check("ref", archs=["hash64"], keyword="shift-too-large/hash64", rule="gather.nothing-kept")
    traces = [run.trace for run in record("shift-too-large/hash64").runs]
    assert any(isinstance(event, ev.Leaked) for trace in traces for event in trace)
    assert {case.verdict for case in report.cases} == {Verdict.PASSED}
