# SPDX-License-Identifier: GPL-2.0-only
"""The site as a reader has it: a rule is followed to its checker and back, searched for, and read by night."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import drawings
import pictures
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from browser.browsing import PHONE, SECONDS, Browser, all_by, brightness, by, click, fits, is_dark

#: One worker has the browser.
pytestmark = pytest.mark.xdist_group("browser")
RULE = "separation.waited-for-every-cpu"


def section_of(browser: Browser) -> WebElement:
    """The section that the address leads to."""
    place = by(browser, f"[id='{urlsplit(browser.driver.current_url).fragment}']")
    return place.find_element(By.XPATH, "ancestor-or-self::*[self::section or self::dl][1]")


def link_to(rule: str) -> str:
    """Where the links that read as a rule's id are, as XPath."""
    return f".//a[normalize-space() = '{rule}']"


def test_a_rule_is_followed_from_prose_to_the_drawing_of_its_erratum_and_back(looking: Browser, address: str) -> None:
    """First page, index of rules, the rule; the erratum that breaks it, drawn; and by its link the rule again."""
    looking.driver.get(f"{address}/index.html")
    assert (brightness(looking) < 128) is is_dark(looking)
    assert fits(looking)
    click(looking, by(looking, "article a[href='generated/rules.html']"))
    click(looking, by(looking, "article").find_element(By.XPATH, link_to(RULE)))
    at_the_rule = looking.driver.current_url
    assert RULE in section_of(looking).text
    assert fits(looking)
    click(looking, section_of(looking).find_element(By.CSS_SELECTOR, "a[href*='errata.html#erratum-']"))
    assert section_of(looking).find_elements(By.CSS_SELECTOR, "svg .offends")
    click(looking, section_of(looking).find_element(By.XPATH, link_to(RULE)))
    assert looking.driver.current_url == at_the_rule


def test_a_rule_is_followed_from_prose_to_its_checker_and_back(looking: Browser, address: str) -> None:
    """The code of the monitor, and by the link beside it the page of the rule again."""
    looking.driver.get(f"{address}/index.html")
    click(looking, by(looking, "article a[href='generated/rules.html']"))
    click(looking, by(looking, "article").find_element(By.XPATH, link_to(RULE)))
    page = looking.driver.current_url.partition("#")[0]
    click(looking, section_of(looking).find_element(By.CSS_SELECTOR, "a[href*='_modules/'] .viewcode-link"))
    name = urlsplit(looking.driver.current_url).fragment
    assert f"class {name}" in by(looking, "article").text
    assert fits(looking)
    click(looking, by(looking, f"#{name} a.viewcode-back, #{name} .viewcode-back"))
    assert looking.driver.current_url.partition("#")[0] == page
    assert name in section_of(looking).text


def test_the_search_finds_and_leads_to_a_page(looking: Browser, address: str) -> None:
    looking.driver.get(f"{address}/search.html?q=separation")
    first = by(looking, "#search-results li a")
    WebDriverWait(looking.driver, SECONDS).until(lambda _: "finished" in by(looking, "#search-results").text)
    title = first.text
    assert title
    click(looking, first)
    assert title in by(looking, "article").text
    looking.driver.get(f"{address}/search.html?q=xyzzyplugh")
    WebDriverWait(looking.driver, SECONDS).until(lambda _: "did not match" in by(looking, "#search-results").text)


def test_the_readers_theme_comes_before_the_systems(browser: Browser, address: str) -> None:
    browser.driver.get(f"{address}/generated/errata.html")
    seen = set()
    for _ in range(3):
        click(browser, all_by(browser, "button.theme-toggle")[0])
        theme = browser.js("return document.body.dataset.theme")
        paper = browser.js("return getComputedStyle(document.querySelector('svg .paper')).fill")
        seen.add((theme, brightness(browser) < 128, paper))
    browser.js("localStorage.clear()")
    assert {(theme, dark) for theme, dark, _ in seen} == {("auto", False), ("light", False), ("dark", True)}
    assert len({paper for _, _, paper in seen}) == 2


def test_every_page_opens_at_a_phones_width(browser: Browser, address: str, site: Path) -> None:
    """Each without an error on its console, and without scrolling sideways."""
    browser.look("dark", PHONE)
    found = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    assert len(found) > 15
    wide = []
    for path in found:
        browser.driver.get(f"{address}/{path.relative_to(site).as_posix()}")
        wide += [] if fits(browser) else [path.name]
    assert wide == []


def test_every_drawing_has_words_and_every_step_a_hover_text(browser: Browser, address: str) -> None:
    browser.driver.get(f"{address}/generated/errata.html")
    drawings = browser.js("""
        return [...document.querySelectorAll('article svg[role=img]')].map((svg) => [
            svg.querySelector(':scope > title')?.textContent, svg.querySelector(':scope > desc')?.textContent,
            [...svg.querySelectorAll('.event')].every((each) => each.querySelector('title')?.textContent),
            svg.querySelectorAll('.offends').length]);
    """)
    assert len(drawings) >= 6
    assert [each for each in drawings if not all(each)] == []


def test_a_picture_follows_the_readers_theme(browser: Browser, tmp_path: Path) -> None:
    """On a page that brings the drawings' style, as every page with pictures does."""
    for name, markup in pictures.files().items():
        page = f"<!doctype html><meta charset='utf-8'><body data-theme='light'>{drawings.style()}{markup}"
        (tmp_path / name).write_text(page, encoding="utf-8")
        browser.driver.get((tmp_path / name).as_uri())
        papers = []
        for theme in ("light", "dark"):
            browser.js("document.body.dataset.theme = arguments[0]", theme)
            papers.append(browser.js("return getComputedStyle(document.querySelector('svg .paper')).fill"))
        assert len(set(papers)) == 2
        apart = browser.js("""
            const [svg, box] = [document.querySelector('svg'), document.querySelector('svg').getBoundingClientRect()];
            return [...svg.querySelectorAll('text')]
                .filter((each) => each.getBoundingClientRect().right > box.right + 1).map((each) => each.textContent);
        """)
        assert apart == []
