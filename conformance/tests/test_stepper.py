# SPDX-License-Identifier: GPL-2.0-only
"""Stepping: keys move a position and nothing else; a screen shows the lanes around it and the state there."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.lanes import pager
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.state import state
from mmu_gather_conformance.lanes.stepper import Stepper, steps
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES

RULE = RULES["walk.never-a-freed-table"]


def pressed(stepper: Stepper, keys: str) -> Stepper:
    """Where keys lead, one after the other."""
    for key in keys:
        now = stepper.press(key)
        assert now is not None
        stepper = now
    return stepper


@pytest.mark.parametrize(
    ("keys", "here"),
    [
        ("", 1),
        ("n", 2),
        (" \n\r", 4),
        ("nnp", 2),
        ("nn\x7f\b", 1),
        ("p", 1),
        ("$", 32),
        ("$n", 32),
        ("$0", 1),
        ("g", 32),
        ("gp", 31),
        ("x?", 1),
    ],
)
def test_keys_move_forwards_and_back_and_stay_inside(three_cpus: ev.Trace, keys: str, here: int) -> None:
    """Quiet events are no stops: the first is the walk, not the boot."""
    assert pressed(steps(three_cpus, 32), keys).here == here


def test_the_offender_is_a_stop_even_where_it_is_quiet(three_cpus: ev.Trace) -> None:
    """And from both sides."""
    assert pressed(steps(three_cpus, 22), "g").here == 22
    assert pressed(steps(three_cpus, 22), "$g").here == 22
    assert pressed(steps(three_cpus, len(three_cpus)), "g").here == 32


@pytest.mark.parametrize("key", ["q", "\x03", "\x04", ""])
def test_some_keys_lead_out(three_cpus: ev.Trace, key: str) -> None:
    """As they do elsewhere."""
    assert steps(three_cpus, 32).press(key) is None


def test_an_empty_trace_has_no_steps() -> None:
    """There is nothing to stand on."""
    with pytest.raises(ValueError, match="no steps"):
        steps((), 0)


def test_a_screen_shows_the_lanes_around_and_the_state_there(three_cpus: ev.Trace) -> None:
    """In the middle of the IPI: one CPU has answered, the walker holds the other back."""
    stepper = pressed(steps(three_cpus, 32, RULE), "n" * 13)
    assert stepper.screen() == (
        "step 16, 14 of 27",
        "",
        " step seed        cpu0                         | cpu1             | cpu2",
        "   11         │   unhook t0                    ┃                  |",
        "   12 401     │   tlb_remove_table(tlb, t0|7)  ┃                  |",
        "   13 411     │     atomic_read(mm_users) -> 2 ┃                  |",
        "   14 417     │     __get_free_page -> NULL    ┃                  |",
        "   15 374     │╔    IPI to cpu1, cpu2 and wait ┃                  |",
        "*  16 362     │║                               ┃                  | [ipi] the handler has run",
        "   17         │║                               ┃ [gup_fast] read an entry of t0",
        "   18         │║                               ┃ the walk is over |",
        "   19 362     │╚                               | [ipi] the handler has run",
        "   20 375     │     __tlb_remove_table(t0|7)   |                  |",
        "   21 72      │       kmem_cache_free(PGT_CACHE(7), t0)           |",
        "",
        "tables      unhooked t0; RCU's t1",
        "mm_users    2 when last read",
        "IRQs off    cpu1 (gup_fast)",
        "preempt off nowhere",
        "waiting     k0 for a grace period (t1|7); cpu0 (a) for the IPI to cpu1",
    )


def test_the_offending_screen_says_against_what(three_cpus: ev.Trace) -> None:
    """In its first line; at the last step where it is the end that offends."""
    assert steps(three_cpus, 32, RULE).offender().screen()[0] == f"step 32, 27 of 27: offends against {RULE.id}"
    end = steps(three_cpus, len(three_cpus), RULE).last().screen()[0]
    assert end == f"step 32, 27 of 27: the trace ends here, and that offends against {RULE.id}"


@pytest.mark.parametrize(
    ("at", "tables"),
    [
        (0, "linked t0, t1"),
        (3, "linked t0; unhooked t1"),
        (7, "linked t0; in a batch t1"),
        (9, "linked t0; RCU's t1"),
        (21, "RCU's t1; freed t0"),
        (27, "freed t0, t1"),
        (32, "freed t0, t1; touched after it was freed t1"),
    ],
)
def test_the_state_follows_each_table(three_cpus: ev.Trace, at: int, tables: str) -> None:
    """Linked, unhooked, in a batch, RCU's, freed."""
    assert state(three_cpus, at, Names(three_cpus))["tables"] == tables


def test_stepping_back_shows_what_stepping_forwards_has_shown(three_cpus: ev.Trace) -> None:
    """A screen depends on the position alone."""
    stepper = steps(three_cpus, 32)
    there = []
    for _ in stepper.stops:
        there.append(stepper.screen())
        stepper = stepper.forward()
    back = []
    for _ in stepper.stops:
        back.append(stepper.screen())
        stepper = stepper.back()
    assert back[::-1] == there


def test_without_a_terminal_every_screen_is_printed(three_cpus: ev.Trace, capsys: pytest.CaptureFixture[str]) -> None:
    """In turn, and nothing is waited for."""
    pager.page(steps(three_cpus, 32))
    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step ")]
    assert heads[0] == "step 1, 1 of 27"
    assert heads[-1] == "step 32, 27 of 27: offends"
    assert len(heads) == 27


@pytest.mark.parametrize("last", ["q", KeyboardInterrupt, EOFError])
def test_at_a_terminal_keys_are_read_until_one_leads_out(
    three_cpus: ev.Trace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    last: str | type[BaseException],
) -> None:
    """A screen for each; an interrupt is a way out like any other."""
    keys: Iterator[str | type[BaseException]] = iter(("n", "g", last))

    def getchar() -> str:
        key = next(keys)
        if isinstance(key, str):
            return key
        raise key

    monkeypatch.setattr(click, "getchar", getchar)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    pager.page(steps(three_cpus, 32))
    out = capsys.readouterr().out
    shown = [line for line in out.splitlines() if "step " in line and " of 27" in line]
    assert [line.split("step ")[1].split(",")[0] for line in shown] == ["1", "2", "32"]
    assert pager.KEYS in out


def at_a_terminal(command: list[str], keys: str) -> tuple[str, int]:
    """What a command shows where it has a terminal, each key pressed at a screen of its own; and its exit code.

    A terminal forgets what was typed before somebody waits for a key, so a key is pressed until something comes of it.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            if not select.select([ours], [], [], 0.2)[0]:
                screens = shown.count(b"q leave")
                os.write(ours, keys[screens - 1 : screens].encode())
                continue
            try:
                shown += os.read(ours, 1 << 16)
            except OSError:  # it has ended, and the terminal with it
                break
        os.close(ours)
        return shown.decode(), process.wait()


def test_at_a_terminal_keys_lead_to_the_step_that_offends_and_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a user has it; behind the last screen stands what the replay came to."""
    monkeypatch.chdir(tmp_path)
    case = ["mutant:no_ipi_on_fallback", "--arch", "hash64", "-k", "no-memory/hash64", "--jobs", "1"]
    assert CliRunner().invoke(cli, ["run", *case]).exit_code == 1
    (file,) = Path(".mmu-gather").glob("*walk.never-a-freed-table.json")
    command = [sys.executable, "-m", "mmu_gather_conformance.cli", "replay", str(file), "--step"]
    shown, code = at_a_terminal(command, "gq")
    heads = re.findall(r"step \d+, (\d+) of (\d+)(: offends)?", shown)
    assert list(dict.fromkeys(heads)) == [("1", "14", ""), ("14", "14", ": offends")]  # a key may be taken twice
    assert shown.splitlines()[-1] == "  found: a walker reads a table that was freed"
    assert code == 1
