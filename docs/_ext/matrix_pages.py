# SPDX-License-Identifier: GPL-2.0-only
"""The matrix of rules and what breaks them, from a run that is made while the pages are.

The automatic mutants take longer than all pages together, so their counts are the command's to tell; those that are
correct, and why, are listed here.
"""

from __future__ import annotations

import inspect
import os
from functools import cache

import rst
from mmu_gather_conformance.falsify import legal, matrix, matrix_words, operators
from mmu_gather_conformance.falsify.automatic import every

EXPLAINED = (
    "A suite is believed when it is seen to fail. Rules go down, and across goes everything that is wrong: mutants of "
    "the reference, callers and walkers that leave out a duty, and what the era's own code is known for. Each is run "
    "in its case and judged by every rule. Hold the pointer over a sign to read which it is.\n\n"
)
COMMAND = (
    "``mmu-gather matrix`` prints the same, and its exit code says whether a row is empty or anything survives.\n\n"
)
CHANGES = (
    "Each is caught by a rule, or does not run at all, or records the same automaton as the reference, which is "
    "checked and not believed; or it is correct, and listed here with the words that allow it. ``mmu-gather matrix "
    "--automatic`` runs them and prints the kill rate, and a test sees that it stays at all of them.\n\n"
)


@cache
def made() -> matrix.Matrix:
    """The matrix of everything that a person wrote."""
    return matrix.matrix(jobs=min(2, os.cpu_count() or 1))


def table() -> str:
    """The matrix as markup."""
    return f"<style>{matrix_words.STYLE}</style>\n{matrix_words.table(made())}"


def page() -> str:
    """The matrix, and what became of the changes that operators make."""
    counts = "".join(f"{line}.\n\n" for line in matrix_words.closing(made()))
    listed = "".join(
        rst.definition(rst.inline(reason), ", ".join(f"``{name}``" for name in names))
        for reason, names in legal.REASONS.items()
    )
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Rules, and what breaks them") + EXPLAINED + counts
    text += rst.html("matrix.html") + COMMAND + rst.title("Every small change", "-")
    text += rst.paragraphs(inspect.getdoc(operators) or "")
    text += f"There are {sum(1 for _ in every())} of them. {CHANGES}"
    return text + rst.title("Changes that are correct", "-") + listed
