# SPDX-License-Identifier: GPL-2.0-only
"""`linux:TREE`: the generic half of a kernel tree, with the arch half of the reference, as one more port.

The kernel's file is configured by #ifdef, so that a machine with another configuration gets another library.  What each
architecture selects is written down here, as the Kconfig files of 6.1 and 6.12 have it; the controls select
what their real likes do.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.machine.page_alloc import Memory
from mmu_gather_spec.eras import ERAS

from mmu_gather_conformance import ports, shared_port
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Image, ProtocolError
from mmu_gather_conformance.linux import compiling, tree

_BATCHES: Final = ("TABLE_FREE", "RCU_TABLE_FREE")
_POWERPC: Final = (*_BATCHES, "PAGE_SIZE", "MERGE_VMAS")
#: arch -> what it selects of MMU_GATHER_*.
SELECTS: Final[dict[str, tuple[str, ...]]] = {
    "hash32": _POWERPC,
    "hash64": _POWERPC,
    "nohash": _POWERPC,
    "hardware-walker": _BATCHES,
    "ipi": (),
}


def defines(config: Config, /) -> tuple[str, ...]:
    """The macros by which the kernel's file is compiled for a machine."""
    selected = tuple(f"CONFIG_MMU_GATHER_{each}=1" for each in SELECTS[config.arch])
    return (*selected, "SHIM_SMP") if config.smp else selected


class LinuxTree:
    """The libraries of one kernel's file, one for each configuration that was asked for."""

    def __init__(self, files: tree.KernelFiles, era: str, /) -> None:
        self.files = files
        self.era = era
        self._loaded: dict[tuple[str, ...], shared_port.SharedPort] = {}

    def library(self, config: Config, /) -> shared_port.SharedPort:
        """The library for a machine.  Errors: ProtocolError where it cannot be made."""
        wanted = defines(config)
        if wanted not in self._loaded:
            self._loaded[wanted] = shared_port.load(str(compiling.library(self.files, wanted)))
        return self._loaded[wanted]

    def memory(self) -> Memory:
        """Real pages for one run, whichever of the libraries it is of."""
        fresh = [library.native_memory() for library in self._loaded.values()]
        return fresh[-1]

    def image(self, config: Config, /) -> Image:
        """The kernel's generic half on a machine, with the reference's arch half."""
        generic, _ = self.library(config).halves(config, self.era)
        return ports.link((generic, None), config, self.era)


def open_tree(place: str, era: str | None, /) -> ports.Port:
    """The port `linux:PLACE`.

    era: hold it to this era, and not to the one that its text is of.
    Errors: ProtocolError, with the names that the shim lacks where it does not compile.
    """
    files = tree.find(place)
    era = era or files.era()
    if era is None or era not in ERAS:
        raise ProtocolError(f"{place} looks like no era that the specification knows: name one with --era")
    made = LinuxTree(files, era)
    archs = ports.reference(era, "").archs
    first = made.library(Config(archs[0]))
    return ports.Port(f"linux:{place}", era, archs, made.image, made.memory, first.bits_per_long)
