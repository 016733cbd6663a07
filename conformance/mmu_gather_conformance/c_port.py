# SPDX-License-Identifier: GPL-2.0-only
"""A port in C, whatever process it runs in: its halves, the way in and out, and what its words stand for.

The suite calls a library through its table, whose entries catch what ends a run, and the library calls the kernel
through an environment of callbacks.  No Python exception can cross C frames: a callback that raises keeps the
exception, asks the library to leave (`stop`), and the call that came in raises it again.

A gather ends where its mapping ends, so that a port that writes past it is a SIGSEGV and no quiet luck.  Structs that
both sides know are mirrored here: an mm by its address, a PTE and a mapping for the length of a call.  What the
services mean is not known here; they are `mmu_gather_spec.kernel`'s.  Nor is how C is reached: that is the subclass's,
and a pointer or a struct is whatever it makes of one.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from mmu_gather_reference.machine.page_alloc import PythonMemory
from mmu_gather_spec import contract, linked, linked_later
from mmu_gather_spec.words import (
    Word,
    atomic_t,
    mm_struct,
    nr_pages_t,
    page_p,
    pgf_p,
    pgtable_t,
    ptdesc_p,
    pte_t,
    rcu_callback_t,
    shift_t,
    smp_call_func_t,
    table_p,
    vm_area_struct,
)

from mmu_gather_conformance import c_header, c_services
from mmu_gather_conformance.c_gather import CGather
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Half, Native, ProtocolError, required
from mmu_gather_conformance.native_memory import Arena, NativeMemory, Space

#: Pointers and structs of C have no types of their own.
CData = Any


class Machine(NamedTuple):
    """The facts that a library finds in its environment, in C's words."""

    arch: CData
    smp: int
    hash_table: int
    pmd_index_size: int
    page_size: int


class CPort(ABC):
    """A library, as far as it does not matter where it was loaded."""

    #: what it provides, and the kernel as it sees it: structs of the header, whose members can be read and set
    ops: CData
    env: CData
    #: what a gather keeps of its range; None before gathers kept one
    range: CData
    bits_per_long: int

    def __init__(self, space: Space, era: str, /) -> None:
        #: the addresses that it can reach
        self.space = space
        #: the era whose header the library was compiled with
        self.era = era
        self._raised: BaseException | None = None
        self._mms: dict[int, mm_struct] = {}
        self._mm_mirrors: dict[int, CData] = {}
        self._ptes: dict[int, tuple[pte_t, CData]] = {}
        self._gathers: dict[int, object] = {}
        #: what a gather of a generic half in Python looks like from C, by the object's id
        self._holders: dict[int, tuple[object, int]] = {}
        self._arenas: dict[int, Arena] = {}
        self._machine: Machine | None = None

    # --- how C is reached -------------------------------------------------------------

    @abstractmethod
    def number(self, pointer: CData, /) -> int:
        """A pointer as the word that it is."""

    @abstractmethod
    def pointer(self, number: int, /) -> CData:
        """A word as the pointer that it is."""

    @abstractmethod
    def new(self, kind: str, /) -> CData:
        """A struct of the header, all zeroes; if it is made for a run, until the next one begins."""

    @abstractmethod
    def chars(self, text: str, /) -> CData:
        """A string for as long as the library is loaded."""

    @abstractmethod
    def text(self, pointer: CData, /) -> str:
        """The string behind a pointer."""

    @abstractmethod
    def enter(self, entry: CData, /, *arguments: CData) -> int:
        """Call a function; what it returns, 0 if nothing."""

    @abstractmethod
    def place(self, result: str, /) -> tuple[CData, Callable[[], int]]:
        """A place for a result of this type, and how to read it."""

    @abstractmethod
    def callback(self, name: str, function: Callable[..., Any], /) -> CData:
        """What the environment holds under a name, so that calling it calls the function."""

    def words(self, pointer: CData, count: int, /) -> list[int]:
        """So many words behind a pointer."""
        size = self.bits_per_long // 8
        return list(struct.unpack(self._format(count), self.space.read(self.number(pointer), count * size)))

    def put_words(self, pointer: CData, words: Iterable[int], /) -> None:
        """Write words to where a pointer leads."""
        every = tuple(words)
        self.space.write(self.number(pointer), struct.pack(self._format(len(every)), *every))

    def _format(self, count: int) -> str:
        return f"={count}{'Q' if self.bits_per_long == 64 else 'I'}"

    # --- what the suite asks for ------------------------------------------------------

    def brings_generic(self) -> bool:
        """Whether there is a generic half: then its pages have to be real memory."""
        return bool(self.ops.tlb_gather_mmu)

    def native_memory(self) -> NativeMemory:
        """Pages for one run of a generic half in C."""
        self.forget()
        return NativeMemory(self.space)

    def python_memory(self) -> PythonMemory:
        """Pages for one run of a generic half in Python, with this library's arch half."""
        self.forget()
        return PythonMemory()

    def forget(self) -> None:
        """What was mirrored for the run before is gone."""
        for mirrored in (self._mms, self._mm_mirrors, self._ptes, self._gathers, self._holders):
            mirrored.clear()
        self.env.stop, self._raised = 0, None

    def guarded(self, size: int, /) -> int:
        """Room for one more gather of this run, with nothing behind it.

        A size is a multiple of its struct's alignment, so what ends with a mapping is aligned.
        """
        arena = self._arenas.get(size) or self._arenas.setdefault(size, Arena(self.space, size))
        return arena.open(len(self._gathers)) - size

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
            mirrored = [self._to_c(argument) for argument in arguments]
            self.come_in(entry, *mirrored, *places)
            for argument, mirror in zip(arguments, mirrored, strict=True):
                if isinstance(argument, pte_t):
                    argument.flags = mirror.flags
            return returned()

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

    # --- mirrors ----------------------------------------------------------------------

    def _to_c(self, argument: object) -> CData:
        """An argument as C has it."""
        if isinstance(argument, CGather):
            return argument.address
        if isinstance(argument, (page_p, table_p, pgf_p, pgtable_t, ptdesc_p)):
            return self.pointer(argument.value)
        if isinstance(argument, Word):
            return argument.value
        if isinstance(argument, mm_struct):
            return self.mm_mirror(argument)
        if isinstance(argument, pte_t):
            return self._pte_mirror(argument)
        if isinstance(argument, vm_area_struct):
            return self._vma_mirror(argument)
        return argument if isinstance(argument, int) else self._foreign_gather(argument)

    def mm_mirror(self, mm: mm_struct) -> CData:
        """An mm as C has it, by an address that stays for the run."""
        mirror = self._mm_mirrors.get(id(mm))
        if mirror is None:
            mirror = self._mm_mirrors[id(mm)] = self.new("struct mm_struct")
            mirror.context_id = mm.context_id
            self._mms[self.number(mirror)] = mm
        return mirror

    def mm_at(self, address: CData) -> mm_struct:
        """The mm behind a pointer.  Errors: AttributeError for a pointer that leads to none."""
        found = self._mms.get(self.number(address))
        if found is None:
            raise AttributeError("a pointer that leads to no mm")
        return found

    def _pte_mirror(self, pte: pte_t) -> CData:
        mirror = self.new("pte_t")
        mirror.flags = pte.flags
        self._ptes[self.number(mirror)] = pte, mirror
        return mirror

    def _vma_mirror(self, vma: vm_area_struct) -> CData:
        """A mapping, for the length of a call."""
        mirror = self.new("struct vm_area_struct")
        mirror.vm_mm = self.mm_mirror(vma.vm_mm)
        mirror.vm_flags = sum(bit for name, bit in c_header.VM_FLAGS.items() if getattr(vma, name))
        return mirror

    def range_of(self, address: CData, member: str) -> int:
        """What a gather in C says of its range.

        Errors: AttributeError for a member that no arch may look at, or that the port does not tell.
        """
        if self.range is None or member not in c_header.RANGE or not self.ops.range:
            raise AttributeError(member)
        self.enter(self.ops.range, address, self.range)
        return int(getattr(self.range, member))

    def note_range(self, address: CData, member: str, value: int) -> None:
        """Change what a gather in C says of its range, as an arch does in its own pte_free_tlb().

        Errors: as `range_of`.
        """
        self.range_of(address, member)
        setattr(self.range, member, value)
        self.enter(self.ops.set_range, address, self.range)

    def remember(self, address: int, gather: object) -> None:
        """The suite's object for a struct mmu_gather pointer."""
        self._gathers[address] = gather

    def _foreign_gather(self, gather: object) -> CData:
        """A gather of a generic half in Python, for an arch half in C: it has an mm first, and no more."""
        _, holder = self._holders.get(id(gather), (None, 0))
        if not holder:
            holder = self.guarded(self.bits_per_long // 8)
            self._holders[id(gather)] = gather, holder
            self.remember(holder, gather)
        mm = getattr(gather, "mm", None)
        self.put_words(holder, [self.number(self.mm_mirror(mm)) if isinstance(mm, mm_struct) else 0])
        return self.pointer(holder)

    def _gather_at(self, address: CData) -> object:
        """The suite's object behind a struct mmu_gather pointer."""
        known = self._gathers.get(self.number(address))
        if known is None:
            raise AttributeError("a pointer that leads to no gather")
        return known

    def rcu_callback(self, func: CData) -> rcu_callback_t:
        """A C callback as the kernel's model calls it."""
        return lambda head: self.come_in(self.ops.run_rcu, func, self.pointer(head.value))

    def ipi_handler(self, func: CData, info: CData) -> smp_call_func_t:
        """A C interrupt handler as the kernel's model calls it."""
        return lambda _: self.come_in(self.ops.run_ipi, func, info)

    def counter(self, address: CData) -> atomic_t:
        """The counter behind a pointer: which of an mm's it is."""
        number = self.number(address)
        for start, mm in self._mms.items():
            if start <= number < start + 8:
                return mm.mm_users if number == start else mm.mm_count
        raise AttributeError("a pointer that leads to no counter")

    def pte_at(self, address: CData) -> pte_t:
        """The entry behind a pointer."""
        return self._ptes[self.number(address)][0]

    def show_pte(self, address: CData) -> None:
        """Let C see what became of an entry."""
        pte, mirror = self._ptes[self.number(address)]
        mirror.flags = pte.flags

    # --- the environment --------------------------------------------------------------

    def fill_environment(self, size: int) -> None:
        """The kernel for the library: services, and calls through the link.  size: of the environment in C."""
        env = self.env
        env.abi, env.size = c_header.ABI, size
        services = c_services.of(self)
        for _, name, _ in c_header.services(self.era):
            setattr(env, name, self.callback(name, self._service(services[name])))
        for name in c_header.crossings(self.era):
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
        return self._gather_at
