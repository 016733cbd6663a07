# SPDX-License-Identifier: GPL-2.0-only
"""The kernel that a port runs under while it is recorded: it answers from a script, and writes down.

Every service of `mmu_gather_spec.kernel` ends here.  Before each effect there is a *boundary*: the
place where something else could have happened, and where it does if the script says so.  At a
boundary a grace period may end and its callback run, and a batch that RCU owns is compared with
what it was.  A grace period ends no sooner than its guarantee allows: never while this task has
IRQs or preemption off.

What lives here is bookkeeping.  What is right or wrong is for the rules; the only judgement is that
an access was no access to memory at all, which is an event of its own (`Fault`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

from mmu_gather_reference.machine.mm import AddressSpace
from mmu_gather_reference.machine.rcu import Callback, Rcu
from mmu_gather_spec import events as ev
from mmu_gather_spec.kernel import BUG
from mmu_gather_spec.percpu import ppc64_tlb_batch, tlb_batch
from mmu_gather_spec.words import atomic_t, mm_struct, page_p, rcu_head_p, table_p

from mmu_gather_conformance.config import Config
from mmu_gather_conformance.kernel_memory import TooManyEffects
from mmu_gather_conformance.kernel_mm import KernelMm
from mmu_gather_conformance.script import Script

if TYPE_CHECKING:
    from mmu_gather_reference.machine.page_alloc import Memory
    from mmu_gather_spec.words import rcu_callback_t, smp_call_func_t

    from mmu_gather_conformance.image import Gather
    from mmu_gather_conformance.scenario import Answers

#: Over this many events in one run the verdict is timed-out, never "holds".
EFFECT_BOUND: Final = 20_000
#: Between recordings no more events than this are kept.
KEPT_EVENTS: Final = 20_000


class _Events(dict[tuple[Callable[..., ev.AnyEvent], int, str, tuple[object, ...]], ev.AnyEvent]):
    """Every event that was written down lately, by what it says: equal ones are one object."""

    def __missing__(self, key: tuple[Callable[..., ev.AnyEvent], int, str, tuple[object, ...]]) -> ev.AnyEvent:
        kind, cpu, agent, args = key
        event = self[key] = kind(cpu, agent, *args)
        return event


_events: Final = _Events()


def forget_events() -> None:
    """Between two recordings: events need to be one object only within a recording."""
    if len(_events) > KEPT_EVENTS:
        _events.clear()


class ScriptedKernel(KernelMm):
    """One machine for one run."""

    def __init__(
        self, config: Config, answers: Answers, script: Script, fill: int, memory: Memory | None = None,
        bits_per_long: int | None = None, *, consolidated: bool = False,
    ) -> None:  # fmt: skip
        self.config = config
        self.answers = answers
        self.script = script
        self.bits_per_long = bits_per_long or config.bits_per_long
        super().__init__(config.page_bytes(self.bits_per_long), fill, memory)
        self.smp = config.smp
        #: whether call_rcu waits for regions with IRQs or preemption off as well (since v5.0)
        self._consolidated = consolidated
        self.hash_table = config.hash_table
        self.trace: list[ev.AnyEvent] = []
        self.effect_bound = EFFECT_BOUND
        self.cpu = 0
        self.agent = "a"
        self.rcu = Rcu()
        self.preempt_depth = 0
        #: agents that wait for the running one with IRQs or preemption off: a grace period waits for them, too
        self._suspended_regions = 0
        self.irqs_on = True
        #: set while a callback runs: the gather and the mm are gone for it
        self.in_callback = False
        #: set where BUG() took the whole machine along
        self.halted = False
        #: the gathers in use, which no callback may reach
        self.gathers: list[Gather] = []
        #: called at every boundary with the number of boundaries so far
        self.at_boundary: Callable[[int], None] | None = None
        self._boundaries = 0
        self._unwaited_ipis: list[tuple[int, smp_call_func_t, object]] = []
        self._boot()

    def _boot(self) -> None:
        """Settle the facts that stay for the whole run."""
        choose, answers = self.script.choose, self.answers
        cpus = choose("online", answers.online[:1] if answers.rising else answers.online) if self.smp else 1
        self.online = frozenset(range(cpus))
        self._softirq = max(self.online)  # whichever CPUs come online later
        #: CPUs that may come online yet: a broadcast reaches them, and they may come to hold the mm
        self.possible = frozenset(range(max(answers.online))) if answers.rising else self.online
        # A mask names CPUs that are there: with one online there is nothing to choose.
        masks = answers.cpumask if len(self.possible) > 1 else ("here",)
        mask = self.possible if choose("mm_cpumask", masks) == "everywhere" else frozenset({0})
        context = choose("context", answers.context)
        mm = mm_struct("mm", context)
        self.mm = AddressSpace(mm, 0, self.bits_per_long, mask if context else frozenset())
        attached = choose("cpu_attach_mask", answers.attached) if self.config.arch == "s390" else "everywhere"
        self.attached = {mm.name: self.mm.cpumask if attached == "everywhere" else self.mm.cpumask & {0}}
        self.other_mm = AddressSpace(mm_struct("another mm", 2), 1, self.bits_per_long, self.online)
        self.hash_batches = {cpu: ppc64_tlb_batch() for cpu in range(max(2, cpus))}
        if self.config.arch in ("hash64", "sparc64"):
            waiting = choose("hash batch", answers.hash_batch)
            if waiting != "empty":
                self._waits(mm if waiting == "this mm" else self.other_mm.mm)

    def _waits(self, owner: mm_struct) -> None:
        """An entry waits in the first CPU's batch, whichever of the two it has."""
        batch = self.hash_batches[0]
        batch.mm, batch.vaddr, batch.index = owner, [0xDEAD0000], 1
        other = self.per_cpu("tlb_batch", tlb_batch)
        other.mm, other.vaddrs, other.tlb_nr = owner, [0xDEAD0000], 1

    def _look(self) -> None:
        """See which CPUs are online by now."""
        if self.answers.rising and self.smp:
            more = tuple(count for count in self.answers.online if count >= len(self.online))
            self.online = frozenset(range(self.script.choose("online", more)))

    # --- writing down ---------------------------------------------------------------

    def emit(self, kind: Callable[..., ev.AnyEvent], *args: object) -> None:
        """Write an event down, as done here and now.

        Equal events are one object, so that comparing two traces is comparing pointers.
        """
        self.trace.append(_events[kind, self.cpu, self.agent, args])
        if len(self.trace) > self.effect_bound:
            raise TooManyEffects

    def boundary(self) -> None:
        """The place before an effect, where others act if the script wants it."""
        if self.pages.submitted and (page := self.pages.written_to()) is not None:
            self.emit(ev.Fault, ev.FaultKind.AFTER_SUBMIT, page)
        if self.in_callback:
            return
        if self.rcu.waiting:
            self._run_callbacks(early_only=True)
        self.between_calls()

    def between_calls(self) -> None:
        """The place before a call: the port may keep something there, and another gather may run."""
        self._boundaries += 1
        if self.at_boundary is not None:
            self.at_boundary(self._boundaries)

    @contextmanager
    def elsewhere(self, cpu: int, agent: str) -> Iterator[None]:
        """Let another agent act on another CPU, with interrupts and preemption of its own."""
        before = self.cpu, self.agent, self.preempt_depth, self.irqs_on
        holds_back = self.preempt_depth > 0 or not self.irqs_on
        self._suspended_regions += holds_back
        self.cpu, self.agent, self.preempt_depth, self.irqs_on = cpu, agent, 0, True
        try:
            yield
        finally:
            self.cpu, self.agent, self.preempt_depth, self.irqs_on = before
            self._suspended_regions -= holds_back

    # --- RCU ------------------------------------------------------------------------

    def call_rcu(self, head: rcu_head_p, func: rcu_callback_t, flavour: str, /) -> None:
        """Queue a callback; what it will free is filled in when it has run."""
        self.boundary()
        flavour = self._flavour(flavour)
        early = self.script.choose("grace period", self.answers.grace) == "early"
        callback = Callback(head.value, lambda: func(head), flavour, early, len(self.trace))
        self.emit(ev.CallRcu, head.value, flavour, ())
        if (page := self.pages.holder(head.value)) is None and not self.mm.has_table(head.value):
            self.emit(ev.Fault, ev.FaultKind.AFTER_FREE, head.value)
        elif page is not None:
            self.pages.submit(page)
        if not self.rcu.submit(callback):
            self.emit(ev.Fault, ev.FaultKind.DOUBLE_CALL_RCU, head.value)

    def synchronize(self, flavour: str, /) -> None:
        """Wait for a grace period."""
        self.boundary()
        self.emit(ev.GracePeriod, 0, self._flavour(flavour))

    def _flavour(self, asked: str) -> str:
        """Where the flavours are one, that one waits for all that any of them waited for."""
        return "consolidated" if self._consolidated else asked

    def _run_callbacks(self, *, early_only: bool) -> None:
        held_back = self.preempt_depth > 0 or not self.irqs_on or self._suspended_regions > 0
        while callback := self.rcu.take(early_only=early_only, held_back=held_back):
            self._run_callback(callback)

    def _run_callback(self, callback: Callback) -> None:
        """End a grace period, and run what waited for it in softirq on the other CPU."""
        with self.elsewhere(self._softirq, "softirq"):
            self.emit(ev.GracePeriod, callback.head, callback.flavour)
            if (page := self.pages.holder(callback.head)) is not None:
                self.pages.recall(page)
            self.emit(ev.CallbackBegin, callback.head)
            first = len(self.trace)
            self.in_callback = True
            for gather in self.gathers:
                gather.hide()
            try:
                callback.func()
            except AttributeError as error:
                if not any(gather.owns(error.obj) for gather in self.gathers):
                    raise
                self.emit(ev.Fault, ev.FaultKind.GATHER_GONE, callback.head)
            finally:
                touched = [gather.show() for gather in self.gathers]
                if any(touched):
                    self.emit(ev.Fault, ev.FaultKind.GATHER_GONE, callback.head)
                self.in_callback = False
                self._fill_in(callback, first)
            self.emit(ev.CallbackEnd, callback.head)

    def _fill_in(self, callback: Callback, first: int) -> None:
        """Note at the call_rcu which tables its callback has freed."""
        freed = tuple(
            event.addr
            for event in self.trace[first:]
            if isinstance(event, ev.FreePage | ev.KmemCacheFree) and event.addr not in self.pages.handed_out
        )
        call = self.trace[callback.position]
        assert isinstance(call, ev.CallRcu)
        with self.elsewhere(call.cpu, call.agent):
            self.emit(ev.CallRcu, call.head, call.flavour, freed)
        self.trace[callback.position] = self.trace.pop()

    def quiesce(self) -> None:
        """Let everything that is still under way come to its end."""
        if (page := self.pages.written_to()) is not None:
            self.emit(ev.Fault, ev.FaultKind.AFTER_SUBMIT, page)
        for cpu, func, info in self._unwaited_ipis:
            self._handle_ipi(cpu, func, info)
        # The task is over, be it by BUG(): nothing of it is running that a grace period could wait for.
        self.preempt_depth, self.irqs_on = 0, True
        self._run_callbacks(early_only=False)

    # --- other CPUs -----------------------------------------------------------------

    def smp_call_function(self, cpus: frozenset[int] | None, func: smp_call_func_t, info: object, wait: int, /) -> int:
        """Interrupt the others; without `wait` they run the handler when this task lets go."""
        if not self.smp:
            return 0
        self.boundary()
        self._look()
        targets = (self.online if cpus is None else cpus & self.online) - {self.cpu}
        self.emit(ev.SmpCallFunction, targets, self.online, bool(wait), self.irqs_on and not self.in_callback)
        for cpu in sorted(targets):
            if wait:
                self._handle_ipi(cpu, func, info)
            else:
                self._unwaited_ipis.append((cpu, func, info))
        return 0

    def _handle_ipi(self, cpu: int, func: smp_call_func_t, info: object) -> None:
        with self.elsewhere(cpu, "ipi"):
            func(info)
            self.emit(ev.IpiAck)

    def smp_processor_id(self) -> int:
        """Where the running agent is."""
        return self.cpu

    def num_online_cpus(self) -> int:
        """How many CPUs there are in this run."""
        if not self.smp:
            return 1
        self.boundary()
        self._look()
        self.emit(ev.NumOnlineCpus, len(self.online))
        return len(self.online)

    def preempt(self, delta: int, /) -> None:
        """Open or close a region that holds back a sched grace period."""
        if delta < 0:
            self.boundary()
        self._may_move()
        self.preempt_depth += delta
        self.emit(ev.Preempt, self.preempt_depth)

    def _may_move(self) -> None:
        """The last moment before a task is pinned: it may find itself on another CPU."""
        free = self.preempt_depth == 0 and self.irqs_on and len(self.online) > 1 and not self.in_callback
        if free and self.script.choose("move", self.answers.moves):
            to = 1 if self.cpu == 0 else 0
            self.emit(ev.Migrate, to)
            self.cpu = to

    def local_irq(self, on: bool, /) -> None:
        """Switch interrupts."""
        self.irqs_on = on
        self.emit(ev.Irqs, on)

    # --- the address space ------------------------------------------------------------

    def atomic_read(self, v: atomic_t, /) -> int:
        """Answer from the script; a callback that asks reads what is gone."""
        self.boundary()
        if self.in_callback:
            self.emit(ev.Fault, ev.FaultKind.GATHER_GONE, 0)
        value = self.script.choose(v.name, self.answers.mm_users)
        self.emit(ev.AtomicRead, v.name, value)
        return value

    def free_pages_and_swap_cache(self, pages: Sequence[page_p], /) -> None:
        """Let go of user pages."""
        self.boundary()
        self.emit(ev.FreePages, tuple(page.value for page in pages))

    def page_address(self, page: page_p, /) -> table_p:
        """Pages and their memory go by the same number here."""
        return table_p(page.value)

    def pgtable_page_dtor(self, page: page_p, /) -> None:
        """The lock of a PTE page is gone."""
        self.boundary()
        self.emit(ev.Dtor, page.value)

    def get_cpu_var(self) -> ppc64_tlb_batch:
        """This CPU's batch; preemption is off until it is put back."""
        self._may_move()
        self.preempt_depth += 1
        batch = self.hash_batches[self.cpu]
        self.emit(ev.GetCpuVar, batch.index, batch.mm.context_id if batch.mm and batch.index else 0)
        return batch

    def put_cpu_var(self) -> None:
        """The section without migration is over."""
        self.emit(ev.PutCpuVar, self.hash_batches[self.cpu].index)
        self.preempt_depth -= 1

    def invalidate(
        self, op: str, context: int, addrs: tuple[int, ...] | None, local: bool, ind: bool,
        span: tuple[int, int] | None = None, /,
    ) -> None:  # fmt: skip
        """Drop translations here, or everywhere."""
        self.boundary()
        cpus = frozenset({self.cpu}) if local else self.possible
        self.emit(ev.Invalidate, op, context, addrs, cpus, ind, span)

    def bug(self, expression: str, /) -> NoReturn:
        """End the running agent; in an interrupt, or with interrupts off, that is the end of the machine."""
        self.emit(ev.Bug, expression)
        self.halted = self.agent in ("softirq", "ipi") or not self.irqs_on
        raise BUG(expression)
