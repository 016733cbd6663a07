# SPDX-License-Identifier: GPL-2.0-only
"""Every link within the site leads to a page that is there, and to a place on it.

No browser is needed for that: a reader would have to click each of them.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

#: One worker has the browser.
pytestmark = pytest.mark.xdist_group("browser")


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


def test_a_missing_page_and_a_missing_place_are_dead_links(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<a id='here' href='b.html'></a><a href='#gone'></a><a href='#here'></a>")
    assert dead(tmp_path) == ["a.html: b.html", "a.html: #gone"]
