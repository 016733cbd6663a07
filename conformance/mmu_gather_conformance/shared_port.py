# SPDX-License-Identifier: GPL-2.0-only
"""Ports that are shared libraries: the C side of the link table, and the way in and out.

The suite calls a library through its table, whose entries catch what ends a run, and the library calls the kernel
through an environment of callbacks.  No Python exception can cross C frames: a callback that raises keeps the
exception, asks the library to leave (`stop`), and the call that came in raises it again.

A gather ends where its mapping ends, so that a port that writes past it is a SIGSEGV and no quiet luck.  Structs that
both sides know are mirrored here: an mm by its address, a PTE and a mapping for the length of a call.  What the
services mean is not known here; they are `mmu_gather_spec.kernel`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import cffi
from mmu_gather_reference.machine.page_alloc import PythonMemory
from mmu_gather_spec import contract, linked, linked_later
from mmu_gather_spec.eras import DEFAULT_ERA
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
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Half, ProtocolError, required
from mmu_gather_conformance.native_memory import Arena, CGather, NativeMemory

#: cffi's objects have no types of their own.
CData = Any


class Machine(NamedTuple):
    """The facts that a library finds in its environment, in C's words."""

    arch: CData
    smp: int
    hash_table: int
    pmd_index_size: int
    page_size: int


class SharedPort:
    """A library that was loaded."""

    def __init__(self, ffi: CData, library: CData, ops: CData, era: str, /) -> None:
        self.ffi = ffi
        #: the era whose header the library was compiled with
        self.era = era
        self._library = library  # kept: the table is in it
        self.ops = ops
        self.name: str = ffi.string(ops.name).decode()
        self.version: str = ffi.string(ops.version).decode()
        self.bits_per_long: int = ops.sizeof_long * 8
        self.env = ffi.new("struct mmu_gather_env *")
        # Looked up once: cffi would parse the names again at each cast.
        self._uintptr_t = ffi.typeof("uintptr_t")
        self._void_pointer = ffi.typeof("void *")
        self._range = ffi.new("struct mmu_gather_range *") if c_header.is_ranged(era) else None
        self._callbacks: list[CData] = []
        self._raised: BaseException | None = None
        self._mms: dict[int, mm_struct] = {}
        self._mm_mirrors: dict[int, CData] = {}
        self._ptes: dict[int, pte_t] = {}
        self._gathers: dict[int, object] = {}
        #: what a gather of a generic half in Python looks like from C, by the object's id
        self._holders: dict[int, tuple[object, CData]] = {}
        self._arenas: dict[int, Arena] = {}
        self._machine: Machine | None = None
        self._fill_environment()
        ops.bind(self.env)

    # --- what the suite asks for ------------------------------------------------------

    def brings_generic(self) -> bool:
        """Whether there is a generic half: then its pages have to be real memory."""
        return bool(self.ops.tlb_gather_mmu != self.ffi.NULL)

    def native_memory(self) -> NativeMemory:
        """Pages for one run of a generic half in C."""
        self._forget()
        return NativeMemory()

    def python_memory(self) -> PythonMemory:
        """Pages for one run of a generic half in Python, with this library's arch half."""
        self._forget()
        return PythonMemory()

    def _forget(self) -> None:
        """What was mirrored for the run before is gone."""
        for mirrored in (self._mms, self._mm_mirrors, self._ptes, self._gathers, self._holders):
            mirrored.clear()
        self.env.stop, self._raised = 0, None

    def guarded(self, size: int, /) -> CData:
        """Room for one more gather of this run, with nothing behind it.

        A size is a multiple of its struct's alignment, so what ends with a mapping is aligned.
        """
        arena = self._arenas.get(size) or self._arenas.setdefault(size, Arena(size))
        return self.ffi.cast("char *", arena.open(len(self._gathers)) - size)

    def halves(self, config: Config, era: str, elsewhere: Collection[str] = ()) -> tuple[Half | None, Half | None]:
        """The generic and the arch half, as far as the library brings them.

        elsewhere: names that somebody else brings, whichever half they are of.
        Errors: ProtocolError with the names that are missing.
        """
        machine = self._machine_of(config)
        self._run_on(machine)
        of = contract.contract_of(self.era)
        generic = self._half((*of.generic_half, *of.other_callers), machine)
        arch = self._half((*of.arch_half, *of.hash64_half), machine)
        for brought, which in ((generic, "generic"), (arch, "arch")):
            missing = [name for name in required(config, era, which) if brought and name not in {*brought, *elsewhere}]
            if missing:
                raise ProtocolError("missing: " + ", ".join(missing))
        size = self.ops.sizeof_mmu_gather
        if generic and not size:
            raise ProtocolError("missing: sizeof(struct mmu_gather)")
        if generic and size % self.ffi.sizeof("void *"):
            raise ProtocolError(f"sizeof(struct mmu_gather) is {size}, which leaves no room for its mm")
        mask = self.ops.max_pgtable_index_size
        if arch and mask == self.ffi.NULL:
            raise ProtocolError("missing: MAX_PGTABLE_INDEX_SIZE")
        constants = {"MAX_PGTABLE_INDEX_SIZE": int(mask())} if arch else {}
        if config.arch != "hash64":
            arch = {name: call for name, call in arch.items() if name not in of.hash64_half}
        return (
            Half(generic, {}, lambda fill: CGather(self, size, fill)) if generic else None,
            Half(arch, constants) if arch else None,
        )

    def _machine_of(self, config: Config) -> Machine:
        pmd = 0 if config.half[0] in ("hash32", "nohash32") else 12 if config.page_size == 65536 else 7
        return Machine(
            self.ffi.new("char[]", config.arch.encode()),
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
        found = {name: getattr(self.ops, name, self.ffi.NULL) for name in chosen}
        return {name: self._entry(name, entry, machine) for name, entry in found.items() if entry != self.ffi.NULL}

    def _entry(self, name: str, entry: CData, machine: Machine) -> Callable[..., object]:
        """A function of the library, to be called with the suite's objects."""
        result = c_header.prototype(name, self.era).result
        place = () if result == "void" else (self.ffi.new(f"{result} *"),)

        def call(*arguments: object) -> object:
            if self._machine is not machine:  # another image of this library ran last
                self._run_on(machine)
            mirrored = [self._to_c(argument) for argument in arguments]
            self.come_in(entry, *mirrored, *place)
            for argument, mirror in zip(arguments, mirrored, strict=True):
                if isinstance(argument, pte_t):
                    argument.flags = mirror.flags
            return place[0][0] if place else None

        return call

    def come_in(self, entry: CData, *arguments: CData) -> None:
        """Call into the library, and raise here what was raised inside."""
        left = entry(*arguments)
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
            return self.ffi.cast(self._void_pointer, argument.value)
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
            mirror = self._mm_mirrors[id(mm)] = self.ffi.new("struct mm_struct *", {"context_id": mm.context_id})
            self._mms[self.number(mirror)] = mm
        return mirror

    def mm_at(self, address: CData) -> mm_struct:
        """The mm behind a pointer.  Errors: AttributeError for a pointer that leads to none."""
        found = self._mms.get(self.number(address))
        if found is None:
            raise AttributeError("a pointer that leads to no mm")
        return found

    def _pte_mirror(self, pte: pte_t) -> CData:
        mirror = self.ffi.new("pte_t *", {"flags": pte.flags})
        self._ptes[self.number(mirror)] = pte
        return mirror

    def _vma_mirror(self, vma: vm_area_struct) -> CData:
        """A mapping, for the length of a call."""
        flags = sum(bit for name, bit in c_header.VM_FLAGS.items() if getattr(vma, name))
        return self.ffi.new("struct vm_area_struct *", {"vm_mm": self.mm_mirror(vma.vm_mm), "vm_flags": flags})

    def range_of(self, address: CData, member: str) -> int:
        """What a gather in C says of its range.

        Errors: AttributeError for a member that no arch may look at, or that the port does not tell.
        """
        if self._range is None or member not in c_header.range_members(self.era) or self.ops.range == self.ffi.NULL:
            raise AttributeError(member)
        self.ops.range(address, self._range)
        return int(getattr(self._range, member))

    def note_range(self, address: CData, member: str, value: int) -> None:
        """Change what a gather in C says of its range, as an arch does in its own pte_free_tlb().

        Errors: as `range_of`.
        """
        self.range_of(address, member)
        setattr(self._range, member, value)
        self.ops.set_range(address, self._range)

    def remember(self, address: CData, gather: object) -> None:
        """The suite's object for a struct mmu_gather pointer."""
        self._gathers[self.number(address)] = gather

    def _foreign_gather(self, gather: object) -> CData:
        """A gather of a generic half in Python, for an arch half in C: it has an mm first, and no more."""
        _, holder = self._holders.get(id(gather), (None, None))
        if holder is None:
            holder = self.ffi.cast("struct mm_struct **", self.guarded(self.ffi.sizeof("void *")))
            self._holders[id(gather)] = gather, holder
            self.remember(holder, gather)
        mm = getattr(gather, "mm", None)
        holder[0] = self.mm_mirror(mm) if isinstance(mm, mm_struct) else self.ffi.NULL
        return self.ffi.cast("struct mmu_gather *", holder)

    def _gather_at(self, address: CData) -> object:
        """The suite's object behind a struct mmu_gather pointer."""
        number = self.number(address)
        known = self._gathers.get(number)
        if known is None:
            raise AttributeError("a pointer that leads to no gather")
        return known

    # --- the environment --------------------------------------------------------------

    def _fill_environment(self) -> None:
        ffi, env = self.ffi, self.env
        env.abi, env.size = c_header.ABI, ffi.sizeof("struct mmu_gather_env")
        services = c_services.of(self)
        for result, name, _ in c_header.services(self.era):
            setattr(env, name, self._callback(name, services[name], result == "void"))
        for name in c_header.crossings(self.era):
            each = c_header.prototype(name, self.era)
            setattr(env, name, self._callback(name, self._crossing(each), each.result == "void"))

    def _callback(self, name: str, function: Callable[..., Any], void: bool) -> CData:
        """A service as C calls it; what it raises is kept, and the library is asked to leave."""

        kind = self.ffi.typeof(getattr(self.env, name))
        nothing = None if void else self.ffi.cast(kind.result, 0)

        def service(*arguments: CData) -> Any:
            if self._raised is not None:  # the run is over; a library that goes on has no effects
                return nothing
            try:
                result = function(*arguments)
                return None if void else result
            except BaseException as raised:  # noqa: BLE001 - it is raised again on the other side of C
                self._raised = raised
                self.env.stop = 1
                return nothing

        callback = self.ffi.callback(kind, service)
        self._callbacks.append(callback)
        return callback

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

    def number(self, pointer: CData) -> int:
        """A pointer as the word that it is."""
        return int(self.ffi.cast(self._uintptr_t, pointer))

    def rcu_callback(self, func: CData) -> rcu_callback_t:
        """A C callback as the kernel's model calls it."""
        return lambda head: self.come_in(self.ops.run_rcu, func, self.ffi.cast("struct rcu_head *", head.value))

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
        return self._ptes[self.number(address)]


def load(path: str, era: str = DEFAULT_ERA, /) -> SharedPort:
    """Load a library that was compiled with the header of an era.

    Errors: ProtocolError, in one line, for whatever is not a port.
    """
    if not Path(path).exists():
        raise ProtocolError(f"no such file: {path}")
    ffi = cffi.FFI()
    ffi.cdef(c_header.declarations(era))
    try:
        library: CData = ffi.dlopen(str(Path(path).resolve()))
    except OSError as error:
        raise ProtocolError(f"{path} is not a shared library: {error}") from error
    try:
        get_ops = library.mmu_gather_get_ops
    except AttributeError as error:
        raise ProtocolError(f"{path} has no symbol mmu_gather_get_ops") from error
    ops = get_ops(c_header.ABI)
    if ops == ffi.NULL or ops.abi != c_header.ABI:
        raise ProtocolError(f"{path} refuses ABI {c_header.ABI}")
    if ops.size != ffi.sizeof("struct mmu_gather_ops"):
        raise ProtocolError(f"{path}: its table has {ops.size} bytes, expected {ffi.sizeof('struct mmu_gather_ops')}")
    if ffi.NULL in (ops.name, ops.version):
        raise ProtocolError(f"{path}: its table has no name or no version")
    return SharedPort(ffi, library, ops, era)
