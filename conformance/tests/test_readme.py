# SPDX-License-Identifier: GPL-2.0-only
"""The README says what is so: its example runs, and prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner
from mmu_gather_conformance.cli import cli

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


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
