# SPDX-License-Identifier: GPL-2.0-only
"""The ports in conformance/typing: each gets what it says of itself, from either checker, and nothing has changed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import typing_ports
from mmu_gather_conformance.static.verdict import Static

# One worker asks each checker once, for all the tests of this file.
pytestmark = pytest.mark.xdist_group("types")

CHECKERS = ("mypy", "pyright")


@pytest.fixture(scope="module", params=CHECKERS)
def checker(request: pytest.FixtureRequest) -> str:
    """One checker after the other."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def results(checker: str, types_cache: Path) -> typing_ports.Results:
    """What it makes of all ports."""
    return typing_ports.results(checker)


def wrong(functions: dict[str, dict[str, object]]) -> dict[str, object]:
    """The functions that are not as they should be."""
    return {name: found["verdict"] for name, found in functions.items() if found["verdict"] != "ok"}


def test_every_port_gets_what_it_says_of_itself(results: typing_ports.Results) -> None:
    """By the function's name; whatever it does not name is ok."""
    assert {name: wrong(of) for name, of in results.items()} == {
        port.stem: typing_ports.expected(port) for port in typing_ports.PORTS
    }


def test_the_results_are_those_that_are_recorded(results: typing_ports.Results, checker: str) -> None:
    """Verdicts, lines, and the answers behind them: `python conformance/typing/typing_ports.py` writes them anew."""
    assert results == typing_ports.recorded(checker)


def test_a_verdict_is_told_with_the_line_of_the_definition(results: typing_ports.Results) -> None:
    """Where there is a definition, it is there."""
    for port in typing_ports.PORTS:
        lines = port.read_text("utf-8").splitlines()
        for name, found in results[port.stem].items():
            if found["verdict"] != "MISSING" and found["line"] > 1:
                block = lines[found["line"] - 1]
                assert name.removeprefix("struct ") in block or block.lstrip().startswith(("@", "from ")), port.name


def test_the_checkers_agree_on_every_function() -> None:
    """Their answers may differ, their verdicts do not."""
    one, other = ({port: wrong(of) for port, of in typing_ports.recorded(name).items()} for name in CHECKERS)
    assert one == other


def test_there_are_ports_for_every_verdict_and_right_ones() -> None:
    """So that none of them is a word only."""
    counted = Counter(verdict for port in typing_ports.PORTS for verdict in typing_ports.expected(port).values())
    assert counted.keys() == {each.value for each in Static} - {"ok"}
    assert sum(not typing_ports.expected(port) for port in typing_ports.PORTS) >= 5
    assert len(typing_ports.PORTS) >= 25


def test_a_wrong_port_is_wrong_in_one_way() -> None:
    """But for the one that has every fault, and the one that wants to be passed over."""
    many = {port.stem for port in typing_ports.PORTS if len(typing_ports.expected(port)) > 1}
    assert many == {"ten_faults", "silenced", "class_wrong"}
