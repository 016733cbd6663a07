# SPDX-License-Identifier: GPL-2.0-only
"""Hosts: a port that crashes, hangs, prints or dies costs one case, and is named by what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.hosts import Broke, InProcess, One
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_conformance.worker_host import InWorker
from mmu_gather_spec.contract import ARCH_HALF

#: The arch half that is as good as none: every function there, and each does `{body}` first.
HALF = "import os, signal, sys, time\n" + "".join(
    f"def {name}(*args):\n    misbehave('{name}')\n" for name in ARCH_HALF
)

Start = Callable[[str], InWorker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a host for a port whose arch half misbehaves, in so many words of Python."""
    hosts: list[InWorker] = []

    def begin(body: str, seconds: float = 20.0) -> InWorker:
        path = tmp_path / f"half_{tmp_path.name}.py"
        path.write_text(f"{HALF}\ndef misbehave(name):\n    {body}\nMAX_PGTABLE_INDEX_SIZE = 15\n", "utf-8")
        hosts.append(InWorker(f"py:{path}", None, ("generic", "arch"), seconds))
        return hosts[-1]

    yield begin
    for host in hosts:
        host.close()


def case(case_id: str) -> Case:
    found = find(case_id)
    assert found is not None
    return found


#: A scenario that calls the arch half, and one that does not.
FLUSHES, EMPTY = case("one-page/ipi"), case("empty-gather/ipi")


def broke(host: InWorker, which: Case = FLUSHES) -> tuple[Verdict, str]:
    """How a port broke on a case."""
    answer, _ = host.record(which)
    assert isinstance(answer, Broke)
    return answer.verdict, answer.detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("os.abort()", "SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("os._exit(3)", "exit status 3"),
        ("sys.stderr.write('out of luck\\n'); sys.stderr.flush(); os._exit(3)", "exit status 3 (out of luck)"),
    ],
)
def test_a_port_that_takes_its_process_along_has_crashed(start: Start, body: str, detail: str) -> None:
    """By its signal or its exit status, and its last words if it had any."""
    assert broke(start(body)) == (Verdict.CRASHED, detail)


def test_a_crash_costs_one_case_and_tells_which_run_it_was(start: Start) -> None:
    """The next case is recorded in a new process; and the run can be repeated by its answers."""
    host = start("os.abort()")
    crashed, _ = host.record(FLUSHES)
    next_one, _ = host.record(EMPTY)
    assert isinstance(crashed, Broke)
    assert crashed.run is not None
    assert (crashed.run.choices, crashed.run.fill, crashed.run.nested_at) == ((), 0, 0)
    # With this filling of the gather an empty one flushes, so the next case comes to its end with the first.
    assert isinstance(next_one, Broke)
    assert (next_one.run and next_one.run.fill) == 0xA5


def test_a_port_in_an_endless_loop_is_timed_out(start: Start) -> None:
    """It makes no effects, so nothing else would end it."""
    host = start("\n    while True: pass")
    host._seconds = 0.5
    assert broke(host) == (Verdict.TIMED_OUT, "no answer within 0.5 s")


def test_what_a_port_prints_is_no_part_of_the_protocol(start: Start) -> None:
    """Neither on standard output, by whatever way, nor on standard error; it can be read afterwards."""
    host = start("print(name); sys.stderr.write('E\\n'); os.write(1, b'raw\\n')")
    recording, _ = host.record(FLUSHES)
    assert isinstance(recording, Recording)
    assert {"tlb_flush", "E", "raw"} <= set(host.output().splitlines())


def test_a_port_that_reads_its_standard_input_finds_it_empty(start: Start) -> None:
    """It cannot eat a request."""
    recording, _ = start("assert sys.stdin.read() == ''").record(FLUSHES)
    assert isinstance(recording, Recording)


def test_an_exception_is_a_crash_that_names_its_place(start: Start) -> None:
    """The run's effects up to it are shown."""
    answer, _ = start("raise RuntimeError('oops')").record(FLUSHES)
    assert isinstance(answer, Broke)
    assert answer.verdict is Verdict.CRASHED
    assert answer.detail.startswith("RuntimeError: oops at misbehave, line ")
    assert answer.run is not None
    assert len(answer.run.trace) > 1


def test_a_port_that_cannot_be_linked_is_a_protocol_error(tmp_path: Path) -> None:
    """It says what is missing, case after case."""
    path = tmp_path / f"half_{tmp_path.name}.py"
    path.write_text("def tlb_flush(tlb): pass\n", "utf-8")
    host = InWorker(f"py:{path}", None, ("generic", "arch"))
    try:
        said = [broke(host, which) for which in (FLUSHES, EMPTY)]
    finally:
        host.close()
    assert {verdict for verdict, _ in said} == {Verdict.PROTOCOL_ERROR}
    assert all("missing: " in detail and "pgtable_free_tlb" in detail for _, detail in said)


@pytest.mark.parametrize("one", [None, One((0, 1), 0xFF)], ids=["all runs", "one run"])
def test_a_worker_records_what_this_process_records(one: One | None) -> None:
    """The wire and the other process change nothing."""
    which = case("one-page/hash64")
    here = InProcess(ports.open_port("ref")).record(which, one)[0]
    host = InWorker("ref", None, ("generic", "arch"))
    try:
        there = host.record(which, one)[0]
    finally:
        host.close()
    assert isinstance(here, Recording)
    assert there == here
