# SPDX-License-Identifier: GPL-2.0-only
"""v6.1: sparc64 asks for the batching on UP as well, where it has nothing that frees a table from one."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "configuration.selected-where-used"
#: a case in which it does
SHOWS_IN: Final = "builds/sparc64"
#: the architectures that it changes
ARCHS: Final = ["sparc64"]
#: the era whose reference it changes
ERA: Final = "v6.1"
#: the select line that it has in the place of the era's
SELECT: Final = "select MMU_GATHER_RCU_TABLE_FREE"
