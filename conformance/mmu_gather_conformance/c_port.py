# SPDX-License-Identifier: GPL-2.0-only
"""A port in C, whatever process it runs in: its halves, the way in and out, and what its words stand for.

The suite calls a library through its table, whose entries catch what ends a run, and the library calls the kernel
through an environment of callbacks.  No Python exception can cross C frames: a callback that raises keeps the
exception, asks the library to leave (`stop`), and the call that came in raises it again.

What the services mean is not known here; they are `mmu_gather_spec.kernel`'s.  Nor is how C is reached: that is the
subclass's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from mmu_gather_reference.machine.page_alloc import PythonMemory
from mmu_gather_spec import contract, linked, linked_later
from mmu_gather_spec.contract import CONTRACT_ERAS
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.words import Word, nr_pages_t, pte_t, rcu_callback_t, shift_t, smp_call_func_t

from mmu_gather_conformance import c_header, c_services, c_tables
from mmu_gather_conformance.c_gather import CGather
from mmu_gather_conformance.c_mirrors import CData, CMirrors
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Half, Native, ProtocolError, required
from mmu_gather_conformance.native_memory import NativeMemory, Space


def era_said(path: str, era: str, /) -> str:
    """The era whose header a library was compiled with, by what it says; one that says nothing is of the default era.

    Errors: ProtocolError for an era that is not known.
    """
    if era and era not in CONTRACT_ERAS:
        raise ProtocolError(f"{path} was compiled with the header of {era!r}, which is no era that is known here")
    return era or DEFAULT_ERA


def check_table(path: str, ops: CData | None, size: int, /) -> None:
    """Whether what a library hands out is the table of functions that is asked for.

    ops: None where it hands out nothing.  size: of the table, in bytes.
    Errors: ProtocolError for one of another ABI or size, or without a name or a version.
    """
    if ops is None or ops.abi != c_header.ABI:
        raise ProtocolError(f"{path} refuses ABI {c_header.ABI}")
    if ops.size != size:
        raise ProtocolError(f"{path}: its table has {ops.size} bytes, expected {size}")
    if not ops.name or not ops.version:
        raise ProtocolError(f"{path}: its table has no name or no version")


class Machine(NamedTuple):
    """The facts that a library finds in its environment, in C's words."""

    arch: CData
    smp: int
    hash_table: int
    pmd_index_size: int
    page_size: int


class CPort(CMirrors):
    """A library, as far as it does not matter where it was loaded."""

    #: the kernel as the library sees it, a struct of the header
    env: CData

    def __init__(self, space: Space, era: str, /) -> None:
        super().__init__(space)
        self.era = era
        self._raised: BaseException | None = None
        self._machine: Machine | None = None

    # --- what the suite asks for ------------------------------------------------------

    @property
    def version(self) -> str:
        """What the library says of its own version."""
        return self.text(self.ops.version)

    def native_memory(self) -> NativeMemory:
        """Pages for one run of a generic half in C."""
        self.forget()
        return NativeMemory(self.space)

    def python_memory(self) -> PythonMemory:
        """Pages for one run of a generic half in Python, with this library's arch half."""
        self.forget()
        return PythonMemory()

    def forget(self) -> None:
        """What was mirrored for the run before is gone, and so is what ended it."""
        super().forget()
        self.env.stop, self._raised = 0, None

    def halves(self, config: Config, era: str, elsewhere: Collection[str] = ()) -> tuple[Half | None, Half | None]:
        """The generic and the arch half, as far as the library brings them.

        elsewhere: names that somebody else brings, whichever half they are of.
        Errors: ProtocolError with the names that are missing.
        """
        if config.bits_per_long > self.bits_per_long:
            widths = f"{config.bits_per_long} bits, and the library's have {self.bits_per_long}"
            raise ProtocolError(f"a word of {config.suffix()} has {widths}")
        machine = self._machine_of(config)
        self._run_on(machine)
        of = contract.contract_of(self.era)
        generic = self._half((*of.generic_half, *of.other_callers), machine)
        arch = self._half((*of.arch_half, *of.hash64_half), machine)
        for brought, which in ((generic, "generic"), (arch, "arch")):
            missing = [name for name in required(config, era, which) if brought and name not in {*brought, *elsewhere}]
            if missing:
                raise ProtocolError("missing: " + ", ".join(missing))
        size, word = self.ops.sizeof_mmu_gather, self.bits_per_long // 8
        if generic and not size:
            raise ProtocolError("missing: sizeof(struct mmu_gather)")
        if generic and size % word:
            raise ProtocolError(f"sizeof(struct mmu_gather) is {size}, which leaves no room for its mm")
        mask = self.ops.max_pgtable_index_size
        if arch and not mask:
            raise ProtocolError("missing: MAX_PGTABLE_INDEX_SIZE")
        constants = {"MAX_PGTABLE_INDEX_SIZE": self.enter(mask)} if arch else {}
        if config.arch != "hash64":
            arch = {name: call for name, call in arch.items() if name not in of.hash64_half}
        native = Native(self.native_memory, self.bits_per_long, self.space.place)
        return (
            Half(generic, {}, lambda fill: CGather(self, size, fill), native) if generic else None,
            Half(arch, constants, native=Native(self.python_memory)) if arch else None,
        )

    def _machine_of(self, config: Config) -> Machine:
        pmd = 0 if config.half[0] in ("hash32", "nohash32") else 12 if config.page_size == 65536 else 7
        return Machine(
            self.chars(config.arch),
            int(config.smp),
            int(config.hash_table),
            pmd if config.arch != "ipi" else config.facts.pmd_shift,
            config.page_bytes(self.bits_per_long),
        )

    def _run_on(self, machine: Machine) -> None:
        """Tell the library which machine it runs on from now."""
        env, self._machine = self.env, machine
        env.arch, env.smp, env.hash_table, env.pmd_index_size, env.page_size = machine

    def _half(self, chosen: tuple[str, ...], machine: Machine) -> dict[str, Callable[..., object]]:
        found = {name: getattr(self.ops, name, None) for name in chosen}
        return {name: self._entry(name, entry, machine) for name, entry in found.items() if entry}

    def _entry(self, name: str, entry: CData, machine: Machine) -> Callable[..., object]:
        """A function of the library, to be called with the suite's objects."""
        result = c_header.prototype(name, self.era).result
        place, returned = self.place(result) if result != "void" else (None, lambda: None)
        places = () if place is None else (place,)

        def call(*arguments: object) -> object:
            if self._machine is not machine:  # another image of this library ran last
                self._run_on(machine)
            mirrored = [self.to_c(argument) for argument in arguments]
            self.come_in(entry, *mirrored, *places)
            for argument, mirror in zip(arguments, mirrored, strict=True):
                if isinstance(argument, pte_t):
                    argument.flags = mirror.flags
            return self.gather_at(returned()) if result == "struct mmu_gather *" else returned()

        return call

    def come_in(self, entry: CData, *arguments: CData) -> None:
        """Call into the library, and raise here what was raised inside."""
        left = self.enter(entry, *arguments)
        raised, self._raised = self._raised, None
        if raised is not None:  # also if the library went past the wrappers, and did not leave
            self.env.stop = 0
            raise raised
        if left:
            raise ProtocolError("it left a run that nobody has ended")

    def rcu_callback(self, func: CData) -> rcu_callback_t:
        """A C callback as the kernel's model calls it."""
        return lambda head: self.come_in(self.ops.run_rcu, func, self.pointer(head.value))

    def ipi_handler(self, func: CData, info: CData) -> smp_call_func_t:
        """A C interrupt handler as the kernel's model calls it."""
        return lambda _: self.come_in(self.ops.run_ipi, func, info)

    # --- the environment --------------------------------------------------------------

    def fill_environment(self, size: int) -> None:
        """The kernel for the library: services, and calls through the link.  size: of the environment in C."""
        env = self.env
        env.abi, env.size = c_header.ABI, size
        services = c_services.of(self)
        for _, name, _ in c_tables.services(self.era):
            setattr(env, name, self.callback(name, self._service(services[name])))
        for name in c_tables.crossings(self.era):
            each = c_header.prototype(name, self.era)
            setattr(env, name, self.callback(name, self._service(self._crossing(each))))

    def _service(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A service; what it raises is kept, and the library is asked to leave.  None is whatever nothing is in C."""

        def service(*arguments: CData) -> Any:
            if self._raised is not None:  # the run is over; a library that goes on has no effects
                return None
            try:
                return function(*arguments)
            except BaseException as raised:  # noqa: BLE001 - it is raised again on the other side of C
                self._raised = raised
                self.env.stop = 1
                return None

        return service

    def _crossing(self, each: c_header.Prototype) -> Callable[..., object]:
        """A call through the link, by whichever half."""
        readers = [self._reader(hint) for hint in each.hints]
        table = linked if hasattr(linked, each.name) else linked_later

        def cross(*arguments: CData) -> object:
            target = getattr(table, each.name)
            return target(*[read(argument) for read, argument in zip(readers, arguments, strict=True)])

        return cross

    def _reader(self, hint: object) -> Callable[[CData], object]:
        """How an argument of this type in the contract is read, as C has it."""
        if hint is pte_t:
            return self.pte_at
        if not isinstance(hint, type) or hint is bool:
            return int
        if hint in (shift_t, nr_pages_t):
            return hint  # a word of its own that C has as a number
        if issubclass(hint, Word):
            return lambda pointer: hint(self.number(pointer))
        return self.gather_at
