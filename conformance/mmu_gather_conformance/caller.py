# SPDX-License-Identifier: GPL-2.0-only
"""The caller: someone who unmaps, unhooks, and obeys, as mm/memory.c does around a gather.

A gather by itself does nothing wrong or right; somebody detaches the VMA, clears PTEs under their
lock and in lazy-MMU mode, unhooks tables, and then calls.  This file is that somebody, one
function for each operation of a scenario.  The order inside each is the caller's contract.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.arch import Translation
from mmu_gather_spec.levels import PUD_SIZE
from mmu_gather_spec.pgtable_index import has_index, kinds
from mmu_gather_spec.words import _PAGE_HASHPTE, page_p, pgf_p, pte_t, shift_t, table_p, vm_area_struct

from mmu_gather_conformance import scenario as sc
from mmu_gather_conformance.calling import CALLING, V6_12
from mmu_gather_conformance.image import Gather, Image
from mmu_gather_conformance.scripted_kernel import ScriptedKernel

#: The size of a huge page, in bytes.
HUGE: Final = 1 << 21
#: sparc64: the sizes of its pages, as shifts.
PAGE_SHIFT: Final = 13
HPAGE_SHIFT: Final = 22
#: No table is larger than one of this shift, whatever a caller says.
MOST: Final = 16


class Caller:
    """Runs the operations of a scenario on one machine."""

    def __init__(self, image: Image, kernel: ScriptedKernel, fill: int, /) -> None:
        self.image = image
        self.kernel = kernel
        self.fill = fill
        self.calling = CALLING[image.era](image, kernel)
        self.gathers: dict[str, Gather] = {}
        #: gathers of a whole mm
        self._whole: set[str] = set()
        #: gathers that the kernel has, and not the caller
        self._handed_out: dict[str, object] = {}
        self._last_table = 0
        self._last_page = 0

    def run(self, ops: tuple[sc.AnyOp, ...], /) -> None:
        """Do all of them in turn."""
        for op in ops:
            self.kernel.agent = op.gather
            self.do(op)

    def _tlb(self, op: sc.Op) -> object:
        """The gather of an operation; one that was never started is just poison."""
        if op.gather not in self.gathers:
            gather = self.image.new_gather(self.fill)
            self.gathers[op.gather] = gather
            self.kernel.gathers.append(gather)
        return self._handed_out.get(op.gather, self.gathers[op.gather].handle)

    def _asid_dies(self, op: sc.Op) -> bool:
        """Nobody runs a whole mm that goes, and where its ASID goes with it nothing that is left of it is used."""
        return op.gather in self._whole and self.kernel.config.facts.asid_dies_with_mm

    def _call(self, name: str, *args: object) -> None:
        self.image.call(self.kernel, name, *args)

    def do(self, op: sc.AnyOp, /) -> None:
        """Do one operation; another gather may have run since the last one."""
        self.kernel.between_calls()
        getattr(self, f"_{type(op).__name__.lower()}")(op)

    def _gather(self, op: sc.Gather) -> None:
        (self._whole.add if op.fullmm else self._whole.discard)(op.gather)
        handed_out = self.calling.begin(self._tlb(op), self.kernel.mm.mm, fullmm=op.fullmm)
        if handed_out is not None:
            self._handed_out[op.gather] = handed_out
        if not op.attached:
            self.kernel.emit(ev.DetachVma)

    def _gathervma(self, op: sc.GatherVma) -> None:
        vma = vm_area_struct(self.kernel.mm.mm, vm_hugetlb=op.hugetlb)
        if "tlb_gather_mmu_vma" in self.image.symbols:
            self._call("tlb_gather_mmu_vma", self._tlb(op), vma)
        else:
            self.calling.begin(self._tlb(op), vma.vm_mm, fullmm=False)
            if "tlb_start_vma" in self.image.symbols:
                self._call("tlb_start_vma", self._tlb(op), vma)

    def _finish(self, op: sc.Finish) -> None:
        self.calling.finish(self._tlb(op))

    def _flush(self, op: sc.Flush) -> None:
        self.calling.flush(self._tlb(op))

    def _tableflush(self, op: sc.TableFlush) -> None:
        self._call("tlb_table_flush", self._tlb(op))

    def _invalidate(self, op: sc.Invalidate) -> None:
        self._call("tlb_flush_mmu_tlbonly", self._tlb(op))

    def _detach(self, op: sc.Detach) -> None:
        if "tlb_free_vmas" in self.image.symbols:
            self._call("tlb_free_vmas", self._tlb(op))
        self.kernel.emit(ev.DetachVma, op.pfn)

    def _startvma(self, op: sc.StartVma) -> None:
        if "tlb_start_vma" in self.image.symbols:
            self._call("tlb_start_vma", self._tlb(op), vm_area_struct(self.kernel.mm.mm, vm_pfn=op.pfn))

    def _endvma(self, op: sc.EndVma) -> None:
        if "tlb_end_vma" in self.image.symbols:
            self._call("tlb_end_vma", self._tlb(op), vm_area_struct(self.kernel.mm.mm, vm_pfn=op.pfn))

    def _pagesize(self, op: sc.PageSize) -> None:
        self._call("tlb_change_page_size", self._tlb(op), HUGE if op.huge else self.kernel.page_size)

    def _syncone(self, op: sc.SyncOne) -> None:
        self._call("tlb_remove_table_sync_one")

    def _unshare(self, op: sc.Unshare) -> None:
        if "tlb_unshare_pmd_ptdesc" not in self.image.symbols or not self.kernel.config.facts.shares_pmd_tables:
            return  # this port's address spaces share no tables
        for _ in range(op.count):
            self.kernel.preempt(+1)
            table, addr = self._leave_shared_table(op)
            self.calling.unshare(self._tlb(op), table, addr)
            self.kernel.preempt(-1)

    def _leave_shared_table(self, op: sc.Op) -> tuple[int, int]:
        """pud_clear(): from here on no walk of this mm finds the table, and the others go on with it."""
        kernel, mm = self.kernel, self.kernel.mm
        table, addr = mm.shared_table()
        kernel.boundary()
        others = kernel.share(table)
        size = PUD_SIZE()
        span = addr & -size, (addr & -size) + size
        used = frozenset[int]() if self._asid_dies(op) else mm.cpumask
        kernel.emit(ev.UnsharePmd, table, mm.mm.context_id, span, mm.cpumask, used, others)
        return table, addr

    def _flushunshared(self, op: sc.FlushUnshared) -> None:
        if "tlb_flush_unshared_tables" not in self.image.symbols or not self.kernel.config.facts.shares_pmd_tables:
            return
        if op.called:
            self._call("tlb_flush_unshared_tables", self._tlb(op))
        if op.unlocks:
            self.kernel.boundary()
            self.kernel.emit(ev.UnlockMapping)

    def _access(self, op: sc.Access) -> None:
        with self.kernel.elsewhere(max(self.kernel.online), "thread"):
            self.kernel.emit(ev.Access, self._last_page)

    def _migrate(self, op: sc.Migrate) -> None:
        if self.kernel.preempt_depth:
            return  # in this era a gather keeps its CPU
        self.kernel.boundary()
        to = 1 if self.kernel.cpu == 0 and 1 in self.kernel.online else 0
        self.kernel.emit(ev.Migrate, to)
        self.kernel.cpu = to

    def _unlink(self, shift: int, misaligned: int = 0) -> int:
        table = self.kernel.mm.table(shift) | misaligned
        self.kernel.boundary()
        self.kernel.emit(ev.Unlink, table, shift)
        self._last_table = table
        return table

    def _table(self, op: sc.Table) -> None:
        pmd = op.level == "pmd"
        shift = self.image.constants["PMD_INDEX_SIZE"] if pmd else 0
        if pmd and shift == 0:
            return  # the PMD is folded: no caller has one to free
        for _ in range(op.count):
            if op.unlinked:
                table = self._unlink(shift)
            else:
                table = self._last_table = self.kernel.mm.table(shift)
            if pmd:
                self._call("pmd_free_tlb", self._tlb(op), table_p(table), 0x1000)
            else:
                self.calling.pte_table(self._tlb(op), table, 0x1000)

    def _again(self, op: sc.Again) -> None:
        self.calling.pte_table(self._tlb(op), self._last_table, 0x1000)

    def _direct(self, op: sc.Direct) -> None:
        size = min(max(op.shift, 0), MOST)
        word = self._index(op.shift)
        if word is None:
            return  # on this machine no table is of that size: no caller has one to free
        self._under_lock(op, 1, lazy=True, free=False)  # what the table mapped goes first
        table = self._unlink(size, op.misaligned)
        self._call("pgtable_free_tlb", self._tlb(op), table_p(table), shift_t(word))

    def _index(self, shift: int) -> int | None:
        """get_hugepd_cache_index(): what a table of this size is given as; what is no size, as it is."""
        config, constants = self.kernel.config, self.image.constants
        if not has_index(config.arch, self.image.era) or not 0 <= shift <= constants["MAX_PGTABLE_INDEX_SIZE"]:
            return shift
        known = kinds(self.image.era, self.kernel.page_size, constants["PMD_INDEX_SIZE"])
        return next((kind for kind, size in known.items() if size == shift), None)

    def _opaque(self, op: sc.Opaque) -> None:
        table = self._unlink(op.shift)
        self._call("tlb_remove_table", self._tlb(op), pgf_p(table | op.shift))

    def _page(self, op: sc.Page) -> None:
        self._under_lock(op, op.count, lazy=op.lazy, free=True, noted=op.noted, mixed=op.mixed, dirty=op.dirty)

    def _folio(self, op: sc.Folio) -> None:
        if not isinstance(self.calling, V6_12):
            self._under_lock(op, op.count, lazy=True, free=True, dirty=op.dirty)
            return
        tlb = self._tlb(op)
        self._pte_lock(lazy=True)
        pages: tuple[page_p, ...] = ()
        for _ in range(op.count):
            found = self._clear(op, noted=True, huge=0, dirty=op.dirty, behind=pages)
            assert found is not None, "a run has no hole"
            pages += (found,)
        full = self.calling.remove_run(tlb, pages, dirty=op.dirty)
        self._pte_unlock(tlb, lazy=True, full=full)

    def _entry(self, op: sc.Entry) -> None:
        self._under_lock(op, 1, lazy=True, free=False)

    def _under_lock(
        self, op: sc.Op, count: int, *, lazy: bool, free: bool, noted: bool = True, mixed: bool = False,
        dirty: bool = False,
    ) -> None:  # fmt: skip
        """Clear PTEs with their lock held; where a flush is due, let it go for that."""
        tlb, number = self._tlb(op), 0
        while number < count:
            full = False
            self._pte_lock(lazy=lazy)
            while number < count and not full:
                huge = int(mixed and number % 2 == 1)
                full = self._zap(op, free=free, noted=noted, huge=huge, dirty=dirty)
                number += 1
            self._pte_unlock(tlb, lazy=lazy, full=full)

    def _pte_lock(self, *, lazy: bool) -> None:
        """Take the PTE lock, which keeps preemption off; lazy: and enter lazy mode, where the arch has it."""
        self.calling.due = False
        self.kernel.preempt(+1)
        if lazy and "arch_enter_lazy_mmu_mode" in self.image.symbols:
            self._call("arch_enter_lazy_mmu_mode")

    def _pte_unlock(self, tlb: object, *, lazy: bool, full: bool) -> None:
        """Let go of it, and flush where that is due.  lazy: as it was taken.  full: there is no room for more pages."""
        if lazy and "arch_enter_lazy_mmu_mode" in self.image.symbols:
            self._call("arch_leave_lazy_mmu_mode")
        flush = full or self.calling.due
        if flush:
            self.calling.before_unlock(tlb)
        self.kernel.preempt(-1)
        if flush:
            self.calling.after_unlock(tlb)

    def _zap(self, op: sc.Op, *, free: bool, noted: bool, huge: int, dirty: bool) -> bool:
        """ptep_get_and_clear_full, tlb_remove_tlb_entry, tlb_remove_page.  Whether there is no room for more."""
        page = self._clear(op, noted=noted, huge=huge, dirty=dirty)
        return page is not None and free and self.calling.remove(self._tlb(op), page, dirty=dirty)

    def _clear(
        self, op: sc.Op, *, noted: bool, huge: int, dirty: bool, behind: tuple[page_p, ...] = ()
    ) -> page_p | None:
        """ptep_get_and_clear_full, tlb_remove_tlb_entry.  The page that was mapped; None where another has cleared it.

        behind: the pages of its folio that come before it.
        """
        kernel, mm = self.kernel, self.kernel.mm
        hashes = kernel.hash_table and kernel.config.facts.translation is Translation.HASH_TABLE
        addr, ptep = (
            mm.mapped_behind(behind[0], len(behind), hashed=hashes) if behind else mm.mapped_page(hashed=hashes)
        )
        page = ptep.page
        assert page is not None
        self._last_page = page.value
        kernel.boundary()
        if not kernel.script.choose("pte", kernel.answers.pte):
            kernel.emit(ev.SkipPte, page.value, addr)
            return None
        hashed = bool(ptep.flags & _PAGE_HASHPTE)
        used = frozenset[int]() if self._asid_dies(op) else mm.cpumask
        kernel.emit(ev.ClearPte, page.value, addr, mm.mm.context_id, used, hashed)
        if "ptep_get_and_clear_full" in self.image.symbols:
            self._call("ptep_get_and_clear_full", mm.mm, addr, int(op.gather in self._whole))
        if dirty:
            kernel.dirty.add(page.value)
        ptep.page = None  # the flag stays, so that the flush still finds the hash entry
        if hashed and "hpte_need_flush" in self.image.symbols:
            self._call("hpte_need_flush", mm.mm, addr, ptep, huge)
        if "tlb_batch_add" in self.image.symbols:
            orig = pte_t(page, ptep.flags)
            self._call("tlb_batch_add", mm.mm, addr, ptep, orig, 0, HPAGE_SHIFT if huge else PAGE_SHIFT)
        if noted:
            self._call("tlb_remove_tlb_entry", self._tlb(op), ptep, addr)
        return page
