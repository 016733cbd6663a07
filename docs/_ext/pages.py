# SPDX-License-Identifier: GPL-2.0-only
"""Every generated page by its file name, and the writing of them.

`.rst` is a page of its own; `.inc` and `.html` are parts that a page includes; `.json` is a run to be downloaded.
"""

from __future__ import annotations

from pathlib import Path

import api_pages
import drawings
import era_pages
import evolution_pages
import fact_pages
import history_pages
import litmus_pages
import machine_pages
import matrix_pages
import pictures
import result_pages
import rule_pages
import table_pages


def pages() -> dict[str, str]:
    """Every generated file by its name."""
    made = {f"rules-{mechanism}.rst": rule_pages.mechanism_page(mechanism) for mechanism in rule_pages.MECHANISMS}
    made |= drawings.files() | era_pages.pages() | evolution_pages.pages() | pictures.files()
    return made | {
        "drawings.html": drawings.style(),
        "room.html": drawings.room(),
        "witness.html": drawings.markup(fact_pages.example_replayed()),
        "rules.rst": rule_pages.index(),
        "errata.rst": rule_pages.errata_page(),
        "eras.rst": fact_pages.eras_page(),
        "mutants.rst": fact_pages.mutants_page(),
        "rules-by-era.rst": table_pages.eras_page(),
        "implementations.rst": result_pages.page(),
        "wide.html": result_pages.STYLE,
        "historic.rst": history_pages.page(),
        "matrix.rst": matrix_pages.page(),
        "matrix.html": matrix_pages.table(),
        "scenarios.rst": fact_pages.scenarios_page(),
        "litmus.rst": litmus_pages.page(),
        "machine.rst": machine_pages.page(),
        "api.rst": api_pages.page(),
        "kconfig.inc": fact_pages.kconfig_matrix(),
        "kconfig-eras.inc": fact_pages.kconfig_of_eras(),
        "verdicts.inc": fact_pages.verdicts(),
    }


def write(folder: Path) -> None:
    """Write what has changed, and remove what is not made any more."""
    folder.mkdir(exist_ok=True)
    made = pages()
    for path in folder.iterdir():
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
