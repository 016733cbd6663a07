# SPDX-License-Identifier: GPL-2.0-only
"""A litmus, put to a port: record, lift, build the product, search, and read what was found.

A port is asked by the same host as in every case, once for each of its gathers; what comes back is lifted and
given its place: another name, CPU and addresses for a second gather.  The rest is the machine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from mmu_gather_reference.machine import gup, hash_fault, hugetlb, mmu, rmap, task, use_mm
from mmu_gather_spec import events as ev
from mmu_gather_spec.arch import ARCHS, Translation
from mmu_gather_spec.record import record, replace

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import litmus_machine
from mmu_gather_conformance.interleave import lift
from mmu_gather_conformance.interleave.automaton import Act, Automaton
from mmu_gather_conformance.interleave.players import Member, World
from mmu_gather_conformance.litmus import Gathers, Litmus, Runs
from mmu_gather_conformance.recorder import Recording, Run
from mmu_gather_conformance.scenario import Answers, Scenario

#: The programs that a litmus may name: how each is made from CPU, name, tables and page.
PROGRAMS: Final[dict[str, Callable[[int, str, Sequence[int], int], lift.Program]]] = {
    "gup_fast": gup.get_user_pages_fast,
    "rcu_reader": lambda cpu, name, tables, page: gup.rcu_reader(cpu, name, tables),
    "sched_reader": lambda cpu, name, tables, page: gup.sched_reader(cpu, name, tables),
    "old_pointer": lambda cpu, name, tables, page: gup.old_pointer(cpu, name, tables),
    "gup_outright": gup.gup_outright,
    "pte_offset_map_lock": lambda cpu, name, tables, page: gup.pte_offset_map_lock(cpu, name, tables),
    "aio": lambda cpu, name, tables, page: use_mm.aio(cpu, name, tables),
    "vhost": lambda cpu, name, tables, page: use_mm.vhost(cpu, name, tables),
    "vhost_puts_first": lambda cpu, name, tables, page: use_mm.vhost_puts_first(cpu, name, tables),
    "late_user": lambda cpu, name, tables, page: use_mm.late_user(cpu, name, tables),
    "mmu": lambda cpu, name, tables, page: mmu.walk_tables(cpu, name, tables),
    "access": lambda cpu, name, tables, page: mmu.access(cpu, name, page),
    "unmap_mapping_range": lambda cpu, name, tables, page: rmap.unmap_mapping_range(cpu, name, page),
    "page_mkclean": lambda cpu, name, tables, page: rmap.page_mkclean(cpu, name, page),
    "hash_page": lambda cpu, name, tables, page: hash_fault.hash_page(cpu, name, tables[0], page),
    "hash_page_irqs_on": lambda cpu, name, tables, page: hash_fault.hash_page_irqs_on(cpu, name, tables[0], page),
    "hash_page_unlocked": lambda cpu, name, tables, page: hash_fault.hash_page_unlocked(cpu, name, tables[0], page),
    "clone": lambda cpu, name, tables, page: task.clone(cpu, name),
    "exit": lambda cpu, name, tables, page: task.exit_mm(cpu, name),
    "clone_and_exit": lambda cpu, name, tables, page: task.clone_and_exit(cpu, name),
    "reuse_pmd": lambda cpu, name, tables, page: hugetlb.reuse_pmd(cpu, name, tables),
    "cpu_up": lambda cpu, name, tables, page: task.cpu_up(cpu, name),
}
#: How the entry above a table goes: the table is freed, or is left to those who share it.
Left: TypeAlias = ev.Unlink | ev.UnsharePmd
#: Programs that leave a duty of their own out: what comes of that is not held against a port.
CARELESS: Final = frozenset(
    {"rcu_reader", "sched_reader", "old_pointer", "gup_outright", "hash_page_irqs_on", "hash_page_unlocked"}
)
#: Programs that are nothing without a table.
ON_A_TABLE: Final = frozenset({"hash_page", "hash_page_irqs_on", "hash_page_unlocked"})
#: Programs that are not tasks but hardware.
HARDWARE: Final = frozenset({"mmu"})
#: From one gather's addresses to the next one's.
APART: Final = 0x2000000
#: Smaller words are counts and flags, not addresses.
LEAST_ADDRESS: Final = 0x10000
#: Below this are user pages and the addresses at which they are mapped; above it, kernel memory and tables.
KERNEL_PAGES: Final = 0x40000000


def users(litmus: Litmus, /) -> tuple[int, int]:
    """The least and the most that mm_users can be while it runs."""
    low = high = litmus.users
    for part in litmus.parts:
        if isinstance(part, Runs):
            left, came = _comings(part.program, len(part.tables))
            low, high = low - left, high + came
    return max(low, 0), high


@cache
def _comings(name: str, tables: int) -> tuple[int, int]:
    """How often a program may stop being a user of the mm, and how often it may become one."""
    walk = lift.program(lambda: PROGRAMS[name](0, name, (LEAST_ADDRESS,) * tables, LEAST_ADDRESS))
    events = [action.event for action in walk.actions() if isinstance(action, Act)]
    return sum(isinstance(each, ev.MmPut) for each in events), sum(isinstance(each, ev.MmGet) for each in events)


def program(part: Runs, tables: Sequence[int], page: int, name: str = "") -> Automaton:
    """The automaton of a program, with its addresses."""
    return lift.program(lambda: PROGRAMS[part.program](part.cpu, name or part.program, tables, page))


def case(litmus: Litmus, part: Gathers, arch: str, /) -> Case:
    """What a port is asked to do for one gather of a litmus."""
    low, high = users(litmus)
    online = litmus.online()
    answers = Answers(
        alloc=(True, False) if litmus.failing else (True,),
        slots=(True,),
        mm_users=tuple(range(high, low - 1, -1)),
        online=tuple(range(online, online + len(litmus.offline) + 1)),
        rising=bool(litmus.offline),
        cpumask=("here",) if litmus.local else ("everywhere",),
        nested=(False, True) if len(litmus.gathers()) > 1 else (),
        others_flush=(False, True) if len(litmus.gathers()) > 1 else (),
        grace=("late",),
        pte=(True, False) if any(each.over for each in litmus.gathers()) else (True,),
    )
    scenario = Scenario(
        litmus.name, litmus.comment, part.ops, answers, sizes=("small",), nested=len(litmus.gathers()) > 1
    )
    return Case(scenario, litmus_machine(arch, litmus.batch))


@record(frozen=True, slots=True)
class Place:
    """Where a gather of a litmus is, as against where it was recorded: as `a`, on cpu0."""

    name: str
    cpu: int
    index: int
    #: whether it goes over another gather's addresses
    shares: bool

    def moved(self, run: Run, /) -> Run:
        """The same run, done here."""
        if self == Place("a", 0, 0, self.shares):
            return run
        return replace(run, trace=(run.trace[0], *map(self._event, run.trace[1:])))

    def _event(self, event: ev.AnyEvent) -> ev.AnyEvent:
        names = type(event).__slots__
        return replace(event, **{name: self._value(name, getattr(event, name)) for name in ("cpu", "agent", *names)})

    def _value(self, name: str, value: Any) -> Any:
        if name == "agent":
            return self.name if value == "a" else value
        if name in ("cpu", "to"):
            return self._cpu(value)
        if name in ("cpus", "online"):
            return frozenset(map(self._cpu, value))
        if isinstance(value, tuple):
            return tuple(self._value(name, each) for each in value)
        if isinstance(value, bool) or not isinstance(value, int) or value < LEAST_ADDRESS:
            return value
        return value if self.shares and self._is_users(value) else value + self.index * APART

    @staticmethod
    def _is_users(address: int) -> bool:
        """Whether it is of a user's page, or where one is mapped."""
        return address < KERNEL_PAGES

    def _cpu(self, cpu: int) -> int:
        return {0: self.cpu, self.cpu: 0}.get(cpu, cpu)


@record(slots=True)
class Prepared:
    """A litmus with a port's automata in it, ready to be searched."""

    members: list[Member]
    world: World


def prepare(litmus: Litmus, arch: str, record: Callable[[Case], Recording], /) -> Prepared:
    """Record the gathers, make the programs, and put everybody in place.

    Errors: lift.Untestable.
    """
    members: list[Member] = []
    tables: dict[str, Left] = {}
    pages: dict[str, int] = {}
    boot: ev.Booted | None = None
    record = cache(record)  # two gathers that do the same are recorded once
    for index, part in enumerate(litmus.gathers()):
        place = Place(part.name, part.cpu, index, bool(part.over))
        recorded = record(case(litmus, part, arch))
        recorded = replace(recorded, runs=[place.moved(run) if run.plain else run for run in recorded.runs])
        longest = max((run.trace for run in recorded.runs if run.plain), key=len)
        boot = boot or boot_of(recorded)
        unlinked = {event.table: event for event in longest if isinstance(event, Left)}
        cleared = [event.page for event in longest if isinstance(event, ev.ClearPte | ev.SkipPte)]
        tables |= {f"{part.name}{at}": event for at, event in enumerate(unlinked.values())}
        pages |= {f"{part.name}{at}": page for at, page in enumerate(dict.fromkeys(cleared))}
        automaton = _task(litmus, lift.recording(recorded, part.name))
        members.append(Member(part.name, part.cpu, automaton, lock=part.over or part.name))
    assert boot is not None, "a litmus has a gather"
    members += _programs(litmus, arch, tables, pages)
    hashed = ARCHS[arch].translation is Translation.HASH_TABLE
    return Prepared(members, World(boot, hashed, litmus.users, frozenset(litmus.offline), litmus.online()))


def _task(litmus: Litmus, automaton: Automaton) -> Automaton:
    return automaton if litmus.preemptible else lift.kept(automaton)


def boot_of(recorded: Recording) -> ev.Booted:
    """The facts of the machine that a recording was made on."""
    boot = recorded.runs[0].trace[0]
    assert isinstance(boot, ev.Booted)
    return boot


def _programs(litmus: Litmus, arch: str, tables: dict[str, Left], pages: dict[str, int]) -> Iterator[Member]:
    """The programs, by names of their own: the second gup_fast is gup_fast.2.

    Hardware has to do with the levels of tables that it reads, and where it reads none it has no part in it.  Nor has
    a fault on a table that the port never comes to, since it ends before.
    """
    count: Counter[str] = Counter()
    for part in litmus.parts:
        if not isinstance(part, Runs):
            continue
        own = [tables[each] for each in part.tables if each in tables]
        task = part.program not in HARDWARE
        if not task:
            own = [event for event in own if _level(event) in ARCHS[arch].hw_walks_linux_tables]
        if not own and (not task or part.program in ON_A_TABLE):
            continue
        count[part.program] += 1
        number = count[part.program]
        name = part.program if number == 1 else f"{part.program}.{number}"
        automaton = program(part, [event.table for event in own], pages.get(part.page, 0), name)
        yield Member(name, part.cpu, _task(litmus, automaton) if task else automaton, part.program, task)


def _level(event: Left) -> str:
    """The level of a table, as an arch's facts name it.  Those that are shared are PMD tables."""
    return "pte" if isinstance(event, ev.Unlink) and not event.shift else "pmd"
