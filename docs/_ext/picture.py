# SPDX-License-Identifier: GPL-2.0-only
"""A picture: boxes, arrows and words in the colours of the lanes, and a description for who does not see them.

Its style is the lanes' own, so that `drawings.style()` makes it follow the reader's theme as well.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs
from mmu_gather_conformance.lanes.ink import text, told
from mmu_gather_conformance.lanes.palette import ROOT, css

LINE: Final = 17
STYLE: Final = f"""
.{ROOT} .box {{ fill: none; stroke: #8a8a8a; stroke-width: 1.5 }}
.{ROOT} .way {{ fill: none; stroke: #8a8a8a; stroke-width: 1.5 }}
.{ROOT} .way-end {{ fill: #8a8a8a }}
.{ROOT} .way.wrong {{ stroke: #d55e00; stroke-dasharray: 5 3 }}
.{ROOT} .way-end.wrong {{ fill: #d55e00 }}
"""


class Picture:
    """A drawing in the making."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._drawing = draw.Drawing(width, height, id_prefix="picture", role="img", class_=ROOT)
        self._drawing.append_css(css() + STYLE)
        self._drawing.append_title(title)
        self._drawing.append(draw.Raw(f"<desc>{html.escape(description)}</desc>"))
        self._drawing.append(draw.Rectangle(0, 0, width, height, class_="paper"))
        self._words = description

    def put(self, element: draw.DrawingBasicElement, hover: str = "") -> None:
        """An element, with a hover text if it has one."""
        self._drawing.append(told(element, hover) if hover else element)

    def write(
        self, lines: Sequence[str], x: int, y: int, class_: str = "", anchor: str = "start", hover: str = ""
    ) -> None:
        """Lines of text below each other; `y` is where the first one stands."""
        for place, line in enumerate(lines):
            self.put(text(line, x, y + LINE * place, class_, text_anchor=anchor), hover)

    def box(self, x: int, y: int, width: int, lines: Sequence[str], class_: str = "box", hover: str = "") -> int:
        """A box around lines of text, the first of them its name; how high it is."""
        height = LINE * len(lines) + 12
        self.put(draw.Rectangle(x, y, width, height, rx=4, class_=class_), hover)
        word = class_.replace("life", "life-word") if class_ != "box" else ""
        self.write(lines[:1], x + width // 2, y + 20, f"head {word}".rstrip(), "middle", hover)
        self.write(lines[1:], x + width // 2, y + 20 + LINE, word or "faint", "middle", hover)
        return height

    def way(self, points: Sequence[tuple[int, int]], hover: str = "", class_: str = "") -> None:
        """An arrow along points; its last piece goes straight down or straight aside."""
        line = [number for point in points for number in point]
        self.put(draw.Lines(*line, class_=f"way {class_}".rstrip()), hover)
        (x0, y0), (x, y) = points[-2:]
        dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back = x - 7 * dx, y - 7 * dy
        ends = (back[0] + 4 * dy, back[1] + 4 * dx, back[0] - 4 * dy, back[1] - 4 * dx, x, y)
        self.put(draw.Lines(*ends, close=True, class_=f"way-end {class_}".rstrip()), hover)

    def markup(self) -> str:
        """The drawing for a page in HTML, and below it the same in words."""
        drawn = str(self._drawing.as_svg())
        drawn = drawn.partition("?>")[2] if drawn.startswith("<?xml") else drawn
        words = html.escape(self._words)
        return (
            f'<div class="lanes-drawing">\n{drawn.strip()}\n</div>\n'
            f'<details class="lanes-words"><summary>The same in words</summary><pre>{words}</pre></details>\n'
        )
