# SPDX-License-Identifier: GPL-2.0-only
"""Random litmus tests: the reference survives them, a wrong port does not, and what is found is small and replays."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from mmu_gather_conformance import cli, replaying, saved
from mmu_gather_conformance.exploring import explore
from mmu_gather_conformance.verdict import Exit, Verdict


def test_the_reference_survives() -> None:
    """No random scenario breaks a rule that binds a port in a way that its era is not known for."""
    explored = explore("ref", examples=60)
    assert explored.result is None
    assert explored.examples == 60
    assert explored.states > 1000


@pytest.mark.parametrize("port", ["mutant:no_ipi_on_fallback", "mutant:tables_freed_by_the_flush"])
def test_a_wrong_port_is_found_and_made_small(port: str, tmp_path: Path) -> None:
    """The smallest scenario gives one table; its schedule replays and breaks the same rule again."""
    explored = explore(port, examples=200, archs=("hash32",))
    found = explored.found
    assert found is not None
    assert explored.litmus is not None
    (gather,) = explored.litmus.gathers()
    assert len(gather.ops) == 3  # begun, one table, ended
    assert found.verdict is Verdict.VIOLATED
    failure = saved.load(saved.save(found.failure, tmp_path))
    assert replaying.repeat(failure, port, in_process=True).exit is Exit.VIOLATED
    assert replaying.repeat(failure, "ref", in_process=True).exit is Exit.CONFORMS


def test_the_same_seed_makes_the_same_scenarios() -> None:
    """A run can be repeated."""
    first, again = (explore("ref", examples=15, seed=7, archs=("hash64",)) for _ in range(2))
    assert (first.examples, first.states) == (again.examples, again.states)


def test_the_command_says_how_much_it_has_looked_at() -> None:
    """And conforms where nothing was found."""
    done = CliRunner().invoke(cli.cli, ["explore", "ref", "--examples", "5", "--arch", "ipi"])
    assert done.exit_code == 0
    assert done.output.startswith("ref: 5 random litmus tests, ")


def test_a_port_that_cannot_be_loaded_is_told_as_ever() -> None:
    """The port broke, and the suite did not."""
    explored = explore("py:no_such_module_anywhere", examples=5)
    assert explored.result is not None
    assert explored.result.verdict is Verdict.PROTOCOL_ERROR
