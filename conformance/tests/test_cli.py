# SPDX-License-Identifier: GPL-2.0-only
"""The command: what it prints, how it exits, and what bad input gets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from junitparser import JUnitXml
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.defects import SHOWN
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.names import LISTS
from mmu_gather_spec.errata import ERRATA, EXPLAINED
from mmu_gather_spec.history import known_in, mended_in

QUICK = ("--arch", "hash64", "-k", "batch-full", "--jobs", "1")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are saved in the current folder."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(cli, list(arguments))


def test_the_reference_conforms() -> None:
    """The last line says so, and the bounds stand before it."""
    result = run("run", "ref", *QUICK)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "conforms"
    assert result.output.splitlines()[-2].startswith("bounds: ")


def test_a_violation_names_rule_step_law_and_replay() -> None:
    """In about a dozen lines; and the printed command repeats it."""
    result = run("run", "mutant:batch_not_submitted_when_full", *QUICK, "--rule", "batch.submitted-when-full")
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("violated: port: batch.submitted-when-full  in batch-full/hash64/")
    assert any(line.startswith("  >") for line in lines[:13])
    assert any(line.startswith("  law: mm/memory.c") for line in lines[:13])
    command = next(line for line in lines[:14] if line.startswith("  replay: "))
    again = run(*command.split()[2:])
    assert again.exit_code == 1
    assert "violated: batch.submitted-when-full" in again.output
    assert run(*command.split()[2:4], "ref").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "reff"), "unknown port 'reff': did you mean ref"),
        (("run", "mutant:no_ipi"), "mutant:no_ipi_on_fallback"),
        (("run", "ref", "--arch", "hash46"), "did you mean hash64"),
        (("run", "ref", "--era", "rfc-2011"), "did you mean rfc-2010"),
        (("run", "ref", "--rule", "batch.start"), "batch.starts-empty"),
        (("list", "rule"), "did you mean rules"),
        (("show", "batch.startsempty"), "batch.starts-empty"),
        (("show", "gup-fats"), "did you mean gup-fast"),
        (("show", "S91"), "did you mean S9, S1, S21"),
        (("replay", "S10"), "S10 is about what is built, and nothing runs: see mmu-gather kconfig"),
        (("replay", "S91"), "S91: No such file"),
        (("replay", "none.json"), "none.json: No such file"),
        (("new-port", "rust", "here"), "unknown language 'rust'"),
        (("run", "ref", "--baseline", "none.toml"), "none.toml: No such file"),
        (("run", "so:"), "so: needs a path"),
        (("run", "so:none.so"), "no such file: none.so"),
        (("run", "py:none.py"), "no such file: none.py"),
        (("run", "py:none"), "no module named 'none'"),
        (("explore", "py:none.sub"), "no module named 'none.sub'"),
    ],
)
def test_a_bad_name_gets_one_line_with_the_nearest_and_exit_2(arguments: tuple[str, ...], said: str) -> None:
    """And nothing else."""
    result = run(*arguments)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert said in line


def test_a_file_that_is_not_there_gets_the_nearest_that_is() -> None:
    """It is a name as others are."""
    Path("my_port.py").touch()
    result = run("run", "py:my_prot.py")
    assert (result.exit_code, result.output) == (2, "Error: unknown file 'my_prot.py': did you mean my_port.py?\n")


def test_a_keyword_that_matches_nothing_ran_nothing() -> None:
    """Exit code 4: nothing is not a pass."""
    result = run("run", "ref", "-k", "nosuchcase")
    assert (result.exit_code, result.output.splitlines()[-1]) == (4, "nothing ran")


def test_a_module_without_its_functions_has_each_one_named() -> None:
    """Exit code 5."""
    Path("half.py").write_text("def tlb_gather_mmu(tlb, mm, full): ...\n")
    result = run("run", "py:half.py", *QUICK)
    assert result.exit_code == 5
    assert "missing: tlb_flush_mmu, tlb_finish_mmu, tlb_remove_page" in result.output


def test_a_module_that_cannot_be_imported_is_a_protocol_error() -> None:
    """The exception is named, without a traceback."""
    Path("broken.py").write_text("raise ValueError('not today')\n")
    result = run("run", "py:broken.py", *QUICK)
    assert result.exit_code == 5
    assert "ValueError: not today" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("what", LISTS)
def test_every_list_has_something_in_it(what: str) -> None:
    """One line each."""
    result = run("list", what)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) >= 2


@pytest.mark.parametrize("name", LITMUSES)
def test_a_litmus_is_shown_with_everybody_who_takes_part_and_what_is_asked(name: str) -> None:
    """Each part in a line of its own; the rule, the sister, and the command that asks it."""
    litmus = LITMUSES[name]
    result = run("show", name)
    lines = result.output.splitlines()
    assert (result.exit_code, lines[0]) == (0, name)
    assert sum(line.startswith("cpu") for line in lines) == len(litmus.parts) + litmus.spare
    words = dict(line.split(":", 1) for line in lines if ":" in line[:11])
    assert words["forbidden"].strip() == litmus.forbidden
    assert words["sister"].strip() == litmus.sister
    assert words["run"].strip().endswith(f"-k {name}/")


def words_of(output: str) -> dict[str, str]:
    """What is said behind each word on the left."""
    lines = (line for line in output.splitlines() if ":" in line[:11])
    return {word: said.strip() for word, said in (line.split(":", 1) for line in lines)}


@pytest.mark.parametrize("number", ERRATA)
def test_an_erratum_is_shown_with_its_eras_and_rules_and_the_command_that_shows_it(number: str) -> None:
    """The title comes first; and the command works as it is printed."""
    result = run("show", number)
    assert (result.exit_code, result.output.splitlines()[0]) == (0, number)
    assert ERRATA[number].title in " ".join(result.output.split())
    words = words_of(result.output)
    assert words["known in"].split(", ") == list(known_in(number))
    assert words["mended"] == (f"in {mended_in(number)}" if mended_in(number) else "not yet")
    name, *arguments = words["shown by"].split()
    shown = run(*arguments)
    assert (name, shown.exit_code) == ("mmu-gather", 0)
    if number in SHOWN:
        assert words["rules"].split(", ")[0]
        assert shown.output.splitlines()[-1].endswith(f"({number})")
        assert re.search(rf"^> +{SHOWN[number].step} ", shown.output, re.MULTILINE)
        assert words["shown in"].startswith(f"{SHOWN[number].case}, of ref")


def test_an_erratum_is_shown_as_it_reads() -> None:
    """All of it: one that was mended on some architectures before it was on the last."""
    assert (
        run("show", "S11").output
        == """\
S11

a PTE page loses its lock before the walkers inside it have been waited for

needs:     a walker that takes the lock
harmless:  walkers of the first eras take none
where:     __pte_free_tlb(), arch/powerpc/include/asm/pgalloc.h and its like
known in:  v2.6.37, rfc-2010-base, rfc-2010, v3.0, v4.19, v5.7, v6.1, v6.12
mended:    in v7.0
rules:     separation.destructor-after-wait, walk.never-a-lock-that-is-gone
shown in:  lock-taken/hash32, of ref, at step 12, by walk.never-a-lock-that-is-gone
last in:   lock-taken/x86, of ref:v6.12
shown by:  mmu-gather replay S11
"""
    )


def test_what_is_no_erratum_is_shown_with_the_reason() -> None:
    """So that each number of the notes on the seed has an answer."""
    for number, reason in EXPLAINED.items():
        result = run("show", number)
        assert result.exit_code == 0
        assert result.output.splitlines()[0] == f"{number}  no erratum"
        assert " ".join(result.output.split()[3:]) == " ".join(reason.split())
    listed = [line.split()[0] for line in run("list", "errata").output.splitlines()]
    assert listed == [f"S{number}" for number in range(1, 22)]


def test_an_erratum_is_replayed_on_another_port() -> None:
    """The era that mended it keeps the rule: with the same answers, or, of an interleaving, asked again."""
    alone, interleaved = run("replay", "S7", "ref:v3.0"), run("replay", "S1", "ref:v4.19")
    assert (alone.exit_code, interleaved.exit_code) == (0, 0)
    assert alone.output.splitlines()[-1] == "passed: order.gate-closed-when-clean"
    assert "asked again, Never" in interleaved.output


def test_a_file_that_is_called_like_an_erratum_comes_first() -> None:
    Path("S1").write_text("{}")
    assert run("replay", "S1").output.startswith("Error: S1: ")


def test_a_litmus_is_shown_as_it_reads() -> None:
    """All of it."""
    assert (
        run("show", "every-attempt-may-fail").output
        == """\
every-attempt-may-fail

Each of three tables may find no memory, on its own, with two walkers about.

begins:    mm_users is 2; a batch holds 2 tables; each allocation of a batch may fail
cpu0:      gather a: begin, unhook and free 3 PTE tables, end
cpu1:      gup_fast: tables a0, a2
cpu2:      gup_fast: tables a0, a2
cpu3:      nobody: it may run callbacks
forbidden: walk.never-a-freed-table
           A software walker that keeps IRQs off never reads a table that was freed.
asked:     in which interleavings is that rule broken: Never, Sometimes or Always?
sister:    every-attempt-may-fail-careless
archs:     all
run:       mmu-gather run ref -k every-attempt-may-fail/

a0 is the first table, or the first page, that gather a unmaps; b1 the second of gather b.
"""
    )


def test_reports_for_programs_say_what_the_terminal_says() -> None:
    """JSON ends with `complete`; JUnit and KTAP count the same failures."""
    names = ("--json", "r.json", "--junit", "r.xml", "--ktap", "r.ktap")
    result = run("run", "mutant:batch_not_submitted_when_full", *QUICK, *names)
    document = json.loads(Path("r.json").read_text())
    (port,) = document["ports"]
    failed = [case["id"] for case in port["cases"] if case["verdict"] == "violated"]
    assert list(document)[-1] == "complete"
    assert (document["complete"], document["exit_code"]) == (True, result.exit_code) == (True, 1)
    assert failed
    assert JUnitXml.fromfile("r.xml").failures == len(failed)
    ktap = Path("r.ktap").read_text().splitlines()
    assert ktap[0] == "KTAP version 1"
    assert sum(line.strip().startswith("not ok") for line in ktap) == len(failed) + 1


def test_a_baseline_turns_known_violations_into_expected_ones_and_notices_stale_ones() -> None:
    """Exit 0 with it; exit 3 once the port is mended."""
    mutant = "mutant:batch_not_submitted_when_full"
    assert run("run", mutant, *QUICK, "--write-baseline", "known.toml").exit_code == 1
    again = run("run", mutant, *QUICK, "--baseline", "known.toml")
    assert (again.exit_code, "expected" in again.output) == (0, True)
    text = Path("known.toml").read_text().replace(mutant, "ref")
    Path("known.toml").write_text(text)
    mended = run("run", "ref", *QUICK, "--baseline", "known.toml")
    assert (mended.exit_code, "stale" in mended.output) == (3, True)


def test_kconfig_shows_the_compile_failure_and_the_link_failure() -> None:
    """Each with the symbol that is missing."""
    output = run("kconfig").output
    assert "PPC64 UP, select HAVE_RCU_TABLE_FREE if PPC64: compile failure" in output
    assert "PPC32 SMP, select HAVE_RCU_TABLE_FREE if PPC64: link failure" in output


def test_kconfig_shows_another_era_and_knows_which_there_are() -> None:
    """A name that is none has the nearest one beside it."""
    assert (
        "PPC64 UP, select MMU_GATHER_RCU_TABLE_FREE if SMP: compile failure" in run("kconfig", "--era", "v6.12").output
    )
    wrong = run("kconfig", "--era", "v6.11")
    assert (wrong.exit_code, "v6.1" in wrong.output) == (2, True)


def test_timings_are_printed_on_request() -> None:
    """For each port, in microseconds for each effect."""
    assert "microseconds for each effect" in run("run", "ref", *QUICK, "--timings").output


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("import os; os.abort()", 5, "crashed: SIGABRT"),
        ("import os; os._exit(0)", 5, "crashed: exit status 0"),
        ("while True: pass", 5, "timed-out: no answer within 2 s"),
        ("import sys; sys.exit(0)", 5, "SystemExit: 0"),
    ],
)
def test_a_port_that_breaks_while_it_is_imported_is_to_blame(body: str, code: int, said: str) -> None:
    """It is loaded in its worker, never in the suite's own process, and it never passes."""
    Path("breaks.py").write_text(body)
    result = run("run", "py:breaks.py", *QUICK, "--seconds", "2")
    assert result.exit_code == code
    assert said in result.output


def test_a_port_may_be_called_like_a_module_of_the_standard_library() -> None:
    """It is not taken for that module, neither here nor in its worker."""
    assert run("new-port", "python", "mine").exit_code == 0
    for name in ("signal.py", "json.py"):
        Path(name).write_text(Path("mine/port.py").read_text())
        assert "tlb_gather_mmu is not written yet" in run("run", f"py:{name}", *QUICK).output


def test_a_port_that_breaks_before_its_callers_fault_has_no_excuse() -> None:
    """A misuse is no pass for a port that is not written yet."""
    assert run("new-port", "python", "mine").exit_code == 0
    result = run("run", "py:mine/port.py", "--arch", "hash64", "-k", "table-given-twice")
    assert result.exit_code == 5
    assert "py:mine/port.py: 2 cases" in result.output
    assert "2 crashed" in result.output


def test_the_replay_of_a_comparison_says_when_nothing_differs_any_more() -> None:
    """On the port that is named, against the other one of the file."""
    assert run("compare", "ref", "mutant:mask_one_bit_short", "--examples", "200").exit_code == 1
    (file,) = map(str, Path(".mmu-gather").iterdir())
    assert run("replay", file).exit_code == 1
    for option in (("--step",), ("--svg", "drawn.svg")):
        result = run("replay", file, *option)
        assert result.exit_code == 2
        assert "no single run to step through or to draw" in result.output
    mended = run("replay", file, "mutant:mask_one_bit_short")
    assert (mended.exit_code, mended.output.strip().splitlines()[-1]) == (
        0,
        "mutant:mask_one_bit_short and mutant:mask_one_bit_short no longer differ here",
    )


def test_a_violation_can_be_stepped_through_and_drawn() -> None:
    """Without a terminal all screens are printed in turn; the verdict stays, and so does the exit code."""
    assert run("run", "mutant:no_ipi_on_fallback", "--arch", "hash64", "-k", "one-table", "--jobs", "1").exit_code == 1
    file = next(map(str, Path(".mmu-gather").glob("*separation.waited-for-every-cpu.json")))
    plain = run("replay", file)
    stepped = run("replay", file, "--step")
    assert stepped.exit_code == plain.exit_code == 1
    assert "offends against separation.waited-for-every-cpu" in stepped.output
    heads = [line for line in stepped.output.splitlines() if re.match(r"step \d+, \d+ of \d+", line)]
    assert len(heads) == int(heads[0].split(" of ")[1])
    assert stepped.output.splitlines()[-1] == plain.output.splitlines()[-1]
    assert run("replay", file, "--svg", "drawn.svg").exit_code == 1
    root = ElementTree.parse("drawn.svg").getroot()
    assert root.get("role") == "img"
    assert "separation.waited-for-every-cpu" in "".join(root.itertext())
    assert run("replay", file, "--svg", "nowhere/drawn.svg").exit_code == 2


def test_help_loads_nothing_that_draws() -> None:
    """It is quick."""
    program = "import sys; from mmu_gather_conformance.cli import cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"drawsvg", "rich", "msgspec"}.isdisjoint(done.stdout.split())
