# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a rule is, and what a monitor is.

A rule is one sentence with an id.  Its monitor is a small automaton that reads a trace from
left to right: `initial`, `step`, `finish`.  Its states are values that can be hashed and are
never changed in place, so that a search can carry them and fold equal ones together.

A monitor knows the trace and the facts of the machine in its first event.  It does not know
eras: where an era's own code breaks the rule, the violation names the erratum, and the
rule's status in that era says whether the erratum is known there.  So no rule ever
requires a defect, and a known defect never hides another one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.events import AnyEvent, Booted, Event
from mmu_gather_spec.record import record


class Level(Enum):
    """How much a rule binds, in RFC 2119's words."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Evidence(Enum):
    """Where the sentence comes from."""

    #: the text of the patch says it
    SEED = "seed"
    #: a kernel's source or comment says it
    KERNEL = "kernel"
    #: the body it speaks of is not in the seed and was rebuilt from its neighbours
    RECONSTRUCTED = "reconstructed"
    #: it follows from the others
    DERIVED = "derived"


class Binds(Enum):
    """Whose duty the sentence is: the first word of a violation."""

    PORT = "port"
    CALLER = "caller"
    WALKER = "walker"
    CONFIGURATION = "configuration"


class Standing(Enum):
    """What a rule is in an era."""

    REQUIRED = "required"
    #: the era's code does otherwise, and that is a defect; it is permitted, never required
    AS_WRITTEN = "as-written"
    #: the law came later
    NOT_YET = "not-yet"
    SUPERSEDED = "superseded"


@record(frozen=True, slots=True)
class Status:
    """The standing of a rule in one era, and which errata that era is known for."""

    standing: Standing
    errata: frozenset[str] = frozenset()

    def judges(self) -> bool:
        """Whether a port of this era is held to the rule."""
        return self.standing in (Standing.REQUIRED, Standing.AS_WRITTEN)


REQUIRED = Status(Standing.REQUIRED)
NOT_YET = Status(Standing.NOT_YET)


SUPERSEDED = Status(Standing.SUPERSEDED)


def as_written(*errata: str) -> Status:
    """The status of a rule that the era's own code breaks, in these known ways only."""
    return Status(Standing.AS_WRITTEN, frozenset(errata))


def over_time(changes: Mapping[str, Status], /) -> dict[str, Status]:
    """The status in every era, from those in which it changes: each holds until the next.

    Before the first of them the rule is not yet one.
    """
    unknown = changes.keys() - ERAS.keys()
    assert not unknown, f"no era of this name: {', '.join(sorted(unknown))}"
    found: dict[str, Status] = {}
    now = NOT_YET
    for era in ERAS:
        found[era] = now = changes.get(era, now)
    return found


#: Required in every era.
ALWAYS = over_time({next(iter(ERAS)): REQUIRED})


@record(frozen=True, slots=True)
class Source:
    """Where a sentence can be read: a file, a phrase in it, and the seed's lines if any."""

    file: str
    phrase: str
    seed: tuple[int, int] | None = None

    def __str__(self) -> str:
        where = f"{self.file}, {self.phrase!r}"
        if self.seed is None:
            return where
        first, last = self.seed
        return f"{where}, seed line{'s' if last > first else ''} {first}" + (f"-{last}" if last > first else "")


@record(frozen=True, slots=True)
class Violation:
    """What a monitor found: the offending event, the one it contradicts, and a sentence."""

    reason: str
    culprit: Event
    because: Event | None = None
    #: the known defect that this is an instance of, such as S2
    erratum: str | None = None


State = TypeVar("State", bound=Hashable)


class Monitor(ABC, Generic[State]):
    """A rule's checker.  It has no state of its own; see `initial`."""

    #: the kinds of event that it reads; it is never given others
    reads: tuple[type[Event], ...]

    @abstractmethod
    def initial(self, boot: Booted, /) -> State:
        """The state before anything has happened on a machine with these facts."""

    @abstractmethod
    def step(self, state: State, event: AnyEvent, /) -> State | Violation:
        """The state after `event`, or what is wrong with it."""

    def finish(self, state: State, /) -> Violation | None:
        """What is wrong with the trace as a whole, now that it has ended."""
        return None

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        """Which tables or pages an event concerns; None: all of them.

        A monitor that keeps its tables apart says so here, and may then be followed for one table at a
        time: what it finds in a trace it also finds in the events about that table alone.  A search needs
        this to see that steps about two tables have nothing to do with each other.
        """
        return None


def everywhere(boot: Booted, /) -> bool:
    """A rule that applies on every machine."""
    return True


def on_smp(boot: Booted, /) -> bool:
    """Where another CPU can walk."""
    return boot.smp


def batches_tables(boot: Booted, /) -> bool:
    """Where tables go through a batch: a machine whose arch selects it, on SMP; since v5.7 on UP, too."""
    return ARCHS[boot.arch].selects_table_batching and (boot.smp or ERAS[boot.era].batches_on_up)


def batches_on_smp(boot: Booted, /) -> bool:
    """SMP, where tables are batched."""
    return boot.smp and batches_tables(boot)


def needs_speculative_get(boot: Booted, /) -> bool:
    """Where only tables are kept for a walker."""
    return ARCHS[boot.arch].pages_need_speculative_get


@record(frozen=True, slots=True)
class Rule:
    """One normative sentence, with all that is known of it."""

    id: str
    #: the row of the research notes that it makes precise; kept for the history of a rule
    row: str
    level: Level
    sentence: str
    sources: tuple[Source, ...]
    evidence: Evidence
    #: what its states are is each monitor's own affair
    monitor: Monitor[Any]
    status: Mapping[str, Status]
    binds: Binds = Binds.PORT
    applies: Callable[[Booted], bool] = everywhere
    #: where it applies, in words
    where: str = "every architecture"

    @property
    def mechanism(self) -> str:
        """The first part of the id: the page that it is on."""
        return self.id.partition(".")[0]

    def status_in(self, era: str, /) -> Status:
        """Its status in an era.  Errors: KeyError for an era that is not declared."""
        return self.status[era]
