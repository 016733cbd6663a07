# SPDX-License-Identifier: GPL-2.0-only
"""The C header of an era, made from the typed contract, and the same declarations for cffi.

The contract says which functions there are, with which arguments; `c_tables` says how the kernel's services
look in C.  The header and the declarations that the suite loads a library by are printed from the same two
tables, so they cannot disagree.  `python -m mmu_gather_conformance.c_header [ERA]` prints the header.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Final, get_args, get_origin, get_type_hints

from mmu_gather_spec import contract, kernel, kernel_later, words
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.record import record

from mmu_gather_conformance.c_tables import crossings, function_names, is_ranged, range_members, services

ABI: Final = 1
TEMPLATE: Final = Path(__file__).parent / "templates" / "mmu_gather.h.txt"

_POINTERS: Final = {
    "mmu_gather": "struct mmu_gather *", "mm_struct": "struct mm_struct *", "page_p": "struct page *",
    "table_p": "void *", "pgf_p": "void *", "pte_t": "pte_t *", "shift_t": "int ", "bool": "bool ",
    "pgtable_t": "pgtable_t ", "ptdesc_p": "struct ptdesc *", "nr_pages_t": "unsigned int ",
    "vm_area_struct": "struct vm_area_struct *",
}  # fmt: skip

#: The flags of a mapping, by their names in the specification.
VM_FLAGS: Final = {"vm_exec": 0x1, "vm_pfn": 0x2, "vm_hugetlb": 0x8}

_RANGED_TYPES: Final = """
/* A PTE table as its architecture holds it. */
typedef struct page *pgtable_t;
struct ptdesc;
/*
 * A page with two flags in its low bits: its rmap goes when the TLB is flushed; and the next slot says how many
 * pages of the same folio these are, as `nr << 2`.
 */
struct encoded_page;
#define ENCODED_PAGE_BIT_DELAY_RMAP 1UL
#define ENCODED_PAGE_BIT_NR_PAGES_NEXT 2UL

/* The address behind the last one of a user. */
#define TASK_SIZE (1UL << (8 * sizeof(long) - 1))

/* What one entry of a PMD table maps, and what one PMD table does, in bytes: a page of tables holds a page of words. */
#define PAGE_SHIFT ((unsigned int)__builtin_ctzl(PAGE_SIZE))
#define MMU_GATHER_LEVEL_BITS (PAGE_SHIFT - (sizeof(long) == 8 ? 3 : 2))
#define PMD_SIZE (1UL << (PAGE_SHIFT + MMU_GATHER_LEVEL_BITS))
#define PUD_SIZE (1UL << (PAGE_SHIFT + 2 * MMU_GATHER_LEVEL_BITS))

/* What of a mapping this mechanism reads. */
#define VM_EXEC 0x1UL
#define VM_PFNMAP 0x2UL
#define VM_MIXEDMAP 0x4UL
#define VM_HUGETLB 0x8UL
struct vm_area_struct {
	struct mm_struct *vm_mm;
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
};

/*
 * What of a gather an arch may look at, and note where it writes its own pte_free_tlb(); a port of the generic half
 * tells it of its own gather, and takes it over.
 */
struct mmu_gather_range {
@range@
};
"""
_RANGE_MEMBERS: Final = """
	void (*range)(const struct mmu_gather *tlb, struct mmu_gather_range *range);
	void (*set_range)(struct mmu_gather *tlb, const struct mmu_gather_range *range);"""


@record(frozen=True, slots=True)
class Prototype:
    """A function of the contract in C."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    doc: str
    #: void, or what it returns
    result: str = "void"
    #: what the contract says of each parameter
    hints: tuple[object, ...] = ()

    @property
    def declared(self) -> str:
        """Its parameters with types, as in a prototype."""
        return ", ".join(kind + name for kind, name in self.parameters) or "void"

    @property
    def passed(self) -> str:
        """Its parameters as arguments."""
        return ", ".join(name for _, name in self.parameters)

    @property
    def returned(self) -> str:
        """What it returns, ready to stand before its name."""
        return _before(self.result)

    @property
    def called(self) -> str:
        """Its parameters as the suite calls it: with a place for the result, if it has one."""
        if self.result == "void":
            return self.declared
        place = f"{self.returned}*result"
        return f"{self.declared}, {place}" if self.parameters else place


@cache
def prototype(name: str, era: str = DEFAULT_ERA) -> Prototype:
    """The C form of one function of an era's contract."""
    function = contract.functions(era)[name]
    names = {**vars(words), "words": words}
    hints = get_type_hints(function, names, include_extras=True)
    parameters = [each for each in inspect.signature(function).parameters if each != "self"]
    typed = tuple((_spelled(hints[each]), each) for each in parameters)
    result = "void" if hints["return"] is type(None) else _spelled(hints["return"]).strip()
    return Prototype(name, typed, inspect.getdoc(function) or "", result, tuple(hints[each] for each in parameters))


def _spelled(hint: object) -> str:
    """A Python annotation as C spells it, ready to stand before a name."""
    if get_origin(hint) is Annotated:
        return next(extra.spelling for extra in get_args(hint) if isinstance(extra, words.ctype)) + " "
    assert isinstance(hint, type)
    return _POINTERS[hint.__name__]


def _member(result: str, name: str, parameters: str) -> str:
    return f"\t{_before(result)}(*{name})({parameters});"


def _before(result: str) -> str:
    return result if result.endswith("*") else result + " "


def _lines(make: Callable[[Prototype], str], chosen: Iterable[str], era: str) -> str:
    return "\n".join(make(prototype(name, era)) for name in chosen)


def _documented(each: Prototype) -> str:
    doc = textwrap.indent(each.doc, "\t * ", lambda line: True).replace("* \n", "*\n")
    return f"\t/**\n{doc}\n\t */\n" + _member(each.result, each.name, each.declared)


def _wrapper(result: str, name: str, parameters: str) -> str:
    arguments = _arguments(parameters)
    if result == "void":
        body = f"\tmmu_gather_env->{name}({arguments});\n\tmmu_gather_returned();"
    else:
        body = (
            f"\t{_before(result)}result = mmu_gather_env->{name}({arguments});\n\n"
            "\tmmu_gather_returned();\n\treturn result;"
        )
    return f"{_told(name)}static inline {_before(result)}{name}({parameters})\n{{\n{body}\n}}\n"


def _told(name: str) -> str:
    """What the kernel's model says of a service, as a comment; what is None there is 0 here."""
    doc = inspect.getdoc(getattr(kernel, name, None) or getattr(kernel_later, name, None)) or ""
    if not doc:
        return ""
    lines = textwrap.indent(doc.replace("None", "0"), " * ", lambda line: True)
    return f"/*\n{lines.replace(chr(32) + chr(10), chr(10))}\n */\n"


def _arguments(parameters: str) -> str:
    """The names in a parameter list; a pointer to a function is called func throughout."""
    if parameters == "void":
        return ""
    found = []
    for part in parameters.split(", "):
        found.append("func" if "(*func)" in part else part.split()[-1].lstrip("*"))
    return ", ".join(found)


def _link(each: Prototype) -> str:
    if each.result == "void":
        body = f"\tmmu_gather_env->{each.name}({each.passed});\n\tmmu_gather_returned();\n"
    else:
        body = (
            f"\t{_before(each.result)}result = mmu_gather_env->{each.name}({each.passed});\n\n"
            "\tmmu_gather_returned();\n\treturn result;\n"
        )
    return (
        f"static inline {_before(each.result)}mmu_gather_link_{each.name}({each.declared})\n{{\n{body}}}\n"
        f"#define {each.name}({each.passed}) mmu_gather_link_{each.name}({each.passed})\n"
    )


def _trampoline(each: Prototype) -> str:
    kept = "" if each.result == "void" else "*result = "
    return (
        f"static inline int mmu_gather_call_{each.name}({each.called})\n{{\n"
        f"\tMMU_GATHER_ENTER({kept}(mmu_gather_mine->{each.name})({each.passed}));\n}}\n"
    )


def _speaks_of_bool(names: Iterable[str], era: str) -> bool:
    """Whether a function of the era takes or returns one: the earlier eras do without."""
    return any("bool" in word for each in names for word in prototype(each, era).called.split())


def _parts(era: str) -> dict[str, str]:
    names, crossing, ranged = function_names(era), crossings(era), is_ranged(era)
    members = "\n".join(
        f"\tunsigned {'long' if name in ('start', 'end') else 'int'} {name};" for name in range_members(era)
    )
    filled = "\tops->{0} = mine->{0} ? mmu_gather_call_{0} : NULL;"
    return {
        "abi": str(ABI),
        "era": era,
        "stdbool": "#include <stdbool.h>\n" if _speaks_of_bool(names, era) else "",
        "ranged": _RANGED_TYPES.replace("@range@", members) if ranged else "",
        "hash_batch": str(PPC64_TLB_BATCH_NR),
        "hashpte": hex(words._PAGE_HASHPTE),
        "services": "\n".join(_member(*service) for service in services(era)),
        "crossings": _lines(lambda each: _member(each.result, each.name, each.declared), crossing, era),
        "functions": _lines(_documented, names, era) + (_RANGE_MEMBERS if ranged else ""),
        "ops": _lines(lambda each: _member("int", each.name, each.called), names, era)
        + (_RANGE_MEMBERS if ranged else ""),
        "wrappers": "\n".join(_wrapper(*service) for service in services(era)),
        "links": _lines(_link, crossing, era),
        "trampolines": _lines(_trampoline, names, era),
        "fill": _lines(lambda each: filled.format(each.name), names, era)
        + ("\n\tops->range = mine->range;\n\tops->set_range = mine->set_range;" if ranged else ""),
    }


def render(era: str = DEFAULT_ERA, /) -> str:
    """The header of an era."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in _parts(era).items():
        text = text.replace(f"@{name}@", part)
    return text


def declarations(era: str = DEFAULT_ERA, /) -> str:
    """The types of the header, as cffi reads them: no macros, no bodies."""
    text = render(era)
    types = text[text.index("typedef unsigned int gfp_t;") : text.index("/* One of each for a library")]
    types = types.replace("PPC64_TLB_BATCH_NR]", f"{PPC64_TLB_BATCH_NR}]").replace("volatile ", "")
    kept = [line for line in types.splitlines() if not line.startswith("#")]
    return "\n".join(kept) + "\nconst struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi);\n"


def declared(name: str, era: str = DEFAULT_ERA, /) -> str:
    """The prototype of a function of an era's contract, with its name in parentheses as it is defined."""
    each = prototype(name, era)
    return f"{each.returned}({name})({each.declared});"


def stub(name: str, era: str = DEFAULT_ERA, /) -> str:
    """A function of an era's contract to be filled in."""
    each = prototype(name, era)
    doc = textwrap.indent(each.doc, " * ", lambda line: True).replace("* \n", "*\n")
    body = f'\tmmu_gather_bug("{name} is not written yet");\n' + ("" if each.result == "void" else "\treturn 0;\n")
    return f"/**\n{doc}\n */\n{each.returned}({name})({each.declared})\n{{\n{body}}}\n"


if __name__ == "__main__":
    sys.stdout.write(render(*sys.argv[1:2]))
