# SPDX-License-Identifier: GPL-2.0-only
"""A kernel's own file as a port: found, compiled as it is, or refused with the names that are missing.

What stands for a kernel here is `toy_kernel`, which has a kernel's files and no kernel's code.  `make test-linux` does
the same with real ones.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from mmu_gather_conformance import build, ports
from mmu_gather_conformance.agreement import columns
from mmu_gather_conformance.agreement.driver import compare_exactly
from mmu_gather_conformance.build import cache
from mmu_gather_conformance.check import check, check_all
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.config import machines
from mmu_gather_conformance.elf32 import building
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.linux import compiling, tree
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec.eras import SINCE_V5_7

TOY = Path(__file__).parent / "toy_kernel"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found that another test, or the user, has built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


def change(place: Path, old: str, new: str) -> None:
    """Change the kernel's file in one place."""
    source = place / tree.SOURCE
    text = source.read_text()
    assert text.count(old) == 1
    source.write_text(text.replace(old, new))


def packed(place: Path, out: Path, prefix: str) -> Path:
    """A tarball of a tree, as kernels are packed: everything in one folder, or in none."""
    with tarfile.open(out, "w:xz") as tar:
        for name in ("COPYING", *tree.FILES):
            path = place / name
            if path.exists():
                tar.add(path, prefix + name)
    return out


@pytest.mark.parametrize("prefix", ["linux-6.1/", "./", ""])
def test_a_tarball_holds_what_its_folder_holds(tmp_path: Path, prefix: str) -> None:
    """Whatever its members are called; the second time it is not looked through."""
    out = packed(TOY, tmp_path / "linux.tar.xz", prefix)
    found = tree.find(str(out))
    assert found == tree.find(str(TOY))
    assert found.version == "6.1.0"
    assert [each.is_dir() for each in cache().glob("tree-*")] == [True]
    assert tree.find(str(out)) == found


def test_whether_shared_tables_are_left_through_a_gather_is_read_in_the_text(toy: Path) -> None:
    """A stable series takes that over in the middle of an era, and the shim serves it then."""
    release = tree.find(str(toy))
    assert not release.unshares()
    header = toy / tree.HEADER
    header.write_text(header.read_text() + "/* tlb_flush_unshared_tables() */\n")
    stable = tree.find(str(toy))
    assert (stable.unshares(), stable.era()) == (True, release.era())
    told = [set(compiling.compile_command(files, "v6.1", ())) for files in (release, stable)]
    assert told[1] - told[0] == {"-DSHIM_UNSHARES"}


def test_two_files_in_a_folder_are_enough(toy: Path) -> None:
    """They have no version then, and an era by their text."""
    (toy / tree.MAKEFILE).unlink()
    found = tree.find(str(toy))
    assert (found.version, found.era()) == ("", "v6.1")


@pytest.mark.parametrize(
    ("added", "era"), [("", "v6.1"), ("encoded_page", "v6.12"), ("tlb_remove_table_sync_rcu", "v7.0")]
)
def test_the_era_is_read_in_the_text(toy: Path, added: str, era: str) -> None:
    """By what its files speak of, whatever number the tree has."""
    change(toy, "#include <linux/smp.h>", f"/* {added} */")
    assert tree.find(str(toy)).era() == era


@pytest.mark.parametrize("missing", [tree.SOURCE, tree.HEADER])
def test_a_folder_without_the_files_is_refused_by_their_names(toy: Path, missing: str) -> None:
    """In one line."""
    (toy / missing).unlink()
    with pytest.raises(ProtocolError, match=f"no kernel tree: it has no {missing}"):
        tree.find(str(toy))


def test_what_is_no_tarball_is_refused(tmp_path: Path) -> None:
    """Also what begins like one."""
    for content in (b"no tarball", b"\xfd7zXZ\x00 no more"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(ProtocolError, match="neither a folder nor a tarball"):
            tree.find(str(tmp_path / "file"))


def test_an_include_that_leads_out_of_the_folder_is_not_followed(toy: Path) -> None:
    """An empty file is made for each include, and none elsewhere."""
    change(toy, "#include <linux/smp.h>", "#include <../../smp.h>\n#include </smp.h>\n#include <linux/smp.h>")
    assert tree.find(str(toy)).includes() == ("linux/smp.h", "asm/tlb.h", "linux/toy_types.h", "asm/tlbflush.h")


def test_the_files_are_compiled_as_they_are(tmp_path: Path) -> None:
    """Byte by byte, for every configuration, and without a warning; and not again where nothing has changed."""
    files = tree.find(str(TOY))
    compiling.lay_out(files, "v6.1", tmp_path)
    for name in (tree.SOURCE, tree.HEADER):
        assert (tmp_path / name).read_bytes() == (TOY / name).read_bytes()
    for defines in ((), ("SHIM_SMP",), ("SHIM_SMP", "CONFIG_MMU_GATHER_TABLE_FREE=1")):
        library = compiling.library(files, "v6.1", defines)
        assert compiling.warnings_of(library).read_text() == ""
        made = library.stat().st_mtime_ns
        assert compiling.library(files, "v6.1", defines).stat().st_mtime_ns == made
    assert len(list(cache().glob("*.so"))) == 3


def test_a_kernel_that_the_shim_does_not_serve_is_refused_with_all_names(toy: Path) -> None:
    """Functions, constants and members; the command says them and exits with 5."""
    change(
        toy,
        "\ttlb_flush_mmu_tlbonly(tlb);\n}",
        "\ttlb_flush_mmu_tlbonly(tlb);\n\tbrand_new(tlb, NEW_FLAG);\n\ttlb->mm->new_member = 1;\n}",
    )
    with pytest.raises(compiling.CannotCompile) as refused:
        compiling.library(tree.find(str(toy)), "v6.1", ("SHIM_SMP",))
    assert {"brand_new", "NEW_FLAG", "new_member in struct mm_struct"} <= set(refused.value.lacks)
    done = CliRunner().invoke(cli, ["run", f"linux:{toy}", "--arch", "hash64", "-k", "empty", "--jobs", "1"])
    assert done.exit_code == Exit.PORT_BROKE
    assert "the shim lacks: brand_new, NEW_FLAG, new_member in struct mm_struct" in done.output


@pytest.mark.parametrize("arch", SINCE_V5_7)
def test_a_kernel_that_cannot_be_read_is_refused_on_any_arch(tmp_path: Path, arch: str) -> None:
    """Also on one that the default era does not have: nobody knows which era it is of."""
    done = CliRunner().invoke(cli, ["run", f"linux:{tmp_path}", "--arch", arch, "-k", "empty", "--jobs", "1"])
    assert done.exit_code == Exit.PORT_BROKE
    assert "no kernel tree: it has no mm/mmu_gather.c" in done.output


def test_a_name_that_only_the_linker_misses_is_told_as_well(toy: Path) -> None:
    """It is declared, and nobody has it."""
    change(toy, "\ttlb_flush_mmu_tlbonly(tlb);\n}", "\textern void declared(void);\n\n\tdeclared();\n}")
    with pytest.raises(compiling.CannotCompile, match="the shim lacks: declared"):
        compiling.library(tree.find(str(toy)), "v6.1", ())


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("a.c:1:2: error: implicit declaration of function ‘f’ [-Werror]", ("f",)),
        ("a.c:1:2: error: call to undeclared function 'f'; ISO C99", ("f",)),
        ("error: use of undeclared identifier 'X'\nerror: 'Y' undeclared \nerror: 'X' undeclared", ("X", "Y")),
        ("error: no member named 'm' in 'struct s'", ("m in struct s",)),
        ("error: 'struct s' has no member named 'n'", ("n in struct s",)),
        ("fatal error: internal.h: No such file or directory", ("internal.h",)),
        ("ld: k.o: undefined reference to `g'", ("g",)),
        ("error: expected ';' before 'x'", ()),
    ],
)  # fmt: skip
def test_the_names_are_found_in_what_compilers_say(said: str, lacks: tuple[str, ...]) -> None:
    """gcc's words and clang's, and the linker's."""
    assert compiling.lacking(said) == lacks


@pytest.fixture
def no_narrow_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that makes no code of 32 bits."""
    script = tmp_path / "cc-64"
    refusal = 'echo "error: sorry, unimplemented: 32-bit mode not compiled in" >&2; exit 1'
    script.write_text(f'#!/bin/sh\ncase " $* " in *" -m32 "*) {refusal};; esac\nexec {build.compiler()} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))


@pytest.fixture
def narrow_code() -> None:
    """A compiler that does."""
    try:
        building.host()
    except building.Only64Bits as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("narrow_code")
def test_a_machine_of_32_bits_runs_code_of_32_bits() -> None:
    """hash32 and the 32-bit members of nohash; no other."""
    port = ports.open_port(f"linux:{TOY}")
    words = {config.suffix(): port.image(config).native for config in machines(("hash32", "nohash", "radix"))}
    assert {name: native and native.bits_per_long for name, native in words.items()} == {
        "hash32": 32, "hash32/up": 32, "hash32/up-603": 32,
        "nohash": 64, "nohash/32bit": 32, "nohash/up": 64,
        "radix": 64,
    }  # fmt: skip
    report = check(f"linux:{TOY}", keyword="empty", bits=(32,))
    assert {case.verdict for case in report.cases} == {Verdict.PASSED}
    assert {case.id.partition("/")[2] for case in report.cases} >= {"hash32", "nohash/32bit"}


@pytest.mark.usefixtures("no_narrow_code")
def test_where_the_compiler_makes_no_such_code_the_case_says_so() -> None:
    """It is no pass; who asks for the other machines has them."""
    broken = check(f"linux:{TOY}", archs=["nohash"], keyword="empty-gather/nohash/32bit")
    ((verdict, detail),) = {(case.verdict, case.detail) for case in broken.cases}
    assert verdict is Verdict.PROTOCOL_ERROR
    assert "makes no such code with -m32: error: sorry, unimplemented" in detail
    arguments = ["run", f"linux:{TOY}", "--arch", "nohash", "-k", "empty", "--jobs", "1"]
    assert CliRunner().invoke(cli, arguments).exit_code == Exit.PORT_BROKE
    assert CliRunner().invoke(cli, [*arguments, "--bits", "64"]).exit_code == Exit.CONFORMS


@pytest.mark.usefixtures("narrow_code")
def test_a_name_that_is_missed_with_32_bits_is_told_as_well(toy: Path) -> None:
    """What the process has that such code runs in is not missed."""
    change(toy, "\ttlb_flush_mmu_tlbonly(tlb);\n}", "\textern void declared(void);\n\n\tdeclared();\n}")
    with pytest.raises(compiling.CannotCompile, match=r"the shim lacks: declared$"):
        compiling.library(tree.find(str(toy)), "v6.1", (), 32)


def test_a_kernel_of_no_known_era_is_refused(toy: Path) -> None:
    """Its text says nothing of what the eras with such files have."""
    for name in (tree.SOURCE, tree.HEADER):
        text = (toy / name).read_text()
        (toy / name).write_text(text.replace("tlb_remove_table_sync_one", "toy_sync_one"))
    refused = check(f"linux:{toy}", archs=["hash64"], keyword="empty")
    assert {case.verdict for case in refused.cases} == {Verdict.PROTOCOL_ERROR}
    assert "name one with --era" in refused.cases[0].detail


def test_a_kernel_can_be_held_to_an_era_that_is_named(toy: Path) -> None:
    """Whatever its text says."""
    change(toy, "#include <linux/smp.h>", "/* encoded_page */")
    own = check(f"linux:{toy}", archs=["hash64"], keyword="empty")
    assert {case.verdict for case in own.cases} == {Verdict.PROTOCOL_ERROR}  # it has not what v6.12 has
    named = check(f"linux:{toy}", archs=["hash64"], keyword="empty", era="v6.1")
    assert {case.verdict for case in named.cases} == {Verdict.PASSED}


def test_a_kernel_is_held_to_the_law_of_its_era() -> None:
    """By the path of every port: this one waits in a way of its own, and walkers are safe from it.

    What its era has, it has as well: the rmap of a dirty page does not wait for the flush.
    """
    report = check_all([f"linux:{TOY}"], archs=["hash64", "hardware-walker"], jobs=1, rule="walk.*", keyword="hardware")
    (port,) = report.ports
    assert (port.era, port.version) == ("v6.1", "6.1.0")
    assert {case.verdict for case in port.cases} == {Verdict.PASSED, Verdict.AS_WRITTEN}
    found = {(found.failure.case, found.erratum) for case in port.cases for found in case.found}
    assert found == {("taken-for-clean/hardware-walker", "S15")}
    assert len(port.cases) > 10


def test_a_report_says_no_version_of_a_kernel_whose_tree_says_none(toy: Path) -> None:
    """The era that its text is of is no version."""
    (toy / tree.MAKEFILE).unlink()
    report = check(f"linux:{toy}", archs=["hash64"], keyword="empty")
    assert (report.era, report.version, report.verdict) == ("v6.1", "", Verdict.PASSED)


def test_a_kernel_brings_no_arch_half() -> None:
    """Who asks for that alone is told so."""
    report = check(f"linux:{TOY}", archs=["hash64"], keyword="empty", halves=("arch",))
    assert {(case.verdict, case.detail) for case in report.cases} == {
        (Verdict.PROTOCOL_ERROR, "a kernel's mm/mmu_gather.c has no arch half")
    }


def test_a_kernel_that_breaks_the_law_is_shown_where(toy: Path) -> None:
    """Without its flush, hardware reads a table that was freed; the era's name stands in the report."""
    change(toy, "\ttlb_flush_mmu(tlb);\n\ttlb_remove_table_sync_one();\n", "\ttlb_remove_table_sync_one();\n")
    report = check(f"linux:{toy}", archs=["hardware-walker"], keyword="hardware")
    violated = {rule for case in report.cases for rule, verdict in case.rules.items() if verdict is Verdict.VIOLATED}
    assert "walk.hardware-never-a-freed-table" in violated


def test_a_kernel_that_is_not_the_reference_is_shown_beside_it() -> None:
    """Both runs, from before the place where they part; the marked lines are those that differ."""
    found = compare_exactly(f"linux:{TOY}", "ref:v6.1", archs=("hash64",), keyword="nine-pages/hash64")
    assert found.parted is not None
    text = columns.lines(found)
    assert "differ in nine-pages/hash64" in text[0]
    assert "calls: Gather(), Page(count=9), Finish()" in text[1]
    marked = [line for line in text if line.startswith(">")]
    assert "tlb_flush(tlb)" in marked[0]
    assert not any("tlb_gather_mmu" in line for line in marked)


def test_a_kernel_that_crashes_is_told_with_the_case(toy: Path) -> None:
    """The worker is gone, and the command says what it was asked."""
    change(toy, "\tinc_tlb_flush_pending(mm);\n", "\t*(volatile int *)0x10 = 1;\n")
    found = compare_exactly(f"linux:{toy}", "ref:v6.1", archs=("hash64",), keyword="empty-gather/hash64")
    assert found.broke is not None
    assert (found.broke.verdict, found.where) == (Verdict.CRASHED, "empty-gather/hash64")
    assert "SIGSEGV" in columns.lines(found)[0]
