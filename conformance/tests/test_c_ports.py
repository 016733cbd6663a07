# SPDX-License-Identifier: GPL-2.0-only
"""Ports in C: the seed's design conforms, a wrong one is caught, and one that breaks costs one case."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from mmu_gather_conformance import build, ports, scaffold
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import ARCH_NAMES, cases
from mmu_gather_conformance.check import check
from mmu_gather_conformance.image import Image, Native
from mmu_gather_conformance.interleaving import ON_A_TABLE
from mmu_gather_conformance.litmus import Runs
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.recorder import Recorder, Recording
from mmu_gather_conformance.replaying import replay
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_reference.machine.page_alloc import PythonMemory
from mmu_gather_spec import events as ev
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import replace

CASE = "one-page/hash64/up"
#: Libraries are compiled for the machine that the tests run on.
WORD = 64
#: A gather that was never begun: Python reads garbage, C follows it.
BY_NATURE_ELSE = {"finish-without-gather"}
#: A table that says it is of this ABI and is not.
OTHER_TABLE = """
static const unsigned int table[] = {1, 8};
const void *mmu_gather_get_ops(unsigned int abi);
const void *mmu_gather_get_ops(unsigned int abi) { return abi == 1 ? table : 0; }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the libraries of this file are built."""
    return tmp_path_factory.mktemp("libraries")


def hostile(folder: Path, macro: str) -> CaseResult:
    """What became of one case under a library that misbehaves."""
    library = build.shared_library(build.C_PORTS / "hostile.c", folder / f"{macro}.so", (macro,))
    seconds = 1.5 if macro == "SPIN" else 30.0
    (result,) = check(f"so:{library}", archs=["hash64"], keyword=CASE, seconds=seconds).cases[:1]
    return result


def test_the_seeds_design_in_c_conforms_on_every_arch(folder: Path) -> None:
    """No rule is violated, and no case breaks, at the real and at the small capacity."""
    library = build.shared_library(build.C_PORTS / "rfc_2010.c", folder / "rfc_2010.so")
    report = check(f"so:{library}", keyword="small")
    assert {case.arch for case in report.cases} == {"hash32", "hash64", "nohash", "hardware-walker", "ipi"}
    assert {case.verdict for case in report.cases} <= {Verdict.PASSED, Verdict.AS_WRITTEN}


def test_a_fault_on_a_table_that_a_port_never_comes_to_has_no_part_in_a_litmus(folder: Path) -> None:
    """A port that is not written yet ends before it, with a BUG; it is held to that, and the suite stays whole."""
    scaffold.make("c", folder / "new")
    subprocess.run(["make", "-s", "-C", folder / "new"], check=True)
    asked = [
        litmus.name
        for litmus in LITMUSES.values()
        if any(isinstance(part, Runs) and part.program in ON_A_TABLE for part in litmus.parts)
    ]
    assert len(asked) > 2
    for name in asked:
        (result,) = check(f"so:{folder / 'new' / 'port.so'}", archs=["hash64"], keyword=f"{name}/hash64").cases
        assert (result.verdict, result.answer) == (Verdict.PASSED, "Never"), name


def record(port: ports.Port, case: Case, image: Image | None = None) -> Recording:
    """All runs of a case, in this process, on a machine with this machine's words."""
    image = image or port.image(case.config)
    native = replace(image.native or Native(PythonMemory), bits_per_long=WORD)
    return Recorder(image, case.scenario, case.config, native).record()


#: The answers and the filling of a run, and what each agent did in it.
Did = dict[tuple[object, ...], list[list[tuple[object, ...]]]]


def did(recording: Recording, agents: tuple[str, ...] = ("a", "b", "ipi", "rcu")) -> Did:
    """What a port did under each pattern of answers, whatever it names its addresses and its BUGs."""
    return {
        (run.choices, run.fill, run.nested_at, run.outcome): [_plain(run.trace, agent) for agent in agents]
        for run in recording.runs
        if run.fill == 0  # another filling is recorded only where it tells: need_flush, which the seed does not write
    }


def _plain(trace: tuple[ev.AnyEvent, ...], agent: str) -> list[tuple[object, ...]]:
    names: dict[int, str] = {}

    def name(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(name, value))
        if isinstance(value, bool) or not isinstance(value, int) or value < 0x10000:
            return value
        return f"{names.setdefault(value & ~0xFF, f'#{len(names)}')}+{value & 0xF}"

    return [
        ("Bug",) if isinstance(event, ev.Bug) else tuple(name(getattr(event, slot)) for slot in event.__slots__)
        for event in trace
        if event.agent == agent and not isinstance(event, ev.Booted | ev.Leaked)
    ]


@pytest.mark.parametrize("arch", ARCH_NAMES)
@pytest.mark.parametrize("halves", [("generic", "arch"), ("generic",), ("arch",)], ids="-".join)
def test_the_c_port_does_what_the_reference_does(folder: Path, arch: str, halves: tuple[str, ...]) -> None:
    """Event by event, under every pattern of answers, on SMP and UP; a half alone at the small capacity only."""
    library = build.shared_library(build.C_PORTS / "rfc_2010.c", folder / f"{arch}-{'-'.join(halves)}.so")
    port, reference = ports.open_port(f"so:{library}", halves=halves), ports.open_port("ref")
    compared = 0
    for case in cases((arch,), DEFAULT_ERA):
        if case.scenario.builds or case.scenario.name in BY_NATURE_ELSE or case.config.half[0] == "nohash32":
            continue
        if len(halves) == 2 or case.config.small:
            assert did(record(port, case)) == did(record(reference, case)), case.id
            compared += 1
    assert compared > 10


def test_two_images_of_one_library_do_not_see_each_others_machine(folder: Path) -> None:
    """The environment is one, and is set for whichever image runs."""
    port = ports.open_port(f"so:{build.shared_library(build.C_PORTS / 'rfc_2010.c', folder / 'two.so')}")
    case, other = cases(("hash64",), DEFAULT_ERA, "pages-then-tables small")[0], cases(("nohash",), DEFAULT_ERA)[0]
    alone = did(record(port, case))
    image = port.image(case.config)
    port.image(other.config)
    assert did(record(port, case, image)) == alone


def test_the_wrong_one_is_caught_by_the_rule_it_breaks_and_its_run_can_be_replayed(folder: Path) -> None:
    """The fallback without its IPI, found, saved as data, and found again."""
    library = build.shared_library(build.C_PORTS / "wrong_no_ipi.c", folder / "wrong.so")
    report = check(f"so:{library}", archs=["hash64"], keyword="every-allocation")
    found = [each for case in report.cases for each in case.found if each.verdict is Verdict.VIOLATED]
    assert {each.rule for each in found} == {"separation.waited-for-every-cpu"}
    lines, code = replay(found[0].failure, f"so:{library}")
    assert code is Exit.VIOLATED
    assert any(line.startswith("violated: separation.waited-for-every-cpu") for line in lines)


def test_each_half_of_a_library_may_be_used_alone(folder: Path) -> None:
    """C's generic half with the reference's arch half, and the other way round."""
    library = build.shared_library(build.C_PORTS / "rfc_2010.c", folder / "halves.so")
    for half in ("generic", "arch"):
        report = check(f"so:{library}", archs=["hash64", "nohash"], keyword="pages-then-tables", halves=(half,))
        assert {case.verdict for case in report.cases} <= {Verdict.PASSED, Verdict.AS_WRITTEN}


@pytest.mark.parametrize(
    ("macro", "verdict", "detail"),
    [
        ("SEGFAULT", Verdict.CRASHED, "SIGSEGV"),
        ("ABORT", Verdict.CRASHED, "SIGABRT"),
        ("LEAVES", Verdict.CRASHED, "exit status 3"),
        ("SPIN", Verdict.TIMED_OUT, "no answer within 1.5 s"),
        ("LOOP", Verdict.TIMED_OUT, "20001 effects in one run, and no end: it is in a loop"),
        ("PAST_GATHER", Verdict.CRASHED, "SIGSEGV"),
        ("PAST_PAGE", Verdict.CRASHED, "SIGSEGV"),
        ("AFTER_FREE", Verdict.CRASHED, "SIGSEGV"),
        ("HALF", Verdict.PROTOCOL_ERROR, "missing: pmd_free_tlb, tlb_remove_tlb_entry"),
    ],
)
def test_a_library_that_breaks_is_named_by_what_it_did(folder: Path, macro: str, verdict: Verdict, detail: str) -> None:
    """The signal, the limit, or the functions that are missing."""
    result = hostile(folder, macro)
    assert (result.verdict, result.detail) == (verdict, detail)


def test_a_library_that_prints_is_judged_all_the_same(folder: Path) -> None:
    """Its standard output is no part of the protocol."""
    result = hostile(folder, "CHATTER")
    assert result.verdict is Verdict.VIOLATED
    assert result.rules["order.gate-open-when-dirty"] is Verdict.VIOLATED


def test_a_run_has_no_effects_after_its_bug_even_if_the_library_does_not_hear(folder: Path) -> None:
    """It calls the environment past the header's wrappers, and returns as if nothing had been."""
    build.shared_library(build.C_PORTS / "hostile.c", folder / "DEAF.so", ("DEAF",))
    (case, *_) = cases(("hash64",), DEFAULT_ERA, CASE)
    run = record(ports.open_port(f"so:{folder / 'DEAF.so'}"), case).runs[0]
    at = next(at for at, event in enumerate(run.trace) if isinstance(event, ev.Bug))
    assert [type(event) for event in run.trace[at + 1 :] if event.agent == "a"] == [ev.Quiescent]


def test_a_library_that_refuses_the_abi_is_a_protocol_error(folder: Path) -> None:
    """It says so in one line."""
    result = hostile(folder, "REFUSES")
    assert result.verdict is Verdict.PROTOCOL_ERROR
    assert result.detail.endswith("refuses ABI 1")


def test_what_is_no_library_is_a_protocol_error(tmp_path: Path) -> None:
    """A missing file, a text file, a library of something else, one with a table of another size."""
    text = tmp_path / "text.so"
    text.write_text("no library")
    empty, other = tmp_path / "empty.c", tmp_path / "other.c"
    empty.write_text("int nothing;")
    other.write_text(OTHER_TABLE)
    for path, said in (
        (tmp_path / "none.so", "no such file"),
        (text, "is not a shared library"),
        (build.shared_library(empty, tmp_path / "empty.so"), "has no symbol mmu_gather_get_ops"),
        (build.shared_library(other, tmp_path / "other.so"), "its table has 8 bytes, expected"),
    ):
        (result,) = check(f"so:{path}", archs=["hash64"], keyword=CASE).cases
        assert result.verdict is Verdict.PROTOCOL_ERROR
        assert said in result.detail


def test_a_crash_costs_one_case(folder: Path) -> None:
    """After a SIGSEGV the next case is run in a new process."""
    library = build.shared_library(build.C_PORTS / "hostile.c", folder / "again.so", ("SEGFAULT",))
    report = check(f"so:{library}", archs=["hash64"], keyword="one-page")
    assert [case.verdict for case in report.cases] == [Verdict.CRASHED] * len(report.declared)
