# SPDX-License-Identifier: GPL-2.0-only
"""A configuration: the facts of the machine that a case is run on.

A case id is `scenario/arch[/config]`, and a configuration's name is the last part of it; the
plain one (SMP, 4K pages at the real capacity) has no name.  The page size is a fact of the machine,
not of a compilation: with a tiny page a batch is full after three tables.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from mmu_gather_spec.arch import ARCHS, Arch
from mmu_gather_spec.record import record, replace

#: How many tables a batch holds on a machine with tiny pages.
SMALL_BATCH: Final = 3
#: How many bits a word has, on one machine or another.
WIDTHS: Final = (32, 64)


@record(frozen=True, slots=True)
class Config:
    """One machine."""

    arch: str
    name: str = ""
    smp: bool = True
    page_size: int = 4096
    #: the batch holds a few tables, whatever the page size would allow
    small: bool = False
    #: how many tables that is
    batch: int = SMALL_BATCH
    #: whether a hash32 machine has a hash table
    hash_table: bool = True
    #: 32-bit members of the family without a hash table: no indirect entries
    bits_per_long: int = 64

    @property
    def facts(self) -> Arch:
        """What the architecture guarantees."""
        return ARCHS[self.arch]

    @property
    def half(self) -> tuple[str, bool]:
        """The key of its arch half: the family's 32-bit members have their own."""
        thirty_two = self.arch == "nohash" and self.bits_per_long == 32
        return ("nohash32" if thirty_two else self.arch), self.smp

    def page_bytes(self, bits_per_long: int | None = None, /) -> int:
        """The page size in bytes; for a small machine just enough for its few tables.

        bits_per_long: the word size of a port that is compiled, where it differs.
        """
        if not self.small:
            return self.page_size
        # The header is an rcu_head and an unsigned int: three words on either width.
        return (3 + self.batch) * ((bits_per_long or self.bits_per_long) // 8)

    def suffix(self) -> str:
        """Its part of a case id."""
        return f"{self.arch}/{self.name}" if self.name else self.arch


def _plain(arch: str) -> Config:
    return Config(arch, bits_per_long=ARCHS[arch].bits_per_long)


def small(config: Config, /) -> Config:
    """The same machine with a batch of SMALL_BATCH tables."""
    name = f"{config.name}-small" if config.name else "small"
    return replace(config, small=True, name=name)


def _configs() -> dict[str, tuple[Config, ...]]:
    plain = {arch: _plain(arch) for arch in ARCHS}
    up = {arch: replace(config, smp=False, name="up") for arch, config in plain.items()}
    return {
        "hash32": (
            plain["hash32"],
            up["hash32"],
            replace(up["hash32"], name="up-603", hash_table=False),
        ),
        "hash64": (plain["hash64"], replace(plain["hash64"], page_size=65536, name="64k"), up["hash64"]),
        "nohash": (plain["nohash"], replace(plain["nohash"], bits_per_long=32, name="32bit"), up["nohash"]),
        "hardware-walker": (plain["hardware-walker"],),
        "ipi": (plain["ipi"], up["ipi"]),
        "arm64": (plain["arm64"], replace(plain["arm64"], page_size=16384, name="16k")),
        **{arch: (plain[arch],) for arch in ("radix", "x86", "sparc64", "s390")},
    }


#: arch -> its configurations at the real capacity.
CONFIGS: Final[dict[str, tuple[Config, ...]]] = _configs()


def machines(archs: Iterable[str], bits: Container[int] = WIDTHS, /) -> tuple[Config, ...]:
    """The configurations of some archs at the real capacity, whose words have one of these numbers of bits."""
    return tuple(config for arch in archs for config in CONFIGS[arch] if config.bits_per_long in bits)


def litmus_machine(arch: str, batch: int, /) -> Config:
    """The machine of a litmus: SMP, with batches of a few tables."""
    return replace(CONFIGS[arch][0], small=True, batch=batch, name="litmus")
