# SPDX-License-Identifier: GPL-2.0-only
"""Names for the addresses of a trace, by what they are and in the order they appear.

t0 is the first table, p0 the first user page, k0 the first page of kernel memory; `t0|7` is a table with its
shift.  A batch carries its rcu_head at its start, so the head goes by the page's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mmu_gather_spec import events as ev
from mmu_gather_spec.rules.reading import INDEX_BITS, given


def _named(event: ev.AnyEvent) -> Iterator[tuple[str, int]]:
    """What an event tells of addresses: this one is a table (t), a user page (p), a kernel page (k)."""
    match event:
        case (
            ev.Unlink()
            | ev.WalkEntry()
            | ev.WalkLoad()
            | ev.WalkLock()
            | ev.CacheEntry()
            | ev.CacheMiss()
            | ev.HardwareLoad()
            | ev.Dtor()
            | ev.UnsharePmd()
            | ev.ReusePmd()
        ):
            yield "t", event.table
        case (
            ev.ClearPte()
            | ev.SkipPte()
            | ev.WalkPte()
            | ev.WalkPin()
            | ev.FindMapping()
            | ev.TlbFill()
            | ev.HashFill()
            | ev.Access()
            | ev.AccessFault()
        ):
            yield "p", event.page
        case ev.GetFreePage(page=int(page)):
            yield "k", page
        case ev.Enter():
            table = given(event)
            if table is not None:
                yield "t", table


class Names:
    """The names of one trace."""

    def __init__(self, trace: Sequence[ev.AnyEvent], /) -> None:
        self._names: dict[int, str] = {}
        count: Counter[str] = Counter()
        for event in trace:
            for kind, address in _named(event):
                if address not in self._names:
                    self._names[address] = f"{kind}{count[kind]}"
                    count[kind] += 1

    def of(self, word: object, /) -> str:
        """A word by its name; small numbers as they are."""
        if not isinstance(word, int) or isinstance(word, bool):
            return str(word)
        if word in self._names:
            return self._names[word]
        table, index = word & ~INDEX_BITS, word & INDEX_BITS
        if table in self._names:
            return f"{self._names[table]}|{index}"
        return hex(word) if word > 0xFFFF else str(word)

    def several(self, words: Sequence[int], /) -> str:
        """A few words by name, and how many more there are."""
        more = f" and {len(words) - 4} more" if len(words) > 4 else ""
        return ", ".join(map(self.of, words[:4])) + more
