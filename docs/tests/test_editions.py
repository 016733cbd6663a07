# SPDX-License-Identifier: GPL-2.0-only
"""Editions and results: no rule changes unseen, and what is committed of a run is what the run says."""

from __future__ import annotations

from pathlib import Path

import editions
import msgspec
import pytest
import results
from mmu_gather_conformance.check import check
from mmu_gather_conformance.report import Report
from mmu_gather_spec import EDITION
from mmu_gather_spec.record import replace
from mmu_gather_spec.rules import RULES

RULE = next(iter(RULES.values()))


def test_every_rule_says_what_this_edition_says() -> None:
    """If this fails: `python docs/_ext/editions.py`, and read the difference."""
    assert editions.published()[EDITION] == {rule.id: editions.normative(rule) for rule in RULES.values()}


def test_a_checksum_changes_when_the_rule_does() -> None:
    """And with nothing else."""
    assert editions.checksum(replace(RULE, sentence="Something else.")) != editions.checksum(RULE)
    assert editions.checksum(replace(RULE, where="nowhere")) != editions.checksum(RULE)
    assert editions.checksum(replace(RULE, sources=(), row="Z9")) == editions.checksum(RULE)
    assert len({editions.checksum(rule) for rule in RULES.values()}) == len(RULES)


def test_the_history_of_a_rule_tells_what_changed() -> None:
    """Of one that changed, and of one that did not."""
    said = editions.Normative("MUST", "port", "SMP", "Old.")
    new = msgspec.structs.replace(said, sentence="New.")
    told = {"1.1": {"a.b": said}, "1.2": {"a.b": new, "a.c": new}, "1.3": {"a.b": new, "a.c": new}}
    assert editions.history("a.b", told) == ["edition 1.1: given", "edition 1.2: sentence was “Old.”"]
    assert editions.history("a.c", told) == ["edition 1.2: given"]
    assert editions.history("a.d", told) == []


def test_there_are_results_of_what_make_conformance_runs() -> None:
    """Each for every rule that its era is held to, but for those that no case of it can speak of."""
    known = {port.port: port for port in results.known()}
    assert {"ref:rfc-2010", "ref:rfc-2010-base", "so:rfc_2010"} <= set(known)
    for port in known.values():
        assert port.edition == EDITION
        held = {rule.id for rule in RULES.values() if rule.status_in(port.era).judges()}
        assert set(port.rules) <= held
        assert len(port.rules) > 40


def test_a_report_of_some_cases_is_no_result(tmp_path: Path) -> None:
    """And neither is one that did not end."""
    port = check("ref", archs=["ipi"], keyword="empty-gather")
    with pytest.raises(results.NotWhole, match="are not in the report"):
        results.update(Report(EDITION, [port], complete=True), folder=tmp_path)
    with pytest.raises(results.NotWhole, match="not complete"):
        results.update(Report(EDITION, [port]), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_results_that_changed_are_told_and_written_unless_one_only_looks(tmp_path: Path) -> None:
    """A whole run on one architecture."""
    report = Report(EDITION, [check("ref", archs=["ipi"])], complete=True)
    assert results.update(report, check=True, folder=tmp_path) == ["ref-rfc-2010.json"]
    assert list(tmp_path.iterdir()) == []
    results.update(report, folder=tmp_path)
    assert results.update(report, check=True, folder=tmp_path) == []
    committed = {port.port: port for port in results.known()}["ref:rfc-2010"]
    (found,) = (msgspec.json.decode(path.read_bytes(), type=results.Results) for path in tmp_path.iterdir())
    assert found.archs == ("ipi",)
    assert set(found.rules) <= set(committed.rules)
