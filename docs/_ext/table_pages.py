# SPDX-License-Identifier: GPL-2.0-only
"""The table of all rules by all eras.  It is not kept by hand: a rule knows what it is in each era."""

from __future__ import annotations

from typing import Final

import result_pages
import rst
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rule import Standing
from mmu_gather_spec.rules import RULES

EVOLUTION: Final = """\
What each rule is in each era. An era is held to what is *required* there, and to what is *as-written*: there its own
code has the defects that are named.

"""


def eras_page() -> str:
    """Rules down, eras across."""
    header = ("rule", *(f"``{era}``" for era in ERAS))
    rows = (
        (rst.ref("rule", rule.id), *(result_pages.standing(rule.status_in(era)) for era in ERAS))
        for rule in RULES.values()
    )
    counts = [("*required*", Standing.REQUIRED), ("*as-written*", Standing.AS_WRITTEN)]
    sums = (
        (word, *(str(sum(rule.status_in(era).standing is wanted for rule in RULES.values())) for era in ERAS))
        for word, wanted in counts
    )
    head = rst.SPDX + ":hide-toc:\n\n" + rst.title("Rules by era") + rst.html("wide.html")
    return head + EVOLUTION + rst.table(header, [*rows, *sums])
