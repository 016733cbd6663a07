# SPDX-License-Identifier: GPL-2.0-only
"""A new port, in each language and of each era: it is whole, typed, builds, runs, and says that it is not written.

And one of a later era that was written from it, otherwise than the kernel is: it conforms.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from mmu_gather_conformance import c_header, scaffold
from mmu_gather_conformance.check import check
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.elf32 import building
from mmu_gather_conformance.scaffold import told
from mmu_gather_conformance.static.check_types import check_types
from mmu_gather_conformance.static.verdict import Static
from mmu_gather_conformance.verdict import Exit, Verdict, exit_code
from mmu_gather_spec.contract import contract_of
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS

OTHER: Final = Path(__file__).parent / "other_ports" / "v6_12_with_a_list.py"
QUICK: Final = ("--arch", "hash64", "-k", "one-table/hash64", "--jobs", "1")


def run(*words: str) -> Result:
    """A command, as it is typed."""
    return CliRunner().invoke(cli, words)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test makes its ports in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_a_port_is_not_made_where_something_is() -> None:
    """Nothing is overwritten, and an era that there is not is told with those that there are."""
    assert run("new-port", "python", "mine", "--era", "v6.12").exit_code == 0
    assert run("new-port", "c", "mine").exit_code == 2
    wrong = run("new-port", "python", "other", "--era", "v6.13")
    assert (wrong.exit_code, "did you mean v6.1" in wrong.output) == (2, True)
    assert not Path("other").exists()


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("language", scaffold.LANGUAGES)
def test_a_port_has_every_function_of_its_era_and_its_page_every_rule(language: str, era: str) -> None:
    """And nothing is left of the templates."""
    made = {path.name: path.read_text() for path in scaffold.make(language, Path("mine"), era)}
    of = contract_of(era)
    code = made["port.py" if language == "python" else "port.c"]
    for name in told.provided(of):
        assert (f"def {name}(" if language == "python" else f"({name})(") in code
        assert f"{name} is not written yet" in code
    for rule in told.rules(era):
        assert rule in made["README.md"]
    assert [name for name, text in made.items() if re.search(r"@\w+@", text)] == []


def test_a_new_port_in_python_has_the_shapes_of_its_eras_contract() -> None:
    """Each says which era that is, and the checker goes by it."""
    ports = [str(scaffold.make("python", Path(era), era)[0]) for era in ERAS]
    for era, report in zip(ERAS, check_types(*ports), strict=True):
        assert report.era == era
        assert {each.verdict for each in report.functions} == {Static.OK}
        assert {each.function for each in report.functions} >= set(contract_of(era).generic_half)


@pytest.mark.parametrize("era", ERAS)
def test_a_new_port_in_python_runs_and_fails_honestly(era: str) -> None:
    """It is held to its own era, and names the first function that is not written."""
    scaffold.make("python", Path("mine"), era)
    report = check("py:mine/port.py", archs=["hash64"], keyword="one-table/hash64", in_process=True)
    assert report.era == era
    assert {case.verdict for case in report.cases} == {Verdict.CRASHED}
    assert all("tlb_gather_mmu is not written yet" in case.detail for case in report.cases)


@pytest.mark.parametrize("era", ERAS)
def test_a_new_port_in_c_builds_without_a_warning(era: str) -> None:
    """With the Makefile that it comes with, and the header of its era."""
    scaffold.make("c", Path("mine"), era)
    assert Path("mine/mmu_gather.h").read_text() == c_header.render(era)
    done = subprocess.run(["make", "-s", "-C", "mine"], check=True, capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("era", ["v2.6.37", "rfc-2010", "v6.12"])
def test_a_new_port_in_c_runs_and_fails_honestly(era: str) -> None:
    """It is held to the era of its header, and is a BUG, which is a verdict on the port."""
    assert run("new-port", "c", "mine", "--era", era).exit_code == 0
    subprocess.run(["make", "-s", "-C", "mine"], check=True, capture_output=True)
    report = check("so:mine/port.so", archs=["hash64"], keyword="one-table/hash64")
    assert report.era == era
    assert {case.verdict for case in report.cases} == {Verdict.VIOLATED}
    assert all("BUG: tlb_gather_mmu is not written yet" in case.found[0].reason for case in report.cases)


#: In v2.6.37 a gather is a CPU's own; here one that is empty is begun, and ended.
OF_A_CPU: Final = {
    "tlb_gather_mmu": """\
	struct mmu_gather *tlb;

	preempt_disable();
	tlb = __get_cpu_var_mmu_gathers();
	if (tlb->mm)
		mmu_gather_bug("it is not 0 as the machine comes up");
	tlb->mm = mm;
	tlb->need_flush = full_mm_flush;
	return tlb;
""",
    "tlb_finish_mmu": """\
	if (tlb != __get_cpu_var_mmu_gathers() || start || end)
		mmu_gather_bug("it is not the one that was handed out");
	if (tlb->need_flush)
		tlb_flush(tlb);
	tlb->mm = NULL;
	preempt_enable();
""",
}


def test_a_port_in_c_hands_out_the_gather_of_a_cpu_and_is_given_it_again() -> None:
    """By its callers; and it is another run's no more."""
    path = scaffold.make("c", Path("mine"), "v2.6.37")[0]
    text = path.read_text()
    for name, body in OF_A_CPU.items():
        text, count = re.subn(rf'\tmmu_gather_bug\("{name} is not written yet"\);\n(\treturn 0;\n)?', body, text)
        assert count == 1
    path.write_text(text)
    subprocess.run(["make", "-s", "-C", "mine"], check=True)
    report = check("so:mine/port.so", archs=["hash64", "nohash"], keyword="empty-gather")
    assert {case.verdict for case in report.cases} == {Verdict.PASSED}


def test_an_era_that_a_port_makes_up_is_told() -> None:
    """By the run and by the check of its types; and by the run of a library."""
    Path("port.py").write_text('ERA = "v9.9"\n\ndef tlb_flush(tlb):\n    pass\n')
    for words in (("run", "py:port.py", *QUICK), ("check-types", "port.py")):
        result = run(*words)
        assert (result.exit_code, "'v9.9', which is no era" in result.output) == (5, True)
    assert run("new-port", "c", "mine").exit_code == 0
    header = Path("mine/mmu_gather.h")
    header.write_text(header.read_text().replace(f'MMU_GATHER_ERA "{DEFAULT_ERA}"', 'MMU_GATHER_ERA "v9.9"'))
    subprocess.run(["make", "-s", "-C", "mine"], check=True, capture_output=True)
    result = run("run", "so:mine/port.so", *QUICK)
    assert (result.exit_code, "'v9.9', which is no era" in result.output) == (5, True)


def test_what_callers_call_and_a_port_has_not_is_told_by_its_name() -> None:
    """A caller of v6.12 says how large its pages are; a port may leave that out only where nobody does."""
    text = OTHER.read_text()
    start = text.index("def tlb_change_page_size")
    Path("port.py").write_text(text[:start] + text[text.index("def tlb_start_vma") :])
    result = run("run", "py:port.py", "--arch", "radix", "-k", "page-sizes-change", "--jobs", "1")
    assert result.exit_code == 5
    assert "a caller of v6.12 calls tlb_change_page_size(), which the port does not provide" in result.output


def test_a_port_that_is_written_otherwise_than_the_kernel_conforms() -> None:
    """The law of a later era is not its reference's trace in disguise."""
    report = check(f"py:{OTHER}", archs=["hash64", "radix"], in_process=True)
    assert report.era == "v6.12"
    assert exit_code(case.verdict for case in report.cases) is Exit.CONFORMS
    assert len(report.cases) > 300


def test_a_new_port_in_c_builds_with_words_of_32_bits() -> None:
    """By the same Makefile; it is held to the rules on hash32, and is a BUG there as well."""
    scaffold.make("c", Path("mine"), "v6.12")
    try:
        building.host()
    except building.Only64Bits as error:
        pytest.skip(str(error))
    folder = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["make", "-s", "-C", "mine", "port32.so"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": folder})
    assert done.stderr == ""
    report = check("so:mine/port32.so", archs=["hash32"], keyword="one-table/hash32/small")
    assert {case.verdict for case in report.cases} == {Verdict.VIOLATED}
