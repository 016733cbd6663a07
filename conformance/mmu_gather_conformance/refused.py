# SPDX-License-Identifier: GPL-2.0-only
"""What the command says to a name or an option that cannot be used: one line, and exit code 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


class Refused(click.ClickException):
    """What was typed cannot be used: one line says why."""

    exit_code = 2


class Unknown(Refused):
    """A name that stands for nothing: the nearest names are told."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

        names = sorted(known)
        near = get_close_matches(name, names, 3, 0.4) or names[:6]
        super().__init__(f"unknown {what} {name!r}: did you mean {', '.join(near)}?")
