# SPDX-License-Identifier: GPL-2.0-only
"""Saved failures: a file comes back as it was, and a bad one is refused by what is wrong in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest
from mmu_gather_conformance import saved
from mmu_gather_conformance.config import CONFIGS
from mmu_gather_conformance.report import BOTH, Failure, Halves
from mmu_gather_conformance.saved import BadFile
from mmu_gather_conformance.scenario import FORMAT
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.record import replace

#: A machine as a file has it.
MACHINE: Final = asdict(CONFIGS["hash64"][0])


def failure(scenario: str = "one-table") -> Failure:
    """A failure as the suite makes them."""
    return Failure(
        FORMAT, "so:./lib mine.so", "rfc-2010", f"{scenario}/hash64", "order.unhooked-before-given",
        SCENARIOS[scenario], MACHINE, (0, 1, 2), 0xA5, 7,
    )  # fmt: skip


def document(**changed: Any) -> Any:
    """A failure's JSON document with some members changed."""
    return {**json.loads(saved.save(failure(), Path.cwd()).read_text("utf-8")), **changed}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written into a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_failure_comes_back_as_it_was(scenario: str, tmp_path: Path) -> None:
    """Every kind of operation, and every answer."""
    assert saved.load(saved.save(failure(scenario), tmp_path / "new" / "folder")) == failure(scenario)


def test_the_same_failure_goes_to_the_same_file(tmp_path: Path) -> None:
    """Its name is made of port, case and rule, without what file systems or shells stumble over."""
    paths = {saved.save(failure(), tmp_path) for _ in range(2)}
    assert [path.name for path in paths] == ["so-.-lib-mine.so-one-table-hash64-order.unhooked-before-given.json"]


def test_a_run_of_one_half_goes_to_a_file_of_its_own() -> None:
    """Or that of both halves would be lost, which is another run."""
    composed: tuple[Halves, ...] = (BOTH, ("generic",), ("arch",))
    names = [saved.save(replace(failure(), halves=each), Path.cwd()).name for each in composed]
    rest = "one-table-hash64-order.unhooked-before-given.json"
    assert names == [f"so-.-lib-mine.so-{each}{rest}" for each in ("", "generic-half-", "arch-half-")]


def test_a_file_that_names_no_halves_is_of_both() -> None:
    """As those are that were saved before a file knew."""
    without = {name: value for name, value in document().items() if name != "halves"}
    Path("old.json").write_text(json.dumps(without), "utf-8")
    assert saved.load(Path("old.json")) == failure()


def test_a_person_can_read_a_file() -> None:
    """It is JSON with a member on each line."""
    lines = saved.save(failure(), Path.cwd()).read_text("utf-8").splitlines()
    assert lines[:3] == ["{", f' "format": {FORMAT},', ' "port": "so:./lib mine.so",']


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 99}, "$.format is 99, expected 1"),
        ({"format": "x"}, "Expected `int`, got `str` - at `$.format`"),
        ({"surprise": 1}, "Object contains unknown field `surprise`"),
        ({"choices": [0, "x"]}, "Expected `int`, got `str` - at `$.choices[1]`"),
        ({"choices": [-1]}, "Expected `int` >= 0 - at `$.choices[0]`"),
        ({"fill": 256}, "Expected `int` <= 255 - at `$.fill`"),
        ({"halves": ["upper"]}, "Invalid enum value 'upper' - at `$.halves[0]`"),
        ({"halves": []}, "Expected `array` of length >= 1 - at `$.halves`"),
        ({"rule": "no.such"}, "$.rule is 'no.such', expected the id of a rule"),
        ({"config": {**MACHINE, "arch": "vax"}}, "$.config.arch is 'vax', expected one of " + ", ".join(ARCHS)),
        ({"config": {**MACHINE, "page_size": 7}}, "$.config.page_size is 7, expected one of [4096, 65536]"),
        (
            {"config": {**MACHINE, "page_size": 65536}},
            "$.config is no machine that the suite has, expected one of `mmu-gather list cases`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [{"op": "table", "count": 0}]}},
            "Expected `int` >= 1 - at `$.scenario.ops[0].count`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [], "answers": {"grace": ["never"]}}},
            "Invalid enum value 'never' - at `$.scenario.answers.grace[0]`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [], "answers": {"alloc": []}}},
            "Expected `array` of length >= 1 - at `$.scenario.answers.alloc`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [{"op": "explode"}]}},
            "Invalid value 'explode' - at `$.scenario.ops[0].op`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [{"op": "gather", "surprise": 1}]}},
            "Object contains unknown field `surprise` - at `$.scenario.ops[0]`",
        ),
        (
            {"scenario": {"name": "n", "summary": "s", "ops": [{"op": "finish"}] * 2001}},
            "$.scenario.ops holds 2001 operations, expected at most 2000",
        ),
    ],
)
def test_a_bad_value_is_named_by_its_path(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    """And by what was expected there."""
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document(**changed)), "utf-8")
    with pytest.raises(BadFile) as caught:
        saved.load(path)
    assert str(caught.value) == f"{path}: {said}"


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    """A file that lacks its scenario cannot be repeated."""
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({k: v for k, v in document().items() if k != "scenario"}), "utf-8")
    with pytest.raises(BadFile, match="missing required field `scenario`"):
        saved.load(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b"not json", "JSON is malformed"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"format": 1, "port": "\xff"}', "invalid utf-8|Invalid UTF-8|can't decode"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(body: bytes, said: str, tmp_path: Path) -> None:
    """Whatever its bytes are."""
    path = tmp_path / "bad.json"
    path.write_bytes(body)
    with pytest.raises(BadFile, match=said) as caught:
        saved.load(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    """So is a folder in its place."""
    with pytest.raises(BadFile, match="No such file or directory"):
        saved.load(tmp_path / "none.json")
    with pytest.raises(BadFile, match="Is a directory"):
        saved.load(tmp_path)


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    """No ten-line scenario is a megabyte."""
    path = tmp_path / "big.json"
    path.write_bytes(b" " * (saved.SIZE_BOUND + 1))
    with pytest.raises(BadFile, match=f"{saved.SIZE_BOUND + 1} bytes, expected at most {saved.SIZE_BOUND}"):
        saved.load(path)
