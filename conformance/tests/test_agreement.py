# SPDX-License-Identifier: GPL-2.0-only
"""Exact agreement: equal ports have equal runs, and one that differs is found, made small, and shown."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from mmu_gather_conformance import ports
from mmu_gather_conformance.agreement import over_the_wire
from mmu_gather_conformance.agreement.driver import compare_exactly
from mmu_gather_conformance.agreement.random_calls import MOST, RandomCalls
from mmu_gather_conformance.agreement.runs import Compared, Pair, Parted, part, shards
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.image import Image
from mmu_gather_conformance.ports import Port
from mmu_gather_conformance.scenario import Finish, Gather, GatherVma, Unshare
from mmu_gather_spec.kernel_later import ptdesc_pmd_pts_dec
from mmu_gather_spec.record import replace
from mmu_gather_spec.words import mmu_gather, ptdesc_p

ERA = "v6.12"
ARCHS = ("hash64", "hardware-walker")


def no_flush(tlb: mmu_gather, /) -> None:
    """In the place of tlb_flush_mmu_tlbonly(): nothing is invalidated."""


def pair(**overrides: object) -> Pair:
    """The reference, and the reference with some functions replaced."""
    return Pair(ports.reference(ERA, "ref"), ports.reference(ERA, "other", overrides))


def test_the_reference_agrees_with_itself() -> None:
    """On a case of many runs and on random calls."""
    same, case = pair(), find("pages-then-tables/hardware-walker/small")
    assert case is not None
    found = same.on_case(case)
    assert found.parted is None
    assert found.runs > 2
    assert same.on_random(ARCHS, 7, 100, 50) == Compared(50)


def without(port: Port, *names: str) -> Port:
    """A port that does not bring these functions."""

    def image(config: Config) -> Image:
        made = port.image(config)
        for name in names:
            del made.symbols[name]
        return made

    return replace(port, image=image)


def test_what_a_port_need_not_bring_and_has_not_is_asked_of_neither() -> None:
    """A release has no functions for shared tables, and its stable series, of the same era, has."""
    case = find("tables-unshared-among-pages/arm64")
    assert case is not None
    release = without(ports.reference(ERA, "release"), "tlb_unshare_pmd_ptdesc", "tlb_flush_unshared_tables")
    found = Pair(ports.reference(ERA, "stable"), release).on_case(case)
    assert found.parted is None
    assert found.runs < pair().on_case(case).runs


def test_a_difference_in_what_a_shared_table_is_left_for_is_found() -> None:
    """In a case, and in random calls."""
    real = ports.reference_generic(ERA)
    leave = next(vars(module)["tlb_unshare_pmd_ptdesc"] for module in real if "tlb_unshare_pmd_ptdesc" in vars(module))

    def twice(tlb: object, pt: ptdesc_p, addr: int, /) -> None:
        leave(tlb, pt, addr)
        ptdesc_pmd_pts_dec(pt)

    case = find("table-unshared/arm64")
    assert case is not None
    assert pair(tlb_unshare_pmd_ptdesc=twice).on_case(case).parted is not None
    found = pair(tlb_unshare_pmd_ptdesc=twice).on_random(("arm64",), 0, 0, 200).parted
    assert found is not None
    assert [type(op) for op in found.case.scenario.ops if not isinstance(op, Gather | GatherVma | Finish)] == [Unshare]


def test_a_difference_in_a_case_is_found_where_it_is() -> None:
    """The first event that differs is the flush that is not there."""
    case = find("one-page/hash64")
    assert case is not None
    found = pair(tlb_flush_mmu_tlbonly=no_flush).on_case(case)
    assert found.parted is not None
    one, other = found.parted.one, found.parted.other
    assert one is not None
    assert other is not None
    at = part(one, other)
    assert one.trace[1:at] == other.trace[1:at]
    assert "tlb_flush" in str(one.trace[at])


def test_a_difference_in_random_calls_is_made_small() -> None:
    """Of the calls only those are left without which there is no difference."""
    found = pair(tlb_flush_mmu_tlbonly=no_flush).on_random(ARCHS, 0, 0, 200)
    assert found.parted is not None
    ops = found.parted.case.scenario.ops
    assert len([op for op in ops if not isinstance(op, Gather | Finish)]) <= 1
    again = pair(tlb_flush_mmu_tlbonly=no_flush).on_random(ARCHS, 0, found.parted.number, 1)
    assert again.parted is not None
    assert again.parted.case == found.parted.case


def test_a_range_that_is_too_short_is_a_difference_where_no_arch_looks_at_it() -> None:
    """hash64 flushes what waits, whatever the range is."""
    real = ports.reference_generic(ERA)
    adjust = next(vars(module)["__tlb_adjust_range"] for module in real if "__tlb_adjust_range" in vars(module))

    def short(tlb: object, address: int, range_size: int, /) -> None:
        adjust(tlb, address, range_size - 1)

    case = find("one-page/hash64")
    assert case is not None
    found = pair(__tlb_adjust_range=short).on_case(case)
    assert found.parted is not None
    assert "FlushRange" in str(found.parted.one and found.parted.one.trace[part(found.parted.one, found.parted.other)])


def test_what_is_found_comes_over_the_wire_as_it_was() -> None:
    """With the case, both runs, and the answers."""
    found = pair(tlb_flush_mmu_tlbonly=no_flush).on_random(ARCHS, 0, 0, 200)
    assert over_the_wire.unpack(over_the_wire.pack(found)) == found
    case = find("one-page/hash64")
    assert case is not None
    assert found.parted is not None
    alone = Compared(3, Parted(case, None, found.parted.one, {}))
    assert over_the_wire.unpack(over_the_wire.pack(alone)) == alone


def test_a_random_caller_is_made_of_its_number_alone() -> None:
    """Whoever came before it; another seed makes another one."""
    calls, others = RandomCalls(ARCHS, 1, ERA), RandomCalls(ARCHS, 2, ERA)
    first = [calls.case(number) for number in range(40)]
    assert [RandomCalls(ARCHS, 1, ERA).case(number) for number in (39, 5)] == [first[39], first[5]]
    assert first != [others.case(number) for number in range(40)]
    assert len({case.config for case in first}) > 3
    assert all(2 <= len(case.scenario.ops) <= MOST + 4 for case in first)


def test_shards_hold_every_number_once() -> None:
    """Also the last ones."""
    assert list(shards(1001, 500)) == [(0, 500), (500, 500), (1000, 1)]
    assert list(shards(0, 500)) == []


def test_two_eras_are_not_compared_exactly() -> None:
    """Each is its own text."""
    with pytest.raises(click.UsageError, match=r"ref:v6\.1 is of v6\.1 and ref:v6\.12 of v6\.12"):
        compare_exactly("ref:v6.1", "ref:v6.12", archs=("hash64",), keyword="empty")


def test_machines_are_chosen_by_the_width_of_their_words() -> None:
    """In the suite's scenarios and in random calls; where there is no such machine the command says so."""
    calls = RandomCalls(("hash32", "nohash"), 1, ERA, bits=(32,))
    assert {calls.case(number).config.bits_per_long for number in range(40)} == {32}
    counts = {
        bits: compare_exactly("ref:v6.1", "ref:v6.1", archs=("nohash",), bits=bits, keyword="empty-gather").cases
        for bits in ((32,), (64,), (32, 64))
    }
    assert counts == {(32,): 1, (64,): 2, (32, 64): 3}
    none = CliRunner().invoke(cli, ["compare", "ref", "ref", "--exact", "--arch", "hash64", "--bits", "32"])
    assert (none.exit_code, "no machine of hash64 has words" in none.output) == (2, True)
    other = CliRunner().invoke(cli, ["compare", "ref", "ref", "--bits", "32"])
    assert (other.exit_code, "--bits goes with --exact" in other.output) == (2, True)


def test_the_command_says_how_much_was_the_same() -> None:
    """And exits with 0, or with 1 where something differs."""
    same = CliRunner().invoke(
        cli, ["compare", "ref:v6.1", "ref:v6.1", "--exact", "--arch", "ipi", "--examples", "20", "--jobs", "1"]
    )
    assert same.exit_code == 0
    assert "agree, event by event" in same.output
    assert "20 random call sequences" in same.output
    arguments = ["--exact", "--arch", "hash64", "--examples", "0", "--jobs", "1"]
    other = CliRunner().invoke(cli, ["compare", "mutant:no_ipi_on_fallback", "ref", *arguments])
    assert other.exit_code == 1
    assert "differ in" in other.output
