# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who asks for the batching in which era: select lines, the configurations that they are put to, and what is built.

A Family is one arch's Kconfig file in one era: its configurations, its files beside the generic ones, and select
lines. One of these is the era's own; the others were its predecessors, or nobody's, and stand there to show that it
matters. Whether a line is right is derived, as for the seed, and is said nowhere here.

That a build succeeds is not all that a select line is for. Where tlb_remove_table() is another name for
tlb_remove_page(), arm64 builds without the batching, and its walkers are waited for by nobody: then the rule
separation.waited-for-every-cpu is broken by every port, on a machine and not in a build.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from mmu_gather_spec import kconfig_archs as archs
from mmu_gather_spec.kconfig import Closure, closure
from mmu_gather_spec.kconfig_generic import HAVE, NO_GATHER, OWN, RCU, READ, TABLE, batch, generic, zapping
from mmu_gather_spec.kconfig_seed import MEMORY, POINTS, SELECTS, TLB, TREE
from mmu_gather_spec.kconfig_tree import ALWAYS, File, Guard, Point, Select, Side, Source, Tree, kernel, memory
from mmu_gather_spec.record import record, replace


@record(frozen=True, slots=True)
class Family:
    """An arch's Kconfig file: what it builds, out of which files, and by which select lines."""

    name: str
    points: tuple[Point, ...]
    tree: Tree
    selects: tuple[Select, ...]
    #: which of them is the era's own
    own: int = -1

    def cells(self, phrase: str = "") -> tuple[Closure, ...]:
        """Every point under one line, by its text; under the era's own if it has none of this text."""
        (line,) = [each for each in self.selects if each.source.phrase == phrase] or [self.selects[self.own]]
        return tuple(closure(point, line, self.tree) for point in self.points)

    def matrix(self) -> tuple[Closure, ...]:
        """Every point under every line, points outermost."""
        return tuple(closure(point, line, self.tree) for point in self.points for line in self.selects)


SMP: Final = Guard(on=("SMP",))
POWERPC: Final = "powerpc"
#: The symbols of powerpc's configurations since the MMU families have directories of their own.
BOOK: Final = (
    ("PPC32", ("PPC32", "PPC_BOOK3S_32")),
    ("PPC64", ("PPC64", "PPC_BOOK3S_64")),
    ("Book3E-64", ("PPC64", "PPC_BOOK3E_64")),
)


def smp_and_up(name: str, *symbols: str) -> tuple[Point, ...]:
    """A configuration with CONFIG_SMP and without."""
    return Point(f"{name} SMP", frozenset((*symbols, "SMP"))), Point(f"{name} UP", frozenset(symbols))


def line(symbol: str, guard: Guard, who: str, read: Callable[[str, str], Source], file: str) -> Select:
    """A select line, as its own Kconfig file has it."""
    words = " && ".join((*guard.on, *(f"!{name}" for name in guard.off)))
    return Select(symbol, guard, who, read(file, f"select {symbol}" + (f" if {words}" if words else "")))


def with_files(tree: Tree, files: tuple[File, ...], *selects: Select) -> Tree:
    """The generic half with an arch's files, and its other select lines."""
    return replace(tree, files=files + tree.files, selects=tree.selects + selects)


def before_the_seed() -> tuple[Family, ...]:
    """v2.6.37 and the base of the seed: powerpc batches by itself, and no line is needed."""
    read = kernel
    generic_files = (
        File(TLB, Side.GENERIC, None, batch(HAVE, read)[-2:]),
        File(MEMORY, Side.GENERIC, ALWAYS, zapping(read)),
    )
    tree = Tree(archs.before_the_seed() + generic_files, (), TREE.implicit_call_refused)
    none = Select("", ALWAYS, "these eras", kernel("arch/powerpc/Kconfig", "no select line"))
    return (Family(POWERPC, POINTS, tree, (none,)),)


def at_the_seed() -> tuple[Family, ...]:
    """The patch: its own line is the one at fault."""
    return (Family(POWERPC, POINTS, TREE, SELECTS, own=0),)


def as_merged() -> Family:
    """v3.0 to v5.5: the reply's line; what it had to say of Book3E was another patch's, and is over."""
    return Family(POWERPC, POINTS, replace(TREE, reports=()), SELECTS)


def in_v4_19() -> tuple[Family, ...]:
    """sparc64 and x86 have joined, each under a condition of its own."""
    read, tree = READ["v4.19"], generic("v4.19")
    return as_merged(), _sparc64("v4.19", tree, HAVE, read), _x86("v4.19", tree, HAVE, read)


def later(era: str) -> tuple[Family, ...]:
    """v5.7 and since: powerpc's line has no condition any more."""
    read, tree = READ[era], generic(era)
    own = (Select(OWN, ALWAYS, "the kernel", read("arch/powerpc/Kconfig", f"select {OWN}")),) if era == "v7.0" else ()
    powerpc = Family(
        POWERPC,
        tuple(point for name, symbols in BOOK for point in smp_and_up(name, *symbols)),
        with_files(tree, archs.powerpc(read), *own),
        (
            line(RCU, SMP, "v5.5 and before", memory, "arch/powerpc/Kconfig"),
            line(RCU, ALWAYS, "the kernel", read, "arch/powerpc/Kconfig"),
        ),
    )
    no_gather = line(NO_GATHER, ALWAYS, "the kernel", read, "arch/s390/Kconfig")
    s390 = Family(
        "s390",
        (Point("s390", frozenset(("S390", "SMP"))),),
        with_files(tree, archs.s390(era, read), no_gather),
        (
            Select("", ALWAYS, "nobody", memory("arch/s390/Kconfig", "no select line")),
            line(RCU, ALWAYS, "the kernel", read, "arch/s390/Kconfig"),
        ),
    )
    arm64 = Family(
        "arm64",
        (Point("arm64", frozenset(("ARM64", "SMP"))),),
        with_files(tree, archs.arm("arch/arm64/include/asm/tlb.h", era, read)),
        (
            line(TABLE, ALWAYS, "nobody", memory, "arch/arm64/Kconfig"),
            line(RCU, ALWAYS, "the kernel", read, "arch/arm64/Kconfig"),
        ),
    )
    arm = Family(
        "arm",
        (*smp_and_up("arm LPAE", "ARM", "ARM_LPAE"), *smp_and_up("arm", "ARM")),
        with_files(tree, archs.arm("arch/arm/include/asm/tlb.h", era, read)),
        (
            line(TABLE, SMP, "nobody", memory, "arch/arm/Kconfig"),
            line(RCU, Guard(on=("SMP", "ARM_LPAE")), "the kernel", read, "arch/arm/Kconfig"),
        ),
    )
    return powerpc, _sparc64(era, tree, RCU, read), _x86(era, tree, RCU, read), s390, arm64, arm


def _sparc64(era: str, tree: Tree, symbol: str, read: Callable[[str, str], Source]) -> Family:
    """sparc64 gives tables to the generic code on SMP, and asks for it there."""
    own = (Select(OWN, SMP, "the kernel", read("arch/sparc/Kconfig", f"select {OWN} if SMP")),) if era == "v7.0" else ()
    return Family(
        "sparc64",
        smp_and_up("sparc64", "SPARC64"),
        with_files(tree, archs.sparc64(era, read), *own),
        (
            Select("", ALWAYS, "nobody", memory("arch/sparc/Kconfig", "no select line")),
            line(symbol, ALWAYS, "nobody", memory, "arch/sparc/Kconfig"),
            line(symbol, SMP, "the kernel", read, "arch/sparc/Kconfig"),
        ),
    )


def _x86(era: str, tree: Tree, symbol: str, read: Callable[[str, str], Source]) -> Family:
    """x86 asks for it where a hypervisor may flush for it; since v6.15 always."""
    paravirt = line(symbol, Guard(on=("PARAVIRT",)), "the kernel", read, "arch/x86/Kconfig")
    if era == "v7.0":
        alone = line(TABLE, ALWAYS, "nobody", memory, "arch/x86/Kconfig")
        before = replace(paravirt, proposed_by="v6.14 and before")
        selects: tuple[Select, ...] = (alone, before, line(symbol, ALWAYS, "the kernel", read, "arch/x86/Kconfig"))
    else:
        selects = (Select("", ALWAYS, "v4.13 and before", memory("arch/x86/Kconfig", "no select line")), paravirt)
    points = (
        Point("x86 guest", frozenset(("X86", "SMP", "PARAVIRT", "KVM_GUEST"))),
        Point("x86", frozenset(("X86", "SMP"))),
    )
    return Family("x86", points, with_files(tree, archs.x86(era, read)), selects)


#: Era -> its families, made when they are asked for.
BUILDS: Final[dict[str, Callable[[], tuple[Family, ...]]]] = {
    "v2.6.37": before_the_seed,
    "rfc-2010-base": before_the_seed,
    "rfc-2010": at_the_seed,
    "v3.0": lambda: (as_merged(),),
    "v4.19": in_v4_19,
    "v5.7": lambda: later("v5.7"),
    "v6.1": lambda: later("v6.1"),
    "v6.12": lambda: later("v6.12"),
    "v7.0": lambda: later("v7.0"),
}


@cache
def families(era: str, /) -> tuple[Family, ...]:
    """The Kconfig files of an era that ask for the batching.  Errors: KeyError for an era that is not declared."""
    return BUILDS[era]()


#: Which points are an arch's: those whose name begins so. The controls are in no Kconfig file.
POINTS_OF: Final = {
    "hash32": "PPC32",
    "hash64": "PPC64",
    "nohash": "Book3E-64",
    "radix": "PPC64",
    "x86": "x86",
    "sparc64": "sparc64",
    "arm64": "arm64",
    "s390": "s390",
}


def cells(arch: str, era: str, phrase: str = "", /) -> tuple[Closure, ...]:
    """The configurations of an arch in an era under a select line; under its own if none of this text is there."""
    begin = POINTS_OF[arch]
    return tuple(cell for family in families(era) for cell in family.cells(phrase) if cell.point.name.startswith(begin))
