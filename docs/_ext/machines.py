# SPDX-License-Identifier: GPL-2.0-only
"""The machines of an era: the facts by which a rule decides whether it binds anybody there.

A case id says on which machine the case is, and so which rules it speaks of.  The facts are those of the reference's
arch half; whose generic half runs there makes no difference to them.
"""

from __future__ import annotations

from functools import cache

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import CONFIGS, small
from mmu_gather_conformance.hosts import Broke, InProcess
from mmu_gather_conformance.interleaving import boot_of
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.events import Booted

#: The scenario that every machine is booted for.
PLAIN = "empty-gather"


@cache
def machines(era: str, /) -> dict[str, Booted]:
    """The facts of every machine that an era's ports are run on, by its part of a case id.

    A machine with tiny pages is under the same rules as the one of that size; a litmus names its architecture only.
    """
    host = InProcess(ports.reference(era, f"ref:{era}"))
    found = {}
    for config in (config for arch in ERAS[era].archs for config in CONFIGS[arch]):
        recording, _ = host.record(Case(SCENARIOS[PLAIN], config))
        assert not isinstance(recording, Broke), recording.detail
        found[config.suffix()] = found[small(config).suffix()] = boot_of(recording)
    return found


def machine_of(case: str, era: str, /) -> Booted:
    """The machine of a case, by the id of the case.  Errors: KeyError where the era has none of that name."""
    return machines(era)[case.partition("/")[2]]
