# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests as a page: who takes part, what is asked, and what each port answers.

The answers are those that are committed beside the tests, where every run compares them with the search's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

import msgspec
import rst
from mmu_gather_conformance import litmus_words, litmuses
from mmu_gather_conformance.litmus import Litmus, Runs
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

ANSWERS: Final = Path(__file__).parents[2] / "conformance" / "tests" / "litmus_answers.json"
#: Where nothing is asked: the litmus or the port is not for that arch.
NOT_ASKED: Final = "–"

PREAMBLE = f"""\
A litmus asks one question about all interleavings of a few programs: is there one in which this rule is broken?
*Never* says that there is none, *Sometimes* that there are some, *Always* that it is broken in each. So for the same
question a port that protects more answers *Never* where another answers *Sometimes*. :doc:`../every-interleaving` says
how the answer is found, and what it does not speak of.

A gather in a litmus is whatever port is under test; in the programs beside it, {litmus_words.NAMING}. A *sister*
differs in one line and answers otherwise somewhere, so that each *Never* is known to hang on that line.

Asked are ``ref``, the reference in the patch's era, ``ref:rfc-2010-base``, in the era before it, and ``so:rfc_2010``,
the patch's design in C; and ``ref:v6.12`` where the patch has none of a litmus's architectures. A row speaks of all
of them unless it names some; a port is asked on the architectures that it has. Beside an answer stands the
:doc:`erratum <errata>` where the defect is the era's own, and below it how many states the search kept. Where no
hardware reads the Linux tables, as on ``hash32`` and ``hash64``, a litmus about such hardware has nobody to ask.

"""


class Answer(msgspec.Struct, frozen=True):
    """What a port answers on one arch."""

    answer: str
    #: how many states the reduced search kept
    states: int
    #: the known defects that were found
    errata: tuple[str, ...] = ()
    #: how long the shortest witness is
    steps: int | None = None


#: By port, litmus and arch.
Answers: TypeAlias = dict[str, dict[str, dict[str, Answer]]]


@cache
def answers() -> Answers:
    """What the ports answer."""
    return msgspec.json.decode(ANSWERS.read_bytes(), type=Answers)


def page() -> str:
    """An overview, each litmus, and what cannot be asked."""
    text = rst.SPDX + rst.title("Litmus tests") + PREAMBLE + rst.title("The answers of the reference", "-") + overview()
    for family, members in groupby(LITMUSES.values(), _family):
        head, _, body = (inspect.getdoc(family) or "").partition("\n\n")
        text += rst.title(_name(family), "-") + rst.paragraphs(head) + rst.paragraphs(body)
        text += "".join(map(entry, members))
    return text + rst.title("Outside the model", "-") + outside_model()


def _family(litmus: Litmus) -> ModuleType:
    """The module that a litmus is in."""
    modules = (each for each in vars(litmuses).values() if isinstance(each, ModuleType))
    return next(module for module in modules if litmus in getattr(module, "LITMUSES", ()))


def _name(family: ModuleType) -> str:
    """What a family is called."""
    return family.__name__.rpartition(".")[2].replace("_", " ").capitalize()


def overview() -> str:
    """Litmus tests down, architectures across, and one word in each place."""
    rows = []
    for name in LITMUSES:
        by_arch = next(by_litmus[name] for by_litmus in answers().values() if name in by_litmus)
        words = (by_arch[arch].answer if arch in by_arch else NOT_ASKED for arch in ARCHS)
        rows.append((rst.ref("litmus", name), *words))
    return rst.table(("litmus", *(f"``{arch}``" for arch in ARCHS)), rows)


def entry(litmus: Litmus) -> str:
    """One litmus."""
    lines = [("begins", litmus_words.begins(litmus)), *litmus_words.cpus(litmus)]
    sentence = RULES[litmus.forbidden].sentence
    programs = dict.fromkeys(part.program for part in litmus.parts if isinstance(part, Runs))
    said = {
        "Forbidden": f"{rst.ref('rule', litmus.forbidden)}. {rst.inline(sentence)}",
        "Sister": rst.ref("litmus", litmus.sister),
        "Beside the port": ", ".join(rst.ref("program", name) for name in programs) or "nobody but the machine",
    }
    return (
        rst.target("litmus", litmus.name)
        + rst.title(litmus.name, "~")
        + rst.paragraphs(litmus.comment)
        + rst.code("\n".join(f"{word:8}{said}" for word, said in lines))
        + "".join(f"| *{word}:* {text}\n" for word, text in said.items())
        + "\n"
        + answer_table(litmus)
    )


def answer_table(litmus: Litmus) -> str:
    """What is answered, and in how many states, by every port or by each that differs; architectures across."""
    archs = [arch for arch in ARCHS if not litmus.archs or arch in litmus.archs]
    rows: list[tuple[str, ...]] = []
    for what, said in (("answer", _answer), ("states", lambda answer: str(answer.states))):
        for ports, cells in _alike(litmus, archs, said):
            who = "" if len(ports) == len(answers()) else " of " + ", ".join(f"``{port}``" for port in ports)
            rows.append((what + who, *cells))
    return rst.table(("", *(f"``{arch}``" for arch in archs)), rows) if rows else ""


def _alike(litmus: Litmus, archs: Sequence[str], said: Callable[[Answer], str]) -> list[tuple[list[str], list[str]]]:
    """The ports, together where they say the same wherever both are asked, and what they say on each arch."""
    groups: list[tuple[list[str], list[str]]] = []
    for port, by_litmus in answers().items():
        by_arch = by_litmus.get(litmus.name, {})
        cells = [said(by_arch[arch]) if arch in by_arch else NOT_ASKED for arch in archs]
        for ports, theirs in groups:
            if all(one == other or NOT_ASKED in (one, other) for one, other in zip(cells, theirs, strict=True)):
                ports.append(port)
                theirs[:] = [one if other == NOT_ASKED else other for one, other in zip(cells, theirs, strict=True)]
                break
        else:
            groups.append(([port], cells))
    return groups


def _answer(answer: Answer) -> str:
    """The word, and by which known defects."""
    known = (rst.ref("erratum", number) for number in answer.errata if number in ERRATA)
    return ", ".join((answer.answer, *known))


def outside_model() -> str:
    """What no litmus asks, and why."""
    text = (
        "Known weaknesses of the seed's design that no litmus here can ask about. They are listed so that silence is "
        "not taken for *Never*.\n\n"
    )
    for each in OUTSIDE_MODEL:
        near = f" Nearest: {rst.ref('litmus', each.nearest)}." if each.nearest else ""
        said = f"{rst.inline(each.shape)}\n\n   {rst.inline(each.reason)}{near}"
        text += rst.target("outside", each.name) + rst.definition(f"``{each.name}``, {each.number}", said)
    return text
