# SPDX-License-Identifier: GPL-2.0-only
"""Which inner loop runs: the interpreted one, or the same file compiled.

`make compiled` compiles `loop` by mypyc and installs it as the module `mmu_gather_loop`.  It is used where it is
installed and a state fits a machine word; nothing depends on it.  The interpreted loop is the one that counts,
and a test compares both.
"""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType
from typing import Final

from mmu_gather_conformance.interleave import loop

#: As many bits as a compiled state may have: a signed word of 64, less the sign and the mark of a broken rule.
WORD: Final = 62
COMPILED: Final = "mmu_gather_loop"


@cache
def compiled() -> ModuleType | None:
    """The compiled loop, if it is installed."""
    try:
        return importlib.import_module(COMPILED)
    except ImportError:
        return None


def fitting(width: int, /) -> ModuleType:
    """The fastest loop for states of so many bits."""
    found = compiled() if width <= WORD else None
    return loop if found is None else found
