# SPDX-License-Identifier: GPL-2.0-only
"""A scenario: what a caller does with a gather, and which answers the kernel may give meanwhile.

It is data, a few operations long, so that it can be saved, shrunk and replayed.  An operation
is what kernel code does as a whole: `Page` unmaps a page and gives it to the gather as
zap_pte_range does, `Table` unhooks a table and frees it as free_pte_range does.

A scenario says nothing about implementations and nothing about right and wrong, with one
exception: a misuse names the caller's rule that it breaks, and is a test of that rule's monitor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias

from mmu_gather_spec.record import record

if TYPE_CHECKING:
    from msgspec import Meta

#: The number of the file format; a file of another number is refused.
FORMAT = 1

#: A caller has two gathers at most.
Name: TypeAlias = Literal["a", "b"]
#: How often an operation is done.  More than this no run can hold.
Count: TypeAlias = "Annotated[int, Meta(ge=1, le=20_000)]"
#: An index size, or what a caller may take for one.
Shift: TypeAlias = "Annotated[int, Meta(ge=-64, le=1 << 31)]"


@record(frozen=True, slots=True)
class Op:
    """One thing that a caller does; `gather` says with which of its gathers."""

    #: what it is called in a file
    op: ClassVar[str]
    gather: Name = "a"


@record(frozen=True, slots=True)
class Gather(Op):
    """tlb_gather_mmu()."""

    op = "gather"
    fullmm: bool = False
    #: the caller forgets to take the VMA out of the reverse maps
    attached: bool = False


@record(frozen=True, slots=True)
class GatherVma(Op):
    """tlb_gather_mmu_vma(): a gather of one mapping."""

    op = "gather_vma"
    hugetlb: bool = True


@record(frozen=True, slots=True)
class Table(Op):
    """Unhook a table and free it by pte_free_tlb() or pmd_free_tlb()."""

    op = "table"
    level: Literal["pte", "pmd"] = "pte"
    count: Count = 1
    #: False: the caller forgets to unhook it first
    unlinked: bool = True


@record(frozen=True, slots=True)
class Direct(Op):
    """Unhook a table and call pgtable_free_tlb(), as free_hugepd_range does."""

    op = "direct"
    shift: Shift = 0
    #: bits that are set in the table's address though they must be clear
    misaligned: Annotated[int, Meta(ge=0, le=0xFFF)] = 0


@record(frozen=True, slots=True)
class Opaque(Op):
    """Call tlb_remove_table() with a word of the arch's making."""

    op = "opaque"
    shift: Shift = 0


@record(frozen=True, slots=True)
class Again(Op):
    """Free the last PTE table once more."""

    op = "again"


@record(frozen=True, slots=True)
class Page(Op):
    """Unmap pages under the PTE lock and give them to the gather."""

    op = "page"
    count: Count = 1
    lazy: bool = True
    #: False: tlb_remove_tlb_entry() is not called; what the page was mapped by is gone otherwise
    noted: bool = True
    #: every second one is a huge page
    mixed: bool = False
    #: they are pages of a file, and were written to through these entries
    dirty: bool = False


@record(frozen=True, slots=True)
class Folio(Op):
    """Unmap a run of pages of one folio and give them at once; one by one in eras that do not know that."""

    op = "folio"
    count: Count = 2
    #: they were written to through these entries
    dirty: bool = False


@record(frozen=True, slots=True)
class Entry(Op):
    """Clear one PTE and note it, without a page to free."""

    op = "entry"


@record(frozen=True, slots=True)
class Flush(Op):
    """tlb_flush_mmu() in the middle."""

    op = "flush"


@record(frozen=True, slots=True)
class Invalidate(Op):
    """tlb_flush_mmu_tlbonly() by itself."""

    op = "invalidate"


@record(frozen=True, slots=True)
class StartVma(Op):
    """tlb_start_vma(): what follows belongs to this mapping."""

    op = "start_vma"
    #: a mapping of pages that the mm keeps no count of: VM_PFNMAP
    pfn: bool = False


@record(frozen=True, slots=True)
class EndVma(Op):
    """tlb_end_vma()."""

    op = "end_vma"
    pfn: bool = False


@record(frozen=True, slots=True)
class Detach(Op):
    """The mapping leaves the reverse maps, in free_pgtables(): between its pages and its tables."""

    op = "detach"
    #: of pages that the mm keeps no count of
    pfn: bool = False


@record(frozen=True, slots=True)
class PageSize(Op):
    """tlb_change_page_size(), to 4K or to 2M."""

    op = "page_size"
    huge: bool = False


@record(frozen=True, slots=True)
class SyncOne(Op):
    """tlb_remove_table_sync_one(), as who keeps a table for himself calls it."""

    op = "sync_one"


@record(frozen=True, slots=True)
class TableFlush(Op):
    """tlb_table_flush() by itself."""

    op = "table_flush"


@record(frozen=True, slots=True)
class Unshare(Op):
    """huge_pmd_unshare(), under the lock of the table and of the mapping: leave a PMD table that others map."""

    op = "unshare"
    count: Count = 1


@record(frozen=True, slots=True)
class FlushUnshared(Op):
    """huge_pmd_unshare_flush(): what was unshared may be used for something else behind the mapping's lock."""

    op = "flush_unshared"
    #: the lock of the mapping goes then; False: it is kept, for more to come
    unlocks: bool = True
    #: False: the caller forgets to call it, and only lets go of the lock
    called: bool = True


@record(frozen=True, slots=True)
class Access(Op):
    """A thread of the mm that still runs, on the other CPU, reaches for the page that was unmapped last."""

    op = "access"


@record(frozen=True, slots=True)
class Migrate(Op):
    """The task goes on on the other CPU."""

    op = "migrate"


@record(frozen=True, slots=True)
class Finish(Op):
    """tlb_finish_mmu()."""

    op = "finish"


AnyOp: TypeAlias = (
    Gather | GatherVma | Table | Direct | Opaque | Again | Page | Folio | Entry | Flush | Invalidate | StartVma | EndVma
    | Detach | PageSize | SyncOne | TableFlush | Unshare | FlushUnshared | Access | Migrate | Finish
)  # fmt: skip


@record(frozen=True, slots=True)
class Answers:
    """What the kernel may answer: the first of each domain is the ordinary answer."""

    alloc: Annotated[tuple[bool, ...], Meta(min_length=1)] = (True,)
    #: the same for a page of slots, where that is not to vary with the rest
    slots: tuple[bool, ...] = ()
    mm_users: Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(min_length=1)] = (2,)
    online: Annotated[tuple[Annotated[int, Meta(ge=1, le=64)], ...], Meta(min_length=1)] = (2,)
    #: whether CPUs come online meanwhile: the first number is there at first, and who looks may find more
    rising: bool = False
    #: mm_cpumask: every CPU that is online, or the caller's alone
    cpumask: Annotated[tuple[Literal["everywhere", "here"], ...], Meta(min_length=1)] = ("everywhere",)
    #: to which of these CPUs the mm is attached, so that something of it may run there: s390 asks
    attached: Annotated[tuple[Literal["everywhere", "here"], ...], Meta(min_length=1)] = ("everywhere",)
    #: the hardware's id of the address space; 0 is none yet
    context: Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(min_length=1)] = (1,)
    #: what waits at the start in this CPU's hash batch, or in sparc64's TLB batch
    hash_batch: Annotated[tuple[Literal["empty", "this mm", "another mm"], ...], Meta(min_length=1)] = ("empty",)
    grace: Annotated[tuple[Literal["late", "early"], ...], Meta(min_length=1)] = ("late", "early")
    #: whether the task is preempted and moved just before it switches preemption off
    moves: Annotated[tuple[bool, ...], Meta(min_length=1)] = (False,)
    #: whether another gather is pending on the mm; none: as it is counted
    nested: tuple[bool, ...] = ()
    #: whether another gather has set or cleared s390's flush_mm since this one did; none: as it is set
    others_flush: tuple[bool, ...] = ()
    #: whether the caller finds its PTEs present; another gather may have cleared them
    pte: Annotated[tuple[bool, ...], Meta(min_length=1)] = (True,)
    #: how many other address spaces map a PMD table that is unshared
    sharers: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1)] = (1,)


@record(frozen=True, slots=True)
class Scenario:
    """A named caller program."""

    name: str
    summary: str
    ops: tuple[AnyOp, ...]
    answers: Answers = Answers()
    #: archs it runs on; empty for all
    archs: tuple[str, ...] = ()
    #: configuration names it runs on; empty for all
    configs: tuple[str, ...] = ()
    #: whether it also runs at the real capacity and at a small one
    sizes: tuple[str, ...] = ("real", "small")
    #: most deviations from the ordinary answers in one run; None: closure
    deviations: int | None = None
    #: the caller's rule that this program breaks on purpose
    misuse: str | None = None
    #: a second gather is run whole at each boundary of the first
    nested: bool = False
    #: rules to judge by, where an erratum leaves nothing else to judge; empty for all
    only: tuple[str, ...] = ()
    #: it enters generic code directly, with words that an arch half would have made
    generic: bool = False
    #: the first era and the last one in which a caller may do so; empty for all before, or after
    since: str = ""
    until: str = ""
    #: it runs nothing: the configurations of the arch are put to the build
    builds: bool = False
