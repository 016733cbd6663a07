# SPDX-License-Identifier: GPL-2.0-only
"""The style that a machine can hold: the size of files and functions, their heads, what must not stay.

Each law is a function from one file to its faults, so that the same function is shown to
find a fault in a made-up file below.  What a reader must judge (names, prose) is not here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("spec", "reference", "arch", "conformance")

MAX_FILE_LINES = 400  #: one noun, one file; above this a file holds two
MAX_FUNCTION_LINES = 70  #: what a reader sees at once, and no more

KERNEL_LICENCE = "GPL-2.0-only"
EITHER_LICENCE = "GPL-2.0-only OR BSD-2-Clause"
GENERATED_HEADER = "conformance/mmu_gather_conformance/c_ports/mmu_gather.h"

# The brackets keep these patterns from finding themselves.
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")
MACHINE_PATH = re.compile(r"(?<![\w.)>}])/(?:home|root|Users|work|workspace|mnt|media|srv|opt|tmp)/\w")

#: (path from the repository's top, text) -> the faults found
Law = Callable[[str, str], list[str]]


def file_is_short(path: str, text: str) -> list[str]:
    """A Python file of a package has at most MAX_FILE_LINES."""
    lines = len(text.splitlines())
    return [f"{path}: {lines} lines"] if lines > MAX_FILE_LINES else []


def functions_are_short(path: str, text: str) -> list[str]:
    """A function, its decorators apart, has at most MAX_FUNCTION_LINES."""
    faults = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                faults.append(f"{path}:{node.lineno}: {node.name} has {lines} lines")
    return faults


def module_has_a_docstring(path: str, text: str) -> list[str]:
    """The head of a module tells the law that lives there."""
    return [] if ast.get_docstring(ast.parse(text)) else [f"{path}: no docstring"]


def licence_comes_first(path: str, text: str) -> list[str]:
    """The first line of a source is its SPDX line, with the licence of its room."""
    either = path.startswith("spec/") or path == GENERATED_HEADER
    tag = f"SPDX-License-Identifier: {EITHER_LICENCE if either else KERNEL_LICENCE}"
    wanted = f"# {tag}" if path.endswith(".py") else f"/* {tag} */"
    first = text.partition("\n")[0]
    return [] if first == wanted else [f"{path}: first line is not {wanted!r}"]


def lines_with(pattern: re.Pattern[str], path: str, text: str) -> list[str]:
    """The lines in which the pattern is found, as a reader would look them up."""
    numbered = enumerate(text.splitlines(), 1)
    return [f"{path}:{number}: {line.strip()}" for number, line in numbered if pattern.search(line)]


def nothing_is_unfinished(path: str, text: str) -> list[str]:
    """What is not done is an issue or an `outside-model` case, not a word in a comment."""
    return lines_with(UNFINISHED, path, text)


def no_path_is_of_one_machine(path: str, text: str) -> list[str]:
    """A path that is true on one machine only is wrong on all others."""
    return lines_with(MACHINE_PATH, path, text)


def files(*patterns: str) -> list[Path]:
    """The files that match, from the repository's top, less what the build made."""
    found = sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()})
    assert found, f"no file matches {patterns}: the style of nothing was checked"
    return found


def faults(law: Law, paths: list[Path]) -> list[str]:
    """What a law finds in these files."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    return [fault for path, text in texts.items() for fault in law(path, text)]


PACKAGES = tuple(f"{room}/mmu_gather_{room}/**/*.py" for room in ROOMS)
PYTHON = tuple(f"{room}/**/*.py" for room in ROOMS)
C = tuple(f"{room}/**/*.[ch]" for room in ROOMS)
PROSE = ("*.md", "*/*.md", "*/bench/*", "*.toml", "Makefile", ".ci/run", "docs/**/*.rst", "docs/**/*.py")


@pytest.mark.parametrize("law", [file_is_short, functions_are_short])
def test_what_is_installed_comes_in_small_pieces(law: Law) -> None:
    """No file and no function of the packages grows past what a reader takes in."""
    assert faults(law, files(*PACKAGES)) == []


def test_every_module_says_what_law_lives_there() -> None:
    """Each Python file, tests included, opens with a docstring."""
    assert faults(module_has_a_docstring, files(*PYTHON)) == []


def test_every_source_names_its_licence_in_its_first_line() -> None:
    """A file that is taken out of the tree still says under what it may be used."""
    assert faults(licence_comes_first, files(*PYTHON, *C)) == []


@pytest.mark.parametrize("law", [nothing_is_unfinished, no_path_is_of_one_machine])
def test_no_file_keeps_what_was_for_its_author_only(law: Law) -> None:
    """Neither a note to oneself nor a path of one's own machine is in the tree."""
    assert faults(law, files(*PYTHON, *C, *PROSE)) == []


LONG_FUNCTION = "def zap():\n" + "    pass\n" * MAX_FUNCTION_LINES


@pytest.mark.parametrize(
    ("law", "path", "text"),
    [
        (file_is_short, "arch/a.py", "pass\n" * (MAX_FILE_LINES + 1)),
        (functions_are_short, "arch/a.py", LONG_FUNCTION),
        (functions_are_short, "arch/a.py", "async " + LONG_FUNCTION),
        (module_has_a_docstring, "arch/a.py", "import os\n"),
        (licence_comes_first, "arch/a.py", f"# SPDX-License-Identifier: {EITHER_LICENCE}\n"),
        (licence_comes_first, "spec/a.py", f"# SPDX-License-Identifier: {KERNEL_LICENCE}\n"),
        (licence_comes_first, "arch/a.py", f"\n# SPDX-License-Identifier: {KERNEL_LICENCE}\n"),
        (licence_comes_first, GENERATED_HEADER, f"/* SPDX-License-Identifier: {KERNEL_LICENCE} */\n"),
        (nothing_is_unfinished, "arch/a.py", "# TOD" + "O: flush\n"),
        (no_path_is_of_one_machine, "arch/a.py", "where = '/hom" + "e/ben/linux'\n"),
    ],
)
def test_each_law_finds_a_file_that_breaks_it(law: Law, path: str, text: str) -> None:
    """The checks themselves can fail: each made-up file breaks its law once."""
    assert len(law(path, text)) == 1


@pytest.mark.parametrize(
    ("law", "path", "text"),
    [
        (file_is_short, "arch/a.py", "pass\n" * MAX_FILE_LINES),
        (functions_are_short, "arch/a.py", LONG_FUNCTION.removesuffix("    pass\n")),
        (licence_comes_first, "spec/tests/a.py", f"# SPDX-License-Identifier: {EITHER_LICENCE}\n"),
        (licence_comes_first, GENERATED_HEADER, f"/* SPDX-License-Identifier: {EITHER_LICENCE} */\n"),
        (nothing_is_unfinished, "arch/a.py", "# Cc: davem@xxxxxxxxxxxxx\n"),
        (no_path_is_of_one_machine, "arch/a.py", "# include/asm-generic/tlb.h, /proc/kallsyms\n"),
    ],
)
def test_each_law_leaves_a_file_at_its_limit_in_peace(law: Law, path: str, text: str) -> None:
    """The limits are where they are said to be."""
    assert law(path, text) == []
