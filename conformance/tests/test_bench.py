# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark reads its peers right and reckons right.  What it measures is no test: `make bench` does that."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import dedent

import bench
import peers
import pytest
from figures import (
    Row,
    Rows,
    bars,
    cheapest,
    compared,
    growth,
    growth_per_walker,
    mean_ratio,
    measured,
    three_digits,
    whole,
)
from peers import DidNotRun, Measured
from scenarios import GROWTH, MEAN_OVER, PARAMETERS, SCENARIOS, Scenario

BENCH = Path(__file__).parents[1] / "bench"

SPIN_HOLDS = """
(Spin Version 6.5.2 -- 6 December 2019)
	+ Partial Order Reduction

Full statespace search for:
	never claim         	- (none specified)
	assertion violations	+
	cycle checks       	- (disabled by -DSAFETY)
	invalid end states	+

State-vector 116 byte, depth reached 47, errors: 0
  2457314 states, stored
 10155417 states, matched
 12612731 transitions (= stored+matched)
        0 atomic steps

pan: elapsed time 3.36 seconds
"""

SPIN_VIOLATED = """
pan:1: assertion violated (((cached[(_pid-0)]&freed)&(1<<j))==0) (at depth 5)
pan: wrote rcu_tables.pml.trail

(Spin Version 6.5.2 -- 6 December 2019)
Warning: Search not completed
	+ Partial Order Reduction

State-vector 36 byte, depth reached 6, errors: 1
       17 states, stored
"""

SPIN_DEADLOCK = SPIN_VIOLATED.replace("assertion violated (((cached[(_pid-0)]&freed)&(1<<j))==0)", "invalid end state")

SPIN_TOO_DEEP = """
error: max search depth too small

State-vector 36 byte, depth reached 9, errors: 0
       57 states, stored
"""

SPIN_TOO_LARGE = """
pan: reached -DMEMLIM bound
Warning: Search not completed

State-vector 116 byte, depth reached 47, errors: 0
1.1e+08 states, stored
"""

RUMUR = """<?xml version="1.0" encoding="utf-8"?>
<rumur_run>
<information state_size_bits="61" state_size_bytes="8" hash_table_slots="65536"/>
<summary states="{states}" rules_fired="176" errors="{errors}" duration_seconds="0"/>
</rumur_run>
"""

OURS = '{"scenario": "P1", "verdict": "holds", "states": 53, "search_seconds": 0.0004, "record_seconds": 0.03}\n'


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (SPIN_HOLDS, ("holds", 2_457_314)),
        (SPIN_VIOLATED, ("violated", 17)),
        (SPIN_DEADLOCK, ("violated", 17)),
    ],
)
def test_spins_verdict_and_states_are_read(output: str, answer: tuple[str, int]) -> None:
    assert peers.parse_spin(output) == answer


@pytest.mark.parametrize("output", [SPIN_TOO_DEEP, SPIN_TOO_LARGE])
def test_a_search_that_spin_gave_up_is_no_verdict(output: str) -> None:
    with pytest.raises(DidNotRun, match="did not complete"):
        peers.parse_spin(output)


@pytest.mark.parametrize(("errors", "verdict"), [(0, "holds"), (1, "violated")])
def test_rumurs_verdict_and_states_are_read(errors: int, verdict: str) -> None:
    assert peers.parse_rumur(RUMUR.format(states=44_113, errors=errors)) == (verdict, 44_113)


def test_our_line_of_json_is_read_after_whatever_else_was_printed() -> None:
    assert peers.parse_ours(f"a warning\n{OURS}") == ("holds", 53, 0.0004)


def test_output_without_a_verdict_is_said_to_have_none() -> None:
    for parse in (peers.parse_spin, peers.parse_rumur, peers.parse_ours):
        for output in ("", "killed\n", "{}"):
            with pytest.raises(DidNotRun, match=f"gave no verdict: {output.strip() or 'no output'}"):
                parse(output)


def test_a_program_is_run_and_its_status_output_and_memory_are_known(tmp_path: Path) -> None:
    """Its own memory, and not that of the tests."""
    program = "import sys; kept = b'x' * 50_000_000; print('out'); sys.stderr.write('err'); sys.exit(3)"
    child = peers.run([sys.executable, "-c", program], tmp_path)
    assert (child.status, child.output, child.errors) == (3, "out\n", "err")
    assert child.seconds > 0
    assert child.peak > 50_000_000
    assert peers.run([sys.executable, "-c", "pass"], tmp_path).peak < 50_000_000


def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DidNotRun, match="no-such-checker is not installed"):
        peers.run(["no-such-checker"], tmp_path)


def test_a_program_that_fails_says_so_in_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(DidNotRun, match="ours failed: no such port"):
        peers.succeed("ours", [sys.executable, "-c", "import sys; sys.exit('first\\nno such port')"], tmp_path)


def test_the_readme_has_the_scenarios_that_are_run() -> None:
    """The verdict, and all numbers before it; P5_N stands for its family."""
    lines = re.findall(r"^\| (P\w+) \| (.*) \|$", (BENCH / "README.md").read_text("utf-8"), re.MULTILINE)
    written = {}
    for name, cells in lines:
        for n in range(1, len(GROWTH) + 1) if name == "P5_N" else [0]:
            values = cells.replace("N+1", str(n + 1)).replace("N", str(n)).split(" | ")
            written[name.replace("N", str(n))] = values
    run = {
        scenario.name: [*map(str, scenario.parameters.values()), scenario.verdict] for scenario in SCENARIOS.values()
    }
    assert written == run


def test_without_its_fix_each_scenario_with_hardware_is_violated_and_no_other_is() -> None:
    """Hardware is what neither RCU nor an IPI holds; the verdicts are not a list of their own."""
    for scenario in SCENARIOS.values():
        assert scenario.holds == (scenario.NH == 0 or scenario.FIX == 1), scenario.name


def test_both_models_are_p1_as_they_stand_and_have_every_parameter() -> None:
    p1 = SCENARIOS["P1"]
    macros = re.findall(r"#ifndef (\w+)\n#define \1 +(\d+)\t", peers.PROMELA.read_text("utf-8"))
    assert {name: int(value) for name, value in macros} == p1.parameters
    assert peers.murphi(p1) == peers.MURPHI.read_text("utf-8")
    assert tuple(p1.parameters) == PARAMETERS


def test_the_models_name_their_licence_first() -> None:
    """As every source does, each in its own kind of comment."""
    tag = "SPDX-License-Identifier: GPL-2.0-only"
    firsts = [model.read_text("utf-8").partition("\n")[0] for model in (peers.PROMELA, peers.MURPHI)]
    assert firsts == [f"/* {tag} */", f"-- {tag}"]


def test_a_scenarios_numbers_stand_in_its_murphi_model() -> None:
    constants = dict(re.findall(r"^  ([A-Z]+): (\d+);", peers.murphi(SCENARIOS["P4a"]), re.MULTILINE))
    assert {name: int(value) for name, value in constants.items()} == SCENARIOS["P4a"].parameters


@pytest.mark.parametrize(("name", "bits"), [("P1", 12), ("P4", 16), ("P5_5", 22)])
def test_spins_table_has_room_for_the_scenarios_states(name: str, bits: int) -> None:
    assert peers.hash_bits(SCENARIOS[name]) == bits


def run_of(times: float, name: str = "P1") -> Measured:
    """A run in which every figure is so many times that of 1."""
    return Measured(SCENARIOS[name].verdict, round(100 * times), 0.01 * times, times, round(1_000_000 * times))


def rows_of(**times: dict[str, float]) -> Rows:
    """One run of each checker on each scenario of the mean."""
    return {
        (name, checker.replace("_", " -")): Row(name, checker.replace("_", " -"), [run_of(time, name)])
        for checker, by_scenario in times.items()
        for name, time in by_scenario.items()
    }


def test_a_figure_is_the_median_of_the_rounds() -> None:
    assert Row("P1", "ours", [run_of(9), run_of(1), run_of(2)]).figure(whole) == 2


def test_the_mean_is_geometric_over_the_cheapest_level_of_each_scenario() -> None:
    """2 and 32 times ours have the mean 8; a level that is dearer does not count."""
    ours = dict.fromkeys(MEAN_OVER, 1.0)
    theirs = dict.fromkeys(MEAN_OVER, 8.0) | {"P1": 2.0, "P2": 32.0}
    rows = rows_of(ours=ours, spin_O0=theirs, spin_O1=dict.fromkeys(MEAN_OVER, 100.0))
    assert cheapest(rows, "P2", "spin", whole) == 32
    assert mean_ratio(rows, "spin", whole) == pytest.approx(8)


def test_a_mean_with_a_scenario_missing_is_no_mean() -> None:
    rows = rows_of(ours={"P1": 1.0}, spin_O0={"P1": 2.0})
    assert mean_ratio(rows, "spin", whole) is None
    assert [line.split() for line in compared(rows).splitlines()[1:3]] == [
        ["P1", *["2.00"] * 4, *["-"] * 6],
        ["geometric", "mean", *["-"] * 10],
    ]


def test_growth_is_what_each_walker_more_multiplies_by() -> None:
    assert growth_per_walker([3, 6, 12, 24]) == pytest.approx(2)
    rows = rows_of(ours={name: 3.0**n for n, name in enumerate(GROWTH)})
    assert growth(rows).splitlines()[-1].split() == ["per", "walker", "3.00x", "3.00x", "3.00x"]
    assert growth({}).splitlines()[-1].split() == ["per", "walker", "-", "-", "-"]


def test_the_bars_say_what_is_met_what_is_not_and_what_was_not_measured() -> None:
    rows = rows_of(ours=dict.fromkeys(MEAN_OVER, 1.0), spin_O0=dict.fromkeys(MEAN_OVER, 4.0) | {"P5_5": 12.0})
    rows = {**rows, ("P5_5", "sized-spin -O0"): rows["P5_5", "spin -O0"]}
    answers = [line.rpartition("  ")[2] for line in bars(rows).splitlines()[1:]]
    assert answers == ["NOT MET", "met", "met", "met", "NOT MET"]
    assert [line.rpartition("  ")[2] for line in bars({}).splitlines()[1:]] == ["not measured"] * 5


def test_the_table_stands_in_columns_and_says_what_did_not_run() -> None:
    rows = [
        Row("P1", "ours", [Measured("holds", 53, 0.00042, 0.0581, 14_200_000)]),
        Row("P1", "spin -O0", did_not_run="spin is not installed"),
        Row("P3", "rumur -O0", [Measured("holds", 1_234, 12.3, 1234.5, 5_000_000)]),
    ]
    wanted = """\
        scenario  checker    verdict       states  search s  whole s  peak MB
        P1        ours       holds             53  0.000420   0.0581     14.2
        P1        spin -O0   did not run        -         -        -        -
        P3        rumur -O0  holds: WRONG   1,234      12.3     1234      5.0
        spin -O0 did not run on P1: spin is not installed"""
    assert measured(rows) == dedent(wanted)


def test_a_wrong_answer_is_never_cheap() -> None:
    rows = {("P3", "ours"): Row("P3", "ours", [Measured("holds", 1, 1, 1, 1)])}
    assert cheapest(rows, "P3", "ours", whole) is None


@pytest.mark.parametrize(
    ("figure", "text"), [(7.123e-6, "0.00000712"), (0.0999, "0.0999"), (3.456, "3.46"), (612.4, "612"), (None, "-")]
)
def test_figures_have_three_digits_that_mean_something(figure: float | None, text: str) -> None:
    assert three_digits(figure) == text


def test_checkers_take_turns_and_one_that_is_missing_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def there(scenario: Scenario) -> Measured:
        asked.append("there")
        return run_of(1)

    def missing(scenario: Scenario) -> Measured:
        asked.append("missing")
        raise DidNotRun("not installed")

    monkeypatch.setattr(bench, "CHECKERS", {"A": there, "B": missing, "C": there})
    rows: dict[tuple[str, str], Row] = {}
    bench.measure(rows, "P1", ["A", "B", "C"], rounds=2)
    assert asked == ["there", "missing", "there", "there", "there"]
    assert [(row.checker, len(row.runs), row.did_not_run) for row in rows.values()] == [
        ("A", 2, None),
        ("B", 0, "not installed"),
        ("C", 2, None),
    ]
