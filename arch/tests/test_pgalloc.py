# SPDX-License-Identifier: GPL-2.0-only
"""The arch room's table names files that exist, and each says which kernel file it mirrors."""

from __future__ import annotations

import importlib

import mmu_gather_arch
import pytest
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS

SEED = ERAS[DEFAULT_ERA]
FILES = {name for era in ERAS for names in mmu_gather_arch.halves(era).values() for name in names}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_says_what_it_mirrors(name: str) -> None:
    """Its first line names the kernel's file; a control's says that it has none."""
    doc = importlib.import_module(f"mmu_gather_arch.{name}").__doc__ or ""
    assert doc.startswith(("arch/", "The control"))


def test_every_architecture_has_an_smp_and_a_up_half() -> None:
    """In each era in which it is modelled; and the 32-bit members of nohash have their own."""
    for era in ERAS.values():
        halves = mmu_gather_arch.halves(era.name)
        assert {*era.archs, "nohash32"} <= {arch for arch, _ in halves}
        assert all((arch, not smp) in halves for arch, smp in halves)


@pytest.mark.parametrize("arch", [ARCHS[name] for name in SEED.archs], ids=SEED.archs)
def test_the_mask_is_the_architectures_fact(arch: object) -> None:
    """MAX_PGTABLE_INDEX_SIZE in the arch room and in the specification."""
    facts = ARCHS[getattr(arch, "name", "")]
    modules = [importlib.import_module(f"mmu_gather_arch.{name}") for name in mmu_gather_arch.HALVES[facts.name, True]]
    masks = [module.MAX_PGTABLE_INDEX_SIZE for module in modules if "MAX_PGTABLE_INDEX_SIZE" in vars(module)]
    assert [mask for mask in masks if isinstance(mask, int)] == [facts.max_pgtable_index_size]
