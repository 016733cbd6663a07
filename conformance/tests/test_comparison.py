# SPDX-License-Identifier: GPL-2.0-only
"""Random call sequences through two ports at once."""

from __future__ import annotations

from pathlib import Path

from mmu_gather_conformance import build, saved
from mmu_gather_conformance.comparison import compare_ports, replay_comparison


def test_the_seed_and_what_it_replaced_agree_on_every_table() -> None:
    """Two designs, the same fates."""
    comparison = compare_ports("ref", "ref:rfc-2010-base", examples=150)
    assert comparison.failure is None
    assert comparison.examples >= 150


def test_the_seed_and_its_form_in_c_agree_on_every_table(tmp_path: Path) -> None:
    """Two languages, the same fates."""
    library = build.shared_library(build.C_PORTS / "rfc_2010.c", tmp_path / "rfc_2010.so")
    assert compare_ports("ref", f"so:{library}", examples=100).failure is None


def test_a_difference_that_the_rules_leave_open_is_no_failure() -> None:
    """A whole grace period in the fallback, instead of an IPI."""
    comparison = compare_ports("ref", "variant:ipi_always", examples=100)
    assert comparison.failure is None
    assert comparison.permitted > 0


def test_a_wrong_port_differs_in_a_scenario_shrunk_to_its_core(tmp_path: Path) -> None:
    """Gather, one table, finish; saved, loaded, and different again."""
    comparison = compare_ports("ref", "mutant:mask_one_bit_short", examples=300)
    assert comparison.failure is not None
    assert [type(op).__name__ for op in comparison.failure.scenario.ops] == ["Gather", "Direct", "Finish"]
    path = saved.save(comparison.failure, tmp_path)
    assert saved.load(path) == comparison.failure
    assert replay_comparison(saved.load(path)) == ["  t0: freed 1 times, and 0 times"]
