# SPDX-License-Identifier: GPL-2.0-only
"""What the page beside a port tells of its era: the mechanism, the functions, the services, the rules.

The same in every language.  What an era has and has not is asked of the specification, or follows from its place
among the eras.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from mmu_gather_spec import kernel, kernel_earlier, kernel_later, linked, linked_later
from mmu_gather_spec.contract import CONTRACT_ERAS, Contract, contract_of
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import in_order
from mmu_gather_spec.rule import Binds, Level
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import c_header, c_tables

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
#: What only an arch half asks for, or who boots the kernel.
NOT_GENERIC: Final = re.compile(r"hash|Hash|tlbi|flush_tlb|cpu_var|kmem|dtor|page_address|booted|running|load|store")
#: What was merged into another service when one grace period began to wait for everything.
SCHED: Final = ("call_rcu_sched", "synchronize_sched")


def fill(template: str, **parts: str) -> str:
    """A template with its parts filled in; a part is `@name@` on a line or inside one."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def readme(language: str, era: str) -> str:
    """The page beside a port."""
    of = contract_of(era)
    return fill(
        f"README.{language}.txt",
        era=f"{era} ({ERAS[era].summary})",
        steps="\n".join(f"{number}. {step}" for number, step in enumerate(steps(of), 1)),
        functions="\n".join(entry(name, of.functions[name]) for name in provided(of)),
        linked="\n".join(entry(name, of.functions[name]) for name in called(of)),
        services="\n".join(map(service, services(era))),
        called=", ".join(f"`{name}({c_header.prototype(name, era).passed})`" for name in called(of)),
        encoded=ENCODED if batches(of) else "",
        batch=batch("batch.md.txt", of),
        made=(HANDED_OUT if handed_out(of) else MADE)[language],
        kconfig=KCONFIG if c_tables.is_ranged(era) else "",
        folios=FOLIOS[language] if encodes(of) else "",
        rcu=call_rcu(era),
        gfp=gfp(era),
        rules="\n".join(rules(era)),
    )


#: Where a gather comes from.
MADE: Final = {
    "python": "The suite makes one, with garbage in\nevery field, and takes it away while a callback runs.",
    "c": "The suite makes one with garbage in it, and puts\ngarbage into it while a callback runs.",
}
HANDED_OUT: Final = {
    "python": """\
`tlb_gather_mmu()` hands out the one of
this CPU, `per_cpu("mmu_gathers", make)`, where `make` makes one that is 0 throughout.""",
    "c": """\
`tlb_gather_mmu()` hands out the one of this CPU,
`__get_cpu_var_mmu_gathers()`, which is 0 throughout as the machine comes up.""",
}
#: What is said to whoever queues a table.
ENCODED: Final = "`table` arrives encoded: pass it to `__tlb_remove_table()` as it came.\n"
#: What the kernel asks of its configuration, and a port of the generic half does not learn.
KCONFIG: Final = (
    "\nNo Kconfig option but `CONFIG_SMP` is told. Where the kernel asks for another, do what is right with it and "
    "without it:\nflush, for example, at each change of the page size and at the end of each VMA.\n"
)
#: How a slot holds pages, where it may hold several of one folio.
FOLIOS: Final = {
    "c": """\

Pages of one folio go to `free_encoded_pages_and_swap_cache()` as two slots: the address of the first with
`ENCODED_PAGE_BIT_NR_PAGES_NEXT` in it, then their number, `nr << 2`. A slot with `ENCODED_PAGE_BIT_DELAY_RMAP`
waits for `tlb_flush_rmaps()`. Both are slots: there has to be room for two when a run of pages is given.
""",
    "python": """\

Pages of one folio go to `free_encoded_pages_and_swap_cache()` as two slots: `encode_page()` of the first with
`ENCODED_PAGE_BIT_NR_PAGES_NEXT`, then their number, `encode_nr_pages()`. A slot with `ENCODED_PAGE_BIT_DELAY_RMAP`
waits for `tlb_flush_rmaps()`. Both are slots: there has to be room for two when a run of pages is given.
""",
}


def encodes(of: Contract, /) -> bool:
    """Whether a slot may hold several pages of one folio."""
    return "__tlb_remove_folio_pages" in of.functions


def batches(of: Contract, /) -> bool:
    """Whether it is generic code that batches tables."""
    return "tlb_remove_table" in of.generic_half


def handed_out(of: Contract, /) -> bool:
    """Whether a gather is not its caller's, but a CPU's."""
    return "tlb" not in inspect.signature(of.functions["tlb_gather_mmu"]).parameters


def batch(template: str, of: Contract, /) -> str:
    """What concerns a batch of tables; nothing where generic code has none."""
    return fill(template, gfp=gfp(of.era), rcu=call_rcu(of.era)) if batches(of) else ""


def call_rcu(era: str, /) -> str:
    """What waits for a grace period that holds walkers off."""
    return "call_rcu" if ERAS[era].consolidated_rcu else "call_rcu_sched"


def gfp(era: str, /) -> str:
    """How a page is asked for that may not be had: since v3.0 without the reserves, and without a word."""
    later = CONTRACT_ERAS.index(era) >= CONTRACT_ERAS.index("v3.0")
    return "GFP_NOWAIT | __GFP_NOWARN" if later else "GFP_ATOMIC"


def steps(of: Contract, /) -> Iterator[str]:
    """The mechanism of an era."""
    grace = RULES["separation.fallback-is-a-grace-period"].status_in(of.era).judges()
    yield "The caller begins a *gather* and gives it pages and tables that it has unhooked."
    if not batches(of):
        yield (
            "Tables are the architecture's affair: `pte_free_tlb()` and `pmd_free_tlb()` hand them on to "
            "`__pte_free_tlb()` and\n   `__pmd_free_tlb()`, and its `tlb_flush()` submits what it has collected."
        )
        yield (
            "A flush calls `tlb_flush()`, then frees the pages; but only if something was unmapped since the last "
            "flush. The\n   end of the gather is a flush, after which it holds nothing."
        )
        return
    yield (
        f"Tables are collected in a *batch*: one page of kernel memory, from `__get_free_page({gfp(of.era)})`. A full "
        f"batch\n   goes to `{call_rcu(of.era)}()`; its callback frees each table with `__tlb_remove_table()`, then "
        "the page of the batch."
    )
    if grace:
        yield (
            "If no batch can be had, `synchronize_rcu()` waits for every walker; then the one table is freed at once."
        )
    else:
        yield (
            "If no batch can be had, `smp_call_function(f, None, 1)` interrupts every other CPU and waits, which no "
            "walker\n   with its interrupts off outlasts; then the one table is freed at once."
        )
    if "tlb_needs_table_invalidate" in of.arch_half:
        yield (
            "Where `tlb_needs_table_invalidate()`, hardware reads the tables itself: `tlb_flush()` comes before a "
            "batch is\n   submitted, and before one table is freed."
        )
    yield (
        "A flush calls `tlb_flush()`, then submits the batch, then frees the pages; but only if something was\n"
        "   unmapped since the last flush. The end of the gather is a flush, after which it holds nothing."
    )


def provided(of: Contract, /) -> tuple[str, ...]:
    """The functions of the generic half: all that callers of the era may call."""
    return (*of.generic_half, *(of.other_callers if c_tables.is_ranged(of.era) else ()))


def called(of: Contract, /) -> tuple[str, ...]:
    """What a generic half calls in the arch half."""
    return tuple(name for name in of.arch_half if name in c_tables.CROSSINGS)


def link_of(name: str, era: str, /) -> ModuleType:
    """The part of the link table that has a function in an era's form."""
    later = c_tables.is_ranged(era) and hasattr(linked_later, name)
    return linked_later if later else linked


def signature(function: Callable[..., object], /) -> str:
    """A function of the contract as a module defines it, from the parenthesis on."""
    plain = str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()")
    return plain.replace("'", "").replace("words.", "")


def entry(name: str, function: Callable[..., object], /) -> str:
    """A function of the contract as one item of a list."""
    title, _, body = (inspect.getdoc(function) or "").partition("\n\n")
    summary = title.partition(" - ")[2]
    return f"- `{name}{signature(function).replace(', /', '')}`: {summary}. " + body.replace("\n", " ")


def services(era: str, /) -> Iterator[tuple[ModuleType, str]]:
    """The kernel's services that a generic half of an era may call, and where each is."""
    in_c = {name for _, name, _ in c_tables.services(era)}
    others = {name for _, name, _ in c_tables.services(CONTRACT_ERAS[-1])} - in_c
    modules = [kernel, *([kernel_earlier] if era == CONTRACT_ERAS[0] else []), kernel_later]
    for module in modules:
        for name, function in vars(module).items():
            ours = inspect.isfunction(function) and function.__module__ == module.__name__
            late = module is kernel_later and not (name in in_c or c_tables.is_ranged(era))
            merged = ERAS[era].consolidated_rcu and name in SCHED
            if ours and name not in others and not (late or merged or NOT_GENERIC.search(name)):
                yield module, name


def service(found: tuple[ModuleType, str], /) -> str:
    """A service as one item of a list."""
    module, name = found
    function = vars(module)[name]
    plain = signature(function).replace(", /", "").replace(" = ", '=""')
    return f"- `{name}{plain}`: " + " ".join((inspect.getdoc(function) or "").split())


def rules(era: str, /) -> Iterator[str]:
    """What a port of the generic half is held to in an era."""
    for rule in RULES.values():
        status = rule.status_in(era)
        if rule.binds is Binds.PORT and status.judges() and not rule.id.startswith(("walk.", "arch.")):
            known = ", ".join(in_order(status.errata))
            permitted = f" (known defects of the era are permitted: {known})" if known else ""
            may = "" if rule.level is Level.MUST else f" [{rule.level.value}]"
            yield f"- `{rule.id}`{may}: {rule.sentence}{permitted}"
