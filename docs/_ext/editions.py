# SPDX-License-Identifier: GPL-2.0-only
"""What each edition of the law said, so that nobody's rule changes under them unseen.

A rule is cited by its id and an edition.  `docs/editions/EDITION.json` keeps the normative content of every rule in
that edition: level, whom it binds, where, and the sentence.  A rule's checksum is over these and over nothing else;
that a source was added, a monitor rewritten, or an era declared does not change what the rule says.

    .venv/bin/python docs/_ext/editions.py

writes the file of the edition that the specification now calls itself.  A test compares the two, so that a sentence
cannot change without a difference that a person reads; once an edition is published, a change needs a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from mmu_gather_spec import EDITION
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

FOLDER: Final = Path(__file__).parents[1] / "editions"


class Normative(msgspec.Struct, frozen=True):
    """What a rule says, in one edition."""

    level: str
    binds: str
    where: str
    sentence: str

    def checksum(self, rule: str, /) -> str:
        """The checksum of a rule that says this."""
        text = f"{rule}\n{self.level}\n{self.binds}\n{self.where}\n{self.sentence}"
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


#: By rule id.
Edition: TypeAlias = Mapping[str, Normative]


def normative(rule: Rule, /) -> Normative:
    """What a rule says now, white space apart."""
    return Normative(rule.level.value, rule.binds.value, rule.where, " ".join(rule.sentence.split()))


def checksum(rule: Rule, /) -> str:
    """The checksum of a rule as it is now."""
    return normative(rule).checksum(rule.id)


@cache
def published() -> dict[str, Edition]:
    """Every edition, the oldest first."""
    files = sorted(FOLDER.glob("*.json"), key=lambda path: tuple(map(int, path.stem.split("."))))
    return {path.stem: msgspec.json.decode(path.read_bytes(), type=dict[str, Normative]) for path in files}


def history(rule: str, editions: Mapping[str, Edition], /) -> list[str]:
    """What became of a rule, edition by edition."""
    given = [edition for edition, rules in editions.items() if rule in rules]
    lines = [f"edition {given[0]}: given"] if given else []
    for before, after in pairwise(given):
        old, new = (msgspec.structs.asdict(editions[edition][rule]) for edition in (before, after))
        lines += [f"edition {after}: {part} was “{old[part]}”" for part in old if old[part] != new[part]]
    return lines


def write(folder: Path = FOLDER, /) -> Path:
    """Write down what the rules say now, under the name of this edition."""
    path = folder / f"{EDITION}.json"
    path.parent.mkdir(exist_ok=True)
    said = {rule.id: normative(rule) for rule in RULES.values()}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n")
    return path


if __name__ == "__main__":
    write()
