# SPDX-License-Identifier: GPL-2.0-only
"""The inner loop, interpreted and compiled: one search, to the last state.

The compiled one is built here, by mypyc, from the same file that `make compiled` builds it from.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from mmu_gather_conformance.interleave import explore, loop, loops
from mmu_gather_conformance.interleave.bench import SCENARIOS, product_of
from mmu_gather_conformance.interleave.explore import MODES, Mode

#: Those that every mode gets through in no time.
SMALL: Final = ("P1", "P3", "P3f", "P6", "P6f", "P5_1")
#: More states, with the reductions; P5_8 takes more bits than a word has, and so is the interpreted loop's alone.
REDUCED: Final = ("P2", "P4", "P4a", "P5_3", "P5_5")

pytestmark = pytest.mark.xdist_group("mypyc")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The loop as mypyc compiles it."""
    folder = tmp_path_factory.mktemp("compiled")
    assert loop.__file__ is not None
    source = Path(shutil.copy(loop.__file__, folder / f"{loops.COMPILED}.py"))
    done = subprocess.run(
        [sys.executable, "-m", "mypyc", source.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (library,) = folder.glob(f"{loops.COMPILED}.*.so")
    spec = importlib.util.spec_from_file_location(loops.COMPILED, library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def searched(name: str, mode: Mode, with_loop: ModuleType) -> tuple[object, ...]:
    """All that a search of a scenario brings to light."""
    result = explore.prepare(product_of(name), mode, with_loop).search()
    return result.states, result.moves, sorted(map(str, result.broken)), result.clean, result.complete


@pytest.mark.parametrize(
    ("name", "mode"), [*((name, mode) for name in SMALL for mode in MODES), *((name, MODES[-1]) for name in REDUCED)]
)
def test_compiled_and_interpreted_are_one_search(name: str, mode: Mode, compiled: ModuleType) -> None:
    """Verdicts and counts, with every reduction and with none."""
    assert searched(name, mode, compiled) == searched(name, mode, loop)


def test_a_state_that_fits_no_word_is_the_interpreted_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cut off: the other loop takes over."""
    other = ModuleType("a compiled loop")
    monkeypatch.setattr(loops, "compiled", lambda: other)
    assert loops.fitting(loops.WORD) is other
    assert loops.fitting(loops.WORD + 1) is loop


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_has_the_verdict_that_the_peers_give(name: str) -> None:
    """P3 and P6 are violated, all others hold; how many states that takes is exact."""
    result = explore.explore(product_of(name))
    assert (bool(result.broken), result.states) == (name in ("P3", "P6"), STATES[name])


STATES: Final = {
    "P1": 31, "P2": 234, "P3": 16, "P3f": 14, "P4": 1031, "P4a": 8598,
    "P5_1": 87, "P5_2": 234, "P5_3": 515, "P5_4": 994, "P5_5": 1748, "P5_6": 2867, "P5_7": 4454, "P5_8": 6625,
    "P6": 59, "P6f": 58,
}  # fmt: skip
