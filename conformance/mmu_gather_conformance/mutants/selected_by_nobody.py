# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: s390 goes without a gather of pages, and does not ask for the batching of tables that this depends on."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "configuration.selected-where-used"
#: a case in which it does
SHOWS_IN: Final = "builds/s390"
#: the architectures that it changes
ARCHS: Final = ["s390"]
#: the era whose reference it changes
ERA: Final = "v7.0"
#: the select line that it has in the place of the era's
SELECT: Final = "no select line"
