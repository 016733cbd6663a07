# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: arm64 asks for the batching of tables and not for RCU, so that nobody knows whether to invalidate them."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "configuration.selected-where-used"
#: a case in which it does
SHOWS_IN: Final = "builds/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.12"
#: the select line that it has in the place of the era's
SELECT: Final = "select MMU_GATHER_TABLE_FREE"
