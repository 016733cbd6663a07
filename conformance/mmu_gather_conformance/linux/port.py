# SPDX-License-Identifier: GPL-2.0-only
"""`linux:TREE`: the generic half of a kernel tree, with the arch half of the reference, as one more port.

The kernel's file is configured by #ifdef, so that a machine with another configuration gets another library; and so
does one whose words have another width.  What an architecture selects is said by its arch half, in constants with the
kernel's names.
"""

from __future__ import annotations

from mmu_gather_spec.eras import ERAS

from mmu_gather_conformance import ports, python_port, shared_port
from mmu_gather_conformance.c_port import CPort
from mmu_gather_conformance.config import Config, machines
from mmu_gather_conformance.elf32 import port as elf32_port
from mmu_gather_conformance.image import Half, Image, ProtocolError
from mmu_gather_conformance.linux import compiling, tree

#: What an architecture selects whose tables are batched.
BATCHING = ("CONFIG_MMU_GATHER_TABLE_FREE", "CONFIG_MMU_GATHER_RCU_TABLE_FREE")
#: What is set where address spaces share PMD tables: one name since v6.13, two before.
SHARING = ("CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING", "CONFIG_ARCH_WANT_HUGE_PMD_SHARE", "CONFIG_HUGETLB_PAGE")


def defines(config: Config, arch: Half, /) -> tuple[str, ...]:
    """The macros by which the kernel's file is compiled for a machine with this arch half."""
    selected = [name for name, value in arch.constants.items() if name.startswith("CONFIG_MMU_GATHER_") and value]
    batching = BATCHING if config.facts.selects_table_batching else ()
    sharing = SHARING if config.facts.shares_pmd_tables else ()
    smp = ("SHIM_SMP",) if config.smp else ()
    return (*(f"{name}=1" for name in sorted({*selected, *batching, *sharing})), *smp)


class LinuxTree:
    """The libraries of one kernel's file, one for each configuration that was asked for."""

    def __init__(self, files: tree.KernelFiles, era: str, /) -> None:
        self.files = files
        self.era = era
        self._loaded: dict[tuple[int, tuple[str, ...]], CPort] = {}

    def _library(self, bits: int, wanted: tuple[str, ...]) -> CPort:
        if (bits, wanted) not in self._loaded:
            path = compiling.library(self.files, self.era, wanted, bits)
            load = elf32_port.load if bits == 32 else shared_port.load
            self._loaded[bits, wanted] = load(str(path))
        return self._loaded[bits, wanted]

    def image(self, config: Config, /) -> Image:
        """The kernel's generic half on a machine, with the reference's arch half.

        Errors: ProtocolError where the file does not compile for it, or the compiler makes no words of its width.
        """
        arch = python_port.half(ports.reference_arch(config, self.era))
        generic, _ = self._library(config.bits_per_long, defines(config, arch)).halves(config, self.era, arch.symbols)
        assert generic is not None, "the file has a generic half"
        return Image(generic, arch, config, self.era)


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
    made.image(machines(archs, (64,))[0])  # whatever is wrong with it is said before the first case
    return ports.Port(f"linux:{place}", era, archs, made.image, version=files.version)
