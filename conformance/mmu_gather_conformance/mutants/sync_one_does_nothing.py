# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: who keeps a table waits for nobody."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "separation.sync-one-frees-nothing"
#: a case in which it does
SHOWS_IN: Final = "walkers-waited-for/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_remove_table_sync_one() -> None:
    """tlb_remove_table_sync_one - a NOP"""
