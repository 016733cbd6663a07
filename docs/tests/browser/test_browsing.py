# SPDX-License-Identifier: GPL-2.0-only
"""The browser sees what is wrong with a page: what it complains of, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.browsing import Browser, fits, served

#: One worker has the browser.
pytestmark = pytest.mark.xdist_group("browser")


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


def test_a_page_that_is_too_wide_does_not_fit(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<!doctype html><div style='width: 3000px; height: 1px'></div>")
    browser.driver.get((tmp_path / "a.html").as_uri())
    assert not fits(browser)
