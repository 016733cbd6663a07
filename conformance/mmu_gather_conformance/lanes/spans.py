# SPDX-License-Identifier: GPL-2.0-only
"""Spans: what lasts from one event to another, and holds others back while it lasts.

A region with IRQs off keeps a CPU from taking an IPI, and a sched grace period from ending; one with
preemption off does only the second.  A grace period lasts from call_rcu until it lets the callback run, an IPI
until the last CPU has answered.  Handlers do not say whose IPI they answer: each CPU answers in order.  A sender
that waited and goes on has its answers, also where a trace leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import field, record, replace

from mmu_gather_conformance.lanes.calls import task

#: At most so many spans are drawn beside each other; a reader could not follow more.
MOST_AT_ONCE: Final = 6


class Kind(Enum):
    """What a span is; the value is what a legend calls it."""

    IRQS_OFF = "IRQs off"
    PREEMPT_OFF = "preemption off"
    GRACE_PERIOD = "grace period"
    IPI = "IPI"


@record(frozen=True, slots=True)
class Span:
    """From event `first` to event `last`, both included; last is None where it has not ended."""

    kind: Kind
    cpu: int
    agent: str
    first: int
    last: int | None = None
    #: of a grace period: its callback, and what that frees
    head: int = 0
    tables: tuple[int, ...] = ()
    #: of an IPI: who is to answer, and each answer as (cpu, event)
    cpus: frozenset[int] = frozenset()
    acks: tuple[tuple[int, int], ...] = ()
    waits: bool = False

    def covers(self, at: int, /) -> bool:
        """Whether it is there at an event: its first and its last one count."""
        return self.first <= at and (self.last is None or at <= self.last)

    def open_after(self, at: int, /) -> bool:
        """Whether it is still there once the event has happened."""
        return self.first <= at and (self.last is None or at < self.last)


@record(slots=True)
class _Reader:
    """The spans so far: those that have ended, and those that have not, by what would end them."""

    ended: list[Span] = field(default_factory=list)
    regions: dict[tuple[Kind, tuple[str, int]], Span] = field(default_factory=dict)
    #: why a region is there; it ends when no reason is left
    reasons: dict[tuple[Kind, tuple[str, int]], frozenset[str]] = field(default_factory=dict)
    grace_periods: list[Span] = field(default_factory=list)
    ipis: list[Span] = field(default_factory=list)

    def read(self, at: int, event: ev.AnyEvent) -> None:
        self._goes_on(at, event)
        match event:
            case ev.WalkBegin():
                self._region(at, event, Kind.IRQS_OFF, "walk", there=not event.irqs_on)
            case ev.WalkEnd():
                self._region(at, event, Kind.IRQS_OFF, "walk", there=False)
            case ev.Irqs():
                self._region(at, event, Kind.IRQS_OFF, "irqs", there=not event.on)
            case ev.Preempt():
                self._region(at, event, Kind.PREEMPT_OFF, "count", there=event.depth > 0)
            case ev.GetCpuVar() | ev.PutCpuVar():
                self._region(at, event, Kind.PREEMPT_OFF, "per-cpu", there=isinstance(event, ev.GetCpuVar))
            case ev.ContextLock():
                self._region(at, event, Kind.PREEMPT_OFF, "context.lock", there=event.held)
            case ev.CallRcu():
                span = Span(Kind.GRACE_PERIOD, event.cpu, event.agent, at, head=event.head, tables=event.tables)
                self.grace_periods.append(span)
            case ev.GracePeriod():
                self._grace_period(at, event.head)
            case ev.SmpCallFunction() if event.cpus:
                self.ipis.append(Span(Kind.IPI, event.cpu, event.agent, at, cpus=event.cpus, waits=event.wait))
            case ev.IpiAck():
                self._ack(at, event.cpu)

    def _region(self, at: int, event: ev.AnyEvent, kind: Kind, reason: str, *, there: bool) -> None:
        key = kind, task(event)
        before = self.reasons.get(key, frozenset())
        after = before | {reason} if there else before - {reason}
        self.reasons[key] = after
        if after and not before:
            self.regions[key] = Span(kind, event.cpu, event.agent, at)
        elif before and not after:
            self.ended.append(replace(self.regions.pop(key), last=at))

    def _grace_period(self, at: int, head: int) -> None:
        for span in self.grace_periods:
            if span.head == head:
                self.grace_periods.remove(span)
                self.ended.append(replace(span, last=at))
                return

    def _goes_on(self, at: int, event: ev.AnyEvent) -> None:
        for span in self.ipis:
            if span.waits and span.agent == event.agent:
                self.ipis.remove(span)
                self.ended.append(replace(span, last=at))
                return

    def _ack(self, at: int, cpu: int) -> None:
        for place, span in enumerate(self.ipis):
            answered = {who for who, _ in span.acks}
            if cpu not in span.cpus - answered:
                continue
            now = replace(span, acks=(*span.acks, (cpu, at)))
            if answered | {cpu} == span.cpus:
                self.ended.append(replace(now, last=at))
                del self.ipis[place]
            else:
                self.ipis[place] = now
            return


def spans(trace: Sequence[ev.AnyEvent], /) -> tuple[Span, ...]:
    """All spans of a trace, in the order in which they begin."""
    reader = _Reader()
    for at, event in enumerate(trace):
        reader.read(at, event)
    found = [*reader.ended, *reader.regions.values(), *reader.grace_periods, *reader.ipis]
    return tuple(sorted(found, key=lambda span: (span.first, span.kind.value)))


def beside_each_other(found: Iterable[Span], /) -> tuple[list[list[Span]], int]:
    """Spans in columns in which none meets another, and how many there is no column for."""
    columns: list[list[Span]] = []
    left_out = 0
    for span in found:
        free = (column for column in columns if column[-1].last is not None and column[-1].last < span.first)
        column = next(free, None)
        if column is not None:
            column.append(span)
        elif len(columns) < MOST_AT_ONCE:
            columns.append([span])
        else:
            left_out += 1
    return columns, left_out
