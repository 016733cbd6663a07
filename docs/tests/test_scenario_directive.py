# SPDX-License-Identifier: GPL-2.0-only
"""An example in prose is run: what is true is drawn, and what is not fails the build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FULL = "hardware-batch-full/hardware-walker"
RULE = "walk.hardware-never-a-freed-table"


def page(case: str, rule: str, expected: str, port: str = "ref") -> str:
    """A page with one example, and the rule that it speaks of."""
    example = f".. scenario:: {case}\n   :port: {port}\n   :rule: {rule}\n   :expect: {expected}\n"
    return f"Title\n=====\n\n{example}\n.. rule:: {rule}\n\n   text\n"


@pytest.mark.parametrize(
    ("case", "rule", "expected", "port"),
    [
        (FULL, RULE, "passed (as-written) S5", "ref"),
        ("batch-full/hash64/small", "batch.submitted-when-full", "passed", "ref"),
        ("batch-full/hash64/small", "batch.submitted-when-full", "violated", "mutant:batch_not_submitted_when_full"),
    ],
)
def test_what_is_so_is_shown_and_drawn_where_something_is_found(
    case: str, rule: str, expected: str, port: str, warnings_of: Callable[[str], str], tmp_path: Path
) -> None:
    assert warnings_of(page(case, rule, expected, port)) == ""
    made = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert f"{expected}." in made
    assert ("lanes-drawing" in made and 'role="img"' in made) == (expected != "passed")


@pytest.mark.parametrize(
    ("case", "rule", "expected", "told"),
    [
        (FULL, RULE, "passed", "expected 'passed', and it is 'passed (as-written) S5'"),
        (FULL, RULE, "violated", "expected 'violated', and it is"),
        ("no-such-case/hash64", RULE, "passed", "no case of this name: no-such-case/hash64"),
        (FULL, "walk.nothing", "passed", "no rule has this id: walk.nothing"),
    ],
)
def test_what_is_not_so_fails_the_build(
    case: str, rule: str, expected: str, told: str, warnings_of: Callable[[str], str]
) -> None:
    assert told in warnings_of(page(case, rule, expected))
