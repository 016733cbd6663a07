# SPDX-License-Identifier: GPL-2.0-only
"""A port to fill in, made from an era's contract: it builds, it runs, and it fails until it is written.

Whoever fills it in reads nothing else: the page made beside it holds the contract, the services, the rules and
the commands.  All of that is printed from the specification; only what ties it together stands in the templates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mmu_gather_spec.eras import DEFAULT_ERA

from mmu_gather_conformance.scaffold import in_c, in_python

#: What a port may be written in, and who makes its files: by name, for an era.
LANGUAGES: Final = {"python": in_python.files, "c": in_c.files}


class NotEmpty(Exception):
    """The folder holds something already, and nothing is overwritten."""


def make(language: str, folder: Path, /, era: str = DEFAULT_ERA) -> list[Path]:
    """Make a port of `language` in `folder`; the files that were made.

    era: whose contract it is a port of.
    Errors: NotEmpty if the folder has anything in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in LANGUAGES[language](era).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made
