# SPDX-License-Identifier: GPL-2.0-only
"""Random call sequences through two ports at once: agreement, permitted differences, and wrong ports shrunk.

Without a seed the examples are the same in every run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from mmu_gather_conformance import build, saved, summary
from mmu_gather_conformance.comparison import Comparison, compare_ports, replay_comparison
from mmu_gather_conformance.replaying import replay
from mmu_gather_conformance.scenario import Direct, Finish, Gather
from mmu_gather_conformance.script import Script
from mmu_gather_conformance.strategies import Example, Unstable, try_examples
from mmu_gather_conformance.verdict import Exit
from mmu_gather_spec.arch import ARCHS

#: Where a flush interrupts nobody, so that every IPI in a run is the fallback's own.
QUIET = ("hash32", "hash64")


def calls(comparison: Comparison) -> list[str]:
    assert comparison.failure is not None
    return [type(op).__name__ for op in comparison.failure.scenario.ops]


def test_the_seed_and_what_it_replaced_agree_on_every_table() -> None:
    """Two designs, the same fates and the same coverage; and neither breaks a rule, nor does the caller."""
    comparison = compare_ports("ref", "ref:rfc-2010-base", examples=150)
    assert comparison.failure is None, comparison.lines()
    assert comparison.examples >= 150
    assert comparison.both_violate == set()


def test_the_seed_and_its_form_in_c_agree_on_every_table(tmp_path: Path) -> None:
    """Two languages, the same fates."""
    library = build.shared_library(build.C_PORTS / "rfc_2010.c", tmp_path / "rfc_2010.so")
    comparison = compare_ports("ref", f"so:{library}", examples=100)
    assert comparison.failure is None, comparison.lines()
    assert comparison.examples >= 100


@pytest.mark.parametrize("variant", ["no_shortcut", "ipi_always", "grace_period_in_fallback", "never_fast"])
def test_a_difference_that_the_rules_leave_open_is_no_failure(variant: str) -> None:
    """Batching below two users, IPIs for everything, a grace period in the fallback, pages that wait for the flush."""
    comparison = compare_ports("ref", f"variant:{variant}", examples=60, archs=QUIET)
    assert comparison.failure is None, comparison.lines()
    assert comparison.permitted > 0


@pytest.mark.parametrize(
    ("mutant", "line"),
    [
        ("shift_lost", "t0: freed by PGT_CACHE(7), and by the page allocator (encoding.round-trip)"),
        (
            "no_ipi_on_fallback",
            "t0: freed after an IPI to every other CPU, and at once (separation.waited-for-every-cpu)",
        ),
        (
            "stale_after_finish",
            (
                "translations: left when the gather has ended: nothing, and p0 in the TLB of cpu0, "
                "p0 in the TLB of cpu1, p0 in the hash table (order.nothing-stale-after-finish)"
            ),
        ),
    ],
)
def test_a_wrong_port_differs_in_a_scenario_shrunk_to_its_core(mutant: str, line: str, tmp_path: Path) -> None:
    """Three calls; saved, loaded, and different again in the same words."""
    comparison = compare_ports("ref", f"mutant:{mutant}", examples=200, archs=QUIET)
    assert comparison.failure is not None
    assert len(calls(comparison)) == 3
    assert comparison.differences[0].line() == line
    loaded = saved.load(saved.save(comparison.failure, tmp_path))
    assert loaded == comparison.failure
    assert replay_comparison(loaded) == [f"  {each.line()}" for each in comparison.differences]


def test_a_wrong_port_with_the_right_fates_is_found_by_the_rules() -> None:
    """Each table has the fate it should have; but it was submitted before the flush."""
    comparison = compare_ports("ref", "mutant:flush_after_submit", examples=100, archs=QUIET)
    assert len(calls(comparison)) == 3
    assert [each.name for each in comparison.differences] == ["mutant:flush_after_submit"]
    assert comparison.differences[0].rule == "order.invalidate-submit-free"


def test_a_wrong_library_differs_from_a_right_one(tmp_path: Path) -> None:
    """Both are compiled and both run in workers; the smallest example has a failing allocation."""
    right = build.shared_library(build.C_PORTS / "rfc_2010.c", tmp_path / "right.so")
    wrong = build.shared_library(build.C_PORTS / "wrong_no_ipi.c", tmp_path / "wrong.so")
    comparison = compare_ports(f"so:{right}", f"so:{wrong}", examples=150, archs=("hash32",))
    assert comparison.failure is not None
    assert len(calls(comparison)) == 3
    assert comparison.failure.by_service == {"__get_free_page": (1,)}
    assert "at once" in comparison.differences[0].reason


def test_ports_that_break_do_not_agree(tmp_path: Path) -> None:
    """Two libraries that are not there give no trace, and so no fates to agree on."""
    comparison = compare_ports(f"so:{tmp_path}/one.so", f"so:{tmp_path}/other.so", examples=5)
    assert comparison.examples == 0
    assert [each.rule for each in comparison.differences] == ["protocol-error", "protocol-error"]


def test_only_archs_that_both_have_are_tried() -> None:
    """The seed knows nothing of radix."""
    with pytest.raises(click.UsageError, match="no arch in common of radix"):
        compare_ports("ref", "ref:v4.19", examples=5, archs=("radix",))


def test_the_command_saves_a_difference_and_replays_it(tmp_path: Path) -> None:
    """Exit code 1 both times; and 0 for two ports that agree."""
    assert summary.compare("ref", "ref", 5, None, ("hash32",), tmp_path) is Exit.CONFORMS
    assert summary.compare("ref", "mutant:shift_lost", 100, None, ("hash64",), tmp_path) is Exit.VIOLATED
    (file,) = tmp_path.iterdir()
    lines, code = replay(saved.load(file), "ref")
    assert code is Exit.VIOLATED
    assert "PGT_CACHE(7)" in lines[0]


def seen(seed: int | None, examples: int = 15) -> list[Example]:
    found: list[Example] = []
    try_examples(found.append, examples=examples, seed=seed)
    return found


def test_the_same_seed_gives_the_same_examples() -> None:
    """And no seed is a seed of its own."""
    assert seen(1) == seen(1)
    assert seen(None) == seen(None)
    assert seen(1) != seen(2)


def test_every_caller_keeps_the_rules_of_callers() -> None:
    """A gather is begun first and finished last, and every shift is legal where it is used."""
    for example in seen(None, 100):
        for gather in {op.gather for op in example.case.scenario.ops}:
            own = [op for op in example.case.scenario.ops if op.gather == gather]
            assert isinstance(own[0], Gather)
            assert isinstance(own[-1], Finish)
            open_ = 0
            for op in own:
                open_ += isinstance(op, Gather) - isinstance(op, Finish)
                assert open_ == (0 if isinstance(op, Finish) else 1)
        config = example.case.config
        most = 0 if config.bits_per_long == 32 else ARCHS[config.arch].max_pgtable_index_size
        assert all(0 <= op.shift <= most for op in example.case.scenario.ops if isinstance(op, Direct))


def test_a_test_that_fails_now_and_then_is_unstable() -> None:
    """A port that keeps something between runs is told apart from one that differs."""
    failures = iter([ValueError()])

    def once(example: Example) -> None:
        for error in failures:
            raise error

    with pytest.raises(Unstable):
        try_examples(once, examples=5)


def test_answers_are_kept_by_service_and_the_last_one_holds_on() -> None:
    """The second allocation and all later ones fail, whatever else is asked between."""
    script = Script((), {"__get_free_page": (0, 1)})
    asked = ["__get_free_page", "mm_users", "__get_free_page", "mm_users", "__get_free_page"]
    assert [script.choose(service, (True, False)) for service in asked] == [True, True, False, True, False]
    assert script.taken() == (0, 0, 1, 0, 1)


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    """It is an extra: only random call sequences need it."""
    program = "import sys; sys.modules['hypothesis'] = None; import mmu_gather_conformance.comparison"
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=path)
    assert "random call sequences need hypothesis: pip install 'mmu-gather[test]'" in done.stderr
