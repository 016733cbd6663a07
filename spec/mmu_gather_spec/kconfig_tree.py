# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What kconfig.py reasons over: source files, what each provides and uses, and the #ifdef over it; Kconfig's symbols.

A file is read from top to bottom. A Provide is a name that it gives to others, a Use is a name that one of
its functions needs; each carries the guard over it and the phrase it was read from. Nothing here knows which
configurations build, and nothing here is a declaration: those of the seed are in kconfig_seed.py, those of the
eras around it in kconfig_eras.py.

Lines count from 1 in the mail. Evidence "kernel" marks what it does not show, in part from memory; "memory" what was
not read where it stands.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias

from mmu_gather_spec.record import record


class Side(Enum):
    """Whose file it is."""

    GENERIC = "generic"
    ARCH = "arch"


class Kind(Enum):
    """In which way a file provides a name."""

    #: Declared only: enough to compile a use, not to link it.
    EXTERN = "declared extern"
    #: A static inline or a macro: its own uses become those of whoever calls it.
    INLINE = "inline"
    #: A macro, unless there is one of this name already.
    DEFAULT = "default"
    #: A macro with arguments that puts another name's call in its place: whoever takes its address has nothing, and
    #: who declares a function of this name before it calls that.
    ALIAS = "another name"
    #: The body of an extern function, in a unit.
    BODY = "defined"
    #: A struct, a field or a constant: never called, so never implicitly declared.
    DATA = "data"


@record(frozen=True, slots=True)
class Source:
    """Where a fact is read; `line` is None where the mail does not show it."""

    evidence: Literal["seed", "kernel", "memory"]
    file: str
    phrase: str
    line: int | None = None


@record(frozen=True, slots=True)
class Guard:
    """The #ifdef over a declaration, or the Makefile's condition over a unit: all of `on`, none of `off`."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    source: Source | None = None

    def holds(self, config: frozenset[str]) -> bool:
        """Whether the guarded text is compiled in this configuration."""
        return config.issuperset(self.on) and config.isdisjoint(self.off)

    def __str__(self) -> str:
        names = [f"CONFIG_{name}" for name in self.on] + [f"!CONFIG_{name}" for name in self.off]
        return " && ".join(names) or "every configuration"


@record(frozen=True, slots=True)
class Provide:
    """A name that a file gives to others."""

    name: str
    kind: Kind
    guard: Guard
    source: Source


@record(frozen=True, slots=True)
class Use:
    """A name that the function `by` needs."""

    name: str
    by: str
    guard: Guard
    source: Source
    #: Its address is taken, it is not called.
    address: bool = False


@record(frozen=True, slots=True)
class Refuse:
    """An #error: where another file provides `name`, the selection of `symbol` is missing."""

    name: str
    symbol: str
    guard: Guard
    source: Source


Entry: TypeAlias = Provide | Use | Refuse


@record(frozen=True, slots=True)
class File:
    """A header where `built` is None; else a unit, compiled where `built` holds."""

    path: str
    side: Side
    built: Guard | None
    entries: tuple[Entry, ...] = ()

    def compiled(self, config: frozenset[str]) -> tuple[Entry, ...]:
        """The entries that the guards leave; a unit that is not built has none."""
        built = self.built is None or self.built.holds(config)
        return tuple(entry for entry in self.entries if built and entry.guard.holds(config))

    def provided(self, config: frozenset[str]) -> tuple[Provide, ...]:
        """The names that the file gives in this configuration."""
        return tuple(entry for entry in self.compiled(config) if isinstance(entry, Provide))

    def used(self, config: frozenset[str]) -> tuple[Use, ...]:
        """The names that the file needs in this configuration."""
        return tuple(entry for entry in self.compiled(config) if isinstance(entry, Use))

    def refused(self, config: frozenset[str]) -> tuple[Refuse, ...]:
        """The names that the file takes for a mistake in this configuration."""
        return tuple(entry for entry in self.compiled(config) if isinstance(entry, Refuse))


@record(frozen=True, slots=True)
class Option:
    """A symbol of Kconfig that others may set: what it depends on, what it sets in turn."""

    symbol: str
    source: Source
    selects: tuple[str, ...] = ()
    depends: Guard = Guard()
    #: It is set wherever it may be: def_bool y.
    default: bool = False


@record(frozen=True, slots=True)
class Select:
    """A select line: it sets `symbol` where `guard` holds; an empty symbol is none, where there is no line."""

    symbol: str
    guard: Guard
    proposed_by: str
    source: Source


@record(frozen=True, slots=True)
class Point:
    """A configuration before any select line: its name and the symbols that are set."""

    name: str
    symbols: frozenset[str]


@record(frozen=True, slots=True)
class Report:
    """A breakage that somebody saw and did not explain: where it holds, and who says so."""

    guard: Guard
    source: Source


@record(frozen=True, slots=True)
class Tree:
    """All that a closure is derived from."""

    files: tuple[File, ...]
    reports: tuple[Report, ...]
    #: The flag that makes an undeclared call an error of the compiler; None leaves the call to the linker.
    implicit_call_refused: Source | None
    #: What Kconfig knows besides the select line in question.
    options: tuple[Option, ...] = ()
    selects: tuple[Select, ...] = ()


def seed(file: str, line: int, phrase: str) -> Source:
    """A phrase that stands in the mail."""
    return Source("seed", file, phrase, line)


def kernel(file: str, phrase: str) -> Source:
    """A phrase that the mail leaves out and the kernel has."""
    return Source("kernel", file, phrase)


def memory(file: str, phrase: str) -> Source:
    """A phrase that was not read where it stands: unverified."""
    return Source("memory", file, phrase)


ALWAYS: Final = Guard()
