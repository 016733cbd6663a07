# SPDX-License-Identifier: GPL-2.0-only
"""What each port answers to each litmus, as committed data: `litmus_answers.json`, one line for each question.

    .venv/bin/python conformance/tests/litmus_answers.py

writes it anew, always alike; what has changed is then a diff that a person reads.  It needs a C compiler.  Where
architectures are named behind it, the answers on these alone are asked for, and the others are kept.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from mmu_gather_conformance import build, ports
from mmu_gather_conformance.asking import Outcome, ask
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.hosts import Broke, InProcess
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.recorder import Recording
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS

FILE: Final = Path(__file__).with_suffix(".json")
#: The C port goes by this name here; where its library is built says nothing about it.
C_PORT: Final = "so:rfc_2010"
PORTS: Final = ("ref", "ref:rfc-2010-base", C_PORT)
#: Who is asked where the seed has none of a litmus's architectures.
LATER: Final = "ref:v6.12"

#: What is committed of one question: the answer, the states of the reduced search, and, where it is not Never, the
#: errata of the witnesses and how many steps the shortest takes.
Answer: TypeAlias = dict[str, Any]
#: By litmus and arch.
Answers: TypeAlias = dict[str, dict[str, Answer]]


def opened(name: str, folder: Path, /) -> ports.Port:
    """A port by its name here; the C port is built in the folder."""
    if name != C_PORT:
        return ports.open_port(name)
    return ports.open_port(f"so:{build.shared_library(build.C_PORTS / 'rfc_2010.c', folder / 'rfc_2010.so')}")


def recorder(port: ports.Port, /) -> Callable[[Case], Recording]:
    """What records a port in this process."""
    host = InProcess(port)

    def record(case: Case) -> Recording:
        recording, _ = host.record(case)
        assert not isinstance(recording, Broke), recording.detail
        return recording

    return record


def first(litmus: Litmus, /) -> str:
    """The reference that answers a litmus first: the seed's, if it has one of its architectures."""
    return PORTS[0] if not litmus.archs or set(litmus.archs) & set(ERAS[DEFAULT_ERA].archs) else LATER


def answers(name: str, port: ports.Port, /, archs: Collection[str] = ()) -> Answers:
    """Every litmus, put to a port on every arch that both are for, or on these of them.

    To the later one those that only it can answer.
    """
    record = recorder(port)
    return {
        litmus.name: {
            arch: answer(litmus, ask(litmus, arch, record))
            for arch in port.archs
            if (not litmus.archs or arch in litmus.archs) and (not archs or arch in archs)
        }
        for litmus in LITMUSES.values()
        if (first(litmus) == LATER) == (name == LATER)
    }


def answer(litmus: Litmus, outcome: Outcome, /) -> Answer:
    """What is committed of an outcome.  Violations of other rules than the one asked about have no place in it."""
    assert outcome.complete
    assert {witness.rule for witness in outcome.witnesses} <= {litmus.forbidden}, outcome.witnesses
    shown: Answer = {"answer": outcome.answer, "states": outcome.states}
    if outcome.witnesses:
        shown["errata"] = sorted({witness.erratum for witness in outcome.witnesses if witness.erratum})
        shown["steps"] = min(len(witness.schedule) for witness in outcome.witnesses)
    return shown


@cache
def committed() -> dict[str, Answers]:
    """What the file says, by port."""
    found: dict[str, Answers] = json.loads(FILE.read_text("utf-8"))
    return found


def word(litmus: str, arch: str, port: str = "ref", /) -> str:
    """The answer that is committed: Never, Sometimes or Always."""
    found: str = committed()[port][litmus][arch]["answer"]
    return found


def words(litmus: str, /) -> dict[str, str]:
    """What the reference answers, by arch."""
    return {arch: each["answer"] for arch, each in committed()[first(LITMUSES[litmus])][litmus].items()}


def beside(kept: Answers, asked: Answers, order: Collection[str], /) -> Answers:
    """What was kept, with what was asked for now in its place, by architecture in this order."""
    return {
        litmus: {
            arch: (kept.get(litmus, {}) | by_arch)[arch] for arch in order if arch in kept.get(litmus, {}) | by_arch
        }
        for litmus, by_arch in asked.items()
    }


def text(everything: dict[str, Answers], /) -> str:
    """The file: one line for each question."""
    blocks = []
    for port, by_litmus in everything.items():
        lines = [
            f"  {json.dumps(litmus)}: {{\n"
            + ",\n".join(f"   {json.dumps(arch)}: {json.dumps(each)}" for arch, each in by_arch.items())
            + "\n  }"
            for litmus, by_arch in by_litmus.items()
        ]
        blocks.append(f" {json.dumps(port)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        opened_ports = {name: opened(name, Path(made)) for name in (*PORTS, LATER)}
        asked = {name: answers(name, port, sys.argv[1:]) for name, port in opened_ports.items()}
        if sys.argv[1:]:
            asked = {name: beside(committed()[name], asked[name], port.archs) for name, port in opened_ports.items()}
        FILE.write_text(text(asked), "utf-8")
