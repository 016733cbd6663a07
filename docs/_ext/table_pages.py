# SPDX-License-Identifier: GPL-2.0-only
"""Tables over all rules: what each is in each era, what each known implementation came to, and how much was searched.

None is kept by hand.  The first is the rules' own; the others are read from the committed results.
"""

from __future__ import annotations

import inspect
from typing import Final

import results
import rst
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rule import Rule, Standing
from mmu_gather_spec.rules import RULES

#: Where an implementation is not held to a rule.
NOT_HELD: Final = "–"

RESULTS: Final = """\
A row is a rule, a column an implementation, and each is held to the law of its own era. The verdict is the gravest over
all cases; beside *as-written* stand the known defects that were seen. A dash: that era is not held to the rule.

"""
COUNTS: Final = """\
How much lies behind a verdict: the implementation alone, under every pattern of the kernel's answers or as many as the
scenario allows; and each litmus test on each architecture, with the number of states that the search kept. *Sometimes*
and *Always* are no violation where the walker is careless, or where the defect is the era's own.

"""
EVOLUTION: Final = """\
What each rule is in each era. An era is held to what is *required* there, and to what is *as-written*: there its own
code has the defects that are named.

"""


def eras_page() -> str:
    """Rules down, eras across."""
    header = ("rule", *(f"``{era}``" for era in ERAS))
    rows = ((rst.ref("rule", rule.id), *(standing(rule, era) for era in ERAS)) for rule in RULES.values())
    counts = [("*required*", Standing.REQUIRED), ("*as-written*", Standing.AS_WRITTEN)]
    sums = (
        (word, *(str(sum(rule.status_in(era).standing is wanted for rule in RULES.values())) for era in ERAS))
        for word, wanted in counts
    )
    return rst.SPDX + ":hide-toc:\n\n" + rst.title("Rules by era") + EVOLUTION + rst.table(header, [*rows, *sums])


def standing(rule: Rule, era: str) -> str:
    """What a rule is in an era."""
    status = rule.status_in(era)
    return ", ".join((status.standing.value, *(rst.ref("erratum", number) for number in sorted(status.errata))))


def results_page() -> str:
    """Rules down, implementations across; then the counts."""
    known = results.known()
    header = ("rule", *(f"``{port.port}``" for port in known))
    rows = ((rst.ref("rule", rule), *(verdict(port, rule) for port in known)) for rule in RULES)
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Known implementations") + RESULTS + rst.table(header, rows)
    text += rst.title("How much was looked at", "-") + COUNTS + counts()
    return text + rst.title("Where the results come from", "-") + rst.paragraphs(inspect.getdoc(results) or "")


def verdict(port: results.Results, rule: str) -> str:
    """One cell."""
    judged = port.rules.get(rule)
    if judged is None:
        return NOT_HELD
    return ", ".join((judged.verdict.value, *(rst.ref("erratum", number) for number in judged.errata)))


def counts() -> str:
    """Runs, cases, and interleavings of each implementation."""
    header = ("", "era", "architectures", "cases", "runs", "Never", "Sometimes", "Always", "states")
    rows = (
        (
            f"``{port.port}``",
            f"``{port.era}``",
            str(len(port.archs)),
            str(sum(port.verdicts.values())),
            str(port.runs),
            *(str(port.answers.get(word, 0)) for word in ("Never", "Sometimes", "Always")),
            str(port.states),
        )
        for port in results.known()
    )
    return rst.table(header, rows)
