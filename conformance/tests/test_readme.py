# SPDX-License-Identifier: GPL-2.0-only
"""The README says what is so: its example runs, and prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from mmu_gather_conformance.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("spec", "reference", "arch", "conformance", "docs")
#: All that a reader may begin with; a port that somebody has made at the top of a checkout is none of it.
READMES = {
    path.relative_to(ROOT): path
    for path in [ROOT / "README.md", *(path for room in ROOMS for path in (ROOT / room).glob("**/README.*"))]
}


def test_its_first_line_says_what_this_is() -> None:
    """In one sentence."""
    assert README.splitlines()[0] == (
        "# The mmu_gather specification, a reference implementation of it, and the conformance suite that holds any "
        "implementation to it."
    )


def test_its_example_prints_what_it_says() -> None:
    """Run in a process of its own."""
    code, output = re.findall(r"```(?:python|text)\n(.*?)```", README, re.DOTALL)[:2]
    assert len(code.splitlines()) <= 12
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == output


def test_every_command_it_names_exists() -> None:
    """By the command's own list."""
    named = set(re.findall(r"mmu-gather ([a-z-]+)", README))
    assert named
    assert named <= set(cli.commands)


def test_its_litmus_is_answered_as_it_says() -> None:
    """The command is the one that is shown."""
    command, output = re.findall(r"```sh\nmmu-gather (.*)\n```\n\n```text\n((?:.*\n)*?)```", README)[0]
    result = CliRunner().invoke(cli, command.split())
    assert (result.exit_code, result.output) == (0, output)


def typed(language: str) -> list[str]:
    """Its commands about ports in a language, which it gives for one and the other: `or:` begins the other's."""
    lines = re.findall(r"^    mmu-gather (.*?)(?: +# (?:or: (.*)|.*))?$", README, re.MULTILINE)
    commands = [other if other and language == "c" else line for line, other in lines]
    return [each.replace("so:mine/port.so", "py:mine/port.py") if language == "python" else each for each in commands]


def exit_code(command: str) -> int:
    """Type it; where all cases would be run, those of one architecture are."""
    saved = sorted(Path(".mmu-gather").glob("*.json"))  # any of them
    words = [str(saved[0]) if word.endswith("FILE.json") else word for word in command.split()]
    few = ["--arch", "ipi", "--jobs", "1"] if words[0] == "run" and not {"--arch", "-k"} & {*words} else []
    return CliRunner().invoke(cli, [*words, *few]).exit_code


@pytest.mark.parametrize(("language", "broken"), [("python", 5), ("c", 1)])
def test_the_commands_that_it_gives_work_in_their_order(
    language: str, broken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a port that is not written yet.  Those about kernels are run where some are, by the guide to them."""
    monkeypatch.chdir(tmp_path)
    commands = [each for each in typed(language) if "linux:" not in each]
    assert len(commands) >= 7
    for command in commands:
        holds = command.startswith(("run ", "replay "))
        assert exit_code(command) == (broken if holds else 0), command
        if command == "new-port c mine":
            subprocess.run(["make", "-s", "-C", "mine"], check=True)


def test_the_commands_that_its_sentences_give_work() -> None:
    """Those that are whole: what is only named has nothing behind its name."""
    found = re.findall(r"`mmu-gather\s([a-z-]+\s[^`]+)`", README)
    assert len(found) >= 4
    assert [command for command in found if exit_code(command) != 0] == []


@pytest.mark.parametrize(("language", "broken"), [("python", 5), ("c", 1)])
def test_the_commands_that_a_new_ports_readme_gives_work_in_their_order(
    language: str, broken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own folder, and it says itself how the port fails."""
    monkeypatch.chdir(tmp_path)
    assert exit_code(f"new-port {language} .") == 0
    subprocess.run(["make", "-s"] if language == "c" else ["true"], check=True)
    commands = re.findall(r"^    mmu-gather (.*?)(?: +#.*)?$", Path("README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        assert exit_code(command) == (broken if command.startswith(("run ", "replay ")) else 0), command


@pytest.mark.parametrize("name", READMES, ids=str)
def test_every_target_that_a_readme_names_is_in_the_makefile(name: Path) -> None:
    """And every command and option of ours that it names is there."""
    text = READMES[name].read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    of_a_port = {"run", "port32.so"} if name.suffix == ".txt" else set()  # it has a Makefile of its own
    assert set(re.findall(r"(?:`|^ {0,4})make ([a-z][\w.-]*\w)", text, re.MULTILINE)) <= targets | of_a_port
    options = {option for command in cli.commands.values() for each in command.params for option in each.opts}
    for command, rest in re.findall(r"(?:`|^ {0,4})mmu-gather ([a-z-]+)([^`\n#]*)", text, re.MULTILINE):
        assert command in cli.commands
        assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= options


def test_there_are_readmes_to_look_at() -> None:
    """One for each room, and what a new port gets."""
    assert {Path("README.md"), Path("spec/README.md"), Path("conformance/linux/README.md")} <= READMES.keys()
    assert sum(name.suffix == ".txt" for name in READMES) == 2
