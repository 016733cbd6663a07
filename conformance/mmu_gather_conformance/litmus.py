# SPDX-License-Identifier: GPL-2.0-only
"""A litmus: who runs on which CPU, and the outcome that is asked about, which comes last.

It is data, about ten lines, and says nothing about implementations: a gather in it is whatever port is under
test.  The question is always the same: is there an interleaving in which this rule is broken?  The
answer is Never, Sometimes or Always.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from mmu_gather_spec.record import record

from mmu_gather_conformance.scenario import AnyOp, Finish, Gather, Migrate


@record(frozen=True, slots=True)
class Part:
    """Somebody who takes part, and on which CPU."""

    #: what it is called in a file
    part: ClassVar[str]
    cpu: int


@record(frozen=True, slots=True)
class Gathers(Part):
    """A task that unmaps: the port, with its caller around it."""

    part = "gather"
    ops: tuple[AnyOp, ...]
    name: str = "a"
    #: it goes over the same user addresses as this other gather
    over: str = ""


@record(frozen=True, slots=True)
class Runs(Part):
    """A program of the machine; `tables` and `page` are named after the gather that unmaps them: a0, a1, b0."""

    part = "runs"
    program: str
    tables: tuple[str, ...] = ()
    page: str = ""


AnyPart: TypeAlias = Gathers | Runs


@record(frozen=True, slots=True)
class Litmus:
    """A named question about interleavings."""

    name: str
    comment: str
    parts: tuple[AnyPart, ...]
    #: the rule whose violation is the outcome that is asked about
    forbidden: str
    #: the name of a litmus that differs in one line, and has another answer somewhere
    sister: str
    #: mm_users when everybody begins
    users: int = 2
    #: whether each allocation of a batch may fail
    failing: bool = False
    #: how many tables a batch holds
    batch: int = 2
    #: archs that it is about; none for all that the port has
    archs: tuple[str, ...] = ()
    #: the CPU that comes online later, if one does
    offline: tuple[int, ...] = ()
    #: whether there is a CPU more, that has nothing to do but to run callbacks
    spare: bool = True
    #: whether a task may be preempted between two of its steps
    preemptible: bool = True
    #: whether mm_cpumask holds the gather's own CPU alone; hardware elsewhere has then nothing of the mm
    local: bool = False

    def __post_init__(self) -> None:
        """Refuse what the machine has no meaning for."""
        if self.offline and self.offline != (self.online(),):
            raise ValueError("at most one CPU comes online, and it is the first behind those that are")
        moves = any(isinstance(op, Migrate) for part in self.gathers() for op in part.ops)
        if moves and not self.preemptible:
            raise ValueError("a task that keeps its CPU does not move to another")

    def gathers(self) -> tuple[Gathers, ...]:
        """The parts that are the port's."""
        return tuple(part for part in self.parts if isinstance(part, Gathers))

    def online(self) -> int:
        """How many CPUs are online at first."""
        return max(part.cpu for part in self.parts if part.cpu not in self.offline) + 1 + self.spare


def gather(
    cpu: int, *ops: AnyOp, name: str = "a", over: str = "", whole: bool = False, attached: bool = False
) -> Gathers:
    """A gather on a CPU: begun, these operations, ended.

    whole: of the whole mm, as exit_mmap() does it.  attached: its VMA is taken off the reverse maps by an operation.
    """
    return Gathers(cpu, (Gather(fullmm=whole, attached=attached), *ops, Finish()), name, over)


def runs(cpu: int, program: str, *tables: str, page: str = "") -> Runs:
    """A program of the machine on a CPU."""
    return Runs(cpu, program, tables, page)
