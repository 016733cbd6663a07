# SPDX-License-Identifier: GPL-2.0-only
"""What a drawing is made of: text, words on their side, crosses, and hover texts."""

from __future__ import annotations

from typing import Final

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs

from mmu_gather_conformance.lanes.plan import SIZE

#: A word on its side needs this much height for each character.
UPRIGHT: Final = 7


def text(
    said: str,
    x: int,
    y: int,
    class_: str = "",
    size: int = SIZE,
    *,
    text_anchor: str | None = None,
    transform: str | None = None,
) -> draw.DrawingBasicElement:
    """Text whose first line stands on `y`."""
    return draw.Text(
        said, size, x, y, class_=class_ or None, text_anchor=text_anchor, transform=transform, xml__space="preserve"
    )


def told(element: draw.DrawingBasicElement, title: str) -> draw.DrawingBasicElement:
    """An element with a hover text."""
    element.append_title(title)
    return element


def upright(word: str, x: int, top: int, bottom: int, class_: str) -> draw.DrawingBasicElement:
    """A word on its side, read upwards, in the middle of its bar; nothing where it has no room."""
    if bottom - top < UPRIGHT * len(word) + 4:
        return draw.Group()
    y = (top + bottom) // 2
    return text(word, x, y, class_, 10, text_anchor="middle", transform=f"rotate(-90 {x} {y})")


def cross(x: int, y: int) -> draw.Path:
    """What came too late, at a point."""
    return draw.Path(f"M{x - 5},{y - 5} L{x + 5},{y + 5} M{x + 5},{y - 5} L{x - 5},{y + 5}", class_="too-late")
