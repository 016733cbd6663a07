# SPDX-License-Identifier: GPL-2.0-only
"""The product: all agents, the machine and the rules' slices, packed into one integer.

Each variable of the machine is a bit, mm_users a small field, each slice and each agent's place in its automaton
a field.  What an agent alone can change (its place, its regions, who waits for it, what its CPU has
cached) lies together in its own *word*, laid out alike for agents of one kind: that is what symmetry sorts.

A `Move` is an edge as the search takes it: a guard, masks, and a function for each slice.  Nothing is decided
here about which moves are worth taking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mmu_gather_spec import events as ev
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.rule import Rule

from mmu_gather_conformance.interleave.agents import Agent, Agents, Look, Move
from mmu_gather_conformance.interleave.automaton import (
    ENDED,
    Act,
    Action,
    Edge,
    Send,
    Submit,
)
from mmu_gather_conformance.interleave.bundle import bundled
from mmu_gather_conformance.interleave.effects import HALTED, USERS, Effect, Variable
from mmu_gather_conformance.interleave.players import Member, World, machine_of
from mmu_gather_conformance.interleave.slices import slices


class Product:
    """Everything that a search needs, in integers."""

    def __init__(
        self,
        members: Sequence[Member],
        world: World,
        rules: Iterable[Rule],
        *,
        explicit: bool = False,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.world = world
        rules = tuple(rules)
        self.machine = machine_of(members, world, without)
        explicit = explicit or any(ev.IpiAck in rule.monitor.reads for rule in rules)
        found = Agents(members, self.machine, explicit=explicit)
        self.agents, self._starts = found.agents, found.starts
        self.users = found.range_of_users(world.users)
        self.quiescent = ev.Quiescent(0, self.agents[0].name)
        self.slices = bundled(slices(rules, world.boot, [*found.events(), self.quiescent]))
        self._bits: dict[Variable, int] = {}
        self.shifts: list[int] = []
        self.width = 0
        self._alias = self._same_regions()
        effects = [
            [[self._effect(agent, edge.action) for edge in edges] for edges in agent.automaton.nodes]
            for agent in self.agents
        ]
        self._lay_out([effect for own in effects for at in own for effect in at])
        for agent, own in zip(self.agents, effects, strict=True):
            agent.moves = [
                tuple(
                    move
                    for edge, effect in zip(edges, at, strict=True)
                    if (move := self._move(agent, edge, effect)) is not None
                )
                for edges, at in zip(agent.automaton.nodes, own, strict=True)
            ]
        self.initial = self._initial()
        #: the bit that says that a BUG() was the end of all
        self.halted = 1 << self._bits[HALTED] if HALTED in self._bits else 0
        #: the bits of mm_users
        self.counter = ((1 << self.users[1].bit_length()) - 1) << self._bits[USERS] if USERS in self._bits else 0

    # --- the layout ---------------------------------------------------------------------

    def _lay_out(self, effects: Sequence[Effect]) -> None:
        """Give every variable its bits: what all share first, then a word for each agent."""
        written = {v for effect in effects for v, _ in effect.sets} | {v for e in effects for _, v in e.copies}
        read = {v for effect in effects for v, _ in effect.guard} | {v for e in effects for v, _ in e.copies}
        variables = sorted((v for v in written & read if v != USERS), key=repr)
        for variable in variables:
            if self._owner(variable) is None:
                self._bits[variable] = self._take(1)
        low, high = self.users
        if low != high and USERS in read:
            self._bits[USERS] = self._take(high.bit_length())
        for each in self.slices:
            self.shifts.append(self._take(each.bits))
        for agent in self.agents:
            start = self.width
            width = (len(agent.automaton.nodes) - 1).bit_length()
            agent.offset, agent.mask = self._take(width), (1 << width) - 1
            own = [v for v in variables if self._owner(v) == agent.name]
            for variable in sorted(own, key=lambda v: repr(v[:-1]) if v[-1] == agent.name else repr((v[0], v[2:]))):
                self._bits[variable] = self._take(1)
            agent.word = start, self.width - start

    def _same_regions(self) -> dict[Variable, Variable]:
        """For an agent that never has preemption off and IRQs on, both regions are one."""
        apart = {
            agent.name
            for agent in self.agents
            for action in agent.automaton.actions()
            if isinstance(action, Act) and action.irqs_off is not action.quiet
        }
        return {("quiet", agent.name): ("irqs off", agent.name) for agent in self.agents if agent.name not in apart}

    def _take(self, bits: int) -> int:
        offset, self.width = self.width, self.width + bits
        return offset

    def _owner(self, variable: Variable) -> str | None:
        """The agent in whose word a variable lies."""
        if variable[0] in ("irqs off", "quiet", "reading", "busy", "grace", "ipi"):
            return variable[-1] if isinstance(variable[-1], str) else None
        if variable[0] in ("walk cache", "tlb"):
            here = [agent.name for agent in self.agents if agent.cpu == variable[1] and agent.caller is None]
            return here[0] if len(here) == 1 else None
        return None

    def _initial(self) -> int:
        state = 0
        for variable, bit in self._bits.items():
            if variable == USERS:
                state |= self.world.users << bit
            elif self._at_first(variable):
                state |= 1 << bit
        for agent in self.agents:
            if agent.caller is None:
                state |= agent.automaton.start << agent.offset
        return state

    def _at_first(self, variable: Variable) -> bool:
        return variable[0] in ("linked", "present", "rmap", *(("hash",) if self.world.hashed else ()))

    # --- what a reduction asks ------------------------------------------------------------

    def regions_of(self, name: str, /) -> int:
        """The bits that say that an agent's regions are open."""
        regions = {self._alias.get((kind, name), (kind, name)) for kind in ("irqs off", "quiet", "reading")}
        return sum(1 << self._bits[region] for region in regions if region in self._bits)

    def waits_for(self, name: str, /) -> int:
        """The bits that only this agent clears, and that others wait to see clear."""
        own = (bit for v, bit in self._bits.items() if v[0] in ("grace", "ipi") and v[-1] == name)
        return self.regions_of(name) | sum(1 << bit for bit in own)

    def roots_of(self, name: str, /) -> list[int]:
        """The nodes at which a called agent begins."""
        at = next(index for index, agent in enumerate(self.agents) if agent.name == name)
        return [root for index, root in self._starts.values() if index == at]

    # --- moves --------------------------------------------------------------------------

    def _effect(self, agent: Agent, action: Action) -> Effect:
        """The effect of an action, with what its agent's CPU and place ask for."""
        effect = self.machine.effect(action, agent.name)
        guard = effect.guard
        sets = effect.sets
        event = action.event if isinstance(action, Act) else None
        guard += self.machine.running()
        if agent.caller is None:
            guard += self.machine.free_cpu(agent.name, action)
        elif agent.handler:
            guard += self.machine.irqs_on(agent.cpu, agent.name)
            if isinstance(event, ev.IpiAck):
                sets += ((("ipi", *agent.caller), 0),)
        elif isinstance(event, ev.GracePeriod) and event.head:
            guard += self.machine.grace_period(*agent.caller, event.flavour)
        real = self._alias.get
        return Effect(
            tuple((real(v, v), value) for v, value in guard),
            tuple((real(v, v), value) for v, value in sets),
            tuple((real(source, source), to) for source, to in effect.copies),
            effect.users,
        )

    def _move(self, agent: Agent, edge: Edge, effect: Effect) -> Move | None:
        """An edge, packed; None where its guard can never hold."""
        packed = self._guard(effect)
        if packed is None:
            return None
        guard, value = packed
        keep, set_ = -1, 0
        for variable, new in effect.sets:
            if variable in self._bits:
                bit = 1 << self._bits[variable]
                keep, set_ = keep & ~bit, (set_ | bit) if new else set_ & ~bit
        copies, keep = self._copies(effect, keep)
        add = effect.users << self._bits[USERS] if USERS in self._bits else 0
        for index, root in self._calls(agent, edge.action):
            called = self.agents[index]
            keep &= ~(called.mask << called.offset)
            set_ |= root << called.offset
        event = getattr(edge.action, "event", None)
        events = () if event is None else (event,)
        return Move(edge.to, guard, value, keep, set_, copies, add, self._looks(events), events)

    def _calls(self, agent: Agent, action: Action) -> list[tuple[int, int]]:
        """The agents that an action starts, and where."""
        if isinstance(action, Submit):
            found = [self._starts.get((agent.name, action.callback, action.slot))]
        elif isinstance(action, Send):
            found = [self._starts.get((agent.name, body, -1 - cpu)) for cpu, body in action.handlers]
        else:
            return []
        return [start for start in found if start is not None and start[1] != ENDED]

    def _guard(self, effect: Effect) -> tuple[int, int] | None:
        guard = value = 0
        for variable, wanted in effect.guard:
            if variable == USERS:
                low, high = self.users
                if not low <= wanted <= high:
                    return None
                if USERS in self._bits:
                    guard |= ((1 << high.bit_length()) - 1) << self._bits[USERS]
                    value |= wanted << self._bits[USERS]
            elif variable in self._bits:
                bit = 1 << self._bits[variable]
                if guard & bit and bool(value & bit) != bool(wanted):
                    return None
                guard, value = guard | bit, value | (bit if wanted else 0)
            elif bool(wanted) != self._at_first(variable):
                return None
        return guard, value

    def _copies(self, effect: Effect, keep: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Bits that are copied, by how far they go."""
        by_shift: dict[int, int] = {}
        for source, to in effect.copies:
            if to in self._bits:
                keep &= ~(1 << self._bits[to])
                if source in self._bits:
                    shift = self._bits[to] - self._bits[source]
                    by_shift[shift] = by_shift.get(shift, 0) | 1 << self._bits[source]
        return tuple((mask, shift) for shift, mask in sorted(by_shift.items())), keep

    def _looks(self, events: tuple[AnyEvent, ...]) -> tuple[Look, ...]:
        return tuple(
            Look(index, each.steps[event])
            for event in events
            for index, each in enumerate(self.slices)
            if event in each.steps
        )
