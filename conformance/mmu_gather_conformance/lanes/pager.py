# SPDX-License-Identifier: GPL-2.0-only
"""The stepper before a person: one screen for each key, or all screens in turn where nobody can press one."""

from __future__ import annotations

import sys
from typing import Final

import click

from mmu_gather_conformance.lanes.stepper import Stepper

#: What can be pressed, below each screen.
KEYS: Final = "n next   p back   g to the step that offends   0 first   $ last   q leave"


def page(stepper: Stepper, /) -> None:
    """Step by keys where both ends are a terminal; otherwise print every screen, from the first to the last."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        _by_keys(stepper)
    else:
        _all(stepper)


def _by_keys(stepper: Stepper) -> None:
    now: Stepper | None = stepper
    while now is not None:
        click.clear()
        click.echo("\n".join(now.screen()))
        click.echo()
        click.secho(KEYS, dim=True)
        now = now.press(_key())


def _key() -> str:
    """One key; what interrupts leaves."""
    try:
        return click.getchar()
    except (KeyboardInterrupt, EOFError):
        return "q"


def _all(stepper: Stepper) -> None:
    now = stepper.first()
    for _ in now.stops:
        click.echo("\n".join(now.screen()))
        click.echo()
        now = now.forward()
