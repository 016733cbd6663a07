# SPDX-License-Identifier: GPL-2.0-only
"""What changed from era to era, a page for each era: its functions beside those of the era before, and the law.

It is what `mmu-gather diff` prints, from the same data.
"""

from __future__ import annotations

import itertools

import result_pages
import rst
from mmu_gather_conformance.era_diff import differences, words
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.history import Change, changes, known_in, mended_in

#: Each era with the one before it.
PAIRS = tuple(itertools.pairwise(ERAS))

VERDICT = "On every architecture of the era, under the era's own law. :doc:`implementations` has it rule by rule.\n\n"


def file_of(era: str) -> str:
    """The page of an era, without its ending."""
    return f"era-{era.replace('.', '-')}"


def pages() -> dict[str, str]:
    """A page for each era that has one before it."""
    return {f"{file_of(after)}.rst": page(before, after) for before, after in PAIRS}


def listed() -> str:
    """The pages, as the page of all eras names them."""
    return rst.toctree(file_of(after) for _, after in PAIRS)


def page(before: str, after: str) -> str:
    """What is another thing in an era than in the one before."""
    text = rst.SPDX + rst.title(f"{after}: what changed since {before}")
    text += f"{rst.inline(ERAS[after].summary.capitalize())}. In a terminal: ``mmu-gather diff {before} {after}``.\n\n"
    text += rst.title("The law", "-") + law(list(changes(before, after)))
    text += rst.title("The verdict", "-") + VERDICT + result_pages.of_era(after)
    text += rst.title("The code", "-")
    for each in differences(before, after):
        text += (
            rst.title(rst.inline(each.name), "~") + f"{rst.inline(each.heading.partition(': ')[2]).capitalize()}.\n\n"
        )
        text += rst.code("\n".join(each.lines()), "diff")
    return text


def law(changed: list[Change]) -> str:
    """The rules that have another standing."""
    if not changed:
        return "No rule has another standing.\n\n"
    rows = ((rst.ref("rule", each.rule.id), words(each.before), words(each.after)) for each in changed)
    return rst.table(("rule", "before", "after"), rows, "50 25 25")


def errata_table() -> str:
    """Defects down, eras across: where each is known, and when it was mended."""
    rows = (
        (
            rst.ref("erratum", number),
            *("known" if era in known_in(number) else "" for era in ERAS),
            mended_in(number) or "",
        )
        for number in ERRATA
    )
    return rst.table(("", *(f"``{era}``" for era in ERAS), "mended in"), rows)
