# SPDX-License-Identifier: GPL-2.0-only
"""Which line of the seed a step is: the law is the table below, by kind of event and by what is going on.

Lines are those of the mail, as in the sources of the rules, and each stands with a phrase that is in it.  The
first row that fits decides.  Only what the mail shows has lines: a call of tlb_finish_mmu, whose body it does
not show, has none, and neither have walkers of their own or other eras.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import field, record
from mmu_gather_spec.rule import Source

from mmu_gather_conformance.lanes.calls import Calls, task
from mmu_gather_conformance.lanes.spans import Kind, spans

MEMORY_C: Final = "mm/memory.c"
TLB_H: Final = "include/asm-generic/tlb.h"
PGALLOC_H: Final = "arch/powerpc/include/asm/pgalloc.h"
PGTABLE_C: Final = "arch/powerpc/mm/pgtable.c"

# What can be going on.  A word holds from the step that brings it until the agent's outermost call returns.
CALLBACK: Final = "softirq runs a callback"
FEW_USERS: Final = "mm_users was read as less than two"
NO_BATCH: Final = "no page was to be had for a batch"
FLUSHED: Final = "tlb_flush was called"
OWN_PAGE: Final = "the page is one that the kernel handed out"
SYNC: Final = "the IPI is one that only waits"
IRQS_OFF: Final = "the walker has switched IRQs off"

#: Calls that queue a table, from outside in; what they do inside is the patch's own text.
QUEUE: Final = ("pte_free_tlb", "pmd_free_tlb", "__pte_free_tlb", "__pmd_free_tlb", "pgtable_free_tlb")
FLUSH: Final = ("tlb_flush_mmu", "tlb_finish_mmu", "tlb_remove_page")

Kinds: TypeAlias = type[ev.Event] | tuple[type[ev.Event], ...]
TABLE_FREED: Final[Kinds] = (ev.FreePage, ev.KmemCacheFree)


@record(frozen=True, slots=True)
class Step:
    """One row: an event of this kind, in this situation, is this step of the seed."""

    kind: Kinds
    seed: tuple[int, int]
    file: str
    phrase: str
    #: which function an Enter enters
    fn: str = ""
    #: the innermost open call is one of these; any, if empty
    inside: tuple[str, ...] = ()
    #: all of these are going on
    given: frozenset[str] = frozenset()
    #: the arch, where each has its own line
    arch: str = ""

    @property
    def source(self) -> Source:
        """The line as the rules name their sources."""
        return Source(self.file, self.phrase, self.seed)

    def label(self) -> str:
        """The line, as it stands beside a step."""
        first, last = self.seed
        return f"seed {first}" + (f"-{last}" if last > first else "")


def _given(*words: str) -> frozenset[str]:
    return frozenset(words)


#: The same in both eras: the patch leaves these lines as they are, or adds none beside them.
BOTH: Final = (
    Step(ev.Enter, (325, 325), TLB_H, "tlb_gather_mmu(struct mmu_gather *tlb", fn="tlb_gather_mmu"),
    Step(ev.Enter, (336, 336), TLB_H, "tlb_flush_mmu(struct mmu_gather *tlb", fn="tlb_flush_mmu"),
    Step(ev.Enter, (339, 339), TLB_H, "tlb_flush(tlb)", fn="tlb_flush"),
    Step(ev.Enter, (82, 82), PGALLOC_H, "__pte_free_tlb(struct mmu_gather *tlb, struct page *ptepage",
         fn="__pte_free_tlb"),
    Step(ev.GetFreePage, (324, 324), TLB_H, "__tlb_alloc_pages(struct mmu_gather *tlb)",
         inside=("tlb_gather_mmu", *FLUSH)),
    Step(ev.FreePages, (344, 344), TLB_H, "free_pages_and_swap_cache(tlb->pages, tlb->nr)",
         inside=FLUSH, given=_given(FLUSHED)),
    Step(ev.FreePages, (260, 260), TLB_H, "tlb_fast_mode(tlb) 1", inside=("tlb_remove_page",)),
    Step(ev.Invalidate, (219, 219), "arch/powerpc/mm/tlb_hash32.c", "_tlbia()", inside=("tlb_flush",), arch="hash32"),
    Step(ev.Invalidate, (232, 232), "arch/powerpc/mm/tlb_hash64.c", "__flush_tlb_pending(tlbbatch)",
         inside=("tlb_flush",), arch="hash64"),
    Step(ev.PutCpuVar, (234, 234), "arch/powerpc/mm/tlb_hash64.c", "put_cpu_var(ppc64_tlb_batch)",
         inside=("tlb_flush",), arch="hash64"),
    Step((ev.Invalidate, ev.SmpCallFunction), (248, 248), "arch/powerpc/mm/tlb_nohash.c", "flush_tlb_mm(tlb->mm)",
         inside=("tlb_flush",), arch="nohash"),
)  # fmt: skip

#: The lines that the patch adds, and the comment that says what the walkers do.
ADDED: Final = (
    Step(ev.WalkBegin, (271, 272), TLB_H, "disabling IRQs over the walk", given=_given(IRQS_OFF)),
    Step(ev.GracePeriod, (283, 284), TLB_H, "IRQ/preempt disabling holds off grace periods"),
    Step(ev.Enter, (59, 59), PGALLOC_H, "pgtable_free_tlb(struct mmu_gather *tlb, void *table, int shift)",
         fn="pgtable_free_tlb"),
    Step(ev.Bug, (62, 62), PGALLOC_H, "BUG_ON(shift > MAX_PGTABLE_INDEX_SIZE)", inside=QUEUE),
    Step(ev.Enter, (64, 64), PGALLOC_H, "tlb_remove_table(tlb, (void *)pgf)", fn="tlb_remove_table", inside=QUEUE),
    Step(ev.Enter, (401, 401), MEMORY_C, "tlb_remove_table(struct mmu_gather *tlb, void *table)",
         fn="tlb_remove_table"),
    Step(ev.AtomicRead, (411, 411), MEMORY_C, "atomic_read(&tlb->mm->mm_users) < 2", inside=("tlb_remove_table",)),
    Step(ev.GetFreePage, (417, 417), MEMORY_C, "__get_free_page(GFP_ATOMIC)", inside=("tlb_remove_table",)),
    Step(ev.SmpCallFunction, (374, 374), MEMORY_C, "smp_call_function(tlb_remove_table_smp_sync, NULL, 1)",
         inside=("tlb_remove_table",)),
    Step(ev.IpiAck, (362, 362), MEMORY_C, "Simply deliver the interrupt", given=_given(SYNC)),
    Step(ev.Enter, (386, 386), MEMORY_C, "__tlb_remove_table(batch->tables[i])", fn="__tlb_remove_table",
         given=_given(CALLBACK)),
    Step(ev.Enter, (412, 412), MEMORY_C, "__tlb_remove_table(table)", fn="__tlb_remove_table",
         given=_given(FEW_USERS)),
    Step(ev.Enter, (375, 375), MEMORY_C, "__tlb_remove_table(table)", fn="__tlb_remove_table",
         given=_given(NO_BATCH)),
    Step(TABLE_FREED, (72, 72), PGALLOC_H, "pgtable_free(table, shift)", inside=("__tlb_remove_table",)),
    Step(TABLE_FREED, (77, 77), PGALLOC_H, "pgtable_free(table, shift)", inside=QUEUE),
    Step(ev.FreePage, (388, 388), MEMORY_C, "free_page((unsigned long)batch)", given=_given(CALLBACK, OWN_PAGE)),
    Step(ev.Enter, (391, 391), MEMORY_C, "tlb_table_flush(struct mmu_gather *tlb)", fn="tlb_table_flush"),
    Step(ev.CallRcu, (425, 426), MEMORY_C, "(*batch)->nr == MAX_TABLE_BATCH", inside=("tlb_remove_table",)),
    Step(ev.CallRcu, (341, 341), TLB_H, "tlb_table_flush(tlb)", inside=FLUSH),
    Step(ev.CallRcu, (396, 396), MEMORY_C, "call_rcu_sched(&(*batch)->rcu, tlb_remove_table_rcu)"),
    Step(ev.CallbackBegin, (378, 378), MEMORY_C, "tlb_remove_table_rcu(struct rcu_head *head)"),
)  # fmt: skip

#: The lines that the patch removes: powerpc's own batching.
REMOVED: Final = (
    Step(ev.Enter, (171, 171), PGTABLE_C, "pgtable_free_tlb(struct mmu_gather *tlb, void *table, unsigned shift)",
         fn="pgtable_free_tlb"),
    Step(ev.AtomicRead, (176, 176), PGTABLE_C, "atomic_read(&tlb->mm->mm_users) < 2", inside=QUEUE),
    Step(ev.GetFreePage, (182, 182), PGTABLE_C, "__get_free_page(GFP_ATOMIC)", inside=QUEUE),
    Step(ev.SmpCallFunction, (145, 145), PGTABLE_C, "smp_call_function(pte_free_smp_sync, NULL, 1)", inside=QUEUE),
    Step(ev.IpiAck, (135, 135), PGTABLE_C, "ensure we sync with all CPUs", given=_given(SYNC)),
    Step(TABLE_FREED, (177, 177), PGTABLE_C, "pgtable_free(table, shift)", inside=QUEUE, given=_given(FEW_USERS)),
    Step(TABLE_FREED, (147, 147), PGTABLE_C, "pgtable_free(table, shift)", inside=QUEUE, given=_given(NO_BATCH)),
    Step(ev.FreePage, (163, 163), PGTABLE_C, "free_page((unsigned long)batch)", given=_given(CALLBACK, OWN_PAGE)),
    Step(TABLE_FREED, (160, 160), PGTABLE_C, "pgtable_free(table, shift)", given=_given(CALLBACK)),
    Step(TABLE_FREED, (77, 77), PGALLOC_H, "pgtable_free(table, shift)", inside=QUEUE),
    Step(ev.Bug, (189, 189), PGTABLE_C, "BUG_ON(shift > MAX_PGTABLE_INDEX_SIZE)", inside=QUEUE),
    Step(ev.CallRcu, (192, 193), PGTABLE_C, "(*batchp)->index == PTE_FREELIST_SIZE", inside=QUEUE),
    Step(ev.CallRcu, (204, 204), PGTABLE_C, "pte_free_submit(*batchp)", inside=("tlb_flush",)),
    Step(ev.CallbackBegin, (150, 150), PGTABLE_C, "pte_free_rcu_callback(struct rcu_head *head)"),
)  # fmt: skip

STEPS: Final = {"rfc-2010": (*BOTH, *ADDED), "rfc-2010-base": (*BOTH, *REMOVED)}


@record(slots=True)
class _Situation:
    """What is going on after the events so far."""

    arch: str
    calls: Calls = field(default_factory=Calls)
    words: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    pages: set[int] = field(default_factory=set)

    def at(self, event: ev.AnyEvent) -> frozenset[str]:
        """What is going on where this event happens."""
        words = self.words.get(task(event), frozenset())
        if event.agent == "softirq":
            words |= {CALLBACK}
        if isinstance(event, ev.FreePage) and event.addr in self.pages:
            words |= {OWN_PAGE}
        if isinstance(event, ev.WalkBegin) and not event.irqs_on:
            words |= {IRQS_OFF}
        return words

    def read(self, event: ev.AnyEvent) -> None:
        """Take one event in."""
        self.calls.read(event)
        match event:
            case ev.AtomicRead(var="mm_users") if event.value < 2:
                self._remember(event, FEW_USERS)
            case ev.GetFreePage(page=None):
                self._remember(event, NO_BATCH)
            case ev.GetFreePage(page=int(page)):
                self.pages.add(page)
            case ev.Enter(fn="tlb_flush"):
                self._remember(event, FLUSHED)
            case ev.Leave() if not self.calls.of(event):
                self.words.pop(task(event), None)

    def _remember(self, event: ev.AnyEvent, word: str) -> None:
        self.words[task(event)] = self.words.get(task(event), frozenset()) | {word}


def _fits(step: Step, event: ev.AnyEvent, calls: tuple[str, ...], words: frozenset[str], arch: str) -> bool:
    """Whether a row speaks of this event."""
    return (
        isinstance(event, step.kind)
        and (not step.fn or (isinstance(event, ev.Enter) and event.fn == step.fn))
        and (not step.inside or (bool(calls) and calls[-1] in step.inside))
        and step.given <= words
        and step.arch in ("", arch)
    )


def steps_of_the_seed(trace: Sequence[ev.AnyEvent], /) -> dict[int, Step]:
    """For each event that the seed has a line for, the row that says which."""
    if not trace or not isinstance(trace[0], ev.Booted):
        return {}
    table = STEPS.get(trace[0].era, ())
    situation = _Situation(trace[0].arch)
    asked_by = {at: span.first for span in spans(trace) if span.kind is Kind.IPI for _, at in span.acks}
    found: dict[int, Step] = {}
    for at, event in enumerate(trace):
        words = situation.at(event)
        if at in asked_by and asked_by[at] in found and "sync" in found[asked_by[at]].phrase:
            words |= {SYNC}
        calls = situation.calls.of(event)
        step = next((row for row in table if _fits(row, event, calls, words, situation.arch)), None)
        if step is not None:
            found[at] = step
        situation.read(event)
    return found


def seed_lines(trace: Sequence[ev.AnyEvent], /) -> dict[int, str]:
    """For each event that the seed has a line for: "seed 416"."""
    return {at: step.label() for at, step in steps_of_the_seed(trace).items()}
