# SPDX-License-Identifier: GPL-2.0-only
"""The historic corpus as a page: what went wrong in the kernel, the rule, and the shortest run here that shows it.

The runs are made while the pages are.  Nothing about a bug is kept here; the entries are the suite's.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Final

import rst
from mmu_gather_conformance import asking, cases, historic, interleaved, ports
from mmu_gather_conformance.historic import GROUPS, HISTORIC, Bug, Outside, Replay, Shown
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.judge import Finding, judge
from mmu_gather_conformance.lanes import lanes
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.rules import RULES
from rule_pages import comments

#: A schedule shows so many of its last steps; most have fewer.
STEPS: Final = 24


def page() -> str:
    """An overview, then each bug."""
    text = rst.SPDX + rst.title("Historic bugs") + rst.paragraphs(inspect.getdoc(historic) or "")
    text += words() + rst.title("All of them", "-") + overview()
    for group in GROUPS:
        head, _, body = (inspect.getdoc(group) or "").partition("\n\n")
        name = group.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        text += rst.title(name, "-") + rst.paragraphs(head) + rst.paragraphs(body)
        text += "".join(map(entry, group.BUGS))
    return text


def words() -> str:
    """What the words of the table mean, and how many there are of each."""
    said = comments(Shown)
    replays = [bug.how for bug in HISTORIC.values() if isinstance(bug.how, Replay)]
    rows = [
        (f"*{each.value}*", str(sum(replay.shown is each for replay in replays)), rst.inline(said[each.name]))
        for each in Shown
    ]
    outside = ("*outside*", str(len(HISTORIC) - len(replays)), "the model lacks what it takes to show it")
    return (
        "Numbers stay; one that is missing was never given. *Unverified* is a commit whose id, author or subject has "
        "not been looked up where the kernel keeps it. ``mmu-gather list historic`` has a line for each.\n\n"
        + rst.table(("whose fault a run shows", "entries", "meaning"), [*rows, outside], "24 12 64")
    )


def overview() -> str:
    """One line for each."""
    rows = (
        (
            rst.ref("historic", bug.number),
            str(bug.year),
            rst.inline(bug.brief),
            rst.ref("rule", bug.how.rule) if isinstance(bug.how, Replay) else "*outside*",
        )
        for bug in HISTORIC.values()
    )
    return rst.table(("", "year", "what went wrong", "rule"), rows, "6 8 54 32")


def entry(bug: Bug) -> str:
    """One bug."""
    commit = f"``{bug.commit}``" if bug.commit else "none"
    text = (
        rst.target("historic", bug.number)
        + rst.title(f"{bug.number}: {bug.brief}", "~")
        + f"{rst.inline(bug.wrong)}\n\n"
        + rst.field("Subject", f"``{bug.title}``")
        + rst.field("By", f"{bug.who}, {bug.year}")
        + rst.field("Commit", commit if bug.verified else f"{commit}, unverified")
    )
    return text + (_outside(bug.how, bug.number) if isinstance(bug.how, Outside) else _replayed(bug.how))


def _outside(outside: Outside, number: str) -> str:
    """Why no run shows it."""
    text = rst.field("Outside the model", rst.inline(outside.reason))
    for each in OUTSIDE_MODEL:
        if each.number == number:
            text += rst.field("See", rst.ref("outside", each.name))
    return text + (rst.field("Nearest", rst.ref("litmus", outside.nearest)) if outside.nearest else "") + "\n"


def _replayed(replay: Replay) -> str:
    """What shows it, and its shortest run."""
    name, arch = replay.case.split("/")[:2]
    found = finding(replay)
    case = rst.ref("litmus", name, replay.case) if replay.interleaved else f"``{replay.case}``"
    port = f"``{replay.port}``" if replay.port.startswith("ref") else rst.ref("port", replay.port)
    erratum = f", {rst.ref('erratum', replay.erratum)}" if replay.erratum else ""
    drawn = lanes(found.run.trace, found.at, STEPS)
    return (
        rst.field("Rule", f"{rst.ref('rule', replay.rule)}{erratum}")
        + rst.field("Fault", replay.shown.value)
        + rst.field("Port", f"{port}, in {case}")
        + rst.field("Run", f"``mmu-gather run {replay.port} --arch {arch} -k {name}/ --rule {replay.rule}``")
        + rst.field("Found", rst.inline(found.violation.reason))
        + "\n"
        + (rst.code("\n".join(drawn)) if found.run.trace and not _is_built(replay) else "")
    )


def _is_built(replay: Replay) -> bool:
    """Whether it is a build, in which nothing runs."""
    case = cases.find(replay.case)
    return case is not None and case.scenario.builds


@cache
def finding(replay: Replay) -> Finding:
    """What the rule's monitor finds first: in the shortest interleaving, or in the run in which it comes earliest."""
    host = InProcess(ports.open_port(replay.port))
    if replay.interleaved:
        name, arch = replay.case.split("/")
        outcome = asking.ask(LITMUSES[name], arch, lambda wanted: interleaved.recorded_by(host, wanted))
        ours = (each for each in outcome.witnesses if (each.rule, each.erratum or "") == (replay.rule, replay.erratum))
        found = asking.judged(min(ours, key=lambda each: len(each.trace)), DEFAULT_ERA)
    else:
        case = cases.find(replay.case)
        assert case is not None
        runs = interleaved.recorded_by(host, case).runs
        every = judge(runs, [RULES[replay.rule]], DEFAULT_ERA)[replay.rule]
        found = every.known if replay.erratum else every.violation
    assert found is not None, f"{replay.case} does not show what it is said to show"
    return found
