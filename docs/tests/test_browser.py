# SPDX-License-Identifier: GPL-2.0-only
"""The site and a report as a reader has them: in a browser, by day and by night, at a desk and on a phone.

`make test-docs` runs this alone.  The site is that of `make docs`, named by MMU_GATHER_SITE, or is built once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mmu_gather_conformance import check, ports
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.page import render
from mmu_gather_conformance.report import Report
from mmu_gather_spec import EDITION
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).parent))

from browsing import PHONE, WIDE, Browser, served  # noqa: E402 - the path has to be set first

# One worker builds the site and has the browser.
pytestmark = pytest.mark.xdist_group("browser")

LOOKS = [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]
RULE = "separation.waited-for-every-cpu"
SECONDS = 10


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    made = os.environ.get("MMU_GATHER_SITE")
    if made:
        assert (Path(made) / "index.html").exists(), f"{made} is no built site"
        return Path(made)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-E", "-n", "-W", "-q", str(DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with served(site) as url:
        yield url


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with violations of a mutant and what the reference is known for, as a user opens it: from a file."""
    folder = tmp_path_factory.mktemp("report")
    ports = ("ref", "mutant:no_ipi_on_fallback")
    command = [sys.executable, "-m", "mmu_gather_conformance.cli", "run", *ports, "--arch", "hash64", "--arch", "ipi"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [*command, "-k", "one-table", "--jobs", "1", "--html", "r.html"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    return (folder / "r.html").as_uri()


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    """The one browser of the session."""
    browser = Browser()
    yield browser
    browser.driver.quit()


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    """The browser, which must have had nothing to complain of when a test is over."""
    started.look("light", WIDE)
    started.complaints()
    yield started
    assert started.complaints() == []


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1][0]}")
def looking(browser: Browser, request: pytest.FixtureRequest) -> Browser:
    """The same, in each theme at each width."""
    browser.look(*request.param)
    return browser


def by(browser: Browser, selector: str) -> WebElement:
    """The first element of a selector, once it is there."""
    return WebDriverWait(browser.driver, SECONDS).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))


def all_by(browser: Browser, selector: str) -> list[WebElement]:
    """Those elements of a selector that can be seen."""
    return [each for each in browser.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]


def click(browser: Browser, element: WebElement) -> None:
    """Bring it to the middle, away from what sticks to the edges, and click it as a reader does."""
    browser.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    element.click()


def brightness(browser: Browser) -> float:
    """How bright the page's ground is, from 0 to 255."""
    return float(
        browser.js("""
        const colours = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number);
        return colours.reduce((sum, each) => sum + each, 0) / 3;
    """)
    )


def fits(browser: Browser) -> bool:
    """Whether nobody has to scroll the page sideways."""
    return bool(browser.js("return document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"))


def rows(browser: Browser) -> list[dict[str, str]]:
    """The rows of a report that can be seen, each by what it says of itself."""
    return list(
        browser.js("""
        return [...document.querySelectorAll('.rows > li')].filter((row) => row.getClientRects().length)
            .map((row) => ({...row.dataset}));
    """)
    )


def is_dark(browser: Browser) -> bool:
    return bool(browser.js("return matchMedia('(prefers-color-scheme: dark)').matches"))


# --- the site


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
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 15
    wide = []
    for path in pages:
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
    sys.path.insert(0, str(DOCS / "_ext"))
    import drawings
    import pictures

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


class Page(HTMLParser):
    """The links of a page, and the places that one can link to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.places.add(value)
            if name in ("href", "src") and value is not None:
                self.links.append(value)


def dead(site: Path) -> list[str]:
    """The links of a site that lead nowhere in it."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.exists() and (not parts.fragment or target not in pages
                                         or unquote(parts.fragment) in pages[target].places)  # fmt: skip
            if not there:
                found.append(f"{path.relative_to(site)}: {link}")
    return found


def test_every_internal_link_leads_somewhere(site: Path) -> None:
    assert dead(site.resolve()) == []


# --- a report


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


# --- these tests can fail


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>console.error('broken on purpose')</script>", "broken on purpose"),
        ("<script>undefined_on_purpose()</script>", "undefined_on_purpose"),
        ("<img src='http://example.org/picture.png' alt=''>", "asks for http://example.org/picture.png"),
        ("<script src='/not-there.js'></script>", "404"),
    ],
)
def test_a_page_that_is_broken_on_purpose_is_complained_of(
    started: Browser, tmp_path: Path, body: str, said: str
) -> None:
    (tmp_path / "index.html").write_text(f"<!doctype html><title>broken</title>{body}", encoding="utf-8")
    started.complaints()
    with served(tmp_path) as url:
        started.driver.get(f"{url}/index.html")
        complaints = started.complaints()
        started.driver.get("about:blank")
    assert any(said in complaint for complaint in complaints)


def test_a_missing_page_and_a_missing_place_are_dead_links(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<a id='here' href='b.html'></a><a href='#gone'></a><a href='#here'></a>")
    assert dead(tmp_path) == ["a.html: b.html", "a.html: #gone"]


def test_a_page_that_is_too_wide_does_not_fit(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<!doctype html><div style='width: 3000px; height: 1px'></div>")
    browser.driver.get((tmp_path / "a.html").as_uri())
    assert not fits(browser)
