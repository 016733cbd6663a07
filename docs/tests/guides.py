# SPDX-License-Identifier: GPL-2.0-only
"""A guide as somebody follows it: each block in the order of the page, in one folder, and every output compared.

A guide shows commands as `.. code-block:: console`: behind `$` what is typed, below it what is printed.  `...` stands
for anything in its place, a `\\` at the end of a line goes on in the next one, and a last line may tell the exit code.

A block of another language with a caption is the file of that name.  One of the language `diff` is a change of it,
without numbers of lines: what it keeps and what it takes away is looked for in the file, and has to be there once.
`...` stands for any lines there.

This knows no guide, and no test runner: `conformance/linux` follows guides as well, where kernels are.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1]
ROOMS: Final = ("spec", "reference", "arch", "conformance")
BLOCK: Final = re.compile(r"^\.\. code-block:: (\w+)\n(?:   :caption: (.+)\n)?\n((?:   .*\n|\n)+)", re.MULTILINE)

#: What a reader types, and what an installation puts onto his path.
COMMANDS: Final = {"mmu-gather": "-m mmu_gather_conformance.cli", "pytest": "-m pytest", "python": ""}


@dataclass(frozen=True)
class Block:
    """One block of a page."""

    language: str
    caption: str
    text: str


#: What a guide calls the tree of a kernel, which is not everywhere.
KERNEL: Final = "linux-6.12"


def needs_a_kernel(typed: str, /) -> bool:
    """Whether a command speaks of that tree."""
    return KERNEL in typed


class Differs(AssertionError):
    """A command did not print what its guide shows."""


def blocks(page: str, /) -> Iterator[Block]:
    """Each block of a page."""
    for language, caption, body in BLOCK.findall(page):
        yield Block(language, caption, textwrap.dedent(body).strip("\n") + "\n")


def commands(console: str, /) -> Iterator[tuple[str, str]]:
    """Each command of a console, and what it prints."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:.*\\\n)*.*", part)
        assert typed is not None, "nothing is typed, too"
        yield typed[0], part[typed.end() :]


def is_like(printed: str, shown: str, /) -> bool:
    """Whether an output is what the guide shows."""
    parts = [re.escape(part) for part in shown.strip().split("...")]
    return re.fullmatch(r"[\s\S]*?".join(parts), printed.strip()) is not None


def changed(text: str, change: str, /) -> str:
    """A file's text with a change made.  Errors: ValueError where the change fits nowhere, or in several places."""
    found, made = "", ""
    for line in change.splitlines(keepends=True):
        if line.strip() == "...":
            found += r"((?:.*\n)*?)"
            made += f"\\g<{found.count('((?:')}>"
            continue
        sign, rest = line[:1].strip(), line[1:]
        found += "" if sign == "+" else re.escape(rest or "\n")
        made += "" if sign == "-" else (rest or "\n").replace("\\", r"\\")
    place = re.compile(f"^{found}", re.MULTILINE)
    if len(list(place.finditer(text))) != 1:
        raise ValueError(f"there is no one place for this change:\n{change}")
    return place.sub(made, text)


class Reader:
    """Somebody who follows a guide in a folder.

    checkout: whose rooms the commands are; those that this process imports by default.
    """

    def __init__(self, folder: Path, tools: Path, checkout: Path | None = None, /) -> None:
        self.folder = folder
        own = [] if checkout is None else [str(checkout / room) for room in ROOMS]
        self._where = os.environ | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([*own, *filter(None, sys.path)]),
            "XDG_CACHE_HOME": str(tools / "cache"),
            "COLUMNS": "100",
        }
        self._where.pop("PYTHONDONTWRITEBYTECODE", None)  # a command would compile all that the one before it has
        tools.mkdir(exist_ok=True)
        for name, words in COMMANDS.items():
            (tools / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n', encoding="utf-8")
            (tools / name).chmod(0o755)

    def run(self, typed: str, /) -> str:
        """What a command prints, with its exit code if that is not 0."""
        done = subprocess.run(
            typed, shell=True, cwd=self.folder, env=self._where, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        lines = [line.rstrip() for line in done.stdout.splitlines()]
        return "\n".join([*lines, *([f"exit code {done.returncode}"] if done.returncode else [])]) + "\n"

    def follow(self, page: str, /, *, wanted: Callable[[str], bool] = lambda typed: True) -> int:
        """Do all that a page says; how many commands that were.

        wanted: tells of a command whether it can be run here.
        Errors: Differs.
        """
        ran = 0
        for block in blocks(page):
            if block.language == "console":
                for typed, shown in commands(block.text):
                    if wanted(typed):
                        printed = self.run(typed)
                        if not is_like(printed, shown):
                            raise Differs(f"$ {typed}\n{printed}")
                        ran += 1
            elif block.caption:
                self._put(block)
        return ran

    def _put(self, block: Block) -> None:
        """Write a file, or change it."""
        path = self.folder / block.caption
        path.parent.mkdir(parents=True, exist_ok=True)
        text = changed(path.read_text("utf-8"), block.text) if block.language == "diff" else block.text
        path.write_text(text, encoding="utf-8")
