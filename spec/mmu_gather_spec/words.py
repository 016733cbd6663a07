# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Machine words that look alike in C and must not be mixed up.

In C, a table, a table with its shift in the low bits, and a shift are all words,
and the compiler lets one stand for another.  Here each is a class of its own
without arithmetic; going from one to the other takes the cast that C code writes,
`unsigned_long(table)` and `pgf_p(word)`.  So a port that swaps `table` and `shift`
fails its type check, and a port that forgets to encode does, too.

Nothing here knows how wide a word is: that is a fact of the machine a port is
linked for, and `kernel.BITS_PER_LONG` tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol, TypeAlias

from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class ctype:
    """How a Python annotation is spelled in C: used to generate the C header."""

    spelling: str


unsigned_int: TypeAlias = Annotated[int, ctype("unsigned int")]
signed_int: TypeAlias = Annotated[int, ctype("int")]
ulong: TypeAlias = Annotated[int, ctype("unsigned long")]
gfp_t: TypeAlias = Annotated[int, ctype("gfp_t")]


class Word:
    """One machine word with a kind.  Equal when kind and value are."""

    __slots__ = ("value",)

    def __init__(self, value: int, /) -> None:
        self.value = value

    def __eq__(self, other: object, /) -> bool:
        return isinstance(other, Word) and type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value:#x})"


class table_p(Word):
    """`void *table`: where a page table is.  Its low bits are clear."""

    __slots__ = ()


class pgf_p(Word):
    """`void *`, a table with its shift in the low bits; `pgf` is the seed's word for it.

    Generic code passes it on as it came and never looks inside.
    """

    __slots__ = ()


class page_p(Word):
    """`struct page *`: a page of user data, or the page behind a PTE table."""

    __slots__ = ()


class pgtable_t(Word):
    """`pgtable_t`: a PTE table as its architecture holds it.

    `struct page *` on most; `pte_t *` on powerpc once several tables share a page.
    """

    __slots__ = ()


class ptdesc_p(Word):
    """`struct ptdesc *`: what the kernel knows of a page that is a table."""

    __slots__ = ()


class nr_pages_t(Word):
    """`unsigned int nr_pages`: how many pages, or entries, one after the other."""

    __slots__ = ()


class kaddr(Word):
    """`unsigned long`, the address of a page that the kernel's allocator handed out."""

    __slots__ = ()


class shift_t(Word):
    """The index size of a table, in bits; 0 stands for a PTE page.

    The seed writes `int shift` on SMP and `unsigned shift` elsewhere, and that
    difference is an erratum (S8).  This class carries whatever the caller gave.
    """

    __slots__ = ()


class rcu_head_p(Word):
    """`struct rcu_head *`: the head that a batch carries, by its address."""

    __slots__ = ()


class encoded_page_p(Word):
    """`struct encoded_page *`: a page with two flags in its low bits, or a count of pages of one folio."""

    __slots__ = ()


#: The rmap of this page is to be removed once the TLB is flushed.
ENCODED_PAGE_BIT_DELAY_RMAP = 1
#: The next slot holds how many pages of the same folio these are.
ENCODED_PAGE_BIT_NR_PAGES_NEXT = 2
ENCODED_PAGE_BITS = 3
#: sizeof(struct page): from one page of a folio to the next.
STRUCT_PAGE = 64


def encode_page(page: page_p, flags: int, /) -> encoded_page_p:
    """A page and its flags in one word."""
    return encoded_page_p(page.value | flags)


def encoded_page_flags(page: encoded_page_p, /) -> int:
    """The flags of an encoded page."""
    return page.value & ENCODED_PAGE_BITS


def encoded_page_ptr(page: encoded_page_p, /) -> page_p:
    """The page of an encoded page."""
    return page_p(page.value & ~ENCODED_PAGE_BITS)


def encode_nr_pages(nr: nr_pages_t, /) -> encoded_page_p:
    """A count of pages, as a slot holds it."""
    return encoded_page_p(nr.value << 2)


def encoded_nr_pages(page: encoded_page_p, /) -> nr_pages_t:
    """The count that a slot holds."""
    return nr_pages_t(page.value >> 2)


def nth_page(page: page_p, n: int, /) -> page_p:
    """The page `n` places behind `page` in its folio."""
    return page_p(page.value + n * STRUCT_PAGE)


def pt_rcu_head(table: pgf_p, /) -> rcu_head_p:
    """`&ptdesc->pt_rcu_head`: the rcu_head that a table's ptdesc carries; here it goes by the table's address."""
    return rcu_head_p(table.value)


def ptdesc_of(head: rcu_head_p, /) -> pgf_p:
    """`container_of(head, struct ptdesc, pt_rcu_head)`: the table whose ptdesc carries the head."""
    return pgf_p(head.value)


def unsigned_long(word: Word, /) -> int:
    """The cast `(unsigned long)word`: the bare value, as wide as it came."""
    return word.value


rcu_callback_t: TypeAlias = Callable[[rcu_head_p], None]
smp_call_func_t: TypeAlias = Callable[[object], None]


class atomic_t:
    """A counter that other CPUs change.  Only `atomic_read` says what it holds."""

    __slots__ = ("name",)

    def __init__(self, name: str, /) -> None:
        self.name = name


class pte_t:
    """One page-table entry in memory: the page it maps and its flag bits.

    `ptep_get_and_clear` keeps `_PAGE_HASHPTE`, since the flush that comes after it
    has to find the hash entry.  source: arch/powerpc pgtable-ppc32.h.
    """

    __slots__ = ("flags", "page")

    def __init__(self, page: page_p | None, flags: int, /) -> None:
        self.page = page
        self.flags = flags


#: The flag that says: this entry may have a copy in the hash table.
_PAGE_HASHPTE = 0x2


def pte_val(ptep: pte_t, /) -> int:
    """The flag bits of an entry, as `pte_val(*ptep)` gives them to a mask."""
    return ptep.flags


class mm_struct:
    """What of an address space this mechanism reads."""

    __slots__ = ("context_id", "mm_count", "mm_users", "name")

    def __init__(self, name: str, context_id: int, /) -> None:
        self.name = name
        self.context_id = context_id
        self.mm_users = atomic_t("mm_users")
        self.mm_count = atomic_t("mm_count")


class vm_area_struct:
    """What of a mapping this mechanism reads: whose it is, and three of its flags."""

    __slots__ = ("vm_exec", "vm_hugetlb", "vm_mm", "vm_pfn")

    def __init__(
        self, vm_mm: mm_struct, /, *, vm_exec: bool = False, vm_hugetlb: bool = False, vm_pfn: bool = False
    ) -> None:
        self.vm_mm = vm_mm
        #: VM_EXEC
        self.vm_exec = vm_exec
        #: VM_HUGETLB
        self.vm_hugetlb = vm_hugetlb
        #: VM_PFNMAP or VM_MIXEDMAP: pages that the mm keeps no count of
        self.vm_pfn = vm_pfn


class mmu_gather(Protocol):
    """`struct mmu_gather`: the generic half declares it; others see only `mm`."""

    mm: mm_struct


class ranged_gather(mmu_gather, Protocol):
    """`struct mmu_gather` since it keeps what was unmapped: what an arch's tlb_flush() may look at."""

    start: int  #: the first address that was unmapped
    end: int  #: the one behind the last; 0 where there is none
    fullmm: int  #: the whole address space goes away
    need_flush_all: int  #: the range is not enough
    freed_tables: int  #: a table was freed
    cleared_ptes: int  #: entries of PTE tables were cleared
    cleared_pmds: int
    cleared_puds: int
    cleared_p4ds: int
