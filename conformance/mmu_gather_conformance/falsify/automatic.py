# SPDX-License-Identifier: GPL-2.0-only
"""Automatic mutants: every change that an operator makes to the reference and to the arch halves, as a port.

One is called by the file, the function and the change: `automatic:memory.tlb_remove_table.negate-1`.  A constant
that a file defines is changed as well, and is then the function's place.  The changed text is compiled and takes the
file's place in the link; the other files are the reference's own.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Final

import mmu_gather_arch
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import record

from mmu_gather_conformance import ports, python_port
from mmu_gather_conformance.cases import ARCH_NAMES
from mmu_gather_conformance.config import CONFIGS, Config
from mmu_gather_conformance.falsify.operators import changes
from mmu_gather_conformance.image import Image

#: The files of the generic half; the second imports the third's by name.
GENERIC: Final = ("asm_generic_tlb", "memory", "mmu_table_batch")
#: The generic half sees of an arch its word size, and whether it batches tables; what walks them, others see.
REPRESENTATIVE: Final = ("hash64", "hash32", "ipi")
ARCH: Final = tuple(dict.fromkeys(name for half in mmu_gather_arch.HALVES.values() for name in half))


@record(frozen=True, slots=True)
class Automatic:
    """One automatic mutant."""

    #: of the file, without its package
    file: str
    #: the function that is changed, or the constant
    place: str
    change: str
    #: the changed text, for whoever wants to read it
    text: str
    code: CodeType

    @property
    def name(self) -> str:
        """What it is called behind `automatic:`."""
        return f"{self.file}.{self.place}.{self.change}"

    def archs(self) -> tuple[str, ...]:
        """The archs on which it is tried; for the generic half those that differ in what it sees of them."""
        if self.file in GENERIC:
            return REPRESENTATIVE
        return tuple(arch for arch in ARCH_NAMES if any(map(self.is_linked_on, CONFIGS[arch])))

    def asked_on(self) -> tuple[str, ...]:
        """The archs on which it is put to litmus tests: there is somebody else there, and hardware walks on some."""
        return ARCH_NAMES if self.file in GENERIC else self.archs()

    def is_linked_on(self, config: Config, /) -> bool:
        """Whether the file is part of the link on this machine."""
        return self.file in GENERIC or self.file in mmu_gather_arch.HALVES[config.half]

    def port(self) -> ports.Port:
        """The reference with this change in it."""

        def image(config: Config) -> Image:
            overrides: dict[str, object] = {}
            generic, arch = ports.reference_generic(DEFAULT_ERA), ports.reference_arch(config, DEFAULT_ERA)
            if self.file == "mmu_table_batch":  # it is no part of the link, but imported
                overrides[self.place] = vars(_loaded(self))[self.place]
            return Image(
                python_port.half(map(self._instead, generic), overrides),
                python_port.half(map(self._instead, arch), overrides),
                config,
                DEFAULT_ERA,
            )

        return ports.Port(f"automatic:{self.name}", DEFAULT_ERA, self.archs(), image)

    def _instead(self, module: ModuleType) -> ModuleType:
        """The changed file, in the place of the one that was changed."""
        return _loaded(self) if module is module_of(self.file) else module


class _Changed(Loader):
    """Loads a changed file by the name of the file that it was made from."""

    def __init__(self, code: CodeType, /) -> None:
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """The compiled text."""
        return self._code

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        exec(self._code, vars(module))


@cache
def _loaded(mutant: Automatic, /) -> ModuleType:
    name = module_of(mutant.file).__name__
    loader = _Changed(mutant.code)
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, loader)
    loader.exec_module(module)
    return module


@cache
def module_of(file: str, /) -> ModuleType:
    """The reference's module of a file."""
    if file in GENERIC:
        return importlib.import_module(f"mmu_gather_reference.{DEFAULT_ERA.replace('-', '_')}.{file}")
    return importlib.import_module(f"mmu_gather_arch.{file}")


@cache
def in_file(file: str, /) -> tuple[Automatic, ...]:
    """Every automatic mutant of a file, in the order of its text."""
    tree = ast.parse(inspect.getsource(module_of(file)))
    return tuple(mutant for at, node in enumerate(tree.body) for mutant in _of(file, tree, at, node))


def _of(file: str, tree: ast.Module, at: int, node: ast.stmt) -> Iterator[Automatic]:
    """The mutants of one definition."""

    def made(place: str, change: str, instead: ast.stmt) -> Automatic:
        whole = ast.Module([*tree.body[:at], instead, *tree.body[at + 1 :]], [])
        return Automatic(file, place, change, ast.unparse(instead), compile(whole, f"{file}.{change}", "exec"))

    if isinstance(node, ast.FunctionDef):
        for change in changes(node):
            yield made(node.name, change.name, change.function)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and (number := _number(node)) is not None:
        place = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        for change_name, value in (("more", number + 1), ("less", number - 1), ("half", number >> 1)):
            yield made(place, change_name, ast.fix_missing_locations(ast.parse(f"{place} = {value}").body[0]))


def _number(node: ast.Assign | ast.AnnAssign) -> int | None:
    """The number that a file's constant is."""
    value = node.value
    return value.value if isinstance(value, ast.Constant) and type(value.value) is int else None


def every() -> Iterator[Automatic]:
    """Every automatic mutant, file by file."""
    for file in (*GENERIC, *ARCH):
        yield from in_file(file)


def find(name: str, /) -> Automatic:
    """The automatic mutant of this name.

    Errors: ports.UnknownPort where there is none.
    """
    file = name.partition(".")[0]
    for mutant in in_file(file) if file in (*GENERIC, *ARCH) else ():
        if mutant.name == name:
            return mutant
    raise ports.UnknownPort(f"automatic:{name}")
