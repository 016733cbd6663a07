# SPDX-License-Identifier: GPL-2.0-only
"""Nothing is shared in secret: not between two gathers, not between two runs, not between two cases.

A port may keep what it likes in its globals; whatever it keeps there shows, as another behaviour, or is gone.
"""

from __future__ import annotations

from pathlib import Path

from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.check import check
from mmu_gather_conformance.judge import judge
from mmu_gather_conformance.python_port import PythonGather
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES
from mmu_gather_spec.words import page_p
from recorded import SEED, one_module, record


def test_a_second_gather_inside_the_first_changes_nothing() -> None:
    """And a port that shares a batch between gathers is found by it."""
    assert not _shared("ref")
    assert _shared("mutant:batch_shared_by_gathers")


def test_what_a_second_gather_changes_in_the_mm_is_an_answer_and_no_state_of_the_port() -> None:
    """s390: the second flushes what the first owed, and the first finds that nothing is due; and that is legal."""
    case = "gather-within-a-gather/s390"
    recording = record(case, "ref:v6.12")
    clear = [_first_answers(run.trace) for run in recording.runs if run.nested_at]
    assert _first_answers(recording.runs[0].trace) == [1, 1]
    assert {(0, 1), (1, 0), (1, 1)} == set(map(tuple, clear))
    assert not _shared("ref:v6.12", case)
    found = judge(recording.runs, list(RULES.values()), "v6.12")
    assert [rule for rule, each in found.items() if each.violation] == []


def _first_answers(trace: ev.Trace) -> list[int]:
    """What the first gather finds in flush_mm."""
    return [
        event.value
        for event in trace
        if isinstance(event, ev.AtomicRead) and (event.agent, event.var) == ("a", "flush_mm")
    ]


def _shared(port: str, case: str = "gather-within-a-gather/hash64/small") -> list[ev.AnyEvent]:
    recording = record(case, port)
    return [event for run in recording.runs for event in run.trace if isinstance(event, ev.Shared)]


def test_what_a_module_keeps_between_two_gathers_is_found(tmp_path: Path) -> None:
    """A batch in the module's globals: begun by the first gather, it is filled and submitted by the second."""
    port = one_module(tmp_path, SEED, "tlb.batch", "SHARED.batch", first="class SHARED:\n    batch = None")
    report = check(port, archs=["hash64"], keyword="gather-within-a-gather/hash64/small", in_process=True)
    assert [case.rules["batch.one-per-gather"] for case in report.cases] == [Verdict.VIOLATED]


def test_a_port_that_counts_its_runs_is_unstable(tmp_path: Path) -> None:
    """The same answers gave other effects, and a verdict on either would be worth nothing."""
    counting = "RUNS.append(1)\n    if len(RUNS) % 3 == 0:\n        num_online_cpus()\n    if tlb.batch is not None:"
    port = one_module(tmp_path, SEED, "if tlb.batch is not None:", counting, first="RUNS = []")
    report = check(port, archs=["hash64"], keyword="batch-full/hash64/small", in_process=True)
    assert [(case.verdict, case.detail) for case in report.cases] == [
        (Verdict.UNSTABLE, "the same answers, other effects")
    ]


def test_nothing_that_a_port_keeps_in_its_globals_survives_a_case(tmp_path: Path) -> None:
    """Each case begins with a module that is as fresh as at its import."""
    port = ports.open_port(one_module(tmp_path, SEED, first="RUNS = []"))
    case = find("batch-full/hash64/small")
    assert case is not None
    one, other = (port.image(case.config).symbols["tlb_gather_mmu"] for _ in range(2))
    assert one.__globals__["RUNS"] is not other.__globals__["RUNS"]


def test_each_gather_is_the_suites_own(tmp_path: Path) -> None:
    """Two gathers of one caller are two structs, filled alike."""
    one, other = PythonGather(mmu_gather, 0xA5), PythonGather(mmu_gather, 0xA5)
    assert one.handle is not other.handle
    assert one.owns(one.handle)
    assert not one.owns(other.handle)
    assert isinstance(one.handle, mmu_gather)
    one.handle.local = [page_p(1)]
    one.hide()
    assert not hasattr(one.handle, "local")
    assert not one.show()
    assert one.handle.local == [page_p(1)]
