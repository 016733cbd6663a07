# SPDX-License-Identifier: GPL-2.0-only
"""The report as a page, read as text: what is in it, what it can never ask for, and what it says of a run that broke
off.

How it behaves under a reader's hands is tested in a browser, in docs/tests.
"""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from mmu_gather_conformance import check
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.hosts import Host
from mmu_gather_conformance.page import render
from mmu_gather_conformance.page.rows import rows
from mmu_gather_conformance.report import CaseResult, PortReport, Report
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec import EDITION
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.rules import RULES

MUTANT = "mutant:batch_not_submitted_when_full"
QUICK = ("--arch", "hash64", "-k", "batch-full", "--jobs", "1")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(cli, list(arguments))


def hosts(port: str, era: str) -> Host:
    """Where a port of the suite runs again."""
    return check.open_host(port, era, ("generic", "arch"), 20.0, in_process=True)[0]


def row(page: str, rule: str) -> str:
    """The row of a rule."""
    found = re.search(rf'<li data-rule="{re.escape(rule)}".*?</li>', page, re.DOTALL)
    assert found
    return found[0]


class Links(HTMLParser):
    """Everything that a page names by an address, and all of its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.links += [named[name] or "" for name in ("src", "href", "srcset", "action", "xlink:href") if name in named]
        self.ids += [named["id"] or ""] if "id" in named else []


def test_a_violation_is_drawn_with_its_rule_its_law_its_steps_and_its_replay() -> None:
    """And the command that the page gives repeats it."""
    result = run("run", MUTANT, *QUICK, "--html", "r.html")
    page = Path("r.html").read_text()
    assert (result.exit_code, 'data-exit="1" data-complete="true"' in page) == (1, True)
    shown = row(page, "batch.submitted-when-full")
    rule = RULES["batch.submitted-when-full"]
    assert 'data-verdict="violated"' in shown
    assert f"<b>{rule.level.value}</b> {rule.sentence}" in shown
    assert html.escape(str(rule.sources[0]), quote=True).replace("&#x27;", "&#39;") in shown
    assert shown.count('role="img"') == 1
    steps = json.loads(re.search(r'<script type="application/json">(.*?)</script>', shown, re.DOTALL)[1])  # type: ignore[index]  # it is there
    drawn = [int(step) for step in re.findall(r'data-step="(\d+)"', shown)]
    assert [step["step"] for step in steps] == drawn
    assert [step["offends"] for step in steps].count(True) == 1
    assert steps[int(re.search(r'data-at="(\d+)"', shown)[1])]["offends"]  # type: ignore[index]  # it is there
    command = re.search(r'class="replay">mmu-gather (.*?)</code>', shown)
    assert command
    assert run(*command[1].split()).exit_code == 1


def test_every_rule_and_arch_of_a_run_has_its_row_with_its_gravest_verdict() -> None:
    """The gravest first."""
    report = check.check(MUTANT, archs=["hash64", "ipi"], keyword="batch-full")
    made = rows(report)
    assert {row.rule for row in made} == set(report.by_rule())
    for name, verdict in report.by_rule().items():
        assert verdict in {row.verdict for row in made if row.rule == name}
    assert made[0].verdict is Verdict.VIOLATED
    assert {row.arch for row in made} == {"hash64", "ipi"} <= set(ARCHS)


def test_a_page_names_nothing_outside_itself() -> None:
    """Its policy forbids it every request, and it has no id twice."""
    run("run", MUTANT, "ref", *QUICK, "--html", "r.html")
    page = Path("r.html").read_text()
    assert "default-src 'none'" in page
    read = Links()
    read.feed(page)
    assert read.links
    assert [link for link in read.links if not link.startswith(("data:", "#"))] == []
    assert len(read.ids) == len(set(read.ids))
    assert re.findall(r"url\(|@import|fetch\(|XMLHttp|import\(", page) == []


def test_what_a_port_says_is_never_markup() -> None:
    """Neither in a row nor in a drawing."""
    assert run("new-port", "python", "mine").exit_code == 0
    port = Path("mine/port.py")
    port.write_text(port.read_text().replace("is not written yet", "<script>alert(1)</script>"))
    result = run("run", "py:mine/port.py", *QUICK, "--html", "r.html")
    page = Path("r.html").read_text()
    assert result.exit_code == 5
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("complete", [True, False])
def test_a_run_that_did_not_end_is_no_pass(complete: bool) -> None:
    """Neither where it was broken off nor where a declared case never reported."""
    passed = CaseResult("one/hash64", "hash64", Verdict.PASSED, rules={"batch.starts-empty": Verdict.PASSED})
    declared = ("one/hash64", "two/hash64") if complete else ("one/hash64",)
    page = render.render(Report(EDITION, [PortReport("ref", "rfc-2010", [passed], declared)], complete=complete), hosts)
    assert "<title>Not ended: mmu_gather: the run did not end: nothing here counts as a pass</title>" in page
    assert re.search(r'class="banner bad"[^>]*data-exit="6" data-complete="false"', page)
    assert ("1 cases were declared and never reported, such as two/hash64" in page) is complete
    whole = render.render(
        Report(EDITION, [PortReport("ref", "rfc-2010", [passed], declared[:1])], complete=True), hosts
    )
    assert re.search(r'class="banner good"[^>]*data-exit="0" data-complete="true"', whole)


def test_an_older_page_is_not_taken_for_that_of_a_run_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its first moment on the file is this run's."""
    assert run("run", "ref", *QUICK, "--html", "r.html").exit_code == 0
    assert "mmu_gather: conforms</title>" in Path("r.html").read_text()

    def breaks_off(*_: object, **__: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "check_all", breaks_off)
    assert run("run", "ref", *QUICK, "--html", "r.html").exit_code != 0
    page = Path("r.html").read_text()
    assert "<title>Not ended: " in page
    assert "conforms</title>" not in page


def test_nothing_ran_is_no_pass() -> None:
    assert run("run", "ref", "-k", "nosuchcase", "--html", "r.html").exit_code == 4
    assert re.search(r'class="banner bad"[^>]*data-exit="4"', Path("r.html").read_text())


def test_a_page_that_cannot_be_written_is_refused_before_anything_runs() -> None:
    result = run("run", "ref", *QUICK, "--html", "nowhere/r.html")
    assert (result.exit_code, result.output) == (2, "Error: nowhere/r.html: No such file or directory\n")


def test_what_was_found_by_comparing_runs_is_drawn_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the reference is known for on one arch; nothing is left to words alone."""
    run("run", "ref", "--arch", "hash64", "-k", "up", "--jobs", "1", "--html", "r.html")
    page = Path("r.html").read_text()
    known = re.findall(r'data-verdict="passed \(as-written\)"', page)
    assert "gather.every-field-written" in page
    assert len(re.findall('class="exhibit"', page)) == len(known) > 1

    monkeypatch.setattr("mmu_gather_conformance.replaying._beside_others", lambda *_: None)
    run("run", "ref", "--arch", "hash64", "-k", "up", "--jobs", "1", "--html", "r.html")
    assert "It is not drawn: run again, the port did otherwise." in Path("r.html").read_text()


def test_what_is_left_undrawn_is_counted_named_and_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its file and its command: a page that says nothing of it would be taken for the whole."""
    whole = ("run", "ref", "--arch", "hash64", "-k", "up", "--jobs", "1", "--html", "r.html")
    run(*whole)
    drawn = re.findall(r'<li data-rule="([^"]+)"(?:(?!</li>).)*?class="exhibit"', Path("r.html").read_text(), re.DOTALL)
    assert len(drawn) > 2
    assert "left-out" not in Path("r.html").read_text()

    monkeypatch.setattr(render, "MOST", 2)
    run(*whole)
    page = Path("r.html").read_text()
    said = re.search(r'<p class="left-out"><b>(\d+) not drawn</b>: (.*?)\. In words:(.*?)</p>', page, re.DOTALL)
    assert said
    assert int(said[1]) == len(drawn) - 2
    assert said[2] == "the page has 2 drawings of this port already, and a replay with --svg FILE draws it"
    named = re.findall(r'<a href="#([^"]+)">(\S+) on hash64</a>', said[3])
    assert [rule for _, rule in named] == drawn[2:]
    for place, rule in named:
        shown = row(page, rule)
        assert f'<details id="{place}">' in shown
        assert f"It is not drawn: {said[2]}." in shown
        assert re.search(r"<pre>.+</pre>", shown, re.DOTALL)
        file = re.search(r'download="([^"]+)" href="data:application/json;charset=utf-8,([^"]+)"', shown)
        assert file
        Path(file[1]).write_text(unquote(file[2]), encoding="utf-8")
        assert f"mmu-gather replay {file[1]} ref" in shown
        assert run("replay", file[1], "ref", "--svg", f"{rule}.svg").exit_code == 0
        assert Path(f"{rule}.svg").read_text().startswith(("<?xml", "<svg"))


def test_what_hangs_is_told_in_words_with_a_way_to_see_where() -> None:
    """It is not run again for a drawing, and the page says so at its head."""
    assert run("new-port", "python", "mine").exit_code == 0
    port = Path("mine/port.py")
    port.write_text(port.read_text() + "\n\ndef tlb_gather_mmu(tlb, mm, full_mm_flush, /):\n    while True: pass\n")
    one = ("--arch", "hash64", "-k", "empty-gather/hash64/up", "--jobs", "1")
    assert run("run", "py:mine/port.py", *one, "--seconds", "0.5", "--html", "r.html").exit_code == 5
    page = Path("r.html").read_text()
    assert "1 not drawn</b>: to run it again would take as long again; where it hangs a debugger shows" in page
    assert re.search(r'<a href="#p0-0">no answer within 0.5 s on hash64</a>', page)
