# SPDX-License-Identifier: GPL-2.0-only
"""The ports beside this file, what each is expected to get, and what the type checkers made of them.

Every port says in its head, by the function's name, what is wrong with it; whatever it does not name is `ok`.  What a
checker answered is kept in a file, mypy.json or pyright.json: after an upgrade of a checker,

    python conformance/typing/typing_ports.py

writes them anew, and their difference shows what the upgrade has changed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final, TypeAlias

from mmu_gather_conformance.static.check_types import check_types
from mmu_gather_conformance.static.checkers import CHECKERS, version
from mmu_gather_spec.eras import DEFAULT_ERA

HERE: Final = Path(__file__).resolve().parent
PORTS: Final = tuple(sorted((HERE / "ports").glob("*.py")))

#: port -> function -> its verdict, the line, and the answers that led to it
Results: TypeAlias = dict[str, dict[str, Any]]


def expected(port: Path, /) -> dict[str, str]:
    """What a port says of itself: the functions that are not `ok`."""
    found = re.findall(r"^# expect: (.+) (MISSING|SIGNATURE|UNTYPED)$", port.read_text("utf-8"), re.MULTILINE)
    assert found or "# expect: every function ok" in port.read_text("utf-8"), f"{port.name} expects nothing"
    return dict(found)


def era(port: Path, /) -> str:
    """The era that a port is written for."""
    found = re.search(r"^# era: (\S+)$", port.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else DEFAULT_ERA


def results(checker: str, /) -> Results:
    """What a checker makes of all ports: one process for each era."""
    found: Results = {}
    for of in dict.fromkeys(map(era, PORTS)):
        for report in check_types(*(str(port) for port in PORTS if era(port) == of), era=of, checker=checker):
            found[Path(report.port).stem] = {
                each.function: {"verdict": each.verdict.value, "line": each.line, "answers": list(each.answers)}
                for each in report.functions
            }
    return dict(sorted(found.items()))


def recorded(checker: str, /) -> Results:
    """What it made of them when that was last written down."""
    document: dict[str, Results] = json.loads((HERE / f"{checker}.json").read_text("utf-8"))
    return document["ports"]


def main() -> None:
    """Write down what each checker makes of the ports."""
    for checker in sys.argv[1:] or CHECKERS:
        document = {"checker": version(checker), "ports": results(checker)}
        text = json.dumps(document, indent=1)
        # One line for each function, so that a difference can be read.
        text = re.sub(r"\{\n\s+\"verdict\"[^}]*\}", lambda found: " ".join(found[0].split()), text)
        (HERE / f"{checker}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
