# SPDX-License-Identifier: GPL-2.0-only
"""A port in Python to fill in: the contract's functions, each of which raises, and all that they may import."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Final

from mmu_gather_spec import layout, words
from mmu_gather_spec.contract import Contract, contract_of
from mmu_gather_spec.eras import DEFAULT_ERA

from mmu_gather_conformance import c_tables
from mmu_gather_conformance.scaffold import told

#: What a port takes beside its functions' types: a batch is written in these.
ALWAYS: Final = ("mm_struct", "page_p", "pgf_p", "rcu_head_p", "table_p", "unsigned_long")
LAYOUT: Final = ("FlexibleArray", "RcuHead", "Struct", "UnsignedInt", "container_of", "sizeof")
#: Flags that a page is asked for with.
FLAGS: Final = ("GFP_ATOMIC", "GFP_NOWAIT", "__GFP_NOWARN")
#: What a slot is written and read in, where it may hold several pages of one folio.
ENCODED: Final = (
    "ENCODED_PAGE_BIT_DELAY_RMAP", "ENCODED_PAGE_BIT_NR_PAGES_NEXT", "encode_nr_pages", "encode_page",
    "encoded_nr_pages", "encoded_page_flags", "encoded_page_p", "encoded_page_ptr",
)  # fmt: skip
LINE: Final = 120
#: Where a gather comes from.
MADE: Final = "The suite makes it and fills every field named here with garbage: write before you read."
OF_A_CPU: Final = "It is a CPU's: per_cpu() makes it when it is first asked for, and tlb_gather_mmu() hands it out."


def files(era: str, /) -> dict[str, str]:
    """The files of a port, by name."""
    of = contract_of(era)
    own = "" if era == DEFAULT_ERA else f'\n#: Whose contract this is a port of.\nERA = "{era}"\n'
    port = told.fill(
        "port.py.txt",
        imports=imports(of),
        era=own,
        batch=told.batch("batch.py.txt", of),
        made=OF_A_CPU if told.handed_out(of) else MADE,
        fields=fields(of),
        stubs="\n\n\n".join(stub(name, of.functions[name]) for name in told.provided(of)),
        of="" if era == DEFAULT_ERA else f" of {era}",
    )
    return {"port.py": port, "README.md": told.readme("python", era)}


def stub(name: str, function: Callable[..., object], /) -> str:
    """A function of the contract to be filled in."""
    doc = textwrap.indent(inspect.getdoc(function) or "", "    ").strip()
    head = f"def {name}{told.signature(function)}:"
    return f'{head}\n    """{doc}\n    """\n    raise NotImplementedError("{name} is not written yet")'


def imports(of: Contract, /) -> str:
    """The import lines: every service, every type that a function speaks of, and the other half."""
    taken = [(module.__name__, name) for module, name in told.services(of.era)]
    taken += [("mmu_gather_spec.kernel", name) for name in FLAGS]
    taken += [("mmu_gather_spec.layout", name) for name in LAYOUT if hasattr(layout, name)]
    taken += [(told.link_of(name, of.era).__name__, name) for name in told.called(of)]
    if told.encodes(of):
        taken += [("mmu_gather_spec.words", name) for name in ENCODED]
    if "tlb_unshare_pmd_ptdesc" in of.functions:
        taken += [("mmu_gather_spec.levels", name) for name in ("PMD_SIZE", "PUD_SIZE")]
    spoken = {word for name in told.provided(of) for word in re.findall(r"\w+", told.signature(of.functions[name]))}
    taken += [("mmu_gather_spec.words", name) for name in {*spoken, *ALWAYS} if hasattr(words, name)]
    modules = sorted({module for module, _ in taken})
    return "\n".join(_import(module, (name for of_, name in taken if of_ == module)) for module in modules)


def _import(module: str, names: Iterable[str]) -> str:
    """One import statement, which says what it is for."""
    ordered = sorted(set(names) - {"mmu_gather"}, key=_place)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _place(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    constant = name.isupper()
    return not constant, not (constant or name[0].isupper()), name.lower()


def fields(of: Contract, /) -> str:
    """The fields of a struct mmu_gather: what the other half may look at, and room for the rest."""
    gate = [f"{name}: int" for name in c_tables.range_members(of.era) or ("need_flush",)]
    slot = "encoded_page_p" if told.encodes(of) else "page_p"
    kept = [f"pages: list[{slot}]", *(["batch: mmu_table_batch | None"] if told.batches(of) else [])]
    return "\n".join(f"    {field}" for field in ("mm: mm_struct", *gate, *kept))
