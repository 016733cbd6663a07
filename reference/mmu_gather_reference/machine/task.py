# SPDX-License-Identifier: GPL-2.0-only
"""Tasks of the mm that come and go, and CPUs that come online: what changes under a gather that looks only once.

mm_users counts tasks that share the mm; it rises when one is cloned from a task that is there, and falls
when one exits.  A CPU that comes online runs whatever is ready.
"""

from __future__ import annotations

from mmu_gather_spec.events import CpuOnline, MmGet, MmPut

from mmu_gather_reference.machine.gup import Steps


def clone(cpu: int, agent: str) -> Steps:
    """clone - a user more"""
    yield (MmGet(cpu, agent),)


def exit_mm(cpu: int, agent: str) -> Steps:
    """exit_mm - a user less"""
    yield (MmPut(cpu, agent),)


def clone_and_exit(cpu: int, agent: str) -> Steps:
    """A thread that is started and ends while the gather is under way"""
    yield (MmGet(cpu, agent),)
    yield (MmPut(cpu, agent),)


def cpu_up(cpu: int, agent: str) -> Steps:
    """cpu_up - `cpu` comes online"""
    yield (CpuOnline(cpu, agent),)
