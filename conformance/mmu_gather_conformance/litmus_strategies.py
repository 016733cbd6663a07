# SPDX-License-Identifier: GPL-2.0-only
"""Hypothesis strategies: litmus tests, small enough that every interleaving can be visited.

An example has one gather or two, and up to three programs that walk, fault, come or go beside them, each on a CPU of
its own or on one where somebody is.  It asks about any rule that a search can carry.  Nothing here knows an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS

from mmu_gather_conformance.litmus import AnyPart, Gathers, Litmus, Runs, gather
from mmu_gather_conformance.scenario import AnyOp, Entry, Flush, Migrate, Page, Table

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise click.UsageError("random litmus tests need hypothesis: pip install 'mmu-gather[test]'") from error

#: What a gather does between its beginning and its end; tables first, since they are what it is about.
OPERATIONS: Final[tuple[AnyOp, ...]] = (
    Table(),
    Table(),
    Page(),
    Flush(),
    Entry(),
    Table(level="pmd"),
    Table(count=2),
    Migrate(),
)
#: Programs that walk tables, and those that need a page, a user or a CPU.
WALKERS: Final = ("gup_fast", "aio", "vhost", "rcu_reader", "sched_reader", "mmu")
USERS: Final = ("clone", "exit", "clone_and_exit")
#: The rules that programs break, or a port that goes wrong beside them.
RULES: Final = (
    "walk.never-a-freed-table",
    "walk.fallback-is-no-grace-period",
    "walk.nobody-below-two-users",
    "walk.irqs-off-and-fresh",
    "separation.waited-for-every-cpu",
    "order.unhooked-before-given",
    "order.page-freed-after-flush",
    "order.nothing-stale-after-finish",
    "separation.sched-flavour",
    "walk.hardware-never-a-freed-table",
    "walk.no-access-to-a-freed-page",
    "batch.freed-exactly-once",
)


@st.composite
def litmuses(draw: st.DrawFn, rules: Sequence[str] = RULES) -> Litmus:
    """A litmus of one gather and up to three programs, or of two and up to one."""
    two = draw(st.sampled_from((False, False, False, True)))
    gathers = [_gather(draw, "a", 0, 1 if two else 2)]
    if two:
        gathers.append(_gather(draw, "b", draw(st.sampled_from((1, 1, 0))), 1, draw(st.sampled_from(("", "a")))))
    tables = tuple(name for part in gathers for name in _tables(part))
    pages = tuple(name for part in gathers for name in _pages(part))
    programs = _programs(draw, len(gathers), tables, pages, 1 if two else 3)
    parts: list[AnyPart] = [*gathers, *programs]
    spare = draw(st.sampled_from((True, True, False)))
    offline = _offline(draw, parts, spare)
    return Litmus(
        "random",
        "random parts",
        tuple(parts),
        draw(st.sampled_from(tuple(rules))),
        "",
        users=draw(st.sampled_from((2, 1, 3, 0))) + sum(_leaves(part) for part in parts if isinstance(part, Runs)),
        failing=draw(st.booleans()),
        batch=draw(st.integers(1, 3)),
        offline=offline,
        spare=spare,
        preemptible=draw(st.sampled_from((True, True, False))) or _moves(gathers),
    )


def _offline(draw: st.DrawFn, parts: list[AnyPart], spare: bool) -> tuple[int, ...]:
    """One time in six the last program runs on one CPU more, that comes online when everybody has begun."""
    busy = {part.cpu for part in parts}
    last = parts[-1]
    if draw(st.integers(0, 5)) or busy != set(range(len(busy))) or not isinstance(last, Runs):
        return ()
    cpu = len(busy) + spare
    parts += [Runs(cpu, "cpu_up"), Runs(cpu, last.program, last.tables, last.page)]
    return (cpu,)


def archs() -> st.SearchStrategy[str]:
    """Any arch of the default era."""
    return st.sampled_from(ERAS[DEFAULT_ERA].archs)


def _gather(draw: st.DrawFn, name: str, cpu: int, most: int, over: str = "") -> Gathers:
    ops = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=most))
    ops.sort(key=lambda op: isinstance(op, Table) and op.level == "pmd")
    return gather(cpu, *ops, name=name, over=over)


def _tables(part: Gathers) -> list[str]:
    """The tables that there are on every arch; a PMD may be folded, and is the last."""
    count = sum(op.count for op in part.ops if isinstance(op, Table) and op.level == "pte")
    return [f"{part.name}{at}" for at in range(count)]


def _pages(part: Gathers) -> list[str]:
    count = sum(isinstance(op, Page | Entry) for op in part.ops)
    return [f"{part.name}{at}" for at in range(count)]


def _moves(gathers: Sequence[Gathers]) -> bool:
    """Whether one of them changes its CPU, which a task that keeps it cannot."""
    return any(isinstance(op, Migrate) for part in gathers for op in part.ops)


def _leaves(part: Runs) -> int:
    """How many users a program takes away with it."""
    return part.program in ("vhost", "exit")


def _programs(draw: st.DrawFn, first: int, tables: tuple[str, ...], pages: tuple[str, ...], most: int) -> list[Runs]:
    """Programs that differ, or one that is run by several."""
    count = draw(st.integers(1, most))
    if draw(st.booleans()):
        program = _program(draw, first, tables, pages)
        return [Runs(cpu, program.program, program.tables, program.page) for cpu in range(first, first + count)]
    return [_program(draw, cpu, tables, pages) for cpu in range(first, first + count)]


def _program(draw: st.DrawFn, own: int, tables: tuple[str, ...], pages: tuple[str, ...]) -> Runs:
    """A program on a CPU of its own, or on one where somebody is already."""
    kinds = [*(WALKERS if tables else ()), *(("access",) if pages else ()), *USERS]
    if tables and pages:
        kinds.append("hash_page")
    program = draw(st.sampled_from(kinds))
    cpu = draw(st.sampled_from((own, own, own, 0, min(1, own))))
    page = draw(st.sampled_from(pages)) if pages and program in ("access", "hash_page", "gup_fast") else ""
    if program in USERS or program == "access":
        return Runs(cpu, program, (), page)
    count = 1 if program == "hash_page" else draw(st.integers(1, min(2, len(tables))))
    first = draw(st.integers(0, len(tables) - count))
    return Runs(cpu, program, tables[first : first + count], page)
