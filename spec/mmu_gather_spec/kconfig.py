# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which configurations build under which select line, and what the others miss: powerpc's at the seed to begin with.

The patch puts one mechanism behind two switches. The generic half, in mm/memory.c, is compiled where
CONFIG_HAVE_RCU_TABLE_FREE is set. The arch half, in asm/pgalloc.h, calls it and gives it __tlb_remove_table()
where CONFIG_SMP is set. Only the select line can make the two agree: the patch has `if PPC64`, the reply asks
for `if SMP`.

What each leaves unmet is derived here from the declarations in kconfig_seed.py, for the eras around it from those in
kconfig_eras.py, in the order in which a build would meet its faults:

1. Kconfig: a symbol is selected whose dependencies are off (later eras only: the seed's symbol has none);
2. compile, if Kconfig has no complaint: a name is used, in a built unit or in a header, that no header declares; or
   headers contradict each other, by an #error or by making one name twice;
3. link, if all of it compiles: a built unit refers to a name, itself or through the inlines it calls, that is
   only declared extern, and that no built unit defines.

That an undeclared call already stops the compiler is due to -Werror-implicit-function-declaration in the
kernel's top Makefile. The seed does not say so; it is from memory of the kernel. Without the flag the same
fault would wait for the linker: Tree.implicit_call_refused holds the choice.

Book3E-64 is PPC64, and what is derived for PPC64 is derived for it too. But the reply reports more breakage
there without its cause. That is a fact with a source and not a deduction, so it stands beside the deduction
(Tree.reports). It stands for both selects, as the reply speaks of what its own change leaves, and with or
without SMP, as the reply does not say which. No point that it covers ever reads "builds".

"Builds" means here that no listed name is unmet. This is not a preprocessor and not a proof of a build. The
PPC32 points have the hash MMU; without a hash, only the unit that defines tlb_flush() is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache

from mmu_gather_spec.kconfig_seed import POINTS, SELECTS, TREE
from mmu_gather_spec.kconfig_tree import (
    File,
    Guard,
    Kind,
    Point,
    Provide,
    Report,
    Select,
    Side,
    Source,
    Tree,
    Use,
)
from mmu_gather_spec.record import record


class Outcome(Enum):
    """What becomes of a configuration; the values are the words a reader sees."""

    #: Every listed name that is used is declared, and defined where it must be.
    BUILDS = "builds"
    #: A name is used that no header declares.
    COMPILE_FAILURE = "compile failure"
    #: A name is declared and referred to, and no built unit defines it.
    LINK_FAILURE = "link failure"
    #: A symbol is selected, and what it depends on is off; Kconfig warns, and sets it all the same.
    UNMET = "unmet dependency"
    #: Somebody saw it break; nothing here explains why.
    REPORTED = "breakage reported, cause not in the seed"


class How(Enum):
    """In which way a name is missing; the values are the words a reader sees."""

    UNDECLARED = "used, but no header declares it in this configuration"
    UNDEFINED = "declared and referred to, but no built unit defines it"
    #: An #error stands for it.
    REFUSED = "another name is refused without it"
    TWICE = "two headers make it, each in its own way"
    DEPENDS = "a selected symbol depends on it, and it is off"


@record(frozen=True, slots=True)
class Offer:
    """A body that would serve, and the guards that keep it out of this configuration."""

    provide: Provide
    guards: tuple[Guard, ...]


@record(frozen=True, slots=True)
class Missing:
    """A name that stops the build: in which phase, where, what needs it, who would have had it."""

    name: str
    phase: Outcome
    #: Where the build stops. invariant: a built unit, or a header (then every unit that includes it).
    unit: str
    uses: tuple[Use, ...]
    offers: tuple[Offer, ...]
    how: How


@record(frozen=True, slots=True)
class Half:
    """One side in one configuration: the names it leaves to the others, and the names it has for them."""

    requires: tuple[str, ...]
    provides: tuple[str, ...]


@record(frozen=True, slots=True)
class Closure:
    """One cell of the matrix: what each half requires and provides, and what is unmet."""

    point: Point
    select: Select
    #: The point's symbols, with the selected one where the select line applies.
    config: frozenset[str]
    generic: Half
    arch: Half
    missing: tuple[Missing, ...]
    reports: tuple[Report, ...]

    @property
    def findings(self) -> tuple[Outcome, ...]:
        """What was derived, then what was reported; "builds" only where there is neither."""
        found = [missing.phase for missing in self.missing] + [Outcome.REPORTED for _ in self.reports]
        return tuple(dict.fromkeys(found)) or (Outcome.BUILDS,)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every phrase that this cell rests on: the select line, uses, offers with their guards, reports."""
        found = [self.select.source]
        for missing in self.missing:
            found += [use.source for use in missing.uses]
            found += [offer.provide.source for offer in missing.offers]
            found += [g.source for offer in missing.offers for g in offer.guards if g.source]
        return tuple(dict.fromkeys(found + [report.source for report in self.reports]))


def closure(point: Point, select: Select, tree: Tree = TREE) -> Closure:
    """closure - what one configuration requires, provides and misses under one select line."""
    config = configured(point, select, tree)
    return Closure(
        point=point,
        select=select,
        config=config,
        generic=half(tree, Side.GENERIC, config),
        arch=half(tree, Side.ARCH, config),
        missing=(
            tuple(unmet(tree, config))
            or (*contradicted(tree, config), *undeclared(tree, config))
            or tuple(undefined(tree, config))
        ),
        reports=tuple(report for report in tree.reports if report.guard.holds(config)),
    )


@cache
def matrix(tree: Tree = TREE) -> tuple[Closure, ...]:
    """matrix - every point under both select lines, points outermost, in the order of kconfig_seed.py."""
    return tuple(closure(point, select, tree) for point in POINTS for select in SELECTS)


def configured(point: Point, select: Select, tree: Tree) -> frozenset[str]:
    """The symbols of a configuration: its own, and what is set by select lines, by options, and by default."""
    lines = [line for line in (select, *tree.selects) if line.symbol]
    config = point.symbols
    while True:
        found = config.union(line.symbol for line in lines if line.guard.holds(config))
        for option in tree.options:
            if option.symbol in found:
                found = found.union(option.selects)
        # A default is decided when nothing is selected any more, since it may depend on what is off.
        if found == config:
            found = config.union(o.symbol for o in tree.options if o.default and o.depends.holds(config))
        if found == config:
            return config
        config = found


def half(tree: Tree, side: Side, config: frozenset[str]) -> Half:
    """What `side` asks of the rest and has to give; an extern alone gives nothing."""
    files = [file for file in tree.files if file.side is side]
    own = {p.name for file in files for p in provides(file) if p.kind is not Kind.EXTERN}
    used = {u.name for file in files for u in file.used(config)}
    given = {p.name for file in files for p in file.provided(config) if p.kind is not Kind.EXTERN}
    return Half(requires=tuple(sorted(used - own)), provides=tuple(sorted(given)))


def unmet(tree: Tree, config: frozenset[str]) -> Iterator[Missing]:
    """Kconfig's complaints: symbols that are set although what they depend on is off."""
    for option in tree.options:
        if option.symbol in config and not option.depends.holds(config):
            asks = [line for line in tree.selects if line.symbol == option.symbol]
            uses = tuple(Use(str(option.depends), option.symbol, line.guard, line.source) for line in asks)
            yield Missing(str(option.depends), Outcome.UNMET, option.source.file, uses, (), How.DEPENDS)


def contradicted(tree: Tree, config: frozenset[str]) -> Iterator[Missing]:
    """What headers say against each other: an #error for a name, and one name that two of them make."""
    headers = [file for file in tree.files if file.built is None]
    for file in headers:
        for refuse in file.refused(config):
            found = [p for other in headers for p in other.provided(config) if p.name == refuse.name]
            uses = tuple(Use(refuse.symbol, p.name, p.guard, p.source) for p in found)
            if uses:
                yield Missing(refuse.symbol, Outcome.COMPILE_FAILURE, file.path, uses, (), How.REFUSED)
    made: dict[str, list[tuple[File, Provide]]] = {}
    for file in headers:
        for provide in file.provided(config):
            if provide.kind in (Kind.INLINE, Kind.EXTERN):
                made.setdefault(provide.name, []).append((file, provide))
    for name, places in made.items():
        if len(places) > 1 and any(provide.kind is Kind.INLINE for _, provide in places):
            uses = tuple(Use(name, name, provide.guard, provide.source) for _, provide in places)
            where = places[-1][0].path
            yield Missing(f"a single {name}", Outcome.COMPILE_FAILURE, where, uses, (), How.TWICE)


def undeclared(tree: Tree, config: frozenset[str]) -> Iterator[Missing]:
    """The compiler's complaints: for each file, the names used there that nothing visible declares."""
    for file in tree.files:
        visible = {p.name for p in declarations(tree, file, config)}
        named = {p.name for p in declarations(tree, file, config) if p.kind is not Kind.ALIAS}
        wanting = [use for use in file.used(config) if use.name not in (named if use.address else visible)]
        for name, uses in by_name(wanting):
            if refused(tree, name) or any(use.address for use in uses):
                found = offers(tree, name, config)
                yield Missing(name, Outcome.COMPILE_FAILURE, file.path, uses, found, How.UNDECLARED)


def undefined(tree: Tree, config: frozenset[str]) -> Iterator[Missing]:
    """The linker's complaints: for each built unit, the names it refers to that exist nowhere."""
    defined = {p.name for file in tree.files for p in file.provided(config) if p.kind is Kind.BODY}
    for unit in tree.files:
        if unit.built is None:
            continue
        declared = {p.name for p in declarations(tree, unit, config) if p.kind is Kind.EXTERN}
        emitted = {
            p.name
            for p in declarations(tree, unit, config)
            # A function that a header has declared is meant by that header's inlines, whatever comes after it.
            if p.kind is not Kind.EXTERN and not (p.kind is Kind.ALIAS and p.name in declared)
        }
        for name, uses in by_name(reached(tree, unit, config)):
            if name not in defined | emitted:
                found = offers(tree, name, config)
                yield Missing(name, Outcome.LINK_FAILURE, unit.path, uses, found, How.UNDEFINED)


def declarations(tree: Tree, file: File, config: frozenset[str]) -> Iterator[Provide]:
    """What a use in `file` can see: all headers, and the file itself."""
    for other in tree.files:
        if other.built is None or other is file:
            yield from other.provided(config)


def reached(tree: Tree, unit: File, config: frozenset[str]) -> tuple[Use, ...]:
    """The unit's uses, and those of every inline it calls: an inline that nobody calls refers to nothing."""
    bodies = [use for header in tree.files if header.built is None for use in header.used(config)]
    found: list[Use] = []
    todo = list(unit.used(config))
    while todo:
        use = todo.pop(0)
        found.append(use)
        todo += [body for body in bodies if body.by == use.name and body not in found + todo]
    return tuple(found)


def refused(tree: Tree, name: str) -> bool:
    """Whether the compiler stops at `name` undeclared: always at data, at a call only by the flag."""
    data = any(p.name == name and p.kind is Kind.DATA for file in tree.files for p in provides(file))
    return data or tree.implicit_call_refused is not None


def offers(tree: Tree, name: str, config: frozenset[str]) -> tuple[Offer, ...]:
    """The bodies of `name` that this configuration leaves out."""
    found: list[Offer] = []
    for file in tree.files:
        for provide in provides(file):
            guards = tuple(g for g in (file.built, provide.guard) if g is not None and not g.holds(config))
            if guards and provide.name == name and provide.kind is not Kind.EXTERN:
                found.append(Offer(provide, guards))
    return tuple(found)


def provides(file: File) -> tuple[Provide, ...]:
    """What the file gives, in any configuration."""
    return tuple(entry for entry in file.entries if isinstance(entry, Provide))


def by_name(uses: Iterable[Use]) -> Iterator[tuple[str, tuple[Use, ...]]]:
    """The uses gathered under the name they need, in order of first appearance."""
    found = tuple(uses)
    for name in dict.fromkeys(use.name for use in found):
        yield name, tuple(use for use in found if use.name == name)
