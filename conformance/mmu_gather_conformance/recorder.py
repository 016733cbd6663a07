# SPDX-License-Identifier: GPL-2.0-only
"""The recorder: runs a port alone, once for each pattern of answers, and keeps the traces.

It begins with the ordinary answers and then takes every other answer at every choice, to closure
or to the scenario's bound of deviations.  Every run is repeated in another order and with the
gather and the pages filled differently: a port is a function of the kernel's answers, so a
difference is either a read of what was never written, or state that the port keeps where it may not.

The recorder never judges.  What it finds out by comparing runs it writes into the trace as events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.answering import BUG
from mmu_gather_spec.arch import max_table_batch
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.record import field, record

from mmu_gather_conformance.caller import Caller
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Died, Image, Native
from mmu_gather_conformance.kernel_memory import TooManyEffects
from mmu_gather_conformance.scenario import Scenario
from mmu_gather_conformance.script import Script, siblings
from mmu_gather_conformance.scripted_kernel import EFFECT_BOUND, ScriptedKernel, forget_events

#: What the gather and the pages are filled with, in turn.
FILLS: Final = (0x00, 0xA5, 0xFF)
#: A case with more runs than this is not a ten-line scenario any more.
RUN_BOUND: Final = 20_000
#: Where there are more patterns of answers than this, each is repeated with one other filling, and not with both.
MANY_PATTERNS: Final = 12


class Outcome(Enum):
    """How a run ended."""

    ENDED = "ended"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    #: the same answers gave different effects
    UNSTABLE = "unstable"


@record(frozen=True, slots=True)
class Run:
    """One run: the answers that were chosen, what was filled in, and what happened."""

    choices: tuple[int, ...]
    fill: int
    trace: tuple[ev.AnyEvent, ...]
    outcome: Outcome = Outcome.ENDED
    detail: str = ""
    nested_at: int = 0

    @property
    def plain(self) -> bool:
        """Whether the gather was alone, and filled with zeroes: the others only tell whether it does the same."""
        return self.fill == FILLS[0] and not self.nested_at


@record(slots=True)
class Recording:
    """All runs of one case."""

    runs: list[Run] = field(default_factory=list)
    #: whether every answer at every choice was taken
    closed: bool = True
    #: events of all runs that were made, those included that came out the same with another filling
    effects: int = 0


class Recorder:
    """Records one scenario on one machine."""

    def __init__(self, image: Image, scenario: Scenario, config: Config, native: Native | None = None) -> None:
        self.image = image
        self.scenario = scenario
        self.config = config
        #: whose memory and whose words a run has, if not Python's and the machine's
        self._native = native or image.native
        #: events of all runs so far
        self.effects = 0
        #: a run with more events than this is in a loop
        self.effect_bound = EFFECT_BOUND
        #: told the answers of each run before it begins
        self.before_run: Callable[[tuple[int, ...], int, int], None] = lambda choices, fill, nested_at: None

    # --- one run --------------------------------------------------------------------

    def run(
        self,
        choices: tuple[int, ...],
        fill: int = 0,
        nested_at: int = 0,
        by_service: Mapping[str, Sequence[int]] | None = None,
    ) -> tuple[Run, Script]:
        """One run with these answers; what it asked is in the script that comes back."""
        self.before_run(choices, fill, nested_at)
        script, native = Script(choices, by_service), self._native
        kernel = ScriptedKernel(
            self.config, self.scenario.answers, script, fill,
            native.memory() if native else None, native.bits_per_long if native else None,
            consolidated=ERAS[self.image.era].consolidated_rcu,
        )  # fmt: skip
        kernel.effect_bound = self.effect_bound
        self._write_boot(kernel, fill)
        outcome, detail = self._play(kernel, fill, nested_at)
        self.effects += len(kernel.trace)
        run = Run(script.taken(), fill, tuple(kernel.trace), outcome, detail, nested_at)
        return run, script

    def _write_boot(self, kernel: ScriptedKernel, fill: int) -> None:
        config, image = self.config, self.image
        kernel.emit(
            ev.Booted, config.arch, image.era, config.smp, kernel.bits_per_long, kernel.page_size,
            config.hash_table, config.arch == "nohash" and config.bits_per_long == 64,
            max_table_batch(kernel.page_size, kernel.bits_per_long),
            image.constants["MAX_PGTABLE_INDEX_SIZE"], frozenset(image.symbols), fill,
        )  # fmt: skip

    def _play(self, kernel: ScriptedKernel, fill: int, nested_at: int) -> tuple[Outcome, str]:
        """Run the caller, then let everything come to its end."""
        caller = Caller(self.image, kernel, fill)
        if nested_at:
            kernel.at_boundary = self._second_gather(caller, nested_at)
        try:
            with self.image.running_on(kernel):
                with suppress(BUG):  # this agent has ended; what it submitted goes on
                    caller.run(self.scenario.ops)
                if not kernel.halted:
                    kernel.quiesce()
        except BUG:
            pass  # a callback has ended, and the machine with it
        except TooManyEffects:
            return Outcome.TIMED_OUT, f"{len(kernel.trace)} effects in one run, and no end: it is in a loop"
        except Died as error:
            return Outcome.CRASHED, str(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a port raises is a verdict
            return Outcome.CRASHED, _where(error)
        if not kernel.halted:
            for page in sorted(kernel.pages.in_use):
                kernel.emit(ev.Leaked, page)
            kernel.emit(ev.Quiescent)
        return Outcome.ENDED, ""

    def _second_gather(self, first: Caller, at: int) -> Callable[[int], None]:
        """Run the scenario once more, as gather `b`, when the first is at its boundary `at`."""

        def begin(boundary: int) -> None:
            kernel = first.kernel
            if boundary != at or kernel.preempt_depth or not kernel.irqs_on or kernel.agent != "a":
                return
            kernel.at_boundary = None
            second = Caller(self.image, kernel, first.fill)
            with kernel.elsewhere(kernel.cpu, "b"):
                for op in self.scenario.ops:
                    second.do(op)

        return begin

    # --- all runs -------------------------------------------------------------------

    def record(self) -> Recording:
        """Every run of the case; each pattern of answers with other fillings as well."""
        recording = Recording()
        forget_events()
        if self.scenario.builds:
            recording.runs.append(self._builds())
            return recording
        plain: dict[tuple[int, ...], Run] = {}
        for run in self.closure(recording):
            plain[run.choices] = run
            recording.runs.append(run)
            if run.outcome is not Outcome.ENDED:
                return recording
        order = list(plain)
        order.sort(key=_shuffled)
        for turn, fill in enumerate(FILLS[1:]):
            own = order[turn :: len(FILLS) - 1] if len(order) > MANY_PATTERNS else order
            for choices in own[:: -1 if turn else 1]:
                again = self._again(plain[choices], fill)
                if again is not None:
                    recording.runs.append(again)
        if self.scenario.nested:
            recording.runs.extend(self._nested(plain[next(iter(plain))]))
        return recording

    def _builds(self) -> Run:
        """The configurations of this arch, put to the build with its select line: the port's, or the era's."""
        from mmu_gather_spec import kconfig_eras  # noqa: PLC0415 - slow to import, and only needed here

        kernel = ScriptedKernel(self.config, self.scenario.answers, Script(), 0)
        self._write_boot(kernel, 0)
        for cell in kconfig_eras.cells(self.config.arch, self.image.era, self.image.select):
            select = cell.select.source.phrase
            for missing in cell.missing:
                kernel.emit(ev.Built, cell.point.name, select, missing.phase.value, missing.name)
            if not cell.missing:
                kernel.emit(ev.Built, cell.point.name, select, cell.findings[0].value, "")
        kernel.emit(ev.Quiescent)
        return Run((), 0, tuple(kernel.trace))

    def closure(self, recording: Recording, fills: Sequence[int] = FILLS[:1]) -> Iterator[Run]:
        """One run for each pattern of answers; `fills` are used in turn."""
        pending: list[tuple[int, ...]] = [()]
        count = 0
        while pending:
            prefix = pending.pop()
            run, script = self.run(prefix, fills[count % len(fills)])
            yield run
            count += 1
            if count >= RUN_BOUND:
                recording.closed = False
                return
            pending.extend(siblings(script, len(prefix), self.scenario.deviations))
        recording.closed = self.scenario.deviations is None

    def _again(self, plain: Run, fill: int) -> Run | None:
        """The same answers with another filling; a run only if something came out differently."""
        run, _ = self.run(plain.choices, fill)
        if run.trace[1:] == plain.trace[1:] and run.outcome is plain.outcome:
            return None
        control, _ = self.run(plain.choices, plain.fill)
        if control.trace != plain.trace:
            return Run(plain.choices, plain.fill, control.trace, Outcome.UNSTABLE, "the same answers, other effects")
        at = _first_difference(run.trace, plain.trace)
        came = run.trace[at] if at < len(run.trace) else run.trace[-1]
        extra = isinstance(came, ev.Enter) and came.fn == "tlb_flush"
        mark = ev.Diverged(came.cpu, came.agent, fill, type(came).__name__, extra)
        trace = (*run.trace[:at], mark, *run.trace[at:])
        return Run(run.choices, fill, trace, run.outcome, run.detail)

    def _nested(self, alone: Run) -> Iterator[Run]:
        """A second gather inside the first, at each of its boundaries."""
        own = _symbolic(alone.trace, "a")
        for at in range(1, len(alone.trace)):
            run, _ = self.run(alone.choices, 0, at)
            if not any(event.agent == "b" for event in run.trace):
                continue
            now = _symbolic(run.trace, "a")
            if now != own:
                differs = ((old, new) for old, new in zip(own, now, strict=False) if old != new)
                old, new = next(differs, ((), ("nothing",)))
                if old[:2] == new[:2] and new[0] == "AtomicRead":
                    yield run  # it was answered otherwise, and may go on otherwise: that is for the rules
                    continue
                mark = ev.Shared(0, "a", str(new[0]))
                run = Run(run.choices, 0, (*run.trace, mark), run.outcome, run.detail, at)
            yield run


def _shuffled(choices: tuple[int, ...]) -> int:
    """A place in an order that has nothing to do with the one in which the runs were made, and is always the same."""
    return sum((choice + 1) * (at + 7) * 2654435761 % 9973 for at, choice in enumerate(choices)) % 1009


def _first_difference(one: tuple[ev.AnyEvent, ...], other: tuple[ev.AnyEvent, ...]) -> int:
    """Where two traces part, the boot event aside."""
    for at in range(1, min(len(one), len(other))):
        if one[at] != other[at]:
            return at
    return min(len(one), len(other))


def _symbolic(trace: tuple[ev.AnyEvent, ...], agent: str) -> list[tuple[object, ...]]:
    """What one agent did, with addresses replaced by the order in which it came across them."""
    names: dict[int, str] = {}

    def name(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0x10000:
            return tuple(map(name, value)) if isinstance(value, tuple) else value
        return names.setdefault(value & ~0xFF, f"#{len(names)}")

    return [
        (type(event).__name__, *(name(getattr(event, slot)) for slot in event.__slots__))
        for event in trace
        if event.agent == agent and not isinstance(event, ev.Booted | ev.Leaked | ev.Quiescent | ev.Shared)
    ]


def _where(error: BaseException) -> str:
    """The exception and the port's line that raised it, without a traceback."""
    tail = error.__traceback__
    while tail is not None and tail.tb_next is not None:
        tail = tail.tb_next
    place = "" if tail is None else f" at {tail.tb_frame.f_code.co_name}, line {tail.tb_lineno}"
    return f"{type(error).__name__}: {error}{place}"
