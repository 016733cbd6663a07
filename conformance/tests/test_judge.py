# SPDX-License-Identifier: GPL-2.0-only
"""The judge shares work between runs, and finds exactly what folding each run by itself finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import cases, find
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.judge import Findings, Judge, judge
from mmu_gather_conformance.recorder import Recorder, Recording, Run
from mmu_gather_spec import events as ev
from mmu_gather_spec.rule import Rule, Violation
from mmu_gather_spec.rules import RULES

ERA = "rfc-2010"

#: What a rule found: (first violation, first known defect), each as event number, reason, erratum.
Found = tuple[tuple[int, str, str | None] | None, tuple[int, str, str | None] | None]


def record(port: str, case_id: str) -> Recording:
    case = find(case_id)
    assert case is not None
    return Recorder(ports.open_port(port).image(case.config), case.scenario, case.config).record()


def violations(rule: Rule, run: Run) -> Iterator[tuple[int, Violation]]:
    """A plain fold of one run: every violation, up to the first that is no known defect of the era."""
    boot = run.trace[0]
    assert isinstance(boot, ev.Booted)
    monitor, state = rule.monitor, rule.monitor.initial(boot)
    for at, event in enumerate(run.trace):
        result = monitor.step(state, event) if type(event) in monitor.reads else state
        if isinstance(result, Violation):
            yield at, result
            if result.erratum not in rule.status_in(ERA).errata:
                return
        else:
            state = result
    if violation := monitor.finish(state):
        yield len(run.trace), violation


def plainly(rule: Rule, runs: Sequence[Run]) -> Found:
    """The earliest violation and the earliest known defect of all runs, each folded by itself."""
    first: dict[bool, tuple[int, str, str | None]] = {}
    for run in runs:
        boot = run.trace[0]
        assert isinstance(boot, ev.Booted)
        for at, violation in violations(rule, run) if rule.applies(boot) else ():
            known = violation.erratum in rule.status_in(ERA).errata
            if known not in first or at < first[known][0]:
                first[known] = (at, violation.reason, violation.erratum)
    return first.get(False), first.get(True)


def shared(findings: Findings) -> Found:
    """The same of what the judge found."""
    seen = [
        None if each is None else (each.at, each.violation.reason, each.violation.erratum)
        for each in (findings.violation, findings.known)
    ]
    return seen[0], seen[1]


def positions(found: dict[str, Found]) -> dict[str, list[int | None]]:
    """Where the findings are: of two at the same place either may be told."""
    return {rule: [None if each is None else each[0] for each in both] for rule, both in found.items()}


@pytest.mark.parametrize("port", ["ref", "mutant:no_ipi_on_fallback", "mutant:flush_after_submit", "mutant:shift_lost"])
def test_sharing_finds_what_folding_each_run_by_itself_finds(port: str) -> None:
    """On every scenario that fits, by one judge that learns as it goes: the same rules at the same events."""
    opened = ports.open_port(port)
    one = Judge(rules := rules_for(ERA), ERA)
    differ = {}
    for case in cases(["hash64"], ERA, "" if port == "ref" else "batch"):
        recorder = Recorder(opened.image(case.config), case.scenario, case.config)
        runs = recorder.record().runs
        if recorder.effects > 10_000:
            continue  # folding these by themselves takes minutes; they share more and are no different
        findings = {rule: shared(found) for rule, found in one.judge(runs).items()}
        expected = {rule.id: plainly(rule, runs) for rule in rules}
        if positions(findings) != positions(expected):
            differ[case.id] = findings, expected
    assert differ == {}


def test_a_known_defect_does_not_hide_another_violation() -> None:
    """The monitor goes on as if the event of the known one had not been there."""
    (run,) = [run for run in record("ref", "empty-gather/hash64").runs if run.choices == (0, 0) and run.fill == 0]
    trace = (run.trace[0], *freed_at_once(0x10000, users=1), *freed_at_once(0x20000, users=2))
    rule = RULES["separation.waited-for-every-cpu"]
    for runs in ([replace(run, trace=trace)], [run, replace(run, trace=trace)]):  # by itself, and in a tree
        findings = judge(runs, [rule], ERA)[rule.id]
        assert [each and each.at for each in (findings.known, findings.violation)] == [4, 8]


def freed_at_once(table: int, *, users: int) -> ev.Trace:
    """A table that is unhooked, given and freed in one breath, after a look at mm_users."""
    return (
        ev.Unlink(0, "a", table, 0),
        ev.Enter(0, "a", "pte_free_tlb", ("tlb", table, 0)),
        ev.AtomicRead(0, "a", "mm_users", users),
        ev.FreePage(0, "a", table),
    )


def test_what_is_no_known_defect_of_the_era_is_a_violation() -> None:
    """The same trace, held to an era that does not know the erratum."""
    runs = record("ref", "shift-negative/hash64").runs
    rule = RULES["encoding.shift-in-range"]
    now, before = (judge(runs, [rule], era)[rule.id] for era in ("rfc-2010", "rfc-2010-base"))
    assert (now.violation is None, now.known is None) == (True, False)
    assert (before.violation is None, before.known is None) == (False, True)


def test_the_earliest_violation_of_all_runs_is_kept() -> None:
    """So that what is shown is the shortest way there."""
    recording = record("mutant:no_ipi_on_fallback", "every-allocation-may-fail/hash64/small")
    rule = RULES["separation.waited-for-every-cpu"]
    finding = judge(recording.runs, [rule], ERA)[rule.id].violation
    assert finding is not None
    alone = [judge([run], [rule], ERA)[rule.id].violation for run in recording.runs]
    assert finding.at == min(each.at for each in alone if each is not None)
    assert finding.run.trace[finding.at] == finding.violation.culprit


def test_only_the_rules_that_a_case_is_about_are_asked() -> None:
    """Where an erratum leaves nothing else to judge."""
    runs = record("ref", "shift-negative/hash64").runs
    asked = frozenset({"encoding.shift-in-range"})
    assert set(Judge(rules_for(ERA), ERA).judge(runs, asked)) == asked


def test_a_judge_gives_the_same_findings_again() -> None:
    """What it has learned from one recording changes nothing for the next."""
    runs = record("ref", "users-come-and-go/hash64/small").runs
    one = Judge(rules_for(ERA), ERA)
    first = {rule: shared(found) for rule, found in one.judge(runs).items()}
    assert {rule: shared(found) for rule, found in one.judge(runs).items()} == first
    assert {rule: shared(found) for rule, found in judge(list(reversed(runs)), rules_for(ERA), ERA).items()} == first
