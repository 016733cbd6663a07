# SPDX-License-Identifier: GPL-2.0-only
"""A litmus in words: what is so when it begins, who does what on which CPU, and what is asked.

The command and the pages print the same lines, and nothing that is not in the litmus.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mmu_gather_conformance.litmus import AnyPart, Gathers, Litmus
from mmu_gather_conformance.scenario import (
    Access,
    Again,
    AnyOp,
    Detach,
    Direct,
    EndVma,
    Entry,
    Finish,
    Flush,
    FlushUnshared,
    Folio,
    Gather,
    GatherVma,
    Invalidate,
    Migrate,
    Opaque,
    Page,
    PageSize,
    StartVma,
    SyncOne,
    Table,
    TableFlush,
    Unshare,
)

#: What is asked of every litmus.
QUESTION = "in which interleavings is that rule broken: Never, Sometimes or Always?"
#: How a table or page is named in a litmus.
NAMING = "a0 is the first table, or the first page, that gather a unmaps; b1 the second of gather b"


def cpus(litmus: Litmus, /) -> list[tuple[str, str]]:
    """Each CPU with what is done there, one line for each part; last the one that is there for callbacks."""
    lines = [(f"cpu{part.cpu}", _part(part)) for part in sorted(litmus.parts, key=lambda part: part.cpu)]
    if litmus.spare:
        lines.append((f"cpu{max(part.cpu for part in litmus.parts) + 1}", "nobody: it may run callbacks"))
    return lines


def begins(litmus: Litmus, /) -> str:
    """What is so when everybody begins, and what may happen meanwhile."""
    return "; ".join(_beginnings(litmus))


def _beginnings(litmus: Litmus) -> Iterator[str]:
    yield f"mm_users is {litmus.users}"
    yield f"a batch holds {_many(litmus.batch, 'table')}"
    if litmus.failing:
        yield "each allocation of a batch may fail"
    if litmus.offline:
        yield f"{', '.join(f'cpu{cpu}' for cpu in litmus.offline)} comes online later"
    if not litmus.preemptible:
        yield "tasks are not preempted"


def _part(part: AnyPart) -> str:
    """One part, in one line."""
    if isinstance(part, Gathers):
        over = f", over the addresses of {part.over}" if part.over else ""
        return f"gather {part.name}{over}: {', '.join(map(_op, part.ops))}"
    named = ", ".join(part.tables)
    about = [f"table{'s' if len(part.tables) > 1 else ''} {named}"] if named else []
    about += [f"page {part.page}"] if part.page else []
    return f"{part.program}: {', '.join(about)}" if about else part.program


def _op(op: AnyOp) -> str:
    """What a caller does, in few words."""
    match op:
        case Gather():
            return "begin, of the whole mm" if op.fullmm else "begin"
        case Table():
            return f"unhook and free {_many(op.count, f'{op.level.upper()} table')}"
        case Direct():
            return f"unhook a table and free it by pgtable_free_tlb(), with shift {op.shift}"
        case Opaque():
            return f"free a word by tlb_remove_table(), with shift {op.shift}"
        case Again():
            return "free the last table once more"
        case Page():
            return f"unmap {_many(op.count, 'page')}"
        case Folio():
            return f"unmap {_many(op.count, 'page')} of a folio"
        case Entry():
            return "clear a PTE"
        case Flush():
            return "flush"
        case Invalidate():
            return "tlb_flush_mmu_tlbonly()"
        case StartVma() | EndVma():
            which = "tlb_start_vma" if isinstance(op, StartVma) else "tlb_end_vma"
            return f"{which}(){' of VM_PFNMAP' if op.pfn else ''}"
        case Detach():
            return "take the VMA off its reverse maps"
        case PageSize():
            return f"tlb_change_page_size() to {'2M' if op.huge else 'a page'}"
        case SyncOne():
            return "tlb_remove_table_sync_one()"
        case TableFlush():
            return "tlb_table_flush()"
        case GatherVma():
            return f"begin, of a mapping{' of huge pages' if op.hugetlb else ''}"
        case Unshare():
            return f"leave {_many(op.count, 'PMD table')} that another mm maps"
        case FlushUnshared():
            called = "tlb_flush_unshared_tables()" if op.called else "forget the flush"
            return f"{called}{', unlock the mapping' if op.unlocks else ''}"
        case Access():
            return "a thread that still runs reaches for the last page"
        case Migrate():
            return "go on on the other CPU"
        case Finish():
            return "end"
        case _:
            assert_never(op)


def _many(count: int, noun: str) -> str:
    return f"a {noun}" if count == 1 else f"{count} {noun}s"
