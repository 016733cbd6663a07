# SPDX-License-Identifier: GPL-2.0-only
"""The contract as a page: each function with its signature in both languages, its text, and the rules that bind it.

autodoc cannot do it.  The halves are Protocols, and inside a class body Python mangles `__tlb_remove_table`; so the
names come from `contract.functions`, which gives the kernel's back.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import rst
from mmu_gather_conformance import c_header
from mmu_gather_conformance.static.headers import shown
from mmu_gather_spec import contract, kernel
from mmu_gather_spec.bound import rules_binding
from mmu_gather_spec.contract import ARCH_HALF, GENERIC_HALF, HASH64_HALF, rfc_2010
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.rules import RULES

PREAMBLE = """\
A port is functions with exactly these names. The type checkers see a module, or several, that provide them; the C
header is made from the same text. Types such as ``pgf_p`` are words of C that must not be mixed up, each with a class
of its own.

"""


def page() -> str:
    """The contract, half by half, then the kernel's services."""
    text = rst.SPDX + rst.title("The kernel API") + PREAMBLE
    for heading, protocol, chosen in (
        ("The generic half", contract.GenericHalf, GENERIC_HALF),
        ("The arch half", contract.ArchHalf, ARCH_HALF),
        ("What hash64 has besides", contract.TracksHash, HASH64_HALF),
        ("What other callers ask for", rfc_2010.OtherCallers, contract.contract_of().other_callers),
    ):
        text += rst.title(heading, "-") + rst.paragraphs(inspect.getdoc(protocol) or "")
        text += "".join(map(function_entry, chosen))
    text += rst.title("The kernel's services", "-") + rst.paragraphs(inspect.getdoc(kernel) or "")
    return text + "".join(service_entry(name, function) for name, function in services())


def function_entry(name: str) -> str:
    """One function of the contract."""
    function = contract.functions()[name]
    head, _, body = (inspect.getdoc(function) or "").partition("\n\n")
    judging = (rule for rule in rules_binding(name, RULES) if rule.status_in(DEFAULT_ERA).judges())
    bound = [rst.ref("rule", rule.id) for rule in judging]
    rules = rst.field("Rules", ", ".join(bound)) + "\n" if bound else ""
    return (
        rst.target("api", name)
        + rst.title(name, "~")
        + f"{_sentence(head.partition(' - ')[2])}\n\n"
        + rst.code(f"def {name}{_signature(function)}", "python")
        + rst.code(shown(c_header.prototype(name)), "c")
        + _body(body).rstrip("\n")
        + f"\n{rules}\nEach era's form, and the reference's code: {rst.ref('function', name, f'{name}() by era')}.\n\n"
    )


def _body(text: str) -> str:
    """What the docstring says, and then where it may be called from and where that can be read."""
    said, _, source = " ".join(text.split()).partition("Source: ")
    said, _, context = said.partition("Context: ")
    ends = {"Context": context, "Source": source.removesuffix(".")}
    return rst.paragraphs(said) + "".join(rst.field(name, rst.inline(end)) for name, end in ends.items() if end) + "\n"


def services() -> Iterator[tuple[str, Callable[..., object]]]:
    """What a port may call, in the order of the file."""
    for name, function in vars(kernel).items():
        if inspect.isfunction(function) and function.__module__ == kernel.__name__:
            yield name, function


def service_entry(name: str, function: Callable[..., object]) -> str:
    """One service."""
    return (
        rst.target("api", name)
        + rst.title(name, "~")
        + rst.code(f"def {name}{_signature(function)}", "python")
        + rst.paragraphs(inspect.getdoc(function) or "")
    )


def _sentence(summary: str) -> str:
    return f"{summary[:1].upper()}{rst.inline(summary[1:])}."


def _signature(function: Callable[..., object]) -> str:
    return str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()").replace("'", "")
