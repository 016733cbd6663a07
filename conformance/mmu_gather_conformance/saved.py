# SPDX-License-Identifier: GPL-2.0-only
"""Saved failures: a run as a file that a person can read, send, and replay.

A file is a JSON document with a format number; machine words that do not fit a JSON number are hex strings.
What is wrong with a file is said by the path of the value that is wrong, and what was expected there.
"""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

import msgspec
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import forms
from mmu_gather_conformance.config import CONFIGS, Config, litmus_machine, small
from mmu_gather_conformance.report import Failure
from mmu_gather_conformance.scenario import FORMAT

#: No ten-line scenario is larger than this.
SIZE_BOUND: Final = 1 << 20
OPS_BOUND: Final = 2000


class BadFile(Exception):
    """A file that is not a saved failure, and why, in one line."""


def name_of(failure: Failure, /) -> str:
    """The file's name: port, which half of it if one, case and rule, as far as file systems take them."""
    against = f"-against-{failure.against}" if failure.against else ""
    half = f"-{failure.alone}" if failure.alone else ""
    words = f"{failure.port}{half}{against}-{failure.case}-{failure.rule or ('differs' if against else 'broke')}"
    return re.sub(r"[^A-Za-z0-9.]+", "-", words).strip("-")[-150:] + ".json"


def save(failure: Failure, folder: Path, /) -> Path:
    """Write a failure down; the same one goes to the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name_of(failure)
    path.write_bytes(forms.readable(failure))
    return path


def load(path: Path, /) -> Failure:
    """Read a failure back.

    Errors: BadFile for a file that is missing, too big, malformed, or of another format.
    """
    try:
        if path.stat().st_size > SIZE_BOUND:
            raise BadFile(f"{path}: {path.stat().st_size} bytes, expected at most {SIZE_BOUND}")
        body = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    try:
        number = msgspec.json.decode(body, type=_Numbered).format
        if number != FORMAT:
            raise BadFile(f"{path}: $.format is {number}, expected {FORMAT}")
        failure = forms.decode(body, Failure)
    except ValueError as error:
        raise BadFile(f"{path}: {error}") from error
    _check_config(path, failure)
    if failure.rule and failure.rule not in RULES:
        raise BadFile(f"{path}: $.rule is {failure.rule!r}, expected the id of a rule")
    if len(failure.scenario.ops) > OPS_BOUND:
        raise BadFile(
            f"{path}: $.scenario.ops holds {len(failure.scenario.ops)} operations, expected at most {OPS_BOUND}"
        )
    return failure


def _check_config(path: Path, failure: Failure, /) -> None:
    """A configuration is a machine that there is."""
    config = failure.config
    known = {field.name for field in fields(Config)}
    for name in config.keys() ^ known:
        raise BadFile(f"{path}: $.config.{name} is {'unknown' if name in config else 'missing'}")
    arch = config["arch"]
    if arch not in ARCHS:
        raise BadFile(f"{path}: $.config.arch is {arch!r}, expected one of {', '.join(ARCHS)}")
    if failure.litmus is None:
        machines = [asdict(each) for plain in CONFIGS[str(arch)] for each in (plain, small(plain))]
    else:
        machines = [asdict(litmus_machine(str(arch), failure.litmus.batch))]
    if config in machines:
        return
    for name, value in config.items():
        there_are = {machine[name] for machine in machines}
        if value not in there_are:
            raise BadFile(f"{path}: $.config.{name} is {value!r}, expected one of {sorted(there_are)}")
    raise BadFile(f"{path}: $.config is no machine that the suite has, expected one of `mmu-gather list cases`")


class _Numbered(msgspec.Struct):
    """As much of a document as says which format it has."""

    format: int
