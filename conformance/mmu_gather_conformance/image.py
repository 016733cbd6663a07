# SPDX-License-Identifier: GPL-2.0-only
"""The linked image: one generic half, one arch half, and the table between them.

Linking is by name, as the C linker does it, whatever halves a port brings.  Calls from one half
to the other go through this table and are written down as Enter and Leave; calls inside a half
are the port's own affair.

This file must not know in which language a half is written: a `Half` is a mapping from the
kernel's names to things that can be called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Protocol

from mmu_gather_reference.machine.page_alloc import Memory
from mmu_gather_spec import events as ev
from mmu_gather_spec import linked
from mmu_gather_spec.answering import booted
from mmu_gather_spec.arch import Encoding
from mmu_gather_spec.contract import contract_of
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.record import record
from mmu_gather_spec.words import Word, mm_struct, pte_t, vm_area_struct

from mmu_gather_conformance.config import Config
from mmu_gather_conformance.scripted_kernel import ScriptedKernel

#: Names that one half calls in the other: every such call is seen.
CROSSINGS: Final = frozenset(
    {
        "tlb_flush",
        "__tlb_remove_table",
        "__pte_free_tlb",
        "__pmd_free_tlb",
        "__tlb_remove_tlb_entry",
        "tlb_remove_table",
        "tlb_remove_page",
    }
)


class ProtocolError(Exception):
    """The port does not speak as a port must: functions are missing, or it cannot be loaded."""


class Died(Exception):
    """The process that a port runs in, beside the one that asks it, is gone: by a signal, or with an exit status."""


class Gather(Protocol):
    """A struct mmu_gather that the suite has allocated, and can take away."""

    @property
    def handle(self) -> object:
        """What is passed as `tlb`."""
        ...

    def hide(self) -> None:
        """Take its content away while a callback runs."""

    def show(self) -> bool:
        """Bring it back; True if somebody wrote to it meanwhile."""
        ...

    def owns(self, thing: object, /) -> bool:
        """Whether `thing` is this gather."""
        ...


@record(frozen=True, slots=True)
class Native:
    """What an image needs of a half that is compiled: memory for each run, and words of its width."""

    memory: Callable[[], Memory]
    #: None where it follows the machine's
    bits_per_long: int | None = None
    #: the address of a run's page by its size and number; None where pages are Python's
    place: Callable[[int, int], int] | None = None


@record(frozen=True, slots=True)
class Half:
    """One half of a port: its functions by the kernel's names, and its constants."""

    symbols: Mapping[str, Callable[..., Any]]
    constants: Mapping[str, int]
    #: makes a gather, filled with a byte; only a generic half has it
    new_gather: Callable[[int], Gather] | None = None
    #: None for Python
    native: Native | None = None


#: What an arch half may leave to a default.
DEFAULTED: Final = frozenset({"tlb_needs_table_invalidate"})
#: What only some architectures have, by what they put into the word of a table.
WITHOUT: Final = {
    Encoding.SHIFT: frozenset[str](),
    Encoding.PAGE_BIT: frozenset({"MAX_PGTABLE_INDEX_SIZE"}),
    Encoding.FRAGMENT: frozenset({"MAX_PGTABLE_INDEX_SIZE", "pgtable_free_tlb", "__pte_free_tlb", "__pmd_free_tlb"}),
    Encoding.NONE: frozenset({"MAX_PGTABLE_INDEX_SIZE", "pgtable_free_tlb"}),
}


def required(config: Config, era: str, half: str, /) -> tuple[str, ...]:
    """The names that a half must define on this machine in this era."""
    facts, contract = config.facts, contract_of(era)
    absent = set(ERAS[era].absent) | DEFAULTED | WITHOUT[facts.encoding]
    if not facts.selects_table_batching:
        absent |= {"tlb_remove_table", "tlb_table_flush", "tlb_remove_ptdesc"}
    if not facts.selects_table_batching or not (config.smp or ERAS[era].batches_on_up):
        absent.add("__tlb_remove_table")
    hash64 = contract.hash64_half if config.arch == "hash64" else ()
    names = contract.generic_half if half == "generic" else contract.arch_half + hash64
    return tuple(name for name in names if name not in absent)


class Image:
    """A linked port on one machine."""

    def __init__(self, generic: Half, arch: Half, config: Config, era: str) -> None:
        self.config = config
        self.era = era
        self.symbols = {**generic.symbols, **arch.symbols}
        self.constants = {"PMD_INDEX_SIZE": self._pmd_shift(config), **arch.constants}
        if "MAX_PGTABLE_INDEX_SIZE" in WITHOUT[config.facts.encoding]:
            self.constants["MAX_PGTABLE_INDEX_SIZE"] = 0
        self._new_gather = generic.new_gather
        #: whose memory and whose words it has, if not Python's and the machine's
        self.native = generic.native or arch.native
        #: whether a flush also writes down what it finds in the gather; the rules have no use for that
        self.tells_ranges = False
        #: the select line by which its arch asks for the batching, where that is not the era's own
        self.select = ""
        self._check()

    @staticmethod
    def _pmd_shift(config: Config) -> int:
        if config.half[0] == "nohash32":
            return 0
        return 12 if config.page_size == 65536 else config.facts.pmd_shift

    def _check(self) -> None:
        """Name every function that is missing, not the first."""
        wanted = [name for half in ("generic", "arch") for name in required(self.config, self.era, half)]
        missing = [name for name in wanted if name not in self.symbols]
        if "MAX_PGTABLE_INDEX_SIZE" not in self.constants:
            missing.append("MAX_PGTABLE_INDEX_SIZE")
        if self._new_gather is None:
            missing.append("struct mmu_gather")
        if missing:
            raise ProtocolError("missing: " + ", ".join(missing))

    def new_gather(self, fill: int, /) -> Gather:
        """A gather on the suite's stack, filled with a byte."""
        assert self._new_gather is not None
        return self._new_gather(fill)

    @contextmanager
    def running_on(self, kernel: ScriptedKernel, /) -> Iterator[None]:
        """Link the halves and boot `kernel` for the length of a `with`."""
        table = {
            name: self._seen(name, function, kernel) if name in CROSSINGS else function
            for name, function in self.symbols.items()
        }
        if self.tells_ranges:
            table["tlb_flush"] = self._seen("tlb_flush", self._with_its_range(kernel), kernel)
        with ExitStack() as stack:
            stack.enter_context(booted(kernel))
            stack.enter_context(linked.linked_with(table, self.constants))
            yield

    @staticmethod
    def _seen(name: str, function: Callable[..., Any], kernel: ScriptedKernel) -> Callable[..., Any]:
        """`function`, with its call and its return written down."""

        emit = kernel.emit

        def call(*args: object) -> object:
            emit(ev.Enter, name, tuple([word(argument) for argument in args]))
            result = function(*args)
            emit(ev.Leave, name)
            return result

        return call

    def _with_its_range(self, kernel: ScriptedKernel) -> Callable[..., Any]:
        """tlb_flush(), with what it finds written down first.

        A gather without pages leaves need_flush_all as it was: it holds garbage, and nobody reads it.  One that
        unshares no tables has no word of them.
        """
        members = [name for name in ev.FlushRange.__slots__ if name not in ev.Event.__slots__]
        unread = {"need_flush_all"} if self.constants.get("CONFIG_MMU_GATHER_NO_GATHER") else set()
        unread |= {"unshared_tables"} if "tlb_unshare_pmd_ptdesc" not in self.symbols else set()

        def flush(tlb: object) -> None:
            kernel.emit(ev.FlushRange, *(0 if name in unread else getattr(tlb, name) for name in members))
            self.symbols["tlb_flush"](tlb)

        return flush

    def call(self, kernel: ScriptedKernel, name: str, *args: object) -> object:
        """A call from outside, by the caller: seen whatever the name is.

        Errors: ProtocolError where the port does not provide it.
        """
        if name not in self.symbols:
            raise ProtocolError(f"a caller of {self.era} calls {name}(), which the port does not provide")
        return self._seen(name, self.symbols[name], kernel)(*args)


#: How a struct stands in a trace; whatever is none of these is a gather.
_STRUCTS: Final = {mm_struct: "mm", pte_t: "ptep", vm_area_struct: "vma"}


def word(argument: object, /) -> int | str:
    """An argument as it stands in a trace: a bare word, or the kind of a struct."""
    if isinstance(argument, Word):
        return argument.value
    if isinstance(argument, int):
        return int(argument)  # a bool is a number, too
    return _STRUCTS.get(type(argument), "tlb")
