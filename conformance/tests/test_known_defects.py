# SPDX-License-Identifier: GPL-2.0-only
"""The seed's known defects, each by a litmus that shows it where it does harm; and those that cannot be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from litmus_answers import recorder, words
from mmu_gather_conformance import ports
from mmu_gather_conformance.asking import ask, judged
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.errata import ERRATA

REF: Final = recorder(ports.open_port("ref"))
TABLES_BATCHED: Final = ("hash32", "hash64", "nohash", "hardware-walker")
TLB_ARCHS: Final = ("nohash", "hardware-walker", "ipi")

#: By erratum: a litmus that shows it, and on which archs; on all others it is benign.  S4 is no erratum: the seed's
#: contract excludes such readers, and the rule that they break is theirs.
DEFECTS: Final = (
    ("S1", "hardware-one-user", ("hardware-walker",)),
    ("S1", "hardware-own-cpu-one-user", ("hardware-walker",)),
    ("S1", "hardware-lazy", ("hardware-walker",)),
    ("S1", "hardware-exit-mmap", ("hardware-walker",)),
    ("S2", "aio-below-two-users", TABLES_BATCHED),
    ("S2", "users-fall", TABLES_BATCHED),
    ("S3", "hardware-no-memory", ("hardware-walker",)),
    ("S4", "rcu-reader", (*TABLES_BATCHED, "ipi")),
    ("S4", "preempt-off-reader-no-memory", (*TABLES_BATCHED, "ipi")),
    ("S5", "hardware-batch-full", ("hardware-walker",)),
    ("S6", "access-one-cpu", TLB_ARCHS),
    ("S6", "access-cpu-comes-online", ("hash64", *TLB_ARCHS)),
    ("S6", "hardware-one-cpu", ("ipi",)),
    ("S6", "walker-cpu-comes-online", ("ipi",)),
    ("S11", "lock-taken", TABLES_BATCHED),
    ("S13", "two-gathers-same-pages", TLB_ARCHS),
    ("S14", "taken-back", TLB_ARCHS),
    ("S15", "taken-for-clean", ("hash64", *TLB_ARCHS)),
)


@pytest.mark.parametrize(("number", "name", "archs"), DEFECTS)
def test_a_known_defect_of_the_seed_is_found_where_it_does_harm(number: str, name: str, archs: Sequence[str]) -> None:
    """By its number; and the judge, who reads the witness as he reads any trace, says the same."""
    assert {arch for arch, each in words(name).items() if each != "Never"} == set(archs)
    for arch in archs:
        witness = ask(LITMUSES[name], arch, REF).of(LITMUSES[name].forbidden)
        assert witness is not None
        found = judged(witness, DEFAULT_ERA)
        assert found is not None
        assert found.at == len(witness.trace) - 1
        expected = number if number in ERRATA else ""
        assert (witness.erratum, found.violation.erratum or "") == (expected, expected)


def test_fast_mode_is_benign_in_a_kernel_that_is_not_preemptible() -> None:
    """One line away from S6."""
    assert set(words("access-one-cpu-not-preemptible").values()) == {"Never"}


def test_what_cannot_be_asked_is_listed_with_the_reason() -> None:
    """Each by name and number, with the nearest question that can be put; none of them is an erratum of a rule."""
    assert {each.number for each in OUTSIDE_MODEL} == {"S12", "S17", "S18"}
    assert {each.number for each in OUTSIDE_MODEL} & ERRATA.keys() == set()
    assert {each.nearest for each in OUTSIDE_MODEL} - {""} <= LITMUSES.keys()
    assert all(each.shape.endswith(".") and each.reason.endswith(".") for each in OUTSIDE_MODEL)
