# SPDX-License-Identifier: GPL-2.0-only
"""One scenario under one checker: its verdict, states, times and memory.

A checker is started as a user starts it, from nothing: SPIN and rumur write C, which is compiled and run.
The whole is the time of all these processes, the search that of the last one, which starts in one or two
milliseconds (SPIN's own clock ticks in hundredths of a second, rumur's in seconds).  Memory is the peak of
the last process.  Nothing here compares: bench.py does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scenarios import Scenario

HERE: Final = Path(__file__).parent
PROMELA: Final = HERE / "rcu_tables.pml"
MURPHI: Final = HERE / "rcu_tables.m"

#: From the compiler that is soonest done to the code that is soonest done: which is cheapest depends on the work.
LEVELS: Final = ("-O0", "-O1", "-O2")

#: A search for unsafe states only; no fairness, no check of array bounds, the faster hash.  The limits are
#: far above what any scenario of the table needs.
SPIN_FLAGS: Final = ("-DSAFETY", "-DNOFAIR", "-DNOBOUNDCHECK", "-DSFH", "-DMEMLIM=8192", "-DVECTORSZ=1024")

#: No schedule of any scenario has this many steps; SPIN says so if one has.
SPIN_DEPTH: Final = 10_000

#: Without this instruction of x86-64 rumur's verifier needs a library that makes it slower.
RUMUR_FLAGS: Final = ("-w", *(("-mcx16",) if os.uname().machine == "x86_64" else ()))


class DidNotRun(Exception):
    """A checker that is not there, or gave no verdict: what its row says instead."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one checker."""

    verdict: str  #: "holds" or "violated"
    states: int
    search: float  #: seconds
    whole: float  #: seconds
    peak: int  #: bytes


@dataclass(frozen=True, slots=True)
class Child:
    """What is known of a process after its end."""

    output: str
    errors: str
    status: int
    seconds: float
    peak: int


def run(command: Sequence[str], folder: Path) -> Child:
    """Run a program to its end."""
    if shutil.which(command[0]) is None:
        raise DidNotRun(f"{command[0]} is not installed")
    launch = [sys.executable, "-I", "-S", str(HERE / "launch.py"), *command]
    done = subprocess.run(launch, cwd=folder, capture_output=True, text=True, errors="replace", check=True)
    errors, _, figures = done.stderr.rstrip().rpartition("\n")
    status, seconds, peak = figures.split()
    return Child(done.stdout, errors, int(status), float(seconds), int(peak))


def succeed(name: str, command: Sequence[str], folder: Path) -> Child:
    """Run a program whose exit status is no verdict, only success or failure."""
    child = run(command, folder)
    if child.status != 0:
        lines = (child.errors.strip() or child.output.strip()).splitlines() or [f"exit status {child.status}"]
        raise DidNotRun(f"{name} failed: {lines[-1]}")
    return child


@contextmanager
def room() -> Iterator[Path]:
    """A folder for what the peers write."""
    with tempfile.TemporaryDirectory(prefix="mmu-gather-bench-") as folder:
        yield Path(folder)


def found(pattern: str, output: str, checker: str) -> re.Match[str]:
    """A part of the output without which there is no verdict."""
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        last = (output.strip() or "no output").splitlines()[-1]
        raise DidNotRun(f"{checker} gave no verdict: {last}")
    return match


def parse_spin(output: str) -> tuple[str, int]:
    """Verdict and states from what SPIN's verifier prints."""
    errors = int(found(r"errors: (\d+)$", output, "spin")[1])
    states = int(float(found(r"^ *([\d.e+]+) states, stored", output, "spin")[1]))
    if errors:
        return "violated", states
    # It stops at a limit of its own with "errors: 0", too.
    if re.search("Search not completed|max search depth too small", output):
        raise DidNotRun("spin did not complete the search")
    return "holds", states


def parse_rumur(output: str) -> tuple[str, int]:
    """Verdict and states from the machine-readable output of rumur's verifier."""
    summary = found(r'<summary states="(\d+)" .*errors="(\d+)"', output, "rumur")
    return ("violated" if int(summary[2]) else "holds"), int(summary[1])


def parse_ours(output: str) -> tuple[str, int, float]:
    """Verdict, states and seconds of search from our line of JSON."""
    line = (output.strip() or "no output").splitlines()[-1]
    try:
        answer = json.loads(line)
        return str(answer["verdict"]), int(answer["states"]), float(answer["search_seconds"])
    except (ValueError, KeyError, TypeError):
        raise DidNotRun(f"ours gave no verdict: {line}") from None


def hash_bits(scenario: Scenario) -> int:
    """A table with a slot for each state; the default of 128 MiB takes longer to prepare than a small search."""
    return max(12, (scenario.states or 1).bit_length())


def spin(scenario: Scenario, level: str, *sizes: str) -> Measured:
    """SPIN, with its partial-order reduction, and the table that it takes if nobody says otherwise."""
    if scenario.states is None:
        raise DidNotRun("not tried: tens of millions of states and more")
    macros = [f"-D{name}={value}" for name, value in scenario.parameters.items()]
    with room() as folder:
        translate = succeed("spin", ["spin", "-a", *macros, str(PROMELA)], folder)
        compiled = succeed("gcc", ["gcc", level, *SPIN_FLAGS, "-o", "pan", "pan.c"], folder)
        search = run([str(folder / "pan"), f"-m{SPIN_DEPTH}", *sizes, "-n"], folder)
    verdict, states = parse_spin(search.output)
    whole = translate.seconds + compiled.seconds + search.seconds
    return Measured(verdict, states, search.seconds, whole, search.peak)


def sized_spin(scenario: Scenario, level: str) -> Measured:
    """The same, told beforehand how many states there will be: nobody knows, but it is the least that SPIN needs."""
    return spin(scenario, level, f"-w{hash_bits(scenario)}")


def murphi(scenario: Scenario) -> str:
    """The Murphi model with the scenario's numbers: the language has no macros."""
    text = MURPHI.read_text("utf-8")
    for name, value in scenario.parameters.items():
        text, times = re.subn(rf"^  {name}: \d+;", f"  {name}: {value};", text, flags=re.MULTILINE)
        assert times == 1, name
    return text


def rumur(scenario: Scenario, level: str) -> Measured:
    """rumur on one CPU, as the others, with symmetry between walkers."""
    options = ["--threads", "1", "--deadlock-detection", "stuck", "--output-format", "machine-readable"]
    with room() as folder:
        (folder / MURPHI.name).write_text(murphi(scenario), "utf-8")
        translate = succeed("rumur", ["rumur", *options, "-o", "verifier.c", MURPHI.name], folder)
        compiled = succeed("gcc", ["gcc", level, *RUMUR_FLAGS, "-o", "verifier", "verifier.c", "-lpthread"], folder)
        search = run([str(folder / "verifier")], folder)
    verdict, states = parse_rumur(search.output)
    whole = translate.seconds + compiled.seconds + search.seconds
    return Measured(verdict, states, search.seconds, whole, search.peak)


def ours(scenario: Scenario) -> Measured:
    """Our own search, from the start of the interpreter: recording the port is a part of the whole."""
    module = "mmu_gather_conformance.interleave.bench"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # bytecode is kept, as it is for whoever has it installed
    with room() as folder:
        child = succeed("ours", [sys.executable, "-m", module, scenario.name], folder)
    verdict, states, search = parse_ours(child.output)
    return Measured(verdict, states, search, child.seconds, child.peak)


#: One way to a verdict.
Checker = Callable[[Scenario], Measured]


def at(checker: Callable[[Scenario, str], Measured], level: str) -> Checker:
    """A peer whose verifier is compiled at this level."""
    return lambda scenario: checker(scenario, level)


#: In the order in which they take turns.
CHECKERS: Final[dict[str, Checker]] = {
    "ours": ours,
    **{f"spin {level}": at(spin, level) for level in LEVELS},
    **{f"sized-spin {level}": at(sized_spin, level) for level in LEVELS},
    **{f"rumur {level}": at(rumur, level) for level in LEVELS},
}
