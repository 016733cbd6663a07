# SPDX-License-Identifier: GPL-2.0-only
"""The guides are run: each command in the order of the page, in an empty folder, and its output is compared.

A guide shows commands as `.. code-block:: console`: behind `$` what is typed, below it what is printed, where a line of
`...` stands for any lines, and a last line may tell the exit code.  A block of another language with a caption is a
file of that name.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1]
GUIDES = ("hold-your-implementation", "add-a-rule", "add-an-architecture")
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n(?:   :caption: (.+)\n)?\n((?:   .*\n|\n)+)", re.MULTILINE)


def blocks(guide: str) -> Iterator[tuple[str, str, str]]:
    """Each block of a guide: language, caption, text."""
    for language, caption, body in BLOCK.findall((DOCS / f"{guide}.rst").read_text("utf-8")):
        yield language, caption, textwrap.dedent(body).strip() + "\n"


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console, and what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, printed


def is_like(printed: str, shown: str) -> bool:
    """Whether an output is what the guide shows."""
    parts = [re.escape(part) for part in shown.strip().split("...")]
    return re.fullmatch(r"[\s\S]*?".join(parts), printed.strip()) is not None


def run(typed: str, folder: Path) -> str:
    """What a command prints, with its exit code if that is not 0."""
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    where = os.environ | {"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "100"}
    done = subprocess.run(typed, shell=True, cwd=folder, env=where, capture_output=True, text=True, check=False)
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    return "\n".join([*lines, *([f"exit code {done.returncode}"] if done.returncode else [])]) + "\n"


def prepare(folder: Path) -> None:
    """The command, as an installation would have it."""
    (folder / "bin").mkdir()
    for name, words in (("mmu-gather", "-m mmu_gather_conformance.cli"), ("python", "")):
        command = folder / "bin" / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n', encoding="utf-8")
        command.chmod(0o755)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_of_a_guide_prints_what_the_guide_shows(guide: str, tmp_path: Path) -> None:
    """In their order: what one of them makes, the next one reads."""
    prepare(tmp_path)
    ran = 0
    for language, caption, body in blocks(guide):
        if language == "console":
            for typed, shown in commands(body):
                printed = run(typed, tmp_path)
                assert is_like(printed, shown), f"$ {typed}\n{printed}"
                ran += 1
        elif caption:
            (tmp_path / caption).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / caption).write_text(body, encoding="utf-8")
    assert ran >= 2


def test_an_output_that_differs_is_seen() -> None:
    """And three dots stand for anything in their place only."""
    assert is_like("a\nb\nc\n", "a\n...\nc")
    assert is_like("a\n", "a")
    assert not is_like("a\nb\nd\n", "a\n...\nc")
    assert not is_like("a\nb\n", "a")
