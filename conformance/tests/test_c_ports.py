# SPDX-License-Identifier: GPL-2.0-only
"""Ports in C: the seed's design conforms, a wrong one is caught, and one that breaks costs one case."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmu_gather_conformance import build, c_header
from mmu_gather_conformance.check import check
from mmu_gather_conformance.replaying import replay
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec import kernel

CASE = "one-page/hash64/up"


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
    assert {case.arch for case in report.cases} == {"hash32", "hash64", "nohash", "ipi"}
    assert {case.verdict for case in report.cases} <= {Verdict.PASSED, Verdict.AS_WRITTEN}


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


def test_a_library_that_refuses_the_abi_is_a_protocol_error(folder: Path) -> None:
    """It says so in one line."""
    result = hostile(folder, "REFUSES")
    assert result.verdict is Verdict.PROTOCOL_ERROR
    assert result.detail.endswith("refuses ABI 1")


def test_what_is_no_library_is_a_protocol_error(tmp_path: Path) -> None:
    """Neither a missing file nor a text file is loaded."""
    text = tmp_path / "text.so"
    text.write_text("no library")
    for path, said in ((tmp_path / "none.so", "no such file"), (text, "is not a shared library")):
        (result,) = check(f"so:{path}", archs=["hash64"], keyword=CASE).cases
        assert result.verdict is Verdict.PROTOCOL_ERROR
        assert said in result.detail


def test_a_crash_costs_one_case(folder: Path) -> None:
    """After a SIGSEGV the next case is run in a new process."""
    library = build.shared_library(build.C_PORTS / "hostile.c", folder / "again.so", ("SEGFAULT",))
    report = check(f"so:{library}", archs=["hash64"], keyword="one-page")
    assert [case.verdict for case in report.cases] == [Verdict.CRASHED] * len(report.declared)


def test_the_header_is_what_the_contract_makes_of_it() -> None:
    """`python -m mmu_gather_conformance.c_header` prints the file that is committed."""
    assert (build.C_PORTS / "mmu_gather.h").read_text(encoding="utf-8") == c_header.render()


def test_the_header_has_every_service_of_the_kernel() -> None:
    """But for those that are macros or facts of the machine in C."""
    in_c = {name for _, name, _ in c_header.SERVICES}
    elsewhere = {
        "BITS_PER_LONG", "PAGE_SIZE", "CONFIG_SMP", "Hash", "BUG_ON", "__get_free_page", "free_page",
        "free_page_and_swap_cache", "load", "store", "booted", "running",
    }  # fmt: skip
    services = {name for name, value in vars(kernel).items() if getattr(value, "__module__", "") == kernel.__name__}
    functions = {name for name in services if not isinstance(getattr(kernel, name), type)}
    assert functions - elsewhere == in_c - {"mmu_gather_bug"}
