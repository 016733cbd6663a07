# SPDX-License-Identifier: GPL-2.0-only
"""The built site: its links lead somewhere, it needs no network, and what matters is near its first page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import editions
import msgspec
import pytest
import results
import rules_json
from bs4 import BeautifulSoup, Tag
from mmu_gather_spec.rules import RULES
from sphinx.util.inventory import InventoryFile

# One worker reads the whole site.
pytestmark = pytest.mark.xdist_group("site")

#: What the seed's full-batch path breaks on an architecture whose hardware walks.
RULE = "walk.hardware-never-a-freed-table"
#: Attributes that make a browser fetch something.
FETCHES = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}


def read(folder: Path) -> dict[Path, BeautifulSoup]:
    """Every page of a folder."""
    return {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in sorted(folder.rglob("*.html"))}


@pytest.fixture(scope="module")
def soups(site: Path) -> dict[Path, BeautifulSoup]:
    """Every page of the site."""
    return read(site)


def links(soup: BeautifulSoup) -> Iterator[str]:
    """The links of a page to other places of the site, and what it takes from there."""
    for each in soup.find_all(True):
        for link in (str(each[name]) for name in ("href", "src") if each.has_attr(name)):
            if not re.match(r"(?:[a-z]+:|//)", link):
                yield link


def dead(soups: dict[Path, BeautifulSoup]) -> tuple[list[str], int]:
    """The links that lead to no page, or to no place on it; and how many links there are."""
    places = {path.resolve(): {str(each["id"]) for each in soup.find_all(id=True)} for path, soup in soups.items()}
    found, followed = [], 0
    for path, soup in soups.items():
        for link in links(soup):
            file, fragment = urldefrag(link)
            target = (path.parent / unquote(urlsplit(file).path)).resolve() if file else path.resolve()
            followed += 1
            if not target.exists() or (fragment and unquote(fragment) not in places.get(target, {unquote(fragment)})):
                found.append(f"{path.name}: {link}")
    return found, followed


def test_every_internal_link_leads_somewhere(soups: dict[Path, BeautifulSoup]) -> None:
    """The page is there, and the place on it."""
    found, followed = dead(soups)
    assert found == []
    assert followed > 4000


def test_a_missing_page_and_a_missing_place_are_dead_links(tmp_path: Path) -> None:
    """And so is a picture that is not there."""
    (tmp_path / "a.html").write_text(
        "<a id='here' href='b.html'></a><a href='#gone'></a><a href='#here'></a><a href='a.html#here'></a>"
        "<img src='c.svg'>"
    )
    assert dead(read(tmp_path)) == (["a.html: b.html", "a.html: #gone", "a.html: c.svg"], 5)


def test_nothing_is_fetched_from_a_network(site: Path, soups: dict[Path, BeautifulSoup]) -> None:
    """No script, font, style or picture of somebody else's."""
    for path, soup in soups.items():
        for tag, attribute in FETCHES.items():
            for each in soup.find_all(tag, attrs={attribute: True}):
                assert not re.match(r"(?:[a-z]+:)?//", str(each[attribute])), path
    for style in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8")), style


def clicks(site: Path, soups: dict[Path, BeautifulSoup], start: str) -> dict[str, int]:
    """How many clicks each place of the site is from a page: links in its text, not in the menu."""
    found, at = {start: 0}, [start]
    for place in at:
        page, fragment = urldefrag(place)
        soup: BeautifulSoup | Tag = soups[site / page]
        shown = soup.find(id=fragment) if fragment else soup.find("article")
        if not isinstance(shown, Tag) or found[place] >= 3:
            continue
        for link in shown.find_all("a", href=True):
            file, _, part = str(link["href"]).partition("#")
            target = (site / page).parent / file if file else site / page
            if target.resolve() not in soups:
                continue
            name = str(target.resolve().relative_to(site.resolve())) + (f"#{part}" if part else "")
            if name not in found:
                found[name] = found[place] + 1
                at.append(name)
    return found


def test_from_the_first_page_the_broken_rule_and_its_proof_are_within_three_clicks(
    site: Path, soups: dict[Path, BeautifulSoup]
) -> None:
    """The rule that the full-batch path breaks, its sentence and source, and the schedule, drawn."""
    reached = clicks(site, {path.resolve(): soup for path, soup in soups.items()}, "index.html")
    rule, erratum = f"generated/rules-walk.html#{RULE}", "generated/errata.html#erratum-s5"
    assert reached[rule] <= 3
    assert reached[erratum] <= 3
    entry = soups[site / "generated/rules-walk.html"].find(id=RULE)
    assert entry is not None
    text = " ".join(entry.get_text(" ").split())
    assert RULES[RULE].sentence in text
    assert RULES[RULE].sources[0].phrase in text
    assert "seed lines 273-276" in text
    drawn = soups[site / "generated/errata.html"].find(id="erratum-s5")
    shown = drawn if drawn is not None and drawn.name == "section" else drawn.find_parent("section") if drawn else None
    assert shown is not None
    assert shown.find("svg", role="img") is not None
    assert shown.find("a", href=f"rules-walk.html#{RULE}") is not None


def test_a_rule_leads_to_its_monitor_and_back(site: Path, soups: dict[Path, BeautifulSoup]) -> None:
    """By links on the page, for every rule."""
    for rule in RULES.values():
        entry = soups[site / f"generated/rules-{rule.mechanism}.html"].find(id=rule.id)
        assert entry is not None
        monitor = type(rule.monitor)
        source = f"_modules/{monitor.__module__.replace('.', '/')}.html"
        assert entry.find("a", href=f"../{source}#{monitor.__name__}") is not None
        block = soups[site / source].find(id=monitor.__name__)
        assert block is not None
        back = block.find("a", class_="viewcode-back")
        assert back is not None
        assert entry.find(id=str(back["href"]).partition("#")[2]) is not None


def test_the_inventory_has_every_rule(site: Path) -> None:
    """So that other pages can link to them."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    assert set(inventory.data["law:rule"]) == set(RULES)
    assert inventory.data["law:rule"][RULE].uri == f"generated/rules-walk.html#{RULE}"


def test_rules_json_is_what_its_schema_says_and_what_the_code_has(site: Path) -> None:
    """Each rule in its place, with a link that leads to it."""
    written = (site / rules_json.FILE).read_bytes()
    document = msgspec.json.decode(written, type=rules_json.Document)
    assert [entry.id for entry in document.rules] == list(RULES)
    for entry in document.rules:
        rule = RULES[entry.id]
        assert entry.checksum == editions.checksum(rule)
        assert entry.arches
        assert entry.scenarios or entry.litmuses or not entry.mutants
        assert {port.port for port in results.known() if rule.id in port.rules} == set(entry.verdicts)
        assert entry.link == f"generated/rules-{rule.mechanism}.html#{rule.id}"
    schema = json.loads((site / rules_json.SCHEMA).read_text("utf-8"))
    members = schema["$defs"]["Entry"]
    assert set(members["required"]) == set(json.loads(written)["rules"][0])
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(written.replace(b'"MUST"', b'"MUSTN\'T"', 1), type=rules_json.Document)


def test_a_link_to_a_rule_that_is_not_there_fails_the_build(warnings_of: Callable[[str], str]) -> None:
    """And so does a rule that stands in two places; a good link does not."""
    good = "Title\n=====\n\n:rule:`a.b`\n\n.. rule:: a.b\n\n   text\n"
    assert warnings_of(good + "\n.. rule:: a.b\n\n   again\n\n:rule:`a.c`\n").count("WARNING") == 2


def test_a_good_link_to_a_rule_does_not(warnings_of: Callable[[str], str]) -> None:
    """The sister of the test above."""
    assert warnings_of("Title\n=====\n\n:rule:`a.b`\n\n.. rule:: a.b\n\n   text\n") == ""
