# SPDX-License-Identifier: GPL-2.0-only
"""Rules are not the reference's own trace in disguise: correct code that does otherwise passes them all."""

from __future__ import annotations

import importlib
import inspect
from typing import Final

import pytest
from mmu_gather_conformance import variants
from mmu_gather_conformance.check import check
from mmu_gather_conformance.ports import names_in
from mmu_gather_conformance.verdict import Verdict

VARIANTS: Final = names_in(variants)

#: Small batches on one architecture, UP, and what is run at the real capacity only.  `mmu-gather run variant:NAME`
#: runs the rest: the same on other machines.
KEYWORDS: Final = (
    "hash64/small", "hash32/small", "whole-mm /up", "pages-then-tables nohash", "mixed-levels 32bit",
    "unshared arm64", "empty-gather", "one-page", "nine-pages", "entry-only", "waits", "lazy", "who-has", "shift-",
)  # fmt: skip

#: One with a hash table and one without, the latter with a 32-bit member.
ARCHS: Final = ("hash64", "nohash")


def objections(port: str, archs: tuple[str, ...]) -> set[tuple[str, str]]:
    """What the suite has against a port: the cases that did not pass, each with its rules."""
    results = [result for keyword in KEYWORDS for result in check(port, archs=archs, keyword=keyword).cases]
    assert results, f"no case was run for {port}"
    return {
        (result.id, rule)
        for result in results
        if result.verdict not in (Verdict.PASSED, Verdict.AS_WRITTEN)
        for rule in [found.rule for found in result.found] or [result.verdict.value]
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_a_legal_variant_passes_everything(name: str) -> None:
    """Or passes as the era's own code is written."""
    archs = tuple(getattr(importlib.import_module(f"{variants.__name__}.{name}"), "ARCHS", ARCHS))
    assert objections(f"variant:{name}", archs) == set()


@pytest.mark.parametrize(
    ("port", "arch"),
    [("ref:rfc-2010-base", arch) for arch in ARCHS] + [("ref", arch) for arch in (*ARCHS, "hash32", "ipi")],
)
def test_the_reference_passes_everything(port: str, arch: str) -> None:
    """Each era's own code keeps the rules of its era, its known defects aside."""
    assert objections(port, (arch,)) == set()


def test_a_port_that_is_wrong_does_not_pass_as_a_variant() -> None:
    """The tests above can fail."""
    assert ("one-page/hash64", "gather.nothing-kept") in objections("mutant:slots_never_given_back", ("hash64",))


def test_every_variant_says_why_it_may() -> None:
    """What it does otherwise and why that is legal, in at most two sentences."""
    texts = {name: inspect.getdoc(importlib.import_module(f"{variants.__name__}.{name}")) or "" for name in VARIANTS}
    assert [name for name, text in texts.items() if not (len(text) > 40 and text.count(".") <= 2)] == []


def test_there_are_at_least_eight_legal_variants() -> None:
    """Fewer would not show much."""
    assert len(VARIANTS) >= 8
