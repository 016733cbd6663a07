# SPDX-License-Identifier: GPL-2.0-only
"""Ports whose words have 32 bits: held to the law in a process of their own, which may break as any port may."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cffi
import pytest
from click.testing import CliRunner
from mmu_gather_conformance import build, ports
from mmu_gather_conformance.agreement.runs import SamePlaces
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.check import check
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.config import CONFIGS, machines, small
from mmu_gather_conformance.elf32 import building
from mmu_gather_conformance.elf32.elf import Elf32
from mmu_gather_conformance.elf32.structs import Layout
from mmu_gather_conformance.image import Image, Native, ProtocolError
from mmu_gather_conformance.recorder import Outcome, Recorder
from mmu_gather_conformance.replaying import replay
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.scenario import Answers, Finish, Gather, Scenario, Table
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec import events as ev
from mmu_gather_spec.eras import DEFAULT_ERA

NARROW = (32,)
CASE = "one-page/hash32/up"
FLAGS = (*building.FLAGS, "-nostdlib")
#: A gather that was never begun: Python reads garbage, C follows it.
BY_NATURE_ELSE = {"finish-without-gather"}
#: What hostile.c asks of a C library: declared, and not there.
STDIO = "typedef struct file FILE;\nextern FILE *stdout;\nint puts(const char *);\nint fflush(FILE *);\n"
STDLIB = "void abort(void);\nvoid exit(int);\n"


@pytest.fixture(scope="module", autouse=True)
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program of the process, built in this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        try:
            yield building.host()
        except building.Only64Bits as error:
            pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the libraries of this file are built."""
    made = tmp_path_factory.mktemp("libraries")
    (made / "stdio.h").write_text(STDIO)
    (made / "stdlib.h").write_text(STDLIB)
    return made


@pytest.fixture(scope="module")
def library(folder: Path) -> Path:
    """The seed's design in C."""
    return build.shared_library(build.C_PORTS / "rfc_2010.c", folder / "rfc_2010.so", flags=FLAGS)


def hostile(folder: Path, macro: str) -> CaseResult:
    """What became of one case under a library that misbehaves."""
    flags = (*FLAGS, f"-I{folder}")
    made = build.shared_library(build.C_PORTS / "hostile.c", folder / f"{macro}.so", (macro,), flags)
    seconds = 1.5 if macro == "SPIN" else 30.0
    (result,) = check(f"so:{made}", archs=["hash32"], keyword=CASE, seconds=seconds).cases[:1]
    return result


def test_the_seeds_design_in_c_conforms_where_a_word_has_32_bits(library: Path) -> None:
    """On every such machine, at the real and at the small capacity, and among other gathers; on no other."""
    report = check(f"so:{library}", keyword="pages")
    assert {case.verdict for case in report.cases} == {Verdict.PASSED, Verdict.AS_WRITTEN}
    there = [config for real in machines(CONFIGS, NARROW) for config in (real, small(real))]
    assert {case_id.partition("/")[2] for case_id in report.declared} == {config.suffix() for config in there}


def runs(port: ports.Port, case: Case, native: Native | None = None) -> dict[tuple[object, ...], tuple[object, ...]]:
    """What a port did under each pattern of answers; need_flush, which the seed does not write, is zero."""
    recording = Recorder(port.image(case.config), case.scenario, case.config, native).record()
    return {
        (run.choices, run.nested_at, run.outcome): tuple(map(_plain, run.trace[1:]))
        for run in recording.runs
        if run.fill == 0
    }


def same_places(image: Image) -> Native | None:
    """Pages in Python at the addresses that a compiled generic half is given, if there is one."""
    assert image.native is not None
    place = image.native.place
    return Native(lambda: SamePlaces(place), 32, place) if place else None


def _plain(event: ev.AnyEvent) -> object:
    """An event; a BUG without its text, which is C or Python."""
    return ev.Bug if isinstance(event, ev.Bug) else event


@pytest.mark.parametrize("halves", [("generic", "arch"), ("generic",), ("arch",)], ids="-".join)
def test_the_c_port_does_what_the_reference_does(library: Path, halves: tuple[str, ...]) -> None:
    """Event by event and at the same addresses, under every pattern of answers."""
    port, reference = ports.open_port(f"so:{library}", halves=halves), ports.open_port("ref")
    compared = 0
    for case in cases(port.archs, DEFAULT_ERA, bits=NARROW):
        if case.scenario.builds or case.scenario.name in BY_NATURE_ELSE:
            continue
        if not case.config.small and (len(halves) == 1 or not case.config.smp):
            continue
        assert runs(port, case) == runs(reference, case, same_places(port.image(case.config))), case.id
        compared += 1
    assert compared > 60


def test_a_batch_of_a_4k_page_holds_1021_tables(library: Path) -> None:
    """So many go to call_rcu_sched() at once, and then what is left."""
    scenario = Scenario("full", "A batch and one table more.", (Gather(), Table(count=1022), Finish()), Answers())
    config = CONFIGS["hash32"][0]
    run, _ = Recorder(ports.open_port(f"so:{library}").image(config), scenario, config).run(())
    boot = run.trace[0]
    assert isinstance(boot, ev.Booted)
    assert (boot.bits_per_long, boot.max_table_batch) == (32, 1021)
    assert [len(event.tables) for event in run.trace if isinstance(event, ev.CallRcu)] == [1021, 1]


def test_the_wrong_one_is_caught_by_the_rule_it_breaks_and_its_run_can_be_replayed(folder: Path) -> None:
    """The fallback without its IPI, found, saved as data, and found again."""
    wrong = build.shared_library(build.C_PORTS / "wrong_no_ipi.c", folder / "wrong.so", flags=FLAGS)
    report = check(f"so:{wrong}", archs=["hash32"], keyword="every-allocation")
    found = [each for case in report.cases for each in case.found if each.verdict is Verdict.VIOLATED]
    assert {each.rule for each in found} == {"separation.waited-for-every-cpu"}
    _, code = replay(found[0].failure, f"so:{wrong}")
    assert code is Exit.VIOLATED


@pytest.mark.parametrize(
    ("macro", "verdict", "detail"),
    [
        ("SEGFAULT", Verdict.CRASHED, "SIGSEGV"),
        ("SPIN", Verdict.TIMED_OUT, "no answer within 1.5 s"),
        ("LOOP", Verdict.TIMED_OUT, "20001 effects in one run, and no end: it is in a loop"),
        ("BABBLES", Verdict.CRASHED, "its process talks nonsense: a message of kind 0x6d206f6e"),
        ("PAST_GATHER", Verdict.CRASHED, "SIGSEGV"),
        ("PAST_PAGE", Verdict.CRASHED, "SIGSEGV"),
        ("AFTER_FREE", Verdict.CRASHED, "SIGSEGV"),
        ("HALF", Verdict.PROTOCOL_ERROR, "missing: pmd_free_tlb, tlb_remove_tlb_entry"),
    ],
)
def test_a_library_that_breaks_is_named_by_what_it_did(folder: Path, macro: str, verdict: Verdict, detail: str) -> None:
    """The signal, the limit, or the functions that are missing."""
    result = hostile(folder, macro)
    assert (result.verdict, result.detail) == (verdict, detail)


def test_of_a_run_that_crashes_all_is_known_up_to_there(folder: Path) -> None:
    """The process that asked lives on; here a page had been given back."""
    (found,) = hostile(folder, "AFTER_FREE").found
    assert any("free_page" in line for line in found.lanes)


def test_a_crash_costs_one_case(folder: Path) -> None:
    """After a SIGSEGV the next case is run in a new process."""
    made = build.shared_library(
        build.C_PORTS / "hostile.c", folder / "again.so", ("SEGFAULT",), (*FLAGS, f"-I{folder}")
    )
    report = check(f"so:{made}", archs=["hash32"], keyword="one-page")
    assert [case.verdict for case in report.cases] == [Verdict.CRASHED] * len(report.declared)


def test_a_port_is_the_same_in_a_new_process(library: Path, host: Path) -> None:
    """Also its functions, which were looked up in the old one; the run in which that died has crashed."""
    port = ports.open_port(f"so:{library}")
    (case, *_) = cases(("hash32",), DEFAULT_ERA, CASE)
    image = port.image(case.config)
    recorder = Recorder(image, case.scenario, case.config)
    before, _ = recorder.run(())
    kill(host)
    broken, _ = recorder.run(())
    assert (broken.outcome, broken.detail) == (Outcome.CRASHED, "SIGKILL")
    after, _ = recorder.run(())
    assert after == before


def test_a_run_has_no_effects_after_its_bug_even_if_the_library_does_not_hear(folder: Path) -> None:
    """It calls the environment past the header's wrappers, and returns as if nothing had been."""
    flags = (*FLAGS, f"-I{folder}")
    deaf = build.shared_library(build.C_PORTS / "hostile.c", folder / "DEAF.so", ("DEAF",), flags)
    (case, *_) = cases(("hash32",), DEFAULT_ERA, CASE)
    image = ports.open_port(f"so:{deaf}").image(case.config)
    run, _ = Recorder(image, case.scenario, case.config).run(())
    at = next(at for at, event in enumerate(run.trace) if isinstance(event, ev.Bug))
    assert [type(event) for event in run.trace[at + 1 :] if event.agent == "a"] == [ev.Quiescent]


@pytest.mark.parametrize(
    ("macro", "said"),
    [
        ("REFUSES", "refuses ABI 1"),
        ("ABORT", "needs abort: there is no C library where it runs"),
        ("CHATTER", "needs fflush, puts, stdout: there is no C library where it runs"),
    ],
)
def test_a_library_that_cannot_be_loaded_says_why(folder: Path, macro: str, said: str) -> None:
    """In one line, with all names that it lacks."""
    result = hostile(folder, macro)
    assert result.verdict is Verdict.PROTOCOL_ERROR
    assert said in result.detail


def test_what_is_no_library_of_i386_is_refused(library: Path, tmp_path: Path) -> None:
    """One of another machine, one that is cut off anywhere, and one without a table."""
    whole = library.read_bytes()
    other = tmp_path / "other.so"
    other.write_bytes(whole[:18] + struct.pack("<H", 8) + whole[20:])
    with pytest.raises(ProtocolError, match="has words of 32 bits, and is not of i386"):
        ports.open_port(f"so:{other}")
    cut = tmp_path / "cut.so"
    for size in (5, 40, 60, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        with pytest.raises(ProtocolError, match="is not a whole ELF file"):
            ports.open_port(f"so:{cut}")
    empty = tmp_path / "empty.c"
    empty.write_text("int nothing;")
    with pytest.raises(ProtocolError, match="has no symbol mmu_gather_get_ops"):
        ports.open_port(f"so:{build.shared_library(empty, tmp_path / 'empty.so', flags=FLAGS)}")


def test_a_library_of_32_bits_runs_on_no_wider_machine(library: Path) -> None:
    """No case is declared, and whoever asks nevertheless is told."""
    assert check(f"so:{library}", archs=["hash64"]).declared == ()
    done = CliRunner().invoke(cli, ["run", f"so:{library}", "--arch", "hash64", "--jobs", "1"])
    assert done.exit_code == Exit.NOTHING_RAN
    with pytest.raises(ProtocolError, match="a word of hash64 has 64 bits, and the library's have 32"):
        ports.open_port(f"so:{library}").image(CONFIGS["hash64"][0])


def test_the_names_of_a_library_are_those_that_it_defines(library: Path) -> None:
    """And what it needs is what the process has."""
    file = Elf32(library)
    assert set(file.addresses()) == {"mmu_gather_era", "mmu_gather_get_ops"}
    assert (file.text("mmu_gather_era"), file.text("mmu_gather_nothing")) == ("rfc-2010", "")
    assert file.missing(()) == ("longjmp", "setjmp", "strcmp")
    assert file.missing(Elf32(building.host()).addresses()) == ()


def test_a_member_that_is_no_word_is_refused() -> None:
    """No struct of the header has one."""
    ffi = cffi.FFI()
    ffi.cdef("struct odd { int fine; char narrow; };")
    with pytest.raises(AssertionError, match="a char is no word"):
        Layout(ffi.typeof("struct odd"))


def test_the_process_ends_with_the_one_that_it_belongs_to(folder: Path, host: Path) -> None:
    """Also where it is in a loop that asks for nothing: its worker was killed."""
    assert hostile(folder, "SPIN").verdict is Verdict.TIMED_OUT
    for _ in range(500):
        if set(running(host).values()) <= {os.getpid()}:
            return
        time.sleep(0.01)
    pytest.fail("it is in its loop yet")


def running(program: Path) -> dict[int, int]:
    """The processes of a program, and whose children they are."""
    found = {}
    for each in Path("/proc").glob("[0-9]*/exe"):
        with suppress(OSError):  # it is gone meanwhile, or another user's
            if each.readlink() == program:
                stat = each.with_name("stat").read_text(encoding="utf-8")
                found[int(each.parent.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def kill(program: Path) -> None:
    """Take away the processes of a program that belong to this one."""
    for process, parent in running(program).items():
        if parent == os.getpid():
            os.kill(process, signal.SIGKILL)


def test_a_machine_that_runs_no_such_program_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the compiler makes is tried before it is kept."""
    script = tmp_path / "cc"
    script.write_text(
        '#!/bin/sh\nfor out; do case "$before" in -o) echo none >"$out"; chmod +x "$out";; esac; before=$out; done\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    with pytest.raises(building.Only64Bits, match="this machine runs no such program: Exec format error"):
        building.host()
