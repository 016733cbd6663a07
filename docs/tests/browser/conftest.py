# SPDX-License-Identifier: GPL-2.0-only
"""What is there once for all tests in a browser: the browser itself, the site, served, and a report.

`make test-docs` runs these alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.browsing import PHONE, WIDE, Browser, served

LOOKS = [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]


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
