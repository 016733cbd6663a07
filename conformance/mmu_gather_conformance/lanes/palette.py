# SPDX-License-Identifier: GPL-2.0-only
"""The colours of a drawing, for light and dark backgrounds: Okabe and Ito's, which colour-blind people can tell apart.

No colour stands alone: each is also a label, a shape or a pattern.  The classes are those of `svg`; all are below
one class of the root, so that a page which takes a drawing in is not changed by it.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.lanes.lives import Life

ORANGE: Final = "#e69f00"
SKY_BLUE: Final = "#56b4e9"
GREEN: Final = "#009e73"
YELLOW: Final = "#f0e442"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"

#: The class of the root.
ROOT: Final = "mmu-gather-lanes"

#: The class of each stage of a table's life.
LIVES: Final = {
    Life.LINKED: "linked",
    Life.UNHOOKED: "unhooked",
    Life.BATCHED: "batched",
    Life.RCU: "rcu",
    Life.FREED: "freed",
}

FONT: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

#: selector -> its declarations, on a light background
LIGHT: Final = {
    "": f"font-family: {FONT}",
    ".paper": "fill: #ffffff",
    "text": "fill: #1c1c1c",
    ".faint": "fill: #6a6a6a",
    ".head": "font-weight: bold",
    ".lane": "fill: #f4f4f2",
    ".irqs-off": f"fill: {BLUE}; fill-opacity: 0.14",
    ".irqs-off-edge": f"fill: {BLUE}",
    "text.irqs-off-word": f"fill: {BLUE}; font-weight: bold",
    ".preempt-off": "stroke: #8a8a8a; stroke-width: 2; stroke-dasharray: 2 3",
    ".grace-period": f"fill: {SKY_BLUE}",
    ".grace-period-ends": f"stroke: {SKY_BLUE}; stroke-width: 1.5; stroke-dasharray: 1 3",
    ".ipi": f"fill: none; stroke: {PURPLE}; stroke-width: 2",
    ".ipi-pending": f"fill: none; stroke: {PURPLE}; stroke-width: 2; stroke-dasharray: 5 3",
    ".ipi-arrow": f"fill: {PURPLE}",
    ".dot": "fill: #6a6a6a",
    ".dot.walk": f"fill: {BLUE}",
    ".dot.rcu": f"fill: {SKY_BLUE}",
    ".dot.ipi-dot": f"fill: {PURPLE}",
    ".dot.free": "fill: #ffffff; stroke: #1c1c1c; stroke-width: 2",
    ".offends": f"fill: {VERMILLION}; fill-opacity: 0.16",
    ".end": "fill: none; stroke: #8a8a8a; stroke-dasharray: 3 3",
    ".offends-edge": f"fill: {VERMILLION}",
    "text.offending": "font-weight: bold",
    "text.sign": f"fill: {VERMILLION}; font-weight: bold",
    ".life": "stroke: none",
    ".linked": f"fill: {GREEN}",
    ".unhooked": f"fill: {YELLOW}",
    ".batched": f"fill: {ORANGE}",
    ".rcu": f"fill: {SKY_BLUE}",
    ".life.freed": "fill: none; stroke: #8a8a8a; stroke-width: 1.5; stroke-dasharray: 3 3",
    "text.life-word": "fill: #000000",
    "text.life-word.linked": "fill: #ffffff",
    "text.life-word.freed": "fill: #6a6a6a",
    ".too-late": f"fill: none; stroke: {VERMILLION}; stroke-width: 3; stroke-linecap: round",
}

#: What is different on a dark one.
DARK: Final = {
    ".paper": "fill: #16181b",
    "text": "fill: #e8e8e8",
    ".faint": "fill: #9a9a9a",
    ".lane": "fill: #202327",
    ".irqs-off": f"fill: {SKY_BLUE}; fill-opacity: 0.18",
    ".irqs-off-edge": f"fill: {SKY_BLUE}",
    "text.irqs-off-word": f"fill: {SKY_BLUE}; font-weight: bold",
    ".dot": "fill: #9a9a9a",
    ".dot.walk": f"fill: {SKY_BLUE}",
    ".dot.free": "fill: #16181b; stroke: #e8e8e8; stroke-width: 2",
    ".offends": f"fill: {VERMILLION}; fill-opacity: 0.36",
    "text.sign": "fill: #ff8c3a; font-weight: bold",
    "text.life-word.freed": "fill: #9a9a9a",
}


def _rules(table: dict[str, str], indent: str = "") -> list[str]:
    return [f"{indent}.{ROOT} {selector}".rstrip() + f" {{ {body} }}" for selector, body in table.items()]


def css() -> str:
    """The style of a drawing."""
    dark = ["@media (prefers-color-scheme: dark) {", *_rules(DARK, "  "), "}"]
    return "\n".join(["", *_rules(LIGHT), *dark, ""])


def themed() -> str:
    """The style once more for a page on which a reader chooses: `data-theme` of its body comes before the system's."""
    return "\n".join(
        f'body[data-theme="{theme}"] {rule}'
        for theme, tables in (("light", (LIGHT,)), ("dark", (LIGHT, DARK)))
        for table in tables
        for rule in _rules(table)
    )
