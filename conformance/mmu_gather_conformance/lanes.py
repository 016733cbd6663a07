# SPDX-License-Identifier: GPL-2.0-only
"""A trace as a person reads it: time down, a lane for each CPU, the offending step marked.

Addresses get names by what they are and in the order they appear: t0 is the first table, p0 the first user
page, k0 the first page of kernel memory; `t0|7` is a table with its shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mmu_gather_spec import events as ev

#: At most this many lines of a trace in a violation.
LINES: Final = 8
WIDTH: Final = 52


class Names:
    """Names for the addresses of one trace."""

    def __init__(self, trace: Sequence[ev.AnyEvent], /) -> None:
        self._names: dict[int, str] = {}
        kinds = {"t": 0, "p": 0, "k": 0}
        for event in trace:
            found: tuple[str, int | None] | None = None
            if isinstance(event, ev.Unlink):
                found = "t", event.table
            elif isinstance(event, ev.ClearPte):
                found = "p", event.page
            elif isinstance(event, ev.GetFreePage):
                found = "k", event.page
            if found is not None and found[1] is not None and found[1] not in self._names:
                self._names[found[1]] = f"{found[0]}{kinds[found[0]]}"
                kinds[found[0]] += 1

    def of(self, word: object, /) -> str:
        """A word by its name; small numbers as they are."""
        if not isinstance(word, int) or isinstance(word, bool):
            return str(word)
        if word in self._names:
            return self._names[word]
        table, index = word & ~0xF, word & 0xF
        if table in self._names:
            return f"{self._names[table]}|{index}"
        return hex(word) if word > 0xFFFF else str(word)


def describe(event: ev.AnyEvent, names: Names, /) -> str:
    """One event in few words, as a call where it is one."""
    of = names.of
    match event:
        case ev.Enter():
            return f"{event.fn}({', '.join(map(of, event.args))})"
        case ev.Leave():
            return f"return from {event.fn}"
        case ev.Unlink():
            return f"unhook {of(event.table)}"
        case ev.ClearPte():
            return f"clear the PTE of {of(event.page)}"
        case ev.GetFreePage():
            return f"__get_free_page -> {'NULL' if event.page is None else of(event.page)}"
        case ev.FreePage():
            return f"free_page({of(event.addr)})"
        case ev.KmemCacheFree():
            return f"kmem_cache_free(PGT_CACHE({event.index}), {of(event.addr)})"
        case ev.FreePages():
            return f"free_pages_and_swap_cache({_several(event.pages, names) or 'none'})"
        case ev.CallRcu():
            return f"call_rcu_{event.flavour}({_several(event.tables, names) or 'no table'})"
        case ev.GracePeriod():
            return f"a grace period ends ({event.flavour})"
        case ev.CallbackBegin():
            return "the callback begins"
        case ev.CallbackEnd():
            return "the callback ends"
        case ev.SmpCallFunction():
            to = ", ".join(f"cpu{cpu}" for cpu in sorted(event.cpus)) or "nobody"
            return f"IPI to {to}{' and wait' if event.wait else ''}"
        case ev.AtomicRead():
            return f"atomic_read({event.var}) -> {event.value}"
        case ev.NumOnlineCpus():
            return f"num_online_cpus() -> {event.value}"
        case ev.Fault():
            return f"fault: {event.kind.value}"
        case ev.Bug():
            return f"BUG({event.expression})"
        case ev.Invalidate():
            return f"{event.op} on {', '.join(f'cpu{cpu}' for cpu in sorted(event.cpus))}"
        case ev.Built():
            return f"{event.point}: {event.outcome}{', ' + event.missing if event.missing else ''}"
        case _:
            return _plain(event, names)


def _several(words: tuple[int, ...], names: Names) -> str:
    """A few words by name, and how many more there are."""
    more = f" and {len(words) - 4} more" if len(words) > 4 else ""
    return ", ".join(map(names.of, words[:4])) + more


def _plain(event: ev.AnyEvent, names: Names) -> str:
    """An event by its name and its fields."""
    fields = [names.of(getattr(event, slot)) for slot in type(event).__slots__]
    return f"{type(event).__name__}({', '.join(fields)})"


#: Events that say little to a person: they are left out unless they offend.
_QUIET: Final = (
    ev.Booted,
    ev.Leave,
    ev.Preempt,
    ev.GetCpuVar,
    ev.PutCpuVar,
    ev.Dtor,
    ev.DetachVma,
    ev.Quiescent,
)


def lanes(trace: Sequence[ev.AnyEvent], at: int, most: int = LINES, /) -> tuple[str, ...]:
    """The last steps, `most` of them, up to event `at`, each in the lane of its CPU; `>` marks the offending one."""
    names = Names(trace)
    shown = [i for i in range(min(at + 1, len(trace))) if i == at or not isinstance(trace[i], _QUIET)][-most:]
    rows = []
    for i in shown:
        event = trace[i]
        mark = ">" if i == at else " "
        text = describe(event, names)
        who = "" if event.agent == "a" else f"[{event.agent}] "
        lane = (who + text)[:WIDTH]
        rows.append(f"{mark}{i:4} " + (lane if event.cpu == 0 else " " * (WIDTH // 2) + "| " + lane))
    return (f" step cpu0{' ' * (WIDTH // 2 - 4)}| cpu1", *rows)
