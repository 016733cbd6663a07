# SPDX-License-Identifier: GPL-2.0-only
"""An architecture selects the batching of tables and does not say how one is freed; such a port is not linked."""

from __future__ import annotations

from typing import Final

#: the rule that it breaks; it is refused before a trace can show that
BREAKS: Final = "configuration.provides-remove-table"
#: a case in which it is
SHOWS_IN: Final = "one-table/hash64"
#: functions that are missing
ABSENT: Final = ("__tlb_remove_table",)
#: the architectures that it changes
ARCHS: Final = ["hash32", "hash64", "nohash"]
