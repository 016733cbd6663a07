# SPDX-License-Identifier: GPL-2.0-only
"""The path to the generators, and the site, built once for all tests that read it.

`make test` has built it already and names it; otherwise it is built by whichever process of a run asks first.
"""

from __future__ import annotations

import fcntl
import os
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
    """The built site.  Tests only read it: it may be another process's, too."""
    made = os.environ.get("MMU_GATHER_SITE")
    if made:
        assert (Path(made) / "index.html").exists(), f"{made} is no built site"
        return Path(made)
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's; the worker's own is in it
    return _built_once(folder / "site")


def _built_once(out: Path) -> Path:
    """Build the site unless another process of this run has; if it is just doing so, wait for it."""
    done = out.with_suffix(".done")
    with out.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert build(DOCS, out) == ""
            done.touch()
    return out


@pytest.fixture(scope="session")
def made() -> dict[str, str]:
    """Every generated page by the name of its file.  Tests that ask for it are of the group `pages`: one worker's."""
    import pages

    return pages.pages()


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
