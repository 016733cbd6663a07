# SPDX-License-Identifier: GPL-2.0-only
"""What is known at one point of a trace, in a few lines: the tables, mm_users, who holds back whom, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mmu_gather_spec import events as ev

from mmu_gather_conformance.lanes.lives import Life, lives
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.spans import Kind, Span, spans

#: The words before the lines.
TABLES: Final = "tables"
USERS: Final = "mm_users"
IRQS_OFF: Final = "IRQs off"
PREEMPT_OFF: Final = "preempt off"
WAITING: Final = "waiting"


class States:
    """The states of one trace, for whoever asks for several."""

    def __init__(self, trace: Sequence[ev.AnyEvent], names: Names, /) -> None:
        self._trace = trace
        self._names = names
        self._spans = spans(trace)
        self._lives = lives(trace)

    def after(self, at: int, /) -> dict[str, str]:
        """The state once event `at` has happened, each line by the word before it."""
        now = [span for span in self._spans if span.open_after(at)]
        return {
            TABLES: self._tables(at) or "none",
            USERS: _users(self._trace[: at + 1]),
            IRQS_OFF: _holders(now, Kind.IRQS_OFF) or "nowhere",
            PREEMPT_OFF: _holders(now, Kind.PREEMPT_OFF) or "nowhere",
            WAITING: "; ".join(filter(None, (_waits(span, at, self._names) for span in now))) or "nobody",
        }

    def _tables(self, at: int) -> str:
        """The tables by stage, in the order of a life; those are linked that appear only later."""
        parts = []
        for life in Life:
            tables = [table for table, history in self._lives.items() if history.after(at) is life]
            if tables:
                parts.append(f"{life.value} {self._names.several(tables)}")
        late = [table for table, history in self._lives.items() if any(when <= at for when in history.too_late)]
        if late:
            parts.append(f"touched after it was freed {self._names.several(late)}")
        return "; ".join(parts)


def state(trace: Sequence[ev.AnyEvent], at: int, names: Names, /) -> dict[str, str]:
    """The state once event `at` has happened, each line by the word before it."""
    return States(trace, names).after(at)


def _users(before: Sequence[ev.AnyEvent]) -> str:
    """mm_users as somebody last read it: that it has changed since, nobody need have noticed."""
    for event in reversed(before):
        if isinstance(event, ev.AtomicRead) and event.var == "mm_users":
            return f"{event.value} when last read"
    return "not read yet"


def _holders(now: Sequence[Span], kind: Kind) -> str:
    """Where a region is open, and whose it is."""
    return ", ".join(f"cpu{span.cpu} ({span.agent})" for span in now if span.kind is kind)


def _waits(span: Span, at: int, names: Names) -> str:
    """Who waits, and for what."""
    if span.kind is Kind.GRACE_PERIOD:
        return f"{names.of(span.head)} for a grace period ({names.several(span.tables) or 'no table'})"
    if span.kind is Kind.IPI:
        silent = span.cpus - {cpu for cpu, when in span.acks if when <= at}
        return f"cpu{span.cpu} ({span.agent}) for the IPI to {', '.join(f'cpu{cpu}' for cpu in sorted(silent))}"
    return ""
