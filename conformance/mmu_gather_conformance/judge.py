# SPDX-License-Identifier: GPL-2.0-only
"""The judge: folds every monitor over every trace of a recording.

Traces of one case share most of their beginnings, so they are folded as a tree, and a step that a monitor
has taken once is remembered by its number.  Both are sound because a monitor's state is a value.  A violation that is a
known erratum of the port's era is noted, and the monitor goes on as if the event had not been
there, so that a known defect hides no other.

The judge decides nothing about ports, archs or output; it returns what each rule found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mmu_gather_spec.events import AnyEvent, Booted, Event
from mmu_gather_spec.record import field, record, replace
from mmu_gather_spec.rule import Rule, Status, Violation

from mmu_gather_conformance.recorder import Run


@record(frozen=True, slots=True)
class Finding:
    """What one rule found wrong first: in which run, and after how many events."""

    rule: Rule
    violation: Violation
    run: Run
    #: index of the offending event in the run's trace; its length for a violation at the end
    at: int


@record(slots=True)
class Findings:
    """What one rule found in a case: the first violation, and the first known defect."""

    violation: Finding | None = None
    known: Finding | None = None

    def note(self, finding: Finding, status: Status) -> None:
        """Keep the earliest of its kind, known defects of the era apart."""
        known = finding.violation.erratum in status.errata
        kept = self.known if known else self.violation
        if kept is None or finding.at < kept.at:
            if known:
                self.known = finding
            else:
                self.violation = finding


@record(slots=True)
class _Node:
    """A place in the tree of traces: what comes next, and one run that goes through here."""

    run: Run
    next: dict[int, _Node] = field(default_factory=dict)
    ends: bool = False


#: A monitor that has found a violation is not asked again below that event.
_DONE: Final = 0
#: In a trace of more events states are large and seldom seen twice: they are not worth their room.
LONG: Final = 2000
#: Room for the number of an event, beside that of a state.
_EVENT_BITS: Final = 32


class _Table:
    """One monitor as an automaton that grows: states by number, and the steps that were taken once.

    It serves every machine: what a monitor needs to know of one is in its first state.
    A violation is kept as what to report; its step leads to `_DONE`, or, for a known erratum, nowhere.
    """

    def __init__(self, rule: Rule, status: Status) -> None:
        self.monitor = rule.monitor
        self.status = status
        self._states: list[Any] = [None]
        self._numbers: dict[Any, int] = {}
        #: by state and event number; below zero (~state) where the step is a violation as well
        self.steps: dict[int, int] = {}
        self.violations: dict[int, Violation] = {}

    def start(self, boot: Booted) -> int:
        """The state before anything has happened on a machine."""
        return self._number(self.monitor.initial(boot))

    def _number(self, state: Any) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def step(self, state: int, key: int, event: AnyEvent) -> int:
        """Take a step that was not taken before, and remember it."""
        result = self.monitor.step(self._states[state], event)
        if isinstance(result, Violation):
            self.violations[key] = result
            after = ~(state if result.erratum in self.status.errata else _DONE)
        else:
            after = self._number(result)
        self.steps[key] = after
        return after

    def finish(self, state: int) -> Violation | None:
        """What the end of a trace shows."""
        return self.monitor.finish(self._states[state])


class Judge:
    """Judges recordings of one era's ports by some rules, and learns their monitors as it goes."""

    def __init__(self, rules: Sequence[Rule], era: str, /) -> None:
        self.rules = rules
        self.era = era
        self._events: dict[AnyEvent, int] = {}
        self._tables = {rule.id: _Table(rule, rule.status_in(era)) for rule in rules}
        self._folds: dict[Booted, _Fold] = {}

    def judge(self, runs: Sequence[Run], /, only: frozenset[str] = frozenset()) -> dict[str, Findings]:
        """What each rule found in these runs; `only`: the ids of the rules to ask, none for all."""
        findings = {rule.id: Findings() for rule in self.rules if not only or rule.id in only}
        if len(runs) == 1 or any(len(run.trace) > LONG for run in runs):
            for run in runs:
                self._fold(_boot(run)).follow(run, findings)
            return findings
        known: dict[int, int] = {}
        events: dict[int, AnyEvent] = {}
        roots: dict[Booted, _Node] = {}
        for run in runs:
            boot = _boot(run)
            node = roots.get(boot) or roots.setdefault(boot, _Node(run))
            for event in run.trace[1:]:
                number = known.get(id(event))
                if number is None:
                    number = known[id(event)] = self._events.setdefault(event, len(self._events))
                    events[number] = event
                child = node.next.get(number)
                if child is None:
                    child = node.next[number] = _Node(run)
                node = child
            node.ends = True
        for boot, root in roots.items():
            self._fold(boot).descend(root, events, findings)
        return findings

    def _fold(self, boot: Booted) -> _Fold:
        """The fold for a machine; what the gather was filled with is no fact of the machine."""
        machine = replace(boot, poison=0)
        fold = self._folds.get(machine)
        if fold is None:
            fold = self._folds[machine] = _Fold(machine, self.rules, self._tables)
        return fold


def _boot(run: Run) -> Booted:
    boot = run.trace[0]
    assert isinstance(boot, Booted), "every trace begins with the facts of its machine"
    return boot


class _Fold:
    """The applicable monitors on one machine, folded over trees of traces."""

    def __init__(self, boot: Booted, rules: Sequence[Rule], tables: Mapping[str, _Table]) -> None:
        self.rules = [rule for rule in rules if rule.applies(boot)]
        self.tables = [tables[rule.id] for rule in self.rules]
        self.starts = [table.start(boot) for table in self.tables]
        self.readers: dict[type[Event], tuple[int, ...]] = {}
        for index, rule in enumerate(self.rules):
            for kind in rule.monitor.reads:
                self.readers[kind] = (*self.readers.get(kind, ()), index)

    def descend(self, root: _Node, events: dict[int, AnyEvent], findings: dict[str, Findings]) -> None:
        """Depth first, with the monitors' states carried along."""
        start = [state if rule.id in findings else _DONE for rule, state in zip(self.rules, self.starts, strict=True)]
        stack: list[tuple[_Node, list[int], int]] = [(root, start, 1)]
        while stack:
            node, states, depth = stack.pop()
            if node.ends:
                self._finish(node, states, depth, findings)
            for number, child in node.next.items():
                after = self._step(child, states, number, events[number], depth, findings)
                stack.append((child, after, depth + 1))

    def follow(self, run: Run, findings: dict[str, Findings]) -> None:
        """One trace by itself: nothing is shared, so nothing is remembered."""
        for rule, table in zip(self.rules, self.tables, strict=True):
            if rule.id not in findings:
                continue
            note, step, reads = findings[rule.id].note, rule.monitor.step, frozenset(rule.monitor.reads)
            state = rule.monitor.initial(_boot(run))
            for at, event in enumerate(run.trace):
                if type(event) not in reads:
                    continue
                result = step(state, event)
                if not isinstance(result, Violation):
                    state = result
                    continue
                note(Finding(rule, result, run, at), table.status)
                if result.erratum not in table.status.errata:
                    break
            else:
                if violation := rule.monitor.finish(state):
                    note(Finding(rule, violation, run, len(run.trace)), table.status)

    def _step(
        self,
        node: _Node,
        states: list[int],
        number: int,
        event: AnyEvent,
        depth: int,
        findings: dict[str, Findings],
    ) -> list[int]:
        after = states
        for index in self.readers.get(type(event), ()):
            before = states[index]
            if before == _DONE:
                continue
            table = self.tables[index]
            key = before << _EVENT_BITS | number
            state = table.steps.get(key)
            if state is None:
                state = table.step(before, key, event)
            if state < 0:
                self._note(index, table.violations[key], node, depth, findings)
                state = ~state
            if state != before:
                if after is states:
                    after = states.copy()
                after[index] = state
        return after

    def _finish(self, node: _Node, states: list[int], depth: int, findings: dict[str, Findings]) -> None:
        for index, state in enumerate(states):
            if state != _DONE and (violation := self.tables[index].finish(state)):
                self._note(index, violation, node, depth, findings)

    def _note(self, index: int, violation: Violation, node: _Node, depth: int, findings: dict[str, Findings]) -> None:
        rule = self.rules[index]
        findings[rule.id].note(Finding(rule, violation, node.run, depth), self.tables[index].status)


def judge(runs: Sequence[Run], rules: Sequence[Rule], era: str) -> dict[str, Findings]:
    """What each rule found in these runs, judged once and nothing kept."""
    return Judge(rules, era).judge(runs)
