# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx's configuration.  What the code knows is written from the code at each build; see `_ext/pages.py`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
for room in ("spec", "reference", "arch", "conformance"):
    sys.path.insert(0, str(HERE.parent / room))
sys.path.insert(0, str(HERE / "_ext"))

import pages  # noqa: E402 - the path has to be set first
from mmu_gather_spec import EDITION  # noqa: E402

project = "mmu_gather"
author = "the mmu-gather authors"
copyright = "2026, the mmu-gather authors"
version = release = EDITION
html_theme = "furo"
html_title = "The mmu_gather specification"
extensions = ["sphinx.ext.viewcode", "law_domain", "rules_json", "scenario_directive"]
#: `:rule:` is the law's
primary_domain = "law"
exclude_patterns = ["_ext", "tests", "editions", "results"]
#: the code that `viewcode` shows is Python; what a page shows says what it is
highlight_language = "text"
html_permalinks_icon = "#"

pages.write(HERE / "generated")
