# SPDX-License-Identifier: GPL-2.0-only
"""Two ports in one process, given the same case and the same answers: where do their runs part?

A trace holds the addresses of the pages that were handed out, and a compiled port has real ones.  The other port is
handed the same addresses, so that equal runs are equal as they stand: nothing is renamed, or could be renamed away.

Where gathers keep a range, each flush also writes down what it finds there: most architectures look at little of it.
The boot event is not compared.  It says which names each image defines, and that is no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from itertools import zip_longest
from typing import Final

from mmu_gather_reference.machine.page_alloc import PythonMemory
from mmu_gather_spec.record import record

from mmu_gather_conformance.agreement.random_calls import RandomCalls
from mmu_gather_conformance.c_tables import is_ranged
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import WIDTHS, Config
from mmu_gather_conformance.image import Image, Native
from mmu_gather_conformance.ports import Port
from mmu_gather_conformance.recorder import Recorder, Run
from mmu_gather_conformance.scripted_kernel import forget_events

#: The deep cases make some hundred thousand events, and are in no loop.
EFFECT_BOUND: Final = 400_000
#: What stable series have taken over in the middle of an era.
OF_STABLE_SERIES: Final = frozenset({"tlb_gather_mmu_vma", "tlb_unshare_pmd_ptdesc", "tlb_flush_unshared_tables"})
#: Attempts at a smaller example; each is two runs.
SHRINK_BOUND: Final = 400


@record(frozen=True, slots=True)
class Parted:
    """Two runs of one case that are not the same; None for one that was never made."""

    case: Case
    one: Run | None
    other: Run | None
    by_service: dict[str, tuple[int, ...]]
    #: which random example it was made of; -1 for a scenario of the suite
    number: int = -1


@record(frozen=True, slots=True)
class Compared:
    """How many runs were the same, and the first two that were not."""

    runs: int
    parted: Parted | None = None


class SamePlaces(PythonMemory):
    """Python's pages, at the addresses that a compiled port would be given."""

    def __init__(self, place: Callable[[int, int], int], /) -> None:
        super().__init__()
        self._place = place

    def allocate(self, size: int, fill: int, /) -> int:
        """The next page, as long as the others."""
        address = self._place(size, len(self._pages))
        self._pages[address] = bytearray([fill]) * size
        return address

    def page(self, address: int, /) -> tuple[int, bytearray] | None:
        """The page that `address` is in or just behind, if there is one."""
        for start, content in self._pages.items():
            if start <= address < start + len(content) + 8:
                return start, content
        return None


class Pair:
    """Two ports, linked once for each machine."""

    def __init__(self, one: Port, other: Port, /) -> None:
        self._ports = one, other
        self._images: dict[Config, tuple[Image, Image]] = {}

    def _recorders(self, case: Case) -> tuple[Recorder, Recorder]:
        config = case.config
        if config not in self._images:
            self._images[config] = self._ports[0].image(config), self._ports[1].image(config)
            _meet(*self._images[config])
            for image in self._images[config]:
                image.tells_ranges = is_ranged(image.era)
        images = self._images[config]
        compiled = next((image.native for image in images if image.native and image.native.place), None)
        one, other = (Recorder(image, case.scenario, config, _native(image, compiled)) for image in images)
        one.effect_bound = other.effect_bound = EFFECT_BOUND
        return one, other

    def on_case(self, case: Case, /) -> Compared:
        """Every run of a scenario of the suite, under every pattern of answers and with every filling."""
        one, other = (recorder.record().runs for recorder in self._recorders(case))
        for number, (mine, theirs) in enumerate(zip_longest(one, other)):
            if not _same(mine, theirs):
                return Compared(number, Parted(case, mine, theirs, {}))
        return Compared(len(one))

    def on_random(
        self, archs: tuple[str, ...], seed: int, first: int, count: int, /, bits: Container[int] = WIDTHS
    ) -> Compared:
        """So many random call sequences, beginning with the one of number `first`; the first that differs is shrunk."""
        calls = RandomCalls(archs, seed, self._ports[0].era, bits)
        for number in range(first, first + count):
            forget_events()
            parted = self._parted(calls.case(number), calls.answers(number), calls.fill(number), number)
            if parted is not None:
                return Compared(number - first, self._smaller(parted))
        return Compared(count)

    def _parted(self, case: Case, by_service: dict[str, tuple[int, ...]], fill: int, number: int) -> Parted | None:
        mine, theirs = (recorder.run((), fill, by_service=by_service)[0] for recorder in self._recorders(case))
        return None if _same(mine, theirs) else Parted(case, mine, theirs, by_service, number)

    def _smaller(self, found: Parted) -> Parted:
        """The same difference with fewer calls and fewer answers, as far as that is quick to find."""
        assert found.one is not None, "a random example is one run"
        tries, fill = 0, found.one.fill
        again = True
        while again and tries < SHRINK_BOUND:
            again = False
            for case, answers in RandomCalls.simpler(found.case, found.by_service):
                tries += 1
                parted = self._parted(case, answers, fill, found.number)
                if parted is not None:
                    found, again = parted, True
                    break
        return found


def _meet(one: Image, other: Image) -> None:
    """No caller asks either for what only one of them has, where that is a stable series and its release has it not."""
    for name in (one.symbols.keys() ^ other.symbols.keys()) & OF_STABLE_SERIES:
        one.symbols.pop(name, None)
        other.symbols.pop(name, None)


def _native(image: Image, compiled: Native | None) -> Native | None:
    """The memory and the words of one of two images: its own, or such as the other's are."""
    if compiled is None or compiled.place is None or (image.native and image.native.place):
        return image.native
    place = compiled.place
    return Native(lambda: SamePlaces(place), compiled.bits_per_long, place)


def _same(one: Run | None, other: Run | None) -> bool:
    """Whether two runs were given the same answers and had the same effects and the same end."""
    if one is None or other is None:
        return False
    key, theirs = ((run.choices, run.fill, run.nested_at, run.outcome) for run in (one, other))
    return key == theirs and one.trace[1:] == other.trace[1:]


def part(one: Run | None, other: Run | None, /) -> int:
    """The position of the first event that differs, the boot event aside."""
    traces = [() if run is None else run.trace for run in (one, other)]
    for at in range(1, min(map(len, traces))):
        if traces[0][at] != traces[1][at]:
            return at
    return min(map(len, traces))


def shards(count: int, size: int, /) -> Iterator[tuple[int, int]]:
    """Numbers from 0 to before `count`, in ranges: where each begins and how many it holds."""
    return ((first, min(size, count - first)) for first in range(0, count, size))
