# SPDX-License-Identifier: GPL-2.0-only
"""What the known implementations came to: one table of all, and what the pages of a rule and of an era say of it.

Nothing is run here and nothing is kept by hand: all of it is read from the committed results.  A dash is never a pass:
it stands where an era is not held to a rule.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from typing import Final

import results
import rst
from mmu_gather_conformance.terminal import CLOSING
from mmu_gather_conformance.verdict import Verdict, exit_code
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import in_order
from mmu_gather_spec.rule import Rule, Status
from mmu_gather_spec.rules import RULES

#: Where an implementation is not held to a rule.
NOT_HELD: Final = "–"

#: The pages that are a table with a column for each era or each implementation, by their headings.
WIDE: Final = ":is(#known-implementations, #rules-by-era, #functions-by-era, #eras-and-architectures)"
#: They have no menu on their right: the table takes that room, and its cells no more than they need.
#: Where that is not enough, as on a phone, the names stay in sight.  Where all pages are one, that one stays as it is.
STYLE: Final = """\
<style>
.main { min-width: 0 }
.content:has(article > @wide@) {
  flex: 1; width: auto; max-width: 86rem; min-width: 0; padding: 0 1.5em;
}
@wide@ :is(p, dl) { max-width: 60rem }
@wide@ table.docutils { font-size: 85% }
@wide@ table.docutils :is(td, th) { padding: 0.2rem 0.25rem }
@wide@ table.docutils :is(td, th) p { margin: 0 }
@wide@ table.docutils :is(td, th):first-child {
  position: sticky; left: 0; background: var(--color-background-primary);
}
@wide@ table.docutils th:first-child { background: var(--color-table-header-background) }
#known-implementations table.docutils td:first-child code { white-space: nowrap }
</style>
""".replace("@wide@", WIDE)
IMPLEMENTATIONS: Final = """\
Each is held to the law of its own era, on every architecture that the era is modelled on: the implementation alone,
under every pattern of the kernel's answers or as many as the scenario allows; and each litmus test on each
architecture, with the number of states that the search kept. *Sometimes* and *Always* are no violation where the walker
is careless, or where the defect is the era's own. The last column has the known defects that were seen.

"""
BY_RULE: Final = """\
Rules down, eras across, and beside an era's reference what else is of that era. Where a rule is *as-written* and its
known defects were seen, they stand in the place of *passed*. A dash: that era is not held to the rule. The numbers
behind each are on the rule's own page.

"""


def name(port: results.Results) -> str:
    """An implementation, with the version that was tried."""
    tried = f" ({port.version})" if port.port.startswith("linux:") else ""
    return f"``{port.port}``{tried}"


def errata(numbers: Iterable[str]) -> str:
    """Links to known defects, in the order of their numbers."""
    return ", ".join(rst.ref("erratum", number) for number in in_order(numbers))


# --- the page of all implementations ----------------------------------------------------


def page() -> str:
    """All implementations, then all rules."""
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Known implementations")
    text += rst.html("wide.html") + IMPLEMENTATIONS
    told = [counts(port) for port in results.known()]
    text += rst.table(told[0], (each.values() for each in told))
    text += rst.title("Rule by rule", "-") + BY_RULE
    for mechanism in dict.fromkeys(rule.mechanism for rule in RULES.values()):
        text += rst.title(mechanism, "~") + matrix([rule for rule in RULES.values() if rule.mechanism == mechanism])
    return text + rst.title("Where the results come from", "-") + whence()


def whence() -> str:
    """How the results are made: what the generator's head says, with its commands as commands."""
    first, commands, rest = (inspect.getdoc(results) or "").split("\n\n", 2)
    return rst.paragraphs(first) + rst.code(textwrap.dedent(commands)) + rst.paragraphs(rest)


def counts(port: results.Results) -> dict[str, str]:
    """How much lies behind the verdict on an implementation, and which defects were seen."""
    return {
        "": name(port),
        "era": f"``{port.era}``",
        "archs": str(len(port.archs)),
        "cases": str(port.cases),
        "runs": str(port.runs),
        **{word: str(port.answers.get(word, 0)) for word in ("Never", "Sometimes", "Always")},
        "states": str(port.states),
        "verdict": CLOSING[exit_code(map(Verdict, port.verdicts))],
        "as written": errata({number for judged in port.rules.values() for number in judged.errata}) or "none",
    }


def matrix(rules: list[Rule]) -> str:
    """Rules down, implementations across."""
    known = results.known()
    header = ("", *map(heading, known))
    rows = (
        (rst.ref("rule", rule.id, rule.id.partition(".")[2]), *(cell(port, rule) for port in known)) for rule in rules
    )
    return rst.table(header, rows)


def heading(port: results.Results) -> str:
    """A column: an era for its reference, and what else there is in few letters."""
    kind, _, called = port.port.partition(":")
    return f"Linux {called}" if kind == "linux" else f"``{called if kind == 'ref' else port.port}``"


def cell(port: results.Results, rule: Rule) -> str:
    """A verdict in few letters."""
    judged = port.rules.get(rule.id)
    if judged is None:
        return NOT_HELD
    if judged.verdict is Verdict.AS_WRITTEN:
        return errata(judged.errata)
    return str(judged.verdict.value)


# --- on the page of a rule ---------------------------------------------------------------


def of_rule(rule: Rule) -> str:
    """A rule in each era: its standing, the verdicts, and how much of the reference was looked at."""
    header = ("era", "standing", "reference", "others", "cases", "litmus tests", "states")
    rows = []
    for era in ERAS:
        status = rule.status_in(era)
        by_kind = {port.port: port.rules[rule.id] for port in results.of_era(era) if rule.id in port.rules}
        reference = by_kind.pop(f"ref:{era}", None)
        others = [f"``{port}``: {verdict(judged)}" for port, judged in by_kind.items()]
        rows.append(
            (
                f"``{era}``",
                standing(status),
                verdict(reference) if reference else NOT_HELD,
                "; ".join(others) or NOT_HELD,
                *((str(reference.cases), str(reference.litmuses), str(reference.states)) if reference else "–––"),
            )
        )
    return rst.table(header, rows)


def standing(status: Status) -> str:
    """What a rule is in an era."""
    return ", ".join((status.standing.value, *([errata(status.errata)] if status.errata else ())))


def verdict(judged: results.Judged) -> str:
    """A verdict, with the known defects that were seen."""
    return ", ".join((judged.verdict.value, *([errata(judged.errata)] if judged.errata else ())))


# --- on the pages of eras ------------------------------------------------------------------


def of_era(era: str) -> str:
    """What the known implementations of an era came to, a column for each."""
    told = [counts(port) for port in results.of_era(era)]
    header, *rows = ((word, *(each[word] for each in told)) for word in told[0] if word != "era")
    return rst.table(header, rows)


def evidence(era: str) -> str:
    """How much lies behind an era's law, in a sentence."""
    (reference,) = (port for port in results.of_era(era) if port.port == f"ref:{era}")
    tests = sum(reference.answers.values())
    whole = f"{reference.cut} of them cut short" if reference.cut else "every interleaving of each"
    return (
        f"Its reference was run {reference.runs} times in {reference.cases} cases, and put to {tests} litmus tests: "
        f"{reference.states} states, {whole}."
    )
