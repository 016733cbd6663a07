# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""C structs in kernel memory, laid out as a C compiler lays them out.

A batch lives in a page that the kernel handed out, and the rules speak of that page:
nobody may touch it between `call_rcu_sched` and the callback, nor after `free_page`.  So a
Python port does not keep a batch in a Python object; it declares the struct, and reads
and writes its members in the page.  Offsets follow the natural alignment of the word size of
the kernel that runs, as the C ABIs of 32-bit and 64-bit powerpc do.

What lives here is layout only; who may touch a page is the kernel's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Generic, TypeVar, overload

from mmu_gather_spec import kernel
from mmu_gather_spec.words import kaddr, rcu_head_p

#: Members by kind: how many bytes they have on a machine with 4 or 8 bytes to the word.
_SIZES: Final = {"pointer": (4, 8), "unsigned int": (4, 4), "unsigned long": (4, 8), "rcu_head": (8, 16)}
_ALIGNS: Final = {"pointer": (4, 8), "unsigned int": (4, 4), "unsigned long": (4, 8), "rcu_head": (4, 8)}


O_ = TypeVar("O_", bound="Struct")


class Member:
    """One member of a struct; `kind` is a key of the table above."""

    def __init__(self, kind: str, /, *, flexible: bool = False) -> None:
        self.kind = kind
        self.flexible = flexible
        self.offsets: tuple[int, int] = (0, 0)

    def size(self, wide: int, /) -> int:
        """Bytes of one element; `wide` is 1 on a 64-bit machine, else 0."""
        return _SIZES[self.kind][wide]

    def at(self, struct: Struct, index: int = 0, /) -> tuple[int, int]:
        """Address and size of this member, or of element `index` of it."""
        wide = kernel.BITS_PER_LONG() // 64
        size = _SIZES[self.kind][wide]
        return struct.address + self.offsets[wide] + index * size, size


class UnsignedInt(Member):
    """`unsigned int name;`"""

    def __init__(self) -> None:
        super().__init__("unsigned int")

    @overload
    def __get__(self, struct: None, owner: type, /) -> UnsignedInt: ...
    @overload
    def __get__(self, struct: Struct, owner: type, /) -> int: ...
    def __get__(self, struct: Struct | None, owner: type, /) -> UnsignedInt | int:
        return self if struct is None else kernel.load(*self.at(struct))

    def __set__(self, struct: Struct, value: int, /) -> None:
        kernel.store(*self.at(struct), value & 0xFFFFFFFF)


class RcuHead(Member):
    """`struct rcu_head name;`: two pointers.  Reading it gives its address."""

    def __init__(self) -> None:
        super().__init__("rcu_head")

    def __get__(self, struct: Struct, owner: type, /) -> rcu_head_p:
        return rcu_head_p(self.at(struct)[0])


class Link(Member):
    """`struct name *next;` of a struct's own kind."""

    def __init__(self) -> None:
        super().__init__("pointer")

    def __get__(self, struct: Struct, owner: type[O_], /) -> O_ | None:
        address = kernel.load(*self.at(struct))
        return owner(address) if address else None

    def __set__(self, struct: Struct, value: Struct | None, /) -> None:
        kernel.store(*self.at(struct), 0 if value is None else value.address)


E_ = TypeVar("E_")


class Elements(Generic[E_]):
    """The elements of a flexible array member of one struct."""

    __slots__ = ("_array", "_struct")

    def __init__(self, struct: Struct, array: FlexibleArray[E_], /) -> None:
        self._struct = struct
        self._array = array

    @property
    def address(self) -> int:
        """Where the first element is."""
        return self._array.at(self._struct)[0]

    def __getitem__(self, index: int, /) -> E_:
        return self._array.from_word(kernel.load(*self._array.at(self._struct, index)))

    def __setitem__(self, index: int, value: E_, /) -> None:
        kernel.store(*self._array.at(self._struct, index), self._array.to_word(value))


class FlexibleArray(Member, Generic[E_]):
    """`type name[0];`, as the last member: `FlexibleArray(pgf_p, unsigned_long)` is `void *[0]`."""

    def __init__(self, from_word: Callable[[int], E_], to_word: Callable[[E_], int], /) -> None:
        super().__init__("unsigned long", flexible=True)
        self.from_word = from_word
        self.to_word = to_word

    def __get__(self, struct: Struct, owner: type, /) -> Elements[E_]:
        return Elements(struct, self)


class Struct:
    """A C struct at an address.  Subclasses name their members in order."""

    __slots__ = ("address",)

    #: sizeof, tail padding included, on a 32-bit and on a 64-bit machine
    sizes: ClassVar[tuple[int, int]] = (0, 0)
    #: where the rcu_head is that it carries, if it carries one
    head_offsets: ClassVar[tuple[int, int] | None] = None

    def __init__(self, address: kaddr | int, /) -> None:
        self.address = address.value if isinstance(address, kaddr) else address

    def __init_subclass__(cls) -> None:
        members = [member for member in vars(cls).values() if isinstance(member, Member)]
        cls.sizes = _lay_out(members, 0), _lay_out(members, 1)
        cls.head_offsets = next((member.offsets for member in members if isinstance(member, RcuHead)), None)


def _lay_out(members: list[Member], wide: int, /) -> int:
    """Give each member its offset on one width of machine; the size of the whole."""
    end, widest = 0, 1
    for member in members:
        align = _ALIGNS[member.kind][wide]
        start = -(-end // align) * align
        narrow, broad = member.offsets
        member.offsets = (narrow, start) if wide else (start, broad)
        end = start if member.flexible else start + member.size(wide)
        widest = max(widest, align)
    return -(-end // widest) * widest


def sizeof(struct: type[Struct], bits_per_long: int | None = None, /) -> int:
    """`sizeof(struct)`, in bytes, tail padding included; of the running kernel's word size."""
    return struct.sizes[(bits_per_long or kernel.BITS_PER_LONG()) // 64]


S_ = TypeVar("S_", bound=Struct)


def container_of(head: rcu_head_p, struct: type[S_], /) -> S_:
    """`container_of(head, struct, rcu)`: the struct that carries `head`."""
    assert struct.head_offsets is not None, f"{struct.__name__} carries no rcu_head"
    return struct(head.value - struct.head_offsets[kernel.BITS_PER_LONG() // 64])
