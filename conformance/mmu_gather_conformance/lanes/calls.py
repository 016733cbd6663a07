# SPDX-License-Identifier: GPL-2.0-only
"""Open calls: what each agent is in the middle of.

Callbacks and handlers are one agent by name but run on many CPUs at once; each CPU's is a task of its own.
A gather keeps its calls when it moves to another CPU.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec import events as ev


def task(event: ev.AnyEvent, /) -> tuple[str, int]:
    """Who does it: an agent, and for interrupts the CPU as well."""
    return event.agent, event.cpu if event.agent in ("softirq", "ipi") else -1


class Calls:
    """The open calls after the events so far, innermost last."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], tuple[str, ...]] = {}

    def read(self, event: ev.AnyEvent, /) -> None:
        """Take one event in."""
        if isinstance(event, ev.Enter):
            self._open[task(event)] = (*self.of(event), event.fn)
        elif isinstance(event, ev.Leave):
            self._open[task(event)] = self.of(event)[:-1]

    def of(self, event: ev.AnyEvent, /) -> tuple[str, ...]:
        """The open calls of whoever does `event`."""
        return self._open.get(task(event), ())


def depths(trace: Sequence[ev.AnyEvent], /) -> list[int]:
    """How many calls each event is inside of; a call and its return stand where the caller does."""
    calls = Calls()
    found = []
    for event in trace:
        before = len(calls.of(event))
        calls.read(event)
        found.append(min(before, len(calls.of(event))))
    return found
