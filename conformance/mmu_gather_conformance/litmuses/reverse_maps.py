# SPDX-License-Identifier: GPL-2.0-only
"""Who looks for a page by its reverse maps: where none leads to it, no translation may either."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Detach, EndVma, Entry, Flush, Page, StartVma

LITMUSES: Final = (
    Litmus(
        "taken-back",
        "A driver finds no mapping of its page any more, and the TLB still leads there (S14).",
        (
            gather(0, StartVma(pfn=True), Entry(), EndVma(pfn=True), Detach(pfn=True), attached=True),
            runs(1, "access", page="a0"),
            runs(1, "unmap_mapping_range", page="a0"),
        ),
        sister="taken-back-flushed",
        forbidden="walk.no-access-to-a-page-taken-back",
    ),
    Litmus(
        "taken-back-flushed",
        "The flush comes before the VMA is taken off its reverse maps.",
        (
            gather(0, StartVma(pfn=True), Entry(), EndVma(pfn=True), Flush(), Detach(pfn=True), attached=True),
            runs(1, "access", page="a0"),
            runs(1, "unmap_mapping_range", page="a0"),
        ),
        sister="taken-back",
        forbidden="walk.no-access-to-a-page-taken-back",
    ),
    Litmus(
        "taken-for-clean",
        "A page of a file is taken for clean, and written to through a translation that is left (S15).",
        (gather(0, Page(dirty=True)), runs(1, "access", page="a0"), runs(1, "page_mkclean", page="a0")),
        sister="taken-for-clean-and-is",
        forbidden="walk.no-access-to-a-page-taken-back",
    ),
    Litmus(
        "taken-for-clean-and-is",
        "Through the translation of a page that nobody has written to, nobody can write either.",
        (gather(0, Page()), runs(1, "access", page="a0"), runs(1, "page_mkclean", page="a0")),
        sister="taken-for-clean",
        forbidden="walk.no-access-to-a-page-taken-back",
    ),
)
