# SPDX-License-Identifier: GPL-2.0-only
"""Ports: everything that can be held to the rules, by the name that a user types.

`ref`, `ref:ERA`, `py:MODULE`, `so:PATH`, `linux:TREE`, `mutant:NAME`, `variant:NAME`.  Whatever it is, a port makes a
linked image for a machine; a half that it does not bring is the reference's.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Final

import mmu_gather_arch
import mmu_gather_reference
from mmu_gather_spec.contract import ARCH_HALF, GENERIC_HALF, HASH64_HALF, contract_of
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.record import record, replace

from mmu_gather_conformance import mutants, python_port, variants
from mmu_gather_conformance.config import WIDTHS, Config
from mmu_gather_conformance.image import Half, Image, ProtocolError

#: The words before the colon, and what follows it.
KINDS: Final = {
    "ref": "the reference, of the default era",
    "ref:ERA": "the reference of an era",
    "py:MODULE": "a Python module, or a .py file",
    "so:PATH": "a shared library, with words of 64 bits or of 32",
    "linux:TREE": "the kernel's own mm/mmu_gather.c: an unpacked tree, a tarball, or a folder with the two files",
    "mutant:NAME": "the reference with one thing wrong",
    "automatic:NAME": "the reference with one place changed by a mutation operator",
    "variant:NAME": "the reference done in another correct way",
}


class UnknownPort(Exception):
    """There is no port of this name."""


@record(frozen=True, slots=True)
class Port:
    """An implementation under test."""

    name: str
    era: str
    archs: tuple[str, ...]
    image: Callable[[Config], Image]
    #: how many bits a word may have on a machine that it runs on
    bits: tuple[int, ...] = WIDTHS
    #: what it says of its own version: a library in its table, a kernel in its Makefile; empty where nothing says it
    version: str = ""


def _module(era: str, name: str) -> ModuleType:
    return importlib.import_module(f"{mmu_gather_reference.package(era)}.{name}")


def reference_generic(era: str) -> list[ModuleType]:
    """The modules of the reference's generic half."""
    return [_module(era, name) for name in mmu_gather_reference.GENERIC[era]]


def reference_arch(config: Config, era: str) -> list[ModuleType]:
    """The modules of the arch half: the arch room's, and what the era has of its own."""
    names = mmu_gather_arch.halves(era)[config.half]
    modules = [importlib.import_module(f"mmu_gather_arch.{name}") for name in names]
    if era in mmu_gather_reference.ARCH_IN_ERA and config.smp and config.facts.selects_table_batching:
        modules = [module for module in modules if module.__name__ != "mmu_gather_arch.pgalloc"]
        modules += [_module(era, "pgtable"), _module(era, f"tlb_{config.arch.replace('-', '_')}")]
    return modules


def reference(era: str, name: str, overrides: dict[str, object] | None = None) -> Port:
    """The reference of an era, with some functions replaced."""

    def image(config: Config) -> Image:
        generic = python_port.half(reference_generic(era), overrides)
        arch = python_port.half(reference_arch(config, era), overrides)
        return Image(generic, arch, config, era)

    return Port(name, era, ERAS[era].archs, image)


def _delta(package: ModuleType, kind: str, name: str) -> Port:
    """The reference with a small module laid over it."""
    if name not in names_in(package):
        raise UnknownPort(f"{kind}:{name}")
    module = importlib.import_module(f"{package.__name__}.{name}")
    era = getattr(module, "ERA", DEFAULT_ERA)
    absent: tuple[str, ...] = getattr(module, "ABSENT", ())
    overrides: dict[str, object] = {**python_port.definitions(module), **dict.fromkeys(absent)}
    port = reference(era, f"{kind}:{name}", overrides)

    def image(config: Config) -> Image:
        found = port.image(config)
        found.select = getattr(module, "SELECT", "")
        return found

    archs = getattr(module, "ARCHS", port.archs)
    return Port(port.name, era, archs, image)


def names_in(package: ModuleType) -> tuple[str, ...]:
    """The modules of a package, by name."""
    import pkgutil  # noqa: PLC0415 - only who asks for a delta needs it

    return tuple(sorted(found.name for found in pkgutil.iter_modules(package.__path__)))


def link(brought: tuple[Half | None, Half | None], config: Config, era: str) -> Image:
    """Fill in the half that a port does not bring."""
    generic, arch = brought
    return Image(
        generic or python_port.half(reference_generic(era)),
        arch or python_port.half(reference_arch(config, era)),
        config,
        era,
    )


def _unused(config: Config, era: str, halves: tuple[str, ...]) -> set[str]:
    """The names of the half that is not asked for; some that are generic elsewhere are this machine's arch half's."""
    of = contract_of(era)
    if "generic" not in halves:
        return {*of.generic_half, *of.other_callers} - python_port.half(reference_arch(config, era)).symbols.keys()
    return set() if "arch" in halves else {*of.arch_half, *of.hash64_half}


def _python(target: str, era: str | None, halves: tuple[str, ...]) -> Port:
    module = python_port.load(target)
    era = era or _own_era(target, module)

    def image(config: Config) -> Image:
        whole = python_port.half([module])
        generic = "generic" in halves and (whole.symbols.keys() & set(GENERIC_HALF))
        arch = "arch" in halves and (whole.symbols.keys() & {*ARCH_HALF, *HASH64_HALF})
        if not generic and not arch:
            raise ProtocolError("it defines none of the kernel's functions: " + ", ".join((*GENERIC_HALF, *ARCH_HALF)))
        unused = _unused(config, era, halves)
        used = replace(whole, symbols={name: each for name, each in whole.symbols.items() if name not in unused})
        return link((used if generic else None, used if arch else None), config, era)

    archs = tuple(getattr(module, "ARCHS", reference(era, "").archs))
    return Port(f"py:{target}", era, archs, image)


def _own_era(target: str, module: ModuleType) -> str:
    """The era that a port says it is of.  Errors: ProtocolError for one that is not known."""
    era = str(getattr(module, "ERA", DEFAULT_ERA))
    if era not in ERAS:
        raise ProtocolError(f"{target}: ERA is {era!r}, which is no era that the specification knows")
    return era


def _shared(target: str, era: str | None, halves: tuple[str, ...]) -> Port:
    # cffi is slow to import, and only needed here
    from mmu_gather_conformance import shared_port  # noqa: PLC0415
    from mmu_gather_conformance.elf32 import elf, port  # noqa: PLC0415

    narrow = elf.is_elf32(Path(target))
    library = port.load(target) if narrow else shared_port.load(target)
    era = era or library.era

    def image(config: Config) -> Image:
        generic, arch = library.halves(config, era)
        if generic is None and arch is None:
            raise ProtocolError("its table provides no function at all")
        return link((generic if "generic" in halves else None, arch if "arch" in halves else None), config, era)

    archs = reference(era, "").archs
    return Port(f"so:{target}", era, archs, image, (32,) if narrow else WIDTHS, library.version)


def prepare(name: str, /) -> None:
    """Do what takes long and has to be done once, before workers open a port and are timed.

    Whatever is wrong with the port its worker will say.
    """
    if name.startswith("linux:"):
        from mmu_gather_conformance.linux import tree  # noqa: PLC0415 - only such ports need it

        with suppress(ProtocolError):
            tree.find(name.removeprefix("linux:"))


def open_port(name: str, era: str | None = None, halves: tuple[str, ...] = ("generic", "arch")) -> Port:
    """The port that a user has named.

    era: hold it to this era instead of its own.  halves: use only these of what it brings.
    Errors: UnknownPort, or ProtocolError if it cannot be loaded.
    """
    kind, _, target = name.partition(":")
    if kind == "ref" and (target or DEFAULT_ERA) in ERAS:
        return reference(target or era or DEFAULT_ERA, name)
    if kind == "mutant":
        return _delta(mutants, kind, target)
    if kind == "variant":
        return _delta(variants, kind, target)
    if kind == "automatic":
        from mmu_gather_conformance.falsify import automatic  # noqa: PLC0415 - nearly nobody names one

        return automatic.find(target).port()
    if kind == "py" and target:
        return _python(target, era, halves)
    if kind == "so" and target:
        return _shared(target, era, halves)
    if kind == "linux" and target:
        from mmu_gather_conformance.linux.port import open_tree  # noqa: PLC0415 - cffi is slow to import

        if "generic" not in halves:
            raise ProtocolError("a kernel's mm/mmu_gather.c has no arch half")
        return open_tree(target, era)
    raise UnknownPort(name)
