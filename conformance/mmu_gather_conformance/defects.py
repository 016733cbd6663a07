# SPDX-License-Identifier: GPL-2.0-only
"""The errata, each by the case that shows it soonest: what the pages draw, and what `replay S7` repeats.

Where a defect does its harm to somebody else the case is a litmus.  Where nobody else is needed to see it, it is a
scenario's, in which the port is alone.  Either way its run is found when it is asked for.  So is what is said of the
era that mended the defect: its code is put to a case in which the era before still shows it, and judged by the same
rule.  Part of a defect may have been mended sooner, or on some architectures: then that is another case.

Which case it is was searched for once, among all of them, and stands below; the test searches again.  What is about
the build has no run, and so no place here.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.history import known_in, mended_in
from mmu_gather_spec.record import record, replace
from mmu_gather_spec.rule import Binds
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import one_case, ports
from mmu_gather_conformance.replaying import Replayed, repeat
from mmu_gather_conformance.report import CaseResult, Found


@record(frozen=True, slots=True)
class Shown:
    """Where a defect is seen soonest."""

    #: `litmus/arch`, or `scenario/arch[/config]`
    case: str
    #: the rule that it breaks there
    rule: str
    #: at which step
    step: int
    #: the case by which the last era that has the defect shows it, if this one shows it only in earlier eras
    later: str = ""
    #: of a scenario: why nobody else is needed to see it
    alone: str = ""

    @property
    def last(self) -> str:
        """The case that tells the last era that has the defect from the one that mended it."""
        return self.later or self.case


SHOWN: Final[dict[str, Shown]] = {
    "S1": Shown("hardware-pmd-table/hardware-walker", "walk.hardware-never-a-freed-table", 14),
    "S2": Shown("aio-below-two-users/hardware-walker", "walk.never-a-freed-table", 16),
    "S3": Shown("hardware-no-memory/hardware-walker", "walk.hardware-never-a-freed-table", 19),
    "S5": Shown("hardware-batch-full/hardware-walker", "walk.hardware-never-a-freed-table", 28),
    "S6": Shown(
        "access-cpu-comes-online/hardware-walker",
        "walk.no-access-to-a-freed-page",
        15,
        "access-one-cpu/hardware-walker",
    ),
    "S7": Shown(
        "empty-gather/hash32/up",
        "order.gate-closed-when-clean",
        6,
        alone="A flush for nothing is one whoever else is there.",
    ),
    "S8": Shown(
        "shift-negative/nohash",
        "encoding.shift-in-range",
        15,
        alone="The pointer is destroyed in the call, before anybody else can come across it.",
    ),
    "S11": Shown("lock-taken/hash32", "walk.never-a-lock-that-is-gone", 12, "lock-taken/x86"),
    "S13": Shown("two-gathers-one-cpu-same-pages/hardware-walker", "order.nothing-stale-in-its-range", 25),
    "S14": Shown("taken-back/nohash", "walk.no-access-to-a-page-taken-back", 15),
    "S15": Shown("taken-for-clean/hardware-walker", "walk.no-access-to-a-page-taken-back", 15),
    "S19": Shown(
        "whole-mm/x86", "order.gate-closed-when-clean", 44, alone="A flush for nothing is one whoever else is there."
    ),
    "S20": Shown(
        "large-table-unshared/arm64/16k",
        "order.unshared-flushed-in-time",
        14,
        alone="The flush has an empty range, so that whatever hardware has cached by then stays.",
    ),
    "S21": Shown("unshare-hardware/arm64", "walk.never-a-reused-table", 23),
}


def rules_of(number: str, /) -> list[str]:
    """The rules that an erratum breaks, in whatever era."""
    return [rule.id for rule in RULES.values() if any(number in status.errata for status in rule.status.values())]


def is_built(number: str, /) -> bool:
    """Whether an erratum is about what is built: then nothing runs that could show it."""
    return all(RULES[rule].binds is Binds.CONFIGURATION for rule in rules_of(number))


def era_of(number: str, /) -> str:
    """The era whose code shows it: the one that ports are held to, or the first that has the defect."""
    known = known_in(number)
    return DEFAULT_ERA if DEFAULT_ERA in known else known[0]


def port_of(era: str, /) -> str:
    """The reference of an era, as it is typed."""
    return "ref" if era == DEFAULT_ERA else f"ref:{era}"


@cache
def found(number: str, /) -> Found:
    """The run that shows an erratum.  Errors: KeyError for one that has none."""
    return _shown_by(number, SHOWN[number].case, era_of(number))


@cache
def found_last(number: str, /) -> Found:
    """A run of the last era that has it.  Errors: KeyError for one that has none."""
    return _shown_by(number, SHOWN[number].last, known_in(number)[-1])


def _shown_by(number: str, case: str, era: str) -> Found:
    result = one_case.result_of(case, ports.open_port(port_of(era)), [RULES[SHOWN[number].rule]])
    return _with_ordinary_answers(next(each for each in result.found if each.erratum == number))


def _with_ordinary_answers(one: Found) -> Found:
    """The same where the kernel gives its ordinary answers, if that shows it as soon: less is to be read into it."""
    plain = replace(one.failure, choices=())
    again = repeat(plain, plain.port, in_process=True)
    return replace(one, failure=plain) if (again.rule, again.at) == (RULES[one.rule], one.steps) else one


@cache
def mended(number: str, /) -> CaseResult | None:
    """What becomes of the last era's case in the era that mended it, by the same rule; None where none has."""
    era, shown = mended_in(number), SHOWN[number]
    if era is None:
        return None
    return one_case.result_of(shown.last, ports.open_port(port_of(era)), [RULES[shown.rule]])


def mended_run(number: str, /) -> Replayed | None:
    """The last era's answers, given to the era that mended it; None for an interleaving, which is one code's."""
    era, failure = mended_in(number), found_last(number).failure
    if era is None or failure.litmus is not None:
        return None
    return repeat(replace(failure, era=era), port_of(era), in_process=True)
