# SPDX-License-Identifier: GPL-2.0-only
"""The machine as a page: who runs beside a port, each with its prose and its automaton, and the machine's guards.

A program is what a litmus may name; its module is the one that its generator comes from.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import GeneratorType, ModuleType
from typing import Final

import rst
from mmu_gather_conformance.interleave import effects
from mmu_gather_conformance.interleave.automaton import ENDED, Act, Automaton
from mmu_gather_conformance.interleave.effects import GUARDS
from mmu_gather_conformance.interleaving import CARELESS, PROGRAMS, program
from mmu_gather_conformance.lanes.describe import describe
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.litmus import Runs
from mmu_gather_reference import machine

#: A table and a page to show programs with; a machine has them in such places.
TABLE: Final = 0x10000000
PAGE: Final = 0x20000000

CARELESSNESS: Final = "It leaves out a duty of its own: what comes of that is not held against a port.\n\n"

PREAMBLE = """\
Beside a port runs a machine: other tasks, hardware, RCU, interrupts. Each of them is an *agent*, a small automaton that
takes one step at a time; between any two steps of one agent any other may take its own. This page shows those that a
:doc:`litmus <litmus>` may name, with what each stands for and what it leaves out, and every step it may take.

Some agents are nobody's to name, since they come out of the port. What it hands to ``call_rcu`` becomes an agent that
waits for its grace period and then frees, with nothing but the argument that it was given. What an IPI calls becomes
an agent on each CPU that it is sent to. The task that unmaps is an agent as well: its automaton is the recording of the
port and of its caller, with a branch wherever an answer of the kernel decides.

In an automaton, the number on the left is where the agent is, the number on the right where the step leads. Where a
place has several steps, the machine decides which may be taken: an entry is found present or empty as it is.

"""


def page() -> str:
    """The agents, then the guards."""
    text = rst.SPDX + rst.title("The machine") + PREAMBLE
    for module in agents():
        text += rst.target("agent", short(module)) + rst.title(short(module), "-")
        text += rst.paragraphs(inspect.getdoc(module) or "")
        text += "".join(program_entry(name) for name in PROGRAMS if maker(name).__module__ == module.__name__)
    return text + rst.title("The guards", "-") + rst.paragraphs(inspect.getdoc(effects) or "") + guards()


def agents() -> Iterator[ModuleType]:
    """The machine's modules that hold programs; what else there is serves the recorder."""
    made = {maker(name).__module__ for name in PROGRAMS}
    for found in pkgutil.iter_modules(machine.__path__, f"{machine.__name__}."):
        if found.name in made:
            yield importlib.import_module(found.name)


def short(module: ModuleType) -> str:
    """The name of a module without its package."""
    return module.__name__.rpartition(".")[2]


def maker(name: str) -> Callable[..., object]:
    """The function that a program is made by."""
    running = PROGRAMS[name](1, name, (TABLE,), PAGE)
    assert isinstance(running, GeneratorType)
    module = inspect.getmodule(running.gi_code)
    assert module is not None
    function: Callable[..., object] = getattr(module, running.gi_code.co_name)
    return function


def program_entry(name: str) -> str:
    """One program: what it does, and its automaton."""
    said, _, source = (inspect.getdoc(maker(name)) or "").partition("source: ")
    head, _, summary = said.partition(" - ")
    automaton = program(Runs(1, name, ("a0",), "a0"), (TABLE,), PAGE)
    return (
        rst.target("program", name)
        + rst.title(name, "~")
        + f"``{maker(name).__name__}()``: {_sentence(summary or head)}\n\n"
        + (CARELESSNESS if name in CARELESS else "")
        + (rst.field("Source", rst.inline(source)) + "\n" if source else "")
        + rst.code("\n".join(steps(automaton)))
    )


def _sentence(text: str) -> str:
    return rst.inline(text[:1].lower() + text[1:]).rstrip(". ") + "."


def steps(automaton: Automaton) -> Iterator[str]:
    """Every step: from where, what, and where to; places have numbers in the order in which they are come to."""
    actions = [edge.action for edges in automaton.nodes for edge in edges]
    names = Names([action.event for action in actions if isinstance(action, Act)])
    places = list(reached(automaton))
    for place in places:
        for at, edge in enumerate(automaton.nodes[place]):
            assert isinstance(edge.action, Act), "a program has no callbacks and sends no IPIs"
            to = "end" if edge.to == ENDED else str(places.index(edge.to) + 1)
            here = "" if at else str(places.index(place) + 1)
            yield f"{here:>3}  {describe(edge.action.event, names):44} {to:>3}"


def reached(automaton: Automaton) -> Iterator[int]:
    """The places of an automaton from its start, its end apart: the first of several ways first."""
    waiting = [automaton.start]
    seen = {ENDED}
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            yield place
            waiting.extend(edge.to for edge in reversed(automaton.nodes[place]))


def guards() -> str:
    """Every guard by its name."""
    text = (
        "There is no other law than these. Each is left out in turn by a test, and each time some committed answer "
        "turns: so none of them is decoration.\n\n"
    )
    return text + "".join(rst.definition(f"``{name}``", f"{rst.inline(said)}.") for name, said in GUARDS.items())
