# SPDX-License-Identifier: GPL-2.0-only
"""The path to the generators, and the site, built once for all tests that read it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1]
EXTENSIONS = DOCS / "_ext"
sys.path.insert(0, str(EXTENSIONS))

#: What a page needs that is built by itself: the domain of the law, and no more.
CONF = f"""\
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["law_domain", "scenario_directive"]
primary_domain = "law"
"""


def build(source: Path, out: Path) -> str:
    """Build pages as `make docs` does, in a process of its own; what Sphinx warns of."""
    command = [sys.executable, "-m", "sphinx", "-E", "-n", "-q", "--no-color", str(source), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    out = tmp_path_factory.mktemp("site")
    assert build(DOCS, out) == ""
    return out


@pytest.fixture
def warnings_of(tmp_path: Path) -> Callable[[str], str]:
    """What a build of one page with the domain of the law warns of."""

    def warnings_of(page: str) -> str:
        source = tmp_path / "source"
        source.mkdir()
        (source / "conf.py").write_text(CONF, encoding="utf-8")
        (source / "index.rst").write_text(page, encoding="utf-8")
        return build(source, tmp_path / "out")

    return warnings_of
