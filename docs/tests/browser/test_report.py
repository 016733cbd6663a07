# SPDX-License-Identifier: GPL-2.0-only
"""A report as a user opens it: from a file, filtered by what it is about, each violation stepped through."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmu_gather_conformance import check, ports
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.page import render
from mmu_gather_conformance.report import Report
from mmu_gather_spec import EDITION
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from browser.browsing import SECONDS, WIDE, Browser, all_by, brightness, by, click, fits, is_dark

#: One worker has the browser.
pytestmark = pytest.mark.xdist_group("browser")
RULE = "separation.waited-for-every-cpu"


def rows(browser: Browser) -> list[dict[str, str]]:
    """The rows of a report that can be seen, each by what it says of itself."""
    return list(
        browser.js("""
        return [...document.querySelectorAll('.rows > li')].filter((row) => row.getClientRects().length)
            .map((row) => ({...row.dataset}));
    """)
    )


def test_a_report_is_filtered(looking: Browser, report: str) -> None:
    """By rule, by arch, by verdict; and what is shown is what is counted."""
    looking.driver.get(report)
    assert (brightness(looking) < 128) is is_dark(looking)
    assert fits(looking)
    count = len(rows(looking))
    field = by(looking, "#rule")
    field.send_keys(RULE)
    assert {row["rule"] for row in rows(looking)} == {RULE}
    by(looking, "#arch").send_keys("ipi")
    assert {row["arch"] for row in rows(looking)} == {"ipi"}
    click(looking, by(looking, "#filters button[type=reset]"))
    WebDriverWait(looking.driver, SECONDS).until(lambda _: len(rows(looking)) == count)
    by(looking, "#verdict").send_keys("violated")
    shown = rows(looking)
    assert 0 < len(shown) < count
    assert {row["verdict"] for row in shown} == {"violated"}
    assert by(looking, "#count").text == f"{len(shown)} of {count} rows"
    field.send_keys("no such rule")
    assert rows(looking) == []
    assert all_by(looking, "#none")


def test_a_counterexample_is_stepped_through(looking: Browser, report: str) -> None:
    """With buttons and with keys, forwards and back; the later steps are covered, and each is told in words."""
    looking.driver.get(report)
    row = by(looking, f".rows > li[data-rule='{RULE}'][data-verdict='violated']")
    click(looking, row.find_element(By.TAG_NAME, "summary"))
    told = row.find_element(By.CSS_SELECTOR, ".step")
    WebDriverWait(looking.driver, SECONDS).until(lambda _: told.is_displayed())
    assert f"offends against {RULE}" in told.text
    assert fits(looking)

    def covered() -> float:
        return float(row.find_element(By.CSS_SELECTOR, ".not-yet").get_attribute("height") or "nan")

    def press(go: str) -> None:
        click(looking, row.find_element(By.CSS_SELECTOR, f"[data-go={go}]"))

    assert covered() == 0
    press("first")
    count = int(told.text.splitlines()[0].rpartition(" ")[2])
    assert ", 1 of " in told.text
    first = covered()
    assert first > 0
    seen = [told.text]
    for _ in range(count - 1):
        press("next")
        seen.append(told.text)
    assert len(set(seen)) == count
    press("next")
    assert told.text == seen[-1]
    drawing = row.find_element(By.CSS_SELECTOR, ".lanes-drawing")
    drawing.send_keys(Keys.ARROW_LEFT)
    assert told.text == seen[-2]
    drawing.send_keys(Keys.HOME)
    assert (told.text, covered()) == (seen[0], first)
    drawing.send_keys("n")
    assert told.text == seen[1]
    assert covered() < first
    drawing.send_keys("g")
    assert "offends against" in told.text
    assert "mmu-gather replay " in row.text


def test_the_readers_theme_of_a_report_comes_before_the_systems(browser: Browser, report: str) -> None:
    browser.look("dark", WIDE)
    browser.driver.get(report)
    seen = []
    for _ in range(3):
        paper = browser.js("return getComputedStyle(document.querySelector('svg .paper')).fill")
        seen.append((browser.js("return document.body.dataset.theme"), brightness(browser) < 128, paper))
        click(browser, by(browser, "#theme"))
    assert [each[:2] for each in seen] == [("auto", True), ("light", False), ("dark", True)]
    assert seen[0][2] == seen[2][2] != seen[1][2]


def test_a_report_can_be_used_without_a_pointer(browser: Browser, report: str) -> None:
    """Every control has a name."""
    browser.driver.get(report)
    nameless = browser.js("""
        return [...document.querySelectorAll('button, input, select, [role=group], svg')].filter((each) =>
            !(each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length)).length;
    """)
    assert nameless == 0


def test_a_link_to_what_is_not_drawn_opens_its_row(
    looking: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a port with one drawing, as if no more had room."""
    monkeypatch.setattr(render, "MOST", 1)
    found = check.check("ref", archs=["hash64"], keyword="one-table/hash64")
    report = Report(EDITION, [found], complete=True)
    page = render.render(report, lambda port, _: InProcess(ports.open_port(port)))
    (tmp_path / "r.html").write_text(page, encoding="utf-8")
    looking.driver.get((tmp_path / "r.html").as_uri())
    link = by(looking, ".left-out a")
    row = by(looking, (link.get_attribute("href") or "").rpartition("/r.html")[2])
    assert row.get_attribute("open") is None
    click(looking, link)
    WebDriverWait(looking.driver, SECONDS).until(lambda _: row.get_attribute("open"))
    assert "It is not drawn: the page has 1 drawings" in row.text
    assert fits(looking)
