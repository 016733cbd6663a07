# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How the law changed from era to era: which rules have another standing, and when a defect was mended.

Nothing is written down here.  It is read off the rules' statuses, so that it cannot disagree with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Rule, Status
from mmu_gather_spec.rules import RULES


@record(frozen=True, slots=True)
class Change:
    """A rule whose standing is another one in a later era."""

    rule: Rule
    before: Status
    after: Status


def changes(before: str, after: str, /) -> Iterator[Change]:
    """The rules whose status differs between two eras, in their order."""
    for rule in RULES.values():
        old, new = rule.status_in(before), rule.status_in(after)
        if old != new:
            yield Change(rule, old, new)


def standings(rule: Rule, eras: Iterable[str] = tuple(ERAS), /) -> Iterator[tuple[Status, str]]:
    """What a rule is in some eras, in the order of time: each status with the eras in a row that have it.

    eras: in the order of time.
    """
    for status, group in groupby(eras, rule.status_in):
        yield status, in_a_row(group)


def in_a_row(eras: Iterable[str], /) -> str:
    """Eras in the order of time, in words; those that follow one another by the first and the last of them."""
    order, parts = list(ERAS), list[list[str]]()
    for era in eras:
        if parts and order.index(parts[-1][-1]) + 1 == order.index(era):
            parts[-1].append(era)
        else:
            parts.append([era])
    return ", ".join(part[0] if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in parts)


def known_in(number: str, /) -> tuple[str, ...]:
    """The eras in which a rule has this erratum."""
    return tuple(era for era in ERAS if any(number in rule.status_in(era).errata for rule in RULES.values()))


def mended_in(number: str, /) -> str | None:
    """The first era behind the last that has this erratum; None where the last era has it still."""
    order, known = list(ERAS), known_in(number)
    at = order.index(known[-1]) + 1 if known else 0
    return order[at] if at < len(order) else None
