# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which functions of the contract a rule binds: whose code has to be right for the rule to hold.

A rule's sentence speaks of tables, batches and flushes, and seldom of functions.  Who writes a function wants to know
what is asked of it; who has broken a rule wants to know where to look, and whether what is there has the
right shape at all.  A family of rules binds the functions of its mechanism, and single rules fewer or others.

Functions of the contract only: a port's own are its own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mmu_gather_spec.contract import contract_of
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.rule import Binds, Rule

#: Whoever gives a table, whichever way it goes from there.
_GIVES: Final = (
    "pte_free_tlb", "pmd_free_tlb", "pud_free_tlb", "p4d_free_tlb", "__pte_free_tlb", "__pmd_free_tlb",
    "pgtable_free_tlb", "tlb_remove_ptdesc", "tlb_remove_page_ptdesc",
)  # fmt: skip
#: Whoever says that an entry was cleared, and of which range.
_NOTES: Final = (
    "tlb_remove_tlb_entry", "tlb_remove_tlb_entries", "pte_free_tlb", "pmd_free_tlb", "pud_free_tlb", "p4d_free_tlb",
    "__tlb_adjust_range",
)  # fmt: skip
#: Whoever stands at the two ends of a VMA.
_VMA: Final = ("tlb_start_vma", "tlb_end_vma")
#: Whoever lets go of what the gather holds.
_LETS_GO: Final = ("tlb_flush_mmu", "tlb_finish_mmu")
#: Whoever queues, submits and frees a table.
_TABLES: Final = ("pgtable_free_tlb", "tlb_remove_table", "tlb_table_flush", "__tlb_remove_table")
#: Whoever queues a page.
_PAGES: Final = (
    "tlb_remove_page", "tlb_remove_page_size", "tlb_remove_page_ptdesc", "__tlb_remove_page",
    "__tlb_remove_page_size", "__tlb_remove_folio_pages",
)  # fmt: skip
#: Whoever begins a gather.
_BEGINS: Final = ("tlb_gather_mmu", "tlb_gather_mmu_fullmm", "tlb_gather_mmu_vma")
#: Whoever leaves a shared table.
_UNSHARES: Final = ("tlb_unshare_pmd_ptdesc", "tlb_flush_unshared_tables", "tlb_remove_table_sync_one")
#: Whoever notes or keeps a hash entry that has to go.
_HASH: Final = ("hpte_need_flush", "arch_enter_lazy_mmu_mode", "arch_leave_lazy_mmu_mode", "tlb_flush")

#: What a rule of each mechanism binds, unless it is listed below.
BY_MECHANISM: Final[dict[str, tuple[str, ...]]] = {
    "order": (*_LETS_GO, "tlb_flush"),
    "separation": ("tlb_remove_table", "tlb_table_flush", "pgtable_free_tlb"),
    "walk": (*_TABLES, *_LETS_GO),
    "batch": ("pgtable_free_tlb", "tlb_remove_table", "tlb_table_flush"),
    "progress": ("tlb_remove_table", "tlb_table_flush", *_LETS_GO),
    "encoding": ("MAX_PGTABLE_INDEX_SIZE", "pgtable_free_tlb", "__tlb_remove_table"),
    "gather": (*_BEGINS, *_LETS_GO),
    "arch": ("tlb_flush",),
    "configuration": ("__tlb_remove_table", "pgtable_free_tlb"),
}

#: Rules that bind others.
BY_RULE: Final[dict[str, tuple[str, ...]]] = {
    "order.unhooked-before-given": (*_GIVES, *_PAGES, "tlb_remove_table"),
    "order.page-freed-after-flush": (*_PAGES, *_LETS_GO, "tlb_flush"),
    "order.invalidate-submit-free": (*_LETS_GO, "tlb_table_flush"),
    "order.gate-open-when-dirty": (*_LETS_GO, *_PAGES, *_NOTES, "tlb_remove_table"),
    "order.nothing-stale-after-finish": (*_LETS_GO, *_NOTES, *_VMA, "tlb_flush"),
    "order.nothing-stale-in-its-range": (*_LETS_GO, *_NOTES, *_VMA, "tlb_flush"),
    "order.arch-flush-only-invalidates": ("tlb_flush",),
    "order.one-flush-per-request": (*_LETS_GO, *_VMA, "tlb_flush_mmu_tlbonly", "tlb_flush"),
    "order.pfn-flushed-before-detach": (*_LETS_GO, *_BEGINS, *_VMA, "tlb_flush"),
    "order.rmap-removed-after-flush": (*_LETS_GO, *_PAGES, "tlb_delay_rmap", "tlb_flush_rmaps"),
    "order.rmap-removed-before-free": (*_LETS_GO, *_PAGES, "tlb_flush_rmaps"),
    "order.destructor-before-free": ("pte_free_tlb", "__pte_free_tlb", "__tlb_remove_table"),
    "order.unshared-flushed-in-time": (*_UNSHARES, "tlb_flush", "tlb_flush_mmu_tlbonly"),
    "order.unshared-flushed-before-unlock": (),
    "separation.unshared-waited-for": _UNSHARES,
    "walk.never-a-reused-table": (*_UNSHARES, "tlb_flush"),
    "separation.every-ack": ("tlb_remove_table", "pgtable_free_tlb"),
    "separation.every-cpu": ("tlb_remove_table", "pgtable_free_tlb"),
    "separation.shortcut-below-two-users": ("tlb_remove_table", "pgtable_free_tlb"),
    "separation.fallback-is-a-grace-period": (*_TABLES, "tlb_remove_table_sync_rcu"),
    "walk.nobody-below-two-users": ("tlb_remove_table", "pgtable_free_tlb"),
    "walk.hardware-never-a-freed-table": (
        *_GIVES,
        *_TABLES[1:],
        *_LETS_GO,
        "tlb_needs_table_invalidate",
        "tlb_flush",
    ),
    "walk.no-access-to-a-freed-page": (*_PAGES, *_LETS_GO, "tlb_flush"),
    "walk.no-access-to-a-page-taken-back": (*_PAGES, *_LETS_GO, "tlb_flush", "tlb_end_vma", "tlb_flush_rmaps"),
    "walk.never-a-lock-that-is-gone": ("pte_free_tlb", "__pte_free_tlb", "__tlb_remove_table"),
    "batch.callback-needs-only-its-argument": ("tlb_table_flush", "__tlb_remove_table"),
    "batch.freed-exactly-once": (*_TABLES, *_PAGES, *_LETS_GO),
    "batch.one-per-gather": (*_BEGINS, "tlb_remove_table", "pgtable_free_tlb"),
    "progress.pages-without-a-page": (*_BEGINS, *_PAGES, *_LETS_GO),
    "progress.bugs-only-with-cause": ("pgtable_free_tlb", "__tlb_remove_table"),
    "encoding.table-aligned": ("pgtable_free_tlb",),
    "encoding.mask-of-ones": ("MAX_PGTABLE_INDEX_SIZE",),
    "encoding.index-names-its-freer": (
        "MAX_PGTABLE_INDEX_SIZE",
        "__pte_free_tlb",
        "__pmd_free_tlb",
        "pgtable_free_tlb",
        "__tlb_remove_table",
    ),
    "encoding.opaque-to-generic": ("tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"),
    "gather.every-field-written": _BEGINS,
    "gather.nothing-kept": (*_BEGINS, *_TABLES, *_LETS_GO),
    "gather.vma-detached-first": _GIVES,
    "gather.preemption-as-found": (*_BEGINS, *_LETS_GO, *_PAGES, "tlb_remove_table", "tlb_flush"),
    "gather.one-page-size-per-flush": ("tlb_change_page_size", *_LETS_GO),
    "gather.range-covers": (*_LETS_GO, *_NOTES, "tlb_flush"),
    "gather.freed-tables-known": (*_LETS_GO, *_GIVES[:4], "tlb_flush"),
    "arch.hash32-flush": ("tlb_flush", "__tlb_remove_tlb_entry", "tlb_remove_tlb_entry"),
    "arch.hash64-flush": _HASH,
    "arch.hash64-batch-drops": _HASH,
    "arch.hash64-waits-in-lazy-mode": _HASH,
    "arch.hash64-batch-fits": _HASH,
    "arch.hash64-one-page-size": _HASH,
    **dict.fromkeys(
        (
            f"arch.sparc64-{name}"
            for name in ("flush", "batch-drops", "waits-in-lazy-mode", "batch-fits", "one-page-size")
        ),
        _HASH[1:],
    ),
    "arch.indirect-entry-first": ("__pte_free_tlb", "pte_free_tlb"),
    "arch.s390-entry-goes-when-cleared": ("__tlb_remove_tlb_entry", "tlb_remove_tlb_entry"),
    "configuration.provides-remove-table": ("__tlb_remove_table",),
}


def functions_bound(rule: Rule, era: str = DEFAULT_ERA, /) -> tuple[str, ...]:
    """The functions and constants of an era's contract that a rule binds, in the contract's order."""
    if rule.binds is Binds.WALKER:
        return ()  # walkers are no part of the contract
    of = contract_of(era)
    named = BY_RULE.get(rule.id, BY_MECHANISM[rule.mechanism])
    return tuple(
        name for name in (*of.functions, *of.constants) if name in named or f" {name}()" in f" {rule.sentence}"
    )


def rules_binding(name: str, rules: Mapping[str, Rule], era: str = DEFAULT_ERA, /) -> list[Rule]:
    """The rules that bind a function, in the order of `rules`."""
    return [rule for rule in rules.values() if name in functions_bound(rule, era)]
