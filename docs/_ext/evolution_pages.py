# SPDX-License-Identifier: GPL-2.0-only
"""A page for each function of the kernel API: its contract in each era, the rules, the reference's code, what changed.

Eras that say the same are told together, wherever they can be read.  Which eras there are, and which functions each
has, the contract knows; where an era has a reference, the reference room has its code.  Nothing is kept here.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from types import FunctionType
from typing import Final

import mmu_gather_arch
import rst
from mmu_gather_conformance import ports
from mmu_gather_conformance.c_header import prototype
from mmu_gather_conformance.config import CONFIGS
from mmu_gather_conformance.era_diff import changed_behind, words
from mmu_gather_conformance.static.headers import shown
from mmu_gather_spec.bound import functions_bound
from mmu_gather_spec.contract import CONTRACT_ERAS, contract_of
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.history import standings
from mmu_gather_spec.rules import RULES

STYLE: Final = """\
<style>
.beside { display: flex; flex-wrap: wrap; gap: 1rem }
.beside > div { flex: 1 1 26rem; min-width: 0 }
</style>
"""
NO_CODE: Final = "No era that can be run has code for it in the reference.\n\n"
NO_RULE: Final = "None.  What it has to do follows from the functions that call it.\n\n"


def names() -> tuple[str, ...]:
    """Every function that any era's contract has, in the order of the eras and of their files."""
    return tuple(dict.fromkeys(name for era in CONTRACT_ERAS for name in contract_of(era).functions))


def file_of(name: str) -> str:
    """The page of a function."""
    return f"api-{name}"


def overview() -> str:
    """Functions down, eras across, and the pages."""
    header = ("function", *(f"``{era}``" for era in CONTRACT_ERAS))
    rows = (
        (
            rst.ref("function", name, f"{name}()"),
            *("yes" if name in contract_of(era).functions else "–" for era in CONTRACT_ERAS),
        )
        for name in names()
    )
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Functions by era") + rst.html("wide.html")
    text += (
        "Which functions the contract of each era has. A function's page has its contract in each of them, the "
        "reference's code beside each other, and what changed.\n\n"
    )
    return text + rst.table(header, rows) + rst.toctree(map(file_of, names())).replace("\n\n", "\n   :hidden:\n\n", 1)


def page(name: str) -> str:
    """One function."""
    text = rst.SPDX + rst.target("function", name) + rst.title(f"{name}()")
    if name in contract_of(DEFAULT_ERA).functions:
        text += f"In the era that ports are held to by default: {rst.ref('api', name, f'{name}()')}.\n\n"
    text += rst.title("The contract", "-") + contracts(name)
    text += rst.title("The rules that bind it", "-") + rules(name)
    sources = code(name)
    text += rst.title("The reference's code", "-")
    if not sources:
        return text + NO_CODE
    text += rst.html("beside.html") + rst.directive("container", "beside", beside(sources))
    changed = changes(sources) + behind(name)
    return text + (rst.title("What changed", "-") + changed if changed else "")


def contracts(name: str) -> str:
    """Signature and text, once for all eras that have the same, and where that can be read."""
    told: dict[tuple[str, str, str], dict[str, str]] = {}
    for era in CONTRACT_ERAS:
        function = contract_of(era).functions.get(name)
        if function is not None:
            doc = (inspect.getdoc(function) or "").partition("\n\n")[2]
            said, _, source = " ".join(doc.split()).partition("Source: ")
            key = signature(name, function), shown(prototype(name, era)), said
            told.setdefault(key, {})[era] = source.removesuffix(".")
    text = ""
    for (typed, in_c, said), sources in told.items():
        text += (
            f"{_listed(list(sources))}:\n\n" + rst.code(in_c, "c") + rst.code(typed, "python") + rst.paragraphs(said)
        )
        text += rst.fields("Source", map(rst.inline, dict.fromkeys(sources.values()))) + "\n"
    return text


def rules(name: str) -> str:
    """The rules that a function has to be right for, and what each is in the eras that have both."""
    rows = []
    for rule in RULES.values():
        bound = (era for era in CONTRACT_ERAS if name in functions_bound(rule, era) and rule.status_in(era).judges())
        standing = [f"{words(status)}: {eras}" for status, eras in standings(rule, bound)]
        if standing:
            rows.append((rst.ref("rule", rule.id), rst.inline(rule.sentence), "; ".join(standing)))
    return rst.table(("rule", "what it says", "status"), rows, "26 46 28") if rows else NO_RULE


def signature(name: str, function: Callable[..., object]) -> str:
    """A function of the contract as a port writes it."""
    typed = str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()").replace("'", "")
    return f"def {name}{typed}"


def code(name: str) -> dict[str, list[str]]:
    """The reference's code of a function, and in which eras, or on which architectures of one, it is that."""
    found: dict[str, list[str]] = {}
    for era in ERAS:
        for where, source in _in_era(era, name):
            found.setdefault(source, []).append(where)
    return {source: list(dict.fromkeys(where)) for source, where in found.items()}


def _in_era(era: str, name: str) -> Iterator[tuple[str, str]]:
    """Generic code, or the code of each architecture that has it."""
    generic = _defined(tuple(module.__name__ for module in ports.reference_generic(era)), name)
    if generic:
        yield era, generic
        return
    for arch in ERAS[era].archs:
        for config in CONFIGS[arch]:
            if config.half in mmu_gather_arch.halves(era):
                modules = tuple(module.__name__ for module in ports.reference_arch(config, era))
                source = _defined(modules, name)
                if source:
                    yield f"{era} on {config.suffix().replace('/', ', ')}", source


@cache
def _defined(modules: tuple[str, ...], name: str) -> str:
    """The source of the last definition in some modules; empty where there is none."""
    for module in reversed(modules):
        function = vars(importlib.import_module(module)).get(name)
        if isinstance(function, FunctionType) and function.__module__ in modules:
            return textwrap.dedent(inspect.getsource(function))
    return ""


def beside(sources: dict[str, list[str]]) -> str:
    """Each form of the code in a column of its own."""
    return "".join(
        rst.directive("container", "", f"{_listed(where)}:\n\n" + rst.code(source, "python"))
        for source, where in sources.items()
    )


def changes(sources: dict[str, list[str]]) -> str:
    """The difference of each form of the code from the one before."""
    text = ""
    for (old, before), (new, after) in pairwise(sources.items()):
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), before[-1], after[0], lineterm="")
        text += f"From ``{before[-1]}`` to ``{after[0]}``:\n\n" + rst.code("\n".join(lines), "diff")
    return text


def behind(name: str) -> str:
    """In which era something changed that the function calls: its own text does not show it."""
    text = ""
    for before, after in pairwise(ERAS):
        found = changed_behind(name, before, after)
        if found:
            text += f"* :doc:`{after} <era-{after.replace('.', '-')}>`: {_listed(found)}\n"
    return f"What it calls changed as well:\n\n{text}\n" if text else ""


def _listed(names: list[str]) -> str:
    return ", ".join(f"``{name}``" for name in names)


def pages() -> dict[str, str]:
    """All of them by file name."""
    made = {f"{file_of(name)}.rst": page(name) for name in names()}
    return made | {"functions.rst": overview(), "beside.html": STYLE}
