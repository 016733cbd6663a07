# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's own mm/mmu_gather.c: compiled as it is, held to the rules of its era, and equal to the reference.

Machines whose words have 32 bits run it with such words, if the compiler makes them; if not, their part is skipped.
The trees are those of `LINUX_TREES`.  Where a tree and the reference part, one of the two is wrong, and the printed
columns show where.  What breaks a tree is done to a copy in a temporary folder, by replacing a few of its words.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from guides import DOCS, KERNEL, Reader
from mmu_gather_conformance import machine_readable, ports, python_port
from mmu_gather_conformance.agreement import columns
from mmu_gather_conformance.agreement.driver import compare_exactly
from mmu_gather_conformance.agreement.runs import OF_STABLE_SERIES
from mmu_gather_conformance.check import check, check_all
from mmu_gather_conformance.config import WIDTHS, machines
from mmu_gather_conformance.elf32 import building, elf
from mmu_gather_conformance.linux import compiling, tree
from mmu_gather_conformance.linux.port import BATCHING, defines
from mmu_gather_conformance.report import Report
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec.arch import ARCHS, SHARING
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.record import replace
from mmu_gather_spec.rules import RULES

TREES: Final = os.environ.get("LINUX_TREES", "").split()
if not TREES:
    raise RuntimeError("LINUX_TREES names no kernel trees: run `make test-linux`")

#: Random call sequences for each tree; fewer where time is short.
EXAMPLES: Final = int(os.environ.get("LINUX_EXAMPLES", "100_000"))
JOBS: Final = min(4, os.cpu_count() or 1)
#: Options that an architecture may select or leave, beside the batching of tables.
OPTIONS: Final = ("SHIM_SMP", "CONFIG_MMU_GATHER_PAGE_SIZE=1", "CONFIG_MMU_GATHER_MERGE_VMAS=1")
TABLES: Final = tuple(f"{name}=1" for name in BATCHING)

#: Functions that a tree has on these architectures alone.
ONLY_SHARING: Final = {"tlb_unshare_pmd_ptdesc", "tlb_flush_unshared_tables"}

#: What is left out of the file or changed in it; the architecture on which that shows; and by which rule, if by one.
#: A store behind the end of a page is a crash.
BROKEN: Final = {
    "no invalidate before a batch is submitted": (
        r"(static void tlb_table_flush\(.*?)\n\t\ttlb_table_invalidate\(tlb\);", r"\1",
        "radix", "walk.hardware-never-a-freed-table",
    ),
    "no invalidate before one table is freed": (
        r"\n\t\t\ttlb_table_invalidate\(tlb\);", "",
        "radix", "walk.hardware-never-a-freed-table",
    ),
    "no interrupt before one table is freed": (
        r"\ttlb_remove_table_sync_one\(\);\n(\t__tlb_remove_table\()", r"\1",
        "hash64", "separation.waited-for-every-cpu",
    ),
    "a batch that is full is not submitted": (
        r"== MAX_TABLE_BATCH\b", "== MAX_TABLE_BATCH + 1",
        "hash64", "crashed",
    ),
    "a batch of 32-bit words that is full is not submitted": (
        r"== MAX_TABLE_BATCH\b", "== MAX_TABLE_BATCH + 1",
        "hash32", "crashed",
    ),
    "a nested gather flushes no tables": (
        r"\n\t\ttlb->freed_tables = 1;\n\t\}", "\n\t}",
        "arm64", "",
    ),
    "no flush for a table that was left": (
        r"\n\tif \(tlb->unshared_tables\)\n\t\ttlb_flush_mmu_tlbonly\(tlb\);", "",
        "arm64", "order.unshared-flushed-in-time",
    ),
    "no interrupt where a table is another's alone": (
        r"(if \(tlb->fully_unshared_tables\) \{)\n\t\ttlb_remove_table_sync_one\(\);", r"\1",
        "x86", "walk.never-a-reused-table",
    ),
}  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Everything is built in this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def missing(_own_cache: None) -> str:
    """Why the compiler makes no code of 32 bits; empty where it does."""
    try:
        building.host()
    except building.Only64Bits as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def bits(missing: str) -> tuple[int, ...]:
    """Which machines there can be, by how many bits their words have."""
    return (64,) if missing else WIDTHS


@pytest.fixture(scope="module", params=TREES)
def place(request: pytest.FixtureRequest) -> str:
    """Where a kernel is."""
    return str(request.param)


@pytest.fixture(scope="module")
def report(place: str, bits: tuple[int, ...]) -> Report:
    """The kernel held to the rules, on every architecture."""
    return check_all([f"linux:{place}"], bits=bits, jobs=JOBS)


def era_of(files: tree.KernelFiles) -> str:
    """The era that a tree is of; a tree of none is a failure."""
    era = files.era()
    assert era in ERAS, "it looks like no era that the specification knows"
    return era


def unpack(files: tree.KernelFiles, place: Path) -> None:
    """A kernel's two files, in a folder."""
    for name, content in ((tree.SOURCE, files.source), (tree.HEADER, files.header)):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def configurations(era: str, bits: tuple[int, ...]) -> set[tuple[int, tuple[str, ...]]]:
    """Every way in which some machine of the era has the file compiled; with 64 bits every choice of options, too."""
    chosen = {
        (config.bits_per_long, defines(config, python_port.half(ports.reference_arch(config, era))))
        for config in machines(ERAS[era].archs, bits)
    }
    for kept in itertools.product((False, True), repeat=len(OPTIONS)):
        options = tuple(itertools.compress(OPTIONS, kept))
        chosen |= {(64, options), (64, (*TABLES, *options))}
    return chosen


def test_words_of_32_bits_are_made_here(missing: str) -> None:
    """If this is skipped, so is the part of all the others that is about machines with such words."""
    if missing:
        pytest.skip(missing)
    assert elf.is_elf32(building.host())


def test_the_file_is_compiled_as_it_is_and_without_a_warning(place: str, bits: tuple[int, ...]) -> None:
    """In every configuration, with words of its width."""
    files = tree.find(place)
    era = era_of(files)
    wanted = configurations(era, bits)
    built = [compiling.library(files, era, each, width) for width, each in sorted(wanted)]
    assert {width for width, _ in wanted} == set(bits)
    assert len(built) >= 2 ** (len(OPTIONS) + 1)
    assert {compiling.warnings_of(each).read_text() for each in built} == {""}


def test_a_tree_that_leaves_shared_tables_is_asked_to(place: str, bits: tuple[int, ...]) -> None:
    """Where its address spaces share them; elsewhere it has no such functions, and only the gather of one mapping."""
    port = ports.open_port(f"linux:{place}")
    has = {each: port.image(each).symbols.keys() & OF_STABLE_SERIES for each in machines(port.archs, bits)}
    all_of_them = OF_STABLE_SERIES if tree.find(place).unshares() else frozenset[str]()
    assert has == {each: all_of_them - (set() if each.arch in SHARING else ONLY_SHARING) for each in has}


def test_batches_of_tables_without_rcu_are_no_configuration(place: str) -> None:
    """The file asks for what it defines only with RCU: tlb_needs_table_invalidate()."""
    files = tree.find(place)
    with pytest.raises(compiling.CannotCompile, match="tlb_needs_table_invalidate"):
        compiling.library(files, era_of(files), ("CONFIG_MMU_GATHER_TABLE_FREE=1", "SHIM_SMP"))


#: Asserted by the compiler: what one batch of tables holds, by the size of a page and of a word.
SIZES: Final = """
#include <asm/tlb.h>
#define HOLDS(page) (((page) - sizeof(struct mmu_table_batch)) / sizeof(void *))
_Static_assert(HOLDS(4096) == (sizeof(long) == 8 ? 509 : 1021), "4K");
_Static_assert(HOLDS(65536) == (sizeof(long) == 8 ? 8189 : 16381), "64K");
"""


@pytest.mark.parametrize("width", [64, 32])
def test_a_batch_holds_what_the_specification_says_it_holds(
    place: str, width: int, bits: tuple[int, ...], tmp_path: Path
) -> None:
    """On either width of a word, says the compiler."""
    if width not in bits:
        pytest.skip("there are no words of 32 bits here")
    files = tree.find(place)
    era = era_of(files)
    command = compiling.compile_command(files, era, (*TABLES, "SHIM_SMP"), width)
    source = tmp_path / "sizes.c"
    source.write_text(SIZES)
    command += compiling.lay_out(files, era, tmp_path)
    for each in (source, tmp_path / tree.SOURCE):
        done = subprocess.run(
            [*command, "-c", "-o", str(tmp_path / "out.o"), str(each)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_file_keeps_the_rules_of_its_era(report: Report) -> None:
    """On every architecture, alone and among walkers, hardware and other gathers."""
    (port,) = report.ports
    bad = [
        (case.id, case.verdict.value, case.detail)
        for case in port.cases
        if case.verdict not in (Verdict.PASSED, Verdict.AS_WRITTEN)
    ]
    assert bad == []
    assert report.exit_code() is Exit.CONFORMS
    assert {case.id for case in port.cases} == set(port.declared)
    assert len(port.cases) > 500


def test_the_pages_say_what_the_file_comes_to(report: Report, missing: str, tmp_path: Path) -> None:
    """Of the kernels that they speak of; where this fails, the difference is for a person to read."""
    if missing:
        pytest.skip(f"not every machine was there: {missing}")
    major = ".".join(report.ports[0].version.split(".")[:2])
    if not (DOCS / "results" / f"linux-{major}.json").exists():
        pytest.skip(f"docs/results has no kernel {major or 'without a version'}")
    machine_readable.write_json(report, tmp_path / "report.json")
    command = [sys.executable, str(DOCS / "_ext" / "results.py"), "--check", str(tmp_path / "report.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_file_is_equal_to_the_reference_event_by_event(place: str, bits: tuple[int, ...]) -> None:
    """In every scenario under every pattern of answers, and in random call sequences."""
    era = era_of(tree.find(place))
    found = compare_exactly(f"linux:{place}", f"ref:{era}", bits=bits, examples=EXAMPLES, jobs=JOBS)
    assert found.exact, "\n".join(columns.lines(found))
    assert found.examples == EXAMPLES
    assert found.cases > 500


@pytest.mark.parametrize("what", BROKEN)
def test_a_copy_that_is_broken_is_caught(place: str, what: str, bits: tuple[int, ...], tmp_path: Path) -> None:
    """By the comparison with the reference; and by its rule, or by the end of the process."""
    pattern, replacement, arch, sign = BROKEN[what]
    if ARCHS[arch].bits_per_long not in bits:
        pytest.skip("there are no words of 32 bits here")
    files = tree.find(place)
    if "unshared" in pattern and not files.unshares():
        pytest.skip("no shared table is left through a gather here")
    copy, texts, found_in = tmp_path / "broken", [], 0
    for content in (files.source, files.header):
        text, count = re.subn(pattern, replacement, content.decode(), count=1, flags=re.DOTALL)
        found_in += count
        texts.append(text.encode())
    assert found_in == 1
    unpack(replace(files, source=texts[0], header=texts[1]), copy)
    found = compare_exactly(f"linux:{copy}", f"ref:{era_of(files)}", archs=(arch,), jobs=JOBS)
    assert not found.exact
    if sign:
        rule, keyword = (sign, "") if sign in RULES else ("*", "batch-full")
        report = check(f"linux:{copy}", archs=[arch], rule=rule, keyword=keyword)
        violated = {
            rule for case in report.cases for rule, verdict in case.rules.items() if verdict is Verdict.VIOLATED
        }
        assert sign in violated | {case.verdict.value for case in report.cases}
    shutil.rmtree(copy)


def test_the_guide_shows_what_is_so(tmp_path: Path) -> None:
    """Every command of it; the tree that it speaks of has to be among these."""
    found = [files for place in TREES if (files := tree.find(place)).era() == "v6.12"]
    if not found:
        pytest.skip(f"none of these trees is a {KERNEL}")
    for name in (KERNEL, "mine"):
        unpack(found[0], tmp_path / "folder" / name)
    guide = (DOCS / "kernel-file.rst").read_text("utf-8")
    assert Reader(tmp_path / "folder", tmp_path / "bin").follow(guide) >= 8
