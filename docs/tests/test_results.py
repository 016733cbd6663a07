# SPDX-License-Identifier: GPL-2.0-only
"""What is committed of every known implementation: that it conforms, and shows what its era is known for.

`docs/results` is what a run came to, over every architecture of an era.  `make test` and `make test-linux` make such
runs and compare; so what is said here of the files is said of the code.  After a change of the rules or of the eras
they are written anew: the head of `docs/_ext/results.py` has the commands.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import results
from mmu_gather_conformance.check import check
from mmu_gather_conformance.report import CaseResult, PortReport, Report
from mmu_gather_conformance.verdict import Exit, Verdict, exit_code
from mmu_gather_spec import EDITION
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rules import RULES

KNOWN = {each.port: each for each in results.known()}
REFERENCES = [f"ref:{era}" for era in ERAS]


def errata_of(era: str) -> set[tuple[str, str]]:
    """What an era is known for: rules with their errata."""
    return {(rule.id, number) for rule in RULES.values() for number in rule.status_in(era).errata}


def shown(port: results.Results) -> set[tuple[str, str]]:
    """What an implementation was seen to do otherwise: rules with their errata."""
    return {(rule, number) for rule, judged in port.rules.items() for number in judged.errata}


def test_there_are_results_of_all_that_make_runs() -> None:
    """Every era's reference, the port in C, and the two kernels that Debian has."""
    assert set(KNOWN) == {*REFERENCES, "so:rfc_2010", "linux:6.1", "linux:6.12"}
    assert list(KNOWN)[:4] == ["ref:v2.6.37", "ref:rfc-2010-base", "ref:rfc-2010", "so:rfc_2010"]


@pytest.mark.parametrize("port", KNOWN)
def test_an_implementation_conforms_on_every_architecture_of_its_era(port: str) -> None:
    """In every case, under every interleaving."""
    each = KNOWN[port]
    assert exit_code(map(Verdict, each.verdicts)) is Exit.CONFORMS
    assert exit_code(judged.verdict for judged in each.rules.values()) is Exit.CONFORMS
    assert each.archs == tuple(sorted(ERAS[each.era].archs))
    assert sum(each.verdicts.values()) == each.cases + sum(each.answers.values())
    assert each.cut == 0
    assert each.edition == EDITION


@pytest.mark.parametrize("port", KNOWN)
def test_an_implementation_is_held_to_every_rule_of_its_era_by_some_case(port: str) -> None:
    """On a machine on which the rule binds somebody: what is required is required of something."""
    each = KNOWN[port]
    assert set(each.rules) == {rule.id for rule in RULES.values() if rule.status_in(each.era).judges()}
    assert [rule for rule, judged in each.rules.items() if not judged.cases + judged.litmuses] == []


@pytest.mark.parametrize("port", [*REFERENCES, "linux:6.1", "linux:6.12"])
def test_what_is_as_written_in_an_era_has_a_witness_and_nothing_else_has(port: str) -> None:
    """By the reference, which has its era's defects, and by the kernel itself."""
    assert shown(KNOWN[port]) == errata_of(KNOWN[port].era)


@pytest.mark.parametrize("port", KNOWN)
def test_no_implementation_shows_what_its_era_is_not_known_for(port: str) -> None:
    """The port in C may do without a defect."""
    each = KNOWN[port]
    assert shown(each) <= errata_of(each.era)
    assert {rule for rule, judged in each.rules.items() if judged.verdict is Verdict.AS_WRITTEN} == {
        rule for rule, _ in shown(each)
    }


def test_nothing_says_where_an_implementation_was_tried() -> None:
    """A kernel's file has its version, and no path."""
    for path in results.FOLDER.iterdir():
        each = msgspec.json.decode(path.read_bytes(), type=results.Results)
        assert path.name == results.file_of(each.port)
        assert b"/" not in path.read_bytes()
        if each.port.startswith("linux:"):
            assert re.fullmatch(re.escape(each.port.removeprefix("linux:")) + r"\.\d+", each.version)


def test_the_guide_names_the_kernels_that_were_tried() -> None:
    """By the versions in the results: whoever writes those anew is told to look at the guide."""
    guide = (results.FOLDER.parent / "kernel-file.rst").read_text("utf-8")
    tried = [port.version for port in KNOWN.values() if port.port.startswith("linux:")]
    assert re.findall(r"tried with (\d[\d.]+\d)", guide) == tried


def test_a_report_of_some_cases_is_no_result(tmp_path: Path) -> None:
    """And neither is one that did not end."""
    port = check("ref", archs=["ipi"], keyword="empty-gather")
    with pytest.raises(results.NoResult, match="are not in the report"):
        results.update(Report(EDITION, [port], complete=True), folder=tmp_path)
    with pytest.raises(results.NoResult, match="not complete"):
        results.update(Report(EDITION, [port]), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def whole() -> PortReport:
    """A run over all cases of one architecture."""
    return check("ref", archs=["ipi"])


def test_results_that_changed_are_told_and_written_unless_one_only_looks(whole: PortReport, tmp_path: Path) -> None:
    """A verdict, and how much was looked at."""
    report = Report(EDITION, [whole], complete=True)
    assert results.update(report, check=True, folder=tmp_path) == ["ref-rfc-2010.json"]
    assert list(tmp_path.iterdir()) == []
    results.update(report, folder=tmp_path)
    assert results.update(report, check=True, folder=tmp_path) == []
    (path,) = tmp_path.iterdir()
    found = msgspec.json.decode(path.read_bytes(), type=results.Results)
    assert found.archs == ("ipi",)
    assert set(found.rules) < set(KNOWN["ref:rfc-2010"].rules)
    path.write_bytes(results.text(msgspec.structs.replace(found, states=found.states + 1)))
    assert results.update(report, check=True, folder=tmp_path) == [path.name]


def test_a_rule_is_not_counted_where_it_binds_nobody(whole: PortReport) -> None:
    """The run judges by it all the same, and it passes."""
    found = results.results_of(whole, EDITION)
    assert whole.by_rule()["arch.hash64-flush"] is Verdict.PASSED
    assert "arch.hash64-flush" not in found.rules
    assert found.rules["separation.flush-reaches-every-walker"].cases > 0


def named(version: str, verdict: Verdict = Verdict.PASSED) -> PortReport:
    """A report of a kernel in which nothing was asked but one case."""
    case = CaseResult("empty-gather/ipi", "ipi", verdict)
    return PortReport("linux:/usr/src/linux", "v6.12", [case], version=version)


def test_a_kernel_is_called_by_its_major_version() -> None:
    """Wherever it lies; one that says none cannot be told from another, and has no file."""
    assert results.name_of(named("6.12.117")) == "linux:6.12"
    assert results.name_of(named("7.0")) == "linux:7.0"
    with pytest.raises(results.NoResult, match="no Makefile says"):
        results.name_of(named(""))


def test_a_kernels_next_point_release_is_no_difference_but_a_verdict_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who writes the files writes the version that was tried."""
    monkeypatch.setattr(results, "_whole", lambda port, archs: None)

    def report(port: PortReport) -> Report:
        return Report(EDITION, [port], complete=True)

    assert results.update(report(named("6.12.1")), folder=tmp_path) == ["linux-6.12.json"]
    assert results.update(report(named("6.12.2")), check=True, folder=tmp_path) == []
    violated = named("6.12.1", Verdict.VIOLATED)
    assert results.update(report(violated), check=True, folder=tmp_path) == ["linux-6.12.json"]
    assert b'6.12.1"' in (tmp_path / "linux-6.12.json").read_bytes()
    assert results.update(report(named("6.12.2")), folder=tmp_path) == ["linux-6.12.json"]
    assert b'6.12.2"' in (tmp_path / "linux-6.12.json").read_bytes()
