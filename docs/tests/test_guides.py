# SPDX-License-Identifier: GPL-2.0-only
"""The guides are run: what they show is what one has to do, and what comes of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from guides import BLOCK, DOCS, ROOMS, Differs, Reader, blocks, changed, commands, is_like, needs_a_kernel

ROOT = DOCS.parent
#: Guides that need no more than an installation; they are followed in an empty folder.
GUIDES = ("hold-your-implementation", "reading-a-violation", "every-interleaving", "debugging-a-port")
#: Those that are about kernels; `make test-linux` follows them where some are.
OF_A_KERNEL = ("kernel-file",)
#: Those that change the project; they are followed in a copy of it.
OF_A_CHECKOUT = ("add-a-rule", "add-an-architecture")


def page(name: str) -> str:
    """A page as it was written."""
    return (DOCS / f"{name}.rst").read_text("utf-8")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_of_a_guide_prints_what_the_guide_shows(guide: str, tmp_path: Path) -> None:
    """In their order: what one of them makes, the next one reads."""
    folder = tmp_path / "folder"
    folder.mkdir()
    there = {"gdb": shutil.which("gdb") is not None}  # a debugger is the user's to install
    reader = Reader(folder, tmp_path / "bin")
    assert reader.follow(page(guide), wanted=lambda typed: there.get(typed.split()[0], True)) >= 2


@pytest.mark.parametrize("guide", OF_A_KERNEL)
def test_of_a_guide_to_kernels_all_is_run_that_needs_none(guide: str, tmp_path: Path) -> None:
    """The reader's own tree is one that has a kernel's files and no kernel's code; `make test-linux` runs the rest."""
    folder = tmp_path / "folder"
    shutil.copytree(ROOT / "conformance" / "tests" / "toy_kernel", folder / "mine")
    reader = Reader(folder, tmp_path / "bin")
    assert reader.follow(page(guide), wanted=lambda typed: not needs_a_kernel(typed)) >= 4


@pytest.mark.parametrize("guide", OF_A_CHECKOUT)
def test_a_guide_that_changes_the_project_does_what_it_says(guide: str, tmp_path: Path) -> None:
    """To a copy: each file of the guide is put there, and its commands run what is there then.  The style is ours."""
    copy = tmp_path / "copy"
    passing = shutil.ignore_patterns("generated", ".*", "*.pyc.*")  # what is of no edition, or is just being written
    for name in (*ROOMS, "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=passing)
    shutil.copy(ROOT / "pyproject.toml", copy)
    reader = Reader(copy, tmp_path / "bin", copy)
    assert reader.follow(page(guide)) >= 2
    rooms = " ".join(ROOMS)
    assert reader.run(f"python -m ruff check -q {rooms} && python -m ruff format -q --check {rooms}").strip() == ""


#: What a line begins with that is a command, wherever it stands.
COMMAND = re.compile(
    r"^ +(?:\$ +)?(?:mmu-gather|make|python3?|pip|pytest|gdb|git|cc|gcc|sed|\S*bin/\S+) +[\w./-]", re.MULTILINE
)


def unfollowed(text: str) -> list[str]:
    """The lines of a page that look like commands, outside of what is typed into a console and of files."""
    for block in re.findall(BLOCK, text):
        if block[0] == "console" or block[1]:
            text = text.replace(block[2], "")
    return COMMAND.findall(text)


def test_no_page_shows_a_command_that_nobody_runs() -> None:
    """Every page with a console is among the guides that are followed; and a command stands in a console."""
    pages = {path.stem: path.read_text("utf-8") for path in DOCS.glob("*.rst")}
    with_a_console = {
        name for name, text in pages.items() if re.search(r"^ *\.\. code-block:: console", text, re.MULTILINE)
    }
    assert with_a_console == {*GUIDES, *OF_A_KERNEL, *OF_A_CHECKOUT, "check-the-types"}  # this has tests of its own
    assert {name: found for name, text in pages.items() if (found := unfollowed(text))} == {}
    for name, text in pages.items():
        consoles = len(re.findall(r"code-block:: console", text))
        assert consoles == sum(block.language == "console" for block in blocks(text)), f"{name}: one is not understood"


def test_a_command_outside_of_a_console_is_noticed() -> None:
    """As a literal block, or as one of another language; not in a file, and not within a sentence."""
    for block in ("So::\n\n   mmu-gather run ref\n", ".. code-block:: sh\n\n   $ make test\n"):
        assert unfollowed(block)
    assert not unfollowed(".. code-block:: yaml\n   :caption: a.yml\n\n   make test\n\n``make test`` does that.\n")


def test_an_output_that_differs_is_seen() -> None:
    """And three dots stand for anything in their place only."""
    assert is_like("a\nb\nc\n", "a\n...\nc")
    assert is_like("a\n", "a")
    assert not is_like("a\nb\nd\n", "a\n...\nc")
    assert not is_like("a\nb\n", "a")


def test_a_guide_that_shows_something_else_is_not_followed(tmp_path: Path) -> None:
    """The tests above can fail: at an output, and at an exit code."""
    console = ".. code-block:: console\n\n   $ echo one\n   {}\n\nand so on\n"
    reader = Reader(tmp_path, tmp_path / "bin")
    assert reader.follow(console.format("one")) == 1
    with pytest.raises(Differs):
        reader.follow(console.format("two"))
    with pytest.raises(Differs):
        reader.follow(console.replace("echo one", "echo one; false").format("one"))


def test_a_command_may_go_on_in_the_next_line() -> None:
    """What it prints begins behind its last line."""
    assert list(commands("$ one \\\n    two\nsaid\n$ three\n")) == [("one \\\n    two", "\nsaid\n"), ("three", "\n")]


def test_a_change_is_made_where_it_fits_and_nowhere_else() -> None:
    """Lines come and go between others, whatever is between these; of two places none is taken."""
    text = "a = (\n    1,\n    2,\n)\n\nb = (\n    1,\n)\n"
    assert changed(text, " a = (\n...\n+    3,\n )\n...\n b = (\n-    1,\n") == (
        "a = (\n    1,\n    2,\n    3,\n)\n\nb = (\n)\n"
    )
    assert changed(text, "+# first\n a = (\n") == f"# first\n{text}"
    for change in (" c = (\n", "     1,\n"):
        with pytest.raises(ValueError, match="no one place"):
            changed(text, change)
