# SPDX-License-Identifier: GPL-2.0-only
"""The C header, made from the typed contract, and the same declarations for cffi.

The contract says which functions there are, with which arguments; `SERVICES` says how the kernel's services
look in C.  The header and the declarations that the suite loads a library by are printed from the same two
tables, so they cannot disagree.  `python -m mmu_gather_conformance.c_header` prints the header.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Final, get_args, get_origin, get_type_hints

from mmu_gather_spec import contract, kernel, words
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.record import record

ABI: Final = 1
TEMPLATE: Final = Path(__file__).parent / "templates" / "mmu_gather.h.txt"

#: Every function that a port may provide.
FUNCTIONS: Final = (*contract.GENERIC_HALF, *contract.ARCH_HALF, *contract.HASH64_HALF)
#: Those that one half calls in the other.
CROSSINGS: Final = (
    "tlb_flush", "__tlb_remove_table", "__pte_free_tlb", "__pmd_free_tlb", "__tlb_remove_tlb_entry",
    "tlb_remove_table", "tlb_remove_page",
)  # fmt: skip

#: The kernel's services: result, name, parameters.  `flush_hash_range` takes its batch from the CPU it runs on.
SERVICES: Final = (
    ("unsigned long", "__get_free_pages", "gfp_t gfp_mask, unsigned int order"),
    ("void", "free_pages", "unsigned long addr, unsigned int order"),
    ("void", "kmem_cache_free", "int index, void *obj"),
    ("void", "call_rcu_sched", "struct rcu_head *head, void (*func)(struct rcu_head *)"),
    ("void", "call_rcu", "struct rcu_head *head, void (*func)(struct rcu_head *)"),
    ("void", "synchronize_sched", "void"),
    ("int", "smp_call_function", "void (*func)(void *), void *info, int wait"),
    ("int", "smp_call_function_many", "unsigned long mask, void (*func)(void *), void *info, int wait"),
    ("int", "smp_processor_id", "void"),
    ("int", "num_online_cpus", "void"),
    ("void", "preempt_disable", "void"),
    ("void", "preempt_enable", "void"),
    ("void", "local_irq_disable", "void"),
    ("void", "local_irq_enable", "void"),
    ("int", "atomic_read", "const atomic_t *v"),
    ("unsigned long", "mm_cpumask", "struct mm_struct *mm"),
    ("void", "free_pages_and_swap_cache", "struct page **pages, int nr"),
    ("void *", "page_address", "struct page *page"),
    ("void", "pgtable_page_dtor", "struct page *page"),
    ("void", "mmu_gather_bug", "const char *expression"),
    ("struct ppc64_tlb_batch *", "get_cpu_var_ppc64_tlb_batch", "void"),
    ("void", "put_cpu_var_ppc64_tlb_batch", "void"),
    ("void", "_tlbia", "void"),
    ("int", "flush_hash_pages", "unsigned int context, unsigned long va, pte_t *ptep, int count"),
    ("void", "flush_hash_page", "unsigned int context, unsigned long va, int local"),
    ("void", "flush_hash_range", "unsigned long number, int local"),
    ("void", "_tlbil_pid", "unsigned int pid"),
    ("void", "_tlbivax_bcast", "unsigned long vmaddr, unsigned int pid, unsigned int ind"),
    ("void", "flush_tlb_bcast", "unsigned int context"),
    ("void", "flush_tlb_cpu", "unsigned int context"),
)  # fmt: skip

_POINTERS: Final = {
    "mmu_gather": "struct mmu_gather *", "mm_struct": "struct mm_struct *", "page_p": "struct page *",
    "table_p": "void *", "pgf_p": "void *", "pte_t": "pte_t *", "shift_t": "int ",
    "pgtable_t": "pgtable_t ", "ptdesc_p": "struct ptdesc *", "nr_pages_t": "unsigned int ",
    "vm_area_struct": "struct vm_area_struct *", "bool": "bool ",
}  # fmt: skip


@record(frozen=True, slots=True)
class Prototype:
    """A function of the contract in C."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    doc: str
    #: void, or what it returns
    result: str = "void"

    @property
    def declared(self) -> str:
        """Its parameters with types, as in a prototype."""
        return ", ".join(kind + name for kind, name in self.parameters) or "void"

    @property
    def passed(self) -> str:
        """Its parameters as arguments."""
        return ", ".join(name for _, name in self.parameters)


def prototype(name: str, era: str = DEFAULT_ERA) -> Prototype:
    """The C form of one function of an era's contract."""
    function = contract.functions(era)[name]
    hints = get_type_hints(function, {**vars(words), "words": words}, include_extras=True)
    parameters = [each for each in inspect.signature(function).parameters if each != "self"]
    typed = tuple((_spelled(hints[each]), each) for each in parameters)
    result = "void" if hints["return"] is type(None) else _spelled(hints["return"]).strip()
    return Prototype(name, typed, inspect.getdoc(function) or "", result)


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


def _lines(make: Callable[[Prototype], str], chosen: Iterable[str] = FUNCTIONS) -> str:
    return "\n".join(make(prototype(name)) for name in chosen)


def _documented(each: Prototype) -> str:
    doc = textwrap.indent(each.doc, "\t * ", lambda line: True).replace("* \n", "*\n")
    return f"\t/**\n{doc}\n\t */\n" + _member("void", each.name, each.declared)


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
    doc = inspect.getdoc(getattr(kernel, name, None)) or ""
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
    return (
        f"static inline void mmu_gather_link_{each.name}({each.declared})\n{{\n"
        f"\tmmu_gather_env->{each.name}({each.passed});\n\tmmu_gather_returned();\n}}\n"
        f"#define {each.name}({each.passed}) mmu_gather_link_{each.name}({each.passed})\n"
    )


def _trampoline(each: Prototype) -> str:
    return (
        f"static inline int mmu_gather_call_{each.name}({each.declared})\n{{\n"
        f"\tMMU_GATHER_ENTER((mmu_gather_mine->{each.name})({each.passed}));\n}}\n"
    )


def _parts() -> dict[str, str]:
    return {
        "abi": str(ABI),
        "hash_batch": str(PPC64_TLB_BATCH_NR),
        "hashpte": hex(words._PAGE_HASHPTE),
        "services": "\n".join(_member(*service) for service in SERVICES),
        "crossings": _lines(lambda each: _member("void", each.name, each.declared), CROSSINGS),
        "functions": _lines(_documented),
        "ops": _lines(lambda each: _member("int", each.name, each.declared)),
        "wrappers": "\n".join(_wrapper(*service) for service in SERVICES),
        "links": _lines(_link, CROSSINGS),
        "trampolines": _lines(_trampoline),
        "fill": _lines(lambda each: f"\tops->{each.name} = mine->{each.name} ? mmu_gather_call_{each.name} : NULL;"),
    }


def render() -> str:
    """The header."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in _parts().items():
        text = text.replace(f"@{name}@", part)
    return text


def declarations() -> str:
    """The types of the header, as cffi reads them: no macros, no bodies."""
    text = render()
    types = text[text.index("typedef unsigned int gfp_t;") : text.index("/* One of each for a library")]
    types = types.replace("PPC64_TLB_BATCH_NR]", f"{PPC64_TLB_BATCH_NR}]").replace("volatile ", "")
    kept = [line for line in types.splitlines() if not line.startswith("#")]
    return "\n".join(kept) + "\nconst struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi);\n"


def stub(name: str) -> str:
    """A function of the contract to be filled in."""
    each = prototype(name)
    doc = textwrap.indent(each.doc, " * ", lambda line: True).replace("* \n", "*\n")
    return f'/**\n{doc}\n */\nvoid ({name})({each.declared})\n{{\n\tmmu_gather_bug("{name} is not written yet");\n}}\n'


if __name__ == "__main__":
    sys.stdout.write(render())
