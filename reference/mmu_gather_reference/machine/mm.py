# SPDX-License-Identifier: GPL-2.0-only
"""An address space: its tables and pages, and which CPUs may hold its translations.

Tables and user pages have addresses but no content: nothing that is judged here reads them.
A PTE table is a page; a larger table comes from the cache of its index size and is aligned to
its own size, which is at least the alignment that the encoding needs.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import _PAGE_HASHPTE, mm_struct, nth_page, page_p, pte_t

#: Where tables and user pages are, apart from each other and from the allocator's pages.
TABLES: Final = 0x10000000
PAGES: Final = 0x20000000
#: Kernel addresses have their top bits set on 64-bit, so that a truncated one shows.
LINEAR: Final = 0xC000000000000000
LINEAR_32: Final = 0xC0000000
STRIDE: Final = 0x40000
#: From an address that one shared table maps to one that the next does; neither is the first of its table.
SHARED: Final = 0x40201000
#: From one table to the next: twice the largest, since each is moved up by its own size.
TABLE_STRIDE: Final = 0x80000


class AddressSpace:
    """One mm with a supply of tables and mapped pages."""

    def __init__(self, mm: mm_struct, index: int, bits_per_long: int, cpumask: frozenset[int], /) -> None:
        self.mm = mm
        self.cpumask = cpumask
        linear = LINEAR if bits_per_long == 64 else LINEAR_32
        self._first_table = self._next_table = linear + TABLES + index * 0x4000000
        self._next_page = PAGES + index * 0x4000000
        self._next_addr = 0x100000 * (index + 1)
        self._next_shared = 0x1000000000 * (index + 1) + 0x201000
        self._word = bits_per_long // 8

    def table(self, shift: int, /) -> int:
        """A table of `1 << shift` pointers, or a PTE page for shift 0.

        It is aligned to its own size only, so that its low bits are not clear by luck.
        """
        address = self._next_table
        self._next_table += TABLE_STRIDE
        return address if shift == 0 else address + (self._word << max(shift, 4))

    def shared_table(self) -> tuple[int, int]:
        """A PMD table of huge pages that others map as well: a page, and a user address that it maps."""
        addr = self._next_shared
        self._next_shared += SHARED
        return self.table(0), addr

    def has_table(self, address: int, /) -> bool:
        """Whether an address is one of its tables'; the ptdesc of a table goes by that."""
        return self._first_table <= address < self._next_table

    def mapped_page(self, *, hashed: bool) -> tuple[int, pte_t]:
        """A page of user data, and the entry that maps it: its user address and the entry."""
        page, addr = page_p(self._next_page), self._next_addr
        self._next_page += STRIDE
        self._next_addr += STRIDE
        return addr, pte_t(page, _PAGE_HASHPTE if hashed else 0)

    def mapped_behind(self, first: page_p, n: int, /, *, hashed: bool) -> tuple[int, pte_t]:
        """The page `n` places behind another in its folio, mapped by itself as well."""
        addr, ptep = self.mapped_page(hashed=hashed)
        ptep.page = nth_page(first, n)
        return addr, ptep
